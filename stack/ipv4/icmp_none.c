/* ipv4/icmp_none.c: the functions of ICMP in builds without it (LWIP_ICMP 0). */
#include "lwip/icmp.h"
#include "stack/ipv4/icmp_local.h"

#if !LWIP_ICMP

void icmp_error_send(const struct pbuf *p, u8_t type, u8_t code, u32_t word)
{
    (void)p;
    (void)type;
    (void)code;
    (void)word;
}

void icmp_dest_unreach(struct pbuf *p, enum icmp_dur_type t)
{
    (void)p;
    (void)t;
}

void icmp_time_exceeded(struct pbuf *p, enum icmp_te_type t)
{
    (void)p;
    (void)t;
}

void icmp_input(struct pbuf *p, struct netif *inp)
{
    (void)inp;
    pbuf_free(p);
}

#endif
