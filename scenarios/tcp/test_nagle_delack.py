"""Small segments and delayed ACKs: who waits for what, and what ends the waiting. The delay is
40 ms unless tcp_delack_ms says otherwise. [RFC9293 3.7.4],
[RFC9293 3.8.6.3] [RFC9293 3.8.6.3 MUST-40, SHLD-18, SHLD-19] [RFC9293 3.8.6.3 MUST-40]
[RFC5681 4.2] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern

MS = 1_000_000
S = 1_000_000_000
pytestmark = pytest.mark.exact_ms


def settle(t):
    t.net.run(for_="100us")


def arrival_ms(t, sent):
    """The host's millisecond in which it got a segment, in ns."""
    return (sent.t_ns + t.hop(sent)) // MS * MS


# -- Nagle -----------------------------------------------------------------------------------------
def test_one_small_segment_at_a_time(talk):
    """100 bytes every 10 ms, a round trip of 200 ms: one small segment is out, the rest waits and
    goes together. """
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-SHLD-7"):
        for i in range(14):
            connection.send(pattern(100, at=100 * i))
            t.net.run(for_="10ms")
            if i == 0:
                peer.expect("PA", data=pattern(100))
            assert peer.pending == 0
        sent = peer.ack()
        got = peer.expect("PA", data=pattern(1300, at=100), at=t.back(sent, 1300), since=sent)
        assert got.seq == peer.rseq(101)


def test_without_nagle_each_write_leaves_at_once(talk):
    t = talk()
    connection, peer = t.serve(listen={"nodelay": True})
    settle(t)
    with shows("RQ-9293-MUST-17"):
        for i in range(5):
            now = t.net.now_ns
            connection.send(b"%d" % i)
            peer.expect("PA", data=b"%d" % i, at=now + t.hop())
            settle(t)
        assert connection.info().in_flight == 5


def test_nagle_can_be_switched_while_it_holds(talk):
    t = talk()
    connection, peer = t.serve()
    connection.send(b"a")
    peer.expect("PA", data=b"a")
    connection.send(b"b")
    settle(t)
    assert peer.pending == 0 and connection.info().nagle
    with shows("RQ-9293-MUST-17"):
        connection.set(nodelay=True)
        connection.output()
        peer.expect("PA", data=b"b", before="5ms")


def test_full_segments_do_not_wait(talk):
    t = talk()
    connection, peer = t.serve()
    connection.send(b"a")
    peer.expect("PA", data=b"a")
    connection.send(pattern(3000))
    with shows("MB-DATA-16", "RQ-9293-SHLD-28"):
        for i in range(2):
            peer.expect("A", data=pattern(1460, at=1460 * i), before="5ms")
        peer.expect_nothing(for_="10ms")
        sent = peer.ack()
        peer.expect("PA", data=pattern(80, at=2920), at=t.back(sent, 80), since=sent)


def test_fin_does_not_wait(talk):
    """Ten bytes and a close behind a segment in flight: at once, in one segment. """
    t = talk()
    connection, peer = t.serve()
    connection.send(b"first")
    peer.expect("PA", data=b"first")
    connection.send(b"0123456789")
    settle(t)
    assert peer.pending == 0
    with shows("MB-CLOSE-15"):
        now = t.net.now_ns
        connection.close()
        peer.expect("FPA", data=b"0123456789", at=now + t.hop(64))


def test_small_writes_into_a_peer_with_a_small_mss(talk):
    """Chunks of 100 bytes, MSS 300: no segment exceeds it. """
    t = talk()
    connection, peer = t.serve(mss=300)
    for i in range(30):
        connection.send(pattern(100, at=100 * i))
    got = b""
    with shows("MB-DATA-14"):
        while len(got) < 3000:
            segment = peer.expect(before="50ms")
            assert segment.length <= 300
            got += segment.payload
            peer.ack()
        assert got == pattern(3000)


@pytest.mark.parametrize("data, more, sizes", [
    pytest.param([(100, True)] * 10, True, [1000], id="more-is-aggregated"),
    pytest.param([(10, False)] * 5, False, [10, 40], id="five-pushes"),
])
def test_what_waits_is_put_together(talk, data, more, sizes):
    t = talk()
    connection, peer = t.serve()
    at = 0
    with shows("RQ-9293-MAY-16", "RQ-9293-SHLD-27"):
        for n, flag in data:
            connection.write(pattern(n, at=at), more=flag, output=not more)
            at += n
        connection.output()
        got = []
        for _ in sizes:
            got.append(peer.expect(before="5ms").length)
            peer.ack()
        assert got == sizes


# -- Delayed ACKs ----------------------------------------------------------------------------------
@pytest.mark.parametrize("delay", [1, 40, 200, 499])
def test_a_single_segment_is_acknowledged_after_the_delay(talk, delay):
    t = talk(tcp_delack_ms=delay)
    connection, peer = t.serve()
    settle(t)
    sent = peer.send("PA", b"x")
    with shows("RQ-9293-SHLD-18", "RQ-9293-MUST-40"):
        got = peer.expect("A", ack=peer.seq(2), at=arrival_ms(t, sent) + delay * MS + t.hop())
        assert got.t_ns - sent.t_ns < S // 2


@pytest.mark.parametrize("delay", [40, 250, 300, 499])
@pytest.mark.parametrize("phase", [0, 1, 17, 124, 249])
def test_delay_on_coarse_ticks_stays_below_half_a_second(talk, delay, phase):
    """lwIP's ticks of 250 ms, at every phase: the next tick behind the delay, never beyond. """
    t = talk(timer_granularity_ms=0, timer_phase_ms=phase, tcp_delack_ms=delay, boot_ms=1000)
    connection, peer = t.serve()
    settle(t)
    with shows("RQ-9293-MUST-40"):
        for _ in range(4):
            sent = peer.send("PA", b"x")
            got = peer.expect("A", ack=peer.snd_nxt)
            assert got.t_ns - sent.t_ns < S // 2
            t.net.run(for_="77ms")
        assert connection.pending == 4


def test_no_delay_when_it_is_zero(talk):
    t = talk(tcp_delack_ms=0)
    connection, peer = t.serve()
    settle(t)
    sent = peer.send("PA", b"x")
    peer.expect("A", ack=peer.seq(2), at=t.back(sent), since=sent)


def test_every_second_segment_is_acknowledged(talk):
    t = talk()
    connection, peer = t.serve()
    settle(t)
    for i in range(10):
        peer.send("A", pattern(1460, at=1460 * i))
    settle(t)
    t.net.run(for_="1ms")
    with shows("RQ-9293-SHLD-19", "RQ-9293-MUST-58", "MB-DATA-18"):
        assert [(s.ack - peer.seq(1)) % 2**32 for s in peer.drain()] == \
            [2920 * (i + 1) for i in range(5)]
        peer.expect_nothing(for_="1s")


def test_reading_in_the_callback_makes_no_more_acks(talk):
    """The application gives the window back within each recv: at most one ACK for two. """
    t = talk(tcp_wnd=64_240)
    t.h.listen(80, discard=True)
    peer = t.peer().connect()
    settle(t)
    for i in range(10):
        peer.send("A", pattern(1460, at=1460 * i))
    t.net.run(for_="1s")
    with shows("MB-DATA-18", "RQ-9293-MUST-58"):
        acks = peer.drain()
        assert [(s.ack - peer.seq(1)) % 2**32 for s in acks] == [2920 * i for i in range(1, 6)]


def test_gap_and_filled_gap_are_acknowledged_at_once(talk):
    t = talk()
    connection, peer = t.serve()
    settle(t)
    for at in (1000, 2000):
        sent = peer.send("PA", pattern(1000, at=at), seq=peer.seq(1 + at))
        peer.expect("A", ack=peer.seq(1), at=t.back(sent), since=sent)
    sent = peer.send("PA", pattern(1000), seq=peer.seq(1))
    with shows("RQ-9293-MUST-59"):
        peer.expect("A", ack=peer.seq(3001), at=t.back(sent), since=sent)
        peer.expect_nothing(for_="1s")
    assert connection.recv(9999) == pattern(3000)


def test_five_held_segments_in_order_make_one_ack(talk):
    t = talk()
    connection, peer = t.serve()
    settle(t)
    for at in range(100, 600, 100):
        peer.send("A", pattern(100, at=at), seq=peer.seq(1 + at))
    t.net.run(for_="1ms")
    assert {s.ack for s in peer.drain()} == {peer.seq(1)}
    sent = peer.send("A", pattern(100), seq=peer.seq(1))
    with shows("RQ-9293-MUST-59"):
        peer.expect("A", ack=peer.seq(601), at=t.back(sent), since=sent)
        peer.expect_nothing(for_="1s")


def test_a_part_of_a_gap_filled_is_acknowledged_at_once(talk):
    """The gap's first half: what is held is still beyond a hole. [RFC5681 4.2] """
    t = talk()
    connection, peer = t.serve()
    settle(t)
    peer.send("PA", pattern(1000, at=2000), seq=peer.seq(2001))
    peer.expect("A", ack=peer.seq(1))
    sent = peer.send("PA", pattern(1000), seq=peer.seq(1))
    peer.expect("A", ack=peer.seq(1001), at=t.back(sent), since=sent)


@pytest.mark.parametrize("flags", ["FA", "FPA"])
def test_fin_is_acknowledged_at_once(talk, flags):
    t = talk()
    connection, peer = t.serve()
    settle(t)
    sent = peer.send(flags, b"x" if "P" in flags else b"")
    peer.expect("A", ack=sent.end, at=t.back(sent), since=sent)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_old_data_is_acknowledged_at_once(talk):
    t = talk()
    connection, peer = t.serve()
    settle(t)
    first = peer.send("PA", b"abc")
    peer.expect("A", ack=peer.seq(4))
    sent = peer.send("PA", b"abc", seq=first.seq)
    peer.expect("A", ack=peer.seq(4), at=t.back(sent), since=sent)


def test_an_answer_takes_the_ack_along(talk):
    t = talk()
    listener = t.h.listen(80, echo=True)
    peer = t.peer().connect()
    settle(t)
    sent = peer.send("PA", b"hello")
    peer.expect("PA", ack=peer.seq(6), data=b"hello", at=t.back(sent, 5), since=sent)
    peer.expect_nothing(for_="500ms")
    assert listener.accepted == 1


# -- Both together ---------------------------------------------------------------------------------
@pytest.mark.parametrize("nodelay", [False, True])
@pytest.mark.parametrize("delay", [0, 40, 200])
def test_write_write_read(net, nodelay, delay):
    """A request in two small writes, ten times over: with Nagle the second waits for the other
    host's delayed ACK, every time; without either nothing waits. """
    lan = net.segment("lan", kind="link", rate="1G")
    a = net.host("a", lan, ip="10.0.0.1/24", tcp_delack_ms=delay)
    b = net.host("b", lan, ip="10.0.0.2/24", tcp_delack_ms=delay)
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    listener = b.listen(80, nodelay=nodelay)
    client = a.connect(b.ip, 80, timeout="1s", nodelay=nodelay)
    server = listener.accept(timeout="1s")
    with shows("MB-DATA-16"):
        for _ in range(10):
            net.run(until=(net.now_ns // MS + 1) * MS / S)
            start = net.now_ns
            client.send(bytes(100))
            client.send(bytes(50))
            server.recv_exactly(150, timeout="1s")
            took = (net.now_ns - start) // MS
            assert took == (0 if nodelay or delay == 0 else delay)
            server.send(b"done")
            assert client.recv_exactly(4, timeout="1s") == b"done"
            net.run(for_="500ms")
        assert client.info().in_flight == 0


@pytest.mark.parametrize("size", [1, 1447, 1448, 1449, 2896, 2897])
def test_transfers_of_each_size_take_at_most_one_delay(net, size):
    """Full segments are of 1448 bytes: an odd number of them leaves the rest waiting. """
    lan = net.segment("lan", kind="link", rate="1G")
    a, b = net.host("a", lan, ip="10.0.0.1/24"), net.host("b", lan, ip="10.0.0.2/24")
    listener = b.listen(80)
    client = a.connect(b.ip, 80, timeout="1s")
    server = listener.accept(timeout="1s")
    net.run(for_="1s")
    start = net.now_ns
    client.sendall(pattern(size))
    assert server.recv_exactly(size, timeout="1s") == pattern(size)
    held = size % 1448 and size // 1448 % 2 == 1
    took = (net.now_ns - start) // MS
    assert took in ((39, 40) if held else (0,))
