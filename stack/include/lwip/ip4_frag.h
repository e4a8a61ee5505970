/* lwip/ip4_frag.h: fragmentation and reassembly. */
#ifndef LWIP_HDR_IP4_FRAG_H
#define LWIP_HDR_IP4_FRAG_H

#include "lwip/err.h"
#include "lwip/ip.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#ifdef __cplusplus
extern "C" {
#endif

#if IP_REASSEMBLY
#define IP_TMR_INTERVAL 1000 /* ms */

/* One datagram being put together. */
struct ip_reassdata {
    struct ip_reassdata *next;
    struct pbuf *p;       /* its fragments, by offset */
    struct ip_hdr iphdr;  /* of fragment zero once it is there, else of the first to arrive */
    u16_t datagram_len;   /* octets of data, as far as is known: all with the last fragment */
    u8_t flags;
    u8_t timer;           /* seconds it was given */
    u32_t expires_ms;     /* ours: on the reassembly ticker's clock */
    struct pbuf *last;    /* ours: the fragment that reaches furthest */
    u16_t clen;           /* ours: pbufs held */
    u16_t received;       /* ours: octets of data held */
};

void ip_reass_init(void);
void ip_reass_tmr(void);
/* Takes over a fragment that begins with its IP header; returns the whole datagram, or NULL as
 * long as there is none. */
struct pbuf *ip4_reass(struct pbuf *p);
#endif

#if IP_FRAG
#ifndef LWIP_PBUF_CUSTOM_REF_DEFINED
#define LWIP_PBUF_CUSTOM_REF_DEFINED
/* A fragment's data: a view into the original, which it keeps alive. */
struct pbuf_custom_ref {
    struct pbuf_custom pc; /* must be first */
    struct pbuf *original;
};
#endif
/* Sends p (it begins with its IP header) in pieces that fit netif; the caller keeps p. */
err_t ip4_frag(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest);
#endif

#ifdef __cplusplus
}
#endif

#endif
