/* harness/firmware/image.h: an ELF file for the LPC2468: what goes into flash and RAM, where
 * execution begins, and the names of its functions. libelf reads it; everything it says is checked
 * here against the chip's memory before anything is written.
 *
 * Lives in the process; the file's bytes and what was loaded from them live in the world. */
#ifndef HARNESS_FIRMWARE_IMAGE_H
#define HARNESS_FIRMWARE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image;

/* Where an image may put bytes. */
struct image_memory {
    uint32_t base, bytes;
    const char *name; /* "flash": for messages */
};

/* Copies the file's bytes and checks all of them: ELF, 32-bit, little-endian, ARM, executable,
 * segments within the memories and not overlapping, an entry point within a segment. NULL: why
 * (room bytes) says what is wrong, where, and what was expected. path: for messages. */
struct image *image_open(const char *path, const void *bytes, size_t length,
                         const struct image_memory *memories, size_t count, char *why,
                         size_t room);
void image_close(struct image *image); /* NULL is allowed */

/* Copies what belongs into [base, base + bytes) to `memory`, which is zero elsewhere. A segment is
 * put at its physical address, as a flash programmer does; copying .data is the start-up's job. */
void image_load(const struct image *image, uint32_t base, uint32_t bytes, void *memory);

uint32_t image_entry(const struct image *image); /* bit 0: Thumb */
/* The function that holds addr, and how far inside; NULL: none is known. */
const char *image_function(const struct image *image, uint32_t addr, uint32_t *offset);
/* The address of a symbol; false: there is none. */
bool image_symbol(const struct image *image, const char *name, uint32_t *addr);

#endif
