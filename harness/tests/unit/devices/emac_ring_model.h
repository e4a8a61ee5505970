/* emac_ring_model.h: what emac_ring.c holds the EMAC's rings against: queues, additions, and the
 * time a frame takes. Nothing of it knows registers or memory. */
#ifndef LOCKWIRE_UNIT_EMAC_RING_MODEL_H
#define LOCKWIRE_UNIT_EMAC_RING_MODEL_H

#include "emac_bench.h"

#include "sim/prng.h"

#define SLOT 160u         /* bytes of a buffer */
#define RING_MAX 16u
#define QUEUE 64u
#define BYTE_NS 80u
#define GAP_NS 960u

struct descriptor {
    uint32_t number, bytes;
    bool last, irq;
};
struct expected {
    uint32_t number, length, bytes; /* bytes: that are to be in memory */
    uint32_t status;
};
struct tx_model {
    struct descriptor q[QUEUE];
    uint32_t head, count, consume, n;
    uint64_t now, free_at, done;
    bool enabled, dead, flying, skipping;
    uint32_t number, length; /* of the frame that flies */
    uint32_t status[RING_MAX];
};
struct rx_model {
    struct expected q[QUEUE];
    uint32_t head, count, produce, consume, n;
    uint32_t size[RING_MAX];
    bool irq[RING_MAX], enabled, dead;
    bool air, air_lost, air_enabled;
    uint64_t air_begin, air_end, medium_free;
    uint32_t air_number, air_length;
    bool air_foreign;
};
struct heard {
    uint32_t number, length;
    bool bad;
    uint64_t t;
    uint8_t bytes[SLOT * 3];
};

struct world {
    struct emac *e;
    uint8_t ram[RAM_SIZE];
    uint64_t now;
    struct prng chance;
    struct tx_model tx;
    struct rx_model rx;
    uint32_t ints, enable;
    bool line;
    struct heard heard[RING_MAX];
    uint32_t heard_count;
    /* the driver */
    uint32_t tx_number, tx_produce, tx_reclaimed, rx_number;
    uint32_t tx_left;      /* fragments of a frame that are not handed over yet */
    uint64_t frames_out, frames_in, lost_on_purpose;
};

enum fate { FINE, UNDERRUN, STALL, CRC, SYMBOL, OVERRUN };
enum fate tx_fate(uint32_t number);
enum fate rx_fate(uint32_t number);

uint32_t below(struct world *w, uint32_t n); /* by chance */
/* Frame `number`: its pattern, its number at 14, little endian. foreign: for somebody else. */
void make(uint8_t *f, uint32_t length, uint32_t number, bool foreign);

/* All that the transmitter does up to then; what it sends must have been heard. */
void tx_advance(struct world *w, uint64_t until);
uint32_t rx_free(const struct rx_model *r);
/* The frame in the air has ended. */
void rx_land(struct world *w);

#endif
