"""When to tell the application, and when to give up: thresholds R1 and R2, the user timeout.
[RFC9293 3.8.3], [RFC5482 4] """

import pytest
from lockwire import shows

MS = 1_000_000
S = 1_000 * MS

pytestmark = pytest.mark.exact_ms


def told(connection):
    """When the application heard of the first threshold."""
    return [event.t_ns for event in connection.soft if event.value[0] == "ERR_TIMEOUT"]


def test_application_hears_of_the_third_retransmission(sender):
    """[RFC9293 3.8.3 SHLD-9], [RFC9293 3.8.3 SHLD-10] R1 is three retransmissions; it is told
    once, and long before R2."""
    s = sender()
    s.write(1)
    for when in (0, 1, 3):
        s.expect(0, at=10 * MS + when * S, lost=True)
    assert told(s.c) == []
    s.expect(0, at=10 * MS + 7 * S, lost=True)
    with shows("RQ-9293-SHLD-9", "RQ-9293-SHLD-10", "RQ-9293-MUST-20"):
        assert told(s.c) == [10 * MS + 7 * S]
    s.align(8 * 60_000)
    with shows("RQ-9293-MUST-20"):
        assert told(s.c) == [10 * MS + 7 * S] and s.c.error is None
    s.align(9 * 60_000)
    with shows("RQ-9293-MUST-20"):
        assert s.c.error == "ERR_ABRT"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_application_hears_of_each_stretch_once(sender):
    """[RFC9293 3.8.3 SHLD-9] After progress a new silence is told again."""
    s = sender()
    s.write(2)
    s.expect(0, 1, lost=True)
    for when in (1, 3, 7, 15):
        s.expect(0, at=10 * MS + when * S, lost=True)
    s.align(20_000)
    s.ack(1)
    s.take("10ms")
    rto = s.c.info().rto
    assert rto == 16_000
    s.align(20_000 + 16_000 + 32_000 + 60_000 - 1)
    assert len(told(s.c)) == 1
    s.align(20_000 + 16_000 + 32_000 + 60_000)
    assert told(s.c) == [10 * MS + 7 * S, (20_000 + 16_000 + 32_000 + 60_000) * MS]


def test_syn_has_the_same_thresholds(talk):
    """[RFC9293 3.8.3 MUST-22] R1 after the third SYN sent again, R2 after three minutes."""
    t = talk()
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    begin = t.net.now_ns
    t.net.run(until="6s")
    assert told(connection) == []
    t.net.run(until="182s")
    with shows("RQ-9293-MUST-22", "RQ-9293-SHLD-9"):
        assert told(connection) == [begin + 7 * S] and connection.error is None
    t.net.run(until="184s")
    with shows("RQ-9293-MUST-22", "RQ-9293-MUST-23"):
        assert connection.error == "ERR_ABRT"
        assert connection.events[-1].t_ns == begin + 183 * S
    assert len(peer.drain()) == 8


@pytest.mark.parametrize("timeout", [400, 5_000, 600_000])
def test_user_timeout_is_r2(sender, timeout):
    """[RFC9293 3.8.3 MUST-21], [RFC5482 4] Per connection: data unacknowledged for that long ends
    it, be it before the first retransmission or after more than tcp_maxrtx of them."""
    s = sender()
    s.c.set(user_timeout=f"{timeout}ms")
    s.write(1)
    s.take(f"{timeout - 1}ms")
    assert s.c.error is None
    s.align(10 + timeout)
    with shows("RQ-9293-MUST-21"):
        assert s.c.error == "ERR_ABRT" and s.c.events[-1].t_ns == (10 + timeout) * MS
    s.quiet("2min")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_user_timeout_counts_from_the_last_progress(sender):
    """[RFC5482 4] Each new acknowledgement gives the rest the whole time."""
    s = sender()
    s.c.set(user_timeout="3s")
    s.write(2)
    s.expect(0, 1, lost=True)
    s.align(2010)
    s.take(0)
    s.ack(1)
    s.align(2010 + 2999)
    s.take(0)
    assert s.c.error is None
    s.align(2010 + 3000)
    with shows("RQ-9293-MUST-21"):
        assert s.c.events[-1].t_ns == (2010 + 3000) * MS and s.c.error == "ERR_ABRT"


def test_user_timeout_does_not_count_on_an_idle_line(sender):
    """[RFC5482 4] Nothing is outstanding, nothing ends."""
    s = sender()
    s.c.set(user_timeout="1s")
    s.write(1)
    s.expect(0)
    s.ack(1)
    s.quiet("1min")
    assert s.c.state == "ESTABLISHED" and s.c.info().timers == {}


def test_each_connection_has_its_own(talk):
    """[RFC9293 3.8.3 MUST-21] Two connections of a host, one patient."""
    t = talk()
    one, one_peer = t.serve(80, 40000)
    two, two_peer = t.serve(81, 40001)
    one.set(user_timeout="2s")
    one.send(bytes(100))
    two.send(bytes(100))
    t.net.run(until="10s")
    with shows("RQ-9293-MUST-21"):
        assert (one.error, two.error) == ("ERR_ABRT", None)
    assert (len(one_peer.drain()), len(two_peer.drain())) == (1 + 1, 1 + 4 - 1)


def test_shrinking_user_timeout_to_none_restores_the_count(sender):
    """[RFC9293 3.8.3] 0: R2 is tcp_maxrtx again."""
    s = sender(host={"tcp_maxrtx": 2})
    s.c.set(user_timeout="60s")
    s.c.set(user_timeout=0)
    s.write(1)
    s.expect(0, lost=True)
    s.expect(0, at=10 * MS + 1 * S, lost=True)
    s.expect(0, at=10 * MS + 3 * S, lost=True)
    s.align(7010)
    assert s.c.error == "ERR_ABRT"


def test_second_outage_starts_from_the_measured_round_trip(sender):
    """[RFC6298 5] MB-RTO-18: a long outage, recovery with clean samples; the next loss waits a
    second, not what the outage had come to."""
    s = sender()
    s.write(1)
    s.expect(0, lost=True)
    for when in (1, 3, 7, 15):
        s.expect(0, at=10 * MS + when * S, lost=True)
    s.expect(0, at=10 * MS + 31 * S)
    s.ack(1)
    for k in range(1, 4):
        s.align(40_000 + k * 100)
        s.write(1)
        s.expect(k)
        s.ack(k + 1)
    s.align(50_000)
    s.write(1)
    s.expect(4, lost=True)
    with shows("MB-RTO-18"):
        s.expect(4, at=51 * S)


def test_peer_that_talks_hides_no_loss(sender):
    """[RFC6298 5.3] MB-RTO-15: segments with data and an old ACK come twice per timeout."""
    s = sender()
    s.write(1)
    s.expect(0, lost=True)
    for k in range(1, 4):
        s.peer.send("PA", b"hello", ack=s.at(0), at=(10 + 300 * k) * MS)
        s.peer.expect("A", length=0)
    with shows("MB-RTO-15"):
        s.expect(0, at=1010 * MS)


def test_close_wait_retransmits(sender):
    """[RFC9293 3.8.1] MB-RTO-19: the peer has closed, 500 bytes go out, the first try is lost."""
    s = sender()
    s.peer.fin()
    s.peer.expect("A")
    s.align(20)
    s.c.send(bytes(500))
    hop = s.t.hop(554)
    s.peer.expect("PA", length=500, at=20 * MS + hop, lost=True)
    with shows("MB-RTO-19"):
        assert s.c.state == "CLOSE_WAIT"
        s.peer.expect("PA", length=500, at=1020 * MS + hop, timeout="2s")


def test_deleted_connections_timer_hits_nobody(talk):
    """[RFC9293 3.10.5] A connection is aborted with its timer pending; another one gets
    its memory, and is left alone when that timer would have expired."""
    t = talk(memp_num_tcp_pcb=1)
    one, peer = t.serve(80, 40000)
    t.net.run(until="10ms")
    one.send(bytes(100))
    peer.drain("500ms")
    one.abort()
    peer.drain("1ms")
    two, other = t.serve(81, 40001)
    t.net.run(until="1001ms")
    two.send(bytes(100))
    other.expect("PA", length=100)
    other.expect_nothing(for_="999ms")
    assert peer.pending == 0 and two.info().backoff == 0
    other.expect("PA", length=100, at=2001 * MS + t.hop(154))
