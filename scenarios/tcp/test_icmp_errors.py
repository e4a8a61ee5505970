"""ICMP errors about a connection's segments: they find it by the quoted addresses and a sequence
number that is in flight, end an attempt when they say that nobody is there, and never end what is
established. [RFC9293 3.9.2.2] [RFC5461 4.1] [RFC5927 4.1, 5.2] """

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import ConnectionRefused, shows

SOFT = [(3, 0), (3, 1), (3, 5), (11, 0), (11, 1), (12, 0)]
HARD = [(3, 2), (3, 3)]


def error(t, peer, kind, code, about, seq=None, src="10.0.0.1", sport=None):
    """An ICMP error quoting 8 bytes of a segment of the host's, its sequence number or the host's
    port changed if given."""
    quote = bytearray(about.frame[14:42])
    if seq is not None:
        quote[24:28] = (seq % 2**32).to_bytes(4, "big")
    if sport is not None:
        quote[20:22] = sport.to_bytes(2, "big")
    t.wire.send(Ether(src=t.wire.mac, dst=t.h.mac) / IP(src=src, dst=peer.to_ip) /
                ICMP(type=kind, code=code) / Raw(bytes(quote)))
    t.net.run(for_="100us")


def connecting(talk):
    """(talk, connection in SYN-SENT, peer, the SYN)."""
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    return t, connection, peer, peer.expect("S")


def sending(talk):
    """(talk, connection, peer, a data segment in flight)."""
    t = talk()
    connection, peer = t.serve()
    connection.send(bytes(100))
    return t, connection, peer, peer.expect("PA")


@pytest.mark.parametrize("kind, code", HARD)
def test_nobody_is_there(talk, kind, code):
    t, connection, peer, syn = connecting(talk)
    error(t, peer, kind, code, syn)
    with shows("RQ-9293-MUST-54", "RQ-9293-SHLD-26"):
        with pytest.raises(ConnectionRefused):
            connection.wait_connected(timeout=0)
        assert connection.state == "CLOSED"
    peer.expect_nothing(for_="10min")


@pytest.mark.parametrize("kind, code", HARD)
def test_nobody_is_there_of_a_half_open_one(talk, kind, code):
    """The listener goes on listening."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send("S")
    error(t, peer, kind, code, peer.expect("SA"))
    assert t.h.allocs()["held"].get("TCP_PCB", 0) == 0 and listener.events == []
    t.peer(sport=40001).connect()


@pytest.mark.parametrize("kind, code", SOFT)
def test_soft_errors_end_no_attempt(talk, kind, code):
    t, connection, peer, syn = connecting(talk)
    error(t, peer, kind, code, syn)
    assert connection.state == "SYN_SENT"
    assert [e.value for e in connection.soft] == [("ERR_RTE", kind, code)]
    peer.expect("S", timeout="2s")
    peer.send("SA")
    peer.expect("A")
    assert connection.state == "ESTABLISHED"


@pytest.mark.parametrize("kind, code", SOFT + HARD)
def test_no_error_ends_what_is_established(talk, kind, code):
    """It may be forged, or over when the next segment leaves; the application hears of it."""
    t, connection, peer, segment = sending(talk)
    error(t, peer, kind, code, segment)
    with shows("RQ-9293-MUST-56", "RQ-9293-MUST-47", "RQ-9293-SHLD-25"):
        assert connection.state == "ESTABLISHED" and connection.error is None
        assert [e.value for e in connection.soft] == [("ERR_RTE", kind, code)]
        assert connection.info().soft_error == "ERR_RTE"
    peer.ack()
    connection.send(b"on it goes")
    peer.expect("PA", data=b"on it goes")


@pytest.mark.parametrize("state", ["FIN_WAIT_1", "LAST_ACK", "CLOSING"])
def test_no_error_ends_a_close(talk, state):
    t = talk()
    connection, peer = t.serve()
    if state == "LAST_ACK":
        peer.fin()
        peer.expect("A")
    connection.shutdown("wr")
    fin = peer.expect("FA")
    if state == "CLOSING":
        peer.fin(ack=fin.seq)
        peer.expect("A")
    error(t, peer, 3, 3, fin)
    assert connection.state == state
    peer.ack()
    t.net.run(for_="1ms")
    assert connection.state == {"FIN_WAIT_1": "FIN_WAIT_2", "LAST_ACK": "CLOSED",
                                "CLOSING": "TIME_WAIT"}[state]


@pytest.mark.parametrize("seq", [-1, 1, 2**31], ids=["before-UNA", "NXT", "far"])
def test_a_number_that_is_not_in_flight_is_not_believed(talk, seq):
    t, connection, peer, syn = connecting(talk)
    error(t, peer, 3, 3, syn, seq=syn.seq + seq)
    assert connection.state == "SYN_SENT" and connection.soft == []
    assert t.h.stats()["drops"]["tcp_error_stray"] == 1


def test_an_error_about_another_connection_finds_nobody(talk):
    t, connection, peer, syn = connecting(talk)
    error(t, peer, 3, 3, syn, sport=syn.sport ^ 1)
    assert connection.state == "SYN_SENT"
    assert t.h.stats()["drops"]["tcp_error_stray"] == 1


def test_source_quench_is_dropped_in_silence(talk):
    """[RFC6633]: neither the rate nor the application notices."""
    t, connection, peer, segment = sending(talk)
    before = connection.info()
    error(t, peer, 4, 0, segment)
    after = connection.info()
    with shows("RQ-9293-MUST-55"):
        assert (after.cwnd, after.ssthresh, after.timers) == \
            (before.cwnd, before.ssthresh, before.timers)
        assert connection.soft == [] and t.wire.pending == 0
