/* Tests of stack/core/loopback.c and loopif.c: the queue, its limit and its count. */
#include "core_fixture.h"

#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "stack/core/alloc_fault.h"
#include "stack/core/modules.h"

static unsigned received, bytes;
static int depth, depth_max;
static err_t answer_err;
static unsigned answers_left;

/* Stands in for the network layer. */
static err_t take(struct pbuf *p, struct netif *inp)
{
    depth++;
    if (depth > depth_max)
        depth_max = depth;
    received++;
    bytes += p->tot_len;
    CHECK_INT(p->if_idx, netif_get_index(inp));
    if (answers_left > 0) {
        answers_left--;
        CHECK_INT(netif_loop_output(inp, p), ERR_OK);
        netif_poll(inp); /* must not enter itself */
    }
    depth--;
    if (answer_err == ERR_OK)
        pbuf_free(p);
    return answer_err;
}

static struct netif *begin(u32_t max_pbufs)
{
    struct stack_config c = stack_config_default;
    c.lwip_loopback_max_pbufs = max_pbufs;
    received = bytes = answers_left = 0;
    depth = depth_max = 0;
    answer_err = ERR_OK;
    fixture_up(&c);
    stack_advance(fixture.s);
    netif_ip_input_register(take);
    return netif_get_loopif();
}

static struct pbuf *packet(u16_t len)
{
    struct pbuf *p = pbuf_alloc(PBUF_LINK, len, PBUF_RAM);
    CHECK(p != NULL);
    memset(p->payload, 0x42, len);
    return p;
}

UNIT(loopback, interface_is_up_with_its_address)
{
    struct netif *lo = begin(0);
    char text[IP4ADDR_STRLEN_MAX];
    CHECK(lo == netif_find("lo0"));
    CHECK(netif_is_up(lo) && netif_is_link_up(lo));
    CHECK(strcmp(ip4addr_ntoa_r(netif_ip4_addr(lo), text, sizeof text), "127.0.0.1") == 0);
    CHECK(strcmp(ip4addr_ntoa_r(netif_ip4_netmask(lo), text, sizeof text), "255.0.0.0") == 0);
    CHECK_INT(lo->chksum_flags, 0);
    fixture_down();
}

UNIT(loopback, output_queues_a_copy_and_input_comes_later)
{
    struct netif *lo = begin(0);
    struct pbuf *p = packet(100);
    CHECK_INT(lo->output(lo, p, NULL), ERR_OK);
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    CHECK_INT(p->ref, 1); /* copied */
    CHECK_INT(received, 0);
    CHECK_INT(lo->loop_cnt_current, 2);
    CHECK_INT(stack_next_deadline(fixture.s), 0);
    fixture_checks();
    stack_advance(fixture.s);
    CHECK_INT(received, 2);
    CHECK_INT(bytes, 200);
    CHECK_INT(lo->loop_cnt_current, 0);
    CHECK(lo->loop_first == NULL && lo->loop_last == NULL);
    CHECK(stack_next_deadline(fixture.s) != 0);
    pbuf_free(p);
    fixture_down();
}

UNIT(loopback, limit_refuses_the_packet_and_leaves_the_count)
{
    struct netif *lo = begin(3);
    struct pbuf *p = packet(10);
    u32_t drops = lwip_stats.link.drop;
    for (unsigned i = 0; i < 3; i++)
        CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    for (unsigned i = 0; i < 5; i++)
        CHECK_INT(netif_loop_output(lo, p), ERR_MEM);
    CHECK_INT(lo->loop_cnt_current, 3);
    CHECK_INT(fixture.drops[DROP_loop_queue_full], 5);
    CHECK_INT(lwip_stats.link.drop - drops, 5);
    CHECK_INT(lo->mib2_counters.ifoutdiscards, 5);
    fixture_checks();
    netif_poll(lo);
    CHECK_INT(received, 3);
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    netif_poll_all();
    CHECK_INT(received, 4);
    pbuf_free(p);
    fixture_down();
}

UNIT(loopback, failed_allocation_of_the_copy_leaves_the_count)
{
    struct netif *lo = begin(8);
    struct pbuf *p = packet(10);
    for (unsigned i = 0; i < 20; i++) {
        alloc_fault_arm(1);
        CHECK_INT(netif_loop_output(lo, p), ERR_MEM);
        CHECK_INT(lo->loop_cnt_current, 0);
    }
    CHECK_INT(fixture.drops[DROP_loop_no_memory], 20);
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    CHECK_INT(lo->loop_cnt_current, 1);
    stack_advance(fixture.s);
    CHECK_INT(received, 1);
    pbuf_free(p);
    fixture_down();
}

UNIT(loopback, failed_copy_leaves_the_count)
{
    struct netif *lo = begin(8);
    struct pbuf *p = packet(10), *q = packet(10);
    p->tot_len = 15; /* a chain that ends before its tot_len cannot be copied */
    for (unsigned i = 0; i < 20; i++) {
        CHECK(netif_loop_output(lo, p) != ERR_OK);
        CHECK_INT(lo->loop_cnt_current, 0);
    }
    CHECK_INT(fixture.drops[DROP_loop_copy_failed], 20);
    CHECK(lo->loop_first == NULL);
    p->tot_len = 10;
    CHECK_INT(netif_loop_output(lo, q), ERR_OK);
    stack_advance(fixture.s);
    CHECK_INT(received, 1);
    pbuf_free(p);
    pbuf_free(q);
    fixture_down();
}

UNIT(loopback, input_never_recurses)
{
    struct netif *lo = begin(0);
    struct pbuf *p = packet(10);
    answers_left = 50;
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    netif_poll(lo);
    CHECK_INT(received, 51);
    CHECK_INT(depth_max, 1);
    pbuf_free(p);
    fixture_down();
}

UNIT(loopback, endless_conversation_is_interrupted)
{
    struct netif *lo = begin(0);
    struct pbuf *p = packet(10);
    answers_left = 100000;
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    stack_advance(fixture.s);
    CHECK_INT(received, LWIP_LOOPBACK_MAX_POLL);
    CHECK_INT(stack_next_deadline(fixture.s), 0);
    answers_left = 0;
    stack_advance(fixture.s);
    CHECK_INT(received, LWIP_LOOPBACK_MAX_POLL + 1);
    pbuf_free(p);
    fixture_down();
}

UNIT(loopback, refused_packet_is_freed_and_named)
{
    struct netif *lo = begin(0);
    struct pbuf *p = packet(10);
    answer_err = ERR_VAL;
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    stack_advance(fixture.s);
    CHECK_INT(fixture.drops[DROP_loop_refused], 1);
    netif_ip_input_register(NULL);
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    stack_advance(fixture.s);
    CHECK_INT(fixture.drops[DROP_netif_no_network_layer], 1);
    CHECK_INT(received, 1);
    pbuf_free(p);
    fixture_down();
}

static err_t init_et(struct netif *n)
{
    n->name[0] = 'e';
    n->name[1] = 't';
    n->hwaddr_len = 6;
    return ERR_OK;
}

UNIT(loopback, every_interface_has_a_queue_that_dies_with_it)
{
    struct netif a, b;
    begin(0);
    struct pbuf *p = packet(10);
    netif_add_noaddr(&a, NULL, init_et, netif_input);
    netif_add_noaddr(&b, NULL, init_et, netif_input);
    CHECK_INT(netif_loop_output(&a, p), ERR_OK);
    CHECK_INT(netif_loop_output(&b, p), ERR_OK);
    CHECK_INT(netif_loop_output(&b, p), ERR_OK);
    fixture_checks();
    netif_remove(&b);
    CHECK_INT(fixture.drops[DROP_netif_removed], 2);
    fixture_checks();
    netif_poll_all();
    CHECK_INT(received, 1);
    pbuf_free(p);
    fixture_down();
}

/* What a driver calls that does not know whether its frames have an Ethernet header. */
UNIT(loopback, netif_input_goes_by_the_flags_of_the_interface)
{
    static const u8_t frame[14 + 20] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0, 0x45};
    struct netif n;
    begin(0);
    netif_add_noaddr(&n, NULL, init_et, netif_input);
    struct pbuf *p = packet(10);
    p->if_idx = netif_get_index(&n);
    CHECK_INT(netif_input(p, &n), ERR_OK); /* an IP packet as it is */
    CHECK_INT(received, 1);
    CHECK_INT(bytes, 10);
    n.flags |= NETIF_FLAG_ETHERNET | NETIF_FLAG_ETHARP;
    p = packet(sizeof frame);
    CHECK_INT(pbuf_take(p, frame, sizeof frame), ERR_OK);
    CHECK_INT(netif_input(p, &n), ERR_OK); /* the same behind a header */
    CHECK_INT(received, 1); /* Ethernet hands on by its own table */
    fixture_checks();
    netif_remove(&n);
    fixture_down();
}

static struct netif *victim;

static err_t remove_victim(struct pbuf *p, struct netif *inp)
{
    (void)inp;
    received++;
    pbuf_free(p);
    if (victim != NULL) {
        netif_remove(victim);
        memset(victim, 0xEE, sizeof *victim);
        victim = NULL;
    }
    return ERR_OK;
}

UNIT(loopback, interface_may_be_removed_by_its_own_packet)
{
    static struct netif a;
    begin(0);
    netif_ip_input_register(remove_victim);
    struct pbuf *p = packet(10);
    netif_add_noaddr(&a, NULL, init_et, netif_input);
    CHECK_INT(netif_loop_output(&a, p), ERR_OK);
    CHECK_INT(netif_loop_output(&a, p), ERR_OK);
    CHECK_INT(netif_loop_output(netif_get_loopif(), p), ERR_OK);
    victim = &a;
    netif_poll_all();
    CHECK_INT(received, 2);
    CHECK_INT(fixture.drops[DROP_netif_removed], 1);
    pbuf_free(p);
    fixture_down();
}

UNIT(loopback, check_finds_a_wrong_count)
{
    struct netif *lo = begin(0);
    struct pbuf *p = packet(10);
    CHECK_INT(netif_loop_output(lo, p), ERR_OK);
    lo->loop_cnt_current = 2;
    CHECK(stack_check(fixture.s) != NULL);
    lo->loop_cnt_current = 1;
    lo->loop_last = p;
    CHECK(stack_check(fixture.s) != NULL);
    lo->loop_last = lo->loop_first;
    lo->loop_first->ref = 0;
    CHECK(stack_check(fixture.s) != NULL);
    lo->loop_first->ref = 1;
    lo->loop_first->tot_len = 11;
    CHECK(stack_check(fixture.s) != NULL);
    lo->loop_first->tot_len = 10;
    stack_advance(fixture.s);
    pbuf_free(p);
    fixture_down();
}
