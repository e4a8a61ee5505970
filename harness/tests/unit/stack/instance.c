/* Tests of stack/core/instance*.c and drop.c: the life of an instance, as its host sees it. */
#include "core_fixture.h"

#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"

UNIT(instance, two_share_nothing)
{
    static unsigned char more[1 << 20];
    fixture_up(NULL);
    struct stack *a = fixture.s;
    CHECK(stack_size() <= sizeof more);
    stack_leave(a);
    void *aligned = (void *)(((uintptr_t)more + 15) & ~(uintptr_t)15);
    struct stack *b = stack_create(aligned, &fixture_env, NULL, 77);
    CHECK(b != NULL);
    CHECK(stack_current == NULL); /* not current afterwards */
    stack_enter(a, 5);
    CHECK_INT(sys_now(), 5);
    struct netif *lo_a = netif_list;
    lwip_stats.link.drop = 9;
    void *p = mem_malloc(10);
    stack_leave(a);
    stack_enter(b, 100);
    CHECK_INT(sys_now(), 100);
    CHECK(netif_list != NULL && netif_list != lo_a);
    CHECK_INT(lwip_stats.link.drop, 0);
    char text[64];
    CHECK_INT(stack_report_leaks(b, text, sizeof text), 0);
    CHECK_INT(stack_report_leaks(a, text, sizeof text), 1); /* b is current, a is asked */
    stack_leave(b);
    stack_destroy(b);
    CHECK(stack_current == NULL);
    stack_enter(a, 6);
    mem_free(p);
    fixture_down();
}

UNIT(instance, nesting_is_counted_and_foreign_entry_refused)
{
    static unsigned char more[1 << 20];
    fixture_up(NULL);
    struct stack *a = fixture.s;
    stack_leave(a);
    void *aligned = (void *)(((uintptr_t)more + 15) & ~(uintptr_t)15);
    struct stack *b = stack_create(aligned, &fixture_env, NULL, 0);
    stack_enter(a, 1);
    stack_enter(a, 2);
    CHECK_INT(sys_now(), 2);
    stack_leave(a);
    CHECK(stack_current == &a->pub);
    PANICS(stack_enter(b, 1));
    stack_current = &a->pub;
    stack_leave(a);
    CHECK(stack_current == NULL);
    b->depth = 0;
    stack_destroy(b);
    stack_enter(a, 3);
    fixture_down();
}

UNIT(instance, clock_is_sampled_on_entry)
{
    fixture_up_at(NULL, 0xFFFFFFFFu);
    CHECK_INT(sys_now(), 0xFFFFFFFFu);
    fixture_clock(3);
    CHECK_INT(sys_now(), 3);
    CHECK_INT(sys_jiffies(), 3);
    fixture_down();
}

UNIT(instance, random_and_text_go_through_the_host)
{
    fixture_up(NULL);
    fixture.random = 41;
    CHECK_INT(stack_random(), 42);
    CHECK_INT(LWIP_RAND(), 43);
    LWIP_PLATFORM_DIAG(("n=%d\n", 7));
    CHECK(strcmp(fixture.diag, "n=7\n") == 0);
    PANICS(LWIP_ASSERT("on purpose", 0));
    CHECK(strcmp(fixture.panic_text, "on purpose") == 0);
    lwip_init(); /* what an application does: there is an instance already */
    CHECK(netif_list != NULL);
    fixture_down();
}

UNIT(instance, contradictory_configuration_is_refused)
{
    struct stack_config c = stack_config_default;
    void *memory = malloc(stack_size());
    c.pbuf_pool_bufsize = 64;
    CHECK(stack_create(memory, &fixture_env, &c, 0) == NULL);
    free(memory);
}

UNIT(instance, creation_survives_every_refusal_of_memory)
{
    memset(&fixture, 0, sizeof fixture);
    void *memory = malloc(stack_size());
    for (size_t bytes = 0; bytes <= 20000; bytes += 500) {
        fixture.grow_left = bytes;
        struct stack *s = stack_create(memory, &fixture_env, NULL, 0);
        CHECK(stack_current == NULL);
        if (s != NULL)
            stack_destroy(s);
    }
    free(memory);
}

UNIT(instance, drops_are_counted_named_and_shown)
{
    fixture_up(NULL);
    CHECK_INT(stack_drop_reasons(), DROP_REASONS);
    drop(DROP_loop_no_memory, NULL, NULL);
    drop(DROP_loop_no_memory, NULL, NULL);
    CHECK_INT(stack_drop_count(fixture.s, DROP_loop_no_memory), 2);
    CHECK_INT(fixture.drops[DROP_loop_no_memory], 2);
    CHECK(strcmp(stack_drop_name(DROP_loop_no_memory), "loop_no_memory") == 0);
    CHECK(stack_drop_name(DROP_REASONS) == NULL);
    CHECK_INT(stack_drop_count(fixture.s, DROP_REASONS), 0);
    for (unsigned i = 0; i < DROP_REASONS; i++)
        for (unsigned k = 0; k < i; k++)
            CHECK(strcmp(stack_drop_name(i), stack_drop_name(k)) != 0);
    fixture_down();
}

static unsigned ran;

static void count(void *arg)
{
    (void)arg;
    ran++;
}

UNIT(instance, advance_runs_what_is_due_and_deadline_says_when)
{
    fixture_up(NULL);
    stack_advance(fixture.s); /* whatever the rooms wanted at once */
    ran = 0;
    sys_timeout(30, count, NULL);
    CHECK_INT(stack_next_deadline(fixture.s), 30);
    fixture_clock(29);
    stack_advance(fixture.s);
    CHECK_INT(ran, 0);
    CHECK_INT(stack_next_deadline(fixture.s), 1);
    fixture_clock(30);
    CHECK_INT(stack_next_deadline(fixture.s), 0);
    stack_advance(fixture.s);
    CHECK_INT(ran, 1);
    fixture_down();
}

UNIT(instance, idle_one_never_wakes_and_stays_small)
{
    fixture_up(NULL);
    CHECK_INT(stack_next_deadline(fixture.s), UINT32_MAX);
    CHECK(fixture.grown <= 8192);
    CHECK(stack_size() <= 16384);
    fixture_down();
}

UNIT(instance, destroy_gives_everything_back)
{
    char text[256];
    fixture_up(NULL);
    struct udp_pcb *pcb = udp_new();
    CHECK(pcb != NULL);
    CHECK_INT(udp_bind(pcb, IP4_ADDR_ANY, 7), ERR_OK);
    sys_timeout(1000, count, NULL);
    CHECK(stack_report_leaks(fixture.s, text, sizeof text) > 0);
    stack_leave(fixture.s);
    stack_destroy(fixture.s);
    unsigned left = stack_report_leaks(fixture.s, text, sizeof text);
    CHECKF(left == 0, "left: %s", text);
    fixture_abandon();
}
