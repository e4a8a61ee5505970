/* wire/ip4_options.h: the options of an IPv4 header [RFC791 3.1].
 *
 * struct wire_ip4_option_walk walks an option area of at most 40 bytes. Each step yields one
 * option whose bytes lie wholly inside the area; no-operations are skipped, the walk ends at
 * end-of-list or behind the last byte (what follows end-of-list is padding, never looked at), and
 * every step consumes at least one byte, so that it always terminates.
 *
 * wire_ip4_options_check() judges a whole area: the form of every option and the content of those
 * it knows. Positions are octets from the start of the IP header, as ICMP parameter problem wants
 * them [RFC792 Param Problem]. Unknown options of sound form are accepted [RFC1122 3.2.1.8]. */
#ifndef STACK_WIRE_IP4_OPTIONS_H
#define STACK_WIRE_IP4_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_IP4_OPTIONS_MAX 40u

enum wire_ip4_option_type {
    WIRE_IP4_OPTION_END = 0,
    WIRE_IP4_OPTION_NOP = 1,
    WIRE_IP4_OPTION_RECORD_ROUTE = 7,
    WIRE_IP4_OPTION_TIMESTAMP = 68,
    WIRE_IP4_OPTION_LOOSE_ROUTE = 131,
    WIRE_IP4_OPTION_STRICT_ROUTE = 137,
    WIRE_IP4_OPTION_ROUTER_ALERT = 148
};
#define WIRE_IP4_OPTION_COPIED 0x80u /* bit of the type: goes into every fragment */

enum wire_ip4_option_step { WIRE_IP4_OPTION, WIRE_IP4_OPTION_DONE, WIRE_IP4_OPTION_BAD };

struct wire_ip4_option_walk {
    const uint8_t *area;
    uint8_t len;
    uint8_t next; /* offset in the area of what comes next; after BAD: of the offending octet */
};

struct wire_ip4_option {
    uint8_t type;
    uint8_t at;  /* offset of the type octet in the area */
    uint8_t len; /* with type and length octets: 2 to 40 */
};

/* len: at most 40. */
static inline void wire_ip4_option_start(struct wire_ip4_option_walk *w, const uint8_t *area,
                                         size_t len)
{
    w->area = area;
    w->len = (uint8_t)len;
    w->next = 0;
}

enum wire_ip4_option_step wire_ip4_option_next(struct wire_ip4_option_walk *w,
                                               struct wire_ip4_option *o);

enum wire_ip4_options_verdict {
    WIRE_IP4_OPTIONS_SOUND,
    WIRE_IP4_OPTIONS_SOURCE_ROUTE, /* sound, and holds one loose or strict source route */
    WIRE_IP4_OPTIONS_MALFORMED     /* *offence: position of the offending octet in the header */
};
enum wire_ip4_options_verdict wire_ip4_options_check(const uint8_t *area, size_t len,
                                                     uint8_t *offence);

/* What a later fragment carries of a datagram's options: those with the copied bit, padded with
 * end-of-list to a multiple of four [RFC791 3.1]. Returns the length written (0 to 40). The area
 * must be sound; from a malformed option on nothing is copied. */
size_t wire_ip4_options_copied(uint8_t out[WIRE_IP4_OPTIONS_MAX], const uint8_t *area, size_t len);

/* What an echo reply carries of the request's options: record route and timestamp, without
 * truncation [RFC1122 3.2.2.6]. Same conventions. */
size_t wire_ip4_options_echoed(uint8_t out[WIRE_IP4_OPTIONS_MAX], const uint8_t *area, size_t len);

/* Adds this host to record route and timestamp options, in place, where there is room and the
 * option asks for us; a full timestamp option counts the overflow. `address` (host order) is
 * recorded; `is_ours` tells whether a prespecified address is one of our own; `time_ms` is written
 * as it is. Returns true when a byte changed: the header checksum is then stale. The area must be
 * sound. */
bool wire_ip4_options_record(uint8_t *area, size_t len, uint32_t address, uint32_t time_ms,
                             bool (*is_ours)(uint32_t address));

#endif
