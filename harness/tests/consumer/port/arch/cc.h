/* consumer/port/arch/cc.h: assertions end the program; randomness is a counter. */
#ifndef CC_H
#define CC_H

#include <stdio.h>
#include <stdlib.h>

unsigned consumer_rand(void);
#define LWIP_RAND() consumer_rand()

#define LWIP_PLATFORM_ASSERT(x) \
    do { \
        fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, x); \
        abort(); \
    } while (0)

#endif
