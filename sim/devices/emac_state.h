/* emac_state.h: the EMAC model's state and what its files offer each other. Contract: emac.h.
 *
 * Order of a step: an entry (emac.c) first does what is due before it, then its own work, then what
 * has become due by it, and tells the interrupt line at the end, when the state is whole; an
 * interrupt routine called from there may use the registers at once. */
#ifndef SIM_DEVICES_EMAC_STATE_H
#define SIM_DEVICES_EMAC_STATE_H

#include "sim/devices/emac.h"
#include "sim/devices/emac_bits.h"
#include "sim/prng.h"

/* In the order of their offsets; emac_regs.c has the table. */
enum emac_reg {
    R_MAC1, R_MAC2, R_IPGT, R_IPGR, R_CLRT, R_MAXF, R_SUPP, R_TEST, R_MCFG, R_MCMD, R_MADR, R_MWTD,
    R_MRDD, R_MIND, R_SA0, R_SA1, R_SA2, R_COMMAND, R_STATUS, R_RX_DESCRIPTOR, R_RX_STATUS,
    R_RX_DESCRIPTOR_NUMBER, R_RX_PRODUCE_INDEX, R_RX_CONSUME_INDEX, R_TX_DESCRIPTOR, R_TX_STATUS,
    R_TX_DESCRIPTOR_NUMBER, R_TX_PRODUCE_INDEX, R_TX_CONSUME_INDEX, R_TSV0, R_TSV1, R_RSV,
    R_FLOW_CONTROL_COUNTER, R_FLOW_CONTROL_STATUS, R_RX_FILTER_CTRL, R_RX_FILTER_WOL_STATUS,
    R_RX_FILTER_WOL_CLEAR, R_HASH_FILTER_L, R_HASH_FILTER_H, R_INT_STATUS, R_INT_ENABLE,
    R_INT_CLEAR, R_INT_SET, R_POWER_DOWN, R_MODULE_ID, EMAC_REGS
};
#define R_FIRST_HOST R_COMMAND /* from here on RegReset reaches (14.1) */

/* When an enable was on, as far back as its last two periods. */
struct emac_gate {
    uint64_t since_ns, off_ns, before_ns; /* this period's start; the last one's end and start */
    bool on;
};

/* Descriptors read ahead, in ring order; a queue of its own that wraps. */
#define EMAC_AHEAD 255u
struct emac_descriptor {
    uint32_t packet, control;
};
struct emac_ahead {
    uint32_t head, count;
    bool told; /* that the first has changed */
    struct emac_descriptor d[EMAC_AHEAD];
};

enum emac_miim_op { MIIM_IDLE, MIIM_READ, MIIM_WRITE };
struct emac_miim {
    uint64_t done_ns;
    uint16_t value;      /* to be written */
    uint8_t op;          /* enum emac_miim_op */
    uint8_t scan_phy;    /* next one of SCAN INCREMENT */
    bool scan, not_valid, link_fail;
};

/* A fragment whose status is on its way to memory (knobs.dma_ns). */
#define EMAC_PENDING 64u
struct emac_pending {
    uint64_t due_ns;
    uint32_t status, hash, interrupts;
};

struct emac_rx {
    uint32_t fill;     /* next descriptor to take; ahead of produce while statuses are pending */
    uint32_t produce, consume;
    bool dead;         /* until RxReset */
    bool rests;        /* since RxReset, until it is told or has to go on */
    bool announced_dma;/* RxEnable was set when the announced frame began */
    bool spoilt;       /* E6 */
    uint64_t carrier_from_ns, carrier_until_ns;
    uint64_t reset_ns; /* frames that began before are lost */
    uint64_t power_down_ns;
    uint32_t previous; /* RSV bits 18:16 of the next frame */
    uint32_t pending_head, pending_count;
    struct emac_pending pending[EMAC_PENDING];
    struct emac_ahead ahead;
};

enum emac_tx_phase {
    TX_IDLE,
    TX_TRYING, /* a frame is taken; it defers, or collides and backs off, until at_ns */
    TX_WIRE    /* its bits are out at at_ns */
};
struct emac_tx {
    uint64_t at_ns;
    uint64_t first_ns; /* of the frame on the wire: its first bit */
    uint64_t free_ns;  /* the gap is over */
    uint64_t ready_ns; /* descriptors are there (knobs.dma_ns) */
    uint32_t produce, consume;
    uint32_t shown;    /* TxConsumeIndex: not consume under E1 */
    uint32_t frames;   /* since reset, up to 2: E1 */
    uint32_t status;
    uint32_t tsv0;     /* bits that are known before the end */
    uint32_t length;   /* bytes for transmit() */
    uint32_t wire;     /* bytes behind the SFD */
    uint32_t last_at, last_bytes; /* where in `bytes` the last fragment lies */
    uint32_t collided; /* bytes of attempts that collided */
    uint32_t control;  /* of the last fragment */
    uint8_t phase;     /* enum emac_tx_phase */
    uint8_t fcs[4];    /* on the wire, where the frame is looped back */
    bool pause;        /* ours, not the driver's */
    bool zero;         /* a PAUSE of time 0 */
    bool bad_fcs, stall, deferred, on_medium, looped;
    bool skipping;     /* up to the end of a frame that lacked a descriptor */
    bool dead;         /* until TxReset */
    bool stalled;      /* no clock */
    struct emac_ahead ahead;
    uint8_t bytes[EMAC_FRAME_MAX];
};

struct emac_flow {
    uint64_t paused_ns;  /* data waits until then */
    uint64_t mirror_ns;  /* counting since; also back-pressure since */
    uint64_t quantum_ns;
    bool mirror;         /* counting */
    bool pending;        /* a PAUSE is to be sent */
    bool zero;           /* of time 0 */
    bool pressed;        /* back-pressure since the last frame */
};

struct emac {
    struct emac_env env;
    struct emac_knobs knobs; /* with their defaults filled in */
    struct prng backoff;
    uint64_t now_ns;
    uint32_t r[EMAC_REGS];
    bool line, hung, duplex_told;
    struct emac_gate receive_enable, rx_enable;
    struct emac_miim miim;
    struct emac_rx rx;
    struct emac_tx tx;
    struct emac_flow flow;
    struct emac_counters count;
};

/* emac_regs.c */
struct emac_register {
    uint16_t offset;
    uint8_t access;       /* enum emac_access */
    const char *name;
    uint32_t reset, mask; /* mask: bits there are */
    uint32_t quiet;       /* bits there are not, and that may be written all the same */
};
enum emac_access { EMAC_RW, EMAC_RO, EMAC_WO };
const struct emac_register *emac_register_at(uint32_t offset); /* NULL: reserved */
const struct emac_register *emac_register_row(enum emac_reg reg);
void emac_registers_reset(struct emac *e, enum emac_reg first);
void emac_guest(const struct emac *e, enum guest_error_kind kind, enum emac_reg reg, bool write,
                uint32_t value, const char *what);
/* The same about memory at addr that a register points to. */
void emac_guest_dma(const struct emac *e, enum guest_error_kind kind, enum emac_reg reg,
                    uint32_t addr, uint32_t value, const char *what);

/* emac_access.c */
void emac_datapath_reset(struct emac *e); /* RegReset */

/* emac.c */
void emac_run(struct emac *e, uint64_t until_ns);
struct mii_state emac_medium(const struct emac *e);
uint64_t emac_byte_ns(const struct emac *e);
uint64_t emac_bits_ns(const struct emac *e, uint64_t bits);
static inline bool emac_full_duplex(const struct emac *e)
{
    return (e->r[R_COMMAND] & COMMAND_FULL_DUPLEX) != 0;
}

/* emac_int.c */
void emac_raise(struct emac *e, uint32_t bits); /* the line follows at the end of the step */
void emac_line(struct emac *e);

/* emac_miim.c */
void emac_miim_mcfg(struct emac *e, uint32_t before);
void emac_miim_mcmd(struct emac *e);
void emac_miim_madr(struct emac *e, uint32_t before);
void emac_miim_mwtd(struct emac *e, uint32_t value);
uint32_t emac_miim_mind(const struct emac *e);
void emac_miim_done(struct emac *e);

/* emac_ring.c */
uint32_t emac_next_index(uint32_t i, uint32_t number);
/* Bytes that DMA reaches, or NULL after reporting it. */
uint8_t *emac_dma(const struct emac *e, enum emac_reg reg, uint32_t addr, uint32_t bytes,
                  const char *what);
uint32_t emac_get32(const uint8_t *p);
void emac_put32(uint8_t *p, uint32_t value);
/* Reads ahead so that up to `owned` descriptors from index `from` on are in the queue, at most the
 * knob's number; what is no longer owned is dropped. false: not reachable. */
bool emac_ahead_fill(const struct emac *e, struct emac_ahead *a, enum emac_reg base, uint32_t from,
                     uint32_t owned);
/* The first, which stands at `index`; reports if memory says otherwise by now. There is one. */
struct emac_descriptor emac_ahead_first(const struct emac *e, struct emac_ahead *a,
                                        enum emac_reg base, uint32_t index);
void emac_ahead_drop(struct emac_ahead *a); /* the first */
/* A base, a number or an index is written. */
void emac_ring_base(struct emac *e, enum emac_reg reg, uint32_t value);
void emac_ring_number(struct emac *e, enum emac_reg reg, uint32_t value);
void emac_ring_tx_produce(struct emac *e, uint32_t value);
void emac_ring_rx_consume(struct emac *e, uint32_t value);

/* emac_tx.c */
void emac_tx_reset(struct emac *e);
void emac_tx_abort(struct emac *e); /* what is on the wire ends here, without a status */
void emac_tx_hold(struct emac *e);  /* the MAC's transmit function goes into reset */
void emac_tx_fetch(struct emac *e);
bool emac_tx_active(const struct emac *e); /* TxStatus */
uint64_t emac_tx_next(const struct emac *e);
void emac_tx_event(struct emac *e);
/* Status of the descriptor at TxConsumeIndex, then the index, then interrupts and TxDone. */
void emac_tx_give_back(struct emac *e, uint32_t status, uint32_t interrupts);

/* emac_tx_frame.c */
bool emac_tx_gather(struct emac *e); /* one frame from the ring; false: none came of it */
void emac_tx_plan(struct emac *e);
void emac_tx_vectors(struct emac *e);
uint64_t emac_tx_gap_ns(const struct emac *e, uint32_t gap); /* 6:0 of IPGT or IPGR */

/* emac_rx.c */
void emac_rx_arrive(struct emac *e, const struct emac_arrival *frame, bool looped);

/* emac_rx_dma.c: a frame that the filter has passed */
struct emac_stored {
    const uint8_t *bytes;
    uint32_t length;      /* of bytes; then come those of fcs */
    uint8_t fcs[4];
    uint32_t total;       /* bytes of both that came */
    uint32_t status;      /* for the last fragment */
    uint32_t hash;
    bool overrun, stall;
};
void emac_rx_store(struct emac *e, const struct emac_stored *frame);
void emac_rx_enable(struct emac *e); /* RxEnable has changed */
void emac_rx_reset(struct emac *e);
void emac_rx_fetch(struct emac *e);
bool emac_rx_full(const struct emac *e);
bool emac_rx_active(const struct emac *e); /* RxStatus */
uint64_t emac_rx_next(const struct emac *e);
void emac_rx_commit(struct emac *e);

/* emac_filter.c */
unsigned emac_filter_match(const struct emac *e, const uint8_t *da); /* FILTER_x, bits 5:0 */
uint32_t emac_filter_hash(const struct emac *e, const uint8_t *addresses);
bool emac_filter_magic(const struct emac *e, const uint8_t *bytes, uint32_t length);
void emac_filter_station(const struct emac *e, uint8_t *out);

/* emac_flow.c */
void emac_flow_command(struct emac *e, uint32_t before);
void emac_flow_test(struct emac *e, uint32_t before);
void emac_flow_pause(struct emac *e, uint32_t quanta); /* one was received */
void emac_flow_build(struct emac *e);                  /* ours, into tx */
void emac_flow_sent(struct emac *e);
void emac_flow_reset(struct emac *e);
uint32_t emac_flow_status(const struct emac *e);
uint64_t emac_flow_next(const struct emac *e);
void emac_flow_mirror(struct emac *e);
bool emac_flow_pressing(const struct emac *e);
bool emac_flow_collides(const struct emac *e, uint64_t first_ns);

/* emac_frame.c: what a frame says of itself */
struct emac_traits {
    bool multicast, broadcast, control, pause, vlan;
    bool length_error;  /* a valid length that does not match */
    bool out_of_range;  /* type or length above the limit */
    uint16_t opcode, quanta;
};
/* length: without FCS; limit: of the type/length field (4.17). Short frames have fewer traits. */
struct emac_traits emac_traits(const uint8_t *bytes, uint32_t length, uint32_t limit);

/* emac_crc.c: the register, least significant bit first; an FCS is its complement */
#define EMAC_CRC_START 0xffffffffu
uint32_t emac_crc(uint32_t crc, const uint8_t *bytes, size_t count);
void emac_crc_fcs(uint32_t crc, uint8_t *fcs);

#endif
