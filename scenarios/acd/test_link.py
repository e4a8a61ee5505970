"""A cable that is plugged in again may lead to another network: the address is probed anew.

[RFC5227 2.1]: detection is done whenever the interface becomes usable: when it is brought up, and
when its link comes back.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import shows, wire_time

pytestmark = pytest.mark.exact_virtual

S = 1_000_000_000
HUB = wire_time(60)


def lan(net, **members):
    """A host with detection and a tester."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", acd=True, **members)
    return a, segment.port("tester")


def turn(a, how, up):
    """Cable or interface."""
    if how == "cable":
        a.link(up=up)
    else:
        a.interfaces[0].set(up=up)


def course(wire, since):
    """A whole detection from `since` on: three probes, two announcements, at legal times."""
    got = wire.sniff(timeout="20s")
    assert [p[ARP].psrc for p in got] == ["0.0.0.0"] * 3 + ["10.0.0.1"] * 2
    times = [p.time.ns - HUB for p in got]
    assert since <= times[0] <= since + S
    assert all(S <= b - a <= 2 * S for a, b in zip(times, times[1:]))
    assert (times[3] - times[2], times[4] - times[3]) == (2 * S, 2 * S)


@pytest.mark.parametrize("how", ["cable", "interface"])
def test_address_is_probed_again_after_a_flap(net, how):
    """[RFC5227 2.1]: given up with the link, not announced unprobed, won again by the
    whole course."""
    a, wire = lan(net)
    course(wire, 0)
    net.run(until="30s")
    turn(a, how, False)
    assert a.interfaces[0].info()["ip"] == "0.0.0.0"
    assert a.acd()["state"] == "off"
    net.run(until="35s")
    assert wire.pending == 0
    turn(a, how, True)
    assert (a.acd()["state"], a.interfaces[0].info()["ip"]) == ("probing", "0.0.0.0")
    with shows("RQ-5227-16"):
        course(wire, 35 * S)
    assert (a.acd()["state"], a.interfaces[0].info()["ip"]) == ("ok", "10.0.0.1")


@pytest.mark.parametrize("how", ["cable", "interface"])
def test_flap_while_probing_begins_again(net, how):
    """[RFC5227 2.1.1]: probes sent into the old network say nothing about the new one."""
    a, wire = lan(net)
    wire.recv(timeout="2s")
    turn(a, how, False)
    net.run(until="10s")
    assert wire.pending == 0
    turn(a, how, True)
    course(wire, 10 * S)


@pytest.mark.parametrize("how", ["cable", "interface"])
def test_detection_waits_for_the_link(net, how):
    """[RFC5227 2.1]: nothing is probed, still less won, into a cable that is not there."""
    segment = net.segment("lan", kind="hub")
    wire = segment.port("tester")
    if how == "cable":
        segment.link(up=False)
    a = net.host("a", segment, ip="10.0.0.1/24", acd=True, up=how == "cable")
    if how == "cable":
        a.link(up=False)
    net.run(until="30s")
    assert (wire.pending, a.acd()["state"], a.interfaces[0].info()["ip"]) == (0, "off", "0.0.0.0")
    if how == "cable":
        segment.link(up=True)
    else:
        a.interfaces[0].set(up=True)
    course(wire, 30 * S)


def test_interface_needs_both_cable_and_state(net):
    """[RFC5227 2.1]: one of the two coming back is not enough."""
    a, wire = lan(net)
    net.run(until="20s")
    a.link(up=False)
    a.interfaces[0].set(up=False)
    wire.clear()
    net.run(until="30s")
    a.link(up=True)
    net.run(until="40s")
    assert (wire.pending, a.acd()["state"]) == (0, "off")
    a.interfaces[0].set(up=True)
    course(wire, 40 * S)


def test_address_set_while_the_link_is_down_is_probed_when_it_is_back(net):
    """[RFC5227 2.1]: the new one, not the old."""
    a, wire = lan(net)
    net.run(until="20s")
    a.link(up=False)
    a.interfaces[0].set(ip="10.0.0.2/24")
    wire.clear()
    net.run(until="30s")
    a.link(up=True)
    assert {p[ARP].pdst for p in wire.sniff(timeout="20s")} == {"10.0.0.2"}
    assert a.interfaces[0].info()["ip"] == "10.0.0.2"


def test_refused_address_is_tried_again_in_the_next_network(net):
    """[RFC5227 2.1]: a conflict in the old network is none in the new."""
    a, wire = lan(net)
    wire.recv(timeout="2s")
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.1", pdst="10.0.0.1"))
    net.run(until="10s")
    assert a.acd()["state"] == "conflict"
    a.link(up=False)
    wire.clear()
    a.link(up=True)
    course(wire, 10 * S)
    assert a.acd() == {"state": "ok", "conflicts": 1}


def test_taken_address_is_found_out_after_a_flap(net):
    """[RFC5227 2.1]: somebody took it meanwhile: the host does not come back with it."""
    a, wire = lan(net)
    net.run(until="20s")
    a.link(up=False)
    net.run(until="30s")
    b = net.host("b", net.segments["lan"], ip="10.0.0.1/24")
    net.run(until="40s")
    wire.clear()
    a.link(up=True)
    assert [(p.src, p[ARP].op) for p in wire.sniff(timeout="1min")] == [(a.mac, 1), (b.mac, 2)]
    assert a.acd() == {"state": "conflict", "conflicts": 1}


def test_only_the_interface_that_flapped_probes(net):
    """[RFC5227 2.1]: the other one's address stays in use."""
    left, right = net.segment("left", kind="hub"), net.segment("right", kind="hub")
    a = net.host("a", left, ip="10.0.0.1/24", acd=True)
    second = a.netif(right, ip="10.0.1.1/24", acd=True)
    wires = left.port("tester"), right.port("tester")
    net.run(until="20s")
    assert [len(w.sniff(timeout=0)) for w in wires] == [5, 5]
    second.link(up=False)
    net.run(until="21s")
    second.link(up=True)
    net.run(until="40s")
    assert [w.pending for w in wires] == [0, 5]
    assert (a.acd()["state"], second.acd()["state"]) == ("ok", "ok")
