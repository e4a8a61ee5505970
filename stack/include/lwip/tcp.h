/* lwip/tcp.h: TCP's RAW API.
 *
 * Not in the stack yet: the header is here because programs include it whatever their options
 * say. With LWIP_TCP 0 lwIP's declares nothing either; what it includes is included, as there. */
#ifndef LWIP_HDR_TCP_H
#define LWIP_HDR_TCP_H

#include "lwip/err.h"
#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/mem.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/tcpbase.h"

#endif
