/* ports/unit/arch/bus.h: the hardware is somebody's functions. */
#ifndef LWIP_ARCH_BUS_H
#define LWIP_ARCH_BUS_H

#include "lockwire/bus_table.h"

#endif
