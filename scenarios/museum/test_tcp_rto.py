"""Bugs that other stacks have had with the retransmission timer [RFC6298][RFC9293 3.8]."""

import pytest

from lockwire import StackError

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def sending(t, segments, mss=1000, **options):
    """(connection, peer, data), so many segments in flight."""
    connection, peer = t.serve(mss=mss, **options)
    data = bytes(n % 251 for n in range(segments * mss))
    connection.sendall(data)
    return connection, peer, data


def seconds(segments):
    """Pauses between them, in whole seconds."""
    times = [s.t_ns for s in segments]
    return [round((b - a) / S) for a, b in zip(times, times[1:])]


@museum("MB-RTO-02")
def test_timer_stands_still_while_idle(line):
    """After a minute of silence a segment has its full timeout."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"one")
    peer.expect("PA")
    peer.ack()
    t.net.run(for_="60s")
    assert connection.info().timers == {}
    connection.sendall(b"two")
    sent = peer.expect("PA", data=b"two")
    assert connection.info().due("rexmit") - sent.t_ns > 990 * MS
    t.net.run(for_="100ms")
    peer.ack()
    peer.expect_nothing(for_="3s")


@museum("MB-RTO-03")
def test_fast_retransmit_restarts_the_timer(line):
    """Three duplicates just before the timeout: the first segment comes again once."""
    t = line()
    connection, peer, _ = sending(t, 8)
    peer.expect(lost=True)
    peer.drain()
    t.net.run(for_="990ms")
    for _ in range(3):
        peer.ack(peer.rseq(1))
    again = [s for s in peer.drain("100ms") if s.seq == peer.rseq(1)]
    assert len(again) == 1
    assert connection.info().due("rexmit") - again[0].t_ns > 900 * MS


@museum("MB-RTO-04")
def test_own_budget_after_a_hard_handshake(line):
    """Five SYNs are lost; then eight transmissions of data are, and the connection lives."""
    t = line()
    peer = t.peer(None, 8080)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    for _ in range(6):
        peer.expect("S", timeout="40s", lost=True)
    peer.rcv_isn = peer.log[0].segment.seq
    peer.rcv_nxt = peer.rseq(1)
    peer.send("SA")
    peer.expect("A")
    connection.sendall(b"data")
    for _ in range(9):
        peer.expect(data=b"data", timeout="70s", lost=True)
    peer.ack(peer.rseq(5))
    t.net.run(for_="1ms")
    assert (connection.state, connection.info().in_flight) == ("ESTABLISHED", 0)


@museum("MB-RTO-05")
def test_limit_holds_while_nothing_can_be_sent(line):
    """No memory for any transmission: the connection ends all the same."""
    t = line(tcp_maxrtx=3)
    connection, peer = t.serve()
    connection.sendall(b"data")
    peer.expect()
    t.h.fail_alloc(1, 100_000)
    t.net.run(for_="200s")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    t.h.fail_alloc(0)


@museum("MB-RTO-06")
def test_interface_that_is_down(line):
    """Data in flight, the link goes and does not come back: the connection ends after the usual
    retries."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"data")
    peer.expect()
    t.h.link(up=False)
    t.net.run(for_="20min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")


@museum("MB-RTO-07")
def test_connect_without_a_route(line):
    """No gateway, and a link that goes: an error after the SYN's limit; without an interface, at
    once."""
    t = line()
    attempts = [t.h.connect(addr, 80, wait=False) for addr in ("10.9.9.9", "10.0.0.9")]
    t.net.run(for_="3s")
    t.h.link(up=False)
    with pytest.raises(StackError, match="ERR_RTE"):
        t.h.connect("10.9.9.9", 80, wait=False)
    t.net.run(for_="10min")
    assert [(c.state, c.error) for c in attempts] == [("CLOSED", "ERR_ABRT")] * 2


@museum("MB-RTO-09")
def test_no_sample_of_what_was_sent_twice(line):
    """Each round trip takes 4 s, the timeout begins with 1 s: it grows, and no sample comes from
    retransmissions; spurious ones end after a few [RFC6298 3]."""
    t = line(lwip_tcp_timestamps=0)
    connection, peer = t.serve()
    repeats = []
    for n in range(20):
        connection.sendall(b"12345678")
        sent = peer.expect(data=b"12345678")
        t.net.run(for_="4s")
        got = peer.drain()
        repeats.append(len(got))
        assert all(s.payload == sent.payload for s in got)
        assert connection.info().srtt_us < 1_000_000 or n >= 2
        peer.ack()
        t.net.run(for_="1ms")
        if got:
            assert connection.info().rto >= 1000 << len(got)
    assert repeats[0] == 2 and sum(repeats) <= 4 and repeats[3:] == [0] * 17


@museum("MB-RTO-10")
def test_backed_off_timeout_stays(line):
    """An ACK of what was sent twice does not end the back-off; one of a clean segment does
    [RFC6298 5.7]."""
    t = line(lwip_tcp_timestamps=0)
    connection, peer = t.serve()
    connection.sendall(b"first")
    for _ in range(4):
        peer.expect(data=b"first", timeout="10s")
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().rto == 8000
    connection.sendall(b"second")
    sent = peer.expect()
    assert round((connection.info().due("rexmit") - sent.t_ns) / S) == 8
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().rto == 1000


@museum("MB-RTO-11")
def test_no_sample_from_an_impossible_ack(line):
    """An ACK far beyond what was sent: answered, and nothing is measured."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"data")
    peer.expect()
    before = connection.info()
    peer.ack(peer.rcv_nxt + 100_000)
    peer.expect("A", ack=peer.seq(1))
    after = connection.info()
    assert (before.srtt_us, before.rto, before.in_flight) == (after.srtt_us, after.rto, 4)
    assert after.due("rexmit") == before.due("rexmit")


@museum("MB-RTO-12", "MB-RTO-23")
def test_syn_schedule(line):
    """To a silent host: 1, 2, 4 ... seconds, for three minutes at least [RFC9293 3.8.3
    MUST-23]."""
    t = line()
    peer = t.peer(None, 8080)
    start = t.net.now_ns
    connection = t.h.connect(peer.ip, 8080, wait=False)
    syns = peer.drain("10min")
    assert seconds(syns) == [1, 2, 4, 8, 16, 32, 60, 60][:len(syns) - 1] and len(syns) >= 7
    assert len({s.seq for s in syns}) == 1
    assert connection.error == "ERR_ABRT" and connection.events[-1].t_ns - start >= 180 * S


@museum("MB-RTO-14")
def test_syns_against_time_wait_are_limited(line):
    """A peer in TIME-WAIT answers each SYN with an ACK, and ignores the RST: no storm."""
    t = line()
    peer = t.peer(None, 8080)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    count = []

    def stubborn(segment):
        count.append(segment)
        if segment.flags == 2:
            peer.send("A", seq=5000, ack=77)
    peer.on(stubborn)
    t.net.run(for_="60s")
    syns = [s for s in count if s.flags == 2]
    assert len(syns) <= 7 and len(count) == 2 * len(syns)
    del connection


@museum("MB-RTO-15")
def test_chatter_does_not_put_it_off(line):
    """The peer talks every half timeout and acknowledges nothing: the segment comes again on
    time."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"lost")
    sent = peer.expect(lost=True)
    again = []
    for _ in range(3):
        peer.send("PA", b"talk", ack=peer.rseq(1))
        again += [s for s in peer.drain("500ms") if s.payload]
    assert [round((s.t_ns - sent.t_ns) / MS) for s in again] in ([1000], [999])
    del connection


@museum("MB-RTO-18")
def test_back_off_ends(line):
    """After an outage of 30 s and a clean round trip a single loss costs one plain timeout."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"outage")
    while t.net.now_ns < 30 * S:
        last = peer.expect(timeout="40s")
    peer.ack()
    connection.sendall(b"clean")
    peer.expect()
    peer.ack()
    t.net.run(for_="1s")
    connection.sendall(b"lost")
    sent = peer.expect(lost=True)
    again = peer.expect(data=b"lost", timeout="5s")
    assert round((again.t_ns - sent.t_ns) / S) == 1
    del last


@museum("MB-RTO-19")
def test_retransmits_in_close_wait(line):
    """The peer has closed; what the host still sends is repeated when it is lost."""
    t = line()
    connection, peer = t.serve()
    peer.fin()
    peer.expect("A")
    connection.sendall(bytes(500))
    peer.expect(length=500, lost=True)
    peer.expect(length=500, timeout="2s")
    assert connection.state == "CLOSE_WAIT"


@museum("MB-RTO-21/10-per-second", "MB-RTO-21/10000-per-second")
@pytest.mark.exact_ms
def test_timer_counts_time(line, row):
    """However often the host is called meanwhile, the timeout is the same."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"lost")
    sent = peer.expect(lost=True)
    step = "100ms" if row.endswith("/10-per-second") else "100us"
    while not peer.pending:
        t.wire.send(bytes.fromhex("020000000002020000000001888800"))
        t.net.run(for_=step)
    again = peer.expect(data=b"lost")
    assert 999 * MS < again.t_ns - sent.t_ns <= 1000 * MS
    del connection


@museum("MB-RTO-22")
def test_wild_round_trips(line):
    """Round trips of 0.1 and of 60 s in turns: the timeout is never 0 nor beyond its limit."""
    t = line()
    connection, peer = t.serve(ts=1)
    for n in range(12):
        connection.sendall(b"x")
        peer.expect(timeout="90s")
        t.net.run(for_="60s" if n % 2 else "100ms")
        peer.drain()
        peer.ack()
        t.net.run(for_="1ms")
        assert 1000 <= connection.info().rto <= 60_000
    assert connection.state == "ESTABLISHED"
