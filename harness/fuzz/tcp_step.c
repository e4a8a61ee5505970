/* harness/fuzz/tcp_step.c */
#include "harness/fuzz/tcp_step.h"

#include "harness/fuzz/fuzz.h"
#include "stack/wire/tcp_seq.h"
#include "vnet/impair/repair.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define FRAME_HEADERS 34u /* Ethernet, IPv4 */
#define TCP_HEADER 20u
#define DATA_MOST 1460u
#define EVENT_UNIT 14u

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10, URG = 0x20 };

static void put16(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v >> 16);
    put16(p + 2, v);
}

static uint32_t le16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t signed16(const uint8_t *p)
{
    uint32_t v = le16(p);
    return v < 0x8000u ? v : v - 0x10000u;
}

enum step_kind tcp_step_kind(const uint8_t *head)
{
    static const enum step_kind of[16] = {[11] = STEP_TIME, [12] = STEP_COMMAND,
                                          [13] = STEP_COMMAND,
                                          [15] = STEP_ERROR};
    return of[head[0] & 15u];
}

bool tcp_step_waits_for_event(const uint8_t *head)
{
    return head[0] >> 4 >= EVENT_UNIT;
}

/* Steps of timers: nothing, the wire, delayed ACK, coarse ticks, RTO, SYN, 2 MSL, keepalive. */
uint64_t tcp_step_delay(const uint8_t *head)
{
    static const uint32_t unit_us[16] = {0,      0,      0,      1,       100,     1000,
                                         10000,  40000,  200000, 250000,  500000,  1000000,
                                         3000000, 60000000, 0,   0};
    uint64_t count = head[1] > 1 ? head[1] & 15u : 1;
    return count * 1000u * unit_us[head[0] >> 4];
}

static uint32_t base_of(const struct tcp_numbers *n, unsigned which, bool ours)
{
    if (ours) {
        const uint32_t of[8] = {n->rcv_nxt, n->rcv_nxt, n->rcv_nxt,  n->rcv_nxt,
                                n->rcv_edge, n->highest, TCP_PEER_ISN, n->rcv_nxt + 0x7fffffffu};
        return of[which];
    }
    const uint32_t of[8] = {n->snd_nxt, n->snd_nxt, n->snd_nxt, n->snd_una,
                            n->snd_una, n->snd_lbb, n->iss,     n->snd_una + 0x7fffffffu};
    return of[which];
}

/* Appends to `options` (40 octets, `len` used); what does not fit is left out. */
static size_t add(uint8_t *options, size_t len, const uint8_t *bytes, size_t n)
{
    if (len + n > 40)
        return len;
    memcpy(options + len, bytes, n);
    return len + n;
}

static size_t add_stamps(uint8_t *options, size_t len, unsigned how, const struct tcp_numbers *n)
{
    static const uint32_t moved[4] = {0, 1, (uint32_t)-1, 1000};
    uint8_t option[12] = {1, 1, 8, 10};
    if (how == 0)
        return len;
    put32(option + 4, n->ts_recent + moved[how]);
    put32(option + 8, n->their_ts + (how == 3 ? 1 : 0));
    return add(options, len, option, sizeof option);
}

/* Edges are counted from SND.UNA in steps of a small segment, so that blocks meet and overlap. */
static size_t add_sacks(uint8_t *options, size_t len, const struct record *r,
                        const struct tcp_numbers *n)
{
    unsigned blocks = r->head[10] >> 2 & 3u;
    uint8_t option[28] = {1, 1, 5, (uint8_t)(2 + 8 * blocks)};
    for (unsigned i = 0; i < blocks; i++) {
        uint32_t at = 1 + 2 * i < r->len ? r->bytes[1 + 2 * i] : i + 1;
        uint32_t size = 2 + 2 * i < r->len ? r->bytes[2 + 2 * i] : 1;
        put32(option + 4 + 8 * i, n->snd_una + at * 536u);
        put32(option + 8 + 8 * i, n->snd_una + (at + size) * 536u - (size == 0));
    }
    return blocks > 0 ? add(options, len, option, 4 + 8 * blocks) : len;
}

static size_t make_options(uint8_t *options, const struct record *r, const struct tcp_numbers *n)
{
    static const uint8_t of_syn[] = {2, 4, 0x05, 0xb4, 4, 2, 3, 3, 3, 1, 1, 1};
    unsigned how = r->head[10];
    size_t len = add_stamps(options, 0, how & 3u, n);
    if ((how & 0x10u) != 0)
        len = add(options, len, of_syn, sizeof of_syn);
    if ((how & 0x20u) != 0 && r->len > 1)
        len = add(options, len, r->bytes + 1, r->len - 1 > 40 ? 40 : r->len - 1);
    else
        len = add_sacks(options, len, r, n);
    while (len % 4 != 0)
        options[len++] = 0;
    return len;
}

static uint32_t data_length(const struct record *r, const struct tcp_numbers *n, uint32_t seq)
{
    static const uint16_t more[] = {256, 489, 490, 491, 500, 535, 536, 537,
                                    1000, 1400, 1447, 1448, 1449, 1459, 1460, 1460};
    if ((r->head[10] & 0x40u) != 0) {
        uint32_t left = n->rcv_edge - seq;
        return left < DATA_MOST ? left : DATA_MOST;
    }
    uint32_t code = r->bytes[0];
    return code < 240 ? code % 120 : more[code - 240];
}

static void put_ip(uint8_t *f, size_t len, unsigned ecn, unsigned protocol)
{
    static const uint8_t head[FRAME_HEADERS] = {
        0x02, 0, 0, 0, 0, 0x01, 0x02, 0, 0, 0, 0, 0xfe, 0x08, 0x00, 0x45, 0, 0, 0, 0, 1, 0x40, 0,
        64,   6, 0, 0, 10, 0, 0, 0xfe, 10, 0, 0, 1};
    memcpy(f, head, sizeof head);
    f[15] = (uint8_t)ecn;
    f[23] = (uint8_t)protocol;
    put16(f + 16, (uint32_t)(len - 14));
}

static size_t finish(uint8_t *f, size_t len)
{
    if (len < 60) {
        memset(f + len, 0, 60 - len);
        len = 60;
    }
    repair_checksums(f, (uint32_t)len);
    return len;
}

static uint32_t window(const uint8_t *head)
{
    static const uint16_t of[4] = {0, 0xffff, 0, 1};
    unsigned how = head[3] >> 6;
    return how == 0 ? le16(head + 8) : of[how];
}

size_t tcp_step_segment(uint8_t *f, const struct record *r, struct tcp_numbers *n)
{
    const uint8_t *h = r->head;
    uint8_t *tcp = f + FRAME_HEADERS;
    uint32_t seq = base_of(n, h[3] & 7u, true) + signed16(h + 4);
    uint32_t ack = base_of(n, h[3] >> 3 & 7u, false) + signed16(h + 6);
    size_t options = make_options(tcp + TCP_HEADER, r, n), offset = TCP_HEADER + options;
    uint32_t data = data_length(r, n, seq);
    if (data > DATA_MOST - options)
        data = DATA_MOST - (uint32_t)options;
    put16(tcp, (h[11] & 0x10u) != 0 ? TCP_PEER_PORT + 1 : TCP_PEER_PORT);
    put16(tcp + 2, TCP_HOST_PORT);
    put32(tcp + 4, seq);
    put32(tcp + 8, (h[2] & ACK) != 0 ? ack : 0);
    tcp[12] = (uint8_t)(offset / 4 << 4);
    tcp[13] = h[2];
    put16(tcp + 14, window(h));
    put16(tcp + 16, 0);
    put16(tcp + 18, (h[11] & 0x08u) != 0 ? le16(h + 8) : 0);
    uint32_t first = seq + ((h[2] & SYN) != 0 ? 1 : 0);
    for (uint32_t i = 0; i < data; i++)
        tcp[offset + i] = tcp_stream_octet(first + i);
    uint32_t end = first + data + ((h[2] & FIN) != 0 ? 1 : 0);
    if (seq_gt(end, n->highest) && end - n->rcv_nxt < 1u << 30)
        n->highest = end;
    size_t len = FRAME_HEADERS + offset + data;
    put_ip(f, len, h[11] >> 1 & 3u, 6);
    len = finish(f, len);
    if ((h[11] & 0x01u) != 0)
        tcp[16] ^= 0x40;
    return len;
}

size_t tcp_step_error(uint8_t *f, const struct record *r, const struct tcp_numbers *n)
{
    static const uint8_t kinds[][2] = {{3, 0}, {3, 1}, {3, 2}, {3, 3}, {3, 4}, {3, 4}, {3, 13},
                                       {4, 0}, {11, 0}, {12, 0}};
    static const uint16_t mtus[] = {0, 68, 296, 552, 576, 1006, 1492, 1499, 1500, 9000};
    const uint8_t *h = r->head, *which = kinds[h[2] % COUNT(kinds)];
    uint8_t *icmp = f + FRAME_HEADERS, *quote = icmp + 8, *tcp = quote + 20;
    memset(icmp, 0, 8 + 20 + 20);
    icmp[0] = which[0];
    icmp[1] = which[1];
    put16(icmp + 6, h[8] < COUNT(mtus) ? mtus[h[8]] : le16(h + 8));
    static const uint8_t ip[20] = {0x45, 0, 0x05, 0xdc, 0, 1, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1,
                                   10,   0, 0,    0xfe};
    memcpy(quote, ip, sizeof ip);
    put16(tcp, TCP_HOST_PORT);
    put16(tcp + 2, (h[11] & 0x10u) != 0 ? TCP_PEER_PORT + 1 : TCP_PEER_PORT);
    put32(tcp + 4, base_of(n, h[3] >> 3 & 7u, false) + signed16(h + 6));
    size_t len = FRAME_HEADERS + 8 + 20 + ((h[11] & 0x20u) != 0 ? 20 : 8);
    put_ip(f, len, 0, 1);
    return finish(f, len);
}

#define HEX1(HIGH, LOW) "" #HIGH #LOW
#define HEX16(H)                                                                                   \
    HEX1(H, 0) HEX1(H, 1) HEX1(H, 2) HEX1(H, 3) HEX1(H, 4) HEX1(H, 5) HEX1(H, 6) HEX1(H, 7)        \
    HEX1(H, 8) HEX1(H, 9) HEX1(H, a) HEX1(H, b) HEX1(H, c) HEX1(H, d) HEX1(H, e) HEX1(H, f)
/* TEXT of tcp_state.c: 251 octets, 0 to 250, in the 502 characters that count. */
static const char text[] = HEX16(0) HEX16(1) HEX16(2) HEX16(3) HEX16(4) HEX16(5) HEX16(6) HEX16(7)
    HEX16(8) HEX16(9) HEX16(a) HEX16(b) HEX16(c) HEX16(d) HEX16(e) HEX16(f);

#define TEXT_HEX 502u

static size_t write_send(char *command, unsigned object, unsigned times)
{
    size_t len = (size_t)snprintf(command, TCP_STEP_COMMAND,
                                  "C{\"op\":\"tcp_send\",\"object\":%u,\"all\":true,\"data\":\"",
                                  object);
    for (unsigned i = 0; i < 1 + times % 2; i++, len += TEXT_HEX)
        memcpy(command + len, text, TEXT_HEX);
    memcpy(command + len, "\"}", 2);
    return len + 2;
}

static const char *const ends[] = {
    "\"tcp_end\",\"how\":\"close\"", "\"tcp_end\",\"how\":\"abort\"",
    "\"tcp_end\",\"how\":\"rd\"", "\"tcp_end\",\"how\":\"wr\"",
    "\"tcp_end\",\"how\":\"rdwr\"", "\"tcp_recv\",\"max\":1", "\"tcp_recv\",\"max\":536",
    "\"tcp_recv\"", "\"tcp_accept\"", "\"tcp_set\",\"nodelay\":true",
    "\"tcp_set\",\"keepalive\":true,\"keep_idle_ms\":1000,\"keep_intvl_ms\":1000,"
    "\"keep_cnt\":2",
    "\"tcp_set\",\"user_timeout_ms\":3000", "\"tcp_set\",\"cc\":\"newreno\"",
    "\"tcp_set\",\"cc\":\"cubic\"", "\"tcp_plan\",\"call\":\"recv\",\"action\":\"refuse\","
    "\"count\":2", "\"tcp_plan\",\"call\":\"recv\",\"action\":\"abort\",\"count\":1",
    "\"tcp_plan\",\"call\":\"sent\",\"action\":\"abort\",\"count\":1",
    "\"tcp_plan\",\"call\":\"recv\",\"action\":\"close\",\"count\":1",
    "\"tcp_plan\",\"call\":\"connected\",\"action\":\"close\",\"count\":1",
    "\"tcp_plan\",\"call\":\"accept\",\"action\":\"refuse\",\"count\":1",
    "\"tcp_plan\",\"call\":\"poll\",\"action\":\"abort\",\"count\":1",
    "\"tcp_set\",\"poll\":1", "\"tcp_write\"", "\"object_close\""};

#define COMMANDS (COUNT(ends) + 8) /* the last eight are sends */

_Static_assert(COMMANDS * 4 <= 128, "tcp_step_command_number: larger than promised");

unsigned tcp_step_command_number(const uint8_t *head)
{
    return (unsigned)(head[2] % COMMANDS * 4 + (head[3] & 1u) * 2 + head[4] % 2u);
}

size_t tcp_step_command(char *command, const uint8_t *head)
{
    unsigned object = 1 + (head[3] & 1u), which = head[2] % COMMANDS;
    if (which >= COUNT(ends))
        return write_send(command, object, head[4]);
    return (size_t)snprintf(command, TCP_STEP_COMMAND, "C{\"object\":%u,\"op\":%s}", object,
                            ends[which]);
}

uint32_t tcp_step_stamp(const uint8_t *tcp, uint32_t len, uint32_t before)
{
    uint32_t end = (tcp[12] >> 4) * 4u;
    for (uint32_t i = TCP_HEADER; i + 10 <= end && end <= len;) {
        if (tcp[i] == 8)
            return tcp_get32(tcp + i + 2);
        if (tcp[i] == 0 || (tcp[i] != 1 && tcp[i + 1] < 2))
            break;
        i += tcp[i] == 1 ? 1 : tcp[i + 1];
    }
    return before;
}

/* Changes. */

static const uint8_t flags_often[] = {ACK, ACK, ACK, ACK | PSH, ACK | PSH, FIN | ACK, RST,
                                      RST | ACK, SYN, SYN | ACK, SYN | FIN, FIN, 0, URG | ACK,
                                      SYN | 0xc0, ACK | 0x40, ACK | 0x80, FIN | PSH | ACK,
                                      SYN | PSH, 0xff};
static const int16_t offsets[] = {0, 0, 0, 0, 1, -1, 2, -2, 3, 100, -100, 251, 252, 535, 536, 537,
                                  -536, 1071, 1072, 1073, 1459, 1460, 1461, -1460, 2920, -2920,
                                  5360, 8192, 32767, -32768};

static void put_offset(uint8_t *at, struct dice *d)
{
    uint32_t v = (uint16_t)offsets[dice_below(d, COUNT(offsets))];
    if (dice_once_in(d, 8))
        v = (uint32_t)dice_u64(d);
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

void tcp_step_mutate_head(uint8_t *h, struct dice *d)
{
    switch (dice_below(d, 12)) {
    case 0:
        h[0] = (uint8_t)((h[0] & 0xf0u) | dice_below(d, 16));
        break;
    case 1:
        h[0] = (uint8_t)((h[0] & 0x0fu) | dice_below(d, 16) << 4);
        break;
    case 2:
        h[1] = (uint8_t)dice_below(d, 16);
        break;
    case 3:
    case 4:
        h[2] = flags_often[dice_below(d, COUNT(flags_often))];
        break;
    case 5:
        h[3] = (uint8_t)dice_u64(d);
        break;
    case 6:
    case 7:
        put_offset(h + 4, d);
        break;
    case 8:
    case 9:
        put_offset(h + 6, d);
        break;
    case 10:
        h[8 + dice_below(d, 2)] = (uint8_t)dice_u64(d);
        break;
    default:
        h[10 + dice_below(d, 2)] ^= (uint8_t)(1u << dice_below(d, 7));
    }
}

size_t tcp_step_mutate_bytes(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    if (len > 0 && len <= max && dice_once_in(d, 2)) {
        bytes[0] = (uint8_t)dice_u64(d);
        return len;
    }
    if (len > 0 && len < max && len < 7 && dice_once_in(d, 2)) {
        bytes[len] = (uint8_t)dice_below(d, 12);
        return len + 1;
    }
    return LLVMFuzzerMutate(bytes, len, max);
}

void tcp_step_become_segment(uint8_t *head, struct dice *d)
{
    head[0] &= 0xf0u;
    head[2] = flags_often[dice_below(d, COUNT(flags_often))];
}

size_t tcp_step_insert(uint8_t *bytes, size_t len, size_t max, struct dice *d)
{
    static const uint8_t plain[TCP_STEP_HEAD] = {[2] = ACK, [3] = 1u << 6, [10] = 1};
    if (len < 1 || len + TCP_STEP_HEAD + 3 > max)
        return LLVMFuzzerMutate(bytes, len, max);
    uint8_t *to = bytes + len;
    memcpy(to, plain, sizeof plain);
    for (size_t n = dice_below(d, 8); n > 0; n--)
        tcp_step_mutate_head(to, d);
    to[TCP_STEP_HEAD] = 1;
    to[TCP_STEP_HEAD + 1] = 0;
    to[TCP_STEP_HEAD + 2] = (uint8_t)(dice_once_in(d, 2) ? 0 : dice_u64(d));
    return len + TCP_STEP_HEAD + 3;
}
