"""The drop reasons of TCP that no row of the catalogue provokes: each with what it answers
[RFC9293 3.10.7]."""

import pytest


def connecting(b):
    """(peer, connection) in SYN-SENT."""
    peer = b.peer(8080, None)
    connection = b.d.connect(peer.ip, 8080, wait=False)
    peer.expect("S")
    return peer, connection


@pytest.mark.parametrize("flags, ack, reason, answer", [
    pytest.param("A", 100, "tcp_synsent_ack", "R", id="ack"),
    pytest.param("RA", 100, "tcp_synsent_ack", None, id="rst-with-a-wrong-ack"),
    pytest.param("R", 1, "tcp_synsent_rst", None, id="rst-alone"),
    pytest.param("A", 1, "tcp_synsent_no_syn", None, id="no-syn"),
    pytest.param("SF", 0, "tcp_synsent_syn_fin", None, id="syn-fin")])
def test_syn_sent(make_busy_tcp, flags, ack, reason, answer):
    """The attempt goes on [RFC9293 3.10.7.3]."""
    b = make_busy_tcp()
    peer, connection = connecting(b)
    peer.send(flags, seq=peer.iss, ack=peer.rseq(ack))
    if answer:
        peer.expect(answer, seq=peer.rseq(ack))
    peer.expect_nothing(for_="1ms")
    assert b.d.stats()["drops"] == {reason: 1} and connection.state == "SYN_SENT"
    peer.send("SA")
    peer.expect("A")
    b.part(peer, connection)


def test_ack_of_another_syn(make_busy_tcp):
    """SYN-RECEIVED: an ACK that is not for our SYN gets a RST; the half-open one stays."""
    b = make_busy_tcp()
    b.h.ack(b.h.rseq(100))
    b.h.expect("R", seq=b.h.rseq(100))
    assert b.d.stats()["drops"] == {"tcp_synrcvd_ack": 1}
    b.h.ack()
    b.part(b.h, b.web.accept(timeout="1ms"))


def test_data_behind_the_fin(make_busy_tcp):
    """There cannot be any: it is acknowledged as far as the FIN."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025)
    peer.fin()
    peer.expect("A", ack=peer.seq(2))
    peer.send("PA", b"more", seq=peer.seq(2))
    peer.expect("A", ack=peer.seq(2))
    assert b.d.stats()["drops"] == {"tcp_text_state": 1} and connection.pending == 0


def test_data_for_a_receiver_that_was_shut_down(make_busy_tcp):
    """It is acknowledged and thrown away."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025)
    connection.shutdown("rd")
    peer.send("PA", b"unheard")
    peer.expect("A", ack=peer.seq(8))
    assert b.d.stats()["drops"] == {"tcp_receive_closed": 1} and connection.pending == 0


def test_no_memory_for_a_connection(make_busy_tcp):
    """The SYN is dropped; when there is memory, the next one is answered."""
    b = make_busy_tcp()
    peer = b.peer(1025)
    b.d.fail_alloc(2)  # the first is the receive buffer
    peer.send("S", advance=False)
    peer.expect_nothing(for_="1ms")
    assert b.d.stats()["drops"] == {"tcp_listen_memory": 1}
    peer.connect()
    b.part(peer, b.web.accept(timeout="1ms"))
