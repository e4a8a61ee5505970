"""Clocks: what happened one turn of the millisecond clock ago, or just across its wrap, is past.

2^32 ms are 49.7 days; firmware runs longer. Whatever remembers "when" must also forget."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
BROADCAST = "ff:ff:ff:ff:ff:ff"
TURN_MS = 2 ** 32


@pytest.mark.parametrize("late_ms", [-9000, 0, 1, 9000])
def test_conflict_one_turn_later_is_a_first_one(net, late_ms):
    """[RFC5227 2.4]: two conflicts 49.7 days apart are each defended."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip=f"{HOST}/24", acd=True)
    wire = lan.port("tester")
    net.run(until="20s")
    claim = Ether(src=wire.mac, dst=BROADCAST) / ARP(hwsrc=wire.mac, psrc=HOST, pdst=HOST)
    for _ in range(2):
        wire.clear()
        wire.send(claim)
        assert wire.recv(timeout="1s")[ARP].psrc == HOST
        net.run(for_=f"{TURN_MS + late_ms}ms")
    assert a.acd()["state"] == "ok"


@pytest.mark.parametrize("before_ms", [1, 500, 999, 1000, 4000])
def test_everything_that_waits_waits_across_the_wrap(net, before_ms):
    """A fragment, a question for a neighbour and a membership report begun just before the clock
    wraps end when they would have."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip=f"{HOST}/24", boot_ms=TURN_MS - 2000 - before_ms)
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static(TESTER, wire.mac)
    net.run(until="2s")
    wire.clear()
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST, flags="MF", id=5)
              / UDP(dport=9) / Raw(b"12345678"))
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    net.run(for_="1ms")
    asked = [round((p.time.ns - 2 * 10 ** 9) / 10 ** 9) for p in wire.sniff(timeout="59s")]
    assert asked == [0, 1, 2, 3, 4]
    assert a.stats()["memp"]["REASSDATA"]["used"] == 1
    assert [p[ICMP].type for p in wire.sniff(timeout="2s")] == [11]
    assert a.arp_table()[0]["ip"] == TESTER


@pytest.mark.parametrize("max_response", [3, 10])
def test_stream_of_queries_does_not_silence_a_host_with_coarse_ticks(net, max_response):
    """[RFC2236 3]: a report that is due at the next tick is not put off by a query before it."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip=f"{HOST}/24", timer="coarse")
    wire = lan.port("tester")
    a.igmp_join("239.1.1.1")
    net.run(until="20.013s")
    wire.clear()
    head = bytes([0x11, max_response, 0, 0, 0, 0, 0, 0])
    total = 0xffff - 0x1100 - max_response
    query = (Ether(src=wire.mac, dst="01:00:5e:00:00:01")
             / IP(src=TESTER, dst="224.0.0.1", ttl=1, proto=2, options=b"\x94\x04\x00\x00")
             / Raw(head[:2] + total.to_bytes(2, "big") + head[4:]))
    for _ in range(100):
        wire.send(query)
        net.run(for_="13ms")
    times = [0] + [(p.time.ns - 20_013_000_000) // 10 ** 6 for p in wire.sniff(timeout=0)]
    assert len(times) > 1
    # each answers the first query after the one before: within its time, and a tick
    assert max(b - a_ for a_, b in zip(times, times[1:])) <= 100 * max_response + 13


def test_static_entries_survive_weeks_apart(net):
    """Set 22, 30, 24 days apart, taken away in another order: an order of age they do not have."""
    lan = net.segment("lan", kind="hub")
    a = net.host("a", lan, ip=f"{HOST}/24")
    for i, days in enumerate((22, 30, 24, 20, 25)):
        a.arp_static(f"10.0.0.{10 + i}", f"02:00:00:00:01:{i:02x}")
        net.run(for_=days * 86400)
    for i in (0, 2, 4):
        a.arp_static(f"10.0.0.{10 + i}", None)
        net.check()
    assert [e["ip"] for e in a.arp_table()] == ["10.0.0.11", "10.0.0.13"]
