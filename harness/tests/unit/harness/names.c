/* names.c: hardware addresses from names, and names that were nearly right. */
#include "unit.h"

#include "harness/host/closest.h"
#include "harness/host/mac.h"

UNIT(mac, derived_address_depends_on_the_name_alone)
{
    uint8_t a[6], b[6], again[6];
    mac_derive(a, "a");
    mac_derive(b, "b");
    mac_derive(again, "a");
    CHECK_MEM(a, again, 6);
    CHECK(memcmp(a, b, 6) != 0);
    CHECK_INT(a[0], 2);
    static const uint8_t known[6] = {0x02, 0x4e, 0x96, 0x1e, 0xb6, 0x32};
    CHECK_MEM(a, known, 6);
}

UNIT(mac, text_round_trips)
{
    uint8_t mac[6] = {0x02, 0xab, 0, 0xff, 0x10, 0x9}, back[6];
    char text[MAC_TEXT];
    mac_format(text, mac);
    CHECK(strcmp(text, "02:ab:00:ff:10:09") == 0);
    CHECK(mac_parse(back, text));
    CHECK_MEM(back, mac, 6);
}

UNIT(mac, text_that_is_no_address_is_refused)
{
    static const char *const bad[] = {"", "02:00:00:00:00", "02:00:00:00:00:1", "02-00-00-00-00-01",
                                      "02:00:00:00:00:0g", "02:00:00:00:00:01:",
                                      " 2:00:00:00:00:01"};
    uint8_t mac[6];
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECKF(!mac_parse(mac, bad[i]), "%s", bad[i]);
}

static const char *const known_names[] = {"udp_ttl", "icmp_ttl", "arp_maxage", "pbuf_pool_size",
                                          "pbuf_pool_bufsize", NULL};

static const char *known(const void *ctx, size_t i)
{
    (void)ctx;
    return known_names[i];
}

UNIT(closest, typing_error_finds_its_name)
{
    char text[100];
    CHECK_INT(closest_names("upd_ttl", known, NULL, text, sizeof text), 1);
    CHECKF(strcmp(text, "udp_ttl") == 0, "%s", text);
    CHECK_INT(closest_names("arp_max_age", known, NULL, text, sizeof text), 1);
    CHECKF(strcmp(text, "arp_maxage") == 0, "%s", text);
}

UNIT(closest, part_of_names_finds_them)
{
    char text[100];
    CHECK_INT(closest_names("pool", known, NULL, text, sizeof text), 2);
    CHECKF(strcmp(text, "pbuf_pool_size, pbuf_pool_bufsize") == 0, "%s", text);
}

UNIT(closest, strange_name_finds_nothing)
{
    char text[100];
    CHECK_INT(closest_names("xxxxxxxx", known, NULL, text, sizeof text), 0);
    CHECK(text[0] == '\0');
}
