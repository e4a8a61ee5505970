#include "vnet/impair/repair.h"

#include "vnet/decode.h"

#include <stdbool.h>

/* One's-complement sum of 16-bit words, RFC 1071; an odd last byte is its word's high half. */
static uint64_t sum(uint64_t acc, const uint8_t *p, uint32_t len)
{
    for (uint32_t i = 0; i + 1 < len; i += 2)
        acc += (uint64_t)p[i] << 8 | p[i + 1];
    return len % 2 != 0 ? acc + ((uint64_t)p[len - 1] << 8) : acc;
}

static uint16_t fold(uint64_t acc)
{
    while (acc >> 16 != 0)
        acc = (acc & 0xffff) + (acc >> 16);
    return (uint16_t)~acc;
}

static void store(uint8_t *at, uint64_t acc)
{
    uint16_t v = fold(acc);
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static uint64_t pseudo(const uint8_t *ip, uint32_t l4_len)
{
    return sum(0, ip + 12, 8) + ip[9] + l4_len;
}

/* Over the whole of [l4, l4 + len), with the field at `at`. */
static void repair_whole(uint8_t *l4, uint32_t len, uint32_t at, uint64_t acc)
{
    if (len < at + 2)
        return;
    l4[at] = l4[at + 1] = 0;
    store(l4 + at, sum(acc, l4, len));
}

/* A sum that comes out as 0 is sent as all ones, RFC 768. */
static void repair_udp(const uint8_t *ip, uint8_t *l4, uint32_t len, bool lite)
{
    if (len < 8)
        return;
    uint32_t field = (uint32_t)l4[4] << 8 | l4[5];
    uint32_t covered = lite && field == 0 ? len : field;
    if (covered < 8 || covered > len || (!lite && l4[6] == 0 && l4[7] == 0))
        return;
    l4[6] = l4[7] = 0;
    store(l4 + 6, sum(pseudo(ip, lite ? len : covered), l4, covered));
    if (l4[6] == 0 && l4[7] == 0)
        l4[6] = l4[7] = 0xff;
}

void repair_checksums(uint8_t *frame, uint32_t len)
{
    struct decode d;
    decode_frame(&d, frame, len);
    if (d.ip == DECODE_NONE || !d.ip_header_whole)
        return;
    uint8_t *ip = frame + d.ip;
    ip[10] = ip[11] = 0;
    store(ip + 10, sum(0, ip, d.ip_header_len));
    if (d.l4 == DECODE_NONE || !d.datagram_whole)
        return;
    uint8_t *l4 = frame + d.l4;
    uint32_t l4_len = d.l4_end - d.l4;
    switch (d.proto) {
    case DECODE_ICMP:
    case DECODE_IGMP:
        repair_whole(l4, l4_len, 2, 0);
        break;
    case DECODE_TCP:
        if (l4_len >= 20)
            repair_whole(l4, l4_len, 16, pseudo(ip, l4_len));
        break;
    case DECODE_UDP:
    case DECODE_UDPLITE:
        repair_udp(ip, l4, l4_len, d.proto == DECODE_UDPLITE);
        break;
    default:
        break;
    }
}
