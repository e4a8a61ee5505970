"""Proportional rate reduction: how many segments leave on each ACK of a recovery with SACK.
[RFC6937 3], [RFC6937] """

import pytest
from lockwire import shows

SIZE = 1_000


class Model:
    """The RFC's pseudo-code, in bytes. `lost` segments of the first window of `flight` are missing;
    the others are SACKed one by one, and then what was sent on top of them."""

    def __init__(self, flight, fs, ssthresh):
        self.flight, self.fs, self.ssthresh = flight * SIZE, fs * SIZE, ssthresh * SIZE
        self.delivered = self.out = 0

    def on_ack(self, delivered, pipe):
        """How many bytes may leave."""
        self.delivered += delivered
        if pipe > self.ssthresh:
            return max(0, -(-self.delivered * self.ssthresh // self.fs) - self.out)
        limit = max(self.delivered - self.out, delivered) + SIZE
        return max(0, min(self.ssthresh - pipe, limit))


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("window", [10, 16, 20, 31])
def test_one_loss_segment_by_segment(sender, window):
    """[RFC6937 3] About one segment leaves for two that arrived, until ssthresh is reached, and
    then one for one."""
    s = sender(host={"tcp_iw_segments": window}, sack=True)
    s.write(60)
    s.expect(*range(window))
    assert s.answer(0, (1, 2)) == [window] and s.answer(0, (1, 3)) == [window + 1]
    model = Model(window + 2, window + 2, window / 2)
    sent, expected, newest = [], [], window + 1
    sacked = 2
    in_flight = (window + 2) * SIZE
    while sacked < window + 1:
        sacked += 1
        first = not sent
        got = s.answer(0, (1, sacked + 1))
        if first:  # the retransmission, whatever the sum says
            model.out += SIZE
            may = model.on_ack(SIZE, in_flight - sacked * SIZE)
            assert got[0] == 0
        else:
            may = model.on_ack(SIZE, in_flight - sacked * SIZE)
        new = [newest + 1 + i for i in range(int(may) // SIZE)]
        newest += len(new)
        model.out += len(new) * SIZE
        in_flight += len(new) * SIZE
        expected.append(([0] if first else []) + new)
        sent.append(got)
    assert sent == expected
    assert s.ssthresh == window // 2 * SIZE + (SIZE // 2 if window % 2 else 0)
    s.answer(window + 2)
    assert s.cwnd == s.ssthresh


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_by_hand(sender):
    """[RFC6937 3] Ten in flight, one lost, ssthresh 5, RecoverFS 12 (with limited transmit's
    two): 5/12 of a segment for each one that arrives; at a pipe of 5 one for one."""
    s = sender(sack=True)
    s.write(60)
    s.expect(*range(10))
    sent = [s.answer(0, (1, k)) for k in range(2, 13)]
    with shows("RQ-6675-04"):
        assert sent == [[10], [11], [0], [], [], [], [], [12], [13], [14], [15]]


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_many_losses_do_not_empty_the_pipe(sender):
    """[RFC6937 3] 0 to 5 of 10 are lost, so the pipe is far below ssthresh at once: reduction
    bound, as much as fits below ssthresh, and then one for each that is delivered."""
    s = sender(sack=True)
    s.write(60)
    s.expect(*range(10))
    assert s.answer(0, (6, 7)) == [10] and s.answer(0, (6, 8)) == [11]
    # 12 in flight, 3 SACKed; 0 is lost, and so are all that lie below three
    got = s.answer(0, (6, 9))
    assert got[0] == 0 and got == [0, 1]
    assert [s.answer(0, (6, k)) for k in (10, 11, 12)] == [[2], [3], [4]]
    info = s.c.info()
    assert info.in_flight - info.sacked - info.lost <= info.ssthresh == 5_000


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_one_acknowledgement_for_many(sender):
    """[RFC6937 3] The ACKs between were lost: no burst beyond what was delivered."""
    s = sender(host={"tcp_iw_segments": 20}, sack=True)
    s.write(60)
    s.expect(*range(20))
    got = s.answer(0, (1, 20))
    # nothing but the retransmission is in the network; ssthresh is 10, delivered were 19
    assert got == [0, *range(20, 29)]
    assert s.ssthresh == 10_000 == s.cwnd


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("cc,threshold", [("newreno", 5_000), ("cubic", 7_000)])
def test_proportion_is_the_congestion_controls(sender, cc, threshold):
    """[RFC6937 3] ssthresh / RecoverFS: CUBIC lets more leave than NewReno."""
    s = sender(sack=True)
    s.c.set(cc=cc)
    s.write(60)
    s.expect(*range(10))
    sent = sum((s.answer(0, (1, k)) for k in range(2, 13)), [])
    assert s.ssthresh == threshold
    assert len(sent) - 2 == {"newreno": 5, "cubic": 7}[cc]
