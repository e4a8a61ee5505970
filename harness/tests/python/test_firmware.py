"""Firmware as a user of the command line meets it: what fails a scenario, and how it is told."""

import struct

import pytest

from lockwire import paths

CRASH = (0xe7f000f0,)                                 # udf #0
UNMAPPED = (0xe3a00206, 0xe5901000, 0xeafffffe)       # mov r0, #0x60000000; ldr r1, [r0]; b .
SIMULATOR = paths.build_dir() / "harness" / "lockwire-sim"
SCENARIO = """
def test_it(net):
    fw = net.firmware("fw", net.firmware_path, net.segment("lan"))
    {expects}
    net.run(for_="1ms")
"""


@pytest.fixture
def image(lockwire):
    """image(words): the path of an ELF file with these ARM instructions at address 0."""
    if not (SIMULATOR.is_file() and SIMULATOR.with_name("lockwire-arm7.so").is_file()):
        pytest.skip("there is no simulator, or it was built without Unicorn (libunicorn-dev)")

    def make(words):
        code = struct.pack(f"<{len(words)}I", *words)
        head = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, 0, 52, 0,
                                                          0x05000000, 52, 32, 1, 0, 0, 0)
        path = lockwire.directory / "app.elf"
        path.write_bytes(head + struct.pack("<IIIIIIII", 1, 84, 0, 0, len(code), len(code), 5, 4)
                         + code)
        return path
    return make


def run(lockwire, scenario, elf):
    """With the real simulator, not the stand-in."""
    return lockwire("run", scenario, "--firmware", elf, LOCKWIRE_SIM=str(SIMULATOR))


@pytest.mark.parametrize("words, kind, text", [
    (CRASH, "cpu", "firmware fw halted: undefined instruction at 0x00000000"),
    (UNMAPPED, "unmapped", "firmware fw: guest error unmapped: at 0x60000000"),
], ids=["crash", "guest-error"])
def test_what_was_not_expected_fails_the_scenario(lockwire, image, words, kind, text):
    """With the report as text; expected, it passes; expected and not come, it fails."""
    elf = image(words)
    lockwire.file("test_plain.py", SCENARIO.format(expects=""))
    lockwire.file("test_expected.py", SCENARIO.format(expects=f"fw.expect_guest_errors('{kind}')"))
    lockwire.file("test_other.py", SCENARIO.format(expects=f"fw.expect_guest_errors('{kind}', "
                                                           "'duplex')"))
    plain = run(lockwire, "test_plain.py", elf)
    assert plain.returncode == 1 and text in plain.stdout
    assert run(lockwire, "test_expected.py", elf).returncode == 0
    other = run(lockwire, "test_other.py", elf)
    assert other.returncode == 1
    assert "expected but never came: guest error 'duplex' of firmware fw" in other.stdout


def test_image_that_is_none_is_a_usage_error(lockwire, image):
    """One sentence on stderr, status 2, nothing has run."""
    image(CRASH)
    lockwire.file("test_it.py", SCENARIO.format(expects=""))
    for name, content, text in (("bad.elf", "no program", "bad.elf: not an ELF file"),
                                ("gone.elf", None, "--firmware: there is no file gone.elf")):
        if content is not None:
            lockwire.file(name, content)
        result = run(lockwire, "test_it.py", name)
        assert result.returncode == 2 and text in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
