"""Keepalive: off unless asked for, after silence in both directions only, counted, told.
[RFC9293 3.8.4 MUST-26], and the other rules there; probes with timestamps
[RFC7323 3.2]. What is not acceptable is no sign of life [RFC9293 3.10.7.4]. """

import pytest
from lockwire import VTime, shows

S = 1_000_000_000
MS = 1_000_000
pytestmark = pytest.mark.exact_ms


def probe(t, peer, after, **more):
    """The host's next probe: one number back, no data, `after` ns behind `since`."""
    return peer.expect("A", seq=peer.rseq(0), ack=peer.snd_nxt, length=0, at=after, **more)


def begin(t, keepalive=("5s", "2s", 3), **options):
    """A connection at rest with keepalive on, and the time of its last sign of life."""
    connection, peer = t.serve(listen={"keepalive": keepalive}, **options)
    return connection, peer, life(t, peer)


def life(t, peer):
    """When the host has got the peer's last segment, as its clock of whole ms sees it."""
    at = peer.log[-1].segment.t_ns + t.hop(peer.log[-1].segment)
    return at // MS * MS


def test_off_by_default(talk):
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-MUST-25"):
        peer.expect_nothing(for_="3h")
    assert connection.state == "ESTABLISHED" and connection.info().timers == {}


def test_default_interval_is_two_hours(talk):
    t = talk()
    connection, peer = t.serve(listen={"keepalive": True})
    start = life(t, peer)
    with shows("RQ-9293-MUST-28"):
        probe(t, peer, start + 7200 * S + t.hop())
    peer.ack()
    start = life(t, peer)
    probe(t, peer, start + 7200 * S + t.hop())


@pytest.mark.parametrize("seconds", [1, 10, 3600])
def test_interval_is_configurable(talk, seconds):
    t = talk()
    _, peer, start = begin(t, (f"{seconds}s", "1s", 3))
    with shows("RQ-9293-MUST-27"):
        probe(t, peer, start + seconds * S + t.hop())


def test_probes_are_counted_and_then_the_peer_is_told(talk):
    t = talk()
    connection, peer, start = begin(t)
    with shows("MB-KEEP-02"):
        for seconds in (5, 7, 9):
            probe(t, peer, start + seconds * S + t.hop())
        assert connection.info().keep_probes == 3
    with shows("MB-KEEP-01", "MB-KEEP-03", "RQ-9293-MAY-5"):
        peer.expect("RA", seq=peer.rseq(1), at=start + 11 * S + t.hop())
        assert connection.error == "ERR_ABRT" and connection.state == "CLOSED"
        peer.expect_nothing(for_="1min")


def test_one_lost_answer_is_no_dead_connection(talk):
    t = talk()
    connection, peer, start = begin(t, ("5s", "2s", 2))
    with shows("RQ-9293-MUST-29"):
        probe(t, peer, start + 5 * S + t.hop())  # its answer is lost
        probe(t, peer, start + 7 * S + t.hop())
        peer.ack()
        start = life(t, peer)
        probe(t, peer, start + 5 * S + t.hop())
        probe(t, peer, start + 7 * S + t.hop())
        peer.ack()
        peer.expect_nothing(for_="4s")
        assert connection.state == "ESTABLISHED" and connection.info().keep_probes == 0


def test_probe_has_no_data_and_an_old_number(talk):
    t = talk()
    connection, peer, _ = begin(t)
    connection.sendall(b"abc")
    peer.expect("PA", data=b"abc")
    peer.ack()
    start = life(t, peer)
    with shows("RQ-9293-SHLD-12"):
        peer.expect("A", seq=peer.rseq(3), ack=peer.seq(1), data=b"", at=start + 5 * S + t.hop())


def test_probes_carry_timestamps(talk):
    t = talk()
    _, peer, _ = begin(t, ts=5000)
    stamp = peer.ts_val
    got = peer.expect("A", seq=peer.rseq(0), length=0, timeout="6s")
    with shows("RQ-7323-08"):
        assert got.option("Timestamp")[1] == stamp
    before = peer.log[1].segment.option("Timestamp")[0]
    assert got.option("Timestamp")[0] - before & 0xFFFFFFFF == 5000


def test_switched_per_connection(talk):
    """Of two connections to one listener only one has it, and it can be switched off again."""
    t = talk()
    listener = t.h.listen(80)
    first, second = t.peer(sport=40000).connect(), t.peer(sport=40001).connect()
    one, two = listener.accept(timeout=1), listener.accept(timeout=1)
    start = life(t, first)
    t.net.run(for_="1s")
    one.set(keepalive=("5s", "5s", 9))
    with shows("RQ-9293-MUST-24"):
        probe(t, first, start + 5 * S + t.hop())
        probe(t, first, start + 10 * S + t.hop())
        assert second.pending == 0
        one.set(keepalive=False)
        first.expect_nothing(for_="1h")
        assert (one.state, two.state) == ("ESTABLISHED", "ESTABLISHED")


def test_switched_on_late_the_silence_so_far_counts(talk):
    t = talk()
    connection, peer = t.serve()
    t.net.run(until="20s")
    connection.set(keepalive=("10s", "3s", 2))
    probe(t, peer, 20 * S + MS + t.hop())
    probe(t, peer, 23 * S + MS + t.hop())


def test_a_shorter_time_counts_at_once(talk):
    t = talk()
    connection, peer, start = begin(t, True)
    t.net.run(until="2s")
    connection.set(keepalive=("10s", None, None))
    probe(t, peer, start + 10 * S + t.hop())
    probe(t, peer, start + 85 * S + t.hop())  # and the interval behind a probe is its own


@pytest.mark.parametrize("what", ["data", "ack"])
def test_what_arrives_puts_the_probe_off(talk, what):
    t = talk()
    connection, peer, start = begin(t)
    peer.send("PA", b"x" if what == "data" else b"", at=start + 4 * S)
    with shows("RQ-9293-MUST-26"):
        start = life(t, peer)
        if what == "data":
            peer.expect("A", ack=peer.seq(2), at=start + 40 * MS + t.hop())
        peer.expect_nothing(for_="4s")
        probe(t, peer, start + 5 * S + t.hop())


def test_no_probe_while_data_is_in_flight(talk):
    """The retransmission timer is what watches then."""
    t = talk()
    connection, peer, start = begin(t, ("2s", "1s", 2))
    connection.sendall(b"abc")
    first = peer.expect("PA", data=b"abc")
    begun = (first.t_ns - t.hop(first)) // MS * MS
    with shows("RQ-9293-MUST-26"):
        for seconds in (1, 3, 7, 15):
            peer.expect("PA", seq=peer.rseq(1), data=b"abc", at=begun + seconds * S + t.hop(first))
        assert connection.info().keep_probes == 0
    peer.ack()
    start = life(t, peer)
    probe_at = start + 2 * S + t.hop()
    peer.expect("A", seq=peer.rseq(3), length=0, at=probe_at)


OUTSIDE = {
    "seq-behind": {"seq": -5000}, "seq-ahead": {"seq": 200_000}, "ack-of-nothing": {"ack": 5000},
    "rst-outside": {"seq": 200_000, "flags": "R"}, "no-ack-flag": {"flags": "P"},
    "old-timestamp": {"ts": True},
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_out_of_window_segments_refresh_nothing(talk, kind):
    t = talk()
    how = OUTSIDE[kind]
    connection, peer, start = begin(t, ("5s", "2s", 2), ts=10_000 if "ts" in how else None)
    options = peer.timestamps(val=9000) if "ts" in how else None
    length = 12 if "ts" in how else 0
    for seconds in range(1, 9):
        at = start + seconds * S
        t.net.run(until=VTime(at))
        peer.send(how.get("flags", "A"), seq=peer.seq(1) + how.get("seq", 0),
                  ack=peer.rseq(1) + how.get("ack", 0), options=options, advance=False)
    with shows("MB-OPEN-19"):
        t.net.run(until=VTime(start + 9 * S + 100 * MS))
        assert connection.error == "ERR_ABRT"
        got = [s for s in peer.drain() if s.seq == peer.rseq(0)]
        assert [s.t_ns for s in got] == [start + 5 * S + t.hop(54 + length),
                                         start + 7 * S + t.hop(54 + length)]


def test_very_long_times_do_not_overflow(talk):
    """4,294,967 s are more than the timers can hold: it is cut, to 2^30 ms, not wrapped."""
    t = talk()
    _, peer, start = begin(t, ("4294967s", "75s", 9))
    with shows("MB-KEEP-04"):
        probe(t, peer, start + (1 << 30) * MS + t.hop())


def test_close_wait_is_watched_too(talk):
    t = talk()
    connection, peer, _ = begin(t)
    peer.fin()
    sent = life(t, peer)
    peer.expect("A", ack=peer.seq(2))
    assert connection.state == "CLOSE_WAIT"
    probe(t, peer, sent + 5 * S + t.hop())


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_a_garbage_octet_is_answered(talk):
    """The peer's probes, with and without an octet of no meaning. [RFC9293 3.8.4] """
    t = talk()
    connection, peer = t.serve()
    t.net.run(for_="1ms")
    for data in (b"", b"\0"):
        sent = peer.send("A", data, seq=peer.seq(0))
        peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1), at=t.back(sent), since=sent)
    assert connection.pending == 0


def test_probes_are_answered_though_challenges_are_used_up(talk):
    """A thousand idle connections may be probed at once. But not twice within half a second: two
    ends that disagree by a byte would go on for ever [RFC5961 7]."""
    t = talk(tcp_challenge_ack_limit=1)
    _, peer = t.serve()
    t.net.run(for_="1s")
    peer.send("R", seq=peer.snd_nxt + 1)
    peer.expect("A", seq=peer.rseq(1), ack=peer.snd_nxt)  # the only challenge of this second
    peer.send("R", seq=peer.snd_nxt + 1)
    peer.expect_nothing(for_="1ms")
    peer.send("A", seq=peer.snd_nxt - 1)
    peer.expect("A", seq=peer.rseq(1), ack=peer.snd_nxt, length=0)
    peer.send("A", seq=peer.snd_nxt - 1)
    peer.expect_nothing(for_="500ms")
    peer.send("A", seq=peer.snd_nxt - 1)
    peer.expect("A", seq=peer.rseq(1), ack=peer.snd_nxt, length=0)


@pytest.mark.parametrize("first", ["host", "peer"])
def test_it_ends_with_the_last_fin(talk, first):
    """In CLOSING and LAST-ACK the FIN's own retransmissions find out: no host wakes for less."""
    t = talk()
    connection, peer = t.serve(listen={"keepalive": ("10s", "2s", 3)})
    assert "keep" in connection.info().timers
    if first == "host":
        connection.shutdown("wr")
        peer.expect("FA")
        peer.send("FA", ack=peer.rseq(1))
    else:
        peer.fin()
        peer.expect("A")
        connection.shutdown("wr")
    t.net.run(for_="1ms")
    assert connection.state == ("CLOSING" if first == "host" else "LAST_ACK")
    assert "keep" not in connection.info().timers
