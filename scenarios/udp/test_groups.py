"""Broadcast and multicast: who may send, who hears, and what the frames look like.

[RFC1122 4.1.3.5], [RFC1122 3.3.6]: a broadcast is asked for on both sides; it never causes an
error."""

import pytest
from scapy.layers.inet import IP, UDP

from lockwire.sockets import StackError

LIMITED, DIRECTED, ALL = "255.255.255.255", "10.0.0.255", "ff:ff:ff:ff:ff:ff"


@pytest.mark.parametrize("dst", [LIMITED, DIRECTED])
def test_sending_a_broadcast_has_to_be_allowed(net, bench, dst):
    """SOF_BROADCAST, as in lwIP; then it leaves to everybody, without ARP."""
    a, wire = bench()
    with pytest.raises(StackError, match="ERR_VAL"):
        a.udp(5000).send(b"x", dst, 7)
    a.udp(5001, broadcast=True).send(b"x", dst, 7)
    got, = wire.sniff(timeout="1ms")
    assert (got.dst, got[IP].dst, got[UDP].sport) == (ALL, dst, 5001)


@pytest.mark.parametrize("dst", [LIMITED, DIRECTED])
@pytest.mark.parametrize("bound, broadcast, hears", [
    (None, True, True), (None, False, False), ("10.0.0.1", True, True), ("10.0.0.1", False, False)],
    ids=["any", "any-not-allowed", "own", "own-not-allowed"])
def test_hearing_a_broadcast_has_to_be_allowed(net, bench, datagram, still_hears, dst, bound,
                                               broadcast, hears):
    """And whom nobody hears is not told so."""
    a, wire = bench()
    s = a.udp(7, addr=bound, broadcast=broadcast)
    wire.send(datagram(a, wire, b"all", dst=dst, mac=ALL))
    got = s.recv(timeout="1ms")
    assert (got is not None) == hears
    if hears:
        assert (got.data, got.dst, got.addr) == (b"all", dst, "10.0.0.254")
    assert a.stats()["drops"] == ({} if hears else {"udp_no_port": 1})
    still_hears(a, wire)


def test_a_socket_of_another_network_hears_the_limited_broadcast_only(net, bench, datagram):
    """A directed one is for sockets of that network; the limited one for all."""
    a, wire = bench()
    a.netif(net.segment("other"), ip="10.0.1.1/24")
    s = a.udp(7, addr="10.0.1.1", broadcast=True)
    wire.send([datagram(a, wire, b"one", dst=DIRECTED, mac=ALL),
               datagram(a, wire, b"two", dst=LIMITED, mac=ALL)])
    assert s.recv(timeout=1).data == b"two"
    assert s.recv(timeout="1ms") is None


def test_the_limited_broadcast_prefers_the_interfaces_own_socket(net, bench, datagram):
    """Of two that admit it the one bound to the incoming interface's address, whoever came
    first."""
    a, wire = bench()
    a.netif(net.segment("other"), ip="10.0.1.1/24")
    sockets = [a.udp(7, addr=addr, broadcast=True) for addr in ("10.0.0.1", "10.0.1.1")]
    wire.send(datagram(a, wire, dst=LIMITED, mac=ALL))
    net.run(for_="1ms")
    assert [s.recv(timeout=0) is not None for s in sockets] == [True, False]


def test_a_foreign_networks_broadcast_is_not_ours(net, bench, datagram, still_hears):
    """[RFC1122 3.3.6]: 10.0.1.255 is a unicast address to a host of 10.0.0.0/24, and in a
    link-layer broadcast nobody's."""
    a, wire = bench()
    s = a.udp(7, broadcast=True)
    wire.send(datagram(a, wire, dst="10.0.1.255", mac=ALL))
    assert s.recv(timeout="1ms") is None
    assert sum(a.stats()["drops"].values()) == 1
    still_hears(a, wire)


def test_unicast_in_a_link_broadcast_is_refused(net, bench, datagram, still_hears):
    """[RFC1122 3.3.6]: our own address, but sent to everybody."""
    a, wire = bench()
    s = a.udp(7)
    wire.send(datagram(a, wire, mac=ALL))
    assert s.recv(timeout="1ms") is None
    assert a.stats()["drops"] == {"ip4_link_broadcast": 1}
    still_hears(a, wire)


def test_one_broadcast_reaches_many(net):
    """Five hosts, one datagram, the same instant."""
    lan = net.segment("lan", latency="50us")
    hosts = [net.host(f"h{i}", lan, ip=f"10.0.0.{i}/24") for i in range(1, 7)]
    net.run(for_="1ms")
    sockets = [h.udp(7, broadcast=True) for h in hosts]
    sockets[0].send(b"hear me", DIRECTED, 7)
    got = [s.recv(timeout="1ms") for s in sockets]
    assert got[0] is None  # its own does not come back
    assert {(g.data, g.addr, g.dst, g.t_ns) for g in got[1:]} == {
        (b"hear me", "10.0.0.1", DIRECTED, 1_000_000 + 2 * 5760 + 50_000)}


@pytest.mark.parametrize("group, mac", [
    ("224.0.0.251", "01:00:5e:00:00:fb"), ("239.129.2.3", "01:00:5e:01:02:03")])
@pytest.mark.parametrize("ttl", [None, 1, 5])
def test_multicast_leaves_to_its_group_address(net, bench, group, mac, ttl):
    """[RFC1112 6.4]: 23 bits of the group; [RFC1112 6.1]: the time to live is the application's."""
    a, wire = bench()
    a.udp(5000).send(b"x", group, 7, ttl=ttl)
    got, = wire.sniff(timeout="1ms")
    assert (got.dst, got[IP].dst, got[IP].ttl) == (mac, group, 255 if ttl is None else ttl)


@pytest.mark.wire_only(reason="a group that nobody joined does not pass the filter")
@pytest.mark.parametrize("joined", [True, False])
def test_multicast_is_heard_by_members(net, bench, datagram, joined):
    """[RFC1112 7.1]: only groups that were joined are delivered; nobody is told that a port is
    closed."""
    a, wire = bench()
    s = a.udp(7)
    if joined:
        a.igmp_join("239.1.2.3")
    net.run(for_="1ms")
    wire.clear()
    for port in (7, 8):
        wire.send(datagram(a, wire, b"group", dst="239.1.2.3", mac="01:00:5e:01:02:03", dport=port))
    net.run(for_="1ms")
    got = s.recv(timeout=0)
    assert (got.data, got.dst) == (b"group", "239.1.2.3") if joined else got is None
    assert a.stats()["drops"] == ({"udp_no_port": 1} if joined else {"ip4_not_member": 2})
    assert not [p for p in wire.sniff(timeout="1ms") if p.haslayer("ICMP")]
