/* world.c: see world.h. */
#include "world.h"

const struct world_mode world_modes[4] = {{100, true}, {100, false}, {10, true}, {10, false}};

enum { HEADER = 14, NUMBER_AT = HEADER, LEAST = 60 };

static const uint8_t addresses[TO_KINDS][6] = {
    [TO_STATION] = {WORLD_STATION},
    [TO_ALL] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
    [TO_GROUP] = {0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa},
    [TO_OTHERS] = {0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb},
    [TO_STRANGER] = {0x02, 0x00, 0x00, 0x11, 0x22, 0x34}};

/* ---- frames: a number in them says what all of their bytes are ---- */

static uint32_t length_of(unsigned number)
{
    static const uint32_t first[4] = {LEAST, WORLD_FRAME_MAX, LEAST + 1, WORLD_FRAME_MAX - 1};

    return number < 4 ? first[number] : LEAST + number * 97u % (WORLD_FRAME_MAX - LEAST + 1);
}

static uint8_t byte_of(unsigned number, uint32_t at)
{
    return (uint8_t)(number * 31u + at * 7u);
}

static void make(uint8_t *to, const uint8_t *da, const uint8_t *sa, unsigned number,
                 uint32_t length)
{
    memcpy(to, da, 6);
    memcpy(to + 6, sa, 6);
    to[12] = 0x88; /* above any length: with the range quirk, 16 E4 */
    to[13] = 0xb5;
    to[NUMBER_AT] = (uint8_t)(number >> 8);
    to[NUMBER_AT + 1] = (uint8_t)number;
    for (uint32_t i = NUMBER_AT + 2; i < length; i++)
        to[i] = byte_of(number, i);
}

static unsigned number_in(const uint8_t *bytes)
{
    return (unsigned)bytes[NUMBER_AT] << 8 | bytes[NUMBER_AT + 1];
}

static void whole(const uint8_t *bytes, unsigned number, uint32_t length, const char *whose)
{
    for (uint32_t i = NUMBER_AT + 2; i < length; i++)
        CHECKF(bytes[i] == byte_of(number, i), "%s %u is torn at %u", whose, number, i);
}

/* ---- the wire ---- */

static uint64_t byte_ns(const struct world *w)
{
    return w->mode.mbps == 100 ? 80 : 800;
}

/* A frame of the driver's begins. */
static void on_heard(struct chip_bench *b)
{
    struct world *w = b->owner;

    w->out_end_ns = b->frame_ns + (8 + b->frame_length + 4) * byte_ns(w);
    b->tx_fault = (struct emac_tx_fault){0};
    if (b->frame_bad_fcs) {
        w->broken++;
        return;
    }
    if (b->frame[12] != 0x88)
        return; /* a dummy */
    int number = (int)number_in(b->frame);
    CHECKF(number > w->heard_last, "%d was sent after %d", number, w->heard_last);
    w->heard_last = number;
    w->heard++;
    uint32_t length = length_of((unsigned)number) - 20; /* as trial_out() makes them */
    CHECK_INT(b->frame_length, length < LEAST ? LEAST : length);
    whole(b->frame, (unsigned)number, length, "sent");
}

static void begin_arrival(struct world *w)
{
    unsigned number = w->in_number++;

    w->length = length_of(number);
    make(w->frame, addresses[w->queue[w->got % WORLD_QUEUE]], addresses[TO_STRANGER], number,
         w->length);
    w->end_ns = w->b->now_ns + (8 + w->length + 4) * byte_ns(w);
    lpc2468_carrier(w->b->chip, w->end_ns, w->b->now_ns);
}

static void end_arrival(struct world *w)
{
    struct emac_arrival frame = {.bytes = w->frame, .length = w->length};

    w->got++;
    w->end_ns = 0;
    w->begin_ns = w->b->now_ns + (12 + w->spare) * byte_ns(w);
    lpc2468_receive(w->b->chip, &frame, w->b->now_ns);
}

/* When the wire does the next thing. In half duplex others wait until we are silent. */
static uint64_t wire_next(const struct world *w)
{
    uint64_t begin = w->begin_ns;

    if (w->end_ns != 0)
        return w->end_ns;
    if (w->put == w->got)
        return NO_TIME;
    if (!w->mode.full && w->out_end_ns + 12 * byte_ns(w) > begin)
        begin = w->out_end_ns + 12 * byte_ns(w);
    return begin;
}

/* The whole object now and then; guest errors at once. */
static void sound(struct world *w)
{
    if (w->b->errors != 0 || ++w->accesses % 256 == 0)
        chip_sound(w->b);
}

static void go_to(struct world *w, uint64_t t_ns)
{
    w->b->now_ns = t_ns;
    lpc2468_advance(w->b->chip, t_ns);
    sound(w);
}

static uint32_t access(struct world *w, uint32_t addr, unsigned bytes, const uint32_t *written)
{
    uint32_t value = 0;

    if (written != NULL)
        lpc2468_write(w->b->chip, addr, *written, bytes, w->b->now_ns);
    else
        value = lpc2468_read(w->b->chip, addr, bytes, w->b->now_ns);
    sound(w);
    return value;
}

static void step(struct world *w, uint64_t ns)
{
    uint64_t until = w->b->now_ns + ns;

    for (uint64_t t = wire_next(w); t <= until; t = wire_next(w)) {
        go_to(w, t > w->b->now_ns ? t : w->b->now_ns);
        if (w->end_ns != 0)
            end_arrival(w);
        else if (wire_next(w) <= w->b->now_ns) /* our own frame may have begun just now */
            begin_arrival(w);
    }
    go_to(w, until);
}

/* ---- the core ---- */

static void take_interrupt(struct world *w)
{
    if (w->masked || w->isr == NULL || !w->b->irq)
        return;
    w->masked = true;
    CHECK_INT(load(w, A_VIC_ADDRESS), 0x21);
    w->isr(w->driver);
    store(w, A_VIC_ADDRESS, 0);
    w->masked = false;
}

static void before_access(struct world *w)
{
    step(w, w->access_ns);
    take_interrupt(w);
}

uint32_t load(struct world *w, uint32_t addr)
{
    before_access(w);
    return access(w, addr, 4, NULL);
}

void store(struct world *w, uint32_t addr, uint32_t value)
{
    before_access(w);
    access(w, addr, 4, &value);
}

uint32_t load8(struct world *w, uint32_t addr)
{
    before_access(w);
    return access(w, addr, 1, NULL);
}

void store8(struct world *w, uint32_t addr, uint32_t value)
{
    before_access(w);
    access(w, addr, 1, &value);
}

void copy_in(struct world *w, uint32_t addr, const uint8_t *bytes, uint32_t length)
{
    uint32_t i = 0;

    for (; i + 4 <= length && addr % 4 == 0; i += 4)
        store(w, addr + i, (uint32_t)bytes[i] | (uint32_t)bytes[i + 1] << 8 |
                               (uint32_t)bytes[i + 2] << 16 | (uint32_t)bytes[i + 3] << 24);
    for (; i < length; i++)
        store8(w, addr + i, bytes[i]);
}

void copy_out(struct world *w, uint32_t addr, uint8_t *bytes, uint32_t length)
{
    uint32_t i = 0;

    for (; i + 4 <= length && addr % 4 == 0; i += 4) {
        uint32_t word = load(w, addr + i);
        for (unsigned k = 0; k < 4; k++)
            bytes[i + k] = (uint8_t)(word >> 8 * k);
    }
    for (; i < length; i++)
        bytes[i] = (uint8_t)load8(w, addr + i);
}

void spin(struct world *w, unsigned reads)
{
    while (reads-- > 0)
        load(w, SYSTEM(0x1a0u));
}

void pass(struct world *w, uint64_t ns)
{
    uint64_t most = 25 * w->access_ns;

    for (uint64_t until = w->b->now_ns + ns; w->b->now_ns < until; take_interrupt(w))
        step(w, until - w->b->now_ns < most ? until - w->b->now_ns : most);
}

/* ---- life ---- */

void world_partner(struct world *w, struct world_mode mode)
{
    struct mii_partner partner = {true, true, 0};

    w->mode = mode;
    if (mode.mbps == 100)
        partner.abilities = mode.full ? MII_100FD : MII_100HD;
    else
        partner.abilities = mode.full ? MII_10FD : MII_10HD;
    lpc2468_partner(w->b->chip, &partner, w->b->now_ns);
}

struct world *world_new(const struct emac_knobs *knobs, struct world_mode mode)
{
    struct lpc2468_config config = {
        .phy = {.address = 5, .rmii = true, .negotiate_ns = 20 * MS, .reset_ns = MS / 10}};
    struct world *w = calloc(1, sizeof *w);

    CHECK(w != NULL);
    if (knobs != NULL)
        config.emac = *knobs;
    w->b = chip_with(&config);
    w->b->owner = w;
    w->b->heard = on_heard;
    w->access_ns = mode.mbps == 100 ? 40 : 400; /* a test of 10 Mbit/s is to take no longer */
    w->taken_last = w->heard_last = -1;
    w->masked = true;
    world_partner(w, mode);
    return w;
}

void world_end(struct world *w)
{
    CHECK(w->put == w->got);
    chip_free(w->b);
    free(w);
}

void world_took(struct world *w, const uint8_t *bytes, uint32_t length)
{
    int number = (int)number_in(bytes);
    unsigned to = 0;

    while (to < TO_KINDS && memcmp(bytes, addresses[to], 6) != 0)
        to++;
    CHECKF(to < TO_KINDS && w->accepts >> to & 1, "%d is not for us", number);
    CHECKF(number > w->taken_last, "%d came after %d", number, w->taken_last);
    w->taken_last = number;
    CHECK_INT(length, length_of((unsigned)number));
    whole(bytes, (unsigned)number, length, "taken");
    w->taken[to]++;
}

/* ---- trials ---- */

static void feed(struct world *w, enum world_to to, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        CHECK(w->put - w->got < WORLD_QUEUE);
        w->queue[w->put++ % WORLD_QUEUE] = (uint8_t)to;
    }
    if (w->end_ns == 0 && w->begin_ns < w->b->now_ns)
        w->begin_ns = w->b->now_ns;
}

static bool offer(struct world *w, const struct world_driver *drv, void *d)
{
    uint8_t bytes[WORLD_FRAME_MAX];
    uint32_t length = length_of(w->out_number) - 20; /* some need padding */

    make(bytes, addresses[TO_STRANGER], addresses[TO_STATION], w->out_number, length);
    if (!drv->send(d, bytes, length))
        return false;
    w->out_number++;
    return true;
}

/* Until everything that is under way has been for 20 of the longest frames. */
static void settle(struct world *w, const struct world_driver *drv, void *d)
{
    uint64_t quiet = 20 * 1538 * byte_ns(w), until = w->b->now_ns + quiet;

    while (w->b->now_ns < until) {
        if (w->put != w->got)
            until = w->b->now_ns + quiet;
        drv->poll(d);
        pass(w, 50 * w->access_ns);
    }
}

static void run(struct world *w, const struct world_driver *drv, void *d, unsigned out)
{
    unsigned end = w->out_number + out;

    while (w->out_number < end || w->put != w->got) {
        if (w->out_number < end)
            offer(w, drv, d);
        drv->poll(d);
        pass(w, 10 * w->access_ns); /* a driver that waits for its interrupt does nothing */
    }
    settle(w, drv, d);
}

void trial_out(struct world *w, const struct world_driver *drv, void *d, unsigned count)
{
    unsigned heard = w->heard;

    run(w, drv, d, count);
    CHECK_INT(w->heard, heard + count);
}

void trial_in(struct world *w, const struct world_driver *drv, void *d, unsigned count)
{
    unsigned taken = w->taken[TO_STATION];

    feed(w, TO_STATION, count);
    run(w, drv, d, 0);
    CHECK_INT(w->taken[TO_STATION], taken + count);
}

void trial_both(struct world *w, const struct world_driver *drv, void *d, unsigned count)
{
    unsigned heard = w->heard, taken = w->taken[TO_STATION];

    feed(w, TO_STATION, count);
    run(w, drv, d, count);
    CHECK_INT(w->heard, heard + count);
    CHECK_INT(w->taken[TO_STATION], taken + count);
}

void trial_filter(struct world *w, const struct world_driver *drv, void *d)
{
    unsigned before[TO_KINDS];

    memcpy(before, w->taken, sizeof before);
    for (unsigned round = 0; round < 3; round++)
        for (unsigned to = 0; to < TO_KINDS; to++)
            feed(w, (enum world_to)to, 2);
    run(w, drv, d, 0);
    for (unsigned to = 0; to < TO_KINDS; to++)
        CHECK_INT(w->taken[to] - before[to], drv->accepts >> to & 1 ? 6 : 0);
}

/* The core does not come to it for 40 frames, and for some more while it puts things right. */
void trial_overrun(struct world *w, const struct world_driver *drv, void *d)
{
    unsigned taken = w->taken[TO_STATION];
    struct emac_counters before, after;
    bool masked = w->masked;

    emac_counters(lpc2468_emac(w->b->chip), &before);
    w->masked = true;
    feed(w, TO_STATION, 60);
    while (w->put - w->got > 20)
        pass(w, 1000);
    w->masked = masked;
    run(w, drv, d, 5);
    emac_counters(lpc2468_emac(w->b->chip), &after);
    CHECK(after.rx_overrun > before.rx_overrun);
    CHECK(w->taken[TO_STATION] < taken + 60);
    trial_in(w, drv, d, 20);
    trial_both(w, drv, d, 20);
}

void trial_underrun(struct world *w, const struct world_driver *drv, void *d, bool fatal)
{
    unsigned heard = w->heard, broken = w->broken;

    run(w, drv, d, 3);
    CHECK_INT(w->heard, heard + 3);
    w->b->tx_fault = fatal ? (struct emac_tx_fault){.status_stall = true}
                           : (struct emac_tx_fault){.underrun = true};
    run(w, drv, d, 10);
    if (fatal) {
        CHECK(w->heard >= heard + 4); /* the one whose status stalled is out */
        CHECK_INT(w->broken, broken);
    } else {
        CHECK_INT(w->broken, broken + 1);
        CHECK_INT(w->heard, heard + 12);
    }
    trial_out(w, drv, d, 12);
    trial_both(w, drv, d, 12);
}

void trial_all(struct world *w, const struct world_driver *drv, void *d)
{
    w->accepts = drv->accepts;
    w->driver = d;
    drv->start(d);
    trial_out(w, drv, d, 40);
    trial_in(w, drv, d, 40);
    trial_both(w, drv, d, 40);
    trial_filter(w, drv, d);
    trial_overrun(w, drv, d);
    trial_underrun(w, drv, d, false);
    trial_underrun(w, drv, d, true);
    trial_filter(w, drv, d);
}
