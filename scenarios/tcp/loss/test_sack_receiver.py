"""The receiver's half of SACK: when blocks are sent, which ones, in which order.
[RFC2018 3], [RFC2018 4]
[RFC2018 2] """

import pytest
from lockwire import shows


class Receiver:
    """The tester sends segments of 100 bytes to the host, counted from 0."""

    def __init__(self, talk, host=None, **peer):
        self.t = talk(**(host or {}))
        self.c, self.peer = self.t.serve(sack=True, **peer)

    def send(self, *numbers):
        """Segments, one after the other; the blocks of the last one's answer in segments."""
        for k in numbers:
            self.peer.send("A", bytes([k]) * 100, seq=self.peer.seq(1 + 100 * k))
            self.got = self.peer.expect("A", timeout="600ms")
        return self.blocks()

    def blocks(self):
        """Of the last ACK: [(first segment, behind the last)], None: no such option."""
        edges = self.got.option("SAck")
        if edges is None:
            return None
        edges = [(edge - self.peer.seq(1)) % 2**32 / 100 for edge in edges]
        return list(zip(edges[::2], edges[1::2], strict=True))

    @property
    def ack(self):
        """How many segments the last ACK covers."""
        return (self.got.ack - self.peer.seq(1)) % 2**32 / 100


@pytest.fixture
def receiver(talk):
    return lambda **arguments: Receiver(talk, **arguments)


def test_permission_is_offered_in_syns_only(talk):
    """[RFC2018 2] In the host's SYN, and in its SYN-ACK if the SYN had it; nowhere else."""
    t = talk()
    connection, peer = t.call(80, sack=True)
    other = t.peer(81, sack=True)
    t.h.listen(81)
    other.connect()
    connection.send(bytes(3000))
    got = peer.drain("2ms")
    peer.ack()
    connection.close()
    got += peer.drain("1ms")
    for p in (peer, other):
        for entry in p.log:
            offered = "SAckOK" in [name for name, _ in entry.segment.options]
            with shows("RQ-2018-01"):
                assert offered == bool(entry.segment.flags & 2)
    assert len(got) >= 3


def test_not_offered_back_if_not_asked(talk):
    """[RFC2018 2] A SYN without: a SYN-ACK without."""
    t = talk()
    t.h.listen(80)
    peer = t.peer()
    peer.send("S")
    peer.expect("SA", options={"SAckOK": None})


def test_no_blocks_without_permission(talk):
    """[RFC2018 3] A hole, and plain duplicate ACKs."""
    t = talk()
    _, peer = t.serve()
    for k in (1, 2, 4):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * k))
        with shows("RQ-2018-02"):
            peer.expect("A", ack=peer.seq(1), options={"SAck": None})


def test_option_switches_it_off(talk):
    """[RFC2018 2] lwip_tcp_sack_out=0 and lwip_tcp_sack_in=0: not even offered."""
    t = talk(lwip_tcp_sack_out=0, lwip_tcp_sack_in=0)
    _, peer = t.serve(sack=True)
    assert not peer.sack_on
    peer.send("A", bytes(100), seq=peer.seq(101))
    peer.expect("A", ack=peer.seq(1), options={"SAck": None})


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
def test_every_acknowledgement_below_the_highest_has_blocks(receiver):
    """[RFC2018 4] One of five is missing: each duplicate has a block, at once [RFC5681 4.2]."""
    r = receiver()
    assert r.send(0) is None and r.ack == 1
    for k, block in ((2, (2, 3)), (3, (2, 4)), (4, (2, 5))):
        sent_before = r.t.net.now_ns
        with shows("RQ-2018-03", "RQ-2018-06", "RQ-5681-11"):
            assert r.send(k) == [block] and r.ack == 1
            assert r.got.t_ns == sent_before + r.t.hop(154) + r.t.hop(54 + 12)
    before = r.t.net.now_ns
    with shows("RQ-5681-12"):
        assert r.send(1) is None and r.ack == 5
        assert r.got.t_ns == before + r.t.hop(154) + r.t.hop(54)


def test_acknowledgement_with_data_has_none_but_the_next_alone_has(receiver):
    """[RFC2018 4] What is reported stays reported: an ACK for another segment repeats it."""
    r = receiver()
    assert r.send(2) == [(2, 3)]
    assert r.send(0) == [(2, 3)] and r.ack == 1
    assert r.send(3) == [(2, 4)]


def test_first_block_holds_the_newest_segment(receiver):
    """[RFC2018 4] Three holes; whatever arrives, its run stands first, the others behind it in the
    order of their age."""
    r = receiver()
    with shows("RQ-2018-04"):
        assert r.send(1) == [(1, 2)]
        assert r.send(3) == [(3, 4), (1, 2)]
        assert r.send(5) == [(5, 6), (3, 4), (1, 2)]
        assert r.send(7) == [(7, 8), (5, 6), (3, 4), (1, 2)]
    with shows("RQ-2018-04"):
        assert r.send(4) == [(3, 6), (7, 8), (1, 2)]       # joins two
        assert r.send(2) == [(1, 6), (7, 8)]
        assert r.send(8) == [(7, 9), (1, 6)]
    assert r.send(0) == [(7, 9)] and r.ack == 6
    assert r.send(6) is None and r.ack == 9


@pytest.mark.parametrize("options,most", [({}, 4), ({"ts": 9}, 3)], ids=["plain", "timestamps"])
def test_as_many_blocks_as_fit(receiver, options, most):
    """[RFC2018 3], [RFC2018 4] Six runs: the four newest, beside timestamps three."""
    r = receiver(**options)
    for n in range(1, 7):
        got = r.send(2 * n - 1)
        with shows("RQ-2018-05"):
            assert got == [(2 * i - 1, 2 * i) for i in range(n, max(n - most, 0), -1)]
        assert r.got.wrongs() == [] and len(r.got.frame) == 54 + 4 + 8 * min(n, most) + \
            (12 - 4 + 4 if "ts" in options else 0)


def test_each_block_is_told_several_times(receiver):
    """[RFC2018 4] Three times at least for each run, if ACKs are lost: the four places see to
    it."""
    r = receiver()
    told = {}
    for n in range(1, 10):
        for block in r.send(2 * n - 1):
            told[block] = told.get(block, 0) + 1
    with shows("RQ-2018-05"):
        assert all(told[(2 * n - 1, 2 * n)] == 4 for n in range(1, 7))


def test_edges_are_first_and_behind_the_last(receiver):
    """[RFC2018 3] Left edge: the first byte's number; right edge: the one behind the last byte's;
    also across 2^32."""
    r = receiver(isn=2**32 - 151)
    r.peer.send("A", b"abc", seq=r.peer.seq(101))
    with shows("RQ-2018-07"):
        r.peer.expect("A", ack=r.peer.seq(1),
                      options={"SAck": (2**32 - 50, 2**32 - 47)})
    r.peer.send("A", bytes(100), seq=r.peer.seq(104))
    with shows("RQ-2018-07"):
        r.peer.expect("A", options={"SAck": (2**32 - 50, 53)})


def test_long_run_of_holes_is_consistent(receiver):
    """[RFC2018 4] Every second segment, then the rest backwards: each ACK against a model that
    knows what has arrived and in which order."""
    r = receiver()
    have, order = set(), []

    def runs():
        found, begin = [], None
        for k in range(0, 26):
            if k in have and begin is None:
                begin = k
            if k not in have and begin is not None:
                found.append((begin, k))
                begin = None
        return found
    sequence = [*range(1, 20, 2), *range(20, 1, -2), 0]
    for k in sequence:
        got = r.send(k)
        have.add(k)
        order = [o for o in order if o != k] + [k]
        expected = [run for run in runs() if run[0] > 0]
        newest = sorted(expected, reverse=True, key=lambda run: max(
            order.index(i) for i in range(*run)))
        with shows("RQ-2018-06"):
            assert got is None or (got[0] == newest[0] and set(got) <= set(expected))
            assert (got is None) == (not expected)
    assert r.ack == 21 and r.c.recv_exactly(2100) == b"".join(
        bytes([k]) * 100 for k in range(21))


def test_receiver_may_forget_what_it_reported(receiver):
    """[RFC2018 8] Only so much is held out of order: what is not held is not reported, and the
    newest comes first all the same."""
    r = receiver(host={"tcp_ooseq_max_bytes": 300})
    assert r.send(1, 3, 5) == [(5, 6), (3, 4), (1, 2)]
    got = r.send(7)
    held = r.c.info().ooseq
    with shows("RQ-2018-08"):
        assert held <= 300 and sum(b - a for a, b in got or []) * 100 == held
    r.send(0)
    assert r.ack == 2


def test_after_reneging_the_data_is_taken_again(receiver):
    """[RFC2018 8] What was forgotten comes again and is delivered: nothing is missing."""
    r = receiver(host={"tcp_ooseq_max_bytes": 200})
    r.send(1, 2, 3, 4)
    r.send(0)
    while r.ack < 5:
        r.send(int(r.ack))
    assert r.c.recv_exactly(500) == b"".join(bytes([k]) * 100 for k in range(5))


def test_fin_behind_a_hole_is_held(receiver):
    """[RFC2018 3] The FIN's number belongs to the block."""
    r = receiver()
    r.peer.send("FA", bytes(100), seq=r.peer.seq(101))
    got = r.peer.expect("A", ack=r.peer.seq(1))
    assert got.option("SAck") in ((r.peer.seq(101), r.peer.seq(201)),
                                  (r.peer.seq(101), r.peer.seq(202)))
    r.peer.send("A", bytes(100), seq=r.peer.seq(1))
    r.peer.expect("A", ack=r.peer.seq(202), options={"SAck": None})
    assert r.c.state == "CLOSE_WAIT"
