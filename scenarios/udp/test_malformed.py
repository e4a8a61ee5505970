"""Datagrams that lie about length or checksum: dropped by name, or read as far as they are right.

[RFC768]: the length counts header and data, at least 8; a checksum of 0 means none was made."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import shows


@pytest.mark.parametrize("length, reason", [
    *((n, "udp_length_small") for n in range(8)),
    (13, "udp_length_large"), (65535, "udp_length_large")])
def test_a_lying_length_is_dropped(net, bench, datagram, still_hears, length, reason):
    """[RFC768]: less than the header, or more than the datagram."""
    a, wire = bench()
    s = a.udp(7)
    wire.send(datagram(a, wire, b"data", len=length))
    with shows("RQ-768-01"):
        assert s.recv(timeout="10ms") is None
        stats = a.stats()
        assert stats["drops"] == {reason: 1}
        assert (stats["lwip"]["udp"]["lenerr"], stats["mib2"]["udpinerrors"]) == (1, 1)
    still_hears(a, wire)


@pytest.mark.parametrize("length, data", [(8, b""), (9, b"d"), (12, b"data")])
def test_what_is_behind_the_length_is_no_data(net, bench, length, data):
    """[RFC768]: IP's length may be larger; UDP's wins, in the checksum too."""
    a, wire = bench()
    s = a.udp(7)
    head = IP(src="10.0.0.254", dst="10.0.0.1", proto=17)
    right = UDP(bytes((head / UDP(sport=4000, dport=7) / Raw(data))[UDP]))
    rubbish = Raw(b"data-and-rubbish"[len(data):])
    wire.send(Ether(src=wire.mac, dst=a.mac) / head / bytes(right) / rubbish)
    assert s.recv(timeout=1).data == data
    assert a.stats()["drops"] == {}


@pytest.mark.parametrize("octets", [0, 1, 7])
def test_less_than_a_header_is_dropped(net, bench, still_hears, octets):
    """[RFC768]: eight octets, or it is no datagram."""
    a, wire = bench()
    wire.send(Ether(src=wire.mac, dst=a.mac) / IP(src="10.0.0.254", dst="10.0.0.1", proto=17)
              / Raw(bytes(octets)))
    net.run(for_="1ms")
    assert a.stats()["drops"] == {"udp_short": 1}
    still_hears(a, wire)


@pytest.mark.parametrize("checksum", [1, 0xFFFF, 0xDEAD])
def test_a_wrong_checksum_is_dropped(net, bench, datagram, still_hears, checksum):
    """[RFC1122 4.1.3.4]: silently: no ICMP error, not even for a closed port."""
    a, wire = bench()
    s = a.udp(7)
    wire.send([datagram(a, wire, dport=port, chksum=checksum) for port in (7, 9)])
    assert s.recv(timeout="10ms") is None
    stats = a.stats()
    assert stats["drops"] == {"udp_bad_checksum": 2}
    assert (stats["lwip"]["udp"]["chkerr"], stats["mib2"]["udpinerrors"]) == (2, 2)
    still_hears(a, wire)


def test_each_bit_of_the_datagram_is_covered(net, bench, datagram, still_hears):
    """[RFC1122 4.1.3.4]: one flipped bit anywhere in ports, checksum or data is noticed. Not so in
    the length field, which has its own reasons to be refused."""
    a, wire = bench()
    s = a.udp(7)
    good = bytes(datagram(a, wire, b"abc"))
    bits = [i for i in range(8 * 34, 8 * len(good)) if not 8 * 38 <= i < 8 * 40]
    for i in bits:
        bad = bytearray(good)
        bad[i // 8] ^= 0x80 >> i % 8
        wire.send(bytes(bad))
    net.run(for_="10ms")
    assert s.recv(timeout=0) is None
    assert a.stats()["drops"] == {"udp_bad_checksum": len(bits)}
    still_hears(a, wire)


def test_no_checksum_is_accepted(net, bench, datagram):
    """[RFC768]: 0 means that the sender made none."""
    a, wire = bench()
    s = a.udp(7)
    wire.send(datagram(a, wire, b"unchecked", chksum=0))
    with shows("RQ-768-03"):
        assert s.recv(timeout=1).data == b"unchecked"


def test_a_checksum_over_the_wrong_address_is_noticed(net, bench, still_hears):
    """[RFC768]: the pseudo header guards against datagrams that went astray."""
    a, wire = bench()
    s = a.udp(7)
    meant = IP(src="10.0.0.254", dst="10.0.0.2") / UDP(sport=4000, dport=7) / b"astray"
    wire.send(Ether(src=wire.mac, dst=a.mac)
              / IP(src="10.0.0.254", dst="10.0.0.1", proto=17) / Raw(bytes(meant[UDP])))
    assert s.recv(timeout="10ms") is None
    assert a.stats()["drops"] == {"udp_bad_checksum": 1}
    still_hears(a, wire)


@pytest.mark.parametrize("sport", [0, 1, 65535], ids=["RQ-768-04/0", "1", "65535"])
def test_any_source_port_is_heard(net, bench, datagram, sport):
    """[RFC768]: the source port is optional; 0 says that there is none."""
    a, wire = bench()
    s = a.udp(7)
    wire.send(datagram(a, wire, sport=sport))
    assert s.recv(timeout=1).port == sport


def test_port_zero_is_nobodys(net, bench, datagram, still_hears):
    """No socket has it, and no error says so."""
    a, wire = bench()
    wire.send(datagram(a, wire, dport=0))
    net.run(for_="1ms")
    assert a.stats()["drops"] == {"udp_port_zero": 1}
    still_hears(a, wire)


@pytest.mark.parametrize("mask, kept", [(0xFFFF & ~0x0200, True), (0xFFFF, False)],
                         ids=["off", "on"])
def test_checking_can_be_switched_off(net, bench, datagram, mask, kept):
    """lwIP's NETIF_CHECKSUM_CHECK_UDP of the interface."""
    a, wire = bench(checksum=mask)
    s = a.udp(7)
    wire.send(datagram(a, wire, b"who knows", chksum=0xDEAD))
    got = s.recv(timeout="10ms")
    assert (got is not None) == kept
    assert a.stats()["drops"] == ({} if kept else {"udp_bad_checksum": 1})
