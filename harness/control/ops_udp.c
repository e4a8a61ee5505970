/* harness/control/ops_udp.c: UDP sockets in the controller's hands, and closing any object. */
#include "harness/control/ops.h"
#include "harness/control/ops_inbox.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/udp_socket.h"
#include "harness/host/world.h"

#define DATA_MAX 65507u
#define CAPACITY_MAX UINT32_MAX

/* lwIP's err_t goes back as it is; "stack" errors say it in words. */
static void fail_with(struct request *r, const char *what, err_t err)
{
    request_fail(r, "stack", "%s: the stack answered err_t %d%s", what, err,
                 err == ERR_MEM ? " (out of memory)" : err == ERR_USE ? " (in use)" : "");
}

void op_udp(struct request *r)
{
    struct host *h = request_host(r);
    struct udp_socket_config config = {
        .addr = request_addr_or(r, "addr", 0),
        .port = (uint16_t)request_u64_or(r, "port", 0, 65535, 0),
        .lite = request_bool_or(r, "lite", false),
        .broadcast = request_bool_or(r, "broadcast", false),
        .capacity = (uint32_t)request_u64_or(r, "capacity", 1, CAPACITY_MAX,
                                             INBOX_CAPACITY_DEFAULT),
    };
    if (!request_ok(r))
        return;
    err_t err;
    struct udp_socket *s = udp_socket_new(h, &config, &err);
    if (s == NULL) {
        fail_with(r, "a UDP socket could not be made", err);
        return;
    }
    reply_int(r, "object", s->object.id);
    reply_int(r, "port", udp_socket_port(s));
}

void op_udp_connect(struct request *r)
{
    struct udp_socket *s = (struct udp_socket *)request_object(r, &udp_socket_class);
    uint32_t addr = request_addr(r, "addr");
    uint16_t port = (uint16_t)request_u64(r, "port", 0, 65535);
    if (request_ok(r))
        reply_json(r, "err", json_integer(udp_socket_connect(s, addr, port)));
}

void op_udp_send(struct request *r)
{
    struct udp_socket *s = (struct udp_socket *)request_object(r, &udp_socket_class);
    struct udp_send_order order = {
        .addr = request_addr_or(r, "addr", 0),
        .port = (uint16_t)request_u64_or(r, "port", 0, 65535, 0),
        .ttl = (int32_t)request_i64_or(r, "ttl", 0, 255, -1),
        .tos = (int32_t)request_i64_or(r, "tos", 0, 255, -1),
        .nochksum = request_bool_or(r, "nochksum", false),
    };
    uint64_t index = request_u64_or(r, "if", 1, 255, 0);
    if (request_ok(r) && index != 0) {
        order.interface = interface_by_index(s->object.host, (uint32_t)index);
        if (order.interface == NULL)
            request_fail(r, "usage", "host %s has no interface %u", s->object.host->name,
                         (unsigned)index);
    }
    struct bytes data = request_hex(r, "data", DATA_MAX);
    order.data = data.data;
    order.len = data.len;
    if (request_ok(r))
        reply_json(r, "err", json_integer(udp_socket_send(s, &order)));
    bytes_free(&data);
}

void op_udp_recv(struct request *r)
{
    struct udp_socket *s = (struct udp_socket *)request_object(r, &udp_socket_class);
    if (request_ok(r))
        reply_item(r, &s->inbox, REPLY_DATAGRAM);
}

void op_object_close(struct request *r)
{
    struct object *o = request_object(r, NULL);
    if (o != NULL && o->class->kind == OBJECT_APP)
        request_fail(r, "usage", "a program ends with its host, it cannot be closed");
    if (request_ok(r))
        object_free(o);
}
