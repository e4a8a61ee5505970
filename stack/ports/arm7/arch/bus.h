/* ports/arm7/arch/bus.h: the processor's own bus. Contract: stack/drivers/bus.h.
 *
 * Bus addresses are pointers. Each access is volatile and a barrier to the compiler; the processor
 * itself does everything in order (ARM7TDMI-S has neither cache nor write buffer). DMA of the
 * Ethernet block reaches its own 16 KB of RAM; the local RAM at 0x40000000 it does not (UM10237
 * ch. Ethernet; sheet 2.1). External memory, where a board has it, can be allowed for with
 * LPC2468_EXTERNAL_DMA_BASE and _SIZE. */
#ifndef LWIP_ARCH_BUS_H
#define LWIP_ARCH_BUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ARM7_ETHERNET_RAM_BASE 0x7fe00000u
#define ARM7_ETHERNET_RAM_SIZE 0x4000u

#ifndef LPC2468_EXTERNAL_DMA_BASE
#define LPC2468_EXTERNAL_DMA_BASE 0x80000000u
#define LPC2468_EXTERNAL_DMA_SIZE 0u
#endif

struct bus {
    char nothing; /* there is one bus, and it needs no state */
};

static inline uint32_t bus_read32(struct bus *bus, uint32_t addr)
{
    (void)bus;
    uint32_t value = *(volatile uint32_t *)(uintptr_t)addr;
    __asm__ volatile("" ::: "memory");
    return value;
}

static inline void bus_write32(struct bus *bus, uint32_t addr, uint32_t value)
{
    (void)bus;
    __asm__ volatile("" ::: "memory");
    *(volatile uint32_t *)(uintptr_t)addr = value;
}

static inline void *bus_pointer(struct bus *bus, uint32_t addr, uint32_t bytes)
{
    (void)bus;
    (void)bytes;
    return (void *)(uintptr_t)addr;
}

static inline int bus_within(uint32_t addr, uint32_t bytes, uint32_t base, uint32_t size)
{
    return addr - base < size && bytes <= size - (addr - base);
}

static inline uint32_t bus_address(struct bus *bus, const void *p, uint32_t bytes)
{
    (void)bus;
    uint32_t addr = (uint32_t)(uintptr_t)p;
    if (bus_within(addr, bytes, ARM7_ETHERNET_RAM_BASE, ARM7_ETHERNET_RAM_SIZE) ||
        bus_within(addr, bytes, LPC2468_EXTERNAL_DMA_BASE, LPC2468_EXTERNAL_DMA_SIZE))
        return addr;
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
