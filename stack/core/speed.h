/* core/speed.h: what is done twice, once shortly and once quickly, where compilers are told to make
 * things small (-Os).
 *
 * `if (FAST_PATHS)` guards a short cut to what follows it: the result is the same without. HOT is
 * for functions that are cheaper inlined, however large. */
#ifndef STACK_CORE_SPEED_H
#define STACK_CORE_SPEED_H

#ifdef __OPTIMIZE_SIZE__
#define FAST_PATHS 0
#define HOT
#else
#define FAST_PATHS 1
#define HOT inline __attribute__((always_inline))
#endif

#endif
