/* harness/fuzz/frame.c: the target `frame`: one Ethernet frame into a prepared host.
 *
 * Input: one octet of choices, then the frame. Choices: bits 0-1 the port it comes from, bit 2
 * time goes on until every timer of below TCP has fired, bits 3-6 the prepared world, bit 7
 * unused. */
#include "harness/fuzz/fuzz.h"
#include "harness/fuzz/mutate.h"
#include "harness/fuzz/stage.h"

#define CHOICE_PORT 0x03u
#define CHOICE_LONG 0x04u
#define CHOICE_WORLD_SHIFT 3u
#define CHOICE_WORLD 0x0fu

/* A frame and what it causes at once are on the wire for less. */
#define SHORT_NS 2000000u
/* Reassembly gives up after 15 s, an IGMP report waits for up to 25 s, ARP asks for 5 s. */
#define LONG_NS UINT64_C(60000000000)
/* One frame may make a host send some two hundred (a giant forwarded to an interface with a
 * minimal MTU); each takes about four events. */
#define EVENTS 4000u

bool frame_open(const struct fuzz_options *options)
{
    return stage_open(options, "frame", STAGE_FRAMES);
}

void frame_input(const uint8_t *bytes, size_t len)
{
    if (len < 2)
        return;
    uint8_t choices = bytes[0];
    stage_begin(choices >> CHOICE_WORLD_SHIFT & CHOICE_WORLD);
    stage_send(choices & CHOICE_PORT, bytes + 1, len - 1);
    stage_run(choices & CHOICE_LONG ? LONG_NS : SHORT_NS, EVENTS);
    stage_end(fuzz_is_chosen(bytes, len, FUZZ_THOROUGH_ONE_IN));
}

size_t frame_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    if (len < 2 || max < 2)
        return LLVMFuzzerMutate(bytes, len, max);
    if (dice_once_in(d, 16))
        bytes[0] = (uint8_t)dice_u64(d);
    /* Time that goes on is dear, and finds new ground for every frame: it is to stay rare. */
    if (!dice_once_in(d, 8))
        bytes[0] &= (uint8_t)~CHOICE_LONG;
    return 1 + mutate_frame(bytes + 1, len - 1, max - 1, d);
}
