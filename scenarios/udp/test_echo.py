"""A datagram arrives with its data, addresses and ports, exactly once, and its echo comes back.

[RFC768]; [RFC1122 4.1.3.5]: the application learns source and destination address."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import wire_time

LATENCY_NS = 50_000
HEADERS = 14 + 20 + 8


@pytest.mark.exact_virtual
@pytest.mark.parametrize("size", [0, 1, 18, 64, 1472])
def test_echo_between_two_hosts_is_exact(net, size):
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    client, server = a.udp(5000), b.udp(7)
    net.run(for_="1ms")  # past the gratuitous ARPs
    one_way = 2 * wire_time(HEADERS + size) + LATENCY_NS
    resolving = 4 * wire_time(60) + 2 * LATENCY_NS
    data = bytes((7 * i) & 0xFF for i in range(size))

    start = net.now_ns
    client.send(data, "10.0.0.2", 7)
    got = server.recv(timeout=1)
    assert (got.data, got.addr, got.port, got.dst) == (data, "10.0.0.1", 5000, "10.0.0.2")
    assert got.t_ns == start + resolving + one_way
    server.send(got.data, got.addr, got.port)
    back = client.recv(timeout=1)
    assert (back.data, back.addr, back.port) == (data, "10.0.0.2", 7)
    assert back.t_ns == got.t_ns + one_way  # b has learnt a when a asked
    assert client.recv(timeout="1s") is None


def test_a_connected_socket_hears_only_its_peer(net):
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    c = net.host("c", lan, ip="10.0.0.3/24")
    client = a.udp(5000)
    client.connect("10.0.0.2", 7)
    c.udp(7).send(b"stranger", "10.0.0.1", 5000)
    b.udp(7).send(b"peer", "10.0.0.1", 5000)
    assert client.recv(timeout=1).data == b"peer"
    assert client.recv(timeout=1) is None


def test_a_closed_port_is_unreachable(net):
    """[RFC1122 3.2.2.1]: destination unreachable, code 3, with the header and 8 bytes of what
    came."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static("10.0.0.254", wire.mac)
    net.run(for_="1ms")
    wire.clear()
    sent = (Ether(src=wire.mac, dst=a.mac) / IP(src="10.0.0.254", dst="10.0.0.1", id=99)
            / UDP(sport=4000, dport=9) / Raw(b"nobody there"))
    wire.send(sent)
    reply = wire.recv(timeout=1)
    assert (reply[ICMP].type, reply[ICMP].code) == (3, 3)
    assert bytes(reply[ICMP].payload)[:28] == bytes(sent[IP])[:28]
    assert not wire.sniff(timeout="1s")
