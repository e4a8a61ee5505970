/* harness/host/ping.c: [RFC792] echo, [RFC1122 3.2.2.6]. */
#include "harness/host/ping.h"

#include "harness/host/host.h"
#include "harness/host/world.h"

#include "lwip/icmp.h"
#include "lwip/ip.h"
#include "lwip/ip4.h"
#include "lwip/raw.h"

#include <string.h>

#define ECHO_HEADER 8u
#define IP_HEADER 20u
#define RESULTS_MAX 1024u
#define TYPE_ECHO_REPLY 0u
#define TYPE_UNREACHABLE 3u
#define TYPE_ECHO 8u
#define TYPE_TIME_EXCEEDED 11u
#define TYPE_PARAMETER 12u

static uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

/* [RFC1071], plainly: this end must not share code with the stack it looks at. */
static uint16_t checksum(const uint8_t *bytes, uint32_t len)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < len; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void close_ping(struct object *o)
{
    struct ping *ping = (struct ping *)o;
    if (ping->pcb != NULL)
        raw_remove(ping->pcb);
    inbox_empty(&ping->inbox);
}

static bool ready(const struct object *o)
{
    return ((const struct ping *)o)->inbox.first != NULL;
}

const struct object_class ping_class = {
    .kind = OBJECT_PING,
    .name = "ping",
    .size = sizeof(struct ping),
    .close = close_ping,
    .ready = ready,
};

/* Receiving. */

/* A raw pcb sees messages before the stack has checked them [RFC1122 3.2.2]. What comes by an
 * interface that leaves checksums alone bears none. */
static bool is_intact(const struct pbuf *p, uint32_t at)
{
    uint32_t sum = 0, n = 0;
    if ((ip_current_input_netif()->chksum_flags & NETIF_CHECKSUM_CHECK_ICMP) == 0)
        return true;
    for (; p != NULL; p = p->next) {
        const uint8_t *bytes = p->payload;
        uint32_t skipped = at < p->len ? at : p->len;
        at -= skipped;
        for (uint32_t i = skipped; i < p->len; i++, n++)
            sum += n % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    }
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum == 0xffff;
}

static bool is_ours(const struct ping *ping, const uint8_t *echo, uint8_t type)
{
    return echo[0] == type && be16(echo + 4) == ping->id && be16(echo + 6) == ping->seq;
}

/* An ICMP error that quotes the request: header, 8 bytes, the quoted IP header, 8 more bytes. */
static bool quotes_us(const struct ping *ping, struct pbuf *p, uint32_t at)
{
    uint8_t ip[IP_HEADER], echo[ECHO_HEADER];
    at += ECHO_HEADER;
    if (pbuf_copy_partial(p, ip, sizeof ip, (u16_t)at) != sizeof ip)
        return false;
    uint32_t header = (ip[0] & 0x0fu) * 4u;
    if (ip[0] >> 4 != 4 || header < IP_HEADER || ip[9] != IP_PROTO_ICMP)
        return false;
    if (pbuf_copy_partial(p, echo, sizeof echo, (u16_t)(at + header)) != sizeof echo)
        return false;
    return is_ours(ping, echo, TYPE_ECHO);
}

static void keep(struct ping *ping, struct pbuf *p, uint32_t at, const uint8_t *icmp)
{
    bool error = icmp[0] != TYPE_ECHO_REPLY;
    uint64_t now_ns = ping->object.host->world->sim->now_ns;
    struct inbox_item *item = inbox_put_received(&ping->inbox, p, at + ECHO_HEADER, now_ns);
    if (item == NULL)
        return;
    item->rtt_ns = now_ns - ping->sent_ns;
    item->is_icmp = error;
    item->icmp_type = icmp[0];
    item->icmp_code = icmp[1];
    object_notify(&ping->object);
}

/* p's payload is at the IP header. Returns 1 when it has eaten p. */
static u8_t received(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    struct ping *ping = arg;
    uint8_t first, icmp[ECHO_HEADER];
    (void)pcb;
    (void)addr;
    if (pbuf_copy_partial(p, &first, 1, 0) != 1)
        return 0;
    uint32_t at = (first & 0x0fu) * 4u;
    if (pbuf_copy_partial(p, icmp, sizeof icmp, (u16_t)at) != sizeof icmp || !is_intact(p, at))
        return 0;
    if (is_ours(ping, icmp, TYPE_ECHO_REPLY)) {
        keep(ping, p, at, icmp);
        pbuf_free(p);
        return 1;
    }
    bool error = icmp[0] == TYPE_UNREACHABLE || icmp[0] == TYPE_TIME_EXCEEDED ||
                 icmp[0] == TYPE_PARAMETER;
    if (error && quotes_us(ping, p, at))
        keep(ping, p, at, icmp);
    return 0; /* the stack has a use for errors too */
}

/* Sending. */

static struct pbuf *build_echo(const struct ping_config *config)
{
    struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)(ECHO_HEADER + config->len), PBUF_RAM);
    if (p == NULL)
        return NULL;
    uint8_t *echo = p->payload;
    memset(echo, 0, ECHO_HEADER);
    echo[0] = TYPE_ECHO;
    put16(echo + 4, config->id);
    put16(echo + 6, config->seq);
    if (config->len > 0)
        memcpy(echo + ECHO_HEADER, config->data, config->len);
    put16(echo + 2, checksum(echo, ECHO_HEADER + config->len));
    return p;
}

/* "Don't fragment" has no knob in the API: such a request carries a header of our own. */
static err_t send_unfragmented(struct raw_pcb *pcb, struct pbuf *p,
                               const struct ping_config *config)
{
    ip4_addr_t to = {lwip_htonl(config->addr)};
    const struct netif *netif = ip4_route(&to);
    if (netif == NULL)
        return ERR_RTE;
    if (pbuf_add_header(p, IP_HEADER) != 0)
        return ERR_BUF;
    uint8_t *ip = p->payload;
    memset(ip, 0, IP_HEADER);
    ip[0] = 0x45;
    put16(ip + 2, p->tot_len);
    put16(ip + 4, config->seq);
    ip[6] = 0x40; /* DF */
    ip[8] = pcb->ttl;
    ip[9] = IP_PROTO_ICMP;
    memcpy(ip + 12, netif_ip4_addr(netif), 4);
    memcpy(ip + 16, &to, 4);
    put16(ip + 10, checksum(ip, IP_HEADER));
    raw_set_flags(pcb, RAW_FLAGS_HDRINCL);
    ip_addr_t dst;
    ip_addr_copy_from_ip4(dst, to);
    return raw_sendto(pcb, p, &dst);
}

static err_t transmit(struct ping *ping, const struct ping_config *config)
{
    ping->pcb = raw_new(IP_PROTO_ICMP);
    if (ping->pcb == NULL)
        return ERR_MEM;
    raw_recv(ping->pcb, received, ping);
    ip_set_option(ping->pcb, SOF_BROADCAST);
    if (config->ttl >= 0)
        ping->pcb->ttl = (u8_t)config->ttl;
    struct pbuf *p = build_echo(config);
    if (p == NULL)
        return ERR_MEM;
    ip_addr_t to;
    ip_addr_set_ip4_u32_val(to, lwip_htonl(config->addr));
    err_t err = config->df ? send_unfragmented(ping->pcb, p, config)
                           : raw_sendto(ping->pcb, p, &to);
    pbuf_free(p);
    return err;
}

struct ping *ping_new(struct host *h, const struct ping_config *config, err_t *err)
{
    struct ping *ping = (struct ping *)object_new(h, &ping_class);
    *err = ERR_MEM;
    if (ping == NULL)
        return NULL;
    ping->inbox.capacity = RESULTS_MAX;
    ping->id = config->id;
    ping->seq = config->seq;
    ping->sent_ns = h->world->sim->now_ns;
    host_enter(h);
    *err = transmit(ping, config);
    host_leave(h);
    return ping;
}
