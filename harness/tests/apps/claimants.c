/* claimants.c: clients of address conflict detection; for the museum.
 *
 * Arguments: one of
 *   candidates N         one client: tries 169.254.7.N; after each ACD_DECLINE the next higher last
 *                        octet is its candidate, which each ACD_RESTART_CLIENT starts
 *   pair                 two clients on one interface, as DHCP and AutoIP would be; datagrams to
 *                        port 9 say what to do: "a" or "b" removes one, "A" or "B" starts it,
 *                        "+a" adds it again, "x" lets the next call-back remove both
 * Each call-back prints which client was told what. */
#include "lockwire/app.h"

#include "lwip/acd.h"
#include "lwip/netif.h"
#include "lwip/udp.h"

#include <stdlib.h>
#include <string.h>

#define PORT 9

static struct acd a, b;
static unsigned candidate;
static int remove_both;

static const char *const words[] = {
    [ACD_IP_OK] = "ok", [ACD_RESTART_CLIENT] = "restart", [ACD_DECLINE] = "decline"};

static ip4_addr_t link_local(unsigned last)
{
    ip4_addr_t address;
    IP4_ADDR(&address, 169, 254, 7, last);
    return address;
}

static void told_candidate(struct netif *netif, acd_callback_enum_t what)
{
    app_printf("%u %s\n", candidate, words[what]);
    if (what == ACD_DECLINE)
        candidate++;
    else if (what == ACD_RESTART_CLIENT)
        acd_start(netif, &a, link_local(candidate));
}

static void told(const char *who, struct netif *netif, acd_callback_enum_t what)
{
    app_printf("%s %s\n", who, words[what]);
    if (remove_both) {
        remove_both = 0;
        acd_remove(netif, &a);
        acd_remove(netif, &b);
    }
}

static void told_a(struct netif *netif, acd_callback_enum_t what)
{
    told("a", netif, what);
}

static void told_b(struct netif *netif, acd_callback_enum_t what)
{
    told("b", netif, what);
}

static void obey(const char *order)
{
    struct netif *netif = netif_default;
    if (strcmp(order, "a") == 0)
        acd_remove(netif, &a);
    else if (strcmp(order, "b") == 0)
        acd_remove(netif, &b);
    else if (strcmp(order, "A") == 0)
        acd_start(netif, &a, link_local(1));
    else if (strcmp(order, "B") == 0)
        acd_start(netif, &b, link_local(2));
    else if (strcmp(order, "+a") == 0)
        acd_add(netif, &a, told_a);
    else if (strcmp(order, "x") == 0)
        remove_both = 1;
}

static void got(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    char order[3] = "";
    (void)arg, (void)pcb, (void)from, (void)port;
    pbuf_copy_partial(p, order, sizeof order - 1, 0);
    pbuf_free(p);
    obey(order);
}

void app_main(int argc, char **argv)
{
    struct netif *netif = netif_default;
    if (argc == 3 && strcmp(argv[1], "candidates") == 0) {
        candidate = (unsigned)atoi(argv[2]);
        acd_add(netif, &a, told_candidate);
        acd_start(netif, &a, link_local(candidate));
    } else if (argc == 2 && strcmp(argv[1], "pair") == 0) {
        struct udp_pcb *pcb = udp_new();
        if (pcb != NULL && udp_bind(pcb, IP_ADDR_ANY, PORT) == ERR_OK)
            udp_recv(pcb, got, NULL);
        acd_add(netif, &a, told_a);
        acd_add(netif, &b, told_b);
        acd_start(netif, &a, link_local(1));
        acd_start(netif, &b, link_local(2));
    }
}

/* The interface goes before the host's memory: it may not keep what lies in here. */
void app_exit(void)
{
    if (netif_default != NULL) {
        acd_remove(netif_default, &a);
        acd_remove(netif_default, &b);
    }
}
