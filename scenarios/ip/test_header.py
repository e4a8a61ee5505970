"""The header of every datagram is checked before anything in it is believed.

[RFC1122 3.2.1.1]: a version that is not 4 is silently discarded. [RFC1122 3.2.1.2]: so is a wrong
header checksum. [RFC791 3.1]: lengths. [RFC894]: padding of short frames is no part of the
datagram."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.packet import Raw
from scapy.utils import checksum

from lockwire import shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"
LENGTHS = (("lenerr", "drop"), ("ipindiscards", "ipinreceives"))
HEADER = (("err", "drop"), ("ipinhdrerrors", "ipinreceives"))


@pytest.mark.parametrize("version", [0, 1, 3, 5, 6, 15])
def test_other_version_is_discarded(bench, version):
    """[RFC1122 3.2.1.1]: silently, whatever else the header says."""
    b = bench()
    b.send(b.spoilt(bytes(b.datagram(bytes(40))), 0, bytes([version << 4 | 5])))
    assert b.dropped(*HEADER) == {"ip4_bad_version": 1}
    b.still_works()


@pytest.mark.parametrize("ihl", range(5))
def test_header_shorter_than_a_header(bench, ihl):
    """[RFC791 3.1 IHL]: the minimum is 5 words."""
    b = bench()
    b.send(b.spoilt(bytes(b.datagram(bytes(40))), 0, bytes([0x40 | ihl])))
    with shows("RQ-791-01"):
        assert b.dropped(*LENGTHS) == {"ip4_bad_header_length": 1}
    b.still_works()


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
@pytest.mark.parametrize("ihl", [6, 10, 15])
def test_header_longer_than_the_frame(bench, ihl):
    """[RFC791 3.1 IHL]: a frame that ends where the fixed header ends holds no options."""
    b = bench()
    b.send(b.spoilt(bytes(IP(src=TESTER, dst=HOST, proto=17)), 0, bytes([0x40 | ihl])))
    assert b.dropped(*LENGTHS) == {"ip4_bad_header_length": 1}
    b.still_works()


@pytest.mark.parametrize("ihl, total", [(5, 0), (5, 19), (6, 23), (15, 40), (15, 59)])
def test_header_longer_than_the_datagram(bench, ihl, total):
    """[RFC791 3.1 Total Length]: it counts the header and cannot be less."""
    b = bench()
    octets = b.spoilt(bytes(b.datagram(bytes(60))), 0, bytes([0x40 | ihl]))
    b.send(b.spoilt(octets, 2, total.to_bytes(2, "big")))
    assert b.dropped(*LENGTHS) == {"ip4_header_beyond_total": 1}
    b.still_works()


@pytest.mark.parametrize("more", [1, 8, 1000, 65535 - 88])
def test_datagram_longer_than_the_frame(bench, more):
    """[RFC791 3.1 Total Length]: what is not there cannot be delivered."""
    b = bench()
    octets = bytes(b.datagram(bytes(60)))
    b.send(b.spoilt(octets, 2, (len(octets) + more).to_bytes(2, "big")))
    assert b.dropped(*LENGTHS) == {"ip4_truncated": 1}
    b.still_works()


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
@pytest.mark.parametrize("length", [1, 4, 10, 19, 20, 27, 28, 64])
def test_datagram_cut_short(bench, length):
    """[RFC791 3.1 Total Length]: a good datagram that ends too early, at every kind of place."""
    b = bench()
    b.send(bytes(b.datagram(bytes(40)))[:length])
    reason = "ip4_too_short" if length < 20 else "ip4_truncated"
    assert b.dropped(*LENGTHS) == {reason: 1}
    b.still_works()


@pytest.mark.parametrize("flip", [0x0001, 0x0100, 0x8000, 0xFFFF], ids=hex)
@pytest.mark.parametrize("options", [b"", b"\x01" * 40], ids=["plain", "options"])
def test_wrong_checksum_is_discarded(bench, flip, options):
    """[RFC1122 3.2.1.2]: a host MUST verify the checksum and silently discard; options are
    covered."""
    b = bench()
    sent = b.datagram(options=options)
    sent.chksum = IP(bytes(sent)).chksum ^ flip
    b.send(sent)
    assert b.dropped(("chkerr", "drop"), ("ipinhdrerrors",)) == {"ip4_bad_checksum": 1}
    b.still_works()


@pytest.mark.parametrize("zero", [0x0000, 0xFFFF], ids=hex)
def test_both_zeros_are_right(bench, zero):
    """[RFC1071 4.1]: ones' complement has two zeros; a header whose sum is one may carry either."""
    b = bench()
    bare = bytearray(bytes(b.datagram(b"zero", id=0, chksum=0))[:20])
    number = checksum(bytes(bare))  # what identification 0 leaves over brings the sum to zero
    sent = b.datagram(b"zero", id=number)
    assert IP(bytes(sent)).chksum in (0, 0xFFFF)
    sent.chksum = zero
    b.send(sent)
    assert b.socket.recv(timeout=1).data == b"zero"
    b.still_works()


CHECK_IP, ALL = 0x0100, 0xFFFF


def test_interface_that_checks_for_itself(bench):
    """[RFC1122 3.2.1.2]: with NETIF_CHECKSUM_CHECK_IP off the stack trusts the interface."""
    b = bench(checksum=ALL & ~CHECK_IP)
    b.send(b.datagram(b"unchecked", chksum=0xDEAD))
    assert b.socket.recv(timeout=1).data == b"unchecked"
    assert b.dropped() == {}
    b.still_works()


@pytest.mark.parametrize("ttl", [0, 1, 255])
def test_ttl_does_not_matter_to_the_receiver(bench, ttl):
    """[RFC1122 3.2.1.7]: a host MUST NOT discard a datagram just because its TTL is less than 2."""
    b = bench()
    b.send(b.datagram(ttl=ttl))
    got = b.socket.recv(timeout=1)
    assert (got.data, got.ttl) == (b"hello", ttl)
    b.still_works()


@pytest.mark.parametrize("padding", [1, 13, 400])
@pytest.mark.parametrize("data", [b"", b"x", bytes(100)], ids=len)
@pytest.mark.parametrize("options", [{}, {"pbuf_pool_bufsize": 80}], ids=["whole", "chained"])
def test_padding_is_cut_off(bench, padding, data, options):
    """[RFC894]: what lies behind the total length is neither delivered nor returned, also where it
    fills buffers of its own."""
    b = bench(**options)
    raw = b.a.raw(17)
    sent = b.datagram(data)
    b.send(bytes(sent) + b"\xEE" * padding)
    assert b.socket.recv(timeout=1).data == data
    assert raw.recv(timeout=1).data == bytes(sent)
    raw.close()
    b.send(bytes(IP(src=TESTER, dst=HOST) / ICMP(type=8) / Raw(data)) + b"\xEE" * padding)
    reply = b.wire.recv(timeout=1)
    assert bytes(reply[IP])[28:reply[IP].len] == data
    assert reply[IP].len == 28 + len(data)
    b.still_works()


@pytest.mark.parametrize("flags", ["DF", "evil", "DF+evil"])
def test_flags_of_a_whole_datagram_do_not_matter(bench, flags):
    """[RFC791 3.1 Flags]: neither DF nor the reserved bit makes a fragment."""
    b = bench()
    b.send(b.datagram(flags=flags))
    assert b.socket.recv(timeout=1).data == b"hello"
    assert b.a.stats()["lwip"]["ip_frag"]["recv"] == 0
    b.still_works()


@pytest.mark.parametrize("options", [{"rx": "flat"}, {"pbuf_pool_bufsize": 80}],
                         ids=["flat", "chained"])
def test_buffers_make_no_difference(bench, options):
    """[RFC791 3.1]: delivery and the checks on length are the same for one buffer and for a
    chain."""
    b = bench(**options)
    sent = bytes(b.datagram(bytes(range(256)) * 4))
    b.send(sent)
    assert b.socket.recv(timeout=1).data == bytes(range(256)) * 4
    b.send(sent[:-1])
    assert b.dropped(("lenerr",)) == {"ip4_truncated": 1}
    b.still_works()
