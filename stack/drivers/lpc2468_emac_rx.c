/* stack/drivers/lpc2468_emac_rx.c: the receive ring (5, 6, 8).
 *
 * Software owns RxConsumeIndex up to RxProduceIndex, the hardware the rest. A frame begins in a
 * fresh descriptor and ends where LastFlag is set. */
#include "stack/drivers/lpc2468_emac.h"

#include "stack/drivers/lpc2468_emac_local.h"

#include "lwip/def.h"

#define HEADER_BYTES 14u
#define ERRORS                                                                                     \
    (LPC_RXSTATUS_CRCERROR | LPC_RXSTATUS_SYMBOLERROR | LPC_RXSTATUS_ALIGNMENTERROR |              \
     LPC_RXSTATUS_OVERRUN | LPC_RXSTATUS_NODESCRIPTOR)

/* A frame in the ring. RangeError is not among its errors: it is set for every type field (E4). */
struct extent {
    unsigned count;  /* of descriptors */
    uint32_t bytes;  /* with FCS */
    uint32_t errors; /* ERRORS of any of its statuses */
};

static uint32_t descriptor(const struct lpc2468_emac *e, unsigned i)
{
    return e->rx_descriptors + i * LPC_RX_ENTRY;
}

static uint32_t status(const struct lpc2468_emac *e, unsigned i)
{
    return lpc_emac_get(e, e->rx_statuses + i * LPC_RX_STATUS_ENTRY);
}

static unsigned fragment_bytes(const struct lpc2468_emac *e, unsigned i)
{
    return (status(e, i) & LPC_RXSTATUS_SIZE) + 1;
}

/* ---- Buffers ---- */

/* A pool pbuf that DMA reaches, in one piece; *bytes: how many, 0: as many as there are. NULL:
 * there is none. */
static struct pbuf *direct_pbuf(struct lpc2468_emac *e, uint16_t *bytes)
{
    uint16_t wanted = *bytes != 0 ? *bytes : (uint16_t)(e->config.frame_max + ETH_PAD_SIZE);
    struct pbuf *p = pbuf_alloc(PBUF_RAW, wanted, PBUF_POOL);
    if (p == NULL)
        return NULL;
    uint16_t room = p->len;
    bool good = (*bytes == 0 || p->next == NULL) && room > ETH_PAD_SIZE + HEADER_BYTES &&
                bus_address(e->bus, p->payload, room) != 0;
    if (good && p->next != NULL)
        pbuf_realloc(p, room);
    if (!good) {
        pbuf_free(p);
        return NULL;
    }
    *bytes = room;
    return p;
}

void lpc_emac_rx_drop(struct lpc2468_emac *e)
{
    for (unsigned i = 0; i < e->config.rx_descriptors; i++) {
        if (e->rx[i] != NULL)
            pbuf_free(e->rx[i]);
        e->rx[i] = NULL;
    }
    e->rx_direct = false;
}

static bool fill_direct(struct lpc2468_emac *e, uint16_t *bytes)
{
    for (unsigned i = 0; i < e->config.rx_descriptors; i++) {
        e->rx[i] = direct_pbuf(e, bytes);
        if (e->rx[i] == NULL)
            return false;
    }
    return true;
}

void lpc_emac_rx_fill(struct lpc2468_emac *e)
{
    uint16_t bytes = 0;
    e->rx_bytes = e->config.rx_buffer_bytes;
    e->rx_direct = !e->config.copy && fill_direct(e, &bytes);
    if (e->rx_direct)
        e->rx_bytes = (uint16_t)(bytes - ETH_PAD_SIZE);
    else
        lpc_emac_rx_drop(e); /* out of DMA's reach, or too few: frames are copied */
}

static uint32_t buffer_address(const struct lpc2468_emac *e, unsigned i)
{
    if (e->rx_direct)
        return bus_address(e->bus, (u8_t *)e->rx[i]->payload + ETH_PAD_SIZE, e->rx_bytes);
    return e->rx_buffers + i * e->rx_bytes;
}

static const u8_t *buffer(const struct lpc2468_emac *e, unsigned i)
{
    if (e->rx_direct)
        return (const u8_t *)e->rx[i]->payload + ETH_PAD_SIZE;
    return bus_pointer(e->bus, e->rx_buffers + i * e->rx_bytes, e->rx_bytes);
}

static void write_descriptor(struct lpc2468_emac *e, unsigned i)
{
    lpc_emac_set(e, descriptor(e, i), buffer_address(e, i));
    lpc_emac_set(e, descriptor(e, i) + 4, LPC_CONTROL_INTERRUPT | (e->rx_bytes - 1u));
}

void lpc_emac_rx_program(struct lpc2468_emac *e)
{
    for (unsigned i = 0; i < e->config.rx_descriptors; i++)
        write_descriptor(e, i);
    lpc_emac_set(e, LPC_RXDESCRIPTOR, e->rx_descriptors);
    lpc_emac_set(e, LPC_RXSTATUS, e->rx_statuses);
    lpc_emac_set(e, LPC_RXDESCRIPTORNUMBER, e->config.rx_descriptors - 1u);
    lpc_emac_set(e, LPC_RXCONSUMEINDEX, 0);
    e->rx_consume = e->rx_seen = 0;
}

/* ---- A frame ---- */

/* Bounded: the hardware ends every frame with LastFlag, a lost one too, and what it has not ended
 * yet is found again later. */
static bool find(const struct lpc2468_emac *e, unsigned produce, struct extent *x)
{
    *x = (struct extent){0};
    for (unsigned i = e->rx_consume; i != produce;
         i = lpc_emac_next_index(i, e->config.rx_descriptors)) {
        uint32_t info = status(e, i);
        x->count++;
        x->bytes += (info & LPC_RXSTATUS_SIZE) + 1;
        x->errors |= info & ERRORS;
        if ((info & LPC_RXSTATUS_LASTFLAG) != 0)
            return true;
    }
    return false;
}

static enum lpc2468_emac_rx_error judge(struct lpc2468_emac *e, const struct extent *x,
                                        uint32_t fcs)
{
    struct lpc2468_emac_counters *c = &e->counters;
    if ((x->errors & (LPC_RXSTATUS_OVERRUN | LPC_RXSTATUS_NODESCRIPTOR)) != 0) {
        c->rx_overrun += (x->errors & LPC_RXSTATUS_OVERRUN) != 0;
        c->rx_no_descriptor += (x->errors & LPC_RXSTATUS_NODESCRIPTOR) != 0;
        return LPC2468_EMAC_RX_LOST;
    }
    if ((x->errors & LPC_RXSTATUS_SYMBOLERROR) != 0) {
        c->rx_symbol++;
        return LPC2468_EMAC_RX_SYMBOL;
    }
    if ((x->errors & (LPC_RXSTATUS_CRCERROR | LPC_RXSTATUS_ALIGNMENTERROR)) != 0) {
        c->rx_alignment += (x->errors & LPC_RXSTATUS_ALIGNMENTERROR) != 0;
        c->rx_crc += (x->errors & LPC_RXSTATUS_ALIGNMENTERROR) == 0;
        return LPC2468_EMAC_RX_CRC;
    }
    if (x->bytes < HEADER_BYTES + fcs || x->bytes + (EMAC_FCS - fcs) > e->config.frame_max) {
        c->rx_length++;
        return LPC2468_EMAC_RX_LENGTH;
    }
    return LPC2468_EMAC_RX_OK;
}

static struct pbuf *copy_out(struct lpc2468_emac *e, uint16_t bytes)
{
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)(bytes + ETH_PAD_SIZE),
                                e->config.flat ? PBUF_RAM : PBUF_POOL);
    if (p == NULL)
        return NULL;
    unsigned i = e->rx_consume;
    for (uint16_t at = 0; at < bytes;) {
        uint16_t left = (uint16_t)(bytes - at);
        uint16_t n = (uint16_t)LWIP_MIN(fragment_bytes(e, i), left);
        (void)pbuf_take_at(p, buffer(e, i), n, (u16_t)(at + ETH_PAD_SIZE));
        at = (uint16_t)(at + n);
        i = lpc_emac_next_index(i, e->config.rx_descriptors);
    }
    return p;
}

/* As many pbufs as the frame takes out of the ring, as a list; NULL: there are not so many. */
static struct pbuf *spares(struct lpc2468_emac *e, unsigned count)
{
    struct pbuf *list = NULL;
    uint16_t bytes = (uint16_t)(e->rx_bytes + ETH_PAD_SIZE);
    for (unsigned i = 0; i < count; i++) {
        struct pbuf *p = direct_pbuf(e, &bytes);
        if (p == NULL && list != NULL)
            pbuf_free(list);
        if (p == NULL)
            return NULL;
        p->next = list; /* a list, no packet: tot_len is of each alone */
        list = p;
    }
    return list;
}

/* The ring's own pbufs go up, spare ones take their places. NULL: none of them is within reach, or
 * there is none; then the frame may still be copied. */
static struct pbuf *hand_up(struct lpc2468_emac *e, unsigned count, uint16_t bytes)
{
    struct pbuf *spare = spares(e, count), *frame = NULL;
    if (spare == NULL)
        return NULL;
    unsigned i = e->rx_consume;
    for (unsigned n = 0; n < count; n++) {
        struct pbuf *p = e->rx[i], *next = spare->next;
        p->len = p->tot_len = (u16_t)(fragment_bytes(e, i) + ETH_PAD_SIZE);
        spare->next = NULL;
        e->rx[i] = spare;
        write_descriptor(e, i);
        if (frame == NULL) {
            frame = p;
        } else {
            (void)pbuf_remove_header(p, ETH_PAD_SIZE);
            pbuf_cat(frame, p);
        }
        spare = next;
        i = lpc_emac_next_index(i, e->config.rx_descriptors);
    }
    pbuf_realloc(frame, (u16_t)(bytes + ETH_PAD_SIZE)); /* without the FCS, wherever it is split */
    return frame;
}

static void give_back(struct lpc2468_emac *e, unsigned count)
{
    unsigned i = e->rx_consume + count;
    e->rx_consume = (uint8_t)(i >= e->config.rx_descriptors ? i - e->config.rx_descriptors : i);
    lpc_emac_set(e, LPC_RXCONSUMEINDEX, e->rx_consume);
}

/* With three quarters of the ring full the other end is asked to pause (11); with nothing left it
 * may go on. */
static void flow_control(struct lpc2468_emac *e, unsigned produce)
{
    unsigned count = e->config.rx_descriptors;
    unsigned used = lpc_emac_distance(e->rx_consume, produce, count);
    bool wanted = used * 4 >= count * 3;
    if (!e->config.pause_tx || !e->pause || !e->full_duplex || e->rx_holds_off == wanted)
        return;
    if (!wanted && used != 0)
        return;
    e->rx_holds_off = wanted;
    lpc_emac_change(e, LPC_COMMAND, LPC_COMMAND_TXFLOWCONTROL,
                wanted ? LPC_COMMAND_TXFLOWCONTROL : 0);
}

bool lpc2468_emac_receive(struct lpc2468_emac *e, struct lpc2468_emac_rx *frame)
{
    struct extent x;
    if (!e->started)
        return false;
    unsigned produce = lpc_emac_get(e, LPC_RXPRODUCEINDEX);
    flow_control(e, produce);
    if (!find(e, produce, &x)) {
        e->rx_seen = (uint8_t)produce;
        return false;
    }
    uint32_t fcs = e->config.fcs_not_stored ? 0 : EMAC_FCS;
    *frame = (struct lpc2468_emac_rx){.error = judge(e, &x, fcs)};
    frame->bytes = (uint16_t)(x.bytes > fcs ? x.bytes - fcs : 0);
    if (frame->error == LPC2468_EMAC_RX_OK) {
        frame->group = (buffer(e, e->rx_consume)[0] & 1) != 0;
        frame->p = e->rx_direct ? hand_up(e, x.count, frame->bytes) : NULL;
        if (frame->p == NULL)
            frame->p = copy_out(e, frame->bytes);
        e->counters.rx_frames += frame->p != NULL;
        e->counters.rx_no_memory += frame->p == NULL;
        if (frame->p == NULL)
            frame->error = LPC2468_EMAC_RX_NO_MEMORY;
    }
    give_back(e, x.count);
    return true;
}

/* The interrupt is acknowledged before the index is read: what comes after that raises it anew. */
bool lpc2468_emac_receive_done(struct lpc2468_emac *e)
{
    if (!e->started)
        return false;
    lpc_emac_set(e, LPC_INTCLEAR, LPC_INT_RXDONE | LPC_INT_RXFINISHED);
    if (lpc_emac_get(e, LPC_RXPRODUCEINDEX) != e->rx_seen)
        return true;
    if (e->config.interrupts)
        lpc_emac_change(e, LPC_INTENABLE, 0, EMAC_RX_INTERRUPTS);
    return false;
}
