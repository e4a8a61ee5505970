/* core/netif_state.h: the part of an instance that the netif files and loopback.c own. */
#ifndef STACK_CORE_NETIF_STATE_H
#define STACK_CORE_NETIF_STATE_H

#include "lwip/netif.h"
#include "stack/core/modules.h"

struct netif_ext_callback;

/* A walk over the extended subscribers that survives the removal of any of them by a call-back. */
struct netif_ext_walk {
    struct netif_ext_callback *next;
    struct netif_ext_walk *outer;
};

struct netif_state {
#if LWIP_MODULES_MORE
    const struct netif_listener *listeners[NETIF_LISTENERS_MAX]; /* behind the rooms */
    netif_input_fn network_input; /* network layer; NULL: none */
    u8_t listener_count;
#endif
#if LWIP_NETIF_EXT_STATUS_CALLBACK
    struct netif_ext_callback *ext_callbacks;
    struct netif_ext_walk *ext_walks; /* innermost first; NULL outside of a walk */
#endif
    u32_t loop_packets;      /* packets on all loopback queues: stack_next_deadline() */
    u32_t last_index;        /* the one given out last; 0: none yet */
    u8_t client_ids;         /* client data slots handed out */
    u8_t polling;            /* a loopback queue is being drained: no second level */
#if LWIP_HAVE_LOOPIF
    struct netif loop;       /* "lo" */
#endif
};

#endif
