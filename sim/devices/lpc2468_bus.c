/* sim/devices/lpc2468_bus.c: who answers at an address, and what is wrong with the access.
 *
 * Start with lpc2468_read(). An access that the manual forbids is reported and done as
 * sim/devices/guest_error.h says for its kind. */
#include "sim/devices/lpc2468_state.h"

#include <assert.h>
#include <stddef.h>

static const struct lpc2468_block *const blocks[] = {
    &lpc2468_timer_blocks[0], &lpc2468_timer_blocks[1], &lpc2468_uart_block,
    &lpc2468_gpio_block,      &lpc2468_pins_block,      &lpc2468_timer_blocks[2],
    &lpc2468_timer_blocks[3], &lpc2468_system_block,    &lpc2468_vic_block,
    &lpc2468_fio_block};
enum { BLOCKS = sizeof blocks / sizeof blocks[0] };

void lpc2468_report(struct lpc2468 *c, enum guest_error_kind kind, bool write, const char *reg,
                    uint32_t addr, uint32_t value, const char *what)
{
    struct guest_error error = {.kind = kind, .write = write, .reg = reg, .addr = addr,
                                .value = value, .pc = c->pc, .t_ns = c->now_ns, .what = what};

    if (c->env.guest_error != NULL)
        c->env.guest_error(c->env.ctx, &error);
}

void lpc2468_reserved(struct lpc2468 *c, const char *reg, uint32_t addr, uint32_t value)
{
    lpc2468_report(c, GUEST_RESERVED_BITS, true, reg, addr, value,
                   "a bit that does not exist was written as 1");
}

void lpc2468_block_reset(uint32_t *words, const struct lpc2468_block *block)
{
    for (unsigned i = 0; i < block->count; i++)
        words[i] = block->table[i].reset;
}

static bool in_range(uint32_t addr, uint32_t base, uint32_t size)
{
    return addr - base < size;
}

static const struct lpc2468_block *block_at(uint32_t addr)
{
    for (unsigned i = 0; i < BLOCKS; i++)
        if (in_range(addr, blocks[i]->base, blocks[i]->size))
            return blocks[i];
    return NULL;
}

/* Index in the block's table; its count: nothing is there. */
static unsigned index_of(const struct lpc2468_block *block, uint32_t addr)
{
    unsigned i = 0;

    while (i < block->count && block->table[i].offset != addr - block->base)
        i++;
    return i;
}

static bool is_emac(uint32_t addr)
{
    return in_range(addr, EMAC_BASE, EMAC_SIZE);
}

const char *lpc2468_register_name(uint32_t addr)
{
    if (is_emac(addr))
        return emac_register_name(addr - EMAC_BASE);
    const struct lpc2468_block *block = block_at(addr);
    if (block == NULL)
        return NULL;
    unsigned index = index_of(block, addr);
    return index < block->count ? block->table[index].name : NULL;
}

bool lpc2468_register_counts(uint32_t addr)
{
    for (unsigned unit = 0; unit < TIMERS; unit++)
        if (in_range(addr, lpc2468_timer_blocks[unit].base, LPC2468_APB_SLOT))
            return true;
    return addr == EMAC_BASE + EMAC_FLOW_STATUS;
}

static const char *name_or_nothing(uint32_t addr)
{
    const char *name = lpc2468_register_name(addr);

    return name != NULL ? name : "";
}

/* One access on its way through. addr is that of the word once the width was judged. */
struct access {
    uint32_t addr, value;
    unsigned bytes;
    bool write;
};

static void blame(struct lpc2468 *c, enum guest_error_kind kind, const struct access *a,
                  const char *what)
{
    lpc2468_report(c, kind, a->write, name_or_nothing(a->addr & ~3u), a->addr, a->value, what);
}

/* A register's width and alignment; goes on as 32 bits at the word's address. */
static void judge_width(struct lpc2468 *c, struct access *a, enum lpc2468_width width)
{
    if (a->bytes == 4 && a->addr % 4 != 0)
        blame(c, GUEST_MISALIGNED, a, "a register stands at a multiple of 4");
    else if (a->bytes != 4 && !(width == LPC2468_NARROW && a->addr % 4 == 0))
        blame(c, GUEST_WIDTH, a, "a register takes 32 bits at a time");
    a->addr &= ~3u;
}

/* Of a register whose bytes stand by themselves: the access as one to the word, of which only
 * c->lanes counts. Gives how far a value read is to be shifted. */
static unsigned take_lanes(struct lpc2468 *c, struct access *a)
{
    if (a->addr % a->bytes != 0)
        blame(c, GUEST_MISALIGNED, a, "the address is no multiple of the width");
    a->addr &= ~(a->bytes - 1u);
    unsigned shift = 8 * (a->addr % 4);
    c->lanes = (a->bytes == 4 ? 0xffffffffu : (1u << 8 * a->bytes) - 1u) << shift;
    a->value <<= shift;
    a->addr &= ~3u;
    return shift;
}

static uint32_t access_emac(struct lpc2468 *c, struct access *a)
{
    if (!lpc2468_is_powered(c, PCONP_ENET)) {
        blame(c, GUEST_UNPOWERED, a, "the EMAC has no power: PCONP.PCENET is 0");
        return 0;
    }
    judge_width(c, a, LPC2468_WORDS);
    uint32_t offset = a->addr - EMAC_BASE;
    if (emac_register_name(offset) == NULL) {
        blame(c, GUEST_UNMAPPED, a, "no register of the EMAC is there");
        return 0;
    }
    if (!a->write)
        return lpc2468_ethernet_read(c, offset);
    lpc2468_ethernet_write(c, offset, a->value);
    return 0;
}

static void write_block(struct lpc2468 *c, const struct lpc2468_block *block, unsigned index,
                        struct access *a)
{
    const struct lpc2468_register *r = &block->table[index];

    if (block != &lpc2468_system_block || index != SYS_PLLFEED)
        c->pll_fed = false;
    if (r->access == LPC2468_RO) {
        blame(c, GUEST_READ_ONLY, a, "the register is read-only");
        return;
    }
    if (a->value & ~r->mask && !r->lenient)
        lpc2468_reserved(c, r->name, a->addr, a->value);
    block->write(c, block->unit, index, a->value & r->mask);
}

static uint32_t access_block(struct lpc2468 *c, const struct lpc2468_block *block,
                             struct access *a)
{
    if (block->power != 0 && !lpc2468_is_powered(c, block->power)) {
        blame(c, GUEST_UNPOWERED, a, "the part has no power: its bit in PCONP is 0");
        return 0;
    }
    unsigned shift = 0;
    if (block->width == LPC2468_LANES)
        shift = take_lanes(c, a);
    else
        judge_width(c, a, block->width);
    unsigned index = index_of(block, a->addr);
    if (index == block->count) {
        blame(c, GUEST_UNMAPPED, a, "no register is there");
        return 0;
    }
    if (a->write) {
        write_block(c, block, index, a);
        return 0;
    }
    if (block->table[index].access == LPC2468_WO) {
        blame(c, GUEST_WRITE_ONLY, a, "the register is write-only");
        return 0;
    }
    return block->read(c, block->unit, index) >> shift;
}

/* Memory behind an address, NULL: there is none. MEMMAP may put other vectors at 0. */
static uint8_t *memory_at(const struct lpc2468 *c, uint32_t addr, uint32_t bytes, bool *read_only)
{
    *read_only = false;
    if (addr < 0x40u && c->system[SYS_MEMMAP] == 2)
        addr += LPC2468_RAM_BASE;
    if (in_range(addr, LPC2468_RAM_BASE, LPC2468_RAM_SIZE) && c->env.ram != NULL)
        return (uint8_t *)c->env.ram + (addr - LPC2468_RAM_BASE);
    if (in_range(addr, LPC2468_ETHERNET_RAM_BASE, LPC2468_ETHERNET_RAM_SIZE))
        return c->ethernet_ram + (addr - LPC2468_ETHERNET_RAM_BASE);
    if (addr >= LPC2468_EXTERNAL_BASE && addr < LPC2468_EXTERNAL_END && c->env.external != NULL)
        return c->env.external(c->env.ctx, addr, bytes);
    if (in_range(addr, LPC2468_FLASH_BASE, LPC2468_FLASH_SIZE) && c->env.flash != NULL) {
        *read_only = true;
        return (uint8_t *)c->env.flash + (addr - LPC2468_FLASH_BASE);
    }
    return NULL;
}

static uint32_t get_bytes(const uint8_t *from, unsigned bytes)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < bytes; i++)
        value |= (uint32_t)from[i] << 8 * i;
    return value;
}

static void put_bytes(uint8_t *to, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t access_memory(struct lpc2468 *c, struct access *a)
{
    bool read_only;
    uint32_t aligned = a->addr & ~(a->bytes - 1u);
    uint8_t *at = memory_at(c, aligned, a->bytes, &read_only);

    if (at == NULL) {
        blame(c, GUEST_UNMAPPED, a, "nothing is at this address");
        return 0;
    }
    if (aligned != a->addr)
        blame(c, GUEST_MISALIGNED, a, "the address is no multiple of the width");
    if (!a->write)
        return get_bytes(at, a->bytes);
    if (read_only)
        blame(c, GUEST_READ_ONLY, a, "flash is not written like memory");
    else
        put_bytes(at, a->bytes, a->value);
    return 0;
}

static uint32_t do_access(struct lpc2468 *c, struct access *a, uint64_t now_ns)
{
    const struct lpc2468_block *block = block_at(a->addr);

    assert(a->bytes == 1 || a->bytes == 2 || a->bytes == 4);
    if (is_emac(a->addr)) {
        lpc2468_advance_around_emac(c, now_ns);
        return access_emac(c, a);
    }
    lpc2468_advance(c, now_ns); /* memory, too: DMA may have been there */
    return block != NULL ? access_block(c, block, a) : access_memory(c, a);
}

uint32_t lpc2468_read(struct lpc2468 *c, uint32_t addr, unsigned bytes, uint64_t now_ns)
{
    struct access a = {.addr = addr, .bytes = bytes};
    uint32_t value = do_access(c, &a, now_ns);

    return bytes < 4 ? value & ((1u << 8 * bytes) - 1u) : value;
}

void lpc2468_write(struct lpc2468 *c, uint32_t addr, uint32_t value, unsigned bytes,
                   uint64_t now_ns)
{
    struct access a = {.addr = addr, .value = value, .bytes = bytes, .write = true};

    if (bytes < 4)
        a.value &= (1u << 8 * bytes) - 1u;
    do_access(c, &a, now_ns);
}
