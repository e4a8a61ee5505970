/* lwip/prot/acd.h: constants of RFC 5227 section 1.1 (seconds, counts) and states. Shorter times
 * are for networks known to allow them [RFC5227 2.2]: whoever builds for one says so here. */
#ifndef LWIP_HDR_PROT_ACD_H
#define LWIP_HDR_PROT_ACD_H

#define PROBE_WAIT 1
#define PROBE_MIN 1
#define PROBE_MAX 2
#define PROBE_NUM 3
#define ANNOUNCE_NUM 2
#define ANNOUNCE_INTERVAL 2
#define ANNOUNCE_WAIT 2
#define MAX_CONFLICTS 10
#define RATE_LIMIT_INTERVAL 60
#define DEFEND_INTERVAL 10

typedef enum {
    ACD_STATE_OFF,
    ACD_STATE_PROBE_WAIT,
    ACD_STATE_PROBING,
    ACD_STATE_ANNOUNCE_WAIT,
    ACD_STATE_ANNOUNCING,
    ACD_STATE_ONGOING,
    ACD_STATE_PASSIVE_ONGOING, /* a conflict was seen and defended once */
    ACD_STATE_RATE_LIMIT
} acd_state_enum_t;

/* What the client is told. */
typedef enum {
    ACD_IP_OK,          /* no conflict: use the address */
    ACD_RESTART_CLIENT, /* conflict while in use: get another address */
    ACD_DECLINE         /* conflict while probing */
} acd_callback_enum_t;

#endif
