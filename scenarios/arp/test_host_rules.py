"""RFC 1122's rules for the link layer, a scenario for each row of scripts/catalogue/rfc.tsv.

[RFC1122 2.3.2.1], [RFC1122 2.3.2.2], [RFC1122 2.3.3], [RFC1122 2.4]. The details have files of
their own here: ageing, retry, queue, frames."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, LLC, SNAP, Dot3, Ether
from scapy.packet import Raw

from lockwire import shows

HOST, PEER = "10.0.0.1", "10.0.0.9"


class Lan:
    """Host a and a tester on a hub; a socket at port 7."""

    def __init__(self, net, **options):
        self.net = net
        lan = net.segment("lan", kind="hub")
        self.a = net.host("a", lan, ip=f"{HOST}/24", **options)
        self.wire = lan.port("tester", mac="02:00:00:00:00:09")
        self.socket = self.a.udp(7)
        net.run(until="1ms")
        self.wire.clear()

    def answer(self, mac=None):
        """PEER tells the host its address."""
        mac = mac or self.wire.mac
        self.wire.send(Ether(src=mac, dst=self.a.mac)
                       / ARP(op=2, hwsrc=mac, psrc=PEER, hwdst=self.a.mac, pdst=HOST))
        self.net.run(for_="1ms")

    def sent(self, timeout="1ms"):
        """What the host has sent: "arp", or (MAC, data) of a datagram."""
        return ["arp" if ARP in p else (p.dst, bytes(p[UDP].payload)[:p[UDP].len - 8])
                for p in self.wire.sniff(timeout=timeout)]


@pytest.fixture
def lan(net):
    """lan(**options): a Lan whose host has these options."""
    def make(**options):
        return Lan(net, **options)
    return make


@pytest.mark.parametrize("age", [20, 60])
def test_stale_entry_is_flushed(lan, age):
    """[RFC1122 2.3.2.1]: a neighbour changes its card without a word; the timeout, which can be
    set, ends that."""
    b = lan(arp_maxage=age)
    b.answer()
    b.socket.send(b"1", PEER, 9)
    assert b.sent() == [(b.wire.mac, b"1")]
    b.net.run(until=age + 0.9)
    b.wire.clear()
    b.net.run(until=age + 1.1)
    with shows("RQ-1122-02", "RQ-1122-04"):
        b.socket.send(b"2", PEER, 9)
        assert b.sent() == ["arp"]
        b.answer("02:00:00:00:00:99")
        assert b.sent() == [("02:00:00:00:00:99", b"2")]
        assert b.a.options["arp_maxage"] == age


@pytest.mark.exact_ms
def test_flood_asks_once_a_second(lan):
    """[RFC1122 2.3.2.1]: a thousand packets in five seconds, five questions."""
    b = lan()
    asked = []
    for _ in range(1000):
        b.socket.send(b"x", PEER, 9)
        asked += b.wire.sniff(timeout="4995us")
    with shows("RQ-1122-03"):
        assert [p[ARP].pdst for p in asked] == [PEER] * 5
        gaps = {q.time.ns - p.time.ns for p, q in zip(asked, asked[1:])}
        assert min(gaps) >= 1_000_000_000


@pytest.mark.parametrize("queueing, kept", [(1, [b"1", b"2", b"3"]), (0, [b"3"])])
def test_latest_packet_waits(lan, queueing, kept):
    """[RFC1122 2.3.2.2]: at least the latest for each unresolved address."""
    b = lan(arp_queueing=queueing)
    for data in (b"1", b"2", b"3"):
        b.socket.send(data, PEER, 9)
    assert b.sent() == ["arp"]
    b.answer()
    with shows("RQ-1122-05"):
        assert b.sent() == [(b.wire.mac, data) for data in kept]


def test_both_encapsulations_are_received_and_one_is_sent(lan):
    """[RFC1122 2.3.3]: RFC 894 and RFC 1042 pings in turn; each answer is RFC 894."""
    b = lan()
    b.answer()
    ping = IP(src=PEER, dst=HOST) / ICMP(type=8, id=1)
    snap = Dot3(src=b.wire.mac, dst=b.a.mac) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=0x0800)
    for seq in range(4):
        ping[ICMP].seq = seq
        b.wire.send((snap if seq % 2 else Ether(src=b.wire.mac, dst=b.a.mac)) / ping)
    replies = b.wire.sniff(timeout="1ms")
    with shows("RQ-1122-06", "RQ-1122-07"):
        assert [(p.type, p[ICMP].type, p[ICMP].seq) for p in replies] == [
            (0x0800, 0, seq) for seq in range(4)]


@pytest.mark.parametrize("port", [7, 9], ids=["open", "closed"])
def test_ip_knows_that_a_frame_was_broadcast(lan, port):
    """[RFC1122 2.4] and [RFC1122 3.3.6]: a unicast datagram in a broadcast frame: no delivery, no
    error; in a unicast frame, both."""
    b = lan()
    b.answer()
    datagram = IP(src=PEER, dst=HOST) / UDP(sport=9, dport=port) / b"x"
    b.wire.send(Ether(src=b.wire.mac, dst="ff:ff:ff:ff:ff:ff") / datagram)
    b.net.run(for_="1ms")
    with shows("RQ-1122-09", "RQ-1122-62"):
        assert b.wire.pending == 0
        assert b.socket.recv(timeout=0) is None
        assert b.a.stats()["drops"] == {"ip4_link_broadcast": 1}
    b.wire.send(Ether(src=b.wire.mac, dst=b.a.mac) / datagram)
    b.net.run(for_="1ms")
    assert (b.wire.pending, b.socket.recv(timeout=0) is None) == ((0, False) if port == 7
                                                                  else (1, True))


def test_absent_neighbour_is_no_error(lan):
    """[RFC1122 2.4]: sending to an address without an entry succeeds; nobody is told that it is
    unreachable, then or later."""
    b = lan()
    b.socket.connect(PEER, 9)
    with shows("RQ-1122-10"):
        b.socket.send(b"anyone?")  # a StackError would be raised here, an IcmpError by recv()
        assert b.socket.recv(timeout="20s") is None
        assert {p.type for p in b.wire.sniff(timeout=0)} == {0x0806}
        assert b.a.stats()["mib2"]["icmpindestunreachs"] == 0


@pytest.mark.parametrize("dst, asked", [(PEER, PEER), ("10.0.1.9", "10.0.0.254")],
                         ids=["near", "far"])
def test_mask_decides_who_is_asked_for(net, dst, asked):
    """[RFC1122 3.3.1.1]: a neighbour is asked for itself, for anybody else the gateway."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip=f"{HOST}/24", gw="10.0.0.254")
    wire = lan.port("tester")
    net.run(until="1ms")
    wire.clear()
    a.udp().send(b"x", dst, 9)
    with shows("RQ-1122-52"):
        assert [p[ARP].pdst for p in wire.sniff(timeout="1ms")] == [asked]


def test_idle_host_is_silent_for_an_hour(net):
    """[RFC1122 3.3.1.4]: a gateway that was used is not pinged, nor asked for."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip=f"{HOST}/24", gw="10.0.0.254")
    wire = lan.port("gateway", mac="02:00:00:00:00:fe")
    net.run(until="1ms")
    wire.clear()
    a.udp().send(b"x", "192.0.2.1", 9)
    wire.send(Ether(src=wire.mac, dst=a.mac)
              / ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.254", hwdst=a.mac, pdst=HOST))
    assert [ARP in p for p in wire.sniff(timeout="1ms")] == [True, False]
    with shows("RQ-1122-55"):
        assert wire.sniff(timeout="1h").res == []


def test_counters_of_what_is_discarded(lan):
    """[RFC1122 3.1]: each datagram that goes is counted, by its cause."""
    b = lan()
    bad = IP(src=PEER, dst=HOST) / UDP(sport=9, dport=7) / b"x"
    sent = {"ip4_bad_checksum": dict(chksum=1), "ip4_bad_version": dict(version=5),
            "ip4_not_ours": dict(dst="10.0.0.77"), "ip4_bad_source": dict(src="224.0.0.9"),
            "ip4_no_protocol": dict(proto=143), "ip4_martian": dict(dst="127.0.0.1")}
    for fields in sent.values():
        one = bad.copy()
        for name, value in fields.items():
            setattr(one[IP], name, value)
        b.wire.send(Ether(src=b.wire.mac, dst=b.a.mac, type=0x0800) / Raw(bytes(one)))
    b.net.run(for_="1ms")
    with shows("RQ-1122-64"):
        stats = b.a.stats()
        assert stats["drops"] == dict.fromkeys(sent, 1)
        assert stats["lwip"]["ip"]["drop"] == len(sent)
