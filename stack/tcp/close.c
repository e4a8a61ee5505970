/* tcp/close.c: the application lets go [RFC9293 3.6] [RFC9293 3.10.4]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/tcp_local.h"

#define RETRY_MS 250u

/* Data that came in and that nobody has read, or ever will [RFC9293 3.6.1 SHLD-3]
 * [RFC2525 2.17]: half-closed before or not. In TIME-WAIT the peer does not listen any more. */
static bool has_unread_data(const struct tcp_pcb *pcb)
{
    return pcb->state >= ESTABLISHED && pcb->state != TIME_WAIT &&
           (pcb->refused_data != NULL || pcb->rcv_wnd != tcp_rcv_limit(pcb));
}

static enum tcp_state after_fin(enum tcp_state state)
{
    return state == CLOSE_WAIT ? LAST_ACK : FIN_WAIT_1;
}

/* The FIN joins the queue. Without memory it is owed: the stack repeats it by itself. */
static void send_fin(struct tcp_pcb *pcb)
{
    if (tcp_snd_fin(pcb) != ERR_OK) {
        tcp_set_flags(pcb, TF_CLOSEPEND);
        tcp_timer_start(pcb, TCP_TIMER_RETRY, RETRY_MS);
        return;
    }
    tcp_clear_flags(pcb, TF_CLOSEPEND);
    tcp_pcb_set_state(pcb, after_fin(pcb->state));
}

void tcp_close_retry(struct tcp_pcb *pcb)
{
    if ((pcb->flags & TF_CLOSEPEND) != 0 && (pcb->flags & TF_FIN) == 0)
        send_fin(pcb);
}

static bool can_send_fin(enum tcp_state state)
{
    return state == SYN_RCVD || state == ESTABLISHED || state == CLOSE_WAIT;
}

static err_t shut_tx(struct tcp_pcb *pcb)
{
    if (!can_send_fin(pcb->state) || (pcb->flags & TF_CLOSEPEND) != 0)
        return ERR_OK; /* it has been sent, or is owed, already */
    send_fin(pcb);
    return tcp_output(pcb);
}

static err_t close_connection(struct tcp_pcb *pcb)
{
    tcp_mark(pcb, TM_CLOSED);
    tcp_set_flags(pcb, TF_RXCLOSED);
    if (has_unread_data(pcb)) {
        tcp_transmit_rst(pcb);
        tcp_pcb_free_quietly(pcb);
        return ERR_OK;
    }
    if (pcb->state == FIN_WAIT_2) /* half-closed before: now the peer's time is limited */
        tcp_timer_start(pcb, TCP_TIMER_STATE, CFG(tcp_fin_wait_timeout_ms));
    (void)shut_tx(pcb); /* what cannot leave now will by a timer */
    return ERR_OK;
}

static err_t close_any(struct tcp_pcb *pcb)
{
    switch (pcb->state) {
    case LISTEN:
        tcp_listener_free((struct tcp_pcb_listen *)(void *)pcb);
        return ERR_OK;
    case CLOSED:
    case SYN_SENT:
        tcp_pcb_free_quietly(pcb);
        return ERR_OK;
    default:
        return close_connection(pcb);
    }
}

err_t tcp_close(struct tcp_pcb *pcb)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_close: pcb", pcb != NULL, return ERR_ARG);
    return close_any(pcb);
}

err_t tcp_shutdown(struct tcp_pcb *pcb, int shut_rx, int shut_tx_too)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_shutdown: pcb", pcb != NULL, return ERR_ARG);
    if (pcb->state == LISTEN)
        return ERR_CONN;
    if (shut_rx && shut_tx_too)
        return tcp_close(pcb);
    if (shut_rx) {
        tcp_set_flags(pcb, TF_RXCLOSED);
        if (pcb->refused_data != NULL) {
            u16_t len = pcb->refused_data->tot_len;
            pbuf_free(pcb->refused_data);
            pcb->refused_data = NULL;
            tcp_recved(pcb, len);
        }
    }
    if (!shut_tx_too)
        return ERR_OK;
    if (!can_send_fin(pcb->state))
        return ERR_CONN;
    (void)shut_tx(pcb);
    return ERR_OK;
}

#endif
