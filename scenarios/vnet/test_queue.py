"""A queue holds so many frames, the one being sent not counted; one more is lost at the tail.

Which frames are lost, and when there is room again, is exact."""

import pytest

from lockwire import wire_time


@pytest.mark.parametrize("kind", ["switch", "hub", "link"])
@pytest.mark.parametrize("queue", [1, 3, 7])
def test_the_tail_is_dropped(net, frame, heard, kind, queue):
    """One on the wire, `queue` behind it; the rest of a burst of ten is gone."""
    lan = net.segment("lan", kind, queue=queue)
    tx, rx = lan.port("tx"), lan.port("rx")
    tx.send([frame(i) for i in range(10)])
    net.run(for_="1ms")
    assert [n for _, n in heard(rx)] == list(range(1 + queue))


def test_room_is_there_when_the_next_frame_starts(net, frame, heard):
    """At the very nanosecond of a start there is one place more, and not one nanosecond before."""
    lan = net.segment("lan", "link", queue=1)
    tx, rx = lan.port("tx"), lan.port("rx")
    tx.send([frame(0), frame(1)])
    net.run(until=f"{wire_time(60, gap=True) - 1}ns")
    tx.send(frame(2))
    net.run(for_="1ns")
    tx.send([frame(3), frame(4)])
    net.run(for_="1ms")
    gap = wire_time(60, gap=True)
    assert heard(rx) == [(wire_time(60) + i * gap, n) for i, n in enumerate([0, 1, 3])]


def test_a_switch_drops_at_the_receivers_cable(net, frame, heard):
    """Three senders at once towards one receiver: its cable takes one and queues one."""
    lan = net.segment("lan", queue=1)
    senders = [lan.port(f"tx{i}") for i in range(3)]
    rx = lan.port("rx", mac="02:00:00:00:00:99")
    rx.send(frame(99, src=rx.mac))
    net.run(for_="1ms")
    start = net.now_ns
    for i, tx in enumerate(senders):
        tx.send(frame(i, dst=rx.mac))
    net.run(for_="1ms")
    first = start + 2 * wire_time(60)
    assert heard(rx) == [(first, 0), (first + wire_time(60, gap=True), 1)]
