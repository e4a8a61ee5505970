/* harness/host/raw_socket.h: a RAW pcb of a host in the controller's hands: whole IPv4 datagrams,
 * header included, as they arrive for one protocol. Like udp_socket.h otherwise. */
#ifndef HARNESS_HOST_RAW_SOCKET_H
#define HARNESS_HOST_RAW_SOCKET_H

#include "harness/host/inbox.h"
#include "harness/host/object.h"

#include "lwip/err.h"

struct raw_pcb;

struct raw_socket {
    struct object object;
    struct raw_pcb *pcb;
    struct inbox inbox;
    bool eat; /* what it receives does not go on to the transport */
};

struct raw_socket_config {
    uint32_t addr;
    uint8_t proto;
    bool hdrincl; /* what is sent begins with an IP header of the controller's */
    bool broadcast;
    bool eat;
    uint32_t capacity;
};

extern const struct object_class raw_socket_class;

struct raw_socket *raw_socket_new(struct host *h, const struct raw_socket_config *config,
                                  err_t *err);
/* ttl, tos -1: the pcb's own */
err_t raw_socket_send(struct raw_socket *s, uint32_t addr, const uint8_t *data, uint32_t len,
                      int32_t ttl, int32_t tos);

#endif
