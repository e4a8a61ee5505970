"""Which frames a scheduled fault takes: ordinals, every k-th, a window, conditions, a function, a
count.

All that are set must hold; of those that match, the ordinals choose."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from lockwire import wire_time


@pytest.fixture
def lan(net):
    made = net.segment("lan", "link")
    made.port("tx")
    made.port("rx")
    return made


def left(net, lan, frame, heard, count=10):
    """Sends frames 1 to count; which are left."""
    lan.ports["tx"].send([frame(i + 1) for i in range(count)])
    net.run(for_="10ms")
    return [n for _, n in heard(lan.ports["rx"])]


@pytest.mark.parametrize("how, lost", [
    ({"nth": 1}, {1}),
    ({"nth": [2, 3, 10]}, {2, 3, 10}),
    ({"every": 3}, {3, 6, 9}),
    ({"every": 1}, set(range(1, 11))),
    ({"every": 2, "count": 2}, {2, 4}),
    ({"count": 4}, {1, 2, 3, 4}),
    ({"nth": [1, 5], "count": 1}, {1}),
    ({"match": {"frame.len": (">", 59)}, "nth": 7}, {7}),
    ({"match": [["bytes", "==", 14, "0004"]]}, {4}),
    ({"match": {"eth.type": 0x88B5}, "every": 5}, {5, 10}),
    ({"match": lambda p: bytes(p)[15] in (2, 9)}, {2, 9}),
    ({"match": lambda p: bytes(p)[15] > 4, "nth": 2}, {6}),
    ({"src": "tx", "dst": "rx", "nth": 8}, {8}),
    ({"src": "rx", "optional": True}, set())],
    ids=["first", "some", "every-third", "every", "every-count", "count", "nth-count", "length-nth",
         "bytes", "type-every", "function", "function-nth", "direction", "other-direction"])
def test_the_chosen_frames_are_dropped(net, lan, frame, heard, how, lost):
    """Exactly these, and `fired` says how many."""
    fault = lan.faults.drop(**how)
    assert left(net, lan, frame, heard) == [i for i in range(1, 11) if i not in lost]
    assert fault.fired == len(lost)


def test_a_window_is_half_open(net, lan, frame, heard):
    """[from, until): a frame that starts at `from` is hit, one that starts at `until` is not."""
    gap = wire_time(60, gap=True)
    lan.faults.drop(window=(f"{2 * gap}ns", f"{4 * gap}ns"))
    assert left(net, lan, frame, heard, 6) == [1, 2, 5, 6]
    lan.faults.drop(window=("20ms", None), count=1)
    lan.faults.drop(window=(None, "1s"), nth=3)
    net.run(until="20ms")
    assert left(net, lan, frame, heard, 5) == [2, 3, 5]  # the second fault never saw frame 1


def test_a_switch_asks_when_the_frame_has_crossed_the_senders_cable(net, frame, heard):
    """The window is compared with the time at the switch."""
    lan = net.segment("lan", latency="10us")
    tx, rx = lan.port("tx"), lan.port("rx")
    at_switch = wire_time(60) + 5000
    lan.faults.drop(window=(f"{at_switch}ns", f"{at_switch + 1}ns"))
    lan.faults.drop(window=(None, f"{at_switch}ns"), optional=True)
    tx.send([frame(1), frame(2)])
    net.run(for_="1ms")
    assert [n for _, n in heard(rx)] == [2]


@pytest.mark.parametrize("field, value", [
    ("eth.dst", "02:00:00:00:00:99"), ("eth.src", "02:00:00:00:00:01"), ("ip.src", "10.0.0.1"),
    ("ip.dst", "10.0.0.2"), ("ip.proto", 17), ("ip.id", 77), ("ip.ttl", ("<", 5)), ("ip.tos", 8),
    ("ip.len", 33), ("ip.df", 1), ("ip.hl", 20), ("udp.sport", 4000), ("udp.dport", ("&", 0x35)),
    ("udp.len", ("!=", 8)), ("frame.len", 47)])
def test_header_fields_are_matched(net, lan, frame, heard, field, value):
    """One frame has it, its neighbour, which is no IP datagram at all, has not."""
    lan.faults.drop(match={field: value})
    special = (Ether(dst="02:00:00:00:00:99", src="02:00:00:00:00:01")
               / IP(src="10.0.0.1", dst="10.0.0.2", id=77, ttl=4, tos=8, flags="DF")
               / UDP(sport=4000, dport=53) / b"hello")
    lan.ports["tx"].send([frame(5, src="02:00:00:00:00:05"), special])
    net.run(for_="1ms")
    assert [n for _, n in heard(lan.ports["rx"])] == [5]


def test_a_broadcast_is_asked_about_once_per_receiver(net, frame, heard):
    """The second delivery of the first frame is the second port's."""
    lan = net.segment("lan")
    tx, *others = (lan.port(n) for n in ("tx", "r1", "r2", "r3"))
    fault = lan.faults.drop(nth=[2, 6])
    tx.send([frame(1), frame(2)])
    net.run(for_="1ms")
    assert [[n for _, n in heard(p)] for p in others] == [[1, 2], [2], [1]]
    assert fault.fired == 2


def test_faults_are_asked_in_the_order_of_their_declaration(net, lan, frame, heard):
    """What the first drops the second never sees: its ordinals count what is left."""
    lan.faults.drop(nth=1)
    lan.faults.drop(nth=1)
    assert left(net, lan, frame, heard, 4) == [3, 4]


@pytest.mark.parametrize("declare, words", [
    (lambda lan: lan.faults.drop(nth=9), r"declared but never fired: lan.faults.drop\(nth=9\)"),
    (lambda lan: lan.faults.drop(src="nobody"), r"\(nobody was ever called nobody\)"),
    (lambda lan: lan.faults.delay("1ms", match=lambda p: False), "lan.faults.delay")])
def test_a_fault_that_never_fires_is_a_problem(world, frame, declare, words):
    """The end of the world names it; an optional one may stay out."""
    import re
    net = world()
    lan = net.segment("lan", "link")
    tx, _ = lan.port("tx"), lan.port("rx")
    declare(lan)
    lan.faults.drop(nth=50, optional=True)
    tx.send(frame(1))
    net.run(for_="1ms")
    problem, = net.finish().problems
    assert re.search(words, problem)


def test_a_frame_that_was_expected_and_never_came_is_a_problem(world, frame):
    """port.expect() is the same for frames."""
    net = world()
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    rx.expect(lambda p: p.type == 0x88B5, count=2, name="two of ours")
    tx.send(frame(1))
    net.run(for_="1ms")
    assert net.finish().problems == [
        "expected but never seen: two of ours at port lan/rx (1 of 2)"]
