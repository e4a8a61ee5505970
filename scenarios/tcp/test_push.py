"""PSH: on the last segment of what was written, and nothing waits for it for ever.
[RFC9293 3.9.1.2 MUST-61] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern


def flags(segments):
    return [s.flag_text for s in segments]


@pytest.mark.parametrize("size, expected", [(1, ["PA"]), (1460, ["PA"]), (3000, ["A", "A", "PA"]),
                                            (2920, ["A", "PA"])])
def test_last_segment_of_a_write_has_it(talk, size, expected):
    t = talk()
    connection, peer = t.serve(listen={"nodelay": True})
    connection.send(pattern(size))
    with shows("RQ-9293-MUST-61", "RQ-9293-MAY-15"):
        t.net.run(for_="1ms")
        assert flags(peer.drain()) == expected


def test_with_more_to_come_it_has_none(talk):
    t = talk()
    connection, peer = t.serve(listen={"nodelay": True})
    with shows("RQ-9293-MAY-15"):
        connection.write(b"abc", more=True)
        peer.expect("A", data=b"abc")
        connection.write(b"def")
        peer.expect("PA", data=b"def")


def test_one_byte_without_push_leaves_all_the_same(talk):
    """MORE is a promise about PSH, not a cork. """
    t = talk()
    connection, peer = t.serve()
    now = t.net.now_ns
    connection.write(b"a", more=True)
    with shows("RQ-9293-MUST-60"):
        peer.expect("A", data=b"a", before=now + 500_000_000)


def test_pushes_into_a_closed_window_are_put_together(talk):
    """Five writes while the window is closed: one large segment, one PSH. """
    t = talk()
    connection, peer = t.serve()
    peer.send("A", win=0)
    t.net.run(for_="1ms")
    for i in range(5):
        connection.send(pattern(292, at=292 * i))
    peer.send("A", win=8000)
    with shows("RQ-9293-SHLD-27", "RQ-9293-SHLD-28"):
        peer.expect("PA", data=pattern(1460))
        assert peer.pending == 0


def test_bulk_is_sent_in_full_segments(talk):
    t = talk()
    connection, peer = t.serve()
    sizes = []

    def take(segment):
        sizes.append(segment.length)
        peer.ack()
    peer.on(take)
    connection.send_pattern(146_000)
    with shows("RQ-9293-SHLD-28"):
        t.net.run(for_="5s")
        assert sizes == [1460] * 100


def test_received_push_does_not_matter(talk):
    """Data without PSH is delivered when it comes. """
    t = talk()
    connection, peer = t.serve()
    peer.send("A", b"no push")
    t.net.run(for_="100us")
    assert connection.recv(99, timeout=0) == b"no push"
