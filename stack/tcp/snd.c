/* tcp/snd.c: what the application writes becomes segments on the unsent queue. */
#include "lwip/opt.h"

#if LWIP_TCP

#include "stack/tcp/sack.h"
#include "stack/tcp/tcp_local.h"

#include "lwip/snmp.h"
#include "stack/wire/checksum.h"

#include <string.h>

/* States in which the application may write, a bit each. */
#define WRITING (1u << SYN_SENT | 1u << SYN_RCVD | 1u << ESTABLISHED | 1u << CLOSE_WAIT)
#define MSS_OF_ALL 536u /* [RFC9293 3.7.1 MUST-15] */

void tcp_send_from(struct tcp_pcb *pcb, u32_t iss)
{
    pcb->iss = pcb->snd_nxt = pcb->lastack = pcb->snd_lbb = pcb->snd_wl2 = pcb->recover = iss;
    if (LWIP_TCP_URGENT)
        pcb->snd_up = iss;
}

/* ---- A segment's checksum ---- */

static u16_t folded(u32_t sum)
{
    return (u16_t)~checksum_fold(sum);
}

/* The sum of n bytes; 0 where nobody keeps it (LWIP_CHECKSUM_ON_COPY 0). */
static u16_t sum_of(const void *bytes, size_t n)
{
    return TCP_CHECKSUM_ON_COPY ? folded(checksum_add(0, bytes, n)) : 0;
}

/* The same of bytes that are copied. */
static u16_t copy(void *to, const void *from, size_t n)
{
    if (TCP_CHECKSUM_ON_COPY)
        return folded(checksum_copy(0, to, from, n));
    MEMCPY(to, from, n);
    return 0;
}

/* Bytes whose sum is `sum` go behind the segment's data: at an odd place, each of them changes
 * places with its neighbour in a word. */
static void lengthen(struct tcp_seg *seg, u16_t sum, unsigned n)
{
    if (seg->len % 2 != 0)
        sum = (u16_t)(sum << 8 | sum >> 8);
    if (TCP_CHECKSUM_ON_COPY)
        seg->sum = folded((u32_t)seg->sum + sum);
    seg->len = (u16_t)(seg->len + n);
}

/* ---- tcp_write() ---- */

/* What one call has prepared, to be put in place when all of it is there. */
struct draft {
    struct tcp_pcb *pcb;
    const u8_t *bytes; /* of the application */
    unsigned len, done; /* how many, and those of them that are in the draft */
    unsigned flags;    /* TCP_WRITE_FLAG_x */
    unsigned mss;
    unsigned into_oversize; /* bytes that fit behind the last unsent segment's data */
    struct pbuf *behind; /* to be chained to it */
    u16_t behind_sum;
    unsigned oversize;   /* room behind the last pbuf made */
    struct tcp_seg *first, *last;
    unsigned pbufs; /* made */
    u16_t sum;   /* of the bytes of the last pbuf made, folded */
};

/* Room for writes to come, so that many small ones share a pbuf (TCP_OVERSIZE). */
static unsigned size_with_room(const struct draft *d, unsigned n, unsigned most)
{
    const struct tcp_pcb *pcb = d->pcb;
    bool waits = (d->flags & TCP_WRITE_FLAG_MORE) != 0 || ((pcb->flags & TF_NODELAY) == 0 &&
                             (d->first != NULL || pcb->unsent != NULL || pcb->unacked != NULL));

    if (TCP_OVERSIZE == 0 || !waits || n >= most)
        return n;
    return LWIP_MIN(most, (unsigned)LWIP_MEM_ALIGN_SIZE(n + (u32_t)TCP_OVERSIZE));
}

static void note_sum(struct draft *d, u16_t sum)
{
    if (TCP_CHECKSUM_ON_COPY)
        d->sum = sum;
}

static bool copies(const struct draft *d)
{
    return (d->flags & TCP_WRITE_FLAG_COPY) != 0;
}

/* A pbuf of n bytes of the application's data; NULL: no memory. */
static struct pbuf *make_pbuf(struct draft *d, unsigned n, unsigned most)
{
    struct pbuf *p;

    d->oversize = 0;
    if (copies(d)) {
        unsigned size = size_with_room(d, n, most);
        p = pbuf_alloc(PBUF_RAW, (u16_t)size, PBUF_RAM);
        if (p == NULL)
            return NULL;
        note_sum(d, copy(p->payload, d->bytes + d->done, n));
        p->len = p->tot_len = (u16_t)n;
        d->oversize = size - n;
    } else {
        p = pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_ROM);
        if (p == NULL)
            return NULL;
        ((struct pbuf_rom *)(void *)p)->payload = d->bytes + d->done;
        note_sum(d, sum_of(d->bytes + d->done, n));
    }
    d->pbufs++;
    return p;
}

static unsigned left(const struct draft *d)
{
    return d->len - d->done;
}

/* What has been sent stays as it was: the peer may have it. */
static bool is_open(const struct tcp_seg *seg)
{
    return seg != NULL && seg->sent == 0 && (seg->ctl & (TCP_SYN | TCP_FIN)) == 0;
}

static bool can_grow(const struct tcp_seg *seg)
{
    return is_open(seg) && seg->p != NULL;
}

/* The last unsent segment is filled up first. Nothing of it is changed yet. */
static bool draft_extension(struct draft *d)
{
    struct tcp_seg *seg = d->pcb->unsent_tail;

    if (!can_grow(seg) || seg->len >= d->mss)
        return true;
    unsigned space = d->mss - seg->len;
    if (copies(d) && d->pcb->unsent_oversize != 0) {
        d->into_oversize = LWIP_MIN(LWIP_MIN(d->pcb->unsent_oversize, space), d->len);
        space -= d->into_oversize;
        d->done = d->into_oversize;
    }
    unsigned n = LWIP_MIN(space, left(d));
    if (n == 0)
        return true;
    d->behind = make_pbuf(d, n, space);
    if (d->behind == NULL)
        return false;
    if (TCP_CHECKSUM_ON_COPY)
        d->behind_sum = d->sum;
    d->done += n;
    return true;
}

static bool draft_segment(struct draft *d)
{
    unsigned n = LWIP_MIN(d->mss, left(d));
    struct pbuf *p = make_pbuf(d, n, d->mss);

    if (p == NULL)
        return false;
    struct tcp_seg *seg = tcp_seg_new(p, d->pcb->snd_lbb + d->done, 0, false);
    if (seg == NULL) {
        pbuf_free(p);
        return false;
    }
    if (TCP_CHECKSUM_ON_COPY) {
        seg->sum = d->sum;
        seg->flags |= TF_SEG_DATA_CHECKSUMMED;
    }
    if (d->first == NULL)
        d->first = seg;
    else
        d->last->next = seg;
    d->last = seg;
    d->done += n;
    return true;
}

static bool fits_queue(const struct draft *d)
{
    u32_t most = LWIP_MIN(CFG(tcp_snd_queuelen), TCP_SNDQUEUELEN_OVERFLOW);

    return d->pcb->snd_queuelen + d->pbufs <= most;
}

static bool make_draft(struct draft *d)
{
    if (!draft_extension(d))
        return false;
    while (fits_queue(d)) {
        if (left(d) == 0)
            return true;
        if (!draft_segment(d))
            return false;
    }
    return false;
}

static void drop_draft(struct draft *d)
{
    if (d->behind != NULL)
        pbuf_free(d->behind);
    tcp_segs_free(d->first);
}

static void grow(struct draft *d, struct tcp_seg *seg)
{
    if (d->into_oversize != 0) {
        struct pbuf *p = seg->p;
        for (;; p = p->next) {
            p->tot_len = (u16_t)(p->tot_len + d->into_oversize);
            if (p->next == NULL)
                break;
        }
        u16_t sum = copy((u8_t *)p->payload + p->len, d->bytes, d->into_oversize);
        p->len = (u16_t)(p->len + d->into_oversize);
        lengthen(seg, sum, d->into_oversize);
        d->pcb->unsent_oversize = (u16_t)(d->pcb->unsent_oversize - d->into_oversize);
    }
    if (d->behind != NULL) {
        lengthen(seg, d->behind_sum, d->behind->len);
        pbuf_cat(seg->p, d->behind);
        d->pcb->unsent_oversize = (u16_t)d->oversize;
    }
    tcp_seg_mirror_room(seg, d->pcb->unsent_oversize);
}

static void append(struct tcp_pcb *pcb, struct tcp_seg *first, struct tcp_seg *last)
{
    if (pcb->unsent == NULL)
        pcb->unsent = first;
    else
        pcb->unsent_tail->next = first;
    pcb->unsent_tail = last;
}

static void put_in_place(struct draft *d)
{
    struct tcp_pcb *pcb = d->pcb;

    if (d->into_oversize != 0 || d->behind != NULL) {
        pcb->unsent_tail->ctl &= (u8_t)~TCP_PSH;
        grow(d, pcb->unsent_tail);
    }
    if (d->first != NULL) {
        append(pcb, d->first, d->last);
        pcb->unsent_oversize = (u16_t)d->oversize;
        tcp_seg_mirror_room(d->last, pcb->unsent_oversize);
    }
    if ((d->flags & TCP_WRITE_FLAG_MORE) == 0)
        pcb->unsent_tail->ctl |= TCP_PSH; /* [RFC9293 3.9.1.2 MUST-61] */
    tcp_seg_mirror(pcb->unsent_tail, false);
    pcb->snd_lbb += d->len;
    pcb->snd_buf = (tcpwnd_size_t)(pcb->snd_buf - d->len);
    pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen + d->pbufs);
}

/* Half of what the peer ever offered at most, so that one segment does not stop the other; but a
 * window below the least MSS of all hosts is a segment by itself. */
u16_t tcp_snd_full(const struct tcp_pcb *pcb)
{
    u32_t most = pcb->snd_wnd_max, mss = tcp_hook_text_max(pcb);

    if (most > MSS_OF_ALL)
        most /= 2;
    return (u16_t)(most != 0 && most < mss ? most : mss);
}

static bool may_write(enum tcp_state state)
{
    return (WRITING >> state & 1u) != 0;
}

static err_t no_room(struct tcp_pcb *pcb)
{
    TCP_STATS_INC(tcp.memerr);
    tcp_set_flags(pcb, TF_NAGLEMEMERR);
    return ERR_MEM;
}

err_t tcp_write(struct tcp_pcb *pcb, const void *dataptr, u16_t len, u8_t apiflags)
{
    LWIP_ASSERT_CORE_LOCKED();
    LWIP_ERROR("tcp_write: pcb", pcb != NULL, return ERR_ARG);
    LWIP_ERROR("tcp_write: dataptr", dataptr != NULL || len == 0, return ERR_ARG);
    if (!may_write(pcb->state))
        return ERR_CONN;
    if (len == 0)
        return ERR_OK;
    struct draft d = {.pcb = pcb, .bytes = dataptr, .len = len, .flags = apiflags};
    if (len > pcb->snd_buf || pcb->snd_queuelen >= CFG(tcp_snd_queuelen))
        return no_room(pcb);
    (void)tcp_pmtu_mss(pcb); /* may be larger by now */
    d.mss = tcp_snd_full(pcb);
    if (!make_draft(&d)) {
        drop_draft(&d);
        return no_room(pcb);
    }
    put_in_place(&d);
    return ERR_OK;
}

/* ---- SYN and FIN ---- */

static err_t queue_empty(struct tcp_pcb *pcb, u8_t ctl)
{
    struct tcp_seg *seg = tcp_seg_new(NULL, pcb->snd_lbb, ctl, false);

    if (seg == NULL) {
        TCP_STATS_INC(tcp.memerr);
        return ERR_MEM;
    }
    append(pcb, seg, seg);
    return ERR_OK;
}

err_t tcp_snd_syn(struct tcp_pcb *pcb, u8_t ctl)
{
    err_t err = queue_empty(pcb, ctl);

    if (err == ERR_OK)
        pcb->snd_lbb++;
    return err;
}

/* With the last data where there is some: the queue being full does not matter. */
err_t tcp_snd_fin(struct tcp_pcb *pcb)
{
    struct tcp_seg *last = pcb->unsent_tail;
    err_t err = ERR_OK;

    if (is_open(last)) {
        last->ctl |= TCP_FIN | TCP_PSH;
        tcp_seg_mirror(last, false);
    } else {
        err = queue_empty(pcb, TCP_FIN);
    }
    if (err != ERR_OK)
        return err;
    pcb->unsent_oversize = 0;
    pcb->snd_lbb++;
    tcp_set_flags(pcb, TF_FIN);
    return ERR_OK;
}

/* ---- Cutting ---- */

static struct pbuf *copy_of(const struct pbuf *p, u16_t from, u16_t n)
{
    struct pbuf *q = pbuf_alloc(PBUF_RAW, n, PBUF_RAM);

    if (q != NULL)
        (void)pbuf_copy_partial(p, q->payload, n, from);
    return q;
}

/* Frames in flight keep the data they were sent with: a shared front is copied, too. */
bool tcp_snd_split(struct tcp_pcb *pcb, struct tcp_seg *seg, u16_t len)
{
    struct pbuf *front = seg->p, *back;
    struct tcp_seg *rest;

    LWIP_ASSERT("tcp_snd_split: inside of the data", len > 0 && len < seg->len);
    back = copy_of(seg->p, len, (u16_t)(seg->len - len));
    if (back == NULL)
        return false;
    rest = tcp_seg_new(back, 0, 0, false);
    if (rest == NULL || (tcp_seg_is_shared(seg) && (front = copy_of(seg->p, 0, len)) == NULL)) {
        if (rest != NULL)
            tcp_seg_free(rest);
        else
            pbuf_free(back);
        return false;
    }
    pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen - pbuf_clen(seg->p));
    if (front == seg->p)
        pbuf_realloc(front, len);
    else
        pbuf_free(seg->p);
    pcb->snd_queuelen = (u16_t)(pcb->snd_queuelen + pbuf_clen(front) + 1);
    tcp_seg_sum_unknown(seg);
    tcp_seg_mirror_room(seg, 0);
    *rest = *seg; /* what was sent when, and how it is marked */
    rest->p = back;
    rest->seq += len;
    rest->len = (u16_t)(rest->len - len);
    tcp_seg_mirror(rest, false);
    seg->p = front;
    seg->len = len;
    seg->ctl &= (u8_t)~(TCP_FIN | TCP_PSH);
    seg->next = rest;
    tcp_seg_mirror(seg, false);
    if (pcb->unsent_tail == seg) {
        pcb->unsent_tail = rest;
        pcb->unsent_oversize = 0;
    }
    if (pcb->unacked_tail == seg)
        pcb->unacked_tail = rest;
    tcp_sack_split(pcb, seg);
    return true;
}

#endif
