/* harness/host/inbox.c */
#include "harness/host/inbox.h"

#include "sim/arena.h"

#include "lwip/ip.h"
#include "lwip/pbuf.h"

#include <string.h>

static struct inbox_item *put(struct inbox *in, uint32_t len)
{
    struct inbox_item *item = NULL;
    if (in->count < in->capacity)
        item = arena_alloc(sizeof *item + len);
    if (item == NULL) {
        in->refused++;
        return NULL;
    }
    *item = (struct inbox_item){.len = len};
    if (in->first == NULL)
        in->first = item;
    else
        in->last->next = item;
    in->last = item;
    in->count++;
    return item;
}

struct inbox_item *inbox_put(struct inbox *in, const struct pbuf *p, uint32_t offset)
{
    uint32_t len = p != NULL && p->tot_len > offset ? p->tot_len - offset : 0;
    struct inbox_item *item = put(in, len);
    if (item != NULL && len > 0)
        pbuf_copy_partial(p, item->data, (u16_t)len, (u16_t)offset);
    return item;
}

struct inbox_item *inbox_put_received(struct inbox *in, const struct pbuf *p, uint32_t offset,
                                      uint64_t now_ns)
{
    struct inbox_item *item = inbox_put(in, p, offset);
    if (item == NULL)
        return NULL;
    item->t_ns = now_ns;
    item->from = lwip_ntohl(ip4_addr_get_u32(ip4_current_src_addr()));
    item->to = lwip_ntohl(ip4_addr_get_u32(ip4_current_dest_addr()));
    item->ttl = IPH_TTL(ip4_current_header());
    item->tos = IPH_TOS(ip4_current_header());
    return item;
}

struct inbox_item *inbox_put_bytes(struct inbox *in, const void *bytes, uint32_t len)
{
    struct inbox_item *item = put(in, len);
    if (item != NULL && len > 0)
        memcpy(item->data, bytes, len);
    return item;
}

struct inbox_item *inbox_take(struct inbox *in)
{
    struct inbox_item *item = in->first;
    if (item == NULL)
        return NULL;
    in->first = item->next;
    if (in->first == NULL)
        in->last = NULL;
    in->count--;
    return item;
}

void inbox_item_free(struct inbox_item *item)
{
    arena_free(item, sizeof *item + item->len);
}

void inbox_empty(struct inbox *in)
{
    struct inbox_item *item;
    while ((item = inbox_take(in)) != NULL)
        inbox_item_free(item);
}
