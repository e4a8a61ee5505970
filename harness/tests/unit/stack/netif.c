/* Tests of stack/core/netif_*.c: life cycle, addresses, names and numbers, call-backs. */
#include "core_fixture.h"

#include "lwip/netif.h"
#include "lwip/snmp.h"

static char log_text[256];

static void note(const char *what, unsigned value)
{
    size_t used = strlen(log_text);
    snprintf(log_text + used, sizeof log_text - used, "%s%x ", what, value);
}

#define LOGGED(text)                                                                               \
    do {                                                                                           \
        CHECKF(strcmp(log_text, text) == 0, "log \"%.200s\", expected \"%.99s\"", log_text, text); \
        log_text[0] = '\0';                                                                        \
    } while (0)

static err_t init_et(struct netif *n)
{
    n->name[0] = 'e';
    n->name[1] = 't';
    n->hwaddr_len = 6;
    n->mtu = 1500;
    return ERR_OK;
}

static err_t init_fails(struct netif *n)
{
    (void)n;
    return ERR_IF;
}

static err_t input(struct pbuf *p, struct netif *n)
{
    (void)n;
    pbuf_free(p);
    return ERR_OK;
}

static ip4_addr_t ip(u8_t a, u8_t b, u8_t c, u8_t d)
{
    ip4_addr_t r;
    IP4_ADDR(&r, a, b, c, d);
    return r;
}

static void begin(void)
{
    log_text[0] = '\0';
    fixture_up(NULL);
}

static struct netif *add(struct netif *n)
{
    memset(n, 0xA5, sizeof *n);
    return netif_add(n, NULL, NULL, NULL, NULL, init_et, input);
}

UNIT(netif, add_sets_every_field_and_lists_the_latest_first)
{
    struct netif a, b;
    int state;
    ip4_addr_t addr = ip(10, 0, 0, 1), mask = ip(255, 0, 0, 0), gw = ip(10, 0, 0, 254);
    begin();
    memset(&a, 0xA5, sizeof a);
    CHECK(netif_add(&a, &addr, &mask, &gw, &state, init_et, input) == &a);
    CHECK(add(&b) == &b);
    CHECK(netif_list == &b && b.next == &a && a.next == netif_get_loopif());
    CHECK(ip4_addr_eq(netif_ip4_addr(&a), &addr));
    CHECK(ip4_addr_eq(netif_ip4_netmask(&a), &mask));
    CHECK(ip4_addr_eq(netif_ip4_gw(&a), &gw));
    CHECK(ip4_addr_isany(netif_ip4_addr(&b)));
    CHECK(a.state == &state && a.input == input);
    CHECK_INT(a.flags, 0);
    CHECK(!netif_is_up(&a) && !netif_is_link_up(&a));
    CHECK_INT(a.chksum_flags, 0xFFFF);
    CHECK(a.loop_first == NULL && a.loop_last == NULL);
    CHECK(a.status_callback == NULL && a.link_callback == NULL && a.remove_callback == NULL);
    CHECK_INT(a.output(&a, NULL, &addr), ERR_IF); /* until the driver sets one */
    for (u8_t i = 0; i < sizeof a.client_data / sizeof a.client_data[0]; i++)
        CHECK(netif_get_client_data(&a, i) == NULL || i < LWIP_NETIF_CLIENT_DATA_INDEX_MAX);
    fixture_down();
}

UNIT(netif, add_refuses_nonsense_and_duplicates)
{
    struct netif a;
    begin();
    CHECK(netif_add(NULL, NULL, NULL, NULL, NULL, init_et, input) == NULL);
    CHECK(netif_add(&a, NULL, NULL, NULL, NULL, NULL, input) == NULL);
    CHECK(netif_add(&a, NULL, NULL, NULL, NULL, init_fails, input) == NULL);
    CHECK(netif_list == netif_get_loopif());
    CHECK(add(&a) == &a);
    netif_set_up(&a);
    u8_t num = a.num;
    CHECK(netif_add(&a, NULL, NULL, NULL, NULL, init_et, input) == NULL);
    CHECK_INT(a.num, num); /* the one that is there was not touched */
    CHECK(netif_is_up(&a));
    fixture_down();
}

UNIT(netif, remove_forgets_it_and_the_default)
{
    struct netif a, b, stranger;
    begin();
    add(&a);
    add(&b);
    netif_set_default(&a);
    CHECK(netif_default == &a);
    netif_remove(NULL);
    memset(&stranger, 0, sizeof stranger);
    netif_remove(&stranger);
    netif_remove(&a);
    CHECK(netif_default == NULL);
    CHECK(netif_list == &b && b.next == netif_get_loopif());
    netif_remove(&a); /* again: nothing */
    CHECK(add(&a) == &a);
    fixture_checks();
    netif_remove(&b);
    netif_remove(&a);
    fixture_down();
}

UNIT(netif, numbers_are_unique_and_reused_up_to_255_interfaces)
{
    static struct netif n[255], extra;
    bool seen[255] = {false};
    begin(); /* the loopback interface has a number, too */
    for (unsigned i = 0; i < 254; i++)
        CHECK(add(&n[i]) == &n[i]);
    for (struct netif *i = netif_list; i != NULL; i = i->next) {
        CHECK(i->num <= 254 && !seen[i->num]);
        seen[i->num] = true;
    }
    CHECK(add(&extra) == NULL);
    u8_t freed = n[100].num;
    netif_remove(&n[100]);
    CHECK(add(&extra) == &extra);
    CHECK_INT(extra.num, freed);
    CHECK(netif_get_by_index((u8_t)(freed + 1)) == &extra);
    CHECK(netif_get_by_index(255)->num == 254);
    fixture_checks();
    for (unsigned i = 0; i < 254; i++)
        netif_remove(&n[i]);
    netif_remove(&extra);
    fixture_down();
}

UNIT(netif, names_and_indices_translate)
{
    struct netif a, b;
    char name[NETIF_NAMESIZE];
    begin();
    CHECK_INT(netif_get_loopif()->num, 0);
    add(&a);
    add(&b);
    CHECK_INT(a.num, 1);
    CHECK(netif_find("lo0") == netif_get_loopif());
    CHECK(netif_find("et1") == &a);
    CHECK(netif_find("et2") == &b);
    static const char *const bad[] = {"", "e", "et", "et0", "et3", "en1", "et1x", "etx",
                                      "et-1", "et256", "et257", "et4294967297", "Et1"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECKF(netif_find(bad[i]) == NULL, "\"%s\"", bad[i]);
        CHECK_INT(netif_name_to_index(bad[i]), NETIF_NO_INDEX);
    }
    CHECK(netif_find(NULL) == NULL);
    CHECK_INT(netif_name_to_index("et2"), 3);
    CHECK_INT(netif_get_index(&b), 3);
    CHECK(netif_index_to_name(3, name) == name && strcmp(name, "et2") == 0);
    CHECK(netif_index_to_name(0, name) == NULL);
    CHECK(netif_index_to_name(4, name) == NULL);
    CHECK(netif_get_by_index(0) == NULL);
    CHECK(netif_get_by_index(2) == &a);
    fixture_down();
}

UNIT(netif, client_data_slots_run_out)
{
    struct netif a;
    int mine;
    begin();
    add(&a);
    u8_t first = netif_alloc_client_data_id();
    CHECK_INT(first, LWIP_NETIF_CLIENT_DATA_INDEX_MAX);
    netif_set_client_data(&a, first, &mine);
    CHECK(netif_get_client_data(&a, first) == &mine);
    for (unsigned i = 1; i < LWIP_NUM_NETIF_CLIENT_DATA; i++)
        CHECK_INT(netif_alloc_client_data_id(), first + i);
    CHECK_INT(netif_alloc_client_data_id(), 0);
    fixture_down();
}

static void on_status(struct netif *n)
{
    note("status", n->flags);
}

static void on_link(struct netif *n)
{
    note("link", n->flags);
}

static void on_remove(struct netif *n)
{
    note("remove", n->flags);
}

static void on_ext(struct netif *n, netif_nsc_reason_t reason,
                   const netif_ext_callback_args_t *args)
{
    (void)n;
    note("ext", reason);
    if (reason & LWIP_NSC_STATUS_CHANGED)
        note("=", args->status_changed.state);
    if (reason & LWIP_NSC_LINK_CHANGED)
        note("=", args->link_changed.state);
    if (reason & LWIP_NSC_IPV4_ADDRESS_CHANGED)
        note("addr", lwip_ntohl(ip_addr_get_ip4_u32(args->ipv4_changed.old_address)));
    if (reason & LWIP_NSC_IPV4_NETMASK_CHANGED)
        note("mask", lwip_ntohl(ip_addr_get_ip4_u32(args->ipv4_changed.old_netmask)));
    if (reason & LWIP_NSC_IPV4_GATEWAY_CHANGED)
        note("gw", lwip_ntohl(ip_addr_get_ip4_u32(args->ipv4_changed.old_gw)));
}

static err_t added_result;

static err_t on_added(struct netif *n)
{
    note("added", n->flags);
    return added_result;
}

static void on_news(enum netif_news news, struct netif *n, const ip_addr_t *a, const ip_addr_t *b)
{
    switch (news) {
    case NETIF_NEWS_ANNOUNCE:
        note("announce", n->flags);
        break;
    case NETIF_NEWS_WENT_DOWN:
        note("down", n->flags);
        break;
    case NETIF_NEWS_ADDR_CHANGED:
        note("from", lwip_ntohl(ip_addr_get_ip4_u32(a)));
        note("to", lwip_ntohl(ip_addr_get_ip4_u32(b)));
        break;
    case NETIF_NEWS_REMOVED:
        note("removed", n->flags);
        break;
    case NETIF_NEWS_ROUTES_CHANGED:
    case NETIF_NEWS_NEIGHBOUR_LOST:
        break;
    }
}

static void on_nothing(enum netif_news news, struct netif *n, const ip_addr_t *a,
                       const ip_addr_t *b)
{
    (void)news, (void)n, (void)a, (void)b;
}

static const struct netif_listener listener = {.added = on_added, .hear = on_news};
static const struct netif_listener silent_listener = {.hear = on_nothing};
static netif_ext_callback_t subscription;

static void watch(struct netif *n)
{
    added_result = ERR_OK;
    netif_listener_register(&silent_listener);
    netif_listener_register(&listener);
    netif_add_ext_callback(&subscription, on_ext);
    if (n == NULL)
        return;
    netif_set_status_callback(n, on_status);
    netif_set_link_callback(n, on_link);
    netif_set_remove_callback(n, on_remove);
}

UNIT(netif, up_and_link_announce_together)
{
    struct netif a;
    ip4_addr_t addr = ip(10, 0, 0, 1);
    begin();
    netif_add(&a, &addr, NULL, NULL, NULL, init_et, input);
    watch(&a);
    netif_set_up(&a);
    LOGGED("status1 ext8 =1 ");
    netif_set_up(&a); /* already */
    LOGGED("");
    netif_set_link_up(&a);
    LOGGED("announce5 link5 ext4 =1 ");
    netif_set_link_up(&a);
    LOGGED("");
    netif_set_down(&a);
    LOGGED("ext8 =0 down4 status4 ");
    netif_set_down(&a);
    LOGGED("");
    netif_set_up(&a);
    LOGGED("status5 ext8 =1 announce5 ");
    netif_set_link_down(&a);
    LOGGED("down1 link1 ext4 =0 ");
    netif_set_link_down(&a);
    LOGGED("");
    CHECK_INT(fixture.event_b, 1);
    CHECK_INT(fixture.event_a, netif_get_index(&a));
    fixture_down();
}

UNIT(netif, without_an_address_nothing_is_announced)
{
    struct netif a;
    ip4_addr_t addr = ip(10, 0, 0, 1);
    begin();
    add(&a);
    watch(&a);
    netif_set_up(&a);
    netif_set_link_up(&a);
    LOGGED("status1 ext8 =1 link5 ext4 =1 ");
    netif_set_ipaddr(&a, &addr);
    LOGGED("from0 toa000001 announce5 status5 ext10 addr0 ");
    netif_set_ipaddr(&a, &addr);
    LOGGED("");
    netif_set_ipaddr(&a, NULL);
    LOGGED("froma000001 to0 status5 ext10 addra000001 ");
    fixture_down();
}

UNIT(netif, set_addr_tells_once_with_all_old_values)
{
    struct netif a;
    ip4_addr_t addr = ip(10, 0, 0, 1), mask = ip(255, 0, 0, 0), gw = ip(10, 0, 0, 9);
    begin();
    add(&a);
    watch(&a);
    netif_set_addr(&a, &addr, &mask, &gw);
    LOGGED("from0 toa000001 status0 ext4f0 addr0 mask0 gw0 ");
    netif_set_addr(&a, &addr, &mask, &gw); /* confirmed */
    LOGGED("ext400 ");
    gw = ip(10, 0, 0, 8);
    netif_set_addr(&a, &addr, &mask, &gw);
    LOGGED("ext4a0 gwa000009 ");
    netif_set_netmask(&a, &mask);
    netif_set_gw(&a, &gw);
    LOGGED("");
    mask = ip(255, 255, 0, 0);
    netif_set_netmask(&a, &mask);
    LOGGED("ext40 maskff000000 ");
    netif_set_gw(&a, NULL);
    LOGGED("ext20 gwa000008 ");
    netif_set_addr(&a, NULL, NULL, NULL);
    LOGGED("froma000001 to0 status0 extd0 addra000001 maskffff0000 ");
    netif_set_addr(&a, NULL, NULL, NULL);
    LOGGED("");
    fixture_down();
}

/* [RFC1122 3.2.1.3] */
UNIT(netif, address_of_many_is_refused_and_nothing_changes)
{
    struct netif a;
    ip4_addr_t addr = ip(10, 0, 0, 1), mask = ip(255, 0, 0, 0), gw = ip(10, 0, 0, 9);
    const ip4_addr_t many[] = {ip(224, 0, 0, 1), ip(239, 1, 2, 3), ip(255, 255, 255, 255)};
    begin();
    add(&a);
    netif_set_addr(&a, &addr, &mask, &gw);
    watch(&a);
    for (size_t i = 0; i < 3; i++) {
        netif_set_addr(&a, &many[i], &gw, &mask);
        netif_set_ipaddr(&a, &many[i]);
    }
    LOGGED("");
    CHECK_INT(netif_ip4_addr(&a)->addr, addr.addr);
    CHECK_INT(netif_ip4_netmask(&a)->addr, mask.addr);
    CHECK_INT(netif_ip4_gw(&a)->addr, gw.addr);
    fixture_down();
}

/* [RFC1122 3.2.2.9] */
UNIT(netif, mask_with_holes_is_refused_and_changes_nothing)
{
    static const u32_t holes[] = {0xff00ff00u, 0x00ffffffu, 1u, 0x7fffffffu, 0xfffffffdu};
    struct netif a, b;
    ip4_addr_t addr = ip(10, 0, 0, 1), other = ip(10, 0, 0, 2), mask = ip(255, 0, 0, 0), bad;
    begin();
    add(&a);
    netif_set_addr(&a, &addr, &mask, NULL);
    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        ip4_addr_set_u32(&bad, lwip_htonl(holes[i]));
        netif_set_netmask(&a, &bad);
        SHOWS("RQ-1122-50", ip4_addr_eq(netif_ip4_netmask(&a), &mask));
        netif_set_addr(&a, &other, &bad, &other);
        SHOWS("RQ-1122-50", ip4_addr_eq(netif_ip4_netmask(&a), &mask));
        CHECK(ip4_addr_eq(netif_ip4_addr(&a), &addr));
        CHECK(ip4_addr_isany(netif_ip4_gw(&a)));
        SHOWS("RQ-1122-50", netif_add(&b, &addr, &bad, NULL, NULL, init_et, input) == NULL);
    }
    for (unsigned bits = 0; bits <= 32; bits++) {
        ip4_addr_set_u32(&mask, lwip_htonl(bits == 0 ? 0 : 0xffffffffu << (32 - bits)));
        netif_set_netmask(&a, &mask);
        CHECK(ip4_addr_eq(netif_ip4_netmask(&a), &mask));
    }
    fixture_down();
}

UNIT(netif, life_and_death_are_told)
{
    struct netif a;
    ip4_addr_t addr = ip(10, 0, 0, 1);
    begin();
    watch(NULL);
    memset(&a, 0xA5, sizeof a);
    netif_add(&a, &addr, NULL, NULL, NULL, init_et, input);
    LOGGED("from0 toa000001 ext490 addr0 added0 ext1 ");
    netif_set_status_callback(&a, on_status);
    netif_set_remove_callback(&a, on_remove);
    netif_set_up(&a);
    log_text[0] = '\0';
    netif_remove(&a);
    LOGGED("ext2 froma000001 to0 ext8 =0 down0 status0 removed0 remove0 ");
    fixture_down();
}

UNIT(netif, add_fails_when_a_listener_cannot_set_up)
{
    struct netif a;
    begin();
    watch(NULL);
    added_result = ERR_MEM;
    CHECK(add(&a) == NULL);
    LOGGED("added0 ");
    CHECK(netif_list == netif_get_loopif());
    added_result = ERR_OK;
    CHECK(add(&a) == &a);
    log_text[0] = '\0';
    fixture_down();
}

static void unsubscribes(struct netif *n, netif_nsc_reason_t reason,
                         const netif_ext_callback_args_t *args)
{
    (void)n, (void)args;
    note("once", reason);
    netif_remove_ext_callback(&subscription);
}

UNIT(netif, subscriber_may_unsubscribe_itself)
{
    static netif_ext_callback_t second;
    struct netif a;
    begin();
    add(&a);
    netif_add_ext_callback(&second, on_ext);
    netif_add_ext_callback(&subscription, unsubscribes);
    netif_set_up(&a);
    LOGGED("once8 ext8 =1 ");
    netif_set_down(&a);
    LOGGED("ext8 =0 ");
    netif_remove_ext_callback(&subscription); /* not there: no harm */
    netif_remove_ext_callback(&second);
    netif_set_up(&a);
    LOGGED("");
    fixture_down();
}

UNIT(netif, check_finds_broken_lists)
{
    struct netif a, b;
    begin();
    add(&a);
    add(&b);
    b.num = a.num;
    CHECK(stack_check(fixture.s) != NULL);
    b.num = 2;
    b.input = NULL;
    CHECK(stack_check(fixture.s) != NULL);
    b.input = input;
    b.next = &b;
    CHECK(stack_check(fixture.s) != NULL);
    b.next = &a;
    struct netif stranger;
    STACK->pub.netif_default_ = &stranger;
    CHECK(stack_check(fixture.s) != NULL);
    STACK->pub.netif_default_ = NULL;
    fixture_down();
}
