"""From which packets a host learns who has an address, and which change what it knows.

[RFC826 Packet Reception]: an existing pair is updated by any packet, a new one is made only from a
packet to us; what others tell each other teaches nothing.
"""

import pytest
from scapy.layers.l2 import ARP, Ether

from lockwire import shows

BROADCAST = "ff:ff:ff:ff:ff:ff"
OLD, NEW = "02:00:00:00:00:09", "02:00:00:00:00:90"


def lan(net, **options):
    """A host and a tester; the announcement has passed."""
    segment = net.segment("lan", kind="hub")
    a = net.host("a", segment, ip="10.0.0.1/24", **options)
    wire = segment.port("tester")
    net.run(until="1ms")
    wire.clear()
    return a, wire


def tell(net, wire, op, psrc, pdst, mac=OLD):
    """A packet from `mac` that says psrc asks for, or answers, pdst; 1 ms passes."""
    wire.send(Ether(src=mac, dst=BROADCAST) / ARP(op=op, hwsrc=mac, psrc=psrc, pdst=pdst))
    net.run(for_="1ms")
    wire.clear()


def pairs(a):
    """What the table says, without ages."""
    return [(e["ip"], e["mac"], e["state"]) for e in a.arp_table()]


@pytest.mark.exact_virtual
@pytest.mark.parametrize("op", [1, 2], ids=["request", "unsolicited-reply"])
def test_packet_to_us_makes_an_entry_that_is_used(net, op):
    """[RFC826 Packet Reception]: the next datagram to its sender leaves without a question."""
    a, wire = lan(net)
    tell(net, wire, op, "10.0.0.9", "10.0.0.1")
    assert pairs(a) == [("10.0.0.9", OLD, "stable")]
    start = net.now_ns
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    p = wire.recv(timeout="1ms")
    with shows("RQ-826-04"):
        assert (p.dst, p["UDP"].load, p.time.ns) == (OLD, b"x", start + 5760)


@pytest.mark.parametrize("op, psrc, pdst", [
    pytest.param(1, "10.0.0.9", "10.0.0.8", id="request-to-another"),
    pytest.param(2, "10.0.0.9", "10.0.0.8", id="reply-to-another"),
    pytest.param(1, "10.0.0.9", "10.0.0.9", id="gratuitous-request"),
    pytest.param(2, "10.0.0.9", "10.0.0.9", id="gratuitous-reply"),
    pytest.param(1, "0.0.0.0", "10.0.0.8", id="probe-for-another"),
    pytest.param(1, "0.0.0.0", "10.0.0.1", id="probe-for-us"),
    pytest.param(2, "10.0.0.9", "0.0.0.0", id="reply-to-nobody"),
])
def test_packet_not_to_us_makes_no_entry(net, op, psrc, pdst):
    """[RFC826 Packet Reception]: not the target, not yet known, not learnt; a datagram
    asks first."""
    a, wire = lan(net)
    tell(net, wire, op, psrc, pdst)
    with shows("RQ-826-06"):
        assert pairs(a) == []
    a.udp(4000).send(b"x", "10.0.0.9", 9)
    p = wire.recv(timeout="1ms")
    assert (p[ARP].op, p[ARP].pdst) == (1, "10.0.0.9")


def test_talk_of_others_changes_nothing(net):
    """[RFC826 Packet Reception]: fifty pairs of strangers answer each other; the table keeps its
    one entry, and its age."""
    a, wire = lan(net)
    tell(net, wire, 2, "10.0.0.9", "10.0.0.1")
    before = a.arp_table()
    start = net.now_ns
    for i in range(100, 150):
        tell(net, wire, 2, f"10.0.0.{i}", f"10.0.0.{i + 100}", f"02:00:00:00:01:{i:02x}")
    with shows("RQ-826-06"):
        assert [e | {"age_ms": 0} for e in a.arp_table()] == [e | {"age_ms": 0} for e in before]
        assert a.arp_table()[0]["age_ms"] - before[0]["age_ms"] == (net.now_ns - start) // 1_000_000


@pytest.mark.parametrize("op, pdst", [
    pytest.param(1, "10.0.0.1", id="request-to-us"),
    pytest.param(2, "10.0.0.1", id="reply-to-us"),
    pytest.param(1, "10.0.0.8", id="request-to-another"),
    pytest.param(2, "10.0.0.8", id="reply-to-another"),
    pytest.param(1, "10.0.0.9", id="gratuitous-request"),
    pytest.param(2, "10.0.0.9", id="gratuitous-reply"),
    pytest.param(3, "10.0.0.8", id="rarp-request"),
    pytest.param(8, "10.0.0.1", id="inverse-arp"),
    pytest.param(0xFFFF, "10.0.0.8", id="opcode-65535"),
])
@pytest.mark.exact_ms
def test_known_sender_is_updated_by_any_packet(net, op, pdst):
    """[RFC826 Packet Reception]: the merge comes before the opcode is looked at."""
    a, wire = lan(net)
    tell(net, wire, 2, "10.0.0.9", "10.0.0.1", OLD)
    net.run(for_="10s")
    tell(net, wire, op, "10.0.0.9", pdst, NEW)
    with shows("RQ-826-03"):
        assert pairs(a) == [("10.0.0.9", NEW, "stable")]
        # refreshed, too: 1 ms ago
        assert a.arp_table()[0]["age_ms"] == 1
        a.udp(4000).send(b"x", "10.0.0.9", 9)
        assert wire.recv(timeout="1ms").dst == NEW


def test_probe_does_not_touch_what_is_known(net):
    """[RFC5227 2.1.1]: the sender address 0.0.0.0 keeps every cache as it is."""
    a, wire = lan(net)
    tell(net, wire, 2, "10.0.0.9", "10.0.0.1", OLD)
    tell(net, wire, 1, "0.0.0.0", "10.0.0.9", NEW)
    tell(net, wire, 1, "0.0.0.0", "10.0.0.1", NEW)
    assert pairs(a) == [("10.0.0.9", OLD, "stable")]


def test_neighbour_of_another_network_is_learnt_when_it_asks_us(net):
    """[RFC826 Packet Reception]: it asked on this cable, so it is on this cable, whatever
    its mask."""
    a, wire = lan(net)
    wire.send(Ether(src=OLD, dst=BROADCAST) /
              ARP(op=1, hwsrc=OLD, psrc="192.168.9.9", pdst="10.0.0.1"))
    assert wire.recv(timeout="1ms")[ARP].pdst == "192.168.9.9"
    assert pairs(a) == [("192.168.9.9", OLD, "stable")]


def test_datagram_teaches_nothing(net):
    """[RFC826 Packet Reception]: pairs come from ARP alone; the answer to a ping asks for
    its way."""
    from scapy.layers.inet import ICMP, IP
    a, wire = lan(net)
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src="10.0.0.9", dst="10.0.0.1") / ICMP(id=7))
    p = wire.recv(timeout="1ms")
    assert (p[ARP].op, p[ARP].psrc, p[ARP].pdst) == (1, "10.0.0.1", "10.0.0.9")
    assert pairs(a) == [("10.0.0.9", None, "pending")]
    wire.send(Ether(src=NEW, dst=a.mac) /
              ARP(op=2, hwsrc=NEW, psrc="10.0.0.9", hwdst=a.mac, pdst="10.0.0.1"))
    p = wire.recv(timeout="1ms")
    assert (p.dst, p[ICMP].type, p[ICMP].id) == (NEW, 0, 7)


@pytest.mark.exact_virtual
def test_two_hosts_resolve_each_other_with_one_question(net):
    """[RFC826 Packet Generation]: the one who is asked learns from the question: a ping and its
    answer take one ARP exchange, after which both ends know each other."""
    segment = net.segment("lan", latency="50us")
    a = net.host("a", segment, ip="10.0.0.1/24")
    b = net.host("b", segment, ip="10.0.0.2/24")
    net.run(until="1ms")
    pong = a.ping("10.0.0.2", data=b"hello")
    # request, reply, echo, echo reply: four times two cables of 5,760 ns and 50 us
    assert pong.rtt_ns == 4 * (2 * 5760 + 50_000)
    assert pairs(a) == [("10.0.0.2", b.mac, "stable")]
    assert pairs(b) == [("10.0.0.1", a.mac, "stable")]
    assert a.ping("10.0.0.2").rtt_ns == 2 * (2 * 5760 + 50_000)
    # both announced themselves once; the announcements taught nothing
    assert [h.stats()["lwip"]["etharp"]["xmit"] for h in (a, b)] == [2, 2]
