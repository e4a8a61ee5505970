"""From round trips to the timeout: which segments are measured, and what a measurement does to
SRTT, RTTVAR and RTO. [RFC6298 2], [RFC6298 3], [RFC7323 4], [RFC6298 5]
[RFC6298 4] [RFC7323 4.2] """

import pytest
from lockwire import shows

MS = 1_000_000
S = 1_000 * MS

pytestmark = pytest.mark.exact_ms

# round trip, SRTT, RTTVAR, RTO: by hand, from the RFC's formulas
LADDER = [(400, 400, 200, 1200),
          (800, 450, 250, 1450),
          (130, 410, 267.5, 1480),
          (410, 410, 200.625, 1213),   # 410 + 802.5, no finer than the clock
          ]


def open_with(talk, rtt_ms, **peer):
    """(talk, connection, peer): the host's SYN-ACK was acknowledged after so many ms. """
    t = talk()
    listener = t.h.listen(80)
    p = t.peer(mss=1000, **peer)
    p.send("S", at=10 * MS)
    p.expect("SA")
    p.send("A", at=(10 + rtt_ms) * MS if rtt_ms else None)
    return t, listener.accept(timeout="1s"), p


def test_first_sample_sets_everything(talk):
    """[RFC6298 2.2] SRTT = R, RTTVAR = R/2, RTO = SRTT + 4*RTTVAR."""
    t, connection, peer = open_with(talk, 400)
    info = connection.info()
    with shows("RQ-6298-02"):
        assert (info.srtt, info.rttvar, info.rto) == (400, 200, 1200)
    t.net.run(until="1s")
    connection.send(bytes(1000))
    hop = t.hop(1054)
    peer.expect("PA", at=1 * S + hop, lost=True)
    with shows("RQ-6298-02", "RQ-9293-MUST-18"):
        peer.expect("PA", at=1 * S + 1200 * MS + hop, timeout="2s")


@pytest.mark.parametrize("stamps", [None, 7], ids=["plain", "timestamps"])
def test_later_samples_are_weighed(talk, stamps):
    """[RFC6298 2.3] RTTVAR by a quarter of the deviation from the old SRTT, SRTT by an eighth."""
    t, connection, peer = open_with(talk, LADDER[0][0],
                                    **({} if stamps is None else {"ts": stamps}))
    extra = 0 if stamps is None else 12
    now = 1000
    for rtt, srtt, rttvar, rto in LADDER[1:]:
        t.net.run(until=f"{now}ms")
        connection.send(bytes(1000 - extra))
        peer.expect("PA")
        peer.send("A", at=(now + rtt) * MS)
        t.net.run(for_="1ms")
        info = connection.info()
        with shows("RQ-6298-03"):
            assert abs(info.srtt - srtt) <= 0.125 and abs(info.rttvar - rttvar) <= 0.25
            assert info.rto == rto
        now += 2000
    t.net.run(until=f"{now}ms")
    connection.send(bytes(1000 - extra))
    hop = t.hop(1054)
    peer.expect("PA", at=now * MS + hop, lost=True)
    with shows("RQ-6298-03", "RQ-9293-MUST-18"):
        peer.expect("PA", at=(now + LADDER[-1][3]) * MS + hop, timeout="2s")


def test_long_series_of_equal_round_trips_settles(talk):
    """[RFC6298 2.3] The variation dies out; what remains is SRTT and the clock's granularity, and
    the lower bound of a second is above that [RFC6298 2.4]."""
    t, connection, peer = open_with(talk, 300)
    now = 1000
    for _ in range(40):
        t.net.run(until=f"{now}ms")
        connection.send(bytes(1000))
        peer.expect("PA")
        peer.send("A", at=(now + 300) * MS)
        now += 400
    t.net.run(for_="1ms")
    info = connection.info()
    assert info.srtt == 300 and info.rttvar <= 0.5
    with shows("RQ-6298-04"):
        assert info.rto == 1000


@pytest.mark.parametrize("rtt", [0, 1, 20, 333])
def test_a_second_is_the_least(talk, rtt):
    """[RFC6298 2.4] However short the round trip."""
    t, connection, peer = open_with(talk, rtt)
    t.net.run(until="1s")
    connection.send(bytes(1000))
    hop = t.hop(1054)
    peer.expect("PA", at=1 * S + hop, lost=True)
    with shows("RQ-6298-04"):
        assert connection.info().rto == 1000
        peer.expect("PA", at=2 * S + hop, timeout="2s")


def test_without_the_bound_granularity_is_added(talk):
    """[RFC6298 2.2], [RFC6298 4] RTO = SRTT + max(G, 4*RTTVAR) with G = 1 ms."""
    t = talk(tcp_rto_min_ms=1)
    listener = t.h.listen(80)
    peer = t.peer(mss=1000)
    peer.send("S", at=10 * MS)
    peer.expect("SA")
    peer.send("A", at=18 * MS)
    connection = listener.accept(timeout="1s")
    assert connection.info().rto == 8 + 16
    now = 100
    for _ in range(30):
        t.net.run(until=f"{now}ms")
        connection.send(bytes(1000))
        peer.expect("PA")
        peer.send("A", at=(now + 8) * MS)
        now += 50
    t.net.run(until=f"{now}ms")
    rto = connection.info().rto
    assert connection.info().srtt == 8 and 9 <= rto <= 10  # RTTVAR is kept in quarters
    connection.send(bytes(1000))
    hop = t.hop(1054)
    peer.expect("PA", at=now * MS + hop, lost=True)
    with shows("RQ-6298-08"):
        peer.expect("PA", at=(now + rto) * MS + hop)


def test_retransmitted_segments_are_no_samples(sender):
    """[RFC6298 3] Karn: nobody knows which of the two was acknowledged."""
    s = sender()
    before = s.c.info()
    s.write(1)
    s.expect(0, lost=True)
    s.expect(0, at=1010 * MS)
    s.align(1500)
    s.ack(1)
    s.align(1501)
    after = s.c.info()
    with shows("RQ-6298-06", "RQ-9293-MUST-18"):
        assert (after.srtt, after.rttvar) == (before.srtt, before.rttvar)
        assert after.rto == 2000 and after.backoff == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_what_was_sent_before_a_retransmission_is_no_sample_either(sender):
    """[RFC6298 3] An ACK that also covers a segment sent twice measures nothing."""
    s = sender()
    before = s.c.info()
    s.write(3)
    s.expect(0, 1, 2, lost=True)
    s.expect(0, at=1010 * MS)
    s.align(1600)
    s.ack(3)
    s.align(1601)
    with shows("RQ-6298-06"):
        assert s.c.info().srtt == before.srtt and s.c.info().rto == 2000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_fast_retransmission_measures_nothing(sender):
    """[RFC6298 3] Sent again is sent again, by whatever made it."""
    s = sender()
    s.write(5)
    s.expect(0, 1, 2, 3, 4)
    before = s.c.info()
    s.align(400)
    for _ in range(3):
        s.ack(0)
    s.expect(0)
    s.align(700)
    s.ack(5)
    s.align(701)
    with shows("RQ-6298-06"):
        assert (s.c.info().srtt, s.c.info().rto) == (before.srtt, before.rto)


def test_backed_off_timeout_stays_until_a_clean_sample(sender):
    """[RFC6298 5] Acknowledgements alone do not bring the old timeout back: the round trip may have
    become longer than that. A segment sent once and acknowledged does."""
    s = sender()
    s.write(1)
    s.expect(0, lost=True)
    s.expect(0, at=1010 * MS, lost=True)
    s.expect(0, at=3010 * MS)
    s.align(3500)
    s.ack(1)
    s.align(4000)
    s.write(1)
    s.expect(1, lost=True)
    with shows("RQ-6298-06"):
        assert s.c.info().rto == 4000
        s.expect(1, at=8 * S)
    s.align(8100)
    s.ack(2)
    s.align(9000)
    s.write(1)
    s.expect(2)
    assert s.c.info().rto == 8000
    s.align(9400)
    s.ack(3)
    s.align(9401)
    info = s.c.info()
    assert abs(info.srtt - (7 * .5 + 400) / 8) <= 0.125  # the handshake took less than 1 ms
    with shows("RQ-6298-06", "RQ-9293-MUST-18"):
        assert info.rto == 1000


def test_round_trip_longer_than_the_timeout_is_learnt(sender):
    """[RFC6298 5] A constant round trip of 3.5 s from the first segment on: the backed-off timeout
    lets one segment through unrepeated, and from its sample on nothing is sent twice."""
    s = sender()
    for k, (when, sends) in enumerate([(1, (0, 1, 3)), (20, (0,)), (40, (0,)), (60, (0,))]):
        s.align(when * 1000)
        s.write(1)
        for late in sends:
            s.expect(k, at=(when + late) * S)
        s.align(when * 1000 + 3500)
        with shows("RQ-6298-06"):
            assert s.peer.pending == 0
        s.ack(k + 1)
        s.align(when * 1000 + 3501)
    assert s.c.info().srtt > 1000 and s.c.info().rto > 3500


def test_timestamps_measure_retransmissions_as_well(sender):
    """[RFC7323 4.1] The echo tells which of the two it was, so Karn's rule has no object, and the
    back-off ends with the first acknowledgement."""
    s = sender(ts=1)
    s.write(1)
    s.expect(0, lost=True)
    s.expect(0, at=1010 * MS)
    s.align(1410)
    s.ack(1)
    s.align(1411)
    info = s.c.info()
    with shows("RQ-6298-06"):
        assert abs(info.srtt - (7 * .5 + 400) / 8) <= 0.125
        assert info.rto == 1000 and info.backoff == 0


def test_echo_of_the_first_transmission_is_ambiguous(sender):
    """[RFC6298 3], [RFC7323 4.3] The original arrived, its ACK was lost; the copy lies outside of
    the window, so the peer answers it with the original's stamp. That measures a timeout, not the
    network: no sample, and the back-off stays."""
    s = sender(ts=1)
    before = s.c.info()
    s.write(1)
    s.expect(0)                             # its stamp is what the peer echoes
    echo = s.peer.ts_recent
    s.expect(0, at=1010 * MS, lost=True)
    s.align(1610)
    s.send("A", ack=s.at(1), options=s.peer.timestamps(ecr=echo))
    s.align(1611)
    with shows("RQ-6298-06"):
        assert (s.c.info().srtt, s.c.info().rto) == (before.srtt, 2000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_one_sample_for_a_window_in_flight(sender):
    """[RFC6298 3], [RFC7323 4.2] One round trip is one sample, however many ACKs it has: else old
    experience would be forgotten within a window."""
    s = sender(ts=1)
    s.write(8)
    s.expect(*range(8))
    for k in range(8):
        s.align(410 + k)
        s.ack(k + 1)
    s.align(500)
    with shows("RQ-7323-13", "RQ-6298-07"):
        assert abs(s.c.info().srtt - (7 * .5 + 400) / 8) <= 0.125


def test_every_round_trip_is_measured(sender):
    """[RFC6298 3] A bulk flow whose round trip grows: each window brings a sample, and the timeout
    follows."""
    s = sender()
    s.write(60)
    now, acked = 10, 0
    got = s.take("5ms")
    seen = []
    for rtt in (300, 350, 400, 450, 500):
        now += rtt
        s.align(now)
        acked += len(got)
        s.ack(acked)
        got = s.take("5ms")
        seen.append(s.c.info().srtt)
    exact = 0.5
    for rtt, measured in zip((300, 350, 400, 450, 500), seen, strict=True):
        exact = (7 * exact + rtt) / 8
        with shows("RQ-6298-07"):
            assert abs(measured - exact) <= 1
    assert s.c.info().rto > exact


def test_ack_of_something_unsent_measures_nothing(sender):
    """[RFC9293 3.10.7.4] MB-RTO-11: an off-path ACK beyond SND.NXT changes no state."""
    s = sender()
    s.write(1)
    s.expect(0)
    before = s.c.info()
    s.align(400)
    s.peer.send("A", ack=s.at(1) + 100_000)
    s.peer.expect("A", length=0)
    after = s.c.info()
    with shows("MB-RTO-11"):
        assert (after.srtt, after.rttvar, after.rto, after.timers, after.snd_una) == \
            (before.srtt, before.rttvar, before.rto, before.timers, before.snd_una)
    s.ack(1)


def test_estimates_survive_backing_off(sender):
    """[RFC6298 5] Many back-offs MAY clear SRTT and RTTVAR; this stack keeps them: the next sample
    is weighed as always."""
    s = sender()
    s.write(1)
    s.expect(0, lost=True)
    for when in (1, 3, 7, 15):
        s.expect(0, at=10 * MS + when * S, lost=True)
    s.expect(0, at=10 * MS + 31 * S)
    s.align(31_100)
    s.ack(1)
    s.align(32_000)
    s.write(1)
    s.expect(1)
    s.align(32_400)
    s.ack(2)
    s.align(32_401)
    with shows("RQ-6298-16"):
        assert abs(s.c.info().srtt - (7 * .5 + 400) / 8) <= 0.125
