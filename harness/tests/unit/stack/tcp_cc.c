/* Tests of stack/tcp/cc.c and cc_newreno.c. */
#include "core_fixture.h"

#include "lwip/tcp.h"
#include "stack/tcp/cc.h"

#define MSS 1000

static struct tcp_pcb pcb;

static void begin(u32_t cwnd, u32_t ssthresh)
{
    struct stack_config c = stack_config_default;
    c.tcp_snd_buf = 1u << 20;
    fixture_up(&c);
    memset(&pcb, 0, sizeof pcb);
    pcb.mss = MSS;
    pcb.cwnd = cwnd;
    pcb.ssthresh = ssthresh;
    pcb.cc = tcp_cc_by_name("newreno");
    pcb.bytes_acked = 77;
    pcb.cc->init(&pcb);
    CHECK_INT(pcb.bytes_acked, 0);
}

static void acked(u32_t bytes, u32_t cwnd)
{
    pcb.cc->acked(&pcb, bytes, true, false);
    CHECK_INT(pcb.cwnd, cwnd);
}

UNIT(tcp_cc, is_found_by_number_and_by_name)
{
    CHECK(tcp_cc_by_number(0) == &tcp_cc_newreno);
    CHECK(tcp_cc_by_number(1) == &tcp_cc_cubic);
    CHECK(tcp_cc_by_number(2) == &tcp_cc_newreno);
    CHECK(tcp_cc_by_number(0xffffffffu) == &tcp_cc_newreno);
    CHECK(tcp_cc_by_name("newreno") == &tcp_cc_newreno);
    CHECK(tcp_cc_by_name("cubic") == &tcp_cc_cubic);
    CHECK(tcp_cc_by_name("vegas") == NULL);
}

UNIT(tcp_cc, initial_windows) /* [RFC6928 2], [RFC5681 3.1] */
{
    static const struct {
        u16_t mss;
        u8_t timestamps;
        u32_t window;
    } rows[] = {
        {64, 0, 640},     {536, 0, 5360},   {1095, 0, 10950}, {1460, 0, 14600}, {1460, 1, 14480},
        {1461, 0, 14600}, {2190, 0, 14600}, {7300, 0, 14600}, {7301, 0, 14602}, {8960, 0, 17920},
    };
    begin(MSS, MSS);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pcb.mss = rows[i].mss;
        pcb.flags = rows[i].timestamps ? TF_TIMESTAMP : 0;
        pcb.syn_lost = 0;
        CHECK_INT(tcp_cc_initial_window(&pcb), rows[i].window);
        pcb.syn_lost = 1;
        SHOWS("RQ-5681-02", tcp_cc_initial_window(&pcb) == tcp_mss(&pcb));
    }
    fixture_down();
    struct stack_config c = stack_config_default;
    c.tcp_iw_segments = 3;
    fixture_up(&c);
    pcb.syn_lost = 0;
    pcb.flags = 0;
    pcb.mss = 1460;
    CHECK_INT(tcp_cc_initial_window(&pcb), 4380);
    fixture_down();
}

UNIT(tcp_cc, restart_windows_are_initial_ones_but_never_more_than_there_was)
{
    begin(50 * MSS, MSS);
    CHECK_INT(tcp_cc_restart_window(&pcb), 10 * MSS); /* [RFC5681 4.1] */
    pcb.cwnd = 4 * MSS;
    CHECK_INT(tcp_cc_restart_window(&pcb), 4 * MSS);
    fixture_down();
}

UNIT(tcp_cc, growth_ends_at_the_send_buffer)
{
    begin((1u << 20) - 1500, MSS);
    tcp_cc_grow(&pcb, 1000);
    CHECK_INT(pcb.cwnd, (1u << 20) - 500);
    tcp_cc_grow(&pcb, 1000);
    CHECK_INT(pcb.cwnd, 1u << 20);
    tcp_cc_grow(&pcb, 0xffffffffu);
    CHECK_INT(pcb.cwnd, 1u << 20);
    pcb.cwnd = (1u << 20) + 5; /* set by hand */
    tcp_cc_grow(&pcb, 1000);
    CHECK_INT(pcb.cwnd, (1u << 20) + 5);
    fixture_down();
}

UNIT(tcp_newreno, slow_start_doubles_in_a_round_trip) /* [RFC5681 3.1] */
{
    begin(10 * MSS, 1u << 20);
    for (u32_t i = 1; i <= 10; i++)
        acked(MSS, (10 + i) * MSS);
    SHOWS("RQ-5681-03", pcb.cwnd == 20 * MSS);
    fixture_down();
}

UNIT(tcp_newreno, slow_start_grows_by_what_is_acknowledged_at_most_a_segment)
{
    begin(10 * MSS, 1u << 20);
    acked(2 * MSS, 11 * MSS); /* a delayed ACK */
    acked(9 * MSS, 12 * MSS); /* a stretched one */
    SHOWS("RQ-5681-04", pcb.cwnd == 12 * MSS);
    for (u32_t i = 1; i <= 100; i++) /* 100 ACKs for one segment */
        acked(MSS / 100, 12 * MSS + i * (MSS / 100));
    SHOWS("RQ-5681-05", pcb.cwnd == 13 * MSS);
    pcb.cc->acked(&pcb, 5 * MSS, true, true);
    CHECK_INT(pcb.cwnd, 14 * MSS);
    fixture_down();
}

UNIT(tcp_newreno, at_the_threshold_it_still_starts_slowly) /* either is right [RFC5681 3.1] */
{
    begin(10 * MSS, 10 * MSS);
    acked(MSS, 11 * MSS);
    acked(MSS, 11 * MSS + MSS / 11);
    fixture_down();
}

UNIT(tcp_newreno, avoidance_grows_by_a_segment_for_a_window) /* [RFC5681 3.1] */
{
    begin(10 * MSS, MSS);
    for (u32_t round = 10; round < 40; round++) {
        for (u32_t i = 2; i < round; i += 2) /* evenly, to the byte */
            acked(2 * MSS, round * MSS + i * MSS / round);
        acked((round % 2 ? 1 : 2) * MSS, (round + 1) * MSS);
        SHOWS("RQ-5681-06", pcb.cwnd == (round + 1) * MSS);
    }
    fixture_down();
}

UNIT(tcp_newreno, avoidance_is_not_sped_up_by_divided_or_stretched_acks)
{
    begin(10 * MSS, MSS);
    for (u32_t i = 1; i <= 1000; i++)
        acked(10, 10 * MSS + i);
    SHOWS("RQ-5681-07", pcb.cwnd == 11 * MSS);
    for (u32_t i = 12; i < 20; i++)
        acked(500 * MSS, i * MSS); /* more than a window, which happens after a reduction */
    SHOWS("RQ-5681-07", pcb.cwnd == 19 * MSS);
    CHECK(pcb.bytes_acked < pcb.cwnd);
    fixture_down();
}

UNIT(tcp_newreno, the_remainder_of_a_window_counts_in_the_next)
{
    begin(3 * MSS, MSS);
    acked(2 * MSS, 3 * MSS + 2 * MSS / 3);
    acked(2 * MSS, 4 * MSS + MSS / 4); /* one segment left over */
    acked(2 * MSS, 4 * MSS + 3 * MSS / 4);
    acked(MSS, 5 * MSS);
    fixture_down();
}

UNIT(tcp_newreno, avoidance_never_leaves_the_window_it_counts_in)
{
    begin(10 * MSS, MSS);
    acked(9 * MSS, 10 * MSS + 9 * MSS / 10);
    pcb.cwnd = 100 * MSS; /* by hand */
    acked(100 * MSS, 100 * MSS + 100 + 99000 * MSS / 100100);
    CHECK_INT(pcb.round_cwnd, 100 * MSS + 100);
    CHECK(pcb.bytes_acked < pcb.round_cwnd);
    fixture_down();
}

UNIT(tcp_newreno, does_not_grow_when_the_window_was_not_the_limit)
{
    begin(10 * MSS, 1u << 20);
    for (int i = 0; i < 100; i++)
        pcb.cc->acked(&pcb, MSS, false, false);
    CHECK_INT(pcb.cwnd, 10 * MSS);
    pcb.ssthresh = MSS;
    for (int i = 0; i < 100; i++)
        pcb.cc->acked(&pcb, MSS, false, false);
    CHECK_INT(pcb.cwnd, 10 * MSS);
    CHECK_INT(pcb.bytes_acked, 0);
    fixture_down();
}

UNIT(tcp_newreno, halves_what_is_in_flight) /* [RFC5681 3.1] equation 4 */
{
    begin(10 * MSS, MSS);
    acked(MSS, 10 * MSS + MSS / 10);
    SHOWS("RQ-5681-08", pcb.cc->reduce(&pcb, 9001) == 4500);
    CHECK_INT(pcb.bytes_acked, 0);
    CHECK_INT(pcb.cwnd, 10 * MSS + MSS / 10); /* the core's to set */
    pcb.cwnd = 10 * MSS;
    CHECK_INT(pcb.cc->reduce(&pcb, 4001), 2000);
    CHECK_INT(pcb.cc->reduce(&pcb, 1), 2000);
    CHECK_INT(pcb.cc->reduce(&pcb, 0), 2000);
    acked(MSS, 10 * MSS + MSS / 10);
    pcb.cc->timeout(&pcb);
    CHECK_INT(pcb.bytes_acked, 0);
    pcb.cwnd = 10 * MSS;
    acked(MSS, 10 * MSS + MSS / 10);
    pcb.cc->idle(&pcb);
    CHECK_INT(pcb.bytes_acked, 0);
    fixture_down();
}
