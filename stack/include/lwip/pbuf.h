/* lwip/pbuf.h: packet buffers: chains of pieces of one packet.
 *
 * Invariants on every chain at all times: p->tot_len == p->len + (p->next ? p->next->tot_len : 0);
 * ref >= 1. A packet ends where tot_len == len (packet queues chain further behind it).
 * Ownership: whoever holds a reference frees it with pbuf_free(). */
#ifndef LWIP_HDR_PBUF_H
#define LWIP_HDR_PBUF_H

#include "lwip/err.h"
#include "lwip/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether custom pbufs exist: fragments and driver-owned memory need them. */
#ifndef LWIP_SUPPORT_CUSTOM_PBUF
#define LWIP_SUPPORT_CUSTOM_PBUF \
    ((IP_FRAG && !LWIP_NETIF_TX_SINGLE_PBUF) || (LWIP_IPV6 && LWIP_IPV6_FRAG) || 1)
#endif

/* 1: the data may change behind our back: it must be copied before it is queued */
#define PBUF_NEEDS_COPY(p) ((p)->type_internal & PBUF_TYPE_FLAG_DATA_VOLATILE)

#define PBUF_TRANSPORT_HLEN 20
#if LWIP_IPV6
#define PBUF_IP_HLEN 40
#else
#define PBUF_IP_HLEN 20
#endif

/* Header room in front of the payload: all layers below, and this one. */
typedef enum {
    PBUF_TRANSPORT = PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN + PBUF_IP_HLEN +
                     PBUF_TRANSPORT_HLEN,
    PBUF_IP = PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN + PBUF_IP_HLEN,
    PBUF_LINK = PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN,
    PBUF_RAW_TX = PBUF_LINK_ENCAPSULATION_HLEN,
    PBUF_RAW = 0
} pbuf_layer;

/* struct and payload lie in one piece of memory */
#define PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS 0x80
#define PBUF_TYPE_FLAG_DATA_VOLATILE 0x40
#define PBUF_TYPE_ALLOC_SRC_MASK 0x0F
#define PBUF_ALLOC_FLAG_RX 0x0100
#define PBUF_ALLOC_FLAG_DATA_CONTIGUOUS 0x0200
#define PBUF_TYPE_ALLOC_SRC_MASK_STD_HEAP 0x00
#define PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF 0x01
#define PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL 0x02
#define PBUF_TYPE_ALLOC_SRC_MASK_APP_MIN 0x03
#define PBUF_TYPE_ALLOC_SRC_MASK_APP_MAX PBUF_TYPE_ALLOC_SRC_MASK

typedef enum {
    /* header and data in one piece from the heap: for sending */
    PBUF_RAM = (PBUF_ALLOC_FLAG_DATA_CONTIGUOUS | PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS |
                PBUF_TYPE_ALLOC_SRC_MASK_STD_HEAP),
    /* data elsewhere, and it never changes */
    PBUF_ROM = PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF,
    /* data elsewhere, and it may change: copied when it must be queued */
    PBUF_REF = (PBUF_TYPE_FLAG_DATA_VOLATILE | PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF),
    /* a chain of fixed-size pool buffers: for receiving */
    PBUF_POOL = (PBUF_ALLOC_FLAG_RX | PBUF_TYPE_FLAG_STRUCT_DATA_CONTIGUOUS |
                 PBUF_TYPE_ALLOC_SRC_MASK_STD_MEMP_PBUF_POOL)
} pbuf_type;

#define PBUF_FLAG_PUSH 0x01U
#define PBUF_FLAG_IS_CUSTOM 0x02U
#define PBUF_FLAG_MCASTLOOP 0x04U /* UDP multicast to be looped back */
#define PBUF_FLAG_LLBCAST 0x08U   /* came as link-layer broadcast */
#define PBUF_FLAG_LLMCAST 0x10U   /* came as link-layer multicast */
#define PBUF_FLAG_TCP_FIN 0x20U

struct pbuf {
    struct pbuf *next;
    void *payload;
    u16_t tot_len;       /* this one and all behind it in the packet */
    u16_t len;           /* this one */
    u8_t type_internal;  /* low byte of pbuf_type */
    u8_t flags;          /* PBUF_FLAG_x */
    LWIP_PBUF_REF_T ref; /* references to this pbuf: from chains and from holders */
    u8_t if_idx;         /* index of the interface it came in by */
    LWIP_PBUF_CUSTOM_DATA
};

/* The form that points at data elsewhere. */
struct pbuf_rom {
    struct pbuf *next;
    const void *payload;
};

typedef void (*pbuf_free_custom_fn)(struct pbuf *p);

struct pbuf_custom {
    struct pbuf pbuf;
    pbuf_free_custom_fn custom_free_function; /* called when the last reference goes */
};

#ifndef PBUF_POOL_FREE_OOSEQ
#define PBUF_POOL_FREE_OOSEQ 1
#endif
/* TCP gives up data out of sequence; CHECK: if the pool has been empty since the last time. */
#if LWIP_TCP && TCP_QUEUE_OOSEQ
#define PBUF_CHECK_FREE_OOSEQ() pbuf_check_free_ooseq()
void pbuf_check_free_ooseq(void);
void pbuf_free_ooseq(void);
#else
#define PBUF_CHECK_FREE_OOSEQ()
#endif

#define pbuf_init()

/* NULL: no memory. POOL: a chain; others: one pbuf. length + header room may not pass 65,535. */
struct pbuf *pbuf_alloc(pbuf_layer l, u16_t length, pbuf_type type);
/* payload is not copied and must outlive the pbuf; type PBUF_ROM or PBUF_REF */
struct pbuf *pbuf_alloc_reference(void *payload, u16_t length, pbuf_type type);
/* Dresses the caller's struct and memory as a pbuf; NULL when header room and length do not fit
 * payload_mem_len. payload_mem NULL: set payload later. */
struct pbuf *pbuf_alloced_custom(pbuf_layer l, u16_t length, pbuf_type type,
                                 struct pbuf_custom *p, void *payload_mem, u16_t payload_mem_len);
/* Shrinks to size, freeing what is behind; growing is refused by assertion. */
void pbuf_realloc(struct pbuf *p, u16_t size);
#define pbuf_get_allocsrc(p) ((p)->type_internal & PBUF_TYPE_ALLOC_SRC_MASK)
#define pbuf_match_allocsrc(p, type) \
    (pbuf_get_allocsrc(p) == ((type) & PBUF_TYPE_ALLOC_SRC_MASK))
#define pbuf_match_type(p, type) pbuf_match_allocsrc(p, type)
/* Move the payload pointer: header > 0 (or add) uncovers room in front, < 0 (or remove) hides
 * bytes. 0: done; 1: not possible, nothing changed. _force also for ROM and REF. */
u8_t pbuf_header(struct pbuf *p, s16_t header_size);
u8_t pbuf_header_force(struct pbuf *p, s16_t header_size);
u8_t pbuf_add_header(struct pbuf *p, size_t header_size_increment);
u8_t pbuf_add_header_force(struct pbuf *p, size_t header_size_increment);
u8_t pbuf_remove_header(struct pbuf *p, size_t header_size);
/* Drops size bytes in front, freeing emptied pbufs; returns the new head (NULL: all gone). */
struct pbuf *pbuf_free_header(struct pbuf *q, u16_t size);
void pbuf_ref(struct pbuf *p); /* NULL is allowed */
/* Drops one reference; frees along the chain as long as counts reach 0. Returns how many pbufs
 * were freed. */
u8_t pbuf_free(struct pbuf *p);
u16_t pbuf_clen(const struct pbuf *p);
/* Appends; the caller's reference on tail goes to the chain. */
void pbuf_cat(struct pbuf *head, struct pbuf *tail);
/* Appends; the caller keeps its reference on tail. */
void pbuf_chain(struct pbuf *head, struct pbuf *tail);
/* Splits p off its tail; returns the tail if somebody else still holds it. */
struct pbuf *pbuf_dechain(struct pbuf *p);
/* All of p_from into p_to; ERR_ARG when p_to is too short. Of a queue, the first packet counts. */
err_t pbuf_copy(struct pbuf *p_to, const struct pbuf *p_from);
err_t pbuf_copy_partial_pbuf(struct pbuf *p_to, const struct pbuf *p_from, u16_t copy_len,
                             u16_t offset);
/* Bytes copied: fewer than len where the packet ends. */
u16_t pbuf_copy_partial(const struct pbuf *p, void *dataptr, u16_t len, u16_t offset);
/* A pointer to len contiguous bytes at offset: into the pbuf, or into buffer after copying there
 * (bufsize >= len); NULL when the packet is too short or a needed buffer is missing. */
void *pbuf_get_contiguous(const struct pbuf *p, void *buffer, size_t bufsize, u16_t len,
                          u16_t offset);
err_t pbuf_take(struct pbuf *buf, const void *dataptr, u16_t len);
err_t pbuf_take_at(struct pbuf *buf, const void *dataptr, u16_t len, u16_t offset);
/* The pbuf that holds byte in_offset, and the offset in it; NULL: beyond the end. */
struct pbuf *pbuf_skip(struct pbuf *in, u16_t in_offset, u16_t *out_offset);
/* One PBUF_RAM pbuf with the same bytes, p freed; p itself when it is one piece or memory is
 * short. */
struct pbuf *pbuf_coalesce(struct pbuf *p, pbuf_layer layer);
struct pbuf *pbuf_clone(pbuf_layer l, pbuf_type type, struct pbuf *p);
#if LWIP_CHECKSUM_ON_COPY
err_t pbuf_fill_chksum(struct pbuf *p, u16_t start_offset, const void *dataptr, u16_t len,
                       u16_t *chksum);
#endif
#if LWIP_TCP && TCP_QUEUE_OOSEQ && LWIP_WND_SCALE
/* Cuts a queue whose length has passed 65,535; *rest receives what is behind. */
void pbuf_split_64k(struct pbuf *p, struct pbuf **rest);
#endif

u8_t pbuf_get_at(const struct pbuf *p, u16_t offset);       /* 0 beyond the end */
int pbuf_try_get_at(const struct pbuf *p, u16_t offset);    /* -1 beyond the end */
void pbuf_put_at(struct pbuf *p, u16_t offset, u8_t data);
/* 0: equal; else 1 + the position of the first difference; 0xFFFF: not that many bytes */
u16_t pbuf_memcmp(const struct pbuf *p, u16_t offset, const void *s2, u16_t n);
u16_t pbuf_memfind(const struct pbuf *p, const void *mem, u16_t mem_len, u16_t start_offset);
u16_t pbuf_strstr(const struct pbuf *p, const char *substr); /* 0xFFFF: not found */

#ifdef __cplusplus
}
#endif

#endif
