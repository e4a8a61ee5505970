/* harness/host/tcp_log.h: which call-backs a connection or listener has had, in their order.
 *
 * Bounded: what comes after TCP_LOG_MAX entries is counted only. Lives in the arena. */
#ifndef HARNESS_HOST_TCP_LOG_H
#define HARNESS_HOST_TCP_LOG_H

#include <stdint.h>

#define TCP_LOG_MAX 65536u

/* Rows: the call-back's name in reports, what `value` is. */
enum tcp_log_kind {
    TCP_LOG_CONNECTED, /* err_t */
    TCP_LOG_ACCEPT,    /* the connection's object, or an err_t */
    TCP_LOG_RECV,      /* bytes taken */
    TCP_LOG_REFUSED,   /* bytes that recv was offered and refused */
    TCP_LOG_SENT,      /* bytes acknowledged */
    TCP_LOG_POLL,
    TCP_LOG_CLOSED, /* recv without a pbuf: the peer's FIN */
    TCP_LOG_ERROR,  /* err_t */
    TCP_LOG_URGENT, /* bytes ahead */
    TCP_LOG_SOFT,   /* err_t; type and code of the ICMP message */
    TCP_LOG_KINDS
};

struct tcp_log_entry {
    uint64_t t_ns;
    int64_t value;
    uint8_t kind, type, code;
};

struct tcp_log {
    struct tcp_log_entry *entries;
    uint32_t count, room;
    uint64_t lost; /* not kept */
};

void tcp_log_put(struct tcp_log *log, const struct tcp_log_entry *entry);
void tcp_log_free(struct tcp_log *log);
const char *tcp_log_name(enum tcp_log_kind kind); /* "connected" ... */

#endif
