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
    if (((addr ^ own) & mask) != 0 || addr == own)
        return 0;
    return (netif->flags & NETIF_FLAG_BROADCAST) != 0;
}

/* 1: netmask (network order) is ones followed by zeros; all ones and all zeros count. */
u8_t ip4_addr_netmask_valid(u32_t netmask)
{
    u32_t zeros = ~lwip_ntohl(netmask);
    return (zeros & (zeros + 1)) == 0;
}

u32_t ipaddr_addr(const char *cp)
{
    ip4_addr_t addr = {IPADDR_NONE};
    ip4addr_aton(cp, &addr);
    return ip4_addr_get_u32(&addr);
}

/* Value of a digit in any base up to 16; more than that: it is none. */
static unsigned digit(unsigned c)
{
    unsigned d = c - '0', letter = (c | ('a' - 'A')) - 'a';
    if (d > 9)
        d = letter < 6 ? letter + 10 : 99;
    return d;
}

/* A number in C notation: 0x hexadecimal, 0 octal, else decimal. NULL: there is none, or it does
 * not fit 32 bits; else what follows it. */
static const char *read_number(const char *cp, u32_t *value)
{
    u32_t base = 10, v = 0, d;
    if (!lwip_isdigit(*cp))
        return NULL;
    if (*cp == '0') {
        base = 8;
        cp++;
        if (*cp == 'x' || *cp == 'X') {
            base = 16;
            cp++;
        }
    }
    for (; (d = digit((u8_t)*cp)) < base; cp++) {
        u32_t more = v * base + d;
        if (more / base != v)
            return NULL;
        v = more;
    }
    *value = v;
    return cp;
}

/* Reads "a.b.c.d", or the short forms "a.b.c", "a.b" and "a", whose last number fills all the bytes
 * that are left. White space may follow, and then anything. 1: done; 0: no address, *addr is as
 * it was. addr may be NULL. */
int ip4addr_aton(const char *cp, ip4_addr_t *addr)
{
    ip4_addr_t read;
    u8_t *bytes = (u8_t *)&read.addr;
    u32_t value;
    unsigned n = 0;
    while ((cp = read_number(cp, &value)) != NULL && *cp == '.') {
        if (value > 0xff || n == 3)
            return 0;
        bytes[n++] = (u8_t)value;
        cp++;
    }
    if (cp == NULL || (*cp != '\0' && !lwip_isspace(*cp)))
        return 0;
    for (unsigned i = 4; i-- > n; value >>= 8)
        bytes[i] = (u8_t)value;
    if (value != 0)
        return 0;
    if (addr != NULL)
        *addr = read;
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
    char *at = buf, *const end = buf + buflen;
    for (unsigned i = 0; i < 4; i++) {
        if (at >= end)
            return NULL;
        lwip_itoa(at, (size_t)(end - at), bytes[i]);
        size_t n = strlen(at);
        if (n == 0)
            return NULL;
        at += n;
        *at++ = '.';
    }
    at[-1] = '\0';
    return buf;
}

#endif
