/* support.h: a stack for unit tests: its clock, its randomness, its memory and its wire.
 *
 *   UNIT(arp, request_for_us_is_answered)
 *   {
 *       struct support s;
 *       struct support_netif n;
 *       support_begin(&s, NULL, 0);
 *       support_netif_add(&n, 0x0a000001, 24);
 *       support_inject_hex(&n, "ffffffffffff 020000000002 0806 ...");
 *       CHECK_INT(n.sent_count, 1);
 *       support_end(&s);
 *   }
 *
 * Between support_begin() and support_end() the stack is entered and may be called. The same tests
 * run on every variant of the library: where there is one instance only (LWIP_MULTI_INSTANCE 0)
 * support_begin() starts it anew, and a configuration other than NULL is refused by the test
 * failing; such tests check SUPPORT_CONFIGURABLE first. */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "lockwire/stack.h"
#include "lwip/netif.h"
#include "lwip/opt.h"
#include "stack/core/config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUPPORT_CONFIGURABLE LWIP_MULTI_INSTANCE
#define SUPPORT_FRAMES_MAX 128
#define SUPPORT_FRAME_MAX 9216

struct support_piece;
struct support_frame;

struct support {
    struct stack *stack;  /* the instance; in single-instance builds the only one */
    uint32_t now_ms;      /* what sys_now() says */
    uint32_t random;      /* state of the instance's stream; the same from test to test */
    bool random_fixed;    /* every draw gives `random` itself */
    void *memory;         /* of the instance */
    struct support_piece *pieces; /* what env.grow gave */
    struct support_frame *frames; /* everything sent on any interface */
    size_t grown;         /* bytes of them */
    bool grow_refused;    /* set it: env.grow gives nothing more */
    unsigned drops;       /* calls of env.drop, and what the last one said */
    unsigned last_drop;
    unsigned events[STACK_EVENT_COUNT]; /* calls of env.event by kind, and the last one's values */
    uint32_t last_event_a, last_event_b;
    char diag[1024];      /* the beginning of what went to env.diag */
};

/* Makes a stack and enters it at now_ms. config NULL: the build's defaults. */
void support_begin(struct support *s, const struct stack_config *config, uint32_t now_ms);
/* The same, but the failure to make one is an answer: true when it is there. */
bool support_try_begin(struct support *s, const struct stack_config *config, uint32_t now_ms);

/* Fails the test if an object check fails, ends the stack, and fails the test if interfaces gone
 * left pbufs, pcbs or heap blocks behind. Interfaces added by support_netif_add() need not be
 * removed by the test. Single-instance: removes the interfaces, checks the same. */
void support_end(struct support *s);

/* Fails the test if an object check fails now. */
void support_check(struct support *s);

/* Lets ms milliseconds pass: timers run at their own times, loopback queues are emptied. */
void support_advance(struct support *s, uint32_t ms);

/* Milliseconds until the stack has work, as stack_next_deadline(). */
uint32_t support_next_deadline(const struct support *s);

/* How often the stack has discarded for `reason` (enum drop_reason). */
uint32_t support_drop_count(const struct support *s, unsigned reason);

/* ---- An Ethernet interface whose wire is a list ---- */

struct support_frame {
    struct support_frame *next; /* of all that were sent; freed by support_end() */
    uint32_t at_ms;
    uint16_t len;
    uint8_t data[SUPPORT_FRAME_MAX];
};

struct support_netif {
    struct netif netif;   /* first: a netif of these is its support_netif */
    unsigned sent_count;  /* frames sent since the last support_sent_clear(), unpadded */
    struct support_frame *sent[SUPPORT_FRAMES_MAX];
    err_t output_result;  /* what linkoutput answers: ERR_OK; any other: nothing is sent */
};

/* MAC 02:00:00:00:00:<num + 1>, MTU 1500, broadcast, Ethernet, ARP, IGMP; up with link, and the
 * default interface if it is the first. The frames it sends while coming up are forgotten. */
void support_netif_add(struct support_netif *n, uint32_t ip, unsigned prefix);
/* The same without bringing it up, for tests of the life cycle. Returns netif_add()'s result. */
struct netif *support_netif_add_down(struct support_netif *n, uint32_t ip, unsigned prefix);
void support_netif_remove(struct support_netif *n);
void support_sent_clear(struct support_netif *n);
/* The i-th frame sent; the test fails if there are not that many. */
const struct support_frame *support_sent(const struct support_netif *n, unsigned i);

/* A frame comes in, as one pool chain (support_inject) or in pieces of the given size, each a pbuf
 * of its own (support_inject_split). Returns what netif->input said; the pbuf is freed as a driver
 * does. The test fails when no pbuf is to be had. */
err_t support_inject(struct support_netif *n, const void *frame, size_t len);
err_t support_inject_split(struct support_netif *n, const void *frame, size_t len, size_t piece);
/* Hex digits, blanks ignored. */
err_t support_inject_hex(struct support_netif *n, const char *hex);
/* Bytes from hex digits into out; returns how many. The test fails if they are more than room. */
size_t support_hex(const char *hex, uint8_t *out, size_t room);

#endif
