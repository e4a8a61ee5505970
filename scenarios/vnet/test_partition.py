"""A partition: groups that do not hear each other, for a while; then the wire is whole again."""

import pytest

from lockwire import wire_time


@pytest.fixture
def trio(net):
    """Three hosts that know each other."""
    lan = net.segment("lan", latency="50us")
    hosts = [net.host(n, lan, ip=f"10.0.0.{i + 1}/24") for i, n in enumerate("abc")]
    for h in hosts:
        for other in hosts:
            if h is not other:
                h.arp_static(other.ip, other.mac)
    net.run(for_="1ms")
    return lan, hosts


def test_groups_hear_only_themselves_until_it_heals(net, trio):
    """In the middle of a conversation, and healed to the nanosecond."""
    lan, (a, b, c) = trio
    fault = lan.faults.partition([a, b], [c], window=("1s", "2s"))
    net.run(until="999ms")
    assert a.ping("10.0.0.3", timeout="500us") is not None
    net.run(until="1s")
    assert a.ping("10.0.0.2", timeout="10ms") is not None
    assert a.ping("10.0.0.3", timeout="10ms") is None
    assert c.ping("10.0.0.2", timeout="10ms") is None
    assert fault.fired == 2
    # What crosses the first cable at 2 s sharp is through, a nanosecond earlier is not.
    crossing = wire_time(60) + 25_000
    net.run(until=f"{2_000_000_000 - crossing - 1}ns")
    early, late = a.udp(4000), a.udp(4001)
    listening = c.udp(7)
    early.send(b"early", "10.0.0.3", 7)
    net.run(for_=f"{wire_time(60, gap=True)}ns")
    late.send(b"late", "10.0.0.3", 7)
    assert listening.recv(timeout="1s").data == b"late"
    assert listening.recv(timeout="1s") is None
    assert fault.fired == 3
    assert a.ping("10.0.0.3", timeout="1ms") is not None


def test_who_is_in_no_group_is_alone(net, frame, heard):
    """A partition names those who may talk; a stranger hears and reaches nobody."""
    lan = net.segment("lan")
    one, two, stranger = lan.port("one"), lan.port("two"), lan.port("stranger")
    lan.faults.partition([one, two])
    one.send(frame(1))
    stranger.send(frame(2))
    net.run(for_="1ms")
    assert [n for _, n in heard(two)] == [1]
    assert heard(stranger) == heard(one) == []


@pytest.mark.parametrize("kind", ["switch", "hub", "link"])
def test_frames_in_flight_are_cut_off(net, frame, heard, kind):
    """A frame that was on its way when the partition came does not arrive in it."""
    lan = net.segment("lan", kind, latency="1ms")
    one, two = lan.port("one"), lan.port("two")
    one.send(frame(1))
    net.run(for_="900us")  # beyond the first cable
    lan.faults.partition([one], [two], window=(None, "5ms"))
    net.run(for_="3ms")
    assert heard(two) == []
    net.run(until="5ms")
    one.send(frame(2))
    net.run(for_="3ms")
    assert [n for _, n in heard(two)] == [2]


@pytest.mark.parametrize("groups", [(["a"], ["b"]), ([["a"], ["b"]],), ("a", "b")],
                         ids=["lists", "list-of-lists", "names"])
def test_groups_may_be_written_in_three_ways(net, groups):
    """Whatever the form, the same two sides: a hears nothing of b until it is over."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    net.host("b", lan, ip="10.0.0.2/24")
    lan.faults.partition(*groups, window=("0s", "1s"))
    assert a.ping("10.0.0.2", timeout="900ms") is None
    net.run(until="1s")
    assert a.ping("10.0.0.2", timeout="1s") is not None
