/* harness/host/closest.c: Levenshtein distance over short names. */
#include "harness/host/closest.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 63u
#define SUGGESTIONS 3u

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;
    return m < c ? m : c;
}

static unsigned distance(const char *a, size_t la, const char *b, size_t lb)
{
    unsigned row[NAME_MAX_LEN + 1];
    for (unsigned j = 0; j <= lb; j++)
        row[j] = j;
    for (unsigned i = 1; i <= la; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= lb; j++) {
            unsigned above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[lb];
}

/* Smaller is nearer; UINT_MAX-like: not near at all. */
static unsigned rank(const char *name, size_t len, const char *known)
{
    size_t known_len = strlen(known);
    if (known_len > NAME_MAX_LEN)
        return ~0u;
    unsigned d = distance(name, len, known, known_len);
    if (d <= 1 + len / 3)
        return d;
    if (len >= 3 && strstr(known, name) != NULL)
        return 100 + d;
    return ~0u;
}

size_t closest_names(const char *name, closest_name_fn *known, const void *ctx, char *text,
                     size_t room)
{
    const char *best[SUGGESTIONS];
    unsigned ranks[SUGGESTIONS];
    size_t found = 0, len = strlen(name);
    text[0] = '\0';
    if (len > NAME_MAX_LEN)
        return 0;
    const char *candidate;
    for (size_t i = 0; (candidate = known(ctx, i)) != NULL; i++) {
        unsigned r = rank(name, len, candidate);
        if (r == ~0u)
            continue;
        size_t at = found;
        while (at > 0 && r < ranks[at - 1])
            at--;
        if (at == SUGGESTIONS)
            continue;
        size_t last = found < SUGGESTIONS ? found++ : SUGGESTIONS - 1;
        for (size_t k = last; k > at; k--) {
            best[k] = best[k - 1];
            ranks[k] = ranks[k - 1];
        }
        best[at] = candidate;
        ranks[at] = r;
    }
    size_t used = 0;
    for (size_t i = 0; i < found && used < room; i++) {
        int n = snprintf(text + used, room - used, "%s%s", i > 0 ? ", " : "", best[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    return found;
}
