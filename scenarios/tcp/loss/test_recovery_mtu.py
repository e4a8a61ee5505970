"""A router says in the middle of a recovery that segments are too large: what is sent again, each
piece once, and in which window. [RFC5681 3.1] [RFC1191 6.4] [RFC6582 3.2] [RFC6937 3] """

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

SIZE = 1_200


def recovering(sender, sack, runs, **more):
    """Ten segments of 1200 bytes were in flight, the first is lost; `runs` ACKs tell of the others,
    one each."""
    s = sender(host={"lwip_tcp_pmtud": 1}, mss=SIZE, sack=sack, **more)
    s.write(40)
    s.expect(*range(10))
    for k in range(2, 2 + runs):
        s.sack(0, *(((1, k),) if sack else ()))
        s.net.run(for_="1ms")
    assert s.c.info().recovery == ("sack" if sack else "fast") and s.ssthresh == 5 * SIZE
    return s


def halve(s):
    """A router throws 0's copy away: it takes packets of 640 bytes. From now on the Sender counts
    pieces of 600 bytes, two for each segment. What the host sends in answer."""
    about = [got for got in s.peer.drain() if got.seq == s.at(0)][-1]
    s.t.wire.send(Ether(src=s.t.wire.mac, dst=s.t.h.mac) / IP(src="10.0.0.1", dst=s.t.h.ip) /
                  ICMP(type=3, code=4, nexthopmtu=640) / Raw(about.frame[14:42]))
    s.size = SIZE // 2
    s.t.net.run(for_="100us")
    return s.take("1ms")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("duplicates", [3, 8, 11])
def test_newreno_sends_each_piece_once(sender, duplicates):
    """[RFC5681 3.1], [RFC6582 3.2] However many duplicates had come, the window is the threshold's
    five segments, of the new size: no burst in place of what they stood for. What was larger is
    lost, nothing is new: each piece leaves once."""
    s = recovering(sender, False, duplicates)
    assert halve(s) == [0]
    info = s.c.info()
    assert (info.cwnd, info.ssthresh, info.mss, info.recovery) == (3_000, 3_000, 600, "none")
    sent, acked = [0], 0
    while acked < 24:
        acked += 1
        got = s.answer(acked)
        assert len(got) <= 6
        sent += got
    assert sent[:24] == list(range(24)) and len(sent) == len(set(sent))


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_sack_recovery_goes_on_in_a_smaller_window(sender):
    """[RFC5681 3.1], [RFC6937 3] ssthresh, where recovery ends, is five segments of the new size.
    1 to 4 have arrived and are left alone; the rest is lost and leaves in order, each piece once.
    PRR below ssthresh: delivered 1200 + 1200 + 600, out 1200 + 600: 1200 and a segment on the first
    ACK; 600 and a segment on the next two; then cwnd is ssthresh, and one leaves for one."""
    s = recovering(sender, True, 4)
    assert halve(s) == [0]
    info = s.c.info()
    assert (info.ssthresh, info.mss, info.recovery) == (3_000, 600, "sack")
    assert s.acks(1, 10, 11) == [[1, 10, 11], [12, 13], [14, 15]] and s.cwnd == 3_000
    assert s.acks(*range(12, 24)) == [[k] for k in range(16, 28)]
    assert s.c.info().recovery == "sack"  # 10 and 11 of the large ones were in flight, too
    assert s.answer(24) == [28]
    assert (s.cwnd, s.ssthresh, s.c.info().recovery) == (3_000, 3_000, "none")
