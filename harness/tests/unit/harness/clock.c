/* clock.c: the mapping between virtual time and a host's milliseconds. */
#include "unit.h"

#include "harness/host/clock.h"

/* The formula of clock.h, spelt out. */
static uint64_t expected_elapsed(uint64_t t, int32_t ppm, uint32_t phase)
{
    uint64_t scale = (uint64_t)(1000000 + ppm);
    unsigned __int128 x = (unsigned __int128)t * scale;
    return (uint64_t)((x + (unsigned __int128)phase * 1000000) / 1000000000000u);
}

UNIT(clock, ideal_clock_counts_virtual_milliseconds)
{
    struct host_clock c;
    host_clock_init(&c, 0, 0, 0);
    CHECK_INT(host_clock_ms(&c, 0), 0);
    CHECK_INT(host_clock_ms(&c, 999999), 0);
    CHECK_INT(host_clock_ms(&c, 1000000), 1);
    CHECK_INT(host_clock_after(&c, 1000000, 1), 2000000);
    CHECK_INT(host_clock_after(&c, 1000001, 1), 2000000);
    CHECK_INT(host_clock_after(&c, 1000001, 250), 251000000);
    CHECK_INT(host_clock_after(&c, 1234567, 0), 1234567);
}

UNIT(clock, boot_time_wraps_after_two_to_the_32)
{
    struct host_clock c;
    host_clock_init(&c, UINT32_MAX, 0, 0);
    CHECK_INT(host_clock_ms(&c, 0), UINT32_MAX);
    CHECK_INT(host_clock_ms(&c, 1000000), 0);
    CHECK_INT(host_clock_after(&c, 0, 2), 2000000);
    host_clock_init(&c, 5, 0, 0);
    CHECK_INT(host_clock_ms(&c, UINT64_C(4294967291000000)), 0);
    CHECK_INT(host_clock_after(&c, UINT64_C(4294967290000000), 3), UINT64_C(4294967293000000));
}

UNIT(clock, phase_moves_the_ticks)
{
    struct host_clock c;
    host_clock_init(&c, 0, 0, 999999);
    CHECK_INT(host_clock_ms(&c, 0), 0);
    CHECK_INT(host_clock_ms(&c, 1), 1);
    CHECK_INT(host_clock_after(&c, 0, 1), 1);
    CHECK_INT(host_clock_after(&c, 0, 2), 1000001);
    CHECK_INT(host_clock_after(&c, 1, 1), 1000001);
}

UNIT(clock, drift_makes_it_fast_or_slow)
{
    struct host_clock c;
    host_clock_init(&c, 0, 100, 0); /* 100 ppm fast: 1 s is over after 999,900.00999... us */
    CHECK_INT(host_clock_after(&c, 0, 1000), 999900010);
    CHECK_INT(host_clock_ms(&c, 999900009), 999);
    CHECK_INT(host_clock_ms(&c, 999900010), 1000);
    host_clock_init(&c, 0, -500000, 0);
    CHECK_INT(host_clock_after(&c, 0, 3), 6000000);
    host_clock_init(&c, 0, 1000000, 0);
    CHECK_INT(host_clock_after(&c, 0, 3), 1500000);
}

UNIT(clock, after_is_the_first_moment_everywhere)
{
    static const int32_t ppms[] = {HOST_CLOCK_PPM_MIN, -100, -1, 0, 1, 3, 50, 999,
                                   HOST_CLOCK_PPM_MAX};
    static const uint32_t phases[] = {0, 1, 499999, 999999};
    static const uint64_t times[] = {0, 1, 999999, 1000000, 123456789012345,
                                     UINT64_C(4294967295999999), UINT64_C(9000000000000000000)};
    static const uint32_t deltas[] = {1, 2, 250, 60000, 0x7fffffff};
    for (unsigned i = 0; i < sizeof ppms / sizeof ppms[0]; i++)
        for (unsigned j = 0; j < sizeof phases / sizeof phases[0]; j++)
            for (unsigned k = 0; k < sizeof times / sizeof times[0]; k++)
                for (unsigned d = 0; d < sizeof deltas / sizeof deltas[0]; d++) {
                    struct host_clock c;
                    host_clock_init(&c, 77, ppms[i], phases[j]);
                    uint64_t now = expected_elapsed(times[k], ppms[i], phases[j]);
                    CHECK_INT(host_clock_ms(&c, times[k]), (uint32_t)(77 + now));
                    uint64_t t = host_clock_after(&c, times[k], deltas[d]);
                    CHECKF(expected_elapsed(t, ppms[i], phases[j]) - now == deltas[d] &&
                               expected_elapsed(t - 1, ppms[i], phases[j]) - now < deltas[d],
                           "ppm %d phase %u t %llu delta %u: %llu", ppms[i], phases[j],
                           (unsigned long long)times[k], deltas[d], (unsigned long long)t);
                    CHECK_INT(host_clock_ms(&c, t), (uint32_t)(77 + now + deltas[d]));
                }
}

UNIT(clock, end_of_virtual_time_is_never)
{
    struct host_clock c;
    host_clock_init(&c, 0, HOST_CLOCK_PPM_MIN, 0);
    CHECK(host_clock_after(&c, UINT64_MAX - 1000000, 1000) == UINT64_MAX);
}

UNIT(clock, going_back_in_a_restored_world_reads_right)
{
    struct host_clock c;
    host_clock_init(&c, 0, 0, 0);
    CHECK_INT(host_clock_ms(&c, 5000000), 5);
    CHECK_INT(host_clock_ms(&c, 4999999), 4);
    CHECK_INT(host_clock_ms(&c, 0), 0);
}
