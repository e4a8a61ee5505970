/* reasons.c: the names of what happens to frames; the words that traces and comments use. */
#include "vnet/fault.h"

#include <assert.h>

static const char *const reason_names[WIRE_REASONS] = {
    [WIRE_NONE] = "none",
    [WIRE_QUEUE_FULL] = "queue_full",
    [WIRE_LINK_DOWN] = "link_down",
    [WIRE_LOSS] = "loss",
    [WIRE_BURST_LOSS] = "burst_loss",
    [WIRE_FAULT_DROP] = "fault_drop",
    [WIRE_PARTITION] = "partition",
    [WIRE_DELAYED] = "delayed",
    [WIRE_DUPLICATED] = "duplicated",
    [WIRE_REORDERED] = "reordered",
    [WIRE_CORRUPTED] = "corrupted",
    [WIRE_TRUNCATED] = "truncated",
    [WIRE_SHAPED] = "shaped",
    [WIRE_NO_MEMORY] = "no_memory",
};

static const char *const kind_names[FAULT_KINDS] = {
    [FAULT_DROP] = "drop",           [FAULT_DELAY] = "delay",
    [FAULT_DUPLICATE] = "duplicate", [FAULT_REORDER] = "reorder",
    [FAULT_CORRUPT] = "corrupt",     [FAULT_TRUNCATE] = "truncate",
    [FAULT_PARTITION] = "partition", [FAULT_BURST] = "burst",
    [FAULT_RATE] = "rate",
};

const char *wire_reason_name(enum wire_reason r)
{
    assert((unsigned)r < WIRE_REASONS);
    return reason_names[r];
}

const char *fault_kind_name(enum fault_kind kind)
{
    assert((unsigned)kind < FAULT_KINDS);
    return kind_names[kind];
}
