/* tcp_lwip_api.c: what each call of lwIP's RAW API promises: errors, call-backs and their answers,
 * macros, counters (tcp_lwip.h). Runs on every build. */
#include "tcp_lwip.h"

#include "lwip/stats.h"

/* ---- Macros and small things ---- */

UNIT(tcp_lwip_api, macros_say_what_lwips_say)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    CHECK(tcp_mss(pcb) == MSS && tcp_sndbuf(pcb) == 12 * MSS && tcp_sndqueuelen(pcb) == 0);
    CHECK_INT(tcp_dbg_get_tcp_state(pcb), ESTABLISHED);
    tcp_set_flags(pcb, TF_TIMESTAMP);
    CHECK_INT(tcp_mss(pcb), MSS - (LWIP_TCP_TIMESTAMPS ? 12 : 0));
    CHECK(tcp_is_flag_set(pcb, TF_TIMESTAMP));
    tcp_clear_flags(pcb, TF_TIMESTAMP);
    CHECK(!tcp_is_flag_set(pcb, TF_TIMESTAMP) && !tcp_nagle_disabled(pcb));
    tcp_nagle_disable(pcb);
    CHECK(tcp_nagle_disabled(pcb) && pcb->flags == TF_NODELAY);
    tcp_nagle_enable(pcb);
    CHECK_INT(pcb->flags, 0);
    tcp_accepted(pcb);
    tcpwnd_size_t wnd = (tcpwnd_size_t)-3;
    TCP_WND_INC(wnd, 2);
    CHECK_INT(wnd, (tcpwnd_size_t)-1);
    TCP_WND_INC(wnd, 9);
    CHECK_INT(wnd, (tcpwnd_size_t)-1);
    CHECK_INT(TCPWND16(0x12345), LWIP_WND_SCALE ? 0xffff : 0x12345);
    CHECK_INT(TCP_WND_MAX(pcb), 10 * MSS);
    pcb->rcv_scale = 2;
    pcb->snd_scale = 3;
    CHECK_INT(RCV_WND_SCALE(pcb, 100u), LWIP_WND_SCALE ? 25 : 100);
    CHECK_INT(SND_WND_SCALE(pcb, 100u), LWIP_WND_SCALE ? 800 : 100);
    pcb->rcv_scale = pcb->snd_scale = 0;
    for (int s = CLOSED; s <= TIME_WAIT; s++)
        CHECK_INT(TCP_STATE_IS_CLOSING((enum tcp_state)s), s >= FIN_WAIT_1);
    CHECK(strcmp(tcp_debug_state_str(CLOSED), "CLOSED") == 0);
    CHECK(strcmp(tcp_debug_state_str(TIME_WAIT), "TIME_WAIT") == 0);
    CHECK_INT(LWIP_TCP_OPT_LENGTH(TF_SEG_OPTS_MSS | TF_SEG_OPTS_TS), 16);
    CHECK_INT(LWIP_TCP_OPT_LENGTH(TF_SEG_OPTS_WND_SCALE | TF_SEG_OPTS_SACK_PERM), 8);
    CHECK(TCP_SEQ_LT(0xfffffff0u, 5u) && TCP_SEQ_GT(5u, 0xfffffff0u));
    CHECK(TCP_SEQ_LEQ(5u, 5u) && TCP_SEQ_GEQ(5u, 5u) && !TCP_SEQ_LT(5u, 5u));
    CHECK(TCP_SEQ_BETWEEN(1u, 0xffffffffu, 3u) && !TCP_SEQ_BETWEEN(4u, 0xffffffffu, 3u));
    lw_down();
}

UNIT(tcp_lwip_api, addresses_of_both_ends_can_be_asked_for)
{
    ip_addr_t ip;
    u16_t port = 0;
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    CHECK_INT(tcp_tcp_get_tcp_addrinfo(pcb, 1, &ip, &port), ERR_OK);
    CHECK(ip_addr_eq(&ip, &lw.local) && port == LOCAL_PORT);
    CHECK_INT(tcp_tcp_get_tcp_addrinfo(pcb, 0, &ip, &port), ERR_OK);
    CHECK(ip_addr_eq(&ip, &lw.remote) && port == REMOTE_PORT);
    CHECK_INT(tcp_tcp_get_tcp_addrinfo(NULL, 1, &ip, &port), ERR_VAL);
    struct tcp_pcb *listener = tcp_new();
    CHECK_INT(tcp_bind(listener, &lw.local, 81), ERR_OK);
    listener = tcp_listen(listener);
    CHECK_INT(tcp_tcp_get_tcp_addrinfo(listener, 1, &ip, &port), ERR_OK);
    CHECK_INT(port, 81);
    CHECK_INT(tcp_tcp_get_tcp_addrinfo(listener, 0, &ip, &port), ERR_VAL);
    lw_down();
}

/* ---- bind, connect ---- */

UNIT(tcp_lwip_api, bind_says_what_is_taken)
{
    lw_up(NULL);
    struct tcp_pcb *a = tcp_new(), *b = tcp_new();
    CHECK_INT(tcp_bind(a, &lw.local, 7), ERR_OK);
    CHECK_INT(tcp_bind(b, &lw.local, 7), ERR_USE);
    CHECK_INT(tcp_bind(b, IP_ADDR_ANY, 7), ERR_USE);
    CHECK_INT(tcp_bind(b, NULL, 7), ERR_USE);
    CHECK_INT(tcp_bind(b, &lw.remote, 7), ERR_OK); /* another address */
    CHECK_INT(tcp_bind(b, &lw.remote, 8), ERR_VAL);
    struct tcp_pcb *c = tcp_new();
    CHECK_INT(tcp_bind(c, IP_ADDR_ANY, 0), ERR_OK);
    CHECK(c->local_port >= TCP_LOCAL_PORT_RANGE_START);
    CHECK(tcp_bound_pcbs == c && c->next == b && b->next == a);
    CHECK_INT(tcp_close(a), ERR_OK);
    CHECK_INT(tcp_close(b), ERR_OK);
    CHECK_INT(tcp_close(c), ERR_OK);
    CHECK(tcp_bound_pcbs == NULL && lw.calls == 0 && lw.err_calls == 0);
    struct tcp_pcb *d = lw_pcb(ESTABLISHED);
    CHECK_INT(tcp_bind(d, &lw.local, 9), ERR_VAL);
    lw_down();
}

UNIT(tcp_lwip_api, connect_says_what_is_wrong)
{
    ip_addr_t group, away;
    lw_up(NULL);
    IP_ADDR4(&group, 224, 0, 0, 5);
    IP_ADDR4(&away, 10, 9, 8, 7);
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_connect(pcb, NULL, 80, NULL), ERR_ARG);
    CHECK_INT(tcp_connect(pcb, &away, 80, NULL), ERR_RTE);
    CHECK_INT(tcp_connect(pcb, &group, 80, NULL) != ERR_OK, 1);
    CHECK(pcb->state == CLOSED && pcb->local_port == 0 && lw.calls == 0);
    tcp_bind_netif(pcb, &lw.netif);
    CHECK_INT(tcp_connect(pcb, &lw.remote, 80, NULL), ERR_OK);
    CHECK(ip_addr_eq(&pcb->local_ip, &lw.local) && pcb->local_port != 0 && lw.calls == 1);
    CHECK_INT(tcp_connect(pcb, &lw.remote, 80, NULL), ERR_ISCONN);
    CHECK_INT(tcp_close(pcb), ERR_OK); /* nothing to be said to anybody */
    CHECK(tcp_active_pcbs == NULL && lw.calls == 1);
    struct tcp_pcb *one = tcp_new(), *two = tcp_new();
    ip_set_option(one, SOF_REUSEADDR);
    ip_set_option(two, SOF_REUSEADDR);
    CHECK_INT(tcp_bind(one, &lw.local, 99), ERR_OK);
    CHECK_INT(tcp_bind(two, &lw.local, 99), ERR_OK);
    CHECK_INT(tcp_connect(one, &lw.remote, 80, NULL), ERR_OK);
    CHECK_INT(tcp_connect(two, &lw.remote, 80, NULL), ERR_USE); /* the same four numbers */
    CHECK_INT(tcp_connect(two, &lw.remote, 81, NULL), ERR_OK);
    lw_down();
}

/* ---- write ---- */

UNIT(tcp_lwip_api, write_takes_all_or_nothing)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_write(pcb, "x", 1, TCP_WRITE_FLAG_COPY), ERR_CONN);
    tcp_abort(pcb);
    pcb = lw_pcb(ESTABLISHED);
    CHECK_INT(tcp_write(pcb, NULL, 1, TCP_WRITE_FLAG_COPY), ERR_ARG);
    CHECK_INT(tcp_write(pcb, lw.data, 0, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK(pcb->unsent == NULL);
    CHECK_INT(tcp_write(pcb, lw.data, 12 * MSS + 1, TCP_WRITE_FLAG_COPY), ERR_MEM);
    CHECK((pcb->flags & TF_NAGLEMEMERR) != 0 && pcb->unsent == NULL);
    CHECK_INT(pcb->snd_buf, 12 * MSS);
    unsigned n = 0;
    while (tcp_write(pcb, lw.data, 1, 0) == ERR_OK) /* a pbuf each */
        n++;
    CHECK(n >= 2 && n <= 40 && pcb->snd_queuelen <= 40);
    CHECK_INT(pcb->snd_buf, 12 * MSS - n);
    CHECK_INT(tcp_close(pcb), ERR_OK);
    CHECK_INT(tcp_write(pcb, lw.data, 1, 0), ERR_CONN); /* it is the stack's by now, but there */
    lw_down();
}

UNIT(tcp_lwip_api, by_reference_the_data_is_read_when_it_leaves_with_push_at_the_end)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    pcb->cwnd = 10 * MSS;
    tcp_nagle_disable(pcb);
    CHECK_INT(tcp_write(pcb, lw.data, 100, TCP_WRITE_FLAG_MORE), ERR_OK);
    CHECK(pcb->unsent->p->payload == lw.data && pcb->unsent->p->len == 100);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK((lw.last[0][33] & TCP_PSH) == 0 && lw_sent_len(0) == HEADERS + 100);
    CHECK_INT(tcp_write(pcb, lw.data + 100, 50, 0), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    CHECK((lw.last[1][33] & TCP_PSH) != 0 && lw_sent_len(1) == HEADERS + 50);
    CHECK_MEM(lw.last[1] + HEADERS, lw.data + 100, 50);
    lw_input(lw_segment(pcb, "", 0, 0, 150, TCP_ACK));
    CHECK(lw.sent_calls == 1 && lw.sent_bytes == 150 && pcb->snd_queuelen == 0);
    lw_down();
}

/* ---- Call-backs and their answers ---- */

static struct {
    unsigned calls, bytes, ends;
    err_t answer;
    bool abort, close;
    char order[8];
} cb;

static void note(char what)
{
    size_t n = strlen(cb.order);
    CHECK(n + 1 < sizeof cb.order);
    cb.order[n] = what;
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    CHECK(arg == &lw && err == ERR_OK);
    note(p != NULL ? 'r' : 'e');
    if (p == NULL) {
        cb.ends++;
        return cb.close ? tcp_close(pcb) : ERR_OK;
    }
    cb.calls++;
    if (cb.abort) {
        pbuf_free(p);
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    if (cb.answer == ERR_OK) {
        cb.bytes += p->tot_len;
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
    }
    return cb.answer;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)arg, (void)pcb, (void)len;
    note('s');
    return ERR_OK;
}

static struct tcp_pcb *with_call_backs(void)
{
    lw_up(NULL);
    memset(&cb, 0, sizeof cb);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    pcb->cwnd = 10 * MSS;
    return pcb;
}

UNIT(tcp_lwip_api, sent_comes_before_data_and_data_before_the_end)
{
    struct tcp_pcb *pcb = with_call_backs();
    CHECK_INT(tcp_write(pcb, "ab", 2, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_input(lw_segment(pcb, "xyz", 3, 0, 2, TCP_ACK | TCP_FIN));
    CHECK(strcmp(cb.order, "sre") == 0);
    lw_down();
}

UNIT(tcp_lwip_api, refused_data_is_offered_again_before_anything_newer)
{
    struct tcp_pcb *pcb = with_call_backs();
    cb.answer = ERR_MEM;
    lw_input(lw_segment(pcb, "one", 3, 0, 0, TCP_ACK));
    CHECK(cb.calls == 1 && pcb->refused_data != NULL && pcb->refused_data->tot_len == 3);
    tcp_fasttmr();
    CHECK(cb.calls == 2 && cb.bytes == 0);
    lw_input(lw_segment(pcb, "two", 3, 0, 0, TCP_ACK | TCP_FIN));
    CHECK(cb.ends == 0 && cb.bytes == 0 && pcb->refused_data != NULL);
    CHECK_INT(pcb->rcv_wnd, 10 * MSS - 6);
    cb.answer = ERR_OK;
    memset(cb.order, 0, sizeof cb.order);
    tcp_fasttmr();
    CHECK(cb.bytes == 6 && cb.ends == 1 && pcb->refused_data == NULL);
    CHECK_INT(pcb->rcv_wnd, 10 * MSS);
    CHECK(cb.order[strlen(cb.order) - 1] == 'e');
    LW_USED(MEMP_PBUF_POOL, 0);
    lw_down();
}

UNIT(tcp_lwip_api, a_pcb_may_be_aborted_in_recv)
{
    struct tcp_pcb *pcb = with_call_backs();
    cb.abort = true;
    lw_input(lw_segment(pcb, "xyz", 3, 0, 0, TCP_ACK | TCP_FIN));
    CHECK(cb.calls == 1 && cb.ends == 0 && tcp_active_pcbs == NULL);
    CHECK(lw.err_calls == 1 && lw.last_err == ERR_ABRT);
    CHECK(lw.calls == 1 && (lw.last[0][33] & TCP_RST) != 0);
    lw_down();
}

UNIT(tcp_lwip_api, a_pcb_may_be_closed_in_recv)
{
    struct tcp_pcb *pcb = with_call_backs();
    cb.close = true;
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK | TCP_FIN));
    CHECK(cb.ends == 1 && pcb->state == LAST_ACK);
    CHECK(lw.calls == 1 && (lw.last[0][33] & (TCP_FIN | TCP_ACK)) == (TCP_FIN | TCP_ACK));
    lw_input(lw_segment(pcb, "", 0, 0, 1, TCP_ACK));
    CHECK(tcp_active_pcbs == NULL && lw.err_calls == 0);
    lw_down();
}

UNIT(tcp_lwip_api, without_a_recv_function_data_is_swallowed_and_the_end_answered)
{
    struct tcp_pcb *pcb = with_call_backs();
    tcp_recv(pcb, NULL);
    lw_input(lw_segment(pcb, "abc", 3, 0, 0, TCP_ACK));
    CHECK(pcb->rcv_wnd == 10 * MSS && pcb->refused_data == NULL);
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK | TCP_FIN));
    CHECK_INT(pcb->state, LAST_ACK);
    lw_down();
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    CHECK(arg == &lw);
    cb.calls++;
    if (!cb.abort)
        return ERR_OK;
    tcp_abort(pcb);
    return ERR_ABRT;
}

UNIT(tcp_lwip_api, poll_is_called_every_so_many_slow_ticks)
{
    struct tcp_pcb *pcb = with_call_backs();
    tcp_poll(pcb, on_poll, 3);
    CHECK_INT(pcb->pollinterval, 3);
    for (unsigned i = 1; i <= 12; i++) {
        tcp_slowtmr();
        CHECK_INT(cb.calls, i / 3);
    }
    tcp_poll(pcb, NULL, 0);
    for (unsigned i = 0; i < 12; i++)
        tcp_slowtmr();
    CHECK_INT(cb.calls, 4);
    cb.abort = true;
    tcp_poll(pcb, on_poll, 1);
    tcp_slowtmr();
    CHECK(cb.calls == 5 && tcp_active_pcbs == NULL && lw.last_err == ERR_ABRT);
    lw_down();
}

/* ---- shutdown, close ---- */

UNIT(tcp_lwip_api, shutdown_closes_one_side_or_both)
{
    struct tcp_pcb *pcb = with_call_backs();
    CHECK_INT(tcp_shutdown(pcb, 0, 0), ERR_OK);
    CHECK_INT(tcp_shutdown(pcb, 1, 0), ERR_OK);
    CHECK((pcb->flags & TF_RXCLOSED) != 0 && pcb->state == ESTABLISHED);
    lw_input(lw_segment(pcb, "abc", 3, 0, 0, TCP_ACK));
    CHECK(cb.calls == 0 && pcb->rcv_wnd == 10 * MSS);
    CHECK_INT(tcp_shutdown(pcb, 0, 1), ERR_OK);
    CHECK_INT(pcb->state, FIN_WAIT_1);
    CHECK_INT(tcp_shutdown(pcb, 0, 1), ERR_CONN);
    lw_down();

    pcb = with_call_backs();
    CHECK_INT(tcp_shutdown(pcb, 0, 1), ERR_OK);
    lw_input(lw_segment(pcb, "more", 4, 0, 1, TCP_ACK)); /* half-closed: it still reads */
    CHECK(pcb->state == FIN_WAIT_2 && cb.bytes == 4);
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_ACK | TCP_FIN));
    CHECK(cb.ends == 1 && pcb->state == TIME_WAIT);
    lw_down();

    lw_up(NULL);
    pcb = tcp_new();
    CHECK_INT(tcp_shutdown(pcb, 0, 1), ERR_CONN);
    CHECK_INT(tcp_shutdown(pcb, 1, 1), ERR_OK);
    LW_USED(MEMP_TCP_PCB, 0);
    lw_down();
}

/* ---- Priorities ---- */

UNIT(tcp_lwip_api, a_new_pcb_takes_the_place_of_a_lower_one)
{
    lw_up(NULL);
    struct tcp_pcb *low = lw_pcb(ESTABLISHED);
    tcp_setprio(low, TCP_PRIO_MIN);
    struct tcp_pcb *held[400];
    unsigned n = 0;
    while (n < LWIP_ARRAYSIZE(held) && lw.err_calls == 0 && (held[n] = tcp_new()) != NULL)
        n++;
    if (n < LWIP_ARRAYSIZE(held)) {
        CHECK(lw.err_calls == 1 && lw.last_err == ERR_ABRT && tcp_active_pcbs == NULL);
        CHECK((lw.last[0][33] & TCP_RST) != 0);
        CHECK(tcp_new() == NULL); /* those that are not connected are not touched */
        LW_POOL_ERRORS(MEMP_TCP_PCB, 2);
    }
    while (n > 0)
        tcp_abort(held[--n]);
    lw_down();
}

/* ---- Counters (RFC 4022) ---- */

#if MIB2_STATS
UNIT(tcp_lwip_api, mib2_counts_steps_between_states)
{
    lw_up(NULL);
    struct stats_mib2 *mib = &lwip_stats.mib2;
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_connect(pcb, &lw.remote, 80, NULL), ERR_OK);
    CHECK(mib->tcpactiveopens == 1 && mib->tcpoutsegs == 1);
    tcp_abort(pcb);
    CHECK(mib->tcpattemptfails == 1 && mib->tcpoutrsts == 0);
    pcb = lw_pcb(ESTABLISHED);
    tcp_abort(pcb);
    CHECK(mib->tcpestabresets == 1 && mib->tcpoutrsts == 1 && mib->tcpoutsegs == 2);
    struct tcp_pcb *lpcb = tcp_new();
    CHECK_INT(tcp_bind(lpcb, &lw.local, LOCAL_PORT), ERR_OK);
    lpcb = tcp_listen(lpcb);
    lw_input(lw_segment_to(9, LOCAL_PORT, "", 0, 1, 0, TCP_SYN, 5000));
    CHECK(mib->tcppassiveopens == 1 && mib->tcpinsegs == 1);
    lw_input(lw_segment_to(9, LOCAL_PORT, "", 0, 2, 0, TCP_RST, 5000));
    CHECK(mib->tcpattemptfails == 2 && mib->tcpestabresets == 1);
    struct pbuf *bad = lw_segment_to(9, LOCAL_PORT, "", 0, 1, 0, TCP_SYN, 5000);
    ((u8_t *)bad->payload)[20 + 16] ^= 0x55;
    lw_input(bad);
    CHECK(mib->tcpinerrs == 1 && mib->tcpinsegs == 3);
    pcb = lw_pcb(ESTABLISHED);
    u32_t out = mib->tcpoutsegs;
    CHECK_INT(tcp_write(pcb, "x", 1, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    for (unsigned n = 0; mib->tcpretranssegs == 0 && n < 40; n++)
        lw_tmr();
    CHECK(mib->tcpretranssegs == 1 && mib->tcpoutsegs == out + 1);
    CHECK_INT(lwip_stats.tcp.xmit, 5);
    lw_down();
}
#endif

/* ---- What is on the wire ---- */

#if LWIP_TCP_SACK_OUT
/* SYN: MSS 4, scale 3, SACK 2, NOPs; an ACK: NOP NOP SACK and 8 per block, all aligned. */
UNIT(tcp_lwip_api, sack_blocks_stand_in_the_header_as_rfc_2018_has_them)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t base = pcb->rcv_nxt;
    tcp_set_flags(pcb, TF_SACK);
    lw_input(lw_segment(pcb, lw.data, 100, 200, 0, TCP_ACK));
    lw_input(lw_segment(pcb, lw.data, 100, 500, 0, TCP_ACK));
    CHECK_INT(lw.calls, 2);
    const u8_t *tcp = lw.last[1] + 20;
    u32_t edges[4] = {lwip_htonl(base + 500), lwip_htonl(base + 600), lwip_htonl(base + 200),
                      lwip_htonl(base + 300)};
    CHECK_INT(tcp[12] >> 4, 5 + 5);
    CHECK(tcp[20] == 1 && tcp[21] == 1 && tcp[22] == 5 && tcp[23] == 18);
    CHECK_MEM(tcp + 24, edges, 16);
    CHECK(LWIP_TCP_SACK_VALID(pcb, 0) && LWIP_TCP_SACK_VALID(pcb, 1) &&
          !LWIP_TCP_SACK_VALID(pcb, 2));
    lw_down();
}
#endif
