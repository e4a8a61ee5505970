/* tcp/api.c: settings of a connection: call-backs, priority, extended arguments, and what lwIP's
 * API has no name for (lockwire/tcp.h). */
#include "lwip/opt.h"

#if LWIP_TCP

#include "lockwire/tcp.h"
#include "stack/tcp/cc.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/tcp_local.h"

#include <string.h>

const char *tcp_debug_state_str(enum tcp_state s)
{
    const char *name = "CLOSED\0LISTEN\0SYN_SENT\0SYN_RCVD\0ESTABLISHED\0FIN_WAIT_1\0FIN_WAIT_2\0"
                       "CLOSE_WAIT\0CLOSING\0LAST_ACK\0TIME_WAIT\0?";

    for (unsigned n = LWIP_MIN((unsigned)s, TIME_WAIT + 1u); n > 0; n--)
        while (*name++ != '\0') {
        }
    return name;
}

/* ---- Call-backs ---- */

void tcp_arg(struct tcp_pcb *pcb, void *arg)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (pcb != NULL)
        pcb->callback_arg = arg; /* the same member in both kinds of pcb */
}

#if LWIP_CALLBACK_API
void tcp_recv(struct tcp_pcb *pcb, tcp_recv_fn recv)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (pcb == NULL)
        return;
    LWIP_ASSERT("tcp_recv: the pcb listens", pcb->state != LISTEN);
    pcb->recv = recv;
}

void tcp_sent(struct tcp_pcb *pcb, tcp_sent_fn sent)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (pcb == NULL)
        return;
    LWIP_ASSERT("tcp_sent: the pcb listens", pcb->state != LISTEN);
    pcb->sent = sent;
}

void tcp_err(struct tcp_pcb *pcb, tcp_err_fn err)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (pcb == NULL)
        return;
    LWIP_ASSERT("tcp_err: the pcb listens", pcb->state != LISTEN);
    pcb->errf = err;
}

static void set_poll(struct tcp_pcb *pcb, tcp_poll_fn poll)
{
    pcb->poll = poll;
}
#else
static void set_poll(struct tcp_pcb *pcb, tcp_poll_fn poll)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(poll);
}
#endif

void tcp_poll(struct tcp_pcb *pcb, tcp_poll_fn poll, u8_t interval)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_poll: pcb", pcb != NULL, return);
    LWIP_ASSERT("tcp_poll: the pcb listens", pcb->state != LISTEN);
    set_poll(pcb, poll);
    pcb->pollinterval = interval;
    tcp_timer_stop(pcb, TCP_TIMER_POLL);
    if (pcb->state != CLOSED) /* else when it has become a connection: pcb.c */
        tcp_timer_poll_keep(pcb);
}

/* ---- Settings ---- */

void tcp_setprio(struct tcp_pcb *pcb, u8_t prio)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_setprio: pcb", pcb != NULL, return);
    pcb->prio = prio;
}

err_t tcp_tcp_get_tcp_addrinfo(struct tcp_pcb *pcb, int local, ip_addr_t *addr, u16_t *port)
{
    if (pcb == NULL)
        return ERR_VAL;
    if (!local && pcb->state == LISTEN)
        return ERR_VAL; /* nobody is at the other end */
    const ip_addr_t *ip = local ? &pcb->local_ip : &pcb->remote_ip;
    const u16_t *number = local ? &pcb->local_port : &pcb->remote_port;
    if (addr != NULL)
        ip_addr_copy(*addr, *ip);
    if (port != NULL)
        *port = *number;
    return ERR_OK;
}

#if LWIP_TCP_PCB_NUM_EXT_ARGS
u8_t tcp_ext_arg_alloc_id(void)
{
    LWIP_ASSERT("tcp_ext_arg_alloc_id: LWIP_TCP_PCB_NUM_EXT_ARGS is too small",
                STACK->tcp.ext_arg_ids < LWIP_TCP_PCB_NUM_EXT_ARGS);
    return STACK->tcp.ext_arg_ids++;
}

/* The extended arguments stand at the same place in both kinds of pcb. */
void tcp_ext_arg_set_callbacks(struct tcp_pcb *pcb, u8_t id,
                               const struct tcp_ext_arg_callbacks *const callbacks)
{
    LWIP_ASSERT("tcp_ext_arg_set_callbacks: arguments",
                pcb != NULL && id < LWIP_TCP_PCB_NUM_EXT_ARGS && callbacks != NULL);
    pcb->ext_args[id].callbacks = callbacks;
}

void tcp_ext_arg_set(struct tcp_pcb *pcb, u8_t id, void *arg)
{
    LWIP_ASSERT("tcp_ext_arg_set: arguments", pcb != NULL && id < LWIP_TCP_PCB_NUM_EXT_ARGS);
    pcb->ext_args[id].data = arg;
}

void *tcp_ext_arg_get(const struct tcp_pcb *pcb, u8_t id)
{
    LWIP_ASSERT("tcp_ext_arg_get: arguments", pcb != NULL && id < LWIP_TCP_PCB_NUM_EXT_ARGS);
    return pcb->ext_args[id].data;
}
#endif

/* ---- lockwire/tcp.h ---- */

#if LWIP_TCP_URGENT
void tcp_urgent(struct tcp_pcb *pcb, void (*urgent)(void *arg, struct tcp_pcb *pcb, u32_t bytes))
{
    pcb->urgent = urgent;
}

u32_t tcp_urgent_ahead(const struct tcp_pcb *pcb)
{
    return tcp_marked(pcb, TM_URGENT_IN) ? pcb->rcv_up - pcb->rcv_nxt : 0;
}

err_t tcp_write_urgent(struct tcp_pcb *pcb, const void *dataptr, u16_t len, u8_t apiflags)
{
    err_t err = tcp_write(pcb, dataptr, len, apiflags);

    if (err == ERR_OK && len != 0) {
        pcb->snd_up = pcb->snd_lbb; /* behind the last urgent byte [RFC9293 3.8.5 MUST-62] */
        tcp_mark(pcb, TM_URGENT_OUT);
    }
    return err;
}
#endif

#if LWIP_TCP_ICMP_ERRORS
void tcp_soft_error(struct tcp_pcb *pcb, void (*soft)(void *arg, struct tcp_pcb *pcb, err_t err,
                                                      u8_t type, u8_t code))
{
    pcb->soft = soft;
}
#endif

#if LWIP_TCP_USER_TIMEOUT
void tcp_user_timeout(struct tcp_pcb *pcb, u32_t ms)
{
    pcb->user_timeout_ms = ms;
    tcp_timer_stop(pcb, TCP_TIMER_USER);
    if (ms != 0 && tcp_sent_first(pcb) != NULL)
        tcp_timer_start(pcb, TCP_TIMER_USER, ms);
}
#endif

err_t tcp_congestion_control(struct tcp_pcb *pcb, const char *name)
{
    const struct tcp_cc *cc = tcp_cc_by_name(name);

    if (cc == NULL)
        return ERR_VAL;
    if (pcb->cc != cc) {
        pcb->cc = cc;
        cc->init(pcb);
    }
    return ERR_OK;
}

#endif
