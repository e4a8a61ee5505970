/* Tests of stack/core/ticker.c. */
#include "core_fixture.h"

#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "stack/core/ticker.h"

static struct ticker k;
static unsigned runs;
static u32_t ran_at, again_in;

static void run(void)
{
    runs++;
    ran_at = sys_now();
    if (again_in != 0)
        ticker_due(&k, ticker_now(&k) + again_in);
}

static void begin(u32_t granularity, u32_t phase, u32_t now)
{
    struct stack_config c = stack_config_default;
    c.timer_granularity_ms = granularity;
    c.timer_phase_ms = phase;
    runs = 0;
    again_in = 0;
    k = (struct ticker){0};
    fixture_up_at(&c, now);
    ticker_init(&k, TICKER_ARP, 1000, run);
}

/* Runs timers at each time they ask for, up to `until`. */
static void pass(u32_t until)
{
    while (stack_next_deadline(fixture.s) <= until - sys_now()) {
        fixture_clock(sys_now() + stack_next_deadline(fixture.s));
        sys_check_timeouts();
    }
    fixture_clock(until);
}

UNIT(ticker, fine_grain_is_exact)
{
    begin(1, 0, 5);
    ticker_due(&k, ticker_now(&k) + 37);
    CHECK_INT(stack_next_deadline(fixture.s), 37);
    pass(1000);
    CHECK_INT(runs, 1);
    CHECK_INT(ran_at, 42);
    CHECK_INT(fixture.events[STACK_EVENT_TIMER], 1);
    CHECK_INT(fixture.event_a, TICKER_ARP);
    CHECK(!k.armed);
    fixture_down();
}

UNIT(ticker, coarse_grain_rounds_up_never_down)
{
    for (u32_t in = 1; in <= 2500; in += 7) {
        begin(0, 0, 300);
        ticker_due(&k, ticker_now(&k) + in);
        pass(5000);
        CHECK_INT(ran_at, (300 + in + 999) / 1000 * 1000);
        fixture_down();
    }
    begin(250, 30, 300);
    ticker_due(&k, ticker_now(&k) + 1);
    pass(5000);
    CHECK_INT(ran_at, 530);
    ticker_due(&k, ticker_now(&k) + 30);
    pass(6000);
    CHECK_INT(ran_at, 5030);
    fixture_down();
}

UNIT(ticker, earliest_deadline_counts)
{
    begin(1, 0, 0);
    ticker_due(&k, 500);
    ticker_due(&k, 900);
    CHECK_INT(stack_next_deadline(fixture.s), 500);
    ticker_due(&k, 200);
    CHECK_INT(stack_next_deadline(fixture.s), 200);
    pass(1000);
    CHECK_INT(runs, 1);
    CHECK_INT(ran_at, 200);
    fixture_down();
}

UNIT(ticker, run_may_ask_for_the_next)
{
    begin(1, 0, 0);
    again_in = 100;
    ticker_due(&k, 100);
    pass(1050);
    CHECK_INT(runs, 10);
    ticker_stop(&k);
    ticker_stop(&k);
    CHECK_INT(stack_next_deadline(fixture.s), UINT32_MAX);
    fixture_down();
}

UNIT(ticker, tick_by_hand_moves_its_clock_by_an_interval)
{
    begin(1, 0, 0);
    ticker_due(&k, 2500);
    ticker_tick(&k);
    ticker_tick(&k);
    CHECK_INT(runs, 0);
    CHECK_INT(ticker_now(&k), 2000);
    CHECK_INT(stack_next_deadline(fixture.s), 500);
    CHECK(!ticker_passed(&k, 2001));
    CHECK(ticker_passed(&k, 2000));
    ticker_tick(&k);
    CHECK_INT(runs, 1);
    CHECK_INT(stack_next_deadline(fixture.s), UINT32_MAX);
    ticker_tick(&k); /* nothing is due any more */
    CHECK_INT(runs, 1);
    fixture_down();
}

UNIT(ticker, deadlines_survive_the_wrap_of_the_clock)
{
    begin(1, 0, 0xFFFFFF00u);
    ticker_due(&k, ticker_now(&k) + 0x200);
    CHECK_INT(stack_next_deadline(fixture.s), 0x200);
    pass(0x200);
    CHECK_INT(runs, 1);
    CHECK_INT(ran_at, 0x100);
    fixture_down();
    begin(0, 0, 0xFFFFFF00u);
    u32_t due = sys_now() + 0x80;
    ticker_due(&k, due);
    pass(5000);
    CHECK_INT(runs, 1);
    CHECK(ran_at - due < 1000); /* late by less than a tick, never early */
    fixture_down();
}

UNIT(ticker, set_replaces_what_was_due)
{
    begin(1, 0, 5);
    struct ticker other = {0};
    ticker_init(&other, TICKER_ACD, 1000, run);
    ticker_due(&other, 300);
    ticker_set(&k, 100);
    CHECK_INT(stack_next_deadline(fixture.s), 95);
    ticker_set(&k, 200); /* later: stays in its place in the list */
    CHECK_INT(stack_next_deadline(fixture.s), 195);
    ticker_set(&k, 300); /* equal: behind the other one */
    CHECK(STACK->timeouts.next == &other.timeo);
    ticker_set(&k, 300); /* no change */
    ticker_set(&k, 400);
    CHECK_INT(stack_next_deadline(fixture.s), 295);
    ticker_set(&k, 299); /* earlier */
    CHECK_INT(stack_next_deadline(fixture.s), 294);
    fixture_checks();
    pass(299);
    CHECK_INT(runs, 1);
    CHECK_INT(ran_at, 299);
    pass(1000);
    CHECK_INT(runs, 2); /* the other's */
    CHECK_INT(ran_at, 300);
    fixture_down();
}

UNIT(ticker, needs_no_pool_element)
{
    struct stack_config c = stack_config_default;
    c.memp_num_sys_timeout = 0;
    fixture_up(&c);
    runs = 0;
    again_in = 0;
    ticker_init(&k, TICKER_IGMP, 100, run);
    ticker_due(&k, 10);
    pass(2000);
    CHECK_INT(runs, 1);
    fixture_down();
}
