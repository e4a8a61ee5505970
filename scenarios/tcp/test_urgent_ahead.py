"""Urgent data, both ways: announced when it comes and when it advances, of any length, part of the
stream all the same; its pointer is behind its last byte. [RFC9293 3.8.5] """

import pytest

from lockwire import shows

MSS = 1460


def announced(connection):
    """Bytes up to the end of urgent data, as each announcement had it."""
    return [event.value for event in connection.urgent]


def test_it_is_part_of_the_stream_and_announced(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("UPA", b"stop! and go on", urg=5)
    t.net.run(for_="1ms")
    with shows("RQ-9293-MUST-30", "RQ-9293-MUST-32"):
        assert announced(connection) == [5]
        assert connection.recv(timeout=0) == b"stop! and go on"
    assert [e.name for e in connection.events] == ["accept", "urgent", "recv"]


def test_each_advance_is_announced_and_no_repetition(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("UPA", b"one", urg=3)
    peer.send("UA", urg=10)          # it is farther ahead
    peer.send("UA", urg=10)          # said again
    peer.send("UA", urg=4)           # an older segment, late
    peer.send("UPA", b"two", urg=20)
    t.net.run(for_="1ms")
    with shows("RQ-9293-MUST-32"):
        assert announced(connection) == [3, 10, 20]


@pytest.mark.parametrize("ahead", [5000, 65535])
def test_it_may_be_of_any_length(talk, ahead):
    """Several segments; the application can ask how much of it is still to come."""
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-MUST-31", "RQ-9293-MUST-33"):
        for i in range(ahead // MSS):
            peer.send("UA", bytes(MSS), urg=ahead - i * MSS)
            t.net.run(for_="1ms")
            assert connection.recv_exactly(MSS, timeout=0) == bytes(MSS)
            info = connection.info()
            assert (info.rcv_up - info.rcv_nxt) % 2**32 == ahead - (i + 1) * MSS
        assert announced(connection) == [ahead]
    rest = ahead % MSS
    peer.send("UPA", bytes(rest), urg=rest)
    t.net.run(for_="1ms")
    assert announced(connection) == [ahead] and connection.pending == rest


def test_without_the_flag_the_pointer_means_nothing(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("PA", b"not urgent", urg=5)
    t.net.run(for_="1ms")
    assert announced(connection) == [] and connection.recv(timeout=0) == b"not urgent"


def test_out_of_order_it_is_announced_at_once(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("UPA", b"second", seq=peer.seq(6), urg=6)
    t.net.run(for_="1ms")
    assert announced(connection) == [11] and connection.pending == 0
    peer.send("PA", b"first", seq=peer.seq(1))
    t.net.run(for_="1ms")
    assert connection.recv(timeout=0) == b"firstsecond" and announced(connection) == [11]


def test_sent_its_pointer_is_behind_its_last_byte(talk):
    t = talk()
    connection, peer = t.serve()
    connection.write(b"stop!", urgent=True)
    with shows("RQ-9293-MUST-62", "RQ-9293-MUST-30"):
        peer.expect("UPA", data=b"stop!", urg=5)
    peer.ack()
    connection.write(b"go on")
    peer.expect("PA", data=b"go on", urg=0)


def test_sent_it_is_announced_ahead_of_what_is_in_its_way(talk):
    """The window is closed: the pointer is in what leaves before the data does. [RFC9293 3.8.6]"""
    t = talk()
    connection, peer = t.serve(win=2 * MSS)
    connection.write(bytes(3 * MSS - 1) + b"!", urgent=True)
    peer.expect("UA", urg=3 * MSS, length=MSS)
    peer.expect(urg=2 * MSS, length=MSS)
    peer.send("A", win=4 * MSS)
    peer.expect("UPA", urg=MSS, length=MSS)


def test_nothing_is_urgent_unless_asked_for(talk):
    """No call of an ordinary application sets it."""
    t = talk()
    t.h.listen(7, echo=True)
    t.h.listen(19, source=5000)
    seen = []
    for port in (7, 19):
        peer = t.peer(port, sport=40000 + port).connect()
        peer.send("PA", b"hello")
        seen += peer.drain("1s")
        peer.ack()
        seen += peer.drain("1s")
    with shows("RQ-9293-SHLD-13"):
        assert len(seen) > 5 and all(not s.flags & 0x20 and s.urg == 0 for s in seen)
