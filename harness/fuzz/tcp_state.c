/* harness/fuzz/tcp_state.c: the target `tcp_state`: segments, time and the application, from every
 * state that a connection can be in (worlds_tcp.py).
 *
 * Input: one octet (bits 0-5 the world, bits 6-7 for how long time goes on at the end), then
 * records (records.h): steps. A step's head says what it is, in numbers relative to what the pcb
 * expects at that moment, so that every input is a conversation near the edges of windows, whatever
 * the initial sequence numbers; the frame is then made here, with checksums that are right unless
 * the step asks for a wrong one. Bytes of a record: one octet, how much data (the data itself
 * follows from the sequence number), then edges of SACK blocks, or options as they are.
 *
 * Beside what every target with a world finds, wrong is: a stream that reaches the application
 * other than it was sent; a host's data that is not what the application wrote at that place; an
 * acknowledgment of what was never sent. */
#include "harness/fuzz/fuzz.h"
#include "harness/fuzz/records.h"
#include "harness/fuzz/stage.h"
#include "harness/fuzz/tcp_step.h"
#include "harness/host/host.h"
#include "harness/host/tcp_connection.h"
#include "harness/host/world.h"
#include "stack/core/instance.h"
#include "stack/wire/tcp_seq.h"
#include "vnet/decode.h"

#include <stdio.h>
#include <string.h>

#define STEPS_MOST 16u
#define BYTES_LONGEST 42u
#define EVENTS 20000u
#define TEXT 251u /* bytes that the host's application sends again and again */

static struct tcp_numbers numbers;
/* The first sequence number of the peer of the world's connection, if that has heard it. */
static uint32_t irs;
static bool irs_known;

static const struct records_kind kind = {
    .preamble = 1, .head = TCP_STEP_HEAD, .most = STEPS_MOST, .longest = BYTES_LONGEST,
    .mutate = tcp_step_mutate_bytes, .mutate_head = tcp_step_mutate_head};

static struct host *the_host(void)
{
    const struct world *w = stage_world();
    return w != NULL ? vector_get(&w->hosts, 1) : NULL;
}

/* The connection with the peer's usual port; NULL: there is none. */
static const struct tcp_pcb *find_pcb(void)
{
    const struct host *h = the_host();
    if (h == NULL)
        return NULL;
    for (const struct tcp_pcb *p = h->stack->pub.tcp_active_pcbs_; p != NULL; p = p->next)
        if (p->remote_port == TCP_PEER_PORT)
            return p;
    for (const struct tcp_pcb *p = h->stack->pub.tcp_tw_pcbs_; p != NULL; p = p->next)
        if (p->remote_port == TCP_PEER_PORT)
            return p;
    return NULL;
}

/* What a peer that knows everything would know. Of a pcb that is gone, or has heard nothing yet,
 * the last numbers stay. */
static void look(void)
{
    const struct tcp_pcb *p = find_pcb();
    if (p == NULL)
        return;
    numbers.snd_una = p->lastack;
    numbers.snd_nxt = p->snd_nxt;
    numbers.snd_lbb = p->snd_lbb;
    numbers.iss = p->iss;
    if (p->state == SYN_SENT)
        return;
    numbers.rcv_nxt = p->rcv_nxt;
    numbers.rcv_edge = p->rcv_ann_right_edge;
    numbers.ts_recent = p->ts_recent;
}

static void begin(void)
{
    const struct tcp_pcb *p = find_pcb();
    numbers = (struct tcp_numbers){.rcv_nxt = TCP_PEER_ISN, .rcv_edge = TCP_PEER_ISN};
    look();
    irs_known = p != NULL && p->state != SYN_SENT;
    irs = irs_known ? p->irs : 0;
    numbers.highest = numbers.rcv_nxt;
    if (p != NULL && p->ooseq_tail != NULL)
        numbers.highest = p->ooseq_tail->seq + TCP_TCPLEN(p->ooseq_tail);
}

/* The host has sent this. What no world's connection can have sent is left to judge.c. */
static void watch(const uint8_t *f, uint32_t len)
{
    struct decode d;
    decode_frame(&d, f, len);
    if (d.l4 == DECODE_NONE || d.proto != DECODE_TCP || !d.datagram_whole)
        return;
    const struct tcp_pcb *p = find_pcb();
    const uint8_t *tcp = f + d.l4;
    uint32_t seq = tcp_get32(tcp + 4), ack = tcp_get32(tcp + 8);
    if (p == NULL || (tcp[13] & 0x04) != 0 || tcp_get16(tcp + 2) != TCP_PEER_PORT)
        return;
    numbers.their_ts = tcp_step_stamp(tcp, d.l4_end - d.l4, numbers.their_ts);
    if ((tcp[13] & 0x10) != 0 && irs_known && p->irs == irs && seq_gt(ack, numbers.highest))
        fuzz_finding("the host acknowledges %u, sent was up to %u", ack, numbers.highest);
    uint32_t offset = (tcp[12] >> 4) * 4u, data = d.l4_end - d.l4 - offset;
    if (seq_lt(seq, p->iss) || seq_gt(seq + data, p->snd_lbb))
        return; /* of the connection before it, on the cable when that ended */
    for (uint32_t i = 0; i < data; i++)
        if (tcp[offset + i] != (seq + i - p->iss - 1) % TEXT)
            fuzz_finding("the host's data is wrong at %u: octet %02x", seq + i - p->iss,
                         tcp[offset + i]);
}

/* What the application has and has not fetched is the end of what was received. */
static void check_stream(void)
{
    const struct host *h = the_host();
    for (const struct object *o = h != NULL ? h->objects : NULL; o != NULL; o = o->next) {
        if (o->class != &connection_class)
            continue;
        const struct connection *c = (const struct connection *)o;
        if (c->pcb == NULL || c->pcb->remote_port != TCP_PEER_PORT)
            continue;
        uint32_t seq = c->pcb->irs + 1 + (uint32_t)(c->received - c->in.count);
        for (const struct byte_block *b = c->in.first; b != NULL; b = b->next)
            for (uint32_t i = b->at; i < b->len; i++, seq++)
                if (b->data[i] != tcp_stream_octet(seq))
                    fuzz_finding("the application got octet %02x at %u", b->data[i],
                                 seq - c->pcb->irs);
    }
}

static void pass(const uint8_t *head)
{
    uint64_t ns = tcp_step_delay(head);
    const struct sim *sim = stage_world() != NULL ? stage_world()->sim : NULL;
    if (sim == NULL)
        return;
    if (tcp_step_waits_for_event(head)) {
        uint64_t next = queue_next(sim->queue);
        if (next == NEVER || next < sim->now_ns)
            return;
        ns = next - sim->now_ns;
        if (ns > 0)
            ns -= head[1] & 1u; /* just before it, or with it */
    }
    if (ns > 0)
        stage_run(ns, EVENTS);
}

static void play(const struct record *r)
{
    static uint8_t frame[TCP_STEP_FRAME];
    char command[TCP_STEP_COMMAND];
    size_t len;
    pass(r->head);
    look();
    switch (tcp_step_kind(r->head)) {
    case STEP_SEGMENT:
        len = tcp_step_segment(frame, r, &numbers);
        stage_send(0, frame, len);
        break;
    case STEP_ERROR:
        len = tcp_step_error(frame, r, &numbers);
        stage_send(0, frame, len);
        break;
    case STEP_COMMAND:
        len = tcp_step_command(command, r->head);
        stage_command(tcp_step_command_number(r->head), (const uint8_t *)command, len);
        break;
    default:
        break;
    }
}

bool tcp_state_open(const struct fuzz_options *options)
{
    stage_watch_set(watch);
    return stage_open(options, "tcp", STAGE_FRAMES);
}

void tcp_state_input(const uint8_t *bytes, size_t len)
{
    /* a frame and its answers; a second; SYN-ACKs to their end; keepalive */
    static const uint64_t ends_ns[] = {1000000, UINT64_C(1000000000), UINT64_C(300000000000),
                                       UINT64_C(9000000000000)};
    struct records list;
    struct record r;
    if (len < 1)
        return;
    stage_begin(bytes[0] & 0x3fu);
    begin();
    records_begin(&list, &kind, bytes, len);
    while (records_next(&list, &r))
        play(&r);
    stage_run(ends_ns[bytes[0] >> 6], EVENTS);
    check_stream();
    if (fuzz_is_chosen(bytes, len, FUZZ_THOROUGH_ONE_IN))
        stage_end(true);
    else
        stage_leave();
}

/* Of the steps one segment, as the world has come far already. There are few commands and errors:
 * what one of them does alone is soon known, and a command is dear. */
static size_t keep_one(uint8_t *bytes, size_t len, struct dice *d)
{
    struct records list;
    struct record r, kept = {0};
    size_t segments = 0, others = 0;
    records_begin(&list, &kind, bytes, len);
    while (records_next(&list, &r)) {
        bool segment = tcp_step_kind(r.head) == STEP_SEGMENT;
        if (segment ? dice_once_in(d, ++segments) : segments == 0 && dice_once_in(d, ++others))
            kept = r;
    }
    if (segments + others == 0)
        return len;
    size_t size = (size_t)(kept.bytes - kept.head) + kept.len;
    memmove(bytes + 1, kept.head, size);
    if (segments == 0 && !dice_once_in(d, 8))
        tcp_step_become_segment(bytes + 1, d);
    return 1 + size;
}

size_t tcp_state_mutate(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    if (len < 1 + TCP_STEP_HEAD || dice_once_in(d, 24))
        return tcp_step_insert(bytes, len, max, d);
    len = records_mutate(&kind, bytes, len, max, d);
    /* Time that goes on and long conversations are dear: they are to stay rare. */
    if (!dice_once_in(d, 16))
        bytes[0] &= 0x3f;
    return dice_once_in(d, 8) ? len : keep_one(bytes, len, d);
}

size_t tcp_state_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                       uint8_t *out, size_t room, struct dice *d)
{
    if (!dice_once_in(d, 8)) /* long, so rare */
        return 0;
    return records_cross(&kind, a, a_len, b, b_len, out, room, d);
}
