/* lpc2468_bench.h: a chip on the bench: what it reported, and short words for accesses.
 *
 * A guest error that a test did not ask for fails it at the next access. */
#ifndef UNIT_DEVICES_LPC2468_BENCH_H
#define UNIT_DEVICES_LPC2468_BENCH_H

#include "sim/devices/dm9161_regs.h"
#include "sim/devices/lpc2468.h"
#include "sim/devices/lpc2468_regs.h"

#include "unit.h"

#include <stdlib.h>

#define MS UINT64_C(1000000)
#define NO_TIME UINT64_MAX

#define SYSTEM(offset) (LPC2468_SYSTEM_BASE + (offset))
#define VIC(offset) (LPC2468_VIC_BASE + (offset))
#define EMAC(offset) (EMAC_BASE + (offset))
#define T0(offset) (LPC2468_T0_BASE + (offset))
#define U0(offset) (LPC2468_UART0_BASE + (offset))
#define PINSEL(n) (LPC2468_PINSEL_BASE + 4u * (n))
#define A_PCONP SYSTEM(0xc4u)
#define A_EXTINT SYSTEM(0x140u)
#define A_EXTMODE SYSTEM(0x148u)
#define A_EXTPOLAR SYSTEM(0x14cu)
#define A_PCLKSEL0 SYSTEM(0x1a8u)
#define A_PCLKSEL1 SYSTEM(0x1acu)
#define A_VIC_ENABLE VIC(0x010u)
#define A_VIC_CLEAR VIC(0x014u)
#define A_VIC_ADDRESS VIC(0xf00u)
#define A_VECT(n) VIC(0x100u + 4u * (n))
#define A_PRIO(n) VIC(0x200u + 4u * (n))

struct chip_bench {
    struct chip_bench *before;
    struct lpc2468 *chip;
    uint64_t now_ns;
    struct guest_error error; /* the last one */
    unsigned errors;
    bool irq, fiq;
    unsigned irq_changes;
    uint64_t irq_ns; /* of the last change, as far as the test moved time */
    char console[64];
    unsigned printed;
    bool link;
    uint8_t frame[2048]; /* the last one sent */
    uint32_t frame_length;
    bool frame_bad_fcs;
    unsigned frames;
    uint64_t frame_ns;
    uint32_t cut_bytes;
    unsigned cuts;
    struct emac_tx_fault tx_fault;
    void (*heard)(struct chip_bench *b); /* a frame was sent; NULL: nobody listens */
    void *owner;
    uint8_t external[4096]; /* at 0x80000000 */
    uint8_t *flash, *ram;
};

static inline void chip_irq(void *ctx, bool irq, bool fiq)
{
    struct chip_bench *b = ctx;

    CHECK(irq != b->irq || fiq != b->fiq);
    b->irq = irq;
    b->fiq = fiq;
    b->irq_changes++;
    b->irq_ns = b->now_ns;
}

static inline void chip_error(void *ctx, const struct guest_error *error)
{
    struct chip_bench *b = ctx;

    b->error = *error;
    b->errors++;
}

static inline void chip_console(void *ctx, char byte)
{
    struct chip_bench *b = ctx;

    CHECK(b->printed < sizeof b->console);
    b->console[b->printed++] = byte;
}

static inline void chip_link(void *ctx, bool up, uint64_t now_ns)
{
    struct chip_bench *b = ctx;

    (void)now_ns;
    b->link = up;
}

static inline void chip_transmit(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs,
                                 uint64_t now_ns)
{
    struct chip_bench *b = ctx;

    CHECK(length <= sizeof b->frame);
    memcpy(b->frame, bytes, length);
    b->frame_length = length;
    b->frame_bad_fcs = bad_fcs;
    b->frame_ns = now_ns;
    b->frames++;
    if (b->heard != NULL)
        b->heard(b);
}

static inline void chip_cut(void *ctx, uint32_t bytes, uint64_t now_ns)
{
    struct chip_bench *b = ctx;

    (void)now_ns;
    b->cut_bytes = bytes;
    b->cuts++;
}

static inline struct emac_tx_fault chip_tx_fault(void *ctx, const uint8_t *bytes, uint32_t length)
{
    struct chip_bench *b = ctx;

    (void)bytes;
    (void)length;
    return b->tx_fault;
}

static inline void *chip_external(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct chip_bench *b = ctx;
    uint32_t offset = addr - 0x80000000u;

    if (offset > sizeof b->external || bytes > sizeof b->external - offset)
        return NULL;
    return b->external + offset;
}

/* A process per test: what is allocated here ends with it, and is found from here until then. */
static struct chip_bench *chip_last;

static inline struct chip_bench *chip_with(const struct lpc2468_config *config)
{
    struct chip_bench *b = calloc(1, sizeof *b);
    CHECK(b != NULL);
    b->before = chip_last;
    chip_last = b;
    b->flash = calloc(1, LPC2468_FLASH_SIZE);
    b->ram = calloc(1, LPC2468_RAM_SIZE);
    struct lpc2468_env env = {.ctx = b,
                              .transmit = chip_transmit,
                              .cut = chip_cut,
                              .irq = chip_irq,
                              .link = chip_link,
                              .console = chip_console,
                              .tx_fault = chip_tx_fault,
                              .guest_error = chip_error,
                              .flash = b->flash,
                              .ram = b->ram,
                              .external = chip_external};
    b->chip = lpc2468_init(aligned_alloc(16, lpc2468_size()), &env, config, 0);
    return b;
}

/* For tests with very many: the last one goes. */
static inline void chip_free(struct chip_bench *b)
{
    CHECK(b == chip_last);
    chip_last = b->before;
    free(b->chip);
    free(b->flash);
    free(b->ram);
    free(b);
}

static inline struct chip_bench *chip_new(void)
{
    return chip_with(&(struct lpc2468_config){.phy = {.address = 1, .rmii = true}});
}

/* As a start-up leaves it: power and pins for RMII and EINT0. */
static inline struct chip_bench *chip_ready(void)
{
    return chip_with(
        &(struct lpc2468_config){.phy = {.address = 1, .rmii = true}, .powered = true});
}

static inline void chip_sound(const struct chip_bench *b)
{
    const char *broken = lpc2468_check(b->chip);

    CHECKF(broken == NULL, "%s", broken);
    CHECKF(b->errors == 0, "%s: %s 0x%08x, %s", guest_error_name(b->error.kind), b->error.reg,
           b->error.value, b->error.what);
    CHECK(lpc2468_irq(b->chip) == b->irq && lpc2468_fiq(b->chip) == b->fiq);
}

static inline uint32_t get(struct chip_bench *b, uint32_t addr)
{
    uint32_t value = lpc2468_read(b->chip, addr, 4, b->now_ns);

    chip_sound(b);
    return value;
}

static inline void set(struct chip_bench *b, uint32_t addr, uint32_t value)
{
    lpc2468_write(b->chip, addr, value, 4, b->now_ns);
    chip_sound(b);
}

static inline void chip_until(struct chip_bench *b, uint64_t t_ns)
{
    b->now_ns = t_ns;
    lpc2468_advance(b->chip, t_ns);
    chip_sound(b);
}

static inline void chip_for(struct chip_bench *b, uint64_t ns)
{
    chip_until(b, b->now_ns + ns);
}

/* The one error that happened since the last call. */
static inline void expect_error(struct chip_bench *b, enum guest_error_kind kind, bool write,
                                const char *reg, uint32_t addr, uint32_t value)
{
    CHECKF(b->errors == 1, "%u errors for %s 0x%08x", b->errors, reg, addr);
    CHECKF(b->error.kind == kind, "%s instead of %s for %s 0x%08x",
           guest_error_name(b->error.kind), guest_error_name(kind), reg, addr);
    CHECKF(strcmp(b->error.reg, reg) == 0, "%s instead of %s", b->error.reg, reg);
    CHECK(b->error.write == write && b->error.what != NULL);
    CHECK_INT(b->error.addr, addr);
    CHECK_INT(b->error.value, value);
    CHECK_INT(b->error.t_ns, b->now_ns);
    b->errors = 0;
    chip_sound(b);
}

static inline void read_fails(struct chip_bench *b, uint32_t addr, unsigned bytes,
                              enum guest_error_kind kind, const char *reg)
{
    CHECK_INT(lpc2468_read(b->chip, addr, bytes, b->now_ns), 0);
    expect_error(b, kind, false, reg, addr, 0);
}

static inline void write_fails(struct chip_bench *b, uint32_t addr, uint32_t value, unsigned bytes,
                               enum guest_error_kind kind, const char *reg)
{
    lpc2468_write(b->chip, addr, value, bytes, b->now_ns);
    expect_error(b, kind, true, reg, addr, value);
}

#endif
