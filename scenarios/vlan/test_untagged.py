"""An ordinary host and tagged frames: it has no VLAN to compare with, so it looks behind one tag.

IEEE 802.1Q 6.9 and lwIP's ETHARP_SUPPORT_VLAN without a check hook: a frame with one tag is taken
as if it had none, and answered without; more than one tag is an unknown type.
"""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Dot1Q, Ether

BROADCAST = "ff:ff:ff:ff:ff:ff"


def lan(net, **members):
    """A host without VLAN and a tester; the announcement has passed."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", **members)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def question(wire):
    """A request for the host."""
    return ARP(hwsrc=wire.mac, psrc="10.0.0.254", pdst="10.0.0.1")


def is_untagged_reply(p, a):
    """The answer every request gets."""
    return p.type == 0x0806 and Dot1Q not in p and (p[ARP].op, p[ARP].hwsrc) == (2, a.mac)


@pytest.mark.parametrize("vid, prio", [(0, 0), (0, 7), (1, 0), (100, 3), (4095, 7)],
                         ids=lambda n: str(n))
def test_tagged_request_is_answered_without_a_tag(net, vid, prio):
    """802.1Q 6.9: a priority tag (VLAN 0) names no VLAN at all, and others are not checked."""
    a, wire = lan(net)
    wire.send(Ether(src=wire.mac, dst=BROADCAST) / Dot1Q(vlan=vid, prio=prio) / question(wire))
    assert is_untagged_reply(wire.recv(timeout="1s"), a)
    assert a.stats()["drops"] == {}


@pytest.mark.parametrize("rx", ["pool", "flat"])
def test_tagged_echo_request_is_answered(net, rx):
    """[RFC1122 3.2.2.6]: the header is 18 bytes there; the reply tells that nothing was shifted."""
    a, wire = lan(net, rx=rx)
    a.arp_static("10.0.0.254", wire.mac)
    wire.send(Ether(src=wire.mac, dst=a.mac) / Dot1Q(vlan=0, prio=7) /
              IP(src="10.0.0.254", dst="10.0.0.1") / ICMP(id=3, seq=4) / b"0123456789")
    p = wire.recv(timeout="1s")
    assert (p.type, p[ICMP].type, p[ICMP].id, p[ICMP].seq) == (0x0800, 0, 3, 4)
    assert bytes(p[ICMP].payload)[:10] == b"0123456789"
    again = p[IP].copy()
    del again.chksum, again[ICMP].chksum
    assert bytes(again)[:38] == bytes(p[IP])[:38]


@pytest.mark.parametrize("tags", [
    pytest.param([0x8100] * 2, id="two"),
    pytest.param([0x8100, 0x88A8], id="service-tag-within"),
    pytest.param([0x88A8], id="service-tag"),
    pytest.param([0x88A8, 0x8100], id="service-tag-outside"),
    pytest.param([0x8100] * 40, id="forty"),
])
def test_nested_tags_are_an_unknown_type(net, tags):
    """802.1ad: at most one tag is looked behind; work on a frame is bounded."""
    a, wire = lan(net)
    inner = b"".join(t.to_bytes(2, "big") + b"\0\5" for t in tags)
    wire.send(bytes(Ether(src=wire.mac, dst=BROADCAST))[:12] + inner + b"\x08\x06" +
              bytes(question(wire)) + bytes(18))
    assert wire.recv(timeout="5s") is None
    assert a.stats()["drops"] == {"eth_unknown_type": 1}
    assert a.arp_table() == []
    wire.send(Ether(src=wire.mac, dst=BROADCAST) / question(wire))
    assert is_untagged_reply(wire.recv(timeout="1s"), a)


@pytest.mark.wire_only
@pytest.mark.parametrize("length, reason", [(14, "eth_short"), (15, "eth_vlan_short"),
                                            (16, "eth_vlan_short"), (17, "eth_vlan_short"),
                                            (18, "eth_vlan_short"), (19, "arp_short"),
                                            (45, "arp_short")])
def test_tagged_frame_that_is_cut_is_dropped_by_name(net, length, reason):
    """802.1Q 9.6: no byte behind the end is read, wherever that is."""
    a, wire = lan(net)
    wire.send(bytes(Ether(src=wire.mac, dst=BROADCAST) / Dot1Q(vlan=5) / question(wire))[:length])
    assert wire.recv(timeout="5s") is None
    assert a.stats()["drops"] == {reason: 1}
    wire.send(Ether(src=wire.mac, dst=BROADCAST) / question(wire))
    assert is_untagged_reply(wire.recv(timeout="1s"), a)


def test_tag_around_rfc1042_is_looked_behind(net):
    """[RFC1122 2.3.3]: a length field behind the tag, LLC and SNAP behind that."""
    a, wire = lan(net)
    body = b"\xaa\xaa\x03\0\0\0\x08\x06" + bytes(question(wire))
    wire.send(bytes(Ether(src=wire.mac, dst=BROADCAST))[:12] + b"\x81\0\0\5" +
              len(body).to_bytes(2, "big") + body)
    assert is_untagged_reply(wire.recv(timeout="1s"), a)


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
def test_length_behind_the_tag_that_lies_is_dropped_by_name(net):
    """[RFC1122 2.3.3]: longer than the frame is from there on."""
    a, wire = lan(net)
    body = b"\xaa\xaa\x03\0\0\0\x08\x06" + bytes(question(wire))
    wire.send(bytes(Ether(src=wire.mac, dst=BROADCAST))[:12] + b"\x81\0\0\5" +
              (len(body) + 1).to_bytes(2, "big") + body)
    assert wire.recv(timeout="1s") is None
    assert a.stats()["drops"] == {"eth_bad_length": 1}


@pytest.mark.wire_only
def test_tagged_frame_that_claims_to_be_short_of_a_payload(net):
    """802.1Q: a tag and a type, and nothing they could be about."""
    a, wire = lan(net)
    wire.send(bytes(Ether(src=wire.mac, dst=a.mac, type=0x8100)) + b"\0\1\x08\0")
    assert wire.recv(timeout="1s") is None
    assert a.stats()["drops"] == {"eth_vlan_short": 1}
