/* harness/board/chip_fault.c: see chip_fault.h. */
#include "harness/board/chip_fault.h"

#include <stdio.h>
#include <string.h>

#define FCS 4u
#define HEADER 14u
#define TYPE_AT 12u
#define PAYLOAD_MIN 46u
#define MAXF_USUAL 1536u
#define COLLISIONS_EXCESSIVE 16u /* one more than CLRT's usual limit */

/* What a fault does to a frame beyond the model's own flags. */
enum change { KEEP, RUNT, GIANT, LENGTH };

struct amount {
    const char *name; /* NULL: none */
    uint32_t min, max, usual;
};

struct chip_fault_kind {
    const char *name;
    struct amount amount;
    struct emac_tx_fault tx;
    unsigned rx; /* EMAC_RX_x */
    uint8_t change; /* enum change */
    bool sending, half_duplex;
};

static const struct chip_fault_kind kinds[] = {
    /* in */
    {.name = "crc", .rx = EMAC_RX_CRC},
    {.name = "alignment", .rx = EMAC_RX_ALIGNMENT},
    {.name = "symbol", .rx = EMAC_RX_SYMBOL},
    {.name = "length", .change = LENGTH},
    {.name = "runt", .change = RUNT, .amount = {"bytes", 18, 63, 32}},
    {.name = "giant", .change = GIANT, .amount = {"bytes", MAXF_USUAL + 1, CHIP_FRAME_MAX, 1600}},
    {.name = "overrun", .rx = EMAC_RX_OVERRUN},
    {.name = "stall", .rx = EMAC_RX_STALL},
    {.name = "cut", .rx = EMAC_RX_CUT, .amount = {"bytes", 1, 1518, 40}},
    {.name = "preamble", .rx = EMAC_RX_PREAMBLE},
    {.name = "long_preamble", .rx = EMAC_RX_LONG_PREAMBLE},
    /* out */
    {.name = "collision", .sending = true, .half_duplex = true,
     .amount = {"collisions", 1, 15, 1}},
    {.name = "excessive_collisions", .sending = true, .half_duplex = true,
     .tx = {.collisions = COLLISIONS_EXCESSIVE}},
    {.name = "late_collision", .sending = true, .half_duplex = true,
     .tx = {.late_collision = true}},
    {.name = "defer", .sending = true, .half_duplex = true, .tx = {.defer = true}},
    {.name = "excessive_defer", .sending = true, .half_duplex = true,
     .tx = {.excessive_defer = true}},
    {.name = "underrun", .sending = true, .tx = {.underrun = true}},
    {.name = "stall", .sending = true, .tx = {.status_stall = true}},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

/* ---- The table ---- */

static void list_kinds(bool sending, char *text, size_t room)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < KINDS && used < room; i++)
        if (kinds[i].sending == sending)
            used += (size_t)snprintf(text + used, room - used, "%s%s", used > 0 ? ", " : "",
                                     kinds[i].name);
}

const struct chip_fault_kind *chip_fault_kind(const char *name, bool sending, char *why,
                                              size_t room)
{
    char known[300];

    for (size_t i = 0; i < KINDS; i++)
        if (kinds[i].sending == sending && strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    list_kinds(sending, known, sizeof known);
    snprintf(why, room, "there is no fault \"%.40s\" of frames that %s; there are %s", name,
             sending ? "are sent" : "arrive", known);
    return NULL;
}

bool chip_fault_sends(const struct chip_fault_kind *kind)
{
    return kind->sending;
}

const char *chip_fault_name(const struct chip_fault_kind *kind)
{
    return kind->name;
}

bool chip_fault_amount(const struct chip_fault_kind *kind, const char **name, uint32_t *min,
                       uint32_t *max, uint32_t *usual)
{
    *name = kind->amount.name;
    *min = kind->amount.min;
    *max = kind->amount.max;
    *usual = kind->amount.usual;
    return kind->amount.name != NULL;
}

bool chip_fault_half_duplex(const struct chip_fault_kind *kind)
{
    return kind->half_duplex;
}

/* ---- Frames ---- */

/* Whether the frame that passes now is one of its own. */
static bool hits(struct chip_fault *f)
{
    if (f->skip != 0) {
        f->skip--;
        return false;
    }
    if (f->fired == f->count)
        return false;
    f->fired++;
    return true;
}

/* Its length is another one, with an FCS that is right: cut, or zeros are behind it. */
static void resize(struct emac_arrival *a, uint32_t length, uint8_t *room)
{
    uint32_t kept = a->length < length ? a->length : length;

    if (a->bytes != room)
        memcpy(room, a->bytes, kept);
    memset(room + kept, 0, length - kept);
    a->bytes = room;
    a->length = length;
}

/* A length in the place of the type, and not the one that it is: less is no padding above 46. */
static void lie(struct emac_arrival *a, uint8_t *room)
{
    if (a->length < HEADER)
        return;
    uint32_t length = a->length - HEADER;
    length = length > PAYLOAD_MIN ? length - 1 : length + 1;
    resize(a, a->length, room);
    room[TYPE_AT] = (uint8_t)(length >> 8);
    room[TYPE_AT + 1] = (uint8_t)length;
}

static void change(const struct chip_fault *f, struct emac_arrival *a, uint8_t *room)
{
    a->faults |= f->kind->rx;
    if ((f->kind->rx & EMAC_RX_CUT) != 0)
        a->cut = f->amount;
    switch ((enum change)f->kind->change) {
    case KEEP:
        break;
    case RUNT:
    case GIANT:
        resize(a, f->amount - FCS, room);
        break;
    case LENGTH:
        lie(a, room);
        break;
    }
}

uint32_t chip_faults_arrive(struct chip_faults *f, struct emac_arrival *a, uint8_t *room)
{
    uint32_t hit = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        if (f->list[i].kind->sending || !hits(&f->list[i]))
            continue;
        change(&f->list[i], a, room);
        hit++;
    }
    return hit;
}

static void merge(struct emac_tx_fault *out, const struct chip_fault *f)
{
    const struct emac_tx_fault *tx = &f->kind->tx;
    uint16_t collisions = f->kind->amount.name != NULL ? (uint16_t)f->amount : tx->collisions;

    out->collisions = out->collisions > collisions ? out->collisions : collisions;
    out->late_collision |= tx->late_collision;
    out->excessive_defer |= tx->excessive_defer;
    out->defer |= tx->defer;
    out->underrun |= tx->underrun;
    out->status_stall |= tx->status_stall;
}

uint32_t chip_faults_send(struct chip_faults *f, bool half_duplex, struct emac_tx_fault *out)
{
    uint32_t hit = 0;

    *out = (struct emac_tx_fault){0};
    for (uint32_t i = 0; i < f->count; i++) {
        struct chip_fault *one = &f->list[i];
        if (!one->kind->sending || (one->kind->half_duplex && !half_duplex) || !hits(one))
            continue;
        merge(out, one);
        hit++;
    }
    return hit;
}

const char *chip_faults_check(const struct chip_faults *f)
{
    if (f->count > CHIP_FAULTS_MAX)
        return "board: more faults than its table holds";
    for (uint32_t i = 0; i < f->count; i++)
        if (f->list[i].fired > f->list[i].count)
            return "board: a fault has fired more often than declared";
    return NULL;
}
