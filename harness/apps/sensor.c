/* harness/apps/sensor.c: example program for a host: a sensor that reports readings by UDP.
 *
 * Every INTERVAL ms it takes a reading and sends it to a collector until the collector acknowledges
 * it: the first retry after RETRY ms, then after twice as long each time, at most RETRIES times;
 * then the reading is given up. A reading that is due while an older one is unacknowledged
 * replaces it. All time is lwIP's: sys_timeout().
 *
 * Messages, integers big-endian: report = 'R' u32 number u16 value; acknowledgement = 'A'
 * u32 number, to the report's source port.
 *
 * Arguments: COLLECTOR_ADDR [PORT [INTERVAL [RETRY [RETRIES]]]]; defaults 5683, 1000, 200, 4. */
#include "lockwire/app.h"

#include "lwip/ip4_addr.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"

#include <stdlib.h>

#define REPORT_LEN 7
#define ACK_LEN 5

static struct {
    struct udp_pcb *pcb;
    ip_addr_t collector;
    u16_t port;
    u32_t interval_ms, retry_ms;
    unsigned retries;
    u32_t number;     /* of the present reading, from 1 */
    u16_t value;      /* the reading */
    unsigned tries;   /* how often it was sent */
    u32_t backoff_ms; /* until it is sent again */
    u8_t waiting;     /* it is not acknowledged */
} sensor;

static void retry(void *arg);

static void send_report(void)
{
    struct pbuf *p = pbuf_alloc(PBUF_TRANSPORT, REPORT_LEN, PBUF_RAM);
    sensor.tries++;
    if (p != NULL) {
        u8_t *m = p->payload;
        m[0] = 'R';
        m[1] = (u8_t)(sensor.number >> 24);
        m[2] = (u8_t)(sensor.number >> 16);
        m[3] = (u8_t)(sensor.number >> 8);
        m[4] = (u8_t)sensor.number;
        m[5] = (u8_t)(sensor.value >> 8);
        m[6] = (u8_t)sensor.value;
        err_t err = udp_sendto(sensor.pcb, p, &sensor.collector, sensor.port);
        if (err != ERR_OK)
            app_printf("report %lu: error %d\n", (unsigned long)sensor.number, err);
        pbuf_free(p);
    }
    sys_timeout(sensor.backoff_ms, retry, NULL);
    sensor.backoff_ms *= 2;
}

static void retry(void *arg)
{
    (void)arg;
    if (sensor.tries > sensor.retries) {
        sensor.waiting = 0;
        app_printf("report %lu given up after %u tries\n", (unsigned long)sensor.number,
                   sensor.tries);
        return;
    }
    send_report();
}

/* A temperature of sorts: any function of the reading's number will do. */
static u16_t measure(u32_t number)
{
    return (u16_t)(2000 + number * 7 % 100);
}

static void take_reading(void *arg)
{
    (void)arg;
    sys_timeout(sensor.interval_ms, take_reading, NULL);
    if (sensor.waiting) {
        sys_untimeout(retry, NULL);
        app_printf("report %lu replaced\n", (unsigned long)sensor.number);
    }
    sensor.number++;
    sensor.value = measure(sensor.number);
    sensor.tries = 0;
    sensor.backoff_ms = sensor.retry_ms;
    sensor.waiting = 1;
    send_report();
}

static void got_message(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from,
                        u16_t port)
{
    u8_t m[ACK_LEN];
    (void)arg;
    (void)pcb;
    (void)port;
    u16_t len = pbuf_copy_partial(p, m, ACK_LEN, 0);
    pbuf_free(p);
    if (len != ACK_LEN || m[0] != 'A' || !ip_addr_cmp(from, &sensor.collector))
        return;
    u32_t number = (u32_t)m[1] << 24 | (u32_t)m[2] << 16 | (u32_t)m[3] << 8 | m[4];
    if (!sensor.waiting || number != sensor.number)
        return;
    sensor.waiting = 0;
    sys_untimeout(retry, NULL);
    app_printf("report %lu acknowledged after %u tries\n", (unsigned long)number, sensor.tries);
}

static u32_t number_argument(int argc, char **argv, int i, u32_t dflt)
{
    return i < argc ? (u32_t)strtoul(argv[i], NULL, 10) : dflt;
}

void app_main(int argc, char **argv)
{
    if (argc < 2 || !ipaddr_aton(argv[1], &sensor.collector)) {
        app_printf("%s: the collector's address is missing\n", argv[0]);
        return;
    }
    sensor.port = (u16_t)number_argument(argc, argv, 2, 5683);
    sensor.interval_ms = number_argument(argc, argv, 3, 1000);
    sensor.retry_ms = number_argument(argc, argv, 4, 200);
    sensor.retries = number_argument(argc, argv, 5, 4);
    sensor.pcb = udp_new();
    if (sensor.pcb == NULL || udp_bind(sensor.pcb, IP_ADDR_ANY, 0) != ERR_OK) {
        app_printf("%s: no socket\n", argv[0]);
        if (sensor.pcb != NULL)
            udp_remove(sensor.pcb);
        return;
    }
    udp_recv(sensor.pcb, got_message, NULL);
    sys_timeout(sensor.interval_ms, take_reading, NULL);
    app_printf("%s: a report every %lu ms\n", argv[0], (unsigned long)sensor.interval_ms);
}
