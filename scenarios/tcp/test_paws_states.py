"""A segment with an old timestamp, and one without, in every state: the first gets an ACK, the
second nothing, neither moves anything; a reset needs none, a SYN without is judged as ever.
[RFC7323 3.2] [RFC7323 5.3] [RFC1337] """

import pytest

from lockwire import shows

STATES = ("ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "CLOSE_WAIT", "CLOSING", "LAST_ACK",
          "TIME_WAIT")
KINDS = {"ack": ("A", b""), "text": ("PA", b"x"), "fin": ("FA", b""), "text-and-fin": ("FPA", b"x"),
         "syn": ("S", b""), "syn-ack": ("SA", b""), "no-flags": ("", b""), "urgent": ("UA", b"")}


@pytest.fixture
def brought(talk):
    """brought(state): (talk, connection, peer) with timestamps, the connection in that state."""
    def make(state):
        t = talk(tcp_challenge_ack_limit=0)
        connection, peer = t.serve(ts=1_000_000)
        if state in ("CLOSE_WAIT", "LAST_ACK"):
            peer.fin()
            peer.expect("A")
        if state not in ("ESTABLISHED", "CLOSE_WAIT"):
            connection.shutdown("wr")
            fin = peer.expect("FA")
            known = fin.seq if state in ("FIN_WAIT_1", "CLOSING", "LAST_ACK") else fin.end
            if state in ("CLOSING", "TIME_WAIT"):
                peer.fin(ack=known)
                peer.expect("A")
            else:
                peer.ack(known)
        t.net.run(for_="1ms")
        assert connection.state == state
        return t, connection, peer
    return make


def snapshot(connection):
    """What a segment that is dropped must not change."""
    info = connection.info()
    return (info.state, info.snd_una, info.snd_wnd, info.rcv_nxt, info.ts_recent, info.in_flight,
            {name: at for name, at in info.timers.items() if name == "state"}, connection.pending)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_old_timestamp(brought, state, kind):
    flags, data = kind
    t, connection, peer = brought(state)
    before = snapshot(connection)
    sent = peer.send(flags or 0, data, options=peer.timestamps(val=999_999), advance=False, win=77,
                     urg=9 if "U" in flags else 0)
    with shows("RQ-7323-16"):
        peer.expect("A", seq=peer.rcv_nxt, ack=peer.snd_nxt, options={"Timestamp": ...},
                    at=t.back(sent, options=12), since=sent)
        peer.expect_nothing(for_="100ms")
        assert snapshot(connection) == before and connection.urgent == []
    assert t.h.stats()["drops"] == {"tcp_paws": 1}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_timestamp(brought, state, kind):
    flags, data = kind
    t, connection, peer = brought(state)
    before = snapshot(connection)
    isn = peer.seq(0) if state == "TIME_WAIT" and "S" in flags else None  # else a new connection's
    sent = peer.send(flags or 0, data, seq=isn, options=[], advance=False, win=77,
                     urg=9 if "U" in flags else 0)
    if "S" in flags:
        peer.expect("A", seq=peer.rcv_nxt, ack=peer.snd_nxt, at=t.back(sent, options=12),
                    since=sent)
    peer.expect_nothing(for_="100ms")
    with shows("RQ-7323-10"):
        assert snapshot(connection) == before and connection.urgent == []
    drop = "tcp_no_timestamp" if "S" not in flags else \
        "tcp_outside_window" if isn is not None else "tcp_syn_in_window"
    assert t.h.stats()["drops"] == {drop: 1}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("stamp", ["old", "none"])
def test_reset_needs_none(brought, state, stamp):
    """Only TIME-WAIT does not end by it."""
    t, connection, peer = brought(state)
    peer.reset(options=[] if stamp == "none" else peer.timestamps(val=999_999))
    peer.expect_nothing(for_="100ms")
    with shows("RQ-7323-17"):
        assert connection.state == ("TIME_WAIT" if state == "TIME_WAIT" else "CLOSED")
