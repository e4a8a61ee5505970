/* core/instance_multi.c: many instances in one process (lockwire/stack.h). */
#include "stack/core/event.h"
#include "stack/core/grow.h"
#include "stack/core/instance.h"
#include "stack/core/instance_local.h"

#include "lwip/debug.h"
#include "lwip/init.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if LWIP_MULTI_INSTANCE

struct stack_public *stack_current;

size_t stack_size(void)
{
    return sizeof(struct stack);
}

struct stack *stack_create(void *memory, const struct stack_env *env,
                           const struct stack_config *config, uint32_t now_ms)
{
    struct stack *s = memory;
    if (config == NULL)
        config = &stack_config_default;
    if (stack_config_check(config) != NULL)
        return NULL;
    memset(s, 0, sizeof *s);
    s->env = *env;
    s->config = *config;
    s->now_ms = now_ms;
    struct stack_public *before = instance_switch(s);
    bool up = instance_bring_up();
    if (!up)
        instance_shut_down();
    instance_switch_back(before);
    return up ? s : NULL;
}

void stack_destroy(struct stack *s)
{
    struct stack_public *before = instance_switch(s);
    instance_shut_down();
    instance_switch_back(before == &s->pub ? NULL : before);
}

void stack_enter(struct stack *s, uint32_t now_ms)
{
    struct stack_public *before = instance_switch(s);
    LWIP_ASSERT("stack_enter: another instance is current", before == NULL || before == &s->pub);
    s->now_ms = now_ms;
    s->depth++;
}

void stack_leave(struct stack *s)
{
    LWIP_ASSERT("stack_leave: this instance is not current",
                stack_current == &s->pub && s->depth > 0);
    if (--s->depth == 0)
        stack_current = NULL;
}

struct stack_public *instance_switch(const struct stack *s)
{
    struct stack_public *before = stack_current;
    stack_current = LWIP_CONST_CAST(struct stack_public *, &s->pub);
    return before;
}

void instance_switch_back(struct stack_public *before)
{
    stack_current = before;
}

/* An application written for one stack calls it; its instance is there already. */
void lwip_init(void)
{
}

uint32_t instance_now(const struct stack *s)
{
    return s->now_ms;
}

uint32_t stack_random(void)
{
    return STACK->env.random(STACK->env.ctx);
}

void stack_emit(enum stack_event kind, uint32_t a, uint32_t b)
{
    const struct stack_env *env = &STACK->env;
    if (env->event != NULL)
        env->event(env->ctx, kind, a, b);
}

void *stack_grow(size_t size)
{
    return STACK->env.grow(STACK->env.ctx, size);
}

void stack_diag(const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n >= 0 && stack_current != NULL)
        STACK->env.diag(STACK->env.ctx, text);
}

void stack_panic(const char *what, const char *file, int line)
{
    if (stack_current != NULL)
        STACK->env.panic(STACK->env.ctx, what, file, line);
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

#endif
