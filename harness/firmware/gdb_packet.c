/* harness/firmware/gdb_packet.c: see gdb_packet.h. */
#include "harness/firmware/gdb_packet.h"

#include <assert.h>

#define CTRL_C 0x03
#define ESCAPE '}'
#define ESCAPE_XOR 0x20

void gdb_reader_init(struct gdb_reader *r)
{
    *r = (struct gdb_reader){.state = GDB_OUTSIDE};
}

static void begin(struct gdb_reader *r)
{
    r->state = GDB_INSIDE;
    r->sum = r->given = 0;
    r->damaged = false;
    r->length = 0;
}

static void keep(struct gdb_reader *r, uint8_t byte)
{
    if (r->length < GDB_PAYLOAD_MAX)
        r->payload[r->length++] = (char)byte;
    else
        r->damaged = true;
}

static enum gdb_heard outside(struct gdb_reader *r, uint8_t byte)
{
    switch (byte) {
    case '$':
        begin(r);
        return GDB_NOTHING;
    case '+':
        return GDB_ACK;
    case '-':
        return GDB_NAK;
    case CTRL_C:
        return GDB_INTERRUPT;
    default:
        return GDB_NOTHING;
    }
}

/* A $ is always escaped within a packet: a bare one begins the next, the last was cut off. */
static enum gdb_heard inside(struct gdb_reader *r, uint8_t byte)
{
    if (byte == '$') {
        begin(r);
        return GDB_NOTHING;
    }
    if (byte == '#') {
        r->damaged |= r->state == GDB_ESCAPED;
        r->state = GDB_SUM_1;
        return GDB_NOTHING;
    }
    r->sum = (uint8_t)(r->sum + byte);
    if (r->state == GDB_ESCAPED) {
        keep(r, byte ^ ESCAPE_XOR);
        r->state = GDB_INSIDE;
    } else if (byte == ESCAPE) {
        r->state = GDB_ESCAPED;
    } else {
        keep(r, byte);
    }
    return GDB_NOTHING;
}

static enum gdb_heard checksum(struct gdb_reader *r, uint8_t byte)
{
    int digit = gdb_digit((char)byte);

    if (byte == '$') {
        begin(r);
        return GDB_NOTHING;
    }
    r->damaged |= digit < 0;
    r->given = (uint8_t)(r->given << 4 | (digit & 15));
    if (r->state == GDB_SUM_1) {
        r->state = GDB_SUM_2;
        return GDB_NOTHING;
    }
    r->state = GDB_OUTSIDE;
    if (r->damaged || r->given != r->sum)
        return GDB_DAMAGED;
    r->payload[r->length] = '\0';
    return GDB_PACKET;
}

enum gdb_heard gdb_reader_byte(struct gdb_reader *r, uint8_t byte)
{
    switch (r->state) {
    case GDB_INSIDE:
    case GDB_ESCAPED:
        return inside(r, byte);
    case GDB_SUM_1:
    case GDB_SUM_2:
        return checksum(r, byte);
    default:
        return outside(r, byte);
    }
}

/* An asterisk would begin a run of equal bytes in what a stub sends. */
static bool is_special(char c)
{
    return c == '$' || c == '#' || c == ESCAPE || c == '*';
}

size_t gdb_frame(const char *payload, size_t length, char frame[GDB_FRAME_MAX])
{
    uint8_t sum = 0;
    size_t n = 0;

    assert(length <= GDB_PAYLOAD_MAX);
    frame[n++] = '$';
    for (size_t i = 0; i < length; i++) {
        if (is_special(payload[i])) {
            frame[n++] = ESCAPE;
            frame[n++] = (char)(payload[i] ^ ESCAPE_XOR);
        } else {
            frame[n++] = payload[i];
        }
    }
    for (size_t i = 1; i < n; i++)
        sum = (uint8_t)(sum + (uint8_t)frame[i]);
    frame[n++] = '#';
    gdb_hex(&sum, 1, frame + n);
    return n + 2;
}

int gdb_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void gdb_hex(const void *bytes, size_t count, char *text)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;

    for (size_t i = 0; i < count; i++) {
        text[2 * i] = digits[from[i] >> 4];
        text[2 * i + 1] = digits[from[i] & 15];
    }
}

bool gdb_unhex(const char *text, void *bytes, size_t count)
{
    uint8_t *to = bytes;

    for (size_t i = 0; i < count; i++) {
        int high = gdb_digit(text[2 * i]), low = high < 0 ? -1 : gdb_digit(text[2 * i + 1]);
        if (low < 0)
            return false;
        to[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
