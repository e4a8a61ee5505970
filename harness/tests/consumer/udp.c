/* consumer/udp.c: a firmware-like program on lwIP's public API: main loop, own clock, own driver.
 *
 * Each part does something as an application would and compares every byte that leaves. Ends with
 * status 1 at the first difference. */
#include "wire.h"

#include "lwip/def.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/icmp.h"
#include "lwip/igmp.h"
#include "lwip/init.h"
#include "lwip/ip_addr.h"
#include "lwip/mem.h"
#include "lwip/memp.h"
#include "lwip/pbuf.h"
#include "lwip/raw.h"
#include "lwip/stats.h"
#include "lwip/sys.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "netif/ethernet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned checks;
#define CHECK(cond) \
    do { \
        checks++; \
        if (!(cond)) { \
            printf("%s:%d: %s is false\n", __FILE__, __LINE__, #cond); \
            exit(1); \
        } \
    } while (0)

/* ---- The port: a clock that moves when told ---- */

static u32_t clock_ms = 0xfffff000u; /* wraps during the run */

u32_t sys_now(void)
{
    return clock_ms;
}

unsigned consumer_rand(void)
{
    static unsigned n;
    return n += 0x9e3779b9u;
}

/* The main loop of a program without an OS. */
static void run(u32_t ms)
{
    for (; ms > 0; ms--) {
        clock_ms++;
        sys_check_timeouts();
        netif_poll_all();
    }
}

static struct netif eth;
static unsigned status_calls, link_calls;

static void expect_frame(const struct frame *expected)
{
    const struct frame *f = wire_take();
    CHECK(f != NULL);
    CHECK(f->len == expected->len);
    CHECK(memcmp(f->bytes, expected->bytes, f->len) == 0);
}

/* The same for an IP datagram of ours, whose identification is the stack's choice. */
static void expect_datagram(struct frame *expected)
{
    const struct frame *f = wire_take();
    CHECK(f != NULL);
    CHECK(f->len == expected->len);
    memcpy(expected->bytes + 18, f->bytes + 18, 2);
    memset(expected->bytes + 24, 0, 2);
    unsigned sum = frame_checksum(0, expected->bytes + 14, (expected->bytes[14] & 15u) * 4u);
    expected->bytes[24] = (uint8_t)(sum >> 8);
    expected->bytes[25] = (uint8_t)sum;
    CHECK(memcmp(f->bytes, expected->bytes, f->len) == 0);
}

static void expect_silence(void)
{
    CHECK(wire_take() == NULL);
}

static void peer_is_known(void)
{
    struct frame f;
    frame_arp(&f, stack_mac, peer_mac, 2, PEER_IP, stack_mac, STACK_IP);
    CHECK(wire_input(&eth, &f) == 0);
}

/* ---- Parts ---- */

static void on_status(struct netif *netif)
{
    CHECK(netif == &eth);
    status_calls++;
}

static void on_link(struct netif *netif)
{
    CHECK(netif == &eth);
    link_calls++;
}

static void interface_comes_up_and_announces_itself(void)
{
    ip4_addr_t ip, mask, gw;
    struct frame f;
    IP4_ADDR(&ip, 10, 1, 0, 1);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gw, 10, 1, 0, 254);
    CHECK(netif_add(&eth, &ip, &mask, &gw, NULL, wire_init, ethernet_input) == &eth);
    CHECK(!netif_is_up(&eth));
    netif_set_default(&eth);
    netif_set_status_callback(&eth, on_status);
    netif_set_link_callback(&eth, on_link);
    netif_set_link_up(&eth);
    netif_set_up(&eth);
    CHECK(netif_is_up(&eth) && netif_is_link_up(&eth));
    CHECK(status_calls == 1 && link_calls == 1);
    CHECK(netif_default == &eth && netif_list == &eth);
    CHECK(strcmp(ip4addr_ntoa(netif_ip4_addr(&eth)), "10.1.0.1") == 0);
    frame_arp(&f, all_mac, stack_mac, 1, STACK_IP, no_mac, STACK_IP);
    expect_frame(&f);
}

static void arp_request_is_answered(void)
{
    struct frame f;
    frame_arp(&f, all_mac, peer_mac, 1, PEER_IP, no_mac, STACK_IP);
    CHECK(wire_input(&eth, &f) == 0);
    frame_arp(&f, peer_mac, stack_mac, 2, STACK_IP, peer_mac, PEER_IP);
    expect_frame(&f);
    expect_silence();
}

static void on_echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    ++*(unsigned *)arg;
    CHECK(p->tot_len > 0);
    ((u8_t *)p->payload)[0] ^= 0x20; /* a received pbuf is the application's */
    CHECK(udp_sendto(pcb, p, addr, port) == ERR_OK);
    pbuf_free(p);
}

static void udp_echo_and_closed_port(void)
{
    unsigned calls = 0;
    struct frame f;
    struct udp_pcb *pcb = udp_new();
    CHECK(pcb != NULL);
    CHECK(udp_bind(pcb, IP_ADDR_ANY, 7) == ERR_OK);
    udp_recv(pcb, on_echo, &calls);

    frame_udp(&f, stack_mac, peer_mac, 9, 64, PEER_IP, 4000, STACK_IP, 7, "Hello", 5);
    CHECK(wire_input(&eth, &f) == 0);
    CHECK(calls == 1);
    frame_udp(&f, peer_mac, stack_mac, 0, UDP_TTL, STACK_IP, 7, PEER_IP, 4000, "hello", 5);
    expect_datagram(&f);

    frame_udp(&f, stack_mac, peer_mac, 9, 64, PEER_IP, 4000, STACK_IP, 7, "Hello", 5);
    f.bytes[44] ^= 1; /* one damaged bit: dropped in silence */
    CHECK(wire_input(&eth, &f) == 0);
    CHECK(calls == 1);
    CHECK(lwip_stats.udp.chkerr == 1);
    expect_silence();

    udp_remove(pcb);
    frame_udp(&f, stack_mac, peer_mac, 10, 64, PEER_IP, 4000, STACK_IP, 7, "Hello", 5);
    CHECK(wire_input(&eth, &f) == 0);
    uint8_t icmp[8 + 28] = {3, 3}; /* port unreachable; quoted: IP header and 8 octets */
    memcpy(icmp + 8, f.bytes + 14, 28);
    unsigned sum = frame_checksum(0, icmp, sizeof icmp);
    icmp[2] = (uint8_t)(sum >> 8);
    icmp[3] = (uint8_t)sum;
    frame_ip(&f, peer_mac, stack_mac, 0, ICMP_TTL, 1, STACK_IP, PEER_IP, icmp, sizeof icmp);
    expect_datagram(&f);
}

static void unknown_neighbour_is_asked_for_and_packets_wait(void)
{
    const uint8_t mac[6] = {2, 0, 0, 0, 0, 3};
    struct frame f;
    ip_addr_t to;
    IP_ADDR4(&to, 10, 1, 0, 3);
    struct udp_pcb *pcb = udp_new();
    CHECK(pcb != NULL && udp_bind(pcb, IP_ADDR_ANY, 5000) == ERR_OK);
    for (int i = 0; i < 2; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
        CHECK(p != NULL && pbuf_take(p, i == 0 ? "one!" : "two!", 4) == ERR_OK);
        CHECK(udp_sendto(pcb, p, &to, 5001) == ERR_OK);
        CHECK(p->ref >= 1);
        pbuf_free(p);
    }
    frame_arp(&f, all_mac, stack_mac, 1, STACK_IP, no_mac, 0x0a010003);
    expect_frame(&f);
    expect_silence();
    frame_arp(&f, stack_mac, mac, 2, 0x0a010003, stack_mac, STACK_IP);
    CHECK(wire_input(&eth, &f) == 0);
    frame_udp(&f, mac, stack_mac, 0, UDP_TTL, STACK_IP, 5000, 0x0a010003, 5001, "one!", 4);
    expect_datagram(&f);
    frame_udp(&f, mac, stack_mac, 0, UDP_TTL, STACK_IP, 5000, 0x0a010003, 5001, "two!", 4);
    expect_datagram(&f);

    struct eth_addr *found = NULL;
    const ip4_addr_t *address = NULL;
    CHECK(etharp_find_addr(&eth, ip_2_ip4(&to), &found, &address) >= 0);
    CHECK(memcmp(found->addr, mac, 6) == 0);
    run((ARP_MAXAGE + 1) * 1000); /* forgotten: nobody used it */
    CHECK(etharp_find_addr(&eth, ip_2_ip4(&to), &found, &address) == -1);
    while (wire_take() != NULL)
        continue;
    udp_remove(pcb);
}

static u8_t on_raw(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    (void)pcb;
    CHECK(ip4_addr_get_u32(ip_2_ip4(addr)) == lwip_htonl(PEER_IP));
    if (p->tot_len != 20 + 12 || pbuf_get_at(p, 20) != 0)
        return 0;
    ++*(unsigned *)arg;
    pbuf_free(p);
    return 1;
}

/* A ping as lwIP's raw API does it: the answer is eaten, requests are left to the stack. */
static void ping_with_a_raw_pcb(void)
{
    unsigned replies = 0;
    uint8_t echo[12] = {8, 0, 0, 0, 0x12, 0x34, 0, 1, 'p', 'i', 'n', 'g'};
    struct frame f;
    ip_addr_t to;
    IP_ADDR4(&to, 10, 1, 0, 2);
    peer_is_known();
    struct raw_pcb *pcb = raw_new(IP_PROTO_ICMP);
    CHECK(pcb != NULL && raw_bind(pcb, IP_ADDR_ANY) == ERR_OK);
    raw_recv(pcb, on_raw, &replies);
    unsigned sum = frame_checksum(0, echo, sizeof echo);
    echo[2] = (uint8_t)(sum >> 8);
    echo[3] = (uint8_t)sum;
    struct pbuf *p = pbuf_alloc(PBUF_IP, sizeof echo, PBUF_RAM);
    CHECK(p != NULL && pbuf_take(p, echo, sizeof echo) == ERR_OK);
    CHECK(raw_sendto(pcb, p, &to) == ERR_OK);
    pbuf_free(p);
    frame_ip(&f, peer_mac, stack_mac, 0, RAW_TTL, 1, STACK_IP, PEER_IP, echo, sizeof echo);
    expect_datagram(&f);

    echo[0] = 0;
    echo[2] = echo[3] = 0;
    sum = frame_checksum(0, echo, sizeof echo);
    echo[2] = (uint8_t)(sum >> 8);
    echo[3] = (uint8_t)sum;
    frame_ip(&f, stack_mac, peer_mac, 3, 64, 1, PEER_IP, STACK_IP, echo, sizeof echo);
    CHECK(wire_input(&eth, &f) == 0);
    CHECK(replies == 1);
    expect_silence();
    raw_remove(pcb);
}

static void group_is_joined_and_left(void)
{
    const uint8_t mac[6] = {1, 0, 0x5e, 1, 2, 3}, routers[6] = {1, 0, 0x5e, 0, 0, 2};
    ip4_addr_t group;
    IP4_ADDR(&group, 224, 1, 2, 3);
    while (wire_take() != NULL)
        continue;
    CHECK(igmp_joingroup_netif(&eth, &group) == ERR_OK);
    const struct frame *f = wire_take();
    CHECK(f != NULL && f->len == 14 + 24 + 8);
    CHECK(memcmp(f->bytes, mac, 6) == 0 && f->bytes[14] == 0x46 && f->bytes[22] == 1);
    CHECK(f->bytes[38] == 0x16 && frame_checksum(0, f->bytes + 38, 8) == 0);
    CHECK(memcmp(f->bytes + 42, &group, 4) == 0);
    run(1000); /* the report is repeated */
    CHECK(igmp_leavegroup_netif(&eth, &group) == ERR_OK);
    const struct frame *last = NULL;
    while ((f = wire_take()) != NULL)
        last = f;
    CHECK(last != NULL && memcmp(last->bytes, routers, 6) == 0 && last->bytes[38] == 0x17);
    CHECK(igmp_leavegroup_netif(&eth, &group) != ERR_OK);
}

static void on_loop(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    (void)pcb, (void)port;
    CHECK(pbuf_memcmp(p, 0, "loop", 4) == 0);
    *(u32_t *)arg = lwip_ntohl(ip4_addr_get_u32(ip_2_ip4(addr)));
    pbuf_free(p);
}

static void own_address_and_127_come_back_when_polled(void)
{
    u32_t from = 0;
    ip_addr_t to;
    struct udp_pcb *pcb = udp_new();
    CHECK(pcb != NULL && udp_bind(pcb, IP_ADDR_ANY, 6000) == ERR_OK);
    udp_recv(pcb, on_loop, &from);
    for (int i = 0; i < 2; i++) {
        const u32_t address = i == 0 ? STACK_IP : 0x7f000001u;
        ip_addr_set_ip4_u32(&to, lwip_htonl(address));
        struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, 4, PBUF_RAM);
        CHECK(p != NULL && pbuf_take(p, "loop", 4) == ERR_OK);
        from = 0;
        CHECK(udp_sendto(pcb, p, &to, 6000) == ERR_OK);
        pbuf_free(p);
        CHECK(from == 0);
        netif_poll_all();
        CHECK(from == address);
    }
    udp_remove(pcb);
    expect_silence();
}

static void on_timeout(void *arg)
{
    *(u32_t *)arg = clock_ms;
}

static void timeouts_fire_on_time_in_order_or_not_at_all(void)
{
    u32_t a = 0, b = 0, c = 0;
    const u32_t start = clock_ms;
    sys_timeout(30, on_timeout, &a);
    sys_timeout(10, on_timeout, &b);
    sys_timeout(20, on_timeout, &c);
    sys_untimeout(on_timeout, &c);
    CHECK(sys_timeouts_sleeptime() <= 10);
    run(9);
    CHECK(b == 0);
    run(1);
    CHECK(b == start + 10);
    run(30);
    CHECK(a == start + 30 && c == 0);
}

LWIP_MEMPOOL_DECLARE(records, 3, 20, "records")

static void pools_and_heap_serve_the_application(void)
{
    void *element[3];
    LWIP_MEMPOOL_INIT(records);
    for (int i = 0; i < 3; i++) {
        element[i] = LWIP_MEMPOOL_ALLOC(records);
        CHECK(element[i] != NULL);
        memset(element[i], i, 20);
    }
    CHECK(LWIP_MEMPOOL_ALLOC(records) == NULL);
    CHECK(((uint8_t *)element[0])[19] == 0 && ((uint8_t *)element[1])[0] == 1);
    for (int i = 0; i < 3; i++)
        LWIP_MEMPOOL_FREE(records, element[i]);

    uint8_t *block = mem_calloc(4, 25);
    CHECK(block != NULL && block[0] == 0 && block[99] == 0);
    mem_free(block);
    CHECK(mem_malloc(MEM_SIZE) == NULL);
    void *pcb = memp_malloc(MEMP_UDP_PCB);
    CHECK(pcb != NULL && lwip_stats.memp[MEMP_UDP_PCB]->used == 1);
    memp_free(MEMP_UDP_PCB, pcb);
    CHECK(lwip_stats.memp[MEMP_PBUF_POOL]->used == 0);
    CHECK(lwip_stats.memp[MEMP_UDP_PCB]->used == 0);
    CHECK(lwip_stats.mem.used == 0);
}

static void chains_keep_their_sums(void)
{
    struct pbuf *head = pbuf_alloc(PBUF_RAW, 3, PBUF_RAM);
    struct pbuf *tail = pbuf_alloc(PBUF_RAW, 4, PBUF_RAM);
    CHECK(head != NULL && tail != NULL);
    pbuf_take(head, "abc", 3);
    pbuf_take(tail, "defg", 4);
    pbuf_chain(head, tail);
    CHECK(head->tot_len == 7 && tail->ref == 2 && pbuf_clen(head) == 2);
    CHECK(pbuf_memfind(head, "cd", 2, 0) == 2);
    head = pbuf_coalesce(head, PBUF_RAW);
    CHECK(head->next == NULL && head->len == 7 && tail->ref == 1);
    CHECK(pbuf_free(head) == 1 && pbuf_free(tail) == 1);
}

static void interface_goes(void)
{
    netif_set_link_down(&eth);
    netif_set_down(&eth);
    CHECK(status_calls == 2 && link_calls == 2);
    netif_remove(&eth);
    CHECK(netif_default == NULL && netif_list != &eth);
    CHECK(lwip_stats.mem.used == 0 && lwip_stats.memp[MEMP_PBUF_POOL]->used == 0);
}

int main(void)
{
    lwip_init();
    interface_comes_up_and_announces_itself();
    arp_request_is_answered();
    udp_echo_and_closed_port();
    unknown_neighbour_is_asked_for_and_packets_wait();
    ping_with_a_raw_pcb();
    group_is_joined_and_left();
    own_address_and_127_come_back_when_polled();
    timeouts_fire_on_time_in_order_or_not_at_all();
    pools_and_heap_serve_the_application();
    chains_keep_their_sums();
    interface_goes();
    printf("consumer: %u checks passed\n", checks);
    return 0;
}
