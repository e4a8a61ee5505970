/* stack/drivers/lpc2468_ethernetif.c: see lpc2468_ethernetif.h. */
#include "stack/drivers/lpc2468_ethernetif.h"

#include "stack/drivers/bus.h"
#include "stack/drivers/lpc2468_regs.h"

#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "netif/ethernet.h"

#include <string.h>

#define MTU 1500
#define ETHERNET_MIN 60u /* without FCS: the MAC pads */

/* Pins (2.2). All of Ethernet is function 01; what is not listed keeps its function. */
#define PINSEL2_RMII_MASK 0xf03f330fu
#define PINSEL2_RMII 0x50150105u
#define PINSEL2_RMII_FIRST_SILICON 0x50151105u /* E3: P1.6 too */
#define PINSEL2_MII_MASK 0xffffffffu
#define PINSEL2_MII 0x55555555u
#define PINSEL3_MASK 0x0000000fu
#define PINSEL3_MDIO 0x00000005u
#define PINSEL4_P2_10_MASK 0x00300000u
#define PINSEL4_P2_10_EINT0 0x00100000u

/* ---- Sending ---- */

static void count_sent(struct netif *netif, const struct pbuf *p)
{
    u16_t len = (u16_t)(p->tot_len - ETH_PAD_SIZE);
    LINK_STATS_INC(link.xmit);
    MIB2_STATS_NETIF_ADD(netif, ifoutoctets, LWIP_MAX(len, ETHERNET_MIN));
    if ((pbuf_get_at(p, ETH_PAD_SIZE) & 1) != 0)
        MIB2_STATS_NETIF_INC(netif, ifoutnucastpkts);
    else
        MIB2_STATS_NETIF_INC(netif, ifoutucastpkts);
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(len);
}

static err_t refuse(struct netif *netif, err_t why)
{
    LINK_STATS_INC(link.memerr);
    LINK_STATS_INC(link.drop);
    MIB2_STATS_NETIF_INC(netif, ifouterrors);
    LWIP_UNUSED_ARG(netif);
    return why;
}

/* A reference, or a copy where bytes are only lent for this call. */
static struct pbuf *keep(struct pbuf *packet)
{
    for (const struct pbuf *p = packet; p != NULL; p = p->next)
        if (PBUF_NEEDS_COPY(p))
            return pbuf_clone(PBUF_RAW, PBUF_RAM, packet);
    pbuf_ref(packet);
    return packet;
}

static err_t wait_in_queue(struct lpc2468_ethernetif *eth, struct pbuf *packet)
{
    struct pbuf *p = eth->queue_count < LPC2468_ETHERNETIF_QUEUE ? keep(packet) : NULL;
    if (p == NULL)
        return ERR_MEM;
    unsigned at = (unsigned)(eth->queue_first + eth->queue_count) % LPC2468_ETHERNETIF_QUEUE;
    eth->queue[at] = (struct lpc2468_ethernetif_packet){.p = p, .payload = p->payload};
    eth->queue_count++;
    return ERR_OK;
}

/* netif->linkoutput: into the ring, or, in order, into the queue in front of it. */
static err_t low_level_output(struct netif *netif, struct pbuf *p)
{
    struct lpc2468_ethernetif *eth = netif->state;
    err_t result = eth->queue_count > 0 ? ERR_WOULDBLOCK : lpc2468_emac_send(&eth->mac, p);
    if (result == ERR_WOULDBLOCK)
        result = wait_in_queue(eth, p);
    if (result != ERR_OK)
        return refuse(netif, result);
    count_sent(netif, p);
    return ERR_OK;
}

static void leave_queue(struct lpc2468_ethernetif *eth)
{
    pbuf_free(eth->queue[eth->queue_first].p);
    eth->queue_first = (u16_t)((eth->queue_first + 1) % LPC2468_ETHERNETIF_QUEUE);
    eth->queue_count--;
}

/* A packet whose sender has used its pbuf again meanwhile is not what it was, and not sent. */
static err_t send_first(struct lpc2468_ethernetif *eth)
{
    const struct lpc2468_ethernetif_packet *first = &eth->queue[eth->queue_first];
    return first->p->payload == first->payload ? lpc2468_emac_send(&eth->mac, first->p) : ERR_USE;
}

void lpc2468_ethernetif_transmit(struct lpc2468_ethernetif *eth)
{
    if (eth->netif == NULL)
        return;
    (void)lpc2468_emac_tx_recover(&eth->mac, sys_now());
    lpc2468_emac_reclaim(&eth->mac);
    while (eth->queue_count > 0) {
        err_t result = send_first(eth);
        if (result == ERR_WOULDBLOCK)
            break;
        if (result != ERR_OK)
            (void)refuse(eth->netif, result);
        leave_queue(eth);
    }
    MIB2_STATS_NETIF_ADD(eth->netif, ifouterrors, eth->mac.counters.tx_failed - eth->failed);
    for (; eth->failed != eth->mac.counters.tx_failed; eth->failed++)
        LINK_STATS_INC(link.err);
}

/* ---- Receiving ---- */

static void count_bad(struct netif *netif, enum lpc2468_emac_rx_error error)
{
    LINK_STATS_INC(link.drop);
    MIB2_STATS_NETIF_INC(netif, ifinerrors);
    LWIP_UNUSED_ARG(netif);
    switch (error) {
    case LPC2468_EMAC_RX_CRC:
        LINK_STATS_INC(link.chkerr);
        break;
    case LPC2468_EMAC_RX_LENGTH:
        LINK_STATS_INC(link.lenerr);
        break;
    default:
        LINK_STATS_INC(link.err);
        break;
    }
}

static void count_good(struct netif *netif, const struct lpc2468_emac_rx *frame)
{
    LINK_STATS_INC(link.recv);
    MIB2_STATS_NETIF_ADD(netif, ifinoctets, frame->bytes);
    if (frame->group)
        MIB2_STATS_NETIF_INC(netif, ifinnucastpkts);
    else
        MIB2_STATS_NETIF_INC(netif, ifinucastpkts);
    if (frame->error == LPC2468_EMAC_RX_NO_MEMORY) {
        LINK_STATS_INC(link.memerr);
        LINK_STATS_INC(link.drop);
        MIB2_STATS_NETIF_INC(netif, ifindiscards);
    }
    LWIP_UNUSED_ARG(netif);
}

/* The next frame, counted. false: there is none; *p is NULL for one that is no good. */
static bool low_level_input(struct netif *netif, struct pbuf **p)
{
    struct lpc2468_ethernetif *eth = netif->state;
    struct lpc2468_emac_rx frame;
    if (!lpc2468_emac_receive(&eth->mac, &frame))
        return false;
    *p = frame.p;
    if (frame.error == LPC2468_EMAC_RX_OK || frame.error == LPC2468_EMAC_RX_NO_MEMORY)
        count_good(netif, &frame);
    else
        count_bad(netif, frame.error);
    return true;
}

/* false: the budget ended it. */
static bool receive_all(struct netif *netif)
{
    struct lpc2468_ethernetif *eth = netif->state;
    struct pbuf *p;
    for (unsigned frames = 0; frames < LPC2468_ETHERNETIF_BUDGET; frames++) {
        if (!low_level_input(netif, &p)) {
            if (!lpc2468_emac_receive_done(&eth->mac))
                return true;
        } else if (p != NULL && netif->input(p, netif) != ERR_OK) {
            pbuf_free(p);
        }
    }
    return false;
}

/* A receiver that is broken is stopped, and may have taken one more frame by then: hence twice. */
void ethernetif_input(struct netif *netif)
{
    struct lpc2468_ethernetif *eth = netif->state;
    eth->more = !receive_all(netif);
    if (!eth->more && lpc2468_emac_rx_recover(&eth->mac, sys_now())) {
        eth->more = !receive_all(netif);
        if (!eth->more)
            (void)lpc2468_emac_rx_recover(&eth->mac, sys_now());
    }
}

/* ---- PHY and link ---- */

#if MIB2_STATS
static void set_speed(struct netif *netif, unsigned mbps)
{
    netif->link_speed = mbps * 1000000u;
}
#else
static void set_speed(struct netif *netif, unsigned mbps)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(mbps);
}
#endif

static void link_changed(void *ctx, const struct dm9161_link *link)
{
    struct lpc2468_ethernetif *eth = ctx;
    lpc2468_emac_link(&eth->mac, link->up, link->mbps, link->full_duplex, link->pause);
    if (!link->up) {
        netif_set_link_down(eth->netif);
        return;
    }
    set_speed(eth->netif, link->mbps);
    netif_set_link_up(eth->netif);
}

/* The PHY's clocks run: the MAC can be reset and started. It goes on when the PHY is lost: the
 * link is gone then, too. */
static void phy_ready(void *ctx, bool ready)
{
    struct lpc2468_ethernetif *eth = ctx;
    if (ready)
        lpc2468_emac_start(&eth->mac);
}

void lpc2468_ethernetif_manage(struct lpc2468_ethernetif *eth)
{
    if (eth->netif == NULL)
        return;
    dm9161_phy_poll(&eth->transceiver, sys_now());
}

void lpc2468_ethernetif_phy_interrupt(struct lpc2468_ethernetif *eth)
{
    dm9161_phy_interrupt(&eth->transceiver);
}

bool lpc2468_ethernetif_phy_quiet(const struct lpc2468_ethernetif *eth)
{
    return dm9161_phy_quiet(&eth->transceiver);
}

/* ---- All together ---- */

unsigned lpc2468_ethernetif_interrupt(struct lpc2468_ethernetif *eth)
{
    return lpc2468_emac_interrupt(&eth->mac);
}

void lpc2468_ethernetif_poll(struct lpc2468_ethernetif *eth)
{
    if (eth->netif == NULL)
        return;
    if (!eth->emac.interrupts)
        (void)lpc2468_emac_poll(&eth->mac);
    lpc2468_ethernetif_manage(eth);
    ethernetif_input(eth->netif);
    lpc2468_ethernetif_transmit(eth);
}

static bool recovers(const struct lpc2468_emac *e)
{
    return e->rx_stopping || e->tx_stopping || (e->link_up && (e->rx_broken || e->tx_broken));
}

uint32_t lpc2468_ethernetif_next_poll_ms(const struct lpc2468_ethernetif *eth)
{
    if (eth->netif == NULL)
        return LPC2468_ETHERNETIF_NEVER;
    if (eth->more)
        return 0;
    uint32_t wait_ms = dm9161_phy_next_ms(&eth->transceiver, sys_now());
    bool soon = !eth->emac.interrupts || recovers(&eth->mac);
    return soon && wait_ms > 1 ? 1 : wait_ms;
}

/* ---- Life ---- */

static void set_up_power(struct bus *bus)
{
    bus_write32(bus, LPC_PCONP, bus_read32(bus, LPC_PCONP) | LPC_PCONP_PCENET);
}

/* The module's revision decides about a pin; it can be read when the block has power (E3). */
static void set_up_pins(const struct lpc2468_ethernetif *eth)
{
    struct bus *bus = eth->bus;
    uint32_t mask = PINSEL2_MII_MASK, pins = PINSEL2_MII;
    if (!eth->emac.mii) {
        bool first = bus_read32(bus, LPC_MODULEID) == LPC_MODULEID_FIRST_SILICON;
        pins = first ? PINSEL2_RMII_FIRST_SILICON : PINSEL2_RMII;
        mask = PINSEL2_RMII_MASK;
    }
    bus_write32(bus, LPC_PINSEL2, (bus_read32(bus, LPC_PINSEL2) & ~mask) | pins);
    bus_write32(bus, LPC_PINSEL3, (bus_read32(bus, LPC_PINSEL3) & ~PINSEL3_MASK) | PINSEL3_MDIO);
    if (eth->phy.interrupt)
        bus_write32(bus, LPC_PINSEL4, (bus_read32(bus, LPC_PINSEL4) & ~PINSEL4_P2_10_MASK) |
                                          PINSEL4_P2_10_EINT0);
}

static err_t low_level_init(struct netif *netif)
{
    struct lpc2468_ethernetif *eth = netif->state;
    eth->netif = netif;
    eth->queue_first = eth->queue_count = 0;
    eth->failed = 0;
    eth->more = false;
    set_up_power(eth->bus);
    err_t result = lpc2468_emac_init(&eth->mac, eth->bus, &eth->emac);
    if (result != ERR_OK)
        return result;
    set_up_pins(eth);
    eth->phy.ctx = eth;
    eth->phy.link = link_changed;
    eth->phy.ready = phy_ready;
    if (eth->phy.advertise == 0)
        eth->phy.advertise = DM9161_ALL_MODES;
    if (eth->emac.pause_rx || eth->emac.pause_tx)
        eth->phy.advertise |= DM9161_PAUSE;
    const struct mdio mdio = lpc2468_emac_mdio(&eth->mac);
    dm9161_phy_init(&eth->transceiver, &eth->phy, &mdio, sys_now());
    return ERR_OK;
}

#if LWIP_IPV4 && LWIP_IGMP
/* 01:00:5e and the group's lower 23 bits [RFC1112 6.4]. */
static err_t filter_group(struct netif *netif, const ip4_addr_t *group,
                          enum netif_mac_filter_action action)
{
    struct lpc2468_ethernetif *eth = netif->state;
    const uint8_t mac[6] = {0x01, 0x00, 0x5e, ip4_addr2(group) & 0x7fu, ip4_addr3(group),
                            ip4_addr4(group)};
    if (action == NETIF_ADD_MAC_FILTER)
        lpc2468_emac_join(&eth->mac, mac);
    else
        lpc2468_emac_leave(&eth->mac, mac);
    return ERR_OK;
}

static void follow_groups(struct netif *netif)
{
    netif_set_igmp_mac_filter(netif, filter_group);
    netif->flags |= NETIF_FLAG_IGMP;
}
#else
static void follow_groups(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}
#endif

err_t ethernetif_init(struct netif *netif)
{
    struct lpc2468_ethernetif *eth = netif->state;
    if (eth == NULL || eth->bus == NULL)
        return ERR_IF;
    netif->name[0] = 'e';
    netif->name[1] = 't';
    netif->output = etharp_output;
    netif->linkoutput = low_level_output;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    memcpy(netif->hwaddr, eth->emac.mac, ETH_HWADDR_LEN);
    netif->mtu = MTU;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
    MIB2_INIT_NETIF(netif, snmp_ifType_ethernet_csmacd, 100000000);
    err_t result = low_level_init(netif);
    if (result == ERR_OK)
        follow_groups(netif);
    return result;
}

void lpc2468_ethernetif_stop(struct lpc2468_ethernetif *eth)
{
    if (eth->netif == NULL)
        return;
    lpc2468_emac_stop(&eth->mac);
    while (eth->queue_count > 0)
        leave_queue(eth);
    eth->netif = NULL;
}
