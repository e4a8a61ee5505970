/* guest_error.c: names of the kinds. Contract: guest_error.h. */
#include "sim/devices/guest_error.h"

#include <stddef.h>

const char *guest_error_name(enum guest_error_kind kind)
{
    static const char *const names[GUEST_ERROR_KINDS] = {
        [GUEST_MISALIGNED] = "misaligned",
        [GUEST_WIDTH] = "width",
        [GUEST_UNMAPPED] = "unmapped",
        [GUEST_UNPOWERED] = "unpowered",
        [GUEST_POWERED_DOWN] = "powered_down",
        [GUEST_READ_ONLY] = "read_only",
        [GUEST_WRITE_ONLY] = "write_only",
        [GUEST_RESERVED_BITS] = "reserved_bits",
        [GUEST_NO_CLOCK] = "no_clock",
        [GUEST_MII_BUSY] = "mii_busy",
        [GUEST_BASE_MISALIGNED] = "base_misaligned",
        [GUEST_RING_LIVE] = "ring_live",
        [GUEST_RING_INDEX] = "ring_index",
        [GUEST_DMA_RANGE] = "dma_range",
        [GUEST_DESCRIPTOR] = "descriptor",
        [GUEST_SIZE] = "size",
        [GUEST_DUPLEX] = "duplex",
        [GUEST_FRAME] = "frame",
        [GUEST_INTERRUPT] = "interrupt",
        [GUEST_CPU] = "cpu",
    };

    return (unsigned)kind < GUEST_ERROR_KINDS ? names[kind] : "unknown";
}
