/* tcp_lwip_listen.c: listeners, their backlog, accept's contract and extended arguments as lwIP's
 * users know them (tcp_lwip.h). Runs on every build. */
#include "tcp_lwip.h"

#include "lwip/stats.h"
#include "stack/core/drop.h"

static struct {
    struct tcp_pcb *accepted[4];
    unsigned accepts, without;
    err_t answer;
    bool abort, delay;
} ac;

static err_t accepting(void *arg, struct tcp_pcb *pcb, err_t err)
{
    CHECK(arg == &lw);
    if (pcb == NULL) {
        CHECK_INT(err, ERR_MEM);
        ac.without++;
        return ERR_VAL;
    }
    CHECK(err == ERR_OK && pcb->state == ESTABLISHED && ac.accepts < 4);
    ac.accepted[ac.accepts++] = pcb;
    tcp_err(pcb, lw_err);
    if (ac.delay) {
        tcp_backlog_delayed(pcb); /* nothing without TCP_LISTEN_BACKLOG */
    }
    if (ac.abort) {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    return ac.answer;
}

static struct tcp_pcb *listening(u8_t backlog)
{
    err_t err = ERR_VAL;
    struct tcp_pcb *pcb = tcp_new();
    memset(&ac, 0, sizeof ac);
    CHECK_INT(tcp_bind(pcb, IP_ADDR_ANY, LOCAL_PORT), ERR_OK);
    pcb = tcp_listen_with_backlog_and_err(pcb, backlog, &err);
    CHECK(pcb != NULL && err == ERR_OK && pcb->state == LISTEN);
    tcp_arg(pcb, &lw);
    tcp_accept(pcb, accepting);
    return pcb;
}

static struct tcp_pcb_listen *small(struct tcp_pcb *lpcb)
{
    return (struct tcp_pcb_listen *)(void *)lpcb;
}

static void syn(u16_t port)
{
    lw_input(lw_segment_to(port, LOCAL_PORT, "", 0, 1000, 0, TCP_SYN, 5000));
    support_check(&lw.s);
}

static struct tcp_pcb *from_port(u16_t port)
{
    struct tcp_pcb *pcb = tcp_active_pcbs;
    while (pcb != NULL && pcb->remote_port != port)
        pcb = pcb->next;
    return pcb;
}

static void ack(u16_t port)
{
    const struct tcp_pcb *pcb = from_port(port);
    CHECK(pcb != NULL);
    lw_input(lw_segment_to(port, LOCAL_PORT, "", 0, 1001, pcb->snd_nxt, TCP_ACK, 5000));
    support_check(&lw.s);
}

UNIT(tcp_lwip_listen, why_a_pcb_cannot_listen_is_said)
{
    err_t err = ERR_OK;
    lw_up(NULL);
    CHECK(tcp_listen_with_backlog_and_err(NULL, 1, &err) == NULL);
    CHECK_INT(err, ERR_ARG);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    CHECK(tcp_listen_with_backlog_and_err(pcb, 1, &err) == NULL);
    CHECK_INT(err, ERR_CLSD);
    CHECK(tcp_listen_with_backlog(pcb, 1) == NULL); /* nobody has to ask why */
    struct tcp_pcb *first = tcp_new(), *second = tcp_new();
    ip_set_option(first, SOF_REUSEADDR);
    ip_set_option(second, SOF_REUSEADDR);
    CHECK_INT(tcp_bind(first, &lw.local, 80), ERR_OK);
    CHECK_INT(tcp_bind(second, &lw.local, 80), ERR_OK);
    first = tcp_listen(first);
    CHECK(first != NULL);
    CHECK(tcp_listen_with_backlog_and_err(second, 1, &err) == NULL);
    CHECK_INT(err, ERR_USE);
    CHECK(second->state == CLOSED && second->local_port == 80); /* still the caller's */
    tcp_abort(second);
    lw_down();
}

UNIT(tcp_lwip_listen, a_listener_needs_its_own_memory)
{
    err_t err = ERR_OK;
    struct tcp_pcb *pcb = NULL;
    unsigned n = 0;
    lw_up(NULL);
    for (; n < 1000 && err == ERR_OK; n++) {
        pcb = tcp_new();
        CHECK(pcb != NULL);
        CHECK_INT(tcp_bind(pcb, &lw.local, (u16_t)(1000 + n)), ERR_OK);
        struct tcp_pcb *lpcb = tcp_listen_with_backlog_and_err(pcb, 1, &err);
        CHECK((lpcb != NULL) == (err == ERR_OK));
    }
    if (err != ERR_OK) { /* with pools on the heap there may be room for all of them */
        CHECK_INT(err, ERR_MEM);
        CHECK(pcb->state == CLOSED && tcp_bound_pcbs == pcb);
        LW_POOL_ERRORS(MEMP_TCP_PCB_LISTEN, 1);
        LW_USED(MEMP_TCP_PCB_LISTEN, n - 1);
    }
    lw_down();
}

#if TCP_LISTEN_BACKLOG
UNIT(tcp_lwip_listen, the_backlog_counts_who_waits)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = listening(2);
    CHECK_INT(small(lpcb)->backlog, 2);
    syn(1);
    syn(2);
    CHECK_INT(small(lpcb)->accepts_pending, 2);
    lw_forget();
    syn(3); /* no answer: the peer will try again */
    CHECK_INT(lw.calls, 0);
    CHECK(from_port(3) == NULL);
    LW_DROPS(DROP_tcp_listen_backlog, 1);
    ack(1);
    CHECK_INT(small(lpcb)->accepts_pending, 1);
    ac.delay = true;
    ack(2); /* accepted, but keeps its place */
    CHECK_INT(small(lpcb)->accepts_pending, 1);
    CHECK((ac.accepted[1]->flags & TF_BACKLOGPEND) != 0);
    tcp_backlog_set(lpcb, 1);
    syn(4);
    CHECK(from_port(4) == NULL);
    tcp_backlog_accepted(ac.accepted[1]);
    tcp_backlog_accepted(ac.accepted[1]); /* once is enough */
    CHECK_INT(small(lpcb)->accepts_pending, 0);
    syn(5);
    CHECK(from_port(5) != NULL);
    tcp_abort(from_port(5)); /* gives its place back */
    CHECK_INT(small(lpcb)->accepts_pending, 0);
    tcp_backlog_set(lpcb, 0);
    CHECK_INT(small(lpcb)->backlog, 1);
    lw_down();
}
#endif

UNIT(tcp_lwip_listen, without_a_number_the_backlog_is_lwips)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_bind(pcb, &lw.local, 1), ERR_OK);
    pcb->ttl = 9;
    pcb->tos = 0x10;
    tcp_setprio(pcb, TCP_PRIO_MAX);
    tcp_arg(pcb, &ac);
    pcb = tcp_listen(pcb);
    CHECK_INT(small(pcb)->backlog, TCP_DEFAULT_LISTEN_BACKLOG);
    CHECK(small(pcb)->ttl == 9 && small(pcb)->tos == 0x10 && small(pcb)->prio == TCP_PRIO_MAX);
    CHECK(small(pcb)->callback_arg == &ac && small(pcb)->local_port == 1);
    CHECK(ip_addr_eq(&small(pcb)->local_ip, &lw.local));
    struct tcp_pcb *other = tcp_new();
    CHECK_INT(tcp_bind(other, &lw.local, 2), ERR_OK);
    other = tcp_listen_with_backlog(other, 0);
    CHECK_INT(small(other)->backlog, 1);
    lw_down();
}

UNIT(tcp_lwip_listen, a_connection_inherits_from_its_listener)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_bind(pcb, &lw.local, LOCAL_PORT), ERR_OK);
    pcb->ttl = 9;
    pcb->tos = 0x10;
    ip_set_option(pcb, SOF_KEEPALIVE);
    ip_set_option(pcb, SOF_BROADCAST); /* not of those that are inherited */
    tcp_setprio(pcb, 33);
    pcb = tcp_listen(pcb);
    tcp_arg(pcb, &lw);
    memset(&ac, 0, sizeof ac);
    tcp_accept(pcb, accepting);
    syn(1);
    ack(1);
    pcb = ac.accepted[0];
    CHECK(pcb->ttl == 9 && pcb->tos == 0x10 && pcb->prio == 33 && pcb->callback_arg == &lw);
    CHECK_INT(pcb->so_options, SOF_KEEPALIVE);
    CHECK(lw.last[0][8] == 9 && lw.last[0][1] == 0x10); /* the SYN-ACK, too */
    lw_down();
}

/* What accept answers decides: taken, aborted by it, or by the stack. */
static void accept_says(bool abort, err_t answer, bool function)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = listening(5);
    ac.abort = abort;
    ac.answer = answer;
    if (!function)
        tcp_accept(lpcb, NULL);
    syn(1);
    lw_forget();
    ack(1);
    bool kept = !abort && answer == ERR_OK && function;
    CHECK((from_port(1) != NULL) == kept);
    CHECK_INT(lw.calls, kept ? 0 : 1);
    CHECK(kept || (lw.last[0][33] & TCP_RST) != 0);
    CHECK_INT(lw.err_calls, kept || !function ? 0 : 1);
    CHECK_INT(small(lpcb)->accepts_pending, 0);
    lw_down();
}

UNIT(tcp_lwip_listen, accept_decides_what_becomes_of_a_connection)
{
    accept_says(false, ERR_OK, true);
    accept_says(true, ERR_ABRT, true);
    accept_says(false, ERR_VAL, true);
    accept_says(false, ERR_MEM, true);
    accept_says(false, ERR_OK, false);
}

UNIT(tcp_lwip_listen, accept_hears_of_what_there_was_no_memory_for)
{
    struct tcp_pcb *held[400] = {NULL};
    unsigned n = 0;
    lw_up(NULL);
    (void)listening(5);
    /* bound ones are not given up for a newcomer */
    while (n < LWIP_ARRAYSIZE(held) && (held[n] = tcp_new()) != NULL) {
        CHECK_INT(tcp_bind(held[n], &lw.local, (u16_t)(2000 + n)), ERR_OK);
        n++;
    }
    syn(1);
    if (n < LWIP_ARRAYSIZE(held)) {
        CHECK(ac.without == 1 && tcp_active_pcbs == NULL && lw.calls == 0);
        LW_DROPS(DROP_tcp_listen_memory, 1);
        tcp_abort(held[0]);
        syn(1);
    }
    CHECK(from_port(1) != NULL);
    lw_down();
}

/* ---- Extended arguments ---- */

#if LWIP_TCP_PCB_NUM_EXT_ARGS
static struct {
    unsigned opened, destroyed;
    void *last_data;
    err_t answer;
    u8_t id;
} ea;

static void destroyed(u8_t id, void *data)
{
    CHECK_INT(id, ea.id);
    ea.destroyed++;
    ea.last_data = data;
}

static err_t opened(u8_t id, struct tcp_pcb_listen *lpcb, struct tcp_pcb *cpcb)
{
    CHECK_INT(id, ea.id);
    CHECK(lpcb->state == LISTEN && cpcb->local_port == LOCAL_PORT && cpcb->remote_port != 0);
    CHECK(lpcb->ext_args[id].data == &ea);
    CHECK(tcp_ext_arg_get(cpcb, id) == NULL); /* not inherited: that is what this call is for */
    ea.opened++;
    tcp_ext_arg_set(cpcb, id, &ac);
    tcp_ext_arg_set_callbacks(cpcb, id, lpcb->ext_args[id].callbacks);
    return ea.answer;
}

static const struct tcp_ext_arg_callbacks hooks = {destroyed, opened};

static struct tcp_pcb *with_ext_args(void)
{
    struct tcp_pcb *pcb = tcp_new();
    memset(&ea, 0, sizeof ea);
    memset(&ac, 0, sizeof ac);
    ea.id = tcp_ext_arg_alloc_id();
    CHECK(ea.id < LWIP_TCP_PCB_NUM_EXT_ARGS && ea.id != LWIP_TCP_PCB_NUM_EXT_ARG_ID_INVALID);
    CHECK(tcp_ext_arg_get(pcb, ea.id) == NULL);
    tcp_ext_arg_set(pcb, ea.id, &ea);
    tcp_ext_arg_set_callbacks(pcb, ea.id, &hooks);
    CHECK(tcp_ext_arg_get(pcb, ea.id) == &ea);
    CHECK_INT(tcp_bind(pcb, &lw.local, LOCAL_PORT), ERR_OK);
    struct tcp_pcb *lpcb = tcp_listen(pcb);
    CHECK_INT(ea.destroyed, 0); /* they have moved to the listener */
    CHECK(tcp_ext_arg_get(lpcb, ea.id) == &ea);
    tcp_arg(lpcb, &lw);
    tcp_accept(lpcb, accepting);
    return lpcb;
}

UNIT(tcp_lwip_listen, extended_arguments_live_as_long_as_their_pcb)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = with_ext_args();
    syn(1);
    CHECK_INT(ea.opened, 1);
    ack(1);
    CHECK(tcp_ext_arg_get(ac.accepted[0], ea.id) == &ac);
    tcp_abort(ac.accepted[0]);
    CHECK(ea.destroyed == 1 && ea.last_data == &ac);
    CHECK_INT(tcp_close(lpcb), ERR_OK);
    CHECK(ea.destroyed == 2 && ea.last_data == &ea);
    lw_down();
    CHECK_INT(ea.destroyed, 2);
}

UNIT(tcp_lwip_listen, an_extended_argument_may_refuse_a_connection_silently)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = with_ext_args();
    ea.answer = ERR_VAL;
    syn(1);
    CHECK(ea.opened == 1 && ea.destroyed == 1 && ea.last_data == &ac);
    CHECK(tcp_active_pcbs == NULL && lw.calls == 0 && ac.accepts == 0);
    CHECK_INT(small(lpcb)->accepts_pending, 0);
    LW_DROPS(DROP_tcp_listen_refused, 1);
    LW_USED(MEMP_TCP_PCB, 0);
    ea.answer = ERR_OK;
    syn(1);
    CHECK(ea.opened == 2 && tcp_active_pcbs != NULL);
    lw_down();
}
#endif
