/* Unit tests of harness/firmware/gdb_packet.c: packets, whole and damaged. */
#include "harness/firmware/gdb_packet.h"
#include "harness/tests/unit/unit.h"

#include <stdlib.h>

static struct gdb_reader reader;

/* What the bytes come to; the last thing that was heard. */
static enum gdb_heard feed(const char *bytes, size_t count)
{
    enum gdb_heard heard = GDB_NOTHING;

    for (size_t i = 0; i < count; i++) {
        enum gdb_heard one = gdb_reader_byte(&reader, (uint8_t)bytes[i]);
        heard = one != GDB_NOTHING ? one : heard;
    }
    return heard;
}

static enum gdb_heard hear(const char *text)
{
    gdb_reader_init(&reader);
    return feed(text, strlen(text));
}

UNIT(firmware_gdb_packet, whole_packet_is_its_payload)
{
    CHECK_INT(hear("+$m40000000,4#51"), GDB_PACKET);
    CHECK_INT(reader.length, 11);
    CHECK(strcmp(reader.payload, "m40000000,4") == 0);
    CHECK_INT(hear("$#00"), GDB_PACKET);
    CHECK_INT(reader.length, 0);
    CHECK_INT(hear("$?#3F"), GDB_PACKET); /* capital digits, too */
}

UNIT(firmware_gdb_packet, escapes_are_resolved_and_count_for_the_checksum_as_sent)
{
    gdb_reader_init(&reader);
    CHECK_INT(feed("$X}\x03}\x5d#b2", 9), GDB_PACKET); /* X # } */
    CHECK_INT(reader.length, 3);
    CHECK_MEM(reader.payload, "X#}", 3);
}

UNIT(firmware_gdb_packet, bytes_between_packets_are_told_or_skipped)
{
    CHECK_INT(hear("+"), GDB_ACK);
    CHECK_INT(hear("-"), GDB_NAK);
    CHECK_INT(hear("\x03"), GDB_INTERRUPT);
    CHECK_INT(hear("#00abc}\n\xff"), GDB_NOTHING);
}

UNIT(firmware_gdb_packet, damaged_packet_is_told_and_the_next_one_heard)
{
    static const char *const damaged[] = {"$g#68", "$g#6", "$g#zz", "$g#6g", "$g}#e4", "$?#-3"};

    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        enum gdb_heard heard = hear(damaged[i]);
        CHECKF(heard == (i == 1 ? GDB_NOTHING : GDB_DAMAGED), "%s: %d", damaged[i], (int)heard);
        CHECKF(feed("$g#67", 5) == GDB_PACKET, "after %s", damaged[i]);
        CHECK(strcmp(reader.payload, "g") == 0);
    }
}

UNIT(firmware_gdb_packet, packet_that_was_cut_off_ends_where_the_next_begins)
{
    CHECK_INT(hear("$m4000$g#67"), GDB_PACKET);
    CHECK(strcmp(reader.payload, "g") == 0);
    CHECK_INT(hear("$m4}$g#67"), GDB_PACKET);
    CHECK(strcmp(reader.payload, "g") == 0);
}

UNIT(firmware_gdb_packet, ctrl_c_inside_a_packet_is_data)
{
    gdb_reader_init(&reader);
    CHECK_INT(feed("$\x03#03", 5), GDB_PACKET);
    CHECK_INT(reader.length, 1);
}

UNIT(firmware_gdb_packet, longest_packet_fits_and_one_byte_more_is_damage)
{
    char *bytes = malloc(GDB_FRAME_MAX);

    CHECK(bytes != NULL);
    memset(bytes, 'a', GDB_FRAME_MAX);
    bytes[0] = '$';
    gdb_reader_init(&reader);
    CHECK_INT(feed(bytes, 1 + GDB_PAYLOAD_MAX), GDB_NOTHING);
    CHECK_INT(feed("#00", 3), GDB_PACKET); /* 16384 times 0x61 */
    CHECK_INT(reader.length, GDB_PAYLOAD_MAX);
    CHECK_INT(reader.payload[GDB_PAYLOAD_MAX], 0);
    CHECK_INT(feed(bytes, 2 + GDB_PAYLOAD_MAX), GDB_NOTHING);
    CHECK_INT(feed("#61", 3), GDB_DAMAGED);
    CHECK_INT(feed("$g#67", 5), GDB_PACKET);
    free(bytes);
}

/* A packet that is cut at any place, or of which any byte is another: never a crash, and never a
 * payload that the checksum does not cover. */
UNIT(firmware_gdb_packet, every_cut_and_every_changed_byte_is_survived)
{
    static const char good[] = "$vCont;s:1#23";
    size_t whole = 0;

    CHECK_INT(hear(good), GDB_PACKET);
    for (size_t cut = 0; cut < sizeof good - 1; cut++) {
        gdb_reader_init(&reader);
        CHECK_INT(feed(good, cut), GDB_NOTHING);
        CHECK_INT(feed(good, sizeof good - 1), GDB_PACKET);
    }
    for (size_t at = 0; at < sizeof good - 1; at++)
        for (unsigned value = 0; value < 256; value++) {
            char bytes[sizeof good];
            memcpy(bytes, good, sizeof good);
            bytes[at] = (char)value;
            gdb_reader_init(&reader);
            if (feed(bytes, sizeof good - 1) == GDB_PACKET)
                whole++;
        }
    CHECK_INT(whole, sizeof good - 1); /* the good byte at each place, no other */
}

UNIT(firmware_gdb_packet, frame_reads_as_what_it_was_made_of)
{
    char frame[GDB_FRAME_MAX], payload[256];

    for (unsigned i = 0; i < sizeof payload; i++)
        payload[i] = (char)i;
    size_t n = gdb_frame(payload, sizeof payload, frame);
    CHECK_INT(n, 1 + 256 + 4 + 3); /* $ # } * take two bytes */
    gdb_reader_init(&reader);
    CHECK_INT(feed(frame, n), GDB_PACKET);
    CHECK_INT(reader.length, sizeof payload);
    CHECK_MEM(reader.payload, payload, sizeof payload);
    CHECK_INT(gdb_frame("", 0, frame), 4);
    CHECK_MEM(frame, "$#00", 4);
}

UNIT(firmware_gdb_packet, hexadecimal_goes_both_ways)
{
    static const uint8_t bytes[] = {0x00, 0x9a, 0xff};
    uint8_t back[3];
    char text[6];

    gdb_hex(bytes, 3, text);
    CHECK_MEM(text, "009aff", 6);
    CHECK(gdb_unhex("009AfF", back, 3));
    CHECK_MEM(back, bytes, 3);
    CHECK(!gdb_unhex("0g", back, 1));
    CHECK(!gdb_unhex("g0", back, 1));
    CHECK(!gdb_unhex("\0", back, 1));
    CHECK(gdb_unhex("", back, 0));
}
