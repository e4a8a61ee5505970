/* harness/host/world.c */
#include "harness/host/world.h"

#include "harness/firmware/machine.h"
#include "harness/host/fatal.h"
#include "harness/host/host.h"
#include "harness/host/object.h"
#include "sim/arena.h"
#include "vnet/capture.h"
#include "vnet/frame.h"
#include "vnet/segment.h"

#include <inttypes.h>
#include <string.h>

#define NS_PER_S 1000000000u

struct world *world_new(uint64_t seed)
{
    struct world *w = arena_calloc(sizeof *w);
    if (w == NULL)
        return NULL;
    w->sim = sim_new(seed);
    if (w->sim == NULL) {
        arena_free(w, sizeof *w);
        return NULL;
    }
    w->storm.limit.instant = STORM_INSTANT_DEFAULT;
    w->storm.limit.second = STORM_SECOND_DEFAULT;
    arena_root_set(w);
    return w;
}

static void free_rules(struct vector *rules)
{
    for (uint32_t id = 1; id <= rules->count; id++)
        arena_free(vector_get(rules, id), sizeof(struct rule));
    vector_free(rules);
}

void world_free(struct world *w)
{
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        struct host *h = vector_get(&w->hosts, id);
        if (h != NULL) {
            host_close(h, NULL, 0);
            host_free(h);
        }
    }
    for (uint32_t id = 1; id <= w->machines.count; id++) {
        struct machine *m = vector_get(&w->machines, id);
        if (m != NULL)
            machine_free(m);
    }
    struct delivery d;
    while (world_pop(w, &d))
        if (d.frame != NULL)
            frame_unref(d.frame);
    for (uint32_t id = 1; id <= w->segments.count; id++) {
        struct segment *s = vector_get(&w->segments, id);
        if (s != NULL)
            segment_free(s);
    }
    for (uint32_t id = 1; id <= w->ports.count; id++)
        arena_free(vector_get(&w->ports, id), sizeof(struct control_port));
    free_rules(&w->impairs);
    free_rules(&w->faults);
    vector_free(&w->segments);
    vector_free(&w->ports);
    vector_free(&w->hosts);
    vector_free(&w->machines);
    vector_free(&w->objects);
    queue_cancel(w->sim->queue, &w->planted);
    if (w->capture != NULL)
        capture_close(w->capture);
    sim_free(w->sim);
    arena_free(w, sizeof *w);
    arena_root_set(NULL);
}

static void push(struct world *w, struct frame *frame, uint32_t id)
{
    struct delivery *d = arena_alloc(sizeof *d);
    if (d == NULL)
        fatal(FATAL_INTERNAL, "the world's memory is full: no room for the controller's frames");
    *d = (struct delivery){.frame = frame, .t_ns = w->sim->now_ns, .id = id};
    if (w->first == NULL)
        w->first = d;
    else
        w->last->next = d;
    w->last = d;
    sim_interrupt(w->sim);
}

void world_push_frame(struct world *w, uint32_t port, struct frame *frame)
{
    push(w, frame, port);
}

void world_push_notify(struct world *w, struct object *object)
{
    if (object->notifying)
        return;
    object->notifying = true;
    push(w, NULL, object->id);
}

bool world_pop(struct world *w, struct delivery *out)
{
    struct delivery *d = w->first;
    if (d == NULL)
        return false;
    *out = *d;
    w->first = d->next;
    if (w->first == NULL)
        w->last = NULL;
    arena_free(d, sizeof *d);
    return true;
}

void world_count_frame(struct world *w)
{
    struct storm *s = &w->storm;
    uint64_t now = w->sim->now_ns;
    if (now != s->at_ns) {
        s->at_ns = now;
        s->at_frames = 0;
    }
    if (now - s->second_ns >= NS_PER_S) {
        s->second_ns = now;
        s->second_frames = 0;
    }
    if (++s->at_frames > s->limit.instant)
        fatal(FATAL_ORACLE,
              "packet storm: more than %" PRIu64 " frames sent at the virtual instant %" PRIu64
              " ns",
              s->limit.instant, now);
    if (++s->second_frames > s->limit.second)
        fatal(FATAL_ORACLE,
              "packet storm: more than %" PRIu64 " frames sent since %" PRIu64
              " ns, within one virtual second and without controller input",
              s->limit.second, s->second_ns);
}

void world_see_time(struct world *w)
{
    uint64_t now = w->sim->now_ns;
    if (now < w->seen_ns)
        fatal(FATAL_ORACLE, "virtual time ran backwards: from %" PRIu64 " ns to %" PRIu64 " ns",
              w->seen_ns, now);
    w->seen_ns = now;
}

uint64_t world_frames(const struct world *w)
{
    uint64_t n = 0;
    for (uint32_t id = 1; id <= w->segments.count; id++) {
        const struct segment *s = vector_get(&w->segments, id);
        n += s != NULL ? segment_frames(s) : 0;
    }
    return n;
}

struct segment *world_segment(const struct world *w, const char *name)
{
    for (uint32_t id = 1; id <= w->segments.count; id++) {
        struct segment *s = vector_get(&w->segments, id);
        if (s != NULL && strcmp(segment_name(s), name) == 0)
            return s;
    }
    return NULL;
}
