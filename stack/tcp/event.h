/* tcp/event.h: calling the application, through its functions or through lwip_tcp_event(). */
#ifndef STACK_TCP_EVENT_H
#define STACK_TCP_EVENT_H

#include "stack/tcp/tcp_local.h"

#if LWIP_EVENT_API

static inline err_t tcp_event_accept(struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb, void *arg,
                                     err_t err)
{
    LWIP_UNUSED_ARG(lpcb);
    return lwip_tcp_event(arg, pcb, LWIP_EVENT_ACCEPT, NULL, 0, err);
}

static inline err_t tcp_event_sent(struct tcp_pcb *pcb, u16_t len)
{
    return lwip_tcp_event(pcb->callback_arg, pcb, LWIP_EVENT_SENT, NULL, len, ERR_OK);
}

static inline err_t tcp_event_recv(struct tcp_pcb *pcb, struct pbuf *p)
{
    return lwip_tcp_event(pcb->callback_arg, pcb, LWIP_EVENT_RECV, p, 0, ERR_OK);
}

static inline err_t tcp_event_connected(struct tcp_pcb *pcb)
{
    return lwip_tcp_event(pcb->callback_arg, pcb, LWIP_EVENT_CONNECTED, NULL, 0, ERR_OK);
}

static inline err_t tcp_event_poll(struct tcp_pcb *pcb)
{
    return lwip_tcp_event(pcb->callback_arg, pcb, LWIP_EVENT_POLL, NULL, 0, ERR_OK);
}

static inline bool tcp_polls(const struct tcp_pcb *pcb)
{
    return pcb->pollinterval != 0;
}

struct tcp_err_target {
    void *arg;
};

static inline struct tcp_err_target tcp_err_target(const struct tcp_pcb *pcb)
{
    return (struct tcp_err_target){pcb->callback_arg};
}

static inline void tcp_event_err(const struct tcp_err_target *to, err_t err)
{
    lwip_tcp_event(to->arg, NULL, LWIP_EVENT_ERR, NULL, 0, err);
}

#else

static inline err_t tcp_event_accept(struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb, void *arg,
                                     err_t err)
{
    if (lpcb == NULL || lpcb->accept == NULL)
        return ERR_ARG; /* nobody to take it: the connection is given up */
    return lpcb->accept(arg, pcb, err);
}

static inline err_t tcp_event_sent(struct tcp_pcb *pcb, u16_t len)
{
    return pcb->sent != NULL ? pcb->sent(pcb->callback_arg, pcb, len) : ERR_OK;
}

/* Without a function data is thrown away, and the peer's close answered. */
static inline err_t tcp_event_recv(struct tcp_pcb *pcb, struct pbuf *p)
{
    if (pcb->recv != NULL)
        return pcb->recv(pcb->callback_arg, pcb, p, ERR_OK);
    if (p == NULL)
        return tcp_close(pcb);
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static inline err_t tcp_event_connected(struct tcp_pcb *pcb)
{
    return pcb->connected != NULL ? pcb->connected(pcb->callback_arg, pcb, ERR_OK) : ERR_OK;
}

static inline err_t tcp_event_poll(struct tcp_pcb *pcb)
{
    return pcb->poll != NULL ? pcb->poll(pcb->callback_arg, pcb) : ERR_OK;
}

static inline bool tcp_polls(const struct tcp_pcb *pcb)
{
    return pcb->poll != NULL && pcb->pollinterval != 0;
}

/* Whom to tell when the pcb is gone. */
struct tcp_err_target {
    void *arg;
    tcp_err_fn errf;
};

static inline struct tcp_err_target tcp_err_target(const struct tcp_pcb *pcb)
{
    return (struct tcp_err_target){pcb->callback_arg, pcb->errf};
}

static inline void tcp_event_err(const struct tcp_err_target *to, err_t err)
{
    if (to->errf != NULL)
        to->errf(to->arg, err);
}

#endif

#endif
