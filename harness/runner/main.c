/* harness/runner/main.c: the program lockwire-sim. */
#include "harness/runner/cli.h"

int main(int argc, char **argv)
{
    return runner_main(argc, argv);
}
