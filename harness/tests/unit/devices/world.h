/* world.h: a chip at work, for whole drivers (driver_*.c): time passes with each of their accesses,
 * frames come and go on the wire meanwhile, and interrupts are taken between two accesses.
 *
 * Drivers reach the chip by load() and store() alone. What they send and what they take is checked
 * frame by frame: none torn, doubled or out of order, none that the filter keeps out. A guest error
 * ends the test. */
#ifndef UNIT_DEVICES_WORLD_H
#define UNIT_DEVICES_WORLD_H

#include "lpc2468_bench.h"

#define ERAM LPC2468_ETHERNET_RAM_BASE
#define ERAM_END (ERAM + LPC2468_ETHERNET_RAM_SIZE)
#define WORLD_STATION 0x02, 0x00, 0x00, 0x11, 0x22, 0x33
#define WORLD_FRAME_MAX 1514u

/* To whom a frame is sent. The groups are those of the sheet's golden vectors (9.2). */
enum world_to {
    TO_STATION,
    TO_ALL,
    TO_GROUP,   /* 01:00:5e:7f:ff:fa, hash index 28 */
    TO_OTHERS,  /* 01:00:5e:00:00:fb, hash index 62 */
    TO_STRANGER, /* another station */
    TO_KINDS
};

struct world_mode {
    unsigned mbps;
    bool full;
};
extern const struct world_mode world_modes[4];

#define WORLD_QUEUE 256u
struct world {
    struct chip_bench *b;
    struct world_mode mode;
    uint64_t access_ns, accesses;
    /* on the way to the driver */
    uint8_t queue[WORLD_QUEUE]; /* enum world_to */
    unsigned put, got;
    unsigned spare;         /* byte times between frames, beyond the gap */
    uint64_t begin_ns, end_ns; /* of the next or the one under way; end_ns 0: none is */
    uint8_t frame[WORLD_FRAME_MAX];
    uint32_t length;
    unsigned in_number;     /* of the next frame */
    unsigned taken[TO_KINDS];
    int taken_last;
    unsigned accepts;       /* bit per enum world_to */
    /* from the driver */
    unsigned out_number;
    int heard_last;
    unsigned heard, broken; /* whole frames, and those with a wrong FCS */
    uint64_t out_end_ns;
    /* the core */
    void (*isr)(void *driver);
    void *driver;
    bool masked;            /* the core's I bit */
};

/* What a driver offers. */
struct world_driver {
    void (*start)(void *d);  /* from whatever it was in; returns with the link up */
    bool (*send)(void *d, const uint8_t *bytes, uint32_t length); /* false: no room */
    void (*poll)(void *d);   /* hands what came to world_took() */
    unsigned accepts;        /* 1u << enum world_to: what its filter lets through */
};

/* A chip after power-up, with a partner that can do `mode` alone. */
struct world *world_new(const struct emac_knobs *knobs, struct world_mode mode);
void world_end(struct world *w);
void world_partner(struct world *w, struct world_mode mode);

uint32_t load(struct world *w, uint32_t addr);
void store(struct world *w, uint32_t addr, uint32_t value);
uint32_t load8(struct world *w, uint32_t addr);
void store8(struct world *w, uint32_t addr, uint32_t value);
void copy_in(struct world *w, uint32_t addr, const uint8_t *bytes, uint32_t length);
void copy_out(struct world *w, uint32_t addr, uint8_t *bytes, uint32_t length);
void spin(struct world *w, unsigned reads); /* a delay loop of register reads */
void pass(struct world *w, uint64_t ns);    /* the core idles; interrupts are taken */

/* From a driver: a frame without its FCS. */
void world_took(struct world *w, const uint8_t *bytes, uint32_t length);

/* Trials. Each begins and ends with a driver that runs and a quiet wire. */
void trial_out(struct world *w, const struct world_driver *drv, void *d, unsigned count);
void trial_in(struct world *w, const struct world_driver *drv, void *d, unsigned count);
void trial_both(struct world *w, const struct world_driver *drv, void *d, unsigned count);
void trial_filter(struct world *w, const struct world_driver *drv, void *d);
void trial_overrun(struct world *w, const struct world_driver *drv, void *d);
/* fatal: the status stalls, and what was handed over may be lost by the recovery. */
void trial_underrun(struct world *w, const struct world_driver *drv, void *d, bool fatal);
void trial_all(struct world *w, const struct world_driver *drv, void *d);

#endif
