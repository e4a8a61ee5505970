/* board.c: see board.h. */
#include "board.h"

#include "lwip/pbuf.h"
#include "netif/ethernet.h"
#include "stack/drivers/lpc2468_regs.h"

#include <stdlib.h>

#define EXTERNAL 0x80000000u
#define WINDOW 0x10000000u
#define WINDOW_BEFORE 0x4000000u /* of it, before the first address that was asked for */
#define GAP_BYTES 12u
#define FCS 4u

/* ---- Memory ---- */

static void *external(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct board *b = ctx;
    uint32_t window = (addr - EXTERNAL) / WINDOW, at = (addr - EXTERNAL) % WINDOW;
    if (window < b->window_count && bytes <= WINDOW - at)
        return (void *)(b->windows[window] + at);
    return NULL;
}

static void *memory(void *ctx, uint32_t addr, uint32_t bytes)
{
    struct board *b = ctx;
    uint32_t at = addr - LPC_ETHERNET_RAM;
    if (at >= LPC_ETHERNET_RAM_BYTES || bytes > LPC_ETHERNET_RAM_BYTES - at)
        return NULL;
    return (uint8_t *)lpc2468_ethernet_ram(b->chip) + at;
}

/* Host memory gets bus addresses by the window, around what is asked for first. */
static uint32_t bus_of(void *ctx, const void *p, uint32_t bytes)
{
    struct board *b = ctx;
    uintptr_t at = (uintptr_t)p, ram = (uintptr_t)lpc2468_ethernet_ram(b->chip);
    if (at >= ram && at + bytes <= ram + LPC_ETHERNET_RAM_BYTES)
        return LPC_ETHERNET_RAM + (uint32_t)(at - ram);
    if (!b->knobs.dma_anywhere)
        return 0;
    for (unsigned i = 0;; i++) {
        if (i == BOARD_WINDOWS)
            return 0;
        if (i == b->window_count)
            b->windows[b->window_count++] = at > WINDOW_BEFORE ? at - WINDOW_BEFORE : 0;
        if (at >= b->windows[i] && at + bytes <= b->windows[i] + WINDOW)
            return EXTERNAL + i * WINDOW + (uint32_t)(at - b->windows[i]);
    }
}

static uint32_t read32(void *ctx, uint32_t addr)
{
    struct board *b = ctx;
    return lpc2468_read(b->chip, addr, 4, b->now_ns);
}

static void write32(void *ctx, uint32_t addr, uint32_t value)
{
    struct board *b = ctx;
    lpc2468_write(b->chip, addr, value, 4, b->now_ns);
}

uint32_t board_reg(struct board *b, uint32_t addr)
{
    return read32(b, addr);
}

/* ---- Wire ---- */

static uint64_t byte_ns(const struct board *b)
{
    return (b->eth.mac.mbps == 10) ? 800 : 80;
}

static uint32_t on_wire(uint32_t bytes)
{
    return bytes + FCS + 8;
}

uint64_t board_wire_ns(const struct board *b, uint32_t bytes)
{
    return on_wire(bytes) * byte_ns(b);
}

uint64_t board_slot_ns(const struct board *b, uint32_t bytes)
{
    return (on_wire(bytes) + GAP_BYTES) * byte_ns(b);
}

static uint64_t arrive_at(struct board *b, const void *frame, uint32_t bytes, unsigned faults,
                          uint64_t t_ns)
{
    CHECK(b->arriving_count < BOARD_FRAMES && bytes <= BOARD_FRAME_MAX);
    unsigned at = (b->arriving_first + b->arriving_count++) % BOARD_FRAMES;
    struct board_arrival *a = &b->arriving[at];
    a->t_ns = t_ns;
    a->faults = faults;
    a->cut = bytes / 2;
    a->bytes = (uint16_t)bytes;
    memcpy(a->data, frame, bytes);
    return t_ns;
}

uint64_t board_arrive(struct board *b, const void *frame, uint32_t bytes, unsigned faults)
{
    uint64_t begin = b->wire_free_ns > b->now_ns ? b->wire_free_ns : b->now_ns;
    b->wire_free_ns = begin + board_slot_ns(b, bytes);
    return arrive_at(b, frame, bytes, faults, begin + board_wire_ns(b, bytes));
}

/* The next frame's first bit is there: Status says so until its last. */
static uint64_t carrier_ns(const struct board *b)
{
    const struct board_arrival *a = &b->arriving[b->arriving_first];
    if (b->arriving_count == 0 || b->carried)
        return EMAC_NEVER;
    uint64_t takes = board_wire_ns(b, a->bytes);
    return a->t_ns > takes ? a->t_ns - takes : 0;
}

static void carry(struct board *b)
{
    if (carrier_ns(b) > b->now_ns)
        return;
    b->carried = true;
    if (b->arriving[b->arriving_first].t_ns > b->now_ns && b->eth.mac.full_duplex)
        emac_carrier(b->emac, b->arriving[b->arriving_first].t_ns, b->now_ns);
}

static void transmit(void *ctx, const uint8_t *bytes, uint32_t length, bool bad_fcs, uint64_t t_ns)
{
    struct board *b = ctx;
    CHECKF(b->sent_count < BOARD_FRAMES, "too many frames sent");
    CHECK(length <= BOARD_FRAME_MAX);
    struct board_frame *f = &b->sent[b->sent_count++];
    f->t_ns = t_ns;
    f->bytes = (uint16_t)length;
    f->bad_fcs = bad_fcs;
    memcpy(f->data, bytes, length);
    if (b->peer != NULL)
        arrive_at(b->peer, bytes, length, bad_fcs ? EMAC_RX_CRC : 0u,
                  t_ns + board_wire_ns(b, length));
}

static struct emac_tx_fault on_fault(void *ctx, const uint8_t *bytes, uint32_t length)
{
    struct board *b = ctx;
    (void)bytes, (void)length;
    if (!b->tx_fault_armed || b->tx_fault_after-- > 0)
        return (struct emac_tx_fault){0};
    b->tx_fault_armed = false;
    return b->tx_fault;
}

static void on_guest_error(void *ctx, const struct guest_error *error)
{
    struct board *b = ctx;
    if (!b->faults_expected)
        fprintf(stderr, "guest error %u: %s of %s (%08x) %08x at %u us: %s\n", error->kind,
                error->write ? "write" : "read", error->reg, error->addr, error->value,
                (unsigned)(error->t_ns / US), error->what);
    b->guest_errors++;
    b->last_error = *error;
}

/* ---- Interrupts ---- */

static void on_irq(void *ctx, bool irq, bool fiq)
{
    struct board *b = ctx;
    CHECK(!fiq);
    b->irq = irq;
}

/* The board's service routine. */
static void interrupt(struct board *b)
{
    uint32_t status = board_reg(b, BOARD_VIC_IRQ_STATUS);
    if ((status & 1u << LPC2468_INT_ETHERNET) != 0) {
        CHECK(lpc2468_ethernetif_interrupt(&b->eth) != 0);
        b->served++;
    }
    if ((status & 1u << LPC2468_INT_EINT0) != 0) {
        lpc2468_ethernetif_phy_interrupt(&b->eth);
        if (b->level)
            write32(b, BOARD_VIC_INT_EN_CLR, 1u << LPC2468_INT_EINT0);
        else
            write32(b, BOARD_EXTINT, 1);
    }
}

static void unmask_phy(struct board *b)
{
    if (!b->level || !lpc2468_ethernetif_phy_quiet(&b->eth))
        return;
    write32(b, BOARD_EXTINT, 1);
    write32(b, BOARD_VIC_INT_ENABLE, 1u << LPC2468_INT_EINT0);
}

static void poll(struct board *b)
{
    lpc2468_ethernetif_poll(&b->eth);
    unmask_phy(b);
}

static void settle(struct board *b)
{
    for (unsigned rounds = 0; !b->busy; rounds++) {
        CHECKF(rounds < 10000, "the interrupt never goes away: IntStatus %08x",
               board_reg(b, LPC_INTSTATUS));
        if (!b->irq && lpc2468_ethernetif_next_poll_ms(&b->eth) != 0)
            break;
        if (b->irq)
            interrupt(b);
        poll(b);
    }
}

/* ---- Time ---- */

static uint64_t next_event(const struct board *b)
{
    uint64_t next = lpc2468_next(b->chip);
    if (b->arriving_count > 0 && b->arriving[b->arriving_first].t_ns < next)
        next = b->arriving[b->arriving_first].t_ns;
    if (carrier_ns(b) < next)
        next = carrier_ns(b);
    if (!b->busy && b->eth.netif != NULL) {
        uint64_t wait = lpc2468_ethernetif_next_poll_ms(&b->eth);
        uint64_t due = (b->now_ns / MS + wait) * MS;
        if (due < next)
            next = due;
    }
    uint64_t timer = (b->s->now_ms + (uint64_t)support_next_deadline(b->s)) * MS;
    if (timer < next)
        next = timer;
    return next < b->now_ns ? b->now_ns : next;
}

static void deliver(struct board *b)
{
    while (b->arriving_count > 0 && b->arriving[b->arriving_first].t_ns <= b->now_ns) {
        const struct board_arrival *a = &b->arriving[b->arriving_first];
        const struct emac_arrival arrival = {.bytes = a->data, .length = a->bytes,
                                             .faults = a->faults, .cut = a->cut};
        lpc2468_receive(b->chip, &arrival, b->now_ns);
        b->arriving_first = (b->arriving_first + 1) % BOARD_FRAMES;
        b->arriving_count--;
        b->carried = false;
        settle(b);
    }
}

static void clock_to(struct board *b, uint64_t t_ns)
{
    uint32_t ms = (uint32_t)(t_ns / MS);
    b->now_ns = t_ns; /* what timers send leaves now */
    if (ms > b->s->now_ms || support_next_deadline(b->s) == 0)
        support_advance(b->s, ms - b->s->now_ms);
}

/* One board at t_ns, the clock is there already. */
static void step(struct board *b, uint64_t t_ns)
{
    bool may_poll = b->eth.netif != NULL && !b->busy && t_ns % MS == 0 && t_ns != b->polled_ns;
    b->now_ns = t_ns;
    lpc2468_advance(b->chip, t_ns);
    if (may_poll && lpc2468_ethernetif_next_poll_ms(&b->eth) <= 1) {
        b->polled_ns = t_ns;
        poll(b);
    }
    settle(b);
    deliver(b);
    carry(b);
}

void board_run_both_us(struct board *a, struct board *b, uint64_t us)
{
    const uint64_t end = a->now_ns + us * US;
    uint64_t last = a->now_ns;
    for (unsigned same = 0;;) {
        settle(a);
        if (b != NULL)
            settle(b);
        uint64_t next = next_event(a);
        if (b != NULL && next_event(b) < next)
            next = next_event(b);
        if (next > end)
            break;
        same = next == last ? same + 1 : 0;
        CHECKF(same < 100000, "time stands still at %u us", (unsigned)(next / US));
        last = next;
        clock_to(a, next);
        step(a, next);
        if (b != NULL) {
            clock_to(b, next);
            step(b, next);
        }
    }
    clock_to(a, end);
    if (b != NULL)
        clock_to(b, end);
}

void board_run_us(struct board *b, uint64_t us)
{
    board_run_both_us(b, NULL, us);
}

/* ---- Frames ---- */

void board_make_frame(const struct board *b, uint8_t *frame, uint32_t bytes, uint32_t serial)
{
    memcpy(frame, b->eth.emac.mac, 6);
    memset(frame + 6, 2, 6);
    frame[12] = 0x88;
    frame[13] = 0xb5; /* IEEE's for experiments */
    for (uint32_t i = 14; i < bytes; i++)
        frame[i] = (uint8_t)(serial * 31u + i * 7u + (i >> 8) + (serial >> 8));
    for (uint32_t i = 14; i < 18 && i < bytes; i++)
        frame[i] = (uint8_t)(serial >> (17 - i) * 8);
}

void board_arrive_serial(struct board *b, uint32_t bytes, uint32_t serial, unsigned faults)
{
    uint8_t frame[BOARD_FRAME_MAX];
    board_make_frame(b, frame, bytes, serial);
    board_arrive(b, frame, bytes, faults);
}

static void check_frame(const struct board *b, const struct board_frame *f, uint32_t bytes,
                        uint32_t serial)
{
    uint8_t frame[BOARD_FRAME_MAX];
    board_make_frame(b, frame, bytes, serial);
    if (bytes < 60)
        memset(frame + bytes, 0, 60 - bytes);
    CHECKF(f->bytes == (bytes < 60 ? 60 : bytes), "%u bytes, expected %u", f->bytes, bytes);
    CHECK_MEM(f->data, frame, bytes);
}

void board_check_received(const struct board *b, unsigned i, uint32_t bytes, uint32_t serial)
{
    CHECKF(i < b->received_count, "frame %u of %u received", i, b->received_count);
    check_frame(b, &b->received[i], bytes, serial);
}

void board_check_all(const struct board *b, unsigned count, uint32_t bytes)
{
    CHECK_INT(b->received_count, count);
    for (unsigned i = 0; i < count; i++)
        board_check_received(b, i, bytes, i);
}

void board_check_sent(const struct board *b, unsigned i, uint32_t bytes, uint32_t serial)
{
    CHECKF(i < b->sent_count, "frame %u of %u sent", i, b->sent_count);
    CHECK(!b->sent[i].bad_fcs);
    check_frame(b, &b->sent[i], bytes, serial);
}

struct pbuf *board_chain(const uint8_t *frame, uint32_t bytes, unsigned pieces, pbuf_type type)
{
    struct pbuf *chain = NULL;
    uint32_t each = bytes / pieces;
    for (unsigned i = 0; i < pieces; i++) {
        uint32_t at = i * each, n = i + 1 == pieces ? bytes - at : each;
        bool refers = type == PBUF_REF || type == PBUF_ROM;
        u16_t pad = i == 0 && !refers ? ETH_PAD_SIZE : 0;
        struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(n + pad), type);
        CHECK(p != NULL);
        if (refers)
            p->payload = (void *)(uintptr_t)(frame + at);
        else
            CHECK_INT(pbuf_take_at(p, frame + at, (u16_t)n, pad), ERR_OK);
        if (refers && i == 0 && ETH_PAD_SIZE > 0)
            chain = pbuf_alloc(PBUF_RAW, ETH_PAD_SIZE, PBUF_RAM);
        if (chain == NULL)
            chain = p;
        else
            pbuf_cat(chain, p);
    }
    return chain;
}

err_t board_send_serial(struct board *b, uint32_t bytes, uint32_t serial)
{
    uint8_t frame[BOARD_FRAME_MAX];
    board_make_frame(b, frame, bytes, serial);
    struct pbuf *p = board_chain(frame, bytes, 1, PBUF_RAM);
    err_t result = b->netif.linkoutput(&b->netif, p);
    pbuf_free(p);
    return result;
}

void board_forget(struct board *b)
{
    b->sent_count = b->received_count = b->received_chains = 0;
}

/* ---- Life ---- */

static err_t on_input(struct pbuf *p, struct netif *netif)
{
    struct lpc2468_ethernetif *eth = netif->state;
    struct board *b = eth->user;
    if (b->input_result != ERR_OK)
        return b->input_result;
    if (b->to_stack)
        return ethernet_input(p, netif);
    CHECKF(b->received_count < BOARD_FRAMES, "too many frames received");
    CHECK(p->tot_len <= BOARD_FRAME_MAX);
    struct board_frame *f = &b->received[b->received_count++];
    f->t_ns = b->now_ns;
    f->bad_fcs = false;
    f->bytes = pbuf_copy_partial(p, f->data, p->tot_len, ETH_PAD_SIZE);
    b->received_chains += p->next != NULL;
    pbuf_free(p);
    return ERR_OK;
}

static void *aligned(size_t bytes)
{
    void *p = aligned_alloc(16, (bytes + 15) & ~(size_t)15);
    CHECK(p != NULL);
    return p;
}

struct board *board_new(struct support *s)
{
    struct board *b = calloc(1, sizeof *b);
    CHECK(b != NULL);
    b->own_support = s == NULL;
    b->s = s != NULL ? s : calloc(1, sizeof *s);
    b->sent = malloc(BOARD_FRAMES * sizeof *b->sent);
    b->received = malloc(BOARD_FRAMES * sizeof *b->received);
    b->arriving = malloc(BOARD_FRAMES * sizeof *b->arriving);
    CHECK(b->s != NULL && b->sent != NULL && b->received != NULL && b->arriving != NULL);
    b->number = 1;
    b->phy_config.rmii = true;
    b->phy_config.address = 1;
    b->eth.emac.interrupts = true;
    b->eth.phy.interrupt = true;
    b->eth.phy.address = DM9161_ANY_ADDRESS;
    return b;
}

static void make_chip(struct board *b)
{
    const struct lpc2468_env env = {.ctx = b, .transmit = transmit, .irq = on_irq,
                                    .tx_fault = on_fault, .guest_error = on_guest_error,
                                    .external = external};
    const struct lpc2468_config config = {.emac = b->knobs, .phy = b->phy_config};
    b->chip = lpc2468_init(aligned(lpc2468_size()), &env, &config, b->now_ns);
    b->emac = lpc2468_emac(b->chip);
    b->phy = lpc2468_phy(b->chip);
    memset(lpc2468_ethernet_ram(b->chip), 0xee, LPC_ETHERNET_RAM_BYTES);
    for (uint32_t reg = LPC_PINSEL2; reg <= LPC_PINSEL4; reg += 4)
        write32(b, reg, b->pins);
    write32(b, BOARD_EXTMODE, b->level ? 0 : 1);
    write32(b, BOARD_VIC_INT_ENABLE, 1u << LPC2468_INT_ETHERNET | 1u << LPC2468_INT_EINT0);
}

void board_add(struct board *b)
{
    ip4_addr_t ip, mask, gw;
    const uint8_t mac[6] = {2, 0, 0, 0, 0, b->number};
    if (b->own_support)
        support_begin(b->s, NULL, 0);
    b->now_ns = b->s->now_ms * MS;
    make_chip(b);
    b->bus = (struct bus){.ctx = b, .read32 = read32, .write32 = write32, .pointer = memory,
                          .address = bus_of};
    b->eth.bus = &b->bus;
    b->eth.user = b;
    memcpy(b->eth.emac.mac, mac, sizeof mac);
    IP4_ADDR(&ip, 10, 0, 0, b->number);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gw, 0, 0, 0, 0);
    CHECK(netif_add(&b->netif, &ip, &mask, &gw, &b->eth, ethernetif_init, on_input) == &b->netif);
    netif_set_up(&b->netif);
}

void board_partner(struct board *b, bool negotiates, uint16_t abilities)
{
    const struct mii_partner p = {.present = abilities != 0, .negotiates = negotiates,
                                  .abilities = abilities};
    lpc2468_partner(b->chip, &p, b->now_ns);
}

void board_start(struct board *b)
{
    board_add(b);
    board_partner(b, true, DM9161_ALL_MODES | DM9161_PAUSE);
    board_run_us(b, 3000000);
    CHECKF(netif_is_link_up(&b->netif), "no link: PHY state %u", b->eth.transceiver.state);
    board_forget(b);
}

void board_end(struct board *b)
{
    const char *wrong = lpc2468_check(b->chip);
    CHECKF(wrong == NULL, "%s", wrong);
    CHECKF(b->guest_errors == 0 || b->faults_expected, "%u guest errors, last: %s",
           b->guest_errors, b->last_error.what);
    netif_set_down(&b->netif);
    lpc2468_ethernetif_stop(&b->eth);
    netif_remove(&b->netif);
    if (b->own_support) {
        support_end(b->s);
        free(b->s);
    }
    free(b->chip);
    free(b->sent);
    free(b->received);
    free(b->arriving);
    free(b);
}
