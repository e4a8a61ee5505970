/* ports/unit/arch/cc.h: a hosted C library underneath; lwip/arch.h's defaults do for the rest.
 *
 * LWIP_RAND() is whatever the test program wants to see: unit_rand(), beside sys_now(). */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
uint32_t unit_rand(void);
#ifdef __cplusplus
}
#endif

#define LWIP_RAND() unit_rand()

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_ORDER BIG_ENDIAN
#else
#define BYTE_ORDER LITTLE_ENDIAN
#endif

#endif
