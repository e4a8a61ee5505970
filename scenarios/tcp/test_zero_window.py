"""What a host whose window is closed makes of each kind of segment, at the one number that is
acceptable and at both of its neighbours: acknowledgements, resets and urgent pointers count, text,
FIN and SYN do not; and it goes on when the window has opened. [RFC9293 3.4] [RFC9293 3.4 MUST-66]
[RFC9293 3.10.7.4] [RFC5961 3.2] [RFC5961 4.2] """

import pytest

from lockwire import shows

WND = 1000
KINDS = {"ack": ("A", b""), "probe": ("PA", b"x"), "segment": ("A", bytes(500)),
         "more-than-fits": ("A", bytes(1001)), "fin": ("FA", b""), "text-and-fin": ("FPA", b"x"),
         "urgent": ("UA", b""), "urgent-text": ("UPA", b"xy"), "rst": ("R", b""),
         "rst-ack": ("RA", b""), "rst-text": ("R", b"x"), "syn": ("S", b""), "syn-ack": ("SA", b""),
         "fin-without-ack": ("F", b""), "text-without-ack": ("P", b"x"), "no-flags": ("", b"")}
STATES = {"ESTABLISHED": "RQ-9293-04", "FIN_WAIT_1": "RQ-9293-12", "FIN_WAIT_2": "RQ-9293-18"}


@pytest.fixture
def full(talk):
    """full(state): (talk, connection, peer, SND.NXT, what is in flight): nothing has been read."""
    def make(state):
        t = talk(tcp_wnd=WND, tcp_mss=500, tcp_challenge_ack_limit=0)
        connection, peer = t.serve()
        if state == "ESTABLISHED":
            connection.send(bytes(100))
        else:
            connection.shutdown("wr")
        sent = peer.expect()
        if state == "FIN_WAIT_2":
            peer.ack()
        peer.send("PA", bytes(WND), ack=sent.end if state == "FIN_WAIT_2" else sent.seq)
        t.net.run(for_="300ms")
        assert peer.drain()[-1].win == 0 and connection.state == state
        return t, connection, peer, sent.end, 0 if state == "FIN_WAIT_2" else sent.space
    return make


@pytest.mark.parametrize("state", STATES, ids=[f"{state}:{row}" for state, row in STATES.items()])
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_acceptable_number(full, state, kind):
    flags, data = kind
    t, connection, peer, end, flight = full(state)
    sent = peer.send(flags or 0, data, ack=end, urg=7 if "U" in flags else 0, advance=False)
    room = len(data) + ("F" in flags)
    if "S" in flags or ("A" in flags and "R" not in flags and room):
        peer.expect("A", seq=end, ack=peer.seq(1 + WND), win=0, at=t.back(sent), since=sent)
    peer.expect_nothing(for_="100ms")
    if "R" in flags:
        with shows("RQ-9293-MUST-66"):
            assert (connection.state, connection.error) == ("CLOSED", "ERR_RST")
        return
    counts = "A" in flags and "S" not in flags
    assert connection.info().in_flight == (0 if counts else flight)
    assert connection.state == ("FIN_WAIT_2" if counts and state == "FIN_WAIT_1" else state)
    with shows("RQ-9293-MUST-66"):
        assert [e.value for e in connection.urgent] == ([7] if "U" in flags else [])
    goes_on(connection, peer)


@pytest.mark.parametrize("place", [-1, 1], ids=["before", "behind"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_neighbouring_number(full, state, kind, place):
    """Of a segment that begins before RCV.NXT no part is acceptable either."""
    flags, data = kind
    t, connection, peer, end, flight = full(state)
    sent = peer.send(flags or 0, data, seq=peer.seq(1 + WND + place), ack=end,
                     urg=7 if "U" in flags else 0)
    if "R" not in flags:
        peer.expect("A", seq=end, ack=peer.seq(1 + WND), win=0, at=t.back(sent), since=sent)
    peer.expect_nothing(for_="100ms")
    assert connection.info().in_flight == flight and connection.state == state
    assert connection.urgent == []
    goes_on(connection, peer)


def goes_on(connection, peer):
    """The application reads; the window opens; what follows is taken."""
    assert connection.recv_exactly(WND, timeout=0) == bytes(WND)
    peer.drain("1ms")
    peer.send("FPA", b"the rest", seq=peer.seq(1 + WND))
    peer.drain("1ms")
    assert connection.recv_all(timeout=0) == b"the rest"
