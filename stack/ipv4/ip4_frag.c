/* ipv4/ip4_frag.c: a datagram too big for the link is cut [RFC791 3.2][RFC1122 3.3.3]. Pieces that
 * a receiver takes for those of another datagram are found by the transport's checksum
 * [RFC6864 4.2].
 *
 * Each fragment is a header of its own and, behind it, references into the caller's pbufs: nothing
 * is copied and the caller's datagram is not changed. Data is copied only for interfaces that want
 * single buffers (LWIP_NETIF_TX_SINGLE_PBUF) and when the reference counter of a pbuf that many
 * queued fragments share would come near its limit. */
#include "lwip/ip4_frag.h"

#include "lwip/memp.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/ip4_options.h"

#if IP_FRAG

/* References beyond which data is copied: half of what the counter's type holds. */
#define REFS_MAX ((LWIP_PBUF_REF_T)((LWIP_PBUF_REF_T)~(LWIP_PBUF_REF_T)0 / 2))

struct cutting {
    struct netif *netif;
    const ip4_addr_t *dest;
    struct pbuf *q;      /* the data not yet sent begins in the caller's pbuf q ... */
    unsigned at;         /* ... or behind it, so far from the beginning of its payload */
    unsigned left;       /* octets of data not yet sent */
    unsigned offset;     /* of the next fragment's data in the datagram's data */
    unsigned more;       /* WIRE_IP4_MF: the datagram is itself a fragment with more behind it */
    unsigned header_len;
    const u8_t *header;  /* of the next fragment, but for what differs: in the datagram or copy */
    u8_t copy[LWIP_IP_FRAG_OPTIONS ? WIRE_IP4_HEADER_MAX : 1];
};

#if LWIP_NETIF_TX_SINGLE_PBUF
/* Header and data in one buffer. */
static struct pbuf *build(struct cutting *c, unsigned n)
{
    struct pbuf *f = pbuf_alloc(PBUF_LINK, (u16_t)(c->header_len + n), PBUF_RAM);
    if (f == NULL)
        return NULL;
    memcpy(f->payload, c->header, c->header_len);
    pbuf_copy_partial(c->q, (u8_t *)f->payload + c->header_len, (u16_t)n, (u16_t)c->at);
    c->at += n;
    return f;
}
#else
static struct pbuf *copy_of(const u8_t *bytes, u16_t n)
{
    struct pbuf *copy = pbuf_alloc(PBUF_RAW, n, PBUF_RAM);
    if (copy != NULL)
        memcpy(copy->payload, bytes, n);
    return copy;
}

static void free_reference(struct pbuf *p)
{
    struct pbuf_custom_ref *ref = (struct pbuf_custom_ref *)(void *)p;
    struct pbuf *original = ref->original;

    memp_free(MEMP_FRAG_PBUF, ref);
    pbuf_free(original);
}

/* A pbuf that stands for n octets of q's payload and keeps q alive. */
static struct pbuf *reference_to(struct pbuf *q, u8_t *bytes, u16_t n)
{
    if (q->ref >= REFS_MAX)
        return copy_of(bytes, n);

    struct pbuf_custom_ref *ref = memp_malloc(MEMP_FRAG_PBUF);
    if (ref == NULL)
        return NULL;
    struct pbuf *p = pbuf_alloced_custom(PBUF_RAW, n, PBUF_REF, &ref->pc, bytes, n);
    LWIP_ASSERT("a reference always fits", p != NULL);
    pbuf_ref(q);
    ref->original = q;
    ref->pc.custom_free_function = free_reference;
    return p;
}

static struct pbuf *build(struct cutting *c, unsigned n)
{
    struct pbuf *f = pbuf_alloc(PBUF_LINK, (u16_t)c->header_len, PBUF_RAM);
    if (f == NULL)
        return NULL;
    memcpy(f->payload, c->header, c->header_len);
    while (n > 0) {
        for (; c->at >= c->q->len; c->q = c->q->next)
            c->at -= c->q->len;
        unsigned here = c->q->len - c->at;
        here = LWIP_MIN(here, n);
        struct pbuf *piece = reference_to(c->q, (u8_t *)c->q->payload + c->at, (u16_t)here);
        if (piece == NULL) {
            pbuf_free(f);
            return NULL;
        }
        pbuf_cat(f, piece);
        c->at += here;
        n -= here;
    }
    return f;
}
#endif

static err_t send_fragment(struct cutting *c, unsigned n)
{
    unsigned more = n < c->left ? WIRE_IP4_MF : c->more;
    struct pbuf *f = build(c, n);

    if (f == NULL) {
        IPFRAG_STATS_INC(ip_frag.memerr);
        drop(DROP_ip4_frag_no_memory, c->netif, NULL);
        return ERR_MEM;
    }
    u8_t *header = f->payload;
    put_be16(header + WIRE_IP4_AT_LENGTH, f->tot_len);
    put_be16(header + WIRE_IP4_AT_FRAGMENT, (u16_t)(c->offset / 8u | more));
    ip4_header_checksum(header, c->header_len, c->netif);
    IPFRAG_STATS_INC(ip_frag.xmit);
    MIB2_STATS_INC(mib2.ipfragcreates);
    err_t err = c->netif->output(c->netif, f, c->dest);
    pbuf_free(f);
    c->left -= n;
    c->offset += n;
    return err;
}

/* From the second fragment on only options with the copied bit are carried [RFC791 3.1]. */
static void shorten_header(struct cutting *c)
{
    u8_t options[WIRE_IP4_OPTIONS_MAX];
    size_t len;

    if (!LWIP_IP_FRAG_OPTIONS || c->header_len == WIRE_IP4_HEADER || c->offset == 0)
        return;
    len = wire_ip4_options_copied(options, c->header + WIRE_IP4_HEADER,
                                  c->header_len - WIRE_IP4_HEADER);
    memmove(c->copy, c->header, WIRE_IP4_HEADER);
    memcpy(c->copy + WIRE_IP4_HEADER, options, len);
    c->header_len = WIRE_IP4_HEADER + (unsigned)len;
    c->copy[0] = (u8_t)(0x40u | c->header_len / 4u);
    c->header = c->copy;
}

static err_t refuse(const struct pbuf *p, struct netif *netif)
{
    MIB2_STATS_INC(mib2.ipfragfails);
    drop(DROP_ip4_out_too_big, netif, p);
    return ERR_VAL;
}

err_t ip4_frag(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    const u8_t *bytes = p->payload;
    struct cutting c;
    err_t err = ERR_OK;

    if (wire_ip4_check(bytes, p->len, p->tot_len) != WIRE_IP4_OK)
        return refuse(p, netif);
    unsigned field = wire_ip4_fragment(bytes);
    c.header_len = wire_ip4_header_len(bytes);
    if ((!LWIP_IP_FRAG_OPTIONS && c.header_len != WIRE_IP4_HEADER) ||
        (field & WIRE_IP4_DF) != 0 || netif->mtu < c.header_len + IP_MIN_FRAG_LENGTH)
        return refuse(p, netif);
    c.netif = netif;
    c.dest = dest;
    c.q = p;
    c.at = c.header_len;
    c.left = get_be16(bytes + WIRE_IP4_AT_LENGTH) - c.header_len;
    c.offset = (field & WIRE_IP4_OFFSET) * 8u;
    c.more = field & WIRE_IP4_MF;
    c.header = bytes;
    while (c.left > 0 && err == ERR_OK) {
        unsigned room = (netif->mtu - c.header_len) & ~7u;
        err = send_fragment(&c, LWIP_MIN(room, c.left));
        shorten_header(&c);
    }
    if (err == ERR_OK) {
        MIB2_STATS_INC(mib2.ipfragoks);
    } else {
        MIB2_STATS_INC(mib2.ipfragfails);
    }
    return err;
}

#endif
