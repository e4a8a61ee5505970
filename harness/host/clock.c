/* harness/host/clock.c: see clock.h for the formula that both directions implement. */
#include "harness/host/clock.h"

#include <assert.h>

#define PPM_ONE 1000000u
#define NS_PER_MS 1000000u

/* One millisecond of the host's clock in units of virtual ns times ppm_scale. */
static const uint64_t unit = (uint64_t)PPM_ONE * NS_PER_MS;

void host_clock_init(struct host_clock *c, uint32_t boot_ms, int32_t ppm, uint32_t phase_ns)
{
    assert(ppm >= HOST_CLOCK_PPM_MIN);
    assert(ppm <= HOST_CLOCK_PPM_MAX);
    assert(phase_ns <= HOST_CLOCK_PHASE_MAX);
    *c = (struct host_clock){
        .boot_ms = boot_ms,
        .phase_ns = phase_ns,
        .ppm_scale = (uint64_t)((int64_t)PPM_ONE + ppm),
    };
}

static uint64_t elapsed(const struct host_clock *c, uint64_t t_ns)
{
    if (c->ppm_scale == PPM_ONE && t_ns <= UINT64_MAX - c->phase_ns)
        return (t_ns + c->phase_ns) / NS_PER_MS;
    unsigned __int128 scaled = (unsigned __int128)t_ns * c->ppm_scale;
    return (uint64_t)((scaled + (uint64_t)c->phase_ns * PPM_ONE) / unit);
}

/* The smallest t with elapsed(t) >= ms. */
static uint64_t reached(const struct host_clock *c, uint64_t ms)
{
    unsigned __int128 need = (unsigned __int128)ms * unit;
    uint64_t ahead = (uint64_t)c->phase_ns * PPM_ONE;
    if (need <= ahead)
        return 0;
    need -= ahead;
    unsigned __int128 t = (need + c->ppm_scale - 1) / c->ppm_scale;
    return t > UINT64_MAX ? UINT64_MAX : (uint64_t)t;
}

void host_clock_read(struct host_clock *c, uint64_t t_ns)
{
    c->elapsed_ms = elapsed(c, t_ns);
    if (c->ppm_scale == PPM_ONE && t_ns < UINT64_MAX - 2 * (uint64_t)NS_PER_MS) {
        uint64_t into = (t_ns + c->phase_ns) % NS_PER_MS; /* how long this millisecond has lasted */
        c->from_ns = t_ns > into ? t_ns - into : 0;
        c->until_ns = t_ns - into + NS_PER_MS;
        return;
    }
    c->from_ns = reached(c, c->elapsed_ms);
    c->until_ns = reached(c, c->elapsed_ms + 1);
}

uint64_t host_clock_after(struct host_clock *c, uint64_t now_ns, uint32_t delta_ms)
{
    if (delta_ms == 0)
        return now_ns;
    (void)host_clock_ms(c, now_ns); /* brings the window to now */
    if (delta_ms == 1)
        return c->until_ns;
    uint64_t delta_ns = (uint64_t)delta_ms * NS_PER_MS;
    if (c->ppm_scale == PPM_ONE && c->until_ns < UINT64_MAX - delta_ns)
        return c->until_ns + delta_ns - NS_PER_MS;
    return reached(c, c->elapsed_ms + delta_ms);
}
