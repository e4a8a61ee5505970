/* harness/fuzz/wire_tcp.c: the parsers of TCP headers and options. */
#include "harness/fuzz/claim.h"
#include "harness/fuzz/fuzz.h"
#include "stack/wire/bytes.h"
#include "stack/wire/tcp.h"

#include <string.h>

/* The first octet says how much of the segment lies in later buffers. */
void wire_tcp_input(const uint8_t *bytes, size_t len)
{
    struct wire_tcp t;
    uint8_t again[WIRE_TCP_HLEN];
    if (len < 1)
        return;
    size_t total = len - 1 + 8 * (size_t)bytes[0];
    bytes++, len--;
    enum wire_tcp_result result = wire_tcp_parse(bytes, len, total, &t);
    CLAIM((result == WIRE_TCP_SHORT) == (len < WIRE_TCP_HLEN));
    if (result == WIRE_TCP_SHORT)
        return;
    CLAIM(t.header_len % 4 == 0 && t.header_len <= WIRE_TCP_HLEN_MAX);
    CLAIM((result == WIRE_TCP_OFFSET_SMALL) == (t.header_len < WIRE_TCP_HLEN));
    CLAIM((result == WIRE_TCP_OFFSET_LARGE) == (t.header_len > total));
    wire_tcp_emit(again, &t);
    again[12] = (uint8_t)(again[12] | (bytes[12] & 0x0f)); /* reserved bits are not kept */
    CLAIM(memcmp(again, bytes, sizeof again) == 0);
}

static bool same_options(const struct wire_tcp_options *a, const struct wire_tcp_options *b)
{
    return a->present == b->present && a->sack_count == b->sack_count &&
           (!(a->present & WIRE_TCP_OPT_MSS) || a->mss == b->mss) &&
           (!(a->present & WIRE_TCP_OPT_WS) || a->window_shift == b->window_shift) &&
           (!(a->present & WIRE_TCP_OPT_TS) ||
            (a->ts_value == b->ts_value && a->ts_echo == b->ts_echo)) &&
           memcmp(a->sack, b->sack, a->sack_count * sizeof a->sack[0]) == 0;
}

/* What a plain walk finds: the number of options before the first that is malformed, and whether
 * there is one. Written after the RFC alone, slower than the parser. */
static bool walk(const uint8_t *area, size_t len, unsigned first[256])
{
    static const uint8_t fixed[9] = {0, 0, 4, 3, 2, 0, 0, 0, 10};
    size_t at = 0;
    while (at < len && area[at] != 0) {
        unsigned kind = area[at], option_len = 1;
        if (kind != 1) {
            if (at + 1 == len)
                return false;
            option_len = area[at + 1];
            bool wrong = option_len < 2 || at + option_len > len;
            wrong = wrong || (kind < 9 && fixed[kind] != 0 && option_len != fixed[kind]);
            wrong = wrong || (kind == 5 && (option_len == 2 || option_len % 8 != 2));
            if (wrong)
                return false;
            if (first[kind] == 0)
                first[kind] = (unsigned)at + 1;
        }
        at += option_len;
    }
    return true;
}

static void compare(const uint8_t *area, const unsigned first[256],
                    const struct wire_tcp_options *o)
{
    CLAIM(((o->present & WIRE_TCP_OPT_MSS) != 0) == (first[2] != 0));
    CLAIM(((o->present & WIRE_TCP_OPT_WS) != 0) == (first[3] != 0));
    CLAIM(((o->present & WIRE_TCP_OPT_SACK_OK) != 0) == (first[4] != 0));
    CLAIM(((o->present & WIRE_TCP_OPT_SACK) != 0) == (first[5] != 0));
    CLAIM(((o->present & WIRE_TCP_OPT_TS) != 0) == (first[8] != 0));
    /* first[kind] - 1 is where the option begins, its value stands two octets further on */
    CLAIM(first[2] == 0 || o->mss == get_be16(area + first[2] + 1));
    CLAIM(first[3] == 0 || o->window_shift == area[first[3] + 1]);
    CLAIM(first[8] == 0 || (o->ts_value == get_be32(area + first[8] + 1) &&
                            o->ts_echo == get_be32(area + first[8] + 5)));
    CLAIM(o->sack_count == (first[5] == 0 ? 0 : area[first[5]] / 8));
    for (unsigned i = 0; i < o->sack_count; i++)
        CLAIM(o->sack[i].left == get_be32(area + first[5] + 1 + 8 * i) &&
              o->sack[i].right == get_be32(area + first[5] + 5 + 8 * i));
}

void tcp_options_input(const uint8_t *bytes, size_t len)
{
    struct wire_tcp_options o, back;
    uint8_t out[WIRE_TCP_OPTIONS_MAX], again[WIRE_TCP_OPTIONS_MAX];
    unsigned first[256] = {0};
    if (len > WIRE_TCP_OPTIONS_MAX)
        len = WIRE_TCP_OPTIONS_MAX;
    bool sound = wire_tcp_options_parse(bytes, len, &o);
    CLAIM(sound == walk(bytes, len, first));
    compare(bytes, first, &o);

    /* everything that was read can be written, but for SACK blocks that find no room */
    size_t n = wire_tcp_options_emit(out, sizeof out, &o);
    CLAIM(n <= sizeof out && n % 4 == 0 && n == wire_tcp_options_len(&o));
    CLAIM(wire_tcp_options_parse(out, n, &back));
    CLAIM(back.sack_count <= o.sack_count);
    if (back.sack_count == o.sack_count)
        CLAIM(same_options(&o, &back));
    size_t m = wire_tcp_options_emit(again, sizeof again, &back);
    CLAIM(m == n && memcmp(again, out, n) == 0);
    for (size_t room = 0; room < sizeof out; room += 4)
        CLAIM(wire_tcp_options_emit(out, room, &o) <= room);
}
