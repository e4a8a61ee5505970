/* tcp/segment.c: a segment for a connection in SYN-RECEIVED or later: the steps of
 * [RFC9293 3.10.7.4] in their order, with the defences of [RFC5961] and PAWS [RFC7323 5.3]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/rcv.h"
#include "stack/tcp/reasm.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/tcp_local.h"

/* ---- First: the sequence number ---- */

/* An idle connection's TS.Recent says nothing after 24 days [RFC7323 5.5]. */
#define TS_RECENT_VALID_MS (24u * 24u * 3600u * 1000u)

static bool is_old_by_timestamp(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    return tcp_agreed(pcb, TF_TIMESTAMP) && !tcp_has(in, WIRE_TCP_RST) &&
           (in->opt.present & WIRE_TCP_OPT_TS) != 0 && seq_lt(in->opt.ts_value, pcb->ts_recent) &&
           tcp_now() - pcb->ts_recent_ms <= TS_RECENT_VALID_MS;
}

/* The four cases of the table. A probe of a closed window is let through: its ACK, RST and URG
 * count [RFC9293 3.4 MUST-66], its data does not (rcv.c). */
static bool is_in_window(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    u32_t window = tcp_rcv_window(pcb), room = tcp_in_room(in), first = in->h.seq - pcb->rcv_nxt;

    if (window == 0)
        return first == 0;
    return first < window || (room != 0 && first + room - 1 < window);
}

#define PROBE_GAP_MS 500u

/* A keepalive probe [RFC9293 3.8.4]: who does not answer is dead. A thousand connections may be
 * probed at once, so the limit of challenge ACKs, which they would use up, is not for them; but two
 * ends that disagree by one byte must not probe each other for ever [RFC5961 7]. */
static bool is_probe_to_answer(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (in->h.seq != pcb->rcv_nxt - 1 || !tcp_has(in, WIRE_TCP_ACK) ||
        tcp_has(in, WIRE_TCP_SYN | WIRE_TCP_FIN) || in->h.ack != pcb->snd_nxt ||
        tcp_now() - pcb->probe_answered_ms < PROBE_GAP_MS)
        return false;
    pcb->probe_answered_ms = tcp_now();
    return true;
}

static void answer_unacceptable(struct tcp_in *in, struct tcp_pcb *pcb)
{
    /* data or FIN again: the ACK was lost, and this one ends the matter. Without, two ends that
     * disagree could go on acknowledging each other; and SYNs are a stranger's as a rule, wherever
     * they are [RFC5961 4.2] [RFC5961 7]. */
    if (tcp_in_room(in) != 0 && !tcp_has(in, WIRE_TCP_SYN)) {
        if (seq_lt(in->seq, pcb->rcv_nxt) && in->len != 0)
            tcp_reasm_duplicate(pcb, in->seq, LWIP_MIN(in->len, pcb->rcv_nxt - in->seq));
        (void)tcp_transmit_ack(pcb);
    } else if (TCP_MAY_LIMIT_CHALLENGES && is_probe_to_answer(in, pcb)) {
        (void)tcp_transmit_ack(pcb);
    } else {
        tcp_challenge(pcb);
    }
}

bool tcp_sequence_acceptable(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (is_old_by_timestamp(in, pcb)) {
        tcp_in_drop(in, DROP_tcp_paws);
        if (tcp_in_room(in) != 0 && !tcp_has(in, WIRE_TCP_SYN))
            (void)tcp_transmit_ack(pcb);
        else
            tcp_challenge(pcb);
        return false;
    }
    if (!is_in_window(in, pcb)) {
        if (tcp_has(in, WIRE_TCP_RST)) { /* [RFC5961 3.2] */
            tcp_in_drop(in, DROP_tcp_rst_outside_window);
            return false;
        }
        tcp_in_drop(in, DROP_tcp_outside_window);
        answer_unacceptable(in, pcb);
        return false;
    }
    if (tcp_agreed(pcb, TF_TIMESTAMP) && (in->opt.present & WIRE_TCP_OPT_TS) == 0 &&
        !tcp_has(in, WIRE_TCP_RST | WIRE_TCP_SYN)) { /* [RFC7323 3.2] */
        tcp_in_drop(in, DROP_tcp_no_timestamp);
        return false;
    }
    return true;
}

/* [RFC7323 4.3 (2)]: the echo is of the segment that the next ACK is caused by. */
static void note_timestamp(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!tcp_agreed(pcb, TF_TIMESTAMP) || (in->opt.present & WIRE_TCP_OPT_TS) == 0)
        return;
    if (seq_geq(in->opt.ts_value, pcb->ts_recent) || /* or TS.Recent is too old to compare with */
        tcp_now() - pcb->ts_recent_ms > TS_RECENT_VALID_MS) {
        if (seq_leq(in->h.seq, pcb->ts_lastacksent)) {
            pcb->ts_recent = in->opt.ts_value;
            pcb->ts_recent_ms = tcp_now();
        }
    }
}

/* [RFC3168 6.1.3]: told again and again until the sender has heard. */
static void note_congestion(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!tcp_marked(pcb, TM_ECN))
        return;
    if (tcp_has(in, WIRE_TCP_CWR))
        tcp_unmark(pcb, TM_ECE_OWED);
    if (in->ce && in->len != 0) {
        tcp_mark(pcb, TM_ECE_OWED);
        tcp_rcv_ack_now(pcb);
    }
}

/* ---- Second: RST; the data it may carry is of no use [RFC9293 3.5.3] ---- */

/* After both sides' FINs a RST takes nothing away from anybody, if all text had arrived. */
static bool is_nearly_over(const struct tcp_pcb *pcb)
{
    return (pcb->state == CLOSING || pcb->state == LAST_ACK) && pcb->snd_lbb - pcb->lastack <= 1;
}

static void take_rst(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (in->h.seq != pcb->rcv_nxt) { /* [RFC5961 3.2] */
        tcp_in_drop(in, DROP_tcp_rst_not_exact);
        tcp_challenge(pcb);
        return;
    }
    if (pcb->state == SYN_RCVD && !tcp_marked(pcb, TM_ACTIVE_OPEN))
        tcp_pcb_free_quietly(pcb); /* back to LISTEN: the application never knew of it */
    else if (is_nearly_over(pcb))
        tcp_pcb_over(pcb);
    else
        tcp_pcb_end(pcb, ERR_RST);
}

/* ---- Fourth: SYN ---- */

static void take_syn(struct tcp_in *in, struct tcp_pcb *pcb)
{
    tcp_in_drop(in, DROP_tcp_syn_in_window);
    if (pcb->state == SYN_RCVD && !tcp_marked(pcb, TM_ACTIVE_OPEN)) {
        tcp_pcb_free_quietly(pcb);
        return;
    }
    tcp_challenge(pcb); /* [RFC5961 4.2] */
}

/* ---- Fifth: ACK ---- */

/* SYN-RECEIVED: our SYN has to be acknowledged by it. */
static bool take_ack_of_syn(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!seq_gt(in->h.ack, pcb->lastack) || seq_gt(in->h.ack, pcb->snd_nxt)) {
        tcp_in_drop(in, DROP_tcp_synrcvd_ack);
        tcp_reply_rst(in);
        return false;
    }
    tcp_pcb_set_state(pcb, ESTABLISHED);
    pcb->snd_wl1 = in->h.seq - 1; /* so that this window counts */
    tcp_established(in, pcb);
    in->accepted = !tcp_marked(pcb, TM_ACTIVE_OPEN);
    in->connected = !in->accepted;
    return true;
}

/* What an ACK means in the closing states. false: the pcb is done with this segment. */
static bool advance_close(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!tcp_fin_acked(pcb))
        return true;
    switch (pcb->state) {
    case FIN_WAIT_1:
        tcp_pcb_set_state(pcb, FIN_WAIT_2);
        return true;
    case CLOSING:
        tcp_time_wait_enter(pcb);
        return true;
    case LAST_ACK:
        in->over = true; /* once the application knows what was acknowledged with it */
        return false;
    default:
        return true;
    }
}

/* FIN-WAIT-2, and nobody is there to wait for the peer's data. Nearly always the peer's FIN comes
 * with its ACK of ours, and nothing is left to be limited. */
static void limit_fin_wait_2(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (in->hold.pcb != NULL && pcb->state == FIN_WAIT_2 && tcp_marked(pcb, TM_CLOSED) &&
        !tcp_timer_runs(pcb, TCP_TIMER_STATE))
        tcp_timer_start(pcb, TCP_TIMER_STATE, CFG(tcp_fin_wait_timeout_ms));
}

/* ---- Sixth and later ---- */

static bool receives(enum tcp_state state)
{
    return state == ESTABLISHED || state == FIN_WAIT_1 || state == FIN_WAIT_2;
}

static void take_urgent(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    u32_t up = in->h.seq + in->h.urgent; /* behind the last urgent byte [RFC9293 3.8.5 MUST-62] */

    if (!LWIP_TCP_URGENT || !tcp_has(in, WIRE_TCP_URG) || !receives(pcb->state))
        return;
    if (!seq_gt(up, pcb->rcv_nxt) || (tcp_marked(pcb, TM_URGENT_IN) && !seq_gt(up, pcb->rcv_up)))
        return;
    pcb->rcv_up = up;
    tcp_mark(pcb, TM_URGENT_IN);
    if (pcb->urgent != NULL)
        pcb->urgent(pcb->callback_arg, pcb, up - pcb->rcv_nxt);
}

void tcp_segment_text(struct tcp_in *in, struct tcp_pcb *pcb)
{
    take_urgent(in, pcb);
    if (in->hold.pcb == NULL)
        return;
    if (in->len == 0 && !tcp_has(in, WIRE_TCP_FIN)) {
        if ((in->accepted || in->connected) && tcp_has_early(pcb)) { /* came with the SYN */
            tcp_rcv_ack_now(pcb);
            tcp_rcv_take(in, pcb);
        }
        return;
    }
    if (!receives(pcb->state)) { /* cannot happen before the peer's FIN, and is none of its text */
        tcp_in_drop(in, DROP_tcp_text_state);
        (void)tcp_transmit_ack(pcb);
        return;
    }
    tcp_rcv_text(in, pcb);
}

/* SYN-RECEIVED: the peer's SYN again, perhaps with data that reaches into the window. Alone: our
 * SYN-ACK was lost. With an ACK: SYNs have crossed, that one is known, and what is new is behind it
 * [RFC9293 3.5 figure 8]. false: the segment is done with. */
static bool pass_known_syn(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (pcb->state != SYN_RCVD || !tcp_has(in, WIRE_TCP_SYN) || tcp_has(in, WIRE_TCP_RST) ||
        in->h.seq != pcb->irs)
        return true;
    if (!tcp_has(in, WIRE_TCP_ACK)) {
        tcp_in_drop(in, DROP_tcp_outside_window);
        if (pcb->unacked != NULL)
            (void)tcp_output_again(pcb, pcb->unacked);
        return false;
    }
    if (tcp_marked(pcb, TM_ACTIVE_OPEN) && in->h.ack == pcb->snd_nxt) {
        in->crossed = true;
        in->h.flags = (u16_t)(in->h.flags & ~WIRE_TCP_SYN);
        in->h.seq++;
    }
    return true;
}

void tcp_segment_arrives(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!pass_known_syn(in, pcb) || !tcp_sequence_acceptable(in, pcb))
        return;
    if (tcp_has(in, WIRE_TCP_RST)) {
        take_rst(in, pcb);
        return;
    }
    if (tcp_has(in, WIRE_TCP_SYN)) {
        take_syn(in, pcb);
        return;
    }
    if (!tcp_has(in, WIRE_TCP_ACK)) {
        tcp_in_drop(in, DROP_tcp_no_ack);
        return;
    }
    if (pcb->state == SYN_RCVD ? !take_ack_of_syn(in, pcb) : !tcp_ack_acceptable(in, pcb))
        return;
    note_timestamp(in, pcb);
    note_congestion(in, pcb);
    pcb->tmr = tcp_now(); /* only what is acceptable is a sign of life */
    pcb->keep_cnt_sent = 0;
    tcp_timer_keep_restart(pcb);
    tcp_ack_process(in, pcb);
    if (in->accepted || in->connected)
        tcp_rtt_settle(pcb);
    if (in->hold.pcb == NULL || !advance_close(in, pcb))
        return;
    tcp_segment_text(in, pcb);
    limit_fin_wait_2(in, pcb);
}

#endif
