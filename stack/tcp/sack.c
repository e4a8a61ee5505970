/* tcp/sack.c: see sack.h. */
#include "lwip/opt.h"

#include "stack/tcp/features.h"

#if LWIP_TCP && TCP_SUMS_MARKS

#include "stack/tcp/rack.h"
#include "stack/tcp/sack.h"

#include <string.h>

#define SEEN (sizeof(((struct tcp_pcb *)0)->seen) / sizeof(((struct tcp_pcb *)0)->seen[0]))

static bool is_missing(const struct tcp_seg *seg)
{
    return (seg->marks & (SEG_LOST | SEG_RETX)) == SEG_LOST;
}

/* Takes seg out of the sums, whatever it is believed to be. */
static void forget(struct tcp_pcb *pcb, const struct tcp_seg *seg, u32_t bytes)
{
    if (tcp_seg_sacked(seg))
        pcb->sacked_bytes -= bytes;
    else if (is_missing(seg))
        pcb->lost_bytes -= bytes;
    else if ((seg->marks & SEG_RETX) != 0)
        pcb->retx_bytes -= bytes;
}

static bool is_judged(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    return pcb->judged != NULL && seq_lt(seg->seq, pcb->judged->seq);
}

/* ---- The peer's blocks ---- */

static u32_t mark_sacked(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    u32_t room = tcp_seg_room(seg);

    if (tcp_seg_sacked(seg))
        return 0;
    tcp_rack_acked(pcb, seg);
    forget(pcb, seg, room);
    seg->marks = SEG_SACKED;
    pcb->sacked_bytes += room;
    if (is_judged(pcb, seg))
        pcb->sacked_before += room;
    return room;
}

/* The remembered block that holds `left` or ends before it, as late as possible; SEEN: none. */
static unsigned nearest(const struct tcp_pcb *pcb, u32_t left)
{
    unsigned found = SEEN;

    for (unsigned i = 0; i < SEEN; i++) {
        if (pcb->seen[i].last == NULL || seq_gt(pcb->seen[i].left, left))
            continue;
        if (found == SEEN || seq_gt(pcb->seen[i].left, pcb->seen[found].left))
            found = i;
    }
    return found;
}

static void remember(struct tcp_pcb *pcb, unsigned at, u32_t left, u32_t right,
                     struct tcp_seg *last)
{
    if (at == SEEN)
        at = SEEN - 1; /* the oldest goes */
    memmove(&pcb->seen[1], &pcb->seen[0], at * sizeof pcb->seen[0]);
    pcb->seen[0].left = left;
    pcb->seen[0].right = right;
    pcb->seen[0].last = last;
}

static u32_t take_block(struct tcp_pcb *pcb, u32_t left, u32_t right)
{
    unsigned at = nearest(pcb, left);
    struct tcp_seg *seg = at < SEEN ? pcb->seen[at].last : pcb->unacked, *last = NULL;
    bool extends = at < SEEN && seq_leq(left, pcb->seen[at].right);
    u32_t bytes = 0;

    if (extends && seq_leq(right, pcb->seen[at].right))
        return 0; /* told before */
    for (; seg != NULL && seq_lt(seg->seq, right); seg = seg->next) {
        if (seq_lt(seg->seq, left) || seq_gt(tcp_seg_end(seg), right))
            continue; /* a segment is there as a whole or not at all */
        bytes += mark_sacked(pcb, seg);
        last = seg;
    }
    if (last != NULL)
        remember(pcb, extends ? at : SEEN, extends ? pcb->seen[at].left : left, right, last);
    return bytes;
}

/* [RFC2883 4]: the first block lies below the ACK, or within the second. */
static bool is_dsack(const struct wire_tcp_options *opt, u32_t ack)
{
    if (seq_leq(opt->sack[0].right, ack))
        return true;
    return opt->sack_count > 1 && seq_geq(opt->sack[0].left, opt->sack[1].left) &&
           seq_leq(opt->sack[0].right, opt->sack[1].right);
}

u32_t tcp_sack_blocks(struct tcp_pcb *pcb, const struct wire_tcp_options *opt, u32_t ack,
                      bool *dsack)
{
    u32_t bytes = 0;

    *dsack = opt->sack_count > 0 && is_dsack(opt, ack);
    for (unsigned i = *dsack ? 1 : 0; i < opt->sack_count; i++) {
        u32_t left = opt->sack[i].left, right = opt->sack[i].right;
        if (seq_lt(left, right) && seq_geq(left, ack) && seq_leq(right, pcb->snd_nxt))
            bytes += take_block(pcb, left, right);
    }
    return bytes;
}

/* ---- Lost ---- */

void tcp_sack_mark_lost(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    if (tcp_seg_sacked(seg) || is_missing(seg))
        return;
    forget(pcb, seg, tcp_seg_room(seg));
    seg->marks = SEG_LOST;
    pcb->lost_bytes += tcp_seg_room(seg);
    if (pcb->lost_hint != NULL && seq_lt(seg->seq, pcb->lost_hint->seq))
        pcb->lost_hint = NULL;
}

static void judge(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    if ((seg->marks & SEG_RETX) != 0)
        seg->marks |= SEG_LOST; /* and sent again already */
    else if ((seg->marks & (SEG_SACKED | SEG_LOST)) == 0)
        tcp_sack_mark_lost(pcb, seg);
}

/* More than two segments' worth of bytes behind it have arrived. */
static void judge_by_bytes(struct tcp_pcb *pcb, u32_t limit)
{
    while (pcb->judged != NULL && pcb->sacked_bytes - pcb->sacked_before > limit) {
        struct tcp_seg *seg = pcb->judged;
        if (tcp_seg_sacked(seg)) {
            if (pcb->sacked_bytes - pcb->sacked_before - tcp_seg_room(seg) <= limit)
                return;
            pcb->sacked_before += tcp_seg_room(seg);
        } else {
            judge(pcb, seg);
        }
        pcb->judged = seg->next;
    }
}

/* Three separate runs behind it have arrived: small segments. */
static void judge_by_runs(struct tcp_pcb *pcb)
{
    unsigned runs = 0, passed = 0;
    bool inside = false;

    for (const struct tcp_seg *seg = pcb->judged; seg != NULL; seg = seg->next) {
        bool sacked = tcp_seg_sacked(seg);
        if (sacked && !inside)
            runs++;
        inside = sacked;
    }
    inside = false;
    for (struct tcp_seg *seg = pcb->judged; seg != NULL && runs - passed >= TCP_DUP_THRESH;
         seg = seg->next) {
        bool sacked = tcp_seg_sacked(seg);
        if (sacked && !inside)
            passed++;
        if (!sacked)
            judge(pcb, seg);
        inside = sacked;
    }
}

void tcp_sack_find_lost(struct tcp_pcb *pcb)
{
    u32_t limit = (TCP_DUP_THRESH - 1) * tcp_mss(pcb);

    if (pcb->judged == NULL) {
        pcb->judged = pcb->unacked;
        pcb->sacked_before = 0;
    }
    judge_by_bytes(pcb, limit);
    if (pcb->sacked_bytes - pcb->sacked_before <= limit)
        judge_by_runs(pcb);
}

struct tcp_seg *tcp_sack_next_lost(struct tcp_pcb *pcb)
{
    if (pcb->lost_bytes == 0)
        return NULL;
    if (pcb->lost_hint == NULL)
        pcb->lost_hint = tcp_sent_first(pcb);
    while (pcb->lost_hint != NULL && !is_missing(pcb->lost_hint))
        pcb->lost_hint = tcp_sent_next(pcb, pcb->lost_hint);
    return pcb->lost_hint;
}

struct tcp_seg *tcp_sack_next_hole(struct tcp_pcb *pcb)
{
    struct tcp_seg *hole = NULL;

    if (pcb->sacked_bytes == 0)
        return NULL;
    for (struct tcp_seg *seg = pcb->unacked; seg != NULL; seg = seg->next) {
        if (hole != NULL && tcp_seg_sacked(seg))
            return hole;
        if (hole == NULL && seg->marks == 0)
            hole = seg;
    }
    return NULL;
}

void tcp_sack_sent_again(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    if ((seg->marks & (SEG_RETX | SEG_SACKED)) != 0)
        return;
    forget(pcb, seg, tcp_seg_room(seg));
    seg->marks |= SEG_RETX;
    pcb->retx_bytes += tcp_seg_room(seg);
}

static void forget_blocks(struct tcp_pcb *pcb)
{
    pcb->sacked_bytes = pcb->sacked_before = 0;
    pcb->judged = NULL;
    memset(pcb->seen, 0, sizeof pcb->seen);
}

void tcp_sack_reset(struct tcp_pcb *pcb)
{
    pcb->retx_bytes = pcb->lost_bytes = 0;
    pcb->lost_hint = NULL;
    forget_blocks(pcb);
}

void tcp_sack_all_lost(struct tcp_pcb *pcb)
{
    tcp_sack_reset(pcb);
    for (struct tcp_seg *seg = tcp_sent_first(pcb); seg != NULL; seg = tcp_sent_next(pcb, seg)) {
        seg->marks = SEG_LOST;
        pcb->lost_bytes += tcp_seg_room(seg);
    }
}

/* ---- Segments come and go ---- */

/* Blocks that end with seg end with `last` now. */
static void move_places(struct tcp_pcb *pcb, const struct tcp_seg *seg, struct tcp_seg *last)
{
    for (unsigned i = 0; i < SEEN; i++)
        if (pcb->seen[i].last == seg)
            pcb->seen[i].last = last;
}

u32_t tcp_sack_acked(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    u32_t room = tcp_seg_room(seg);
    bool known = tcp_seg_sacked(seg);

    forget(pcb, seg, room);
    if (known && is_judged(pcb, seg))
        pcb->sacked_before -= room;
    if (pcb->lost_hint == seg)
        pcb->lost_hint = tcp_sent_next(pcb, seg);
    if (pcb->judged == seg)
        pcb->judged = seg->next;
    move_places(pcb, seg, NULL);
    return known ? 0 : room;
}

void tcp_sack_trimmed(struct tcp_pcb *pcb, const struct tcp_seg *seg, u32_t n)
{
    forget(pcb, seg, n);
    if (tcp_seg_sacked(seg) && is_judged(pcb, seg))
        pcb->sacked_before -= n;
}

void tcp_sack_split(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    move_places(pcb, seg, seg->next);
}

#endif
