"""UDP-Lite: the third field is how much of the datagram the checksum covers.

[RFC3828 3.1]: 0 is all of it, 1 to 7 and more than there is are errors, and so is a checksum of
0."""

import struct

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

from lockwire import shows, wire_time

PEER, OURS = "10.0.0.254", "10.0.0.1"


def lite(data, coverage, sport=4000, dport=7, value=None, src=PEER, dst=OURS):
    """A UDP-Lite datagram's bytes; the checksum as Scapy's checksum() makes it over the
    coverage."""
    head = struct.pack(">HHHH", sport, dport, coverage, 0)
    whole = head + data
    pseudo = bytes(map(int, src.split("."))) + bytes(map(int, dst.split("."))) + struct.pack(
        ">BBH", 0, 136, len(whole))
    covered = whole[:coverage] if 8 <= coverage <= len(whole) else whole
    if value is None:
        value = checksum(pseudo + covered) or 0xFFFF
    return head[:6] + struct.pack(">H", value) + data


def framed(wire, a, payload):
    return Ether(src=wire.mac, dst=a.mac) / IP(src=PEER, dst=OURS, proto=136) / Raw(payload)


@pytest.mark.parametrize("coverage", [0, 8, 9, 12, 16, 18],
                         ids=["RQ-3828-01/0", "8", "9", "12", "16", "18"])
def test_a_right_coverage_is_accepted(net, bench, coverage):
    """[RFC3828 3.1]: from the header alone to all, and 0 for all."""
    a, wire = bench()
    s = a.udp(7, lite=True)
    wire.send(framed(wire, a, lite(b"ten octets", coverage)))
    got = s.recv(timeout=1)
    assert (got.data, got.port) == (b"ten octets", 4000)
    assert a.stats()["drops"] == {}


@pytest.mark.parametrize("coverage", [*range(1, 8), 19, 2000, 65535], ids=lambda n:
                         f"RQ-3828-02/{n}" if n < 8 else f"RQ-3828-03/{n}")
def test_an_impossible_coverage_is_dropped(net, bench, still_hears, coverage):
    """[RFC3828 3.1]: less than the header, more than the datagram."""
    a, wire = bench()
    s = a.udp(7, lite=True)
    wire.send(framed(wire, a, lite(b"ten octets", coverage)))
    assert s.recv(timeout="1ms") is None
    assert a.stats()["drops"] == {"udplite_bad_coverage": 1}
    still_hears(a, wire)


@pytest.mark.parametrize("coverage, damaged, kept", [
    pytest.param(8, 8, True, id="RQ-3828-04/behind-the-header"),
    pytest.param(12, 12, True, id="RQ-3828-04/behind-the-coverage"),
    pytest.param(12, 11, False, id="RQ-3828-04/last-of-the-coverage"),
    pytest.param(8, 1, False, id="RQ-3828-04/in-the-header"),
    pytest.param(0, 17, False, id="RQ-3828-01/last-of-all"),
    pytest.param(18, 17, False, id="last-of-full-coverage")])
def test_damage_matters_within_the_coverage_only(net, bench, coverage, damaged, kept):
    """[RFC3828 3.1]: behind it the application gets what came."""
    a, wire = bench()
    s = a.udp(7, lite=True)
    payload = bytearray(lite(b"ten octets", coverage))
    payload[damaged] ^= 0x20
    wire.send(framed(wire, a, bytes(payload)))
    got = s.recv(timeout="1ms")
    assert (got.data if got else None) == (bytes(payload[8:]) if kept else None)
    assert a.stats()["drops"] == ({} if kept else {"udp_bad_checksum": 1})


def test_a_checksum_of_zero_is_dropped(net, bench, still_hears):
    """[RFC3828 3.1]: unlike UDP's it may not be left out."""
    a, wire = bench()
    s = a.udp(7, lite=True)
    wire.send(framed(wire, a, lite(b"ten octets", 0, value=0)))
    with shows("RQ-3828-05"):
        assert s.recv(timeout="1ms") is None
        assert a.stats()["drops"] == {"udplite_zero_checksum": 1}
    still_hears(a, wire)


def test_less_than_a_header_is_dropped(net, bench, still_hears):
    """[RFC3828 3.1]: eight octets."""
    a, wire = bench()
    wire.send(framed(wire, a, bytes(7)))
    net.run(for_="1ms")
    assert a.stats()["drops"] == {"udp_short": 1}
    still_hears(a, wire)


def test_what_is_sent_covers_everything(net, bench):
    """[RFC3828 3.1], [RFC3828 3.2]: by default all, the field says how much, and Scapy agrees with
    the checksum over a pseudo-header of IP's length and protocol 136."""
    a, wire = bench()
    a.udp(5000, lite=True).send(b"ten octets", PEER, 7)
    got = wire.recv(timeout=1)
    sent = bytes(got[IP].payload)[:18]
    coverage = struct.unpack(">H", sent[4:6])[0]
    with shows("RQ-3828-06", "RQ-3828-07"):
        assert (got[IP].proto, coverage in (0, 18)) == (136, True)
        assert sent == lite(b"ten octets", coverage, sport=5000, src=OURS, dst=PEER)


def test_a_sum_of_zero_is_sent_as_all_ones(net, bench):
    """[RFC3828 3.1]: 0 would say that there is none, which is not allowed."""
    a, wire = bench()
    bare = lite(b"\0\0", 0, sport=5000, src=OURS, dst=PEER)
    missing = bare[6:8]  # as data it brings the sum to zero
    a.udp(5000, lite=True).send(missing, PEER, 7)
    sent = bytes(wire.recv(timeout=1)[IP].payload)[:10]
    with shows("RQ-3828-05"):
        assert sent[6:] == b"\xff\xff" + missing


def test_udp_alone_does_not_hear_it(net, bench, still_hears):
    """[RFC3828 5]: a host without a UDP-Lite socket has nobody at that port, whoever has UDP's."""
    a, wire = bench()
    plain = a.udp(7)
    packet = framed(wire, a, lite(b"light", 8))
    wire.send(packet)
    with shows("RQ-3828-10"):
        answer = wire.recv(timeout=1)
        assert (answer[ICMP].type, answer[ICMP].code) == (3, 3)
        assert bytes(answer[ICMP].payload) == bytes(packet[IP])[:28]
        assert plain.recv(timeout="1ms") is None
        assert a.stats()["drops"] == {"udp_no_port": 1}
    plain.close()
    still_hears(a, wire)


def test_the_protocols_do_not_mix(net, bench, datagram):
    """One port number, two sockets: each hears its own protocol."""
    a, wire = bench()
    plain, light = a.udp(7), a.udp(7, lite=True)
    wire.send([framed(wire, a, lite(b"light", 8)), datagram(a, wire, b"plain")])
    with shows("RQ-3828-09"):
        assert (light.recv(timeout=1).data, plain.recv(timeout=1).data) == (b"light", b"plain")
    plain.close()
    wire.send(datagram(a, wire, b"nobody"))
    assert light.recv(timeout="1ms") is None
    assert a.stats()["drops"] == {"udp_no_port": 1}


@pytest.mark.parametrize("size", [0, 1, 1472])
def test_two_hosts_talk(net, size):
    """From end to end, on time."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static(b.ip, b.mac)
    net.run(for_="1ms")
    receiver = b.udp(7, lite=True)
    a.udp(5000, lite=True).send(bytes(size), "10.0.0.2", 7)
    got = receiver.recv(timeout=1)
    assert (len(got.data), got.t_ns) == (size, 1_050_000 + 2 * wire_time(42 + size))
