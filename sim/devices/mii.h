/* sim/devices/mii.h: between a MAC and a PHY: management frames, and the state of the medium.
 *
 * A PHY is a value with a table of functions, so that a MAC's tests need no real one. Times are
 * virtual nanoseconds and never run backwards. */
#ifndef SIM_DEVICES_MII_H
#define SIM_DEVICES_MII_H

#include <stdbool.h>
#include <stdint.h>

/* What a MAC sees of a PHY at an instant. */
struct mii_state {
    bool clock;       /* REF_CLK, or TX_CLK and RX_CLK, run */
    bool link;        /* frames pass to and from the medium */
    bool full_duplex; /* the PHY's view, which the MAC is not told of by hardware */
    bool loopback;    /* what is sent comes back, and does not reach the medium */
    bool isolated;    /* the data pins are off: nothing passes in either direction */
    uint16_t mbps;    /* 10 or 100 */
};

struct mii_phy {
    void *ctx;
    /* A management frame that ends at now_ns. read: *value is filled in. false: nobody at this
     * address (0..31) answers; a read then sees what the pull-up says. */
    bool (*mdio)(void *ctx, unsigned address, unsigned reg, bool write, uint16_t *value,
                 uint64_t now_ns);
    struct mii_state (*state)(void *ctx, uint64_t now_ns);
};

/* What is at the other end of the cable. */
struct mii_partner {
    bool present;      /* a cable with somebody at the other end */
    bool negotiates;   /* sends link pulse bursts; else the first ability is what it is forced to */
    uint16_t abilities;/* MII_x; technology bits as in ANAR 8:5 and 10 */
};

#define MII_10HD 0x0020u
#define MII_10FD 0x0040u
#define MII_100HD 0x0080u
#define MII_100FD 0x0100u
#define MII_PAUSE 0x0400u

#endif
