/* resend.c: sends one buffer several times while its destination is still being asked for; for the
 * museum.
 *
 * Arguments: KIND ADDRESS TIMES; the buffer holds 100 bytes, 0, 1, 2 ...; a datagram goes to port
 * 9 each time. KIND: rom (constant memory), ram (heap, without room for headers), chain (two pieces
 * of heap). A datagram to its own port 9 asks how the buffer is now. */
#include "lockwire/app.h"

#include "lwip/ip4_addr.h"
#include "lwip/pbuf.h"
#include "lwip/udp.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 100

static u8_t bytes[SIZE];
static struct pbuf *buffer;

static struct pbuf *make(const char *kind)
{
    struct pbuf *p;
    if (strcmp(kind, "rom") == 0) {
        p = pbuf_alloc(PBUF_RAW, SIZE, PBUF_ROM);
        if (p != NULL)
            p->payload = bytes;
        return p;
    }
    if (strcmp(kind, "ram") == 0) {
        p = pbuf_alloc(PBUF_RAW, SIZE, PBUF_RAM);
    } else {
        p = pbuf_alloc(PBUF_RAW, SIZE / 4, PBUF_RAM);
        struct pbuf *tail = pbuf_alloc(PBUF_RAW, SIZE - SIZE / 4, PBUF_RAM);
        if (p != NULL && tail != NULL)
            pbuf_cat(p, tail);
    }
    if (p != NULL)
        pbuf_take(p, bytes, SIZE);
    return p;
}

static void tell(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *from, u16_t port)
{
    u8_t now[SIZE];
    (void)arg, (void)pcb, (void)from, (void)port;
    pbuf_free(p);
    u16_t got = pbuf_copy_partial(buffer, now, SIZE, 0);
    bool intact = got == SIZE && buffer->tot_len == SIZE && memcmp(now, bytes, SIZE) == 0;
    app_printf("%s, references: %d\n", intact ? "intact" : "spoilt", buffer->ref);
}

void app_main(int argc, char **argv)
{
    ip_addr_t to;
    struct udp_pcb *pcb = udp_new();
    for (unsigned i = 0; i < SIZE; i++)
        bytes[i] = (u8_t)i;
    if (argc != 4 || !ipaddr_aton(argv[2], &to) || pcb == NULL)
        return;
    buffer = make(argv[1]);
    if (buffer != NULL && udp_bind(pcb, IP_ADDR_ANY, 9) == ERR_OK)
        udp_recv(pcb, tell, NULL);
    for (int n = atoi(argv[3]); n > 0 && buffer != NULL; n--)
        app_printf("sent: %d\n", udp_sendto(pcb, buffer, &to, 9));
}

void app_exit(void)
{
    if (buffer != NULL)
        pbuf_free(buffer);
}
