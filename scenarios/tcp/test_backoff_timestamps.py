"""A timer that was backed off stays so until there is a measurement; with time stamps the ACK of a
retransmission is one, if it says that it answers that. [RFC6298 3 5.5, RFC7323 4] """

import pytest

pytestmark = pytest.mark.exact_ms

LATER_MS = 7


def after_two_timeouts(talk, **options):
    """The connection, the peer, and the time stamps of the segment's three transmissions."""
    connection, peer = talk(lwip_tcp_rack=0, **options).serve(
        **({"ts": 1} if options["lwip_tcp_timestamps"] else {}))
    connection.net.run(until="2ms")  # where a millisecond of its clock begins
    connection.send(b"x")
    sent = [peer.expect("PA", data=b"x", timeout="10s") for _ in range(3)]
    assert [b.time.ns - a.time.ns for a, b in zip(sent, sent[1:])] == [1_000_000_000, 2_000_000_000]
    assert connection.info().rto == 4000
    connection.net.run(for_=f"{LATER_MS}ms")
    return connection, peer, sent


@pytest.mark.parametrize("answered, rto", [(2, 1000), (1, 4000), (0, 4000)],
                         ids=["the-last", "the-second", "the-first"])
def test_only_the_answer_to_the_last_transmission_ends_the_back_off(talk, answered, rto):
    """An ACK of an earlier one is late, or its first copy was lost: nobody can tell which."""
    connection, peer, sent = after_two_timeouts(talk, lwip_tcp_timestamps=1)
    value = sent[answered].option("Timestamp")[0]
    peer.send("A", ack=peer.rseq(2), options=peer.timestamps(ecr=value))
    connection.net.run(for_="1ms")
    assert (connection.info().rto, connection.info().unacked) == (rto, 0)


def test_without_time_stamps_new_data_ends_it(talk):
    """[RFC6298 3]: Karn's algorithm: no sample from what was sent twice."""
    connection, peer, _ = after_two_timeouts(talk, lwip_tcp_timestamps=0)
    peer.send("A", ack=peer.rseq(2))
    connection.net.run(for_="1ms")
    assert connection.info().rto == 4000
    connection.send(b"y")
    peer.expect("PA", data=b"y")
    peer.send("A", ack=peer.rseq(3))
    connection.net.run(for_="1ms")
    assert connection.info().rto == 1000
