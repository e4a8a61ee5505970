/* etharp_table.c: which neighbour a packet goes to; the table, its limits, static entries, and what
 * an interface that goes takes with it. */
#include "etharp_station.h"

UNIT(etharp, off_link_destination_goes_to_the_gateway)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, 0x08080808, 1), ERR_OK);
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, GATEWAY_IP);
    peer_answers(&t, GATEWAY_IP, other_mac);
    sent_byte(&t, 1, other_mac, 1);
    station_close(&t);
}

UNIT(etharp, off_link_destination_without_gateway_has_no_route)
{
    static struct station t;
    station_open(&t, NULL);
    netif_set_gw(&t.netif, NULL);
    CHECK_INT(send_byte(&t, 0x08080808, 1), ERR_RTE);
    CHECK_INT(t.count, 0);
    CHECK_INT(station_drops(&t, DROP_arp_no_gateway), 1);
    CHECK_INT(send_byte(&t, 0xa9fe0102, 1), ERR_OK); /* link-local is on the link */
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, 0xa9fe0102);
    station_close(&t);
}

/* [RFC3927 2.6.2]: what has a link-local source is no business of the gateway. */
UNIT(etharp, link_local_source_keeps_an_off_link_packet_on_the_link)
{
    static struct station t;
    station_open(&t, NULL);
    ip4_addr_t dst = station_addr(0x08080808);
    struct pbuf *p = pbuf_alloc(PBUF_LINK, 20, PBUF_RAM);
    CHECK(p != NULL);
    memset(p->payload, 0, 20);
    put_be32((uint8_t *)p->payload + 12, 0xa9fe0102);
    CHECK_INT(etharp_output(&t.netif, p, &dst), ERR_OK);
    pbuf_free(p);
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, 0x08080808);
    station_close(&t);
}

UNIT(etharp, netmask_change_overrules_the_entry_used_last)
{
    static struct station t;
    station_open(&t, NULL);
    station_arp(&t, 1, group_all, peer_mac, 0x0a00007f, STATION_IP);
    station_arp(&t, 1, group_all, peer_mac, 0x0a000080, STATION_IP);
    station_arp(&t, 2, station_mac, other_mac, GATEWAY_IP, STATION_IP);
    CHECK_INT(send_byte(&t, 0x0a00007f, 1), ERR_OK);
    t.count = 0;
    ip4_addr_t mask = station_addr(0xffffff80u);
    netif_set_netmask(&t.netif, &mask);
    CHECK_INT(send_byte(&t, 0x0a00007f, 2), ERR_OK); /* a broadcast address now */
    CHECK_INT(send_byte(&t, 0x0a000080, 3), ERR_OK); /* beyond the gateway now */
    CHECK_INT(t.count, 2);
    sent_byte(&t, 0, group_all, 2);
    sent_byte(&t, 1, other_mac, 3);
    station_close(&t);
}

/* [RFC1122 3.3.6], [RFC1112 6.4] */
UNIT(etharp, broadcast_and_multicast_need_no_resolution)
{
    static const uint8_t group[6] = {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03};
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, 0xffffffff, 1), ERR_OK);
    CHECK_INT(send_byte(&t, 0x0a0000ff, 2), ERR_OK);
    CHECK_INT(send_byte(&t, 0xe0810203, 3), ERR_OK);
    CHECK_INT(t.count, 3);
    sent_byte(&t, 0, group_all, 1);
    sent_byte(&t, 1, group_all, 2);
    sent_byte(&t, 2, group, 3);
    station_close(&t);
}

static void static_entry(uint32_t ip, const uint8_t *mac, err_t expected)
{
    struct eth_addr eth;
    ip4_addr_t addr = station_addr(ip);
    memcpy(eth.addr, mac, 6);
    CHECK_INT(etharp_add_static_entry(&addr, &eth), expected);
}

UNIT(etharp, static_entry_is_neither_overwritten_nor_aged)
{
    static struct station t;
    station_open(&t, NULL);
    static_entry(0x0a000009, other_mac, ERR_OK);
    station_arp(&t, 2, station_mac, peer_mac, 0x0a000009, STATION_IP);
    CHECK(resolved(&t, 0x0a000009, other_mac));
    station_run(&t, 1000 * (ARP_MAXAGE + 10));
    t.count = 0;
    CHECK_INT(send_byte(&t, 0x0a000009, 1), ERR_OK);
    CHECK_INT(t.count, 1);
    sent_byte(&t, 0, other_mac, 1);
    ip4_addr_t addr = station_addr(0x0a000009), absent = station_addr(0x0a000077);
    CHECK_INT(etharp_remove_static_entry(&absent), ERR_MEM);
    CHECK_INT(etharp_remove_static_entry(&addr), ERR_OK);
    CHECK(!resolved(&t, 0x0a000009, NULL));
    station_know_peer(&t);
    addr = station_addr(PEER_IP);
    CHECK_INT(etharp_remove_static_entry(&addr), ERR_ARG);
    station_close(&t);
}

UNIT(etharp, static_entry_releases_what_waited_for_it)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, 0x0a000009, 7), ERR_OK);
    static_entry(0x0a000009, other_mac, ERR_OK);
    CHECK_INT(t.count, 2);
    sent_byte(&t, 1, other_mac, 7);
    static_entry(0x0a0000ff, other_mac, ERR_ARG);
    static_entry(0xe0000001, other_mac, ERR_ARG);
    static_entry(0, other_mac, ERR_ARG);
    netif_set_down(&t.netif);
    static_entry(0x0a00000a, other_mac, ERR_RTE);
    station_close(&t);
}

static void open_small(struct station *t, uint32_t size)
{
    station_defaults(t);
    t->config.arp_table_size = size;
    struct stack_config config = t->config;
    station_open(t, &config);
}

UNIT(etharp, table_full_of_static_entries_refuses_a_new_neighbour)
{
    static struct station t;
    open_small(&t, 3);
    for (uint32_t i = 0; i < 3; i++)
        static_entry(0x0a000010 + i, other_mac, ERR_OK);
    static_entry(0x0a000020, other_mac, ERR_MEM);
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_MEM);
    CHECK_INT(lwip_stats.etharp.memerr, 1);
    CHECK_INT(station_drops(&t, DROP_arp_table_full), 1);
    CHECK_INT(t.count, 0);
    station_arp(&t, 1, group_all, peer_mac, PEER_IP, STATION_IP); /* answered all the same */
    CHECK_INT(t.count, 1);
    CHECK_INT(entries(), 3);
    station_close(&t);
}

UNIT(etharp, full_table_gives_up_stable_then_pending_then_queued_oldest_first)
{
    static struct station t;
    open_small(&t, 4);
    ip4_addr_t ip = station_addr(0x0a000010);
    CHECK_INT(send_byte(&t, 0x0a000011, 1), ERR_OK);           /* pending, a packet waits */
    station_run(&t, 10);
    CHECK_INT(etharp_query(&t.netif, &ip, NULL), ERR_OK);      /* pending, nothing waits */
    station_run(&t, 10);
    station_arp(&t, 1, group_all, peer_mac, 0x0a000012, STATION_IP); /* stable, older */
    station_run(&t, 10);
    station_arp(&t, 1, group_all, peer_mac, 0x0a000013, STATION_IP); /* stable, younger */
    station_run(&t, 10);
    static_entry(0x0a000020, other_mac, ERR_OK);
    CHECK(!resolved(&t, 0x0a000012, NULL));
    CHECK(resolved(&t, 0x0a000013, peer_mac));
    static_entry(0x0a000021, other_mac, ERR_OK);
    CHECK(!resolved(&t, 0x0a000013, NULL));
    CHECK_INT(station_drops(&t, DROP_arp_recycled), 0);
    static_entry(0x0a000022, other_mac, ERR_OK); /* takes the one without a packet */
    CHECK_INT(station_drops(&t, DROP_arp_recycled), 0);
    static_entry(0x0a000023, other_mac, ERR_OK); /* takes the last */
    CHECK_INT(station_drops(&t, DROP_arp_recycled), 1);
    CHECK_INT(entries(), 4);
    station_close(&t);
}

UNIT(etharp, flood_of_requests_stays_within_the_table)
{
    static struct station t;
    open_small(&t, 32);
    static_entry(0x0a0000f0, other_mac, ERR_OK);
    for (uint32_t i = 0; i < 200; i++) {
        uint8_t mac[6] = {2, 7, 0, 0, 0, (uint8_t)i};
        station_arp(&t, 1, group_all, mac, 0x0a000002 + i, STATION_IP);
        t.count = 0;
    }
    CHECK_INT(entries(), 32);
    CHECK(resolved(&t, 0x0a0000f0, other_mac));
    for (uint32_t i = 0; i < 200; i++)
        CHECKF(resolved(&t, 0x0a000002 + i, NULL) == (i >= 169), "neighbour %u", i);
    station_close(&t);
}

UNIT(etharp, table_of_1024_holds_and_finds_every_neighbour)
{
    static struct station t;
    open_small(&t, 1024);
    ip4_addr_t mask = station_addr(0xffff0000u);
    netif_set_netmask(&t.netif, &mask);
    for (uint32_t i = 0; i < 1024; i++) {
        uint8_t mac[6] = {2, 7, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        station_arp(&t, 1, group_all, mac, 0x0a000100 + i, STATION_IP);
        t.count = 0;
    }
    for (uint32_t i = 0; i < 1024; i++) {
        uint8_t mac[6] = {2, 7, 0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        struct eth_addr *eth;
        const ip4_addr_t *ip;
        ip4_addr_t addr = station_addr(0x0a000100 + i);
        CHECK_INT(etharp_find_addr(&t.netif, &addr, &eth, &ip), (long long)i);
        CHECK_MEM(eth->addr, mac, 6);
    }
    CHECK_INT(entries(), 1024);
    station_close(&t);
}

UNIT(etharp, growth_refused_by_the_host_recycles_instead)
{
    static struct station t;
    open_small(&t, 1024);
    for (uint32_t i = 0; i < 8; i++) {
        station_arp(&t, 1, group_all, peer_mac, 0x0a000010 + i, STATION_IP);
        station_run(&t, 1);
    }
    t.s.grow_refused = true; /* no more memory */
    t.count = 0;
    station_arp(&t, 1, group_all, peer_mac, 0x0a000030, STATION_IP);
    t.s.grow_refused = false;
    CHECK_INT(entries(), 8);
    CHECK(!resolved(&t, 0x0a000010, NULL));
    CHECK(resolved(&t, 0x0a000030, peer_mac));
    station_close(&t);
}

UNIT(etharp, interface_going_down_forgets_its_neighbours)
{
    static struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    CHECK_INT(send_byte(&t, 0x0a000009, 1), ERR_OK);
    netif_set_down(&t.netif);
    CHECK_INT(station_drops(&t, DROP_arp_flushed), 1);
    netif_set_up(&t.netif);
    t.count = 0;
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, PEER_IP);
    station_close(&t);
}

/* [RFC5227 1.1] [RFC5227 2.4] */
UNIT(etharp, without_an_address_nobody_is_asked)
{
    static struct station t;
    ip4_addr_t other = station_addr(0x0a000007);
    station_open(&t, NULL);
    station_know_peer(&t);
    CHECK_INT(send_byte(&t, 0x0a000009, 1), ERR_OK);
    t.count = 0;
    netif_set_ipaddr(&t.netif, NULL);
    CHECK_INT(station_drops(&t, DROP_arp_flushed), 1);
    CHECK_INT(entries(), 1); /* what is known stays known */
    station_run(&t, 3000);
    CHECK_INT(t.count, 0);
    netif_set_ipaddr(&t.netif, &other);
    CHECK_INT(send_byte(&t, 0x0a000009, 1), ERR_OK);
    netif_set_ipaddr(&t.netif, NULL);
    station_close(&t);
}

UNIT(etharp, link_flap_forgets_neighbours_and_announces_again)
{
    static struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    netif_set_link_down(&t.netif);
    CHECK_INT(entries(), 0);
    netif_set_link_up(&t.netif);
    CHECK_INT(t.count, 1);
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, STATION_IP);
    station_close(&t);
}

UNIT(etharp, query_of_an_address_no_host_has_is_an_argument_error)
{
    static const uint32_t bad[] = {0, 0xffffffff, 0x0a0000ff, 0xe0000001};
    static struct station t;
    station_open(&t, NULL);
    for (size_t i = 0; i < 4; i++) {
        ip4_addr_t ip = station_addr(bad[i]);
        CHECK_INT(etharp_query(&t.netif, &ip, NULL), ERR_ARG);
    }
    CHECK_INT(t.count, 0);
    station_close(&t);
}

UNIT(etharp, no_buffer_for_a_request_is_made_good_by_the_timer)
{
    static struct station t;
    station_open(&t, NULL);
    t.send_result = ERR_IF;
    ip4_addr_t ip = station_addr(PEER_IP);
    CHECK_INT(etharp_query(&t.netif, &ip, NULL), ERR_IF);
    CHECK_INT(send_byte(&t, PEER_IP, 5), ERR_OK);
    t.send_result = ERR_OK;
    station_run(&t, 1000);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.sent[0].at, 1000);
    peer_answers(&t, PEER_IP, peer_mac);
    sent_byte(&t, 1, peer_mac, 5);
    station_close(&t);
}

/* The order in which lwIP's own tests fill, recycle and pin entries. */
UNIT(etharp, positions_are_given_out_lowest_first_and_reused)
{
    static struct station t;
    struct eth_addr *eth;
    const ip4_addr_t *found;
    ip4_addr_t ip;
    open_small(&t, 10);
    for (uint32_t i = 0; i < 10; i++) {
        ip = station_addr(0x0a000002 + i);
        CHECK_INT(etharp_request(&t.netif, &ip), ERR_OK);
        station_arp(&t, 2, station_mac, peer_mac, 0x0a000002 + i, STATION_IP);
        CHECK_INT(etharp_find_addr(NULL, &ip, &eth, &found), (long long)i);
        etharp_tmr();
    }
    ip = station_addr(0x0a000010);
    t.count = 0;
    CHECK_INT(etharp_query(&t.netif, &ip, NULL), ERR_OK);
    CHECK_INT(t.count, 1);
    station_arp(&t, 2, station_mac, peer_mac, 0x0a000010, STATION_IP);
    CHECK_INT(etharp_find_addr(NULL, &ip, &eth, &found), 0);
    static_entry(0x0a000011, other_mac, ERR_OK);
    ip = station_addr(0x0a000011);
    CHECK_INT(etharp_find_addr(NULL, &ip, &eth, &found), 1);
    ip = station_addr(0x0a000003);
    CHECK_INT(etharp_find_addr(NULL, &ip, &eth, &found), -1);
    station_close(&t);
}
