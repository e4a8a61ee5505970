/* harness/control/request.h: one command on its way through the simulator: JSON in, JSON out.
 *
 * Members are read by functions that check presence, type and range. The first thing wrong is kept
 * as one sentence; from then on the getters return harmless values and the handler, which asks
 * request_ok() before it touches the world, changes nothing. A member that is null counts as
 * missing. `kind` of an error: "usage" (the caller's mistake), "limit" (no room), "stack" (the
 * stack refused). */
#ifndef HARNESS_CONTROL_REQUEST_H
#define HARNESS_CONTROL_REQUEST_H

#include "harness/host/object.h"
#include "sim/prng.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;
struct host_interface;
struct machine;
struct segment;
struct session;
struct world;

struct request {
    struct session *session;
    struct world *world;
    const json_t *in;
    json_t *out; /* the reply's members */
    const char *op;
    const char *kind; /* NULL: nothing wrong so far */
    char error[512];
};

struct bytes {
    uint8_t *data; /* malloc'ed; NULL when len is 0 */
    uint32_t len;
};

static inline bool request_ok(const struct request *r)
{
    return r->kind == NULL;
}
void request_fail(struct request *r, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

bool request_has(const struct request *r, const char *name); /* there and not null */

/* Integers within [min, max]. _or: the default when missing. */
uint64_t request_u64(struct request *r, const char *name, uint64_t min, uint64_t max);
uint64_t request_u64_or(struct request *r, const char *name, uint64_t min, uint64_t max,
                        uint64_t dflt);
int64_t request_i64_or(struct request *r, const char *name, int64_t min, int64_t max,
                       int64_t dflt);
bool request_bool(struct request *r, const char *name);
bool request_bool_or(struct request *r, const char *name, bool dflt);
const char *request_text(struct request *r, const char *name); /* "" when wrong */
const char *request_text_or(struct request *r, const char *name, const char *dflt);
/* A name for something new: 1 to 64 of A-Z a-z 0-9 _ . - */
const char *request_name(struct request *r, const char *name);
/* The index of the text in a NULL-terminated list. */
unsigned request_choice(struct request *r, const char *name, const char *const *choices);

uint32_t request_addr(struct request *r, const char *name); /* host byte order */
uint32_t request_addr_or(struct request *r, const char *name, uint32_t dflt);
bool request_mac_or_none(struct request *r, const char *name, uint8_t mac[6]); /* false: none */
struct ratio request_ratio_or(struct request *r, const char *name, struct ratio dflt);
struct bytes request_hex(struct request *r, const char *name, uint32_t max); /* missing: empty */
void bytes_free(struct bytes *b);

/* Things by id. NULL when wrong. */
struct host *request_host(struct request *r);
struct segment *request_segment(struct request *r);
struct object *request_object(struct request *r, const struct object_class *class);
struct host_interface *request_interface(struct request *r, const struct host *h);
struct machine *request_firmware(struct request *r); /* by name: member "firmware" */

/* Members of the reply. */
void reply_int(struct request *r, const char *name, uint64_t value);
void reply_text(struct request *r, const char *name, const char *text);
void reply_bool(struct request *r, const char *name, bool value);
void reply_addr(struct request *r, const char *name, uint32_t addr);
void reply_hex(struct request *r, const char *name, const void *bytes, uint32_t len);
void reply_json(struct request *r, const char *name, json_t *value); /* takes over the reference */

#define ADDR_TEXT 16
void addr_format(char text[ADDR_TEXT], uint32_t addr);
bool addr_parse(uint32_t *addr, const char *text);

#endif
