/* core/def.c: byte order, and the string functions that a small C library may lack. */
#include "lwip/def.h"

#include <string.h>

#if BYTE_ORDER == LITTLE_ENDIAN

#ifndef lwip_htons
u16_t lwip_htons(u16_t x)
{
    return (u16_t)PP_HTONS(x);
}
#endif

#ifndef lwip_htonl
u32_t lwip_htonl(u32_t x)
{
    return (u32_t)PP_HTONL(x);
}
#endif

#endif

/* ASCII only: the locale must not change what a name means. */
static unsigned lower(unsigned c)
{
    return c - 'A' < 26 ? c + ('a' - 'A') : c;
}

static int compare(const char *a, const char *b, size_t n)
{
    for (; n > 0; n--) {
        unsigned c = (u8_t)*a++;
        if (lower(c) != lower((u8_t)*b++))
            return 1;
        if (c == '\0')
            break;
    }
    return 0;
}

/* Where `token` begins in the first n bytes of `buffer`, by one of the two comparisons. */
static char *find(const char *buffer, const char *token, size_t n,
                  int (*differ)(const char *a, const char *b, size_t n))
{
    size_t token_len = strlen(token);
    for (; token_len <= n; buffer++, n--) {
        if (token_len == 0 || differ(buffer, token, token_len) == 0)
            return LWIP_CONST_CAST(char *, buffer);
        if (*buffer == '\0')
            break;
    }
    return NULL;
}

#ifndef lwip_strnstr
char *lwip_strnstr(const char *buffer, const char *token, size_t n)
{
    return find(buffer, token, n, strncmp);
}
#endif

#ifndef lwip_strnistr
char *lwip_strnistr(const char *buffer, const char *token, size_t n)
{
    return find(buffer, token, n, compare);
}
#endif

#ifndef lwip_stricmp
int lwip_stricmp(const char *str1, const char *str2)
{
    return compare(str1, str2, (size_t)-1);
}
#endif

#ifndef lwip_strnicmp
int lwip_strnicmp(const char *str1, const char *str2, size_t len)
{
    return compare(str1, str2, len);
}
#endif

#ifndef lwip_itoa
void lwip_itoa(char *result, size_t bufsize, int number)
{
    char digits[3 * sizeof(int) + 2], *const end = digits + sizeof digits, *at = end;
    unsigned left = number < 0 ? 0u - (unsigned)number : (unsigned)number;
    if (bufsize == 0)
        return;
    *--at = '\0';
    do {
        unsigned tens = left / 10;
        *--at = (char)('0' + (left - tens * 10));
        left = tens;
    } while (left != 0);
    if (number < 0)
        *--at = '-';
    size_t n = (size_t)(end - at);
    if (n > bufsize)
        result[0] = '\0';
    else
        memcpy(result, at, n);
}
#endif

int lwip_memcmp_consttime(const void *s1, const void *s2, size_t len)
{
    const volatile u8_t *a = s1, *b = s2;
    u8_t differ = 0;
    for (size_t i = 0; i < len; i++)
        differ |= (u8_t)(a[i] ^ b[i]);
    return differ;
}
