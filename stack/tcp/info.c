/* tcp/info.c: tcp_info_get(): what a person debugging asks of a connection. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "lockwire/tcp.h"
#include "stack/tcp/cc.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"

#include <string.h>

const char *tcp_timer_name(enum tcp_timer timer)
{
    static const char *const names[] = {"rexmit", "persist", "delack", "keep", "poll",
                                        "state",  "user",    "loss",   "retry"};

    return (unsigned)timer < sizeof names / sizeof names[0] ? names[timer] : "?";
}

static u32_t count(const struct tcp_seg *seg, u32_t *bytes)
{
    u32_t n = 0;

    for (*bytes = 0; seg != NULL; seg = seg->next) {
        *bytes += seg->len;
        n++;
    }
    return n;
}

static void describe_queues(const struct tcp_pcb *pcb, struct tcp_info *info)
{
    info->unsent_segments = count(pcb->unsent, &info->unsent);
    info->unacked_segments = count(pcb->unacked, &info->unacked);
    info->ooseq_segments = count(pcb->ooseq, &info->ooseq);
    info->queuelen = pcb->snd_queuelen;
    info->refused = pcb->refused_data != NULL ? pcb->refused_data->tot_len : 0;
}

static void describe_loss(const struct tcp_pcb *pcb, struct tcp_info *info)
{
    info->cwnd = pcb->cwnd;
    info->ssthresh = pcb->ssthresh;
    info->in_flight = tcp_flight(pcb);
    info->dupacks = pcb->dupacks;
    info->recover = pcb->recover;
    info->sacked = pcb->sacked_bytes;
    info->lost = tcp_lost_bytes(pcb);
    info->retransmitting = tcp_retx_bytes(pcb);
    info->recovery = tcp_recovery_name(pcb);
    info->cc = LWIP_TCP_CUBIC ? pcb->cc->name : tcp_cc_newreno.name;
    info->srtt_us = pcb->srtt8 * 125u;
    info->rttvar_us = pcb->rttvar4 * 250u;
    info->rto = pcb->rto_ms;
    info->backoff = pcb->nrtx;
}

static void describe_timers(const struct tcp_pcb *pcb, struct tcp_info *info)
{
    u32_t now = tcp_now();

    for (unsigned i = 0; i < TCP_TIMERS; i++)
        info->timer[i] = !tcp_timer_runs(pcb, (enum tcp_timer)i) ? 0xffffffffu
                         : seq_gt(pcb->timer_ms[i], now)         ? pcb->timer_ms[i] - now
                                                                 : 0;
    info->keep_probes = pcb->keep_cnt_sent;
    info->persist_probes = pcb->persist_probe;
}

static void describe_options(const struct tcp_pcb *pcb, struct tcp_info *info)
{
    info->snd_scale = pcb->snd_scale;
    info->rcv_scale = pcb->rcv_scale;
    info->timestamps = (pcb->flags & TF_TIMESTAMP) != 0;
    info->sack = (pcb->flags & TF_SACK) != 0;
    info->window_scale = (pcb->flags & TF_WND_SCALE) != 0;
    info->ecn = tcp_marked(pcb, TM_ECN);
    info->nagle = (pcb->flags & TF_NODELAY) == 0;
    info->ack_delayed = (pcb->flags & TF_ACK_DELAY) != 0;
    info->ts_recent = pcb->ts_recent;
    for (unsigned i = 0; i < LWIP_TCP_MAX_SACK_NUM && i < 4; i++)
        info->blocks[i] = pcb->rcv_sacks[i];
    info->soft_error = pcb->soft_error;
}

void tcp_info_get(const struct tcp_pcb *pcb, struct tcp_info *info)
{
    memset(info, 0, sizeof *info);
    info->state = pcb->state;
    info->iss = pcb->iss;
    info->irs = pcb->irs;
    info->snd_una = pcb->lastack;
    info->snd_nxt = pcb->snd_nxt;
    info->snd_wnd = pcb->snd_wnd;
    info->snd_wl1 = pcb->snd_wl1;
    info->snd_wl2 = pcb->snd_wl2;
    info->snd_up = tcp_marked(pcb, TM_URGENT_OUT) ? pcb->snd_up : pcb->lastack;
    info->snd_buf = pcb->snd_buf;
    info->snd_lbb = pcb->snd_lbb;
    info->snd_wnd_max = pcb->snd_wnd_max;
    info->rcv_nxt = pcb->rcv_nxt;
    info->rcv_wnd = pcb->rcv_wnd;
    info->rcv_ann_wnd = seq_gt(pcb->rcv_ann_right_edge, pcb->rcv_nxt)
                            ? pcb->rcv_ann_right_edge - pcb->rcv_nxt
                            : 0;
    info->rcv_up = tcp_marked(pcb, TM_URGENT_IN) ? pcb->rcv_up : pcb->rcv_nxt;
    info->mss = tcp_mss(pcb);
    info->mss_peer = pcb->mss_peer;
    info->rcv_mss = pcb->rcv_mss;
    describe_queues(pcb, info);
    describe_loss(pcb, info);
    describe_timers(pcb, info);
    describe_options(pcb, info);
}

#endif
