/* etharp.c: addresses are asked for, packets wait, entries age. What arrives: etharp_input.c;
 * the table, its limits and static entries: etharp_table.c. */
#include "etharp_station.h"

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
