"""A host with two interfaces: each cable has its own neighbours, questions and answers.

[RFC826 Packet Reception]: "Am I the target protocol address?" is asked of the interface a packet
came in by; [RFC1122 3.3.4.2]: strong or weak host is a choice, here strong for ARP.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

BROADCAST = "ff:ff:ff:ff:ff:ff"


def lans(net, second="10.0.1.1/24", **options):
    """A host on two hubs with a tester on each; the announcements have passed."""
    left, right = net.segment("left", kind="hub"), net.segment("right", kind="hub")
    a = net.host("a", left, ip="10.0.0.1/24", **options)
    a.netif(right, ip=second)
    wires = left.port("tester"), right.port("tester")
    net.run(until="1ms")
    assert [[p[ARP].pdst for p in w.sniff(timeout=0)] for w in wires] == [
        ["10.0.0.1"], [second.partition("/")[0]]]
    return a, *wires


def question(wire, target, psrc="10.0.0.254"):
    """A broadcast request of the tester's."""
    return Ether(src=wire.mac, dst=BROADCAST) / ARP(hwsrc=wire.mac, psrc=psrc, pdst=target)


def test_interfaces_have_addresses_of_their_own(net):
    """[RFC826 Packet Reception]: two cards, two hardware addresses, each answering for itself."""
    a, left, right = lans(net)
    one, two = (i.mac for i in a.interfaces)
    assert one != two
    left.send(question(left, "10.0.0.1"))
    right.send(question(right, "10.0.1.1"))
    assert left.recv(timeout="1ms")[ARP].hwsrc == one
    assert right.recv(timeout="1ms")[ARP].hwsrc == two


def test_no_interface_answers_for_another(net):
    """[RFC1122 3.3.4.2]: a question for the left address on the right cable stays without
    answer."""
    a, left, right = lans(net)
    right.send(question(right, "10.0.0.1"))
    left.send(question(left, "10.0.1.1"))
    net.run(for_="5s")
    assert (left.pending, right.pending, a.arp_table()) == (0, 0, [])


def test_questions_leave_by_the_cable_of_their_target(net):
    """[RFC826 Packet Generation]: with that interface's addresses as sender."""
    a, left, right = lans(net)
    socket = a.udp(4000)
    socket.send(b"x", "10.0.1.9", 9)
    p = right.recv(timeout="1ms")
    assert (p[ARP].hwsrc, p[ARP].psrc, p[ARP].pdst) == (a.interfaces[1].mac, "10.0.1.1", "10.0.1.9")
    assert left.pending == 0


def test_answer_on_the_wrong_cable_resolves_nothing(net):
    """[RFC826 Packet Reception]: the pair belongs to the interface that asked."""
    a, left, right = lans(net)
    socket = a.udp(4000)
    socket.send(b"x", "10.0.1.9", 9)
    net.run(for_="1ms")
    right.clear()
    left.send(Ether(src=left.mac, dst=a.mac) /
              ARP(op=2, hwsrc=left.mac, psrc="10.0.1.9", hwdst=a.mac, pdst="10.0.0.1"))
    net.run(for_="1ms")
    assert (left.pending, right.pending) == (0, 0)
    assert sorted((e["netif"], e["state"]) for e in a.arp_table()) == [
        (a.interfaces[0].index, "stable"), (a.interfaces[1].index, "pending")]


def test_same_address_on_both_cables_makes_two_entries(net):
    """[RFC826 Packet Reception]: two neighbours with one address on two cables are two
    neighbours."""
    a, left, right = lans(net)
    left.send(question(left, "10.0.0.1", psrc="10.0.0.9"))
    right.send(question(right, "10.0.1.1", psrc="10.0.0.9"))
    net.run(for_="1ms")
    assert sorted((e["netif"], e["ip"]) for e in a.arp_table()) == [
        (i.index, "10.0.0.9") for i in a.interfaces]


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_link_loss_forgets_the_neighbours_of_that_cable_only(net, which):
    """[RFC1122 2.3.2.1]: the other interface's entries stay, and its waiting packets with them."""
    a, left, right = lans(net)
    left.send(question(left, "10.0.0.1", psrc="10.0.0.9"))
    right.send(question(right, "10.0.1.1", psrc="10.0.1.9"))
    net.run(for_="1ms")
    a.interfaces[which].link(up=False)
    assert [e["ip"] for e in a.arp_table()] == [["10.0.1.9"], ["10.0.0.9"]][which]


def test_link_flap_empties_the_cache_and_announces_again(net):
    """[RFC1122 2.3.2.1]: what was known before the cable was pulled is asked for anew after it."""
    a, left, right = lans(net)
    left.send(question(left, "10.0.0.1"))
    net.run(for_="1ms")
    assert [e["ip"] for e in a.arp_table()] == ["10.0.0.254"]
    left.clear()
    a.link(up=False)
    assert a.arp_table() == []
    net.run(for_="1s")
    a.link(up=True)
    assert [(p[ARP].psrc, p[ARP].pdst) for p in left.sniff(timeout="1s")] == [
        ("10.0.0.1", "10.0.0.1")]
    assert right.pending == 0
    a.udp(4000).send(b"x", "10.0.0.254", 9)
    assert left.recv(timeout="1ms")[ARP].pdst == "10.0.0.254"


def test_frames_in_flight_when_the_cable_is_pulled_are_not_heard(net):
    """[RFC826 Packet Reception]: a question that was on the cable is lost with it."""
    a, left, _right = lans(net)
    left.send(question(left, "10.0.0.1"))
    a.link(up=False)
    net.run(for_="1s")
    a.link(up=True)
    net.run(for_="1s")
    assert a.arp_table() == []
    assert [p[ARP].op for p in left.sniff(timeout=0)] == [1]
