/* harness/fuzz/judge.c */
#include "harness/fuzz/judge.h"

#include "harness/fuzz/fuzz.h"
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"
#include "vnet/decode.h"
#include "vnet/impair/repair.h"

#include "lwip/ip4_addr.h"

#include <stdio.h>
#include <string.h>

#define SHOWN 128u
#define FRAME_LONGEST 9216u
#define SHORTEST 60u

struct judged {
    const struct world *world;
    const uint8_t *frame;
    uint32_t len;
    struct decode d;
};

static void wrong(const struct judged *j, const char *what)
{
    char hex[2 * SHOWN + 1] = "";
    for (uint32_t i = 0; i < j->len && i < SHOWN; i++)
        snprintf(hex + 2 * i, 3, "%02x", j->frame[i]);
    fuzz_finding("a host sent a wrong frame: %s: %s%s", what, hex, j->len > SHOWN ? "..." : "");
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t be16(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

static bool is_group(uint32_t addr)
{
    return addr >> 28 == 0xe;
}

/* The interface of any host that has this hardware or IP address. */
static const struct host_interface *owner(const struct world *w, const uint8_t *mac, uint32_t ip)
{
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        const struct host *h = vector_get(&w->hosts, id);
        for (const struct host_interface *i = h != NULL ? h->interfaces : NULL; i != NULL;
             i = i->next)
            if (mac != NULL ? memcmp(i->mac, mac, 6) == 0
                            : ip != 0 && lwip_ntohl(netif_ip4_addr(&i->netif)->addr) == ip)
                return i;
    }
    return NULL;
}

static bool is_directed_broadcast(const struct world *w, uint32_t addr)
{
    for (uint32_t id = 1; id <= w->hosts.count; id++) {
        const struct host *h = vector_get(&w->hosts, id);
        for (const struct host_interface *i = h != NULL ? h->interfaces : NULL; i != NULL;
             i = i->next) {
            uint32_t mask = lwip_ntohl(netif_ip4_netmask(&i->netif)->addr);
            uint32_t own = lwip_ntohl(netif_ip4_addr(&i->netif)->addr);
            if (mask != 0 && ((addr ^ own) & mask) == 0 && (addr & ~mask) == ~mask)
                return true;
        }
    }
    return false;
}

static void judge_arp(const struct judged *j)
{
    const uint8_t *arp = j->frame + j->d.arp;
    uint32_t op = be16(arp + 6);
    if (j->len < j->d.arp + 28)
        wrong(j, "ARP cut short");
    if (op != 1 && op != 2)
        wrong(j, "ARP is neither request nor reply");
    if (memcmp(arp + 8, j->frame + 6, 6) != 0)
        wrong(j, "the sender in ARP is not the frame's");
    if (op == 2 && (j->frame[0] & 1) != 0)
        wrong(j, "an ARP reply to a group");
}

static void judge_addresses(const struct judged *j, uint32_t src, uint32_t dst)
{
    if (is_group(src) || src == UINT32_MAX || src >> 24 == 127 || dst >> 24 == 127)
        wrong(j, "an address that must not be on a wire");
    if (dst == 0)
        wrong(j, "a destination of 0.0.0.0");
    const uint8_t group[6] = {0x01, 0x00, 0x5e, dst >> 16 & 0x7f, dst >> 8 & 0xff, dst & 0xff};
    if (is_group(dst)) {
        if (memcmp(j->frame, group, sizeof group) != 0)
            wrong(j, "not the hardware address of the group");
    } else if ((j->frame[0] & 1) != 0 && dst != UINT32_MAX &&
               !is_directed_broadcast(j->world, dst)) {
        wrong(j, "a single address in a frame to many");
    }
}

/* [RFC1122 3.2.2]: never about an ICMP error, a later fragment, a group, a broadcast, or a source
 * that is no single host. */
static void judge_error(const struct judged *j)
{
    const uint8_t *quote = j->frame + j->d.l4 + 8;
    uint32_t len = j->d.l4_end - j->d.l4;
    if (len < 8 + 20)
        wrong(j, "an ICMP error without a quoted header");
    uint32_t ihl = (quote[0] & 0xfu) * 4, src = be32(quote + 12), dst = be32(quote + 16);
    if (quote[0] >> 4 != 4 || ihl < 20 || len < 8 + ihl)
        wrong(j, "an ICMP error about no datagram");
    if ((be16(quote + 6) & 0x1fff) != 0)
        wrong(j, "an ICMP error about a later fragment");
    if (is_group(dst) || dst == UINT32_MAX || is_directed_broadcast(j->world, dst))
        wrong(j, "an ICMP error about a broadcast or a group");
    if (is_group(src) || src == UINT32_MAX || src == 0 || src >> 24 == 127)
        wrong(j, "an ICMP error about a source that is no single host");
    static const uint8_t queries[] = {0, 8, 9, 10, 13, 14, 15, 16, 17, 18};
    if (quote[9] == DECODE_ICMP && len > 8 + ihl &&
        memchr(queries, quote[ihl], sizeof queries) == NULL)
        wrong(j, "an ICMP error about an ICMP error");
}

/* Zero has two forms in one's complement: an update by RFC 1624 may give the other one, and a
 * receiver's sum comes out right with either. */
static void settle_zero(const struct judged *j, uint8_t *repaired, uint32_t at)
{
    uint32_t had = be16(j->frame + at), has = be16(repaired + at);
    if (had != has && (had | has) == 0xffff && (had & has) == 0)
        memcpy(repaired + at, j->frame + at, 2);
}

static void judge_checksums(const struct judged *j, bool own)
{
    static uint8_t repaired[FRAME_LONGEST];
    bool whole = own && j->d.datagram_whole && j->d.l4 != DECODE_NONE;
    uint32_t end = whole ? j->d.l4_end : j->d.ip + j->d.ip_header_len;
    memcpy(repaired, j->frame, j->len);
    repair_checksums(repaired, j->len);
    settle_zero(j, repaired, j->d.ip + 10);
    if (whole && j->d.l4_end - j->d.l4 >= 8 &&
        (j->d.proto == DECODE_ICMP || j->d.proto == DECODE_IGMP))
        settle_zero(j, repaired, j->d.l4 + 2);
    if (memcmp(repaired, j->frame, end) != 0)
        wrong(j, "a checksum is wrong");
}

static void judge_ip(const struct judged *j)
{
    const uint8_t *ip = j->frame + j->d.ip;
    uint32_t total = be16(ip + 2), src = be32(ip + 12), dst = be32(ip + 16);
    bool own = owner(j->world, NULL, src) != NULL;
    if (!j->d.ip_header_whole)
        wrong(j, "a header length that cannot be");
    if (total < j->d.ip_header_len || j->d.ip + total > j->len)
        wrong(j, "a total length that cannot be");
    if (j->len > SHORTEST && j->d.ip + total != j->len)
        wrong(j, "bytes behind the datagram");
    if (ip[8] == 0)
        wrong(j, "no time to live");
    judge_addresses(j, src, dst);
    judge_checksums(j, own);
    if (!own || j->d.l4 == DECODE_NONE || j->d.proto != DECODE_ICMP)
        return;
    uint8_t type = j->frame[j->d.l4];
    if (type == 3 || type == 4 || type == 5 || type == 11 || type == 12)
        judge_error(j);
}

void judge_frame(const struct world *w, const uint8_t *frame, uint32_t len)
{
    struct judged j = {.world = w, .frame = frame, .len = len};
    if (len < SHORTEST || len > FRAME_LONGEST)
        wrong(&j, "its length");
    if (owner(w, frame + 6, 0) == NULL)
        wrong(&j, "it is from nobody's address");
    decode_frame(&j.d, frame, len);
    if (j.d.arp != DECODE_NONE)
        judge_arp(&j);
    else if (j.d.ip != DECODE_NONE)
        judge_ip(&j);
    else
        wrong(&j, "neither ARP nor IPv4");
}
