/* ip4_host.h: two interfaces that hand over and accept IPv4 datagrams, for unit tests of ipv4.
 *
 *     struct ip4_host *h = host_open(NULL);        a: 10.0.0.1/24 (default, gateway 10.0.0.254)
 *                                                  b: 192.168.1.1/24
 *     host_in(h, &h->a, &(struct datagram){.src = PEER, .dst = A_IP, .proto = 17, ...});
 *     h->count, h->out[i].bytes/.len/.netif/.next_hop/.at_ms    what left
 *     host_close(h);                               object checks, nothing lost
 *
 * Below IPv4 there is nothing: output goes to a list, input comes straight to ip4_input(). The
 * host is single and static, like every test program. */
#ifndef UNIT_IP4_HOST_H
#define UNIT_IP4_HOST_H

#include "support.h"
#include "unit.h"

#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/ip4_frag.h"
#include "lwip/pbuf.h"
#include "lwip/sys.h"
#include "stack/core/drop.h"
#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/wire/bytes.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ip4.h"

#define A_IP 0x0a000001u
#define GATEWAY 0x0a0000feu
#define PEER 0x0a000002u
#define B_IP 0xc0a80101u
#define B_PEER 0xc0a80102u

#define HOST_OUT_MAX 256
#define HOST_BYTES_MAX 65536

struct ip4_host_out {
    struct netif *netif;
    uint32_t next_hop; /* the destination given to netif->output */
    uint32_t at_ms;
    uint16_t len;
    uint16_t pbufs;
    uint8_t bytes[2048]; /* the first bytes of it */
};

struct ip4_host {
    struct support s;
    struct support_netif a, b;
    unsigned count;
    err_t output_result;
    struct ip4_host_out out[HOST_OUT_MAX];
    /* what a transport registered with host_listen() got */
    unsigned delivered;
    uint16_t delivered_len;
    uint32_t delivered_src, delivered_dst;
    uint8_t delivered_bytes[HOST_BYTES_MAX];
    unsigned errors;
    struct icmp_error last_error;
    uint8_t last_quoted[64];
};

static struct ip4_host host_only;

struct datagram {
    uint32_t src, dst;
    uint16_t id, fragment;
    uint8_t proto, tos;
    uint8_t ttl;           /* 0: 64 */
    bool ttl_zero;
    uint8_t optlen;        /* a multiple of 4 */
    const uint8_t *options;
    const void *data;
    size_t len;
};

static inline err_t host_output(struct netif *netif, struct pbuf *p, const ip4_addr_t *dest)
{
    struct ip4_host *h = &host_only;
    if (h->output_result != ERR_OK)
        return h->output_result;
    CHECKF(h->count < HOST_OUT_MAX, "more datagrams left than the test has room for");
    struct ip4_host_out *o = &h->out[h->count++];
    o->netif = netif;
    o->next_hop = lwip_ntohl(ip4_addr_get_u32(dest));
    o->at_ms = sys_now();
    o->len = p->tot_len;
    o->pbufs = pbuf_clen(p);
    pbuf_copy_partial(p, o->bytes, sizeof o->bytes, 0);
    return ERR_OK;
}

static inline ip4_addr_t host_addr(uint32_t host_order)
{
    ip4_addr_t a;
    ip4_addr_set_u32(&a, lwip_htonl(host_order));
    return a;
}

static inline struct ip4_host *host_open(const struct stack_config *config)
{
    struct ip4_host *h = &host_only;
    ip4_addr_t gateway = host_addr(GATEWAY);
    memset(h, 0, sizeof *h);
    support_begin(&h->s, config, 1000);
    support_netif_add(&h->a, A_IP, 24);
    support_netif_add(&h->b, B_IP, 24);
    netif_set_gw(&h->a.netif, &gateway);
    h->a.netif.output = host_output;
    h->b.netif.output = host_output;
    support_advance(&h->s, 2000);
    h->count = 0;
    return h;
}

static inline void host_close(struct ip4_host *h)
{
    support_end(&h->s);
}

static inline size_t host_build(uint8_t *bytes, const struct datagram *d)
{
    struct wire_ip4 w = {.header_len = (uint8_t)(20 + d->optlen),
                         .tos = d->tos,
                         .total_len = (uint16_t)(20 + d->optlen + d->len),
                         .id = d->id,
                         .fragment = d->fragment,
                         .ttl = d->ttl == 0 && !d->ttl_zero ? 64 : d->ttl,
                         .proto = d->proto,
                         .src = d->src,
                         .dst = d->dst};
    wire_ip4_emit(bytes, &w);
    if (d->optlen != 0)
        memcpy(bytes + 20, d->options, d->optlen);
    put_be16(bytes + 10, checksum_fold(checksum_add(0, bytes, w.header_len)));
    if (d->len != 0)
        memcpy(bytes + w.header_len, d->data, d->len);
    return w.total_len;
}

/* Bytes arrive, in pbufs of at most `piece` bytes, the first with the room of a link header. */
static inline void host_in_pieces(struct ip4_host *h, struct support_netif *n, const void *bytes,
                                  size_t len, size_t piece, uint8_t flags)
{
    struct pbuf *chain = NULL;
    for (size_t at = 0; at < len || at == 0; at += piece) {
        size_t here = len - at < piece ? len - at : piece;
        struct pbuf *p = pbuf_alloc(chain == NULL ? PBUF_LINK : PBUF_RAW, (u16_t)here, PBUF_RAM);
        CHECK(p != NULL);
        memcpy(p->payload, (const uint8_t *)bytes + at, here);
        p->flags |= flags;
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
    }
    CHECK_INT(ip4_input(chain, &n->netif), ERR_OK);
    support_check(&h->s);
}

static inline void host_in_bytes(struct ip4_host *h, struct support_netif *n, const void *bytes,
                                 size_t len)
{
    host_in_pieces(h, n, bytes, len, HOST_BYTES_MAX, 0);
}

static inline void host_in(struct ip4_host *h, struct support_netif *n, const struct datagram *d)
{
    static uint8_t bytes[HOST_BYTES_MAX];
    host_in_bytes(h, n, bytes, host_build(bytes, d));
}

static inline uint32_t host_drops(struct ip4_host *h, unsigned reason)
{
    return support_drop_count(&h->s, reason);
}

/* ---- a transport that remembers ---- */

static inline void host_transport_input(struct pbuf *p, struct netif *inp)
{
    struct ip4_host *h = &host_only;
    (void)inp;
    h->delivered++;
    h->delivered_len = p->tot_len;
    h->delivered_src = lwip_ntohl(ip4_addr_get_u32(ip4_current_src_addr()));
    h->delivered_dst = lwip_ntohl(ip4_addr_get_u32(ip4_current_dest_addr()));
    pbuf_copy_partial(p, h->delivered_bytes, p->tot_len, 0);
    pbuf_free(p);
}

static inline void host_transport_error(const struct icmp_error *e, struct netif *inp)
{
    struct ip4_host *h = &host_only;
    (void)inp;
    h->errors++;
    h->last_error = *e;
    memcpy(h->last_quoted, e->quoted,
           e->quoted_len < sizeof h->last_quoted ? e->quoted_len : sizeof h->last_quoted);
}

#define HOST_PROTO 200 /* the transport of host_listen() */

static const struct ip_transport host_transport = {host_transport_input, host_transport_error};

static inline void host_listen(struct ip4_host *h)
{
    (void)h;
    ip_transport_register(HOST_PROTO, &host_transport);
}

/* ---- a heap without room ---- */

/* Takes all there is, in ever smaller pieces; host_refill() gives it back. */
static inline struct pbuf *host_exhaust(struct ip4_host *h)
{
    struct pbuf *all = NULL;
    h->s.grow_refused = true;
    for (u16_t size = 32768; size > 0; size /= 2) {
        struct pbuf *p;
        while ((p = pbuf_alloc(PBUF_RAW, size, PBUF_RAM)) != NULL) {
            memcpy(p->payload, &all, size < sizeof all ? 0 : sizeof all);
            if (size < sizeof all)
                pbuf_free(p);
            else
                all = p;
            if (size < sizeof all)
                break;
        }
    }
    return all;
}

static inline void host_refill(struct ip4_host *h, struct pbuf *all)
{
    while (all != NULL) {
        struct pbuf *next;
        memcpy(&next, all->payload, sizeof next);
        pbuf_free(all);
        all = next;
    }
    h->s.grow_refused = false;
}

/* ---- what left ---- */

/* The i-th datagram's header; its checksum must be right. */
static inline struct wire_ip4 host_sent(const struct ip4_host *h, unsigned i)
{
    struct wire_ip4 w;
    CHECKF(i < h->count, "datagram %u asked for, %u left", i, h->count);
    const struct ip4_host_out *o = &h->out[i];
    CHECK_INT(wire_ip4_parse(&w, o->bytes, o->len < sizeof o->bytes ? o->len : sizeof o->bytes,
                             o->len),
              WIRE_IP4_OK);
    CHECK_INT(w.total_len, o->len);
    CHECK_INT(checksum_fold(checksum_add(0, o->bytes, w.header_len)), 0);
    return w;
}

/* The i-th datagram is this ICMP message about `original` (IP header and eight octets). */
static inline void host_sent_error(const struct ip4_host *h, unsigned i, unsigned type,
                                   unsigned code, uint32_t word, const uint8_t *original)
{
    struct wire_ip4 w = host_sent(h, i);
    struct wire_icmp m;
    const uint8_t *icmp = h->out[i].bytes + w.header_len;
    size_t quoted = (size_t)(original[0] & 15) * 4 + 8;
    CHECK_INT(w.proto, 1);
    CHECK_INT(w.tos, 0); /* [RFC1122 3.2.2] */
    CHECK_INT(w.dst, get_be32(original + 12));
    CHECK_INT(w.total_len, w.header_len + 8 + quoted);
    CHECK(wire_icmp_parse(&m, icmp, 8));
    CHECK_INT(m.type, type);
    CHECK_INT(m.code, code);
    CHECK_INT(m.word, word);
    CHECK_INT(checksum_fold(checksum_add(0, icmp, 8 + quoted)), 0);
    CHECK_MEM(icmp + 8, original, quoted); /* [RFC1122 3.2.2] unchanged */
}

#endif
