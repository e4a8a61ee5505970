/* tcp/leaves.c: see leaves.h. Empty where they are inlined. */
#include "lwip/opt.h"

#if LWIP_TCP

#define TCP_LEAVES_HERE
#include "stack/tcp/checksum.h"
#include "stack/tcp/tcp_local.h"

#endif
