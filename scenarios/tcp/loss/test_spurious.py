"""Retransmissions that were not needed: nothing is sent three times because of one, and the
connection goes on. [RFC6298 5], [RFC5681 3.1] """

import pytest
from lockwire import shows

MS = 1_000_000
S = 1_000 * MS

pytestmark = pytest.mark.exact_ms


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_late_acknowledgement_of_everything(sender):
    """[RFC5681 3.1] The round trip became longer than the timeout: one copy leaves, the ACK for all
    follows, and nothing else is repeated."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    s.expect(0, at=1010 * MS)
    s.align(1100)
    got = s.answer(10)
    with shows("RQ-5681-09"):
        assert got == [10, 11] and s.cwnd == 2_000
        assert s.c.info().recovery == "none"
    assert s.answer(12) == [12, 13, 14]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_late_acknowledgements_one_by_one(sender):
    """[RFC6298 5] The originals' ACKs trickle in: slow start sends copies of what is still
    outstanding, but never of what has been acknowledged."""
    s = sender()
    s.write(20)
    s.expect(*range(10))
    s.expect(0, at=1010 * MS)
    s.align(1100)
    for k in range(1, 11):
        assert all(number >= k for number in s.answer(k))
    assert s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("sack", [False, True])
def test_copies_of_copies_stop(sender, sack):
    """[RFC6582 3.2 (1)] Go-back-N sent four segments that the peer had: its four duplicates (with
    D-SACK blocks or without) begin no recovery."""
    s = sender(sack=sack)
    s.write(10)
    s.expect(*range(10))
    s.expect(0, at=1010 * MS)
    assert s.answer(4) == [4, 5]
    assert s.answer(10) == []
    before = (s.ssthresh, s.cwnd)
    for k in (0, 4, 5, 5):
        s.sack(10, *([(k, k + 1)] if sack else []))
    assert s.take("2ms") == []
    assert (s.ssthresh, s.cwnd) == before and s.c.info().recovery == "none"


def test_acknowledgement_on_the_very_tick(sender):
    """[RFC6298 5] It arrives a frame's length before the timer would expire: no copy."""
    s = sender()
    s.write(1)
    s.expect(0)
    s.peer.send("A", ack=s.at(1), at=1010 * MS - s.t.hop(54) - 1)
    s.quiet("5s")


def test_acknowledgement_just_behind_the_tick(sender):
    """[RFC6298 5] A frame's length behind it: one copy, and no more."""
    s = sender()
    s.write(1)
    s.expect(0)
    s.peer.send("A", ack=s.at(1), at=1010 * MS)
    s.expect(0, at=1010 * MS)
    s.quiet("5s")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_reordering_by_two_is_no_loss(sender):
    """[RFC5681 3.2] Segment 0 comes behind 2: two duplicates, no copy, no reduction."""
    s = sender()
    s.write(30)
    s.expect(*range(10))
    assert s.acks(0, 0) == [[10], [11]]
    s.answer(3)
    assert s.ssthresh > 60_000 and s.cwnd == 11_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_duplicated_acknowledgements_of_the_network(sender):
    """[RFC5681 2] Each ACK arrives twice: never three for one number, never a copy."""
    s = sender()
    s.write(20)
    s.expect(*range(10))
    sent = []
    for k in range(1, 21):
        sent += s.answer(k) + s.answer(k)
    assert sent == list(range(10, 20))


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_stale_segments_acknowledge_nothing_new(sender):
    """[RFC9293 3.10.7.4] A delayed ACK from before recovery arrives in it: neither partial nor
    duplicate."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.acks(5, 5, 5, 5)
    before = (s.cwnd, s.c.info().dupacks)
    assert s.acks(2, 3, 4) == [[]] * 3
    assert (s.cwnd, s.c.info().dupacks) == before
