"""Hosts on one cable and different VLANs: who can talk to whom.

IEEE 802.1Q: VLANs are networks of their own; only a router with an interface in each joins them
[RFC1812 5.2.1].
"""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import ARP, Dot1Q

from lockwire import wire_time

pytestmark = pytest.mark.exact_virtual

TRIP = 2 * wire_time(60) + 50_000


def test_hosts_of_one_vlan_talk(net):
    """[RFC826 Packet Reception]: ARP, ping and UDP with exact times; frames tagged throughout."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip="10.0.0.1/24", vlan=100)
    b = net.host("b", segment, ip="10.0.0.2/24", vlan=100)
    net.run(until="1ms")
    # question, answer, echo, echo reply
    assert a.ping("10.0.0.2").rtt_ns == 4 * TRIP
    assert a.ping("10.0.0.2").rtt_ns == 2 * TRIP
    with b.udp(7) as server, a.udp(4000) as client:
        client.send(b"hello", "10.0.0.2", 7)
        got = server.recv(timeout="1s")
        assert (got.data, got.addr, got.port) == (b"hello", "10.0.0.1", 4000)
        server.send(got.data, got.addr, got.port)
        assert client.recv(timeout="1s").data == b"hello"
    assert [e["mac"] for e in a.arp_table()] == [b.mac]
    assert [h.stats()["drops"] for h in (a, b)] == [{}, {}]


@pytest.mark.parametrize("size, frame", [(18, 64), (1472, 1518)])
def test_round_trip_counts_the_tag(net, size, frame):
    """802.1Q: four bytes more on each cable, as soon as there is no padding to take them from."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip="10.0.0.1/24", vlan=100)
    net.host("b", segment, ip="10.0.0.2/24", vlan=100)
    net.run(until="1ms")
    assert a.ping("10.0.0.2") is not None
    assert a.ping("10.0.0.2", data=bytes(size)).rtt_ns == 2 * (2 * wire_time(frame) + 50_000)


def test_large_datagram_is_fragmented_inside_the_vlan(net):
    """[RFC791 3.2]: the MTU is that of the datagrams, whatever the tag adds."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", vlan=100)
    net.host("b", segment, ip="10.0.0.2/24", vlan=100)
    net.run(until="1ms")
    assert a.ping("10.0.0.2") is not None
    wire = segment.port("tester")
    data = bytes(i % 251 for i in range(5000))
    assert a.ping("10.0.0.2", data=data).data == data
    assert a.stats()["mib2"]["ipfragcreates"] == 4
    assert wire.pending == 0


@pytest.mark.parametrize("one, other", [(100, 101), (100, None), (None, 100)],
                         ids=["two-vlans", "tagged-to-untagged", "untagged-to-tagged"])
def test_hosts_of_different_networks_do_not_hear_each_other(net, one, other):
    """802.1Q 6.9: same cable, same addresses, no traffic; what arrives in the wrong one is
    dropped."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.0.1/24", vlan=one)
    b = net.host("b", segment, ip="10.0.0.2/24", vlan=other)
    net.run(until="1ms")
    before = [h.stats()["drops"].get("eth_vlan_foreign", 0) for h in (a, b)]
    assert a.ping("10.0.0.2", timeout="10s") is None
    after = [h.stats()["drops"].get("eth_vlan_foreign", 0) for h in (a, b)]
    heard = [y - x for x, y in zip(before, after)]
    # five questions. An untagged host has no VLAN to check a tag against, so it answers - without a
    # tag, which the one that asked does not take
    assert heard == ([5, 0] if other is None else [0, 5])


def test_same_address_in_two_vlans_is_no_conflict(net):
    """[RFC5227 2.1.1]: a probe in one VLAN is not heard in the other."""
    segment = net.segment("lan")
    hosts = [net.host(f"h{vid}", segment, ip="10.0.0.1/24", vlan=vid, acd=True)
             for vid in (100, 101)]
    net.run(until="20s")
    assert [h.acd() for h in hosts] == [{"state": "ok", "conflicts": 0}] * 2


def test_router_on_a_stick_joins_two_vlans(net):
    """[RFC1812 5.2.1]: one cable, two tags: a datagram comes back on it with the other tag."""
    segment = net.segment("lan", latency="50us")
    router = net.host("router", segment, ip="10.0.1.254/24", vlan=100, ip_forward=1)
    router.netif(segment, ip="10.0.2.254/24", vlan=200)
    a = net.host("a", segment, ip="10.0.1.1/24", gw="10.0.1.254", vlan=100)
    b = net.host("b", segment, ip="10.0.2.1/24", gw="10.0.2.254", vlan=200)
    hub = net.segments["lan"].port("tester")
    net.run(until="1ms")
    assert {p[Dot1Q].vlan for p in hub.sniff(timeout=0)} == {100, 200}
    assert a.ping("10.0.2.1", timeout="1s").ttl == 254
    assert a.ping("10.0.2.1", timeout="1s").rtt_ns == 4 * TRIP
    assert b.ping("10.0.1.1", timeout="1s").rtt_ns == 4 * TRIP
    # the broadcast questions: each in the VLAN of its target
    asked = [(p[ARP].pdst, p[Dot1Q].vlan) for p in hub.sniff(timeout=0)]
    assert asked == [("10.0.1.254", 100), ("10.0.2.1", 200)]


def test_faults_can_choose_by_vlan(net):
    """802.1Q: the wire looks into the tag as the hosts do: only VLAN 200's pings are lost."""
    segment = net.segment("lan")
    pairs = [[net.host(f"h{vid}{i}", segment, ip=f"10.0.0.{i}/24", vlan=vid) for i in (1, 2)]
             for vid in (100, 200)]
    net.run(until="1ms")
    segment.faults.drop(match={"vlan.id": 200, "ip.proto": 1})
    assert [one.ping("10.0.0.2", timeout="1s") is not None for one, _two in pairs] == [True, False]


def test_echo_reply_has_the_tag_of_the_interface_it_leaves_by(net):
    """[RFC1122 3.3.4.2]: a host with two VLAN interfaces on one cable keeps them apart."""
    segment = net.segment("lan")
    a = net.host("a", segment, ip="10.0.1.1/24", vlan=100)
    a.netif(segment, ip="10.0.2.1/24", vlan=200)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    from scapy.layers.l2 import Ether
    for vid, third, interface in ((100, 1, a.interfaces[0]), (200, 2, a.interfaces[1])):
        a.arp_static(f"10.0.{third}.9", wire.mac)
        wire.send(bytes(Ether(src=wire.mac, dst=interface.mac) / Dot1Q(vlan=vid) /
                        IP(src=f"10.0.{third}.9", dst=f"10.0.{third}.1") / ICMP(id=vid)))
        p = wire.recv(timeout="1ms")
        assert (p.src, p[Dot1Q].vlan, p[ICMP].id) == (interface.mac, vid, vid)
