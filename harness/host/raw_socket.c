/* harness/host/raw_socket.c */
#include "harness/host/raw_socket.h"

#include "harness/host/host.h"
#include "harness/host/world.h"

#include "lwip/ip.h"
#include "lwip/raw.h"

static void close_socket(struct object *o)
{
    struct raw_socket *s = (struct raw_socket *)o;
    if (s->pcb != NULL)
        raw_remove(s->pcb);
    inbox_empty(&s->inbox);
}

static bool ready(const struct object *o)
{
    return ((const struct raw_socket *)o)->inbox.first != NULL;
}

const struct object_class raw_socket_class = {
    .kind = OBJECT_RAW,
    .name = "raw socket",
    .size = sizeof(struct raw_socket),
    .close = close_socket,
    .ready = ready,
};

static u8_t received(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *addr)
{
    struct raw_socket *s = arg;
    (void)pcb;
    (void)addr;
    if (inbox_put_received(&s->inbox, p, 0, s->object.host->world->sim->now_ns) != NULL)
        object_notify(&s->object);
    if (!s->eat)
        return 0;
    pbuf_free(p);
    return 1;
}

static err_t set_up(struct raw_socket *s, const struct raw_socket_config *config)
{
    s->pcb = raw_new(config->proto);
    if (s->pcb == NULL)
        return ERR_MEM;
    if (config->hdrincl)
        raw_set_flags(s->pcb, RAW_FLAGS_HDRINCL);
    if (config->broadcast)
        ip_set_option(s->pcb, SOF_BROADCAST);
    raw_recv(s->pcb, received, s);
    ip_addr_t addr;
    ip_addr_set_ip4_u32_val(addr, lwip_htonl(config->addr));
    return config->addr != 0 ? raw_bind(s->pcb, &addr) : ERR_OK;
}

struct raw_socket *raw_socket_new(struct host *h, const struct raw_socket_config *config,
                                  err_t *err)
{
    struct raw_socket *s = (struct raw_socket *)object_new(h, &raw_socket_class);
    *err = ERR_MEM;
    if (s == NULL)
        return NULL;
    s->inbox.capacity = config->capacity;
    s->eat = config->eat;
    host_enter(h);
    *err = set_up(s, config);
    host_leave(h);
    if (*err == ERR_OK)
        return s;
    object_free(&s->object);
    return NULL;
}

err_t raw_socket_send(struct raw_socket *s, uint32_t addr, const uint8_t *data, uint32_t len,
                      int32_t ttl, int32_t tos)
{
    struct host *h = s->object.host;
    struct raw_pcb *pcb = s->pcb;
    host_enter(h);
    struct pbuf *p = pbuf_alloc(PBUF_IP, (u16_t)len, PBUF_RAM);
    if (p == NULL) {
        host_leave(h);
        return ERR_MEM;
    }
    pbuf_take(p, data, (u16_t)len);
    u8_t old_ttl = pcb->ttl, old_tos = pcb->tos;
    if (ttl >= 0)
        pcb->ttl = (u8_t)ttl;
    if (tos >= 0)
        pcb->tos = (u8_t)tos;
    ip_addr_t to;
    ip_addr_set_ip4_u32_val(to, lwip_htonl(addr));
    err_t err = raw_sendto(pcb, p, &to);
    pcb->ttl = old_ttl;
    pcb->tos = old_tos;
    pbuf_free(p);
    host_leave(h);
    return err;
}
