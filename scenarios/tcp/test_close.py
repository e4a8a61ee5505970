"""How connections end: each order of FINs and ACKs, half-closed for long, with text that nobody has
read, with text that comes too late; what the application hears.
[RFC9293 3.6] [RFC9293 3.10.4] [RFC9293 3.10.7.4] [RFC9293 3.6.1 SHLD-3] [RFC2525 2.17]
[RFC9293 3.4 MUST-66] """

import pytest

from lockwire import (ConnectionAborted, ConnectionClosed, ConnectionReset, StackError, shows)

S = 1_000_000_000


@pytest.fixture
def served(talk):
    """served(**options): (talk, connection, peer), established, the cable quiet."""
    def make(peer=None, **options):
        t = talk(**options)
        connection, other = t.serve(**(peer or {}))
        t.net.run(for_="1ms")
        return t, connection, other
    return make


def test_active_close(served):
    """FIN, its ACK; the peer's FIN, its ACK. """
    t, connection, peer = served()
    connection.close()
    with shows("RQ-9293-12"):
        fin = peer.expect("FA", seq=peer.rseq(1), ack=peer.seq(1))
        assert connection.state == "FIN_WAIT_1"
        peer.ack()
        t.net.run(for_="1ms")
        assert connection.state == "FIN_WAIT_2"
        sent = peer.fin()
        peer.expect("A", seq=fin.end, ack=peer.seq(2), at=t.back(sent), since=sent)
        assert connection.state == "TIME_WAIT" and connection.error is None


def test_passive_close(served):
    t, connection, peer = served()
    sent = peer.fin()
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(2), at=t.back(sent), since=sent)
    with shows("RQ-9293-12"):
        assert connection.state == "CLOSE_WAIT" and connection.recv(timeout=0) == b""
        connection.close()
        peer.expect("FA", seq=peer.rseq(1), ack=peer.seq(2))
        assert connection.state == "LAST_ACK"
        peer.ack()
        t.net.run(for_="1ms")
        assert connection.state == "CLOSED" and connection.info().gone
    assert connection.error is None
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("first", ["ack-of-fin", "nothing"])
def test_simultaneous_close(served, first):
    """Both FINs cross: CLOSING, unless the peer's acknowledges ours."""
    t, connection, peer = served()
    connection.close()
    ours = peer.expect("FA")
    sent = peer.fin() if first == "ack-of-fin" else peer.fin(ack=ours.seq)
    peer.expect("A", seq=ours.end, ack=peer.seq(2), at=t.back(sent), since=sent)
    with shows("RQ-9293-12"):
        if first == "nothing":
            assert connection.state == "CLOSING"
            peer.ack()
            t.net.run(for_="1ms")
        assert connection.state == "TIME_WAIT"
    peer.expect_nothing(for_="10s")


def test_simultaneous_close_of_two_hosts(net):
    lan = net.segment("lan", kind="link", latency="1ms")
    a, b = net.host("a", lan, ip="10.0.0.1/24"), net.host("b", lan, ip="10.0.0.2/24")
    listener = b.listen(80)
    one = a.connect(b.ip, 80, timeout="1s")
    two = listener.accept(timeout="1s")
    net.run(for_="100ms")
    one.close()
    two.close()
    net.run(for_="1100us")
    assert (one.state, two.state) == ("CLOSING", "CLOSING")
    net.run(for_="1100us")
    assert (one.state, two.state) == ("TIME_WAIT", "TIME_WAIT")
    net.run(for_="2min")
    assert (one.state, two.state) == ("CLOSED", "CLOSED")
    assert (one.error, two.error) == (None, None)


def test_fin_behind_text(served):
    """The FIN travels with the last text."""
    t, connection, peer = served()
    connection.write(b"the end", output=False)
    connection.close()
    peer.expect("FPA", seq=peer.rseq(1), data=b"the end")
    sent = peer.send("FPA", b"mine, too")
    peer.expect("RA", seq=peer.rseq(9))  # nobody is there any more to read it
    assert connection.state == "CLOSED" and sent.length == 9


def test_peers_fin_with_text(served):
    t, connection, peer = served()
    sent = peer.send("FPA", b"the end")
    peer.expect("A", ack=peer.seq(9), at=t.back(sent), since=sent)
    assert connection.state == "CLOSE_WAIT"
    assert connection.recv_all(timeout=0) == b"the end"
    assert [e.name for e in connection.events] == ["accept", "recv", "closed"]


def test_fin_before_text(served):
    """It counts only when everything before it is there."""
    t, connection, peer = served()
    sent = peer.send("FPA", b"second", seq=peer.seq(6))
    peer.expect("A", ack=peer.seq(1), at=t.back(sent), since=sent)
    with shows("RQ-9293-15", "RQ-9293-MAY-13"):
        assert connection.state == "ESTABLISHED" and connection.pending == 0
        sent = peer.send("PA", b"first", seq=peer.seq(1), at="1ms", since=sent)
        peer.expect("A", ack=peer.seq(13), at=t.back(sent), since=sent)
        assert connection.state == "CLOSE_WAIT"
        assert connection.recv_all(timeout=0) == b"firstsecond"


def test_fin_beyond_the_window_does_not_count(served):
    """Cut off with the text that does not fit."""
    t, connection, peer = served(tcp_wnd=1000, tcp_mss=500)
    sent = peer.send("FPA", bytes(1001))
    peer.expect("A", ack=peer.seq(1001), after=t.back(sent), since=sent)
    assert connection.state == "ESTABLISHED"
    assert connection.recv_exactly(1000, timeout=0) == bytes(1000)
    peer.drain("100ms")
    peer.send("FPA", b"\0", seq=peer.seq(1001))
    peer.expect("A", ack=peer.seq(1003))
    assert connection.recv_all(timeout=0) == b"\0"


@pytest.mark.parametrize("state, seconds", [("FIN_WAIT_1", 1), ("LAST_ACK", 1), ("CLOSING", 1)])
@pytest.mark.exact_ms
def test_a_lost_fin_is_sent_again(served, state, seconds):
    t, connection, peer = served()
    if state == "LAST_ACK":
        peer.fin()
        peer.expect("A")
    connection.close()
    fin = peer.expect("FA")
    if state == "CLOSING":
        peer.fin(ack=fin.seq)
        peer.expect("A")
    left = fin.t_ns - t.hop(fin)
    began = left // 1_000_000 * 1_000_000
    for wait in (seconds, 3, 7):
        peer.expect("FA", seq=fin.seq, ack=fin.ack + (state == "CLOSING"),
                    at=began + wait * S + t.hop(fin))
    assert connection.state == state
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == {"FIN_WAIT_1": "FIN_WAIT_2", "LAST_ACK": "CLOSED",
                                "CLOSING": "TIME_WAIT"}[state]


def test_a_peers_fin_that_comes_again_is_acknowledged_again(served):
    """In CLOSE-WAIT and LAST-ACK; it counts once."""
    _, connection, peer = served()
    peer.fin()
    peer.expect("A", ack=peer.seq(2))
    with shows("MF-TCP-69"):
        for _ in range(20):
            peer.send("FA", seq=peer.seq(1))
            peer.expect("A", ack=peer.seq(2))
        assert connection.state == "CLOSE_WAIT"
        connection.close()
        fin = peer.expect("FA")
        for _ in range(20):
            peer.send("FA", seq=peer.seq(1), ack=fin.seq)
            peer.expect("A", ack=peer.seq(2))
        assert connection.state == "LAST_ACK"
    assert [e.name for e in connection.events] == ["accept", "closed"]


# -- half-closed ---------------------------------------------------------------------------------
def test_half_closed_one_still_receives(served):
    _, connection, peer = served()
    connection.shutdown("wr")
    peer.expect("FA")
    peer.ack()
    with shows("RQ-9293-18"):
        for i in range(7):
            peer.send("PA", bytes([i]) * 1460)
        assert connection.recv_exactly(7 * 1460, timeout="1s") == \
            b"".join(bytes([i]) * 1460 for i in range(7))
        assert connection.state == "FIN_WAIT_2"
    peer.drain("1s")
    peer.fin()
    peer.expect("A", ack=peer.seq(7 * 1460 + 2))
    assert connection.recv(timeout=0) == b"" and connection.state == "TIME_WAIT"


def test_half_closed_one_still_sends(served):
    t, connection, peer = served()
    peer.fin()
    peer.expect("A")
    for i in range(3):
        connection.send(bytes([i]) * 100)
        peer.expect("PA", data=bytes([i]) * 100)
        peer.ack()
    connection.close()
    peer.expect("FA", seq=peer.rseq(301))
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == "CLOSED" and connection.error is None


def test_nothing_can_be_sent_behind_the_own_fin(served):
    _, connection, peer = served()
    connection.shutdown("wr")
    peer.expect("FA")
    with pytest.raises(StackError):
        connection.send(b"x")
    peer.expect_nothing(for_="900ms")


@pytest.mark.exact_ms
def test_fin_wait_2_ends(served):
    """Closed, acknowledged, and the peer forgets to close: after 20 s the connection is given up.
    One that is only half-closed may stay so for ever."""
    t, connection, peer = served()
    connection.close()
    peer.expect("FA")
    sent = peer.ack()
    t.net.run(until=lambda: connection.state != "FIN_WAIT_2" and t.net.now_ns > sent.t_ns + S,
              timeout="10min")
    arrived = (sent.t_ns + t.hop(sent)) // 1_000_000 * 1_000_000
    assert connection.state == "CLOSED" and t.net.now_ns == arrived + 20 * S
    peer.send("FA")
    peer.expect_rst(seq=peer.rcv_nxt)


def test_fin_wait_2_is_not_prolonged(served):
    """By nothing that the peer says short of its FIN."""
    t, connection, peer = served()
    connection.close()
    peer.expect("FA")
    peer.ack()
    t.net.run(for_="1ms")
    due = connection.info().timers
    for _ in range(10):
        t.net.run(for_="1s")
        peer.ack()
        peer.send("UA", urg=1)
    assert list(due) == ["state"] and connection.info().timers == due


@pytest.mark.parametrize("state", ["FIN_WAIT_1", "CLOSING", "LAST_ACK"])
def test_text_before_the_fin_is_lost(served, state):
    """An ACK of a part of it ends nothing; the rest goes again, then the FIN."""
    t, connection, peer = served()
    if state == "LAST_ACK":
        peer.fin()
        peer.expect("A")
    connection.send(b"all of this")
    connection.shutdown("wr")
    peer.drain("1ms")
    if state == "CLOSING":
        peer.fin(ack=peer.rseq(1))
        peer.expect("A")
    peer.ack(peer.rseq(8))
    t.net.run(for_="1ms")
    assert connection.state == state
    peer.expect("PA", seq=peer.rseq(8), data=b"this", timeout="2s")
    peer.ack(peer.rseq(12))
    t.net.run(for_="1ms")
    assert connection.state == state
    again = peer.expect("FA", seq=peer.rseq(12), timeout="4s")
    peer.ack(again.end)
    t.net.run(for_="1ms")
    after = {"FIN_WAIT_1": "FIN_WAIT_2", "CLOSING": "TIME_WAIT", "LAST_ACK": "CLOSED"}
    assert connection.state == after[state]


def test_sending_is_shut_down_once(served):
    """[RFC9293 3.10.4]"""
    _, connection, peer = served()
    connection.shutdown("wr")
    peer.expect("FA")
    with pytest.raises(StackError, match="ERR_CONN"):
        connection.shutdown("wr")
    peer.expect_nothing(for_="900ms")
    assert connection.state == "FIN_WAIT_1"


def test_half_closed_for_a_day(served):
    t, connection, peer = served()
    connection.shutdown("wr")
    peer.expect("FA")
    peer.ack()
    peer.expect_nothing(for_="24h")
    assert connection.state == "FIN_WAIT_2"
    peer.send("PA", b"still here")
    assert connection.recv(timeout="1ms") == b"still here"
    connection.close()  # now its time is limited
    t.net.run(for_="21s")
    assert connection.state == "CLOSED"


# -- text that nobody reads ------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["ESTABLISHED", "CLOSE_WAIT"])
def test_close_with_unread_text(served, state):
    """The peer must not believe that it was read."""
    t, connection, peer = served()
    peer.send("PA" if state == "ESTABLISHED" else "FPA", b"never read")
    peer.expect("A")
    connection.close()
    with shows("RQ-9293-SHLD-3"):
        peer.expect("RA", seq=peer.rseq(1), ack=peer.snd_nxt)
        peer.expect_nothing(for_="10min")
        assert connection.state == "CLOSED"
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


@pytest.mark.parametrize("state", ["FIN_WAIT_1", "FIN_WAIT_2", "CLOSING", "LAST_ACK"])
def test_close_with_unread_text_of_a_half_closed_one(served, state):
    """It did no more than speak no more; what the peer said meanwhile is lost all the same."""
    t, connection, peer = served()
    if state == "LAST_ACK":
        peer.send("FPA", b"never read")
        peer.expect("A")
    connection.shutdown("wr")
    fin = peer.expect("FA")
    if state != "LAST_ACK":
        peer.send("FPA" if state == "CLOSING" else "PA", b"never read",
                  ack=fin.end if state == "FIN_WAIT_2" else fin.seq)
        peer.expect("A")
    assert connection.state == state
    connection.close()
    with shows("RQ-9293-SHLD-3"):
        peer.expect("RA", seq=fin.end, ack=peer.snd_nxt)
        peer.expect_nothing(for_="10min")
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


@pytest.mark.parametrize("state", ["FIN_WAIT_1", "FIN_WAIT_2"])
def test_text_behind_close(served, state):
    """Closed both ways: text that comes finds nobody, and the peer has to know."""
    _, connection, peer = served()
    connection.close()
    fin = peer.expect("FA")
    if state == "FIN_WAIT_2":
        peer.ack()
    with shows("RQ-9293-SHLD-3", "RQ-9293-MAY-1"):
        peer.send("PA", b"too late", ack=fin.seq if state == "FIN_WAIT_1" else fin.end)
        peer.expect("RA", seq=fin.end)
        peer.expect_nothing(for_="10min")
        assert connection.state == "CLOSED"


def test_old_text_behind_close_ends_nothing(served):
    """What was read before, and comes again, is no new text."""
    _, connection, peer = served()
    peer.send("PA", b"read")
    peer.expect("A")
    assert connection.recv(timeout=0) == b"read"
    connection.close()
    peer.expect("FA")
    peer.send("PA", b"read", seq=peer.seq(1))
    peer.expect("A", ack=peer.seq(5))
    assert connection.state == "FIN_WAIT_1"


def test_text_behind_shutdown_of_receiving(served):
    """Taken, and thrown away: the other half goes on."""
    t, connection, peer = served(tcp_wnd=4000)
    connection.shutdown("rd")
    for _ in range(10):
        peer.send("PA", bytes(1000))
        peer.drain("100ms")
    assert peer.snd_una == peer.snd_nxt and connection.state == "ESTABLISHED"
    connection.send(b"still speaking")
    peer.expect("PA", data=b"still speaking")
    assert t.h.stats()["drops"]["tcp_receive_closed"] == 10


def test_who_has_shut_down_reading_hears_of_the_end(served):
    """His own half is still to be closed."""
    _, connection, peer = served()
    connection.shutdown("rd")
    peer.send("FPA", b"thrown away")
    peer.expect("A", ack=peer.seq(13))
    assert (connection.state, connection.eof, connection.pending) == ("CLOSE_WAIT", True, 0)
    connection.close()
    peer.expect("FA", seq=peer.rseq(1), ack=peer.seq(13))


# -- abort and reset -------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT"])
def test_abort(served, state):
    """A reset that the peer believes, and whatever was queued is forgotten. [RFC9293 3.10.5]"""
    t, connection, peer = served(peer={"win": 1000})
    if state == "CLOSE_WAIT":
        peer.fin()
        peer.expect("A")
    elif state != "ESTABLISHED":
        connection.shutdown("wr")
        peer.expect("FA")
        if state == "FIN_WAIT_2":
            peer.ack()
    else:
        connection.send(bytes(5000))
        peer.drain("1ms")
    t.net.run(for_="1ms")
    assert connection.state == state
    connection.abort()
    peer.expect("RA", seq=peer.rcv_nxt, ack=peer.snd_nxt)
    peer.expect_nothing(for_="10min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")


@pytest.mark.parametrize("state", ["CLOSING", "LAST_ACK"])
@pytest.mark.parametrize("waits", [False, True], ids=["fin-sent", "fin-waits"])
def test_abort_behind_both_fins_is_silent(served, state, waits):
    """Nothing is left that a reset could end; unless the own FIN still waits for the peer's window:
    then the peer does not know that it is over. [RFC9293 3.10.5]"""
    t, connection, peer = served(peer={"win": 1000})
    if state == "LAST_ACK":
        peer.fin()
        peer.expect("A")
    if waits:
        connection.send(bytes(3000))
    connection.shutdown("wr")
    peer.drain("1ms")
    if state == "CLOSING":
        peer.fin(ack=peer.rseq(1))
        peer.expect("A")
    assert connection.state == state
    connection.abort()
    if waits:
        peer.expect("RA", seq=peer.rseq(1001), ack=peer.snd_nxt)
    peer.expect_nothing(for_="10min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")


def test_abort_in_time_wait_is_silent(served):
    """[RFC9293 3.10.5]"""
    _, connection, peer = served()
    connection.shutdown("wr")
    peer.close()
    assert connection.state == "TIME_WAIT"
    connection.abort()
    peer.expect_nothing(for_="10min")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_ABRT")


def test_the_application_can_tell_an_end_from_an_abort(talk):
    t = talk()
    ended, peer = t.serve()
    broken, other = t.serve(81, sport=40001)
    with shows("RQ-9293-MUST-12"):
        peer.fin()
        assert ended.recv(timeout="1ms") == b"" and ended.error is None
        other.reset()
        with pytest.raises(ConnectionReset):
            broken.recv(timeout="1ms")
    assert [e[1:] for e in broken.events[-1:]] == [("error", "ERR_RST")]


def test_a_reset_may_carry_text(served):
    """It says why, to who looks at the wire. [RFC9293 3.5.3]"""
    t, connection, peer = served()
    peer.send("R", b"I have had enough of it")
    t.net.run(for_="1ms")
    with shows("RQ-9293-SHLD-2"):
        assert (connection.state, connection.error) == ("CLOSED", "ERR_RST")
        assert connection.pending == 0


def test_what_came_before_a_reset_can_be_read(served):
    t, connection, peer = served()
    peer.send("PA", b"last words")
    peer.reset()
    t.net.run(for_="1ms")
    assert connection.recv(timeout=0) == b"last words"
    with pytest.raises(ConnectionReset):
        connection.recv(timeout=0)


@pytest.mark.parametrize("flags, heard", [("R", True), ("", False)], ids=["rst", "urgent"])
def test_reset_and_urgent_count_when_the_window_is_closed(served, flags, heard):
    t, connection, peer = served(tcp_wnd=1000, tcp_mss=500)
    peer.send("PA", bytes(1000))
    peer.expect("A", ack=peer.seq(1001), win=0)
    with shows("RQ-9293-MUST-66"):
        if heard:
            peer.reset()
            t.net.run(for_="1ms")
            assert connection.error == "ERR_RST"
        else:
            peer.send("UA", urg=500)
            t.net.run(for_="1ms")
            assert [e.value for e in connection.urgent] == [500]


def test_a_closed_connection_refuses_every_call(served):
    _, connection, peer = served()
    connection.close()
    peer.expect("FA")
    with pytest.raises(ConnectionClosed):
        connection.send(b"x")
    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=0)
    connection.close()  # again: harmless
    peer.expect_nothing(for_="900ms")


def test_shut_down_only_one_is_told_that_it_is_over(served):
    """Both FINs acknowledged, and the application has not called close: the pcb goes after 2 MSL,
    and its holder has to know. """
    t, connection, peer = served()
    connection.shutdown("wr")
    peer.close()
    t.net.run(for_="121s")
    assert (connection.state, connection.error) == ("CLOSED", "ERR_CLSD")


# -- timeouts --------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["ESTABLISHED", "FIN_WAIT_1", "LAST_ACK", "CLOSING"])
def test_a_silent_peer_is_given_up(served, state):
    """Retransmissions end after more than 100 s, without a reset: nobody is there. [RFC9293 3.10.8]
    [RFC9293 3.8.3] [RFC9293 3.8.3 SHLD-11]"""
    t, connection, peer = served()
    if state == "LAST_ACK":
        peer.fin()
        peer.expect("A")
    if state == "ESTABLISHED":
        connection.send(b"anybody?")
    else:
        connection.close()
    began = peer.expect().t_ns
    if state == "CLOSING":
        peer.fin(ack=peer.rseq(1))
        peer.expect("A")
    t.net.run(for_="1ms")
    assert connection.state == state
    again = peer.drain("20min")
    with shows("RQ-9293-19", "RQ-9293-SHLD-11"):
        assert connection.state == "CLOSED" and connection.error == "ERR_ABRT"
        assert connection.events[-1].t_ns - began > 100 * S
    assert {s.flag_text for s in again} == {"PA" if state == "ESTABLISHED" else "FA"}
    if state == "ESTABLISHED":
        with pytest.raises(ConnectionAborted):
            connection.recv(timeout=0)
