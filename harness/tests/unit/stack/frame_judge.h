/* frame_judge.h: says whether a frame that left is whole, without the stack's own parsers.
 *
 *     unsigned kind = judge_frame(bytes, len, mac);      JUDGED_ARP, JUDGED_UDP ...
 *
 * The test fails on anything half-built: lengths that disagree, a wrong checksum, a sender that is
 * not `mac`, a payload other than pattern(). Frames are as support.h has them: without padding. */
#ifndef UNIT_FRAME_JUDGE_H
#define UNIT_FRAME_JUDGE_H

#include "unit.h"

enum judged {
    JUDGED_ARP_REQUEST,
    JUDGED_ARP_PROBE,
    JUDGED_ARP_ANNOUNCEMENT,
    JUDGED_ARP_REPLY,
    JUDGED_UDP,
    JUDGED_FRAGMENT, /* of a UDP datagram or an echo reply, all but the first */
    JUDGED_ECHO_REPLY,
    JUDGED_ICMP_ERROR,
    JUDGED_IGMP_REPORT,
    JUDGED_IGMP_LEAVE,
    JUDGED_RAW,
    JUDGED_TCP, /* its data is the test's business */
    JUDGED_KINDS
};

#define JUDGE_RAW_PROTO 200u

/* Byte i of every payload that a test sends or lets be sent. */
static inline uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 31 + 7);
}

static inline unsigned judge_u16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t judge_u32(const uint8_t *p)
{
    return (uint32_t)judge_u16(p) << 16 | judge_u16(p + 2);
}

/* [RFC1071], over what begins with `sum`; 0: the checksum that is in it is right. */
static inline unsigned judge_sum(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static inline void judge_pattern(const uint8_t *p, size_t len, size_t from)
{
    for (size_t i = 0; i < len; i++)
        CHECKF(p[i] == pattern(from + i), "payload byte %u of %u", (unsigned)(from + i),
               (unsigned)len);
}

static inline enum judged judge_arp(const uint8_t *a, size_t len, const uint8_t *mac)
{
    static const uint8_t fixed[6] = {0, 1, 8, 0, 6, 4}, zero[4] = {0};

    CHECK_INT(len, 28);
    CHECK_MEM(a, fixed, 6);
    CHECK_MEM(a + 8, mac, 6);
    CHECKF(a[6] == 0 && (a[7] == 1 || a[7] == 2), "ARP operation %u", judge_u16(a + 6));
    if (a[7] == 2)
        return JUDGED_ARP_REPLY;
    if (memcmp(a + 14, zero, 4) == 0)
        return JUDGED_ARP_PROBE;
    return memcmp(a + 14, a + 24, 4) == 0 ? JUDGED_ARP_ANNOUNCEMENT : JUDGED_ARP_REQUEST;
}

static inline enum judged judge_icmp(const uint8_t *m, size_t len, bool whole)
{
    if (!whole) {
        CHECK(len >= 8 && m[0] == 0);
        return JUDGED_ECHO_REPLY; /* its checksum is over all fragments */
    }
    CHECK(len >= 8);
    CHECKF(judge_sum(0, m, len) == 0, "ICMP type %u: checksum", m[0]);
    if (m[0] == 0) {
        judge_pattern(m + 8, len - 8, 0);
        return JUDGED_ECHO_REPLY;
    }
    CHECKF(m[0] == 3 || m[0] == 5 || m[0] == 11 || m[0] == 12, "ICMP type %u", m[0]);
    CHECK_INT(len, 8u + 20 + 8); /* what it quotes is a whole header and 8 octets */
    CHECK_INT(m[8], 0x45);
    CHECKF(judge_sum(0, m + 8, 20) == 0, "quoted header: checksum");
    return JUDGED_ICMP_ERROR;
}

static inline enum judged judge_igmp(const uint8_t *m, size_t len)
{
    CHECK_INT(len, 8);
    CHECKF(judge_sum(0, m, 8) == 0, "IGMP checksum");
    CHECK(m[0] == 0x16 || m[0] == 0x17);
    return m[0] == 0x16 ? JUDGED_IGMP_REPORT : JUDGED_IGMP_LEAVE;
}

static inline enum judged judge_udp(const uint8_t *ip, const uint8_t *u, size_t len, bool whole)
{
    CHECK(len >= 8);
    CHECK(judge_u16(u) != 0 && judge_u16(u + 2) != 0);
    if (whole) {
        CHECK_INT(judge_u16(u + 4), len);
        uint32_t pseudo = 17 + (uint32_t)len;
        for (size_t i = 12; i < 20; i += 2)
            pseudo += judge_u16(ip + i);
        CHECKF(judge_u16(u + 6) != 0 && judge_sum(pseudo, u, len) == 0, "UDP checksum");
    }
    judge_pattern(u + 8, len - 8, 0);
    return JUDGED_UDP;
}

static inline enum judged judge_tcp(const uint8_t *ip, const uint8_t *t, size_t len)
{
    uint32_t pseudo = 6 + (uint32_t)len;
    CHECK(len >= 20 && t[12] >> 4 >= 5 && (size_t)(t[12] >> 4) * 4 <= len);
    CHECK(judge_u16(t) != 0 && judge_u16(t + 2) != 0);
    for (size_t i = 12; i < 20; i += 2)
        pseudo += judge_u16(ip + i);
    CHECKF(judge_sum(pseudo, t, len) == 0, "TCP checksum");
    return JUDGED_TCP;
}

static inline enum judged judge_ip(const uint8_t *ip, size_t len)
{
    size_t header = (size_t)(ip[0] & 15) * 4;
    CHECK(len >= 20 && ip[0] >> 4 == 4 && header >= 20 && header <= len);
    CHECK_INT(judge_u16(ip + 2), len);
    CHECKF(judge_sum(0, ip, header) == 0, "IP header checksum");
    CHECK(ip[8] > 0);
    CHECKF(judge_u32(ip + 12) != 0 && ip[12] < 224, "source %08x", (unsigned)judge_u32(ip + 12));
    const uint8_t *data = ip + header;
    unsigned fragment = judge_u16(ip + 6);
    size_t at = (size_t)(fragment & 0x1fffu) * 8;
    bool more = (fragment & 0x2000u) != 0;
    CHECK(!more || (len - header) % 8 == 0);
    CHECK(len > header);
    if (at != 0) {
        judge_pattern(data, len - header, at - 8);
        return JUDGED_FRAGMENT;
    }
    switch (ip[9]) {
    case 1:
        return judge_icmp(data, len - header, !more);
    case 2:
        return judge_igmp(data, len - header);
    case 6:
        CHECK(!more);
        return judge_tcp(ip, data, len - header);
    case 17:
        return judge_udp(ip, data, len - header, !more);
    default:
        CHECK_INT(ip[9], JUDGE_RAW_PROTO);
        judge_pattern(data, len - header, 0);
        return JUDGED_RAW;
    }
}

static inline enum judged judge_frame(const uint8_t *f, size_t len, const uint8_t *mac)
{
    CHECK(len > 14);
    CHECK_MEM(f + 6, mac, 6);
    if (judge_u16(f + 12) == 0x0806)
        return judge_arp(f + 14, len - 14, mac);
    CHECK_INT(judge_u16(f + 12), 0x0800);
    return judge_ip(f + 14, len - 14);
}

#endif
