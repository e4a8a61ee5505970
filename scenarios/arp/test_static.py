"""Entries made by hand: they need no question, outlast every packet and end only by hand.

lwIP's etharp_add_static_entry and etharp_remove_static_entry; [RFC1122 2.3.2.1] on the others.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import StackError

MAC = "02:00:00:00:00:50"


def lan(net, **options):
    """A host and a tester; the announcement has passed."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", **options)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def pairs(a):
    """What the table says, without ages."""
    return [(e["ip"], e["mac"], e["state"]) for e in a.arp_table()]


@pytest.mark.exact_virtual
def test_static_entry_needs_no_question(net):
    """[RFC826 Packet Generation]: the first datagram leaves at once, to the address given."""
    a, wire = lan(net)
    a.arp_static("10.0.0.9", MAC)
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert [(p.dst, p.time.ns) for p in wire.sniff(timeout="1s")] == [(MAC, 1_000_000 + 5760)]


@pytest.mark.parametrize("op, pdst", [(1, "10.0.0.1"), (2, "10.0.0.1"), (1, "10.0.0.9"),
                                      (2, "10.0.0.200")],
                         ids=["request-to-us", "reply-to-us", "gratuitous", "reply-to-another"])
def test_no_packet_overwrites_it(net, op, pdst):
    """lwIP bug 48477: whatever somebody claims about the address; a request is still answered."""
    a, wire = lan(net)
    a.arp_static("10.0.0.9", MAC)
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=op, hwsrc=wire.mac, psrc="10.0.0.9", pdst=pdst))
    answered = [p[ARP].op for p in wire.sniff(timeout="1ms")]
    assert answered == ([2] if (op, pdst) == (1, "10.0.0.1") else [])
    assert pairs(a) == [("10.0.0.9", MAC, "static")]


def test_it_does_not_age(net):
    """[RFC1122 2.3.2.1]: the timeout is for what was learnt; nor is its owner ever polled."""
    a, wire = lan(net, arp_maxage=10)
    a.arp_static("10.0.0.9", MAC)
    socket = a.udp(4000)
    for t in ("6s", "9s", "1min", "30d"):
        net.run(until=t)
        socket.send(b"x", "10.0.0.9", 9)
        assert [p.dst for p in wire.sniff(timeout="1s")] == [MAC]
    assert pairs(a) == [("10.0.0.9", MAC, "static")]


def test_adding_replaces_what_was_learnt_or_given(net):
    """lwIP: the address by hand wins over the wire's, the later one by hand over the earlier."""
    a, wire = lan(net)
    wire.send(Ether(src=wire.mac, dst=a.mac) /
              ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.9", hwdst=a.mac, pdst=a.ip))
    net.run(for_="1ms")
    assert pairs(a) == [("10.0.0.9", wire.mac, "stable")]
    a.arp_static("10.0.0.9", MAC)
    assert pairs(a) == [("10.0.0.9", MAC, "static")]
    a.arp_static("10.0.0.9", "02:00:00:00:00:51")
    assert pairs(a) == [("10.0.0.9", "02:00:00:00:00:51", "static")]


def test_removed_entry_is_asked_for_again(net):
    """[RFC826 Packet Generation]: without it the host is as wise as before."""
    a, wire = lan(net)
    a.arp_static("10.0.0.9", MAC)
    a.arp_static("10.0.0.9", None)
    assert pairs(a) == []
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    assert wire.recv(timeout="1ms")[ARP].pdst == "10.0.0.9"


def test_only_static_entries_are_removed_by_hand(net):
    """lwIP's errors: ERR_MEM for an address that is not known, ERR_ARG for a learnt one."""
    a, wire = lan(net)
    with pytest.raises(StackError, match="ERR_MEM"):
        a.arp_static("10.0.0.9", None)
    wire.send(Ether(src=wire.mac, dst=a.mac) /
              ARP(op=2, hwsrc=wire.mac, psrc="10.0.0.9", hwdst=a.mac, pdst=a.ip))
    net.run(for_="1ms")
    with pytest.raises(StackError, match="ERR_ARG"):
        a.arp_static("10.0.0.9", None)
    assert pairs(a) == [("10.0.0.9", wire.mac, "stable")]


@pytest.mark.parametrize("ip", ["0.0.0.0", "10.0.0.255", "255.255.255.255", "224.0.0.1"])
def test_address_of_no_single_host_is_refused(net, ip):
    """[RFC1122 3.3.6]: broadcast and groups are mapped by rule, not by table: ERR_ARG."""
    a, _wire = lan(net)
    with pytest.raises(StackError, match="ERR_ARG"):
        a.arp_static(ip, MAC)
    assert pairs(a) == []


def test_option_switches_static_entries_off(net):
    """lwIP's ETHARP_SUPPORT_STATIC_ENTRIES, here at run time: ERR_VAL."""
    a, _wire = lan(net, etharp_support_static_entries=0)
    with pytest.raises(StackError, match="ERR_VAL"):
        a.arp_static("10.0.0.9", MAC)
    assert pairs(a) == []


def test_it_goes_with_an_interface_that_is_taken_down(net):
    """lwIP's etharp_cleanup_netif: an interface that goes down takes all its entries along."""
    a, _wire = lan(net)
    a.arp_static("10.0.0.9", MAC)
    a.interfaces[0].set(up=False)
    assert pairs(a) == []
    a.interfaces[0].set(up=True)
    assert pairs(a) == []


def test_it_survives_a_pulled_cable(net):
    """What was learnt goes with the link, [RFC1122 2.3.2.1]; what a person has set does not."""
    a, wire = lan(net)
    a.arp_static("10.0.0.9", MAC)
    wire.send(Ether(src=wire.mac, dst="ff:ff:ff:ff:ff:ff") /
              ARP(op=1, hwsrc=wire.mac, psrc="10.0.0.7", pdst="10.0.0.1"))
    net.run(for_="1ms")
    assert pairs(a) == [("10.0.0.9", MAC, "static"), ("10.0.0.7", wire.mac, "stable")]
    a.link(up=False)
    assert pairs(a) == [("10.0.0.9", MAC, "static")]
    a.link(up=True)
    assert pairs(a) == [("10.0.0.9", MAC, "static")]
