"""What waits for its pieces is bounded, in datagrams and in buffers; the oldest makes way.

[RFC1122 3.3.2]: reassembly may fail for want of resources, never the host. memp_num_reassdata
counts datagrams, ip_reass_max_pbufs buffers; at a limit the datagram begun first is given up."""

import pytest
from scapy.layers.inet import ICMP

HOST, TESTER = "10.0.0.1", "10.0.0.254"


@pytest.mark.parametrize("room", [1, 2, 5])
def test_oldest_datagram_makes_way(bench, room):
    """[RFC1122 3.3.2]: one datagram too many: the one begun first goes, the others become whole."""
    b = bench(memp_num_reassdata=room)
    octets = b.datagram(800)
    pieces = [b.pieces(octets, 400, id=i) for i in range(room + 1)]
    b.send(*[p[0] for p in pieces])
    b.settle()
    assert b.held() == (room, room)
    assert b.drops() == {"ip4_reass_limit": 1}
    assert b.a.stats()["mib2"]["ipreasmfails"] == 1
    b.send(*[p[1] for p in pieces[1:]])
    for _ in range(room):
        assert b.socket.recv(timeout=1).data == octets[8:]
    assert (b.held(), b.a.stats()["mib2"]["ipreasmoks"]) == ((0, 0), room)
    assert len(b.wire.sniff(timeout="2min")) == 0
    b.still_works()


def test_late_piece_of_what_was_given_up_begins_anew(bench):
    """[RFC1122 3.3.2]: what made way is forgotten; its next piece finds nothing, and pushes
    again."""
    b = bench(memp_num_reassdata=1)
    octets = b.datagram(800)
    one, two = b.pieces(octets, 400, id=1), b.pieces(octets, 400, id=2)
    b.send(one[0], two[0], one[1], two[1])
    assert b.socket.recv(timeout="10ms") is None
    assert (b.drops(), b.held()) == ({"ip4_reass_limit": 3}, (1, 1))
    b.net.run(for_="60s")
    assert (b.drops(), b.held()) == ({"ip4_reass_limit": 3, "ip4_reass_timeout": 1}, (0, 0))
    b.still_works()


def test_datagram_that_was_given_up_makes_way_first(bench):
    """[RFC5722 4]: an entry that only remembers an overlap is worth less than a datagram that
    waits, though it is younger."""
    b = bench(memp_num_reassdata=2)
    octets = b.datagram(800)
    old, new = b.pieces(octets, 400, id=1), b.pieces(octets, 400, id=3)
    b.send(old[0], b.piece(octets, 0, 400, id=2), b.piece(octets, 0, 200, id=2))
    b.settle()
    assert b.held() == (2, 1)
    b.send(new[0], old[1], new[1])
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.drops() == {"ip4_reass_overlap": 2}
    assert b.held() == (0, 0)
    b.still_works()


def test_buffers_are_limited_over_all_datagrams(bench):
    """[RFC1122 3.3.2]: the fifth buffer costs the oldest datagram all of its own, as many as it
    has."""
    b = bench(ip_reass_max_pbufs=4)
    octets = b.datagram(1600)
    one, two, three = (b.pieces(octets, 400, id=i) for i in (1, 2, 3))
    b.send(one[0], one[1], two[0], two[1])
    b.settle()
    assert (b.held(), b.drops()) == ((2, 4), {})
    b.send(three[0])
    b.settle()
    assert (b.held(), b.drops()) == ((2, 3), {"ip4_reass_limit": 2})
    b.send(three[1])
    b.settle()
    assert (b.held(), b.drops()) == ((2, 4), {"ip4_reass_limit": 2})
    b.send(three[2], three[3])
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert (b.held(), b.drops()) == ((0, 0), {"ip4_reass_limit": 4})
    b.still_works()


@pytest.mark.parametrize("room, arrives", [(4, True), (3, False)])
def test_datagram_may_not_hold_more_than_all(bench, room, arrives):
    """[RFC1122 3.3.2]: a datagram of four buffers passes where four may wait. With three its last
    piece is refused; it makes way for nobody and ends at its time."""
    b = bench(ip_reass_max_pbufs=room)
    octets = b.datagram(1600)
    b.send(*b.pieces(octets, 400))
    got = b.socket.recv(timeout="10ms")
    if arrives:
        assert got.data == octets[8:]
        assert b.drops() == {}
    else:
        assert got is None
        stats = b.a.stats()
        assert stats["drops"] == {"ip4_reass_limit": 1}
        assert stats["lwip"]["ip_frag"]["memerr"] == 1
        assert b.held() == (1, 3)
        assert b.wire.recv(timeout="2min")[ICMP].code == 1
        assert b.drops() == {"ip4_reass_limit": 1, "ip4_reass_timeout": 3}
    assert b.held() == (0, 0)
    b.still_works()


def test_buffers_of_one_fragment_count_each(bench):
    """[RFC1122 3.3.2]: what is limited is memory: a fragment over four small buffers counts
    four."""
    b = bench(ip_reass_max_pbufs=9, pbuf_pool_bufsize=128)
    octets = b.datagram(800)
    one, two = b.pieces(octets, 400, id=1), b.pieces(octets, 400, id=2)
    b.send(one[0])
    b.settle()
    datagrams, each = b.held()
    assert (datagrams, each) == (1, -(-(14 + 20 + 400) // 128))
    b.send(two[0])
    b.settle()
    assert (b.held(), b.drops()) == ((2, 2 * each), {})
    b.send(one[1])  # four more make twelve, of nine: the other datagram makes way
    assert b.socket.recv(timeout=1).data == octets[8:]
    assert (b.held(), b.drops()) == ((0, 0), {"ip4_reass_limit": 1})
    b.a.options["ip_reass_max_pbufs"] = 12
    b.still_works()


def test_many_datagrams_at_once(bench):
    """[RFC1122 3.3.2]: forty are begun, sixteen may wait: the last sixteen become whole, and all
    memory comes back."""
    b = bench()
    octets = b.datagram(64)
    for i in range(40):
        b.send(b.piece(octets, 0, 32, id=i))
    b.settle()
    assert (b.held(), b.drops()) == ((16, 16), {"ip4_reass_limit": 24})
    for i in reversed(range(24, 40)):
        b.send(b.piece(octets, 32, 64, id=i))
        assert b.socket.recv(timeout=1).data == octets[8:]
    assert b.held() == (0, 0)
    assert b.a.stats()["mib2"]["ipreasmfails"] == 24
    b.still_works()


def test_limit_changed_while_pieces_wait(bench):
    """[RFC1122 3.3.2]: a smaller ip_reass_max_pbufs counts from the next piece on."""
    b = bench()
    octets = b.datagram(1600)
    pieces = [b.pieces(octets, 400, id=i) for i in range(4)]
    b.send(*[p[0] for p in pieces])
    b.settle()
    b.a.options["ip_reass_max_pbufs"] = 2
    b.send(pieces[3][1])
    b.settle()
    assert (b.held(), b.drops()) == ((1, 2), {"ip4_reass_limit": 3})
    b.a.options["ip_reass_max_pbufs"] = 4
    b.send(*pieces[3][2:])
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.still_works()


def test_pieces_may_not_starve_the_host(bench):
    """[RFC1122 3.3.2]: with every buffer but two allowed to wait, a ping still comes through."""
    b = bench(pbuf_pool_size=6, ip_reass_max_pbufs=4)
    octets = b.datagram(4000)
    b.send(*b.pieces(octets, 400)[:9])
    b.settle()
    assert b.held() == (1, 4)
    assert b.drops() == {"ip4_reass_limit": 5}
    b.net.run(for_="60s")
    b.wire.clear()
    b.still_works()
