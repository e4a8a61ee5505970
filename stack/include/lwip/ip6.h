/* lwip/ip6.h: IPv6.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_IPV6 0 lwIP's declares nothing either; what it includes is included, as there. */
#ifndef LWIP_HDR_IP6_H
#define LWIP_HDR_IP6_H

#include "lwip/def.h"
#include "lwip/err.h"
#include "lwip/ip6_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#endif
