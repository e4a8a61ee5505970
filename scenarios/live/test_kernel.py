"""The Linux kernel on a segment of ours, by a TAP device: ARP, ping and UDP in real time.

Only what is certain on a slow machine is asserted: what was lost, and that nothing is faster than
the link's latency. [RFC826 Packet Reception] [RFC792 Echo] """

import re
import subprocess

import pytest

pytestmark = pytest.mark.live
OURS, KERNEL = "10.7.0.1", "10.7.0.254"  # as conftest.py makes them
LATENCY_MS = 5
SLEW = 0.999  # the clock that ping looks at may be corrected meanwhile
ECHO_REQUEST, ECHO_REPLY = 8, 0

UDP_CLIENT = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(30)
for size in (0, 1, 512, 1472, 4000):
    data = bytes(i * 7 % 256 for i in range(size))
    s.sendto(data, (sys.argv[1], 7))
    got, source = s.recvfrom(65536)
    print(size, got == data, source == (sys.argv[1], 7))
"""
UDP_SERVER = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 7))
s.settimeout(30)
for _ in range(int(sys.argv[1])):
    data, source = s.recvfrom(65536)
    s.sendto(data[::-1], source)
"""


def icmp(frames, direction, kind):
    """How many of the frames are ICMP messages of this type."""
    return sum(1 for f in frames if f.direction == direction and f.data[12:14] == b"\x08\x00"
               and f.data[23] == 1 and f.data[34] == kind)


def test_kernel_pings_our_host(net, kernel, bridged, judge):
    a, _lan, tap = bridged()
    done = kernel.run(net, ["ping", "-n", "-c", "5", "-i", "0.2", "-W", "20", OURS])
    said = done.output.decode()
    assert (done.status, "5 received, 0% packet loss" in said) == (0, True), said
    fastest = float(re.search(r"= ([\d.]+)/", said).group(1))
    assert fastest >= 2 * LATENCY_MS * SLEW
    counts = tap.counts()
    assert (counts["dropped"], counts["waiting"], counts["gone"]) == ({}, 0, False)
    assert a.stats()["drops"] == {}
    judge()


def test_our_host_pings_the_kernel(net, kernel, bridged, judge):
    a, _lan, _tap = bridged()
    for _ in range(3):
        pong = a.ping(KERNEL, timeout="30s")
        assert pong is not None and pong.source == KERNEL
        assert pong.rtt_ns >= 2 * LATENCY_MS * 1_000_000  # in virtual time this is exact
    judge()


def test_each_learns_the_other_by_arp(net, kernel, bridged, judge):
    a, _lan, _tap = bridged()
    assert a.ping(KERNEL, timeout="30s") is not None
    assert [(row["ip"], row["mac"]) for row in a.arp_table()] == [(KERNEL, kernel.mac("tap0"))]
    assert f"{OURS} dev tap0 lladdr {a.mac}" in kernel.do("ip", "neighbour")
    # and the other way round, with nothing known
    kernel.do("ip", "neighbour", "flush", "all")
    done = kernel.run(net, ["ping", "-n", "-c", "1", "-W", "20", OURS])
    assert done.status == 0
    assert f"{OURS} dev tap0 lladdr {a.mac}" in kernel.do("ip", "neighbour")
    judge()


def test_kernel_sends_datagrams_and_gets_them_back(net, bridged, python, judge):
    """Also in fragments: both sides cut and reassemble. [RFC791 3.2] """
    a, _lan, _tap = bridged()
    with a.udp(7) as socket:
        def echo():
            got = socket.recv(timeout=0)
            if got is not None:
                socket.send(got.data, got.addr, got.port)
        done = python(UDP_CLIENT, OURS, each=echo)
    assert (done.status, done.errors) == (0, "")
    assert done.output.decode().splitlines() == [f"{size} True True"
                                                 for size in (0, 1, 512, 1472, 4000)]
    judge()


def test_we_send_datagrams_and_the_kernel_sends_them_back(net, kernel, bridged, judge):
    import sys
    a, _lan, _tap = bridged()
    sizes = (1, 512, 1472, 4000)
    server = kernel.start([sys.executable, "-I", "-c", UDP_SERVER, str(len(sizes))])
    net.run(until=lambda: ":7 " in kernel.do("ss", "-uanH"), timeout="30s", step="20ms")
    with a.udp() as socket:
        for size in sizes:
            data = bytes(i % 251 for i in range(size))
            socket.send(data, KERNEL, 7)
            got = socket.recv(timeout="30s")
            assert (got.data, got.addr, got.port) == (data[::-1], KERNEL, 7)
    kernel.wait(net, server)
    assert (server.status, server.errors) == (0, "")
    judge()


def test_netcat_is_answered(net, kernel, bridged, judge):
    a, _lan, _tap = bridged()
    with a.udp(9) as socket:
        netcat = kernel.start(["nc", "-u", "-n", "-w", "1", OURS, "9"], b"is anybody there?\n")
        got = socket.recv(timeout="30s")
        assert (got.data, got.addr) == (b"is anybody there?\n", KERNEL)
        socket.send(b"yes\n", got.addr, got.port)
        kernel.wait(net, netcat)
    assert netcat.output == b"yes\n"
    judge()


def test_closed_port_is_refused_by_either(net, bridged, python, judge):
    """[RFC1122 4.1.3.1] """
    from lockwire import IcmpError
    a, _lan, _tap = bridged()
    done = python("import socket, sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                  "s.settimeout(30); s.connect((sys.argv[1], 4711)); s.send(b'x')\n"
                  "try: s.recv(1)\nexcept ConnectionRefusedError: print('refused')", OURS)
    assert (done.output, done.errors) == (b"refused\n", "")
    with a.udp() as socket:
        socket.connect(KERNEL, 4711)
        socket.send(b"x")
        with pytest.raises(IcmpError) as refused:
            socket.recv(timeout="30s")
    assert (refused.value.type, refused.value.code) == (3, 3)
    judge()


def test_what_the_link_loses_ping_misses(net, kernel, bridged, captured):
    """2 % loss each way: ping counts exactly the replies that reached the kernel."""
    _a, lan, _tap = bridged(latency="1ms")
    lan.impair.loss("2%")
    done = kernel.run(net, ["ping", "-n", "-c", "100", "-i", "0.02", "-W", "5", OURS])
    said = done.output.decode()
    sent, received = map(int, re.search(r"(\d+) packets transmitted, (\d+) received",
                                        said).groups())
    assert done.errors == "" and sent == 100
    ours, theirs = captured("a"), captured("tap0")
    assert icmp(theirs, "out", ECHO_REQUEST) == sent
    assert icmp(ours, "in", ECHO_REQUEST) == icmp(ours, "out", ECHO_REPLY) <= sent
    assert icmp(theirs, "in", ECHO_REPLY) == received <= icmp(ours, "out", ECHO_REPLY)


def test_recording_repeats_the_run_without_the_kernel(net, kernel, bridged):
    """What the kernel said is in the recording, with its times: the replay has the same trace."""
    a, lan, _tap = bridged(jitter="2ms", loss="1/50")
    lan.faults.delay(by="3ms", every=3, match=lambda frame: True)  # asks in between
    kernel.run(net, ["ping", "-n", "-c", "10", "-i", "0.05", "-W", "2", OURS])
    a.ping(KERNEL, timeout="1s")
    end = net.finish()
    assert end.problems == []
    kernel.close()
    if net.folder is None:
        pytest.skip("nothing is recorded here (lockwire run keeps recordings)")
    done = subprocess.run([net.program, "--replay", net.folder / "replay.lwr"], text=True,
                          capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, end.trace + "\n", "")


def test_device_that_is_taken_away_is_told(net, kernel, bridged):
    """The world goes on; what would have gone to the kernel is counted."""
    a, _lan, tap = bridged()
    assert a.ping(KERNEL, timeout="30s") is not None
    kernel.do("ip", "link", "delete", "tap0")
    assert a.ping(KERNEL, timeout="100ms") is None
    counts = tap.counts()
    assert counts["gone"] and counts["dropped"] == {"down": 1}
