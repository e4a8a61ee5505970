/* Tests of stack/core/def.c. Runs on every build. */
#include "unit.h"

#include "lwip/def.h"

UNIT(def, byte_order_turns_round_and_back)
{
    const u8_t wire[] = {0x12, 0x34, 0x56, 0x78};
    u16_t s = lwip_htons(0x1234);
    u32_t l = lwip_htonl(0x12345678);
    CHECK_MEM(&s, wire, 2);
    CHECK_MEM(&l, wire, 4);
    CHECK_INT(lwip_ntohs(s), 0x1234);
    CHECK_INT(lwip_ntohl(l), 0x12345678);
    CHECK_INT(PP_HTONS(0x1234), s);
    CHECK_INT(PP_HTONL(0x12345678), l);
}

UNIT(def, case_is_ignored_for_letters_only)
{
    CHECK_INT(lwip_stricmp("AbC1[", "aBc1["), 0);
    CHECK(lwip_stricmp("abc", "abd") != 0);
    CHECK(lwip_stricmp("abc", "ab") != 0);
    CHECK(lwip_stricmp("ab", "abc") != 0);
    CHECK(lwip_stricmp("[", "{") != 0);
    CHECK(lwip_stricmp("@", "`") != 0);
    CHECK_INT(lwip_stricmp("", ""), 0);
    CHECK_INT(lwip_strnicmp("ABCx", "abcy", 3), 0);
    CHECK(lwip_strnicmp("ABCx", "abcy", 4) != 0);
    CHECK_INT(lwip_strnicmp("a", "b", 0), 0);
    CHECK_INT(lwip_strnicmp("ab\0x", "AB\0y", 4), 0);
}

UNIT(def, itoa_fits_or_gives_the_empty_text)
{
    static const struct {
        int number;
        const char *text;
    } rows[] = {{0, "0"}, {7, "7"}, {-1, "-1"}, {1234567890, "1234567890"},
                {2147483647, "2147483647"}, {-2147483647 - 1, "-2147483648"}};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[16];
        size_t len = strlen(rows[i].text);
        for (size_t room = 0; room <= len + 2; room++) {
            memset(out, '#', sizeof out);
            lwip_itoa(out, room, rows[i].number);
            if (room > 0)
                CHECKF(strcmp(out, room > len ? rows[i].text : "") == 0, "\"%s\"", out);
            for (size_t k = room; k < sizeof out; k++)
                CHECK_INT(out[k], '#');
        }
    }
}

UNIT(def, strnstr_stays_within_its_bounds)
{
    const char buffer[] = {'a', 'b', 'c', 'A', 'b', 'C', 'd'}; /* not terminated */
    CHECK(lwip_strnstr(buffer, "bc", 7) == buffer + 1);
    CHECK(lwip_strnstr(buffer, "bC", 7) == buffer + 4);
    CHECK(lwip_strnstr(buffer, "Cd", 7) == buffer + 5);
    CHECK(lwip_strnstr(buffer, "Cd", 6) == NULL);
    CHECK(lwip_strnstr(buffer, "cd", 7) == NULL);
    CHECK(lwip_strnistr(buffer, "CD", 7) == buffer + 5);
    CHECK(lwip_strnistr(buffer, "BC", 7) == buffer + 1);
    CHECK(lwip_strnstr(buffer, "", 7) == buffer);
    CHECK(lwip_strnstr("ab\0cd", "cd", 5) == NULL);
    CHECK(lwip_strnstr("ab", "abc", 10) == NULL);
    CHECK(lwip_strnstr("ab", "b", 0) == NULL);
}

UNIT(def, constant_time_compare_compares)
{
    CHECK_INT(lwip_memcmp_consttime("abc", "abc", 3), 0);
    CHECK(lwip_memcmp_consttime("abc", "abd", 3) != 0);
    CHECK(lwip_memcmp_consttime("xbc", "abc", 3) != 0);
    CHECK_INT(lwip_memcmp_consttime("abc", "abd", 2), 0);
    CHECK_INT(lwip_memcmp_consttime("a", "b", 0), 0);
}
