/* sim/queue.c: the event queue, an exact hierarchical timing wheel. Contract: sim/queue.h.
 *
 * A time is read as eleven digits of six bits. `cursor` is the time of the last event popped; an
 * event lies on the level of the highest digit in which its time differs from the cursor, in the
 * slot of that digit's value. Hence everything on a lower level comes before everything on a
 * higher one, within a level lower slots come first, and a slot of level 0 holds exactly one time.
 *
 * The cursor moves only in a pop, and then straight to the earliest time. If that time's slot lies
 * on a higher level, all levels below are empty and the slot's other events are dealt out again,
 * in list order, so that equal times keep the order in which they were armed. A peek therefore has
 * to look through one slot; it moves nothing and remembers what it found. */
#include "sim/queue.h"

#include "sim/arena.h"

#include <assert.h>
#include <stddef.h>

#define DIGIT_BITS 6u
#define SLOTS (1u << DIGIT_BITS)
#define LEVELS ((64u + DIGIT_BITS - 1u) / DIGIT_BITS)

struct queue {
    uint64_t cursor;
    uint64_t pending;
    uint64_t next;                /* earliest time, if next_known */
    bool next_known;
    uint32_t levels;              /* bit l: slots[l] is not 0 */
    uint64_t slots[LEVELS];       /* bit s: heads[l][s] is not NULL */
    struct event *heads[LEVELS * SLOTS]; /* circular lists; head->prev is the tail */
};

static unsigned lowest_bit(uint64_t bits)
{
    return (unsigned)__builtin_ctzll(bits);
}

static unsigned level_of(uint64_t t_ns, uint64_t cursor)
{
    uint64_t differs = t_ns ^ cursor;
    return differs < SLOTS ? 0 : (63u - (unsigned)__builtin_clzll(differs)) / DIGIT_BITS;
}

/* Puts e at the tail of the slot where its time belongs. */
static void place(struct queue *q, struct event *e)
{
    unsigned level = level_of(e->t_ns, q->cursor);
    unsigned digit = (unsigned)(e->t_ns >> (level * DIGIT_BITS)) & (SLOTS - 1u);
    struct event **head = &q->heads[level * SLOTS + digit];

    e->slot = level * SLOTS + digit + 1u;
    if (*head == NULL) {
        e->next = e->prev = e;
        *head = e;
        q->slots[level] |= (uint64_t)1 << digit;
        q->levels |= 1u << level;
        return;
    }
    e->next = *head;
    e->prev = (*head)->prev;
    e->prev->next = e;
    (*head)->prev = e;
}

static void mark_empty(struct queue *q, uint32_t position)
{
    unsigned level = position / SLOTS;

    q->heads[position] = NULL;
    q->slots[level] &= ~((uint64_t)1 << (position % SLOTS));
    if (q->slots[level] == 0)
        q->levels &= ~(1u << level);
}

static void take_out(struct queue *q, struct event *e)
{
    uint32_t position = e->slot - 1u;

    if (e->next == e) {
        mark_empty(q, position);
    } else {
        e->prev->next = e->next;
        e->next->prev = e->prev;
        if (q->heads[position] == e)
            q->heads[position] = e->next;
    }
    e->slot = 0;
    q->pending--;
}

/* The position of the slot that holds the earliest event; something must be pending. */
static uint32_t first_position(const struct queue *q)
{
    unsigned level = lowest_bit(q->levels);
    return level * SLOTS + lowest_bit(q->slots[level]);
}

static uint64_t find_next(const struct queue *q)
{
    if (q->pending == 0)
        return NEVER;
    const struct event *head = q->heads[first_position(q)];
    uint64_t earliest = head->t_ns;
    if (head->slot <= SLOTS) /* level 0: one time per slot */
        return earliest;
    for (const struct event *e = head->next; e != head; e = e->next)
        if (e->t_ns < earliest)
            earliest = e->t_ns;
    return earliest;
}

struct queue *queue_new(void)
{
    return arena_calloc(sizeof(struct queue));
}

void queue_free(struct queue *q)
{
    arena_free(q, sizeof *q);
}

void event_init(struct event *e, event_fn *fn, void *arg)
{
    *e = (struct event){.fn = fn, .arg = arg};
}

void queue_arm(struct queue *q, struct event *e, uint64_t t_ns)
{
    queue_cancel(q, e);
    if (t_ns == NEVER)
        return;
    assert(t_ns >= q->cursor);
    e->t_ns = t_ns;
    place(q, e);
    if (q->pending++ == 0) {
        q->next = t_ns;
        q->next_known = true;
    } else if (t_ns < q->next) {
        q->next = t_ns; /* if not known, it stays so */
    }
}

void queue_cancel(struct queue *q, struct event *e)
{
    if (e->slot == 0)
        return;
    take_out(q, e);
    if (e->t_ns == q->next)
        q->next_known = false;
}

uint64_t queue_next(const struct queue *q)
{
    if (!q->next_known) {
        struct queue *memo = (struct queue *)(uintptr_t)q; /* queue_new() made it writable */
        memo->next = find_next(q);
        memo->next_known = true;
    }
    return q->next;
}

/* Moves the cursor to t_ns, the earliest time, and returns the first event of that time. */
static struct event *advance_to(struct queue *q, uint64_t t_ns)
{
    uint32_t position = first_position(q);
    struct event *head = q->heads[position];

    q->cursor = t_ns;
    if (position < SLOTS || head->next == head)
        return head;
    mark_empty(q, position);
    head->prev->next = NULL;
    for (struct event *e = head, *following; e != NULL; e = following) {
        following = e->next;
        place(q, e);
    }
    return q->heads[t_ns % SLOTS];
}

struct event *queue_pop(struct queue *q, uint64_t until_ns)
{
    if (q->pending == 0)
        return NULL;
    uint64_t t_ns = queue_next(q);
    if (t_ns > until_ns)
        return NULL;
    struct event *e = advance_to(q, t_ns);
    bool last_of_its_time = e->next == e;
    take_out(q, e);
    q->next_known = !last_of_its_time;
    return e;
}

uint64_t queue_pending(const struct queue *q)
{
    return q->pending;
}

const char *queue_check(const struct queue *q)
{
    uint64_t seen = 0;

    for (uint32_t position = 0; position < LEVELS * SLOTS; position++) {
        unsigned level = position / SLOTS;
        const struct event *head = q->heads[position];
        if ((head != NULL) != (q->slots[level] >> (position % SLOTS) & 1u))
            return "slot bitmap disagrees with its list";
        if ((q->slots[level] != 0) != (q->levels >> level & 1u))
            return "level bitmap disagrees with its slots";
        for (const struct event *e = head; e != NULL; e = e->next == head ? NULL : e->next) {
            if (e->slot != position + 1u || e->next->prev != e || ++seen > q->pending)
                return "slot list is broken";
            if (e->t_ns < q->cursor || level_of(e->t_ns, q->cursor) != level ||
                (e->t_ns >> (level * DIGIT_BITS) & (SLOTS - 1u)) != position % SLOTS)
                return "event lies in the wrong slot";
        }
    }
    if (seen != q->pending)
        return "pending count is wrong";
    if (q->next_known && q->next != find_next(q))
        return "remembered next time is wrong";
    return NULL;
}
