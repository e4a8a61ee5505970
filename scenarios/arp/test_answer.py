"""Which ARP requests a host answers, and what the answer looks like down to the last byte.

[RFC826 Packet Reception]: only the owner of the target address answers; [RFC5227 2.6]: by unicast;
[RFC5227 1.1]: probes are answered like any other request.
"""

import pytest
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Padding

from lockwire import shows, wire_time

pytestmark = pytest.mark.exact_virtual

BROADCAST = "ff:ff:ff:ff:ff:ff"
TRIP = 2 * wire_time(60) + 50_000  # one frame of minimum size through the switch


def lan(net, ip="10.0.0.1/24", **members):
    """A host and a tester that has heard the host's announcement; it is 1 ms."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip=ip, **members)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def question(wire, target="10.0.0.1", **fields):
    """A broadcast request of the tester's."""
    members = {"op": "who-has", "hwsrc": wire.mac, "psrc": "10.0.0.254", "pdst": target} | fields
    return Ether(src=wire.mac, dst=BROADCAST) / ARP(**members)


def reply_bytes(a, wire, psrc="10.0.0.1", pdst="10.0.0.254"):
    """What the answer has to be, padding included."""
    return bytes(Ether(src=a.mac, dst=wire.mac, type=0x0806) /
                 ARP(op=2, hwsrc=a.mac, psrc=psrc, hwdst=wire.mac, pdst=pdst)).ljust(60, b"\0")


def test_request_for_own_address_is_answered_exactly(net):
    """[RFC826 Packet Reception]: fields swapped, opcode 2, one trip later, zeros as padding."""
    a, wire = lan(net)
    wire.send(question(wire))
    p = wire.recv(timeout="1s")
    assert bytes(p) == reply_bytes(a, wire)
    assert p[Padding].load == bytes(18)
    assert net.now_ns == p.time.ns == 1_000_000 + 2 * TRIP
    assert wire.recv(timeout="10s") is None
    counters = a.stats()["lwip"]["etharp"]
    # the announcement and the reply went out
    assert (counters["recv"], counters["xmit"], counters["drop"]) == (1, 2, 0)


def test_reply_goes_to_the_asker_alone(net):
    """[RFC5227 2.6]: a third station on the switch does not hear the reply."""
    a, wire = lan(net)
    third = net.segments["lan"].port("third", mac="02:00:00:00:00:33")
    wire.send(question(wire))
    with shows("RQ-5227-14"):
        assert [bytes(p) for p in wire.sniff(timeout="1s")] == [reply_bytes(a, wire)]
        assert [p[ARP].op for p in third.sniff(timeout="1s")] == [1]


def test_reply_goes_to_the_address_in_the_packet(net):
    """[RFC826 Packet Reception]: the ARP sender field counts, not the frame's source."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24")
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    wire.send(question(wire, hwsrc="02:00:00:00:00:77"))
    p = wire.recv(timeout="1s")
    assert (p[Ether].dst, p[ARP].hwdst) == ("02:00:00:00:00:77", "02:00:00:00:00:77")
    assert a.arp_table()[0]["mac"] == "02:00:00:00:00:77"


def test_unicast_request_is_answered(net):
    """[RFC1122 2.3.2.1]: a neighbour that confirms its entry by unicast gets its answer."""
    a, wire = lan(net)
    frame = question(wire)
    frame[Ether].dst = a.mac
    wire.send(frame)
    assert bytes(wire.recv(timeout="1s")) == reply_bytes(a, wire)


def test_probe_is_answered_and_teaches_nothing(net):
    """[RFC5227 1.1]: a request from 0.0.0.0 is answered by unicast and makes no entry."""
    a, wire = lan(net)
    wire.send(question(wire, psrc="0.0.0.0"))
    assert bytes(wire.recv(timeout="1s")) == reply_bytes(a, wire, pdst="0.0.0.0")
    assert a.arp_table() == []


def test_link_local_reply_is_broadcast(net):
    """[RFC3927 2.5]: every ARP packet with a link-local sender is sent by link broadcast."""
    a, wire = lan(net, ip="169.254.7.7/16")
    wire.send(question(wire, target="169.254.7.7", psrc="169.254.9.9"))
    p = wire.recv(timeout="1s")
    expected = bytearray(reply_bytes(a, wire, psrc="169.254.7.7", pdst="169.254.9.9"))
    expected[:6] = b"\xff" * 6
    assert bytes(p) == bytes(expected)


@pytest.mark.parametrize("trailing", [0, 1, 17, 18, 19, 1400], ids=lambda n: f"trailing-{n}")
def test_trailing_bytes_are_ignored(net, trailing):
    """[RFC826 Packet Reception]: padding of any length and content is neither an error nor sent
    back."""
    a, wire = lan(net)
    wire.send(bytes(question(wire)) + b"\xa5" * trailing)
    p = wire.recv(timeout="1s")
    assert bytes(p) == reply_bytes(a, wire)
    there = wire_time(42 + trailing)
    assert p.time.ns == 1_000_000 + 2 * there + 50_000 + TRIP
    assert a.stats()["drops"] == {}


@pytest.mark.parametrize("rx", ["pool", "flat"])
@pytest.mark.parametrize("size", [128, 1536])
def test_request_in_any_buffers_is_answered(net, rx, size):
    """[RFC826 Packet Reception]: however the driver cuts a frame into buffers."""
    a, wire = lan(net, rx=rx, pbuf_pool_bufsize=size)
    wire.send(bytes(question(wire)) + bytes(200))
    assert bytes(wire.recv(timeout="1s")) == reply_bytes(a, wire)


@pytest.mark.parametrize("target", [
    pytest.param("10.0.0.2", id="a-neighbour"),
    pytest.param("10.0.0.255", id="directed-broadcast"),
    pytest.param("10.0.0.0", id="the-network"),
    pytest.param("255.255.255.255", id="limited-broadcast"),
    pytest.param("0.0.0.0", id="nobody"),
    pytest.param("127.0.0.1", id="loopback"),
    pytest.param("224.0.0.1", id="group-of-all"),
    pytest.param("1.0.0.10", id="bytes-reversed"),
])
@pytest.mark.parametrize("unicast", [False, True], ids=["broadcast", "unicast"])
def test_request_for_another_address_is_not_answered(net, target, unicast):
    """[RFC826 Packet Reception]: not the target, no answer, no entry, whoever the frame is
    sent to."""
    a, wire = lan(net)
    frame = question(wire, target=target)
    if unicast:
        frame[Ether].dst = a.mac
    wire.send(frame)
    with shows("RQ-826-08"):
        assert wire.recv(timeout="5s") is None
    assert a.arp_table() == []
    wire.send(question(wire))
    assert bytes(wire.recv(timeout="1s")) == reply_bytes(a, wire)


def test_reply_is_not_answered(net):
    """[RFC826 Packet Reception]: only requests are answered."""
    a, wire = lan(net)
    frame = question(wire, op=2, hwdst=a.mac)
    wire.send(frame)
    assert wire.recv(timeout="5s") is None


def test_interface_that_is_down_is_silent(net):
    """[RFC826 Packet Reception]: an interface that was taken down neither answers nor learns."""
    a, wire = lan(net)
    a.interfaces[0].set(up=False)
    wire.send(question(wire))
    assert wire.recv(timeout="5s") is None
    assert a.arp_table() == []
    assert a.stats()["drops"] == {"arp_netif_down": 1}
    a.interfaces[0].set(up=True)
    net.run(for_="1ms")
    wire.clear()
    wire.send(question(wire))
    assert bytes(wire.recv(timeout="1s")) == reply_bytes(a, wire)


def test_interface_without_address_answers_nobody(net):
    """[RFC826 Packet Reception]: without an address no request is for us, not even one for
    0.0.0.0."""
    segment = net.segment("lan")
    a = net.host("a", segment)
    wire = segment.port("tester")
    for target in ("10.0.0.1", "0.0.0.0"):
        wire.send(question(wire, target=target))
    assert wire.recv(timeout="5s") is None
    assert a.arp_table() == []


def test_frame_for_another_station_is_not_taken(net):
    """[RFC1122 2.4]: on a shared cable a request in a frame to somebody else's address is
    not ours."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24")
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    frame = question(wire)
    frame[Ether].dst = "02:00:00:00:00:99"
    wire.send(frame)
    assert wire.recv(timeout="5s") is None
    assert a.arp_table() == []
