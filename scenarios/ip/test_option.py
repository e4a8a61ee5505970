"""Options of a datagram for this host: sound ones pass, spoilt ones are answered with their place.

[RFC1122 3.2.1.8]: a host understands what it must and ignores the rest. [RFC1122 3.2.2.5]: the
pointer of the parameter problem names the octet. [RFC1122 3.3.5]: source routes are refused."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
ADDRESS = bytes([192, 0, 2, 1])

SOUND = [("one nop", b"\x01"), ("forty nops", b"\x01" * 40), ("end at once", b"\0" * 4),
         ("garbage behind the end", b"\x01\x00\x07\xFF\x44\x01\x83\x00"),
         ("record route", b"\x07\x27\x04" + bytes(36) + b"\0"),
         ("record route, full", b"\x07\x07\x08" + ADDRESS),
         ("record route without a slot", b"\x07\x03\x04\x00"),
         ("time stamp", b"\x44\x0c\x05\x00" + bytes(8)), ("time stamp, full",
                                                          b"\x44\x08\x09\x70" + bytes(4)),
         ("time stamp and address", b"\x44\x0c\x05\x01" + bytes(8)),
         ("time stamp, prespecified", b"\x44\x0c\x05\x03" + ADDRESS + bytes(4)),
         ("stream identifier", b"\x88\x04\x00\x07"), ("router alert", b"\x94\x04\x00\x00"),
         ("security", b"\x82\x0b" + bytes(9) + b"\0"), ("unknown", b"\x5e\x06abcd\x01\x01"),
         ("unknown, empty", b"\xde\x02\x01\x01"), ("two of a kind",
                                                   b"\x07\x07\x04" + bytes(4) + b"\x01" +
                                                  b"\x07\x07\x04" + bytes(4) + b"\x01")]

BAD = [("no length", b"\x01\x01\x01\x07", 23), ("length 0", b"\x5e\x00\x01\x01", 21),
       ("length 1", b"\x5e\x01\x01\x01", 21), ("length beyond the header", b"\x5e\x05\x01\x01", 21),
       ("second one beyond", b"\x5e\x04ab\x01\x5e\x04a", 26),
       ("second one without length", b"\x94\x04\x00\x00\x01\x01\x01\x44", 27),
       ("route of 2", b"\x07\x02\x01\x01", 21), ("route pointer 0", b"\x07\x07\x00" + bytes(5), 22),
       ("route pointer 3", b"\x07\x07\x03" + bytes(5), 22),
       ("route pointer between slots", b"\x07\x0b\x05" + bytes(9), 22),
       ("route pointer cuts a slot", b"\x07\x0a\x08" + bytes(9), 22),
       ("time stamp of 3", b"\x44\x03\x05\x00", 21), ("time stamp pointer 4",
                                                      b"\x44\x08\x04\x00" + bytes(4), 22),
       ("time stamp pointer between", b"\x44\x0c\x06\x00" + bytes(8), 22),
       ("time stamp pair, half a slot", b"\x44\x0c\x09\x01" + bytes(8), 22),
       ("time stamp flag 2", b"\x44\x08\x05\x02" + bytes(4), 23),
       ("router alert of 3", b"\x94\x03\x00\x00", 21), ("router alert of 5",
                                                        b"\x94\x05\x00\x00\x00\x00\x00\x00", 21),
       ("two loose routes", b"\x83\x07\x04" + ADDRESS + b"\x83\x07\x04" + ADDRESS + b"\0\0", 27),
       ("loose and strict route", b"\x83\x07\x08" + ADDRESS + b"\x89\x07\x04" + ADDRESS + b"\0\0",
        27)]


def error(b, sent, length, **icmp):
    """The ICMP error about `sent`, as it has to be."""
    return bytes(Ether(src=b.a.mac, dst=b.wire.mac) / IP(src=HOST, dst=TESTER, id=0, ttl=255, tos=0)
                 / ICMP(**icmp) / Raw(bytes(sent)[:length]))


def with_options(b, area, data=b"hello"):
    """A datagram with exactly these octets of options (Scapy would read some of them
    differently)."""
    area = area.ljust(-(-len(area) // 4) * 4, b"\0")
    octets = bytes(b.datagram(data))
    octets = octets[:20] + area + octets[20:]
    octets = b.spoilt(octets, 0, bytes([0x45 + len(area) // 4]))
    return b.spoilt(octets, 2, len(octets).to_bytes(2, "big"))


@pytest.mark.parametrize("area", [s[1] for s in SOUND], ids=[s[0] for s in SOUND])
def test_sound_options_do_no_harm(bench, area):
    """[RFC1122 3.2.1.8]: known or not, the datagram is delivered and a raw socket sees them
    unchanged."""
    b = bench()
    raw = b.a.raw(17)
    sent = with_options(b, area)
    b.send(sent)
    assert b.socket.recv(timeout=1).data == b"hello"
    assert raw.recv(timeout=1).data == sent
    assert b.dropped() == {}
    raw.close()
    b.still_works()


@pytest.mark.parametrize("length", range(4, 44, 4))
def test_every_header_length(bench, length):
    """[RFC791 3.1 IHL]: data begins where the header says."""
    b = bench()
    b.send(with_options(b, b"\x01" * length, bytes(range(length))))
    assert b.socket.recv(timeout=1).data == bytes(range(length))
    b.still_works()


@pytest.mark.parametrize("area, pointer", [s[1:] for s in BAD], ids=[s[0] for s in BAD])
def test_malformed_option_is_answered_with_its_place(bench, area, pointer):
    """[RFC1122 3.2.2.5], [RFC1122 3.2.1.8(c)], [RFC2113 2.1]: the pointer counts from the header's
    start; header and options return as they came, with 8 octets."""
    b = bench()
    sent = with_options(b, area)
    b.send(sent)
    quote = (sent[0] & 15) * 4 + 8
    assert b.wire.recv_bytes(timeout=1).data == error(b, sent, quote, type=12, code=0, ptr=pointer)
    assert b.dropped(("opterr", "drop"), ("ipinhdrerrors",)) == {"ip4_bad_option": 1}
    b.still_works()


@pytest.mark.parametrize("kind", [0x83, 0x89], ids=["loose", "strict"])
@pytest.mark.parametrize("pointer", [4, 8, 12], ids=["to go", "last hop", "at its end"])
def test_source_route_is_refused(bench, kind, pointer):
    """[RFC1122 3.3.5]: code 5, wherever on its way the datagram is."""
    b = bench()
    sent = with_options(b, bytes([kind, 11, pointer]) + ADDRESS * 2 + b"\0")
    b.send(sent)
    assert b.wire.recv_bytes(timeout=1).data == error(b, sent, 40, type=3, code=5)
    assert b.dropped(("opterr", "drop")) == {"ip4_source_route": 1}
    b.still_works()


def test_bad_options_of_others_are_none_of_our_business(bench):
    """[RFC1122 3.2.1.3]: a datagram that is not ours is discarded for that, without an answer."""
    b = bench()
    octets = with_options(b, b"\x5e\x00\x01\x01")
    b.send(b.spoilt(octets, 16, bytes([10, 0, 0, 9])))
    assert b.dropped() == {"ip4_not_ours": 1}
    b.still_works()


@pytest.mark.parametrize("area", [b"\x01" * 4, b"\x5e\x00\x01\x01",
                                  b"\x83\x07\x04" + ADDRESS + b"\0"],
                         ids=["sound", "malformed", "source route"])
def test_options_may_be_refused_altogether(bench, area):
    """[RFC1122 3.2.1.8]: ip_options_allowed 0, as lwIP offers: discarded without an answer."""
    b = bench(ip_options_allowed=0)
    b.send(with_options(b, area))
    assert b.dropped(("opterr", "drop")) == {"ip4_options_refused": 1}
    b.still_works()


def test_igmp_may_carry_options_where_nobody_else_may(bench):
    """[RFC2236 2]: IGMP comes with router alert: a query is taken, the group is reported."""
    b = bench(ip_options_allowed=0)
    b.a.igmp_join("239.1.2.3")
    b.net.run(for_="30s")
    b.wire.clear()
    query = bytes.fromhex("1101") + bytes(6)
    total = sum(int.from_bytes(query[i:i + 2], "big") for i in range(0, 8, 2))
    query = query[:2] + (~total & 0xFFFF).to_bytes(2, "big") + query[4:]
    b.send(IP(src=TESTER, dst="224.0.0.1", proto=2, ttl=1,
              options=b"\x94\x04\x00\x00") / Raw(query),
           dst="01:00:5e:00:00:01")
    assert "239.1.2.3" in {p[IP].dst for p in b.wire.sniff(timeout="1s")}
    assert b.dropped() == {}
    b.still_works()
