/* harness/fuzz/records.c */
#include "harness/fuzz/records.h"

#include "harness/fuzz/fuzz.h"

#include <string.h>

#define LENGTH 2u
#define MOST 64u

void records_begin(struct records *r, const struct records_kind *kind, const uint8_t *bytes,
                   size_t len)
{
    size_t skip = len < kind->preamble ? len : kind->preamble;
    *r = (struct records){.kind = kind, .at = bytes + skip, .end = bytes + len};
}

bool records_next(struct records *r, struct record *record)
{
    size_t before = r->kind->head + LENGTH;
    if ((size_t)(r->end - r->at) <= before || r->count == r->kind->most)
        return false;
    const uint8_t *length = r->at + r->kind->head;
    size_t left = (size_t)(r->end - r->at) - before, len = length[0] + 256u * length[1];
    len = len < left ? len : left;
    *record = (struct record){r->at, r->at + before, len};
    r->at += before + len;
    r->count++;
    if (record->len > r->kind->longest)
        record->len = r->kind->longest;
    return true;
}

/* A list being written. */
struct writing {
    const struct records_kind *kind;
    uint8_t *out;
    size_t len, room;
};

/* A record that does not fit whole is left out. */
static void put(struct writing *w, const struct record *r)
{
    size_t head = w->kind->head;
    if (r->len == 0 || w->room - w->len < head + LENGTH + r->len)
        return;
    uint8_t *to = w->out + w->len;
    memcpy(to, r->head, head);
    to[head] = (uint8_t)r->len;
    to[head + 1] = (uint8_t)(r->len >> 8);
    memcpy(to + head + LENGTH, r->bytes, r->len);
    w->len += head + LENGTH + r->len;
}

static unsigned split(const struct records_kind *kind, const uint8_t *bytes, size_t len,
                      struct record all[MOST])
{
    struct records r;
    unsigned n = 0;
    records_begin(&r, kind, bytes, len);
    while (n < MOST && records_next(&r, &all[n]))
        n++;
    return n;
}

enum change { CHANGE_BYTES, CHANGE_HEAD, CHANGE_COPY, CHANGE_OUT, CHANGE_SWAP, CHANGE_CUT };

static enum change choose(struct dice *d)
{
    static const enum change often[] = {CHANGE_BYTES, CHANGE_BYTES, CHANGE_BYTES, CHANGE_BYTES,
                                        CHANGE_BYTES, CHANGE_BYTES, CHANGE_HEAD, CHANGE_HEAD,
                                        CHANGE_COPY, CHANGE_COPY, CHANGE_OUT, CHANGE_SWAP,
                                        CHANGE_CUT};
    return often[dice_below(d, sizeof often / sizeof often[0])];
}

/* Copies what is to be changed, as the list itself is being written over. */
static void change_bytes(const struct records_kind *kind, struct record *r, uint8_t *scratch,
                         size_t room, struct dice *d)
{
    memcpy(scratch, r->head, kind->head);
    memcpy(scratch + kind->head, r->bytes, r->len);
    r->head = scratch;
    r->bytes = scratch + kind->head;
    r->len = kind->mutate(scratch + kind->head, r->len, room, d);
}

size_t records_mutate(const struct records_kind *kind, uint8_t *bytes, size_t len, size_t max,
                      struct dice *d)
{
    static uint8_t before[FUZZ_INPUT_MAX], scratch[2 * FUZZ_INPUT_MAX];
    struct record all[MOST];
    if (len > sizeof before || max <= kind->preamble)
        return LLVMFuzzerMutate(bytes, len, max);
    memcpy(before, bytes, len);
    unsigned n = split(kind, before, len, all);
    if (n == 0 || dice_once_in(d, 32))
        return LLVMFuzzerMutate(bytes, len, max);
    unsigned at = (unsigned)dice_below(d, n), other = (unsigned)dice_below(d, n);
    enum change change = max < len ? CHANGE_OUT : choose(d);
    size_t room = max - (len < max ? len : max) + all[at].len;
    struct record copy = all[at];
    if (room > kind->longest)
        room = kind->longest;
    if (change == CHANGE_BYTES && room > 0) {
        change_bytes(kind, &all[at], scratch, room, d);
    } else if (change == CHANGE_HEAD && kind->mutate_head != NULL) {
        memcpy(scratch, all[at].head, kind->head);
        kind->mutate_head(scratch, d);
        all[at].head = scratch;
    } else if (change == CHANGE_SWAP) {
        all[at] = all[other];
        all[other] = copy;
    }
    struct writing w = {kind, bytes, kind->preamble, max};
    for (unsigned i = 0; i < n; i++) {
        if (change == CHANGE_CUT && i >= at && i > 0)
            break;
        if (change == CHANGE_OUT && i == at)
            continue;
        put(&w, &all[i]);
        if (change == CHANGE_COPY && i == other)
            put(&w, &copy);
    }
    if (kind->preamble > 0 && dice_once_in(d, 32))
        bytes[0] = (uint8_t)dice_u64(d);
    return w.len > 0 ? w.len : 1;
}

size_t records_cross(const struct records_kind *kind, const uint8_t *a, size_t a_len,
                     const uint8_t *b, size_t b_len, uint8_t *out, size_t room, struct dice *d)
{
    struct record first[MOST], second[MOST];
    unsigned n = split(kind, a, a_len, first), m = split(kind, b, b_len, second);
    if (n == 0 || m == 0 || room <= kind->preamble)
        return 0;
    struct writing w = {kind, out, kind->preamble, room};
    memcpy(out, a, kind->preamble);
    unsigned until = 1 + (unsigned)dice_below(d, n), from = (unsigned)dice_below(d, m);
    for (unsigned i = 0; i < until; i++)
        put(&w, &first[i]);
    for (unsigned i = from; i < m; i++)
        put(&w, &second[i]);
    return w.len;
}
