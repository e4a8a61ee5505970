/* tcp/sack_none.c: what is believed lost where nobody speaks SACK; see sack.h.
 *
 * A segment has at most one mark: SEG_LOST until it is sent again, then SEG_RETX. */
#include "lwip/opt.h"

#include "stack/tcp/features.h"

#if LWIP_TCP && !TCP_SUMS_MARKS

#include "stack/tcp/sack.h"

/* Sequence numbers of what was sent and has that mark. */
static u32_t marked(const struct tcp_pcb *pcb, u8_t mark)
{
    u32_t sum = 0;

    for (struct tcp_seg *seg = tcp_sent_first(pcb); seg != NULL; seg = tcp_sent_next(pcb, seg))
        if (seg->marks == mark)
            sum += tcp_seg_room(seg);
    return sum;
}

u32_t tcp_lost_bytes(const struct tcp_pcb *pcb)
{
    return marked(pcb, SEG_LOST);
}

u32_t tcp_retx_bytes(const struct tcp_pcb *pcb)
{
    return marked(pcb, SEG_RETX);
}

struct tcp_seg *tcp_sack_next_lost(struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = tcp_sent_first(pcb);

    while (seg != NULL && seg->marks != SEG_LOST)
        seg = tcp_sent_next(pcb, seg);
    return seg;
}

void tcp_sack_all_lost(struct tcp_pcb *pcb)
{
    for (struct tcp_seg *seg = tcp_sent_first(pcb); seg != NULL; seg = tcp_sent_next(pcb, seg))
        seg->marks = SEG_LOST;
}

#endif
