/* tcp/timer.c: see timer.h; and what happens when each of them expires.
 *
 * The timer starts anew as [RFC6298 5.6]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/timer.h"

#include "stack/tcp/due.h"
#include "stack/tcp/event.h"
#include "stack/tcp/rack.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"

#include "stack/core/event.h"

#define PERSIST_STEPS 7u /* what persist_backoff counts to, as in lwIP */
#define AHEAD_MAX_MS (1u << 30)
#define DELACK_BELOW_MS 500u /* [RFC9293 3.8.6.3 MUST-40] */
#define R1 3u /* retransmissions before the application hears of them [RFC9293 3.8.3 SHLD-10] */

/* ---- Started and stopped ---- */

static u32_t grid_of(enum tcp_timer timer)
{
    if (CFG(timer_granularity_ms) != 0)
        return CFG(timer_granularity_ms);
    return timer == TCP_TIMER_DELACK || timer == TCP_TIMER_RETRY ? TCP_FAST_INTERVAL
                                                                 : TCP_SLOW_INTERVAL;
}

static u32_t round_up(u32_t due_ms, u32_t grid)
{
    if (grid == 1)
        return due_ms;
    u32_t over = (due_ms - STACK->tcp.ticker.skew_ms - CFG(timer_phase_ms)) % grid;
    return over == 0 ? due_ms : due_ms + (grid - over);
}

void tcp_timer_start(struct tcp_pcb *pcb, enum tcp_timer timer, u32_t in_ms)
{
    u32_t ahead = LWIP_MIN(LWIP_MAX(in_ms, 1u), AHEAD_MAX_MS), grid = grid_of(timer);
    u32_t due = round_up(tcp_now() + ahead, grid);

    if (grid != 1 && timer == TCP_TIMER_DELACK && due - tcp_now() >= DELACK_BELOW_MS &&
        grid < DELACK_BELOW_MS)
        due -= grid; /* the tick before: there is no next one that is soon enough */
    pcb->timer_ms[timer] = due;
    pcb->timers = (u16_t)(pcb->timers | 1u << timer);
    if (LWIP_TCP_MIRRORS && timer == TCP_TIMER_REXMIT)
        pcb->rtime = 0;
    tcp_due_update(pcb);
}

void tcp_timer_stop(struct tcp_pcb *pcb, enum tcp_timer timer)
{
    unsigned bit = 1u << timer;

    if ((pcb->timers & bit) == 0)
        return;
    pcb->timers = (u16_t)(pcb->timers & ~bit);
    if (LWIP_TCP_MIRRORS && timer == TCP_TIMER_REXMIT)
        pcb->rtime = -1;
    tcp_due_update(pcb);
}

void tcp_timers_stop_all(struct tcp_pcb *pcb)
{
    pcb->timers = 0;
    if (LWIP_TCP_MIRRORS)
        pcb->rtime = -1;
    tcp_due_update(pcb);
}

void tcp_timer_rexmit_keep(struct tcp_pcb *pcb)
{
    if (tcp_sent_first(pcb) == NULL)
        return;
    if (!tcp_timer_runs(pcb, TCP_TIMER_REXMIT)) /* [RFC6298 5.1] */
        tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
    if (tcp_user_limit(pcb) != 0 && !tcp_timer_runs(pcb, TCP_TIMER_USER))
        tcp_timer_start(pcb, TCP_TIMER_USER, tcp_user_limit(pcb));
}

static bool keeps_alive(const struct tcp_pcb *pcb)
{
    return ip_get_option(pcb, SOF_KEEPALIVE) &&
           pcb->state >= ESTABLISHED && pcb->state <= CLOSE_WAIT; /* a half-closed one, too */
}

void tcp_timer_poll_keep(struct tcp_pcb *pcb)
{
    if (tcp_polls(pcb) && !tcp_timer_runs(pcb, TCP_TIMER_POLL))
        tcp_timer_start(pcb, TCP_TIMER_POLL, (u32_t)pcb->pollinterval * TCP_SLOW_INTERVAL);
}

static void mirror_backoff(struct tcp_pcb *pcb, unsigned n)
{
    if (LWIP_TCP_MIRRORS)
        pcb->persist_backoff = (u8_t)LWIP_MIN(n, PERSIST_STEPS);
}

void tcp_timer_persist_begin(struct tcp_pcb *pcb, u32_t in_ms)
{
    pcb->persist_probe = 0;
    mirror_backoff(pcb, 1);
    pcb->probe_ms = pcb->rto_ms; /* [RFC9293 3.8.6.1 SHLD-29] */
    tcp_timer_start(pcb, TCP_TIMER_PERSIST, in_ms);
}

void tcp_timer_persist_stop(struct tcp_pcb *pcb)
{
    tcp_timer_stop(pcb, TCP_TIMER_PERSIST);
    tcp_unmark(pcb, TM_OVERRIDE);
    pcb->persist_probe = 0;
    mirror_backoff(pcb, 0);
}

void tcp_timer_keep_restart(struct tcp_pcb *pcb)
{
    if (!keeps_alive(pcb)) {
        tcp_timer_stop(pcb, TCP_TIMER_KEEP);
        return;
    }
    tcp_timer_start(pcb, TCP_TIMER_KEEP, pcb->keep_idle);
}

/* How much of keep_idle the silence has yet to last, ms. */
TCP_APART u32_t silence_left(const struct tcp_pcb *pcb)
{
    u32_t idle = tcp_now() - pcb->tmr, most = LWIP_MIN(pcb->keep_idle, AHEAD_MAX_MS);

    return idle < most ? most - idle : 0;
}

void tcp_timer_keep_notice(struct tcp_pcb *pcb)
{
    if (!keeps_alive(pcb) || (!FAST_PATHS && pcb->keep_cnt_sent != 0))
        return;
    if (FAST_PATHS && tcp_timer_runs(pcb, TCP_TIMER_KEEP)) { /* as it should? */
        u32_t left = pcb->timer_ms[TCP_TIMER_KEEP] - tcp_now();
        u32_t most = LWIP_MIN(pcb->keep_idle, AHEAD_MAX_MS) + TCP_SLOW_INTERVAL;
        /* too late: keep_idle is less than it was; soon: perhaps only to have a look */
        if (pcb->keep_cnt_sent != 0 || (left > TCP_SLOW_INTERVAL && left <= most))
            return;
    }
    tcp_timer_start(pcb, TCP_TIMER_KEEP, silence_left(pcb));
}

/* What else is written with the option (keep_idle) usually comes behind it: once the caller is done
 * the timer has a look; after a call-back tcp_output_now() sets it right. */
void tcp_keepalive_set(const u8_t *so_options)
{
    struct tcp_pcb *pcb = STACK->pub.tcp_active_pcbs_;

    while (pcb != NULL && &pcb->so_options != so_options)
        pcb = pcb->next;
    if (pcb != NULL && keeps_alive(pcb) && pcb->keep_cnt_sent == 0)
        tcp_timer_start(pcb, TCP_TIMER_KEEP, 1);
}

/* ---- Expired ---- */

/* The next of a series, counted from when this one was due: a host that always comes late would
 * fall behind more and more, with coarse ticks by a whole one each time. */
TCP_APART void start_next(struct tcp_pcb *pcb, enum tcp_timer timer, u32_t interval_ms)
{
    u32_t late = tcp_now() - pcb->timer_ms[timer];

    tcp_timer_start(pcb, timer, late < interval_ms ? interval_ms - late : interval_ms);
}

static void give_up(struct tcp_pcb *pcb)
{
    /* [RFC9293 3.8.3] [RFC9293 3.10.8]: nobody is there for a RST to reach */
    tcp_pcb_end(pcb, ERR_ABRT);
}

static bool is_past_r2(const struct tcp_pcb *pcb)
{
    if (pcb->state < ESTABLISHED) /* [RFC9293 3.8.3 MUST-23] */
        return pcb->nrtx >= CFG(tcp_synmaxrtx) &&
               tcp_now() - pcb->first_rexmit_ms >= CFG(tcp_syn_r2_ms);
    return tcp_user_limit(pcb) == 0 && pcb->nrtx >= CFG(tcp_maxrtx);
}

/* [SHLD-9] */
static void tell_r1(struct tcp_pcb *pcb)
{
    if (!LWIP_TCP_ICMP_ERRORS || pcb->nrtx < R1 || tcp_marked(pcb, TM_R1_TOLD))
        return;
    tcp_mark(pcb, TM_R1_TOLD);
    if (pcb->soft != NULL)
        pcb->soft(pcb->callback_arg, pcb, ERR_TIMEOUT, 0, 0);
}

/* The window has closed over what is in flight: it is probed, not timed out [SHLD-17, MUST-35]. */
static bool turns_into_probing(struct tcp_pcb *pcb)
{
    if (pcb->snd_wnd != 0 || pcb->state < ESTABLISHED)
        return false;
    tcp_unmark(pcb, TM_OVERRIDE);
    tcp_timer_persist_begin(pcb, 1);
    return true;
}

/* It ran to keep segments apart [RFC3168 6.1.2]: what waited goes out when all timers were seen. */
static bool was_pacing(struct tcp_pcb *pcb)
{
    bool paced = tcp_marked(pcb, TM_ECN_PACED);

    tcp_unmark(pcb, TM_ECN_PACED);
    return paced && tcp_pipe(pcb) == 0;
}

/* Many hosts and boxes on the way have answered questions about ECN with silence: they are asked
 * once [RFC3168 6.1.1.1]. */
static void ask_no_more(struct tcp_pcb *pcb)
{
    if (pcb->state == SYN_SENT)
        tcp_unmark(pcb, TM_ECN);
}

static void rexmit(struct tcp_pcb *pcb)
{
    if (was_pacing(pcb) || tcp_sent_first(pcb) == NULL || turns_into_probing(pcb))
        return;
    if (CFG(tcp_syn_r2_ms) != 0 && pcb->nrtx == 0)
        pcb->first_rexmit_ms = tcp_sent_first(pcb)->sent_ms;
    if (is_past_r2(pcb)) {
        if (pcb->state == SYN_RCVD && !tcp_marked(pcb, TM_ACTIVE_OPEN))
            tcp_pcb_free_quietly(pcb); /* the application never knew of it */
        else
            give_up(pcb);
        return;
    }
    tcp_pmtu_timeout(pcb);
    if (pcb->state >= ESTABLISHED)
        tcp_recover_timeout(pcb);
    else
        tcp_unmark(pcb, TM_TIMING);
    tcp_output_requeue(pcb);
    ask_no_more(pcb);
    tcp_rtt_back_off(pcb);
    if (pcb->nrtx < 255)
        pcb->nrtx++;
    (void)tcp_output_again(pcb, pcb->unacked); /* [RFC6298 5.4] */
    tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
    tell_r1(pcb);
}

/* [RFC9293 3.8.6.1]: for ever, as long as they are answered [MUST-37]; if not, for as long as other
 * data would be sent again [RFC5482 4]: ack.c stops the user's timer when there is an answer. */
static void persist(struct tcp_pcb *pcb)
{
    if (tcp_marked(pcb, TM_OVERRIDE)) {
        tcp_output_probe(pcb);
        return;
    }
    if (tcp_user_limit(pcb) == 0 && pcb->persist_probe >= CFG(tcp_maxrtx)) {
        give_up(pcb);
        return;
    }
    if (pcb->persist_probe < 255)
        pcb->persist_probe++;
    if (tcp_user_limit(pcb) != 0 && !tcp_timer_runs(pcb, TCP_TIMER_USER))
        tcp_timer_start(pcb, TCP_TIMER_USER, tcp_user_limit(pcb));
    mirror_backoff(pcb, pcb->persist_backoff + 1u);
    tcp_output_probe(pcb);
    pcb->probe_ms = LWIP_MIN(pcb->probe_ms * 2, CFG(tcp_rto_max_ms)); /* [SHLD-30] */
    tcp_timer_stop(pcb, TCP_TIMER_REXMIT);
    tcp_timer_start(pcb, TCP_TIMER_PERSIST, pcb->probe_ms);
}

/* [RFC9293 3.8.4 MUST-26]: only on a line that is silent both ways */
static void keep(struct tcp_pcb *pcb)
{
    if (!keeps_alive(pcb))
        return;
    if (tcp_sent_first(pcb) != NULL) {
        tcp_timer_keep_restart(pcb);
        return;
    }
    u32_t left = silence_left(pcb);
    if (pcb->keep_cnt_sent == 0 && left != 0) { /* keep_idle has grown since */
        tcp_timer_start(pcb, TCP_TIMER_KEEP, left);
        return;
    }
    if (pcb->keep_cnt_sent >= pcb->keep_cnt) {
        tcp_abort(pcb);
        return;
    }
    pcb->keep_cnt_sent++;
    (void)tcp_transmit_probe(pcb);
    start_next(pcb, TCP_TIMER_KEEP, pcb->keep_intvl);
}

static void poll_app(struct tcp_pcb *pcb)
{
    if (!tcp_polls(pcb))
        return;
    start_next(pcb, TCP_TIMER_POLL, (u32_t)pcb->pollinterval * TCP_SLOW_INTERVAL);
    (void)tcp_event_poll(pcb);
}

/* [RFC9293 3.10.8] */
static void state_over(struct tcp_pcb *pcb)
{
    if (pcb->state == TIME_WAIT)
        tcp_pcb_over(pcb);
    else /* FIN-WAIT-2: the peer has forgotten to close */
        tcp_pcb_end(pcb, ERR_ABRT);
}

static void retry(struct tcp_pcb *pcb)
{
    if (tcp_deliver_refused(pcb))
        tcp_close_retry(pcb);
}

/* Not within the loop: there each case would bring what follows it a second time. */
__attribute__((noinline)) static void expire(struct tcp_pcb *pcb, enum tcp_timer timer)
{
    stack_emit(STACK_EVENT_TCP_TIMER, (u32_t)pcb->local_port << 16 | pcb->remote_port, timer);
    switch (timer) {
    case TCP_TIMER_REXMIT:
        rexmit(pcb);
        break;
    case TCP_TIMER_PERSIST:
        persist(pcb);
        break;
    case TCP_TIMER_DELACK:
        tcp_rcv_ack_now(pcb);
        break;
    case TCP_TIMER_KEEP:
        keep(pcb);
        break;
    case TCP_TIMER_POLL:
        poll_app(pcb);
        break;
    case TCP_TIMER_STATE:
        state_over(pcb);
        break;
    case TCP_TIMER_USER:
        give_up(pcb);
        break;
    case TCP_TIMER_LOSS:
        tcp_rack_timer(pcb);
        break;
    case TCP_TIMER_RETRY:
        retry(pcb);
        break;
    case TCP_TIMERS:
        break;
    }
}

static void run_pcb(struct tcp_pcb *pcb)
{
    struct tcp_hold hold;
    u32_t now = tcp_now();

    tcp_hold_begin(&hold, pcb);
    for (unsigned i = 0; i < TCP_TIMERS && hold.pcb != NULL; i++) {
        if (!tcp_timer_runs(pcb, (enum tcp_timer)i) || seq_gt(pcb->timer_ms[i], now))
            continue;
        tcp_timer_stop(pcb, (enum tcp_timer)i);
        expire(pcb, (enum tcp_timer)i);
    }
    if (hold.pcb != NULL)
        (void)tcp_output_now(pcb);
    tcp_hold_end(&hold);
}

static void mirror_ticks(void)
{
    u32_t ticks = (tcp_now() - STACK->tcp.ticks_ms) / TCP_SLOW_INTERVAL;

    STACK->pub.tcp_ticks_ += ticks;
    STACK->tcp.ticks_ms += ticks * TCP_SLOW_INTERVAL;
}

/* Each timer that runs is started at least 1 ms ahead, so this ends. */
static void run_due(void)
{
    struct tcp_pcb *pcb;

    if (LWIP_TCP_MIRRORS)
        mirror_ticks();
    while ((pcb = tcp_due_expired()) != NULL)
        run_pcb(pcb);
}

void tcp_timers_init(void)
{
    ticker_init(&STACK->tcp.ticker, TICKER_TCP, TCP_TMR_INTERVAL, run_due);
    if (LWIP_TCP_MIRRORS)
        STACK->tcp.ticks_ms = tcp_now();
}

/* ---- For those who keep time by hand ---- */

#define FAST_PER_SLOW (TCP_SLOW_INTERVAL / TCP_FAST_INTERVAL)

static void notice_keepalive(void)
{
    for (struct tcp_pcb *pcb = STACK->pub.tcp_active_pcbs_; pcb != NULL; pcb = pcb->next)
        tcp_timer_keep_notice(pcb);
}

void tcp_tmr(void)
{
    notice_keepalive();
    ticker_tick(&STACK->tcp.ticker);
}

void tcp_fasttmr(void)
{
    if (STACK->tcp.ticked < FAST_PER_SLOW)
        STACK->tcp.ticked++;
    tcp_tmr();
}

void tcp_slowtmr(void)
{
    notice_keepalive();
    for (; STACK->tcp.ticked < FAST_PER_SLOW; STACK->tcp.ticked++)
        ticker_tick(&STACK->tcp.ticker);
    STACK->tcp.ticked = 0;
    run_due();
}

#endif
