"""Silly windows, avoided on both sides: the receiver moves its edge in steps worth a segment, the
sender waits for a good part of the window, but not for ever.
[RFC9293 3.8.6.2.1], [RFC9293 3.8.6.2.2 MUST-39] """

import pytest
from lockwire import VTime, shows
from lockwire.tcp_info import pattern

S = 1_000_000_000
MS = 1_000_000
OVERRIDE = 500 * MS


def settle(t):
    t.net.run(for_="1ms")


def filled(t, size):
    """The host's receive buffer is full, and everything is quiet."""
    connection, peer = t.serve()
    for at in range(0, size, 1460):
        peer.send("A", pattern(min(1460, size - at), at=at))
    t.net.run(for_="1s")
    assert peer.drain()[-1].win == 0 and connection.pending == size
    return connection, peer


@pytest.mark.parametrize("size, step", [(14_600, 1460), (2000, 1000)])
def test_reader_of_ten_bytes_moves_the_edge_in_steps(talk, size, step):
    """min(RCV.BUFF / 2, MSS): the next multiple of what is read."""
    t = talk(tcp_wnd=size, tcp_wnd_update_threshold=1)
    connection, peer = filled(t, size)
    wins = []
    with shows("RQ-9293-MUST-39", "MB-PERSIST-12"):
        for _ in range(size // 10):
            connection.recv(10)
            settle(t)
            wins += [s.win for s in peer.drain()]
        assert wins == [step * (i + 1) for i in range(len(wins))] and len(wins) == size // step


def test_update_threshold_makes_the_steps_wider(talk):
    """TCP_WND_UPDATE_THRESHOLD, but not where the sender has less than a segment to go."""
    t = talk(tcp_wnd=14_600, tcp_wnd_update_threshold=5840)
    connection, peer = filled(t, 14_600)
    wins = []
    for _ in range(1460):
        connection.recv(10)
        settle(t)
        wins += [s.win for s in peer.drain()]
    assert wins == [1460, 7300, 13_140]


def test_update_leaves_at_once_when_everything_is_read(talk):
    t = talk(tcp_wnd=5840)
    connection, peer = t.serve()
    for at in range(0, 5840, 1460):
        last = peer.send("A", pattern(1460, at=at))
    t.net.run(for_="100us")
    peer.drain()
    with shows("MB-PERSIST-11"):
        now = t.net.now_ns
        assert connection.recv(5840) == pattern(5840)
        peer.expect("A", ack=last.end, win=5840, at=now + t.hop())


def test_update_while_an_ack_is_delayed(talk):
    """What is read while an ACK is owed: one segment tells both, at once. """
    t = talk(tcp_wnd=2920)
    connection, peer = t.serve()
    peer.send("A", pattern(1460))
    t.net.run(for_="1ms")
    peer.send("PA", pattern(700, at=1460), advance=True)
    t.net.run(for_="200us")
    peer.drain()
    sent = peer.send("PA", pattern(700, at=2160))
    t.net.run(for_="200us")
    assert connection.info().ack_delayed and peer.pending == 0
    with shows("MB-PERSIST-11"):
        now = t.net.now_ns
        connection.recv(2860)
        peer.expect("A", ack=sent.end, win=2920, at=now + t.hop())
        peer.expect_nothing(for_="1s")


@pytest.mark.exact_ms
def test_sender_waits_for_half_of_the_largest_window(talk):
    """A window of 4000 that opens byte by byte: what is sent is half of it, or the override time
    has passed. """
    t = talk()
    connection, peer = t.serve(win=4000)
    peer.send("A", win=0)
    settle(t)
    connection.send(pattern(10_000))
    with shows("RQ-9293-MUST-38"):
        for win in range(1, 1460, 50):
            peer.send("A", win=win)
            t.net.run(for_="10ms")
            assert peer.pending == 0
        sent = peer.send("A", win=1460)
        peer.expect("A", data=pattern(1460), at=t.back(sent, 1460), since=sent)


@pytest.mark.exact_ms
def test_half_of_the_largest_window_is_enough(talk):
    t = talk()
    connection, peer = t.serve(win=2000)
    peer.send("A", win=0)
    settle(t)
    connection.send(pattern(3000))
    peer.send("A", win=999)
    t.net.run(for_="10ms")
    with shows("RQ-9293-MUST-38"):
        assert peer.pending == 0
        sent = peer.send("A", win=1000)
        peer.expect("A", data=pattern(1000), at=t.back(sent, 1000), since=sent)


@pytest.mark.exact_ms
def test_override_sends_a_small_piece_at_last(talk):
    """0.1 to 1 s: after 0.5 s what fits is sent. """
    t = talk()
    connection, peer = t.serve(win=8000)
    peer.send("A", win=0)
    settle(t)
    connection.send(pattern(3000))
    sent = peer.send("A", win=300)
    settle(t)
    start = (sent.t_ns + t.hop(sent)) // MS * MS
    with shows("RQ-9293-17"):
        assert connection.info().due("persist") == start + OVERRIDE
        peer.expect("A", data=pattern(300), at=start + OVERRIDE + t.hop(354))
        assert peer.pending == 0


@pytest.mark.exact_ms
def test_small_window_without_anything_in_flight_is_no_dead_end(talk):
    """Peer's MSS 536, window 400; the update to 8000 gets lost. """
    t = talk()
    connection, peer = t.serve(win=400, mss=536)
    connection.send(pattern(1000))
    with shows("MB-PERSIST-01"):
        peer.expect("A", data=pattern(400))
    peer.ack(win=100)  # less than half of what was offered
    start = (t.net.now_ns + t.hop()) // MS * MS
    with shows("MB-PERSIST-01"):
        peer.expect("A", data=pattern(100, at=400), at=start + OVERRIDE + t.hop(154))


@pytest.mark.parametrize("win, sizes", [(1, [1]), (10, [10]), (536, [536]), (537, [268, 268]),
                                        (1000, [500, 500]), (1460, [730, 730]),
                                        (2919, [1459, 1459]), (2920, [1460, 1460])])
def test_a_write_that_fills_the_window_leaves_at_once(talk, win, sizes):
    """Nagle's rule counts full segments, and halves of the largest window are such. [RFC9293 3.7.4]
    [RFC9293 3.8.6.2.1]"""
    t = talk()
    connection, peer = t.serve(win=win)
    connection.send(pattern(win // 2 * 2 or 1))
    t.net.run(for_="1ms")
    assert [s.length for s in peer.drain()] == sizes


@pytest.mark.parametrize("win", [1000, 100, 10])
def test_mss_larger_than_the_peers_whole_window(talk, win):
    t = talk()
    connection, peer = t.serve(win=win)
    size = 50 * win // 10
    connection.send(pattern(size))
    got = b""
    with shows("MB-PERSIST-13"):
        while len(got) < size:
            segment = peer.expect(timeout="1s")
            got += segment.payload
            peer.ack()
        assert got == pattern(size)
    assert t.net.now_ns < 1 * S


@pytest.mark.sweep(exclude=["tick"], reason="the instant of the last probe is told by a full ms")
def test_one_octet_windows_are_answered_by_the_override_only(talk):
    """A peer that opens by one octet each time gets a piece every half a second, no more. """
    t = talk()
    connection, peer = t.serve(win=8000)
    peer.send("A", win=0)
    settle(t)
    connection.send(pattern(1000))
    times = []

    def open_by_one(segment):
        times.append((segment.t_ns, segment.length))
        peer.send("A", ack=segment.end, win=1)
    peer.on(open_by_one)
    peer.send("A", win=1)
    t.net.run(until=VTime(5 * S))
    with shows("RQ-9293-MUST-38"):
        gaps = {(b - a) for (a, _), (b, _) in zip(times, times[1:])}
        assert gaps == {OVERRIDE} and {length for _, length in times} == {1}
        assert len(times) == 9
