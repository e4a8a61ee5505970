/* harness/firmware/machine.c: see machine.h. Read turn() first. */
#include "harness/firmware/machine.h"

#include "harness/firmware/gdb.h"
#include "harness/firmware/image.h"
#include "harness/firmware/process.h"
#include "harness/firmware/report.h"
#include "harness/firmware/text.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "vnet/port.h"
#include "vnet/segment.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)
#define PAGE 4096u
#define CRASH_MAX 2048u
/* A stretch without an event is cut here, so that signals and limits of the process are seen. */
#define STRETCH_NS UINT64_C(10000000)

struct machine {
    struct world *world;
    char *name, *path;
    void *file;          /* the image as it was given */
    size_t file_bytes;
    uint32_t id, source;
    struct board *board;
    void *memory;        /* flash and RAM, with room to be aligned in */
    uint8_t *flash, *ram;
    struct arm7 cpu;
    struct event event;  /* the processor goes on */
    uint64_t origin_ns, ips;
    uint64_t ticks;      /* instruction times since origin_ns, executed or skipped */
    uint64_t executed;
    uint64_t yielded_ns; /* the instant at which others were let go first */
    enum machine_state state;
    bool irq, fiq;
    bool on_cpu;         /* within a run of the emulator */
    char *console;
    uint32_t console_bytes;
    uint64_t console_total;
    char crash[CRASH_MAX];
};

#define MEMORY_BYTES (LPC2468_FLASH_SIZE + LPC2468_RAM_SIZE + PAGE)

/* ---- Time ---- */

static uint64_t scale(uint64_t value, uint64_t to, uint64_t from, uint64_t round)
{
    return (uint64_t)(((unsigned __int128)value * to + round) / from);
}

/* When the instruction after `ticks` begins. */
static uint64_t time_of(const struct machine *m, uint64_t ticks)
{
    return m->origin_ns + scale(ticks, NS_PER_S, m->ips, 0);
}

/* How many instructions begin before t_ns. */
static uint64_t ticks_before(const struct machine *m, uint64_t t_ns)
{
    if (t_ns <= m->origin_ns)
        return 0;
    uint64_t ticks = scale(t_ns - m->origin_ns, m->ips, NS_PER_S, 0);
    while (time_of(m, ticks) < t_ns)
        ticks++;
    return ticks;
}

static struct machine_process *process(const struct machine *m)
{
    return process_of(m->id);
}

/* The world's time for an access of the instruction that is being executed. */
static uint64_t local_ns(const struct machine *m)
{
    const struct machine_process *p = process(m);
    uint64_t t = time_of(m, m->ticks + (m->on_cpu ? p->ops->executed(p->cpu) : 0));

    return t < m->world->sim->now_ns ? m->world->sim->now_ns : t;
}

/* Nothing can reach the processor before this; NEVER: nothing ever will. */
static uint64_t next_change(const struct machine *m)
{
    const struct sim *sim = m->world->sim;
    uint64_t t = queue_next(sim->queue), next = board_next(m->board);

    t = next < t ? next : t;
    return sim->until_ns < t ? sim->until_ns : t;
}

static uint64_t horizon(const struct machine *m)
{
    uint64_t t = next_change(m), end = m->world->sim->now_ns + STRETCH_NS;

    return end < t ? end : t;
}

/* ---- The bus ---- */

/* What the access did may be due sooner than anything before. */
static void look_ahead(struct machine *m)
{
    const struct machine_process *p = process(m);
    uint64_t done = p->ops->executed(p->cpu), most = ticks_before(m, horizon(m));
    uint64_t limit = most > m->ticks ? most - m->ticks : 0;

    p->ops->limit(p->cpu, gdb_limit(p->gdb, limit > done + 1 ? limit : done + 1));
}

static uint32_t bus_read(void *ctx, uint32_t addr, unsigned bytes)
{
    struct machine *m = ctx;
    const struct machine_process *p = process(m);

    lpc2468_pc(board_chip(m->board), p->ops->pc(p->cpu));
    uint32_t value = board_read(m->board, addr, bytes, local_ns(m));
    if (lpc2468_register_counts(addr))
        p->ops->changes(p->cpu);
    look_ahead(m);
    return value;
}

static void bus_write(void *ctx, uint32_t addr, uint32_t value, unsigned bytes)
{
    struct machine *m = ctx;
    const struct machine_process *p = process(m);

    lpc2468_pc(board_chip(m->board), p->ops->pc(p->cpu));
    board_write(m->board, addr, value, bytes, local_ns(m));
    if (lpc2468_asleep(board_chip(m->board)))
        p->ops->stop(p->cpu);
    look_ahead(m);
}

static void bus_misaligned(void *ctx, uint32_t addr, unsigned bytes, bool write)
{
    struct machine *m = ctx;
    const struct machine_process *p = process(m);
    struct guest_error e = {.kind = GUEST_MISALIGNED, .write = write, .reg = "", .addr = addr,
                            .value = bytes, .pc = p->ops->pc(p->cpu), .t_ns = local_ns(m),
                            .what = "an ARM7 does not access memory at this address as written"};

    board_guest_error(m->board, &e);
}

/* ---- What the board tells ---- */

static void on_irq(void *ctx, bool irq, bool fiq)
{
    struct machine *m = ctx;
    const struct machine_process *p = process(m);

    m->irq = irq;
    m->fiq = fiq;
    if (p->cpu != NULL)
        p->ops->lines(p->cpu, irq, fiq);
}

static void on_sent_ahead(void *ctx)
{
    const struct machine_process *p = process(ctx);

    p->ops->stop(p->cpu);
}

/* An interrupt wakes it; without one, a loop may be waiting for what has changed in the chip. */
static void on_stirred(void *ctx)
{
    struct machine *m = ctx;

    if (m->state == MACHINE_WAITING)
        queue_arm(m->world->sim->queue, &m->event, m->world->sim->now_ns);
}

static void on_console(void *ctx, char byte)
{
    struct machine *m = ctx;

    m->console_total++;
    if (m->console_bytes < MACHINE_CONSOLE_MAX)
        m->console[m->console_bytes++] = byte;
}

/* ---- The processor ---- */

static bool open_cpu(struct machine *m, struct machine_process *p, char *why, size_t room)
{
    const struct cpu_region regions[] = {
        {LPC2468_FLASH_BASE, LPC2468_FLASH_SIZE, m->flash, false},
        {LPC2468_RAM_BASE, LPC2468_RAM_SIZE, m->ram, true},
        {LPC2468_ETHERNET_RAM_BASE, LPC2468_ETHERNET_RAM_SIZE,
         lpc2468_ethernet_ram(board_chip(m->board)), true}};
    const struct cpu_bus bus = {m, bus_read, bus_write, bus_misaligned};
    const char *text;

    p->ops = process_emulator(why, room);
    if (p->ops == NULL)
        return false;
    p->cpu = p->ops->open(regions, sizeof regions / sizeof regions[0], &bus, &text);
    if (p->cpu == NULL)
        snprintf(why, room, "%s", text);
    return p->cpu != NULL;
}

static const struct image_memory memories[] = {
    {LPC2468_FLASH_BASE, LPC2468_FLASH_SIZE, "flash"},
    {LPC2468_RAM_BASE, LPC2468_RAM_SIZE, "RAM"},
    {LPC2468_ETHERNET_RAM_BASE, LPC2468_ETHERNET_RAM_SIZE, "Ethernet RAM"}};
#define MEMORIES (sizeof memories / sizeof memories[0])

static bool open_process(struct machine *m, struct machine_process *p, char *why, size_t room)
{
    p->image = image_open(m->path, m->file, m->file_bytes, memories, MEMORIES, why, room);
    p->of[0] = m;
    p->of[1] = m->flash;
    p->of[2] = lpc2468_ethernet_ram(board_chip(m->board));
    return p->image != NULL && open_cpu(m, p, why, room);
}

static bool is_of(const struct machine_process *p, const struct machine *m)
{
    return p->cpu != NULL && p->of[0] == m && p->of[1] == m->flash &&
           p->of[2] == lpc2468_ethernet_ram(board_chip(m->board));
}

/* After a snapshot this may be another process, or its emulator another machine's. */
static struct machine_process *ready(struct machine *m)
{
    struct machine_process *p = process(m);
    char why[512];

    if (!is_of(p, m)) {
        process_release(m->id);
        if (!open_process(m, p, why, sizeof why))
            machine_lost(m->name, why);
    }
    p->ops->lines(p->cpu, m->irq, m->fiq);
    return p;
}

static void crash(struct machine *m, const struct cpu_fault *fault)
{
    struct guest_error e = {.kind = GUEST_CPU, .reg = "", .addr = fault->addr,
                            .value = m->cpu.cpsr, .pc = m->cpu.r[15],
                            .t_ns = time_of(m, m->ticks), .what = report_fault(fault)};

    m->state = MACHINE_HALTED;
    report_crash(m, process(m)->image, fault, m->crash, sizeof m->crash);
    board_guest_error(m->board, &e);
}

/* The rounds of a loop that changes nothing, up to the last one that begins before something can
 * change, count as executed: what follows is as if they had been. */
static void skip_rounds(struct machine *m, uint64_t period)
{
    uint64_t change = next_change(m);

    if (change == NEVER) {
        m->state = MACHINE_WAITING;
        return;
    }
    uint64_t most = ticks_before(m, change);
    uint64_t skipped = most > m->ticks ? (most - m->ticks) / period * period : 0;
    m->ticks += skipped;
    m->executed += skipped;
}

/* Executes up to the horizon, at least one instruction. */
static void execute(struct machine *m)
{
    struct machine_process *p = ready(m);
    uint64_t most = ticks_before(m, horizon(m));
    struct cpu_fault fault;

    m->on_cpu = true;
    enum cpu_stop why = p->ops->run(p->cpu, &m->cpu,
                                    gdb_limit(p->gdb, most > m->ticks ? most - m->ticks : 1),
                                    &fault);
    uint64_t done = p->ops->executed(p->cpu);
    m->on_cpu = false;
    m->ticks += done;
    m->executed += done;
    gdb_ran(p->gdb, why, &fault, done);
    if (why == CPU_FAULT)
        crash(m, &fault);
    else if (lpc2468_asleep(board_chip(m->board)))
        m->state = MACHINE_WAITING;
    else if (why == CPU_IDLE)
        skip_rounds(m, p->ops->period(p->cpu));
}

static void wake(struct machine *m)
{
    uint64_t ticks = ticks_before(m, m->world->sim->now_ns);

    m->state = MACHINE_RUNNING;
    if (ticks > m->ticks)
        m->ticks = ticks;
}

/* Frames and events of this instant come before its instruction: what a processor sees must not
 * depend on how the run is cut into pieces. */
static bool yields(struct machine *m)
{
    const struct sim *sim = m->world->sim;

    if (m->yielded_ns == sim->now_ns || queue_next(sim->queue) > sim->now_ns)
        return false;
    m->yielded_ns = sim->now_ns;
    return true;
}

static void go_on(struct machine *m)
{
    uint64_t now = m->world->sim->now_ns, t = time_of(m, m->ticks);

    if (m->state == MACHINE_RUNNING)
        queue_arm(m->world->sim->queue, &m->event, t < now ? now : t);
}

static void turn(void *arg)
{
    struct machine *m = arg;

    if (m->state == MACHINE_HALTED)
        return;
    gdb_turn(process(m)->gdb);
    if (yields(m)) {
        queue_arm(m->world->sim->queue, &m->event, m->world->sim->now_ns);
        return;
    }
    if (m->state == MACHINE_WAITING) {
        if (lpc2468_asleep(board_chip(m->board)) && !m->irq && !m->fiq)
            return;
        wake(m);
    }
    execute(m);
    go_on(m);
}

/* ---- Asked from outside ---- */

const char *machine_name(const struct machine *m)
{
    return m->name;
}

enum machine_state machine_state(const struct machine *m)
{
    return m->state;
}

uint64_t machine_instructions(const struct machine *m)
{
    return m->executed;
}

const struct arm7 *machine_registers(const struct machine *m)
{
    return &m->cpu;
}

uint64_t machine_time_ns(const struct machine *m)
{
    return time_of(m, m->ticks);
}

void machine_debug(struct machine *m, struct gdb *g)
{
    process(m)->gdb = g;
    gdb_follow(g, m, &m->cpu, process(m));
}

struct board *machine_board(struct machine *m)
{
    return m->board;
}

const char *machine_console(const struct machine *m, size_t *bytes, uint64_t *total)
{
    *bytes = m->console_bytes;
    *total = m->console_total;
    return m->console;
}

const char *machine_crash(const struct machine *m)
{
    return m->state == MACHINE_HALTED ? m->crash : NULL;
}

static uint8_t *place(const struct machine *m, uint32_t addr, uint32_t count)
{
    const struct {
        uint32_t base, bytes;
        uint8_t *memory;
    } places[] = {{LPC2468_FLASH_BASE, LPC2468_FLASH_SIZE, m->flash},
                  {LPC2468_RAM_BASE, LPC2468_RAM_SIZE, m->ram},
                  {LPC2468_ETHERNET_RAM_BASE, LPC2468_ETHERNET_RAM_SIZE,
                   lpc2468_ethernet_ram(board_chip(m->board))}};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (addr >= places[i].base && addr - places[i].base <= places[i].bytes &&
            count <= places[i].bytes - (addr - places[i].base))
            return places[i].memory + (addr - places[i].base);
    return NULL;
}

bool machine_peek(const struct machine *m, uint32_t addr, void *bytes, uint32_t count)
{
    const uint8_t *from = place(m, addr, count);

    if (from != NULL)
        memcpy(bytes, from, count);
    return from != NULL;
}

bool machine_poke(struct machine *m, uint32_t addr, const void *bytes, uint32_t count)
{
    uint8_t *to = place(m, addr, count);

    if (to == NULL)
        return false;
    memcpy(to, bytes, count);
    process_forget();
    return true;
}

void machine_describe(const struct machine *m, char *text, size_t room)
{
    report_registers(m, process(m)->image, text, room);
}

struct machine *machine_by_name(const struct world *w, const char *name)
{
    for (uint32_t id = 1; id <= w->machines.count; id++) {
        struct machine *m = vector_get(&w->machines, id);
        if (m != NULL && strcmp(m->name, name) == 0)
            return m;
    }
    return NULL;
}

const char *machine_check(const struct machine *m)
{
    if (m->on_cpu)
        return "machine: on the processor between events";
    if (m->state == MACHINE_RUNNING && !event_armed(&m->event))
        return "machine: running, and nothing makes it go on";
    return board_check(m->board);
}

/* ---- Life ---- */

static bool take_memory(struct machine *m, const struct machine_config *config)
{
    m->name = text_keep(config->name);
    m->path = text_keep(config->path);
    m->console = arena_alloc(MACHINE_CONSOLE_MAX);
    m->memory = arena_calloc(MEMORY_BYTES);
    m->file_bytes = config->length;
    m->file = arena_alloc(config->length);
    if (m->name == NULL || m->path == NULL || m->console == NULL || m->memory == NULL ||
        m->file == NULL)
        return false;
    memcpy(m->file, config->file, config->length);
    m->flash = (uint8_t *)(((uintptr_t)m->memory + PAGE - 1) & ~(uintptr_t)(PAGE - 1));
    m->ram = m->flash + LPC2468_FLASH_SIZE;
    return true;
}

static bool plug_in(struct machine *m, const struct machine_config *config, char *why, size_t room)
{
    struct board_owner owner = {.ctx = m, .irq = on_irq, .sent_ahead = on_sent_ahead,
                                .stirred = on_stirred, .console = on_console, .flash = m->flash,
                                .ram = m->ram};
    struct board_config board = {.chip = config->chip, .partner = config->partner};
    const char *text = "the world's memory is full";
    struct port *port = segment_port_new(config->segment, config->name, &text);

    if (port != NULL)
        m->board = board_new(m->world->sim, port, m->source, &owner, &board);
    if (m->board == NULL) {
        snprintf(why, room, "%s", text);
        return false;
    }
    dm9161_silence(lpc2468_phy(board_chip(m->board)), config->phy_silent);
    return true;
}

/* Checked before anything is plugged in: a port cannot be taken off its segment again. */
static bool check_image(const struct machine_config *config, char *why, size_t room)
{
    struct image *image =
        image_open(config->path, config->file, config->length, memories, MEMORIES, why, room);
    uint32_t addr;
    bool ok = image != NULL;

    for (size_t i = 0; ok && i < config->setting_count; i++) {
        ok = image_symbol(image, config->settings[i].symbol, &addr);
        if (!ok)
            snprintf(why, room, "%s: there is no symbol \"%s\" to set", config->path,
                     config->settings[i].symbol);
    }
    image_close(image);
    return ok && process_emulator(why, room) != NULL;
}

static bool set_symbol(struct machine *m, const struct machine_setting *setting, char *why,
                       size_t room)
{
    uint32_t addr = 0;

    (void)image_symbol(process(m)->image, setting->symbol, &addr);
    uint8_t *to = place(m, addr, setting->count);
    if (to == NULL) {
        snprintf(why, room, "%s: the symbol \"%s\" at 0x%08x has no room for %u bytes", m->path,
                 setting->symbol, addr, setting->count);
        return false;
    }
    memcpy(to, setting->bytes, setting->count);
    return true;
}

static bool load(struct machine *m, const struct machine_config *config, char *why, size_t room)
{
    struct machine_process *p = process(m);

    if (p == NULL) {
        snprintf(why, room, "more firmware than one process can hold");
        return false;
    }
    process_release(m->id); /* of a future that was taken back */
    if (!open_process(m, p, why, room))
        return false;
    image_load(p->image, LPC2468_FLASH_BASE, LPC2468_FLASH_SIZE, m->flash);
    image_load(p->image, LPC2468_RAM_BASE, LPC2468_RAM_SIZE, m->ram);
    for (size_t i = 0; i < config->setting_count; i++)
        if (!set_symbol(m, &config->settings[i], why, room))
            return false;
    arm7_reset(&m->cpu);
    return true;
}

struct machine *machine_new(struct world *w, const struct machine_config *config, char *why,
                            size_t room)
{
    if (!check_image(config, why, room))
        return NULL;
    struct machine *m = arena_calloc(sizeof *m);
    snprintf(why, room, "the world's memory is full");
    if (m == NULL)
        return NULL;
    m->world = w;
    m->origin_ns = w->sim->now_ns;
    m->yielded_ns = NEVER;
    m->ips = config->ips != 0 ? config->ips : MACHINE_IPS_DEFAULT;
    m->source = trace_source(w->sim->trace, config->name);
    event_init(&m->event, turn, m);
    bool ok = take_memory(m, config) && vector_reserve(&w->machines);
    m->id = ok ? vector_add(&w->machines, m) : 0;
    if (m->id == 0 || !plug_in(m, config, why, room) || !load(m, config, why, room)) {
        machine_free(m);
        return NULL;
    }
    queue_arm(w->sim->queue, &m->event, w->sim->now_ns);
    return m;
}

void machine_free(struct machine *m)
{
    queue_cancel(m->world->sim->queue, &m->event);
    if (m->id != 0) {
        process_release(m->id);
        vector_clear(&m->world->machines, m->id);
    }
    if (m->board != NULL)
        board_free(m->board);
    arena_free(m->file, m->file_bytes);
    arena_free(m->memory, MEMORY_BYTES);
    arena_free(m->console, MACHINE_CONSOLE_MAX);
    text_drop(m->path);
    text_drop(m->name);
    arena_free(m, sizeof *m);
}
