/* Tests of stack/tcp/rtt.c. The expected numbers were worked out by hand from [RFC6298 2]; where an
 * eighth or a quarter of a millisecond had to be rounded, the exact value stands beside. */
#include "core_fixture.h"

#include "lwip/tcp.h"
#include "stack/tcp/rtt.h"

static struct tcp_pcb pcb;

static void begin(u32_t granularity, u32_t rto_min, u32_t rto_max)
{
    struct stack_config c = stack_config_default;
    c.timer_granularity_ms = granularity;
    c.tcp_rto_min_ms = rto_min;
    c.tcp_rto_max_ms = rto_max;
    c.tcp_rto_init_ms = 1000;
    fixture_up(&c);
    memset(&pcb, 0, sizeof pcb);
    tcp_rtt_init(&pcb);
}

static void sample(u32_t rtt, u32_t srtt8, u32_t rttvar4, u32_t rto)
{
    tcp_rtt_sample(&pcb, rtt);
    CHECK_INT(pcb.srtt8, srtt8);
    CHECK_INT(pcb.rttvar4, rttvar4);
    CHECK_INT(pcb.rto_ms, rto);
}

UNIT(tcp_rtt, before_a_sample_the_timeout_is_the_initial_one)
{
    begin(1, 1000, 60000);
    SHOWS("RQ-6298-01", pcb.rto_ms == 1000); /* [RFC6298 2.1] */
    CHECK_INT(pcb.srtt8, 0);
    CHECK_INT(tcp_rtt_smoothed_ms(&pcb), 1000);
    CHECK_INT(pcb.rto, 2);
    CHECK_INT(pcb.sv, 2);
    CHECK_INT(pcb.sa, 0);
    CHECK_INT(pcb.rttest, 0);
    fixture_down();
}

UNIT(tcp_rtt, a_first_sample_sets_mean_and_variance) /* [RFC6298 2.2] */
{
    begin(1, 200, 60000);
    sample(400, 3200, 800, 1200); /* 400, 200: 400 + 4 * 200 */
    SHOWS("RQ-6298-02", pcb.rto_ms == 1200);
    CHECK_INT(tcp_rtt_smoothed_ms(&pcb), 400);
    CHECK_INT(pcb.sa, 6);  /* 8 * 0.8 ticks = 6.4 */
    CHECK_INT(pcb.sv, 1);  /* 4 * 0.4 ticks = 1.6 */
    CHECK_INT(pcb.rto, 3); /* 2.4 ticks */
    fixture_down();
}

UNIT(tcp_rtt, later_samples_are_weighed) /* [RFC6298 2.3] */
{
    begin(1, 200, 60000);
    sample(400, 3200, 800, 1200);
    sample(500, 3300, 700, 1113); /* 412.5, 175: 413 + 700 */
    sample(100, 2988, 838, 1212); /* 373.44 (.5), 209.375 (.5): 374 + 838 */
    sample(100, 2715, 902, 1242); /* 339.31 (.375), 225.375 (.5): 340 + 902 */
    SHOWS("RQ-6298-03", pcb.rto_ms == 1242);
    CHECK_INT(tcp_rtt_smoothed_ms(&pcb), 340);
    fixture_down();
}

UNIT(tcp_rtt, steady_samples_leave_the_granularity)
{
    begin(1, 1, 60000);
    for (int i = 0; i < 100; i++)
        tcp_rtt_sample(&pcb, 100);
    sample(100, 800, 2, 102); /* RTTVAR: 3/4 of 2 quarters are 1.5, rounded up again */
    fixture_down();
    begin(10, 1, 60000);
    for (int i = 0; i < 100; i++)
        tcp_rtt_sample(&pcb, 100);
    CHECK_INT(pcb.rto_ms, 110);
    fixture_down();
    begin(0, 1, 60000); /* lwIP's ticks */
    for (int i = 0; i < 100; i++)
        tcp_rtt_sample(&pcb, 100);
    CHECK_INT(pcb.rto_ms, 600);
    fixture_down();
}

UNIT(tcp_rtt, the_timeout_is_a_second_at_least) /* [RFC6298 2.4] */
{
    begin(1, 1000, 60000);
    sample(1, 8, 2, 1000);
    SHOWS("RQ-6298-04", pcb.rto_ms == 1000);
    fixture_down();
}

UNIT(tcp_rtt, the_timeout_has_a_limit_of_a_minute) /* [RFC6298 2.5] */
{
    begin(1, 1000, 60000);
    sample(50000, 400000, 100000, 60000);
    SHOWS("RQ-6298-05", pcb.rto_ms == 60000);
    CHECK_INT(pcb.rto, 120);
    tcp_rtt_back_off(&pcb);
    CHECK_INT(pcb.rto_ms, 60000);
    fixture_down();
}

UNIT(tcp_rtt, each_expiry_doubles_up_to_the_limit) /* [RFC6298 5.5] */
{
    static const u32_t expected[] = {2400, 4800, 9600, 19200, 38400, 60000, 60000};
    begin(1, 1000, 60000);
    sample(400, 3200, 800, 1200);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        tcp_rtt_back_off(&pcb);
        SHOWS("RQ-6298-13", pcb.rto_ms == expected[i]);
    }
    sample(400, 3200, 600, 1000); /* a clean one ends it; 150 ms: the variance has shrunk */
    fixture_down();
}

UNIT(tcp_rtt, a_lost_syn_means_three_seconds) /* [RFC6298 5.7] */
{
    begin(1, 1000, 60000);
    tcp_rtt_back_off(&pcb);
    tcp_rtt_settle(&pcb);
    CHECK_INT(pcb.rto_ms, 2000); /* none was lost */
    pcb.syn_lost = 1;
    tcp_rtt_settle(&pcb);
    SHOWS("RQ-6298-15", pcb.rto_ms == 3000);
    CHECK_INT(pcb.rto, 6);
    fixture_down();
    struct stack_config c = stack_config_default;
    c.tcp_rto_init_ms = 3000;
    fixture_up(&c);
    tcp_rtt_init(&pcb);
    tcp_rtt_back_off(&pcb);
    tcp_rtt_settle(&pcb);
    CHECK_INT(pcb.rto_ms, 6000);
    fixture_down();
}

UNIT(tcp_rtt, less_than_the_clock_can_see_is_half_a_millisecond)
{
    begin(1, 1, 60000);
    sample(0, 4, 1, 2); /* 0.5, 0.25: 1 + 1 */
    CHECK_INT(tcp_rtt_smoothed_ms(&pcb), 1);
    for (int i = 0; i < 1000; i++)
        tcp_rtt_sample(&pcb, 0);
    CHECK(pcb.srtt8 != 0); /* which would mean: no sample yet */
    fixture_down();
}

UNIT(tcp_rtt, huge_samples_do_not_overflow)
{
    begin(1, 1000, 1u << 30);
    for (int i = 0; i < 100; i++) {
        tcp_rtt_sample(&pcb, i % 2 ? 0 : 0xffffffffu);
        CHECK(pcb.srtt8 <= 8u << 25);
        CHECK(pcb.rttvar4 <= 8u << 25);
        CHECK(pcb.rto_ms >= 1000 && pcb.rto_ms <= 1u << 30);
    }
    for (int i = 0; i < 40; i++)
        tcp_rtt_back_off(&pcb);
    CHECK_INT(pcb.rto_ms, 1u << 30);
    CHECK_INT(pcb.rto, 0x7fff);
    fixture_down();
}
