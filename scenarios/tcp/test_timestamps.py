"""Timestamps: negotiated by both SYNs, in every segment from then on, echoed by the rule.
[RFC7323 3.2], [RFC7323 4], [RFC7323 4.3 (2)], [RFC7323 5.4]
[RFC7323 5.4] [RFC6691 2] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern

S = 1_000_000_000


def settle(t):
    t.net.run(for_="1ms")


@pytest.mark.parametrize("opened_by", ["peer", "host"])
@pytest.mark.parametrize("host, peer_has", [(0, False), (0, True), (1, False), (1, True)])
def test_four_handshakes(talk, opened_by, host, peer_has):
    t = talk(lwip_tcp_timestamps=host)
    ts = 7000 if peer_has else None
    connection, peer = t.serve(ts=ts) if opened_by == "peer" else t.call(ts=ts)
    both = bool(host and peer_has)
    syn = next(e.segment for e in peer.log if not e.sent)
    with shows("RQ-7323-21", "RQ-7323-02"):
        assert (syn.option("Timestamp") is not None) == (host and peer_has if opened_by == "peer"
                                                         else bool(host))
        assert connection.info().timestamps == both
        connection.send(b"abc")
        peer.expect("PA", options={"Timestamp": ... if both else None})
        peer.send("PA", b"def")
        peer.expect("A", options={"Timestamp": ... if both else None})


def test_every_segment_has_one(talk):
    """SYN, ACK, data, a retransmission, a window probe, FIN, RST. """
    t = talk()
    connection, peer = t.call(ts=100)
    connection.send(b"abc")
    peer.expect("PA", lost=True)
    peer.expect("PA", timeout="2s")                     # again
    peer.ack(win=0)
    settle(t)
    connection.send(b"de")
    peer.expect("A", length=1, timeout="3s", lost=True)  # a probe
    peer.send("A", win=100)
    peer.expect("A", length=1)
    peer.send("A", ack=peer.rseq(5), win=100)
    peer.expect("PA", length=1)
    peer.ack()
    settle(t)
    connection.shutdown("wr")
    peer.expect("FA")
    peer.ack()
    peer.send("PA", b"x")
    settle(t)
    connection.abort()
    reset = peer.expect("RA")
    with shows("RQ-7323-08"):
        stamps = [e.segment.option("Timestamp") for e in peer.log if not e.sent]
        assert None not in stamps and len(stamps) >= 8
    with shows("RQ-7323-12"):
        newest = [e.segment for e in peer.log if e.sent][-1]
        assert reset.option("Timestamp")[1] == newest.option("Timestamp")[0]


def test_echo_is_zero_without_ack_and_exact_with(talk):
    t = talk()
    connection, peer = t.call(ts=0xA1B2C3D4)
    syn, ack = [e.segment for e in peer.log if not e.sent][:2]
    with shows("RQ-7323-09"):
        assert syn.flag_text == "S" and syn.option("Timestamp")[1] == 0
    with shows("MB-OPEN-11"):
        sent = next(e.segment for e in peer.log if e.sent).option("Timestamp")[0]
        assert ack.option("Timestamp")[1] == sent and sent >> 8 == 0xA1B2C3
    assert connection.info().ts_recent == sent


def test_clock_ticks_milliseconds_and_never_back(talk):
    t = talk()
    connection, peer = t.serve(ts=1)
    seen = []
    for i in range(100):
        sent = peer.send("PA", b"x", at=(i + 1) * S + 1_000_000)
        got = peer.expect("A", after=sent.t_ns)
        seen.append((got.t_ns, got.option("Timestamp")[0]))
    with shows("RQ-7323-19"):
        slopes = {(v2 - v1) % 2**32 for (_, v1), (_, v2) in zip(seen, seen[1:])}
        assert slopes == {1000}


@pytest.mark.sweep(exclude=["isn"], reason="its first value is what is swept there")
def test_first_value_is_not_the_uptime(talk):
    t = talk()
    values = []
    for i in range(4):
        peer = t.peer(80 + i, 40000 + i, ts=1)
        t.h.listen(80 + i)
        peer.connect()
        values.append(peer.ts_recent)
    with shows("RQ-7323-20"):
        assert len(set(values)) == 4
        gaps = [abs(a - b) for i, a in enumerate(values) for b in values[:i]]
        assert min(gaps) > 10_000 and min(values) > 10_000


# [RFC7323 4.3]: the three sequences. Values are the peer's; the echo is the ACK's.
def stamped(peer, number, val, length=100, **more):
    return peer.send("A", pattern(length, at=(number - 1) * length),
                     seq=peer.seq(1 + (number - 1) * length), options=peer.timestamps(val=val),
                     **more)


def start(talk):
    t = talk()
    connection, peer = t.serve(ts=1000)
    settle(t)
    return t, connection, peer


def test_delayed_ack_echoes_the_earliest(talk):
    t, connection, peer = start(talk)
    with shows("RQ-7323-15"):
        stamped(peer, 1, 1001)
        t.net.run(for_="5ms")
        stamped(peer, 2, 1006)
        assert peer.expect("A", ack=peer.seq(201)).option("Timestamp")[1] == 1001
        stamped(peer, 3, 1009)
        assert peer.expect("A", ack=peer.seq(301)).option("Timestamp")[1] == 1009


def test_hole_echoes_the_last_in_order(talk):
    t, connection, peer = start(talk)
    with shows("RQ-7323-15", "RQ-7323-14"):
        stamped(peer, 1, 1001)
        peer.expect("A", ack=peer.seq(101))
        for number, val in ((3, 1003), (4, 1004)):
            stamped(peer, number, val)
            got = peer.expect("A", ack=peer.seq(101))
            assert got.option("Timestamp")[1] == 1001
            assert connection.info().ts_recent == 1001


def test_what_fills_the_hole_is_echoed(talk):
    t, connection, peer = start(talk)
    with shows("RQ-7323-15"):
        for number, val, ack, echo in ((1, 1001, 101, 1001), (3, 1003, 101, 1001),
                                       (2, 1002, 301, 1002), (5, 1005, 301, 1002),
                                       (4, 1004, 501, 1004)):
            stamped(peer, number, val)
            got = peer.expect("A", ack=peer.seq(ack))
            assert got.option("Timestamp")[1] == echo
        assert connection.recv_exactly(500) == pattern(500)


def test_old_segment_does_not_change_the_echo(talk):
    """An old duplicate with a newer value is acceptable to PAWS, and its sequence number is in
    front of the last ACK: that one counts; one with an older value does not. """
    t, connection, peer = start(talk)
    stamped(peer, 1, 1010)
    peer.expect("A", ack=peer.seq(101))
    with shows("RQ-7323-14"):
        stamped(peer, 1, 1005)
        peer.expect("A", ack=peer.seq(101))
        assert connection.info().ts_recent == 1010


@pytest.mark.parametrize("start_at", [2**32 - 500, 2**31 - 500])
def test_hosts_clock_wraps(talk, start_at):
    """Its value passes 2^32: round trips are measured across it, and the peer sees it go on. """
    t = talk(tcp_ts_start=start_at)
    connection, peer = t.serve(ts=1)
    values = []
    for _ in range(10):
        connection.send(b"x" * 10)
        got = peer.expect("PA")
        values.append(got.option("Timestamp")[0])
        t.net.run(for_="50ms")
        peer.ack()
        t.net.run(for_="50ms")
    assert {(b - a) % 2**32 for a, b in zip(values, values[1:])} == {100}
    assert values[0] > values[-1] or start_at < 2**31
    assert 20_000 <= connection.info().srtt_us <= 51_000


def test_peers_clock_wraps(talk):
    t = talk()
    connection, peer = t.serve(ts=2**32 - 50)
    for i in range(10):
        peer.send("PA", b"%d" % i)
        peer.expect("A", ack=peer.snd_nxt)
        t.net.run(for_="20ms")
    assert connection.recv_exactly(10) == b"0123456789" and connection.info().ts_recent < 2**31


def test_mss_option_is_not_lowered_but_segments_are(talk):
    """[RFC6691 2]: the option says what the interface takes; segments leave room for options. """
    t = talk()
    connection, peer = t.call(ts=1)
    syn = peer.log[0].segment
    with shows("RQ-6691-01"):
        assert syn.option("MSS") == 1460 and syn.option("Timestamp") is not None
    connection.send(bytes(5000))
    with shows("RQ-6691-02", "RQ-9293-MUST-16"):
        got = peer.expect("A", length=1448)
        assert len(got.frame) == 1514


@pytest.mark.exact_ms
@pytest.mark.parametrize("start", [1, 2**30, 2**31, 2**32 - 60_000])
@pytest.mark.parametrize("echo", [0, "before", "after"])
def test_an_echo_of_nothing_measures_nothing(talk, echo, start):
    """A zero, something older than the segment that is acknowledged, the future: the segment was
    sent once, so its time is known without. [RFC7323 4.1] [RFC6298 3]"""
    t = talk(tcp_ts_start=start, tcp_rto_min_ms=1)
    peer = t.peer(None, 80, ts=500)
    connection = t.h.connect(peer.ip, 80, wait=False)
    syn = peer.expect("S")
    value = syn.option("Timestamp")[0]
    t.net.run(for_="30ms")
    wrong = {0: 0, "before": (value - 5000) % 2**32, "after": (value + 5000) % 2**32}[echo]
    peer.send("SA", options=[("MSS", 1460), *peer.timestamps(ecr=wrong)])
    peer.expect("A")
    info = connection.info()
    assert (info.srtt_us, info.rttvar_us, info.rto) == (30_000, 15_000, 90)
