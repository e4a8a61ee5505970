"""A datagram too big for the next link is cut by the router, or its source is told to cut it.

[RFC791 3.2]: fragmentation on the way; [RFC1191 4]: with DF the source hears the MTU of the next
link. [RFC791 3.1]: only options with the copied bit go behind the first fragment."""

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

NEAR, FAR = "10.1.0.9", "10.2.0.9"


def cut(b, packet, mtu, options_behind=b""):
    """The frames that far gets, by Scapy: header of the first whole, of the others with these
    options."""
    ip = IP(bytes(packet))
    length = ip.ihl * 4
    head, data, behind = bytes(packet)[:length], bytes(packet)[length:], ip.frag
    more_behind, frames, at = ip.flags.MF, [], 0
    while at < len(data):
        octets = head if at == 0 else head[:20] + options_behind
        room = (mtu - len(octets)) // 8 * 8
        piece = bytearray(octets + data[at:at + room])
        piece[0] = 0x40 | len(octets) // 4
        piece[8] -= 1
        last = at + room >= len(data) and not more_behind
        piece[2:4] = len(piece).to_bytes(2, "big")
        piece[6:8] = (behind + at // 8 | (0 if last else 0x2000)).to_bytes(2, "big")
        fragment = IP(bytes(piece))
        del fragment.chksum
        frames.append(bytes(Ether(src=b.right.mac, dst=b.far.mac) / fragment).ljust(60, b"\0"))
        at += room
    return frames


@pytest.mark.exact_virtual
@pytest.mark.parametrize("mtu", [1499, 1280, 576, 68])
@pytest.mark.parametrize("rx", ["pool", "flat"])
def test_router_cuts(bench, mtu, rx):
    """[RFC791 3.2]: every fragment to the octet and the nanosecond, TTL one less in each."""
    b = bench(mtu=mtu, rx=rx)
    packet = b.datagram(1472, tos=0xB9)
    arrived, = b.send(packet)
    expected = cut(b, packet, mtu)
    got = [b.far.recv_bytes(timeout=1) for _ in expected]
    assert [g.data for g in got] == expected
    lengths = [14 + IP(frame[14:]).len for frame in expected]
    assert [g.t_ns for g in got] == b.onward([arrived] * len(got), lengths)
    stats = b.r.stats()
    assert (stats["mib2"]["ipfragoks"], stats["mib2"]["ipfragcreates"]) == (1, len(expected))
    assert (stats["mib2"]["ipforwdatagrams"], stats["lwip"]["ip"]["fw"]) == (1, 1)
    assert stats["memp"]["FRAG_PBUF"]["used"] == 0
    b.still_works()


def test_datagram_of_the_next_mtu_passes_whole(bench):
    """[RFC791 3.2]: exactly 576 octets need no cut, one more does."""
    b = bench(mtu=576)
    fits, too_big = b.datagram(548), b.datagram(549, id=2)
    b.send(fits, too_big)
    assert [b.far.recv_bytes(timeout=1).data for _ in range(3)] == [b.hop(fits),
                                                                    *cut(b, too_big, 576)]
    b.still_works()


@pytest.mark.parametrize("frag, flags", [(0, "MF"), (100, "MF"), (100, "")],
                         ids=["first", "middle", "last"])
def test_fragment_is_cut_again(bench, frag, flags):
    """[RFC791 3.2]: offsets go on from its own; MF stays on all pieces unless it was the last."""
    b = bench(mtu=576)
    packet = IP(src=NEAR, dst=FAR, id=7, proto=17, frag=frag,
                flags=flags) / Raw(bytes(range(200)) * 6)
    b.send(packet)
    expected = cut(b, packet, 576)
    assert [b.far.recv_bytes(timeout=1).data for _ in expected] == expected
    assert b.r.stats()["lwip"]["ip_frag"]["recv"] == 0
    b.still_works()


def test_options_on_the_way_into_pieces(bench):
    """[RFC791 3.1]: the stream identifier goes along, the nops and the unknown option do not."""
    b = bench(mtu=576)
    kept = b"\x88\x04\x12\x34"
    packet = b.datagram(1200, options=b"\x01\x01" + b"\x5e\x06abcd" + kept)
    b.send(packet)
    expected = cut(b, packet, 576, options_behind=kept)
    assert [b.far.recv_bytes(timeout=1).data for _ in expected] == expected
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("mtu", [1499, 1006, 576, 68])
def test_source_that_forbids_it_is_told_the_mtu(bench, mtu):
    """[RFC1191 4]: type 3 code 4 with the MTU; nothing goes on."""
    b = bench(mtu=mtu)
    packet = b.datagram(1472, flags="DF")
    times = b.send(packet)
    got = b.near.recv_bytes(timeout=1)
    assert (got.data, [got.t_ns]) == (b.error(packet, type=3, code=4, nexthopmtu=mtu),
                                      b.switched(times, [70]))
    assert b.quiet()
    stats = b.r.stats()
    assert (stats["drops"], stats["mib2"]["ipfragfails"]) == ({"ip4_forward_df": 1}, 1)
    b.send(b.datagram(mtu - 28, flags="DF"))
    assert b.far.recv(timeout=1)[IP].len == mtu
    b.still_works()


def test_router_that_does_not_cut_tells_as_well(bench):
    """[RFC1191 4]: ip_frag 0: as if every datagram forbade it."""
    b = bench(mtu=576, ip_frag=0)
    packet = b.datagram(1000)
    b.send(packet)
    assert b.near.recv_bytes(timeout=1).data == b.error(packet, type=3, code=4, nexthopmtu=576)
    assert b.r.stats()["drops"] == {"ip4_forward_df": 1}
    b.still_works()


def test_no_memory_for_a_piece(bench):
    """[RFC791 3.2]: the rest of the datagram is given up, everything is freed, small ones still
    pass."""
    b = bench(mtu=576, memp_num_frag_pbuf=0)
    b.send(b.datagram(1000))
    assert b.quiet()
    stats = b.r.stats()
    assert stats["drops"] == {"ip4_frag_no_memory": 1, "ip4_forward_failed": 1}
    assert (stats["mib2"]["ipfragfails"], stats["mib2"]["ipoutdiscards"]) == (1, 1)
    b.still_works()


@pytest.mark.exact_virtual
def test_pieces_are_put_together_at_the_far_end_only(net, switched):
    """[RFC791 3.2]: cut at the first small link, through a second router as they are, whole at the
    end."""
    one, two, three = (net.segment(n, latency="50us") for n in ("one", "two", "three"))
    a = net.host("a", one, ip="10.1.0.9/24", gw="10.1.0.1")
    r1 = net.host("r1", two, ip="10.2.0.1/24", gw="10.2.0.2", mtu=576, ip_forward=1)
    first = r1.netif(one, ip="10.1.0.1/24")
    r2 = net.host("r2", two, ip="10.2.0.2/24", gw="10.2.0.1", ip_forward=1)
    r2.netif(three, ip="10.3.0.1/24")
    c = net.host("c", three, ip="10.3.0.9/24", gw="10.3.0.1")
    a.arp_static("10.1.0.1", first.mac)
    r1.arp_static("10.2.0.2", r2.mac)
    r2.arp_static("10.3.0.9", c.mac)
    sender, receiver = a.udp(5000), c.udp(7)
    net.run(until="10ms")
    data = bytes(i & 0xFF for i in range(1400))
    sender.send(data, "10.3.0.9", 7)
    got = receiver.recv(timeout=1)
    at_r1, = switched([10_000_000], [1442])
    lengths = [14 + 572, 14 + 572, 14 + 20 + 1408 - 1104]
    at_c = switched(switched([at_r1] * 3, lengths), lengths)
    assert (got.data, got.ttl, got.t_ns) == (data, 253, at_c[-1])
    assert r1.stats()["mib2"]["ipfragcreates"] == 3
    assert r2.stats()["mib2"]["ipforwdatagrams"] == 3
    assert r2.stats()["lwip"]["ip_frag"]["recv"] == 0
    assert c.stats()["mib2"]["ipreasmoks"] == 1
