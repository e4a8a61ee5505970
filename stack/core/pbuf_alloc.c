/* core/pbuf_alloc.c: where packet buffers come from and how they end.
 *
 * A pbuf of type RAM is one heap block with its payload behind it; POOL is a chain of pool
 * elements with their payloads; ROM and REF are a pool element that points elsewhere; a custom
 * pbuf is its owner's memory. `ref` counts the pointers to a pbuf: from callers and from the pbuf
 * in front in a chain. pbuf_alloc() and pbuf_free() are on the path of every frame. */
#include "lwip/pbuf.h"

#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/core/pbuf_shape.h"
#include "stack/core/speed.h"

#include "lwip/debug.h"
#include "lwip/def.h"
#include "lwip/mem.h"
#include "lwip/memp.h"

#define POOL_PAYLOAD ((u16_t)LWIP_MEM_ALIGN_SIZE(CFG(pbuf_pool_bufsize)))

static void init_fields(struct pbuf *p, void *payload, u16_t tot_len, u16_t len, pbuf_type type,
                        u8_t flags)
{
    p->next = NULL;
    p->payload = payload;
    p->tot_len = tot_len;
    p->len = len;
    p->type_internal = (u8_t)type;
    p->flags = flags;
    p->ref = 1;
    p->if_idx = NETIF_NO_INDEX;
    LWIP_PBUF_CUSTOM_DATA_INIT(p);
}

static inline struct pbuf *alloc_pool(void)
{
    struct pbuf *p = memp_malloc(MEMP_PBUF_POOL);
    if (LWIP_TCP && TCP_QUEUE_OOSEQ && p == NULL)
        STACK->pbuf.pool_was_empty = 1;
    return p;
}

static struct pbuf *alloc_ram(size_t size)
{
    return size == (mem_size_t)size ? mem_malloc((mem_size_t)size) : NULL;
}

/* POOL: as many pbufs as it takes; else one. */
static HOT struct pbuf *alloc(unsigned layer, u16_t length, pbuf_type type)
{
    size_t front = PBUF_STRUCT_SIZE + LWIP_MEM_ALIGN_SIZE((size_t)layer), left = length;
    struct pbuf *head = NULL, **end = &head;
    do {
        size_t len = left, room = PBUF_STRUCT_SIZE + POOL_PAYLOAD - front;
        struct pbuf *p = NULL;
        void *payload = NULL;
        if (type == PBUF_POOL) {
            if (front < PBUF_STRUCT_SIZE + POOL_PAYLOAD) /* else the headers fill a buffer */
                p = alloc_pool();
            len = LWIP_MIN(len, room);
        } else if (type == PBUF_RAM) {
            p = alloc_ram(front + LWIP_MEM_ALIGN_SIZE(left));
        } else {
            LWIP_ASSERT("pbuf_alloc: no such type", type == PBUF_REF || type == PBUF_ROM);
            p = memp_malloc(MEMP_PBUF);
        }
        if (__builtin_expect(p == NULL, 0)) {
            if (head != NULL)
                pbuf_free(head);
            return NULL;
        }
        if (type & PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS)
            payload = (u8_t *)p + front;
        init_fields(p, payload, (u16_t)left, (u16_t)len, type, 0);
        *end = p;
        end = &p->next;
        left -= len;
        front = PBUF_STRUCT_SIZE;
    } while (left > 0);
    return head;
}

/* What frames are made of has its own copy of that. */
struct pbuf *pbuf_alloc(pbuf_layer layer, u16_t length, pbuf_type type)
{
    if (FAST_PATHS && type == PBUF_POOL)
        return alloc(layer, length, PBUF_POOL);
    if (FAST_PATHS && type == PBUF_RAM)
        return alloc(layer, length, PBUF_RAM);
    return alloc(layer, length, type);
}

struct pbuf *pbuf_alloc_reference(void *payload, u16_t length, pbuf_type type)
{
    LWIP_ASSERT("pbuf_alloc_reference: type refers to nothing",
                type == PBUF_REF || type == PBUF_ROM);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, length, type);
    if (p != NULL)
        p->payload = payload;
    return p;
}

#if LWIP_SUPPORT_CUSTOM_PBUF
struct pbuf *pbuf_alloced_custom(pbuf_layer layer, u16_t length, pbuf_type type,
                                 struct pbuf_custom *p, void *payload_mem, u16_t payload_mem_len)
{
    size_t offset = LWIP_MEM_ALIGN_SIZE((size_t)layer);
    if (offset + length > payload_mem_len)
        return NULL;
    if (payload_mem != NULL)
        payload_mem = (u8_t *)payload_mem + offset;
    init_fields(&p->pbuf, payload_mem, length, length, type, PBUF_FLAG_IS_CUSTOM);
    return &p->pbuf;
}

static void release_custom(struct pbuf *p)
{
    struct pbuf_custom *custom = (struct pbuf_custom *)(void *)p;
    LWIP_ASSERT("pbuf_free: custom pbuf without a function to free it",
                custom->custom_free_function != NULL);
    custom->custom_free_function(p);
}
#else
static void release_custom(struct pbuf *p)
{
    LWIP_UNUSED_ARG(p);
    LWIP_ASSERT("pbuf_free: custom pbufs are not part of this build", 0);
}
#endif

/* Gives the memory of one pbuf, to which nothing points any more, back to where it is from. */
static void release(struct pbuf *p)
{
    if (__builtin_expect((p->flags & PBUF_FLAG_IS_CUSTOM) != 0, 0)) {
        release_custom(p);
        return;
    }
    unsigned from = pbuf_get_allocsrc(p);
    if (from == PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL)
        memp_free(MEMP_PBUF_POOL, p);
    else if (from == PBUF_TYPE_ALLOC_SRC_MASK_STD_HEAP)
        mem_free(p);
    else if (from == PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF)
        memp_free(MEMP_PBUF, p);
    else
        LWIP_ASSERT("pbuf_free: pbuf of unknown origin", 0);
}

u8_t pbuf_free(struct pbuf *p)
{
    unsigned count = 0;
    LWIP_ASSERT("pbuf_free: no pbuf", p != NULL);
    while (p != NULL) {
        LWIP_ASSERT("pbuf_free: ref is 0 (freed before?)", p->ref > 0);
        unsigned left = p->ref - 1u;
        p->ref = (LWIP_PBUF_REF_T)left;
        if (left > 0)
            break;
        struct pbuf *next = p->next;
        release(p);
        count++;
        p = next;
    }
    return (u8_t)count;
}

#if LWIP_TCP && TCP_QUEUE_OOSEQ
void pbuf_free_ooseq(void)
{
    STACK->pbuf.pool_was_empty = 0;
    tcp_give_up_ooseq();
}

void pbuf_check_free_ooseq(void)
{
    if (STACK->pbuf.pool_was_empty)
        pbuf_free_ooseq();
}
#endif

void pbuf_ref(struct pbuf *p)
{
    if (p == NULL)
        return;
    p->ref++;
    LWIP_ASSERT("pbuf_ref: too many references", p->ref > 0);
}

/* Shrinks a chain to new_len bytes: what is behind is freed, and the last pbuf that stays gives
 * back heap memory it no longer needs. */
void pbuf_realloc(struct pbuf *p, u16_t new_len)
{
    LWIP_ASSERT("pbuf_realloc: no pbuf", p != NULL);
    if (new_len >= p->tot_len)
        return;
    unsigned shrink = p->tot_len - (unsigned)new_len, left = new_len;
    struct pbuf *q = p;
    while (left > q->len) {
        left -= q->len;
        q->tot_len = (u16_t)(q->tot_len - shrink);
        q = q->next;
        LWIP_ASSERT("pbuf_realloc: chain is shorter than its tot_len", q != NULL);
    }
    if (pbuf_match_allocsrc(q, PBUF_TYPE_ALLOC_SRC_MASK_STD_HEAP) && left != q->len &&
        !(q->flags & PBUF_FLAG_IS_CUSTOM)) {
        mem_size_t keep = (mem_size_t)((size_t)((u8_t *)q->payload - (u8_t *)q) + left);
        void *same = mem_trim(q, keep);
        LWIP_UNUSED_ARG(same); /* without assertions */
        LWIP_ASSERT("pbuf_realloc: mem_trim failed", same == q);
    }
    q->len = (u16_t)left;
    q->tot_len = (u16_t)left;
    if (q->next != NULL)
        pbuf_free(q->next);
    q->next = NULL;
}

const char *pbuf_chain_wrong(const struct pbuf *p)
{
    for (; p != NULL; p = p->next) {
        if (p->ref == 0)
            return "pbuf: a freed pbuf is still in use";
        if (p->len > p->tot_len)
            return "pbuf: len is more than tot_len";
        if (p->next == NULL && p->len != p->tot_len)
            return "pbuf: tot_len is more than the chain holds";
        if (p->next != NULL && p->len + p->next->tot_len != p->tot_len)
            return "pbuf: tot_len is not len plus the rest";
        if (p->payload == NULL && p->len != 0)
            return "pbuf: there is no payload";
    }
    return NULL;
}
