/* tcp/cc_cubic.h: CUBIC's arithmetic, apart from the pcb so that it can be tested by itself.
 *
 * The RFC counts segments and seconds; here it is bytes and milliseconds. With beta = 0.7, C = 0.4:
 *     K        = cbrt((W_max - cwnd) / C) s  = cbrt(2.5e9 * (w_max - cwnd) / SMSS) ms, rounded down
 *     C * t^3    segments                    = SMSS * t^3 / 2.5e9 bytes, for t in ms
 * No division is made for an ACK: 1 / 2.5e9 is a shift and a multiplication (see cubic_rise()), and
 * the two rates of growth are credits, paid out in whole segments:
 *     ack_credit  counts bytes * (target - cwnd); a segment costs cwnd * SMSS   [RFC9438 4.4]
 *     est_credit  counts bytes * 9 (alpha = 9/17), or * 17 (alpha = 1); costs 17 * cwnd
 *                 [RFC9438 4.3] */
#ifndef STACK_TCP_CC_CUBIC_H
#define STACK_TCP_CC_CUBIC_H

#include "lwip/arch.h"

#define CUBIC_TIME_MAX 0x1fffffu /* ms that cubic_rise() can take: 35 minutes */

/* The cube root, rounded down. */
u32_t cubic_root(uint64_t n);
/* K in ms for a window that is `below` bytes under w_max; below < 2^31. At most CUBIC_TIME_MAX. */
u32_t cubic_k_ms(u32_t below, u32_t smss);
/* SMSS * t^3 / 2.5e9 bytes: never more than exact, and up to t = 65535 ms at most 2 bytes less; for
 * longer times at most 1/256 less (SMSS from 536 on). 0x7fffffff if it is more than that.
 * t_ms <= CUBIC_TIME_MAX, smss < 2^16. */
u32_t cubic_rise(u32_t t_ms, u32_t smss);

#endif
