/* tcp/check.c: is a connection whole? What holds between two events; for object checks. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/reasm.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/seg.h"
#include "stack/tcp/tcp_local.h"

#include "stack/core/pbuf_shape.h"
#include "stack/wire/tcp_seq.h"

/* What a walk over the send queues has found so far. */
struct sum {
    u32_t next; /* sequence number that has to come next */
    u32_t pbufs, sacked, lost, again;
    bool fin;
};

/* A segment counts in one sum at most, as sack.c has it. */
static void add_marks(const struct tcp_seg *s, struct sum *sum)
{
    if ((s->marks & SEG_SACKED) != 0)
        sum->sacked += tcp_seg_room(s);
    else if ((s->marks & SEG_RETX) != 0)
        sum->again += tcp_seg_room(s);
    else if ((s->marks & SEG_LOST) != 0)
        sum->lost += tcp_seg_room(s);
}

static const char *check_queue(const struct tcp_seg *s, const struct tcp_seg *tail, struct sum *sum)
{
    const struct tcp_seg *last = NULL;

    for (; s != NULL; last = s, s = s->next) {
        if (s->seq != sum->next)
            return "tcp: send queues have a hole, or overlap";
        if (tcp_seg_room(s) == 0)
            return "tcp: an empty segment in a send queue";
        if (sum->fin)
            return "tcp: data queued behind our FIN";
        if ((s->p == NULL ? 0 : s->p->tot_len) != s->len)
            return "tcp: a segment has other data than it says";
        if (s->p != NULL && pbuf_chain_wrong(s->p) != NULL)
            return pbuf_chain_wrong(s->p);
        sum->next = tcp_seg_end(s);
        sum->fin = (s->ctl & TCP_FIN) != 0;
        sum->pbufs += pbuf_clen(s->p);
        add_marks(s, sum);
    }
    return last == tail ? NULL : "tcp: a send queue's tail is not its last segment";
}

/* What was sent ends at SND.NXT, be it on `unacked` or waiting on `unsent`. */
static const char *check_sent(const struct tcp_pcb *pcb)
{
    const struct tcp_seg *s = pcb->unacked;

    for (; s != NULL; s = s->next)
        if (s->sent == 0 || seq_gt(tcp_seg_end(s), pcb->snd_nxt))
            return "tcp: what is unacknowledged was not sent";
    for (s = pcb->unsent; s != NULL && seq_lt(s->seq, pcb->snd_nxt); s = s->next)
        if (s->sent == 0 || s->marks != SEG_LOST || seq_gt(tcp_seg_end(s), pcb->snd_nxt))
            return "tcp: what waits to be sent again was not sent, or is not lost";
    if (s == NULL && pcb->unsent != NULL && pcb->unsent_oversize != 0)
        return "tcp: there is room in a segment that was sent";
    for (; s != NULL; s = s->next)
        if (s->sent != 0 || s->marks != 0)
            return "tcp: a new segment was sent before, or is marked";
    return NULL;
}

/* Where the send queues begin. Of the first segment what is acknowledged may be there yet: it was
 * shared with a frame on its way, or TCP_TRIM_ACKED is 0. */
static u32_t beginning(const struct tcp_pcb *pcb)
{
    const struct tcp_seg *first = tcp_sent_first(pcb);

    return first != NULL && seq_lt(first->seq, pcb->lastack) &&
                   seq_gt(tcp_seg_end(first), pcb->lastack) ? first->seq : pcb->lastack;
}

static const char *check_sender(const struct tcp_pcb *pcb)
{
    struct sum sum = {.next = beginning(pcb)};
    const char *wrong = check_queue(pcb->unacked, pcb->unacked_tail, &sum);

    if (wrong != NULL)
        return wrong;
    if (!tcp_sent_waits(pcb)) {
        if (pcb->unacked != NULL && sum.next != pcb->snd_nxt)
            return "tcp: what is unacknowledged does not end at SND.NXT";
        sum.next = pcb->snd_nxt;
    }
    wrong = check_queue(pcb->unsent, pcb->unsent_tail, &sum);
    if (wrong == NULL)
        wrong = check_sent(pcb);
    if (wrong != NULL)
        return wrong;
    if (sum.sacked != pcb->sacked_bytes || sum.lost != tcp_lost_bytes(pcb) ||
        sum.again != tcp_retx_bytes(pcb))
        return "tcp: sacked, lost or retransmitted bytes are not the sums of what is marked";
    if (sum.pbufs != pcb->snd_queuelen)
        return "tcp: snd_queuelen is not the number of pbufs queued";
    if (sum.next != pcb->snd_lbb)
        return "tcp: the send queues do not end at snd_lbb";
    return NULL;
}

/* The bits say which deadlines count; a heap is sorted by the earliest of those. */
static const char *check_timers(const struct tcp_pcb *pcb)
{
    bool found = false;

    if (pcb->timers >> TCP_TIMERS != 0)
        return "tcp: a timer runs that does not exist";
    for (unsigned i = 0; i < TCP_TIMERS; i++) {
        if ((pcb->timers & (1u << i)) == 0)
            continue;
        if (TCP_HASH_SIZE && seq_lt(pcb->timer_ms[i], pcb->due_ms))
            return "tcp: a timer expires before due_ms";
        found = found || pcb->timer_ms[i] == pcb->due_ms;
    }
    return found || pcb->timers == 0 || !TCP_HASH_SIZE ? NULL : "tcp: no timer expires at due_ms";
}

/* ---- What each state may hold, and nobody touches else in it; in words: README.md ---- */

#define HOLDS_UNSENT 0x01u
#define HOLDS_UNACKED 0x02u
#define HOLDS_OOSEQ 0x04u
#define HOLDS_REFUSED 0x08u
#define HOLDS_FIN_OUT 0x10u /* ours, on a send queue */
#define HOLDS_FIN_IN 0x20u  /* the peer's has been taken */

#define SENDING (HOLDS_UNSENT | HOLDS_UNACKED)
#define RECEIVING (HOLDS_OOSEQ | HOLDS_REFUSED)

#define RUNS(timer) (1u << TCP_TIMER_##timer)
#define RUNS_SENDING (RUNS(REXMIT) | RUNS(PERSIST) | RUNS(USER) | RUNS(LOSS) | RUNS(RETRY))
#define RUNS_ALWAYS (RUNS(POLL) | RUNS(DELACK) | RUNS(RETRY))

static const struct allowed {
    u8_t holds;
    u16_t timers;
} allowed[] = {
    [CLOSED] = {0, 0},
    [LISTEN] = {0, 0},
    [SYN_SENT] = {SENDING, RUNS(POLL) | RUNS_SENDING},
    [SYN_RCVD] = {SENDING | RECEIVING, RUNS_ALWAYS | RUNS_SENDING},
    [ESTABLISHED] = {SENDING | RECEIVING, RUNS_ALWAYS | RUNS_SENDING | RUNS(KEEP)},
    [FIN_WAIT_1] = {SENDING | RECEIVING | HOLDS_FIN_OUT, RUNS_ALWAYS | RUNS_SENDING | RUNS(KEEP)},
    [FIN_WAIT_2] = {RECEIVING, RUNS_ALWAYS | RUNS(KEEP) | RUNS(STATE)},
    [CLOSE_WAIT] = {SENDING | HOLDS_REFUSED | HOLDS_FIN_IN,
                    RUNS_ALWAYS | RUNS_SENDING | RUNS(KEEP)},
    [CLOSING] = {SENDING | HOLDS_REFUSED | HOLDS_FIN_OUT | HOLDS_FIN_IN,
                 RUNS_ALWAYS | RUNS_SENDING},
    [LAST_ACK] = {SENDING | HOLDS_REFUSED | HOLDS_FIN_OUT | HOLDS_FIN_IN,
                  RUNS_ALWAYS | RUNS_SENDING},
    [TIME_WAIT] = {HOLDS_REFUSED | HOLDS_FIN_IN, RUNS(STATE) | RUNS(RETRY)},
};

static bool ends_in_fin(const struct tcp_seg *tail)
{
    return tail != NULL && (tail->ctl & TCP_FIN) != 0;
}

static unsigned holds(const struct tcp_pcb *pcb)
{
    unsigned found = 0;

    if (pcb->unsent != NULL)
        found |= HOLDS_UNSENT;
    if (pcb->unacked != NULL)
        found |= HOLDS_UNACKED;
    if (pcb->ooseq != NULL)
        found |= HOLDS_OOSEQ;
    if (pcb->refused_data != NULL)
        found |= HOLDS_REFUSED;
    if (ends_in_fin(pcb->unsent_tail) || ends_in_fin(pcb->unacked_tail))
        found |= HOLDS_FIN_OUT;
    if (tcp_marked(pcb, TM_FIN_TAKEN))
        found |= HOLDS_FIN_IN;
    return found;
}

static const char *check_state(const struct tcp_pcb *pcb)
{
    if (pcb->state > TIME_WAIT)
        return "tcp: a state that does not exist";
    if ((holds(pcb) & ~(unsigned)allowed[pcb->state].holds) != 0)
        return "tcp: a pcb holds what its state does not allow";
    if ((pcb->timers & ~(unsigned)allowed[pcb->state].timers) != 0)
        return "tcp: a timer runs that the state has no use for";
    return NULL;
}

const char *tcp_pcb_check(const struct tcp_pcb *pcb)
{
    const char *wrong = check_timers(pcb);

    if (wrong == NULL)
        wrong = check_state(pcb);

    if (wrong == NULL && pcb->refused_data != NULL)
        wrong = pbuf_chain_wrong(pcb->refused_data);
    if (wrong == NULL)
        wrong = tcp_reasm_check(pcb);
    if (wrong == NULL && pcb->state != CLOSED && pcb->state != TIME_WAIT)
        wrong = check_sender(pcb);
    return wrong;
}

#endif
