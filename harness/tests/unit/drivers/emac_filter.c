/* Whose frames are taken: station, broadcast, joined groups by the hash table, everybody. */
#include "board.h"

#include "lwip/igmp.h"
#include "stack/drivers/lpc2468_regs.h"

/* Golden vectors of the sheet, 9.2. */
UNIT(emac_filter, hash_9_2_golden_vectors)
{
    static const struct {
        uint8_t address[6];
        unsigned index;
    } vectors[] = {
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, 62}, {{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}, 63},
        {{0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb}, 62}, {{0x01, 0x00, 0x5e, 0x7f, 0xff, 0xfa}, 28},
        {{0x33, 0x33, 0x00, 0x00, 0x00, 0x01}, 51}, {{0x33, 0x33, 0xff, 0x11, 0x22, 0x33}, 35},
        {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x01}, 29}, {{0x01, 0x80, 0xc2, 0x00, 0x00, 0x00}, 15},
        {{0x02, 0x00, 0x00, 0x11, 0x22, 0x33}, 9},  {{0x00, 0x00, 0x00, 0x00, 0x00, 0x00}, 52},
        {{0x00, 0x01, 0x02, 0x03, 0x04, 0x05}, 26},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        CHECK_INT(lpc2468_emac_hash(vectors[i].address), vectors[i].index);
}

static bool takes(struct board *b, const uint8_t to[6])
{
    uint8_t frame[60] = {0};
    memcpy(frame, to, 6);
    frame[12] = 0x88;
    frame[13] = 0xb5;
    board_forget(b);
    board_arrive(b, frame, sizeof frame, 0);
    board_run_us(b, 20);
    return b->received_count > 0;
}

static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
static const uint8_t another[6] = {2, 0, 0, 0, 0, 0x77};
static const uint8_t group[6] = {0x01, 0x00, 0x5e, 0x01, 0x02, 0x03};

UNIT(emac_filter, station_and_broadcast_are_taken_others_not)
{
    struct board *b = board_new(NULL);
    board_start(b);
    CHECK(takes(b, b->eth.emac.mac));
    CHECK(takes(b, everybody));
    CHECK(!takes(b, another));
    CHECK(!takes(b, group));
    board_end(b);
}

UNIT(emac_filter, station_address_can_change)
{
    struct board *b = board_new(NULL);
    board_start(b);
    lpc2468_emac_set_address(&b->eth.mac, another);
    CHECK(takes(b, another));
    CHECK(!takes(b, b->eth.emac.mac));
    CHECK_INT(board_reg(b, LPC_SA2), 0x0002);
    CHECK_INT(board_reg(b, LPC_SA0), 0x7700);
    board_end(b);
}

UNIT(emac_filter, promiscuous_takes_everything)
{
    struct board *b = board_new(NULL);
    b->eth.emac.promiscuous = true;
    board_start(b);
    CHECK(takes(b, another));
    CHECK(takes(b, group));
    lpc2468_emac_set_promiscuous(&b->eth.mac, false);
    CHECK(!takes(b, another));
    board_end(b);
}

UNIT(emac_filter, all_multicast_takes_groups_but_no_strangers)
{
    struct board *b = board_new(NULL);
    b->eth.emac.all_multicast = true;
    board_start(b);
    CHECK(takes(b, group));
    CHECK(!takes(b, another));
    board_end(b);
}

/* 224.1.2.3 and 225.1.2.3 share an Ethernet address: the second leave clears the bit. */
UNIT(emac_filter, igmp_joins_and_leaves_are_followed)
{
    struct board *b = board_new(NULL);
    ip4_addr_t first, second;
    static const uint8_t all_systems[6] = {0x01, 0x00, 0x5e, 0, 0, 1};
    IP4_ADDR(&first, 224, 1, 2, 3);
    IP4_ADDR(&second, 225, 1, 2, 3);
    board_start(b);
    CHECK(takes(b, all_systems)); /* every host is a member [RFC1112 4] */
    CHECK(!takes(b, group));
    CHECK_INT(igmp_joingroup_netif(&b->netif, &first), ERR_OK);
    CHECK(takes(b, group));
    CHECK_INT(igmp_joingroup_netif(&b->netif, &second), ERR_OK);
    CHECK_INT(igmp_joingroup_netif(&b->netif, &second), ERR_OK);
    CHECK_INT(igmp_leavegroup_netif(&b->netif, &first), ERR_OK);
    CHECK(takes(b, group));
    CHECK_INT(igmp_leavegroup_netif(&b->netif, &second), ERR_OK);
    CHECK(takes(b, group));
    CHECK_INT(igmp_leavegroup_netif(&b->netif, &second), ERR_OK);
    CHECK(!takes(b, group));
    board_end(b);
}

/* Joined before the MAC runs: the table is there when it starts, and after a recovery. */
UNIT(emac_filter, table_survives_starting_and_recovery)
{
    struct board *b = board_new(NULL);
    ip4_addr_t ip;
    IP4_ADDR(&ip, 224, 1, 2, 3);
    board_add(b);
    CHECK_INT(igmp_joingroup_netif(&b->netif, &ip), ERR_OK);
    board_partner(b, true, DM9161_ALL_MODES);
    board_run_us(b, 3000000);
    CHECK(takes(b, group));
    b->busy = true;
    for (uint32_t i = 0; i < 20; i++)
        board_arrive_serial(b, 60, i, 0);
    board_run_us(b, 200);
    b->busy = false;
    board_run_us(b, 2000);
    CHECK_INT(b->eth.mac.counters.rx_recoveries, 1);
    CHECK(takes(b, group));
    CHECK(takes(b, b->eth.emac.mac));
    board_end(b);
}

/* Counted by bit: a hundred users of one, then none. */
UNIT(emac_filter, bit_is_cleared_with_its_last_user)
{
    struct board *b = board_new(NULL);
    board_start(b);
    for (unsigned i = 0; i < 100; i++)
        lpc2468_emac_join(&b->eth.mac, group);
    for (unsigned i = 0; i < 99; i++)
        lpc2468_emac_leave(&b->eth.mac, group);
    CHECK(takes(b, group));
    lpc2468_emac_leave(&b->eth.mac, group);
    CHECK(!takes(b, group));
    lpc2468_emac_leave(&b->eth.mac, group); /* one too many does no harm */
    lpc2468_emac_join(&b->eth.mac, group);
    CHECK(takes(b, group));
    board_end(b);
}
