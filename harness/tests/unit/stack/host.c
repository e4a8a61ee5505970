/* host.c: a host on a wire, whatever was left out: ARP, echo, UDP, and memory that comes back.
 *
 * Frames in, frames out; nothing is asked of counters, options or traces, which a small build has
 * not got. Runs on every build. */
#include "unit.h"

#include "lwip/etharp.h"
#include "lwip/inet.h"
#include "lwip/ip4_frag.h"
#include "lwip/udp.h"
#include "stack/wire/bytes.h"
#include "stack/wire/checksum.h"
#include "support.h"

#include <string.h>

#define HOST_IP 0x0a000001u
#define PEER_IP 0x0a000002u
#define GATEWAY_IP 0x0a0000feu
#define FAR_IP 0xc0000201u /* beyond the gateway */

static const uint8_t host_mac[6] = {2, 0, 0, 0, 0, 0x55}; /* whatever number the netif has */
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 0xfe};
static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t nobody[6];

struct world {
    struct support s;
    struct support_netif n;
};

static ip4_addr_t address(uint32_t host)
{
    ip4_addr_t a;
    put_be32((uint8_t *)&a.addr, host);
    return a;
}

static void open_world(struct world *w)
{
    ip4_addr_t gateway = address(GATEWAY_IP);
    support_begin(&w->s, NULL, 5000);
    support_netif_add(&w->n, HOST_IP, 24);
    netif_set_default(&w->n.netif);
    netif_set_gw(&w->n.netif, &gateway);
    memcpy(w->n.netif.hwaddr, host_mac, 6);
    support_sent_clear(&w->n);
}

static void close_world(struct world *w)
{
    support_netif_remove(&w->n);
    support_end(&w->s);
}

static void put_ethernet(uint8_t *frame, const uint8_t *dst, uint16_t type)
{
    memcpy(frame, dst, 6);
    memcpy(frame + 6, peer_mac, 6);
    put_be16(frame + 12, type);
}

/* An ARP packet of the peer's, whatever address it says it has. */
static void arp_in(struct world *w, uint16_t opcode, uint32_t sender, uint32_t target)
{
    uint8_t frame[60] = {0}, *arp = frame + 14;
    put_ethernet(frame, opcode == 1 ? everybody : host_mac, 0x0806);
    memcpy(arp, "\0\1\x8\0\6\4", 6);
    put_be16(arp + 6, opcode);
    memcpy(arp + 8, peer_mac, 6);
    put_be32(arp + 14, sender);
    memcpy(arp + 18, opcode == 1 ? nobody : host_mac, 6);
    put_be32(arp + 24, target);
    support_inject(&w->n, frame, sizeof frame);
    support_check(&w->s);
}

/* The i-th frame sent is an ARP packet with these contents. */
static void check_arp(struct world *w, unsigned i, uint16_t opcode, const uint8_t *dst,
                      uint32_t target)
{
    const struct support_frame *f = support_sent(&w->n, i);
    CHECK_INT(f->len, 42);
    CHECK_MEM(f->data, dst, 6);
    CHECK_MEM(f->data + 6, host_mac, 6);
    CHECK_INT(get_be16(f->data + 12), 0x0806);
    CHECK_MEM(f->data + 14, "\0\1\x8\0\6\4", 6);
    CHECK_INT(get_be16(f->data + 20), opcode);
    CHECK_MEM(f->data + 22, host_mac, 6);
    CHECK_INT(get_be32(f->data + 28), HOST_IP);
    CHECK_MEM(f->data + 32, opcode == 1 ? nobody : dst, 6);
    CHECK_INT(get_be32(f->data + 38), target);
}

/* Ethernet and IP header for `len` bytes that stand at frame + 34 already; returns the length. */
static size_t put_ip(uint8_t *frame, uint32_t src, uint32_t dst, uint8_t proto, size_t len)
{
    uint8_t *ip = frame + 14;
    put_ethernet(frame, host_mac, 0x0800);
    memset(ip, 0, 20);
    ip[0] = 0x45;
    put_be16(ip + 2, (uint16_t)(20 + len));
    ip[8] = 64;
    ip[9] = proto;
    put_be32(ip + 12, src);
    put_be32(ip + 16, dst);
    put_be16(ip + 10, checksum_fold(checksum_add(0, ip, 20)));
    return 34 + len;
}

static size_t put_echo(uint8_t *frame, size_t data)
{
    uint8_t *icmp = frame + 34;
    memcpy(icmp, "\x8\0\0\0\x12\x34\0\7", 8);
    for (size_t i = 0; i < data; i++)
        icmp[8 + i] = (uint8_t)(i * 7 + 1);
    put_be16(icmp + 2, checksum_fold(checksum_add(0, icmp, 8 + data)));
    return put_ip(frame, PEER_IP, HOST_IP, 1, 8 + data);
}

static size_t put_udp(uint8_t *frame, uint16_t port, const char *text)
{
    uint8_t *udp = frame + 34, pseudo[8];
    size_t len = 8 + strlen(text);
    put_be16(udp, 4000);
    put_be16(udp + 2, port);
    put_be16(udp + 4, (uint16_t)len);
    put_be16(udp + 6, 0);
    memcpy(udp + 8, text, len - 8);
    put_be32(pseudo, PEER_IP);
    put_be32(pseudo + 4, HOST_IP);
    put_be16(udp + 6, checksum_fold(checksum_add(
                          checksum_pseudo(pseudo, pseudo + 4, 17, (uint16_t)len), udp, len)));
    return put_ip(frame, PEER_IP, HOST_IP, 17, len);
}

/* The i-th frame sent is a sound IP datagram to the peer's hardware address; returns its data. */
static const uint8_t *check_ip(struct world *w, unsigned i, uint32_t dst, uint8_t proto,
                               size_t len)
{
    const struct support_frame *f = support_sent(&w->n, i);
    const uint8_t *ip = f->data + 14;
    CHECK_INT(f->len, 34 + len);
    CHECK_MEM(f->data, peer_mac, 6);
    CHECK_MEM(f->data + 6, host_mac, 6);
    CHECK_INT(get_be16(f->data + 12), 0x0800);
    CHECK_INT(ip[0], 0x45);
    CHECK_INT(get_be16(ip + 2), 20 + len);
    CHECK_INT(ip[9], proto);
    CHECK_INT(get_be32(ip + 12), HOST_IP);
    CHECK_INT(get_be32(ip + 16), dst);
    CHECK_INT(checksum_fold(checksum_add(0, ip, 20)), 0);
    return ip + 20;
}

UNIT(host, answers_arp_requests_for_itself_only)
{
    static struct world w;
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP + 7);
    CHECK_INT(w.n.sent_count, 0);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    CHECK_INT(w.n.sent_count, 1);
    check_arp(&w, 0, 2, peer_mac, PEER_IP);
    close_world(&w);
}

UNIT(host, echo_reply_has_the_data_of_the_request)
{
    static const size_t sizes[] = {0, 1, 56, 57, 1472};
    static struct world w;
    uint8_t frame[1600];
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t len = put_echo(frame, sizes[i]);
        support_sent_clear(&w.n);
        support_inject(&w.n, frame, len);
        CHECK_INT(w.n.sent_count, 1);
        const uint8_t *icmp = check_ip(&w, 0, PEER_IP, 1, 8 + sizes[i]);
        CHECK_INT(icmp[0], 0);
        CHECK_MEM(icmp + 4, frame + 38, 4 + sizes[i]);
        CHECK_INT(checksum_fold(checksum_add(0, icmp, 8 + sizes[i])), 0);
    }
    close_world(&w);
}

UNIT(host, damaged_and_foreign_datagrams_are_not_answered)
{
    static struct world w;
    uint8_t frame[200];
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    support_sent_clear(&w.n);
    size_t len = put_echo(frame, 20);
    for (size_t i = 14; i < len; i++) { /* each byte of header and message in turn */
        frame[i] ^= 0x10;
        support_inject(&w.n, frame, len);
        frame[i] ^= 0x10;
    }
    CHECK_INT(w.n.sent_count, 0);
    for (size_t cut = 15; cut < len; cut++)
        support_inject(&w.n, frame, cut);
    CHECK_INT(w.n.sent_count, 0);
    put_ip(frame, PEER_IP, FAR_IP, 1, 28);
    support_inject(&w.n, frame, len);
    put_ip(frame, 0xe0000001u, HOST_IP, 1, 28);
    support_inject(&w.n, frame, len);
    put_ip(frame, 0x7f000001u, HOST_IP, 1, 28);
    support_inject(&w.n, frame, len);
    put_ip(frame, HOST_IP, HOST_IP, 1, 28);
    support_inject(&w.n, frame, len);
    CHECK_INT(w.n.sent_count, 0);
    put_ip(frame, PEER_IP, HOST_IP, 1, 28); /* as it was: answered */
    support_inject(&w.n, frame, len);
    CHECK_INT(w.n.sent_count, 1);
    close_world(&w);
}

static struct {
    unsigned count;
    uint16_t port;
    char text[32];
} inbox;

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    inbox.count++;
    inbox.port = port;
    CHECK_INT(get_be32((const uint8_t *)&ip_2_ip4(addr)->addr), PEER_IP);
    CHECK(p->tot_len < sizeof inbox.text);
    memset(inbox.text, 0, sizeof inbox.text);
    pbuf_copy_partial(p, inbox.text, p->tot_len, 0);
    if (arg != NULL)
        udp_sendto(pcb, p, addr, port);
    pbuf_free(p);
}

static struct udp_pcb *open_port(uint16_t port, void *echo)
{
    struct udp_pcb *pcb = udp_new();
    CHECK(pcb != NULL);
    CHECK_INT(udp_bind(pcb, IP_ADDR_ANY, port), ERR_OK);
    udp_recv(pcb, receive, echo);
    memset(&inbox, 0, sizeof inbox);
    return pcb;
}

UNIT(host, datagrams_reach_their_port_and_no_other)
{
    static struct world w;
    uint8_t frame[200];
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    struct udp_pcb *pcb = open_port(700, NULL);
    support_sent_clear(&w.n);
    support_inject(&w.n, frame, put_udp(frame, 700, "hello"));
    CHECK_INT(inbox.count, 1);
    CHECK_INT(inbox.port, 4000);
    CHECK(strcmp(inbox.text, "hello") == 0);
    size_t len = put_udp(frame, 700, "hello");
    frame[len - 1] ^= 1;
    support_inject(&w.n, frame, len);
    CHECK_INT(inbox.count, 1);
    CHECK_INT(w.n.sent_count, 0);
    support_inject(&w.n, frame, put_udp(frame, 701, "nobody"));
    CHECK_INT(w.n.sent_count, 1); /* port unreachable, with the header and 8 bytes */
    const uint8_t *icmp = check_ip(&w, 0, PEER_IP, 1, 36);
    CHECK_INT(get_be16(icmp), 0x0303);
    CHECK_MEM(icmp + 8, frame + 14, 28);
    CHECK_INT(checksum_fold(checksum_add(0, icmp, 36)), 0);
    udp_remove(pcb);
    close_world(&w);
}

UNIT(host, datagrams_are_echoed_whole)
{
    static struct world w;
    uint8_t frame[200], pseudo[8];
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    struct udp_pcb *pcb = open_port(7, &w);
    support_sent_clear(&w.n);
    for (unsigned i = 0; i < 50; i++) { /* more than there are buffers: all come back */
        support_sent_clear(&w.n);
        support_inject(&w.n, frame, put_udp(frame, 7, "odd"));
        const uint8_t *udp = check_ip(&w, 0, PEER_IP, 17, 11);
        CHECK_INT(get_be16(udp), 7);
        CHECK_INT(get_be16(udp + 2), 4000);
        CHECK_INT(get_be16(udp + 4), 11);
        CHECK_MEM(udp + 8, "odd", 3);
        put_be32(pseudo, HOST_IP);
        put_be32(pseudo + 4, PEER_IP);
        CHECK_INT(checksum_fold(checksum_add(checksum_pseudo(pseudo, pseudo + 4, 17, 11), udp, 11)),
                  0);
    }
    udp_remove(pcb);
    close_world(&w);
}

/* LWIP_SPREAD_HEADERS: they are put together; without it what is cut so is dropped, and no more. */
UNIT(host, headers_over_two_buffers_are_read_or_refused)
{
    static struct world w;
    uint8_t frame[200];
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    struct udp_pcb *pcb = open_port(700, NULL);
    for (size_t piece = 35; piece <= 42; piece++) { /* 42: the header is just whole */
        unsigned wanted = LWIP_SPREAD_HEADERS || piece == 42 ? 1 : 0;
        support_sent_clear(&w.n);
        inbox.count = 0;
        support_inject_split(&w.n, frame, put_udp(frame, 700, "split"), piece);
        CHECK_INT(inbox.count, wanted);
        support_inject_split(&w.n, frame, put_echo(frame, 30), piece);
        CHECK_INT(w.n.sent_count, wanted);
    }
    udp_remove(pcb);
    close_world(&w);
}

/* [RFC1812 3.3.2]: whoever says he is a group is neither learnt nor answered. */
UNIT(host, group_address_is_learnt_from_nobody)
{
    static struct world w;
    uint8_t frame[60] = {0}, *arp = frame + 14;
    open_world(&w);
    put_ethernet(frame, everybody, 0x0806);
    memcpy(arp, "\0\1\x8\0\6\4\0\1", 8);
    memcpy(arp + 8, peer_mac, 6);
    arp[8] |= 1;
    put_be32(arp + 14, PEER_IP);
    put_be32(arp + 24, HOST_IP);
    support_inject(&w.n, frame, sizeof frame);
    CHECK_INT(w.n.sent_count, 0);
    arp[8] &= 0xfe;
    support_inject(&w.n, frame, sizeof frame);
    CHECK_INT(w.n.sent_count, 1);
    close_world(&w);
}

/* LWIP_ETHERNET_SOURCE_CHECK: nobody else has our hardware address, or none; without it ARP takes
 * his word for it. */
UNIT(host, impossible_hardware_address_is_refused_or_believed)
{
    static struct world w;
    const uint8_t *const claims[] = {nobody, host_mac};
    open_world(&w);
    for (unsigned i = 0; i < 2; i++) {
        uint8_t frame[60] = {0}, *arp = frame + 14;
        put_ethernet(frame, everybody, 0x0806);
        memcpy(arp, "\0\1\x8\0\6\4\0\1", 8);
        memcpy(arp + 8, claims[i], 6);
        put_be32(arp + 14, PEER_IP + i);
        put_be32(arp + 24, HOST_IP);
        support_sent_clear(&w.n);
        support_inject(&w.n, frame, sizeof frame);
        CHECK_INT(w.n.sent_count, LWIP_ETHERNET_SOURCE_CHECK ? 0 : 1);
        if (!LWIP_ETHERNET_SOURCE_CHECK)
            CHECK_MEM(support_sent(&w.n, 0)->data, claims[i], 6);
    }
    close_world(&w);
}

/* LWIP_IP_LINK_LOCAL: an ARP reply from 169.254/16 is broadcast [RFC3927 2.5], and a packet from
 * there goes to no gateway [RFC3927 2.6.2]; without it both are like any other. */
UNIT(host, link_local_address_has_rules_of_its_own_or_not)
{
    static struct world w;
    const uint32_t own = 0xa9fe0707, peer = 0xa9fe0909;
    const ip4_addr_t local = address(own), far = address(FAR_IP);
    open_world(&w);
    netif_set_ipaddr(&w.n.netif, &local);
    support_sent_clear(&w.n);
    arp_in(&w, 1, peer, own);
    CHECK_INT(w.n.sent_count, 1);
    const struct support_frame *f = support_sent(&w.n, 0);
    CHECK_MEM(f->data, LWIP_IP_LINK_LOCAL ? everybody : peer_mac, 6);
    CHECK_INT(get_be16(f->data + 20), 2);
    CHECK_MEM(f->data + 32, peer_mac, 6);

    struct pbuf *p = pbuf_alloc(PBUF_LINK, 20, PBUF_RAM);
    CHECK(p != NULL);
    memset(p->payload, 0, 20);
    put_be32((uint8_t *)p->payload + 12, own);
    support_sent_clear(&w.n);
    CHECK_INT(etharp_output(&w.n.netif, p, &far), ERR_OK);
    pbuf_free(p);
    CHECK_INT(w.n.sent_count, 1);
    f = support_sent(&w.n, 0);
    CHECK_INT(get_be32(f->data + 28), own);
    CHECK_INT(get_be32(f->data + 38), LWIP_IP_LINK_LOCAL ? FAR_IP : GATEWAY_IP);
    close_world(&w);
}

#if IP_FRAG
/* LWIP_IP_FRAG_OPTIONS: a datagram with options is cut like any other; without it it is refused,
 * and one without options is cut all the same. [RFC791 3.1] */
UNIT(host, datagram_with_options_is_cut_or_refused)
{
    static struct world w;
    const ip4_addr_t peer = address(PEER_IP);
    open_world(&w);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    w.n.netif.mtu = 100;
    for (uint16_t header = 20; header <= 24; header = (uint16_t)(header + 4)) {
        bool cut = LWIP_IP_FRAG_OPTIONS || header == 20;
        uint8_t ip[224] = {(uint8_t)(0x40 + header / 4)};
        uint16_t len = (uint16_t)(header + 150);
        put_be16(ip + 2, len);
        ip[8] = 64;
        ip[9] = 17;
        put_be32(ip + 12, HOST_IP);
        put_be32(ip + 16, PEER_IP);
        memset(ip + 20, 1, header - 20u); /* no operation */
        struct pbuf *p = pbuf_alloc(PBUF_LINK, len, PBUF_RAM);
        CHECK(p != NULL);
        pbuf_take(p, ip, len);
        support_sent_clear(&w.n);
        CHECK_INT(ip4_frag(p, &w.n.netif, &peer), cut ? ERR_OK : ERR_VAL);
        CHECK_INT(w.n.sent_count, cut ? 2 : 0); /* 80 + 70; 72 + 78: no operation is not copied */
        pbuf_free(p);
    }
    close_world(&w);
}
#endif

static void send_to(struct udp_pcb *pcb, uint32_t host, const char *text)
{
    ip_addr_t to = address(host);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)strlen(text), PBUF_RAM);
    CHECK(p != NULL);
    pbuf_take(p, text, (u16_t)strlen(text));
    CHECK_INT(udp_sendto(pcb, p, &to, 9), ERR_OK);
    pbuf_free(p);
}

UNIT(host, packet_waits_for_its_neighbour)
{
    static struct world w;
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    send_to(pcb, PEER_IP, "late");
    CHECK_INT(w.n.sent_count, 1);
    check_arp(&w, 0, 1, everybody, PEER_IP);
    arp_in(&w, 2, PEER_IP, HOST_IP);
    CHECK_INT(w.n.sent_count, 2);
    CHECK_MEM(check_ip(&w, 1, PEER_IP, 17, 12) + 8, "late", 4);
    send_to(pcb, PEER_IP, "next"); /* known by now */
    CHECK_INT(w.n.sent_count, 3);
    udp_remove(pcb);
    close_world(&w);
}

UNIT(host, far_destinations_go_to_the_gateway)
{
    static struct world w;
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    send_to(pcb, FAR_IP, "far");
    check_arp(&w, 0, 1, everybody, GATEWAY_IP);
    arp_in(&w, 2, GATEWAY_IP, HOST_IP);
    CHECK_INT(w.n.sent_count, 2);
    check_ip(&w, 1, FAR_IP, 17, 11);
    udp_remove(pcb);
    close_world(&w);
}

UNIT(host, question_is_repeated_and_given_up)
{
    static struct world w;
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    send_to(pcb, PEER_IP, "lost");
    support_advance(&w.s, 20000);
    CHECK(w.n.sent_count >= 4 && w.n.sent_count <= 6); /* one a second, for five seconds */
    for (unsigned i = 0; i < w.n.sent_count; i++)
        check_arp(&w, i, 1, everybody, PEER_IP);
    support_sent_clear(&w.n);
    arp_in(&w, 2, PEER_IP, HOST_IP); /* too late for the packet */
    CHECK_INT(w.n.sent_count, 0);
    udp_remove(pcb);
    close_world(&w);
}

UNIT(host, answers_are_believed_for_their_time)
{
    static struct world w;
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    support_sent_clear(&w.n);
    support_advance(&w.s, (ARP_MAXAGE - 40) * 1000);
    send_to(pcb, PEER_IP, "still");
    CHECK_INT(w.n.sent_count, 1);
    check_ip(&w, 0, PEER_IP, 17, 13);
    support_advance(&w.s, 50 * 1000);
    support_sent_clear(&w.n);
    send_to(pcb, PEER_IP, "asks");
    CHECK_INT(w.n.sent_count, 1);
    check_arp(&w, 0, 1, everybody, PEER_IP);
    udp_remove(pcb);
    close_world(&w);
}

/* More neighbours than the table holds: the oldest goes, the newest are known. */
UNIT(host, full_table_forgets_the_oldest)
{
    static struct world w;
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    for (uint32_t i = 0; i < ARP_TABLE_SIZE + 1; i++) {
        arp_in(&w, 1, PEER_IP + 10 + i, HOST_IP);
        support_advance(&w.s, 10);
    }
    for (uint32_t i = 1; i < ARP_TABLE_SIZE + 1; i++) {
        support_sent_clear(&w.n);
        send_to(pcb, PEER_IP + 10 + i, "known");
        CHECK_INT(w.n.sent_count, 1);
        check_ip(&w, 0, PEER_IP + 10 + i, 17, 13);
    }
    support_sent_clear(&w.n);
    send_to(pcb, PEER_IP + 10, "gone");
    check_arp(&w, 0, 1, everybody, PEER_IP + 10);
    udp_remove(pcb);
    close_world(&w);
}

/* In a full table a known neighbour makes way first, however new; then a question for which no
 * packet waits, however old. */
UNIT(host, full_table_keeps_what_packets_wait_for)
{
    static struct world w;
    struct eth_addr *mac;
    const ip4_addr_t *found, known = address(PEER_IP + 1);
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    send_to(pcb, PEER_IP, "waits");
    for (uint32_t i = 0; i < ARP_TABLE_SIZE - 2; i++) {
        ip4_addr_t absent = address(PEER_IP + 10 + i);
        CHECK_INT(etharp_query(&w.n.netif, &absent, NULL), ERR_OK);
    }
    support_advance(&w.s, 100);
    arp_in(&w, 1, PEER_IP + 1, HOST_IP);
    for (uint32_t i = 0; i < 3; i++) {
        ip4_addr_t more = address(PEER_IP + 10 + ARP_TABLE_SIZE + i);
        CHECK(etharp_find_addr(&w.n.netif, &known, &mac, &found) < 0 ? i > 0 : i == 0);
        CHECK_INT(etharp_query(&w.n.netif, &more, NULL), ERR_OK);
    }
    support_sent_clear(&w.n);
    arp_in(&w, 2, PEER_IP, HOST_IP);
    CHECK_INT(w.n.sent_count, 1);
    CHECK_MEM(check_ip(&w, 0, PEER_IP, 17, 13) + 8, "waits", 5);
    udp_remove(pcb);
    close_world(&w);
}

UNIT(host, pulled_cable_forgets_the_neighbours)
{
    static struct world w;
    open_world(&w);
    struct udp_pcb *pcb = open_port(50000, NULL);
    arp_in(&w, 1, PEER_IP, HOST_IP);
    netif_set_link_down(&w.n.netif);
    netif_set_link_up(&w.n.netif);
    support_sent_clear(&w.n);
    send_to(pcb, PEER_IP, "who?");
    CHECK_INT(w.n.sent_count, 1);
    check_arp(&w, 0, 1, everybody, PEER_IP);
    udp_remove(pcb);
    close_world(&w);
}
