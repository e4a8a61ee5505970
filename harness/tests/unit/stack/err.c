/* Tests of stack/core/err.c. Runs on every build; unit.stack_guard is the one with LWIP_DEBUG. */
#include "unit.h"

#include "lwip/err.h"

static void expect_text(const char *text, const char *expected)
{
    CHECKF(strcmp(text, expected) == 0, "\"%s\", expected \"%s\"", text, expected);
}

#ifdef LWIP_DEBUG

UNIT(err, each_code_has_words_of_its_own)
{
    for (int a = ERR_OK; a >= ERR_ARG; a--) {
        CHECK(lwip_strerr((err_t)a)[0] != '\0');
        for (int b = ERR_OK; b > a; b--)
            CHECK(strcmp(lwip_strerr((err_t)a), lwip_strerr((err_t)b)) != 0);
    }
    expect_text(lwip_strerr(ERR_OK), "success");
    expect_text(lwip_strerr(ERR_RTE), "no route");
    expect_text(lwip_strerr(ERR_ARG), "argument not valid");
}

UNIT(err, what_is_no_code_is_called_so)
{
    expect_text(lwip_strerr(1), "no error code");
    expect_text(lwip_strerr(127), "no error code");
    expect_text(lwip_strerr(ERR_ARG - 1), "no error code");
    expect_text(lwip_strerr(-127), "no error code");
    expect_text(lwip_strerr(-128), "no error code");
}

#else

UNIT(err, without_debugging_there_are_no_words)
{
    expect_text(lwip_strerr(ERR_OK), "");
    expect_text(lwip_strerr(ERR_ARG), "");
}

#endif
