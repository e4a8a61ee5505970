/* raw.c: raw IP pcbs: who sees a datagram, who eats it, and what is sent. */
#include "lwip/ip.h"
#include "lwip/priv/raw_priv.h"
#include "lwip/raw.h"
#include "station.h"

#define PROTO 253 /* for experiments [RFC3692] */

static struct {
    unsigned count;
    struct raw_pcb *by[16];
    u16_t len;
    u8_t first;
    struct raw_pcb *removes;
} seen;

static u8_t look(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)addr;
    CHECK(seen.count < 16);
    seen.by[seen.count++] = pcb;
    seen.len = p->tot_len;
    seen.first = *(u8_t *)p->payload;
    struct raw_pcb *victim = seen.removes;
    seen.removes = NULL;
    if (victim != NULL)
        raw_remove(victim);
    if (arg == NULL)
        return 0;
    pbuf_free(p);
    return 1;
}

static u8_t eats;

static struct raw_pcb *listening(u8_t proto, bool eating)
{
    struct raw_pcb *pcb = raw_new(proto);
    CHECK(pcb != NULL);
    raw_recv(pcb, look, eating ? &eats : NULL);
    return pcb;
}

static void begin(struct station *t)
{
    memset(&seen, 0, sizeof seen);
    station_open(t, NULL);
    station_know_peer(t);
}

static void arrives(struct station *t, u8_t proto, uint32_t dst)
{
    uint8_t frame[100];
    struct station_udp u = {.src = PEER_IP, .dst = dst, .sport = 1, .dport = 2, .data = "abcd",
                            .data_len = 4, .proto = proto};
    size_t len = station_udp_frame(frame, dst == STATION_IP ? station_mac : group_all, &u);
    station_in(t, frame, len);
}

UNIT(raw, datagram_is_seen_with_its_ip_header_and_eaten)
{
    static struct station t;
    begin(&t);
    struct raw_pcb *pcb = listening(PROTO, true);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 1);
    CHECK_INT(seen.first, 0x45);
    CHECK_INT(seen.len, 32);
    CHECK_INT(t.count, 0);
    raw_remove(pcb);
    station_close(&t);
}

/* [lwip/priv/raw_priv.h]: the same under lwIP's name. */
UNIT(raw, input_says_what_became_of_the_datagram)
{
    static struct station t;
    begin(&t);
    uint8_t ip[24] = {0x45, 0, 0, 24, 0, 0, 0, 0, 64, PROTO};
    struct pbuf *p = pbuf_alloc(PBUF_RAW, sizeof ip, PBUF_RAM);
    pbuf_take(p, ip, sizeof ip);
    ip_data.current_netif = ip_data.current_input_netif = &t.netif;
    ip_data.current_ip4_header = p->payload;
    ip_addr_t own = station_addr(STATION_IP);
    ip_addr_copy(ip_data.current_iphdr_dest, own);
    CHECK_INT(raw_input(p, &t.netif), RAW_INPUT_NONE);
    struct raw_pcb *quiet = listening(PROTO, false);
    CHECK_INT(raw_input(p, &t.netif), RAW_INPUT_DELIVERED);
    struct raw_pcb *hungry = listening(PROTO, true);
    CHECK_INT(raw_input(p, &t.netif), RAW_INPUT_EATEN);
    CHECK_INT(seen.count, 2); /* the eater came first, being the latest */
    raw_remove(quiet);
    raw_remove(hungry);
    station_close(&t);
}

UNIT(raw, datagram_not_eaten_goes_on_to_the_others)
{
    static struct station t;
    begin(&t);
    struct raw_pcb *a = listening(PROTO, false), *b = listening(PROTO, false),
                   *c = listening(254, false);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 2);
    CHECK(seen.by[0] == b && seen.by[1] == a);
    CHECK_INT(t.count, 0); /* seen, so no protocol unreachable */
    raw_remove(a);
    raw_remove(b);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.sent[0].bytes[34], 3);
    CHECK_INT(t.sent[0].bytes[35], 2);
    raw_remove(c);
    station_close(&t);
}

UNIT(raw, eater_moves_to_the_front)
{
    static struct station t;
    begin(&t);
    struct raw_pcb *a = listening(PROTO, true), *b = listening(PROTO, false);
    CHECK(STACK->pub.raw_pcbs_ == b);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 2);
    CHECK(STACK->pub.raw_pcbs_ == a);
    CHECK(a->next == b);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 3);
    raw_remove(a);
    raw_remove(b);
    station_close(&t);
}

UNIT(raw, address_interface_and_connection_restrict_what_is_seen)
{
    static struct station t;
    ip_addr_t own = station_addr(STATION_IP), other = station_addr(0x0a000063),
              peer = station_addr(PEER_IP);
    begin(&t);
    struct raw_pcb *pcb = listening(PROTO, true);
    CHECK_INT(raw_bind(pcb, &other), ERR_OK);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 0);
    CHECK_INT(raw_bind(pcb, &own), ERR_OK);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 1);
    raw_bind_netif(pcb, netif_get_loopif());
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 1);
    raw_bind_netif(pcb, &t.netif);
    CHECK_INT(raw_connect(pcb, &other), ERR_OK);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 1);
    CHECK_INT(raw_connect(pcb, &peer), ERR_OK);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 2);
    raw_disconnect(pcb);
    CHECK_INT(pcb->netif_idx, NETIF_NO_INDEX);
    CHECK(!raw_is_flag_set(pcb, RAW_FLAGS_CONNECTED));
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 3);
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, broadcast_reaches_unbound_pcbs_with_the_option)
{
    static struct station t;
    ip_addr_t own = station_addr(STATION_IP);
    begin(&t);
    struct raw_pcb *pcb = listening(PROTO, true);
    arrives(&t, PROTO, 0x0a0000ff);
    CHECK_INT(seen.count, 0);
    ip_set_option(pcb, SOF_BROADCAST);
    arrives(&t, PROTO, 0x0a0000ff);
    CHECK_INT(seen.count, 1);
    raw_bind(pcb, &own);
    arrives(&t, PROTO, 0x0a0000ff);
    CHECK_INT(seen.count, 1);
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, receiver_that_removes_itself_or_its_neighbour_is_survived)
{
    static struct station t;
    for (unsigned victim = 0; victim < 3; victim++) {
        for (unsigned eating = 0; eating < 2; eating++) {
            begin(&t);
            struct raw_pcb *pcbs[3];
            for (unsigned i = 0; i < 3; i++) /* list: 2, 1, 0; 0 eats or nobody does */
                pcbs[i] = listening(PROTO, eating != 0 && i == 0);
            seen.removes = pcbs[victim];
            arrives(&t, PROTO, STATION_IP);
            CHECK_INT(seen.count, victim == 2 ? 3 : 2);
            for (unsigned i = 0; i < 3; i++)
                if (i != victim)
                    raw_remove(pcbs[i]);
            station_close(&t);
        }
    }
}

UNIT(raw, eater_that_removes_itself_is_survived)
{
    static struct station t;
    begin(&t);
    struct raw_pcb *pcb = listening(PROTO, true), *other = listening(PROTO, false);
    seen.removes = pcb;
    raw_recv(other, NULL, NULL);
    arrives(&t, PROTO, STATION_IP);
    CHECK_INT(seen.count, 1);
    CHECK(STACK->pub.raw_pcbs_ == other);
    raw_remove(other);
    station_close(&t);
}

static struct pbuf *packet(pbuf_layer layer, const void *bytes, u16_t len)
{
    struct pbuf *p = pbuf_alloc(layer, len, PBUF_RAM);
    CHECK(p != NULL);
    pbuf_take(p, bytes, len);
    return p;
}

UNIT(raw, payload_is_sent_behind_an_ip_header)
{
    static struct station t;
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct raw_pcb *pcb = raw_new(PROTO);
    static const pbuf_layer layers[] = {PBUF_IP, PBUF_RAW};
    pcb->ttl = 9;
    pcb->tos = 0x10;
    for (unsigned i = 0; i < 2; i++) {
        struct pbuf *p = packet(layers[i], "payload", 7);
        CHECK_INT(raw_sendto(pcb, p, &peer), ERR_OK);
        CHECK_INT(p->ref, 1);
        pbuf_free(p);
        const uint8_t *ip = t.sent[i].bytes + 14;
        CHECK_INT(t.sent[i].len, 41);
        CHECK_INT(ip[1], 0x10);
        CHECK_INT(ip[8], 9);
        CHECK_INT(ip[9], PROTO);
        CHECK_INT(get_be32(ip + 12), STATION_IP);
        CHECK_INT(get_be32(ip + 16), PEER_IP);
        CHECK_INT(checksum_fold(checksum_add(0, ip, 20)), 0);
        CHECK_MEM(ip + 20, "payload", 7);
    }
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, connected_pcb_sends_to_its_peer_and_from_its_own_address)
{
    static struct station t;
    ip_addr_t peer = station_addr(PEER_IP), source = station_addr(STATION_IP);
    begin(&t);
    struct raw_pcb *pcb = raw_new(PROTO);
    raw_bind(pcb, &source);
    raw_connect(pcb, &peer);
    struct pbuf *p = packet(PBUF_IP, "x", 1);
    CHECK_INT(raw_send(pcb, p), ERR_OK);
    pbuf_free(p);
    CHECK_INT(get_be32(t.sent[0].bytes + 26), STATION_IP);
    CHECK_INT(get_be32(t.sent[0].bytes + 30), PEER_IP);
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, header_that_is_included_leaves_as_it_is)
{
    static struct station t;
    uint8_t bytes[100];
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct station_udp u = {.src = STATION_IP, .dst = PEER_IP, .sport = 5, .dport = 6,
                            .data = "hdr", .data_len = 3};
    size_t len = station_udp_frame(bytes, peer_mac, &u) - 14;
    struct raw_pcb *pcb = raw_new(17);
    raw_set_flags(pcb, RAW_FLAGS_HDRINCL);
    struct pbuf *p = packet(PBUF_LINK, bytes + 14, (u16_t)len);
    CHECK_INT(raw_sendto(pcb, p, &peer), ERR_OK);
    pbuf_free(p);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.sent[0].len, 14 + len);
    CHECK_MEM(t.sent[0].bytes + 14, bytes + 14, len);
    p = packet(PBUF_LINK, bytes + 14, 19);
    CHECK_INT(raw_sendto(pcb, p, &peer), ERR_VAL);
    pbuf_free(p);
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, broadcast_without_the_option_and_missing_routes_are_refused)
{
    static struct station t;
    ip_addr_t all = station_addr(0x0a0000ff), peer = station_addr(PEER_IP);
    begin(&t);
    struct raw_pcb *pcb = raw_new(PROTO);
    struct pbuf *p = packet(PBUF_IP, "x", 1);
    CHECK_INT(raw_sendto(pcb, p, &all), ERR_VAL);
    CHECK_INT(raw_sendto(NULL, p, &peer), ERR_VAL);
    CHECK_INT(raw_sendto(pcb, NULL, &peer), ERR_VAL);
    CHECK_INT(raw_sendto(pcb, p, NULL), ERR_VAL);
    netif_set_down(&t.netif);
    CHECK_INT(raw_sendto(pcb, p, &peer), ERR_RTE);
    CHECK_INT(t.count, 0);
    pbuf_free(p);
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, multicast_uses_its_own_ttl)
{
    static struct station t;
    ip_addr_t group = station_addr(0xe0000105);
    begin(&t);
    struct raw_pcb *pcb = raw_new(PROTO);
    raw_set_multicast_ttl(pcb, 2);
    struct pbuf *p = packet(PBUF_IP, "x", 1);
    CHECK_INT(raw_sendto(pcb, p, &group), ERR_OK);
    pbuf_free(p);
    CHECK_INT(t.sent[0].bytes[22], 2);
    raw_remove(pcb);
    station_close(&t);
}

UNIT(raw, bound_pcb_follows_the_interface_to_a_new_address)
{
    static struct station t;
    ip_addr_t own = station_addr(STATION_IP);
    ip4_addr_t next = station_addr(0x0a000009);
    begin(&t);
    struct raw_pcb *pcb = raw_new(PROTO);
    raw_bind(pcb, &own);
    netif_set_ipaddr(&t.netif, &next);
    CHECK_INT(pcb->local_ip.addr, next.addr);
    raw_remove(pcb);
    station_close(&t);
}
