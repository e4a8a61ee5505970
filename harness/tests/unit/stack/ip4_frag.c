/* ip4_frag.c: own datagrams too big for the link are cut. */
#include "ip4_host.h"

#include "lwip/memp.h"

static struct pbuf *big(u16_t len, u16_t piece)
{
    struct pbuf *chain = NULL;
    for (u16_t at = 0; at < len || at == 0; at = (u16_t)(at + piece)) {
        u16_t here = LWIP_MIN(piece, (u16_t)(len - at));
        struct pbuf *p = pbuf_alloc(chain == NULL ? PBUF_TRANSPORT : PBUF_RAW, here, PBUF_RAM);
        CHECK(p != NULL);
        for (u16_t i = 0; i < here; i++)
            ((uint8_t *)p->payload)[i] = (uint8_t)((at + i) * 7 % 251);
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
    }
    return chain;
}

/* Fragments from..count of h cover `len` octets made by big(), disjoint and in order. */
static void check_cover(const struct ip4_host *h, unsigned from, u16_t len, u16_t mtu)
{
    unsigned at = 0;
    for (unsigned i = from; i < h->count; i++) {
        struct wire_ip4 w = host_sent(h, i);
        unsigned n = w.total_len - (unsigned)w.header_len;
        CHECK(w.total_len <= mtu);
        CHECK_INT(wire_ip4_offset(&w), at); /* [RFC791 3.1] */
        CHECK_INT((w.fragment & WIRE_IP4_MF) != 0, at + n < len);
        CHECK(n % 8 == 0 || at + n == len);
        CHECK_INT(w.id, host_sent(h, from).id);
        for (unsigned k = 0; k < n; k++)
            CHECKF(h->out[i].bytes[w.header_len + k] == (at + k) * 7 % 251, "octet %u", at + k);
        at += n;
    }
    CHECK_INT(at, len);
}

UNIT(ip4_frag, datagram_is_cut_into_what_the_link_carries)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = big(4000, 5000);
    CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, 99), ERR_OK);
    CHECK_INT(h->count, 3);
    check_cover(h, 0, 4000, 1500);
    CHECK_INT(host_sent(h, 0).total_len, 1500);
    CHECK_INT(host_sent(h, 2).total_len, 20 + 4000 - 2 * 1480);
    CHECK_INT(lwip_stats.ip_frag.xmit, 3);
    CHECK_INT(lwip_stats.mib2.ipfragcreates, 3);
    CHECK_INT(lwip_stats.mib2.ipfragoks, 1);
    pbuf_free(p);
    host_close(h);
}

UNIT(ip4_frag, every_way_to_chain_and_every_mtu_gives_the_same_octets)
{
    for (u16_t piece = 1; piece < 200; piece = (u16_t)(piece + 13)) {
        struct ip4_host *h = host_open(NULL);
        ip4_addr_t dest = host_addr(PEER);
        for (u16_t mtu = 28; mtu < 80; mtu = (u16_t)(mtu + 5)) {
            struct pbuf *p = big(101, piece);
            h->count = 0;
            h->a.netif.mtu = mtu;
            CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, 99), ERR_OK);
            check_cover(h, 0, 101, mtu);
            /* the caller's datagram is what it was, and nobody holds it */
            CHECK_INT(p->tot_len, 121);
            CHECK_INT(p->ref, 1);
            pbuf_free(p);
        }
        host_close(h);
    }
}

UNIT(ip4_frag, later_fragments_carry_only_copied_options)
{
    static uint8_t options[8] = {7, 3, 4, 0x94, 4, 0, 0, 0};
    static const uint8_t copied[4] = {0x94, 4, 0, 0};
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = big(60, 60);
    h->a.netif.mtu = 60;
    CHECK_INT(ip4_output_if_opt(p, NULL, &dest, 64, 0, 99, &h->a.netif, options, 8), ERR_OK);
    CHECK_INT(h->count, 2);
    CHECK_INT(host_sent(h, 0).header_len, 28);
    CHECK_INT(host_sent(h, 0).total_len, 60);
    CHECK_MEM(h->out[0].bytes + 20, options, 8);
    CHECK_INT(host_sent(h, 1).header_len, 24);
    CHECK_MEM(h->out[1].bytes + 20, copied, 4);
    check_cover(h, 0, 60, 60);
    pbuf_free(p);
    host_close(h);
}

/* [RFC791 3.1 DF] */
UNIT(ip4_frag, dont_fragment_is_an_error_to_the_caller)
{
    struct ip4_host *h = host_open(NULL);
    struct datagram d = {.src = A_IP, .dst = PEER, .proto = 99, .fragment = WIRE_IP4_DF,
                         .data = "0123456789012345678901234567890123456789", .len = 40};
    uint8_t bytes[60];
    struct pbuf *p = pbuf_alloc(PBUF_LINK, 60, PBUF_RAM);
    ip4_addr_t dest = host_addr(PEER);
    host_build(bytes, &d);
    memcpy(p->payload, bytes, 60);
    h->a.netif.mtu = 59;
    CHECK_INT(ip4_output_if(p, NULL, LWIP_IP_HDRINCL, 0, 0, 0, &h->a.netif), ERR_VAL);
    CHECK_INT(ip4_frag(p, &h->a.netif, &dest), ERR_VAL);
    CHECK_INT(h->count, 0);
    CHECK_INT(host_drops(h, DROP_ip4_out_too_big), 2);
    CHECK_INT(lwip_stats.mib2.ipfragfails, 2);
    pbuf_free(p);
    host_close(h);
}

/* [RFC6864 4.3]: datagrams that are, or may be, cut are told apart for two minutes. At 500 a second
 * these are fewer than there are identifications; the counter's step of one makes the most of them.
 * [RFC791 3.2] */
UNIT(ip4_frag, identifications_repeat_only_after_all_others)
{
    static bool used[65536];
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    const unsigned in_two_minutes = 500 * 120;
    unsigned distinct = 0;
    memset(used, 0, sizeof used);
    h->a.netif.mtu = 68;
    for (unsigned i = 0; i < in_two_minutes; i++) {
        struct pbuf *p = big(60, 60);
        h->count = 0;
        CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, (u8_t)(i % 2 ? 17 : 99)), ERR_OK);
        pbuf_free(p);
        CHECK_INT(h->count, 2);
        u16_t id = host_sent(h, 0).id;
        CHECK_INT(host_sent(h, 1).id, id);
        distinct += !used[id];
        used[id] = true;
        if (i == 999)
            SHOWS("RQ-791-11", distinct == 1000);
    }
    SHOWS("RQ-6864-04", distinct == in_two_minutes);
    host_close(h);
}

UNIT(ip4_frag, switched_off_it_is_an_error_too)
{
    struct stack_config c = stack_config_default;
    c.ip_frag = 0;
    struct ip4_host *h = host_open(&c);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = big(1481, 2000);
    CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, 99), ERR_VAL);
    CHECK_INT(h->count, 0);
    pbuf_free(p);
    host_close(h);
}

static struct pbuf *kept[40];
static unsigned kept_count;

/* An interface that keeps what it is given, as a queue in front of a slow wire does. */
static err_t keep(struct netif *netif, struct pbuf *p, const ip4_addr_t *dest)
{
    (void)netif;
    (void)dest;
    CHECK(kept_count < 40);
    pbuf_ref(p);
    kept[kept_count++] = p;
    return ERR_OK;
}

UNIT(ip4_frag, fragments_outlive_the_callers_reference_without_a_copy)
{
    struct ip4_host *h = host_open(NULL);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = big(3000, 3000);
    const uint8_t *data = p->payload;
    kept_count = 0;
    h->a.netif.output = keep;
    CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, 99), ERR_OK);
    CHECK_INT(kept_count, 3);
    CHECK(kept[1]->next->payload == data + 1480); /* refers to the caller's data */
    CHECK_INT(p->ref, 4);
    pbuf_free(p);
    for (unsigned i = 0; i < kept_count; i++)
        pbuf_free(kept[i]);
    host_close(h);
}

UNIT(ip4_frag, lack_of_buffers_is_reported_and_nothing_is_lost)
{
    struct stack_config c = stack_config_default;
    c.memp_num_frag_pbuf = 2;
    struct ip4_host *h = host_open(&c);
    ip4_addr_t dest = host_addr(PEER);
    struct pbuf *p = big(4000, 700);
    CHECK_INT(ip4_output(p, NULL, &dest, 64, 0, 99), ERR_MEM);
    CHECK_INT(p->ref, 1);
    CHECK_INT(lwip_stats.ip_frag.memerr, 1);
    CHECK_INT(lwip_stats.mib2.ipfragfails, 1);
    CHECK_INT(host_drops(h, DROP_ip4_frag_no_memory), 1);
    pbuf_free(p);
    host_close(h);
}

UNIT(ip4_frag, references_stay_below_what_their_counter_holds)
{
    struct stack_config c = stack_config_default;
    c.memp_num_frag_pbuf = 2000;
    struct ip4_host *h = host_open(&c);
    ip4_addr_t dest = host_addr(PEER);
    /* as if 254 fragments waited elsewhere: one reference more would be one too many */
    struct pbuf *p = big(4000, 4000);
    p->ref = 1;
    CHECK_INT(pbuf_add_header(p, 20), 0);
    struct wire_ip4 w = {.header_len = 20, .total_len = 4020, .ttl = 64, .proto = 99, .src = A_IP,
                         .dst = PEER};
    wire_ip4_emit(p->payload, &w);
    for (unsigned i = 0; i < 254; i++)
        pbuf_ref(p);
    CHECK_INT(ip4_frag(p, &h->a.netif, &dest), ERR_OK);
    CHECK_INT(p->ref, 255);
    check_cover(h, 0, 4000, 1500);
    for (unsigned i = 0; i < 254; i++)
        pbuf_free(p);
    pbuf_free(p);
    host_close(h);
}
