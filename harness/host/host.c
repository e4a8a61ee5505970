/* harness/host/host.c: entering and leaving a stack, its one event, and the hooks it calls. */
#include "harness/host/host.h"

#include "harness/host/fatal.h"
#include "harness/host/interface.h"
#include "harness/host/interface_chip.h"
#include "harness/host/object.h"
#include "harness/host/world.h"
#include "lwip/priv/tcp_priv.h"
#include "sim/arena.h"
#include "stack/core/drop.h"
#include "stack/core/instance.h"
#include "stack/core/instance_local.h"
#include "vnet/fault.h"
#include "vnet/frame.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of the process, not of the world: what runs now, and how thoroughly to check. Between events
 * nothing runs, so a snapshot never needs the first. */
static struct host *running;
static uint32_t check_every = 64;

/* How many objects may be looked at for each entry, on average. */
#define OBJECTS_AN_ENTRY 256u

struct host *host_running(void)
{
    return running;
}

void host_abandon(void)
{
    running = NULL;
    instance_switch_back(NULL);
}

void host_check_every(uint32_t entries)
{
    check_every = entries;
}

/* Hooks of the stack. */

static uint32_t hook_random(void *ctx)
{
    struct host *h = ctx;
    uint32_t bits = (uint32_t)(prng_u64(&h->prng) >> 32);
    trace_emit(h->world->sim->trace, h->world->sim->now_ns, TRACE_RANDOM, h->source, bits, 0, NULL,
               0);
    return bits;
}

static void *hook_grow(void *ctx, size_t size)
{
    struct host *h = ctx;
    struct grown *g = arena_alloc(sizeof *g + size);
    if (g == NULL)
        return NULL;
    g->size = sizeof *g + size;
    g->next = h->grown;
    h->grown = g;
    return g + 1;
}

static void hook_drop(void *ctx, unsigned reason, const struct netif *netif, const struct pbuf *p)
{
    struct host *h = ctx;
    (void)p;
    if (h->closing)
        return;
    uint64_t index = netif != NULL ? (uint64_t)netif->num + 1 : 0;
    trace_emit(h->world->sim->trace, h->world->sim->now_ns, TRACE_STACK_DROP, h->source, reason,
               index, NULL, 0);
}

static void hook_event(void *ctx, enum stack_event kind, uint32_t a, uint32_t b)
{
    struct host *h = ctx;
    if (h->closing)
        return;
    trace_emit(h->world->sim->trace, h->world->sim->now_ns, TRACE_STACK_EVENT, h->source,
               (uint64_t)kind << 32 | a, b, NULL, 0);
}

static void hook_diag(void *ctx, const char *text)
{
    (void)ctx;
    fputs(text, stderr);
}

static void hook_panic(void *ctx, const char *what, const char *file, int line)
{
    const struct host *h = ctx;
    fatal(FATAL_PANIC, "host %s: assertion failed in the stack: %s (%s:%d) at %" PRIu64 " ns",
          h->name, what, file, line, h->world->sim->now_ns);
}

/* Entering and leaving. */

void host_enter(struct host *h)
{
    if (h->depth++ == 0) {
        assert(running == NULL);
        running = h;
        world_see_time(h->world);
    }
    stack_enter(h->stack, host_clock_ms(&h->clock, h->world->sim->now_ns));
}

/* Does the event stand for the stack's deadline already? Nearly always: a frame seldom changes the
 * earliest timer. */
static bool is_armed_for(const struct host *h, uint32_t after_ms)
{
    return h->due_known && after_ms != 0 && h->waiting == NULL && event_armed(&h->event) &&
           h->due_ms == h->clock.boot_ms + (uint32_t)h->clock.elapsed_ms + after_ms;
}

static uint64_t next_work(struct host *h, uint32_t after_ms)
{
    uint64_t now = h->world->sim->now_ns, t = NEVER;
    if (after_ms != UINT32_MAX)
        t = host_clock_after(&h->clock, now, after_ms);
    if (h->waiting != NULL && h->waiting->done_ns < t)
        t = h->waiting->done_ns;
    return t < h->paused_until_ns ? h->paused_until_ns : t;
}

/* A check costs as much as the host has objects: with thousands of them it waits for a few more
 * entries, lest a scenario's cost grow with their square. */
static uint32_t entries_between_checks(const struct host *h)
{
    char none[1];
    return check_every + stack_report_leaks(h->stack, none, sizeof none) / OBJECTS_AN_ENTRY;
}

static void check_objects(struct host *h)
{
    h->until_check = entries_between_checks(h);
    const char *wrong = stack_check(h->stack);
    if (wrong != NULL)
        fatal(FATAL_ORACLE, "object check: host %s at %" PRIu64 " ns: %s", h->name,
              h->world->sim->now_ns, wrong);
}

void host_leave(struct host *h)
{
    if (h->depth > 1) {
        stack_leave(h->stack);
        h->depth--;
        return;
    }
    if (check_every != 0 && h->until_check-- <= 1)
        check_objects(h);
    uint32_t after_ms = stack_next_deadline(h->stack);
    stack_leave(h->stack);
    h->depth = 0;
    running = NULL;
    if (is_armed_for(h, after_ms))
        return;
    uint64_t t = next_work(h, after_ms);
    h->due_known = h->waiting == NULL && after_ms != 0 && after_ms != UINT32_MAX &&
                   h->paused_until_ns <= h->world->sim->now_ns;
    h->due_ms = host_clock_ms(&h->clock, h->world->sim->now_ns) + after_ms;
    if (t == NEVER)
        queue_cancel(h->world->sim->queue, &h->event);
    else if (!event_armed(&h->event) || h->event.t_ns != t)
        queue_arm(h->world->sim->queue, &h->event, t);
}

/* A host that wakes itself over and over at one instant (packets on a loopback interface) makes no
 * progress in virtual time: the same oracle as for frames. */
static void count_wake(struct host *h)
{
    uint64_t now = h->world->sim->now_ns;
    if (now != h->wake_ns) {
        h->wake_ns = now;
        h->wakes = 0;
    }
    if (++h->wakes > h->world->storm.limit.instant)
        fatal(FATAL_ORACLE,
              "packet storm: host %s was woken more than %" PRIu64
              " times at the virtual instant %" PRIu64 " ns",
              h->name, h->world->storm.limit.instant, now);
}

/* frame: NULL: an interrupt of the interface's board. */
static void process(struct host_interface *i, struct frame *frame)
{
    if (frame != NULL)
        interface_input(i, frame);
    else if (i->chip != NULL)
        interface_chip_serve(i->chip);
}

static void wake(void *arg)
{
    struct host *h = arg;
    count_wake(h);
    host_enter(h);
    struct waiting *w;
    while ((w = h->waiting) != NULL && w->done_ns <= h->world->sim->now_ns) {
        h->waiting = w->next;
        h->waiting_count--;
        process(w->interface, w->frame);
        arena_free(w, sizeof *w);
    }
    stack_advance(h->stack);
    host_leave(h);
}

/* Receiving. */

static void postpone(struct host_interface *i, struct frame *frame)
{
    struct host *h = i->host;
    struct sim *sim = h->world->sim;
    struct waiting *w = NULL;
    if (h->waiting_count < HOST_WAITING_MAX)
        w = arena_alloc(sizeof *w);
    if (w == NULL && frame == NULL)
        return; /* enough of them wait already */
    if (w == NULL) {
        trace_emit(sim->trace, sim->now_ns, TRACE_FRAME_DROP, h->source, WIRE_QUEUE_FULL, 0,
                   frame->data, frame->len);
        frame_unref(frame);
        return;
    }
    uint64_t begin = sim->now_ns < h->paused_until_ns ? h->paused_until_ns : sim->now_ns;
    if (h->waiting != NULL && h->waiting_last->done_ns > begin)
        begin = h->waiting_last->done_ns;
    *w = (struct waiting){.interface = i, .frame = frame, .done_ns = begin + h->cpu_ns};
    if (h->waiting == NULL)
        h->waiting = w;
    else
        h->waiting_last->next = w;
    h->waiting_last = w;
    h->waiting_count++;
}

static inline bool is_busy(const struct host *h)
{
    return h->cpu_ns != 0 || h->waiting != NULL || h->world->sim->now_ns < h->paused_until_ns;
}

void host_receive(struct host_interface *i, struct frame *frame)
{
    host_enter(i->host);
    if (is_busy(i->host))
        postpone(i, frame);
    else
        interface_input(i, frame);
    host_leave(i->host);
}

void host_interrupt(struct host_interface *i)
{
    host_enter(i->host);
    if (is_busy(i->host))
        postpone(i, NULL);
    else
        process(i, NULL);
    host_leave(i->host);
}

/* What waits already, or is being processed, is done later by as much as the end is put off: no
 * waiting frame is ever done before paused_until_ns. */
void host_pause(struct host *h, uint64_t ns)
{
    host_enter(h);
    uint64_t now = h->world->sim->now_ns;
    uint64_t before = now < h->paused_until_ns ? h->paused_until_ns : now;
    h->paused_until_ns = now + ns;
    h->due_known = false;
    for (struct waiting *w = h->waiting; w != NULL; w = w->next)
        w->done_ns += h->paused_until_ns - before;
    host_leave(h);
}

/* Life. */

struct host *host_by_name(const struct world *w, const char *name)
{
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        struct host *h = vector_get(&w->hosts, id);
        if (h != NULL && strcmp(h->name, name) == 0)
            return h;
    }
    return NULL;
}

static void give_back_memory(struct host *h)
{
    while (h->grown != NULL) {
        struct grown *g = h->grown;
        h->grown = g->next;
        arena_free(g, g->size);
    }
    arena_free(h->stack, stack_size());
    arena_free(h->name, strlen(h->name) + 1);
    arena_free(h, sizeof *h);
}

static bool start_stack(struct host *h, const struct host_config *config)
{
    static const struct stack_env hooks = {.random = hook_random, .grow = hook_grow,
        .drop = hook_drop, .event = hook_event, .diag = hook_diag, .panic = hook_panic};
    struct stack_env env = hooks;
    env.ctx = h;
    void *memory = arena_alloc(stack_size());
    if (memory == NULL)
        return false;
    uint32_t now_ms = host_clock_ms(&h->clock, h->world->sim->now_ns);
    if (stack_create(memory, &env, &config->stack, now_ms) == NULL) {
        arena_free(memory, stack_size());
        return false;
    }
    h->stack = memory;
    return true;
}

struct host *host_new(struct world *w, const struct host_config *config, const char **why)
{
    *why = stack_config_check(&config->stack);
    if (*why != NULL)
        return NULL;
    *why = "the world's memory is full";
    struct host *h = arena_calloc(sizeof *h);
    if (h == NULL)
        return NULL;
    h->world = w;
    size_t name_size = strlen(config->name) + 1;
    h->name = arena_alloc(name_size);
    if (h->name == NULL) {
        arena_free(h, sizeof *h);
        return NULL;
    }
    memcpy(h->name, config->name, name_size);
    char stream[300];
    snprintf(stream, sizeof stream, "host/%s", config->name);
    prng_init(&h->prng, w->sim->seed, stream);
    host_clock_init(&h->clock, config->boot_ms, config->clock_ppm, config->clock_phase_ns);
    h->cpu_ns = config->cpu_ns;
    h->rx = (uint8_t)config->rx;
    event_init(&h->event, wake, h);
    h->source = trace_source(w->sim->trace, config->name);
    if (!start_stack(h, config)) {
        give_back_memory(h);
        return NULL;
    }
    h->id = vector_add(&w->hosts, h);
    if (h->id == 0) {
        stack_destroy(h->stack);
        give_back_memory(h);
        return NULL;
    }
    host_enter(h);
    host_leave(h);
    return h;
}

/* Programs have had their app_exit() and their strings are gone: what they leave open ends without
 * a call-back into them. */
static void silence(struct tcp_pcb *list)
{
    for (; list != NULL; list = list->next)
        tcp_err(list, NULL);
}

void host_close(struct host *h, char *problem, size_t room)
{
    h->closing = true;
    while (h->objects != NULL)
        object_free(h->objects);
    host_enter(h);
    while (h->waiting != NULL) {
        struct waiting *w = h->waiting;
        h->waiting = w->next;
        if (w->frame != NULL)
            frame_unref(w->frame);
        arena_free(w, sizeof *w);
    }
    h->waiting_count = 0;
    silence(tcp_bound_pcbs);
    silence(tcp_active_pcbs);
    silence(tcp_tw_pcbs);
    for (struct host_interface *i = h->interfaces; i != NULL; i = i->next)
        interface_remove(i);
    host_leave(h);
    queue_cancel(h->world->sim->queue, &h->event);
    stack_destroy(h->stack);
    char text[512];
    if (stack_report_leaks(h->stack, text, sizeof text) == 0)
        text[0] = '\0';
    if (room > 0)
        snprintf(problem, room, "%s", text);
}

void host_free(struct host *h)
{
    while (h->interfaces != NULL) {
        struct host_interface *i = h->interfaces;
        h->interfaces = i->next;
        arena_free(i, sizeof *i);
    }
    vector_clear(&h->world->hosts, h->id);
    give_back_memory(h);
}
