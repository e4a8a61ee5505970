"""Acknowledgements are gathered: everything that has come is looked at before one leaves.
[RFC9293 3.10.7.4 MUST-58] [RFC9293 3.10.7.4 MUST-59]
[RFC5681 4.2] """

import pytest

from lockwire import shows

MSS = 1460


@pytest.mark.parametrize("count", [4, 10, 31])
def test_a_train_gets_fewer_than_it_has_segments(talk, count):
    """Every second full segment is acknowledged, and the last one after the delay."""
    t = talk()
    connection, peer = t.serve()
    for _ in range(count):
        peer.send("A", bytes(MSS))
    acks = peer.drain("1s")
    with shows("RQ-9293-MUST-58"):
        assert [a.ack for a in acks[:count // 2]] == \
            [peer.seq(1 + 2 * MSS * (i + 1)) for i in range(count // 2)]
        assert len(acks) == (count + 1) // 2 and acks[-1].ack == peer.snd_nxt
    assert connection.recv_exactly(count * MSS, timeout=0) == bytes(count * MSS)


@pytest.mark.parametrize("order", ["forwards", "backwards"])
def test_a_filled_hole_gets_one_for_all(talk, order):
    """Five segments waited for the first: one ACK, at once, for the six of them."""
    t = talk()
    connection, peer = t.serve()
    held = range(1, 6) if order == "forwards" else range(5, 0, -1)
    for i in held:
        peer.send("A", bytes([i]) * 100, seq=peer.seq(1 + 100 * i))
        peer.expect("A", ack=peer.seq(1))
    t.net.run(for_="1ms")
    sent = peer.send("A", bytes(100), seq=peer.seq(1))
    with shows("RQ-9293-MUST-59", "RQ-9293-SHLD-31"):
        peer.expect("A", ack=peer.seq(601), at=t.back(sent), since=sent)
        peer.expect_nothing(for_="1s")
    assert connection.recv_exactly(600, timeout=0) == b"".join(bytes([i]) * 100 for i in range(6))


def test_an_answer_takes_the_acknowledgement_along(talk):
    """The application answers within the delay: one segment does both."""
    t = talk()
    t.h.listen(7, echo=True)
    peer = t.peer(7).connect()
    t.net.run(for_="1ms")
    sent = peer.send("PA", b"echo")
    with shows("RQ-9293-MUST-58"):
        peer.expect("PA", data=b"echo", ack=peer.seq(5), at=t.back(sent, length=4), since=sent)
        peer.ack()
        peer.expect_nothing(for_="1s")
