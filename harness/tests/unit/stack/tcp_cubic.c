/* Tests of stack/tcp/cc_cubic.c [RFC9438]: its arithmetic against exact integers, its windows
 * against the RFC's formulas in floating point, in segments and seconds. */
#include "core_fixture.h"

#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "stack/tcp/cc.h"
#include "stack/tcp/cc_cubic.h"
#include "stack/tcp/rtt.h"

#define MSS 1460u

static struct tcp_pcb pcb;

static void begin(u32_t cwnd, u32_t ssthresh, u32_t rtt_ms)
{
    struct stack_config c = stack_config_default;
    c.tcp_snd_buf = 1u << 28;
    fixture_up_at(&c, 0xfffff000u); /* the clock wraps during the test */
    memset(&pcb, 0, sizeof pcb);
    pcb.mss = MSS;
    pcb.cwnd = cwnd;
    pcb.ssthresh = ssthresh;
    pcb.cc = tcp_cc_by_number(1);
    tcp_rtt_init(&pcb);
    tcp_rtt_sample(&pcb, rtt_ms);
    memset(&pcb.cubic, 0xa5, sizeof pcb.cubic);
    pcb.cc->init(&pcb);
}

static void lose(void)
{
    pcb.ssthresh = pcb.cc->reduce(&pcb, pcb.cwnd);
    pcb.cwnd = pcb.ssthresh;
}

/* At the threshold, where a reduction ends, a step of slow start is due [RFC9438 4.10]; the epoch
 * begins with the next ACK. */
static void leave_threshold(void)
{
    u32_t cwnd = pcb.cwnd;
    CHECK_INT(pcb.cwnd, pcb.ssthresh);
    pcb.cc->acked(&pcb, MSS, true, false);
    CHECK_INT(pcb.cwnd, cwnd + MSS);
    CHECK(!pcb.cubic.in_epoch);
}

UNIT(tcp_cubic, roots_are_exact)
{
    CHECK_INT(cubic_root(0), 0);
    CHECK_INT(cubic_root(0xffffffffffffffffu), 2642245);
    for (uint64_t r = 1; r <= 2642245; r += r < 1000 ? 1 : 977) {
        CHECK_INT(cubic_root(r * r * r), r);
        CHECK_INT(cubic_root(r * r * r - 1), r - 1);
    }
}

UNIT(tcp_cubic, rises_are_as_exact_as_they_say)
{
    static const u32_t sizes[] = {1, 536, 1448, 1460, 8960, 65495};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t mss = sizes[i];
        for (uint64_t t = 0; t <= 65535; t += 13) {
            uint64_t exact = t * t * t * mss / 2500000000u;
            u32_t rise = cubic_rise((u32_t)t, sizes[i]);
            uint64_t expected = exact < 0x7fffffff ? exact : 0x7fffffff;
            CHECKF(rise <= expected && expected - rise <= 2, "t %u mss %u: %u", (unsigned)t,
                   (unsigned)mss, (unsigned)rise);
        }
        for (uint64_t t = 65536; t <= CUBIC_TIME_MAX && mss >= 536; t += 4099) {
            double exact = (double)(t * t * t) / 2.5e9 * (double)mss;
            double rise = (double)cubic_rise((u32_t)t, sizes[i]);
            exact = exact < 0x7fffffff ? exact : 0x7fffffff;
            CHECKF(rise <= exact && rise >= exact * 255 / 256, "t %u mss %u", (unsigned)t,
                   (unsigned)mss);
        }
    }
}

/* K = cbrt((W_max - cwnd) / C): from 70 to 100 segments it is cbrt(75) = 4.217163 s. */
UNIT(tcp_cubic, k_is_the_time_back_to_the_old_window)
{
    CHECK_INT(cubic_k_ms(0, 1460), 0);
    CHECK_INT(cubic_k_ms(30 * 1460, 1460), 4217);
    CHECK_INT(cubic_k_ms(30 * 536, 536), 4217);
    CHECK_INT(cubic_k_ms(50 * 1000, 1000), 5000);  /* cbrt(125) */
    CHECK_INT(cubic_k_ms(49999, 1000), 4999);      /* rounded down */
    CHECK_INT(cubic_k_ms(0x7fffffff, 1), 1751015); /* the most that can be asked */
}

UNIT(tcp_cubic, a_loss_takes_three_tenths)
{
    begin(100 * MSS, 100 * MSS, 100);
    CHECK_INT(pcb.cc->reduce(&pcb, 100 * MSS), 70 * MSS); /* [RFC9438 4.6] */
    CHECK_INT(pcb.cubic.w_max, 100 * MSS);
    CHECK_INT(pcb.cubic.cwnd_prior, 100 * MSS);
    CHECK_INT(pcb.cc->reduce(&pcb, 99), 2 * MSS);
    CHECK_INT(pcb.cc->reduce(&pcb, 1000000007u), 700000004);
    fixture_down();
}

UNIT(tcp_cubic, a_loss_below_the_last_one_makes_room) /* [RFC9438 4.7] */
{
    begin(100 * MSS, 100 * MSS, 100);
    lose();
    lose();
    CHECK_INT(pcb.cubic.w_max, 70 * MSS * 17 / 20);
    CHECK_INT(pcb.cubic.cwnd_prior, 70 * MSS);
    pcb.cwnd = 200 * MSS;
    lose();
    CHECK_INT(pcb.cubic.w_max, 200 * MSS);
    fixture_down();
}

UNIT(tcp_cubic, below_the_threshold_it_starts_slowly)
{
    begin(10 * MSS, 1u << 20, 100);
    pcb.cc->acked(&pcb, 2 * MSS, true, false);
    CHECK_INT(pcb.cwnd, 11 * MSS);
    pcb.cc->acked(&pcb, 2 * MSS, false, false);
    CHECK_INT(pcb.cwnd, 11 * MSS);
    CHECK(!pcb.cubic.in_epoch);
    fixture_down();
}

/* ---- Windows over time against the RFC's formulas ---- */

static struct {
    double cwnd, w_max, w_est, k, prior; /* segments, seconds */
    double t;
    unsigned reno_acks, cubic_acks;
} model;

static double model_root(double x)
{
    double r = 1 + x / 3;
    for (int i = 0; i < 200 && x > 0; i++)
        r -= (r * r * r - x) / (3 * r * r);
    return x > 0 ? r : 0;
}

static double model_at(double t)
{
    double d = t - model.k;
    return 0.4 * d * d * d + model.w_max;
}

static void model_begin(double cwnd, double w_max, double prior)
{
    memset(&model, 0, sizeof model);
    model.cwnd = model.w_est = cwnd;
    model.w_max = w_max;
    model.prior = prior;
    model.k = model_root((w_max - cwnd) / 0.4);
}

static void model_acked(double segments, double rtt)
{
    double alpha = model.w_est >= model.prior ? 1 : 3 * (1 - 0.7) / (1 + 0.7);
    model.w_est += alpha * segments / model.cwnd;
    if (model_at(model.t) < model.w_est) {
        model.reno_acks++;
        model.cwnd = model.w_est > model.cwnd ? model.w_est : model.cwnd;
        return;
    }
    model.cubic_acks++;
    double target = model_at(model.t + rtt);
    target = target < model.cwnd ? model.cwnd : target;
    target = target > 1.5 * model.cwnd ? 1.5 * model.cwnd : target;
    model.cwnd += segments * (target - model.cwnd) / model.cwnd;
}

/* For `rounds` round trips: ACKs for two segments each. The stack grows by whole segments and holds
 * back less than one of its own and less than one of the estimate, so the windows lie less than two
 * apart, and one more for what the difference does to the rate. */
static void run_beside_model(u32_t rounds, u32_t rtt_ms)
{
    for (u32_t r = 0; r < rounds; r++) {
        u32_t acks = pcb.cwnd / (2 * MSS), start = sys_now();
        for (u32_t i = 0; i < acks; i++) {
            u32_t in = rtt_ms * i / acks;
            fixture_clock(start + in);
            model.t = (r * rtt_ms + in) / 1000.0;
            pcb.cc->acked(&pcb, 2 * MSS, true, false);
            model_acked(2, rtt_ms / 1000.0);
            double cwnd = (double)pcb.cwnd / MSS, apart = cwnd - model.cwnd;
            CHECKF(apart < 3 && apart > -3, "round %u: %f, model %f", (unsigned)r, cwnd,
                   model.cwnd);
        }
        fixture_clock(start + rtt_ms);
    }
}

UNIT(tcp_cubic, on_a_long_path_it_follows_the_cubic) /* [RFC9438 4.2] [RFC9438 4.4] [RFC9438 4.5] */
{
    begin(500 * MSS, 500 * MSS, 200);
    lose();
    leave_threshold();
    model_begin(351, 500, 500);
    run_beside_model(120, 200); /* K is 7.2 s; 24 s */
    CHECK(model.cubic_acks > 100 * model.reno_acks);
    CHECK(pcb.cwnd > 1500 * MSS);
    fixture_down();
}

UNIT(tcp_cubic, at_k_it_is_back_where_the_loss_was)
{
    begin(500 * MSS, 500 * MSS, 200);
    lose();
    leave_threshold();
    model_begin(351, 500, 500);
    run_beside_model(36, 200); /* 7.2 s */
    CHECKF(pcb.cwnd >= 497 * MSS && pcb.cwnd <= 501 * MSS, "%u", (unsigned)pcb.cwnd / MSS);
    fixture_down();
}

UNIT(tcp_cubic, on_a_short_path_it_is_as_fast_as_reno) /* [RFC9438 4.3] */
{
    begin(30 * MSS, 30 * MSS, 10);
    lose();
    leave_threshold();
    model_begin(22, 30, 30);
    run_beside_model(100, 10);
    CHECK(model.reno_acks > 10 * model.cubic_acks);
    CHECK(pcb.cubic.w_est >= pcb.cubic.cwnd_prior); /* alpha has become 1 */
    CHECKF(pcb.cwnd > 100 * MSS, "%u", (unsigned)pcb.cwnd / MSS);
    fixture_down();
}

UNIT(tcp_cubic, after_a_timeout_the_window_is_its_own_saddle) /* [RFC9438 4.8] */
{
    begin(100 * MSS, 100 * MSS, 200);
    lose();
    pcb.cc->timeout(&pcb);
    pcb.cwnd = MSS;
    while (pcb.cwnd < pcb.ssthresh)
        pcb.cc->acked(&pcb, MSS, true, false);
    CHECK_INT(pcb.cwnd, 70 * MSS);
    leave_threshold();
    model_begin(71, 71, 100);
    run_beside_model(40, 200);
    CHECK_INT(pcb.cubic.k_ms, 0);
    CHECK_INT(pcb.cubic.w_max, 71 * MSS);
    fixture_down();
}

UNIT(tcp_cubic, time_in_which_the_window_was_no_limit_does_not_count) /* [RFC9438 5.8] */
{
    begin(500 * MSS, 500 * MSS, 200);
    lose();
    leave_threshold();
    model_begin(351, 500, 500);
    run_beside_model(10, 200);
    u32_t epoch = pcb.cubic.epoch_ms, cwnd = pcb.cwnd, start = sys_now();
    u32_t last = pcb.cubic.seen_ms;
    for (u32_t i = 1; i <= 100; i++) {
        fixture_clock(start + 1000 * i);
        pcb.cc->acked(&pcb, MSS, false, false);
    }
    CHECK_INT(pcb.cwnd, cwnd);
    CHECK_INT((u32_t)(pcb.cubic.epoch_ms - epoch), start - last + 100000);
    fixture_down();
}

UNIT(tcp_cubic, idleness_begins_a_new_epoch)
{
    begin(500 * MSS, 500 * MSS, 200);
    lose();
    leave_threshold();
    model_begin(351, 500, 500);
    run_beside_model(10, 200);
    pcb.cc->idle(&pcb);
    fixture_clock(sys_now() + 3600000);
    u32_t cwnd = pcb.cwnd;
    pcb.cc->acked(&pcb, MSS, true, false);
    CHECK_INT(pcb.cubic.epoch_ms, sys_now());
    CHECK_INT(pcb.cubic.w_max, 500 * MSS);
    CHECK_INT(pcb.cwnd, cwnd);
    fixture_down();
}

UNIT(tcp_cubic, growth_is_half_a_window_in_a_round_trip_at_most) /* [RFC9438 4.4] */
{
    begin(100 * MSS, 99 * MSS, 200);
    pcb.cc->acked(&pcb, MSS, true, false); /* the epoch begins: K is 0 */
    fixture_clock(sys_now() + 30 * 60 * 1000);
    for (int i = 0; i < 100; i++)
        pcb.cc->acked(&pcb, MSS, true, false);
    CHECKF(pcb.cwnd > 135 * MSS && pcb.cwnd <= 150 * MSS, "%u", (unsigned)pcb.cwnd / MSS);
    fixture_down();
}
