/* core/pbuf_cursor.h: reads a packet from front to back across its pbufs, never past its end.
 *
 *     struct pbuf_cursor c = pbuf_cursor_at(p, 0);
 *     if (!pbuf_cursor_read(&c, header, 20)) return too_short;
 *
 * A cursor borrows the packet: nothing may be freed or moved while it is in use. Reads either
 * deliver all they are asked for and move on, or deliver nothing, stay where they are and say
 * false. */
#ifndef STACK_CORE_PBUF_CURSOR_H
#define STACK_CORE_PBUF_CURSOR_H

#include "lwip/pbuf.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct pbuf_cursor {
    const struct pbuf *p; /* where the next byte is; may be exhausted while left is 0 */
    u16_t at;             /* its position in p */
    u16_t left;           /* bytes from here to the end of the packet */
};

/* A cursor at byte `offset` of the packet; one behind its end has nothing left. */
static inline struct pbuf_cursor pbuf_cursor_at(const struct pbuf *p, u16_t offset)
{
    struct pbuf_cursor c = {p, offset, 0};
    if (p == NULL || offset >= p->tot_len)
        return c;
    c.left = (u16_t)(p->tot_len - offset);
    while (c.at >= c.p->len) {
        c.at = (u16_t)(c.at - c.p->len);
        c.p = c.p->next;
    }
    return c;
}

/* Forgets everything behind the next `n` bytes (a length field said so). */
static inline void pbuf_cursor_limit(struct pbuf_cursor *c, u16_t n)
{
    if (n < c->left)
        c->left = n;
}

/* A run of bytes that lie together: at most `max`, at least one unless nothing is left. Returns
 * how many and sets *bytes; does not move. */
static inline u16_t pbuf_cursor_peek(struct pbuf_cursor *c, const u8_t **bytes, u16_t max)
{
    *bytes = NULL;
    if (c->left == 0 || max == 0)
        return 0;
    while (c->at >= c->p->len) {
        c->p = c->p->next;
        c->at = 0;
    }
    size_t n = (size_t)(c->p->len - c->at);
    if (n > c->left)
        n = c->left;
    if (n > max)
        n = max;
    *bytes = (const u8_t *)c->p->payload + c->at;
    return (u16_t)n;
}

static inline bool pbuf_cursor_skip(struct pbuf_cursor *c, u16_t n)
{
    if (n > c->left)
        return false;
    while (n > 0) {
        const u8_t *bytes;
        u16_t run = pbuf_cursor_peek(c, &bytes, n);
        c->at = (u16_t)(c->at + run);
        c->left = (u16_t)(c->left - run);
        n = (u16_t)(n - run);
    }
    return true;
}

static inline bool pbuf_cursor_read(struct pbuf_cursor *c, void *out, u16_t n)
{
    if (n > c->left)
        return false;
    for (u16_t done = 0; done < n;) {
        const u8_t *bytes;
        u16_t run = pbuf_cursor_peek(c, &bytes, (u16_t)(n - done));
        memcpy((u8_t *)out + done, bytes, run);
        c->at = (u16_t)(c->at + run);
        c->left = (u16_t)(c->left - run);
        done = (u16_t)(done + run);
    }
    return true;
}

static inline bool pbuf_cursor_u8(struct pbuf_cursor *c, u8_t *value)
{
    return pbuf_cursor_read(c, value, 1);
}

static inline bool pbuf_cursor_be16(struct pbuf_cursor *c, u16_t *value)
{
    u8_t b[2];
    if (!pbuf_cursor_read(c, b, 2))
        return false;
    *value = (u16_t)(b[0] << 8 | b[1]);
    return true;
}

static inline bool pbuf_cursor_be32(struct pbuf_cursor *c, u32_t *value)
{
    u8_t b[4];
    if (!pbuf_cursor_read(c, b, 4))
        return false;
    *value = (u32_t)b[0] << 24 | (u32_t)b[1] << 16 | (u32_t)b[2] << 8 | b[3];
    return true;
}

#endif
