/* harness/fuzz/replay.c: the target `replay`: the reader of recordings (control/recording.h).
 *
 * Input: a file, with a header and records whose checks chain. The mutator changes it and then,
 * most of the time, repairs lengths and the chain of checks. */
#include "harness/control/recording.h"
#include "harness/fuzz/claim.h"
#include "harness/fuzz/dice.h"
#include "harness/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define HEAD 5u /* "LWR1" and the length of the build id */
#define SEED 8u
#define CHECK 4u
#define LENGTH 4u

void replay_input(const uint8_t *bytes, size_t len)
{
    struct recording r = {0};
    uint8_t *copy = malloc(len != 0 ? len : 1);
    if (copy == NULL)
        return;
    memcpy(copy, bytes, len);
    if (!recording_adopt(&r, copy, len)) {
        CLAIM(r.error[0] != '\0');
        recording_close(&r);
        return;
    }
    CLAIM(r.build >= r.bytes && r.build + r.build_len + SEED + CHECK <= r.bytes + len);
    size_t at = r.at, n, total = 0;
    bool whole = recording_verify(&r);
    CLAIM(r.at == at && whole == (r.error[0] == '\0'));
    r.error[0] = '\0';
    const uint8_t *record;
    while ((record = recording_next(&r, &n)) != NULL) {
        CLAIM(n >= 1 && record >= r.bytes + at + LENGTH && record + n + CHECK <= r.bytes + len);
        total += LENGTH + n + CHECK;
    }
    CLAIM(!whole || (r.error[0] == '\0' && at + total == len));
    recording_close(&r);
}

static uint32_t get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* Walks as a reader does; a record that runs over the end, or is empty, is given the rest. */
static void repair(uint8_t *bytes, size_t len)
{
    size_t at = len > HEAD ? HEAD + bytes[4] + SEED : len;
    if (at + CHECK > len)
        return;
    memcpy(bytes, "LWR1", 4);
    uint32_t check = XXH32(bytes, at, 0);
    put32(bytes + at, check);
    at += CHECK;
    while (len - at > LENGTH + CHECK) {
        size_t room = len - at - LENGTH - CHECK, n = get32(bytes + at);
        if (n == 0 || n > room)
            put32(bytes + at, (uint32_t)(n = room));
        check = XXH32(bytes + at, LENGTH + n, check);
        put32(bytes + at + LENGTH + n, check);
        at += LENGTH + n + CHECK;
    }
}

size_t replay_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    len = LLVMFuzzerMutate(bytes, len, max);
    if (!dice_once_in(d, 4))
        repair(bytes, len);
    return len;
}
