/* harness/control/chip_settings.h: what a board may be told when it is made: knobs of its silicon,
 * straps and times of its PHY, and, on a host, how our driver is configured. */
#ifndef HARNESS_CONTROL_CHIP_SETTINGS_H
#define HARNESS_CONTROL_CHIP_SETTINGS_H

#include "harness/host/interface_chip.h"

struct request;

/* The member "chip", {name: value}, into *config; of_driver: settings of our driver are allowed.
 * Missing: nothing. */
void take_chip_settings(struct request *r, struct interface_chip_config *config, bool of_driver);
/* The member "partner", {negotiates, abilities}. false: there is none, or it is wrong. */
bool take_partner(struct request *r, struct mii_partner *partner);

#endif
