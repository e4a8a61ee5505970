/* snapshot.c: a world rewound, here and in a second process, continues identically. */
#include "unit.h"

#include "client.h"

#include <unistd.h>

#define MID_FLIGHT 1030000u /* frames sent at 1 ms are between the cables */
#define END 20000000u

/* An IPv4 fragment of a UDP datagram from 10.0.0.9 to 10.0.0.1, port 7: 16 bytes of datagram each
 * (header and 24 bytes of data in two fragments). No UDP checksum. */
static size_t build_fragment(uint8_t f[64], const uint8_t dst[6], bool last)
{
    static const uint8_t src[6] = {2, 0, 0, 0, 0, 9};
    memset(f, 0, 64);
    memcpy(f, dst, 6);
    memcpy(f + 6, src, 6);
    f[12] = 8;
    uint8_t *ip = f + 14;
    ip[0] = 0x45;
    ip[3] = 20 + 16;
    ip[5] = 77;
    ip[6] = last ? 0 : 0x20;
    ip[7] = last ? 2 : 0;
    ip[8] = 64;
    ip[9] = 17;
    static const uint8_t from_to[8] = {10, 0, 0, 9, 10, 0, 0, 1};
    memcpy(ip + 12, from_to, 8);
    uint32_t sum = 0;
    for (int i = 0; i < 20; i += 2)
        sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    ip[10] = (uint8_t)(~sum >> 8);
    ip[11] = (uint8_t)~sum;
    if (!last) {
        static const uint8_t udp[8] = {0x12, 0x34, 0, 7, 0, 32, 0, 0};
        memcpy(ip + 20, udp, 8);
    }
    return 60;
}

/* Into the middle of things: half a datagram, an unanswered ARP request with a packet waiting, a
 * ping on the wire. Returns the id of the socket that waits for the datagram. */
static int busy_world(struct client *c, uint8_t mac[6])
{
    client_two_hosts(c);
    json_t *info = client_ask(c, "{'op': 'netif_info', 'host': 1, 'netif': 2}");
    unsigned m[6];
    CHECK_INT(sscanf(json_string_value(json_object_get(info, "mac")), "%x:%x:%x:%x:%x:%x", &m[0],
                     &m[1], &m[2], &m[3], &m[4], &m[5]), 6);
    for (int i = 0; i < 6; i++)
        mac[i] = (uint8_t)m[i];
    json_decref(info);
    int s = (int)client_do(c, "object", "{'op': 'udp', 'host': 1, 'port': 7}");
    uint8_t f[64];
    client_send(c, 1, f, build_fragment(f, mac, false));
    client_run(c, 1000000 + 100000);
    client_do(c, NULL, "{'op': 'udp_send', 'object': %d, 'addr': '10.0.0.77', 'port': 9, "
                       "'data': '0102'}", s);
    client_do(c, NULL, "{'op': 'ping', 'host': 2, 'addr': '10.0.0.1', 'data': '00'}");
    client_run(c, MID_FLIGHT + 100000);
    return s;
}

/* The rest of the run; the datagram is completed on the way. */
static void run_on(struct client *c, int socket, const uint8_t mac[6], char hash[33])
{
    uint8_t f[64];
    client_run(c, 5000000);
    client_send(c, 1, f, build_fragment(f, mac, true));
    client_run(c, END);
    json_t *r = client_ask(c, "{'op': 'udp_recv', 'object': %d}", socket);
    CHECKF(json_object_get(r, "data") != NULL, "%.300s", (const char *)c->message);
    CHECK_INT(strlen(json_string_value(json_object_get(r, "data"))), 2 * 24);
    json_decref(r);
    client_hash(c, hash);
}

UNIT(snapshot, rewound_world_continues_identically)
{
    struct client *c = client_start();
    uint8_t mac[6];
    char first[33], second[33], third[33];
    int s = busy_world(c, mac);
    client_do(c, NULL, "{'op': 'snapshot'}");
    run_on(c, s, mac, first);
    client_do(c, NULL, "{'op': 'restore', 'snapshot': 1}");
    run_on(c, s, mac, second);
    CHECK(strcmp(first, second) == 0);
    client_do(c, NULL, "{'op': 'restore', 'snapshot': 1}");
    client_do(c, NULL, "{'op': 'ping', 'host': 2, 'addr': '10.0.0.1'}");
    run_on(c, s, mac, third);
    CHECK(strcmp(first, third) != 0); /* something else was done: another run */
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}

UNIT(snapshot, second_process_continues_identically)
{
    char path[64], first[33], second[33];
    client_temporary(path);
    struct client *c = client_start();
    uint8_t mac[6];
    int s = busy_world(c, mac);
    client_do(c, NULL, "{'op': 'snapshot_save', 'path': '%s'}", path);
    run_on(c, s, mac, first);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
    c = client_start();
    CHECK_INT(client_do(c, "now", "{'op': 'snapshot_load', 'path': '%s'}", path),
              MID_FLIGHT + 100000);
    run_on(c, s, mac, second);
    CHECK(strcmp(first, second) == 0);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
    unlink(path);
}

UNIT(snapshot, load_is_replayed_without_its_file)
{
    char path[64], recording[64], out[400];
    client_temporary(path);
    client_temporary(recording);
    struct client *c = client_start();
    uint8_t mac[6];
    char hash[33];
    int s = busy_world(c, mac);
    client_do(c, NULL, "{'op': 'snapshot_save', 'path': '%s'}", path);
    CHECK_INT(client_stop(c), 4);
    c = client_spawn("--record", recording, NULL);
    client_do(c, NULL, "{'op': 'hello', 'version': 1}");
    client_do(c, NULL, "{'op': 'snapshot_load', 'path': '%s'}", path);
    run_on(c, s, mac, hash);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
    unlink(path);
    int status = client_tool(out, sizeof out, "--replay", recording, NULL);
    CHECKF(status == 0 && strncmp(out, hash, 32) == 0, "%d: %s", status, out);
    unlink(recording);
}

UNIT(snapshot, what_is_handed_over_later_is_not_lost)
{
    struct client *c = client_start();
    client_two_hosts(c);
    static const uint8_t f[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x12, 0x34};
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 'u'}");
    client_do(c, NULL, "{'op': 'port', 'segment': 1, 'name': 'v'}");
    client_send(c, 1, f, sizeof f);
    CHECK_INT(client_advance(c, 2000000, NULL, NULL), 'F'); /* v's comes at the same time */
    client_do(c, NULL, "{'op': 'snapshot'}");
    CHECK_INT(client_run(c, 2000000), 1);
    client_do(c, NULL, "{'op': 'restore', 'snapshot': 1}");
    CHECK_INT(client_run(c, 2000000), 1);
    client_finish(c);
    CHECK_INT(client_stop(c), 0);
}
