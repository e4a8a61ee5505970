"""Whichever of the segments of a close get lost, both ends finish: nothing is reset, no error is
told, all text has arrived, and both pcbs are given back. [RFC9293 3.6] [RFC9293 3.10.7.4] """

import pytest

from lockwire import shows

LOST = 6  # of the first so many frames of the close, any may be lost


@pytest.fixture
def two(net):
    """(net, the cable, the end that opened, the other), 1 ms apart, all quiet."""
    lan = net.segment("lan", kind="link", latency="1ms")
    a, b = net.host("a", lan, ip="10.0.0.1/24"), net.host("b", lan, ip="10.0.0.2/24")
    listener = b.listen(80)
    one = a.connect(b.ip, 80, timeout="1s")
    two_ = listener.accept(timeout="1s")
    net.run(for_="1s")
    return net, lan, one, two_


def both_at_once(one, two_):
    one.close()
    two_.close()
    return b"", b""


def one_after_the_other(one, two_):
    one.close()
    two_.recv_all(timeout="5min")
    two_.close()
    return b"", b""


def text_first(one, two_):
    one.send(b"from one")
    two_.send(b"from the other")
    one.shutdown("wr")
    two_.shutdown("wr")
    return one.recv_all(timeout="5min"), two_.recv_all(timeout="5min")


def half_closed(one, two_):
    one.shutdown("wr")
    assert two_.recv_all(timeout="5min") == b""
    two_.send(b"from the other")
    two_.shutdown("wr")
    return one.recv_all(timeout="5min"), b"from one"


@pytest.mark.parametrize("how", [both_at_once, one_after_the_other, text_first, half_closed])
def test_all_ways_to_lose_them(two, how):
    net, lan, one, two_ = two
    snapshot = net.snapshot()
    for lost in range(2**LOST):
        net.restore(snapshot)
        numbers = [n + 1 for n in range(LOST) if lost >> n & 1]
        if numbers:
            lan.faults.drop(nth=numbers, optional=True)
        got = how(one, two_)
        net.run(for_="10min")
        with shows("RQ-9293-12"):
            assert got in ((b"", b""), (b"from the other", b"from one")), numbers
            assert (one.state, two_.state) == ("CLOSED", "CLOSED"), numbers
        told = (None, "ERR_CLSD") if how in (text_first, half_closed) else (None,)
        assert one.error in told and two_.error in told, (numbers, one.error, two_.error)
        for end in one, two_:
            assert "tcp_no_connection" not in end.host.stats()["drops"], numbers
            assert end.host.allocs()["held"].get("TCP_PCB", 0) == 0
