/* ip4_forward.c: the host as a router between 10.0.0.0/24 and 192.168.1.0/24. */
#include "ip4_host.h"
#include "stack/wire/ip4_options.h"

static const uint8_t data[64] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static struct ip4_host *router_open(struct stack_config *c)
{
    c->ip_forward = 1;
    return host_open(c);
}

static struct datagram passing(void)
{
    return (struct datagram){.src = PEER, .dst = B_PEER, .proto = 17, .id = 0x1111, .ttl = 9,
                             .data = data, .len = sizeof data};
}

UNIT(ip4_forward, datagram_leaves_with_one_hop_less)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    uint8_t before[84];
    host_in_bytes(h, &h->a, before, host_build(before, &d));
    CHECK_INT(h->count, 1);
    struct wire_ip4 w = host_sent(h, 0);
    CHECK(h->out[0].netif == &h->b.netif);
    CHECK_INT(h->out[0].next_hop, B_PEER);
    CHECK_INT(w.ttl, 8);
    before[8] = 8;
    memcpy(before + 10, h->out[0].bytes + 10, 2);
    CHECK_MEM(h->out[0].bytes, before, sizeof before);
    CHECK_INT(lwip_stats.ip.fw, 1);
    CHECK_INT(lwip_stats.mib2.ipforwdatagrams, 1);
    CHECK_INT(lwip_stats.ip.drop, 0);
    host_close(h);
}

/* [RFC1122 3.1] */
UNIT(ip4_forward, host_that_is_no_router_drops_silently)
{
    struct stack_config c = stack_config_default;
    c.ip_forward = 0;
    struct ip4_host *h = host_open(&c);
    struct datagram d = passing();
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_ip4_not_ours), 1);
    CHECK_INT(lwip_stats.ip.drop, 1);
    host_close(h);
}

UNIT(ip4_forward, last_hop_is_told_to_the_source)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    uint8_t bytes[84];
    for (unsigned ttl = 0; ttl < 2; ttl++) {
        d.ttl = (uint8_t)ttl;
        d.ttl_zero = true;
        host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
        CHECK_INT(h->count, ttl + 1);
        host_sent_error(h, ttl, 11, 0, 0, bytes); /* [RFC1812 5.3.1] */
        CHECK_INT(host_sent(h, ttl).src, A_IP);
    }
    d.ttl = 2;
    host_in(h, &h->a, &d);
    CHECK_INT(host_sent(h, 2).ttl, 1);
    CHECK_INT(host_drops(h, DROP_ip4_forward_ttl), 2);
    CHECK_INT(lwip_stats.mib2.icmpouttimeexcds, 2);
    host_close(h);
}

/* [RFC1191 4] */
UNIT(ip4_forward, too_big_with_df_is_told_the_mtu)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    uint8_t bytes[84];
    d.fragment = WIRE_IP4_DF;
    h->b.netif.mtu = 83;
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    CHECK_INT(h->count, 1);
    host_sent_error(h, 0, 3, 4, 83, bytes);
    CHECK_INT(host_drops(h, DROP_ip4_forward_df), 1);
    h->b.netif.mtu = 84;
    host_in(h, &h->a, &d);
    CHECK_INT(host_sent(h, 1).fragment, WIRE_IP4_DF);
    host_close(h);
}

UNIT(ip4_forward, middle_fragment_is_cut_again_and_keeps_more_fragments)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    d.fragment = WIRE_IP4_MF | 100;
    h->b.netif.mtu = 20 + 40;
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 2);
    CHECK_INT(host_sent(h, 0).fragment, WIRE_IP4_MF | 100);
    CHECK_INT(host_sent(h, 0).total_len, 60);
    CHECK_INT(host_sent(h, 1).fragment, WIRE_IP4_MF | 105);
    CHECK_INT(host_sent(h, 1).total_len, 44);
    CHECK_INT(host_sent(h, 1).id, 0x1111);
    CHECK_INT(host_sent(h, 1).ttl, 8);
    host_close(h);
}

UNIT(ip4_forward, destination_without_route_is_unreachable)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    uint8_t bytes[84];
    netif_set_default(NULL);
    d.dst = 0x08080808;
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    host_sent_error(h, 0, 3, 0, 0, bytes);
    CHECK_INT(host_drops(h, DROP_ip4_forward_no_route), 1);
    host_close(h);
}

/* [RFC1812 5.3.4][RFC1812 5.3.7] */
UNIT(ip4_forward, what_must_stay_on_its_link_stays)
{
    static const struct {
        uint32_t src, dst;
        uint8_t flags;
        unsigned reason;
    } refused[] = {
        {PEER, B_PEER, PBUF_FLAG_LLBCAST, DROP_ip4_forward_link_broadcast},
        {PEER, B_PEER, PBUF_FLAG_LLMCAST, DROP_ip4_forward_link_broadcast},
        {PEER, 0x00000005, 0, DROP_ip4_forward_refused},
        {PEER, 0xf0000001, 0, DROP_ip4_forward_refused},
        {PEER, 0xa9fe0001, 0, DROP_ip4_forward_refused},
        {0xa9fe0001, B_PEER, 0, DROP_ip4_forward_refused},
        {PEER, 0xef010101, 0, DROP_ip4_not_member},
        {PEER, 0x7f000002, 0, DROP_ip4_martian},
        {PEER, 0x0a000003, 0, DROP_ip4_forward_same_netif},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct stack_config c = stack_config_default;
        struct ip4_host *h = router_open(&c);
        struct datagram d = passing();
        uint8_t bytes[84];
        d.src = refused[i].src;
        d.dst = refused[i].dst;
        host_in_pieces(h, &h->a, bytes, host_build(bytes, &d), 84, refused[i].flags);
        CHECKF(h->count == 0, "vector %zu", i);
        CHECKF(host_drops(h, refused[i].reason) == 1, "vector %zu", i);
        CHECK_INT(lwip_stats.ip.drop, 1);
        host_close(h);
    }
}

/* [RFC1812 5.2.7.2] */
UNIT(ip4_forward, neighbour_that_could_go_directly_gets_a_redirect)
{
    struct stack_config c = stack_config_default;
    c.ip_forward_allow_tx_on_rx_netif = 1;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    uint8_t bytes[84];
    d.dst = 0x0a000003; /* on the link */
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    CHECK_INT(h->count, 2);
    host_sent_error(h, 0, 5, 1, 0x0a000003, bytes);
    CHECK_INT(host_sent(h, 1).dst, 0x0a000003);
    CHECK_INT(host_sent(h, 1).ttl, 8);
    d.dst = 0x08080808; /* by the gateway */
    host_in_bytes(h, &h->a, bytes, host_build(bytes, &d));
    CHECK_INT(h->count, 4);
    host_sent_error(h, 2, 5, 1, GATEWAY, bytes);
    d.src = 0x0b000001; /* not a neighbour: no redirect */
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 5);
    CHECK_INT(host_sent(h, 4).dst, 0x08080808);
    host_close(h);
}

UNIT(ip4_forward, record_route_and_timestamp_are_filled_in)
{
    static const uint8_t options[16] = {7, 7, 4, 0, 0, 0, 0, 1, 68, 8, 5, 0, 0, 0, 0, 0};
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    d.options = options;
    d.optlen = 16;
    host_in(h, &h->a, &d);
    CHECK_INT(h->count, 1);
    CHECK_INT(host_sent(h, 0).header_len, 36);
    CHECK_INT(h->out[0].bytes[22], 8);
    CHECK_INT(get_be32(h->out[0].bytes + 23), B_IP); /* the interface it leaves by */
    CHECK_INT(h->out[0].bytes[30], 9);
    CHECK_INT(get_be32(h->out[0].bytes + 32), 0x80000000u | sys_now());
    host_close(h);
}

UNIT(ip4_forward, shared_or_roomless_buffer_is_not_written_to)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    uint8_t bytes[84], before[84];
    host_build(bytes, &d);
    memcpy(before, bytes, sizeof bytes);
    /* memory that is not the stack's: no room in front, and not to be written */
    struct pbuf *p = pbuf_alloc(PBUF_RAW, sizeof bytes, PBUF_REF);
    p->payload = bytes;
    CHECK_INT(ip4_input(p, &h->a.netif), ERR_OK);
    CHECK_INT(h->count, 1);
    CHECK_INT(h->out[0].pbufs, 2);
    CHECK_INT(host_sent(h, 0).ttl, 8);
    CHECK_MEM(h->out[0].bytes + 20, data, sizeof data);
    CHECK_MEM(bytes, before, sizeof bytes);
    /* a second holder */
    p = pbuf_alloc(PBUF_LINK, sizeof bytes, PBUF_RAM);
    memcpy(p->payload, bytes, sizeof bytes);
    pbuf_ref(p);
    CHECK_INT(ip4_input(p, &h->a.netif), ERR_OK);
    CHECK_INT(host_sent(h, 1).ttl, 8);
    CHECK_MEM(p->payload, before, sizeof bytes);
    pbuf_free(p);
    host_close(h);
}

UNIT(ip4_forward, lack_of_memory_drops_the_datagram)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    struct pbuf *p = pbuf_alloc(PBUF_LINK, 84, PBUF_RAM);
    host_build(p->payload, &d);
    pbuf_ref(p); /* may not be written to */
    struct pbuf *all = host_exhaust(h);
    CHECK_INT(ip4_input(p, &h->a.netif), ERR_OK);
    host_refill(h, all);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_ip4_forward_no_memory), 1);
    CHECK_INT(lwip_stats.ip.memerr, 1);
    pbuf_free(p);
    host_close(h);
}

UNIT(ip4_forward, interface_that_refuses_is_counted)
{
    struct stack_config c = stack_config_default;
    struct ip4_host *h = router_open(&c);
    struct datagram d = passing();
    h->output_result = ERR_IF;
    host_in(h, &h->a, &d);
    CHECK_INT(host_drops(h, DROP_ip4_forward_failed), 1);
    CHECK_INT(lwip_stats.mib2.ipoutdiscards, 1);
    host_close(h);
}
