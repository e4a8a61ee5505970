"""lwIP's contracts: the order of call-backs and what their return values mean, tcp_write, queue
limits, tcp_recved, poll, backlog, a close that has to wait for memory.
[RFC9293 3.9] [RFC9293 3.9.1] """

import pytest
from lockwire import ConnectionAborted, shows
from lockwire.tcp_info import pattern

MS = 1_000_000
S = 1_000_000_000


def settle(t):
    t.net.run(for_="1ms")


def names(thing):
    return [event[1:] for event in thing.events]


# -- order -----------------------------------------------------------------------------------------
def test_accept_sent_recv_closed_in_one_segment(talk):
    """What one segment brings is told in lwIP's order. """
    t = talk()
    connection, peer = t.serve()
    connection.send(b"0123456789")
    peer.expect("PA")
    peer.send("FPA", b"abc")
    settle(t)
    assert names(connection) == [("accept", "ERR_OK"), ("sent", 10), ("recv", 3), ("closed", None)]


def test_data_with_the_handshakes_ack(talk):
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send("S")
    peer.expect("SA")
    peer.send("FPA", b"all")
    connection = listener.accept(timeout=1)
    settle(t)
    assert names(connection) == [("accept", "ERR_OK"), ("recv", 3), ("closed", None)]
    assert connection.recv_all(timeout=0) == b"all"


def test_connected_before_data(talk):
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    peer.send("SPA", b"hi")
    settle(t)
    assert names(connection) == [("connected", "ERR_OK"), ("recv", 2)]


def test_sent_sums_up_to_what_was_acknowledged(talk):
    """ACKs in the middle of segments, out of order, and twice. """
    t = talk()
    connection, peer = t.serve(listen={"nodelay": True})
    connection.send(pattern(3000))
    settle(t)
    with shows("MB-DATA-19", "MB-DATA-20"):
        for ack in (301, 101, 301, 1461, 1462, 3001, 3001):
            peer.send("A", ack=peer.rseq(ack))
        settle(t)
        values = [value for name, value in names(connection) if name == "sent"]
        assert sum(values) == 3000 and min(values) > 0
        assert connection.room == 64_240 and connection.info().queuelen == 0


def test_sent_before_the_end(talk):
    """Ten bytes and a close, one ACK for both: sent(10), and then the FIN counts. """
    t = talk()
    connection, peer = t.serve()
    connection.send(b"0123456789")
    connection.shutdown("wr")
    settle(t)
    with shows("MB-CLOSE-12"):
        peer.send("A", ack=peer.rseq(12))
        settle(t)
        assert names(connection)[1:] == [("sent", 10)] and connection.state == "FIN_WAIT_2"
        peer.fin()
        settle(t)
        assert names(connection)[1:] == [("sent", 10), ("closed", None)]


# -- refusing --------------------------------------------------------------------------------------
@pytest.mark.parametrize("times", [1, 3, 10])
def test_refused_data_comes_again_then_the_fin(talk, times):
    t = talk()
    connection, peer = t.serve()
    connection.refuse(times)
    with shows("MF-TCP-75", "MB-DATA-10"):
        peer.send("FPA", b"data")
        t.net.run(for_="10s")
        assert names(connection) == [("accept", "ERR_OK")] + [("refused", 4)] * times + \
            [("recv", 4), ("closed", None)]
        assert connection.recv_all(timeout=0) == b"data"
        assert peer.drain()[-1].ack == peer.seq(6)


@pytest.mark.exact_ms
def test_refused_data_is_offered_every_250_ms(talk):
    t = talk()
    connection, peer = t.serve()
    connection.refuse(4)
    peer.send("PA", b"data")
    t.net.run(for_="2s")
    times = [e.t_ns // MS for e in connection.events if e.name in ("refused", "recv")]
    assert [b - a for a, b in zip(times, times[1:])] == [250] * 4


def test_refused_data_is_offered_when_more_comes(talk):
    """And what comes meanwhile stands behind it, in order. """
    t = talk()
    connection, peer = t.serve()
    connection.refuse(1)
    peer.send("PA", b"one")
    settle(t)
    peer.send("PA", b"two")
    settle(t)
    assert connection.recv(99, timeout=0) == b"onetwo"
    assert names(connection)[1] == ("refused", 3)
    assert [n for n, _ in names(connection)].count("refused") == 1


def test_window_of_refused_data_stays_closed(talk):
    t = talk(tcp_wnd=2920)
    connection, peer = t.serve()
    connection.refuse(1000)
    peer.send("A", pattern(1460))
    peer.send("PA", pattern(1460, at=1460))
    t.net.run(for_="100ms")
    assert peer.drain()[-1].win == 0 and connection.info().rcv_wnd == 0
    connection.in_callback("recv", "none", 0)
    assert connection.recv_exactly(2920, timeout="1s") == pattern(2920)
    assert peer.expect("A").win == 2920


def test_accept_that_refuses_resets(talk):
    t = talk()
    listener = t.h.listen(80)
    listener.refuse()
    peer = t.peer()
    peer.send("S")
    peer.expect("SA")
    peer.ack()
    peer.expect("RA", seq=peer.rseq(1))
    assert names(listener) == [("accept", "ERR_MEM")]
    t.peer(sport=40001).connect()
    assert listener.accept(timeout=1).state == "ESTABLISHED"


# -- aborting and closing within -------------------------------------------------------------------
@pytest.mark.parametrize("action", ["abort", "close"])
@pytest.mark.parametrize("call", ["accept", "recv", "sent", "poll"])
def test_ending_it_in_a_callback(talk, call, action):
    """One segment brings an ACK, data and a FIN: nothing is called after the end. """
    t = talk()
    listener = t.h.listen(80)
    if call == "accept":
        listener.in_callback("accept", "abort" if action == "abort" else "refuse")
        peer = t.peer()
        peer.send("S")
        peer.expect("SA")
        peer.send("FPA", b"abc")
        settle(t)
        assert peer.drain()[-1].flag_text == "RA"
        assert all(name == "accept" for name, _ in names(listener))
        return
    peer = t.peer().connect()
    connection = listener.accept(timeout=1)
    connection.in_callback(call, action)
    if call == "poll":
        connection.poll(1)
    else:
        connection.send(b"x")
        peer.expect("PA")
        peer.send("FPA", b"abc")
    t.net.run(for_="2s")
    told = [name for name, _ in names(connection)]
    ends = told.index(call)
    assert [n for n in told[ends + 1:] if n != "error"] == []
    if action == "abort":
        assert connection.error == "ERR_ABRT" and connection.state == "CLOSED"
        assert any("R" in s.flag_text for s in peer.drain())
        with pytest.raises(ConnectionAborted):
            connection.send(b"y")


@pytest.mark.parametrize("action", ["abort", "close"])
def test_ending_it_in_connected(talk, action):
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    connection.in_callback("connected", action)
    peer.expect("S")
    peer.send("SFPA", b"abc")
    settle(t)
    told = [name for name, _ in names(connection)]
    assert told[0] == "connected" and set(told[1:]) <= {"error"}
    last = peer.drain()[-1].flag_text
    assert "R" in last if action == "abort" else "F" in last or "R" in last


# -- writing ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("copy", [True, False])
def test_write_by_copy_and_by_reference(talk, copy):
    t = talk()
    connection, peer = t.serve()
    t.lan.faults.drop(src="h", nth=2)
    for i in range(4):
        assert connection.write(pattern(1000, at=1000 * i), copy=copy, more=i < 3) == "ERR_OK"
    got = {}
    for _ in range(12):
        segment = peer.expect(timeout="2s", lost=True)
        got[(segment.seq - peer.rseq(1)) % 2**32] = segment.payload
        while peer.rcv_nxt != peer.rseq(4001) and \
                (piece := got.get((peer.rcv_nxt - peer.rseq(1)) % 2**32)):
            peer.rcv_nxt += len(piece)
        peer.ack()
        if (peer.rcv_nxt - peer.rseq(1)) % 2**32 == 4000:
            break
    assert b"".join(got[at] for at in sorted(got)) == pattern(4000)


def test_write_takes_all_or_nothing(talk):
    t = talk(tcp_snd_buf=4000)
    connection, peer = t.serve()
    peer.send("A", win=0)
    settle(t)
    assert connection.write(bytes(4001)) == "ERR_MEM" and connection.room == 4000
    assert connection.write(bytes(3999)) == "ERR_OK" and connection.room == 1
    assert connection.write(bytes(2)) == "ERR_MEM" and connection.info().unsent == 3999
    assert connection.write(b"x") == "ERR_OK" and connection.write(b"") == "ERR_OK"
    assert connection.room == 0


def test_queue_length_is_a_limit_of_its_own(talk):
    t = talk(tcp_snd_queuelen=4)
    connection, peer = t.serve(listen={"nodelay": True})
    peer.send("A", win=0)
    settle(t)
    results = [connection.write(b"x", copy=False) for _ in range(6)]
    assert results == ["ERR_OK"] * 4 + ["ERR_MEM"] * 2
    assert connection.info().queuelen == 4 and connection.room == 64_236


def test_room_comes_back_with_the_ack(talk):
    t = talk(tcp_snd_buf=5000)
    connection, peer = t.serve(win=2920)
    assert connection.send(pattern(9000)) == 5000
    settle(t)
    assert connection.room == 0
    peer.drain()
    peer.ack()
    settle(t)
    assert connection.room == 2920 and names(connection)[-1] == ("sent", 2920)


def test_bytes_written_after_a_retransmission_stay_in_order(talk):
    """1, 2 are in flight and sent again while 3 waits; then more is written. """
    t = talk()
    connection, peer = t.serve(win=2920)
    connection.send(pattern(3300))
    settle(t)
    peer.drain()
    with shows("MB-DATA-15"):
        peer.rcv_nxt = peer.rseq(1)
        t.net.run(for_="1100ms")
        connection.send(pattern(700, at=3300))
        peer.drain()
        peer.send("A", ack=peer.rseq(2921), win=8000)
        got = b""
        peer.rcv_nxt = peer.rseq(2921)
        while len(got) < 1080:
            segment = peer.expect(timeout="2s", seq=peer.rseq(2921 + len(got)))
            got += segment.payload
            peer.ack()
        assert got == pattern(1080, at=2920)


# -- reading ---------------------------------------------------------------------------------------
def test_recved_opens_the_window_by_as_much(talk):
    t = talk(tcp_wnd=10_000, tcp_wnd_update_threshold=1)
    connection, peer = t.serve()
    for at in range(0, 10_000, 1000):
        peer.send("PA", pattern(1000, at=at))
    t.net.run(for_="100ms")
    assert peer.drain()[-1].win == 0
    wins = []
    for n in (1460, 1460, 3000, 4080):
        connection.recv_exactly(n)
        settle(t)
        wins += [s.win for s in peer.drain()]
    assert wins == [1460, 2920, 5920, 10_000] and connection.info().rcv_wnd == 10_000


def test_partly_new_retransmission_is_taken(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("PA", pattern(500))
    peer.expect("A", ack=peer.seq(501))
    with shows("MB-DATA-21"):
        peer.send("PA", pattern(1000), seq=peer.seq(1))
        peer.expect("A", ack=peer.seq(1001))
        assert connection.recv(9999) == pattern(1000)


# -- poll, backlog ---------------------------------------------------------------------------------
@pytest.mark.exact_ms
@pytest.mark.parametrize("interval", [1, 2, 7, 255])
def test_poll_intervals(talk, interval):
    t = talk()
    connection, peer = t.serve()
    connection.poll(interval)
    start = t.net.now_ns // MS * MS
    t.net.run(for_=f"{interval * 2}s")
    times = [e.t_ns for e in connection.events if e.name == "poll"]
    assert times == [start + 500 * MS * interval * i for i in (1, 2, 3, 4)]


def test_backlog_counts_until_accepted(talk):
    """Half-open ones and those that wait. """
    t = talk()
    listener = t.h.listen(80, backlog=2)
    peers = [t.peer(80, 40_000 + i) for i in range(3)]
    for peer in peers:
        peer.send("S")
    settle(t)
    assert [p.pending for p in peers] == [1, 1, 0]
    assert t.h.stats()["drops"] == {"tcp_listen_backlog": 1}
    peers[0].expect("SA")
    peers[0].ack()
    settle(t)
    peers[2].send("S", seq=peers[2].seq(0))  # established, but nobody has accepted it
    settle(t)
    assert peers[2].pending == 0 and listener.pending == 1
    listener.accept(timeout=0)
    peers[2].send("S", seq=peers[2].seq(0))
    peers[2].expect("SA", timeout="2s")


# -- closing without memory ------------------------------------------------------------------------
@pytest.mark.exact_ms
def test_close_without_memory_sends_its_fin_later(talk):
    """Every allocation fails for a second: the close succeeds, the FIN follows within 250 ms. """
    t = talk()
    connection, peer = t.serve()
    t.h.fail_alloc(1, 1 << 30)
    with shows("MB-CLOSE-02"):
        connection.shutdown("wr")
        t.net.run(for_="1s")
        assert peer.pending == 0
        t.h.fail_alloc(0)
        now = t.net.now_ns
        peer.expect("FA", seq=peer.rseq(1), before=now + 250 * MS + t.hop())
        peer.ack()
        settle(t)
        assert connection.state == "FIN_WAIT_2"


def test_write_without_memory_changes_nothing(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("A", win=0)
    settle(t)
    connection.write(b"abc")
    before = connection.info()
    for nth in range(1, 4):
        t.h.fail_alloc(nth, 1 << 20)
        result = connection.write(pattern(5000), output=False)
        t.h.fail_alloc(0)
        assert result == "ERR_MEM"
        after = connection.info()
        assert (after.unsent, after.queuelen, after.snd_buf) == \
            (before.unsent, before.queuelen, before.snd_buf)


def test_split_without_memory_fails_softly(talk):
    """The probe's octet cannot be cut off for want of memory: it is tried again. """
    t = talk()
    connection, peer = t.serve()
    peer.send("A", win=0)
    settle(t)
    connection.send(pattern(100))
    t.h.fail_alloc(1, 1 << 30)
    with shows("MB-DATA-13"):
        t.net.run(for_="5s")
        t.h.fail_alloc(0)
        peer.drain()
        peer.expect(seq=peer.rseq(1), data=pattern(1), timeout="61s")
        peer.ack(win=1000)
        peer.expect("PA", data=pattern(99, at=1))
