"""Cables pulled and plugged: what is on them is lost, at once or when it would have arrived."""

import pytest

from lockwire import wire_time

GAP = wire_time(60, gap=True)


@pytest.mark.parametrize("kind", ["switch", "hub", "link"])
@pytest.mark.parametrize("end", ["tx", "rx", None])
def test_frames_in_flight_are_lost(net, frame, heard, kind, end):
    """Of four frames two have arrived and the third is half-way when a cable is pulled; plugging it
    in again before the others are due brings none of those back that were on it."""
    lan = net.segment("lan", kind)
    tx, rx = lan.port("tx"), lan.port("rx")
    tx.send([frame(i) for i in range(4)])
    first = wire_time(60) * (2 if kind == "switch" else 1)
    net.run(until=f"{first + GAP + 3000}ns")
    lan.link(up=False, port=end)
    lan.link(up=True, port=end)
    net.run(for_="1ms")
    got = heard(rx)
    if end == "rx":  # it had the third; the fourth was on the sender's cable, or had not begun
        assert [n for _, n in got] == [0, 1, 3]
    elif end == "tx" and kind == "switch":  # the third was beyond the sender's cable already
        assert [n for _, n in got] == [0, 1, 2]
    else:
        assert [n for _, n in got] == [0, 1]
    tx.send(frame(9))
    net.run(for_="1ms")
    assert [n for _, n in heard(rx)] == [9]


@pytest.mark.parametrize("kind", ["switch", "hub", "link"])
def test_nothing_passes_a_pulled_cable(net, frame, heard, kind):
    """Neither from it nor to it; the others go on."""
    lan = net.segment("lan", kind)
    ports = [lan.port(n) for n in ("one", "two", "three")[:2 if kind == "link" else 3]]
    lan.link(up=False, port="one")
    ports[0].send(frame(1))
    ports[1].send(frame(2))
    net.run(for_="1ms")
    assert heard(ports[0]) == [] and heard(ports[1]) == []
    if kind != "link":
        assert [n for _, n in heard(ports[2])] == [2]
    lan.link(up=True, port="one")
    ports[0].send(frame(3))
    ports[1].send(frame(4))
    net.run(for_="1ms")
    assert [n for _, n in heard(ports[0])] == [4]
    assert [n for _, n in heard(ports[1])] == [3]


def test_a_switch_forgets_who_was_behind_a_pulled_cable(net, frame, heard):
    """After plugging in, frames to that address are flooded until it is heard again."""
    lan = net.segment("lan")
    a, b, c = (lan.port(n) for n in "abc")
    b.send(frame(1, src="02:00:00:00:00:0b"))
    net.run(for_="1ms")
    lan.link(up=False, port=b)
    lan.link(up=True, port=b)
    heard(a), heard(c)
    a.send(frame(2, dst="02:00:00:00:00:0b"))
    net.run(for_="1ms")
    assert ([n for _, n in heard(b)], [n for _, n in heard(c)]) == ([2], [2])


def test_hosts_hear_of_their_cable(net):
    """Link down and up reach the interface; pings fail in between and work after."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    net.host("b", lan, ip="10.0.0.2/24")
    assert a.ping("10.0.0.2") is not None
    lan.link(up=False)
    assert a.interfaces[0].info()["link"] is False
    with pytest.raises(Exception, match="ERR_RTE"):
        a.ping("10.0.0.2", timeout="10ms")
    lan.link(up=True)
    assert a.interfaces[0].info()["link"] is True
    net.run(for_="1ms")
    assert a.ping("10.0.0.2") is not None
