/* harness/fuzz/main.c: the program lockwire-fuzz: a target under libFuzzer, which brings main().
 *
 *     lockwire-fuzz --target=NAME [--data=DIR] [--worlds=PREFIX] [--record=FILE]
 *                   [--check=N] [libFuzzer's options] [CORPUS...]
 *
 * libFuzzer leaves words that begin with two dashes to us. With --record, the first input is
 * recorded as a replay while it runs: give one file as the input. Whatever lockwire-sim can do,
 * this program can too (--control, --replay, --version): the same code, so that a find is replayed
 * under the sanitizers that made it one, and worlds.py needs no second program. */
#include "harness/fuzz/dice.h"
#include "harness/fuzz/fuzz.h"
#include "harness/host/host.h"
#include "harness/runner/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t max, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                                 uint8_t *out, size_t room, unsigned seed);

/* At every n-th entry into a host all its objects are checked; always when the input is over. */
#define CHECK_DEFAULT 0u

static const struct fuzz_target *target;

/* The text behind "--name=", or NULL. */
static const char *value(const char *word, const char *name)
{
    size_t len = strlen(name);
    return strncmp(word, name, len) == 0 ? word + len : NULL;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const sim_jobs[] = {"--control", "--replay", "--version"};
    for (size_t i = 0; *argc > 1 && i < sizeof sim_jobs / sizeof sim_jobs[0]; i++)
        if (strcmp((*argv)[1], sim_jobs[i]) == 0)
            exit(runner_main(*argc, *argv));
    struct fuzz_options options = {.data = LOCKWIRE_FUZZ_DATA};
    const char *name = NULL, *text;
    uint32_t check = CHECK_DEFAULT;
    for (int i = 1; i < *argc; i++) {
        const char *word = (*argv)[i];
        if ((text = value(word, "--target=")) != NULL)
            name = text;
        else if ((text = value(word, "--data=")) != NULL)
            options.data = text;
        else if ((text = value(word, "--worlds=")) != NULL)
            options.worlds = text;
        else if ((text = value(word, "--record=")) != NULL)
            options.record = text;
        else if ((text = value(word, "--check=")) != NULL)
            check = (uint32_t)strtoul(text, NULL, 10);
    }
    host_check_every(check);
    if (name == NULL)
        fprintf(stderr, "lockwire-fuzz: --target=NAME is missing\n");
    target = name != NULL ? fuzz_target_find(name) : NULL;
    if (target == NULL || (target->open != NULL && !target->open(&options)))
        exit(EXIT_USAGE_ERROR);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    target->input(bytes, len);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t len, size_t max, unsigned seed)
{
    struct dice d = {seed};
    if (target->mutate == NULL)
        return LLVMFuzzerMutate(bytes, len, max);
    return target->mutate(bytes, len, max, &d);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                                 uint8_t *out, size_t room, unsigned seed)
{
    struct dice d = {seed};
    return target->cross != NULL ? target->cross(a, a_len, b, b_len, out, room, &d) : 0;
}
