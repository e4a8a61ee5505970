/* few/lwipopts.h: many hosts, of which none can have what is left out here. */
#ifndef FEW_LWIPOPTS_H
#define FEW_LWIPOPTS_H

#include "stack/ports/sim/lwipopts.h"

#define LWIP_TCP_CUBIC 0
#undef LWIP_WND_SCALE
#define LWIP_WND_SCALE 0
#define TCP_QUEUE_OOSEQ 0
#undef LWIP_TCP_SACK_OUT
#define LWIP_TCP_SACK_OUT 0
#define LWIP_TCP_ICMP_ERRORS 0
#undef LWIP_TCP_PMTUD
#define LWIP_TCP_PMTUD 0

#endif
