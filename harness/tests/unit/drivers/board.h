/* board.h: an LPC2468 with its PHY for driver tests: bus, models, wire, clock, and a netif on it.
 *
 *   struct board *b = board_new(NULL);       knobs, driver's configuration: change them now
 *   board_start(b);                          netif_add(), negotiation, link up at 100 Mbit/s FD
 *   board_arrive(b, frame, length, 0);       its last bit comes when the wire has carried it
 *   board_run_us(b, 500);
 *   CHECK_INT(b->received_count, 1);
 *   board_end(b);                            no guest error, nothing left behind
 *
 * The stack is entered (support.h), so lwIP's API may be called. Interrupts are served at once: the
 * service routine, then poll(); poll() comes also when the driver asks for it. With b->busy nothing
 * is served until it is cleared again, as with a processor that has other things to do. */
#ifndef DRIVERS_BOARD_H
#define DRIVERS_BOARD_H

#include "sim/devices/lpc2468.h"
#include "stack/drivers/bus.h"
#include "stack/drivers/lpc2468_ethernetif.h"
#include "unit.h"

#include "../stack/support.h"

#define MS 1000000ull
#define US 1000ull
#define BOARD_FRAMES 4096u
#define BOARD_FRAME_MAX 2048u
#define BOARD_WINDOWS 6u /* of host memory that DMA reaches with knobs.dma_anywhere */

struct board_frame {
    uint64_t t_ns;
    uint16_t bytes;
    bool bad_fcs;
    uint8_t data[BOARD_FRAME_MAX];
};

struct board_arrival {
    uint64_t t_ns; /* last bit */
    unsigned faults;
    uint32_t cut;
    uint16_t bytes;
    uint8_t data[BOARD_FRAME_MAX];
};

struct board {
    /* Before board_start(). */
    struct emac_knobs knobs;
    struct dm9161_config phy_config;
    struct lpc2468_ethernetif eth;
    struct netif netif;
    uint32_t ip;            /* 0: 10.0.0.1 */
    uint8_t number;         /* of the board: last byte of its addresses */
    bool to_stack;          /* received frames go to ethernet_input(), else into `received` */
    bool faults_expected;   /* guest errors do not fail board_end() */
    bool level;             /* EINT0 by level, masked while MDINTR# is asserted; else by edge */
    uint32_t pins;          /* in PINSEL2 to PINSEL4 before the driver comes */

    struct support *s;
    bool own_support;
    struct bus bus;
    struct lpc2468 *chip;
    struct emac *emac;      /* the chip's */
    struct dm9161 *phy;     /* the chip's */
    uint64_t now_ns, polled_ns;
    uint64_t wire_free_ns;  /* when the partner may begin its next frame */
    bool irq, busy;
    bool carried;           /* the frame that arrives next has begun */
    unsigned guest_errors, served;
    struct guest_error last_error;
    struct emac_tx_fault tx_fault; /* of the next frame that is sent, once */
    unsigned tx_fault_after;       /* frames before it */
    bool tx_fault_armed;
    struct board *peer;            /* at the other end; NULL: the test */

    struct board_frame *sent;      /* onto the wire */
    unsigned sent_count;
    struct board_frame *received;  /* by netif->input */
    unsigned received_count, received_chains;
    err_t input_result;            /* what netif->input answers */
    struct board_arrival *arriving;
    unsigned arriving_first, arriving_count;
    uintptr_t windows[BOARD_WINDOWS];
    unsigned window_count;
};

/* s NULL: a stack of its own. A second board on the same stack: number it. */
struct board *board_new(struct support *s);
/* Frees everything; fails the test for a guest error, a broken model, or pbufs left behind. */
void board_end(struct board *b);

/* netif_add() and netif_set_up(), no link yet. */
void board_add(struct board *b);
/* That, and a partner that negotiates all modes; until the link is up. */
void board_start(struct board *b);
void board_partner(struct board *b, bool negotiates, uint16_t abilities);
void board_run_us(struct board *b, uint64_t us);
/* Two at once, whose clocks go together; frames of each arrive at the other if they are peers. */
void board_run_both_us(struct board *a, struct board *b, uint64_t us);

/* The partner sends: after what it sends already, back to back. EMAC_RX_x faults,
 * EMAC_RX_CUT in its middle. Returns when its last bit comes. */
uint64_t board_arrive(struct board *b, const void *frame, uint32_t bytes, unsigned faults);
/* A frame of `bytes` bytes to the board from a station, numbered and filled so that any tearing
 * shows. */
void board_make_frame(const struct board *b, uint8_t *frame, uint32_t bytes, uint32_t serial);
void board_arrive_serial(struct board *b, uint32_t bytes, uint32_t serial, unsigned faults);
/* The test fails unless received frame i, or sent frame i, is that numbered frame. */
void board_check_received(const struct board *b, unsigned i, uint32_t bytes, uint32_t serial);
/* Exactly the frames of serials 0 to count - 1 have been received, in order. */
void board_check_all(const struct board *b, unsigned count, uint32_t bytes);
void board_check_sent(const struct board *b, unsigned i, uint32_t bytes, uint32_t serial);

/* A pbuf chain of those bytes, behind ETH_PAD_SIZE: `pieces` of type, the last one longer. */
struct pbuf *board_chain(const uint8_t *frame, uint32_t bytes, unsigned pieces, pbuf_type type);
/* linkoutput of a numbered frame in one PBUF_RAM. */
err_t board_send_serial(struct board *b, uint32_t bytes, uint32_t serial);
/* Drops what was sent and received so far. */
void board_forget(struct board *b);

uint32_t board_reg(struct board *b, uint32_t addr);
#define BOARD_EXTINT 0xe01fc140u
#define BOARD_EXTMODE 0xe01fc148u
#define BOARD_VIC_IRQ_STATUS (LPC2468_VIC_BASE + 0x000u)
#define BOARD_VIC_INT_ENABLE (LPC2468_VIC_BASE + 0x010u)
#define BOARD_VIC_INT_EN_CLR (LPC2468_VIC_BASE + 0x014u)

/* Nanoseconds from a frame's first bit to its last; and with the gap behind it. */
uint64_t board_wire_ns(const struct board *b, uint32_t bytes);
uint64_t board_slot_ns(const struct board *b, uint32_t bytes);

#endif
