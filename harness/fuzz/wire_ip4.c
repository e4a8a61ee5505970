/* harness/fuzz/wire_ip4.c: the parsers of IPv4 headers and options. */
#include "harness/fuzz/claim.h"
#include "harness/fuzz/fuzz.h"
#include "stack/wire/ip4.h"
#include "stack/wire/ip4_options.h"

#include <string.h>

/* The first octet says how much of the datagram lies in later buffers. */
void wire_ip4_input(const uint8_t *bytes, size_t len)
{
    struct wire_ip4 h;
    uint8_t again[WIRE_IP4_HEADER];
    if (len < 1)
        return;
    size_t available = len - 1 + 8 * (size_t)bytes[0];
    bytes++, len--;
    if (wire_ip4_parse(&h, bytes, len, available) != WIRE_IP4_OK)
        return;
    CLAIM(h.header_len >= WIRE_IP4_HEADER && h.header_len <= WIRE_IP4_HEADER_MAX);
    CLAIM(h.header_len <= len && h.header_len <= h.total_len && h.total_len <= available);
    CLAIM(wire_ip4_is_fragment(&h) == ((h.fragment & 0x3fff) != 0));
    wire_ip4_emit(again, &h);
    /* the header length is written as 20: options are not its business */
    CLAIM(memcmp(again + 1, bytes + 1, sizeof again - 1) == 0);
    if (h.ttl == 0)
        return;
    memcpy(again, bytes, sizeof again);
    wire_ip4_decrement_ttl(again);
    CLAIM(again[WIRE_IP4_AT_TTL] == h.ttl - 1);
}

static bool is_ours(uint32_t address)
{
    return (address & 1) != 0;
}

static void walk(const uint8_t *area, size_t len, bool sound)
{
    struct wire_ip4_option_walk w;
    struct wire_ip4_option o;
    enum wire_ip4_option_step step;
    unsigned steps = 0;
    wire_ip4_option_start(&w, area, len);
    while ((step = wire_ip4_option_next(&w, &o)) == WIRE_IP4_OPTION) {
        CLAIM(++steps <= WIRE_IP4_OPTIONS_MAX);
        CLAIM(o.len >= 2 && o.at + o.len <= len);
        CLAIM(o.type == area[o.at] && o.len == area[o.at + 1]);
    }
    CLAIM(!sound || step == WIRE_IP4_OPTION_DONE);
}

void wire_ip4_options_input(const uint8_t *bytes, size_t len)
{
    uint8_t area[WIRE_IP4_OPTIONS_MAX], out[WIRE_IP4_OPTIONS_MAX], offence = 0;
    if (len > WIRE_IP4_OPTIONS_MAX)
        len = WIRE_IP4_OPTIONS_MAX;
    enum wire_ip4_options_verdict verdict = wire_ip4_options_check(bytes, len, &offence);
    bool sound = verdict != WIRE_IP4_OPTIONS_MALFORMED;
    CLAIM(sound || (offence >= WIRE_IP4_HEADER && offence <= WIRE_IP4_HEADER + len));
    walk(bytes, len, sound);
    size_t n = wire_ip4_options_copied(out, bytes, len);
    CLAIM(n <= WIRE_IP4_OPTIONS_MAX && n % 4 == 0);
    CLAIM(!sound || wire_ip4_options_check(out, n, &offence) != WIRE_IP4_OPTIONS_MALFORMED);
    n = wire_ip4_options_echoed(out, bytes, len);
    CLAIM(n <= WIRE_IP4_OPTIONS_MAX && n % 4 == 0);
    CLAIM(!sound || wire_ip4_options_check(out, n, &offence) != WIRE_IP4_OPTIONS_MALFORMED);
    if (!sound)
        return;
    memcpy(area, bytes, len);
    bool changed = wire_ip4_options_record(area, len, 0x0a000001, 12345, is_ours);
    CLAIM(changed == (memcmp(area, bytes, len) != 0));
    walk(area, len, true);
}
