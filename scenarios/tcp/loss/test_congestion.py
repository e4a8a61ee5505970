"""The congestion window: where it begins, how it grows, what loss and silence do to it.
[RFC5681 3.1], [RFC5681 4.1], [RFC6928 2]
[RFC9293 3.8.2] """

import pytest
from lockwire import shows

MS = 1_000_000
S = 1_000 * MS


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("mss,segments", [(100, 10), (536, 10), (1000, 10), (1460, 10)])
def test_initial_window_by_segment_size(sender, mss, segments):
    """[RFC6928 2] min(10*MSS, max(2*MSS, 14600)): what leaves behind the handshake."""
    s = sender(mss=mss)
    s.write(20)
    with shows("RQ-5681-01"):
        s.expect(*range(segments))
        s.quiet("500ms")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("mss,segments", [(1461, 9), (2000, 7), (4000, 3), (7300, 2), (8900, 2)])
def test_initial_window_of_large_segments(sender, mss, segments):
    """[RFC6928 2] 14600 bytes, but two segments at least."""
    s = sender(mss=mss, host={"mtu": 9000, "tcp_mss": 8960, "tcp_snd_buf": 200_000})
    s.write(15)
    with shows("RQ-5681-01"):
        assert s.take("500ms") == list(range(segments))
        assert s.cwnd == max(14_600, 2 * mss)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("mss,segments", [(1000, 4), (1460, 3)])
def test_initial_window_of_before(sender, mss, segments):
    """[RFC5681 3.1] The more careful one, by option: 4 segments up to 1095 bytes, 3 up to 2190."""
    s = sender(mss=mss, host={"tcp_iw_segments": segments})
    s.write(20)
    with shows("RQ-5681-01"):
        s.expect(*range(segments))
        s.quiet("500ms")


def test_one_segment_after_a_lost_syn_ack(talk):
    """[RFC5681 3.1] MB-CC-16: the line is bad already."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer(mss=1000)
    peer.send("S")
    peer.expect("SA", lost=True)
    peer.expect("SA", timeout="2s")
    peer.ack()
    connection = listener.accept(timeout="1s")
    connection.send(bytes(10_000))
    with shows("RQ-5681-02", "MB-CC-16"):
        peer.expect("A", length=1000)
        peer.expect_nothing("500ms")
    peer.ack()
    assert [g.length for g in peer.drain("1ms")] == [1000, 1000]


def test_one_segment_after_a_lost_syn(talk):
    """[RFC5681 3.1] The same for who calls."""
    t = talk()
    peer = t.peer(None, 80, mss=1000)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S", lost=True)
    peer.expect("S", timeout="2s")
    peer.send("SA")
    peer.expect("A")
    connection.send(bytes(10_000))
    with shows("RQ-5681-02"):
        peer.expect("A", length=1000)
        peer.expect_nothing("500ms")


def test_crossed_syns_are_no_loss(talk):
    """[RFC5681 3.1], [RFC9293 3.5] Simultaneous open: the SYN is repeated with an ACK, and nothing
    was lost."""
    t = talk()
    peer = t.peer(None, 80, mss=1000)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    peer.send("S")
    peer.expect("SA")
    peer.ack()
    connection.wait_connected(timeout="1s")
    connection.send(bytes(15_000))
    assert len(peer.drain("100ms")) == 10 and connection.info().rto == 1000


def test_slow_start_doubles(sender):
    """[RFC5681 3.1] Each ACK lets two leave: 10, 20, 40."""
    s = sender()
    s.c.send_pattern(300_000)
    flights, acked = [s.take("1ms")], 0
    for _ in range(2):
        flight = []
        for k in flights[-1]:
            flight += s.answer(k + 1)
        flights.append(flight)
        acked += 1
    with shows("RQ-5681-03", "RQ-9293-MUST-19"):
        assert [len(f) for f in flights] == [10, 20, 40] and s.cwnd == 40_000
    assert sum(flights, []) == list(range(70))


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_a_segment_for_each_acknowledgement_at_most(sender):
    """[RFC5681 3.1] One ACK for all ten: cwnd grows by one segment."""
    s = sender()
    s.write(40)
    s.expect(*range(10))
    with shows("RQ-5681-04", "RQ-5681-05"):
        assert s.answer(10) == list(range(10, 21)) and s.cwnd == 11_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_division_of_acknowledgements_gains_nothing(sender):
    """[RFC5681 3.1], [RFC3465 2.2] Ten ACKs for a tenth of a segment each are worth one."""
    s = sender()
    s.write(40)
    s.expect(*range(10))
    cwnds = []
    for n in range(1, 21):
        s.peer.send("A", ack=s.at(0) + 100 * n)
        s.take("1ms")
        cwnds.append(s.cwnd)
    with shows("RQ-5681-04", "RQ-5681-05"):
        assert cwnds == [10_000 + 100 * n for n in range(1, 21)]


def halved(sender, **more):
    """(sender in congestion avoidance with cwnd = ssthresh = 5 segments, first not acknowledged)"""
    s = sender(**more)
    s.c.send_pattern(500_000)
    s.take("1ms")
    s.acks(*[0] * 11)
    assert s.answer(12) == [16]
    assert s.c.info().cwnd == s.c.info().ssthresh == s.c.info().in_flight == 5_000
    return s, 12


@pytest.mark.parametrize("every", [1, 2, 3])
def test_avoidance_grows_by_a_segment_for_a_window(sender, every):
    """[RFC5681 3.1] One SMSS per round trip, whether each segment has an ACK or every second or
    third one; twenty round trips."""
    s, acked = halved(sender)
    flight, seen = list(range(12, 17)), []
    for _ in range(20):
        seen.append(len(flight))
        following = []
        while flight:
            acked = flight[:every][-1] + 1
            flight = flight[every:]
            following += s.answer(acked)
        flight = following
    with shows("RQ-5681-06", "RQ-5681-07"):
        assert all(0 <= b - a <= 1 for a, b in zip(seen, seen[1:]))
    with shows("RQ-5681-06", "RQ-9293-MUST-19"):
        assert seen[0] == 5 and 23 <= seen[-1] <= 24


def test_at_the_threshold_is_slow_start_above_it_avoidance(sender):
    """[RFC5681 3.1] Equal is either's: the first ACK is worth a segment, and what follows a share
    of one, byte by byte: all of it when a window of 6 has been acknowledged."""
    s, acked = halved(sender)
    grown = []
    for n in range(1, 14):
        s.answer(acked + n)
        grown.append(s.cwnd)
    with shows("RQ-5681-03"):
        assert grown[0] == 6_000
    with shows("RQ-5681-06"):
        assert grown[1:7] == [6_000 + 1_000 * n // 6 for n in range(1, 7)]
        assert grown[7:13] == [7_000 + 1_000 * n // 7 for n in range(1, 7)]


def test_half_a_segment_of_window_is_not_carried_along(sender):
    """[RFC5681 3.1] Half of 11 segments: 5.5. The sixth fits with the first ACK, the seventh when
    half a window more was acknowledged, not when a whole one was."""
    s = sender(host={"tcp_iw_segments": 11}, sack=True)
    s.c.send_pattern(100_000)
    s.take("1ms")
    for k in range(2, 14):
        s.answer(0, (1, k))
    s.answer(13)
    assert s.cwnd == s.ssthresh == 5_500 and s.c.info().in_flight == 5_000
    sent = s.acks(*range(14, 24))
    with shows("RQ-5681-06", "RQ-5681-07"):
        assert [len(segments) for segments in sent] == [2, 1, 1, 1, 2, 1, 1, 1, 1, 1]


def test_avoidance_ignores_division_of_acknowledgements(sender):
    """[RFC5681 3.1], [RFC3465 2.1] Bytes count, not ACKs: ten for each segment of a window."""
    s, acked = halved(sender)
    s.answer(acked + 1)
    for n in range(1, 60):
        s.peer.send("A", ack=s.at(acked + 1) + 100 * n)
    s.take("1ms")
    with shows("RQ-5681-07"):
        assert s.cwnd == 6_000 + 5_900 * 1_000 // 6_000
    s.peer.send("A", ack=s.at(acked + 7))
    s.take("1ms")
    with shows("RQ-5681-06"):
        assert s.cwnd == 7_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_timeout_leaves_one_segment(sender):
    """[RFC5681 3.1] ssthresh is half of the flight, cwnd one segment; then slow start up to
    ssthresh and avoidance beyond."""
    s = sender()
    s.write(60)
    s.expect(*range(10))
    with shows("RQ-5681-09", "RQ-5681-08"):
        s.expect(0, at=1010 * MS)
        assert (s.cwnd, s.ssthresh) == (1_000, 5_000)
    s.quiet("500ms")
    windows = []
    for k in range(1, 12):
        s.answer(k)
        windows.append(s.cwnd)
    with shows("RQ-5681-09", "RQ-5681-03"):
        assert windows == [2_000, 3_000, 4_000, 5_000, 6_000] + \
            [6_000 + 1_000 * n // 6 for n in range(1, 7)]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_threshold_is_of_the_flight_not_of_the_window(sender):
    """[RFC5681 3.1] The application had little to send: cwnd is 20, in flight are 6."""
    s = sender()
    s.write(30)
    flight = s.take("1ms")
    for k in flight:
        s.answer(k + 1)
    s.ack(30)
    assert s.cwnd >= 20_000
    s.align(500)
    s.write(6)
    s.expect(*range(30, 36))
    with shows("RQ-5681-08"):
        s.expect(30, at=1500 * MS)
        assert (s.cwnd, s.ssthresh) == (1_000, 3_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
@pytest.mark.parametrize("flight,threshold", [(1, 2_000), (3, 2_000), (5, 2_500)])
def test_threshold_is_two_segments_at_least(sender, flight, threshold):
    """[RFC5681 3.1] Equation 4."""
    s = sender()
    s.write(flight)
    s.expect(*range(flight), lost=True)
    s.expect(0, at=1010 * MS)
    with shows("RQ-5681-08"):
        assert s.ssthresh == threshold


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_repeated_timeouts_leave_the_threshold(sender):
    """[RFC5681 3.1] A long outage is one loss: the growth afterwards is as after one."""
    s = sender()
    s.write(60)
    s.expect(*range(10), lost=True)
    for when in (1, 3, 7, 15, 31):
        s.expect(0, at=10 * MS + when * S, lost=True)
        with shows("RQ-5681-10"):
            assert (s.cwnd, s.ssthresh) == (1_000, 5_000)
    for k in range(1, 5):
        s.answer(k)
    with shows("RQ-5681-10"):
        assert (s.cwnd, s.ssthresh) == (5_000, 5_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_growth_after_a_timeout_is_a_segment_for_an_acknowledgement(sender):
    """[RFC3465 2.3] MB-CC-19: one ACK for four retransmitted and held segments is worth one, until
    all from before the timeout is acknowledged."""
    s = sender()
    s.c.send_pattern(100_000)
    s.take("0.5ms")
    s.align(1011)
    assert s.take(0) == [0]
    with shows("MB-CC-19", "RQ-5681-04"):
        assert s.answer(4) == [4, 5] and s.cwnd == 2_000
        assert s.answer(6) == [6, 7, 8] and s.cwnd == 3_000
    assert s.c.info().recovery == "timeout"
    s.answer(10)
    assert s.c.info().recovery == "none" and s.cwnd == 4_000


def grown(sender, **more):
    """A sender that has slow-started to 20 segments; 20 have been acknowledged, all is quiet."""
    s = sender(**more)
    s.write(30)
    for k in s.take("1ms"):
        s.answer(k + 1)
    s.ack(30)
    s.align(100)
    cwnd = s.cwnd
    assert cwnd >= 20_000
    return s, cwnd


@pytest.mark.exact_ms
@pytest.mark.parametrize("idle,burst", [(900, 20), (1000, 20), (1100, 10), (10_000, 10)])
def test_restart_after_idle(sender, idle, burst):
    """[RFC5681 4.1] Nothing sent for more than an RTO: the next burst is the initial window."""
    s, cwnd = grown(sender)
    s.write(1)
    s.expect(30)
    s.ack(31)
    s.align(100 + idle)
    s.write(40)
    sent = s.take("2ms")
    with shows("RQ-5681-17"):
        assert len(sent) == (cwnd // 1_000 if burst == 20 else burst)


@pytest.mark.exact_ms
def test_no_restart_by_option(sender):
    """[RFC5681 4.1] tcp_restart_idle=0."""
    s, cwnd = grown(sender, host={"tcp_restart_idle": 0})
    s.align(20_000)
    s.write(40)
    assert len(s.take("2ms")) == cwnd // 1_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_restart_does_not_widen(sender):
    """[RFC5681 4.1] RW = min(IW, cwnd): after a timeout cwnd stays small."""
    s = sender()
    s.write(3)
    s.expect(0, 1, 2)
    s.expect(0, at=1010 * MS)
    s.ack(3)
    s.take("1ms")
    assert s.cwnd == 2_000
    s.align(60_000)
    s.write(20)
    assert s.take("2ms") == [3, 4]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_window_grows_only_when_it_is_what_limits(sender):
    """[RFC7661 4], [RFC9438 5.8] An application that sends little shows nothing of the
    network."""
    s = sender()
    for k in range(30):
        s.write(2)
        s.expect(2 * k, 2 * k + 1)
        s.ack(2 * k + 2)
        s.net.run(for_="1ms")
    assert s.cwnd == 10_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_window_of_the_peer_is_no_reason_to_grow(sender):
    """[RFC7661 4] Nor is a receiver that limits."""
    s = sender(win=5_000)
    s.write(60)
    s.expect(*range(5))
    for k in range(1, 20):
        assert s.answer(k) == [k + 4]
    assert s.cwnd == 10_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("used,windows", [
    (9_000, [10_000, 10_000, 10_000]), (9_001, [11_000, 11_000, 11_000]),
    (9_999, [11_000, 11_000, 11_000]), (10_000, [11_000, 11_000, 11_000])])
def test_window_with_room_for_less_than_a_segment_is_full(sender, used, windows):
    """[RFC9438 5.8], [RFC7661 4] What cwnd allows is whole segments. An application that has so
    much to send and waits for the ACK: with room for one more nothing grows; with less it may have
    been cwnd, until there is room for one more. So cwnd never comes to lie two segments above."""
    s = sender()
    s.c.set(nodelay=True)
    seen = []
    for _ in windows:
        s.c.sendall(bytes(used))
        assert sum(got.length for got in s.peer.drain("1ms")) == used
        s.peer.ack()
        s.net.run(for_="1ms")
        seen.append(s.cwnd)
    assert seen == windows


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("win,cwnd", [(9_000, 10_000), (9_999, 10_000), (10_000, 11_000)])
def test_window_of_the_peer_that_ends_within_a_segment(sender, win, cwnd):
    """[RFC9438 5.8] A part of a segment is not sent, so nine are in flight and cwnd has room for
    the tenth: the receiver limits. With ten both do, until cwnd has room for one more."""
    s = sender(win=win)
    s.write(60)
    for k in range(1, 20):
        s.answer(k)
    assert s.cwnd == cwnd


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_window_that_is_exactly_full_may_grow(sender):
    """[RFC5681 3.1] Ten segments are all the application has, and all that cwnd lets out."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    s.answer(1)
    assert s.cwnd == 11_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_duplicate_acknowledgements_do_not_grow_it(sender):
    """[RFC5681 3.1] Only new data acknowledged does."""
    s = sender()
    s.write(40)
    s.expect(*range(10))
    s.acks(0, 0)
    assert s.cwnd == 10_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_last_acknowledged_segment_of_old_ones(sender):
    """[RFC9293 3.10.7.4] An old ACK, below SND.UNA, does nothing at all."""
    s = sender()
    s.write(40)
    s.expect(*range(10))
    s.answer(5)
    before = s.c.info()
    assert s.acks(3, 3, 3, 3, 4) == [[]] * 5
    after = s.c.info()
    assert (after.cwnd, after.dupacks, after.snd_una) == \
        (before.cwnd, before.dupacks, before.snd_una)


def test_every_second_full_segment_is_acknowledged_at_once(talk):
    """[RFC5681 4.2] And a single one within half a second."""
    t = talk()
    _, peer = t.serve()
    t.net.run(until="2ms")
    peer.send("A", bytes(1460))
    sent = peer.send("PA", bytes(1460))
    with shows("RQ-5681-18"):
        arrived = sent.t_ns + 2 * t.hop(1514) + 96
        peer.expect("A", ack=peer.seq(2921), at=arrived + t.hop(54))
    sent = peer.send("PA", bytes(1460))
    with shows("RQ-5681-18"):
        peer.expect("A", ack=peer.seq(4381), before="500ms", after="10ms", since=sent)
