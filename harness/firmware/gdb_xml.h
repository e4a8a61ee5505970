/* harness/firmware/gdb_xml.h: what gdb is told about the chip: its registers and its memory. */
#ifndef HARNESS_FIRMWARE_GDB_XML_H
#define HARNESS_FIRMWARE_GDB_XML_H

/* r0 to r15 and CPSR, in this order. */
const char *gdb_target_xml(void);
/* Flash, RAM and Ethernet RAM, and the EMAC's registers. gdb touches nothing else: registers of the
 * chip would change by being read. */
const char *gdb_memory_xml(void);

#endif
