/* hostile.c: attacks on what lies below TCP that no other file's noun covers: sources that are
 * broadcasts elsewhere, ARP pairs that lie, clocks that went round. Each is a bug that this stack
 * or another one had. */
#include "lwip/acd.h"
#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/raw.h"
#include "lwip/timeouts.h"
#include "attack.h"

#define OTHER_BROADCAST 0xc0a807ffu
#define DAY_MS 86400000u

/* ---- sources ---- */

/* [RFC1122 3.2.1.3]: the broadcast address of any network we know is nobody's; a service that
 * answered would flood that network (fraggle across interfaces). */
UNIT(hostile, broadcast_of_another_interface_is_no_source)
{
    struct station t;
    station_open(&t, NULL);
    add_other(OTHER_IP);
    struct udp_pcb *pcb = listen_at(7);
    struct station_udp u = {.src = OTHER_BROADCAST, .dst = STATION_IP, .sport = 9, .dport = 7};
    station_udp(&t, &u);
    CHECK_INT(got.count, 0);
    CHECK_INT(station_drops(&t, DROP_ip4_bad_source), 1);
    u.src = OTHER_BROADCAST - 1; /* a host there is one */
    station_udp(&t, &u);
    CHECK_INT(got.count, 1);
    udp_remove(pcb);
    netif_remove(&other);
    station_close(&t);
}

/* [RFC1122 3.2.1.3]: the limited broadcast belongs to the link it came by, also while that
 * interface has no address (a DHCP client's), never to another interface. */
UNIT(hostile, limited_broadcast_belongs_to_the_interface_it_came_by)
{
    struct station t;
    uint8_t frame[128];
    station_defaults(&t);
    t.config.lwip_broadcast_ping = 1;
    station_start(&t, 0);
    add_other(OTHER_IP);
    struct udp_pcb *pcb = listen_at(68);
    struct station_udp u = {.src = PEER_IP, .dst = 0xffffffffu, .sport = 67, .dport = 68};
    station_in(&t, frame, station_udp_frame(frame, group_all, &u));
    CHECK_INT(got.count, 1);
    CHECK(got.on == &t.netif);
    /* nor is there an address to answer a ping from */
    u.proto = 1;
    size_t len = station_udp_frame(frame, group_all, &u);
    memset(frame + 34, 0, 8);
    frame[34] = 8;
    put_be16(frame + 36, 0xf7ff);
    station_in(&t, frame, len);
    station_run(&t, 10000);
    CHECK_INT(t.count, 0);
    CHECK_INT(other_sent, 0);
    CHECK_INT(station_drops(&t, DROP_icmp_echo_broadcast), 1);
    udp_remove(pcb);
    netif_remove(&other);
    station_close(&t);
}

/* Unicast in a frame to a group: neither RFC 1122 nor Linux forbids it (network load balancers
 * do it); it is delivered, but provokes no error and is not forwarded. */
UNIT(hostile, unicast_in_a_multicast_frame_is_delivered_and_provokes_no_error)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 5};
    struct station t;
    uint8_t frame[128];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    station_know_peer(&t);
    struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7};
    station_in(&t, frame, station_udp_frame(frame, group, &u));
    CHECK_INT(got.count, 1);
    u.dport = 8;
    station_in(&t, frame, station_udp_frame(frame, group, &u));
    CHECK_INT(t.count, 0);
    udp_remove(pcb);
    station_close(&t);
}

/* ---- ARP and ACD ---- */

/* BSD's "it's from me, ignore it": a packet that says another address is at our own hardware
 * address would have us talk to ourselves. */
UNIT(hostile, arp_pair_with_our_own_hardware_address_is_not_learnt)
{
    struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    station_arp(&t, WIRE_ARP_REPLY, station_mac, station_mac, PEER_IP, STATION_IP);
    struct eth_addr *mac;
    const ip4_addr_t *found;
    ip4_addr_t peer = station_addr(PEER_IP), fresh = station_addr(PEER_IP + 1);
    CHECK(etharp_find_addr(&t.netif, &peer, &mac, &found) >= 0);
    CHECK_MEM(mac->addr, peer_mac, 6);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, station_mac, PEER_IP + 1, STATION_IP);
    CHECK(etharp_find_addr(&t.netif, &fresh, &mac, &found) < 0);
    CHECK_INT(t.count, 0);
    CHECK_INT(station_drops(&t, DROP_arp_bad_sender_mac), 2);
    station_close(&t);
}

static void ignore(struct netif *netif, acd_callback_enum_t what)
{
    (void)netif;
    (void)what;
}

/* [RFC5227 1.1]: a probe is a request; a reply that names no sender claims nothing. */
UNIT(hostile, reply_without_a_sender_is_no_probe)
{
    struct station t;
    struct acd acd = {0};
    station_defaults(&t);
    station_start(&t, 0);
    acd_add(&t.netif, &acd, ignore);
    acd_start(&t.netif, &acd, station_addr(STATION_IP));
    station_arp(&t, WIRE_ARP_REPLY, group_all, peer_mac, 0, STATION_IP);
    station_arp(&t, 3, group_all, peer_mac, 0, STATION_IP);
    CHECK_INT(acd.num_conflicts, 0);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, 0, STATION_IP);
    CHECK_INT(acd.num_conflicts, 1);
    station_close(&t);
}

/* [RFC5227 2.4]: "within the last ten seconds" is no matter of the clock modulo 2^32. */
UNIT(hostile, conflict_when_the_clock_has_gone_round_is_a_first_one)
{
    struct station t;
    struct acd acd = {0};
    station_defaults(&t);
    station_start(&t, 0);
    acd_add(&t.netif, &acd, ignore);
    acd_start(&t.netif, &acd, station_addr(STATION_IP));
    station_run(&t, 20000);
    CHECK_INT(acd.state, ACD_STATE_ONGOING);
    t.count = 0;
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, STATION_IP, PEER_IP);
    CHECK_INT(t.count, 1);
    station_run(&t, 0x80000000u);
    station_run(&t, 0x80000000u);
    station_run(&t, 5000);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, STATION_IP, PEER_IP);
    CHECK_INT(acd.state, ACD_STATE_ONGOING);
    CHECK_INT(t.count, 2);
    station_arp(&t, WIRE_ARP_REQUEST, group_all, peer_mac, STATION_IP, PEER_IP);
    CHECK_INT(acd.num_conflicts, 1);
    station_close(&t);
}

/* Static entries do not age: how long ago they were made may be more than the clock can tell. */
UNIT(hostile, static_entries_made_weeks_apart_are_in_order)
{
    static const uint32_t wait_days[] = {22, 30, 24, 20, 25};
    struct station t;
    struct eth_addr mac = {{2, 0, 0, 0, 0, 9}};
    station_open(&t, NULL);
    for (unsigned i = 0; i < 5; i++) {
        ip4_addr_t ip = station_addr(PEER_IP + i);
        CHECK_INT(etharp_add_static_entry(&ip, &mac), ERR_OK);
        station_run(&t, wait_days[i] * DAY_MS);
    }
    for (unsigned gone = 0; gone < 5; gone += 2) {
        ip4_addr_t ip = station_addr(PEER_IP + gone);
        CHECK_INT(etharp_remove_static_entry(&ip), ERR_OK);
        station_check(&t);
    }
    station_close(&t);
}

/* ---- datagrams ---- */

/* A pbuf that was once looped back as a multicast does not loop when it is sent elsewhere. */
UNIT(hostile, unicast_in_a_pbuf_that_carried_a_multicast_is_not_looped)
{
    struct station t;
    station_open(&t, NULL);
    station_know_peer(&t);
    struct udp_pcb *pcb = udp_new();
    udp_set_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    memcpy(p->payload, "data", 4);
    ip_addr_t group = station_addr(0xe0000105u), peer = station_addr(PEER_IP);
    CHECK_INT(udp_sendto(pcb, p, &group, 9), ERR_OK);
    CHECK_INT(t.netif.loop_cnt_current, 1);
    station_run(&t, 1);
    pbuf_remove_header(p, (size_t)(p->tot_len - 4));
    t.count = 0;
    CHECK_INT(udp_sendto(pcb, p, &peer, 9), ERR_OK);
    CHECK_INT(t.count, 1);
    CHECK_INT(t.netif.loop_cnt_current, 0);
    pbuf_free(p);
    udp_remove(pcb);
    station_close(&t);
}

/* An interface that was taken down sends nothing, whoever is bound to it. */
UNIT(hostile, nothing_leaves_by_an_interface_that_is_down)
{
    struct station t;
    station_open(&t, NULL);
    ip_addr_t all = station_addr(0xffffffffu);
    struct udp_pcb *udp = udp_new();
    struct raw_pcb *raw = raw_new(99);
    ip_set_option(udp, SOF_BROADCAST);
    ip_set_option(raw, SOF_BROADCAST);
    udp_bind_netif(udp, &t.netif);
    raw_bind_netif(raw, &t.netif);
    netif_set_down(&t.netif);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
    memcpy(p->payload, "data", 4);
    CHECK_INT(udp_sendto(udp, p, &all, 9), ERR_RTE);
    CHECK_INT(raw_sendto(raw, p, &all), ERR_RTE);
    CHECK_INT(t.count, 0);
    netif_set_up(&t.netif);
    t.count = 0;
    CHECK_INT(raw_sendto(raw, p, &all), ERR_OK);
    CHECK_INT(t.count, 1);
    pbuf_free(p);
    udp_remove(udp);
    raw_remove(raw);
    station_close(&t);
}

/* ---- time ---- */

static unsigned runs;

static void again(void *arg)
{
    runs++;
    sys_timeout(0, again, arg);
}

/* A handler that sets itself again for "now" takes its turns, it does not take the host: the
 * clock stands still inside sys_check_timeouts(). */
UNIT(hostile, timeout_of_zero_that_renews_itself_does_not_hang_the_host)
{
    struct station t;
    station_open(&t, NULL);
    runs = 0;
    sys_timeout(0, again, NULL);
    CHECK_INT(sys_check_timeouts(), 0);
    CHECK(runs > 0);
    unsigned before = runs;
    sys_check_timeouts();
    CHECK(runs > before);
    sys_untimeout(again, NULL);
    station_close(&t);
}
