/* consumer/example.c: the example port as its user would begin: the machine's clock, a timeout, and
 * a datagram to itself over the loopback interface. */
#include "lwip/init.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"

#include <stdio.h>
#include <string.h>

static void on_timeout(void *arg)
{
    *(int *)arg = 1;
}

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                        u16_t port)
{
    (void)pcb, (void)addr, (void)port;
    *(int *)arg = p->tot_len == 5 && pbuf_memcmp(p, 0, "hello", 5) == 0;
    pbuf_free(p);
}

int main(void)
{
    int fired = 0, received = 0;
    ip_addr_t self;
    lwip_init();
    IP_ADDR4(&self, 127, 0, 0, 1);
    struct udp_pcb *pcb = udp_new();
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 5, PBUF_RAM);
    if (pcb == NULL || p == NULL || udp_bind(pcb, IP_ADDR_ANY, 7) != ERR_OK)
        return 1;
    udp_recv(pcb, on_datagram, &received);
    pbuf_take(p, "hello", 5);
    if (udp_sendto(pcb, p, &self, 7) != ERR_OK)
        return 1;
    pbuf_free(p);
    sys_timeout(20, on_timeout, &fired);
    const u32_t start = sys_now();
    while (!fired && sys_now() - start < 10000) {
        sys_check_timeouts();
        netif_poll_all();
    }
    udp_remove(pcb);
    printf("timeout %s, datagram %s\n", fired ? "fired" : "lost", received ? "came back" : "lost");
    return fired && received && sys_now() - start >= 20 ? 0 : 1;
}
