"""What Ethernet adds behind a packet is none of the segment. [RFC791 3.1] [RFC894] """

import pytest


@pytest.mark.parametrize("junk", [1, 6, 46, 1400])
@pytest.mark.parametrize("flags, data", [("A", b""), ("PA", b"text"), ("FPA", b"text")])
def test_padding_is_no_text(talk, flags, data, junk):
    t = talk()
    connection, peer = t.serve()
    segment = peer.make(flags, data)
    t.wire.send(segment.frame + b"?" * junk)
    t.net.run(for_="1s")
    last = peer.drain()
    assert connection.pending == len(data)
    assert [s.ack for s in last] == ([segment.end] if segment.space else [])
    assert connection.state == ("CLOSE_WAIT" if "F" in flags else "ESTABLISHED")
