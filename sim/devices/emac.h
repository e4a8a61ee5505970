/* sim/devices/emac.h: the LPC2468's Ethernet MAC, register by register.
 *
 * Source: UM10237 chapter "Ethernet" as our facts sheet restates it; where sources disagree a knob
 * says which reading is taken. Registers are named as there.
 *
 * The model is passive: whoever owns it says what time it is with each call, asks when it wants to
 * be called next, and calls emac_advance() then. Between two calls nothing happens. It lives in one
 * block of memory that its owner provides (in the world's arena, so snapshots carry it), and
 * reaches the rest by the functions of struct emac_env. Same calls, same times: same results.
 *
 * Times are virtual nanoseconds that never run backwards. Frames are without preamble, SFD and FCS
 * unless said otherwise. DMA takes no time beyond knobs.dma_ns: a frame that arrives at t is in
 * memory, its index moved and its interrupt raised, at t; TxProduceIndex written at t while the
 * transmitter is idle calls transmit() at t.
 *
 * Serialisation of a frame: (8 + length with FCS) byte times, then the gap of IPGT; a byte time is
 * 80 ns at 100 Mbit/s and 800 ns at 10. */
#ifndef SIM_DEVICES_EMAC_H
#define SIM_DEVICES_EMAC_H

#include "sim/devices/guest_error.h"
#include "sim/devices/mii.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EMAC_BASE 0xffe00000u
#define EMAC_SIZE 0x1000u
#define EMAC_NEVER UINT64_MAX
#define EMAC_FRAME_MAX 16384u /* with FCS; longer ones are cut, as no descriptor chain holds more */

/* What happens to the silicon that the sheet is not sure of, or that revisions differ in. All zero
 * is the default reading. */
struct emac_knobs {
    bool tx_consume_erratum;  /* E1: TxConsumeIndex stays at 0 after the first frame */
    bool rx_number_erratum;   /* E2: receive statuses shift with RxDescriptorNumber below 5 */
    bool no_range_quirk;      /* types are not taken for lengths (E4 off) */
    bool no_fcs_stored;       /* FCS neither stored nor counted (20.1) */
    bool finished_when_empty; /* RxFinished when Produce == Consume, not when full (20.3) */
    bool underrun_always;     /* a non-fatal underrun raises TxUnderrun, not TxError (20.5) */
    bool last_needs_override; /* a fragment's Last is ignored without Override (20.7) */
    bool no_descriptor_error; /* NoDescriptor of a received frame sets Error as well (20.6) */
    bool resets_disable;      /* TxReset and RxReset clear their channel's enable (14.1) */
    bool sa_hash_restarts;    /* 9.3 */
    bool tx_cut_silently;     /* over MAXF without Huge: cut, no TSV0.Giant (10) */
    bool hang_without_clock;  /* Command resets without the PHY's clock hang the bus (E5); else they
                               * are only reported */
    bool dma_anywhere;        /* DMA reaches all of memory, not the Ethernet RAM alone */
    bool vlan_runt;           /* tagged frames are runts below 68 bytes, not 64 (8) */
    bool power_down_erratum;  /* E6: PowerDown set in mid-frame loses that frame and spoils the
                               * next one's FCS, unless RxReset comes before it */
    bool miim_instant;        /* management cycles take no time */
    uint8_t rx_full;          /* enum emac_rx_full */
    uint8_t mcfg_width;       /* bits of MCFG.CLOCK SELECT; 0: 3 */
    uint8_t prefetch;         /* descriptors looked at ahead and frozen; 0: 3; 255: all, as far as
                               * a ring of 255 goes */
    uint16_t miim_absent;     /* read where no PHY answers; 0: 0xffff */
    uint32_t module_id;       /* 0: 0x39022001, invented; rev '-' is 0x39022000 (E3) */
    uint32_t hclk_hz;         /* 0: 72 MHz; MDC is derived from it */
    uint32_t dma_ns;          /* from the last bit to the status in memory, and from TxProduceIndex
                               * to the first bit */
    uint64_t seed;            /* of the back-off */
};

enum emac_rx_full {
    EMAC_RX_FULL_OVERRUN, /* RxOverrun, the frame is lost, indices stay (20.4) */
    EMAC_RX_FULL_WEDGE,   /* and nothing is received until RxReset */
    EMAC_RX_FULL_SILENT   /* lost without a sign */
};

/* What is wrong with a frame that arrives, by injection. */
enum emac_rx_fault {
    EMAC_RX_CRC = 1 << 0,       /* FCS is wrong */
    EMAC_RX_ALIGNMENT = 1 << 1, /* and four bits are left over */
    EMAC_RX_SYMBOL = 1 << 2,    /* RX_ER during the frame */
    EMAC_RX_OVERRUN = 1 << 3,   /* the block loses data: non-fatal */
    EMAC_RX_STALL = 1 << 4,     /* the status cannot be written: fatal RxOverrun */
    EMAC_RX_CUT = 1 << 5,       /* the link went in mid-frame: `cut` bytes came, no valid FCS */
    EMAC_RX_PREAMBLE = 1 << 6,  /* not all 0x55 (MAC2.8) */
    EMAC_RX_LONG_PREAMBLE = 1 << 7 /* of 12 bytes or more (MAC2.9) */
};

/* What happens to a frame that is sent, by injection; asked when it starts. Collisions and
 * deferral only happen in half duplex; in full duplex they are ignored.
 *
 * An attempt that collides takes 8 bytes of preamble and 4 of jam, then the back-off; it is not
 * shown to transmit(). A late collision and an underrun are: as the bytes that went out, with a
 * wrong FCS. A frame is deferred by one slot (512 bit times). */
struct emac_tx_fault {
    uint16_t collisions;   /* within the window; above CLRT's limit: excessive */
    bool late_collision;   /* just behind the window */
    bool excessive_defer;  /* the medium is busy up to the limit; with MAC2.14 only deferred */
    bool defer;
    bool underrun;         /* half the frame is out when data is late */
    bool status_stall;     /* fatal TxUnderrun: the frame is out, its status never comes */
};

struct emac_env {
    void *ctx;
    /* A frame's first bit leaves at now_ns. Where the driver supplies the FCS itself (10), the last
     * four bytes that it wrote are taken for it: length does not count them, and bad_fcs says
     * whether they are wrong. The bytes are the model's, until return. Not called in loopback, nor
     * without a link. */
    void (*transmit)(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs,
                     uint64_t now_ns);
    /* (IntStatus & IntEnable) != 0 has changed. */
    void (*interrupt)(void *ctx, bool level);
    /* Memory as DMA sees it: `bytes` from bus address `addr`. NULL: not all of it is there. */
    void *(*memory)(void *ctx, uint32_t addr, uint32_t bytes);
    /* NULL: nothing is injected. */
    struct emac_tx_fault (*tx_fault)(void *ctx, const uint8_t *bytes, uint32_t length);
    guest_error_fn *guest_error;
    struct mii_phy phy;
    /* The frame that transmit() was last called with ends here, after `bytes` bytes behind the SFD:
     * a reset stopped it in mid-frame (14.1), or the clock went. NULL: nobody asks. */
    void (*cut)(void *ctx, uint32_t bytes, uint64_t now_ns);
};

struct emac; /* no address in it but those of env: it may be copied to another place */

size_t emac_size(void);
/* In `memory` (emac_size() bytes, 16-byte aligned): as after chip reset. Copies env and knobs. */
struct emac *emac_init(void *memory, const struct emac_env *env, const struct emac_knobs *knobs);
/* Chip reset: registers to their reset values, engines stopped, nothing in flight. */
void emac_reset(struct emac *e, uint64_t now_ns);

/* Offset within the window, 32 bits; anything else is the caller's guest error. */
uint32_t emac_read(struct emac *e, uint32_t offset, uint64_t now_ns);
void emac_write(struct emac *e, uint32_t offset, uint32_t value, uint64_t now_ns);
const char *emac_register_name(uint32_t offset); /* NULL: reserved */
/* For a debugger: what a register had after the last access or advance. No time passes and nothing
 * is reported; 0 where no register is, or a write-only one. */
uint32_t emac_peek(const struct emac *e, uint32_t offset);

/* When something is to happen by itself: management cycle done, frame sent, pause over, mirror
 * counter; EMAC_NEVER: nothing is. */
uint64_t emac_next(const struct emac *e);
/* Does all that is due up to now_ns, each thing at its own time. */
void emac_advance(struct emac *e, uint64_t now_ns);
/* A transmitter without the PHY's clock stands still, and goes on at the first call of any of these
 * functions after the clock has come back: call emac_advance() when the PHY's state has changed. */

/* The bus hangs since a Command reset was written without the PHY's clock (E5, knob): accesses do
 * nothing until emac_reset(), as after the watchdog's. */
bool emac_hung(const struct emac *e);

/* Optional: a frame's first bit arrives now, its last will (emac_receive()) at until_ns. With it
 * RxStatus stays set while the frame is in flight, a frame whose RxEnable is cleared in the middle
 * is still completed (else it is lost, as Status says idle), and half duplex defers. */
void emac_carrier(struct emac *e, uint64_t until_ns, uint64_t now_ns);

/* A frame whose last bit has just arrived. faults: EMAC_RX_x; cut: bytes for EMAC_RX_CUT. FCS is
 * made here unless fcs is given (4 bytes in wire order). */
struct emac_arrival {
    const uint8_t *bytes;
    uint32_t length;
    const uint8_t *fcs;
    unsigned faults;
    uint32_t cut;
};
void emac_receive(struct emac *e, const struct emac_arrival *frame, uint64_t now_ns);

/* What became of frames, beyond what registers tell: for reports and tests. */
struct emac_counters {
    uint64_t rx_stored, rx_filtered, rx_runt, rx_disabled, rx_overrun, rx_error, rx_pause,
        rx_no_link, rx_reset; /* lost to a reset in mid-frame */
    uint64_t rx_collided;     /* with our back-pressure */
    uint64_t rx_woke;         /* waking frames, which are lost */
    uint64_t tx_sent, tx_error, tx_no_link, tx_pause;
    uint64_t tx_looped; /* of tx_sent: came back instead of going out */
};
void emac_counters(const struct emac *e, struct emac_counters *out);

/* The filter's arithmetic (sheet, 9.2): CRC register after `bytes`; hash index is bits 28:23. */
uint32_t emac_hash_crc(const uint8_t *bytes, size_t count);

/* NULL, or the first broken invariant, in words. */
const char *emac_check(const struct emac *e);

#endif
