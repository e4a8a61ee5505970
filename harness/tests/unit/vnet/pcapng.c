#include "vnet/pcapng.h"

#include "unit.h"

static uint32_t le32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void check_frame_of(const uint8_t *b, size_t n, uint32_t type)
{
    CHECK(n > 12 && n % 4 == 0);
    CHECK_INT(le32(b), type);
    CHECK_INT(le32(b + 4), n);
    CHECK_INT(le32(b + n - 4), n);
    CHECK_INT(le32(b + n - 8), 0); /* end of options */
}

UNIT(pcapng, section_and_interface_have_the_layout_of_the_draft)
{
    uint8_t b[512];
    memset(b, 0xa5, sizeof b);
    size_t n = pcapng_section(b, sizeof b, "lockwire", "abc");
    check_frame_of(b, n, 0x0a0d0d0a);
    CHECK_MEM(b + 8, "\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", 16);
    CHECK_MEM(b + 24, "\x01\x00\x03\x00" "abc\0" "\x04\x00\x08\x00" "lockwire", 20);
    CHECK_INT(n, 24 + 20 + 8);

    n = pcapng_interface(b, sizeof b, "lan/a", NULL);
    check_frame_of(b, n, 1);
    CHECK_MEM(b + 8, "\x01\x00\x00\x00\x00\x24\x00\x00", 8);
    CHECK_MEM(b + 16, "\x02\x00\x05\x00" "lan/a\0\0\0" "\x09\x00\x01\x00\x09\0\0\0"
              "\x0d\x00\x01\x00\0\0\0\0", 28);
}

UNIT(pcapng, packet_is_padded_with_zeros_for_every_length)
{
    uint8_t b[512], data[64];
    for (uint32_t len = 1; len <= 64; len++) {
        memset(b, 0xa5, sizeof b);
        memset(data, 0x77, sizeof data);
        size_t n = pcapng_packet(b, sizeof b, 3, 0x123456789abcdef0, 2, data, len, NULL);
        check_frame_of(b, n, 6);
        CHECK_INT(le32(b + 8), 3);
        CHECK_INT(le32(b + 12), 0x12345678);
        CHECK_INT(le32(b + 16), 0x9abcdef0);
        CHECK_INT(le32(b + 20), len);
        CHECK_INT(le32(b + 24), len);
        CHECK_MEM(b + 28, data, len);
        uint32_t padded = (len + 3) / 4 * 4;
        for (uint32_t i = len; i < padded; i++)
            CHECK_INT(b[28 + i], 0);
        CHECK_MEM(b + 28 + padded, "\x02\x00\x04\x00\x02\x00\x00\x00", 8);
        CHECK_INT(n, 28 + padded + 8 + 8);
    }
}

UNIT(pcapng, block_that_does_not_fit_is_refused_at_every_room)
{
    uint8_t b[256], data[20] = {0};
    size_t whole = pcapng_packet(b, sizeof b, 0, 0, 1, data, sizeof data, "why");
    CHECK(whole > 0);
    for (size_t room = 0; room < whole; room++) {
        memset(b, 0xa5, sizeof b);
        CHECK_INT(pcapng_packet(b, room, 0, 0, 1, data, sizeof data, "why"), 0);
        for (size_t i = room; i < sizeof b; i++)
            CHECK_INT(b[i], 0xa5);
    }
    CHECK_INT(pcapng_packet(b, whole, 0, 0, 1, data, sizeof data, "why"), whole);
}

UNIT(pcapng, largest_frame_with_overlong_texts_fits_the_declared_maximum)
{
    static uint8_t b[PCAPNG_BLOCK_MAX], data[FRAME_MAX];
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    CHECK(pcapng_packet(b, sizeof b, 0, 0, 1, data, FRAME_MAX, text) > 0);
    CHECK(pcapng_interface(b, sizeof b, text, text) > 0);
    CHECK(pcapng_section(b, sizeof b, text, text) > 0);
}

UNIT(pcapng, padding_is_a_local_block_of_exactly_its_length)
{
    uint8_t b[64];
    for (size_t len = PCAPNG_PADDING_MIN; len <= 40; len += 4) {
        memset(b, 0xa5, sizeof b);
        CHECK_INT(pcapng_padding(b, len - 4, len), 0);
        CHECK_INT(b[0], 0xa5);
        CHECK_INT(pcapng_padding(b, sizeof b, len), len);
        CHECK(le32(b) >> 31 == 1);
        CHECK_INT(le32(b + 4), len);
        CHECK_INT(le32(b + len - 4), len);
        for (size_t i = 8; i < len - 4; i++)
            CHECK_INT(b[i], 0);
        CHECK_INT(b[len], 0xa5);
    }
}
