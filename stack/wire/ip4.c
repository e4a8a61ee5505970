/* wire/ip4.c: see wire/ip4.h. */
#include "stack/wire/ip4.h"

enum wire_ip4_result wire_ip4_check(const uint8_t *bytes, size_t len, size_t available)
{
    if (len < WIRE_IP4_HEADER)
        return WIRE_IP4_SHORT;
    unsigned header_len = wire_ip4_header_len(bytes);
    if (bytes[0] >> 4 != 4) /* [RFC1122 3.2.1.1] */
        return WIRE_IP4_VERSION;
    if (header_len < WIRE_IP4_HEADER || header_len > len)
        return WIRE_IP4_IHL;
    unsigned total_len = get_be16(bytes + WIRE_IP4_AT_LENGTH);
    if (total_len < header_len)
        return WIRE_IP4_TOTAL;
    if (total_len > available)
        return WIRE_IP4_TRUNCATED;
    return WIRE_IP4_OK;
}

#if !LWIP_CHECKSUM_SMALL
/* Word by word: the sum is made on the way. */
static inline void emit(uint8_t *bytes, const struct wire_ip4 *h, bool summed)
{
    uint32_t first = 0x40000000u | (uint32_t)(h->header_len / 4u) << 24 | (uint32_t)h->tos << 16 |
                     h->total_len;
    uint32_t second = (uint32_t)h->id << 16 | h->fragment;
    uint32_t third = (uint32_t)h->ttl << 24 | (uint32_t)h->proto << 16 | h->checksum;

    if (summed)
        third |= (uint16_t)~checksum_fold64((uint64_t)first + second + third + h->src + h->dst);
    put_be32(bytes, first);
    put_be32(bytes + 4, second);
    put_be32(bytes + 8, third);
    put_be32(bytes + WIRE_IP4_AT_SRC, h->src);
    put_be32(bytes + WIRE_IP4_AT_DST, h->dst);
}

void wire_ip4_emit(uint8_t bytes[WIRE_IP4_HEADER], const struct wire_ip4 *h)
{
    emit(bytes, h, false);
}

void wire_ip4_emit_summed(uint8_t bytes[WIRE_IP4_HEADER], const struct wire_ip4 *h)
{
    emit(bytes, h, true);
}
#endif

void wire_ip4_decrement_ttl(uint8_t *bytes)
{
    uint16_t before = get_be16(bytes + WIRE_IP4_AT_TTL); /* TTL and protocol */
    uint16_t after = (uint16_t)(before - 0x0100u);
    uint16_t checksum = get_be16(bytes + WIRE_IP4_AT_CHECKSUM);

    put_be16(bytes + WIRE_IP4_AT_TTL, after);
    put_be16(bytes + WIRE_IP4_AT_CHECKSUM, checksum_update(checksum, before, after));
}
