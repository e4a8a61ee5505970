"""Datagrams wait in the router for an address, and on the cable for their turn.

[RFC1812 3.3.2]: the router resolves the next hop; [RFC1122 2.3.2.2]: and keeps at least the latest
datagram meanwhile. What waits leaves in the order it came in."""

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import ARP, Ether

from lockwire import wire_time

NEAR, FAR, RIGHT = "10.1.0.9", "10.2.0.9", "10.2.0.1"


@pytest.mark.exact_virtual
@pytest.mark.parametrize("count", [1, 2, 3])
def test_what_waits_for_an_address_leaves_in_order(bench, count):
    """[RFC1122 2.3.2.2]: one request, and behind its answer everything that waited, back to
    back."""
    b = bench(known=False)
    packets = [b.datagram(200, id=i) for i in range(count)]
    first, *_ = b.send(*packets)
    request = b.far.recv(timeout=1)
    assert (request[ARP].op, request[ARP].pdst, request[ARP].psrc) == (1, FAR, RIGHT)
    assert [request.time.ns] == b.onward([first], [60])
    assert len(b.far.sniff(timeout="5ms")) == 0
    reply = Ether(src=b.far.mac, dst=b.right.mac) / ARP(op=2, hwsrc=b.far.mac, psrc=FAR,
                                                       hwdst=b.right.mac, pdst=RIGHT)
    resolved = b.net.now_ns + 2 * wire_time(len(reply)) + 50_000
    b.far.send(reply)
    got = [b.far.recv_bytes(timeout=1) for _ in packets]
    assert [g.data for g in got] == [b.hop(p) for p in packets]
    assert [g.t_ns for g in got] == b.onward([resolved] * count, [242] * count)
    assert b.r.stats()["drops"] == {}
    assert b.r.stats()["memp"]["ARP_QUEUE"]["used"] == 0
    b.still_works()


def test_too_many_wait(bench):
    """[RFC1122 2.3.2.2]: of five the latest three are kept (arp_queue_len)."""
    b = bench(known=False)
    packets = [b.datagram(200, id=i) for i in range(5)]
    b.send(*packets)
    b.far.recv(timeout=1)
    b.net.run(for_="5ms")
    b.far.send(Ether(src=b.far.mac, dst=b.right.mac)
               / ARP(op=2, hwsrc=b.far.mac, psrc=FAR, hwdst=b.right.mac, pdst=RIGHT))
    assert [p[IP].id for p in b.far.sniff(timeout="5ms")] == [2, 3, 4]
    assert b.r.stats()["drops"] == {"arp_queue_full": 2}
    b.still_works()


def test_nobody_answers(bench):
    """[RFC1122 2.3.2.1]: the requests end, what waited is dropped and freed."""
    b = bench(known=False)
    b.send(b.datagram(200), b.datagram(200, id=2))
    frames = b.far.sniff(timeout="30s")
    assert all(ARP in p for p in frames)
    stats = b.r.stats()
    assert stats["drops"] == {"arp_unresolved": 2}
    assert (stats["memp"]["ARP_QUEUE"]["used"], stats["memp"]["PBUF_POOL"]["used"]) == (0, 0)
    b.r.arp_static(FAR, b.far.mac)
    b.near.clear()
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("rate", ["10M", "1M", "1G"])
@pytest.mark.parametrize("sizes", [(1000,) * 8, (18, 1472, 18, 1472, 500)], ids=["alike", "mixed"])
def test_slower_or_faster_on_the_other_side(bench, rate, sizes):
    """[RFC1812 5]: a train of datagrams queues before the slow cable and opens up behind a fast
    one: each arrives to the nanosecond, in order."""
    b = bench(rate=rate)
    packets = [b.datagram(size, id=i) for i, size in enumerate(sizes)]
    times = b.send(*packets)
    got = [b.far.recv_bytes(timeout="10s") for _ in packets]
    assert [g.data for g in got] == [b.hop(p) for p in packets]
    assert [g.t_ns for g in got] == b.onward(times, [42 + size for size in sizes])
    assert b.r.stats()["mib2"]["ipforwdatagrams"] == len(sizes)
    b.still_works()


@pytest.mark.exact_virtual
def test_both_directions_do_not_wait_for_each_other(bench):
    """[RFC1812 5]: cables are full duplex, and so is the router."""
    b = bench(rate="10M")
    packets = [b.datagram(1000, id=i) for i in range(4)]
    back = [b.datagram(1000, src=FAR, dst=NEAR, id=100 + i) for i in range(4)]
    start = b.net.now_ns
    b.far.send([Ether(src=b.far.mac, dst=b.right.mac) / p for p in back])
    there = b.onward(b.send(*packets), [1042] * 4)
    home = b.switched(b.onward([start] * 4, [1042] * 4), [1042] * 4)
    assert [b.far.recv(timeout=1).time.ns for _ in range(4)] == there
    assert [b.near.recv(timeout=1).time.ns for _ in range(4)] == home
    b.still_works()
