/* tcp/due.c: see due.h.
 *
 * Each pcb's children are in a list that is linked through due_next, the newest first; due_prev is
 * the left neighbour, or the parent for the first child. Only the root has none, so a pcb is in the
 * heap when it is the root or has a due_prev. A parent comes before each of its children.
 *
 * A connection at work moves its deadline all the time, nearly always to a later moment. A pcb
 * without children then stays where it is; one with children gives them back to the root first. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_HASH_SIZE

#include "stack/tcp/due.h"

#include "stack/core/instance.h"
#include "stack/core/ticker.h"
#include "stack/tcp/timer.h"

/* Does a expire before b? Equal deadlines: the one that was set first (within 2^31 settings). */
static bool comes_first(const struct tcp_pcb *a, const struct tcp_pcb *b)
{
    u32_t apart = a->due_ms - b->due_ms;

    if (apart == 0)
        apart = a->due_order - b->due_order;
    return apart > 0x7fffffffu;
}

/* One heap of two; each a root without links to the side, or NULL. */
static struct tcp_pcb *meld(struct tcp_pcb *a, struct tcp_pcb *b)
{
    struct tcp_pcb *root = a, *child = b;

    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    if (comes_first(b, a)) {
        root = b;
        child = a;
    }
    child->due_next = root->due_child;
    if (child->due_next != NULL)
        child->due_next->due_prev = child;
    child->due_prev = root;
    root->due_child = child;
    return root;
}

/* The first of a list as a heap of its own; *list moves on. */
static struct tcp_pcb *take(struct tcp_pcb **list)
{
    struct tcp_pcb *first = *list;

    if (first == NULL)
        return NULL;
    *list = first->due_next;
    first->due_next = first->due_prev = NULL;
    return first;
}

/* Removes pcb's children and makes one heap of them: in pairs first, then pair by pair, which is
 * what makes the cost logarithmic on the average. */
static struct tcp_pcb *take_children(struct tcp_pcb *pcb)
{
    struct tcp_pcb *list = pcb->due_child, *pairs = NULL, *heap = NULL;

    pcb->due_child = NULL;
    while (list != NULL) {
        struct tcp_pcb *a = take(&list);
        struct tcp_pcb *pair = meld(a, take(&list));
        pair->due_next = pairs;
        pairs = pair;
    }
    while (pairs != NULL) {
        struct tcp_pcb *pair = take(&pairs);
        heap = meld(heap, pair);
    }
    return heap;
}

/* Takes pcb, which is not the root, out from among its neighbours; it keeps its children. */
static void cut(struct tcp_pcb *pcb)
{
    if (pcb->due_prev->due_child == pcb)
        pcb->due_prev->due_child = pcb->due_next;
    else
        pcb->due_prev->due_next = pcb->due_next;
    if (pcb->due_next != NULL)
        pcb->due_next->due_prev = pcb->due_prev;
    pcb->due_next = pcb->due_prev = NULL;
}

static bool is_in(const struct tcp_pcb *pcb)
{
    return pcb->due_prev != NULL || STACK->tcp.due == pcb;
}

static void wake_for_root(void)
{
    if (STACK->tcp.due != NULL)
        ticker_set(&STACK->tcp.ticker, STACK->tcp.due->due_ms);
    else
        ticker_stop(&STACK->tcp.ticker);
}

void tcp_due_set(struct tcp_pcb *pcb, u32_t due_ms)
{
    bool in = is_in(pcb);
    bool earlier = (u32_t)(due_ms - pcb->due_ms) > 0x7fffffffu;

    if (in && due_ms == pcb->due_ms)
        return;
    pcb->due_ms = due_ms;
    pcb->due_order = STACK->tcp.due_count++;
    if (!in) {
        STACK->tcp.due = meld(STACK->tcp.due, pcb);
    } else if (earlier && pcb != STACK->tcp.due) {
        cut(pcb);
        STACK->tcp.due = meld(STACK->tcp.due, pcb);
    } else if (!earlier && pcb->due_child != NULL) {
        struct tcp_pcb *children = take_children(pcb);
        STACK->tcp.due = meld(STACK->tcp.due, children);
    }
    wake_for_root();
}

void tcp_due_clear(struct tcp_pcb *pcb)
{

    if (!is_in(pcb))
        return;
    struct tcp_pcb *children = take_children(pcb);
    if (pcb == STACK->tcp.due) {
        STACK->tcp.due = children;
    } else {
        cut(pcb);
        STACK->tcp.due = meld(STACK->tcp.due, children);
    }
    wake_for_root();
}

void tcp_due_update(struct tcp_pcb *pcb)
{
    u32_t now = tcp_now(), least = 0xffffffffu;

    if (pcb->timers == 0) {
        tcp_due_clear(pcb);
        return;
    }
    unsigned running = pcb->timers; /* from bit i on */
    for (unsigned i = 0; running != 0; i++, running >>= 1) {
        if ((running & 1u) == 0)
            continue;
        u32_t left = seq_gt(pcb->timer_ms[i], now) ? pcb->timer_ms[i] - now : 0;
        if (left < least)
            least = left;
    }
    tcp_due_set(pcb, now + least);
}

struct tcp_pcb *tcp_due_expired(void)
{
    struct tcp_pcb *root = STACK->tcp.due;

    if (root == NULL)
        return NULL;
    if (ticker_passed(&STACK->tcp.ticker, root->due_ms))
        return root;
    /* sys_restart_timeouts() may have run the ticker too early */
    wake_for_root();
    return NULL;
}

/* Since every link is compared with the one back, no walk over the heap can go in a circle. */
static const char *check_children(const struct tcp_pcb *pcb)
{
    const struct tcp_pcb *before = pcb;

    for (const struct tcp_pcb *c = pcb->due_child; c != NULL; before = c, c = c->due_next) {
        if (c->due_prev != before)
            return "tcp: a link back in the heap of timers is wrong";
        if (comes_first(c, pcb))
            return "tcp: the heap of timers is out of order";
    }
    return NULL;
}

/* The pcb after this one in a walk that sees parents before children; NULL behind the last. */
static const struct tcp_pcb *following(const struct tcp_pcb *pcb)
{
    if (pcb->due_child != NULL)
        return pcb->due_child;
    while (pcb->due_next == NULL) {
        while (pcb->due_prev != NULL && pcb->due_prev->due_child != pcb)
            pcb = pcb->due_prev;
        pcb = pcb->due_prev;
        if (pcb == NULL)
            return NULL;
    }
    return pcb->due_next;
}

const char *tcp_due_check(void)
{
    const struct tcp_pcb *root = STACK->tcp.due;

    if (root == NULL)
        return STACK->tcp.ticker.armed ? "tcp: the ticker is armed for no timer" : NULL;
    if (root->due_prev != NULL || root->due_next != NULL)
        return "tcp: the heap of timers has a root with neighbours";
    if (!STACK->tcp.ticker.armed || STACK->tcp.ticker.due_ms != root->due_ms)
        return "tcp: the ticker is not armed for the first timer";
    for (const struct tcp_pcb *pcb = root; pcb != NULL; pcb = following(pcb)) {
        const char *wrong = check_children(pcb);
        if (wrong != NULL)
            return wrong;
    }
    return NULL;
}

#endif
