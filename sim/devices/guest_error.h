/* sim/devices/guest_error.h: what a driver does and the manual forbids.
 *
 * The chip does something or other then; a model goes on in the way stated with each kind, and
 * reports. A scenario that did not expect the report fails. */
#ifndef SIM_DEVICES_GUEST_ERROR_H
#define SIM_DEVICES_GUEST_ERROR_H

#include <stdbool.h>
#include <stdint.h>

enum guest_error_kind {
    GUEST_MISALIGNED,      /* address no multiple of the width: rounded down */
    GUEST_WIDTH,           /* a register takes 32 bits at a time: done as 32 bits */
    GUEST_UNMAPPED,        /* nothing there: reads 0, writes are lost */
    GUEST_UNPOWERED,       /* PCONP bit is off: reads 0, writes are lost */
    GUEST_POWERED_DOWN,    /* EMAC's PowerDown is set: bus error; reads 0, writes are lost */
    GUEST_READ_ONLY,       /* write to a read-only register: lost */
    GUEST_WRITE_ONLY,      /* read of a write-only register: 0 */
    GUEST_RESERVED_BITS,   /* a 1 written to a reserved bit: that bit is lost */
    GUEST_NO_CLOCK,        /* needs the PHY's clock, which does not run: done all the same, or the
                            * bus hangs (knob hang_without_clock) */
    GUEST_MII_BUSY,        /* MII management used while it is busy: the cycle starts over */
    GUEST_BASE_MISALIGNED, /* descriptor or status array: low bits are lost */
    GUEST_RING_LIVE,       /* base or number changed in an enabled channel: taken */
    GUEST_RING_INDEX,      /* index beyond the number, or passing the other one: taken modulo */
    GUEST_DMA_RANGE,       /* array or buffer not wholly in the memory DMA reaches: channel stops */
    GUEST_DESCRIPTOR,      /* descriptor changed after it was handed over: the old one is used */
    GUEST_SIZE,            /* receive buffer of one byte: Size, the length less one, is 0, as in a
                            * descriptor that nobody has filled in; taken as it is */
    GUEST_DUPLEX,          /* MAC2 and Command disagree when a frame is sent: Command counts;
                            * reported once until one of them is written again */
    GUEST_FRAME,           /* frame that cannot be sent: shorter than its addresses (goes out as it
                            * is), or over MAXF (is cut there) */
    GUEST_INTERRUPT,       /* VICAddress written with no interrupt in service: ignored */
    GUEST_CPU,             /* the processor: undefined instruction, abort, unexpected exception */
    GUEST_ERROR_KINDS
};

struct guest_error {
    enum guest_error_kind kind;
    bool write;        /* of an access */
    const char *reg;   /* the manual's name, "TxProduceIndex"; "" where there is none */
    uint32_t addr;     /* bus address; 0: none */
    uint32_t value;    /* written, or what was found wrong */
    uint32_t pc;       /* of a firmware's instruction; 0: a driver on the host */
    uint64_t t_ns;
    const char *what;  /* static text: what is wrong and what was expected */
};

typedef void guest_error_fn(void *ctx, const struct guest_error *error);

const char *guest_error_name(enum guest_error_kind kind); /* "ring_live" */

#endif
