/* harness/host/clock.h: a host's millisecond clock as an exact function of virtual time.
 *
 * A host's clock may start anywhere, run fast or slow by some parts per million, and tick at any
 * phase within the virtual millisecond:
 *
 *     elapsed(t) = floor((t * (10^6 + ppm) + phase_ns * 10^6) / 10^12)      milliseconds
 *     ms(t)      = (boot_ms + elapsed(t)) mod 2^32
 *
 * in 128-bit integers, so nothing is rounded but the result. The clock never runs backwards: it is
 * a non-decreasing function of t. The inverse gives the first nanosecond at which a millisecond
 * count is reached. Reading is a comparison while t stays within the millisecond last read. */
#ifndef HARNESS_HOST_CLOCK_H
#define HARNESS_HOST_CLOCK_H

#include <stdint.h>

#define HOST_CLOCK_PPM_MIN (-500000)
#define HOST_CLOCK_PPM_MAX 1000000
#define HOST_CLOCK_PHASE_MAX 999999u

struct host_clock {
    uint32_t boot_ms;
    uint32_t phase_ns;    /* 0..HOST_CLOCK_PHASE_MAX: how far into a millisecond the clock starts */
    uint64_t ppm_scale;   /* 10^6 + ppm */
    uint64_t elapsed_ms;  /* of the window [from_ns, until_ns): the last one read */
    uint64_t from_ns, until_ns;
};

/* ppm within HOST_CLOCK_PPM_MIN..MAX, phase_ns within 0..HOST_CLOCK_PHASE_MAX. */
void host_clock_init(struct host_clock *c, uint32_t boot_ms, int32_t ppm, uint32_t phase_ns);

/* Brings the window to t_ns. */
void host_clock_read(struct host_clock *c, uint64_t t_ns);

/* The host's clock at virtual time t_ns. */
static inline uint32_t host_clock_ms(struct host_clock *c, uint64_t t_ns)
{
    if (t_ns < c->from_ns || t_ns >= c->until_ns)
        host_clock_read(c, t_ns);
    return c->boot_ms + (uint32_t)c->elapsed_ms;
}

/* The smallest virtual time, not before now_ns, at which the clock shows delta_ms more than it does
 * at now_ns. delta_ms 0: now_ns. UINT64_MAX when that lies behind the end of virtual time. */
uint64_t host_clock_after(struct host_clock *c, uint64_t now_ns, uint32_t delta_ms);

#endif
