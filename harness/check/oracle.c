/* harness/check/oracle.c */
#include "harness/check/oracle.h"

#include "harness/firmware/machine.h"
#include "harness/host/host.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/capture.h"
#include "vnet/segment.h"

#include <stdio.h>

static bool check_host(const struct host *h, char *text, size_t room)
{
    const char *wrong = stack_check(h->stack);
    if (wrong != NULL)
        snprintf(text, room, "object check: host %s: %s", h->name, wrong);
    return wrong != NULL;
}

static bool check_segment(const struct segment *s, char *text, size_t room)
{
    const char *wrong = segment_check(s);
    if (wrong != NULL)
        snprintf(text, room, "object check: segment %s: %s", segment_name(s), wrong);
    return wrong != NULL;
}

static bool check_machine(const struct machine *m, char *text, size_t room)
{
    const char *wrong = machine_check(m);
    if (wrong != NULL)
        snprintf(text, room, "object check: firmware %s: %s", machine_name(m), wrong);
    return wrong != NULL;
}

bool oracle_check(const struct world *w, char *text, size_t room)
{
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        const struct host *h = vector_get(&w->hosts, id);
        if (h != NULL && check_host(h, text, room))
            return true;
    }
    for (uint32_t id = 1; id <= w->machines.count; id++) {
        const struct machine *m = vector_get(&w->machines, id);
        if (m != NULL && check_machine(m, text, room))
            return true;
    }
    for (uint32_t id = 1; id <= w->segments.count; id++) {
        const struct segment *s = vector_get(&w->segments, id);
        if (s != NULL && check_segment(s, text, room))
            return true;
    }
    return false;
}

static void close_hosts(struct world *w, oracle_report_fn *report, void *ctx)
{
    char lost[400], text[600];
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        struct host *h = vector_get(&w->hosts, id);
        if (h == NULL)
            continue;
        snprintf(text, sizeof text, "%s", h->name);
        host_close(h, lost, sizeof lost);
        for (char *c = lost; *c != '\0'; c++)
            if (*c == '\n')
                *c = c[1] == '\0' ? '\0' : ',';
        if (lost[0] != '\0') {
            snprintf(text, sizeof text, "leak: host %s was closed and still holds %s", h->name,
                     lost);
            report(ctx, text);
        }
        host_free(h);
    }
}

void oracle_finish(struct world *w, oracle_report_fn *report, void *ctx)
{
    char text[512];
    const char *error = w->capture != NULL ? capture_error(w->capture) : NULL;
    if (error != NULL) {
        snprintf(text, sizeof text, "capture: %s", error);
        report(ctx, text);
    }
    if (oracle_check(w, text, sizeof text)) {
        report(ctx, text);
        return; /* nothing can be done safely with a broken world: what is lost stays unknown */
    }
    close_hosts(w, report, ctx);
    world_free(w);
    size_t lost = arena_allocated();
    if (lost != 0) {
        snprintf(text, sizeof text,
                 "leak: %zu bytes of the world's memory were never given back (a frame somebody "
                 "still holds?)", lost);
        report(ctx, text);
    }
}
