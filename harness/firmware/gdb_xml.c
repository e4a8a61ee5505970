/* harness/firmware/gdb_xml.c: see gdb_xml.h. gdb's names (the gdb manual, appendix G, "ARM
 * features"): a register without a number follows the one before. */
#include "harness/firmware/gdb_xml.h"

#include "sim/devices/lpc2468.h"

_Static_assert(LPC2468_FLASH_BASE == 0 && LPC2468_FLASH_SIZE == 0x80000, "flash is told below");
_Static_assert(LPC2468_RAM_BASE == 0x40000000 && LPC2468_RAM_SIZE == 0x10000, "so is RAM");
_Static_assert(LPC2468_ETHERNET_RAM_BASE == 0x7fe00000 && LPC2468_ETHERNET_RAM_SIZE == 0x4000,
               "and Ethernet RAM");
_Static_assert(EMAC_BASE == 0xffe00000 && EMAC_SIZE == 0x1000, "and the EMAC");

#define REGISTER(name, type) "<reg name=\"" name "\" bitsize=\"32\" type=\"" type "\"/>"
#define MEMORY(kind, start, length)                                                                \
    "<memory type=\"" kind "\" start=\"" start "\" length=\"" length "\"/>"

const char *gdb_target_xml(void)
{
    return "<?xml version=\"1.0\"?>"
           "<!DOCTYPE target SYSTEM \"gdb-target.dtd\">"
           "<target version=\"1.0\"><architecture>armv4t</architecture>"
           "<feature name=\"org.gnu.gdb.arm.core\">"
           REGISTER("r0", "uint32") REGISTER("r1", "uint32") REGISTER("r2", "uint32")
           REGISTER("r3", "uint32") REGISTER("r4", "uint32") REGISTER("r5", "uint32")
           REGISTER("r6", "uint32") REGISTER("r7", "uint32") REGISTER("r8", "uint32")
           REGISTER("r9", "uint32") REGISTER("r10", "uint32") REGISTER("r11", "uint32")
           REGISTER("r12", "uint32") REGISTER("sp", "data_ptr") REGISTER("lr", "uint32")
           REGISTER("pc", "code_ptr") REGISTER("cpsr", "uint32")
           "</feature></target>";
}

const char *gdb_memory_xml(void)
{
    return "<?xml version=\"1.0\"?>"
           "<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" "
           "\"http://sourceware.org/gdb/gdb-memory-map.dtd\">"
           "<memory-map>"
           MEMORY("rom", "0x0", "0x80000")
           MEMORY("ram", "0x40000000", "0x10000")
           MEMORY("ram", "0x7fe00000", "0x4000")
           MEMORY("rom", "0xffe00000", "0x1000")
           "</memory-map>";
}
