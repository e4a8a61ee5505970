/* Ring arithmetic: ten million random steps of produce, consume, interrupt and fault, against a
 * model that knows queues and additions and nothing else (emac_ring_model.h). Every frame carries a
 * number and a pattern of its own: none may be lost, doubled, torn or out of order, and after each
 * step the indices, statuses, IntStatus and the line are what the queues say, at the exact time.
 *
 * Which frame meets with a fault follows from its number, on both sides. CMakeLists.txt says how
 * many steps: a tenth of them in builds that are slow. */
#include "emac_ring_model.h"

#include <stdlib.h>

#define TX_AREA (RAM + 0x1000)
#define RX_AREA (RAM + 0x2000)

static uint32_t word(const struct world *w, uint32_t addr)
{
    uint32_t v;

    memcpy(&v, w->ram + (addr - RAM), 4); /* little endian, like everything this runs on */
    return v;
}

static void word_set(struct world *w, uint32_t addr, uint32_t v)
{
    memcpy(w->ram + (addr - RAM), &v, 4);
}

/* ---- the world around the model ---- */

static void on_transmit(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs, uint64_t t)
{
    struct world *w = ctx;
    uint32_t number = (uint32_t)bytes[14] | (uint32_t)bytes[15] << 8 | (uint32_t)bytes[16] << 16 |
                      (uint32_t)bytes[17] << 24;

    CHECK(w->heard_count < RING_MAX);
    struct heard *h = &w->heard[w->heard_count++];
    *h = (struct heard){.number = number, .length = length, .bad = bad_fcs, .t = t};
    CHECK(length <= sizeof h->bytes);
    memcpy(h->bytes, bytes, length);
}

static void on_interrupt(void *ctx, bool level)
{
    struct world *w = ctx;

    CHECK(w->line != level);
    w->line = level;
}

static void *on_memory(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct world *w = ctx;

    CHECK(addr >= RAM && addr - RAM <= RAM_SIZE - bytes);
    return w->ram + (addr - RAM);
}

static struct emac_tx_fault on_fault(void *ctx, const uint8_t *bytes, uint32_t length)
{
    uint32_t number = (uint32_t)bytes[14] | (uint32_t)bytes[15] << 8 | (uint32_t)bytes[16] << 16 |
                      (uint32_t)bytes[17] << 24;
    enum fate fate = tx_fate(number);

    (void)ctx;
    (void)length;
    return (struct emac_tx_fault){.underrun = fate == UNDERRUN, .status_stall = fate == STALL};
}

static void on_error(void *ctx, const struct guest_error *error)
{
    (void)ctx;
    if (error->kind == GUEST_SIZE)
        return; /* buffers of a single byte are strange, and work */
    CHECKF(false, "%s of %s, value 0x%x: %s", guest_error_name(error->kind), error->reg,
           error->value, error->what);
}

static struct mii_state on_state(void *ctx, uint64_t now_ns)
{
    (void)ctx;
    (void)now_ns;
    return (struct mii_state){.clock = true, .link = true, .full_duplex = true, .mbps = 100};
}

static void put(struct world *w, uint32_t offset, uint32_t value)
{
    emac_write(w->e, offset, value, w->now);
}

static uint32_t get(struct world *w, uint32_t offset)
{
    return emac_read(w->e, offset, w->now);
}

static void land(struct world *w)
{
    static const unsigned faults[] = {[FINE] = 0, [STALL] = EMAC_RX_STALL, [CRC] = EMAC_RX_CRC,
                                      [SYMBOL] = EMAC_RX_SYMBOL, [OVERRUN] = EMAC_RX_OVERRUN};
    uint8_t f[SLOT * 3];

    w->now = w->rx.air_end;
    make(f, w->rx.air_length, w->rx.air_number, w->rx.air_foreign);
    emac_receive(w->e, &(struct emac_arrival){.bytes = f, .length = w->rx.air_length,
                                              .faults = faults[rx_fate(w->rx.air_number)]}, w->now);
    tx_advance(w, w->now);
    rx_land(w);
}

static void pass(struct world *w, uint64_t ns)
{
    uint64_t until = w->now + ns;

    if (w->rx.air && w->rx.air_end <= until)
        land(w);
    w->now = until > w->now ? until : w->now;
    emac_advance(w->e, w->now);
    tx_advance(w, w->now);
}

/* ---- the driver ---- */

static void rx_hand_over(struct world *w, uint32_t i)
{
    uint32_t size = 1 + below(w, SLOT - 4), shift = below(w, 4);
    bool irq = below(w, 3) != 0;

    w->rx.size[i] = size;
    w->rx.irq[i] = irq;
    word_set(w, RX_DESCRIPTORS + 8 * i, RX_AREA + i * SLOT + shift);
    word_set(w, RX_DESCRIPTORS + 8 * i + 4, (irq ? C_INT : 0) | (size - 1));
}

static void rx_start(struct world *w)
{
    struct rx_model *r = &w->rx;

    r->count = r->produce = r->consume = 0;
    r->dead = false;
    for (uint32_t i = 0; i < r->n; i++)
        rx_hand_over(w, i);
    put(w, RX_DESCRIPTOR, RX_DESCRIPTORS);
    put(w, RX_STATUS, RX_STATUSES);
    put(w, RX_NUMBER, r->n - 1);
    put(w, RX_CONSUME, 0);
}

static void tx_begin(struct world *w)
{
    struct tx_model *t = &w->tx;

    if (t->flying)
        t->free_at = w->now + GAP_NS;
    t->flying = t->dead = t->skipping = false;
    t->count = t->consume = 0;
    w->tx_produce = w->tx_reclaimed = w->tx_left = 0;
    put(w, TX_DESCRIPTOR, TX_DESCRIPTORS);
    put(w, TX_STATUS, TX_STATUSES);
    put(w, TX_NUMBER, t->n - 1);
    put(w, TX_PRODUCE, 0);
}

static void switch_tx(struct world *w, bool on)
{
    if (on && !w->tx.enabled && w->tx.count == 0)
        w->ints |= TX_FINISHED;
    w->tx.enabled = on;
    put(w, COMMAND, 0x600 | (on ? 2 : 0) | (w->rx.enabled ? 1 : 0));
    tx_advance(w, w->now);
}

static void switch_rx(struct world *w, bool on)
{
    w->rx.enabled = on;
    if (w->rx.air_begin == w->now)
        w->rx.air_enabled = on;
    put(w, COMMAND, 0x600 | (on ? 1 : 0) | (w->tx.enabled ? 2 : 0));
}

static void recover_tx(struct world *w)
{
    w->tx.enabled = false;
    put(w, COMMAND, 0x600 | (w->rx.enabled ? 1 : 0));
    put(w, COMMAND, 0x610 | (w->rx.enabled ? 1 : 0));
    tx_begin(w);
    switch_tx(w, true);
}

/* A frame whose first bit comes at the reset's instant comes after it. */
static void reset_in_flight(struct world *w)
{
    w->rx.air_lost = w->rx.air_lost || w->rx.air_begin < w->now;
}

static void recover_rx(struct world *w)
{
    bool on = w->rx.enabled;

    switch_rx(w, false);
    put(w, COMMAND, 0x620 | (w->tx.enabled ? 2 : 0));
    reset_in_flight(w);
    w->lost_on_purpose += w->rx.count;
    rx_start(w);
    switch_rx(w, on);
}

/* Everything from the start, with rings of other sizes. */
static void restart(struct world *w, uint32_t tx_n, uint32_t rx_n)
{
    static const uint32_t set_up[][2] = {{MAC1, 0xcf00}, {MAC1, 0}, {MAC2, 0x31}, {IPGT, 0x15},
                                         {SUPP, 0x100}, {SA2, 0x0002}, {SA1, 0x1100},
                                         {SA0, 0x3322}, {FILTER, 0x20}, {MAXF, 1536}, {MAC1, 1}};

    put(w, COMMAND, 0x38);
    CHECK_INT(get(w, COMMAND), 0);
    w->ints = w->enable = 0;
    w->tx.enabled = w->rx.enabled = false;
    reset_in_flight(w);
    w->lost_on_purpose += w->rx.count;
    for (unsigned i = 0; i < sizeof set_up / sizeof set_up[0]; i++)
        put(w, set_up[i][0], set_up[i][1]);
    w->tx.n = tx_n;
    w->rx.n = rx_n;
    put(w, COMMAND, 0x600);
    tx_begin(w);
    rx_start(w);
    switch_rx(w, true);
    switch_tx(w, true);
}

/* Statuses of what has been given back. */
static void reclaim(struct world *w)
{
    while (w->tx_reclaimed != w->tx.consume) {
        uint32_t i = w->tx_reclaimed;
        CHECK_INT(word(w, TX_STATUSES + 4 * i), w->tx.status[i]);
        w->tx_reclaimed = (i + 1) % w->tx.n;
    }
}

static uint32_t tx_room(const struct world *w)
{
    return w->tx.n - 1 - (w->tx_produce + w->tx.n - w->tx_reclaimed) % w->tx.n;
}

/* One frame in `fragments` descriptors from the produce index on; not handed over yet. */
static void fill(struct world *w, uint32_t fragments)
{
    uint32_t number = w->tx_number++, at = 0, length, at_least = 20;
    uint8_t f[SLOT * 3];
    struct tx_model *t = &w->tx;

    length = at_least + below(w, SLOT * fragments - at_least);
    make(f, length, number, false);
    for (uint32_t k = 0; k < fragments; k++) {
        uint32_t i = (w->tx_produce + k) % t->n, after = fragments - 1 - k;
        uint32_t most = length - at - after < SLOT ? length - at - after : SLOT;
        uint32_t least = length - at > SLOT * after ? length - at - SLOT * after : 1;
        uint32_t bytes = after == 0 ? length - at : least + below(w, most - least + 1);
        bool irq = below(w, 2) != 0;
        memcpy(w->ram + (TX_AREA - RAM) + i * SLOT, f + at, bytes);
        word_set(w, TX_DESCRIPTORS + 8 * i, TX_AREA + i * SLOT);
        word_set(w, TX_DESCRIPTORS + 8 * i + 4,
                 (irq ? C_INT : 0) | (after == 0 ? C_LAST : 0) | (bytes - 1));
        t->q[(t->head + t->count + k) % QUEUE] =
            (struct descriptor){number, bytes, after == 0, irq};
        at += bytes;
    }
}

static void hand_over(struct world *w, uint32_t descriptors)
{
    w->tx_produce = (w->tx_produce + descriptors) % w->tx.n;
    w->tx.count += descriptors;
    put(w, TX_PRODUCE, w->tx_produce);
    tx_advance(w, w->now);
}

static void produce(struct world *w)
{
    reclaim(w);
    if (w->tx_left > 0) { /* the rest of a frame whose beginning went ahead */
        uint32_t left = w->tx_left;
        w->tx_left = 0;
        hand_over(w, left);
        return;
    }
    uint32_t room = tx_room(w), fragments = 1 + below(w, 3);
    if (room < fragments)
        return;
    fill(w, fragments);
    if (fragments > 1 && below(w, 8) == 0) { /* against the rules: a fragment at a time */
        w->tx_left = fragments - 1;
        hand_over(w, 1);
    } else {
        hand_over(w, fragments);
    }
}

static void begin_arrival(struct world *w)
{
    struct rx_model *r = &w->rx;
    uint64_t begin = w->now > r->medium_free ? w->now : r->medium_free;

    if (r->air || begin > w->now)
        return;
    r->air = true;
    r->air_lost = false;
    r->air_enabled = r->enabled;
    r->air_number = w->rx_number++;
    r->air_length = below(w, 20) == 0 ? 18 + below(w, 42) : 60 + below(w, 300);
    r->air_foreign = below(w, 16) == 0;
    r->air_begin = w->now;
    r->air_end = w->now + (8 + r->air_length + 4) * BYTE_NS;
    r->medium_free = r->air_end + GAP_NS;
}

static uint32_t fetch(struct world *w, uint32_t *c, uint8_t *f, uint32_t room)
{
    uint32_t at = 0, status;

    do {
        CHECK(*c != w->rx.produce);
        status = word(w, RX_STATUSES + 8 * *c);
        uint32_t bytes = (status & 0x7ff) + 1;
        CHECK(at + bytes <= room);
        memcpy(f + at, w->ram + (word(w, RX_DESCRIPTORS + 8 * *c) - RAM), bytes);
        at += bytes;
        *c = (*c + 1) % w->rx.n;
    } while ((status & S_LAST) == 0);
    CHECK_INT(at, w->rx.q[w->rx.head].bytes);
    return status & 0xbf800000;
}

static void consume(struct world *w)
{
    struct rx_model *r = &w->rx;
    uint32_t c = r->consume, frames = 1 + below(w, 4);
    uint8_t f[SLOT * 4], g[SLOT * 4];

    while (frames-- > 0 && r->count > 0) {
        struct expected *x = &r->q[r->head];
        uint32_t first = c, status = fetch(w, &c, f, SLOT * 4);
        CHECK_INT(status, x->status);
        make(g, x->length, x->number, false);
        CHECK_MEM(f, g, x->bytes < x->length ? x->bytes : x->length);
        if (x->number % 16 == 0 && x->status == 0) {
            uint8_t fcs[4];
            slow_fcs(g, x->length, fcs);
            CHECK_MEM(f + x->length, fcs, 4);
        }
        for (; first != c; first = (first + 1) % r->n)
            rx_hand_over(w, first);
        r->head = (r->head + 1) % QUEUE;
        r->count--;
        w->frames_in++;
    }
    if (c != r->consume) {
        r->consume = c;
        put(w, RX_CONSUME, c);
    }
}

/* ---- steps ---- */

static void compare(struct world *w, uint64_t step)
{
    CHECKF(get(w, TX_CONSUME) == w->tx.consume, "step %llu", (unsigned long long)step);
    CHECKF(get(w, RX_PRODUCE) == w->rx.produce, "step %llu", (unsigned long long)step);
    CHECKF(get(w, INT_STATUS) == w->ints, "step %llu: IntStatus 0x%x, expected 0x%x",
           (unsigned long long)step, get(w, INT_STATUS), w->ints);
    CHECK_INT(w->line, (w->ints & w->enable) != 0);
    CHECK_INT(w->heard_count, 0);
    bool tx = (w->tx.enabled || w->tx.flying) && w->tx.count > 0;
    bool rx = w->rx.enabled && rx_free(&w->rx) > 0 && !w->rx.dead;
    CHECK_INT(get(w, STATUS), (tx ? 2 : 0) | (rx ? 1 : 0));
    if (step % 64 == 0) {
        const char *broken = emac_check(w->e);
        CHECKF(broken == NULL, "step %llu: %s", (unsigned long long)step, broken);
    }
}

static void interrupt_step(struct world *w)
{
    uint32_t mask = 0x30ffu & below(w, 0x4000);

    if (below(w, 2) == 0) {
        put(w, INT_CLEAR, mask);
        w->ints &= ~mask;
    } else {
        put(w, INT_ENABLE, mask);
        w->enable = mask;
    }
}

static void step(struct world *w)
{
    static const uint32_t sizes[] = {1, 2, 3, 5, 7, 8, 12, 16};
    uint32_t what = below(w, 1000);

    if (what < 250)
        produce(w);
    else if (what < 500)
        begin_arrival(w);
    else if (what < 680)
        consume(w);
    else if (what < 780)
        interrupt_step(w);
    else if (what < 980)
        pass(w, below(w, 30000));
    else if (what < 986)
        switch_tx(w, !w->tx.enabled);
    else if (what < 992 && !w->rx.air)
        switch_rx(w, !w->rx.enabled);
    else if (what < 995 || w->tx.dead)
        recover_tx(w);
    else if (what < 998)
        recover_rx(w);
    else if (what == 999 && below(w, 4) == 0)
        restart(w, sizes[below(w, 8)], sizes[below(w, 8)]);
}

static void walk(uint64_t seed, uint64_t steps, const struct emac_knobs *knobs)
{
    struct world *w = calloc(1, sizeof *w);
    void *block = aligned_alloc(16, (emac_size() + 15) & ~(size_t)15);
    struct emac_env env = {.ctx = w, .transmit = on_transmit, .interrupt = on_interrupt,
                           .memory = on_memory, .tx_fault = on_fault, .guest_error = on_error,
                           .phy = {.ctx = w, .state = on_state}};

    CHECK(w != NULL && block != NULL);
    prng_init(&w->chance, seed, "emac.ring");
    w->e = emac_init(block, &env, knobs);
    restart(w, 4, 4);
    for (uint64_t i = 0; i < steps; i++) {
        step(w);
        compare(w, i);
    }
    CHECKF(w->frames_out > steps / 40 && w->frames_in > steps / 40 && w->lost_on_purpose > 0,
           "%llu out, %llu in, %llu lost on purpose", (unsigned long long)w->frames_out,
           (unsigned long long)w->frames_in, (unsigned long long)w->lost_on_purpose);
    free(block);
    free(w);
}

#define QUIET .no_range_quirk = true

UNIT(emac_ring, first_part_of_ten_million_steps)
{
    walk(1, RING_STEPS / 4, &(struct emac_knobs){QUIET});
}

UNIT(emac_ring, second_part_with_one_descriptor_read_ahead)
{
    walk(2, RING_STEPS / 4, &(struct emac_knobs){QUIET, .prefetch = 1});
}

UNIT(emac_ring, third_part_with_all_descriptors_read_ahead)
{
    walk(3, RING_STEPS / 4, &(struct emac_knobs){QUIET, .prefetch = 255});
}

UNIT(emac_ring, fourth_part_from_another_seed)
{
    walk(4, RING_STEPS / 4, &(struct emac_knobs){QUIET, .prefetch = 2});
}
