/* tcp/reply.c: answers to what no connection wants [RFC9293 3.5.2] [RFC9293 3.10.7.1]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/tcp_local.h"

/* A RST is never answered. What has an ACK gets a RST at that number; what has none is
 * acknowledged as a whole by the RST, so that its sender believes it. */
void tcp_reply_rst(const struct tcp_in *in)
{
    if (tcp_has(in, WIRE_TCP_RST))
        return;
    if (tcp_has(in, WIRE_TCP_ACK))
        tcp_rst_to(in, in->h.ack, 0, WIRE_TCP_RST);
    else
        tcp_rst_to(in, 0, in->h.seq + tcp_in_room(in), WIRE_TCP_RST | WIRE_TCP_ACK);
}

#if TCP_MAY_LIMIT_CHALLENGES
/* At most tcp_challenge_ack_limit of them per second and connection [RFC5961 7]; the second begins
 * with the first one. What one connection has used up does not show on another one, and the limit
 * differs by up to half from second to second: nobody can learn by counting whether there is a
 * connection between two others (CVE-2016-5696). */
void tcp_challenge(struct tcp_pcb *pcb)
{
    u32_t limit = CFG(tcp_challenge_ack_limit);

    if (limit != 0) {
        if (tcp_now() - pcb->challenge_ms >= 1000) {
            u32_t left = limit - (limit > 1 ? stack_random() % (limit / 2 + 1) : 0);
            pcb->challenge_ms = tcp_now();
            pcb->challenge_left = (u16_t)LWIP_MIN(left, 0xffffu);
        }
        if (pcb->challenge_left == 0)
            return;
        pcb->challenge_left--;
    }
    (void)tcp_transmit_ack(pcb);
}
#endif

#endif
