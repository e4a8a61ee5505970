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

static const char *check_sender(const struct tcp_pcb *pcb)
{
    struct sum sum = {.next = pcb->lastack};
    const char *wrong = check_queue(pcb->unacked, pcb->unacked_tail, &sum);

    if (wrong != NULL)
        return wrong;
    if (pcb->unacked != NULL && sum.next != pcb->snd_nxt)
        return "tcp: what is unacknowledged does not end at SND.NXT";
    if (sum.sacked != pcb->sacked_bytes || sum.lost != pcb->lost_bytes ||
        sum.again != pcb->retx_bytes)
        return "tcp: sacked, lost or retransmitted bytes are not the sums of what is marked";
    sum.next = pcb->snd_nxt;
    wrong = check_queue(pcb->unsent, pcb->unsent_tail, &sum);
    if (wrong != NULL)
        return wrong;
    if (sum.pbufs != pcb->snd_queuelen)
        return "tcp: snd_queuelen is not the number of pbufs queued";
    if (sum.next != pcb->snd_lbb)
        return "tcp: the send queues do not end at snd_lbb";
    return NULL;
}

/* The bits say which deadlines count; the heap is sorted by the earliest of those. */
static const char *check_timers(const struct tcp_pcb *pcb)
{
    bool found = false;

    if (pcb->timers >> TCP_TIMERS != 0)
        return "tcp: a timer runs that does not exist";
    for (unsigned i = 0; i < TCP_TIMERS; i++) {
        if ((pcb->timers & (1u << i)) == 0)
            continue;
        if (seq_lt(pcb->timer_ms[i], pcb->due_ms))
            return "tcp: a timer expires before due_ms";
        found = found || pcb->timer_ms[i] == pcb->due_ms;
    }
    return found || pcb->timers == 0 ? NULL : "tcp: no timer expires at due_ms";
}

const char *tcp_pcb_check(const struct tcp_pcb *pcb)
{
    const char *wrong = check_timers(pcb);

    if (wrong == NULL && pcb->refused_data != NULL)
        wrong = pbuf_chain_wrong(pcb->refused_data);
    if (wrong == NULL)
        wrong = tcp_reasm_check(pcb);
    if (wrong == NULL && pcb->state != CLOSED && pcb->state != TIME_WAIT)
        wrong = check_sender(pcb);
    return wrong;
}

#endif
