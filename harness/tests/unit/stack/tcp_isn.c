/* Tests of stack/tcp/isn.c. */
#include "core_fixture.h"

#include "lwip/priv/tcp_priv.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/timer.h"

static struct tcp_pcb pcb;

static void begin(const struct stack_config *c, u32_t now)
{
    fixture_up_at(c, now);
    memset(&pcb, 0, sizeof pcb);
    ip4_addr_set_u32(&pcb.local_ip, lwip_htonl(0x0a000001));
    ip4_addr_set_u32(&pcb.remote_ip, lwip_htonl(0x0a000002));
    pcb.local_port = 50000;
    pcb.remote_port = 80;
}

/* From the paper and its reference program: key 00 01 .. 0f, input 00 01 .. of n bytes. */
UNIT(tcp_isn, siphash_gives_the_published_values)
{
    static const struct {
        size_t n;
        uint64_t hash;
    } vectors[] = {
        {0, 0x726fdb47dd0e0e31u}, {1, 0x74f839c593dc67fdu},  {2, 0x0d6c8009d9a94f5au},
        {3, 0x85676696d7fb7e2du}, {7, 0xab0200f58b01d137u},  {8, 0x93f5f5799a932462u},
        {9, 0x9e0082df0ba9e4b0u}, {15, 0xa129ca6149be45e5u}, {63, 0x958a324ceb064572u},
    };
    const uint64_t key[2] = {0x0706050403020100u, 0x0f0e0d0c0b0a0908u};
    u8_t input[64];
    for (u8_t i = 0; i < sizeof input; i++)
        input[i] = i;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        uint64_t hash = tcp_isn_siphash(key, input, vectors[i].n);
        CHECKF(hash == vectors[i].hash, "%zu bytes", vectors[i].n);
    }
}

UNIT(tcp_isn, goes_on_by_250_in_a_millisecond) /* [RFC9293 3.4.1 MUST-8], [RFC6528 3] */
{
    begin(NULL, 1000);
    u32_t isn = tcp_isn_choose(&pcb);
    CHECK_INT(tcp_isn_choose(&pcb), isn);
    fixture_clock(1001);
    SHOWS("RQ-6528-01", tcp_isn_choose(&pcb) == isn + 250);
    fixture_clock(101000);
    SHOWS("RQ-6528-03", tcp_next_iss(&pcb) == isn + 100000 * 250);
    fixture_down();
}

UNIT(tcp_isn, rises_past_the_wrap_of_the_clock)
{
    begin(NULL, 0xffffffffu);
    u32_t isn = tcp_isn_choose(&pcb);
    fixture_clock(9);
    CHECK_INT(tcp_isn_choose(&pcb), isn + 2500);
    fixture_down();
}

UNIT(tcp_isn, each_part_of_the_addresses_counts)
{
    begin(NULL, 0);
    u32_t isn[5], offset[5];
    for (int i = 0; i < 5; i++) {
        struct tcp_pcb other = pcb;
        other.local_port = (u16_t)(50000 + (i == 1));
        other.remote_port = (u16_t)(80 + (i == 2));
        ip4_addr_set_u32(&other.local_ip, lwip_htonl(0x0a000001u + (i == 3)));
        ip4_addr_set_u32(&other.remote_ip, lwip_htonl(0x0a000002u + (i == 4)));
        isn[i] = tcp_isn_choose(&other);
        offset[i] = tcp_isn_timestamp_offset(&other);
        CHECK(isn[i] != offset[i]);
        for (int k = 0; k < i; k++) {
            CHECKF(isn[i] != isn[k], "%d %d", i, k);
            CHECKF(offset[i] != offset[k], "%d %d", i, k);
        }
    }
    fixture_down();
}

UNIT(tcp_isn, another_life_has_another_secret) /* [RFC6528 3] */
{
    u32_t isn[4];
    for (u32_t i = 0; i < 4; i++) {
        begin(NULL, 0);
        fixture.random = i * 1000;
        tcp_isn_init();
        isn[i] = tcp_isn_choose(&pcb);
        for (u32_t k = 0; k < i; k++)
            SHOWS("RQ-6528-02", isn[i] != isn[k]);
        fixture_down();
    }
}

UNIT(tcp_isn, the_option_makes_a_sequence)
{
    struct stack_config c = stack_config_default;
    c.tcp_isn = 0xffffffffu; /* 0xfffffffe is the first */
    begin(&c, 12345);
    CHECK_INT(tcp_isn_choose(&pcb), 0xfffffffeu);
    fixture_clock(99999);
    CHECK_INT(tcp_isn_choose(&pcb), 63998);
    CHECK_INT(tcp_next_iss(&pcb), 127998);
    fixture_down();
}

UNIT(tcp_isn, timestamp_offsets_stay_with_their_addresses) /* [RFC7323 7.1] */
{
    struct stack_config c = stack_config_default;
    c.tcp_timestamp_offset = 1;
    c.tcp_ts_start = 0;
    begin(&c, 0);
    u32_t offset = tcp_isn_timestamp_offset(&pcb);
    CHECK(offset != 0);
    fixture_clock(100000);
    CHECK_INT(tcp_isn_timestamp_offset(&pcb), offset);
    fixture_down();
    c.tcp_timestamp_offset = 0;
    begin(&c, 0);
    CHECK_INT(tcp_isn_timestamp_offset(&pcb), 0);
    fixture_down();
}

UNIT(tcp_isn, the_option_says_the_first_timestamp)
{
    struct stack_config c = stack_config_default;
    c.tcp_ts_start = 0xffffff00u;
    begin(&c, 7000);
    CHECK_INT((u32_t)(tcp_now() + tcp_isn_timestamp_offset(&pcb)), 0xfffffeffu);
    fixture_clock(7100);
    pcb.local_port++;
    CHECK_INT((u32_t)(tcp_now() + tcp_isn_timestamp_offset(&pcb)), 0xffffff63u);
    fixture_down();
}
