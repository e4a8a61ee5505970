/* emac_bench.h: an EMAC on a bench: 16 KB of Ethernet RAM, a PHY of a few words, logs, and a
 * driver in the simplest form, for the tests of this directory.
 *
 * Offsets and bits are written a second time here, from the sheet and not from the model. */
#ifndef LOCKWIRE_UNIT_EMAC_BENCH_H
#define LOCKWIRE_UNIT_EMAC_BENCH_H

#include "sim/devices/emac.h"
#include "unit.h"

enum {
    MAC1 = 0x000, MAC2 = 0x004, IPGT = 0x008, IPGR = 0x00c, CLRT = 0x010, MAXF = 0x014,
    SUPP = 0x018, TEST = 0x01c, MCFG = 0x020, MCMD = 0x024, MADR = 0x028, MWTD = 0x02c,
    MRDD = 0x030, MIND = 0x034, SA0 = 0x040, SA1 = 0x044, SA2 = 0x048, COMMAND = 0x100,
    STATUS = 0x104, RX_DESCRIPTOR = 0x108, RX_STATUS = 0x10c, RX_NUMBER = 0x110, RX_PRODUCE = 0x114,
    RX_CONSUME = 0x118, TX_DESCRIPTOR = 0x11c, TX_STATUS = 0x120, TX_NUMBER = 0x124,
    TX_PRODUCE = 0x128, TX_CONSUME = 0x12c, TSV0 = 0x158, TSV1 = 0x15c, RSV = 0x160,
    FLOW_COUNTER = 0x170, FLOW_STATUS = 0x174, FILTER = 0x200, WOL_STATUS = 0x204,
    WOL_CLEAR = 0x208, HASH_L = 0x210, HASH_H = 0x214, INT_STATUS = 0xfe0, INT_ENABLE = 0xfe4,
    INT_CLEAR = 0xfe8, INT_SET = 0xfec, POWER = 0xff4, MODULE_ID = 0xffc
};
enum { /* 4.21 */
    RX_OVERRUN = 1, RX_ERROR = 2, RX_FINISHED = 4, RX_DONE = 8, TX_UNDERRUN = 0x10, TX_ERROR = 0x20,
    TX_FINISHED = 0x40, TX_DONE = 0x80, SOFT_INT = 0x1000, WAKEUP = 0x2000
};
/* TX control and RX/TX status, section 5 */
#define C_OVERRIDE 0x04000000u
#define C_HUGE 0x08000000u
#define C_PAD 0x10000000u
#define C_CRC 0x20000000u
#define C_LAST 0x40000000u
#define C_INT 0x80000000u
#define S_LAST 0x40000000u
#define S_ERROR 0x80000000u
#define S_RANGE 0x04000000u
#define S_CRC 0x00800000u

#define RAM 0x7fe00000u
#define RAM_SIZE 0x4000u
#define RX_DESCRIPTORS RAM
#define RX_STATUSES (RAM + 0x400)
#define TX_DESCRIPTORS (RAM + 0x800)
#define TX_STATUSES (RAM + 0xc00)
#define RX_BUFFERS (RAM + 0x1000)
#define TX_BUFFERS (RAM + 0x2800)
#define BUFFER 1536u

#define SENT_MAX 16u
struct bench_frame {
    uint8_t bytes[2048]; /* the first ones */
    uint32_t length;
    bool bad_fcs;
    uint64_t t_ns;
};

struct bench {
    struct emac *e;
    void *block;
    uint64_t now;
    uint8_t ram[RAM_SIZE];
    /* the PHY */
    struct mii_state medium;
    uint16_t phy[32][32];
    uint32_t answering; /* bit per address */
    unsigned reads, writes;
    uint64_t mdio_ns;
    /* logs */
    struct bench_frame sent[SENT_MAX]; /* the last ones: sent[(count - 1) % SENT_MAX] */
    unsigned sent_count, cut_count;
    uint32_t cut_bytes;
    bool line;
    unsigned line_changes;
    unsigned errors[GUEST_ERROR_KINDS], error_count;
    struct guest_error last_error;
    struct emac_tx_fault fault;
    uint32_t fault_length;
    /* the driver */
    uint32_t rx_number, tx_number, rx_size;
    bool watched; /* errors are looked at by the test itself */
};

/* After chip reset, PHY up with 100 Mbit/s full duplex at address 1. */
struct bench *bench_new(const struct emac_knobs *knobs);
/* And checks the object, and that no guest error came that the test has not asked for. */
void bench_end(struct bench *b);
void wr(struct bench *b, uint32_t offset, uint32_t value);
uint32_t rd(struct bench *b, uint32_t offset);
void run_to(struct bench *b, uint64_t t_ns);
void run_for(struct bench *b, uint64_t ns);
/* Expects exactly one report, of that kind, and forgets it. */
void expect_error(struct bench *b, enum guest_error_kind kind);
uint32_t ram32(const struct bench *b, uint32_t addr);
void ram32_set(struct bench *b, uint32_t addr, uint32_t value);

/* The recipe of section 17 with rings of that many descriptors and receive buffers of rx_size bytes
 * (all of them fit, or the test's arithmetic is wrong); station 02:00:00:11:22:33, filter: perfect
 * and broadcast, all interrupts enabled. IntStatus is cleared at the end. */
void bench_start(struct bench *b, uint32_t rx_count, uint32_t tx_count, uint32_t rx_size);
struct bench *bench_started(const struct emac_knobs *knobs); /* 4, 4, BUFFER */
#define STATION "\x02\x00\x00\x11\x22\x33"

/* A frame of a pattern that `seed` decides: DA, SA, type 0x0800, length bytes in all. */
const uint8_t *frame(const char *da, uint32_t length, uint8_t seed);
/* Puts bytes into descriptor `i`'s own buffer, with control bits besides the size. */
void tx_put(struct bench *b, uint32_t i, const uint8_t *bytes, uint32_t length, uint32_t control);
/* Fills the next descriptor as last fragment with C_INT, and moves the index. */
void tx_send(struct bench *b, const uint8_t *bytes, uint32_t length);
uint32_t tx_status(const struct bench *b, uint32_t i);
const struct bench_frame *last_sent(const struct bench *b);
/* Its last bit arrives after the time it takes from now on. */
void arrive(struct bench *b, const uint8_t *bytes, uint32_t length, unsigned faults);
void arrive_cut(struct bench *b, const uint8_t *bytes, uint32_t length, uint32_t cut);
/* The shortest frame to the station arrives; RxProduceIndex says afterwards who took it. */
#define CHECK_ARRIVES(b, faults, produce)                                                          \
    do {                                                                                           \
        arrive(b, frame(STATION, 60, 1), 60, faults);                                              \
        CHECK_INT(rd(b, RX_PRODUCE), produce);                                                     \
    } while (0)
uint32_t rx_status(const struct bench *b, uint32_t i);
uint32_t rx_hash(const struct bench *b, uint32_t i);
const uint8_t *rx_buffer(const struct bench *b, uint32_t i);
struct emac_counters counters(const struct bench *b);

/* IEEE 802.3's FCS bit by bit, in wire order. */
void slow_fcs(const uint8_t *bytes, uint32_t length, uint8_t *fcs);

#endif
