/* etharp_station.h: what the tests of ARP share: packets of one byte, who is resolved. */
#ifndef UNIT_ETHARP_STATION_H
#define UNIT_ETHARP_STATION_H

#include "station.h"

static const uint8_t zero_mac[6] __attribute__((unused));
static const uint8_t other_mac[6] __attribute__((unused)) = {2, 0, 0, 0, 0, 0x33};

/* Whether ip is resolved, and to what. */
static inline bool resolved(struct station *t, uint32_t ip, const uint8_t *mac)
{
    struct eth_addr *eth = NULL;
    const ip4_addr_t *found = NULL;
    ip4_addr_t addr = station_addr(ip);
    if (etharp_find_addr(&t->netif, &addr, &eth, &found) < 0)
        return false;
    CHECK_INT(found->addr, addr.addr);
    if (mac != NULL)
        CHECK_MEM(eth->addr, mac, 6);
    return true;
}

static inline unsigned entries(void)
{
    ip4_addr_t *ip;
    struct netif *netif;
    struct eth_addr *eth;
    unsigned n = 0;
    for (size_t i = 0; i < 70000; i++)
        n += (unsigned)etharp_get_entry(i, &ip, &netif, &eth);
    return n;
}

/* Gives the interface a packet of one recognisable byte for ip. */
static inline err_t send_byte(struct station *t, uint32_t ip, uint8_t byte)
{
    ip4_addr_t addr = station_addr(ip);
    struct pbuf *p = pbuf_alloc(PBUF_IP, 1, PBUF_RAM);
    CHECK(p != NULL);
    *(uint8_t *)p->payload = byte;
    err_t r = etharp_output(&t->netif, p, &addr);
    pbuf_free(p);
    return r;
}

static inline void sent_byte(struct station *t, unsigned i, const uint8_t *mac, uint8_t byte)
{
    CHECKF(i < t->count, "frame %u of %u", i, t->count);
    CHECK_INT(t->sent[i].len, 15);
    CHECK_MEM(t->sent[i].bytes, mac, 6);
    CHECK_MEM(t->sent[i].bytes + 6, station_mac, 6);
    CHECK_INT(get_be16(t->sent[i].bytes + 12), 0x0800);
    CHECK_INT(t->sent[i].bytes[14], byte);
}

static inline void peer_answers(struct station *t, uint32_t ip, const uint8_t *mac)
{
    station_arp(t, WIRE_ARP_REPLY, station_mac, mac, ip, STATION_IP);
}

#endif
