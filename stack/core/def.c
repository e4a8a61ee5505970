/* core/def.c: byte order, and the string functions that a small C library may lack. */
#include "lwip/def.h"

#include "stack/wire/bytes.h"

#include <string.h>

#if BYTE_ORDER == LITTLE_ENDIAN

#ifndef lwip_htons
u16_t lwip_htons(u16_t x)
{
    return get_be16((const u8_t *)&x);
}
#endif

#ifndef lwip_htonl
u32_t lwip_htonl(u32_t x)
{
    return get_be32((const u8_t *)&x);
}
#endif

#endif

/* How many letters are the same in either case. ASCII only: the locale must not change what a name
 * means. */
enum { NO_LETTERS = 0, LETTERS = 26 };

static int compare(const char *a, const char *b, size_t n, unsigned letters)
{
    const unsigned other_case = 'a' - 'A';
    for (; n > 0; n--) {
        unsigned c = (u8_t)*a++, differ = c ^ (u8_t)*b++;
        if (differ != 0 && (differ != other_case || (c | other_case) - 'a' >= letters))
            return 1;
        if (c == '\0')
            break;
    }
    return 0;
}

/* Where `token` begins in the first n bytes of `buffer`. */
static char *find(const char *buffer, const char *token, size_t n, unsigned letters)
{
    size_t len = strlen(token);
    for (; len <= n; buffer++, n--) {
        if (compare(buffer, token, len, letters) == 0)
            return LWIP_CONST_CAST(char *, buffer);
        if (*buffer == '\0')
            break;
    }
    return NULL;
}

#ifndef lwip_strnstr
char *lwip_strnstr(const char *buffer, const char *token, size_t n)
{
    return find(buffer, token, n, NO_LETTERS);
}
#endif

#ifndef lwip_strnistr
char *lwip_strnistr(const char *buffer, const char *token, size_t n)
{
    return find(buffer, token, n, LETTERS);
}
#endif

#ifndef lwip_stricmp
int lwip_stricmp(const char *str1, const char *str2)
{
    return compare(str1, str2, (size_t)-1, LETTERS);
}
#endif

#ifndef lwip_strnicmp
int lwip_strnicmp(const char *str1, const char *str2, size_t len)
{
    return compare(str1, str2, len, LETTERS);
}
#endif

#ifndef lwip_itoa
void lwip_itoa(char *result, size_t bufsize, int number)
{
    char digits[3 * sizeof(int) + 2];
    unsigned left = number < 0 ? 0u - (unsigned)number : (unsigned)number;
    size_t at = sizeof digits;
    digits[--at] = '\0';
    do {
        unsigned tens = left / 10;
        digits[--at] = (char)('0' + (left - tens * 10));
        left = tens;
    } while (left != 0);
    if (number < 0)
        digits[--at] = '-';
    if (sizeof digits - at <= bufsize)
        memcpy(result, &digits[at], sizeof digits - at);
    else if (bufsize > 0)
        *result = '\0';
}
#endif

int lwip_memcmp_consttime(const void *s1, const void *s2, size_t len)
{
    const volatile u8_t *a = s1, *b = s2;
    int differ = 0;
    for (; len > 0; len--)
        differ |= *a++ ^ *b++;
    return differ;
}
