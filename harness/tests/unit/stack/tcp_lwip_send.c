/* tcp_lwip_send.c: pcbs made by hand and what they send: queues, loss, timers, probes
 * (tcp_lwip.h). Runs on every build. */
#include "tcp_lwip.h"

UNIT(tcp_lwip_send, three_duplicates_send_the_lost_segment_across_the_wrap) /* [RFC5681 3.2] */
{
    const u32_t first = 0xffffff00u - MSS;
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(first, 2 * MSS);
    lw_write(pcb, 6);
    lw_check_queue(pcb->unsent, 6, first, MSS);
    CHECK_INT(pcb->snd_queuelen >= 6 && pcb->snd_buf == 12 * MSS - 6 * MSS, 1);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 2);
    CHECK_INT(lw.bytes, 2 * (MSS + HEADERS));
    lw_check_queue(pcb->unacked, 2, first, MSS);
    lw_check_queue(pcb->unsent, 4, first + 2 * MSS, MSS);
    pcb->cwnd = 4 * MSS;
    lw_forget();
    lw_input(lw_segment(pcb, "", 0, 0, MSS, TCP_ACK));
    CHECK(lw.calls >= 3 && lw.sent_bytes == MSS);
    CHECK_INT(pcb->unsent == NULL || pcb->unacked != NULL, 1);
    lw_forget();
    for (unsigned i = 0; i < 3; i++) {
        CHECK(i == 0 || pcb->dupacks == i);
        lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK));
    }
    CHECK_INT(pcb->dupacks, 3);
    CHECK((pcb->flags & TF_INFR) != 0);
    bool again = false;
    for (unsigned i = 0; i < lw.calls; i++)
        again = again || lw_sent_seq(i) == first + MSS;
    CHECK(again);
    lw_input(lw_segment(pcb, "", 0, 0, 5 * MSS, TCP_ACK));
    CHECK((pcb->flags & TF_INFR) == 0 && pcb->unacked == NULL && pcb->unsent == NULL);
    CHECK_INT(pcb->snd_buf, 12 * MSS);
    CHECK_INT(pcb->snd_queuelen, 0);
    lw_down();
}

UNIT(tcp_lwip_send, the_timer_repeats_from_the_oldest_across_the_wrap) /* [RFC6298 5.4] */
{
    const u32_t first = 0xffffff00u - MSS;
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(first, 2 * MSS);
    pcb->cwnd = 6 * MSS;
    lw_write(pcb, 6);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 6);
    CHECK(LW_REXMIT_RUNS(pcb));
    lw_check_queue(pcb->unacked, 6, first, MSS);
    lw_forget();
    unsigned n = 0;
    while (lw.calls == 0 && n++ < 40)
        lw_tmr();
    CHECK_INT(n, 3); /* 1 s initially: two slow ticks, the first of them in the first call */
    CHECK_INT(lw.calls, 1);
    CHECK_INT(lw_sent_seq(0), first);
    CHECK_INT(pcb->nrtx, 1);
    CHECK_INT(pcb->cwnd, MSS);
    CHECK(pcb->ssthresh >= 2 * MSS && pcb->ssthresh <= 3 * MSS);
    CHECK(LW_IN_RTO(pcb) && LW_RTO_END(pcb) == first + 6 * MSS);
    lw_input(lw_segment(pcb, "", 0, 0, 6 * MSS, TCP_ACK));
    CHECK(!LW_REXMIT_RUNS(pcb));
    CHECK(!LW_IN_RTO(pcb));
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL);
    lw_down();
}

/* TCP_TRIM_ACKED */
UNIT(tcp_lwip_send, what_is_acknowledged_of_a_segment_goes_at_once_or_with_the_rest)
{
    const u32_t half = MSS / 2, from = TCP_TRIM_ACKED ? half : 0;
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 4 * MSS);
    lw_write(pcb, 2);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_input(lw_segment(pcb, "", 0, 0, half, TCP_ACK));
    CHECK_INT(lw.sent_bytes, half);
    CHECK_INT(pcb->lastack, 6510 + half);
    CHECK_INT(pcb->snd_buf, 10 * MSS + half);
    CHECK_INT(pcb->unacked->seq, 6510 + from);
    CHECK_INT(pcb->unacked->len, MSS - from);
    support_check(&lw.s);
    lw_forget();
    for (unsigned n = 0; lw.calls == 0 && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw_sent_seq(0), 6510 + from);
    CHECK_INT(lw_sent_len(0), HEADERS + MSS - from);
    support_check(&lw.s);
    lw_input(lw_segment(pcb, "", 0, 0, 2 * MSS - half, TCP_ACK));
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL);
    CHECK_INT(pcb->snd_queuelen, 0);
    lw_down();
}

/* The timer goes on though the link is down, or output fails: after the last try err is told. */
static void times_out(bool link_down)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 4 * MSS);
    lw_write(pcb, 1);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 1);
    if (link_down)
        lw.netif.flags = (u8_t)(lw.netif.flags & ~NETIF_FLAG_LINK_UP);
    unsigned n = 0;
    while (lw.err_calls == 0 && n++ < 20000)
        lw_tmr();
    CHECK_INT(lw.err_calls, 1);
    CHECK_INT(lw.last_err, ERR_ABRT);
    CHECK(tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_send, an_unanswered_segment_ends_with_err)
{
    times_out(false);
}

UNIT(tcp_lwip_send, an_unanswered_segment_ends_with_err_though_the_link_is_down)
{
    times_out(true);
}

UNIT(tcp_lwip_send, output_that_fails_is_tried_again)
{
    static const err_t errors[] = {ERR_MEM, ERR_IF};
    for (unsigned e = 0; e < LWIP_ARRAYSIZE(errors); e++) {
        lw_up(NULL);
        struct tcp_pcb *pcb = lw_sender(6510, 6 * MSS);
        lw_write(pcb, 3);
        lw.fail_at = 2;
        lw.fail_with = errors[e];
        (void)tcp_output(pcb);
        support_check(&lw.s);
        lw_input(lw_segment(pcb, "", 0, 0, MSS, TCP_ACK));
        for (unsigned n = 0; n < 40 && pcb->unsent != NULL; n++)
            lw_tmr();
        for (unsigned n = 0; n < 40; n++)
            lw_tmr();
        bool seen[3] = {false};
        for (unsigned i = 0; i < lw.calls && i < KEPT; i++)
            for (unsigned s = 0; s < 3; s++)
                seen[s] = seen[s] || (lw_sent_len(i) > HEADERS && lw_sent_seq(i) == 6510 + s * MSS);
        CHECK(seen[0] && seen[1] && seen[2]);
        support_check(&lw.s);
        lw_input(lw_segment(pcb, "", 0, 0, 2 * MSS, TCP_ACK));
        CHECK(pcb->unacked == NULL && pcb->unsent == NULL);
        lw_down();
    }
}

UNIT(tcp_lwip_send, a_whole_window_lost_is_sent_again)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 8 * MSS);
    pcb->snd_wnd = pcb->snd_wnd_max = 4 * MSS;
    lw_write(pcb, 5);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 4);
    lw_check_queue(pcb->unacked, 4, 6510, MSS);
    lw_check_queue(pcb->unsent, 1, 6510 + 4 * MSS, MSS);
    for (unsigned lost = 0; lost < 4; lost++) {
        lw_forget();
        for (unsigned n = 0; lw.calls == 0 && n < 400; n++)
            lw_tmr();
        CHECK(lw.calls >= 1);
        CHECK_INT(lw_sent_seq(0), pcb->lastack);
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + MSS,
                               TCP_ACK, 4 * MSS));
        support_check(&lw.s);
    }
    CHECK_INT(pcb->lastack, 6510 + 4 * MSS);
    lw_down();
}

/* [RFC9293 3.8.6.1] */
UNIT(tcp_lwip_send, a_closed_window_is_probed_until_the_connection_is_given_up)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 4 * MSS);
    lw_write(pcb, 1);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + MSS,
                           TCP_ACK, 0));
    CHECK_INT(pcb->snd_wnd, 0);
    lw_write(pcb, 1);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_forget();
    unsigned n = 0;
    for (; lw.calls == 0 && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw.calls, 1);
    CHECK(lw_sent_len(0) <= HEADERS + 1);
    CHECK(LW_BACKOFF(pcb) > 0 && pcb->persist_probe == 1);
    for (n = 0; lw.err_calls == 0 && n < 40000; n++) { /* answered: it goes on for ever */
        unsigned before = lw.calls;
        lw_tmr();
        if (lw.calls == before)
            continue;
        if (n < 8000)
            lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack,
                                   TCP_ACK, 0));
        CHECK(n > 8000 || (pcb->persist_probe == 0 && pcb->unsent != NULL));
    }
    CHECK(n > 8000 && lw.err_calls == 1 && lw.last_err == ERR_ABRT);
    lw_down();
}

UNIT(tcp_lwip_send, a_small_window_is_used_after_a_while_by_splitting) /* [RFC9293 3.8.6.2.1] */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 8 * MSS);
    lw_write(pcb, 4);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + 4 * MSS,
                           TCP_ACK, MSS / 2));
    lw_write(pcb, 2);
    lw_forget();
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 0);
    for (unsigned n = 0; lw.calls == 0 && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw_sent_len(0), HEADERS + MSS / 2);
    CHECK(pcb->unacked != NULL && pcb->unacked->len == MSS / 2 && pcb->unsent->len == MSS / 2);
    CHECK_INT(LW_SEQ(pcb->unsent), 6510 + 4 * MSS + MSS / 2);
    support_check(&lw.s);
    lw_down();
}

UNIT(tcp_lwip_send, small_writes_fill_the_last_segment)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 4 * MSS);
    for (unsigned i = 0; i < 3; i++)
        CHECK_INT(tcp_write(pcb, lw.data + 100 * i, 100, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK(pcb->unsent != NULL && pcb->unsent->next == NULL);
    CHECK_INT(pcb->unsent->len, 300);
    CHECK_INT(TCP_TCPLEN(pcb->unsent), 300);
    CHECK_INT(pcb->snd_queuelen, pbuf_clen(pcb->unsent->p));
    CHECK_INT(tcp_write(pcb, lw.data + 300, MSS - 136, TCP_WRITE_FLAG_COPY), ERR_OK);
    lw_check_queue(pcb->unsent, 2, 6510, MSS);
    CHECK_INT(pcb->snd_buf, 11 * MSS - 164);
    CHECK_INT(tcp_write(pcb, lw.data, 12 * MSS, TCP_WRITE_FLAG_COPY), ERR_MEM);
    CHECK_INT(pcb->snd_buf, 11 * MSS - 164);
    support_check(&lw.s);
    lw_down();
}

UNIT(tcp_lwip_send, a_slow_tick_alone_is_half_a_second)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, 4 * MSS);
    u32_t ticks = tcp_ticks;
    lw_write(pcb, 1);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_forget();
    for (unsigned n = 0; n < 3 && lw.calls == 0; n++)
        tcp_slowtmr();
    CHECK_INT(lw.calls, 1);
    CHECK(!LWIP_TCP_MIRRORS || (tcp_ticks - ticks >= 2 && tcp_ticks - ticks <= 3));
    lw_down();
}

#if LWIP_TCP_SACK_OUT
UNIT(tcp_lwip_send, sack_blocks_are_told_newest_first) /* [RFC2018 4] */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t base = pcb->rcv_nxt;
    tcp_set_flags(pcb, TF_SACK);
    static const u16_t at[] = {200, 600, 1000};
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(at); i++)
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data, 100, base + at[i], pcb->lastack,
                               TCP_ACK, 5000));
    CHECK_INT(lw.calls, 3);
    for (unsigned i = 0; i < 3; i++) {
        CHECK(LWIP_TCP_SACK_VALID(pcb, i));
        CHECK_INT(pcb->rcv_sacks[i].left, base + at[2 - i]);
        CHECK_INT(pcb->rcv_sacks[i].right, base + at[2 - i] + 100);
    }
    CHECK_INT(lw_sent_len(2), HEADERS + 4 + 3 * 8);
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data, 200, base, pcb->lastack, TCP_ACK,
                           5000));
    CHECK_INT(pcb->rcv_nxt, base + 300);
    CHECK(LWIP_TCP_SACK_VALID(pcb, 1) && !LWIP_TCP_SACK_VALID(pcb, 2));
    lw_down();
}
#endif

/* A timeout with as much unsent as in flight: growth stays slow until what was out has been
 * acknowledged, ACK by ACK [RFC5681 3.1] [RFC3465 2.3]. */
UNIT(tcp_lwip_send, after_a_timeout_progress_is_tracked_to_rto_end)
{
    const u32_t first = 0xffffff00u - 2 * MSS;
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(first, 5 * MSS);
    lw_write(pcb, 10);
    CHECK(!LW_IN_RTO(pcb));
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_check_queue(pcb->unacked, 5, first, MSS);
    lw_check_queue(pcb->unsent, 5, first + 5 * MSS, MSS);
    lw_forget();
    for (unsigned n = 0; !LW_IN_RTO(pcb) && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw.calls, 1);
    CHECK_INT(lw_sent_seq(0), first);
    CHECK_INT(LW_RTO_END(pcb), first + 5 * MSS);
    CHECK_INT(pcb->snd_nxt, LW_RTO_END(pcb));
    CHECK_INT(pcb->cwnd, MSS);
    CHECK_INT(pcb->nrtx, 1);
    CHECK_INT(pcb->bytes_acked, 0);
    for (u32_t i = 1; i <= 4; i++) {
        lw_input(lw_segment(pcb, "", 0, 0, MSS, TCP_ACK));
        CHECK(LW_IN_RTO(pcb) && LW_RTO_END(pcb) == first + 5 * MSS);
        CHECK_INT(pcb->nrtx, 0);
        CHECK(pcb->cwnd <= (i + 1) * MSS);
    }
    lw_input(lw_segment(pcb, "", 0, 0, MSS, TCP_ACK));
    CHECK(!LW_IN_RTO(pcb));
    CHECK_INT(pcb->lastack, first + 5 * MSS);
    support_check(&lw.s);
    lw_down();
}

UNIT(tcp_lwip_send, what_is_written_while_something_is_lost_goes_with_the_ack)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(6510, MSS);
    CHECK_INT(tcp_write(pcb, lw.data, 40, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_write(pcb, lw.data + 40, 20, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw_sent_len(0), HEADERS + 60);
    CHECK(pcb->unsent == NULL && pcb->unacked != NULL && pcb->unacked->next == NULL);
    CHECK_INT(tcp_write(pcb, lw.data + 60, 3, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 1); /* Nagle */
    for (unsigned n = 0; lw.calls == 1 && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw.calls, 2);
    CHECK_INT(lw_sent_seq(1), 6510);
    CHECK_INT(lw_sent_len(1), HEADERS + 60); /* what is in flight is never made longer */
    CHECK_INT(tcp_write(pcb, lw.data + 63, 3, TCP_WRITE_FLAG_COPY), ERR_OK);
    lw_input(lw_segment(pcb, "", 0, 0, 60, TCP_ACK));
    CHECK_INT(lw.calls, 3);
    CHECK_INT(lw_sent_len(2), HEADERS + 6);
    CHECK_MEM(lw.last[2] + HEADERS, lw.data + 60, 6);
    lw_down();
}

UNIT(tcp_lwip_send, nothing_but_a_closed_window_starts_the_persist_timer)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(0xffffff00u, 10 * MSS);
    pcb->snd_wnd = pcb->snd_wnd_max = 10 * MSS;
    for (unsigned i = 0; i < 10; i++) {
        CHECK_INT(tcp_write(pcb, lw.data + i * MSS, MSS, TCP_WRITE_FLAG_COPY), ERR_OK);
        CHECK_INT(tcp_output(pcb), ERR_OK);
        CHECK_INT(lw.calls, i + 1);
        CHECK_INT(LW_BACKOFF(pcb), 0);
    }
    CHECK_INT(tcp_write(pcb, lw.data + 10 * MSS, 1, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 10);
    CHECK_INT(LW_BACKOFF(pcb), 0); /* a full window in flight: that is for the other timer */
    CHECK(LW_REXMIT_RUNS(pcb));
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + 10 * MSS,
                           TCP_ACK, 0));
    CHECK_INT(LW_BACKOFF(pcb), 1);
    CHECK(pcb->unacked == NULL && pcb->unsent != NULL && pcb->unsent->len == 1);
    lw_forget();
    for (unsigned n = 0; lw.calls == 0 && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw_sent_len(0), HEADERS + 1);
    CHECK_MEM(lw.last[0] + HEADERS, lw.data + 10 * MSS, 1);
    CHECK_INT(pcb->persist_probe, 1);
    lw_input(lw_segment(pcb, "", 0, 0, 1, TCP_ACK)); /* taken, and the window is open */
    CHECK(LW_BACKOFF(pcb) == 0 && pcb->persist_probe == 0 && pcb->unacked == NULL);
    lw_down();
}

/* The rest of a segment that was cut grows again, and its bytes are the right ones. */
UNIT(tcp_lwip_send, what_is_left_of_a_cut_segment_is_filled_up)
{
    const u16_t part = (u16_t)(3 * MSS / 4), half = (u16_t)(MSS / 2);
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(0xffffff00u - MSS, 3 * MSS);
    lw_write(pcb, 3);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + 3 * MSS,
                           TCP_ACK, half));
    CHECK(pcb->unacked == NULL && pcb->unsent == NULL && LW_BACKOFF(pcb) == 0);
    lw_forget();
    CHECK_INT(tcp_write(pcb, lw.data, part, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(lw.calls, 0);
    CHECK_INT(LW_BACKOFF(pcb), 1);
    CHECK_INT(pcb->unsent->len, part);
    for (unsigned n = 0; lw.calls == 0 && n < 40; n++)
        lw_tmr();
    CHECK_INT(lw_sent_len(0), HEADERS + half);
    CHECK_MEM(lw.last[0] + HEADERS, lw.data, half);
    CHECK_INT(LW_BACKOFF(pcb), 0);
    CHECK_INT(pcb->unacked->len, half);
    CHECK_INT(pcb->unsent->len, part - half);
    CHECK_INT(tcp_write(pcb, lw.data + part, half, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK(pcb->unsent->len == part && pcb->unsent->next == NULL);
    lw_forget();
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, pcb->rcv_nxt, pcb->lastack + half,
                           TCP_ACK, (u16_t)MSS));
    CHECK_INT(lw_sent_len(0), HEADERS + part);
    CHECK_MEM(lw.last[0] + HEADERS, lw.data + half, part);
    lw_down();
}

/* A whole window of one connection attempt; with the link down nothing leaves, and the end comes
 * all the same [RFC9293 3.8.3 MUST-23]. */
static void attempt_times_out(bool link_down)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = tcp_new();
    tcp_arg(pcb, &lw);
    tcp_err(pcb, lw_err);
    CHECK_INT(tcp_connect(pcb, &lw.remote, 80, NULL), ERR_OK);
    CHECK_INT(pcb->state, SYN_SENT);
    CHECK_INT(lw.calls, 1);
    if (link_down)
        lw.netif.flags = (u8_t)(lw.netif.flags & ~NETIF_FLAG_LINK_UP);
    unsigned n = 0, retries = 0;
    for (; lw.err_calls == 0 && n < 2000; n++) {
        lw_tmr();
        if (lw.err_calls == 0 && pcb->nrtx != retries) {
            CHECK_INT(pcb->nrtx, retries + 1);
            retries++;
        }
    }
    CHECK(retries >= TCP_SYNMAXRTX); /* more where the timeout begins at 1 s: 3 minutes at least */
    CHECK(n >= 4 * 180 && lw.err_calls == 1 && lw.last_err == ERR_ABRT);
    CHECK_INT(lw.calls, link_down ? 1 : 1 + retries);
    CHECK(tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_send, a_connection_attempt_ends_with_err)
{
    attempt_times_out(false);
    attempt_times_out(true);
}

UNIT(tcp_lwip_send, slow_ticks_are_half_a_second_with_fast_ones_between_or_not)
{
    for (unsigned fast = 0; fast < 3; fast++) {
        lw_up(NULL);
        struct tcp_pcb *pcb = lw_sender(6510, 4 * MSS);
        pcb->rto_ms = 3000;
        lw_write(pcb, 1);
        CHECK_INT(tcp_output(pcb), ERR_OK);
        unsigned slow = 0;
        for (; lw.calls == 1 && slow < 40; slow++) {
            for (unsigned i = 0; i < fast; i++)
                tcp_fasttmr();
            tcp_slowtmr();
        }
        CHECK_INT(slow, 6);
        lw_down();
    }
}

UNIT(tcp_lwip_send, keepalive_switched_on_at_rest_is_noticed) /* in any order of writing */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    support_advance(&lw.s, 5000);
    CHECK_INT(lw.calls, 0);
    ip_set_option(pcb, SOF_KEEPALIVE);
    pcb->keep_idle = 10000;
    pcb->keep_intvl = 2000;
    pcb->keep_cnt = 2;
    support_advance(&lw.s, 4999);
    CHECK_INT(lw.calls, 0);
    support_advance(&lw.s, 1);
    CHECK_INT(lw.calls, 1); /* 10 s after the last sign of life */
    CHECK_INT(lw_sent_seq(0), pcb->snd_nxt - 1);
    pcb->keep_idle = 1000; /* changed at rest: said by the same macro */
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK));
    CHECK_INT(pcb->keep_cnt_sent, 0);
    support_advance(&lw.s, 1000);
    CHECK_INT(lw.calls, 2);
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK));
    ip_reset_option(pcb, SOF_KEEPALIVE);
    support_advance(&lw.s, 60000);
    CHECK_INT(lw.calls, 2);
    ip_set_option(pcb, SOF_KEEPALIVE); /* has been silent long enough already */
    support_advance(&lw.s, 500 + 2000 + 2000 + 500);
    CHECK_INT(lw.err_calls, 1);
    CHECK_INT(lw.last_err, ERR_ABRT);
    CHECK_INT(lw.calls, 5); /* two probes and the RST */
    lw_down();
}
