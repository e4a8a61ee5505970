"""RFC 1122's rules for UDP, a scenario for each row of scripts/catalogue/rfc.tsv.

[RFC1122 4.1.3]. What an application learns and sets, and errors, are shown with IP and ICMP
(test_host_rules.py there)."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.utils import checksum

from lockwire import shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"


@pytest.mark.parametrize("size", [0, 1, 2, 999, 1472])
def test_checksum_is_generated(bench, size):
    """[RFC1122 4.1.3.4]: by default, over pseudo header, header and data (Scapy's sum)."""
    a, wire = bench()
    a.udp(5000).send((bytes(range(256)) * 6)[:size], TESTER, 9)
    got = wire.recv(timeout="1ms")[IP]
    with shows("RQ-1122-68"):
        again = UDP(bytes(got[UDP])[:got[UDP].len])
        value = again.chksum
        del again.chksum
        assert value == UDP(bytes(IP(src=HOST, dst=TESTER) / again)[20:]).chksum != 0


def test_checksum_is_verified(bench, datagram, still_hears):
    """[RFC1122 4.1.3.4]: one wrong bit and the datagram is silently discarded; 0 says that there
    is none."""
    a, wire = bench()
    socket = a.udp(7)
    good = Ether(bytes(datagram(a, wire)))[UDP].chksum
    for bit in range(16):
        wire.send(datagram(a, wire, chksum=good ^ 1 << bit))
    wire.send(datagram(a, wire, b"none", chksum=0))
    with shows("RQ-1122-68"):
        assert socket.recv(timeout="1ms").data == b"none"
        assert socket.recv(timeout="1ms") is None
        assert a.stats()["drops"] == {"udp_bad_checksum": 16}
        assert a.stats()["lwip"]["udp"]["chkerr"] == 16
    still_hears(a, wire)


def test_checksum_of_zero_is_sent_as_ones(bench):
    """[RFC1122 4.1.3.4]: of the 65536 values of one data word exactly one makes the sum 0; it is
    sent as 0xFFFF, and 0 only when the socket wants none."""
    a, wire = bench()
    socket = a.udp(5000)
    socket.send(b"\0\0", TESTER, 9)
    word = wire.recv(timeout="1ms")[UDP].chksum  # added to what it covers it makes the sum all ones
    socket.send(word.to_bytes(2, "big"), TESTER, 9)
    with shows("RQ-1122-69"):
        got = wire.recv(timeout="1ms")[IP]
        assert got[UDP].chksum == 0xFFFF
        covered = got.src.split(".") + got.dst.split(".")
        pseudo = bytes(map(int, covered)) + bytes([0, 17, 0, 10])
        assert checksum(pseudo + bytes(got[UDP])[:6] + b"\0\0" + word.to_bytes(2, "big")) == 0
        socket.send(b"x", TESTER, 9, nochksum=True)
        assert wire.recv(timeout="1ms")[UDP].chksum == 0


def test_port_without_a_socket(bench, datagram):
    """[RFC1122 4.1.3.1]: port unreachable while nobody is there."""
    a, wire = bench()
    wire.send(datagram(a, wire, dport=4444))
    with shows("RQ-1122-65"):
        got = wire.recv(timeout="1ms")
        assert (got[ICMP].type, got[ICMP].code) == (3, 3)
    with a.udp(4444) as socket:
        wire.send(datagram(a, wire, dport=4444))
        got = socket.recv(timeout="1ms")
        with shows("RQ-1122-73"):
            assert (got.data, got.addr, got.port, got.dst) == (b"data", TESTER, 4000, HOST)
    assert wire.pending == 0


@pytest.mark.parametrize("src", ["10.0.0.255", "255.255.255.255", "224.0.0.1", "127.0.0.1",
                                 "0.0.0.0", "240.0.0.1", HOST])
def test_invalid_source(bench, datagram, src):
    """[RFC1122 4.1.3.6]: discarded by IP before UDP sees it: open port or closed, no answer."""
    a, wire = bench()
    socket = a.udp(7)
    for port in (7, 4444):
        wire.send(datagram(a, wire, src=src, dport=port))
    with shows("RQ-1122-71"):
        assert socket.recv(timeout="1s") is None
        assert wire.recv(timeout="1s") is None
        assert sum(a.stats()["drops"].values()) == 2
        assert a.stats()["lwip"]["udp"]["recv"] == 0
