"""Properties of every frame that a host sends, checked over a long and varied exchange.

The host resolves, pings, is pinged, talks to neighbours, groups, broadcasts, itself and the far
side of a gateway, in fragments too, refuses what is broken, reports groups, changes its address.
Everything it puts on its two cables is looked at octet by octet (not by Scapy, nor by the stack's
own code). Rules: [RFC1122 2.3.1], [RFC1122 2.3.3], [RFC1122 3.2.1.3], [RFC1122 3.2.1.7], [RFC1122
3.2.2], [RFC1122 3.2.2.2], [RFC1122 4.1.3.4], [RFC1122 4.1.3.6]."""

from collections import Counter

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether, LLC, SNAP, Dot3
from scapy.packet import Raw

from lockwire import StackError, shows

OWN = {"10.0.0.1", "10.9.0.1", "10.0.0.3"}
PEER, GATEWAY = "10.0.0.9", "10.0.0.254"


def dotted(octets):
    return ".".join(map(str, octets))


def ones_sum(octets):
    """16-bit ones' complement sum."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


class Exchange:
    """A host with two interfaces, a tester on each cable who plays every neighbour."""

    def __init__(self, net):
        self.net = net
        self.lan, self.other = net.segment("lan", kind="hub"), net.segment("other", kind="hub")
        self.near = self.lan.port("near", mac="02:00:00:00:00:09")
        self.far = self.other.port("far", mac="02:00:00:00:00:0a")
        self.a = net.host("a", self.lan, ip="10.0.0.1/24", gw=GATEWAY, lwip_broadcast_ping=1,
                          lwip_multicast_ping=1, icmp_error_rate=0)
        self.second = self.a.netif(self.other, ip="10.9.0.1/24")
        self.macs = {self.a.mac, self.second.mac}
        self.frames = []

    def collect(self, timeout="20ms"):
        """Everything that the host has sent since."""
        self.net.run(for_=timeout)
        for port in (self.near, self.far):
            for p in port.sniff(timeout=0):
                octets = bytes(p)
                if ":".join(f"{o:02x}" for o in octets[6:12]) in self.macs:
                    self.frames.append(octets)

    def know(self, *ips):
        """The tester bears these addresses on the first cable."""
        for ip in ips:
            self.near.send(Ether(src=self.near.mac, dst=self.a.mac)
                           / ARP(op=2, hwsrc=self.near.mac, psrc=ip, hwdst=self.a.mac,
                                 pdst=self.a.ip))
        self.collect()

    def tell(self, ip, mac=None):
        """A datagram arrives at the first interface."""
        self.near.send(Ether(src=self.near.mac, dst=mac or self.a.mac, type=0x0800)
                       / Raw(bytes(ip)))
        self.collect()

    def talk(self):
        """The host speaks."""
        a = self.a
        with a.udp(5000, broadcast=True) as s, a.udp(5001, lite=True) as lite:
            s.send(b"asks first", PEER, 9)
            self.collect()
            self.know(PEER, GATEWAY, "10.0.0.20")
            for dst in (PEER, "192.0.2.1", "255.255.255.255", "10.0.0.255", "224.0.0.5",
                        "239.1.2.3", "10.9.0.7", "10.0.0.1", "127.0.0.1"):
                s.send(b"x" * 30, dst, 9)
                s.send(bytes(range(256)) * 12, dst, 9, tos=0xB8, ttl=1)
                self.collect()
            with pytest.raises(StackError):
                s.send(b"never", PEER, 9, ttl=0)
            lite.send(b"lite", PEER, 9)
        with a.raw(253) as raw, a.raw(255, hdrincl=True) as own:
            raw.send(b"raw", PEER)
            for bad in (dict(src="127.0.0.1"), dict(ttl=0)):
                with pytest.raises(StackError):
                    own.send(bytes(IP(**{"src": "10.0.0.1", "dst": PEER, "proto": 253, **bad})),
                             PEER)
        a.ping(PEER, timeout="1ms")
        a.igmp_join("239.1.2.3")
        self.collect("1s")

    def listen(self):
        """The host is spoken to."""
        ping = ICMP(type=8, id=1) / b"ping"
        for dst in ("10.0.0.1", "10.9.0.1", "10.0.0.255", "255.255.255.255", "224.0.0.1"):
            self.tell(IP(src=PEER, dst=dst) / ping)
        big = bytes(IP(src=PEER, dst="10.0.0.1", id=7) / ICMP(type=8, id=2) / bytes(3000))
        for at in range(0, 3008, 1480):
            piece = big[20 + at:20 + at + 1480]
            self.tell(IP(src=PEER, dst="10.0.0.1", id=7, proto=1, frag=at // 8,
                         flags="MF" if at + 1480 < 3008 else 0) / piece)
        for tos in (0, 0x10, 0xFF):
            self.tell(IP(src=PEER, dst="10.0.0.1", tos=tos) / UDP(sport=9, dport=4444) / b"closed")
            self.tell(IP(src=PEER, dst="10.0.0.1", tos=tos, proto=143) / b"what is that")
            self.tell(IP(src=PEER, dst="10.0.0.1", tos=tos, options=b"\x07\x0b\x04\x00") / ping)
            self.tell(IP(src=PEER, dst="10.0.0.1", tos=tos, flags="MF", id=9 + tos, proto=17)
                      / bytes(64))
        for icmp in range(1, 41):
            if icmp != 8:
                self.tell(IP(src=PEER, dst="10.0.0.1") / ICMP(type=icmp) / bytes(28))
        for src in ("127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.0.1", "0.0.0.0",
                    "240.0.0.1"):
            self.tell(IP(src=src, dst="10.0.0.1") / UDP(sport=9, dport=4444) / b"impossible")
        self.tell(IP(src=PEER, dst="192.0.2.9") / UDP(sport=9, dport=4444) / b"not ours")
        self.near.send(Dot3(src=self.near.mac, dst=self.a.mac) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3)
                       / SNAP(code=0x0800) / IP(src=PEER, dst="10.0.0.1") / ping)
        self.tell(IP(src=PEER, dst="224.0.0.1", ttl=1) / IGMP(type=0x11, gaddr="0.0.0.0", mrcode=1),
                  mac="01:00:5e:00:00:01")
        self.collect("61s")  # reassembly ends

    def change(self):
        """The host moves."""
        self.a.igmp_leave("239.1.2.3")
        self.a.interfaces[0].set(ip="10.0.0.3/24", gw=GATEWAY)
        self.collect()
        with self.a.udp(5000) as s:
            s.send(b"new", PEER, 9)
        self.collect()
        self.a.interfaces[0].link(up=False)
        self.a.interfaces[0].link(up=True)
        self.collect()
        with pytest.raises(StackError):
            with self.a.udp(5000, addr="10.9.0.1") as s:
                s.send(b"from the other", PEER, 9)
        self.collect("10s")


@pytest.fixture
def frames(net):
    """Everything that a host has sent in a long exchange."""
    e = Exchange(net)
    e.collect()
    e.talk()
    e.listen()
    e.change()
    return e.frames


def kind(octets):
    """What a frame carries, for the count."""
    if octets[12:14] == b"\x08\x06":
        return "arp"
    ip = octets[14:]
    if ip[6] & 0x3F or ip[7]:
        return "fragment"
    if ip[9] == 1:
        return f"icmp {ip[(ip[0] & 15) * 4]}"
    return {2: "igmp", 17: "udp", 136: "lite", 253: "raw"}[ip[9]]


def datagrams(frames):
    """Type, IP header and payload of the IPv4 frames."""
    for octets in frames:
        if octets[12:14] == b"\x08\x00":
            ip = octets[14:]
            hlen, total = (ip[0] & 15) * 4, int.from_bytes(ip[2:4], "big")
            assert ip[0] >> 4 == 4 and 20 <= hlen <= total <= len(ip)
            yield ip[:hlen], ip[hlen:total]


def test_every_frame_is_as_it_has_to_be(frames):
    """One exchange, all rules; the counts say that there was something to look at."""
    seen = Counter(kind(f) for f in frames)
    assert {"arp", "udp", "lite", "raw", "igmp", "fragment", "icmp 0", "icmp 3", "icmp 8",
            "icmp 11", "icmp 12"} == set(seen), seen
    assert len(frames) >= 60
    with shows("RQ-1122-01", "RQ-1122-06", "RQ-1122-08"):
        # neither trailers (0x1001 to 0x100f) nor an 802.2 length: RFC 894 alone
        assert {f[12:14] for f in frames} == {b"\x08\x00", b"\x08\x06"}
    headers = [h for h, _ in datagrams(frames)]
    with shows("RQ-1122-14", "RQ-1122-72"):
        assert {dotted(h[12:16]) for h in headers} == OWN
    with shows("RQ-1122-17"):
        assert not [h for h in headers if 127 in (h[12], h[16])]
    with shows("RQ-1122-21"):
        assert min(h[8] for h in headers) == 1
    assert {ones_sum(h) for h in headers} == {0xFFFF}
    assert {h[6] & 0x80 for h in headers} == {0}
    icmp = [(h, d) for h, d in datagrams(frames) if h[9] == 1 and not (h[6] & 0x3F or h[7])]
    with shows("RQ-1122-30"):
        errors = [h for h, d in icmp if d[0] in (3, 4, 5, 11, 12)]
        assert len(errors) > 10 and {h[1] for h in errors} == {0}
    with shows("RQ-1122-38", "RQ-1122-47", "RQ-1122-49"):
        assert {d[0] for _, d in icmp} == {0, 3, 8, 11, 12}
    assert {ones_sum(d) for _, d in icmp} == {0xFFFF}
    with shows("RQ-1122-68"):
        udp = [(h, d) for h, d in datagrams(frames) if h[9] == 17 and not (h[6] & 0x3F or h[7])]
        assert len(udp) >= 8
        for h, d in udp:
            assert d[6:8] != b"\0\0"
            assert ones_sum(h[12:20] + bytes([0, 17]) + d[4:6] + d) == 0xFFFF
