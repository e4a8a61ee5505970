/* harness/host/ping.h: one ICMP echo request and what comes back for it.
 *
 * The request is built and the replies are recognised here, byte by byte, on a raw pcb; the round
 * trip is exact virtual time. Replies with the request's identifier and sequence number count, from
 * whatever address (a broadcast may have many); ICMP errors that quote the request count too. */
#ifndef HARNESS_HOST_PING_H
#define HARNESS_HOST_PING_H

#include "harness/host/inbox.h"
#include "harness/host/object.h"

#include "lwip/err.h"

struct raw_pcb;

struct ping {
    struct object object;
    struct raw_pcb *pcb;
    struct inbox inbox;
    uint64_t sent_ns;
    uint16_t id, seq;
};

struct ping_config {
    uint32_t addr; /* host byte order */
    uint16_t id, seq;
    const uint8_t *data;
    uint32_t len;
    int32_t ttl; /* -1: the stack's default */
    bool df;
};

extern const struct object_class ping_class;

/* Sends the request. The object exists even when sending failed (*err); NULL: no memory. */
struct ping *ping_new(struct host *h, const struct ping_config *config, err_t *err);

#endif
