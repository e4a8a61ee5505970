/* udp/udp_debug.c: a UDP header as text, for UDP_DEBUG builds. */
#include "lwip/debug.h"
#include "lwip/udp.h"
#include "stack/wire/udp.h"

#if LWIP_UDP && UDP_DEBUG

void udp_debug_print(struct udp_hdr *udphdr)
{
    struct wire_udp u;

    /* whatever is wrong with its length, the fields are what is to be seen */
    (void)wire_udp_parse((const uint8_t *)udphdr, WIRE_UDP_HLEN, 0xffff, &u);
    LWIP_DEBUGF(UDP_DEBUG, ("UDP %" U16_F " > %" U16_F " length %" U16_F " checksum %" X16_F "\n",
                            u.src_port, u.dst_port, u.length, u.checksum));
}

#endif
