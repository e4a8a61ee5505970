/* harness/firmware/guest/device.h: what differs from device to device. A programmer may write other
 * values over these symbols of the image: net.firmware(settings={"board_ip": ...}). */
#ifndef HARNESS_FIRMWARE_GUEST_DEVICE_H
#define HARNESS_FIRMWARE_GUEST_DEVICE_H

#include <stdint.h>

extern const uint8_t board_ip[4], board_mac[6];

#endif
