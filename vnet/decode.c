#include "vnet/decode.h"

#define ETH_ADDRESSES 12u
#define TAGS_MAX 2u
#define TAG_LEN 4u
#define IP_HEADER_MIN 20u

static uint32_t be16(const uint8_t *p) { return (uint32_t)p[0] << 8 | p[1]; }

/* 802.1Q, 802.1ad */
static bool is_tag(uint32_t type) { return type == 0x8100 || type == 0x88a8; }

/* Header and fragment of the datagram at d->ip; fills in where the upper layer is. */
static void decode_ip(struct decode *d, const uint8_t *frame, uint32_t len)
{
    const uint8_t *ip = frame + d->ip;
    uint32_t left = len - d->ip;
    d->ip_header_len = (ip[0] & 0xfu) * 4;
    d->ip_header_whole = d->ip_header_len >= IP_HEADER_MIN && d->ip_header_len <= left;
    if (!d->ip_header_whole)
        return;
    uint32_t total = be16(ip + 2), fragment = be16(ip + 6);
    if (total < d->ip_header_len || (fragment & 0x1fff) != 0)
        return;
    d->datagram_whole = total <= left && (fragment & 0x2000) == 0;
    d->proto = ip[9];
    d->l4 = d->ip + d->ip_header_len;
    d->l4_end = d->ip + (total < left ? total : left);
}

void decode_frame(struct decode *d, const uint8_t *frame, uint32_t len)
{
    *d = (struct decode){.vlan = DECODE_NONE, .type = DECODE_NONE, .arp = DECODE_NONE,
                         .ip = DECODE_NONE, .l4 = DECODE_NONE};
    uint32_t at = ETH_ADDRESSES;
    for (unsigned tags = 0; tags < TAGS_MAX; tags++) {
        if (len < at + 2 || !is_tag(be16(frame + at)))
            break;
        if (tags == 0)
            d->vlan = at + 2;
        at += TAG_LEN;
    }
    if (len < at + 2)
        return;
    d->type = at;
    uint32_t type = be16(frame + at), payload = at + 2;
    if (type == 0x0806 && len >= payload + 6 && be16(frame + payload) == 1 &&
        be16(frame + payload + 2) == 0x0800 && frame[payload + 4] == 6 && frame[payload + 5] == 4)
        d->arp = payload;
    if (type == 0x0800 && len > payload && frame[payload] >> 4 == 4) {
        d->ip = payload;
        decode_ip(d, frame, len);
    }
}
