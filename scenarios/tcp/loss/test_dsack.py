"""Duplicates are reported: the first SACK block of the very next ACK, once. [RFC2883 4] """

import pytest


@pytest.fixture
def receiver(talk):
    """(talk, connection, peer) with SACK."""
    def make(**peer):
        t = talk()
        connection, p = t.serve(sack=True, **peer)
        return t, connection, p
    return make


def put(peer, begin, end):
    """Bytes begin to end, counted from 1; the blocks of the answer, relative."""
    peer.send("A", bytes(end - begin), seq=peer.seq(begin))
    got = peer.expect("A", timeout="600ms")
    edges = [(edge - peer.seq(0)) % 2**32 for edge in got.option("SAck") or ()]
    return (got.ack - peer.seq(0)) % 2**32, list(zip(edges[::2], edges[1::2], strict=True))


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("options", [{}, {"ts": 3}], ids=["plain", "timestamps"])
def test_old_segment_again(receiver, options):
    """[RFC2883 4.1] A segment below the ACK: its block, alone, at once, and once."""
    t, _, peer = receiver(**options)
    assert put(peer, 1, 501) == (501, [])
    sent_at = t.net.now_ns
    assert put(peer, 1, 501) == (501, [(1, 501)])
    extra = 12 if options else 0
    assert t.net.now_ns == sent_at + t.hop(554 + extra) + t.hop(54 + extra + 12)
    assert put(peer, 501, 601) == (601, [])


def test_duplicate_beyond_a_hole(receiver):
    """[RFC2883 4.1.1] The duplicate first, then the block it lies in."""
    _, _, peer = receiver()
    assert put(peer, 501, 1001) == (1, [(501, 1001)])
    assert put(peer, 1001, 1501) == (1, [(501, 1501)])
    assert put(peer, 1001, 1501) == (1, [(1001, 1501), (501, 1501)])
    assert put(peer, 1501, 2001) == (1, [(501, 2001)])


def test_duplicate_of_a_single_run_beyond_a_hole(receiver):
    """[RFC2883 4.1.2] The very same segment twice: the block appears twice."""
    _, _, peer = receiver()
    assert put(peer, 501, 1001) == (1, [(501, 1001)])
    assert put(peer, 501, 1001) == (1, [(501, 1001), (501, 1001)])


def test_partly_old_segment(receiver):
    """[RFC2883 4.2.1] Only the part that had come before is a duplicate."""
    _, _, peer = receiver()
    assert put(peer, 1, 501) == (501, [])
    assert put(peer, 301, 801) == (801, [(301, 501)])
    assert put(peer, 801, 901) == (901, [])


def test_partly_duplicate_beyond_a_hole(receiver):
    """[RFC2883 4.2.2] The part that is held already, then the run."""
    _, _, peer = receiver()
    assert put(peer, 501, 1001) == (1, [(501, 1001)])
    assert put(peer, 801, 1301) == (1, [(801, 1001), (501, 1301)])
    assert put(peer, 301, 601) == (1, [(501, 601), (301, 1301)])


def test_duplicate_with_other_holes(receiver):
    """[RFC2883 4.1] Below the ACK, while there are blocks: it stands before them."""
    _, _, peer = receiver()
    assert put(peer, 1, 501) == (501, [])
    assert put(peer, 1001, 1501) == (501, [(1001, 1501)])
    assert put(peer, 1, 501) == (501, [(1, 501), (1001, 1501)])
    assert put(peer, 2001, 2501) == (501, [(2001, 2501), (1001, 1501)])


def test_room_is_shared_with_the_others(receiver):
    """[RFC2883 4] Four runs and a duplicate: the oldest run gives way, for this ACK."""
    _, _, peer = receiver()
    put(peer, 1, 101)
    for begin in (201, 401, 601, 801):
        put(peer, begin, begin + 100)
    four = [(801, 901), (601, 701), (401, 501), (201, 301)]
    assert put(peer, 1, 101) == (101, [(1, 101), *four[:3]])
    assert put(peer, 901, 1001) == (101, [(801, 1001), *four[1:]])


def test_nothing_is_said_without_permission(talk):
    """[RFC2883 4] No SACK, no D-SACK."""
    t = talk()
    _, peer = t.serve()
    assert put(peer, 1, 501) == (501, [])
    assert put(peer, 1, 501) == (501, [])
