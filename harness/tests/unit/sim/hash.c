/* The hash wrapper against one-shot XXH3. */
#include "sim/hash.h"

#include "sim/build_id.h"
#include "unit.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

UNIT(hash, pieces_of_any_size_hash_like_the_whole)
{
    static unsigned char bytes[3000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 131 >> 3);
    for (size_t piece = 1; piece < 1500; piece = piece * 3 / 2 + 1) {
        struct hash h;
        hash_init(&h);
        for (size_t at = 0; at < sizeof bytes; at += piece) {
            size_t n = sizeof bytes - at < piece ? sizeof bytes - at : piece;
            hash_update(&h, bytes + at, n);
            struct hash_value so_far = hash_value(&h);
            XXH128_hash_t expected = XXH3_128bits(bytes, at + n);
            CHECK(so_far.low == expected.low64 && so_far.high == expected.high64);
        }
    }
}

UNIT(hash, state_works_at_every_alignment_of_the_arena)
{
    static _Alignas(64) unsigned char room[sizeof(struct hash) + 64];
    struct hash_value expected = hash_of("lockwire", 8, 0);

    for (size_t offset = 0; offset < 64; offset += 16) {
        struct hash *h = (struct hash *)(void *)(room + offset);
        memset(room, 0xee, sizeof room);
        hash_init(h);
        hash_update(h, "lock", 4);
        hash_update(h, NULL, 0);
        hash_update(h, "wire", 4);
        struct hash_value v = hash_value(h);
        CHECK(v.low == expected.low && v.high == expected.high);
        for (size_t i = 0; i < 64; i++)
            CHECK_INT(room[i < offset ? i : i + sizeof *h], 0xee);
    }
}

UNIT(hash, hex_is_most_significant_first)
{
    char hex[33];

    hash_hex((struct hash_value){.low = 0xfedcba9876543210u, .high = 0x0123456789abcdefu}, hex);
    CHECK(strcmp(hex, "0123456789abcdeffedcba9876543210") == 0);
    hash_hex(hash_of("", 0, 0), hex); /* as published with xxHash */
    CHECK(strcmp(hex, "99aa06d3014798d86001c324468d497f") == 0);
}

UNIT(build_id, program_linked_with_an_id_has_it)
{
    uint8_t id[BUILD_ID_MAX], again[BUILD_ID_MAX], none[BUILD_ID_MAX] = {0};
    size_t len = build_id_get(id);

    CHECK(len >= 8 && len <= BUILD_ID_MAX);
    CHECK(memcmp(id, none, len) != 0);
    CHECK_INT(build_id_get(again), len);
    CHECK_MEM(id, again, sizeof id);
    CHECK_MEM(id + len, none, BUILD_ID_MAX - len);
}
