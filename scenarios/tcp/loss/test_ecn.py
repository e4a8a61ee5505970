"""Explicit congestion notification: who asks for it, who answers, what a mark does at either end.
[RFC3168 6.1], [RFC9293 3.8.2 SHLD-8]
[RFC9293 3.8.2] """

import pytest
from lockwire import ConnectionRefused, shows

MS = 1_000_000
ECT0, CE = 0b10, 0b11
ON = {"lwip_tcp_ecn": 1}


def test_both_ends_agree_passively(talk):
    """[RFC3168 6.1.1] SYN with ECE and CWR: the SYN-ACK has ECE alone; none is ECN-capable."""
    t = talk(**ON)
    t.h.listen(80)
    peer = t.peer(ecn=True)
    peer.send("SEC")
    with shows("RQ-9293-SHLD-8"):
        peer.expect("SAE", ecn=0)


def test_both_ends_agree_actively(talk):
    """[RFC3168 6.1.1] """
    t = talk(**ON)
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    with shows("RQ-9293-SHLD-8"):
        peer.expect("SEC", ecn=0)
    peer.send("SAE")
    peer.expect("A", ecn=0)
    assert connection.info().ecn


@pytest.mark.parametrize("syn", ["S", "SE", "SC"])
def test_half_a_question_is_none(talk, syn):
    """[RFC3168 6.1.1] Not both flags: a SYN-ACK without ECE, and no ECN."""
    t = talk(**ON)
    listener = t.h.listen(80)
    peer = t.peer()
    peer.send(syn)
    peer.expect("SA", ecn=0)
    peer.ack()
    connection = listener.accept(timeout="1s")
    assert not connection.info().ecn
    connection.send(b"abc")
    peer.expect("PA", ecn=0)


@pytest.mark.parametrize("answer", ["SA", "SAEC", "SAC"])
def test_half_an_answer_is_none(talk, answer):
    """[RFC3168 6.1.1] A SYN-ACK that reflects both flags is of a host that knows nothing of it."""
    t = talk(**ON)
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("SEC")
    peer.send(answer)
    peer.expect("A", ecn=0)
    assert not connection.info().ecn
    connection.send(b"abc")
    peer.expect("PA", ecn=0)


def test_without_the_option_nobody_asks_or_answers(talk):
    """[RFC3168 6.1.1] lwip_tcp_ecn=0."""
    t = talk()
    t.h.listen(80)
    peer = t.peer(ecn=True)
    peer.send("SEC")
    peer.expect("SA", ecn=0)
    other = t.peer(None, 81, ip="10.0.0.1")
    t.h.connect(other.ip, 81, wait=False)
    other.expect("S", ecn=0)


def ecn_sender(sender, **more):
    return sender(host=dict(ON, **more.pop("host", {})), ecn=True, **more)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_data_is_ecn_capable_acknowledgements_are_not(sender):
    """[RFC3168 6.1.2], [RFC3168 6.1.4] """
    s = ecn_sender(sender)
    s.write(2)
    with shows("RQ-9293-SHLD-8"):
        s.expect(0, 1, ecn=ECT0)
    s.ack(2)
    s.send("PA", b"abc", ack=s.at(2))
    s.peer.expect("A", length=0, ecn=0)
    s.c.recv(timeout=1)
    s.c.close()
    s.peer.expect("FA", ecn=0)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_retransmissions_are_not_ecn_capable(sender):
    """[RFC3168 6.1.5] Neither by the timer nor by duplicates."""
    s = ecn_sender(sender)
    s.write(5)
    s.expect(*range(5), ecn=ECT0)
    s.acks(0, 0)
    s.ack(0)
    s.expect(0, ecn=0, flags="A")
    s.expect(0, at=1_014_000_000, ecn=0)  # a second behind the retransmission


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_window_probes_are_not_ecn_capable(sender):
    """[RFC3168 6.1.6] Nor do they carry CWR, though it is owed."""
    s = ecn_sender(sender)
    s.write(12)
    s.expect(*range(10))
    s.send("AE", ack=s.at(10), win=0)
    probe = s.peer.expect(ecn=0, timeout="2s")
    assert probe.length <= 1 and probe.flags & 0x80 == 0


def test_mark_is_echoed_until_it_was_heard(sender):
    """[RFC3168 6.1.3] CE: every ACK has ECE, also those for segments without a mark, until CWR."""
    s = ecn_sender(sender)
    data = bytes(100)

    def sends(flags, expected, **how):
        s.send(flags, data, **how)
        s.peer.expect(expected, length=0, timeout="600ms")
    sends("PA", "A", tos=ECT0)
    with shows("RQ-9293-SHLD-8"):
        sends("PA", "AE", tos=CE)
        for _ in range(3):
            sends("PA", "AE", tos=ECT0)
    with shows("RQ-9293-SHLD-8"):
        sends("PAC", "A", tos=ECT0)
        sends("PA", "A", tos=ECT0)
    sends("PAC", "AE", tos=CE)           # heard of the old one, and there is a new one


def test_mark_is_acknowledged_at_once(sender):
    """[RFC3168 6.1.3] No delay: the sender should slow down soon."""
    s = ecn_sender(sender)
    sent = s.send("PA", bytes(100), tos=CE)
    s.peer.expect("AE", at=s.t.back(sent), since=sent)


def test_echo_is_on_data_as_well(sender):
    """[RFC3168 6.1.3] Whatever carries an ACK."""
    s = ecn_sender(sender)
    s.send("PA", bytes(100), tos=CE)
    s.peer.expect("AE")
    s.align(20)
    s.write(1)
    s.expect(0, flags="PAE", ecn=ECT0)


def test_mark_on_an_empty_segment_is_nobodys(sender):
    """[RFC3168 6.1.4] Pure ACKs are not ECN-capable: a mark there is a mistake."""
    s = ecn_sender(sender)
    s.send("A", tos=CE)
    s.send("PA", bytes(10))
    s.peer.expect("A", length=0, timeout="600ms")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_echo_halves_the_window_once(sender):
    """[RFC3168 6.1.2] As a loss would, but nothing is sent again; CWR on the next new segment, on
    one; more ECE in the same window do no more; growth rests."""
    s = ecn_sender(sender)
    s.write(60)
    s.expect(*range(10), flags="A")
    s.send("AE", ack=s.at(2))
    s.quiet("2ms")
    with shows("RQ-9293-SHLD-8"):
        assert (s.cwnd, s.ssthresh) == (5_000, 5_000)
    for k in (3, 4, 5):
        s.send("AE", ack=s.at(k))
        assert s.take("2ms") == [] and s.cwnd == 5_000
    s.send("AE", ack=s.at(6))
    s.expect(10, flags="AC", ecn=ECT0)
    s.ack(7)
    s.expect(11, 12, flags="A", ecn=ECT0)
    with shows("RQ-9293-SHLD-8"):  # and grows from there
        assert (s.cwnd, s.ssthresh) == (6_000, 5_000) and s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_echo_in_the_next_window_halves_again(sender):
    """[RFC3168 6.1.2] Once all that was in flight at the reduction is acknowledged."""
    s = ecn_sender(sender)
    s.write(60)
    s.expect(*range(10))
    s.send("AE", ack=s.at(1))
    s.take("2ms")
    assert s.ssthresh == 5_000
    s.send("AE", ack=s.at(9))
    assert s.take("2ms") == [10, 11, 12, 13]
    assert s.ssthresh == 5_000
    s.send("AE", ack=s.at(10))
    s.take("2ms")
    with shows("RQ-9293-SHLD-8"):
        assert s.ssthresh == 2_500 and s.cwnd == 2_500


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("isn", [0x10000000, 0x7ffff000, 0x90000000, 0xfffff000])
def test_echo_counts_wherever_numbers_begin(sender, isn):
    """[RFC3168 6.1.2] The first window has no predecessor, whatever the initial number is."""
    s = ecn_sender(sender, host={"tcp_isn": isn})
    s.write(10)
    s.expect(*range(10))
    s.send("AE", ack=s.at(1))
    s.take("2ms")
    assert s.cwnd == 5_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_echo_at_one_segment_waits_for_the_timer(sender):
    """[RFC3168 6.1.2] cwnd can become no less: the timer is started anew by each such ACK, and the
    next segment leaves when it expires; no back-off, no retransmission. Two are the least
    threshold."""
    s = ecn_sender(sender, host={"tcp_iw_segments": 1})
    s.write(4)
    s.expect(0)
    s.align(500)
    s.send("AE", ack=s.at(1))
    s.expect(1, at=1500 * MS, flags="AC", ecn=ECT0)
    assert (s.cwnd, s.ssthresh) == (1_000, 2_000)
    s.align(1600)
    s.send("AE", ack=s.at(2))
    s.expect(2, at=2600 * MS, flags="AC", ecn=ECT0)
    assert s.c.info().rto == 1000 and s.c.info().recovery == "none"
    s.ack(3)                             # no more of it: at once
    s.expect(3, ecn=ECT0)
    s.ack(4)
    s.quiet("5s")


@pytest.mark.exact_ms
def test_echo_without_data_to_send_holds_what_is_written_later(sender):
    """[RFC3168 6.1.2] The same, when the application has nothing at that moment; and a timer for
    which nothing waits sends nothing."""
    s = ecn_sender(sender, host={"tcp_iw_segments": 1})
    s.write(1)
    s.expect(0)
    s.send("AE", ack=s.at(1))
    s.align(300)
    s.write(1)
    s.expect(1, at=1010 * MS)
    s.send("AE", ack=s.at(2))
    s.quiet("5s")
    s.write(1)
    s.expect(2)


@pytest.mark.exact_ms
def test_echo_with_a_closed_window(sender):
    """[RFC3168 6.1.2], [RFC9293 3.8.6.1] One segment, ECE, and no window: it is probed when the
    timer has expired, and opened the data goes on at once."""
    s = ecn_sender(sender, host={"tcp_iw_segments": 1})
    s.write(3)
    s.expect(0)
    s.send("AE", ack=s.at(1), win=0)
    assert s.peer.expect(timeout="3s").length <= 1
    s.send("A", ack=s.at(1), win=64_000)
    assert s.at(2) in [segment.end for segment in s.peer.drain("500ms")]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
@pytest.mark.parametrize("sack", [False, True])
def test_echo_after_a_timeout_holds_what_was_lost(sender, sack):
    """[RFC3168 6.1.2] ACKs with ECE widen nothing in slow start after a timeout either."""
    s = ecn_sender(sender, sack=sack)
    s.write(5)
    s.expect(*range(5), lost=True)
    s.expect(0, at=1010 * MS)
    s.align(1100)
    s.send("AE", ack=s.at(1))
    s.expect(1, at=3100 * MS, ecn=0)     # the time-out is doubled until there is a sample
    assert (s.cwnd, s.ssthresh) == (1_000, 2_500)
    s.ack(2)
    s.expect(2, 3)
    s.ack(5)
    s.quiet("9s")


@pytest.mark.exact_ms
def test_silence_is_not_asked_again(talk):
    """[RFC3168 6.1.1.1] A SYN that asks for ECN may be what somebody throws away: from the first
    retransmission on it does not ask, and a late yes is none."""
    t = talk(**ON)
    peer = t.peer(None, 80, mss=1000)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("SEC", ecn=0, lost=True)
    peer.expect("S", ecn=0, timeout="2s", lost=True)
    peer.expect("S", ecn=0, timeout="4s")
    peer.send("SAE")
    peer.expect("A")
    assert not connection.info().ecn
    connection.send(b"abc")
    peer.expect("PA", ecn=0)


def test_refusal_is_asked_again_without(talk):
    """[RFC3168 6.1.1.1] RST to a SYN that asks: the same SYN, at once, without; nothing was lost,
    so the initial window is whole."""
    t = talk(**ON)
    peer = t.peer(None, 80, mss=1000)
    connection = t.h.connect(peer.ip, 80, wait=False)
    first = peer.expect("SEC")
    peer.send("RA")
    again = peer.expect("S", ecn=0, timeout="1ms")
    assert again.seq == first.seq
    peer.send("SA")
    peer.expect("A")
    assert not connection.info().ecn
    connection.send(bytes(12_000))
    assert [g.length for g in peer.drain("1ms")] == [1000] * 10


def test_second_refusal_is_one(talk):
    """[RFC9293 3.10.7.3], [RFC3168 6.1.1.1] Nobody is there, with or without."""
    t = talk(**ON)
    peer = t.peer(None, 80)
    connection = t.h.connect(peer.ip, 80, wait=False)
    peer.expect("SEC")
    peer.send("RA")
    peer.expect("S", ecn=0)
    peer.send("RA")
    peer.expect_nothing("5s")
    with pytest.raises(ConnectionRefused):
        connection.wait_connected(timeout="1s")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
@pytest.mark.parametrize("how", ["duplicates", "timeout"])
def test_cwr_after_any_reduction(sender, how):
    """[RFC3168 6.1.2] The first new segment after a loss says CWR, too: the receiver need not ask
    for a second reduction."""
    s = ecn_sender(sender)
    s.write(60)
    s.expect(*range(10))
    if how == "duplicates":
        s.acks(0, 0)
        s.ack(0)
        s.expect(0, flags="A")
    else:
        s.expect(0, flags="A", at=1_010_000_000)
    s.ack(12 if how == "duplicates" else 10)
    got = s.peer.drain("2ms")
    assert [g.flags & 0x80 != 0 for g in got] == [True] + [False] * (len(got) - 1)
    assert got[0].seq == s.at(12 if how == "duplicates" else 10)
