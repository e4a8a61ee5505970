/* RACK-TLP [RFC8985] against a scripted peer: what is sent again, in which millisecond, and what is
 * not. The handshake takes 20 ms in all tests but the last: SRTT 20, window 5, PTO 40. */
#include "tcp_peer.h"

#include "stack/tcp/recover.h"

#define RTT 20u

static void begin(struct tcp_peer *x)
{
    peer_config(x);
    x->t.config.lwip_tcp_rack = 1;
}

/* Connected at 20 ms, and `segments` of 1000 bytes have left. */
static void flight(struct tcp_peer *x, unsigned segments)
{
    peer_open(x, RTT);
    peer_write(x, (uint16_t)(1000 * segments));
    CHECK_INT(x->t.count, LWIP_MIN(segments, x->t.config.tcp_iw_segments));
}

static void left(struct tcp_peer *x, unsigned i, uint32_t at, uint32_t off)
{
    struct peer_seg s = peer_seg(x, i);

    CHECK_INT(s.at, at);
    CHECK_INT(s.off, off);
    CHECK_INT(s.len, 1000);
}

/* ---- Reordering ---- */

UNIT(tcp_rack, one_late_segment_causes_nothing)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_run(&x, 4);
    peer_ack(&x, 2000, 0, NULL);
    peer_run(&x, 10);
    CHECK_INT(x.t.count, 4);
    CHECK(x.pcb->marks & TM_REORDERED);
    CHECK_INT(x.pcb->ssthresh, x.t.config.tcp_snd_buf);
    peer_close(&x);
}

UNIT(tcp_rack, one_segment_after_two_others_causes_nothing)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_sack(&x, 0, 1000, 3000);
    peer_run(&x, 4);
    peer_ack(&x, 3000, 0, NULL);
    peer_run(&x, 10);
    CHECK_INT(x.t.count, 4);
    peer_close(&x);
}

/* Three is what classic TCP takes for a loss; RACK as well until it has seen reordering
 * [RFC8985 6.2]. */
UNIT(tcp_rack, after_reordering_three_others_cause_nothing_either)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 8);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_ack(&x, 2000, 0, NULL);
    peer_sack(&x, 2000, 3000, 4000);
    peer_sack(&x, 2000, 3000, 5000);
    peer_sack(&x, 2000, 3000, 6000);
    peer_run(&x, 4);
    CHECK_INT(x.t.count, 8);
    peer_ack(&x, 6000, 0, NULL);
    peer_run(&x, 30);
    CHECK_INT(x.t.count, 8);
    CHECK_INT(x.pcb->recovery, 0);
    peer_close(&x);
}

UNIT(tcp_rack, before_reordering_three_others_are_a_loss_at_once)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_sack(&x, 0, 1000, 3000);
    CHECK_INT(x.t.count, 4);
    peer_sack(&x, 0, 1000, 4000);
    CHECK_INT(x.t.count, 5);
    left(&x, 4, 2 * RTT, 0);
    peer_close(&x);
}

/* An ACK of several segments that were in order, and a block above a hole: no reordering. */
UNIT(tcp_rack, late_news_of_segments_in_order_is_no_reordering)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 6);
    peer_run(&x, RTT);
    peer_sack(&x, 3000, 4000, 5000);
    CHECK((x.pcb->marks & TM_REORDERED) == 0);
    peer_close(&x);
}

/* ---- Loss ---- */

/* [RFC8985 6.2], step 5 */
UNIT(tcp_rack, gap_is_a_loss_a_quarter_of_the_round_trip_later)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_run(&x, 4);
    CHECK_INT(x.t.count, 4);
    peer_run(&x, 1);
    CHECK_INT(x.t.count, 5);
    left(&x, 4, 2 * RTT + 5, 0);
    CHECK(!strcmp(tcp_recovery_name(x.pcb), "sack"));
    CHECK_INT(x.pcb->ssthresh, 2000);
    peer_close(&x);
}

/* The original came after all, 1 ms after the copy had left: that is no round trip. */
UNIT(tcp_rack, ack_that_is_too_early_for_the_copy_measures_nothing)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_run(&x, 6);
    CHECK_INT(x.t.count, 5);
    peer_ack(&x, 2000, 0, NULL);
    CHECK_INT(x.pcb->rack_rtt_ms, RTT);
    CHECK_INT(x.pcb->rack_order, 3); /* behind the SYN the second of five transmissions */
    peer_close(&x);
}

/* A round trip after the retransmission something sent after it is acknowledged; it is not. */
UNIT(tcp_rack, lost_retransmission_is_found_without_a_timeout)
{
    struct tcp_peer x;
    const uint32_t both[] = {10000, 11000, 1000, 10000};

    begin(&x);
    flight(&x, 12);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 4000);
    CHECK_INT(x.t.count, 11);
    left(&x, 10, 40, 0);
    peer_run(&x, 2);
    peer_sack(&x, 0, 1000, 10000);
    CHECK(x.t.count >= 12);
    left(&x, 11, 42, 10000);
    unsigned before = x.t.count;
    peer_run(&x, 20);
    CHECK_INT(x.t.count, before);
    peer_ack(&x, 0, 2, both);
    CHECK_INT(x.t.count, before + 1);
    left(&x, before, 62, 0);
    CHECK_INT(x.pcb->nrtx, 0);
    peer_close(&x);
}

/* [RFC8985 6.3]: SACK blocks outlive a timeout, and only what is late is sent again. */
UNIT(tcp_rack, timeout_sends_only_what_has_not_arrived)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 3);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_until(&x, 45); /* 0 was lost, and is lost again */
    CHECK_INT(x.t.count, 4);
    x.t.count = 0;
    peer_until(&x, 2000);
    left(&x, x.t.count - 1, x.t.sent[x.t.count - 1].at, 0);
    x.t.count = 0;
    peer_ack(&x, 1000, 0, NULL); /* the block is not repeated, and has not been forgotten */
    CHECK_INT(x.t.count, 1);
    left(&x, 0, 2000, 2000);
    peer_close(&x);
}

/* ---- Widening by D-SACK ---- */

UNIT(tcp_rack, dsack_widens_the_window_by_a_quarter_round_trip)
{
    struct tcp_peer x;
    const uint32_t dsack[] = {0, 1000};

    begin(&x);
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_run(&x, 5); /* sent again: in vain */
    CHECK_INT(x.t.count, 5);
    peer_ack(&x, 4000, 0, NULL);
    CHECK_INT(x.pcb->rack_reo_mult, 1);
    peer_run(&x, RTT);
    peer_write(&x, 2000);
    peer_ack(&x, 4000, 1, dsack);
    peer_ack(&x, 4000, 1, dsack); /* the same round: no more */
    CHECK_INT(x.pcb->rack_reo_mult, 2);
    CHECK_INT(x.t.count, 7);
    peer_run(&x, RTT);
    peer_sack(&x, 4000, 5000, 6000);
    peer_run(&x, RTT);
    CHECK_INT(x.t.count, 8);
    left(&x, 7, 65 + RTT + 10, 4000);
    peer_close(&x);
}

/* ---- Tail loss probes ---- */

/* [RFC8985 7.2] */
UNIT(tcp_rack, lost_tail_is_probed_after_two_round_trips)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 5);
    peer_run(&x, RTT);
    peer_ack(&x, 3000, 0, NULL);
    peer_run(&x, 39);
    CHECK_INT(x.t.count, 5);
    peer_run(&x, 1);
    CHECK_INT(x.t.count, 6);
    left(&x, 5, 80, 4000); /* the last one */
    peer_run(&x, RTT);
    peer_sack(&x, 3000, 4000, 5000);
    CHECK_INT(x.t.count, 7); /* which tells of the one before */
    left(&x, 6, 100, 3000);
    CHECK_INT(x.pcb->nrtx, 0);
    peer_close(&x);
}

UNIT(tcp_rack, lone_segment_has_time_for_a_delayed_ack)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 1);
    peer_run(&x, 239);
    CHECK_INT(x.t.count, 1);
    peer_run(&x, 1);
    CHECK_INT(x.t.count, 2);
    left(&x, 1, 20 + 40 + 200, 0);
    /* one probe, then the timer, counted from the probe on [RFC8985 7.3] */
    CHECK_INT(x.pcb->timer_ms[TCP_TIMER_REXMIT] - tcp_now(), x.pcb->rto_ms);
    peer_write(&x, 1000);
    CHECK((x.pcb->timers & (1u << TCP_TIMER_LOSS)) == 0);
    peer_close(&x);
}

/* [RFC8985 7.2, 7.3] */
UNIT(tcp_rack, probe_is_new_data_where_there_is_some)
{
    struct tcp_peer x;

    begin(&x);
    x.t.config.tcp_iw_segments = 2;
    flight(&x, 3);
    peer_run(&x, 40);
    CHECK_INT(x.t.count, 3);
    left(&x, 2, 60, 2000);
    peer_run(&x, RTT);
    peer_ack(&x, 3000, 0, NULL);
    CHECK((x.pcb->marks & TM_TLP) == 0);
    CHECK_INT(x.pcb->ssthresh, x.t.config.tcp_snd_buf); /* nothing was lost */
    peer_close(&x);
}

/* [RFC8985 7.4]: the probe arrived, and nobody says that it came twice: the original was lost. */
static void probe_and_ack(struct tcp_peer *x)
{
    flight(x, 1);
    peer_run(x, 240);
    CHECK_INT(x->t.count, 2);
    peer_run(x, RTT);
}

UNIT(tcp_rack, loss_that_the_probe_repaired_shrinks_the_window)
{
    struct tcp_peer x;

    begin(&x);
    probe_and_ack(&x);
    peer_ack(&x, 1000, 0, NULL);
    CHECK_INT(x.pcb->ssthresh, x.t.config.tcp_snd_buf);
    peer_write(&x, 1000);
    peer_run(&x, RTT);
    peer_ack(&x, 2000, 0, NULL);
    CHECK_INT(x.pcb->ssthresh, 2000);
    CHECK((x.pcb->marks & TM_TLP) == 0);
    peer_close(&x);
}

UNIT(tcp_rack, dsack_of_the_probe_leaves_the_window)
{
    struct tcp_peer x;
    const uint32_t dsack[] = {0, 1000};

    begin(&x);
    probe_and_ack(&x);
    peer_ack(&x, 1000, 0, NULL);
    peer_ack(&x, 1000, 1, dsack);
    CHECK((x.pcb->marks & TM_TLP) == 0);
    peer_write(&x, 1000);
    peer_run(&x, RTT);
    peer_ack(&x, 2000, 0, NULL);
    CHECK_INT(x.pcb->ssthresh, x.t.config.tcp_snd_buf);
    peer_close(&x);
}

UNIT(tcp_rack, two_acks_of_the_probe_leave_the_window)
{
    struct tcp_peer x;

    begin(&x);
    probe_and_ack(&x);
    peer_ack(&x, 1000, 0, NULL);
    CHECK(x.pcb->marks & TM_TLP);
    peer_ack(&x, 1000, 0, NULL);
    CHECK((x.pcb->marks & TM_TLP) == 0);
    CHECK_INT(x.pcb->ssthresh, x.t.config.tcp_snd_buf);
    peer_close(&x);
}

/* On a slow path 2 * SRTT lies behind the timeout: the probe comes first all the same. */
UNIT(tcp_rack, probe_comes_before_the_retransmission_timer)
{
    struct tcp_peer x;

    begin(&x);
    x.t.config.tcp_rto_init_ms = 3000;
    peer_open(&x, 900);
    x.pcb->rttvar4 = 100; /* as after many equal samples */
    x.pcb->rto_ms = 1000;
    peer_write(&x, 2000);
    peer_run(&x, 998);
    CHECK_INT(x.t.count, 2);
    peer_run(&x, 1);
    CHECK_INT(x.t.count, 3);
    left(&x, 2, 900 + 999, 1000);
    CHECK_INT(x.pcb->nrtx, 0);
    peer_run(&x, 999);
    CHECK_INT(x.t.count, 3);
    peer_run(&x, 1);
    CHECK_INT(x.t.count, 4);
    left(&x, 3, 900 + 1999, 0);
    CHECK_INT(x.pcb->nrtx, 1);
    peer_close(&x);
}

/* [RFC8985 7.1]: recovery takes over from a probe that is out. */
UNIT(tcp_rack, recovery_ends_the_watch_over_a_probe)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 5);
    peer_run(&x, RTT);
    peer_ack(&x, 3000, 0, NULL);
    peer_run(&x, 40);
    CHECK(x.pcb->marks & TM_TLP);
    peer_run(&x, RTT);
    peer_sack(&x, 3000, 4000, 5000);
    CHECK_INT(x.pcb->recovery, TCP_RECOVERY_SACK);
    tcpwnd_size_t ssthresh = x.pcb->ssthresh;
    peer_run(&x, RTT);
    peer_ack(&x, 5000, 0, NULL);
    CHECK((x.pcb->marks & TM_TLP) == 0);
    CHECK_INT(x.pcb->recovery, TCP_RECOVERY_NONE);
    CHECK_INT(x.pcb->ssthresh, ssthresh); /* one reduction, not two */
    peer_close(&x);
}

/* [RFC6582 3.2 (1)], [RFC6675 5]: the recovery point is just short of 2 GB behind, and the next
 * but one makes it more, so that it would compare as ahead: loss is found all the same. */
UNIT(tcp_rack, two_gigabytes_without_loss_leave_the_recovery_point_behind)
{
    struct tcp_peer x;

    begin(&x);
    flight(&x, 6);
    x.pcb->recover = x.pcb->reduced_upto = x.pcb->lastack - 0x7ffff900u;
    peer_run(&x, RTT);
    peer_ack(&x, 1000, 0, NULL);
    peer_ack(&x, 2000, 0, NULL);
    peer_sack(&x, 2000, 3000, 6000);
    CHECK_INT(x.pcb->recovery, TCP_RECOVERY_SACK);
    CHECK_INT(x.pcb->ssthresh, 2000);
    peer_close(&x);
}

UNIT(tcp_rack, off_means_no_timer_and_three_duplicates)
{
    struct tcp_peer x;

    begin(&x);
    x.t.config.lwip_tcp_rack = 0;
    flight(&x, 4);
    peer_run(&x, RTT);
    peer_sack(&x, 0, 1000, 2000);
    peer_run(&x, 500);
    CHECK_INT(x.t.count, 4);
    CHECK((x.pcb->timers & (1u << TCP_TIMER_LOSS)) == 0);
    peer_close(&x);
}
