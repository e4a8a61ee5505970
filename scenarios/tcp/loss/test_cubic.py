"""CUBIC beside NewReno: the reduction, the curve, the Reno-friendly region, per connection.
[RFC9438 4] [RFC9293 3.8.2 MAY-18] """

import pytest
from lockwire import VTime, shows

MS = 1_000_000
SIZE = 1_000
BIG = {"tcp_snd_buf": 600_000, "tcp_snd_queuelen": 8_000, "mem_size": 1 << 24,
       "memp_num_tcp_seg": 8_000}


class Curve:
    """The RFC's formulas in segments and seconds, for an epoch that begins at the first ACK. Reno's
    estimate grows in whole segments: a part of one is never more than the cubic at t = 0."""

    def __init__(self, w_max, cwnd, prior):
        self.w_max, self.cwnd, self.prior = w_max, cwnd, prior
        self.start, self.won = cwnd, 0.0  # W_est is both
        self.k = max(0, (w_max - cwnd) / 0.4) ** (1 / 3)

    def at(self, t):
        """W_cubic(t)."""
        return 0.4 * (t - self.k) ** 3 + self.w_max

    def on_ack(self, t, acked, srtt):
        """`acked` segments at once."""
        acked = min(acked, self.cwnd)
        alpha = 1 if self.start + self.won >= self.prior else 3 * 0.3 / 1.7
        self.won += alpha * acked / self.cwnd
        w_est = self.start + int(self.won)
        if self.at(t) < w_est:
            self.cwnd = max(self.cwnd, w_est)
        else:
            target = min(max(self.at(t + srtt), self.cwnd), 1.5 * self.cwnd)
            self.cwnd += (target - self.cwnd) / self.cwnd * acked


def start(sender, window, **more):
    """A sender with CUBIC, `window` segments in flight, of which the first is lost; recovered."""
    s = sender(host=dict(BIG, tcp_cc=1, tcp_iw_segments=window), sack=True, win=1 << 20, ws=7,
               **more)
    s.c.send_pattern(100_000_000)
    s.take("2ms")
    lose_first(s, 0, window)
    return s


def lose_first(s, first, window):
    """Segment `first` of the flight is missing, everything else arrives."""
    for k in (2, 3, 4):
        s.answer(first, (first + 1, first + k))
    s.sack(first, (first + 1, first + window))
    s.take("2ms")
    assert s.c.info().recovery == "sack"
    return s.c.info().in_flight // SIZE


def recovered(s):
    """All that was in flight is acknowledged, and a segment more: at the threshold, where recovery
    ends, one slow start's step is due [RFC9438 4.10]; the epoch begins with the next ACK. In
    segments: cwnd."""
    s.peer.ack()
    s.take("2ms")
    assert s.cwnd == s.ssthresh and s.c.info().recovery == "none"
    s.answer((s.c.info().snd_una - s.at(0) & 0xFFFFFFFF) // SIZE + 1)
    assert s.cwnd == s.ssthresh + SIZE
    return s.cwnd / SIZE


def follow(s, rtt_ms, rounds, curve):
    """Each `rtt_ms` all that is in flight is acknowledged; [(measured, the curve's)]."""
    seen, epoch = [], None
    for _ in range(rounds):
        s.net.run(until=VTime((s.ms // rtt_ms + 1) * rtt_ms * MS))
        flight = s.c.info().in_flight / SIZE
        s.peer.ack()
        s.take("20us")
        s.take("2ms")
        epoch = s.ms // rtt_ms if epoch is None else epoch
        curve.on_ack((s.ms // rtt_ms - epoch) * rtt_ms / 1000, flight, s.c.info().srtt / 1000)
        seen.append((s.cwnd / SIZE, curve.cwnd))
    return seen


def test_reduction_is_to_seven_tenths(sender):
    """[RFC9438 4.6] ssthresh = 0.7 of what is in flight."""
    s = start(sender, 50)
    assert s.ssthresh == 35_000 and s.c.info().cc == "cubic"
    s.peer.ack()
    s.take("2ms")
    assert s.cwnd == 35_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("window,rtt_ms", [(50, 200), (100, 200), (100, 100), (30, 400)])
def test_window_follows_the_curve(sender, window, rtt_ms):
    """[RFC9438 4.2] Steep, flat about W_max, steep again: never more than a segment or two off the
    formula, for three times K."""
    s = start(sender, window)
    curve = Curve(window, recovered(s), window)
    rounds = int(2.2 * curve.k * 1000 / rtt_ms)
    seen = follow(s, rtt_ms, rounds, curve)
    assert all(abs(got - want) <= 2 for got, want in seen), seen
    flat = int(curve.k * 1000 / rtt_ms)
    assert abs(seen[flat][0] - window) <= 2 and seen[-1][0] > 1.1 * window


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_short_round_trips_grow_like_reno(sender):
    """[RFC9438 4.3] At 10 ms the cubic is slower than Reno would be, so Reno's estimate is the
    window: about 0.53 segments for a round trip, and one from W_max on."""
    s = start(sender, 20)
    curve = Curve(20, recovered(s), 20)
    seen = follow(s, 10, 40, curve)
    assert all(abs(got - want) <= 1 for got, want in seen), seen
    assert 19.5 <= seen[10][0] <= 21.5 and seen[-1][0] - seen[-11][0] == pytest.approx(10, abs=1)


def test_fast_convergence(sender):
    """[RFC9438 4.7] The next loss comes before W_max was reached again: the new plateau is lower
    than what was reached, 0.85 of it."""
    s = start(sender, 100)
    follow(s, 200, 2, Curve(100, recovered(s), 100))
    first = s.c.info().snd_una - s.peer.rseq(1) & 0xFFFFFFFF
    cwnd, flight = s.cwnd, s.c.info().in_flight
    lose_first(s, first // SIZE, flight // SIZE)
    assert s.ssthresh == flight * 7 // 10
    curve = Curve(0.85 * cwnd / SIZE, recovered(s), cwnd / SIZE)
    seen = follow(s, 200, 15, curve)
    assert all(abs(got - want) <= 2 for got, want in seen), seen


def lose_next(s):
    """The first of what is in flight is missing, all else arrives. What cwnd was, in bytes."""
    cwnd, flight = s.cwnd, s.c.info().in_flight
    lose_first(s, first_of(s), flight // SIZE)
    assert s.ssthresh == flight * 7 // 10
    return cwnd


def first_of(s):
    """The number of the first segment in flight."""
    return (s.c.info().snd_una - s.at(0) & 0xFFFFFFFF) // SIZE


def test_no_fast_convergence_beyond_the_last_maximum(sender):
    """[RFC9438 4.7] The window came further than the last time: the new plateau is where it came
    to. The next loss comes at once, far below: 0.85 of what was reached."""
    s = start(sender, 30)
    follow(s, 400, 15, Curve(30, recovered(s), 30))
    cwnd = lose_next(s)
    assert cwnd > 33 * SIZE
    curve = Curve(cwnd / SIZE, recovered(s), cwnd / SIZE)
    seen = follow(s, 200, 8, curve)
    assert all(abs(got - want) <= 2 for got, want in seen), seen
    assert seen[-1][0] < cwnd / SIZE
    cwnd = lose_next(s)
    curve = Curve(0.85 * cwnd / SIZE, recovered(s), cwnd / SIZE)
    seen = follow(s, 200, 20, curve)
    assert all(abs(got - want) <= 2 for got, want in seen), seen


def timed_out(sender, window, ssthresh):
    """A sender with CUBIC whose timer has expired with `window` segments in flight: they had
    arrived, which is known now. ssthresh 0.7 of them, cwnd 2."""
    s = sender(host=dict(BIG, tcp_cc=1, tcp_iw_segments=window), sack=True, win=1 << 20, ws=7)
    s.c.send_pattern(100_000_000)
    s.take("2ms")
    s.align(1015)
    assert s.take(0) == [0]
    s.answer(window)
    assert (s.cwnd, s.ssthresh, s.c.info().recovery) == (2 * SIZE, ssthresh * SIZE, "none")
    return s


def slow_start(s, window):
    """ACK by ACK up to so many segments, all of which are in flight."""
    while s.cwnd < window * SIZE:
        s.answer(first_of(s) + 1)
    assert s.cwnd == s.c.info().in_flight == window * SIZE


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_first_avoidance_after_a_timeout(sender):
    """[RFC9438 4.8] K is 0 and W_max the window at the beginning of the epoch, which is when
    avoidance begins: it rises at once, and knows nothing of the window before the timeout."""
    s = timed_out(sender, 50, 35)
    slow_start(s, 36)
    seen = follow(s, 200, 20, Curve(36, 36, 50))
    assert all(abs(got - want) <= 1.5 for got, want in seen), seen
    assert seen[-1][0] > 55


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_loss_in_the_first_avoidance_after_a_timeout(sender):
    """[RFC9438 4.7], [RFC9438 4.8] W_max is of the epoch that the timeout began: the window has
    grown beyond it and is the new one, though before the timeout it was larger."""
    s = timed_out(sender, 50, 35)
    slow_start(s, 36)
    follow(s, 200, 10, Curve(36, 36, 50))
    cwnd = lose_next(s)
    assert 38 * SIZE < cwnd < 48 * SIZE
    curve = Curve(cwnd / SIZE, recovered(s), cwnd / SIZE)
    seen = follow(s, 200, int(1.5 * curve.k * 5), curve)
    assert all(abs(got - want) <= 1.5 for got, want in seen), seen


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_loss_in_slow_start_after_a_timeout(sender):
    """[RFC9438 4.7] The window before the timeout, 100, was not reached again: fast convergence, to
    0.85 of 64. The epoch is an ordinary one, with a K of its own."""
    s = timed_out(sender, 100, 70)
    slow_start(s, 64)
    assert lose_next(s) == 64 * SIZE
    curve = Curve(0.85 * 64, recovered(s), 64)
    seen = follow(s, 200, int(1.5 * curve.k * 5), curve)
    assert all(abs(got - want) <= 1.5 for got, want in seen), seen


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_timeout(sender):
    """[RFC9438 4.8] One segment, ssthresh 0.7 of the flight, slow start up to it."""
    s = sender(host={"tcp_cc": 1})
    s.write(60)
    s.expect(*range(10))
    s.expect(0, at=1010 * MS)
    assert (s.cwnd, s.ssthresh) == (1_000, 7_000)
    for k in range(1, 7):
        s.answer(k)
    assert s.cwnd == 7_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_reno_style_recovery_without_sack(sender):
    """[RFC9438 4.6] Fast retransmit: cwnd = ssthresh + 3, then ssthresh."""
    s = sender(host={"tcp_cc": 1})
    s.write(60)
    s.expect(*range(10))
    assert s.acks(0, 0, 0) == [[10], [11], [0]]
    assert (s.ssthresh, s.cwnd) == (7_000, 10_000)
    s.acks(*[0] * 8)
    s.answer(12)
    assert (s.ssthresh, s.cwnd) == (7_000, 7_000)


def test_each_connection_has_its_own(talk):
    """[RFC9438 4.6] Two connections of a host, one told to use CUBIC: the same loss, other
    thresholds; the option tcp_cc is for those that are told nothing."""
    t = talk()
    found = {}
    for port, cc in ((80, None), (81, "cubic"), (82, "newreno")):
        connection, peer = t.serve(port, 40000 + port, mss=SIZE)
        if cc is not None:
            connection.set(cc=cc)
        connection.send(bytes(10 * SIZE))
        peer.drain("1ms")
        for _ in range(3):
            peer.send("A", ack=peer.rseq(1))
        peer.drain("1ms")
        found[cc] = (connection.info().cc, connection.info().ssthresh)
    with shows("RQ-9293-MAY-18"):
        assert found == {None: ("newreno", 5_000), "cubic": ("cubic", 7_000),
                         "newreno": ("newreno", 5_000)}


def test_slow_start_is_newrenos(sender):
    """[RFC9438 4.10] Up to ssthresh two for one."""
    s = sender(host={"tcp_cc": 1})
    s.c.send_pattern(100_000)
    flight = s.take("1ms")
    following = sum((s.answer(k + 1) for k in flight), [])
    assert (len(flight), len(following), s.cwnd) == (10, 20, 20_000)


def windows_with_silence(sender, silent_ms, in_flight=0, **host):
    """cwnd after each of ten round trips of 200 ms in congestion avoidance, all full. Behind the
    fifth the application has only `in_flight` segments to send for so long, then more."""
    s = sender(host=dict(BIG, tcp_cc=1, tcp_iw_segments=50, **host), sack=True, win=1 << 20, ws=7)
    s.write(50)
    s.take("2ms")
    lose_first(s, 0, 50)
    s.peer.ack()
    s.take("2ms")
    windows, at = [], 100
    for n in range(10):
        s.align(at)
        begun = in_flight if n == 5 else 0
        s.write(begun)
        at += silent_ms if n == 5 else 1
        s.align(at)
        s.write(s.cwnd // SIZE - begun)
        at += 200
        s.align(at)
        assert len(s.peer.drain()) == s.cwnd // SIZE
        s.peer.ack()
        windows.append(s.c.info().cwnd)
        at += 1
    return windows


@pytest.mark.exact_ms
@pytest.mark.parametrize("silent_ms,in_flight,behind,host", [
    (1, 0, [44, 46, 48, 48], {}), (700, 0, [44, 46, 48, 48], {}),
    (30_000, 0, [44, 46, 48, 48], {"tcp_restart_idle": 0}), (150, 20, [45, 46, 47, 48], {})],
    ids=["never silent", "less than an RTO", "no restart", "beside a few segments"])
def test_time_without_data_does_not_count(sender, silent_ms, in_flight, behind, host):
    """[RFC9438 5.8] [RFC9438 4.2] `t` must not include the time in which the application, not cwnd,
    held the flow back: the windows are those of a flow that was never silent, t = 0.2 s * n. In the
    last case the round trip measured there is 350 ms, so the target lies a little ahead."""
    windows = windows_with_silence(sender, silent_ms, in_flight, **host)
    assert windows == [SIZE * w for w in (35, 36, 36, 39, 42, 43, *behind)]
