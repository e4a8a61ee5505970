"""Segments that may be a stranger's: resets, SYNs and acknowledgements that do not fit exactly are
answered by a challenge ACK, which only the true other end can make sense of, and only so many in a
second. [RFC5961 3.2] [RFC5961 4.2] [RFC5961 5.2] [RFC5961 7]
[RFC9293 3.10.7.4] """

import pytest

from lockwire import ConnectionReset, shows

WND = 4000


@pytest.mark.parametrize("flags", ["R", "RA"])
@pytest.mark.parametrize("place, reaction", [
    pytest.param(-1, "drop", id="RQ-5961-01/RQ-9293-06/RCV.NXT-1"),
    pytest.param(0, "reset", id="RQ-5961-02/RQ-9293-06/RCV.NXT"),
    pytest.param(1, "challenge", id="RQ-5961-03/RQ-9293-06/RCV.NXT+1"),
    pytest.param(WND - 1, "challenge", id="RQ-5961-03/RQ-9293-06/last-byte"),
    pytest.param(WND, "drop", id="RQ-5961-01/RQ-9293-06/edge"),
    pytest.param(WND + 1, "drop", id="RQ-5961-01/edge+1"),
    pytest.param(2**31, "drop", id="RQ-5961-01/far"),
])
def test_reset(talk, place, reaction, flags):
    t = talk(tcp_wnd=WND)
    connection, peer = t.serve()
    t.net.run(for_="1ms")
    sent = peer.send(flags, seq=peer.seq(1 + place))
    if reaction == "challenge":
        peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1), at=t.back(sent), since=sent)
    peer.expect_nothing(for_="1s")
    assert connection.state == ("CLOSED" if reaction == "reset" else "ESTABLISHED")
    if reaction == "reset":
        with pytest.raises(ConnectionReset):
            connection.recv(timeout=0)
    else:
        peer.send("PA", b"fine")
        assert connection.recv(timeout="1ms") == b"fine"


@pytest.mark.parametrize("place", [-5000, -1, 0, 1, WND - 1, WND, 2**31], ids=[
    f"RQ-5961-04/MF-TCP-50/{name}" for name in
    ("old", "RCV.NXT-1", "RCV.NXT", "RCV.NXT+1", "last-byte", "edge", "far")])
def test_syn(talk, place):
    t = talk(tcp_wnd=WND)
    connection, peer = t.serve()
    t.net.run(for_="1ms")
    sent = peer.send("S", seq=peer.seq(1 + place))
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(1), at=t.back(sent), since=sent)
    peer.expect_nothing(for_="1s")
    assert connection.state == "ESTABLISHED"


def test_a_peer_that_has_restarted_ends_the_old_connection_by_the_challenge(talk):
    """Its SYN is challenged; it answers the challenge by a reset at exactly the right number, and
    its next SYN is welcome. [RFC5961 4.2] """
    t = talk()
    old, peer = t.serve(isn=1000)
    again = t.peer(isn=777_000)
    again.send("S")
    challenge = again.expect("A", ack=peer.seq(1))
    again.send("R", seq=challenge.ack)
    t.net.run(for_="1ms")
    assert (old.state, old.error) == ("CLOSED", "ERR_RST")
    t.peer(isn=778_000).connect()


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("above, right", [(-3001, False), (-3000, True), (0, True), (100, True),
                                          (101, False), (2**31, False)],
                         ids=[f"RQ-5961-05/{name}" for name in
                              ("UNA-MAX-1", "RQ-9293-MAY-12/UNA-MAX", "UNA", "NXT",
                               "RQ-9293-09/NXT+1", "far")])
def test_acknowledgement(talk, above, right):
    """Text comes with it; it counts only when SND.UNA - MAX.SND.WND <= ACK <= SND.NXT."""
    t = talk()
    connection, peer = t.serve(win=3000)
    t.net.run(for_="1ms")
    connection.send(bytes(100))
    peer.expect("PA", length=100)
    sent = peer.send("PA", b"text", ack=peer.rseq(1 + above))
    if right:
        assert connection.recv(timeout="1ms") == b"text"
    else:
        peer.expect("A", seq=peer.rseq(101), ack=peer.seq(1), at=t.back(sent), since=sent)
        assert connection.pending == 0
        peer.send("PA", b"text", seq=peer.seq(1))
        assert connection.recv(timeout="1ms") == b"text"


STRANGE = {
    "rst-in-window": ("R", 100, 0), "syn-in-window": ("S", 100, 0), "syn-outside": ("S", -9000, 0),
    "ack-of-nothing": ("A", 0, 5000), "ack-outside": ("A", -9000, 0), "syn-ack": ("SA", -1, 0),
}


@pytest.mark.parametrize("kind", STRANGE.values(), ids=STRANGE)
def test_only_so_many_in_a_second(talk, kind):
    flags, seq, ack = kind
    t = talk(tcp_challenge_ack_limit=10)
    connection, peer = t.serve()
    answers = []
    for _ in range(3):
        for _ in range(100):
            peer.send(flags, seq=peer.seq(1 + seq), ack=peer.rseq(1 + ack))
        answers.append(len(peer.drain("1s")))
    with shows("RQ-5961-06", "MF-TCP-50", "MF-TCP-68"):
        assert all(5 <= n <= 10 for n in answers), answers
    peer.send("PA", b"fine")
    assert connection.recv(timeout="1ms") == b"fine"


@pytest.mark.parametrize("limit, least, most", [(1, 1, 1), (2, 1, 2), (40, 20, 40), (0, 50, 50)])
def test_the_limit_is_an_option(talk, limit, least, most):
    """0: without limit."""
    t = talk(tcp_challenge_ack_limit=limit)
    _, peer = t.serve()
    for _ in range(50):
        peer.send("R", seq=peer.seq(100))
    assert least <= len(peer.drain("900ms")) <= most


def test_a_second_begins_with_the_first_challenge(talk):
    t = talk(tcp_challenge_ack_limit=1)
    _, peer = t.serve()
    t.net.run(for_="1ms")
    first = peer.send("R", seq=peer.seq(100), at="700ms")
    peer.expect("A", at=t.back(first), since=first)
    peer.send("R", seq=peer.seq(100), at="998ms", since=first)
    peer.expect_nothing(for_="1ms")
    later = peer.send("R", seq=peer.seq(100), at="1001ms", since=first)
    peer.expect("A", at=t.back(later), since=later)


def test_text_that_comes_again_is_acknowledged_without_limit(talk):
    """The ACK was lost, and the peer waits for it: this is no challenge."""
    t = talk(tcp_challenge_ack_limit=2)
    connection, peer = t.serve()
    peer.send("PA", b"text")
    assert connection.recv(timeout="1ms") == b"text"
    peer.expect("A", ack=peer.seq(5))
    for _ in range(20):
        peer.send("PA", b"text", seq=peer.seq(1))
        peer.expect("A", ack=peer.seq(5))


def test_the_limit_says_nothing_about_other_connections(talk):
    """A stranger who sends what gets a challenge if there is a connection, and then counts what
    answers his own connection still gets, learns nothing (CVE-2016-5696)."""
    t = talk(tcp_challenge_ack_limit=10)
    listener = t.h.listen(80)
    victim, spy = t.peer(sport=40000).connect(), t.peer(sport=40001).connect()
    listener.accept(timeout="1ms")
    counts = {True: [], False: []}
    for round_ in range(200):
        guessed = round_ % 2 == 0
        if guessed:
            for _ in range(30):
                victim.send("R", seq=victim.seq(100))
        for _ in range(30):
            spy.send("R", seq=spy.seq(100))
        victim.drain("1s")
        counts[guessed].append(len(spy.drain()))
    with shows("RQ-5961-07"):
        assert set(counts[True]) == set(counts[False]) == set(range(5, 11))
    assert abs(sum(counts[True]) - sum(counts[False])) < 100


@pytest.mark.parametrize("state", ["FIN_WAIT_2", "CLOSE_WAIT", "TIME_WAIT"])
def test_the_limit_holds_in_other_states(talk, state):
    t = talk(tcp_challenge_ack_limit=10)
    connection, peer = t.serve()
    if state != "CLOSE_WAIT":
        connection.shutdown("wr")
        peer.expect("FA")
        peer.ack()
    if state != "FIN_WAIT_2":
        peer.fin()
        peer.expect("A")
    t.net.run(for_="1ms")
    assert connection.state == state
    for _ in range(50):
        peer.send("S", seq=peer.seq(-9000))
    assert 5 <= len(peer.drain("900ms")) <= 10
