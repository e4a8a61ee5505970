/* harness/firmware/gdb_packet.h: packets of gdb's remote serial protocol (the gdb manual, appendix
 * E): $payload#checksum, acknowledged by + or -, and the byte 3, which is Ctrl-C.
 *
 * Bytes of any kind may come in: what is no packet is skipped, what is a damaged one is told. No
 * memory of the world, no descriptors. */
#ifndef HARNESS_FIRMWARE_GDB_PACKET_H
#define HARNESS_FIRMWARE_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GDB_PAYLOAD_MAX 16384u /* bytes, escapes resolved; what the stub offers as PacketSize */
#define GDB_FRAME_MAX (2u * GDB_PAYLOAD_MAX + 4u)

enum gdb_heard {
    GDB_NOTHING,   /* so far */
    GDB_PACKET,    /* a whole one, in payload */
    GDB_DAMAGED,   /* its checksum is wrong, or it is too long */
    GDB_ACK,
    GDB_NAK,
    GDB_INTERRUPT
};

struct gdb_reader {
    enum { GDB_OUTSIDE, GDB_INSIDE, GDB_ESCAPED, GDB_SUM_1, GDB_SUM_2 } state;
    uint8_t sum, given; /* checksum of what came, and the one that was sent */
    bool damaged;
    size_t length;
    char payload[GDB_PAYLOAD_MAX + 1]; /* escapes resolved, a zero behind */
};

void gdb_reader_init(struct gdb_reader *r);
/* The next byte from gdb. After GDB_PACKET the payload is good until the next byte. */
enum gdb_heard gdb_reader_byte(struct gdb_reader *r, uint8_t byte);

/* Makes a packet of a payload of at most GDB_PAYLOAD_MAX bytes; returns its length. */
size_t gdb_frame(const char *payload, size_t length, char frame[GDB_FRAME_MAX]);

int gdb_digit(char c); /* of a hexadecimal digit; -1: it is none */
/* Two digits a byte, low nibble last; no zero behind. */
void gdb_hex(const void *bytes, size_t count, char *text);
/* count bytes from 2 * count digits; false: one of them is none. */
bool gdb_unhex(const char *text, void *bytes, size_t count);

#endif
