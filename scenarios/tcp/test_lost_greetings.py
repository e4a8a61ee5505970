"""Whichever of the first segments of a connection get lost, it is established, and text that was
written before that arrives: opened by one, or by both at once. [RFC9293 3.5] [RFC9293 3.8.1] """

import pytest

from lockwire import shows

LOST = 6  # of the first so many frames, any may be lost


@pytest.fixture
def pair(net):
    """(net, the cable, two hosts), 1 ms apart."""
    lan = net.segment("lan", kind="link", latency="1ms")
    a, b = net.host("a", lan, ip="10.0.0.1/24"), net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    net.run(for_="1s")
    return net, lan, a, b


def one_opens(a, b, listener):
    one = a.connect(b.ip, 80, wait=False)
    one.send(b"from one")
    two = listener.accept(timeout="5min")
    two.send(b"from two")
    return one, two


def both_open(a, b, listener):
    one = a.connect(b.ip, 5001, wait=False, local_port=5000)
    two = b.connect(a.ip, 5000, wait=False, local_port=5001)
    one.send(b"from one")
    two.send(b"from two")
    return one, two


def the_second_a_little_later(a, b, listener):
    """b's SYN is on the way when a's arrives."""
    one = a.connect(b.ip, 5001, wait=False, local_port=5000)
    a.net.run(for_="900us")
    two = b.connect(a.ip, 5000, wait=False, local_port=5001)
    one.send(b"from one")
    two.send(b"from two")
    return one, two


@pytest.mark.parametrize("how", [one_opens, both_open, the_second_a_little_later])
def test_all_ways_to_lose_them(pair, how):
    net, lan, a, b = pair
    listener = b.listen(80)
    snapshot = net.snapshot()
    for lost in range(2**LOST):
        net.restore(snapshot)
        numbers = [n + 1 for n in range(LOST) if lost >> n & 1]
        if numbers:
            lan.faults.drop(nth=numbers, optional=True)
        one, two = how(a, b, listener)
        with shows("RQ-9293-MUST-10"):
            assert one.recv_exactly(8, timeout="5min") == b"from two", numbers
            assert two.recv_exactly(8, timeout="5min") == b"from one", numbers
        net.run(for_="5min")
        assert (one.state, two.state) == ("ESTABLISHED", "ESTABLISHED"), numbers
        assert one.info().timers == two.info().timers == {}, numbers
        assert one.info().unacked == two.info().unacked == 0
