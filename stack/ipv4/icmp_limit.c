/* ipv4/icmp_limit.c: how many ICMP errors may leave [RFC1812 4.3.2.8].
 *
 * A token bucket: full at start, holding icmp_error_burst messages, refilled with icmp_error_rate
 * messages per second, exactly, from the instance's millisecond clock. It needs no timer. */
#include "lwip/sys.h"
#include "stack/core/instance.h"
#include "stack/ipv4/icmp_local.h"

#if LWIP_ICMP && (LWIP_ICMP_ERROR_RATE || LWIP_MULTI_INSTANCE)

#define MESSAGE 1000u /* millitokens */

void icmp_limit_init(void)
{
    struct icmp_limit_state *l = &STACK->ipv4.icmp_limit;

    l->millitokens = (u64_t)CFG(icmp_error_burst) * MESSAGE;
    l->filled_ms = sys_now();
}

bool icmp_limit_take(void)
{
    struct icmp_limit_state *l = &STACK->ipv4.icmp_limit;
    u64_t full = (u64_t)CFG(icmp_error_burst) * MESSAGE;
    u32_t elapsed_ms = sys_now() - l->filled_ms; /* right across the clock's wrap */

    if (CFG(icmp_error_rate) == 0)
        return true;
    l->filled_ms += elapsed_ms;
    l->millitokens += (u64_t)elapsed_ms * CFG(icmp_error_rate);
    if (l->millitokens > full)
        l->millitokens = full;
    if (l->millitokens < MESSAGE)
        return false;
    l->millitokens -= MESSAGE;
    return true;
}

#endif
