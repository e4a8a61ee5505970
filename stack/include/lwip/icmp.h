/* lwip/icmp.h: ICMP for IPv4. The error functions are called with p->payload at the IP header of
 * the offending packet as received; they apply the rules about when no error may be sent. */
#ifndef LWIP_HDR_ICMP_H
#define LWIP_HDR_ICMP_H

#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/prot/icmp.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icmp_dur_type {
    ICMP_DUR_NET = 0,
    ICMP_DUR_HOST = 1,
    ICMP_DUR_PROTO = 2,
    ICMP_DUR_PORT = 3,
    ICMP_DUR_FRAG = 4, /* fragmentation needed and DF set */
    ICMP_DUR_SR = 5    /* source route failed */
};

enum icmp_te_type {
    ICMP_TE_TTL = 0,
    ICMP_TE_FRAG = 1 /* reassembly time exceeded */
};

/* p begins with the ICMP header and is taken over. */
void icmp_input(struct pbuf *p, struct netif *inp);
/* The caller keeps p. */
void icmp_dest_unreach(struct pbuf *p, enum icmp_dur_type t);
void icmp_time_exceeded(struct pbuf *p, enum icmp_te_type t);

#define icmp_port_unreach(isipv6, pbuf) icmp_dest_unreach(pbuf, ICMP_DUR_PORT)

#ifdef __cplusplus
}
#endif

#endif
