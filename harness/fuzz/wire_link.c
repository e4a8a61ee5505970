/* harness/fuzz/wire_link.c: the parsers of Ethernet and ARP, and vnet's own reader of frames.
 *
 * Every target of a parser has the same shape: parse; if it was accepted, each view lies inside the
 * input, what the values say is what the bytes say, and emit is parse's inverse. */
#include "harness/fuzz/claim.h"
#include "harness/fuzz/fuzz.h"
#include "stack/wire/arp.h"
#include "stack/wire/bytes.h"
#include "stack/wire/ethernet.h"
#include "vnet/decode.h"
#include "vnet/frame.h"
#include "vnet/impair/repair.h"

#include <string.h>

void wire_ethernet_input(const uint8_t *bytes, size_t len)
{
    struct wire_ethernet e;
    uint8_t again[WIRE_ETHERNET_HLEN + WIRE_ETHERNET_TAG_LEN];
    if (wire_ethernet_parse(bytes, len, &e) != WIRE_ETHERNET_OK)
        return;
    CLAIM(e.dst == bytes && e.src == bytes + 6);
    CLAIM(e.hlen >= WIRE_ETHERNET_HLEN && e.hlen <= WIRE_ETHERNET_HLEN_MAX && e.hlen < len);
    CLAIM(e.tag == NULL || (e.tag >= bytes && e.tag + WIRE_ETHERNET_TAG_LEN <= bytes + len));
    CLAIM(e.type == get_be16(bytes + e.hlen - 2));
    if (e.tag == NULL && e.hlen == WIRE_ETHERNET_HLEN) {
        wire_ethernet_emit(again, e.dst, e.src, e.type);
        CLAIM(memcmp(again, bytes, WIRE_ETHERNET_HLEN) == 0);
    } else if (e.hlen == WIRE_ETHERNET_HLEN + WIRE_ETHERNET_TAG_LEN) {
        wire_ethernet_emit_tagged(again, e.dst, e.src, get_be16(e.tag), e.type);
        CLAIM(memcmp(again, bytes, sizeof again) == 0);
    }
}

void wire_arp_input(const uint8_t *bytes, size_t len)
{
    struct wire_arp a;
    uint8_t again[WIRE_ARP_LEN];
    if (wire_arp_parse(bytes, len, &a) != WIRE_ARP_OK)
        return;
    CLAIM(len >= WIRE_ARP_LEN);
    CLAIM(a.sender_mac == bytes + 8 && a.target_mac == bytes + 18);
    wire_arp_emit(again, &a);
    CLAIM(memcmp(again, bytes, sizeof again) == 0);
}

void wire_decode_input(const uint8_t *bytes, size_t len)
{
    static uint8_t frame[FRAME_MAX], once[FRAME_MAX];
    struct decode d;
    uint32_t n = len < FRAME_MAX ? (uint32_t)len : FRAME_MAX;
    decode_frame(&d, bytes, n);
    CLAIM(d.type == DECODE_NONE || d.type + 2 <= n);
    CLAIM(d.ip == DECODE_NONE || d.ip < n);
    CLAIM(d.l4 == DECODE_NONE || (d.l4 <= d.l4_end && d.l4_end <= n));
    CLAIM(!d.datagram_whole || d.l4 != DECODE_NONE);
    memcpy(frame, bytes, n);
    repair_checksums(frame, n);
    memcpy(once, frame, n);
    repair_checksums(frame, n);
    CLAIM(memcmp(once, frame, n) == 0);
}
