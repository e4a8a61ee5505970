"""Bugs that group membership of other stacks has had, those of MLD in their IGMP form [RFC2236]."""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import IP, IPOption_Router_Alert
from scapy.layers.l2 import Ether

from lockwire import wire_time

MS, S = 1_000_000, 1_000_000_000
REPORT, LEAVE, QUERY = 0x16, 0x17, 0x11
GROUP, OTHER, ALL = "239.1.1.1", "239.9.9.9", "224.0.0.1"


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def message(kind, group="0.0.0.0", dst=ALL, mrcode=0, src="10.0.0.254"):
    """An IGMP frame of a router or another member."""
    low = [int(o) for o in dst.split(".")]
    mac = f"01:00:5e:{low[1] & 0x7F:02x}:{low[2]:02x}:{low[3]:02x}"
    return (Ether(src="02:00:00:00:00:fe", dst=mac)
            / IP(src=src, dst=dst, ttl=1, proto=2, options=[IPOption_Router_Alert()])
            / IGMP(type=kind, mrcode=mrcode, gaddr=group))


def heard(net, wire, timeout):
    """(ns from now on, type, group, destination) of the IGMP messages within `timeout`."""
    start = net.now_ns
    found = []
    for p in wire.sniff(timeout=timeout):
        octets = bytes(p)
        assert octets[12:14] == b"\x08\x00" and octets[23] == 2 and octets[14] == 0x46
        found.append((p.time.ns - start, octets[38], ".".join(map(str, octets[42:46])), p[IP].dst))
    return found


def joined(bench, group=GROUP):
    """A host that has joined, reported twice, and is idle."""
    b = bench()
    b.a.igmp_join(group)
    assert [m[1:] for m in heard(b.net, b.wire, "10s")] == [(REPORT, group, group)] * 2
    return b


@museum("MB-GROUP-01")
def test_each_query_is_answered(bench):
    """A second query, 20 s behind the first, finds the member idle again and is answered too; and a
    third."""
    b = joined(bench)
    for at in (20, 40, 60):
        b.net.run(until=at)
        b.wire.send(message(QUERY, mrcode=10))
        (when, *what), = heard(b.net, b.wire, "10s")
        assert what == [REPORT, GROUP, GROUP]
        assert 0 < when <= S + 2 * wire_time(60) + MS


@museum("MB-GROUP-02")
def test_all_systems_is_not_reported(bench):
    """Every host is in 224.0.0.1 and none says so, joined anything or not."""
    b = bench()
    b.wire.send(message(QUERY, mrcode=10))
    assert heard(b.net, b.wire, "5s") == []
    b.a.igmp_join(GROUP)
    assert len(heard(b.net, b.wire, "5s")) == 2
    b.wire.send(message(QUERY, mrcode=10))
    assert [m[2] for m in heard(b.net, b.wire, "5s")] == [GROUP]
    b.wire.send(message(QUERY, group=ALL, mrcode=10))
    assert heard(b.net, b.wire, "5s") == []


@pytest.mark.parametrize("timer", ["fine", "coarse"])
@pytest.mark.parametrize("mrcode", [1, 2, 3], ids=lambda n: f"MB-GROUP-03/{n}-tenths")
def test_report_leaves_within_the_time(bench, mrcode, timer):
    """Maximum response times of 0.1 to 0.3 s, often enough for the delays to be of all sizes: one
    report each, none lost, none late; the shortest time works as well."""
    b = bench(timer=timer)
    b.a.igmp_join(GROUP)
    heard(b.net, b.wire, "10s")
    grid = MS if timer == "fine" else 100 * MS  # the coarse timer's ticks
    delays = set()
    for i in range(40):
        b.net.run(until=11 + i)
        b.wire.send(message(QUERY, mrcode=mrcode))
        (when, *what), = heard(b.net, b.wire, "900ms")
        assert what == [REPORT, GROUP, GROUP]
        assert 0 < when <= mrcode * 100 * MS + 2 * wire_time(60) + grid
        delays.add((when - 2 * wire_time(60)) // grid)
    assert len(delays) >= (20 if timer == "fine" else max(1, mrcode - 1))


@museum("MB-GROUP-04")
def test_maximum_response_time_is_read_in_its_unit(bench):
    """A query that allows 1 s: the only report of the next minute comes within that second."""
    b = joined(bench)
    b.wire.send(message(QUERY, mrcode=10))
    (when, *what), = heard(b.net, b.wire, "60s")
    assert what == [REPORT, GROUP, GROUP]
    assert when <= S + 2 * wire_time(60) + MS


@museum("MB-GROUP-05")
def test_last_reporter_says_that_it_leaves(bench):
    """Joined at 0 s, left at 30 s: one leave message to all routers; whoever another member
    answered for is silent."""
    b = joined(bench)
    b.net.run(until="30s")
    b.a.igmp_leave(GROUP)
    # on the wire at once
    assert heard(b.net, b.wire, "10s") == [(wire_time(60), LEAVE, GROUP, "224.0.0.2")]
    b.a.igmp_join(OTHER)
    b.wire.send(message(REPORT, group=OTHER, dst=OTHER, src="10.0.0.8"))
    assert [m[1:] for m in heard(b.net, b.wire, "10s")] == [(REPORT, OTHER, OTHER)]
    b.a.igmp_leave(OTHER)
    assert heard(b.net, b.wire, "10s") == []


@museum("MB-GROUP-06")
def test_timers_of_two_interfaces(net):
    """The group is joined on the second interface alone: its timer ends, and runs for that
    interface only; queries on the first are not for it."""
    one, two = net.segment("one", kind="hub"), net.segment("two", kind="hub")
    a = net.host("a", one, ip="10.1.0.1/24")
    second = a.netif(two, ip="10.2.0.1/24")
    first_wire, second_wire = one.port("first"), two.port("second")
    net.run(until="1ms")
    first_wire.clear()
    second_wire.clear()
    second.igmp(GROUP)
    events = net.clock()["events"]
    net.run(for_="5s")
    assert [m[1:] for m in heard(net, second_wire, 0)] == [(REPORT, GROUP, GROUP)] * 2
    assert net.clock()["events"] - events < 20
    first_wire.send(message(QUERY, mrcode=10, src="10.1.0.254"))
    second_wire.send(message(QUERY, mrcode=10, src="10.2.0.254"))
    net.run(for_="5s")
    assert [m[1:] for m in heard(net, second_wire, 0)] == [(REPORT, GROUP, GROUP)]
    assert heard(net, first_wire, 0) == []


@museum("MB-GROUP-07")
def test_report_counts_by_its_group_field(bench):
    """A report that was sent to our group but names another says nothing about ours: our own
    leaves. One that is right suppresses it."""
    b = joined(bench)
    b.wire.send(message(QUERY, mrcode=100))
    b.net.run(for_="10ms")
    b.wire.send(message(REPORT, group=OTHER, dst=GROUP, src="10.0.0.8"))
    assert [m[1:] for m in heard(b.net, b.wire, "12s")] == [(REPORT, GROUP, GROUP)]
    assert b.drops() == {"igmp_bad_destination": 1}
    b.wire.send(message(QUERY, mrcode=100))
    b.net.run(for_="10ms")
    b.wire.send(message(REPORT, group=GROUP, dst=GROUP, src="10.0.0.8"))
    assert heard(b.net, b.wire, "12s") == []
