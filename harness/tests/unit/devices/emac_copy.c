/* The whole state is in the one block: a copy of it, put back later or elsewhere, goes on in the
 * same way; two equal runs are equal byte for byte. */
#include "emac_bench.h"

#include "sim/prng.h"

#include <stdlib.h>

#define ALL "\xff\xff\xff\xff\xff\xff"

/* What a driver, the wire and the faults do; the same for the same numbers. */
static void live(struct bench *b, struct prng *p, unsigned steps)
{
    for (unsigned i = 0; i < steps; i++) {
        uint32_t produce = rd(b, TX_PRODUCE), length = 60 + (uint32_t)prng_below(p, 200);
        switch (prng_below(p, 8)) {
        case 0:
        case 1:
            if ((produce + 1) % 4 != rd(b, TX_CONSUME))
                tx_send(b, frame(ALL, length, (uint8_t)i), length);
            break;
        case 2:
        case 3:
            arrive(b, frame(STATION, length, (uint8_t)i), length,
                   prng_below(p, 9) == 0 ? EMAC_RX_CRC : 0);
            break;
        case 4:
            wr(b, RX_CONSUME, rd(b, RX_PRODUCE));
            break;
        case 5:
            wr(b, MADR, 0x0100 | (i & 31));
            wr(b, MCMD, 1);
            break;
        case 6:
            wr(b, INT_CLEAR, 0xffff);
            break;
        default:
            b->fault.collisions = (uint16_t)prng_below(p, 4);
        }
        run_for(b, prng_below(p, 20000));
    }
}

static struct bench *busy(void)
{
    struct bench *b = bench_new(&(struct emac_knobs){.dma_ns = 900, .seed = 7});

    b->medium.full_duplex = false;
    bench_start(b, 4, 4, BUFFER);
    wr(b, FLOW_COUNTER, 0x00100008);
    return b;
}

UNIT(emac_copy, two_equal_runs_are_equal_byte_for_byte)
{
    struct bench *b[2];
    struct prng p;

    for (unsigned i = 0; i < 2; i++) {
        b[i] = busy();
        prng_init(&p, 1, "emac.copy");
        live(b[i], &p, 2000);
    }
    CHECK(b[0]->sent_count > 100);
    CHECK_INT(b[0]->sent_count, b[1]->sent_count);
    CHECK_MEM(b[0]->sent, b[1]->sent, sizeof b[0]->sent);
    CHECK_MEM(b[0]->ram, b[1]->ram, RAM_SIZE);
    CHECK_MEM((uint8_t *)b[0]->block + sizeof(struct emac_env),
              (uint8_t *)b[1]->block + sizeof(struct emac_env),
              emac_size() - sizeof(struct emac_env));
    bench_end(b[0]);
    bench_end(b[1]);
}

/* At many points: save, live on, go back (into another block, the old one overwritten), live
 * again. */
UNIT(emac_copy, a_block_put_back_elsewhere_goes_on_in_the_same_way)
{
    struct bench *b = busy(), *then = malloc(sizeof *then), *after = malloc(sizeof *after);
    size_t room = (emac_size() + 15) & ~(size_t)15;
    uint8_t *saved = malloc(room), *end = malloc(room), *other = aligned_alloc(16, room);
    struct prng p, q;

    CHECK(then != NULL && after != NULL && saved != NULL && end != NULL && other != NULL);
    prng_init(&p, 2, "emac.copy");
    for (unsigned round = 0; round < 100; round++) {
        live(b, &p, 13);
        memcpy(saved, b->block, emac_size());
        *then = *b;
        q = p;
        live(b, &p, 40);
        memcpy(end, b->block, emac_size());
        *after = *b;
        memset(b->block, 0x5a, emac_size());
        uint8_t *old = b->block;
        memcpy(other, saved, emac_size());
        *b = *then;
        b->block = other;
        b->e = (struct emac *)(void *)other;
        other = old;
        p = q;
        live(b, &p, 40);
        CHECK_MEM(b->block, end, emac_size());
        CHECK_MEM(b->ram, after->ram, RAM_SIZE);
        CHECK_MEM(b->sent, after->sent, sizeof b->sent);
        CHECK_INT(b->now, after->now);
    }
    free(saved);
    free(end);
    free(other);
    free(then);
    free(after);
    bench_end(b);
}
