#include "vnet/cable.h"

#include "sim/arena.h"
#include "vnet/note.h"
#include "vnet/segment.h"

#include <assert.h>
#include <string.h>

#define CABLE_ROOM_FIRST 2u
#define NS_PER_S 1000000000u

/* Ethernet's overhead on the wire, IEEE 802.3: FCS, preamble with start delimiter, gap. */
#define WIRE_LEN_MIN 60u
#define WIRE_FCS 4u
#define WIRE_PREAMBLE 8u
#define WIRE_GAP 12u

static uint64_t bytes_on_wire(uint32_t len, bool with_gap)
{
    uint64_t bytes = (len < WIRE_LEN_MIN ? WIRE_LEN_MIN : len) + WIRE_FCS + WIRE_PREAMBLE;
    return with_gap ? bytes + WIRE_GAP : bytes;
}

uint64_t wire_time_ns(uint32_t len, uint64_t rate_bps, bool with_gap)
{
    uint64_t bits_ns = bytes_on_wire(len, with_gap) * 8 * NS_PER_S;
    return bits_ns / rate_bps + (bits_ns % rate_bps != 0);
}

/* The same without a division for the usual rates. */
static uint64_t cable_time(const struct cable *c, uint32_t len, bool with_gap)
{
    return c->byte_ns != 0 ? bytes_on_wire(len, with_gap) * c->byte_ns
                           : wire_time_ns(len, c->rate_bps, with_gap);
}

static struct cable_slot *slot_at(struct cable *c, uint32_t i)
{
    return &c->ring[(c->head + i) & (c->room - 1)];
}

/* Starts that have passed by now, when nobody wants to hear of them. */
static void count_started(struct cable *c, uint64_t now_ns)
{
    while (c->started < c->count && slot_at(c, c->started)->start_ns <= now_ns)
        c->started++;
}

static void drop_head(struct cable *c)
{
    c->head = (c->head + 1) & (c->room - 1);
    c->count--;
    c->started--;
}

/* Slots whose frame was taken off at its start are only there for the count of those waiting. */
static void skip_taken(struct cable *c)
{
    while (c->started > 0 && slot_at(c, 0)->t.frame == NULL)
        drop_head(c);
}

static uint64_t next_time(const struct cable *c)
{
    uint64_t next = c->count > 0 && cable_slot_at(c, 0)->t.frame != NULL
                        ? cable_slot_at(c, 0)->arrive_ns : NEVER;
    if (c->announce && c->started < c->count && cable_slot_at(c, c->started)->start_ns < next)
        next = cable_slot_at(c, c->started)->start_ns;
    return next;
}

static void arm(struct cable *c)
{
    uint64_t next = next_time(c);
    if (next == NEVER)
        queue_cancel(c->sim->queue, &c->event);
    else if (!event_armed(&c->event) || c->event.t_ns != next)
        queue_arm(c->sim->queue, &c->event, next);
}

static void announce_start(struct cable *c)
{
    uint32_t i = c->started++;
    c->start(c, slot_at(c, i));
    skip_taken(c);
}

static void run(void *arg)
{
    struct cable *c = arg;
    struct cable_slot *head = slot_at(c, 0);
    if (head->arrive_ns > c->sim->now_ns) {
        announce_start(c);
        arm(c);
        return;
    }
    struct transit t = head->t;
    /* A frame that arrives has started, whether or not anybody asked. */
    if (c->started == 0)
        c->started = 1;
    drop_head(c);
    if (c->count > 0) {
        skip_taken(c);
        arm(c);
    }
    c->arrive(c, &t);
}

void cable_init(struct cable *c, struct sim *sim, struct port *port, uint64_t rate_bps,
                uint64_t latency_ns, uint32_t queue)
{
    memset(c, 0, sizeof *c);
    event_init(&c->event, run, c);
    c->sim = sim;
    c->port = port;
    c->rate_bps = rate_bps;
    c->latency_ns = latency_ns;
    c->queue = queue;
    c->byte_ns = (uint64_t)8 * NS_PER_S % rate_bps == 0 ? (uint64_t)8 * NS_PER_S / rate_bps : 0;
}

void cable_free(struct cable *c)
{
    struct transit t;
    while (cable_take(c, &t)) {
        frame_unref(t.frame);
        note_free(t.note);
    }
    arena_free(c->ring, c->room * sizeof *c->ring);
    c->ring = NULL;
    c->room = 0;
}

/* How many are behind the frame being sent. */
static uint32_t count_waiting(struct cable *c)
{
    if (!c->announce)
        count_started(c, c->sim->now_ns);
    uint32_t waiting = c->count - c->started;
    /* Announced cables hear of a start that is due now in an event that may not have run yet;
     * that frame waits no longer all the same. */
    if (c->announce && waiting > 0 && slot_at(c, c->started)->start_ns <= c->sim->now_ns)
        waiting--;
    return waiting;
}

bool cable_full(struct cable *c)
{
    /* As many as are on the cable can wait at most: no need to look, nearly always. */
    return c->count >= c->queue && count_waiting(c) >= c->queue;
}

static bool grow(struct cable *c)
{
    uint32_t room = c->room == 0 ? CABLE_ROOM_FIRST : c->room * 2;
    struct cable_slot *ring = arena_alloc(room * sizeof *ring);
    if (ring == NULL)
        return false;
    for (uint32_t i = 0; i < c->count; i++)
        ring[i] = *slot_at(c, i);
    arena_free(c->ring, c->room * sizeof *c->ring);
    c->ring = ring;
    c->room = room;
    c->head = 0;
    return true;
}

enum wire_reason cable_put(struct cable *c, const struct transit *t, uint64_t jitter_ns)
{
    uint64_t now = c->sim->now_ns;
    if (cable_full(c))
        return WIRE_QUEUE_FULL;
    if (c->count == c->room && !grow(c))
        return WIRE_NO_MEMORY;

    struct cable_slot *slot = slot_at(c, c->count);
    uint32_t len = t->frame->len;
    uint64_t start = c->free_ns > now ? c->free_ns : now;
    uint64_t arrive = start + cable_time(c, len, false) + c->latency_ns + jitter_ns;
    slot->t = *t;
    if (c->stamp)
        slot->t.asked_ns = start;
    slot->start_ns = start;
    slot->arrive_ns = arrive > c->last_ns ? arrive : c->last_ns;
    c->last_ns = slot->arrive_ns;
    c->free_ns = start + cable_time(c, len, true);
    c->count++;
    if (c->announce) {
        /* A start is announced by an event even if it is due now: rules may ask the controller,
         * who is not listening while it hands over a frame. */
        arm(c);
    } else if (c->count == 1) {
        queue_arm(c->sim->queue, &c->event, slot->arrive_ns);
    }
    return WIRE_NONE;
}

void cable_announce(struct cable *c, bool on)
{
    if (on && !c->announce)
        count_started(c, c->sim->now_ns);
    c->announce = on;
    arm(c);
}

bool cable_take(struct cable *c, struct transit *t)
{
    while (c->count > 0 && slot_at(c, 0)->t.frame == NULL) {
        c->started = c->started == 0 ? 1 : c->started;
        drop_head(c);
    }
    if (c->count == 0) {
        c->free_ns = c->last_ns = 0;
        queue_cancel(c->sim->queue, &c->event);
        return false;
    }
    *t = slot_at(c, 0)->t;
    c->started = c->started == 0 ? 1 : c->started;
    drop_head(c);
    return true;
}

bool cable_abort(struct cable *c, struct transit *t)
{
    uint64_t now = c->sim->now_ns;
    const struct cable_slot *slot = c->count > 0 ? slot_at(c, c->count - 1) : NULL;
    if (slot == NULL || slot->t.frame == NULL || slot->start_ns > now ||
        slot->start_ns + cable_time(c, slot->t.frame->len, false) <= now)
        return false;
    *t = slot->t;
    c->count--;
    c->started = c->started > c->count ? c->count : c->started;
    c->last_ns = c->count > 0 ? slot_at(c, c->count - 1)->arrive_ns : 0;
    c->free_ns = now;
    arm(c);
    return true;
}

static const char *check_slot(const struct cable *c, uint32_t i)
{
    const struct cable_slot *slot = cable_slot_at(c, i);
    if (slot->start_ns > slot->arrive_ns)
        return "a cable's frame arrives before it starts";
    if (i > 0 && slot->start_ns < cable_slot_at(c, i - 1)->start_ns)
        return "a cable's frames start out of order";
    if (i > 0 && slot->arrive_ns < cable_slot_at(c, i - 1)->arrive_ns)
        return "a cable's frames arrive out of order";
    if (slot->t.frame == NULL)
        return i < c->started ? NULL : "a cable lost a frame that has not started";
    if (slot->t.frame->refs == 0)
        return "a cable holds a frame that was freed";
    if (slot->t.frame->len < 1 || slot->t.frame->len > FRAME_MAX)
        return "a frame's length is out of range";
    return NULL;
}

const char *cable_check(const struct cable *c)
{
    if ((c->room & (c->room - 1)) != 0 || c->count > c->room)
        return "a cable's ring is over-full";
    if (c->room > 0 && c->head >= c->room)
        return "a cable's head is outside its ring";
    if (c->started > c->count)
        return "a cable has started more frames than it has";
    if (c->count > 0 && cable_slot_at(c, 0)->t.frame == NULL)
        return "a cable keeps a slot whose frame has left";
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        const char *problem = check_slot(c, i);
        if (problem != NULL)
            return problem;
        waiting += cable_slot_at(c, i)->start_ns > c->sim->now_ns;
    }
    if (waiting > c->queue)
        return "more frames wait for a cable than its queue holds";
    uint64_t next = next_time(c);
    if (event_armed(&c->event) != (next != NEVER))
        return "a cable's event does not stand for what is on it";
    if (event_armed(&c->event) && c->event.t_ns != next)
        return "a cable's event is armed for the wrong time";
    return NULL;
}
