"""When frames arrive: serialisation, latency and gap, for each kind of segment, to the nanosecond.

ARCHITECTURE.md, Times: a switch stores and forwards, so a frame is serialised twice; a hub and a
link carry it once. What a rate does not divide is rounded up."""

import pytest

from lockwire import wire_time

RATES = {"10M": 10**7, "100M": 10**8, "1G": 10**9, 123_456_789: 123_456_789, "9600": 9600}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("latency_ns", [0, 1, 50_001])
@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("hub", 1), ("link", 1)])
def test_one_frame_is_on_time(net, frame, heard, kind, serialised, latency_ns, rate):
    """Arrival = serialisations + latency; an odd nanosecond of latency is not lost."""
    lan = net.segment("lan", kind, rate=rate, latency=f"{latency_ns}ns")
    tx, rx = lan.port("tx"), lan.port("rx")
    for number, size in enumerate([1, 14, 60, 61, 1514, 9216]):
        start = net.now_ns
        tx.send(frame(number, max(size, 16))[:size])
        got = rx.recv_bytes(timeout="1h")
        bits = (max(size, 60) + 12) * 8
        once = -(-bits * 10**9 // RATES[rate])
        assert wire_time(size, rate) == once
        assert (got.t_ns - start, len(got.data)) == (serialised * once + latency_ns, size)
        net.run(for_="2s")  # the gap has passed, at any rate
    assert heard(tx) == []


@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("hub", 1), ("link", 1)])
@pytest.mark.parametrize("rate", ["10M", "100M", "1G", 7_777_777])
def test_frames_back_to_back_keep_the_gap(net, frame, heard, kind, serialised, rate):
    """The gap of 12 bytes delays the sender's next frame, not the arrival of the one before."""
    lan = net.segment("lan", kind, rate=rate, latency="3us")
    tx, rx = lan.port("tx"), lan.port("rx")
    tx.send([frame(i) for i in range(5)])
    net.run(for_="1s")
    first = serialised * wire_time(60, rate) + 3000
    each = wire_time(60, rate, gap=True)
    assert heard(rx) == [(first + i * each, i) for i in range(5)]


def test_a_frame_sent_within_the_gap_waits_for_its_end(net, frame, heard):
    """The transmitter is free 12 bytes behind the frame; one nanosecond later nothing is
    delayed."""
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    busy = wire_time(60, gap=True)
    tx.send(frame(0))
    net.run(until=f"{wire_time(60)}ns")
    tx.send(frame(1))
    net.run(until=f"{2 * busy + 1}ns")
    tx.send(frame(2))
    net.run(for_="1ms")
    assert heard(rx) == [(wire_time(60), 0), (busy + wire_time(60), 1),
                         (2 * busy + 1 + wire_time(60), 2)]


def test_both_directions_are_independent(net, frame, heard):
    """Full duplex: what one side sends delays nothing of the other's."""
    lan = net.segment("lan", "link", latency="1us")
    one, two = lan.port("one"), lan.port("two")
    one.send([frame(i, 1514) for i in range(3)])
    two.send(frame(9))
    net.run(for_="1ms")
    each = wire_time(1514, gap=True)
    assert heard(one) == [(wire_time(60) + 1000, 9)]
    assert heard(two) == [(wire_time(1514) + 1000 + i * each, i) for i in range(3)]


def test_a_switch_serialises_onto_a_busy_cable(net, frame, heard):
    """Two senders, one receiver: the second frame waits in the receiver's queue, sizes as they
    are."""
    lan = net.segment("lan", latency="2us")
    one, two, rx = lan.port("one"), lan.port("two"), lan.port("rx")
    one.send(frame(1, 1514))
    two.send([frame(2), frame(3)])
    net.run(for_="1ms")
    # Frame 2 reaches the switch first and is out long before the large one is in.
    out, gap = 1000 + wire_time(60), wire_time(60, gap=True)
    large = 1000 + wire_time(1514)
    assert heard(rx) == [(out + wire_time(60) + 1000, 2), (out + gap + wire_time(60) + 1000, 3),
                         (large + wire_time(1514) + 1000, 1)]
    # Together they collide at the receiver's cable: the order of sending decides.
    start = net.now_ns
    one.send(frame(4))
    two.send(frame(5))
    net.run(for_="1ms")
    assert heard(rx) == [(start + 2 * wire_time(60) + 2000, 4),
                         (start + 2 * wire_time(60) + 2000 + gap, 5)]


def test_a_large_frame_delays_the_small_one_behind_it(net, frame, heard):
    """On the second cable too: start = when the transmitter is free, never earlier."""
    lan = net.segment("lan")
    tx, rx = lan.port("tx"), lan.port("rx")
    tx.send([frame(0, 1514), frame(1, 60)])
    net.run(for_="1ms")
    assert heard(rx) == [(2 * wire_time(1514), 0),
                         (wire_time(1514) + wire_time(1514, gap=True) + wire_time(60), 1)]
