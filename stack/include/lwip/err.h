/* lwip/err.h: what API calls return. ERR_OK is 0, all errors are negative. */
#ifndef LWIP_HDR_ERR_H
#define LWIP_HDR_ERR_H

#include "lwip/arch.h"
#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ERR_OK = 0,
    ERR_MEM = -1,         /* heap or pool exhausted */
    ERR_BUF = -2,         /* buffer too small, or not of the needed kind */
    ERR_TIMEOUT = -3,
    ERR_RTE = -4,         /* no route */
    ERR_INPROGRESS = -5,
    ERR_VAL = -6,         /* illegal value */
    ERR_WOULDBLOCK = -7,
    ERR_USE = -8,         /* address in use */
    ERR_ALREADY = -9,     /* already connecting */
    ERR_ISCONN = -10,     /* already connected */
    ERR_CONN = -11,       /* not connected */
    ERR_IF = -12,         /* the driver failed */
    ERR_ABRT = -13,       /* connection aborted by us */
    ERR_RST = -14,        /* connection reset by the peer */
    ERR_CLSD = -15,       /* connection closed */
    ERR_ARG = -16         /* illegal argument */
} err_enum_t;

#ifdef LWIP_ERR_T
typedef LWIP_ERR_T err_t;
#else
typedef s8_t err_t;
#endif

/* A few words for people with LWIP_DEBUG, else an empty string. Any value may be asked about. */
#ifdef LWIP_DEBUG
const char *lwip_strerr(err_t err);
#else
#define lwip_strerr(x) ""
#endif

#if !NO_SYS
int err_to_errno(err_t err);
#endif

#ifdef __cplusplus
}
#endif

#endif
