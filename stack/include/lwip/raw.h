/* lwip/raw.h: raw IP: one pcb per protocol, beside or instead of the stack's own handling. */
#ifndef LWIP_HDR_RAW_H
#define LWIP_HDR_RAW_H

#include "lwip/def.h"
#include "lwip/ip.h"
#include "lwip/ip_addr.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RAW_FLAGS_CONNECTED 0x01U
#define RAW_FLAGS_HDRINCL 0x02U
#define RAW_FLAGS_MULTICAST_LOOP 0x04U

struct raw_pcb;

/* p begins with the IP header. 1: eaten, the callee frees p; 0: not, and p must stay as it was. */
typedef u8_t (*raw_recv_fn)(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr);

struct raw_pcb {
    IP_PCB;
    struct raw_pcb *next;
    u8_t protocol;
    u8_t flags; /* RAW_FLAGS_x */
#if LWIP_MULTICAST_TX_OPTIONS
    u8_t mcast_ifindex;
    u8_t mcast_ttl;
#endif
    raw_recv_fn recv;
    void *recv_arg;
    u16_t chksum_offset; /* where in the payload */
    u8_t chksum_reqd;    /* a checksum is to be filled in */
};

struct raw_pcb *raw_new(u8_t proto); /* NULL: no memory */
struct raw_pcb *raw_new_ip_type(u8_t type, u8_t proto);
void raw_remove(struct raw_pcb *pcb);
err_t raw_bind(struct raw_pcb *pcb, const ip_addr_t *ipaddr);
void raw_bind_netif(struct raw_pcb *pcb, const struct netif *netif);
err_t raw_connect(struct raw_pcb *pcb, const ip_addr_t *ipaddr);
void raw_disconnect(struct raw_pcb *pcb);
/* The caller keeps p. Errors as udp_sendto(). */
err_t raw_sendto(struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *ipaddr);
err_t raw_sendto_if_src(struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                        struct netif *netif, const ip_addr_t *src_ip);
err_t raw_send(struct raw_pcb *pcb, struct pbuf *p);
void raw_recv(struct raw_pcb *pcb, raw_recv_fn recv, void *recv_arg);

#define raw_flags(pcb) ((pcb)->flags)
#define raw_setflags(pcb, f) ((pcb)->flags = (f))
#define raw_set_flags(pcb, set_flags) \
    do { (pcb)->flags = (u8_t)((pcb)->flags | (set_flags)); } while (0)
#define raw_clear_flags(pcb, clr_flags) \
    do { (pcb)->flags = (u8_t)((pcb)->flags & (u8_t)(~(clr_flags)&0xff)); } while (0)
#define raw_is_flag_set(pcb, flag) (((pcb)->flags & (flag)) != 0)
#define raw_init()
#define raw_new_ip6(proto) raw_new_ip_type(IPADDR_TYPE_V6, proto)

#if LWIP_MULTICAST_TX_OPTIONS
#define raw_set_multicast_netif_index(pcb, idx) ((pcb)->mcast_ifindex = (idx))
#define raw_get_multicast_netif_index(pcb) ((pcb)->mcast_ifindex)
#define raw_set_multicast_ttl(pcb, value) ((pcb)->mcast_ttl = (value))
#define raw_get_multicast_ttl(pcb) ((pcb)->mcast_ttl)
#endif

#ifdef __cplusplus
}
#endif

#endif
