/* harness/host/tcp_connection.c: how connections begin and end, and their call-backs. */
#include "harness/host/tcp_connection.h"

#include "harness/host/host.h"
#include "harness/host/tcp_listener.h"
#include "harness/host/world.h"

#include "lockwire/tcp.h"
#include "lwip/priv/tcp_priv.h"

const struct connection_settings connection_settings_none = {
    .nodelay = -1, .keepalive = -1, .prio = -1, .tos = -1, .ttl = -1, .keep_idle_ms = -1,
    .keep_intvl_ms = -1, .keep_cnt = -1, .user_timeout_ms = -1};

/* Telling. */

void connection_tell(struct connection *c)
{
    c->news = true;
    object_notify(&c->object);
}

void connection_log(struct connection *c, enum tcp_log_kind kind, int64_t value)
{
    struct tcp_log_entry e = {
        .t_ns = c->object.host->world->sim->now_ns, .value = value, .kind = (uint8_t)kind};
    tcp_log_put(&c->log, &e);
}

/* A connection with a duty has thousands of these: they are not what it is for. */
static void log_data(struct connection *c, enum tcp_log_kind kind, int64_t bytes)
{
    if (!c->discard && !c->echo && c->source.left == 0 && c->expect.left == 0)
        connection_log(c, kind, bytes);
}

enum connection_action connection_planned(struct connection_plan *plan)
{
    if (plan->count == 0)
        return ACTION_NONE;
    plan->count--;
    return (enum connection_action)plan->action;
}

void connection_plan_set(struct connection *c, enum connection_call call,
                         enum connection_action action, uint32_t count)
{
    c->plans[call] = (struct connection_plan){.count = count, .action = (uint8_t)action};
}

/* Call-backs. The pcb may be gone when one has done its work: the duty may have closed it. */

static err_t act(struct connection *c, enum connection_action action)
{
    if (c->pcb == NULL || action == ACTION_NONE)
        return ERR_OK;
    if (action == ACTION_REFUSE)
        return ERR_MEM;
    if (action == ACTION_CLOSE)
        return connection_close(c);
    tcp_abort(c->pcb);
    return ERR_ABRT;
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct connection *c = arg;
    (void)pcb;
    (void)err;
    enum connection_action action = connection_planned(&c->plans[CALL_RECV]);
    if (p == NULL) {
        connection_log(c, TCP_LOG_CLOSED, 0);
        c->peer_closed = true;
        connection_tell(c);
        connection_pump(c);
        return action == ACTION_REFUSE ? ERR_OK : act(c, action);
    }
    uint32_t len = p->tot_len;
    bool counts = !c->discard && !c->echo && c->expect.left == 0;
    if (action == ACTION_REFUSE || !connection_take(c, p)) {
        connection_log(c, TCP_LOG_REFUSED, len);
        return ERR_MEM;
    }
    if (counts)
        log_data(c, TCP_LOG_RECV, len);
    return act(c, action);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct connection *c = arg;
    (void)pcb;
    log_data(c, TCP_LOG_SENT, len);
    connection_acked(c, len);
    connection_pump(c);
    return act(c, connection_planned(&c->plans[CALL_SENT]));
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    struct connection *c = arg;
    (void)pcb;
    enum connection_action action = ACTION_NONE;
    if (c->poll_interval != 0) {
        connection_log(c, TCP_LOG_POLL, 0);
        action = connection_planned(&c->plans[CALL_POLL]);
    }
    if (c->retrying)
        connection_pump(c);
    return act(c, action);
}

static void on_error(void *arg, err_t err)
{
    struct connection *c = arg;
    connection_log(c, TCP_LOG_ERROR, err);
    c->pcb = NULL;
    c->error = err;
    byte_queue_empty(&c->out);
    c->source.left = 0;
    connection_references_free(c);
    connection_tell(c);
}

static void on_urgent(void *arg, struct tcp_pcb *pcb, u32_t bytes)
{
    (void)pcb;
    connection_log(arg, TCP_LOG_URGENT, bytes);
    connection_tell(arg);
}

static void on_soft(void *arg, struct tcp_pcb *pcb, err_t err, u8_t type, u8_t code)
{
    struct connection *c = arg;
    (void)pcb;
    struct tcp_log_entry e = {.t_ns = c->object.host->world->sim->now_ns, .value = err,
                              .kind = TCP_LOG_SOFT, .type = type, .code = code};
    tcp_log_put(&c->log, &e);
    connection_tell(c);
}

static void note_addresses(struct connection *c)
{
    c->local = lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&c->pcb->local_ip)));
    c->remote = lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(&c->pcb->remote_ip)));
    c->local_port = c->pcb->local_port;
    c->remote_port = c->pcb->remote_port;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct connection *c = arg;
    (void)pcb;
    c->connected = true;
    connection_log(c, TCP_LOG_CONNECTED, err);
    note_addresses(c);
    connection_tell(c);
    connection_pump(c);
    return act(c, connection_planned(&c->plans[CALL_CONNECTED]));
}

/* The data call-backs come and go together. */
static void attach(struct connection *c, struct tcp_pcb *pcb)
{
    c->pcb = pcb;
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    connection_poll_arm(c);
}

static void detach(struct tcp_pcb *pcb)
{
    tcp_recv(pcb, NULL);
    tcp_sent(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
}

static void take_over(struct connection *c, struct tcp_pcb *pcb)
{
    tcp_arg(pcb, c);
    tcp_err(pcb, on_error);
    tcp_urgent(pcb, on_urgent);
    tcp_soft_error(pcb, on_soft);
    attach(c, pcb);
}

static void let_go(struct tcp_pcb *pcb)
{
    detach(pcb);
    tcp_arg(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_urgent(pcb, NULL);
    tcp_soft_error(pcb, NULL);
}

void connection_poll_arm(struct connection *c)
{
    u8_t interval = c->poll_interval;
    if (interval == 0 && c->retrying)
        interval = 1;
    tcp_poll(c->pcb, interval != 0 ? on_poll : NULL, interval);
}

void connection_poll(struct connection *c, uint8_t interval)
{
    c->poll_interval = interval;
    host_enter(c->object.host);
    if (c->pcb != NULL)
        connection_poll_arm(c);
    host_leave(c->object.host);
}

/* Life. */

struct tcp_pcb *connection_pcb(const struct connection *c)
{
    struct tcp_pcb *pcb;
    if (c->pcb != NULL)
        return c->pcb;
    if (!c->closed)
        return NULL;
    for (pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next)
        if (pcb->callback_arg == c)
            return pcb;
    for (pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next)
        if (pcb->callback_arg == c)
            return pcb;
    return NULL;
}

/* What was written by reference is about to go: such a pcb cannot live on. */
static void close_object(struct object *o)
{
    struct connection *c = (struct connection *)o;
    struct tcp_pcb *pcb = connection_pcb(c);
    if (pcb != NULL) {
        let_go(pcb);
        if (c->pcb != NULL || c->references != NULL)
            tcp_abort(pcb);
    }
    c->pcb = NULL;
    if (c->listener != NULL)
        listener_forget(c->listener, c);
    connection_references_free(c);
    byte_queue_empty(&c->in);
    byte_queue_empty(&c->out);
    tcp_log_free(&c->log);
}

static bool ready(const struct object *o)
{
    return ((const struct connection *)o)->news;
}

const struct object_class connection_class = {
    .kind = OBJECT_CONNECTION,
    .name = "TCP connection",
    .size = sizeof(struct connection),
    .close = close_object,
    .ready = ready,
};

static struct connection *make(struct host *h)
{
    struct connection *c = (struct connection *)object_new(h, &connection_class);
    if (c != NULL)
        c->source.bad_at = c->expect.bad_at = UINT64_MAX;
    return c;
}

static void assign(struct connection *c, const struct connection_duty *duty)
{
    c->discard = duty->discard;
    c->echo = duty->echo;
    c->closes = duty->closes;
    pattern_begin(&c->source, duty->seed, duty->source);
    pattern_begin(&c->expect, duty->seed, duty->expect);
}

static err_t open_pcb(struct connection *c, const struct connection_config *config)
{
    ip_addr_t local, remote;
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL)
        return ERR_MEM;
    take_over(c, pcb);
    ip_addr_set_ip4_u32_val(local, lwip_htonl(config->local));
    ip_addr_set_ip4_u32_val(remote, lwip_htonl(config->addr));
    if (config->reuse)
        ip_set_option(pcb, SOF_REUSEADDR);
    err_t err = connection_settings_apply(pcb, &config->settings);
    if (err == ERR_OK && (config->local != 0 || config->local_port != 0))
        err = tcp_bind(pcb, &local, config->local_port);
    if (err == ERR_OK)
        err = tcp_connect(pcb, &remote, config->port, on_connected);
    if (err == ERR_OK)
        note_addresses(c);
    return err;
}

struct connection *connection_new(struct host *h, const struct connection_config *config,
                                  err_t *err)
{
    struct connection *c = make(h);
    *err = ERR_MEM;
    if (c == NULL)
        return NULL;
    assign(c, &config->duty);
    host_enter(h);
    *err = open_pcb(c, config);
    host_leave(h);
    if (*err == ERR_OK)
        return c;
    object_free(&c->object);
    return NULL;
}

struct connection *connection_adopt(struct host *h, struct tcp_pcb *pcb)
{
    struct connection *c = make(h);
    if (c == NULL)
        return NULL;
    take_over(c, pcb);
    c->connected = true;
    note_addresses(c);
    return c;
}

void connection_begin(struct connection *c, const struct connection_duty *duty)
{
    assign(c, duty);
    connection_pump(c);
}

err_t connection_close(struct connection *c)
{
    struct tcp_pcb *pcb = c->pcb;
    if (pcb == NULL)
        return ERR_OK;
    host_enter(c->object.host);
    detach(pcb);
    c->pcb = NULL;
    c->closed = true;
    err_t err = tcp_close(pcb);
    if (err == ERR_OK) {
        byte_queue_empty(&c->in);
        byte_queue_empty(&c->out);
        c->source.left = 0;
    } else {
        c->closed = false;
        attach(c, pcb);
    }
    host_leave(c->object.host);
    return err;
}

err_t connection_shutdown(struct connection *c, bool rx, bool tx)
{
    if (c->pcb == NULL)
        return ERR_CONN;
    if (rx && tx)
        return connection_close(c);
    host_enter(c->object.host);
    err_t err = tcp_shutdown(c->pcb, rx, tx);
    host_leave(c->object.host);
    return err;
}

void connection_abort(struct connection *c)
{
    host_enter(c->object.host);
    struct tcp_pcb *pcb = connection_pcb(c);
    if (pcb != NULL)
        tcp_abort(pcb);
    c->closed = true;
    host_leave(c->object.host);
}

/* Settings. */

err_t connection_settings_apply(struct tcp_pcb *pcb, const struct connection_settings *s)
{
    if (s->cc[0] != '\0' && tcp_congestion_control(pcb, s->cc) != ERR_OK)
        return ERR_VAL;
    if (s->nodelay == 0)
        tcp_nagle_enable(pcb);
    if (s->nodelay > 0)
        tcp_nagle_disable(pcb);
    if (s->keep_idle_ms >= 0)
        pcb->keep_idle = (u32_t)s->keep_idle_ms;
    if (s->keep_intvl_ms >= 0)
        pcb->keep_intvl = (u32_t)s->keep_intvl_ms;
    if (s->keep_cnt >= 0)
        pcb->keep_cnt = (u32_t)s->keep_cnt;
    if (s->keepalive == 0)
        ip_reset_option(pcb, SOF_KEEPALIVE);
    if (s->keepalive > 0)
        ip_set_option(pcb, SOF_KEEPALIVE);
    if (s->prio >= 0)
        tcp_setprio(pcb, (u8_t)s->prio);
    if (s->tos >= 0)
        pcb->tos = (u8_t)s->tos;
    if (s->ttl >= 0)
        pcb->ttl = (u8_t)s->ttl;
    if (s->user_timeout_ms >= 0)
        tcp_user_timeout(pcb, (u32_t)s->user_timeout_ms);
    return ERR_OK;
}

err_t connection_set(struct connection *c, const struct connection_settings *settings)
{
    host_enter(c->object.host);
    struct tcp_pcb *pcb = connection_pcb(c);
    err_t err = pcb != NULL ? connection_settings_apply(pcb, settings) : ERR_CONN;
    if (err == ERR_OK && settings->keepalive > 0)
        (void)tcp_output(pcb); /* the option is written without a call: this notices it */
    host_leave(c->object.host);
    return err;
}
