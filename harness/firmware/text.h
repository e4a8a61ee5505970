/* harness/firmware/text.h: a text that grows up to its room and is cut there. */
#ifndef HARNESS_FIRMWARE_TEXT_H
#define HARNESS_FIRMWARE_TEXT_H

#include <stddef.h>

struct text {
    char *to; /* always with a zero behind it once something was put */
    size_t used, room;
};

void text_put(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
