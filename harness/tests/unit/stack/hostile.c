/* hostile.c: attacks on what lies below TCP that no other file's noun covers: frames cut into
 * buffers in every way, sources that are broadcasts elsewhere, clocks that went round, call-backs
 * that pull the ground away. Each is a bug that this stack or another one had.
 *
 * Long because all of it shares one interface, one socket and one way to cut frames. */
#include "lwip/acd.h"
#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/raw.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "stack/wire/ip4.h"
#include "station.h"

#define OTHER_IP 0xc0a80701u       /* 192.168.7.1: a second interface */
#define OTHER_BROADCAST 0xc0a807ffu
#define DAY_MS 86400000u

/* ---- a second interface ---- */

static struct netif other;
static unsigned other_sent;

static err_t other_linkoutput(struct netif *netif, struct pbuf *p)
{
    (void)netif;
    (void)p;
    other_sent++;
    return ERR_OK;
}

static err_t other_init(struct netif *netif)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 2};
    station_netif_init(netif);
    netif->name[0] = 'o';
    netif->name[1] = 't';
    netif->linkoutput = other_linkoutput;
    memcpy(netif->hwaddr, mac, 6);
    return ERR_OK;
}

static void add_other(uint32_t ip)
{
    ip4_addr_t addr = station_addr(ip), mask = station_addr(ip == 0 ? 0 : 0xffffff00u),
               none = station_addr(0);
    CHECK(netif_add(&other, &addr, &mask, &none, NULL, other_init, ethernet_input) == &other);
    netif_set_up(&other);
    netif_set_link_up(&other);
    other_sent = 0;
}

/* ---- a socket that remembers ---- */

static struct {
    unsigned count;
    size_t len;
    uint8_t bytes[64];
    struct netif *on;
    uint8_t flags, if_idx;
} got;

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    (void)arg;
    (void)pcb;
    (void)addr;
    (void)port;
    CHECK(p != NULL);
    got.count++;
    got.len = p->tot_len;
    got.on = ip_current_netif();
    got.flags = p->flags;
    got.if_idx = p->if_idx;
    pbuf_copy_partial(p, got.bytes, sizeof got.bytes, 0);
    pbuf_free(p);
}

static struct udp_pcb *listen_at(uint16_t port)
{
    struct udp_pcb *pcb = udp_new();
    memset(&got, 0, sizeof got);
    CHECK_INT(udp_bind(pcb, IP_ANY_TYPE, port), ERR_OK);
    ip_set_option(pcb, SOF_BROADCAST);
    udp_recv(pcb, receive, NULL);
    return pcb;
}

/* ---- chains ---- */

/* A frame in pbufs: the first of `first` bytes, the others of `rest`. */
static struct pbuf *chained(const uint8_t *frame, size_t len, size_t first, size_t rest)
{
    struct pbuf *chain = NULL;
    for (size_t at = 0; at < len;) {
        size_t n = at == 0 ? first : rest;
        if (n > len - at)
            n = len - at;
        struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM);
        CHECK(p != NULL);
        memcpy(p->payload, frame + at, n);
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
        at += n;
    }
    return chain;
}

static void in_chain(struct station *t, const uint8_t *frame, size_t len, size_t first, size_t rest)
{
    struct pbuf *p = chained(frame, len, first, rest);
    if (t->netif.input(p, &t->netif) != ERR_OK)
        pbuf_free(p);
    station_check(t);
}

/* [RFC768]: an empty datagram is one; lwIP drivers may cut it anywhere behind the IP header. */
UNIT(hostile, datagram_cut_anywhere_is_delivered_whole)
{
    static const uint8_t data[9] = "ninebytes";
    struct station t;
    uint8_t frame[128];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    for (size_t size = 0; size <= sizeof data; size++) {
        struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7,
                                .data = data, .data_len = size};
        size_t len = station_udp_frame(frame, station_mac, &u);
        for (size_t first = 34; first <= len; first++)
            for (size_t rest = 1; rest <= len - 34 + 1; rest++) {
                got.count = 0;
                in_chain(&t, frame, len, first, rest);
                CHECKF(got.count == 1 && got.len == size, "%zu bytes, cut at %zu and every %zu",
                       size, first, rest);
                CHECK_MEM(got.bytes, data, size);
                CHECK_INT(got.if_idx, netif_get_index(&t.netif));
            }
    }
    udp_remove(pcb);
    station_close(&t);
}

/* ---- the same answer, however a frame is cut ---- */

struct cut_case {
    const char *name;
    size_t contiguous; /* what a driver must not cut: Ethernet and IP header */
    uint8_t bytes[128];
    size_t len;
};

static size_t ip_frame(uint8_t *f, uint8_t proto, uint16_t fragment, const char *options,
                       size_t optlen, const void *data, size_t len)
{
    struct wire_ip4 w = {.header_len = (uint8_t)(20 + optlen), .ttl = 9, .id = 77, .proto = proto,
                         .total_len = (uint16_t)(20 + optlen + len), .fragment = fragment,
                         .src = PEER_IP, .dst = STATION_IP};
    wire_ethernet_emit(f, station_mac, peer_mac, WIRE_ETHERTYPE_IP4);
    wire_ip4_emit(f + 14, &w);
    if (optlen != 0)
        memcpy(f + 34, options, optlen);
    put_be16(f + 24, checksum_fold(checksum_add(0, f + 14, w.header_len)));
    memcpy(f + 34 + optlen, data, len);
    return 34 + optlen + len;
}

static void add_ip(struct cut_case *c, const char *name, uint8_t proto, uint16_t fragment,
                   const char *options, size_t optlen, const void *data, size_t len)
{
    c->name = name;
    c->contiguous = 34 + optlen;
    c->len = ip_frame(c->bytes, proto, fragment, options, optlen, data, len);
}

static unsigned cut_cases(struct cut_case *c)
{
    static const uint8_t echo[13] = {8, 0, 0, 0, 1, 2, 3, 4, 'd', 'a', 't', 'a', '!'};
    static const uint8_t udp[9] = {0, 9, 0, 99, 0, 9, 0, 0, 'x'};
    static const char record[8] = {7, 7, 4, 0, 0, 0, 0, 0}, bad[4] = {7, 3, 1, 0};
    struct cut_case *begin = c;
    uint8_t message[13];
    memcpy(message, echo, sizeof message);
    put_be16(message + 2, checksum_fold(checksum_add(0, message, sizeof message)));
    add_ip(c++, "echo", 1, 0, NULL, 0, message, sizeof message);
    add_ip(c++, "echo with options", 1, 0, record, 8, message, sizeof message);
    add_ip(c++, "empty echo, bad checksum", 1, 0, NULL, 0, echo, 8);
    add_ip(c++, "closed port", 17, 0, NULL, 0, udp, sizeof udp);
    add_ip(c++, "bad option", 17, 0, bad, 4, udp, sizeof udp);
    add_ip(c++, "no protocol", 200, 0, NULL, 0, udp, sizeof udp);
    add_ip(c++, "first half", 1, WIRE_IP4_MF, NULL, 0, message, 8);
    add_ip(c++, "second half", 1, 1, NULL, 0, message + 8, sizeof message - 8);
    struct wire_arp a = {peer_mac, group_all, PEER_IP, STATION_IP, WIRE_ARP_REQUEST};
    *c = (struct cut_case){.name = "ARP request", .contiguous = 15, .len = 60};
    wire_ethernet_emit(c->bytes, group_all, peer_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(c->bytes + 14, &a);
    return (unsigned)(++c - begin);
}

/* All cases in turn, cut behind `extra` bytes of what must be together and then every `rest`. */
static void cut_all(struct station *t, const struct cut_case *c, unsigned n, size_t extra,
                    size_t rest)
{
    t->count = 0;
    for (unsigned i = 0; i < n; i++) {
        size_t first = c[i].contiguous + extra;
        in_chain(t, c[i].bytes, c[i].len, first < c[i].len ? first : c[i].len, rest);
    }
}

UNIT(hostile, answer_does_not_depend_on_how_a_frame_is_cut)
{
    static struct station t;
    static struct cut_case cases[16];
    static struct station_frame whole[16];
    struct stack_config config = stack_config_default;
    config.icmp_error_rate = 0;
    station_open(&t, &config);
    station_know_peer(&t);
    unsigned n = cut_cases(cases);
    cut_all(&t, cases, n, 128, 1);
    unsigned answers = t.count; /* echo twice, three errors, the joined echo, ARP */
    CHECK_INT(answers, 7);
    memcpy(whole, t.sent, answers * sizeof whole[0]);
    for (size_t extra = 0; extra < 20; extra++)
        for (size_t rest = 1; rest < 12; rest++) {
            cut_all(&t, cases, n, extra, rest);
            CHECKF(t.count == answers, "%u answers, cut at %zu, every %zu", t.count, extra, rest);
            for (unsigned i = 0; i < answers; i++) {
                CHECK_INT(t.sent[i].len, whole[i].len);
                if (!station_is_arp(&t, i)) /* identification and with it the checksum differ */
                    memcpy(t.sent[i].bytes + 18, whole[i].bytes + 18, 2),
                        memcpy(t.sent[i].bytes + 24, whole[i].bytes + 24, 2);
                CHECK_MEM(t.sent[i].bytes, whole[i].bytes, whole[i].len);
            }
        }
    station_close(&t);
}

/* What is known about the frame does not go with the buffer of its first bytes. */
UNIT(hostile, flags_of_a_frame_survive_the_loss_of_its_first_buffer)
{
    struct station t;
    uint8_t frame[128];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    struct station_udp u = {.src = PEER_IP, .dst = 0xffffffffu, .sport = 9, .dport = 7,
                            .data = "x", .data_len = 1};
    in_chain(&t, frame, station_udp_frame(frame, group_all, &u), 36, 64);
    CHECK_INT(got.count, 1);
    CHECK_INT(got.flags & PBUF_FLAG_LLBCAST, PBUF_FLAG_LLBCAST);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC1122 2.3.3]: the 802.3 length counts the whole frame, not its first buffer. */
UNIT(hostile, snap_frame_in_several_buffers_is_understood)
{
    static const uint8_t snap[8] = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
    struct station t;
    uint8_t plain[128], frame[160];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7,
                            .data = "0123456789abcdef", .data_len = 16};
    size_t len = station_udp_frame(plain, station_mac, &u);
    memcpy(frame, plain, 12);
    put_be16(frame + 12, (uint16_t)(len - 14 + sizeof snap));
    memcpy(frame + 14, snap, sizeof snap);
    memcpy(frame + 22, plain + 14, len - 14);
    for (size_t first = 42; first <= len + 8; first++) {
        got.count = 0;
        in_chain(&t, frame, len + 8, first, 5);
        CHECKF(got.count == 1, "first buffer of %zu", first);
    }
    put_be16(frame + 12, (uint16_t)(len - 14 + sizeof snap + 1)); /* one byte that is not there */
    in_chain(&t, frame, len + 8, 50, 5);
    CHECK_INT(station_drops(&t, DROP_eth_bad_length), 1);
    udp_remove(pcb);
    station_close(&t);
}

/* ---- sources ---- */

/* [RFC1122 3.2.1.3]: the broadcast address of any network we know is nobody's; a service that
 * answered would flood that network (fraggle across interfaces). */
UNIT(hostile, broadcast_of_another_interface_is_no_source)
{
    struct station t;
    station_open(&t, NULL);
    add_other(OTHER_IP);
    struct udp_pcb *pcb = listen_at(7);
    struct station_udp u = {.src = OTHER_BROADCAST, .dst = STATION_IP, .sport = 9, .dport = 7};
    station_udp(&t, &u);
    CHECK_INT(got.count, 0);
    CHECK_INT(station_drops(&t, DROP_ip4_bad_source), 1);
    u.src = OTHER_BROADCAST - 1; /* a host there is one */
    station_udp(&t, &u);
    CHECK_INT(got.count, 1);
    udp_remove(pcb);
    netif_remove(&other);
    station_close(&t);
}

/* [RFC1122 3.2.1.3]: the limited broadcast belongs to the link it came by, also while that
 * interface has no address (a DHCP client's), never to another interface. */
UNIT(hostile, limited_broadcast_belongs_to_the_interface_it_came_by)
{
    struct station t;
    uint8_t frame[128];
    station_defaults(&t);
    t.config.lwip_broadcast_ping = 1;
    station_boot(&t);
    station_attach(&t, 0);
    add_other(OTHER_IP);
    struct udp_pcb *pcb = listen_at(68);
    struct station_udp u = {.src = PEER_IP, .dst = 0xffffffffu, .sport = 67, .dport = 68};
    station_in(&t, frame, station_udp_frame(frame, group_all, &u));
    CHECK_INT(got.count, 1);
    CHECK(got.on == &t.netif);
    /* nor is there an address to answer a ping from */
    u.proto = 1;
    size_t len = station_udp_frame(frame, group_all, &u);
    memset(frame + 34, 0, 8);
    frame[34] = 8;
    put_be16(frame + 36, 0xf7ff);
    station_in(&t, frame, len);
    station_run(&t, 10000);
    CHECK_INT(t.count, 0);
    CHECK_INT(other_sent, 0);
    CHECK_INT(station_drops(&t, DROP_icmp_echo_broadcast), 1);
    udp_remove(pcb);
    netif_remove(&other);
    station_close(&t);
}

/* Unicast in a frame to a group: neither RFC 1122 nor Linux forbids it (network load balancers
 * do it); it is delivered, but provokes no error and is not forwarded. */
UNIT(hostile, unicast_in_a_multicast_frame_is_delivered_and_provokes_no_error)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 5};
    struct station t;
    uint8_t frame[128];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    station_know_peer(&t);
    struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7};
    station_in(&t, frame, station_udp_frame(frame, group, &u));
    CHECK_INT(got.count, 1);
    u.dport = 8;
    station_in(&t, frame, station_udp_frame(frame, group, &u));
    CHECK_INT(t.count, 0);
    udp_remove(pcb);
    station_close(&t);
}

/* ---- ARP and ACD ---- */

/* BSD's "it's from me, ignore it": a packet that says another address is at our own hardware
 * address would have us talk to ourselves. */
UNIT(hostile, arp_pair_with_our_own_hardware_address_is_not_learnt)
{
    struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    station_arp(&t, WIRE_ARP_REPLY, station_mac, station_mac, PEER_IP, STATION_IP);
    struct eth_addr *mac;
    const ip4_addr_t *found;
    ip4_addr_t peer = station_addr(PEER_IP), fresh = station_addr(PEER_IP + 1);
    CHECK(etharp_find_addr(&t.netif, &peer, &mac, &found) >= 0);
    CHECK_MEM(mac->addr, peer_mac, 6);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, station_mac, PEER_IP + 1, STATION_IP);
    CHECK(etharp_find_addr(&t.netif, &fresh, &mac, &found) < 0);
    CHECK_INT(t.count, 0);
    CHECK_INT(station_drops(&t, DROP_arp_bad_sender_mac), 2);
    station_close(&t);
}

static void ignore(struct netif *netif, acd_callback_enum_t what)
{
    (void)netif;
    (void)what;
}

/* [RFC5227 1.1]: a probe is a request; a reply that names no sender claims nothing. */
UNIT(hostile, reply_without_a_sender_is_no_probe)
{
    struct station t;
    struct acd acd = {0};
    station_defaults(&t);
    station_boot(&t);
    station_attach(&t, 0);
    acd_add(&t.netif, &acd, ignore);
    acd_start(&t.netif, &acd, station_addr(STATION_IP));
    station_arp(&t, WIRE_ARP_REPLY, group_all, peer_mac, 0, STATION_IP);
    station_arp(&t, 3, group_all, peer_mac, 0, STATION_IP);
    CHECK_INT(acd.num_conflicts, 0);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, 0, STATION_IP);
    CHECK_INT(acd.num_conflicts, 1);
    station_close(&t);
}

/* [RFC5227 2.4]: "within the last ten seconds" is no matter of the clock modulo 2^32. */
UNIT(hostile, conflict_when_the_clock_has_gone_round_is_a_first_one)
{
    struct station t;
    struct acd acd = {0};
    station_defaults(&t);
    station_boot(&t);
    station_attach(&t, 0);
    acd_add(&t.netif, &acd, ignore);
    acd_start(&t.netif, &acd, station_addr(STATION_IP));
    station_run(&t, 20000);
    CHECK_INT(acd.state, ACD_STATE_ONGOING);
    t.count = 0;
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, STATION_IP, PEER_IP);
    CHECK_INT(t.count, 1);
    station_run(&t, 0x80000000u);
    station_run(&t, 0x80000000u);
    station_run(&t, 5000);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, STATION_IP, PEER_IP);
    CHECK_INT(acd.state, ACD_STATE_ONGOING);
    CHECK_INT(t.count, 2);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, STATION_IP, PEER_IP);
    CHECK_INT(acd.num_conflicts, 1);
    station_close(&t);
}

/* Static entries do not age: how long ago they were made may be more than the clock can tell. */
UNIT(hostile, static_entries_made_weeks_apart_are_in_order)
{
    static const uint32_t wait_days[] = {22, 30, 24, 20, 25};
    struct station t;
    struct eth_addr mac = {{2, 0, 0, 0, 0, 9}};
    station_open(&t, NULL);
    for (unsigned i = 0; i < 5; i++) {
        ip4_addr_t ip = station_addr(PEER_IP + i);
        CHECK_INT(etharp_add_static_entry(&ip, &mac), ERR_OK);
        station_run(&t, wait_days[i] * DAY_MS);
    }
    for (unsigned gone = 0; gone < 5; gone += 2) {
        ip4_addr_t ip = station_addr(PEER_IP + gone);
        CHECK_INT(etharp_remove_static_entry(&ip), ERR_OK);
        station_check(&t);
    }
    station_close(&t);
}

/* ---- datagrams ---- */

/* A pbuf that was once looped back as a multicast does not loop when it is sent elsewhere. */
UNIT(hostile, unicast_in_a_pbuf_that_carried_a_multicast_is_not_looped)
{
    struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    struct udp_pcb *pcb = udp_new();
    udp_set_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    memcpy(p->payload, "data", 4);
    ip_addr_t group = station_addr(0xe0000105u), peer = station_addr(PEER_IP);
    CHECK_INT(udp_sendto(pcb, p, &group, 9), ERR_OK);
    CHECK_INT(t.netif.loop_cnt_current, 1);
    station_run(&t, 1);
    pbuf_remove_header(p, (size_t)(p->tot_len - 4));
    t.count = 0;
    CHECK_INT(udp_sendto(pcb, p, &peer, 9), ERR_OK);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.netif.loop_cnt_current, 0);
    pbuf_free(p);
    udp_remove(pcb);
    station_close(&t);
}

/* An interface that was taken down sends nothing, whoever is bound to it. */
UNIT(hostile, nothing_leaves_by_an_interface_that_is_down)
{
    struct station t;
    station_open(&t, NULL);
    ip_addr_t all = station_addr(0xffffffffu);
    struct udp_pcb *udp = udp_new();
    struct raw_pcb *raw = raw_new(99);
    ip_set_option(udp, SOF_BROADCAST);
    ip_set_option(raw, SOF_BROADCAST);
    udp_bind_netif(udp, &t.netif);
    raw_bind_netif(raw, &t.netif);
    netif_set_down(&t.netif);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    memcpy(p->payload, "data", 4);
    CHECK_INT(udp_sendto(udp, p, &all, 9), ERR_RTE);
    CHECK_INT(raw_sendto(raw, p, &all), ERR_RTE);
    CHECK_INT(t.count, 0);
    netif_set_up(&t.netif);
    t.count = 0;
    CHECK_INT(raw_sendto(raw, p, &all), ERR_OK);
    CHECK_INT(t.count, 1);
    pbuf_free(p);
    udp_remove(udp);
    raw_remove(raw);
    station_close(&t);
}

/* ---- time ---- */

static unsigned runs;

static void again(void *arg)
{
    runs++;
    sys_timeout(0, again, arg);
}

/* A handler that sets itself again for "now" takes its turns, it does not take the host: the
 * clock stands still inside sys_check_timeouts(). */
UNIT(hostile, timeout_of_zero_that_renews_itself_does_not_hang_the_host)
{
    struct station t;
    station_open(&t, NULL);
    runs = 0;
    sys_timeout(0, again, NULL);
    CHECK_INT(sys_check_timeouts(), 0);
    CHECK(runs > 0);
    unsigned before = runs;
    sys_check_timeouts();
    CHECK(runs > before);
    sys_untimeout(again, NULL);
    station_close(&t);
}

/* ---- call-backs ---- */

#if LWIP_NETIF_EXT_STATUS_CALLBACK
static netif_ext_callback_t subscribers[3];
static unsigned calls[3];

static void first_told(struct netif *netif, netif_nsc_reason_t reason,
                       const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)reason;
    (void)args;
    if (calls[0]++ != 0)
        return;
    netif_remove_ext_callback(&subscribers[1]);
    memset(&subscribers[1], 0xee, sizeof subscribers[1]); /* freed */
}

static void second_told(struct netif *netif, netif_nsc_reason_t reason,
                        const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)reason;
    (void)args;
    calls[1]++;
}

static void third_told(struct netif *netif, netif_nsc_reason_t reason,
                       const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)reason;
    (void)args;
    calls[2]++;
}

/* The list of subscribers is walked while a subscriber takes the next one off and frees it. */
UNIT(hostile, subscriber_may_remove_the_next_one)
{
    struct station t;
    station_open(&t, NULL);
    memset(calls, 0, sizeof calls);
    netif_add_ext_callback(&subscribers[2], third_told);
    netif_add_ext_callback(&subscribers[1], second_told);
    netif_add_ext_callback(&subscribers[0], first_told);
    netif_set_down(&t.netif);
    CHECK_INT(calls[0], 1);
    CHECK_INT(calls[1], 0);
    CHECK_INT(calls[2], 1);
    netif_remove_ext_callback(&subscribers[0]);
    netif_remove_ext_callback(&subscribers[2]);
    station_close(&t);
}
#endif

static void remove_and_free(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                            u16_t port)
{
    (void)arg;
    (void)pcb;
    (void)addr;
    (void)port;
    pbuf_free(p);
    netif_remove(&other);
    memset(&other, 0xee, sizeof other); /* freed */
}

static u8_t remove_other(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)arg;
    (void)pcb;
    (void)p;
    (void)addr;
    netif_remove(&other);
    memset(&other, 0xee, sizeof other); /* freed */
    return 0;
}

/* A ping program that takes the interface away while the echo server has yet to answer by it. */
UNIT(hostile, interface_freed_by_a_raw_receiver_answers_nothing)
{
    struct station t;
    struct cut_case ping[16];
    station_open(&t, NULL);
    cut_cases(ping);
    struct raw_pcb *one = raw_new(1), *two = raw_new(1);
    raw_recv(one, remove_other, NULL);
    raw_recv(two, remove_other, NULL);
    add_other(OTHER_IP);
    struct pbuf *p = chained(ping[0].bytes, ping[0].len, ping[0].len, 1);
    CHECK_INT(other.input(p, &other), ERR_OK);
    station_run(&t, 10000);
    CHECK_INT(other_sent + t.count, 0);
    raw_remove(one);
    raw_remove(two);
    station_close(&t);
}

static void conflict_removes_other(struct netif *netif, acd_callback_enum_t what)
{
    (void)what;
    netif_remove(netif);
}

/* An address in conflict that takes its interface along: nothing is learnt for what is gone. */
UNIT(hostile, interface_removed_by_a_conflict_learns_nothing)
{
    static const uint8_t zero[6];
    struct station t;
    struct acd acd = {0};
    uint8_t frame[60] = {0};
    station_open(&t, NULL);
    add_other(OTHER_IP);
    acd_add(&other, &acd, conflict_removes_other);
    acd_start(&other, &acd, station_addr(OTHER_IP + 1));
    struct wire_arp a = {peer_mac, zero, OTHER_IP + 1, OTHER_IP, WIRE_ARP_REQUEST};
    wire_ethernet_emit(frame, group_all, peer_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(frame + 14, &a);
    CHECK_INT(other.input(chained(frame, 60, 60, 1), &other), ERR_OK);
    CHECK_INT(other_sent, 0);
    struct eth_addr *mac;
    const ip4_addr_t *found;
    ip4_addr_t claimed = station_addr(OTHER_IP + 1);
    CHECK(etharp_find_addr(NULL, &claimed, &mac, &found) < 0);
    station_close(&t);
}

static struct raw_pcb *nested_pcb;
static struct netif *nested_netif;

/* A driver that answers at once: what it sends comes back in before the send has returned. */
static err_t answer_at_once(struct netif *netif, struct pbuf *p)
{
    struct cut_case ping[16];
    (void)p;
    cut_cases(ping);
    struct pbuf *in = chained(ping[3].bytes, ping[3].len, ping[3].len, 1);
    netif->linkoutput = other_linkoutput; /* once */
    return netif->input(in, netif);
}

static u8_t send_more(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)arg;
    (void)p;
    (void)addr;
    struct pbuf *q = pbuf_alloc(PBUF_IP, 4, PBUF_RAM);
    ip_addr_t all = station_addr(0xffffffffu);
    memcpy(q->payload, "more", 4);
    CHECK_INT(raw_sendto_if_src(pcb, q, &all, nested_netif, netif_ip_addr4(nested_netif)), ERR_OK);
    pbuf_free(q);
    return 0;
}

/* The packet being received is the outer one again when the inner one is done. */
UNIT(hostile, packet_received_within_a_send_does_not_replace_the_current_one)
{
    struct station t;
    station_open(&t, NULL);
    struct udp_pcb *udp = listen_at(7);
    nested_pcb = raw_new(17);
    nested_netif = &t.netif;
    ip_set_option(nested_pcb, SOF_BROADCAST);
    raw_recv(nested_pcb, send_more, NULL);
    t.netif.linkoutput = answer_at_once;
    struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7,
                            .data = "outer", .data_len = 5};
    station_udp(&t, &u);
    CHECK_INT(got.count, 1);
    CHECK_MEM(got.bytes, "outer", 5);
    CHECK(got.on == &t.netif);
    raw_remove(nested_pcb);
    udp_remove(udp);
    station_close(&t);
}

/* What is left of an interface that its own packet removes is not looked at again. */
UNIT(hostile, interface_freed_by_its_own_looped_packet_is_not_touched)
{
    struct station t;
    station_open(&t, NULL);
    add_other(OTHER_IP);
    struct udp_pcb *pcb = listen_at(7);
    udp_recv(pcb, remove_and_free, NULL);
    ip_addr_t own = station_addr(OTHER_IP);
    for (unsigned i = 0; i < 2; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
        memcpy(p->payload, "data", 4);
        CHECK_INT(udp_sendto(pcb, p, &own, 7), ERR_OK);
        pbuf_free(p);
    }
    netif_poll(&other);
    station_check(&t);
    udp_remove(pcb);
    station_close(&t);
}
