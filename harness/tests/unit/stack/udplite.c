/* udplite.c: UDP-Lite: coverage and checksum in both directions, a port space of its own
 * [RFC3828]. */
#include "lwip/udp.h"
#include "station.h"

static unsigned received;
static struct udp_pcb *receiver;

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    (void)arg;
    (void)addr;
    (void)port;
    received++;
    receiver = pcb;
    pbuf_free(p);
}

static struct udp_pcb *bound(u16_t port, u8_t flags)
{
    struct udp_pcb *pcb = udp_new();
    udp_setflags(pcb, flags);
    udp_recv(pcb, receive, NULL);
    CHECK_INT(udp_bind(pcb, IP_ADDR_ANY, port), ERR_OK);
    return pcb;
}

static void begin(struct station *t)
{
    received = 0;
    receiver = NULL;
    station_open(t, NULL);
    station_know_peer(t);
}

static struct station_udp lite(u16_t coverage)
{
    return (struct station_udp){.src = PEER_IP,
                                .dst = STATION_IP,
                                .sport = 9,
                                .dport = 7,
                                .proto = 136,
                                .length = coverage,
                                .data = "0123456789",
                                .data_len = 10};
}

/* [RFC3828 3.1]: 0 is all, 1 to 7 and more than there is are discarded. */
UNIT(udplite, every_coverage_received_is_judged)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(7, UDP_FLAGS_UDPLITE);
    for (u16_t coverage = 0; coverage <= 40; coverage++) {
        struct station_udp u = lite(coverage);
        received = 0;
        station_udp(&t, &u);
        bool good = coverage == 0 || (coverage >= 8 && coverage <= 18);
        CHECKF(received == (good ? 1u : 0u), "coverage %u", coverage);
    }
    CHECK_INT(station_drops(&t, DROP_udplite_bad_coverage), 7 + 22);
    CHECK_INT(lwip_stats.udp.chkerr, 29);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udplite, damage_is_dropped_within_and_delivered_outside_the_coverage)
{
    static struct station t;
    uint8_t frame[100];
    begin(&t);
    struct udp_pcb *pcb = bound(7, UDP_FLAGS_UDPLITE);
    for (u16_t coverage = 0; coverage <= 18; coverage = (u16_t)(coverage == 0 ? 8 : coverage + 1)) {
        for (size_t at = 0; at < 18; at++) {
            if (at == 2 || at == 3 || at == 4 || at == 5)
                continue; /* port and coverage: other checks fire first */
            struct station_udp u = lite(coverage);
            size_t len = station_udp_frame(frame, station_mac, &u);
            frame[34 + at] ^= 0x10;
            received = 0;
            station_in(&t, frame, len);
            bool outside = coverage != 0 && at >= coverage;
            CHECKF(received == (outside ? 1u : 0u), "coverage %u, octet %zu", coverage, at);
        }
    }
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udplite, zero_checksum_is_dropped)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(7, UDP_FLAGS_UDPLITE);
    struct station_udp u = lite(0);
    u.no_checksum = true;
    station_udp(&t, &u);
    CHECK_INT(received, 0);
    CHECK_INT(station_drops(&t, DROP_udplite_zero_checksum), 1);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC3828 3.3] */
UNIT(udplite, receiver_can_ask_for_a_minimum_coverage)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *pcb = bound(7, UDP_FLAGS_UDPLITE);
    pcb->chksum_len_rx = 12;
    for (u16_t coverage = 8; coverage <= 18; coverage++) {
        struct station_udp u = lite(coverage);
        station_udp(&t, &u);
    }
    SHOWS("RQ-3828-08", received == 7 && station_drops(&t, DROP_udplite_low_coverage) == 4);
    struct station_udp u = lite(0);
    station_udp(&t, &u);
    SHOWS("RQ-3828-08", received == 8);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC3828 3.4], [RFC3828 5] */
UNIT(udplite, udp_and_udplite_ports_are_separate)
{
    static struct station t;
    begin(&t);
    struct udp_pcb *udp = bound(7, 0), *light = bound(7, UDP_FLAGS_UDPLITE);
    struct station_udp u = lite(0);
    station_udp(&t, &u);
    CHECK_INT(received, 1);
    CHECK(receiver == light);
    u.proto = 17;
    station_udp(&t, &u);
    CHECK_INT(received, 2);
    CHECK(receiver == udp);
    udp_remove(light);
    u.proto = 136;
    station_udp(&t, &u);
    CHECK_INT(received, 2);
    CHECK_INT(t.count, 1); /* port unreachable */
    CHECK_INT(t.sent[0].bytes[34], 3);
    CHECK_INT(t.sent[0].bytes[35], 3);
    udp_remove(udp);
    station_close(&t);
}

/* [RFC3828 3.1], [RFC3828 3.3]: what cannot be covered is covered in full. */
UNIT(udplite, every_coverage_sent_is_right)
{
    static struct station t;
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct udp_pcb *pcb = bound(7, UDP_FLAGS_UDPLITE | UDP_FLAGS_NOCHKSUM);
    for (u16_t asked = 0; asked <= 30; asked++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 10, PBUF_RAM);
        pbuf_take(p, "0123456789", 10);
        pcb->chksum_len_tx = asked;
        t.count = 0;
        CHECK_INT(udp_sendto(pcb, p, &peer, 9), ERR_OK);
        pbuf_free(p);
        CHECK_INT(t.count, 1);
        const uint8_t *ip = t.sent[0].bytes + 14, *u = ip + 20;
        u16_t covered = asked >= 8 && asked <= 18 ? asked : 18;
        CHECK_INT(ip[9], 136);
        SHOWS("RQ-3828-07", get_be16(u + 4) == (covered == asked ? asked : 0));
        CHECK(get_be16(u + 6) != 0);
        u32_t sum = checksum_pseudo(ip + 12, ip + 16, 136, 18);
        CHECKF(checksum_fold(checksum_add(sum, u, covered)) == 0, "asked for %u", asked);
    }
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udplite, payload_sum_is_used_only_with_full_coverage)
{
    static struct station t;
    ip_addr_t peer = station_addr(PEER_IP);
    begin(&t);
    struct udp_pcb *pcb = bound(7, UDP_FLAGS_UDPLITE);
    static const u16_t asked[] = {0, 12, 18};
    for (size_t i = 0; i < 3; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 10, PBUF_RAM);
        pbuf_take(p, "0123456789", 10);
        uint8_t raw[2];
        put_be16(raw, (u16_t)~checksum_fold(checksum_add(0, "0123456789", 10)));
        u16_t sum;
        memcpy(&sum, raw, 2);
        pcb->chksum_len_tx = asked[i];
        t.count = 0;
        CHECK_INT(udp_sendto_chksum(pcb, p, &peer, 9, 1, sum), ERR_OK);
        pbuf_free(p);
        const uint8_t *ip = t.sent[0].bytes + 14;
        u32_t whole = checksum_pseudo(ip + 12, ip + 16, 136, 18);
        u16_t covered = asked[i] == 0 ? 18 : asked[i];
        CHECKF(checksum_fold(checksum_add(whole, ip + 20, covered)) == 0, "coverage %u", asked[i]);
    }
    udp_remove(pcb);
    station_close(&t);
}
