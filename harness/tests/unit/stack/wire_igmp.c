/* wire_igmp.c: IGMP messages. */
#include "stack/wire/igmp.h"
#include "stack/wire/checksum.h"
#include "unit.h"

#include <stdlib.h>

UNIT(wire_igmp, emit_into_filled_memory_has_a_right_checksum)
{
    uint8_t out[10];
    struct wire_igmp m = {.type = WIRE_IGMP_V2_REPORT, .group = 0xef010203}, back;
    /* 0x1600 + 0xef01 + 0x0203 = 0x10704 -> 0x0705, complement 0xf8fa */
    const uint8_t want[8] = {0x16, 0, 0xf8, 0xfa, 0xef, 1, 2, 3};
    memset(out, 0x5a, sizeof out);
    wire_igmp_emit(out, &m);
    CHECK_MEM(out, want, 8);
    CHECK_INT(out[8], 0x5a);
    CHECK_INT(checksum_fold(checksum_add(0, out, 8)), 0);
    CHECK(wire_igmp_parse(&back, out, 8));
    CHECK_INT(back.type, 0x16);
    CHECK_INT(back.max_response, 0);
    CHECK_INT(back.checksum, 0xf8fa);
    CHECK_INT(back.group, 0xef010203);
}

UNIT(wire_igmp, every_truncation_is_refused)
{
    for (size_t len = 0; len < 8; len++) {
        struct wire_igmp m;
        uint8_t *exact = calloc(1, len == 0 ? 1 : len);
        CHECKF(!wire_igmp_parse(&m, exact, len), "len %zu", len);
        free(exact);
    }
}

UNIT(wire_igmp, longer_message_is_read_as_far_as_eight_octets)
{
    const uint8_t bytes[12] = {0x11, 100, 1, 2, 224, 0, 0, 9, 0xff, 0xff, 0xff, 0xff};
    struct wire_igmp m;
    CHECK(wire_igmp_parse(&m, bytes, sizeof bytes));
    CHECK_INT(m.type, WIRE_IGMP_QUERY);
    CHECK_INT(m.max_response, 100);
    CHECK_INT(m.group, 0xe0000009);
}
