/* link/arp_input.c: what is learnt from ARP packets, and which are answered.
 *
 * Deliberate: a pair is added to the table from requests and replies that ask or answer us
 * [RFC826 Packet Reception], but never from another opcode; an existing pair is updated whatever
 * the packet says besides. An address that only a broken or hostile sender would claim (broadcast,
 * multicast, loopback; a group or zero hardware address) is learnt from nobody [RFC1812 3.3.2]. */
#include "lwip/etharp.h"
#include "lwip/pbuf.h"
#include "stack/link/arp_learn.h"
#include "stack/link/arp_observer.h"
#include "stack/link/arp_send.h"
#include "stack/link/arp_table.h"
#include "stack/link/ethernet_address.h"

#if LWIP_ARP

static void refuse(struct pbuf *p, struct netif *netif, enum drop_reason reason)
{
    drop(reason, netif, p);
    ETHARP_STATS_INC(etharp.drop);
}

/* [RFC826 Packet Reception]: the two "Do I" questions. */
static bool parse(struct pbuf *p, struct netif *netif, u8_t *copy, struct wire_arp *a)
{
    static const enum drop_reason reasons[] = {
        [WIRE_ARP_SHORT] = DROP_arp_short,
        [WIRE_ARP_HARDWARE] = DROP_arp_hardware,
        [WIRE_ARP_PROTOCOL] = DROP_arp_protocol,
        [WIRE_ARP_LENGTHS] = DROP_arp_lengths,
    };
    const u8_t *bytes = p->payload;
    size_t len = p->len;

    if (LWIP_SPREAD_HEADERS && len < WIRE_ARP_LEN) { /* the driver's buffers may be that small */
        len = pbuf_copy_partial(p, copy, WIRE_ARP_LEN, 0);
        bytes = copy;
    }
    enum wire_arp_result result = wire_arp_parse(bytes, len, a);
    if (result == WIRE_ARP_OK)
        return true;
    if (result == WIRE_ARP_SHORT)
        ETHARP_STATS_INC(etharp.lenerr);
    else
        ETHARP_STATS_INC(etharp.proterr);
    refuse(p, netif, reasons[result]);
    return false;
}

/* A sender's pair that no host may have, or not the one it is from; DROP_REASONS: a good one. A
 * probe (0.0.0.0) is: it teaches nothing, but must be answered. */
static enum drop_reason judge(const struct netif *netif, const u8_t *mac, ip4_addr_t ip)
{
    bool probe = ip4_addr_isany_val(ip);

    if (!probe && (ip4_addr_isbroadcast(&ip, netif) || ip4_addr_ismulticast(&ip) ||
                   ip4_addr_isloopback(&ip)))
        return DROP_arp_bad_sender_ip;
    if (!ethernet_address_of_host(netif, mac) ||
        (LWIP_ETHERNET_SOURCE_CHECK && ethernet_address_is_zero(mac)))
        return DROP_arp_bad_sender_mac;
    /* Somebody bears our address, or our own packet came back: nothing to learn, and nothing to
     * answer; a conflict is acd.c's business [RFC5227 2.4]. */
    if (!probe && ip4_addr_eq(&ip, netif_ip4_addr(netif)))
        return DROP_arp_own_address;
    if (LWIP_ETHERNET_SOURCE_CHECK && !probe && ethernet_address_equal(mac, netif->hwaddr))
        return DROP_arp_bad_sender_mac; /* somebody wants us to talk to ourselves */
    return DROP_REASONS;
}

static bool is_known(unsigned opcode)
{
    return opcode == WIRE_ARP_REQUEST || opcode == WIRE_ARP_REPLY;
}

static void process(struct pbuf *p, struct netif *netif, const struct wire_arp *a)
{
    /* an IP address stands behind the hardware address of its pair */
    u32_t own = netif_ip4_addr(netif)->addr, sender = get_net32(a->sender_mac + 6);
    enum drop_reason wrong = judge(netif, a->sender_mac, (ip4_addr_t){sender});

    if (wrong != DROP_REASONS) {
        refuse(p, netif, wrong);
        return;
    }
    ONE_PATH(sender);
    bool for_us = get_net32(a->target_mac + 6) == own && own != 0;
    unsigned opcode = a->opcode, asked = for_us ? opcode : 0;
    ONE_PATH(asked);
    if (sender != 0)
        arp_learn(netif, sender, a->sender_mac, is_known(asked));
    /* [RFC826 Packet Reception]: only now is the opcode looked at. */
    if (asked == WIRE_ARP_REQUEST) {
        arp_send(netif, sender, a->sender_mac, ARP_SEND_REPLY); /* also to a probe [RFC5227 1.1] */
    } else if (!is_known(opcode)) {
        ETHARP_STATS_INC(etharp.err);
        refuse(p, netif, DROP_arp_opcode);
    }
}

void etharp_input(struct pbuf *p, struct netif *netif)
{
    u8_t copy[WIRE_ARP_LEN];
    struct wire_arp a;

    LWIP_ERROR("etharp_input: netif", netif != NULL, return);
    ETHARP_STATS_INC(etharp.recv);
    if (!netif_is_up(netif)) {
        refuse(p, netif, DROP_arp_netif_down); /* else it would be answered and learnt from */
    } else if (parse(p, netif, copy, &a) && arp_observe(netif, &a)) {
        process(p, netif, &a);
    }
    pbuf_free(p);
}

#endif
