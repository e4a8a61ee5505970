/* support.c: see support.h. */
#include "support.h"

#include "unit.h"

#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/init.h"
#include "lwip/ip4_addr.h"
#include "lwip/pbuf.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "stack/core/drop.h"
#include "stack/core/instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Test programs are single: the stack that is entered, for hooks without a context. */
static struct support *entered;

static uint32_t next_random(struct support *s)
{
    if (s->random_fixed)
        return s->random;
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    return s->random;
}

static void reset(struct support *s, uint32_t now_ms)
{
    memset(s, 0, sizeof *s);
    s->now_ms = now_ms;
    s->random = 0x2545f491u;
    entered = s;
}

#if LWIP_MULTI_INSTANCE

struct support_piece {
    struct support_piece *next;
    _Alignas(max_align_t) uint8_t bytes[];
};

static uint32_t on_random(void *ctx)
{
    return next_random(ctx);
}

/* Filled, so that nobody takes new memory for zeroed memory. */
static void *on_grow(void *ctx, size_t size)
{
    struct support *s = ctx;
    struct support_piece *p = s->grow_refused ? NULL : malloc(sizeof *p + size);
    if (p == NULL)
        return NULL;
    memset(p->bytes, 0xa5, size);
    p->next = s->pieces;
    s->pieces = p;
    s->grown += size;
    return p->bytes;
}

static void on_drop(void *ctx, unsigned reason, const struct netif *netif, const struct pbuf *p)
{
    struct support *s = ctx;
    (void)netif, (void)p;
    s->drops++;
    s->last_drop = reason;
}

static void on_event(void *ctx, enum stack_event kind, uint32_t a, uint32_t b)
{
    struct support *s = ctx;
    s->events[kind]++;
    s->last_event_a = a;
    s->last_event_b = b;
}

static void on_diag(void *ctx, const char *text)
{
    struct support *s = ctx;
    size_t used = strlen(s->diag);
    snprintf(s->diag + used, sizeof s->diag - used, "%s", text);
}

static void on_panic(void *ctx, const char *what, const char *file, int line)
{
    (void)ctx;
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, what);
    abort();
}

static void free_memory(struct support *s)
{
    for (struct support_piece *p = s->pieces, *next; p != NULL; p = next) {
        next = p->next;
        free(p);
    }
    free(s->memory);
    s->pieces = NULL;
    s->memory = NULL;
}

bool support_try_begin(struct support *s, const struct stack_config *config, uint32_t now_ms)
{
    reset(s, now_ms);
    const struct stack_env env = {.ctx = s,
                                  .random = on_random,
                                  .grow = on_grow,
                                  .drop = on_drop,
                                  .event = on_event,
                                  .diag = on_diag,
                                  .panic = on_panic};
    s->memory = malloc(stack_size());
    CHECK(s->memory != NULL);
    memset(s->memory, 0xa5, stack_size());
    s->stack = stack_create(s->memory, &env, config, now_ms);
    if (s->stack == NULL) {
        free_memory(s);
        return false;
    }
    stack_enter(s->stack, now_ms);
    return true;
}

static void enter_at(struct support *s, uint32_t now_ms)
{
    stack_leave(s->stack);
    s->now_ms = now_ms;
    stack_enter(s->stack, now_ms);
}

uint32_t support_next_deadline(const struct support *s)
{
    return stack_next_deadline(s->stack);
}

static void finish(struct support *s)
{
    stack_leave(s->stack);
    stack_destroy(s->stack);
    char left[400];
    unsigned objects = stack_report_leaks(s->stack, left, sizeof left);
    free_memory(s);
    CHECKF(objects == 0, "left behind: %s", left);
}

#else

/* What the unit port leaves to the program. */
u32_t sys_now(void)
{
    return entered != NULL ? entered->now_ms : 0;
}

uint32_t unit_rand(void)
{
    return entered != NULL ? next_random(entered) : 4;
}

bool support_try_begin(struct support *s, const struct stack_config *config, uint32_t now_ms)
{
    CHECKF(config == NULL, "this build's options are fixed");
    reset(s, now_ms);
    s->stack = &stack_only;
    lwip_init();
    return true;
}

static void enter_at(struct support *s, uint32_t now_ms)
{
    s->now_ms = now_ms;
}

uint32_t support_next_deadline(const struct support *s)
{
    return s->stack->netif.loop_packets > 0 ? 0 : sys_timeouts_sleeptime();
}

static void finish(struct support *s)
{
    char left[400];
    while (netif_list != NULL && netif_list->next != NULL)
        netif_remove(netif_list);
    unsigned objects = stack_report_leaks(s->stack, left, sizeof left);
    CHECKF(objects == 0, "left behind: %s", left);
}

#endif

void support_begin(struct support *s, const struct stack_config *config, uint32_t now_ms)
{
    CHECKF(support_try_begin(s, config, now_ms), "stack_create refused");
}

void support_check(struct support *s)
{
    const char *wrong = stack_check(s->stack);
    CHECKF(wrong == NULL, "object check: %s", wrong != NULL ? wrong : "");
}

void support_end(struct support *s)
{
    support_check(s);
    finish(s);
    for (struct support_frame *f = s->frames, *next; f != NULL; f = next) {
        next = f->next;
        free(f);
    }
    s->frames = NULL;
    entered = NULL;
}

void support_advance(struct support *s, uint32_t ms)
{
    const uint32_t end_ms = s->now_ms + ms;
    for (unsigned steps = 0;; steps++) {
        stack_advance(s->stack);
        support_check(s);
        uint32_t wait = support_next_deadline(s);
        if (wait >= end_ms - s->now_ms)
            wait = end_ms - s->now_ms;
        if (wait == 0 && s->now_ms == end_ms)
            break;
        CHECKF(steps < 1000000, "the stack always has something to do at %u ms", s->now_ms);
        enter_at(s, s->now_ms + wait);
    }
}

uint32_t support_drop_count(const struct support *s, unsigned reason)
{
    return stack_drop_count(s->stack, reason);
}

/* ---- Interfaces ---- */

static err_t link_output(struct netif *netif, struct pbuf *p)
{
    struct support_netif *n = netif->state;
    if (n->output_result != ERR_OK)
        return n->output_result;
    CHECKF(n->sent_count < SUPPORT_FRAMES_MAX, "more frames than a test may send");
    CHECKF(p->tot_len <= SUPPORT_FRAME_MAX, "a frame of %u bytes", (unsigned)p->tot_len);
    struct support_frame *f = malloc(sizeof *f);
    CHECK(f != NULL);
    f->at_ms = sys_now();
    f->len = pbuf_copy_partial(p, f->data, p->tot_len, 0);
    CHECK_INT(f->len, p->tot_len);
    f->next = entered->frames;
    entered->frames = f;
    n->sent[n->sent_count++] = f;
    return ERR_OK;
}

static err_t link_init(struct netif *netif)
{
    const uint8_t mac[6] = {2, 0, 0, 0, 0, (uint8_t)(netif->num + 1)};
    netif->name[0] = 'e';
    netif->name[1] = 't';
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, mac, sizeof mac);
    netif->mtu = 1500;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP;
    netif->output = etharp_output;
    netif->linkoutput = link_output;
    return ERR_OK;
}

struct netif *support_netif_add_down(struct support_netif *n, uint32_t ip, unsigned prefix)
{
    ip4_addr_t addr, mask, gw;
    memset(n, 0, sizeof *n);
    ip4_addr_set_u32(&addr, lwip_htonl(ip));
    ip4_addr_set_u32(&mask, lwip_htonl(prefix == 0 ? 0 : 0xffffffffu << (32 - prefix)));
    ip4_addr_set_u32(&gw, 0);
    return netif_add(&n->netif, &addr, &mask, &gw, n, link_init, ethernet_input);
}

void support_netif_add(struct support_netif *n, uint32_t ip, unsigned prefix)
{
    CHECK(support_netif_add_down(n, ip, prefix) == &n->netif);
    if (netif_default == NULL)
        netif_set_default(&n->netif);
    netif_set_up(&n->netif);
    netif_set_link_up(&n->netif);
    support_sent_clear(n);
}

void support_netif_remove(struct support_netif *n)
{
    netif_remove(&n->netif);
    support_sent_clear(n);
}

void support_sent_clear(struct support_netif *n)
{
    n->sent_count = 0;
}

const struct support_frame *support_sent(const struct support_netif *n, unsigned i)
{
    CHECKF(i < n->sent_count, "frame %u asked for, %u sent", i, n->sent_count);
    return n->sent[i];
}

static err_t inject(struct support_netif *n, struct pbuf *p)
{
    err_t result = n->netif.input(p, &n->netif);
    if (result != ERR_OK)
        pbuf_free(p);
    return result;
}

err_t support_inject(struct support_netif *n, const void *frame, size_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
    CHECKF(p != NULL, "no pbuf for a frame of %u bytes", (unsigned)len);
    CHECK_INT(pbuf_take(p, frame, (u16_t)len), ERR_OK);
    return inject(n, p);
}

err_t support_inject_split(struct support_netif *n, const void *frame, size_t len, size_t piece)
{
    struct pbuf *chain = NULL;
    for (size_t at = 0; at < len; at += piece) {
        size_t bytes = len - at < piece ? len - at : piece;
        struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)bytes, PBUF_RAM);
        CHECKF(p != NULL, "no pbuf for bytes %u to %u", (unsigned)at, (unsigned)(at + bytes));
        memcpy(p->payload, (const uint8_t *)frame + at, bytes);
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
    }
    return inject(n, chain);
}

size_t support_hex(const char *hex, uint8_t *out, size_t room)
{
    size_t digits = 0;
    for (; *hex != '\0'; hex++) {
        if (*hex == ' ' || *hex == '\n')
            continue;
        int value = *hex >= '0' && *hex <= '9'   ? *hex - '0'
                    : *hex >= 'a' && *hex <= 'f' ? *hex - 'a' + 10
                    : *hex >= 'A' && *hex <= 'F' ? *hex - 'A' + 10
                                                 : -1;
        CHECKF(value >= 0, "'%c' is no hex digit", *hex);
        CHECKF(digits / 2 < room, "more than %u bytes", (unsigned)room);
        unsigned high = digits % 2 == 0 ? 0u : (out[digits / 2] & 15u) << 4;
        out[digits / 2] = (uint8_t)(high | (unsigned)value);
        digits++;
    }
    CHECKF(digits % 2 == 0, "an odd number of hex digits");
    return digits / 2;
}

err_t support_inject_hex(struct support_netif *n, const char *hex)
{
    uint8_t frame[2048];
    return support_inject(n, frame, support_hex(hex, frame, sizeof frame));
}
