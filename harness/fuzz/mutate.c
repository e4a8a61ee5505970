/* harness/fuzz/mutate.c */
#include "harness/fuzz/mutate.h"

#include "harness/fuzz/fuzz.h"
#include "vnet/decode.h"
#include "vnet/frame.h"
#include "vnet/impair/repair.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define IP_HEADER 20u
#define ARP_LEN 28u
#define UDP_HEADER 8u

/* Values that mean something in the worlds of worlds.py. */
static const uint32_t addresses[] = {
    0x0a000001, 0x0a0000fe, 0x0a0000fd, 0x0a000037, 0x0a0000ff, 0x0a000000, 0x0a000101, 0x0a0001fe,
    0x0a0001ff, 0x0a000205, 0x0a000102, 0xe0000001, 0xe0000016, 0xe1020304, 0xefffffff, 0xffffffff,
    0x00000000, 0x7f000001, 0xa9fe0101, 0xc0a80101, 0x08080808};
static const uint16_t ports[] = {7, 9, 53, 67, 68, 5000, 5001, 5002, 5003, 5004, 0, 1, 65535};
static const uint16_t types[] = {0x0800, 0x0806, 0x8100, 0x88a8, 0x86dd, 0x05dc, 0x002e, 0x0000};
static const uint8_t protocols[] = {1, 2, 17, 136, 6, 4, 41, 99, 255, 0};
static const uint8_t icmp_types[] = {0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 40};
static const uint8_t igmp_types[] = {0x11, 0x12, 0x16, 0x17, 0x22, 0x13};
static const uint16_t fragments[] = {0x0000, 0x2000, 0x4000, 0x6000, 0x8000, 0x0001, 0x2001, 0x0002,
                                     0x2002, 0x0003, 0x2003, 0x0010, 0x2010, 0x00b9, 0x20b9,
                                     0x1fff, 0x3fff, 0x1ffe, 0x3ffe};
static const uint16_t ids[] = {0x1111, 0x2222, 0x3333, 0x4444, 0, 0xffff};
static const uint8_t last_octets[] = {1, 0xfe, 0xfd, 0x37, 0, 0xff};

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint16_t pick16(struct dice *d, const uint16_t *of, size_t n)
{
    return dice_once_in(d, 16) ? (uint16_t)dice_u64(d) : of[dice_below(d, n)];
}

static uint8_t pick8(struct dice *d, const uint8_t *of, size_t n)
{
    return dice_once_in(d, 16) ? (uint8_t)dice_u64(d) : of[dice_below(d, n)];
}

static void put_address(uint8_t *at, struct dice *d)
{
    if (dice_once_in(d, 8))
        at[3] = (uint8_t)(at[3] + 1 + dice_below(d, 4));
    else
        put32(at, addresses[dice_below(d, COUNT(addresses))]);
}

static void put_mac(uint8_t *at, struct dice *d)
{
    switch (dice_below(d, 5)) {
    case 0:
        memset(at, 0xff, 6);
        break;
    case 1:
        memcpy(at, (const uint8_t[]){0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}, 6);
        at[3 + dice_below(d, 3)] = (uint8_t)dice_u64(d);
        break;
    case 2:
        memset(at, 0, 6);
        break;
    default:
        memcpy(at, (const uint8_t[]){0x02, 0x00, 0x00, 0x00, 0x00, 0xfe}, 6);
        at[5] = pick8(d, last_octets, COUNT(last_octets));
    }
}

/* Fields. Each function is given what it needs whole. */

static void change_ethernet(uint8_t *f, uint32_t len, const struct decode *c, struct dice *d)
{
    if (len >= 12 && dice_once_in(d, 2))
        put_mac(f + 6 * dice_below(d, 2), d);
    else if (c->type != DECODE_NONE)
        put16(f + c->type, pick16(d, types, COUNT(types)));
}

static void change_arp(uint8_t *arp, struct dice *d)
{
    switch (dice_below(d, 6)) {
    case 0:
        put16(arp + 6, 1 + dice_below(d, 3) % 2);
        break;
    case 1:
        put_mac(arp + 8, d);
        break;
    case 2:
        put_mac(arp + 18, d);
        break;
    case 3:
        arp[dice_below(d, 8)] ^= (uint8_t)(1u << dice_below(d, 8));
        break;
    default:
        put_address(arp + (dice_once_in(d, 2) ? 14 : 24), d);
    }
}

/* The 20 fixed octets of a header, also of one that an error quotes. */
static void change_ip(uint8_t *ip, struct dice *d)
{
    switch (dice_below(d, 11)) {
    case 0:
        ip[0] = (uint8_t)(dice_once_in(d, 8) ? dice_u64(d) : 0x40 | dice_below(d, 16));
        break;
    case 1:
        ip[1] = (uint8_t)dice_u64(d);
        break;
    case 2:
        put16(ip + 2, (uint32_t)(be16(ip + 2) + dice_below(d, 33) - 16));
        break;
    case 3:
        put16(ip + 4, pick16(d, ids, COUNT(ids)));
        break;
    case 4:
    case 5:
        put16(ip + 6, pick16(d, fragments, COUNT(fragments)));
        break;
    case 6:
        ip[8] = (uint8_t)(dice_once_in(d, 4) ? dice_u64(d) : dice_below(d, 3));
        break;
    case 7:
        ip[9] = pick8(d, protocols, COUNT(protocols));
        break;
    case 8:
        put_address(ip + 12, d);
        break;
    default:
        put_address(ip + 16, d);
    }
}

static void change_icmp(uint8_t *icmp, uint32_t len, struct dice *d)
{
    if (len >= 8 + IP_HEADER && dice_once_in(d, 3)) {
        change_ip(icmp + 8, d);
    } else if (len >= 8 + IP_HEADER + 4 && dice_once_in(d, 4)) {
        put16(icmp + 8 + IP_HEADER + 2 * dice_below(d, 2), pick16(d, ports, COUNT(ports)));
    } else if (len >= 8 && dice_once_in(d, 4)) {
        put_address(icmp + 4, d);
    } else if (len >= 2 && dice_once_in(d, 2)) {
        icmp[1] = (uint8_t)dice_below(d, 18);
    } else {
        icmp[0] = pick8(d, icmp_types, COUNT(icmp_types));
    }
}

static void change_igmp(uint8_t *igmp, uint32_t len, struct dice *d)
{
    if (len >= 8 && dice_once_in(d, 2))
        put_address(igmp + 4, d);
    else if (len >= 2 && dice_once_in(d, 2))
        igmp[1] = (uint8_t)dice_u64(d);
    else
        igmp[0] = pick8(d, igmp_types, COUNT(igmp_types));
}

static void change_udp(uint8_t *udp, struct dice *d)
{
    switch (dice_below(d, 5)) {
    case 0:
        put16(udp, pick16(d, ports, COUNT(ports)));
        break;
    case 1:
        put16(udp + 4, (uint32_t)(be16(udp + 4) + dice_below(d, 33) - 16));
        break;
    case 2:
        put16(udp + 6, 0);
        break;
    default:
        put16(udp + 2, pick16(d, ports, COUNT(ports)));
    }
}

static void change_field(uint8_t *f, uint32_t len, struct dice *d)
{
    struct decode c;
    decode_frame(&c, f, len);
    uint32_t l4_len = c.l4 != DECODE_NONE ? c.l4_end - c.l4 : 0;
    if (dice_once_in(d, 8) || (c.arp == DECODE_NONE && c.ip == DECODE_NONE))
        change_ethernet(f, len, &c, d);
    else if (c.arp != DECODE_NONE && len >= c.arp + ARP_LEN)
        change_arp(f + c.arp, d);
    else if (l4_len >= 1 && dice_once_in(d, 2) && c.proto == DECODE_ICMP)
        change_icmp(f + c.l4, l4_len, d);
    else if (l4_len >= 1 && dice_once_in(d, 2) && c.proto == DECODE_IGMP)
        change_igmp(f + c.l4, l4_len, d);
    else if (l4_len >= UDP_HEADER && dice_once_in(d, 2))
        change_udp(f + c.l4, d);
    else if (c.ip != DECODE_NONE && len >= c.ip + IP_HEADER)
        change_ip(f + c.ip, d);
}

/* Shapes: the length changes. */

static size_t insert(uint8_t *f, size_t len, size_t max, size_t at, const uint8_t *bytes, size_t n)
{
    if (len + n > max)
        return len;
    memmove(f + at + n, f + at, len - at);
    memcpy(f + at, bytes, n);
    return len + n;
}

/* Options of sound form, and some of none. */
static size_t add_options(uint8_t *f, size_t len, size_t max, const struct decode *c,
                          struct dice *d)
{
    static const uint8_t some[][8] = {
        {7, 7, 4, 0, 0, 0, 0, 0},       {7, 3, 4, 1},           {68, 8, 5, 0, 0, 0, 0, 0},
        {68, 8, 5, 0xf1, 0, 0, 0, 0},   {131, 7, 4, 10, 0, 0, 1, 0}, {137, 7, 4, 10, 0, 1, 1, 0},
        {148, 4, 0, 0},                 {1, 1, 1, 0},           {130, 3, 0, 0},
        {7, 39, 4, 0},                  {68, 40, 37, 3},        {200, 1, 0, 0},
        {200, 2, 255, 9},               {68, 4, 5, 0xf0}};
    const uint8_t *option = some[dice_below(d, COUNT(some))];
    size_t n = 4 * (1 + dice_below(d, 2));
    if (c->ip == DECODE_NONE || !c->ip_header_whole || c->ip_header_len + n > 60)
        return len;
    size_t longer = insert(f, len, max, c->ip + IP_HEADER, option, n);
    if (longer != len)
        f[c->ip] = (uint8_t)(f[c->ip] + n / 4);
    return longer;
}

static size_t add_tag(uint8_t *f, size_t len, size_t max, struct dice *d)
{
    uint8_t tag[4] = {0x81, 0x00, (uint8_t)(dice_u64(d) & 0xe0), (uint8_t)dice_below(d, 8)};
    return len >= 12 ? insert(f, len, max, 12, tag, sizeof tag) : len;
}

/* A DIX header becomes one with a length and SNAP. */
static size_t add_snap(uint8_t *f, size_t len, size_t max)
{
    static const uint8_t snap[] = {0, 0, 0xaa, 0xaa, 3, 0, 0, 0};
    if (len < 14 || be16(f + 12) < 0x600)
        return len;
    size_t longer = insert(f, len, max, 12, snap, sizeof snap);
    if (longer != len)
        put16(f + 12, (uint32_t)(longer - 14));
    return longer;
}

static size_t change_size(uint8_t *f, size_t len, size_t max, struct dice *d)
{
    static const uint16_t sizes[] = {1, 14, 34, 42, 59, 60, 61, 64, 128, 129, 256, 590, 1514, 1518,
                                     1600, 3000, 9216};
    size_t size = dice_once_in(d, 2) ? sizes[dice_below(d, COUNT(sizes))]
                                     : len + dice_below(d, 17) - 8;
    if (size < 1 || size > max)
        return len;
    if (size > len)
        memset(f + len, (int)dice_u64(d), size - len);
    return size;
}

static size_t change_shape(uint8_t *f, size_t len, size_t max, struct dice *d)
{
    struct decode c;
    decode_frame(&c, f, (uint32_t)len);
    switch (dice_below(d, 6)) {
    case 0:
        return add_tag(f, len, max, d);
    case 1:
        return add_snap(f, len, max);
    case 2:
    case 3:
        return add_options(f, len, max, &c, d);
    default:
        return change_size(f, len, max, d);
    }
}

/* Repair. */

/* Total length and UDP length say what is there. Padding to 60 bytes is part of the frame, so a
 * short datagram keeps its own idea of its length when it can be true. */
static void repair_lengths(uint8_t *f, uint32_t len)
{
    struct decode c;
    decode_frame(&c, f, len);
    if (c.type != DECODE_NONE && be16(f + c.type) < 0x600)
        put16(f + c.type, len - c.type - 2);
    if (c.ip == DECODE_NONE || !c.ip_header_whole)
        return;
    uint32_t left = len - c.ip, total = be16(f + c.ip + 2);
    if (len > 60 || total > left || total < c.ip_header_len)
        put16(f + c.ip + 2, left);
    decode_frame(&c, f, len);
    bool udp = c.proto == DECODE_UDP && c.datagram_whole;
    if (c.l4 != DECODE_NONE && udp && c.l4_end - c.l4 >= UDP_HEADER)
        put16(f + c.l4 + 4, c.l4_end - c.l4);
}

static void repair(uint8_t *f, uint32_t len, struct dice *d)
{
    size_t how = dice_below(d, 16);
    if (how == 0)
        return;
    if (how > 3)
        repair_lengths(f, len);
    repair_checksums(f, len);
}

size_t mutate_frame(uint8_t *f, size_t len, size_t max, struct dice *d)
{
    if (max > FRAME_MAX)
        max = FRAME_MAX;
    if (len > max || len == 0 || dice_once_in(d, 4)) {
        len = LLVMFuzzerMutate(f, len, max);
    } else {
        for (size_t n = 1 + dice_below(d, 3); n > 0; n--) {
            if (dice_once_in(d, 4))
                len = change_shape(f, len, max, d);
            else
                change_field(f, (uint32_t)len, d);
        }
    }
    repair(f, (uint32_t)len, d);
    return len;
}
