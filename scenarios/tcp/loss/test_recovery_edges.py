"""Where recovery meets something else: marks, a second loss, a window that closes, a FIN.
[RFC5681 4.3], [RFC6582 3.2], [RFC6675 5], [RFC6937 3], [RFC3168 6.1.2] """

import pytest
from lockwire import shows

MS = 1_000_000


def flight_of_ten(sender, write=60, **more):
    """A sender that has sent its first ten segments of so many."""
    s = sender(**more)
    s.write(write)
    s.expect(*range(min(write, 10)))
    return s


# ---- One window of data is one sign of congestion ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("sack", [False, True], ids=["newreno", "sack"])
def test_mark_and_loss_in_one_window_reduce_once(sender, sack):
    """[RFC3168 6.1.2] An echo of a mark: ssthresh = 10 / 2. Then a loss among what was in flight:
    it is repaired, ssthresh stays; half of the flight, now 8, would be 4."""
    s = flight_of_ten(sender, host={"lwip_tcp_ecn": 1}, ecn=True, sack=sack)
    s.send("AE", ack=s.at(2))
    assert s.take("2ms") == [] and (s.cwnd, s.ssthresh) == (5_000, 5_000)
    runs = [((3, k),) if sack else () for k in (4, 5, 6)]
    assert [s.answer(2, *run) for run in runs] == [[], [], [2]]
    assert s.ssthresh == 5_000
    assert s.c.info().recovery == ("sack" if sack else "fast")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("sack", [False, True], ids=["newreno", "sack"])
def test_mark_on_the_ack_that_tells_of_the_loss(sender, sack):
    """[RFC3168 6.1.2] The third duplicate has ECE: CUBIC's ssthresh is 0.7 * 10, reduced once, and
    not 0.7 of what a first reduction had left."""
    s = flight_of_ten(sender, write=10, host={"lwip_tcp_ecn": 1, "tcp_cc": 1}, ecn=True, sack=sack)
    for k in (2, 3):
        assert s.answer(0, *(((1, k),) if sack else ())) == []
    options = s.peer.sacks((1001, 4001)) if sack else None
    s.send("AE", ack=s.at(0), options=options)
    s.expect(0)
    assert s.ssthresh == 7_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_loss_in_the_window_behind_a_mark_reduces_again(sender):
    """[RFC3168 6.1.2] All that was in flight at the mark is through: a loss is news. Flight 5: the
    least, 2.5 segments."""
    s = flight_of_ten(sender, host={"lwip_tcp_ecn": 1}, ecn=True)
    s.send("AE", ack=s.at(1))
    s.take("2ms")
    assert s.ssthresh == 5_000
    assert s.answer(10) == [10, 11, 12, 13, 14, 15]      # cwnd is 5, and one for the ACK
    assert s.acks(10, 10, 10)[2] == [10]
    assert s.ssthresh == 3_000


# ---- A loss in the data that was sent in a recovery ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_loss_behind_the_recovery_point_is_the_next_recovery(sender):
    """[RFC6675 5 (A)], [RFC5681 4.3] 0 is lost of the first window, 12 of what recovery let out.
    13 to 15 were reported before 0 came: when the first recovery ends 12 is known to be lost and
    has been sent again, once. That is a second window with a loss: ssthresh = half of the flight
    at that moment."""
    s = flight_of_ten(sender, sack=True)
    sent = [s.answer(0, (1, k)) for k in range(2, 13)]
    assert sent == [[10], [11], [0], [], [], [], [], [12], [13], [14], [15]]
    assert [s.answer(0, (13, k), (1, 12)) for k in (14, 15, 16)] == [[16], [17], [12, 18]]
    assert (s.ssthresh, s.c.info().recover) == (5_000, s.at(12))
    got = s.answer(12, (13, 16))
    assert 12 not in got and s.c.info().recovery == "sack"
    assert s.ssthresh == (19 - 12) * 1_000 // 2 == 3_500
    assert s.c.info().recover == s.at(19)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_no_loss_behind_the_recovery_point_ends_it(sender):
    """[RFC6675 5 (A)] The same without the second loss: cwnd is ssthresh, 5."""
    s = flight_of_ten(sender, sack=True)
    for k in range(2, 13):
        s.answer(0, (1, k))
    s.answer(16)
    info = s.c.info()
    assert (info.recovery, info.cwnd, info.ssthresh) == ("none", 5_000, 5_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
@pytest.mark.parametrize("sack", [False, True], ids=["newreno", "sack"])
def test_timeout_in_recovery_never_raises_the_threshold(sender, sack):
    """[RFC5681 4.3], [RFC5681 3.1] Recovery has let new data out, so that 16 segments are in
    flight; half of them is more than the 5 that the first loss left. The retransmission is lost,
    which is a second sign: not more than before. The timer counts from the retransmission."""
    s = flight_of_ten(sender, sack=sack)
    for k in range(2, 13):
        s.answer(0, *(((1, k),) if sack else ()))
    if not sack:
        assert s.c.info().in_flight == 16_000
    else:
        for k in (14, 15):
            s.answer(0, (13, k), (1, 12))
        assert s.c.info().in_flight == 18_000
    assert s.ssthresh == 5_000
    s.expect(0, at=1014 * MS)
    info = s.c.info()
    assert (info.recovery, info.cwnd, info.ssthresh) == ("timeout", 1_000, 5_000)


# ---- The peer's window in recovery ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_partial_acknowledgement_that_closes_the_window(sender):
    """[RFC6582 3.2 (3)], [RFC9293 3.8.6 SHLD-16] The next hole would lie beyond the window: it
    leaves when the window opens, at once."""
    s = flight_of_ten(sender, write=10)
    assert s.acks(0, 0, 0) == [[], [], [0]]
    s.ack(3, win=0)
    s.quiet("20ms")
    assert s.c.info().recovery == "fast"
    s.ack(3)
    s.expect(3)
    # ssthresh 5 + 3 duplicates - 3 acknowledged + 1
    assert (s.cwnd, s.ssthresh) == (6_000, 5_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_partial_acknowledgement_with_a_small_window(sender):
    """[RFC6582 3.2 (3)], [RFC9293 3.8.6 SHLD-16] 400 bytes are left of the window: so much of the
    hole goes again."""
    s = flight_of_ten(sender, write=10)
    s.acks(0, 0, 0)
    s.ack(3, win=400)
    s.peer.expect(seq=s.at(3), length=400, at=s.answered_ns + s.t.hop(54 + 400))
    s.quiet("20ms")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("usable", [0, 10, 400])
def test_window_too_small_for_new_data_is_nothing_new(sender, usable):
    """[RFC6675 4 NextSeg] (2) needs room in the peer's window; what silly-window avoidance holds
    back has none [RFC9293 3.8.6.2.1]: then (4), the highest one again."""
    s = flight_of_ten(sender, write=20, sack=True, win=10_000 + usable)
    assert [s.answer(0, (1, k)) for k in range(2, 9)] == [[], [], [0], [], [], [], []]
    s.peer.win = 2_000 + usable
    s.sack(8)
    s.expect(9)


# ---- Parts of segments ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_part_of_a_segment_counts_as_delivered(sender):
    """[RFC6937 3] Half of 0 is acknowledged: DeliveredData is what SND.UNA moved by. RecoverFS 12,
    ssthresh 5, delivered 1 (1 to 3 before recovery but for one), 0.5, 3; out: 1.
    ceil(4500 * 5 / 12) - 1000 = 875, on a pipe of 12 - 0.5 - 6 segments."""
    s = flight_of_ten(sender, sack=True)
    assert [s.answer(0, (1, k)) for k in (2, 3, 4)] == [[10], [11], [0]]
    s.send("A", ack=s.at(0) + 500, options=s.peer.sacks((1001, 4001)))
    assert s.take("2ms") == []
    assert s.cwnd == 11_500 - 3_000
    s.send("A", ack=s.at(0) + 500, options=s.peer.sacks((1001, 7001)))
    assert s.take("2ms") == []
    assert s.cwnd == 5_500 + 875


# ---- FIN ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_lost_fin_without_sack(sender):
    """[RFC6582 3.2 (3)] 0 and the FIN alone are lost: the ACK of all data is a partial one, and
    brings the FIN."""
    s = flight_of_ten(sender, write=5)
    s.c.close()
    s.peer.expect("FA", seq=s.at(5), length=0)
    assert s.acks(0, 0, 0) == [[], [], [0]]
    sent = s.ack(5)
    s.peer.expect("FA", seq=s.at(5), length=0, at=s.t.back(sent), since=sent)
    s.send("A", ack=s.at(5) + 1)
    s.quiet("20ms")
    assert (s.c.state, s.c.info().recovery) == ("FIN_WAIT_2", "none")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_lost_fin_with_sack(sender):
    """[RFC6675 4 NextSeg (4)] The same: the FIN is the highest octet that is not SACKed."""
    s = flight_of_ten(sender, write=5, sack=True)
    s.c.close()
    s.peer.expect("FA", seq=s.at(5), length=0)
    assert [s.answer(0, (1, k)) for k in (2, 3, 4, 5)] == [[], [], [0], []]
    sent = s.ack(5)
    s.peer.expect("FA", seq=s.at(5), length=0, at=s.t.back(sent), since=sent)
    s.send("A", ack=s.at(5) + 1)
    s.quiet("20ms")
    assert (s.c.state, s.c.info().recovery) == ("FIN_WAIT_2", "none")


# ---- A recovery may send as soon as it begins ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_entry_fills_holes_where_nothing_is_new(sender):
    """[RFC6675 5 (4.5)] Entered, step (C): four segments above it are SACKed, 0 is lost; 3 is a
    hole with two above it, and nothing is new. PRR: RecoverFS 10, delivered 4, pipe 10 - 4 = 6
    with the copy of 0: ceil(4 * 5 / 10) - 1 = 1 segment more."""
    s = flight_of_ten(sender, write=10, sack=True)
    got = s.answer(0, (6, 8), (1, 3))
    with shows("RQ-6675-05"):
        assert got == [0, 3]


# ---- No memory for the retransmission ----

@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
@pytest.mark.parametrize("sack", [False, True], ids=["newreno", "sack"])
def test_fast_retransmit_without_memory_is_tried_again_soon(sender, sack):
    """[RFC5681 3.2 (3)], [RFC6675 5 (4.3)] The first retransmission of a recovery leaves whatever
    cwnd says, also 250 ms later, when there is memory again: no ACK need come, and no timeout."""
    s = flight_of_ten(sender, write=10, sack=sack)
    runs = [((1, k),) if sack else () for k in (2, 3)]
    assert [s.answer(0, *run) for run in runs] == [[], []]
    s.align(20)
    s.t.h.fail_alloc(2, 1 << 30)  # the ACK itself arrives
    s.sack(0, *(((1, 4),) if sack else ()))
    s.net.run(for_="1ms")
    s.t.h.fail_alloc(0)
    assert s.c.info().recovery == ("sack" if sack else "fast")
    s.expect(0, at=270 * MS)
    assert (s.ssthresh, s.c.info().backoff) == (5_000, 0)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_partial_acknowledgement_without_memory_is_tried_again_soon(sender):
    """[RFC6582 3.2 (3)] The same for the next hole of NewReno's."""
    s = flight_of_ten(sender, write=10)
    assert s.acks(0, 0, 0) == [[], [], [0]]
    s.align(20)
    s.t.h.fail_alloc(2, 1 << 30)  # the ACK itself arrives
    s.ack(1)
    s.net.run(for_="1ms")
    s.t.h.fail_alloc(0)
    s.expect(1, at=270 * MS)
    assert s.c.info().recovery == "fast"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("sack", [False, True], ids=["newreno", "sack"])
def test_fast_retransmit_without_memory_leaves_with_the_next_acknowledgement(sender, sack):
    """[RFC5681 3.2 (3)], [RFC6675 5 (4.3)] The next ACK finds memory: it goes first."""
    s = flight_of_ten(sender, write=10, sack=sack)
    runs = [((1, k),) if sack else () for k in (2, 3, 4, 5)]
    assert [s.answer(0, *run) for run in runs[:2]] == [[], []]
    s.t.h.fail_alloc(2, 1 << 30)  # the ACK itself arrives
    s.sack(0, *runs[2])
    s.net.run(for_="1ms")
    s.t.h.fail_alloc(0)
    s.sack(0, *runs[3])
    s.expect(0)
