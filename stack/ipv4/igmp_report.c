/* ipv4/igmp_report.c: reports and leaves go out, at once or after a random delay [RFC2236 3].
 *
 * Every message has TTL 1 and the Router Alert option [RFC2236 2]. Nothing is sent on an interface
 * that is down; when it comes up the groups are reported anyway. */
#include "lwip/igmp.h"
#include "lwip/stats.h"
#include "stack/core/event.h"
#include "stack/core/ticker.h"
#include "stack/ipv4/igmp_local.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/ip4_options.h"

#if LWIP_IGMP

/* After its last query a querier of version 1 counts as present for this long [RFC2236 8.11]. */
#define V1_QUERIER_PRESENT_MS 400000u

static struct ticker *ticker(void)
{
    return &STACK->ipv4.igmp.ticker;
}

void igmp_set_state(struct igmp_group *group, u8_t group_state)
{
    if (group->group_state == group_state)
        return;
    group->group_state = group_state;
    stack_emit(STACK_EVENT_IGMP_STATE, lwip_ntohl(ip4_addr_get_u32(&group->group_address)),
               group_state);
}

/* The querier's state stands in the interface's first group. */
static bool is_querier_v1(const struct netif *netif)
{
    const struct igmp_group *first = netif_igmp_data(netif);
    return first != NULL && first->v1_heard && !ticker_passed(ticker(), first->v1_until_ms);
}

void igmp_querier_v1_heard(struct netif *netif)
{
    struct igmp_group *first = netif_igmp_data(netif);

    first->v1_heard = 1;
    first->v1_until_ms = ticker_now(ticker()) + V1_QUERIER_PRESENT_MS;
    ticker_due(ticker(), first->v1_until_ms);
}

/* False: not sent. */
static bool send(struct netif *netif, u8_t type, const ip4_addr_t *group, const ip4_addr_t *dest)
{
    static const u8_t router_alert[] = {WIRE_IP4_OPTION_ROUTER_ALERT, ROUTER_ALERTLEN, 0, 0};
    struct pbuf *p;

    if (!netif_is_up(netif) || !netif_is_link_up(netif))
        return false;
    p = pbuf_alloc(PBUF_TRANSPORT, WIRE_IGMP_LENGTH, PBUF_RAM); /* room for the option too */
    if (p == NULL) {
        IGMP_STATS_INC(igmp.memerr);
        drop(DROP_igmp_no_memory, netif, NULL);
        return false;
    }
    struct wire_igmp m = {.type = type, .group = lwip_ntohl(ip4_addr_get_u32(group))};
    wire_igmp_emit(p->payload, &m);
    IGMP_STATS_INC(igmp.xmit);
    ip4_send(p, netif_ip4_addr(netif), dest, IGMP_TTL, 0, IP_PROTO_IGMP, netif, router_alert,
             sizeof router_alert);
    pbuf_free(p);
    return true;
}

void igmp_report_now(struct netif *netif, struct igmp_group *group)
{
    u8_t type = is_querier_v1(netif) ? WIRE_IGMP_V1_REPORT : WIRE_IGMP_V2_REPORT; /* [RFC2236 4] */

    if (send(netif, type, &group->group_address, &group->group_address))
        group->last_reporter_flag = 1;
}

void igmp_leave_now(struct netif *netif, const struct igmp_group *group)
{
    ip4_addr_t all_routers = ip4_addr_from_host(IGMP_ALL_ROUTERS);

    if (is_querier_v1(netif)) /* [RFC2236 4]: it would not understand */
        return;
    if (send(netif, WIRE_IGMP_LEAVE, &group->group_address, &all_routers)) {
        IGMP_STATS_INC(igmp.tx_leave);
    }
}

/* Uniform in (0, max_ms]. The ticker rounds up to its grid, so that what it may add is taken off
 * first: a report is never later than max_ms unless the grid itself is coarser. */
static u32_t random_delay(u32_t max_ms)
{
    u32_t grid = CFG(timer_granularity_ms) != 0 ? CFG(timer_granularity_ms) : IGMP_TMR_INTERVAL;
    u32_t range = max_ms >= grid ? max_ms - (grid - 1) : 1;

    return 1 + stack_random() % range;
}

/* Milliseconds; negative when the ticker's grid has yet to catch up with a report that is due. */
static s32_t left_of(const struct igmp_group *group)
{
    return (s32_t)(group->due_ms - ticker_now(ticker()));
}

void igmp_report_within(struct igmp_group *group, u32_t max_ms)
{
    if (group->group_state == IGMP_GROUP_DELAYING_MEMBER && left_of(group) <= (s32_t)max_ms)
        return; /* [RFC2236 3]: a timer that ends earlier is kept */
    group->due_ms = ticker_now(ticker()) + random_delay(max_ms);
    group->timer = (u16_t)(((u32_t)left_of(group) + IGMP_TMR_INTERVAL - 1) / IGMP_TMR_INTERVAL);
    igmp_set_state(group, IGMP_GROUP_DELAYING_MEMBER);
    ticker_due(ticker(), group->due_ms);
}

void igmp_report_cancel(struct igmp_group *group)
{
    if (group->group_state != IGMP_GROUP_DELAYING_MEMBER)
        return;
    group->timer = 0;
    igmp_set_state(group, IGMP_GROUP_IDLE_MEMBER);
}

static void report_due(struct netif *netif, struct igmp_group *group)
{
    group->timer = 0;
    igmp_set_state(group, IGMP_GROUP_IDLE_MEMBER); /* before sending: answers come later queries */
    IGMP_STATS_INC(igmp.tx_report);
    igmp_report_now(netif, group);
    if (group->reports_left != 0) {
        group->reports_left--;
        igmp_report_within(group, (u32_t)IGMP_JOIN_DELAYING_MEMBER_TMR * IGMP_TMR_INTERVAL);
    }
}

/* A clock value in the far past would look like the future once the clock has gone half round. */
static void age_querier(struct igmp_group *first)
{
    if (!first->v1_heard)
        return;
    if (ticker_passed(ticker(), first->v1_until_ms))
        first->v1_heard = 0;
    else
        ticker_due(ticker(), first->v1_until_ms);
}

static void run_netif(struct netif *netif)
{
    struct igmp_group *g = netif_igmp_data(netif);

    if (g == NULL)
        return;
    age_querier(g);
    for (g = g->next; g != NULL; g = g->next) {
        if (g->group_state != IGMP_GROUP_DELAYING_MEMBER)
            continue;
        if (ticker_passed(ticker(), g->due_ms))
            report_due(netif, g);
        else
            ticker_due(ticker(), g->due_ms);
    }
}

static void run(void)
{
    struct netif *n;

    NETIF_FOREACH(n)
    {
        run_netif(n);
    }
}

void igmp_tmr(void)
{
    ticker_tick(ticker());
}

void igmp_report_module_init(void)
{
    ticker_init(ticker(), TICKER_IGMP, IGMP_TMR_INTERVAL, run);
}

#endif
