"""A sensor that reports by UDP: intervals, retries with back-off, giving up; exact to the
millisecond.

Its only clock is lwIP's sys_timeout(); the wire adds what it takes."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from lockwire import wire_time

ONE_WAY = 2 * wire_time(60) + 50_000
MS = 1_000_000


@pytest.fixture
def sensor(net, program):
    """sensor(interval, retry, retries): it starts at 1 ms; (app, host, collector's port)."""
    def make(*numbers, **options):
        lan = net.segment("lan", latency="50us")
        a = net.host("a", lan, ip="10.0.0.1/24", **options)
        wire = lan.port("collector", mac="02:00:00:00:00:fe")
        a.arp_static("10.0.0.254", wire.mac)
        net.run(until="1ms")
        wire.clear()
        return net.app(a, program("sensor"), "10.0.0.254", 55683, *numbers), a, wire
    return make


def reports(wire):
    """(ms at which it was sent, number) of the reports that are there; on time to the
    nanosecond."""
    found = []
    for p in wire.sniff(timeout=0):
        sent, rest = divmod(p.time.ns - ONE_WAY, MS)
        data = bytes(p[UDP].payload)[:7]
        assert (rest, p[UDP].dport, data[:1]) == (0, 55683, b"R")
        number = int.from_bytes(data[1:5], "big")
        assert int.from_bytes(data[5:7], "big") == 2000 + number * 7 % 100
        found.append((sent, number))
    return found


def acknowledge(a, wire, number, sport, src="10.0.0.254"):
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=src, dst=a.ip)
              / UDP(sport=55683, dport=sport) / (b"A" + number.to_bytes(4, "big")))


@pytest.mark.parametrize("retry, retries", [(200, 4), (50, 2), (1, 9), (300, 0)])
@pytest.mark.exact_ms
def test_retries_back_off_and_end(net, sensor, retry, retries):
    """After retry, 2, 4 ... times that; then the reading is given up."""
    app, _a, wire = sensor(100_000, retry, retries)
    net.run(until="100s")
    assert wire.pending == 0
    net.run(until="150s")
    due = 100_001
    expected = [due]
    for i in range(retries):
        expected.append(expected[-1] + (retry << i))
    assert reports(wire) == [(t, 1) for t in expected]
    assert app.output == ["sensor.so: a report every 100000 ms",
                          f"report 1 given up after {retries + 1} tries"]


@pytest.mark.exact_ms
def test_an_acknowledgement_ends_the_retries(net, sensor):
    """After the third try; the next reading comes at its time, with the first interval again."""
    app, a, wire = sensor(10_000, 100, 4)
    net.run(until="10302ms")
    got = [p[UDP].sport for p in wire.sniff(timeout=0)]
    assert len(got) == 3
    acknowledge(a, wire, 1, got[0])
    net.run(until="20102ms")
    assert reports(wire) == [(20_001, 2), (20_101, 2)]
    assert app.output[1:] == ["report 1 acknowledged after 3 tries"]


@pytest.mark.parametrize("number, src", [(2, "10.0.0.254"), (0, "10.0.0.254"), (1, "10.0.0.253")],
                         ids=["future", "past", "stranger"])
@pytest.mark.exact_ms
def test_a_wrong_acknowledgement_is_ignored(net, sensor, number, src):
    """Another reading's, or another collector's: the retries go on."""
    app, a, wire = sensor(1000, 100, 1)
    net.run(until="1002ms")
    sport = wire.recv(timeout=0)[UDP].sport
    acknowledge(a, wire, number, sport, src)
    net.run(until="1500ms")
    assert reports(wire) == [(1101, 1)]
    assert app.output[1:] == ["report 1 given up after 2 tries"]


@pytest.mark.exact_ms
def test_a_new_reading_replaces_an_old_one(net, sensor):
    """Unacknowledged when the next is due: its retries end there."""
    app, _a, wire = sensor(1000, 400, 4)
    net.run(until="3300ms")
    assert reports(wire) == [(1001, 1), (1401, 1), (2001, 2), (2401, 2), (3001, 3)]
    assert app.output[1:] == ["report 1 replaced", "report 2 replaced"]


@pytest.mark.exact_ms
def test_losses_of_the_wire_cost_exactly_the_back_off(net, program):
    """A collector that is a host; the first two tries of reading 2 are lost, and reading 3's
    answer."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    b.arp_static(a.ip, a.mac)
    lan.faults.drop(src=a, nth=[2, 3], match={"udp.dport": 55683})
    lan.faults.drop(src=b, nth=3, match={"udp.sport": 55683})
    collector = b.udp(55683)
    app = net.app(a, program("sensor"), b.ip, 55683, 1000, 100, 4)
    seen = []
    while len(seen) < 5:
        got = collector.recv(timeout="5s")
        seen.append(((got.t_ns - ONE_WAY) / MS, got.data[4]))
        collector.send(b"A" + got.data[1:5], got.addr, got.port)
    assert seen == [(1000, 1), (2300, 2), (3000, 3), (3100, 3), (4000, 4)]
    net.run(for_="1ms")
    assert app.output[1:] == [f"report {n} acknowledged after {t} tries"
                              for n, t in ((1, 1), (2, 3), (3, 2), (4, 1))]


def test_two_sensors_keep_their_own_time(net, program):
    """Two hosts, one program: numbers and intervals are each one's own."""
    lan = net.segment("lan", latency="50us")
    wire = lan.port("collector", mac="02:00:00:00:00:fe")
    hosts = [net.host(n, lan, ip=f"10.0.0.{i}/24") for i, n in ((1, "a"), (2, "b"))]
    for h, interval in zip(hosts, (300, 500)):
        h.arp_static("10.0.0.254", wire.mac)
        net.app(h, program("sensor"), "10.0.0.254", 55683, interval, 1, 0)
    net.run(until="1600ms")
    seen = {h.ip: [] for h in hosts}
    for p in wire.sniff(timeout=0, lfilter=lambda p: p.haslayer(UDP)):
        seen[p[IP].src].append(bytes(p[UDP].payload)[4])
    assert seen == {"10.0.0.1": [1, 2, 3, 4, 5], "10.0.0.2": [1, 2, 3]}


@pytest.mark.parametrize("ppm, started_ms", [(1000, 1), (-1000, 0)], ids=["fast", "slow"])
@pytest.mark.exact_ms
def test_a_drifting_clock_moves_the_report(net, sensor, ppm, started_ms):
    """The host's millisecond m begins at m / (1 + ppm / 10^6) of the world's time, rounded up; a
    slow clock still shows 0 ms when the program starts."""
    _app, _a, wire = sensor(1000, 100, 0, clock_ppm=ppm)
    got = wire.recv(timeout="2s")
    sent = -(-(started_ms + 1000) * MS * 10**6 // (10**6 + ppm))
    assert got.time.ns == sent + ONE_WAY


def test_without_a_collector_it_says_so(net, program):
    """The argument is missing, or no address."""
    a = net.host("a", net.segment("lan"), ip="10.0.0.1/24")
    for args in ((), ("nowhere",)):
        app = net.app(a, program("sensor"), *args)
        assert app.output == ["sensor.so: the collector's address is missing"]
