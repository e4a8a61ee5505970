/* harness/host/udp_socket.c */
#include "harness/host/udp_socket.h"

#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"

#include "lwip/ip.h"
#include "lwip/udp.h"
#include "stack/udp/udp_error.h"

static void close_socket(struct object *o)
{
    struct udp_socket *s = (struct udp_socket *)o;
    if (s->pcb != NULL)
        udp_remove(s->pcb);
    inbox_empty(&s->inbox);
}

static bool ready(const struct object *o)
{
    return ((const struct udp_socket *)o)->inbox.first != NULL;
}

const struct object_class udp_socket_class = {
    .kind = OBJECT_UDP,
    .name = "UDP socket",
    .size = sizeof(struct udp_socket),
    .close = close_socket,
    .ready = ready,
};

static void received(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *addr,
                     u16_t port)
{
    struct udp_socket *s = arg;
    (void)pcb;
    (void)addr;
    uint64_t now_ns = s->object.host->world->sim->now_ns;
    struct inbox_item *item = inbox_put_received(&s->inbox, p, 0, now_ns);
    pbuf_free(p);
    if (item == NULL)
        return;
    item->port = port;
    object_notify(&s->object);
}

/* One hook per instance: the pcb says whose error it is. An app's pcbs have another call-back. */
static void told_error(struct udp_pcb *pcb, const struct icmp_error *error)
{
    if (pcb->recv != received)
        return;
    struct udp_socket *s = pcb->recv_arg;
    struct inbox_item *item = inbox_put(&s->inbox, NULL, 0);
    if (item == NULL)
        return;
    item->t_ns = s->object.host->world->sim->now_ns;
    item->is_icmp = true;
    item->icmp_type = error->type;
    item->icmp_code = error->code;
    item->from = lwip_ntohl(ip4_addr_get_u32(&error->from));
    object_notify(&s->object);
}

static err_t set_up(struct udp_socket *s, const struct udp_socket_config *config)
{
    s->pcb = udp_new();
    if (s->pcb == NULL)
        return ERR_MEM;
    if (config->lite)
        udp_setflags(s->pcb, (u8_t)(udp_flags(s->pcb) | UDP_FLAGS_UDPLITE));
    if (config->broadcast)
        ip_set_option(s->pcb, SOF_BROADCAST);
    udp_recv(s->pcb, received, s);
    udp_error_set(told_error);
    ip_addr_t addr;
    ip_addr_set_ip4_u32_val(addr, lwip_htonl(config->addr));
    return udp_bind(s->pcb, &addr, config->port);
}

struct udp_socket *udp_socket_new(struct host *h, const struct udp_socket_config *config,
                                  err_t *err)
{
    struct udp_socket *s = (struct udp_socket *)object_new(h, &udp_socket_class);
    *err = ERR_MEM;
    if (s == NULL)
        return NULL;
    s->inbox.capacity = config->capacity;
    host_enter(h);
    *err = set_up(s, config);
    host_leave(h);
    if (*err == ERR_OK)
        return s;
    object_free(&s->object);
    return NULL;
}

err_t udp_socket_connect(struct udp_socket *s, uint32_t addr, uint16_t port)
{
    ip_addr_t to;
    ip_addr_set_ip4_u32_val(to, lwip_htonl(addr));
    host_enter(s->object.host);
    err_t err = udp_connect(s->pcb, &to, port);
    host_leave(s->object.host);
    return err;
}

static err_t transmit(struct udp_pcb *pcb, struct pbuf *p, const struct udp_send_order *order)
{
    ip_addr_t to;
    ip_addr_set_ip4_u32_val(to, lwip_htonl(order->addr));
    if (order->interface != NULL)
        return udp_sendto_if(pcb, p, &to, order->port, &order->interface->netif);
    if (order->addr == 0 && order->port == 0)
        return udp_send(pcb, p);
    return udp_sendto(pcb, p, &to, order->port);
}

err_t udp_socket_send(struct udp_socket *s, const struct udp_send_order *order)
{
    struct host *h = s->object.host;
    struct udp_pcb *pcb = s->pcb;
    host_enter(h);
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)order->len, PBUF_RAM);
    if (p == NULL) {
        host_leave(h);
        return ERR_MEM;
    }
    pbuf_take(p, order->data, (u16_t)order->len);
    u8_t ttl = pcb->ttl, tos = pcb->tos, flags = udp_flags(pcb), mcast_ttl = pcb->mcast_ttl;
    if (order->ttl >= 0)
        pcb->ttl = pcb->mcast_ttl = (u8_t)order->ttl;
    if (order->tos >= 0)
        pcb->tos = (u8_t)order->tos;
    if (order->nochksum)
        udp_setflags(pcb, (u8_t)(flags | UDP_FLAGS_NOCHKSUM));
    err_t err = transmit(pcb, p, order);
    pcb->ttl = ttl;
    pcb->tos = tos;
    pcb->mcast_ttl = mcast_ttl;
    if (order->nochksum)
        udp_setflags(pcb, (u8_t)(udp_flags(pcb) & ~UDP_FLAGS_NOCHKSUM));
    pbuf_free(p);
    host_leave(h);
    return err;
}

uint16_t udp_socket_port(const struct udp_socket *s)
{
    return s->pcb->local_port;
}
