/* harness/fuzz/frames.c: the target `frames`: several frames with delays between them.
 *
 * Input: one octet, the prepared world; then records (records.h) with a head of two octets: choices
 * (bits 0-1 the port, bits 2-4 the unit of the delay before the frame) and how many units. */
#include "harness/fuzz/fuzz.h"
#include "harness/fuzz/mutate.h"
#include "harness/fuzz/records.h"
#include "harness/fuzz/stage.h"

#include "vnet/frame.h"

#define CHOICE_PORT 0x03u
#define CHOICE_UNIT_SHIFT 2u
#define CHOICE_UNIT 0x07u
#define UNITS 8u

#define FRAMES_MOST 32u
#define END_NS 2000000u
#define LONG_NS UINT64_C(60000000000)
/* As for one frame, and what the timers of minutes do. */
#define EVENTS 20000u

static const uint64_t unit_ns[UNITS] = {0,        1000,      20000,      1000000,
                                        10000000, 100000000, 1000000000, 0};

static void mutate_head(uint8_t *head, struct dice *d)
{
    static const uint8_t counts[] = {0, 1, 2, 3, 5, 7, 10, 15, 16, 25, 31, 60};
    if (dice_once_in(d, 2))
        head[0] = (uint8_t)dice_u64(d);
    else
        head[1] = counts[dice_below(d, sizeof counts)];
}

static const struct records_kind kind = {
    .preamble = 1, .head = 2, .most = FRAMES_MOST, .longest = FRAME_MAX, .mutate = mutate_frame,
    .mutate_head = mutate_head};

bool frames_open(const struct fuzz_options *options)
{
    return stage_open(options, "frame", STAGE_FRAMES);
}

/* Bit 7 of the first octet: the time after the last frame is long. */
void frames_input(const uint8_t *bytes, size_t len)
{
    struct records list;
    struct record r;
    if (len < 1)
        return;
    stage_begin(bytes[0] & 0x7fu);
    records_begin(&list, &kind, bytes, len);
    while (records_next(&list, &r)) {
        uint64_t delay = unit_ns[r.head[0] >> CHOICE_UNIT_SHIFT & CHOICE_UNIT] * r.head[1];
        if (delay > 0)
            stage_run(delay, EVENTS);
        if (r.len > 0)
            stage_send(r.head[0] & CHOICE_PORT, r.bytes, r.len);
    }
    stage_run(bytes[0] & 0x80u ? LONG_NS : END_NS, EVENTS);
    stage_end(true);
}

size_t frames_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    return records_mutate(&kind, bytes, len, max, d);
}

size_t frames_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
                    size_t room, struct dice *d)
{
    return records_cross(&kind, a, a_len, b, b_len, out, room, d);
}
