/* world.h: a small network for tests: one segment, ports that write down what they get.
 *
 * Port i is called "a", "b", ... ("p26" from the 27th) and has the MAC 02:00:00:00:hi:lo of i. */
#ifndef VNET_TEST_WORLD_H
#define VNET_TEST_WORLD_H

#include "sim/arena.h"
#include "sim/sim.h"
#include "unit.h"
#include "vnet/capture.h"
#include "vnet/fault.h"
#include "vnet/segment.h"

#define WORLD_PORTS 1200u
#define WORLD_RX 20000u
#define ALL_PORTS UINT32_MAX /* broadcast */

/* Wire times of a 60-byte frame at 100 Mbit/s: (60 + 4 + 8) bytes, and 12 of gap. */
#define W60 5760u
#define W60_GAP 6720u

struct world_rx {
    uint64_t t_ns;
    uint32_t port, len;
    uint8_t tag; /* byte 14 of the frame */
};

struct world {
    struct sim *sim;
    struct segment *s;
    struct port *ports[WORLD_PORTS];
    uint32_t count;
    struct world_rx rx[WORLD_RX];
    uint32_t rx_count;
    uint32_t link_changes;
    char *trace; /* JSON lines, if asked for */
    size_t trace_len;
    FILE *trace_file;
};

extern struct world world;

struct segment_config world_config(enum segment_kind kind); /* 100M, no latency, queue 1000 */
void world_open(const struct segment_config *config, uint32_t ports);
void world_open_captured(const struct segment_config *config, uint32_t ports,
                         const char *capture_path);
void world_kind(enum segment_kind kind, uint32_t ports); /* with world_config() */
void world_close(void); /* also checks that nothing was left in the arena */
void world_record(void); /* from now on */
struct port *world_port(void); /* one more */

struct frame *world_frame(uint32_t from, uint32_t to, uint32_t len, uint8_t tag);
bool world_send(uint32_t from, uint32_t to, uint32_t len, uint8_t tag);
void world_run(void);              /* until nothing is left; segment_check() after every event */
void world_run_to(uint64_t t_ns);
uint32_t world_drops(enum wire_reason why); /* since world_record() */
uint32_t world_impairs(enum wire_reason what);

/* The rx-th frame that arrived anywhere: when, at which port, what. */
#define CHECK_RX(i, t, port_, tag_)                                                                \
    do {                                                                                           \
        CHECKF((i) < world.rx_count, "only %u frames arrived", world.rx_count);                    \
        CHECK_INT(world.rx[i].t_ns, t);                                                            \
        CHECK_INT(world.rx[i].port, port_);                                                        \
        CHECK_INT(world.rx[i].tag, tag_);                                                          \
    } while (0)

struct fault_config world_fault(enum fault_kind kind);
struct fault *world_fault_add(const struct fault_config *config);

#endif
