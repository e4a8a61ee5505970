/* harness/host/mac.c */
#include "harness/host/mac.h"

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void mac_derive(uint8_t mac[6], const char *name)
{
    uint64_t h = XXH3_64bits(name, strlen(name));
    mac[0] = 0x02;
    for (int i = 1; i < 6; i++)
        mac[i] = (uint8_t)(h >> (8 * i));
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool mac_parse(uint8_t mac[6], const char *text)
{
    if (strlen(text) != MAC_TEXT - 1)
        return false;
    for (int i = 0; i < 6; i++) {
        int high = digit(text[3 * i]), low = digit(text[3 * i + 1]);
        if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != ':'))
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

void mac_format(char text[MAC_TEXT], const uint8_t mac[6])
{
    snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
}
