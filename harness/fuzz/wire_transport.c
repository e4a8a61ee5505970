/* harness/fuzz/wire_transport.c: the parsers of what IP carries, and the checksum. */
#include "harness/fuzz/claim.h"
#include "harness/fuzz/fuzz.h"
#include "stack/wire/bytes.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmp.h"
#include "stack/wire/igmp.h"
#include "stack/wire/udp.h"

#include <string.h>

void wire_icmp_input(const uint8_t *bytes, size_t len)
{
    struct wire_icmp m;
    struct wire_ip4 quoted;
    uint8_t again[WIRE_ICMP_HEADER];
    const uint8_t *data;
    size_t data_len;
    if (!wire_icmp_parse(&m, bytes, len)) {
        CLAIM(len < WIRE_ICMP_HEADER);
        return;
    }
    CLAIM(len >= WIRE_ICMP_HEADER);
    wire_icmp_emit(again, &m);
    CLAIM(memcmp(again, bytes, sizeof again) == 0);
    (void)wire_icmp_is_error(m.type);
    const uint8_t *quote = bytes + WIRE_ICMP_HEADER;
    size_t quote_len = len - WIRE_ICMP_HEADER;
    if (!wire_icmp_parse_quote(&quoted, &data, &data_len, quote, quote_len))
        return;
    CLAIM(quoted.header_len >= WIRE_IP4_HEADER && data == quote + quoted.header_len);
    CLAIM(data_len >= WIRE_ICMP_QUOTED && quoted.header_len + data_len <= quote_len);
}

void wire_igmp_input(const uint8_t *bytes, size_t len)
{
    struct wire_igmp m;
    uint8_t again[WIRE_IGMP_LENGTH];
    if (!wire_igmp_parse(&m, bytes, len)) {
        CLAIM(len < WIRE_IGMP_LENGTH);
        return;
    }
    wire_igmp_emit(again, &m);
    CLAIM(again[0] == bytes[0] && again[1] == bytes[1]);
    CLAIM(memcmp(again + 4, bytes + 4, 4) == 0);
    CLAIM(checksum_fold(checksum_add(0, again, sizeof again)) == 0);
}

/* The first octet says how much of the datagram lies in later buffers. */
void wire_udp_input(const uint8_t *bytes, size_t len)
{
    struct wire_udp u;
    uint8_t again[WIRE_UDP_HLEN];
    if (len < 1)
        return;
    size_t total = len - 1 + 8 * (size_t)bytes[0];
    bytes++, len--;
    if (wire_udp_parse(bytes, len, total, &u) == WIRE_UDP_OK) {
        CLAIM(len >= WIRE_UDP_HLEN && u.length >= WIRE_UDP_HLEN && u.length <= total);
        wire_udp_emit(again, &u);
        CLAIM(memcmp(again, bytes, sizeof again) == 0);
    }
    if (wire_udplite_parse(bytes, len, total, &u) == WIRE_UDP_OK)
        CLAIM(len >= WIRE_UDP_HLEN && u.length >= WIRE_UDP_HLEN && u.length <= total);
}

/* By the definition of RFC 1071, one word after the other. */
static uint16_t plain_sum(const uint8_t *p, size_t len)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint64_t)p[i] << 8 : p[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* The first octet says where the bytes are cut in two, the second how they are aligned. */
void wire_checksum_input(const uint8_t *bytes, size_t len)
{
    static uint8_t room[FUZZ_INPUT_MAX + 8];
    if (len < 2 || len > FUZZ_INPUT_MAX)
        return;
    size_t cut = bytes[0];
    uint8_t *p = room + bytes[1] % 8;
    bytes += 2, len -= 2;
    memcpy(p, bytes, len);
    uint16_t expected = plain_sum(p, len);
    CLAIM(checksum_fold(checksum_add(0, p, len)) == expected);
    cut = cut < len ? cut : len;
    uint32_t sum = checksum_add_at(0, p, cut, 0);
    CLAIM(checksum_fold(checksum_add_at(sum, p + cut, len - cut, cut)) == expected);
    if (len < 4)
        return;
    /* RFC 1624: equal up to the two zeros of one's complement */
    uint16_t before = get_be16(p), after = get_be16(p + len / 4 * 2);
    uint16_t updated = checksum_update(expected, before, after);
    put_be16(p, after);
    uint16_t anew = plain_sum(p, len);
    CLAIM(updated == anew || (updated | anew) == 0xffff);
}
