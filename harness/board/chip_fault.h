/* harness/board/chip_fault.h: faults of chip and wire that are injected at a board's MAC, by name.
 *
 * A fault counts the frames of its direction for itself, those that the MAC does not take as well:
 * after `skip` of them it hits `count`. Several may hit one frame. What each of them is:
 * chip_fault.c has the table, scenarios/README.md the list. */
#ifndef HARNESS_BOARD_CHIP_FAULT_H
#define HARNESS_BOARD_CHIP_FAULT_H

#include "sim/devices/emac.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHIP_FAULTS_MAX 32u
#define CHIP_FRAME_MAX 9216u /* of a frame that a fault has lengthened */

struct chip_fault_kind; /* a row of the table */

struct chip_fault {
    const struct chip_fault_kind *kind;
    uint32_t skip, count;
    uint32_t amount; /* of bytes or collisions, where the kind has an amount */
    uint32_t fired;  /* of count */
};

struct chip_faults {
    struct chip_fault list[CHIP_FAULTS_MAX];
    uint32_t count;
};

/* The kind of this name and direction; NULL: there is none, and why (room bytes) says which there
 * are. */
const struct chip_fault_kind *chip_fault_kind(const char *name, bool sending, char *why,
                                              size_t room);
bool chip_fault_sends(const struct chip_fault_kind *kind);
const char *chip_fault_name(const struct chip_fault_kind *kind);
/* What its amount is called and may be. false: it has none. */
bool chip_fault_amount(const struct chip_fault_kind *kind, const char **name, uint32_t *min,
                       uint32_t *max, uint32_t *usual);
/* Whether it happens in half duplex only; in full duplex it does not fire. */
bool chip_fault_half_duplex(const struct chip_fault_kind *kind);

/* A frame arrives: *a is what the MAC is to see of it; bytes may be put into `room`
 * (CHIP_FRAME_MAX). Returns how many faults have hit it. */
uint32_t chip_faults_arrive(struct chip_faults *f, struct emac_arrival *a, uint8_t *room);
/* A frame is about to be sent: *out is what happens to it. */
uint32_t chip_faults_send(struct chip_faults *f, bool half_duplex, struct emac_tx_fault *out);

const char *chip_faults_check(const struct chip_faults *f);

#endif
