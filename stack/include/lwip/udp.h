/* lwip/udp.h: UDP and UDP-Lite. */
#ifndef LWIP_HDR_UDP_H
#define LWIP_HDR_UDP_H

#include "lwip/def.h"
#include "lwip/ip.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/prot/udp.h"

#ifdef __cplusplus
extern "C" {
#endif

#define UDP_FLAGS_NOCHKSUM 0x01U
#define UDP_FLAGS_UDPLITE 0x02U
#define UDP_FLAGS_CONNECTED 0x04U
#define UDP_FLAGS_MULTICAST_LOOP 0x08U

struct udp_pcb;

/* A datagram arrived. p belongs to the callee, which frees it. */
typedef void (*udp_recv_fn)(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                            u16_t port);

/* TTL and TOS of what it sends are in IP_PCB, for the application to set [RFC1122 4.1.4]. */
struct udp_pcb {
    IP_PCB;
    struct udp_pcb *next;
    u8_t flags; /* UDP_FLAGS_x */
    u16_t local_port, remote_port; /* host byte order */
#if LWIP_MULTICAST_TX_OPTIONS
    ip4_addr_t mcast_ip4; /* leave by the interface with this address */
    u8_t mcast_ifindex;   /* or by this one */
    u8_t mcast_ttl;
#endif
#if LWIP_UDPLITE
    u16_t chksum_len_rx, chksum_len_tx; /* coverage; 0: all */
#endif
    udp_recv_fn recv;
    void *recv_arg;
#if LWIP_UDP_IP_OPTIONS
    void *ip_options; /* ours: sent with each datagram; the caller's, until others are set */
    u8_t ip_optlen;   /* at most 40; IP pads it to a multiple of 4 */
#endif
};

#define udp_pcbs (stack_current->udp_pcbs_)

struct udp_pcb *udp_new(void);                 /* NULL: no memory */
struct udp_pcb *udp_new_ip_type(u8_t type);    /* IPADDR_TYPE_x */
void udp_remove(struct udp_pcb *pcb);
/* ERR_USE: the port is taken. Port 0: an ephemeral one. */
err_t udp_bind(struct udp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port);
void udp_bind_netif(struct udp_pcb *pcb, const struct netif *netif); /* NULL: none */
err_t udp_connect(struct udp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port);
void udp_disconnect(struct udp_pcb *pcb);
void udp_recv(struct udp_pcb *pcb, udp_recv_fn recv, void *recv_arg);

/* Sending: the caller keeps p. ERR_RTE: no route; ERR_MEM: no room for headers; ERR_VAL: broadcast
 * without SOF_BROADCAST, no destination. */
err_t udp_sendto_if(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip, u16_t dst_port,
                    struct netif *netif);
err_t udp_sendto_if_src(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                        u16_t dst_port, struct netif *netif, const ip_addr_t *src_ip);
err_t udp_sendto(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip, u16_t dst_port);
err_t udp_send(struct udp_pcb *pcb, struct pbuf *p);

#if LWIP_CHECKSUM_ON_COPY && CHECKSUM_GEN_UDP
/* chksum: the plain sum of the payload, as LWIP_CHKSUM_COPY() returns it */
err_t udp_sendto_if_chksum(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                           u16_t dst_port, struct netif *netif, u8_t have_chksum, u16_t chksum);
err_t udp_sendto_chksum(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                        u16_t dst_port, u8_t have_chksum, u16_t chksum);
err_t udp_send_chksum(struct udp_pcb *pcb, struct pbuf *p, u8_t have_chksum, u16_t chksum);
err_t udp_sendto_if_src_chksum(struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *dst_ip,
                               u16_t dst_port, struct netif *netif, u8_t have_chksum, u16_t chksum,
                               const ip_addr_t *src_ip);
#endif

#define udp_flags(pcb) ((pcb)->flags)
#define udp_setflags(pcb, f) ((pcb)->flags = (f))
#define udp_set_flags(pcb, set_flags) \
    do { (pcb)->flags = (u8_t)((pcb)->flags | (set_flags)); } while (0)
#define udp_clear_flags(pcb, clr_flags) \
    do { (pcb)->flags = (u8_t)((pcb)->flags & (u8_t)(~(clr_flags)&0xff)); } while (0)
#define udp_is_flag_set(pcb, flag) (((pcb)->flags & (flag)) != 0)

/* p begins with the UDP header and is taken over; ip_data describes it. */
void udp_input(struct pbuf *p, struct netif *inp);
void udp_init(void);

#define udp_new_ip6() udp_new_ip_type(IPADDR_TYPE_V6)

#if LWIP_MULTICAST_TX_OPTIONS
#define udp_set_multicast_netif_addr(pcb, ip4addr) ip4_addr_copy((pcb)->mcast_ip4, *(ip4addr))
#define udp_get_multicast_netif_addr(pcb) (&(pcb)->mcast_ip4)
#define udp_set_multicast_netif_index(pcb, idx) ((pcb)->mcast_ifindex = (idx))
#define udp_get_multicast_netif_index(pcb) ((pcb)->mcast_ifindex)
#define udp_set_multicast_ttl(pcb, value) ((pcb)->mcast_ttl = (value))
#define udp_get_multicast_ttl(pcb) ((pcb)->mcast_ttl)
#endif

#if LWIP_UDP_IP_OPTIONS
/* Ours, as lwIP has no call for it [RFC1122 4.1.3.2]. options: whole options as they go into the
 * header; NULL, 0: none. More than 40 octets: sending gives ERR_BUF. */
#define udp_set_ip_options(pcb, options, len) \
    do { (pcb)->ip_options = (options); (pcb)->ip_optlen = (u8_t)(len); } while (0)
#endif

#if UDP_DEBUG
void udp_debug_print(struct udp_hdr *udphdr);
#else
#define udp_debug_print(udphdr)
#endif

/* The interface's address changed: pcbs bound to the old one move along. */
void udp_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr);

#ifdef __cplusplus
}
#endif

#endif
