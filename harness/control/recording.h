/* harness/control/recording.h: everything that went over the control socket, in a file.
 *
 * Layout, integers little-endian:
 *
 *     "LWR1"  u8 length of the build id  build id  u64 seed  u32 check
 *     records: u32 length (1 to RECORD_MAX)  `length` bytes  u32 check
 *
 * The first byte of a record is its type: a controller's message as it is (C S A p), 'B' followed
 * by the contents of a file that the next message makes the simulator read, 'T' for what a TAP
 * device brought (below), or 'H' with 32 hex digits, the trace hash: the last record of a run that
 * finished. Each check is XXH32 of the bytes
 * it stands behind, length included, seeded with the check before it (the header's with 0): a
 * byte changed, lost or moved is found where it stands.
 *
 * Each record goes out by one write(): a recording is whole up to the crash that ends it. */
#ifndef HARNESS_CONTROL_RECORDING_H
#define HARNESS_CONTROL_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_MAX (1u << 30)

/* 'T'  u32 port  u64 virtual time  frame: it came in on that port at that time, in the middle of
 * the advance whose 'A' stands before it. Without a frame: the command before it opened a TAP. */
#define RECORD_TAP_HEAD 13u
struct recorded_tap {
    uint32_t port;
    uint64_t t_ns;
};
void recorded_tap_put(uint8_t head[RECORD_TAP_HEAD], const struct recorded_tap *t);
/* false: the record is of another type or too short. */
bool recorded_tap_get(const uint8_t *record, size_t len, struct recorded_tap *t);

struct recorder;

/* NULL: errno says why. */
struct recorder *recorder_open(const char *path, const uint8_t *build, size_t build_len,
                               uint64_t seed);
/* One record of type bytes[0]. Once a write has failed the recorder stays silent: see
 * recorder_error(). */
void recorder_put(struct recorder *r, const void *bytes, size_t len);
/* A record of the given type in front of other bytes ('B', 'H'). */
void recorder_put_typed(struct recorder *r, uint8_t type, const void *bytes, size_t len);
/* A 'T'; len 0: it has been opened. */
void recorder_put_tap(struct recorder *r, const struct recorded_tap *t, const void *frame,
                      size_t len);
int recorder_error(const struct recorder *r); /* errno of the first failure, 0: none */
void recorder_close(struct recorder *r);      /* NULL is allowed */

/* A recording in memory, checked as it is read. */
struct recording {
    uint8_t *bytes;
    size_t len, at;
    uint32_t check; /* of what was read last */
    const uint8_t *build;
    size_t build_len;
    uint64_t seed;
    char error[256]; /* "at byte 120: expected ..., got ..."; empty: no error */
};

/* Reads the file and its header. false: r->error says what was expected where. */
bool recording_open(struct recording *r, const char *path);
/* The same for bytes in memory, malloc'ed, which it takes over. */
bool recording_adopt(struct recording *r, uint8_t *bytes, size_t len);
/* The next record; NULL at the end or on an error (r->error not empty). The bytes stay valid until
 * recording_close(). */
const uint8_t *recording_next(struct recording *r, size_t *len);
/* Checks all records from here to the end without moving on. false: r->error. */
bool recording_verify(struct recording *r);
void recording_close(struct recording *r);

#endif
