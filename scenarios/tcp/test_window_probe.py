"""A closed window is probed, for as long as the peer answers, with what it has to answer.
[RFC9293 3.8.6.1] [RFC9293 3.8.6.1 MUST-37] [RFC9293 3.8.6.1 SHLD-29] """

import pytest
from lockwire import VTime, shows
from lockwire.tcp_info import pattern

S = 1_000_000_000
MS = 1_000_000
pytestmark = pytest.mark.exact_ms


def closed(t, peer, **more):
    """The peer closes its window; the host has heard of it."""
    peer.send("A", win=0, **more)
    t.net.run(for_="1ms")


def at_clock(t, segment):
    """Virtual ns of the host's millisecond in which it sent a segment that has arrived."""
    return (segment.t_ns - t.hop(segment)) // MS * MS


def test_probes_from_one_rto_on_doubling_up_to_the_limit(talk):
    """Nobody answers: 1, 2, 4 ... 60 s; after tcp_maxrtx probes the connection ends."""
    t = talk()
    connection, peer = t.serve()
    closed(t, peer)
    start = t.net.now_ns // MS * MS
    connection.send(b"abc")
    times, at = [], start
    for i in range(12):
        at += min(1000 << i, 60_000) * MS
        times.append(at)
    with shows("RQ-9293-MUST-36", "RQ-9293-SHLD-29", "MB-PERSIST-09"):
        first = peer.expect("A", seq=peer.rseq(1), data=b"a", at=times[0] + t.hop(60), lost=True)
    assert first.win == 64240
    with shows("RQ-9293-SHLD-30", "MB-PERSIST-08"):
        for due in times[1:]:
            peer.expect("A", seq=peer.rseq(1), data=b"a", at=due + t.hop(60), lost=True)
        assert connection.info().persist_probes == 12
    with shows("MB-PERSIST-03"):
        t.net.run(until=VTime(at + 59 * S))
        assert connection.state == "ESTABLISHED"
        t.net.run(until=VTime(at + 61 * S))
        assert connection.error == "ERR_ABRT" and connection.state == "CLOSED"
    assert peer.pending == 0


def test_answered_probes_keep_it_open_for_ever(talk):
    t = talk()
    connection, peer = t.serve()
    closed(t, peer)
    connection.send(bytes(50))
    times = []

    def answer(segment):
        times.append(segment.t_ns)
        peer.send("A", ack=peer.rseq(1), win=0)
    peer.on(answer)
    t.net.run(until="7200s")
    with shows("RQ-9293-MUST-37", "MB-PERSIST-21", "RQ-9293-MAY-8"):
        assert connection.state == "ESTABLISHED" and connection.info().persist_probes == 0
    gaps = [(b - a) // MS for a, b in zip(times, times[1:])]
    assert gaps[:7] == [2000, 4000, 8000, 16000, 32000, 60000, 60000] and set(gaps[7:]) == {60000}
    peer.on(None)
    peer.send("A", ack=peer.rseq(1), win=1000)
    peer.expect("A", seq=peer.rseq(1), data=bytes(1))
    peer.ack(win=1000)
    peer.expect("PA", seq=peer.rseq(2), data=bytes(49))


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_closed_from_the_handshake_on(talk):
    """A peer whose SYN and ACK offer nothing; no maximum is known yet that half could be of."""
    t = talk()
    connection, peer = t.serve(win=0)
    start = t.net.now_ns // MS * MS
    connection.send(pattern(3000))
    peer.expect("A", seq=peer.rseq(1), data=pattern(1), at=start + S + t.hop(60))
    sent = peer.ack(win=1000)
    peer.expect("A", seq=peer.rseq(2), data=pattern(1000, at=1), at=t.back(sent, 1000), since=sent)


@pytest.mark.parametrize("in_flight", [False, True], ids=["nothing-else", "data-in-flight"])
@pytest.mark.parametrize("answered", [False, True], ids=["silence", "answered"])
def test_user_timeout_ends_silence_only(talk, in_flight, answered):
    """What the probe sends is unacknowledged like other data; an answer, though it takes nothing,
    keeps the connection open. [RFC9293 3.8.3 MUST-21] [RFC5482 4] """
    t = talk()
    connection, peer = t.serve()
    connection.set(user_timeout=5)
    began = t.net.now_ns // MS * MS
    if in_flight:
        connection.send(bytes(1000))
        peer.expect("PA")
    closed(t, peer, ack=peer.rseq(1))
    if not in_flight:  # the first octet leaves with the first probe
        began = t.net.now_ns // MS * MS + S
    connection.send(bytes(100))
    if answered:
        peer.on(lambda probe: peer.send("A", ack=peer.rseq(1), win=0))
    t.net.run(for_="10min")
    if answered:
        with shows("RQ-9293-MUST-37"):
            assert connection.state == "ESTABLISHED"
        return
    with shows("RQ-9293-MUST-21"):
        assert connection.error == "ERR_ABRT"
        assert connection.events[-1].t_ns == began + 5 * S


def test_the_probes_octet_is_the_streams_and_may_be_taken(talk):
    """The peer takes one octet per probe though its window stays closed: ten probes move ten."""
    t = talk()
    connection, peer = t.serve()
    closed(t, peer)
    connection.send(pattern(10))
    got, acks = b"", 0
    with shows("MB-PERSIST-04", "MB-PERSIST-05"):
        for i in range(10):
            probe = peer.expect(seq=peer.rseq(1 + i), length=1, timeout="2min")
            got += probe.payload
            peer.ack(win=0)
            t.net.run(for_="100ms")
            acks += peer.pending
        assert got == pattern(10) and acks == 0
    peer.expect_nothing(for_="1h")
    assert connection.info().timers == {}, "nothing is left to ask the window for"


def test_data_in_flight_when_the_window_closes(talk):
    """No retransmission of what does not fit: the RTO turns into probing. [RFC9293 3.8.6] """
    t = talk()
    connection, peer = t.serve()
    connection.send(bytes(1000))
    first = peer.expect("PA", seq=peer.rseq(1), length=1000, lost=True)
    start = at_clock(t, first)
    peer.send("A", ack=peer.rseq(1), win=0)
    with shows("RQ-9293-MUST-35", "RQ-9293-SHLD-17"):
        for seconds in (1, 3, 7, 15, 31, 63, 123, 183):
            probe = peer.expect("A", seq=peer.rseq(0), length=0, after=start + seconds * S,
                                before=start + seconds * S + 5 * MS)
            peer.send("A", ack=peer.rseq(1), win=0)
        peer.expect_nothing(for_="59s")
        assert connection.state == "ESTABLISHED" and probe.win == 64240
    sent = peer.send("A", ack=peer.rseq(1), win=5000)
    again = peer.expect("PA", seq=peer.rseq(1), length=1000, timeout="2min")
    assert again.t_ns - sent.t_ns == t.back(sent, 1000)
    peer.ack()
    t.net.run(for_="1s")
    assert connection.info().timers == {}


def test_window_closes_exactly_when_it_is_full(talk):
    t = talk()
    connection, peer = t.serve(win=4380)
    connection.send(pattern(10_000))
    t.net.run(for_="1ms")
    got = peer.drain()
    assert [s.length for s in got] == [1460, 1460, 1460] and connection.info().in_flight == 4380
    peer.ack(win=0)
    t.net.run(for_="1ms")
    assert set(connection.info().timers) == {"persist"}
    t.net.run(for_="500ms")
    sent = peer.send("A", win=4380)  # the update
    again = peer.expect("A", seq=peer.rseq(4381), length=1460, at=t.back(sent, 1460), since=sent)
    assert again.payload == pattern(1460, at=4380)


def test_update_lost(talk):
    """The peer's window update gets lost; the probe that it then answers brings the news."""
    t = talk()
    connection, peer = t.serve(listen={"nodelay": True})
    closed(t, peer)
    t.lan.faults.drop(src="tester", nth=1)
    connection.send(pattern(3000))
    peer.send("A", win=8000)
    with shows("MB-PERSIST-10"):
        probe = peer.expect("A", seq=peer.rseq(1), data=pattern(1), timeout="2s", lost=True)
        peer.send("A", ack=peer.rseq(1), win=8000)
        t.net.run(for_="1ms")
        got = peer.drain()
        assert b"".join(s.payload for s in got) == pattern(3000)
    assert probe.win == 64240


def test_receivers_update_lost_then_probed(talk):
    """The host is the receiver: its update is lost, a probe one minute later is told of it."""
    t = talk(tcp_wnd=4000)
    connection, peer = t.serve()
    for at in (0, 1460, 2920):
        peer.send("A", pattern(min(1460, 4000 - at), at=at))
    t.net.run(for_="1s")
    assert peer.drain()[-1].win == 0
    t.lan.faults.drop(src="h", nth=1)
    assert connection.recv(4000) == pattern(4000)
    t.net.run(for_="60s")
    assert peer.pending == 0
    sent = peer.send("A", pattern(1, at=4000), advance=False)
    with shows("MB-PERSIST-10"):
        peer.expect("A", ack=peer.seq(4002), win=3999, after=sent.t_ns)


def test_probe_of_a_closed_window_is_answered_not_taken(talk):
    t = talk(tcp_wnd=4000)
    connection, peer = t.serve()
    for at in (0, 1460, 2920):
        peer.send("A", pattern(min(1460, 4000 - at), at=at))
    t.net.run(for_="1s")
    peer.drain()
    for _ in range(3):
        sent = peer.send("A", b"x", advance=False)
        peer.expect("A", seq=peer.rseq(1), ack=peer.seq(4001), win=0, at=t.back(sent), since=sent)
        t.net.run(for_="5s")
    assert connection.pending == 4000
    assert t.h.stats()["drops"] == {"tcp_zero_window": 3}


def test_probes_answered_while_data_is_refused(talk):
    """An application that returns ERR_MEM until the window is closed. """
    t = talk(tcp_wnd=2920)
    connection, peer = t.serve()
    connection.refuse(1000)
    peer.send("A", pattern(1460))
    peer.send("PA", pattern(1460, at=1460))
    t.net.run(for_="1s")
    assert peer.drain()[-1].win == 0 and connection.info().refused == 2920
    with shows("MB-PERSIST-07"):
        for _ in range(3):
            sent = peer.send("A", b"x", advance=False)
            peer.expect("A", ack=peer.seq(2921), win=0, at=t.back(sent), since=sent)
            t.net.run(for_="5s")
        connection.in_callback("recv", "none", 0)
        assert connection.recv_exactly(2920, timeout="1s") == pattern(2920)
        peer.expect("A", ack=peer.seq(2921), win=2920)


def test_fin_alone_into_a_closed_window(talk):
    """It is one octet of the sequence space: the probe is the FIN itself. """
    t = talk()
    connection, peer = t.serve()
    closed(t, peer)
    start = t.net.now_ns // MS * MS
    connection.close()
    with shows("MB-PERSIST-06"):
        peer.expect("FA", seq=peer.rseq(1), length=0, lost=True)
        for _ in range(4):
            peer.expect("FA", seq=peer.rseq(1), length=0, after=start + S, timeout="20s", lost=True)
        peer.send("A", ack=peer.rseq(2), win=0)
        t.net.run(for_="1ms")
        assert connection.state == "FIN_WAIT_2"


def test_data_and_fin_into_a_closed_window(talk):
    t = talk()
    connection, peer = t.serve()
    closed(t, peer)
    connection.send(b"abcde")
    connection.close()
    with shows("MB-PERSIST-06"):
        peer.expect("A", seq=peer.rseq(1), data=b"a", timeout="2s")
        peer.ack(win=0)
        peer.expect("A", seq=peer.rseq(2), data=b"b", timeout="5s")
        peer.ack(win=100)
        peer.expect("FPA", seq=peer.rseq(3), data=b"cde")
        assert connection.state == "FIN_WAIT_1"


def test_one_octet_and_fin_into_a_closed_window(talk):
    t = talk()
    connection, peer = t.serve()
    closed(t, peer)
    connection.send(b"a")
    connection.close()
    probe = peer.expect(seq=peer.rseq(1), data=b"a", timeout="2s", lost=True)
    peer.send("A", ack=peer.rseq(2), win=0)  # the octet is taken, a FIN behind it is not
    got = peer.expect(seq=peer.rseq(2), length=0, timeout="2min")
    assert "F" in got.flag_text
    peer.send("A", ack=peer.rseq(3), win=0)
    t.net.run(for_="1s")
    assert connection.state == "FIN_WAIT_2" and probe.length == 1


def test_close_with_data_behind_a_small_window(talk):
    """The FIN is not acknowledged by an ACK of all that was sent so far. """
    t = talk()
    connection, peer = t.serve(win=1000)
    connection.send(pattern(3000))
    connection.close()
    with shows("MB-CLOSE-04"):
        for at in range(0, 3000, 1000):  # two segments of half of the largest window
            assert connection.state == "FIN_WAIT_1"
            peer.expect("A", seq=peer.rseq(1 + at), data=pattern(500, at=at))
            peer.expect("FPA" if at == 2000 else "A", data=pattern(500, at=at + 500))
            assert connection.state == "FIN_WAIT_1"
            peer.ack()
        t.net.run(for_="1ms")
        assert connection.state == "FIN_WAIT_2"


def test_full_queue_has_room_for_the_fin(talk):
    t = talk(tcp_snd_queuelen=8)
    connection, peer = t.serve()
    closed(t, peer)
    results = [connection.write(b"x", copy=False) for _ in range(20)]
    assert results.count("ERR_OK") == 8 and results[-1] == "ERR_MEM"
    with shows("MB-CLOSE-03"):
        connection.close()
        peer.send("A", win=1000)
        t.net.run(for_="1ms")
        got = peer.drain()
        assert b"".join(s.payload for s in got) == b"x" * 8 and got[-1].flag_text == "FPA"
