/* core_fixture.h: an instance with a host that remembers, for the unit tests of stack/core.
 *
 *     UNIT(x, y) { fixture_up(NULL); ... fixture_down(); }
 *
 * fixture_up() makes an instance and enters it; the host hands out heap memory filled with 0xA5
 * (so that nothing can rely on zeroes) until fixture.grow_left runs out. fixture_down() verifies
 * that every object check passes and nothing was lost, then ends it. PANICS(x): x must run into an
 * assertion of the stack. */
#ifndef LOCKWIRE_CORE_FIXTURE_H
#define LOCKWIRE_CORE_FIXTURE_H

#include "unit.h"

#include "lockwire/stack.h"
#include "stack/core/config.h"
#include "stack/core/drop.h"
#include "stack/core/instance.h"

#include <setjmp.h>
#include <stdlib.h>

#define FIXTURE_PIECES 4096

static struct {
    struct stack *s;
    void *pieces[FIXTURE_PIECES];
    unsigned piece_count;
    size_t grow_left;      /* bytes the host is willing to give */
    size_t grown;          /* bytes it gave */
    u32_t random;
    unsigned drops[DROP_REASONS];
    unsigned events[STACK_EVENT_COUNT];
    u32_t event_a, event_b; /* of the last event */
    char diag[4096];
    bool expects_panic;
    jmp_buf panicked;
    char panic_text[128];
} fixture;

static uint32_t fixture_random(void *ctx)
{
    (void)ctx;
    return ++fixture.random;
}

static void *fixture_grow(void *ctx, size_t size)
{
    (void)ctx;
    if (size > fixture.grow_left || fixture.piece_count == FIXTURE_PIECES)
        return NULL;
    void *p = malloc(size);
    memset(p, 0xA5, size);
    fixture.pieces[fixture.piece_count++] = p;
    fixture.grow_left -= size;
    fixture.grown += size;
    return p;
}

static void fixture_drop(void *ctx, unsigned reason, const struct netif *netif,
                         const struct pbuf *p)
{
    (void)ctx, (void)netif, (void)p;
    fixture.drops[reason]++;
}

static void fixture_event(void *ctx, enum stack_event kind, uint32_t a, uint32_t b)
{
    (void)ctx;
    fixture.events[kind]++;
    fixture.event_a = a;
    fixture.event_b = b;
}

static void fixture_diag(void *ctx, const char *text)
{
    (void)ctx;
    size_t used = strlen(fixture.diag);
    snprintf(fixture.diag + used, sizeof fixture.diag - used, "%s", text);
}

static void fixture_panic(void *ctx, const char *what, const char *file, int line)
{
    (void)ctx;
    if (!fixture.expects_panic) {
        fprintf(stderr, "%s:%d: %s\n", file, line, what);
        abort();
    }
    snprintf(fixture.panic_text, sizeof fixture.panic_text, "%s", what);
    longjmp(fixture.panicked, 1);
}

#define PANICS(call)                                                                               \
    do {                                                                                           \
        fixture.expects_panic = true;                                                              \
        if (setjmp(fixture.panicked) == 0) {                                                       \
            call;                                                                                  \
            fixture.expects_panic = false;                                                         \
            UNIT_FAIL(#call " did not run into an assertion");                                     \
        }                                                                                          \
        fixture.expects_panic = false;                                                             \
    } while (0)

static const struct stack_env fixture_env = {
    .ctx = NULL,
    .random = fixture_random,
    .grow = fixture_grow,
    .drop = fixture_drop,
    .event = fixture_event,
    .diag = fixture_diag,
    .panic = fixture_panic,
};

static inline void fixture_up_at(const struct stack_config *config, u32_t now_ms)
{
    memset(&fixture, 0, sizeof fixture);
    fixture.grow_left = 64u << 20;
    void *memory = malloc(stack_size());
    memset(memory, 0xA5, stack_size());
    fixture.s = stack_create(memory, &fixture_env, config, now_ms);
    CHECK(fixture.s == memory);
    stack_enter(fixture.s, now_ms);
}

static inline void fixture_up(const struct stack_config *config)
{
    fixture_up_at(config, 0);
}

/* The clock of the instance becomes now_ms; nothing runs. */
static inline void fixture_clock(u32_t now_ms)
{
    stack_leave(fixture.s);
    stack_enter(fixture.s, now_ms);
}

static inline void fixture_checks(void)
{
    const char *wrong = stack_check(fixture.s);
    CHECKF(wrong == NULL, "%s", wrong);
}

static inline void fixture_nothing_lost(void)
{
    char text[256];
    unsigned n = stack_report_leaks(fixture.s, text, sizeof text);
    CHECKF(n == 0, "lost: %s", text);
}

/* Ends the instance without looking at it: for tests that broke it on purpose. */
static inline void fixture_abandon(void)
{
    for (unsigned i = 0; i < fixture.piece_count; i++)
        free(fixture.pieces[i]);
    free(fixture.s);
    stack_current = NULL;
    fixture.s = NULL;
}

static inline void fixture_down(void)
{
    fixture_checks();
    fixture_nothing_lost();
    stack_leave(fixture.s);
    stack_destroy(fixture.s);
    fixture_abandon();
}

#endif
