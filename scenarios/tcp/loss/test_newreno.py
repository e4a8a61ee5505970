"""NewReno: recovery from several losses in a window, packet by packet. [RFC6582 3.2]
[RFC5681 4.3] [RFC6582 3.2(1)] [RFC6582 3.2(3)] [RFC6582 3.2(4)] """

import pytest
from lockwire import shows

MS = 1_000_000
S = 1_000 * MS


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_partial_acknowledgement_sends_the_next_hole(sender):
    """[RFC6582 3.2 (3)] 2 and 4 of 10 are lost: 4 leaves on the partial ACK, without a timer."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.ack(2)
    s.quiet("2ms")
    assert s.acks(2, 2, 2) == [[], [], [2]]
    assert s.acks(2, 2, 2) == [[]] * 3
    with shows("RQ-6582-03"):
        s.ack(4)
        s.expect(4)
        assert s.c.info().recovery == "fast"
    assert s.answer(10) == [] and s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_partial_acknowledgement_deflates_by_what_it_covers(sender):
    """[RFC6582 3.2 (3)] Less what is acknowledged, plus a segment if that was one at least."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    s.acks(*[0] * 11)                    # cwnd 16, in flight 0 to 15
    before = s.cwnd
    assert before == 16_000
    with shows("RQ-6582-03"):
        assert s.answer(3) == [3, 16]    # the hole, and as much new as the window has
        assert s.cwnd == before - 3_000 + 1_000
    s.send("A", ack=s.at(3) + 500)
    s.peer.drain("2ms")
    with shows("RQ-6582-03"):
        assert s.cwnd == before - 3_000 + 1_000 - 500


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_one_hole_for_each_round_trip(sender):
    """[RFC6582 3.2 (3)] All of 1 to 5 lost: each ACK brings the next one, nothing is sent twice,
    the threshold is set once."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.answer(1)
    assert s.acks(1, 1, 1) == [[], [], [1]]
    threshold = s.ssthresh
    with shows("RQ-6582-03"):
        assert s.acks(2, 3, 4, 5) == [[2], [3], [4], [5]]
        assert s.ssthresh == threshold == 4_500
    s.answer(10)
    assert s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_only_the_first_partial_acknowledgement_restarts_the_timer(sender):
    """[RFC6582 4] Impatient: with many losses the timer is what ends a long recovery."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.align(20)
    s.acks(0, 0, 0)
    assert s.c.info().due("rexmit") == 1024 * MS  # a second from the retransmission
    s.align(300)
    s.answer(1)
    with shows("RQ-6582-06"):
        assert s.c.info().due("rexmit") == 1300 * MS
    for k in (2, 3, 4):
        s.align(200 * k)
        s.answer(k)
        with shows("RQ-6582-06"):
            assert s.c.info().due("rexmit") == 1300 * MS
    assert s.peer.pending == 0
    s.expect(4, at=1300 * MS)
    assert s.c.info().recovery == "timeout"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_full_acknowledgement_restarts_the_timer(sender):
    """[RFC6298 5.3] What was sent behind `recover` has a whole timeout."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    s.acks(*[0] * 11)
    s.align(300)
    s.answer(1)
    s.align(500)
    s.answer(12)
    assert s.c.info().recovery == "none"
    assert s.c.info().due("rexmit") == 1500 * MS


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_duplicates_below_recover_begin_no_second_recovery(sender):
    """[RFC6582 3.2 (1)] After recovery, copies of old segments make duplicates for `recover`
    itself: nothing is sent again, nothing halved."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    assert s.acks(*[0] * 11)[2] == [0]
    s.answer(12)                         # exactly `recover`
    info = s.c.info()
    assert info.recovery == "none" and info.recover == s.at(12) == info.snd_una
    before = s.ssthresh
    got = s.acks(12, 12, 12, 12)
    with shows("RQ-6582-01"):
        assert 12 not in sum(got, []) and s.ssthresh == before
        assert s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_loss_in_the_next_window_is_a_new_recovery(sender):
    """[RFC6582 3.2 (1)], [RFC5681 4.3] The ACK is beyond `recover`: this loss counts by itself, and
    halves again."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    s.acks(*[0] * 11)
    s.answer(12)
    s.answer(13)
    flight = s.c.info().in_flight
    s.answer(13)
    s.answer(13)
    with shows("RQ-6582-01", "RQ-5681-19"):
        assert s.answer(13) == [13]
        assert s.c.info().recovery == "fast" and s.ssthresh == max(flight // 2, 2_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_lost_retransmission_needs_the_timer(sender):
    """[RFC6582 3.2 (4)], [RFC5681 4.3] The timeout ends recovery with one segment, and reduces
    again."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    assert s.acks(0, 0, 0) == [[], [], [0]]
    assert s.acks(*[0] * 6) == [[]] * 6
    with shows("RQ-6582-05", "RQ-5681-19"):
        s.expect(0, at=1014 * MS)
        info = s.c.info()
        assert (info.recovery, info.cwnd, info.ssthresh) == ("timeout", 1_000, 5_000)
        assert info.recover == s.at(10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_duplicates_after_a_timeout_begin_no_recovery(sender):
    """[RFC6582 3.2 (4)] Until everything sent before the timeout is acknowledged, and that
    included."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.acks(0, 0, 0)
    s.expect(0, at=1014 * MS)
    with shows("RQ-6582-05"):
        assert s.acks(0, 0, 0, 0, 0) == [[]] * 5
    assert s.answer(4) == [4, 5]
    with shows("RQ-6582-05"):
        assert s.acks(4, 4, 4, 4) == [[]] * 4
    s.answer(10)
    with shows("RQ-6582-05"):
        assert s.c.info().recovery == "none" and s.acks(10, 10, 10) == [[]] * 3


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_a_segment_lost_behind_recover_waits_its_turn(sender):
    """[RFC6582 3.2 (3)] New data sent in recovery is lost, too: recovery ends, and its own
    duplicates bring it back."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    s.acks(*[0] * 11)                    # 12 to 15 are new
    s.answer(13)                         # 13 is lost, 14 and 15 have arrived
    assert s.c.info().recovery == "none"
    got = s.acks(13, 13)
    assert 13 not in sum(got, [])
    assert s.answer(13)[:1] == [13] and s.c.info().recovery == "fast"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_wrapped_sequence_numbers(sender):
    """[RFC6582 3.2] `recover` compares modulo 2^32: the stream wraps within the window."""
    s = sender(host={"tcp_isn": 2**32 - 5_500})
    s.write(10)
    s.expect(*range(10))
    assert s.at(9) < s.at(0)
    assert s.acks(2, 2, 2, 2) == [[], [], [], [2]]
    assert s.acks(4, 7) == [[4], [7]]
    s.answer(10)
    assert s.c.info().recovery == "none" and s.c.info().in_flight == 0
