/* harness/host/interface.c: the netif driver on a virtual port. */
#include "harness/host/interface.h"

#include "harness/host/host.h"
#include "harness/host/interface_chip.h"
#include "harness/host/mac.h"
#include "harness/host/world.h"
#include "sim/arena.h"
#include "stack/core/drop.h"
#include "vnet/fault.h"
#include "vnet/frame.h"
#include "vnet/segment.h"

#include "lwip/etharp.h"
#include "lwip/prot/acd.h"
#include "lwip/prot/ethernet.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "netif/ethernet.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

_Static_assert(ETH_PAD_SIZE == 0, "frames begin with the destination address");

#define ETHERNET_MIN 60u /* without FCS */
#define ADDRESSES 12u    /* destination and source */
#define TAG 4u
#define TAG_TYPE 0x8100u
#define SERVICE_TAG_TYPE 0x88a8u
#define VID_MASK 0x0fffu

/* Sending. */

static void count_sent(struct netif *netif, const struct frame *f, uint32_t len)
{
    LINK_STATS_INC(link.xmit);
    MIB2_STATS_NETIF_ADD(netif, ifoutoctets, len);
    if (f->data[0] & 1)
        MIB2_STATS_NETIF_INC(netif, ifoutnucastpkts);
    else
        MIB2_STATS_NETIF_INC(netif, ifoutucastpkts);
}

static void put_tag(struct frame *f, struct pbuf *p, int32_t tci)
{
    pbuf_copy_partial(p, f->data, ADDRESSES, 0);
    f->data[ADDRESSES] = TAG_TYPE >> 8;
    f->data[ADDRESSES + 1] = TAG_TYPE & 0xff;
    f->data[ADDRESSES + 2] = (uint8_t)(tci >> 8);
    f->data[ADDRESSES + 3] = (uint8_t)tci;
    pbuf_copy_partial(p, f->data + ADDRESSES + TAG, (u16_t)(p->tot_len - ADDRESSES), ADDRESSES);
}

static void gather(uint8_t *to, const struct pbuf *p)
{
    for (; p->len != p->tot_len; to += p->len, p = p->next)
        memcpy(to, p->payload, p->len);
    memcpy(to, p->payload, p->len);
}

err_t interface_may_send(struct host_interface *i)
{
    if (i->host->closing)
        return ERR_IF;
    world_count_frame(i->host->world);
    return ERR_OK;
}

static err_t send(struct netif *netif, struct pbuf *p)
{
    struct host_interface *i = netif->state;
    uint32_t tag = i->vlan != INTERFACE_VLAN_NONE && p->tot_len >= ADDRESSES ? TAG : 0;
    uint32_t used = p->tot_len + tag;
    uint32_t len = used < ETHERNET_MIN ? ETHERNET_MIN : used;
    err_t err = interface_may_send(i);
    if (err != ERR_OK)
        return err;
    struct frame *f = len <= FRAME_MAX ? frame_new(len) : NULL;
    if (f == NULL) {
        LINK_STATS_INC(link.memerr);
        LINK_STATS_INC(link.drop);
        MIB2_STATS_NETIF_INC(netif, ifouterrors);
        return ERR_BUF;
    }
    if (tag != 0)
        put_tag(f, p, i->vlan);
    else
        gather(f->data, p);
    if (used < len)
        memset(f->data + used, 0, len - used);
    count_sent(netif, f, len);
    (void)port_send(i->port, f);
    return ERR_OK;
}

/* Receiving. */

static void count_received(struct netif *netif, const struct frame *f)
{
    LINK_STATS_INC(link.recv);
    MIB2_STATS_NETIF_ADD(netif, ifinoctets, f->len);
    if (f->data[0] & 1)
        MIB2_STATS_NETIF_INC(netif, ifinnucastpkts);
    else
        MIB2_STATS_NETIF_INC(netif, ifinucastpkts);
}

static unsigned number_at(const struct frame *f, uint32_t at)
{
    return (unsigned)f->data[at] << 8 | f->data[at + 1];
}

bool interface_takes_tag(const struct host_interface *i, unsigned type, unsigned tci,
                         unsigned inner)
{
    return type == TAG_TYPE && ((tci ^ (unsigned)i->vlan) & VID_MASK) == 0 && inner != TAG_TYPE &&
           inner != SERVICE_TAG_TYPE;
}

/* Bears the interface's VLAN in its only tag. Frames without a tag or with a priority tag belong to
 * the untagged network, frames with another tag inside to a network beyond this one. */
static bool of_vlan(const struct host_interface *i, const struct frame *f)
{
    if (f->len < ADDRESSES + TAG + 2 || number_at(f, ADDRESSES) != TAG_TYPE)
        return false;
    return interface_takes_tag(i, TAG_TYPE, number_at(f, ADDRESSES + 2),
                               number_at(f, ADDRESSES + TAG));
}

/* A new frame without the tag; NULL: memory is out (counted). */
static struct frame *untag(struct netif *netif, const struct frame *f)
{
    struct frame *bare = frame_new(f->len - TAG);
    if (bare == NULL) {
        LINK_STATS_INC(link.memerr);
        LINK_STATS_INC(link.drop);
        MIB2_STATS_NETIF_INC(netif, ifindiscards);
        return NULL;
    }
    memcpy(bare->data, f->data, ADDRESSES);
    memcpy(bare->data + ADDRESSES, f->data + ADDRESSES + TAG, f->len - ADDRESSES - TAG);
    return bare;
}

/* What of a frame the stack shall see: itself, or without its tag; NULL: nothing. Takes over the
 * reference. */
static struct frame *accept(struct host_interface *i, struct frame *frame)
{
    struct frame *result = NULL;
    if (i->vlan == INTERFACE_VLAN_NONE)
        return frame;
    if (of_vlan(i, frame))
        result = untag(&i->netif, frame);
    else
        drop(DROP_eth_vlan_foreign, &i->netif, NULL);
    frame_unref(frame);
    return result;
}

void interface_input(struct host_interface *i, struct frame *frame)
{
    struct netif *netif = &i->netif;
    frame = accept(i, frame);
    if (frame == NULL)
        return;
    count_received(netif, frame);
    struct pbuf *p = receive_pbuf(i, frame);
    if (p == NULL)
        return;
    if (netif->input(p, netif) != ERR_OK)
        pbuf_free(p);
}

static void swallow(void *ctx, struct port *port, struct frame *frame)
{
    (void)ctx;
    (void)port;
    frame_unref(frame);
}

/* As a network card that is not promiscuous: its own address and all groups; what is addressed to
 * another station never reaches the host. A frame too short to have an address is for the stack to
 * judge. */
static bool is_for_us(const struct host_interface *i, const struct frame *f)
{
    return f->len < ETH_HWADDR_LEN || (f->data[0] & 1) != 0 ||
           memcmp(f->data, i->netif.hwaddr, ETH_HWADDR_LEN) == 0;
}

static void arrived(void *ctx, struct port *port, struct frame *frame)
{
    struct host_interface *i = ctx;
    (void)port;
    if (is_for_us(i, frame))
        host_receive(i, frame);
    else
        frame_unref(frame);
}

static void link_changed(void *ctx, struct port *port, bool up)
{
    struct host_interface *i = ctx;
    (void)port;
    host_enter(i->host);
    if (up)
        netif_set_link_up(&i->netif);
    else
        netif_set_link_down(&i->netif);
    interface_acd_follow(i);
    host_leave(i->host);
}

/* Addresses. */

static void set_now(struct host_interface *i)
{
    ip4_addr_t ip = {lwip_htonl(i->ip)}, mask = {lwip_htonl(i->mask)}, gw = {lwip_htonl(i->gw)};
    netif_set_addr(&i->netif, &ip, &mask, &gw);
}

static void probe(struct host_interface *i)
{
    ip4_addr_t address = {lwip_htonl(i->ip)};
    acd_start(&i->netif, &i->acd, address);
}

/* An address that somebody else has is given up; its user may set another one. One that was set
 * while conflict detection paused after too many conflicts has waited for ACD_RESTART_CLIENT. */
static void acd_told(struct netif *netif, acd_callback_enum_t what)
{
    struct host_interface *i = interface_of(netif);
    switch (what) {
    case ACD_IP_OK:
        i->acd_result = INTERFACE_ACD_OK;
        set_now(i);
        break;
    case ACD_DECLINE:
        i->conflicts++;
        i->acd_result = INTERFACE_ACD_LOST;
        netif_set_addr(netif, NULL, NULL, NULL);
        break;
    case ACD_RESTART_CLIENT:
        if (i->acd_result == INTERFACE_ACD_PROBING)
            probe(i);
        break;
    }
}

void interface_acd_follow(struct host_interface *i)
{
    struct netif *netif = &i->netif;
    bool running = netif_is_up(netif) && netif_is_link_up(netif);
    if (!i->acd_added || running == i->acd_runs)
        return;
    i->acd_runs = running;
    netif_set_addr(netif, NULL, NULL, NULL);
    i->acd_result = INTERFACE_ACD_OFF;
    if (running && i->ip != 0) {
        i->acd_result = INTERFACE_ACD_PROBING;
        probe(i);
    }
}

void interface_address_set(struct host_interface *i, uint32_t ip, uint32_t mask, uint32_t gw)
{
    i->ip = ip;
    i->mask = mask;
    i->gw = gw;
    if (!i->acd_added) {
        set_now(i);
        return;
    }
    bool paused = i->acd.state == ACD_STATE_RATE_LIMIT; /* [RFC5227 2.1.1] */
    netif_set_addr(&i->netif, NULL, NULL, NULL);
    i->acd_result = INTERFACE_ACD_OFF;
    if (!paused)
        acd_stop(&i->acd);
    if (ip != 0 && i->acd_runs) {
        i->acd_result = INTERFACE_ACD_PROBING;
        if (!paused)
            probe(i);
    }
}

/* Life. */

static err_t init(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = 't';
    netif->output = etharp_output;
    netif->linkoutput = send;
    const struct host_interface *i = netif->state;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    memcpy(netif->hwaddr, i->mac, sizeof i->mac);
    netif->mtu = i->mtu;
    NETIF_SET_CHECKSUM_CTRL(netif, i->checksum);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP;
    return ERR_OK;
}

static bool mac_taken(const struct world *w, const uint8_t mac[6])
{
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        const struct host *h = vector_get(&w->hosts, id);
        for (const struct host_interface *i = h != NULL ? h->interfaces : NULL; i != NULL;
             i = i->next)
            if (memcmp(i->mac, mac, 6) == 0)
                return true;
    }
    return false;
}

/* The first interface's address depends on the host's name alone. */
static bool choose_mac(struct host *h, struct host_interface *i,
                       const struct interface_config *config, const char **why)
{
    if (config->mac != NULL) {
        memcpy(i->mac, config->mac, 6);
        return true;
    }
    if (h->interface_count == 1 && h->has_mac) {
        memcpy(i->mac, h->mac, 6);
        return true;
    }
    char name[300];
    if (h->interface_count == 1)
        snprintf(name, sizeof name, "%s", h->name);
    else
        snprintf(name, sizeof name, "%s#%u", h->name, h->interface_count);
    mac_derive(i->mac, name);
    *why = "the address derived from the host's name is taken already: give the interface a mac";
    return !mac_taken(h->world, i->mac);
}

/* A port that an earlier attempt left (the stack then had no memory) is taken up again. */
static struct port *plug_in(struct host *h, struct segment *s, const char **why)
{
    char name[300];
    snprintf(name, sizeof name, "%s", h->name);
    struct port *left = segment_port(s, name);
    for (unsigned k = 2; left != NULL && !port_is_free(left) && k <= h->interface_count; k++) {
        snprintf(name, sizeof name, "%s.%u", h->name, k);
        left = segment_port(s, name);
    }
    return left != NULL && port_is_free(left) ? left : segment_port_new(s, name, why);
}

static void bring_up(struct host_interface *i, const struct interface_config *config)
{
    struct netif *netif = &i->netif;
    if (config->acd) {
        acd_add(netif, &i->acd, acd_told);
        i->acd_added = true;
    }
    if (i->chip != NULL)
        interface_chip_start(i->chip);
    else if (port_link_is_up(i->port))
        netif_set_link_up(netif);
    if (config->up)
        netif_set_up(netif);
    interface_acd_follow(i);
}

static bool add_netif(struct host_interface *i, const struct interface_config *config)
{
    ip4_addr_t ip = {0}, mask = {0}, gw = {0};
    if (!config->acd) {
        ip.addr = lwip_htonl(config->ip);
        mask.addr = lwip_htonl(config->mask);
        gw.addr = lwip_htonl(config->gw);
    }
    if (i->chip != NULL)
        return interface_chip_add(i->chip, &ip, &mask, &gw);
    return netif_add(&i->netif, &ip, &mask, &gw, i, init, ethernet_input) != NULL;
}

/* The first interface is the default one, unless it has no gateway and a later one has. */
static void choose_default(struct host_interface *i)
{
    const struct host_interface *now = NULL;
    for (const struct host_interface *k = i->host->interfaces; k != NULL; k = k->next)
        if (&k->netif == netif_default)
            now = k;
    if (now == NULL || (now->gw == 0 && i->gw != 0))
        netif_set_default(&i->netif);
}

static bool attach(struct host_interface *i, const struct interface_config *config,
                   const char **why, enum interface_refusal *refusal)
{
    struct host *h = i->host;
    *refusal = INTERFACE_MISTAKE;
    if (!choose_mac(h, i, config, why))
        return false;
    *refusal = INTERFACE_NO_ROOM;
    if ((i->port = plug_in(h, config->segment, why)) == NULL)
        return false;
    if (config->chip != NULL && (i->chip = interface_chip_new(i, config->chip)) == NULL)
        return false;
    host_enter(h);
    bool added = add_netif(i, config);
    if (added) {
        i->next = h->interfaces;
        h->interfaces = i;
        choose_default(i);
        if (i->chip == NULL)
            port_attach(i->port, &(struct port_owner){.receive = arrived,
                                                      .link_changed = link_changed, .ctx = i});
        bring_up(i, config);
    } else {
        *why = "the stack has no room for another interface";
        *refusal = INTERFACE_STACK_REFUSED;
        port_attach(i->port, NULL);
        interface_chip_free(i->chip);
    }
    host_leave(h);
    return added;
}

struct host_interface *interface_new(struct host *h, const struct interface_config *config,
                                     const char **why, enum interface_refusal *refusal)
{
    *why = "the world's memory is full";
    *refusal = INTERFACE_NO_ROOM;
    struct host_interface *i = arena_calloc(sizeof *i);
    if (i == NULL)
        return NULL;
    h->interface_count++;
    i->host = h;
    i->vlan = config->vlan;
    i->mtu = config->mtu;
    i->checksum = config->checksum;
    i->ip = config->ip;
    i->mask = config->mask;
    i->gw = config->gw;
    if (!attach(i, config, why, refusal)) {
        h->interface_count--;
        arena_free(i, sizeof *i);
        return NULL;
    }
    return i;
}

void interface_remove(struct host_interface *i)
{
    if (i->chip != NULL)
        interface_chip_stop(i->chip);
    interface_chip_free(i->chip);
    i->chip = NULL;
    port_attach(i->port, &(struct port_owner){.receive = swallow});
    if (i->acd_added) {
        acd_stop(&i->acd);
        acd_remove(&i->netif, &i->acd);
        i->acd_added = false;
    }
    netif_remove(&i->netif);
}

struct host_interface *interface_by_index(const struct host *h, uint32_t index)
{
    for (struct host_interface *i = h->interfaces; i != NULL; i = i->next)
        if (netif_get_index(&i->netif) == index)
            return i;
    return NULL;
}
