"""host.ping(): what leaves, when it gives up, and what it hears of failures.

[RFC1122 3.2.2.6]: a host can send echo requests and gets the replies; ICMP errors about them come
back to the sender [RFC1122 3.2.2].
"""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import IcmpError, StackError, wire_time

HOST, TESTER = "10.0.0.1", "10.0.0.254"
LATENCY_NS = 50_000


def asked(a, wire, ip_id=0, ttl=255, ident=0x4C57, seq=1, data=b"", flags=0):
    """The request that has to leave, with Scapy's checksums."""
    packet = (Ether(src=a.mac, dst=wire.mac)
              / IP(src=HOST, dst=TESTER, id=ip_id, ttl=ttl, flags=flags)
              / ICMP(type=8, id=ident, seq=seq) / Raw(data))
    return bytes(packet).ljust(60, b"\0")


@pytest.mark.parametrize("options", [{}, {"ttl": 1}, {"id": 0xFFFF, "seq": 0}, {"data": b"odd"},
                                     {"df": True}], ids=lambda o: "-".join(o) or "plain")
def test_request_is_exact(net, bench, options):
    """[RFC792 Echo]: type 8, code 0, a good checksum; TTL and DF as asked."""
    a, wire = bench()
    start = net.now_ns
    assert a.ping(TESTER, timeout="10ms", **options) is None
    assert net.now_ns == start + 10_000_000
    got, = wire.sniff(timeout=0)
    seq, df = options.get("seq", 1), "df" in options
    assert bytes(got) == asked(a, wire, ip_id=seq if df else 0, ttl=options.get("ttl", 255),
                               ident=options.get("id", 0x4C57), seq=seq,
                               data=options.get("data", b""), flags="DF" if df else 0)
    assert got.time.ns == start + 2 * wire_time(60) + LATENCY_NS


@pytest.mark.parametrize("early, answered", [(0, True), (1, False)], ids=["in-time", "1ns-late"])
def test_reply_at_its_last_nanosecond_counts(net, early, answered):
    """[RFC1122 3.2.2.6]: the round trip is exact, and a deadline includes its own instant."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    net.host("b", lan, ip="10.0.0.2/24")
    a.ping("10.0.0.2", timeout="1s")
    trip = 4 * wire_time(60) + 2 * LATENCY_NS
    limit = trip - early
    start = net.now_ns
    pong = a.ping("10.0.0.2", timeout=f"{limit}ns")
    assert (pong is not None) == answered
    assert net.now_ns == start + limit
    if pong:
        assert (pong.rtt_ns, pong.t_ns, pong.ttl) == (trip, start + trip, 255)


@pytest.mark.parametrize("spoil", ["id", "seq", "chksum", "type"])
def test_reply_that_is_not_the_one_asked_for(bench, still_answers, spoil):
    """[RFC1122 3.2.2.6]: identifier and sequence number say whose reply it is."""
    a, wire = bench()
    reply = {"type": 0, "id": 0x4C57, "seq": 1, spoil: 0xBAD if spoil != "type" else 8}
    wire.send(Ether(dst=a.mac) / IP(src=TESTER, dst=HOST) / ICMP(**reply))
    assert a.ping(TESTER, timeout="5ms") is None
    wire.clear()
    still_answers(a, wire)


def test_error_comes_back_instead_of_a_reply(bench):
    """[RFC1122 3.2.2]: an ICMP error that quotes the request says type, code and who sent it."""
    a, wire = bench()
    quote = asked(a, wire)[14:42]
    wire.send(Ether(dst=a.mac) / IP(src="10.0.0.253", dst=HOST) / ICMP(type=11) / Raw(quote))
    with pytest.raises(IcmpError) as caught:
        a.ping(TESTER)
    assert (caught.value.type, caught.value.code, caught.value.source) == (11, 0, "10.0.0.253")


def test_ping_across_a_router_takes_each_hop_into_account(net):
    """[RFC1812 5.3.1]: TTL 1 ends at the router, TTL 2 arrives; the reply has lost one."""
    left, right = net.segment("left", latency="50us"), net.segment("right", latency="50us")
    a = net.host("a", left, ip="10.1.0.2/24", gw="10.1.0.1")
    r = net.host("r", left, ip="10.1.0.1/24", ip_forward=1)
    r.netif(right, ip="10.2.0.1/24")
    net.host("b", right, ip="10.2.0.2/24", gw="10.2.0.1")
    with pytest.raises(IcmpError) as caught:
        a.ping("10.2.0.2", ttl=1)
    assert (caught.value.type, caught.value.code, caught.value.source) == (11, 0, "10.1.0.1")
    assert a.ping("10.2.0.2", ttl=2).ttl == 254
    pong = a.ping("10.2.0.2")
    assert (pong.ttl, pong.source) == (254, "10.2.0.2")
    assert pong.rtt_ns == 8 * wire_time(60) + 4 * LATENCY_NS


def test_ping_off_the_link_without_a_gateway(net, bench):
    """[RFC1122 3.3.1.1]: an error at once, and nothing on the wire."""
    a, wire = bench()
    start = net.now_ns
    with pytest.raises(StackError) as caught:
        a.ping("192.0.2.1")
    assert (caught.value.err, net.now_ns, wire.pending) == (-4, start, 0)
    assert a.stats()["drops"] == {"arp_no_gateway": 1}


def test_ping_of_a_silent_neighbour(net, bench):
    """[RFC1122 2.3.2.2]: the request waits for an ARP answer and is given up with the question."""
    a, wire = bench()
    start = net.now_ns
    assert a.ping("10.0.0.9", timeout="20s") is None
    assert net.now_ns == start + 20_000_000_000
    assert a.stats()["drops"] == {"arp_unresolved": 1}
    heard = wire.sniff(timeout=0)
    assert {p.type for p in heard} == {0x0806} and len(heard) > 1


def test_large_ping_is_cut_and_put_together(net):
    """[RFC1122 3.3.3]: 3000 octets leave in three fragments, and as many come back."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.ping("10.0.0.2")
    data = bytes(i & 0xFF for i in range(3000))
    pong = a.ping("10.0.0.2", data=data)
    assert pong.data == data
    one_way = 2 * wire_time(1514) + LATENCY_NS + wire_time(1514, gap=True) + wire_time(82, gap=True)
    assert pong.rtt_ns == 2 * one_way
    for host in (a, b):
        mib2 = host.stats()["mib2"]
        assert (mib2["ipfragcreates"], mib2["ipreasmreqds"], mib2["ipreasmoks"]) == (3, 3, 1)


def test_ping_that_may_not_be_cut(bench):
    """[RFC791 3.1 DF]: with DF a request larger than the MTU is refused where it is made."""
    a, wire = bench()
    with pytest.raises(StackError) as caught:
        a.ping(TESTER, data=bytes(1473), df=True)
    assert (caught.value.err, wire.pending) == (-6, 0)
    assert a.stats()["drops"] == {"ip4_out_too_big": 1}
    assert a.ping(TESTER, data=bytes(1472), df=True, timeout="1ms") is None
    assert len(wire.recv(timeout=0)) == 1514
