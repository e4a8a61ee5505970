/* harness/host/mac.h: Ethernet addresses as text, and where a host gets its own from.
 *
 * A derived address is a function of the interface's name alone, never of the order of creation:
 * adding a host changes nobody else's address. It is locally administered and unicast: 02:xx:... */
#ifndef HARNESS_HOST_MAC_H
#define HARNESS_HOST_MAC_H

#include <stdbool.h>
#include <stdint.h>

#define MAC_TEXT 18 /* "02:00:00:00:00:01" and the terminator */

void mac_derive(uint8_t mac[6], const char *name);
/* Six pairs of hex digits with colons between them, nothing else. */
bool mac_parse(uint8_t mac[6], const char *text);
void mac_format(char text[MAC_TEXT], const uint8_t mac[6]);

#endif
