"""Bugs that other stacks have had with closing, keepalive, and their lists of connections
[RFC9293 3.6][RFC9293 3.8.4]."""

import pytest

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


@museum("MB-CLOSE-02")
def test_close_without_memory(line):
    """No segment for the FIN: it leaves within 250 ms of when there is one."""
    t = line()
    connection, peer = t.serve()
    t.h.fail_alloc(1, 100_000)
    connection.close()
    peer.expect_nothing(for_="1s")
    t.h.fail_alloc(0)
    peer.expect("FA", before="250ms", since=t.net.now_ns)
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2"


@museum("MB-CLOSE-03")
def test_full_queue_has_room_for_a_fin(line):
    """The queue is full of one-octet writes: the FIN is queued all the same."""
    t = line(tcp_snd_queuelen=8, tcp_snd_buf=2920)
    connection, peer = t.serve()
    peer.win = 0
    peer.ack()
    t.net.run(for_="1ms")
    count = 0
    while connection.write(b"x", copy=False) == "ERR_OK" and count < 100:
        count += 1
    assert 0 < count < 100
    connection.close()
    peer.win = 1000
    peer.ack()
    while not peer.fin_received:
        peer.expect(timeout="3s")
        peer.ack()
    assert peer.rcv_nxt == peer.rseq(count + 2)


@museum("MB-CLOSE-04")
def test_fin_is_not_acknowledged_by_data(line):
    """3000 octets and a FIN queued, 1000 sent and acknowledged: FIN-WAIT-1 goes on until the FIN
    itself is."""
    t = line()
    connection, peer = t.serve(mss=1000, win=1000)
    connection.sendall(bytes(3000))
    connection.close()
    while not peer.fin_received:
        assert connection.state == "FIN_WAIT_1"
        peer.expect(timeout="3s")
        if not peer.fin_received:
            peer.ack()
            t.net.run(for_="1us")
    assert (peer.rcv_nxt, connection.state) == (peer.rseq(3002), "FIN_WAIT_1")
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2"


@museum("MB-CLOSE-07")
def test_last_ack_ends(line):
    """Nobody acknowledges the FIN: the connection ends by its retries."""
    t = line(tcp_maxrtx=5)
    connection, peer = t.serve()
    peer.fin()
    peer.expect("A")
    connection.close()
    t.net.run(for_="300s")
    assert connection.state == "CLOSED"
    assert t.h.stats()["memp"]["TCP_PCB"]["used"] == 0


@museum("MB-CLOSE-09")
def test_half_closed_with_a_dead_peer(line):
    """The host has shut down sending, the peer has acknowledged it and died: keepalive ends it."""
    t = line()
    connection, peer = t.serve()
    connection.set(keepalive=(10, 1, 3))
    connection.shutdown("wr")
    peer.expect("FA")
    peer.ack()
    t.net.run(for_="60s")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")


@museum("MB-CLOSE-12/fin-wait", "MB-CLOSE-12/last-ack")
def test_sent_comes_before_the_end(line, row):
    """One ACK for data and FIN: the sent call-back runs, for ten octets."""
    t = line()
    connection, peer = t.serve()
    if row.endswith("last-ack"):
        peer.fin()
        peer.expect("A")
    connection.write(b"ten octets", output=False)
    connection.shutdown("wr")
    while not peer.fin_received:
        peer.expect()
    peer.ack()
    t.net.run(for_="1ms")
    assert [e.value for e in connection.events if e.name == "sent"] == [10]
    assert connection.state == ("CLOSED" if row.endswith("last-ack") else "FIN_WAIT_2")


def waiting(t):
    """(connection, peer) in TIME-WAIT."""
    connection, peer = t.serve()
    connection.close()
    peer.expect("FA")
    peer.fin()
    peer.expect("A")
    return connection, peer


@museum("MB-CLOSE-13/rst", "MB-CLOSE-13/data", "MB-CLOSE-13/syn-below", "MB-CLOSE-13/fin")
def test_time_wait(line, row):
    """RST is ignored, data and SYN get an ACK, a FIN makes the time begin anew."""
    t = line()
    connection, peer = waiting(t)
    t.net.run(for_="60s")
    kind = row.split("/")[1]
    flags, data, seq = {"rst": ("R", b"", 0), "data": ("PA", b"old", -1), "fin": ("FA", b"", -1),
                        "syn-below": ("S", b"", -100)}[kind]
    peer.send(flags, data, seq=peer.snd_nxt + seq)
    if kind == "rst":
        peer.expect_nothing(for_="1ms")
    else:
        peer.expect("A", seq=peer.rcv_nxt, ack=peer.snd_nxt)
    assert connection.state == "TIME_WAIT"
    t.net.run(for_="59s")
    assert connection.state == "TIME_WAIT"
    t.net.run(for_="2s")
    assert connection.state == ("TIME_WAIT" if kind == "fin" else "CLOSED")


@museum("MB-CLOSE-15")
def test_data_and_fin_at_once(line):
    """Ten octets and a close while another segment is in flight: both arrive, without waiting for
    its ACK or with it."""
    t = line()
    connection, peer = t.serve()
    connection.sendall(b"in flight")
    peer.expect(data=b"in flight")
    connection.sendall(b"ten octets")
    connection.close()
    peer.ack()
    while not peer.fin_received:
        peer.expect()
    assert peer.rcv_nxt == peer.rseq(1 + 19 + 1)


@museum("MB-CLOSE-16")
def test_each_repeated_fin_gets_its_ack(line):
    """The host's last ACK is lost; the peer's FIN comes again at 1, 3 and 7 s."""
    t = line()
    _, peer = waiting(t)
    for at in ("1s", "3s", "7s"):
        peer.send("FA", seq=peer.seq(1), at=at)
        peer.expect("A", ack=peer.seq(2))


@museum("MB-KEEP-01", "MB-KEEP-03")
def test_keepalive_gives_up(line):
    """The peer vanishes: a RST, the error, and nothing of the connection is touched again."""
    t = line()
    connection, peer = t.serve()
    connection.set(keepalive=(10, 1, 3))
    found = peer.drain("30s")
    assert [s.flags for s in found] == [0x10] * 3 + [0x14]
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")
    assert t.h.stats()["memp"]["TCP_PCB"]["used"] == 0


@museum("MB-KEEP-02")
@pytest.mark.exact_ms
def test_keepalive_counts_in_its_units(line):
    """Idle 5 s, every 2 s, three times: probes at 5, 7 and 9 s, the end at 11 s."""
    t = line()
    connection, peer = t.serve()
    start = t.net.now_ns
    connection.set(keepalive=(5, 2, 3))
    found = peer.drain("30s")
    assert [round((s.t_ns - start) / (10 * MS)) for s in found] == [500, 700, 900, 1100]


@museum("MB-KEEP-04")
def test_very_long_keepalive(line):
    """4294968 s, which times 1000 passes 32 bits: refused, or no probe for a long time."""
    t = line()
    connection, peer = t.serve()
    try:
        connection.set(keepalive=(4_294_968, 1, 3))
    except Exception as why:  # pylint: disable=broad-except
        assert "keepalive" in str(why) or "idle" in str(why)
    peer.expect_nothing(for_="2h")
    assert connection.state == "ESTABLISHED"


@museum("MB-LIST-01/poll", "MB-LIST-01/recv")
def test_lists_change_in_call_backs(line, row):
    """A call-back aborts its connection while others are served: each is served once."""
    t = line()
    listener = t.h.listen(80)
    peers = [t.peer(sport=5000 + n).connect() for n in range(3)]
    conns = [listener.accept(timeout="1s") for _ in peers]
    call = row.split("/")[1]
    conns[1].in_callback(call, "abort")
    for c in conns:
        c.poll(2)
    for peer in peers:
        peer.send("PA", b"data")
    t.net.run(for_="1.1s")
    assert [c.state for c in conns] == ["ESTABLISHED", "CLOSED", "ESTABLISHED"]
    peers[1].drain()
    assert peers[1].reset_received
    fourth = t.peer(sport=5003).connect()
    assert listener.accept(timeout="1s").state == "ESTABLISHED" and fourth.rcv_nxt
    for c in (conns[0], conns[2]):
        assert c.recv() == b"data"
        assert len([e for e in c.events if e.name == "poll"]) == 1


@museum("MB-LIST-03")
def test_connections_on_two_interfaces(line):
    """Traffic alternates between them: every connection is found every time."""
    t = line()
    far = t.net.segment("far", kind="link", rate="1G")
    t.h.netif(far, ip="10.2.0.2/24", mac="02:00:00:00:02:02")
    other = far.port("tester2", mac="02:00:00:00:02:01", ip="10.2.0.1")
    t.net.run(for_="5ms")
    listener = t.h.listen(80)
    peers = []
    for n in range(4):
        peers.append(t.peer(sport=5000 + n).connect())
        peers.append(other.tcp("10.2.0.2", 80, 6000 + n, to_mac="02:00:00:00:02:02").connect())
    conns = [listener.accept(timeout="1s") for _ in peers]
    for turn in range(3):
        for peer in peers:
            peer.send("PA", bytes([turn]))
            t.net.run(for_="1ms")
    t.net.run(for_="100ms")
    assert [c.recv() for c in conns] == [b"\0\1\2"] * 8
    assert not any(p.reset_received for p in peers) and t.drops() == {}


@museum("MB-LIST-04")
def test_clock_does_not_drift(line):
    """Timers are served 20 ms late for ten minutes: keepalive's hour hand is within 2 %."""
    t = line(timer="coarse")
    connection, peer = t.serve()
    connection.set(keepalive=(600, 1, 3))
    start = t.net.now_ns
    while not peer.pending and t.net.now_ns - start < 700 * S:
        t.h.pause("20ms")
        t.net.run(for_="250ms")
    got = peer.expect("A", timeout="100s")
    assert 588 * S < got.t_ns - start < 612 * S
    assert connection.state == "ESTABLISHED"


@museum("MB-LIST-05")
def test_timer_of_a_connection_that_is_gone(line):
    """Aborted while its retransmission timer runs; the next one in its place is not hit by it."""
    t = line(memp_num_tcp_pcb=1)
    listener = t.h.listen(80)
    peer = t.peer().connect()
    first = listener.accept(timeout="1s")
    first.sendall(b"in flight")
    peer.expect("PA")
    first.abort()
    peer.expect("RA")
    second = t.peer(sport=40001).connect()
    connection = listener.accept(timeout="1s")
    second.expect_nothing(for_="10s")
    assert connection.state == "ESTABLISHED" and connection.info().timers == {}
