/* tcp_small.c: what TCP does in other ways where it has to be small: HalfSipHash, and lists instead
 * of a hash, a heap and a map of ports (tcp_lwip.h). Empty on other builds; unit.stack_small_tcp
 * runs it. */
#include "tcp_lwip.h"

#if !TCP_HASH_SIZE && !TCP_ISN_SIPHASH

#include "stack/tcp/due.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/ports.h"
#include "stack/tcp/timer.h"

/* Key 00 01 .. 07, input 00 01 02 .. of so many bytes: the authors' values. */
UNIT(tcp_small, half_siphash_has_its_published_values)
{
    static const u32_t key[2] = {0x03020100, 0x07060504};
    static const u32_t last[] = {0, 0x01000000, 0x02000100, 0x03020100};
    static const u32_t values[] = {0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a};
    for (unsigned n = 0; n < LWIP_ARRAYSIZE(values); n++)
        CHECK_INT(tcp_isn_halfsiphash(key, &last[n], 1), values[n]);
}

UNIT(tcp_small, initial_sequence_numbers_depend_on_all_of_both_ends)
{
    lw_up(NULL);
    struct tcp_pcb *pcb = lw_pcb(ESTABLISHED);
    u32_t one = tcp_isn_choose(pcb);
    CHECK_INT(tcp_isn_choose(pcb), one);
    pcb->local_port++;
    u32_t two = tcp_isn_choose(pcb);
    pcb->local_port--;
    pcb->remote_port++;
    u32_t three = tcp_isn_choose(pcb);
    pcb->remote_port--;
    CHECK(one != two && two != three && one != three);
    CHECK_INT(tcp_isn_choose(pcb), one);
    lw_down();
}

UNIT(tcp_small, a_free_port_is_found_past_those_in_use_and_round_the_end)
{
    static const u16_t used[] = {80, 81, 0xffff, TCP_LOCAL_PORT_RANGE_START};
    lw_up(NULL);
    for (unsigned i = 0; i < LWIP_ARRAYSIZE(used); i++)
        CHECK_INT(tcp_bind(tcp_new(), &lw.local, used[i]), ERR_OK);
    struct tcp_pcb *listens = tcp_new();
    CHECK_INT(tcp_bind(listens, &lw.local, TCP_LOCAL_PORT_RANGE_START + 1), ERR_OK);
    CHECK(tcp_listen(listens) != NULL);
    CHECK_INT(tcp_port_first_free(80), 82);
    CHECK_INT(tcp_port_first_free(79), 79);
    CHECK_INT(tcp_port_first_free(0xffff), TCP_LOCAL_PORT_RANGE_START + 2);
    for (unsigned i = 0; i < 4; i++) {
        struct tcp_pcb *pcb = tcp_new();
        CHECK_INT(tcp_bind(pcb, &lw.local, 0), ERR_OK);
        CHECK(pcb->local_port >= TCP_LOCAL_PORT_RANGE_START);
        struct tcp_pcb *again = tcp_new();
        CHECK_INT(tcp_bind(again, &lw.local, pcb->local_port), ERR_USE);
        tcp_abort(again);
    }
    lw_down();
}

UNIT(tcp_small, the_earliest_timer_of_all_connections_is_due_first)
{
    lw_up(NULL);
    struct tcp_pcb *early = lw_pcb(ESTABLISHED), *late = lw_pcb(TIME_WAIT);
    CHECK(tcp_due_expired() == NULL);
    tcp_timer_start(late, TCP_TIMER_STATE, 2000);
    tcp_timer_start(early, TCP_TIMER_RETRY, 700);
    support_check(&lw.s);
    CHECK_INT(tcp_due_expired() == NULL, 1);
    tcp_timer_start(late, TCP_TIMER_RETRY, 250);
    support_check(&lw.s); /* the ticker follows: see due_list.c */
    tcp_timer_stop(late, TCP_TIMER_RETRY);
    support_check(&lw.s);
    support_advance(&lw.s, 1000);
    CHECK(!tcp_timer_runs(early, TCP_TIMER_RETRY) && tcp_timer_runs(late, TCP_TIMER_STATE));
    support_advance(&lw.s, 1500);
    CHECK(tcp_tw_pcbs == NULL && tcp_active_pcbs == early);
    lw_down();
}

#endif
