/* Sending: every size and shape of pbuf, with and without a copy, the ring full, frames that cannot
 * be sent, and what goes wrong on the wire. */
#include "board.h"

#include "lwip/stats.h"
#include "stack/drivers/lpc2468_regs.h"

#define BYTES_MIN 14u
#define BYTES_MAX 1514u

static struct board *started(bool direct)
{
    struct board *b = board_new(NULL);
    b->knobs.dma_anywhere = direct;
    board_start(b);
    return b;
}

static void send_chain(struct board *b, uint32_t bytes, uint32_t serial, unsigned pieces,
                       pbuf_type type)
{
    uint8_t frame[BOARD_FRAME_MAX];
    board_make_frame(b, frame, bytes, serial);
    struct pbuf *p = board_chain(frame, bytes, pieces, type);
    CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
    pbuf_free(p);
    board_run_us(b, 200);
}

/* Short frames are padded to 60 bytes by the MAC (sheet 10). */
static void send_all_sizes(struct board *b)
{
    for (uint32_t bytes = BYTES_MIN; bytes <= BYTES_MAX; bytes++) {
        board_forget(b);
        send_chain(b, bytes, bytes, 1, PBUF_RAM);
        CHECK_INT(b->sent_count, 1);
        board_check_sent(b, 0, bytes, bytes);
    }
    lpc2468_ethernetif_poll(&b->eth); /* copied frames are taken back with the next call */
    CHECK_INT(lpc2468_emac_tx_pending(&b->eth.mac), 0);
    CHECK_INT(b->eth.mac.tx_held, 0);
    board_end(b);
}

UNIT(emac_send, every_size_is_sent_whole_by_copy)
{
    send_all_sizes(started(false));
}

UNIT(emac_send, every_size_is_sent_whole_without_copy)
{
    send_all_sizes(started(true));
}

static void send_all_shapes(struct board *b)
{
    static const pbuf_type types[] = {PBUF_RAM, PBUF_POOL, PBUF_ROM, PBUF_REF};
    static const uint32_t sizes[] = {14, 15, 59, 60, 61, 64, 590, 1513, 1514};
    uint32_t serial = 1;
    for (size_t t = 0; t < 4; t++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            for (unsigned pieces = 1; pieces <= 14; pieces++, serial++) {
                board_forget(b);
                send_chain(b, sizes[s], serial, pieces, types[t]);
                CHECK_INT(b->sent_count, 1);
                board_check_sent(b, 0, sizes[s], serial);
            }
        }
    }
    board_end(b);
}

UNIT(emac_send, every_shape_is_sent_whole_by_copy)
{
    send_all_shapes(started(false));
}

UNIT(emac_send, every_shape_is_sent_whole_without_copy)
{
    send_all_shapes(started(true));
}

/* More pbufs than descriptors: they are gathered. */
UNIT(emac_send, chain_longer_than_the_ring_is_gathered)
{
    struct board *b = started(true);
    send_chain(b, 1000, 1, 40, PBUF_RAM);
    board_check_sent(b, 0, 1000, 1);
    CHECK_INT(b->eth.mac.tx_held, 0);
    board_end(b);
}

/* A piece behind another one: without the padding of a first one. */
static struct pbuf *piece(const uint8_t *bytes, uint32_t count, pbuf_type type)
{
    struct pbuf *p = board_chain(bytes, count, 1, type);
    return ETH_PAD_SIZE > 0 ? pbuf_free_header(p, ETH_PAD_SIZE) : p;
}

UNIT(emac_send, empty_pbufs_in_a_chain_do_not_matter)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        struct board *b = started(direct != 0);
        uint8_t frame[100];
        board_make_frame(b, frame, sizeof frame, 5);
        struct pbuf *p = board_chain(frame, 50, 1, PBUF_RAM);
        pbuf_cat(p, pbuf_alloc(PBUF_RAW, 0, PBUF_RAM));
        pbuf_cat(p, piece(frame + 50, 50, PBUF_RAM));
        pbuf_cat(p, pbuf_alloc(PBUF_RAW, 0, PBUF_RAM));
        CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
        pbuf_free(p);
        board_run_us(b, 100);
        board_check_sent(b, 0, 100, 5);
        board_end(b);
    }
}

/* A reference is held until the status is there, and not longer. */
UNIT(emac_send, pbuf_is_held_while_dma_reads_it)
{
    struct board *b = started(true);
    uint8_t frame[1000];
    board_make_frame(b, frame, sizeof frame, 9);
    struct pbuf *p = board_chain(frame, sizeof frame, 2, PBUF_RAM);
    CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
    CHECK_INT(p->ref, 2);
    uint32_t first = b->eth.mac.tx_descriptors + (b->eth.mac.tx_done) * 8u;
    CHECK(board_reg(b, first) >= 0x80000000u); /* straight from the pbuf */
    board_run_us(b, 60);
    CHECK_INT(p->ref, 2);
    board_run_us(b, 60);
    CHECK_INT(p->ref, 1);
    pbuf_free(p);
    board_check_sent(b, 0, sizeof frame, 9);
    board_end(b);
}

/* PBUF_REF's bytes may change as soon as linkoutput returns. */
UNIT(emac_send, bytes_that_may_change_are_copied_even_in_reach)
{
    struct board *b = started(true);
    uint8_t frame[600];
    board_make_frame(b, frame, sizeof frame, 3);
    struct pbuf *p = board_chain(frame, sizeof frame, 1, PBUF_REF);
    b->busy = true;
    CHECK_INT(board_send_serial(b, 700, 1), ERR_OK);
    CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
    memset(frame, 0, sizeof frame);
    CHECK_INT(p->ref, 1);
    pbuf_free(p);
    b->busy = false;
    board_run_us(b, 500);
    board_check_sent(b, 0, 700, 1);
    board_check_sent(b, 1, 600, 3);
    board_end(b);
}

/* Header by copy, payload straight: the fragments of one frame are of both kinds. */
UNIT(emac_send, copied_and_direct_pbufs_mix_in_a_frame)
{
    struct board *b = started(true);
    for (unsigned mask = 0; mask < 32; mask++) {
        uint8_t frame[500];
        struct pbuf *p = NULL;
        board_forget(b);
        board_make_frame(b, frame, sizeof frame, mask);
        for (unsigned i = 0; i < 5; i++) {
            pbuf_type type = mask >> i & 1 ? PBUF_REF : PBUF_RAM;
            if (p == NULL)
                p = board_chain(frame, 100, 1, type);
            else
                pbuf_cat(p, piece(frame + i * 100, 100, type));
        }
        CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
        pbuf_free(p);
        board_run_us(b, 100);
        board_check_sent(b, 0, sizeof frame, mask);
    }
    board_end(b);
}

/* What finds no room waits in order; what finds no room there either is refused, and counted. */
static void overflow(struct board *b, uint32_t bytes)
{
    unsigned accepted = 0, refused = 0;
    b->busy = true;
    for (uint32_t serial = 0; serial < LPC2468_ETHERNETIF_QUEUE + 30; serial++) {
        if (board_send_serial(b, bytes, serial) == ERR_OK)
            accepted++;
        else
            refused++;
    }
    CHECK(accepted > LPC2468_ETHERNETIF_QUEUE + 3);
    CHECK(refused > 0);
    CHECK_INT(b->netif.mib2_counters.ifouterrors, refused);
    b->busy = false;
    board_run_us(b, accepted * 150);
    CHECK_INT(b->sent_count, accepted);
    for (unsigned i = 0; i < accepted; i++)
        board_check_sent(b, i, bytes, i);
    for (unsigned i = 1; i < accepted; i++) /* back to back, but where nobody served the ring */
        CHECK(b->sent[i].t_ns - b->sent[i - 1].t_ns == board_slot_ns(b, b->sent[i].bytes));
    board_end(b);
}

UNIT(emac_send, short_frames_beyond_the_ring_wait_their_turn)
{
    overflow(started(false), 60);
}

UNIT(emac_send, long_frames_beyond_the_memory_wait_their_turn)
{
    overflow(started(false), 1514);
}

UNIT(emac_send, frames_without_copy_wait_their_turn)
{
    overflow(started(true), 400);
}

UNIT(emac_send, frame_that_can_never_go_is_refused)
{
    struct board *b = started(false);
    uint8_t frame[1600] = {0};
    static const uint32_t sizes[] = {1, 13, 1533, 1600};
    for (size_t i = 0; i < 4; i++) {
        struct pbuf *p = board_chain(frame, sizes[i], 1, PBUF_RAM);
        CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_BUF);
        pbuf_free(p);
    }
    CHECK_INT(b->netif.mib2_counters.ifouterrors, 4);
    struct pbuf *p = board_chain(frame, 1532, 1, PBUF_RAM); /* MAXF less FCS */
    CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
    pbuf_free(p);
    board_run_us(b, 300);
    CHECK_INT(b->sent_count, 1);
    board_end(b);
}

static struct lpc2468_emac_counters *send_with(struct board *b, struct emac_tx_fault fault)
{
    b->tx_fault = fault;
    b->tx_fault_after = 1;
    b->tx_fault_armed = true;
    for (uint32_t serial = 0; serial < 3; serial++)
        CHECK_INT(board_send_serial(b, 300, serial), ERR_OK);
    board_run_us(b, 60000);
    lpc2468_ethernetif_poll(&b->eth);
    CHECK(!b->tx_fault_armed);
    return &b->eth.mac.counters;
}

static struct board *half_duplex(void)
{
    struct board *b = board_new(NULL);
    board_add(b);
    board_partner(b, true, DM9161_100HD);
    board_run_us(b, 3000000);
    CHECK(netif_is_link_up(&b->netif));
    CHECK(!b->eth.mac.full_duplex);
    board_forget(b);
    return b;
}

UNIT(emac_send, collisions_are_counted_and_the_frame_is_sent)
{
    struct board *b = half_duplex();
    const struct lpc2468_emac_counters *c =
        send_with(b, (struct emac_tx_fault){.collisions = 5});
    CHECK_INT(c->tx_collisions, 5);
    CHECK_INT(c->tx_failed, 0);
    CHECK_INT(b->sent_count, 3);
    for (unsigned i = 0; i < 3; i++)
        board_check_sent(b, i, 300, i);
    board_end(b);
}

UNIT(emac_send, deferral_is_no_error)
{
    struct board *b = half_duplex();
    CHECK_INT(send_with(b, (struct emac_tx_fault){.defer = true})->tx_failed, 0);
    CHECK_INT(b->sent_count, 3);
    board_end(b);
}

static void fails(struct board *b, struct emac_tx_fault fault, size_t counter)
{
    const struct lpc2468_emac_counters *c = send_with(b, fault);
    uint32_t value;
    memcpy(&value, (const char *)c + counter, sizeof value);
    CHECK_INT(value, 1);
    CHECK_INT(c->tx_failed, 1);
    CHECK_INT(b->netif.mib2_counters.ifouterrors, 1);
    board_check_sent(b, 0, 300, 0); /* the frames around it are sent */
    board_check_sent(b, b->sent_count - 1, 300, 2);
    CHECK_INT(lpc2468_emac_tx_pending(&b->eth.mac), 0);
    board_end(b);
}

UNIT(emac_send, excessive_collisions_lose_the_frame_alone)
{
    fails(half_duplex(), (struct emac_tx_fault){.collisions = 16},
          offsetof(struct lpc2468_emac_counters, tx_excessive_collision));
}

UNIT(emac_send, late_collision_loses_the_frame_alone)
{
    fails(half_duplex(), (struct emac_tx_fault){.late_collision = true},
          offsetof(struct lpc2468_emac_counters, tx_late_collision));
}

UNIT(emac_send, excessive_deferral_loses_the_frame_alone)
{
    fails(half_duplex(), (struct emac_tx_fault){.excessive_defer = true},
          offsetof(struct lpc2468_emac_counters, tx_excessive_defer));
}

UNIT(emac_send, underrun_of_a_frame_loses_it_alone)
{
    fails(started(false), (struct emac_tx_fault){.underrun = true},
          offsetof(struct lpc2468_emac_counters, tx_underrun));
}

UNIT(emac_send, statistics_count_as_the_virtual_interface_does)
{
    struct board *b = started(false);
    uint8_t frame[100] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const struct stats_mib2_netif_ctrs before = b->netif.mib2_counters;
    struct pbuf *p = board_chain(frame, 20, 1, PBUF_RAM);
    CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
    pbuf_free(p);
    CHECK_INT(board_send_serial(b, 100, 0), ERR_OK);
    CHECK_INT(b->netif.mib2_counters.ifoutoctets - before.ifoutoctets, 160);
    CHECK_INT(b->netif.mib2_counters.ifoutucastpkts - before.ifoutucastpkts, 1);
    CHECK_INT(b->netif.mib2_counters.ifoutnucastpkts - before.ifoutnucastpkts, 1);
    board_run_us(b, 100);
    board_end(b);
}
