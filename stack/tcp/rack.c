/* tcp/rack.c: see rack.h.
 *
 * RACK knows of the segment sent last among those that arrived: as which one it left (rack_order)
 * and how long the last to arrive took (rack_rtt_ms). What left before it and has not arrived after
 * that time and a reordering window is lost [RFC8985 6.2]. The RFC compares times; many segments
 * leave in one of our milliseconds, and what was sent again need not be the first of them, so
 * transmissions are counted.
 * The window is nothing until the network has been seen to reorder; then a quarter of the shortest
 * round trip, and more by each round of D-SACKs, which tell that it was too short.
 *
 * TCP_TIMER_LOSS is either the end of that window or, with TM_PTO, a tail loss probe [RFC8985 7.2].
 * The retransmission timer goes on beside it and is started anew by the probe. */
#include "lwip/opt.h"

#include "stack/tcp/features.h"

#if LWIP_TCP && TCP_MAY_RACK

#include "stack/tcp/rack.h"

#include "stack/tcp/rtt.h"
#include "stack/tcp/sack.h"

#define MIN_RTT_WINDOW_MS 150000u /* half of what the shortest round trip is taken over */
#define MAX_ACK_DELAY_MS 200u     /* [RFC8985 7.2]: a lone segment's ACK may be put off so long */
#define MIN_PTO_MS 2u             /* less cannot be told from the clock's own steps */
#define REO_PERSIST 16u           /* recoveries without D-SACK until the window shrinks again */

/* ---- What arrived ---- */

void tcp_rack_begin(struct tcp_pcb *pcb, const struct wire_tcp_options *opt)
{
    if (!tcp_rack_on(pcb))
        return;
    bool echoes = tcp_agreed(pcb, TF_TIMESTAMP) && (opt->present & WIRE_TCP_OPT_TS) != 0;
    pcb->rack_echo_ms = echoes ? opt->ts_echo - pcb->ts_offset : tcp_now();
    if ((opt->present & WIRE_TCP_OPT_SACK) != 0)
        pcb->rack_dsack_end = opt->sack[0].right;
}

/* The shortest round trip of the last 150 to 300 s: routes change [RFC8985 6.2]. */
static void note_round_trip(struct tcp_pcb *pcb, u32_t rtt)
{
    tcp_mark(pcb, TM_RTT_FRESH);
    if (tcp_now() - pcb->rack_min_since_ms >= MIN_RTT_WINDOW_MS) {
        pcb->rack_min_before_ms = pcb->rack_min_ms;
        pcb->rack_min_ms = rtt;
        pcb->rack_min_since_ms = tcp_now();
    } else if (rtt < pcb->rack_min_ms) {
        pcb->rack_min_ms = rtt;
    }
}

static u32_t shortest_round_trip(const struct tcp_pcb *pcb)
{
    return LWIP_MIN(pcb->rack_min_ms, pcb->rack_min_before_ms);
}

static void first_delivery(struct tcp_pcb *pcb, const struct tcp_seg *seg, u32_t rtt)
{
    tcp_mark(pcb, TM_RACK);
    pcb->rack_min_ms = pcb->rack_min_before_ms = rtt;
    pcb->rack_min_since_ms = tcp_now();
    pcb->rack_order = seg->order - 1;
    pcb->rack_fack = pcb->rack_fack_new = seg->seq;
    pcb->rack_reo_mult = 1;
    pcb->rack_reo_persist = 0;
}

/* [RFC8985 6.2], steps 1 to 3. Of a segment sent more than once it has to be clear that the last
 * copy is meant. */
void tcp_rack_acked(struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    u32_t end = tcp_seg_end(seg), rtt = tcp_now() - seg->sent_ms;
    bool once = seg->sent <= 1;

    if (!tcp_rack_on(pcb))
        return;
    if (!tcp_marked(pcb, TM_RACK))
        first_delivery(pcb, seg, rtt);
    if (once && seq_lt(end, pcb->rack_fack)) /* of before this ACK: an ACK may tell of a lot */
        tcp_mark(pcb, TM_REORDERED);
    if (seq_gt(end, pcb->rack_fack_new))
        pcb->rack_fack_new = end;
    if (once)
        note_round_trip(pcb, rtt);
    else if (seq_lt(pcb->rack_echo_ms, seg->sent_ms) || rtt < shortest_round_trip(pcb))
        return;
    pcb->rack_rtt_ms = rtt;
    if (seq_gt(seg->order, pcb->rack_order)) /* RACK_sent_after() */
        pcb->rack_order = seg->order;
}

/* ---- The reordering window ---- */

/* [RFC8985 6.2], step 4: at most one step wider per round trip, back after 16 quiet recoveries. */
static void adapt_window(struct tcp_pcb *pcb, bool dsack)
{
    bool repairs = pcb->recovery != TCP_RECOVERY_NONE;

    if (tcp_marked(pcb, TM_DSACK_ROUND) && seq_geq(pcb->lastack, pcb->rack_round))
        tcp_unmark(pcb, TM_DSACK_ROUND);
    if (dsack && !tcp_marked(pcb, TM_DSACK_ROUND)) {
        tcp_mark(pcb, TM_DSACK_ROUND);
        pcb->rack_round = pcb->snd_nxt;
        if (pcb->rack_reo_mult < 255)
            pcb->rack_reo_mult++;
        pcb->rack_reo_persist = REO_PERSIST;
    } else if (tcp_marked(pcb, TM_RACK_REPAIR) && !repairs) {
        if (pcb->rack_reo_persist > 0)
            pcb->rack_reo_persist--;
        if (pcb->rack_reo_persist == 0)
            pcb->rack_reo_mult = 1;
    }
    if (repairs)
        tcp_mark(pcb, TM_RACK_REPAIR);
    else
        tcp_unmark(pcb, TM_RACK_REPAIR);
}

static bool many_are_sacked(const struct tcp_pcb *pcb)
{
    unsigned n = 0;

    if (pcb->sacked_bytes == 0)
        return false;
    for (const struct tcp_seg *seg = pcb->unacked; seg != NULL; seg = seg->next)
        if ((seg->marks & SEG_SACKED) != 0 && ++n == TCP_DUP_THRESH)
            return true;
    return false;
}

/* Rounded up: times are whole milliseconds, and one of 0 would be no window. */
static u32_t window_ms(const struct tcp_pcb *pcb)
{
    if (!tcp_marked(pcb, TM_REORDERED) &&
        (pcb->recovery != TCP_RECOVERY_NONE || many_are_sacked(pcb)))
        return 0;
    u32_t window = (pcb->rack_reo_mult * shortest_round_trip(pcb) + 3) / 4;
    return LWIP_MAX(LWIP_MIN(window, tcp_rtt_smoothed_ms(pcb)), 1u);
}

/* ---- Loss ---- */

/* The segment behind the run of arrived ones that seg is in, or one within it: blocks that sack.c
 * remembers are jumped over. */
static struct tcp_seg *behind_sacked(const struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    for (unsigned i = 0; i < sizeof pcb->seen / sizeof pcb->seen[0]; i++)
        if (pcb->seen[i].last != NULL && seq_leq(pcb->seen[i].left, seg->seq) &&
            seq_lt(seg->seq, pcb->seen[i].last->seq))
            return pcb->seen[i].last->next;
    return seg->next;
}

static bool is_in_network(const struct tcp_seg *seg)
{
    return (seg->marks & SEG_SACKED) == 0 && (seg->marks & (SEG_LOST | SEG_RETX)) != SEG_LOST;
}

struct losses {
    bool any;
    bool again; /* one of them a retransmission */
};

/* [RFC8985 6.2], step 5: marks what is lost; how long the longest of the others has to be waited
 * for, 0: none. Segments that were sent once are in the order in which they were sent, so the first
 * of them that left after RACK's ends the walk (one sent again behind it did so, too); and so does
 * having seen all that is in the network. */
static u32_t find_lost(struct tcp_pcb *pcb, u32_t window, struct losses *found)
{
    u32_t wait = 0, left = tcp_pipe(pcb), now = tcp_now();
    struct tcp_seg *seg = pcb->unacked, *next;

    *found = (struct losses){.any = false};
    for (; seg != NULL && left != 0; seg = next) {
        next = (seg->marks & SEG_SACKED) != 0 ? behind_sacked(pcb, seg) : seg->next;
        if (!is_in_network(seg))
            continue;
        u32_t room = tcp_seg_end(seg) - seq_max(seg->seq, pcb->lastack);
        left -= LWIP_MIN(left, room);
        if (!seq_gt(pcb->rack_order, seg->order)) {
            if (seg->sent <= 1)
                break;
            continue;
        }
        u32_t due = seg->sent_ms + pcb->rack_rtt_ms + window;
        if (seq_leq(due, now)) {
            /* sent again since the window was reduced last */
            found->again |= (seg->marks & SEG_RETX) != 0 && seq_geq(seg->sent_ms, pcb->reduced_ms);
            found->any = true;
            tcp_sack_mark_lost(pcb, seg);
        } else {
            wait = LWIP_MAX(wait, due - now);
        }
    }
    return wait;
}

/* In recovery, and until what was in flight at its beginning is through, a loss is no new sign of
 * congestion, but that of a retransmission is [RFC5681 4.3]; it is sent again in any case. */
static void repair(struct tcp_pcb *pcb, u32_t flight, const struct losses *found)
{
    if (found->any && pcb->recovery == TCP_RECOVERY_NONE && seq_geq(pcb->lastack, pcb->recover))
        tcp_recover_begin(pcb, flight);
    else if (found->again && pcb->recovery != TCP_RECOVERY_NONE)
        tcp_recover_again(pcb);
}

static void wait_for_window(struct tcp_pcb *pcb, u32_t ms)
{
    tcp_unmark(pcb, TM_PTO);
    tcp_timer_start(pcb, TCP_TIMER_LOSS, ms);
}

static void stop_waiting(struct tcp_pcb *pcb)
{
    tcp_unmark(pcb, TM_PTO);
    tcp_timer_stop(pcb, TCP_TIMER_LOSS);
}

/* [RFC8985 6.3]: the retransmission timer has expired. The first segment is lost, and what has been
 * under way for longer than a round trip; what arrived has arrived. */
bool tcp_rack_timeout(struct tcp_pcb *pcb)
{
    if (!tcp_rack_on(pcb) || !tcp_marked(pcb, TM_RACK) || pcb->unacked == NULL ||
        (pcb->unacked->marks & SEG_SACKED) != 0) /* the peer threw it away again [RFC2018 8] */
        return false;
    u32_t late = pcb->rack_rtt_ms + window_ms(pcb), now = tcp_now();
    stop_waiting(pcb);
    tcp_sack_mark_lost(pcb, pcb->unacked);
    for (struct tcp_seg *seg = pcb->unacked->next; seg != NULL; seg = seg->next)
        if (seq_leq(seg->sent_ms + late, now))
            tcp_sack_mark_lost(pcb, seg);
    return true;
}

/* ---- Tail loss probes ---- */

static u32_t probe_timeout(const struct tcp_pcb *pcb)
{
    u32_t pto = LWIP_MAX((pcb->srtt8 + 3) / 4, MIN_PTO_MS); /* 2 * SRTT [RFC8985 7.2] */

    if (pcb->srtt8 == 0)
        pto = 1000;
    else if (pcb->unacked->next == NULL)
        pto += MAX_ACK_DELAY_MS;
    return pto;
}

/* [RFC8985 7.2, 7.3]: something is in flight, all of it may be there, no probe is out, and there
 * was a round trip since the last one. */
static bool may_probe(const struct tcp_pcb *pcb)
{
    return pcb->state >= ESTABLISHED && pcb->unacked != NULL && pcb->sacked_bytes == 0 &&
           tcp_lost_bytes(pcb) == 0 && pcb->recovery == TCP_RECOVERY_NONE &&
           !tcp_marked(pcb, TM_TLP) && tcp_marked(pcb, TM_RTT_FRESH) &&
           !tcp_timer_runs(pcb, TCP_TIMER_PERSIST);
}

/* No later than the retransmission timer, whose place the probe takes: 1 ms before it, because of
 * timers that are due together the retransmission's comes first. */
static void arm_probe(struct tcp_pcb *pcb, u32_t rto_in_ms)
{
    if (!may_probe(pcb)) {
        stop_waiting(pcb);
        return;
    }
    u32_t pto = probe_timeout(pcb);
    if (pto >= rto_in_ms)
        pto = rto_in_ms > 1 ? rto_in_ms - 1 : 1;
    tcp_mark(pcb, TM_PTO);
    tcp_timer_start(pcb, TCP_TIMER_LOSS, pto);
}

static u32_t rto_left(const struct tcp_pcb *pcb)
{
    return tcp_timer_runs(pcb, TCP_TIMER_REXMIT) ? pcb->timer_ms[TCP_TIMER_REXMIT] - tcp_now()
                                                 : pcb->rto_ms;
}

void tcp_rack_sent(struct tcp_pcb *pcb)
{
    if (!tcp_rack_on(pcb) ||
        (tcp_timer_runs(pcb, TCP_TIMER_LOSS) && !tcp_marked(pcb, TM_PTO)))
        return;
    arm_probe(pcb, rto_left(pcb));
}

/* [RFC8985 7.3]: new data says as much as old and is of more use. */
static void send_probe(struct tcp_pcb *pcb)
{
    if (!may_probe(pcb))
        return;
    tcp_mark(pcb, TM_TLP); /* first: sending looks whether a probe is to be armed */
    tcp_unmark(pcb, TM_TLP_AGAIN);
    if (!tcp_output_one(pcb)) {
        tcp_mark(pcb, TM_TLP_AGAIN);
        if (tcp_output_again(pcb, pcb->unacked_tail) != ERR_OK) {
            tcp_unmark(pcb, TM_TLP); /* no memory: the retransmission timer is there yet */
            return;
        }
    }
    pcb->tlp_end = pcb->snd_nxt;
    tcp_unmark(pcb, TM_RTT_FRESH);
    tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
}

/* [RFC8985 7.4]: what became of the probe. If it was a copy and nothing tells of a second one,
 * it has repaired a loss that nobody else saw. */
static void judge_probe(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    if (!tcp_marked(pcb, TM_TLP))
        return;
    if (pcb->recovery != TCP_RECOVERY_NONE) { /* [RFC8985 7.1]: recovery deals with it */
        tcp_unmark(pcb, TM_TLP);
        return;
    }
    if (seq_lt(pcb->lastack, pcb->tlp_end))
        return;
    bool twice = news->dsack && pcb->rack_dsack_end == pcb->tlp_end;
    if (!tcp_marked(pcb, TM_TLP_AGAIN) || twice) {
        tcp_unmark(pcb, TM_TLP);
    } else if (seq_gt(pcb->lastack, pcb->tlp_end)) {
        tcp_unmark(pcb, TM_TLP);
        tcp_recover_repaired(pcb, news->flight);
    } else if (news->same && news->sacked == 0 && !news->dsack) {
        tcp_unmark(pcb, TM_TLP); /* a duplicate ACK: both copies arrived */
    }
}

/* ---- Events ---- */

void tcp_rack_ack(struct tcp_pcb *pcb, const struct tcp_ack_news *news)
{
    struct losses found;

    if (!tcp_rack_on(pcb) || !tcp_marked(pcb, TM_RACK))
        return;
    pcb->rack_fack = pcb->rack_fack_new;
    judge_probe(pcb, news);
    adapt_window(pcb, news->dsack);
    u32_t wait = find_lost(pcb, window_ms(pcb), &found);
    repair(pcb, news->flight - news->acked, &found);
    if (wait != 0)
        wait_for_window(pcb, wait);
    else if (news->acked != 0) /* the retransmission timer is about to be started, too */
        arm_probe(pcb, pcb->rto_ms);
    else if (!tcp_marked(pcb, TM_PTO) || !may_probe(pcb))
        stop_waiting(pcb);
}

void tcp_rack_timer(struct tcp_pcb *pcb)
{
    struct losses found;

    if (!tcp_rack_on(pcb))
        return;
    if (tcp_marked(pcb, TM_PTO)) {
        tcp_unmark(pcb, TM_PTO);
        send_probe(pcb);
        return;
    }
    u32_t wait = find_lost(pcb, window_ms(pcb), &found);
    repair(pcb, tcp_flight(pcb), &found);
    if (wait != 0)
        wait_for_window(pcb, wait);
}

#endif
