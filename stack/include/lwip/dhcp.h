/* lwip/dhcp.h: the DHCP client.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_DHCP 0 lwIP's declares nothing either; what it includes is included, as there. */
#ifndef LWIP_HDR_DHCP_H
#define LWIP_HDR_DHCP_H

#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/udp.h"

#endif
