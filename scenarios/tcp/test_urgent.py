"""Urgent data: the pointer, both ways; the stream itself is delivered as ever. Nobody should use it
in something new. [RFC9293 3.8.5] [RFC9293 3.8.5 MUST-62] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern


def settle(t):
    t.net.run(for_="1ms")


def test_urgent_data_is_announced_and_delivered(talk):
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-MUST-30"):
        peer.send("PAU", b"abc!def", urg=4)
        settle(t)
        assert [e[1:] for e in connection.events[1:]] == [("urgent", 4), ("recv", 7)]
        assert connection.recv(99) == b"abc!def"


def test_sequence_of_any_length_over_several_segments(talk):
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-MUST-31"):
        for at in range(0, 6000, 1000):
            peer.send("AU" if at < 5000 else "A", pattern(1000, at=at),
                      urg=5000 - at if at < 5000 else 0)
        settle(t)
        assert [e.value for e in connection.urgent] == [5000]
        assert connection.recv_exactly(6000) == pattern(6000)


def test_told_again_when_the_pointer_advances(talk):
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-MUST-32"):
        peer.send("AU", pattern(10), urg=100)
        peer.send("AU", pattern(10, at=10), urg=90)   # the same
        peer.send("AU", pattern(10, at=20), urg=200)  # further
        peer.send("AU", pattern(10, at=30), urg=50)   # less far
        settle(t)
        assert [e.value for e in connection.urgent] == [100, 200]


def test_told_before_the_data_is_there(talk):
    """A pointer without data, even into a stream that is stuck behind a hole. """
    t = talk()
    connection, peer = t.serve()
    with shows("RQ-9293-MUST-32"):
        peer.send("AU", urg=1000)
        settle(t)
        assert [e.value for e in connection.urgent] == [1000] and connection.pending == 0
        peer.send("AU", b"z", seq=peer.seq(2001), urg=1)
        settle(t)
        assert [e.value for e in connection.urgent] == [1000, 2001]


def test_how_much_is_left_can_be_asked(talk):
    t = talk()
    connection, peer = t.serve()
    left = []
    with shows("RQ-9293-MUST-33"):
        for at in range(0, 500, 100):
            peer.send("AU" if at < 300 else "A", bytes(100), urg=300 - at if at < 300 else 0)
            settle(t)
            info = connection.info()
            left.append((info.rcv_up - info.rcv_nxt) % 2**32)
        assert left == [200, 100, 0, 0, 0]


@pytest.mark.parametrize("urg", [11, 500, 0xFFFF])
def test_pointer_behind_the_segment(talk, urg):
    t = talk()
    connection, peer = t.serve()
    with shows("MF-TCP-44"):
        peer.send("AU", b"0123456789", urg=urg)
        settle(t)
        assert connection.recv(99) == b"0123456789" and connection.pending == 0
        assert [e.value for e in connection.urgent] == [urg]


def test_pointer_at_zero_or_behind_announces_nothing(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("AU", b"0123456789", urg=0)
    peer.send("AU", b"0123456789", seq=peer.seq(1), urg=10)  # old by now
    settle(t)
    assert connection.urgent == [] and connection.recv(99) == b"0123456789"


def test_pointer_without_the_flag_means_nothing(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("PA", b"0123456789", urg=5)
    settle(t)
    assert connection.urgent == [] and connection.recv(99) == b"0123456789"


def test_unacceptable_segments_announce_nothing(talk):
    t = talk()
    connection, peer = t.serve()
    peer.send("AU", b"x", seq=peer.seq(1 << 20), urg=9)
    peer.send("AU", b"x", ack=peer.rseq(9999), urg=9, advance=False)
    peer.send("U", b"x", urg=9, advance=False)
    settle(t)
    assert connection.urgent == [] and connection.pending == 0


def test_host_marks_segments_until_the_urgent_byte(talk):
    """The pointer is behind the last urgent byte; what follows is not marked. """
    t = talk()
    connection, peer = t.serve()
    connection.write(pattern(3000), urgent=True)
    connection.write(pattern(1460, at=3000))
    with shows("RQ-9293-MUST-62", "RQ-9293-MUST-31"):
        peer.expect("AU", seq=peer.rseq(1), urg=3000, length=1460)
        peer.expect("AU", seq=peer.rseq(1461), urg=1540, length=1460)
        got = peer.expect(seq=peer.rseq(2921), urg=80)
        assert "U" in got.flag_text
    peer.ack()
    settle(t)
    connection.write(b"later")
    assert all(s.urg == 0 and "U" not in s.flag_text for s in peer.drain())


def test_retransmission_and_probe_carry_it_too(talk):
    t = talk()
    connection, peer = t.serve()
    connection.write(b"abc!", urgent=True)
    peer.expect("PAU", urg=4, lost=True)
    peer.expect("PAU", urg=4, seq=peer.rseq(1), timeout="2s")
    peer.ack(win=0)
    settle(t)
    connection.write(b"de", urgent=True)
    got = peer.expect(seq=peer.rseq(5), length=1, timeout="2s")
    assert "U" in got.flag_text and got.urg == 2


def test_services_never_use_it(talk):
    """Echo, sink and source send, are sent to, and close: no segment is marked. """
    t = talk()
    for port, duty in ((7, {"echo": True}), (9, {"sink": True}), (19, {"source": 5000})):
        t.h.listen(port, **duty)
        peer = t.peer(port, 40_000 + port).connect()
        peer.send("PA", pattern(1000))
        peer.fin()
        while not peer.fin_received:
            peer.expect(timeout="2s")
            peer.ack()
        with shows("RQ-9293-SHLD-13"):
            assert not any("U" in e.segment.flag_text or e.segment.urg for e in peer.log)
        assert peer.rcv_nxt == peer.rseq({7: 1002, 9: 2, 19: 5002}[port])
