"""Which segment's window counts, and what a sender makes of a window that shrinks.
[RFC9293 3.10.7.4], [RFC9293 3.8.6 SHLD-16],
[RFC9293 3.1 MUST-1], [RFC9293 3.4 MUST-66] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern

S = 1_000_000_000
MS = 1_000_000


def settle(t):
    t.net.run(for_="1ms")


def test_an_overtaken_segment_does_not_move_the_window(talk):
    """B (win 0) arrives before A (win 5000), which was sent before it."""
    t = talk()
    connection, peer = t.serve(win=5000)
    a = peer.make("A", b"a" * 10, win=5000)
    peer.snd_nxt = a.end
    peer.send("A", b"b" * 10, win=0)
    t.wire.send(a.frame)
    settle(t)
    with shows("RQ-9293-10", "MB-PERSIST-14"):
        assert connection.info().snd_wnd == 0
        connection.send(bytes(100))
        settle(t)
        assert all(s.length == 0 for s in peer.drain())
    assert connection.recv_exactly(20) == b"a" * 10 + b"b" * 10


def test_an_old_ack_does_not_move_the_window(talk):
    """A newer sequence number with an ACK from before: its window counts from another edge."""
    t = talk()
    connection, peer = t.serve(win=5000, listen={"nodelay": True})
    connection.send(bytes(2000))
    settle(t)
    peer.drain()
    late = peer.make("A", b"b" * 10, seq=peer.seq(11), ack=peer.rseq(1), win=5000)
    peer.send("A", b"a" * 10, ack=peer.rseq(2001), win=100)
    settle(t)
    t.wire.send(late.frame)
    settle(t)
    with shows("RQ-9293-10"):
        assert connection.info().snd_wnd == 100 and connection.info().snd_una == peer.rseq(2001)
    assert connection.recv_exactly(20) == b"a" * 10 + b"b" * 10


def test_a_reduction_on_a_pure_ack_counts(talk):
    t = talk()
    connection, peer = t.serve(win=5000)
    peer.send("A", win=5000)
    peer.send("A", win=0)
    settle(t)
    connection.send(bytes(2000))
    with shows("MB-PERSIST-15", "RQ-9293-SHLD-15"):
        peer.expect_nothing(for_="990ms")
        assert connection.info().snd_wnd == 0 and set(connection.info().timers) == {"persist"}
        peer.expect("A", seq=peer.rseq(1), length=1)


@pytest.mark.parametrize("seq, ack, counts", [
    pytest.param(11, 1, True, id="newer-seq"), pytest.param(1, 1, True, id="same-seq-same-ack"),
    pytest.param(1, 501, True, id="same-seq-newer-ack"),
    pytest.param(0, 1, False, id="older-seq"), pytest.param(0, 501, False, id="older-seq-new-ack"),
])
def test_rules_of_window_updates(talk, seq, ack, counts):
    """WL1 < SEQ, or WL1 = SEQ and WL2 <= ACK. WL1 is at 1: nothing has come yet."""
    t = talk()
    connection, peer = t.serve(win=5000)
    connection.send(bytes(500))
    settle(t)
    peer.drain()
    peer.send("A", b"z" if seq != 1 else b"", seq=peer.seq(seq), ack=peer.rseq(ack), win=777)
    settle(t)
    assert connection.info().snd_wnd == (777 if counts else 5000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("win", [32767, 32768, 40000, 65535])
def test_window_is_unsigned(talk, win):
    t = talk(tcp_iw_segments=64)
    connection, peer = t.serve(win=win)
    connection.send(bytes(65535 - 1475))
    settle(t)
    with shows("RQ-9293-MUST-1"):
        sent = sum(s.length for s in peer.drain())
        assert connection.info().snd_wnd == win
        assert sent == min(win - win % 1460, 64060 - 64060 % 1460)


def shrunk(talk, win, acked=1000):
    """4000 bytes are in flight; the first `acked` are acknowledged, and the window is `win`."""
    t = talk()
    connection, peer = t.serve(win=4000, mss=1000)
    connection.send(pattern(10_000))
    settle(t)
    assert [s.length for s in peer.drain()] == [1000] * 4
    peer.send("A", ack=peer.rseq(1 + acked), win=win)
    settle(t)
    return t, connection, peer


def test_usable_window_negative(talk):
    """4000 in flight, 1000 acknowledged, window 500: nothing new until it fits again."""
    t, connection, peer = shrunk(talk, 500)
    with shows("RQ-9293-MUST-34", "RQ-9293-SHLD-15", "MF-TCP-59"):
        peer.expect_nothing(for_="900ms")
        assert connection.info().snd_wnd == 500 and connection.info().unacked == 3000
    peer.send("A", ack=peer.rseq(4001), win=1000)
    peer.expect("A", seq=peer.rseq(4001), data=pattern(1000, at=4000))


@pytest.mark.exact_ms
def test_old_data_inside_the_shrunken_window_is_sent_again(talk):
    t, connection, peer = shrunk(talk, 500)
    start = t.net.now_ns // MS * MS - MS
    with shows("RQ-9293-SHLD-16", "RQ-9293-MAY-7"):
        again = peer.expect(seq=peer.rseq(1001), after=start + S, before=start + S + 10 * MS)
        assert again.payload == pattern(again.length, at=1000) and again.length in (500, 1000)


def test_not_timed_out_for_what_lies_beyond_the_edge(talk):
    """The peer, of whom 3000 bytes are expected to fit, takes ten bytes every five seconds."""
    t, connection, peer = shrunk(talk, 500)
    with shows("RQ-9293-SHLD-17"):
        for edge in range(1011, 1611, 10):
            t.net.run(for_="5s")
            assert all((peer.rseq(4001) - s.end) % 2**32 < 3001 for s in peer.drain())
            peer.send("A", ack=peer.rseq(edge), win=500)
        assert connection.state == "ESTABLISHED" and t.net.now > 300


@pytest.mark.exact_ms
def test_shrunk_to_zero_is_probed(talk):
    t, connection, peer = shrunk(talk, 0)
    start = t.net.now_ns // MS * MS - MS
    with shows("RQ-9293-MUST-35", "RQ-9293-MUST-34"):
        for seconds in (1, 3, 7, 15, 31):
            peer.expect("A", seq=peer.rseq(1000), length=0, after=start + seconds * S,
                        before=start + seconds * S + 5 * MS)
            peer.send("A", ack=peer.rseq(1001), win=0)
            settle(t)
        assert connection.state == "ESTABLISHED"
    sent = peer.send("A", ack=peer.rseq(1001), win=4000)
    peer.expect("A", seq=peer.rseq(1001), data=pattern(1000, at=1000), at=t.back(sent, 1000),
                since=sent)


def test_right_edge_of_the_host_never_moves_back(talk):
    """A reader of random habits: what was offered once stays offered. [RFC9293 3.8.6 SHLD-14] """
    t = talk(tcp_wnd=8000)
    connection, peer = t.serve(mss=1000)
    edges, sent = [], 0
    reads = [700, 1, 0, 0, 2500, 0, 13, 900, 4000, 0, 0, 0, 1, 1, 8000, 60, 0, 7000]
    for i, read in enumerate(reads * 4):
        room = min(1 + 317 * i % 1000, peer.snd_wnd - (peer.snd_nxt - peer.snd_una))
        if room > 0:
            peer.send("A", pattern(room, at=sent))
            sent += room
        t.net.run(for_="50ms")
        if read and connection.pending:
            connection.recv(read)
        t.net.run(for_="50ms")
        edges += [(s.ack - peer.seq(0)) % 2**32 + s.win for s in peer.drain()]
    with shows("RQ-9293-SHLD-14"):
        assert edges == sorted(edges) and len(edges) > 40 and edges[-1] - edges[0] > 10_000


def test_zero_window_takes_rst_and_urgent(talk):
    t = talk(tcp_wnd=1000, tcp_mss=500)
    connection, peer = t.serve()
    peer.send("PA", pattern(1000))
    t.net.run(for_="1s")
    assert peer.drain()[-1].win == 0
    with shows("RQ-9293-MUST-66"):
        peer.send("UA", urg=5)
        settle(t)
        assert [e.value for e in connection.urgent] == [5]
        peer.send("R")
        settle(t)
        assert connection.error == "ERR_RST"


def test_abort_in_a_window_that_has_shrunk(talk):
    """The reset is at SND.NXT, whatever the window is now. [RFC9293 3.10.5]"""
    t = talk()
    connection, peer = t.serve()
    connection.send(bytes(5000))
    t.net.run(for_="1ms")
    last = peer.drain()[-1]
    peer.send("A", ack=peer.rseq(1), win=100)
    t.net.run(for_="1ms")
    connection.abort()
    peer.expect_rst(seq=last.end, ack=peer.seq(1))
