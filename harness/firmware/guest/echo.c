/* harness/firmware/guest/echo.c: a small network application without an operating system, on lwIP's
 * RAW API: UDP echo (port 7, RFC 862), UDP discard (9, RFC 863), TCP echo (7), a page by HTTP (80).
 *
 * The main loop does what is due and sleeps until an interrupt or the next timeout. */
#include "harness/firmware/guest/board.h"
#include "harness/firmware/guest/device.h"
#include "harness/firmware/guest/services.h"
#include "stack/drivers/bus.h"
#include "stack/drivers/lpc2468_ethernetif.h"

#include "lwip/init.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#define INT_EINT0 14u
#define INT_ETHERNET 21u

static struct bus bus;
static struct lpc2468_ethernetif ethernet = {
    .bus = &bus, .emac = {.interrupts = true}, .phy = {.interrupt = true}};
static struct netif netif;
static volatile uint32_t due; /* an interrupt asked for poll() */

static void ethernet_interrupt(void)
{
    if (lpc2468_ethernetif_interrupt(&ethernet) != 0)
        due = 1;
}

static void phy_interrupt(void)
{
    board_eint0_done();
    lpc2468_ethernetif_phy_interrupt(&ethernet);
    due = 1;
}

static void link_changed(struct netif *n)
{
    if (!netif_is_link_up(n)) {
        board_print("link down\n");
        return;
    }
    board_print("link up ");
    board_print_number(ethernet.transceiver.link.mbps);
    board_print(ethernet.transceiver.link.full_duplex ? " full duplex\n" : " half duplex\n");
}

static void start_network(void)
{
    ip4_addr_t ip, mask, gw;

    for (unsigned i = 0; i < sizeof board_mac; i++)
        ethernet.emac.mac[i] = board_mac[i];
    IP4_ADDR(&ip, board_ip[0], board_ip[1], board_ip[2], board_ip[3]);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gw, 0, 0, 0, 0);
    lwip_init();
    board_eint0_falling();
    if (netif_add(&netif, &ip, &mask, &gw, &ethernet, ethernetif_init, ethernet_input) == NULL)
        board_print("no network interface\n");
    netif_set_link_callback(&netif, link_changed);
    netif_set_default(&netif);
    netif_set_up(&netif);
    board_interrupt(INT_ETHERNET, 4, ethernet_interrupt);
    board_interrupt(INT_EINT0, 5, phy_interrupt);
}

/* IRQ on: the exception mode that start.S began main() in has it off. */
static void enable_interrupts(void)
{
    sys_arch_unprotect(0x1f); /* system mode, IRQ and FIQ on */
}

int main(void)
{
    board_start();
    board_print("echo: hello\n");
    start_network();
    services_start();
    enable_interrupts();
    for (;;) {
        due = 0;
        lpc2468_ethernetif_poll(&ethernet);
        sys_check_timeouts();
        lpc2468_ethernetif_transmit(&ethernet);
        uint32_t ms = lpc2468_ethernetif_next_poll_ms(&ethernet), next = sys_timeouts_sleeptime();
        board_sleep(ms < next ? ms : next, &due);
    }
}
