"""Without SACK: what counts as a duplicate ACK, what the third one does, and what the first two may
do. [RFC5681 2], [RFC5681 3.2], [RFC3042 2]
[RFC6582 3.2(2)] [RFC6582 3.2(3)] """

import pytest
from lockwire import shows

MS = 1_000_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("options", [{}, {"ts": 5}], ids=["plain", "timestamps"])
def test_third_duplicate_sends_the_first_segment_again(sender, options):
    """[RFC5681 3.2] Two duplicates: silence. The third: the segment, at once."""
    s = sender(**options)
    s.write(6)
    s.expect(0, 1, 2, 3, 4, 5)
    s.ack(1)
    s.quiet("1ms")
    with shows("RQ-5681-13"):
        assert s.answer(1) == [] and s.answer(1) == []
        s.ack(1)
        s.expect(1)
    s.quiet("300ms")
    s.ack(6)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_more_duplicates_send_it_no_second_time(sender):
    """[RFC5681 3.2] The retransmission is one for a recovery."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    assert s.acks(0, 0, 0) == [[], [], [0]]
    with shows("RQ-5681-13"):
        assert s.acks(*[0] * 6) == [[]] * 6


NOT_DUPLICATE = {
    "data": {"flags": "PA", "data": b"x"},
    "other-window": {"win": 60_000},
    "fin": {"flags": "FA"},
    "older-ack": {"back": 1},
}


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("what", NOT_DUPLICATE)
def test_not_a_duplicate_if_one_thing_differs(sender, what):
    """[RFC5681 2] Data outstanding, no data, no SYN or FIN, the greatest ACK so far, the same
    window: each alone makes the difference. Two duplicates and one such: no retransmission."""
    s = sender()
    s.write(6)
    s.expect(*range(6))
    s.ack(1)
    s.ack(1)
    s.ack(1)
    how = dict(NOT_DUPLICATE[what])
    s.send(how.pop("flags", "A"), how.pop("data", b""), ack=s.at(1 - how.pop("back", 0)), **how)
    got = s.peer.drain("100ms")
    with shows("RQ-5681-20"):
        assert [g for g in got if g.length] == [] and s.c.info().dupacks == 2
    s.peer.win = how.get("win", 65535)  # the same now: the third
    s.ack(1)
    s.expect(1)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_not_a_duplicate_if_nothing_is_outstanding(sender):
    """[RFC5681 2] (a) Three ACKs for the same on a quiet line mean nothing, and leave nothing
    behind for the next segments."""
    s = sender()
    s.write(2)
    s.expect(0, 1)
    assert s.acks(2, 2, 2, 2, 2) == [[]] * 5
    with shows("RQ-5681-20"):
        assert s.c.info().dupacks == 0
    s.align(30)
    s.write(4)
    s.expect(2, 3, 4, 5)
    assert s.acks(2, 2) == [[]] * 2
    s.ack(2)
    s.expect(2)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_syn_is_no_duplicate(sender):
    """[RFC5681 2] (c) A segment with SYN is challenged, not counted [RFC5961 4]."""
    s = sender()
    s.write(6)
    s.expect(*range(6))
    s.ack(1)
    for _ in range(3):
        s.send("SA", ack=s.at(1))
        s.peer.expect("A", length=0)
    with shows("RQ-5681-20"):
        assert s.c.info().dupacks == 0
    s.quiet("100ms")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_duplicates_need_not_follow_each_other_closely(sender):
    """[RFC5681 3.2] Data of the peer's between them neither counts nor takes them back."""
    s = sender()
    s.write(6)
    s.expect(*range(6))
    for k in range(2):
        s.ack(0)
        s.send("PA", b"abc", ack=s.at(0))
        s.peer.drain("60ms")
        assert s.c.info().dupacks == k + 1
    s.ack(0)
    s.expect(0)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_new_acknowledgement_takes_the_count_back(sender):
    """[RFC5681 3.2] Two for one number and two for the next are not four."""
    s = sender()
    s.write(8)
    s.expect(*range(8))
    assert s.acks(1, 1, 1) == [[]] * 3
    assert s.acks(2, 2, 2) == [[]] * 3
    assert s.c.info().dupacks == 2
    s.ack(2)
    s.expect(2)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_entry_sets_threshold_and_window(sender):
    """[RFC5681 3.2 (2)], [RFC6582 3.2 (2)] ssthresh is half of what is in flight, cwnd that and the
    three segments that have left the network."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    assert s.acks(0, 0, 0) == [[10], [11], [0]]
    with shows("RQ-5681-14", "RQ-6582-02"):
        # limited transmit's two are not counted [RFC3042 2]
        assert (s.ssthresh, s.cwnd) == (5_000, 8_000)
    info = s.c.info()
    with shows("RQ-6582-02"):
        assert info.recover == info.snd_nxt == s.at(12) and info.recovery == "fast"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("flight,threshold", [(10, 5_000), (7, 3_500), (5, 2_500), (4, 2_000)])
def test_threshold_is_half_of_the_flight_but_two_segments(sender, flight, threshold):
    """[RFC5681 3.1] Equation 4, with what is in flight, not with cwnd."""
    s = sender()
    s.write(flight)
    s.expect(*range(flight))
    s.acks(0, 0, 0)
    with shows("RQ-5681-14"):
        assert (s.ssthresh, s.cwnd) == (threshold, threshold + 3_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_each_further_duplicate_inflates_by_a_segment(sender):
    """[RFC5681 3.2] And new data leaves as soon as the inflated window has room."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    assert s.acks(0, 0, 0) == [[10], [11], [0]]
    seen = []
    for _ in range(8):
        sent = s.answer(0)
        seen.append((s.cwnd, sent))
    with shows("RQ-5681-15"):
        assert seen == [(9_000, []), (10_000, []), (11_000, []), (12_000, []), (13_000, [12]),
                        (14_000, [13]), (15_000, [14]), (16_000, [15])]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_full_acknowledgement_deflates(sender):
    """[RFC5681 3.2], [RFC6582 3.2 (3)] Recovery ends with cwnd = min(ssthresh, flight + 1
    segment): no burst."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    s.acks(*[0] * 11)
    info = s.c.info()
    assert (info.recovery, info.cwnd, info.in_flight) == ("fast", 16_000, 16_000)
    sent = s.answer(12)
    info = s.c.info()
    with shows("RQ-5681-15", "RQ-6582-04"):
        assert (info.recovery, info.cwnd, info.ssthresh) == ("none", 5_000, 5_000)
        assert sent == [16]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_full_acknowledgement_with_nothing_left_in_flight(sender):
    """[RFC6582 3.2 (3)] Then cwnd is two segments."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.acks(0, 0, 0)
    s.answer(10)
    with shows("RQ-6582-04"):
        assert (s.cwnd, s.ssthresh, s.c.info().recovery) == (2_000, 5_000, "none")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_limited_transmit(sender):
    """[RFC3042 2] The first two duplicates each let one new segment leave, and cwnd stays."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    with shows("RQ-5681-16"):
        s.ack(0)
        s.expect(10)
        s.ack(0)
        s.expect(11)
        assert s.cwnd == 10_000
    s.ack(0)
    s.expect(0)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_limited_transmit_keeps_to_the_peers_window(sender):
    """[RFC3042 2] The receiver's window is a limit for these two as well."""
    s = sender(win=10_000)
    s.write(60)
    s.expect(*range(10))
    with shows("RQ-5681-16"):
        assert s.acks(0, 0) == [[], []]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_limited_transmit_can_be_switched_off(sender):
    """[RFC3042 2] The option tcp_limited_transmit."""
    s = sender(host={"tcp_limited_transmit": 0})
    s.write(60)
    s.expect(*range(10))
    assert s.acks(0, 0) == [[], []]
    s.ack(0)
    s.expect(0)
    assert s.ssthresh == 5_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_limited_transmit_does_not_last(sender):
    """[RFC3042 2] A new ACK after two duplicates (mere reordering): from then on cwnd alone."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    assert s.acks(0, 0) == [[10], [11]]
    assert s.answer(3) == [12, 13]      # cwnd 11: segments 3 to 13
    assert s.cwnd == 11_000 and s.c.info().in_flight == 11_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_acknowledgement_division_cannot_make_duplicates(sender):
    """[RFC5681 2] Ten ACKs for a tenth of a segment each are new ACKs, all of them."""
    s = sender()
    s.write(6)
    s.expect(*range(6))
    for k in range(1, 11):
        s.peer.send("A", ack=s.at(0) + 100 * k)
    with shows("RQ-5681-20"):
        assert s.take("100ms") == [] and s.c.info().dupacks == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_spurious_retransmission_is_taken_calmly(sender):
    """[RFC5681 3.2] Three duplicates were mere reordering: the next ACK covers everything, the
    copy's duplicate ACK does nothing more."""
    s = sender()
    s.write(8)
    s.expect(*range(8))
    s.acks(0, 0, 0)
    assert s.answer(8) == []
    assert s.acks(8, 8, 8) == [[]] * 3
    assert s.c.info().recovery == "none"
    s.align(100)
    s.write(2)
    s.expect(8, 9)
