/* harness/control/ops_raw.c: raw sockets and pings in the controller's hands. */
#include "harness/control/ops.h"
#include "harness/control/ops_inbox.h"
#include "harness/host/host.h"
#include "harness/host/ping.h"
#include "harness/host/raw_socket.h"

#define DATA_MAX 65515u
#define ECHO_DATA_MAX 65507u
#define CAPACITY_MAX UINT32_MAX

void reply_item(struct request *r, struct inbox *in, enum reply_form form)
{
    struct inbox_item *item = inbox_take(in);
    if (in->refused > 0)
        reply_int(r, "refused", in->refused);
    if (item == NULL) {
        reply_bool(r, "empty", true);
        return;
    }
    reply_int(r, "t", item->t_ns);
    if (item->is_icmp) {
        char from[ADDR_TEXT];
        addr_format(from, item->from);
        reply_json(r, "icmp", json_pack("{s:i,s:i,s:s}", "type", item->icmp_type, "code",
                                        item->icmp_code, "from", from));
    }
    if (form == REPLY_ECHO)
        reply_int(r, "rtt_ns", item->rtt_ns);
    reply_addr(r, form == REPLY_ECHO ? "from" : "addr", item->from);
    if (!item->is_icmp) {
        reply_addr(r, "dst", item->to);
        reply_int(r, "port", item->port);
        reply_int(r, "ttl", item->ttl);
        reply_int(r, "tos", item->tos);
        reply_hex(r, "data", item->data, item->len);
    }
    inbox_item_free(item);
}

void op_raw(struct request *r)
{
    struct host *h = request_host(r);
    struct raw_socket_config config = {
        .addr = request_addr_or(r, "addr", 0),
        .proto = (uint8_t)request_u64(r, "proto", 0, 255),
        .hdrincl = request_bool_or(r, "hdrincl", false),
        .broadcast = request_bool_or(r, "broadcast", false),
        .eat = request_bool_or(r, "eat", false),
        .capacity = (uint32_t)request_u64_or(r, "capacity", 1, CAPACITY_MAX,
                                             INBOX_CAPACITY_DEFAULT),
    };
    if (!request_ok(r))
        return;
    err_t err;
    struct raw_socket *s = raw_socket_new(h, &config, &err);
    if (s == NULL)
        request_fail(r, "stack", "a raw socket could not be made: the stack answered err_t %d",
                     err);
    else
        reply_int(r, "object", s->object.id);
}

void op_raw_send(struct request *r)
{
    struct raw_socket *s = (struct raw_socket *)request_object(r, &raw_socket_class);
    uint32_t addr = request_addr(r, "addr");
    int32_t ttl = (int32_t)request_i64_or(r, "ttl", 0, 255, -1);
    int32_t tos = (int32_t)request_i64_or(r, "tos", 0, 255, -1);
    struct bytes data = request_hex(r, "data", DATA_MAX);
    if (request_ok(r))
        reply_json(r, "err", json_integer(raw_socket_send(s, addr, data.data, data.len, ttl, tos)));
    bytes_free(&data);
}

void op_raw_recv(struct request *r)
{
    struct raw_socket *s = (struct raw_socket *)request_object(r, &raw_socket_class);
    if (request_ok(r))
        reply_item(r, &s->inbox, REPLY_DATAGRAM);
}

void op_ping(struct request *r)
{
    struct host *h = request_host(r);
    struct bytes data = {NULL, 0};
    struct ping_config config = {
        .addr = request_addr(r, "addr"),
        .id = (uint16_t)request_u64_or(r, "id", 0, 65535, 1),
        .seq = (uint16_t)request_u64_or(r, "seq", 0, 65535, 1),
        .ttl = (int32_t)request_i64_or(r, "ttl", 0, 255, -1),
        .df = request_bool_or(r, "df", false),
    };
    data = request_hex(r, "data", ECHO_DATA_MAX);
    config.data = data.data;
    config.len = data.len;
    err_t err = ERR_OK;
    struct ping *ping = request_ok(r) ? ping_new(h, &config, &err) : NULL;
    bytes_free(&data);
    if (ping == NULL) {
        request_fail(r, "limit", "the world's memory is full");
        return;
    }
    reply_int(r, "object", ping->object.id);
    reply_json(r, "err", json_integer(err));
}

void op_ping_result(struct request *r)
{
    struct ping *ping = (struct ping *)request_object(r, &ping_class);
    if (request_ok(r))
        reply_item(r, &ping->inbox, REPLY_ECHO);
}
