#include "vnet/pcapng.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCK_INTERFACE = 1, BLOCK_PACKET = 6 };
#define BLOCK_SECTION 0x0a0d0d0au
#define BLOCK_PADDING 0x80004c57u
#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define LINKTYPE_ETHERNET 1u

enum { OPT_END = 0, OPT_COMMENT = 1, OPT_SHB_USERAPPL = 4, OPT_IF_NAME = 2, OPT_IF_DESCRIPTION = 3,
       OPT_IF_TSRESOL = 9, OPT_IF_FCSLEN = 13, OPT_EPB_FLAGS = 2 };

/* A block in the making; `full` once something did not fit. */
struct block {
    uint8_t *buf;
    size_t room, len;
    bool full;
};

static void put_bytes(struct block *b, const void *bytes, size_t n)
{
    size_t padded = (n + 3) & ~(size_t)3;
    if (b->full || b->room - b->len < padded) {
        b->full = true;
        return;
    }
    if (n > 0)
        memcpy(b->buf + b->len, bytes, n);
    memset(b->buf + b->len + n, 0, padded - n);
    b->len += padded;
}

static void le32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static void put32(struct block *b, uint32_t v)
{
    uint8_t bytes[4];
    le32(bytes, v);
    put_bytes(b, bytes, sizeof bytes);
}

static void put_option(struct block *b, uint32_t code, const void *value, size_t len)
{
    put32(b, code | (uint32_t)len << 16);
    put_bytes(b, value, len);
}

static void put_text(struct block *b, uint32_t code, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    put_option(b, code, text, strnlen(text, PCAPNG_TEXT_MAX));
}

static struct block begin(uint8_t *buf, size_t room, uint32_t type)
{
    struct block b = {.buf = buf, .room = room};
    put32(&b, type);
    put32(&b, 0); /* total length, see end() */
    return b;
}

static size_t end(struct block *b)
{
    put32(b, OPT_END);
    put32(b, (uint32_t)b->len + 4);
    if (b->full)
        return 0;
    le32(b->buf + 4, (uint32_t)b->len);
    return b->len;
}

size_t pcapng_section(uint8_t *buf, size_t room, const char *application, const char *comment)
{
    struct block b = begin(buf, room, BLOCK_SECTION);
    put32(&b, BYTE_ORDER_MAGIC);
    put32(&b, 1); /* version 1.0 */
    put32(&b, UINT32_MAX);
    put32(&b, UINT32_MAX); /* section length: not known */
    put_text(&b, OPT_COMMENT, comment);
    put_text(&b, OPT_SHB_USERAPPL, application);
    return end(&b);
}

size_t pcapng_interface(uint8_t *buf, size_t room, const char *name, const char *description)
{
    const uint8_t tsresol = 9; /* 10^-9 s */
    const uint8_t fcslen = 0;  /* or readers would guess whether the last four bytes are one */
    struct block b = begin(buf, room, BLOCK_INTERFACE);
    put32(&b, LINKTYPE_ETHERNET);
    put32(&b, FRAME_MAX);
    put_text(&b, OPT_IF_NAME, name);
    put_text(&b, OPT_IF_DESCRIPTION, description);
    put_option(&b, OPT_IF_TSRESOL, &tsresol, 1);
    put_option(&b, OPT_IF_FCSLEN, &fcslen, 1);
    return end(&b);
}

size_t pcapng_packet(uint8_t *buf, size_t room, uint32_t interface, uint64_t t_ns, uint32_t flags,
                     const uint8_t *bytes, uint32_t len, const char *comment)
{
    struct block b = begin(buf, room, BLOCK_PACKET);
    put32(&b, interface);
    put32(&b, (uint32_t)(t_ns >> 32));
    put32(&b, (uint32_t)t_ns);
    put32(&b, len);
    put32(&b, len);
    put_bytes(&b, bytes, len);
    uint8_t value[4];
    le32(value, flags);
    put_option(&b, OPT_EPB_FLAGS, value, sizeof value);
    put_text(&b, OPT_COMMENT, comment);
    return end(&b);
}

size_t pcapng_padding(uint8_t *buf, size_t room, size_t len)
{
    assert(len >= PCAPNG_PADDING_MIN && len % 4 == 0);
    if (len > room)
        return 0;
    memset(buf, 0, len);
    le32(buf, BLOCK_PADDING);
    le32(buf + 4, (uint32_t)len);
    le32(buf + len - 4, (uint32_t)len);
    return len;
}
