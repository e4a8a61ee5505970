/* sim/devices/lpc2468_regs.h: the LPC2468's registers around the EMAC by the manual's names.
 *
 * Source: UM10237, chapters System control, Clocking and power, Pin connect, VIC, UART, Timers;
 * facts sheet 2. The order within each enum is the order of the part's register table. */
#ifndef SIM_DEVICES_LPC2468_REGS_H
#define SIM_DEVICES_LPC2468_REGS_H

#define LPC2468_T0_BASE 0xe0004000u
#define LPC2468_T1_BASE 0xe0008000u
#define LPC2468_UART0_BASE 0xe000c000u
#define LPC2468_T2_BASE 0xe0070000u
#define LPC2468_T3_BASE 0xe0074000u
#define LPC2468_GPIO_BASE 0xe0028000u
#define LPC2468_FIO_BASE 0x3fffc000u
#define LPC2468_FIO_SIZE 0x4000u
#define LPC2468_PINSEL_BASE 0xe002c000u
#define LPC2468_SYSTEM_BASE 0xe01fc000u
#define LPC2468_APB_SLOT 0x4000u /* each of those on this bus has 16 KB */
#define LPC2468_VIC_SIZE 0x1000u
#define LPC2468_EXTERNAL_BASE 0x80000000u
#define LPC2468_EXTERNAL_END 0xe0000000u

enum { /* timers: offset 4 * value up to TIMER_EMR, then 0x70 */
    TIMER_IR,
    TIMER_TCR,
    TIMER_TC,
    TIMER_PR,
    TIMER_PC,
    TIMER_MCR,
    TIMER_MR0,
    TIMER_MR1,
    TIMER_MR2,
    TIMER_MR3,
    TIMER_CCR,
    TIMER_CR0,
    TIMER_CR1,
    TIMER_CR2,
    TIMER_CR3,
    TIMER_EMR,
    TIMER_CTCR,
    TIMER_REGISTERS
};
enum { TIMER_MATCHES = 4, TIMERS = 4 };
#define TCR_ENABLE 0x1u
#define TCR_RESET 0x2u
#define MCR_INTERRUPT 0x1u /* three bits for each match register */
#define MCR_RESET 0x2u
#define MCR_STOP 0x4u
#define CTCR_MODE 0x3u

enum {
    UART_DATA, /* U0RBR, U0THR, U0DLL */
    UART_IER,  /* and U0DLM */
    UART_IIR,  /* and U0FCR */
    UART_LCR,
    UART_LSR,
    UART_SCR,
    UART_ACR,
    UART_ICR,
    UART_FDR,
    UART_TER,
    UART_REGISTERS
};
#define IER_THRE 0x2u
#define IER_BITS 0x307u
#define IIR_NONE 0x1u
#define IIR_THRE 0x2u
#define IIR_FIFOS 0xc0u
#define FCR_ENABLE 0x1u
#define FCR_BITS 0xc7u
#define LCR_DLAB 0x80u
#define LSR_READY 0x60u /* holding and shift register are empty */

enum {
    PIN_SEL0,
    PIN_SEL2 = 2,
    PIN_SEL3,
    PIN_SEL4,
    PIN_SEL10 = 10,
    PIN_MODE0,
    PIN_REGISTERS = PIN_MODE0 + 10
};
/* Fields of two bits, 01 is the EMAC (sheet 2.2). */
#define PINSEL2_RMII_MASK 0xf03f030fu
#define PINSEL2_RMII 0x50150105u
#define PINSEL2_MII 0x55555555u
#define PINSEL2_P1_6_MASK 0x00003000u /* ENET_TX_CLK: erratum E3 */
#define PINSEL2_P1_6 0x00001000u
#define PINSEL2_P1_15_MASK 0xc0000000u /* ENET_REF_CLK, ENET_RX_CLK */
#define PINSEL2_P1_15 0x40000000u
#define PINSEL3_MIIM_MASK 0x0000000fu
#define PINSEL3_MIIM 0x00000005u
#define PINSEL4_P2_10_MASK 0x00300000u /* EINT0 */
#define PINSEL4_P2_10 0x00100000u

enum { /* of each of ports 0 to 4, in FIO */
    FIO_DIR,
    FIO_MASK,
    FIO_PIN,
    FIO_SET,
    FIO_CLR,
    FIO_EACH,
    FIO_REGISTERS = 5 * FIO_EACH
};
enum { /* ports 0 and 1 in the old way, and the interrupts of ports 0 and 2 */
    GPIO_PIN,
    GPIO_SET,
    GPIO_DIR,
    GPIO_CLR,
    GPIO_EACH,
    GPIO_INT_STATUS = 2 * GPIO_EACH,
    GPIO_INT0,
    GPIO_INT2 = GPIO_INT0 + 5,
    GPIO_REGISTERS = GPIO_INT2 + 5
};
enum { GPIO_STAT_R, GPIO_STAT_F, GPIO_INT_CLR, GPIO_EN_R, GPIO_EN_F, GPIO_INT_EACH };
enum { PORTS = 5 };
#define MDINTR_PORT 2u
#define MDINTR_BIT 0x400u

enum {
    SYS_MAMCR,
    SYS_MAMTIM,
    SYS_MEMMAP,
    SYS_PLLCON,
    SYS_PLLCFG,
    SYS_PLLSTAT,
    SYS_PLLFEED,
    SYS_PCON,
    SYS_PCONP,
    SYS_CCLKCFG,
    SYS_USBCLKCFG,
    SYS_CLKSRCSEL,
    SYS_EXTINT,
    SYS_INTWAKE,
    SYS_EXTMODE,
    SYS_EXTPOLAR,
    SYS_RSID,
    SYS_AHBCFG1,
    SYS_AHBCFG2,
    SYS_SCS,
    SYS_IRCTRIM,
    SYS_PCLKSEL0,
    SYS_PCLKSEL1,
    SYS_REGISTERS
};
#define PLLSTAT_LOCK 0x04000000u
#define PCON_SLEEP 0x83u /* IDL, PD and PM2 */
#define PCON_IDL 0x01u
#define PCONP_TIM0 1u
#define PCONP_TIM1 2u
#define PCONP_UART0 3u
#define PCONP_TIM2 22u
#define PCONP_TIM3 23u
#define PCONP_ENET 30u
#define INTWAKE_EINT0 0x0001u
#define INTWAKE_ETH 0x0010u
#define INTWAKE_GPIO 0x0080u
#define RSID_POR 0x1u
#define RSID_EXTR 0x2u
/* Fields of PCLKSEL0, and from 16 on of PCLKSEL1. */
#define PCLK_TIMER0 1u
#define PCLK_TIMER1 2u
#define PCLK_TIMER2 22u
#define PCLK_TIMER3 23u
#define SCS_GPIOM 0x01u /* ports 0 and 1 are reached by FIO */
#define SCS_OSCEN 0x20u
#define SCS_OSCSTAT 0x40u

enum {
    VIC_IRQ_STATUS,
    VIC_FIQ_STATUS,
    VIC_RAW_INTR,
    VIC_INT_SELECT,
    VIC_INT_ENABLE,
    VIC_INT_EN_CLR,
    VIC_SOFT_INT,
    VIC_SOFT_INT_CLEAR,
    VIC_PROTECTION,
    VIC_SW_PRIO_MASK,
    VIC_VECT_ADDR0,
    VIC_VECT_PRIORITY0 = VIC_VECT_ADDR0 + 32,
    VIC_ADDRESS = VIC_VECT_PRIORITY0 + 32,
    VIC_REGISTERS
};

#define EMAC_COMMAND 0x100u /* offset */
#define EMAC_FLOW_STATUS 0x174u
#define EMAC_COMMAND_RMII 0x200u
#define EMAC_POWER_DOWN 0xff4u
#define EMAC_MODULE_ID_FIRST 0x39022000u /* of rev '-' silicon */

#endif
