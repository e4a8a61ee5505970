/* harness/host/udp_socket.h: a UDP (or UDP-Lite) pcb of a host in the controller's hands.
 *
 * Datagrams that arrive wait in a bounded inbox; ICMP errors about a connected socket's datagrams
 * are put there too. Addresses are in host byte order; 0 means "any". Errors are lwIP's err_t. */
#ifndef HARNESS_HOST_UDP_SOCKET_H
#define HARNESS_HOST_UDP_SOCKET_H

#include "harness/host/inbox.h"
#include "harness/host/object.h"

#include "lwip/err.h"

struct host_interface;
struct udp_pcb;

struct udp_socket {
    struct object object;
    struct udp_pcb *pcb;
    struct inbox inbox;
};

struct udp_socket_config {
    uint32_t addr;
    uint16_t port;     /* 0: ephemeral */
    bool lite;
    bool broadcast;    /* may send to and receive from broadcast addresses */
    uint32_t capacity; /* of the inbox */
};

struct udp_send_order {
    uint32_t addr; /* 0: the connected peer */
    uint16_t port;
    const uint8_t *data;
    uint32_t len;
    int32_t ttl, tos;      /* -1: the pcb's own */
    bool nochksum;
    struct host_interface *interface; /* NULL: by route */
};

extern const struct object_class udp_socket_class;

/* NULL: *err says why (no pcb, address in use ...). Host not entered. */
struct udp_socket *udp_socket_new(struct host *h, const struct udp_socket_config *config,
                                  err_t *err);
err_t udp_socket_connect(struct udp_socket *s, uint32_t addr, uint16_t port);
/* ttl, tos and nochksum hold for this datagram only. */
err_t udp_socket_send(struct udp_socket *s, const struct udp_send_order *order);
uint16_t udp_socket_port(const struct udp_socket *s);

#endif
