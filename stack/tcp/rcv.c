/* tcp/rcv.c: text and FIN come in; the window that is announced; when an ACK is due. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/rcv.h"

#include "stack/tcp/reasm.h"

u32_t tcp_wnd_limit(void)
{
    return CFG(tcp_wnd);
}

/* ---- The window ---- */

/* What has been announced, from RCV.NXT on. */
static u32_t announced_window(const struct tcp_pcb *pcb)
{
    return seq_gt(pcb->rcv_ann_right_edge, pcb->rcv_nxt) ? pcb->rcv_ann_right_edge - pcb->rcv_nxt
                                                         : 0;
}

u32_t tcp_rcv_window(const struct tcp_pcb *pcb)
{
    u32_t announced = announced_window(pcb);

    /* exactly what was promised: with the buffer instead, which may be a little larger, nobody
     * outside could tell where the window ends [RFC9293 3.10.7.4] [RFC5961 3.2] */
    return announced != 0 ? announced : pcb->rcv_wnd;
}

/* The right edge moves in steps worth a segment [RFC9293 3.8.6.2.2 MUST-39] and never back. Only
 * as far as the scaled field can say: the rest would look like a duplicate ACK [RFC5681 2]. */
u32_t tcp_rcv_update_window(struct tcp_pcb *pcb)
{
    u32_t step = LWIP_MIN(tcp_rcv_limit(pcb) / 2, pcb->mss);
    u32_t edge = pcb->rcv_nxt + ((u32_t)pcb->rcv_wnd >> tcp_rcv_shift(pcb) << tcp_rcv_shift(pcb));

    if (seq_geq(edge, pcb->rcv_ann_right_edge + step)) {
        pcb->rcv_ann_wnd = pcb->rcv_wnd;
        return edge - pcb->rcv_ann_right_edge;
    }
    pcb->rcv_ann_wnd = (tcpwnd_size_t)announced_window(pcb);
    return 0;
}

/* Scaled windows are rounded. Down; but where that would draw the edge back, up, if the buffer has
 * that much [RFC7323 2.3]. An edge that retreats by less than a unit all the same stays acceptable
 * in tcp_rcv_window(): the buffer was there when it was announced [RFC7323 2.4]. */
u16_t tcp_rcv_window_field(struct tcp_pcb *pcb, unsigned syn)
{
    unsigned shift = syn != 0 ? 0 : tcp_rcv_shift(pcb);
    u32_t unit = 1u << shift;

    (void)tcp_rcv_update_window(pcb);
    u32_t field = (u32_t)pcb->rcv_ann_wnd >> shift;
    u32_t edge = pcb->rcv_nxt + (field << shift);
    if (seq_lt(edge, pcb->rcv_ann_right_edge) && seq_lt(pcb->rcv_nxt, pcb->rcv_ann_right_edge)) {
        u32_t up = (pcb->rcv_ann_right_edge - pcb->rcv_nxt + unit - 1) >> shift;
        if (up << shift <= pcb->rcv_wnd)
            field = up;
    }
    field = LWIP_MIN(field, 0xffffu);
    if (pcb->state != SYN_SENT)
        pcb->rcv_ann_right_edge = pcb->rcv_nxt + (field << shift);
    return (u16_t)field;
}

/* The sender may wait for room when it sees less than a segment: then every step is news. */
static bool is_worth_telling(const struct tcp_pcb *pcb, u32_t before, u32_t moved)
{
    return moved != 0 && (moved >= CFG(tcp_wnd_update_threshold) || before < pcb->mss);
}

void tcp_recved(struct tcp_pcb *pcb, u16_t len)
{
    u32_t limit, before, moved;

    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_recved: pcb", pcb != NULL, return);
    LWIP_ASSERT("tcp_recved: the pcb listens", pcb->state != LISTEN);
    limit = tcp_rcv_limit(pcb);
    pcb->rcv_wnd = (tcpwnd_size_t)(limit - pcb->rcv_wnd < len ? limit : pcb->rcv_wnd + len);
    if (pcb->state < ESTABLISHED || pcb->state == TIME_WAIT)
        return;
    before = announced_window(pcb);
    moved = tcp_rcv_update_window(pcb);
    if (tcp_marked(pcb, TM_FIN_TAKEN) || !is_worth_telling(pcb, before, moved))
        return;
    tcp_rcv_ack_now(pcb);
    (void)tcp_output(pcb);
}

/* ---- ACKs ---- */

void tcp_rcv_ack_now(struct tcp_pcb *pcb)
{
    tcp_set_flags(pcb, TF_ACK_NOW);
}

/* Delayed, or now if one is owed already: [RFC9293 3.8.6.3 MUST-40, SHLD-18, SHLD-19],
 * [RFC5681 4.2]. */
static void ack_later(struct tcp_pcb *pcb)
{
    if ((pcb->flags & TF_ACK_DELAY) != 0 || CFG(tcp_delack_ms) == 0) {
        tcp_set_flags(pcb, TF_ACK_NOW);
        return;
    }
    tcp_set_flags(pcb, TF_ACK_DELAY);
    tcp_timer_start(pcb, TCP_TIMER_DELACK, CFG(tcp_delack_ms));
}

/* ---- Text ---- */

static void take_fin(struct tcp_pcb *pcb)
{
    pcb->rcv_nxt++;
    tcp_mark(pcb, TM_FIN_TAKEN | TM_FIN_OWED);
    tcp_reasm_free(pcb);
    tcp_rcv_ack_now(pcb);
    switch (pcb->state) {
    case ESTABLISHED:
        tcp_pcb_set_state(pcb, CLOSE_WAIT);
        break;
    case FIN_WAIT_1:
        tcp_pcb_set_state(pcb, CLOSING);
        break;
    case FIN_WAIT_2:
        (void)tcp_transmit_ack(pcb);
        tcp_time_wait_enter(pcb);
        break;
    default:
        break;
    }
}

static void advance(struct tcp_pcb *pcb, u32_t bytes)
{
    pcb->rcv_nxt += bytes;
    pcb->rcv_wnd = (tcpwnd_size_t)(pcb->rcv_wnd > bytes ? pcb->rcv_wnd - bytes : 0);
    if (tcp_marked(pcb, TM_URGENT_IN) && seq_geq(pcb->rcv_nxt, pcb->rcv_up))
        tcp_unmark(pcb, TM_URGENT_IN);
}

/* The receive side was shut down: data is taken and thrown away, its window given back. */
static void discard(struct tcp_in *in, struct tcp_pcb *pcb)
{
    u16_t len = in->data->tot_len;

    drop(DROP_tcp_receive_closed, in->netif, in->data);
    pbuf_free(in->data);
    in->data = NULL;
    tcp_recved(pcb, len);
}

static void hand_over(struct tcp_in *in, struct tcp_pcb *pcb, struct pbuf *p, u32_t bytes)
{
    in->data = p;
    advance(pcb, bytes);
    if ((pcb->flags & TF_RXCLOSED) != 0)
        discard(in, pcb);
}

/* What one call of recv can be given, behind what was refused before. */
static bool has_room(const struct tcp_pcb *pcb, u32_t bytes)
{
    return pcb->refused_data == NULL || pcb->refused_data->tot_len + bytes <= 0xffffu;
}

#if TCP_QUEUE_OOSEQ
void tcp_rcv_take(struct tcp_in *in, struct tcp_pcb *pcb)
{
    bool fin = false;

    if (!tcp_has_early(pcb))
        return;
    /* behind refused data there may not be a chain's worth of room: it waits here */
    while (in->data == NULL && pcb->refused_data == NULL && !fin &&
           !tcp_marked(pcb, TM_FIN_TAKEN)) {
        u32_t bytes = 0;
        struct pbuf *p = tcp_reasm_take(pcb, &bytes, &fin);
        if (p == NULL)
            break;
        hand_over(in, pcb, p, bytes);
    }
    tcp_reasm_forget_before(pcb, pcb->rcv_nxt);
    if (fin)
        take_fin(pcb);
}
#endif

/* Bytes that came before. A segment of nothing else is not acceptable, and not here. */
static void cut_front(struct tcp_in *in, struct tcp_pcb *pcb)
{
    u32_t old = pcb->rcv_nxt - in->seq;

    if (!seq_lt(in->seq, pcb->rcv_nxt))
        return;
    LWIP_ASSERT("tcp_rcv_text: a segment with nothing new", old <= in->len);
    tcp_reasm_duplicate(pcb, in->seq, old);
    in->p = pbuf_free_header(in->p, (u16_t)old);
    in->len = (u16_t)(in->len - old);
    in->seq = pcb->rcv_nxt;
}

/* What lies beyond the window, a FIN there included [RFC9293 3.10.7.4]; true: something is left. */
static bool cut_end(struct tcp_in *in, const struct tcp_pcb *pcb)
{
    u32_t window = tcp_rcv_window(pcb), at = in->seq - pcb->rcv_nxt, room = window - at;

    LWIP_ASSERT("tcp_rcv_text: a segment behind the window", at <= window);
    if (in->len >= room)
        in->h.flags = (u16_t)(in->h.flags & ~WIRE_TCP_FIN);
    if (in->len > room) {
        if (room != 0)
            pbuf_realloc(in->p, (u16_t)room);
        else
            tcp_in_drop(in, DROP_tcp_zero_window);
        in->len = (u16_t)room;
    }
    return in->len != 0 || tcp_has(in, WIRE_TCP_FIN);
}

/* The usual case: the next bytes, and nothing waits for them. */
static void take_in_order(struct tcp_in *in, struct tcp_pcb *pcb)
{
    struct pbuf *p = in->p;

    in->p = NULL;
    if (in->len != 0)
        hand_over(in, pcb, p, in->len);
    ack_later(pcb);
    if (tcp_has(in, WIRE_TCP_FIN))
        take_fin(pcb);
}

static void keep(struct tcp_in *in, struct tcp_pcb *pcb)
{
    struct pbuf *p = in->p;
    bool in_order = in->seq == pcb->rcv_nxt;

    in->p = NULL;
    enum tcp_reasm_result result =
        tcp_reasm_insert(pcb, p, in->seq, tcp_has(in, WIRE_TCP_FIN));
    if (result == TCP_REASM_LIMIT) {
        TCP_STATS_INC(tcp.memerr);
        tcp_in_drop(in, DROP_tcp_ooseq_memory);
    }
    if (pcb->state == SYN_RCVD) /* the SYN-ACK says it all; what is kept is acknowledged later */
        return;
    /* out of order, or it fills a gap: the sender wants to know at once [RFC5681 4.2] */
    tcp_rcv_ack_now(pcb);
    if (in_order)
        tcp_rcv_take(in, pcb);
}

/* For lockwire/tcp.h alone. */
static void note_size(const struct tcp_in *in, struct tcp_pcb *pcb)
{
    if (LWIP_TCP_MIRRORS && in->len > pcb->rcv_mss)
        pcb->rcv_mss = in->len;
}

void tcp_rcv_text(struct tcp_in *in, struct tcp_pcb *pcb)
{
    cut_front(in, pcb);
    if (!cut_end(in, pcb)) {
        tcp_rcv_ack_now(pcb);
        return;
    }
    if (tcp_marked(pcb, TM_CLOSED) && in->len != 0) { /* nobody will read it [SHLD-3] */
        tcp_in_drop(in, DROP_tcp_receive_closed);
        tcp_abort(pcb);
        return;
    }
    note_size(in, pcb);
    if (!has_room(pcb, in->len)) { /* the application is far behind: the peer will repeat it */
        tcp_in_drop(in, DROP_tcp_ooseq_memory);
        return;
    }
    if (pcb->state >= ESTABLISHED && !tcp_has_early(pcb) && in->seq == pcb->rcv_nxt)
        take_in_order(in, pcb);
    else
        keep(in, pcb);
}

#endif
