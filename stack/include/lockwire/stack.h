/* lockwire/stack.h: one TCP/IP stack instance, as its host sees it.
 *
 * For whoever embeds several stacks in one process (the simulator, a test). A program with one
 * stack and its own port uses lwIP's API alone: lwip_init(), netif_add(), sys_check_timeouts().
 *
 * Entering. Every call into the stack, lwIP API included, happens between stack_enter() and
 * stack_leave(). stack_enter() makes the instance current and samples its clock once: the same
 * "now" is seen until the next stack_enter(). Nesting is refused by assertion, except that the
 * same instance may be entered again from its own call-backs (depth is counted).
 *
 * Time is the instance's own 32-bit millisecond clock (sys_now()); it may start anywhere, wraps
 * after 2^32 ms and never runs backwards. The host maps virtual time to it.
 *
 * Memory. The instance never calls malloc. It starts in the block given to stack_create() and
 * asks env.grow for more, in pieces of a few KiB, up to its configured limits; what it was given
 * it keeps until stack_destroy(). Failure of grow is an ordinary out-of-memory.
 *
 * Errors: functions that can fail return false/NULL and change nothing. */
#ifndef LOCKWIRE_STACK_H
#define LOCKWIRE_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct stack;
struct netif;
struct pbuf;
struct stack_config; /* stack/core/config.h */

/* What the stack does that a person debugging wants to see; `a` and `b` depend on the kind. */
enum stack_event {
    STACK_EVENT_TIMER,      /* a protocol timer fired; a: enum stack_ticker_id, b: 0 */
    STACK_EVENT_ARP_STATE,  /* a: IPv4 address (host order), b: new state */
    STACK_EVENT_ACD_STATE,  /* a: IPv4 address (host order), b: new state */
    STACK_EVENT_IGMP_STATE, /* a: group (host order), b: new state */
    STACK_EVENT_REASS,      /* a: identification, b: 0 begun, 1 complete, 2 timed out, 3 given up */
    STACK_EVENT_NETIF,      /* a: netif index, b: flags */
    STACK_EVENT_TCP_STATE,  /* a: local port << 16 | remote port, b: old state << 8 | new state */
    STACK_EVENT_TCP_TIMER,  /* a: local port << 16 | remote port, b: enum tcp_timer */
    STACK_EVENT_COUNT
};

/* The outside world. All members must be set; ctx is handed back on each call. The hooks run
 * inside the stack and must not call into it. */
struct stack_env {
    void *ctx;
    /* 32 random bits from the instance's own stream */
    uint32_t (*random)(void *ctx);
    /* size bytes, aligned for any type, contents undefined; NULL: no more */
    void *(*grow)(void *ctx, size_t size);
    /* a packet is being discarded for `reason` (enum drop_reason); netif and p may be NULL */
    void (*drop)(void *ctx, unsigned reason, const struct netif *netif, const struct pbuf *p);
    void (*event)(void *ctx, enum stack_event kind, uint32_t a, uint32_t b);
    /* LWIP_PLATFORM_DIAG text, complete lines or parts of lines */
    void (*diag)(void *ctx, const char *text);
    /* an assertion of the stack failed; must not return */
    void (*panic)(void *ctx, const char *what, const char *file, int line);
};

/* Bytes that stack_create() wants, aligned to max_align_t. */
size_t stack_size(void);

/* Builds an instance in `memory` (stack_size() bytes, any contents). The configuration is copied;
 * NULL means the build's defaults. The loopback interface is there afterwards (LWIP_HAVE_LOOPIF).
 * The instance is not current afterwards. NULL when grow refused the first pieces. */
struct stack *stack_create(void *memory, const struct stack_env *env,
                           const struct stack_config *config, uint32_t now_ms);

/* Ends an instance: interfaces are removed, pcbs and pending packets freed, timers forgotten.
 * The memory it grew by belongs to the host again. */
void stack_destroy(struct stack *s);

void stack_enter(struct stack *s, uint32_t now_ms);
void stack_leave(struct stack *s);

/* Runs what is due at the instance's now: timers in deadline order (those with equal deadlines in
 * the order they were armed), then packets on loopback queues until those are empty, at most
 * LWIP_LOOPBACK_MAX_POLL of them. Call between stack_enter() and stack_leave(). */
void stack_advance(struct stack *s);

/* Milliseconds from the instance's now until stack_advance() has work: 0 = now, UINT32_MAX =
 * nothing pending. Call it after each entry and arm one event with it. */
uint32_t stack_next_deadline(const struct stack *s);

/* Validates every object of the instance (pbuf invariants, pool and heap structure, netif and pcb
 * lists, queue counts). Returns NULL, or a description of the first thing found wrong, in a buffer
 * of the instance. For checking builds and tests; changes nothing. */
const char *stack_check(struct stack *s);

/* Objects still allocated from pools and heap, for "nothing is lost" checks: writes one line per
 * pool with a non-zero count into text (always terminated) and returns the number of objects. */
unsigned stack_report_leaks(const struct stack *s, char *text, size_t room);

/* Drop counters: how often stack discarded for reason r, and its name ("ip4_bad_checksum"). There
 * are none without LWIP_DROP_REASONS. */
unsigned stack_drop_reasons(void);
const char *stack_drop_name(unsigned reason);
uint32_t stack_drop_count(const struct stack *s, unsigned reason);

#ifdef __cplusplus
}
#endif

#endif
