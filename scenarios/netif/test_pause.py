"""A host whose processor stands still: what arrives waits, timers are served late, nothing is lost.

[RFC1122 1.2.2]: hosts meet pauses of any length, their peers' and their own.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from lockwire import wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
MS, S = 1_000_000, 1_000_000_000
HUB = wire_time(60)


@pytest.fixture
def cable():
    """A hub: what one sends is heard wire_time() later."""
    return {"kind": "hub"}


def echo(a, wire, seq):
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(type=8, seq=seq))


@pytest.mark.exact_virtual
def test_frames_wait_and_are_answered_in_order(net, bench):
    """[RFC1122 1.2.2]: three echoes, one of them a nanosecond before the end."""
    a, wire = bench()
    a.pause("10ms")
    echo(a, wire, 1)
    net.run(for_="5ms")
    echo(a, wire, 2)
    net.sleep_ns(11 * MS - HUB - 1 - net.now_ns)
    echo(a, wire, 3)
    got = wire.sniff(timeout="1s")
    gap = wire_time(60, gap=True)
    assert [(p[ICMP].seq, p.time.ns) for p in got] == [
        (1 + i, 11 * MS + HUB + i * gap) for i in range(3)]
    echo(a, wire, 4)
    sent = net.now_ns
    assert wire.recv(timeout=1).time.ns == sent + 2 * HUB


@pytest.mark.exact_virtual
@pytest.mark.parametrize("pause, end", [("3s", 3_001), ("20s", 20_001)])
@pytest.mark.exact_ms
def test_timers_are_served_when_it_is_over(net, bench, pause, end):
    """[RFC1122 2.3.2.1]: questions for an absent neighbour that were due in the pause are asked
    once, or not at all if the neighbour would have been given up."""
    a, wire = bench()
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    a.pause(pause)
    asked = [p.time.ns - HUB for p in wire.sniff(timeout="30s") if ARP in p]
    rest = [(end + 1000 * i) * MS for i in range(2)] if pause == "3s" else []
    assert asked == [1 * MS, *rest]
    assert a.stats()["drops"] == {"arp_unresolved": 1}


@pytest.mark.exact_virtual
@pytest.mark.parametrize("again", [0, "2s"])
def test_new_pause_replaces_the_old(net, bench, again):
    """0 ends it at once; a shorter one ends sooner."""
    a, wire = bench()
    a.pause("1h")
    echo(a, wire, 1)
    net.run(until="1s")
    a.pause(again)
    assert wire.recv(timeout="10s").time.ns == S + (2 * S if again else 0) + HUB


@pytest.mark.exact_virtual
def test_pause_goes_on_top_of_the_processing_time(net, bench):
    """A frame costs its time as ever, but not before the pause is over."""
    a, wire = bench(cpu="1ms")
    a.pause("10ms")
    echo(a, wire, 1)
    echo(a, wire, 2)
    assert [p.time.ns for p in wire.sniff(timeout="1s")] == [
        12 * MS + HUB, 13 * MS + HUB]
    echo(a, wire, 3)  # heard HUB later, and interrupted half-way
    came = net.now_ns + HUB
    net.sleep_ns(HUB + MS // 2)
    a.pause("10ms")
    assert wire.recv(timeout=1).time.ns == came + 11 * MS + HUB


@pytest.mark.exact_virtual(reason="the ring is short, and one interrupt serves all that is in it")
def test_what_does_not_fit_while_it_waits_is_lost(net, bench):
    """1024 frames wait, more are dropped at the tail."""
    a, wire = bench(pbuf_pool_size=2000)
    a.udp(7, capacity=1)
    a.pause("1s")
    wire.send([bytes(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST)
                     / UDP(sport=4000, dport=7) / Raw(b"x"))] * 1000)
    net.run(for_="100ms")
    wire.send([bytes(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST)
                     / UDP(sport=4000, dport=7) / Raw(b"x"))] * 100)
    net.run(for_="2s")
    assert a.stats()["mib2"]["udpindatagrams"] == 1024


def test_pause_is_part_of_a_snapshot(net, bench):
    """Restored, the world waits as long as before."""
    a, wire = bench()
    a.pause("1s")
    echo(a, wire, 1)
    before = net.snapshot()
    first = wire.recv(timeout="2s").time.ns
    net.restore(before)
    assert wire.recv(timeout="2s").time.ns == first == S + 1 * MS + HUB
