"""Ethernet frames around ARP: which are taken, in what encapsulation, and how the rest is named.

[RFC1122 2.3.3]: RFC 894 frames are sent, RFC 1042 frames taken as well; everything else is dropped
at the link layer, counted and without an answer.
"""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, LLC, SNAP, Dot3, Ether

BROADCAST = "ff:ff:ff:ff:ff:ff"
HOST, TESTER = "02:00:00:00:00:01", "02:00:00:00:00:fe"
REQUEST = ARP(hwsrc=TESTER, psrc="10.0.0.254", pdst="10.0.0.1")


def lan(net, **members):
    """A host and a tester; the announcement has passed."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", mac=HOST, **members)
    wire = segment.port("tester", mac=TESTER)
    net.run(until="1ms")
    wire.clear()
    return a, wire


def frame(type_, payload=bytes(46), src=TESTER):
    """Bytes with any type or length field."""
    return bytes(Ether(src=src, dst=HOST, type=type_)) + payload


def is_answered(wire):
    """A normal exchange still works."""
    wire.clear()
    wire.send(Ether(src=TESTER, dst=BROADCAST) / REQUEST)
    p = wire.recv(timeout="1s")
    return (p[ARP].op, p[ARP].hwsrc) == (2, HOST)


def refused(a, wire, data, reason, mib):
    """One drop, one count, no answer, and the next frame is taken as ever."""
    before = a.interfaces[0].info()["counters"][mib]
    wire.send(data)
    assert wire.recv(timeout="2s") is None
    stats = a.stats()
    assert stats["drops"] == {reason: 1}
    assert (stats["lwip"]["etharp"]["proterr"], stats["lwip"]["etharp"]["drop"]) == (1, 1)
    assert a.interfaces[0].info()["counters"][mib] == before + 1
    assert a.arp_table() == []
    assert is_answered(wire)


@pytest.mark.wire_only
@pytest.mark.parametrize("data, reason", [
    pytest.param(frame(0x0806)[:1], "eth_short", id="one-byte"),
    pytest.param(frame(0x0806)[:13], "eth_short", id="half-a-type"),
    pytest.param(frame(0x0806)[:14], "eth_short", id="header-only"),
    pytest.param(frame(0x8100, b"\0\1"), "eth_vlan_short", id="half-a-tag"),
    pytest.param(frame(0x8100, b"\0\1\x08\x06"), "eth_vlan_short", id="tag-only"),
    pytest.param(frame(1500), "eth_bad_length", id="length-too-large"),
    pytest.param(frame(47), "eth_bad_length", id="length-one-too-large"),
    pytest.param(frame(1535), "eth_bad_length", id="largest-length"),
    pytest.param(frame(38, b"\x42\x42\x03" + bytes(43)), "eth_llc", id="spanning-tree"),
    pytest.param(frame(0), "eth_llc", id="length-0"),
    pytest.param(frame(8, b"\xaa\xaa\x03\0\0\0\x08\x06" + bytes(38)), "eth_llc", id="snap-ends"),
    pytest.param(frame(40, b"\xaa\xaa\x03\0\0\x0c\x08\x06" + bytes(38)), "eth_llc",
                 id="snap-of-a-vendor"),
])
def test_broken_frame_is_dropped_by_name(net, data, reason):
    """[RFC1122 2.3.3]: what is neither RFC 894 nor RFC 1042 is an input error."""
    a, wire = lan(net)
    refused(a, wire, data, reason, "ifinerrors")


@pytest.mark.parametrize("type_", [0x0600, 0x0842, 0x8035, 0x86DD, 0x88CC, 0xFFFF], ids=hex)
def test_frame_of_an_unknown_type_is_dropped_by_name(net, type_):
    """[RFC1122 2.3.3]: of a protocol that nobody here speaks, RARP among them."""
    a, wire = lan(net)
    data = frame(type_, bytes(ARP(op=4, hwsrc=TESTER, psrc="10.0.0.254", hwdst=HOST,
                                  pdst="10.0.0.99")) + bytes(18))
    refused(a, wire, data, "eth_unknown_type", "ifinunknownprotos")
    assert a.interfaces[0].info()["ip"] == "10.0.0.1"


@pytest.mark.parametrize("src", [BROADCAST, "01:00:5e:00:00:01", "03:00:00:00:00:fe"],
                         ids=["broadcast", "multicast", "group-bit"])
def test_frame_from_a_group_is_dropped_by_name(net, src):
    """[RFC1812 3.3.2]: a group sends nothing; what claims to come from one is not looked into."""
    a, wire = lan(net)
    refused(a, wire, frame(0x0806, bytes(REQUEST) + bytes(18), src=src), "eth_bad_source",
            "ifinerrors")


@pytest.mark.parametrize("padding", [0, 10, 1400])
def test_rfc1042_frame_is_answered_in_rfc894(net, padding):
    """[RFC1122 2.3.3]: both encapsulations are received, one is sent."""
    a, wire = lan(net)
    wire.send(bytes(Dot3(src=TESTER, dst=BROADCAST) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) /
                    SNAP(OUI=0, code=0x0806) / REQUEST) + bytes(padding))
    p = wire.recv(timeout="1s")
    assert (type(p), p.type, p[ARP].op, p[ARP].hwsrc) == (Ether, 0x0806, 2, HOST)
    assert a.stats()["drops"] == {}


def test_rfc1042_datagram_is_answered(net):
    """[RFC1122 2.3.3]: the header is 22 bytes long there, and the echo reply tells that nothing
    moved."""
    a, wire = lan(net)
    assert is_answered(wire)
    wire.send(bytes(Dot3(src=TESTER, dst=HOST) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) /
                    SNAP(OUI=0, code=0x0800) / IP(src="10.0.0.254", dst="10.0.0.1") /
                    ICMP(id=1, seq=2) / b"0123456789"))
    p = wire.recv(timeout="1s")
    assert (p.type, p[ICMP].type, p[ICMP].id, p[ICMP].seq) == (0x0800, 0, 1, 2)
    assert bytes(p[ICMP].payload)[:10] == b"0123456789"


def test_padding_is_zeros_whatever_was_sent_before(net):
    """[RFC1122 2.3.3]: a short frame after a long one gives away none of its bytes."""
    a, wire = lan(net)
    a.arp_static("10.0.0.254", TESTER)
    a.udp(4000).send(b"\xa5" * 1000, "10.0.0.254", 9)
    net.run(for_="1ms")
    assert is_answered(wire)
    wire.send(Ether(src=TESTER, dst=BROADCAST) / REQUEST)
    data = bytes(wire.recv(timeout="1s"))
    assert (len(data), data[42:]) == (60, bytes(18))


@pytest.mark.wire_only
def test_every_truncation_of_a_request_is_survived(net):
    """[RFC826 Packet Reception]: 41 frames that end too early, none answered, all counted."""
    a, wire = lan(net)
    whole = bytes(Ether(src=TESTER, dst=HOST) / REQUEST)
    for length in range(1, len(whole)):
        wire.send(whole[:length])
    assert wire.recv(timeout="1s") is None
    assert a.stats()["drops"] == {"eth_short": 14, "arp_short": 27}
    assert is_answered(wire)
