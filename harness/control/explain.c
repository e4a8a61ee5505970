/* harness/control/explain.c */
#include "harness/control/explain.h"

#include "lockwire/stack.h"
#include "stack/core/ticker.h"
#include "vnet/fault.h"

#include <stddef.h>

static const char *const tickers[TICKER_COUNT] = {
    [TICKER_ARP] = "arp", [TICKER_ACD] = "acd", [TICKER_REASS] = "reassembly",
    [TICKER_IGMP] = "igmp", [TICKER_REDIRECT] = "redirect"};

static const char *const commands[] = {
#define OP(number, name, traced) [number] = #name,
#include "harness/control/ops.def"
#undef OP
};

static void address(FILE *out, uint32_t a)
{
    fprintf(out, ", \"address\": \"%u.%u.%u.%u\"", a >> 24, a >> 16 & 0xff, a >> 8 & 0xff,
            a & 0xff);
}

static void explain_event(uint64_t a, uint64_t b, FILE *out)
{
    static const char *const names[STACK_EVENT_COUNT] = {
        [STACK_EVENT_TIMER] = "timer",       [STACK_EVENT_ARP_STATE] = "arp_state",
        [STACK_EVENT_ACD_STATE] = "acd_state", [STACK_EVENT_IGMP_STATE] = "igmp_state",
        [STACK_EVENT_REASS] = "reassembly",  [STACK_EVENT_NETIF] = "netif"};
    static const char *const reass[] = {"begun", "complete", "timed out", "given up"};
    uint32_t kind = (uint32_t)(a >> 32), value = (uint32_t)a;
    if (kind >= STACK_EVENT_COUNT)
        return;
    fprintf(out, ", \"event\": \"%s\"", names[kind]);
    if (kind == STACK_EVENT_TIMER && value < TICKER_COUNT && tickers[value] != NULL)
        fprintf(out, ", \"timer\": \"%s\"", tickers[value]);
    if (kind == STACK_EVENT_ARP_STATE || kind == STACK_EVENT_ACD_STATE ||
        kind == STACK_EVENT_IGMP_STATE) {
        address(out, value);
        fprintf(out, ", \"state\": %u", (unsigned)b);
    }
    if (kind == STACK_EVENT_REASS)
        fprintf(out, ", \"id\": %u, \"state\": \"%s\"", value, b < 4 ? reass[b] : "unknown");
    if (kind == STACK_EVENT_NETIF)
        fprintf(out, ", \"netif\": %u, \"flags\": %u", value, (unsigned)b);
}

void explain_record(void *ctx, enum trace_kind kind, uint64_t a, uint64_t b, FILE *out)
{
    (void)ctx;
    if ((kind == TRACE_FRAME_DROP || kind == TRACE_IMPAIR) && a < WIRE_REASONS)
        fprintf(out, ", \"reason\": \"%s\"", wire_reason_name((enum wire_reason)a));
    else if (kind == TRACE_STACK_DROP && a < stack_drop_reasons())
        fprintf(out, ", \"reason\": \"%s\"", stack_drop_name((unsigned)a));
    else if (kind == TRACE_STACK_EVENT)
        explain_event(a, b, out);
    else if (kind == TRACE_CONTROL && a < sizeof commands / sizeof commands[0] &&
             commands[a] != NULL)
        fprintf(out, ", \"command\": \"%s\"", commands[a]);
}
