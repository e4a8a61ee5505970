/* harness/firmware/machine.h: a firmware image on a board: the binary that goes into the product,
 * on a segment of the world.
 *
 * Time is counted in instructions: one takes 1 / ips seconds, whatever it does. The processor runs
 * ahead of the world up to its next event, never past it; a loop that waits for an interrupt or a
 * device without changing anything is skipped to the next event. All state of the guest is in the
 * arena; the emulator and the image's names belong to the process and are found anew when needed.
 *
 * A fault of the processor (undefined instruction, abort, nothing there to execute) halts it: the
 * report has registers and a backtrace, and the world goes on without it. */
#ifndef HARNESS_FIRMWARE_MACHINE_H
#define HARNESS_FIRMWARE_MACHINE_H

#include "harness/board/board.h"
#include "harness/firmware/cpu.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gdb;
struct image;
struct machine;
struct segment;
struct world;

#define MACHINE_IPS_DEFAULT 72000000u
#define MACHINE_IPS_MAX 1000000000u
#define MACHINE_CONSOLE_MAX 65536u

/* Bytes written over those of a symbol in flash or RAM before the start: what differs from device
 * to device, as a programmer does it. */
struct machine_setting {
    const char *symbol;
    const void *bytes;
    uint32_t count;
};

#define MACHINE_SETTINGS_MAX 16u

struct machine_config {
    const char *name;    /* of the host, and of its port */
    const char *path;    /* of the ELF file: for messages */
    const void *file;    /* its bytes; copied */
    size_t length;
    const struct machine_setting *settings;
    size_t setting_count;
    struct segment *segment;
    uint64_t ips;        /* instructions per second; 0: the default */
    const struct mii_partner *partner; /* other than what the cable would be; NULL */
    bool phy_silent;     /* the PHY answers no management cycle */
    struct lpc2468_config chip;
};

enum machine_state {
    MACHINE_RUNNING,
    MACHINE_WAITING, /* for an interrupt or the chip: power-down mode, or an idle loop */
    MACHINE_HALTED   /* by a fault */
};

/* NULL: why (room bytes) says what is wrong with the image, or that there is no emulator or no
 * room. The machine's first instruction is executed at the world's present time. */
struct machine *machine_new(struct world *w, const struct machine_config *config, char *why,
                            size_t room);
void machine_free(struct machine *m);

struct machine *machine_by_name(const struct world *w, const char *name); /* NULL: none */
const char *machine_name(const struct machine *m);
enum machine_state machine_state(const struct machine *m);
uint64_t machine_instructions(const struct machine *m); /* executed; skipped ones not counted */
const struct arm7 *machine_registers(const struct machine *m);
/* When its next instruction begins: it may be ahead of the world. */
uint64_t machine_time_ns(const struct machine *m);
struct board *machine_board(struct machine *m);
/* What it wrote to UART0 so far, up to MACHINE_CONSOLE_MAX bytes; total counts all. */
const char *machine_console(const struct machine *m, size_t *bytes, uint64_t *total);
/* The crash report; NULL: it has not crashed. */
const char *machine_crash(const struct machine *m);
/* Registers and a backtrace as text, of any moment. */
void machine_describe(const struct machine *m, char *text, size_t room);

/* Guest memory, as a debugger sees it: flash, RAM and Ethernet RAM, not registers. false: not all
 * of it is there. */
bool machine_peek(const struct machine *m, uint32_t addr, void *bytes, uint32_t count);
bool machine_poke(struct machine *m, uint32_t addr, const void *bytes, uint32_t count);

/* It waits for gdb before its next instruction, and is debugged from then on. Takes g over. */
void machine_debug(struct machine *m, struct gdb *g);

const char *machine_check(const struct machine *m);

#endif
