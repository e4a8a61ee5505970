/* ICMP errors about TCP's segments, forged and true ones [RFC5927], and what they do to the size of
 * packets [RFC1191].
 * [RFC1191 5] [RFC1191 2] [RFC1191 6.5] */
#include "tcp_peer.h"

#include "stack/tcp/sack.h"

#define UNREACHABLE WIRE_ICMP_UNREACHABLE
#define FRAGMENTATION_NEEDED WIRE_ICMP_CODE_FRAGMENTATION_NEEDED

/* ---- Errors ---- */

static void dial(struct tcp_peer *x)
{
    peer_config(x);
    peer_dial(x);
    x->first--; /* offset 0 is the SYN */
}

/* [RFC9293 3.9.1.8 SHLD-20] */
UNIT(tcp_pmtu, reports_can_be_switched_off)
{
    struct tcp_peer x;

    dial(&x);
    peer_quotes(&x, UNREACHABLE, 1, 0, 0, 44);
    CHECK_INT(x.soft, 1);
    tcp_soft_error(x.pcb, NULL);
    peer_quotes(&x, UNREACHABLE, 1, 0, 0, 44);
    SHOWS("RQ-9293-SHLD-20", x.soft == 1);
    tcp_soft_error(x.pcb, peer_soft);
    peer_quotes(&x, UNREACHABLE, 1, 0, 0, 44);
    CHECK_INT(x.soft, 2);
    peer_close(&x);
}

/* [RFC9293 3.9.2.2 MUST-54, SHLD-26] */
UNIT(tcp_pmtu, port_unreachable_ends_an_active_open)
{
    struct tcp_peer x;

    dial(&x);
    peer_run(&x, 20);
    peer_quotes(&x, UNREACHABLE, 3, 0, 0, 44);
    SHOWS("RQ-9293-MUST-54", x.pcb == NULL);
    SHOWS("RQ-9293-SHLD-26", x.gone == ERR_RST);
    CHECK_INT(x.soft, 0);
    CHECK(tcp_active_pcbs == NULL);
    peer_close(&x);
}

UNIT(tcp_pmtu, port_unreachable_ends_a_simultaneous_open)
{
    struct wire_tcp_options none = {0};
    struct tcp_peer x;

    dial(&x);
    peer_send(&x, WIRE_TCP_SYN, PEER_ISS, 0, &none);
    CHECK_INT(x.pcb->state, SYN_RCVD);
    peer_quotes(&x, UNREACHABLE, 3, 0, 0, 44);
    CHECK(x.pcb == NULL);
    CHECK_INT(x.gone, ERR_RST);
    peer_close(&x);
}

UNIT(tcp_pmtu, host_unreachable_does_not_end_an_active_open)
{
    struct tcp_peer x;

    dial(&x);
    peer_quotes(&x, UNREACHABLE, 1, 0, 0, 44);
    CHECK(x.pcb != NULL && x.pcb->state == SYN_SENT);
    CHECK_INT(x.soft, 1);
    peer_run(&x, 3000);
    CHECK_INT(x.t.count, 3); /* the SYN is sent again, after 1 and 2 s */
    peer_close(&x);
}

UNIT(tcp_pmtu, port_unreachable_ends_a_passive_open_in_silence)
{
    struct tcp_peer x;
    struct wire_tcp_options none = {0};

    peer_config(&x);
    station_start(&x.t, STATION_IP);
    x.t.netif.output = peer_output;
    x.t.count = 0;
    struct tcp_pcb *l = tcp_new();
    CHECK_INT(tcp_bind(l, IP_ADDR_ANY, 5000), ERR_OK);
    l = tcp_listen(l);
    tcp_arg(l, &x);
    put_be16(x.t.sent[0].bytes + 20, 5000); /* where peer_send() looks */
    peer_send(&x, WIRE_TCP_SYN, PEER_ISS, 0, &none);
    CHECK_INT(x.t.count, 1);
    CHECK(tcp_active_pcbs != NULL && tcp_active_pcbs->state == SYN_RCVD);
    x.first = get_be32(x.t.sent[0].bytes + 24);
    peer_quotes(&x, UNREACHABLE, 3, 0, 0, 44);
    CHECK(tcp_active_pcbs == NULL);
    CHECK_INT(x.t.count, 1);
    CHECK_INT(tcp_close(l), ERR_OK);
    peer_close(&x);
}

static const struct {
    uint8_t type, code;
} soft[] = {{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 5}, {3, 6}, {3, 7}, {3, 8}, {3, 9}, {3, 10},
            {3, 11}, {3, 12}, {3, 13}, {11, 0}, {11, 1}, {12, 0}};
#define SOFT (sizeof soft / sizeof soft[0])

/* [RFC9293 3.9.1.8 MUST-47] [RFC9293 3.9.2.2 MUST-56, SHLD-25]; nor do the errors that are called
 * hard, once there was an answer [RFC5461 4.1, RFC5927 5.2]. */
UNIT(tcp_pmtu, no_error_ends_a_connection_but_all_are_told)
{
    struct tcp_peer x;

    peer_config(&x);
    peer_open(&x, 20);
    peer_write(&x, 1000);
    for (unsigned i = 0; i < SOFT; i++) {
        peer_quotes(&x, soft[i].type, soft[i].code, 0, 0, 1040);
        CHECKF(x.pcb != NULL, "type %u code %u", soft[i].type, soft[i].code);
        SHOWS("RQ-9293-MUST-47", x.soft == i + 1 && x.soft_err == ERR_RTE &&
                                     x.soft_type == soft[i].type && x.soft_code == soft[i].code);
    }
    struct tcp_info info;
    tcp_info_get(x.pcb, &info);
    SHOWS("RQ-9293-SHLD-25", info.soft_error == ERR_RTE);
    peer_ack(&x, 1000, 0, NULL);
    peer_write(&x, 1000);
    SHOWS("RQ-9293-MUST-56", x.pcb->state == ESTABLISHED && peer_seg(&x, 1).off == 1000);
    peer_close(&x);
}

/* [RFC9293 3.9.2.2 MUST-55] */
UNIT(tcp_pmtu, source_quench_changes_nothing)
{
    struct tcp_peer x;

    peer_config(&x);
    peer_open(&x, 20);
    peer_write(&x, 5000);
    struct tcp_pcb before = *x.pcb;
    peer_quotes(&x, WIRE_ICMP_SOURCE_QUENCH, 0, 0, 0, 1040);
    SHOWS("RQ-9293-MUST-55", !memcmp(&before, x.pcb, sizeof before) && x.t.count == 5);
    CHECK_INT(station_drops(&x.t, DROP_icmp_source_quench), 1);
    CHECK_INT(x.soft, 0);
    peer_close(&x);
}

/* [RFC5927 4.1]: whoever cannot see the segments has to guess one that is in flight. */
UNIT(tcp_pmtu, error_about_what_is_not_in_flight_is_dropped)
{
    static const uint32_t outside[] = {0, 999, 3000, 0x80000000u, 0xffffffffu};
    struct tcp_peer x;

    peer_config(&x);
    x.t.config.lwip_tcp_pmtud = 1;
    peer_open(&x, 20);
    peer_write(&x, 3000);
    peer_run(&x, 20);
    peer_ack(&x, 1000, 0, NULL);
    for (unsigned i = 0; i < 5; i++) {
        peer_quotes(&x, UNREACHABLE, 3, 0, outside[i], 1040);
        peer_quotes(&x, UNREACHABLE, FRAGMENTATION_NEEDED, 600, outside[i], 1040);
        CHECK_INT(station_drops(&x.t, DROP_tcp_error_stray), 2 * i + 2);
    }
    CHECK_INT(x.soft, 0);
    CHECK_INT(x.pcb->mss, 1000);
    peer_quotes(&x, UNREACHABLE, 3, 0, 1000, 1040); /* the first and the last that is */
    peer_quotes(&x, UNREACHABLE, 3, 0, 2999, 1040);
    CHECK_INT(x.soft, 2);
    peer_close(&x);
}

UNIT(tcp_pmtu, error_about_a_connection_that_is_not_there_is_dropped)
{
    struct tcp_peer x;

    peer_config(&x);
    peer_open(&x, 20);
    peer_write(&x, 1000);
    x.t.sent[0].bytes[21] ^= 1; /* our port */
    peer_quotes(&x, UNREACHABLE, 3, 0, 0, 1040);
    CHECK_INT(station_drops(&x.t, DROP_tcp_error_stray), 1);
    CHECK_INT(x.soft, 0);
    peer_close(&x);
}

/* ---- Path MTU ---- */

static void open_wide(struct tcp_peer *x)
{
    peer_config(x);
    x->t.config.lwip_tcp_pmtud = 1;
    x->mss = 1460;
    peer_open(x, 20);
}

static void needs(struct tcp_peer *x, uint16_t mtu, uint32_t off, uint16_t total)
{
    peer_quotes(x, UNREACHABLE, FRAGMENTATION_NEEDED, mtu, off, total);
}

/* [RFC1191 6.4]; the window is the same in segments [RFC5681 3.1] */
UNIT(tcp_pmtu, fragmentation_needed_sends_again_in_smaller_pieces)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 5 * 1460);
    CHECK_INT(x.t.count, 5);
    for (unsigned i = 0; i < 5; i++)
        SHOWS("RQ-1191-07", peer_seg(&x, i).df && peer_seg(&x, i).total == 1500);
    u32_t segments = x.pcb->cwnd / 1460;
    tcpwnd_size_t ssthresh = x.pcb->ssthresh;
    needs(&x, 1000, 0, 1500);
    SHOWS("RQ-1191-01", tcp_mss(x.pcb) == 960);
    CHECK_INT(x.t.count, 6); /* at once, and one of them [RFC1191 6.4] */
    struct peer_seg s = peer_seg(&x, 5);
    SHOWS("RQ-1191-06", s.total == 1000 && s.off == 0 && s.df && s.at == 20);
    SHOWS("RQ-1191-08", x.pcb->cwnd / 960 == segments && x.pcb->ssthresh == ssthresh &&
                            x.pcb->nrtx == 0 && x.pcb->recovery == 0);
    for (unsigned i = 1; i < 5; i++) /* those that were on their way as well */
        needs(&x, 1000, i * 1460, 1500);
    CHECK_INT(x.t.count, 6);
    peer_run(&x, 20);
    peer_ack(&x, 960, 0, NULL);
    uint32_t next = 960;
    for (unsigned i = 6; i < x.t.count; i++) {
        s = peer_seg(&x, i);
        CHECK_INT(s.off, next);
        CHECK(s.total <= 1000);
        next += s.len;
    }
    CHECK_INT(next, 5 * 1460);
    peer_run(&x, 20);
    peer_ack(&x, 5 * 1460, 0, NULL);
    peer_write(&x, 2000);
    CHECK_INT(peer_seg(&x, x.t.count - 3).total, 1000);
    CHECK_INT(x.pcb->ssthresh, ssthresh);
    peer_close(&x);
}

/* Blocks that show the hole which the router made are no sign of congestion either. */
UNIT(tcp_pmtu, small_segments_behind_a_large_one_start_no_recovery)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    for (unsigned i = 0; i < 4; i++)
        peer_write(&x, 100);
    CHECK_INT(x.t.count, 5);
    tcpwnd_size_t ssthresh = x.pcb->ssthresh;
    needs(&x, 1000, 0, 1500);
    peer_run(&x, 20);
    for (unsigned i = 1; i <= 4; i++)
        peer_sack(&x, 0, 1460, 1460 + 100 * i);
    CHECK_INT(x.pcb->recovery, 0);
    CHECK_INT(x.pcb->ssthresh, ssthresh);
    CHECK_INT(x.pcb->lost_bytes, 0); /* both halves have left */
    peer_close(&x);
}

UNIT(tcp_pmtu, what_waits_is_cut_too)
{
    struct tcp_peer x;

    peer_config(&x);
    x.t.config.lwip_tcp_pmtud = 1;
    x.t.config.tcp_iw_segments = 1;
    x.mss = 1460;
    peer_open(&x, 20);
    peer_write(&x, 3 * 1460);
    CHECK_INT(x.t.count, 1);
    needs(&x, 800, 0, 1500);
    peer_run(&x, 20);
    for (unsigned i = 1; i < 20 && x.pcb->unacked != NULL; i++) {
        peer_ack(&x, x.pcb->snd_nxt - x.first, 0, NULL);
        peer_run(&x, 20);
    }
    for (unsigned i = 1; i < x.t.count; i++)
        CHECK(peer_seg(&x, i).total <= 800);
    CHECK_INT(x.pcb->lastack - x.first, 3 * 1460);
    peer_close(&x);
}

static void open_without_sack(struct tcp_peer *x)
{
    peer_config(x);
    x->t.config.lwip_tcp_pmtud = 1;
    x->t.config.lwip_tcp_sack_in = x->t.config.lwip_tcp_sack_out = 0;
    x->mss = 1460;
    peer_open(x, 20);
}

/* Those that a timeout took back for lost were sent: a router may have meant them. */
UNIT(tcp_pmtu, what_waits_to_be_sent_again_is_cut_too)
{
    struct tcp_peer x;

    open_without_sack(&x);
    peer_write(&x, 4 * 1460);
    peer_run(&x, 1000);
    CHECK_INT(x.t.count, 5); /* the first again, by the timer */
    CHECK(x.pcb->unacked->next == NULL && x.pcb->unsent->next->next->next == NULL);
    needs(&x, 1000, 2 * 1460, 1500);
    CHECK_INT(tcp_mss(x.pcb), 960);
    CHECK_INT(x.t.count, 6);
    CHECK(peer_seg(&x, 5).off == 0 && peer_seg(&x, 5).len == 960);
    uint32_t next = 960;
    for (unsigned i = 6; x.pcb->lastack != x.pcb->snd_nxt; i++) {
        CHECK(i < 20);
        peer_run(&x, 20);
        peer_ack(&x, next, 0, NULL);
        for (; i < x.t.count; i++) {
            CHECK_INT(peer_seg(&x, i).off, next);
            CHECK(peer_seg(&x, i).total <= 1000);
            next += peer_seg(&x, i).len;
        }
        i--;
    }
    CHECK_INT(next, 4 * 1460);
    peer_close(&x);
}

/* The first that does not fit leaves at once, though a smaller one waits before it. */
UNIT(tcp_pmtu, what_fits_is_passed_over_and_keeps_its_place)
{
    static const uint16_t written[] = {900, 700, 1460, 1460};
    struct tcp_peer x;

    open_without_sack(&x);
    for (unsigned i = 0; i < 4; i++)
        peer_write(&x, written[i]);
    peer_run(&x, 1000);
    CHECK_INT(x.t.count, 5);
    CHECK_INT(peer_seg(&x, 4).off, 0);
    needs(&x, 1000, 1600 + 1460, 1500);
    CHECK_INT(x.t.count, 6);
    CHECK(peer_seg(&x, 5).off == 1600 && peer_seg(&x, 5).len == 960);
    CHECK_INT(x.pcb->unacked->next->len, 700); /* lost, and in order */
    CHECK(x.pcb->unacked->next->next->len == 960 && x.pcb->unsent->len == 500);
    peer_run(&x, 20);
    peer_ack(&x, 900, 0, NULL);
    CHECK_INT(x.t.count, 7);
    CHECK(peer_seg(&x, 6).off == 900 && peer_seg(&x, 6).len == 700);
    peer_run(&x, 20);
    peer_ack(&x, 2560, 0, NULL);
    CHECK(peer_seg(&x, 7).off == 2560 && peer_seg(&x, 7).len == 500);
    CHECK(peer_seg(&x, 8).off == 3060 && peer_seg(&x, 8).len == 960);
    peer_run(&x, 20);
    peer_ack(&x, 1600 + 2 * 1460, 0, NULL);
    CHECK(x.pcb->unacked == NULL && x.pcb->unsent == NULL);
    peer_close(&x);
}

/* [RFC1191 7.1] */
UNIT(tcp_pmtu, message_without_a_size_means_the_next_plateau)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    needs(&x, 0, 0, 1500);
    SHOWS("RQ-1191-05", peer_seg(&x, 1).total == 1492);
    needs(&x, 0, 0, 1492);
    CHECK_INT(peer_seg(&x, 2).total, 1006);
    needs(&x, 0, 0, 0xffff); /* a router that counts wrongly [RFC1191 5] */
    CHECK_INT(peer_seg(&x, 3).total, 552);
    CHECK(!peer_seg(&x, 3).df); /* 508 is less than what is obeyed */
    peer_close(&x);
}

/* [RFC1191 3]; no link takes less than 68 bytes [RFC791 3.2] */
UNIT(tcp_pmtu, message_that_cannot_be_true_is_ignored)
{
    static const uint16_t wrong[] = {30, 67, 1500, 1501, 9000, 65535};
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    for (unsigned i = 0; i < 6; i++) {
        needs(&x, wrong[i], 0, 1500);
        SHOWS("RQ-1191-02", x.pcb->mss == 1460 && x.t.count == 1);
        SHOWS("RQ-1191-03", x.pcb->mss <= 1460);
    }
    needs(&x, 1400, 0, 1300); /* it fitted */
    CHECK_INT(x.pcb->mss, 1460);
    peer_close(&x);
}

UNIT(tcp_pmtu, tiny_path_gets_packets_that_routers_may_cut)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    needs(&x, 68, 0, 1500);
    CHECK_INT(x.t.count, 2);
    CHECK_INT(peer_seg(&x, 1).total, 552);
    CHECK(!peer_seg(&x, 1).df);
    needs(&x, 68, 0, 552);
    CHECK_INT(x.t.count, 2);
    peer_close(&x);
}

UNIT(tcp_pmtu, without_discovery_nothing_has_df_and_messages_are_ignored)
{
    struct tcp_peer x;

    peer_config(&x);
    peer_open(&x, 20);
    peer_write(&x, 1000);
    CHECK(!peer_seg(&x, 0).df);
    needs(&x, 600, 0, 1040);
    CHECK_INT(x.pcb->mss, 1000);
    CHECK_INT(x.t.count, 1);
    peer_close(&x);
}

/* [RFC5927 7.2]: packets of this size came through; that none does any more is believed when one
 * is really lost. */
UNIT(tcp_pmtu, size_that_came_through_is_given_up_after_a_loss_only)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    peer_run(&x, 20);
    peer_ack(&x, 1460, 0, NULL);
    peer_write(&x, 1460);
    needs(&x, 1000, 1460, 1500);
    CHECK_INT(x.pcb->mss, 1460);
    CHECK_INT(x.t.count, 2);
    peer_run(&x, x.pcb->rto_ms);
    CHECK_INT(x.t.count, 3);
    CHECK_INT(peer_seg(&x, 2).total, 1000);
    CHECK_INT(peer_seg(&x, 2).off, 1460);
    peer_close(&x);
}

UNIT(tcp_pmtu, doubtful_message_is_forgotten_when_its_segment_arrives)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    peer_run(&x, 20);
    peer_ack(&x, 1460, 0, NULL);
    peer_write(&x, 1460);
    needs(&x, 1000, 1460, 1500);
    peer_run(&x, 20);
    peer_ack(&x, 2920, 0, NULL);
    peer_write(&x, 1460);
    peer_run(&x, x.pcb->rto_ms);
    CHECK_INT(x.t.count, 4);
    CHECK_INT(peer_seg(&x, 3).total, 1500);
    needs(&x, 1000, 2920, 1500); /* this one has been sent twice: believed */
    CHECK_INT(x.t.count, 5);
    CHECK_INT(peer_seg(&x, 4).total, 1000);
    peer_close(&x);
}

/* [RFC1191 6.3] */
UNIT(tcp_pmtu, larger_packets_are_tried_after_ten_minutes)
{
    struct tcp_peer x;

    open_wide(&x);
    peer_write(&x, 1460);
    needs(&x, 1000, 0, 1500);
    peer_run(&x, 20);
    peer_ack(&x, 1460, 0, NULL);
    peer_until(&x, 20 + 599999);
    x.t.count = 0;
    peer_write(&x, 1460);
    CHECK_INT(x.t.count, 2);
    SHOWS("RQ-1191-04", peer_seg(&x, 0).total == 1000);
    peer_ack(&x, 2920, 0, NULL);
    peer_run(&x, 1);
    x.t.count = 0;
    peer_write(&x, 1460);
    CHECK_INT(x.t.count, 1);
    SHOWS("RQ-1191-04", peer_seg(&x, 0).total == 1500);
    peer_close(&x);
}
