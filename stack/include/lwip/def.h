/* lwip/def.h: byte order, minimum and maximum, and string helpers that a small C library lacks. */
#ifndef LWIP_HDR_DEF_H
#define LWIP_HDR_DEF_H

#include "lwip/arch.h"
#include "lwip/opt.h"

#if LWIP_PERF
#include "arch/perf.h"
#else
#define PERF_START
#define PERF_STOP(x)
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define LWIP_MAX(x, y) (((x) > (y)) ? (x) : (y))
#define LWIP_MIN(x, y) (((x) < (y)) ? (x) : (y))
#define LWIP_ARRAYSIZE(x) (sizeof(x) / sizeof((x)[0]))
/* a is the most significant byte */
#define LWIP_MAKEU32(a, b, c, d) \
    (((u32_t)((a)&0xff) << 24) | ((u32_t)((b)&0xff) << 16) | ((u32_t)((c)&0xff) << 8) | \
     (u32_t)((d)&0xff))

#ifndef NULL
#define NULL ((void *)0)
#endif

/* PP_x: for constants, also in #if and static initialisers. */
#if BYTE_ORDER == BIG_ENDIAN
#define lwip_htons(x) ((u16_t)(x))
#define lwip_ntohs(x) ((u16_t)(x))
#define lwip_htonl(x) ((u32_t)(x))
#define lwip_ntohl(x) ((u32_t)(x))
#define PP_HTONS(x) ((u16_t)(x))
#define PP_NTOHS(x) ((u16_t)(x))
#define PP_HTONL(x) ((u32_t)(x))
#define PP_NTOHL(x) ((u32_t)(x))
#else
/* A port may define these two names as macros for something faster. */
#ifndef lwip_htons
u16_t lwip_htons(u16_t x);
#endif
#define lwip_ntohs(x) lwip_htons(x)
#ifndef lwip_htonl
u32_t lwip_htonl(u32_t x);
#endif
#define lwip_ntohl(x) lwip_htonl(x)
#define PP_HTONS(x) ((u16_t)((((x)&0xffU) << 8) | (((x)&0xff00U) >> 8)))
#define PP_NTOHS(x) PP_HTONS(x)
#define PP_HTONL(x) \
    ((((x) & (u32_t)0x000000ffUL) << 24) | (((x) & (u32_t)0x0000ff00UL) << 8) | \
     (((x) & (u32_t)0x00ff0000UL) >> 8) | (((x) & (u32_t)0xff000000UL) >> 24))
#define PP_NTOHL(x) PP_HTONL(x)
#endif

#ifndef LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS
#define htons(x) lwip_htons(x)
#define ntohs(x) lwip_ntohs(x)
#define htonl(x) lwip_htonl(x)
#define ntohl(x) lwip_ntohl(x)
#endif

/* number in decimal into result, always terminated when bufsize > 0; too small: empty text */
#ifndef lwip_itoa
void lwip_itoa(char *result, size_t bufsize, int number);
#endif
/* ASCII letters compare without case; 0: equal */
#ifndef lwip_strnicmp
int lwip_strnicmp(const char *str1, const char *str2, size_t len);
#endif
#ifndef lwip_stricmp
int lwip_stricmp(const char *str1, const char *str2);
#endif
/* the first token in the first n bytes of buffer (which may end earlier), or NULL */
#ifndef lwip_strnstr
char *lwip_strnstr(const char *buffer, const char *token, size_t n);
#endif
#ifndef lwip_strnistr
char *lwip_strnistr(const char *buffer, const char *token, size_t n);
#endif
/* 0: equal; the time taken depends on len alone */
int lwip_memcmp_consttime(const void *s1, const void *s2, size_t len);

#ifdef __cplusplus
}
#endif

#endif
