/* ipv4/ip4_debug.c: an IPv4 header as text, in builds with IP_DEBUG. */
#include "lwip/debug.h"
#include "stack/ipv4/ip4_local.h"

#if IP_DEBUG

void ip4_debug_print(struct pbuf *p)
{
    struct wire_ip4 h;

    if (wire_ip4_parse(&h, p->payload, p->len, WIRE_IP4_TOTAL_MAX) != WIRE_IP4_OK) {
        LWIP_DEBUGF(IP_DEBUG, ("IP: no valid header in %" U16_F " bytes\n", p->len));
        return;
    }
    LWIP_DEBUGF(IP_DEBUG, ("IP: %" X32_F " -> %" X32_F " protocol %" U16_F " length %" U16_F
                           " header %" U16_F "\n",
                           h.src, h.dst, (u16_t)h.proto, h.total_len, (u16_t)h.header_len));
    LWIP_DEBUGF(IP_DEBUG, ("IP: id %" X16_F " flags and offset %" X16_F " ttl %" U16_F
                           " tos %" X16_F "\n",
                           h.id, h.fragment, (u16_t)h.ttl, (u16_t)h.tos));
}

#endif
