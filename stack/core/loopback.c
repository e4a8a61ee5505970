/* core/loopback.c: packets to ourselves: the loopback interface, and the loopback queue that every
 * interface has for its own address.
 *
 * netif_loop_output() only copies the packet to the interface's queue; input happens later, from
 * netif_poll(), so the stack never enters itself. The queue is one chain of pbufs in which a
 * packet ends where len equals tot_len; loop_cnt_current is the number of pbufs in it, which
 * CFG(lwip_loopback_max_pbufs) limits (0: no limit). Only enqueue() and dequeue() change queue and
 * count, and they change them together. */
#include "lwip/netif.h"

#include "stack/core/drop.h"
#include "stack/core/instance.h"
#include "stack/core/modules.h"
#include "stack/core/netif_local.h"
#include "stack/core/pbuf_shape.h"

#include "lwip/debug.h"
#include "lwip/def.h"
#include "lwip/ip.h"
#include "lwip/pbuf.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "lwip/sys.h"

#include "netif/ethernet.h"

#if LWIP_MODULES_MORE
void netif_ip_input_register(netif_input_fn network_input)
{
    STACK->netif.network_input = network_input;
}

static err_t ip_layer_input(struct pbuf *p, struct netif *inp)
{
    if (STACK->netif.network_input == NULL) {
        drop(DROP_netif_no_network_layer, inp, p);
        LINK_STATS_INC(link.drop);
        pbuf_free(p);
        return ERR_OK;
    }
    return STACK->netif.network_input(p, inp);
}
#else
#define ip_layer_input ip_input
#endif

#if LWIP_ETHERNET
static bool is_ethernet(const struct netif *netif)
{
    return (netif->flags & (NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET)) != 0;
}
#else
#define is_ethernet(netif) false
#define ethernet_input(p, inp) ip_layer_input((p), (inp))
#endif

/* What a driver calls with a received packet if it does not know better: by the interface's flags
 * an Ethernet frame, else an IP packet. Takes p over if it returns ERR_OK. */
err_t netif_input(struct pbuf *p, struct netif *inp)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ASSERT("netif_input: packet or interface is missing", p != NULL && inp != NULL);
    if (is_ethernet(inp))
        return ethernet_input(p, inp);
    return ip_layer_input(p, inp);
}

#if ENABLE_LOOPBACK

bool netif_is_looping(void)
{
    return STACK->netif.polling != 0;
}

#if LWIP_LOOPBACK_MAX_PBUFS || LWIP_MULTI_INSTANCE
static bool has_room(const struct netif *netif, u16_t pbufs)
{
    u32_t count = (u32_t)netif->loop_cnt_current + pbufs;
    u32_t max = CFG(lwip_loopback_max_pbufs);
    return count <= 0xFFFF && (max == 0 || count <= max);
}

static void count_change(struct netif *netif, int pbufs)
{
    netif->loop_cnt_current = (u16_t)(netif->loop_cnt_current + pbufs);
}

static void count_reset(struct netif *netif)
{
    netif->loop_cnt_current = 0;
}

static bool count_is(const struct netif *netif, u32_t pbufs)
{
    return netif->loop_cnt_current == pbufs;
}
#else
static bool has_room(const struct netif *netif, u16_t pbufs)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(pbufs);
    return true;
}

static void count_change(struct netif *netif, int pbufs)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(pbufs);
}

static void count_reset(struct netif *netif)
{
    LWIP_UNUSED_ARG(netif);
}

static bool count_is(const struct netif *netif, u32_t pbufs)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(pbufs);
    return true;
}
#endif

void netif_loop_init(struct netif *netif)
{
    netif->loop_first = NULL;
    netif->loop_last = NULL;
    count_reset(netif);
}

static void enqueue(struct netif *netif, struct pbuf *p)
{
    struct pbuf *last = p;
    int pbufs = 1;
    for (; last->next != NULL; last = last->next)
        pbufs++;
    if (netif->loop_first == NULL)
        netif->loop_first = p;
    else
        netif->loop_last->next = p;
    netif->loop_last = last;
    count_change(netif, pbufs);
    STACK->netif.loop_packets++;
}

/* The oldest packet, or NULL. */
static struct pbuf *dequeue(struct netif *netif)
{
    struct pbuf *p = netif->loop_first;
    if (p == NULL)
        return NULL;
    struct pbuf *last = p;
    int pbufs = 1;
    for (; last->len != last->tot_len; last = last->next) {
        LWIP_ASSERT("loopback: a packet ends before its tot_len", last->next != NULL);
        pbufs++;
    }
    netif->loop_first = last->next;
    if (last == netif->loop_last)
        netif->loop_last = NULL;
    last->next = NULL;
    count_change(netif, -pbufs);
    STACK->netif.loop_packets--;
    return p;
}

/* Loopback traffic is counted for the loopback interface if there is one. */
#if LWIP_HAVE_LOOPIF
#define counted_for(netif) (&STACK->netif.loop)
#else
#define counted_for(netif) (netif)
#endif

static err_t refuse(enum drop_reason reason, struct netif *netif, struct pbuf *p, err_t err)
{
    struct netif *counted = counted_for(netif);
    LWIP_UNUSED_ARG(counted); /* without MIB-II */
    drop(reason, netif, p);
    if (err == ERR_MEM)
        LINK_STATS_INC(link.memerr);
    LINK_STATS_INC(link.drop);
    MIB2_STATS_NETIF_INC(counted, ifoutdiscards);
    return err;
}

err_t netif_loop_output(struct netif *netif, struct pbuf *p)
{
    LWIP_ASSERT("netif_loop_output: packet or interface is missing", netif != NULL && p != NULL);
    struct pbuf *r = pbuf_alloc(PBUF_LINK, p->tot_len, PBUF_RAM);
    if (r == NULL)
        return refuse(DROP_loop_no_memory, netif, p, ERR_MEM);
    if (!has_room(netif, pbuf_clen(r))) {
        pbuf_free(r);
        return refuse(DROP_loop_queue_full, netif, p, ERR_MEM);
    }
    err_t err = pbuf_copy(r, p);
    if (err != ERR_OK) {
        pbuf_free(r);
        return refuse(DROP_loop_copy_failed, netif, p, err);
    }
    struct netif *counted = counted_for(netif);
    LWIP_UNUSED_ARG(counted);
    LINK_STATS_INC(link.xmit);
    MIB2_STATS_NETIF_ADD(counted, ifoutoctets, r->tot_len);
    MIB2_STATS_NETIF_INC(counted, ifoutucastpkts);
    enqueue(netif, r);
    return ERR_OK;
}

static void input_one(struct netif *netif, struct pbuf *p)
{
    struct netif *counted = counted_for(netif);
    LWIP_UNUSED_ARG(counted);
    p->if_idx = netif_get_index(netif);
    LINK_STATS_INC(link.recv);
    MIB2_STATS_NETIF_ADD(counted, ifinoctets, p->tot_len);
    MIB2_STATS_NETIF_INC(counted, ifinucastpkts);
    /* what is looped back is always an IP packet */
    if (ip_layer_input(p, netif) != ERR_OK) {
        drop(DROP_loop_refused, netif, p);
        pbuf_free(p);
    }
}

/* Delivers up to max packets; returns how many. A packet removes its interface at worst, and its
 * owner frees it: it is looked for before each. */
static unsigned poll_queue(struct netif *netif, unsigned max)
{
    unsigned n = 0;
    if (STACK->netif.polling)
        return 0;
    STACK->netif.polling = 1;
    while (n < max && netif_is_listed(netif)) {
        struct pbuf *p = dequeue(netif);
        if (p == NULL)
            break;
        input_one(netif, p);
        n++;
    }
    STACK->netif.polling = 0;
    return n;
}

/* Delivers what waits on the interface's queue, at most LWIP_LOOPBACK_MAX_POLL packets: two
 * applications that answer each other would else keep it busy for ever. */
void netif_poll(struct netif *netif)
{
    LWIP_ASSERT("netif_poll: no interface", netif != NULL);
    poll_queue(netif, LWIP_LOOPBACK_MAX_POLL);
}

/* The same for all interfaces. An interface may be removed by what a packet causes, so the list is
 * searched afresh for each one. */
void netif_poll_all(void)
{
    unsigned left = LWIP_LOOPBACK_MAX_POLL;
    while (left > 0 && STACK->netif.loop_packets > 0) {
        struct netif *n = STACK->pub.netif_list_;
        while (n != NULL && n->loop_first == NULL)
            n = netif_after(n);
        if (n == NULL || poll_queue(n, 1) == 0)
            return;
        left--;
    }
}

void netif_loop_purge(struct netif *netif)
{
    struct pbuf *p;
    while ((p = dequeue(netif)) != NULL) {
        drop(DROP_netif_removed, netif, p);
        pbuf_free(p);
    }
}

/* One queue; adds its packets to *packets. */
static const char *check_queue(const struct netif *n, u32_t *packets)
{
    u32_t pbufs = 0;
    const struct pbuf *last = NULL;
    bool in_packet = false;
    for (const struct pbuf *p = n->loop_first; p != NULL; p = p->next) {
        if (p->ref == 0)
            return "loopback: a freed pbuf is on a queue";
        if (p->len > p->tot_len || (in_packet && last->tot_len - last->len != p->tot_len))
            return "loopback: a packet's tot_len is wrong";
        in_packet = p->len != p->tot_len;
        if (!in_packet)
            ++*packets;
        if (++pbufs > 0xFFFF)
            return "loopback: a queue runs in a circle";
        last = p;
    }
    if (in_packet)
        return "loopback: the last packet is cut short";
    if (n->loop_last != last)
        return "loopback: the end of a queue is not known";
    return count_is(n, pbufs) ? NULL : "loopback: the number of queued pbufs is wrong";
}

const char *netif_loop_check(void)
{
    u32_t packets = 0;
    for (const struct netif *n = STACK->pub.netif_list_; n != NULL; n = netif_after(n)) {
        const char *wrong = check_queue(n, &packets);
        if (wrong != NULL)
            return wrong;
    }
    return packets == STACK->netif.loop_packets ? NULL : "loopback: packets are not counted right";
}

#else

const char *netif_loop_check(void)
{
    return NULL;
}

#endif
