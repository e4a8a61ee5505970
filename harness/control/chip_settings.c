/* harness/control/chip_settings.c: see chip_settings.h. */
#include "harness/control/chip_settings.h"

#include "harness/control/request.h"
#include "harness/host/closest.h"

#include <stddef.h>
#include <string.h>

#define MODES_MAX 0x01e0u
#define TIME_MAX UINT64_C(100000000000) /* of the PHY's phases: 100 s */

/* A name, and the member that it sets. */
struct setting {
    const char *name;
    size_t offset, bytes;
    uint64_t min, max;
    const char *const *words; /* value by name; NULL: a number, or of one byte up to 1 a bool */
    bool of_driver;
};

#define AT(member) offsetof(struct interface_chip_config, member),                                 \
                   sizeof((struct interface_chip_config *)0)->member
#define FLAG(at, key) {key, AT(at), 0, 1, NULL, false}
#define NUMBER(at, key, least, most) {key, AT(at), least, most, NULL, false}

static const char *const full_words[] = {[EMAC_RX_FULL_OVERRUN] = "overrun",
                                         [EMAC_RX_FULL_WEDGE] = "wedge",
                                         [EMAC_RX_FULL_SILENT] = "silent", NULL};

static const struct setting settings[] = {
    FLAG(chip.emac.tx_consume_erratum, "tx_consume_erratum"),
    FLAG(chip.emac.rx_number_erratum, "rx_number_erratum"),
    FLAG(chip.emac.power_down_erratum, "power_down_erratum"),
    FLAG(chip.emac.hang_without_clock, "hang_without_clock"),
    FLAG(chip.emac.no_range_quirk, "no_range_quirk"),
    FLAG(chip.emac.no_fcs_stored, "no_fcs_stored"),
    FLAG(chip.emac.finished_when_empty, "finished_when_empty"),
    FLAG(chip.emac.underrun_always, "underrun_always"),
    FLAG(chip.emac.no_descriptor_error, "no_descriptor_error"),
    FLAG(chip.emac.last_needs_override, "last_needs_override"),
    FLAG(chip.emac.resets_disable, "resets_disable"),
    FLAG(chip.emac.sa_hash_restarts, "sa_hash_restarts"),
    FLAG(chip.emac.tx_cut_silently, "tx_cut_silently"),
    FLAG(chip.emac.vlan_runt, "vlan_runt"),
    {"rx_full", AT(chip.emac.rx_full), 0, 0, full_words, false},
    NUMBER(chip.emac.mcfg_width, "mcfg_width", 3, 4),
    NUMBER(chip.emac.prefetch, "prefetch", 1, 255),
    NUMBER(chip.emac.miim_absent, "miim_absent", 0, UINT16_MAX),
    NUMBER(chip.emac.module_id, "module_id", 1, UINT32_MAX),
    NUMBER(chip.emac.dma_ns, "dma_ns", 0, 1000000),
    NUMBER(chip.phy.address, "phy_address", 0, 31),
    NUMBER(chip.phy.id2, "phy_id2", 1, UINT16_MAX),
    FLAG(chip.phy.isolated_at_zero, "isolated_at_zero"),
    FLAG(chip.phy.clock_stops_in_power_down, "clock_stops_in_power_down"),
    FLAG(chip.phy.silent, "phy_silent"),
    FLAG(chip.phy.no_clock, "no_clock"),
    NUMBER(chip.phy.reset_ns, "reset_ns", 1, TIME_MAX),
    NUMBER(chip.phy.negotiate_ns, "negotiate_ns", 1, TIME_MAX),
    NUMBER(chip.phy.forced_ns, "forced_ns", 1, TIME_MAX),
    NUMBER(chip.phy.parallel_ns, "parallel_ns", 1, TIME_MAX),
    NUMBER(chip.phy.link_loss_ns, "link_loss_ns", 1, TIME_MAX),
    {"zero_copy", AT(zero_copy), 0, 1, NULL, true},
    {"pause", AT(pause), 0, 1, NULL, true},
    {"advertise", AT(advertise), 0, MODES_MAX, NULL, true},
    {"forced", AT(forced), 0, MODES_MAX, NULL, true},
};

#define SETTINGS (sizeof settings / sizeof settings[0])

static const char *setting_name(const void *ctx, size_t i)
{
    (void)ctx;
    return i < SETTINGS ? settings[i].name : NULL;
}

static const struct setting *find(const char *name, bool of_driver)
{
    for (size_t i = 0; i < SETTINGS; i++)
        if (strcmp(settings[i].name, name) == 0 && (of_driver || !settings[i].of_driver))
            return &settings[i];
    return NULL;
}

static void unknown(struct request *r, const char *name)
{
    char near[200];

    if (closest_names(name, setting_name, NULL, near, sizeof near) > 0)
        request_fail(r, "usage", "there is no chip setting \"%.40s\" (did you mean %s?)", name,
                     near);
    else
        request_fail(r, "usage", "there is no chip setting \"%.40s\"", name);
}

static uint64_t read_value(struct request *r, const struct setting *s)
{
    if (s->words != NULL)
        return request_choice(r, s->name, s->words);
    if (s->bytes == sizeof(bool) && s->max == 1)
        return request_bool(r, s->name);
    return request_u64(r, s->name, s->min, s->max);
}

static void store(void *to, size_t bytes, uint64_t value)
{
    const uint8_t value8 = (uint8_t)value;
    const uint16_t value16 = (uint16_t)value;
    const uint32_t value32 = (uint32_t)value;

    switch (bytes) {
    case 1:
        memcpy(to, &value8, 1);
        break;
    case 2:
        memcpy(to, &value16, 2);
        break;
    case 4:
        memcpy(to, &value32, 4);
        break;
    default:
        memcpy(to, &value, 8);
        break;
    }
}

/* The members of r->in, one after the other. */
static void take_each(struct request *r, struct interface_chip_config *config, bool of_driver)
{
    const char *name;
    const json_t *value;

    json_object_foreach((json_t *)r->in, name, value) {
        const struct setting *s = find(name, of_driver);
        (void)value;
        if (s == NULL) {
            unknown(r, name);
            return;
        }
        uint64_t number = read_value(r, s);
        if (request_ok(r))
            store((char *)config + s->offset, s->bytes, number);
    }
}

void take_chip_settings(struct request *r, struct interface_chip_config *config, bool of_driver)
{
    const json_t *whole = r->in, *given = json_object_get(whole, "chip");

    if (!request_has(r, "chip"))
        return;
    if (!json_is_object(given)) {
        request_fail(r, "usage", "\"chip\" has to be an object of settings");
        return;
    }
    r->in = given; /* mistakes are told as everywhere */
    take_each(r, config, of_driver);
    r->in = whole;
}

bool take_partner(struct request *r, struct mii_partner *partner)
{
    const json_t *whole = r->in, *given = json_object_get(whole, "partner");

    if (!request_has(r, "partner"))
        return false;
    if (!json_is_object(given)) {
        request_fail(r, "usage", "\"partner\" has to be an object");
        return false;
    }
    r->in = given;
    partner->present = true;
    partner->negotiates = request_bool(r, "negotiates");
    partner->abilities = (uint16_t)request_u64(r, "abilities", 0, 0xffff);
    r->in = whole;
    return request_ok(r);
}
