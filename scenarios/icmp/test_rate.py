"""How many ICMP errors leave: a burst, then so many a second, and never more.

[RFC1812 4.3.2.8]: a token bucket limits errors; messages that are answers (echo) are not limited.
"""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def provoke(net, a, wire, count):
    """Sends `count` datagrams to a closed port, one each 100 us; how many errors come back."""
    frame = bytes(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=9))
    for _ in range(count):
        wire.send(frame)
        net.run(for_="100us")
    net.run(for_="200us")
    got = wire.sniff(timeout=0)
    assert all((p[ICMP].type, p[ICMP].code) == (3, 3) for p in got)
    return len(got)


@pytest.mark.parametrize("burst", [1, 3, 10])
def test_burst_is_counted_exactly(net, bench, still_answers, burst):
    """[RFC1812 4.3.2.8]: of 12 causes at once as many errors leave as the bucket holds."""
    a, wire = bench(icmp_error_rate=1, icmp_error_burst=burst)
    assert provoke(net, a, wire, 12) == burst
    assert a.stats()["drops"] == {"udp_no_port": 12, "icmp_error_limited": 12 - burst}
    assert a.stats()["mib2"]["icmpoutdestunreachs"] == burst
    still_answers(a, wire)


@pytest.mark.parametrize("rate, first_ms", [(1, 1000), (3, 334), (10, 100), (1000, 1)])
def test_bucket_refills_at_the_rate_and_not_a_millisecond_earlier(net, bench, rate, first_ms):
    """[RFC1812 4.3.2.8]: one more error is allowed a whole 1/rate after the bucket was emptied."""
    a, wire = bench(icmp_error_rate=rate, icmp_error_burst=2)
    frame = bytes(Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST) / UDP(dport=9))
    for _ in range(2):
        wire.send(frame)
    net.run(until="1.9ms")  # emptied in millisecond 1
    assert len(wire.sniff(timeout=0)) == 2
    def at(ms):
        net.run(until=(ms * 1_000_000 + 100_000) / 10**9)
        wire.send(frame)
        net.run(for_="700us")
        return len(wire.sniff(timeout=0))
    if first_ms > 2:
        assert at(first_ms) == 0  # 1/rate less one millisecond
    assert at(1 + first_ms) == 1


def test_bucket_does_not_overflow(net, bench):
    """[RFC1812 4.3.2.8]: however long nothing happened, no more than the burst is saved up."""
    a, wire = bench(icmp_error_rate=100, icmp_error_burst=4)
    assert provoke(net, a, wire, 6) == 4
    net.run(for_="1h")
    assert provoke(net, a, wire, 6) == 4


def test_refill_is_right_across_the_clocks_wrap(net, bench):
    """[RFC1812 4.3.2.8]: the 32-bit millisecond clock passes zero between two errors."""
    a, wire = bench(icmp_error_rate=2, icmp_error_burst=1, boot_ms=0xFFFFFFFF - 200)
    assert provoke(net, a, wire, 2) == 1
    net.run(until="400ms")
    assert provoke(net, a, wire, 1) == 0
    net.run(until="502ms")
    assert provoke(net, a, wire, 2) == 1


def test_no_limit_by_default(net, bench):
    """[RFC1812 4.3.2.8]: with rate 0 every cause has its error, as in lwIP."""
    a, wire = bench()
    assert provoke(net, a, wire, 40) == 40
    assert a.stats()["drops"] == {"udp_no_port": 40}


def test_echo_replies_are_not_errors(net, bench, still_answers):
    """[RFC1812 4.3.2.8]: an empty bucket does not keep the echo server from answering."""
    a, wire = bench(icmp_error_rate=1, icmp_error_burst=1)
    assert provoke(net, a, wire, 3) == 1
    for _ in range(5):
        still_answers(a, wire)


def test_what_may_not_be_told_costs_nothing(net, bench):
    """[RFC1122 3.2.2]: datagrams that never cause an error take no token from those that do."""
    a, wire = bench(icmp_error_rate=1, icmp_error_burst=1)
    for _ in range(5):
        wire.send(Ether(dst="ff:ff:ff:ff:ff:ff") / IP(src=TESTER, dst="10.0.0.255") / UDP(dport=9))
    net.run(for_="1ms")
    assert provoke(net, a, wire, 1) == 1
