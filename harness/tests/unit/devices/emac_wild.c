/* Anything goes: random accesses with random values, random memory under the rings, frames and PHY
 * states at random, from drivers that follow no rule. The model reports and stays whole. */
#include "emac_bench.h"

#include "sim/prng.h"

static const uint32_t offsets[] = {
    MAC1, MAC2, IPGT, IPGR, CLRT, MAXF, SUPP, TEST, MCFG, MCMD, MADR, MWTD, MRDD, MIND, SA0, SA1,
    SA2, COMMAND, STATUS, RX_DESCRIPTOR, RX_STATUS, RX_NUMBER, RX_PRODUCE, RX_CONSUME,
    TX_DESCRIPTOR, TX_STATUS, TX_NUMBER, TX_PRODUCE, TX_CONSUME, FLOW_COUNTER, FLOW_STATUS, FILTER,
    WOL_STATUS, WOL_CLEAR, HASH_L, HASH_H, INT_STATUS, INT_ENABLE, INT_CLEAR, INT_SET, MODULE_ID};
#define OFFSETS (sizeof offsets / sizeof offsets[0])

/* Mostly values that lead somewhere. */
static uint32_t value_for(struct prng *p, uint32_t offset)
{
    switch (prng_below(p, 8)) {
    case 0:
        return (uint32_t)prng_u64(p);
    case 1:
        return (uint32_t)prng_below(p, 0x10000);
    default:
        break;
    }
    switch (offset) {
    case MAC1:
        return (uint32_t)prng_below(p, 4) == 0 ? (uint32_t)prng_below(p, 0x10000) : 0xf;
    case COMMAND:
        return (uint32_t)prng_below(p, 16) == 0 ? (uint32_t)prng_below(p, 0x800) : 0x6c3;
    case RX_DESCRIPTOR:
    case RX_STATUS:
    case TX_DESCRIPTOR:
    case TX_STATUS:
        return RAM + (uint32_t)prng_below(p, RAM_SIZE + 8);
    case RX_NUMBER:
    case TX_NUMBER:
    case RX_CONSUME:
    case TX_PRODUCE:
        return (uint32_t)prng_below(p, 12);
    case FILTER:
        return 0x3f;
    default:
        return (uint32_t)prng_below(p, 0x100);
    }
}

static void memory(struct bench *b, struct prng *p)
{
    uint32_t at = (uint32_t)prng_below(p, RAM_SIZE / 4) * 4;

    if (prng_below(p, 2) == 0)
        ram32_set(b, RAM + at, RAM + (uint32_t)prng_below(p, RAM_SIZE));
    else
        ram32_set(b, RAM + at, (uint32_t)prng_u64(p));
}

static void wild_arrival(struct bench *b, struct prng *p)
{
    uint8_t f[300];
    struct emac_arrival a = {.bytes = f, .length = (uint32_t)prng_below(p, sizeof f + 1),
                             .cut = (uint32_t)prng_below(p, 320)};

    for (uint32_t i = 0; i < sizeof f; i++)
        f[i] = (uint8_t)prng_u64(p);
    if (prng_below(p, 4) == 0)
        memcpy(f, "\x01\x80\xc2\x00\x00\x01\1\1\1\1\1\1\x88\x08\x00\x01", 16);
    if (prng_below(p, 2) == 0)
        a.faults = (unsigned)prng_below(p, 256);
    if (prng_below(p, 4) == 0)
        a.fcs = f + 10;
    emac_receive(b->e, &a, b->now);
}

static void phy(struct bench *b, struct prng *p)
{
    uint64_t r = prng_u64(p);

    b->medium = (struct mii_state){.clock = (r & 0x70) != 0, .link = (r & 0x380) != 0,
                                   .full_duplex = r & 1, .loopback = (r & 0xe) == 0,
                                   .isolated = (r & 0x1c00) == 0, .mbps = r & 0x10000 ? 10 : 100};
}

static void wild_step(struct bench *b, struct prng *p)
{
    uint32_t offset = offsets[prng_below(p, OFFSETS)];

    switch (prng_below(p, 10)) {
    case 0:
    case 1:
    case 2:
    case 3:
        wr(b, offset, value_for(p, offset));
        break;
    case 4:
        rd(b, offset);
        break;
    case 5:
        wild_arrival(b, p);
        break;
    case 6:
        memory(b, p);
        break;
    case 7:
        b->fault = (struct emac_tx_fault){(uint16_t)prng_below(p, 20), prng_below(p, 4) == 0,
                                          prng_below(p, 8) == 0, prng_below(p, 4) == 0,
                                          prng_below(p, 4) == 0, prng_below(p, 32) == 0};
        break;
    case 8:
        if (prng_below(p, 100) == 0)
            phy(b, p);
        if (prng_below(p, 200) == 0)
            emac_carrier(b->e, b->now + prng_below(p, 100000), b->now);
        if (prng_below(p, 500) == 0)
            emac_reset(b->e, b->now);
        if (prng_below(p, 500) == 0)
            wr(b, POWER, 0x80000000);
        break;
    default:
        wr(b, POWER, 0);
        b->now += prng_below(p, 100000);
        emac_advance(b->e, b->now);
    }
}

static void wild(uint64_t seed, const struct emac_knobs *knobs)
{
    struct bench *b = bench_started(knobs);
    struct prng p;

    b->watched = true;
    prng_init(&p, seed, "emac.wild");
    for (unsigned i = 0; i < 200000; i++) {
        if (i % 200 == 0) { /* and now and then from the start again, as it should be */
            b->medium = (struct mii_state){.clock = true, .link = true, .mbps = 100,
                                           .full_duplex = i % 400 == 0};
            wr(b, POWER, 0);
            emac_reset(b->e, b->now);
            bench_start(b, 4, 4, BUFFER);
            wr(b, FILTER, 0x3f);
            wr(b, COMMAND, rd(b, COMMAND) | 0xc0);
            tx_send(b, frame(STATION, 8 + i % 100, 1), 8 + i % 100);
        }
        wild_step(b, &p);
        const char *broken = emac_check(b->e);
        CHECKF(broken == NULL, "step %u: %s", i, broken);
    }
    for (unsigned kind = GUEST_POWERED_DOWN; kind <= GUEST_FRAME; kind++)
        CHECKF(b->errors[kind] > 0, "no %s", guest_error_name((enum guest_error_kind)kind));
    CHECK(b->sent_count > 100 && counters(b).rx_stored + counters(b).rx_error > 100);
    bench_end(b);
}

UNIT(emac_wild, nothing_breaks_the_model)
{
    wild(1, NULL);
}

UNIT(emac_wild, nothing_breaks_it_with_other_knobs)
{
    wild(2, &(struct emac_knobs){.tx_consume_erratum = true, .rx_number_erratum = true,
                                 .no_fcs_stored = true, .finished_when_empty = true, .dma_ns = 3000,
                                 .prefetch = 255, .mcfg_width = 4, .power_down_erratum = true,
                                 .dma_anywhere = true, .rx_full = EMAC_RX_FULL_WEDGE});
}
