/* udp.c: UDP: binding, choice of the receiver, sending, checksums, lengths, errors. Long because
 * it covers the whole of lwip/udp.h, and the tests share the same few helpers. */
#include "lwip/inet_chksum.h"
#include "lwip/udp.h"
#include "station.h"
#include "stack/udp/udp_error.h"

/* What receivers got: one record per datagram. */
static struct {
    unsigned count;
    struct {
        void *arg;
        uint32_t src;
        u16_t port, len;
        u8_t data[64];
    } got[16];
    struct udp_pcb *removes; /* removed by the next receive function that runs */
} inbox;

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    (void)pcb;
    CHECK(inbox.count < 16);
    inbox.got[inbox.count].arg = arg;
    inbox.got[inbox.count].src = get_be32((const uint8_t *)&ip_2_ip4(addr)->addr);
    inbox.got[inbox.count].port = port;
    inbox.got[inbox.count].len = p->tot_len;
    pbuf_copy_partial(p, inbox.got[inbox.count].data, 64, 0);
    inbox.count++;
    pbuf_free(p);
    if (inbox.removes != NULL) {
        struct udp_pcb *victim = inbox.removes;
        inbox.removes = NULL;
        udp_remove(victim);
    }
}

static void begin(struct station *t)
{
    memset(&inbox, 0, sizeof inbox);
    station_open(t, NULL);
    station_know_peer(t);
}

/* A pcb on ip (0: any) and port; what it gets is recorded with its own address as arg. */
static struct udp_pcb *bound(uint32_t ip, u16_t port)
{
    struct udp_pcb *pcb = udp_new();
    ip_addr_t addr = station_addr(ip);
    CHECK(pcb != NULL);
    udp_recv(pcb, receive, pcb);
    ip_set_option(pcb, SOF_BROADCAST);
    CHECK_INT(udp_bind(pcb, &addr, port), ERR_OK);
    return pcb;
}

static struct station_udp to_us(u16_t sport, u16_t dport, const char *text)
{
    return (struct station_udp){.src = PEER_IP,
                                .dst = STATION_IP,
                                .sport = sport,
                                .dport = dport,
                                .data = text,
                                .data_len = strlen(text)};
}

static void arrives(struct station *t, u16_t sport, u16_t dport, const char *text)
{
    struct station_udp u = to_us(sport, dport, text);
    station_udp(t, &u);
}

/* Sends text from pcb to a peer, freeing the pbuf. */
static err_t sends(struct udp_pcb *pcb, uint32_t ip, u16_t port, const char *text)
{
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)strlen(text), PBUF_RAM);
    ip_addr_t addr = station_addr(ip);
    CHECK(p != NULL);
    pbuf_take(p, text, (u16_t)strlen(text));
    err_t r = udp_sendto(pcb, p, &addr, port);
    pbuf_free(p);
    return r;
}

/* The i-th frame sent is this datagram, with a right checksum (or none where that is wanted). */
static const uint8_t *sent_udp(struct station *t, unsigned i, uint32_t dst, u16_t sport,
                               u16_t dport, size_t data_len, bool checksum)
{
    CHECKF(i < t->count, "frame %u of %u", i, t->count);
    const uint8_t *ip = t->sent[i].bytes + 14, *udp = ip + 20;
    CHECK_INT(t->sent[i].len, 14 + 20 + 8 + data_len);
    CHECK_INT(ip[0], 0x45);
    CHECK_INT(ip[9], 17);
    CHECK_INT(get_be32(ip + 12), STATION_IP);
    CHECK_INT(get_be32(ip + 16), dst);
    CHECK_INT(get_be16(udp), sport);
    CHECK_INT(get_be16(udp + 2), dport);
    CHECK_INT(get_be16(udp + 4), 8 + data_len);
    if (checksum) {
        uint32_t sum = checksum_pseudo(ip + 12, ip + 16, 17, (uint16_t)(8 + data_len));
        CHECK(get_be16(udp + 6) != 0);
        CHECK_INT(checksum_fold(checksum_add(sum, udp, 8 + data_len)), 0);
    } else {
        CHECK_INT(get_be16(udp + 6), 0);
    }
    return udp + 8;
}

UNIT(udp, datagram_reaches_the_bound_pcb_with_its_source)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    arrives(&t, 1234, 7, "hello");
    CHECK_INT(inbox.count, 1);
    CHECK(inbox.got[0].arg == pcb);
    CHECK_INT(inbox.got[0].src, PEER_IP);
    CHECK_INT(inbox.got[0].port, 1234);
    CHECK_INT(inbox.got[0].len, 5);
    CHECK_MEM(inbox.got[0].data, "hello", 5);
    CHECK_INT(lwip_stats.udp.recv, 1);
    CHECK_INT(lwip_stats.mib2.udpindatagrams, 1);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, source_port_zero_and_no_data_are_delivered)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(STATION_IP, 7);
    arrives(&t, 0, 7, "");
    CHECK_INT(inbox.count, 1);
    CHECK_INT(inbox.got[0].port, 0);
    CHECK_INT(inbox.got[0].len, 0);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, destination_port_zero_is_nobody)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = udp_new();
    udp_recv(pcb, receive, NULL);
    arrives(&t, 9, 0, "x");
    CHECK_INT(inbox.count, 0);
    CHECK_INT(station_drops(&t, DROP_udp_port_zero), 1);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC1122 4.1.3.1] */
UNIT(udp, closed_port_is_answered_with_port_unreachable)
{
    static struct station t;
    begin(&t);
    arrives(&t, 1234, 4444, "knock");
    CHECK_INT(t.count, 1);
    const uint8_t *ip = t.sent[0].bytes + 14;
    CHECK_INT(ip[9], 1);
    CHECK_INT(ip[20], 3);
    CHECK_INT(ip[21], 3);
    CHECK_INT(get_be16(ip + 28 + 20), 1234); /* the quoted datagram's ports */
    CHECK_INT(get_be16(ip + 28 + 22), 4444);
    CHECK_INT(station_drops(&t, DROP_udp_no_port), 1);
    CHECK_INT(lwip_stats.mib2.udpnoports, 1);
    CHECK_INT(lwip_stats.udp.proterr, 1);
    CHECK_INT(lwip_stats.udp.drop, 1);
    station_close(&t);
}

UNIT(udp, broadcast_to_a_closed_port_is_silent)
{
    static struct station t;
    uint8_t frame[200];
    begin(&t);
    struct station_udp u = to_us(9, 4444, "all");
    u.dst = 0x0a0000ff;
    size_t len = station_udp_frame(frame, group_all, &u);
    station_in(&t, frame, len);
    CHECK_INT(t.count, 0);
    CHECK_INT(station_drops(&t, DROP_udp_no_port), 1);
    station_close(&t);
}

/* [RFC768 Fields] */
UNIT(udp, every_lying_length_is_judged)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    for (u16_t length = 1; length <= 60; length++) {
        struct station_udp u = to_us(9, 7, "0123456789012345678901234567890123456789");
        u.length = length;
        u.no_checksum = true;
        inbox.count = 0;
        station_udp(&t, &u);
        bool good = length >= 8 && length <= 48;
        CHECKF(inbox.count == (good ? 1u : 0u), "length %u", length);
        if (good)
            CHECK_INT(inbox.got[0].len, length - 8);
    }
    CHECK_INT(station_drops(&t, DROP_udp_length_small), 7);
    CHECK_INT(station_drops(&t, DROP_udp_length_large), 12);
    CHECK_INT(lwip_stats.udp.lenerr, 19);
    CHECK_INT(lwip_stats.mib2.udpinerrors, 19);
    CHECK_INT(t.count, 0);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, length_shorter_than_the_ip_payload_trims_and_checks_that_much)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    struct station_udp u = to_us(9, 7, "data");
    u.tail = 40;
    station_udp(&t, &u);
    CHECK_INT(inbox.count, 1);
    CHECK_INT(inbox.got[0].len, 4);
    CHECK_MEM(inbox.got[0].data, "data", 4);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, truncated_header_is_dropped)
{
    static struct station t;
    uint8_t frame[64];
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    for (u16_t n = 0; n < 8; n++) {
        struct station_udp u = to_us(9, 7, "");
        station_udp_frame(frame, station_mac, &u);
        put_be16(frame + 16, (u16_t)(20 + n));
        put_be16(frame + 24, 0);
        put_be16(frame + 24, checksum_fold(checksum_add(0, frame + 14, 20)));
        station_in(&t, frame, 34u + n);
    }
    CHECK_INT(station_drops(&t, DROP_udp_short), 8);
    CHECK_INT(inbox.count, 0);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC1122 4.1.3.4], [RFC768 Fields] */
UNIT(udp, wrong_checksum_is_dropped_and_none_is_accepted)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    struct station_udp u = to_us(9, 7, "data!");
    u.spoil = 0x0100;
    station_udp(&t, &u);
    CHECK_INT(inbox.count, 0);
    CHECK_INT(lwip_stats.udp.chkerr, 1);
    CHECK_INT(lwip_stats.mib2.udpinerrors, 1);
    CHECK_INT(station_drops(&t, DROP_udp_bad_checksum), 1);
    u.spoil = 0;
    u.no_checksum = true;
    station_udp(&t, &u);
    CHECK_INT(inbox.count, 1);
    u.no_checksum = false;
    u.spoil = 0x0100;
    NETIF_SET_CHECKSUM_CTRL(&t.netif, NETIF_CHECKSUM_ENABLE_ALL & ~NETIF_CHECKSUM_CHECK_UDP);
    station_udp(&t, &u);
    CHECK_INT(inbox.count, 2);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, datagram_in_a_chain_of_odd_pieces_is_summed_right)
{
    static struct station t;
    uint8_t frame[200];
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    struct station_udp u = to_us(9, 7, "abcdefghijklmnopqrstuvwxyz");
    size_t len = station_udp_frame(frame, station_mac, &u);
    for (u16_t first = 34; first < len; first++) {
        struct pbuf *head = pbuf_alloc(PBUF_RAW, first, PBUF_RAM),
                    *tail = pbuf_alloc(PBUF_RAW, (u16_t)(len - first), PBUF_RAM);
        pbuf_cat(head, tail);
        pbuf_take(head, frame, (u16_t)len);
        inbox.count = 0;
        CHECK_INT(t.netif.input(head, &t.netif), ERR_OK);
        CHECKF(inbox.count == 1, "cut at %u", first);
        CHECK_INT(inbox.got[0].len, 26);
        CHECK_MEM(inbox.got[0].data, u.data, 26);
    }
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, connected_pcb_wins_over_a_bound_one_and_moves_to_the_front)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *first = udp_new(), *second = udp_new();
    ip_addr_t peer = station_addr(PEER_IP);
    ip_set_option(first, SOF_REUSEADDR);
    ip_set_option(second, SOF_REUSEADDR);
    udp_recv(first, receive, first);
    udp_recv(second, receive, second);
    CHECK_INT(udp_bind(first, IP_ADDR_ANY, 7), ERR_OK);
    CHECK_INT(udp_connect(first, &peer, 1234), ERR_OK);
    CHECK_INT(udp_bind(second, IP_ADDR_ANY, 7), ERR_OK);
    CHECK(udp_pcbs == second);
    arrives(&t, 1234, 7, "a");
    CHECK(inbox.got[0].arg == first);
    CHECK(udp_pcbs == first);
    CHECK(first->next == second);
    arrives(&t, 1234, 7, "b");
    CHECK_INT(lwip_stats.udp.cachehit, 1);
    arrives(&t, 1235, 7, "c"); /* not from the peer's port */
    CHECK_INT(inbox.count, 3);
    CHECK(inbox.got[2].arg == second);
    udp_disconnect(first);
    CHECK_INT(first->remote_port, 0);
    CHECK(!udp_is_flag_set(first, UDP_FLAGS_CONNECTED));
    udp_remove(first);
    udp_remove(second);
    station_close(&t);
}

UNIT(udp, connected_pcb_hears_nobody_else)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    ip_addr_t peer = station_addr(PEER_IP);
    CHECK_INT(udp_connect(pcb, &peer, 1234), ERR_OK);
    arrives(&t, 1235, 7, "x");
    CHECK_INT(inbox.count, 0);
    CHECK_INT(t.count, 1); /* port unreachable */
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, specific_address_is_preferred_among_sharing_pcbs)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *any = udp_new(), *own = udp_new();
    ip_addr_t addr = station_addr(STATION_IP);
    ip_set_option(any, SOF_REUSEADDR);
    ip_set_option(own, SOF_REUSEADDR);
    udp_recv(any, receive, any);
    udp_recv(own, receive, own);
    udp_bind(own, &addr, 7);
    udp_bind(any, IP_ADDR_ANY, 7);
    arrives(&t, 9, 7, "x");
    CHECK_INT(inbox.count, 1);
    CHECK(inbox.got[0].arg == own);
    udp_remove(any);
    udp_remove(own);
    station_close(&t);
}

UNIT(udp, port_in_use_is_refused_unless_both_share_it)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *a = bound(0, 7), *b = udp_new();
    ip_addr_t own = station_addr(STATION_IP), other = station_addr(0x0a000063);
    CHECK_INT(udp_bind(b, IP_ADDR_ANY, 7), ERR_USE);
    CHECK_INT(udp_bind(b, &own, 7), ERR_USE);
    ip_set_option(b, SOF_REUSEADDR);
    CHECK_INT(udp_bind(b, &own, 7), ERR_USE);
    ip_set_option(a, SOF_REUSEADDR);
    CHECK_INT(udp_bind(b, &own, 7), ERR_OK);
    ip_reset_option(a, SOF_REUSEADDR);
    CHECK_INT(udp_bind(a, &other, 8), ERR_OK); /* rebinding moves, it does not add */
    CHECK_INT(udp_bind(b, &own, 8), ERR_OK);   /* another address */
    unsigned n = 0;
    for (struct udp_pcb *pcb = udp_pcbs; pcb != NULL; pcb = pcb->next)
        n++;
    CHECK_INT(n, 2);
    CHECK_INT(udp_bind(NULL, IP_ADDR_ANY, 1), ERR_ARG);
    udp_remove(a);
    udp_remove(b);
    station_close(&t);
}

UNIT(udp, ephemeral_ports_are_distinct_and_in_range)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcbs[60];
    for (unsigned i = 0; i < 60; i++) {
        pcbs[i] = bound(0, 0);
        CHECK(pcbs[i]->local_port >= 0xc000);
        for (unsigned k = 0; k < i; k++)
            CHECK(pcbs[k]->local_port != pcbs[i]->local_port);
    }
    u16_t next = pcbs[59]->local_port == 0xffff ? 0xc000 : (u16_t)(pcbs[59]->local_port + 1);
    udp_remove(pcbs[0]);
    pcbs[0] = bound(0, next);
    struct udp_pcb *skipping = bound(0, 0);
    CHECK(skipping->local_port != next);
    udp_remove(skipping);
    for (unsigned i = 0; i < 60; i++)
        udp_remove(pcbs[i]);
    station_close(&t);
}

UNIT(udp, ephemeral_ports_start_where_the_option_says)
{
    static struct station t;
    static const struct {
        u32_t first;
        u16_t got[3];
    } rows[] = {
        {0xfffe, {0xfffe, 0xffff, 0xc000}}, {0xffff, {0xffff, 0xc000, 0xc001}},
        {0xc000, {0xc000, 0xc001, 0xc002}}, {0xc001, {0xc001, 0xc002, 0xc003}},
        {1, {0xc000, 0xc001, 0xc002}}, /* not in the range: its first */
    };
    for (unsigned r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        station_defaults(&t);
        t.config.udp_port_first = rows[r].first;
        struct stack_config config = t.config;
        station_open(&t, &config);
        struct udp_pcb *pcbs[3];
        for (unsigned i = 0; i < 3; i++) {
            pcbs[i] = bound(0, 0);
            CHECK_INT(pcbs[i]->local_port, rows[r].got[i]);
        }
        for (unsigned i = 0; i < 3; i++)
            udp_remove(pcbs[i]);
        station_close(&t);
    }
}

UNIT(udp, pcb_limit_is_the_pools)
{
    static struct station t;
    station_defaults(&t);
    t.config.memp_num_udp_pcb = 2;
    struct stack_config config = t.config;
    station_open(&t, &config);
    struct udp_pcb *a = udp_new(), *b = udp_new();
    CHECK(a != NULL && b != NULL);
    CHECK(udp_new() == NULL);
    CHECK_INT(a->ttl, UDP_TTL);
    CHECK_INT(udp_get_multicast_ttl(a), UDP_TTL);
    udp_remove(a);
    udp_remove(b);
    station_close(&t);
}

UNIT(udp, bound_interface_alone_is_heard)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    udp_bind_netif(pcb, netif_get_loopif());
    arrives(&t, 9, 7, "x");
    CHECK_INT(inbox.count, 0);
    udp_bind_netif(pcb, &t.netif);
    arrives(&t, 9, 7, "x");
    CHECK_INT(inbox.count, 1);
    udp_bind_netif(pcb, NULL);
    CHECK_INT(pcb->netif_idx, NETIF_NO_INDEX);
    udp_remove(pcb);
    station_close(&t);
}

static void broadcast_arrives(struct station *t, uint32_t dst)
{
    uint8_t frame[200];
    struct station_udp u = to_us(9, 7, "all");
    u.dst = dst;
    size_t len = station_udp_frame(frame, group_all, &u);
    station_in(t, frame, len);
}

UNIT(udp, broadcast_needs_the_option_and_a_fitting_address)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    ip_reset_option(pcb, SOF_BROADCAST);
    broadcast_arrives(&t, 0x0a0000ff);
    CHECK_INT(inbox.count, 0);
    ip_set_option(pcb, SOF_BROADCAST);
    broadcast_arrives(&t, 0x0a0000ff);
    broadcast_arrives(&t, 0xffffffff);
    CHECK_INT(inbox.count, 2);
    ip_addr_t own = station_addr(STATION_IP), foreign = station_addr(0x0b000001);
    udp_bind(pcb, &own, 7);
    broadcast_arrives(&t, 0x0a0000ff);
    CHECK_INT(inbox.count, 3);
    udp_bind(pcb, &foreign, 7);
    broadcast_arrives(&t, 0x0a0000ff);
    CHECK_INT(inbox.count, 3);
    broadcast_arrives(&t, 0xffffffff);
    CHECK_INT(inbox.count, 4);
    udp_remove(pcb);
    station_close(&t);
}

static struct udp_pcb *sharing(u16_t port)
{
    struct udp_pcb *pcb = udp_new();
    ip_set_option(pcb, SOF_REUSEADDR | SOF_BROADCAST);
    udp_recv(pcb, receive, pcb);
    CHECK_INT(udp_bind(pcb, IP_ADDR_ANY, port), ERR_OK);
    return pcb;
}

UNIT(udp, broadcast_goes_to_every_sharing_pcb_and_unicast_to_one)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *a = sharing(7), *b = sharing(7), *c = sharing(7), *d = sharing(8);
    broadcast_arrives(&t, 0x0a0000ff);
    CHECK_INT(inbox.count, 3);
    CHECK(inbox.got[0].arg == b && inbox.got[1].arg == a && inbox.got[2].arg == c);
    for (unsigned i = 0; i < 3; i++)
        CHECK_MEM(inbox.got[i].data, "all", 3);
    arrives(&t, 9, 7, "one");
    CHECK_INT(inbox.count, 4);
    udp_remove(a);
    udp_remove(b);
    udp_remove(c);
    udp_remove(d);
    station_close(&t);
}

UNIT(udp, receiver_that_removes_another_during_a_broadcast_is_survived)
{
    static struct station t;
    for (unsigned victim = 0; victim < 3; victim++) {
        begin(&t);
        struct udp_pcb *pcbs[3] = {sharing(7), sharing(7), sharing(7)}; /* list: 2, 1, 0 */
        inbox.removes = pcbs[victim];
        broadcast_arrives(&t, 0x0a0000ff);
        /* 1 is served first, then 0, the best match 2 last; 1 may remove itself */
        CHECK_INT(inbox.count, victim == 1 ? 3 : 2);
        for (unsigned i = 0; i < 3; i++)
            if (i != victim)
                udp_remove(pcbs[i]);
        station_close(&t);
    }
}

UNIT(udp, pcb_without_receive_function_drops)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    udp_recv(pcb, NULL, NULL);
    arrives(&t, 9, 7, "x");
    CHECK_INT(station_drops(&t, DROP_udp_no_receiver), 1);
    CHECK_INT(t.count, 0);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC768 Fields]: every payload size of 0 to 65 octets. */
UNIT(udp, datagram_sent_has_right_fields_and_checksum_for_every_size)
{
    static struct station t;
    char text[67];
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    for (size_t n = 0; n <= 65; n++) {
        memset(text, (int)(0x81 + n), n);
        text[n] = '\0';
        CHECK_INT(sends(pcb, PEER_IP, 1234, text), ERR_OK);
        CHECK_MEM(sent_udp(&t, (unsigned)n, PEER_IP, 7, 1234, n, true), text, n);
    }
    CHECK_INT(lwip_stats.udp.xmit, 66);
    CHECK_INT(lwip_stats.mib2.udpoutdatagrams, 66);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC1122 4.1.3.4] */
UNIT(udp, checksum_that_computes_to_zero_is_sent_as_all_ones)
{
    static struct station t;
    char text[3] = "aa";
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    CHECK_INT(sends(pcb, PEER_IP, 1234, text), ERR_OK);
    u16_t checksum = get_be16(t.sent[0].bytes + 40);
    /* add what is missing to the payload, so that the sum becomes zero */
    u32_t word = (u32_t)get_be16((const uint8_t *)text) + checksum;
    word = (word & 0xffff) + (word >> 16);
    put_be16((uint8_t *)text, (u16_t)word);
    CHECK(text[0] != 0 && text[1] != 0);
    CHECK_INT(sends(pcb, PEER_IP, 1234, text), ERR_OK);
    CHECK_INT(get_be16(t.sent[1].bytes + 40), 0xffff);
    sent_udp(&t, 1, PEER_IP, 7, 1234, 2, true);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, checksum_is_left_out_by_pcb_flag_and_by_interface)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    udp_setflags(pcb, UDP_FLAGS_NOCHKSUM);
    CHECK_INT(sends(pcb, PEER_IP, 1234, "x"), ERR_OK);
    sent_udp(&t, 0, PEER_IP, 7, 1234, 1, false);
    udp_setflags(pcb, 0);
    NETIF_SET_CHECKSUM_CTRL(&t.netif, NETIF_CHECKSUM_ENABLE_ALL & ~NETIF_CHECKSUM_GEN_UDP);
    CHECK_INT(sends(pcb, PEER_IP, 1234, "x"), ERR_OK);
    sent_udp(&t, 1, PEER_IP, 7, 1234, 1, false);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, checksum_taken_while_copying_gives_the_same_frame)
{
    static struct station t;
    static const char *const texts[] = {"", "x", "odd", "even", "abcdefghijklmnopqrstuvw"};
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    for (size_t i = 0; i < 5; i++) {
        u16_t n = (u16_t)strlen(texts[i]);
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, n, PBUF_RAM);
        u16_t sum = (u16_t)~inet_chksum(texts[i], n);
        pbuf_take(p, texts[i], n);
        CHECK_INT(udp_sendto_chksum(pcb, p, &peer, 1234, 1, sum), ERR_OK);
        pbuf_free(p);
        sent_udp(&t, (unsigned)i, PEER_IP, 7, 1234, n, true);
    }
    /* the other ways to say where to */
    ip_addr_t own = station_addr(STATION_IP);
    for (unsigned i = 0; i < 4; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 3, PBUF_RAM);
        u16_t sum = (u16_t)~inet_chksum("odd", 3);
        err_t err = ERR_VAL;
        pbuf_take(p, "odd", 3);
        if (i == 0)
            err = udp_sendto_if_chksum(pcb, p, &peer, 1234, &t.netif, 1, sum);
        else if (i == 1)
            err = udp_sendto_if_src_chksum(pcb, p, &peer, 1234, &t.netif, 1, sum, &own);
        else if (udp_connect(pcb, &peer, 1234) == ERR_OK)
            err = udp_send_chksum(pcb, p, i == 2, i == 2 ? sum : 0);
        CHECK_INT(err, ERR_OK);
        pbuf_free(p);
        sent_udp(&t, 5 + i, PEER_IP, 7, 1234, 3, true);
    }
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, payload_without_headroom_gets_a_header_pbuf_of_its_own)
{
    static struct station t;
    static const char text[] = "in flash";
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 8, PBUF_ROM);
    CHECK(p != NULL);
    p->payload = (void *)(uintptr_t)text;
    for (unsigned i = 0; i < 2; i++) {
        CHECK_INT(udp_sendto(pcb, p, &peer, 1234), ERR_OK);
        CHECK_MEM(sent_udp(&t, i, PEER_IP, 7, 1234, 8, true), text, 8);
        CHECK_INT(p->ref, 1);
        CHECK_INT(p->tot_len, 8);
    }
    pbuf_free(p);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, unbound_pcb_is_bound_by_its_first_send)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = udp_new();
    CHECK_INT(sends(pcb, PEER_IP, 1234, "x"), ERR_OK);
    CHECK(pcb->local_port >= 0xc000);
    CHECK(udp_pcbs == pcb);
    sent_udp(&t, 0, PEER_IP, pcb->local_port, 1234, 1, true);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, connect_binds_and_send_goes_to_the_peer)
{
    static struct station t;
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct udp_pcb *pcb = udp_new();
    CHECK_INT(udp_connect(pcb, &peer, 4321), ERR_OK);
    CHECK(pcb->local_port >= 0xc000);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 2, PBUF_RAM);
    pbuf_take(p, "ok", 2);
    CHECK_INT(udp_send(pcb, p), ERR_OK);
    pbuf_free(p);
    sent_udp(&t, 0, PEER_IP, pcb->local_port, 4321, 2, true);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, bad_arguments_are_refused)
{
    static struct station t;
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct udp_pcb *pcb = udp_new();
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 1, PBUF_RAM);
    CHECK_INT(udp_send(NULL, p), ERR_ARG);
    CHECK_INT(udp_send(pcb, NULL), ERR_ARG);
    CHECK_INT(udp_sendto(pcb, p, NULL, 1), ERR_ARG);
    CHECK_INT(udp_sendto_if(pcb, p, &peer, 1, NULL), ERR_ARG);
    CHECK_INT(udp_sendto_if_src(pcb, p, &peer, 1, &t.netif, NULL), ERR_ARG);
    CHECK_INT(udp_connect(pcb, NULL, 1), ERR_ARG);
    CHECK_INT(udp_connect(NULL, &peer, 1), ERR_ARG);
    CHECK_INT(t.count, 0);
    pbuf_free(p);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC1122 4.1.3.6] */
UNIT(udp, sending_without_route_or_with_a_stale_source_fails)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0x0a000063, 7); /* not an address of ours */
    CHECK_INT(sends(pcb, PEER_IP, 1234, "x"), ERR_RTE);
    udp_bind(pcb, IP_ADDR_ANY, 7);
    netif_set_link_down(&t.netif);
    CHECK_INT(sends(pcb, PEER_IP, 1234, "x"), ERR_RTE);
    CHECK_INT(lwip_stats.udp.rterr, 1);
    CHECK_INT(t.count, 0);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, broadcast_is_sent_only_with_the_option)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    ip_reset_option(pcb, SOF_BROADCAST);
    CHECK_INT(sends(pcb, 0x0a0000ff, 1234, "x"), ERR_VAL);
    CHECK_INT(sends(pcb, 0xffffffff, 1234, "x"), ERR_VAL);
    CHECK_INT(t.count, 0);
    ip_set_option(pcb, SOF_BROADCAST);
    CHECK_INT(sends(pcb, 0x0a0000ff, 1234, "x"), ERR_OK);
    CHECK_MEM(t.sent[0].bytes, group_all, 6);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, multicast_uses_its_own_ttl)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(0, 7);
    pcb->ttl = 33;
    udp_set_multicast_ttl(pcb, 3);
    CHECK_INT(sends(pcb, 0xe0000105, 1234, "x"), ERR_OK);
    CHECK_INT(sends(pcb, PEER_IP, 1234, "x"), ERR_OK);
    CHECK_INT(t.sent[0].bytes[14 + 8], 3);
    CHECK_INT(t.sent[1].bytes[14 + 8], 33);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp, bound_pcb_follows_the_interface_to_a_new_address)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(STATION_IP, 7), *any = bound(0, 8);
    ip4_addr_t next = station_addr(0x0a000009);
    netif_set_ipaddr(&t.netif, &next);
    CHECK_INT(pcb->local_ip.addr, next.addr);
    CHECK_INT(any->local_ip.addr, 0);
    netif_set_ipaddr(&t.netif, NULL);
    CHECK_INT(pcb->local_ip.addr, next.addr); /* nothing to follow to */
    udp_remove(pcb);
    udp_remove(any);
    station_close(&t);
}

static struct {
    unsigned count;
    struct udp_pcb *pcb;
    u8_t type, code;
} reported;

static void report(struct udp_pcb *pcb, const struct icmp_error *error)
{
    reported.count++;
    reported.pcb = pcb;
    reported.type = error->type;
    reported.code = error->code;
}

/* [RFC1122 4.1.3.3] */
UNIT(udp, icmp_error_reaches_the_connected_pcb_that_caused_it)
{
    static struct station t;
    uint8_t quoted[8];
    begin(&t);
    memset(&reported, 0, sizeof reported);
    ip_addr_t peer = station_addr(PEER_IP);
    struct udp_pcb *pcb = bound(0, 7), *other = bound(0, 8);
    udp_connect(pcb, &peer, 1234);
    put_be16(quoted, 7);
    put_be16(quoted + 2, 1234);
    struct icmp_error e = {.type = 3,
                           .code = 3,
                           .from = peer,
                           .src = station_addr(STATION_IP),
                           .dst = peer,
                           .proto = 17,
                           .quoted = quoted,
                           .quoted_len = 8};
    udp_error_input(&e, &t.netif);
    CHECK_INT(reported.count, 0); /* nobody asked to be told */
    udp_error_set(report);
    udp_error_input(&e, &t.netif);
    CHECK_INT(reported.count, 1);
    CHECK(reported.pcb == pcb);
    CHECK_INT(reported.code, 3);
    put_be16(quoted + 2, 1235);
    udp_error_input(&e, &t.netif);
    put_be16(quoted + 2, 1234);
    put_be16(quoted, 8); /* the other one is not connected */
    udp_error_input(&e, &t.netif);
    put_be16(quoted, 7);
    e.proto = 136;
    udp_error_input(&e, &t.netif);
    e.proto = 17;
    e.quoted_len = 3;
    udp_error_input(&e, &t.netif);
    CHECK_INT(reported.count, 1);
    udp_remove(pcb);
    udp_remove(other);
    station_close(&t);
}
