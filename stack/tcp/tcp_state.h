/* tcp/tcp_state.h: what TCP keeps in an instance beside lwIP's pcb lists. Types only.
 *
 * The lists (bound, listening, active, TIME-WAIT) are in struct stack_public under lwIP's names. */
#ifndef STACK_TCP_TCP_STATE_H
#define STACK_TCP_TCP_STATE_H

#include "lwip/opt.h"

#include "lwip/arch.h"
#include "stack/core/ticker.h"

struct tcp_pcb;

/* Bits: many times the number of pcbs that TCP_HASH_SIZE is meant for. */
#define TCP_PORTS_SEEN (TCP_HASH_SIZE * 32u)

/* Words of a key. */
#define TCP_ISN_SECRET (!TCP_ISN_HASH ? 1 : TCP_ISN_SIPHASH ? 4 : 2)

/* A stretch of code that works on a pcb and calls the application, which may free it. Freeing a pcb
 * sets the member to NULL in all holds on it. */
struct tcp_hold {
    struct tcp_pcb *pcb;
    struct tcp_hold *outer;
};

struct tcp_instance {
    struct ticker ticker;          /* wakes the instance when `due`'s root is due */
#if TCP_HASH_SIZE
    struct tcp_pcb *due;           /* due.c: heap of pcbs with a timer armed */
    u32_t due_count;               /* deadlines set so far: the order of equal ones */
    struct tcp_pcb *hash[TCP_HASH_SIZE]; /* demux.c: connections by addresses and ports */
    u32_t unhashed;                /* active pcbs that are in no bucket (put on the list by hand) */
    u32_t ports_seen[TCP_PORTS_SEEN / 32]; /* ports.c: local ports that some pcb may have */
    struct tcp_pcb *tw_oldest;     /* pcb.c: the last of the TIME-WAIT list; NULL: not known */
#endif
    struct tcp_hold *holds;        /* innermost first */
    u32_t secret[TCP_ISN_SECRET];  /* isn.c: of this instance's life [RFC6528] */
    u32_t isn_count;               /* connections made, for the tcp_isn option */
    u32_t ts_offset;               /* of all connections, for the tcp_ts_start option */
    u8_t ts_started;               /* it has been chosen */
    u16_t port_last;               /* ports.c: chosen last, for tcp_port_first; 0: none */
    u8_t ext_arg_ids;
    u8_t ticked;                   /* calls of tcp_fasttmr() since tcp_slowtmr(), at most 2 */
    u32_t ticks_ms;                /* up to where tcp_ticks has counted */
    u32_t iss_by_hand;             /* tcp_next_iss() of nobody */
};

#endif
