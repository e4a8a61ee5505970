"""Jitter of a segment: extra delay drawn once per frame, the order kept, the seed deciding all.

The draws depend on sender, receiver and the frame's number only."""

import pytest

from lockwire import wire_time

JITTER_NS = 20_000


def arrivals(net, frame, heard, kind="link", idle=False):
    lan = net.segment("lan", kind, latency="10us", jitter=f"{JITTER_NS}ns")
    tx, rx = lan.port("tx"), lan.port("rx")
    if idle:
        lan.port("idle")
    tx.send([frame(i) for i in range(200)])
    net.run(for_="10ms")
    return heard(rx)


@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("hub", 1), ("link", 1)])
def test_jitter_is_bounded_and_keeps_the_order(net, frame, heard, kind, serialised):
    """0 <= extra <= jitter, and no frame before the one ahead of it."""
    got = arrivals(net, frame, heard, kind)
    gap = wire_time(60, gap=True)
    base = serialised * wire_time(60) + 10_000
    extra = [t - base - i * gap for i, (t, _) in enumerate(got)]
    assert [n for _, n in got] == list(range(200))
    assert [t for t, _ in got] == sorted(t for t, _ in got)
    assert 0 <= min(extra) < JITTER_NS // 10 and JITTER_NS * 9 // 10 < max(extra) <= JITTER_NS


def test_the_same_seed_draws_the_same(world, frame, heard):
    """Two worlds of one seed agree in every nanosecond, another seed in none of the draws."""
    one, two, other = (arrivals(world(seed), frame, heard) for seed in (5, 5, 6))
    assert one == two != other


def test_a_bystander_changes_no_draw(world, frame, heard):
    """A port more on a hub or switch: the frames between the others keep their times."""
    for kind in ("hub", "switch"):
        assert (arrivals(world(5), frame, heard, kind)
                == arrivals(world(5), frame, heard, kind, idle=True))


def test_single_frames_have_the_whole_range(world, frame, heard):
    """Far apart, nothing holds a frame back but its own draw: at 4 ns of jitter all five values
    occur."""
    net = world(3)
    lan = net.segment("lan", "link", jitter="4ns")
    tx, rx = lan.port("tx"), lan.port("rx")
    seen = []
    for i in range(100):
        start = net.now_ns
        tx.send(frame(i))
        net.run(for_="1ms")
        seen.append(heard(rx)[0][0] - start - wire_time(60))
    assert sorted(set(seen)) == [0, 1, 2, 3, 4]
    assert all(10 <= seen.count(n) <= 35 for n in range(5))
