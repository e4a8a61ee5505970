/* lwip/ip6_addr.h: IPv6 addresses.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_IPV6 0 lwIP's declares nothing either; what it includes is included, as there. */
#ifndef LWIP_HDR_IP6_ADDR_H
#define LWIP_HDR_IP6_ADDR_H

#include "lwip/def.h"
#include "lwip/opt.h"

#endif
