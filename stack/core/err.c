/* core/err.c: lwIP's error codes in words and as errno values. */
#include "lwip/err.h"

#include "lwip/def.h"
#include "lwip/errno.h"

#ifdef LWIP_DEBUG

static const char *const words[] = {
    "success",              /* ERR_OK */
    "no memory left",       /* ERR_MEM */
    "unsuitable buffer",    /* ERR_BUF */
    "took too long",        /* ERR_TIMEOUT */
    "no route",             /* ERR_RTE */
    "in progress",          /* ERR_INPROGRESS */
    "value not allowed",    /* ERR_VAL */
    "has to wait",          /* ERR_WOULDBLOCK */
    "address taken",        /* ERR_USE */
    "connecting already",   /* ERR_ALREADY */
    "connected already",    /* ERR_ISCONN */
    "no connection",        /* ERR_CONN */
    "interface failed",     /* ERR_IF */
    "aborted locally",      /* ERR_ABRT */
    "reset by the peer",    /* ERR_RST */
    "closed",               /* ERR_CLSD */
    "argument not valid",   /* ERR_ARG */
};

const char *lwip_strerr(err_t err)
{
    if (err > 0 || -err >= (int)LWIP_ARRAYSIZE(words))
        return "no error code";
    return words[-err];
}

#endif

#if !NO_SYS

static const int errnos[] = {
    0,             /* ERR_OK */
    ENOMEM,        /* ERR_MEM */
    ENOBUFS,       /* ERR_BUF */
    EWOULDBLOCK,   /* ERR_TIMEOUT */
    EHOSTUNREACH,  /* ERR_RTE */
    EINPROGRESS,   /* ERR_INPROGRESS */
    EINVAL,        /* ERR_VAL */
    EWOULDBLOCK,   /* ERR_WOULDBLOCK */
    EADDRINUSE,    /* ERR_USE */
    EALREADY,      /* ERR_ALREADY */
    EISCONN,       /* ERR_ISCONN */
    ENOTCONN,      /* ERR_CONN */
    -1,            /* ERR_IF */
    ECONNABORTED,  /* ERR_ABRT */
    ECONNRESET,    /* ERR_RST */
    ENOTCONN,      /* ERR_CLSD */
    EIO,           /* ERR_ARG */
};

int err_to_errno(err_t err)
{
    if (err > 0 || -err >= (int)LWIP_ARRAYSIZE(errnos))
        return EIO;
    return errnos[-err];
}

#endif
