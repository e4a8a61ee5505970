"""Bugs that other stacks have had with the retransmission timer [RFC6298][RFC9293 3.8]."""

import pytest

from lockwire import StackError, VTime

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def sending(t, segments, mss=1000, **options):
    """(connection, peer, data), so many segments in flight."""
    connection, peer = t.serve(mss=mss, **options)
    data = bytes(n % 251 for n in range(segments * mss))
    connection.sendall(data)
    return connection, peer, data


def at_clock(t_ns):
    """The host's millisecond at that time."""
    return t_ns // MS * MS


def pauses(segments):
    """Between them, in ns."""
    times = [s.t_ns for s in segments]
    return [b - a for a, b in zip(times, times[1:])]


class Estimator:
    """What a host's timeout has to be, in ms: [RFC6298 2] with SRTT in eighths of a millisecond and
    RTTVAR in quarters, both rounded to the nearest."""

    def __init__(self, least=1000, most=60_000):
        self.least, self.most, self.srtt8, self.rttvar4 = least, most, 0, 0

    def sample(self, ms):
        r8 = 8 * ms or 4
        if self.srtt8 == 0:
            self.srtt8, self.rttvar4 = r8, r8 // 4
        else:
            self.rttvar4 = (6 * self.rttvar4 + abs(self.srtt8 - r8) + 4) // 8
            self.srtt8 = (7 * self.srtt8 + r8 + 4) // 8
        return self.rto

    @property
    def rto(self):
        wanted = (self.srtt8 + 7) // 8 + max(1, self.rttvar4)
        return min(max(wanted, self.least), self.most)


@museum("MB-RTO-02")
@pytest.mark.exact_ms
def test_timer_stands_still_while_idle(talk):
    """After a minute of silence a segment has its full timeout."""
    t = talk()
    connection, peer = t.serve()
    connection.sendall(b"one")
    peer.expect("PA")
    peer.ack()
    t.net.run(for_="59.95s")
    connection.sendall(b"two")
    peer.expect("PA", data=b"two")
    t.net.run(for_="100ms")
    peer.ack()
    peer.expect_nothing(for_="59.85s")
    assert connection.info().timers == {}
    start = at_clock(t.net.now_ns)
    connection.sendall(b"three")
    sent = peer.expect("PA", data=b"three", lost=True)
    peer.expect("PA", data=b"three", at=start + S + t.hop(sent))


@museum("MB-RTO-03")
def test_fast_retransmit_restarts_the_timer(talk):
    """Three duplicates just before the timeout: the first segment comes again once."""
    t = talk()
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
@pytest.mark.exact_ms
def test_own_budget_after_a_hard_handshake(talk):
    """Five SYNs are lost; then eight transmissions of data are, and the connection lives."""
    t = talk()
    peer = t.peer(None, 8080)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    syns = [peer.expect("S", timeout="40s", lost=True) for _ in range(6)]
    assert pauses(syns) == [1 * S, 2 * S, 4 * S, 8 * S, 16 * S]
    peer.rcv_isn = peer.log[0].segment.seq
    peer.rcv_nxt = peer.rseq(1)
    peer.send("SA")
    peer.expect("A")
    t.net.run(until=VTime(at_clock(t.net.now_ns) + MS))
    connection.sendall(b"data")
    sent = [peer.expect(data=b"data", timeout="70s", lost=True) for _ in range(9)]
    assert pauses(sent) == [n * S for n in (3, 6, 12, 24, 48, 60, 60, 60)]
    peer.ack(peer.rseq(5))
    t.net.run(for_="1ms")
    assert (connection.state, connection.info().in_flight) == ("ESTABLISHED", 0)


@museum("MB-RTO-05/no-memory")
@pytest.mark.exact_ms
def test_limit_holds_while_nothing_can_be_sent(talk):
    """No memory for any of three retransmissions: the connection ends all the same, and then."""
    t = talk(tcp_maxrtx=3)
    connection, peer = t.serve()
    start = at_clock(t.net.now_ns)
    connection.sendall(b"data")
    peer.expect()
    t.h.fail_alloc(1, 100_000)
    t.net.run(for_="200s")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    assert connection.events[-1].t_ns == start + (1 + 2 + 4 + 8) * S
    t.h.fail_alloc(0)


@museum("MB-RTO-05/lowered")
@pytest.mark.exact_ms
def test_limit_that_was_jumped_over(talk):
    """Four retransmissions, and only now the limit is 2: the next expiry is the last."""
    t = talk()
    connection, peer = t.serve()
    start = at_clock(t.net.now_ns)
    connection.sendall(b"data")
    for _ in range(5):
        peer.expect(data=b"data", timeout="10s", lost=True)
    t.h.options["tcp_maxrtx"] = 2
    peer.expect_nothing(for_="1h")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    assert connection.events[-1].t_ns == start + (1 + 2 + 4 + 8 + 16) * S


@museum("MB-RTO-06")
@pytest.mark.exact_ms
def test_interface_that_is_down(talk):
    """Data in flight, the link goes and does not come back: the connection ends after the usual
    twelve retries."""
    t = talk()
    connection, peer = t.serve()
    start = at_clock(t.net.now_ns)
    connection.sendall(b"data")
    peer.expect()
    t.h.link(up=False)
    t.net.run(for_="20min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    assert connection.events[-1].t_ns == start + (1 + 2 + 4 + 8 + 16 + 32 + 7 * 60) * S


@museum("MB-RTO-07")
@pytest.mark.exact_ms
def test_connect_without_a_route(talk):
    """No gateway, and a link that goes: an error after the SYN's limit, three minutes; without an
    interface, at once."""
    t = talk()
    start = at_clock(t.net.now_ns)
    attempts = [t.h.connect(addr, 80, wait=False) for addr in ("10.9.9.9", "10.0.0.9")]
    t.net.run(for_="3s")
    t.h.link(up=False)
    with pytest.raises(StackError, match="ERR_RTE"):
        t.h.connect("10.9.9.9", 80, wait=False)
    t.net.run(for_="10min")
    assert [(c.state, c.error) for c in attempts] == [("CLOSED", "ERR_ABRT")] * 2
    assert [c.events[-1].t_ns for c in attempts] == \
        [start + (1 + 2 + 4 + 8 + 16 + 32 + 60 + 60) * S] * 2


@museum("MB-RTO-09")
@pytest.mark.exact_ms
def test_no_sample_of_what_was_sent_twice(talk):
    """Each round trip takes 3.9 s, the timeout begins with 1 s: it backs off, stays there, and no
    sample comes from what was repeated; the first clean one ends the matter [RFC6298 3]."""
    t = talk(lwip_tcp_timestamps=0)
    connection, peer = t.serve()
    estimator = Estimator()
    estimator.sample(0)  # the handshake
    t.net.run(until="10ms")
    for n in range(20):
        start = t.net.now_ns
        connection.sendall(b"12345678")
        sent = peer.expect(data=b"12345678")
        t.net.run(until=VTime(start + 3900 * MS))
        again = [s.t_ns - t.hop(sent) - start for s in peer.drain()]
        assert again == ([1 * S, 3 * S] if n == 0 else [])
        peer.ack()
        t.net.run(until=VTime(start + 3910 * MS))
        assert connection.info().rto == (4000 if n == 0 else estimator.sample(3900))
        assert connection.info().srtt_us == 125 * estimator.srtt8


@museum("MB-RTO-10")
@pytest.mark.exact_ms
def test_backed_off_timeout_stays(talk):
    """An ACK of what was sent twice does not end the back-off; one of a clean segment does
    [RFC6298 5.7]."""
    t = talk(lwip_tcp_timestamps=0)
    connection, peer = t.serve()
    connection.sendall(b"first")
    for _ in range(4):
        peer.expect(data=b"first", timeout="10s")
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().rto == 8000
    start = at_clock(t.net.now_ns)
    connection.sendall(b"second")
    sent = peer.expect(lost=True)
    peer.expect("PA", data=b"second", at=start + 8 * S + t.hop(sent))
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().rto == 16_000
    connection.sendall(b"third")
    peer.expect()
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().rto == 1000


@museum("MB-RTO-11")
@pytest.mark.exact_ms
def test_no_sample_from_an_impossible_ack(talk):
    """An ACK far beyond what was sent: answered, and nothing is measured; the true one measures the
    whole round trip."""
    t = talk()
    connection, peer = t.serve()
    connection.sendall(b"data")
    peer.expect()
    before = connection.info()
    t.net.run(for_="200ms")
    peer.ack(peer.rcv_nxt + 100_000)
    peer.expect("A", ack=peer.seq(1))
    after = connection.info()
    assert (before.srtt_us, before.rto, before.in_flight) == (after.srtt_us, after.rto, 4)
    assert after.due("rexmit") == before.due("rexmit")
    t.net.run(for_="600ms")
    peer.ack()
    t.net.run(for_="1ms")
    estimator = Estimator()
    estimator.sample(0)  # the handshake
    estimator.sample(800)
    info = connection.info()
    assert (info.srtt_us, info.rttvar_us) == (125 * estimator.srtt8, 250 * estimator.rttvar4)


@museum("MB-RTO-12", "MB-RTO-23")
@pytest.mark.exact_ms
def test_syn_schedule(talk):
    """To a silent host: after 1, 2, 4 ... seconds, and not again after three minutes
    [RFC9293 3.8.3 MUST-23]."""
    t = talk()
    peer = t.peer(None, 8080)
    start = t.net.now_ns
    assert start == at_clock(start)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    syns = peer.drain("10min")
    assert pauses(syns) == [n * S for n in (1, 2, 4, 8, 16, 32, 60)]
    assert [s.flags for s in syns] == [2] * 8 and len({s.seq for s in syns}) == 1
    assert connection.error == "ERR_ABRT" and connection.events[-1].t_ns == start + 183 * S


@museum("MB-RTO-14/peer")
@pytest.mark.exact_ms
def test_syns_against_time_wait_are_limited(talk):
    """A peer in TIME-WAIT answers each SYN with an ACK, and ignores the RST: a SYN and a RST at
    each timeout, no storm."""
    t = talk()
    peer = t.peer(None, 8080)
    t.h.connect(peer.ip, 8080, wait=False)
    got = []

    def stubborn(segment):
        got.append(segment)
        if segment.flags == 2 and len(got) < 100:
            peer.send("A", seq=5000, ack=77)
    peer.on(stubborn)
    t.net.run(for_="60s")
    assert [s.flags for s in got] == [2, 4] * 6
    assert pauses(got[::2]) == [n * S for n in (1, 2, 4, 8, 16)]


@museum("MB-RTO-14/one-stack")
@pytest.mark.exact_ms
@pytest.mark.sweep(exclude=["isn"], reason="the first connection has to overtake the ISN's clock")
def test_syns_against_time_wait_in_one_stack(talk):
    """A program closes a connection from this host to itself and connects again from the same port;
    a megabyte has gone by, so the new SYN is older than what the other end, in TIME-WAIT, knows:
    SYN, ACK and RST for each attempt, until TIME-WAIT is over."""
    t = talk(lwip_tcp_timestamps=0)
    listener = t.h.listen(80)
    client = t.h.connect("127.0.0.1", 80, local_port=50_000, timeout="1s")
    server = listener.accept(timeout="1s")
    server.discard()
    client.sendall(bytes(1_000_000), timeout="1s")
    t.net.run(for_="100ms")
    server.close()
    t.net.run(for_="1ms")
    client.close()
    t.net.run(for_="10ms")
    assert (server.state, client.state) == ("TIME_WAIT", "CLOSED")
    start = at_clock(t.net.now_ns)
    again = t.h.connect("127.0.0.1", 80, local_port=50_000, wait=False)
    before = t.h.stats()["lwip"]["tcp"]["xmit"]
    for n, after in enumerate([1, 3, 7, 15, 31, 63, 123]):
        t.net.run(until=VTime(start + after * S - 1))
        assert t.h.stats()["lwip"]["tcp"]["xmit"] - before == 3 * n + 2  # its SYN was the first
        assert again.state == "SYN_SENT"
    t.net.run(for_="1ms")
    assert again.state == listener.accept(timeout="1s").state == "ESTABLISHED"


@museum("MB-RTO-15")
@pytest.mark.exact_ms
def test_chatter_does_not_put_it_off(talk):
    """The peer talks every half timeout and acknowledges nothing: the segment comes again on
    time."""
    t = talk()
    connection, peer = t.serve()
    start = at_clock(t.net.now_ns)
    connection.sendall(b"lost")
    peer.expect(lost=True)
    again = []
    for _ in range(7):
        peer.send("PA", b"talk", ack=peer.rseq(1))
        again += [s for s in peer.drain("500ms") if s.payload]
    assert [s.t_ns - t.hop(s) for s in again] == [start + 1 * S, start + 3 * S]
    assert [s.payload for s in again] == [b"lost"] * 2 and connection.state == "ESTABLISHED"


@museum("MB-RTO-18")
@pytest.mark.exact_ms
def test_back_off_ends(talk):
    """After an outage of 30 s and a clean round trip a single loss costs one plain timeout."""
    t = talk()
    connection, peer = t.serve()
    connection.sendall(b"outage")
    while t.net.now_ns < 30 * S:
        peer.expect(timeout="40s")
    peer.ack()
    connection.sendall(b"clean")
    peer.expect()
    peer.ack()
    t.net.run(for_="1s")
    start = at_clock(t.net.now_ns)
    connection.sendall(b"lost")
    sent = peer.expect(lost=True)
    peer.expect(data=b"lost", at=start + S + t.hop(sent))


@museum("MB-RTO-19")
@pytest.mark.exact_ms
def test_retransmits_in_close_wait(talk):
    """The peer has closed; what the host still sends is repeated when it is lost."""
    t = talk()
    connection, peer = t.serve()
    peer.fin()
    peer.expect("A")
    start = at_clock(t.net.now_ns)
    connection.sendall(bytes(500))
    sent = peer.expect(length=500, lost=True)
    for after in (1, 3, 7):
        peer.expect(seq=sent.seq, length=500, at=start + after * S + t.hop(sent), lost=True)
    assert connection.state == "CLOSE_WAIT"


@museum("MB-RTO-21/10-per-second", "MB-RTO-21/10000-per-second")
@pytest.mark.exact_ms
def test_timer_counts_time(talk, row):
    """However often the host is called meanwhile, the timeout is the same."""
    t = talk()
    connection, peer = t.serve()
    t.net.run(until="10ms")
    start = t.net.now_ns
    connection.sendall(b"lost")
    sent = peer.expect(lost=True)
    step = "100ms" if row.endswith("/10-per-second") else "100us"
    while not peer.pending:
        t.wire.send(bytes.fromhex("020000000002020000000001888800"))
        t.net.run(for_=step)
    peer.expect(data=b"lost", at=start + S + t.hop(sent))


@museum("MB-RTO-22/up-to-a-minute")
@pytest.mark.exact_ms
def test_wild_round_trips(talk):
    """Round trips of 0.1 and of 60 s in turns, and the timeout may be three minutes: it is what it
    has to be, neither 0 nor what is left of it in 16 bits."""
    t = talk(tcp_rto_init_ms=70_000, tcp_rto_min_ms=70_000, tcp_rto_max_ms=140_000)
    connection, peer = t.serve()
    estimator, found = Estimator(70_000, 140_000), []
    estimator.sample(0)  # the handshake
    for n in range(16):
        trip = 60_000 if n % 2 else 100
        connection.sendall(b"x")
        peer.expect(data=b"x")
        peer.expect_nothing(for_=trip / 1000)
        peer.ack()
        t.net.run(for_="1ms")
        found.append(estimator.sample(trip))
        info = connection.info()
        assert (info.rto, info.srtt_us, info.rttvar_us) == \
            (found[-1], 125 * estimator.srtt8, 250 * estimator.rttvar4)
    assert 140_000 in found and 70_000 in found and len(set(found)) > 3


@museum("MB-RTO-22/backed-off")
@pytest.mark.exact_ms
def test_timeout_has_a_limit(talk):
    """Nothing is answered for an hour: the timeout doubles up to its limit and stays there."""
    t = talk(tcp_maxrtx=100)
    connection, peer = t.serve(ts=1)
    connection.sendall(b"x")
    found = peer.drain("1h")
    assert pauses(found)[1:] == [n * S for n in (2, 4, 8, 16, 32)] + [60 * S] * (len(found) - 7)
    assert len(found) == 65 and connection.info().rto == 60_000
