/* etharp.c: resolution, learning, queueing, ageing, recycling, static entries. Long because every
 * rule of ARP is one test here, and they share the same few helpers. */
#include "station.h"

static const uint8_t zero_mac[6];
static const uint8_t other_mac[6] = {2, 0, 0, 0, 0, 0x33};

/* Whether ip is resolved, and to what. */
static bool resolved(struct station *t, uint32_t ip, const uint8_t *mac)
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

static unsigned entries(void)
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
static err_t send_byte(struct station *t, uint32_t ip, uint8_t byte)
{
    ip4_addr_t addr = station_addr(ip);
    struct pbuf *p = pbuf_alloc(PBUF_IP, 1, PBUF_RAM);
    CHECK(p != NULL);
    *(uint8_t *)p->payload = byte;
    err_t r = etharp_output(&t->netif, p, &addr);
    pbuf_free(p);
    return r;
}

static void sent_byte(struct station *t, unsigned i, const uint8_t *mac, uint8_t byte)
{
    CHECKF(i < t->count, "frame %u of %u", i, t->count);
    CHECK_INT(t->sent[i].len, 15);
    CHECK_MEM(t->sent[i].bytes, mac, 6);
    CHECK_MEM(t->sent[i].bytes + 6, station_mac, 6);
    CHECK_INT(get_be16(t->sent[i].bytes + 12), 0x0800);
    CHECK_INT(t->sent[i].bytes[14], byte);
}

static void peer_answers(struct station *t, uint32_t ip, const uint8_t *mac)
{
    station_arp(t, WIRE_ARP_REPLY, station_mac, mac, ip, STATION_IP);
}

UNIT(etharp, interface_coming_up_announces_its_address_once)
{
    static struct station t;
    station_defaults(&t);
    station_start(&t, STATION_IP);
    CHECK_INT(t.count, 1);
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, STATION_IP);
    station_close(&t);
}

UNIT(etharp, address_change_is_announced)
{
    static struct station t;
    station_open(&t, NULL);
    ip4_addr_t ip = station_addr(0x0a000009);
    netif_set_ipaddr(&t.netif, &ip);
    CHECK_INT(t.count, 1);
    station_sent_arp(&t, 0, 1, group_all, 0x0a000009, zero_mac, 0x0a000009);
    station_close(&t);
}

/* [RFC826 Packet Generation] */
UNIT(etharp, packet_to_an_unknown_neighbour_asks_by_broadcast)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.sent[0].len, 42);
    station_sent_arp(&t, 0, 1, group_all, STATION_IP, zero_mac, PEER_IP);
    CHECK(!resolved(&t, PEER_IP, NULL));
    station_close(&t);
}

UNIT(etharp, answer_releases_the_waiting_packets_in_order)
{
    static struct station t;
    station_open(&t, NULL);
    for (uint8_t i = 1; i <= 3; i++)
        CHECK_INT(send_byte(&t, PEER_IP, i), ERR_OK);
    CHECK_INT(t.count, 1); /* one question for three packets */
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 4);
    for (uint8_t i = 1; i <= 3; i++)
        sent_byte(&t, i, peer_mac, i);
    CHECK(resolved(&t, PEER_IP, peer_mac));
    CHECK_INT(send_byte(&t, PEER_IP, 4), ERR_OK);
    sent_byte(&t, 4, peer_mac, 4);
    station_close(&t);
}

/* [RFC1122 2.3.2.2]: the latest packets are the ones kept. */
UNIT(etharp, full_queue_drops_its_oldest_packet)
{
    static struct station t;
    station_open(&t, NULL);
    for (uint8_t i = 1; i <= 100; i++)
        CHECK_INT(send_byte(&t, PEER_IP, i), ERR_OK);
    CHECK_INT(station_drops(&t, DROP_arp_queue_full), 97);
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 4);
    for (uint8_t i = 1; i <= 3; i++)
        sent_byte(&t, i, peer_mac, (uint8_t)(97 + i));
    station_close(&t);
}

UNIT(etharp, without_queueing_only_the_latest_packet_waits)
{
    static struct station t;
    station_defaults(&t);
    t.config.arp_queueing = 0;
    struct stack_config config = t.config;
    station_open(&t, &config);
    for (uint8_t i = 1; i <= 5; i++)
        CHECK_INT(send_byte(&t, PEER_IP, i), ERR_OK);
    CHECK_INT(station_drops(&t, DROP_arp_queue_full), 4);
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 2);
    sent_byte(&t, 1, peer_mac, 5);
    station_close(&t);
}

UNIT(etharp, no_queue_element_refuses_the_packet_and_keeps_the_others)
{
    static struct station t;
    station_defaults(&t);
    t.config.memp_num_arp_queue = 2;
    struct stack_config config = t.config;
    station_open(&t, &config);
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
    CHECK_INT(send_byte(&t, PEER_IP, 2), ERR_OK);
    CHECK_INT(send_byte(&t, PEER_IP, 3), ERR_MEM);
    CHECK_INT(lwip_stats.etharp.memerr, 1);
    CHECK_INT(station_drops(&t, DROP_arp_queue_memory), 1);
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 3);
    sent_byte(&t, 1, peer_mac, 1);
    sent_byte(&t, 2, peer_mac, 2);
    station_close(&t);
}

UNIT(etharp, borrowed_bytes_are_copied_before_they_wait)
{
    static struct station t;
    station_open(&t, NULL);
    char text[5] = "abcd";
    ip4_addr_t addr = station_addr(PEER_IP);
    struct pbuf *head = pbuf_alloc(PBUF_IP, 0, PBUF_RAM), *tail = pbuf_alloc(PBUF_RAW, 4, PBUF_REF);
    CHECK(head != NULL && tail != NULL);
    tail->payload = text;
    pbuf_cat(head, tail);
    CHECK_INT(etharp_output(&t.netif, head, &addr), ERR_OK);
    pbuf_free(head);
    memcpy(text, "XXXX", 4);
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 2);
    CHECK_INT(t.sent[1].len, 18);
    CHECK_MEM(t.sent[1].bytes + 14, "abcd", 4);
    station_close(&t);
}

/* A buffer that its owner keeps, as TCP does, is referenced, not linked into a queue. */
UNIT(etharp, packet_that_its_owner_keeps_is_not_changed_by_waiting)
{
    static struct station t;
    station_open(&t, NULL);
    ip4_addr_t addr = station_addr(PEER_IP);
    struct pbuf *p = pbuf_alloc(PBUF_IP, 1, PBUF_RAM);
    CHECK(p != NULL);
    *(uint8_t *)p->payload = 9;
    CHECK_INT(etharp_output(&t.netif, p, &addr), ERR_OK);
    CHECK_INT(send_byte(&t, PEER_IP, 10), ERR_OK);
    CHECK_INT(p->ref, 2);
    CHECK(p->next == NULL);
    CHECK_INT(p->tot_len, 1);
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(p->ref, 1);
    CHECK_INT(t.count, 3);
    sent_byte(&t, 1, peer_mac, 9);
    sent_byte(&t, 2, peer_mac, 10);
    pbuf_free(p);
    station_close(&t);
}

/* [RFC1122 2.3.2.1]: one request a second, whatever is sent; given up after five. */
UNIT(etharp, absent_neighbour_is_asked_for_once_a_second_and_given_up)
{
    static struct station t;
    char text[256];
    station_open(&t, NULL);
    unsigned objects = stack_report_leaks(t.s.stack, text, sizeof text);
    for (unsigned ms = 0; ms < 5000; ms += 50) {
        CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
        station_run(&t, 50);
    }
    CHECK_INT(t.count, 5);
    for (unsigned i = 0; i < 5; i++) {
        station_sent_arp(&t, i, 1, group_all, STATION_IP, zero_mac, PEER_IP);
        CHECK_INT(t.sent[i].at, 1000 * i);
    }
    CHECK_INT(station_drops(&t, DROP_arp_unresolved), 3);
    CHECK_INT(stack_report_leaks(t.s.stack, text, sizeof text), objects);
    CHECK_INT(support_next_deadline(&t.s), UINT32_MAX);
    station_close(&t);
}

UNIT(etharp, neighbour_that_appears_later_is_resolved_by_the_next_packet)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
    station_run(&t, 60000);
    t.count = 0;
    CHECK_INT(send_byte(&t, PEER_IP, 2), ERR_OK);
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 2);
    sent_byte(&t, 1, peer_mac, 2);
    station_close(&t);
}

UNIT(etharp, answer_just_before_giving_up_still_counts)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
    station_run(&t, 4999);
    t.count = 0;
    peer_answers(&t, PEER_IP, peer_mac);
    CHECK_INT(t.count, 1);
    sent_byte(&t, 0, peer_mac, 1);
    station_close(&t);
}

/* [RFC1122 2.3.2.1] */
UNIT(etharp, unused_entry_expires_after_its_age)
{
    static struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    station_run(&t, 1000 * ARP_MAXAGE - 1);
    CHECK(resolved(&t, PEER_IP, peer_mac));
    station_run(&t, 1);
    CHECK(!resolved(&t, PEER_IP, NULL));
    CHECK_INT(t.count, 0);
    station_close(&t);
}

UNIT(etharp, tmr_by_hand_ages_by_one_second_each)
{
    static struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    for (unsigned i = 1; i < ARP_MAXAGE; i++)
        etharp_tmr();
    CHECK(resolved(&t, PEER_IP, peer_mac));
    etharp_tmr();
    CHECK(!resolved(&t, PEER_IP, NULL));
    station_close(&t);
}

UNIT(etharp, entry_in_use_is_confirmed_by_unicast_and_never_lost)
{
    static struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    unsigned answered = 0;
    for (unsigned s = 0; s < 2 * ARP_MAXAGE; s++) {
        t.count = 0;
        CHECK_INT(send_byte(&t, PEER_IP, (uint8_t)s), ERR_OK);
        bool asks = station_is_arp(&t, 0);
        CHECK_INT(t.count, asks ? 2 : 1);
        sent_byte(&t, asks, peer_mac, (uint8_t)s); /* nothing ever waits */
        if (asks) {
            station_sent_arp(&t, 0, 1, peer_mac, STATION_IP, zero_mac, PEER_IP);
            CHECK_INT(s % (ARP_MAXAGE - 30), 0);
            peer_answers(&t, PEER_IP, peer_mac);
            answered++;
        }
        station_run(&t, 1000);
    }
    CHECK_INT(answered, 2);
    station_close(&t);
}

UNIT(etharp, silent_neighbour_near_expiry_is_asked_once_a_second_at_most)
{
    static struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    station_run(&t, 1000 * (ARP_MAXAGE - 30));
    unsigned unicasts = 0, broadcasts = 0;
    uint32_t last = 0;
    for (unsigned i = 0; i < 3500; i++) { /* 100 packets a second for 35 s */
        t.count = 0;
        CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
        station_run(&t, 10);
        for (unsigned k = 0; k < t.count; k++) {
            if (!station_is_arp(&t, k))
                continue;
            bool all = t.sent[k].bytes[0] == 0xff;
            broadcasts += all;
            unicasts += !all;
            CHECKF(last == 0 || t.sent[k].at - last >= 1000, "%u ms", t.sent[k].at - last);
            last = t.sent[k].at;
        }
    }
    CHECK_INT(unicasts, 15);
    CHECK_INT(broadcasts, 20); /* 15 s in which the entry is old, then five as an unresolved one */
    station_close(&t);
}

/* [RFC826 Packet Reception], [RFC5227 2.6] */
UNIT(etharp, request_for_us_is_answered_by_unicast_and_learnt)
{
    static struct station t;
    station_open(&t, NULL);
    station_arp(&t, 1, group_all, peer_mac, PEER_IP, STATION_IP);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.sent[0].len, 42);
    station_sent_arp(&t, 0, 2, peer_mac, STATION_IP, peer_mac, PEER_IP);
    CHECK(resolved(&t, PEER_IP, peer_mac));
    station_close(&t);
}

/* [RFC826 Packet Reception]: nothing for others. */
UNIT(etharp, request_for_another_host_is_neither_answered_nor_learnt)
{
    static struct station t;
    station_open(&t, NULL);
    station_arp(&t, 1, group_all, peer_mac, PEER_IP, 0x0a000063);
    station_arp(&t, 1, station_mac, peer_mac, PEER_IP, 0x0a000063);
    station_arp(&t, 1, group_all, peer_mac, PEER_IP, 0x0a0000ff);
    CHECK_INT(t.count, 0);
    CHECK(!resolved(&t, PEER_IP, NULL));
    station_close(&t);
}

/* [RFC3927 2.5] */
UNIT(etharp, link_local_sender_replies_by_broadcast)
{
    static struct station t;
    const uint32_t own = 0xa9fe0707, peer = 0xa9fe0909;
    station_defaults(&t);
    station_start(&t, own);
    t.count = 0;
    station_arp(&t, 1, group_all, peer_mac, peer, own);
    CHECK_INT(t.count, 1);
    station_sent_arp(&t, 0, 2, group_all, own, peer_mac, peer);
    station_close(&t);
}

UNIT(etharp, interface_that_is_down_neither_answers_nor_learns)
{
    static struct station t;
    station_open(&t, NULL);
    netif_set_down(&t.netif);
    station_arp(&t, 1, group_all, peer_mac, PEER_IP, STATION_IP);
    CHECK_INT(t.count, 0);
    CHECK(!resolved(&t, PEER_IP, NULL));
    CHECK_INT(station_drops(&t, DROP_arp_netif_down), 1);
    netif_set_up(&t.netif);
    t.count = 0;
    station_arp(&t, 1, group_all, peer_mac, PEER_IP, STATION_IP);
    CHECK_INT(t.count, 1);
    station_close(&t);
}

UNIT(etharp, third_party_reply_is_not_learnt)
{
    static struct station t;
    station_open(&t, NULL);
    for (unsigned i = 0; i < 50; i++)
        station_arp(&t, 2, station_mac, peer_mac, 0x0a000032 + i, 0x0a00003c);
    CHECK_INT(entries(), 0);
    station_close(&t);
}

/* [RFC826 Packet Reception]: the merge comes before the opcode and before "am I the target". */
UNIT(etharp, known_sender_is_updated_whatever_the_packet_says)
{
    static const uint16_t opcodes[] = {1, 2, 0, 3, 8, 0xffff};
    static struct station t;
    station_open(&t, NULL);
    for (size_t i = 0; i < sizeof opcodes / sizeof opcodes[0]; i++) {
        uint8_t mac[6] = {2, 9, 9, 9, 9, (uint8_t)i};
        station_know_peer(&t);
        station_arp(&t, opcodes[i], group_all, mac, PEER_IP, 0x0a000063);
        CHECK(resolved(&t, PEER_IP, mac));
        CHECK_INT(t.count, 0);
    }
    station_close(&t);
}

UNIT(etharp, unknown_opcode_is_neither_answered_nor_learnt)
{
    static const uint16_t opcodes[] = {0, 3, 8, 0xffff};
    static struct station t;
    station_open(&t, NULL);
    for (size_t i = 0; i < 4; i++)
        station_arp(&t, opcodes[i], station_mac, peer_mac, PEER_IP, STATION_IP);
    CHECK_INT(t.count, 0);
    CHECK_INT(entries(), 0);
    CHECK_INT(lwip_stats.etharp.err, 4);
    CHECK_INT(station_drops(&t, DROP_arp_opcode), 4);
    station_close(&t);
}

/* [RFC5227 1.1] */
UNIT(etharp, probe_for_our_address_is_answered_and_teaches_nothing)
{
    static struct station t;
    station_open(&t, NULL);
    station_arp(&t, 1, group_all, peer_mac, 0, STATION_IP);
    CHECK_INT(t.count, 1);
    station_sent_arp(&t, 0, 2, peer_mac, STATION_IP, peer_mac, 0);
    CHECK_INT(entries(), 0);
    station_close(&t);
}

UNIT(etharp, claim_of_our_address_is_not_learnt_and_not_answered)
{
    static struct station t;
    station_open(&t, NULL);
    station_arp(&t, 1, group_all, peer_mac, STATION_IP, STATION_IP);
    station_arp(&t, 2, station_mac, peer_mac, STATION_IP, STATION_IP);
    station_arp(&t, 1, group_all, station_mac, STATION_IP, STATION_IP); /* our own, reflected */
    CHECK_INT(t.count, 0);
    CHECK_INT(entries(), 0);
    CHECK_INT(station_drops(&t, DROP_arp_own_address), 3);
    station_close(&t);
}

UNIT(etharp, sender_address_that_no_host_has_is_refused)
{
    static const uint32_t bad[] = {0x0a0000ff, 0xffffffff, 0xe0000001, 0x7f000001};
    static struct station t;
    station_open(&t, NULL);
    for (size_t i = 0; i < 4; i++) {
        station_arp(&t, 2, station_mac, peer_mac, bad[i], STATION_IP);
        station_arp(&t, 1, group_all, peer_mac, bad[i], STATION_IP);
    }
    CHECK_INT(t.count, 0);
    CHECK_INT(entries(), 0);
    CHECK_INT(station_drops(&t, DROP_arp_bad_sender_ip), 8);
    CHECK_INT(lwip_stats.etharp.drop, 8);
    station_close(&t);
}

static void arp_claiming(struct station *t, const uint8_t *mac)
{
    uint8_t frame[60] = {0};
    struct wire_arp a = {mac, station_mac, PEER_IP, STATION_IP, WIRE_ARP_REPLY};
    wire_ethernet_emit(frame, station_mac, peer_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(frame + 14, &a);
    station_in(t, frame, sizeof frame);
}

/* [RFC1812 3.3.2] */
UNIT(etharp, group_or_zero_hardware_address_is_believed_from_nobody)
{
    static const uint8_t multicast[6] = {0x01, 0, 0x5e, 0, 0, 1};
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_byte(&t, PEER_IP, 1), ERR_OK);
    arp_claiming(&t, group_all);
    arp_claiming(&t, multicast);
    arp_claiming(&t, zero_mac);
    CHECK_INT(t.count, 1);
    CHECK(!resolved(&t, PEER_IP, NULL));
    CHECK_INT(station_drops(&t, DROP_arp_bad_sender_mac), 3);
    station_run(&t, 1000);
    CHECK_INT(t.count, 2); /* still pending, asked again */
    arp_claiming(&t, other_mac); /* not the frame's source: the packet's word counts */
    CHECK_INT(t.count, 3);
    sent_byte(&t, 2, other_mac, 1);
    station_close(&t);
}

UNIT(etharp, malformed_packets_change_nothing_and_are_counted)
{
    static struct station t;
    uint8_t frame[60] = {0};
    struct wire_arp a = {peer_mac, zero_mac, PEER_IP, STATION_IP, 1};
    station_open(&t, NULL);
    wire_ethernet_emit(frame, station_mac, peer_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(frame + 14, &a);
    for (size_t len = 15; len < 42; len++)
        station_in(&t, frame, len);
    CHECK_INT(station_drops(&t, DROP_arp_short), 27);
    CHECK_INT(lwip_stats.etharp.lenerr, 27);
    frame[15] = 6;
    station_in(&t, frame, 60);
    frame[15] = 1;
    frame[16] = 0x86;
    station_in(&t, frame, 60);
    frame[16] = 8;
    frame[18] = 255;
    station_in(&t, frame, 60);
    CHECK_INT(station_drops(&t, DROP_arp_hardware), 1);
    CHECK_INT(station_drops(&t, DROP_arp_protocol), 1);
    CHECK_INT(station_drops(&t, DROP_arp_lengths), 1);
    CHECK_INT(lwip_stats.etharp.proterr, 3);
    CHECK_INT(t.count, 0);
    CHECK_INT(entries(), 0);
    frame[18] = 6;
    station_in(&t, frame, 60);
    CHECK_INT(t.count, 1);
    station_close(&t);
}

UNIT(etharp, packet_split_over_small_buffers_is_read)
{
    static struct station t;
    uint8_t bytes[28];
    struct wire_arp a = {peer_mac, zero_mac, PEER_IP, STATION_IP, 1};
    station_open(&t, NULL);
    wire_arp_emit(bytes, &a);
    struct pbuf *head = pbuf_alloc(PBUF_RAW, 9, PBUF_RAM);
    struct pbuf *tail = pbuf_alloc(PBUF_RAW, 19, PBUF_RAM);
    CHECK(head != NULL && tail != NULL);
    pbuf_cat(head, tail);
    pbuf_take(head, bytes, 28);
    etharp_input(head, &t.netif);
    CHECK_INT(t.count, 1);
    CHECK(resolved(&t, PEER_IP, peer_mac));
    station_close(&t);
}

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
