/* tcp/give_up.c: early data goes when the pools are empty: the longest queue first, for what is to
 * be sent at once, else in the stack's own time, never within an allocation [RFC2018 8]. */
#include "core_fixture.h"

#include "lwip/memp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
#include "stack/tcp/reasm.h"
#include "stack/tcp/seg.h"
#include "stack/tcp/tcp_local.h"

static struct tcp_pcb *a, *b;

static struct tcp_pcb *connection(u16_t port)
{
    struct tcp_pcb *pcb = tcp_new();

    CHECK(pcb != NULL);
    pcb->state = ESTABLISHED;
    pcb->local_port = port;
    pcb->rcv_nxt = 1000;
    pcb->flags |= TF_SACK;
    TCP_REG_ACTIVE(pcb);
    return pcb;
}

/* `n` segments of 10 bytes, 10 bytes apart. */
static void early(struct tcp_pcb *pcb, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, 10, PBUF_POOL);
        CHECK(p != NULL);
        CHECK_INT(tcp_reasm_insert(pcb, p, 1010 + 20 * i, false), TCP_REASM_KEPT);
    }
}

static void up(u32_t pool, u32_t segs)
{
    struct stack_config c = stack_config_default;

    c.pbuf_pool_size = pool;
    c.memp_num_tcp_seg = segs;
    fixture_up(&c);
    a = connection(1);
    b = connection(2);
    early(a, 2);
    early(b, 3);
}

static void down(void)
{
    tcp_abort(a);
    tcp_abort(b);
    fixture_down();
}

UNIT(tcp_give_up, pool_empty_frees_the_longest_queue_at_the_next_timeouts)
{
    up(5, 16);
    CHECK(sys_timeouts_sleeptime() != 0);
    CHECK(pbuf_alloc(PBUF_RAW, 10, PBUF_POOL) == NULL);
    CHECK(fixture.s->pbuf.pool_was_empty);
    CHECK_INT(a->ooseq_pbufs, 2); /* a driver's interrupt may be asking: nothing is touched */
    CHECK_INT(b->ooseq_pbufs, 3);
    CHECK_INT(sys_timeouts_sleeptime(), 0);
    CHECK_INT(stack_next_deadline(fixture.s), 0);
    sys_check_timeouts();
    SHOWS("RQ-2018-08", a->ooseq_pbufs == 2 && b->ooseq == NULL && b->ooseq_bytes == 0);
    CHECK(LWIP_TCP_SACK_VALID(a, 0) && !LWIP_TCP_SACK_VALID(b, 0)); /* no longer told of */
    CHECK(!fixture.s->pbuf.pool_was_empty);
    CHECK(sys_timeouts_sleeptime() != 0);
    sys_check_timeouts();
    CHECK_INT(a->ooseq_pbufs, 2); /* once for each time that the pool was empty */
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 10, PBUF_POOL);
    CHECK(p != NULL);
    pbuf_free(p);
    down();
}

UNIT(tcp_give_up, asked_by_hand_frees_one_queue_after_the_other)
{
    up(8, 16);
    pbuf_free_ooseq();
    CHECK(a->ooseq != NULL && b->ooseq == NULL);
    pbuf_free_ooseq();
    CHECK(a->ooseq == NULL);
    pbuf_free_ooseq(); /* and minds not that there is nothing */
    early(a, 1);
    tcp_free_ooseq(a);
    CHECK(a->ooseq == NULL);
    down();
}

UNIT(tcp_give_up, segments_empty_frees_for_what_is_sent_not_for_more_early_data)
{
    up(16, 5);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 10, PBUF_POOL);
    CHECK_INT(tcp_reasm_insert(a, p, 2000, false), TCP_REASM_LIMIT);
    CHECK_INT(b->ooseq_pbufs, 3);
    struct tcp_seg *seg = tcp_seg_new(NULL, 1, TCP_FIN, false);
    CHECK(seg != NULL && b->ooseq == NULL);
    CHECK_INT(a->ooseq_pbufs, 2);
    tcp_seg_free(seg);
    down();
}

UNIT(tcp_give_up, segments_empty_frees_for_what_is_next_in_order)
{
    up(16, 5);
    struct tcp_pcb *c = connection(3);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, 10, PBUF_POOL);
    CHECK_INT(tcp_reasm_insert(c, p, 1000, false), TCP_REASM_KEPT);
    CHECK(c->ooseq != NULL && b->ooseq == NULL && a->ooseq != NULL);
    tcp_abort(c);
    down();
}
