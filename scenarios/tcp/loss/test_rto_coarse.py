"""lwIP's 500 ms ticks (`timer="coarse"`): the same rules, expiry at the first tick that is not
before the moment. [RFC6298 4] """

import pytest
from lockwire import shows

MS = 1_000_000

pytestmark = pytest.mark.sweep(exclude=["tick", "clock"], reason="asserts where the ticks lie")
COARSE = {"timer": "coarse", "timer_phase_ms": 0}


@pytest.mark.parametrize("sent,expiries", [(10, (1500, 3500, 7500)), (500, (1500, 3500, 7500)),
                                           (501, (2000, 4000, 8000)), (1499, (2500, 4500, 8500))])
def test_expiry_is_on_a_tick(sender, sent, expiries):
    """[RFC6298 4] Never early, and less than one tick late."""
    s = sender(host=COARSE, ms=sent)
    s.write(1)
    s.expect(0, lost=True)
    for expiry in expiries:
        s.expect(0, at=expiry * MS, lost=True)


def test_phase_moves_the_ticks(sender):
    """[RFC6298 4] The option timer_phase_ms."""
    s = sender(host={"timer": "coarse", "timer_phase_ms": 120})
    s.write(1)
    s.expect(0, lost=True)
    s.expect(0, at=1120 * MS, lost=True)
    s.expect(0, at=3120 * MS)


def test_granularity_counts_in_the_timeout(talk):
    """[RFC6298 2.2] G is 500 ms: RTO = SRTT + max(G, 4*RTTVAR), and that is what is rounded up."""
    t = talk(**COARSE)
    listener = t.h.listen(80)
    peer = t.peer(mss=1000)
    peer.send("S", at=10 * MS - t.hop(58))
    peer.expect("SA")
    peer.send("A", at=810 * MS)
    connection = listener.accept(timeout="1s")
    assert connection.info().rto == 800 + 1600
    now = 1000
    for _ in range(30):
        t.net.run(until=f"{now}ms")
        connection.send(bytes(1000))
        peer.expect("PA")
        peer.send("A", at=(now + 800) * MS)
        now += 1000
    t.net.run(until=f"{now}ms")
    assert connection.info().srtt == 800
    with shows("RQ-6298-02"):
        assert connection.info().rto == 1300
    connection.send(bytes(1000))
    hop = t.hop(1054)
    peer.expect("PA", at=now * MS + hop, lost=True)
    with shows("RQ-6298-02"):
        peer.expect("PA", at=(now + 1500) * MS + hop, timeout="3s")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_fast_retransmission_knows_no_ticks(sender):
    """[RFC5681 3.2] It is an answer, at once."""
    s = sender(host=COARSE)
    s.write(5)
    s.expect(0, 1, 2, 3, 4)
    s.ack(0)
    s.ack(0)
    s.quiet("2ms")
    s.ack(0)
    s.expect(0)
