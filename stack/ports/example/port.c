/* ports/example/port.c: what the stack asks of a platform without an OS: time and randomness.
 *
 * For a program on a real machine, compiled by that program together with lockwire::stack; never
 * part of a simulated host, which is why it alone in stack/ may read the machine's clock. */
#include "lwip/arch.h"
#include "lwip/sys.h"

#include <sys/random.h>
#include <time.h>

static u32_t milliseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u32_t)((u64_t)t.tv_sec * 1000u + (u64_t)t.tv_nsec / 1000000u);
}

u32_t sys_now(void)
{
    return milliseconds();
}

u32_t sys_jiffies(void)
{
    return milliseconds();
}

u32_t port_random(void)
{
    u32_t bits = 0;
    if (getrandom(&bits, sizeof bits, GRND_NONBLOCK) != (ssize_t)sizeof bits)
        bits = milliseconds();
    return bits;
}
