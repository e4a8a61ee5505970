/* core/speed.h: what is done twice, once shortly and once quickly, where compilers are told to make
 * things small (-Os).
 *
 * `if (FAST_PATHS)` guards a short cut to what follows it: the result is the same without. HOT is
 * for functions that are cheaper inlined, however large. ONE_PATH(x): what the compiler has found
 * out about the integer or pointer x it forgets here; gcc, even with -Os, otherwise copies what
 * follows for each value that it knows. */
#ifndef STACK_CORE_SPEED_H
#define STACK_CORE_SPEED_H

#ifdef __OPTIMIZE_SIZE__
#define FAST_PATHS 0
#define HOT
#define ONE_PATH(x) __asm__("" : "+r"(x))
#else
#define FAST_PATHS 1
#define HOT inline __attribute__((always_inline))
#define ONE_PATH(x) ((void)0)
#endif

#endif
