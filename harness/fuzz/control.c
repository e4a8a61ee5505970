/* harness/fuzz/control.c: the target `control`: a controller that says anything.
 *
 * Input: one octet, the prepared world (0 is the empty one, in which nobody has said hello); then
 * records (records.h) without a head: messages of PROTOCOL.md. A message that is asked for while an
 * event waits is the next record. Breaking the protocol ends an input, as it ends a process. */
#include "harness/fuzz/dice.h"
#include "harness/fuzz/fuzz.h"
#include "harness/fuzz/records.h"
#include "harness/fuzz/stage.h"

#include <stdio.h>
#include <string.h>

#define MESSAGES_MOST 48u
#define MESSAGE_LONGEST 4096u

static size_t mutate_message(uint8_t *bytes, size_t len, size_t max, struct dice *d);

static const struct records_kind kind = {
    .preamble = 1, .most = MESSAGES_MOST, .longest = MESSAGE_LONGEST, .mutate = mutate_message};

static struct records list;

static const uint8_t *next_message(size_t *len)
{
    struct record r;
    if (!records_next(&list, &r) || r.len == 0)
        return NULL;
    *len = r.len;
    return r.bytes;
}

bool control_open(const struct fuzz_options *options)
{
    stage_next_set(next_message);
    return stage_open(options, "control", STAGE_COMMANDS);
}

void control_input(const uint8_t *bytes, size_t len)
{
    struct records *r = &list;
    struct record message;
    if (len < 1)
        return;
    if (bytes[0] == 0)
        stage_begin_empty();
    else
        stage_begin(bytes[0] - 1u);
    records_begin(r, &kind, bytes, len);
    while (records_next(r, &message))
        if (message.len > 0 && !stage_hear(message.bytes, message.len))
            break;
    stage_end(true);
}

/* JSON tokens: where the i-th value or name begins and ends; whatever lies between delimiters. */
static bool find_token(const uint8_t *bytes, size_t len, size_t which, size_t *at, size_t *end)
{
    static const char delimiters[] = "{}[]:, ";
    size_t seen = 0;
    for (size_t i = 1; i < len; i = *end + 1) {
        *at = i;
        for (*end = i; *end < len && strchr(delimiters, bytes[*end]) == NULL; (*end)++)
            if (bytes[*end] == '\0')
                break;
        if (*end > i && seen++ == which)
            return true;
    }
    return false;
}

/* A token becomes another of the same message, or one that means something. */
static size_t change_token(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    static const char *const texts[] = {
        "0", "1", "2", "3", "-1", "255", "256", "1500", "65535", "65536", "4294967295",
        "4294967296", "18446744073709551615", "9223372036854775807", "1e9", "0.5", "null", "true",
        "false", "[]", "{}", "\"\"", "\"10.0.0.1\"", "\"255.255.255.255\"", "\"224.0.0.5\"",
        "\"lan\"", "\"a\"", "\"tester\"", "[0,1]", "[1,1]", "[1,0]", "[\"udp.dport\",\"==\",7]"};
    size_t tokens = 0, at, end, from, until;
    char text[256];
    while (find_token(bytes, len, tokens, &at, &end))
        tokens++;
    if (tokens == 0)
        return len;
    find_token(bytes, len, dice_below(d, tokens), &at, &end);
    size_t n;
    if (dice_once_in(d, 3)) {
        find_token(bytes, len, dice_below(d, tokens), &from, &until);
        n = until - from < sizeof text ? until - from : sizeof text;
        memcpy(text, bytes + from, n);
    } else {
        const char *pick = texts[dice_below(d, sizeof texts / sizeof texts[0])];
        n = strlen(pick);
        memcpy(text, pick, n);
    }
    if (len - (end - at) + n > max)
        return len;
    memmove(bytes + at + n, bytes + end, len - end);
    memcpy(bytes + at, text, n);
    return len - (end - at) + n;
}

static size_t mutate_message(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    if (len > 0 && len <= max && bytes[0] == 'C' && !dice_once_in(d, 4))
        return change_token(bytes, len, max, d);
    return LLVMFuzzerMutate(bytes, len, max);
}

size_t control_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    return records_mutate(&kind, bytes, len, max, d);
}

size_t control_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
                     size_t room, struct dice *d)
{
    return records_cross(&kind, a, a_len, b, b_len, out, room, d);
}
