"""IPv4 headers that lie about version, length or address, and options of every broken kind."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
D24, ELSEWHERE, FAR_NOBODY = "10.2.0.2", "192.0.2.9", "10.2.0.77"
E = Ether(src=T, dst=D)
ALL = "ff:ff:ff:ff:ff:ff"


def ip(**fields):
    """An IP header from the tester to the host, but for `fields`."""
    return IP(**{"src": T4, "dst": D4, **fields})


def ping(**fields):
    """A frame with an echo request."""
    return E / ip(**fields) / ICMP(id=1, seq=2) / b"data"


def udp(port=7, **fields):
    """A frame with a datagram, for a port that is open unless another is given."""
    return E / ip(**fields) / UDP(sport=9, dport=port) / b"data"


def counted(*names):
    """lwIP's counters of the group ip, one each."""
    return {f"ip.{name}": 1 for name in names}


def length(reason):
    """The header's lengths are impossible."""
    return dict(drops={reason: 1}, counters=counted("lenerr", "drop"))


def address(reason):
    """The addresses are."""
    return dict(drops={reason: 1}, counters=counted("drop"))


def problem(at):
    """Octet `at` of the header is wrong: so says a parameter problem."""
    return dict(drops={"ip4_bad_option": 1}, counters=counted("opterr", "drop"),
                replies=("error", 12, 0, at << 24))


SOURCE_ROUTE = dict(drops={"ip4_source_route": 1}, counters=counted("opterr", "drop"),
                    replies=("error", 3, 5))
UNKNOWN = dict(drops={"ip4_no_protocol": 1}, counters=counted("proterr", "drop"))


def echoed(options, came_back=b""):
    """A ping with these options is answered, with those."""
    return dict(frames=[ping(options=options)],
                replies=lambda b: [b.echo(b.sent[0], options=came_back)])


def route(kind, pointer, addresses=b"", size=None):
    """A route option, padded with End of Options."""
    option = bytes([kind, size or 3 + len(addresses), pointer]) + addresses
    return option + bytes(-len(option) % 4)


def stamp(pointer, flags, slots=8, size=None):
    """A timestamp option."""
    option = bytes([0x44, size or 4 + slots, pointer, flags]) + bytes(slots)
    return option + bytes(-len(option) % 4)


OTHER = bytes([10, 0, 0, 66])
TUNNEL = bytes(IP(src=T4, dst=D4, len=30) / UDP(sport=9, dport=7) / Raw(b"x" * 64))
INNER = bytes(UDP(sport=9, dport=7, chksum=0, len=48) / Raw(bytes(range(40))))
FIRST, SECOND = INNER[:24], INNER[24:]

ROWS = [
    *[dict(id=f"MF-IP4-01/version-{v}", what="another version in a frame of type IPv4",
           frames=[ping(version=v)], drops={"ip4_bad_version": 1},
           counters=counted("err", "drop")) for v in (0, 6, 15)],
    *[dict(id=f"MF-IP4-02/ihl-{n}", what="a header of less than 20 bytes",
           frames=[ping(ihl=n)], **length("ip4_bad_header_length")) for n in (4, 3, 2, 1, 0)],
    dict(id="MF-IP4-04/34-bytes", what="a header that is longer than its frame",
         frames=[bytes(E / ip(ihl=15, len=20, proto=17))], **length("ip4_bad_header_length")),
    dict(id="MF-IP4-04/60-bytes", what="the same in a frame that was padded",
         frames=[bytes(E / ip(ihl=15, len=20, proto=17)).ljust(60, b"\0")],
         **length("ip4_bad_header_length")),
    dict(id="MF-IP4-04/long-frame", what="a header that is longer than the datagram",
         frames=[bytes(E / ip(ihl=15, len=20, proto=17)).ljust(100, b"\x01")],
         **length("ip4_header_beyond_total")),
    *[dict(id=f"MF-IP4-05/len-{n}", what="a total length less than the header's",
           frames=[udp(len=n)], **length("ip4_header_beyond_total")) for n in (0, 1, 19)],
    dict(id="MF-IP4-05/len-23-of-ihl-6", what="the same with options",
         frames=[udp(len=23, options=b"\x01" * 4)], **length("ip4_header_beyond_total")),
    dict(id="MF-IP4-06/ping", what="100 bytes are announced, 60 came",
         frames=[E / ip(len=100) / ICMP() / Raw(b"x" * 32)], **length("ip4_truncated")),
    dict(id="MF-IP4-06/udp", what="the same as a datagram for an open port",
         frames=[E / ip(len=100) / UDP(sport=9, dport=7, len=80, chksum=0) / Raw(b"x" * 32)],
         **length("ip4_truncated")),
    dict(id="MF-IP4-06/one-byte", what="one byte is missing",
         frames=[bytes(ping(id=3))[:-1].ljust(45, b"x")], **length("ip4_truncated")),
    dict(id="MF-IP4-07", what="a ping of 28 bytes and 18 of padding",
         frames=[bytes(E / ip() / ICMP(id=1)) + b"\xee" * 18], replies="echo"),
    dict(id="MF-IP4-08", what="a wrong header checksum",
         frames=[ping(chksum=0x1234)], drops={"ip4_bad_checksum": 1},
         counters=counted("chkerr", "drop")),
    *[dict(id=f"MF-IP4-10/ttl-{n}", what="a time to live that ends here",
           frames=[ping(ttl=n)], replies="echo",
           note="ttl 0 is answered too: it is here, and no router's business any more")
      for n in (0, 1)],
    dict(id="MF-IP4-11/syn", what="a SYN from the host to itself (LAND)",
         frames=[E / ip(src=D4) / TCP(sport=80, dport=80, flags="S")],
         **address("ip4_own_source")),
    dict(id="MF-IP4-11/ping", what="a ping from the host to itself",
         frames=[ping(src=D4)], **address("ip4_own_source")),
    dict(id="MF-IP4-11/other-interface", what="from the host's address on the other segment",
         frames=[udp(src=D24)], **address("ip4_own_source")),
    dict(id="MF-IP4-12/source", what="from 127.0.0.1",
         frames=[udp(src="127.0.0.1")], **address("ip4_martian")),
    dict(id="MF-IP4-12/destination", what="to 127.0.0.1, where a service listens",
         frames=[udp(dst="127.0.0.1")], **address("ip4_martian")),
    dict(id="MF-IP4-13/ping", what="a ping from 0.0.0.0",
         frames=[ping(src="0.0.0.0")], **address("ip4_bad_source")),
    dict(id="MF-IP4-13/bootp", what="to the BOOTP client's port from 0.0.0.0",
         frames=[udp(68, src="0.0.0.0")], **address("ip4_bad_source"),
         note="nobody asked for an address here"),
    *[dict(id=f"MF-IP4-14/{kind}-{src}", what="from an address that is not one host's",
           frames=[frame], **address("ip4_bad_source"))
      for src in ("255.255.255.255", "10.0.0.255", "224.1.2.3", "240.0.0.1", "10.2.0.255")
      for kind, frame in (("syn", E / ip(src=src) / TCP(dport=7, flags="S")),
                          ("udp", udp(src=src)))],
    dict(id="MF-IP4-16/network", what="to the network's own address",
         frames=[udp(dst="10.0.0.0")], **address("ip4_forward_same_netif"),
         note="the all-zeros form of broadcast is not taken: it is obsolete"),
    dict(id="MF-IP4-16/network-without-forwarding", what="the same at a host that is no router",
         frames=[udp(dst="10.0.0.0"), udp(99, dst="10.0.0.0")], options={"ip_forward": 0},
         drops={"ip4_not_ours": 2}, counters={"ip.drop": 2}),
    dict(id="MF-IP4-16/any", what="to 0.0.0.0, an open port and a closed one",
         frames=[udp(dst="0.0.0.0"), udp(99, dst="0.0.0.0")], heard={"echo": [b"data"]},
         drops={"udp_no_port": 1}, counters={"udp.proterr": 1, "udp.drop": 1},
         note="taken as the limited broadcast, as lwIP does; never an error"),
    dict(id="MF-IP4-17", what="the reserved bit is set",
         frames=[ping(flags="evil")], replies="echo", note="nobody looks at it"),
    dict(id="MF-IP4-18", what="a first fragment with DF and MF",
         frames=[E / ip(flags="DF+MF", id=7, proto=17) / Raw(bytes(8))], held=(1, 1),
         late=lambda b: [b.error(b.sent[0], 11, 1)], late_drops={"ip4_reass_timeout": 1},
         note="a fragment like any other"),
    *[dict(id=f"MF-IP4-20/proto-{n}", what="a protocol that does not exist over IPv4",
           frames=[E / ip(proto=n) / Raw(bytes(16))], replies=("error", 3, 2), **UNKNOWN)
      for n in (255, 0)],
    dict(id="MF-IP4-21", what="an IP-in-IP datagram in two fragments, the inner one shorter",
         frames=[E / ip(id=9, proto=4, flags="MF") / Raw(TUNNEL[:48]),
                 E / ip(id=9, proto=4, frag=6) / Raw(TUNNEL[48:])],
         replies=lambda b: [b.error(E / ip(id=9, proto=4) / Raw(TUNNEL), 3, 2)], **UNKNOWN,
         note="no tunnels here: reassembled, then refused as an unknown protocol"),
    dict(id="MF-IP4-23", what="ten bytes of IPv6 inside IPv4",
         frames=[E / ip(proto=41) / Raw(bytes(IPv6())[:10])], replies=("error", 3, 2),
         **UNKNOWN),
    dict(id="MF-IP4-24/forwarding", what="UDP for somebody else, its header missing",
         frames=[bytes(E / ip(dst="10.0.0.200", proto=17, len=20))],
         **address("ip4_forward_same_netif")),
    dict(id="MF-IP4-24/host", what="the same at a host that is no router",
         frames=[bytes(E / ip(dst="10.0.0.200", proto=17, len=20))], options={"ip_forward": 0},
         **address("ip4_not_ours")),
    dict(id="MF-IP4-25/end", what="40 octets of End of Options", **echoed(bytes(40))),
    dict(id="MF-IP4-25/nop", what="40 octets of No Operation", **echoed(b"\x01" * 40)),
    *[dict(id=f"MF-IP4-25/{name}-refused", what="the same, and options are not allowed",
           frames=[ping(options=options)], options={"ip_options_allowed": 0},
           drops={"ip4_options_refused": 1}, counters=counted("opterr", "drop"))
      for name, options in (("end", bytes(40)), ("nop", b"\x01" * 40))],
    dict(id="MF-IP4-26/record-route", what="a record-route option of length 0",
         frames=[ping(options=b"\x07\x00\x04\x00")], **problem(21)),
    dict(id="MF-IP4-26/unknown", what="an unknown option of length 0, behind a NOP",
         frames=[ping(options=b"\x01\x63\x00\x00")], **problem(22)),
    dict(id="MF-IP4-26/length-1", what="an option of length 1",
         frames=[ping(options=b"\x63\x01\x00\x00")], **problem(21)),
    dict(id="MF-IP4-28/record-route", what="an option that is longer than the header",
         frames=[ping(options=b"\x07\x27\x04\x00")], **problem(21)),
    dict(id="MF-IP4-28/last-octet", what="an option type in the header's last octet",
         frames=[ping(options=b"\x01\x01\x01\x07")], **problem(23)),
    *[dict(id=f"MF-IP4-29/pointer-{n}", what="a record-route pointer that points at no slot",
           frames=[ping(options=route(7, n, bytes(8)))], **problem(22)) for n in (0, 1, 3, 5)],
    dict(id="MF-IP4-29/pointer-255", what="a record-route pointer behind the end: full",
         **echoed(route(7, 255, OTHER * 2), route(7, 255, OTHER * 2))),
    dict(id="MF-IP4-29/pointer-12", what="the same, just behind the end",
         **echoed(route(7, 12, OTHER * 2), route(7, 12, OTHER * 2))),
    dict(id="MF-IP4-30/twice", what="two source routes, to the host itself",
         frames=[ping(options=b"\x83\x03\x27" * 2)], **problem(23)),
    dict(id="MF-IP4-30/13-times", what="thirteen source routes",
         frames=[ping(options=b"\x83\x03\x27" * 13)], **problem(23)),
    dict(id="MF-IP4-30/closed-port", what="two source routes and a closed port",
         frames=[udp(99, options=b"\x83\x03\x27" * 2)], **problem(23)),
    dict(id="MF-IP4-30/transit", what="two source routes, to be forwarded to nobody",
         frames=[udp(dst=FAR_NOBODY, options=b"\x83\x03\x27" * 2)], **problem(23)),
    dict(id="MF-IP4-30/same-interface", what="two source routes, back where it came from",
         frames=[udp(dst=ELSEWHERE, options=b"\x83\x03\x27" * 2)],
         **address("ip4_forward_same_netif")),
    dict(id="MF-IP4-32/router", what="a strict source route through the host",
         frames=[ping(options=route(0x89, 4, OTHER))], **SOURCE_ROUTE),
    dict(id="MF-IP4-32/host", what="the same at a host that is no router",
         frames=[ping(options=route(0x89, 4, OTHER))], options={"ip_forward": 0},
         **SOURCE_ROUTE),
    dict(id="MF-IP4-33/flag-15", what="a timestamp option with flag 15 and overflow 15",
         frames=[ping(options=stamp(5, 0xFF, 36))], **problem(23)),
    *[dict(id=f"MF-IP4-33/pointer-{n}", what="a timestamp pointer before the first slot",
           frames=[ping(options=stamp(n, 0))], **problem(22)) for n in (0, 4)],
    dict(id="MF-IP4-33/pointer-6", what="a timestamp pointer between slots",
         frames=[ping(options=stamp(6, 0))], **problem(22)),
    dict(id="MF-IP4-33/full", what="a timestamp pointer far behind the end: one overflow more",
         **echoed(stamp(0xFF, 0x00), stamp(0xFF, 0x10))),
    dict(id="MF-IP4-33/overflow-full", what="the same, and the overflow is at its end",
         **echoed(stamp(0xFF, 0xF0), stamp(0xFF, 0xF0))),
    *[dict(id=f"MF-IP4-34/{name}", what="a ping whose source route leads to somebody else",
           frames=[ping(options=route(kind, pointer, OTHER))], **SOURCE_ROUTE)
      for name, kind, pointer in (("loose", 0x83, 4), ("strict", 0x89, 4),
                                  ("loose-done", 0x83, 8), ("strict-done", 0x89, 8))],
    dict(id="MF-IP4-34/recorded", what="a ping whose recorded route has somebody else's address",
         **echoed(route(7, 8, OTHER), route(7, 8, OTHER))),
    dict(id="MF-IP4-37/sound", what="a router alert on a datagram",
         frames=[udp(options=b"\x94\x04\x00\x00")], heard={"echo": [b"data"]}),
    dict(id="MF-IP4-37/length-2", what="a router alert of two octets",
         frames=[udp(options=b"\x94\x02\x00\x00")], **problem(21)),
    dict(id="MF-IP4-38", what="a source route behind End of Options",
         **echoed(b"\x00\x83\x03\x27")),
    dict(id="MF-IP4-39/different", what="fragments with different harmless options",
         frames=[E / ip(id=5, proto=17, flags="MF", options=b"\x01" * 4) / Raw(FIRST),
                 E / ip(id=5, proto=17, frag=3, options=b"\x01" * 12) / Raw(SECOND)],
         heard={"echo": [bytes(range(40))]}),
    dict(id="MF-IP4-39/route-in-the-first", what="a source route in the first fragment only",
         frames=[E / ip(id=5, proto=17, flags="MF", options=route(0x83, 4, OTHER)) / Raw(FIRST),
                 E / ip(id=5, proto=17, frag=3) / Raw(SECOND)],
         **{**SOURCE_ROUTE, "replies": lambda b: [b.error(b.sent[0], 3, 5)]}, held=(1, 1),
         late_drops={"ip4_reass_timeout": 1}, note="each fragment's options are checked"),
    dict(id="MF-IP4-39/route-in-the-second", what="a source route in the second fragment only",
         frames=[E / ip(id=5, proto=17, flags="MF") / Raw(FIRST),
                 E / ip(id=5, proto=17, frag=3, options=route(0x83, 4, OTHER)) / Raw(SECOND)],
         **{**SOURCE_ROUTE, "replies": ()}, held=(1, 1),
         late=lambda b: [b.error(b.sent[0], 11, 1)], late_drops={"ip4_reass_timeout": 1},
         note="no error: it is not the first fragment [RFC1122 3.2.2]"),
    # beyond the catalogue
    *[dict(id=f"nothing-behind-the-header-{proto}", what="a datagram of 20 octets",
           frames=[E / ip(proto=proto)], drops={reason: 1}, counters=counters, **more)
      for proto, reason, counters, more in (
          (1, "icmp_too_short", {"icmp.lenerr": 1, "icmp.drop": 1}, {}),
          (2, "igmp_too_short", {"igmp.lenerr": 1, "igmp.drop": 1}, {}),
          (6, "tcp_short", {"tcp.lenerr": 1, "tcp.drop": 1}, {}),
          (17, "udp_short", {"udp.lenerr": 1, "udp.drop": 1}, {}),
          (136, "udp_short", {"udp.lenerr": 1, "udp.drop": 1}, {}))],
    *[dict(id=f"to-{dst}", what="to an address that is no host's",
           frames=[udp(dst=dst)], **address(reason)) for dst, reason in (
               ("240.0.0.1", "ip4_forward_refused"), ("0.1.2.3", "ip4_forward_refused"),
               ("239.9.9.9", "ip4_not_member"), ("169.254.1.1", "ip4_forward_refused"))],
    *[dict(id=f"option-{name}", what="an option that nobody knows",
           **echoed(option)) for name, option in (
               ("security", b"\x82\x0b" + bytes(9) + b"\0"), ("stream", b"\x88\x04\0\0"),
               ("255", b"\xff\x04\0\0"))],
]


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
def test_header(busy, row):
    """Dropped before anybody acts on it, or taken as if the odd thing were not there."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


@pytest.mark.parametrize("cut", [pytest.param(n, id=f"MF-IP4-36/{name}") for n, name in (
    (0, "whole"), (1, "last-byte-missing"), (8, "header-only"), (9, "header-cut"),
    (48, "no-options"))])
def test_quote_with_options(make_busy, cut):
    """An error about the host's ping quotes a header with 40 octets of options: the ping is found
    behind them, or not at all when the quote is cut."""
    b = make_busy()
    reply = b.net.command("ping", host=b.d.id, addr=T4, data="", id=5, seq=6, ttl=None, df=False)
    b.net.run(for_="1ms")
    b.compare("ping", [Ether(src=D, dst=T) / IP(src=D4, dst=T4, ttl=255) / ICMP(id=5, seq=6)])
    quote = bytes(IP(src=D4, dst=T4, options=b"\x01" * 40) / ICMP(id=5, seq=6))
    b.t.send(E / ip() / ICMP(type=3, code=1) / Raw(quote[:len(quote) - cut]))
    b.net.run(for_="1ms")
    result = b.net.command("ping_result", object=reply["object"])
    seen = b.reaction(b.before)
    if cut == 0:
        assert result["icmp"] == {"type": 3, "code": 1, "from": T4}
        assert seen["drops"] == seen["counters"] == {}
    else:
        assert result.get("empty")
        assert seen["drops"] == {"icmp_bad_quote": 1}
        assert seen["counters"] == {"icmp.lenerr": 1, "icmp.err": 1, "icmp.drop": 1}
    b.net.command("object_close", object=reply["object"])
    b.exchange()
    assert b.memory() == b.empty
