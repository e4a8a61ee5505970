/* harness/firmware/process.h: what a machine needs of the process: the emulator, loaded when the
 * first machine asks for it, and the image's names. Both can be found anew from what the machine
 * itself knows (the bytes of its image), in another process too. */
#ifndef HARNESS_FIRMWARE_PROCESS_H
#define HARNESS_FIRMWARE_PROCESS_H

#include "harness/firmware/cpu.h"

struct gdb;
struct image;

struct machine_process {
    const struct cpu_ops *ops;
    struct cpu *cpu;
    struct image *image;
    struct gdb *gdb; /* NULL: nobody debugs it */
    const void *of[3]; /* machine, flash and Ethernet RAM that they were made for */
};

/* The emulator; NULL: why (room bytes) says why there is none and what to install. */
const struct cpu_ops *process_emulator(char *why, size_t room);
/* Of the machine with this id, empty at first; NULL: more than the process can hold. */
struct machine_process *process_of(uint32_t machine_id);
void process_release(uint32_t machine_id);
/* Guest memory was changed behind the emulator: a snapshot was restored. */
void process_forget(void);

#endif
