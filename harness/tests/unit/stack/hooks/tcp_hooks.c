/* A program with a TCP option of its own in every segment: 18 bytes of kind 253 [RFC4727], as long
 * as an MD5 digest [RFC2385], and a NOP on either side. */
#include "../tcp_peer.h"

#include "tcp_hooks.h"

#include "lwip/prot/tcp.h"

#define KIND 253u
#define LEN 18u
#define ROOM 20u

static struct {
    unsigned room;            /* what the hook asks for; 0: as if there were no hook */
    unsigned nobodys;         /* segments without a pcb */
    size_t data;              /* bytes behind the header of the last segment, as the hook sees it */
    err_t verdict;            /* on what comes in */
    unsigned looked;          /* how often it was asked */
    const void *pcb;          /* what it was asked with, the last time */
    struct tcp_hdr hdr;
    uint16_t optlen, opt1len;
    bool in_two;
    uint16_t text;
} user;

u8_t user_options_length(const struct tcp_pcb *pcb, u8_t ours)
{
    (void)pcb;
    return (u8_t)(ours + user.room);
}

u32_t *user_options_add(struct pbuf *p, struct tcp_hdr *hdr, const struct tcp_pcb *pcb, u32_t *at)
{
    u8_t *bytes = (u8_t *)at;

    CHECK(p->payload == hdr);
    user.nobodys += pcb == NULL;
    user.data = p->tot_len - (size_t)TCPH_HDRLEN_BYTES(hdr);
    if (user.room == 0)
        return at;
    bytes[0] = 1;
    bytes[1] = KIND;
    bytes[2] = LEN;
    memset(bytes + 3, 0xee, LEN - 2);
    return (u32_t *)(void *)(bytes + ROOM); /* its last byte stays END */
}

err_t user_lets_in(struct tcp_pcb *pcb, struct tcp_hdr *hdr, u16_t optlen, u16_t opt1len,
                   u8_t *opt2, struct pbuf *p)
{
    user.looked++;
    user.pcb = pcb;
    user.hdr = *hdr;
    user.optlen = optlen;
    user.opt1len = opt1len;
    user.in_two = opt2 != NULL;
    user.text = p->tot_len;
    return user.verdict;
}

static void begin(struct tcp_peer *x, bool timestamps)
{
    memset(&user, 0, sizeof user);
    user.room = ROOM;
    peer_config(x);
    x->t.config.lwip_tcp_timestamps = timestamps;
}

/* What begins at the segment's first option; the checksum is right, and the user's option stands
 * where it has to: behind `ours` bytes. */
static const uint8_t *options_of(struct tcp_peer *x, unsigned i, unsigned ours)
{
    const uint8_t *ip = x->t.sent[i].bytes, *tcp = ip + 20;
    size_t len = x->t.sent[i].len - 20;

    CHECK_INT(get_be16(ip + 2), x->t.sent[i].len);
    CHECK_INT(checksum_fold(checksum_add(
                  checksum_pseudo(ip + 12, ip + 16, 6, (uint16_t)len), tcp, len)), 0);
    CHECK_INT((tcp[12] >> 4) * 4, 20 + ours + ROOM);
    CHECK_INT(tcp[20 + ours], 1);
    CHECK_INT(tcp[21 + ours], KIND);
    CHECK_INT(tcp[22 + ours], LEN);
    CHECK_INT(tcp[38 + ours], 0xee);
    CHECK_INT(tcp[39 + ours], 0);
    return tcp + 20;
}

/* From the peer: `n` bytes from `off` on, behind an ACK of `acked` bytes. */
static void from_peer(struct tcp_peer *x, uint16_t flags, uint32_t off, uint16_t n, uint32_t acked,
                      uint16_t window)
{
    uint8_t packet[20 + 20 + 1000] = {0}, *tcp = packet + 20, addresses[8];
    struct wire_tcp h = {.src_port = PEER_PORT, .dst_port = get_be16(x->t.sent[0].bytes + 20),
                         .seq = PEER_ISS + 1 + off, .ack = x->first + acked, .header_len = 20,
                         .flags = flags, .window = window};

    put_be32(addresses, PEER_IP);
    put_be32(addresses + 4, STATION_IP);
    wire_tcp_emit(tcp, &h);
    h.checksum = checksum_fold(checksum_add(
        checksum_pseudo(addresses, addresses + 4, 6, (uint16_t)(20 + n)), tcp, 20u + n));
    wire_tcp_emit(tcp, &h);
    peer_ip(x, 6, packet, 40u + n);
}

/* A closed window is probed with the stream's next byte, which is behind the user's option and not
 * in its place; the peer keeps it, and the one after it is the next. */
UNIT(tcp_hooks, probe_has_its_byte_behind_the_options)
{
    static const char stream[] = "ABCDEFGHIJ";
    struct tcp_peer x;

    begin(&x, false);
    peer_open(&x, 20);
    from_peer(&x, WIRE_TCP_ACK, 0, 0, 0, 0);
    CHECK_INT(tcp_write(x.pcb, stream, 10, TCP_WRITE_FLAG_COPY), ERR_OK);
    CHECK_INT(tcp_output(x.pcb), ERR_OK);
    CHECK_INT(x.t.count, 0);
    for (unsigned i = 0; i < 3; i++) {
        peer_run(&x, 1000u << i);
        CHECK_INT(x.t.count, i + 1);
        struct peer_seg s = peer_seg(&x, i);
        CHECK_INT(s.off, i);
        CHECK_INT(user.data, 1);
        SHOWS("MB-PERSIST-17", s.len == 1 && options_of(&x, i, 0)[ROOM] == (uint8_t)stream[i]);
        from_peer(&x, WIRE_TCP_ACK, 0, 0, i + 1, 0);
    }
    from_peer(&x, WIRE_TCP_ACK, 0, 0, 3, 1000);
    CHECK_INT(x.t.count, 4);
    CHECK_MEM(options_of(&x, 3, 0) + ROOM, stream + 3, 7);
    peer_close(&x);
}

/* [RFC6691 2]: what the peer takes is counted with all options. */
UNIT(tcp_hooks, segments_are_shorter_by_the_options)
{
    struct tcp_peer x;

    begin(&x, false);
    peer_open(&x, 20);
    peer_write(&x, 2940);
    CHECK_INT(x.t.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        struct peer_seg s = peer_seg(&x, i);
        CHECK_INT(s.off, 980 * i);
        CHECK_INT(s.total, 20 + 20 + 1000);
        options_of(&x, i, 0);
    }
    peer_close(&x);
}

/* MSS, timestamp and SACK, window scale: 20 bytes, and the user's 20 are all that there is. */
UNIT(tcp_hooks, syn_has_room_for_all)
{
    struct tcp_peer x;

    begin(&x, true);
    peer_dial(&x);
    const uint8_t *options = options_of(&x, 0, 20);
    CHECK_INT(options[0], 2);
    CHECK_INT(options[1], 4);
    CHECK_INT(x.t.sent[0].len, 20 + 60);
    peer_close(&x);
}

/* Two SACK blocks fit beside the option, where there would be four. */
UNIT(tcp_hooks, sack_blocks_are_as_many_as_fit)
{
    struct tcp_peer x;

    begin(&x, false);
    peer_open(&x, 20);
    for (uint32_t i = 1; i <= 3; i++)
        from_peer(&x, WIRE_TCP_ACK, 2000 * i, 1000, 0, 65535);
    CHECK_INT(x.t.count, 3);
    const uint8_t *options = options_of(&x, 2, 20);
    CHECK_INT(options[2], 5);
    CHECK_INT(options[3], 2 + 2 * 8);
    CHECK_INT(get_be32(options + 4), PEER_ISS + 1 + 6000);
    CHECK_INT(get_be32(options + 12), PEER_ISS + 1 + 4000);
    peer_close(&x);
}

UNIT(tcp_hooks, rst_for_nobody_has_no_pcb)
{
    struct tcp_peer x;

    begin(&x, false);
    peer_open(&x, 20);
    CHECK_INT(user.nobodys, 0);
    tcp_abort(x.pcb);
    CHECK_INT(x.t.count, 1); /* the RST */
    options_of(&x, 0, 0);
    CHECK_INT(user.nobodys, 0);
    from_peer(&x, WIRE_TCP_ACK, 0, 0, 0, 1000);
    CHECK_INT(x.t.count, 2);
    options_of(&x, 1, 0);
    CHECK_INT(user.nobodys, 1);
    CHECK_INT(user.looked, 1); /* the SYN-ACK; that ACK was for no pcb */
    peer_close(&x);
}

/* Without a wish of the user's all is as it would be without the hook. */
UNIT(tcp_hooks, nothing_to_add)
{
    struct tcp_peer x;

    begin(&x, false);
    user.room = 0;
    peer_open(&x, 20);
    peer_write(&x, 2000);
    CHECK_INT(x.t.count, 2);
    CHECK_INT(peer_seg(&x, 1).len, 1000);
    CHECK_INT(peer_seg(&x, 1).total, 1040);
    peer_close(&x);
}

/* The user may look at each segment before its pcb does, and refuse it. */
UNIT(tcp_hooks, segment_that_the_user_refuses_is_not_there)
{
    struct tcp_peer x;

    begin(&x, false);
    peer_open(&x, 20);
    CHECK_INT(user.looked, 1);
    CHECK_INT(user.optlen, 8); /* MSS, SACK permitted */
    user.verdict = ERR_VAL;
    from_peer(&x, WIRE_TCP_ACK | WIRE_TCP_PSH, 0, 100, 0, 1000);
    CHECK_INT(user.looked, 2);
    CHECK(user.pcb == x.pcb && !user.in_two);
    CHECK_INT(user.hdr.src, PEER_PORT);
    CHECK_INT(user.hdr.seqno, PEER_ISS + 1);
    CHECK_INT(user.hdr.ackno, x.first);
    CHECK_INT(user.hdr.wnd, 1000);
    CHECK_INT(user.optlen, 0);
    CHECK_INT(user.text, 100);
    CHECK_INT(station_drops(&x.t, DROP_tcp_hook), 1);
    CHECK_INT(x.pcb->rcv_nxt, PEER_ISS + 1);
    from_peer(&x, WIRE_TCP_ACK, 0, 0, 0, 1000);
    CHECK_INT(user.text, 0);
    CHECK_INT(station_drops(&x.t, DROP_tcp_hook), 2);
    user.verdict = ERR_OK;
    from_peer(&x, WIRE_TCP_ACK | WIRE_TCP_PSH, 0, 100, 0, 1000);
    CHECK_INT(x.pcb->rcv_nxt, PEER_ISS + 101);
    peer_close(&x);
}

/* Also one for a listener, whose pcb is one. */
UNIT(tcp_hooks, listener_is_asked_for)
{
    struct tcp_peer x;

    begin(&x, false);
    peer_open(&x, 20);
    struct tcp_pcb *listener = tcp_new();
    CHECK_INT(tcp_bind(listener, IP_ADDR_ANY, 99), ERR_OK);
    listener = tcp_listen(listener);
    CHECK(listener != NULL);
    put_be16(x.t.sent[0].bytes + 20, 99); /* where from_peer() sends to */
    user.verdict = ERR_VAL;
    from_peer(&x, WIRE_TCP_SYN, 0, 0, 0, 1000);
    CHECK(user.pcb == listener);
    CHECK_INT(x.t.count, 0);
    CHECK_INT(station_drops(&x.t, DROP_tcp_hook), 1);
    user.verdict = ERR_OK;
    from_peer(&x, WIRE_TCP_SYN, 0, 0, 0, 1000);
    CHECK_INT(x.t.count, 1);
    options_of(&x, 0, 4); /* SYN-ACK: MSS */
    tcp_close(listener);
    peer_close(&x);
}
