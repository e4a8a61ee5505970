"""Storms end the run instead of the machine: too many frames at an instant, or in a second in which
nobody asked for any."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether

from lockwire import Fatal
from lockwire.paths import build_dir

ECHO = build_dir() / "apps" / "udp_echo.so"


def two_echoes(net, **segment):
    """Two echo servers, and a datagram to one of them that pretends to come from the other."""
    lan = net.segment("lan", **segment)
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    for host, other in ((a, b), (b, a)):
        net.app(host, ECHO)
        host.arp_static(other.ip, other.mac)
    wire = lan.port("tester")
    net.run(for_="1ms")
    spark = Ether(dst=a.mac) / IP(src=b.ip, dst=a.ip) / UDP(sport=7, dport=7) / b"ping-pong"
    return lan, a, b, wire, spark


def test_two_echo_servers_play_for_ever(world):
    """One frame at a time: the limit is that of a second without the scenario's doing."""
    net = world()
    _lan, _a, _b, wire, spark = two_echoes(net)
    net.limits(storm_second=5000)
    wire.send(spark)
    with pytest.raises(Fatal, match="more than 5000 frames sent since") as info:
        net.run(for_="1s")
    assert info.value.kind == "oracle" and info.value.now_ns < 100_000_000


def test_a_storm_that_doubles_is_caught_early(world):
    """With a wire that duplicates every frame the game grows until the limit, long before memory
    ends."""
    net = world()
    lan, _a, _b, wire, spark = two_echoes(net, queue=100_000)
    lan.impair.duplicate(1)
    net.limits(storm_second=20_000)
    wire.send(spark)
    with pytest.raises(Fatal, match="packet storm"):
        net.run(for_="1s")


def test_what_stays_within_the_limits_is_no_storm(net):
    """The same game under the default limits for 20 ms: exactly as many frames as fit."""
    lan, a, b, wire, spark = two_echoes(net)
    wire.clear()
    before = net.clock()["frames"]
    wire.send(spark)
    net.run(for_="20ms")
    hop = 2 * 5760  # a datagram of 9 bytes fills a minimal frame
    # The spark goes to a alone, every answer to the other; the tester hears none of it.
    assert net.clock()["frames"] - before == 20_000_000 // hop
    assert wire.pending == 0
    lan.link(up=False)
    net.run(for_="1ms")
    quiet = net.clock()["frames"]
    net.run(for_="1s")
    assert net.clock()["frames"] == quiet
    assert (a.stats()["drops"], b.stats()["drops"]) == ({}, {})


def test_the_limit_of_an_instant(world):
    """More frames of hosts at one instant than allowed: here by one."""
    net = world()
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    a.arp_static("10.0.0.2", "02:00:00:00:00:02")
    net.run(for_="1ms")
    net.limits(storm_instant=20)
    sender = a.udp(0)
    for _ in range(20):
        sender.send(b"x", "10.0.0.2", 9)
    with pytest.raises(Fatal, match="more than 20 frames sent at the virtual instant 1000000"):
        sender.send(b"x", "10.0.0.2", 9)
