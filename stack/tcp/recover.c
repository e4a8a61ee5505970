/* tcp/recover.c: see recover.h.
 *
 * The rules in their order:
 * [RFC2018 5] [RFC2018 5.1] [RFC5681 4.3] [RFC6582 3.2(1)] [RFC6582 3.2(2)] [RFC6582 3.2(3)]
 * [RFC6582 3.2(4)] [RFC9293 3.8.2] */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"
#include "stack/tcp/rack.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/timer.h"

const char *tcp_recovery_name(const struct tcp_pcb *pcb)
{
    static const char *const names[] = {"none", "fast", "sack", "timeout"};

    return names[pcb->recovery];
}

static void set_cwnd(struct tcp_pcb *pcb, u32_t cwnd)
{
    u32_t most = (tcpwnd_size_t)-1;

    pcb->cwnd = (tcpwnd_size_t)LWIP_MIN(LWIP_MAX(cwnd, tcp_mss(pcb)), most);
}

static void reduce(struct tcp_pcb *pcb, u32_t flight)
{
    u32_t most = (tcpwnd_size_t)-1;
    u32_t ssthresh = tcp_cc_reduce(pcb, flight); /* called once: it remembers */

    pcb->ssthresh = (tcpwnd_size_t)LWIP_MIN(ssthresh, most);
    if (TCP_MAY_RACK)
        pcb->reduced_ms = tcp_now();
    if (tcp_marked(pcb, TM_ECN)) /* whatever the reason was [RFC3168 6.1.2] */
        tcp_mark(pcb, TM_CWR_OWED);
}

/* A window of data is one sign of congestion, whether marks tell of it, losses, or both, or a probe
 * that has repaired one [RFC3168 6.1.2]. */
static bool is_reduced(const struct tcp_pcb *pcb)
{
    return TCP_MAY_REDUCE_EARLY && seq_lt(pcb->lastack, pcb->reduced_upto);
}

/* Without loss what lies behind would lie ahead after 2 GB. */
static void pull_along(struct tcp_pcb *pcb)
{
    if (seq_gt(pcb->lastack, pcb->recover))
        pcb->recover = pcb->lastack - 1;
    if (TCP_MAY_REDUCE_EARLY && seq_gt(pcb->lastack, pcb->reduced_upto))
        pcb->reduced_upto = pcb->lastack;
}

static void forget_limited(struct tcp_pcb *pcb)
{
    if (TCP_MAY_LIMITED)
        pcb->limited = 0;
}

static void count_duplicate(struct tcp_pcb *pcb)
{
    if (pcb->dupacks < 255)
        pcb->dupacks++;
}

/* The network asks for less. */
static bool is_marked(const struct tcp_ack_news *news)
{
    return TCP_MAY_ECN && news->ece;
}

/* [RFC6937 3]: cwnd such that what may be sent is what was delivered, in proportion. */
static void set_by_proportion(struct tcp_pcb *pcb, u32_t delivered)
{
    u32_t pipe = tcp_pipe(pcb), mss = tcp_mss(pcb), may = 0;

    pcb->prr_delivered += delivered;
    if (pipe > pcb->ssthresh) {
        u64_t due = ((u64_t)pcb->prr_delivered * pcb->ssthresh + pcb->recover_fs - 1) /
                    pcb->recover_fs;
        may = due > pcb->prr_out ? (u32_t)due - pcb->prr_out : 0;
    } else {
        u32_t ahead = pcb->prr_delivered > pcb->prr_out ? pcb->prr_delivered - pcb->prr_out : 0;
        may = LWIP_MIN(pcb->ssthresh - pipe, LWIP_MAX(ahead, delivered) + mss);
    }
    set_cwnd(pcb, pipe + may);
}

/* ---- Into recovery ---- */

/* What cannot leave now (the peer's window has closed, no memory) keeps its mark: it is the first
 * to leave once it can. */
static void repeat_first(struct tcp_pcb *pcb)
{
    tcp_sack_mark_lost(pcb, pcb->unacked);
    (void)tcp_output_lost(pcb, pcb->unacked);
}

static void begin_fast(struct tcp_pcb *pcb)
{
    pcb->recovery = TCP_RECOVERY_FAST;
    repeat_first(pcb);
    set_cwnd(pcb, pcb->ssthresh + TCP_DUP_THRESH * tcp_mss(pcb));
}

/* The first of a recovery leaves whatever cwnd says [RFC6675 5 (4.3)]. */
static void repeat_next(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = tcp_sack_next_lost(pcb);

    if (seg != NULL)
        (void)tcp_output_lost(pcb, seg);
}

static void begin_sack(struct tcp_pcb *pcb, u32_t flight)
{
    pcb->recovery = TCP_RECOVERY_SACK;
    pcb->recover_fs = flight != 0 ? flight : 1;
    pcb->prr_delivered = pcb->prr_out = 0;
    pcb->rescue_rxt = tcp_seg_end(pcb->unacked); /* [RFC6675 5 (4.3)] */
    if (!tcp_rack_on(pcb) && (pcb->unacked->marks & (SEG_SACKED | SEG_LOST)) == 0)
        tcp_sack_mark_lost(pcb, pcb->unacked); /* [RFC6675 5 (4.3)]: the first one in any case */
    repeat_next(pcb);
    set_by_proportion(pcb, 0);
}

void tcp_recover_begin(struct tcp_pcb *pcb, u32_t flight)
{
    if (pcb->unacked == NULL || pcb->recovery == TCP_RECOVERY_FAST ||
        tcp_recovers_by_sack(pcb))
        return;
    u32_t extra = TCP_MAY_LIMITED ? (u32_t)pcb->limited * tcp_mss(pcb) : 0;

    /* what limited transmit added does not count [RFC5681 3.2 (2)] [RFC6675 5 (4.2)] */
    if (!is_reduced(pcb))
        reduce(pcb, flight > extra ? flight - extra : flight);
    pcb->recover = pcb->snd_nxt;
    tcp_set_flags(pcb, TF_INFR);
    tcp_unmark(pcb, TM_RESTART);
    if (tcp_sack_on(pcb))
        begin_sack(pcb, flight);
    else
        begin_fast(pcb);
    forget_limited(pcb);
    /* what has just left gets its whole time [RFC6675 6] */
    if (!tcp_timer_runs(pcb, TCP_TIMER_PERSIST))
        tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
}

/* What was in flight at the last reduction must be through, or one loss would count twice
 * [RFC6582 3.2 (2)], [RFC6675 5.1]. */
static bool is_news(const struct tcp_pcb *pcb)
{
    return tcp_sack_on(pcb) ? seq_geq(pcb->lastack, pcb->recover)
                         : seq_gt(pcb->lastack, pcb->recover);
}

static void look_for_loss(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    bool lost = pcb->dupacks >= TCP_DUP_THRESH;

    if (pcb->unacked == NULL || tcp_rack_on(pcb)) /* [RFC8985]: it takes the place of counting */
        return;
    if (tcp_sack_on(pcb)) {
        if (news->sacked == 0)
            return;
        tcp_sack_find_lost(pcb);
        lost = lost || (pcb->unacked->marks & SEG_LOST) != 0;
    }
    if (!lost || !is_news(pcb))
        return;
    tcp_recover_begin(pcb, news->flight - news->acked);
    if (tcp_recovers_by_sack(pcb))
        set_by_proportion(pcb, news->delivered); /* this ACK is the first of the recovery */
}

/* ---- In recovery ---- */

TCP_APART void end(struct tcp_pcb *pcb)
{
    pcb->recovery = TCP_RECOVERY_NONE;
    pcb->dupacks = 0;
    tcp_clear_flags(pcb, TF_INFR);
}

/* [RFC6582 3.2 (3)] */
static void step_fast(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    u32_t mss = tcp_mss(pcb);

    if (news->acked == 0) {
        if (news->duplicate) {
            count_duplicate(pcb);
            set_cwnd(pcb, pcb->cwnd + mss);
        }
        return;
    }
    if (seq_geq(pcb->lastack, pcb->recover)) { /* all of it */
        u32_t flight = tcp_flight(pcb);
        end(pcb);
        set_cwnd(pcb, LWIP_MIN(pcb->ssthresh, LWIP_MAX(flight, mss) + mss));
        return;
    }
    if (pcb->unacked != NULL)
        repeat_first(pcb);
    u32_t cwnd = pcb->cwnd > news->acked ? pcb->cwnd - news->acked : 0;
    set_cwnd(pcb, news->acked >= mss ? cwnd + mss : cwnd);
}

/* A hole below what was SACKed is worth sending again even if too little was SACKed to call it lost
 * [RFC6675 4 NextSeg (3)]. It may be in the network twice then, and counts twice: the pipe knows
 * one of them, so the window of this ACK is narrowed by the other. */
static void fill_holes(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg;

    while ((seg = tcp_sack_next_hole(pcb)) != NULL &&
           tcp_pipe(pcb) + tcp_seg_room(seg) <= pcb->cwnd &&
           tcp_output_again(pcb, seg) == ERR_OK)
        pcb->cwnd = (tcpwnd_size_t)(pcb->cwnd - tcp_seg_room(seg));
}

/* The end of what was in flight is sent once more, or only the timer could tell its loss
 * [RFC6675 4 NextSeg (4)]. */
static void rescue(struct tcp_pcb *pcb)
{
    if (pcb->unacked == NULL || !seq_gt(pcb->lastack, pcb->rescue_rxt))
        return;
    struct tcp_seg *last = NULL;
    for (struct tcp_seg *seg = pcb->unacked; seg != NULL; seg = seg->next)
        if (!tcp_seg_sacked(seg))
            last = seg;
    if (last == NULL || (last->marks & SEG_RETX) != 0 ||
        tcp_pipe(pcb) + tcp_seg_room(last) > pcb->cwnd)
        return;
    pcb->rescue_rxt = pcb->recover;
    (void)tcp_output_again(pcb, last);
}

/* What is known to be lost goes first, then what is new, and then these two
 * [RFC6675 4 NextSeg]. */
void tcp_recover_fill(struct tcp_pcb *pcb)
{
    fill_holes(pcb);
    rescue(pcb);
}

/* A recovery is over. What was sent in it and is known to be lost, too, is a loss in the next
 * window: it counts by itself [RFC5681 4.3] [RFC6675 5 (A)]. */
static void go_on(struct tcp_pcb *pcb)
{
    if (tcp_lost_bytes(pcb) != 0 ||
        (tcp_sack_on(pcb) && pcb->unacked != NULL && (pcb->unacked->marks & SEG_LOST) != 0))
        tcp_recover_begin(pcb, tcp_flight(pcb));
}

static void step_sack(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    if (news->acked != 0 && seq_geq(pcb->lastack, pcb->recover)) {
        end(pcb);
        set_cwnd(pcb, pcb->ssthresh);
        go_on(pcb);
        return;
    }
    if (news->delivered == 0)
        return;
    if (news->sacked != 0 && !tcp_rack_on(pcb))
        tcp_sack_find_lost(pcb);
    set_by_proportion(pcb, news->delivered);
}

static void step_timeout(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    if (news->acked == 0)
        return;
    pcb->dupacks = 0;
    if (!is_marked(news))
        tcp_cc_acked(pcb, news->acked, true, true);
    if (!seq_geq(pcb->lastack, pcb->recover))
        return;
    end(pcb);
    go_on(pcb);
}

static void step_none(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    if (news->acked != 0) {
        pcb->dupacks = 0;
        forget_limited(pcb);
        pull_along(pcb);
        if (!is_marked(news))
            tcp_cc_acked(pcb, news->acked, tcp_marked(pcb, TM_CWND_LIMITED), false);
    } else if (tcp_sack_on(pcb) ? news->sacked != 0 : news->duplicate) {
        count_duplicate(pcb);
    }
    look_for_loss(pcb, news);
}

/* The network said so before it lost anything: once per window. One segment can become no less, so
 * it is the time between that grows: the next one waits for the timer [RFC3168 6.1.2]. */
static void take_ecn(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    bool in_doubt = pcb->recovery == TCP_RECOVERY_FAST || tcp_recovers_by_sack(pcb);

    if (!is_marked(news) || in_doubt)
        return;
    if (news->acked != 0 && pcb->cwnd <= tcp_mss(pcb)) {
        tcp_mark(pcb, TM_ECN_PACED);
        tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
    }
    if (pcb->recovery != TCP_RECOVERY_NONE || is_reduced(pcb))
        return;
    reduce(pcb, news->flight);
    set_cwnd(pcb, LWIP_MIN(pcb->ssthresh, pcb->cwnd));
    pcb->reduced_upto = pcb->snd_nxt;
}

void tcp_recover_ack(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    take_ecn(pcb, news);
    switch ((enum tcp_recovery)pcb->recovery) {
    case TCP_RECOVERY_NONE:
        step_none(pcb, news);
        break;
    case TCP_RECOVERY_FAST:
        step_fast(pcb, news);
        break;
    case TCP_RECOVERY_SACK:
        if (TCP_MAY_SACK_IN)
            step_sack(pcb, news);
        break;
    case TCP_RECOVERY_TIMEOUT:
        step_timeout(pcb, news);
        break;
    }
}

/* [RFC5681 3.1], [RFC6582 3.2 (4)], [RFC2018 8]: everything is taken for lost; ssthresh is set by
 * the first timeout of a segment alone. A second sign of congestion never raises it, whatever a
 * recovery has let out since the first [RFC5681 4.3]. */
void tcp_recover_timeout(struct tcp_pcb *pcb)
{
    if (pcb->nrtx == 0) {
        tcpwnd_size_t before = pcb->ssthresh;
        reduce(pcb, tcp_flight(pcb));
        if (pcb->recovery != TCP_RECOVERY_NONE)
            pcb->ssthresh = LWIP_MIN(pcb->ssthresh, before);
    }
    pcb->cwnd = tcp_mss(pcb);
    tcp_cc_timeout(pcb);
    pcb->recovery = TCP_RECOVERY_TIMEOUT;
    pcb->recover = pcb->snd_nxt;
    pcb->dupacks = 0;
    forget_limited(pcb);
    tcp_clear_flags(pcb, TF_INFR);
    if (LWIP_TCP_MIRRORS) {
        pcb->rto_end = pcb->snd_nxt;
        tcp_set_flags(pcb, TF_RTO);
    }
    tcp_unmark(pcb, TM_TIMING | TM_TLP);
    if (!tcp_rack_timeout(pcb))
        tcp_sack_all_lost(pcb);
}

/* Marks tell now what is in the network; duplicate ACKs, which told it in cwnd till then, would
 * count beside them. NewReno's recovery is over: what is lost leaves as cwnd permits, each once. */
void tcp_recover_told(struct tcp_pcb *pcb)
{
    if (pcb->recovery == TCP_RECOVERY_FAST) {
        end(pcb);
        set_cwnd(pcb, LWIP_MIN(pcb->ssthresh, pcb->cwnd));
    }
    if (pcb->recovery == TCP_RECOVERY_NONE)
        pcb->recover = pcb->snd_nxt;
}

void tcp_recover_repaired(struct tcp_pcb *pcb, u32_t flight)
{
    if (is_reduced(pcb))
        return;
    reduce(pcb, flight);
    set_cwnd(pcb, LWIP_MIN(pcb->ssthresh, pcb->cwnd));
    pcb->reduced_upto = pcb->snd_nxt;
}

/* What has left since the timeout is what cwnd has let out. The threshold of before is never
 * raised, and congestion avoidance after a timeout is still to come [RFC9438 4.8]. */
static void again_after_timeout(struct tcp_pcb *pcb)
{
    tcpwnd_size_t before = pcb->ssthresh;

    if (seq_geq(pcb->lastack, pcb->recover)) /* go_on(): a loss of the next window */
        return;
    reduce(pcb, LWIP_MIN(tcp_flight(pcb), pcb->cwnd));
    pcb->ssthresh = LWIP_MIN(pcb->ssthresh, before);
    set_cwnd(pcb, LWIP_MIN(pcb->ssthresh, pcb->cwnd));
    tcp_cc_timeout(pcb);
    repeat_next(pcb);
}

/* As what it is, a recovery of its own, whose window is the one there was. */
void tcp_recover_again(struct tcp_pcb *pcb)
{
    if (pcb->recovery == TCP_RECOVERY_TIMEOUT) {
        again_after_timeout(pcb);
        return;
    }
    u32_t flight = tcp_flight(pcb), pipe = tcp_pipe(pcb);

    reduce(pcb, LWIP_MIN(flight, pcb->ssthresh));
    pcb->recover = pcb->snd_nxt;
    pcb->recover_fs = LWIP_MAX(pipe, 1u);
    pcb->prr_delivered = pcb->prr_out = 0;
    repeat_next(pcb);
}

u32_t tcp_recover_limited(const struct tcp_pcb *pcb)
{
    if (pcb->recovery != TCP_RECOVERY_NONE || pcb->dupacks == 0 ||
        pcb->dupacks >= TCP_DUP_THRESH || tcp_sack_on(pcb) || !CFG(tcp_limited_transmit))
        return 0; /* with SACK the pipe is shorter by what arrived: the same without a rule */
    return (u32_t)pcb->dupacks * tcp_mss(pcb);
}

void tcp_recover_sent(struct tcp_pcb *pcb, u32_t bytes)
{
    if (tcp_recovers_by_sack(pcb))
        pcb->prr_out += bytes;
}

#endif
