/* lwip/autoip.h: link-local addresses.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_AUTOIP 0 lwIP's declares nothing either; what it includes is included. */
#ifndef LWIP_HDR_AUTOIP_H
#define LWIP_HDR_AUTOIP_H

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/opt.h"

#endif
