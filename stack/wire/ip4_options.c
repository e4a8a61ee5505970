/* wire/ip4_options.c: see wire/ip4_options.h. */
#include "stack/wire/ip4_options.h"

#include <string.h>

#include "stack/wire/bytes.h"
#include "stack/wire/ip4.h"

/* Offsets inside an option. */
enum { AT_LENGTH = 1, AT_POINTER = 2, AT_FLAGS = 3 };

/* Flags of the timestamp option. */
enum { STAMP_ONLY = 0, STAMP_AND_ADDRESS = 1, STAMP_PRESPECIFIED = 3 };

enum wire_ip4_option_step wire_ip4_option_next(struct wire_ip4_option_walk *w,
                                               struct wire_ip4_option *o)
{
    while (w->next < w->len && w->area[w->next] == WIRE_IP4_OPTION_NOP)
        w->next++;
    if (w->next >= w->len || w->area[w->next] == WIRE_IP4_OPTION_END)
        return WIRE_IP4_OPTION_DONE;

    unsigned left = (unsigned)(w->len - w->next);
    if (left < 2)
        return WIRE_IP4_OPTION_BAD; /* the length octet itself is missing: point at the type */
    o->type = w->area[w->next];
    o->at = w->next;
    o->len = w->area[w->next + AT_LENGTH];
    if (o->len < 2 || o->len > left) {
        w->next = (uint8_t)(w->next + AT_LENGTH);
        return WIRE_IP4_OPTION_BAD;
    }
    w->next = (uint8_t)(w->next + o->len);
    return WIRE_IP4_OPTION;
}

/* The route options count slots of four octets from octet 4 on; a pointer behind the end means
 * that no slot is free. Returns 0 or the offset of the wrong octet in the option. */
static unsigned check_route(const uint8_t *option, unsigned len)
{
    if (len < 3)
        return AT_LENGTH;
    unsigned pointer = option[AT_POINTER];
    if (pointer < 4)
        return AT_POINTER;
    if (pointer <= len && ((pointer - 4) % 4 != 0 || pointer + 3 > len))
        return AT_POINTER;
    return 0;
}

static unsigned check_timestamp(const uint8_t *option, unsigned len)
{
    if (len < 4)
        return AT_LENGTH;
    unsigned flags = option[AT_FLAGS] & 0x0fu, pointer = option[AT_POINTER];
    if (flags != STAMP_ONLY && flags != STAMP_AND_ADDRESS && flags != STAMP_PRESPECIFIED)
        return AT_FLAGS;
    unsigned slot = flags == STAMP_ONLY ? 4 : 8;
    if (pointer < 5)
        return AT_POINTER;
    if (pointer <= len && ((pointer - 5) % slot != 0 || pointer + slot - 1 > len))
        return AT_POINTER;
    return 0;
}

static unsigned check_option(const uint8_t *option, unsigned len)
{
    switch (option[0]) {
    case WIRE_IP4_OPTION_RECORD_ROUTE:
    case WIRE_IP4_OPTION_LOOSE_ROUTE:
    case WIRE_IP4_OPTION_STRICT_ROUTE:
        return check_route(option, len);
    case WIRE_IP4_OPTION_TIMESTAMP:
        return check_timestamp(option, len);
    case WIRE_IP4_OPTION_ROUTER_ALERT:
        return len == 4 ? 0 : AT_LENGTH; /* [RFC2113 2.1] */
    default:
        return 0;
    }
}

enum wire_ip4_options_verdict wire_ip4_options_check(const uint8_t *area, size_t len,
                                                     uint8_t *offence)
{
    struct wire_ip4_option_walk walk;
    struct wire_ip4_option o;
    enum wire_ip4_option_step step;
    bool source_route = false;

    wire_ip4_option_start(&walk, area, len);
    while ((step = wire_ip4_option_next(&walk, &o)) == WIRE_IP4_OPTION) {
        unsigned wrong = check_option(area + o.at, o.len);
        bool is_route =
            o.type == WIRE_IP4_OPTION_LOOSE_ROUTE || o.type == WIRE_IP4_OPTION_STRICT_ROUTE;
        if (wrong != 0 || (is_route && source_route)) {
            /* a second source route is itself the offence [RFC1122 3.2.1.8(c)] */
            *offence = (uint8_t)(WIRE_IP4_HEADER + o.at + wrong);
            return WIRE_IP4_OPTIONS_MALFORMED;
        }
        source_route = source_route || is_route;
    }
    if (step == WIRE_IP4_OPTION_BAD) {
        *offence = (uint8_t)(WIRE_IP4_HEADER + walk.next);
        return WIRE_IP4_OPTIONS_MALFORMED;
    }
    return source_route ? WIRE_IP4_OPTIONS_SOURCE_ROUTE : WIRE_IP4_OPTIONS_SOUND;
}

static size_t pad(uint8_t *out, size_t used)
{
    while (used % 4 != 0)
        out[used++] = WIRE_IP4_OPTION_END;
    return used;
}

size_t wire_ip4_options_copied(uint8_t out[WIRE_IP4_OPTIONS_MAX], const uint8_t *area, size_t len)
{
    struct wire_ip4_option_walk walk;
    struct wire_ip4_option o;
    size_t used = 0;

    wire_ip4_option_start(&walk, area, len);
    while (wire_ip4_option_next(&walk, &o) == WIRE_IP4_OPTION) {
        if ((o.type & WIRE_IP4_OPTION_COPIED) == 0)
            continue;
        memcpy(out + used, area + o.at, o.len);
        used += o.len;
    }
    return pad(out, used);
}

size_t wire_ip4_options_echoed(uint8_t out[WIRE_IP4_OPTIONS_MAX], const uint8_t *area, size_t len)
{
    struct wire_ip4_option_walk walk;
    struct wire_ip4_option o;
    size_t used = 0;

    wire_ip4_option_start(&walk, area, len);
    while (wire_ip4_option_next(&walk, &o) == WIRE_IP4_OPTION) {
        if (o.type != WIRE_IP4_OPTION_RECORD_ROUTE && o.type != WIRE_IP4_OPTION_TIMESTAMP)
            continue;
        memcpy(out + used, area + o.at, o.len);
        used += o.len;
    }
    return pad(out, used);
}

static bool record_route(uint8_t *option, unsigned len, uint32_t address)
{
    unsigned pointer = option[AT_POINTER];
    if (pointer + 3 > len)
        return false; /* full: forwarded as it is [RFC791 3.1] */
    put_be32(option + pointer - 1, address);
    option[AT_POINTER] = (uint8_t)(pointer + 4);
    return true;
}

static bool record_timestamp(uint8_t *option, unsigned len, uint32_t address, uint32_t time_ms,
                             bool (*is_ours)(uint32_t address))
{
    unsigned flags = option[AT_FLAGS] & 0x0fu, pointer = option[AT_POINTER];
    unsigned slot = flags == STAMP_ONLY ? 4 : 8;

    if (pointer + slot - 1 > len) {
        /* no room: one more host that could not register; 15 stays 15 rather than wrap. The
         * prespecified form has no slot for us then: nothing was lost. */
        if (flags == STAMP_PRESPECIFIED || option[AT_FLAGS] >> 4 == 15)
            return false;
        option[AT_FLAGS] = (uint8_t)(option[AT_FLAGS] + 0x10u);
        return true;
    }
    uint8_t *at = option + pointer - 1;
    if (flags == STAMP_PRESPECIFIED && !is_ours(get_be32(at)))
        return false;
    if (flags == STAMP_AND_ADDRESS)
        put_be32(at, address);
    put_be32(at + slot - 4, time_ms);
    option[AT_POINTER] = (uint8_t)(pointer + slot);
    return true;
}

bool wire_ip4_options_record(uint8_t *area, size_t len, uint32_t address, uint32_t time_ms,
                             bool (*is_ours)(uint32_t address))
{
    struct wire_ip4_option_walk walk;
    struct wire_ip4_option o;
    bool changed = false;

    wire_ip4_option_start(&walk, area, len);
    while (wire_ip4_option_next(&walk, &o) == WIRE_IP4_OPTION) {
        if (o.type == WIRE_IP4_OPTION_RECORD_ROUTE)
            changed |= record_route(area + o.at, o.len, address);
        else if (o.type == WIRE_IP4_OPTION_TIMESTAMP)
            changed |= record_timestamp(area + o.at, o.len, address, time_ms, is_ours);
    }
    return changed;
}
