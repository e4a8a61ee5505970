"""Sockets with options that only a program can set: coverage of UDP-Lite, shared ports, no
receiver.

The program is harness/tests/apps/udp_options.c."""

import struct

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

from lockwire.paths import build_dir

PROGRAM = build_dir() / "apps" / "udp_options.so"
PEER, OURS, ALL = "10.0.0.254", "10.0.0.1", "ff:ff:ff:ff:ff:ff"


def summed(src, dst, whole, coverage):
    """The UDP-Lite checksum over `coverage` bytes, by Scapy; `whole` has none in it."""
    pseudo = bytes(map(int, src.split("."))) + bytes(map(int, dst.split(".")))
    return checksum(pseudo + struct.pack(">BBH", 0, 136, len(whole)) + whole[:coverage]) or 0xFFFF


def lite(data, coverage):
    whole = struct.pack(">HHHH", 4000, 7, coverage, 0) + data
    value = summed(PEER, OURS, whole, coverage or len(whole))
    return IP(src=PEER, dst=OURS, proto=136) / Raw(whole[:6] + struct.pack(">H", value) + data)


@pytest.mark.parametrize("asked, coverage, kept", [
    (12, 12, True), (12, 11, False), (12, 8, False), (12, 0, True), (18, 0, True), (19, 0, False),
    (0, 8, True)])
def test_a_receiver_asks_for_coverage(net, bench, still_hears, asked, coverage, kept):
    """[RFC3828 3.3]: less than that is as good as damaged; 0 in the field covers all 18 octets."""
    a, wire = bench()
    app = net.app(a, PROGRAM, "lite", 7, asked, 0)
    wire.send(Ether(src=wire.mac, dst=a.mac) / lite(b"ten octets", coverage))
    net.run(for_="1ms")
    assert app.output == (["lite: 10 bytes"] if kept else [])
    assert a.stats()["drops"] == ({} if kept else {"udplite_low_coverage": 1})
    wire.clear()
    still_hears(a, wire)


@pytest.mark.parametrize("asked, field", [(8, 8), (12, 12), (18, 18), (19, 0), (7, 0), (0, 0)])
def test_a_sender_chooses_its_coverage(net, bench, asked, field):
    """[RFC3828 3.1], [RFC3828 3.4]: what makes no sense becomes all; the checksum covers just
    that."""
    a, wire = bench()
    net.app(a, PROGRAM, "lite", 7, 0, asked)
    wire.send(Ether(src=wire.mac, dst=a.mac) / lite(b"ten octets", 0))
    got = bytes(wire.recv(timeout=1)[IP].payload)[:18]
    sport, dport, coverage, value = struct.unpack(">HHHH", got[:8])
    assert (sport, dport, coverage, got[8:]) == (7, 4000, field, b"ten octets")
    assert value == summed(OURS, PEER, got[:6] + b"\0\0" + got[8:], field or 18)


@pytest.mark.parametrize("dst", ["255.255.255.255", "10.0.0.255"])
def test_a_broadcast_reaches_all_that_share_a_port(net, bench, datagram, dst):
    """lwIP's SO_REUSE_RXTOALL: each gets a copy, the best match the original, at the end."""
    a, wire = bench()
    app = net.app(a, PROGRAM, "shared", 7, 3)
    wire.send(datagram(a, wire, b"all", dst=dst, mac=ALL))
    net.run(for_="1ms")
    assert sorted(app.output) == [f"shared {i}: 3 bytes" for i in (1, 2, 3)]
    wire.send(datagram(a, wire, b"unicast"))
    net.run(for_="1ms")
    assert len(app.output) == 4
    assert app.output[2].split(":")[0] == app.output[3].split(":")[0]


def test_without_memory_for_copies_the_original_still_arrives(net, bench, datagram, still_hears):
    """One receive buffer: the datagram is in it, the two copies are lost by name."""
    a, wire = bench(pbuf_pool_size=1)
    app = net.app(a, PROGRAM, "shared", 7, 3)
    wire.send(datagram(a, wire, b"all", dst="10.0.0.255", mac=ALL))
    net.run(for_="1ms")
    assert len(app.output) == 1 and app.output[0].endswith(": 3 bytes")
    assert a.stats()["drops"] == {"udp_copy_memory": 2}
    still_hears(a, wire)


def test_a_socket_without_a_receiver_drops(net, bench, datagram, still_hears):
    """It has the port, so there is no error; but nobody takes the data."""
    a, wire = bench()
    net.app(a, PROGRAM, "deaf", 7)
    wire.send(datagram(a, wire))
    net.run(for_="1ms")
    assert a.stats()["drops"] == {"udp_no_receiver": 1}
    still_hears(a, wire)
