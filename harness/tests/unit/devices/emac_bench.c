/* The bench: see emac_bench.h. */
#include "emac_bench.h"

#include <stdlib.h>

static void on_transmit(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs, uint64_t t)
{
    struct bench *b = ctx;
    struct bench_frame *f = &b->sent[b->sent_count++ % SENT_MAX];

    memcpy(f->bytes, bytes, length < sizeof f->bytes ? length : sizeof f->bytes);
    f->length = length;
    f->bad_fcs = bad_fcs;
    f->t_ns = t;
}

static void on_interrupt(void *ctx, bool level)
{
    struct bench *b = ctx;

    CHECK(level != b->line);
    b->line = level;
    b->line_changes++;
}

static void *on_memory(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct bench *b = ctx;

    if (addr < RAM || bytes > RAM_SIZE || addr - RAM > RAM_SIZE - bytes)
        return NULL;
    return b->ram + (addr - RAM);
}

static struct emac_tx_fault on_fault(void *ctx, const uint8_t *bytes, uint32_t length)
{
    struct bench *b = ctx;
    struct emac_tx_fault fault = b->fault;

    (void)bytes;
    b->fault_length = length;
    b->fault = (struct emac_tx_fault){0};
    return fault;
}

static void on_error(void *ctx, const struct guest_error *error)
{
    struct bench *b = ctx;

    b->errors[error->kind]++;
    b->error_count++;
    b->last_error = *error;
}

static bool on_mdio(void *ctx, unsigned address, unsigned reg, bool write, uint16_t *value,
                    uint64_t now_ns)
{
    struct bench *b = ctx;

    CHECK(address < 32 && reg < 32);
    b->mdio_ns = now_ns;
    b->reads += !write;
    b->writes += write;
    if ((b->answering >> address & 1) == 0)
        return false;
    if (write)
        b->phy[address][reg] = *value;
    else
        *value = b->phy[address][reg];
    return true;
}

static struct mii_state on_state(void *ctx, uint64_t now_ns)
{
    (void)now_ns;
    return ((struct bench *)ctx)->medium;
}

static void cut_here(void *ctx, uint32_t bytes, uint64_t now_ns)
{
    struct bench *b = ctx;

    (void)now_ns;
    b->cut_count++;
    b->cut_bytes = bytes;
}

struct bench *bench_new(const struct emac_knobs *knobs)
{
    struct bench *b = calloc(1, sizeof *b);
    struct emac_env env = {.ctx = b, .transmit = on_transmit, .interrupt = on_interrupt,
                           .memory = on_memory, .tx_fault = on_fault, .guest_error = on_error,
                           .phy = {b, on_mdio, on_state}, .cut = cut_here};

    CHECK(b != NULL);
    b->block = aligned_alloc(16, (emac_size() + 15) & ~(size_t)15);
    CHECK(b->block != NULL);
    memset(b->block, 0xa5, emac_size());
    b->medium = (struct mii_state){.clock = true, .link = true, .full_duplex = true, .mbps = 100};
    b->answering = 1u << 1;
    b->now = 1000000;
    b->e = emac_init(b->block, &env, knobs);
    emac_advance(b->e, b->now);
    return b;
}

void bench_end(struct bench *b)
{
    const char *broken = emac_check(b->e);

    CHECKF(broken == NULL, "%s", broken);
    CHECKF(b->watched || b->error_count == 0, "%u guest errors, the last: %s %s 0x%x: %s",
           b->error_count, guest_error_name(b->last_error.kind), b->last_error.reg,
           b->last_error.value, b->last_error.what);
    free(b->block);
    free(b);
}

void wr(struct bench *b, uint32_t offset, uint32_t value)
{
    emac_write(b->e, offset, value, b->now);
}

uint32_t rd(struct bench *b, uint32_t offset)
{
    return emac_read(b->e, offset, b->now);
}

void run_to(struct bench *b, uint64_t t_ns)
{
    while (emac_next(b->e) <= t_ns) {
        uint64_t t = emac_next(b->e);
        b->now = t > b->now ? t : b->now;
        emac_advance(b->e, b->now);
    }
    b->now = t_ns;
    emac_advance(b->e, t_ns);
}

void run_for(struct bench *b, uint64_t ns)
{
    run_to(b, b->now + ns);
}

void expect_error(struct bench *b, enum guest_error_kind kind)
{
    CHECKF(b->error_count == 1 && b->errors[kind] == 1,
           "%u reports, the last %s (%s); expected one %s", b->error_count,
           b->error_count > 0 ? guest_error_name(b->last_error.kind) : "-",
           b->error_count > 0 ? b->last_error.what : "-", guest_error_name(kind));
    CHECK_INT(b->last_error.t_ns, b->now);
    CHECK(b->last_error.reg != NULL && b->last_error.what != NULL);
    memset(b->errors, 0, sizeof b->errors);
    b->error_count = 0;
}

static uint8_t *at(struct bench *b, uint32_t addr)
{
    uint8_t *p = on_memory(b, addr, 4);

    CHECK(p != NULL);
    return p;
}

uint32_t ram32(const struct bench *b, uint32_t addr)
{
    const uint8_t *p = b->ram + (addr - RAM);

    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

void ram32_set(struct bench *b, uint32_t addr, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at(b, addr)[i] = (uint8_t)(value >> 8 * i);
}

void bench_start(struct bench *b, uint32_t rx_count, uint32_t tx_count, uint32_t rx_size)
{
    bool full = b->medium.full_duplex;

    CHECK(rx_count * rx_size <= TX_BUFFERS - RX_BUFFERS && tx_count <= 4);
    b->rx_number = rx_count - 1;
    b->tx_number = tx_count - 1;
    b->rx_size = rx_size;
    wr(b, MAC1, 0);
    wr(b, COMMAND, 0x38);
    wr(b, MAC1, 0xcf00);
    wr(b, MAC1, 0);
    wr(b, MAC2, 0x30 | full);
    wr(b, IPGT, full ? 0x15 : 0x12);
    wr(b, IPGR, 0x0c12);
    wr(b, SUPP, b->medium.mbps == 100 ? 0x100 : 0);
    wr(b, COMMAND, 0x200 | (full ? 0x400 : 0));
    wr(b, SA2, 0x0002);
    wr(b, SA1, 0x1100);
    wr(b, SA0, 0x3322);
    wr(b, FILTER, 0x22);
    for (uint32_t i = 0; i < rx_count; i++) {
        ram32_set(b, RX_DESCRIPTORS + 8 * i, RX_BUFFERS + i * rx_size);
        ram32_set(b, RX_DESCRIPTORS + 8 * i + 4, C_INT | (rx_size - 1));
    }
    wr(b, RX_DESCRIPTOR, RX_DESCRIPTORS);
    wr(b, RX_STATUS, RX_STATUSES);
    wr(b, RX_NUMBER, rx_count - 1);
    wr(b, TX_DESCRIPTOR, TX_DESCRIPTORS);
    wr(b, TX_STATUS, TX_STATUSES);
    wr(b, TX_NUMBER, tx_count - 1);
    wr(b, INT_ENABLE, 0x30ff);
    wr(b, COMMAND, rd(b, COMMAND) | 3);
    wr(b, MAC1, 1);
    wr(b, INT_CLEAR, 0xffff);
}

struct bench *bench_started(const struct emac_knobs *knobs)
{
    struct bench *b = bench_new(knobs);

    bench_start(b, 4, 4, BUFFER);
    return b;
}

const uint8_t *frame(const char *da, uint32_t length, uint8_t seed)
{
    static uint8_t bytes[EMAC_FRAME_MAX];

    CHECK(length <= sizeof bytes);
    for (uint32_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(seed + i * 7 + (i >> 8));
    memcpy(bytes, da, length < 6 ? length : 6);
    if (length >= 14)
        memcpy(bytes + 6, "\x00\x01\x02\x03\x04\x05\x08\x00", 8);
    return bytes;
}

void tx_put(struct bench *b, uint32_t i, const uint8_t *bytes, uint32_t length, uint32_t control)
{
    uint32_t buffer = TX_BUFFERS + i * BUFFER;

    CHECK(length > 0 && length <= BUFFER);
    memcpy(b->ram + (buffer - RAM), bytes, length);
    ram32_set(b, TX_DESCRIPTORS + 8 * i, buffer);
    ram32_set(b, TX_DESCRIPTORS + 8 * i + 4, control | (length - 1));
}

void tx_send(struct bench *b, const uint8_t *bytes, uint32_t length)
{
    uint32_t i = rd(b, TX_PRODUCE);

    tx_put(b, i, bytes, length, C_LAST | C_INT);
    wr(b, TX_PRODUCE, i == b->tx_number ? 0 : i + 1);
}

uint32_t tx_status(const struct bench *b, uint32_t i)
{
    return ram32(b, TX_STATUSES + 4 * i);
}

const struct bench_frame *last_sent(const struct bench *b)
{
    CHECK(b->sent_count > 0);
    return &b->sent[(b->sent_count - 1) % SENT_MAX];
}

static uint64_t byte_ns(const struct bench *b)
{
    return b->medium.mbps == 10 ? 800 : 80;
}

void arrive(struct bench *b, const uint8_t *bytes, uint32_t length, unsigned faults)
{
    run_for(b, (8 + length + 4) * byte_ns(b));
    emac_receive(b->e, &(struct emac_arrival){.bytes = bytes, .length = length, .faults = faults},
                 b->now);
}

void arrive_cut(struct bench *b, const uint8_t *bytes, uint32_t length, uint32_t cut)
{
    run_for(b, (8 + cut) * byte_ns(b));
    emac_receive(b->e, &(struct emac_arrival){.bytes = bytes, .length = length,
                                              .faults = EMAC_RX_CUT, .cut = cut}, b->now);
}

uint32_t rx_status(const struct bench *b, uint32_t i)
{
    return ram32(b, RX_STATUSES + 8 * i);
}

uint32_t rx_hash(const struct bench *b, uint32_t i)
{
    return ram32(b, RX_STATUSES + 8 * i + 4);
}

const uint8_t *rx_buffer(const struct bench *b, uint32_t i)
{
    return b->ram + (RX_BUFFERS - RAM) + i * b->rx_size;
}

struct emac_counters counters(const struct bench *b)
{
    struct emac_counters c;

    emac_counters(b->e, &c);
    return c;
}

void slow_fcs(const uint8_t *bytes, uint32_t length, uint8_t *fcs)
{
    uint32_t crc = 0xffffffffu;

    for (uint32_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (unsigned k = 0; k < 8; k++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
    }
    crc = ~crc;
    for (unsigned i = 0; i < 4; i++)
        fcs[i] = (uint8_t)(crc >> 8 * i);
}
