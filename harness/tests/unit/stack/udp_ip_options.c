/* udp_ip_options.c: IP options of a UDP pcb's datagrams [RFC1122 4.1.3.2]. */
#include "lwip/udp.h"
#include "station.h"

/* Sends data from a pbuf with (or without) room for headers; returns the frame, which is the only
 * one. */
static const uint8_t *send(struct station *t, struct udp_pcb *pcb, pbuf_layer room,
                           const char *data, err_t expected)
{
    struct pbuf *p = pbuf_alloc(room, (u16_t)strlen(data), PBUF_RAM);
    ip_addr_t addr = station_addr(PEER_IP);
    CHECK(p != NULL);
    pbuf_take(p, data, (u16_t)strlen(data));
    t->count = 0;
    CHECK_INT(udp_sendto(pcb, p, &addr, 9), expected);
    pbuf_free(p);
    CHECK_INT(t->count, expected == ERR_OK ? 1 : 0);
    return t->sent[0].bytes + 14;
}

static struct udp_pcb *begin(struct station *t)
{
    station_open(t, NULL);
    station_know_peer(t);
    struct udp_pcb *pcb = udp_new();
    CHECK(pcb != NULL);
    CHECK_INT(udp_bind(pcb, IP_ADDR_ANY, 5000), ERR_OK);
    return pcb;
}

UNIT(udp_ip_options, every_length_goes_out_padded)
{
    static struct station t;
    static u8_t options[41];
    struct udp_pcb *pcb = begin(&t);
    for (unsigned i = 0; i < sizeof options; i++)
        options[i] = 1;
    for (unsigned len = 0; len <= 40; len++) {
        size_t header = 20 + ((len + 3) & ~3u);
        udp_set_ip_options(pcb, options, len);
        for (unsigned room = 0; room < 2; room++) {
            const uint8_t *ip = send(&t, pcb, room ? PBUF_TRANSPORT : PBUF_RAW, "hello", ERR_OK);
            CHECK_INT(ip[0], 0x40 + header / 4);
            SHOWS("RQ-1122-66", memcmp(ip + 20, options, len) == 0);
            for (size_t i = 20 + len; i < header; i++)
                CHECK_INT(ip[i], 0);
            CHECK_INT(get_be16(ip + 2), header + 8 + 5);
            CHECK_INT(checksum_fold(checksum_add(0, ip, header)), 0);
            CHECK_INT(get_be16(ip + header), 5000);
            CHECK_INT(checksum_fold(checksum_add(checksum_pseudo(ip + 12, ip + 16, 17, 13),
                                                 ip + header, 13)), 0);
            CHECK_MEM(ip + header + 8, "hello", 5);
        }
    }
    udp_set_ip_options(pcb, options, 41);
    send(&t, pcb, PBUF_TRANSPORT, "hello", ERR_BUF);
    udp_set_ip_options(pcb, NULL, 0);
    CHECK_INT(send(&t, pcb, PBUF_TRANSPORT, "hello", ERR_OK)[0], 0x45);
    udp_remove(pcb);
    station_close(&t);
}

UNIT(udp_ip_options, datagram_without_data_has_them_too)
{
    static struct station t;
    static u8_t alert[] = {0x94, 4, 0, 0};
    struct udp_pcb *pcb = begin(&t);
    udp_set_ip_options(pcb, alert, sizeof alert);
    const uint8_t *ip = send(&t, pcb, PBUF_RAW, "", ERR_OK);
    CHECK_MEM(ip + 20, alert, 4);
    CHECK_INT(get_be16(ip + 2), 24 + 8);
    udp_remove(pcb);
    station_close(&t);
}
