/* ports/sim/arch/cc.h: the platform of a simulated host is its environment.
 *
 * Diagnostics, failed assertions and randomness go through the current instance to the hooks of
 * struct stack_env (lockwire/stack.h); core/instance.c does that. Nothing here reads a clock or
 * writes to a stream. */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* printf-like text to env.diag of the current instance, at most 511 characters */
__attribute__((format(printf, 1, 2))) void stack_diag(const char *format, ...);

/* env.panic of the current instance; aborts when there is none, or when that returns */
__attribute__((noreturn)) void stack_panic(const char *what, const char *file, int line);

/* 32 bits from the stream of the current instance */
uint32_t stack_random(void);

#ifdef __cplusplus
}
#endif

#define LWIP_PLATFORM_DIAG(x) \
    do { \
        stack_diag x; \
    } while (0)
#define LWIP_PLATFORM_ASSERT(x) stack_panic((x), __FILE__, __LINE__)
#define LWIP_RAND() stack_random()

#ifndef BYTE_ORDER
#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_ORDER BIG_ENDIAN
#else
#define BYTE_ORDER LITTLE_ENDIAN
#endif
#endif

#endif
