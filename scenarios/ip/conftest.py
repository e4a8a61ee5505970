"""What the scenarios about IP's own checks begin with: one host, a tester, and spoilt headers."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

HOST, TESTER = "10.0.0.1", "10.0.0.254"
PORT = 7


class Bench:
    """Host a with a socket at port 7, and the tester, whom it can reach without ARP."""

    def __init__(self, net, switched, **options):
        self.net, self._switched = net, switched
        self.lan = net.segment("lan", latency="50us")
        self.a = net.host("a", self.lan, ip=f"{HOST}/24", **options)
        self.wire = self.lan.port("tester", mac="02:00:00:00:00:fe")
        self.a.arp_static(TESTER, self.wire.mac)
        self.socket = self.a.udp(PORT, broadcast=True)
        net.run(until="1ms")
        self.wire.clear()

    @staticmethod
    def datagram(data=b"hello", **ip):
        """A UDP datagram for the host's socket."""
        fields = dict(src=TESTER, dst=HOST, id=0x1234)
        fields.update(ip)
        return IP(**fields) / UDP(sport=4000, dport=PORT) / Raw(data)

    @staticmethod
    def spoilt(octets, at, new):
        """The datagram with the octets `new` at `at`, and the header checksum right again."""
        raw = bytearray(octets)
        raw[at:at + len(new)] = new
        end = max(20, min((raw[0] & 15) * 4, len(raw)))
        raw[10:12] = b"\0\0"
        raw[10:12] = checksum(bytes(raw[:end])).to_bytes(2, "big")
        return bytes(raw)

    def send(self, ip, dst=None):
        """To the host's MAC unless `dst` says otherwise; returns when it arrives at the host."""
        frame = bytes(Ether(src=self.wire.mac, dst=dst or self.a.mac, type=0x0800)) + bytes(ip)
        start = self.net.now_ns
        self.wire.send(frame)
        return self._switched([start], [len(frame)])[0]

    def dropped(self, ip=None, mib2=None):
        """What the host has dropped by now, after looking at these counters of lwip.ip and mib2:
        each must be 1."""
        self.net.run(for_="1ms")
        stats = self.a.stats()
        assert {name: stats["lwip"]["ip"][name] for name in ip or ()} == dict.fromkeys(ip or (), 1)
        assert {name: stats["mib2"][name] for name in mib2 or ()} == dict.fromkeys(mib2 or (), 1)
        return stats["drops"]

    def still_works(self):
        """Nobody has heard anything so far; then a datagram arrives, in time, and a ping is
        answered."""
        assert [bytes(p) for p in self.wire.sniff(timeout="10ms")] == []
        assert self.socket.recv(timeout=0) is None
        arrives = self.send(self.datagram(b"still there"))
        got = self.socket.recv(timeout=1)
        assert (got.data, got.addr, got.t_ns) == (b"still there", TESTER, arrives)
        self.send(IP(src=TESTER, dst=HOST) / ICMP(type=8, id=1, seq=2) / Raw(b"still there"))
        assert self.wire.recv(timeout=1)[ICMP].seq == 2
        memp = self.a.stats()["memp"]
        assert (memp["PBUF_POOL"]["used"], memp["REASSDATA"]["used"]) == (0, 0)


@pytest.fixture
def bench(net, switched):
    """bench(**options): a Bench whose host has these options; it is 1 ms, all is quiet."""
    def make(**options):
        return Bench(net, switched, **options)
    return make
