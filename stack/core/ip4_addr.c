/* core/ip4_addr.c: IPv4 addresses as text, and what kind of address one is. */
#include "lwip/ip4_addr.h"

#include "stack/core/instance.h"

#include "lwip/def.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"

#include <string.h>

#if LWIP_IPV4

const ip_addr_t ip_addr_any = IPADDR4_INIT(IPADDR_ANY);
const ip_addr_t ip_addr_broadcast = IPADDR4_INIT(IPADDR_BROADCAST);

/* 1: packets for addr (network order) are for everyone that is reachable through netif. */
u8_t ip4_addr_isbroadcast_u32(u32_t addr, const struct netif *netif)
{
    u32_t mask = ip4_addr_get_u32(netif_ip4_netmask(netif));
    u32_t own = ip4_addr_get_u32(netif_ip4_addr(netif));
    if (addr == IPADDR_BROADCAST || addr == IPADDR_ANY)
        return 1;
    if ((addr | mask) != IPADDR_BROADCAST) /* a host part that is not all ones: nearly always */
        return 0;
    if (!(netif->flags & NETIF_FLAG_BROADCAST) || addr == own)
        return 0;
    return ((addr ^ own) & mask) == 0;
}

/* 1: netmask (network order) is ones followed by zeros; all ones and all zeros count. */
u8_t ip4_addr_netmask_valid(u32_t netmask)
{
    u32_t zeros = ~lwip_ntohl(netmask);
    return (zeros & (zeros + 1)) == 0;
}

u32_t ipaddr_addr(const char *cp)
{
    ip4_addr_t addr;
    return ip4addr_aton(cp, &addr) ? ip4_addr_get_u32(&addr) : IPADDR_NONE;
}

/* Value of a digit in `base` (8, 10 or 16); -1: it is none. */
static int digit(char c, u32_t base)
{
    int d = -1;
    if (c >= '0' && c <= '9')
        d = c - '0';
    else if (c >= 'a' && c <= 'f')
        d = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
        d = c - 'A' + 10;
    return d < (int)base ? d : -1;
}

/* A number in C notation: 0x hexadecimal, 0 octal, else decimal. NULL: there is none, or it does
 * not fit 32 bits; else what follows it. */
static const char *read_number(const char *cp, u32_t *value)
{
    u32_t base = 10, v = 0;
    int d;
    if (digit(*cp, 10) < 0)
        return NULL;
    if (*cp == '0') {
        base = 8;
        cp++;
        if (*cp == 'x' || *cp == 'X') {
            base = 16;
            cp++;
        }
    }
    for (; (d = digit(*cp, base)) >= 0; cp++) {
        if (v > (0xffffffffu - (u32_t)d) / base)
            return NULL;
        v = v * base + (u32_t)d;
    }
    *value = v;
    return cp;
}

/* Reads "a.b.c.d", or the short forms "a.b.c", "a.b" and "a", whose last number fills all the bytes
 * that are left. White space may follow, and then anything. 1: done; 0: no address, *addr is as
 * it was. addr may be NULL. */
int ip4addr_aton(const char *cp, ip4_addr_t *addr)
{
    u32_t parts[4];
    unsigned n = 0;
    for (;;) {
        cp = read_number(cp, &parts[n]);
        if (cp == NULL)
            return 0;
        n++;
        if (*cp != '.')
            break;
        if (n == 4)
            return 0;
        cp++;
    }
    if (*cp != '\0' && !lwip_isspace(*cp))
        return 0;
    u32_t value = 0;
    for (unsigned i = 0; i + 1 < n; i++) {
        if (parts[i] > 0xff)
            return 0;
        value |= parts[i] << (24 - 8 * i);
    }
    if (parts[n - 1] > 0xffffffffu >> (8 * (n - 1)))
        return 0;
    if (addr != NULL)
        ip4_addr_set_u32(addr, lwip_htonl(value | parts[n - 1]));
    return 1;
}

/* The text is the instance's; the next call overwrites it. */
char *ip4addr_ntoa(const ip4_addr_t *addr)
{
    return ip4addr_ntoa_r(addr, STACK->text, sizeof STACK->text);
}

/* NULL: buf is too small. */
char *ip4addr_ntoa_r(const ip4_addr_t *addr, char *buf, int buflen)
{
    const u8_t *bytes = (const u8_t *)&addr->addr;
    char text[IP4ADDR_STRLEN_MAX];
    size_t n = 0;
    for (unsigned i = 0; i < 4; i++) {
        lwip_itoa(&text[n], sizeof text - n, bytes[i]);
        n += strlen(&text[n]);
        text[n++] = i < 3 ? '.' : '\0';
    }
    return (int)n > buflen ? NULL : memcpy(buf, text, n);
}

#endif
