/* harness/firmware/gdb.c: see gdb.h. */
#include "harness/firmware/gdb.h"

#include "harness/firmware/gdb_monitor.h"
#include "harness/firmware/gdb_packet.h"
#include "harness/firmware/gdb_points.h"
#include "harness/firmware/gdb_socket.h"
#include "harness/firmware/gdb_stub.h"
#include "harness/firmware/machine.h"
#include "harness/firmware/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_SHOWN 64u

/* An interrupt came in the middle of a step: the processor runs until it is back where it was. */
struct detour {
    bool on;
    bool done;         /* the instruction to step over was executed before the interrupt */
    uint32_t pc, sp, mode; /* of the interrupted instruction */
};

struct gdb {
    char name[NAME_MAX_SHOWN];
    struct machine *machine;
    struct arm7 *cpu;
    const struct machine_process *process;
    struct gdb_socket *socket; /* NULL: gdb has left, nobody debugs any more */
    struct gdb_reader reader;
    struct gdb_stub stub;
    struct gdb_points points;
    struct detour detour;
    char frame[GDB_FRAME_MAX]; /* the last one that was sent, to repeat it */
    size_t frame_length;
    bool acks, held, step;
    bool interrupted;          /* by Ctrl-C, to be seen to */
    bool wrote;
    unsigned fatal;            /* the signal of a crash that gdb was told of */
};

/* ---- To gdb ---- */

static void apply_points(struct gdb *g)
{
    gdb_points_apply(&g->points, g->detour.on ? &g->detour.pc : NULL, g->process->ops,
                     g->process->cpu);
}

/* The processor runs on as if gdb had never been there. */
static void leave(struct gdb *g)
{
    gdb_socket_close(g->socket);
    g->socket = NULL;
    g->held = g->step = false;
    g->detour.on = false;
    g->points.break_count = g->points.watch_count = 0;
    apply_points(g);
}

static void lose(struct gdb *g)
{
    fprintf(stderr, "gdb of firmware %s is gone: the run goes on without it\n", g->name);
    leave(g);
}

static void send_bytes(struct gdb *g, const void *bytes, size_t count)
{
    if (g->socket != NULL && !gdb_socket_write(g->socket, bytes, count))
        lose(g);
}

static void send_answer(struct gdb *g)
{
    g->frame_length = gdb_frame(g->stub.answer, g->stub.length, g->frame);
    send_bytes(g, g->frame, g->frame_length);
}

/* ---- From gdb ---- */

/* After a crash there is nothing to go on with: gdb hears how it ended. */
static void resume(struct gdb *g, bool step)
{
    g->held = false;
    g->step = step;
    if (g->fatal == 0)
        return;
    gdb_stub_ended(&g->stub, g->fatal);
    send_answer(g);
    leave(g);
}

static void hear_packet(struct gdb *g)
{
    if (g->acks)
        send_bytes(g, "+", 1);
    if (!g->held || g->socket == NULL)
        return; /* no question is asked while it runs */
    switch (gdb_stub_hear(&g->stub, g->reader.payload, g->reader.length)) {
    case GDB_ANSWER:
        send_answer(g);
        break;
    case GDB_NO_ACKS:
        send_answer(g);
        g->acks = false;
        break;
    case GDB_CONTINUE:
        resume(g, false);
        break;
    case GDB_STEP:
        resume(g, true);
        break;
    case GDB_DETACH:
        send_answer(g);
        leave(g);
        break;
    case GDB_KILL:
        leave(g);
        break;
    }
}

static void hear(struct gdb *g, uint8_t byte)
{
    switch (gdb_reader_byte(&g->reader, byte)) {
    case GDB_PACKET:
        hear_packet(g);
        break;
    case GDB_DAMAGED:
        if (g->acks)
            send_bytes(g, "-", 1);
        break;
    case GDB_NAK:
        if (g->acks && g->held)
            send_bytes(g, g->frame, g->frame_length);
        break;
    case GDB_INTERRUPT:
        g->interrupted = !g->held;
        break;
    case GDB_ACK:
    case GDB_NOTHING:
        break;
    }
}

static void listen_to(struct gdb *g, bool wait)
{
    uint8_t bytes[1024];
    size_t count;

    switch (gdb_socket_read(g->socket, bytes, sizeof bytes, wait, &count)) {
    case GDB_READ_BYTES:
        for (size_t i = 0; i < count && g->socket != NULL; i++)
            hear(g, bytes[i]);
        break;
    case GDB_READ_GONE:
        lose(g);
        break;
    case GDB_READ_END:
        leave(g);
        break;
    case GDB_READ_NOTHING:
        break;
    }
}

/* Virtual time stands still in here. */
static void hold(struct gdb *g)
{
    g->held = true;
    g->step = g->interrupted = false;
    if (g->detour.on) {
        g->detour.on = false;
        apply_points(g);
    }
    while (g->held && g->socket != NULL)
        listen_to(g, true);
}

static void stop(struct gdb *g, enum gdb_signal signal)
{
    gdb_stub_stopped(&g->stub, signal);
    g->held = true;
    send_answer(g);
    hold(g);
}

/* ---- What gdb may do ---- */

static bool peek_emac(struct gdb *g, uint32_t addr, uint8_t *bytes, uint32_t count)
{
    const struct emac *e = lpc2468_emac(board_chip(machine_board(g->machine)));

    if (addr < EMAC_BASE || addr - EMAC_BASE > EMAC_SIZE || count > EMAC_SIZE - (addr - EMAC_BASE))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t offset = addr - EMAC_BASE + i;
        bytes[i] = (uint8_t)(emac_peek(e, offset & ~3u) >> 8 * (offset & 3));
    }
    return true;
}

static bool on_peek(void *ctx, uint32_t addr, void *bytes, uint32_t count)
{
    struct gdb *g = ctx;

    return machine_peek(g->machine, addr, bytes, count) || peek_emac(g, addr, bytes, count);
}

static bool on_poke(void *ctx, uint32_t addr, const void *bytes, uint32_t count)
{
    struct gdb *g = ctx;

    return machine_poke(g->machine, addr, bytes, count);
}

static bool on_point(void *ctx, enum gdb_point kind, bool set, uint32_t addr, uint32_t bytes)
{
    struct gdb *g = ctx;
    bool ok = !set || gdb_points_set(&g->points, kind, addr, bytes);

    if (!set)
        gdb_points_clear(&g->points, kind, addr, bytes);
    apply_points(g);
    return ok;
}

static void on_monitor(void *ctx, const char *command, char *text, size_t room)
{
    gdb_monitor(((struct gdb *)ctx)->machine, command, text, room);
}

static void on_changed(void *ctx)
{
    struct gdb *g = ctx;

    if (!g->wrote)
        fprintf(stderr, "gdb writes to firmware %s: its recording will not repeat this run\n",
                g->name);
    g->wrote = true;
}

/* ---- Life ---- */

struct gdb *gdb_new(const char *name, uint16_t port, int controller, char *why, size_t room)
{
    struct gdb *g = calloc(1, sizeof *g);
    char text[120];

    if (g == NULL) {
        snprintf(why, room, "gdb: no memory");
        return NULL;
    }
    g->socket = gdb_socket_open(port, controller, text, sizeof text);
    if (g->socket == NULL) {
        snprintf(why, room, "gdb of firmware %s: %s", name, text);
        free(g);
        return NULL;
    }
    snprintf(g->name, sizeof g->name, "%s", name);
    gdb_reader_init(&g->reader);
    g->acks = true;
    return g;
}

void gdb_free(struct gdb *g)
{
    if (g == NULL)
        return;
    if (g->socket != NULL && gdb_socket_connected(g->socket)) {
        gdb_stub_ended(&g->stub, 0);
        send_answer(g);
    }
    gdb_socket_close(g->socket);
    free(g);
}

uint16_t gdb_port(const struct gdb *g)
{
    return gdb_socket_port(g->socket);
}

void gdb_follow(struct gdb *g, struct machine *m, struct arm7 *cpu,
                const struct machine_process *process)
{
    const struct gdb_target target = {.ctx = g, .cpu = cpu, .peek = on_peek, .poke = on_poke,
                                      .point = on_point, .monitor = on_monitor,
                                      .changed = on_changed};

    g->machine = m;
    g->cpu = cpu;
    g->process = process;
    gdb_stub_init(&g->stub, &target);
    fprintf(stderr, "waiting for gdb: target remote localhost:%u\n", gdb_port(g));
}

/* ---- The machine's turns ---- */

void gdb_turn(struct gdb *g)
{
    if (g == NULL || g->socket == NULL)
        return;
    if (!gdb_socket_connected(g->socket)) {
        hold(g); /* gdb asks by itself why it stands still */
        return;
    }
    listen_to(g, false);
    if (g->interrupted && g->socket != NULL)
        stop(g, GDB_SIGINT);
}

uint64_t gdb_limit(const struct gdb *g, uint64_t limit)
{
    return g != NULL && g->step && !g->detour.on ? 1 : limit;
}

static enum gdb_signal signal_of(const struct cpu_fault *fault)
{
    switch (fault->kind) {
    case CPU_UNDEFINED:
        return GDB_SIGILL;
    case CPU_FETCH:
        return GDB_SIGSEGV;
    case CPU_READ:
    case CPU_WRITE:
        return GDB_SIGBUS;
    default:
        return GDB_SIGABRT;
    }
}

static void watched(struct gdb *g)
{
    uint32_t addr;
    size_t index = g->process->ops->watched(g->process->cpu, &addr);

    gdb_stub_watched(&g->stub, g->points.watch_kinds[index], addr);
    g->held = true;
    send_answer(g);
    hold(g);
}

/* The mode that the present one, an interrupt's, goes back to, and that mode's stack pointer. */
static void take_detour(struct gdb *g, uint32_t pc, bool done)
{
    uint32_t back = g->cpu->spsr[arm7_bank(g->cpu->cpsr)];

    g->detour = (struct detour){.on = true, .done = done, .pc = pc, .mode = back & ARM7_MODE,
                                .sp = g->cpu->sp[arm7_bank(back)]};
    apply_points(g);
}

static bool is_back(const struct gdb *g)
{
    return g->detour.on && g->cpu->r[15] == g->detour.pc && g->cpu->r[13] == g->detour.sp &&
           (g->cpu->cpsr & ARM7_MODE) == g->detour.mode;
}

/* One instruction was executed for gdb. If an interrupt was taken, gdb would find itself in the
 * handler, of which it cannot tell where it came from: the handler runs first. */
static void stepped(struct gdb *g)
{
    uint32_t pc, mode = g->cpu->cpsr & ARM7_MODE;
    uint64_t executed;

    if (g->process->ops->interrupted(g->process->cpu, &pc, &executed) &&
        (mode == ARM7_MODE_IRQ || mode == ARM7_MODE_FIQ))
        take_detour(g, pc, executed != 0);
    else
        stop(g, GDB_SIGTRAP);
}

static void broke(struct gdb *g)
{
    bool back = is_back(g), done = g->detour.done;

    if (back && !done) {
        g->detour.on = false; /* and once more the step */
        apply_points(g);
    } else if (back || gdb_points_break_at(&g->points, g->cpu->r[15])) {
        stop(g, GDB_SIGTRAP);
    }
}

void gdb_ran(struct gdb *g, enum cpu_stop why, const struct cpu_fault *fault, uint64_t executed)
{
    if (g == NULL || g->socket == NULL)
        return;
    if (why == CPU_FAULT) {
        g->fatal = signal_of(fault);
        stop(g, signal_of(fault));
    } else if (why == CPU_WATCH) {
        watched(g);
    } else if (why == CPU_BREAK) {
        broke(g);
    } else if (g->step && !g->detour.on && executed != 0) {
        stepped(g);
    }
}
