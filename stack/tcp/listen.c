/* tcp/listen.c: the passive open: a listener, and what arrives at it [RFC9293 3.10.7.2]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/event.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/tcp_local.h"

#include "lwip/memp.h"

#include <string.h>

/* ---- The listener ---- */

#if LWIP_TCP_PCB_NUM_EXT_ARGS
static void destroy_ext_args(const struct tcp_pcb_listen *lpcb)
{
    for (u8_t id = 0; id < LWIP_TCP_PCB_NUM_EXT_ARGS; id++) {
        const struct tcp_ext_arg_callbacks *cb = lpcb->ext_args[id].callbacks;
        if (cb != NULL && cb->destroy != NULL)
            cb->destroy(id, lpcb->ext_args[id].data);
    }
}

static err_t ask_ext_args(struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb)
{
    err_t err = ERR_OK;

    for (u8_t id = 0; id < LWIP_TCP_PCB_NUM_EXT_ARGS && err == ERR_OK; id++) {
        const struct tcp_ext_arg_callbacks *cb = lpcb->ext_args[id].callbacks;
        if (cb != NULL && cb->passive_open != NULL)
            err = cb->passive_open(id, lpcb, pcb);
    }
    return err;
}
#else
static void destroy_ext_args(const struct tcp_pcb_listen *lpcb)
{
    LWIP_UNUSED_ARG(lpcb);
}

static err_t ask_ext_args(struct tcp_pcb_listen *lpcb, struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(lpcb);
    LWIP_UNUSED_ARG(pcb);
    return ERR_OK;
}
#endif

/* Another listener has address and port already. */
static bool is_taken(const struct tcp_pcb *pcb)
{
    const struct tcp_pcb_listen *l = STACK->pub.tcp_listen_pcbs_.listen_pcbs;

    while (l != NULL &&
           (l->local_port != pcb->local_port || !ip_addr_eq(&l->local_ip, &pcb->local_ip)))
        l = l->next;
    return l != NULL;
}

static void start_accept(struct tcp_pcb_listen *lpcb);

/* What listens is smaller than what connects; the application's pcb goes. */
static struct tcp_pcb_listen *turn_into_listener(struct tcp_pcb *pcb, u8_t backlog)
{
    struct tcp_pcb_listen *lpcb = memp_malloc(MEMP_TCP_PCB_LISTEN);

    if (lpcb == NULL)
        return NULL;
    memcpy(lpcb, pcb, sizeof *lpcb); /* both kinds begin alike; what is the listener's follows */
    lpcb->state = LISTEN;
    lpcb->accepts_pending = 0;
    lpcb->backlog = backlog != 0 ? backlog : 1;
    start_accept(lpcb);
    return lpcb;
}

#if LWIP_CALLBACK_API
static void start_accept(struct tcp_pcb_listen *lpcb)
{
    lpcb->accept = NULL;
}

void tcp_accept(struct tcp_pcb *pcb, tcp_accept_fn accept)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (pcb != NULL && pcb->state == LISTEN)
        ((struct tcp_pcb_listen *)(void *)pcb)->accept = accept;
}
#else
static void start_accept(struct tcp_pcb_listen *lpcb)
{
    LWIP_UNUSED_ARG(lpcb);
}
#endif

#if LWIP_TCP_PCB_NUM_EXT_ARGS
static void forget_ext_args(struct tcp_pcb *pcb)
{
    memset(pcb->ext_args, 0, sizeof pcb->ext_args);
}
#else
static void forget_ext_args(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

struct tcp_pcb *tcp_listen_with_backlog_and_err(struct tcp_pcb *pcb, u8_t backlog, err_t *err)
{
    err_t result = ERR_OK;
    struct tcp_pcb_listen *lpcb = NULL;

    LWIP_ASSERT_CORE_LOCKED();
    if (pcb == NULL)
        result = ERR_ARG;
    else if (pcb->state != CLOSED)
        result = ERR_CLSD;
    else if (is_taken(pcb))
        result = ERR_USE;
    else if ((lpcb = turn_into_listener(pcb, backlog)) == NULL)
        result = ERR_MEM;
    if (err != NULL)
        *err = result;
    if (lpcb == NULL)
        return NULL;
    forget_ext_args(pcb); /* they live on in the listener */
    tcp_pcb_free_quietly(pcb);
    lpcb->next = STACK->pub.tcp_listen_pcbs_.listen_pcbs;
    STACK->pub.tcp_listen_pcbs_.listen_pcbs = lpcb;
    return (struct tcp_pcb *)(void *)lpcb;
}

struct tcp_pcb *tcp_listen_with_backlog(struct tcp_pcb *pcb, u8_t backlog)
{
    return tcp_listen_with_backlog_and_err(pcb, backlog, NULL);
}

/* Connections that nobody has accepted yet lose it. */
static void orphan(struct tcp_pcb *list, const struct tcp_pcb_listen *lpcb)
{
    for (; list != NULL; list = list->next)
        if (list->listener == lpcb)
            list->listener = NULL;
}

void tcp_listener_free(struct tcp_pcb_listen *lpcb)
{
    struct tcp_pcb_listen **at = &STACK->pub.tcp_listen_pcbs_.listen_pcbs;

    while (*at != NULL && *at != lpcb)
        at = &(*at)->next;
    if (*at == lpcb)
        *at = lpcb->next;
    orphan(STACK->pub.tcp_active_pcbs_, lpcb);
    orphan(STACK->pub.tcp_tw_pcbs_, lpcb);
    destroy_ext_args(lpcb);
    memp_free(MEMP_TCP_PCB_LISTEN, lpcb);
}

/* ---- Its backlog ---- */

static bool is_full(const struct tcp_pcb_listen *lpcb)
{
    return CFG(tcp_listen_backlog) && lpcb->accepts_pending >= lpcb->backlog;
}

static void backlog_enter(struct tcp_pcb *pcb)
{
    if (CFG(tcp_listen_backlog) && pcb->listener != NULL &&
        (pcb->flags & TF_BACKLOGPEND) == 0) {
        pcb->listener->accepts_pending++;
        tcp_set_flags(pcb, TF_BACKLOGPEND);
    }
}

#if TCP_MAY_BACKLOG
void tcp_backlog_leave(struct tcp_pcb *pcb)
{
    if ((pcb->flags & TF_BACKLOGPEND) == 0)
        return;
    tcp_clear_flags(pcb, TF_BACKLOGPEND);
    if (pcb->listener != NULL)
        pcb->listener->accepts_pending--;
}
#endif

#if TCP_LISTEN_BACKLOG
void tcp_backlog_delayed(struct tcp_pcb *pcb)
{
    LWIP_ASSERT("tcp_backlog_delayed: pcb", pcb != NULL);
    backlog_enter(pcb);
}

void tcp_backlog_accepted(struct tcp_pcb *pcb)
{
    LWIP_ASSERT("tcp_backlog_accepted: pcb", pcb != NULL);
    tcp_backlog_leave(pcb);
}
#endif

/* ---- A segment arrives ---- */

static void refuse_for_memory(struct tcp_in *in, struct tcp_pcb_listen *lpcb)
{
    TCP_STATS_INC(tcp.memerr);
    tcp_in_drop(in, DROP_tcp_listen_memory);
    (void)tcp_event_accept(lpcb, NULL, lpcb->callback_arg, ERR_MEM);
}

static void inherit(struct tcp_pcb *pcb, struct tcp_pcb_listen *lpcb)
{
    pcb->listener = lpcb;
    pcb->callback_arg = lpcb->callback_arg;
    pcb->so_options = lpcb->so_options & SOF_INHERITED;
    pcb->netif_idx = lpcb->netif_idx;
    pcb->ttl = lpcb->ttl;
    pcb->tos = lpcb->tos;
}

static void choose_iss(struct tcp_pcb *pcb, const u32_t *above)
{
    tcp_isn_begin(pcb);
    /* TIME-WAIT's heir [RFC9293 3.10.7.4 MAY-2] */
    if (TCP_TIME_WAIT_REUSE && above != NULL && seq_leq(pcb->iss, *above))
        pcb->iss = *above + 1 + (stack_random() & 0xffffu);
    tcp_send_from(pcb, pcb->iss);
}

static bool answer(struct tcp_in *in, struct tcp_pcb *pcb, const u32_t *iss_above)
{
    choose_iss(pcb, iss_above);
    tcp_syn_wishes(pcb);
    tcp_syn_options(in, pcb);
    if (!tcp_has(in, WIRE_TCP_ECE) || !tcp_has(in, WIRE_TCP_CWR)) /* [RFC3168 6.1.1] */
        tcp_unmark(pcb, TM_ECN);
    return tcp_snd_syn(pcb, TCP_SYN) == ERR_OK;
}

static void open_passively(struct tcp_in *in, struct tcp_pcb_listen *lpcb,
                           const u32_t *iss_above)
{
    struct tcp_pcb *pcb = tcp_pcb_new(lpcb->prio);

    if (pcb == NULL) {
        refuse_for_memory(in, lpcb);
        return;
    }
    inherit(pcb, lpcb);
    ip_addr_copy(pcb->local_ip, *in->dst);
    ip_addr_copy(pcb->remote_ip, *in->src);
    pcb->local_port = lpcb->local_port;
    pcb->remote_port = in->h.src_port;
    if (!answer(in, pcb, iss_above)) {
        tcp_pcb_free_quietly(pcb);
        refuse_for_memory(in, lpcb);
        return;
    }
    tcp_pcb_set_state(pcb, SYN_RCVD);
    backlog_enter(pcb);
    if (ask_ext_args(lpcb, pcb) != ERR_OK) {
        tcp_in_drop(in, DROP_tcp_listen_refused);
        tcp_pcb_abandon(pcb, false); /* the peer may try again, as after a lost SYN */
        return;
    }
    (void)tcp_output_now(pcb);
    if (in->len != 0) /* data on a SYN waits for the handshake [RFC9293 3.10.7.2] */
        tcp_rcv_text(in, pcb);
}

void tcp_listen_arrives(struct tcp_in *in, struct tcp_pcb_listen *lpcb, const u32_t *iss_above)
{
    if (tcp_has(in, WIRE_TCP_RST)) {
        tcp_in_drop(in, DROP_tcp_listen_rst);
        return;
    }
    if (tcp_has(in, WIRE_TCP_ACK)) {
        tcp_in_drop(in, DROP_tcp_listen_ack);
        tcp_reply_rst(in);
        return;
    }
    if (!tcp_has(in, WIRE_TCP_SYN)) {
        tcp_in_drop(in, DROP_tcp_listen_no_syn);
        return;
    }
    if (tcp_has(in, WIRE_TCP_FIN)) { /* nobody sends that in earnest (CVE-2012-6638) */
        TCP_STATS_INC(tcp.proterr);
        tcp_in_drop(in, DROP_tcp_listen_syn_fin);
        return;
    }
    if (is_full(lpcb)) {
        tcp_in_drop(in, DROP_tcp_listen_backlog);
        return;
    }
    open_passively(in, lpcb, iss_above);
}

#endif
