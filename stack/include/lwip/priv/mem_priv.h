/* lwip/priv/mem_priv.h: guard bytes round heap blocks and pool elements. For the stack. */
#ifndef LWIP_HDR_MEM_PRIV_H
#define LWIP_HDR_MEM_PRIV_H

#include "lwip/mem.h"
#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

#if MEM_OVERFLOW_CHECK || MEMP_OVERFLOW_CHECK
/* how many, before and after; rounded up so that what lies between stays aligned */
#ifndef MEM_SANITY_REGION_BEFORE
#define MEM_SANITY_REGION_BEFORE 16
#endif
#ifndef MEM_SANITY_REGION_AFTER
#define MEM_SANITY_REGION_AFTER 16
#endif
#define MEM_SANITY_REGION_BEFORE_ALIGNED LWIP_MEM_ALIGN_SIZE(MEM_SANITY_REGION_BEFORE)
#define MEM_SANITY_REGION_AFTER_ALIGNED LWIP_MEM_ALIGN_SIZE(MEM_SANITY_REGION_AFTER)

/* Fills the guards round size bytes at p; or checks them and asserts, naming descr1 and descr2. */
void mem_overflow_init_raw(void *p, size_t size);
void mem_overflow_check_raw(void *p, size_t size, const char *descr1, const char *descr2);
#endif

#ifdef __cplusplus
}
#endif

#endif
