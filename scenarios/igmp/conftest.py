"""How scenarios about IGMP begin: a host, and a tester that plays router and neighbours."""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import IP, IPOption_Router_Alert
from scapy.layers.l2 import Ether

from lockwire import wire_time

HOST, ROUTER = "10.0.0.1", "10.0.0.254"
MILLISECOND = 1_000_000


def group_mac(group):
    """[RFC1112 6.4]: the low 23 bits of the group behind 01:00:5e."""
    octets = [int(o) for o in group.split(".")]
    return f"01:00:5e:{octets[1] & 0x7F:02x}:{octets[2]:02x}:{octets[3]:02x}"


class Tester:
    """A host under test and everything else on its link."""

    TRIP = 2 * wire_time(60) + 50_000  # of one IGMP message, which is padded

    def __init__(self, net, a, wire):
        self.net, self.a, self.wire = net, a, wire

    def message(self, kind, group, dst=None, ip_id=0):
        """What the host has to send: every byte of the frame, with Scapy's checksums."""
        dst = dst or group
        packet = (Ether(src=self.a.mac, dst=group_mac(dst))
                  / IP(src=HOST, dst=dst, id=ip_id, ttl=1, tos=0, proto=2,
                       options=[IPOption_Router_Alert()])
                  / IGMP(type=kind, mrcode=0, gaddr=group))
        return bytes(packet).ljust(60, b"\0")

    def send(self, kind, group="0.0.0.0", dst=None, mrcode=0, src=ROUTER, tail=b"", **igmp):
        """The router or a neighbour sends a message; by default to where it belongs."""
        dst = dst or ("224.0.0.1" if group == "0.0.0.0" else group)
        self.wire.send(Ether(dst=group_mac(dst))
                       / IP(src=src, dst=dst, ttl=1, proto=2, options=[IPOption_Router_Alert()])
                       / IGMP(type=kind, mrcode=mrcode, gaddr=group, **igmp) / tail)

    def join(self, group="239.1.2.3"):
        """Joins, waits until both reports are out and the host is idle, and forgets them."""
        self.a.igmp_join(group)
        self.net.run(for_="600ms")
        assert [bytes(p)[38] for p in self.wire.sniff(timeout=0)] == [0x16, 0x16]

    def heard(self, timeout="20s"):
        """What arrives: (ns after now, bytes), on its way included."""
        start = self.net.now_ns
        return [(p.time.ns - start, bytes(p)) for p in self.wire.sniff(timeout=timeout)]

    def igmp(self):
        """The counters of IGMP that are not 0."""
        return {k: v for k, v in self.a.stats()["lwip"]["igmp"].items() if v}


@pytest.fixture
def bench(net):
    """bench(**options): a Tester for host a; it is 1 ms, all is quiet."""
    def make(**options):
        lan = net.segment("lan", latency="50us")
        a = net.host("a", lan, ip=f"{HOST}/24", **options)
        wire = lan.port("tester", mac="02:00:00:00:00:fe")
        net.run(until="1ms")
        wire.clear()
        return Tester(net, a, wire)
    return make
