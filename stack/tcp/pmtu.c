/* tcp/pmtu.c: ICMP errors about our segments [RFC9293 3.9.2.2], and the path's MTU [RFC1191].
 *
 * Anybody can send an ICMP error, so one is believed as far as it could be true and does harm
 * [RFC5927]: the quoted segment has to be in flight, no error ends a connection that is
 * synchronised, and "fragmentation needed" has to fit what is known. Source Quench does not come
 * here: icmp.c throws it away [RFC9293 3.9.2.2 MUST-55].
 *
 * The MTU of the path (option lwip_tcp_pmtud): segments leave with DF, and are as large as
 * pcb->mss, which a router's message lowers (mss_pmtu != 0) for ten minutes [RFC1191 6.3]; then
 * pcb->mss is again what the peer and the interface allow. A path whose MTU is below TCP_PMTU_MIN
 * gets packets of that size without DF (TM_NO_DF): routers then fragment, and no message makes us
 * send smaller pieces than that.
 *
 * Path MTU discovery is by [RFC1191 2] [RFC1191 5] [RFC1191 6.5]. */
#include "lwip/opt.h"

#if LWIP_TCP && LWIP_TCP_ICMP_ERRORS

#include "stack/core/modules.h"
#include "stack/ipv4/ip4_pcb.h"
#include "stack/tcp/recover.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"
#include "stack/wire/bytes.h"
#include "stack/wire/icmp.h"

#define HEADERS 40u           /* of IP and TCP, without options */
#define MTU_OF_ALL_LINKS 68u  /* [RFC791 3.2]: a router that claims less is not one [RFC1191 3] */
#define RAISE_MS 600000u      /* [RFC1191 6.3]: "10 minutes", "MUST NOT" before 5 have passed */

#define CODE_PROTOCOL 2u
#define CODE_PORT 3u

/* ---- The size of segments ---- */

#if TCP_MAY_PMTUD
static u16_t largest(const struct tcp_pcb *pcb)
{
    u16_t ours = tcp_pcb_mss_to(pcb, ip4_pcb_netif(pcb, &pcb->remote_ip, NULL));

    return (u16_t)LWIP_MIN(LWIP_MAX(pcb->mss_peer, TCP_MSS_MIN), ours);
}

/* A path may have become better: nobody would tell us, only trying does [RFC1191 6.3]. */
u16_t tcp_pmtu_mss(struct tcp_pcb *pcb)
{
    if (pcb->mss_pmtu != 0 && tcp_now() - pcb->pmtu_ms >= RAISE_MS) {
        pcb->mss_pmtu = 0;
        tcp_unmark(pcb, TM_NO_DF);
        pcb->mss = largest(pcb);
    }
    return tcp_hook_text_max(pcb);
}
#endif

/* TCP options that every segment carries. */
static u32_t options_of(const struct tcp_pcb *pcb)
{
    return (u32_t)pcb->mss - tcp_hook_text_max(pcb);
}

/* What does not fit is cut. Out of memory, a segment stays as it is; its next transmission brings
 * the same message, and another try. */
static void cut(struct tcp_pcb *pcb, struct tcp_seg *seg)
{
    u16_t most = tcp_hook_text_max(pcb);

    for (; seg != NULL; seg = seg->next)
        if (seg->len > most && !tcp_snd_split(pcb, seg, most))
            return;
}

static struct tcp_seg *first_new(const struct tcp_pcb *pcb)
{
    struct tcp_seg *seg = pcb->unsent;

    while (seg != NULL && seq_lt(seg->seq, pcb->snd_nxt))
        seg = seg->next;
    return seg;
}

/* What was sent; when what is new has been cut already. */
static void cut_sent(struct tcp_pcb *pcb)
{
    cut(pcb, pcb->unacked);
    if (tcp_sent_waits(pcb))
        cut(pcb, pcb->unsent);
}

/* The router has thrown away what was larger than `fits` bytes of data: it leaves again without
 * waiting for a timer, and this is no sign of congestion [RFC1191 6.4]. One segment now, the rest
 * when ACKs come, so that a mistaken estimate costs one packet. */
static void send_again(struct tcp_pcb *pcb, u32_t fits)
{
    struct tcp_seg *first = NULL;

    for (struct tcp_seg *seg = tcp_sent_first(pcb); seg != NULL; seg = tcp_sent_next(pcb, seg))
        if (seg->len > fits && !tcp_seg_sacked(seg)) {
            tcp_sack_mark_lost(pcb, seg);
            if (first == NULL)
                first = seg;
        }
    if (first == NULL)
        return;
    pcb->reduced_upto = pcb->snd_nxt; /* what is in flight tells nothing of congestion */
    tcp_recover_told(pcb);
    u32_t seq = first->seq;
    cut_sent(pcb); /* halves inherit the mark */
    for (first = tcp_sent_first(pcb); first->seq != seq;)
        first = tcp_sent_next(pcb, first);
    (void)tcp_output_again(pcb, first);
    if (!tcp_timer_runs(pcb, TCP_TIMER_PERSIST))
        tcp_timer_start(pcb, TCP_TIMER_REXMIT, pcb->rto_ms);
}

/* The window stays the same in segments [RFC5681 3.1]: as many bytes would be a burst. */
static tcpwnd_size_t scaled(const struct tcp_pcb *pcb, u32_t window, u16_t before)
{
    u64_t bytes = (u64_t)window * tcp_mss(pcb) / before;

    return (tcpwnd_size_t)LWIP_MAX(bytes, tcp_mss(pcb));
}

/* In a recovery the threshold is the window that it will leave. */
static void scale_cwnd(struct tcp_pcb *pcb, u16_t before)
{
    pcb->cwnd = scaled(pcb, pcb->cwnd, before);
    if (pcb->recovery == TCP_RECOVERY_FAST || pcb->recovery == TCP_RECOVERY_SACK)
        pcb->ssthresh = scaled(pcb, pcb->ssthresh, before);
}

/* Everything but what was sent. */
static void shrink(struct tcp_pcb *pcb, u16_t mtu)
{
    u16_t before = tcp_mss(pcb);

    if (mtu < TCP_PMTU_MIN) {
        tcp_mark(pcb, TM_NO_DF);
        mtu = TCP_PMTU_MIN;
    }
    pcb->pmtu_pending = 0;
    pcb->pmtu_ms = tcp_now();
    pcb->mss_pmtu = (u16_t)(mtu - HEADERS);
    if (pcb->mss_pmtu < pcb->mss) {
        pcb->mss = pcb->mss_pmtu;
        pcb->pmtu_acked = (u16_t)LWIP_MIN(pcb->pmtu_acked, tcp_mss(pcb));
        scale_cwnd(pcb, before);
    }
    cut(pcb, first_new(pcb));
}

void tcp_pmtu_lower(struct tcp_pcb *pcb, u16_t mtu)
{
    u32_t headers = HEADERS + options_of(pcb);

    shrink(pcb, mtu);
    send_again(pcb, mtu > headers ? mtu - headers : 0);
}

/* ---- "Fragmentation needed" ---- */

/* For routers that do not say what they want: likely MTUs [RFC1191 7.1]. */
static u16_t plateau_below(u32_t size)
{
    static const u16_t plateaus[] = {32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296};

    for (unsigned i = 0; i < sizeof plateaus / sizeof plateaus[0]; i++)
        if (plateaus[i] < size)
            return plateaus[i];
    return MTU_OF_ALL_LINKS;
}

static struct tcp_seg *in_flight(const struct tcp_pcb *pcb, u32_t seq)
{
    struct tcp_seg *seg = tcp_sent_first(pcb);

    while (seg != NULL && !seq_gt(tcp_seg_end(seg), seq))
        seg = tcp_sent_next(pcb, seg);
    return seg;
}

/* [RFC5927 7.2]: while no packet of that size has come through it is what discovery looks like.
 * Afterwards it may be true (routes change) or an attack: the segment having been lost tells. */
static void fragmentation_needed(struct tcp_pcb *pcb, const struct icmp_error *e, u32_t seq)
{
    const struct tcp_seg *seg = in_flight(pcb, seq);

    if (!CFG(lwip_tcp_pmtud) || seg == NULL || tcp_marked(pcb, TM_NO_DF))
        return; /* without DF nothing of ours can have been the cause */
    u32_t headers = HEADERS + options_of(pcb), size = headers + seg->len;
    u16_t mtu = e->mtu != 0 ? e->mtu : plateau_below(LWIP_MIN(size, e->total_len));
    if (mtu < MTU_OF_ALL_LINKS || mtu >= size || mtu >= e->total_len)
        return; /* [RFC1191 3] it fits: the estimate never rises by a message */
    if (mtu >= headers + pcb->pmtu_acked || seg->sent > 1) {
        tcp_pmtu_lower(pcb, mtu);
    } else {
        pcb->pmtu_pending = mtu;
        pcb->pmtu_seq = seq;
    }
}

#if TCP_MAY_PMTUD
void tcp_pmtu_timeout(struct tcp_pcb *pcb)
{
    u16_t mtu = pcb->pmtu_pending;

    if (mtu == 0)
        return;
    pcb->pmtu_pending = 0;
    if (seq_lt(pcb->pmtu_seq, pcb->lastack)) /* it has arrived: the message was not true */
        return;
    shrink(pcb, mtu);
    cut_sent(pcb);
}
#endif

/* ---- Errors ---- */

/* A wrong port or protocol tells that there is nobody to connect to. Once there was somebody, it
 * cannot be true any more, or does not stay so [RFC5461 4.1, RFC5927 5.2]. */
static bool ends_handshake(const struct tcp_pcb *pcb, const struct icmp_error *e)
{
    return e->type == WIRE_ICMP_UNREACHABLE && (e->code == CODE_PROTOCOL || e->code == CODE_PORT) &&
           (pcb->state == SYN_SENT || pcb->state == SYN_RCVD);
}

static void end_handshake(struct tcp_pcb *pcb)
{
    if (pcb->state == SYN_RCVD && !tcp_marked(pcb, TM_ACTIVE_OPEN))
        tcp_pcb_free_quietly(pcb); /* the application has not heard of it */
    else
        tcp_pcb_end(pcb, ERR_RST);
}

/* [RFC9293 3.9.2.2 MUST-56, SHLD-25]: no reason to give up, but the application may know. */
static void tell(struct tcp_pcb *pcb, const struct icmp_error *e)
{
    pcb->soft_error = ERR_RTE;
    if (pcb->soft != NULL) /* [RFC9293 3.9.1.8 MUST-47] */
        pcb->soft(pcb->callback_arg, pcb, ERR_RTE, e->type, e->code);
}

/* Whose segment it was (RFC 9293, MUST-54), if it is in flight: SND.UNA <= SEQ < SND.NXT
 * [RFC5927 4.1]. NULL: nobody's. */
static struct tcp_pcb *sender(const struct icmp_error *e, u32_t seq)
{
    ip_addr_t local, remote;

    ip_addr_copy_from_ip4(local, e->src);
    ip_addr_copy_from_ip4(remote, e->dst);
    struct tcp_pcb *pcb =
        tcp_demux_find(&local, get_be16(e->quoted), &remote, get_be16(e->quoted + 2));
    return pcb != NULL && seq - pcb->lastack < pcb->snd_nxt - pcb->lastack ? pcb : NULL;
}

void tcp_error_input(const struct icmp_error *error, struct netif *inp)
{
    u32_t seq = get_be32(error->quoted + 4); /* eight bytes are always quoted */
    struct tcp_pcb *pcb = sender(error, seq);

    if (pcb == NULL) {
        drop(DROP_tcp_error_stray, inp, NULL);
        return;
    }
    if (error->type == WIRE_ICMP_UNREACHABLE && error->code == WIRE_ICMP_CODE_FRAGMENTATION_NEEDED)
        fragmentation_needed(pcb, error, seq);
    else if (ends_handshake(pcb, error)) /* [RFC9293 3.9.2.2 SHLD-26] */
        end_handshake(pcb);
    else
        tell(pcb, error);
}

#endif
