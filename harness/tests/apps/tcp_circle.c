/* tcp_circle.c: connections whose call-backs end and open others; for the museum.
 *
 * Arguments: HOW ACTOR VICTIM
 * Listens on port 80 and numbers what it accepts: 1, 2 ... All poll every second and are kept
 * alive. The first time that the call-back HOW (poll, recv, sent, err) of connection ACTOR runs, it
 * aborts connection VICTIM, which may be its own, and calls port 7000 of 10.0.0.1: the next number.
 * Each call-back prints number and name, err its err_t, too. */
#include "lockwire/app.h"

#include "lwip/tcp.h"

#include <stdlib.h>
#include <string.h>

#define MOST 8

struct member {
    struct tcp_pcb *pcb;
    int number;
};

static struct member members[MOST];
static int count, actor, victim;
static const char *how;

static void adopt(struct tcp_pcb *pcb);

static void call_somebody(void)
{
    struct tcp_pcb *pcb = tcp_new();
    ip_addr_t to;

    IP_ADDR4(&to, 10, 0, 0, 1);
    if (pcb == NULL)
        return;
    adopt(pcb);
    tcp_connect(pcb, &to, 7000, NULL);
}

/* ERR_ABRT when it was the caller's own connection. */
static err_t act(struct member *m, const char *call)
{
    if (strcmp(call, how) != 0 || m->number != actor)
        return ERR_OK;
    actor = 0;
    if (members[victim - 1].pcb != NULL)
        tcp_abort(members[victim - 1].pcb);
    call_somebody();
    return victim == m->number ? ERR_ABRT : ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    struct member *m = arg;
    app_printf("%d poll%s\n", m->number, m->pcb == pcb ? "" : " of another");
    return act(m, "poll");
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct member *m = arg;
    (void)err;
    app_printf("%d %s\n", m->number, p != NULL ? "recv" : "closed");
    if (p != NULL) {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
    } else {
        tcp_write(pcb, "bye", 3, TCP_WRITE_FLAG_COPY);
        tcp_shutdown(pcb, 0, 1);
    }
    return act(m, "recv");
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct member *m = arg;
    (void)pcb;
    app_printf("%d sent %u\n", m->number, (unsigned)len);
    return act(m, "sent");
}

static void on_err(void *arg, err_t err)
{
    struct member *m = arg;
    app_printf("%d err %d\n", m->number, err);
    m->pcb = NULL;
    (void)act(m, "err");
}

static void adopt(struct tcp_pcb *pcb)
{
    struct member *m = &members[count++];

    m->pcb = pcb;
    m->number = count;
    tcp_arg(pcb, m);
    ip_set_option(pcb, SOF_KEEPALIVE);
    tcp_poll(pcb, on_poll, 2);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_err);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    if (err != ERR_OK || count == MOST)
        return ERR_VAL;
    adopt(pcb);
    return ERR_OK;
}

void app_main(int argc, char **argv)
{
    struct tcp_pcb *pcb = tcp_new();

    if (argc != 4 || pcb == NULL || tcp_bind(pcb, IP_ADDR_ANY, 80) != ERR_OK)
        return;
    how = argv[1];
    actor = atoi(argv[2]);
    victim = atoi(argv[3]);
    pcb = tcp_listen(pcb);
    if (pcb != NULL)
        tcp_accept(pcb, on_accept);
}
