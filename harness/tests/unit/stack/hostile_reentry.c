/* hostile_reentry.c: call-backs that take away what is being walked, and drivers that answer
 * before the send has returned. */
#include "lwip/acd.h"
#include "lwip/ip.h"
#include "lwip/raw.h"
#include "attack.h"

#if LWIP_NETIF_EXT_STATUS_CALLBACK
static netif_ext_callback_t subscribers[3];
static unsigned calls[3];

static void first_told(struct netif *netif, netif_nsc_reason_t reason,
                       const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)reason;
    (void)args;
    if (calls[0]++ != 0)
        return;
    netif_remove_ext_callback(&subscribers[1]);
    memset(&subscribers[1], 0xee, sizeof subscribers[1]); /* freed */
}

static void second_told(struct netif *netif, netif_nsc_reason_t reason,
                        const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)reason;
    (void)args;
    calls[1]++;
}

static void third_told(struct netif *netif, netif_nsc_reason_t reason,
                       const netif_ext_callback_args_t *args)
{
    (void)netif;
    (void)reason;
    (void)args;
    calls[2]++;
}

/* The list of subscribers is walked while a subscriber takes the next one off and frees it. */
UNIT(hostile, subscriber_may_remove_the_next_one)
{
    struct station t;
    station_open(&t, NULL);
    memset(calls, 0, sizeof calls);
    netif_add_ext_callback(&subscribers[2], third_told);
    netif_add_ext_callback(&subscribers[1], second_told);
    netif_add_ext_callback(&subscribers[0], first_told);
    netif_set_down(&t.netif);
    CHECK_INT(calls[0], 1);
    CHECK_INT(calls[1], 0);
    CHECK_INT(calls[2], 1);
    netif_remove_ext_callback(&subscribers[0]);
    netif_remove_ext_callback(&subscribers[2]);
    station_close(&t);
}
#endif

static void remove_and_free(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                            u16_t port)
{
    (void)arg;
    (void)pcb;
    (void)addr;
    (void)port;
    pbuf_free(p);
    netif_remove(&other);
    memset(&other, 0xee, sizeof other); /* freed */
}

static u8_t remove_other(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)arg;
    (void)pcb;
    (void)p;
    (void)addr;
    netif_remove(&other);
    memset(&other, 0xee, sizeof other); /* freed */
    return 0;
}

/* A ping program that takes the interface away while the echo server has yet to answer by it. */
UNIT(hostile, interface_freed_by_a_raw_receiver_answers_nothing)
{
    struct station t;
    struct cut_case ping[16];
    station_open(&t, NULL);
    cut_cases(ping);
    struct raw_pcb *one = raw_new(1), *two = raw_new(1);
    raw_recv(one, remove_other, NULL);
    raw_recv(two, remove_other, NULL);
    add_other(OTHER_IP);
    struct pbuf *p = chained(ping[0].bytes, ping[0].len, ping[0].len, 1);
    CHECK_INT(other.input(p, &other), ERR_OK);
    station_run(&t, 10000);
    CHECK_INT(other_sent + t.count, 0);
    raw_remove(one);
    raw_remove(two);
    station_close(&t);
}

static void conflict_removes_other(struct netif *netif, acd_callback_enum_t what)
{
    (void)what;
    netif_remove(netif);
}

/* An address in conflict that takes its interface along: nothing is learnt for what is gone. */
UNIT(hostile, interface_removed_by_a_conflict_learns_nothing)
{
    static const uint8_t zero[6];
    struct station t;
    struct acd acd = {0};
    uint8_t frame[60] = {0};
    station_open(&t, NULL);
    add_other(OTHER_IP);
    acd_add(&other, &acd, conflict_removes_other);
    acd_start(&other, &acd, station_addr(OTHER_IP + 1));
    struct wire_arp a = {peer_mac, zero, OTHER_IP + 1, OTHER_IP, WIRE_ARP_REQUEST};
    wire_ethernet_emit(frame, group_all, peer_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(frame + 14, &a);
    CHECK_INT(other.input(chained(frame, 60, 60, 1), &other), ERR_OK);
    CHECK_INT(other_sent, 0);
    struct eth_addr *mac;
    const ip4_addr_t *found;
    ip4_addr_t claimed = station_addr(OTHER_IP + 1);
    CHECK(etharp_find_addr(NULL, &claimed, &mac, &found) < 0);
    station_close(&t);
}

static struct raw_pcb *nested_pcb;
static struct netif *nested_netif;

/* A driver that answers at once: what it sends comes back in before the send has returned. */
static err_t answer_at_once(struct netif *netif, struct pbuf *p)
{
    struct cut_case ping[16];
    (void)p;
    cut_cases(ping);
    struct pbuf *in = chained(ping[3].bytes, ping[3].len, ping[3].len, 1);
    netif->linkoutput = other_linkoutput; /* once */
    return netif->input(in, netif);
}

static u8_t send_more(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)arg;
    (void)p;
    (void)addr;
    struct pbuf *q = pbuf_alloc(PBUF_IP, 4, PBUF_RAM);
    ip_addr_t all = station_addr(0xffffffffu);
    memcpy(q->payload, "more", 4);
    CHECK_INT(raw_sendto_if_src(pcb, q, &all, nested_netif, netif_ip_addr4(nested_netif)), ERR_OK);
    pbuf_free(q);
    return 0;
}

/* The packet being received is the outer one again when the inner one is done. */
UNIT(hostile, packet_received_within_a_send_does_not_replace_the_current_one)
{
    struct station t;
    station_open(&t, NULL);
    struct udp_pcb *udp = listen_at(7);
    nested_pcb = raw_new(17);
    nested_netif = &t.netif;
    ip_set_option(nested_pcb, SOF_BROADCAST);
    raw_recv(nested_pcb, send_more, NULL);
    t.netif.linkoutput = answer_at_once;
    struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7,
                            .data = "outer", .data_len = 5};
    station_udp(&t, &u);
    CHECK_INT(got.count, 1);
    CHECK_MEM(got.bytes, "outer", 5);
    CHECK(got.on == &t.netif);
    raw_remove(nested_pcb);
    udp_remove(udp);
    station_close(&t);
}

/* What is left of an interface that its own packet removes is not looked at again. */
UNIT(hostile, interface_freed_by_its_own_looped_packet_is_not_touched)
{
    struct station t;
    station_open(&t, NULL);
    add_other(OTHER_IP);
    struct udp_pcb *pcb = listen_at(7);
    udp_recv(pcb, remove_and_free, NULL);
    ip_addr_t own = station_addr(OTHER_IP);
    for (unsigned i = 0; i < 2; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
        memcpy(p->payload, "data", 4);
        CHECK_INT(udp_sendto(pcb, p, &own, 7), ERR_OK);
        pbuf_free(p);
    }
    netif_poll(&other);
    station_check(&t);
    udp_remove(pcb);
    station_close(&t);
}
