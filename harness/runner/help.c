/* harness/runner/help.c: what the user is told. */
#include "harness/bench/bench.h"
#include "harness/runner/cli.h"
#include "sim/build_id.h"

#include <stdio.h>

static const char top[] =
    "NAME\n"
    "    lockwire-sim - many TCP/IP stacks on a virtual Ethernet, in virtual time\n"
    "\n"
    "SYNOPSIS\n"
    "    lockwire-sim --control FD [--record FILE] [--seed N] [--paced [RATIO]] [--check [N]]\n"
    "                 [--memory SIZE] [--batch N]\n"
    "    lockwire-sim --replay FILE [--capture FILE] [--trace FILE] [--check [N]] [--memory SIZE]\n"
    "    lockwire-sim --bench [NAME] [--frames N] [--json]\n"
    "    lockwire-sim --help | --version\n"
    "\n"
    "DESCRIPTION\n"
    "    The simulator process of Lockwire. People type `lockwire run` and `lockwire replay`,\n"
    "    which start this program; by hand it is useful for replaying under a debugger, for\n"
    "    measuring, and for controllers of one's own (the protocol: harness/PROTOCOL.md).\n"
    "\n"
    "    One process holds one world: hosts, each with a stack of its own, segments, virtual\n"
    "    time. A run is a pure function of the seed and of what the controller says; its\n"
    "    identity is the trace hash, equal for equal runs whatever the compiler, the\n"
    "    optimisation and the machine.\n"
    "\n"
    "OPTIONS\n"
    "    --control FD     Be driven over the inherited SOCK_SEQPACKET socket FD.\n"
    "    --record FILE    Append every message of the controller to FILE as it arrives.\n"
    "    --seed N         The run's seed, 0 to 2^64-1. Default 0.\n"
    "    --paced [RATIO]  Let virtual time follow wall time, RATIO virtual per wall second:\n"
    "                     1 (the default), 10, 1/10 ... The trace is the same as without.\n"
    "    --check [N]      Validate all objects of a host after each N-th use of its stack:\n"
    "                     1 always (the default of --check alone and of sanitizer and debug\n"
    "                     builds), 0 never; without the option 64. Never changes the trace.\n"
    "    --memory SIZE    Limit of the world's memory: 64M, 2G ... Default 8G (used as needed).\n"
    "    --batch N        Events per turn of the event loop. Never changes the trace.\n"
    "    --replay FILE    Run a recording again and compare the trace hash with the recorded one.\n"
    "    --capture FILE   With --replay: write a pcapng file of everything on the wires.\n"
    "    --trace FILE     With --replay: write the trace, one JSON object a line.\n"
    "    --bench [NAME]   Measure: CPU time per frame, best of several runs. Without a name: all.\n"
    "    --frames N       With --bench: do this much work once instead (for instruction counts by\n"
    "                     the difference of two runs under callgrind).\n"
    "    --json           With --bench: print JSON.\n"
    "    --help, --version\n"
    "\n"
    "BENCHMARKS\n";

static const char bottom[] =
    "\n"
    "EXIT STATUS\n"
    "    0    the run was finished; replay: the trace hash is the recorded one\n"
    "    1    replay: the hash differs, or none was recorded because the run had not finished;\n"
    "         it was replayed up to its end\n"
    "    2    bad usage; replay: FILE cannot be read or is not a whole recording\n"
    "    3    the run could not go on: the controller broke the protocol, an object check or\n"
    "         another oracle failed, an assertion of the stack failed (told in an X message and\n"
    "         on stderr)\n"
    "    4    the controller went away without `finish`\n"
    "    128+n  ended by SIGINT or SIGTERM; captures and recordings are whole up to then\n"
    "\n"
    "EXAMPLES\n"
    "    lockwire-sim --replay lockwire-out/x/replay.lwr --capture x.pcapng\n"
    "    gdb --args lockwire-sim --replay lockwire-out/x/replay.lwr\n"
    "    lockwire-sim --bench udp_echo_64\n";

void help_print(void)
{
    fputs(top, stdout);
    for (size_t i = 0; benches[i].name != NULL; i++)
        printf("    %-16s %s\n", benches[i].name, benches[i].what);
    fputs(bottom, stdout);
}

void version_print(void)
{
    uint8_t id[BUILD_ID_MAX];
    size_t len = build_id_get(id);
    printf("lockwire-sim %s, build ", LOCKWIRE_VERSION);
    for (size_t i = 0; i < len; i++)
        printf("%02x", id[i]);
    printf("\n");
}
