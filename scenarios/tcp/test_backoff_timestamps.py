"""A timer that was backed off stays so until there is a measurement; with time stamps the ACK of a
retransmission is one. [RFC6298 3 5.5, RFC7323 4] """

import math
from fractions import Fraction

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


def timeout_after(sample_ms):
    """[RFC6298 2.3] in exact numbers: the handshake's sample was less than the clock sees, 1/2 ms."""
    srtt, rttvar = Fraction(1, 2), Fraction(1, 4)
    rttvar += (abs(srtt - sample_ms) - rttvar) / 4
    srtt += (sample_ms - srtt) / 8
    return max(1000, math.ceil(srtt + 4 * rttvar))


@pytest.mark.parametrize("answered", [2, 1, 0], ids=["the-last", "the-second", "the-first"])
def test_the_echo_says_what_is_measured(talk, answered):
    """Whichever transmission is answered, the sample is the time since that one left."""
    connection, peer, sent = after_two_timeouts(talk, lwip_tcp_timestamps=1)
    value = sent[answered].option("Timestamp")[0]
    peer.send("A", ack=peer.rseq(2), options=peer.timestamps(ecr=value))
    connection.net.run(for_="1ms")
    passed_ms = (0, 1000, 3000)[2] - (0, 1000, 3000)[answered] + LATER_MS
    assert connection.info().rto == timeout_after(passed_ms)
    assert connection.info().unacked == 0


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
