"""gdb on a firmware, as any client of its protocol meets it: stops, garbage, a client that dies.
The real gdb has a test of its own: harness/tests/gdb."""

import json
import random
import re
import signal
import socket
import struct
import subprocess
import sys

import pytest

from lockwire import paths

SIMULATOR = paths.build_dir() / "harness" / "lockwire-sim"
STAY = 0xeafffffe                                     # b .
COUNT = (0xe3a00000,                                  # mov r0, #0
         0xe3a01101,                                  # mov r1, #0x40000000
         0xe2800001,                                  # 8: add r0, r0, #1
         0xe5810010,                                  # str r0, [r1, #16]
         0xe350000a,                                  # cmp r0, #10
         0x1afffffb,                                  # bne 8
         STAY)
TRAP = (0xe3a00007, 0xe7f000f0)                       # mov r0, #7; udf #0
JUMP = (0xe59f0000, 0xe12fff10, 0x12345678)           # ldr r0, [pc]; bx r0
STORE = (0xe3a00000, 0xe5800000)                      # mov r0, #0; str r0, [r0]
SCENARIO = """
def test_it(net):
    fw = net.firmware("fw", net.firmware_path, net.segment("lan"))
    {more}
    net.run(for_="20ms")
"""


class Client:
    """A client of gdb's protocol of a few lines."""

    def __init__(self, port):
        self.socket = socket.create_connection(("localhost", port), timeout=30)
        self.left = b""

    def bytes(self, data):
        """As they are."""
        self.socket.sendall(data)

    def send(self, text):
        """A packet."""
        data = text.encode()
        self.bytes(b"$" + data + b"#%02x" % (sum(data) & 255))

    def take(self):
        """The next packet's payload; acknowledgements are skipped."""
        while True:
            match = re.search(rb"\$([^#]*)#..", self.left)
            if match:
                self.left = self.left[match.end():]
                return match[1].decode()
            more = self.socket.recv(4096)
            if not more:
                raise EOFError(self.left)
            self.left += more

    def ask(self, text):
        """A packet and its answer."""
        self.send(text)
        return self.take()

    def close(self):
        """Without a word."""
        self.socket.close()


class Run:
    """A run in the background that waits for gdb."""

    def __init__(self, lockwire, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lockwire", "run", *map(str, arguments)], text=True,
            cwd=lockwire.directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=lockwire.environment(LOCKWIRE_SIM=str(SIMULATOR)))
        self.first = self.process.stderr.readline()
        match = re.fullmatch(r"waiting for gdb: target remote localhost:(\d+)\n", self.first)
        assert match, self.first + self.process.communicate()[1]
        self.client = Client(int(match[1]))

    def end(self):
        """Its status and what else it said on stderr."""
        out, err = self.process.communicate(timeout=60)
        self.out = out
        return self.process.returncode, err


def elf(words):
    """An image with these ARM instructions at address 0."""
    code = struct.pack(f"<{len(words)}I", *words)
    head = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, 0, 52, 0,
                                                      0x05000000, 52, 32, 1, 0, 0, 0)
    return head + struct.pack("<IIIIIIII", 1, 84, 0, 0, len(code), len(code), 5, 4) + code


@pytest.fixture
def start(lockwire):
    """start(words, more, *options): a run of these instructions that waits for gdb."""
    if not (SIMULATOR.is_file() and SIMULATOR.with_name("lockwire-arm7.so").is_file()):
        pytest.skip("there is no simulator, or it was built without Unicorn (libunicorn-dev)")
    runs = []

    def make(words=COUNT, more="", *options):
        (lockwire.directory / "app.elf").write_bytes(elf(words))
        lockwire.file("test_it.py", SCENARIO.format(more=more))
        runs.append(Run(lockwire, "test_it.py", "--firmware", "app.elf", "--firmware-gdb", "fw",
                        *options))
        return runs[-1]
    yield make
    for run in runs:
        run.client.close()
        if run.process.poll() is None:
            run.process.kill()
        run.process.communicate()


def trace(lockwire):
    """The hash of the last run."""
    summary = json.loads((lockwire.directory / "lockwire-out" / "summary.json").read_text())
    return summary["scenarios"][0]["trace"]


def plain(lockwire):
    """The hash of the same run without gdb."""
    done = lockwire("run", "test_it.py", "--firmware", "app.elf", LOCKWIRE_SIM=str(SIMULATOR))
    assert done.returncode == 0, done.stdout + done.stderr
    return trace(lockwire)


def register(client, number):
    """Its value."""
    return int.from_bytes(bytes.fromhex(client.ask(f"p{number:x}")), "little")


MORE = 'net.segments["lan"].port("t").send(b"\\xff" * 60)'


def test_stops_are_exact_and_change_nothing(start, lockwire):
    """Breakpoint, steps, a watchpoint, detach: the trace is that of the run without gdb, and
    the recording repeats it without waiting for anybody."""
    run = start(COUNT, MORE)
    gdb = run.client
    assert gdb.ask("?") == "T05thread:1;" and register(gdb, 15) == 0
    assert gdb.ask("Z0,8,4") == "OK"
    assert gdb.ask("m8,4") == "010080e2"               # the guest sees its own instruction
    assert gdb.ask("c") == "T05thread:1;" and register(gdb, 15) == 8
    assert gdb.ask("c") == "T05thread:1;" and register(gdb, 0) == 1
    assert gdb.ask("z0,8,4") == "OK"
    assert gdb.ask("vCont;s:1") == "T05thread:1;"
    assert (register(gdb, 15), register(gdb, 0)) == (12, 2)
    assert gdb.ask("Z2,40000012,1") == "OK"            # inside the word that is stored
    assert gdb.ask("c") == "T05watch:40000012;thread:1;"
    assert register(gdb, 15) == 16 and gdb.ask("m40000010,4") == "02000000"
    assert gdb.ask("z2,40000012,1") == "OK"
    assert gdb.ask("D") == "OK"
    assert run.end() == (0, "")
    recording, = (lockwire.directory / "lockwire-out").glob("*/replay.lwr")
    again = lockwire("replay", recording, LOCKWIRE_SIM=str(SIMULATOR))
    assert again.returncode == 0 and trace(lockwire) in again.stdout, again.stderr
    assert trace(lockwire) == plain(lockwire)


def test_ctrl_c_stops_it_and_the_end_is_told(start, lockwire):
    """Also in a loop that is skipped; the same trace."""
    run = start(COUNT, 'net.run(for_="1s")\n    fw.instructions')
    gdb = run.client
    gdb.send("c")
    gdb.bytes(b"\x03")
    assert gdb.take() == "T02thread:1;" and register(gdb, 15) <= 24
    assert gdb.ask("c") == "W00"
    assert run.end() == (0, "")
    assert trace(lockwire) == plain(lockwire)


@pytest.mark.parametrize("words, number, pc", [(TRAP, 4, 4), (JUMP, 11, 4),
                                               (STORE, 10, 4)],
                         ids=["undefined", "jump", "store-to-flash"])
def test_crash_stops_in_gdb_before_it_is_reported(start, lockwire, words, number, pc):
    """SIGILL, SIGSEGV, SIGBUS, by gdb's numbers; then the board halts."""
    run = start(words, "fw.expect_guest_errors('cpu')")
    gdb = run.client
    assert gdb.ask("c") == f"T{number:02x}thread:1;" and register(gdb, 15) == pc
    assert gdb.ask("c") == f"X{number:02x}"
    assert run.end() == (0, "")
    assert trace(lockwire) == plain(lockwire)


GONE = "gdb of firmware fw is gone: the run goes on without it\n"


@pytest.mark.parametrize("packet", [None, "c", "s"])
def test_client_that_dies_does_not_end_the_run(start, lockwire, packet):
    """Before the first instruction, while it runs, after a step: one message."""
    run = start(COUNT, 'net.run(for_="1s")')
    if packet is not None:
        run.client.send(packet)
    run.client.close()
    assert run.end() == (0, GONE)
    assert trace(lockwire) == plain(lockwire)


def test_garbage_is_survived(start, lockwire):
    """Bytes at random, damaged packets (an empty one is none: it is answered, and twice more as it
    is not acknowledged), packets without end or sense: nothing has changed."""
    run = start()
    gdb, dice = run.client, random.Random(1)
    gdb.bytes(dice.randbytes(60_000).replace(b"$", b"%"))
    gdb.bytes(b"$" + b"a" * 100_000 + b"#00")
    gdb.bytes(b"$g#00$m0,4#zz$#00--")
    assert [gdb.ask("qC")] + [gdb.take() for _ in range(3)] == ["", "", "", "QC1"]
    for text in ("mffffffff,ffffffff", "m0", "m,", "m123456789,4", "M0,4:zz", "X0,4:1", "Gff",
                 "P99=0", "p", "Z0,,", "Z9,0,0", "z5,0,4", "Z2,ffffffff,2", "Z4,0,0", "cxyz",
                 "vCont;", "v", "q", "qXfer:features:read:target.xml:ffffffff,1", "qRcmd,6",
                 "qRcmd,zz", "H", "_", "P10=0f000000"):
        answer = gdb.ask(text)
        assert answer == "" or answer[0] in "EO", (text, answer)
    assert gdb.ask("g") == "00" * 64 + "d3000000"
    gdb.send("k")
    assert run.end() == (0, "")
    assert trace(lockwire) == plain(lockwire)


def test_memory_and_monitor(start):
    """RAM is written, and said to be; registers that would change by being read are refused."""
    run = start((STAY,))
    gdb = run.client
    assert gdb.ask("M40000000,4:78563412") == "OK" and gdb.ask("m40000000,4") == "78563412"
    assert gdb.ask("mfffff000,4") == "E0e" and gdb.ask("me000c000,4") == "E0e"
    assert gdb.ask("mffe00ffc,4") == "01200239"        # the EMAC's module id has no such effect
    assert gdb.ask("Mffe00000,4:00000000") == "E0e"
    assert gdb.ask("P0=01000000") == "OK" and register(gdb, 0) == 1
    text = bytes.fromhex(gdb.ask("qRcmd," + b"time".hex())).decode()
    assert text == "0.000000000 s, 0 instructions\n"
    assert b"monitor time" in bytes.fromhex(gdb.ask("qRcmd," + b"nonsense".hex()))
    gdb.send("k")
    status, err = run.end()
    assert status == 0
    assert err == "gdb writes to firmware fw: its recording will not repeat this run\n"


def test_interrupted_run_does_not_wait_for_gdb(start):
    """Ctrl-C for the command while the world stands still."""
    run = start()
    assert run.client.ask("?") == "T05thread:1;"
    run.process.send_signal(signal.SIGINT)
    assert run.end()[0] == 130


def test_bad_usage_is_one_sentence(start, lockwire):
    """A port in use, a name that nothing has, options that make no sense: status 2."""
    run = start()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for options, text in (
                (["--firmware-gdb", f"fw:{port}"], f"port {port} of localhost cannot be had"),
                (["--firmware-gdb", "nobody"], "no scenario made a firmware nobody"),
                (["--firmware-gdb", "fw:70000"], "a port from 0 to 65535, not 'fw:70000'"),
                (["--firmware-gdb", "fw", "--jobs", "2"], "leave out --jobs and --repeat")):
            done = lockwire("run", "test_it.py", "--firmware", "app.elf", "--out", "other",
                            *options, LOCKWIRE_SIM=str(SIMULATOR))
            assert done.returncode == 2 and text in done.stderr, done.stderr
            assert "Traceback" not in done.stderr
    run.client.send("k")
    assert run.end()[0] == 0


def test_port_in_use_is_the_scenarios_mistake(start, lockwire):
    """net.firmware(gdb=): a UsageError, and nothing was plugged in."""
    run = start()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        lockwire.file("test_port.py", f"""
import pytest
from lockwire import UsageError
def test_it(net):
    lan = net.segment("lan")
    with pytest.raises(UsageError, match="gdb of firmware fw: port {port} is in use"):
        net.firmware("fw", net.firmware_path, lan, gdb={port})
    fw = net.firmware("fw", net.firmware_path, lan)
    assert fw.gdb_port is None
""")
        done = lockwire("run", "test_port.py", "--firmware", "app.elf", "--out", "other",
                        LOCKWIRE_SIM=str(SIMULATOR))
        assert done.returncode == 0, done.stdout
    run.client.send("D")
    assert run.end()[0] == 0
