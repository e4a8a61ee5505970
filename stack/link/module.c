/* link/module.c: the link layer as part of an instance: set-up, interface events, object check. */
#include "stack/core/modules.h"

#include "lwip/acd.h"
#include "lwip/etharp.h"
#include "stack/core/instance.h"
#include "stack/link/acd_conflict.h"
#include "stack/link/arp_table.h"
#include "stack/wire/ethernet.h"

#if LWIP_ARP

#if LWIP_ACD
/* One gratuitous request when an address becomes usable. One that conflict detection has won was
 * announced by it already [RFC5227 2.3]. */
void link_netif_announce(struct netif *netif)
{
    if ((netif->flags & NETIF_FLAG_ETHARP) != 0 && !acd_guards(netif, netif_ip4_addr(netif)))
        etharp_gratuitous(netif);
}

void link_netif_removed(struct netif *netif)
{
    etharp_cleanup_netif(netif);
    acd_netif_removed(netif);
}
#endif

/* What was learnt through a link goes with it; what a person has set survives a pulled cable, but
 * not an interface that is taken down. */
void link_netif_went_down(struct netif *netif)
{
    arp_forget(netif, netif_is_up(netif) ? ARP_FORGET_LEARNT : ARP_STATES);
    acd_network_changed_link_down(netif);
}

/* Without an address nobody can be asked: a question from 0.0.0.0 would be a probe [RFC5227 1.1].
 * And what waits bears the address that is given up [RFC5227 2.4]. */
void link_netif_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                             const ip_addr_t *new_addr)
{
    acd_netif_ip_addr_changed(netif, old_addr, new_addr);
    if (IP_IS_V4(new_addr) && ip_addr_isany_val(*new_addr))
        arp_forget(netif, ARP_FORGET_PENDING);
}

void link_module_init(void)
{
    ticker_init(&STACK->link.arp_ticker, TICKER_ARP, ARP_TMR_INTERVAL, arp_timer_run);
    acd_begin();
}

static bool release(struct arp_entry *e, void *arg)
{
    LWIP_UNUSED_ARG(arg);
    arp_table_release(e, DROP_arp_flushed);
    return true;
}

void link_module_fini(void)
{
    arp_table_walk(ARP_STATES, release, NULL);
    ticker_stop(&STACK->link.arp_ticker);
    acd_end();
}

const char *link_module_check(void)
{
    const char *wrong = arp_table_check();

    return wrong != NULL ? wrong : acd_check();
}

#else

void link_netif_went_down(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}

void link_netif_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                             const ip_addr_t *new_addr)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(old_addr);
    LWIP_UNUSED_ARG(new_addr);
}

void link_module_init(void)
{
}

void link_module_fini(void)
{
}

const char *link_module_check(void)
{
    return NULL;
}

#endif
