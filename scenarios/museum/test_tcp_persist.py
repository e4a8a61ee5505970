"""Bugs that other stacks have had with closed and small windows [RFC9293 3.8.6]."""

import pytest

from lockwire import VTime, wire_time

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


START = 10 * MS  # when closed() queues its data
TWELVE = [1, 3, 7, 15, 31, 63, 123, 183, 243, 303, 363, 423]  # seconds: all probes of a dead peer
PROBE = wire_time(54 + 1, "1G")


def closed(t, data=b"ABCDEFGHIJ", **options):
    """(connection, peer): the peer's window is 0, and since START so much waits for it."""
    connection, peer = t.serve(**options)
    peer.win = 0
    peer.ack()
    t.net.run(until=VTime(START))
    connection.sendall(data)
    peer.expect_nothing(for_="1ms")
    return connection, peer


def sizes(peer, count):
    """Of the next so many segments; each is acknowledged."""
    found = []
    for _ in range(count):
        found.append(len(peer.expect().payload))
        peer.ack()
    return found


@museum("MB-PERSIST-01/never-larger")
def test_small_window_is_used(talk):
    """1000 octets, a window of 400 and nothing in flight: 400 leave at once although no full
    segment fits."""
    t = talk()
    connection, peer = t.serve(mss=536, win=400)
    t.net.run(until=VTime(START))
    connection.sendall(bytes(1000))
    peer.expect("A", seq=peer.rseq(1), length=400, at=START + wire_time(454, "1G"))
    peer.expect_nothing(for_="900ms")
    peer.ack()
    assert sizes(peer, 2) == [400, 200] and peer.rcv_nxt == peer.rseq(1001)


@museum("MB-PERSIST-01/less-than-half")
@pytest.mark.exact_ms
def test_small_window_is_used_after_a_while(talk):
    """The window was 8000 before: a piece of 400 waits for a better one, but not for ever."""
    t = talk()
    connection, peer = t.serve(mss=536, win=8000)
    peer.win = 400
    peer.ack()
    t.net.run(until=VTime(START))
    connection.sendall(bytes(1000))
    t.lan.faults.drop(src="tester", nth=1)
    peer.ack(win=8000)  # the news gets lost
    hop = wire_time(454, "1G")
    peer.expect("A", seq=peer.rseq(1), length=400, at=START + 500 * MS + hop)
    acked = peer.ack(at="1s")
    peer.expect("A", seq=peer.rseq(401), length=136, at=t.back(acked, 136), since=acked)
    peer.ack(at="1.5s")
    peer.expect("A", seq=peer.rseq(537), length=400, at=2 * S + hop)
    acked = peer.ack(at="2.5s")
    peer.expect("PA", seq=peer.rseq(937), length=64, at=t.back(acked, 64), since=acked)


@museum("MB-PERSIST-03/silent-peer", "MB-PERSIST-03/unplugged")
@pytest.mark.exact_ms
def test_dead_peer_ends_it(talk, row):
    """Probes back off, up to a minute; after the twelfth the connection has one more minute."""
    t = talk()
    connection, peer = closed(t, bytes(100))
    if row.endswith("/unplugged"):
        t.lan.link(up=False)
    else:
        for after in TWELVE:
            peer.expect("A", seq=peer.rseq(1), length=1, at=START + after * S + PROBE, lost=True)
    t.net.run(until="20min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    assert connection.events[-1].t_ns == START + 483 * S and peer.pending == 0


@museum("MB-PERSIST-04")
@pytest.mark.exact_ms
def test_probe_that_is_taken(talk):
    """The peer takes the octet of each probe: the next carries the one behind it, and nobody
    acknowledges anything in between."""
    t = talk()
    connection, peer = closed(t)
    for n, after in enumerate(TWELVE[:4]):
        peer.expect("A", seq=peer.rseq(1 + n), data=b"ABCD"[n:n + 1],
                    at=START + after * S + PROBE)
        peer.ack()
        t.net.run(for_="1ms")
        info = connection.info()
        assert info.snd_una == info.snd_nxt == peer.rseq(2 + n)
    peer.expect_nothing(for_="15s")
    assert t.drops() == {}


@museum("MB-PERSIST-05/new")
@pytest.mark.exact_ms
def test_octet_of_a_probe(talk):
    """Part of a segment has left into a small window; the octets that are probed with are those
    behind it, and the same again while they are not taken."""
    t = talk()
    connection, peer = t.serve()
    peer.ack(win=4)
    t.net.run(until=VTime(START))
    connection.sendall(b"ABCDEFGHIJ")
    peer.expect("A", seq=peer.rseq(1), data=b"ABCD", at=START + 500 * MS + wire_time(58, "1G"))
    peer.win = 0
    peer.ack()
    begin = peer.log[-2].segment.t_ns // MS * MS
    for n, after in enumerate(TWELVE[:3]):
        peer.expect("A", seq=peer.rseq(5 + n), data=b"EFG"[n:n + 1], at=begin + after * S + PROBE)
        peer.ack()
    for after in TWELVE[3:5]:
        peer.expect("A", seq=peer.rseq(8), data=b"H", at=begin + after * S + PROBE, lost=True)
        peer.ack()
    peer.win = 100
    peer.ack()
    peer.expect("A", seq=peer.rseq(8), data=b"H")
    peer.ack()
    peer.expect("PA", seq=peer.rseq(9), data=b"IJ")


@museum("MB-PERSIST-05/sent-before")
def test_octets_of_a_segment_that_was_sent(talk):
    """The segment has been sent as a whole, its front was acknowledged, and the window goes from 1
    to 0 and back: one octet at a time, the right one."""
    t = talk()
    connection, peer = t.serve()
    connection.sendall(b"ABCDEFGHIJ")
    peer.expect("PA", data=b"ABCDEFGHIJ", lost=True)
    peer.rcv_nxt, peer.win = peer.rseq(5), 0
    peer.ack()
    for n in range(5, 10):
        peer.expect("A", seq=peer.rseq(n - 1), length=0, timeout="2s")  # nothing fits: the question
        peer.win = 1
        peer.ack()
        peer.expect("A", seq=peer.rseq(n), data=b"EFGHI"[n - 5:n - 4])
        peer.win = 0
        peer.ack()
    peer.win = 100
    peer.ack()
    peer.expect("PA", seq=peer.rseq(10), data=b"J", timeout="2s")
    peer.ack()
    peer.expect_nothing(for_="10min")
    assert connection.info().timers == {}


@museum("MB-PERSIST-06/only-fin")
@pytest.mark.exact_ms
def test_probe_with_a_fin(talk):
    """A FIN alone is a probe by itself, and comes again while it is not taken."""
    t = talk()
    connection, peer = t.serve()
    peer.win = 0
    peer.ack()
    t.net.run(until=VTime(START))
    connection.close()
    hop = wire_time(54, "1G")
    peer.expect("FA", seq=peer.rseq(1), length=0, at=START + hop, lost=True)
    for after in TWELVE[:4]:
        peer.expect("FA", seq=peer.rseq(1), length=0, at=START + after * S + MS + hop, lost=True)
    peer.win = 1000
    peer.ack()
    peer.expect("FA", seq=peer.rseq(1), length=0)
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2" and peer.rcv_nxt == peer.rseq(2)


@museum("MB-PERSIST-06/data-and-fin")
@pytest.mark.exact_ms
def test_probe_of_a_queue_that_ends_in_fin(talk):
    """Behind data the FIN waits its turn."""
    t = talk()
    connection, peer = closed(t, b"12345")
    connection.close()
    for after in TWELVE[:3]:
        peer.expect("A", seq=peer.rseq(1), data=b"1", at=START + after * S + PROBE, lost=True)
    peer.rcv_nxt = peer.rseq(2)
    peer.ack()
    peer.expect("A", seq=peer.rseq(2), data=b"2", at=START + TWELVE[3] * S + PROBE)
    peer.win = 1000
    peer.ack()
    peer.expect("FPA", seq=peer.rseq(3), data=b"345")
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2" and peer.rcv_nxt == peer.rseq(7)


@museum("MB-PERSIST-07")
def test_probes_are_answered_while_data_is_refused(talk):
    """The program refuses, the window closes: each probe is answered; when the program takes the
    data, nothing is missing."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    connection.refuse(100)
    data = bytes(range(250)) * 8
    peer.send("A", data[:1000])
    peer.send("PA", data[1000:])
    t.net.run(for_="100ms")
    assert peer.drain()[-1].win == 0
    for at in ("5s", "10s", "20s"):
        probe = peer.send("PA", b"x", at=at, advance=False)
        peer.expect("A", ack=peer.seq(2001), win=0, at=t.back(probe), since=probe)
    connection.refuse(0)
    connection.in_callback("recv", "none")
    t.net.run(for_="1s")
    assert connection.recv_exactly(2000) == data
    assert peer.expect("A", win=2000).ack == peer.seq(2001)


@museum("MB-PERSIST-08")
@pytest.mark.exact_ms
def test_probes_back_off(talk):
    """Five minutes of a closed window: each pause is twice the last, up to a minute."""
    t = talk()
    connection, peer = closed(t)
    for after in TWELVE[:10]:
        peer.expect("A", data=b"A", at=START + after * S + PROBE, lost=True)
        peer.ack()
    assert connection.state == "ESTABLISHED" and connection.info().persist_probes == 1


@museum("MB-PERSIST-09", "MB-PERSIST-10/sender")
@pytest.mark.exact_ms
def test_probe_has_to_be_answered(talk):
    """The window opens and the update is lost: a probe has an octet beyond what the peer has, and
    its answer gets things going."""
    t = talk()
    connection, peer = closed(t)
    t.lan.faults.drop(src="tester", nth=1)
    peer.win = 1000
    peer.ack()
    peer.expect("A", seq=peer.rseq(1), data=b"A", at=START + S + PROBE)
    peer.ack()
    peer.expect("PA", seq=peer.rseq(2), data=b"BCDEFGHIJ")
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.info().unsent == 0 and connection.info().timers == {}


@museum("MB-PERSIST-10/receiver")
def test_lost_window_update(talk):
    """The host's update is lost; a probe 50 s later is answered with the open window."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("PA", bytes(1000))
    t.net.run(until="10s")
    assert peer.drain()[-1].win == 0
    connection.recv_exactly(2000)
    peer.expect("A", win=2000, lost=True)
    peer.send("PA", b"x", at="60s")
    peer.expect("A", ack=peer.seq(2002), win=1999)
    assert connection.recv() == b"x"


@museum("MB-PERSIST-11")
def test_update_with_a_delayed_ack(talk):
    """Everything is read in one call while an ACK is delayed: the update leaves at once."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("A", bytes(400))
    peer.expect("A")
    peer.send("A", bytes(600))
    t.net.run(for_="1ms")
    assert connection.info().ack_delayed
    start = t.net.now_ns
    connection.recv_exactly(2000)
    peer.expect("A", ack=peer.seq(2001), win=2000, at=start + wire_time(54, "1G"))


@museum("MB-PERSIST-12")
def test_no_small_updates(talk):
    """The program reads 10 octets every 100 ms: the window stays closed until half of it, or a
    segment, is free."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("A", bytes(1000))
    t.net.run(for_="50ms")
    assert peer.drain()[-1].win == 0
    for n in range(1, 100):
        connection.recv_exactly(10)
        peer.expect_nothing(for_="100ms")
    connection.recv_exactly(10)
    peer.expect("A", win=1000)


@museum("MB-PERSIST-13/established", "MB-PERSIST-13/before-the-handshake")
def test_window_smaller_than_a_segment(talk, row):
    """MSS 1460, window 1000: segments of half the largest window, all of it arrives at once. What
    was queued before that was known is in segments of the default size."""
    t = talk(lwip_tcp_timestamps=0)
    if row.endswith("/established"):
        connection, peer = t.serve(win=1000)
        connection.sendall(bytes(5000))
        start = t.net.now_ns
        assert sizes(peer, 10) == [500] * 10
    else:
        peer = t.peer(None, 8080, win=1000)
        connection = t.h.connect(peer.ip, 8080, wait=False)
        connection.sendall(bytes(5000))
        peer.expect("S")
        peer.send("SA")
        start = t.net.now_ns
        assert sizes(peer, 10) == [536] * 9 + [176]
    assert t.net.now_ns - start < MS and peer.rcv_nxt == peer.rseq(5001)
    t.net.run(for_="1ms")
    assert connection.info().unacked == connection.info().unsent == 0


@museum("MB-PERSIST-14")
def test_overtaken_window(talk):
    """B (window 0) overtakes A (window 5000), which was sent before: the window is 0."""
    t = talk()
    connection, peer = t.serve()
    peer.send("PA", bytes(10), seq=peer.seq(11), win=0)
    peer.send("PA", bytes(10), seq=peer.seq(1), win=5000)
    t.net.run(for_="1ms")
    assert connection.info().snd_wnd == 0
    connection.sendall(bytes(100))
    assert all(not s.payload for s in peer.drain("500ms"))


@museum("MB-PERSIST-15")
def test_smaller_window_in_a_pure_ack(talk):
    """The same numbers, a smaller window: it counts, and the persist timer starts."""
    t = talk()
    connection, peer = t.serve()
    peer.ack(win=5000)
    peer.ack(win=0)
    t.net.run(for_="1ms")
    assert connection.info().snd_wnd == 0
    connection.sendall(bytes(2000))
    peer.expect_nothing(for_="100ms")
    assert "persist" in connection.info().timers


@museum("MB-PERSIST-18/passive")
def test_window_of_a_syn_is_not_scaled(talk):
    """Shift 7, window 1000 in the SYN: 1000 octets, not 128,000."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer(ws=7)
    peer.send("S", win=1000)
    peer.expect("SA")
    peer.send("A", win=1000 >> 7)
    server = listener.accept(timeout="1s")
    assert server.info().snd_wnd_max == 1000 and server.info().snd_wnd == 1000 >> 7 << 7


@museum("MB-PERSIST-18/active", "MB-PERSIST-18/crossing")
def test_window_of_a_syn_ack_is_not_scaled(talk, row):
    """Nor is that of a SYN-ACK, also if SYNs have crossed before."""
    t = talk()
    peer = t.peer(None, 8080, ws=7)
    client = t.h.connect(peer.ip, 8080, wait=False)
    peer.expect("S")
    if row.endswith("/crossing"):
        peer.send("S", win=900, advance=False)
        peer.expect("SA")
        assert client.info().snd_wnd == 900
    peer.send("SA", win=1000)
    t.net.run(for_="1ms")
    assert client.state == "ESTABLISHED" and client.info().snd_wnd == 1000
    assert client.info().snd_wnd_max == 1000 and client.info().snd_scale == 7


@museum("MB-PERSIST-19")
def test_repeated_syn(talk):
    """The SYN-ACK is lost, the SYN comes again: the same agreement as after the first."""
    t = talk(tcp_wnd=200_000)
    listener = t.h.listen(80)
    peer = t.peer(ws=3)
    peer.send("S")
    first = peer.expect("SA", lost=True)
    peer.send("S", seq=peer.iss, at="0.5s")
    again = peer.expect("SA", seq=first.seq, win=65_535)
    assert again.options == first.options and first.win == 65_535
    peer.ack()
    connection = listener.accept(timeout="1s")
    info = connection.info()
    assert (info.snd_scale, info.rcv_scale, info.rcv_wnd) == (3, 2, 200_000)
    assert info.snd_wnd == 65535 >> 3 << 3
    connection.sendall(b"x")
    peer.expect("PA", data=b"x", win=200_000 >> 2)


@museum("MB-PERSIST-20/closed", "MB-PERSIST-20/a-little-room")
@pytest.mark.exact_ms
def test_two_ends_in_one_stack(talk, row):
    """Over the loopback, one end does not read, or so little that it is not worth an update: the
    other probes with the pauses that it has to make, and nothing else happens."""
    t = talk(tcp_wnd=2920, lwip_tcp_timestamps=0)
    listener = t.h.listen(80)
    client = t.h.connect("127.0.0.1", 80, timeout="1s")
    server = listener.accept(timeout="1s")
    t.net.run(until=VTime(START))
    client.sendall(bytes(6000))
    t.net.run(until=VTime(START + MS))
    if row.endswith("/a-little-room"):
        assert server.recv_exactly(10) == bytes(10)
    before = t.h.stats()["lwip"]["tcp"]["xmit"]
    for n, after in enumerate(TWELVE[:7]):
        t.net.run(until=VTime(START + after * S - 1))
        assert t.h.stats()["lwip"]["tcp"]["xmit"] - before == 2 * n
    taken = 10 if row.endswith("/a-little-room") else 0
    info = client.info()
    assert (info.snd_una - info.iss) % 2**32 == 2921 + min(6, taken)
    assert server.recv_exactly(6000 - taken, timeout="2min") == bytes(6000 - taken)


@museum("MB-PERSIST-21")
def test_answered_probes_never_end_it(talk):
    """Two hours of a closed window, every probe answered: alive, one probe a minute."""
    t = talk()
    connection, peer = closed(t, bytes(50))
    count = []

    def answer(_):
        count.append(t.net.now_ns)
        peer.rcv_nxt = peer.rseq(1)
        peer.ack(peer.rseq(1))
    peer.on(answer)
    t.net.run(for_="7200s")
    assert connection.state == "ESTABLISHED" and 120 <= len(count) <= 130
    assert {round((b - a) / S) for a, b in zip(count[10:], count[11:])} == {60}
