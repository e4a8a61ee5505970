"""Bugs that reassembly of other stacks has had, those of IPv6 in their IPv4 form [RFC791 3.2]
[RFC815][RFC5722]."""

from itertools import permutations

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

HOST, TESTER = "10.0.0.1", "10.0.0.254"
PORT = 7


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def datagram(size, fill=7):
    """The octets behind the IP header of a UDP datagram, `size` of them with UDP's header."""
    data = bytes((fill * i + 1) & 0xFF for i in range(size - 8))
    return bytes(IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=PORT) / Raw(data))[20:]


def piece(octets, start, end, last=None, **ip):
    """The fragment [start, end) of `octets`; the last one if it ends where they end."""
    last = end >= len(octets) if last is None else last
    fields = dict(src=TESTER, dst=HOST, id=0x1234, proto=17)
    return IP(frag=start // 8, flags=0 if last else "MF",
              **(fields | ip)) / Raw(octets[start:end])


def held(b):
    """(datagrams, receive buffers) that the host keeps."""
    used = b.in_use()
    return used.get("REASSDATA", 0), used.get("PBUF_POOL", 0)


def nothing_comes_of_it(b, socket, errors=0):
    """No octet is delivered; when the time is over nothing is kept, and so many ICMP errors have
    left; a fresh datagram with the same identification is whole."""
    assert socket.recv(timeout="59s") is None
    b.net.run(for_="2s")
    heard = b.wire.sniff(timeout=0)
    assert [(p[ICMP].type, p[ICMP].code) for p in heard] == [(11, 1)] * errors
    assert held(b) == (0, 0)
    octets = datagram(24, fill=11)
    b.to_host(piece(octets, 16, 24))
    b.to_host(piece(octets, 0, 16))
    assert socket.recv(timeout="1ms").data == octets[8:]
    b.works()
    assert held(b) == (0, 0)


@pytest.mark.parametrize("then", [[(16, 24, False)], [(16, 24, True)], [(16, 24, False),
                                                                       (24, 32, True)]],
                         ids=["MB-REASS-03/the-rest", "MB-REASS-03/another-last",
                              "MB-REASS-03/longer"])
def test_refused_last_fragment_completes_nothing(bench, then):
    """The last fragment overlaps and is refused; what then comes does not make the datagram as long
    as it said."""
    b = bench()
    socket = b.a.udp(PORT)
    octets = datagram(32)
    b.to_host(piece(octets, 0, 16))
    b.to_host(piece(octets, 8, 24, last=True))
    for start, end, last in then:
        b.to_host(piece(octets, start, end, last=last))
    b.net.run(for_="1ms")
    assert b.drops() == {"ip4_reass_overlap": 2, "ip4_reass_given_up": len(then)}
    assert held(b) == (1, 0)
    nothing_comes_of_it(b, socket)


@museum("MB-REASS-04")
def test_a_thousand_refused_fragments(bench):
    """200 datagrams, five overlapping fragments each: every buffer is free again, and a good
    datagram is put together while their entries are still remembered."""
    b = bench(memp_num_reassdata=8, ip_reass_max_pbufs=8)
    socket = b.a.udp(PORT)
    octets = datagram(64)
    shape = [(0, 16), (8, 24), (0, 8), (16, 40), (0, 24), (8, 64)]
    shape = [bytearray(bytes(Ether(src=b.wire.mac, dst=b.a.mac) / piece(octets, *p)))
             for p in shape]
    for ip_id in range(200):
        for frame in shape:
            frame[18:20] = ip_id.to_bytes(2, "big")
            frame[24:26] = b"\0\0"
            frame[24:26] = checksum(bytes(frame[14:34])).to_bytes(2, "big")
            b.wire.send(bytes(frame))
        b.net.run(for_="50us")
    b.net.run(for_="1ms")
    assert b.drops() == {"ip4_reass_overlap": 400, "ip4_reass_given_up": 800}
    assert held(b) == (8, 0)
    b.to_host(piece(octets, 0, 32, id=999))
    b.to_host(piece(octets, 32, 64, id=999))
    assert socket.recv(timeout="1ms").data == octets[8:]
    b.net.run(for_="61s")
    assert held(b) == (0, 0)
    b.works()


@pytest.mark.parametrize("order", [(0, 2), (2, 0)],
                         ids=["MB-REASS-05/first-last", "MB-REASS-05/last-first"])
def test_hole_is_not_delivered(bench, order):
    """[0, 8) and [16, 24) are there, in either order: the eight octets between are missing."""
    b = bench()
    socket = b.a.udp(PORT)
    octets = datagram(24)
    for i in order:
        b.to_host(piece(octets, 8 * i, 8 * i + 8))
    b.net.run(for_="1ms")
    assert held(b) == (1, 2)
    nothing_comes_of_it(b, socket, errors=1)


@pytest.mark.parametrize("options", [b"", b"\x01" * 3 + b"\x00", b"\x01" * 39 + b"\x00"],
                         ids=["MB-REASS-06/plain", "MB-REASS-06/options",
                              "MB-REASS-06/all-options"])
def test_time_exceeded_quotes_what_was_sent(bench, options):
    """Only the first fragment came, with 1000 octets: the quote is its header and its first eight
    octets, as they were on the wire."""
    b = bench()
    first = piece(datagram(2000), 0, 1000, options=options)
    b.to_host(first)
    error = b.wire.recv_bytes(timeout="2min")
    header = 20 + len(options)
    assert error.data == bytes(
        Ether(src=b.a.mac, dst=b.wire.mac) / IP(src=HOST, dst=TESTER, id=0, ttl=255, tos=0)
        / ICMP(type=11, code=1) / Raw(bytes(first)[:header + 8]))
    assert b.net.now_ns > 60 * 10**9
    assert held(b) == (0, 0)


@pytest.mark.parametrize("bufsize", [68, 72, 80])
@pytest.mark.parametrize("options", [0, 4, 28, 32, 40], ids=lambda n: f"MB-REASS-07/options-{n}")
def test_headers_over_several_buffers(bench, options, bufsize):
    """The driver's buffers are so small that fragments lie in many, and the longest headers do not
    fit into the first: those are dropped by their name, the others put together."""
    b = bench(pbuf_pool_bufsize=bufsize, ip_reass_max_pbufs=200)
    socket = b.a.udp(PORT)
    octets = datagram(600)
    area = b"\x01" * (options - 1) + b"\x00" if options else b""
    for start, end in ((400, 600), (0, 400)):
        b.to_host(piece(octets, start, end, options=area))
    got = socket.recv(timeout="1ms")
    if 14 + 20 + options <= bufsize:
        assert got.data == octets[8:]
        assert b.drops() == {}
    else:
        assert got is None
        assert b.drops() == {"ip4_bad_header_length": 2}
    assert held(b) == (0, 0)
    b.works()


@pytest.mark.parametrize("rx", ["pool", "flat"], ids=lambda rx: f"MB-REASS-08/{rx}")
def test_datagram_bigger_than_the_limit(bench, rx):
    """13 fragments where 10 may be kept: those that are too many are refused, none of those kept is
    freed under way. Another datagram then makes it give way, and is whole."""
    b = bench(rx=rx, ip_reass_max_pbufs=10)
    socket = b.a.udp(PORT)
    octets = datagram(1300)
    for at in range(0, 1300, 104):
        b.to_host(piece(octets, at, min(at + 104, 1300)))
    b.net.run(for_="1ms")
    b.net.check()
    assert b.drops() == {"ip4_reass_limit": 3}
    assert held(b) == (1, 10 if rx == "pool" else 0)
    small = datagram(200, fill=3)
    b.to_host(piece(small, 0, 104, id=2))
    b.to_host(piece(small, 104, 200, id=2))
    assert socket.recv(timeout="1ms").data == small[8:]
    assert b.drops() == {"ip4_reass_limit": 13}
    assert held(b) == (0, 0)
    nothing_comes_of_it(b, socket)


@pytest.mark.parametrize("order", list(permutations(range(3))),
                         ids=lambda o: "MB-REASS-10/" + "".join(map(str, o)))
def test_header_of_the_first_fragment_speaks(bench, order):
    """The fragments differ in TTL and arrive in any order: the socket sees that of the first; an
    error quotes the first one's header, with the length of the whole."""
    b = bench()
    socket = b.a.udp(PORT)
    octets = datagram(48)
    pieces = [piece(octets, 16 * i, 16 * i + 16, ttl=31 + i) for i in range(3)]
    for i in order:
        b.to_host(pieces[i])
    got = socket.recv(timeout="1ms")
    assert (got.data, got.ttl, got.addr, got.dst) == (octets[8:], 31, TESTER, HOST)
    socket.close()
    for i in order:
        b.to_host(pieces[i])
    quoted = b.wire.recv(timeout="1ms")[ICMP]
    assert (quoted.type, quoted.code) == (3, 3)
    whole = IP(src=TESTER, dst=HOST, id=0x1234, proto=17, ttl=31, len=68)
    assert bytes(quoted.payload)[:28] == bytes(whole / Raw(octets[:8]))


@pytest.mark.parametrize("frag, flags", [(0, "MF"), (100, "MF"), (100, 0)],
                         ids=["MB-REASS-11/first", "MB-REASS-11/middle", "MB-REASS-11/last"])
def test_fragment_that_is_cut_again_keeps_its_place(net, frag, flags):
    """A router cuts a fragment for a smaller MTU: offsets go on from its own, and MF is set on all
    pieces unless it was the last fragment."""
    near, far = net.segment("near"), net.segment("far")
    router = net.host("r", near, ip="10.1.0.1/24", ip_forward=1)
    router.netif(far, ip="10.2.0.1/24", mtu=576)
    here, there = near.port("here"), far.port("there")
    router.arp_static("10.2.0.9", there.mac)
    net.run(until="10ms")
    there.clear()
    data = bytes(range(200)) * 6
    here.send(Ether(src=here.mac, dst=router.mac)
              / IP(src="10.1.0.9", dst="10.2.0.9", id=7, proto=253, frag=frag, flags=flags)
              / Raw(data))
    got = [p[IP] for p in there.sniff(timeout="1ms")]
    assert [(p.frag, p.flags.MF, p.len - 20) for p in got] == [
        (frag, True, 552), (frag + 69, True, 552), (frag + 138, flags == "MF", 96)]
    assert b"".join(bytes(p)[20:p.len] for p in got) == data


@pytest.mark.parametrize("order", list(permutations(range(3))),
                         ids=lambda o: "MB-REASS-12/" + "".join(map(str, o)))
def test_two_ends_are_none(bench, order):
    """[0, 8) and two last fragments, [16, 24) and [8, 16): they cannot both be true."""
    b = bench()
    socket = b.a.udp(PORT)
    octets = datagram(24)
    pieces = [piece(octets, 0, 8), piece(octets, 16, 24, last=True),
              piece(octets, 8, 16, last=True)]
    for i in order:
        b.to_host(pieces[i])
    b.net.run(for_="1ms")
    # of [0, 8) and [8, 16) a datagram is complete before the second end is heard of
    if order[-1] == 1:
        assert b.drops() == {"udp_length_large": 1}
        assert held(b) == (1, 1)
        nothing_comes_of_it(b, socket)
        return
    drops = {"ip4_reass_bad_last": 3} if order[0] == 0 or order[1] == 0 else {
        "ip4_reass_bad_last": 2, "ip4_reass_given_up": 1}
    assert b.drops() == drops
    assert held(b) == (1, 0)
    nothing_comes_of_it(b, socket)


@museum("MB-REASS-13")
def test_protocols_are_not_spliced(bench):
    """Two datagrams with one identification, UDP and ICMP, between the same hosts: neither takes
    the other's piece, both come out whole."""
    b = bench()
    socket = b.a.udp(PORT)
    udp = datagram(40)
    echo = bytes(ICMP(type=8, id=1, seq=2) / Raw(bytes(range(100, 132))))
    b.to_host(piece(udp, 0, 24))
    b.to_host(piece(echo, 24, 40, proto=1))
    b.net.run(for_="1ms")
    assert held(b) == (2, 2)
    assert socket.recv(timeout=0) is None
    b.to_host(piece(udp, 24, 40))
    assert socket.recv(timeout="1ms").data == udp[8:]
    b.to_host(piece(echo, 0, 24, proto=1))
    assert b.wire.recv(timeout="1ms")[ICMP].load[:32] == bytes(range(100, 132))
    assert (held(b), b.drops()) == ((0, 0), {})


@pytest.mark.parametrize("order", list(permutations(range(3))),
                         ids=lambda o: "MB-REASS-15/" + "".join(map(str, o)))
def test_overlap_costs_the_whole_datagram(bench, order):
    """[0, 16), [8, 24) with other octets, and the last, [16, 32): whatever their order, nothing
    [RFC5722 4]."""
    b = bench()
    socket = b.a.udp(PORT)
    octets, other = datagram(32), datagram(32, fill=9)
    pieces = [piece(octets, 0, 16), piece(other, 8, 24, last=False), piece(octets, 16, 32)]
    if order in ((0, 2, 1), (2, 0, 1)):  # two of them are a whole datagram already
        pieces[2] = piece(octets, 24, 32)
    for i in order:
        b.to_host(pieces[i])
    b.net.run(for_="1ms")
    given_up = b.drops().get("ip4_reass_given_up", 0)
    assert given_up + b.drops().get("ip4_reass_overlap", 0) == 3
    assert held(b) == (1, 0)
    nothing_comes_of_it(b, socket)
