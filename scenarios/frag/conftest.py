"""What the scenarios about fragments begin with: one host, a tester, and pieces of datagrams."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
PORT = 7


class Bench:
    """Host a with a socket at port 7, and the tester, who knows how to cut."""

    def __init__(self, net, switched, **options):
        self.net, self._switched = net, switched
        lan = net.segment("lan", latency="50us")
        self.lan = lan
        self.a = net.host("a", lan, ip=f"{HOST}/24", **options)
        self.wire = lan.port("tester", mac="02:00:00:00:00:fe")
        self.a.arp_static(TESTER, self.wire.mac)
        self.socket = self.a.udp(PORT)
        net.run(until="1ms")
        self.wire.clear()

    @staticmethod
    def datagram(size, src=TESTER, dst=HOST, fill=7):
        """The octets behind the IP header of a UDP datagram that is `size` long with its header."""
        data = bytes((fill * i + 1) & 0xFF for i in range(size - 8))
        return bytes(IP(src=src, dst=dst) / UDP(sport=4000, dport=PORT) / Raw(data))[20:]

    @staticmethod
    def datagram_of(data=b"whole", **ip):
        """A UDP datagram for the socket that is not cut."""
        return IP(src=TESTER, dst=HOST, **ip) / UDP(sport=4000, dport=PORT) / Raw(data)

    @staticmethod
    def piece(octets, start, end, last=None, **ip):
        """The fragment [start, end) of `octets`; it is the last one if it ends where they end."""
        last = end >= len(octets) if last is None else last
        fields = dict(src=TESTER, dst=HOST, id=0x1234, proto=17)
        fields.update(ip)
        return IP(frag=start // 8, flags=0 if last else "MF", **fields) / Raw(octets[start:end])

    def pieces(self, octets, size, **ip):
        """All of them, `size` octets each but for the last."""
        return [self.piece(octets, at, min(at + size, len(octets)), **ip)
                for at in range(0, len(octets), size)]

    def send(self, *packets):
        """All at once; returns when each has arrived at the host."""
        frames = [Ether(src=self.wire.mac, dst=self.a.mac) / p for p in packets]
        start = self.net.now_ns
        self.wire.send(frames)
        return self._switched([start] * len(frames), [len(f) for f in frames])

    def settle(self):
        """Long enough for what was sent to arrive and be answered."""
        self.net.run(for_="20ms")

    def drops(self):
        """What the host has dropped, and why."""
        return self.a.stats()["drops"]

    def held(self):
        """(datagrams, receive buffers) that the host keeps."""
        memp = self.a.stats()["memp"]
        return memp["REASSDATA"]["used"], memp["PBUF_POOL"]["used"]

    def still_works(self):
        """Nothing is left to read; a datagram in three pieces is whole when its last is there, and
        a ping is answered."""
        assert [bytes(p) for p in self.wire.sniff(timeout="10ms")] == []
        assert self.socket.recv(timeout=0) is None
        octets = self.datagram(1000, fill=11)
        times = self.send(*self.pieces(octets, 400, id=0xBEEF))
        got = self.socket.recv(timeout=1)
        assert (got.data, got.addr, got.t_ns) == (octets[8:], TESTER, times[-1])
        self.send(IP(src=TESTER, dst=HOST) / ICMP(type=8, id=1, seq=2) / Raw(b"still there"))
        assert self.wire.recv(timeout=1)[ICMP].seq == 2


@pytest.fixture
def bench(net, switched):
    """bench(**options): a Bench whose host has these options; it is 1 ms, all is quiet."""
    def make(**options):
        return Bench(net, switched, **options)
    return make
