"""The host's 32-bit clock passes 2^32 ms (or the half) while timers run: none is early, late or
lost. [RFC6298 5], [RFC9293 3.8] """

import pytest
from lockwire import VTime

S = 1_000_000_000
MS = 1_000_000
# Milliseconds of the clock when the world begins: the wrap comes 1.5 s later.
WRAPS = [pytest.param(2**32 - 1500, id="wrap"), pytest.param(2**31 - 1500, id="half")]
pytestmark = [pytest.mark.exact_ms, pytest.mark.sweep(exclude=["clock"], reason="sets it")]


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_retransmissions(talk, boot_ms):
    t = talk(boot_ms=boot_ms)
    connection, peer = t.serve()
    connection.send(b"abc")
    first = peer.expect("PA", lost=True)
    start = first.t_ns // MS * MS
    for seconds in (1, 3, 7, 15):
        peer.expect("PA", data=b"abc", at=start + seconds * S + t.hop(), lost=True)


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_delayed_ack(talk, boot_ms):
    t = talk(boot_ms=boot_ms)
    connection, peer = t.serve()
    sent = peer.send("PA", b"x", at=1480 * MS)
    peer.expect("A", at=1520 * MS + t.hop())
    assert connection.pending == 1 and sent.t_ns == 1480 * MS


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_window_probes(talk, boot_ms):
    t = talk(boot_ms=boot_ms)
    connection, peer = t.serve()
    peer.send("A", win=0, at=900 * MS)
    t.net.run(until="1s")
    connection.send(b"abc")
    for ms in (2000, 4000, 8000):
        peer.expect("A", data=b"a", at=ms * MS + t.hop(), lost=True)


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_keepalive(talk, boot_ms):
    t = talk(boot_ms=boot_ms)
    connection, peer = t.serve(listen={"keepalive": ("1s", "500ms", 2)})
    peer.expect("A", seq=peer.rseq(0), at=1001 * MS + t.hop())
    peer.expect("A", seq=peer.rseq(0), at=1501 * MS + t.hop())
    peer.expect("RA", at=2001 * MS + t.hop())


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_poll(talk, boot_ms):
    t = talk(boot_ms=boot_ms)
    connection, peer = t.serve()
    connection.poll(1)
    t.net.run(until="4s")
    times = [e.t_ns for e in connection.events if e.name == "poll"]
    assert times == [(1 + 500 * i) * MS for i in range(1, 8)]


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_time_wait(talk, boot_ms):
    t = talk(boot_ms=boot_ms, tcp_msl_ms=2000)
    connection, peer = t.serve()
    connection.close()
    peer.expect("FA")
    peer.ack()
    peer.fin()
    peer.expect("A")
    end = peer.log[-1].segment.t_ns // MS * MS + 4 * S
    t.net.run(until=VTime(end - 1))
    assert connection.state == "TIME_WAIT"
    t.net.run(until=VTime(end + 1))
    assert connection.state == "CLOSED"


@pytest.mark.parametrize("boot_ms", WRAPS)
def test_round_trips(talk, boot_ms):
    """A sample taken across the wrap is the round trip, not 2^32 less. """
    t = talk(boot_ms=boot_ms)
    connection, peer = t.serve()
    t.net.run(until="1450ms")
    connection.send(b"abc")
    peer.expect("PA")
    t.net.run(until="1650ms")
    peer.ack()
    t.net.run(for_="1ms")
    assert 20_000 <= connection.info().srtt_us <= 201_000
    connection.send(b"abc")
    start = t.net.now_ns // MS * MS
    first = peer.expect("PA", lost=True)
    rto = connection.info().rto
    assert 1000 <= rto < 2000
    peer.expect("PA", at=start + rto * MS + t.hop(first), lost=True, timeout="3s")
