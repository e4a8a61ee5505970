"""What a router does not pass on, and whom it tells.

[RFC1812 5.3.4]: link-layer broadcasts; [RFC1812 5.3.7]: addresses that name no single host
elsewhere; [RFC3927 2.7]: link-local addresses; [RFC1812 5.2.7.1]: no route; [RFC1122 3.3.5]: source
routes."""

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

NEAR, FAR = "10.1.0.9", "10.2.0.9"
LEFT, RIGHT = "10.1.0.1", "10.2.0.1"
BROADCAST = "ff:ff:ff:ff:ff:ff"


def dropped(b):
    """Nothing has gone anywhere; why."""
    assert b.quiet()
    assert b.r.stats()["mib2"]["ipforwdatagrams"] == 0
    return b.r.stats()["drops"]


@pytest.mark.parametrize("src, dst, reason", [
    ("169.254.1.1", FAR, "ip4_forward_refused"), (NEAR, "169.254.1.1", "ip4_forward_refused"),
    (NEAR, "0.1.2.3", "ip4_forward_refused"), (NEAR, "240.0.0.1", "ip4_forward_refused"),
    (NEAR, "255.255.255.254", "ip4_forward_refused"), (NEAR, "127.0.0.1", "ip4_martian"),
    ("127.0.0.1", FAR, "ip4_martian"), ("0.0.0.0", FAR, "ip4_bad_source"),
    ("0.1.2.3", FAR, "ip4_bad_source"),
    ("224.0.0.1", FAR, "ip4_bad_source"), ("240.0.0.1", FAR, "ip4_bad_source"),
    ("255.255.255.255", FAR, "ip4_bad_source"), ("10.1.0.255", FAR, "ip4_bad_source"),
    (LEFT, FAR, "ip4_own_source"), (RIGHT, FAR, "ip4_own_source"),
    (NEAR, "224.0.0.5", "ip4_not_member"),
    (NEAR, "239.1.2.3", "ip4_not_member")])
def test_address_that_is_never_forwarded(bench, src, dst, reason):
    """[RFC1812 5.3.7], [RFC3927 2.7]: silently discarded; [RFC1812 5.2.3]: no multicast routing
    here."""
    b = bench(gw="10.1.0.77")
    b.send(b.datagram(src=src, dst=dst))
    assert dropped(b) == {reason: 1}
    assert b.r.stats()["mib2"]["ipinaddrerrors"] == 1
    b.still_works()


@pytest.mark.parametrize("dst", ["255.255.255.255", "10.1.0.255", "10.2.0.255"])
def test_broadcast_is_not_forwarded(bench, dst):
    """[RFC1812 5.3.5]: neither limited nor directed, not even that of the other network: it is the
    router's own, as for any host (no port here, and no error about a broadcast)."""
    b = bench()
    b.send(b.datagram(dst=dst))
    assert dropped(b) == {"udp_no_port": 1}
    socket = b.r.udp(9, broadcast=True)
    b.send(b.datagram(dst=dst))
    assert socket.recv(timeout=1).dst == dst
    b.still_works()


@pytest.mark.wire_only(reason="a group that nobody joined does not pass the filter")
@pytest.mark.parametrize("mac", [BROADCAST, "01:00:5e:01:02:03"], ids=["broadcast", "multicast"])
def test_link_layer_broadcast_is_not_forwarded(bench, mac):
    """[RFC1812 5.3.4]: or two routers on one link would each send a copy."""
    b = bench()
    b.send(b.datagram(), dst=mac)
    assert dropped(b) == {"ip4_forward_link_broadcast": 1}
    b.still_works()


def test_no_route_is_told(bench):
    """[RFC1812 5.2.7.1]: with the default interface's cable out, what is in no network has no way:
    net unreachable, from the interface it came in by."""
    b = bench(gw="10.1.0.77")
    b.left.link(up=False)
    packet = b.datagram(src=FAR, dst="192.0.2.1")
    b.far.send(Ether(src=b.far.mac, dst=b.right.mac) / packet)
    got = b.far.recv_bytes(timeout=1)
    expected = bytearray(b.error(packet, src=RIGHT, type=3, code=0))
    expected[:12] = bytes.fromhex((b.far.mac + b.right.mac).replace(":", ""))
    # the same error, to far instead of near: two addresses, one checksum
    want = IP(bytes(expected[14:70]))
    want.dst = FAR
    del want.chksum
    assert got.data == bytes(expected[:14]) + bytes(want)
    assert b.r.stats()["drops"] == {"ip4_forward_no_route": 1}
    assert b.r.stats()["mib2"]["ipoutnoroutes"] == 1
    b.left.link(up=True)
    b.net.run(for_="5s")
    b.r.arp_static(NEAR, b.near.mac)
    b.near.clear()
    b.still_works()


def test_default_interface_without_a_gateway(bench):
    """[RFC1812 5.2.7.1]: the link layer has nobody to give it to: dropped, and counted on both
    floors."""
    b = bench()
    b.far.send(Ether(src=b.far.mac, dst=b.right.mac) / b.datagram(src=FAR, dst="192.0.2.1"))
    assert b.quiet()
    stats = b.r.stats()
    assert stats["drops"] == {"arp_no_gateway": 1, "ip4_forward_failed": 1}
    assert stats["mib2"]["ipoutdiscards"] == 1
    b.still_works()


@pytest.mark.parametrize("kind", [0x83, 0x89], ids=["loose", "strict"])
def test_source_route_through_the_router_is_refused(bench, kind):
    """[RFC1122 3.3.5]: nobody is led around here: code 5."""
    b = bench()
    packet = b.datagram(options=bytes([kind, 7, 4, 192, 0, 2, 1, 0]))
    b.send(packet)
    assert b.near.recv_bytes(timeout=1).data == b.error(packet, type=3, code=5)
    assert b.r.stats()["drops"] == {"ip4_source_route": 1}
    b.still_works()


def test_malformed_option_is_not_carried_on(bench):
    """[RFC1812 5.3.13.2]: parameter problem from the router, with the place."""
    b = bench()
    packet = b.datagram(options=b"\x01\x07\x02\x01")
    b.send(packet)
    assert b.near.recv_bytes(timeout=1).data == b.error(packet, type=12, code=0, ptr=22)
    assert b.r.stats()["drops"] == {"ip4_bad_option": 1}
    b.still_works()


def test_options_may_be_refused_altogether(bench):
    """[RFC1812 5.3.13.1]: ip_options_allowed 0, lwIP's switch, holds for what passes through as
    well."""
    b = bench(ip_options_allowed=0)
    b.send(b.datagram(options=b"\x01" * 4))
    assert dropped(b) == {"ip4_options_refused": 1}
    b.still_works()


def test_damaged_header_is_not_forwarded(bench):
    """[RFC1812 5.2.2]: checked before anything else; nobody is told, the source might be the
    damage."""
    b = bench()
    b.send(b.datagram(chksum=0xDEAD))
    assert dropped(b) == {"ip4_bad_checksum": 1}
    b.still_works()
