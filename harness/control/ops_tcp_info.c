/* harness/control/ops_tcp_info.c: what can be known of a TCP connection. Changes nothing. */
#include "harness/control/ops.h"
#include "harness/host/host.h"
#include "harness/host/tcp_connection.h"
#include "harness/host/tcp_listener.h"
#include "harness/host/world.h"

#include "lockwire/tcp.h"

#define EVENTS_MOST 1000u /* in one reply */

static struct connection *request_connection(struct request *r)
{
    return (struct connection *)request_object(r, &connection_class);
}

static const char *state_name(const struct connection *c)
{
    host_enter(c->object.host);
    const struct tcp_pcb *pcb = connection_pcb(c);
    const char *name = tcp_debug_state_str(pcb != NULL ? pcb->state : CLOSED);
    host_leave(c->object.host);
    return name;
}

static uint64_t room(const struct connection *c)
{
    return c->pcb != NULL ? c->pcb->snd_buf : 0;
}

void op_tcp_status(struct request *r)
{
    struct connection *c = request_connection(r);
    if (!request_ok(r))
        return;
    c->news = false;
    reply_text(r, "state", state_name(c));
    reply_json(r, "err", json_integer(c->error));
    reply_bool(r, "connected", c->connected);
    reply_bool(r, "eof", c->peer_closed);
    reply_bool(r, "closed", c->closed);
    reply_addr(r, "local", c->local);
    reply_int(r, "local_port", c->local_port);
    reply_addr(r, "remote", c->remote);
    reply_int(r, "remote_port", c->remote_port);
    reply_int(r, "pending", c->in.count);
    reply_int(r, "waiting", c->out.count);
    reply_int(r, "room", room(c));
    reply_int(r, "written", c->written);
    reply_int(r, "acked", c->acked);
    reply_int(r, "received", c->received);
    reply_int(r, "source_left", c->source.left);
    reply_int(r, "expect_left", c->expect.left);
    reply_int(r, "drained", c->drained);
    reply_int(r, "crc", c->crc);
    if (c->expect.bad_at != UINT64_MAX)
        reply_int(r, "bad_at", c->expect.bad_at);
}

void op_tcp_listener(struct request *r)
{
    const struct listener *l = (const struct listener *)request_object(r, &listener_class);
    if (!request_ok(r))
        return;
    reply_int(r, "pending", l->pending);
    reply_int(r, "accepted", l->accepted);
}

/* Members of struct tcp_info by name. */
#define NUMBERS(X) \
    X(iss) X(irs) X(snd_una) X(snd_nxt) X(snd_wnd) X(snd_wl1) X(snd_wl2) X(snd_up) X(snd_buf) \
    X(snd_lbb) X(snd_wnd_max) X(rcv_nxt) X(rcv_wnd) X(rcv_ann_wnd) X(rcv_up) X(mss) X(mss_peer) \
    X(rcv_mss) X(cwnd) X(ssthresh) X(in_flight) X(dupacks) X(recover) X(sacked) X(lost) \
    X(retransmitting) X(srtt_us) X(rttvar_us) X(rto) X(backoff) X(unsent) X(unacked) X(ooseq) \
    X(unsent_segments) X(unacked_segments) X(ooseq_segments) X(queuelen) X(refused) \
    X(keep_probes) X(persist_probes) X(snd_scale) X(rcv_scale) X(ts_recent)
#define FLAGS(X) X(timestamps) X(sack) X(window_scale) X(ecn) X(nagle) X(ack_delayed)

static void reply_timers(struct request *r, struct host *h, const struct tcp_info *info)
{
    json_t *timers = json_object();
    uint64_t now = h->world->sim->now_ns;
    for (unsigned i = 0; i < TCP_TIMERS; i++) {
        if (info->timer[i] == UINT32_MAX)
            continue;
        uint64_t due = host_clock_after(&h->clock, now, info->timer[i]);
        json_object_set_new(timers, tcp_timer_name((enum tcp_timer)i),
                            json_integer((json_int_t)due));
    }
    reply_json(r, "timers", timers);
}

static void reply_blocks(struct request *r, const struct tcp_info *info)
{
    json_t *blocks = json_array();
    for (unsigned i = 0; i < sizeof info->blocks / sizeof info->blocks[0]; i++)
        if (info->blocks[i].left != info->blocks[i].right)
            json_array_append_new(blocks, json_pack("[I,I]", (json_int_t)info->blocks[i].left,
                                                    (json_int_t)info->blocks[i].right));
    reply_json(r, "blocks", blocks);
}

static void reply_info(struct request *r, struct host *h, const struct tcp_info *info)
{
    reply_text(r, "state", tcp_debug_state_str(info->state));
#define NUMBER(name) reply_int(r, #name, info->name);
    NUMBERS(NUMBER)
#undef NUMBER
#define FLAG(name) reply_bool(r, #name, info->name);
    FLAGS(FLAG)
#undef FLAG
    reply_text(r, "recovery", info->recovery);
    reply_text(r, "cc", info->cc);
    reply_json(r, "soft_error", json_integer(info->soft_error));
    reply_timers(r, h, info);
    reply_blocks(r, info);
}

void op_tcp_info(struct request *r)
{
    const struct connection *c = request_connection(r);
    if (!request_ok(r))
        return;
    struct host *h = c->object.host;
    struct tcp_info info;
    host_enter(h);
    const struct tcp_pcb *pcb = connection_pcb(c);
    if (pcb != NULL)
        tcp_info_get(pcb, &info);
    host_leave(h);
    if (pcb == NULL)
        reply_bool(r, "gone", true);
    else
        reply_info(r, h, &info);
}

void op_tcp_events(struct request *r)
{
    const struct object *o = request_object(r, NULL);
    uint64_t from = request_u64_or(r, "from", 0, TCP_LOG_MAX, 0);
    const struct tcp_log *log = NULL;
    if (o != NULL && o->class == &connection_class)
        log = &((const struct connection *)o)->log;
    else if (o != NULL && o->class == &listener_class)
        log = &((const struct listener *)o)->log;
    else if (o != NULL)
        request_fail(r, "usage", "a %s has no call-backs to tell of", o->class->name);
    if (!request_ok(r))
        return;
    json_t *events = json_array();
    uint64_t i = from;
    for (; i < log->count && i - from < EVENTS_MOST; i++) {
        const struct tcp_log_entry *e = &log->entries[i];
        json_array_append_new(events,
                              json_pack("[I,s,I,i,i]", (json_int_t)e->t_ns,
                                        tcp_log_name((enum tcp_log_kind)e->kind),
                                        (json_int_t)e->value, e->type, e->code));
    }
    reply_json(r, "events", events);
    reply_bool(r, "more", i < log->count);
    reply_int(r, "lost", log->lost);
}
