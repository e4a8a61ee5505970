/* harness/firmware/guest/services.c: see services.h. */
#include "harness/firmware/guest/services.h"

#include "harness/firmware/guest/board.h"

#include "lwip/tcp.h"
#include "lwip/udp.h"

#define PORT_ECHO 7
#define PORT_DISCARD 9
#define PORT_HTTP 80

static uint32_t discarded; /* datagrams */

/* ---- UDP ---- */

static void echo_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                          u16_t port)
{
    (void)arg;
    if (udp_sendto(pcb, p, from, port) != ERR_OK)
        board_print("udp echo: no room\n");
    pbuf_free(p);
}

static void discard_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                             u16_t port)
{
    (void)arg;
    (void)pcb;
    (void)from;
    (void)port;
    discarded++;
    pbuf_free(p);
}

static void serve_udp(u16_t port, udp_recv_fn receive)
{
    struct udp_pcb *pcb = udp_new();

    if (pcb == NULL || udp_bind(pcb, IP_ADDR_ANY, port) != ERR_OK) {
        board_print("no UDP server\n");
        return;
    }
    udp_recv(pcb, receive, NULL);
}

/* ---- TCP echo: what has come waits in a pbuf chain until it fits into the send buffer ---- */

/* What a call-back returns: ERR_ABRT when the connection is no more. */
static err_t finish(struct tcp_pcb *pcb)
{
    tcp_arg(pcb, NULL);
    if (tcp_close(pcb) == ERR_OK)
        return ERR_OK;
    tcp_abort(pcb);
    return ERR_ABRT;
}

/* Sends of the chain what there is room for; returns what is left of it. */
static struct pbuf *echo_send(struct tcp_pcb *pcb, struct pbuf *waiting)
{
    while (waiting != NULL && waiting->len <= tcp_sndbuf(pcb)) {
        struct pbuf *head = waiting;
        if (tcp_write(pcb, head->payload, head->len, TCP_WRITE_FLAG_COPY) != ERR_OK)
            break;
        tcp_recved(pcb, head->len);
        waiting = head->next;
        if (waiting != NULL)
            pbuf_ref(waiting);
        pbuf_free(head);
    }
    tcp_output(pcb);
    return waiting;
}

static err_t echo_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct pbuf *waiting = arg;

    (void)err;
    if (p == NULL) /* the other end has said all; else echo_more() ends it */
        return waiting == NULL ? finish(pcb) : ERR_OK;
    if (waiting == NULL)
        waiting = p;
    else
        pbuf_cat(waiting, p);
    tcp_arg(pcb, echo_send(pcb, waiting));
    return ERR_OK;
}

static err_t echo_more(struct tcp_pcb *pcb, struct pbuf *waiting)
{
    if (waiting == NULL)
        return ERR_OK;
    waiting = echo_send(pcb, waiting);
    tcp_arg(pcb, waiting);
    return waiting == NULL && pcb->state == CLOSE_WAIT ? finish(pcb) : ERR_OK;
}

static err_t echo_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)len;
    return echo_more(pcb, arg);
}

static err_t echo_poll(void *arg, struct tcp_pcb *pcb)
{
    return echo_more(pcb, arg);
}

static void echo_failed(void *arg, err_t err)
{
    (void)err;
    if (arg != NULL)
        pbuf_free(arg);
}

static err_t echo_accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    if (err != ERR_OK)
        return err;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, echo_received);
    tcp_sent(pcb, echo_sent);
    tcp_err(pcb, echo_failed);
    tcp_poll(pcb, echo_poll, 2);
    return ERR_OK;
}

/* ---- HTTP: any request is answered by the one page, and the connection is closed ---- */

static const char page[] = "HTTP/1.0 200 OK\r\n"
                           "Content-Type: text/html\r\n"
                           "Connection: close\r\n"
                           "\r\n"
                           "<!DOCTYPE html><title>LPC2468</title>"
                           "<h1>Served by an LPC2468</h1>\n";

static err_t page_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    (void)arg;
    (void)err;
    if (p != NULL) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
        if (tcp_write(pcb, page, sizeof page - 1, 0) != ERR_OK)
            board_print("http: no room\n");
        tcp_recv(pcb, NULL); /* what else it says is acknowledged and forgotten */
    }
    return finish(pcb);
}

static err_t page_accepted(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    if (err != ERR_OK)
        return err;
    tcp_recv(pcb, page_received);
    return ERR_OK;
}

static void serve_tcp(u16_t port, tcp_accept_fn accept)
{
    struct tcp_pcb *pcb = tcp_new();
    struct tcp_pcb *listener = NULL;

    if (pcb != NULL && tcp_bind(pcb, IP_ADDR_ANY, port) == ERR_OK)
        listener = tcp_listen(pcb);
    if (listener == NULL) {
        board_print("no TCP server\n");
        return;
    }
    tcp_accept(listener, accept);
}

void services_start(void)
{
    serve_udp(PORT_ECHO, echo_datagram);
    serve_udp(PORT_DISCARD, discard_datagram);
    serve_tcp(PORT_ECHO, echo_accepted);
    serve_tcp(PORT_HTTP, page_accepted);
}
