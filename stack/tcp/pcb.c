/* tcp/pcb.c: the life of a connection's control block: made, on which list, given back.
 *
 * When the pool is empty a new connection takes the place of the least useful old one: first the
 * oldest in TIME-WAIT, then in LAST-ACK, in CLOSING, and last the longest idle of the lowest
 * priority below the newcomer's.
 *
 * What MSS is offered, IP options or not: [RFC6691 2] [RFC6691 5.1] [RFC9293 3.7.3]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"
#include "stack/tcp/event.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/ports.h"
#include "stack/tcp/reasm.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"

#include "lwip/memp.h"
#include "lwip/snmp.h"
#include "stack/core/event.h"

#include <string.h>

/* ---- Lists: lwIP's, of which each pcb knows its place; what came last is first ---- */

#if TCP_HASH_SIZE /* there may be many: the oldest in TIME-WAIT is known */
static void note_last(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
    if (list == &STACK->pub.tcp_tw_pcbs_)
        STACK->tcp.tw_oldest = pcb;
}

/* The one whose `next` is `link`. */
static struct tcp_pcb *holder(struct tcp_pcb **link)
{
    return (struct tcp_pcb *)(void *)((u8_t *)link - offsetof(struct tcp_pcb, next));
}

static void forget_last(const struct tcp_pcb *pcb)
{
    if (pcb == STACK->tcp.tw_oldest)
        STACK->tcp.tw_oldest = pcb->at == &STACK->pub.tcp_tw_pcbs_ ? NULL : holder(pcb->at);
}

static struct tcp_pcb *oldest_in_time_wait(void)
{
    return STACK->tcp.tw_oldest;
}
#else
static void note_last(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(list);
    LWIP_UNUSED_ARG(pcb);
}

static void forget_last(const struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}

static struct tcp_pcb *oldest_in_time_wait(void)
{
    struct tcp_pcb *pcb = STACK->pub.tcp_tw_pcbs_;

    while (pcb != NULL && pcb->next != NULL)
        pcb = pcb->next;
    return pcb;
}
#endif

void tcp_pcb_enlist(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
    pcb->next = *list;
    pcb->at = list;
    *list = pcb;
    if (pcb->next != NULL)
        pcb->next->at = &pcb->next;
    else
        note_last(list, pcb);
}

static void leave_list(struct tcp_pcb *pcb)
{
    struct tcp_pcb **at = pcb->at;

    if (at == NULL)
        return;
    LWIP_ASSERT("tcp: a list of pcbs was changed by hand", *at == pcb);
    forget_last(pcb);
    *at = pcb->next;
    if (pcb->next != NULL)
        pcb->next->at = at;
    pcb->at = NULL;
}

void tcp_register(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
    tcp_pcb_enlist(list, pcb);
    tcp_port_note(pcb->local_port);
    if (list != &STACK->pub.tcp_active_pcbs_ && list != &STACK->pub.tcp_tw_pcbs_)
        return;
    tcp_demux_unhashed(1);
    if (list == &STACK->pub.tcp_active_pcbs_)
        tcp_timer_poll_keep(pcb);
    /* The handshake that it never had: nothing is in recovery, nothing was sent before. */
    pcb->iss = pcb->lastack - 1;
    pcb->irs = pcb->rcv_nxt - 1;
    pcb->recover = pcb->lastack - 1;
}

void tcp_unregister(struct tcp_pcb **list, struct tcp_pcb *pcb)
{
    leave_list(pcb);
    if (list != &STACK->pub.tcp_active_pcbs_ && list != &STACK->pub.tcp_tw_pcbs_)
        return;
    if (tcp_marked(pcb, TM_HASHED))
        tcp_demux_remove(pcb);
    else
        tcp_demux_unhashed(-1);
    pcb->next = NULL;
}

static bool is_active(enum tcp_state state)
{
    return state != CLOSED && state != LISTEN && state != TIME_WAIT;
}

/* What RFC 4022 counts are steps between states, whatever led to them. */
static void count_step(enum tcp_state from, enum tcp_state to)
{
    if (to == SYN_SENT)
        MIB2_STATS_INC(mib2.tcpactiveopens);
    else if (to == SYN_RCVD && from == CLOSED) /* a listener's: its state is not in the pcb */
        MIB2_STATS_INC(mib2.tcppassiveopens);
    else if (to == CLOSED && (from == SYN_SENT || from == SYN_RCVD))
        MIB2_STATS_INC(mib2.tcpattemptfails);
    else if (to == CLOSED && (from == ESTABLISHED || from == CLOSE_WAIT))
        MIB2_STATS_INC(mib2.tcpestabresets);
}

void tcp_pcb_set_state(struct tcp_pcb *pcb, enum tcp_state state)
{
    bool ends = state == TIME_WAIT;
    bool stays = is_active(pcb->state) && !ends;

    stack_emit(STACK_EVENT_TCP_STATE, (u32_t)pcb->local_port << 16 | pcb->remote_port,
               (u32_t)pcb->state << 8 | (u32_t)state);
    count_step(pcb->state, state);
    pcb->state = state;
    if (state > CLOSE_WAIT) /* a FIN of ours is out: the retransmission timer sees to it */
        tcp_timer_stop(pcb, TCP_TIMER_KEEP);
    if (stays)
        return;
    leave_list(pcb);
    tcp_pcb_enlist(ends ? &STACK->pub.tcp_tw_pcbs_ : &STACK->pub.tcp_active_pcbs_, pcb);
    tcp_demux_add(pcb);
    if (!ends)
        tcp_timer_poll_keep(pcb);
}

/* ---- Made ---- */

static u32_t idle_ms(const struct tcp_pcb *pcb)
{
    return tcp_now() - pcb->tmr;
}

/* How soon a connection is given up, the least first; 0: never. In LAST-ACK and CLOSING both sides
 * have closed. */
static unsigned rank(const struct tcp_pcb *pcb, u8_t prio)
{
    if (pcb->state == LAST_ACK)
        return 1;
    if (pcb->state == CLOSING)
        return 2;
    return pcb->prio < prio ? 3u + pcb->prio : 0;
}

/* Gives one connection up for the sake of a new one; false: there is none to give. */
static bool make_room(u8_t prio)
{
    struct tcp_pcb *found = oldest_in_time_wait(); /* nothing that arrives makes it younger */
    unsigned least = 0;

    for (struct tcp_pcb *pcb = found != NULL ? NULL : STACK->pub.tcp_active_pcbs_; pcb != NULL;
         pcb = pcb->next) {
        unsigned r = rank(pcb, prio);
        if (r != 0 && (found == NULL || r < least ||
                       (r == least && idle_ms(pcb) >= idle_ms(found)))) {
            found = pcb;
            least = r;
        }
    }
    if (found != NULL) /* where both sides have closed a RST would be news to nobody */
        tcp_pcb_abandon(found, least > 2);
    return found != NULL;
}

static void init(struct tcp_pcb *pcb, u8_t prio)
{
    u32_t now = tcp_now();

    memset(pcb, 0, sizeof *pcb);
    pcb->prio = prio;
    pcb->state = CLOSED;
    pcb->ttl = (u8_t)CFG(tcp_ttl);
    pcb->mss = (u16_t)LWIP_MIN(CFG(tcp_mss), 536u); /* [RFC9293 3.7.1 MUST-15] until told */
    if (LWIP_TCP_MIRRORS || TCP_MAY_PMTUD)
        pcb->mss_peer = 536;
    if (LWIP_TCP_MIRRORS)
        pcb->rtime = -1;
    pcb->snd_buf = tcp_snd_limit();
    pcb->rcv_wnd = pcb->rcv_ann_wnd = tcp_wnd16(tcp_rcv_limit(pcb));
    pcb->cwnd = 1;
    pcb->ssthresh = tcp_snd_limit(); /* [RFC5681 3.1]: arbitrarily high */
    pcb->tmr = now;
    if (TCP_MAY_LIMIT_CHALLENGES)
        pcb->challenge_ms = pcb->probe_answered_ms = now - 1000; /* none yet */
    pcb->keep_idle = CFG(tcp_keepidle_ms);
    pcb->keep_intvl = CFG(tcp_keepintvl_ms);
    pcb->keep_cnt = CFG(tcp_keepcnt);
    if (LWIP_TCP_CUBIC)
        pcb->cc = tcp_cc_by_number(CFG(tcp_cc));
    pcb_tci_init(pcb);
    tcp_rtt_init(pcb);
}

struct tcp_pcb *tcp_pcb_new(u8_t prio)
{
    struct tcp_pcb *pcb = memp_malloc(MEMP_TCP_PCB);

    while (pcb == NULL && make_room(prio))
        pcb = memp_malloc(MEMP_TCP_PCB);
    if (pcb != NULL)
        init(pcb, prio);
    return pcb;
}

struct tcp_pcb *tcp_new(void)
{
    return tcp_pcb_new(TCP_PRIO_NORMAL);
}

struct tcp_pcb *tcp_new_ip_type(u8_t type)
{
    struct tcp_pcb *pcb = tcp_new();

    LWIP_UNUSED_ARG(type);
    if (pcb != NULL) {
        IP_SET_TYPE_VAL(pcb->local_ip, type);
        IP_SET_TYPE_VAL(pcb->remote_ip, type);
    }
    return pcb;
}

/* What a SYN may say we can receive in one segment: what fits the interface, not what we would
 * like to send [RFC9293 3.7.1 MUST-67, RFC6691 2]. */
u16_t tcp_pcb_mss_to(const struct tcp_pcb *pcb, const struct netif *netif)
{
    u32_t mss = CFG(tcp_mss);

    LWIP_UNUSED_ARG(pcb);
    if (netif != NULL && netif->mtu > TCP_HLEN + 20u && netif->mtu - TCP_HLEN - 20u < mss)
        mss = netif->mtu - TCP_HLEN - 20u;
    return (u16_t)mss;
}

/* ---- Given back ---- */

void tcp_pcb_purge(struct tcp_pcb *pcb)
{
    tcp_segs_free(pcb->unsent);
    tcp_segs_free(pcb->unacked);
    pcb->unsent = pcb->unacked = pcb->unsent_tail = pcb->unacked_tail = NULL;
    tcp_sack_reset(pcb);
    pcb->snd_queuelen = 0;
    pcb->unsent_oversize = 0;
    pcb->snd_nxt = pcb->lastack; /* nothing is in flight any more, nothing queued */
    pcb->snd_lbb = pcb->lastack;
    pcb->snd_buf = tcp_snd_limit();
    tcp_reasm_free(pcb);
    if (pcb->refused_data != NULL)
        pbuf_free(pcb->refused_data);
    pcb->refused_data = NULL;
    tcp_timers_stop_all(pcb);
}

#if LWIP_TCP_PCB_NUM_EXT_ARGS
static void destroy_ext_args(struct tcp_pcb *pcb)
{
    for (u8_t id = 0; id < LWIP_TCP_PCB_NUM_EXT_ARGS; id++) {
        const struct tcp_ext_arg_callbacks *cb = pcb->ext_args[id].callbacks;
        if (cb != NULL && cb->destroy != NULL)
            cb->destroy(id, pcb->ext_args[id].data);
    }
}
#else
static void destroy_ext_args(struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(pcb);
}
#endif

void tcp_pcb_free_quietly(struct tcp_pcb *pcb)
{
    if ((is_active(pcb->state) || pcb->state == TIME_WAIT) && !tcp_marked(pcb, TM_HASHED) &&
        tcp_demux_any_unhashed())
        tcp_demux_unhashed(-1);
    count_step(pcb->state, CLOSED);
    if (pcb->state != CLOSED)
        stack_emit(STACK_EVENT_TCP_STATE, (u32_t)pcb->local_port << 16 | pcb->remote_port,
                   (u32_t)pcb->state << 8 | CLOSED);
    tcp_demux_remove(pcb);
    leave_list(pcb);
    tcp_backlog_leave(pcb);
    tcp_pcb_purge(pcb);
    for (struct tcp_hold *hold = STACK->tcp.holds; hold != NULL; hold = hold->outer)
        if (hold->pcb == pcb)
            hold->pcb = NULL;
    destroy_ext_args(pcb);
    memp_free(MEMP_TCP_PCB, pcb);
}

void tcp_pcb_end(struct tcp_pcb *pcb, err_t why)
{
    struct tcp_err_target to = tcp_err_target(pcb);

    tcp_pcb_free_quietly(pcb);
    tcp_event_err(&to, why);
}

void tcp_pcb_over(struct tcp_pcb *pcb)
{
    if (tcp_marked(pcb, TM_CLOSED))
        tcp_pcb_free_quietly(pcb);
    else
        tcp_pcb_end(pcb, ERR_CLSD);
}

/* Whether the peer knows of a connection that a RST would end, and of one that is not over anyway:
 * in CLOSING and LAST-ACK both FINs have been sent [RFC9293 3.10.5], unless ours waits yet. */
static bool peer_cares(const struct tcp_pcb *pcb)
{
    if (pcb->state == CLOSING || pcb->state == LAST_ACK)
        return pcb->snd_nxt != pcb->snd_lbb;
    return pcb->state != CLOSED && pcb->state != LISTEN && pcb->state != SYN_SENT &&
           pcb->state != TIME_WAIT;
}

void tcp_pcb_abandon(struct tcp_pcb *pcb, bool send_rst)
{
    if (send_rst && peer_cares(pcb))
        tcp_transmit_rst(pcb);
    tcp_pcb_end(pcb, ERR_ABRT);
}

void tcp_abort(struct tcp_pcb *pcb)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_abort: pcb", pcb != NULL, return);
    LWIP_ASSERT("tcp_abort: the pcb listens", pcb->state != LISTEN);
    tcp_pcb_abandon(pcb, true);
}

static struct tcp_pcb *doomed(struct tcp_pcb *list, const ip_addr_t *addr)
{
    while (list != NULL && !(tcp_marked(list, TM_DOOMED) && ip_addr_eq(&list->local_ip, addr)))
        list = list->next;
    return list;
}

/* Those that are there now: an err call-back may end any of them, and open others at once. So each
 * next one is looked for from the front. */
static void abort_those_of(struct tcp_pcb *const *list, const ip_addr_t *addr)
{
    struct tcp_pcb *pcb;

    for (pcb = *list; pcb != NULL; pcb = pcb->next)
        if (ip_addr_eq(&pcb->local_ip, addr))
            tcp_mark(pcb, TM_DOOMED);
    while ((pcb = doomed(*list, addr)) != NULL)
        tcp_abort(pcb);
}

/* A connection cannot outlive its address; a listener follows it. */
void tcp_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr)
{
    if (ip_addr_isany(old_addr))
        return;
    abort_those_of(&STACK->pub.tcp_active_pcbs_, old_addr);
    abort_those_of(&STACK->pub.tcp_bound_pcbs_, old_addr);
    if (ip_addr_isany(new_addr))
        return;
    for (struct tcp_pcb_listen *l = STACK->pub.tcp_listen_pcbs_.listen_pcbs; l != NULL; l = l->next)
        if (ip_addr_eq(&l->local_ip, old_addr))
            ip_addr_copy(l->local_ip, *new_addr);
}

#endif
