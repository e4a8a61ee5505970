/* tcp/output.c: what may leave now: lost data again, then new, then an ACK alone. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"
#include "stack/tcp/rack.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"

#include "lwip/snmp.h"

/* How long a piece smaller than a segment waits for a window that would take more
 * [RFC9293 3.8.6.2.1]: between 0.1 and 1 s. */
#define OVERRIDE_MS 500u
#define RETRY_MS 250u

/* What becomes of a segment, and of all of them: the first that cannot leave says why. What has no
 * memory is tried again soon. */
enum verdict { SEND, WAIT_WINDOW, WAIT_CWND, WAIT_NAGLE, NO_MEMORY };

static void sent(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    seg->sent_ms = tcp_now();
    if (CFG(tcp_restart_idle))
        pcb->sent_ms = seg->sent_ms;
    if (TCP_MAY_RACK)
        seg->order = ++pcb->transmissions;
    if (seg->sent < 255)
        seg->sent++;
    if (TCP_MAY_SACK_IN)
        tcp_recover_sent(pcb, tcp_seg_room(seg));
}

/* ERR_MEM: it has not left, and shall be tried again soon. What IP or the link could not do is like
 * a loss on the way: the retransmission timer deals with it, and counts it [RFC9293 3.8.3]. */
static bool has_left(err_t err)
{
    return err != ERR_MEM;
}

/* ---- The round trip ---- */

static void start_timing(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    if (tcp_marked(pcb, TM_TIMING) || tcp_seg_room(seg) == 0)
        return;
    tcp_mark(pcb, TM_TIMING);
    pcb->rttest = tcp_now();
    pcb->rtseq = seg->seq;
}

/* Karn: which of the two will be acknowledged? [RFC6298 3] Timestamps tell [RFC7323 4]; whether the
 * peer has them is not known before it has answered. */
static void time_again(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    if (!tcp_agreed(pcb, TF_TIMESTAMP) || pcb->state == SYN_SENT)
        tcp_unmark(pcb, TM_TIMING);
    else
        start_timing(pcb, seg);
}

/* ---- From queue to queue ---- */

static void to_unacked(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = pcb->unsent;

    pcb->unsent = seg->next;
    if (pcb->unsent == NULL) {
        pcb->unsent_tail = NULL;
        pcb->unsent_oversize = 0;
    }
    seg->next = NULL;
    tcp_seg_mirror_room(seg, 0);
    if (pcb->unacked == NULL)
        pcb->unacked = seg;
    else
        pcb->unacked_tail->next = seg;
    pcb->unacked_tail = seg;
}

void tcp_output_requeue(struct tcp_pcb *pcb)
{
    if (pcb->unacked == NULL)
        to_unacked(pcb);
    struct tcp_seg *first = pcb->unacked;
    if (first->next == NULL || tcp_sack_on(pcb))
        return;
    pcb->unacked_tail->next = pcb->unsent;
    if (pcb->unsent == NULL)
        pcb->unsent_tail = pcb->unacked_tail;
    pcb->unsent = first->next;
    first->next = NULL;
    pcb->unacked_tail = first;
}

/* ---- Again ---- */

err_t tcp_output_again(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    time_again(pcb, seg);
    err_t err = tcp_transmit(pcb, seg);
    if (!has_left(err))
        return err;
    MIB2_STATS_INC(mib2.tcpretranssegs);
    if ((seg->ctl & TCP_SYN) != 0)
        pcb->syn_lost = 1;
    while (tcp_sent_waits(pcb) && seq_leq(pcb->unsent->seq, seg->seq))
        to_unacked(pcb);
    sent(pcb, seg);
    tcp_sack_sent_again(pcb, seg);
    return ERR_OK;
}

/* Bytes from `seq` to the right edge of the peer's window. */
TCP_APART u32_t window_from(const struct tcp_pcb *pcb, u32_t seq)
{
    u32_t edge = pcb->lastack + pcb->snd_wnd;

    return seq_lt(seq, edge) ? edge - seq : 0;
}

/* [RFC9293 3.8.6 SHLD-16]: in a window that shrank, what lies inside */
err_t tcp_output_lost(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    return tcp_snd_fit(pcb, seg, window_from(pcb, seg->seq)) ? tcp_output_again(pcb, seg)
                                                             : ERR_WOULDBLOCK;
}

/* SEND: nothing that is lost waits. */
static enum verdict send_lost(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg;

    while ((seq_lt(pcb->lastack, pcb->snd_nxt)) && (seg = tcp_sack_next_lost(pcb)) != NULL) {
        u32_t pipe = tcp_pipe(pcb);
        if (pipe != 0 && pipe + tcp_seg_room(seg) > pcb->cwnd && !tcp_recover_owes(pcb, seg))
            return WAIT_CWND;
        err_t err = tcp_output_lost(pcb, seg);
        if (err != ERR_OK)
            return err == ERR_WOULDBLOCK ? WAIT_CWND : NO_MEMORY;
    }
    return SEND;
}

/* ---- New ---- */

/* [RFC9293 3.7.4]: a small segment waits while another is on its way; not when more follows it,
 * not the last one of all, not in a full buffer that could not grow. */
static bool nagle_holds(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return seg->len < tcp_snd_full(pcb) && seg->next == NULL && tcp_sent_first(pcb) != NULL &&
           (seg->ctl & (TCP_FIN | TCP_SYN)) == 0 && (pcb->flags & (TF_NODELAY | TF_INFR)) == 0 &&
           (pcb->flags & TF_NAGLEMEMERR) == 0 && pcb->snd_buf != 0 &&
           pcb->snd_queuelen < CFG(tcp_snd_queuelen);
}

static enum verdict judge(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    u32_t usable = window_from(pcb, seg->seq), pipe = tcp_pipe(pcb);

    if ((seg->ctl & TCP_SYN) != 0)
        return SEND;
    /* [RFC9293 3.8.6.2.1]: a good part of what the peer has ever offered is worth a segment */
    if (seg->len > usable && (usable < pcb->snd_wnd_max / 2 || !tcp_snd_fit(pcb, seg, usable)))
        return WAIT_WINDOW;
    if (pipe != 0 && pipe + seg->len > pcb->cwnd + (TCP_MAY_LIMITED ? tcp_recover_limited(pcb) : 0))
        return WAIT_CWND;
    return nagle_holds(pcb, seg) ? WAIT_NAGLE : SEND;
}

/* The front of unsent leaves and becomes the end of unacked. */
TCP_PER_CALLER err_t send_new(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = pcb->unsent;

    LWIP_ASSERT("tcp_output: what was sent before goes first", !tcp_sent_waits(pcb));
    err_t err = tcp_transmit(pcb, seg);
    if (!has_left(err))
        return err;
    if (TCP_MAY_LIMITED && pcb->recovery == TCP_RECOVERY_NONE && pcb->dupacks != 0 &&
        tcp_flight(pcb) + seg->len > pcb->cwnd && pcb->limited < 255)
        pcb->limited++;
    to_unacked(pcb);
    pcb->snd_nxt = tcp_seg_end(seg);
    start_timing(pcb, seg);
    sent(pcb, seg);
    tcp_rack_sent(pcb);
    return ERR_OK;
}

bool tcp_output_one(struct tcp_pcb *pcb)
{
    return pcb->unsent != NULL && pcb->unsent->len <= window_from(pcb, pcb->snd_nxt) &&
           send_new(pcb) == ERR_OK;
}

/* [RFC5681 4.1]: after silence nobody knows what the network can take. */
static void restart_after_idle(struct tcp_pcb *pcb)
{
    if (!CFG(tcp_restart_idle) || tcp_sent_first(pcb) != NULL || pcb->unsent == NULL ||
        pcb->state < ESTABLISHED || tcp_now() - pcb->sent_ms <= pcb->rto_ms ||
        pcb->recovery != TCP_RECOVERY_NONE)
        return;
    u32_t window = tcp_cc_restart_window(pcb);
    if (window < pcb->cwnd) {
        pcb->cwnd = (tcpwnd_size_t)window;
        tcp_cc_idle(pcb);
    }
}

static enum verdict send_all_new(struct tcp_pcb *pcb)
{
    while (pcb->unsent != NULL) {
        if (pcb->state < ESTABLISHED && (pcb->unsent->ctl & TCP_SYN) == 0)
            return SEND; /* after the handshake */
        if (!tcp_snd_fit(pcb, pcb->unsent, tcp_hook_text_max(pcb)))
            return NO_MEMORY; /* written before the peer's MSS was known */
        enum verdict v = judge(pcb, pcb->unsent);
        if (v != SEND)
            return v;
        if (send_new(pcb) != ERR_OK)
            return NO_MEMORY;
    }
    return SEND;
}

/* ---- The window is closed, or too small ---- */

TCP_APART void guard_window(struct tcp_pcb *pcb, enum verdict v)
{
    bool runs = tcp_timer_runs(pcb, TCP_TIMER_PERSIST);

    if (v != WAIT_WINDOW || tcp_sent_first(pcb) != NULL) {
        bool idle = pcb->unacked == NULL && pcb->unsent == NULL; /* nothing to ask the window for */
        if (runs && (pcb->snd_wnd != 0 || idle))
            tcp_timer_persist_stop(pcb);
        return;
    }
    bool closed = window_from(pcb, pcb->snd_nxt) == 0;
    if (runs && closed == !tcp_marked(pcb, TM_OVERRIDE))
        return;
    if (closed)
        tcp_unmark(pcb, TM_OVERRIDE);
    else
        tcp_mark(pcb, TM_OVERRIDE);
    tcp_timer_persist_begin(pcb, closed ? pcb->rto_ms : OVERRIDE_MS);
}

void tcp_output_probe(struct tcp_pcb *pcb)
{
    struct tcp_seg *first = tcp_sent_first(pcb);
    bool override = tcp_marked(pcb, TM_OVERRIDE); /* a small piece rather than none; else */
    u32_t most = 1; /* a byte that the peer has to answer [RFC9293 3.8.6.1]: the first of what
                     * waits, and the same again until it is taken */

    if (override) {
        tcp_timer_persist_stop(pcb);
        most = window_from(pcb, pcb->snd_nxt);
    }
    if (first == NULL && pcb->unsent != NULL && most != 0 && tcp_snd_fit(pcb, pcb->unsent, most))
        (void)send_new(pcb);
    else if (override)
        return;
    else if (first != NULL && tcp_seg_room(first) == 1) /* a byte, or a FIN alone */
        (void)tcp_output_again(pcb, first);
    else
        (void)tcp_transmit_probe(pcb);
}

/* ---- All of it ---- */

/* No room for a segment, if there were one: cwnd is what limits [RFC9438 5.8]. Room for less does
 * not count, TCP sends whole ones; so cwnd grows at most two beyond what was in flight. */
TCP_APART void note_limit(struct tcp_pcb *pcb, enum verdict v)
{
    bool before = tcp_marked(pcb, TM_CWND_LIMITED);

    tcp_unmark(pcb, TM_CWND_LIMITED);
    if (v != WAIT_CWND &&
        (pcb->state < ESTABLISHED || tcp_pipe(pcb) + tcp_mss(pcb) <= pcb->cwnd))
        return;
    tcp_mark(pcb, TM_CWND_LIMITED);
    if (!before)
        tcp_cc_resumed(pcb);
}

err_t tcp_output_now(struct tcp_pcb *pcb)
{
    enum verdict v = WAIT_CWND;

    if (pcb->state == CLOSED || pcb->state == LISTEN || pcb->state == TIME_WAIT)
        return ERR_OK;
    restart_after_idle(pcb);
    /* a hole is told of without data, or the peer would not count it [RFC5681 2] */
    if ((pcb->flags & TF_ACK_NOW) != 0 && tcp_has_early(pcb) && pcb->snd_nxt != pcb->snd_lbb)
        (void)tcp_transmit_ack(pcb);
    if (!tcp_is_paced(pcb))
        v = send_lost(pcb);
    if (v == SEND)
        v = send_all_new(pcb);
    note_limit(pcb, v);
    if (tcp_recovers_by_sack(pcb) && v != NO_MEMORY && v != WAIT_CWND)
        tcp_recover_fill(pcb);
    guard_window(pcb, v);
    if ((pcb->flags & TF_ACK_NOW) != 0 && tcp_transmit_ack(pcb) == ERR_MEM)
        v = NO_MEMORY;
    if (!tcp_timer_runs(pcb, TCP_TIMER_PERSIST))
        tcp_timer_rexmit_keep(pcb);
    tcp_timer_keep_notice(pcb);
    if (v != NO_MEMORY) {
        tcp_clear_flags(pcb, TF_NAGLEMEMERR);
        return ERR_OK;
    }
    if (!tcp_timer_runs(pcb, TCP_TIMER_RETRY))
        tcp_timer_start(pcb, TCP_TIMER_RETRY, RETRY_MS);
    return ERR_MEM;
}

/* Whoever holds the pcb sends when it is done: call-backs only queue. */
err_t tcp_output(struct tcp_pcb *pcb)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_output: pcb", pcb != NULL, return ERR_ARG);
    LWIP_ASSERT("tcp_output: the pcb listens", pcb->state != LISTEN);
    return tcp_is_held(pcb) ? ERR_OK : tcp_output_now(pcb);
}

#endif
