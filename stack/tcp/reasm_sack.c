/* tcp/reasm_sack.c: see reasm_sack.h. */
#include "lwip/opt.h"

#if LWIP_TCP && TCP_QUEUE_OOSEQ && LWIP_TCP_SACK_OUT

#include "stack/tcp/reasm_sack.h"

#include "stack/tcp/features.h"
#include "stack/tcp/reasm.h"
#include "stack/tcp/seg.h"
#include "stack/wire/tcp_seq.h"

void tcp_reasm_duplicate(struct tcp_pcb *pcb, u32_t seq, u32_t len)
{
    if (!tcp_agreed(pcb, TF_SACK))
        return;
    pcb->dsack_left = seq;
    pcb->dsack_right = seq + len;
}

/* Keeps the blocks for which keep() stays true, in their order. */
static void sift(struct tcp_pcb *pcb, bool (*keep)(struct tcp_sack_range *block, void *arg),
                 void *arg)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < LWIP_TCP_MAX_SACK_NUM && LWIP_TCP_SACK_VALID(pcb, i); i++) {
        struct tcp_sack_range block = pcb->rcv_sacks[i];
        if (keep(&block, arg))
            pcb->rcv_sacks[kept++] = block;
    }
    for (; kept < LWIP_TCP_MAX_SACK_NUM; kept++)
        pcb->rcv_sacks[kept] = (struct tcp_sack_range){0, 0};
}

/* A block that touches the run is swallowed by it. */
static bool stays_outside(struct tcp_sack_range *block, void *arg)
{
    struct tcp_sack_range *run = arg;

    if (seq_gt(block->left, run->right) || seq_lt(block->right, run->left))
        return true;
    run->left = seq_min(run->left, block->left);
    run->right = seq_max(run->right, block->right);
    return false;
}

static bool begins_behind(struct tcp_sack_range *block, void *arg)
{
    const u32_t *edge = arg;
    return seq_gt(block->left, *edge);
}

static bool has_part_before(struct tcp_sack_range *block, void *arg)
{
    const u32_t *edge = arg;

    block->right = seq_min(block->right, *edge);
    return seq_lt(block->left, block->right);
}

/* The whole run in the queue that [run->left, run->right) is a part of. */
static void widen(const struct tcp_pcb *pcb, struct tcp_sack_range *run)
{
    u32_t left = run->left, right = run->left;

    for (const struct tcp_seg *s = pcb->ooseq; s != NULL; s = s->next) {
        if (s == pcb->ooseq || s->seq != right) {
            if (seq_gt(s->seq, run->left))
                break;
            left = s->seq;
        }
        right = tcp_seg_end(s);
    }
    run->left = left;
    run->right = right;
}

/* [left, right) has come: the run it is in becomes the first block [RFC2018 4]. The old blocks
 * mostly tell how far that goes; the queue is asked where it joins something of which none does.
 * What begins at RCV.NXT is about to be acknowledged and is no block. */
void tcp_reasm_report(struct tcp_pcb *pcb, u32_t left, u32_t right, bool joins_left,
                      bool joins_right)
{
    struct tcp_sack_range run = {left, right};

    if (!tcp_agreed(pcb, TF_SACK) || left == right)
        return;
    sift(pcb, stays_outside, &run);
    if ((joins_left && run.left == left) || (joins_right && run.right == right))
        widen(pcb, &run);
    if (seq_leq(run.left, pcb->rcv_nxt))
        return;
    for (unsigned i = LWIP_TCP_MAX_SACK_NUM - 1; i > 0; i--)
        pcb->rcv_sacks[i] = pcb->rcv_sacks[i - 1];
    pcb->rcv_sacks[0] = run;
}

/* RCV.NXT is going to be `edge`: neither what lies before it nor what begins there is reported. */
void tcp_reasm_unreport_to(struct tcp_pcb *pcb, u32_t edge)
{
    sift(pcb, begins_behind, &edge);
}

/* Nothing from `edge` on is held any more [RFC2018 8]. */
void tcp_reasm_unreport_from(struct tcp_pcb *pcb, u32_t edge)
{
    sift(pcb, has_part_before, &edge);
    if (seq_gt(pcb->dsack_right, edge))
        pcb->dsack_right = pcb->dsack_left;
}

/* The block is a run of the queue, whole, and not the one at RCV.NXT. */
static bool is_run(const struct tcp_pcb *pcb, const struct tcp_sack_range *block)
{
    struct tcp_sack_range run = *block;

    widen(pcb, &run);
    return run.left == block->left && run.right == block->right &&
           seq_gt(block->left, pcb->rcv_nxt);
}

const char *tcp_reasm_check_blocks(const struct tcp_pcb *pcb)
{
    bool end = false;

    for (unsigned i = 0; i < LWIP_TCP_MAX_SACK_NUM; i++) {
        const struct tcp_sack_range *block = &pcb->rcv_sacks[i];
        if (block->left == block->right) {
            end = true;
            continue;
        }
        if (end)
            return "ooseq: a SACK block behind an empty one";
        if (!tcp_agreed(pcb, TF_SACK))
            return "ooseq: SACK blocks, but the peer does not want any";
        if (!is_run(pcb, block))
            return "ooseq: a SACK block that is not one run of what is held";
        for (unsigned k = 0; k < i; k++)
            if (pcb->rcv_sacks[k].left == block->left)
                return "ooseq: two SACK blocks for the same data";
    }
    return NULL;
}

#endif
