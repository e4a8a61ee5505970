"""Bugs that other stacks have had with closed and small windows [RFC9293 3.8.6]."""

import pytest

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def closed(t, data=b"ABCDEFGHIJ", **options):
    """(connection, peer): the peer's window is 0, and so much waits for it."""
    connection, peer = t.serve(**options)
    peer.win = 0
    peer.ack()
    t.net.run(for_="1ms")
    connection.sendall(data)
    peer.expect_nothing(for_="1ms")
    return connection, peer


def probes(t, peer, count, answer=True):
    """The next so many probes; each is answered: nothing is taken."""
    found = []
    for _ in range(count):
        found.append(peer.expect(timeout="70s", lost=True))
        if answer:
            peer.ack()
    return found


@museum("MB-PERSIST-01")
def test_small_window_is_used(line):
    """1000 octets, a window of 400 and nothing in flight: 400 leave although no full segment
    fits."""
    t = line()
    connection, peer = t.serve(mss=536, win=400)
    start = t.net.now_ns
    connection.sendall(bytes(1000))
    got = peer.drain("60s")
    assert got and sum(len(s.payload) for s in got if s.seq == peer.rseq(1)) >= 400
    assert peer.rcv_nxt == peer.rseq(401) and got[0].t_ns - start <= S


@museum("MB-PERSIST-03")
def test_dead_peer_ends_it(line):
    """Probes back off, up to a minute; after the configured number the connection ends."""
    t = line()
    connection, peer = closed(t, bytes(100))
    t.lan.link(up=False)
    for _ in range(11):
        t.net.run(for_="1s")
    assert connection.info().persist_probes >= 3
    t.net.run(for_="20min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    ended = connection.events[-1].t_ns
    assert 300 * S < ended < 800 * S
    del peer


@museum("MB-PERSIST-04")
def test_probe_that_is_taken(line):
    """The peer takes the octet of the first probe: the next carries the one behind it, and nobody
    acknowledges anything in between."""
    t = line()
    connection, peer = closed(t)
    probe = peer.expect(timeout="2s", data=b"A", seq=peer.rseq(1))
    peer.ack()
    info = connection.info()
    t.net.run(for_="1ms")
    info = connection.info()
    assert info.snd_una == info.snd_nxt == peer.rseq(2)
    peer.expect_nothing(for_="900ms")
    peer.expect(timeout="3s", data=b"B", seq=peer.rseq(2))
    del probe


@museum("MB-PERSIST-05")
def test_octet_of_a_probe(line):
    """After an earlier transmission of the segment the probe has the right octet still."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"ABCDEFGHIJ")
    peer.expect(data=b"ABCDEFGHIJ", lost=True)
    peer.win = 0
    peer.ack(peer.rseq(1))
    stream = bytearray(10)
    for segment in peer.drain("20s"):
        at = (segment.seq - peer.rseq(1)) % 2**32
        if at < 10 and segment.payload:
            assert len(segment.payload) <= 1
            stream[at:at + len(segment.payload)] = segment.payload
    peer.win = 100
    peer.ack()
    for segment in peer.drain("5s"):
        at = (segment.seq - peer.rseq(1)) % 2**32
        if segment.payload:
            stream[at:at + len(segment.payload)] = segment.payload
    assert bytes(stream) == b"ABCDEFGHIJ" and connection.state == "ESTABLISHED"


@museum("MB-PERSIST-06/only-fin", "MB-PERSIST-06/data-and-fin")
def test_probe_of_a_queue_that_ends_in_fin(line, row):
    """A FIN alone is a probe by itself; behind data it waits its turn."""
    t = line()
    connection, peer = t.serve()
    peer.win = 0
    peer.ack()
    t.net.run(for_="1ms")
    if row.endswith("data-and-fin"):
        connection.sendall(b"12345")
        connection.close()
        assert peer.expect(data=b"1", timeout="2s", lost=True).flags & 1 == 0
    else:
        connection.close()
        peer.expect("FA", length=0, timeout="2s", lost=True)
    peer.win = 1000
    peer.ack()
    while not peer.fin_received:
        peer.expect(timeout="5s")
    assert peer.rcv_nxt == peer.rseq(7 if row.endswith("data-and-fin") else 2)


@museum("MB-PERSIST-07")
def test_probes_are_answered_while_data_is_refused(line):
    """The program refuses, the window closes: each probe is answered; when the program takes the
    data, nothing is missing."""
    t = line(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    connection.refuse(100)
    data = bytes(range(250)) * 8
    peer.send("A", data[:1000])
    peer.send("PA", data[1000:])
    t.net.run(for_="100ms")
    assert peer.drain()[-1].win == 0
    for at in ("5s", "10s", "20s"):
        peer.send("PA", b"x", at=at, advance=False)
        peer.expect("A", ack=peer.seq(2001), win=0)
    connection.refuse(0)
    connection.in_callback("recv", "none")
    t.net.run(for_="1s")
    assert connection.recv_exactly(2000) == data
    assert peer.expect("A", win=2000).ack == peer.seq(2001)


@museum("MB-PERSIST-08")
def test_probes_back_off(line):
    """300 s of a closed window: each pause is twice the last, up to a minute."""
    t = line()
    connection, peer = closed(t)
    found = probes(t, peer, 9)
    times = [p.t_ns for p in found]
    gaps = [round((b - a) / S) for a, b in zip(times, times[1:])]
    assert gaps == [2, 4, 8, 16, 32, 60, 60, 60] and connection.state == "ESTABLISHED"


@museum("MB-PERSIST-09", "MB-PERSIST-10/sender")
def test_probe_has_to_be_answered(line):
    """The window opens and the update is lost: a probe has an octet beyond what the peer has, or an
    old number, and its answer gets things going."""
    t = line()
    connection, peer = closed(t)
    probe = peer.expect(timeout="2s", lost=True)
    assert probe.payload == b"A" or (probe.seq - peer.rseq(1)) % 2**32 == 2**32 - 1
    peer.win = 1000
    peer.ack(peer.rseq(1))
    while peer.rcv_nxt != peer.rseq(11):
        peer.expect(timeout="2s")
        peer.ack()
    assert connection.info().unsent == 0


@museum("MB-PERSIST-10/receiver")
def test_lost_window_update(line):
    """The host's update is lost; a probe 50 s later is answered with the open window."""
    t = line(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("PA", bytes(1000))
    t.net.run(until="10s")
    assert peer.drain()[-1].win == 0
    connection.recv_exactly(2000)
    peer.expect("A", win=2000, lost=True)
    peer.send("PA", b"x", at="60s")
    peer.expect("A", ack=peer.seq(2002))
    assert connection.recv() == b"x"


@museum("MB-PERSIST-11")
def test_update_with_a_delayed_ack(line):
    """Everything is read in one call while an ACK is delayed: the update leaves at once."""
    t = line(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("A", bytes(400))
    peer.expect("A")
    peer.send("A", bytes(600))
    t.net.run(for_="1ms")
    assert connection.info().ack_delayed
    start = t.net.now_ns
    connection.recv_exactly(2000)
    got = peer.expect("A", ack=peer.seq(2001), win=2000)
    assert got.t_ns - start < MS


@museum("MB-PERSIST-12")
def test_no_small_updates(line):
    """The program reads 10 octets every 100 ms: the window stays closed until half of it, or a
    segment, is free."""
    t = line(tcp_wnd=2000, tcp_mss=1000)
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


@museum("MB-PERSIST-13")
def test_window_smaller_than_a_segment(line):
    """MSS 1460, window 1000: segments of half the largest window at least, all of it arrives."""
    t = line()
    connection, peer = t.serve(win=1000)
    connection.sendall(bytes(5000))
    start = t.net.now_ns
    sizes = []
    while peer.rcv_nxt != peer.rseq(5001):
        sizes.append(len(peer.expect().payload))
        peer.ack()
    assert min(sizes) >= 500 and t.net.now_ns - start < 100 * MS


@museum("MB-PERSIST-14")
def test_overtaken_window(line):
    """B (window 0) overtakes A (window 5000), which was sent before: the window is 0."""
    t = line()
    connection, peer = t.serve()
    peer.send("PA", bytes(10), seq=peer.seq(11), win=0)
    peer.send("PA", bytes(10), seq=peer.seq(1), win=5000)
    t.net.run(for_="1ms")
    assert connection.info().snd_wnd == 0
    connection.sendall(bytes(100))
    assert all(not s.payload for s in peer.drain("500ms"))


@museum("MB-PERSIST-15")
def test_smaller_window_in_a_pure_ack(line):
    """The same numbers, a smaller window: it counts, and the persist timer starts."""
    t = line()
    connection, peer = t.serve()
    peer.ack(win=5000)
    peer.ack(win=0)
    t.net.run(for_="1ms")
    assert connection.info().snd_wnd == 0
    connection.sendall(bytes(2000))
    peer.expect_nothing(for_="100ms")
    assert "persist" in connection.info().timers


@museum("MB-PERSIST-18")
def test_windows_of_syns_are_not_scaled(line):
    """Shift 7, window 1000 in the SYN: 1000 octets, not 128,000."""
    t = line()
    listener = t.h.listen(80)
    peer = t.peer(ws=7)
    peer.send("S", win=1000)
    peer.expect("SA")
    peer.send("A", win=1000 >> 7)
    server = listener.accept(timeout="1s")
    assert server.info().snd_wnd_max == 1000 and server.info().snd_wnd == 1000 >> 7 << 7
    other = t.peer(None, 8080, ws=7)
    client = t.h.connect(peer.ip, 8080, wait=False)
    other.expect("S")
    other.send("SA", win=1000)
    other.expect("A")
    assert client.info().snd_wnd == 1000


@museum("MB-PERSIST-19")
def test_repeated_syn(line):
    """The SYN-ACK is lost, the SYN comes again: the same agreement as after the first."""
    t = line()
    listener = t.h.listen(80)
    peer = t.peer(ws=3)
    peer.send("S")
    first = peer.expect("SA", lost=True)
    peer.send("S", seq=peer.iss, at="1s")
    again = peer.expect("SA", seq=first.seq, win=first.win)
    assert again.options == first.options
    peer.ack()
    info = listener.accept(timeout="1s").info()
    assert (info.snd_scale, info.rcv_wnd, info.rcv_ann_wnd) == (3, 64240, 64240)
    assert info.snd_wnd == 65535 >> 3 << 3


@museum("MB-PERSIST-20")
def test_two_ends_in_one_stack(line):
    """Over the loopback, one end does not read: the other probes, and nothing else happens."""
    t = line(tcp_wnd=4000)
    listener = t.h.listen(80)
    client = t.h.connect("127.0.0.1", 80, timeout="1s")
    server = listener.accept(timeout="1s")
    client.sendall(bytes(8000))
    t.net.run(for_="1s")
    before = t.h.stats()["lwip"]["tcp"]["xmit"]
    t.net.run(for_="60s")
    assert t.h.stats()["lwip"]["tcp"]["xmit"] - before <= 2 * 8
    assert server.recv_exactly(8000, timeout="2min") == bytes(8000)


@museum("MB-PERSIST-21")
def test_answered_probes_never_end_it(line):
    """Two hours of a closed window, every probe answered: alive, one probe a minute."""
    t = line()
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
