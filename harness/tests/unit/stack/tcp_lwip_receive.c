/* tcp_lwip_receive.c: pcbs made by hand and what comes in, as lwIP's users do it (tcp_lwip.h).
 * Runs on every build. */
#include "tcp_lwip.h"

UNIT(tcp_lwip_receive, new_and_abort_leave_nothing)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = tcp_new();
    CHECK(pcb != NULL);
    CHECK_INT(pcb->state, CLOSED);
    tcp_abort(pcb);
    pcb = lw_pcb(ESTABLISHED);
    tcp_abort(pcb);
    CHECK_INT(lw.err_calls, 1);
    CHECK_INT(lw.last_err, ERR_ABRT);
    CHECK(tcp_active_pcbs == NULL);
    lw_down();
}

static err_t take(void *arg, struct tcp_pcb *pcb, err_t err)
{
    CHECK(arg == &lw && pcb != NULL && err == ERR_OK);
    tcp_err(pcb, lw_err);
    lw.sent_calls++;
    return ERR_OK;
}

UNIT(tcp_lwip_receive, a_listener_takes_a_syn_and_close_ends_it)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = tcp_new(), *lpcb;
    CHECK_INT(tcp_bind(pcb, &lw.local, 1234), ERR_OK);
    lpcb = tcp_listen(pcb);
    CHECK(lpcb != NULL && tcp_listen_pcbs.pcbs == lpcb);
    tcp_arg(lpcb, &lw);
    tcp_accept(lpcb, take);
    lw_input(lw_segment_to(9, 1234, "", 0, 12345, 0, TCP_SYN, 5000));
    CHECK(tcp_active_pcbs != NULL);
    CHECK_INT(tcp_active_pcbs->state, SYN_RCVD);
    CHECK_INT(lw.calls, 1);
    CHECK_INT(((struct tcp_pcb_listen *)(void *)lpcb)->accepts_pending, TCP_LISTEN_BACKLOG);
    u32_t iss = lw_sent_seq(0);
    lw_input(lw_segment_to(9, 1234, "", 0, 12346, iss + 1, TCP_ACK, 5000));
    CHECK_INT(tcp_active_pcbs->state, ESTABLISHED);
    CHECK_INT(lw.sent_calls, 1);
    CHECK_INT(((struct tcp_pcb_listen *)(void *)lpcb)->accepts_pending, 0);
    tcp_abort(tcp_active_pcbs);
    lw_down();
}

UNIT(tcp_lwip_receive, data_in_sequence_reaches_the_application)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    lw_input(lw_segment(pcb, "abcd", 4, 0, 0, 0)); /* without ACK: dropped */
    CHECK_INT(lw.recv_calls, 0);
    lw_input(lw_segment(pcb, "abcd", 4, 0, 0, TCP_ACK));
    CHECK_INT(lw.recv_calls, 1);
    CHECK_INT(lw.recv_bytes, 4);
    CHECK_INT(lw.recv_fins, 0);
    CHECK_INT(lw.err_calls, 0);
    CHECK_INT(pcb->rcv_wnd, TCP_WND_MAX(pcb) - 4);
    tcp_recved(pcb, 4);
    CHECK_INT(pcb->rcv_wnd, TCP_WND_MAX(pcb));
    lw_down();
}

static err_t note_push(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    unsigned pushed = p != NULL && (p->flags & PBUF_FLAG_PUSH) != 0;
    err_t took = lw_recv(arg, pcb, p, err);
    lw.sent_calls += pushed;
    return took;
}

/* [RFC9293 3.9.1.3 MAY-17] */
UNIT(tcp_lwip_receive, a_push_is_handed_up_with_its_data)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    tcp_recv(pcb, note_push);
    lw_input(lw_segment(pcb, "abcd", 4, 0, 0, TCP_ACK));
    CHECK_INT(lw.sent_calls, 0);
    lw_input(lw_segment(pcb, "efgh", 4, 0, 0, TCP_ACK | TCP_PSH));
    SHOWS("RQ-9293-MAY-17", lw.sent_calls == 1);
    CHECK_INT(lw.recv_bytes, 8);
    lw_down();
}

/* All orders of four pieces, the last with FIN: told once, in order, after the last hole. */
static void permuted(const unsigned order[4], u32_t isn)
{
    static const char text[] = "0123456789abcdef";
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    pcb->rcv_nxt = isn;
    u32_t edge = pcb->rcv_ann_right_edge = isn + pcb->rcv_ann_wnd;
    for (unsigned i = 0; i < 4; i++) {
        unsigned k = order[i];
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, text + 4 * k, 4, isn + 4 * k, pcb->lastack,
                               k == 3 ? TCP_ACK | TCP_FIN : TCP_ACK, 5000));
        for (struct tcp_seg *s = pcb->ooseq; s != NULL; s = s->next)
            CHECK(TCP_SEQ_GT(LW_EARLY_SEQ(s), pcb->rcv_nxt) && TCP_TCPLEN(s) >= 4);
    }
    CHECK(edge == isn + pcb->rcv_ann_wnd || TCP_SEQ_GEQ(pcb->rcv_ann_right_edge, edge));
    CHECK_INT(lw.recv_bytes, 16);
    CHECK_MEM(lw.got, text, 16);
    CHECK_INT(lw.recv_fins, 1);
    CHECK(pcb->ooseq == NULL);
    CHECK_INT(pcb->rcv_nxt, isn + 17);
    CHECK_INT(pcb->state, CLOSE_WAIT);
    lw_down();
}

UNIT(tcp_lwip_receive, four_pieces_with_fin_in_all_orders_across_the_wrap)
{
    for (unsigned code = 0; code < 256; code++) {
        unsigned order[4] = {code & 3, code >> 2 & 3, code >> 4 & 3, code >> 6 & 3}, seen = 0;
        for (unsigned i = 0; i < 4; i++)
            seen |= 1u << order[i];
        if (seen == 15)
            permuted(order, 0xfffffff8u);
    }
}

UNIT(tcp_lwip_receive, early_segments_overlap_into_one_stream)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t base = pcb->rcv_nxt;
    static const struct { u16_t at, len; } pieces[] = {
        {400, 100}, {300, 150}, {200, 500}, {100, 20}, {90, 120}, {699, 2}};
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(pieces); i++) {
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data + pieces[i].at, pieces[i].len,
                               base + pieces[i].at, pcb->lastack, TCP_ACK, 5000));
        CHECK_INT(lw.recv_calls, 0);
        CHECK_INT(pcb->rcv_nxt, base);
    }
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data, 100, base, pcb->lastack, TCP_ACK,
                           5000));
    for (unsigned holes = 0; !TCP_OOSEQ_OVERLAP && holes < 2; holes++) { /* each time the first */
        u16_t at = (u16_t)(pcb->rcv_nxt - base);
        CHECK_INT(at, holes == 0 ? 120 : 500);
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data + at, (u16_t)(701 - at),
                               pcb->rcv_nxt, pcb->lastack, TCP_ACK, 5000));
    }
    CHECK_INT(lw.recv_bytes, 701);
    CHECK_MEM(lw.got, lw.data, 701);
    CHECK_INT(pcb->rcv_wnd, TCP_WND_MAX(pcb) - 701);
    lw_down();
}

UNIT(tcp_lwip_receive, what_lies_beyond_the_window_is_cut_off)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t base = pcb->rcv_nxt;
    u16_t wnd = (u16_t)pcb->rcv_wnd;
    for (u16_t at = 0; at < wnd; at = (u16_t)(at + MSS))
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data + at, MSS, base + at, pcb->lastack,
                               TCP_ACK, 5000));
    CHECK_INT(lw.recv_bytes, wnd);
    CHECK_INT(pcb->rcv_wnd, 0);
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data, MSS, base + wnd, pcb->lastack, TCP_ACK,
                           5000));
    CHECK_INT(lw.recv_bytes, wnd);
    CHECK_INT(pcb->rcv_nxt, base + wnd);
    lw_down();
}

#if SUPPORT_CONFIGURABLE
UNIT(tcp_lwip_receive, the_limits_of_what_is_held_early_hold)
{
    struct stack_config c;
    lw_config(&c);
    c.tcp_ooseq_max_bytes = 3 * MSS;
    c.tcp_ooseq_max_pbufs = 6;
    lw_up(&c);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t base = pcb->rcv_nxt;
    for (u16_t i = 1; i < 9; i++) {
        u32_t held = 0, pbufs = 0;
        lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, lw.data + i * MSS, MSS, base + i * MSS,
                               pcb->lastack, TCP_ACK, 5000));
        for (struct tcp_seg *s = pcb->ooseq; s != NULL; s = s->next) {
            held += s->len;
            pbufs += pbuf_clen(s->p);
        }
        CHECK(held <= 3 * MSS && pbufs <= 6 && held >= (i < 3 ? i : 3) * MSS);
    }
    tcp_free_ooseq(pcb);
    CHECK(pcb->ooseq == NULL);
    lw_down();
}
#endif

UNIT(tcp_lwip_receive, a_pcb_put_into_time_wait_by_hand_acknowledges_again)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(TIME_WAIT);
    lw_input(lw_segment(pcb, "", 0, (u32_t)-1, 0, TCP_ACK | TCP_FIN));
    CHECK_INT(lw.calls, 1);
    CHECK(tcp_tw_pcbs == pcb);
    TCP_RMV(&tcp_tw_pcbs, pcb);
    CHECK(tcp_tw_pcbs == NULL);
    TCP_REG(&tcp_tw_pcbs, pcb);
    lw_down();
}
