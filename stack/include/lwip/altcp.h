/* lwip/altcp.h: TCP behind an abstraction.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_ALTCP 0 lwIP's declares nothing either; what it includes is included, as there. */
#ifndef LWIP_HDR_ALTCP_H
#define LWIP_HDR_ALTCP_H

#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/tcpbase.h"

#endif
