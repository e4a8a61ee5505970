/* The n-th allocation fails, for every n until nothing fails any more; and so do runs of
 * allocations. Runs on every build: heap, size-class pools, C library, pools on the heap.
 *
 * Each job is something a host does. It runs with a failure armed, then time passes, then it runs
 * again without one. Held throughout: no crash, object checks pass, every frame that left is whole
 * (frame_judge.h), what an API call said is what happened, nothing stays allocated, and the second
 * run succeeds. Read sweep() first, then alloc_world.h. */
#include "unit.h"

#include "alloc_world.h"

#include "lwip/acd.h"
#include "lwip/igmp.h"
#include "lwip/raw.h"
#include "lwip/timeouts.h"
#include "stack/core/alloc_fault.h"

/* Longer than anything that waits: reassembly, pending ARP entries, reports. */
#define SETTLE_MS 130000u
#define FAILURES_MAX 2000u

/* ---- jobs: each returns whether everything came about, and leaves nothing behind ---- */

static bool job_arp(void)
{
    etharp_cleanup_netif(&w.a.netif);
    struct udp_pcb *pcb = udp_at(0, 5000);
    if (pcb == NULL)
        return false;
    bool all = send_to(pcb, 100, PBUF_RAM, A_PEER, 0);
    all = send_to(pcb, 200, PBUF_REF, A_PEER, 0) && all; /* has to be copied to wait */
    all = send_to(pcb, 300, PBUF_POOL, A_PEER, 0) && all;
    pass(1500);
    all = sent_of(JUDGED_ARP_REQUEST) == 2 && all;
    arp_from(&w.a, 2, A_PEER, A_IP);
    all = sent_of(JUDGED_UDP) == 3 && all;
    arp_from(&w.a, 1, A_PEER, A_IP);
    udp_remove(pcb);
    return sent_of(JUDGED_ARP_REPLY) == 1 && all;
}

static bool job_arp_silence(void)
{
    struct udp_pcb *pcb = udp_at(0, 5000);
    if (pcb == NULL)
        return false;
    bool all = true;
    for (unsigned i = 0; i < 5; i++) /* more than may wait */
        all = send_to(pcb, 100, i % 2 == 0 ? PBUF_RAM : PBUF_ROM, A_PEER + 40, 0) && all;
    pass(20000);
    udp_remove(pcb);
    return all && sent_of(JUDGED_ARP_REQUEST) >= 2 && sent_of(JUDGED_UDP) == 0;
}

static bool job_udp_send(void)
{
    know_neighbours();
    struct udp_pcb *pcb = udp_at(0, 5000);
    if (pcb == NULL)
        return false;
    bool all = send_to(pcb, 64, PBUF_RAM, A_PEER, 1);
    all = send_to(pcb, 0, PBUF_RAM, A_PEER, 1) && all;
    all = send_to(pcb, 500, PBUF_REF, A_PEER, 1) && all;
    all = send_to(pcb, 500, PBUF_ROM, A_PEER, 1) && all;
    all = send_to(pcb, 1400, PBUF_POOL, A_PEER, 1) && all;
    all = send_to(pcb, 4000, PBUF_REF, A_PEER, 3) && all;
    all = send_to(pcb, 3000, PBUF_POOL, A_PEER, 3) && all;
    all = send_to(pcb, 1000, PBUF_RAM, B_PEER, 2) && all;
    udp_remove(pcb);
    return all;
}

static void echo(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    uint8_t bytes[6000];
    (void)arg;
    CHECK_INT(pbuf_copy_partial(p, bytes, sizeof bytes, 0), p->tot_len);
    judge_pattern(bytes, p->tot_len, 0);
    w.received++;
    (void)udp_sendto(pcb, p, from, port);
    pbuf_free(p);
}

static bool job_udp_echo(void)
{
    know_neighbours();
    struct udp_pcb *pcb = udp_at(0, ECHO_PORT);
    if (pcb == NULL)
        return false;
    udp_recv(pcb, echo, NULL);
    struct arrival d = {.src = A_PEER, .dst = A_IP, .proto = 17, .sport = PEER_PORT,
                        .dport = ECHO_PORT, .len = 300};
    datagram(&w.a, &d);
    d.len = 4000;
    d.cut = 1480;
    datagram(&w.a, &d);
    d.shared = true;
    datagram(&w.a, &d);
    udp_remove(pcb);
    pass(100);
    return w.received == 3 && sent_of(JUDGED_UDP) == 3 && sent_of(JUDGED_FRAGMENT) == 4;
}

static void count(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    (void)arg, (void)pcb, (void)from, (void)port;
    uint8_t bytes[2000];
    CHECK_INT(pbuf_copy_partial(p, bytes, sizeof bytes, 0), p->tot_len);
    judge_pattern(bytes, p->tot_len, 0);
    w.received++;
    pbuf_free(p);
}

static bool job_udp_many_receivers(void)
{
    struct udp_pcb *pcbs[3] = {NULL};
    for (unsigned i = 0; i < 3; i++) {
        pcbs[i] = udp_new();
        if (pcbs[i] == NULL)
            continue;
        ip_set_option(pcbs[i], SOF_REUSEADDR);
        ip_set_option(pcbs[i], SOF_BROADCAST);
        CHECK_INT(udp_bind(pcbs[i], IP4_ADDR_ANY, ECHO_PORT), ERR_OK);
        udp_recv(pcbs[i], count, NULL);
    }
    datagram(&w.a, &(struct arrival){.src = A_PEER, .dst = 0x0a0000ff, .proto = 17, .sport = 9,
                                     .dport = ECHO_PORT, .len = 900, .broadcast = true});
    for (unsigned i = 0; i < 3; i++)
        if (pcbs[i] != NULL)
            udp_remove(pcbs[i]);
    return w.received == (SO_REUSE_RXTOALL ? 3 : 1);
}

static bool job_reassembly_timeout(void)
{
    know_neighbours();
    struct arrival d = {.src = A_PEER, .dst = A_IP, .proto = 17, .sport = PEER_PORT,
                        .dport = ECHO_PORT, .len = 4000, .cut = 1480, .stop = 1};
    datagram(&w.a, &d);
    d.stop = 2;
    d.dst = A_IP;
    datagram(&w.a, &d);
    pass(70000);
    return sent_of(JUDGED_ICMP_ERROR) == 2;
}

static bool job_ping(void)
{
    know_neighbours();
    struct arrival d = {.src = A_PEER, .dst = A_IP, .proto = 1, .len = 56};
    datagram(&w.a, &d);
    d.shared = true;
    datagram(&w.a, &d);
    d.shared = false;
    d.len = 3000;
    d.cut = 1480;
    datagram(&w.a, &d);
    return sent_of(JUDGED_ECHO_REPLY) == 3 && sent_of(JUDGED_FRAGMENT) == 2;
}

static bool job_icmp_errors(void)
{
    know_neighbours();
    struct arrival d = {.src = A_PEER, .dst = A_IP, .proto = 17, .sport = PEER_PORT, .dport = 9,
                        .len = 100};
    datagram(&w.a, &d); /* port unreachable */
    d.proto = 77;
    datagram(&w.a, &d); /* protocol unreachable */
    d.proto = 17;
    d.dst = B_PEER;
    d.ttl = 1;
    datagram(&w.a, &d); /* time exceeded */
    d.ttl = 64;
    d.df = true;
    d.len = 1000;
    datagram(&w.a, &d); /* fragmentation needed */
    return sent_of(JUDGED_ICMP_ERROR) == 4;
}

static bool join(uint32_t group)
{
    ip_addr_t g = addr(group);
    err_t err = igmp_joingroup_netif(&w.a.netif, ip_2_ip4(&g));
    CHECKF(err == ERR_OK || err == ERR_MEM, "join: %d", err);
    CHECK_INT(igmp_lookfor_group(&w.a.netif, ip_2_ip4(&g)) != NULL, err == ERR_OK);
    return err == ERR_OK;
}

static void leave(uint32_t group, bool is_member)
{
    ip_addr_t g = addr(group);
    err_t err = igmp_leavegroup_netif(&w.a.netif, ip_2_ip4(&g));
    CHECK_INT(err, is_member ? ERR_OK : ERR_VAL);
}

static bool job_igmp(void)
{
    bool one = join(GROUP_1), two = join(GROUP_2);
    pass(12000);
    datagram(&w.a, &(struct arrival){.src = A_PEER, .dst = 0xe0000001, .proto = 2, .ttl = 1});
    pass(12000);
    leave(GROUP_1, one);
    leave(GROUP_2, two);
    return sent_of(JUDGED_IGMP_REPORT) == 6 && sent_of(JUDGED_IGMP_LEAVE) == 2;
}

static void acd_told(struct netif *netif, acd_callback_enum_t what)
{
    (void)netif;
    if (what != ACD_IP_OK) {
        w.acd_lost++;
        return;
    }
    w.acd_ok++;
    /* [RFC5227 2.1.1], [RFC5227 2.3]: not before all of them have really been sent */
    CHECK_INT(sent_of(JUDGED_ARP_PROBE), 3);
    CHECK_INT(sent_of(JUDGED_ARP_ANNOUNCEMENT), 2);
}

static bool job_acd(void)
{
    static struct acd acd;
    const uint32_t ip = A_IP + 76;
    ip_addr_t wanted = addr(ip), own = addr(A_IP);
    memset(&acd, 0, sizeof acd);
    CHECK_INT(acd_add(&w.a.netif, &acd, acd_told), ERR_OK);
    CHECK_INT(acd_start(&w.a.netif, &acd, *ip_2_ip4(&wanted)), ERR_OK);
    pass(120000);
    CHECK_INT(w.acd_ok, 1); /* late at worst */
    netif_set_ipaddr(&w.a.netif, ip_2_ip4(&wanted));
    unsigned before = sent_of(JUDGED_ARP_ANNOUNCEMENT);
    arp_from(&w.a, 1, ip, ip);
    bool defended = sent_of(JUDGED_ARP_ANNOUNCEMENT) == before + 1;
    CHECK_INT(w.acd_lost, 0);
    CHECK_INT(acd_stop(&acd), ERR_OK);
    acd_remove(&w.a.netif, &acd);
    netif_set_ipaddr(&w.a.netif, ip_2_ip4(&own));
    return defended;
}

static bool job_loopback(void)
{
    struct udp_pcb *from = udp_at(0, 5000), *to = udp_at(0, PEER_PORT);
    unsigned accepted = 0;
    if (from != NULL && to != NULL) {
        udp_recv(to, count, NULL);
        accepted += send_to(from, 300, PBUF_RAM, LOOPBACK, 0);
        accepted += send_to(from, 400, PBUF_REF, A_IP, 0);
        accepted += send_to(from, 500, PBUF_POOL, B_IP, 0);
        pass(10);
        CHECK_INT(w.received, accepted);
    }
    if (from != NULL)
        udp_remove(from);
    if (to != NULL)
        udp_remove(to);
    return accepted == 3;
}

static u8_t raw_eat(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    (void)arg, (void)pcb, (void)from;
    w.received++;
    pbuf_free(p);
    return 1;
}

static bool job_raw(void)
{
    know_neighbours();
    struct raw_pcb *pcb = raw_new(JUDGE_RAW_PROTO);
    ip_addr_t to = addr(A_PEER);
    if (pcb == NULL)
        return false;
    raw_recv(pcb, raw_eat, NULL);
    unsigned accepted = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct pbuf *p = filled(400, i == 0 ? PBUF_RAM : PBUF_ROM);
        if (p == NULL)
            continue;
        accepted += raw_sendto(pcb, p, &to) == ERR_OK;
        pbuf_free(p);
    }
    if (is_known(A_PEER))
        CHECK_INT(sent_of(JUDGED_RAW), accepted);
    struct arrival d = {.src = A_PEER, .dst = A_IP, .proto = JUDGE_RAW_PROTO, .len = 100};
    datagram(&w.a, &d);
    d.len = 3000;
    d.cut = 1480;
    datagram(&w.a, &d);
    raw_remove(pcb);
    return accepted == 2 && w.received == 2;
}

static bool job_forward(void)
{
    know_neighbours();
    struct arrival d = {.src = A_PEER, .dst = B_PEER, .proto = 17, .sport = 1, .dport = 2,
                        .len = 300};
    datagram(&w.a, &d);
    d.shared = true;
    datagram(&w.a, &d);
    d.len = 1200;
    datagram(&w.a, &d); /* cut in three by the narrower link */
    d.shared = false;
    datagram(&w.a, &d);
    etharp_cleanup_netif(&w.b.netif);
    d.len = 100;
    datagram(&w.a, &d); /* waits for the neighbour */
    arp_from(&w.b, 2, B_PEER, B_IP);
    return sent_of(JUDGED_UDP) == 5 && sent_of(JUDGED_FRAGMENT) == 4;
}

static bool job_netif(void)
{
    ip_addr_t g = addr(GROUP_1);
    struct netif *added = support_netif_add_down(&w.c, C_IP, 24);
    if (added == NULL) {
        const struct netif *n;
        NETIF_FOREACH(n)
            CHECK(n != &w.c.netif);
        return false;
    }
    netif_set_up(added);
    netif_set_link_up(added);
    bool all = w.c.sent_count == 1; /* the gratuitous ARP */
    err_t err = igmp_joingroup_netif(added, ip_2_ip4(&g));
    CHECKF(err == ERR_OK || err == ERR_MEM, "join: %d", err);
    struct udp_pcb *pcb = udp_at(C_IP, 5000);
    if (pcb != NULL) {
        all = send_to(pcb, 100, PBUF_RAM, C_IP + 1, 0) && all; /* waits, and goes with it */
        all = send_to(pcb, 100, PBUF_RAM, C_IP, 0) && all;     /* so does what it says to itself */
        udp_remove(pcb);
    }
    for (unsigned i = 0; i < w.c.sent_count; i++)
        judge_frame(w.c.sent[i]->data, w.c.sent[i]->len, added->hwaddr);
    netif_remove(added);
    return all && err == ERR_OK && pcb != NULL;
}

static void fire(void *arg)
{
    (void)arg;
    w.fired++;
}

static bool job_timeouts(void)
{
    static int which[4];
    for (unsigned i = 0; i < 4; i++)
        sys_timeout(10 * (i + 1), fire, &which[i]);
    sys_untimeout(fire, &which[1]);
    pass(100);
    return w.fired == 3;
}

static bool job_multicast(void)
{
    struct udp_pcb *pcb = udp_at(0, PEER_PORT);
    bool member = join(GROUP_1);
    if (pcb != NULL) {
        udp_recv(pcb, count, NULL);
        udp_set_multicast_netif_addr(pcb, ip_2_ip4(IP4_ADDR_ANY));
        udp_set_flags(pcb, UDP_FLAGS_MULTICAST_LOOP);
        unsigned before = sent_of(JUDGED_UDP);
        bool ok = send_to(pcb, 200, PBUF_REF, GROUP_1, 1);
        CHECK_INT(sent_of(JUDGED_UDP) - before, ok);
        pass(10);
        udp_remove(pcb);
    }
    leave(GROUP_1, member);
    return w.received == 1;
}

static const struct job {
    const char *name;
    bool (*run)(void);
} jobs[] = {
    {"ARP: resolve and queue", job_arp},
    {"ARP: nobody answers", job_arp_silence},
    {"UDP: send, also in fragments", job_udp_send},
    {"UDP: echo, also of fragments", job_udp_echo},
    {"UDP: one broadcast, many receivers", job_udp_many_receivers},
    {"reassembly: timeout", job_reassembly_timeout},
    {"ping", job_ping},
    {"ICMP errors", job_icmp_errors},
    {"IGMP: join, query, leave", job_igmp},
    {"ACD: probe, announce, defend", job_acd},
    {"loopback", job_loopback},
    {"raw", job_raw},
    {"forwarding", job_forward},
    {"interface: add, use, remove", job_netif},
    {"timeouts", job_timeouts},
    {"multicast to oneself", job_multicast},
};

/* ---- the sweep ---- */

static bool run(const struct job *job)
{
    forget();
    bool all = job->run();
    look();
    support_check(&w.s);
    return all;
}

/* Time enough that nothing of the job is left but what was there before it. */
static void settle(const struct job *job, unsigned n, unsigned before)
{
    char text[400];
    pass(SETTLE_MS);
    etharp_cleanup_netif(&w.a.netif);
    etharp_cleanup_netif(&w.b.netif);
    stack_report_leaks(w.s.stack, text, sizeof text);
    CHECKF(objects() == before, "%s, allocation %u: left behind among %s", job->name, n, text);
}

/* `in_a_row` allocations fail from the n-th on, for every n. */
static void sweep(const struct job *job, u32_t in_a_row)
{
    u32_t failed = 1;
    for (unsigned n = 1; failed != 0; n++) {
        CHECKF(n < FAILURES_MAX, "%s: no end of it", job->name);
        open_world();
        unsigned before = objects();
        alloc_fault_arm_run(n, in_a_row);
        bool all = run(job);
        failed = alloc_fault_failed();
        alloc_fault_arm(0);
        CHECKF(all || failed != 0, "%s: failed without a reason", job->name);
        settle(job, n, before);
        CHECKF(run(job), "%s: did not recover from allocation %u", job->name, n);
        settle(job, n, before);
        support_end(&w.s);
        CHECKF(n > 1 || failed != 0, "%s: allocates nothing", job->name);
    }
}

static void sweep_all(u32_t in_a_row)
{
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
        sweep(&jobs[i], in_a_row);
}

UNIT(alloc_failure, every_single_allocation_may_fail)
{
    sweep_all(1);
}

UNIT(alloc_failure, any_few_in_a_row_may_fail)
{
    sweep_all(2);
    sweep_all(5);
}

UNIT(alloc_failure, all_may_fail_from_any_moment_on)
{
    /* conflict detection waits for memory as long as it takes: its job asks for an end */
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++)
        sweep(&jobs[i], jobs[i].run == job_acd ? 20 : UINT32_MAX);
}
