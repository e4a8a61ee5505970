#include "vnet/medium.h"

#include "sim/arena.h"
#include "vnet/draw.h"
#include "vnet/note.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 64u
#define PORTS_ROOM_FIRST 4u
#define PORTS_MAX 65536u
/* No single delay may be so long that times overflow: 73 years. */
#define DELAY_MAX_NS ((uint64_t)1 << 61)

static const struct medium_ops *const kinds[] = {
    [SEGMENT_SWITCH] = &switch_ops, [SEGMENT_HUB] = &hub_ops, [SEGMENT_LINK] = &link_ops};

char *segment_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = arena_alloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void segment_text_free(char *text)
{
    if (text != NULL)
        arena_free(text, strlen(text) + 1);
}

static const char *config_problem(const struct segment_config *c, const char *name)
{
    if ((unsigned)c->kind > SEGMENT_LINK)
        return "kind: must be switch, hub or link";
    if (name == NULL || name[0] == '\0' || strlen(name) > NAME_MAX_LEN)
        return "name: must have 1 to 64 characters";
    if (c->rate_bps == 0)
        return "rate: must be more than 0 bit/s";
    if (c->latency_ns > DELAY_MAX_NS || c->jitter_ns > DELAY_MAX_NS)
        return "latency, jitter: must be less than 73 years";
    if (c->loss.num > 0 && c->loss.num > c->loss.den)
        return "loss: must be between 0 and 1";
    if (c->queue == 0)
        return "queue: must hold at least 1 frame";
    if (c->kind == SEGMENT_SWITCH && c->ageing_ns == 0)
        return "ageing: must be more than 0";
    return NULL;
}

/* The key of the stream that belongs to `what` on this segment. */
static uint64_t key_for(const struct segment *s, const char *what)
{
    char name[2 * NAME_MAX_LEN + 16];
    snprintf(name, sizeof name, "vnet/%s/%s", s->name, what);
    return draw_key(s->sim->seed, name);
}

struct segment *segment_new(struct sim *sim, struct capture *capture, const char *name,
                            const struct segment_config *config, const char **why)
{
    *why = config_problem(config, name);
    if (*why != NULL)
        return NULL;
    struct segment *s = arena_calloc(sizeof *s);
    char *copy = s == NULL ? NULL : segment_text(name);
    if (copy == NULL) {
        arena_free(s, sizeof *s);
        *why = "no memory for a segment";
        return NULL;
    }
    s->sim = sim;
    s->capture = capture;
    s->captured = capture_recording(capture);
    s->ops = kinds[config->kind];
    s->config = *config;
    s->name = copy;
    s->faults_end = &s->faults;
    s->fault_next = 1;
    s->loss_key = key_for(s, "loss:");
    s->jitter_key = key_for(s, "jitter:");
    s->harmful = config->loss.num > 0;
    hold_init(&s->hold, sim, s->ops->expire);
    pairs_init(&s->directions, sizeof(uint32_t));
    return s;
}

static void port_free(struct port *p)
{
    cable_free(&p->out);
    cable_free(&p->in);
    segment_text_free(p->name);
    arena_free(p, sizeof *p);
}

void segment_free(struct segment *s)
{
    if (s == NULL)
        return;
    segment_faults_free(s);
    hold_free(&s->hold);
    for (uint32_t i = 0; i < s->count; i++)
        port_free(s->ports[i]);
    arena_free(s->ports, s->room * sizeof *s->ports);
    pairs_free(&s->directions);
    if (s->ops->free != NULL)
        s->ops->free(s);
    segment_text_free(s->name);
    arena_free(s, sizeof *s);
}

static bool make_room(struct segment *s)
{
    if (s->count < s->room)
        return true;
    uint32_t room = s->room == 0 ? PORTS_ROOM_FIRST : s->room * 2;
    struct port **ports = arena_alloc(room * sizeof(struct port *));
    if (ports == NULL)
        return false;
    if (s->count > 0)
        memcpy(ports, s->ports, s->count * sizeof(struct port *));
    arena_free(s->ports, s->room * sizeof *s->ports);
    s->ports = ports;
    s->room = room;
    return true;
}

static const char *port_problem(struct segment *s, const char *name)
{
    if (name == NULL || name[0] == '\0' || strlen(name) > NAME_MAX_LEN)
        return "name: must have 1 to 64 characters";
    if (segment_port(s, name) != NULL)
        return "name: there is a port of this name on the segment";
    if (s->count >= s->ops->ports_max)
        return "a link has exactly two ports";
    if (s->count >= PORTS_MAX)
        return "a segment has at most 65536 ports";
    return NULL;
}

struct port *segment_port_new(struct segment *s, const char *name, const char **why)
{
    *why = port_problem(s, name);
    if (*why != NULL)
        return NULL;
    char full[2 * NAME_MAX_LEN + 2];
    snprintf(full, sizeof full, "%s/%s", s->name, name);
    struct port *p = make_room(s) ? arena_calloc(sizeof *p) : NULL;
    char *copy = p == NULL ? NULL : segment_text(full);
    if (copy == NULL) {
        arena_free(p, sizeof *p);
        *why = "no memory for a port";
        return NULL;
    }
    p->segment = s;
    p->name = copy;
    p->short_name = copy + strlen(s->name) + 1;
    p->index = s->count;
    p->up = true;
    p->key = key_for(s, name);
    p->source = trace_source(s->sim->trace, full);
    if (s->capture != NULL)
        p->interface = capture_interface(s->capture, full, segment_kind_name(s->config.kind));
    s->ops->port_init(p);
    s->ports[s->count++] = p;
    segment_faults_bind(s, p);
    return p;
}

struct port *segment_port(struct segment *s, const char *name)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (strcmp(s->ports[i]->short_name, name) == 0)
            return s->ports[i];
    return NULL;
}

void segment_link_set(struct segment *s, bool up)
{
    for (uint32_t i = 0; i < s->count; i++)
        port_link_set(s->ports[i], up);
}

const char *segment_name(const struct segment *s) { return s->name; }

uint64_t segment_rate(const struct segment *s) { return s->config.rate_bps; }
enum segment_kind segment_kind_of(const struct segment *s) { return s->config.kind; }
uint64_t segment_frames(const struct segment *s) { return s->frames; }
uint32_t segment_ports(const struct segment *s) { return s->count; }

struct port *segment_port_at(struct segment *s, uint32_t index)
{
    assert(index < s->count);
    return s->ports[index];
}

const char *segment_kind_name(enum segment_kind kind)
{
    static const char *const names[] = {
        [SEGMENT_SWITCH] = "switch", [SEGMENT_HUB] = "hub", [SEGMENT_LINK] = "link"};
    assert((unsigned)kind <= SEGMENT_LINK);
    return names[kind];
}

static uint64_t on_cable(const struct cable *c)
{
    uint64_t n = 0;
    for (uint32_t i = 0; i < c->count; i++)
        n += cable_slot_at(c, i)->t.frame != NULL;
    return n;
}

uint64_t segment_in_flight(const struct segment *s)
{
    uint64_t n = s->hold.count + segment_faults_held(s);
    for (uint32_t i = 0; i < s->count; i++)
        n += on_cable(&s->ports[i]->out) + on_cable(&s->ports[i]->in);
    return n;
}

uint64_t segment_jitter(const struct segment *s, const struct transit *t, const struct port *to)
{
    if (s->config.jitter_ns == 0)
        return 0;
    struct prng p;
    draw_init(&p, s->jitter_key, t->src->key, to->key, t->number, 0);
    return prng_below(&p, s->config.jitter_ns + 1);
}

void segment_harm_changed(struct segment *s)
{
    s->harmful = s->faults != NULL || s->config.loss.num > 0;
    if (s->config.kind == SEGMENT_SWITCH)
        return; /* asks when a frame has crossed the cable, not when it starts */
    for (uint32_t i = 0; i < s->count; i++)
        cable_announce(&s->ports[i]->out, s->harmful);
}

uint32_t segment_direction(struct segment *s, const struct port *src, const struct port *dst)
{
    uint32_t *source = pairs_get(&s->directions, src->index, dst->index);
    if (source == NULL)
        return dst->source;
    if (*source == 0) {
        char name[3 * NAME_MAX_LEN + 3];
        snprintf(name, sizeof name, "%s>%s", src->name, dst->short_name);
        *source = trace_source(s->sim->trace, name);
    }
    return *source;
}

static const char *port_check(const struct segment *s, uint32_t i)
{
    const struct port *p = s->ports[i];
    if (p->segment != s || p->index != i)
        return "a port does not know its place";
    if (strncmp(p->name, s->name, strlen(s->name)) != 0)
        return "a port does not bear its segment's name";
    if (!p->up && (p->out.count > 0 || p->in.count > 0))
        return "there are frames on a cable that is down";
    const char *problem = cable_check(&p->out);
    return problem != NULL ? problem : cable_check(&p->in);
}

const char *segment_check(const struct segment *s)
{
    const char *problem = config_problem(&s->config, s->name);
    for (uint32_t i = 0; problem == NULL && i < s->count; i++)
        problem = port_check(s, i);
    if (problem == NULL)
        problem = hold_check(&s->hold);
    if (problem == NULL)
        problem = segment_faults_check(s);
    if (problem == NULL && s->ops->check != NULL)
        problem = s->ops->check(s);
    if (problem == NULL && s->judging != 0)
        problem = "a segment is still asking its rules between events";
    return problem;
}
