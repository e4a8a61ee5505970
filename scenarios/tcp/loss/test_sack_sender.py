"""The sender with SACK: what is lost, what goes again and in which order, what a timeout forgets.
[RFC6675 4 IsLost], [RFC6675 4 NextSeg], [RFC6675 4 SetPipe], [RFC2018 5]
[RFC2018 5] [RFC2018 5.1] """

import pytest
from lockwire import shows

MS = 1_000_000
S = 1_000 * MS


def lossy(sender, write=60, **more):
    """A sender with SACK that has sent its first ten segments of so many."""
    s = sender(sack=True, **more)
    s.write(write)
    s.expect(*range(min(write, 10)))
    return s


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("options", [{}, {"ts": 77}], ids=["plain", "timestamps"])
def test_third_report_sends_the_first_segment_again(sender, options):
    """[RFC6675 5 (4.3)] DupThresh ACKs that report something new; at once."""
    s = lossy(sender, 10, **options)
    assert s.answer(0, (1, 2)) == [] and s.answer(0, (1, 3)) == []
    with shows("RQ-6675-03"):
        s.sack(0, (1, 4))
        s.expect(0)
        assert s.c.info().recovery == "sack"
    s.ack(10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_reports_of_nothing_new_do_not_count(sender):
    """[RFC6675 2] A duplicate ACK is one that tells of data not known to have arrived."""
    s = lossy(sender, 10)
    for _ in range(5):
        assert s.answer(0, (1, 2)) == []
    assert s.acks(0, 0, 0, 0) == [[]] * 4
    with shows("RQ-6675-01"):
        info = s.c.info()
        assert (info.dupacks, info.sacked, info.recovery) == (1, 1_000, "none")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_enough_bytes_in_one_report(sender):
    """[RFC6675 4 IsLost] more than two segments' bytes above it are SACKed; the ACKs between were
    lost."""
    s = lossy(sender, 10)
    with shows("RQ-6675-02", "RQ-6675-03"):
        s.sack(0, (1, 4))
        s.expect(0)
        assert s.c.info().recovery == "sack" and s.c.info().dupacks == 1


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_two_segments_are_not_enough(sender):
    """[RFC6675 4 IsLost] more than (DupThresh - 1) * SMSS, not as much."""
    s = lossy(sender, 10)
    with shows("RQ-6675-02"):
        assert s.answer(0, (1, 3)) == [] and s.c.info().recovery == "none"
    assert s.answer(0, (1, 3), (5, 6)) == [0]


def test_three_separate_runs_are_enough(sender):
    """[RFC6675 4 IsLost] DupThresh discontiguous ones, however small."""
    s = sender(sack=True)
    s.c.set(nodelay=True)
    for _ in range(8):
        s.c.send(bytes(100))
    s.peer.drain("1ms")

    def report(*runs):
        s.peer.send("A", ack=s.at(0), options=s.peer.sacks(
            *((1 + 100 * a, 1 + 100 * b) for a, b in runs)))
        return [((g.seq - s.at(0)) % 2**32, g.length) for g in s.peer.drain("1ms")]
    assert report((1, 2), (4, 5)) == []
    with shows("RQ-6675-02"):
        # 2 and 3 have but two runs above them; but nothing is new, and cwnd is two segments of 1000
        # bytes [RFC6675 5 (4.5)]: holes are filled [RFC6675 4 NextSeg (3)]
        assert report((6, 7), (1, 2), (4, 5)) == [(n, 100) for n in (0, 200, 300, 500)]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_lost_segments_first_then_new_ones(sender):
    """[RFC6675 4 NextSeg] (1) what is lost, lowest first, (2) what is new. 0, 3 and 5 are lost."""
    s = lossy(sender)
    sent = [s.answer(0, *runs) for runs in (
        [(1, 2)], [(1, 3)], [(4, 5), (1, 3)],            # 0
        [(6, 7), (4, 5), (1, 3)], [(6, 8), (4, 5), (1, 3)],
        [(6, 9), (4, 5), (1, 3)], [(6, 10), (4, 5), (1, 3)],
        [(6, 11), (4, 5), (1, 3)], [(6, 12), (4, 5), (1, 3)])]
    order = sum(sent, [])
    with shows("RQ-6675-05"):
        assert order[:5] == [10, 11, 0, 3, 5] and order[5:] == sorted(order[5:])
        assert min(order[5:]) == 12
    with shows("RQ-6675-05"):
        assert len(set(order)) == len(order)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_hole_that_is_not_lost_goes_again_when_there_is_nothing_else(sender):
    """[RFC6675 4 NextSeg (3)] 0 and 7 of ten are lost and nothing is new; above 7 only two
    segments are SACKed, too few to call it lost."""
    s = lossy(sender, 10)
    assert [s.answer(0, (1, k)) for k in (2, 3, 4, 5, 6, 7)] == [[], [], [0], [], [], []]
    got = [s.answer(0, (8, 9), (1, 7)), s.answer(0, (8, 10), (1, 7))]
    with shows("RQ-6675-05"):
        assert got == [[7], []]
    assert s.answer(10) == [] and s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_new_data_goes_before_a_hole_that_is_not_lost(sender):
    """[RFC6675 4 NextSeg] (2) is before (3): the same, but the application has more."""
    s = lossy(sender)
    got = [s.answer(0, (1, k)) for k in (2, 3, 4, 5, 6, 7)]
    got += [s.answer(0, (8, 9), (1, 7)), s.answer(0, (8, 10), (1, 7))]
    with shows("RQ-6675-05"):
        assert sum(got, []) == [10, 11, 0, 12]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_rescue(sender):
    """[RFC6675 4 NextSeg (4)] 0, 8 and 9 are lost, nothing is new: the partial ACK lets the
    highest one go again, once; what it brings back tells of the hole below."""
    s = lossy(sender, 10)
    assert [s.answer(0, (1, k)) for k in range(2, 9)] == [[], [], [0], [], [], [], []]
    with shows("RQ-6675-05"):
        s.sack(8)
        s.expect(9)
        s.quiet("2ms")
    with shows("RQ-6675-05"):
        s.sack(8, (9, 10))
        s.expect(8)
        s.quiet("2ms")
    assert s.answer(10) == [] and s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_rescue_is_one_for_a_recovery(sender):
    """[RFC6675 4 NextSeg (4)] RescueRxt is RecoveryPoint from then on."""
    s = lossy(sender, 10)
    assert [s.answer(0, (1, k)) for k in range(2, 7)] == [[], [], [0], [], []]
    assert s.answer(6) == [9]
    with shows("RQ-6675-05"):
        assert s.answer(7) == [] and s.answer(8) == []
    assert s.c.info().recovery == "sack"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("window", [10_000, 10_500])
def test_closed_window_counts_as_nothing_new(sender, window):
    """[RFC6675 4] NextSeg (2): new data only if the peer's window allows; then (4)."""
    s = lossy(sender, 20, win=window)
    assert [s.answer(0, (1, k)) for k in range(2, 9)] == [[], [], [0], [], [], [], []]
    s.peer.win = 2_000
    assert s.answer(8) == [9]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_nothing_goes_twice_and_no_more_than_cwnd(sender):
    """[RFC6675 4 SetPipe] The pipe (what is believed to be in the network) never exceeds cwnd."""
    s = lossy(sender)
    have, over = {0, 4, 6}, []
    copies, runs = {}, []
    for k in range(1, 10):
        if k in have:
            continue
        runs = [(k, k + 1) if not runs or runs[0][1] != k else (runs[0][0], k + 1),
                *(runs[1:] if runs and runs[0][1] == k else runs)]
        for number in s.answer(0, *runs[:4]):
            copies[number] = copies.get(number, 0) + 1
        info = s.c.info()
        over.append(info.in_flight - info.sacked - info.lost > max(info.cwnd, 1_000))
    with shows("RQ-6675-04"):
        assert not any(over) and set(copies.values()) == {1} and {0, 4} <= copies.keys()


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_reports_do_not_widen_the_window(sender):
    """[RFC2018 5], [RFC6675 5 (4.2)] What was SACKed leaves the pipe, which lets as much leave;
    cwnd itself stays, and the threshold is what it would be without SACK."""
    s = lossy(sender)
    s.sack(0, (1, 2))
    s.expect(10)
    s.sack(0, (1, 3))
    s.expect(11)
    with shows("RQ-2018-11"):
        assert s.cwnd == 10_000
    s.sack(0, (1, 4))
    s.expect(0)
    with shows("RQ-2018-11", "RQ-6675-03"):
        assert s.ssthresh == 5_000 and s.cwnd <= 10_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_recovery_ends_at_the_recovery_point(sender):
    """[RFC6675 5] cwnd is then ssthresh; a partial ACK does not end it."""
    s = lossy(sender)
    for k in (2, 3, 4, 5, 6):
        s.answer(0, (1, k))
    point = s.c.info().recover
    assert point == s.at(12)
    s.answer(11)
    assert s.c.info().recovery == "sack"
    s.answer(12)
    with shows("RQ-6675-03"):
        assert (s.c.info().recovery, s.cwnd, s.ssthresh) == ("none", 5_000, 5_000)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_second_loss_is_a_recovery_of_its_own(sender):
    """[RFC6675 5] Beyond RecoveryPoint; it halves again [RFC5681 4.3]."""
    s = lossy(sender)
    for k in (2, 3, 4):
        s.answer(0, (1, k))
    assert s.answer(12) == [12, 13, 14, 15, 16]
    assert [s.answer(12, (13, k)) for k in (14, 15)] == [[17], [18]]
    with shows("RQ-5681-19"):
        assert s.answer(12, (13, 16)) == [12]
        assert s.ssthresh == 2_500 and s.c.info().recovery == "sack"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_timeout_forgets_what_was_reported(sender):
    """[RFC2018 5], [RFC2018 8] 1 to 5 were SACKed; the peer may have let go of them since. After
    the timeout all is sent again, in slow start."""
    s = lossy(sender, 6)
    s.answer(0, (1, 2))
    s.answer(0, (1, 3))
    assert s.answer(0, (1, 6)) == [0]
    with shows("RQ-2018-10", "RQ-2018-09"):
        s.expect(0, at=1014 * MS)
        assert (s.c.info().sacked, s.cwnd) == (0, 1_000)
    with shows("RQ-2018-10", "RQ-2018-09"):
        s.ack(1)
        s.expect(1, 2)
        s.ack(3)
        s.expect(3, 4, 5)
    s.ack(6)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_nothing_reported_is_let_go(sender):
    """[RFC2018 8] The peer reports 1 to 9 and never acknowledges any: they are kept, and sent, as
    long as it takes."""
    s = lossy(sender, 10)
    assert s.answer(0, (1, 10)) == [0]
    info = s.c.info()
    with shows("RQ-2018-09"):
        assert info.unacked == 10_000 and info.sacked == 9_000
    s.expect(0, at=1010 * MS)
    for k in range(1, 10):
        got = s.answer(k)
        assert all(number >= k for number in got)
    with shows("RQ-2018-09"):
        assert s.c.info().unacked == 1_000
    s.ack(10)
    s.quiet("2ms")
    assert s.c.info().unacked == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_reports_after_a_timeout_are_used_again(sender):
    """[RFC6675 5.1] What the peer says now is true now: 2 to 7 are not sent again."""
    s = lossy(sender, 10)
    s.expect(0, at=1010 * MS)
    with shows("RQ-6675-06"):
        s.sack(1, (2, 8))
        s.expect(1, 8)
    assert s.answer(8) == [9]
    s.ack(10)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_reports_after_a_timeout_begin_no_recovery(sender):
    """[RFC6675 5.1] RecoveryPoint is all that had been sent: until that is acknowledged, reports
    halve nothing."""
    s = lossy(sender, 30)
    s.expect(0, at=1010 * MS)
    before = s.ssthresh
    assert before == 5_000
    s.answer(1, (2, 3))
    s.answer(1, (2, 4))
    s.answer(1, (2, 5))
    s.answer(1, (2, 6))
    with shows("RQ-6675-06"):
        assert s.c.info().recovery == "timeout" and s.ssthresh == before
    s.answer(10)
    assert s.c.info().recovery == "none"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.exact_ms
def test_lost_retransmission_needs_the_timer(sender):
    """[RFC6675 6] What was sent again and is lost again is the timer's, a whole timeout later; it
    reduces again [RFC5681 4.3]."""
    s = lossy(sender, 10)
    assert [s.answer(0, (1, k)) for k in range(2, 11)] == [[], [], [0]] + [[]] * 6
    with shows("RQ-5681-19"):
        s.expect(0, at=1014 * MS)
        assert s.c.info().recovery == "timeout"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("blocks", [
    [(5, 3)], [(4, 4)], [(9, 12)], [(20, 25)], [(-3, 2)], [(0, 3)]],
    ids=["turned", "empty", "beyond", "unsent", "across-the-ack", "old"])
def test_blocks_that_make_no_sense_are_ignored(sender, blocks):
    """[RFC2018 4] Whoever sends them learns nothing of us and cannot make us send."""
    s = lossy(sender, 10)
    s.ack(1)
    for k in range(4):
        s.sack(1, *((a, b) for a, b in blocks))
        if k == 0:
            assert s.take("2ms") == []
    assert s.take("2ms") == []
    info = s.c.info()
    assert (info.sacked, info.lost, info.recovery) == (0, 0, "none")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_duplicate_report_moves_nothing(sender):
    """[RFC2883 4] A D-SACK block, below the ACK or within the next block, is no news of arrival."""
    s = lossy(sender, 10)
    s.ack(3)
    assert s.answer(3, (1, 2)) == [] and s.answer(3, (0, 3)) == []
    assert s.c.info().sacked == 0 and s.c.info().dupacks == 0
    assert s.answer(3, (4, 5)) == []
    assert s.answer(3, (4, 5), (4, 6)) == []  # 5 is new, 4 came twice
    assert s.c.info().sacked == 2_000 and s.c.info().dupacks == 2


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_block_that_ends_within_a_segment(sender):
    """[RFC6675 3] A segment has arrived as a whole or not at all."""
    s = lossy(sender, 10)
    s.peer.send("A", ack=s.at(0), options=s.peer.sacks((1_001, 2_501)))
    s.peer.drain("1ms")
    with shows("RQ-6675-01"):
        assert s.c.info().sacked == 1_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_scoreboard_follows_both_kinds_of_news(sender):
    """[RFC6675 3] Update(): blocks mark, the cumulative ACK takes away."""
    s = lossy(sender, 10)
    seen = []
    for ack, runs in ((0, [(2, 3)]), (0, [(5, 6), (2, 3)]), (3, [(5, 6)]), (4, [(5, 6)]),
                      (6, []), (10, [])):
        s.answer(ack, *runs)
        info = s.c.info()
        seen.append((info.in_flight, info.sacked))
    with shows("RQ-6675-01"):
        assert seen == [(10_000, 1_000), (10_000, 2_000), (7_000, 1_000), (6_000, 1_000),
                        (4_000, 0), (0, 0)]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_blocks_without_permission_are_not_believed(sender):
    """[RFC2018 3] The SYN had no SACK-permitted: blocks mean nothing, duplicates count as such."""
    s = sender()
    s.write(10)
    s.expect(*range(10))
    assert not s.c.info().sack
    assert s.answer(0, (1, 9)) == [] and s.answer(0, (1, 9)) == []
    with shows("RQ-2018-02"):
        assert s.answer(0, (1, 9)) == [0] and s.c.info().recovery == "fast"
        assert s.c.info().sacked == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_option_switches_it_off(sender):
    """[RFC2018 2] lwip_tcp_sack_in=0: NewReno, whatever the peer reports."""
    s = lossy(sender, 10, host={"lwip_tcp_sack_in": 0})
    assert s.answer(0, (1, 9)) == [] and s.answer(0, (1, 9)) == []
    assert s.answer(0, (1, 9)) == [0]
    assert s.c.info().recovery == "fast"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_wrapped_sequence_numbers(sender):
    """[RFC6675 4] The scoreboard across 2^32."""
    s = lossy(sender, 10, host={"tcp_isn": 2**32 - 4_500})
    assert s.at(9) < s.at(0)
    assert [s.answer(0, (1, k)) for k in range(2, 7)] == [[], [], [0], [], []]
    assert s.answer(0, (7, 9), (1, 6)) in ([], [6])
    assert s.c.info().sacked == 7_000
    s.answer(10)
    assert s.c.info().recovery == "none" and s.c.info().in_flight == 0


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_spurious_recovery_does_no_harm(sender):
    """[RFC6675 5] Mere reordering: the hole's original comes after the retransmission, a D-SACK
    follows; the flow goes on."""
    s = lossy(sender)
    for k in (2, 3, 4):
        s.answer(0, (1, k))
    assert s.answer(12) == [12, 13, 14, 15, 16]
    assert s.answer(12, (0, 1)) == []
    info = s.c.info()
    assert (info.recovery, info.sacked, info.dupacks) == ("none", 0, 0)
    assert s.answer(17) == [17, 18, 19, 20, 21, 22]  # a window has been acknowledged: 6
