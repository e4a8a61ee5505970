"""RACK-TLP from outside: probes, what they mean for the window, retransmissions that are lost.
[RFC8985 6.2], [RFC8985 7.4], [RFC5681 4.3] """

import pytest

MS = 1_000_000
RACK = {"lwip_tcp_rack": 1}


def brief(s, k, *runs):
    """What the host sends within 1 ms of sack(k, *runs): before a probe is due."""
    s.sack(k, *runs)
    return s.take("1ms")


def probed(sender, **more):
    """A sender whose segment 4, the last, has been lost and probed for: it is acknowledged.
    Its round trips are 0 and 2 ms: the probe of a lone segment leaves 2 * SRTT + 200 ms behind."""
    s = sender(host=RACK, sack=True, **more)
    s.write(5)
    s.expect(*range(5))
    assert s.answer(4) == []
    assert s.take("210ms") == [4]
    return s


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_repaired_loss_and_another_reduce_once(sender):
    """[RFC8985 7.4] The probe repaired a loss: the ACK beyond it halves, 8 in flight. Of these
    another one is lost: repaired, but of the same window [RFC5681 4.3]."""
    s = probed(sender)
    assert brief(s, 5) == []
    s.write(8)
    s.expect(*range(5, 13))
    assert brief(s, 6) == [] and (s.ssthresh, s.cwnd) == (4_000, 4_000)
    assert brief(s, 6, (7, 10)) == [6]
    assert s.ssthresh == 4_000 and s.c.info().recovery == "sack"
    s.ack(13)
    s.take("1ms")
    assert s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_loss_in_the_window_behind_a_repaired_one_reduces_again(sender):
    """[RFC5681 4.3] What was in flight at the reduction is through; 4 are in flight now."""
    s = probed(sender)
    brief(s, 5)
    s.write(8)
    s.expect(*range(5, 13))
    brief(s, 6)
    brief(s, 13)
    assert s.ssthresh == 4_000
    s.write(5)
    s.expect(13, 14, 15, 16, 17)
    assert brief(s, 13, (14, 18)) == [13]
    assert s.ssthresh == 2_500


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_window_update_is_no_second_copy(sender):
    """[RFC8985 7.4.2] An ACK of the same number with another window is no duplicate ACK: the probe
    came once, its original was lost, and the next new ACK halves."""
    s = probed(sender)
    s.answer(5)
    s.ack(5, win=9_000)
    s.take("2ms")
    s.write(2)
    s.expect(5, 6)
    s.answer(7)
    assert (s.ssthresh, s.cwnd) == (2_000, 2_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_duplicate_acknowledgement_is_a_second_copy(sender):
    """[RFC8985 7.4.2] Both copies arrived: nothing was lost."""
    s = probed(sender)
    s.answer(5)
    before = s.ssthresh
    assert before > 50_000
    s.answer(5)
    s.write(2)
    s.expect(5, 6)
    s.answer(7)
    assert s.ssthresh == before


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_lost_retransmission_reduces_again(sender):
    """[RFC5681 4.3], [RFC8985 6.2] 12 in flight, 0 is lost: ssthresh 6. So is its retransmission,
    which shows when 12, sent later, has arrived: sent again, ssthresh 3."""
    s = sender(host=dict(RACK, tcp_iw_segments=12), sack=True)
    s.write(60)
    s.expect(*range(12))
    assert s.answer(0, (1, 4)) == [0] and s.ssthresh == 6_000
    got = s.answer(0, (1, 12))
    assert got[:2] == [12, 13]
    s.quiet("10ms")
    assert s.answer(0, (12, 14), (1, 12))[:1] == [0]
    assert (s.ssthresh, s.c.info().recovery) == (3_000, "sack")
    assert s.c.info().backoff == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_new_data_of_the_same_millisecond_was_sent_before(sender):
    """[RFC8985 6.2] 10 and 11 (limited transmit) leave just before 0 goes again, in the same
    millisecond of the host's clock. Their arrival tells nothing of 0's copy."""
    s = sender(host=RACK, sack=True)
    s.write(60)
    s.expect(*range(10))
    s.net.run(for_="500us")  # sooner than a probe
    for k in (2, 3, 4):
        s.sack(0, (1, k))
    assert s.take("1ms") == [10, 11, 0] and s.ssthresh == 5_000
    got = brief(s, 0, (1, 12))
    assert 0 not in got and s.ssthresh == 5_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
@pytest.mark.parametrize("cc,threshold,window", [(0, 5_500, 2_000), (1, 7_700, 2_800)],
                         ids=["newreno", "cubic"])
def test_lost_retransmission_after_a_timeout_reduces_again(sender, cc, threshold, window):
    """[RFC5681 4.3], [RFC8985 6.2] A retransmission lost is a second indication of congestion:
    eleven in flight, a timeout, slow start to four. Of those 3 is lost again, as 4, sent behind it,
    shows when it arrives: ssthresh is what is left of four (0.5, or 0.7 with CUBIC), cwnd no more
    than that, and 3 leaves at once."""
    s = sender(host=dict(RACK, tcp_cc=cc), sack=True)
    s.write(60)
    s.expect(*range(10))
    assert s.take("2s") == [10, 0]  # the probe; the timeout
    assert [brief(s, k) for k in (1, 2, 3)] == [[1, 2], [3, 4], [5, 6]]
    assert (s.cwnd, s.ssthresh, s.c.info().recovery) == (4_000, threshold, "timeout")
    s.sack(3, (4, 5))
    s.expect(3)
    assert brief(s, 3, (4, 6)) == []
    assert (s.cwnd, s.ssthresh, s.c.info().recovery) == (window, window, "timeout")
    assert brief(s, 7) == [7, 8, 9]
    assert (s.cwnd, s.ssthresh) == (window + 1_000, window)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_two_lost_retransmissions_of_a_flight_reduce_once(sender):
    """[RFC5681 4.3] 3 and 5 were sent again in the same flight: a third sign it is not. A copy that
    left after the reduction would be."""
    s = sender(host=RACK, sack=True)
    s.write(60)
    s.expect(*range(10))
    assert s.take("2s") == [10, 0]  # the probe; the timeout
    assert [brief(s, k) for k in (1, 2, 3)] == [[1, 2], [3, 4], [5, 6]]
    s.net.run(for_="1ms")
    assert brief(s, 3, (4, 5)) == [3] and s.ssthresh == 2_000
    assert 5 in brief(s, 3, (6, 7), (4, 5)) and s.ssthresh == 2_000
