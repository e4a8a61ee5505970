/* tcp/due.h: which connection's timer expires next.
 *
 * A pairing heap over pcb->due_ms (TCP's clock, wrap-safe within 2^31 ms) with its links in the
 * pcbs: inserting is O(1), taking the first or moving one O(log n) amortised, nothing is allocated.
 * Pcbs that are due at the same time come in the order in which they were put there (one that is
 * set to the time it has already keeps its place). It keeps the
 * instance's ticker armed for its root: a host is woken when something is due and at no other
 * time. With TCP_HASH_SIZE 0 there is no heap: due_list.c goes through all connections. */
#ifndef STACK_TCP_DUE_H
#define STACK_TCP_DUE_H

#include "lwip/tcp.h"

#include <stdbool.h>

/* The pcb's timers have changed. */
void tcp_due_update(struct tcp_pcb *pcb);
#if TCP_HASH_SIZE
/* Puts pcb in, or moves it, to expire at due_ms. */
void tcp_due_set(struct tcp_pcb *pcb, u32_t due_ms);
/* Takes it out; no harm if it is not in. */
void tcp_due_clear(struct tcp_pcb *pcb);
#endif
/* The pcb that is due first if its time has come, else NULL. It stays in. */
struct tcp_pcb *tcp_due_expired(void);
/* NULL, or what is wrong with the heap's order, its links or the ticker's deadline. */
const char *tcp_due_check(void);

#endif
