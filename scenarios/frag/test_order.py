"""Fragments become the datagram again in whatever order they come, the moment that the last is
there.

[RFC791 3.2]; [RFC815]: the pieces are put together by their offsets alone, the header is that of
the first. [RFC3168 5.3]: congestion that one fragment met was met by the datagram."""

from itertools import permutations

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw

from lockwire import shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def name(order):
    return "".join(str(i) for i in order)


@pytest.mark.exact_virtual
@pytest.mark.parametrize("order", list(permutations(range(3))) + [(3, 2, 1, 0), (2, 0, 3, 1)],
                         ids=name)
def test_any_order_is_put_together(bench, order):
    """[RFC815]: nothing is delivered before the last piece is in, and then at once."""
    b = bench()
    octets = b.datagram(len(order) * 400 - 5)
    pieces = b.pieces(octets, 400)
    times = b.send(*[pieces[i] for i in order])
    got = b.socket.recv(timeout=1)
    with shows("RQ-791-12", "RQ-815-01", "RQ-815-02"):
        assert (got.data, got.addr, got.port, got.t_ns) == (octets[8:], TESTER, 4000, times[-1])
    stats = b.a.stats()
    assert (stats["mib2"]["ipreasmreqds"], stats["mib2"]["ipreasmoks"]) == (len(order), 1)
    assert (stats["lwip"]["ip_frag"]["recv"], stats["mib2"]["ipindelivers"]) == (len(order), 1)
    assert stats["drops"] == {}
    assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.parametrize("options", [{"rx": "pool"}, {"rx": "flat"}, {"pbuf_pool_bufsize": 128},
                                     {"pbuf_pool_bufsize": 80, "pbuf_pool_size": 600,
                                      "ip_reass_max_pbufs": 500}],
                         ids=["pooled", "flat", "chained", "chained far"])
@pytest.mark.parametrize("reverse", [False, True], ids=["in order", "reversed"])
def test_receive_buffers_make_no_difference(bench, options, reverse):
    """[RFC815]: flat, pooled or chained over dozens of small buffers: the same datagram."""
    b = bench(**options)
    octets = b.datagram(5000)
    pieces = b.pieces(octets, 1480)
    b.send(*(reversed(pieces) if reverse else pieces))
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.held() == (0, 0)
    b.still_works()


def test_two_datagrams_interleaved(bench):
    """[RFC791 3.2]: the identification keeps them apart; each is whole with its own last piece."""
    b = bench()
    one, two = b.datagram(1000), b.datagram(1192, fill=3)
    a, c = b.pieces(one, 400, id=1), b.pieces(two, 400, id=2)
    times = b.send(a[0], c[2], c[0], a[2], a[1], c[1])
    first, second = b.socket.recv(timeout=1), b.socket.recv(timeout=1)
    assert (first.data, first.t_ns) == (one[8:], times[4])
    assert (second.data, second.t_ns) == (two[8:], times[5])
    b.still_works()


@pytest.mark.parametrize("other", [{"src": "10.0.0.253"}, {"dst": "10.0.0.255"}, {"proto": 253},
                                   {"id": 0x1235}, {"id": 0x3412}], ids=str)
def test_same_datagram_only_if_all_of_its_name_is_the_same(bench, other):
    """[RFC791 3.2]: source, destination, protocol and identification; one that differs in any of
    them is another datagram, even where its piece would fit."""
    b = bench()
    octets = b.datagram(800)
    start, end = b.pieces(octets, 400)
    stranger = b.pieces(bytes(800), 400, **other)[1]
    b.send(start, stranger)
    with shows("RQ-791-06"):
        assert b.socket.recv(timeout="10ms") is None
        assert b.held() == (2, 2)
        b.send(end)
        assert b.socket.recv(timeout=1).data == octets[8:]
        assert b.held() == (1, 1)
    b.net.run(for_="61s")
    assert (b.held(), b.drops()) == ((0, 0), {"ip4_reass_timeout": 1})
    b.still_works()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_duplicate_is_ignored(bench, which):
    """[RFC815]: each piece may come twice, in front of or behind others; the datagram is one."""
    b = bench()
    octets = b.datagram(1000)
    pieces = b.pieces(octets, 400)
    missing = 0 if which != 0 else 1
    waiting = [p for i, p in enumerate(pieces) if i != missing]
    b.send(*waiting, pieces[which], pieces[which])
    assert b.socket.recv(timeout="1ms") is None
    times = b.send(pieces[missing])
    got = b.socket.recv(timeout=1)
    assert (got.data, got.t_ns) == (octets[8:], times[0])
    assert b.drops() == {"ip4_reass_duplicate": 2}
    assert b.a.stats()["mib2"]["ipreasmoks"] == 1
    assert b.held() == (0, 0)
    b.still_works()


def test_duplicate_with_other_data_changes_nothing(bench):
    """[RFC815]: what came first stays."""
    b = bench()
    octets = b.datagram(800)
    start, end = b.pieces(octets, 400)
    b.send(start, b.piece(bytes(400), 0, 400, last=False), end)
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.drops() == {"ip4_reass_duplicate": 1}
    b.still_works()


def test_late_duplicate_begins_anew_and_is_forgotten(bench):
    """[RFC791 3.2]: the datagram is delivered and gone: a straggler waits for its time and no
    longer."""
    b = bench()
    octets = b.datagram(1000)
    pieces = b.pieces(octets, 400)
    b.send(*pieces, pieces[1])
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.settle()
    assert b.held() == (1, 1)
    b.net.run(for_="61s")
    assert (b.held(), b.drops()) == ((0, 0), {"ip4_reass_timeout": 1})
    b.still_works()


def test_tiny_fragments(bench):
    """[RFC791 3.2]: 8 octets each; the first holds nothing but the UDP header."""
    b = bench()
    octets = b.datagram(200)
    b.send(*b.pieces(octets, 8))
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.a.stats()["lwip"]["ip_frag"]["recv"] == 25
    assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.parametrize("size", [556, 192, 184], ids=["whole", "three", "four"])
def test_datagram_of_576_octets_is_accepted(bench, size):
    """[RFC791 3.1 Total Length]: what every host has to take, whole or in fragments."""
    b = bench()
    octets = b.datagram(556)
    pieces = b.pieces(octets, size)
    if len(pieces) == 1:
        pieces = [IP(src=TESTER, dst=HOST, id=0x1234, proto=17) / Raw(octets)]
    b.send(*pieces)
    with shows("RQ-791-02"):
        assert b.socket.recv(timeout=1).data == octets[8:]
    b.still_works()


def test_last_fragment_of_one_octet(bench):
    """[RFC791 3.2]: only the last may end within a unit of 8; its padding on the wire is no
    data."""
    b = bench()
    octets = b.datagram(809)
    b.send(*b.pieces(octets, 808))
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.still_works()


def test_more_fragments_bit_alone_makes_a_fragment(bench):
    """[RFC791 3.2]: offset 0 with MF is a piece, not a datagram."""
    b = bench()
    octets = b.datagram(16)
    b.send(b.piece(octets, 0, 8))
    assert b.socket.recv(timeout="10ms") is None
    b.send(b.piece(octets, 8, 16))
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.still_works()


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=name)
def test_header_is_that_of_the_first_fragment(bench, order):
    """[RFC791 3.2]: type of service, time to live and options of fragment zero speak for the whole,
    its length is that of all, offset and MF are 0, and the checksum is right."""
    b = bench()
    raw = b.a.raw(17, eat=True)
    octets = b.datagram(800)
    first = b.piece(octets, 0, 400, ttl=9, tos=0xB8, options=b"\x94\x04\x00\x00")
    second = b.piece(octets, 400, 800, ttl=200, tos=0x10)
    b.send(*[(first, second)[i] for i in order])
    whole = IP(src=TESTER, dst=HOST, id=0x1234, proto=17, ttl=9, tos=0xB8,
               options=b"\x94\x04\x00\x00") / Raw(octets)
    with shows("RQ-815-03"):
        assert raw.recv(timeout=1).data == bytes(whole)
    raw.close()
    b.still_works()


NOT, ONE, ZERO, CE = 0, 1, 2, 3
ECN = [(NOT, NOT, NOT), (ZERO, ZERO, ZERO), (ONE, ONE, ONE), (CE, CE, CE), (ZERO, CE, CE),
       (CE, ZERO, CE),
       (ONE, CE, CE), (CE, ONE, CE), (NOT, CE, None), (CE, NOT, None)]


@pytest.mark.parametrize("first, second, whole", ECN)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=name)
def test_congestion_experienced_by_a_part(bench, first, second, whole, order):
    """[RFC3168 5.3]: CE in one is CE in the whole, unless another is not ECN-capable: then nothing
    is delivered. [RFC3168 5] has the code points."""
    b = bench()
    raw = b.a.raw(17)
    octets = b.datagram(800)
    pieces = [b.piece(octets, 0, 400, tos=0xB8 | first), b.piece(octets, 400, 800,
                                                                 tos=0xB8 | second)]
    b.send(*[pieces[i] for i in order])
    got = raw.recv(timeout="10ms")
    if whole is None:
        assert got is None
        assert b.drops() == {"ip4_reass_bad_ecn": 2}
        assert b.a.stats()["mib2"]["ipreasmfails"] == 1
    else:
        expected = IP(src=TESTER, dst=HOST, id=0x1234, proto=17, tos=0xB8 | whole) / Raw(octets)
        assert got.data == bytes(expected)
        assert b.socket.recv(timeout=1).data == octets[8:]
    raw.close()
    b.still_works()


def test_bad_checksum_over_the_whole(bench):
    """[RFC768]: each fragment is sound, the datagram is not: UDP refuses it and everything is
    freed."""
    b = bench()
    octets = bytearray(b.datagram(1000))
    octets[700] ^= 1
    b.send(*b.pieces(bytes(octets), 400))
    assert b.socket.recv(timeout="10ms") is None
    assert b.drops() == {"udp_bad_checksum": 1}
    assert b.a.stats()["mib2"]["ipreasmoks"] == 1
    assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [1473, 4000, 20000])
def test_ping_in_pieces_comes_back_in_pieces(net, switched, size):
    """[RFC1122 3.2.2.6]: the data is returned entire, however many fragments it takes each way."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static("10.0.0.2", b.mac)
    b.arp_static("10.0.0.1", a.mac)
    net.run(until="1ms")
    left, lengths = size + 8, []
    while left > 0:
        lengths.append(34 + min(left, 1480))
        left -= 1480
    data = bytes((i >> 2) & 0xFF for i in range(size))
    there = switched([net.now_ns] * len(lengths), lengths)[-1]
    back = switched([there] * len(lengths), lengths)[-1]
    pong = a.ping("10.0.0.2", data=data)
    assert (pong.data, pong.rtt_ns) == (data, back - 1_000_000)


@pytest.mark.exact_virtual
def test_largest_datagram_arrives(bench):
    """[RFC791 3.1 Total Length]: an echo request of 65,535 octets, reversed, and its answer."""
    b = bench()
    octets = bytes(ICMP(type=8, id=7, seq=9) / Raw(bytes((i * 3) & 0xFF for i in range(65507))))
    pieces = b.pieces(octets, 1480, proto=1)
    times = b.send(*reversed(pieces))
    frames = b.wire.sniff(timeout="20ms")
    assert len(frames) == 45
    answer = b"".join(bytes(p[IP])[20:p[IP].len] for p in frames)
    assert answer == bytes(ICMP(type=0, id=7, seq=9) / Raw(octets[8:]))
    assert frames[0].time.ns == b._switched([times[-1]], [1514])[0]
    assert b.held() == (0, 0)
    b.still_works()
