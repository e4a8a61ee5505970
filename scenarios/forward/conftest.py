"""What the scenarios about routers begin with: a router between two segments, a tester on each."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

NEAR, FAR = "10.1.0.9", "10.2.0.9"
LEFT, RIGHT = "10.1.0.1", "10.2.0.1"


class Bench:
    """Router r, interface `left` (its default) towards `near`, `right` towards `far`; all know the
    others' MACs. `rate` is that of the right segment."""

    def __init__(self, net, switched, mtu=1500, rate="100M", gw=None, known=True, queue=1000,
                 **options):
        self.net, self.switched, self.rate = net, switched, rate
        self.left_lan = net.segment("left", latency="50us")
        self.right_lan = net.segment("right", latency="50us", rate=rate, queue=queue)
        self.r = net.host("r", self.left_lan, ip=f"{LEFT}/24", gw=gw,
                          **{"ip_forward": 1, **options})
        self.left = self.r.interfaces[0]
        self.right = self.r.netif(self.right_lan, ip=f"{RIGHT}/24", mtu=mtu)
        self.near = self.left_lan.port("near", mac="02:00:00:00:00:01")
        self.far = self.right_lan.port("far", mac="02:00:00:00:00:02")
        self.r.arp_static(NEAR, self.near.mac)
        if known:
            self.r.arp_static(FAR, self.far.mac)
        net.run(until="10ms")
        self.near.clear()
        self.far.clear()

    @staticmethod
    def datagram(size=100, **ip):
        """A UDP datagram from near to far with `size` octets of data."""
        fields = dict(src=NEAR, dst=FAR, id=0x1234, ttl=64)
        fields.update(ip)
        data = bytes((3 * i) & 0xFF for i in range(size))
        return IP(**fields) / UDP(sport=4000, dport=9) / Raw(data)

    def send(self, *packets, dst=None):
        """From near to the router, all at once; returns when each arrives there."""
        frames = [Ether(src=self.near.mac, dst=dst or self.left.mac) / p for p in packets]
        start = self.net.now_ns
        self.near.send(frames)
        return self.switched([start] * len(frames), [len(f) for f in frames])

    def onward(self, times, lengths):
        """When frames that the router sends at `times` arrive at far."""
        return self.switched(times, lengths, rate=self.rate)

    def hop(self, packet, **changed):
        """The frame that far gets: TTL one less, checksum by Scapy."""
        ip = IP(bytes(packet))
        ip.ttl -= 1
        for name, value in changed.items():
            setattr(ip, name, value)
        del ip.chksum
        return bytes(Ether(src=self.right.mac, dst=self.far.mac) / ip).ljust(60, b"\0")

    def error(self, quote, src=LEFT, **icmp):
        """The frame of the router's first ICMP error, to near."""
        return bytes(Ether(src=self.left.mac, dst=self.near.mac)
                     / IP(src=src, dst=NEAR, id=0, ttl=255, tos=0)
                     / ICMP(**icmp) / Raw(bytes(quote)[:IP(bytes(quote)).ihl * 4 + 8])).ljust(60,
                                                                                              b"\0")

    def quiet(self):
        """Nothing is on either wire for 10 ms."""
        return len(self.near.sniff(timeout="5ms")) + len(self.far.sniff(timeout="5ms")) == 0

    def still_works(self):
        """All is quiet; then a datagram crosses, in time; the router holds nothing back."""
        assert self.quiet()
        packet = self.datagram(40)
        times = self.send(packet)
        got = self.far.recv_bytes(timeout=1)
        assert (got.data, [got.t_ns]) == (self.hop(packet), self.onward(times, [82]))
        stats = self.r.stats()
        assert (stats["memp"]["PBUF_POOL"]["used"], stats["mem"]["used"]) == (0, 0)


@pytest.fixture
def bench(net, switched):
    """bench(mtu=, rate=, gw=, known=, **options): a Bench; it is 10 ms, all is quiet."""
    def make(**options):
        return Bench(net, switched, **options)
    return make
