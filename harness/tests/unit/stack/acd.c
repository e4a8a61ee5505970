/* acd.c: address conflict detection: exact times, conflicts in each state, limits [RFC5227]. */
#include "lwip/acd.h"
#include "station.h"

#define ACD_IP 0x0a000007u

static const uint8_t zero_mac[6];

/* What the client was told, in order, and what it does about it. */
static struct {
    struct acd acd;
    struct station *t;
    unsigned count;
    acd_callback_enum_t told[64];
    uint32_t at[64];
    bool restarts;         /* on ACD_RESTART_CLIENT it tries the same address again */
    struct acd *removes;   /* removed at the first call */
    struct acd *poisons;   /* its memory is overwritten too, as if freed */
} client;

static void told(struct netif *netif, acd_callback_enum_t what)
{
    CHECK(client.count < 64);
    client.told[client.count] = what;
    client.at[client.count++] = client.t->s.now_ms - STATION_BOOT_MS;
    if (client.removes != NULL) {
        acd_remove(netif, client.removes);
        client.removes = NULL;
    }
    if (client.poisons != NULL) {
        memset(client.poisons, 0xee, sizeof *client.poisons);
        client.poisons = NULL;
    } else if (client.restarts && what == ACD_RESTART_CLIENT) {
        CHECK_INT(acd_start(netif, &client.acd, station_addr(ACD_IP)), ERR_OK);
    }
}

/* An interface without an address and a client just started; draw: what randomness gives. */
static void start(struct station *t, int64_t draw)
{
    memset(&client, 0, sizeof client);
    client.t = t;
    station_defaults(t);
    t->random_fixed = draw;
    station_start(t, 0);
    CHECK_INT(t->count, 0);
    CHECK_INT(acd_add(&t->netif, &client.acd, told), ERR_OK);
    CHECK_INT(acd_start(&t->netif, &client.acd, station_addr(ACD_IP)), ERR_OK);
}

static void claim(struct station *t, uint16_t opcode)
{
    station_arp(t, opcode, group_all, peer_mac, ACD_IP, ACD_IP);
}

static void expect_probe(struct station *t, unsigned i, uint32_t at)
{
    station_sent_arp(t, i, 1, group_all, 0, zero_mac, ACD_IP);
    CHECK_INT(t->sent[i].at, at);
}

static void expect_announcement(struct station *t, unsigned i, uint32_t at)
{
    station_sent_arp(t, i, 1, group_all, ACD_IP, zero_mac, ACD_IP);
    CHECK_INT(t->sent[i].at, at);
}

/* [RFC5227 2.1.1], [RFC5227 2.3] */
UNIT(acd, shortest_waits_give_the_exact_schedule)
{
    static struct station t;
    start(&t, 0);
    station_run(&t, 20000);
    CHECK_INT(t.count, 5);
    expect_probe(&t, 0, 0);
    expect_probe(&t, 1, 1000);
    expect_probe(&t, 2, 2000);
    expect_announcement(&t, 3, 4000);
    expect_announcement(&t, 4, 6000);
    CHECK_INT(client.count, 1);
    CHECK_INT(client.told[0], ACD_IP_OK);
    CHECK_INT(client.at[0], 6000);
    CHECK_INT(client.acd.state, ACD_STATE_ONGOING);
    station_close(&t);
}

UNIT(acd, longest_waits_give_the_exact_schedule)
{
    static struct station t;
    start(&t, 0xffffffff);
    station_run(&t, 20000);
    CHECK_INT(t.count, 5);
    expect_probe(&t, 0, 1000);
    expect_probe(&t, 1, 3000);
    expect_probe(&t, 2, 5000);
    expect_announcement(&t, 3, 7000);
    expect_announcement(&t, 4, 9000);
    station_close(&t);
}

/* [RFC5227 2.2]: shorter times are for networks that are known; the default is the RFC's. */
UNIT(acd, times_are_those_of_the_rfc)
{
    SHOWS("RQ-5227-17", PROBE_WAIT == 1 && PROBE_NUM == 3 && PROBE_MIN == 1 && PROBE_MAX == 2 &&
                            ANNOUNCE_WAIT == 2 && ANNOUNCE_NUM == 2 && ANNOUNCE_INTERVAL == 2 &&
                            MAX_CONFLICTS == 10 && RATE_LIMIT_INTERVAL == 60 &&
                            DEFEND_INTERVAL == 10);
}

UNIT(acd, random_waits_stay_in_range_and_spread)
{
    static struct station t;
    uint32_t least = UINT32_MAX, most = 0;
    for (uint32_t seed = 0; seed < 100; seed++) {
        start(&t, -1);
        t.s.random = seed * 2654435761u;
        acd_stop(&client.acd);
        acd_start(&t.netif, &client.acd, station_addr(ACD_IP));
        station_run(&t, 12000);
        CHECK_INT(t.count, 5);
        CHECK(t.sent[0].at <= 1000);
        for (unsigned i = 1; i < 3; i++) {
            uint32_t gap = t.sent[i].at - t.sent[i - 1].at;
            CHECKF(gap >= 1000 && gap <= 2000, "seed %u: %u ms", seed, gap);
        }
        CHECK_INT(t.sent[3].at - t.sent[2].at, 2000);
        CHECK_INT(t.sent[4].at - t.sent[3].at, 2000);
        least = t.sent[0].at < least ? t.sent[0].at : least;
        most = t.sent[0].at > most ? t.sent[0].at : most;
        station_close(&t);
    }
    CHECKF(least < 100 && most > 900, "%u to %u", least, most);
}

/* [RFC5227 2.1.1]: any packet with the address as sender, from the start to 2 s after the last
 * probe. */
UNIT(acd, use_of_the_address_while_probing_is_a_conflict)
{
    static const uint32_t instants[] = {0, 500, 1500, 2500, 3999};
    static struct station t;
    for (size_t i = 0; i < 5; i++) {
        for (uint16_t opcode = 1; opcode <= 2; opcode++) {
            start(&t, 0);
            if (instants[i] != 0)
                station_run(&t, instants[i]);
            claim(&t, opcode);
            CHECK_INT(client.count, 2);
            CHECK_INT(client.told[0], ACD_DECLINE);
            CHECK_INT(client.told[1], ACD_RESTART_CLIENT);
            CHECK_INT(client.acd.state, ACD_STATE_OFF);
            unsigned sent = t.count;
            station_run(&t, 60000);
            CHECK_INT(t.count, sent); /* never announced */
            station_close(&t);
        }
    }
}

UNIT(acd, foreign_probe_for_the_address_is_a_conflict_and_our_own_is_not)
{
    static struct station t;
    start(&t, 0);
    station_run(&t, 500);
    station_arp(&t, 1, group_all, station_mac, 0, ACD_IP); /* reflected by a switch */
    station_arp(&t, 1, group_all, peer_mac, 0, ACD_IP + 1);
    CHECK_INT(client.count, 0);
    station_arp(&t, 1, group_all, peer_mac, 0, ACD_IP);
    CHECK_INT(client.count, 2);
    station_close(&t);
}

/* [RFC5227 2.1.1] */
UNIT(acd, after_ten_conflicts_one_attempt_a_minute_is_made)
{
    static struct station t;
    start(&t, 0);
    client.restarts = true;
    for (unsigned i = 1; i < 10; i++) {
        claim(&t, 2);
        CHECK_INT(client.count, 2 * i);
        CHECK_INT(client.acd.state, ACD_STATE_PROBE_WAIT);
    }
    claim(&t, 2); /* the tenth */
    CHECK_INT(client.count, 19);
    CHECK_INT(client.told[18], ACD_DECLINE);
    CHECK_INT(client.acd.state, ACD_STATE_RATE_LIMIT);
    claim(&t, 2);
    CHECK_INT(client.count, 19); /* nothing is at stake now */
    t.count = 0;
    station_run(&t, 59999);
    CHECK_INT(t.count, 0);
    station_run(&t, 1);
    CHECK_INT(client.count, 20);
    CHECK_INT(client.told[19], ACD_RESTART_CLIENT);
    CHECK_INT(t.count, 1);
    expect_probe(&t, 0, 60000);
    claim(&t, 2);
    CHECK_INT(client.acd.state, ACD_STATE_RATE_LIMIT);
    station_run(&t, 60000);
    CHECK_INT(t.count, 2);
    expect_probe(&t, 1, 120000);
    station_close(&t);
}

UNIT(acd, address_that_was_won_starts_counting_conflicts_anew)
{
    static struct station t;
    start(&t, 0);
    client.restarts = true;
    for (unsigned i = 0; i < 9; i++)
        claim(&t, 2);
    CHECK_INT(client.acd.num_conflicts, 9);
    station_run(&t, 10000);
    CHECK_INT(client.acd.state, ACD_STATE_ONGOING);
    CHECK_INT(client.acd.num_conflicts, 0);
    station_close(&t);
}

/* The client takes the address, as one would on ACD_IP_OK. */
static void own(struct station *t)
{
    ip4_addr_t ip = station_addr(ACD_IP);
    start(t, 0);
    station_run(t, 6000);
    netif_set_ipaddr(&t->netif, &ip);
    t->count = 0;
    client.count = 0;
}

UNIT(acd, address_won_is_not_announced_once_more_when_it_is_set)
{
    static struct station t;
    ip4_addr_t ip = station_addr(ACD_IP);
    start(&t, 0);
    station_run(&t, 6000);
    CHECK_INT(t.count, 5);
    netif_set_ipaddr(&t.netif, &ip);
    CHECK_INT(t.count, 5);
    station_close(&t);
}

/* [RFC5227 2.4] (b): one announcement, then retreat if it happens again within ten seconds. */
UNIT(acd, first_conflict_is_defended_and_second_within_ten_seconds_gives_up)
{
    static struct station t;
    own(&t);
    claim(&t, 1);
    CHECK_INT(t.count, 1);
    expect_announcement(&t, 0, 6000);
    CHECK_INT(client.count, 0);
    station_run(&t, 9999);
    claim(&t, 2);
    CHECK_INT(t.count, 1);
    CHECK_INT(client.count, 2);
    CHECK_INT(client.told[0], ACD_DECLINE);
    CHECK_INT(client.told[1], ACD_RESTART_CLIENT);
    station_close(&t);
}

UNIT(acd, conflicts_ten_seconds_apart_are_each_defended)
{
    static struct station t;
    own(&t);
    for (uint32_t i = 0; i < 20; i++) {
        claim(&t, 2);
        CHECK_INT(t.count, i + 1);
        expect_announcement(&t, i, 6000 + 10000 * i);
        station_run(&t, 10000);
    }
    CHECK_INT(client.count, 0);
    station_close(&t);
}

UNIT(acd, flood_of_conflicts_provokes_one_announcement)
{
    static struct station t;
    own(&t);
    for (unsigned i = 0; i < 100; i++)
        claim(&t, 1);
    CHECK_INT(t.count, 1);
    CHECK_INT(client.count, 2);
    station_close(&t);
}

UNIT(acd, ordinary_traffic_to_our_address_is_no_conflict)
{
    static struct station t;
    own(&t);
    for (unsigned i = 0; i < 5; i++) {
        station_arp(&t, 1, group_all, peer_mac, PEER_IP, ACD_IP);
        station_arp(&t, 1, group_all, peer_mac, 0, ACD_IP); /* a probe: answered, not fought */
        station_arp(&t, 1, group_all, station_mac, ACD_IP, ACD_IP); /* our own, come back */
        station_run(&t, 2000);
    }
    CHECK_INT(t.count, 10);
    for (unsigned i = 0; i < 10; i++)
        station_sent_arp(&t, i, 2, peer_mac, ACD_IP, peer_mac, i % 2 == 0 ? PEER_IP : 0);
    CHECK_INT(client.count, 0);
    CHECK_INT(client.acd.state, ACD_STATE_ONGOING);
    station_close(&t);
}

/* [RFC5227 2.1.1] */
UNIT(acd, link_down_stops_and_a_new_start_probes_again)
{
    static struct station t;
    own(&t);
    netif_set_link_down(&t.netif);
    CHECK_INT(client.acd.state, ACD_STATE_OFF);
    station_run(&t, 5000);
    CHECK_INT(t.count, 0);
    netif_set_ipaddr(&t.netif, NULL);
    netif_set_link_up(&t.netif);
    CHECK_INT(acd_start(&t.netif, &client.acd, station_addr(ACD_IP)), ERR_OK);
    station_run(&t, 6000);
    CHECK_INT(t.count, 5);
    expect_probe(&t, 0, 11000);
    station_close(&t);
}

UNIT(acd, stop_ends_probing_and_remove_forgets_the_client)
{
    static struct station t;
    start(&t, 0);
    station_run(&t, 1000);
    CHECK_INT(t.count, 2);
    CHECK_INT(acd_stop(&client.acd), ERR_OK);
    station_run(&t, 10000);
    CHECK_INT(t.count, 2);
    acd_start(&t.netif, &client.acd, station_addr(ACD_IP));
    acd_remove(&t.netif, &client.acd);
    CHECK(t.netif.acd_list == NULL);
    acd_remove(&t.netif, &client.acd);
    station_run(&t, 10000);
    claim(&t, 2);
    CHECK_INT(client.count, 0);
    CHECK_INT(t.count, 2);
    station_close(&t);
}

UNIT(acd, adding_twice_keeps_one_entry)
{
    static struct station t;
    start(&t, 0);
    CHECK_INT(acd_add(&t.netif, &client.acd, told), ERR_OK);
    CHECK(t.netif.acd_list == &client.acd);
    CHECK(client.acd.next == NULL);
    CHECK_INT(acd_add(&t.netif, &client.acd, NULL), ERR_ARG);
    CHECK_INT(acd_add(NULL, &client.acd, told), ERR_ARG);
    CHECK_INT(acd_start(&t.netif, NULL, station_addr(ACD_IP)), ERR_ARG);
    CHECK_INT(acd_stop(NULL), ERR_ARG);
    station_close(&t);
}

/* Two clients of one interface; a call-back takes one of them away while both are being asked. */
UNIT(acd, call_back_that_removes_and_frees_a_client_leaves_no_stale_one)
{
    static struct station t;
    for (unsigned victim = 0; victim < 2; victim++) {
        static struct acd second;
        start(&t, 0);
        CHECK_INT(acd_add(&t.netif, &second, told), ERR_OK);
        CHECK_INT(acd_start(&t.netif, &second, station_addr(ACD_IP)), ERR_OK);
        /* the list is: second, client.acd; second is told first */
        client.removes = client.poisons = victim == 0 ? &second : &client.acd;
        claim(&t, 2);
        CHECK_INT(client.told[0], ACD_DECLINE);
        /* its own removal ends its conversation; the other one's passes it over */
        CHECK_INT(client.count, victim == 0 ? 3 : 2);
        CHECK(t.netif.acd_list == (victim == 0 ? &client.acd : &second));
        CHECK(t.netif.acd_list->next == NULL);
        station_run(&t, 10000);
        station_close(&t);
    }
}

UNIT(acd, tmr_by_hand_moves_on_by_a_tenth_of_a_second)
{
    static struct station t;
    start(&t, 0);
    acd_tmr(); /* 0.1 s: the first probe was due at once */
    CHECK_INT(t.count, 1);
    for (unsigned i = 0; i < 9; i++)
        acd_tmr();
    CHECK_INT(t.count, 1);
    acd_tmr(); /* the next is due one second after the first left */
    CHECK_INT(t.count, 2);
    station_close(&t);
}

/* [RFC3927 1.9]: with a routable address the link-local one is only watched. */
UNIT(acd, link_local_address_replaced_by_a_routable_one_turns_passive)
{
    static struct station t;
    ip4_addr_t local = station_addr(0xa9fe0107), routable = station_addr(STATION_IP);
    memset(&client, 0, sizeof client);
    client.t = &t;
    station_defaults(&t);
    t.random_fixed = 0;
    station_start(&t, 0);
    acd_add(&t.netif, &client.acd, told);
    acd_start(&t.netif, &client.acd, local);
    station_run(&t, 6000);
    netif_set_ipaddr(&t.netif, &local);
    netif_set_ipaddr(&t.netif, &routable);
    CHECK_INT(client.acd.state, ACD_STATE_PASSIVE_ONGOING);
    client.count = 0;
    t.count = 0;
    station_arp(&t, 2, group_all, peer_mac, 0xa9fe0107, 0xa9fe0107);
    CHECK_INT(client.count, 1);
    CHECK_INT(client.told[0], ACD_DECLINE);
    CHECK_INT(client.acd.state, ACD_STATE_OFF);
    CHECK_INT(t.count, 0); /* (a): no defence */
    station_close(&t);
}

UNIT(acd, hand_fed_header_is_judged_like_a_received_packet)
{
    static struct station t;
    struct etharp_hdr hdr;
    struct wire_arp a = {peer_mac, zero_mac, ACD_IP, ACD_IP, 2};
    start(&t, 0);
    wire_arp_emit((uint8_t *)&hdr, &a);
    acd_arp_reply(&t.netif, &hdr);
    CHECK_INT(client.count, 2);
    station_close(&t);
}
