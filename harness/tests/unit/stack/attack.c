/* attack.c: see attack.h. */
#include "attack.h"

/* ---- a second interface ---- */

struct netif other;
unsigned other_sent;

err_t other_linkoutput(struct netif *netif, struct pbuf *p)
{
    (void)netif;
    (void)p;
    other_sent++;
    return ERR_OK;
}

static err_t other_init(struct netif *netif)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 0, 2};
    station_netif_init(netif);
    netif->name[0] = 'o';
    netif->name[1] = 't';
    netif->linkoutput = other_linkoutput;
    memcpy(netif->hwaddr, mac, 6);
    return ERR_OK;
}

void add_other(uint32_t ip)
{
    ip4_addr_t addr = station_addr(ip), mask = station_addr(ip == 0 ? 0 : 0xffffff00u),
               none = station_addr(0);
    CHECK(netif_add(&other, &addr, &mask, &none, NULL, other_init, ethernet_input) == &other);
    netif_set_up(&other);
    netif_set_link_up(&other);
    other_sent = 0;
}

/* ---- a socket that remembers ---- */

struct attack_got got;

static void receive(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                    u16_t port)
{
    (void)arg;
    (void)pcb;
    (void)addr;
    (void)port;
    CHECK(p != NULL);
    got.count++;
    got.len = p->tot_len;
    got.on = ip_current_netif();
    got.flags = p->flags;
    got.if_idx = p->if_idx;
    pbuf_copy_partial(p, got.bytes, sizeof got.bytes, 0);
    pbuf_free(p);
}

struct udp_pcb *listen_at(uint16_t port)
{
    struct udp_pcb *pcb = udp_new();
    memset(&got, 0, sizeof got);
    CHECK_INT(udp_bind(pcb, IP_ANY_TYPE, port), ERR_OK);
    ip_set_option(pcb, SOF_BROADCAST);
    udp_recv(pcb, receive, NULL);
    return pcb;
}

/* ---- chains ---- */

struct pbuf *chained(const uint8_t *frame, size_t len, size_t first, size_t rest)
{
    struct pbuf *chain = NULL;
    for (size_t at = 0; at < len;) {
        size_t n = at == 0 ? first : rest;
        if (n > len - at)
            n = len - at;
        struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM);
        CHECK(p != NULL);
        memcpy(p->payload, frame + at, n);
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
        at += n;
    }
    return chain;
}

void in_chain(struct station *t, const uint8_t *frame, size_t len, size_t first, size_t rest)
{
    struct pbuf *p = chained(frame, len, first, rest);
    if (t->netif.input(p, &t->netif) != ERR_OK)
        pbuf_free(p);
    station_check(t);
}
/* ---- frames to cut ---- */

size_t ip_frame(uint8_t *f, uint8_t proto, uint16_t fragment, const char *options, size_t optlen,
                const void *data, size_t len)
{
    struct wire_ip4 w = {.header_len = (uint8_t)(20 + optlen), .ttl = 9, .id = 77, .proto = proto,
                         .total_len = (uint16_t)(20 + optlen + len), .fragment = fragment,
                         .src = PEER_IP, .dst = STATION_IP};
    wire_ethernet_emit(f, station_mac, peer_mac, WIRE_ETHERTYPE_IP4);
    wire_ip4_emit(f + 14, &w);
    if (optlen != 0)
        memcpy(f + 34, options, optlen);
    put_be16(f + 24, checksum_fold(checksum_add(0, f + 14, w.header_len)));
    memcpy(f + 34 + optlen, data, len);
    return 34 + optlen + len;
}

static void add_ip(struct cut_case *c, const char *name, uint8_t proto, uint16_t fragment,
                   const char *options, size_t optlen, const void *data, size_t len)
{
    c->name = name;
    c->contiguous = 34 + optlen;
    c->len = ip_frame(c->bytes, proto, fragment, options, optlen, data, len);
}

unsigned cut_cases(struct cut_case *c)
{
    static const uint8_t echo[13] = {8, 0, 0, 0, 1, 2, 3, 4, 'd', 'a', 't', 'a', '!'};
    static const uint8_t udp[9] = {0, 9, 0, 99, 0, 9, 0, 0, 'x'};
    static const char record[8] = {7, 7, 4, 0, 0, 0, 0, 0}, bad[4] = {7, 3, 1, 0};
    struct cut_case *begin = c;
    uint8_t message[13];
    memcpy(message, echo, sizeof message);
    put_be16(message + 2, checksum_fold(checksum_add(0, message, sizeof message)));
    add_ip(c++, "echo", 1, 0, NULL, 0, message, sizeof message);
    add_ip(c++, "echo with options", 1, 0, record, 8, message, sizeof message);
    add_ip(c++, "empty echo, bad checksum", 1, 0, NULL, 0, echo, 8);
    add_ip(c++, "closed port", 17, 0, NULL, 0, udp, sizeof udp);
    add_ip(c++, "bad option", 17, 0, bad, 4, udp, sizeof udp);
    add_ip(c++, "no protocol", 200, 0, NULL, 0, udp, sizeof udp);
    add_ip(c++, "first half", 1, WIRE_IP4_MF, NULL, 0, message, 8);
    add_ip(c++, "second half", 1, 1, NULL, 0, message + 8, sizeof message - 8);
    struct wire_arp a = {peer_mac, group_all, PEER_IP, STATION_IP, WIRE_ARP_REQUEST};
    *c = (struct cut_case){.name = "ARP request", .contiguous = 15, .len = 60};
    wire_ethernet_emit(c->bytes, group_all, peer_mac, WIRE_ETHERTYPE_ARP);
    wire_arp_emit(c->bytes + 14, &a);
    return (unsigned)(++c - begin);
}
