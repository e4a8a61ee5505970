/* lwip/dns.h: the DNS client.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_DNS 0 lwIP's declares nothing either; what it includes is included, as there. */
#ifndef LWIP_HDR_DNS_H
#define LWIP_HDR_DNS_H

#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/opt.h"

#endif
