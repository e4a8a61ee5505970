"""Reordering: a frame is held until so many later ones have overtaken it, or until its time is
up."""

import pytest

from lockwire import wire_time

GAP = wire_time(60, gap=True)


def run(net, frame, heard, kind, count, **how):
    lan = net.segment("lan", kind, latency="1us")
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.faults.reorder(**how)
    tx.send([frame(i) for i in range(count)])
    net.run(for_="1s")
    return heard(rx)


@pytest.mark.parametrize("depth, order", [(1, [1, 0, 2, 3]), (2, [1, 2, 0, 3]), (3, [1, 2, 3, 0])])
@pytest.mark.parametrize("kind", ["switch", "hub", "link"])
def test_exactly_depth_frames_overtake(net, frame, heard, kind, depth, order):
    """The held frame goes on right behind the last that overtook it."""
    got = run(net, frame, heard, kind, 4, depth=depth, nth=1)
    assert [n for _, n in got] == order
    if kind == "switch":  # behind it on the receiver's cable
        base = 2 * wire_time(60) + 1000
        assert [t for t, _ in got] == [base + (i + 1) * GAP for i in range(4)]
    else:  # in place with it: it has been serialised already
        base = wire_time(60) + 1000
        assert dict((n, t) for t, n in got)[0] == base + depth * GAP


@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("link", 1)])
def test_the_time_limit_ends_the_hold(net, frame, heard, kind, serialised):
    """With too few behind it the frame arrives exactly `within` late."""
    base = serialised * wire_time(60) + 1000
    got = run(net, frame, heard, kind, 3, depth=10, within="2ms", nth=2)
    assert got == [(base, 0), (base + 2 * GAP, 2), (base + GAP + 2_000_000, 1)]


def test_every_other_frame_swaps_places(net, frame, heard):
    """Held and overtaking frames take turns."""
    got = run(net, frame, heard, "link", 6, depth=1, match=lambda p: bytes(p)[15] % 2 == 0)
    assert [n for _, n in got] == [1, 0, 3, 2, 5, 4]


def test_other_directions_do_not_overtake(net, frame, heard):
    """Frames the other way, or to another receiver, do not count."""
    lan = net.segment("lan", "link")
    one, two = lan.port("one"), lan.port("two")
    lan.faults.reorder(depth=1, within="5ms", src=one, nth=1)
    one.send(frame(0))
    two.send([frame(i) for i in range(4)])
    net.run(for_="1s")
    assert heard(two) == [(5760 + 5_000_000, 0)]
    assert len(heard(one)) == 4
