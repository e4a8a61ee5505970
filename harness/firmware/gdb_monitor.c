/* harness/firmware/gdb_monitor.c: see gdb_monitor.h. */
#include "harness/firmware/gdb_monitor.h"

#include "harness/firmware/machine.h"
#include "harness/firmware/text.h"

#include <inttypes.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)
#define CONSOLE_SHOWN 1500u

struct command {
    const char *name, *what;
    void (*say)(struct machine *m, struct text *t);
};

static void put_time(struct text *t, uint64_t ns)
{
    text_put(t, "%" PRIu64 ".%09" PRIu64 " s", ns / NS_PER_S, ns % NS_PER_S);
}

static void say_time(struct machine *m, struct text *t)
{
    put_time(t, machine_time_ns(m));
    text_put(t, ", %" PRIu64 " instructions\n", machine_instructions(m));
}

static void say_registers(struct machine *m, struct text *t)
{
    machine_describe(m, t->to + t->used, t->room - t->used);
    t->used += strlen(t->to + t->used);
}

static void say_emac(struct machine *m, struct text *t)
{
    const struct emac *e = lpc2468_emac(board_chip(machine_board(m)));
    unsigned told = 0;

    for (uint32_t offset = 0; offset < EMAC_SIZE; offset += 4) {
        const char *name = emac_register_name(offset);
        if (name != NULL)
            text_put(t, "%-20s %08x%s", name, emac_peek(e, offset),
                     ++told % 2 == 0 ? "\n" : "    ");
    }
    text_put(t, told % 2 == 0 ? "" : "\n");
}

static void say_guest_errors(struct machine *m, struct text *t)
{
    const struct guest_error *errors;
    uint64_t total;
    size_t count = board_errors(machine_board(m), &errors, &total);

    text_put(t, "%" PRIu64 " guest errors\n", total);
    for (size_t i = 0; i < count; i++) {
        const struct guest_error *e = &errors[i];
        put_time(t, e->t_ns);
        text_put(t, " pc %08x %s: %s %s at %08x, value %x: %s\n", e->pc,
                 guest_error_name(e->kind), e->write ? "write" : "read", e->reg, e->addr, e->value,
                 e->what);
    }
}

static void say_console(struct machine *m, struct text *t)
{
    size_t bytes;
    uint64_t total;
    const char *console = machine_console(m, &bytes, &total);
    size_t begin = bytes > CONSOLE_SHOWN ? bytes - CONSOLE_SHOWN : 0;

    for (size_t i = begin; i < bytes; i++) {
        char c = console[i];
        text_put(t, "%c", c == '\n' || c == '\t' || (c >= ' ' && c <= '~') ? c : '?');
    }
    text_put(t, total != 0 ? "" : "(nothing was written)\n");
}

static void say_help(struct machine *m, struct text *t);

static const struct command commands[] = {
    {"help", "this list", say_help},
    {"time", "the processor's virtual time, and how many instructions it has executed", say_time},
    {"registers", "mode, registers, what the stack looks like", say_registers},
    {"emac", "registers of the EMAC, as of the last moment in which it did something", say_emac},
    {"guest-errors", "what the firmware did that the manual forbids", say_guest_errors},
    {"console", "the end of what it wrote to UART0", say_console}};
#define COMMANDS (sizeof commands / sizeof commands[0])

static void say_help(struct machine *m, struct text *t)
{
    (void)m;
    for (size_t i = 0; i < COMMANDS; i++)
        text_put(t, "monitor %-14s %s\n", commands[i].name, commands[i].what);
}

void gdb_monitor(struct machine *m, const char *command, char *text, size_t room)
{
    struct text t = {text, 0, room};

    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(command, commands[i].name) == 0) {
            commands[i].say(m, &t);
            return;
        }
    text_put(&t, "there is no \"monitor %s\":\n", command);
    say_help(m, &t);
}
