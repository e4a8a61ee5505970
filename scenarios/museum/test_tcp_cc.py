"""Bugs that other stacks have had with duplicate ACKs and congestion windows [RFC5681][RFC6582]."""

import pytest

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def sending(t, segments, mss=1000, lost=(0,), **options):
    """(connection, peer): so many segments in flight, these of them lost."""
    connection, peer = t.serve(mss=mss, **options)
    connection.sendall(bytes(n % 251 for n in range(segments * mss)))
    for n in range(segments):
        peer.expect(length=mss, lost=n in lost)
    return connection, peer


def repeats(peer, at, for_="10ms"):
    """How often the segment at that place comes again."""
    return sum(s.seq == peer.rseq(at) and bool(s.payload) for s in peer.drain(for_))


@museum("MB-CC-01")
def test_data_between_duplicates(talk):
    """Duplicates and data segments in turns: data neither counts nor resets; the third duplicate
    repeats the first segment."""
    t = talk()
    _, peer = sending(t, 6)
    for n in range(3):
        peer.ack(peer.rseq(1))
        if n < 2:
            peer.send("PA", b"ten octets", ack=peer.rseq(1))
            assert repeats(peer, 1, "1ms") == 0
    assert repeats(peer, 1) == 1


@museum("MB-CC-03")
def test_duplicates_of_nothing(talk):
    """Ten ACKs of the same number while nothing is in flight; then one segment, one duplicate:
    nothing is sent again."""
    t = talk()
    connection, peer = t.serve()
    for _ in range(10):
        peer.send("PA", b"data")
        peer.ack()
    peer.drain("100ms")
    connection.sendall(b"one")
    peer.expect("PA", data=b"one", lost=True)
    peer.ack(peer.rseq(1))
    peer.expect_nothing(for_="500ms")
    assert connection.info().dupacks == 1


@museum("MB-CC-04")
def test_ack_of_a_hole_has_no_data(talk):
    """Data waits (for the congestion window) when a segment arrives out of order: its ACK leaves at
    once, alone."""
    t = talk()
    connection, peer = sending(t, 10, lost=())
    connection.sendall(bytes(5000))
    peer.expect_nothing(for_="1ms")
    peer.send("PA", b"ahead", seq=peer.seq(100), ack=peer.rseq(1))
    got = peer.drain("1ms")
    assert [(s.flags, s.payload, s.ack) for s in got] == [(0x10, b"", peer.seq(1))]


@museum("MB-CC-04")
def test_ack_of_a_hole_does_not_ride_on_data(talk):
    """The segment out of order acknowledges so much that data may leave: the ACK goes before it,
    alone; only so is it a duplicate to a peer without SACK [RFC5681 2]."""
    t = talk()
    connection, peer = sending(t, 10, lost=())
    connection.sendall(bytes(5000))
    for n, leave in enumerate((3, 2)):
        peer.send("PA", b"ahead", seq=peer.seq(100 + 5 * n), ack=peer.rseq(2001 + 1000 * n))
        got = peer.drain("1ms")
        assert (got[0].flags, got[0].payload, got[0].ack) == (0x10, b"", peer.seq(1))
        assert [s.length for s in got[1:]] == [1000] * leave


@museum("MB-CC-05")
def test_each_further_duplicate_inflates(talk):
    """Half of what was in flight plus three segments, then one more each [RFC5681 3.2]."""
    t = talk(tcp_limited_transmit=0)
    connection, peer = sending(t, 10)
    for n in range(9):
        peer.ack(peer.rseq(1))
        t.net.run(for_="10us")
        info = connection.info()
        if n >= 2:
            assert (info.ssthresh, info.cwnd) == (5000, 8000 + (n - 2) * 1000)


@museum("MB-CC-06")
def test_window_saturates(talk):
    """A long slow start, then 200 duplicates: the window never shrinks by a wrap."""
    t = talk(tcp_snd_buf=200_000, tcp_snd_queuelen=1000)
    connection, peer = t.serve(mss=1460, win=65535)
    connection.send_pattern(2_000_000)
    peer.on(lambda segment: peer.ack(segment.end))
    before = 0
    for _ in range(60):
        t.net.run(for_="100us")
        info = connection.info()
        assert info.cwnd >= before
        before = info.cwnd
    peer.on(None)
    assert before > 60_000
    una = peer.rcv_nxt
    peer.drain("1ms")
    for _ in range(200):
        peer.ack(una)
    t.net.run(for_="1ms")
    assert connection.info().cwnd > 200 * 1460


@museum("MB-CC-07")
def test_threshold_is_two_segments(talk):
    """One segment in flight, a window of 100 octets, a loss: ssthresh is two segments."""
    t = talk(tcp_iw_segments=1)
    connection, peer = t.serve(mss=1000, win=100)
    connection.sendall(bytes(100))
    peer.drain("3s")
    assert connection.info().ssthresh == 2000


@museum("MB-CC-08")
def test_first_window_is_no_threshold(talk):
    """SYN-ACK with a window of 536, later 64 KB: slow start goes on."""
    t = talk()
    peer = t.peer(None, 8080, mss=536)
    connection = t.h.connect(peer.ip, 8080, wait=False)
    peer.expect("S")
    peer.send("SA", win=536)
    peer.expect("A")
    connection.send_pattern(60_000)
    peer.win = 64_000
    for _ in range(6):
        for segment in peer.drain("1ms"):
            peer.ack(segment.end)
        peer.ack()
    info = connection.info()
    assert info.ssthresh > 30_000 and info.cwnd > 20 * 536


@museum("MB-CC-10")
def test_loss_of_the_repeat(talk):
    """The first segment's fast repeat is lost as well: the timer brings it, then all is in
    order."""
    t = talk()
    connection, peer = sending(t, 10)
    for _ in range(9):
        peer.ack(peer.rseq(1))
    peer.expect(seq=peer.rseq(1), length=1000, lost=True)
    peer.expect(seq=peer.rseq(1), length=1000, timeout="3s")
    assert peer.rcv_nxt == peer.rseq(10_001)
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().in_flight == 0


@museum("MB-CC-11")
def test_nagle_and_a_small_repeat(talk):
    """Five writes of ten octets, the first is lost: its repeat leaves at once."""
    t = talk()
    connection, peer = t.serve()
    connection.set(nodelay=True)
    for n in range(5):
        connection.sendall(bytes([n]) * 10)
    for n in range(5):
        peer.expect("PA", length=10, lost=n == 0)
    connection.set(nodelay=False)
    for _ in range(3):
        peer.ack(peer.rseq(1))
    t.net.run(for_="1ms")
    assert peer.expect(seq=peer.rseq(1), timeout=0).payload[:10] == bytes(10)


@museum("MB-CC-12")
def test_each_duplicate_segment_is_acknowledged(talk):
    """The ACK is lost, the segment comes again at 1 s and at 3 s: an ACK each."""
    t = talk()
    _, peer = t.serve()
    peer.send("PA", bytes(100))
    peer.expect("A", ack=peer.seq(101))
    for at in ("1s", "3s"):
        again = peer.send("PA", bytes(100), seq=peer.seq(1), at=at)
        got = peer.expect("A", ack=peer.seq(101), since=again)
        assert got.t_ns - again.t_ns < MS


@museum("MB-CC-13")
def test_ack_beyond_is_answered(talk):
    """An ACK of what was never sent gets an ACK, so that half-open connections are noticed."""
    t = talk()
    _, peer = t.serve()
    peer.ack(peer.rcv_nxt + 70_000)
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1))


@museum("MB-CC-16/syn-ack", "MB-CC-16/syn")
def test_initial_window_after_a_lost_syn(talk, row):
    """One segment, where the SYN or the SYN-ACK had to be sent again [RFC5681 3.1]."""
    t = talk()
    if row.endswith("syn-ack"):
        listener = t.h.listen(80)
        peer = t.peer(mss=1000)
        peer.send("S")
        peer.expect("SA", lost=True)
        peer.expect("SA", timeout="2s")
        peer.ack()
        connection = listener.accept(timeout="1s")
    else:
        peer = t.peer(None, 8080, mss=1000)
        connection = t.h.connect(peer.ip, 8080, wait=False)
        peer.expect("S", lost=True)
        peer.accept(timeout="2s")
    connection.sendall(bytes(10_000))
    assert [len(s.payload) for s in peer.drain("1ms")] == [1000]
    assert connection.info().cwnd == 1000


@museum("MB-CC-17")
def test_restart_after_idle(talk):
    """40 segments' worth of window, ten idle seconds: a burst of the initial window only."""
    t = talk()
    connection, peer = t.serve(mss=1000)
    connection.send_pattern(300_000)
    for _ in range(60):
        for segment in peer.drain("1ms"):
            peer.ack(segment.end)
    assert connection.info().cwnd >= 40_000 and connection.info().in_flight == 0
    t.net.run(for_="10s")
    connection.sendall(bytes(40_000))
    assert len(peer.drain("10ms")) == 10


@museum("MB-CC-18")
def test_partial_ack(talk):
    """Segments 2 and 4 of 10 are lost: the partial ACK repeats 4 at once [RFC6582 3.2]."""
    t = talk()
    connection, peer = sending(t, 10, lost=(1, 3))
    peer.ack(peer.rseq(1001))
    for _ in range(6):
        peer.ack(peer.rseq(1001))
    peer.expect(seq=peer.rseq(1001), length=1000)
    peer.drain()
    peer.ack(peer.rseq(3001))
    got = peer.expect(seq=peer.rseq(3001), length=1000, timeout="1ms")
    assert got and connection.info().recovery == "fast"


@museum("MB-CC-19")
def test_growth_after_a_timeout(talk):
    """Five in flight and five unsent when the timer expires: until the old data is acknowledged
    the window grows by one segment an ACK."""
    t = talk(tcp_iw_segments=5)
    connection, peer = sending(t, 5, lost=range(5))
    connection.sendall(bytes(5000))
    peer.expect(seq=peer.rseq(1), timeout="3s")
    assert connection.info().cwnd == 1000
    windows = []
    for end in (1001, 2001, 3001):
        peer.ack(peer.rseq(end))
        t.net.run(for_="1ms")
        windows.append(connection.info().cwnd)
    assert windows[0] == 2000 and all(b - a <= 1000 for a, b in zip(windows, windows[1:]))
    peer.ack(peer.rseq(5001))
    t.net.run(for_="1ms")
    assert connection.info().cwnd - windows[-1] <= 1000
