"""Fragments that contradict each other are no accident: the datagram is given up, whole.

[RFC5722 4]: overlapping fragments discard the datagram, those still to come included; the rule of
IPv6 is kept here for IPv4. [RFC791 3.2]: a length that is no multiple of 8, or an end behind octet
65,535, is never a fragment."""

import pytest
from scapy.layers.inet import IP
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"

OVERLAP = [("front", [(400, 800), (200, 408)]), ("back", [(0, 400), (392, 800)]),
           ("inside", [(0, 800), (200, 400)]), ("around", [(200, 400), (0, 800)]),
           ("around to the end", [(200, 400), (0, 1200)]),
           ("same start, shorter", [(0, 400), (0, 200)]),
           ("same start, longer", [(0, 400), (0, 408)]),
           ("same end, shorter", [(0, 400), (200, 400)]),
           ("same end, longer", [(400, 800), (0, 800)]),
           ("into two", [(0, 400), (800, 1200), (392, 808)]),
           ("into the last", [(800, 1600), (400, 808)])]
DISAGREE = [("last, then beyond it", [(800, 1200, True), (1200, 1600, False)]),
            ("last, then up to it with MF", [(800, 1200, True), (400, 1200, False)]),
            ("the last again with MF", [(800, 1200, True), (800, 1200, False)]),
            ("beyond, then the last", [(1200, 1600, False), (400, 800, True)]),
            ("two lasts, shorter", [(800, 1200, True), (400, 800, True)]),
            ("two lasts, longer", [(400, 800, True), (800, 1200, True)]),
            ("same start, two ends", [(800, 1200, True), (800, 1160, True)])]


def given_up(b, reason, held, fragments):
    """All of it dropped for `reason`, what follows for having been given up; its time ends in
    silence."""
    b.settle()
    assert b.drops() == {reason: fragments}
    assert b.held() == (1, 0)
    stats = b.a.stats()
    assert (stats["mib2"]["ipreasmfails"], stats["lwip"]["ip_frag"]["drop"]) == (1, 1)
    b.send(held, held)
    b.settle()
    assert b.drops() == {reason: fragments, "ip4_reass_given_up": 2}
    assert b.socket.recv(timeout="59s") is None
    assert b.held() == (1, 0)
    b.net.run(for_="1s")
    assert b.held() == (0, 0)
    assert b.drops() == {reason: fragments, "ip4_reass_given_up": 2}
    b.still_works()


@pytest.mark.parametrize("pieces", [o[1] for o in OVERLAP], ids=[o[0] for o in OVERLAP])
def test_overlap_gives_the_datagram_up(bench, pieces):
    """[RFC5722 4]: whichever way they overlap; no octet of it is delivered, no error is sent."""
    b = bench()
    octets = b.datagram(1600)
    b.send(*[b.piece(octets, start, end) for start, end in pieces])
    given_up(b, "ip4_reass_overlap", b.piece(octets, 0, 400), len(pieces))


@pytest.mark.parametrize("pieces", [o[1] for o in DISAGREE], ids=[o[0] for o in DISAGREE])
def test_disagreement_about_the_end_gives_the_datagram_up(bench, pieces):
    """[RFC815]: there is one end, and nothing behind it."""
    b = bench()
    octets = b.datagram(1600)
    b.send(*[b.piece(octets, start, end, last=last) for start, end, last in pieces])
    given_up(b, "ip4_reass_bad_last", b.piece(octets, 0, 400), len(pieces))


def test_last_that_repeats_a_piece_gives_the_datagram_up(bench):
    """[RFC815]: the same octets, first with MF and then without: no repetition but a
    contradiction."""
    b = bench()
    octets = b.datagram(1600)
    b.send(b.piece(octets, 400, 800), b.piece(octets, 400, 800, last=True))
    given_up(b, "ip4_reass_overlap", b.piece(octets, 0, 400), 2)


def test_overlap_hits_its_own_datagram_only(bench):
    """[RFC5722 4]: a neighbour with another identification is delivered."""
    b = bench()
    octets = b.datagram(800)
    good, bad = b.pieces(octets, 400, id=1), b.pieces(octets, 400, id=2)
    b.send(good[0], bad[0], b.piece(octets, 200, 600, id=2), good[1], bad[1])
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.settle()
    assert b.drops() == {"ip4_reass_overlap": 2, "ip4_reass_given_up": 1}
    assert b.held() == (1, 0)
    b.still_works()


@pytest.mark.parametrize("length, last", [(0, False), (0, True), (7, False), (9, False),
                                          (12, False), (401, False), (404, False),
                                          (1479, False)])
@pytest.mark.parametrize("offset", [0, 800])
def test_impossible_length_is_no_fragment(bench, length, last, offset):
    """[RFC791 3.2]: empty, or not the last and no multiple of 8: dropped alone, as if it had not
    come."""
    if (length, last, offset) == (0, True, 0):
        offset = 8
    b = bench()
    octets = b.datagram(1200)
    pieces = b.pieces(octets, 400)
    spoilt = IP(src=TESTER, dst=HOST, id=0x1234, proto=17, frag=offset // 8,
                flags=0 if last else "MF") / Raw(bytes(length))
    times = b.send(pieces[0], spoilt, pieces[1], spoilt, pieces[2])
    got = b.socket.recv(timeout=1)
    assert (got.data, got.t_ns) == (octets[8:], times[-1])
    assert b.drops() == {"ip4_reass_bad_length": 2}
    assert b.a.stats()["lwip"]["ip_frag"]["drop"] == 2
    assert b.held() == (0, 0)
    b.still_works()


@pytest.mark.parametrize("start, length", [(65528, 1), (65528, 8), (65528, 1480), (65512, 8),
                                           (64800, 736)])
@pytest.mark.parametrize("last", [False, True], ids=["more", "last"])
def test_ping_of_death(bench, start, length, last):
    """[RFC791 3.1 Total Length]: with a header in front it would end behind octet 65,535. The
    datagram it belongs to is given up; alone it is dropped and nothing is kept."""
    b = bench()
    if not last and length % 8 != 0:
        length = 8
    octets = b.datagram(800)
    monster = b.piece(bytes(start + length), start, start + length, last=last)
    b.send(monster)
    b.settle()
    assert b.drops() == {"ip4_reass_too_big": 1}
    assert b.held() == (0, 0)
    b.send(b.piece(octets, 0, 400), monster, b.piece(octets, 400, 800))
    assert b.socket.recv(timeout="10ms") is None
    assert b.drops() == {"ip4_reass_too_big": 3, "ip4_reass_given_up": 1}
    b.net.run(for_="60s")
    assert b.held() == (0, 0)
    b.still_works()


def test_options_of_the_first_make_the_datagram_too_big(bench):
    """[RFC791 3.1 Total Length]: each piece ends within bounds, but the first one's options push
    the end of the whole behind octet 65,535: found when it is complete, and given up."""
    b = bench()
    octets = bytes(65512)
    pieces = b.pieces(octets, 1480, proto=253)
    pieces[0] = b.piece(octets, 0, 1456, proto=253, options=b"\x01" * 4)
    pieces.insert(1, b.piece(octets, 1456, 1480, proto=253))
    b.send(*pieces)
    b.settle()
    assert b.drops() == {"ip4_reass_too_big": len(pieces)}
    assert b.held() == (1, 0)
    b.net.run(for_="60s")
    assert b.held() == (0, 0)
    b.still_works()


def test_reassembly_may_be_switched_off(bench):
    """[RFC1122 3.3.2]: ip_reassembly 0, against the RFC's MUST, for hosts too small: fragments are
    dropped and nothing is kept."""
    b = bench(ip_reassembly=0)
    b.send(*b.pieces(b.datagram(800), 400))
    assert b.socket.recv(timeout="10ms") is None
    assert b.drops() == {"ip4_fragment_refused": 2}
    assert b.a.stats()["lwip"]["ip"]["opterr"] == 2
    assert b.held() == (0, 0)
    b.a.options["ip_reassembly"] = 1
    b.still_works()
