/* lockwire/bus_table.h: a bus that is a table of functions, for ports without the real hardware.
 *
 * Such a port's arch/bus.h includes this; what each function has to do is said in
 * stack/drivers/bus.h. */
#ifndef LOCKWIRE_BUS_TABLE_H
#define LOCKWIRE_BUS_TABLE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct bus {
    void *ctx;
    uint32_t (*read32)(void *ctx, uint32_t addr);
    void (*write32)(void *ctx, uint32_t addr, uint32_t value);
    void *(*pointer)(void *ctx, uint32_t addr, uint32_t bytes);
    uint32_t (*address)(void *ctx, const void *p, uint32_t bytes);
};

static inline uint32_t bus_read32(struct bus *bus, uint32_t addr)
{
    return bus->read32(bus->ctx, addr);
}

static inline void bus_write32(struct bus *bus, uint32_t addr, uint32_t value)
{
    bus->write32(bus->ctx, addr, value);
}

static inline void *bus_pointer(struct bus *bus, uint32_t addr, uint32_t bytes)
{
    return bus->pointer(bus->ctx, addr, bytes);
}

static inline uint32_t bus_address(struct bus *bus, const void *p, uint32_t bytes)
{
    return bus->address(bus->ctx, p, bytes);
}

#ifdef __cplusplus
}
#endif

#endif
