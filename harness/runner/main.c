/* harness/runner/main.c: the program lockwire-sim. */
#include "harness/host/host.h"
#include "harness/runner/cli.h"

int main(int argc, char **argv)
{
    struct cli c;
    if (!cli_parse(&c, argc, argv))
        return EXIT_USAGE_ERROR;
    host_check_every(c.check);
    switch (c.job) {
    case JOB_HELP:
        help_print();
        return EXIT_OK;
    case JOB_VERSION:
        version_print();
        return EXIT_OK;
    case JOB_REPLAY:
        return replay_main(&c);
    case JOB_BENCH:
        return bench_main(&c);
    case JOB_CONTROL:
        break;
    }
    return live_main(&c);
}
