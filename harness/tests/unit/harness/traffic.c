/* traffic.c: two hosts end to end, to the nanosecond.
 *
 * Wire times at 100 Mbit/s: (max(len, 60) + 4 + 8) * 80 ns; a switch serialises twice; latency is
 * 50 us in all. 60 bytes: 5,760 ns; 98 bytes: 8,800 ns. */
#include "unit.h"

#include "client.h"

#include <time.h>

#define LATENCY 50000u
#define HOP_60 (2 * 5760u + LATENCY)
#define HOP_98 (2 * 8800u + LATENCY)
#define START 1000000u

/* [RFC792] [RFC1071] [RFC1122 3.2.2.6] */
UNIT(traffic, ping_takes_arp_and_echo_exactly)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int64_t id = client_do(c, "object", "{'op': 'ping', 'host': 1, 'addr': '10.0.0.2', "
                           "'id': 7, 'seq': 9, 'data': '%0112d'}", 0);
    uint64_t t;
    uint32_t object;
    char type;
    while ((type = client_advance(c, CLIENT_NEVER, &t, &object)) == 'F')
        continue;
    CHECK_INT(type, 'N');
    CHECK_INT(object, id);
    /* Announcements make no entries [RFC826 Packet Reception]: a has to ask first. */
    CHECK_INT(t, START + 2 * HOP_60 + 2 * HOP_98);
    json_t *r = client_ask(c, "{'op': 'ping_result', 'object': %d}", (int)id);
    CHECK_INT(json_integer_value(json_object_get(r, "rtt_ns")), 2 * HOP_60 + 2 * HOP_98);
    CHECK(strcmp(json_string_value(json_object_get(r, "from")), "10.0.0.2") == 0);
    CHECK_INT(strlen(json_string_value(json_object_get(r, "data"))), 112);
    json_decref(r);
    r = client_ask(c, "{'op': 'ping_result', 'object': %d}", (int)id);
    CHECK(json_is_true(json_object_get(r, "empty")));
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, datagram_arrives_with_its_addresses)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int64_t server = client_do(c, "object", "{'op': 'udp', 'host': 2, 'port': 7}");
    int64_t sender = client_do(c, "object", "{'op': 'udp', 'host': 1, 'port': 4000}");
    CHECK_INT(client_do(c, "err", "{'op': 'udp_send', 'object': %d, 'addr': '10.0.0.2', "
                        "'port': 7, 'data': '616263', 'ttl': 33, 'tos': 8}", (int)sender), 0);
    uint64_t t;
    uint32_t object;
    while (client_advance(c, CLIENT_NEVER, &t, &object) == 'F')
        continue;
    CHECK_INT(object, server);
    CHECK_INT(t, START + 3 * HOP_60);
    json_t *r = client_ask(c, "{'op': 'udp_recv', 'object': %d}", (int)server);
    CHECK(strcmp(json_string_value(json_object_get(r, "data")), "616263") == 0);
    CHECK(strcmp(json_string_value(json_object_get(r, "addr")), "10.0.0.1") == 0);
    CHECK(strcmp(json_string_value(json_object_get(r, "dst")), "10.0.0.2") == 0);
    CHECK_INT(json_integer_value(json_object_get(r, "port")), 4000);
    CHECK_INT(json_integer_value(json_object_get(r, "ttl")), 33);
    CHECK_INT(json_integer_value(json_object_get(r, "tos")), 8);
    CHECK_INT(json_integer_value(json_object_get(r, "t")), START + 3 * HOP_60);
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, icmp_error_reaches_the_connected_socket)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int64_t s = client_do(c, "object", "{'op': 'udp', 'host': 1}");
    client_do(c, NULL, "{'op': 'udp_connect', 'object': %d, 'addr': '10.0.0.2', "
                       "'port': 99}", (int)s);
    client_do(c, NULL, "{'op': 'udp_send', 'object': %d, 'data': '00'}", (int)s);
    uint32_t object = 0;
    while (client_advance(c, CLIENT_NEVER, NULL, &object) == 'F')
        continue;
    CHECK_INT(object, s);
    json_t *r = client_ask(c, "{'op': 'udp_recv', 'object': %d}", (int)s);
    const json_t *icmp = json_object_get(r, "icmp");
    CHECK_INT(json_integer_value(json_object_get(icmp, "type")), 3);
    CHECK_INT(json_integer_value(json_object_get(icmp, "code")), 3);
    CHECK(strcmp(json_string_value(json_object_get(icmp, "from")), "10.0.0.2") == 0);
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, inbox_is_bounded)
{
    struct client *c = client_start();
    client_two_hosts(c);
    int64_t server = client_do(c, "object", "{'op': 'udp', 'host': 2, 'port': 7, "
                               "'capacity': 2}");
    int64_t sender = client_do(c, "object", "{'op': 'udp', 'host': 1}");
    for (int i = 0; i < 3; i++)
        client_do(c, NULL, "{'op': 'udp_send', 'object': %d, 'addr': '10.0.0.2', "
                           "'port': 7, 'data': '0%d'}", (int)sender, i);
    client_run(c, 2000000);
    for (int i = 0; i < 3; i++) {
        json_t *r = client_ask(c, "{'op': 'udp_recv', 'object': %d}", (int)server);
        CHECK_INT(json_integer_value(json_object_get(r, "refused")), 1);
        CHECK_INT(json_is_true(json_object_get(r, "empty")), i == 2);
        json_decref(r);
    }
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, cpu_delay_queues_received_frames)
{
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'hub', "
                       "'rate_bps': 100000000}");
    client_do(c, NULL, "{'op': 'host', 'name': 'slow', 'cpu_ns': 1000000}");
    client_do(c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1'}");
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
    client_run(c, 1000000);
    static const uint8_t request[60] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
        2,    0,    0,    0,    0,    1,    10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
    client_send(c, 1, request, sizeof request);
    client_send(c, 1, request, sizeof request);
    uint64_t t;
    /* arrivals at 5,760 and 5,760 + 6,720; done 1 ms later, one after the other */
    CHECK_INT(client_advance(c, CLIENT_NEVER, &t, NULL), 'F');
    CHECK_INT(t, START + 5760 + 1000000 + 5760);
    CHECK_INT(client_advance(c, CLIENT_NEVER, &t, NULL), 'F');
    CHECK_INT(t, START + 5760 + 2000000 + 5760);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, quiet_world_and_deadline_are_told_apart)
{
    struct client *c = client_start();
    uint64_t t;
    CHECK_INT(client_advance(c, 123456789, &t, NULL), 'D');
    CHECK_INT(t, 123456789);
    CHECK_INT(client_advance(c, CLIENT_NEVER, &t, NULL), 'Q');
    CHECK_INT(t, 123456789);
    CHECK_INT(client_advance(c, 5, &t, NULL), 'D'); /* in the past: nothing moves */
    CHECK_INT(t, 123456789);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, vlan_interface_speaks_tagged)
{
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'hub'}");
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
    client_do(c, NULL, "{'op': 'host', 'name': 'a'}");
    client_do(c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1', "
                       "'vlan': 100}");
    CHECK_INT(client_advance(c, CLIENT_NEVER, NULL, NULL), 'F');
    CHECK_INT(c->len, 13 + 60);
    static const uint8_t tag[] = {0x81, 0, 0, 100, 8, 6};
    CHECK_MEM(c->message + 13 + 12, tag, sizeof tag);
    uint8_t request[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x81, 0, 0, 100,
                           8, 6, 0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 0, 9,
                           0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
    client_send(c, 1, request, sizeof request);
    CHECK_INT(client_advance(c, 10000000, NULL, NULL), 'F');
    CHECK_MEM(c->message + 13 + 12, tag, sizeof tag);
    request[15] = 101;
    client_send(c, 1, request, sizeof request);
    CHECK_INT(client_advance(c, 20000000, NULL, NULL), 'D');
    json_t *stats = client_ask(c, "{'op': 'stats', 'host': 1}");
    json_t *foreign = json_object_get(json_object_get(stats, "drops"), "eth_vlan_foreign");
    CHECK_INT(json_integer_value(foreign), 1);
    json_decref(stats);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, frame_to_another_station_is_not_taken)
{
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'hub'}");
    client_do(c, NULL, "{'op': 'host', 'name': 'a', 'mac': '02:00:00:00:00:0a'}");
    client_do(c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1'}");
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
    client_run(c, 1000000);
    uint8_t request[60] = {2, 0, 0, 0, 0, 0x0b, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1,
                           2, 0, 0, 0, 0, 1, 10, 0, 0, 9, 0, 0, 0, 0, 0, 0, 10, 0, 0, 1};
    client_send(c, 1, request, sizeof request);
    CHECK_INT(client_advance(c, 20000000, NULL, NULL), 'D');
    request[5] = 0x0a;
    client_send(c, 1, request, sizeof request);
    CHECK_INT(client_advance(c, 30000000, NULL, NULL), 'F');
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, derived_address_that_is_taken_is_refused)
{
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan'}");
    client_do(c, NULL, "{'op': 'host', 'name': 'x', 'mac': '02:4e:96:1e:b6:32'}");
    client_do(c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1}");
    client_do(c, NULL, "{'op': 'host', 'name': 'a'}");
    json_t *r = client_ask(c, "{'op': 'netif', 'host': 2, 'segment': 1}");
    CHECK(strstr(json_string_value(json_object_get(r, "error")), "is taken already") != NULL);
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

static void some_traffic(const char *option, const char *value, char hash[33])
{
    struct client *c = client_spawn(option, value, NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_two_hosts(c);
    client_do(c, NULL, "{'op': 'impair', 'segment': 1, 'kind': 'jitter', 'jitter_ns': 100000}");
    for (int i = 1; i <= 5; i++) {
        client_do(c, NULL, "{'op': 'ping', 'host': 1, 'addr': '10.0.0.2', 'seq': %d}", i);
        client_run(c, 1000000 + (uint64_t)i * 10000000);
    }
    json_t *r = client_ask(c, "{'op': 'finish'}");
    snprintf(hash, 33, "%s", json_string_value(json_object_get(r, "trace")));
    json_decref(r);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, pace_batch_and_checks_change_nothing)
{
    char plain[33], other[33];
    some_traffic(NULL, NULL, plain);
    some_traffic("--paced", "2", other);
    CHECK(strcmp(plain, other) == 0);
    some_traffic("--batch", "1", other);
    CHECK(strcmp(plain, other) == 0);
    some_traffic("--check", "0", other);
    CHECK(strcmp(plain, other) == 0);
    some_traffic("--seed", "7", other);
    CHECK(strcmp(plain, other) != 0); /* jitter is drawn from the seed */
}

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

UNIT(traffic, paced_time_follows_the_wall)
{
    struct client *c = client_spawn("--paced", "10", NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    double before = wall_s();
    uint64_t t;
    CHECK_INT(client_advance(c, 2000000000, &t, NULL), 'D');
    CHECK_INT(t, 2000000000);
    CHECK(wall_s() - before > 0.19); /* 2 s virtual, ten times as fast */
    CHECK_INT(client_stop(c), 4);
}

/* [RFC5227 2.1] */
UNIT(traffic, acd_probes_before_the_address_is_used)
{
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'hub'}");
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
    client_do(c, NULL, "{'op': 'host', 'name': 'a'}");
    client_do(c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1', 'acd': true}");
    json_t *r = client_ask(c, "{'op': 'acd', 'host': 1, 'netif': 2}");
    CHECK(strcmp(json_string_value(json_object_get(r, "state")), "probing") == 0);
    json_decref(r);
    CHECK_INT(client_advance(c, CLIENT_NEVER, NULL, NULL), 'F');
    static const uint8_t no_sender[4];
    CHECK_MEM(c->message + 13 + 28, no_sender, 4); /* a probe has no sender address */
    client_run(c, UINT64_C(20000000000));
    r = client_ask(c, "{'op': 'acd', 'host': 1, 'netif': 2}");
    CHECK(strcmp(json_string_value(json_object_get(r, "state")), "ok") == 0);
    json_decref(r);
    r = client_ask(c, "{'op': 'netif_info', 'host': 1, 'netif': 2}");
    CHECK(strcmp(json_string_value(json_object_get(r, "ip")), "10.0.0.1") == 0);
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(traffic, exhausted_pool_drops_at_the_door)
{
    struct client *c = client_start();
    client_do(c, NULL, "{'op': 'segment', 'name': 'lan', 'kind': 'hub'}");
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 't'}");
    client_do(c, NULL, "{'op': 'host', 'name': 'a', 'options': {'pbuf_pool_size': 1}}");
    client_do(c, NULL, "{'op': 'netif', 'host': 1, 'segment': 1, 'ip': '10.0.0.1'}");
    client_run(c, 1000000);
    static uint8_t large[3000] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x12, 0x34};
    client_send(c, 1, large, sizeof large); /* needs two buffers */
    client_run(c, 2000000);
    json_t *r = client_ask(c, "{'op': 'stats', 'host': 1}");
    const json_t *link = json_object_get(json_object_get(r, "lwip"), "link");
    CHECK_INT(json_integer_value(json_object_get(link, "memerr")), 1);
    CHECK_INT(json_integer_value(json_object_get(link, "drop")), 1);
    json_decref(r);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}
