/* alloc_world.h: two interfaces, frames that arrive, datagrams that leave: what the jobs of
 * alloc_failure.c are written in. Nothing here minds that memory is out: a frame for which there is
 * no buffer is lost, as with a driver. Every frame that leaves is judged (frame_judge.h). */
#ifndef UNIT_ALLOC_WORLD_H
#define UNIT_ALLOC_WORLD_H

#include "frame_judge.h"
#include "support.h"
#include "unit.h"

#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "lwip/udp.h"

#define A_IP 0x0a000001u
#define A_PEER 0x0a000002u
#define B_IP 0xc0a80101u
#define B_PEER 0xc0a80102u
#define C_IP 0xac100001u
#define GROUP_1 0xe1020304u
#define GROUP_2 0xe1020305u
#define LOOPBACK 0x7f000001u
#define ECHO_PORT 7u
#define PEER_PORT 4000u

static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 0xfe};

static struct {
    struct support s;
    struct support_netif a, b, c;
    unsigned judged[2];            /* frames of a and b judged so far */
    unsigned seen[JUDGED_KINDS];
    unsigned received;             /* datagrams that a pcb of ours got */
    unsigned fired;                /* timeouts */
    unsigned acd_ok, acd_lost;
    uint16_t next_id;
} w;

/* ---- the world ---- */

static inline ip_addr_t addr(uint32_t host_order)
{
    ip_addr_t a;
    ip_addr_set_ip4_u32_val(a, lwip_htonl(host_order));
    return a;
}

static inline unsigned objects(void)
{
    char text[400];
    return stack_report_leaks(w.s.stack, text, sizeof text);
}

static inline void judge_netif(struct support_netif *n, unsigned which)
{
    for (; w.judged[which] < n->sent_count; w.judged[which]++) {
        const struct support_frame *f = n->sent[w.judged[which]];
        w.seen[judge_frame(f->data, f->len, n->netif.hwaddr)]++;
    }
}

/* Looks at the frames that have left since, and counts them by kind. */
static inline void look(void)
{
    judge_netif(&w.a, 0);
    judge_netif(&w.b, 1);
}

static inline void forget(void)
{
    look();
    support_sent_clear(&w.a);
    support_sent_clear(&w.b);
    memset(w.judged, 0, sizeof w.judged);
    memset(w.seen, 0, sizeof w.seen);
    w.received = w.fired = w.acd_ok = w.acd_lost = 0;
}

static inline void pass(uint32_t ms)
{
    support_advance(&w.s, ms);
    look();
}

#if SUPPORT_CONFIGURABLE
static inline void start_router(void)
{
    struct stack_config c = stack_config_default;
    c.ip_forward = 1;
    support_begin(&w.s, &c, 5000);
}
#else
static inline void start_router(void)
{
    support_begin(&w.s, NULL, 5000); /* built with IP_FORWARD 1 */
}
#endif

static inline void open_world(void)
{
    memset(&w, 0, sizeof w);
    start_router();
    support_netif_add(&w.a, A_IP, 24);
    support_netif_add(&w.b, B_IP, 24);
    w.b.netif.mtu = 576;
    pass(1000);
    forget();
}

/* A frame arrives as drivers let it: lost when there is no buffer. shared: the driver keeps the
 * buffer for itself as well, so that nobody may write into it. */
static inline void arrive(struct support_netif *n, const void *frame, size_t len, bool shared)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
    if (p == NULL)
        return;
    CHECK_INT(pbuf_take(p, frame, (u16_t)len), ERR_OK);
    if (shared)
        pbuf_ref(p);
    if (n->netif.input(p, &n->netif) != ERR_OK)
        pbuf_free(p);
    if (shared)
        pbuf_free(p);
    look();
}

static inline void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v & 0xffff);
}

static inline void ethernet(uint8_t *f, const uint8_t *dst, unsigned type)
{
    memcpy(f, dst, 6);
    memcpy(f + 6, peer_mac, 6);
    put16(f + 12, type);
}

/* An ARP packet by which the interface learns, or hears of, the sender. */
static inline void arp_from(struct support_netif *n, unsigned op, uint32_t sender, uint32_t target)
{
    static const uint8_t fixed[6] = {0, 1, 8, 0, 6, 4};
    uint8_t f[60] = {0};
    ethernet(f, n->netif.hwaddr, 0x0806);
    memcpy(f + 14, fixed, 6);
    put16(f + 20, op);
    memcpy(f + 22, peer_mac, 6);
    put32(f + 28, sender);
    if (op == 2)
        memcpy(f + 32, n->netif.hwaddr, 6);
    put32(f + 38, target);
    arrive(n, f, sizeof f, false);
}

static inline void know_neighbours(void)
{
    arp_from(&w.a, 2, A_PEER, A_IP);
    arp_from(&w.b, 2, B_PEER, B_IP);
    look();
}

/* ---- datagrams that arrive ---- */

struct arrival {
    uint32_t src, dst;
    unsigned proto, sport, dport;
    size_t len;      /* of the payload, pattern() */
    size_t cut;      /* octets of IP data per fragment; 0: not cut */
    unsigned stop;   /* fragments after which the sender stops; 0: all */
    unsigned ttl;    /* 0: 64 */
    bool df, shared, broadcast;
};

static inline size_t build_data(uint8_t *data, const struct arrival *d)
{
    size_t head = d->proto == 17 || d->proto == 1 ? 8 : 0, len = head + d->len;
    memset(data, 0, head);
    for (size_t i = 0; i < d->len; i++)
        data[head + i] = pattern(i);
    if (d->proto == 17) {
        put16(data, d->sport);
        put16(data + 2, d->dport);
        put16(data + 4, (unsigned)len);
        uint32_t pseudo = (d->src >> 16) + (d->src & 0xffff) + (d->dst >> 16) + (d->dst & 0xffff);
        put16(data + 6, judge_sum(pseudo + 17 + (uint32_t)len, data, len));
    } else if (d->proto == 1) {
        data[0] = 8; /* echo request */
        put16(data + 2, judge_sum(0, data, len));
    } else if (d->proto == 2) {
        static const uint8_t query[4] = {0x11, 50, 0, 0};
        len = 8;
        memset(data, 0, len);
        memcpy(data, query, sizeof query);
        put16(data + 2, judge_sum(0, data, len));
    }
    return len;
}

static inline void datagram(struct support_netif *n, const struct arrival *d)
{
    static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255};
    static uint8_t data[8000], f[1600];
    size_t len = build_data(data, d), step = d->cut != 0 ? d->cut : len;
    unsigned id = ++w.next_id, sent = 0;

    for (size_t at = 0; at < len; at += step) {
        size_t here = len - at < step ? len - at : step;
        bool more = at + here < len;
        ethernet(f, d->broadcast ? everybody : n->netif.hwaddr, 0x0800);
        uint8_t *ip = f + 14;
        memset(ip, 0, 20);
        ip[0] = 0x45;
        put16(ip + 2, (unsigned)(20 + here));
        put16(ip + 4, id);
        put16(ip + 6, (unsigned)(at / 8) | (more ? 0x2000u : 0) | (d->df ? 0x4000u : 0));
        ip[8] = (uint8_t)(d->ttl != 0 ? d->ttl : 64);
        ip[9] = (uint8_t)d->proto;
        put32(ip + 12, d->src);
        put32(ip + 16, d->dst);
        put16(ip + 10, judge_sum(0, ip, 20));
        memcpy(ip + 20, data + at, here);
        arrive(n, f, 34 + here, d->shared);
        if (++sent == d->stop)
            return;
    }
}

/* ---- sending ---- */

static uint8_t payload_bytes[6000];

/* A pbuf full of pattern(); NULL: no memory. */
static inline struct pbuf *filled(u16_t len, pbuf_type type)
{
    for (size_t i = 0; i < sizeof payload_bytes; i++)
        payload_bytes[i] = pattern(i);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, len, type);
    if (p == NULL)
        return NULL;
    if (type == PBUF_REF || type == PBUF_ROM)
        p->payload = payload_bytes;
    else
        CHECK_INT(pbuf_take(p, payload_bytes, len), ERR_OK);
    return p;
}

static inline unsigned sent_of(enum judged kind)
{
    look();
    return w.seen[kind];
}

/* false: what is sent there waits for an address. */
static inline bool is_known(uint32_t ip)
{
    struct eth_addr *mac;
    const ip4_addr_t *entry;
    ip_addr_t a = addr(ip);
    struct netif *n = ip >> 24 == A_IP >> 24 ? &w.a.netif : &w.b.netif;
    return ip_addr_ismulticast(&a) || etharp_find_addr(n, ip_2_ip4(&a), &mac, &entry) >= 0;
}

/* true: the datagram left, in `frames` frames, or waits for an address. The call must say the truth
 * about that. */
static inline bool send_to(struct udp_pcb *pcb, u16_t len, pbuf_type type, uint32_t to,
                           unsigned frames)
{
    struct pbuf *p = filled(len, type);
    ip_addr_t dst = addr(to);
    if (p == NULL)
        return false;
    if (!is_known(to))
        frames = 0;
    unsigned before = sent_of(JUDGED_UDP) + sent_of(JUDGED_FRAGMENT);
    err_t err = udp_sendto(pcb, p, &dst, PEER_PORT);
    unsigned left = sent_of(JUDGED_UDP) + sent_of(JUDGED_FRAGMENT) - before;
    if (frames != 0 && err == ERR_OK)
        CHECK_INT(left, frames);
    if (frames != 0 && err != ERR_OK)
        CHECKF(err == ERR_MEM && left < frames, "error %d, %u frames left", err, left);
    pbuf_free(p);
    return err == ERR_OK;
}

static inline struct udp_pcb *udp_at(uint32_t ip, unsigned port)
{
    struct udp_pcb *pcb = udp_new();
    ip_addr_t a = addr(ip);
    if (pcb == NULL)
        return NULL;
    CHECK_INT(udp_bind(pcb, &a, (u16_t)port), ERR_OK);
    return pcb;
}

#endif
