"""Where a datagram comes from and goes to decides whether a host looks at it at all.

[RFC1122 3.2.1.3]: a source that cannot be one host, and a destination that is not ours, are
silently discarded. [RFC1122 3.3.6]: broadcasts in every form. [RFC1122 3.2.3]: only groups that
were joined. [RFC1122 3.3.4.2]: the weak model: any interface's address will do."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
BROADCAST = "ff:ff:ff:ff:ff:ff"
REFUSED = (("drop",), ("ipinaddrerrors", "ipindiscards", "ipinreceives"))
SOURCES = [("255.255.255.255", "ip4_bad_source"), ("10.0.0.255", "ip4_bad_source"),
           ("0.0.0.0", "ip4_bad_source"), ("0.1.2.3", "ip4_bad_source"),
           ("224.0.0.1", "ip4_bad_source"), ("239.255.255.255", "ip4_bad_source"),
           ("240.0.0.1", "ip4_bad_source"), ("255.255.255.254", "ip4_bad_source"),
           ("127.0.0.1", "ip4_martian"), ("127.255.255.254", "ip4_martian"),
           (HOST, "ip4_own_source")]


@pytest.mark.parametrize("source, reason", SOURCES)
@pytest.mark.parametrize("port", [7, 9], ids=["open port", "closed port"])
def test_impossible_source_is_discarded(bench, source, reason, port):
    """[RFC1122 3.2.1.3]: nobody is told, neither the application nor (closed port) the "source"."""
    b = bench()
    b.send(IP(src=source, dst=HOST) / UDP(dport=port) / Raw(b"from nowhere"))
    assert b.dropped(*REFUSED) == {reason: 1}
    b.still_works()


def test_own_address_of_another_interface_is_no_source(bench):
    """[RFC1122 3.2.1.3]: ours is ours wherever it comes in."""
    b = bench()
    b.a.netif(b.net.segment("other"), ip="10.9.0.1/24")
    b.send(b.datagram(src="10.9.0.1"))
    assert b.dropped(*REFUSED) == {"ip4_own_source": 1}
    b.still_works()


@pytest.mark.parametrize("dest, reason", [("10.0.0.9", "ip4_not_ours"),
                                          ("10.0.0.0", "ip4_not_ours"),
                                          ("192.0.2.1", "ip4_not_ours"),
                                          ("10.0.1.255", "ip4_not_ours"),
                                          ("240.0.0.1", "ip4_not_ours"),
                                          ("127.0.0.1", "ip4_martian"),
                                          ("127.1.2.3", "ip4_martian"),
                                          ("224.0.0.5", "ip4_not_member"),
                                          ("239.1.2.3", "ip4_not_member")])
def test_destination_that_is_not_ours_is_discarded(bench, dest, reason):
    """[RFC1122 3.2.1.3]: though the frame was for us; a host that is no router forwards nothing."""
    b = bench()
    b.send(b.datagram(dst=dest))
    assert b.dropped(*REFUSED) == {reason: 1}
    b.still_works()


@pytest.mark.parametrize("dest", ["255.255.255.255", "10.0.0.255"], ids=["limited", "directed"])
@pytest.mark.parametrize("mac", [BROADCAST, None], ids=["broadcast frame", "unicast frame"])
def test_broadcast_is_accepted(bench, dest, mac):
    """[RFC1122 3.3.6]: the limited and the directed form; the application learns which."""
    b = bench()
    arrives = b.send(b.datagram(dst=dest), dst=mac)
    got = b.socket.recv(timeout=1)
    assert (got.data, got.addr, got.dst, got.t_ns) == (b"hello", TESTER, dest, arrives)
    b.still_works()


@pytest.mark.parametrize("proto", ["udp", "closed", "unknown"])
def test_unicast_in_a_link_broadcast_is_discarded(bench, proto):
    """[RFC1122 3.3.6]: SHOULD silently discard: or one frame makes every host answer."""
    b = bench()
    b.send({"udp": b.datagram(), "closed": IP(src=TESTER, dst=HOST) / UDP(dport=9),
            "unknown": IP(src=TESTER, dst=HOST, proto=200)}[proto], dst=BROADCAST)
    assert b.dropped(*REFUSED) == {"ip4_link_broadcast": 1}
    b.still_works()


@pytest.mark.wire_only(reason="a group that nobody joined does not pass the filter")
def test_multicast_only_where_joined(bench):
    """[RFC1122 3.2.3]: not before joining, not on another interface, not after leaving."""
    b = bench()
    other = b.net.segment("other")
    second = b.a.netif(other, ip="10.9.0.1/24")
    far = other.port("far", mac="02:00:00:00:00:fd")
    group, mac = "239.1.2.3", "01:00:5e:01:02:03"

    b.send(b.datagram(dst=group), dst=mac)
    assert b.dropped() == {"ip4_not_member": 1}
    b.a.igmp_join(group)
    b.send(b.datagram(b"joined", dst=group), dst=mac)
    got = b.socket.recv(timeout=1)
    assert (got.data, got.dst) == (b"joined", group)
    far.send(Ether(dst=mac, src=far.mac) / b.datagram(src="10.9.0.7", dst=group))
    assert b.dropped() == {"ip4_not_member": 2}
    second.igmp(group)
    far.send(Ether(dst=mac, src=far.mac) / b.datagram(b"there too", src="10.9.0.7", dst=group))
    assert b.socket.recv(timeout=1).data == b"there too"
    b.a.igmp_leave(group)
    b.send(b.datagram(dst=group), dst=mac)
    assert b.dropped() == {"ip4_not_member": 3}
    assert b.socket.recv(timeout="10s") is None
    b.wire.clear()  # IGMP's reports
    b.still_works()


def test_address_of_another_interface_is_ours(bench):
    """[RFC1122 3.3.4.2]: the weak model, as in lwIP: it may come in by any interface."""
    b = bench()
    b.a.netif(b.net.segment("other"), ip="10.9.0.1/24")
    b.send(b.datagram(dst="10.9.0.1"))
    got = b.socket.recv(timeout=1)
    assert (got.data, got.dst) == (b"hello", "10.9.0.1")
    b.still_works()


def test_address_of_an_interface_that_is_down_is_not_ours(bench):
    """[RFC1122 3.3.4.2]: an interface that is down has no address."""
    b = bench()
    other = b.a.netif(b.net.segment("other"), ip="10.9.0.1/24")
    other.set(up=False)
    b.send(b.datagram(dst="10.9.0.1"))
    assert b.dropped(*REFUSED) == {"ip4_not_ours": 1}
    b.still_works()


def test_interface_that_is_down_hears_nothing(bench):
    """[RFC1122 3.2.1.3]: until it is up again."""
    b = bench()
    interface = b.a.interfaces[0]
    interface.set(up=False)
    b.send(b.datagram())
    assert b.dropped(("drop",), ("ipindiscards",)) == {"ip4_netif_down": 1}
    interface.set(up=True)
    b.net.run(for_="5s")
    b.wire.clear()  # gratuitous ARP and IGMP
    b.a.arp_static(TESTER, b.wire.mac)
    b.still_works()


def test_interface_without_address_hears_no_unicast(bench):
    """[RFC1122 3.2.1.3]: nothing is its own as long as it has no address."""
    b = bench()
    other = b.net.segment("other")
    bare = b.a.netif(other)
    far = other.port("far", mac="02:00:00:00:00:fd")
    far.send(Ether(dst=bare.mac, src=far.mac) / b.datagram(src="10.9.0.7", dst="10.9.0.1"))
    assert b.dropped() == {"ip4_not_ours": 1}
    b.still_works()
