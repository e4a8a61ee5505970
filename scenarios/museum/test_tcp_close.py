"""Bugs that other stacks have had with closing and keepalive
[RFC9293 3.6][RFC9293 3.8.4]."""

import pytest

from lockwire import UsageError, VTime, wire_time

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def hop(length=0):
    """Nanoseconds that a segment with so many octets needs to the other end."""
    return wire_time(54 + length, "1G")


@museum("MB-CLOSE-02")
@pytest.mark.exact_ms
def test_close_without_memory(talk):
    """No segment for the FIN: it is tried every 250 ms, and leaves when there is one."""
    t = talk()
    connection, peer = t.serve()
    t.h.fail_alloc(1, 100_000)
    began = t.net.now_ns // MS * MS
    connection.close()
    peer.expect_nothing(for_="1s")
    t.h.fail_alloc(0)
    peer.expect("FA", seq=peer.rseq(1), at=began + 1250 * MS + hop())
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2"


@museum("MB-CLOSE-03/closed-window", "MB-CLOSE-03/in-flight")
def test_full_queue_has_room_for_a_fin(talk, row):
    """The queue is full of one-octet writes, which wait for the window or are in flight: the FIN is
    queued all the same, and leaves with the last of them, or at once."""
    t = talk(tcp_snd_queuelen=8)
    connection, peer = t.serve(listen={"nodelay": True})
    closed_window = row.endswith("closed-window")
    peer.ack(win=0 if closed_window else 1000)
    t.net.run(for_="1ms")
    assert [connection.write(b"x", copy=False) for _ in range(9)] == ["ERR_OK"] * 8 + ["ERR_MEM"]
    assert len(peer.drain("1ms")) == (0 if closed_window else 8)
    closed_ns = t.net.now_ns
    connection.close()
    assert connection.state == "FIN_WAIT_1"
    if closed_window:
        opens = peer.ack(win=1000)
        peer.expect("FPA", seq=peer.rseq(1), data=b"x" * 8, at=hop() + hop(8), since=opens)
    else:
        peer.expect("FA", seq=peer.rseq(9), length=0, at=hop(), since=closed_ns)
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2"


@museum("MB-CLOSE-04")
def test_fin_is_not_acknowledged_by_data(talk):
    """3000 octets and a FIN are queued, the window is 1000: each time all that was sent is
    acknowledged, and FIN-WAIT-1 goes on until the FIN itself is."""
    t = talk()
    connection, peer = t.serve(mss=1000, win=1000)
    connection.sendall(bytes(3000))
    connection.close()
    for sent in range(0, 3000, 1000):
        peer.expect("A", seq=peer.rseq(1 + sent), length=500)
        peer.expect("A" if sent < 2000 else "FPA", seq=peer.rseq(501 + sent), length=500)
        assert (connection.state, connection.info().snd_nxt) == ("FIN_WAIT_1", peer.rcv_nxt)
        peer.ack()
        t.net.run(for_="1us")
        assert connection.state == ("FIN_WAIT_1" if sent < 2000 else "FIN_WAIT_2")
    assert peer.rcv_nxt == peer.rseq(3002)


@museum("MB-CLOSE-07")
@pytest.mark.exact_ms
def test_last_ack_ends(talk):
    """Nobody acknowledges the FIN: it is sent five times more, and then the connection ends."""
    t = talk(tcp_maxrtx=5)
    connection, peer = t.serve()
    peer.fin()
    peer.expect("A", ack=peer.seq(2))
    connection.close()
    fin = peer.expect("FA", seq=peer.rseq(1), ack=peer.seq(2))
    began = fin.t_ns // MS * MS
    for seconds in (1, 3, 7, 15, 31):
        peer.expect("FA", seq=fin.seq, ack=fin.ack, at=began + seconds * S + hop())
        assert connection.state == "LAST_ACK"
    peer.expect_nothing(for_="300s")
    assert [(e.t_ns, e.value) for e in connection.events if e.name == "error"] == [
        (began + 63 * S, "ERR_ABRT")]
    assert t.h.stats()["memp"]["TCP_PCB"]["used"] == 0


@museum("MB-CLOSE-09")
@pytest.mark.exact_ms
def test_half_closed_with_a_dead_peer(talk):
    """The host has shut down sending, the peer has acknowledged it and died: keepalive ends it."""
    t = talk()
    connection, peer = t.serve()
    connection.set(keepalive=(10, 1, 3))
    connection.shutdown("wr")
    peer.expect("FA")
    began = (peer.ack().t_ns + hop()) // MS * MS
    assert [(s.t_ns - began - hop(), s.flag_text) for s in peer.drain("1h")] == [
        (10 * S, "A"), (11 * S, "A"), (12 * S, "A"), (13 * S, "RA")]
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")


@museum("MB-CLOSE-12/fin-wait", "MB-CLOSE-12/last-ack")
def test_sent_comes_before_the_end(talk, row):
    """One ACK for data and FIN: the sent call-back runs, for ten octets."""
    t = talk()
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
    """(connection, peer, when it is over in ns) in TIME-WAIT."""
    connection, peer = t.serve()
    connection.close()
    peer.expect("FA")
    fin = peer.fin()
    peer.expect("A", at=2 * hop(), since=fin)
    return connection, peer, end_of_wait(fin)


def end_of_wait(fin):
    """2 MSL after the peer's FIN has come, on the host's clock of whole ms; in ns."""
    return (fin.t_ns + hop()) // MS * MS + 120 * S


def over_at(t, connection, end_ns):
    """Lets time pass: TIME-WAIT until then, and not a nanosecond longer."""
    t.net.run(until=VTime(end_ns - 1))
    assert connection.state == "TIME_WAIT"
    t.net.run(until=VTime(end_ns))
    return connection.state == "CLOSED"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-CLOSE-13/rst", "MB-CLOSE-13/rst-in-window", "MB-CLOSE-13/data",
        "MB-CLOSE-13/syn-below", "MB-CLOSE-13/fin")
@pytest.mark.exact_ms
def test_time_wait(talk, row):
    """RST is ignored, data and SYN get an ACK, a FIN makes the time begin anew."""
    t = talk()
    connection, peer, end_ns = waiting(t)
    kind = row.split("/")[1]
    flags, data, seq = {"rst": ("R", b"", 0), "rst-in-window": ("R", b"", 100),
                        "data": ("PA", b"old", -1), "syn-below": ("S", b"", -100),
                        "fin": ("FA", b"", -1)}[kind]
    sent = peer.send(flags, data, seq=peer.snd_nxt + seq, at="60s")
    if flags == "R":
        peer.expect_nothing(for_="1ms")
    else:
        peer.expect("A", seq=peer.rcv_nxt, ack=peer.snd_nxt, at=2 * hop(), since=sent)
    assert over_at(t, connection, end_of_wait(sent) if kind == "fin" else end_ns)
    assert peer.pending == 0


@museum("MB-CLOSE-15")
def test_data_and_fin_at_once(talk):
    """Ten octets and a close while another segment is in flight: one segment with both leaves at
    once, whatever Nagle says."""
    t = talk()
    connection, peer = t.serve()
    connection.sendall(b"in flight")
    peer.expect("PA", data=b"in flight")
    t.net.run(for_="1ms")
    connection.sendall(b"ten octets")
    closed_ns = t.net.now_ns
    connection.close()
    peer.expect("FPA", seq=peer.rseq(10), data=b"ten octets", at=hop(10), since=closed_ns)
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-CLOSE-16")
@pytest.mark.exact_ms
def test_each_repeated_fin_gets_its_ack(talk):
    """The host's last ACK is lost; the peer's FIN comes again at 1, 3 and 7 s."""
    t = talk()
    connection, peer, _ = waiting(t)
    for at in ("1s", "3s", "7s"):
        again = peer.send("FA", seq=peer.seq(1), at=at)
        peer.expect("A", seq=peer.rseq(2), ack=peer.seq(2), at=2 * hop(), since=again)
    assert over_at(t, connection, end_of_wait(again))


def gives_up(peer, began):
    """Three probes, 10 s after `began` and then every second, and a RST when the last was in vain.
    When that is, in ns."""
    for seconds in (10, 11, 12):
        peer.expect("A", seq=peer.rseq(0), ack=peer.seq(1), at=began + seconds * S + hop())
    peer.expect("RA", seq=peer.rseq(1), ack=peer.seq(1), at=began + 13 * S + hop())
    return began + 13 * S


@museum("MB-KEEP-03")
@pytest.mark.exact_ms
def test_keepalive_gives_up(talk):
    """The peer vanishes: three probes, a RST, the error, and that is all."""
    t = talk()
    connection, peer = t.serve()
    began = t.net.now_ns // MS * MS
    connection.set(keepalive=(10, 1, 3))
    over = gives_up(peer, began)
    assert [(e.t_ns, e.value) for e in connection.events if e.name == "error"] == [
        (over, "ERR_ABRT")]
    assert t.h.stats()["memp"]["TCP_PCB"]["used"] == 0
    peer.expect_nothing(for_="1h")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-KEEP-01")
@pytest.mark.exact_ms
def test_keepalive_ends_one_that_calls_anew(talk, program):
    """The program calls somebody when it is told of the end. Its new connection gets the memory of
    the old one, and what keepalive had to do with that does not touch it: one SYN, and again after
    a second."""
    t = talk(memp_num_tcp_pcb=1, tcp_keepidle_ms=10_000, tcp_keepintvl_ms=1000, tcp_keepcnt=3)
    app = t.net.app(t.h, program("tcp_circle"), "err", "1", "1")
    peer, called = t.peer().connect(), t.peer(None, 7000)
    over = gives_up(peer, t.net.now_ns // MS * MS)
    syn = called.expect("S", at=over + wire_time(54, "1G", gap=True) + hop(20))
    called.expect("S", seq=syn.seq, at=over + S + hop(20))
    assert [line for line in app.output if "poll" not in line] == ["1 err -13"]
    called.send("SA")
    called.accept()
    called.expect_nothing(for_="9s")
    assert peer.pending == 0


@museum("MB-KEEP-02")
@pytest.mark.exact_ms
def test_keepalive_counts_in_its_units(talk):
    """Idle 5 s, every 2 s, three times: probes at 5, 7 and 9 s, the end at 11 s."""
    t = talk()
    connection, peer = t.serve()
    began = t.net.now_ns // MS * MS
    connection.set(keepalive=(5, 2, 3))
    assert [(s.t_ns - began - hop(), s.flag_text) for s in peer.drain("30s")] == [
        (5 * S, "A"), (7 * S, "A"), (9 * S, "A"), (11 * S, "RA")]


@museum("MB-KEEP-04/refused", "MB-KEEP-04/longest")
@pytest.mark.exact_ms
def test_very_long_keepalive(talk, row):
    """4294968 s, which times 1000 passes 32 bits, are refused. Of what does fit, more than the
    2^30 ms that a timer can run are cut to these: no probe before."""
    t = talk()
    connection, peer = t.serve()
    if row.endswith("refused"):
        with pytest.raises(UsageError, match="keepalive idle: 4294968"):
            connection.set(keepalive=(4_294_968, 1, 3))
        assert connection.info().timers == {}
        return
    began = t.net.now_ns // MS * MS
    connection.set(keepalive=("4294967295ms", 1, 3))
    for wait_ms in (2**30, 2**30 + 1000, 2**30 + 2000):
        peer.expect("A", seq=peer.rseq(0), at=began + wait_ms * MS + hop())
    assert connection.state == "ESTABLISHED"
