/* lwip/priv/raw_priv.h: raw pcbs as seen by IP input. Not API. */
#ifndef LWIP_HDR_RAW_PRIV_H
#define LWIP_HDR_RAW_PRIV_H

#include "lwip/raw.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum raw_input_state {
    RAW_INPUT_NONE = 0,  /* no pcb wanted it */
    RAW_INPUT_EATEN,     /* one took it */
    RAW_INPUT_DELIVERED  /* one saw it */
} raw_input_state_t;

/* p begins with the IP header. */
raw_input_state_t raw_input(struct pbuf *p, struct netif *inp);
void raw_netif_ip_addr_changed(const ip_addr_t *old_addr, const ip_addr_t *new_addr);

#ifdef __cplusplus
}
#endif

#endif
