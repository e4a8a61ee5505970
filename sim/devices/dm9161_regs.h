/* sim/devices/dm9161_regs.h: registers of the DM9161 family by the data sheet's names (sheet 3). */
#ifndef SIM_DEVICES_DM9161_REGS_H
#define SIM_DEVICES_DM9161_REGS_H

enum {
    DM9161_BMCR = 0,
    DM9161_BMSR = 1,
    DM9161_PHYIDR1 = 2,
    DM9161_PHYIDR2 = 3,
    DM9161_ANAR = 4,
    DM9161_ANLPAR = 5,
    DM9161_ANER = 6,
    DM9161_DSCR = 16,
    DM9161_DSCSR = 17,
    DM9161_10BTCSR = 18,
    DM9161_PWDOR = 19,   /* A and AEP only */
    DM9161_CONFIGR = 20, /* A and AEP only */
    DM9161_MDINTR = 21,
    DM9161_RECR = 22,
    DM9161_DISCR = 23,
    DM9161_RLSR = 24
};

#define BMCR_RESET 0x8000u /* clears itself */
#define BMCR_LOOPBACK 0x4000u
#define BMCR_SPEED_100 0x2000u
#define BMCR_AN_ENABLE 0x1000u
#define BMCR_POWER_DOWN 0x0800u
#define BMCR_ISOLATE 0x0400u
#define BMCR_RESTART_AN 0x0200u /* clears itself */
#define BMCR_DUPLEX 0x0100u
#define BMCR_COLLISION_TEST 0x0080u
#define BMCR_KEPT 0x7d80u /* what is stored */
#define BMCR_DEFAULT 0x3100u

#define BMSR_100FD 0x4000u
#define BMSR_100HD 0x2000u
#define BMSR_10FD 0x1000u
#define BMSR_10HD 0x0800u
#define BMSR_PREAMBLE_SUPPRESSION 0x0040u
#define BMSR_AN_COMPLETE 0x0020u
#define BMSR_REMOTE_FAULT 0x0010u /* latched high */
#define BMSR_AN_ABLE 0x0008u
#define BMSR_LINK 0x0004u   /* latched low */
#define BMSR_JABBER 0x0002u /* latched high */
#define BMSR_EXTENDED 0x0001u
#define BMSR_FIXED 0x7849u /* what this part is able to do */

#define DM9161_OUI_HIGH 0x0181u
#define DM9161_ID2_AEP 0xb8a0u

#define ANAR_ACKNOWLEDGE 0x4000u
#define ANAR_REMOTE_FAULT 0x2000u
#define ANAR_PAUSE 0x0400u
#define ANAR_SELECTOR 0x001fu
#define ANAR_SELECTOR_8023 0x0001u
#define ANAR_KEPT 0x25ffu /* next page and 100BASE-T4 are not to be had, acknowledge is its own */
#define ANAR_DEFAULT 0x01e1u
#define ANLPAR_FROM_PARTNER 0x2fe0u /* bits 13 and 11:5 of a partner's word */

#define ANER_PARALLEL_FAULT 0x0010u /* latched high */
#define ANER_PAGE_RECEIVED 0x0002u  /* latched high */
#define ANER_PARTNER_AN_ABLE 0x0001u

#define DSCR_RMII 0x0100u
#define DSCR_FORCE_LINK 0x0080u
#define DSCR_LOOP_OUT 0x0001u
#define DSCR_DEFAULT 0x0410u

#define DSCSR_100FDX 0x8000u
#define DSCSR_100HDX 0x4000u
#define DSCSR_10FDX 0x2000u
#define DSCSR_10HDX 0x1000u
#define DSCSR_NO_RESULT 0xf000u

enum { /* DSCSR 3:0 */
    ANMB_IDLE,
    ANMB_ABILITY_MATCH,
    ANMB_ACKNOWLEDGE_MATCH,
    ANMB_ACKNOWLEDGE_MATCH_FAIL,
    ANMB_CONSISTENCY_MATCH,
    ANMB_CONSISTENCY_MATCH_FAIL,
    ANMB_PARALLEL_READY,
    ANMB_READY_FAIL,
    ANMB_COMPLETED
};

#define BTCSR_JABBER_ENABLE 0x0800u
#define BTCSR_KEPT 0x7c00u
#define BTCSR_DEFAULT 0x7800u

#define MDINTR_PENDING 0x8000u
#define MDINTR_DUPLEX_MASK 0x0800u
#define MDINTR_SPEED_MASK 0x0400u
#define MDINTR_LINK_MASK 0x0200u
#define MDINTR_MASTER_MASK 0x0100u
#define MDINTR_MASKS 0x0f00u
#define MDINTR_DUPLEX 0x0010u
#define MDINTR_SPEED 0x0008u
#define MDINTR_LINK 0x0004u
#define MDINTR_STATUS 0x0001u

#define RLSR_RMII 0x0800u
#define RLSR_OTHERS 0x37e0u     /* straps that change nothing else here */
#define RLSR_OTHERS_USUAL 0x00e0u /* op-mode 111 */

#endif
