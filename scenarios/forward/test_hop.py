"""A router passes a datagram on with a TTL one less, and everything else as it came.

[RFC1812 5]: forwarding; [RFC1812 5.3.1]: time to live. [RFC791 3.1 Time to Live]: when it is used
up the datagram is destroyed and its source told."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import shows

NEAR, FAR = "10.1.0.9", "10.2.0.9"
LEFT, RIGHT = "10.1.0.1", "10.2.0.1"


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [0, 18, 100, 1472])
@pytest.mark.parametrize("ttl", [2, 64, 255])
def test_one_hop(bench, size, ttl):
    """[RFC1812 5.3.1]: TTL and checksum, nothing else; at once, no octet of padding more or
    less."""
    b = bench()
    packet = b.datagram(size, ttl=ttl, tos=0xB9)
    times = b.send(packet)
    got = b.far.recv_bytes(timeout=1)
    with shows("RQ-791-08", "RQ-791-10"):
        assert got.data == b.hop(packet)
    assert [got.t_ns] == b.onward(times, [42 + size])
    stats = b.r.stats()
    assert (stats["lwip"]["ip"]["fw"], stats["lwip"]["ip"]["xmit"]) == (1, 1)
    assert (stats["mib2"]["ipforwdatagrams"], stats["mib2"]["ipinreceives"]) == (1, 1)
    assert (stats["mib2"]["ipindelivers"], stats["mib2"]["ipoutrequests"], stats["drops"]) == (0,
                                                                                               0,
                                                                                               {})
    b.still_works()


@pytest.mark.parametrize("sum_", [0x0000, 0x0001, 0xFEFE, 0xFEFF, 0xFF00, 0xFFFE, 0x00FF, 0xFFFF],
                         ids=hex)
def test_checksum_at_the_ends_of_its_range(bench, sum_):
    """[RFC1812 5.2.3]: changed by difference, it is what adding up again gives, or the other
    zero."""
    b = bench()
    base = IP(bytes(b.datagram(id=0))).chksum
    # one more in the identification is one less in the sum
    number = (base - sum_) % 0xFFFF
    packet = IP(bytes(b.datagram(id=number)))
    packet.chksum = sum_
    b.send(packet)
    got = b.far.recv_bytes(timeout=1).data
    expected = b.hop(packet)
    value, right = (int.from_bytes(frame[24:26], "big") for frame in (got, expected))
    with shows("RQ-791-10"):
        assert (got[:24], got[26:]) == (expected[:24], expected[26:])
        assert value == right or {value, right} == {0, 0xFFFF}
    b.still_works()


def test_content_is_none_of_the_routers_business(bench):
    """[RFC1812 5]: a wrong UDP checksum, an unknown protocol, fragments: all pass unread."""
    b = bench()
    packets = [IP(src=NEAR, dst=FAR, id=1) / UDP(dport=9, chksum=0xDEAD) / Raw(b"x"),
               IP(src=NEAR, dst=FAR, id=2, proto=253) / Raw(b"strange"),
               IP(src=NEAR, dst=FAR, id=3, proto=17, frag=100) / Raw(b"last piece"),
               IP(src=NEAR, dst=FAR, id=4, proto=17, flags="MF") / Raw(b"8 octets")]
    b.send(*packets)
    assert [b.far.recv_bytes(timeout=1).data for _ in packets] == [b.hop(p) for p in packets]
    assert b.r.stats()["lwip"]["ip_frag"]["recv"] == 0
    b.still_works()


@pytest.mark.parametrize("rx", ["pool", "flat"])
def test_receive_buffers_make_no_difference(bench, rx):
    """[RFC1812 5]: however the frame lay in memory."""
    b = bench(rx=rx)
    packet = b.datagram(1400)
    b.send(packet)
    assert b.far.recv_bytes(timeout=1).data == b.hop(packet)
    b.still_works()


def test_chain_of_small_buffers_is_forwarded(bench):
    """[RFC1812 5]: a frame over twenty buffers leaves whole."""
    b = bench(pbuf_pool_bufsize=80)
    packet = b.datagram(1472)
    b.send(packet)
    assert b.far.recv_bytes(timeout=1).data == b.hop(packet)
    b.still_works()


def test_padding_is_not_forwarded(bench):
    """[RFC894]: what lies behind the total length ends at the first link."""
    b = bench()
    packet = b.datagram(30)
    b.near.send(bytes(Ether(src=b.near.mac, dst=b.left.mac) / packet) + b"\xEE" * 40)
    assert b.far.recv_bytes(timeout=1).data == b.hop(packet)
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("ttl", [0, 1])
@pytest.mark.parametrize("size", [0, 1400])
def test_time_to_live_used_up(bench, ttl, size):
    """[RFC1812 5.3.1]: type 11 code 0 from the address of the interface it came in by; the quote is
    what came, TTL and checksum included."""
    b = bench()
    packet = b.datagram(size, ttl=ttl)
    times = b.send(packet)
    got = b.near.recv_bytes(timeout=1)
    assert (got.data, [got.t_ns]) == (b.error(packet, type=11, code=0), b.switched(times, [70]))
    stats = b.r.stats()
    assert stats["drops"] == {"ip4_forward_ttl": 1}
    assert (stats["mib2"]["ipinhdrerrors"], stats["mib2"]["ipforwdatagrams"]) == (1, 0)
    b.still_works()


@pytest.mark.parametrize("address", [LEFT, RIGHT])
@pytest.mark.parametrize("ttl", [1, 64])
def test_what_is_for_the_router_is_not_forwarded(bench, address, ttl):
    """[RFC1812 5.2.3]: both of its addresses are its own, and TTL 1 is enough to get there."""
    b = bench()
    socket = b.r.udp(9)
    b.send(b.datagram(ttl=ttl, dst=address))
    got = socket.recv(timeout=1)
    assert (got.dst, got.ttl) == (address, ttl)
    assert b.r.stats()["mib2"]["ipforwdatagrams"] == 0
    b.still_works()


def test_host_does_not_forward(bench):
    """[RFC1122 3.3.1.1]: off by default; switched on and off again while it runs."""
    b = bench(ip_forward=0)
    packet = b.datagram()
    b.send(packet)
    assert b.quiet()
    assert b.r.stats()["drops"] == {"ip4_not_ours": 1}
    b.r.options["ip_forward"] = 1
    b.send(packet)
    assert b.far.recv_bytes(timeout=1).data == b.hop(packet)
    b.r.options["ip_forward"] = 0
    b.send(packet)
    assert b.quiet()
    assert b.r.stats()["drops"] == {"ip4_not_ours": 2}


def test_three_interfaces(net, bench):
    """[RFC1812 5.2.4]: each destination leaves by the network it is in, and by no other."""
    b = bench()
    third = net.segment("third")
    out = b.r.netif(third, ip="10.3.0.1/24")
    port = third.port("port", mac="02:00:00:00:00:03")
    b.r.arp_static("10.3.0.9", port.mac)
    net.run(for_="1ms")
    b.near.clear()
    b.far.clear()
    port.clear()
    b.send(b.datagram(), b.datagram(dst="10.3.0.9"), b.datagram(id=2))
    assert [p[IP].id for p in b.far.sniff(timeout="10ms")] == [0x1234, 2]
    got, = port.sniff(timeout="10ms")
    assert (got.src, got[IP].ttl) == (out.mac, 63)
    port.send(Ether(src=port.mac, dst=out.mac) / b.datagram(src="10.3.0.9", dst=NEAR))
    back = b.near.recv(timeout=1)
    assert (back.src, back[IP].src, back[IP].ttl) == (b.left.mac, "10.3.0.9", 63)
    b.still_works()


def test_default_route_is_the_gateway(bench):
    """[RFC1812 5.2.4]: what is in no network goes to the gateway of the default interface."""
    b = bench(gw="10.1.0.77")
    b.r.arp_static("10.1.0.77", "02:00:00:00:00:77")
    packet = IP(src=FAR, dst="192.0.2.1", id=3, ttl=9) / ICMP(type=8)
    b.far.send(Ether(src=b.far.mac, dst=b.right.mac) / packet)
    # the switch does not know that MAC and floods, so that near hears it
    got = b.near.recv(timeout=1)
    assert (got.dst, got[IP].dst, got[IP].ttl) == ("02:00:00:00:00:77", "192.0.2.1", 8)
    b.still_works()
