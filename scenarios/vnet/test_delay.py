"""Delays and shaping: single frames come later and are overtaken; a rate spaces all of a
direction."""

import pytest

from lockwire import wire_time

GAP = wire_time(60, gap=True)


@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("hub", 1), ("link", 1)])
def test_a_delayed_frame_is_overtaken(net, frame, heard, kind, serialised):
    """It arrives exactly so much later and holds up nobody."""
    lan = net.segment("lan", kind, latency="1us")
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.faults.delay("1ms", nth=2)
    tx.send([frame(i) for i in range(4)])
    net.run(for_="1s")
    base = serialised * wire_time(60) + 1000
    assert heard(rx) == [(base, 0), (base + 2 * GAP, 2), (base + 3 * GAP, 3),
                         (base + GAP + 1_000_000, 1)]


def test_a_standing_delay_adds_to_the_latency(net):
    """One direction slower by 3 ms: the round trip is that much longer, no more."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.ping("10.0.0.2")
    plain = a.ping("10.0.0.2").rtt_ns
    slow = lan.impair.delay("3ms", src=b)
    assert plain == 4 * wire_time(60)
    assert a.ping("10.0.0.2").rtt_ns == plain + 3_000_000
    slow.remove()
    assert a.ping("10.0.0.2").rtt_ns == plain


def test_jitter_of_a_delay_reorders(net, frame, heard):
    """Uniform in [by, by + jitter]; unlike the segment's own jitter it keeps no order."""
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.impair.delay("10us", jitter="200us")
    tx.send([frame(i) for i in range(100)])
    net.run(for_="1s")
    got = heard(rx)
    extra = [t - wire_time(60) - n * GAP for t, n in got]
    assert 10_000 <= min(extra) < 40_000 and 180_000 < max(extra) <= 210_000
    assert sorted(n for _, n in got) == list(range(100)) != [n for _, n in got]


@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("hub", 1), ("link", 1)])
@pytest.mark.parametrize("rate", ["1M", "10M", 33_333_333])
def test_a_shaped_direction_is_spaced(net, frame, heard, kind, serialised, rate):
    """The first goes at once, each next one a wire time at the lower rate, with gap, behind."""
    lan = net.segment("lan", kind)
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.impair.rate(rate, src=tx)
    tx.send([frame(i, 100) for i in range(6)])
    net.run(for_="1s")
    first = serialised * wire_time(100)
    assert heard(rx) == [(first + i * wire_time(100, rate, gap=True), i) for i in range(6)]


def test_a_shaper_has_the_segments_queue(net, frame, heard):
    """The cable takes ten of a burst, the shaper three; those that come when three wait are
    lost."""
    lan = net.segment("lan", "link", queue=3)
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.impair.rate("1M")
    for i in range(10):
        tx.send(frame(i))
        net.run(for_="10us")
    net.run(for_="1s")
    slow = wire_time(60, "1M", gap=True)
    assert heard(rx) == [(wire_time(60) + i * slow, i) for i in range(4)]


def test_a_shaper_at_the_cables_rate_delays_nothing(net, frame, heard):
    """Frames that come at the rate pass untouched."""
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.impair.rate("100M")
    tx.send([frame(i) for i in range(5)])
    net.run(for_="1s")
    assert heard(rx) == [(wire_time(60) + i * GAP, i) for i in range(5)]
