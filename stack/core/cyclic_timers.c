/* core/cyclic_timers.c: the protocols' timers as lwIP lists them: what to call, and how often.
 *
 * The stack itself does not use the list: its protocols keep embedded tickers (ticker.h), which
 * wake a host only when something is due. It is for a port that keeps time by itself
 * (LWIP_TIMERS_CUSTOM) and for applications that call the x_tmr() functions by hand. */
#include "lwip/timeouts.h"

#include "lwip/acd.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4.h"
#include "lwip/ip4_frag.h"

#if LWIP_DEBUG_TIMERNAMES
#define TIMER(interval, function) {(interval), (function), #function}
#else
#define TIMER(interval, function) {(interval), (function)}
#endif

const struct lwip_cyclic_timer lwip_cyclic_timers[] = {
#if LWIP_IPV4 && IP_REASSEMBLY
    TIMER(IP_TMR_INTERVAL, ip_reass_tmr),
#endif
#if LWIP_IPV4 && LWIP_ICMP && LWIP_IP_REDIRECTS > 0
    TIMER(IP4_REDIRECT_TMR_INTERVAL, ip4_redirect_tmr),
#endif
#if LWIP_IPV4 && LWIP_ARP
    TIMER(ARP_TMR_INTERVAL, etharp_tmr),
#endif
#if LWIP_IPV4 && LWIP_ACD
    TIMER(ACD_TMR_INTERVAL, acd_tmr),
#endif
#if LWIP_IPV4 && LWIP_IGMP
    TIMER(IGMP_TMR_INTERVAL, igmp_tmr),
#endif
    TIMER(0, NULL), /* behind the last: the array is never empty */
};

const int lwip_num_cyclic_timers =
    (int)(sizeof lwip_cyclic_timers / sizeof lwip_cyclic_timers[0]) - 1;
