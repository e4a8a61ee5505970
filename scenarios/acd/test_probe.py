"""Address conflict detection from the first probe to the second announcement, when nobody objects.

[RFC5227 2.1.1]: a random wait of 0 to 1 s, three probes 1 to 2 s apart, 2 s of listening;
[RFC5227 2.3]: then two announcements 2 s apart. The address is not used before that.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import Net, StackError, shows, wire_time

pytestmark = pytest.mark.exact_virtual

MS, S = 1_000_000, 1_000_000_000
HUB = wire_time(60)
BROADCAST = "ff:ff:ff:ff:ff:ff"


def lan(net, ip="10.0.0.1/24", name="a", **members):
    """A host that begins to probe at time 0, and a tester."""
    segment = net.segment("lan", kind="hub")
    a = net.host(name, segment, ip=ip, acd=True, **members)
    return a, segment.port("tester")


def probe(a, ip="10.0.0.1", sender="0.0.0.0"):
    """A probe; with sender=ip an announcement. Every byte of it."""
    return bytes(Ether(src=a.mac, dst=BROADCAST, type=0x0806) /
                 ARP(op=1, hwsrc=a.mac, psrc=sender, hwdst="00:00:00:00:00:00",
                     pdst=ip)).ljust(60, b"\0")


def heard(wire, timeout="20s"):
    """(time it left, bytes) of all frames."""
    return [(p.time.ns - HUB, bytes(p)) for p in wire.sniff(timeout=timeout)]


@pytest.mark.exact_ms
def test_course_is_exact(net):
    """[RFC5227 2.1.1] and [RFC5227 2.3]: three probes and two announcements, every byte and every
    time."""
    a, wire = lan(net)
    frames = heard(wire, "1h")
    with shows("RQ-5227-02", "RQ-5227-08", "RQ-5227-14"):
        assert [f for _, f in frames] == [probe(a)] * 3 + [probe(a, sender="10.0.0.1")] * 2
    one, two, three, four, five = (t for t, _ in frames)
    assert all(t % MS == 0 for t in (one, two, three, four, five))
    with shows("RQ-5227-03"):
        assert 0 <= one <= S
        assert S <= two - one <= 2 * S
        assert S <= three - two <= 2 * S
    with shows("RQ-5227-08"):
        assert (four - three, five - four) == (2 * S, 2 * S)
    assert a.acd() == {"state": "ok", "conflicts": 0}
    assert a.interfaces[0].info()["ip"] == "10.0.0.1"


@pytest.mark.exact_ms
def test_same_seed_gives_the_same_times(net):
    """[RFC5227 2.1.1]: chosen at random, yet a function of the run's seed and the host's
    name alone: a second world, with another host in it, has the same times; another
    name has others."""
    _a, wire = lan(net)
    course = [t for t, _ in heard(wire)]
    times = {}
    for name in ("a", "b"):
        other = Net(net.seed)
        try:
            other.host("idle", other.segment("elsewhere"))
            _host, port = lan(other, name=name)
            times[name] = [t for t, _ in heard(port)]
        finally:
            other.close()
    assert times["a"] == course
    assert times["b"] != course


def test_snapshot_repeats_the_course(net):
    """[RFC5227 2.1.1]: restored to time 0, the host draws the same numbers."""
    _a, wire = lan(net)
    begin = net.snapshot()
    course = heard(wire)
    net.restore(begin)
    assert heard(wire) == course


def test_many_hosts_spread_out_within_the_bounds(net):
    """[RFC5227 2.1.1]: hosts that are switched on together do not probe together."""
    segment = net.segment("lan")
    count = 40
    hosts = [net.host(f"h{i}", segment, ip=f"10.0.0.{i + 1}/24", acd=True) for i in range(count)]
    wire = segment.port("tester")
    times = {h.mac: [] for h in hosts}
    for p in wire.sniff(timeout="6s", lfilter=lambda p: p[ARP].psrc == "0.0.0.0"):
        times[p.src].append(p.time.ns)
    with shows("RQ-5227-03"):
        assert [len(t) for t in times.values()] == [3] * count
        # 1 ms for what queues in the switch
        gaps = [t[i + 1] - t[i] for t in times.values() for i in (0, 1)]
        assert all(t[0] <= S + MS for t in times.values())
        assert all(S - MS <= gap <= 2 * S + MS for gap in gaps)
        assert len({t[0] // (100 * MS) for t in times.values()}) > 5
        assert len({gap // (100 * MS) for gap in gaps}) > 5


def test_address_is_not_used_before_it_is_won(net):
    """[RFC5227 2.1.1]: until then no question is answered, nothing is sent from it, nothing
    received at it; afterwards everything is."""
    a, wire = lan(net)
    question = (Ether(src=wire.mac, dst=BROADCAST) /
                ARP(hwsrc=wire.mac, psrc="10.0.0.254", pdst="10.0.0.1"))
    socket = a.udp(4000)
    while a.acd()["state"] != "ok":
        assert a.interfaces[0].info()["ip"] == "0.0.0.0"
        wire.send(question)
        with pytest.raises(StackError, match="ERR_RTE"):
            socket.send(b"x", "10.0.0.9", 9)
        net.run(for_="100ms")
    # neither a reply nor a question of its own among what it sent
    with shows("RQ-5227-01"):
        assert [(p[ARP].op, p[ARP].pdst) for p in wire.sniff(timeout=0)] == [(1, "10.0.0.1")] * 5
        assert a.arp_table() == []
    wire.send(question)
    assert wire.recv(timeout="1ms")[ARP].op == 2
    socket.send(b"x", "10.0.0.254", 9)
    assert wire.recv(timeout="1ms")["UDP"].load[:1] == b"x"


def test_address_is_in_use_with_the_second_announcement(net):
    """[RFC5227 2.3]: as lwIP does, which waits for both; not a nanosecond earlier."""
    a, wire = lan(net)
    begin = net.snapshot()
    last = heard(wire)[-1][0]
    net.restore(begin)
    net.sleep_ns(last - 1)
    assert (a.acd()["state"], a.interfaces[0].info()["ip"]) == ("probing", "0.0.0.0")
    net.sleep_ns(1)
    assert (a.acd()["state"], a.interfaces[0].info()["ip"]) == ("ok", "10.0.0.1")


@pytest.mark.parametrize("phase", [0, 37])
def test_coarse_timer_is_never_early(net, phase):
    """[RFC5227 2.1.1]: on ticks of 100 ms the intervals grow to the next tick, at most."""
    _a, wire = lan(net, timer="coarse", timer_phase_ms=phase, boot_ms=0)
    times = [t for t, _ in heard(wire)]
    assert len(times) == 5
    assert all((t // MS - phase) % 100 == 0 and t % MS == 0 for t in times)
    gaps = [b - a for a, b in zip(times, times[1:])]
    assert all(S <= gap <= 2 * S for gap in gaps[:2])
    assert gaps[2:] == [2 * S, 2 * S]


def test_new_address_is_probed_as_well(net):
    """[RFC5227 2.1]: whenever the address is set; the old one is given up at once."""
    a, wire = lan(net)
    net.run(until="20s")
    wire.clear()
    a.interfaces[0].set(ip="10.0.0.2/24")
    assert a.interfaces[0].info()["ip"] == "0.0.0.0"
    frames = heard(wire)
    assert [f for _, f in frames] == ([probe(a, "10.0.0.2")] * 3 +
                                      [probe(a, "10.0.0.2", "10.0.0.2")] * 2)
    assert 20 * S <= frames[0][0] <= 21 * S
    assert a.interfaces[0].info()["ip"] == "10.0.0.2"


def test_address_set_while_probing_takes_the_place_of_the_other(net):
    """[RFC5227 2.1]: nothing more is heard of the first."""
    a, wire = lan(net)
    net.run(until="1500ms")
    wire.clear()
    a.interfaces[0].set(ip="10.0.0.2/24")
    assert {p[ARP].pdst for p in wire.sniff(timeout="20s")} == {"10.0.0.2"}
    assert a.acd() == {"state": "ok", "conflicts": 0}


def test_address_taken_away_is_silent(net):
    """[RFC5227 2.1]: without an address there is nothing to probe."""
    a, wire = lan(net)
    net.run(until="1500ms")
    wire.clear()
    a.interfaces[0].set(ip="0.0.0.0/0")
    assert heard(wire) == []
    assert a.acd()["state"] == "off"


def test_host_without_detection_does_not_probe(net):
    """[RFC5227 2.3]: acd=False: one announcement, at once."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24")
    wire = segment.port("tester")
    assert heard(wire) == [(0, probe(a, sender="10.0.0.1"))]
    assert a.acd() == {"state": "off", "conflicts": 0}
