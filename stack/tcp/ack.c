/* tcp/ack.c: what the peer's ACK field, window and SACK blocks say.
 *
 * How often the round trip is measured: [RFC7323 4.2]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/rack.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"

bool tcp_fin_acked(const struct tcp_pcb *pcb)
{
    return (pcb->flags & TF_FIN) != 0 && pcb->lastack == pcb->snd_lbb;
}

/* [RFC9293 3.10.7.4] fifth, narrowed by [RFC5961 5.2]: SND.UNA - MAX.SND.WND <= ACK <= SND.NXT */
bool tcp_ack_acceptable(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (seq_gt(in->h.ack, pcb->snd_nxt)) {
        tcp_in_drop(in, DROP_tcp_ack_unsent);
        tcp_challenge(pcb);
        return false;
    }
    if (seq_lt(in->h.ack, pcb->lastack - pcb->snd_wnd_max)) {
        tcp_in_drop(in, DROP_tcp_ack_old);
        tcp_challenge(pcb);
        return false;
    }
    return true;
}

static u32_t window_of(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    bool scaled = !tcp_has(in, WIRE_TCP_SYN) && !in->crossed;

    return (u32_t)in->h.window << (scaled ? tcp_snd_shift(pcb) : 0);
}

/* ---- Round trip ---- */

/* One measurement per round trip. What was sent again is timed only where time stamps tell that the
 * latest transmission is answered [RFC6298 3]: an echo of an older one may as well stand in the
 * answer to the latest, whose data was a duplicate to the peer. Such a sample would hold the time
 * of a whole back-off, and with many losses never let it end. An echo from before the first segment
 * it acknowledges, or from the future, is no echo (some peers write 0): of what was sent once the
 * time is known without. */
static void sample(const struct tcp_in *in, struct tcp_pcb *pcb, const struct tcp_seg *front)
{
    bool stamped = tcp_agreed(pcb, TF_TIMESTAMP) && (in->opt.present & WIRE_TCP_OPT_TS) != 0;
    u32_t sent = stamped ? in->opt.ts_echo - pcb->ts_offset : pcb->rttest;

    if (!tcp_marked(pcb, TM_TIMING) || !seq_gt(in->h.ack, pcb->rtseq) || front == NULL)
        return;
    tcp_unmark(pcb, TM_TIMING);
    bool plausible = stamped && seq_geq(sent, front->sent_ms) && seq_leq(sent, tcp_now());
    if (!plausible && front->sent > 1)
        return;
    if (stamped && !plausible)
        sent = front->sent_ms;
    tcp_rtt_sample(pcb, tcp_now() - sent);
}

/* ---- New data acknowledged ---- */

/* A segment of which the front was acknowledged: if no frame in flight shares its data, that part
 * is let go. Its bytes that were not known to have arrived. */
static u32_t trim(struct tcp_pcb *pcb, struct tcp_seg *seg, u32_t ack)
{
    u32_t n = ack - seg->seq;

    if (!seq_lt(seg->seq, ack) || (seg->ctl & TCP_SYN) != 0 || n > seg->len || seg->p == NULL)
        return 0;
    if (tcp_seg_is_shared(seg))
        return 0;
    u16_t pbufs = pbuf_clen(seg->p);
    tcp_sack_trimmed(pcb, seg, n);
    seg->p = pbuf_free_header(seg->p, (u16_t)n);
    seg->seq += n;
    seg->len = (u16_t)(seg->len - n);
    tcp_seg_sum_unknown(seg);
    pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen - (pbufs - pbuf_clen(seg->p)));
    tcp_seg_mirror(seg, false);
    return tcp_seg_sacked(seg) ? 0 : n;
}

/* seg, the first that was sent, leaves the queue it is on. */
static void take_off(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    bool waits = pcb->unacked == NULL;
    struct tcp_seg **front = waits ? &pcb->unsent : &pcb->unacked;

    *front = seg->next;
    if (seg->next == NULL)
        *(waits ? &pcb->unsent_tail : &pcb->unacked_tail) = NULL;
}

/* Segments that are acknowledged as a whole go; what was not known to have arrived. */
static u32_t free_acked(struct tcp_pcb *pcb, u32_t ack)
{
    struct tcp_seg *seg;
    u32_t delivered = 0;

    while ((seg = tcp_sent_first(pcb)) != NULL && seq_leq(tcp_seg_end(seg), ack)) {
        if (!tcp_seg_sacked(seg)) /* else it has been told before */
            tcp_rack_acked(pcb, seg);
        tcp_pmtu_acked(pcb, seg);
        delivered += tcp_sack_acked(pcb, seg);
        take_off(pcb, seg);
        pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen - pbuf_clen(seg->p));
        tcp_seg_free(seg);
    }
    if (TCP_TRIM_ACKED && seg != NULL)
        delivered += trim(pcb, seg, ack);
    return delivered;
}

static void take_new(struct tcp_in *in, struct tcp_pcb *pcb, struct tcp_ack_news *news)
{
    u32_t ack = in->h.ack, data = ack - pcb->lastack;

    news->acked = data;
    if (pcb->lastack == pcb->iss) /* our SYN */
        data--;
    pcb->lastack = ack;
    if (tcp_fin_acked(pcb))
        data--;
    sample(in, pcb, tcp_sent_first(pcb));
    u32_t delivered = free_acked(pcb, ack);
    if (TCP_MAY_SACK_IN) /* nobody else asks for it */
        news->delivered += delivered;
    pcb->snd_buf = (tcpwnd_size_t)(pcb->snd_buf + data);
    in->acked += data;
    pcb->nrtx = 0;
    tcp_unmark(pcb, TM_R1_TOLD);
    if (LWIP_TCP_MIRRORS && (pcb->flags & TF_RTO) != 0 && seq_geq(ack, pcb->rto_end))
        tcp_clear_flags(pcb, TF_RTO);
    if (tcp_marked(pcb, TM_URGENT_OUT) && seq_geq(ack, pcb->snd_up))
        tcp_unmark(pcb, TM_URGENT_OUT);
    if (LWIP_TCP_USER_TIMEOUT)
        tcp_timer_stop(pcb, TCP_TIMER_USER);
}

/* [RFC6298 5.2] [RFC6298 5.3]; of the impatient kind in NewReno's recovery: one restart
 * [RFC6582 4]. */
static void restart_timer(struct tcp_pcb *pcb)
{
    if (tcp_is_paced(pcb) || tcp_timer_runs(pcb, TCP_TIMER_PERSIST))
        return;
    if (tcp_sent_first(pcb) == NULL) {
        tcp_timer_stop(pcb, TCP_TIMER_REXMIT);
        return;
    }
    if (pcb->recovery == TCP_RECOVERY_FAST) {
        if (tcp_marked(pcb, TM_RESTART))
            return;
        tcp_mark(pcb, TM_RESTART);
    }
    tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
}

/* ---- Windows ---- */

/* Nothing new in it but that something arrived. */
static bool is_same(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    return in->h.ack == pcb->lastack && in->len == 0 &&
           !tcp_has(in, WIRE_TCP_SYN | WIRE_TCP_FIN) && window_of(in, pcb) == pcb->snd_wnd;
}


/* The window was closed and is not any more: what was sent into it is taken for lost. */
static void leave_persist(struct tcp_pcb *pcb)
{
    if (!tcp_timer_runs(pcb, TCP_TIMER_PERSIST))
        return;
    tcp_timer_persist_stop(pcb);
    for (struct tcp_seg *seg = pcb->unacked; seg != NULL; seg = seg->next)
        tcp_sack_mark_lost(pcb, seg);
    if (tcp_sent_first(pcb) != NULL)
        tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
}

/* [RFC9293 3.10.7.4]: an older segment's window is never taken, a smaller one of a new is. */
void tcp_ack_window(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!seq_lt(pcb->snd_wl1, in->h.seq) &&
        !(pcb->snd_wl1 == in->h.seq && seq_leq(pcb->snd_wl2, in->h.ack)))
        return;
    pcb->snd_wnd = (tcpwnd_size_t)window_of(in, pcb);
    pcb->snd_wl1 = in->h.seq;
    pcb->snd_wl2 = in->h.ack;
    if (pcb->snd_wnd > pcb->snd_wnd_max)
        pcb->snd_wnd_max = pcb->snd_wnd;
    if (pcb->snd_wnd != 0 && !tcp_marked(pcb, TM_OVERRIDE))
        leave_persist(pcb);
}

/* An answer to a probe, whatever it says, is a sign of life [RFC9293 3.8.6.1 MUST-37]. */
static void note_answer(struct tcp_pcb *pcb)
{
    pcb->persist_probe = 0;
    if (LWIP_TCP_USER_TIMEOUT && tcp_timer_runs(pcb, TCP_TIMER_PERSIST) &&
        !tcp_marked(pcb, TM_OVERRIDE))
        tcp_timer_stop(pcb, TCP_TIMER_USER);
}

void tcp_ack_process(struct tcp_in *in, struct tcp_pcb *pcb)
{
    struct tcp_ack_news news;

    if (seq_lt(in->h.ack, pcb->lastack)) /* an old one: its text may still be of use, its window */
        return;                          /* counts from an edge that has moved since */
    note_answer(pcb);
    news.flight = tcp_flight(pcb);
    news.acked = 0;
    news.delivered = news.sacked = 0;
    news.dsack = false;
    news.ece = tcp_marked(pcb, TM_ECN) && tcp_has(in, WIRE_TCP_ECE) &&
               !tcp_has(in, WIRE_TCP_SYN);
    news.same = is_same(in, pcb);
    /* [RFC5681 2]. What says that the window is closed answers a probe, and nothing could be sent
     * again. */
    news.duplicate = news.same && tcp_flight(pcb) != 0 && pcb->snd_wnd != 0;
    tcp_rack_begin(pcb, &in->opt);
    if (tcp_sack_on(pcb) && (in->opt.present & WIRE_TCP_OPT_SACK) != 0)
        news.sacked = news.delivered =
            tcp_sack_blocks(pcb, &in->opt, in->h.ack, &news.dsack);
    if (seq_gt(in->h.ack, pcb->lastack))
        take_new(in, pcb, &news);
    tcp_ack_window(in, pcb);
    tcp_rack_ack(pcb, &news);
    tcp_recover_ack(pcb, &news);
    if (news.acked != 0)
        restart_timer(pcb);
}

#endif
