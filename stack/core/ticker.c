/* core/ticker.c: see ticker.h. A ticker's clock is the instance's clock plus its skew, which
 * ticker_tick() moves; its timeout is armed for the first grid point at or after the deadline. */
#include "stack/core/ticker.h"

#include "stack/core/event.h"
#include "stack/core/instance.h"
#include "stack/core/speed.h"
#include "stack/core/timeouts.h"

#include "lwip/sys.h"

static bool is_before(u32_t a, u32_t b)
{
    return (u32_t)(a - b) > 0x7fffffffu;
}

/* The first time on the grid that is not before t (instance's clock). */
static u32_t round_up(const struct ticker *k, u32_t t)
{
    u32_t grid = CFG(timer_granularity_ms) != 0 ? CFG(timer_granularity_ms) : k->interval_ms;
    if (grid == 1)
        return t;
    u32_t over = (t - CFG(timer_phase_ms)) % grid;
    return over == 0 ? t : t + (grid - over);
}

void ticker_init(struct ticker *k, enum stack_ticker_id id, u16_t interval_ms, void (*run)(void))
{
    k->timeo.h = ticker_expired;
    k->timeo.arg = k;
    k->run = run;
    k->interval_ms = interval_ms;
    k->id = (u8_t)id;
}

u32_t ticker_now(const struct ticker *k)
{
    return sys_now() + k->skew_ms;
}

bool ticker_passed(const struct ticker *k, u32_t due_ms)
{
    return !is_before(ticker_now(k), due_ms);
}

void ticker_set(struct ticker *k, u32_t due_ms)
{
    if (FAST_PATHS && k->armed && due_ms == k->due_ms)
        return;
    k->due_ms = due_ms;
    due_ms = round_up(k, due_ms - k->skew_ms);
    if (FAST_PATHS && !k->armed)
        timeouts_arm(&k->timeo, due_ms);
    else
        timeouts_move(&k->timeo, due_ms);
    k->armed = 1;
}

void ticker_due(struct ticker *k, u32_t due_ms)
{
    if (!k->armed || is_before(due_ms, k->due_ms))
        ticker_set(k, due_ms);
}

void ticker_expired(void *arg)
{
    struct ticker *k = arg;
    k->armed = 0;
    stack_emit(STACK_EVENT_TIMER, k->id, 0);
    k->run();
}

void ticker_stop(struct ticker *k)
{
    if (FAST_PATHS && !k->armed)
        return;
    timeouts_disarm(&k->timeo);
    k->armed = 0;
}

/* A build for size asks whoever is armed, due or not: he looks at his deadlines himself. */
void ticker_tick(struct ticker *k)
{
    k->skew_ms += k->interval_ms;
    if (!k->armed)
        return;
    timeouts_disarm(&k->timeo);
    if (!FAST_PATHS || ticker_passed(k, k->due_ms)) {
        ticker_expired(k);
    } else {
        k->armed = 0;
        ticker_set(k, k->due_ms);
    }
}
