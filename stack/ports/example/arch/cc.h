/* ports/example/arch/cc.h: compiler and platform. lwip/arch.h has defaults for everything that a
 * hosted C11 compiler brings along; what is left is randomness. */
#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
uint32_t port_random(void); /* port.c */
#ifdef __cplusplus
}
#endif

#define LWIP_RAND() port_random()

#if defined __BYTE_ORDER__ && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_ORDER BIG_ENDIAN
#else
#define BYTE_ORDER LITTLE_ENDIAN
#endif

#endif
