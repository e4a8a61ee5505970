/* Tests of stack/tcp/isn_half.c. Empty where it is; unit.stack_events runs them. */
#include "tcp_lwip.h"

#if TCP_ISN_HASH && !TCP_ISN_SIPHASH

#include "stack/tcp/isn.h"

/* Key 00 01 .. 07, input 00 01 02 .. of so many bytes: the authors' values. */
UNIT(tcp_isn_half, half_siphash_has_its_published_values)
{
    static const u32_t key[2] = {0x03020100, 0x07060504};
    static const u32_t last[] = {0, 0x01000000, 0x02000100, 0x03020100};
    static const u32_t values[] = {0x5b9f35a9, 0xb85a4727, 0x03a662fa, 0x04e7fe8a};
    for (unsigned n = 0; n < LWIP_ARRAYSIZE(values); n++)
        CHECK_INT(tcp_isn_halfsiphash(key, &last[n], 1), values[n]);
}

UNIT(tcp_isn_half, initial_sequence_numbers_depend_on_all_of_both_ends)
{
    struct tcp_pcb pcb;
    lw_up(NULL);
    memset(&pcb, 0, sizeof pcb);
    ip_addr_copy(pcb.local_ip, lw.local);
    ip_addr_copy(pcb.remote_ip, lw.remote);
    pcb.local_port = LOCAL_PORT;
    pcb.remote_port = REMOTE_PORT;
    u32_t one = tcp_isn_choose(&pcb);
    CHECK_INT(tcp_isn_choose(&pcb), one);
    pcb.local_port++;
    u32_t two = tcp_isn_choose(&pcb);
    pcb.local_port--;
    pcb.remote_port++;
    u32_t three = tcp_isn_choose(&pcb);
    pcb.remote_port--;
    CHECK(one != two && two != three && one != three);
    CHECK_INT(tcp_isn_choose(&pcb), one);
    lw_down();
}

#endif
