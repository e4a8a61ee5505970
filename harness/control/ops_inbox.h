/* harness/control/ops_inbox.h: an object's inbox as a reply. */
#ifndef HARNESS_CONTROL_OPS_INBOX_H
#define HARNESS_CONTROL_OPS_INBOX_H

#include "harness/control/request.h"
#include "harness/host/inbox.h"

enum reply_form {
    REPLY_DATAGRAM, /* addr, port, dst, ttl, tos, data */
    REPLY_ECHO      /* rtt_ns, from, ttl, data */
};

/* Takes the oldest item out and describes it; "empty": true when there is none. */
void reply_item(struct request *r, struct inbox *in, enum reply_form form);

#endif
