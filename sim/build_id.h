/* sim/build_id.h: which build of which program this is: the linker's GNU build-id note.
 *
 * lockwire-sim is linked with --build-id and at a fixed address, so equal ids mean that code and
 * constants lie at the same addresses with the same contents. */
#ifndef SIM_BUILD_ID_H
#define SIM_BUILD_ID_H

#include <stddef.h>
#include <stdint.h>

#define BUILD_ID_MAX 32u

/* The running program's id, zero-padded. Returns its length, 0 if it was linked without one. */
size_t build_id_get(uint8_t id[BUILD_ID_MAX]);

#endif
