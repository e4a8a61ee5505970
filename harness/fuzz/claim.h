/* harness/fuzz/claim.h: what has to hold of a parser's result. */
#ifndef HARNESS_FUZZ_CLAIM_H
#define HARNESS_FUZZ_CLAIM_H

#include "harness/fuzz/fuzz.h"

#define CLAIM(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fuzz_finding("%s:%d: this does not hold: %s", __FILE__, __LINE__, #condition);         \
    } while (0)

#endif
