/* fault.c: the list of rules of a segment, which deliveries they choose, and in what order they
 * are asked. What each kind does is in impair/. */
#include "vnet/fault.h"

#include "sim/arena.h"
#include "vnet/draw.h"
#include "vnet/impair/impair.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct impair_ops *const kinds[FAULT_KINDS] = {
    [FAULT_DROP] = &impair_drop,           [FAULT_DELAY] = &impair_delay,
    [FAULT_DUPLICATE] = &impair_duplicate, [FAULT_REORDER] = &impair_reorder,
    [FAULT_CORRUPT] = &impair_corrupt,     [FAULT_TRUNCATE] = &impair_truncate,
    [FAULT_PARTITION] = &impair_partition, [FAULT_BURST] = &impair_burst,
    [FAULT_RATE] = &impair_rate,
};

bool impair_ratio_ok(struct ratio r, bool required)
{
    return r.den == 0 ? !required && r.num == 0 : r.num <= r.den;
}

static const char *config_problem(const struct fault_config *c)
{
    if ((unsigned)c->kind >= FAULT_KINDS)
        return "kind: unknown";
    if (c->from_ns > c->until_ns)
        return "until_ns: must not be before from_ns";
    if (c->match_terms > 0 && c->match == NULL)
        return "match: missing";
    if (c->nth != NULL && c->nth_count == 0)
        return "nth: must name at least one ordinal";
    for (uint32_t i = 0; c->nth != NULL && i < c->nth_count; i++)
        if (c->nth[i] <= (i == 0 ? 0 : c->nth[i - 1]))
            return "nth: ordinals count from 1 and must ascend";
    if (!impair_ratio_ok(c->probability, false))
        return "probability: must be between 0 and 1";
    if (c->delay_ns > IMPAIR_DELAY_MAX_NS || c->jitter_ns > IMPAIR_DELAY_MAX_NS ||
        c->gap_ns > IMPAIR_DELAY_MAX_NS)
        return "delay_ns, jitter_ns, gap_ns: must be less than 73 years";
    return kinds[c->kind]->problem == NULL ? NULL : kinds[c->kind]->problem(c);
}

static void *copy_of(const void *bytes, size_t size, bool *failed)
{
    if (bytes == NULL || size == 0)
        return NULL;
    void *copy = arena_alloc(size);
    *failed |= copy == NULL;
    return copy == NULL ? NULL : memcpy(copy, bytes, size);
}

static void release_memory(struct fault *f)
{
    struct fault_config *c = &f->config;
    segment_text_free((char *)(uintptr_t)c->src);
    segment_text_free((char *)(uintptr_t)c->dst);
    arena_free((void *)(uintptr_t)c->match, c->match_terms * sizeof *c->match);
    arena_free((void *)(uintptr_t)c->nth, c->nth_count * sizeof *c->nth);
    arena_free(f->state, f->ops->state_size);
    arena_free(f, sizeof *f);
}

/* Copies what config points to. false: no memory; what was copied is in f all the same. */
static bool copy_config(struct fault *f, const struct fault_config *from)
{
    bool failed = false;
    struct fault_config *c = &f->config;
    *c = *from;
    c->groups = NULL;
    c->nth_count = from->nth == NULL ? 0 : from->nth_count;
    c->src = copy_of(from->src, from->src == NULL ? 0 : strlen(from->src) + 1, &failed);
    c->dst = copy_of(from->dst, from->dst == NULL ? 0 : strlen(from->dst) + 1, &failed);
    c->match = copy_of(from->match, from->match_terms * sizeof *from->match, &failed);
    c->nth = copy_of(from->nth, c->nth_count * sizeof *from->nth, &failed);
    if (f->ops->state_size > 0) {
        f->state = arena_calloc(f->ops->state_size);
        failed |= f->state == NULL;
    }
    return !failed;
}

static bool bind_port(struct fault *f, struct port *port)
{
    if (f->config.src != NULL && strcmp(f->config.src, port->short_name) == 0)
        f->src = port;
    if (f->config.dst != NULL && strcmp(f->config.dst, port->short_name) == 0)
        f->dst = port;
    return f->ops->bind == NULL || f->ops->bind(f, port);
}

void segment_faults_bind(struct segment *s, struct port *port)
{
    for (struct fault *f = s->faults; f != NULL; f = f->next)
        bind_port(f, port);
}

static uint64_t key_of(const struct fault *f, uint32_t ordinal)
{
    char name[160];
    snprintf(name, sizeof name, "vnet/%s/%s#%u", f->segment->name,
             fault_kind_name(f->config.kind), ordinal);
    return draw_key(f->segment->sim->seed, name);
}

struct fault *fault_add(struct segment *s, const struct fault_config *config, const char **why)
{
    assert(s->judging == 0);
    *why = config_problem(config);
    if (*why != NULL)
        return NULL;
    struct fault *f = arena_calloc(sizeof *f);
    if (f == NULL) {
        *why = IMPAIR_NO_MEMORY;
        return NULL;
    }
    f->segment = s;
    f->ops = kinds[config->kind];
    const char *problem = copy_config(f, config) ? NULL : IMPAIR_NO_MEMORY;
    if (problem == NULL && f->ops->init != NULL)
        problem = f->ops->init(f, config);
    for (uint32_t i = 0; problem == NULL && i < s->count; i++)
        problem = bind_port(f, s->ports[i]) ? NULL : IMPAIR_NO_MEMORY;
    if (problem != NULL) {
        if (f->ops->done != NULL && f->state != NULL)
            f->ops->done(f, true);
        release_memory(f);
        *why = problem;
        return NULL;
    }
    f->number = s->fault_next++;
    f->key = key_of(f, ++s->kind_count[config->kind]);
    *s->faults_end = f;
    s->faults_end = &f->next;
    s->partitions += config->kind == FAULT_PARTITION;
    segment_harm_changed(s);
    return f;
}

void fault_remove(struct fault *f)
{
    struct segment *s = f->segment;
    assert(s->judging == 0);
    if (f->ops->done != NULL)
        f->ops->done(f, false);
    struct fault **link = &s->faults;
    while (*link != f)
        link = &(*link)->next;
    *link = f->next;
    if (s->faults_end == &f->next)
        s->faults_end = link;
    s->partitions -= f->config.kind == FAULT_PARTITION;
    release_memory(f);
    segment_harm_changed(s);
}

void segment_faults_free(struct segment *s)
{
    while (s->faults != NULL) {
        struct fault *f = s->faults;
        s->faults = f->next;
        if (f->ops->done != NULL)
            f->ops->done(f, true);
        release_memory(f);
    }
    s->faults_end = &s->faults;
}

uint64_t fault_fired(const struct fault *f) { return f->fired; }
uint64_t fault_matched(const struct fault *f) { return f->matched; }
bool fault_must_fire(const struct fault *f) { return f->config.must_fire; }
enum fault_kind fault_kind_of(const struct fault *f) { return f->config.kind; }

struct fault *segment_fault_next(struct segment *s, struct fault *f)
{
    return f == NULL ? s->faults : f->next;
}

void segment_predicate_set(struct segment *s, fault_predicate_fn *fn, void *ctx)
{
    s->predicate = fn;
    s->predicate_ctx = ctx;
}

/* Everything that has to hold before a delivery counts as a match. */
static bool matches(struct fault *f, const struct delivery *d)
{
    const struct fault_config *c = &f->config;
    const struct segment *s = f->segment;
    uint64_t now = s->sim->now_ns;
    if (c->count != 0 && f->fired >= c->count)
        return false;
    if ((c->src != NULL && f->src != d->t.src) || (c->dst != NULL && f->dst != d->dst))
        return false;
    if (now < c->from_ns || (c->until_ns != NEVER && now >= c->until_ns))
        return false;
    if (c->match_terms > 0 && !match_frame(c->match, c->match_terms, d->t.frame))
        return false;
    if (c->predicate == 0)
        return true;
    return s->predicate != NULL && s->predicate(s->predicate_ctx, c->predicate, f, d->t.frame);
}

/* Of those that match, the ones that were asked for. */
static bool chooses(struct fault *f, const struct delivery *d)
{
    const struct fault_config *c = &f->config;
    if (!matches(f, d))
        return false;
    f->matched++;
    bool chosen = true;
    if (c->nth != NULL) {
        chosen = f->nth_next < c->nth_count && c->nth[f->nth_next] == f->matched;
        f->nth_next += chosen;
    }
    if (c->every != 0 && f->matched % c->every != 0)
        chosen = false;
    if (chosen && c->probability.den != 0) {
        struct prng p;
        draw_init(&p, ~f->key, d->t.src->key, d->dst->key, d->t.number, d->salt);
        chosen = prng_chance(&p, c->probability);
    }
    return chosen;
}

void impair_draw(const struct fault *f, const struct delivery *d, struct prng *p)
{
    draw_init(p, f->key, d->t.src->key, d->dst->key, d->t.number, d->salt);
}

void impair_record(struct delivery *d, enum wire_reason what, uint64_t a, uint64_t b,
                   bool repaired)
{
    struct segment *s = d->dst->segment;
    note_add(&d->t.note, (struct note_item){what, repaired, a, b});
    trace_emit(s->sim->trace, s->sim->now_ns, TRACE_IMPAIR,
               segment_direction(s, d->t.src, d->dst), what, a, NULL, 0);
}

struct frame *impair_rewrite(struct delivery *d, uint32_t len)
{
    struct frame *f = frame_copy(d->t.frame->data, len);
    if (f == NULL)
        return NULL;
    frame_unref(d->t.frame);
    d->t.frame = f;
    return f;
}

static void judge(struct segment *s, struct delivery *d, struct fault *f);

/* The original first, then its copies, each a delivery of its own for the rules behind. */
static void make_copies(struct fault *f, struct delivery *d)
{
    struct delivery original = *d;
    original.copies = 0;
    struct delivery base = original;
    frame_ref(base.t.frame);
    base.t.note = note_copy(base.t.note);
    judge(f->segment, &original, f->next);
    for (uint32_t i = 1; i <= d->copies; i++) {
        struct delivery copy = base;
        frame_ref(copy.t.frame);
        copy.t.note = note_copy(base.t.note);
        copy.release_ns = base.release_ns + i * d->gap_ns;
        copy.salt = base.salt * 0x10001u + i;
        impair_record(&copy, WIRE_DUPLICATED, i, d->copies, false);
        judge(f->segment, &copy, f->next);
    }
    frame_unref(base.t.frame);
    note_free(base.t.note);
}

/* Asks f and all rules behind it, then sends the delivery on. */
static void judge(struct segment *s, struct delivery *d, struct fault *f)
{
    for (; f != NULL; f = f->next) {
        enum verdict v = chooses(f, d) ? f->ops->apply(f, d) : VERDICT_PASS;
        f->fired += v != VERDICT_PASS;
        if (v == VERDICT_KEPT)
            return;
        if (v == VERDICT_DROP) {
            port_drop(d->dst, CAPTURE_RECEIVED, &d->t, d->why);
            return;
        }
        if (v == VERDICT_FORK) {
            make_copies(f, d);
            return;
        }
        if (f->ops->passed != NULL) {
            const struct port *src = d->t.src, *dst = d->dst;
            uint64_t release_ns = d->release_ns;
            judge(s, d, f->next);
            f->ops->passed(f, src, dst, release_ns);
            return;
        }
    }
    s->ops->release(s, d);
}

void impair_resume(struct fault *f, struct delivery *d)
{
    f->segment->judging++;
    judge(f->segment, d, f->next);
    f->segment->judging--;
}

void segment_judge(struct segment *s, struct transit *t, struct port *dst, uint64_t release_ns)
{
    struct delivery d = {.t = *t, .dst = dst, .release_ns = release_ns};
    if (s->config.loss.num > 0 && loss_strikes(s, t, dst)) {
        port_drop(dst, CAPTURE_RECEIVED, &d.t, WIRE_LOSS);
        return;
    }
    s->judging++;
    judge(s, &d, s->faults);
    s->judging--;
}

/* Was f in force when the delivery was asked about? Then it has had its say. */
static bool was_asked(const struct fault *f, const struct transit *t)
{
    const struct fault_config *c = &f->config;
    return f->number < t->asked_rules && t->asked_ns >= c->from_ns &&
           (c->until_ns == NEVER || t->asked_ns < c->until_ns);
}

bool segment_cuts(struct segment *s, struct port *dst, struct transit *t)
{
    struct delivery d = {.t = *t, .dst = dst};
    for (struct fault *f = s->faults; f != NULL; f = f->next) {
        if (f->config.kind != FAULT_PARTITION || was_asked(f, t))
            continue;
        s->judging++;
        bool cut = chooses(f, &d) && f->ops->apply(f, &d) == VERDICT_DROP;
        s->judging--;
        if (cut) {
            f->fired++;
            port_drop(dst, CAPTURE_RECEIVED, t, d.why);
            return true;
        }
    }
    return false;
}

uint64_t segment_faults_held(const struct segment *s)
{
    uint64_t n = 0;
    for (const struct fault *f = s->faults; f != NULL; f = f->next)
        n += f->ops->held == NULL ? 0 : f->ops->held(f);
    return n;
}

const char *segment_faults_check(const struct segment *s)
{
    uint32_t partitions = 0, last = 0;
    for (const struct fault *f = s->faults; f != NULL; f = f->next) {
        if (f->segment != s)
            return "a fault is in another segment's list";
        if (f->number <= last || f->number >= s->fault_next)
            return "faults are out of order";
        if (f->fired > f->matched)
            return "a fault fired more often than it matched";
        if (f->config.count != 0 && f->fired > f->config.count)
            return "a fault fired more often than it may";
        const char *problem = f->ops->check == NULL ? NULL : f->ops->check(f);
        if (problem != NULL)
            return problem;
        last = f->number;
        partitions += f->config.kind == FAULT_PARTITION;
    }
    return partitions == s->partitions ? NULL : "partitions are miscounted";
}
