/* link/ethernet_address.h: questions about six-byte hardware addresses. */
#ifndef STACK_LINK_ETHERNET_ADDRESS_H
#define STACK_LINK_ETHERNET_ADDRESS_H

#include "lwip/netif.h"
#include "netif/ethernet.h"
#include "stack/core/speed.h"

#include <stdbool.h>
#include <string.h>

#if LWIP_ETHERNET

static inline bool ethernet_address_is_zero(const u8_t *mac)
{
    if (!FAST_PATHS)
        return memcmp(mac, ethzero.addr, 6) == 0;
    return (mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) == 0;
}

static inline bool ethernet_address_is_broadcast(const u8_t *mac)
{
    if (!FAST_PATHS)
        return memcmp(mac, ethbroadcast.addr, 6) == 0;
    return (mac[0] & mac[1] & mac[2] & mac[3] & mac[4] & mac[5]) == 0xff;
}

static inline bool ethernet_address_equal(const u8_t *a, const u8_t *b)
{
    return memcmp(a, b, 6) == 0;
}

/* Whether mac may be one station's address: not broadcast, and no group bit [802.3 3.2.3]. An
 * interface whose own address has that bit, or has none, is on a link that does not use it so
 * (test programs do that): there only broadcast is refused. */
bool ethernet_group_of_host(const struct netif *netif, const u8_t *mac);
static inline bool ethernet_address_of_host(const struct netif *netif, const u8_t *mac)
{
    return (mac[0] & 1) == 0 ||
           (LWIP_ETHERNET_SOURCE_CHECK && ethernet_group_of_host(netif, mac));
}

#endif

#endif
