"""Firmware as a user of the command line meets it: what fails a scenario, and how it is told."""

import shutil
import struct
import subprocess

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


@pytest.fixture
def alone(tmp_path):
    """A simulator without the emulator's module beside it."""
    if not SIMULATOR.is_file():
        pytest.skip("there is no simulator")
    (tmp_path / "bare").mkdir()
    return shutil.copy2(SIMULATOR, tmp_path / "bare" / "lockwire-sim")


def test_without_the_emulator_firmware_is_refused_and_the_rest_runs(lockwire, image, alone):
    """What to install is said; a scenario without firmware passes; ours are skipped, which is not
    success: status 2."""
    elf = image(CRASH)
    lockwire.file("test_fw.py", SCENARIO.format(expects=""))
    lockwire.file("test_host.py", "def test_it(net):\n    lan = net.segment('lan')\n"
                                  "    a = net.host('a', lan, ip='10.0.0.1/24')\n"
                                  "    assert a.ping('10.0.0.1')\n")
    refused = lockwire("run", "test_fw.py", "--firmware", elf, LOCKWIRE_SIM=alone)
    assert refused.returncode == 1
    assert "no ARM emulator" in refused.stdout and "install libunicorn-dev" in refused.stdout
    host = lockwire("run", "test_host.py", LOCKWIRE_SIM=alone)
    assert host.returncode == 0, host.stdout + host.stderr
    ours = lockwire("run", paths.ROOT / "scenarios" / "firmware" / "test_services.py",
                    LOCKWIRE_SIM=alone)
    assert ours.returncode == 2
    assert "the simulator was built without Unicorn (libunicorn-dev)" in ours.stderr


def test_without_unicorn_and_cross_compiler_the_rest_is_configured(tmp_path):
    """LOCKWIRE_FIRMWARE=OFF is as if neither were installed: two warnings, no module, no image."""
    done = subprocess.run(["cmake", "-S", paths.ROOT, "-B", tmp_path, "-G", "Ninja",
                           "-DLOCKWIRE_FIRMWARE=OFF"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "no Unicorn engine" in done.stderr and "no cross compiler" in done.stderr
    targets = subprocess.run(["ninja", "-C", tmp_path, "-t", "targets", "all"],
                             capture_output=True, text=True, check=True).stdout
    assert "harness/lockwire-sim: " in targets
    assert "lockwire-arm7" not in targets and "echo-thumb.elf" not in targets
