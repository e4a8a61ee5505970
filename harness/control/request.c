/* harness/control/request.c */
#include "harness/control/request.h"

#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/mac.h"
#include "harness/host/world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
#define NAME_LONGEST 64u

void request_fail(struct request *r, const char *kind, const char *format, ...)
{
    if (r->kind != NULL)
        return;
    r->kind = kind;
    int used = snprintf(r->error, sizeof r->error, "%s: ", r->op);
    va_list args;
    va_start(args, format);
    vsnprintf(r->error + used, sizeof r->error - (size_t)used, format, args);
    va_end(args);
}

static const json_t *member(const struct request *r, const char *name)
{
    const json_t *value = json_object_get(r->in, name);
    return json_is_null(value) ? NULL : value;
}

static const json_t *need(struct request *r, const char *name)
{
    const json_t *value = member(r, name);
    if (value == NULL)
        request_fail(r, "usage", "the member \"%s\" is missing", name);
    return value;
}

bool request_has(const struct request *r, const char *name)
{
    return member(r, name) != NULL;
}

/* Integers. JSON's are signed 64-bit here: what does not fit was refused by the parser. */

static uint64_t to_u64(struct request *r, const char *name, const json_t *value, uint64_t min,
                       uint64_t max)
{
    if (value == NULL)
        return min;
    if (!json_is_integer(value)) {
        request_fail(r, "usage", "\"%s\" has to be an integer", name);
        return min;
    }
    json_int_t n = json_integer_value(value);
    if (n >= 0 && (uint64_t)n >= min && (uint64_t)n <= max)
        return (uint64_t)n;
    request_fail(r, "usage", "\"%s\" is %" JSON_INTEGER_FORMAT " but has to be %" PRIu64
                 " to %" PRIu64, name, n, min, max);
    return min;
}

uint64_t request_u64(struct request *r, const char *name, uint64_t min, uint64_t max)
{
    return to_u64(r, name, need(r, name), min, max);
}

uint64_t request_u64_or(struct request *r, const char *name, uint64_t min, uint64_t max,
                        uint64_t dflt)
{
    const json_t *value = member(r, name);
    return value != NULL ? to_u64(r, name, value, min, max) : dflt;
}

int64_t request_i64_or(struct request *r, const char *name, int64_t min, int64_t max, int64_t dflt)
{
    const json_t *value = member(r, name);
    if (value == NULL)
        return dflt;
    if (!json_is_integer(value)) {
        request_fail(r, "usage", "\"%s\" has to be an integer", name);
        return dflt;
    }
    int64_t n = json_integer_value(value);
    if (n >= min && n <= max)
        return n;
    request_fail(r, "usage", "\"%s\" is %" PRId64 " but has to be %" PRId64 " to %" PRId64, name, n,
                 min, max);
    return dflt;
}

static bool to_bool(struct request *r, const char *name, const json_t *value)
{
    if (value != NULL && !json_is_boolean(value))
        request_fail(r, "usage", "\"%s\" has to be true or false", name);
    return json_is_true(value);
}

bool request_bool(struct request *r, const char *name)
{
    return to_bool(r, name, need(r, name));
}

bool request_bool_or(struct request *r, const char *name, bool dflt)
{
    const json_t *value = member(r, name);
    return value != NULL ? to_bool(r, name, value) : dflt;
}

/* Texts. */

static const char *to_text(struct request *r, const char *name, const json_t *value)
{
    if (value == NULL)
        return "";
    if (json_is_string(value))
        return json_string_value(value);
    request_fail(r, "usage", "\"%s\" has to be a text", name);
    return "";
}

const char *request_text(struct request *r, const char *name)
{
    return to_text(r, name, need(r, name));
}

const char *request_text_or(struct request *r, const char *name, const char *dflt)
{
    const json_t *value = member(r, name);
    return value != NULL ? to_text(r, name, value) : dflt;
}

const char *request_name(struct request *r, const char *name)
{
    const char *text = request_text(r, name);
    size_t len = strlen(text);
    if (request_ok(r) && (len == 0 || len > NAME_LONGEST || strspn(text, NAME_CHARS) != len))
        request_fail(r, "usage",
                     "\"%s\" has to be 1 to %u letters, digits, dots, dashes or underscores", name,
                     NAME_LONGEST);
    return text;
}

unsigned request_choice(struct request *r, const char *name, const char *const *choices)
{
    const char *text = request_text(r, name);
    char list[256] = "";
    size_t used = 0;
    for (unsigned i = 0; choices[i] != NULL; i++) {
        if (strcmp(text, choices[i]) == 0)
            return i;
        int n = snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", choices[i]);
        used += n > 0 && used + (size_t)n < sizeof list ? (size_t)n : 0;
    }
    request_fail(r, "usage", "\"%s\" is \"%.60s\" but has to be one of %s", name, text, list);
    return 0;
}

/* Addresses. */

bool addr_parse(uint32_t *addr, const char *text)
{
    uint32_t value = 0;
    for (int part = 0; part < 4; part++) {
        unsigned n = 0, digits = 0;
        while (*text >= '0' && *text <= '9' && digits < 3) {
            n = n * 10 + (unsigned)(*text++ - '0');
            digits++;
        }
        if (digits == 0 || n > 255 || (part < 3 && *text++ != '.'))
            return false;
        value = value << 8 | n;
    }
    *addr = value;
    return *text == '\0';
}

void addr_format(char text[ADDR_TEXT], uint32_t addr)
{
    snprintf(text, ADDR_TEXT, "%u.%u.%u.%u", addr >> 24, addr >> 16 & 0xff, addr >> 8 & 0xff,
             addr & 0xff);
}

static uint32_t to_addr(struct request *r, const char *name, const json_t *value)
{
    uint32_t addr = 0;
    const char *text = to_text(r, name, value);
    if (request_ok(r) && !addr_parse(&addr, text))
        request_fail(r, "usage", "\"%s\" is \"%.60s\" but has to be an address like 10.0.0.1", name,
                     text);
    return addr;
}

uint32_t request_addr(struct request *r, const char *name)
{
    return to_addr(r, name, need(r, name));
}

uint32_t request_addr_or(struct request *r, const char *name, uint32_t dflt)
{
    const json_t *value = member(r, name);
    return value != NULL ? to_addr(r, name, value) : dflt;
}

bool request_mac_or_none(struct request *r, const char *name, uint8_t mac[6])
{
    const char *text = request_text_or(r, name, NULL);
    if (text == NULL || !request_ok(r))
        return false;
    if (!mac_parse(mac, text)) {
        request_fail(r, "usage",
                     "\"%s\" is \"%.60s\" but has to be an address like 02:00:00:00:00:01", name,
                     text);
        return false;
    }
    return true;
}

struct ratio request_ratio_or(struct request *r, const char *name, struct ratio dflt)
{
    const json_t *value = member(r, name);
    if (value == NULL)
        return dflt;
    const json_t *num = json_array_get(value, 0), *den = json_array_get(value, 1);
    if (json_array_size(value) != 2 || !json_is_integer(num) || !json_is_integer(den) ||
        json_integer_value(num) < 0 || json_integer_value(den) <= 0 ||
        json_integer_value(num) > json_integer_value(den)) {
        request_fail(r, "usage",
                     "\"%s\" has to be a probability [n, d] of integers with 0 <= n <= d and d > 0",
                     name);
        return dflt;
    }
    return (struct ratio){(uint64_t)json_integer_value(num), (uint64_t)json_integer_value(den)};
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

struct bytes request_hex(struct request *r, const char *name, uint32_t max)
{
    struct bytes b = {NULL, 0};
    const char *text = request_text_or(r, name, "");
    size_t digits = strlen(text), len = digits / 2;
    if (len > max) {
        request_fail(r, "usage", "\"%s\" has %zu bytes but at most %" PRIu32 " are possible", name,
                     len, max);
        return b;
    }
    if (len == 0 && digits == 0)
        return b;
    b.data = malloc(len + 1);
    for (size_t i = 0; b.data != NULL && i < len; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            break;
        b.data[i] = (uint8_t)(high << 4 | low);
        b.len++;
    }
    if (b.data == NULL)
        request_fail(r, "limit", "no memory for %zu bytes", len);
    else if (b.len != len || digits % 2 != 0)
        request_fail(r, "usage", "\"%s\" has to be pairs of hexadecimal digits", name);
    return b;
}

void bytes_free(struct bytes *b)
{
    free(b->data);
    *b = (struct bytes){NULL, 0};
}

/* Things by id. */

struct host *request_host(struct request *r)
{
    uint64_t id = request_u64(r, "host", 1, UINT32_MAX);
    struct host *h = vector_get(&r->world->hosts, id);
    if (h == NULL)
        request_fail(r, "usage", "there is no host %" PRIu64, id);
    return h;
}

struct segment *request_segment(struct request *r)
{
    uint64_t id = request_u64(r, "segment", 1, UINT32_MAX);
    struct segment *s = vector_get(&r->world->segments, id);
    if (s == NULL)
        request_fail(r, "usage", "there is no segment %" PRIu64, id);
    return s;
}

struct object *request_object(struct request *r, const struct object_class *class)
{
    uint64_t id = request_u64(r, "object", 1, UINT32_MAX);
    struct object *o = vector_get(&r->world->objects, id);
    if (o == NULL)
        request_fail(r, "usage", "there is no object %" PRIu64 " (any more)", id);
    else if (class != NULL && o->class != class)
        request_fail(r, "usage", "object %" PRIu64 " is a %s, not a %s", id, o->class->name,
                     class->name);
    return request_ok(r) ? o : NULL;
}

struct host_interface *request_interface(struct request *r, const struct host *h)
{
    uint64_t index = request_u64(r, "netif", 1, 255);
    struct host_interface *i = h != NULL ? interface_by_index(h, (uint32_t)index) : NULL;
    if (i == NULL && h != NULL)
        request_fail(r, "usage", "host %s has no interface %" PRIu64, h->name, index);
    return i;
}

/* Replies. */

void reply_json(struct request *r, const char *name, json_t *value)
{
    json_object_set_new(r->out, name, value);
}

void reply_int(struct request *r, const char *name, uint64_t value)
{
    reply_json(r, name, json_integer((json_int_t)value));
}

void reply_text(struct request *r, const char *name, const char *text)
{
    reply_json(r, name, text != NULL ? json_string(text) : json_null());
}

void reply_bool(struct request *r, const char *name, bool value)
{
    reply_json(r, name, json_boolean(value));
}

void reply_addr(struct request *r, const char *name, uint32_t addr)
{
    char text[ADDR_TEXT];
    addr_format(text, addr);
    reply_text(r, name, text);
}

void reply_hex(struct request *r, const char *name, const void *bytes, uint32_t len)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *in = bytes;
    char *text = malloc(2 * (size_t)len + 1);
    if (text == NULL) {
        request_fail(r, "limit", "no memory for %" PRIu32 " bytes", len);
        return;
    }
    for (uint32_t i = 0; i < len; i++) {
        text[2 * i] = digits[in[i] >> 4];
        text[2 * i + 1] = digits[in[i] & 15];
    }
    text[2 * (size_t)len] = '\0';
    reply_text(r, name, text);
    free(text);
}
