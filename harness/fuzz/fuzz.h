/* harness/fuzz/fuzz.h: what a fuzz target is, and what targets use.
 *
 * A target is a function that eats bytes and must survive them. Two programs call it: lockwire-fuzz
 * (libFuzzer; main.c) and lockwire-corpus (any compiler, runs files; corpus_main.c). Whatever a
 * target finds wrong ends the process: an assertion, a sanitizer's report, or fuzz_finding().
 *
 * To add a target: a file here, a line in targets.c, seeds in seeds.py; for one that needs a world,
 * a scenario in worlds.py. */
#ifndef HARNESS_FUZZ_FUZZ_H
#define HARNESS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice;

/* Longest input that any target wants. */
#define FUZZ_INPUT_MAX 16384u

struct fuzz_options {
    const char *data;   /* directory with worlds/, made by worlds.py */
    const char *worlds; /* NULL, or how the worlds' names begin instead of the target's way */
    const char *record; /* NULL, or the recording that the next input is to leave */
};

struct fuzz_target {
    const char *name;
    const char *what; /* one line for people */
    /* Once, before the first input. false: a message went to stderr. NULL: nothing to do. */
    bool (*open)(const struct fuzz_options *options);
    void (*input)(const uint8_t *bytes, size_t len);
    /* Changes `len` bytes with room for `max` (which may be less than len: then it has to shrink
     * them) and returns the new length, at least 1. NULL: libFuzzer's own mutations. */
    size_t (*mutate)(uint8_t *bytes, size_t len, size_t max, struct dice *d);
    /* Makes one input of two, at most `room` bytes; 0: it cannot. NULL: never asked. */
    size_t (*cross)(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
                    size_t room, struct dice *d);
};

extern const struct fuzz_target fuzz_targets[]; /* ends with a name of NULL */

const struct fuzz_target *fuzz_target_find(const char *name); /* NULL, and a message */

/* What was found is said in words, and the process aborts. */
_Noreturn void fuzz_finding(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Ending a world costs more than a frame does: not after each. */
#ifndef FUZZ_THOROUGH_ONE_IN
#define FUZZ_THOROUGH_ONE_IN 8u
#endif

/* True for one in n inputs: which ones is decided by the bytes alone, of which most are often 0. */
static inline bool fuzz_is_chosen(const uint8_t *bytes, size_t len, unsigned n)
{
    uint32_t mixed = (uint32_t)len;
    for (size_t i = 0, step = (len + 15) / 16; i < len; i += step)
        mixed = (mixed ^ bytes[i]) * 0x9e3779b1u;
    return (mixed >> 16) % n == 0;
}

/* libFuzzer's own mutation, for targets' mutate(). */
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t max);

/* The targets' functions: targets.c lists them. */
bool frame_open(const struct fuzz_options *options);
void frame_input(const uint8_t *bytes, size_t len);
size_t frame_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d);
bool frames_open(const struct fuzz_options *options);
void frames_input(const uint8_t *bytes, size_t len);
size_t frames_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d);
size_t frames_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
                    size_t room, struct dice *d);
bool tcp_state_open(const struct fuzz_options *options);
void tcp_state_input(const uint8_t *bytes, size_t len);
size_t tcp_state_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d);
size_t tcp_state_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                       uint8_t *out, size_t room, struct dice *d);
bool control_open(const struct fuzz_options *options);
void control_input(const uint8_t *bytes, size_t len);
size_t control_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d);
size_t control_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
                     size_t room, struct dice *d);
void replay_input(const uint8_t *bytes, size_t len);
size_t replay_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d);
void wire_ethernet_input(const uint8_t *bytes, size_t len);
void wire_arp_input(const uint8_t *bytes, size_t len);
void wire_ip4_input(const uint8_t *bytes, size_t len);
void wire_ip4_options_input(const uint8_t *bytes, size_t len);
void wire_icmp_input(const uint8_t *bytes, size_t len);
void wire_igmp_input(const uint8_t *bytes, size_t len);
void wire_udp_input(const uint8_t *bytes, size_t len);
void wire_tcp_input(const uint8_t *bytes, size_t len);
void tcp_options_input(const uint8_t *bytes, size_t len);
void wire_checksum_input(const uint8_t *bytes, size_t len);
void wire_decode_input(const uint8_t *bytes, size_t len);

#endif
