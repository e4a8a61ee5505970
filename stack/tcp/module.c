/* tcp/module.c: TCP as part of an instance. */
#include "stack/core/modules.h"

#include "stack/core/instance.h"

#if LWIP_TCP

#include "stack/tcp/due.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/tcp_local.h"

/* Where pcbs come from the heap no option limits them; a walk in a ring has to end all the same. */
#define PCBS_MAX 65536u

static void give_up_buffers(void)
{
    (void)tcp_give_up_ooseq();
}

void tcp_init(void)
{
    tcp_isn_init();
    tcp_timers_init();
}

void tcp_module_init(void)
{
    STACK->tcp = (struct tcp_instance){.holds = NULL};
    STACK->pub.tcp_bound_pcbs_ = STACK->pub.tcp_active_pcbs_ = STACK->pub.tcp_tw_pcbs_ = NULL;
    STACK->pub.tcp_listen_pcbs_.pcbs = NULL;
    tcp_init();
    if (TCP_QUEUE_OOSEQ)
        pbuf_give_up_register(give_up_buffers);
}

static void free_all(struct tcp_pcb **list)
{
    while (*list != NULL)
        tcp_pcb_free_quietly(*list);
}

void tcp_module_fini(void)
{
    free_all(&STACK->pub.tcp_active_pcbs_);
    free_all(&STACK->pub.tcp_tw_pcbs_);
    free_all(&STACK->pub.tcp_bound_pcbs_);
    while (STACK->pub.tcp_listen_pcbs_.listen_pcbs != NULL)
        tcp_listener_free(STACK->pub.tcp_listen_pcbs_.listen_pcbs);
    ticker_stop(&STACK->tcp.ticker);
}

static const char *check_list(const struct tcp_pcb *pcb, u32_t limit)
{
    const char *wrong = NULL;

    for (u32_t n = 0; pcb != NULL && wrong == NULL; pcb = pcb->next) {
        if (++n > limit)
            return "tcp: a pcb list is longer than the pool, or a ring";
        if (pcb->at == NULL || *pcb->at != pcb)
            return "tcp: a pcb does not know its place on its list (was it put there by hand?)";
        wrong = tcp_pcb_check(pcb);
    }
    return wrong;
}

const char *tcp_module_check(void)
{
    const struct tcp_pcb *const lists[] = {STACK->pub.tcp_bound_pcbs_,
                                           STACK->pub.tcp_active_pcbs_, STACK->pub.tcp_tw_pcbs_};
    const char *wrong = NULL;

    if (STACK->tcp.holds != NULL)
        return "tcp: a hold on a pcb has not ended";
    for (unsigned i = 0; i < sizeof lists / sizeof lists[0] && wrong == NULL; i++)
        wrong = check_list(lists[i], MEMP_MEM_MALLOC ? PCBS_MAX : CFG(memp_num_tcp_pcb));
    return wrong != NULL ? wrong : tcp_due_check();
}

#else

void tcp_module_init(void)
{
}

void tcp_module_fini(void)
{
}

const char *tcp_module_check(void)
{
    return NULL;
}

#endif
