/* stack/drivers/mdio.h: PHY registers by management frames, as a MAC offers them to a PHY's driver.
 *
 * A cycle takes some 25 us on the wire, so it is split in two: it is started, and collected later.
 * One at a time: no read() or write() until done() has said true. */
#ifndef STACK_DRIVERS_MDIO_H
#define STACK_DRIVERS_MDIO_H

#include <stdbool.h>
#include <stdint.h>

#define MDIO_PHYS 32u /* addresses 0 to 31 */

struct mdio_ops {
    /* Start a cycle at PHY address 0..31, register 0..31; never wait. */
    void (*read)(void *ctx, unsigned phy, unsigned reg);
    void (*write)(void *ctx, unsigned phy, unsigned reg, uint16_t value);
    /* The cycle has ended; after read(), *value is what came (0xffff where nobody answers). false:
     * it still runs. Not to be asked again after true. */
    bool (*done)(void *ctx, uint16_t *value);
};

struct mdio {
    const struct mdio_ops *ops;
    void *ctx;
};

#endif
