/* tcp_alloc_failure.c: the n-th allocation of TCP fails, for every n; then a few in a row; then all
 * for twenty seconds. Runs on every build, as alloc_failure.c, which is to be read first.
 *
 * Two jobs: both ends of a connection in one stack, over its loopback; and a peer by hand that
 * sends out of order and repeats what is not acknowledged. An application does what lwIP's do: what
 * an API call refuses it tries again. TCP then owes it everything: each byte in order, the end of
 * the stream, no err, nothing left behind. */
#include "unit.h"

#include "alloc_world.h"

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "stack/core/alloc_fault.h"
#include "stack/wire/tcp_seq.h"

#define TOTAL 6000u
#define PIECE 700u
#define OUTAGE_MS 20000u
#define LONGEST_MS 600000u /* for all of a job: retransmissions back off to a minute */
#define FAILURES_MAX 3000u

/* One end as an application sees it. */
struct end {
    struct tcp_pcb *pcb;
    bool replies;          /* writes when the other has ended */
    unsigned written, got;
    bool heard_end, closed;
};

static struct {
    struct end client, server;
    struct tcp_pcb *listener;
    unsigned errs, refused;
    uint32_t passed_ms;
} job;

static const uint8_t *text(void)
{
    static uint8_t bytes[TOTAL];
    for (size_t i = 0; i < TOTAL; i++)
        bytes[i] = pattern(i);
    return bytes;
}

/* ---- The application ---- */

static void close_end(struct end *e)
{
    struct tcp_pcb *pcb = e->pcb;
    if (pcb == NULL || e->closed)
        return;
    e->pcb = NULL;
    tcp_arg(pcb, NULL);
    tcp_recv(pcb, NULL);
    tcp_err(pcb, NULL);
    tcp_poll(pcb, NULL, 0);
    tcp_sent(pcb, NULL);
    if (tcp_close(pcb) == ERR_OK) {
        e->closed = true;
        return;
    }
    e->pcb = pcb;
}

/* What is to be done now: also once a second, because something may have been refused. */
static void go_on(struct end *e)
{
    if (e->pcb == NULL || (e->replies && !e->heard_end))
        return;
    while (e->written < TOTAL) {
        unsigned n = LWIP_MIN(LWIP_MIN(PIECE, TOTAL - e->written), tcp_sndbuf(e->pcb));
        u8_t copy = e->written / PIECE % 2 == 0 ? TCP_WRITE_FLAG_COPY : 0;
        err_t err = n == 0 ? ERR_MEM : tcp_write(e->pcb, text() + e->written, (u16_t)n, copy);
        if (err != ERR_OK) {
            CHECK_INT(err, ERR_MEM);
            break;
        }
        e->written += n;
    }
    (void)tcp_output(e->pcb);
    if (e->written < TOTAL)
        return;
    if (e->replies || e->heard_end)
        close_end(e);
    else if (e->pcb->state == ESTABLISHED)
        CHECK_INT(tcp_shutdown(e->pcb, 0, 1), ERR_OK);
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    struct end *e = arg;
    CHECK(e->pcb == pcb && len != 0 && len <= e->written);
    go_on(e);
    return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    CHECK(((struct end *)arg)->pcb == pcb);
    go_on(arg);
    return ERR_OK;
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct end *e = arg;
    uint8_t bytes[TOTAL];
    CHECK(e->pcb == pcb && err == ERR_OK && !e->heard_end);
    if (p == NULL) {
        e->heard_end = true;
        go_on(e);
        return ERR_OK;
    }
    CHECK(e->got + p->tot_len <= TOTAL);
    CHECK_INT(pbuf_copy_partial(p, bytes, sizeof bytes, 0), p->tot_len);
    judge_pattern(bytes, p->tot_len, e->got);
    e->got += p->tot_len;
    tcp_recved(pcb, p->tot_len);
    pbuf_free(p);
    return ERR_OK;
}

static void on_err(void *arg, err_t err)
{
    (void)err;
    ((struct end *)arg)->pcb = NULL;
    job.errs++;
}

static void serve(struct end *e, struct tcp_pcb *pcb)
{
    e->pcb = pcb;
    tcp_arg(pcb, e);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_err);
    tcp_poll(pcb, on_poll, 2);
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    (void)arg;
    if (pcb == NULL) {
        CHECK_INT(err, ERR_MEM);
        job.refused++;
        return ERR_OK;
    }
    CHECK(err == ERR_OK && job.server.pcb == NULL);
    job.server.replies = true;
    serve(&job.server, pcb);
    return ERR_OK;
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    CHECK(err == ERR_OK && ((struct end *)arg)->pcb == pcb);
    go_on(arg);
    return ERR_OK;
}

/* ---- Time ---- */

static void wait(uint32_t ms)
{
    pass(ms);
    support_check(&w.s);
    job.passed_ms += ms;
    CHECKF(job.passed_ms < LONGEST_MS, "no end of it: %u of %u bytes written, %u arrived",
           job.client.written, TOTAL, job.server.got);
    if (job.passed_ms >= OUTAGE_MS)
        alloc_fault_arm(0);
}

static void listen_somehow(void)
{
    struct tcp_pcb *pcb = NULL;
    ip_addr_t any = addr(0);
    while ((pcb = tcp_new()) == NULL)
        wait(1000);
    CHECK_INT(tcp_bind(pcb, &any, ECHO_PORT), ERR_OK);
    while ((job.listener = tcp_listen_with_backlog(pcb, 3)) == NULL)
        wait(1000);
    tcp_accept(job.listener, on_accept);
}

static bool finish(void)
{
    CHECK_INT(tcp_close(job.listener), ERR_OK);
    CHECK_INT(job.errs, 0);
    return true;
}

/* ---- Both ends here ---- */

static void job_both_ends(void)
{
    ip_addr_t to = addr(LOOPBACK);
    err_t err;
    listen_somehow();
    struct tcp_pcb *pcb = NULL;
    while ((pcb = tcp_new()) == NULL)
        wait(1000);
    serve(&job.client, pcb);
    while ((err = tcp_connect(pcb, &to, ECHO_PORT, on_connected)) != ERR_OK) {
        CHECK(err == ERR_MEM && pcb->state == CLOSED && pcb->local_port == 0);
        wait(1000);
    }
    while (!job.client.closed || !job.server.closed)
        wait(100);
    CHECK(job.client.got == TOTAL && job.server.got == TOTAL);
    CHECK(job.client.heard_end && job.server.heard_end);
    finish();
}

/* ---- A peer by hand ---- */

#define PEER_ISS 5000u

static struct {
    uint32_t iss, sent; /* of the stack; behind what it has sent, in order */
    uint32_t acked;     /* by it */
    bool synced, fin;
} peer;

static void peer_sends(uint32_t seq, unsigned flags, size_t from, size_t len)
{
    static uint8_t f[1600];
    uint8_t *ip = f + 14, *tcp = ip + 20;
    size_t total = 40 + len;
    memset(f, 0, sizeof f);
    ethernet(f, w.a.netif.hwaddr, 0x0800);
    ip[0] = 0x45;
    put16(ip + 2, (unsigned)total);
    put16(ip + 4, ++w.next_id);
    ip[8] = 64;
    ip[9] = 6;
    put32(ip + 12, A_PEER);
    put32(ip + 16, A_IP);
    put16(ip + 10, judge_sum(0, ip, 20));
    put16(tcp, PEER_PORT);
    put16(tcp + 2, ECHO_PORT);
    put32(tcp + 4, seq);
    put32(tcp + 8, (flags & 0x10u) != 0 ? peer.sent : 0);
    tcp[12] = 0x50;
    tcp[13] = (uint8_t)flags;
    put16(tcp + 14, 8000);
    for (size_t i = 0; i < len; i++)
        tcp[20 + i] = pattern(from + i);
    uint32_t pseudo = 6 + (uint32_t)(20 + len);
    for (size_t i = 12; i < 20; i += 2)
        pseudo += judge_u16(ip + i);
    put16(tcp + 16, judge_sum(pseudo, tcp, 20 + len));
    arrive(&w.a, f, 14 + total, false);
}

/* Takes in what the stack has sent: in order only, as the simplest of peers. */
static void peer_hears(const struct support_frame *frame)
{
    const uint8_t *ip = frame->data + 14, *tcp = ip + 20;
    if (judge_u16(frame->data + 12) != 0x0800 || ip[9] != 6)
        return;
    uint32_t seq = judge_u32(tcp + 4), len = (uint32_t)(frame->len - 34 - (tcp[12] >> 4) * 4);
    CHECKF((tcp[13] & 4) == 0, "a RST");
    if ((tcp[13] & 0x10) != 0 && seq_gt(judge_u32(tcp + 8), peer.acked))
        peer.acked = judge_u32(tcp + 8);
    if ((tcp[13] & 2) != 0 && !peer.synced) {
        peer.synced = true;
        peer.iss = seq;
        peer.sent = seq + 1;
    }
    if (!peer.synced || seq != peer.sent)
        return;
    judge_pattern(tcp + (tcp[12] >> 4) * 4, len, seq - peer.iss - 1);
    peer.sent += len;
    if ((tcp[13] & 1) != 0 && !peer.fin) {
        peer.fin = true;
        peer.sent++;
    }
}

static void peer_looks(void)
{
    unsigned n = w.a.sent_count;
    look();
    for (unsigned i = 0; i < n; i++)
        peer_hears(w.a.sent[i]);
    support_sent_clear(&w.a);
    w.judged[0] = 0;
}

/* One round of what a peer does that has no answer yet: all that is not acknowledged, in an order
 * that makes the stack queue. */
static void peer_round(void)
{
    const uint32_t first = PEER_ISS + 1;
    if (!peer.synced) {
        peer_sends(PEER_ISS, 2, 0, 0);
    } else if (peer.acked != first + TOTAL + 1) {
        for (uint32_t at = TOTAL - 1000; at != 0 - 1000u; at -= 1000)
            if (seq_gt(first + at + 1000, peer.acked))
                peer_sends(first + at, at + 1000 == TOTAL ? 0x11 : 0x10, at, 1000);
    } else {
        peer_sends(first + TOTAL + 1, 0x10, 0, 0);
    }
    peer_looks();
}

static void job_peer(void)
{
    memset(&peer, 0, sizeof peer);
    peer.acked = PEER_ISS;
    listen_somehow();
    while (!job.server.closed || tcp_active_pcbs != NULL) {
        arp_from(&w.a, 2, A_PEER, A_IP);
        peer_round();
        wait(1000);
        peer_looks();
    }
    CHECK(peer.fin);
    CHECK(job.server.got == TOTAL && job.server.heard_end);
    CHECK_INT(peer.sent - peer.iss - 2, TOTAL);
    finish();
}

/* ---- The sweep ---- */

static void run(void (*run_job)(void))
{
    memset(&job, 0, sizeof job);
    forget();
    run_job();
    look();
    support_check(&w.s);
}

static void settle(unsigned before)
{
    char left[400];
    pass(130000); /* TIME-WAIT */
    etharp_cleanup_netif(&w.a.netif);
    stack_report_leaks(w.s.stack, left, sizeof left);
    CHECKF(objects() == before, "left behind among %s", left);
}

static void sweep(void (*run_job)(void), u32_t in_a_row)
{
    u32_t failed = 1;
    for (unsigned n = 1; failed != 0; n++) {
        CHECKF(n < FAILURES_MAX, "no end of it");
        open_world();
        unsigned before = objects();
        alloc_fault_arm_run(n, in_a_row);
        run(run_job);
        failed = alloc_fault_failed();
        alloc_fault_arm(0);
        settle(before);
        support_end(&w.s);
        CHECKF(n > 1 || failed != 0, "allocates nothing");
    }
}

UNIT(tcp_alloc_failure, both_ends_live_through_every_failure)
{
    sweep(job_both_ends, 1);
    sweep(job_both_ends, 4);
}

UNIT(tcp_alloc_failure, both_ends_live_through_an_outage_that_begins_anywhere)
{
    sweep(job_both_ends, UINT32_MAX);
}

UNIT(tcp_alloc_failure, early_data_from_a_peer_survives_every_failure)
{
    sweep(job_peer, 1);
    sweep(job_peer, 4);
}

UNIT(tcp_alloc_failure, early_data_from_a_peer_survives_an_outage)
{
    sweep(job_peer, UINT32_MAX);
}
