/* tcp/deliver.c: the application is told what came, in lwIP's order: accept or connected, sent,
 * data, close. Any of these functions may abort the pcb, or others; the hold notices. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/event.h"
#include "stack/tcp/rcv.h"
#include "stack/tcp/tcp_local.h"

/* How long data that the application refused waits until it is offered again, if nothing arrives
 * before (lwIP's fast timer). */
#define REFUSED_RETRY_MS 250u

static void tell_accepted(struct tcp_in *in, struct tcp_pcb *pcb)
{
    tcp_backlog_leave(pcb);
    if (pcb->listener == NULL) { /* closed while the handshake was under way */
        tcp_abort(pcb);
        return;
    }
    err_t err = tcp_event_accept(pcb->listener, pcb, pcb->callback_arg, ERR_OK);
    if (in->hold.pcb != NULL && err != ERR_OK)
        tcp_abort(pcb);
}

static void tell_sent(struct tcp_in *in, struct tcp_pcb *pcb)
{
    for (; LWIP_WND_SCALE && in->acked > 0xffffu && in->hold.pcb != NULL; in->acked -= 0xffffu)
        (void)tcp_event_sent(pcb, 0xffffu);
    if (in->hold.pcb != NULL)
        (void)tcp_event_sent(pcb, (u16_t)in->acked);
}

/* Puts p behind what was refused before. rcv.c sees to it that all of it has a length. */
static void keep_refused(struct tcp_pcb *pcb, struct pbuf *p)
{
    if (pcb->refused_data == NULL)
        pcb->refused_data = p;
    else
        pbuf_cat(pcb->refused_data, p);
    tcp_timer_start(pcb, TCP_TIMER_RETRY, REFUSED_RETRY_MS);
}

/* One piece of data, behind what was refused before; false: the pcb is gone. */
static bool offer(struct tcp_hold *hold, struct tcp_pcb *pcb, struct pbuf *p)
{
    if (pcb->refused_data == NULL) {
        err_t err = tcp_event_recv(pcb, p);
        if (hold->pcb == NULL || err == ERR_ABRT)
            return false;
        if (err == ERR_OK)
            return true;
    }
    keep_refused(pcb, p);
    return true;
}

static void offer_again(struct tcp_hold *hold, struct tcp_pcb *pcb)
{
    struct pbuf *p = pcb->refused_data;

    pcb->refused_data = NULL;
    tcp_timer_stop(pcb, TCP_TIMER_RETRY);
    if (!offer(hold, pcb, p))
        return;
    if (pcb->refused_data == NULL && (pcb->flags & TF_CLOSEPEND) != 0)
        tcp_timer_start(pcb, TCP_TIMER_RETRY, REFUSED_RETRY_MS);
}

static void tell_closed(struct tcp_pcb *pcb)
{
    if (!tcp_marked(pcb, TM_FIN_OWED) || pcb->refused_data != NULL)
        return;
    tcp_unmark(pcb, TM_FIN_OWED);
    if (!tcp_marked(pcb, TM_CLOSED)) /* who has shut down reading alone has the rest to close yet */
        (void)tcp_event_recv(pcb, NULL);
}

static void give_data(struct tcp_in *in, struct tcp_pcb *pcb)
{
    struct pbuf *p = in->data;

    in->data = NULL;
    if (tcp_has(in, WIRE_TCP_PSH)) /* [RFC9293 3.9.1.3 MAY-17] */
        p->flags |= PBUF_FLAG_PUSH;
    (void)offer(&in->hold, pcb, p);
}

void tcp_deliver(struct tcp_in *in)
{
    struct tcp_pcb *pcb = in->hold.pcb;

    if (in->accepted && pcb != NULL)
        tell_accepted(in, pcb);
    if (in->connected && in->hold.pcb != NULL)
        (void)tcp_event_connected(pcb);
    if (in->acked != 0 && in->hold.pcb != NULL)
        tell_sent(in, pcb);
    if (in->over && in->hold.pcb != NULL)
        tcp_pcb_over(pcb);
    if (in->hold.pcb != NULL && pcb->refused_data != NULL)
        offer_again(&in->hold, pcb);
    if (in->hold.pcb != NULL && in->data == NULL && tcp_has_early(pcb) && pcb->state != SYN_RCVD)
        tcp_rcv_take(in, pcb);
    while (in->hold.pcb != NULL && in->data != NULL) {
        give_data(in, pcb);
        if (in->hold.pcb != NULL) /* a chain has at most 65,535 bytes: there may be more */
            tcp_rcv_take(in, pcb);
    }
    if (in->hold.pcb != NULL)
        tell_closed(pcb);
}

bool tcp_deliver_refused(struct tcp_pcb *pcb)
{
    struct tcp_hold hold;
    bool alive;

    tcp_hold_begin(&hold, pcb);
    if (pcb->refused_data != NULL)
        offer_again(&hold, pcb);
    if (hold.pcb != NULL)
        tell_closed(pcb);
    alive = hold.pcb != NULL;
    tcp_hold_end(&hold);
    return alive;
}

#endif
