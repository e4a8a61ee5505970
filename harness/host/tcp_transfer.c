/* harness/host/tcp_transfer.c: a connection's data in both directions. */
#include "harness/host/tcp_connection.h"

#include "harness/host/host.h"
#include "sim/arena.h"

#include "lockwire/tcp.h"

#include <string.h>

#define CHUNK 8192u /* of a pattern, made at once */
#define WRITE_LONGEST 0xffffu

/* Sending. */

static err_t write_once(struct connection *c, const uint8_t *bytes, uint32_t len, u8_t flags)
{
    err_t err = tcp_write(c->pcb, bytes, (u16_t)len, flags);
    if (err == ERR_OK)
        c->written += len;
    return err;
}

/* As many of the bytes as are taken. The send buffer is not the only limit: the queue has one in
 * pbufs, and memory may be short; then a smaller piece may still fit. Segments are pushed where the
 * application's data ends, nowhere else. */
static uint32_t write_most(struct connection *c, const uint8_t *bytes, uint32_t len, bool more,
                           err_t *err)
{
    uint32_t done = 0;
    *err = ERR_OK;
    while (done < len) {
        uint32_t n = len - done;
        if (n > c->pcb->snd_buf)
            n = c->pcb->snd_buf;
        if (n > WRITE_LONGEST)
            n = WRITE_LONGEST;
        if (n == 0)
            break;
        do {
            bool last = !more && done + n == len;
            *err = write_once(c, bytes + done, n,
                              TCP_WRITE_FLAG_COPY | (last ? 0 : TCP_WRITE_FLAG_MORE));
        } while (*err == ERR_MEM && (n /= 2) > 0);
        if (*err != ERR_OK)
            break;
        done += n;
    }
    return done;
}

static void recved(struct connection *c, uint64_t len)
{
    while (c->pcb != NULL && len > 0) {
        u16_t n = (u16_t)(len < WRITE_LONGEST ? len : WRITE_LONGEST);
        tcp_recved(c->pcb, n);
        len -= n;
    }
}

/* One round: from the queue first, then the pattern. false: no room, or nothing left. */
static bool pump_once(struct connection *c, err_t *err)
{
    uint8_t made[CHUNK];
    uint32_t len;
    const uint8_t *bytes = byte_queue_front(&c->out, &len);
    if (bytes != NULL) {
        bool more = c->out.count > len || c->source.left > 0;
        uint32_t n = write_most(c, bytes, len, more, err);
        byte_queue_drop(&c->out, n);
        if (c->echo)
            recved(c, n);
        return n == len;
    }
    if (c->source.left == 0)
        return false;
    len = c->source.left < CHUNK ? (uint32_t)c->source.left : CHUNK;
    if (len > c->pcb->snd_buf && c->pcb->snd_buf > 0)
        len = c->pcb->snd_buf;
    pattern_fill(c->source.seed, c->source.at, made, len);
    uint32_t n = write_most(c, made, len, c->source.left > len, err);
    c->source.at += n;
    c->source.left -= n;
    return n == len;
}

static bool has_to_send(const struct connection *c)
{
    return c->out.count > 0 || c->source.left > 0;
}

static bool duty_is_done(const struct connection *c)
{
    return c->closes && !has_to_send(c) && c->expect.left == 0 &&
           (c->peer_closed || !(c->discard || c->echo));
}

void connection_pump(struct connection *c)
{
    if (c->pcb == NULL)
        return;
    bool had = has_to_send(c);
    uint64_t before = c->written;
    err_t err = ERR_OK;
    while (c->pcb != NULL && pump_once(c, &err))
        continue;
    if (c->pcb == NULL)
        return;
    bool retry = err == ERR_MEM;
    if (retry != c->retrying) {
        c->retrying = retry;
        connection_poll_arm(c);
    }
    if (c->written != before)
        tcp_output(c->pcb);
    if (had && !has_to_send(c))
        connection_tell(c);
    if (duty_is_done(c))
        (void)connection_close(c);
}

/* What the caller is told when there is no pcb: why. */
static err_t gone(const struct connection *c)
{
    return c->error != 0 ? (err_t)c->error : ERR_CLSD;
}

err_t connection_send(struct connection *c, const void *bytes, uint32_t len, uint32_t *taken)
{
    *taken = 0;
    if (c->pcb == NULL)
        return gone(c);
    err_t err = ERR_OK;
    host_enter(c->object.host);
    if (!has_to_send(c)) /* nothing may overtake what waits */
        *taken = write_most(c, bytes, len, false, &err);
    c->wants_room = *taken < len;
    if (*taken > 0)
        tcp_output(c->pcb);
    host_leave(c->object.host);
    return err == ERR_MEM ? ERR_OK : err;
}

err_t connection_send_all(struct connection *c, const void *bytes, uint32_t len)
{
    if (c->pcb == NULL)
        return gone(c);
    if (!byte_queue_put(&c->out, bytes, len))
        return ERR_MEM;
    host_enter(c->object.host);
    connection_pump(c);
    host_leave(c->object.host);
    return ERR_OK;
}

uint64_t connection_send_cancel(struct connection *c)
{
    uint64_t count = c->out.count;
    byte_queue_empty(&c->out);
    return count;
}

static struct reference *keep(struct connection *c, const void *bytes, uint32_t len)
{
    struct reference *r = arena_alloc(sizeof *r + len);
    if (r == NULL)
        return NULL;
    *r = (struct reference){.end = c->written + len, .len = len};
    memcpy(r->data, bytes, len);
    struct reference **link = &c->references;
    while (*link != NULL)
        link = &(*link)->next;
    *link = r;
    return r;
}

static void release(struct reference **link)
{
    struct reference *r = *link;
    *link = r->next;
    arena_free(r, sizeof *r + r->len);
}

void connection_references_free(struct connection *c)
{
    while (c->references != NULL)
        release(&c->references);
}

static err_t write_kept(struct connection *c, const void *bytes, uint16_t len, unsigned flags)
{
    struct reference *r = NULL;
    u8_t api = (u8_t)(flags & WRITE_MORE ? TCP_WRITE_FLAG_MORE : 0);
    if (flags & WRITE_COPY) {
        api |= TCP_WRITE_FLAG_COPY;
    } else {
        r = keep(c, bytes, len);
        if (r == NULL)
            return ERR_MEM;
        bytes = r->data;
    }
    err_t err = flags & WRITE_URGENT ? tcp_write_urgent(c->pcb, bytes, len, api)
                                     : tcp_write(c->pcb, bytes, len, api);
    if (err == ERR_OK) {
        c->written += len;
    } else if (r != NULL) {
        struct reference **link = &c->references;
        while (*link != r)
            link = &(*link)->next;
        release(link);
    }
    return err;
}

err_t connection_write(struct connection *c, const void *bytes, uint16_t len, unsigned flags)
{
    if (c->pcb == NULL)
        return gone(c);
    host_enter(c->object.host);
    err_t err = write_kept(c, bytes, len, flags);
    if (err == ERR_OK && !(flags & WRITE_HOLD))
        err = tcp_output(c->pcb);
    host_leave(c->object.host);
    return err;
}

err_t connection_output(struct connection *c)
{
    if (c->pcb == NULL)
        return gone(c);
    host_enter(c->object.host);
    err_t err = tcp_output(c->pcb);
    host_leave(c->object.host);
    return err;
}

void connection_acked(struct connection *c, uint32_t len)
{
    c->acked += len;
    while (c->references != NULL && c->references->end <= c->acked)
        release(&c->references);
    if (c->wants_room) {
        c->wants_room = false;
        connection_tell(c);
    }
}

void connection_source(struct connection *c, uint64_t seed, uint64_t len)
{
    pattern_begin(&c->source, seed, len);
    host_enter(c->object.host);
    if (c->connected)
        connection_pump(c);
    host_leave(c->object.host);
}

/* Receiving. */

static void sum_up(struct connection *c, const struct pbuf *p, uint32_t skip)
{
    for (const struct pbuf *q = p; q != NULL; q = q->next) {
        uint32_t n = q->len > skip ? q->len - skip : 0;
        c->crc = crc32_continue(c->crc, (const uint8_t *)q->payload + q->len - n, n);
        c->drained += n;
        skip -= q->len - n;
    }
}

static void check_pattern(struct connection *c, const struct pbuf *p, uint32_t len)
{
    bool was_right = c->expect.bad_at == UINT64_MAX;
    for (const struct pbuf *q = p; len > 0; q = q->next) {
        uint32_t n = q->len < len ? q->len : len;
        pattern_check(&c->expect, q->payload, n);
        len -= n;
    }
    if (c->expect.left == 0 || (was_right && c->expect.bad_at != UINT64_MAX))
        connection_tell(c);
}

bool connection_take(struct connection *c, struct pbuf *p)
{
    uint32_t len = p->tot_len;
    uint32_t checked = c->expect.left < len ? (uint32_t)c->expect.left : len;
    if (!c->discard && !byte_queue_put_pbuf(c->echo ? &c->out : &c->in, p, checked))
        return false;
    c->received += len;
    if (checked > 0)
        check_pattern(c, p, checked);
    if (c->discard)
        sum_up(c, p, checked);
    pbuf_free(p);
    recved(c, c->discard ? len : checked);
    if (!c->discard && !c->echo && checked < len)
        connection_tell(c);
    if (c->echo || (checked > 0 && c->expect.left == 0))
        connection_pump(c);
    return true;
}

static void take_held(struct connection *c, uint8_t *bytes, uint64_t len)
{
    while (len > 0) {
        uint32_t n;
        const uint8_t *front = byte_queue_front(&c->in, &n);
        if (n > len)
            n = (uint32_t)len;
        memcpy(bytes, front, n);
        byte_queue_drop(&c->in, n);
        bytes += n;
        len -= n;
    }
}

uint32_t connection_recv(struct connection *c, uint8_t *bytes, uint32_t room)
{
    uint32_t len = c->in.count < room ? (uint32_t)c->in.count : room;
    take_held(c, bytes, len);
    host_enter(c->object.host);
    recved(c, len);
    host_leave(c->object.host);
    return len;
}

/* What is held already counts as well: the pattern begins with the next byte that the controller
 * has not seen. */
void connection_expect(struct connection *c, uint64_t seed, uint64_t len)
{
    pattern_begin(&c->expect, seed, len);
    uint64_t done = 0;
    while (c->in.count > 0 && c->expect.left > 0) {
        uint32_t n;
        const uint8_t *front = byte_queue_front(&c->in, &n);
        if (n > c->expect.left)
            n = (uint32_t)c->expect.left;
        pattern_check(&c->expect, front, n);
        byte_queue_drop(&c->in, n);
        done += n;
    }
    host_enter(c->object.host);
    recved(c, done);
    host_leave(c->object.host);
}

void connection_discard(struct connection *c, bool on)
{
    c->discard = on;
    uint64_t done = on ? c->in.count : 0;
    uint32_t n;
    const uint8_t *front;
    while (on && (front = byte_queue_front(&c->in, &n)) != NULL) {
        c->crc = crc32_continue(c->crc, front, n);
        c->drained += n;
        byte_queue_drop(&c->in, n);
    }
    host_enter(c->object.host);
    recved(c, done);
    host_leave(c->object.host);
}
