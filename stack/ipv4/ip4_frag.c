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

/* A position in the caller's chain. */
struct cursor {
    struct pbuf *q;
    u16_t at;
};

struct cutting {
    struct netif *netif;
    const ip4_addr_t *dest;
    struct cursor data;
    u16_t left;         /* octets of data not yet sent */
    u16_t offset;       /* of the next fragment's data in the datagram's data */
    bool more_follows;  /* the datagram is itself a fragment with more behind it */
    u8_t header_len;
    u8_t header[WIRE_IP4_HEADER_MAX];
};

static void advance(struct cursor *c, u16_t n)
{
    c->at = (u16_t)(c->at + n);
    while (c->q != NULL && c->at >= c->q->len) {
        c->at = (u16_t)(c->at - c->q->len);
        c->q = c->q->next;
    }
}

#if LWIP_NETIF_TX_SINGLE_PBUF
/* Header and data in one buffer. */
static struct pbuf *build(struct cutting *c, u16_t n)
{
    struct pbuf *f = pbuf_alloc(PBUF_LINK, (u16_t)(c->header_len + n), PBUF_RAM);
    if (f == NULL)
        return NULL;
    memcpy(f->payload, c->header, c->header_len);
    pbuf_copy_partial(c->data.q, (u8_t *)f->payload + c->header_len, n, c->data.at);
    advance(&c->data, n);
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

static struct pbuf *build(struct cutting *c, u16_t n)
{
    struct pbuf *f = pbuf_alloc(PBUF_LINK, c->header_len, PBUF_RAM);
    if (f == NULL)
        return NULL;
    memcpy(f->payload, c->header, c->header_len);
    while (n > 0) {
        u16_t here = LWIP_MIN((u16_t)(c->data.q->len - c->data.at), n);
        struct pbuf *piece =
            reference_to(c->data.q, (u8_t *)c->data.q->payload + c->data.at, here);
        if (piece == NULL) {
            pbuf_free(f);
            return NULL;
        }
        pbuf_cat(f, piece);
        advance(&c->data, here);
        n = (u16_t)(n - here);
    }
    return f;
}
#endif

static err_t send_fragment(struct cutting *c, u16_t n)
{
    bool more = n < c->left || c->more_follows;
    u16_t field = (u16_t)(c->offset / 8u | (more ? WIRE_IP4_MF : 0u));

    put_be16(c->header + WIRE_IP4_AT_LENGTH, (u16_t)(c->header_len + n));
    put_be16(c->header + WIRE_IP4_AT_FRAGMENT, field);
    ip4_header_checksum(c->header, c->header_len, c->netif);
    struct pbuf *f = build(c, n);
    if (f == NULL) {
        IPFRAG_STATS_INC(ip_frag.memerr);
        drop(DROP_ip4_frag_no_memory, c->netif, NULL);
        return ERR_MEM;
    }
    IPFRAG_STATS_INC(ip_frag.xmit);
    MIB2_STATS_INC(mib2.ipfragcreates);
    err_t err = c->netif->output(c->netif, f, c->dest);
    pbuf_free(f);
    c->left = (u16_t)(c->left - n);
    c->offset = (u16_t)(c->offset + n);
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
                                  (size_t)(c->header_len - WIRE_IP4_HEADER));
    memcpy(c->header + WIRE_IP4_HEADER, options, len);
    c->header_len = (u8_t)(WIRE_IP4_HEADER + len);
    c->header[0] = (u8_t)(0x40u | c->header_len / 4u);
}

err_t ip4_frag(struct pbuf *p, struct netif *netif, const ip4_addr_t *dest)
{
    struct wire_ip4 h;
    struct cutting c;
    err_t err = ERR_OK;

    if (wire_ip4_parse(&h, p->payload, p->len, p->tot_len) != WIRE_IP4_OK ||
        (!LWIP_IP_FRAG_OPTIONS && h.header_len != WIRE_IP4_HEADER) ||
        (h.fragment & WIRE_IP4_DF) != 0 || netif->mtu < h.header_len + IP_MIN_FRAG_LENGTH) {
        MIB2_STATS_INC(mib2.ipfragfails);
        drop(DROP_ip4_out_too_big, netif, p);
        return ERR_VAL;
    }
    memcpy(c.header, p->payload, h.header_len);
    c.header_len = h.header_len;
    c.netif = netif;
    c.dest = dest;
    c.data = (struct cursor){.q = p, .at = 0};
    advance(&c.data, h.header_len);
    c.left = (u16_t)(h.total_len - h.header_len);
    c.offset = wire_ip4_offset(&h);
    c.more_follows = (h.fragment & WIRE_IP4_MF) != 0;
    while (c.left > 0 && err == ERR_OK) {
        u16_t room = (u16_t)((netif->mtu - c.header_len) & ~7u);
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
