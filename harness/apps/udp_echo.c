/* harness/apps/udp_echo.c: example program for a host: sends every UDP datagram back.
 *
 * Arguments: [PORT], default 7 (RFC 862). Build and load: see lockwire/app.h. */
#include "lockwire/app.h"

#include "lwip/udp.h"

#include <stdlib.h>

#define ECHO_PORT 7

static struct udp_pcb *server;
static unsigned long answered;

static void got_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                         u16_t port)
{
    (void)arg;
    err_t err = udp_sendto(pcb, p, from, port);
    if (err == ERR_OK)
        answered++;
    else
        app_printf("answer to port %u failed: %d\n", port, err);
    pbuf_free(p);
}

void app_main(int argc, char **argv)
{
    int port = argc > 1 ? atoi(argv[1]) : ECHO_PORT;
    server = udp_new();
    if (server == NULL || port < 1 || port > 65535 ||
        udp_bind(server, IP_ADDR_ANY, (u16_t)port) != ERR_OK) {
        app_printf("%s: no socket on port %d\n", argv[0], port);
        if (server != NULL)
            udp_remove(server);
        return;
    }
    udp_recv(server, got_datagram, NULL);
    app_printf("%s: listening on port %d\n", argv[0], port);
}

void app_exit(void)
{
    app_printf("answered %lu\n", answered);
}
