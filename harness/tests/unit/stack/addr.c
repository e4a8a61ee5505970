/* Tests of stack/core/ip4_addr.c. Runs on every build. */
#include "unit.h"

#include "lwip/def.h"
#include "lwip/ip_addr.h"
#include "lwip/netif.h"
#include "support.h"

UNIT(addr, aton_reads_every_form)
{
    static const struct {
        const char *text;
        int ok;
        u32_t addr;
    } rows[] = {
        {"192.168.0.1", 1, 0xC0A80001},
        {"0.0.0.0", 1, 0},
        {"255.255.255.255", 1, 0xFFFFFFFF},
        {"127.1", 1, 0x7F000001},
        {"10.1.2", 1, 0x0A010002},
        {"10.1.65535", 1, 0x0A01FFFF},
        {"10.1.65536", 0, 0},
        {"10.16777215", 1, 0x0AFFFFFF},
        {"10.16777216", 0, 0},
        {"4294967295", 1, 0xFFFFFFFF},
        {"4294967296", 0, 0},
        {"99999999999999999999999", 0, 0},
        {"0x7f.1", 1, 0x7F000001},
        {"0X7F.0xA", 1, 0x7F00000A},
        {"0xC0A80001", 1, 0xC0A80001},
        {"0300.0250.00.01", 1, 0xC0A80001},
        {"0", 1, 0},
        {"010", 1, 8},
        {"08", 0, 0},
        {"0xg", 0, 0},
        {"1.2.3.4 ", 1, 0x01020304},
        {"1.2.3.4\tmore", 1, 0x01020304},
        {"1.2.3.4x", 0, 0},
        {"1.2.3.4.", 0, 0},
        {"1.2.3.4.5", 0, 0},
        {"1.2.3.", 0, 0},
        {"1..2", 0, 0},
        {".1.2.3", 0, 0},
        {"256.1.1.1", 0, 0},
        {"1.256.1.1", 0, 0},
        {"1.1.256.1", 0, 0},
        {"1.1.1.256", 0, 0},
        {"", 0, 0},
        {" 1.2.3.4", 0, 0},
        {"-1.2.3.4", 0, 0},
        {"a.b.c.d", 0, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ip4_addr_t a = {0xEEEEEEEEu};
        CHECKF(ip4addr_aton(rows[i].text, &a) == rows[i].ok, "\"%s\"", rows[i].text);
        CHECK_INT(ip4addr_aton(rows[i].text, NULL), rows[i].ok);
        CHECKF(a.addr == (rows[i].ok ? lwip_htonl(rows[i].addr) : 0xEEEEEEEEu), "\"%s\"",
               rows[i].text);
        CHECK_INT(ipaddr_addr(rows[i].text), rows[i].ok ? a.addr : IPADDR_NONE);
    }
}

UNIT(addr, ntoa_writes_whole_or_nothing)
{
    static const struct {
        u32_t addr;
        const char *text;
    } rows[] = {{0, "0.0.0.0"}, {0xFFFFFFFF, "255.255.255.255"}, {0x0A640901, "10.100.9.1"}};
    struct support s;
    support_begin(&s, NULL, 0);
    for (unsigned i = 0; i < 3; i++) {
        ip4_addr_t a = {lwip_htonl(rows[i].addr)};
        char buf[20];
        int need = (int)strlen(rows[i].text) + 1;
        for (int room = 0; room <= need + 1; room++) {
            memset(buf, '#', sizeof buf);
            CHECK((ip4addr_ntoa_r(&a, buf, room) == buf) == (room >= need));
            CHECK(room < need || strcmp(buf, rows[i].text) == 0);
            CHECK_INT(buf[room > need ? need : room], '#');
        }
        CHECK(strcmp(ip4addr_ntoa(&a), rows[i].text) == 0);
    }
    support_end(&s);
}

UNIT(addr, netmask_is_ones_then_zeros)
{
    for (unsigned bits = 0; bits <= 32; bits++) {
        u32_t mask = bits == 0 ? 0 : 0xFFFFFFFFu << (32 - bits);
        CHECK_INT(ip4_addr_netmask_valid(lwip_htonl(mask)), 1);
    }
    CHECK_INT(ip4_addr_netmask_valid(lwip_htonl(0xFF00FF00u)), 0);
    CHECK_INT(ip4_addr_netmask_valid(lwip_htonl(0x00FFFFFFu)), 0);
    CHECK_INT(ip4_addr_netmask_valid(lwip_htonl(1)), 0);
    CHECK_INT(ip4_addr_netmask_valid(lwip_htonl(0x7FFFFFFFu)), 0);
}

UNIT(addr, broadcast_depends_on_the_interface)
{
    struct netif n;
    memset(&n, 0, sizeof n);
    n.flags = NETIF_FLAG_BROADCAST;
    IP_ADDR4(&n.ip_addr, 10, 1, 2, 3);
    IP_ADDR4(&n.netmask, 255, 255, 255, 0);
    CHECK(ip4_addr_isbroadcast_u32(PP_HTONL(0xFFFFFFFFu), &n));
    CHECK(ip4_addr_isbroadcast_u32(0, &n));
    CHECK(ip4_addr_isbroadcast_u32(PP_HTONL(0x0A0102FFu), &n));
    CHECK(!ip4_addr_isbroadcast_u32(PP_HTONL(0x0A0103FFu), &n));
    CHECK(!ip4_addr_isbroadcast_u32(PP_HTONL(0x0A010204u), &n));
    CHECK(!ip4_addr_isbroadcast_u32(PP_HTONL(0x0A010203u), &n));
    IP_ADDR4(&n.ip_addr, 10, 1, 2, 255); /* our own address, whatever it looks like */
    CHECK(!ip4_addr_isbroadcast_u32(PP_HTONL(0x0A0102FFu), &n));
    IP_ADDR4(&n.ip_addr, 10, 1, 2, 3);
    n.flags = 0;
    CHECK(!ip4_addr_isbroadcast_u32(PP_HTONL(0x0A0102FFu), &n));
    CHECK(ip4_addr_isbroadcast_u32(PP_HTONL(0xFFFFFFFFu), &n));
}

UNIT(addr, constants_are_what_they_say)
{
    CHECK(ip4_addr_isany(IP4_ADDR_ANY4));
    CHECK_INT(ip_addr_get_ip4_u32(IP_ADDR_BROADCAST), IPADDR_BROADCAST);
}
