/* harness/fuzz/targets.c: the list of targets. */
#include "harness/fuzz/fuzz.h"

#include "harness/host/closest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIRE(NAME, WHAT) {#NAME, WHAT, NULL, NAME##_input, NULL, NULL}

const struct fuzz_target fuzz_targets[] = {
    {"frame", "one Ethernet frame into a host that is doing something", frame_open, frame_input,
     frame_mutate, NULL},
    {"frames", "several frames with delays between them", frames_open, frames_input, frames_mutate,
     frames_cross},
    {"tcp_state", "segments, time and the application, from every state of a connection",
     tcp_state_open, tcp_state_input, tcp_state_mutate, tcp_state_cross},
    {"control", "the control protocol: commands, frames, advances", control_open, control_input,
     control_mutate, control_cross},
    {"replay", "the reader of recordings", NULL, replay_input, replay_mutate, NULL},
    WIRE(wire_ethernet, "Ethernet, VLAN and SNAP headers"),
    WIRE(wire_arp, "ARP packets"),
    WIRE(wire_ip4, "IPv4 headers"),
    WIRE(wire_ip4_options, "IPv4 options: walk, judgement, copies, recording"),
    WIRE(wire_icmp, "ICMP messages and the datagrams they quote"),
    WIRE(wire_igmp, "IGMP messages"),
    WIRE(wire_udp, "UDP and UDP-Lite headers"),
    WIRE(wire_tcp, "TCP headers"),
    WIRE(tcp_options, "TCP options: reading, writing, and back again"),
    WIRE(wire_checksum, "the Internet checksum: pieces, positions, updates"),
    WIRE(wire_decode, "the simulator's own reading of frames, and its repair of checksums"),
    {NULL, NULL, NULL, NULL, NULL, NULL},
};

static const char *target_name(const void *ctx, size_t i)
{
    (void)ctx;
    return fuzz_targets[i].name;
}

const struct fuzz_target *fuzz_target_find(const char *name)
{
    for (const struct fuzz_target *t = fuzz_targets; t->name != NULL; t++)
        if (strcmp(t->name, name) == 0)
            return t;
    char near[200];
    size_t n = closest_names(name, target_name, NULL, near, sizeof near);
    fprintf(stderr, "lockwire-fuzz: there is no target \"%s\"%s%s%s\n", name,
            n > 0 ? ", did you mean " : "", near, n > 0 ? "?" : "");
    return NULL;
}

void fuzz_finding(const char *format, ...)
{
    va_list args;
    fputs("lockwire-fuzz: found: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputs("\n", stderr);
    fflush(NULL);
    abort();
}
