/* station.h: one stack instance on an Ethernet wire that records, for unit tests of link, UDP, raw.
 *
 *     struct station t;
 *     station_open(&t, NULL);              10.0.0.1/24, gateway 10.0.0.254, MAC 02:00:00:00:00:01
 *     station_in(&t, frame, len);          a frame arrives
 *     station_run(&t, 1000);               1000 ms pass, timers fire at their instants
 *     t.count, t.sent[i].bytes/.len/.at    what left, and when (ms since station_open)
 *     station_close(&t);                   checks the objects and that nothing is lost
 *
 * The instance is entered from station_open() to station_close(): lwIP's API can be called at once.
 * Frames that left before station_open() returns (the gratuitous ARP) are not recorded. */
#ifndef UNIT_STATION_H
#define UNIT_STATION_H

#include "lwip/etharp.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "netif/ethernet.h"
#include "stack/core/config.h"
#include "stack/core/drop.h"
#include "stack/core/instance.h"
#include "stack/wire/arp.h"
#include "stack/wire/bytes.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "support.h"
#include "unit.h"

#define STATION_FRAMES 256
#define STATION_BOOT_MS 0xffff0000u /* the clock wraps after 65 s: on purpose */

struct station_frame {
    uint32_t at;
    size_t len;
    uint8_t bytes[1700];
};

struct station {
    struct support s;
    struct netif netif;
    struct stack_config config;
    int64_t random_fixed; /* -1: pseudo-random; else what every draw gives */
    unsigned count;
    err_t send_result; /* what the driver says */
    struct station_frame sent[STATION_FRAMES];
};

static const uint8_t station_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 0xfe};
static const uint8_t group_all[6] = {255, 255, 255, 255, 255, 255};
#define STATION_IP 0x0a000001u
#define PEER_IP 0x0a000002u
#define GATEWAY_IP 0x0a0000feu

static inline err_t station_linkoutput(struct netif *netif, struct pbuf *p)
{
    struct station *t = netif->state;
    if (t->send_result != ERR_OK)
        return t->send_result;
    CHECKF(t->count < STATION_FRAMES, "more frames left than the test has room for");
    struct station_frame *f = &t->sent[t->count++];
    f->at = t->s.now_ms - STATION_BOOT_MS;
    f->len = pbuf_copy_partial(p, f->bytes, sizeof f->bytes, 0);
    return ERR_OK;
}

static inline err_t station_netif_init(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->linkoutput = station_linkoutput;
    netif->output = etharp_output;
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, station_mac, 6);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP;
    return ERR_OK;
}

static inline ip4_addr_t station_addr(uint32_t host)
{
    ip4_addr_t a;
    put_be32((uint8_t *)&a.addr, host);
    return a;
}

/* An instance without an interface; set t->config first with station_defaults(). */
static inline void station_boot(struct station *t)
{
    support_begin(&t->s, &t->config, STATION_BOOT_MS);
    if (t->random_fixed >= 0) {
        t->s.random = (uint32_t)t->random_fixed;
        t->s.random_fixed = true;
    }
}

static inline void station_defaults(struct station *t)
{
    memset(t, 0, sizeof *t);
    t->config = stack_config_default;
    t->config.timer_granularity_ms = 1;
    t->random_fixed = -1;
}

static inline void station_attach(struct station *t, uint32_t ip)
{
    ip4_addr_t addr = station_addr(ip), mask = station_addr(0xffffff00u),
               gateway = station_addr(GATEWAY_IP);
    CHECK(netif_add(&t->netif, &addr, &mask, &gateway, t, station_netif_init, ethernet_input) ==
          &t->netif);
    netif_set_default(&t->netif);
    netif_set_up(&t->netif);
    netif_set_link_up(&t->netif);
}

/* An instance with its interface, which has this address; set t->config first. */
static inline void station_start(struct station *t, uint32_t ip)
{
    station_boot(t);
    station_attach(t, ip);
}

static inline void station_open(struct station *t, const struct stack_config *config)
{
    station_defaults(t);
    if (config != NULL)
        t->config = *config;
    station_start(t, STATION_IP);
    t->count = 0;
}

static inline void station_check(struct station *t)
{
    support_check(&t->s);
}

static inline void station_close(struct station *t)
{
    station_check(t);
    netif_remove(&t->netif);
    support_end(&t->s);
}

/* Time passes: to each deadline in turn, and to the end. */
static inline void station_run(struct station *t, uint32_t ms)
{
    support_advance(&t->s, ms);
}

/* The frame in a pbuf from the pool, given to the interface. */
static inline void station_in(struct station *t, const void *frame, size_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
    CHECK(p != NULL);
    pbuf_take(p, frame, (u16_t)len);
    if (t->netif.input(p, &t->netif) != ERR_OK)
        pbuf_free(p);
    station_check(t);
}

/* An ARP frame arrives. */
static inline void station_arp(struct station *t, uint16_t opcode, const uint8_t *dst,
                               const uint8_t *sender_mac, uint32_t sender_ip, uint32_t target_ip)
{
    static const uint8_t zero[6];
    uint8_t frame[60] = {0};
    struct wire_arp a = {sender_mac, zero, sender_ip, target_ip, opcode};
    wire_ethernet_emit(frame, dst, sender_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(frame + 14, &a);
    station_in(t, frame, sizeof frame);
}

static inline uint32_t station_drops(struct station *t, enum drop_reason reason)
{
    return support_drop_count(&t->s, reason);
}

/* The i-th frame sent is this ARP packet, to dst. */
static inline void station_sent_arp(struct station *t, unsigned i, uint16_t opcode,
                                    const uint8_t *dst, uint32_t sender_ip,
                                    const uint8_t *target_mac, uint32_t target_ip)
{
    struct wire_ethernet e;
    struct wire_arp a;
    CHECKF(i < t->count, "frame %u of %u", i, t->count);
    CHECK_INT(wire_ethernet_parse(t->sent[i].bytes, t->sent[i].len, &e), WIRE_ETHERNET_OK);
    CHECK_MEM(e.dst, dst, 6);
    CHECK_MEM(e.src, station_mac, 6);
    CHECK_INT(e.type, WIRE_ETHERTYPE_ARP);
    CHECK_INT(wire_arp_parse(t->sent[i].bytes + 14, t->sent[i].len - 14, &a), WIRE_ARP_OK);
    CHECK_INT(a.opcode, opcode);
    CHECK_MEM(a.sender_mac, station_mac, 6);
    CHECK_INT(a.sender_ip, sender_ip);
    CHECK_MEM(a.target_mac, target_mac, 6);
    CHECK_INT(a.target_ip, target_ip);
}

static inline bool station_is_arp(struct station *t, unsigned i)
{
    return i < t->count && get_be16(t->sent[i].bytes + 12) == WIRE_ETHERTYPE_ARP;
}

/* The next frame of a UDP datagram to us; ip_dst may be any address. Returns the frame's length. */
struct station_udp {
    uint32_t src, dst;
    uint16_t sport, dport;
    uint16_t length;   /* 0: as it is; UDP-Lite: coverage, as given */
    uint8_t proto;     /* 0: UDP */
    const void *data;
    size_t data_len;
    bool no_checksum;
    uint16_t spoil;    /* exclusive-or'ed into the checksum */
    uint16_t tail;     /* bytes of IP payload behind the datagram */
};

static inline size_t station_udp_frame(uint8_t *frame, const uint8_t *eth_dst,
                                       const struct station_udp *u)
{
    size_t payload = 8 + u->data_len, ip_len = 20 + payload + u->tail;
    uint8_t proto = u->proto != 0 ? u->proto : 17;
    bool lite = proto == 136;
    uint16_t field = lite || u->length != 0 ? u->length : (uint16_t)payload;
    size_t covered = lite && u->length >= 8 && u->length <= payload ? u->length : payload;

    memset(frame, 0, 14 + ip_len);
    wire_ethernet_emit(frame, eth_dst, peer_mac, WIRE_ETHERTYPE_IP4);
    uint8_t *ip = frame + 14, *udp = ip + 20;
    ip[0] = 0x45;
    put_be16(ip + 2, (uint16_t)ip_len);
    ip[8] = 64;
    ip[9] = proto;
    put_be32(ip + 12, u->src);
    put_be32(ip + 16, u->dst);
    put_be16(ip + 10, checksum_fold(checksum_add(0, ip, 20)));
    put_be16(udp, u->sport);
    put_be16(udp + 2, u->dport);
    put_be16(udp + 4, field);
    if (u->data_len != 0)
        memcpy(udp + 8, u->data, u->data_len);
    if (!u->no_checksum) {
        uint32_t sum = checksum_pseudo(ip + 12, ip + 16, proto, (uint16_t)payload);
        uint16_t c = checksum_fold(checksum_add(sum, udp, covered));
        put_be16(udp + 6, (uint16_t)((c == 0 ? 0xffff : c) ^ u->spoil));
    }
    return 14 + ip_len;
}

static inline void station_udp(struct station *t, const struct station_udp *u)
{
    uint8_t frame[1600];
    size_t len = station_udp_frame(frame, station_mac, u);
    station_in(t, frame, len);
}

/* The peer at PEER_IP is in the table as if it had asked for us. */
static inline void station_know_peer(struct station *t)
{
    station_arp(t, WIRE_ARP_REQUEST, group_all, peer_mac, PEER_IP, STATION_IP);
    t->count = 0;
}

#endif
