/* lwip/debug.h: assertions and debug messages.
 *
 * LWIP_ASSERT(message, assertion): a broken invariant ends in LWIP_PLATFORM_ASSERT. LWIP_NOASSERT
 * removes them. LWIP_ERROR(message, expression, handler): a caller's mistake; says so, then runs
 * handler (usually a return). LWIP_DEBUGF(debug, (printf arguments)): see priv/opt_debug.h. */
#ifndef LWIP_HDR_DEBUG_H
#define LWIP_HDR_DEBUG_H

#include "lwip/arch.h"
#include "lwip/opt.h"

/* the message's level ... */
#define LWIP_DBG_LEVEL_ALL 0x00
#define LWIP_DBG_LEVEL_OFF LWIP_DBG_LEVEL_ALL
#define LWIP_DBG_LEVEL_WARNING 0x01
#define LWIP_DBG_LEVEL_SERIOUS 0x02
#define LWIP_DBG_LEVEL_SEVERE 0x03
#define LWIP_DBG_MASK_LEVEL 0x03
/* ... its kind ... */
#define LWIP_DBG_ON 0x80U
#define LWIP_DBG_OFF 0x00U
#define LWIP_DBG_TRACE 0x40U
#define LWIP_DBG_STATE 0x20U
#define LWIP_DBG_FRESH 0x10U
/* ... and a stop after it */
#define LWIP_DBG_HALT 0x08U

#ifndef LWIP_NOASSERT
#define LWIP_ASSERT(message, assertion) \
    do { \
        if (!(assertion)) { \
            LWIP_PLATFORM_ASSERT(message); \
        } \
    } while (0)
#else
#define LWIP_ASSERT(message, assertion) ((void)0)
#endif

#ifndef LWIP_PLATFORM_ERROR
#ifdef LWIP_DEBUG
#define LWIP_PLATFORM_ERROR(message) LWIP_PLATFORM_DIAG((message))
#else
#define LWIP_PLATFORM_ERROR(message) ((void)0)
#endif
#endif

#ifndef LWIP_ERROR
#define LWIP_ERROR(message, expression, handler) \
    do { \
        if (!(expression)) { \
            LWIP_PLATFORM_ERROR(message); \
            handler; \
        } \
    } while (0)
#endif

/* Ours: the same for a mistake that lwIP only asserts against: without assertions nobody looks. */
#ifndef LWIP_NOASSERT
#define LWIP_ERROR_ASSERTED(message, expression, handler) LWIP_ERROR(message, expression, handler)
#else
#define LWIP_ERROR_ASSERTED(message, expression, handler) ((void)0)
#endif

#ifdef LWIP_DEBUG
#define LWIP_DEBUG_ENABLED(debug) \
    (((debug)&LWIP_DBG_ON) && ((debug)&LWIP_DBG_TYPES_ON) && \
     ((s16_t)((debug)&LWIP_DBG_MASK_LEVEL) >= LWIP_DBG_MIN_LEVEL))
#define LWIP_DEBUGF(debug, message) \
    do { \
        if (LWIP_DEBUG_ENABLED(debug)) { \
            LWIP_PLATFORM_DIAG(message); \
            if ((debug)&LWIP_DBG_HALT) { \
                for (;;) { \
                } \
            } \
        } \
    } while (0)
#else
#define LWIP_DEBUG_ENABLED(debug) 0
#define LWIP_DEBUGF(debug, message) ((void)0)
#endif

#endif
