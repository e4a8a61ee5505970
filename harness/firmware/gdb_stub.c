/* harness/firmware/gdb_stub.c: see gdb_stub.h. Read gdb_stub_hear() first. */
#include "harness/firmware/gdb_stub.h"

#include "harness/firmware/gdb_xml.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define REGISTERS 17u   /* r0 to r15, CPSR: the order of target.xml */
#define CPSR 16u
#define CPSR_OLD 25u    /* for a gdb that does not read target.xml */
#define MONITOR_MAX (GDB_PAYLOAD_MAX / 2u - 1u)
#define FAULT "E0e"     /* EFAULT */
#define INVALID "E16"   /* EINVAL */

/* What is left of a packet. */
struct words {
    const char *at, *end;
};

static size_t left(const struct words *w)
{
    return (size_t)(w->end - w->at);
}

static bool skip(struct words *w, const char *text)
{
    size_t n = strlen(text);

    if (left(w) < n || memcmp(w->at, text, n) != 0)
        return false;
    w->at += n;
    return true;
}

/* A number of 32 bits in hexadecimal. */
static bool number(struct words *w, uint32_t *value)
{
    const char *begin = w->at;
    uint64_t n = 0;

    while (w->at < w->end && gdb_digit(*w->at) >= 0 && n <= UINT32_MAX)
        n = n << 4 | (unsigned)gdb_digit(*w->at++);
    *value = (uint32_t)n;
    return w->at != begin && n <= UINT32_MAX;
}

static void say(struct gdb_stub *s, const char *text)
{
    s->length = strlen(text);
    assert(s->length <= sizeof s->answer);
    memcpy(s->answer, text, s->length);
}

static void say_ok(struct gdb_stub *s, bool ok, const char *error)
{
    say(s, ok ? "OK" : error);
}

/* ---- Registers ---- */

static bool is_register(uint32_t name)
{
    return name < REGISTERS || name == CPSR_OLD;
}

static uint32_t register_get(const struct arm7 *cpu, uint32_t name)
{
    return name < CPSR ? cpu->r[name] : cpu->cpsr;
}

static bool register_set(struct arm7 *cpu, uint32_t name, uint32_t value)
{
    if (name >= CPSR)
        return arm7_set_cpsr(cpu, value);
    cpu->r[name] = name == 15 ? value & ~1u : value;
    return true;
}

static void say_changed(struct gdb_stub *s, bool ok, const char *error)
{
    if (ok)
        s->target.changed(s->target.ctx);
    say_ok(s, ok, error);
}

static void hear_g(struct gdb_stub *s)
{
    for (unsigned i = 0; i < REGISTERS; i++) {
        uint32_t value = register_get(s->target.cpu, i);
        gdb_hex(&value, 4, s->answer + 8 * i); /* little-endian, as this machine is */
    }
    s->length = 8 * REGISTERS;
}

/* CPSR first: it decides which registers the others are. */
static void hear_G(struct gdb_stub *s, struct words *w)
{
    uint32_t values[REGISTERS];
    bool ok = left(w) == 8 * REGISTERS && gdb_unhex(w->at, values, sizeof values);

    ok = ok && register_set(s->target.cpu, CPSR, values[CPSR]);
    for (unsigned i = 0; ok && i < CPSR; i++)
        register_set(s->target.cpu, i, values[i]);
    say_changed(s, ok, INVALID);
}

static void hear_p(struct gdb_stub *s, struct words *w)
{
    uint32_t name, value;

    if (!number(w, &name) || left(w) != 0 || !is_register(name)) {
        say(s, INVALID);
        return;
    }
    value = register_get(s->target.cpu, name);
    gdb_hex(&value, 4, s->answer);
    s->length = 8;
}

static void hear_P(struct gdb_stub *s, struct words *w)
{
    uint32_t name, value;
    bool ok = number(w, &name) && skip(w, "=") && is_register(name) && left(w) == 8 &&
              gdb_unhex(w->at, &value, 4);

    say_changed(s, ok && register_set(s->target.cpu, name, value), INVALID);
}

/* ---- Memory ---- */

static void hear_m(struct gdb_stub *s, struct words *w)
{
    uint8_t bytes[GDB_PAYLOAD_MAX / 2];
    uint32_t addr, count;

    if (!number(w, &addr) || !skip(w, ",") || !number(w, &count) || left(w) != 0 ||
        count > sizeof bytes) {
        say(s, INVALID);
    } else if (!s->target.peek(s->target.ctx, addr, bytes, count)) {
        say(s, FAULT);
    } else {
        gdb_hex(bytes, count, s->answer);
        s->length = 2 * (size_t)count;
    }
}

static void write_memory(struct gdb_stub *s, uint32_t addr, const void *bytes, uint32_t count)
{
    if (count == 0)
        say(s, "OK"); /* gdb asks so whether there is an X */
    else
        say_changed(s, s->target.poke(s->target.ctx, addr, bytes, count), FAULT);
}

static bool place(struct words *w, uint32_t *addr, uint32_t *count)
{
    return number(w, addr) && skip(w, ",") && number(w, count) && skip(w, ":");
}

static void hear_M(struct gdb_stub *s, struct words *w)
{
    uint8_t bytes[GDB_PAYLOAD_MAX / 2];
    uint32_t addr, count;

    if (place(w, &addr, &count) && count <= sizeof bytes && left(w) == 2 * (size_t)count &&
        gdb_unhex(w->at, bytes, count))
        write_memory(s, addr, bytes, count);
    else
        say(s, INVALID);
}

static void hear_X(struct gdb_stub *s, struct words *w)
{
    uint32_t addr, count;

    if (place(w, &addr, &count) && left(w) == count)
        write_memory(s, addr, w->at, count);
    else
        say(s, INVALID);
}

/* ---- Going on ---- */

/* c, s, C, S: [signal;][address]. Signals are not handed to firmware. */
static enum gdb_wish hear_go(struct gdb_stub *s, struct words *w, char letter)
{
    bool ok = true, signal = letter == 'C' || letter == 'S';
    uint32_t value;

    if (signal)
        ok = number(w, &value) && (left(w) == 0 || skip(w, ";"));
    if (ok && left(w) != 0) {
        ok = number(w, &value) && left(w) == 0;
        if (ok) {
            register_set(s->target.cpu, 15, value);
            s->target.changed(s->target.ctx);
        }
    }
    if (ok)
        return letter == 's' || letter == 'S' ? GDB_STEP : GDB_CONTINUE;
    say(s, INVALID);
    return GDB_ANSWER;
}

/* vCont;action[:thread]...: the first is meant for the one thread there is. */
static enum gdb_wish hear_vcont(struct gdb_stub *s, struct words *w)
{
    char action = left(w) != 0 ? *w->at : '\0';

    switch (action) {
    case 'c':
    case 'C':
        return GDB_CONTINUE;
    case 's':
    case 'S':
        return GDB_STEP;
    default:
        say(s, INVALID);
        return GDB_ANSWER;
    }
}

static enum gdb_wish hear_v(struct gdb_stub *s, struct words *w)
{
    if (skip(w, "Cont?")) {
        say(s, "vCont;c;C;s;S");
    } else if (skip(w, "Cont;")) {
        return hear_vcont(s, w);
    } else if (skip(w, "Kill")) {
        say(s, "OK");
        return GDB_DETACH;
    }
    return GDB_ANSWER;
}

static void hear_point(struct gdb_stub *s, struct words *w, bool set)
{
    uint32_t kind, addr, bytes;

    if (!number(w, &kind) || !skip(w, ",") || !number(w, &addr) || !skip(w, ",") ||
        !number(w, &bytes))
        say(s, INVALID);
    else if (kind <= GDB_WATCH_BOTH)
        say_ok(s, s->target.point(s->target.ctx, (enum gdb_point)kind, set, addr, bytes), FAULT);
}

/* ---- Questions ---- */

/* A part of a text: offset,length. "l" in front: to its end, "m": there is more. */
static void hear_part(struct gdb_stub *s, struct words *w, const char *text)
{
    size_t length = strlen(text);
    uint32_t from, count;

    if (!number(w, &from) || !skip(w, ",") || !number(w, &count) || left(w) != 0 ||
        from > length) {
        say(s, INVALID);
        return;
    }
    size_t n = length - from;
    n = n < count ? n : count;
    n = n < sizeof s->answer - 1 ? n : sizeof s->answer - 1;
    s->answer[0] = from + n == length ? 'l' : 'm';
    memcpy(s->answer + 1, text + from, n);
    s->length = n + 1;
}

static void hear_monitor(struct gdb_stub *s, struct words *w)
{
    char command[128], text[MONITOR_MAX + 1];
    size_t n = left(w) / 2;

    if (left(w) % 2 != 0 || n >= sizeof command || !gdb_unhex(w->at, command, n)) {
        say(s, INVALID);
        return;
    }
    command[n] = '\0';
    text[0] = '\0';
    s->target.monitor(s->target.ctx, command, text, sizeof text);
    n = strlen(text);
    if (n == 0) {
        say(s, "OK");
        return;
    }
    gdb_hex(text, n, s->answer);
    s->length = 2 * n;
}

static void hear_q(struct gdb_stub *s, struct words *w)
{
    char text[120];

    if (skip(w, "Supported")) {
        snprintf(text, sizeof text, "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;"
                 "qXfer:memory-map:read+;vContSupported+", GDB_PAYLOAD_MAX);
        say(s, text);
    } else if (skip(w, "Xfer:features:read:target.xml:")) {
        hear_part(s, w, gdb_target_xml());
    } else if (skip(w, "Xfer:memory-map:read::")) {
        hear_part(s, w, gdb_memory_xml());
    } else if (skip(w, "Xfer:features:read:")) {
        say(s, "E00"); /* another annex */
    } else if (skip(w, "Rcmd,")) {
        hear_monitor(s, w);
    } else if (skip(w, "Attached")) {
        say(s, "1"); /* leaving gdb does not end what was there before it */
    } else if (skip(w, "fThreadInfo")) {
        say(s, "m1");
    } else if (skip(w, "sThreadInfo")) {
        say(s, "l");
    } else if (skip(w, "C") && left(w) == 0) {
        say(s, "QC1");
    }
}

/* ---- What it does ---- */

void gdb_stub_init(struct gdb_stub *s, const struct gdb_target *target)
{
    *s = (struct gdb_stub){.target = *target};
    gdb_stub_stopped(s, GDB_SIGTRAP);
}

void gdb_stub_stopped(struct gdb_stub *s, enum gdb_signal signal)
{
    snprintf(s->stop, sizeof s->stop, "T%02xthread:1;", (unsigned)signal);
    say(s, s->stop);
}

void gdb_stub_watched(struct gdb_stub *s, enum gdb_point kind, uint32_t addr)
{
    const char *name = kind == GDB_WATCH_WRITE  ? "watch"
                       : kind == GDB_WATCH_READ ? "rwatch"
                                                : "awatch";

    snprintf(s->stop, sizeof s->stop, "T%02x%s:%08x;thread:1;", GDB_SIGTRAP, name, addr);
    say(s, s->stop);
}

void gdb_stub_ended(struct gdb_stub *s, unsigned signal)
{
    snprintf(s->stop, sizeof s->stop, "%c%02x", signal != 0 ? 'X' : 'W', signal);
    say(s, s->stop);
}

static enum gdb_wish hear_other(struct gdb_stub *s, struct words *w, char letter)
{
    switch (letter) {
    case '?':
        say(s, s->stop);
        break;
    case 'H': /* the thread that what follows is about */
    case 'T': /* is it alive? */
        say(s, "OK");
        break;
    case 'D':
        say(s, "OK");
        return GDB_DETACH;
    case 'k':
        return GDB_KILL;
    case 'Q':
        if (!skip(w, "StartNoAckMode"))
            break;
        say(s, "OK");
        return GDB_NO_ACKS;
    case 'q':
        hear_q(s, w);
        break;
    case 'v':
        return hear_v(s, w);
    default:
        break;
    }
    return GDB_ANSWER;
}

enum gdb_wish gdb_stub_hear(struct gdb_stub *s, const char *packet, size_t length)
{
    struct words w = {packet + (length != 0), packet + length};

    s->length = 0;
    switch (packet[0]) {
    case 'g':
        hear_g(s);
        break;
    case 'G':
        hear_G(s, &w);
        break;
    case 'p':
        hear_p(s, &w);
        break;
    case 'P':
        hear_P(s, &w);
        break;
    case 'm':
        hear_m(s, &w);
        break;
    case 'M':
        hear_M(s, &w);
        break;
    case 'X':
        hear_X(s, &w);
        break;
    case 'c':
    case 's':
    case 'C':
    case 'S':
        return hear_go(s, &w, packet[0]);
    case 'Z':
    case 'z':
        hear_point(s, &w, packet[0] == 'Z');
        break;
    default:
        return hear_other(s, &w, packet[0]);
    }
    return GDB_ANSWER;
}
