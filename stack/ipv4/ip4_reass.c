/* ipv4/ip4_reass.c: fragments become a datagram again [RFC791 3.2][RFC815][RFC1122 3.2.1.4].
 *
 * A datagram under way is known by (source, destination, protocol, identification). Its fragments
 * are kept in order of their offset; what a fragment covers is written over the fixed 20 bytes of
 * its own IP header, which nobody needs any more (that of the first fragment is kept aside). No
 * data is ever copied: the result is the chain of the pbufs that arrived.
 *
 * Rules
 * - An exact repetition of a fragment is ignored. Any other overlap, data behind the end, two
 *   different ends, or an end behind octet 65535 is not an accident: the whole datagram is given up
 *   and stays given up, so that fragments still to come are dropped as well [RFC5722 4]. What is
 *   left of it, an entry without buffers, goes when its time is over.
 * - Everything has a limit: datagrams (memp_num_reassdata) and pbufs (ip_reass_max_pbufs). At a
 *   limit the datagram begun first makes way (IP_REASS_FREE_OLDEST), never the one worked on.
 *   A look through the list costs at most as many steps as there are pbufs; fragments in order or
 *   in reverse order cost one.
 * - Time runs from the first fragment to arrive and is not extended [RFC1122 3.3.2]. When it is
 *   over, the source hears of it only if fragment zero is there to be quoted
 *   [RFC792 Time Exceeded]. */
#include "lwip/ip4_frag.h"

#include "lwip/memp.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"
#include "stack/core/event.h"
#include "stack/core/ticker.h"
#include "stack/ipv4/icmp_local.h"
#include "stack/ipv4/ip4_local.h"
#include "stack/wire/checksum.h"

#if IP_REASSEMBLY

/* ip_reassdata.flags */
#define REASS_HAS_LAST 0x01u  /* datagram_len is known */
#define REASS_GIVEN_UP 0x02u  /* holds nothing; drops what comes */
#define REASS_HAS_FIRST 0x04u /* iphdr is that of the first fragment */
#define REASS_ECN(field) (0x10u << (field)) /* a fragment with this ECN field is there */

/* What is written over a waiting fragment's header: aligned to a word in it, as a header is not. */
struct piece {
    struct pbuf *next;
    u16_t start, end; /* octets of the datagram's data: [start, end) */
    u8_t header_len;
} __attribute__((packed, aligned(4), may_alias));
_Static_assert(sizeof(struct piece) + 3 <= WIRE_IP4_HEADER, "a piece fits over a header");

static struct piece *piece_of(const struct pbuf *p)
{
    return (struct piece *)(((mem_ptr_t)p->payload + 3u) & ~(mem_ptr_t)3u);
}

/* A fragment that has just arrived. */
struct arrival {
    struct pbuf *p;
    unsigned start, end; /* octets of the datagram's data; the end may be too big for one */
    unsigned header_len;
    unsigned pbufs;
    unsigned more; /* 0: the last; else 1 */
};

/* What happened to a datagram, for STACK_EVENT_REASS. */
enum { EVENT_BEGUN, EVENT_COMPLETE, EVENT_TIMED_OUT, EVENT_GIVEN_UP };

static struct ip4_reass_state *state(void)
{
    return &STACK->ipv4.reass;
}

static void tell(const struct ip_reassdata *r, u32_t what)
{
    const u8_t *header = (const u8_t *)&r->iphdr;
    u32_t id = (u32_t)(header[WIRE_IP4_AT_ID] << 8 | header[WIRE_IP4_AT_ID + 1]);
    stack_emit(STACK_EVENT_REASS, id, what);
}

/* ---- datagrams ---- */

/* Identification, protocol and both addresses: bytes 4-5, 9, 12-19 of the header [RFC791 3.2]. No
 * other place looks at the identification of what arrives [RFC6864 4.1]. */
static bool is_same_datagram(const struct ip_reassdata *r, const u8_t *header)
{
    const u8_t *known = (const u8_t *)&r->iphdr;

    return memcmp(known + WIRE_IP4_AT_ID, header + WIRE_IP4_AT_ID, 2) == 0 &&
           known[WIRE_IP4_AT_PROTO] == header[WIRE_IP4_AT_PROTO] &&
           memcmp(known + WIRE_IP4_AT_SRC, header + WIRE_IP4_AT_SRC, 8) == 0;
}

static struct ip_reassdata *find(const u8_t *header)
{
    struct ip_reassdata *r = state()->list;
    while (r != NULL && !is_same_datagram(r, header))
        r = r->next;
    return r;
}

static void forget(struct ip_reassdata *r)
{
    struct ip_reassdata **link = &state()->list;
    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
    memp_free(MEMP_REASSDATA, r);
}

/* Frees what has arrived; each fragment is a discarded packet. */
static void free_pieces(struct ip_reassdata *r, enum drop_reason reason)
{
    struct pbuf *next;

    for (struct pbuf *p = r->p; p != NULL; p = next) {
        next = piece_of(p)->next;
        drop(reason, NULL, p);
        pbuf_free(p);
    }
    state()->pbufs = (u16_t)(state()->pbufs - r->clen);
    r->p = NULL;
    if (FAST_PATHS)
        r->last = NULL;
    r->clen = 0;
}

/* The datagram will never be whole; its entry stays to catch what still comes of it. */
static void give_up(struct ip_reassdata *r, enum drop_reason reason)
{
    MIB2_STATS_INC(mib2.ipreasmfails);
    tell(r, EVENT_GIVEN_UP);
    free_pieces(r, reason);
    r->flags = REASS_GIVEN_UP;
}

/* The datagram begun first makes way: an entry that holds nothing if an entry is wanted, and there
 * is one; never if pbufs are. */
static bool evict(const struct ip_reassdata *except, bool with_pbufs)
{
    struct ip_reassdata *empty = NULL, *full = NULL;

    if (!IP_REASS_FREE_OLDEST)
        return false;
    for (struct ip_reassdata *r = state()->list; r != NULL; r = r->next) {
        if ((r->flags & REASS_GIVEN_UP) != 0)
            empty = r;
        else if (r != except)
            full = r;
    }
    if (with_pbufs || empty == NULL) {
        if (full == NULL)
            return false;
        give_up(full, DROP_ip4_reass_limit);
        empty = full;
    }
    forget(empty);
    return true;
}

/* Room for `pbufs` more, if need be at the cost of older datagrams but not of r. */
static bool make_room(const struct ip_reassdata *r, unsigned pbufs)
{
    if ((r != NULL ? r->clen : 0) + pbufs > CFG(ip_reass_max_pbufs))
        return false;
    while (state()->pbufs + pbufs > CFG(ip_reass_max_pbufs)) {
        if (!evict(r, true))
            return false;
    }
    return true;
}

static struct ip_reassdata *begin(const u8_t *header)
{
    struct ip_reassdata *r = memp_malloc(MEMP_REASSDATA);

    if (r == NULL && evict(NULL, false))
        r = memp_malloc(MEMP_REASSDATA);
    if (r == NULL)
        return NULL;
    memset(r, 0, sizeof *r);
    memcpy(&r->iphdr, header, WIRE_IP4_HEADER);
    r->timer = (u8_t)CFG(ip_reass_maxage);
    r->expires_ms = ticker_now(&state()->ticker) + 1000u * CFG(ip_reass_maxage);
    r->next = state()->list;
    state()->list = r;
    ticker_due(&state()->ticker, r->expires_ms); /* [RFC791 3.2][RFC815 5][RFC1122 3.3.2] */
    tell(r, EVENT_BEGUN);
    return r;
}

/* ---- fragments ---- */

/* What a fragment is, and whether it can be one at all. */
static bool examine(struct arrival *a, struct pbuf *p)
{
    const u8_t *header = p->payload; /* checked before, and p ends where the datagram does */
    unsigned field = get_be16(header + WIRE_IP4_AT_FRAGMENT);

    a->p = p;
    a->header_len = (header[0] & 0x0fu) * 4u;
    a->start = (field & WIRE_IP4_OFFSET) * 8u;
    a->more = (field & WIRE_IP4_MF) / WIRE_IP4_MF;
    a->pbufs = pbuf_clen(p);
    unsigned len = p->tot_len - a->header_len;
    a->end = a->start + len;
    /* only the last fragment may end within a unit of 8 octets [RFC791 3.2] */
    return len != 0 && (a->more == 0 || len % 8 == 0);
}

enum fit { FITS, DUPLICATE, CONFLICT };

/* Where the fragment belongs: behind *before (NULL: in front). On CONFLICT *reason is set. */
static enum fit fit_in(const struct ip_reassdata *r, const struct arrival *a,
                       struct piece **before, enum drop_reason *reason)
{
    struct pbuf *next = r->p;
    struct piece *behind = NULL;
    bool has_last = (r->flags & REASS_HAS_LAST) != 0;

    *before = NULL;
    if (FAST_PATHS && r->last != NULL && a->start >= piece_of(r->last)->end) {
        *before = piece_of(r->last);
        next = NULL;
    }
    for (; next != NULL; next = behind->next) {
        behind = piece_of(next);
        if (behind->start >= a->start)
            break;
        *before = behind;
    }
    *reason = DROP_ip4_reass_bad_last;
    if ((has_last && a->end + a->more > r->datagram_len) ||
        (a->more == 0 && a->end < r->datagram_len))
        return CONFLICT;
    *reason = DROP_ip4_reass_overlap;
    if (next != NULL) {
        if (behind->start == a->start && behind->end == a->end)
            return a->more == 0 && !has_last ? CONFLICT : DUPLICATE; /* now the last; was not */
        if (behind->start < a->end)
            return CONFLICT;
    }
    if (*before != NULL && (*before)->end > a->start)
        return CONFLICT;
    return FITS;
}

static void insert(struct ip_reassdata *r, const struct arrival *a, struct piece *before)
{
    const u8_t *header = a->p->payload;
    struct piece *piece = piece_of(a->p);

    unsigned flags = r->flags | REASS_ECN(header[WIRE_IP4_AT_TOS] & WIRE_IP4_ECN);
    if (a->start == 0) {
        memcpy(&r->iphdr, header, WIRE_IP4_HEADER); /* [RFC815 4] */
        flags |= REASS_HAS_FIRST;
    }
    if (a->more == 0)
        flags |= REASS_HAS_LAST; /* [RFC815 3] */
    r->flags = (u8_t)flags;
    if (a->end > r->datagram_len)
        r->datagram_len = (u16_t)a->end;
    if (before != NULL) {
        piece->next = before->next;
        before->next = a->p;
    } else {
        piece->next = r->p;
        r->p = a->p;
    }
    piece->start = (u16_t)a->start;
    piece->end = (u16_t)a->end;
    piece->header_len = (u8_t)a->header_len;
    if (FAST_PATHS && piece->next == NULL)
        r->last = a->p;
    r->received = (u16_t)(r->received + a->end - a->start);
    r->clen = (u16_t)(r->clen + a->pbufs);
    state()->pbufs = (u16_t)(state()->pbufs + a->pbufs);
}

/* ---- completion ---- */

/* [RFC3168 5.3]: congestion met by one fragment was met by the datagram; but a datagram that is
 * partly not ECN-capable cannot carry that news. False: such a mixture. */
static bool merge_ecn(struct ip_reassdata *r)
{
    u8_t *header = (u8_t *)&r->iphdr;
    bool met_congestion = (r->flags & REASS_ECN(WIRE_IP4_ECN_CE)) != 0;

    if (met_congestion && (r->flags & REASS_ECN(WIRE_IP4_ECN_NOT_ECT)) != 0)
        return false;
    if (met_congestion)
        header[WIRE_IP4_AT_TOS] |= WIRE_IP4_ECN_CE;
    return true;
}

/* Links the pieces into one chain of `left` octets, with the header of the first in front. */
static struct pbuf *join(struct ip_reassdata *r, unsigned header_len, unsigned left)
{
    struct pbuf *whole = r->p, *next = whole, *tail = NULL;
    u8_t *header = whole->payload;

    while (next != NULL) {
        const struct piece *piece = piece_of(next);
        struct pbuf *p = next;
        next = piece->next;
        if (tail != NULL)
            p = tail->next = pbuf_free_header(p, piece->header_len);
        for (; p != NULL; p = p->next) {
            p->tot_len = (u16_t)left;
            left -= p->len;
            tail = p;
        }
    }
    memcpy(header, &r->iphdr, WIRE_IP4_HEADER);
    put_be16(header + WIRE_IP4_AT_LENGTH, whole->tot_len);
    put_be16(header + WIRE_IP4_AT_FRAGMENT, 0);
    ip4_header_checksum(header, header_len, NULL);
    return whole;
}

static struct pbuf *complete(struct ip_reassdata *r)
{
    unsigned header_len = piece_of(r->p)->header_len, total = header_len + r->datagram_len;
    bool too_big = total > WIRE_IP4_TOTAL_MAX;

    if (too_big || !merge_ecn(r)) {
        give_up(r, too_big ? DROP_ip4_reass_too_big : DROP_ip4_reass_bad_ecn);
        return NULL;
    }
    struct pbuf *whole = join(r, header_len, total);
    state()->pbufs = (u16_t)(state()->pbufs - r->clen);
    tell(r, EVENT_COMPLETE);
    forget(r);
    MIB2_STATS_INC(mib2.ipreasmoks);
    return whole;
}

/* ---- entry points ---- */

/* Finds or begins the fragment's datagram and puts it in. Returns the datagram, or NULL when the
 * fragment was not kept: *reason says why. */
static struct ip_reassdata *keep(struct pbuf *p, enum drop_reason *reason)
{
    struct ip_reassdata *r = find(p->payload);
    struct piece *before = NULL;
    enum fit fit = FITS;
    struct arrival a;

    *reason = DROP_ip4_reass_bad_length;
    if (!examine(&a, p))
        return NULL;
    *reason = DROP_ip4_reass_given_up;
    if (r != NULL && (r->flags & REASS_GIVEN_UP) != 0)
        return NULL;
    if (a.end + a.header_len > WIRE_IP4_TOTAL_MAX) {
        *reason = DROP_ip4_reass_too_big;
        fit = CONFLICT;
    } else if (r != NULL) {
        fit = fit_in(r, &a, &before, reason);
    }
    if (fit == CONFLICT) {
        if (r != NULL)
            give_up(r, *reason);
        return NULL;
    }
    if (fit == DUPLICATE) {
        *reason = DROP_ip4_reass_duplicate;
        return NULL;
    }
    if (make_room(r, a.pbufs) && (r != NULL || (r = begin(p->payload)) != NULL)) {
        insert(r, &a, before);
        return r;
    }
    *reason = DROP_ip4_reass_limit;
    IPFRAG_STATS_INC(ip_frag.memerr);
    return NULL;
}

struct pbuf *ip4_reass(struct pbuf *p)
{
    enum drop_reason reason;

    IPFRAG_STATS_INC(ip_frag.recv);
    MIB2_STATS_INC(mib2.ipreasmreqds);
    struct ip_reassdata *r = keep(p, &reason);
    if (r == NULL) {
        IPFRAG_STATS_INC(ip_frag.drop);
        drop(reason, NULL, p);
        pbuf_free(p);
        return NULL;
    }
    if ((r->flags & REASS_HAS_LAST) != 0 && r->received == r->datagram_len)
        return complete(r);
    return NULL;
}

/* Off the list already: the ICMP error may come back as input before it returns. */
static void expire(struct ip_reassdata *r)
{
    if ((r->flags & REASS_GIVEN_UP) == 0) {
        MIB2_STATS_INC(mib2.ipreasmfails);
        tell(r, EVENT_TIMED_OUT);
        if ((r->flags & REASS_HAS_FIRST) != 0) {
            struct pbuf *second = piece_of(r->p)->next;
            memcpy(r->p->payload, &r->iphdr, WIRE_IP4_HEADER); /* quoted as it came */
            icmp_error_send(r->p, WIRE_ICMP_TIME_EXCEEDED, ICMP_TE_FRAG, 0);
            piece_of(r->p)->next = second;
        }
        free_pieces(r, DROP_ip4_reass_timeout);
    }
    memp_free(MEMP_REASSDATA, r);
}

static void run(void)
{
    struct ip_reassdata **link = &state()->list, *r;

    /* The list is in order of expiry, latest first: what follows an expired one has expired too.
     * Each round begins anew because expire() may have changed everything. */
    while ((r = *link) != NULL) {
        if (ticker_passed(&state()->ticker, r->expires_ms)) {
            *link = r->next;
            expire(r);
            link = &state()->list;
        } else {
            ticker_due(&state()->ticker, r->expires_ms);
            link = &r->next;
        }
    }
}

/* Nothing to prepare beyond what the instance does; kept for lwIP's callers. */
void ip_reass_init(void)
{
}

void ip_reass_tmr(void)
{
    ticker_tick(&state()->ticker);
}

void ip4_reass_module_init(void)
{
    ticker_init(&state()->ticker, TICKER_REASS, IP_TMR_INTERVAL, run);
}

void ip4_reass_module_fini(void)
{
    struct pbuf *next;

    while (state()->list != NULL) {
        for (struct pbuf *p = state()->list->p; p != NULL; p = next) {
            next = piece_of(p)->next;
            pbuf_free(p);
        }
        forget(state()->list);
    }
    state()->pbufs = 0;
    ticker_stop(&state()->ticker);
}

const char *ip4_reass_module_check(void)
{
    u32_t total = 0;

    for (const struct ip_reassdata *r = state()->list; r != NULL; r = r->next) {
        u32_t pbufs = 0, octets = 0, at = 0;
        const struct pbuf *last = NULL;
        for (const struct pbuf *p = r->p; p != NULL; p = piece_of(p)->next) {
            const struct piece piece = *piece_of(p);
            if (piece.start < at || piece.end <= piece.start)
                return "ip4_reass: fragments overlap or are out of order";
            if (p->tot_len != piece.header_len + (piece.end - piece.start))
                return "ip4_reass: a fragment's length is not what it covers";
            at = piece.end;
            octets += (u32_t)(piece.end - piece.start);
            pbufs += pbuf_clen(p);
            last = p;
        }
        if (FAST_PATHS && last != r->last)
            return "ip4_reass: the last fragment is not known";
        if (pbufs != r->clen || octets != r->received * (u32_t)(r->p != NULL))
            return "ip4_reass: counts of a datagram are wrong";
        total += pbufs;
    }
    return total == state()->pbufs ? NULL : "ip4_reass: count of waiting pbufs is wrong";
}

#endif
