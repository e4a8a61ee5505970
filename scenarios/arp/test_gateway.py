"""Whose address is asked for: the neighbour itself or the gateway; and when nobody's is.

[RFC1122 3.3.1.1]: the mask decides what is on the link; [RFC1122 3.3.6]: broadcast and groups are
mapped without asking; [RFC3927 2.6.2]: link-local destinations are never sent through a router.
"""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError

GATEWAY_MAC = "02:00:00:00:00:ee"


def lan(net, ip="10.0.0.1/24", gw="10.0.0.254", **options):
    """A host and a tester; the announcement has passed."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip=ip, gw=gw, **options)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def answer(wire, a, ip, mac=GATEWAY_MAC):
    """A neighbour's reply."""
    wire.send(Ether(src=mac, dst=a.mac) / ARP(op=2, hwsrc=mac, psrc=ip, hwdst=a.mac, pdst=a.ip))


@pytest.mark.parametrize("destination, asked", [
    pytest.param("10.0.0.9", "10.0.0.9", id="on-the-link"),
    pytest.param("10.0.1.9", "10.0.0.254", id="next-network"),
    pytest.param("9.255.255.255", "10.0.0.254", id="below"),
    pytest.param("8.8.8.8", "10.0.0.254", id="far-away"),
    pytest.param("169.254.7.7", "169.254.7.7", id="link-local"),
])
def test_question_is_for_the_next_hop(net, destination, asked):
    """[RFC1122 3.3.1.1] and [RFC3927 2.6.2]: decided by the mask; 169.254/16 is always on
    the link."""
    a, wire = lan(net)
    a.udp(4000).send(b"x", destination, 9)
    p = wire.recv(timeout="1ms")
    assert (p[ARP].op, p[ARP].psrc, p[ARP].pdst) == (1, "10.0.0.1", asked)
    answer(wire, a, asked)
    p = wire.recv(timeout="1ms")
    assert (p.dst, p[IP].dst, p[UDP].load[:1]) == (GATEWAY_MAC, destination, b"x")


@pytest.mark.parametrize("prefix, asked", [(8, "10.9.9.9"), (16, "10.0.0.254"), (32, "10.0.0.254"),
                                           (0, "10.9.9.9")])
def test_mask_decides(net, prefix, asked):
    """[RFC1122 3.3.1.1]: the same destination is near or far by the prefix length alone."""
    a, wire = lan(net, ip=f"10.0.0.1/{prefix}")
    a.udp(4000).send(b"x", "10.9.9.9", 9)
    assert wire.recv(timeout="1ms")[ARP].pdst == asked


def test_gateway_is_resolved_once_for_all_far_destinations(net):
    """[RFC1122 3.3.1.1]: one entry, one question, whatever lies behind it."""
    a, wire = lan(net)
    socket = a.udp(4000)
    for ip in ("8.8.8.8", "9.9.9.9"):
        socket.send(b"x", ip, 9)
    assert [p[ARP].pdst for p in wire.sniff(timeout="1ms")] == ["10.0.0.254"]
    answer(wire, a, "10.0.0.254")
    socket.send(b"x", "1.1.1.1", 9)
    assert [(p.dst, p[IP].dst) for p in wire.sniff(timeout="1ms")] == [
        (GATEWAY_MAC, ip) for ip in ("8.8.8.8", "9.9.9.9", "1.1.1.1")]
    assert [e["ip"] for e in a.arp_table()] == ["10.0.0.254"]


def test_changed_gateway_is_asked_for_by_the_next_packet(net):
    """[RFC1122 3.3.1.1]: the old one's entry is kept, and no longer used."""
    a, wire = lan(net)
    socket = a.udp(4000)
    answer(wire, a, "10.0.0.254")
    net.run(for_="1ms")
    socket.send(b"1", "8.8.8.8", 9)
    assert wire.recv(timeout="1ms").dst == GATEWAY_MAC
    a.interfaces[0].set(ip="10.0.0.1/24", gw="10.0.0.253")
    socket.send(b"2", "8.8.8.8", 9)
    assert wire.recv(timeout="1ms")[ARP].pdst == "10.0.0.253"
    answer(wire, a, "10.0.0.253", mac="02:00:00:00:00:dd")
    assert wire.recv(timeout="1ms").dst == "02:00:00:00:00:dd"
    a.interfaces[0].set(ip="10.0.0.1/24", gw="10.0.0.254")
    socket.send(b"3", "8.8.8.8", 9)
    assert wire.recv(timeout="1ms").dst == GATEWAY_MAC


def test_without_gateway_there_is_no_way_out(net):
    """[RFC1122 3.3.1.1]: ERR_RTE to the sender, a reason, a counter, and silence on the wire."""
    a, wire = lan(net, gw=None)
    socket = a.udp(4000)
    with pytest.raises(StackError, match="ERR_RTE"):
        socket.send(b"x", "8.8.8.8", 9)
    assert a.stats()["drops"] == {"arp_no_gateway": 1}
    assert a.stats()["lwip"]["etharp"]["rterr"] == 1
    assert wire.recv(timeout="5s") is None
    socket.send(b"x", "10.0.0.9", 9)
    assert wire.recv(timeout="1ms")[ARP].pdst == "10.0.0.9"


def test_silent_gateway_costs_the_packets_that_wait(net):
    """[RFC1122 2.3.2.1]: given up after 5 s like any neighbour, and tried again by the
    next packet."""
    a, wire = lan(net)
    socket = a.udp(4000)
    socket.send(b"x", "8.8.8.8", 9)
    assert [p[ARP].pdst for p in wire.sniff(timeout="10s")] == ["10.0.0.254"] * 5
    assert a.stats()["drops"] == {"arp_unresolved": 1}
    socket.send(b"x", "9.9.9.9", 9)
    assert wire.recv(timeout="1ms")[ARP].pdst == "10.0.0.254"


def test_what_has_a_link_local_source_stays_on_the_link(net):
    """[RFC3927 2.6.2]: even a far destination is asked for directly, by a broadcast question."""
    a, wire = lan(net, ip="169.254.7.7/16", gw="169.254.0.1")
    a.udp(4000).send(b"x", "8.8.8.8", 9)
    p = wire.recv(timeout="1ms")
    assert (p.dst, p[ARP].psrc, p[ARP].pdst) == ("ff:ff:ff:ff:ff:ff", "169.254.7.7", "8.8.8.8")


@pytest.mark.parametrize("destination, mac", [
    pytest.param("255.255.255.255", "ff:ff:ff:ff:ff:ff", id="limited"),
    pytest.param("10.0.0.255", "ff:ff:ff:ff:ff:ff", id="directed"),
    pytest.param("224.0.0.251", "01:00:5e:00:00:fb", id="group"),
    pytest.param("239.129.2.3", "01:00:5e:01:02:03", id="group-loses-a-bit"),
])
def test_broadcast_and_groups_are_not_asked_for(net, destination, mac):
    """[RFC1122 3.3.6]: the hardware address follows from the destination; nothing enters
    the table."""
    a, wire = lan(net)
    a.udp(4000, broadcast=True).send(b"x", destination, 9)
    p = wire.recv(timeout="1ms")
    assert (p.dst, p[IP].dst) == (mac, destination)
    assert a.arp_table() == []
