/* core/netif_index.c: how interfaces are named: number (0 to 254, unique, reused), index (number
 * plus 1; 0 is none), name (two letters and the number); and slots for client data. */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/netif_local.h"

#include "lwip/debug.h"
#include "lwip/def.h"

#include <string.h>

struct netif *netif_get_by_index(u8_t idx)
{
    LWIP_ASSERT_CORE_LOCKED();
    struct netif *n = idx == NETIF_NO_INDEX ? NULL : STACK->pub.netif_list_;
    while (n != NULL && n->num != idx - 1u)
        n = netif_after(n);
    return n;
}

/* Goes round: a number is reused as late as possible, because its old owner's index may still be
 * written in a packet or a pcb. */
bool netif_take_number(struct netif *netif)
{
    u8_t idx = (u8_t)STACK->netif.last_index;
    do {
        idx++;
        if (idx != NETIF_NO_INDEX && netif_get_by_index(idx) == NULL) {
            STACK->netif.last_index = idx;
            netif->num = (u8_t)(idx - 1u);
            return true;
        }
    } while (idx != STACK->netif.last_index);
    return false;
}

/* name: NETIF_NAMESIZE bytes. */
static char *write_name(const struct netif *n, char *name)
{
    name[0] = n->name[0];
    name[1] = n->name[1];
    lwip_itoa(&name[2], NETIF_NAMESIZE - 2, n->num);
    return name;
}

/* "et0": just as netif_index_to_name() writes it. */
struct netif *netif_find(const char *name)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (name == NULL)
        return NULL;
    char own[NETIF_NAMESIZE];
    struct netif *n = STACK->pub.netif_list_;
    while (n != NULL && strcmp(write_name(n, own), name) != 0)
        n = netif_after(n);
    return n;
}

u8_t netif_name_to_index(const char *name)
{
    const struct netif *n = netif_find(name);
    return n == NULL ? NETIF_NO_INDEX : netif_get_index(n);
}

char *netif_index_to_name(u8_t idx, char *name)
{
    const struct netif *n = netif_get_by_index(idx);
    return n == NULL || name == NULL ? NULL : write_name(n, name);
}

#if LWIP_NUM_NETIF_CLIENT_DATA > 0
u8_t netif_alloc_client_data_id(void)
{
    LWIP_ASSERT_CORE_LOCKED();
    u8_t id = STACK->netif.client_ids;
    LWIP_ERROR("netif_alloc_client_data_id: LWIP_NUM_NETIF_CLIENT_DATA is too small",
               id < LWIP_NUM_NETIF_CLIENT_DATA, return 0;);
    STACK->netif.client_ids++;
    return (u8_t)(id + LWIP_NETIF_CLIENT_DATA_INDEX_MAX);
}
#endif
