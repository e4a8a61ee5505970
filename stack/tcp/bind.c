/* tcp/bind.c: an address and a port of one's own [RFC9293 3.9.1.1]. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/ports.h"
#include "stack/tcp/tcp_local.h"

/* By default a port has one owner per address; SOF_REUSEADDR on both lets two share it: so one can
 * listen on a port of which connections exist [MUST-41, MUST-42]. */
static bool conflicts(const struct tcp_pcb *pcb, const struct tcp_pcb *other, const ip_addr_t *ip,
                      u16_t port)
{
    if (other->local_port != port)
        return false;
    if (SO_REUSE && ip_get_option(pcb, SOF_REUSEADDR) && ip_get_option(other, SOF_REUSEADDR))
        return false;
    return ip_addr_isany(ip) || ip_addr_isany_val(other->local_ip) ||
           ip_addr_eq(&other->local_ip, ip);
}

/* A connection in the making stands in nobody's way [RFC9293 3.9.1.1 MUST-42]: whether two are
 * between the same sockets is looked at by tcp_connect(). */
static bool is_in_the_making(const struct tcp_pcb *pcb)
{
    return pcb->state == SYN_SENT || pcb->state == SYN_RCVD;
}

/* Listeners are asked like others: both kinds begin alike. */
static bool taken_on(const struct tcp_pcb *list, const struct tcp_pcb *pcb, const ip_addr_t *ip,
                     u16_t port)
{
    while (list != NULL &&
           (is_in_the_making(list) || !conflicts(pcb, list, ip, port)))
        list = list->next;
    return list != NULL;
}

static bool is_taken(const struct tcp_pcb *pcb, const ip_addr_t *ip, u16_t port)
{
    return taken_on(STACK->pub.tcp_listen_pcbs_.pcbs, pcb, ip, port) ||
           taken_on(STACK->pub.tcp_bound_pcbs_, pcb, ip, port) ||
           taken_on(STACK->pub.tcp_active_pcbs_, pcb, ip, port) ||
           (!(SO_REUSE && ip_get_option(pcb, SOF_REUSEADDR)) &&
            taken_on(STACK->pub.tcp_tw_pcbs_, pcb, ip, port));
}

err_t tcp_bind(struct tcp_pcb *pcb, const ip_addr_t *ipaddr, u16_t port)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_bind: pcb", pcb != NULL, return ERR_ARG);
    LWIP_ERROR("tcp_bind: the pcb is in use", pcb->state == CLOSED, return ERR_VAL);
    if (pcb->local_port != 0)
        return ERR_VAL; /* bound already */
    if (ipaddr == NULL)
        ipaddr = IP4_ADDR_ANY;
    if (port == 0)
        port = tcp_port_choose();
    else if (is_taken(pcb, ipaddr, port))
        return ERR_USE;
    if (port == 0)
        return ERR_BUF;
    ip_addr_set_ipaddr(&pcb->local_ip, ipaddr);
    pcb->local_port = port;
    tcp_port_note(port);
    tcp_pcb_enlist(&STACK->pub.tcp_bound_pcbs_, pcb);
    return ERR_OK;
}

void tcp_bind_netif(struct tcp_pcb *pcb, const struct netif *netif)
{
    LWIP_ASSERT_CORE_LOCKED();
    pcb->netif_idx = netif != NULL ? netif_get_index(netif) : NETIF_NO_INDEX;
}

#endif
