/* raw/raw_input.c: datagrams on their way to raw pcbs, before any transport sees them. */
#include "lwip/ip.h"
#include "lwip/pbuf.h"
#include "lwip/raw.h"
#include "stack/core/instance.h"
#include "stack/raw/raw_local.h"

#if LWIP_RAW

static bool admits(const struct raw_pcb *pcb, u8_t proto, bool broadcast)
{
    if (pcb->protocol != proto || pcb->recv == NULL)
        return false;
    if (pcb->netif_idx != NETIF_NO_INDEX &&
        pcb->netif_idx != netif_get_index(ip_data.current_input_netif))
        return false;
    if ((pcb->flags & RAW_FLAGS_CONNECTED) != 0 &&
        !ip_addr_eq(&pcb->remote_ip, ip_current_src_addr()))
        return false;
    if (broadcast && IP_SOF_BROADCAST_RECV && !ip_get_option(pcb, SOF_BROADCAST))
        return false;
    return ip_addr_isany_val(pcb->local_ip) ||
           (!broadcast && ip_addr_eq(&pcb->local_ip, ip_current_dest_addr()));
}

/* Who ate this one is likely to eat the next. */
static void move_to_front(struct raw_pcb *pcb)
{
    struct raw_pcb **at = &STACK->pub.raw_pcbs_;

    if (*at == pcb)
        return;
    while (*at != pcb)
        at = &(*at)->next;
    *at = pcb->next;
    pcb->next = STACK->pub.raw_pcbs_;
    STACK->pub.raw_pcbs_ = pcb;
}

static enum raw_verdict show_to_all(struct pbuf *p, const struct netif *inp)
{
    struct raw_delivery d = {NULL, STACK->pub.raw_pcbs_, STACK->udp.raw_deliveries};
    enum raw_verdict verdict = RAW_NONE;
    u8_t proto = ip_current_header_proto();
    bool broadcast = ip_addr_isbroadcast(ip_current_dest_addr(), ip_current_netif());
    u8_t index = netif_get_index(inp);

    STACK->udp.raw_deliveries = &d;
    while (d.next != NULL && verdict != RAW_EATEN && netif_get_by_index(index) == inp) {
        d.current = d.next;
        d.next = d.current->next;
        if (!admits(d.current, proto, broadcast))
            continue;
        const void *payload = p->payload;
        LWIP_UNUSED_ARG(payload); /* without assertions */
        verdict = RAW_DELIVERED;
        if (d.current->recv(d.current->recv_arg, d.current, p, ip_current_src_addr()) != 0)
            verdict = RAW_EATEN;
        else
            LWIP_ASSERT("raw recv: payload moved, packet not eaten", p->payload == payload);
    }
    STACK->udp.raw_deliveries = d.outer;
    if (verdict == RAW_EATEN && d.current != NULL)
        move_to_front(d.current);
    return verdict;
}

enum raw_verdict raw_receive(struct pbuf *p, struct netif *inp)
{
    return STACK->pub.raw_pcbs_ == NULL ? RAW_NONE : show_to_all(p, inp);
}

/* lwIP's name and numbers for the same. */
raw_input_state_t raw_input(struct pbuf *p, struct netif *inp)
{
    switch (raw_receive(p, inp)) {
    case RAW_EATEN:
        return RAW_INPUT_EATEN;
    case RAW_DELIVERED:
        return RAW_INPUT_DELIVERED;
    case RAW_NONE:
        break;
    }
    return RAW_INPUT_NONE;
}

#endif
