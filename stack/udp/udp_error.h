/* udp/udp_error.h: ICMP errors about datagrams that a connected pcb sent.
 *
 * lwIP's API has no place for them; [RFC1122 4.1.3.3] asks that the application can learn of them.
 * One function per instance, NULL to be told nothing. `error` is valid during the call. Only pcbs
 * connected to the datagram's destination are reported: an error about a datagram that an
 * unconnected pcb sent cannot be told from a forged one. */
#ifndef STACK_UDP_UDP_ERROR_H
#define STACK_UDP_UDP_ERROR_H

#include "lwip/udp.h"
#include "stack/core/modules.h"

void udp_error_set(void (*report)(struct udp_pcb *pcb, const struct icmp_error *error));

#endif
