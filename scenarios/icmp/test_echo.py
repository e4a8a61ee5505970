"""Echo requests are answered with the same identifier, sequence number and data.

[RFC792 Echo], [RFC1122 3.2.2.6]: every host answers; the data is returned entire; source and
destination are exchanged."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

LATENCY_NS = 50_000


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [0, 56, 1472])
def test_round_trip_between_two_hosts_is_exact(net, size):
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    net.host("b", lan, ip="10.0.0.2/24")
    net.run(for_="1ms")  # past the gratuitous ARPs
    echo = 4 * wire_time(14 + 20 + 8 + size) + 2 * LATENCY_NS
    resolving = 4 * wire_time(60) + 2 * LATENCY_NS
    data = bytes(i & 0xFF for i in range(size))
    first = a.ping("10.0.0.2", data=data)
    assert first.rtt_ns == resolving + echo
    second = a.ping("10.0.0.2", data=data)
    assert second.rtt_ns == echo
    assert (second.source, second.data) == ("10.0.0.2", data)


def test_identifier_sequence_and_data_come_back(net):
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static("10.0.0.254", wire.mac)
    request = (Ether(src=wire.mac, dst=a.mac) / IP(src="10.0.0.254", dst="10.0.0.1", id=7)
               / ICMP(type="echo-request", id=0x1234, seq=0xFFFE) / Raw(bytes(range(64))))
    reply = wire.srp1(request, timeout=1)
    assert reply.time.ns == 4 * wire_time(len(request)) + 2 * LATENCY_NS
    assert (reply[IP].src, reply[IP].dst) == ("10.0.0.1", "10.0.0.254")
    assert (reply[ICMP].type, reply[ICMP].code) == (0, 0)
    assert (reply[ICMP].id, reply[ICMP].seq) == (0x1234, 0xFFFE)
    assert reply[Raw].load == bytes(range(64))


def test_a_request_with_a_wrong_checksum_is_ignored(net):
    """[RFC1122 3.2.2]: an ICMP message that arrives damaged is no message."""
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static("10.0.0.254", wire.mac)
    net.run(for_="1ms")
    wire.clear()
    wire.send(Ether(dst=a.mac) / IP(src="10.0.0.254", dst="10.0.0.1")
              / ICMP(type=8, chksum=0xDEAD) / b"payload")
    assert len(wire.sniff(timeout="1s")) == 0


def test_ping_of_nobody_ends_at_its_timeout(net):
    lan = net.segment("lan")
    a = net.host("a", lan, ip="10.0.0.1/24")
    start = net.now_ns
    assert a.ping("10.0.0.9", timeout="2500ms") is None
    assert net.now_ns - start == 2_500_000_000
