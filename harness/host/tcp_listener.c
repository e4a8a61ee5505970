/* harness/host/tcp_listener.c */
#include "harness/host/tcp_listener.h"

#include "harness/host/host.h"
#include "harness/host/world.h"

#include "lockwire/tcp.h"

static bool has_duty(const struct connection_duty *d)
{
    return d->discard || d->echo || d->closes || d->source > 0 || d->expect > 0;
}

/* Those that nobody has accepted go with their listener, unless they work on their own. */
static void close_object(struct object *o)
{
    struct listener *l = (struct listener *)o;
    while (l->first != NULL) {
        struct connection *c = l->first;
        listener_forget(l, c);
        if (!has_duty(&l->duty))
            object_free(&c->object);
    }
    if (l->pcb != NULL)
        tcp_close((struct tcp_pcb *)l->pcb);
    tcp_log_free(&l->log);
}

static bool ready(const struct object *o)
{
    return ((const struct listener *)o)->first != NULL;
}

const struct object_class listener_class = {
    .kind = OBJECT_LISTENER,
    .name = "TCP listener",
    .size = sizeof(struct listener),
    .close = close_object,
    .ready = ready,
};

static void log_accept(struct listener *l, int64_t value)
{
    struct tcp_log_entry e = {.t_ns = l->object.host->world->sim->now_ns, .value = value,
                              .kind = TCP_LOG_ACCEPT};
    tcp_log_put(&l->log, &e);
}

static void enqueue(struct listener *l, struct connection *c)
{
    c->listener = l;
    if (l->first == NULL)
        l->first = c;
    else
        l->last->next = c;
    l->last = c;
    l->pending++;
    object_notify(&l->object);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct listener *l = arg;
    if (pcb == NULL) {
        log_accept(l, err);
        return ERR_OK;
    }
    enum connection_action action = connection_planned(&l->plan);
    if (action == ACTION_ABORT) {
        log_accept(l, ERR_ABRT);
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    struct connection *c = action == ACTION_NONE ? connection_adopt(l->object.host, pcb) : NULL;
    if (c == NULL) {
        log_accept(l, ERR_MEM);
        return ERR_MEM;
    }
    (void)connection_settings_apply(pcb, &l->settings);
    connection_log(c, TCP_LOG_ACCEPT, ERR_OK);
    log_accept(l, c->object.id);
    l->accepted++;
    enqueue(l, c);
    if (has_duty(&l->duty)) {
        connection_begin(c, &l->duty);
    } else {
        c->delayed = true;
        tcp_backlog_delayed(pcb);
    }
    return ERR_OK;
}

static err_t open_pcb(struct listener *l, const struct listener_config *config)
{
    ip_addr_t addr;
    struct tcp_pcb *pcb = tcp_new();
    if (pcb == NULL)
        return ERR_MEM;
    ip_addr_set_ip4_u32_val(addr, lwip_htonl(config->addr));
    if (config->reuse)
        ip_set_option(pcb, SOF_REUSEADDR);
    err_t err = connection_settings_apply(pcb, &config->settings);
    if (err == ERR_OK)
        err = tcp_bind(pcb, &addr, config->port);
    if (err == ERR_OK)
        l->pcb = (struct tcp_pcb_listen *)tcp_listen_with_backlog_and_err(pcb, config->backlog,
                                                                          &err);
    if (l->pcb == NULL) {
        tcp_close(pcb);
        return err;
    }
    tcp_arg((struct tcp_pcb *)l->pcb, l);
    tcp_accept((struct tcp_pcb *)l->pcb, on_accept);
    return ERR_OK;
}

struct listener *listener_new(struct host *h, const struct listener_config *config, err_t *err)
{
    struct listener *l = (struct listener *)object_new(h, &listener_class);
    *err = ERR_MEM;
    if (l == NULL)
        return NULL;
    l->settings = config->settings;
    l->duty = config->duty;
    host_enter(h);
    *err = open_pcb(l, config);
    host_leave(h);
    if (*err == ERR_OK)
        return l;
    object_free(&l->object);
    return NULL;
}

void listener_forget(struct listener *l, struct connection *c)
{
    struct connection *before = NULL;
    for (struct connection *x = l->first; x != c; x = x->next)
        before = x;
    if (before == NULL)
        l->first = c->next;
    else
        before->next = c->next;
    if (l->last == c)
        l->last = before;
    c->next = NULL;
    c->listener = NULL;
    l->pending--;
}

struct connection *listener_accept(struct listener *l)
{
    struct connection *c = l->first;
    if (c == NULL)
        return NULL;
    listener_forget(l, c);
    host_enter(l->object.host);
    if (c->delayed && c->pcb != NULL)
        tcp_backlog_accepted(c->pcb);
    c->delayed = false;
    host_leave(l->object.host);
    return c;
}

uint16_t listener_port(const struct listener *l)
{
    return l->pcb->local_port;
}
