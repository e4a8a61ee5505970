"""What leaves when a socket sends: header fields, checksums, sizes, times.

Checksums are recomputed by Scapy, which is the judge."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import shows, wire_time
from lockwire.errors import CommandError
from lockwire.sockets import IcmpError, StackError

PEER = "10.0.0.254"


def recomputed(packet):
    """The same packet with IP and UDP checksums as Scapy makes them."""
    again = packet.copy()
    del again[IP].chksum, again[UDP].chksum
    return bytes(again)


@pytest.mark.parametrize("data", [b"", b"x", b"even", bytes(range(255)), b"\xff" * 1472],
                         ids=["empty", "one", "even", "odd", "full"])
def test_header_and_checksum_are_scapys(net, bench, data):
    """[RFC768]; [RFC1122 4.1.3.4]: ports, length, and a checksum by default."""
    a, wire = bench()
    s = a.udp(5000)
    s.send(data, PEER, 7)
    got = wire.recv(timeout=1)
    udp = got[UDP]
    assert (udp.sport, udp.dport, udp.len) == (5000, 7, 8 + len(data))
    assert bytes(udp.payload)[:len(data)] == data
    with shows("RQ-768-02"):
        assert bytes(got) == recomputed(got) and udp.chksum != 0
    assert (got[IP].src, got[IP].dst, got[IP].ttl, got[IP].tos) == ("10.0.0.1", PEER, 255, 0)
    stats = a.stats()
    assert (stats["lwip"]["udp"]["xmit"], stats["mib2"]["udpoutdatagrams"]) == (1, 1)


def test_every_size_has_the_right_checksum(net, bench):
    """[RFC768 Fields]: 0 to 65 octets, so that each way to end has been; the pseudo-header's
    padding octet is not sent."""
    a, wire = bench()
    s = a.udp(5000)
    for size in range(66):
        s.send(bytes((7 * i + 1) & 0xFF for i in range(size)), PEER, 7)
    got = wire.sniff(timeout="10ms")
    with shows("RQ-768-02"):
        assert [p[UDP].len for p in got] == [8 + size for size in range(66)]
        assert [bytes(p) for p in got] == [recomputed(p) for p in got]
        assert all(p[UDP].chksum != 0 for p in got)


def test_a_computed_zero_is_sent_as_all_ones(net, bench):
    """[RFC768]: 0 would say that there is none."""
    a, wire = bench()
    head = IP(src="10.0.0.1", dst=PEER) / UDP(sport=5000, dport=7)
    missing = UDP(bytes((head / b"\0\0")[UDP])).chksum
    a.udp(5000).send(missing.to_bytes(2, "big"), PEER, 7)
    assert wire.recv(timeout=1)[UDP].chksum == 0xFFFF


@pytest.mark.parametrize("offload", [False, True], ids=["socket", "interface"])
def test_no_checksum_is_zero(net, bench, offload):
    """The socket's UDP_FLAGS_NOCHKSUM, or an interface that is said to do it by itself."""
    a, wire = bench(checksum=0xFFFD if offload else 0xFFFF)
    s = a.udp(5000)
    s.send(b"data", PEER, 7, nochksum=not offload)
    assert wire.recv(timeout=1)[UDP].chksum == 0
    if not offload:  # for this datagram only
        s.send(b"data", PEER, 7)
        assert wire.recv(timeout=1)[UDP].chksum != 0


@pytest.mark.parametrize("ttl, tos", [(1, 0), (64, 0x10), (255, 0xFC)])
def test_ttl_and_tos_are_the_sockets(net, bench, ttl, tos):
    """[RFC1122 4.1.4]: the application may set both."""
    a, wire = bench()
    a.udp(5000).send(b"x", PEER, 7, ttl=ttl, tos=tos)
    got = wire.recv(timeout=1)
    assert (got[IP].ttl, got[IP].tos) == (ttl, tos)


def test_the_default_ttl_is_an_option(net, bench):
    """udp_ttl, read when the socket is made."""
    a, wire = bench(udp_ttl=33)
    a.udp(5000).send(b"x", PEER, 7)
    assert wire.recv(timeout=1)[IP].ttl == 33
    a.options["udp_ttl"] = 44
    a.udp(5001).send(b"x", PEER, 7)
    assert wire.recv(timeout=1)[IP].ttl == 44


def test_the_largest_datagram_arrives(net):
    """[RFC768]: 65507 octets in 45 fragments, whole and on time; one more is refused."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    net.run(for_="1ms")
    sender, receiver = a.udp(4000), b.udp(7)
    data = bytes(i * 7 & 0xFF for i in range(65507))
    start = net.now_ns
    sender.send(data, b.ip, 7)
    got = receiver.recv(timeout=1)
    last = 14 + 20 + (8 + 65507) % 1480
    assert got.data == data
    assert got.t_ns == (start + 44 * wire_time(1514, gap=True) + wire_time(1514) + wire_time(last)
                        + 50_000)
    with pytest.raises(CommandError, match="65508 bytes but at most 65507"):
        sender.send(data + b"!", b.ip, 7)
    assert receiver.recv(timeout=1) is None
    sender.send(b"still there", b.ip, 7)
    assert receiver.recv(timeout=1).data == b"still there"


def test_a_burst_keeps_its_order_and_the_gap(net):
    """Each datagram arrives when the cable has had time for those before it."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    net.run(for_="1ms")
    sender, receiver = a.udp(4000), b.udp(7)
    sizes = [1, 1472, 18, 19, 500, 1000, 2, 2]
    start = free = second_free = net.now_ns
    for i, size in enumerate(sizes):
        sender.send(bytes([i]) * size, b.ip, 7)
    for i, size in enumerate(sizes):
        at_switch = free + wire_time(42 + size) + 25_000
        free += wire_time(42 + size, gap=True)
        begin = max(second_free, at_switch)
        second_free = begin + wire_time(42 + size, gap=True)
        got = receiver.recv(timeout=1)
        assert (got.data, got.t_ns) == (bytes([i]) * size, begin + wire_time(42 + size) + 25_000)
    assert start == 1_000_000


def test_identifications_count_up(net, bench):
    """[RFC791 3.2]: datagrams of one host to one peer are told apart."""
    a, wire = bench()
    s = a.udp(5000)
    for _ in range(5):
        s.send(b"x", PEER, 7)
    ids = [p[IP].id for p in wire.sniff(timeout="1ms")]
    assert [(i - ids[0]) & 0xFFFF for i in ids] == [0, 1, 2, 3, 4]


def test_a_source_that_is_not_the_interfaces_does_not_leave(net, bench):
    """[RFC1122 4.1.3.6]: a socket bound to one address sends from it, or not at all."""
    a, wire = bench()
    other = net.segment("other")
    second = a.netif(other, ip="10.0.1.1/24")
    s = a.udp(5000, addr="10.0.0.1")
    with pytest.raises(StackError, match="ERR_RTE"):
        s.send(b"x", "10.0.1.9", 7, interface=second)
    s.send(b"x", PEER, 7)
    assert wire.recv(timeout=1)[IP].src == "10.0.0.1"


def test_without_a_route_nothing_leaves(net, bench):
    """ERR_RTE, and a counter."""
    a, _ = bench()
    a.interfaces[0].set(up=False)
    with pytest.raises(StackError, match="ERR_RTE"):
        a.udp(5000).send(b"x", PEER, 7)
    assert a.stats()["lwip"]["udp"]["rterr"] == 1


# -- errors that come back --------------------------------------------------------------------
def unreachable(wire, a, quoted, code, kind=3, source=PEER):
    """An ICMP error about `quoted`."""
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src=source, dst="10.0.0.1")
              / ICMP(type=kind, code=code) / Raw(bytes(quoted[IP])[:28]))


@pytest.mark.parametrize("kind, code", [(3, 0), (3, 1), (3, 2), (3, 3), (3, 13), (11, 0), (12, 0)])
def test_a_connected_socket_is_told(net, bench, kind, code):
    """[RFC1122 4.1.3.3]: the error's type, code and sender reach the application."""
    a, wire = bench()
    s = a.udp(5000)
    s.connect(PEER, 7)
    s.send(b"is anybody there?")
    unreachable(wire, a, wire.recv(timeout=1), code, kind)
    with pytest.raises(IcmpError) as info:
        s.recv(timeout=1)
    assert (info.value.type, info.value.code, info.value.source) == (kind, code, PEER)
    s.send(b"go on")
    assert bytes(wire.recv(timeout=1)[UDP].payload)[:5] == b"go on"


def test_a_host_really_answers_and_the_socket_really_hears(net):
    """[RFC1122 4.1.3.1]: a closed port of another host, from end to end."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    net.host("b", lan, ip="10.0.0.2/24")
    s = a.udp(0)
    s.connect("10.0.0.2", 99)
    s.send(b"x")
    with pytest.raises(IcmpError, match="ICMP type 3 code 3 from 10.0.0.2"):
        s.recv(timeout=1)


def test_errors_about_what_was_never_sent_are_not_told(net, bench):
    """[RFC5927 4.1]: the quoted ports and addresses have to be a connection's; an open socket hears
    none."""
    a, wire = bench()
    s, opened = a.udp(5000), a.udp(5001)
    s.connect(PEER, 7)
    for sport, dport, dst in ((5000, 8, PEER), (5002, 7, PEER), (5000, 7, "10.0.0.253"),
                              (5001, 7, PEER)):
        quoted = IP(src="10.0.0.1", dst=dst, id=5) / UDP(sport=sport, dport=dport) / b"data"
        unreachable(wire, a, Ether() / quoted, 3)
    assert s.recv(timeout="1ms") is None and opened.recv(timeout="1ms") is None
