/* tcp/recover.h: from the signs of loss to retransmissions and a smaller window.
 *
 * Without SACK: NewReno [RFC5681 3.2] [RFC6582 3.2]. With it: [RFC6675 5] with the window of
 * proportional rate reduction [RFC6937]. After a timeout: slow start over what was in flight. */
#ifndef STACK_TCP_RECOVER_H
#define STACK_TCP_RECOVER_H

#include "stack/tcp/tcp_local.h"

enum tcp_recovery {
    TCP_RECOVERY_NONE,
    TCP_RECOVERY_FAST,   /* NewReno: cwnd is inflated by duplicate ACKs */
    TCP_RECOVERY_SACK,   /* cwnd is set anew by each ACK */
    TCP_RECOVERY_TIMEOUT /* until everything sent before the timeout is acknowledged */
};

/* What an ACK told. */
struct tcp_ack_news {
    u32_t acked;     /* sequence numbers newly acknowledged */
    u32_t delivered; /* bytes newly known to have arrived, by ACK or SACK */
    u32_t sacked;    /* of them by SACK */
    u32_t flight;    /* FlightSize before it */
    bool same;       /* no data, the ACK and the window of before */
    bool duplicate;  /* and in the sense of [RFC5681 2] */
    bool dsack;
    bool ece;
};

static inline bool tcp_recovers_by_sack(const struct tcp_pcb *pcb)
{
    return TCP_MAY_SACK_IN && pcb->recovery == TCP_RECOVERY_SACK;
}

void tcp_recover_ack(struct tcp_pcb *pcb, const struct tcp_ack_news *news);
/* The retransmission timer has expired: everything but the retransmission itself. */
void tcp_recover_timeout(struct tcp_pcb *pcb);
/* Bytes beyond cwnd that duplicate ACKs let new data use (RFC 3042). */
u32_t tcp_recover_limited(const struct tcp_pcb *pcb);
/* `bytes` have been sent (new or again): proportional rate reduction counts them. */
void tcp_recover_sent(struct tcp_pcb *pcb, u32_t bytes);
/* Enters recovery although there were no duplicate ACKs: RACK found a loss. */
void tcp_recover_begin(struct tcp_pcb *pcb, u32_t flight);
/* A loss was repaired by the very probe that was to find it: the window shrinks as for others. */
void tcp_recover_repaired(struct tcp_pcb *pcb, u32_t flight);
/* A retransmission of this recovery (with SACK, or after a timeout) is lost: the window shrinks
 * again [RFC5681 4.3]. */
void tcp_recover_again(struct tcp_pcb *pcb);
/* A router has said what is lost. */
void tcp_recover_told(struct tcp_pcb *pcb);
/* In recovery with SACK. What is known to be lost has left, and what is new: holes, and the end of
 * the flight, where cwnd has room for more. */
void tcp_recover_fill(struct tcp_pcb *pcb);
/* seg, the first that is lost and waits, leaves whatever cwnd says: it is the retransmission that
 * the recovery begins with, which had no memory or no window to leave at once [RFC5681 3.2 (3)]
 * [RFC6582 3.2 (3)] [RFC6675 5 (4.3)] [RFC6298 5.4]. */
static inline bool tcp_recover_owes(const struct tcp_pcb *pcb, const struct tcp_seg *seg)
{
    if (tcp_recovers_by_sack(pcb))
        return pcb->prr_out == 0;
    return seg == pcb->unacked &&
           (pcb->recovery == TCP_RECOVERY_FAST ||
            (pcb->recovery == TCP_RECOVERY_TIMEOUT && pcb->nrtx != 0));
}

const char *tcp_recovery_name(const struct tcp_pcb *pcb);

#endif
