/* Tests of stack/core/memp*.c: the pools, and the pools of applications. */
#include "core_fixture.h"

#include "lwip/memp.h"
#include "lwip/udp.h"
#include "stack/core/alloc_fault.h"

UNIT(memp, limit_is_the_configured_one_and_memory_comes_on_demand)
{
    struct stack_config c = stack_config_default;
    void *e[5];
    c.memp_num_udp_pcb = 4;
    fixture_up(&c);
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->avail, 4);
    size_t before = fixture.grown;
    for (unsigned i = 0; i < 4; i++) {
        e[i] = memp_malloc(MEMP_UDP_PCB);
        CHECK(e[i] != NULL);
        CHECK_INT((mem_ptr_t)e[i] % MEM_ALIGNMENT, 0);
        memset(e[i], (int)i, sizeof(struct udp_pcb));
        for (unsigned k = 0; k < i; k++)
            CHECK(e[k] != e[i]);
    }
    CHECK(fixture.grown > before);
    CHECK(memp_malloc(MEMP_UDP_PCB) == NULL);
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->used, 4);
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->max, 4);
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->err, 1);
    memp_free(MEMP_UDP_PCB, e[2]);
    CHECK(memp_malloc(MEMP_UDP_PCB) == e[2]);
    for (unsigned i = 0; i < 4; i++)
        memp_free(MEMP_UDP_PCB, e[i]);
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->used, 0);
    memp_free(MEMP_UDP_PCB, NULL);
    fixture_down();
}

UNIT(memp, pool_of_no_elements_is_always_empty)
{
    struct stack_config c = stack_config_default;
    c.memp_num_raw_pcb = 0;
    fixture_up(&c);
    CHECK(memp_malloc(MEMP_RAW_PCB) == NULL);
    CHECK_INT(lwip_stats.memp[MEMP_RAW_PCB]->err, 1);
    fixture_down();
}

UNIT(memp, host_without_memory_is_an_empty_pool)
{
    fixture_up(NULL);
    fixture.grow_left = 0;
    while (memp_malloc(MEMP_PBUF_POOL) != NULL)
        ;
    CHECK_INT(lwip_stats.memp[MEMP_PBUF_POOL]->err, 1);
    fixture.grow_left = 1u << 20;
    CHECK(memp_malloc(MEMP_PBUF_POOL) != NULL);
    fixture_abandon();
}

UNIT(memp, second_and_foreign_frees_are_counted_and_left_alone)
{
    u8_t here[256];
    fixture_up(NULL);
    void *p = memp_malloc(MEMP_PBUF), *q = memp_malloc(MEMP_UDP_PCB);
    memp_free(MEMP_PBUF, p);
    PANICS(memp_free(MEMP_PBUF, p));
    CHECK_INT(lwip_stats.memp[MEMP_PBUF]->illegal, 1);
    PANICS(memp_free(MEMP_UDP_PCB, here));
    PANICS(memp_free(MEMP_UDP_PCB, (u8_t *)q + 1));
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->illegal, 2);
    CHECK_INT(lwip_stats.memp[MEMP_UDP_PCB]->used, 1);
    memp_free(MEMP_UDP_PCB, q);
    fixture_down();
}

UNIT(memp, write_to_a_free_element_is_found_by_the_check)
{
    fixture_up(NULL);
    void **p = memp_malloc(MEMP_PBUF);
    memp_free(MEMP_PBUF, p);
    void *kept = p[1];
    p[1] = NULL;
    CHECK(stack_check(fixture.s) != NULL);
    p[1] = kept;
    kept = p[0];
    p[0] = &kept;
    CHECK(stack_check(fixture.s) != NULL);
    p[0] = kept;
    fixture_down();
}

UNIT(memp, leak_report_names_pool_and_count)
{
    char text[64];
    fixture_up(NULL);
    void *p = memp_malloc(MEMP_UDP_PCB), *q = memp_malloc(MEMP_UDP_PCB), *r = mem_malloc(5);
    CHECK_INT(stack_report_leaks(fixture.s, text, sizeof text), 3);
    CHECK(strcmp(text, "UDP_PCB 2\nHEAP 1\n") == 0);
    CHECK_INT(stack_report_leaks(fixture.s, text, 12), 3);
    CHECK(strcmp(text, "UDP_PCB 2\n") == 0);
    CHECK_INT(stack_report_leaks(fixture.s, text, 5), 3);
    CHECK(text[0] == '\0');
    CHECK_INT(stack_report_leaks(fixture.s, NULL, 0), 3);
    memp_free(MEMP_UDP_PCB, p);
    memp_free(MEMP_UDP_PCB, q);
    mem_free(r);
    fixture_down();
}

UNIT(memp, descriptions_say_what_the_pools_hold)
{
    CHECK_INT(memp_pools[MEMP_UDP_PCB]->size, LWIP_MEM_ALIGN_SIZE(sizeof(struct udp_pcb)));
    CHECK_INT(memp_pools[MEMP_UDP_PCB]->num, MEMP_NUM_UDP_PCB);
    CHECK_INT(memp_pools[MEMP_PBUF]->size, LWIP_MEM_ALIGN_SIZE(sizeof(struct pbuf)));
    CHECK_INT(memp_pools[MEMP_PBUF_POOL]->num, PBUF_POOL_SIZE);
    for (unsigned i = 0; i < MEMP_MAX; i++)
        CHECK(memp_pools[i] != NULL && memp_pools[i]->size > 0);
}

LWIP_MEMPOOL_DECLARE(colours, 3, 5, "colours")

UNIT(memp, applications_own_pool_works_without_an_instance)
{
    u8_t *e[3];
    LWIP_MEMPOOL_INIT(colours);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 3; i++) {
            e[i] = LWIP_MEMPOOL_ALLOC(colours);
            CHECK(e[i] != NULL);
            CHECK_INT((mem_ptr_t)e[i] % MEM_ALIGNMENT, 0);
            memset(e[i], 0xFF, 5);
        }
        CHECK(LWIP_MEMPOOL_ALLOC(colours) == NULL);
        CHECK_INT(memp_colours.stats->used, 3);
        for (unsigned i = 0; i < 3; i++)
            LWIP_MEMPOOL_FREE(colours, e[i]);
        LWIP_MEMPOOL_FREE(colours, NULL);
        CHECK_INT(memp_colours.stats->used, 0);
    }
    CHECK_INT(memp_colours.stats->max, 3);
    CHECK_INT(memp_colours.stats->err, 2);
}
