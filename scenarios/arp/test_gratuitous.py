"""When a host announces its address by itself: at the moment it can be reached by it, once.

[RFC5227 2.3]: an announcement is a request in which sender and target are the address; without
conflict detection one is sent when the interface gets link, goes up, or changes its address.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import wire_time

pytestmark = pytest.mark.exact_virtual

TRIP = 2 * wire_time(60) + 50_000


def announcement(a, ip):
    """Every byte of it."""
    return bytes(Ether(src=a.mac, dst="ff:ff:ff:ff:ff:ff", type=0x0806) /
                 ARP(op=1, hwsrc=a.mac, psrc=ip, hwdst="00:00:00:00:00:00",
                     pdst=ip)).ljust(60, b"\0")


def heard(wire, timeout="20s"):
    """What arrives, with its times."""
    return [(p.time.ns, bytes(p)) for p in wire.sniff(timeout=timeout)]


def lan(net, **members):
    """A host that may have announced itself, and a tester."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, **members)
    return a, segment.port("tester")


def test_interface_announces_its_address_once_when_it_comes_up(net):
    """[RFC5227 2.3]: one request for itself at time 0, and an idle host is silent for ever
    after."""
    a, wire = lan(net, ip="10.0.0.1/24")
    assert heard(wire) == [(TRIP, announcement(a, "10.0.0.1"))]
    assert wire.sniff(timeout="24h").res == []


def test_interface_that_is_made_down_announces_when_it_goes_up(net):
    """[RFC5227 2.3]: not before anybody could answer."""
    a, wire = lan(net, ip="10.0.0.1/24", up=False)
    assert heard(wire, "1s") == []
    a.interfaces[0].set(up=True)
    assert heard(wire) == [(1_000_000_000 + TRIP, announcement(a, "10.0.0.1"))]


@pytest.mark.parametrize("first", ["10.0.0.1/24", None], ids=["from-another", "from-none"])
def test_new_address_is_announced(net, first):
    """[RFC5227 2.3]: neighbours shall forget who had it before."""
    a, wire = lan(net, ip=first)
    net.run(until="1s")
    wire.clear()
    a.interfaces[0].set(ip="10.0.0.7/24")
    assert heard(wire) == [(1_000_000_000 + TRIP, announcement(a, "10.0.0.7"))]


def test_same_address_is_not_announced_again(net):
    """[RFC5227 2.3]: a new mask or gateway is nobody else's business."""
    a, wire = lan(net, ip="10.0.0.1/24")
    net.run(until="1s")
    wire.clear()
    a.interfaces[0].set(ip="10.0.0.1/24", gw="10.0.0.254")
    a.interfaces[0].set(ip="10.0.0.1/16", gw="10.0.0.254")
    a.interfaces[0].set(mtu=1400)
    assert heard(wire) == []


def test_interface_without_address_announces_nothing(net):
    """[RFC5227 2.3]: 0.0.0.0 is not announced, neither at the start nor when an address is taken
    away."""
    a, wire = lan(net)
    assert heard(wire, "1s") == []
    a.interfaces[0].set(ip="10.0.0.1/24")
    assert len(heard(wire, "1s")) == 1
    a.interfaces[0].set(ip="0.0.0.0/0")
    assert heard(wire) == []


@pytest.mark.parametrize("how", ["cable", "interface"])
def test_flap_is_followed_by_one_announcement(net, how):
    """[RFC5227 2.3]: the switch may have forgotten the host, or it may be another switch."""
    a, wire = lan(net, ip="10.0.0.1/24")
    net.run(until="1s")
    wire.clear()
    turn = a.link if how == "cable" else lambda up: a.interfaces[0].set(up=up)
    turn(up=False)
    net.run(until="2s")
    turn(up=True)
    assert heard(wire) == [(2_000_000_000 + TRIP, announcement(a, "10.0.0.1"))]


def test_announcement_updates_those_who_know_the_address(net):
    """[RFC826 Packet Reception]: a host that took over an address is reached by the very next
    datagram."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip="10.0.0.1/24")
    b = net.host("b", segment, ip="10.0.0.2/24")
    assert a.ping("10.0.0.2") is not None
    b.interfaces[0].set(up=False)
    c = net.host("c", segment, ip="10.0.0.2/24")
    net.run(for_="1ms")
    assert [(e["ip"], e["mac"]) for e in a.arp_table()] == [("10.0.0.2", c.mac)]
    # echo there and back, but c has to ask for a's address in between
    assert a.ping("10.0.0.2").rtt_ns == 4 * TRIP


def test_another_host_with_the_address_is_seen_but_not_fought(net):
    """[RFC5227 2.4]: without conflict detection the claim is dropped by its name and nothing is
    sent."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24")
    b = net.host("b", segment, ip="10.0.0.1/24", mac="02:00:00:00:00:0b")
    wire = segment.port("tester")
    net.run(until="1s")
    # both announced themselves at once, and nobody answered
    assert [p[ARP].hwsrc for p in wire.sniff(timeout=0)] == [a.mac, b.mac]
    assert [h.stats()["drops"] for h in (a, b)] == [{"arp_own_address": 1}] * 2
