"""Duplicates: so many copies more, so far apart, each marked in the capture and each a delivery."""

import pytest

from lockwire import wire_time

GAP = wire_time(60, gap=True)


@pytest.mark.parametrize("kind, serialised", [("switch", 2), ("hub", 1), ("link", 1)])
@pytest.mark.parametrize("copies, gap_us", [(1, 1000), (3, 100), (2, 7)])
def test_copies_follow_at_their_gap(net, frame, heard, kind, serialised, copies, gap_us):
    """The first copy one gap behind the original, the second two."""
    lan = net.segment("lan", kind, latency="1us")
    tx, rx = lan.port("tx"), lan.port("rx")
    fault = lan.faults.duplicate(copies, gap=f"{gap_us}us", nth=2)
    tx.send([frame(i) for i in range(2)])
    net.run(for_="1s")
    base = serialised * wire_time(60) + 1000
    assert heard(rx) == [(base, 0)] + [
        (base + GAP + i * gap_us * 1000, 1) for i in range(copies + 1)]
    assert fault.fired == 1


@pytest.mark.parametrize("kind, apart", [("switch", GAP), ("link", 0)])
def test_copies_without_a_gap_come_at_once(net, frame, heard, kind, apart):
    """A switch serialises them onto the receiver's cable; on a link all are there at one
    instant."""
    lan = net.segment("lan", kind)
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.faults.duplicate(2)
    tx.send(frame(7))
    net.run(for_="1ms")
    first = wire_time(60) * (2 if kind == "switch" else 1)
    assert heard(rx) == [(first + i * apart, 7) for i in range(3)]


def test_a_copy_is_a_delivery_for_the_rules_behind(net, frame, heard):
    """Of an original and two copies a later fault can drop the second copy alone."""
    lan = net.segment("lan", "link")
    tx, rx = lan.port("tx"), lan.port("rx")
    lan.faults.duplicate(2, gap="1ms")
    lan.faults.drop(nth=3)
    tx.send(frame(0))
    net.run(for_="1s")
    assert heard(rx) == [(5760, 0), (1_005_760, 0)]


def test_a_host_answers_each_copy(net):
    """An echo request that arrives three times is answered three times."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    net.run(for_="1ms")
    lan.faults.duplicate(2, gap="100us", match={"icmp.type": 8})
    assert a.ping("10.0.0.2") is not None
    net.run(for_="1ms")
    assert b.stats()["lwip"]["icmp"]["recv"] == 3
    assert a.stats()["drops"] == {"icmp_echo_reply": 2}  # the ping took the first


def test_duplicates_by_chance_follow_the_seed(world, frame, heard):
    """A standing impairment: a third of 300 frames, the same ones for the same seed."""
    def run(seed):
        net = world(seed)
        lan = net.segment("lan", "link")
        tx, rx = lan.port("tx"), lan.port("rx")
        lan.impair.duplicate("1/3", gap="5us")
        tx.send([frame(i) for i in range(300)])
        net.run(for_="1s")
        return [n for _, n in heard(rx)]
    got = run(8)
    assert sorted(set(got)) == list(range(300)) and 60 < len(got) - 300 < 140
    assert got == run(8) != run(9)
