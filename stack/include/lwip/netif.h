/* lwip/netif.h: network interfaces: life cycle, addresses, call-backs, loopback.
 *
 * The application owns struct netif and keeps it alive until netif_remove(). A driver's init
 * function sets name, output, linkoutput, hwaddr, mtu and flags. netif->input takes over the pbuf
 * when it returns ERR_OK, otherwise the driver frees it; output and linkoutput never take over:
 * they copy or take a reference. netif_add() does not bring the interface up: it is up for traffic
 * when netif_set_up() and netif_set_link_up() were both called. */
#ifndef LWIP_HDR_NETIF_H
#define LWIP_HDR_NETIF_H

#include "lwip/def.h"
#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"
#include "lwip/priv/current.h"
#include "lwip/stats.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ENABLE_LOOPBACK (LWIP_NETIF_LOOPBACK || LWIP_HAVE_LOOPIF)

#ifndef NETIF_MAX_HWADDR_LEN
#define NETIF_MAX_HWADDR_LEN 6U
#endif
#define NETIF_NAMESIZE 6 /* "en254" and the terminator */

#define NETIF_FLAG_UP 0x01U
#define NETIF_FLAG_BROADCAST 0x02U
#define NETIF_FLAG_LINK_UP 0x04U
#define NETIF_FLAG_ETHARP 0x08U   /* Ethernet with ARP */
#define NETIF_FLAG_ETHERNET 0x10U /* Ethernet framing */
#define NETIF_FLAG_IGMP 0x20U
#define NETIF_FLAG_MLD6 0x40U

#define NETIF_CHECKSUM_GEN_IP 0x0001
#define NETIF_CHECKSUM_GEN_UDP 0x0002
#define NETIF_CHECKSUM_GEN_TCP 0x0004
#define NETIF_CHECKSUM_GEN_ICMP 0x0008
#define NETIF_CHECKSUM_GEN_ICMP6 0x0010
#define NETIF_CHECKSUM_CHECK_IP 0x0100
#define NETIF_CHECKSUM_CHECK_UDP 0x0200
#define NETIF_CHECKSUM_CHECK_TCP 0x0400
#define NETIF_CHECKSUM_CHECK_ICMP 0x0800
#define NETIF_CHECKSUM_CHECK_ICMP6 0x1000
#define NETIF_CHECKSUM_ENABLE_ALL 0xFFFF
#define NETIF_CHECKSUM_DISABLE_ALL 0x0000

struct netif;

/* Client data: one pointer per protocol that keeps state with an interface, then the user's. */
enum lwip_internal_netif_client_data_index {
#if LWIP_IPV4
#if LWIP_DHCP
    LWIP_NETIF_CLIENT_DATA_INDEX_DHCP,
#endif
#if LWIP_AUTOIP
    LWIP_NETIF_CLIENT_DATA_INDEX_AUTOIP,
#endif
#if LWIP_ACD
    LWIP_NETIF_CLIENT_DATA_INDEX_ACD,
#endif
#if LWIP_IGMP
    LWIP_NETIF_CLIENT_DATA_INDEX_IGMP,
#endif
#endif
    LWIP_NETIF_CLIENT_DATA_INDEX_MAX
};

enum netif_mac_filter_action {
    NETIF_DEL_MAC_FILTER = 0,
    NETIF_ADD_MAC_FILTER = 1
};

typedef err_t (*netif_init_fn)(struct netif *netif);
typedef err_t (*netif_input_fn)(struct pbuf *p, struct netif *inp);
typedef err_t (*netif_output_fn)(struct netif *netif, struct pbuf *p, const ip4_addr_t *ipaddr);
/* p begins with the link header */
typedef err_t (*netif_linkoutput_fn)(struct netif *netif, struct pbuf *p);
typedef void (*netif_status_callback_fn)(struct netif *netif);
#if LWIP_IPV4 && LWIP_IGMP
typedef err_t (*netif_igmp_mac_filter_fn)(struct netif *netif, const ip4_addr_t *group,
                                          enum netif_mac_filter_action action);
#endif

#if LWIP_DHCP || LWIP_AUTOIP || LWIP_IGMP || LWIP_ACD || (LWIP_NUM_NETIF_CLIENT_DATA > 0)
#if LWIP_NUM_NETIF_CLIENT_DATA > 0
u8_t netif_alloc_client_data_id(void);
#endif
#define netif_set_client_data(netif, id, data) netif_get_client_data(netif, id) = (data)
#define netif_get_client_data(netif, id) (netif)->client_data[(id)]
#endif

typedef u8_t netif_addr_idx_t;
#define NETIF_ADDR_IDX_MAX 0x7F

#if LWIP_NETIF_HWADDRHINT || LWIP_VLAN_PCP
#define LWIP_NETIF_USE_HINTS 1
/* What a pcb knows that spares look-ups, handed down with a packet. */
struct netif_hint {
#if LWIP_NETIF_HWADDRHINT
    u8_t addr_hint; /* ARP table index of the last neighbour */
#endif
#if LWIP_VLAN_PCP
    s32_t tci; /* VLAN tag control information; < 0: untagged */
#endif
};
#else
#define LWIP_NETIF_USE_HINTS 0
struct netif_hint;
#endif

struct netif {
    /* bytes first: Thumb code reaches those in front of the 32nd in one instruction */
    u8_t hwaddr[NETIF_MAX_HWADDR_LEN];
    u8_t hwaddr_len;
    u8_t flags;   /* NETIF_FLAG_x */
    char name[2]; /* "en": the kind; with num the interface's name */
    u8_t num;     /* 0...254, unique; the index is num + 1 */
    u16_t mtu;    /* largest IP packet */
#if LWIP_CHECKSUM_CTRL_PER_NETIF
    u16_t chksum_flags; /* NETIF_CHECKSUM_x that are done in software */
#endif
#if !LWIP_SINGLE_NETIF
    struct netif *next;
#endif
#if LWIP_IPV4
    ip_addr_t ip_addr;
    ip_addr_t netmask;
    ip_addr_t gw;
#endif
    netif_input_fn input;
#if LWIP_IPV4
    netif_output_fn output; /* resolves the neighbour, then linkoutput */
#endif
    netif_linkoutput_fn linkoutput;
#if LWIP_NETIF_STATUS_CALLBACK
    netif_status_callback_fn status_callback; /* up or down, address changed */
#endif
#if LWIP_NETIF_LINK_CALLBACK
    netif_status_callback_fn link_callback;
#endif
#if LWIP_NETIF_REMOVE_CALLBACK
    netif_status_callback_fn remove_callback;
#endif
    void *state; /* the driver's */
#ifdef netif_get_client_data
    void *client_data[LWIP_NETIF_CLIENT_DATA_INDEX_MAX + LWIP_NUM_NETIF_CLIENT_DATA];
#endif
#if LWIP_NETIF_HOSTNAME
    const char *hostname;
#endif
#if MIB2_STATS
    u8_t link_type;   /* enum snmp_ifType */
    u32_t link_speed; /* bits per second */
    u32_t ts;         /* time of the last change of state, 10 ms units */
    struct stats_mib2_netif_ctrs mib2_counters;
#endif
#if LWIP_IPV4 && LWIP_IGMP
    netif_igmp_mac_filter_fn igmp_mac_filter;
#endif
#if LWIP_IPV4 && LWIP_ARP && LWIP_IP_DEAD_GATEWAY
    u32_t gw_lost_ms; /* ours: when the gateway was last asked for in vain */
    u8_t gw_lost;     /* ours: the gateway does not answer */
#endif
#if LWIP_NETIF_USE_HINTS
    struct netif_hint *hints; /* of the packet being sent; NULL outside */
#endif
#if LWIP_ACD
    struct acd *acd_list;
#endif
#if ENABLE_LOOPBACK
    struct pbuf *loop_first; /* waiting for netif_poll() */
    struct pbuf *loop_last;
#if LWIP_LOOPBACK_MAX_PBUFS || LWIP_MULTI_INSTANCE
    u16_t loop_cnt_current; /* pbufs in that queue */
#endif
#if LWIP_NETIF_LOOPBACK_MULTITHREADING
    u8_t reschedule_poll;
#endif
#endif
};

#if LWIP_CHECKSUM_CTRL_PER_NETIF
#define NETIF_SET_CHECKSUM_CTRL(netif, chksumflags) \
    do { (netif)->chksum_flags = chksumflags; } while (0)
#define NETIF_CHECKSUM_ENABLED(netif, chksumflag) \
    (((netif) == NULL) || (((netif)->chksum_flags & (chksumflag)) != 0))
#define IF__NETIF_CHECKSUM_ENABLED(netif, chksumflag) \
    if (NETIF_CHECKSUM_ENABLED(netif, chksumflag))
#else
#define NETIF_SET_CHECKSUM_CTRL(netif, chksumflags)
#define NETIF_CHECKSUM_ENABLED(netif, chksumflag) 0
#define IF__NETIF_CHECKSUM_ENABLED(netif, chksumflag)
#endif

/* Latest added first; NULL: none. */
#define netif_list (stack_current->netif_list_)
#if LWIP_SINGLE_NETIF
#define NETIF_FOREACH(netif) if (((netif) = netif_default) != NULL)
#else
#define NETIF_FOREACH(netif) for ((netif) = netif_list; (netif) != NULL; (netif) = (netif)->next)
#endif
/* Where packets go that no interface's network matches; may be NULL. */
#define netif_default (stack_current->netif_default_)

void netif_init(void);

/* Registers an interface and runs init. NULL: bad arguments, the interface is in the list already,
 * no number is free, or init failed. NULL addresses mean 0.0.0.0. A netmask that is not ones
 * followed by zeros is refused, here and by the setters, which then change nothing. */
struct netif *netif_add(struct netif *netif, const ip4_addr_t *ipaddr, const ip4_addr_t *netmask,
                        const ip4_addr_t *gw, void *state, netif_init_fn init,
                        netif_input_fn input);
struct netif *netif_add_noaddr(struct netif *netif, void *state, netif_init_fn init,
                               netif_input_fn input);
void netif_set_addr(struct netif *netif, const ip4_addr_t *ipaddr, const ip4_addr_t *netmask,
                    const ip4_addr_t *gw);
void netif_remove(struct netif *netif);
/* By name and number, "en0"; NULL: none. */
struct netif *netif_find(const char *name);
void netif_set_default(struct netif *netif);
void netif_set_ipaddr(struct netif *netif, const ip4_addr_t *ipaddr);
void netif_set_netmask(struct netif *netif, const ip4_addr_t *netmask);
void netif_set_gw(struct netif *netif, const ip4_addr_t *gw);
#define netif_ip4_addr(netif) ((const ip4_addr_t *)ip_2_ip4(&((netif)->ip_addr)))
#define netif_ip4_netmask(netif) ((const ip4_addr_t *)ip_2_ip4(&((netif)->netmask)))
#define netif_ip4_gw(netif) ((const ip4_addr_t *)ip_2_ip4(&((netif)->gw)))
#define netif_ip_addr4(netif) ((const ip_addr_t *)&((netif)->ip_addr))
#define netif_ip_netmask4(netif) ((const ip_addr_t *)&((netif)->netmask))
#define netif_ip_gw4(netif) ((const ip_addr_t *)&((netif)->gw))

#define netif_set_flags(netif, set_flags) \
    do { (netif)->flags = (u8_t)((netif)->flags | (set_flags)); } while (0)
#define netif_clear_flags(netif, clr_flags) \
    do { (netif)->flags = (u8_t)((netif)->flags & (u8_t)(~(clr_flags)&0xff)); } while (0)
#define netif_is_flag_set(netif, flag) (((netif)->flags & (flag)) != 0)

void netif_set_up(struct netif *netif);
void netif_set_down(struct netif *netif);
#define netif_is_up(netif) (((netif)->flags & NETIF_FLAG_UP) ? (u8_t)1 : (u8_t)0)

#if LWIP_NETIF_STATUS_CALLBACK
void netif_set_status_callback(struct netif *netif, netif_status_callback_fn status_callback);
#endif
#if LWIP_NETIF_REMOVE_CALLBACK
void netif_set_remove_callback(struct netif *netif, netif_status_callback_fn remove_callback);
#endif

void netif_set_link_up(struct netif *netif);
void netif_set_link_down(struct netif *netif);
#define netif_is_link_up(netif) (((netif)->flags & NETIF_FLAG_LINK_UP) ? (u8_t)1 : (u8_t)0)
#if LWIP_NETIF_LINK_CALLBACK
void netif_set_link_callback(struct netif *netif, netif_status_callback_fn link_callback);
#endif

#if LWIP_NETIF_HOSTNAME
#define netif_set_hostname(netif, name) \
    do { if ((netif) != NULL) { (netif)->hostname = name; } } while (0)
#define netif_get_hostname(netif) (((netif) != NULL) ? ((netif)->hostname) : NULL)
#endif

#if LWIP_IGMP
#define netif_set_igmp_mac_filter(netif, function) \
    do { if ((netif) != NULL) { (netif)->igmp_mac_filter = function; } } while (0)
#define netif_get_igmp_mac_filter(netif) \
    (((netif) != NULL) ? ((netif)->igmp_mac_filter) : NULL)
#endif

#if ENABLE_LOOPBACK
/* Copies p into the interface's own queue; it is received later, from netif_poll(). ERR_MEM: the
 * queue or the memory is full. */
err_t netif_loop_output(struct netif *netif, struct pbuf *p);
void netif_poll(struct netif *netif);
#if !LWIP_NETIF_LOOPBACK_MULTITHREADING
void netif_poll_all(void);
#endif
#endif

/* By flags: Ethernet input or IP input. Ownership as netif->input. */
err_t netif_input(struct pbuf *p, struct netif *inp);

#if LWIP_NETIF_USE_HINTS
#define NETIF_SET_HINTS(netif, netifhint) (netif)->hints = (netifhint)
#define NETIF_RESET_HINTS(netif) (netif)->hints = NULL
#else
#define NETIF_SET_HINTS(netif, netifhint)
#define NETIF_RESET_HINTS(netif)
#endif

/* Names "en0" and indices num + 1; 0 and NULL: none. name: room for NETIF_NAMESIZE. */
u8_t netif_name_to_index(const char *name);
char *netif_index_to_name(u8_t idx, char *name);
struct netif *netif_get_by_index(u8_t idx);
#define netif_get_index(netif) ((u8_t)((netif)->num + 1))
#define NETIF_NO_INDEX (0)

#if LWIP_HAVE_LOOPIF
struct netif *netif_get_loopif(void);
#endif

/* Extended call-backs: a list of subscribers told of every change with its arguments. */
typedef u16_t netif_nsc_reason_t;
#define LWIP_NSC_NONE 0x0000
#define LWIP_NSC_NETIF_ADDED 0x0001
#define LWIP_NSC_NETIF_REMOVED 0x0002
#define LWIP_NSC_LINK_CHANGED 0x0004
#define LWIP_NSC_STATUS_CHANGED 0x0008 /* up or down */
#define LWIP_NSC_IPV4_ADDRESS_CHANGED 0x0010
#define LWIP_NSC_IPV4_GATEWAY_CHANGED 0x0020
#define LWIP_NSC_IPV4_NETMASK_CHANGED 0x0040
#define LWIP_NSC_IPV4_SETTINGS_CHANGED 0x0080 /* any of the three, after all were set */
#define LWIP_NSC_IPV6_SET 0x0100
#define LWIP_NSC_IPV6_ADDR_STATE_CHANGED 0x0200
#define LWIP_NSC_IPV4_ADDR_VALID 0x0400 /* the same address was set again or became usable */

typedef union {
    struct link_changed_s {
        u8_t state; /* 1: up */
    } link_changed;
    struct status_changed_s {
        u8_t state; /* 1: up */
    } status_changed;
    struct ipv4_changed_s {
        /* NULL: this one did not change */
        const ip_addr_t *old_address;
        const ip_addr_t *old_netmask;
        const ip_addr_t *old_gw;
    } ipv4_changed;
    struct ipv6_set_s {
        s8_t addr_index;
        const ip_addr_t *old_address;
    } ipv6_set;
    struct ipv6_addr_state_changed_s {
        s8_t addr_index;
        u8_t old_state;
        const ip_addr_t *address;
    } ipv6_addr_state_changed;
} netif_ext_callback_args_t;

typedef void (*netif_ext_callback_fn)(struct netif *netif, netif_nsc_reason_t reason,
                                      const netif_ext_callback_args_t *args);

#if LWIP_NETIF_EXT_STATUS_CALLBACK
struct netif_ext_callback;
typedef struct netif_ext_callback {
    netif_ext_callback_fn callback_fn;
    struct netif_ext_callback *next;
} netif_ext_callback_t;

#define NETIF_DECLARE_EXT_CALLBACK(name) static netif_ext_callback_t name;
/* The caller owns callback and keeps it until it is removed. */
void netif_add_ext_callback(netif_ext_callback_t *callback, netif_ext_callback_fn fn);
void netif_remove_ext_callback(netif_ext_callback_t *callback);
void netif_invoke_ext_callback(struct netif *netif, netif_nsc_reason_t reason,
                               const netif_ext_callback_args_t *args);
#else
#define NETIF_DECLARE_EXT_CALLBACK(name)
#define netif_add_ext_callback(callback, fn)
#define netif_remove_ext_callback(callback)
#define netif_invoke_ext_callback(netif, reason, args)
#endif

#ifdef __cplusplus
}
#endif

#endif
