"""FINs that come before what is in front of them, more than once, with overlapping text, or with
text behind them: the stream ends where the FIN is, once everything before it is there, and what
lies behind it never was. [RFC9293 3.10.7.4] [RFC9293 3.6] """

import itertools

import pytest

from lockwire import shows
from lockwire.tcp_info import pattern


@pytest.fixture
def served(talk):
    """served(**options): (talk, connection, peer), established, every ACK at once."""
    def make(**options):
        t = talk(tcp_delack_ms=0, **options)
        connection, peer = t.serve()
        t.net.run(for_="1ms")
        return t, connection, peer
    return make


def put(peer, first, last, fin=False, data=None):
    """Bytes [first, last) of the stream, perhaps with a FIN behind; the answer is at once."""
    data = pattern(last - first, at=first) if data is None else data
    sent = peer.send("FPA" if fin else "PA" if data else "A", data, seq=peer.seq(1 + first))
    return sent, peer.expect("A", since=sent, before=2000)


def ended(connection, peer, length):
    """The stream has `length` bytes and its end."""
    with shows("RQ-9293-15"):
        assert connection.recv_all(timeout=0) == pattern(length)
        assert connection.state == "CLOSE_WAIT" and connection.eof
    assert [e.name for e in connection.events].count("closed") == 1
    connection.close()
    peer.expect("FA", ack=peer.seq(length + 2))


def order_of(numbers):
    """For the name of a scenario."""
    return "".join(map(str, numbers))


PIECES = [(0, 4, False), (4, 7, False), (7, 10, True)]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("order", itertools.permutations(range(3)), ids=order_of)
def test_three_pieces_in_any_order(served, order):
    _, connection, peer = served()
    for i in order:
        put(peer, *PIECES[i])
    ended(connection, peer, 10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("order", itertools.permutations(range(4)), ids=order_of)
def test_a_fin_of_its_own_in_any_order(served, order):
    pieces = [(0, 4, False), (4, 7, False), (7, 10, False), (10, 10, True)]
    _, connection, peer = served()
    for i in order:
        put(peer, *pieces[i])
    ended(connection, peer, 10)


OVERLAPS = {  # in front of byte 10 the FIN; byte 0 comes last
    "text-then-fin-in-it": [(1, 10, False), (5, 10, True)],
    "fin-then-text-over-it": [(5, 10, True), (1, 10, False)],
    "fin-twice": [(5, 10, True), (5, 10, True), (1, 6, False)],
    "fin-in-two-sizes": [(8, 10, True), (3, 10, True), (1, 4, False)],
    "fin-in-two-sizes-larger-first": [(3, 10, True), (8, 10, True), (1, 4, False)],
    "fin-alone-then-with-text": [(10, 10, True), (4, 10, True), (1, 5, False)],
    "text-then-fin-alone": [(4, 10, False), (10, 10, True), (1, 5, False)],
    "text-then-fin-alone-twice": [(4, 10, False), (10, 10, True), (10, 10, True), (1, 5, False)],
    "all-behind-the-hole-with-fin": [(3, 6, False), (1, 10, True)],
    "fin-covered": [(9, 10, True), (4, 6, False), (1, 10, True)],
}


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("pieces", OVERLAPS.values(), ids=OVERLAPS)
def test_text_that_overlaps_a_fin(served, pieces):
    _, connection, peer = served()
    for piece in pieces:
        _, answer = put(peer, *piece)
        assert answer.ack == peer.seq(1) and connection.state == "ESTABLISHED"
    _, answer = put(peer, 0, 1)
    assert answer.ack == peer.seq(12)
    ended(connection, peer, 10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("pieces", OVERLAPS.values(), ids=OVERLAPS)
def test_everything_again_with_the_hole(served, pieces):
    """What fills the hole brings all of it, FIN included."""
    _, connection, peer = served()
    for piece in pieces:
        put(peer, *piece)
    _, answer = put(peer, 0, 10, True)
    assert answer.ack == peer.seq(12)
    ended(connection, peer, 10)


# -- what lies behind a FIN ------------------------------------------------------------------------
BEHIND = {
    "before-it": [(14, 18, False), (5, 10, True)],
    "after-it": [(5, 10, True), (14, 18, False)],
    "next-to-it": [(5, 10, True), (11, 15, False)],
    "across-it": [(5, 10, True), (8, 15, False)],
    "at-its-place": [(5, 10, True), (10, 15, False)],
    "a-second-fin": [(5, 10, True), (10, 15, True)],
}


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("pieces", BEHIND.values(), ids=BEHIND)
def test_text_behind_a_fin_that_waits(served, pieces):
    """When the FIN's place has been reached, only what is in front of it was delivered."""
    _, connection, peer = served()
    for piece in pieces:
        _, answer = put(peer, *piece)
        assert answer.ack == peer.seq(1)
    put(peer, 0, 5)
    if connection.state == "ESTABLISHED":  # text was there before the FIN: that is not believed yet
        assert pieces == BEHIND["before-it"]
        put(peer, 5, 10, True)
    ended(connection, peer, 10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("first, last, fin", [(10, 15, False), (11, 15, False), (5, 15, False),
                                              (10, 15, True), (10, 10, True), (0, 10, True),
                                              (11, 11, True)])
def test_text_behind_a_fin_that_was_taken(served, first, last, fin):
    """CLOSE-WAIT: an ACK that says so again, and nothing else."""
    _, connection, peer = served()
    put(peer, 0, 10, True)
    _, answer = put(peer, first, last, fin)
    assert answer.ack == peer.seq(12) and answer.seq == peer.rseq(1)
    ended(connection, peer, 10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("state", ["CLOSING", "LAST_ACK", "TIME_WAIT", "CLOSE_WAIT"])
def test_text_behind_a_fin_acknowledges_all_the_same(served, state):
    """Its text is ignored, its ACK field is not. """
    t, connection, peer = served()
    if state in ("CLOSE_WAIT", "LAST_ACK"):
        peer.fin()
        peer.expect("A")
        if state == "LAST_ACK":
            connection.close()
            peer.expect("FA")
        else:
            connection.send(b"text")
            peer.expect("PA")
    else:
        connection.close()
        peer.expect("FA")
        peer.fin(ack=peer.rseq(1 + (state == "TIME_WAIT")))
        peer.expect("A")
    assert connection.state == state
    sent = peer.send("PA", b"behind", advance=False)
    after = {"CLOSING": "TIME_WAIT", "LAST_ACK": "CLOSED"}.get(state, state)
    if state != "LAST_ACK":
        peer.expect("A", ack=peer.snd_nxt, at=t.back(sent), since=sent)
    t.net.run(for_="1ms")
    assert connection.state == after
    if state == "CLOSE_WAIT":
        assert connection.info().snd_una == peer.rseq(5)
