/* harness/control/ops_netif.c: interfaces of hosts, and what hangs off them: conflict detection,
 * groups, the ARP table. */
#include "harness/control/chip_settings.h"
#include "harness/control/ops.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/interface_chip.h"
#include "harness/host/mac.h"
#include "harness/host/world.h"
#include "vnet/frame.h"
#include "vnet/port.h"
#include "vnet/segment.h"

#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/snmp.h"
#include "stack/core/ticker.h"
#include "stack/link/arp_table.h"

#include <stdio.h>

#define MTU_MIN 68u /* [RFC791 3.2] */
#define ETHERNET_HEADER 14u
#define MTU_MAX (FRAME_MAX - ETHERNET_HEADER - 4u)

static uint32_t mask_of(uint64_t prefix)
{
    return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

enum { DRIVER_VIRTUAL, DRIVER_LPC2468 };
static const char *const drivers[] = {
    [DRIVER_VIRTUAL] = "virtual", [DRIVER_LPC2468] = "lpc2468", NULL};

void op_netif(struct request *r)
{
    struct host *h = request_host(r);
    struct interface_config config = {.segment = request_segment(r)};
    uint8_t mac[6];
    config.ip = request_addr_or(r, "ip", 0);
    config.mask = mask_of(request_u64_or(r, "prefix", 0, 32, config.ip != 0 ? 24 : 0));
    config.gw = request_addr_or(r, "gw", 0);
    config.mac = request_mac_or_none(r, "mac", mac) ? mac : NULL;
    config.mtu = (uint16_t)request_u64_or(r, "mtu", MTU_MIN, MTU_MAX, 1500);
    config.vlan = (int32_t)request_i64_or(r, "vlan", 0, 0xffff, INTERFACE_VLAN_NONE);
    config.checksum = (uint16_t)request_u64_or(r, "checksum", 0, 0xffff, NETIF_CHECKSUM_ENABLE_ALL);
    config.acd = request_bool_or(r, "acd", false);
    config.up = request_bool_or(r, "up", true);
    struct interface_chip_config chip = {.cold = request_bool_or(r, "cold", false),
                                         .polled = request_bool_or(r, "polled", false)};
    struct mii_partner partner = {0};
    if (request_has(r, "driver") && request_choice(r, "driver", drivers) == DRIVER_LPC2468)
        config.chip = &chip;
    if (take_partner(r, &partner))
        chip.partner = &partner;
    take_chip_settings(r, &chip, true);
    if (request_ok(r) && config.chip == NULL && (request_has(r, "chip") || chip.partner != NULL))
        request_fail(r, "usage", "\"chip\" and \"partner\" need the driver \"lpc2468\"");
    if (request_ok(r) && config.acd && config.ip == 0)
        request_fail(r, "usage", "\"acd\" needs an address to probe: give \"ip\"");
    if (!request_ok(r))
        return;
    static const char *const kinds[] = {[INTERFACE_MISTAKE] = "usage",
                                        [INTERFACE_NO_ROOM] = "limit",
                                        [INTERFACE_STACK_REFUSED] = "stack"};
    const char *why;
    enum interface_refusal refusal;
    struct host_interface *i = interface_new(h, &config, &why, &refusal);
    if (i == NULL) {
        request_fail(r, kinds[refusal], "host %s on segment %s: %s", h->name,
                     segment_name(config.segment), why);
        return;
    }
    char text[MAC_TEXT];
    mac_format(text, i->netif.hwaddr);
    reply_int(r, "netif", netif_get_index(&i->netif));
    reply_text(r, "mac", text);
    reply_text(r, "port", port_name(i->port));
}

static void set_addresses(struct request *r, struct host_interface *i)
{
    uint32_t ip = request_addr_or(r, "ip", i->ip);
    uint32_t mask = request_has(r, "prefix") ? mask_of(request_u64(r, "prefix", 0, 32)) : i->mask;
    uint32_t gw = request_addr_or(r, "gw", i->gw);
    if (json_is_null(json_object_get(r->in, "gw")))
        gw = 0;
    if (request_ok(r) && (ip != i->ip || mask != i->mask || gw != i->gw))
        interface_address_set(i, ip, mask, gw);
}

static void set_members(struct request *r, struct host_interface *i)
{
    struct netif *netif = &i->netif;
    uint64_t mtu = request_u64_or(r, "mtu", MTU_MIN, MTU_MAX, netif->mtu);
    uint64_t checksum = request_u64_or(r, "checksum", 0, 0xffff, i->checksum);
    bool up = request_bool_or(r, "up", netif_is_up(netif));
    bool make_default = request_bool_or(r, "default", false);
    if (!request_ok(r))
        return;
    netif->mtu = (u16_t)mtu;
    i->checksum = (uint16_t)checksum;
    NETIF_SET_CHECKSUM_CTRL(netif, i->checksum);
    set_addresses(r, i);
    if (make_default)
        netif_set_default(netif);
    if (up && !netif_is_up(netif))
        netif_set_up(netif);
    else if (!up && netif_is_up(netif))
        netif_set_down(netif);
    interface_acd_follow(i);
}

void op_netif_set(struct request *r)
{
    struct host *h = request_host(r);
    struct host_interface *i = request_interface(r, h);
    bool has_link = request_has(r, "link");
    bool link = request_bool_or(r, "link", true);
    if (!request_ok(r))
        return;
    host_enter(h);
    set_members(r, i);
    host_leave(h);
    if (request_ok(r) && has_link)
        port_link_set(i->port, link);
}

static json_t *netif_counters(struct host_interface *i)
{
    const struct stats_mib2_netif_ctrs *c = &i->netif.mib2_counters;
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}",
                     "ifinoctets", (json_int_t)c->ifinoctets,
                     "ifinucastpkts", (json_int_t)c->ifinucastpkts,
                     "ifinnucastpkts", (json_int_t)c->ifinnucastpkts,
                     "ifindiscards", (json_int_t)c->ifindiscards,
                     "ifinerrors", (json_int_t)c->ifinerrors,
                     "ifinunknownprotos", (json_int_t)c->ifinunknownprotos,
                     "ifoutoctets", (json_int_t)c->ifoutoctets,
                     "ifoutucastpkts", (json_int_t)c->ifoutucastpkts,
                     "ifoutnucastpkts", (json_int_t)c->ifoutnucastpkts,
                     "ifoutdiscards", (json_int_t)c->ifoutdiscards,
                     "ifouterrors", (json_int_t)c->ifouterrors);
}

static unsigned prefix_of(uint32_t mask)
{
    return (unsigned)__builtin_popcount(mask);
}

void op_netif_info(struct request *r)
{
    struct host *h = request_host(r);
    struct host_interface *i = request_interface(r, h);
    if (!request_ok(r))
        return;
    struct netif *netif = &i->netif;
    char name[8], mac[MAC_TEXT];
    snprintf(name, sizeof name, "%c%c%u", netif->name[0], netif->name[1], netif->num);
    mac_format(mac, netif->hwaddr);
    reply_text(r, "name", name);
    reply_text(r, "mac", mac);
    reply_addr(r, "ip", lwip_ntohl(ip4_addr_get_u32(netif_ip4_addr(netif))));
    reply_int(r, "prefix", prefix_of(ip4_addr_get_u32(netif_ip4_netmask(netif))));
    reply_addr(r, "gw", lwip_ntohl(ip4_addr_get_u32(netif_ip4_gw(netif))));
    reply_int(r, "mtu", netif->mtu);
    reply_bool(r, "up", netif_is_up(netif));
    reply_bool(r, "link", netif_is_link_up(netif));
    reply_text(r, "port", port_name(i->port));
    reply_json(r, "counters", netif_counters(i));
}

void op_acd(struct request *r)
{
    static const char *const results[] = {"off", "probing", "ok", "conflict"};
    struct host *h = request_host(r);
    struct host_interface *i = request_interface(r, h);
    if (!request_ok(r))
        return;
    reply_text(r, "state", results[i->acd_result]);
    reply_int(r, "conflicts", i->conflicts);
}

void op_igmp(struct request *r)
{
    struct host *h = request_host(r);
    struct host_interface *i = request_interface(r, h);
    ip4_addr_t group = {lwip_htonl(request_addr(r, "group"))};
    bool join = request_bool(r, "join");
    if (!request_ok(r))
        return;
    host_enter(h);
    err_t err = join ? igmp_joingroup_netif(&i->netif, &group)
                     : igmp_leavegroup_netif(&i->netif, &group);
    host_leave(h);
    reply_json(r, "err", json_integer(err));
}

static const char *arp_state_name(uint8_t state)
{
    static const char *const names[] = {
        [ARP_STATE_EMPTY] = "empty", [ARP_STATE_PENDING] = "pending", [ARP_STATE_STABLE] = "stable",
        [ARP_STATE_REREQUEST] = "rerequesting", [ARP_STATE_STATIC] = "static"};
    return state < sizeof names / sizeof names[0] ? names[state] : "unknown";
}

static json_t *arp_row(const struct arp_entry *e)
{
    char ip[ADDR_TEXT], mac[MAC_TEXT];
    addr_format(ip, lwip_ntohl(ip4_addr_get_u32(&e->ip)));
    mac_format(mac, e->mac);
    u32_t age_ms = ticker_now(&STACK->link.arp_ticker) - e->refreshed_ms;
    return json_pack("{s:s,s:o,s:s,s:i,s:I,s:i}", "ip", ip, "mac",
                     arp_entry_resolved(e) ? json_string(mac) : json_null(), "state",
                     arp_state_name(e->state), "netif",
                     e->netif != NULL ? netif_get_index(e->netif) : 0, "age_ms",
                     (json_int_t)age_ms, "queued",
                     (int)(e->queue_len + (e->held != NULL ? 1 : 0)));
}

void op_arp_table(struct request *r)
{
    struct host *h = request_host(r);
    if (!request_ok(r))
        return;
    json_t *entries = json_array();
    host_enter(h);
    const struct arp_entry *e;
    for (u32_t i = 0; (e = arp_table_at(i)) != NULL; i++)
        if (e->state != ARP_STATE_EMPTY)
            json_array_append_new(entries, arp_row(e));
    host_leave(h);
    reply_json(r, "entries", entries);
}

void op_arp_static(struct request *r)
{
    struct host *h = request_host(r);
    ip4_addr_t ip = {lwip_htonl(request_addr(r, "ip"))};
    struct eth_addr mac;
    bool add = request_mac_or_none(r, "mac", mac.addr);
    if (!request_ok(r))
        return;
    host_enter(h);
    err_t err = add ? etharp_add_static_entry(&ip, &mac) : etharp_remove_static_entry(&ip);
    host_leave(h);
    reply_json(r, "err", json_integer(err));
}
