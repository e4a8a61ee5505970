"""The address is in use and somebody else turns up with it: defended once, then given up.

[RFC5227 2.4]: lwIP follows option (b): one announcement per DEFEND_INTERVAL of 10 s; a second
conflict within it means that the other one stays, so this one goes.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError, shows, wire_time

pytestmark = pytest.mark.exact_virtual

MS, S = 1_000_000, 1_000_000_000
HUB = wire_time(60)
BROADCAST = "ff:ff:ff:ff:ff:ff"


def lan(net, **members):
    """A host that has won 10.0.0.1, and a tester; it is 20 s."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", acd=True, **members)
    wire = segment.port("tester")
    net.run(until="20s")
    assert a.acd() == {"state": "ok", "conflicts": 0}
    wire.clear()
    return a, wire


def claim(wire, op=1, pdst="10.0.0.1", psrc="10.0.0.1", dst=BROADCAST):
    """An ARP packet from the host's address with the tester's MAC."""
    return Ether(src=wire.mac, dst=dst) / ARP(op=op, hwsrc=wire.mac, psrc=psrc, pdst=pdst)


def announcement(a):
    """Every byte of it."""
    return bytes(Ether(src=a.mac, dst=BROADCAST, type=0x0806) /
                 ARP(op=1, hwsrc=a.mac, psrc="10.0.0.1", hwdst="00:00:00:00:00:00",
                     pdst="10.0.0.1")).ljust(60, b"\0")


def in_use(a):
    """State and address."""
    return a.acd()["state"], a.interfaces[0].info()["ip"]


@pytest.mark.parametrize("op, pdst", [(1, "10.0.0.1"), (2, "10.0.0.1"), (1, "10.0.0.77"),
                                      (2, "10.0.0.77")],
                         ids=["announcement", "gratuitous-reply", "request", "reply"])
def test_first_conflict_is_defended_by_one_announcement(net, op, pdst):
    """[RFC5227 2.4]: at once, by broadcast, and the address stays in use."""
    a, wire = lan(net)
    wire.send(claim(wire, op, pdst))
    p = wire.recv(timeout="1s")
    with shows("RQ-5227-10"):
        assert (bytes(p), p.time.ns) == (announcement(a), 20 * S + 2 * HUB)
        assert wire.recv(timeout="1min") is None
    assert in_use(a) == ("ok", "10.0.0.1")
    assert a.stats()["drops"] == {"arp_own_address": 1}
    assert a.arp_table() == []


@pytest.mark.parametrize("ms", [1, 5000, 9999])
def test_second_conflict_within_ten_seconds_gives_up(net, ms):
    """[RFC5227 2.4]: without another word; no question is answered, nothing can be sent
    any more."""
    a, wire = lan(net)
    wire.send(claim(wire))
    net.sleep_ns(ms * MS)
    assert bytes(wire.recv(timeout=0)) == announcement(a)
    wire.send(claim(wire))
    net.run(for_="1ms")
    with shows("RQ-5227-11"):
        assert in_use(a) == ("conflict", "0.0.0.0")
    assert a.acd()["conflicts"] == 1
    wire.send(claim(wire, psrc="10.0.0.254"))
    with pytest.raises(StackError, match="ERR_RTE"):
        a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert wire.recv(timeout="1h") is None


@pytest.mark.parametrize("ms", [10_000, 12_000, 3_600_000])
def test_conflicts_ten_seconds_apart_are_each_defended(net, ms):
    """[RFC5227 2.4]: the interval counts from the last conflict."""
    a, wire = lan(net)
    for i in range(4):
        wire.send(claim(wire))
        p = wire.recv(timeout="1ms")
        assert (bytes(p), p.time.ns) == (announcement(a), (20_000 + i * ms) * MS + 2 * HUB)
        net.run(until=(20_000 + (i + 1) * ms) / 1000)
    with shows("RQ-5227-11"):
        assert in_use(a) == ("ok", "10.0.0.1")


def test_flood_of_claims_provokes_one_announcement(net):
    """[RFC5227 2.4]: a hundred claims a second apart by 10 ms: defended once, given up at the
    second."""
    a, wire = lan(net)
    wire.send(claim(wire), inter="10ms", count=100)
    with shows("RQ-5227-12"):
        assert [bytes(p) for p in wire.sniff(timeout="30s")] == [announcement(a)]
        assert a.acd() == {"state": "conflict", "conflicts": 1}


@pytest.mark.parametrize("packet", [
    pytest.param({"psrc": "10.0.0.254"}, id="question"),
    pytest.param({"psrc": "10.0.0.254", "op": 2}, id="reply"),
    pytest.param({"psrc": "0.0.0.0"}, id="probe"),
    pytest.param({"psrc": "10.0.0.2", "pdst": "10.0.0.2"}, id="announcement-of-another"),
])
def test_ordinary_traffic_is_no_conflict(net, packet):
    """[RFC5227 2.4]: lwIP bug 49610: questions for the address, once each 2 s, are answered, not
    fought."""
    a, wire = lan(net)
    for _ in range(5):
        wire.send(claim(wire, **packet))
        net.run(for_="2s")
    answers = 5 if packet in ({"psrc": "10.0.0.254"}, {"psrc": "0.0.0.0"}) else 0
    assert [p[ARP].op for p in wire.sniff(timeout=0)] == [2] * answers
    assert a.acd() == {"state": "ok", "conflicts": 0}


def test_own_announcement_that_comes_back_is_no_conflict(net):
    """[RFC5227 2.4]: only another hardware address makes it one."""
    a, wire = lan(net)
    wire.send(announcement(a), count=3)
    assert wire.recv(timeout="1min") is None
    assert in_use(a) == ("ok", "10.0.0.1")


def test_probe_for_the_address_is_answered_not_fought(net):
    """[RFC5227 1.1]: the other one learns in time; the reply goes to it alone."""
    a, wire = lan(net)
    wire.send(claim(wire, psrc="0.0.0.0"))
    p = wire.recv(timeout="1s")
    with shows("RQ-5227-15"):
        assert (p.dst, p[ARP].op, p[ARP].hwsrc, p[ARP].psrc) == (wire.mac, 2, a.mac, "10.0.0.1")
    assert wire.recv(timeout="1min") is None


def test_given_up_address_can_be_set_anew(net):
    """[RFC5227 2.4]: the administrator has another one; it is probed and won."""
    a, wire = lan(net)
    wire.send(claim(wire), count=2, inter="1s")
    a.interfaces[0].set(ip="10.0.0.2/24")
    net.run(for_="20s")
    assert in_use(a) == ("ok", "10.0.0.2")


def test_newcomer_without_detection_is_told_once(net):
    """[RFC5227 2.4]: two stacks with one address: an announcement each, and no endless quarrel."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", acd=True)
    net.run(until="20s")
    wire = segment.port("tester")
    b = net.host("b", segment, ip="10.0.0.1/24")
    with shows("RQ-5227-13"):
        assert [p.src for p in wire.sniff(timeout="1h")] == [b.mac, a.mac]
        assert in_use(a) == ("ok", "10.0.0.1")


def test_two_networks_that_are_joined_end_with_one_owner(net):
    """[RFC5227 2.4]: both had won the address, on either side of a broken cable; the first
    word of one is a conflict to the other, its defence one to the first, whose own
    defence settles it."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", acd=True)
    b = net.host("b", segment, ip="10.0.0.1/24", acd=True)
    wire = segment.port("tester")
    segment.faults.partition([a], [b], [wire], window=(0, "20s"))
    net.run(until="30s")
    assert (in_use(a), in_use(b)) == (("ok", "10.0.0.1"),) * 2
    wire.clear()
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    got = wire.sniff(timeout="500ms")
    with shows("RQ-5227-13"):
        assert [(p.src, p[ARP].pdst) for p in got] == [
            (a.mac, "10.0.0.9"), (b.mac, "10.0.0.1"), (a.mac, "10.0.0.1")]
        assert (in_use(a), in_use(b)) == (("ok", "10.0.0.1"), ("conflict", "0.0.0.0"))
    net.run(for_="1min")
    assert in_use(a) == ("ok", "10.0.0.1")
