/* harness/firmware/guest/device.c: see device.h. In a file of their own, so that no compiler puts
 * these values into code. */
#include "harness/firmware/guest/device.h"

const uint8_t board_ip[4] = {10, 0, 0, 2};
const uint8_t board_mac[6] = {0x02, 0x00, 0x00, 0x00, 0x00, 0x02};
