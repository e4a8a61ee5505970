/* tcp_lwip_states.c: from state to state with segments made by hand, and what is answered with a
 * RST, as lwIP's users test it (tcp_lwip.h). Runs on every build. */
#include "tcp_lwip.h"

#define PEER_SEQ 12345u

static struct {
    struct tcp_pcb *accepted;
    unsigned accepts, connects;
} st;

static err_t accepts(void *arg, struct tcp_pcb *pcb, err_t err)
{
    CHECK(arg == &lw && err == ERR_OK);
    st.accepted = pcb;
    st.accepts++;
    tcp_recv(pcb, lw_recv);
    tcp_sent(pcb, lw_sent);
    tcp_err(pcb, lw_err);
    return ERR_OK;
}

static err_t connects(void *arg, struct tcp_pcb *pcb, err_t err)
{
    CHECK(arg == &lw && pcb != NULL && err == ERR_OK);
    st.connects++;
    return ERR_OK;
}

static struct tcp_pcb *listener(void)
{
    struct tcp_pcb *pcb = tcp_new(), *lpcb;
    memset(&st, 0, sizeof st);
    CHECK_INT(tcp_bind(pcb, &lw.local, LOCAL_PORT), ERR_OK);
    CHECK(tcp_bound_pcbs == pcb);
    lpcb = tcp_listen(pcb);
    CHECK(tcp_bound_pcbs == NULL && tcp_listen_pcbs.pcbs == lpcb && lpcb->state == LISTEN);
    LW_USED(MEMP_TCP_PCB, 0);
    LW_USED(MEMP_TCP_PCB_LISTEN, 1);
    tcp_arg(lpcb, &lw);
    tcp_accept(lpcb, accepts);
    return lpcb;
}

/* From the peer of a connection or of none. */
static void arrives(u32_t seq, u32_t ack, u8_t flags, const char *text)
{
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, text, (u16_t)strlen(text), seq, ack, flags,
                           5000));
    support_check(&lw.s);
}

static unsigned flags_of(unsigned call)
{
    return lw.last[call % KEPT][20 + 13];
}

static u32_t ack_of(unsigned call)
{
    const u8_t *p = lw.last[call % KEPT] + 28;
    return (u32_t)p[0] << 24 | (u32_t)p[1] << 16 | (u32_t)p[2] << 8 | p[3];
}

/* The one packet that has left since is this RST. */
static void check_rst(unsigned flags, u32_t seq, u32_t ack)
{
    CHECK_INT(lw.calls, 1);
    CHECK_INT(lw_sent_len(0), HEADERS);
    CHECK_INT(flags_of(0), flags);
    CHECK_INT(lw_sent_seq(0), seq);
    CHECK_INT(ack_of(0), ack);
    lw_forget();
}

UNIT(tcp_lwip_states, closed_answers_with_rst) /* [RFC9293 3.10.7.1] */
{
    lw_up(NULL);
    arrives(PEER_SEQ, 54321, TCP_ACK, "");
    check_rst(TCP_RST, 54321, 0);
    arrives(PEER_SEQ, 54321, TCP_SYN, "");
    check_rst(TCP_RST | TCP_ACK, 0, PEER_SEQ + 1);
    arrives(PEER_SEQ, 0, TCP_FIN, "four");
    check_rst(TCP_RST | TCP_ACK, 0, PEER_SEQ + 5);
    arrives(PEER_SEQ, 54321, TCP_RST | TCP_ACK, "");
    CHECK_INT(lw.calls, 0);
    tcp_rst(NULL, 77, 88, &lw.local, &lw.remote, LOCAL_PORT, REMOTE_PORT);
    CHECK((flags_of(0) & TCP_RST) != 0 && lw_sent_seq(0) == 77);
    lw_down();
}

UNIT(tcp_lwip_states, listen_answers_an_ack_with_rst_and_nothing_else)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = listener();
    arrives(PEER_SEQ, 54321, TCP_ACK, "");
    check_rst(TCP_RST, 54321, 0);
    arrives(PEER_SEQ, 54321, TCP_RST, "");
    arrives(PEER_SEQ, 0, TCP_FIN, "");
    arrives(PEER_SEQ, 0, 0, "four");
    CHECK_INT(lw.calls, 0);
    CHECK(tcp_listen_pcbs.pcbs == lpcb && tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_states, a_passive_open_goes_through_all_its_states)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = listener();
    arrives(PEER_SEQ, 0, TCP_SYN, "");
    struct tcp_pcb *pcb = tcp_active_pcbs;
    CHECK(pcb != NULL && pcb->next == NULL && pcb->state == SYN_RCVD);
    CHECK_INT(flags_of(0), TCP_SYN | TCP_ACK);
    CHECK_INT(lw_sent_seq(0), pcb->lastack);
    CHECK_INT(ack_of(0), PEER_SEQ + 1);
    CHECK_INT(pcb->snd_nxt, pcb->lastack + 1);
    CHECK_INT(pcb->local_port, LOCAL_PORT);
    CHECK_INT(pcb->remote_port, REMOTE_PORT);
    CHECK(ip_addr_eq(&pcb->local_ip, &lw.local) && ip_addr_eq(&pcb->remote_ip, &lw.remote));
    CHECK(pcb->listener == (struct tcp_pcb_listen *)(void *)lpcb);
    CHECK(pcb->callback_arg == &lw);
    lw_forget();
    arrives(PEER_SEQ + 1, pcb->snd_nxt + 100, TCP_ACK, ""); /* of what was not sent */
    check_rst(TCP_RST, pcb->snd_nxt + 100, 0);
    CHECK_INT(pcb->state, SYN_RCVD);
    arrives(PEER_SEQ + 1, pcb->snd_nxt, TCP_ACK, "hello");
    CHECK(st.accepts == 1 && st.accepted == pcb && pcb->state == ESTABLISHED);
    CHECK_INT(lw.recv_bytes, 5);
    tcp_recved(pcb, 5);
    CHECK_INT(pcb->rcv_nxt, PEER_SEQ + 6);
    arrives(PEER_SEQ + 6, pcb->snd_nxt, TCP_ACK | TCP_FIN, "!");
    CHECK(lw.recv_bytes == 6 && lw.recv_fins == 1 && pcb->state == CLOSE_WAIT);
    tcp_recved(pcb, 1);
    u32_t fin = pcb->snd_nxt;
    lw_forget();
    CHECK_INT(tcp_close(pcb), ERR_OK);
    CHECK(pcb == tcp_active_pcbs && pcb->state == LAST_ACK);
    CHECK((flags_of(lw.calls - 1) & TCP_FIN) != 0 && lw_sent_seq(lw.calls - 1) == fin);
    arrives(PEER_SEQ + 8, fin + 1, TCP_ACK, "");
    CHECK(tcp_active_pcbs == NULL && tcp_tw_pcbs == NULL);
    CHECK_INT(lw.err_calls, 0); /* who has closed is not told */
    LW_USED(MEMP_TCP_PCB, 0);
    lw_down();
}

UNIT(tcp_lwip_states, syn_received_returns_to_listen_after_rst)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = listener();
    arrives(PEER_SEQ, 0, TCP_SYN, "");
    struct tcp_pcb *pcb = tcp_active_pcbs;
    arrives(PEER_SEQ + 1 - 10, 0, TCP_RST, ""); /* outside the window */
    CHECK(tcp_active_pcbs == pcb);
    arrives(PEER_SEQ + 1, pcb->snd_nxt, TCP_RST | TCP_ACK, "");
    CHECK(tcp_active_pcbs == NULL && tcp_listen_pcbs.pcbs == lpcb);
    CHECK(st.accepts == 0 && lw.err_calls == 0);
    CHECK_INT(((struct tcp_pcb_listen *)(void *)lpcb)->accepts_pending, 0);
    arrives(PEER_SEQ + 900, 0, TCP_SYN, "");
    CHECK(tcp_active_pcbs != NULL && tcp_active_pcbs->state == SYN_RCVD);
    lw_down();
}

UNIT(tcp_lwip_states, a_listener_closed_in_the_handshake_leaves_no_dangling_pointer)
{
    lw_up(NULL);
    struct tcp_pcb *lpcb = listener();
    arrives(PEER_SEQ, 0, TCP_SYN, "");
    CHECK_INT(tcp_close(lpcb), ERR_OK);
    LW_USED(MEMP_TCP_PCB_LISTEN, 0);
    struct tcp_pcb *pcb = tcp_active_pcbs;
    CHECK(pcb != NULL && pcb->listener == NULL);
    lw_forget();
    arrives(PEER_SEQ + 1, pcb->snd_nxt, TCP_ACK, "");
    CHECK(st.accepts == 0 && tcp_active_pcbs == NULL); /* nobody to give it to */
    CHECK((flags_of(0) & TCP_RST) != 0);
    lw_down();
}

static struct tcp_pcb *connecting(void)
{
    struct tcp_pcb *pcb = tcp_new();
    memset(&st, 0, sizeof st);
    tcp_arg(pcb, &lw);
    tcp_err(pcb, lw_err);
    tcp_recv(pcb, lw_recv);
    CHECK_INT(tcp_bind(pcb, &lw.local, LOCAL_PORT), ERR_OK);
    CHECK_INT(tcp_connect(pcb, &lw.remote, REMOTE_PORT, connects), ERR_OK);
    CHECK(pcb->state == SYN_SENT && tcp_active_pcbs == pcb && tcp_bound_pcbs == NULL);
    CHECK(lw.calls == 1 && flags_of(0) == TCP_SYN && lw_sent_seq(0) == pcb->lastack);
    lw_forget();
    return pcb;
}

UNIT(tcp_lwip_states, syn_sent_judges_ack_and_rst) /* [RFC9293 3.10.7.3] */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = connecting();
    u32_t good = pcb->snd_nxt;
    arrives(PEER_SEQ, good - 10, TCP_ACK, "");
    check_rst(TCP_RST, good - 10, 0);
    arrives(PEER_SEQ, good - 10, TCP_SYN | TCP_ACK, "");
    check_rst(TCP_RST, good - 10, 0);
    arrives(PEER_SEQ, good - 10, TCP_RST | TCP_ACK, "");
    arrives(PEER_SEQ, good, TCP_ACK, ""); /* acceptable, but says nothing */
    CHECK(lw.calls == 0 && lw.err_calls == 0 && pcb->state == SYN_SENT);
    arrives(PEER_SEQ, good, TCP_RST | TCP_ACK, "");
    CHECK(lw.err_calls == 1 && lw.last_err == ERR_RST && tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_states, an_active_open_connects)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = connecting();
    arrives(PEER_SEQ, pcb->snd_nxt, TCP_SYN | TCP_ACK, "");
    CHECK(pcb->state == ESTABLISHED && st.connects == 1);
    CHECK(lw.calls == 1 && flags_of(0) == TCP_ACK && ack_of(0) == PEER_SEQ + 1);
    CHECK(pcb->unacked == NULL && pcb->lastack == pcb->snd_nxt);
    CHECK(pcb->cwnd > pcb->mss && pcb->snd_wnd == 5000 && !LW_REXMIT_RUNS(pcb));
    lw_down();
}

UNIT(tcp_lwip_states, syns_may_cross) /* [RFC9293 3.5 figure 8] */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = connecting();
    arrives(PEER_SEQ, 0, TCP_SYN, "");
    CHECK(pcb->state == SYN_RCVD && flags_of(0) == (TCP_SYN | TCP_ACK));
    CHECK_INT(lw_sent_seq(0), pcb->lastack);
    arrives(PEER_SEQ + 1, pcb->snd_nxt, TCP_ACK, "");
    CHECK(pcb->state == ESTABLISHED && st.connects == 1);
    lw_down();

    lw_up(NULL); /* and a RST then ends the attempt, since there is no listener to return to */
    pcb = connecting();
    arrives(PEER_SEQ, 0, TCP_SYN, "");
    arrives(PEER_SEQ + 1, pcb->snd_nxt, TCP_RST | TCP_ACK, "");
    CHECK(lw.err_calls == 1 && lw.last_err == ERR_RST && tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_states, established_believes_only_an_exact_rst) /* [RFC5961 3.2] */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    arrives(pcb->rcv_nxt - 10, 54321, TCP_RST, "");
    CHECK(lw.err_calls == 0 && lw.calls == 0);
    arrives(pcb->rcv_nxt + 10, 54321, TCP_RST, "");
    CHECK(lw.err_calls == 0 && lw.calls == 1 && flags_of(0) == TCP_ACK);
    arrives(pcb->rcv_nxt, 54321, TCP_RST, "");
    CHECK(lw.err_calls == 1 && lw.last_err == ERR_RST && tcp_active_pcbs == NULL);
    LW_USED(MEMP_TCP_PCB, 0);
    lw_down();
}

/* Our close first; the peer's FIN before, with or after the ACK of ours. */
static void closes(bool fin_first, bool fin_with_ack)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t rcv = pcb->rcv_nxt, fin = pcb->snd_nxt;
    CHECK_INT(tcp_close(pcb), ERR_OK);
    CHECK(pcb->state == FIN_WAIT_1 && (flags_of(0) & TCP_FIN) != 0);
    if (fin_first) {
        arrives(rcv, fin, TCP_ACK | TCP_FIN, "");
        CHECK_INT(pcb->state, CLOSING);
        arrives(rcv + 1, fin + 1, TCP_ACK, "");
    } else if (fin_with_ack) {
        arrives(rcv, fin + 1, TCP_ACK | TCP_FIN, "");
    } else {
        arrives(rcv, fin + 1, TCP_ACK, "");
        CHECK_INT(pcb->state, FIN_WAIT_2);
        arrives(rcv, fin + 1, TCP_ACK | TCP_FIN, "");
    }
    CHECK(pcb->state == TIME_WAIT && tcp_tw_pcbs == pcb && tcp_active_pcbs == NULL);
    CHECK_INT(ack_of(lw.calls - 1), fin_first ? rcv + 1 : rcv + 1);
    CHECK_INT(lw.recv_fins, 0); /* nobody reads any more */
    unsigned n = 0;
    for (; tcp_tw_pcbs != NULL && n < 1000; n++)
        lw_tmr();
    CHECK(n >= 2 * TCP_MSL / TCP_TMR_INTERVAL - 1 && n <= 2 * TCP_MSL / TCP_TMR_INTERVAL + 2);
    LW_USED(MEMP_TCP_PCB, 0);
    lw_down();
}

UNIT(tcp_lwip_states, an_active_close_ends_in_time_wait)
{
    closes(false, false);
    closes(false, true);
    closes(true, false);
}

UNIT(tcp_lwip_states, time_wait_answers_without_moving) /* [RFC9293 3.10.7.4] [RFC5961 4.2] */
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(TIME_WAIT);
    pcb->rcv_nxt = PEER_SEQ;
    arrives(PEER_SEQ - 10, 54321, TCP_SYN, ""); /* old */
    CHECK(lw.calls == 1 && flags_of(0) == TCP_ACK && ack_of(0) == PEER_SEQ);
    arrives(PEER_SEQ + 1, pcb->snd_nxt, TCP_SYN | TCP_ACK, "");
    CHECK(lw.calls == 2 && flags_of(1) == TCP_ACK && ack_of(1) == PEER_SEQ);
    arrives(PEER_SEQ, 54321, TCP_RST, ""); /* [RFC1337] */
    CHECK(tcp_tw_pcbs == pcb && lw.calls == 2 && pcb->rcv_nxt == PEER_SEQ);
    lw_down();
}

UNIT(tcp_lwip_states, a_malformed_header_changes_nothing)
{
    static const u8_t offsets[] = {0, 1, 4, 6, 15};
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    for (unsigned i = 0; i < sizeof offsets; i++) {
        struct pbuf *p = lw_segment(pcb, "", 0, 0, 0, TCP_ACK);
        struct tcp_hdr *h = (struct tcp_hdr *)((u8_t *)p->payload + 20);
        TCPH_HDRLEN_FLAGS_SET(h, offsets[i], 0x3d1);
        CHECK_INT(TCPH_HDRLEN(h), offsets[i]);
        h->chksum = 0;
        pbuf_remove_header(p, 20);
        h->chksum = ip_chksum_pseudo(p, IP_PROTO_TCP, p->tot_len, &lw.remote, &lw.local);
        pbuf_add_header(p, 20);
        lw_input(p);
        LW_USED(MEMP_PBUF_POOL, 0);
    }
    struct pbuf *p = lw_segment(pcb, "data", 4, 0, 0, TCP_ACK);
    ((struct tcp_hdr *)((u8_t *)p->payload + 20))->chksum ^= 1;
    lw_input(p);
    CHECK_INT(lw.recv_calls, 0);
    CHECK_INT(lw.calls, 0);
    CHECK_INT(lw.err_calls, 0);
    CHECK(tcp_active_pcbs == pcb && pcb->state == ESTABLISHED);
    LW_COUNTED(lenerr, sizeof offsets);
    LW_COUNTED(chkerr, 1);
    LW_COUNTED(recv, sizeof offsets + 1);
    lw_down();
}

UNIT(tcp_lwip_states, an_abort_tells_the_peer_and_err)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t seq = pcb->snd_nxt, ack = pcb->rcv_nxt;
    tcp_abort(pcb);
    CHECK(lw.err_calls == 1 && lw.last_err == ERR_ABRT && lw.recv_calls == 0);
    CHECK_INT(lw.calls, 1);
    CHECK((flags_of(0) & TCP_RST) != 0 && lw_sent_seq(0) == seq);
    CHECK((flags_of(0) & TCP_ACK) == 0 || ack_of(0) == ack);
    LW_USED(MEMP_TCP_PCB, 0);
    lw_down();
}

UNIT(tcp_lwip_states, data_and_fin_in_one_segment_close_passively)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    arrives(pcb->rcv_nxt, pcb->lastack, TCP_ACK | TCP_FIN, "foobar");
    CHECK(lw.recv_calls == 1 && lw.recv_bytes == 6 && lw.recv_fins == 1 && lw.err_calls == 0);
    CHECK_INT(pcb->state, CLOSE_WAIT);
    CHECK_INT(tcp_close(pcb), ERR_OK); /* without tcp_recved(): unread data, a RST */
    CHECK(tcp_active_pcbs == NULL && lw.err_calls == 0);
    CHECK((flags_of(lw.calls - 1) & TCP_RST) != 0);
    lw_down();
}

UNIT(tcp_lwip_states, bytes_that_came_before_are_cut_off_a_chain)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    const u16_t old = (u16_t)(PBUF_POOL_BUFSIZE + 100), len = (u16_t)(old + 40);
    u32_t edge = pcb->rcv_ann_wnd;
    CHECK(len <= sizeof lw.data);
    pcb->rcv_nxt = 0x8000;
    pcb->rcv_ann_right_edge = 0x8000 + edge;
    struct pbuf *p = lw_segment(pcb, lw.data, len, (u32_t)(0 - old), 0, TCP_ACK);
    CHECK(p->next != NULL);
    lw_input(p);
    CHECK(lw.recv_calls == 1 && lw.recv_bytes == 40 && pcb->rcv_nxt == 0x8000 + 40);
    CHECK_MEM(lw.got, lw.data + old, 40);
    LW_USED(MEMP_PBUF_POOL, 0);
    lw_down();
}
