/* sim/hash.h: XXH3 in the one form the simulator uses it, and the only file's door to xxHash.
 *
 * 128-bit streaming for the trace and for snapshot files, one-shot for seeds. A struct hash may
 * lie in the arena and thereby in a snapshot: it holds no pointer except one into this program's
 * constants (hence the inlined xxHash, not the shared library's, whose address differs per
 * process). It must not be moved or copied elsewhere. */
#ifndef SIM_HASH_H
#define SIM_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash {
    _Alignas(16) unsigned char room[640]; /* xxHash's state, aligned inside */
};

struct hash_value {
    uint64_t low, high;
};

void hash_init(struct hash *h);
void hash_update(struct hash *h, const void *bytes, size_t len);
struct hash_value hash_value(const struct hash *h); /* of all so far; h goes on unchanged */
struct hash_value hash_of(const void *bytes, size_t len, uint64_t seed);

/* 32 lower-case hex digits, most significant first (as xxh128sum prints it), and a terminator. */
void hash_hex(struct hash_value v, char hex[33]);

#endif
