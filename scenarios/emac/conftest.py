"""What the scenarios on the chip share: a host on a board, the tester at the cable's other end,
numbered datagrams in both directions."""

import struct

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

MS = 1_000_000


class Rig:
    """`a`, 10.0.0.1, on a board; `chip` its interface; `wire` the tester, 10.0.0.254, whom it
    reaches without ARP; `net` the world. Datagrams are numbered, `size` bytes each; frames of both
    directions take the time `hop(size)` from their start to their end, and leave `every(size)`."""

    HEADERS = 14 + 20 + 8

    def __init__(self, net, rate="100M", wait="10s", mtu=1500, **options):
        self.net, self.rate = net, rate
        self.lan = net.segment("lan", kind="link", rate=rate)
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", driver="lpc2468", mtu=mtu, **options)
        self.chip = self.a.interfaces[0]
        self.polled = options.get("polled", False)
        self.wire = self.lan.port("tester", mac="02:00:00:00:00:fe")
        self.socket = self.a.udp(7, capacity=4096)
        if wait:
            self.ready(wait)

    def ready(self, timeout="10s"):
        """The link comes up, and all is quiet; returns when it came up."""
        self.net.run(until=lambda: self.link, timeout=timeout)
        up = self.net.now_ns
        self.a.arp_static("10.0.0.254", self.wire.mac)
        self.net.run(for_="5ms")
        self.wire.clear()
        return up

    @property
    def link(self):
        """Whether the stack takes the link for up."""
        return self.chip.info()["link"]

    def hop(self, size=64):
        """From a datagram's first bit to its last."""
        return wire_time(self.HEADERS + size, self.rate)

    def every(self, size=64):
        """From one frame's first bit to the next one's."""
        return wire_time(self.HEADERS + size, self.rate, gap=True)

    def seen(self, t_ns):
        """When the driver looks at what happened at t_ns: at once, or, polled, with the next
        millisecond."""
        return -(-t_ns // MS) * MS if self.polled else t_ns

    def frame(self, number, size=64, **ether):
        """A datagram to the host, numbered."""
        data = struct.pack("!I", number).ljust(size, b"\xa5")
        return (Ether(dst=self.a.mac, src=self.wire.mac, **ether) /
                IP(src="10.0.0.254", dst="10.0.0.1", id=number & 0xFFFF) /
                UDP(sport=7, dport=7) / Raw(data))

    def feed(self, *numbers, size=64, apart=0):
        """The tester sends these, back to back, or begins with one each `apart` ns; returns when
        they have ended, by number, as they would arrive with nothing wrong."""
        start = self.net.now_ns
        step = apart or self.every(size)
        for i, number in enumerate(numbers):
            self.wire.send(self.frame(number, size))
            if apart and i + 1 < len(numbers):
                self.net.run(until=f"{start + (i + 1) * apart}ns")
        return {n: start + i * step + self.hop(size) for i, n in enumerate(numbers)}

    def taken(self, timeout="50ms"):
        """What the host's program has got, by number and time, until nothing comes any more."""
        got = []
        while (datagram := self.socket.recv(timeout=timeout)) is not None:
            got.append((struct.unpack("!I", datagram.data[:4])[0], datagram.t_ns))
        return got

    def send(self, *numbers, size=64):
        """The host's program sends these at this instant; returns when each would have left, if
        nothing was wrong, as the tester sees it."""
        start = self.net.now_ns
        for n in numbers:
            self.socket.send(struct.pack("!I", n).ljust(size, b"\x5a"), "10.0.0.254", 7)
        return {n: start + i * self.every(size) + self.hop(size) for i, n in enumerate(numbers)}

    def heard(self, timeout="50ms"):
        """What the tester has got of these, by number and time, until nothing comes any more."""
        got = []
        while (packet := self.wire.recv(timeout=timeout)) is not None:
            if UDP in packet:
                got.append((struct.unpack("!I", bytes(packet[UDP].payload)[:4])[0],
                            packet.time.ns))
        return got

    def driver(self, *names):
        """Counters of the driver by name: those that are not 0, or those that are asked for."""
        counters = self.chip.chip()["driver"]
        return ({n: counters[n] for n in names} if names
                else {n: v for n, v in counters.items() if v})

    def mac(self):
        """Frames as the silicon has counted them: what is not 0."""
        return {n: v for n, v in self.chip.chip()["mac"].items() if v}

    def echoes(self):
        """All is well: a ping from the tester's side is answered."""
        number = 0xFFFF_0000 + (self.net.now_ns & 0xFFFF)
        self.feed(number)
        assert [n for n, _ in self.taken()] == [number]
        self.send(number)
        assert [n for n, _ in self.heard()] == [number]


@pytest.fixture(params=["interrupt", "polled"])
def polled(request):
    """Both ways to run the driver."""
    return request.param == "polled"


@pytest.fixture
def rig(net):
    """rig(rate="100M", **options): a Rig whose host has these options; its link is up, and all is
    quiet."""
    return lambda **options: Rig(net, **options)
