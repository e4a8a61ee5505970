/* consumer/wire.c: see wire.h. */
#include "wire.h"

#include "lwip/etharp.h"
#include "lwip/pbuf.h"

#include <string.h>

#define QUEUE 32

const uint8_t stack_mac[6] = {2, 0, 0, 0, 0, 1}, peer_mac[6] = {2, 0, 0, 0, 0, 2};
const uint8_t all_mac[6] = {255, 255, 255, 255, 255, 255}, no_mac[6];

static struct frame queue[QUEUE];
static size_t put, taken;

static err_t link_output(struct netif *netif, struct pbuf *p)
{
    (void)netif;
    if (put - taken == QUEUE || p->tot_len > sizeof queue[0].bytes)
        return ERR_IF;
    struct frame *f = &queue[put++ % QUEUE];
    f->len = 0;
    for (struct pbuf *q = p; q != NULL; q = q->next) {
        memcpy(f->bytes + f->len, q->payload, q->len);
        f->len += q->len;
    }
    return ERR_OK;
}

err_t wire_init(struct netif *netif)
{
    netif->name[0] = 'e';
    netif->name[1] = 'n';
    netif->output = etharp_output;
    netif->linkoutput = link_output;
    netif->mtu = 1500;
    netif->hwaddr_len = ETH_HWADDR_LEN;
    memcpy(netif->hwaddr, stack_mac, ETH_HWADDR_LEN);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET |
                   NETIF_FLAG_IGMP;
    return ERR_OK;
}

int wire_input(struct netif *netif, const struct frame *f)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)f->len, PBUF_POOL);
    if (p == NULL)
        return -1;
    pbuf_take(p, f->bytes, (u16_t)f->len);
    if (netif->input(p, netif) != ERR_OK)
        pbuf_free(p);
    return 0;
}

const struct frame *wire_take(void)
{
    return taken == put ? NULL : &queue[taken++ % QUEUE];
}

static void put16(uint8_t *at, unsigned v)
{
    at[0] = (uint8_t)(v >> 8);
    at[1] = (uint8_t)v;
}

static void put32(uint8_t *at, uint32_t v)
{
    put16(at, v >> 16);
    put16(at + 2, v & 0xffff);
}

unsigned frame_checksum(uint32_t sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum > 0xffff)
        sum = (sum >> 16) + (sum & 0xffff);
    return ~sum & 0xffff;
}

static void ethernet(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned type)
{
    memset(f, 0, sizeof *f);
    memcpy(f->bytes, dst, 6);
    memcpy(f->bytes + 6, src, 6);
    put16(f->bytes + 12, type);
}

void frame_arp(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned op,
               uint32_t sender, const uint8_t target_mac[6], uint32_t target)
{
    ethernet(f, dst, src, 0x0806);
    uint8_t *arp = f->bytes + 14;
    put16(arp, 1);
    put16(arp + 2, 0x0800);
    arp[4] = 6;
    arp[5] = 4;
    put16(arp + 6, op);
    memcpy(arp + 8, src, 6);
    put32(arp + 14, sender);
    memcpy(arp + 18, target_mac, 6);
    put32(arp + 24, target);
    f->len = 42;
}

void frame_ip(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned id,
              unsigned ttl, unsigned proto, uint32_t from, uint32_t to, const void *data,
              size_t len)
{
    ethernet(f, dst, src, 0x0800);
    uint8_t *ip = f->bytes + 14;
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)(20 + len));
    put16(ip + 4, id);
    ip[8] = (uint8_t)ttl;
    ip[9] = (uint8_t)proto;
    put32(ip + 12, from);
    put32(ip + 16, to);
    put16(ip + 10, frame_checksum(0, ip, 20));
    memcpy(ip + 20, data, len);
    f->len = 34 + len;
}

void frame_udp(struct frame *f, const uint8_t dst[6], const uint8_t src[6], unsigned id,
               unsigned ttl, uint32_t from, unsigned sport, uint32_t to, unsigned dport,
               const void *data, size_t len)
{
    uint8_t udp[1480] = {0};
    put16(udp, sport);
    put16(udp + 2, dport);
    put16(udp + 4, (unsigned)(8 + len));
    memcpy(udp + 8, data, len);
    uint32_t pseudo = (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff) + 17 +
                      (uint32_t)(8 + len);
    put16(udp + 6, frame_checksum(pseudo, udp, 8 + len));
    frame_ip(f, dst, src, id, ttl, 17, from, to, udp, 8 + len);
}
