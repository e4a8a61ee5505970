/* harness/runner/cli.h: what the user asked lockwire-sim for. */
#ifndef HARNESS_RUNNER_CLI_H
#define HARNESS_RUNNER_CLI_H

#include "sim/prng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses; help.c explains them to the user. */
enum exit_status {
    EXIT_OK = 0,         /* finished; replay: the hash is the recorded one */
    EXIT_DIFFERS = 1,    /* replay: it is not, or none was recorded */
    EXIT_USAGE_ERROR = 2, /* bad usage; replay: the file is no whole recording */
    EXIT_FATAL = 3,      /* a broken rule, a failed check, an assertion: said in an X message */
    EXIT_UNFINISHED = 4, /* the controller went away without finishing */
    EXIT_SIGNAL = 128    /* + number of the signal that asked to end */
};

enum cli_job { JOB_CONTROL, JOB_REPLAY, JOB_BENCH, JOB_HELP, JOB_VERSION };

#define CLI_MEMORY_DEFAULT ((size_t)8 << 30)

struct cli {
    enum cli_job job;
    int control_fd;
    const char *record;  /* NULL: none */
    const char *replay;
    const char *capture; /* replay */
    const char *trace;   /* replay */
    const char *bench;   /* a name, or "all" */
    uint64_t frames;     /* bench: work to do, 0: its own choice */
    bool json;
    uint64_t seed;
    bool paced;
    struct ratio pace;
    uint64_t batch;      /* events per turn of the loop, 0: default */
    uint32_t check;      /* entries between object checks */
    size_t memory_bytes; /* limit of the world */
};

/* false: a message that says what is wrong and what was expected went to stderr. */
bool cli_parse(struct cli *c, int argc, char **argv);

void help_print(void);
void version_print(void);

/* All of the program: parses, does the job, returns the exit status. */
int runner_main(int argc, char **argv);

int live_main(const struct cli *c);
int replay_main(const struct cli *c);
int bench_main(const struct cli *c);

#endif
