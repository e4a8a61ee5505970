/* unit.h: the few words unit tests are written in, on Criterion or on a plain runner.
 *
 *   UNIT(pbuf, alloc_of_zero_bytes_gives_one_pbuf) { CHECK(p != NULL); }
 *
 * UNIT(suite, name)     a test; the name reads <condition>_<result>
 * CHECK(cond)           fails the test with file, line and the condition's text
 * CHECK_INT(a, b)       equality of integers (compared as long long); prints both
 * CHECK_MEM(a, b, n)    n equal bytes; prints the first difference and both sides in hex
 * SHOWS(row, cond)      CHECK, and evidence that a row of scripts/catalogue is obeyed: the line
 *                       `row<TAB>file::suite/name` in $LOCKWIRE_EVIDENCE once the test has passed
 *
 * Printf-like notes: CHECKF(cond, fmt, ...) where the condition's text does not say enough,
 * e.g. the vector's number inside a table loop (big tables belong in one UNIT: a Criterion test
 * costs 10 to 70 ms of process start).
 *
 * With LOCKWIRE_UNIT_PLAIN the same sources run without Criterion (32-bit builds). */
#ifndef LOCKWIRE_UNIT_H
#define LOCKWIRE_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* unit_evidence.c */
bool unit_row_is_valid(const char *row);
void unit_shows(const char *row);
void unit_passed(const char *file, const char *test);

#ifdef LOCKWIRE_UNIT_PLAIN
struct unit_test {
    const char *file, *name; /* name: suite/name */
    void (*run)(void);
    struct unit_test *next;
};
void unit_register(struct unit_test *t);
_Noreturn void unit_fail(const char *file, int line, const char *what);
#define UNIT(suite_, name_)                                                                        \
    static void unit_##suite_##_##name_(void);                                                     \
    __attribute__((constructor)) static void unit_reg_##suite_##_##name_(void)                     \
    {                                                                                              \
        static struct unit_test t = {__FILE__, #suite_ "/" #name_, unit_##suite_##_##name_, NULL}; \
        unit_register(&t);                                                                         \
    }                                                                                              \
    static void unit_##suite_##_##name_(void)
#define UNIT_FAIL(msg) unit_fail(__FILE__, __LINE__, msg)
#else
#include <criterion/criterion.h>
/* a failing assertion leaves the body and the test with it, so what follows the body has passed */
#define UNIT(suite_, name_)                                                                        \
    static void unit_##suite_##_##name_(void);                                                     \
    Test(suite_, name_)                                                                            \
    {                                                                                              \
        unit_##suite_##_##name_();                                                                 \
        unit_passed(__FILE__, #suite_ "/" #name_);                                                 \
    }                                                                                              \
    static void unit_##suite_##_##name_(void)
#define UNIT_FAIL(msg) cr_assert(0, "%s", msg)
#endif

#define CHECKF(cond, ...)                                                                          \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            char unit_msg_[512];                                                                   \
            int unit_n_ = snprintf(unit_msg_, sizeof unit_msg_, "%s: ", #cond);                    \
            if (unit_n_ > 0 && (size_t)unit_n_ < sizeof unit_msg_)                                 \
                snprintf(unit_msg_ + unit_n_, sizeof unit_msg_ - (size_t)unit_n_, __VA_ARGS__);    \
            UNIT_FAIL(unit_msg_);                                                                  \
        }                                                                                          \
    } while (0)
#define CHECK(cond) CHECKF(cond, "is false")
#define CHECK_INT(a, b)                                                                            \
    do {                                                                                           \
        long long unit_a_ = (long long)(a), unit_b_ = (long long)(b);                              \
        if (unit_a_ != unit_b_) {                                                                  \
            char unit_msg_[512];                                                                   \
            snprintf(unit_msg_, sizeof unit_msg_,                                                  \
                     "%s is %lld (0x%llx), expected %s = %lld (0x%llx)",                           \
                     #a, unit_a_, (unsigned long long)unit_a_, #b, unit_b_,                        \
                     (unsigned long long)unit_b_);                                                 \
            UNIT_FAIL(unit_msg_);                                                                  \
        }                                                                                          \
    } while (0)
#define CHECK_MEM(a, b, n)                                                                         \
    do {                                                                                           \
        char unit_msg_[512];                                                                       \
        if (unit_mem_differs((a), (b), (size_t)(n), unit_msg_, sizeof unit_msg_))                  \
            UNIT_FAIL(unit_msg_);                                                                  \
    } while (0)

#define SHOWS(row, cond)                                                                           \
    do {                                                                                           \
        CHECKF(unit_row_is_valid(row), "%s is not the id of a catalogue row", row);                \
        CHECKF(cond, "is false: %s", row);                                                         \
        unit_shows(row);                                                                           \
    } while (0)

static inline bool unit_mem_differs(const void *a, const void *b, size_t n, char *msg, size_t room)
{
    const uint8_t *x = a, *y = b;
    size_t i = 0;
    while (i < n && x[i] == y[i])
        i++;
    if (i == n)
        return false;
    int used = snprintf(msg, room, "bytes differ at %zu of %zu:", i, n);
    for (size_t k = i; k < n && k < i + 16 && used > 0 && (size_t)used + 16 < room; k++)
        used += snprintf(msg + used, room - (size_t)used, " %02x/%02x", x[k], y[k]);
    return true;
}

#endif
