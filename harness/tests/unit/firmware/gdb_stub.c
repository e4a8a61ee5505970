/* Unit tests of harness/firmware/gdb_stub.c: each command, and what it says to nonsense. */
#include "harness/firmware/gdb_stub.h"
#include "harness/tests/unit/unit.h"

#define RAM 0x40000000u

/* A target of 16 bytes. */
struct fake {
    struct arm7 cpu;
    uint8_t ram[16];
    enum gdb_point kind;
    bool set, room;
    uint32_t addr, bytes;
    unsigned points, changes;
    const char *says;
    char heard[128];
};

static struct fake fake;
static struct gdb_stub stub;

static uint8_t *at(uint32_t addr, uint32_t count)
{
    bool there = addr >= RAM && addr - RAM <= sizeof fake.ram &&
                 count <= sizeof fake.ram - (addr - RAM);

    return there ? fake.ram + (addr - RAM) : NULL;
}

static bool on_peek(void *ctx, uint32_t addr, void *bytes, uint32_t count)
{
    CHECK(ctx == &fake);
    if (at(addr, count) != NULL)
        memcpy(bytes, at(addr, count), count);
    return at(addr, count) != NULL;
}

static bool on_poke(void *ctx, uint32_t addr, const void *bytes, uint32_t count)
{
    CHECK(ctx == &fake);
    if (at(addr, count) != NULL)
        memcpy(at(addr, count), bytes, count);
    return at(addr, count) != NULL;
}

static bool on_point(void *ctx, enum gdb_point kind, bool set, uint32_t addr, uint32_t bytes)
{
    CHECK(ctx == &fake);
    fake.kind = kind;
    fake.set = set;
    fake.addr = addr;
    fake.bytes = bytes;
    fake.points++;
    return fake.room;
}

static void on_monitor(void *ctx, const char *command, char *text, size_t room)
{
    CHECK(ctx == &fake);
    snprintf(fake.heard, sizeof fake.heard, "%s", command);
    snprintf(text, room, "%s", fake.says);
}

static void on_changed(void *ctx)
{
    CHECK(ctx == &fake);
    fake.changes++;
}

static void begin(void)
{
    const struct gdb_target target = {&fake, &fake.cpu, on_peek, on_poke, on_point, on_monitor,
                                      on_changed};

    memset(&fake, 0, sizeof fake);
    arm7_reset(&fake.cpu);
    fake.room = true;
    fake.says = "";
    gdb_stub_init(&stub, &target);
}

static enum gdb_wish wish(const char *packet)
{
    return gdb_stub_hear(&stub, packet, strlen(packet));
}

static void expect(const char *packet, const char *answer)
{
    enum gdb_wish w = wish(packet);
    bool same = stub.length == strlen(answer) && memcmp(stub.answer, answer, stub.length) == 0;

    CHECKF(w == GDB_ANSWER && same, "%s: wish %d, answer %.*s, expected %s", packet, (int)w,
           (int)stub.length, stub.answer, answer);
}

UNIT(firmware_gdb_stub, why_it_stands_still_is_told_again)
{
    begin();
    expect("?", "T05thread:1;");
    gdb_stub_stopped(&stub, GDB_SIGSEGV);
    expect("?", "T0bthread:1;");
    gdb_stub_watched(&stub, GDB_WATCH_READ, 0x40000010);
    expect("?", "T05rwatch:40000010;thread:1;");
    gdb_stub_watched(&stub, GDB_WATCH_WRITE, 4);
    expect("?", "T05watch:00000004;thread:1;");
    gdb_stub_watched(&stub, GDB_WATCH_BOTH, 0xffffffff);
    expect("?", "T05awatch:ffffffff;thread:1;");
    gdb_stub_ended(&stub, GDB_SIGILL);
    expect("?", "X04");
    gdb_stub_ended(&stub, 0);
    expect("?", "W00");
}

UNIT(firmware_gdb_stub, registers_are_little_endian_in_the_order_of_the_description)
{
    char text[8 * 17 + 1];

    begin();
    for (unsigned i = 0; i < 16; i++) {
        fake.cpu.r[i] = 0x11000000u * (i & 1) + i;
        snprintf(text + 8 * i, 9, "%02x0000%s", i, (i & 1) != 0 ? "11" : "00");
    }
    snprintf(text + 128, 9, "d3000000");
    expect("g", text);
    expect("p1", "01000011");
    expect("pf", "0f000011");
    expect("p10", "d3000000");
    expect("p19", "d3000000"); /* where an old gdb has CPSR */
    CHECK_INT(fake.changes, 0);
}

UNIT(firmware_gdb_stub, written_registers_change_and_pc_stays_even)
{
    begin();
    expect("P3=78563412", "OK");
    CHECK_INT(fake.cpu.r[3], 0x12345678);
    expect("Pf=01010000", "OK");
    CHECK_INT(fake.cpu.r[15], 0x100);
    CHECK_INT(fake.changes, 2);
    expect("P3=7856341", "E16");
    expect("P3=785634120", "E16");
    expect("P3=7856341x", "E16");
    expect("P11=00000000", "E16");
    expect("P", "E16");
    expect("P3", "E16");
    expect("p11", "E16");
    expect("p", "E16");
    expect("p1,", "E16");
    CHECK_INT(fake.changes, 2);
}

UNIT(firmware_gdb_stub, mode_written_to_cpsr_brings_its_own_registers)
{
    begin();
    fake.cpu.r[13] = 0x111;
    fake.cpu.sp[ARM7_IRQ] = 0x222;
    expect("P10=92000000", "OK");
    CHECK_INT(fake.cpu.cpsr, 0x92);
    CHECK_INT(fake.cpu.r[13], 0x222);
    expect("P10=d3000000", "OK");
    CHECK_INT(fake.cpu.r[13], 0x111);
    expect("P10=00000000", "E16"); /* no mode */
    CHECK_INT(fake.cpu.cpsr, 0xd3);
}

UNIT(firmware_gdb_stub, all_registers_are_written_at_once_or_none)
{
    char packet[8 * 17 + 3];

    begin();
    packet[0] = 'G';
    for (unsigned i = 0; i < 16; i++)
        snprintf(packet + 1 + 8 * i, 9, "%02x000000", i + 1);
    snprintf(packet + 129, 9, "1f000000");
    expect(packet, "OK");
    CHECK_INT(fake.cpu.r[0], 1);
    CHECK_INT(fake.cpu.r[14], 15);
    CHECK_INT(fake.cpu.r[15], 16);
    CHECK_INT(fake.cpu.cpsr, ARM7_MODE_SYS);
    packet[1] = 'f';
    packet[129] = '0';
    packet[130] = '0'; /* no mode */
    expect(packet, "E16");
    CHECK_INT(fake.cpu.r[0], 1);
    packet[136] = '\0'; /* a digit less */
    expect(packet, "E16");
    expect("G", "E16");
}

UNIT(firmware_gdb_stub, memory_is_read_and_written_where_it_is)
{
    begin();
    expect("M40000002,2:abcd", "OK");
    expect("m40000000,5", "0000abcd00");
    CHECK_INT(gdb_stub_hear(&stub, "X40000000,3:\0#}", 15), GDB_ANSWER);
    expect("m40000000,4", "00237dcd");
    expect("m40000010,0", "");
    expect("X0,0:", "OK");
    CHECK_INT(fake.changes, 2);
    expect("m4000000f,2", "E0e");
    expect("M4000000f,2:0000", "E0e");
    expect("mfffffffe,4", "E0e");
    CHECK_INT(fake.changes, 2);
}

UNIT(firmware_gdb_stub, lengths_that_lie_are_refused)
{
    static const char *const lies[] = {
        "m", "m40000000", "m40000000,", "m,4", "m40000000,4x", "m140000000,4", "m40000000,2001",
        "mffffffffffffffffffff,1", "M40000000,2:ab", "M40000000,2:abcdef", "M40000000,2:abcx",
        "M40000000,2", "M40000000,ffffffff:00", "X40000000,2:a", "X40000000,1:ab", "X40000000",
        "X40000000,ffffffff:a"};

    begin();
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++)
        expect(lies[i], "E16");
    CHECK_INT(fake.changes, 0);
}

UNIT(firmware_gdb_stub, going_on_has_many_forms)
{
    begin();
    CHECK_INT(wish("c"), GDB_CONTINUE);
    CHECK_INT(wish("s"), GDB_STEP);
    CHECK_INT(wish("C05"), GDB_CONTINUE);
    CHECK_INT(wish("S05"), GDB_STEP);
    CHECK_INT(wish("vCont;c"), GDB_CONTINUE);
    CHECK_INT(wish("vCont;s:1;c"), GDB_STEP);
    CHECK_INT(wish("vCont;C05:1"), GDB_CONTINUE);
    CHECK_INT(wish("vCont;S05"), GDB_STEP);
    CHECK_INT(fake.changes, 0);
    CHECK_INT(wish("c100"), GDB_CONTINUE);
    CHECK_INT(fake.cpu.r[15], 0x100);
    CHECK_INT(wish("S05;201"), GDB_STEP);
    CHECK_INT(fake.cpu.r[15], 0x200);
    CHECK_INT(fake.changes, 2);
    expect("vCont?", "vCont;c;C;s;S");
    expect("cx", "E16");
    expect("c100x", "E16");
    expect("C", "E16");
    expect("C05x", "E16");
    expect("vCont;", "E16");
    expect("vCont;t", "E16");
    CHECK_INT(fake.cpu.r[15], 0x200);
}

UNIT(firmware_gdb_stub, points_reach_the_target)
{
    begin();
    expect("Z0,100,2", "OK");
    CHECK(fake.kind == GDB_SOFT_BREAK && fake.set && fake.addr == 0x100 && fake.bytes == 2);
    expect("z4,40000000,8", "OK");
    CHECK(fake.kind == GDB_WATCH_BOTH && !fake.set && fake.addr == RAM && fake.bytes == 8);
    expect("Z1,100,4;X1,ff;cmds:0", "OK"); /* conditions, which were not offered, are ignored */
    fake.room = false;
    expect("Z2,0,4", "E0e");
    CHECK_INT(fake.points, 4);
    expect("Z5,0,4", "");
    expect("Z", "E16");
    expect("Z0", "E16");
    expect("Z0,", "E16");
    expect("Z0,1", "E16");
    expect("Z0,1,", "E16");
    CHECK_INT(fake.points, 4);
}

UNIT(firmware_gdb_stub, leaving_is_a_wish_of_its_own)
{
    begin();
    CHECK_INT(wish("D"), GDB_DETACH);
    CHECK_MEM(stub.answer, "OK", 2);
    CHECK_INT(wish("D;1"), GDB_DETACH);
    CHECK_INT(wish("vKill;1"), GDB_DETACH);
    CHECK_INT(wish("k"), GDB_KILL);
    CHECK_INT(wish("QStartNoAckMode"), GDB_NO_ACKS);
    CHECK_MEM(stub.answer, "OK", 2);
}

UNIT(firmware_gdb_stub, questions_are_answered)
{
    begin();
    expect("qSupported:multiprocess+;swbreak+",
           "PacketSize=4000;QStartNoAckMode+;qXfer:features:read+;qXfer:memory-map:read+;"
           "vContSupported+");
    expect("qAttached", "1");
    expect("qC", "QC1");
    expect("qfThreadInfo", "m1");
    expect("qsThreadInfo", "l");
    expect("Hg0", "OK");
    expect("T1", "OK");
}

UNIT(firmware_gdb_stub, what_is_not_known_is_answered_by_nothing)
{
    static const char *const unknown[] = {"", "vMustReplyEmpty", "v", "q", "qCRC:0,4", "Q",
                                          "QNonStop:1", "qSymbol::", "!", "R00", "i", "~", "\x80"};

    begin();
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        expect(unknown[i], "");
}

UNIT(firmware_gdb_stub, description_is_handed_out_in_parts)
{
    char whole[4096] = "", packet[80];
    size_t used = 0;

    begin();
    do {
        snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,64", used);
        CHECK_INT(wish(packet), GDB_ANSWER);
        CHECK(stub.length <= 0x65 && used + stub.length < sizeof whole);
        memcpy(whole + used, stub.answer + 1, stub.length - 1);
        used += stub.length - 1;
    } while (stub.answer[0] == 'm');
    CHECK_INT(stub.answer[0], 'l');
    CHECK(strstr(whole, "org.gnu.gdb.arm.core") != NULL && strstr(whole, "cpsr") != NULL);
    CHECK(strcmp(whole + used - 9, "</target>") == 0);
    snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,64", used);
    expect(packet, "l");
    snprintf(packet, sizeof packet, "qXfer:features:read:target.xml:%zx,64", used + 1);
    expect(packet, "E16");
    expect("qXfer:features:read:target.xml:0", "E16");
    expect("qXfer:features:read:other.xml:0,64", "E00");
    CHECK_INT(wish("qXfer:memory-map:read::0,ffffffff"), GDB_ANSWER);
    CHECK(stub.answer[0] == 'l' && stub.length > 100);
}

UNIT(firmware_gdb_stub, monitor_takes_and_gives_text_in_hexadecimal)
{
    char longest[2 * 128 + 8] = "qRcmd,";

    begin();
    fake.says = "7\n";
    expect("qRcmd,74696d65", "370a");
    CHECK(strcmp(fake.heard, "time") == 0);
    fake.says = "";
    expect("qRcmd,", "OK");
    expect("qRcmd,7", "E16");
    expect("qRcmd,7x", "E16");
    memset(longest + 6, '6', 2 * 127);
    expect(longest, "OK");
    CHECK_INT(strlen(fake.heard), 127);
    strcat(longest, "66");

    expect(longest, "E16");
}

/* Packets put together from what packets are made of, at random: each is answered by something that
 * fits into a packet, and the processor stays one that there is. */
UNIT(firmware_gdb_stub, nonsense_is_survived)
{
    static const char *const parts[] = {
        "m", "M", "X", "g", "G", "p", "P", "c", "s", "C", "S", "Z", "z", "v", "Cont;", "Cont?", "q",
        "Rcmd,", "Xfer:", "features:read:", "memory-map:read::", "target.xml:", "Supported", "H",
        "0", "1", "4", "f", "40000000", "4000000f", "ffffffff", "2000", "100000000", ",", ":", ";",
        "=", "00", "d3", "x", "\x80", "Q", "D", "?", "T"};
    uint32_t dice = 1;

    begin();
    for (unsigned round = 0; round < 200000; round++) {
        char packet[256];
        size_t length = 0;
        dice = dice * 1664525u + 1013904223u;
        for (unsigned n = dice >> 29; n != 0; n--) {
            dice = dice * 1664525u + 1013904223u;
            const char *part = parts[(dice >> 16) % (sizeof parts / sizeof parts[0])];
            memcpy(packet + length, part, strlen(part));
            length += strlen(part);
        }
        packet[length] = '\0';
        enum gdb_wish w = gdb_stub_hear(&stub, packet, length);
        CHECKF(w <= GDB_KILL && stub.length <= GDB_PAYLOAD_MAX, "%s", packet);
        CHECKF(arm7_mode_name(fake.cpu.cpsr)[0] != '?', "%s", packet);
    }
}
