/* Tests of stack/tcp/ports.c. */
#include "core_fixture.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/tcp/ports.h"

#define FIRST TCP_LOCAL_PORT_RANGE_START
#define LAST TCP_LOCAL_PORT_RANGE_END
#define COUNT (LAST - FIRST + 1)

static struct tcp_pcb *pcbs;
static struct tcp_pcb_listen listener;

static void begin(u32_t port_first)
{
    struct stack_config c = stack_config_default;
    c.tcp_port_first = port_first;
    fixture_up(&c);
    pcbs = calloc(COUNT, sizeof *pcbs);
}

static void end(void)
{
    tcp_bound_pcbs = tcp_active_pcbs = tcp_tw_pcbs = NULL;
    tcp_listen_pcbs.pcbs = NULL;
    fixture_down();
    free(pcbs);
}

static void put(struct tcp_pcb **list, u32_t i, u32_t port)
{
    pcbs[i].local_port = (u16_t)port;
    TCP_REG(list, &pcbs[i]);
}

UNIT(tcp_ports, starts_are_random_and_in_the_range) /* [RFC6056 3.3.1] */
{
    begin(0);
    for (u32_t i = 0; i < 100; i++) { /* the fixture's stream counts: 16384 would be the range */
        fixture.random = i * 7919;
        u16_t port = tcp_port_choose();
        CHECK(port >= FIRST);
        CHECK_INT(port, FIRST + (i * 7919 + 1) % COUNT);
    }
    end();
}

UNIT(tcp_ports, those_of_any_list_are_passed_over)
{
    begin(0);
    put(&tcp_bound_pcbs, 0, 50000);
    put(&tcp_active_pcbs, 1, 50001);
    put(&tcp_tw_pcbs, 2, 50002);
    listener.local_port = 50003;
    listener.next = NULL;
    tcp_listen_pcbs.listen_pcbs = &listener;
    fixture.random = 50000 - FIRST - 1;
    CHECK_INT(tcp_port_choose(), 50004);
    fixture.random = 50002 - FIRST - 1;
    CHECK_INT(tcp_port_choose(), 50004);
    fixture.random = 49999 - FIRST - 1;
    CHECK_INT(tcp_port_choose(), 49999);
    end();
}

UNIT(tcp_ports, the_search_goes_round_at_the_end)
{
    begin(0);
    for (u32_t i = 0; i < 40; i++)
        put(&tcp_active_pcbs, i, LAST - i);
    for (u32_t i = 0; i < 40; i++)
        put(&tcp_tw_pcbs, 40 + i, FIRST + i);
    fixture.random = COUNT - 20 - 1;
    CHECK_INT(tcp_port_choose(), FIRST + 40);
    end();
}

UNIT(tcp_ports, the_last_free_port_is_found_and_then_none)
{
    begin(0);
    for (u32_t i = 0; i < COUNT; i++) {
        if (i != 5000)
            put(i % 2 ? &tcp_bound_pcbs : &tcp_active_pcbs, i, FIRST + i);
    }
    static const u32_t starts[] = {0, 4999, 5000, 5001, COUNT - 1};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        fixture.random = starts[i] - 1;
        CHECK_INT(tcp_port_choose(), FIRST + 5000);
    }
    put(&tcp_active_pcbs, 5000, FIRST + 5000);
    CHECK_INT(tcp_port_choose(), 0);
    end();
}

static u16_t choose_from(u32_t port)
{
    fixture.random = port - FIRST - 1;
    return tcp_port_choose();
}

/* What is remembered of ports is one bit for every so many: two of them look alike. */
UNIT(tcp_ports, one_that_only_looks_taken_is_given_out)
{
    begin(0);
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_bind(pcb, IP_ANY_TYPE, 50000), ERR_OK);
    CHECK_INT(choose_from(50000 + TCP_PORTS_SEEN), 50000 + TCP_PORTS_SEEN);
    CHECK_INT(choose_from(50000), 50001);
    tcp_abort(pcb);
    end();
}

UNIT(tcp_ports, one_that_is_free_again_is_given_out)
{
    begin(0);
    struct tcp_pcb *pcb = tcp_new(), *other = tcp_new();
    CHECK_INT(tcp_bind(pcb, IP_ANY_TYPE, 50000), ERR_OK);
    CHECK_INT(tcp_bind(other, IP_ANY_TYPE, 50001), ERR_OK);
    CHECK_INT(choose_from(50000), 50002);
    tcp_abort(pcb);
    CHECK_INT(choose_from(50000), 50000);
    CHECK_INT(choose_from(50001), 50002);
    tcp_abort(other);
    CHECK_INT(choose_from(50001), 50001);
    end();
}

/* The port of a pcb that was put on a list before it had one, and of a listener, whose pcb went
 * with the port that it was bound to. */
UNIT(tcp_ports, one_written_by_hand_is_passed_over)
{
    begin(0);
    TCP_REG_ACTIVE(&pcbs[0]);
    pcbs[0].state = ESTABLISHED;
    pcbs[0].local_port = 50000;
    CHECK_INT(choose_from(50000), 50001);
    TCP_RMV_ACTIVE(&pcbs[0]);
    CHECK_INT(choose_from(50000), 50000);
    struct tcp_pcb *pcb = tcp_new();
    CHECK_INT(tcp_bind(pcb, IP_ANY_TYPE, 50007), ERR_OK);
    struct tcp_pcb *listening = tcp_listen(pcb);
    CHECK_INT(choose_from(50007), 50008);
    CHECK_INT(tcp_close(listening), ERR_OK);
    CHECK_INT(choose_from(50007), 50007);
    end();
}

UNIT(tcp_ports, the_option_makes_a_sequence)
{
    begin(60000);
    put(&tcp_bound_pcbs, 0, 60001);
    CHECK_INT(tcp_port_choose(), 60000);
    CHECK_INT(tcp_port_choose(), 60002);
    CHECK_INT(tcp_port_choose(), 60003);
    STACK->tcp.port_last = LAST - 1;
    CHECK_INT(tcp_port_choose(), LAST);
    CHECK_INT(tcp_port_choose(), FIRST);
    end();
}

UNIT(tcp_ports, the_option_may_point_out_of_the_range)
{
    begin(1000);
    CHECK_INT(tcp_port_choose(), 1000);
    CHECK_INT(tcp_port_choose(), 1001);
    STACK->tcp.port_last = FIRST - 1;
    for (u32_t i = 0; i < COUNT; i++)
        put(&tcp_bound_pcbs, i, FIRST + i);
    CHECK_INT(tcp_port_choose(), 0);
    CHECK_INT(STACK->tcp.port_last, FIRST - 1);
    end();
}
