"""TIME-WAIT: for how long, what it answers, what ends it early and what must not.
[RFC9293 3.6.1] [RFC9293 3.6.1 MAY-2] [RFC9293 3.10.7.4 MAY-2] [RFC9293 3.10.8] [RFC1337]
[RFC6191 2] """

import pytest

from lockwire import StackError, VTime, shows

S = 1_000_000_000
MSL2 = 120 * S


@pytest.fixture
def waiting(talk):
    """waiting(peer options, **options): (talk, listener, connection, peer) with the connection in
    TIME-WAIT; the time is whole milliseconds."""
    def make(peer=None, **options):
        t = talk(**options)
        listener = t.h.listen(80)
        other = t.peer(**(peer or {})).connect()
        connection = listener.accept(timeout="1ms")
        connection.close()
        other.close()
        t.net.run(until="10ms")
        assert connection.state == "TIME_WAIT"
        return t, listener, connection, other
    return make


def gone_at(t, connection):
    """The virtual time at which TIME-WAIT ends, as its timer says."""
    timers = connection.info().timers
    assert list(timers) == ["state"]
    return timers["state"]


@pytest.mark.exact_ms
def test_lasts_exactly_twice_the_segment_lifetime(waiting):
    t, _, connection, peer = waiting()
    last = peer.log[-1].segment  # the host's ACK of the peer's FIN, on the way for t.hop()
    began = (last.t_ns - t.hop(last)) // 1_000_000 * 1_000_000
    t.net.run(until=VTime(began + MSL2 - 1))
    with shows("RQ-9293-MUST-13", "RQ-9293-19"):
        assert connection.state == "TIME_WAIT"
        t.net.run(for_=VTime(1))
        assert connection.state == "CLOSED"
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0


def test_before_and_after(waiting):
    """One second before its end the peer's FIN is acknowledged; two behind it, reset."""
    _, _, _, peer = waiting()
    peer.send("FA", seq=peer.seq(1), at="119s")
    with shows("RQ-9293-MUST-13"):
        peer.expect("A", seq=peer.rseq(2), ack=peer.seq(2))
        peer.send("FA", seq=peer.seq(1), at="241s")
        peer.expect_rst(seq=peer.rseq(2))


@pytest.mark.exact_ms
def test_the_peers_fin_again_restarts_it(waiting):
    t, _, connection, peer = waiting()
    sent = peer.send("FA", seq=peer.seq(1), at="60s")
    peer.expect("A", ack=peer.seq(2), at=t.back(sent), since=sent)
    began = (sent.t_ns + t.hop(sent)) // 1_000_000 * 1_000_000
    t.net.run(until="121s")
    with shows("RQ-9293-14", "MF-TCP-69"):
        assert connection.state == "TIME_WAIT"
        assert gone_at(t, connection) == began + MSL2
    t.net.run(until=VTime(began + MSL2))
    assert connection.state == "CLOSED"


STRANGE = {
    "fin-of-another-place": ("FA", 500, 2, "A"), "old-fin": ("FA", -5000, 2, "A"),
    "fin-with-a-wrong-ack": ("FA", 1, 9000, "A"), "fin-without-ack": ("F", 1, 0, "A"),
    "text": ("PA", 2, 2, "A"), "old-text": ("PA", -100, 2, "A"), "ack": ("A", 2, 2, None),
    "ack-outside": ("A", -100, 2, "A"), "far-ack": ("A", 2**31, 2, "A"),
    "ack-of-nothing": ("A", 2, 9000, "A"), "old-syn": ("S", -5000, 0, "A"),
    "syn-ack": ("SA", 0, 2, "A"), "rst": ("R", 2, 0, None), "rst-in-window": ("R", 100, 0, None),
    "no-flags": ("", 2, 0, None),
}


@pytest.mark.parametrize("kind", STRANGE.values(), ids=STRANGE)
def test_only_that_restarts_it(waiting, kind):
    """Everything else changes nothing, answered or not; what is unacceptable gets its ACK."""
    flags, seq, ack, answer = kind
    t, _, connection, peer = waiting()
    end = gone_at(t, connection)
    sent = peer.send(flags or 0, b"text" if "P" in flags else b"", seq=peer.seq(seq),
                     ack=peer.rseq(ack), at="60s")
    if answer:
        peer.expect(answer, seq=peer.rseq(2), ack=peer.seq(2), at=t.back(sent), since=sent)
    peer.expect_nothing(for_="1s")
    assert connection.state == "TIME_WAIT" and gone_at(t, connection) == end


@pytest.mark.parametrize("place", [2, 3, 100], ids=["RCV.NXT", "RCV.NXT+1", "in-window"])
def test_resets_do_not_end_it(waiting, place):
    """TIME-WAIT assassination: an old duplicate's reset would let old segments into a new
    connection. [RFC1337 3 F1]"""
    t, _, connection, peer = waiting()
    peer.send("R", seq=peer.seq(place))
    peer.expect_nothing(for_="1s")
    with shows("MF-TCP-71"):
        assert connection.state == "TIME_WAIT"
        assert t.h.stats()["drops"]["tcp_time_wait_rst"] == 1


# -- a new connection between the same sockets -----------------------------------------------------
def reopened(t, listener, peer, answer):
    """Completes the new handshake and has both ends speak."""
    peer.ack()
    connection = listener.accept(timeout="1ms")
    peer.send("PA", b"anew")
    assert connection.recv(timeout="1ms") == b"anew"
    connection.send(b"indeed")
    peer.drain("1ms")
    assert peer.rcv_nxt == (answer.seq + 7) % 2**32
    return connection


def test_a_higher_sequence_number_opens_anew(waiting):
    """The new connection's numbers begin above the old one's, too."""
    t, listener, _, old = waiting()
    peer = t.peer(isn=old.seq(2) + 1)
    syn = peer.send("S")
    with shows("RQ-9293-MAY-2", "MF-TCP-70"):
        answer = peer.expect("SA", ack=peer.seq(1), at=t.back(syn, options=4), since=syn)
        assert 0 < (answer.seq - old.rcv_nxt) % 2**32 < 2**31
        reopened(t, listener, peer, answer)


@pytest.mark.parametrize("isn", ["RCV.NXT-1", "old"])
def test_a_lower_one_is_challenged(waiting, isn):
    t, _, connection, old = waiting()
    peer = t.peer(isn=old.seq(1) if isn == "RCV.NXT-1" else old.seq(-70_000))
    peer.send("S")
    with shows("MF-TCP-70"):
        peer.expect("A", seq=old.rcv_nxt, ack=old.seq(2))
        assert connection.state == "TIME_WAIT"


@pytest.mark.parametrize("isn", [-70_000, 70_000])
def test_a_newer_timestamp_opens_anew(waiting, isn):
    """Whatever the sequence number is."""
    t, listener, _, old = waiting(peer={"ts": 1000}, lwip_tcp_timestamps=1)
    t.net.run(for_="1s")
    peer = t.peer(isn=old.seq(isn), ts=old.ts_val)
    peer.send("S")
    with shows("RQ-9293-SHLD-4"):
        answer = peer.expect("SA", ack=peer.seq(1))
        assert 0 < (answer.seq - old.rcv_nxt) % 2**32 < 2**31
        reopened(t, listener, peer, answer)


@pytest.mark.parametrize("older, isn, opens", [(1, 70_000, False), (0, 70_000, True),
                                               (0, -70_000, False)],
                         ids=["older", "equal-and-higher", "equal-and-lower"])
def test_an_older_timestamp_does_not(waiting, older, isn, opens):
    """With equal ones the sequence number decides. [RFC6191 2]"""
    t, _, connection, old = waiting(peer={"ts": 1000}, lwip_tcp_timestamps=1)
    recent = connection.info().ts_recent
    peer = t.peer(isn=old.seq(isn), ts=0)
    peer.send("S", options=[("MSS", 1460), *peer.timestamps(recent - older, 0)])
    answer = peer.expect()
    assert answer.flag_text == ("SA" if opens else "A")
    assert connection.state == ("CLOSED" if opens else "TIME_WAIT")


@pytest.mark.parametrize("host, opens", [(1, True), (0, False)], ids=["both", "the-peer-alone"])
def test_timestamps_where_there_were_none_open_anew(waiting, host, opens):
    """Segments of the old connection have none, and are told from the new one's by that; when the
    new one would not have them either, the sequence number decides. [RFC6191 2]"""
    t, listener, connection, old = waiting(lwip_tcp_timestamps=host)
    peer = t.peer(isn=old.seq(-70_000), ts=5)
    peer.send("S")
    answer = peer.expect()
    assert answer.flag_text == ("SA" if opens else "A")
    assert connection.state == ("CLOSED" if opens else "TIME_WAIT")
    if opens:
        reopened(t, listener, peer, answer)


def test_without_a_listener_nothing_opens(waiting):
    t, listener, connection, old = waiting()
    listener.close()
    peer = t.peer(isn=old.seq(1000))
    peer.send("S")
    peer.expect("A", seq=old.rcv_nxt, ack=old.seq(2))
    assert connection.state == "TIME_WAIT"


def test_the_port_can_be_listened_on_and_connected_from_again(talk):
    """The same pair of sockets is refused while it waits, another peer's is not."""
    t = talk()
    peer = t.peer(None, 80).listen()
    connection = t.h.connect(peer.ip, 80, timeout="1s", local_port=5000)
    peer.accept()
    connection.close()
    peer.close()
    t.net.run(for_="1ms")
    assert connection.state == "TIME_WAIT"
    with pytest.raises(StackError, match="ERR_USE"):
        t.h.connect(peer.ip, 80, local_port=5000, wait=False)
    t.net.run(for_="121s")
    t.h.connect(peer.ip, 80, local_port=5000, wait=False)
    assert peer.expect("S").dport == 80


def test_many_of_them_do_not_stand_in_the_way(talk):
    """When pcbs run out, the one that has waited longest goes."""
    t = talk(memp_num_tcp_pcb=4)
    listener = t.h.listen(80)
    ended = []
    for i in range(10):
        peer = t.peer(sport=40000 + i).connect()
        connection = listener.accept(timeout="1ms")
        connection.close()
        peer.close()
        t.net.run(for_="10ms")
        ended.append(connection)
    assert [c.state for c in ended] == ["CLOSED"] * 6 + ["TIME_WAIT"] * 4
