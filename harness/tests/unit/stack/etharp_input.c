/* etharp_input.c: ARP packets that arrive: who is answered, what is learnt, what is refused. */
#include "etharp_station.h"

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
