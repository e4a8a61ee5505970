"""What the scenarios of the museum begin with. A row's id is the parameter `row`: the part of a
test's name in brackets."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from lockwire import Net
from lockwire.paths import build_dir

HOST, TESTER = "10.0.0.1", "10.0.0.254"
PORT = 7


@pytest.fixture(autouse=True)
def row(request):
    """The id of the row that is shown, for tests that have no other parameter."""
    return getattr(request, "param", None)


class Bench:
    """Host a (10.0.0.1), all quiet since 1 ms, and the tester, on a hub: what one sends is heard
    wire_time() later. With known=True the host need not ask for the tester."""

    def __init__(self, net, known=True, kind="hub", ip=HOST + "/24", **options):
        self.net = net
        self.lan = net.segment("lan", kind=kind)
        self.a = net.host("a", self.lan, ip=ip, **options)
        self.wire = self.lan.port("tester", mac="02:00:00:00:00:fe")
        if known:
            self.a.arp_static(TESTER, self.wire.mac)
        net.run(until="1ms")
        self.wire.clear()
        self._at_rest = self._used()

    def to_host(self, packet, dst=None):
        """The tester sends an IP packet to the host's MAC, or another."""
        self.wire.send(Ether(src=self.wire.mac, dst=dst or self.a.mac) / packet)

    def arp(self, dst=None, **fields):
        """The tester sends an ARP packet: by default a reply to the host from 10.0.0.9."""
        members = dict(op=2, hwsrc=self.wire.mac, psrc="10.0.0.9", hwdst=self.a.mac, pdst=HOST)
        self.wire.send(Ether(src=self.wire.mac, dst=dst or self.a.mac) / ARP(**(members | fields)))

    def order(self, text):
        """A datagram to port 9 of the host: what its program takes for an order."""
        self.to_host(IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=9) / Raw(text.encode()))
        self.net.run(for_="100us")

    def drops(self):
        """What the host has dropped, and why."""
        return self.a.stats()["drops"]

    def _used(self):
        stats = self.a.stats()
        return {"mem": stats["mem"]["used"]} | {
            name: pool["used"] for name, pool in stats["memp"].items()}

    def in_use(self):
        """Heap octets and pool elements in use, by name, beyond those that the quiet host had."""
        return {name: used - self._at_rest[name] for name, used in self._used().items()
                if used != self._at_rest[name]}

    def works(self):
        """Nothing is left on the wire, and the host answers a ping."""
        from scapy.layers.inet import ICMP
        assert [bytes(p) for p in self.wire.sniff(timeout="10ms")] == []
        self.to_host(IP(src=TESTER, dst=HOST) / ICMP(type=8, id=7, seq=9) / Raw(b"still there"))
        reply = self.wire.recv(timeout="1ms")
        assert (reply[ICMP].type, reply[ICMP].seq, reply[ICMP].load[:11]) == (0, 9, b"still there")


@pytest.fixture
def bench(net):
    """bench(known=, kind=, **options): a Bench."""
    def make(**options):
        return Bench(net, **options)
    return make


@pytest.fixture
def program():
    """program(name): apps/name.so of the build in use."""
    def find(name):
        return build_dir() / "apps" / f"{name}.so"
    return find


@pytest.fixture
def world():
    """world(): a world that the scenario may bring down; it is closed at the end."""
    made = []

    def make():
        made.append(Net(1))
        return made[-1]
    yield make
    for net in made:
        net.close()
