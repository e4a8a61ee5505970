/* ethernet.c: frames in and out of an Ethernet interface. */
#include "station.h"

static struct {
    unsigned calls;
    u16_t len;
    u8_t first, flags;
} seen;

static err_t catch_frame(struct pbuf *p, struct netif *netif)
{
    (void)netif;
    seen.calls++;
    seen.len = p->tot_len;
    seen.first = *(u8_t *)p->payload;
    seen.flags = p->flags;
    pbuf_free(p);
    return ERR_OK;
}

static void open_with_type(struct station *t)
{
    memset(&seen, 0, sizeof seen);
    station_open(t, NULL);
    ethertype_register(0x88b5, catch_frame); /* 802 local experimental */
}

static size_t frame_of(uint8_t *frame, const uint8_t *dst, uint16_t type)
{
    memset(frame, 0, 60);
    wire_ethernet_emit(frame, dst, peer_mac, type);
    frame[14] = 0x77;
    return 60;
}

UNIT(ethernet, registered_type_gets_the_payload)
{
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    station_in(&t, frame, frame_of(frame, station_mac, 0x88b5));
    CHECK_INT(seen.calls, 1);
    CHECK_INT(seen.len, 46);
    CHECK_INT(seen.first, 0x77);
    CHECK_INT(seen.flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST), 0);
    station_close(&t);
}

/* [RFC1122 2.4]: the layers above learn that a frame was a broadcast. */
UNIT(ethernet, group_destination_is_noted_on_the_pbuf)
{
    static const uint8_t groups[][6] = {
        {0x01, 0x00, 0x5e, 0, 0, 5}, {0x33, 0x33, 0, 0, 0, 1}, {0x01, 0x80, 0xc2, 0, 0, 0}};
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    station_in(&t, frame, frame_of(frame, group_all, 0x88b5));
    CHECK_INT(seen.flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST), PBUF_FLAG_LLBCAST);
    for (size_t i = 0; i < 3; i++) {
        station_in(&t, frame, frame_of(frame, groups[i], 0x88b5));
        CHECK_INT(seen.flags & (PBUF_FLAG_LLBCAST | PBUF_FLAG_LLMCAST), PBUF_FLAG_LLMCAST);
    }
    station_close(&t);
}

UNIT(ethernet, short_frame_is_dropped_and_counted)
{
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    frame_of(frame, station_mac, 0x0800);
    for (size_t len = 1; len <= 14; len++)
        station_in(&t, frame, len);
    CHECK_INT(station_drops(&t, DROP_eth_short), 14);
    CHECK_INT(lwip_stats.etharp.proterr, 14);
    CHECK_INT(lwip_stats.etharp.drop, 14);
    CHECK_INT(t.netif.mib2_counters.ifinerrors, 14);
    CHECK_INT(t.count, 0);
    station_close(&t);
}

UNIT(ethernet, short_tagged_frame_is_dropped_and_counted)
{
    static struct station t;
    uint8_t frame[60] = {0};
    open_with_type(&t);
    wire_ethernet_emit_tagged(frame, station_mac, peer_mac, 1, 0x88b5);
    for (size_t len = 15; len <= 18; len++)
        station_in(&t, frame, len);
    CHECK_INT(station_drops(&t, DROP_eth_vlan_short), 4);
    CHECK_INT(seen.calls, 0);
    station_close(&t);
}

UNIT(ethernet, tagged_frame_is_delivered_without_its_tag)
{
    static struct station t;
    uint8_t frame[60] = {0};
    open_with_type(&t);
    wire_ethernet_emit_tagged(frame, station_mac, peer_mac, 0xe000, 0x88b5);
    frame[18] = 0x42;
    station_in(&t, frame, 60);
    CHECK_INT(seen.calls, 1);
    CHECK_INT(seen.first, 0x42);
    CHECK_INT(seen.len, 42);
    station_close(&t);
}

UNIT(ethernet, nested_tags_are_an_unknown_type_after_the_first)
{
    static struct station t;
    uint8_t frame[200] = {0};
    open_with_type(&t);
    wire_ethernet_emit(frame, station_mac, peer_mac, 0x8100);
    for (size_t i = 0; i < 40; i++)
        put_be16(frame + 16 + 4 * i, 0x8100);
    station_in(&t, frame, sizeof frame);
    CHECK_INT(station_drops(&t, DROP_eth_unknown_type), 1);
    wire_ethernet_emit_tagged(frame, station_mac, peer_mac, 5, 0x8100);
    put_be16(frame + 12, 0x88a8);
    station_in(&t, frame, sizeof frame);
    CHECK_INT(station_drops(&t, DROP_eth_unknown_type), 2);
    CHECK_INT(t.netif.mib2_counters.ifinunknownprotos, 2);
    station_close(&t);
}

UNIT(ethernet, unknown_type_is_dropped_and_counted)
{
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    station_in(&t, frame, frame_of(frame, station_mac, 0x8035)); /* RARP: nobody */
    CHECK_INT(station_drops(&t, DROP_eth_unknown_type), 1);
    CHECK_INT(lwip_stats.etharp.proterr, 1);
    CHECK_INT(t.netif.mib2_counters.ifinunknownprotos, 1);
    CHECK_INT(t.netif.mib2_counters.ifinerrors, 0);
    station_close(&t);
}

UNIT(ethernet, group_source_is_refused)
{
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    frame_of(frame, station_mac, 0x88b5);
    frame[6] |= 1;
    station_in(&t, frame, 60);
    memset(frame + 6, 255, 6);
    station_in(&t, frame, 60);
    CHECK_INT(station_drops(&t, DROP_eth_bad_source), 2);
    CHECK_INT(seen.calls, 0);
    station_close(&t);
}

/* lwIP's own test programs use 01:01:01:01:01:xx for everybody. */
UNIT(ethernet, group_source_is_taken_where_our_own_address_is_one)
{
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    memset(t.netif.hwaddr, 1, 6);
    frame_of(frame, t.netif.hwaddr, 0x88b5);
    memset(frame + 6, 1, 5);
    frame[11] = 2;
    station_in(&t, frame, 60);
    CHECK_INT(seen.calls, 1);
    CHECK_INT(seen.flags & PBUF_FLAG_LLMCAST, 0); /* it is our own, no group */
    memset(frame + 6, 255, 6);
    station_in(&t, frame, 60);
    CHECK_INT(station_drops(&t, DROP_eth_bad_source), 1);
    station_close(&t);
}

UNIT(ethernet, interface_without_etharp_flag_takes_neither_ip_nor_arp)
{
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    t.netif.flags &= (u8_t)~NETIF_FLAG_ETHARP;
    station_in(&t, frame, frame_of(frame, station_mac, 0x0800));
    station_in(&t, frame, frame_of(frame, station_mac, 0x0806));
    CHECK_INT(station_drops(&t, DROP_eth_no_arp), 2);
    station_in(&t, frame, frame_of(frame, station_mac, 0x88b5));
    CHECK_INT(seen.calls, 1);
    station_close(&t);
}

/* [RFC1122 2.3.3]: RFC 1042 frames are understood beside RFC 894 ones. */
UNIT(ethernet, snap_encapsulated_frame_is_delivered)
{
    static const uint8_t snap[8] = {0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0xb5};
    static struct station t;
    uint8_t frame[60];
    open_with_type(&t);
    frame_of(frame, station_mac, 46);
    memcpy(frame + 14, snap, 8);
    frame[22] = 0x31;
    station_in(&t, frame, 60);
    CHECK_INT(seen.calls, 1);
    CHECK_INT(seen.first, 0x31);
    frame[19] = 1;
    station_in(&t, frame, 60);
    CHECK_INT(station_drops(&t, DROP_eth_llc), 1);
    put_be16(frame + 12, 47);
    station_in(&t, frame, 60);
    CHECK_INT(station_drops(&t, DROP_eth_bad_length), 1);
    station_close(&t);
}

static err_t send_raw(struct station *t, pbuf_layer layer, u16_t type)
{
    struct pbuf *p = pbuf_alloc(layer, 4, PBUF_RAM);
    struct eth_addr src, dst;
    memcpy(p->payload, "data", 4);
    memcpy(src.addr, station_mac, 6);
    memcpy(dst.addr, peer_mac, 6);
    err_t r = ethernet_output(&t->netif, p, &src, &dst, type);
    pbuf_free(p);
    return r;
}

UNIT(ethernet, output_puts_a_header_in_front)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_raw(&t, PBUF_LINK, 0x1234), ERR_OK);
    static const uint8_t expected[18] = {2, 0, 0, 0, 0,    0xfe, 2,   0,   0,
                                         0, 0, 1, 0x12, 0x34, 'd', 'a', 't', 'a'};
    CHECK_INT(t.count, 1);
    CHECK_INT(t.sent[0].len, 18);
    CHECK_MEM(t.sent[0].bytes, expected, 18);
    station_close(&t);
}

UNIT(ethernet, output_with_a_tci_hint_is_tagged)
{
    static struct station t;
    station_open(&t, NULL);
    struct netif_hint hint;
    memset(&hint, 0, sizeof hint);
    hint.tci = 0x6005;
    NETIF_SET_HINTS(&t.netif, &hint);
    CHECK_INT(send_raw(&t, PBUF_LINK, 0x1234), ERR_OK);
    hint.tci = -1;
    CHECK_INT(send_raw(&t, PBUF_LINK, 0x1234), ERR_OK);
    NETIF_RESET_HINTS(&t.netif);
    static const uint8_t expected[10] = {0x81, 0x00, 0x60, 0x05, 0x12, 0x34, 'd', 'a', 't', 'a'};
    CHECK_INT(t.sent[0].len, 22);
    CHECK_MEM(t.sent[0].bytes + 12, expected, 10);
    CHECK_INT(t.sent[1].len, 18);
    station_close(&t);
}

UNIT(ethernet, output_without_headroom_fails_with_err_buf)
{
    static struct station t;
    station_open(&t, NULL);
    CHECK_INT(send_raw(&t, PBUF_RAW, 0x1234), ERR_BUF);
    CHECK_INT(t.count, 0);
    CHECK_INT(lwip_stats.link.lenerr, 1);
    CHECK_INT(station_drops(&t, DROP_eth_no_headroom), 1);
    station_close(&t);
}
