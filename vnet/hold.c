#include "vnet/hold.h"

#include "sim/arena.h"
#include "vnet/note.h"

#include <string.h>

#define HOLD_ROOM_FIRST 4u

static bool before(const struct hold_item *a, const struct hold_item *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void arm(struct hold *h)
{
    if (h->count == 0)
        queue_cancel(h->sim->queue, &h->event);
    else if (!event_armed(&h->event) || h->event.t_ns != h->heap[0].at_ns)
        queue_arm(h->sim->queue, &h->event, h->heap[0].at_ns);
}

/* Moves `item` down from the hole at the top to where it belongs. */
static void sift_down(struct hold *h, const struct hold_item *item)
{
    uint32_t i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count && before(&h->heap[child + 1], &h->heap[child]))
            child++;
        if (before(item, &h->heap[child]))
            break;
        h->heap[i] = h->heap[child];
        i = child;
    }
    h->heap[i] = *item;
}

static void run(void *arg)
{
    struct hold *h = arg;
    struct hold_item first = h->heap[0];
    h->count--;
    if (h->count > 0) {
        struct hold_item last = h->heap[h->count];
        sift_down(h, &last);
    }
    arm(h);
    h->expire(first.dst, &first.t);
}

void hold_init(struct hold *h, struct sim *sim, hold_expire_fn *expire)
{
    memset(h, 0, sizeof *h);
    event_init(&h->event, run, h);
    h->sim = sim;
    h->expire = expire;
}

void hold_free(struct hold *h)
{
    queue_cancel(h->sim->queue, &h->event);
    for (uint32_t i = 0; i < h->count; i++) {
        frame_unref(h->heap[i].t.frame);
        note_free(h->heap[i].t.note);
    }
    arena_free(h->heap, h->room * sizeof *h->heap);
    h->heap = NULL;
    h->room = h->count = 0;
}

static bool grow(struct hold *h)
{
    uint32_t room = h->room == 0 ? HOLD_ROOM_FIRST : h->room * 2;
    struct hold_item *heap = arena_alloc(room * sizeof *heap);
    if (heap == NULL)
        return false;
    if (h->count > 0)
        memcpy(heap, h->heap, h->count * sizeof *heap);
    arena_free(h->heap, h->room * sizeof *h->heap);
    h->heap = heap;
    h->room = room;
    return true;
}

bool hold_put(struct hold *h, uint64_t at_ns, struct port *dst, const struct transit *t)
{
    if (h->count == h->room && !grow(h))
        return false;
    struct hold_item item = {.at_ns = at_ns, .order = h->order++, .dst = dst, .t = *t};
    uint32_t i = h->count++;
    while (i > 0 && before(&item, &h->heap[(i - 1) / 2])) {
        h->heap[i] = h->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    h->heap[i] = item;
    arm(h);
    return true;
}

const char *hold_check(const struct hold *h)
{
    if (h->count > h->room)
        return "the deliveries put off are more than there is room for";
    for (uint32_t i = 0; i < h->count; i++) {
        const struct hold_item *item = &h->heap[i];
        if (i > 0 && before(item, &h->heap[(i - 1) / 2]))
            return "the deliveries put off are out of order";
        if (item->t.frame == NULL || item->t.frame->refs == 0)
            return "a delivery put off holds a frame that was freed";
        if (item->at_ns < h->sim->now_ns)
            return "a delivery put off is overdue";
    }
    if (event_armed(&h->event) != (h->count > 0))
        return "the event for deliveries put off is not armed as it should be";
    if (h->count > 0 && h->event.t_ns != h->heap[0].at_ns)
        return "the event for deliveries put off is armed for the wrong time";
    return NULL;
}
