/* udp_options.c: sockets as lwIP's API allows them and the control protocol has no words for.
 *
 * Arguments, any number of these:
 *   deaf PORT          bound, but without a receive function
 *   lite PORT RX TX    UDP-Lite: least coverage to accept, coverage to send with; echoes
 *   shared PORT N      N sockets on one port, for broadcasts too; each says what it gets */
#include "lockwire/app.h"

#include "lwip/ip.h"
#include "lwip/udp.h"

#include <stdlib.h>
#include <string.h>

#define SHARED_MAX 8

static int numbers[SHARED_MAX];

static struct udp_pcb *bound(int port, u8_t flags, u8_t options)
{
    struct udp_pcb *pcb = udp_new();
    if (pcb == NULL)
        return NULL;
    udp_setflags(pcb, flags);
    ip_set_option(pcb, options);
    if (udp_bind(pcb, IP_ADDR_ANY, (u16_t)port) == ERR_OK)
        return pcb;
    app_printf("port %d is taken\n", port);
    udp_remove(pcb);
    return NULL;
}

static void echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)arg;
    app_printf("lite: %u bytes\n", p->tot_len);
    err_t err = udp_sendto(pcb, p, from, port);
    if (err != ERR_OK)
        app_printf("no answer: %d\n", err);
    pbuf_free(p);
}

static void tell(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)pcb;
    (void)from;
    (void)port;
    app_printf("shared %d: %u bytes\n", *(int *)arg, p->tot_len);
    pbuf_free(p);
}

static void make_lite(int port, u16_t rx, u16_t tx)
{
    struct udp_pcb *pcb = bound(port, UDP_FLAGS_UDPLITE, 0);
    if (pcb == NULL)
        return;
    pcb->chksum_len_rx = rx;
    pcb->chksum_len_tx = tx;
    udp_recv(pcb, echo, NULL);
}

static void make_shared(int port, int n)
{
    for (int i = 0; i < n && i < SHARED_MAX; i++) {
        struct udp_pcb *pcb = bound(port, 0, SOF_REUSEADDR | SOF_BROADCAST);
        numbers[i] = i + 1;
        if (pcb != NULL)
            udp_recv(pcb, tell, &numbers[i]);
    }
}

void app_main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "deaf") == 0 && i + 1 < argc)
            bound(atoi(argv[i + 1]), 0, 0);
        else if (strcmp(argv[i], "lite") == 0 && i + 3 < argc)
            make_lite(atoi(argv[i + 1]), (u16_t)atoi(argv[i + 2]), (u16_t)atoi(argv[i + 3]));
        else if (strcmp(argv[i], "shared") == 0 && i + 2 < argc)
            make_shared(atoi(argv[i + 1]), atoi(argv[i + 2]));
    }
}
