/* stack/drivers/lpc2468_emac.h: driver of the LPC2468's Ethernet MAC.
 *
 * It moves frames between pbufs and descriptor rings; it knows neither IP nor a netif
 * (lpc2468_ethernetif.h joins them) nor which PHY there is (dm9161.h). All state of a device is in
 * its struct lpc2468_emac, so there may be several.
 *
 * Memory. Descriptors, statuses and buffers live in the RAM that DMA reaches (`memory`, by default
 * the 16 KB of Ethernet RAM):
 *
 *   RX descriptors | RX statuses | TX descriptors | TX statuses | RX buffers | TX memory
 *
 * RX buffers are small and a frame may span several, so that the same RAM holds five full-size or
 * fifteen short frames (with the defaults). TX memory is a ring of bytes, what frames are copied
 * into that DMA could not read where they are.
 *
 * Sending is without a copy for each pbuf of a chain that DMA reaches (bus_address()) and whose
 * bytes cannot change (not PBUF_REF): its bytes are a fragment of their own, and a reference on the
 * chain is held until the frame's status is there. As everywhere in lwIP, whoever sends a pbuf must
 * not write to its bytes, nor send it again, before its reference count is back.
 *
 * Receiving is without a copy when start() finds enough pool pbufs within reach of DMA: the ring
 * then holds them, hands them up and takes new ones; otherwise frames are copied into pool pbufs. A
 * frame for which there are none is dropped and its buffers stay in the ring.
 *
 * Life:  init (management cycles and MAC registers, no PHY clock needed)
 *        start (needs the PHY's clock: without it the block's resets hang the bus, erratum E5)
 *        link up and down, as the PHY says; stop; start again ...
 *
 * Operation. Polled: call poll() and receive() often. With interrupts: the service routine calls
 * lpc2468_emac_interrupt(), which acknowledges, masks the receive interrupts and says what there is
 * to do; that is done in the main loop or in tasks, which an operating system's routine wakes by
 * semaphores.
 *
 *   context             functions
 *   interrupt           interrupt
 *   transmit (one task) send, reclaim, tx_recover
 *   receive (one task)  receive, receive_done, rx_recover
 *   any one task, while the two above rest     init, start, stop, power_down
 *   any one task        link, filter functions, the management cycles
 *
 * These contexts may preempt one another: registers they share are changed under
 * SYS_ARCH_PROTECT(), so SYS_LIGHTWEIGHT_PROT has to be 1 where there are interrupts. Nothing here
 * waits: what takes time is begun, and looked at again in the next call.
 *
 * Errata (sheet 16): E1 (TxConsumeIndex stays at 0 after the first frame): a frame counts as sent
 * when its status has been written, which the driver recognises by a mark that it leaves there
 * first, so no dummy frame is needed and none bothers other stations. E2: there are never fewer
 * than 6 receive descriptors. E3: lpc2468_ethernetif.c. E4: RangeError is ignored, and the RxError
 * interrupt is not used. E5: Command's resets are written after start() only, and recovery waits
 * for a link. E6: power_down() stops the receiver first, and start() resets it.
 *
 * Source: UM10237 ch. Ethernet as the EMAC sheet restates it; numbers in comments are its
 * sections. */
#ifndef STACK_DRIVERS_LPC2468_EMAC_H
#define STACK_DRIVERS_LPC2468_EMAC_H

#include "stack/drivers/mdio.h"

#include "lwip/err.h"
#include "lwip/opt.h"
#include "lwip/pbuf.h"

#include <stdbool.h>
#include <stdint.h>

struct bus;

/* Most descriptors of each kind; a program may choose other limits. */
#ifndef LPC2468_EMAC_RX_MAX
#define LPC2468_EMAC_RX_MAX 32
#endif
#ifndef LPC2468_EMAC_TX_MAX
#define LPC2468_EMAC_TX_MAX 32
#endif
#define LPC2468_EMAC_RX_MIN 6 /* E2 */
#define LPC2468_EMAC_TX_MIN 4

/* A channel that is told to stop has done so after its frame, 1.3 ms at 10 Mbit/s; one that hangs
 * is reset after this. */
#define LPC2468_EMAC_STOP_MS 4u

/* Zero: the default that stands behind it. */
struct lpc2468_emac_config {
    uint8_t mac[6];           /* station address */
    bool mii;                 /* MII, not RMII */
    bool interrupts;          /* lpc2468_emac_interrupt() is called */
    bool promiscuous;         /* every frame is taken */
    bool all_multicast;       /* frames to all groups, not only joined ones */
    bool pause_rx;            /* in full duplex, if the link allows it: PAUSE stops our sending */
    bool pause_tx;            /* and a full receive ring sends PAUSE */
    bool copy;                /* never DMA to or from pbufs */
    bool flat;                /* copied frames become PBUF_RAM, in one piece, not PBUF_POOL */
    bool fcs_not_stored;      /* the silicon strips the FCS itself (20.1) */
    uint8_t rx_descriptors;   /* 16 */
    uint8_t tx_descriptors;   /* 16 */
    uint16_t rx_buffer_bytes; /* 512; a multiple of 4, at most 2048 */
    uint16_t frame_max;       /* 1536: longest frame with FCS, MAXF; at most 2048 */
    uint32_t hclk_hz;         /* 72 MHz */
    uint32_t memory;          /* bus address, a multiple of 8; the Ethernet RAM */
    uint32_t memory_bytes;    /* 16384 */
};

/* What there is to do; returned by lpc2468_emac_interrupt() and lpc2468_emac_poll(). */
#define LPC2468_EMAC_RECEIVE 0x01u    /* receive(), until receive_done() says false */
#define LPC2468_EMAC_TRANSMIT 0x02u   /* reclaim(): room to send, references to let go */
#define LPC2468_EMAC_RX_RECOVER 0x04u /* receive everything, then rx_recover() */
#define LPC2468_EMAC_TX_RECOVER 0x08u /* tx_recover() */

/* What became of frames; a driver's user may read and clear it. */
struct lpc2468_emac_counters {
    uint32_t rx_frames, rx_crc, rx_alignment, rx_symbol, rx_overrun, rx_no_descriptor, rx_length,
        rx_no_memory, rx_recoveries;
    uint32_t tx_frames, tx_collisions, tx_late_collision, tx_excessive_collision,
        tx_excessive_defer, tx_underrun, tx_no_descriptor, tx_recoveries;
    uint32_t tx_failed;  /* frames with any of these errors */
    uint32_t tx_unknown; /* given up in a recovery: on the wire, but no status came */
};

/* A fragment in the transmit ring. */
struct lpc2468_emac_tx {
    struct pbuf *held;   /* last one of a frame: the chain to let go of; NULL: none */
    uint16_t memory_end; /* last one, copied: TX memory is free up to here afterwards */
    bool copied, last;
};

/* For reading: members are the driver's. */
struct lpc2468_emac {
    struct bus *bus;
    struct lpc2468_emac_config config; /* with defaults filled in */
    uint32_t rx_descriptors, rx_statuses, tx_descriptors, tx_statuses, rx_buffers; /* addresses */
    uint32_t tx_memory;
    uint32_t hash[2];              /* HashFilterL, HashFilterH */
    uint32_t rx_since_ms, tx_since_ms; /* when stopping began */
    uint32_t tx_errors;            /* TxStatus bits of the frame whose fragments come back */
    struct lpc2468_emac_counters counters;
    struct lpc2468_emac_tx tx[LPC2468_EMAC_TX_MAX];
    struct pbuf *rx[LPC2468_EMAC_RX_MAX]; /* without copy: what the ring's buffers belong to */
    uint16_t tx_memory_bytes, tx_memory_head, tx_memory_tail; /* of the ring of bytes */
    uint16_t rx_bytes;             /* of one receive buffer */
    uint16_t mbps;                 /* of the link, or of the last one */
    uint8_t rx_consume;            /* next to look at */
    uint8_t rx_seen;               /* RxProduceIndex when receive() found nothing more */
    uint8_t tx_produce;            /* next to fill */
    uint8_t tx_done;               /* oldest that is not known to be sent */
    uint8_t tx_consume;            /* TxConsumeIndex as read last */
    uint8_t tx_held;               /* frames whose pbufs are held */
    uint8_t hash_users[64];
    bool started, link_up, full_duplex, pause;
    bool rx_direct;                /* received without copy */
    bool rx_stopping, tx_stopping; /* a recovery is under way */
    bool rx_holds_off;             /* Command.TxFlowControl is set */
    bool tx_waits;                 /* somebody was told ERR_WOULDBLOCK */
    bool mii_reads;                /* the management cycle that runs is a read */
    volatile bool tx_wakes;        /* the TxDone interrupt is enabled */
    volatile bool rx_broken, tx_broken; /* RxOverrun, TxUnderrun */
};

/* Brings the MAC's management interface up; needs the block's power (PCONP), not the PHY's clock.
 * ERR_ARG: the configuration cannot be (too few descriptors, buffers that do not fit in memory). */
err_t lpc2468_emac_init(struct lpc2468_emac *e, struct bus *bus,
                        const struct lpc2468_emac_config *config);

/* Resets the block, programs everything, enables both channels. The PHY's clock must run. Between
 * start() and stop() nothing is done. */
void lpc2468_emac_start(struct lpc2468_emac *e);
/* Both channels off, at once: frames in the rings are lost; references are let go. */
void lpc2468_emac_stop(struct lpc2468_emac *e);
/* After stop(): saves power until start(); no other function may be called meanwhile. */
void lpc2468_emac_power_down(struct lpc2468_emac *e);

/* The link as the PHY found it. mbps: 10 or 100. pause: both ends agreed on it. */
void lpc2468_emac_link(struct lpc2468_emac *e, bool up, unsigned mbps, bool full_duplex,
                       bool pause);

/* What has happened; from the interrupt only. Receive interrupts stay masked until
 * lpc2468_emac_receive_done() finds nothing more. */
unsigned lpc2468_emac_interrupt(struct lpc2468_emac *e);
/* The same without interrupts: what has happened since the last call. */
unsigned lpc2468_emac_poll(struct lpc2468_emac *e);

/* p begins with the destination address (after ETH_PAD_SIZE bytes) and has no FCS; it stays the
 * caller's. ERR_OK: it is in the ring. ERR_WOULDBLOCK: no room now; with interrupts,
 * LPC2468_EMAC_TRANSMIT will come. ERR_BUF: it never fits. ERR_CONN: not started. */
err_t lpc2468_emac_send(struct lpc2468_emac *e, struct pbuf *p);
/* Takes back what has been sent: lets go of pbufs, counts. */
void lpc2468_emac_reclaim(struct lpc2468_emac *e);
/* Frames, or fragments of one, that are in the ring. */
unsigned lpc2468_emac_tx_pending(const struct lpc2468_emac *e);

/* What is wrong with a received frame. */
enum lpc2468_emac_rx_error {
    LPC2468_EMAC_RX_OK,
    LPC2468_EMAC_RX_CRC,       /* checksum or alignment */
    LPC2468_EMAC_RX_SYMBOL,    /* RX_ER from the PHY */
    LPC2468_EMAC_RX_LOST,      /* overrun inside the block, or the ring too short for it */
    LPC2468_EMAC_RX_LENGTH,    /* shorter than its header or longer than frame_max */
    LPC2468_EMAC_RX_NO_MEMORY  /* no pbuf */
};

struct lpc2468_emac_rx {
    enum lpc2468_emac_rx_error error;
    uint16_t bytes;   /* without FCS; of a frame with an error what is known of it */
    bool group;       /* addressed to a group; valid without error, and without memory */
    struct pbuf *p;   /* the caller's; NULL with an error */
};

/* The next frame, good or bad. false: there is none now. */
bool lpc2468_emac_receive(struct lpc2468_emac *e, struct lpc2468_emac_rx *frame);
/* After receive() has said false: lets receive interrupts in again. true: meanwhile something has
 * come, receive() is to be called first. */
bool lpc2468_emac_receive_done(struct lpc2468_emac *e);

/* After LPC2468_EMAC_RX_RECOVER (RxOverrun), when receive() has said false: stops the receiver
 * after the frame that is coming in, sees to it that all of the ring has been received, resets
 * and rebuilds it. true: it is not done yet: receive(), then call again 1 ms later. While there is
 * no link nothing is done and true returned, because the clock may be away (E5). */
bool lpc2468_emac_rx_recover(struct lpc2468_emac *e, uint32_t now_ms);
/* After LPC2468_EMAC_TX_RECOVER (TxUnderrun): the same for sending. What was not on the wire is
 * kept, in order, and sent afterwards; the frame whose status could not be written has been, and is
 * not repeated. Meanwhile send() says ERR_WOULDBLOCK. */
bool lpc2468_emac_tx_recover(struct lpc2468_emac *e, uint32_t now_ms);

/* A group address (6 bytes) is wanted, or not any more. Counted: as many leaves as joins. */
void lpc2468_emac_join(struct lpc2468_emac *e, const uint8_t *group);
void lpc2468_emac_leave(struct lpc2468_emac *e, const uint8_t *group);
void lpc2468_emac_set_promiscuous(struct lpc2468_emac *e, bool on);
void lpc2468_emac_set_address(struct lpc2468_emac *e, const uint8_t *mac);
/* Index 0..63 of an address in the hash table (9.2). */
unsigned lpc2468_emac_hash(const uint8_t *address);

/* PHY registers through this MAC; valid as long as e is. */
struct mdio lpc2468_emac_mdio(struct lpc2468_emac *e);

#endif
