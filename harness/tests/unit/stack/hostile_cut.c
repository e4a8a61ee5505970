/* hostile_cut.c: frames cut into buffers in every way a driver may: the answer is the same. */
#include "attack.h"

/* [RFC768]: an empty datagram is one; lwIP drivers may cut it anywhere behind the IP header. */
UNIT(hostile, datagram_cut_anywhere_is_delivered_whole)
{
    static const uint8_t data[9] = "ninebytes";
    struct station t;
    uint8_t frame[128];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    for (size_t size = 0; size <= sizeof data; size++) {
        struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7,
                                .data = data, .data_len = size};
        size_t len = station_udp_frame(frame, station_mac, &u);
        for (size_t first = 34; first <= len; first++)
            for (size_t rest = 1; rest <= len - 34 + 1; rest++) {
                got.count = 0;
                in_chain(&t, frame, len, first, rest);
                CHECKF(got.count == 1 && got.len == size, "%zu bytes, cut at %zu and every %zu",
                       size, first, rest);
                CHECK_MEM(got.bytes, data, size);
                CHECK_INT(got.if_idx, netif_get_index(&t.netif));
            }
    }
    udp_remove(pcb);
    station_close(&t);
}

/* All cases in turn, cut behind `extra` bytes of what must be together and then every `rest`. */
static void cut_all(struct station *t, const struct cut_case *c, unsigned n, size_t extra,
                    size_t rest)
{
    t->count = 0;
    for (unsigned i = 0; i < n; i++) {
        size_t first = c[i].contiguous + extra;
        in_chain(t, c[i].bytes, c[i].len, first < c[i].len ? first : c[i].len, rest);
    }
}

UNIT(hostile, answer_does_not_depend_on_how_a_frame_is_cut)
{
    static struct station t;
    static struct cut_case cases[16];
    static struct station_frame whole[16];
    struct stack_config config = stack_config_default;
    config.icmp_error_rate = 0;
    station_open(&t, &config);
    station_know_peer(&t);
    unsigned n = cut_cases(cases);
    cut_all(&t, cases, n, 128, 1);
    unsigned answers = t.count; /* echo twice, three errors, the joined echo, ARP */
    CHECK_INT(answers, 7);
    memcpy(whole, t.sent, answers * sizeof whole[0]);
    for (size_t extra = 0; extra < 20; extra++)
        for (size_t rest = 1; rest < 12; rest++) {
            cut_all(&t, cases, n, extra, rest);
            CHECKF(t.count == answers, "%u answers, cut at %zu, every %zu", t.count, extra, rest);
            for (unsigned i = 0; i < answers; i++) {
                CHECK_INT(t.sent[i].len, whole[i].len);
                if (!station_is_arp(&t, i)) /* identification and with it the checksum differ */
                    memcpy(t.sent[i].bytes + 18, whole[i].bytes + 18, 2),
                        memcpy(t.sent[i].bytes + 24, whole[i].bytes + 24, 2);
                CHECK_MEM(t.sent[i].bytes, whole[i].bytes, whole[i].len);
            }
        }
    station_close(&t);
}

/* What is known about the frame does not go with the buffer of its first bytes. */
UNIT(hostile, flags_of_a_frame_survive_the_loss_of_its_first_buffer)
{
    struct station t;
    uint8_t frame[128];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    struct station_udp u = {.src = PEER_IP, .dst = 0xffffffffu, .sport = 9, .dport = 7,
                            .data = "x", .data_len = 1};
    in_chain(&t, frame, station_udp_frame(frame, group_all, &u), 36, 64);
    CHECK_INT(got.count, 1);
    CHECK_INT(got.flags & PBUF_FLAG_LLBCAST, PBUF_FLAG_LLBCAST);
    udp_remove(pcb);
    station_close(&t);
}

/* [RFC1122 2.3.3]: the 802.3 length counts the whole frame, not its first buffer. */
UNIT(hostile, snap_frame_in_several_buffers_is_understood)
{
    static const uint8_t snap[8] = {0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
    struct station t;
    uint8_t plain[128], frame[160];
    station_open(&t, NULL);
    struct udp_pcb *pcb = listen_at(7);
    struct station_udp u = {.src = PEER_IP, .dst = STATION_IP, .sport = 9, .dport = 7,
                            .data = "0123456789abcdef", .data_len = 16};
    size_t len = station_udp_frame(plain, station_mac, &u);
    memcpy(frame, plain, 12);
    put_be16(frame + 12, (uint16_t)(len - 14 + sizeof snap));
    memcpy(frame + 14, snap, sizeof snap);
    memcpy(frame + 22, plain + 14, len - 14);
    for (size_t first = 42; first <= len + 8; first++) {
        got.count = 0;
        in_chain(&t, frame, len + 8, first, 5);
        CHECKF(got.count == 1, "first buffer of %zu", first);
    }
    put_be16(frame + 12, (uint16_t)(len - 14 + sizeof snap + 1)); /* one byte that is not there */
    in_chain(&t, frame, len + 8, 50, 5);
    CHECK_INT(station_drops(&t, DROP_eth_bad_length), 1);
    udp_remove(pcb);
    station_close(&t);
}
