/* harness/fuzz/no_libfuzzer.c: lockwire-corpus never mutates. */
#include "harness/fuzz/fuzz.h"

#include <stdlib.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t len, size_t max)
{
    (void)bytes;
    (void)len;
    (void)max;
    abort();
}
