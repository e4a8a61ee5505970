/* lwip/tcpip.h: the TCP/IP thread and how others talk to it.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options say.
 * With NO_SYS 1 lwIP's declares no thread either; what lies below it is included, as there. */
#ifndef LWIP_HDR_TCPIP_H
#define LWIP_HDR_TCPIP_H

#include "lwip/err.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/timeouts.h"

#endif
