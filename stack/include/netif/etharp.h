/* netif/etharp.h: the old place of two headers, for drivers that still include it. */
#include "lwip/etharp.h"
#include "netif/ethernet.h"
