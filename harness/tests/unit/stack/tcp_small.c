/* tcp_small.c: what TCP does in other ways where it has to be small: initial sequence numbers by
 * the clock, lists instead of a hash, a heap and a map of ports, marks without sums, TIME-WAIT to
 * its end, challenges without a limit (tcp_lwip.h). Empty on other builds; unit.stack_small_tcp
 * runs it. */
#include "tcp_lwip.h"

#if !TCP_HASH_SIZE && !TCP_ISN_HASH

#include "stack/tcp/cc.h"
#include "stack/tcp/due.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/ports.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/timer.h"

/* [RFC9293 3.4.1 MUST-8]; begun anywhere, and the same for all. */
UNIT(tcp_small, initial_sequence_numbers_follow_the_clock)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t isn = tcp_isn_choose(pcb);
    pcb->local_port++;
    CHECK_INT(tcp_isn_choose(pcb), isn);
    support_advance(&lw.s, 3);
    CHECK_INT(tcp_isn_choose(pcb), isn + 3 * 250);
    u32_t before = STACK->tcp.secret[0];
    tcp_isn_init();
    CHECK_INT(tcp_isn_choose(pcb) - STACK->tcp.secret[0], isn + 3 * 250 - before);
    CHECK(STACK->tcp.secret[0] != before);
    lw_down();
}

UNIT(tcp_small, each_unacceptable_segment_is_answered) /* TCP_CHALLENGE_ACK_LIMIT 0 */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    for (unsigned i = 1; i <= 100; i++) {
        lw_input(lw_segment(pcb, "", 0, i % 2 != 0 ? 0 : 0 - i, 0, i % 2 != 0 ? TCP_SYN : TCP_ACK));
        CHECK_INT(lw.calls, i);
        CHECK_INT(lw.last[(lw.calls - 1) % KEPT][33], TCP_ACK);
    }
    lw_down();
}

UNIT(tcp_small, a_free_port_is_found_past_those_in_use_and_round_the_end)
{
    static const u16_t used[] = {80, 81, 0xffff, TCP_LOCAL_PORT_RANGE_START};
    lw_up(NULL);
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(used); i++)
        CHECK_INT(tcp_bind(tcp_new(), &lw.local, used[i]), ERR_OK);
    struct tcp_pcb *listens = tcp_new();
    CHECK_INT(tcp_bind(listens, &lw.local, TCP_LOCAL_PORT_RANGE_START + 1), ERR_OK);
    CHECK(tcp_listen(listens) != NULL);
    CHECK_INT(tcp_port_first_free(80), 82);
    CHECK_INT(tcp_port_first_free(79), 79);
    CHECK_INT(tcp_port_first_free(0xffff), TCP_LOCAL_PORT_RANGE_START + 2);
    for (unsigned i = 0; i < 4; i++) {
        struct tcp_pcb *pcb = tcp_new();
        CHECK_INT(tcp_bind(pcb, &lw.local, 0), ERR_OK);
        CHECK(pcb->local_port >= TCP_LOCAL_PORT_RANGE_START);
        struct tcp_pcb *again = tcp_new();
        CHECK_INT(tcp_bind(again, &lw.local, pcb->local_port), ERR_USE);
        tcp_abort(again);
    }
    lw_down();
}

UNIT(tcp_small, the_earliest_timer_of_all_connections_is_due_first)
{
    lw_up(NULL);
    struct tcp_pcb *early = lw_pcb(ESTABLISHED), *late = lw_pcb(TIME_WAIT);
    CHECK(tcp_due_expired() == NULL);
    tcp_timer_start(late, TCP_TIMER_STATE, 2000);
    tcp_timer_start(early, TCP_TIMER_RETRY, 700);
    support_check(&lw.s);
    CHECK_INT(tcp_due_expired() == NULL, 1);
    tcp_timer_start(late, TCP_TIMER_RETRY, 250);
    support_check(&lw.s); /* the ticker follows: see due_list.c */
    tcp_timer_stop(late, TCP_TIMER_RETRY);
    support_check(&lw.s);
    support_advance(&lw.s, 1000);
    CHECK(!tcp_timer_runs(early, TCP_TIMER_RETRY) && tcp_timer_runs(late, TCP_TIMER_STATE));
    support_advance(&lw.s, 1500);
    CHECK(tcp_tw_pcbs == NULL && tcp_active_pcbs == early);
    lw_down();
}

UNIT(tcp_small, a_new_syn_opens_nothing_before_time_wait_is_over)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(TIME_WAIT), *listens = tcp_new();
    ip_set_option(listens, SOF_REUSEADDR);
    CHECK_INT(tcp_bind(listens, &lw.local, LOCAL_PORT), ERR_OK);
    CHECK(tcp_listen(listens) != NULL);
    for (u32_t ahead = 0; ahead <= 1u << 30; ahead += 1u << 29) { /* in the window, and beyond */
        lw_input(lw_segment(pcb, "", 0, ahead, 0, TCP_SYN));
        CHECK(tcp_tw_pcbs == pcb && tcp_active_pcbs == NULL);
        CHECK_INT(lw.last[(lw.calls - 1) % KEPT][33], TCP_ACK); /* a challenge [RFC5961 4.2] */
    }
    CHECK_INT(lw.calls, 3);
    tcp_abort(pcb);
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, 1000, 0, TCP_SYN, 5000));
    CHECK(tcp_active_pcbs != NULL && tcp_active_pcbs->state == SYN_RCVD);
    lw_down();
}

/* [RFC5681 3.1]: a segment for each window. */
UNIT(tcp_small, the_window_grows_by_a_segment_when_one_has_been_acknowledged)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(1000, 4 * MSS);
    pcb->ssthresh = 1;
    pcb->bytes_acked = 0;
    for (unsigned round = 4; round < 7; round++) {
        for (unsigned i = 1; i < round; i++) {
            tcp_cc_acked(pcb, MSS, true, false);
            CHECK_INT(pcb->cwnd, round * MSS);
        }
        tcp_cc_acked(pcb, MSS, true, false);
        CHECK_INT(pcb->cwnd, (round + 1) * MSS);
        CHECK_INT(pcb->bytes_acked, 0);
    }
    tcp_cc_acked(pcb, 60 * MSS, true, false);
    CHECK_INT(pcb->cwnd, 8 * MSS);
    CHECK(pcb->bytes_acked < pcb->cwnd);
    lw_down();
}

UNIT(tcp_small, what_is_lost_and_what_was_sent_again_is_what_is_marked)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_sender(1000, 4 * MSS);
    lw_write(pcb, 6);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK_INT(tcp_pipe(pcb), 4 * MSS); /* two have never been sent */
    CHECK(tcp_sack_next_lost(pcb) == NULL);
    tcp_sack_mark_lost(pcb, pcb->unacked->next);
    CHECK(tcp_sack_next_lost(pcb) == pcb->unacked->next);
    CHECK_INT(tcp_pipe(pcb), 3 * MSS);
    tcp_sack_all_lost(pcb);
    CHECK_INT(tcp_lost_bytes(pcb), 4 * MSS);
    CHECK_INT(tcp_pipe(pcb), 0);
    for (unsigned i = 1; i <= 4; i++) {
        struct tcp_seg *seg = tcp_sack_next_lost(pcb);
        CHECK_INT(LW_SEQ(seg), 1000 + (i - 1) * MSS);
        tcp_sack_sent_again(pcb, seg);
        CHECK_INT(tcp_lost_bytes(pcb), (4 - i) * MSS);
        CHECK_INT(tcp_retx_bytes(pcb), i * MSS);
    }
    CHECK(tcp_sack_next_lost(pcb) == NULL);
    CHECK_INT(tcp_pipe(pcb), 4 * MSS);
    lw_down();
}

#endif
