/* harness/control/ops_fault.c: impairments and faults: JSON to struct fault_config.
 *
 * Both are rules of the segment; a fault has to fire before the run ends, an impairment need not.
 */
#include "harness/control/ops.h"
#include "harness/host/closest.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/fault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX UINT64_C(1000000000000000000)
#define TERMS_MAX 64u
#define NTH_MAX 4096u
#define GROUPS_MAX 64u
#define GROUP_PORTS_MAX 4096u

/* What the configuration points at; freed when the rule has been made (it copies). */
struct storage {
    uint64_t *nth;
    struct match_term *terms;
    const char ***groups;
    uint32_t group_count;
};

static void storage_free(struct storage *st)
{
    free(st->nth);
    free(st->terms);
    for (uint32_t i = 0; i < st->group_count; i++)
        free(st->groups[i]);
    free(st->groups);
}

static void *allocate(struct request *r, size_t n, size_t size)
{
    void *p = calloc(n > 0 ? n : 1, size);
    if (p == NULL)
        request_fail(r, "limit", "no memory");
    return p;
}

/* nth: an ordinal or a list of them. */
static void read_nth(struct request *r, struct fault_config *config, struct storage *st)
{
    const json_t *list = json_object_get(r->in, "nth");
    if (!request_has(r, "nth"))
        return;
    size_t n = json_is_array(list) ? json_array_size(list) : 1;
    if (n == 0 || n > NTH_MAX) {
        request_fail(r, "usage", "\"nth\" has to be a list of 1 to %u ordinals", NTH_MAX);
        return;
    }
    st->nth = allocate(r, n, sizeof *st->nth);
    for (size_t i = 0; request_ok(r) && i < n; i++) {
        const json_t *v = json_is_array(list) ? json_array_get(list, i) : list;
        json_int_t k = json_integer_value(v);
        if (!json_is_integer(v) || k < 1 || (i > 0 && (uint64_t)k <= st->nth[i - 1]))
            request_fail(r, "usage", "\"nth\" has to be ascending integers from 1 on");
        else
            st->nth[i] = (uint64_t)k;
    }
    config->nth = st->nth;
    config->nth_count = (uint32_t)n;
}

static void read_bytes_term(struct request *r, const json_t *t, struct match_term *term)
{
    const json_t *offset = json_array_get(t, 2);
    const char *hex = json_string_value(json_array_get(t, 3));
    struct request sub = {.op = r->op, .in = json_pack("{s:s}", "bytes", hex != NULL ? hex : "")};
    struct bytes b = request_hex(&sub, "bytes", MATCH_BYTES_MAX);
    json_decref((json_t *)(uintptr_t)sub.in);
    if (json_array_size(t) != 4 || !json_is_integer(offset) || json_integer_value(offset) < 0 ||
        json_integer_value(offset) >= FRAME_MAX || term->op != MATCH_EQ || !request_ok(&sub) ||
        b.len == 0) {
        request_fail(r, "usage",
                     "a condition on bytes has to be [\"bytes\", \"==\", offset, \"hex\"] with 1 "
                     "to %u bytes", MATCH_BYTES_MAX);
    } else {
        term->op = MATCH_BYTES;
        term->offset = (uint32_t)json_integer_value(offset);
        term->bytes_len = (uint8_t)b.len;
        memcpy(term->bytes, b.data, b.len);
    }
    bytes_free(&b);
}

static const char *known_field(const void *ctx, size_t i)
{
    (void)ctx;
    return i < MATCH_NO_FIELD ? match_field_name((uint16_t)i) : NULL;
}

/* An address in a condition may be written as one. */
static bool read_value(const json_t *v, uint64_t *value)
{
    if (json_is_integer(v) && json_integer_value(v) >= 0) {
        *value = (uint64_t)json_integer_value(v);
        return true;
    }
    const char *text = json_string_value(v);
    uint32_t addr;
    if (text == NULL)
        return false;
    if (addr_parse(&addr, text)) {
        *value = addr;
        return true;
    }
    struct request sub = {.op = "", .in = json_pack("{s:s}", "mac", text)};
    uint8_t mac[6];
    bool is_mac = request_mac_or_none(&sub, "mac", mac);
    json_decref((json_t *)(uintptr_t)sub.in);
    *value = 0;
    for (int i = 0; is_mac && i < 6; i++)
        *value = *value << 8 | mac[i];
    return is_mac;
}

static void read_term(struct request *r, const json_t *t, struct match_term *term)
{
    const char *field = json_string_value(json_array_get(t, 0));
    const char *op = json_string_value(json_array_get(t, 1));
    if (field == NULL || op == NULL || json_array_size(t) < 3) {
        request_fail(r, "usage",
                     "a condition of \"match\" has to be [field, operator, value]");
        return;
    }
    if (!match_op_parse(op, &term->op)) {
        request_fail(r, "usage",
                     "\"%.20s\" is no operator: it has to be one of == != < <= > >= &", op);
        return;
    }
    if (strcmp(field, "bytes") == 0) {
        read_bytes_term(r, t, term);
        return;
    }
    term->field = match_field(field);
    char near[200];
    if (term->field == MATCH_NO_FIELD &&
        closest_names(field, known_field, NULL, near, sizeof near) > 0)
        request_fail(r, "usage", "there is no field \"%.60s\" (did you mean %s?)", field, near);
    else if (term->field == MATCH_NO_FIELD)
        request_fail(r, "usage", "there is no field \"%.60s\"", field);
    else if (json_array_size(t) != 3 || !read_value(json_array_get(t, 2), &term->value))
        request_fail(r, "usage",
                     "the value of a condition on %s has to be a non-negative integer or an "
                     "address",
                     field);
}

static void read_match(struct request *r, struct fault_config *config, struct storage *st)
{
    const json_t *list = json_object_get(r->in, "match");
    if (!request_has(r, "match"))
        return;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > TERMS_MAX) {
        request_fail(r, "usage", "\"match\" has to be a list of at most %u conditions", TERMS_MAX);
        return;
    }
    st->terms = allocate(r, n, sizeof *st->terms);
    for (size_t i = 0; request_ok(r) && i < n; i++)
        read_term(r, json_array_get(list, i), &st->terms[i]);
    config->match = n > 0 ? st->terms : NULL;
    config->match_terms = (uint32_t)n;
}

static void read_groups(struct request *r, struct fault_config *config, struct storage *st)
{
    const json_t *list = json_object_get(r->in, "groups");
    if (!request_has(r, "groups"))
        return;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n == 0 || n > GROUPS_MAX) {
        request_fail(r, "usage", "\"groups\" has to be a list of 1 to %u lists of port names",
                     GROUPS_MAX);
        return;
    }
    st->groups = allocate(r, n, sizeof *st->groups);
    for (size_t i = 0; request_ok(r) && i < n; i++) {
        const json_t *group = json_array_get(list, i);
        size_t ports = json_array_size(group);
        if (!json_is_array(group) || ports > GROUP_PORTS_MAX) {
            request_fail(r, "usage", "each of \"groups\" has to be a list of port names");
            break;
        }
        st->groups[i] = allocate(r, ports + 1, sizeof *st->groups[i]);
        st->group_count++;
        for (size_t k = 0; request_ok(r) && k < ports; k++) {
            st->groups[i][k] = json_string_value(json_array_get(group, k));
            if (st->groups[i][k] == NULL)
                request_fail(r, "usage", "each of \"groups\" has to be a list of port names");
        }
    }
    config->groups = (const char *const *const *)st->groups;
    config->group_count = (uint32_t)n;
}

/* Ports may be named before they are there. */
static void read_config(struct request *r, struct fault_config *config, struct storage *st)
{
    const struct ratio none = {0, 0};
    config->src = request_text_or(r, "src", NULL);
    config->dst = request_text_or(r, "dst", NULL);
    config->from_ns = request_u64_or(r, "from_ns", 0, TIME_MAX, 0);
    config->until_ns = request_u64_or(r, "until_ns", 0, TIME_MAX, NEVER);
    config->every = request_u64_or(r, "every", 0, UINT32_MAX, 0);
    config->probability = request_ratio_or(r, "p", none);
    config->count = request_u64_or(r, "count", 0, UINT32_MAX, 0);
    config->delay_ns = request_u64_or(r, "delay_ns", 0, TIME_MAX, 0);
    config->jitter_ns = request_u64_or(r, "jitter_ns", 0, TIME_MAX, 0);
    config->gap_ns = request_u64_or(r, "gap_ns", 0, TIME_MAX, 0);
    config->rate_bps = request_u64_or(r, "rate_bps", 1, UINT64_C(1000000000000), 0);
    config->copies = (uint32_t)request_u64_or(r, "copies", 1, 1000, 1);
    config->depth = (uint32_t)request_u64_or(r, "depth", 1, UINT32_MAX, 1);
    config->length = (uint32_t)request_u64_or(r, "length", 1, FRAME_MAX, 0);
    config->bits = (uint32_t)request_u64_or(r, "bits", 1, FRAME_MAX * 8u, 1);
    config->offset = (int32_t)request_i64_or(r, "offset", -1, FRAME_MAX - 1, -1);
    config->xor_byte = (uint8_t)request_u64_or(r, "xor", 1, 255, 0xff);
    config->repair = request_bool_or(r, "repair", false);
    config->p_enter = request_ratio_or(r, "p_enter", none);
    config->p_leave = request_ratio_or(r, "p_leave", none);
    config->p_loss_good = request_ratio_or(r, "p_loss_good", none);
    config->p_loss_bad = request_ratio_or(r, "p_loss_bad", none);
    read_nth(r, config, st);
    read_match(r, config, st);
    read_groups(r, config, st);
}

static void add_rule(struct request *r, struct segment *s, const struct fault_config *config,
                     struct vector *rules)
{
    const char *why = "the world's memory is full";
    struct rule *rule = arena_calloc(sizeof *rule);
    struct fault *fault = rule != NULL ? fault_add(s, config, &why) : NULL;
    if (fault == NULL) {
        arena_free(rule, sizeof *rule);
        request_fail(r, "usage", "%s", why);
        return;
    }
    rule->fault = fault;
    rule->must_fire = config->must_fire;
    uint32_t id = vector_add(rules, rule);
    if (id != 0) {
        reply_int(r, r->op, id);
        return;
    }
    fault_remove(fault);
    arena_free(rule, sizeof *rule);
    request_fail(r, "limit", "the world's memory is full");
}

static void make_rule(struct request *r, enum fault_kind kind, struct vector *rules,
                      bool must_fire)
{
    struct segment *s = request_segment(r);
    struct fault_config config = {.kind = kind, .must_fire = must_fire};
    struct storage st = {0};
    read_config(r, &config, &st);
    if (request_bool_or(r, "predicate", false))
        config.predicate = rules->count + 1;
    if (request_ok(r))
        add_rule(r, s, &config, rules);
    storage_free(&st);
}

void op_impair(struct request *r)
{
    static const char *const names[] = {"loss", "burst", "delay", "jitter", "duplicate", "reorder",
                                        "corrupt", "truncate", "rate", "partition", NULL};
    static const enum fault_kind kinds[] = {FAULT_DROP, FAULT_BURST, FAULT_DELAY, FAULT_DELAY,
                                            FAULT_DUPLICATE, FAULT_REORDER, FAULT_CORRUPT,
                                            FAULT_TRUNCATE, FAULT_RATE, FAULT_PARTITION};
    unsigned choice = request_choice(r, "kind", names);
    if (request_ok(r) && choice == 0 && !request_has(r, "p"))
        request_fail(r, "usage", "the member \"p\" is missing");
    if (request_ok(r))
        make_rule(r, kinds[choice], &r->world->impairs, false);
}

void op_fault(struct request *r)
{
    static const char *const names[] = {"drop", "delay", "duplicate", "corrupt", "truncate",
                                        "reorder", "partition", "burst", "rate", NULL};
    static const enum fault_kind kinds[] = {FAULT_DROP, FAULT_DELAY, FAULT_DUPLICATE,
                                            FAULT_CORRUPT, FAULT_TRUNCATE, FAULT_REORDER,
                                            FAULT_PARTITION, FAULT_BURST, FAULT_RATE};
    unsigned choice = request_choice(r, "kind", names);
    if (request_ok(r))
        make_rule(r, kinds[choice], &r->world->faults,
                  request_bool_or(r, "must_fire", true));
}

static struct rule *rule_by_id(struct request *r, const char *name, const struct vector *rules)
{
    uint64_t id = request_u64(r, name, 1, UINT32_MAX);
    struct rule *rule = vector_get(rules, id);
    if (rule == NULL)
        request_fail(r, "usage", "there is no %s %" PRIu64, name, id);
    return request_ok(r) ? rule : NULL;
}

void op_impair_remove(struct request *r)
{
    struct rule *rule = rule_by_id(r, "impair", &r->world->impairs);
    if (rule == NULL)
        return;
    fault_remove(rule->fault);
    vector_clear(&r->world->impairs, (uint32_t)request_u64(r, "impair", 1, UINT32_MAX));
    arena_free(rule, sizeof *rule);
}

void op_fault_status(struct request *r)
{
    const struct rule *rule = rule_by_id(r, "fault", &r->world->faults);
    if (rule != NULL)
        reply_int(r, "fired", fault_fired(rule->fault));
}
