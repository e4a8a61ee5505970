/* raw/raw_local.h: what the files of raw share. */
#ifndef STACK_RAW_RAW_LOCAL_H
#define STACK_RAW_RAW_LOCAL_H

#include "lwip/priv/raw_priv.h"
#include "stack/core/modules.h"

/* Shows the datagram to every pcb that admits it until one eats it. p's payload is at the IP
 * header, and there again afterwards unless it was eaten. */
enum raw_verdict raw_receive(struct pbuf *p, struct netif *inp);

#endif
