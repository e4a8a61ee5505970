/* lwip/priv/current.h: how code finds the instance it runs on.
 *
 * lwIP keeps its state in globals. Here all state hangs off one struct stack; what lwIP's users
 * know as globals (netif_list, netif_default, udp_pcbs, lwip_stats, ip_data ...) are macros that
 * resolve to the current instance. Their address is therefore no constant: it may not stand in a
 * static initialiser.
 *
 * Multi-instance builds (LWIP_MULTI_INSTANCE 1, the simulator): stack_current is the one mutable
 * global of the stack; the host sets it on entry (stack_enter). Single-instance builds: it is the
 * address of a static object and costs nothing. */
#ifndef LWIP_HDR_PRIV_CURRENT_H
#define LWIP_HDR_PRIV_CURRENT_H

#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

struct netif;
struct netif_ext_callback;
struct udp_pcb;
struct raw_pcb;
struct tcp_pcb;
struct tcp_pcb_listen;
struct stats_;
struct ip_globals;
struct stack; /* stack/core/instance.h: not for applications */

/* lwIP's name for its list of listeners: as what they are, or as any pcb. */
union tcp_listen_pcbs_t {
    struct tcp_pcb_listen *listen_pcbs;
    struct tcp_pcb *pcbs;
};

/* The part of an instance that lwIP's public macros look at: the head of struct stack. */
struct stack_public {
    struct netif *netif_list_;    /* latest added first */
    struct netif *netif_default_; /* may be NULL */
    struct udp_pcb *udp_pcbs_;
    struct raw_pcb *raw_pcbs_;
    struct tcp_pcb *tcp_bound_pcbs_;  /* bound, not yet connected */
    union tcp_listen_pcbs_t tcp_listen_pcbs_;
    struct tcp_pcb *tcp_active_pcbs_; /* all states from SYN-SENT to LAST-ACK */
    struct tcp_pcb *tcp_tw_pcbs_;     /* TIME-WAIT */
    u32_t tcp_ticks_;                 /* 500 ms each, counted when TCP's timers run */
    struct stats_ *stats_;         /* into the instance, if statistics are kept */
    struct ip_globals *ip_data_;   /* never NULL: points into the instance */
};

#if LWIP_MULTI_INSTANCE
extern struct stack_public *stack_current;
#else
extern struct stack stack_only;
#define stack_current ((struct stack_public *)&stack_only)
#endif

#ifdef __cplusplus
}
#endif

#endif
