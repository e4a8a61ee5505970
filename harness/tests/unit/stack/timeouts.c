/* Tests of stack/core/timeouts.c. The clock of a test is set by hand (fixture_clock). */
#include "core_fixture.h"

#include "lwip/memp.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"

static char fired[64];
static unsigned fired_count;

static void fire(void *arg)
{
    fired[fired_count++] = *(const char *)arg;
    fired[fired_count] = '\0';
}

static void begin(u32_t now)
{
    fired_count = 0;
    fired[0] = '\0';
    fixture_up_at(NULL, now);
}

static void run_at(u32_t now)
{
    fixture_clock(now);
    sys_check_timeouts();
}

#define FIRED(text) CHECKF(strcmp(fired, text) == 0, "fired \"%s\", not \"%s\"", fired, text)

UNIT(timeouts, run_in_order_of_deadline_then_of_arming)
{
    begin(1000);
    sys_timeout(20, fire, "c");
    sys_timeout(10, fire, "a");
    sys_timeout(20, fire, "d");
    sys_timeout(10, fire, "b");
    sys_timeout(0, fire, "0");
    run_at(1000);
    FIRED("0");
    run_at(1009);
    FIRED("0");
    run_at(1010);
    FIRED("0ab");
    run_at(1100);
    FIRED("0abcd");
    fixture_down();
}

UNIT(timeouts, order_survives_the_wrap_of_the_clock)
{
    begin(0xFFFFFFF0u);
    sys_timeout(0x30, fire, "d");
    sys_timeout(0x08, fire, "a");
    sys_timeout(0x10, fire, "c");
    sys_timeout(0x0F, fire, "b");
    CHECK_INT(sys_timeouts_sleeptime(), 8);
    CHECK_INT(stack_next_deadline(fixture.s), 8);
    run_at(0xFFFFFFFFu);
    FIRED("ab");
    run_at(0);
    FIRED("abc");
    CHECK_INT(sys_timeouts_sleeptime(), 0x20);
    run_at(0x1F);
    FIRED("abc");
    run_at(0x20);
    FIRED("abcd");
    fixture_down();
}

UNIT(timeouts, sleeptime_is_infinite_zero_or_exact)
{
    begin(0);
    CHECK_INT(sys_timeouts_sleeptime(), SYS_TIMEOUTS_SLEEPTIME_INFINITE);
    CHECK_INT(stack_next_deadline(fixture.s), UINT32_MAX);
    sys_timeout(500, fire, "a");
    CHECK_INT(sys_timeouts_sleeptime(), 500);
    fixture_clock(499);
    CHECK_INT(sys_timeouts_sleeptime(), 1);
    fixture_clock(500);
    CHECK_INT(sys_timeouts_sleeptime(), 0);
    fixture_clock(70000);
    CHECK_INT(sys_timeouts_sleeptime(), 0);
    CHECK_INT(stack_next_deadline(fixture.s), 0);
    CHECK_INT(sys_check_timeouts(), SYS_TIMEOUTS_SLEEPTIME_INFINITE);
    FIRED("a");
    fixture_down();
}

UNIT(timeouts, untimeout_removes_the_first_that_matches)
{
    static char a[] = "a", b[] = "b";
    begin(0);
    sys_timeout(10, fire, a);
    sys_timeout(20, fire, b);
    sys_timeout(30, fire, a);
    sys_untimeout(fire, a);
    CHECK_INT(sys_timeouts_sleeptime(), 20);
    sys_untimeout(fire, NULL); /* there is none */
    run_at(100);
    FIRED("ba");
    sys_untimeout(fire, a);
    fixture_down();
}

static void arms_another(void *arg)
{
    fire(arg);
    sys_timeout(0, fire, "n");
    sys_timeout(100, fire, "l");
}

UNIT(timeouts, handler_that_arms_while_late_counts_from_now)
{
    begin(0);
    sys_timeout(10, arms_another, "x");
    run_at(10010); /* ten seconds late: the new ones are not due since long */
    FIRED("xn");
    CHECK_INT(sys_timeouts_sleeptime(), 100);
    run_at(10109);
    FIRED("xn");
    run_at(10110);
    FIRED("xnl");
    fixture_down();
}

static char other[] = "o";

static void cancels_the_other(void *arg)
{
    fire(arg);
    sys_untimeout(fire, other);
}

UNIT(timeouts, handler_may_remove_the_only_other_timeout)
{
    begin(0);
    sys_timeout(10, cancels_the_other, "x");
    sys_timeout(10, fire, other);
    run_at(10);
    FIRED("x");
    CHECK_INT(sys_timeouts_sleeptime(), SYS_TIMEOUTS_SLEEPTIME_INFINITE);
    fixture_down();
}

UNIT(timeouts, more_than_a_quarter_of_the_clocks_range_is_refused)
{
    begin(0);
    sys_timeout(0x3FFFFFFFu, fire, "a");
    SHOWS("MB-TIMER-07", sys_timeouts_sleeptime() == 0x3FFFFFFF);
    PANICS(sys_timeout(0x40000000u, fire, "b"));
    PANICS(sys_timeout(0xC0000000u, fire, "b"));
    sys_untimeout(fire, "b");
    run_at(0x3FFFFFFFu);
    FIRED("a");
    fixture_down();
}

UNIT(timeouts, exhausted_pool_is_noticed)
{
    struct stack_config c = stack_config_default;
    c.memp_num_sys_timeout = 1;
    fired_count = 0;
    fixture_up(&c);
    sys_timeout(1, fire, "a");
    PANICS(sys_timeout(1, fire, "b"));
    run_at(1);
    FIRED("a");
    fixture_down();
}

UNIT(timeouts, without_memory_one_is_lost_and_counted)
{
    fired_count = 0;
    fixture_up(NULL);
    fixture.grow_left = 0;
    sys_timeout(1, fire, "a");
    CHECK_INT(lwip_stats.memp[MEMP_SYS_TIMEOUT]->err, 1);
    CHECK(*sys_timeouts_get_next_timeout() == NULL);
    fixture.grow_left = 1u << 20;
    sys_timeout(1, fire, "b");
    run_at(1);
    FIRED("b");
    fixture_down();
}

UNIT(timeouts, list_head_can_be_set_aside_and_put_back)
{
    begin(5000);
    sys_timeout(10, fire, "a");
    struct sys_timeo **head = sys_timeouts_get_next_timeout(), *kept = *head;
    CHECK_INT(kept->time, 5010);
    *head = NULL;
    sys_timeout(20, fire, "b");
    CHECK_INT((*head)->time, 5020);
    run_at(5020);
    FIRED("b");
    *head = kept;
    run_at(5021);
    FIRED("ba");
    fixture_down();
}

UNIT(timeouts, restart_keeps_the_distances)
{
    begin(0);
    sys_timeout(10, fire, "a");
    sys_timeout(35, fire, "b");
    fixture_clock(100000);
    sys_restart_timeouts();
    CHECK_INT(sys_timeouts_sleeptime(), 0);
    sys_check_timeouts();
    FIRED("a");
    CHECK_INT(sys_timeouts_sleeptime(), 25);
    sys_untimeout(fire, "b");
    run_at(200000);
    sys_restart_timeouts(); /* nothing to do */
    fixture_down();
}

static unsigned cyclic_runs;

static void count_cyclic(void)
{
    cyclic_runs++;
}

static const struct lwip_cyclic_timer every_100 = {.interval_ms = 100, .handler = count_cyclic};

static void stop_cyclic(void)
{
    sys_untimeout(lwip_cyclic_timer, LWIP_CONST_CAST(void *, &every_100));
}

UNIT(timeouts, cyclic_timer_does_not_drift_when_served_late)
{
    begin(0);
    cyclic_runs = 0;
    sys_timeout(100, lwip_cyclic_timer, LWIP_CONST_CAST(void *, &every_100));
    /* each 105 ms: what counted from its last call would be late each time, and drift */
    for (u32_t t = 105; t < 3600000 + 105; t += 105)
        run_at(t);
    SHOWS("MB-TIMER-04", cyclic_runs == 36000);
    stop_cyclic();
    fixture_down();
}

UNIT(timeouts, cyclic_timer_starts_over_after_a_long_pause)
{
    begin(0);
    cyclic_runs = 0;
    sys_timeout(100, lwip_cyclic_timer, LWIP_CONST_CAST(void *, &every_100));
    run_at(1050); /* not ten times at once */
    CHECK_INT(cyclic_runs, 1);
    CHECK_INT(sys_timeouts_sleeptime(), 100);
    run_at(1150);
    CHECK_INT(cyclic_runs, 2);
    run_at(1250 + 100); /* exactly one period late is caught up */
    CHECK_INT(cyclic_runs, 4);
    stop_cyclic();
    fixture_down();
}

UNIT(timeouts, check_finds_a_torn_list)
{
    begin(0);
    sys_timeout(10, fire, "a");
    sys_timeout(20, fire, "b");
    struct sys_timeo *first = *sys_timeouts_get_next_timeout();
    first->time = 30;
    CHECK(stack_check(fixture.s) != NULL);
    first->time = 10;
    CHECK(stack_check(fixture.s) == NULL);
    struct sys_timeo *last = first->next;
    last->next = first;
    first->time = 20;
    CHECK(stack_check(fixture.s) != NULL);
    last->next = NULL;
    run_at(20);
    FIRED("ab");
    fixture_down();
}
