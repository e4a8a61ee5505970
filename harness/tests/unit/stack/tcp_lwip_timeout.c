/* tcp_lwip_timeout.c: the queues after a retransmission timeout, as lwIP's users look at them: what
 * was sent once and is taken for lost waits on `unsent`, but for the first (tcp_lwip.h).
 *
 * Runs on every build. */
#include "tcp_lwip.h"

#include "stack/core/alloc_fault.h"

#define PLAIN 6510u
#define WRAPS (0xffffff00u - 2 * MSS) /* within the third segment */

static unsigned ticks_to_timeout(void)
{
    unsigned n = 0;

    lw_forget();
    while (lw.calls == 0 && n < 400) {
        tcp_tmr();
        n++;
    }
    return n;
}

/* n segments are in flight; the timer has expired. */
static struct tcp_pcb *timed_out(u32_t first, unsigned n)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(first, TCP_WND);
    pcb->cwnd = pcb->snd_wnd;
    lw_write(pcb, n);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, n);
    CHECK(pcb->unsent == NULL);
    lw_check_queue(pcb->unacked, n, first, MSS);
    (void)ticks_to_timeout();
    CHECK_INT(lw.calls, 1);
    lw_check_queue(pcb->unacked, 1, first, MSS);
    lw_check_queue(pcb->unsent, n - 1, first + MSS, MSS);
    return pcb;
}

/* Segment i of the data leaves as the frame that is number `call` since lw_forget(). */
static void check_frame(unsigned call, u32_t first, unsigned i)
{
    CHECK_INT(lw_sent_seq(call), first + i * MSS);
    CHECK_INT(lw_sent_len(call), HEADERS + MSS);
    CHECK_MEM(lw.last[call % KEPT] + HEADERS, lw.data + i * MSS, MSS);
}

static void ack(struct tcp_pcb *pcb, u32_t bytes)
{
    lw_forget();
    lw_input(lw_segment(pcb, "", 0, 0, bytes, TCP_ACK));
    support_check(&lw.s);
}

static void ack_with_window(struct tcp_pcb *pcb, u32_t bytes, u32_t window)
{
    lw_forget();
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + bytes,
                           TCP_ACK, (u16_t)window));
    support_check(&lw.s);
}

static void check_all_acked(const struct tcp_pcb *pcb, u32_t end)
{
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL);
    CHECK_INT(pcb->lastack, end);
    CHECK_INT(pcb->snd_buf, 12 * MSS);
    CHECK_INT(pcb->snd_queuelen, 0);
    CHECK(!LW_IN_RTO(pcb));
    CHECK(!LW_REXMIT_RUNS(pcb));
    LW_USED(MEMP_TCP_SEG, 0);
}

/* ---- The timer expires ---- */

static void all_leave_again(u32_t first)
{
    struct tcp_pcb *pcb = timed_out(first, 8);
    u16_t pbufs = pcb->snd_queuelen;

    check_frame(0, first, 0);
    CHECK_INT(pcb->cwnd, MSS);
    CHECK_INT(pcb->nrtx, 1);
    CHECK(pcb->snd_nxt == first + 8 * MSS && LW_RTO_END(pcb) == pcb->snd_nxt);
    CHECK(LW_IN_RTO(pcb));
    support_check(&lw.s);

    lw_forget();
    pcb->cwnd = pcb->snd_wnd;
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 7);
    for (unsigned i = 1; i < 8; i++)
        check_frame(i - 1, first, i);
    CHECK(pcb->unsent == NULL);
    lw_check_queue(pcb->unacked, 8, first, MSS);
    CHECK(pcb->snd_nxt == first + 8 * MSS && pcb->snd_queuelen == pbufs);
    support_check(&lw.s);

    lw_forget();
    lw_write(pcb, 1); /* new data goes behind it */
    lw_check_queue(pcb->unsent, 1, first + 8 * MSS, MSS);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_check_queue(pcb->unacked, 9, first, MSS);
    ack(pcb, 9 * MSS);
    CHECK_INT(lw.sent_bytes, 9 * MSS);
    check_all_acked(pcb, first + 9 * MSS);
    CHECK(!LW_MEASURED(pcb)); /* Karn: nothing that was sent twice is measured [RFC6298 3] */
    lw_down();
}

UNIT(tcp_lwip_timeout, all_but_the_first_wait_on_unsent_and_leave_in_order)
{
    all_leave_again(PLAIN);
}

UNIT(tcp_lwip_timeout, all_but_the_first_wait_on_unsent_and_leave_in_order_across_the_wrap)
{
    all_leave_again(WRAPS);
}

/* The first slow tick at or after LWIP_TCP_RTO_TIME; a slow one comes with each second call. */
UNIT(tcp_lwip_timeout, comes_after_the_time_of_the_option)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(PLAIN, 4 * MSS);
    u32_t ticks = tcp_ticks;
    CHECK_INT(pcb->rto_ms, LWIP_TCP_RTO_TIME);
    lw_write(pcb, 2);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    unsigned n = ticks_to_timeout();
    CHECK_INT(n, (LWIP_TCP_RTO_TIME + TCP_SLOW_INTERVAL - 1) / TCP_SLOW_INTERVAL * 2);
    CHECK_INT(tcp_ticks - ticks, LWIP_TCP_MIRRORS ? n / 2 : 0);
    lw_down();
}

UNIT(tcp_lwip_timeout, again_takes_back_what_had_left_meanwhile)
{
    struct tcp_pcb *pcb = timed_out(WRAPS, 5);

    ack(pcb, MSS); /* slow start: two leave */
    CHECK_INT(lw.calls, 2);
    check_frame(0, WRAPS, 1);
    check_frame(1, WRAPS, 2);
    lw_check_queue(pcb->unacked, 2, WRAPS + MSS, MSS);
    lw_check_queue(pcb->unsent, 2, WRAPS + 3 * MSS, MSS);
    CHECK_INT(tcp_write(pcb, lw.data + 5 * MSS, 2 * MSS, TCP_WRITE_FLAG_COPY), ERR_OK);
    lw_check_queue(pcb->unsent, 4, WRAPS + 3 * MSS, MSS);

    (void)ticks_to_timeout();
    CHECK_INT(lw.calls, 1);
    check_frame(0, WRAPS, 1);
    lw_check_queue(pcb->unacked, 1, WRAPS + MSS, MSS);
    lw_check_queue(pcb->unsent, 5, WRAPS + 2 * MSS, MSS);
    CHECK(pcb->snd_nxt == WRAPS + 5 * MSS && LW_RTO_END(pcb) == pcb->snd_nxt);
    support_check(&lw.s);
    (void)ticks_to_timeout();
    CHECK(lw.calls == 1 && pcb->nrtx == 2);
    check_frame(0, WRAPS, 1);

    lw_forget();
    pcb->cwnd = pcb->snd_wnd;
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK(lw.calls == 5 && pcb->unsent == NULL);
    for (unsigned i = 2; i < 7; i++)
        check_frame(i - 2, WRAPS, i);
    lw_check_queue(pcb->unacked, 6, WRAPS + MSS, MSS);
    (void)ticks_to_timeout(); /* what was new then is taken back, too */
    lw_check_queue(pcb->unacked, 1, WRAPS + MSS, MSS);
    lw_check_queue(pcb->unsent, 5, WRAPS + 2 * MSS, MSS);
    CHECK_INT(LW_RTO_END(pcb), WRAPS + 7 * MSS);
    ack(pcb, 6 * MSS);
    check_all_acked(pcb, WRAPS + 7 * MSS);
    lw_down();
}

/* A header for each transmission: without memory for it nothing leaves. */
UNIT(tcp_lwip_timeout, that_cannot_send_leaves_the_queues_in_order)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(PLAIN, 8 * MSS);
    lw_write(pcb, 4);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_forget();
    alloc_fault_arm_run(1, 1000);
    for (unsigned n = 0; !LW_IN_RTO(pcb) && n < 40; n++)
        tcp_tmr();
    CHECK(alloc_fault_failed() != 0);
    CHECK_INT(lw.calls, 0);
    lw_check_queue(pcb->unacked, 1, PLAIN, MSS);
    lw_check_queue(pcb->unsent, 3, PLAIN + MSS, MSS);
    support_check(&lw.s);
    pcb->cwnd = pcb->snd_wnd;
    alloc_fault_arm_run(3, 1000);
    CHECK_INT(tcp_output(pcb), ERR_MEM);
    CHECK_INT(lw.calls, 2);
    check_frame(0, PLAIN, 0);
    check_frame(1, PLAIN, 1);
    lw_check_queue(pcb->unacked, 2, PLAIN, MSS);
    lw_check_queue(pcb->unsent, 2, PLAIN + 2 * MSS, MSS);
    support_check(&lw.s);
    alloc_fault_arm(0);
    lw_forget();
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 2);
    check_frame(0, PLAIN, 2);
    check_frame(1, PLAIN, 3);
    ack(pcb, 4 * MSS);
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL && pcb->snd_queuelen == 0);
    lw_down();
}

/* ---- ACKs of what waits ---- */

UNIT(tcp_lwip_timeout, ack_frees_what_it_covers_on_either_queue)
{
    struct tcp_pcb *pcb = timed_out(WRAPS, 8);
    u16_t pbufs = (u16_t)(pcb->snd_queuelen / 8);
    const u32_t left = TCP_TRIM_ACKED ? 1 : MSS; /* of a segment but for its last byte */

    ack(pcb, 3 * MSS);
    CHECK(lw.sent_bytes == 3 * MSS && pcb->lastack == WRAPS + 3 * MSS);
    CHECK_INT(pcb->snd_buf, 12 * MSS - 5 * MSS);
    CHECK_INT(pcb->snd_queuelen, 5 * pbufs);
    CHECK_INT(pcb->cwnd, 2 * MSS);
    CHECK_INT(lw.calls, 2);
    check_frame(0, WRAPS, 3);
    check_frame(1, WRAPS, 4);
    lw_check_queue(pcb->unacked, 2, WRAPS + 3 * MSS, MSS);
    lw_check_queue(pcb->unsent, 3, WRAPS + 5 * MSS, MSS);
    ack(pcb, 5 * MSS - 1); /* all but the last byte: had the peer had them after all? */
    CHECK(LW_IN_RTO(pcb) && pcb->snd_nxt == WRAPS + 8 * MSS);
    CHECK_INT(lw.calls, 1);
    CHECK_INT(lw_sent_len(0), HEADERS + left);
    CHECK_INT(lw_sent_seq(0), WRAPS + 8 * MSS - left);
    CHECK_MEM(lw.last[0] + HEADERS, lw.data + 8 * MSS - left, left);
    CHECK(pcb->unsent == NULL && pcb->unacked != NULL && pcb->unacked->next == NULL);
    ack(pcb, 1);
    check_all_acked(pcb, WRAPS + 8 * MSS);
    lw_down();
}

UNIT(tcp_lwip_timeout, ack_of_everything_empties_both_queues)
{
    struct tcp_pcb *pcb = timed_out(PLAIN, 6);

    ack(pcb, 6 * MSS);
    CHECK_INT(lw.sent_bytes, 6 * MSS);
    check_all_acked(pcb, PLAIN + 6 * MSS);
    lw_forget();
    pcb->cwnd = pcb->snd_wnd;
    lw_write(pcb, 2);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_check_queue(pcb->unacked, 2, PLAIN + 6 * MSS, MSS);
    lw_down();
}

UNIT(tcp_lwip_timeout, duplicate_acks_send_nothing_and_change_nothing)
{
    struct tcp_pcb *pcb = timed_out(WRAPS, 6);

    for (unsigned i = 0; i < 5; i++) {
        ack(pcb, 0);
        CHECK_INT(lw.calls, 0);
        lw_check_queue(pcb->unacked, 1, WRAPS, MSS);
        lw_check_queue(pcb->unsent, 5, WRAPS + MSS, MSS);
    }
    CHECK(LW_IN_RTO(pcb) && (pcb->flags & TF_INFR) == 0 && pcb->cwnd == MSS);
    ack(pcb, 2 * MSS);
    CHECK_INT(lw.calls, 2);
    ack(pcb, 0); /* of part of it */
    ack(pcb, 0);
    ack(pcb, 0);
    CHECK(lw.calls == 0 && LW_IN_RTO(pcb) && (pcb->flags & TF_INFR) == 0);
    lw_check_queue(pcb->unacked, 2, WRAPS + 2 * MSS, MSS);
    lw_check_queue(pcb->unsent, 2, WRAPS + 4 * MSS, MSS);
    ack(pcb, 3 * MSS);
    CHECK(LW_IN_RTO(pcb));
    ack(pcb, MSS); /* rto_end */
    check_all_acked(pcb, WRAPS + 6 * MSS);
    lw_down();
}

/* A hole in what the peer sends is told of without data before new data [RFC5681 2]; what is sent
 * again carries the ACK as it did before it waited. */
UNIT(tcp_lwip_timeout, what_waits_carries_the_ack_of_a_hole)
{
    struct tcp_pcb *pcb = timed_out(PLAIN, 4);

    lw_forget();
    lw_input(lw_segment(pcb, lw.data, 100, 100, MSS, TCP_ACK));
    CHECK_INT(lw.calls, 2);
    check_frame(0, PLAIN, 1);
    check_frame(1, PLAIN, 2);
    lw_down();
}

/* ---- What was sent stays as it was ---- */

static struct tcp_pcb *short_one_timed_out(void)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(WRAPS, 8 * MSS);
    CHECK_INT(tcp_write(pcb, lw.data, (u16_t)(2 * MSS + 100), TCP_WRITE_FLAG_COPY), ERR_OK);
    tcp_nagle_disable(pcb);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 3);
    (void)ticks_to_timeout();
    lw_check_queue(pcb->unacked, 1, WRAPS, MSS);
    lw_check_queue(pcb->unsent, 2, WRAPS + MSS, MSS);
    return pcb;
}

UNIT(tcp_lwip_timeout, neither_data_nor_a_fin_is_put_on_what_was_sent)
{
    struct tcp_pcb *pcb = short_one_timed_out();

    CHECK_INT(tcp_write(pcb, lw.data + 2 * MSS + 100, 50, TCP_WRITE_FLAG_COPY), ERR_OK);
    lw_check_queue(pcb->unsent->next->next, 1, WRAPS + 2 * MSS + 100, 0);
    CHECK_INT(tcp_write(pcb, lw.data + 2 * MSS + 150, 10, 0), ERR_OK); /* that one may grow */
    CHECK(pcb->unsent->next->len == 100 && pcb->unsent->next->next->len == 60);
    CHECK_INT(tcp_shutdown(pcb, 0, 1), ERR_OK);
    CHECK_INT(pcb->state, FIN_WAIT_1);
    lw_forget();
    pcb->cwnd = pcb->snd_wnd;
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 3);
    check_frame(0, WRAPS, 1);
    CHECK(lw_sent_len(1) == HEADERS + 100 && (lw.last[1][33] & TCP_FIN) == 0);
    CHECK(lw_sent_len(2) == HEADERS + 60 && (lw.last[2][33] & TCP_FIN) != 0);
    CHECK_MEM(lw.last[2] + HEADERS, lw.data + 2 * MSS + 100, 60);
    ack(pcb, 2 * MSS + 161);
    CHECK_INT(pcb->state, FIN_WAIT_2);
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL && pcb->snd_queuelen == 0);
    lw_down();
}

UNIT(tcp_lwip_timeout, a_fin_alone_goes_behind_what_waits_and_waits_itself)
{
    struct tcp_pcb *pcb = short_one_timed_out();

    CHECK_INT(tcp_shutdown(pcb, 0, 1), ERR_OK);
    lw_forget();
    pcb->cwnd = pcb->snd_wnd;
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 3);
    CHECK(lw_sent_len(1) == HEADERS + 100 && (lw.last[1][33] & TCP_FIN) == 0);
    CHECK(lw_sent_len(2) == HEADERS && (lw.last[2][33] & TCP_FIN) != 0);
    (void)ticks_to_timeout(); /* the FIN goes back to unsent with the rest */
    CHECK_INT(lw.calls, 1);
    lw_check_queue(pcb->unacked, 1, WRAPS, MSS);
    CHECK_INT(pcb->unsent->next->next->ctl, TCP_FIN);
    support_check(&lw.s);
    ack(pcb, 2 * MSS + 100); /* all but the FIN: it leaves */
    CHECK(pcb->state == FIN_WAIT_1 && lw.calls == 1 && (lw.last[0][33] & TCP_FIN) != 0);
    CHECK_INT(lw_sent_seq(0), WRAPS + 2 * MSS + 100);
    (void)ticks_to_timeout();
    ack(pcb, 1);
    CHECK_INT(pcb->state, FIN_WAIT_2);
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL);
    lw_down();
}

UNIT(tcp_lwip_timeout, the_peer_may_have_had_the_fin_already)
{
    struct tcp_pcb *pcb = short_one_timed_out();

    CHECK_INT(tcp_close(pcb), ERR_OK);
    pcb->cwnd = pcb->snd_wnd;
    CHECK_INT(tcp_output(pcb), ERR_OK);
    (void)ticks_to_timeout();
    ack(pcb, 2 * MSS + 101);
    CHECK_INT(pcb->state, FIN_WAIT_2);
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL && pcb->snd_queuelen == 0);
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK | TCP_FIN));
    CHECK(tcp_active_pcbs == NULL && tcp_tw_pcbs == pcb);
    lw_down();
}

UNIT(tcp_lwip_timeout, a_connection_that_is_aborted_gives_both_queues_back)
{
    struct tcp_pcb *pcb = timed_out(PLAIN, 6);

    LW_USED(MEMP_TCP_SEG, 6);
    tcp_abort(pcb);
    CHECK(lw.err_calls == 1 && lw.last_err == ERR_ABRT);
    LW_USED(MEMP_TCP_SEG, 0);
    CHECK_INT(lw_sent_seq(1), PLAIN + 6 * MSS); /* the RST: SND.NXT is where it was */
    CHECK((lw.last[1][33] & TCP_RST) != 0);
    lw_down();
}

/* ---- The window closes over what waits ---- */

UNIT(tcp_lwip_timeout, a_closed_window_is_probed_and_then_what_waits_leaves) /* [RFC9293 3.8.6.1] */
{
    struct tcp_pcb *pcb = timed_out(WRAPS, 6);

    ack_with_window(pcb, MSS, 0);
    CHECK_INT(lw.calls, 0);
    CHECK(pcb->unacked == NULL && LW_REXMIT_RUNS(pcb)); /* it is outstanding: that timer goes on */
    lw_check_queue(pcb->unsent, 5, WRAPS + MSS, MSS);
    for (unsigned i = 0; i < 3; i++) {
        (void)ticks_to_timeout();
        CHECK_INT(lw.calls, 1);
        CHECK_INT(lw_sent_len(0), HEADERS); /* below the window: it has to be answered */
        CHECK_INT(lw_sent_seq(0), WRAPS + MSS - 1);
        CHECK(LW_BACKOFF(pcb) > 0 && pcb->persist_probe == 1);
        ack_with_window(pcb, 0, 0);
        lw_check_queue(pcb->unsent, 5, WRAPS + MSS, MSS);
    }
    ack_with_window(pcb, 0, 8 * MSS);
    CHECK(LW_BACKOFF(pcb) == 0 && LW_REXMIT_RUNS(pcb));
    CHECK_INT(lw.calls, 2);
    check_frame(0, WRAPS, 1);
    check_frame(1, WRAPS, 2);
    lw_check_queue(pcb->unacked, 2, WRAPS + MSS, MSS);
    lw_check_queue(pcb->unsent, 3, WRAPS + 3 * MSS, MSS);
    ack(pcb, 5 * MSS);
    check_all_acked(pcb, WRAPS + 6 * MSS);
    lw_down();
}

/* It shrank to half a segment [RFC9293 3.8.6 SHLD-16]. */
UNIT(tcp_lwip_timeout, what_waits_is_cut_to_a_window_that_shrank)
{
    struct tcp_pcb *pcb = timed_out(PLAIN, 3);

    ack_with_window(pcb, MSS, MSS / 2);
    CHECK_INT(lw.calls, 1);
    CHECK_INT(lw_sent_len(0), HEADERS + MSS / 2);
    CHECK_MEM(lw.last[0] + HEADERS, lw.data + MSS, MSS / 2);
    CHECK(pcb->unacked->len == MSS / 2 && pcb->unacked->next == NULL);
    CHECK_INT(LW_SEQ(pcb->unsent), PLAIN + MSS + MSS / 2);
    CHECK(pcb->unsent->len == MSS - MSS / 2 && pcb->unsent->next->len == MSS);
    ack_with_window(pcb, MSS / 2, 8 * MSS);
    CHECK_INT(lw.calls, 2);
    CHECK(pcb->unsent == NULL && pcb->snd_nxt == PLAIN + 3 * MSS);
    ack(pcb, 2 * MSS - MSS / 2);
    check_all_acked(pcb, PLAIN + 3 * MSS);
    lw_down();
}

/* ---- With SACK the peer's word counts, and everything stays where it is ---- */

#if SUPPORT_CONFIGURABLE
UNIT(tcp_lwip_timeout, with_sack_all_of_it_stays_on_unacked)
{
    for (u8_t obeyed = 0; obeyed < 2; obeyed++) {
        struct stack_config c;
        lw_config(&c);
        c.lwip_tcp_sack_in = obeyed;
        lw_up(&c);
        struct tcp_pcb *pcb = lw_sender(WRAPS, 8 * MSS);
        tcp_set_flags(pcb, TF_SACK);
        lw_write(pcb, 6);
        CHECK_INT(tcp_output(pcb), ERR_OK);
        (void)ticks_to_timeout();
        CHECK_INT(lw.calls, 1);
        lw_check_queue(pcb->unacked, obeyed ? 6 : 1, WRAPS, MSS);
        lw_check_queue(pcb->unsent, obeyed ? 0 : 5, WRAPS + MSS, MSS);
        ack(pcb, 6 * MSS);
        check_all_acked(pcb, WRAPS + 6 * MSS);
        lw_down();
    }
}
#endif
