/* harness/firmware/guest/services.h: the servers of the application; see echo.c. */
#ifndef HARNESS_FIRMWARE_GUEST_SERVICES_H
#define HARNESS_FIRMWARE_GUEST_SERVICES_H

/* After lwip_init(). Says on the console what could not be started. */
void services_start(void);

#endif
