/* harness/host/receive.c: from a frame on the wire to a pbuf that the stack owns.
 *
 * Frames are shared and immutable, pbufs may be written into: a frame is copied at the host's
 * door. */
#include "harness/host/host.h"
#include "harness/host/interface.h"
#include "harness/host/world.h"
#include "vnet/fault.h"
#include "vnet/frame.h"

#include "lwip/pbuf.h"
#include "lwip/snmp.h"
#include "lwip/stats.h"

#include <string.h>

static struct pbuf *copied(const struct host *h, const struct frame *frame)
{
    pbuf_type type = h->rx == HOST_RX_FLAT ? PBUF_RAM : PBUF_POOL;
    struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)frame->len, type);
    if (p != NULL && p->next == NULL)
        memcpy(p->payload, frame->data, frame->len);
    else if (p != NULL)
        pbuf_take(p, frame->data, (u16_t)frame->len);
    return p;
}

struct pbuf *receive_pbuf(struct host_interface *i, struct frame *frame)
{
    struct host *h = i->host;
    struct pbuf *p = copied(h, frame);
    if (p == NULL) {
        LINK_STATS_INC(link.memerr);
        LINK_STATS_INC(link.drop);
        MIB2_STATS_NETIF_INC(&i->netif, ifindiscards);
        struct sim *sim = h->world->sim;
        trace_emit(sim->trace, sim->now_ns, TRACE_FRAME_DROP, h->source, WIRE_NO_MEMORY, 0,
                   frame->data, frame->len);
    }
    frame_unref(frame);
    return p;
}
