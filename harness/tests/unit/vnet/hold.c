#include "vnet/hold.h"

#include "sim/arena.h"
#include "unit.h"

static struct {
    uint64_t t_ns;
    uint64_t number;
} seen[64];
static unsigned seen_count;
static struct sim *sim;

static void expire(struct port *dst, struct transit *t)
{
    CHECK(dst == (struct port *)&seen);
    seen[seen_count].t_ns = sim->now_ns;
    seen[seen_count++].number = t->number;
    frame_unref(t->frame);
}

UNIT(hold, deliveries_come_out_by_time_then_in_the_order_they_came)
{
    static const uint64_t times[] = {50, 10, 30, 10, 50, 20, 10, 40, 30, 0};
    CHECK(arena_open(1 << 20));
    sim = sim_new(1);
    struct hold h;
    hold_init(&h, sim, expire);
    for (unsigned i = 0; i < 10; i++) {
        struct transit t = {.frame = frame_new(60), .number = i};
        CHECK(hold_put(&h, times[i], (struct port *)&seen, &t));
        CHECK(hold_check(&h) == NULL);
        CHECK_INT(queue_pending(sim->queue), 1);
    }
    while (sim_step(sim, NEVER))
        CHECK(hold_check(&h) == NULL);
    static const uint64_t order[] = {9, 1, 3, 6, 5, 2, 8, 7, 0, 4};
    CHECK_INT(seen_count, 10);
    for (unsigned i = 0; i < 10; i++) {
        CHECK_INT(seen[i].number, order[i]);
        CHECK_INT(seen[i].t_ns, times[order[i]]);
    }
    hold_free(&h);
    arena_close();
}
