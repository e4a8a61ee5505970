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

/* Whether the sender's pair is one that a host may have. A probe (0.0.0.0) passes: it teaches
 * nothing, but must be answered. */
static bool sender_plausible(struct pbuf *p, struct netif *netif, const struct wire_arp *a)
{
    ip4_addr_t ip = arp_ip_from_host(a->sender_ip);

    if (a->sender_ip != 0 && (ip4_addr_isbroadcast(&ip, netif) || ip4_addr_ismulticast(&ip) ||
                              ip4_addr_isloopback(&ip))) {
        refuse(p, netif, DROP_arp_bad_sender_ip);
        return false;
    }
    if (!ethernet_address_of_host(netif, a->sender_mac) ||
        ethernet_address_is_zero(a->sender_mac)) {
        refuse(p, netif, DROP_arp_bad_sender_mac);
        return false;
    }
    return true;
}

static bool known_opcode(const struct wire_arp *a)
{
    return a->opcode == WIRE_ARP_REQUEST || a->opcode == WIRE_ARP_REPLY;
}

static void process(struct pbuf *p, struct netif *netif, const struct wire_arp *a)
{
    u32_t own = arp_ip_host(netif_ip4_addr(netif));
    bool for_us = own != 0 && a->target_ip == own;

    if (own != 0 && a->sender_ip == own) {
        /* Somebody bears our address, or our own packet came back: nothing to learn, and nothing
         * to answer; a conflict is acd.c's business [RFC5227 2.4]. */
        refuse(p, netif, DROP_arp_own_address);
        return;
    }
    if (a->sender_ip != 0 && ethernet_address_equal(a->sender_mac, netif->hwaddr)) {
        /* somebody wants us to talk to ourselves */
        refuse(p, netif, DROP_arp_bad_sender_mac);
        return;
    }
    if (a->sender_ip != 0)
        arp_learn(netif, a->sender_ip, a->sender_mac, for_us && known_opcode(a));
    /* [RFC826 Packet Reception]: only now is the opcode looked at. */
    if (!known_opcode(a)) {
        ETHARP_STATS_INC(etharp.err);
        refuse(p, netif, DROP_arp_opcode);
    } else if (for_us && a->opcode == WIRE_ARP_REQUEST) {
        arp_send_reply(netif, a); /* also to a probe [RFC5227 1.1] */
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
    } else if (parse(p, netif, copy, &a) && arp_observe(netif, &a) &&
               sender_plausible(p, netif, &a)) {
        process(p, netif, &a);
    }
    pbuf_free(p);
}

#endif
