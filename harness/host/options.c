/* harness/host/options.c */
#include "harness/host/options.h"

#include "harness/host/closest.h"
#include "stack/core/instance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TIMER_FINE_MS 1u

/* Options that the stack reads at each use; the others size something when the host is made. */
static const char *const while_running[] = {
    "ip_forward", "ip_forward_allow_tx_on_rx_netif", "ip_options_allowed", "ip_default_ttl",
    "ip_reassembly", "ip_frag", "ip_reass_maxage", "ip_reass_max_pbufs", "icmp_ttl", "udp_ttl",
    "ip_redirects", "ip_redirect_maxage", "ip_dead_gateway",
    "lwip_broadcast_ping", "lwip_multicast_ping", "icmp_error_rate", "icmp_error_burst",
    "arp_maxage", "arp_queueing", "arp_queue_len", "lwip_loopback_max_pbufs",
    "tcp_ttl", "tcp_wnd", "tcp_snd_buf", "tcp_snd_queuelen", "tcp_mss", "tcp_queue_ooseq",
    "tcp_ooseq_max_bytes", "tcp_ooseq_max_pbufs", "lwip_tcp_sack_out", "lwip_tcp_sack_in",
    "lwip_tcp_timestamps", "lwip_wnd_scale", "tcp_rcv_scale", "tcp_wnd_update_threshold",
    "tcp_listen_backlog", "tcp_maxrtx", "tcp_synmaxrtx", "tcp_syn_r2_ms", "tcp_rto_init_ms",
    "tcp_rto_min_ms", "tcp_rto_max_ms", "tcp_delack_ms", "tcp_fin_wait_timeout_ms", "tcp_msl_ms",
    "tcp_keepidle_ms", "tcp_keepintvl_ms", "tcp_keepcnt", "tcp_cc", "tcp_iw_segments",
    "tcp_restart_idle", "tcp_limited_transmit", "lwip_tcp_ecn", "lwip_tcp_rack", "lwip_tcp_pmtud",
    "tcp_challenge_ack_limit", "tcp_timestamp_offset", "tcp_isn", "tcp_ts_start",
    "tcp_port_first", "rx", NULL};

static const char *const rx_names[] = {"pool", "flat"};

void options_default(struct host_config *config)
{
    config->rx = HOST_RX_POOL;
    config->stack = stack_config_default;
    config->stack.timer_granularity_ms = TIMER_FINE_MS;
}

static const char *known_name(const void *ctx, size_t i)
{
    (void)ctx;
    uint32_t value;
    size_t n = 0;
    while (stack_config_get(&stack_config_default, n, &value) != NULL)
        n++;
    if (i < n)
        return stack_config_get(&stack_config_default, i, &value);
    return i == n ? "timer" : i == n + 1 ? "rx" : NULL;
}

static bool unknown(const char *name, char *why, size_t room)
{
    char near[200];
    if (closest_names(name, known_name, NULL, near, sizeof near) > 0)
        snprintf(why, room, "there is no option \"%.60s\" (did you mean %s?)", name, near);
    else
        snprintf(why, room, "there is no option \"%.60s\"", name);
    return false;
}

static bool not_a_choice(const char *name, const char *choices, char *why, size_t room)
{
    snprintf(why, room, "option %s has to be %s", name, choices);
    return false;
}

static bool set_timer(struct stack_config *c, struct option_value v, char *why, size_t room)
{
    if (v.text != NULL && strcmp(v.text, "fine") == 0)
        c->timer_granularity_ms = TIMER_FINE_MS;
    else if (v.text != NULL && strcmp(v.text, "coarse") == 0)
        c->timer_granularity_ms = 0;
    else
        return not_a_choice("timer", "\"fine\" or \"coarse\"", why, room);
    return true;
}

static bool parse_rx(struct option_value v, enum host_rx *rx, char *why, size_t room)
{
    for (unsigned i = 0; v.text != NULL && i < sizeof rx_names / sizeof rx_names[0]; i++) {
        if (strcmp(v.text, rx_names[i]) == 0) {
            *rx = (enum host_rx)i;
            return true;
        }
    }
    return not_a_choice("rx", "\"pool\" or \"flat\"", why, room);
}

static bool set_stack(struct stack_config *c, const char *name, struct option_value v, char *why,
                      size_t room)
{
    uint32_t min = 0, max = 0;
    enum stack_config_result result = stack_config_set(c, name, v.integer, &min, &max);
    if (result == STACK_CONFIG_UNKNOWN)
        return unknown(name, why, room);
    if (v.text != NULL) {
        snprintf(why, room, "option %s has to be an integer", name);
        return false;
    }
    if (result == STACK_CONFIG_RANGE)
        snprintf(why, room, "option %s is %" PRIu64 " but has to be %" PRIu32 " to %" PRIu32, name,
                 v.integer, min, max);
    return result == STACK_CONFIG_OK;
}

bool options_set(struct host_config *config, const char *name, struct option_value value,
                 char *why, size_t room)
{
    if (strcmp(name, "timer") == 0)
        return set_timer(&config->stack, value, why, room);
    if (strcmp(name, "rx") == 0)
        return parse_rx(value, &config->rx, why, room);
    struct stack_config changed = config->stack;
    if (!set_stack(&changed, name, value, why, room))
        return false;
    config->stack = changed;
    return true;
}

static bool may_change(const char *name)
{
    for (size_t i = 0; while_running[i] != NULL; i++)
        if (strcmp(while_running[i], name) == 0)
            return true;
    return false;
}

bool options_change(struct host *h, const char *name, struct option_value value, char *why,
                    size_t room)
{
    struct host_config config = {.rx = (enum host_rx)h->rx, .stack = h->stack->config};
    if (!options_set(&config, name, value, why, room))
        return false;
    if (!may_change(name)) {
        snprintf(why, room, "option %s is fixed when the host is made", name);
        return false;
    }
    const char *contradiction = stack_config_check(&config.stack);
    if (contradiction != NULL) {
        snprintf(why, room, "%s", contradiction);
        return false;
    }
    h->stack->config = config.stack;
    h->rx = (uint8_t)config.rx;
    return true;
}

const char *options_get(const struct host *h, size_t i, struct option_value *value)
{
    uint32_t integer = 0;
    *value = (struct option_value){NULL, 0};
    const char *name = stack_config_get(&h->stack->config, i, &integer);
    value->integer = integer;
    if (name != NULL)
        return name;
    size_t n = i;
    while (n > 0 && stack_config_get(&h->stack->config, n - 1, &integer) == NULL)
        n--;
    if (i == n) {
        value->text = h->stack->config.timer_granularity_ms == 0 ? "coarse" : "fine";
        return "timer";
    }
    value->text = rx_names[h->rx];
    return i == n + 1 ? "rx" : NULL;
}
