/* ip_view.c: what an application learns of the IP header of what it receives, and what it may put
 * into the header of what it sends, by lwIP's API alone.
 *
 * Arguments: PORT [ttl N] [tos N] [options HEX]. Says one line per datagram and sends it back from
 * the address that it was sent to, by the interface it came in by; ICMP errors that reach the host
 * are said, too. */
#include "lockwire/app.h"

#include "lwip/ip.h"
#include "lwip/prot/icmp.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static u8_t options[44];

static void to_hex(char *text, const u8_t *bytes, unsigned n)
{
    text[0] = '-';
    text[1] = '\0';
    for (unsigned i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void got_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                         u16_t port)
{
    (void)arg;
    const struct ip_hdr *header = ip4_current_header();
    char hex[2 * 40 + 1], source[16], dest[16];
    ipaddr_ntoa_r(from, source, sizeof source);
    ipaddr_ntoa_r(ip_current_dest_addr(), dest, sizeof dest);
    to_hex(hex, (const u8_t *)header + IP_HLEN, (unsigned)ip_current_header_tot_len() - IP_HLEN);
    app_printf("%s:%u > %s ttl %u tos %u options %s: %u bytes\n", source, port, dest,
               IPH_TTL(header), IPH_TOS(header), hex, p->tot_len);
    err_t err = udp_sendto_if_src(pcb, p, from, port, ip_current_input_netif(),
                                  ip_current_dest_addr());
    if (err != ERR_OK)
        app_printf("no answer: %d\n", err);
    pbuf_free(p);
}

/* Of what an error quotes: protocol, destination and port of the datagram it is about. */
static u8_t got_icmp(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
    u8_t m[8 + 28];
    char source[16];
    (void)arg;
    (void)pcb;
    u16_t at = ip_current_header_tot_len();
    ipaddr_ntoa_r(from, source, sizeof source);
    if (pbuf_copy_partial(p, m, sizeof m, at) == sizeof m && m[0] != ICMP_ECHO && m[0] != ICMP_ER)
        app_printf("icmp %u/%u from %s about protocol %u to %u.%u.%u.%u port %u\n", m[0], m[1],
                   source, m[8 + 9], m[8 + 16], m[8 + 17], m[8 + 18], m[8 + 19],
                   m[8 + 22] << 8 | m[8 + 23]);
    return 0; /* the stack may have it as well */
}

static u8_t from_hex(const char *text)
{
    u8_t n = 0;
    unsigned octet;
    while (n < sizeof options && sscanf(text + 2 * n, "%2x", &octet) == 1)
        options[n++] = (u8_t)octet;
    return n;
}

void app_main(int argc, char **argv)
{
    struct udp_pcb *pcb = udp_new();
    struct raw_pcb *icmp = raw_new(IP_PROTO_ICMP);
    if (pcb == NULL || icmp == NULL || argc < 2 ||
        udp_bind(pcb, IP_ADDR_ANY, (u16_t)atoi(argv[1])) != ERR_OK) {
        app_printf("no socket\n");
        return;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "ttl") == 0)
            pcb->ttl = (u8_t)atoi(argv[i + 1]);
        else if (strcmp(argv[i], "tos") == 0)
            pcb->tos = (u8_t)atoi(argv[i + 1]);
        else if (strcmp(argv[i], "options") == 0)
            udp_set_ip_options(pcb, options, from_hex(argv[i + 1]));
    }
    udp_recv(pcb, got_datagram, NULL);
    raw_recv(icmp, got_icmp, NULL);
}
