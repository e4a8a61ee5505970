/* harness/host/tcp_log.c */
#include "harness/host/tcp_log.h"

#include "sim/arena.h"

#include <string.h>

#define FIRST_ROOM 8u

static const char *const names[TCP_LOG_KINDS] = {
    [TCP_LOG_CONNECTED] = "connected", [TCP_LOG_ACCEPT] = "accept", [TCP_LOG_RECV] = "recv",
    [TCP_LOG_REFUSED] = "refused",     [TCP_LOG_SENT] = "sent",     [TCP_LOG_POLL] = "poll",
    [TCP_LOG_CLOSED] = "closed",       [TCP_LOG_ERROR] = "error",   [TCP_LOG_URGENT] = "urgent",
    [TCP_LOG_SOFT] = "soft"};

const char *tcp_log_name(enum tcp_log_kind kind)
{
    return names[kind];
}

static struct tcp_log_entry *next_entry(struct tcp_log *log)
{
    if (log->count < log->room)
        return &log->entries[log->count++];
    if (log->count >= TCP_LOG_MAX)
        return NULL;
    uint32_t room = log->room == 0 ? FIRST_ROOM : 2 * log->room;
    struct tcp_log_entry *entries = arena_alloc(room * sizeof *entries);
    if (entries == NULL)
        return NULL;
    if (log->count > 0)
        memcpy(entries, log->entries, log->count * sizeof *entries);
    arena_free(log->entries, log->room * sizeof *entries);
    log->entries = entries;
    log->room = room;
    return &log->entries[log->count++];
}

void tcp_log_put(struct tcp_log *log, const struct tcp_log_entry *entry)
{
    struct tcp_log_entry *e = next_entry(log);
    if (e != NULL)
        *e = *entry;
    else
        log->lost++;
}

void tcp_log_free(struct tcp_log *log)
{
    arena_free(log->entries, log->room * sizeof *log->entries);
    *log = (struct tcp_log){0};
}
