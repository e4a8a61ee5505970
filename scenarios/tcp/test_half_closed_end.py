"""A connection of which the application has closed only its sending side is the application's until
it is told of the end: when TIME-WAIT is over, or a new SYN takes its place, the err call-back says
ERR_CLSD, and the application may go on using what it has (tcp.h: the pcb is gone when err has run).
"""

import pytest


def end_in_time_wait(talk):
    """(the host's end, the peer): both FINs are through, tcp_close() was never called."""
    connection, peer = talk.serve()
    connection.shutdown("wr")
    peer.expect("FA", seq=peer.rseq(1))
    peer.fin()
    peer.expect("A", ack=peer.seq(2))
    assert connection.state == "TIME_WAIT"
    return connection, peer


@pytest.mark.exact_ms
def test_the_end_of_time_wait_is_told(talk, net):
    connection, _ = end_in_time_wait(talk(tcp_msl_ms=1000))
    start = net.now_ns
    net.run(for_="3s")
    (t_ns, name, value), = [e for e in connection.events if e.name == "error"]
    assert (name, value) == ("error", "ERR_CLSD") and 1.99e9 < t_ns - start <= 2e9
    connection.close()


def test_a_new_connection_in_its_place_is_told(talk, net):
    connection, peer = end_in_time_wait(talk())
    again = peer.send("S", seq=peer.seq(100_000))
    peer.expect("SA", ack=again.end)
    assert [e.value for e in connection.events if e.name == "error"] == ["ERR_CLSD"]
    connection.close()


@pytest.mark.parametrize("state", ["CLOSING", "LAST_ACK"])
@pytest.mark.parametrize("lost, told", [(0, "ERR_CLSD"), (1, "ERR_RST"), (5000, "ERR_RST")],
                         ids=["all-arrived", "last-octet-lost", "most-not-sent"])
def test_a_reset_behind_both_fins_tells_of_lost_text(talk, state, lost, told):
    """Only who knows that his text has arrived may take a reset for the end. [RFC9293 3.6]"""
    t = talk()
    connection, peer = t.serve(win=1000)
    if state == "LAST_ACK":
        peer.fin()
        peer.expect("A")
    connection.send(bytes(500 + lost))
    connection.shutdown("wr")
    peer.drain("1ms")
    if state == "CLOSING":
        peer.fin(ack=peer.rseq(1))
        peer.expect("A")
    peer.ack(peer.rseq(501))
    assert connection.state == state
    peer.reset()
    t.net.run(for_="1ms")
    assert (connection.state, connection.error) == ("CLOSED", told)
