/* hooks/tcp_hooks.h: the file that LWIP_HOOK_FILENAME names in a program with TCP options of its
 * own; the functions are the test's. */
#ifndef UNIT_TCP_HOOKS_H
#define UNIT_TCP_HOOKS_H

#include "lwip/err.h"

struct pbuf;
struct tcp_hdr;
struct tcp_pcb;

u8_t user_options_length(const struct tcp_pcb *pcb, u8_t ours);
u32_t *user_options_add(struct pbuf *p, struct tcp_hdr *hdr, const struct tcp_pcb *pcb, u32_t *at);
err_t user_lets_in(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len,
                   u8_t *opt2, struct pbuf *p);

#define LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH(pcb, ours) user_options_length(pcb, ours)
#define LWIP_HOOK_TCP_OUT_ADD_TCPOPTS(p, hdr, pcb, at) user_options_add(p, hdr, pcb, at)
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p) \
    user_lets_in(pcb, hdr, optlen, opt1len, opt2, p)

#endif
