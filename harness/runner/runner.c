/* harness/runner/runner.c: what the program lockwire-sim does, for whoever has its main(). */
#include "harness/host/host.h"
#include "harness/runner/cli.h"

int runner_main(int argc, char **argv)
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
