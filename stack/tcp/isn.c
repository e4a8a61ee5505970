/* tcp/isn.c: see isn.h. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/isn.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "stack/core/instance.h"
#include "stack/tcp/isn_hook.h"
#include "stack/tcp/timer.h"

#define STEPS_PER_MS 250u /* of 4 us [RFC9293 3.4.1 MUST-8] */
#define FIRST_BY_HAND 6510u /* what lwIP begins with */
#define OPTION_STEP 64000u

static bool hashes_isn(void)
{
    return CFG(tcp_isn) == 0;
}

void tcp_isn_init(void)
{
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(STACK->tcp.secret); i++)
        STACK->tcp.secret[i] = stack_random();
    if (!hashes_isn())
        STACK->tcp.isn_count = 0;
    if (CFG(tcp_ts_start) != 0)
        STACK->tcp.ts_started = 0;
    if (LWIP_TCP_MIRRORS)
        STACK->tcp.iss_by_hand = FIRST_BY_HAND;
}

static bool hashes_offset(void)
{
    return CFG(tcp_timestamp_offset) && CFG(tcp_ts_start) == 0;
}

/* The clock's wrap after 2^32 ms does not show: 250 * 2^32 is 0 in 32 bits. */
static u32_t isn_of(const struct tcp_pcb *pcb, uint64_t hash)
{
    u32_t isn;

    if (tcp_hook_isn(pcb, &isn))
        return isn;
    if (!hashes_isn())
        return CFG(tcp_isn) - 1 + STACK->tcp.isn_count++ * OPTION_STEP;
    return sys_now() * STEPS_PER_MS + (u32_t)hash;
}

static u32_t offset_of(uint64_t hash)
{
    if (CFG(tcp_ts_start) != 0) {
        if (!STACK->tcp.ts_started)
            STACK->tcp.ts_offset = CFG(tcp_ts_start) - 1 - tcp_now();
        STACK->tcp.ts_started = 1;
        return STACK->tcp.ts_offset;
    }
    return hashes_offset() ? (u32_t)(hash >> 32) : 0;
}

void tcp_isn_begin(struct tcp_pcb *pcb)
{
    uint64_t hash = hashes_isn() || hashes_offset() ? tcp_isn_hash(pcb) : 0;

    pcb->iss = isn_of(pcb, hash);
    if (TCP_MAY_TIMESTAMPS)
        pcb->ts_offset = offset_of(hash);
}

u32_t tcp_isn_choose(const struct tcp_pcb *pcb)
{
    return isn_of(pcb, tcp_isn_hash(pcb));
}

u32_t tcp_next_iss(struct tcp_pcb *pcb)
{
    if (pcb != NULL && pcb->remote_port != 0)
        return tcp_isn_choose(pcb);
    return STACK->tcp.iss_by_hand += STACK->pub.tcp_ticks_;
}

u32_t tcp_isn_timestamp_offset(const struct tcp_pcb *pcb)
{
    return offset_of(tcp_isn_hash(pcb));
}

#endif
