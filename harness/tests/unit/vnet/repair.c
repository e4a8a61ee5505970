#include "vnet/impair/repair.h"

#include "unit.h"

#include <stdlib.h>

/* Checksums worked out by hand elsewhere (Scapy 2.5.0). */
static const struct {
    const char *name, *hex;
    unsigned at[2]; /* of the checksums; 0: none */
} frames[] = {
    {"icmp",
     "0200000000020200000000010800"
     "4500001e000100004001" "66dc" "0a0000010a000002" "0800" "969d" "000000006162",
     {24, 36}},
};

static unsigned sum16(const uint8_t *p, unsigned len, unsigned long acc)
{
    for (unsigned i = 0; i < len; i++)
        acc += i % 2 == 0 ? (unsigned long)p[i] << 8 : p[i];
    while (acc > 0xffff)
        acc = (acc & 0xffff) + (acc >> 16);
    return (unsigned)acc;
}

#define ETH_LEN 14u
#define IP_LEN 20u

/* An IPv4 datagram of `proto` with `n` bytes behind the header, filled with a pattern. */
static unsigned build(uint8_t *f, uint8_t proto, unsigned n)
{
    for (unsigned i = 0; i < ETH_LEN + IP_LEN + n; i++)
        f[i] = (uint8_t)(i * 37 + 11);
    f[12] = 8, f[13] = 0;
    uint8_t *ip = f + ETH_LEN;
    ip[0] = 0x45;
    ip[2] = (uint8_t)((IP_LEN + n) >> 8), ip[3] = (uint8_t)(IP_LEN + n);
    ip[6] = 0x40, ip[7] = 0;
    ip[9] = proto;
    return ETH_LEN + IP_LEN + n;
}

static bool ip_good(const uint8_t *f) { return sum16(f + ETH_LEN, IP_LEN, 0) == 0xffff; }

static bool upper_good(const uint8_t *f, unsigned n, bool pseudo)
{
    const uint8_t *ip = f + ETH_LEN;
    unsigned long acc = pseudo ? sum16(ip + 12, 8, 0) + ip[9] + n : 0;
    return sum16(ip + IP_LEN, n, acc) == 0xffff;
}

UNIT(repair, known_checksum_is_restored)
{
    uint8_t f[128], good[128];
    unsigned n = (unsigned)strlen(frames[0].hex) / 2;
    for (unsigned i = 0; i < n; i++) {
        char two[3] = {frames[0].hex[2 * i], frames[0].hex[2 * i + 1], 0};
        good[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    memcpy(f, good, n);
    for (unsigned k = 0; k < 2; k++)
        f[frames[0].at[k]] ^= 0x5a;
    repair_checksums(f, n);
    CHECK_MEM(f, good, n);
}

UNIT(repair, all_protocols_and_lengths_verify_afterwards)
{
    static const struct {
        uint8_t proto;
        unsigned min;
        bool pseudo;
    } protos[] = {{1, 4, false}, {2, 4, false}, {6, 20, true}, {17, 8, true}, {136, 8, true}};
    uint8_t f[256], before[256];
    for (unsigned i = 0; i < 5; i++)
        for (unsigned n = 0; n < 60; n++) {
            unsigned len = build(f, protos[i].proto, n);
            uint8_t *l4 = f + ETH_LEN + IP_LEN;
            if (protos[i].proto == 17 && n >= 8)
                l4[4] = 0, l4[5] = (uint8_t)n;
            if (protos[i].proto == 136 && n >= 8)
                l4[4] = l4[5] = 0; /* all of it */
            memcpy(before, f, len);
            repair_checksums(f, len);
            CHECKF(ip_good(f), "protocol %u, %u bytes", protos[i].proto, n);
            if (n >= protos[i].min)
                CHECKF(upper_good(f, n, protos[i].pseudo), "protocol %u, %u bytes",
                       protos[i].proto, n);
            else
                CHECK_MEM(l4, before + ETH_LEN + IP_LEN, n);
        }
}

UNIT(repair, udp_without_checksum_stays_so_and_lite_covers_what_it_says)
{
    uint8_t f[256];
    unsigned len = build(f, 17, 20);
    uint8_t *l4 = f + ETH_LEN + IP_LEN;
    l4[4] = 0, l4[5] = 20;
    l4[6] = l4[7] = 0;
    repair_checksums(f, len);
    CHECK(l4[6] == 0 && l4[7] == 0);

    len = build(f, 136, 20);
    l4[4] = 0, l4[5] = 8;
    repair_checksums(f, len);
    const uint8_t *ip = f + ETH_LEN;
    CHECK_INT(sum16(l4, 8, sum16(ip + 12, 8, 0) + 136ul + 20), 0xffff);
}

UNIT(repair, sum_of_zero_is_sent_as_all_ones)
{
    uint8_t f[256];
    unsigned len = build(f, 17, 10);
    uint8_t *l4 = f + ETH_LEN + IP_LEN;
    l4[4] = 0, l4[5] = 10;
    l4[8] = l4[9] = 0;
    repair_checksums(f, len);
    l4[8] = l4[6], l4[9] = l4[7]; /* the sum of everything is now all ones */
    l4[6] = 1;
    repair_checksums(f, len);
    CHECK(l4[6] == 0xff && l4[7] == 0xff);
}

/* Neither cut frames nor fragments nor lying lengths make it write where it must not. */
UNIT(repair, what_is_not_whole_is_left_alone)
{
    uint8_t whole[256], f[256];
    unsigned len = build(whole, 6, 40);
    for (unsigned cut = 1; cut < len; cut++) {
        memcpy(f, whole, sizeof f);
        repair_checksums(f, cut);
        CHECK_MEM(f + ETH_LEN + IP_LEN, whole + ETH_LEN + IP_LEN, 40);
        CHECK_INT(ip_good(f), cut >= ETH_LEN + IP_LEN);
    }
    memcpy(f, whole, sizeof f);
    f[ETH_LEN + 6] = 0x20; /* more fragments */
    repair_checksums(f, len);
    CHECK_MEM(f + ETH_LEN + IP_LEN, whole + ETH_LEN + IP_LEN, 40);
    for (unsigned first = 0; first < 256; first++) { /* every version and header length */
        uint8_t *exact = malloc(len);
        memcpy(exact, whole, len);
        exact[ETH_LEN] = (uint8_t)first;
        repair_checksums(exact, len);
        if (first >> 4 != 4 || (first & 15) < 5)
            CHECK_MEM(exact + ETH_LEN + 1, whole + ETH_LEN + 1, len - ETH_LEN - 1);
        free(exact);
    }
    for (unsigned udp_len = 0; udp_len < 300; udp_len++) {
        len = build(f, 17, 20);
        uint8_t *l4 = f + ETH_LEN + IP_LEN;
        l4[4] = (uint8_t)(udp_len >> 8), l4[5] = (uint8_t)udp_len;
        unsigned before = (unsigned)l4[6] << 8 | l4[7];
        repair_checksums(f, len);
        if (udp_len < 8 || udp_len > 20)
            CHECK_INT((unsigned)l4[6] << 8 | l4[7], before);
    }
}
