/* tcp/timewait.c: TIME-WAIT: the peer may not have heard that we heard [RFC9293 3.6.1].
 *
 * RSTs do not end it [RFC1337]; a new SYN that cannot be an old one opens a new connection at once
 * [RFC9293 3.6.1 MAY-2] [RFC6191 2]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/tcp_local.h"

void tcp_time_wait_enter(struct tcp_pcb *pcb)
{
    struct pbuf *refused = pcb->refused_data; /* the application may still want it */

    pcb->refused_data = NULL;
    tcp_pcb_purge(pcb); /* all has been sent and acknowledged */
    pcb->refused_data = refused;
    if (refused != NULL)
        tcp_timer_start(pcb, TCP_TIMER_RETRY, TCP_TMR_INTERVAL);
    tcp_pcb_set_state(pcb, TIME_WAIT);
    tcp_timer_start(pcb, TCP_TIMER_STATE, 2 * CFG(tcp_msl_ms));
}

/* Newer than anything of the old connection: by timestamp, else by sequence number. If only the new
 * one will have timestamps, what is left of the old one has none and is told by that. */
static bool is_new_syn(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    bool had = tcp_agreed(pcb, TF_TIMESTAMP);
    bool will = CFG(lwip_tcp_timestamps) && (in->opt.present & WIRE_TCP_OPT_TS) != 0;

    if (!TCP_TIME_WAIT_REUSE || !tcp_has(in, WIRE_TCP_SYN) ||
        tcp_has(in, WIRE_TCP_ACK | WIRE_TCP_FIN))
        return false;
    if (will && !had)
        return true;
    if (will && in->opt.ts_value != pcb->ts_recent)
        return seq_gt(in->opt.ts_value, pcb->ts_recent);
    return seq_gt(in->h.seq, pcb->rcv_nxt);
}

/* Only that, not any segment with a FIN, keeps the state alive [RFC9293 3.10.7.4]. */
static bool is_fin_again(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    return tcp_has(in, WIRE_TCP_FIN) && tcp_has(in, WIRE_TCP_ACK) &&
           !tcp_has(in, WIRE_TCP_SYN) && in->h.seq + tcp_in_room(in) == pcb->rcv_nxt &&
           in->h.ack == pcb->snd_nxt;
}

void tcp_time_wait_arrives(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (tcp_has(in, WIRE_TCP_RST)) {
        tcp_in_drop(in, DROP_tcp_time_wait_rst);
        return;
    }
    if (is_new_syn(in, pcb)) {
        struct tcp_pcb_listen *lpcb = tcp_demux_listener(in);
        if (lpcb != NULL) {
            u32_t above = pcb->snd_nxt;
            tcp_pcb_over(pcb);
            lpcb = tcp_demux_listener(in); /* the application may have closed it */
            if (lpcb != NULL)
                tcp_listen_arrives(in, lpcb, &above);
            else
                tcp_reply_rst(in);
            return;
        }
    }
    if (is_fin_again(in, pcb)) /* our ACK of it was lost: its time begins anew */
        tcp_timer_start(pcb, TCP_TIMER_STATE, 2 * CFG(tcp_msl_ms));
    if (!tcp_sequence_acceptable(in, pcb))
        return;
    if (tcp_has(in, WIRE_TCP_SYN)) {
        tcp_in_drop(in, DROP_tcp_syn_in_window);
        tcp_challenge(pcb);
        return;
    }
    if (!tcp_has(in, WIRE_TCP_ACK)) {
        tcp_in_drop(in, DROP_tcp_no_ack);
        return;
    }
    if (!tcp_ack_acceptable(in, pcb) || tcp_in_room(in) == 0)
        return;
    tcp_in_drop(in, DROP_tcp_text_state);
    (void)tcp_transmit_ack(pcb);
}

#endif
