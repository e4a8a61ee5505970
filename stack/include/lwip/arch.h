/* lwip/arch.h: what the stack asks of compiler and platform, with defaults.
 *
 * The port's arch/cc.h is read first and may define any of this itself. Defaults suit a hosted C11
 * compiler: fixed-width integers from <stdint.h>, formats from <inttypes.h>, diagnostics to stdout,
 * assertions abort(). */
#ifndef LWIP_HDR_ARCH_H
#define LWIP_HDR_ARCH_H

#ifndef LITTLE_ENDIAN
#define LITTLE_ENDIAN 1234
#endif
#ifndef BIG_ENDIAN
#define BIG_ENDIAN 4321
#endif

#include "arch/cc.h"

#ifndef BYTE_ORDER
#define BYTE_ORDER LITTLE_ENDIAN
#endif

/* ---- Diagnostics and assertions ---- */

/* Prints; x is a parenthesised printf() argument list. */
#ifndef LWIP_PLATFORM_DIAG
#include <stdio.h>
#define LWIP_PLATFORM_DIAG(x) \
    do { \
        printf x; \
    } while (0)
#endif

/* A broken invariant of the stack or of its caller; x is text. Must not return. */
#ifndef LWIP_PLATFORM_ASSERT
#include <stdio.h>
#include <stdlib.h>
#define LWIP_PLATFORM_ASSERT(x) \
    do { \
        printf("%s:%d: assertion failed: %s\n", __FILE__, __LINE__, x); \
        fflush(NULL); \
        abort(); \
    } while (0)
#endif

/* ---- Integers and how they are printed ---- */

#ifndef LWIP_NO_STDDEF_H
#define LWIP_NO_STDDEF_H 0
#endif
#if !LWIP_NO_STDDEF_H
#include <stddef.h>
#endif

#ifndef LWIP_NO_STDINT_H
#define LWIP_NO_STDINT_H 0
#endif
#if !LWIP_NO_STDINT_H
#include <stdint.h>
typedef uint8_t u8_t;
typedef int8_t s8_t;
typedef uint16_t u16_t;
typedef int16_t s16_t;
typedef uint32_t u32_t;
typedef int32_t s32_t;
#ifndef LWIP_HAVE_INT64
#define LWIP_HAVE_INT64 1
#endif
#if LWIP_HAVE_INT64
typedef uint64_t u64_t;
typedef int64_t s64_t;
#endif
typedef uintptr_t mem_ptr_t;
#endif

#ifndef LWIP_NO_INTTYPES_H
#define LWIP_NO_INTTYPES_H 0
#endif
#if !LWIP_NO_INTTYPES_H
#include <inttypes.h>
#ifndef X8_F
#define X8_F "02" PRIx8
#endif
#ifndef U16_F
#define U16_F PRIu16
#endif
#ifndef S16_F
#define S16_F PRId16
#endif
#ifndef X16_F
#define X16_F PRIx16
#endif
#ifndef U32_F
#define U32_F PRIu32
#endif
#ifndef S32_F
#define S32_F PRId32
#endif
#ifndef X32_F
#define X32_F PRIx32
#endif
#ifndef SZT_F
#define SZT_F PRIuPTR
#endif
#endif

#ifndef LWIP_NO_LIMITS_H
#define LWIP_NO_LIMITS_H 0
#endif
#if !LWIP_NO_LIMITS_H
#include <limits.h>
#endif

#define LWIP_UINT32_MAX 0xffffffff

/* ssize_t and its maximum: from <unistd.h>, or an int where there is none */
#ifndef LWIP_NO_UNISTD_H
#define LWIP_NO_UNISTD_H 0
#endif
#if !LWIP_NO_UNISTD_H
#include <unistd.h>
#elif !defined SSIZE_MAX
typedef int ssize_t;
#endif
#ifndef SSIZE_MAX
#define SSIZE_MAX INT_MAX
#endif

/* ---- Characters (ASCII, whatever the locale) ---- */

#ifndef LWIP_NO_CTYPE_H
#define LWIP_NO_CTYPE_H 0
#endif
#if LWIP_NO_CTYPE_H
#define lwip_in_range(c, lo, up) ((u8_t)(c) >= (lo) && (u8_t)(c) <= (up))
#define lwip_isdigit(c) lwip_in_range((c), '0', '9')
#define lwip_isxdigit(c) \
    (lwip_isdigit(c) || lwip_in_range((c), 'a', 'f') || lwip_in_range((c), 'A', 'F'))
#define lwip_islower(c) lwip_in_range((c), 'a', 'z')
#define lwip_isspace(c) ((u8_t)(c) == ' ' || lwip_in_range((c), '\t', '\r'))
#define lwip_isupper(c) lwip_in_range((c), 'A', 'Z')
#define lwip_tolower(c) (lwip_isupper(c) ? (c) - 'A' + 'a' : (c))
#define lwip_toupper(c) (lwip_islower(c) ? (c) - 'a' + 'A' : (c))
#else
#include <ctype.h>
#define lwip_isdigit(c) isdigit((unsigned char)(c))
#define lwip_isxdigit(c) isxdigit((unsigned char)(c))
#define lwip_islower(c) islower((unsigned char)(c))
#define lwip_isspace(c) isspace((unsigned char)(c))
#define lwip_isupper(c) isupper((unsigned char)(c))
#define lwip_tolower(c) tolower((unsigned char)(c))
#define lwip_toupper(c) toupper((unsigned char)(c))
#endif

/* ---- Casts that hide a warning on purpose ---- */

/* away from const */
#ifndef LWIP_CONST_CAST
#define LWIP_CONST_CAST(target_type, val) ((target_type)((ptrdiff_t)(val)))
#endif
/* to a type of stricter alignment; the caller knows that the address is aligned */
#ifndef LWIP_ALIGNMENT_CAST
#define LWIP_ALIGNMENT_CAST(target_type, val) LWIP_CONST_CAST(target_type, val)
#endif
/* between pointer and number */
#ifndef LWIP_PTR_NUMERIC_CAST
#define LWIP_PTR_NUMERIC_CAST(target_type, val) LWIP_CONST_CAST(target_type, val)
#endif
/* from a packed struct's member */
#ifndef LWIP_PACKED_CAST
#define LWIP_PACKED_CAST(target_type, val) LWIP_CONST_CAST(target_type, val)
#endif

/* ---- Alignment ---- */

#ifndef LWIP_DECLARE_MEMORY_ALIGNED
#define LWIP_DECLARE_MEMORY_ALIGNED(variable_name, size) \
    u8_t variable_name[LWIP_MEM_ALIGN_BUFFER(size)]
#endif
/* size rounded up to MEM_ALIGNMENT */
#ifndef LWIP_MEM_ALIGN_SIZE
#define LWIP_MEM_ALIGN_SIZE(size) (((size) + MEM_ALIGNMENT - 1U) & ~(MEM_ALIGNMENT - 1U))
#endif
/* bytes in which size aligned ones fit, wherever they begin */
#ifndef LWIP_MEM_ALIGN_BUFFER
#define LWIP_MEM_ALIGN_BUFFER(size) (((size) + MEM_ALIGNMENT - 1U))
#endif
/* address rounded up */
#ifndef LWIP_MEM_ALIGN
#define LWIP_MEM_ALIGN(addr) \
    ((void *)(((mem_ptr_t)(addr) + MEM_ALIGNMENT - 1) & ~(mem_ptr_t)(MEM_ALIGNMENT - 1)))
#endif

/* ---- Packed structs of public headers; the stack itself never overlays them on packets ---- */

#ifndef PACK_STRUCT_BEGIN
#define PACK_STRUCT_BEGIN
#endif
#ifndef PACK_STRUCT_END
#define PACK_STRUCT_END
#endif
#ifndef PACK_STRUCT_STRUCT
#if defined __GNUC__ || defined __clang__
#define PACK_STRUCT_STRUCT __attribute__((packed))
#else
#define PACK_STRUCT_STRUCT
#endif
#endif
#ifndef PACK_STRUCT_FIELD
#define PACK_STRUCT_FIELD(x) x
#endif
/* a member that is a byte, or a struct that is packed itself */
#ifndef PACK_STRUCT_FLD_8
#define PACK_STRUCT_FLD_8(x) PACK_STRUCT_FIELD(x)
#endif
#ifndef PACK_STRUCT_FLD_S
#define PACK_STRUCT_FLD_S(x) PACK_STRUCT_FIELD(x)
#endif

#ifndef LWIP_UNUSED_ARG
#define LWIP_UNUSED_ARG(x) (void)x
#endif

/* LWIP_RAND(): 32 random bits, from arch/cc.h. The fuzzers' reproducible one: */
#ifdef LWIP_RAND_FOR_FUZZ
#ifdef __cplusplus
extern "C"
#endif
u32_t lwip_fuzz_rand(void);
#define LWIP_RAND() lwip_fuzz_rand()
#endif

#endif
