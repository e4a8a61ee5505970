/* The netif: set-up of the chip, negotiated modes in the MAC's registers, link loss and return,
 * PHYs that do not answer, stopping and starting anew, and a stack on it. */
#include "board.h"

#include "lwip/etharp.h"
#include "lwip/icmp.h"
#include "stack/drivers/lpc2468_regs.h"

UNIT(ethernetif, init_17_powers_the_block_and_sets_its_pins)
{
    struct board *b = board_new(NULL);
    b->pins = 0xaaaaaaaa;
    board_start(b);
    CHECK_INT(board_reg(b, LPC_PCONP) & LPC_PCONP_PCENET, LPC_PCONP_PCENET);
    CHECK_INT(board_reg(b, LPC_PINSEL2), (0xaaaaaaaau & ~0xf03f330fu) | 0x50150105u); /* 2.2 */
    CHECK_INT(board_reg(b, LPC_PINSEL3), 0xaaaaaaa5);
    CHECK_INT(board_reg(b, LPC_PINSEL4), (0xaaaaaaaau & ~0x300000u) | 0x100000u);
    CHECK_INT(board_reg(b, LPC_MAC1), 1);
    CHECK_INT(board_reg(b, LPC_MAC2), 0x31);
    CHECK_INT(board_reg(b, LPC_IPGR), 0x0c12);
    CHECK_INT(board_reg(b, LPC_CLRT), 0x370f);
    CHECK_INT(board_reg(b, LPC_MAXF), 1536);
    CHECK_INT(board_reg(b, LPC_COMMAND), 0x603);
    CHECK_INT(board_reg(b, LPC_RXFILTERCTRL), 0x32);
    CHECK_INT(board_reg(b, LPC_SA2), 0x0002); /* 4.14: the first byte lowest */
    CHECK_INT(board_reg(b, LPC_SA0), 0x0100);
    CHECK_INT(board_reg(b, LPC_MCFG), 7u << 2); /* 72 MHz / 28 */
    board_end(b);
}

/* E3: revision '-' needs P1.6 as well. */
UNIT(ethernetif, erratum_e3_first_silicon_gets_its_pin)
{
    struct board *b = board_new(NULL);
    b->knobs.module_id = LPC_MODULEID_FIRST_SILICON;
    board_start(b);
    CHECK_INT(board_reg(b, LPC_PINSEL2), 0x50151105);
    board_end(b);
}

UNIT(ethernetif, mii_sets_all_pins)
{
    struct board *b = board_new(NULL);
    b->eth.emac.mii = true;
    b->phy_config.rmii = false;
    board_start(b);
    CHECK_INT(board_reg(b, LPC_PINSEL2), 0x55555555);
    CHECK_INT(board_reg(b, LPC_COMMAND) & 0x200, 0);
    board_end(b);
}

/* E5: Command's resets come only after the PHY has answered. */
UNIT(ethernetif, erratum_e5_without_a_phy_nothing_hangs)
{
    struct board *b = board_new(NULL);
    b->knobs.hang_without_clock = true;
    b->phy_config.silent = true;
    b->phy_config.no_clock = true;
    board_add(b);
    board_partner(b, true, DM9161_ALL_MODES);
    board_run_us(b, 5000000);
    CHECK(!b->eth.mac.started);
    CHECK_INT(b->eth.transceiver.state, DM9161_ABSENT);
    CHECK(!emac_hung(b->emac));
    CHECK_INT(board_send_serial(b, 100, 0), ERR_CONN);
    dm9161_clock(b->phy, true);
    dm9161_silence(b->phy, false);
    board_run_us(b, 5000000);
    CHECK(netif_is_link_up(&b->netif));
    board_arrive_serial(b, 100, 1, 0);
    board_run_us(b, 20);
    CHECK_INT(b->received_count, 1);
    board_end(b);
}

static const struct {
    uint16_t mode, mbps;
    bool full;
} modes[] = {{DM9161_100FD, 100, true},
             {DM9161_100HD, 100, false},
             {DM9161_10FD, 10, true},
             {DM9161_10HD, 10, false}};

static void exchange(struct board *b)
{
    board_forget(b);
    for (uint32_t i = 0; i < 5; i++) {
        board_arrive_serial(b, 60 + i * 300, i, 0);
        CHECK_INT(board_send_serial(b, 60 + i * 300, i), ERR_OK);
    }
    board_run_us(b, 30000);
    CHECK_INT(b->received_count, 5);
    CHECK_INT(b->sent_count, 5);
    for (unsigned i = 0; i < 5; i++) {
        board_check_received(b, i, 60 + i * 300, i);
        board_check_sent(b, i, 60 + i * 300, i);
    }
}

/* Within so many microseconds the link is up, and carries. */
static void link_comes(struct board *b, uint64_t us)
{
    board_run_us(b, us);
    CHECK(netif_is_link_up(&b->netif));
    exchange(b);
}

/* MAC2, Command, IPGT and SUPP go together (17). */
UNIT(ethernetif, all_four_modes_are_set_in_the_mac_and_work)
{
    struct board *b = board_new(NULL);
    board_add(b);
    for (unsigned i = 0; i < 12; i++) {
        unsigned m = (i * 7) % 4;
        board_partner(b, false, 0);
        board_run_us(b, 50000);
        CHECK(!netif_is_link_up(&b->netif));
        board_partner(b, true, modes[m].mode);
        board_run_us(b, 3000000);
        CHECK(netif_is_link_up(&b->netif));
        CHECK_INT(board_reg(b, LPC_MAC2) & 1, modes[m].full);
        CHECK_INT(board_reg(b, LPC_COMMAND) >> 10 & 1, modes[m].full);
        CHECK_INT(board_reg(b, LPC_IPGT), modes[m].full ? 0x15 : 0x12);
        CHECK_INT(board_reg(b, LPC_SUPP), modes[m].mbps == 100 ? 0x100 : 0);
        CHECK_INT(b->netif.link_speed, modes[m].mbps * 1000000);
        exchange(b);
    }
    board_end(b);
}

/* Pause is used only where both ends agreed and both are full duplex (11). */
UNIT(ethernetif, flow_control_follows_the_negotiation)
{
    for (unsigned i = 0; i < 4; i++) {
        struct board *b = board_new(NULL);
        uint16_t mode = i & 2 ? DM9161_100HD : DM9161_100FD;
        b->eth.emac.pause_rx = b->eth.emac.pause_tx = true;
        board_add(b);
        board_partner(b, true, (uint16_t)(mode | (i & 1 ? DM9161_PAUSE : 0)));
        board_run_us(b, 3000000);
        CHECK_INT(board_reg(b, LPC_MAC1), i == 1 ? 0x0d : 0x01);
        board_end(b);
    }
}

UNIT(ethernetif, received_pause_holds_sending_back)
{
    struct board *b = board_new(NULL);
    uint8_t pause[60] = {0x01, 0x80, 0xc2, 0, 0, 1, 2, 2, 2, 2, 2, 2, 0x88, 8, 0, 1, 0, 100};
    b->eth.emac.pause_rx = true;
    board_start(b);
    board_arrive(b, pause, sizeof pause, 0);
    board_run_us(b, 10);
    uint64_t paused = b->now_ns;
    CHECK_INT(board_send_serial(b, 100, 1), ERR_OK);
    board_run_us(b, 1000);
    CHECK_INT(b->sent_count, 1);
    CHECK(b->sent[0].t_ns - paused > 500 * US); /* 100 quanta of 5.12 us, less what has passed */
    CHECK_INT(b->received_count, 0);
    board_end(b);
}

static void lose_link(bool interrupt, bool level)
{
    struct board *b = board_new(NULL);
    b->eth.phy.interrupt = interrupt;
    b->level = level;
    board_start(b);
    for (unsigned i = 0; i < 3; i++) {
        board_partner(b, false, 0);
        board_run_us(b, interrupt ? 10000 : 110000);
        CHECK(!netif_is_link_up(&b->netif));
        board_partner(b, true, DM9161_ALL_MODES);
        link_comes(b, 3000000);
    }
    board_end(b);
}

UNIT(ethernetif, link_lost_and_found_by_interrupt)
{
    lose_link(true, false);
}

UNIT(ethernetif, link_lost_and_found_by_interrupt_of_a_level)
{
    lose_link(true, true);
}

UNIT(ethernetif, link_lost_and_found_by_poll)
{
    lose_link(false, false);
}

/* The cable goes in the middle of everything; frames in the rings do not come later. */
UNIT(ethernetif, link_lost_under_load_comes_back_clean)
{
    struct board *b = board_new(NULL);
    board_start(b);
    for (uint32_t round = 0; round < 5; round++) {
        for (uint32_t i = 0; i < 8; i++) {
            board_arrive_serial(b, 1000, i, 0);
            (void)board_send_serial(b, 1000, i);
        }
        board_run_us(b, 100 + round * 37);
        board_partner(b, false, 0);
        board_run_us(b, 50000);
        CHECK(!netif_is_link_up(&b->netif));
        board_partner(b, true, DM9161_100FD);
        link_comes(b, 3000000);
    }
    board_end(b);
}

/* Broken while there is no link: it waits for one, as the clock may be away (E5). */
UNIT(ethernetif, recovery_waits_for_the_link)
{
    struct board *b = board_new(NULL);
    b->knobs.rx_full = EMAC_RX_FULL_WEDGE;
    board_start(b);
    b->busy = true;
    for (uint32_t i = 0; i < 20; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 200);
    board_partner(b, false, 0);
    board_run_us(b, 5000);
    b->eth.mac.link_up = false; /* what the PHY's driver would have said by now */
    b->busy = false;
    board_run_us(b, 10);
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 0);
    CHECK_INT(b->received_count, 15);
    board_partner(b, true, DM9161_100FD);
    board_run_us(b, 3000000);
    CHECK(netif_is_link_up(&b->netif));
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
    exchange(b);
    board_end(b);
}

UNIT(ethernetif, phy_that_disappears_takes_the_link_along_and_comes_back)
{
    struct board *b = board_new(NULL);
    board_start(b);
    dm9161_silence(b->phy, true);
    board_run_us(b, 2000000);
    CHECK(!netif_is_link_up(&b->netif));
    CHECK_INT(b->eth.transceiver.state, DM9161_ABSENT);
    dm9161_silence(b->phy, false);
    link_comes(b, 5000000);
    board_end(b);
}

UNIT(ethernetif, stop_lets_go_of_everything_and_a_new_start_works)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        struct board *b = board_new(NULL);
        b->knobs.dma_anywhere = direct != 0;
        board_start(b);
        for (unsigned round = 0; round < 3; round++) {
            exchange(b);
            b->busy = true;
            for (uint32_t i = 0; i < 30; i++)
                (void)board_send_serial(b, 1000, i);
            netif_set_down(&b->netif);
            lpc2468_ethernetif_stop(&b->eth);
            CHECK_INT(lpc2468_ethernetif_next_poll_ms(&b->eth), LPC2468_ETHERNETIF_NEVER);
            CHECK_INT(lpc2468_emac_tx_pending(&b->eth.mac), 0);
            CHECK_INT(b->eth.mac.tx_held, 0);
            lpc2468_emac_power_down(&b->eth.mac); /* E6: not in the middle of a frame */
            CHECK_INT(board_reg(b, LPC_POWERDOWN), LPC_POWERDOWN_ON);
            board_run_us(b, 5000);
            ip4_addr_t ip = *netif_ip4_addr(&b->netif), mask = *netif_ip4_netmask(&b->netif);
            netif_input_fn input = b->netif.input;
            netif_remove(&b->netif);
            b->busy = false;
            CHECK(netif_add(&b->netif, &ip, &mask, NULL, &b->eth, ethernetif_init, input) != NULL);
            netif_set_up(&b->netif);
            board_run_us(b, 4000000);
            CHECK(netif_is_link_up(&b->netif));
        }
        exchange(b);
        board_end(b);
    }
}

/* Too few pbufs for a ring without copy: frames are copied. */
UNIT(ethernetif, start_without_pbufs_falls_back_to_copying)
{
    struct board *b = board_new(NULL);
    struct pbuf *hoard[300];
    unsigned count = 0;
    b->knobs.dma_anywhere = true;
    board_add(b);
    while (count < 250 && (hoard[count] = pbuf_alloc(PBUF_RAW, 1, PBUF_POOL)) != NULL)
        count++;
    board_partner(b, true, DM9161_ALL_MODES);
    board_run_us(b, 3000000);
    CHECK(b->eth.mac.started && !b->eth.mac.rx_direct);
    while (count > 0)
        pbuf_free(hoard[--count]);
    exchange(b);
    board_end(b);
}

UNIT(ethernetif, configuration_that_cannot_be_is_refused)
{
    static const struct lpc2468_emac_config bad[] = {
        {.rx_descriptors = 5},
        {.rx_descriptors = 33},
        {.tx_descriptors = 3},
        {.rx_buffer_bytes = 62},
        {.rx_buffer_bytes = 514},
        {.rx_buffer_bytes = 1536, .rx_descriptors = 12},
        {.frame_max = 2052},
        {.rx_buffer_bytes = 64, .rx_descriptors = 16},
        {.memory = 0x7fe00004},
        {.memory_bytes = 9000},
    };
    struct board *b = board_new(NULL);
    struct netif netif;
    board_add(b);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct lpc2468_ethernetif eth = {.bus = &b->bus, .emac = bad[i]};
        CHECKF(netif_add(&netif, NULL, NULL, NULL, &eth, ethernetif_init, netif_input) == NULL,
               "configuration %u", (unsigned)i);
    }
    struct lpc2468_ethernetif eth = {0};
    CHECK(netif_add(&netif, NULL, NULL, NULL, &eth, ethernetif_init, netif_input) == NULL);
    board_end(b);
}

/* ARP and an echo request, through the stack and back. */
UNIT(ethernetif, stack_answers_on_it)
{
    for (unsigned direct = 0; direct < 2; direct++) {
        struct board *b = board_new(NULL);
        uint8_t frame[BOARD_FRAME_MAX];
        b->knobs.dma_anywhere = direct != 0;
        b->to_stack = true;
        board_start(b);
        size_t n = support_hex("ffffffffffff 0200000000fe 0806 0001 0800 06 04 0001"
                               "0200000000fe 0a0000fe 000000000000 0a000001"
                               "000000000000000000000000000000000000",
                               frame, sizeof frame);
        board_arrive(b, frame, (uint32_t)n, 0);
        board_run_us(b, 100);
        CHECK_INT(b->sent_count, 1);
        CHECK_INT(b->sent[0].data[21], 2);
        n = support_hex("020000000001 0200000000fe 0800 4500002e00000000400165d1 0a0000fe 0a000001"
                        "0800f7fe00010000 000000000000000000000000000000000000",
                        frame, sizeof frame);
        board_arrive(b, frame, (uint32_t)n, 0);
        board_run_us(b, 100);
        CHECK_INT(b->sent_count, 2);
        CHECK_INT(b->sent[1].data[34], ICMP_ER);
        board_end(b);
    }
}

/* The PHY's clock goes while there is work: sending stands still, nothing hangs (E5), and what was
 * accepted is sent when the clock is back. */
UNIT(ethernetif, lost_clock_delays_frames_and_hangs_nothing)
{
    struct board *b = board_new(NULL);
    b->knobs.hang_without_clock = true;
    board_start(b);
    dm9161_clock(b->phy, false);
    unsigned accepted = 0;
    for (uint32_t i = 0; i < 60; i++)
        accepted += board_send_serial(b, 500, i) == ERR_OK;
    board_arrive_serial(b, 500, 1, 0);
    board_run_us(b, 20000);
    CHECK_INT(b->sent_count, 0);
    CHECK_INT(b->received_count, 0);
    dm9161_clock(b->phy, true);
    lpc2468_advance(b->chip, b->now_ns); /* the model wants to be told of such a change */
    board_run_us(b, 20000);
    CHECK_INT(b->sent_count, accepted);
    for (unsigned i = 0; i < accepted; i++)
        board_check_sent(b, i, 500, i);
    CHECK(!emac_hung(b->emac));
    dm9161_clock(b->phy, false); /* and it may be stopped without a clock */
    (void)board_send_serial(b, 500, 1);
    board_end(b);
}

/* Every reading of the sheet's uncertain points. */
UNIT(ethernetif, every_knob_of_the_silicon_is_lived_with)
{
    static const struct emac_knobs knobs[] = {
        {.no_range_quirk = true},
        {.finished_when_empty = true},
        {.sa_hash_restarts = true},
        {.tx_cut_silently = true},
        {.power_down_erratum = true},
        {.vlan_runt = true},
        {.mcfg_width = 4},
        {.prefetch = 1},
        {.prefetch = 255},
        {.miim_absent = 0x0001},
        {.hclk_hz = 12000000},
        {.dma_ns = 3000},
        {.dma_anywhere = true, .prefetch = 255, .dma_ns = 700, .tx_consume_erratum = true},
    };
    for (size_t i = 0; i < sizeof knobs / sizeof knobs[0]; i++) {
        struct board *b = board_new(NULL);
        b->knobs = knobs[i];
        b->eth.emac.hclk_hz = knobs[i].hclk_hz;
        board_start(b);
        for (unsigned round = 0; round < 5; round++)
            exchange(b);
        b->busy = true;
        for (uint32_t k = 0; k < 20; k++)
            board_arrive_serial(b, 60, k, 0);
        board_run_us(b, 300);
        b->busy = false;
        board_run_us(b, 5000);
        CHECKF(b->received_count == 5 + 15, "knobs %u: %u received", (unsigned)i,
               b->received_count);
        b->tx_fault = (struct emac_tx_fault){.status_stall = true};
        b->tx_fault_after = 2;
        b->tx_fault_armed = true;
        exchange(b);
        CHECK_INT(b->eth.mac.counters.tx_recoveries, 1);
        CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
        exchange(b);
        board_end(b);
    }
}

/* Frames with a preamble that MAC2 could refuse are taken: it is told not to. */
UNIT(ethernetif, odd_preambles_are_no_reason_to_drop)
{
    struct board *b = board_new(NULL);
    board_start(b);
    board_arrive_serial(b, 100, 1, EMAC_RX_PREAMBLE);
    board_arrive_serial(b, 100, 2, EMAC_RX_LONG_PREAMBLE);
    board_run_us(b, 100);
    CHECK_INT(b->received_count, 2);
    board_end(b);
}

/* A sender that puts its pbuf to another use while it waits in the queue: that packet is dropped
 * and counted, never sent torn. */
UNIT(ethernetif, pbuf_used_again_while_it_waits_is_not_sent)
{
    struct board *b = board_new(NULL);
    uint8_t frame[200];
    board_start(b);
    b->busy = true;
    unsigned before = 0;
    while (b->eth.queue_count == 0)
        CHECK_INT(board_send_serial(b, 1000, before++), ERR_OK);
    board_make_frame(b, frame, sizeof frame, 77);
    struct pbuf *p = board_chain(frame, sizeof frame, 1, PBUF_RAM);
    CHECK_INT(b->netif.linkoutput(&b->netif, p), ERR_OK);
    CHECK_INT(pbuf_remove_header(p, 14), 0);
    pbuf_free(p);
    CHECK_INT(board_send_serial(b, 300, 5), ERR_OK);
    b->busy = false;
    board_run_us(b, 5000);
    CHECK_INT(b->sent_count, before + 1);
    board_check_sent(b, before, 300, 5);
    CHECK_INT(b->netif.mib2_counters.ifouterrors, 1);
    board_end(b);
}
