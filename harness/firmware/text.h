/* harness/firmware/text.h: a text that grows up to its room, cut there; texts of the world. */
#ifndef HARNESS_FIRMWARE_TEXT_H
#define HARNESS_FIRMWARE_TEXT_H

#include <stddef.h>

struct text {
    char *to; /* always with a zero behind it once something was put */
    size_t used, room;
};

void text_put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A copy in the arena; NULL: it is full. */
char *text_keep(const char *text);
void text_drop(char *text); /* gives it back; NULL is allowed */

#endif
