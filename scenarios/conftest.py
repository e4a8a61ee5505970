"""Lets plain pytest run these scenarios too: puts the package on the path and loads its plugin.

`lockwire run` has done both already; then nothing happens here."""

import sys
from pathlib import Path

import pytest

PYTHON = str(Path(__file__).resolve().parents[1] / "harness" / "python")
if PYTHON not in sys.path:
    sys.path.insert(0, PYTHON)

pytest_plugins = ["lockwire.plugin"]


@pytest.fixture
def cross():
    """cross(ready, lengths, rate="100M", latency=0): when frames get to the end of one cable.

    `ready` says for each frame when it is there to be sent; they leave in this order, one
    behind the other with the gap between them. A switch is two cables, each with
    half its latency."""
    from lockwire import wire_time

    def arrivals(ready, lengths, rate="100M", latency=0):
        free, there = 0, []
        for at, length in zip(ready, lengths, strict=True):
            start = max(at, free)
            free = start + wire_time(length, rate, gap=True)
            there.append(start + wire_time(length, rate) + latency)
        return there
    return arrivals


@pytest.fixture
def switched(cross):
    """switched(ready, lengths, rate="100M", latency=50_000): across both cables of a switch."""
    def arrivals(ready, lengths, rate="100M", latency=50_000):
        half = latency // 2
        return cross(cross(ready, lengths, rate, half), lengths, rate, latency - half)
    return arrivals


@pytest.fixture
def cable():
    """What `bench` joins host and tester with: arguments of net.segment(). A file or directory may
    have its own."""
    return {"latency": "50us"}


@pytest.fixture
def bench(net, cable):
    """bench(**options): host a, 10.0.0.1, with these options, and the port of the tester,
    10.0.0.254, whom it can reach without ARP; it is 1 ms, all is quiet."""
    def make(**options):
        lan = net.segment("lan", **cable)
        a = net.host("a", lan, ip="10.0.0.1/24", **options)
        wire = lan.port("tester", mac="02:00:00:00:00:fe")
        a.arp_static("10.0.0.254", wire.mac)
        net.run(until="1ms")
        wire.clear()
        return a, wire
    return make


class Talk:
    """What TCP begins with: one host, one cable, and the tester at its other end. `h` the host,
    `wire` the tester's port, `lan` the cable, `net` the world.

    Addresses are those of the catalogues' notation: the host is 10.0.0.2 (02:00:00:00:00:02), the
    tester 10.0.0.1 (02:00:00:00:00:01). The cable takes no time of its own, so that a frame is
    there when its last bit has been sent."""

    RATE = "1G"
    HEADERS = 14 + 20 + 20  # of a segment without options, in bytes

    def __init__(self, net, **options):
        self.net = net
        self.lan = net.segment("lan", kind="link", rate=self.RATE)
        self.h = net.host("h", self.lan, ip="10.0.0.2/24", mac="02:00:00:00:00:02", **options)
        self.wire = self.lan.port("tester", mac="02:00:00:00:00:01", ip="10.0.0.1")
        self.h.arp_static(self.wire.ip, self.wire.mac)
        net.run(until="1ms")
        self.wire.clear()

    def peer(self, dport=80, sport=40000, **options):
        """The tester as the other end of a connection with the host's port; see wire.tcp()."""
        return self.wire.tcp(self.h, dport, sport, **options)

    @classmethod
    def hop(cls, what=HEADERS):
        """Nanoseconds that a frame needs to the other end: a segment, or a frame's length."""
        from lockwire import wire_time
        return wire_time(what if isinstance(what, int) else len(what.frame), cls.RATE)

    def back(self, sent, length=0, options=0):
        """How long after `sent` the host's immediate answer is here, when that has so many bytes
        of data and of options: for peer.expect(at=talk.back(sent), since=sent)."""
        return self.hop(sent) + self.hop(self.HEADERS + options + length)

    def serve(self, dport=80, sport=40000, listen=None, **options):
        """(the host's end, the peer) of a connection that the peer opened; `listen` are
        arguments of host.listen(), the others are the peer's."""
        listener = self.h.listen(dport, **(listen or {}))
        peer = self.peer(dport, sport, **options).connect()
        return listener.accept(timeout="1s"), peer

    def call(self, sport=80, **options):
        """(the host's end, the peer) of a connection that the host opened to the peer's port."""
        peer = self.peer(None, sport, **options).listen()
        connection = self.h.connect(peer.ip, peer.sport, timeout="1s")
        return connection, peer.accept()

    def drops(self):
        """What the host has dropped, and why."""
        return self.h.stats()["drops"]


@pytest.fixture
def talk(net):
    """talk(**options): a Talk whose host has these options; it is 1 ms, all is quiet."""
    return lambda **options: Talk(net, **options)
