"""What the attacks begin with: one host, a tester, and the question whether it still works."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
PORT, CLOSED = 7, 9


class Target:
    """Host a with a socket at PORT; the tester at TESTER, whom it knows."""

    def __init__(self, net, **options):
        self.net = net
        self.lan = net.segment("lan", kind="hub", latency="10us")
        self.a = net.host("a", self.lan, ip=f"{HOST}/24", **options)
        self.wire = self.lan.port("tester", mac="02:00:00:00:00:fe")
        self.a.arp_static(TESTER, self.wire.mac)
        self.socket = self.a.udp(PORT)
        net.run(until="1ms")
        self.wire.clear()
        self.idle = self.used()

    def used(self):
        """What of every pool, and of the heap, is in use."""
        stats = self.a.stats()
        return {name: pool["used"] for name, pool in stats["memp"].items()} | {
            "heap": stats["mem"]["used"]}

    def frame(self, packet, mac=None):
        """In a frame from the tester."""
        return Ether(src=self.wire.mac, dst=mac or self.a.mac) / packet

    def send(self, *packets, mac=None):
        """As many frames, back to back."""
        self.wire.send([self.frame(p, mac) for p in packets])

    def answers(self, wait="20ms"):
        """What the host sent within `wait`."""
        return self.wire.sniff(timeout=wait)

    def drops(self):
        """What it has dropped, and why."""
        return self.a.stats()["drops"]

    def still_works(self, idle=True):
        """Nothing more is said; a datagram and a ping come through; with `idle` nothing is held."""
        assert [p.summary() for p in self.answers()] == []
        while self.socket.recv(timeout=0) is not None:
            pass
        self.send(IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=PORT) / Raw(b"still"),
                  IP(src=TESTER, dst=HOST) / ICMP(type=8, id=1, seq=2) / Raw(b"there"))
        assert self.socket.recv(timeout=1).data == b"still"
        assert self.wire.recv(timeout=1)[ICMP].seq == 2
        if idle:
            assert self.used() == self.idle


@pytest.fixture
def target(net):
    """target(**options): a Target; it is 1 ms, all is quiet."""
    def make(**options):
        return Target(net, **options)
    return make
