/* harness/firmware/report.h: what a machine's processor is doing, or why it stopped, in words. */
#ifndef HARNESS_FIRMWARE_REPORT_H
#define HARNESS_FIRMWARE_REPORT_H

#include "harness/firmware/cpu.h"

#include <stddef.h>

struct image;
struct machine;

const char *report_fault(const struct cpu_fault *fault); /* a static text */
/* Mode, registers and a backtrace. The backtrace is what the stack looks like: words on it that
 * point behind a call. Frames of functions that have returned may be among them. image: NULL: no
 * names. */
void report_registers(const struct machine *m, const struct image *image, char *text, size_t room);
/* The same under a headline that says what happened, where and when. */
void report_crash(const struct machine *m, const struct image *image,
                  const struct cpu_fault *fault, char *text, size_t room);
/* The emulator that had run this machine cannot be had any more: the run ends. */
_Noreturn void machine_lost(const char *name, const char *why);

#endif
