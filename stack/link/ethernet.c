/* link/ethernet.c: frames in and out of an Ethernet interface [RFC894].
 *
 * In: header checks once (wire/ethernet.h), VLAN filter, link-layer broadcast and multicast noted
 * on the pbuf for the layers above [RFC1122 2.4], then dispatch by type. Out: a header, with a tag
 * when the sender asked for one. The first pbuf holds the whole header, as drivers deliver it. */
#include "netif/ethernet.h"

#include "lwip/etharp.h"
#include "lwip/ip4.h"
#include "lwip/pbuf.h"
#include "lwip/snmp.h"
#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/core/pbuf_shape.h"
#include "stack/core/speed.h"
#include "stack/link/ethernet_address.h"
#include "stack/link/hooks.h"
#include "stack/wire/ethernet.h"

#if LWIP_ETHERNET

const struct eth_addr ethbroadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
const struct eth_addr ethzero = {{0, 0, 0, 0, 0, 0}};

#if LWIP_MODULES_MORE
void ethertype_register(u16_t ethertype, netif_input_fn handler)
{
    struct link_state *l = &STACK->link;

    LWIP_ASSERT("ethertype_register: table full", l->ethertype_count < ETHERTYPE_HANDLERS_MAX);
    l->ethertypes[l->ethertype_count].type = ethertype;
    l->ethertypes[l->ethertype_count].input = handler;
    l->ethertype_count++;
}

/* NULL: none was registered for it. */
static netif_input_fn registered(u16_t type)
{
    const struct link_state *l = &STACK->link;

    for (unsigned i = l->ethertype_count; i-- > 0;)
        if (l->ethertypes[i].type == type)
            return l->ethertypes[i].input;
    return NULL;
}
#else
static netif_input_fn registered(u16_t type)
{
    LWIP_UNUSED_ARG(type);
    return NULL;
}
#endif

/* The rest of ethernet_address_of_host(): mac has the group bit. */
bool ethernet_group_of_host(const struct netif *netif, const u8_t *mac)
{
    return !ethernet_address_is_broadcast(mac) &&
           ((netif->hwaddr[0] & 1) != 0 || ethernet_address_is_zero(netif->hwaddr));
}

static void refuse(struct pbuf *p, struct netif *netif, enum drop_reason reason)
{
    drop(reason, netif, p);
    ETHARP_STATS_INC(etharp.proterr);
    ETHARP_STATS_INC(etharp.drop);
    pbuf_free(p);
}

static void refuse_header(struct pbuf *p, struct netif *netif, enum wire_ethernet_result result)
{
    static const enum drop_reason reasons[] = {
        [WIRE_ETHERNET_SHORT] = DROP_eth_short,
        [WIRE_ETHERNET_TAG_SHORT] = DROP_eth_vlan_short,
        [WIRE_ETHERNET_LENGTH] = DROP_eth_bad_length,
        [WIRE_ETHERNET_LLC] = DROP_eth_llc,
    };

    MIB2_STATS_NETIF_INC(netif, ifinerrors);
    refuse(p, netif, reasons[result]);
}

static void refuse_type(struct pbuf *p, struct netif *netif, enum drop_reason reason)
{
    MIB2_STATS_NETIF_INC(netif, ifinunknownprotos);
    refuse(p, netif, reason);
}

/* A frame of another VLAN is nothing wrong: it is passed over without an error count. */
static bool tag_accepted(struct pbuf *p, struct netif *netif, const struct wire_ethernet *e)
{
    if (!ETHARP_SUPPORT_VLAN) {
        refuse_type(p, netif, DROP_eth_vlan_unsupported);
        return false;
    }
    u8_t *frame = p->payload;
    if (!ethernet_hook_vlan_check(netif, frame, frame + ETH_PAD_SIZE + (e->tag - e->dst))) {
        drop(DROP_eth_vlan_foreign, netif, p);
        pbuf_free(p);
        return false;
    }
    return true;
}

static u8_t group_flags(const struct netif *netif, const u8_t *dst)
{
    if (ethernet_address_is_broadcast(dst))
        return PBUF_FLAG_LLBCAST;
    return ethernet_address_equal(dst, netif->hwaddr) ? 0 : PBUF_FLAG_LLMCAST;
}

#if !LWIP_ARP
/* Stands in for what the build leaves out; never called. */
static void etharp_input(struct pbuf *p, struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
    pbuf_free(p);
}
#endif

static void dispatch_other(struct pbuf *p, struct netif *netif, const struct wire_ethernet *e)
{
    netif_input_fn handler = registered(e->type);

    if (handler != NULL) {
        pbuf_pull(p, ETH_PAD_SIZE + (size_t)e->hlen);
        handler(p, netif);
    } else if (!ethernet_hook_unknown(p, netif)) {
        refuse_type(p, netif, DROP_eth_unknown_type);
    }
}

static void dispatch(struct pbuf *p, struct netif *netif, const struct wire_ethernet *e)
{
    unsigned type = e->type;

    if (type != WIRE_ETHERTYPE_IP4 && (!LWIP_ARP || type != WIRE_ETHERTYPE_ARP)) {
        dispatch_other(p, netif, e);
        return;
    }
    ONE_PATH(type);
    if ((netif->flags & NETIF_FLAG_ETHARP) == 0) {
        drop(DROP_eth_no_arp, netif, p);
        pbuf_free(p);
        return;
    }
    pbuf_pull(p, ETH_PAD_SIZE + (size_t)e->hlen);
    if (type == WIRE_ETHERTYPE_IP4)
        ip4_input(p, netif);
    else
        etharp_input(p, netif);
}

/* Takes p over, whatever becomes of it: always ERR_OK. */
err_t ethernet_input(struct pbuf *p, struct netif *netif)
{
    struct wire_ethernet e;

    size_t len = p->len > ETH_PAD_SIZE ? p->len - (size_t)ETH_PAD_SIZE : 0;
    enum wire_ethernet_result result = wire_ethernet_parse_in(
        (const u8_t *)p->payload + ETH_PAD_SIZE, len, len + (size_t)(p->tot_len - p->len), &e);
    if (result != WIRE_ETHERNET_OK) {
        refuse_header(p, netif, result);
        return ERR_OK;
    }
    if (LWIP_ETHERNET_SOURCE_CHECK && !ethernet_address_of_host(netif, e.src)) {
        MIB2_STATS_NETIF_INC(netif, ifinerrors);
        refuse(p, netif, DROP_eth_bad_source);
        return ERR_OK;
    }
    if (WIRE_ETHERNET_TAGS && e.tag != NULL && !tag_accepted(p, netif, &e))
        return ERR_OK;
    netif = ethernet_hook_netif(p, netif, e.type);
    if (p->if_idx == NETIF_NO_INDEX)
        p->if_idx = netif_get_index(netif);
    if ((e.dst[0] & 1) != 0)
        p->flags |= group_flags(netif, e.dst);
    dispatch(p, netif, &e);
    return ERR_OK;
}

/* p stays the caller's; it has room for the header in front. ERR_BUF: it has not. */
err_t ethernet_output(struct netif *netif, struct pbuf *p, const struct eth_addr *src,
                      const struct eth_addr *dst, u16_t eth_type)
{
    s32_t tci = ethernet_hook_vlan_set(netif, p, src, dst, eth_type);
    size_t hlen = ETH_PAD_SIZE + WIRE_ETHERNET_HLEN + (tci >= 0 ? WIRE_ETHERNET_TAG_LEN : 0);

    LWIP_ASSERT("ethernet_output: hwaddr_len", netif->hwaddr_len == ETH_HWADDR_LEN);
    if (!pbuf_push(p, hlen)) {
        drop(DROP_eth_no_headroom, netif, p);
        LINK_STATS_INC(link.lenerr);
        return ERR_BUF;
    }
    u8_t *frame = (u8_t *)p->payload + ETH_PAD_SIZE;
    if (tci >= 0)
        wire_ethernet_emit_tagged(frame, dst->addr, src->addr, (u16_t)tci, eth_type);
    else
        wire_ethernet_emit(frame, dst->addr, src->addr, eth_type);
    return netif->linkoutput(netif, p);
}

#endif
