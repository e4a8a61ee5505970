"""What the scenarios with the kernel share: a namespace, the wire between it and a host of ours,
and tshark's opinion of what went over it."""

import shutil
import struct
import subprocess
import sys

import pytest

from lockwire import capture
from lockwire.netns import Namespace, unavailable

OURS, KERNEL = "10.7.0.1", "10.7.0.254"
LATENCY = "5ms"
# Linux writes a TCP checksum of 0 as 0xffff, as if it were UDP's; tshark does not like it.
BAD = ("_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || "
       "(tcp.checksum.status == 0 && !(tcp.checksum == 0xffff && ip.src == 10.7.0.254)) || "
       "icmp.checksum.status == 0")
CHECKSUMS = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
             "-o", "tcp.check_checksum:TRUE"]


@pytest.fixture
def kernel():
    """An empty network namespace; skipped where none can be made."""
    why = unavailable()
    if why is not None:
        pytest.skip(why)
    with Namespace() as namespace:
        yield namespace


@pytest.fixture
def bridged(net, kernel):
    """bridged(**cable): our host a (10.7.0.1), the link and the kernel's TAP (10.7.0.254) on it."""
    def make(options=None, **cable):
        lan = net.segment("lan", kind="link", **{"latency": LATENCY, **cable})
        a = net.host("a", lan, ip=f"{OURS}/24", **(options or {}))
        kernel.tap("tap0", f"{KERNEL}/24")
        return a, lan, lan.tap("tap0", kernel)
    return make


@pytest.fixture
def captured(net):
    """captured(place): the frames that really were at lan/`place`, "in" or "out", in order."""
    def pick(place):
        found = capture.read(net.folder / "capture.pcapng")
        return [f for f in found if f.interface_name == f"lan/{place}" and "drop" not in f.comment]
    if net.folder is None:
        pytest.skip("nothing is captured here (lockwire run keeps captures)")
    return pick


def as_pcap(frames):
    """The frames as a classic capture with nanoseconds, for a program's standard input."""
    records = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 1 << 16, 1)]
    for f in frames:
        records += struct.pack("<IIII", *divmod(f.t_ns, 10**9), len(f.data), len(f.data)), f.data
    return b"".join(records)


@pytest.fixture
def judge(net, captured):
    """judge(expected): ends the world and lets tshark look at what host a has sent and received,
    for frames that are wrong: malformed, bad checksums, and whatever TCP's analysis flags besides
    `expected`."""
    def look(expected=()):
        end = net.finish()
        assert end.problems == []
        frames = captured("a")
        assert frames != []
        flags = "".join(f" && !{flag}" for flag in expected)
        # what is carried in UDP is nobody's protocol, whatever its port
        done = subprocess.run(
            ["tshark", "-r", "-", "-n", *CHECKSUMS, "-d", "udp.port==1-65535,data",
             "-Y", f"({BAD}) || (tcp.analysis.flags{flags})"],
            input=as_pcap(frames), capture_output=True, check=False)
        assert (done.returncode, done.stdout.decode()) == (0, ""), done.stderr.decode()
    if shutil.which("tshark") is None:
        pytest.skip("there is no tshark on this machine (scripts/packages.txt)")
    return look


@pytest.fixture
def program(kernel):
    """program(code, ...): starts a Python program at the kernel's side."""
    def start(code, *arguments):
        return kernel.start([sys.executable, "-I", "-c", code, *map(str, arguments)])
    return start


@pytest.fixture
def python(kernel, net, program):
    """python(code, ...): the same, run to its end."""
    def run(code, *arguments, **more):
        running = program(code, *arguments)
        kernel.wait(net, running, **more)
        return running
    return run
