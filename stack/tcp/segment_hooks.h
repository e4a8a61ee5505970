/* tcp/segment_hooks.h: the user's own TCP options, and his look at each segment, as functions:
 * LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH, LWIP_HOOK_TCP_OUT_ADD_TCPOPTS, LWIP_HOOK_TCP_INPACKET_PCB.
 *
 * His options stand behind ours and before the data, in every segment of every kind: there is one
 * place that makes headers (transmit.c). The pcb may be NULL (a RST for nobody), or a listener's
 * for what comes in. Without a hook its functions do nothing, and vanish. */
#ifndef STACK_TCP_SEGMENT_HOOKS_H
#define STACK_TCP_SEGMENT_HOOKS_H

#include "lwip/prot/tcp.h"
#include "lwip/tcp.h"
#include "stack/tcp/features.h"
#include "stack/wire/tcp.h"

#include <stdbool.h>
#include <string.h>

#ifdef LWIP_HOOK_FILENAME
#include LWIP_HOOK_FILENAME
#endif

#define TCP_TIMESTAMP_BYTES 12u /* what every segment carries of ours, if agreed */

/* ---- Out: how long ---- */

#ifdef LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH
/* Bytes of options of a segment with so many of ours. */
static inline u16_t tcp_hook_options(const struct tcp_pcb *pcb, u16_t ours)
{
    u16_t all = LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH(pcb, (u8_t)ours);

    LWIP_ASSERT("LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH: less than the stack's own", all >= ours);
    LWIP_ASSERT("LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH: no multiple of 4", all % 4 == 0);
    LWIP_ASSERT("LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH: more than 40", all <= TCP_MAX_OPTION_BYTES);
    return all;
}

/* What every segment of the connection carries. */
static inline u16_t tcp_hook_options_always(const struct tcp_pcb *pcb)
{
    return tcp_hook_options(pcb, tcp_agreed(pcb, TF_TIMESTAMP) ? TCP_TIMESTAMP_BYTES : 0);
}

/* Data that fits a segment [RFC6691 2]. */
static inline u16_t tcp_hook_text_max(const struct tcp_pcb *pcb)
{
    u32_t options = tcp_hook_options_always(pcb);

    return (u16_t)(pcb->mss > options ? pcb->mss - options : 1);
}

/* SACK blocks that there is room for, of `most` without a hook. */
static inline unsigned tcp_hook_sack_blocks(const struct tcp_pcb *pcb, unsigned most)
{
    unsigned room = TCP_MAX_OPTION_BYTES - tcp_hook_options_always(pcb);

    return LWIP_MIN(most, room < 4 ? 0 : (room - 4) / 8);
}
#else
static inline u16_t tcp_hook_options(const struct tcp_pcb *pcb, u16_t ours)
{
    LWIP_UNUSED_ARG(pcb);
    return ours;
}

static inline u16_t tcp_hook_text_max(const struct tcp_pcb *pcb)
{
    return tcp_mss(pcb);
}

static inline unsigned tcp_hook_sack_blocks(const struct tcp_pcb *pcb, unsigned most)
{
    LWIP_UNUSED_ARG(pcb);
    return most;
}
#endif

/* ---- Out: what ---- */

/* p: a segment whose checksum is still to be made; his options go to bytes `at` to `end`. What he
 * leaves out is END. */
#ifdef LWIP_HOOK_TCP_OUT_ADD_TCPOPTS
static inline void tcp_hook_add_options(struct pbuf *p, const struct tcp_pcb *pcb, u16_t at,
                                        u16_t end)
{
    u8_t *header = p->payload;
    struct tcp_hdr *hdr = p->payload;

    memset(header + at, 0, (size_t)(end - at));
    const u32_t *behind =
        LWIP_HOOK_TCP_OUT_ADD_TCPOPTS(p, hdr, pcb, (u32_t *)(void *)(header + at));
    LWIP_ASSERT("LWIP_HOOK_TCP_OUT_ADD_TCPOPTS: more than was asked for",
                (const u8_t *)behind <= header + end);
    LWIP_UNUSED_ARG(behind); /* without assertions */
}
#else
static inline void tcp_hook_add_options(struct pbuf *p, const struct tcp_pcb *pcb, u16_t at,
                                        u16_t end)
{
    LWIP_UNUSED_ARG(pcb);
    LWIP_ASSERT("LWIP_HOOK_TCP_OUT_TCPOPT_LENGTH without LWIP_HOOK_TCP_OUT_ADD_TCPOPTS",
                at == end);
    LWIP_UNUSED_ARG(p);
    LWIP_UNUSED_ARG(at);
    LWIP_UNUSED_ARG(end);
}
#endif

/* ---- In ---- */

/* A segment's header, kept while its data is looked at without it. */
#ifdef LWIP_HOOK_TCP_INPACKET_PCB
struct tcp_hook_header {
    u32_t words[WIRE_TCP_HLEN_MAX / 4];
};

static inline void tcp_hook_keep(struct tcp_hook_header *kept, const u8_t *bytes, u8_t len)
{
    memcpy(kept->words, bytes, len);
}

/* false: the segment, whose data is p, is not for the pcb. Numbers in the header are in host byte
 * order, as in lwIP. */
static inline bool tcp_hook_lets_in(struct tcp_hook_header *kept, void *pcb, struct pbuf *p)
{
    struct tcp_hdr *hdr = (struct tcp_hdr *)(void *)kept->words;
    u16_t len = (u16_t)(TCPH_HDRLEN_BYTES(hdr) - TCP_HLEN);
    struct pbuf none = {.payload = NULL};

    hdr->src = lwip_ntohs(hdr->src);
    hdr->dest = lwip_ntohs(hdr->dest);
    hdr->seqno = lwip_ntohl(hdr->seqno);
    hdr->ackno = lwip_ntohl(hdr->ackno);
    hdr->wnd = lwip_ntohs(hdr->wnd);
    return LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, len, len, (u8_t *)NULL, p != NULL ? p : &none) ==
           ERR_OK;
}
#else
struct tcp_hook_header {
    u8_t none;
};

static inline void tcp_hook_keep(const struct tcp_hook_header *kept, const u8_t *bytes, u8_t len)
{
    LWIP_UNUSED_ARG(kept);
    LWIP_UNUSED_ARG(bytes);
    LWIP_UNUSED_ARG(len);
}

static inline bool tcp_hook_lets_in(const struct tcp_hook_header *kept, const void *pcb,
                                    const struct pbuf *p)
{
    LWIP_UNUSED_ARG(kept);
    LWIP_UNUSED_ARG(pcb);
    LWIP_UNUSED_ARG(p);
    return true;
}
#endif

#endif
