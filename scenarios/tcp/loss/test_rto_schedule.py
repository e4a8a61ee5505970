"""When the retransmission timer runs, and when it expires: the schedule of a silent peer, to the
nanosecond. [RFC6298 2], [RFC6298 5], [RFC9293 3.8.1]
[RFC6298 5.6] """

import pytest
from lockwire import ConnectionTimedOut, shows

MS = 1_000_000
S = 1_000 * MS

pytestmark = pytest.mark.exact_ms


def test_syn_is_sent_again_after_one_second(talk):
    """[RFC6298 2.1] Before any measurement the timeout is one second; it doubles."""
    t = talk()
    peer = t.peer(None, 80)
    begin = t.net.now_ns
    t.h.connect(peer.ip, 80, wait=False)
    hop = t.hop(54 + 20)
    first = peer.expect("S", at=hop, since=begin)
    with shows("RQ-6298-01"):
        again = peer.expect("S", seq=first.seq, at=1 * S + hop, since=begin)
    with shows("RQ-6298-13"):
        peer.expect("S", seq=first.seq, at=3 * S + hop, since=begin)
        peer.expect("S", seq=first.seq, at=7 * S + hop, since=begin)
    assert again.option("MSS") == first.option("MSS")


def test_syn_ack_is_sent_again_after_one_second(talk):
    """[RFC6298 2.1] So it is for the other side."""
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    sent = peer.send("S")
    arrived = sent.t_ns + t.hop(sent)
    hop = t.hop(54 + 4)
    first = peer.expect("SA", at=arrived + hop)
    peer.rcv_nxt = peer.rcv_isn  # as if it had not come
    whole_ms = arrived // MS * MS
    for expired in (1, 3, 7, 15):
        peer.expect("SA", seq=first.seq, ack=peer.seq(1), at=whole_ms + expired * S + hop,
                    timeout="20s")


def test_data_goes_again_at_each_doubling_up_to_a_minute(sender):
    """[RFC6298 5.5], [RFC6298 2.5] 1, 2, 4 ... seconds apart, never more than 60, until the twelfth
    time was in vain [RFC9293 3.8.3]."""
    s = sender()
    s.write(1)
    s.expect(0, lost=True)
    sent, when = s.answered_ns, 0
    for step in (1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60):
        when += step
        with shows("RQ-6298-05", "RQ-6298-13", "RQ-6298-14"):
            s.expect(0, at=sent + when * S, lost=True)
    s.align(10 + (when + 60) * 1000 - 1)
    assert s.c.error is None
    s.align(10 + (when + 60) * 1000)
    assert s.c.error == "ERR_ABRT" and s.c.info().gone
    with shows("RQ-9293-SHLD-11"):
        assert when + 60 >= 100
    s.quiet("5min")


@pytest.mark.parametrize("times", [1, 3, 7])
def test_maxrtx_is_how_often_it_goes_again(sender, times):
    """[RFC9293 3.8.3] R2 by number: the option tcp_maxrtx."""
    s = sender(host={"tcp_maxrtx": times})
    s.write(1)
    s.expect(0, lost=True)
    sent, when, step = s.answered_ns, 0, 1
    for _ in range(times):
        when += step
        step = min(2 * step, 60)
        s.expect(0, at=sent + when * S, lost=True)
    s.quiet(f"{step - 1}s")
    assert s.c.error is None
    s.quiet("1s")
    assert s.c.error == "ERR_ABRT"


def test_least_and_most_can_be_set(sender):
    """[RFC6298 2.4], [RFC6298 2.5] The bounds are options."""
    s = sender(host={"tcp_rto_min_ms": 200, "tcp_rto_max_ms": 700})
    s.write(1)
    s.expect(0, lost=True)
    for when in (200, 600, 1300, 2000, 2700):
        s.expect(0, at=s.answered_ns + when * MS, lost=True)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_only_the_first_segment_goes_again(sender):
    """[RFC6298 5.4] The earliest one that is not acknowledged, and nothing else."""
    s = sender()
    s.write(3)
    s.expect(0, 1, 2, lost=True)
    with shows("RQ-6298-12"):
        s.expect(0, at=s.answered_ns + 1 * S, lost=True)
        s.quiet("1999ms")
    s.expect(0, at=s.answered_ns + 3 * S)


def test_timer_starts_with_the_first_segment_after_silence(sender):
    """[RFC6298 5.1] Nothing runs on an idle line; from the moment of sending it is one timeout."""
    s = sender()
    s.align(60_000)
    assert s.c.info().due("rexmit") is None
    s.write(1)
    with shows("RQ-6298-09"):
        assert s.c.info().due("rexmit") == 61 * S
        s.expect(0, lost=True)
        s.expect(0, at=61 * S)


def test_timer_that_runs_is_not_started_again_by_sending(sender):
    """[RFC6298 5.1] A second segment does not put the first one's timeout off."""
    s = sender()
    s.write(1)
    s.expect(0, lost=True)
    s.align(600)
    s.write(1)
    s.expect(1)
    with shows("RQ-6298-09"):
        s.expect(0, at=10 * MS + 1 * S)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_timer_stops_when_all_is_acknowledged(sender):
    """[RFC6298 5.2] """
    s = sender()
    s.write(2)
    s.expect(0, 1)
    s.ack(2)
    with shows("RQ-6298-10"):
        s.quiet("5min")
        assert s.c.info().timers == {}


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_new_acknowledgement_restarts_the_timer(sender):
    """[RFC6298 5.3] From the ACK on the rest has a whole timeout."""
    s = sender()
    s.write(2)
    s.expect(0, 1, lost=True)
    s.align(710)
    s.ack(1)
    with shows("RQ-6298-11"):
        assert s.c.info().due("rexmit") == 1010 * MS
        s.net.run(for_="1ms")
        rto = s.c.info().rto
        assert s.c.info().due("rexmit") == (710 + rto) * MS
        s.expect(1, at=(710 + rto) * MS)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_old_and_duplicate_acknowledgements_restart_nothing(sender):
    """[RFC6298 5.3] Only what acknowledges new data: a peer that keeps talking hides no loss."""
    s = sender()
    s.write(1)
    s.expect(0)
    s.ack(1)
    s.align(20)
    s.write(2)
    s.expect(1, 2, lost=True)
    sent = s.answered_ns
    for ms in (220, 520, 820):
        s.align(ms)
        s.peer.send("PA", b"x", ack=s.at(1))
        s.peer.send("A", ack=s.at(0))
        s.peer.expect("A", length=0)
        s.peer.drain("100ms")
        assert s.c.info().due("rexmit") == sent + 1 * S
    s.expect(1, at=sent + 1 * S)


@pytest.mark.parametrize("lost", [1, 2, 4])
def test_lost_syn_leaves_three_seconds(talk, lost):
    """[RFC6298 5.7] When the timer had to send the SYN again, data begins with three seconds,
    however far the timeout had been backed off."""
    t = talk()
    peer = t.peer(None, 80, mss=1000)
    connection = t.h.connect(peer.ip, 80, wait=False)
    for _ in range(lost):
        peer.expect("S", lost=True, timeout="20s")
    peer.expect("S", timeout="20s")
    peer.send("SA")
    peer.expect("A")
    begin = (t.net.now_ns // MS + 1) * MS
    t.net.run(for_=f"{begin - t.net.now_ns}ns")
    connection.send(bytes(1000))
    peer.expect("PA", lost=True)
    hop = t.hop(1054)
    with shows("RQ-6298-15"):
        assert connection.info().rto == 3000
        peer.expect("PA", seq=peer.rseq(1), at=begin + 3 * S + hop, timeout="5s")
    peer.ack()


def test_lost_syn_ack_leaves_three_seconds(talk):
    """[RFC6298 5.7] The same for the end that was called."""
    t = talk()
    listener = t.h.listen(80)
    peer = t.peer(mss=1000)
    peer.send("S")
    peer.expect("SA", lost=True)
    peer.expect("SA", timeout="2s")
    peer.ack()
    connection = listener.accept(timeout="1s")
    with shows("RQ-6298-15"):
        assert connection.info().rto == 3000


def test_syn_that_took_long_but_once_is_a_sample(talk):
    """[RFC6298 5.7] No timeout, no three seconds."""
    t = talk(tcp_rto_init_ms=3000)
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("S")
    peer.send("SA", at=401 * MS)
    peer.expect("A")
    assert (connection.info().srtt, connection.info().rto) == (400, 1200)


def test_closing_states_retransmit_too(sender):
    """[RFC9293 3.8.1] Data written after the peer's FIN, and our FIN itself."""
    s = sender()
    s.peer.fin()
    s.peer.expect("A")
    s.align(20)
    s.write(1)
    assert s.c.state == "CLOSE_WAIT"
    s.expect(0, lost=True)
    s.expect(0, at=20 * MS + 1 * S)
    s.ack(1)
    s.align(2000)
    s.c.close()
    assert s.c.state == "LAST_ACK"
    hop = s.t.hop(54)
    for when in (0, 2, 6):  # backed off by the data's loss: no sample has come since
        s.peer.expect("FA", at=(2 + when) * S + hop, lost=True, timeout="5s")
    s.peer.expect("FA", at=16 * S + hop, timeout="9s")
    s.peer.ack()
    s.quiet("1min")
    assert s.c.info().gone


def test_connect_ends_in_a_timeout(talk):
    """[RFC9293 3.8.3 MUST-23] After three minutes and no less nobody answers any more."""
    t = talk()
    peer = t.peer(None, 80)
    begin = t.net.now_ns
    connection = t.h.connect(peer.ip, 80, wait=False)
    hop = t.hop(54 + 20)
    for when in (0, 1, 3, 7, 15, 31, 63, 123):
        with shows("RQ-9293-MUST-23", "RQ-9293-MUST-22"):
            peer.expect("S", at=begin + when * S + hop)
    t.net.run(until="183s")
    assert connection.state == "SYN_SENT"
    with pytest.raises(ConnectionTimedOut):
        connection.wait_connected(timeout="100ms")
    assert connection.events[-1][1:] == ("error", "ERR_ABRT")
    with shows("RQ-9293-MUST-23"):
        assert connection.events[-1].t_ns == begin + 183 * S
