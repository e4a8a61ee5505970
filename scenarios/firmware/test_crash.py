"""What goes wrong in firmware, and images that are none."""

import pytest

from lockwire import UsageError, paths

LOAD_AND_JUMP = (0xe59f0000, 0xe12fff10)              # ldr r0, [pc]; bx r0; then the address
STAY = 0xeafffffe                                     # b .
THUMB_TRAP = bytes.fromhex("00de")                    # udf #0
THUMB_JUMP_AWAY = bytes.fromhex("512000060047")       # movs r0, #0x51; lsls r0, r0, #24; bx r0


@pytest.mark.parametrize("where", [0x12345678, 0x50000000, 0xe01fc000, 0xfffffffc])
def test_jump_into_nowhere_halts_the_board_and_not_the_world(net, tiny, where):
    """In all kinds of nowhere: unmapped, between memories, a device's registers, the last word."""
    fw = tiny(*LOAD_AND_JUMP, where)
    fw.expect_guest_errors("cpu")
    net.run(for_="1s")
    assert fw.state == "halted" and net.now_ns == 1_000_000_000
    assert fw.crash.startswith(f"firmware tiny halted: jump to where there is no code at "
                               f"0x{where:08x}, after 2 instructions\n")
    assert f" r0 0x{where:08x}" in fw.crash and "svc mode, ARM state" in fw.crash
    assert [error.kind for error in fw.guest_errors()] == ["cpu"]


@pytest.mark.parametrize("words, text", [
    ((0xe7f000f0,), "undefined instruction at 0x00000000"),
    ((0xe3a00000, 0xe5800000, STAY), "write to where nothing can be written at 0x00000000"),
], ids=["undefined", "store-to-flash"])
def test_faults_are_told_apart(net, tiny, words, text):
    """Each with the address that it is about."""
    fw = tiny(*words)
    fw.expect_guest_errors("cpu")
    net.run(for_="1ms")
    assert text in fw.crash


def test_endless_loop_is_skipped_and_counted(net, tiny):
    """b . for 10 s at 72 MIPS: as many instructions as the chip would execute, in no time."""
    fw = tiny(STAY)
    net.run(for_="10s")
    assert fw.state == "running" and abs(fw.instructions - 720_000_000) <= 1


def test_guest_errors_have_register_value_and_time(net, tiny):
    """A misaligned word, and a read of nothing."""
    fw = tiny(0xe3a00101,  # mov r0, #0x40000000
              0xe5901001,  # ldr r1, [r0, #1]
              0xe3a00206,  # mov r0, #0x60000000
              0xe5901000,  # ldr r1, [r0]
              STAY)
    fw.expect_guest_errors("misaligned", "unmapped")
    net.run(for_="1ms")
    first, second = fw.guest_errors()
    assert (first.kind, first.address, first.pc) == ("misaligned", 0x40000001, 4)
    assert not first.write
    assert (second.kind, second.address, second.pc) == ("unmapped", 0x60000000, 12)
    assert first.time < second.time < 100


def crash_at_datagram(net, boot, code):
    """The handler of datagrams to port 7 is overwritten; one is sent. In the image that was built
    here, whatever --firmware says: its names and its state are known."""
    lan = net.segment("lan", latency="50us")
    fw = boot("fw", lan, image=paths.firmware(None), settings={"echo_datagram": code})
    fw.expect_guest_errors("cpu")
    a = net.host("a", lan, ip="10.0.0.1/24")
    a.udp().send(b"knock", "10.0.0.2", 7)
    net.run(for_="1s")
    assert fw.state == "halted" and a.ping("10.0.0.2", timeout="1s") is None
    return fw.crash


def test_crash_report_names_the_functions_on_the_stack(net, boot):
    """A trap deep in the stack: who called is found on the stack."""
    report = crash_at_datagram(net, boot, THUMB_TRAP)
    assert "undefined instruction" in report and "echo_datagram+0x0" in report
    assert "main+0x" in report and "sys mode, Thumb state" in report


def test_jump_away_deep_in_the_stack_is_reported(net, boot):
    """The address that was jumped to is told, and who had called."""
    report = crash_at_datagram(net, boot, THUMB_JUMP_AWAY)
    assert "jump to where there is no code at 0x51000000" in report and "main+0x" in report


GOOD = {"code": b"\xfe\xff\xff\xea"}


@pytest.mark.parametrize("options, cut, text", [
    ({}, 20, "not an ELF file"),
    ({}, 60, "program headers end behind the end of the file: cut short?"),
    ({}, 0, "empty"),
    ({"machine": 62}, None, "for machine 62: expected ARM (40)"),
    ({"bits": 64}, None, "64 bits"),
    ({"kind": 1}, None, "is it linked?"),
    ({"address": 0x10000000, "entry": 0x10000000}, None, "is in no memory: flash 0x00000000"),
    ({"address": 0x7fffe}, None, "is in no memory"),
    ({"entry": 0x100}, None, "the entry point 0x00000100 is in none of its segments"),
    ({"length": 5000}, None, "ends behind the end of the file: cut short?"),
], ids=["cut", "no-segments", "empty", "x86", "64-bit", "object", "nowhere", "too-long", "entry",
        "cut-segment"])
def test_broken_images_are_refused_in_one_sentence(net, emulator, image_file, options, cut, text):
    """UsageError: for `lockwire run` the scenario's mistake, and nothing has been plugged in."""
    path = image_file(cut, **GOOD, **options)
    lan = net.segment("lan")
    with pytest.raises(UsageError) as why:
        net.firmware("fw", path, lan)
    assert text in str(why.value) and "\n" not in str(why.value)
    path = image_file(None, **GOOD)
    net.firmware("fw", path, lan)


def test_text_file_is_no_image(net, emulator, tmp_path):
    """Said as what it is."""
    path = tmp_path / "notes.txt"
    path.write_text("not a program at all, but long enough to be one")
    with pytest.raises(UsageError, match="not an ELF file"):
        net.firmware("fw", path, net.segment("lan"))


def test_setting_of_a_symbol_that_is_not_there_is_refused(net, emulator, image_file):
    """And no memory is written."""
    with pytest.raises(UsageError, match='there is no symbol "board_ip"'):
        net.firmware("fw", image_file(None, **GOOD), net.segment("lan"),
                     settings={"board_ip": b"1234"})
