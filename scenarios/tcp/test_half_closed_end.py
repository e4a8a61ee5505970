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
