/* harness/control/ops_chip.c: boards, of hosts and of firmware: what drivers did wrong with the
 * chip, faults of chip and wire, and what is known of both. */
#include "harness/board/board.h"
#include "harness/control/chip_settings.h"
#include "harness/control/ops.h"
#include "harness/firmware/machine.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/interface_chip.h"
#include "stack/drivers/lpc2468_ethernetif.h"

#include <inttypes.h>
#include <string.h>

#define PHY_REGISTERS 32u

/* Where a board is: its interface, or NULL on a firmware. */
struct place {
    struct board *board;
    struct host_interface *interface;
};

static struct place request_board(struct request *r)
{
    struct place place = {0};

    if (request_has(r, "firmware")) {
        struct machine *m = request_firmware(r);
        place.board = m != NULL ? machine_board(m) : NULL;
        return place;
    }
    struct host *h = request_host(r);
    struct host_interface *i = request_interface(r, h);
    if (request_ok(r) && i->chip == NULL)
        request_fail(r, "usage", "this interface of host %s is on no chip: give it "
                     "driver=\"lpc2468\"", h->name);
    if (request_ok(r))
        place = (struct place){interface_chip_board(i->chip), i};
    return place;
}

/* ---- Guest errors ---- */

static json_t *error_json(const struct guest_error *e)
{
    return json_pack("{s:s,s:b,s:s,s:I,s:I,s:I,s:I,s:s}", "kind", guest_error_name(e->kind),
                     "write", e->write, "register", e->reg, "address", (json_int_t)e->addr,
                     "value", (json_int_t)e->value, "pc", (json_int_t)e->pc, "time",
                     (json_int_t)e->t_ns, "what", e->what);
}

void op_guest_errors(struct request *r)
{
    struct place place = request_board(r);
    const struct guest_error *errors;
    uint64_t total;

    if (!request_ok(r))
        return;
    size_t count = board_errors(place.board, &errors, &total);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, error_json(&errors[i]));
    reply_json(r, "errors", list);
    reply_int(r, "total", total);
}

/* ---- Faults ---- */

/* The kind's amount, under its own name. */
static uint32_t take_amount(struct request *r, const struct chip_fault_kind *kind)
{
    const char *name;
    uint32_t min, max, usual;

    if (!chip_fault_amount(kind, &name, &min, &max, &usual))
        return 0;
    return (uint32_t)request_u64_or(r, name, min, max, usual);
}

void op_chip_fault(struct request *r)
{
    static const char *const directions[] = {"in", "out", NULL};
    struct place place = request_board(r);
    const char *name = request_text(r, "kind");
    bool sending = request_choice(r, "direction", directions) == 1;
    uint32_t after = (uint32_t)request_u64_or(r, "after", 0, UINT32_MAX, 0);
    uint32_t count = (uint32_t)request_u64_or(r, "count", 1, UINT32_MAX, 1);
    char why[400];

    if (!request_ok(r))
        return;
    const struct chip_fault_kind *kind = chip_fault_kind(name, sending, why, sizeof why);
    if (kind == NULL) {
        request_fail(r, "usage", "%s", why);
        return;
    }
    uint32_t amount = take_amount(r, kind);
    uint32_t number =
        request_ok(r) ? board_fault_add(place.board, kind, after, count, amount) : 0;
    if (request_ok(r) && number == 0)
        request_fail(r, "limit", "a board takes %u faults", CHIP_FAULTS_MAX);
    reply_int(r, "fault", number);
}

void op_chip_fault_status(struct request *r)
{
    struct place place = request_board(r);
    uint64_t number = request_u64(r, "fault", 1, CHIP_FAULTS_MAX);
    const struct chip_fault *fault = request_ok(r) ? board_fault(place.board, number) : NULL;

    if (request_ok(r) && fault == NULL)
        request_fail(r, "usage", "this board has no fault %" PRIu64, number);
    if (!request_ok(r))
        return;
    reply_int(r, "fired", fault->fired);
    reply_int(r, "count", fault->count);
    reply_bool(r, "half_duplex", chip_fault_half_duplex(fault->kind));
}

/* ---- What else may be done to a board ---- */

static const char *const *guest_error_names(const char *names[GUEST_ERROR_KINDS + 1])
{
    for (unsigned k = 0; k < GUEST_ERROR_KINDS; k++)
        names[k] = guest_error_name((enum guest_error_kind)k);
    names[GUEST_ERROR_KINDS] = NULL;
    return names;
}

struct change {
    bool mdio, clock, sleep;
    struct mii_partner partner;
    unsigned reg;
    uint16_t value;
    unsigned kind; /* of guest error */
};

static void make_change(struct request *r, const struct place *place, const struct change *c)
{
    struct board *b = place->board;

    if (request_has(r, "expect"))
        board_expect(b, (enum guest_error_kind)c->kind);
    if (request_has(r, "mdio"))
        board_mdio(b, c->mdio);
    if (request_has(r, "clock"))
        board_clock(b, c->clock);
    if (request_has(r, "partner"))
        board_partner(b, &c->partner);
    if (json_is_null(json_object_get(r->in, "partner")))
        board_partner(b, NULL);
    if (request_has(r, "phy_register") && !board_phy_write(b, c->reg, c->value))
        request_fail(r, "usage", "the PHY does not answer: its register cannot be written");
    if (!request_has(r, "sleep"))
        return;
    host_enter(place->interface->host);
    interface_chip_sleep(place->interface->chip, c->sleep);
    host_leave(place->interface->host);
}

void op_chip_set(struct request *r)
{
    struct place place = request_board(r);
    const char *names[GUEST_ERROR_KINDS + 1];
    struct change c = {.mdio = request_bool_or(r, "mdio", true),
                       .clock = request_bool_or(r, "clock", true),
                       .sleep = request_bool_or(r, "sleep", false)};

    (void)take_partner(r, &c.partner);
    if (request_has(r, "phy_register")) {
        c.reg = (unsigned)request_u64(r, "phy_register", 0, PHY_REGISTERS - 1);
        c.value = (uint16_t)request_u64(r, "value", 0, UINT16_MAX);
    }
    if (request_has(r, "expect"))
        c.kind = request_choice(r, "expect", guest_error_names(names));
    if (request_ok(r) && request_has(r, "sleep") && place.interface == NULL)
        request_fail(r, "usage", "a firmware sleeps when it wants to");
    if (request_ok(r))
        make_change(r, &place, &c);
}

/* ---- What is known ---- */

#define COUNTER(from, name) json_object_set_new(to, #name, json_integer((json_int_t)(from)->name))

static json_t *mac_json(const struct emac *emac)
{
    struct emac_counters c;
    json_t *to = json_object();

    emac_counters(emac, &c);
    COUNTER(&c, rx_stored);
    COUNTER(&c, rx_filtered);
    COUNTER(&c, rx_runt);
    COUNTER(&c, rx_disabled);
    COUNTER(&c, rx_overrun);
    COUNTER(&c, rx_error);
    COUNTER(&c, rx_pause);
    COUNTER(&c, rx_no_link);
    COUNTER(&c, rx_reset);
    COUNTER(&c, rx_collided);
    COUNTER(&c, tx_sent);
    COUNTER(&c, tx_error);
    COUNTER(&c, tx_no_link);
    COUNTER(&c, tx_pause);
    return to;
}

static json_t *driver_json(const struct lpc2468_emac_counters *c)
{
    json_t *to = json_object();

    COUNTER(c, rx_frames);
    COUNTER(c, rx_crc);
    COUNTER(c, rx_alignment);
    COUNTER(c, rx_symbol);
    COUNTER(c, rx_overrun);
    COUNTER(c, rx_no_descriptor);
    COUNTER(c, rx_length);
    COUNTER(c, rx_no_memory);
    COUNTER(c, rx_recoveries);
    COUNTER(c, tx_frames);
    COUNTER(c, tx_collisions);
    COUNTER(c, tx_late_collision);
    COUNTER(c, tx_excessive_collision);
    COUNTER(c, tx_excessive_defer);
    COUNTER(c, tx_underrun);
    COUNTER(c, tx_no_descriptor);
    COUNTER(c, tx_recoveries);
    COUNTER(c, tx_failed);
    COUNTER(c, tx_unknown);
    return to;
}

/* What the driver knows of PHY and link. */
static json_t *link_json(const struct dm9161_phy *p)
{
    const char *problem = dm9161_phy_problem(p);
    const struct dm9161_link *l = &p->link;

    return json_pack("{s:b,s:i,s:s,s:b,s:b,s:o,s:i,s:i}", "up", l->up, "mbps",
                     l->up ? l->mbps : 0, "duplex",
                     !l->up ? "" : l->full_duplex ? "full" : "half", "negotiated",
                     l->up && l->negotiated, "pause", l->up && l->pause, "problem",
                     problem != NULL ? json_string(problem) : json_null(), "address", p->address,
                     "restarts", p->restarts);
}

static json_t *registers_json(const struct dm9161 *phy)
{
    json_t *list = json_array();

    for (unsigned reg = 0; reg < PHY_REGISTERS; reg++)
        json_array_append_new(list, json_integer(dm9161_peek(phy, reg)));
    return list;
}

void op_chip_info(struct request *r)
{
    struct place place = request_board(r);

    if (!request_ok(r))
        return;
    struct lpc2468 *chip = board_chip(place.board);
    reply_json(r, "mac", mac_json(lpc2468_emac(chip)));
    reply_json(r, "phy", registers_json(lpc2468_phy(chip)));
    reply_bool(r, "hung", emac_hung(lpc2468_emac(chip)));
    if (place.interface == NULL)
        return;
    const struct lpc2468_ethernetif *eth = interface_chip_driver(place.interface->chip);
    reply_json(r, "driver", driver_json(&eth->mac.counters));
    reply_json(r, "link", link_json(&eth->transceiver));
}
