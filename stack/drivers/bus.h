/* stack/drivers/bus.h: how a driver reaches its hardware, and nothing else it may use.
 *
 * The port's arch/bus.h says what a bus is: on a microcontroller the processor's own one, in a
 * simulator a table of functions. A driver is given a `struct bus *` and hands it back with each
 * call; two devices may have two buses. arch/bus.h defines, as functions or static inline ones:
 *
 * struct bus;
 *
 * uint32_t bus_read32(struct bus *bus, uint32_t addr);
 * void bus_write32(struct bus *bus, uint32_t addr, uint32_t value);
 *     One 32-bit access at bus address addr, a multiple of 4: a register, or a descriptor in memory
 *     that DMA reaches. Accesses happen as often and in the order in which they are written, and
 *     the compiler moves no access to memory across them: what was written to a buffer before
 *     bus_write32() is there when the device looks, what is read after bus_read32() is what the
 *     device had put there by then.
 *
 * void *bus_pointer(struct bus *bus, uint32_t addr, uint32_t bytes);
 *     Where the processor sees `bytes` of DMA memory at bus address addr. NULL: it does not.
 *
 * uint32_t bus_address(struct bus *bus, const void *p, uint32_t bytes);
 *     The bus address at which DMA finds the `bytes` at p; 0: DMA does not reach all of them. */
#ifndef STACK_DRIVERS_BUS_H
#define STACK_DRIVERS_BUS_H

#include <stdint.h>

#include "arch/bus.h"

#endif
