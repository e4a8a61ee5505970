/* stack/drivers/ethernetif_skeleton.c: a netif for a new MAC, to copy and fill in.
 *
 * It works as it is, over a table of six functions (ethernetif_skeleton.h): the shape of lwIP's own
 * skeleton, low_level_init, low_level_output and low_level_input with the hardware, ethernetif_init
 * and ethernetif_input with the stack. BRING_YOUR_OWN_MAC.md says in which order to fill it in. */
#include "stack/drivers/ethernetif_skeleton.h"

#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "netif/ethernet.h"

#include <string.h>

#define HEADER_BYTES 14u
#define MTU 1500
#define ETHERNET_MIN 60u /* without FCS; does your MAC pad? Then leave that to it. */

/* Hardware: reset, clocks, pins, station address, filters, rings. What waits for a cable does not
 * belong here: netif_add() must not take seconds. */
static err_t low_level_init(struct netif *netif)
{
    struct skeleton_ethernetif *eth = netif->state;
    if (eth->mac.start == NULL || !eth->mac.start(eth->mac.ctx, eth->address))
        return ERR_IF;
    eth->started = true;
    return ERR_OK;
}

static err_t refuse(struct netif *netif, err_t why)
{
    LINK_STATS_INC(link.drop);
    MIB2_STATS_NETIF_INC(netif, ifouterrors);
    LWIP_UNUSED_ARG(netif);
    return why;
}

/* p is a chain and stays the caller's: copy it, or hold a reference (pbuf_ref()) for as long as DMA
 * reads it, and copy what PBUF_NEEDS_COPY(). Never wait for the hardware: ERR_MEM says "no room",
 * and TCP tries again. */
static err_t low_level_output(struct netif *netif, struct pbuf *p)
{
    struct skeleton_ethernetif *eth = netif->state;
    if (!eth->started || eth->mac.send_begin == NULL || eth->mac.send_end == NULL)
        return refuse(netif, ERR_IF);
    u16_t used = (u16_t)(p->tot_len - ETH_PAD_SIZE);
    if (p->tot_len < ETH_PAD_SIZE + HEADER_BYTES || used > SKELETON_FRAME_MAX)
        return refuse(netif, ERR_BUF);
    u16_t bytes = LWIP_MAX(used, ETHERNET_MIN);
    u8_t *room = eth->mac.send_begin(eth->mac.ctx, bytes);
    if (room == NULL)
        return refuse(netif, ERR_MEM);
    (void)pbuf_copy_partial(p, room, used, ETH_PAD_SIZE);
    memset(room + used, 0, (size_t)(bytes - used));
    LINK_STATS_INC(link.xmit);
    MIB2_STATS_NETIF_ADD(netif, ifoutoctets, bytes);
    if ((room[0] & 1) != 0)
        MIB2_STATS_NETIF_INC(netif, ifoutnucastpkts);
    else
        MIB2_STATS_NETIF_INC(netif, ifoutucastpkts);
    eth->mac.send_end(eth->mac.ctx, bytes);
    return ERR_OK;
}

static void count_received(struct netif *netif, const u8_t *frame, u16_t bytes)
{
    LINK_STATS_INC(link.recv);
    MIB2_STATS_NETIF_ADD(netif, ifinoctets, bytes);
    if ((frame[0] & 1) != 0)
        MIB2_STATS_NETIF_INC(netif, ifinnucastpkts);
    else
        MIB2_STATS_NETIF_INC(netif, ifinucastpkts);
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(frame);
    LWIP_UNUSED_ARG(bytes);
}

/* The next frame as a pbuf chain. false: none is there; *p is NULL for one that had to be dropped,
 * whose room in the MAC is given back all the same. */
static bool low_level_input(struct netif *netif, struct pbuf **p)
{
    struct skeleton_ethernetif *eth = netif->state;
    u16_t bytes = 0;
    const u8_t *frame = eth->mac.receive_begin(eth->mac.ctx, &bytes);
    *p = NULL;
    if (frame == NULL)
        return false;
    if (bytes < HEADER_BYTES || bytes > SKELETON_FRAME_MAX) {
        LINK_STATS_INC(link.lenerr);
        LINK_STATS_INC(link.drop);
        MIB2_STATS_NETIF_INC(netif, ifinerrors);
        eth->mac.receive_end(eth->mac.ctx);
        return true;
    }
    count_received(netif, frame, bytes);
    *p = pbuf_alloc(PBUF_RAW, (u16_t)(bytes + ETH_PAD_SIZE), PBUF_POOL);
    if (*p != NULL) {
        (void)pbuf_take_at(*p, frame, bytes, ETH_PAD_SIZE);
    } else {
        LINK_STATS_INC(link.memerr);
        LINK_STATS_INC(link.drop);
        MIB2_STATS_NETIF_INC(netif, ifindiscards);
    }
    eth->mac.receive_end(eth->mac.ctx);
    return true;
}

/* netif->input takes the pbuf over when it says ERR_OK, and only then. */
void ethernetif_input(struct netif *netif)
{
    struct skeleton_ethernetif *eth = netif->state;
    struct pbuf *p;
    if (!eth->started || eth->mac.receive_begin == NULL || eth->mac.receive_end == NULL)
        return;
    while (low_level_input(netif, &p))
        if (p != NULL && netif->input(p, netif) != ERR_OK)
            pbuf_free(p);
}

/* Without a PHY to ask, the link counts as up. */
void ethernetif_check_link(struct netif *netif)
{
    struct skeleton_ethernetif *eth = netif->state;
    bool up = eth->started && (eth->mac.link == NULL || eth->mac.link(eth->mac.ctx));
    if (up)
        netif_set_link_up(netif);
    else
        netif_set_link_down(netif);
}

err_t ethernetif_init(struct netif *netif)
{
    struct skeleton_ethernetif *eth = netif->state;
    if (eth == NULL)
        return ERR_IF;
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->output = etharp_output;
    netif->linkoutput = low_level_output;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    memcpy(netif->hwaddr, eth->address, ETH_HWADDR_LEN);
    netif->mtu = MTU;
    /* with a group filter in hardware, also netif_set_igmp_mac_filter() */
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP;
    MIB2_INIT_NETIF(netif, snmp_ifType_ethernet_csmacd, 100000000);
    return low_level_init(netif);
}
