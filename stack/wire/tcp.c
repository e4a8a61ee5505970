/* wire/tcp.c: TCP headers between bytes and values. Read wire/tcp.h first. */
#include "stack/wire/tcp.h"

#include "stack/wire/bytes.h"

/* Kinds of options and their lengths. */
enum {
    KIND_END = 0,
    KIND_NOP = 1,
    KIND_MSS = 2, MSS_LEN = 4,
    KIND_WS = 3, WS_LEN = 3,
    KIND_SACK_OK = 4, SACK_OK_LEN = 2,
    KIND_SACK = 5, SACK_BLOCK_LEN = 8,
    KIND_TS = 8, TS_LEN = 10
};

/* NOP NOP TS: how nearly everybody aligns a timestamp (RFC 7323, appendix A), and all that a data
 * segment carries while nothing is lost. */
#define TS_GROUP ((uint32_t)KIND_NOP << 24 | KIND_NOP << 16 | KIND_TS << 8 | TS_LEN)
#define SACK_OK_TS_GROUP \
    ((uint32_t)KIND_SACK_OK << 24 | SACK_OK_LEN << 16 | KIND_TS << 8 | TS_LEN)
#define TS_GROUP_LEN 12u
#define SYN_GROUP_LEN 20u /* what nearly every SYN carries: MSS, SACK-permitted TS, NOP WS */

/* Has this build to do with the option at all? */
static bool speaks(unsigned bit)
{
    return (WIRE_TCP_OPT_SPOKEN & bit) != 0;
}

static bool read_sack(const uint8_t *option, unsigned len, struct wire_tcp_options *o)
{
    unsigned blocks = (len - 2) / SACK_BLOCK_LEN;
    if (blocks < 1 || blocks > WIRE_TCP_SACK_MAX || len != 2 + blocks * SACK_BLOCK_LEN)
        return false;
    if (o->present & WIRE_TCP_OPT_SACK)
        return true;
    for (unsigned i = 0; i < blocks; i++) {
        o->sack[i].left = get_be32(option + 2 + i * SACK_BLOCK_LEN);
        o->sack[i].right = get_be32(option + 6 + i * SACK_BLOCK_LEN);
    }
    o->sack_count = (uint8_t)blocks;
    return true;
}

static void read_ts(const uint8_t *option, struct wire_tcp_options *o)
{
    o->ts_value = get_be32(option + 2);
    o->ts_echo = get_be32(option + 6);
}

/* A SYN's options in the order and alignment that Linux and we give them. */
static bool read_syn_group(const uint8_t *bytes, struct wire_tcp_options *o)
{
    uint32_t mss = get_be32(bytes), ws = get_be32(bytes + 16);

    if (mss >> 16 != (KIND_MSS << 8 | MSS_LEN) || get_be32(bytes + 4) != SACK_OK_TS_GROUP ||
        ws >> 8 != (KIND_NOP << 16 | KIND_WS << 8 | WS_LEN))
        return false;
    o->present =
        WIRE_TCP_OPT_MSS | WIRE_TCP_OPT_SACK_OK | WIRE_TCP_OPT_TS | WIRE_TCP_OPT_WS;
    o->mss = (uint16_t)mss;
    o->window_shift = (uint8_t)ws;
    read_ts(bytes + 6, o);
    return true;
}

/* `len` bytes at `option` are its own. False: no such option has that length. */
static bool read_option(const uint8_t *option, unsigned len, struct wire_tcp_options *o)
{
    unsigned bit;
    switch (option[0]) {
    case KIND_MSS:
        bit = WIRE_TCP_OPT_MSS;
        if (len != MSS_LEN)
            return false;
        if (!(o->present & bit))
            o->mss = get_be16(option + 2);
        break;
    case KIND_WS:
        bit = WIRE_TCP_OPT_WS;
        if (!speaks(bit))
            return true;
        if (len != WS_LEN)
            return false;
        if (!(o->present & bit))
            o->window_shift = option[2];
        break;
    case KIND_SACK_OK:
        bit = WIRE_TCP_OPT_SACK_OK;
        if (!speaks(bit))
            return true;
        if (len != SACK_OK_LEN)
            return false;
        break;
    case KIND_SACK:
        bit = WIRE_TCP_OPT_SACK;
        if (!speaks(bit))
            return true;
        if (!read_sack(option, len, o))
            return false;
        break;
    case KIND_TS:
        bit = WIRE_TCP_OPT_TS;
        if (!speaks(bit))
            return true;
        if (len != TS_LEN)
            return false;
        if (!(o->present & bit))
            read_ts(option, o);
        break;
    default:
        return true;
    }
    o->present = (uint16_t)(o->present | bit);
    return true;
}

bool wire_tcp_options_parse(const uint8_t *bytes, size_t len, struct wire_tcp_options *o)
{
    o->present = 0;
    o->sack_count = 0;
    if (speaks(WIRE_TCP_OPT_TS) && len == TS_GROUP_LEN && get_be32(bytes) == TS_GROUP) {
        o->present = WIRE_TCP_OPT_TS;
        read_ts(bytes + 2, o);
        return true;
    }
    if (WIRE_TCP_OPT_SPOKEN == WIRE_TCP_OPT_ALL && len == SYN_GROUP_LEN && read_syn_group(bytes, o))
        return true;
    /* each round consumes a byte at least, and reads none behind `len` */
    for (size_t at = 0; at < len;) {
        if (bytes[at] == KIND_END)
            return true;
        if (bytes[at] == KIND_NOP) {
            at++;
            continue;
        }
        if (len - at < 2)
            return false;
        unsigned option_len = bytes[at + 1];
        if (option_len < 2 || option_len > len - at || !read_option(bytes + at, option_len, o))
            return false;
        at += option_len;
    }
    return true;
}

#if WIRE_TCP_OPT_SPOKEN != WIRE_TCP_OPT_MSS /* else they are in the header */
static bool has(const struct wire_tcp_options *o, unsigned bit)
{
    return (o->present & bit & WIRE_TCP_OPT_SPOKEN) != 0;
}

/* SACK blocks that go into `room` bytes. */
static size_t sack_blocks(const struct wire_tcp_options *o, size_t room)
{
    if (!has(o, WIRE_TCP_OPT_SACK) || room < 4 + SACK_BLOCK_LEN)
        return 0;
    size_t fit = (room - 4) / SACK_BLOCK_LEN;
    return o->sack_count < fit ? o->sack_count : fit;
}

size_t wire_tcp_options_emit(uint8_t *bytes, size_t room, const struct wire_tcp_options *o)
{
    size_t used = 0;
    if (has(o, WIRE_TCP_OPT_MSS) && room >= 4) {
        put_be32(bytes, wire_tcp_mss_option(o->mss));
        used = 4;
    }
    bool sack_ok = has(o, WIRE_TCP_OPT_SACK_OK);
    if (has(o, WIRE_TCP_OPT_TS) && room - used >= TS_GROUP_LEN) {
        put_be32(bytes + used, sack_ok ? SACK_OK_TS_GROUP : TS_GROUP);
        put_be32(bytes + used + 4, o->ts_value);
        put_be32(bytes + used + 8, o->ts_echo);
        used += TS_GROUP_LEN;
    } else if (sack_ok && room - used >= 4) {
        put_be32(bytes + used, (uint32_t)KIND_NOP << 24 | KIND_NOP << 16 | KIND_SACK_OK << 8 |
                                   SACK_OK_LEN);
        used += 4;
    }
    if (has(o, WIRE_TCP_OPT_WS) && room - used >= 4) {
        put_be32(bytes + used, (uint32_t)KIND_NOP << 24 | KIND_WS << 16 | WS_LEN << 8 |
                                   o->window_shift);
        used += 4;
    }
    size_t blocks = sack_blocks(o, room - used);
    if (blocks > 0) {
        put_be32(bytes + used, (uint32_t)KIND_NOP << 24 | KIND_NOP << 16 | KIND_SACK << 8 |
                                   (uint32_t)(2 + blocks * SACK_BLOCK_LEN));
        used += 4;
        for (size_t i = 0; i < blocks; i++, used += SACK_BLOCK_LEN) {
            put_be32(bytes + used, o->sack[i].left);
            put_be32(bytes + used + 4, o->sack[i].right);
        }
    }
    return used;
}

size_t wire_tcp_options_len(const struct wire_tcp_options *o)
{
    size_t len = has(o, WIRE_TCP_OPT_MSS) ? 4 : 0;
    if (has(o, WIRE_TCP_OPT_TS))
        len += TS_GROUP_LEN;
    else if (has(o, WIRE_TCP_OPT_SACK_OK))
        len += 4;
    if (has(o, WIRE_TCP_OPT_WS))
        len += 4;
    size_t blocks = sack_blocks(o, WIRE_TCP_OPTIONS_MAX - len);
    return blocks > 0 ? len + 4 + blocks * SACK_BLOCK_LEN : len;
}
#endif
