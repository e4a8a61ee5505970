/* ports/small/arch/cc.h: a hosted C library underneath, for the tests of this option set. Whoever
 * builds it for a target puts the target's arch/cc.h in front on the include path. */
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

#endif
