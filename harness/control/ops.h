/* harness/control/ops.h: one handler per command; ops.def lists them, PROTOCOL.md says what they
 * do. A handler reads its members, asks request_ok(), then acts and fills the reply. */
#ifndef HARNESS_CONTROL_OPS_H
#define HARNESS_CONTROL_OPS_H

#include "harness/control/request.h"

#define OP(number, name, traced) void op_##name(struct request *r);
#include "harness/control/ops.def"
#undef OP

#endif
