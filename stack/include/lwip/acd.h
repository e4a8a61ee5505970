/* lwip/acd.h: address conflict detection, RFC 5227. The caller owns struct acd. */
#ifndef LWIP_HDR_ACD_H
#define LWIP_HDR_ACD_H

#include "lwip/opt.h"

#if LWIP_IPV4 && LWIP_ACD

#include "lwip/netif.h"
#include "lwip/prot/acd.h"
#include "lwip/prot/etharp.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ACD_TMR_INTERVAL 100 /* ms */
#define ACD_TICKS_PER_SECOND (1000 / ACD_TMR_INTERVAL)

typedef void (*acd_conflict_callback_t)(struct netif *netif, acd_callback_enum_t state);

struct acd {
    struct acd *next;
    ip4_addr_t ipaddr;      /* under test or in use */
    acd_state_enum_t state;
    u8_t sent_num;          /* probes or announcements */
    u16_t ttw;              /* ticks to wait when the state was entered */
    u8_t lastconflict;      /* ticks since the last conflict was defended */
    u8_t num_conflicts;
    acd_conflict_callback_t acd_conflict_callback;
    u32_t due_ms;           /* ours: on the ACD ticker's clock */
    u32_t conflict_ms;      /* ours: when the last conflict was defended, valid if lastconflict */
};

err_t acd_add(struct netif *netif, struct acd *acd, acd_conflict_callback_t acd_conflict_callback);
void acd_remove(struct netif *netif, struct acd *acd);
err_t acd_start(struct netif *netif, struct acd *acd, ip4_addr_t ipaddr);
err_t acd_stop(struct acd *acd);
void acd_arp_reply(struct netif *netif, struct etharp_hdr *hdr);
void acd_tmr(void);
void acd_network_changed_link_down(struct netif *netif);
void acd_netif_ip_addr_changed(struct netif *netif, const ip_addr_t *old_addr,
                               const ip_addr_t *new_addr);

#ifdef __cplusplus
}
#endif

#endif
#endif
