/* Tests of stack/tcp/due.c, and of ticker_set(), which it lives on. */
#include "core_fixture.h"

#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "stack/tcp/due.h"
#include "stack/tcp/timer.h"

#define PCBS 300u

static struct tcp_pcb pcbs[PCBS];

/* What the heap should say, by looking at all of them. */
static struct {
    bool in;
    u32_t due, order;
} known[PCBS];
static u32_t orders;
static u32_t seed;

static u32_t draw(u32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void begin(u32_t now)
{
    fixture_up_at(NULL, now);
    memset(pcbs, 0, sizeof pcbs);
    memset(known, 0, sizeof known);
    orders = 0;
    seed = 1;
}

static void end(void)
{
    for (u32_t i = 0; i < PCBS; i++)
        tcp_due_clear(&pcbs[i]);
    CHECK(stack_next_deadline(fixture.s) == UINT32_MAX);
    fixture_down();
}

static void set(u32_t i, u32_t due)
{
    if (!known[i].in || known[i].due != due)
        known[i].order = orders++;
    known[i].in = true;
    known[i].due = due;
    tcp_due_set(&pcbs[i], due);
}

static void clear(u32_t i)
{
    known[i].in = false;
    tcp_due_clear(&pcbs[i]);
}

/* The number of the pcb that is due first; PCBS: there is none. */
static u32_t first_known(void)
{
    u32_t first = PCBS;
    for (u32_t i = 0; i < PCBS; i++) {
        if (!known[i].in)
            continue;
        s32_t apart = first == PCBS ? -1 : (s32_t)(known[i].due - known[first].due);
        if (apart < 0 || (apart == 0 && known[i].order < known[first].order))
            first = i;
    }
    return first;
}

static void compare(void)
{
    u32_t first = first_known();
    const char *wrong = tcp_due_check();
    CHECKF(wrong == NULL, "%s", wrong);
    if (first == PCBS) {
        CHECK(tcp_due_expired() == NULL);
        CHECK(stack_next_deadline(fixture.s) == UINT32_MAX);
        return;
    }
    u32_t left = known[first].due - tcp_now();
    bool expired = left == 0 || left > 0x7fffffffu;
    CHECK(tcp_due_expired() == (expired ? &pcbs[first] : NULL));
    CHECK_INT(stack_next_deadline(fixture.s), expired ? 0 : left);
}

UNIT(tcp_due, is_a_sorted_list_over_100000_operations_and_the_wrap_of_the_clock)
{
    begin(0xffffff00u);
    u32_t taken = 0;
    for (u32_t n = 0; n < 100000; n++) {
        u32_t i = draw(n < 50000 ? PCBS : 10);
        switch (draw(8)) {
        case 0:
            clear(i);
            break;
        case 1: /* what is due is put off, or ends */
            fixture_clock(sys_now() + draw(4));
            for (struct tcp_pcb *pcb; (pcb = tcp_due_expired()) != NULL; taken++) {
                u32_t at = (u32_t)(pcb - pcbs);
                CHECK_INT(at, first_known());
                if (draw(2) == 0)
                    clear(at);
                else
                    set(at, tcp_now() + 1 + draw(100));
            }
            break;
        default: /* many of them equal, some in the past */
            set(i, tcp_now() - 2 + draw(draw(2) == 0 ? 20 : 100000));
        }
        compare();
    }
    CHECKF(taken > 10000, "%u", taken);
    CHECK(sys_now() < 0x80000000u); /* the clock has passed its wrap */
    end();
}

UNIT(tcp_due, equal_deadlines_come_in_the_order_they_were_set)
{
    begin(1000);
    for (u32_t i = 0; i < 100; i++)
        set(i, 5000 + draw(1000));
    for (u32_t i = 0; i < 100; i++)
        set(99 - i, 2000);
    set(50, 2000);         /* again: keeps its place */
    set(60, 3000);
    set(60, 2000);         /* moved away and back: the last */
    fixture_clock(2000);
    for (u32_t i = 0; i < 99; i++) {
        u32_t expected = 99 - i - (i >= 39 ? 1 : 0);
        CHECK(tcp_due_expired() == &pcbs[expected]);
        clear(expected);
    }
    CHECK(tcp_due_expired() == &pcbs[60]);
    end();
}

UNIT(tcp_due, the_host_is_woken_for_the_first_deadline_and_at_no_other_time)
{
    begin(0);
    set(0, 500);
    set(1, 700);
    CHECK_INT(stack_next_deadline(fixture.s), 500);
    set(0, 900);
    CHECK_INT(stack_next_deadline(fixture.s), 700);
    clear(1);
    CHECK_INT(stack_next_deadline(fixture.s), 900);
    clear(0);
    CHECK(stack_next_deadline(fixture.s) == UINT32_MAX);
    CHECK(!STACK->tcp.ticker.armed);
    end();
}

/* sys_restart_timeouts() before anything is due runs the ticker too early: it has to be armed
 * again although no deadline changed. */
UNIT(tcp_due, a_ticker_that_ran_too_early_is_armed_again)
{
    begin(0);
    set(0, 500);
    ticker_stop(&STACK->tcp.ticker);
    CHECK(tcp_due_check() != NULL);
    CHECK(tcp_due_expired() == NULL);
    CHECK_INT(stack_next_deadline(fixture.s), 500);
    end();
}

UNIT(tcp_due, the_check_finds_what_is_broken)
{
    begin(0);
    set(0, 500);
    set(1, 600);
    set(2, 700);
    CHECK(tcp_due_check() == NULL);
    pcbs[1].due_ms = 400;
    CHECK(tcp_due_check() != NULL);
    pcbs[1].due_ms = 600;
    struct tcp_pcb *back = pcbs[1].due_prev;
    pcbs[1].due_prev = &pcbs[1];
    CHECK(tcp_due_check() != NULL);
    pcbs[1].due_prev = back;
    CHECK(tcp_due_check() == NULL);
    pcbs[1].due_child = &pcbs[0]; /* a ring */
    CHECK(tcp_due_check() != NULL);
    pcbs[1].due_child = NULL;
    STACK->tcp.ticker.due_ms = 501;
    CHECK(tcp_due_check() != NULL);
    STACK->tcp.ticker.due_ms = 500;
    end();
}
