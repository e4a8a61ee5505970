/* ports/arm7/arch/cc.h: gcc for ARM7TDMI-S with nothing but string.h underneath.
 *
 * The program brings arm7_random() (32 random bits), arm7_stopped() (a broken invariant, in words;
 * must not return), sys_now() and sys_jiffies(). */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
uint32_t arm7_random(void);
__attribute__((noreturn)) void arm7_stopped(const char *what, const char *file, int line);
#ifdef __cplusplus
}
#endif

typedef uint32_t sys_prot_t; /* CPSR before sys_arch_protect() */

#define LWIP_NO_UNISTD_H 1
#define LWIP_NO_CTYPE_H 1
#define LWIP_RAND() arm7_random()
#define LWIP_PLATFORM_DIAG(x) ((void)0)
#define LWIP_PLATFORM_ASSERT(x) arm7_stopped((x), __FILE__, __LINE__)
#define BYTE_ORDER LITTLE_ENDIAN

#endif
