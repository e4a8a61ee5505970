/* emac_bits.h: the EMAC's bits and fields by the manual's names (sheet, section 4 and 5).
 *
 * For the model's own files; drivers have names of their own. */
#ifndef SIM_DEVICES_EMAC_BITS_H
#define SIM_DEVICES_EMAC_BITS_H

/* MAC1, 4.1 */
#define MAC1_RECEIVE_ENABLE (1u << 0)
#define MAC1_PASS_ALL (1u << 1)
#define MAC1_RX_FLOW_CONTROL (1u << 2)
#define MAC1_TX_FLOW_CONTROL (1u << 3)
#define MAC1_LOOPBACK (1u << 4)
#define MAC1_RESET_TX (1u << 8)
#define MAC1_RESET_MCS_TX (1u << 9)
#define MAC1_RESET_RX (1u << 10)
#define MAC1_RESET_MCS_RX (1u << 11)
#define MAC1_SIMULATION_RESET (1u << 14)
#define MAC1_SOFT_RESET (1u << 15)
#define MAC1_HOLDS_TX (MAC1_RESET_TX | MAC1_RESET_MCS_TX | MAC1_SOFT_RESET)
#define MAC1_HOLDS_RX (MAC1_RESET_RX | MAC1_RESET_MCS_RX | MAC1_SOFT_RESET)

/* MAC2, 4.2 */
#define MAC2_FULL_DUPLEX (1u << 0)
#define MAC2_FRAME_LENGTH_CHECK (1u << 1)
#define MAC2_HUGE_FRAME_ENABLE (1u << 2)
#define MAC2_DELAYED_CRC (1u << 3)
#define MAC2_CRC_ENABLE (1u << 4)
#define MAC2_PAD_CRC_ENABLE (1u << 5)
#define MAC2_VLAN_PAD_ENABLE (1u << 6)
#define MAC2_AUTO_DETECT_PAD (1u << 7)
#define MAC2_PURE_PREAMBLE (1u << 8)
#define MAC2_LONG_PREAMBLE (1u << 9)
#define MAC2_NO_BACKOFF (1u << 12)
#define MAC2_BP_NO_BACKOFF (1u << 13)
#define MAC2_EXCESS_DEFER (1u << 14)

/* SUPP, TEST, MCFG, MCMD, MIND, 4.7 to 4.13 */
#define SUPP_SPEED (1u << 8)
#define SUPP_RESET_RMII (1u << 11) /* of other parts: accepted, ignored (20.12) */
#define TEST_SHORTCUT_PAUSE (1u << 0)
#define TEST_PAUSE (1u << 1)
#define TEST_BACK_PRESSURE (1u << 2)
#define MCFG_SCAN_INCREMENT (1u << 0)
#define MCFG_SUPPRESS_PREAMBLE (1u << 1)
#define MCFG_RESET_MII_MGMT (1u << 15)
#define MCMD_READ (1u << 0)
#define MCMD_SCAN (1u << 1)
#define MIND_BUSY (1u << 0)
#define MIND_SCANNING (1u << 1)
#define MIND_NOT_VALID (1u << 2)
#define MIND_MII_LINK_FAIL (1u << 3)

/* Command, Status, 4.15 and 4.16 */
#define COMMAND_RX_ENABLE (1u << 0)
#define COMMAND_TX_ENABLE (1u << 1)
#define COMMAND_REG_RESET (1u << 3)
#define COMMAND_TX_RESET (1u << 4)
#define COMMAND_RX_RESET (1u << 5)
#define COMMAND_PASS_RUNT_FRAME (1u << 6)
#define COMMAND_PASS_RX_FILTER (1u << 7)
#define COMMAND_TX_FLOW_CONTROL (1u << 8)
#define COMMAND_RMII (1u << 9)
#define COMMAND_FULL_DUPLEX (1u << 10)
#define COMMAND_RESETS (COMMAND_REG_RESET | COMMAND_TX_RESET | COMMAND_RX_RESET)
#define STATUS_RX (1u << 0)
#define STATUS_TX (1u << 1)

/* TSV0 and RSV, 4.17 */
#define TSV0_CRC_ERROR (1u << 0)
#define TSV0_LENGTH_CHECK_ERROR (1u << 1)
#define TSV0_LENGTH_OUT_OF_RANGE (1u << 2)
#define TSV0_DONE (1u << 3)
#define TSV0_MULTICAST (1u << 4)
#define TSV0_BROADCAST (1u << 5)
#define TSV0_DEFER (1u << 6)
#define TSV0_EXCESSIVE_DEFER (1u << 7)
#define TSV0_EXCESSIVE_COLLISION (1u << 8)
#define TSV0_LATE_COLLISION (1u << 9)
#define TSV0_GIANT (1u << 10)
#define TSV0_UNDERRUN (1u << 11)
#define TSV0_TOTAL_SHIFT 12
#define TSV0_CONTROL_FRAME (1u << 28)
#define TSV0_PAUSE (1u << 29)
#define TSV0_BACK_PRESSURE (1u << 30)
#define TSV0_VLAN (1u << 31)
#define TSV1_COLLISIONS_SHIFT 16
#define RSV_IGNORED (1u << 16)
#define RSV_RXDV (1u << 17)
#define RSV_CARRIER (1u << 18)
#define RSV_CODE_VIOLATION (1u << 19)
#define RSV_CRC_ERROR (1u << 20)
#define RSV_LENGTH_CHECK_ERROR (1u << 21)
#define RSV_LENGTH_OUT_OF_RANGE (1u << 22)
#define RSV_RECEIVE_OK (1u << 23)
#define RSV_MULTICAST (1u << 24)
#define RSV_BROADCAST (1u << 25)
#define RSV_DRIBBLE_NIBBLE (1u << 26)
#define RSV_CONTROL_FRAME (1u << 27)
#define RSV_PAUSE (1u << 28)
#define RSV_UNSUPPORTED_OPCODE (1u << 29)
#define RSV_VLAN (1u << 30)

/* RxFilterCtrl, RxFilterWoLStatus, 4.19 and 4.20; bits 0 to 5 are the same in both */
#define FILTER_UNICAST (1u << 0)
#define FILTER_BROADCAST (1u << 1)
#define FILTER_MULTICAST (1u << 2)
#define FILTER_UNICAST_HASH (1u << 3)
#define FILTER_MULTICAST_HASH (1u << 4)
#define FILTER_PERFECT (1u << 5)
#define FILTER_MAGIC_WOL (1u << 12)
#define FILTER_RX_WOL (1u << 13)
#define WOL_RX_FILTER (1u << 7)
#define WOL_MAGIC (1u << 8)

/* IntStatus and its kin, 4.21 */
#define INT_RX_OVERRUN (1u << 0)
#define INT_RX_ERROR (1u << 1)
#define INT_RX_FINISHED (1u << 2)
#define INT_RX_DONE (1u << 3)
#define INT_TX_UNDERRUN (1u << 4)
#define INT_TX_ERROR (1u << 5)
#define INT_TX_FINISHED (1u << 6)
#define INT_TX_DONE (1u << 7)
#define INT_SOFT (1u << 12)
#define INT_WAKEUP (1u << 13)
#define INT_ALL 0x30ffu

#define POWER_DOWN (1u << 31)

/* Descriptors and statuses, section 5 */
#define CONTROL_SIZE 0x7ffu /* less one */
#define CONTROL_OVERRIDE (1u << 26)
#define CONTROL_HUGE (1u << 27)
#define CONTROL_PAD (1u << 28)
#define CONTROL_CRC (1u << 29)
#define CONTROL_LAST (1u << 30)
#define CONTROL_INTERRUPT (1u << 31)
#define RX_CONTROL_FRAME (1u << 18)
#define RX_VLAN (1u << 19)
#define RX_FAIL_FILTER (1u << 20)
#define RX_MULTICAST (1u << 21)
#define RX_BROADCAST (1u << 22)
#define RX_CRC_ERROR (1u << 23)
#define RX_SYMBOL_ERROR (1u << 24)
#define RX_LENGTH_ERROR (1u << 25)
#define RX_RANGE_ERROR (1u << 26)
#define RX_ALIGNMENT_ERROR (1u << 27)
#define RX_OVERRUN (1u << 28)
#define RX_NO_DESCRIPTOR (1u << 29)
#define RX_LAST_FLAG (1u << 30)
#define RX_ERROR (1u << 31)
#define RX_ERROR_CAUSES                                                                            \
    (RX_CRC_ERROR | RX_SYMBOL_ERROR | RX_LENGTH_ERROR | RX_RANGE_ERROR | RX_ALIGNMENT_ERROR |      \
     RX_OVERRUN)
#define TX_COLLISIONS_SHIFT 21
#define TX_DEFER (1u << 25)
#define TX_EXCESSIVE_DEFER (1u << 26)
#define TX_EXCESSIVE_COLLISION (1u << 27)
#define TX_LATE_COLLISION (1u << 28)
#define TX_UNDERRUN (1u << 29)
#define TX_NO_DESCRIPTOR (1u << 30)
#define TX_ERROR (1u << 31)
#define TX_ERROR_CAUSES                                                                            \
    (TX_EXCESSIVE_DEFER | TX_EXCESSIVE_COLLISION | TX_LATE_COLLISION | TX_UNDERRUN)

#endif
