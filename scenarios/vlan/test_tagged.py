"""A host on a VLAN: what it sends bears its tag, what it takes in bears no other.

IEEE 802.1Q: the tag is 0x8100, then priority (3 bits), drop eligible (1) and VLAN (12), then the
frame's type; tagged frames are padded to the same 60 bytes. [RFC826 Packet Reception] inside.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Dot1Q, Ether

from lockwire import wire_time

pytestmark = pytest.mark.exact_virtual

BROADCAST = "ff:ff:ff:ff:ff:ff"
TRIP = 2 * wire_time(60) + 50_000


def lan(net, tci=100, **members):
    """A host on a VLAN and a tester; it is 1 ms and the announcement is in hand."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip="10.0.0.1/24", vlan=tci, **members)
    wire = segment.port("tester")
    net.run(until="1ms")
    return a, wire, wire.recv(timeout=0)


def tagged(src, dst, payload, vid=100, prio=0, dei=0):
    """Bytes of a tagged frame, padded as hardware does (Scapy calls the drop eligible bit id)."""
    return bytes(Ether(src=src, dst=dst, type=0x8100) /
                 Dot1Q(vlan=vid, prio=prio, id=dei) / payload).ljust(60, b"\0")


def question(wire, **fields):
    """A request for the host."""
    return ARP(**({"hwsrc": wire.mac, "psrc": "10.0.0.254", "pdst": "10.0.0.1"} | fields))


def reply(a, wire):
    """The host's answer."""
    return ARP(op=2, hwsrc=a.mac, psrc="10.0.0.1", hwdst=wire.mac, pdst="10.0.0.254")


@pytest.mark.parametrize("prio", [0, 1, 7])
@pytest.mark.parametrize("dei", [0, 1])
@pytest.mark.parametrize("vid", [1, 100, 4094])
def test_frames_bear_the_tag_with_all_its_fields(net, vid, dei, prio):
    """802.1Q 9.6: VLAN, drop eligible and priority, in the announcement and in the answer."""
    a, wire, announcement = lan(net, prio << 13 | dei << 12 | vid)
    assert bytes(announcement) == tagged(
        a.mac, BROADCAST, ARP(op=1, hwsrc=a.mac, psrc="10.0.0.1", hwdst="00:00:00:00:00:00",
                              pdst="10.0.0.1"), vid, prio, dei)
    assert announcement.time.ns == TRIP
    wire.send(tagged(wire.mac, BROADCAST, question(wire), vid))
    p = wire.recv(timeout="1s")
    assert bytes(p) == tagged(a.mac, wire.mac, reply(a, wire), vid, prio, dei)
    assert p.time.ns == 1_000_000 + 2 * TRIP


@pytest.mark.parametrize("prio, dei", [(0, 0), (3, 0), (7, 1)])
def test_priority_of_a_received_tag_does_not_matter(net, prio, dei):
    """802.1Q 6.9: the VLAN decides; the answer has the host's own priority."""
    a, wire, _ = lan(net, 5 << 13 | 100)
    wire.send(tagged(wire.mac, BROADCAST, question(wire), 100, prio, dei))
    assert bytes(wire.recv(timeout="1s")) == tagged(a.mac, wire.mac, reply(a, wire), 100, 5)


def others(wire):
    """Frames that are not of VLAN 100."""
    inner = question(wire)
    ether = Ether(src=wire.mac, dst=BROADCAST)
    return {
        "untagged": bytes(ether / inner).ljust(60, b"\0"),
        "priority-tag": tagged(wire.mac, BROADCAST, inner, vid=0, prio=7),
        "next-vlan": tagged(wire.mac, BROADCAST, inner, vid=101),
        "reserved-vlan": tagged(wire.mac, BROADCAST, inner, vid=4095),
        "bits-shifted": tagged(wire.mac, BROADCAST, inner, vid=100 << 4 & 0xFFF),
        "service-tag": bytes(Ether(src=wire.mac, dst=BROADCAST, type=0x88A8) /
                             Dot1Q(vlan=100) / inner).ljust(60, b"\0"),
        "two-tags": tagged(wire.mac, BROADCAST, Dot1Q(vlan=100) / inner),
        "two-tags-outer-other": tagged(wire.mac, BROADCAST, Dot1Q(vlan=100) / inner, vid=101),
        "service-tag-within": bytes(Ether(src=wire.mac, dst=BROADCAST, type=0x8100) /
                                    Dot1Q(vlan=100, type=0x88A8) / Dot1Q(vlan=100) / inner),
        "tag-cut": bytes(Ether(src=wire.mac, dst=BROADCAST, type=0x8100)) + b"\0\x64\x08",
    }


@pytest.mark.parametrize("name", ["untagged", "priority-tag", "next-vlan", "reserved-vlan",
                                  "bits-shifted", "service-tag", "two-tags",
                                  "two-tags-outer-other", "service-tag-within", "tag-cut"])
def test_frame_that_is_not_of_the_vlan_is_dropped_by_name(net, name):
    """802.1Q 6.9: not answered, not learnt from, not counted as received; then all is well."""
    a, wire, _ = lan(net)
    received = a.stats()["lwip"]["link"]["recv"]
    wire.send(others(wire)[name])
    assert wire.recv(timeout="5s") is None
    stats = a.stats()
    assert (stats["drops"], stats["lwip"]["link"]["recv"]) == ({"eth_vlan_foreign": 1}, received)
    assert (a.arp_table(), stats["lwip"]["etharp"]["recv"]) == ([], 0)
    wire.send(tagged(wire.mac, BROADCAST, question(wire)))
    assert bytes(wire.recv(timeout="1s")) == tagged(a.mac, wire.mac, reply(a, wire))


@pytest.mark.parametrize("length", [0, 13, 14, 15, 100, 1472])
def test_datagram_lengths(net, length):
    """802.1Q: the tag takes 4 bytes of the padding; a full datagram makes a frame of 1518."""
    a, wire, _ = lan(net)
    a.arp_static("10.0.0.254", wire.mac)
    data = bytes(i & 0xFF for i in range(length))
    start = net.now_ns
    a.udp(4000).send(data, "10.0.0.254", 9)
    p = wire.recv(timeout="1s")
    size = max(60, 14 + 4 + 20 + 8 + length)
    assert (len(bytes(p)), p.time.ns) == (size, start + 2 * wire_time(size) + 50_000)
    assert (p[Dot1Q].vlan, p[Dot1Q].type, p[IP].len, p[UDP].len) == (100, 0x0800, 28 + length,
                                                                     8 + length)
    assert bytes(p)[46:46 + length] == data
    assert bytes(p)[46 + length:] == bytes(size - 46 - length)
    again = p[IP].copy()
    del again.chksum, again[UDP].chksum
    assert bytes(again)[:28] == bytes(p[IP])[:28]


@pytest.mark.parametrize("rx", ["pool", "flat"])
@pytest.mark.parametrize("length", [0, 1, 18, 1472])
def test_echo_through_the_tag(net, length, rx):
    """[RFC1122 3.2.2.6]: an echo request in a tagged frame, padded or not, comes back in one."""
    a, wire, _ = lan(net, rx=rx)
    a.arp_static("10.0.0.254", wire.mac)
    data = bytes(i & 0xFF for i in range(length))
    wire.send(tagged(wire.mac, a.mac, IP(src="10.0.0.254", dst="10.0.0.1") /
                     ICMP(id=7, seq=9) / data))
    p = wire.recv(timeout="1s")
    assert (p[Dot1Q].vlan, p[IP].src, p[ICMP].type, p[ICMP].id, p[ICMP].seq) == (
        100, "10.0.0.1", 0, 7, 9)
    assert bytes(p[ICMP])[8:8 + length] == data


def test_multicast_and_broadcast_are_tagged(net):
    """[RFC1122 3.3.6]: frames to groups are of the VLAN like all others."""
    a, wire, _ = lan(net)
    socket = a.udp(4000, broadcast=True)
    socket.send(b"x", "255.255.255.255", 9)
    socket.send(b"x", "224.0.0.251", 9)
    assert [(p.dst, p[Dot1Q].vlan) for p in wire.sniff(timeout="1s")] == [
        (BROADCAST, 100), ("01:00:5e:00:00:fb", 100)]
