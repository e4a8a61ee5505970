/* core/config.c: see config.h. */
#include "stack/core/config.h"

#include "lwip/arch.h"
#include "lwip/pbuf.h"

#include <string.h>

struct row {
    const char *name;
    size_t offset;
    uint32_t min, max;
};

static const struct row rows[] = {
#define STACK_OPTION(name, dflt, min, max)                                                         \
    {#name, offsetof(struct stack_config, name), (min), (max)},
#include "stack/core/config.def"
#undef STACK_OPTION
};

#define ROWS (sizeof rows / sizeof rows[0])

enum stack_config_result stack_config_set(struct stack_config *c, const char *name, uint64_t value,
                                          uint32_t *min, uint32_t *max)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) != 0)
            continue;
        if (value < rows[i].min || value > rows[i].max) {
            *min = rows[i].min;
            *max = rows[i].max;
            return STACK_CONFIG_RANGE;
        }
        uint32_t v = (uint32_t)value;
        memcpy((uint8_t *)c + rows[i].offset, &v, sizeof v);
        return STACK_CONFIG_OK;
    }
    return STACK_CONFIG_UNKNOWN;
}

const char *stack_config_get(const struct stack_config *c, size_t i, uint32_t *value)
{
    if (i >= ROWS)
        return NULL;
    memcpy(value, (const uint8_t *)c + rows[i].offset, sizeof *value);
    return rows[i].name;
}

/* NULL, or which of TCP's options asks for code that this build has not got. */
static const char *tcp_left_out(const struct stack_config *c)
{
    if (!LWIP_TCP_CUBIC && c->tcp_cc != 0)
        return "tcp_cc is 1 and LWIP_TCP_CUBIC 0: CUBIC is not compiled in";
    if (!LWIP_WND_SCALE && c->lwip_wnd_scale != 0)
        return "lwip_wnd_scale is 1 and LWIP_WND_SCALE 0: window scaling is not compiled in";
    if (!TCP_QUEUE_OOSEQ && c->tcp_queue_ooseq != 0)
        return "tcp_queue_ooseq is 1 and TCP_QUEUE_OOSEQ 0: reassembly is not compiled in";
    if (!LWIP_TCP_SACK_OUT && c->lwip_tcp_sack_out != 0)
        return "lwip_tcp_sack_out is 1 and LWIP_TCP_SACK_OUT 0: SACK blocks are not compiled in";
    if (!LWIP_TCP_ICMP_ERRORS && c->lwip_tcp_pmtud != 0)
        return "lwip_tcp_pmtud is 1 and LWIP_TCP_ICMP_ERRORS 0: ICMP errors are not compiled in";
    return NULL;
}

/* A pool of no elements or a limit below another is no contradiction: scenarios want to see what
 * happens then. */
const char *stack_config_check(const struct stack_config *c)
{
    const uint32_t headers = PBUF_LINK_ENCAPSULATION_HLEN + PBUF_LINK_HLEN + PBUF_IP_HLEN +
                             PBUF_TRANSPORT_HLEN;
    if (LWIP_MEM_ALIGN_SIZE(c->pbuf_pool_bufsize) <= LWIP_MEM_ALIGN_SIZE(headers))
        return "pbuf_pool_bufsize has no room for data behind link, IP and transport headers";
    if (LWIP_MEM_ALIGN_SIZE(c->pbuf_pool_bufsize) > 65535u)
        return "pbuf_pool_bufsize is more than 65535 once it is aligned";
    if (LWIP_TCP && c->tcp_wnd < c->tcp_mss)
        return "tcp_wnd is less than tcp_mss: no full segment could ever be received";
    if (LWIP_TCP && c->tcp_rto_min_ms > c->tcp_rto_max_ms)
        return "tcp_rto_min_ms is more than tcp_rto_max_ms";
    return LWIP_TCP ? tcp_left_out(c) : NULL;
}
