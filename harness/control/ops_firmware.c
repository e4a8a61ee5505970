/* harness/control/ops_firmware.c: firmware on boards. */
#include "harness/control/chip_settings.h"
#include "harness/control/ops.h"
#include "harness/control/session.h"
#include "harness/firmware/gdb.h"
#include "harness/firmware/machine.h"
#include "harness/host/world.h"
#include "vnet/segment.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_MAX 256u
#define TEXT_MAX 4096u

struct settings {
    struct machine_setting list[MACHINE_SETTINGS_MAX];
    struct bytes bytes[MACHINE_SETTINGS_MAX];
    size_t count;
};

/* {"symbol": "hex"}: read by the getters of requests, so that mistakes are told as everywhere. */
static void take_settings(struct request *r, struct settings *s)
{
    const json_t *given = json_object_get(r->in, "settings"), *value;
    const char *symbol;

    s->count = 0;
    if (!request_has(r, "settings"))
        return;
    if (!json_is_object(given) || json_object_size(given) > MACHINE_SETTINGS_MAX) {
        request_fail(r, "usage", "\"settings\" has to be an object of at most %u symbols",
                     MACHINE_SETTINGS_MAX);
        return;
    }
    const json_t *whole = r->in;
    r->in = given;
    json_object_foreach((json_t *)given, symbol, value) {
        struct bytes b = request_hex(r, symbol, SETTING_MAX);
        s->bytes[s->count] = b;
        s->list[s->count++] = (struct machine_setting){symbol, b.data, b.len};
    }
    r->in = whole;
}

static void drop_settings(struct settings *s)
{
    for (size_t i = 0; i < s->count; i++)
        bytes_free(&s->bytes[i]);
}

static bool wait_for_gdb(struct request *r, const char *name, struct gdb **g)
{
    const struct session *s = r->session;
    uint16_t port = (uint16_t)request_u64_or(r, "gdb", 0, UINT16_MAX, 0);
    char why[300];

    *g = NULL;
    if (!request_has(r, "gdb") || s->carrier.gdb_new == NULL)
        return true;
    *g = s->carrier.gdb_new(s->carrier.ctx, name, port, why, sizeof why);
    if (*g == NULL)
        request_fail(r, "usage", "%s", why);
    return *g != NULL;
}

static void start(struct request *r, const struct machine_config *config)
{
    char text[480];
    struct gdb *g;

    if (!wait_for_gdb(r, config->name, &g))
        return;
    struct machine *m = machine_new(r->world, config, text, sizeof text);
    if (m == NULL) {
        request_fail(r, "usage", "%s", text);
        gdb_free(g);
    } else if (g != NULL) {
        reply_int(r, "gdb", gdb_port(g));
        machine_debug(m, g);
    }
}

static void make(struct request *r, struct machine_config *config)
{
    const struct session *s = r->session;
    const char *why = "no memory";
    size_t length;
    uint8_t *file = s->carrier.read_file(s->carrier.ctx, config->path, &length, &why);

    if (file == NULL) {
        request_fail(r, "usage", "%.300s cannot be read: %s", config->path, why);
        return;
    }
    config->file = file;
    config->length = length;
    start(r, config);
    free(file);
}

void op_firmware(struct request *r)
{
    struct machine_config config = {.name = request_name(r, "name"),
                                    .path = request_text(r, "path"),
                                    .segment = request_segment(r)};
    struct mii_partner partner = {0};
    struct interface_chip_config chip = {0};
    struct settings settings;

    (void)request_u64_or(r, "gdb", 0, UINT16_MAX, 0);
    config.ips = request_u64_or(r, "ips", 1, MACHINE_IPS_MAX, MACHINE_IPS_DEFAULT);
    config.phy_silent = request_bool_or(r, "phy_silent", false);
    if (take_partner(r, &partner))
        config.partner = &partner;
    take_chip_settings(r, &chip, false);
    config.chip = chip.chip;
    take_settings(r, &settings);
    config.settings = settings.list;
    config.setting_count = settings.count;
    if (request_ok(r) && (machine_by_name(r->world, config.name) != NULL ||
                          segment_port(config.segment, config.name) != NULL))
        request_fail(r, "usage", "there is a \"%s\" already", config.name);
    if (request_ok(r))
        make(r, &config);
    drop_settings(&settings);
}

struct machine *request_firmware(struct request *r)
{
    const char *name = request_name(r, "firmware");
    struct machine *m = request_ok(r) ? machine_by_name(r->world, name) : NULL;

    if (request_ok(r) && m == NULL)
        request_fail(r, "usage", "there is no firmware \"%s\"", name);
    return m;
}

/* A console may say anything: what is no ASCII text is shown as '?'. */
static void reply_console(struct request *r, const struct machine *m, uint64_t from)
{
    size_t bytes;
    uint64_t total;
    const char *console = machine_console(m, &bytes, &total);
    size_t begin = from < bytes ? (size_t)from : bytes;
    char *text = malloc(bytes - begin + 1);

    if (text == NULL)
        return;
    for (size_t i = begin; i < bytes; i++) {
        char c = console[i];
        text[i - begin] = c == '\n' || c == '\t' || (c >= ' ' && c <= '~') ? c : '?';
    }
    text[bytes - begin] = '\0';
    reply_text(r, "console", text);
    reply_int(r, "console_total", total);
    free(text);
}

void op_firmware_info(struct request *r)
{
    static const char *const states[] = {[MACHINE_RUNNING] = "running",
                                         [MACHINE_WAITING] = "waiting",
                                         [MACHINE_HALTED] = "halted"};
    struct machine *m = request_firmware(r);
    uint64_t from = request_u64_or(r, "from", 0, INT64_MAX, 0);
    char text[TEXT_MAX];

    if (!request_ok(r))
        return;
    reply_text(r, "state", states[machine_state(m)]);
    reply_int(r, "instructions", machine_instructions(m));
    machine_describe(m, text, sizeof text);
    reply_text(r, "registers", text);
    reply_text(r, "crash", machine_crash(m));
    reply_console(r, m, from);
}
