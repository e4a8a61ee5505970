/* core/netif_index.c: how interfaces are named: number (0 to 254, unique, reused), index (number
 * plus 1; 0 is none), name (two letters and the number); and slots for client data. */
#include "lwip/netif.h"

#include "stack/core/instance.h"
#include "stack/core/netif_local.h"

#include "lwip/debug.h"
#include "lwip/def.h"

#define NUMBERS 255u

static struct netif *find_number(unsigned num)
{
    struct netif *n = STACK->pub.netif_list_;
    while (n != NULL && n->num != num)
        n = netif_after(n);
    return n;
}

/* Goes round: a number is reused as late as possible, because its old owner's index may still be
 * written in a packet or a pcb. */
bool netif_take_number(struct netif *netif)
{
    struct netif_state *s = &STACK->netif;
    for (unsigned tries = 0; tries < NUMBERS; tries++) {
        u8_t num = s->next_num;
        s->next_num = num + 1u < NUMBERS ? (u8_t)(num + 1u) : 0;
        if (find_number(num) == NULL) {
            netif->num = num;
            return true;
        }
    }
    return false;
}

struct netif *netif_get_by_index(u8_t idx)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (idx == NETIF_NO_INDEX)
        return NULL;
    return find_number(idx - 1u);
}

/* "et0": two letters and a decimal number, nothing behind. */
struct netif *netif_find(const char *name)
{
    LWIP_ASSERT_CORE_LOCKED();
    if (name == NULL || name[0] == '\0' || name[1] == '\0' || name[2] == '\0')
        return NULL;
    unsigned num = 0;
    for (const char *c = name + 2; *c != '\0'; c++) {
        if (*c < '0' || *c > '9')
            return NULL;
        num = num * 10 + (unsigned)(*c - '0');
        if (num >= NUMBERS)
            return NULL;
    }
    struct netif *n = find_number(num);
    return n != NULL && n->name[0] == name[0] && n->name[1] == name[1] ? n : NULL;
}

u8_t netif_name_to_index(const char *name)
{
    const struct netif *n = netif_find(name);
    return n == NULL ? NETIF_NO_INDEX : netif_get_index(n);
}

/* name: NETIF_NAMESIZE bytes. */
char *netif_index_to_name(u8_t idx, char *name)
{
    const struct netif *n = netif_get_by_index(idx);
    if (n == NULL || name == NULL)
        return NULL;
    name[0] = n->name[0];
    name[1] = n->name[1];
    lwip_itoa(&name[2], NETIF_NAMESIZE - 2, n->num);
    return name;
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
