/* tcp_peer.h: one connection of a stack, with the test as its peer, to the byte and the ms.
 *
 *     struct tcp_peer x;
 *     peer_config(&x);                       SACK both ways, MSS 1000, ms timers; change x.t.config
 *     peer_open(&x, 20);                     connected; SYN and SYN-ACK were 20 ms apart
 *     peer_write(&x, 5000);                  the application sends
 *     peer_run(&x, 40);                      time passes
 *     peer_ack(&x, 1000, 2, blocks);         ACK of 1000 bytes, SACK of blocks (offsets)
 *     peer_quotes(&x, type, code, word, offset)  an ICMP error about the byte at `offset`
 *     x.t.count, peer_seg(&x, i)             what left: from the IP header on
 *     peer_close(&x);
 *
 * Offsets count the stack's data bytes from 0. There is no link layer: interfaces with ARP have
 * tests of their own. */
#ifndef UNIT_TCP_PEER_H
#define UNIT_TCP_PEER_H

#include "station.h"

#include "lockwire/tcp.h"
#include "lwip/ip4.h"
#include "stack/wire/icmp.h"
#include "stack/wire/tcp.h"

#define PEER_ISS 7000u
#define PEER_PORT 80u

struct tcp_peer {
    struct station t;
    struct tcp_pcb *pcb; /* NULL: gone */
    err_t gone;          /* why */
    unsigned soft;       /* calls of the soft-error call-back, and the last one's arguments */
    err_t soft_err;
    uint8_t soft_type, soft_code;
    uint32_t first;      /* sequence number of the stack's first byte */
    uint16_t mss;        /* the peer's option */
};

struct peer_seg {
    uint32_t at, off, ack; /* ms; offset of the first byte */
    uint16_t total, len, flags;
    bool df;
};

static inline err_t peer_output(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)to;
    return station_linkoutput(netif, p);
}

static inline void peer_config(struct tcp_peer *x)
{
    memset(x, 0, sizeof *x);
    station_defaults(&x->t);
    x->t.config.lwip_tcp_sack_in = x->t.config.lwip_tcp_sack_out = 1;
    x->t.config.lwip_tcp_timestamps = x->t.config.lwip_tcp_pmtud = x->t.config.lwip_tcp_rack = 0;
    x->t.config.tcp_iw_segments = 10;
    x->t.config.tcp_cc = 0;
    x->mss = 1000;
}

static inline struct peer_seg peer_seg(struct tcp_peer *x, unsigned i)
{
    struct wire_tcp h;
    struct peer_seg s = {0};

    CHECKF(i < x->t.count, "segment %u of %u", i, x->t.count);
    const uint8_t *ip = x->t.sent[i].bytes;
    CHECK_INT(wire_tcp_parse(ip + 20, x->t.sent[i].len - 20, x->t.sent[i].len - 20, &h),
              WIRE_TCP_OK);
    s.at = x->t.sent[i].at;
    s.off = h.seq - x->first;
    s.ack = h.ack;
    s.total = (uint16_t)x->t.sent[i].len;
    s.len = (uint16_t)(s.total - 20 - h.header_len);
    s.flags = h.flags;
    s.df = (ip[6] & 0x40) != 0;
    return s;
}

static inline void peer_ip(struct tcp_peer *x, uint8_t proto, uint8_t *packet, size_t len)
{
    memset(packet, 0, 20);
    packet[0] = 0x45;
    put_be16(packet + 2, (uint16_t)len);
    packet[8] = 64;
    packet[9] = proto;
    put_be32(packet + 12, PEER_IP);
    put_be32(packet + 16, STATION_IP);
    put_be16(packet + 10, checksum_fold(checksum_add(0, packet, 20)));
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL);
    CHECK(p != NULL);
    pbuf_take(p, packet, (u16_t)len);
    ip4_input(p, &x->t.netif);
    station_check(&x->t);
}

static inline void peer_send(struct tcp_peer *x, uint16_t flags, uint32_t seq, uint32_t ack,
                             const struct wire_tcp_options *o)
{
    uint8_t packet[80] = {0}, *tcp = packet + 20;
    size_t len = 20 + wire_tcp_options_len(o);
    struct wire_tcp h = {.src_port = PEER_PORT, .dst_port = get_be16(x->t.sent[0].bytes + 20),
                         .seq = seq, .ack = ack, .header_len = (uint8_t)len, .flags = flags,
                         .window = 65535};
    uint8_t addresses[8];

    put_be32(addresses, PEER_IP);
    put_be32(addresses + 4, STATION_IP);
    wire_tcp_emit(tcp, &h);
    wire_tcp_options_emit(tcp + 20, len - 20, o);
    h.checksum = checksum_fold(checksum_add(
        checksum_pseudo(addresses, addresses + 4, 6, (uint16_t)len), tcp, len));
    wire_tcp_emit(tcp, &h);
    peer_ip(x, 6, packet, 20 + len);
}

/* ACK up to `off`; n SACK blocks, pairs of offsets. */
static inline void peer_ack(struct tcp_peer *x, uint32_t off, unsigned n, const uint32_t *blocks)
{
    struct wire_tcp_options o = {0};

    o.sack_count = (uint8_t)n;
    o.present = n != 0 ? WIRE_TCP_OPT_SACK : 0;
    for (unsigned i = 0; i < n; i++) {
        o.sack[i].left = x->first + blocks[2 * i];
        o.sack[i].right = x->first + blocks[2 * i + 1];
    }
    peer_send(x, WIRE_TCP_ACK, PEER_ISS + 1, x->first + off, &o);
}

static inline void peer_sack(struct tcp_peer *x, uint32_t off, uint32_t left, uint32_t right)
{
    const uint32_t block[] = {left, right};
    peer_ack(x, off, 1, block);
}

static inline void peer_run(struct tcp_peer *x, uint32_t ms)
{
    station_run(&x->t, ms);
}

/* Runs until `at` ms after the test began. */
static inline void peer_until(struct tcp_peer *x, uint32_t at)
{
    station_run(&x->t, at - (x->t.s.now_ms - STATION_BOOT_MS));
}

static inline void peer_gone(void *arg, err_t err)
{
    struct tcp_peer *x = arg;
    x->pcb = NULL;
    x->gone = err;
}

static inline void peer_soft(void *arg, struct tcp_pcb *pcb, err_t err, u8_t type, u8_t code)
{
    struct tcp_peer *x = arg;
    CHECK(pcb == x->pcb);
    x->soft++;
    x->soft_err = err;
    x->soft_type = type;
    x->soft_code = code;
}

/* An instance, and a SYN that has left. */
static inline void peer_dial(struct tcp_peer *x)
{
    ip_addr_t to;

    station_start(&x->t, STATION_IP);
    x->t.netif.output = peer_output;
    x->t.count = 0;
    x->pcb = tcp_new();
    CHECK(x->pcb != NULL);
    tcp_arg(x->pcb, x);
    tcp_err(x->pcb, peer_gone);
    tcp_soft_error(x->pcb, peer_soft);
    ip_addr_copy_from_ip4(to, station_addr(PEER_IP));
    CHECK_INT(tcp_connect(x->pcb, &to, PEER_PORT, NULL), ERR_OK);
    CHECK_INT(x->t.count, 1);
    x->first = get_be32(x->t.sent[0].bytes + 24) + 1;
}

static inline void peer_open(struct tcp_peer *x, uint32_t rtt)
{
    struct wire_tcp_options o = {.present = WIRE_TCP_OPT_MSS | WIRE_TCP_OPT_SACK_OK};

    peer_dial(x);
    peer_run(x, rtt);
    o.mss = x->mss;
    peer_send(x, WIRE_TCP_SYN | WIRE_TCP_ACK, PEER_ISS, x->first, &o);
    CHECK_INT(x->pcb->state, ESTABLISHED);
    CHECK_INT(x->t.count, 2); /* its ACK */
    x->t.count = 0;
    memcpy(x->t.sent[0].bytes, x->t.sent[1].bytes, 60); /* the ports, for peer_send() */
    tcp_nagle_disable(x->pcb);
}

static inline void peer_write(struct tcp_peer *x, uint16_t len)
{
    static const uint8_t data[20000];

    CHECK_INT(tcp_write(x->pcb, data, len, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(x->pcb), ERR_OK);
    station_check(&x->t);
}

/* An ICMP error quoting the segment whose first byte is at `off`; `total`: length of the datagram
 * as its header says. `word`: of the ICMP header. */
static inline void peer_quotes(struct tcp_peer *x, uint8_t type, uint8_t code, uint32_t word,
                               uint32_t off, uint16_t total)
{
    uint8_t packet[56] = {0}, *icmp = packet + 20, *quote = icmp + 8;
    struct wire_icmp m = {.type = type, .code = code, .word = word};

    quote[0] = 0x45;
    put_be16(quote + 2, total);
    quote[8] = 1;
    quote[9] = 6;
    put_be32(quote + 12, STATION_IP);
    put_be32(quote + 16, PEER_IP);
    put_be16(quote + 10, checksum_fold(checksum_add(0, quote, 20)));
    memcpy(quote + 20, x->t.sent[0].bytes + 20, 4); /* ports */
    put_be32(quote + 24, x->first + off);
    wire_icmp_emit(icmp, &m);
    m.checksum = checksum_fold(checksum_add(0, icmp, 36));
    wire_icmp_emit(icmp, &m);
    peer_ip(x, 1, packet, sizeof packet);
}

static inline void peer_close(struct tcp_peer *x)
{
    if (x->pcb != NULL)
        tcp_abort(x->pcb);
    station_close(&x->t);
}

#endif
