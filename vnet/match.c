/* match.c: fields of a frame by name, and conditions on them. Each field is a line of a table:
 * in which header, where, how wide, and how the value is cut out. */
#include "vnet/match.h"

#include "vnet/decode.h"

#include <assert.h>
#include <string.h>

enum header { HEADER_FRAME, HEADER_ETH, HEADER_TYPE, HEADER_VLAN, HEADER_ARP, HEADER_IP,
              HEADER_ICMP, HEADER_ICMP_ECHO, HEADER_IGMP, HEADER_UDP, HEADER_UDP_ONLY, HEADER_TCP,
              HEADER_TCP_DATA };

struct field {
    const char *name;
    uint8_t header;
    uint8_t offset, bytes;
    uint8_t shift; /* value = (bytes >> shift) & mask, times unit */
    uint8_t unit;
    uint64_t mask;
};

#define ALL UINT64_MAX

static const struct field fields[] = {
    {"frame.len", HEADER_FRAME, 0, 0, 0, 1, ALL},
    {"eth.dst", HEADER_ETH, 0, 6, 0, 1, ALL},
    {"eth.src", HEADER_ETH, 6, 6, 0, 1, ALL},
    {"eth.type", HEADER_TYPE, 0, 2, 0, 1, ALL},
    {"vlan.id", HEADER_VLAN, 0, 2, 0, 1, 0xfff},
    {"vlan.pcp", HEADER_VLAN, 0, 2, 13, 1, ALL},
    {"arp.op", HEADER_ARP, 6, 2, 0, 1, ALL},
    {"arp.sha", HEADER_ARP, 8, 6, 0, 1, ALL},
    {"arp.spa", HEADER_ARP, 14, 4, 0, 1, ALL},
    {"arp.tha", HEADER_ARP, 18, 6, 0, 1, ALL},
    {"arp.tpa", HEADER_ARP, 24, 4, 0, 1, ALL},
    {"ip.hl", HEADER_IP, 0, 1, 0, 4, 0xf},
    {"ip.tos", HEADER_IP, 1, 1, 0, 1, ALL},
    {"ip.len", HEADER_IP, 2, 2, 0, 1, ALL},
    {"ip.id", HEADER_IP, 4, 2, 0, 1, ALL},
    {"ip.df", HEADER_IP, 6, 2, 14, 1, 1},
    {"ip.mf", HEADER_IP, 6, 2, 13, 1, 1},
    {"ip.off", HEADER_IP, 6, 2, 0, 8, 0x1fff},
    {"ip.ttl", HEADER_IP, 8, 1, 0, 1, ALL},
    {"ip.proto", HEADER_IP, 9, 1, 0, 1, ALL},
    {"ip.src", HEADER_IP, 12, 4, 0, 1, ALL},
    {"ip.dst", HEADER_IP, 16, 4, 0, 1, ALL},
    {"icmp.type", HEADER_ICMP, 0, 1, 0, 1, ALL},
    {"icmp.code", HEADER_ICMP, 1, 1, 0, 1, ALL},
    {"icmp.id", HEADER_ICMP_ECHO, 4, 2, 0, 1, ALL},
    {"icmp.seq", HEADER_ICMP_ECHO, 6, 2, 0, 1, ALL},
    {"igmp.type", HEADER_IGMP, 0, 1, 0, 1, ALL},
    {"igmp.group", HEADER_IGMP, 4, 4, 0, 1, ALL},
    {"udp.sport", HEADER_UDP, 0, 2, 0, 1, ALL},
    {"udp.dport", HEADER_UDP, 2, 2, 0, 1, ALL},
    {"udp.len", HEADER_UDP_ONLY, 4, 2, 0, 1, ALL},
    {"tcp.sport", HEADER_TCP, 0, 2, 0, 1, ALL},
    {"tcp.dport", HEADER_TCP, 2, 2, 0, 1, ALL},
    {"tcp.seq", HEADER_TCP, 4, 4, 0, 1, ALL},
    {"tcp.ack", HEADER_TCP, 8, 4, 0, 1, ALL},
    {"tcp.flags", HEADER_TCP, 12, 2, 0, 1, 0x1ff},
    {"tcp.win", HEADER_TCP, 14, 2, 0, 1, ALL},
    {"tcp.len", HEADER_TCP_DATA, 12, 1, 0, 1, ALL},
};

#define FIELDS (sizeof fields / sizeof fields[0])

static const char *const op_texts[] = {
    [MATCH_EQ] = "==", [MATCH_NE] = "!=", [MATCH_LT] = "<",      [MATCH_LE] = "<=",
    [MATCH_GT] = ">",  [MATCH_GE] = ">=", [MATCH_ANY_BIT] = "&",
};

uint16_t match_field(const char *name)
{
    for (uint16_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return i;
    return MATCH_NO_FIELD;
}

const char *match_field_name(uint16_t field)
{
    return field < FIELDS ? fields[field].name : NULL;
}

bool match_op_parse(const char *text, uint8_t *op)
{
    for (uint8_t i = 0; i < sizeof op_texts / sizeof op_texts[0]; i++)
        if (strcmp(op_texts[i], text) == 0) {
            *op = i;
            return true;
        }
    return false;
}

/* Types whose second word is identifier and sequence number: echo, timestamp, information and
 * address mask with their replies. */
static bool icmp_has_id(uint8_t type)
{
    return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

static uint32_t upper(const struct decode *d, bool wanted)
{
    return wanted ? d->l4 : DECODE_NONE;
}

/* Where the header starts and where what belongs to it ends. */
static uint32_t find_header(const struct decode *d, enum header h, const struct frame *f,
                            uint32_t *end)
{
    *end = f->len;
    if (h >= HEADER_ICMP)
        *end = d->l4_end;
    if (h >= HEADER_ICMP && d->l4 == DECODE_NONE)
        return DECODE_NONE;
    switch (h) {
    case HEADER_TYPE:
        return d->type;
    case HEADER_VLAN:
        return d->vlan;
    case HEADER_ARP:
        return d->arp;
    case HEADER_IP:
        return d->ip;
    case HEADER_ICMP:
        return upper(d, d->proto == DECODE_ICMP);
    case HEADER_ICMP_ECHO:
        return upper(d, d->proto == DECODE_ICMP && d->l4 < d->l4_end &&
                            icmp_has_id(f->data[d->l4]));
    case HEADER_IGMP:
        return upper(d, d->proto == DECODE_IGMP);
    case HEADER_UDP:
        return upper(d, d->proto == DECODE_UDP || d->proto == DECODE_UDPLITE);
    case HEADER_UDP_ONLY:
        return upper(d, d->proto == DECODE_UDP);
    case HEADER_TCP:
    case HEADER_TCP_DATA:
        return upper(d, d->proto == DECODE_TCP);
    default:
        return 0;
    }
}

/* Bytes of data in a segment, by the datagram's length; false: its header does not fit. */
static bool tcp_data(const struct decode *d, const struct frame *f, uint64_t *value)
{
    uint32_t total = (uint32_t)f->data[d->ip + 2] << 8 | f->data[d->ip + 3];
    uint32_t headers = d->ip_header_len + (f->data[d->l4 + 12] >> 4) * 4u;
    *value = total - headers;
    return total >= headers && (f->data[d->l4 + 12] >> 4) >= 5;
}

/* false: the frame has no such field */
static bool read_field(const struct field *fd, const struct decode *d, const struct frame *f,
                       uint64_t *value)
{
    if (fd->header == HEADER_FRAME) {
        *value = f->len;
        return true;
    }
    uint32_t end, at = find_header(d, (enum header)fd->header, f, &end);
    if (at == DECODE_NONE || at + fd->offset + fd->bytes > end)
        return false;
    if (fd->header == HEADER_TCP_DATA)
        return tcp_data(d, f, value);
    uint64_t raw = 0;
    for (uint32_t i = 0; i < fd->bytes; i++)
        raw = raw << 8 | f->data[at + fd->offset + i];
    *value = (raw >> fd->shift & fd->mask) * fd->unit;
    return true;
}

static bool holds(enum match_op op, uint64_t have, uint64_t want)
{
    switch (op) {
    case MATCH_EQ: return have == want;
    case MATCH_NE: return have != want;
    case MATCH_LT: return have < want;
    case MATCH_LE: return have <= want;
    case MATCH_GT: return have > want;
    case MATCH_GE: return have >= want;
    case MATCH_ANY_BIT: return (have & want) != 0;
    default: return false;
    }
}

static bool bytes_hold(const struct match_term *t, const struct frame *f)
{
    assert(t->bytes_len <= MATCH_BYTES_MAX);
    return t->offset <= f->len && t->bytes_len <= f->len - t->offset &&
           memcmp(f->data + t->offset, t->bytes, t->bytes_len) == 0;
}

bool match_frame(const struct match_term *terms, uint32_t n, const struct frame *f)
{
    struct decode d;
    decode_frame(&d, f->data, f->len);
    for (uint32_t i = 0; i < n; i++) {
        const struct match_term *t = &terms[i];
        uint64_t value;
        if (t->op == MATCH_BYTES) {
            if (!bytes_hold(t, f))
                return false;
            continue;
        }
        if (t->field >= FIELDS || !read_field(&fields[t->field], &d, f, &value) ||
            !holds((enum match_op)t->op, value, t->value))
            return false;
    }
    return true;
}
