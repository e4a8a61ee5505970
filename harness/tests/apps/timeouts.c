/* timeouts.c: programs whose timeouts meet what time can do to them; for the museum.
 *
 * Arguments: one of
 *   late MS              a datagram to port 9 arms a timeout of MS; two more, of 1 ms and 2000 ms,
 *                        are armed at the start, so that the list is late when the host was paused
 *   cyclic MS            lwip_cyclic_timer() every MS; a datagram to port 9 asks for the count
 *   remove               of two timeouts due together the first removes the second, the only other
 *   replace              a handler removes the only other timeout and arms two new ones
 *   arm MS               one timeout, of any length */
#include "lockwire/app.h"

#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"

#include <stdlib.h>
#include <string.h>

#define PORT 9

static u32_t delay_ms;
static unsigned count;
static struct lwip_cyclic_timer cyclic;

static void fire(void *arg)
{
    app_printf("%s at %lu\n", (const char *)arg, (unsigned long)sys_now());
}

static void tick(void)
{
    count++;
}

static void got(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)arg, (void)pcb, (void)from, (void)port;
    pbuf_free(p);
    if (cyclic.handler != NULL) {
        app_printf("%u calls at %lu\n", count, (unsigned long)sys_now());
        return;
    }
    app_printf("armed at %lu\n", (unsigned long)sys_now());
    sys_timeout(delay_ms, fire, "late");
}

static void remove_other(void *arg)
{
    fire(arg);
    sys_untimeout(fire, "second");
}

static void replace_other(void *arg)
{
    fire(arg);
    sys_untimeout(fire, "second");
    sys_timeout(20, fire, "fourth");
    sys_timeout(10, fire, "third");
}

static void listen(void)
{
    struct udp_pcb *pcb = udp_new();
    if (pcb != NULL && udp_bind(pcb, IP_ADDR_ANY, PORT) == ERR_OK)
        udp_recv(pcb, got, NULL);
}

void app_main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    delay_ms = argc > 2 ? (u32_t)strtoul(argv[2], NULL, 10) : 0;
    if (strcmp(what, "late") == 0) {
        sys_timeout(1, fire, "early");
        sys_timeout(2000, fire, "early");
        listen();
    } else if (strcmp(what, "cyclic") == 0) {
        cyclic.interval_ms = delay_ms;
        cyclic.handler = tick;
        sys_timeout(delay_ms, lwip_cyclic_timer, &cyclic);
        listen();
    } else if (strcmp(what, "remove") == 0) {
        sys_timeout(5, remove_other, "first");
        sys_timeout(5, fire, "second");
    } else if (strcmp(what, "replace") == 0) {
        sys_timeout(5, replace_other, "first");
        sys_timeout(50, fire, "second");
    } else if (strcmp(what, "arm") == 0) {
        sys_timeout(delay_ms, fire, "armed");
    }
}
