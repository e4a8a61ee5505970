/* tcp_lwip_events.c: LWIP_EVENT_API: one function of the application hears of everything, in the
 * order of lwIP's call-backs (tcp_lwip.h). Empty on other builds; unit.stack_events runs it. */
#include "tcp_lwip.h"

#if LWIP_EVENT_API

static struct {
    char heard[64];        /* A, S, R, E (end of the stream), C, P, X (err) */
    struct tcp_pcb *pcb;   /* of the last event */
    unsigned sent, received;
    err_t err;             /* of the last ACCEPT, CONNECTED or ERR */
    err_t answer;          /* to all but RECV */
    bool refuse, abort;    /* data; the pcb, when data comes */
} ev;

static err_t take_data(struct tcp_pcb *pcb, struct pbuf *p)
{
    if (ev.abort) {
        pbuf_free(p);
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    if (ev.refuse)
        return ERR_MEM;
    ev.received += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

err_t lwip_tcp_event(void *arg, struct tcp_pcb *pcb, enum lwip_event event, struct pbuf *p,
                     u16_t size, err_t err)
{
    static const char names[] = "ASRCPX";
    size_t n = strlen(ev.heard);
    CHECK(arg == &lw && n + 1 < sizeof ev.heard);
    CHECK((pcb == NULL) == (event == LWIP_EVENT_ERR));
    CHECK(event == LWIP_EVENT_RECV || p == NULL);
    ev.heard[n] = event == LWIP_EVENT_RECV && p == NULL ? 'E' : names[event];
    ev.pcb = pcb;
    ev.err = err;
    if (event == LWIP_EVENT_SENT)
        ev.sent += size;
    return p != NULL ? take_data(pcb, p) : ev.answer;
}

static void begin(void)
{
    lw_up(NULL);
    memset(&ev, 0, sizeof ev);
}

static void check_heard(const char *events)
{
    CHECKF(strcmp(ev.heard, events) == 0, "heard %s, expected %s", ev.heard, events);
    memset(ev.heard, 0, sizeof ev.heard);
}

static struct tcp_pcb *listening(void)
{
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_bind(pcb, &lw.local, LOCAL_PORT), ERR_OK);
    pcb = tcp_listen(pcb);
    tcp_arg(pcb, &lw);
    return pcb;
}

static void handshake(void)
{
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "", 0, 1000, 0, TCP_SYN, 5000));
    check_heard("");
    lw_input(lw_segment_to(REMOTE_PORT, LOCAL_PORT, "hi", 2, 1001, tcp_active_pcbs->snd_nxt,
                           TCP_ACK, 5000));
}

UNIT(tcp_lwip_events, a_passive_connection_is_heard_from_accept_to_its_end)
{
    begin();
    (void)listening();
    handshake();
    check_heard("AR");
    struct tcp_pcb *pcb = ev.pcb;
    CHECK(pcb == tcp_active_pcbs && ev.received == 2);
    CHECK_INT(tcp_write(pcb, "abc", 3, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(pcb), ERR_OK);
    lw_input(lw_segment(pcb, "xyz", 3, 0, 3, TCP_ACK | TCP_FIN));
    check_heard("SRE");
    CHECK(ev.sent == 3 && ev.received == 5 && pcb->state == CLOSE_WAIT);
    CHECK_INT(tcp_close(pcb), ERR_OK);
    lw_input(lw_segment(pcb, "", 0, 0, 1, TCP_ACK));
    check_heard(""); /* who has closed is told nothing more */
    CHECK(tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_events, a_connection_that_is_not_accepted_ends_with_err)
{
    begin();
    (void)listening();
    ev.answer = ERR_VAL;
    handshake();
    check_heard("AX");
    CHECK(ev.err == ERR_ABRT && tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_events, an_active_connection_is_heard_of_and_so_is_its_reset)
{
    begin();
    struct tcp_pcb *pcb = tcp_new();
    tcp_arg(pcb, &lw);
    CHECK_INT(tcp_connect(pcb, &lw.remote, REMOTE_PORT, NULL), ERR_OK);
    lw_input(lw_segment_to(REMOTE_PORT, pcb->local_port, "", 0, 7000, pcb->snd_nxt,
                           TCP_SYN | TCP_ACK, 5000));
    check_heard("C");
    CHECK(ev.err == ERR_OK && ev.pcb == pcb);
    lw_input(lw_segment(pcb, "", 0, 0, 0, TCP_RST));
    check_heard("X");
    CHECK(ev.err == ERR_RST && tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_events, data_may_be_refused_or_answered_by_abort)
{
    begin();
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    ev.refuse = true;
    lw_input(lw_segment(pcb, "one", 3, 0, 0, TCP_ACK));
    check_heard("R");
    CHECK(pcb->refused_data != NULL && ev.received == 0);
    ev.refuse = false;
    tcp_fasttmr();
    check_heard("R");
    CHECK_INT(ev.received, 3);
    ev.abort = true;
    lw_input(lw_segment(pcb, "two", 3, 0, 0, TCP_ACK | TCP_FIN));
    check_heard("RX");
    CHECK(ev.err == ERR_ABRT && tcp_active_pcbs == NULL);
    lw_down();
}

UNIT(tcp_lwip_events, polling_needs_an_interval_and_no_function)
{
    begin();
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    for (unsigned i = 0; i < 4; i++)
        tcp_slowtmr();
    check_heard("");
    tcp_poll(pcb, NULL, 2);
    for (unsigned i = 0; i < 6; i++)
        tcp_slowtmr();
    check_heard("PPP");
    tcp_poll(pcb, NULL, 0);
    for (unsigned i = 0; i < 6; i++)
        tcp_slowtmr();
    check_heard("");
    tcp_abort(pcb);
    check_heard("X");
    lw_down();
}

#endif
