/* harness/control/ops_host.c: hosts and their options. */
#include "harness/control/ops.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/mac.h"
#include "harness/host/options.h"
#include "harness/host/world.h"
#include "stack/core/alloc_fault.h"
#include "stack/core/heap.h"
#include "stack/core/pools.h"

#include <string.h>

#define CPU_MAX UINT64_C(1000000000000)
#define PAUSE_MAX UINT64_C(1000000000000000) /* 11 days */

static bool read_value(struct request *r, const char *name, const json_t *v,
                       struct option_value *value)
{
    *value = (struct option_value){NULL, 0};
    if (json_is_string(v))
        value->text = json_string_value(v);
    else if (json_is_boolean(v))
        value->integer = json_is_true(v);
    else if (json_is_integer(v) && json_integer_value(v) >= 0)
        value->integer = (uint64_t)json_integer_value(v);
    else
        request_fail(r, "usage", "option %.60s has to be a non-negative integer or a text", name);
    return request_ok(r);
}

static void read_options(struct request *r, struct host_config *config)
{
    json_t *options = json_object_get(r->in, "options");
    const char *name;
    json_t *v;
    char why[400];
    if (!request_has(r, "options"))
        return;
    if (!json_is_object(options)) {
        request_fail(r, "usage", "\"options\" has to be an object");
        return;
    }
    json_object_foreach(options, name, v) {
        struct option_value value;
        if (!read_value(r, name, v, &value))
            return;
        if (!options_set(config, name, value, why, sizeof why)) {
            request_fail(r, "usage", "%s", why);
            return;
        }
    }
}

void op_host(struct request *r)
{
    struct host_config config;
    options_default(&config);
    config.name = request_name(r, "name");
    config.boot_ms = (uint32_t)request_u64_or(r, "boot_ms", 0, UINT32_MAX, 0);
    config.clock_ppm = (int32_t)request_i64_or(r, "clock_ppm", HOST_CLOCK_PPM_MIN,
                                               HOST_CLOCK_PPM_MAX, 0);
    config.clock_phase_ns = (uint32_t)request_u64_or(r, "clock_phase_ns", 0, HOST_CLOCK_PHASE_MAX,
                                                     0);
    config.cpu_ns = request_u64_or(r, "cpu_ns", 0, CPU_MAX, 0);
    config.stack.timer_phase_ms = (uint32_t)request_u64_or(r, "timer_phase_ms", 0, 999, 0);
    read_options(r, &config);
    uint8_t mac[6];
    bool has_mac = request_mac_or_none(r, "mac", mac);
    if (request_ok(r) && host_by_name(r->world, config.name) != NULL)
        request_fail(r, "usage", "there is a host \"%s\" already", config.name);
    if (!request_ok(r))
        return;
    const char *why = stack_config_check(&config.stack);
    if (why != NULL) {
        request_fail(r, "usage", "%s", why);
        return;
    }
    struct host *h = host_new(r->world, &config, &why);
    if (h == NULL) {
        request_fail(r, "limit", "%s", why);
        return;
    }
    if (has_mac) {
        h->has_mac = true;
        memcpy(h->mac, mac, sizeof mac);
    }
    reply_int(r, "host", h->id);
}

void op_options(struct request *r)
{
    const struct host *h = request_host(r);
    if (!request_ok(r))
        return;
    json_t *options = json_object();
    struct option_value value;
    const char *name;
    for (size_t i = 0; (name = options_get(h, i, &value)) != NULL; i++)
        json_object_set_new(options, name,
                            value.text != NULL ? json_string(value.text)
                                               : json_integer((json_int_t)value.integer));
    reply_json(r, "options", options);
}

void op_option_set(struct request *r)
{
    struct host *h = request_host(r);
    const char *name = request_text(r, "name");
    struct option_value value;
    char why[400];
    if (request_ok(r) && !request_has(r, "value"))
        request_fail(r, "usage", "the member \"value\" is missing");
    if (!request_ok(r) || !read_value(r, name, json_object_get(r->in, "value"), &value))
        return;
    if (!options_change(h, name, value, why, sizeof why))
        request_fail(r, "usage", "%s", why);
}

void op_pause(struct request *r)
{
    struct host *h = request_host(r);
    uint64_t ns = request_u64(r, "ns", 0, PAUSE_MAX);
    if (request_ok(r))
        host_pause(h, ns);
}

void op_fail_alloc(struct request *r)
{
    struct host *h = request_host(r);
    uint32_t nth = (uint32_t)request_u64(r, "nth", 0, UINT32_MAX);
    uint32_t count = (uint32_t)request_u64_or(r, "count", 1, UINT32_MAX, 1);
    if (!request_ok(r))
        return;
    host_enter(h);
    alloc_fault_arm_run(nth, count);
    host_leave(h);
}

void op_allocs(struct request *r)
{
    struct host *h = request_host(r);
    if (!request_ok(r))
        return;
    json_t *held = json_object();
    host_enter(h);
    for (int i = 0; i < MEMP_MAX; i++)
        if (pools_used((memp_t)i) > 0)
            json_object_set_new(held, pools_name((memp_t)i), json_integer(pools_used((memp_t)i)));
    if (heap_blocks_used() > 0)
        json_object_set_new(held, "HEAP", json_integer(heap_blocks_used()));
    reply_int(r, "failed", alloc_fault_failed());
    host_leave(h);
    reply_json(r, "held", held);
}
