/* Tests of stack/core/inet_chksum.c: sums over chains equal sums over flat bytes. Runs on every
 * build. */
#include "unit.h"

#include "lwip/def.h"
#include "lwip/inet_chksum.h"
#include "lwip/ip_addr.h"
#include "lwip/pbuf.h"
#include "support.h"

/* RFC 1071, word by word: the oracle. */
static u16_t slow_sum(const u8_t *bytes, size_t len, u32_t sum)
{
    for (size_t i = 0; i < len; i++)
        sum += (u32_t)bytes[i] << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xFFFF)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return lwip_htons((u16_t)~sum);
}

static void fill(u8_t *bytes, size_t len, u32_t seed)
{
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (u8_t)(seed >> 24);
    }
}

UNIT(inet_chksum, flat_sum_is_right_for_every_length_and_alignment)
{
    u8_t bytes[300];
    fill(bytes, sizeof bytes, 1);
    for (u16_t at = 0; at < 8; at++)
        for (u16_t len = 0; len < 280; len++)
            CHECK_INT(inet_chksum(bytes + at, len), slow_sum(bytes + at, len, 0));
}

UNIT(inet_chksum, chains_with_odd_pieces_sum_as_flat_bytes)
{
    static const u16_t shapes[][5] = {
        {101}, {1, 100}, {3, 5, 93}, {50, 1, 1, 49}, {7, 7, 7, 7, 73}};
    u8_t bytes[101];
    struct support s;
    support_begin(&s, NULL, 0);
    fill(bytes, sizeof bytes, 2);
    ip4_addr_t src, dst;
    IP4_ADDR(&src, 10, 20, 30, 40);
    IP4_ADDR(&dst, 192, 168, 255, 254);
    for (unsigned i = 0; i < 5; i++) {
        struct pbuf *p = NULL;
        for (unsigned k = 0; k < 5 && shapes[i][k] != 0; k++) {
            struct pbuf *q = pbuf_alloc(PBUF_RAW, shapes[i][k], PBUF_RAM);
            if (p == NULL)
                p = q;
            else
                pbuf_cat(p, q);
        }
        CHECK_INT(pbuf_take(p, bytes, 101), ERR_OK);
        CHECK_INT(inet_chksum_pbuf(p), slow_sum(bytes, 101, 0));
        u32_t pseudo = 0x0A14u + 0x1E28u + 0xC0A8u + 0xFFFEu + 17u + 101u;
        CHECK_INT(inet_chksum_pseudo(p, 17, 101, &src, &dst), slow_sum(bytes, 101, pseudo));
        for (u16_t n = 0; n <= 101; n++)
            CHECK_INT(inet_chksum_pseudo_partial(p, 17, 101, n, &src, &dst),
                      slow_sum(bytes, n, pseudo));
        ip_addr_t isrc, idst;
        ip_addr_copy_from_ip4(isrc, src);
        ip_addr_copy_from_ip4(idst, dst);
        CHECK_INT(ip_chksum_pseudo(p, 17, 101, &isrc, &idst), slow_sum(bytes, 101, pseudo));
        CHECK_INT(ip_chksum_pseudo_partial(p, 17, 101, 8, &isrc, &idst),
                  slow_sum(bytes, 8, pseudo));
        pbuf_free(p);
    }
    support_end(&s);
}

UNIT(inet_chksum, all_zero_and_all_one_bytes)
{
    u8_t bytes[64] = {0};
    CHECK_INT(inet_chksum(bytes, 64), 0xFFFF);
    memset(bytes, 0xFF, sizeof bytes);
    CHECK_INT(inet_chksum(bytes, 64), 0);
    CHECK_INT(inet_chksum(bytes, 0), 0xFFFF);
}
