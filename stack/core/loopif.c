/* core/loopif.c: the loopback interface "lo": 127.0.0.1/8, always up, whose output is its own
 * queue. Checksums are neither made nor verified: nothing can corrupt a copy. */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/core/netif_local.h"

#include "lwip/def.h"
#include "lwip/pbuf.h"
#include "lwip/snmp.h"

#if LWIP_HAVE_LOOPIF

static err_t loop_output(struct netif *netif, struct pbuf *p, const ip4_addr_t *dest)
{
    LWIP_UNUSED_ARG(dest);
    return netif_loop_output(netif, p);
}

static err_t init_loopif(struct netif *netif)
{
    MIB2_INIT_NETIF(netif, snmp_ifType_softwareLoopback, 0);
    netif->name[0] = 'l';
    netif->name[1] = 'o';
    netif->hwaddr_len = 0;
    netif->output = loop_output;
    if (LWIP_LOOPIF_MULTICAST)
        netif_set_flags(netif, NETIF_FLAG_IGMP);
    NETIF_SET_CHECKSUM_CTRL(netif, NETIF_CHECKSUM_DISABLE_ALL);
    return ERR_OK;
}

bool netif_loopif_add(void)
{
    ip4_addr_t addr, mask, gw;
    IP4_ADDR(&addr, 127, 0, 0, 1);
    IP4_ADDR(&mask, 255, 0, 0, 0);
    IP4_ADDR(&gw, 127, 0, 0, 1);
    struct netif *lo = &STACK->netif.loop;
    if (netif_add(lo, &addr, &mask, &gw, NULL, init_loopif, netif_input) == NULL)
        return false;
    netif_set_link_up(lo);
    netif_set_up(lo);
    return true;
}

struct netif *netif_get_loopif(void)
{
    return &STACK->netif.loop;
}

#endif
