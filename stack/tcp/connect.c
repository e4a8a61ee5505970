/* tcp/connect.c: the active open: SYN out, SYN-SENT [RFC9293 3.10.7.3], established. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/cc.h"
#include "stack/tcp/event.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/ports.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/tcp_local.h"

#include "stack/ipv4/ip4_pcb.h"

#if TCP_MAY_WISH
/* The shift we ask for: what is configured, or else enough for the window. */
static u8_t scale_wanted(void)
{
    u32_t shift = CFG(tcp_rcv_scale);

    while (shift < 14 && CFG(tcp_wnd) >> shift > 0xffffu)
        shift++;
    return (u8_t)shift;
}

#if LWIP_WND_SCALE
#define WND_SCALE_ALLOWED CFG(lwip_wnd_scale)
#else
#define WND_SCALE_ALLOWED 0
#endif

/* What our SYN asks for; what the peer does not grant is taken back in tcp_syn_options(). */
void tcp_syn_wishes(struct tcp_pcb *pcb)
{
    if (WND_SCALE_ALLOWED) {
        tcp_set_flags(pcb, TF_WND_SCALE);
        pcb->rcv_scale = scale_wanted();
    }
    if (CFG(lwip_tcp_timestamps))
        tcp_set_flags(pcb, TF_TIMESTAMP);
    if (CFG(lwip_tcp_sack_out) || CFG(lwip_tcp_sack_in))
        tcp_set_flags(pcb, TF_SACK);
    if (CFG(lwip_tcp_ecn))
        tcp_mark(pcb, TM_ECN);
}
#endif

/* The receive buffer beyond 64 KB counts only once scaling is agreed on. */
static void settle_receive_window(struct tcp_pcb *pcb)
{
    u32_t limit = tcp_rcv_limit(pcb), before = tcp_wnd16(CFG(tcp_wnd));

    if (limit > before)
        pcb->rcv_wnd = (tcpwnd_size_t)(pcb->rcv_wnd + (limit - before));
}

static void take_scale(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (!tcp_agreed(pcb, TF_WND_SCALE))
        return;
    if ((in->opt.present & WIRE_TCP_OPT_WS) == 0) { /* [RFC7323 2.2]: both or neither */
        tcp_disagree(pcb, TF_WND_SCALE);
        pcb->rcv_scale = 0;
        return;
    }
    pcb->snd_scale = LWIP_MIN(in->opt.window_shift, 14u); /* [RFC7323 2.3] */
    settle_receive_window(pcb);
}

/* What was said there is of use to others than the stack alone: lockwire/tcp.h. */
static void note_mss(struct tcp_pcb *pcb, u16_t mss)
{
    if (LWIP_TCP_MIRRORS || TCP_MAY_PMTUD)
        pcb->mss_peer = mss;
}

void tcp_syn_options(struct tcp_in *in, struct tcp_pcb *pcb)
{
    struct netif *netif = ip4_pcb_netif(pcb, &pcb->remote_ip, NULL);
    u32_t ours = tcp_pcb_mss_to(pcb, netif), theirs = 536; /* [RFC9293 3.7.1 MUST-15] */

    pcb->irs = pcb->snd_wl1 = in->h.seq;
    pcb->rcv_nxt = in->h.seq + 1;
    pcb->rcv_ann_right_edge = pcb->rcv_nxt;
    if ((in->opt.present & WIRE_TCP_OPT_MSS) != 0 && in->opt.mss != 0)
        theirs = in->opt.mss;
    note_mss(pcb, (u16_t)theirs);
    if (theirs < TCP_MSS_MIN) /* who cannot take even that gets it all the same */
        theirs = TCP_MSS_MIN;
    pcb->mss = (u16_t)LWIP_MIN(theirs, ours); /* [MUST-16] */
    take_scale(in, pcb);
    pcb->snd_wnd = pcb->snd_wnd_max = in->h.window; /* never scaled in a SYN [RFC7323 2.2] */
    if ((in->opt.present & WIRE_TCP_OPT_TS) == 0) {
        tcp_disagree(pcb, TF_TIMESTAMP);
    } else if (tcp_agreed(pcb, TF_TIMESTAMP)) {
        pcb->ts_recent = in->opt.ts_value;
        pcb->ts_recent_ms = tcp_now();
    }
    if ((in->opt.present & WIRE_TCP_OPT_SACK_OK) == 0)
        tcp_disagree(pcb, TF_SACK);
}

/* The window of the segment that established it is taken by ack.c. */
void tcp_established(struct tcp_in *in, struct tcp_pcb *pcb)
{
    LWIP_UNUSED_ARG(in);
    pcb->cwnd = (tcpwnd_size_t)tcp_cc_initial_window(pcb);
    tcp_cc_begin(pcb);
    pcb->recover = pcb->iss;
    if (TCP_MAY_REDUCE_EARLY)
        pcb->reduced_upto = pcb->iss;
    if (LWIP_TCP_MIRRORS)
        pcb->rcv_mss = LWIP_MIN(pcb->mss, 536u);
    pcb->tmr = tcp_now();
}

/* ---- SYN-SENT ---- */

static bool acks_our_syn(const struct tcp_in *in, const struct tcp_pcb *pcb)
{
    return seq_gt(in->h.ack, pcb->iss) && seq_leq(in->h.ack, pcb->snd_nxt);
}

/* ECN is on when one SYN said ECE and CWR and the other ECE alone [RFC3168 6.1.1]. */
static void settle_ecn(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    bool agreed = tcp_has(in, WIRE_TCP_ACK)
                      ? tcp_has(in, WIRE_TCP_ECE) && !tcp_has(in, WIRE_TCP_CWR)
                      : tcp_has(in, WIRE_TCP_ECE) && tcp_has(in, WIRE_TCP_CWR);
    if (!agreed)
        tcp_unmark(pcb, TM_ECN);
}

/* Both sides opened at once [RFC9293 3.5 MUST-10]: our SYN leaves again, with an ACK. */
static void cross(struct tcp_in *in, struct tcp_pcb *pcb)
{
    tcp_syn_options(in, pcb);
    settle_ecn(in, pcb);
    tcp_pcb_set_state(pcb, SYN_RCVD);
    bool lost = pcb->syn_lost;
    if (pcb->unacked != NULL)
        (void)tcp_output_again(pcb, pcb->unacked);
    pcb->syn_lost = lost; /* it was said again, not lost */
    if (in->len != 0 || tcp_has(in, WIRE_TCP_FIN))
        tcp_rcv_text(in, pcb); /* kept until the handshake is over */
}

/* Refused, perhaps only because of the question about ECN, to which some have no better answer:
 * once more without it [RFC3168 6.1.1.1]. */
static bool asks_less(struct tcp_pcb *pcb)
{
    if (!tcp_marked(pcb, TM_ECN) || pcb->unacked == NULL)
        return false;
    tcp_unmark(pcb, TM_ECN);
    bool lost = pcb->syn_lost;
    if (tcp_output_again(pcb, pcb->unacked) != ERR_OK)
        return false;
    pcb->syn_lost = lost;
    tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
    return true;
}

void tcp_syn_sent_arrives(struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (tcp_has(in, WIRE_TCP_ACK) && !acks_our_syn(in, pcb)) {
        tcp_in_drop(in, DROP_tcp_synsent_ack);
        tcp_reply_rst(in);
        return;
    }
    if (tcp_has(in, WIRE_TCP_RST)) {
        if (!tcp_has(in, WIRE_TCP_ACK)) {
            tcp_in_drop(in, DROP_tcp_synsent_rst);
            return;
        }
        if (asks_less(pcb))
            return;
        tcp_pcb_end(pcb, ERR_RST);
        return;
    }
    if (!tcp_has(in, WIRE_TCP_SYN)) {
        tcp_in_drop(in, DROP_tcp_synsent_no_syn);
        return;
    }
    if (tcp_has(in, WIRE_TCP_FIN) && !tcp_has(in, WIRE_TCP_ACK)) { /* nobody means that */
        tcp_in_drop(in, DROP_tcp_synsent_syn_fin);
        return;
    }
    if (!tcp_has(in, WIRE_TCP_ACK)) {
        cross(in, pcb);
        return;
    }
    tcp_syn_options(in, pcb);
    settle_ecn(in, pcb);
    tcp_pcb_set_state(pcb, ESTABLISHED);
    tcp_established(in, pcb);
    in->connected = true;
    tcp_ack_process(in, pcb);
    tcp_rtt_settle(pcb);
    tcp_timer_keep_restart(pcb);
    tcp_rcv_ack_now(pcb);
    if (in->hold.pcb != NULL)
        tcp_segment_text(in, pcb);
}

/* ---- tcp_connect() ---- */

#if LWIP_CALLBACK_API
static void set_connected(struct tcp_pcb *pcb, tcp_connected_fn connected)
{
    pcb->connected = connected;
}
#else
static void set_connected(struct tcp_pcb *pcb, tcp_connected_fn connected)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(connected);
}
#endif

/* [RFC9293 3.9.1.1 MUST-46]: a connection has one host at either end. */
static bool can_be_a_peer(const ip_addr_t *ip, const struct netif *netif)
{
    return !ip_addr_isany(ip) && !ip_addr_ismulticast(ip) && !ip_addr_isbroadcast(ip, netif);
}

/* Local address and port, where they are still open; they stay for the connection's life
 * [MUST-44, MUST-45]. */
static err_t choose_local(struct tcp_pcb *pcb, const struct netif *netif, const ip_addr_t *ip,
                          u16_t port)
{
    if (ip_addr_isany_val(pcb->local_ip))
        ip_addr_copy_from_ip4(pcb->local_ip, *netif_ip4_addr(netif));
    if (pcb->local_port == 0) {
        pcb->local_port = tcp_port_choose();
        if (pcb->local_port == 0)
            return ERR_BUF;
        return ERR_OK;
    }
    return tcp_demux_find(&pcb->local_ip, pcb->local_port, ip, port) != NULL ? ERR_USE : ERR_OK;
}

static void start(struct tcp_pcb *pcb, const struct netif *netif)
{
    u32_t mss = tcp_pcb_mss_to(pcb, netif);

    tcp_isn_begin(pcb);
    tcp_send_from(pcb, pcb->iss);
    pcb->rcv_nxt = 0;
    pcb->rcv_wnd = pcb->rcv_ann_wnd = tcp_wnd16(CFG(tcp_wnd));
    pcb->rcv_ann_right_edge = 0;
    pcb->snd_wnd = tcp_wnd16(CFG(tcp_wnd)); /* the SYN is allowed to leave */
    pcb->mss = (u16_t)LWIP_MIN(mss, 536u);
    pcb->cwnd = 1;
    tcp_mark(pcb, TM_ACTIVE_OPEN);
    tcp_syn_wishes(pcb);
}

err_t tcp_connect(struct tcp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port,
                  tcp_connected_fn connected)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_connect: arguments", pcb != NULL && ipaddr != NULL, return ERR_ARG);
    LWIP_ERROR("tcp_connect: the pcb is in use", pcb->state == CLOSED, return ERR_ISCONN);
    if (port == 0)
        return ERR_VAL;
    struct netif *netif = ip4_pcb_netif(pcb, ipaddr, NULL);
    if (netif == NULL)
        return ERR_RTE;
    if (!can_be_a_peer(ipaddr, netif))
        return ERR_VAL;
    u16_t port_before = pcb->local_port;
    ip_addr_t local_before = pcb->local_ip;
    err_t err = choose_local(pcb, netif, ipaddr, port);
    if (err == ERR_OK) {
        ip_addr_set_ipaddr(&pcb->remote_ip, ipaddr);
        pcb->remote_port = port;
        start(pcb, netif);
        err = tcp_snd_syn(pcb, TCP_SYN);
    }
    if (err != ERR_OK) { /* as if nothing had been tried */
        ip_addr_copy(pcb->local_ip, local_before);
        pcb->local_port = port_before;
        pcb->remote_port = 0;
        ip_addr_set_any(0, &pcb->remote_ip);
        tcp_unmark(pcb, TM_ACTIVE_OPEN | TM_ECN);
        tcp_disagree(pcb, TF_WND_SCALE | TF_TIMESTAMP | TF_SACK);
        return err;
    }
    set_connected(pcb, connected);
    tcp_pcb_set_state(pcb, SYN_SENT);
    (void)tcp_output_now(pcb);
    return ERR_OK;
}

#endif
