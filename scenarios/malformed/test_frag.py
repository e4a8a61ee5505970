"""Fragments that overlap, end where nothing can end, never come, or come by the thousand."""

import random

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
E = Ether(src=T, dst=D)
DATA = bytes(range(40))
UDP40 = bytes(UDP(sport=9, dport=7, chksum=0, len=48) / Raw(DATA))


def frag(at, data, more=True, **fields):
    """The fragment that begins at octet `at`; not the last one unless `more` is False."""
    return E / IP(**{"src": T4, "dst": D4, "id": 7, "proto": 17, "frag": at // 8,
                     "flags": "MF" if more else 0, **fields}) / Raw(data)


def given_up(reason, fragments, ignored=0):
    """The datagram is given up; `ignored` more of its fragments come afterwards. Its entry, empty,
    stays until its time is over."""
    return dict(drops={reason: fragments, **({"ip4_reass_given_up": ignored} if ignored else {})},
                counters={"ip_frag.drop": 1 + ignored}, held=(1, 0))


def alone(reason):
    """The fragment is dropped as if it had never come."""
    return dict(drops={reason: 1}, counters={"ip_frag.drop": 1})


def unfinished(first, count=1):
    """A datagram that is held until its time is over; the source is told if the first fragment
    came."""
    late = (lambda b: [b.error(b.sent[0], 11, 1)]) if first else ()
    return dict(held=(1, count), late=late, late_drops={"ip4_reass_timeout": count})


def summed(frame, more):
    """The header checksum that is `more` than a frame's: a field has become less by that."""
    return ((int.from_bytes(frame[24:26], "big") + more) % 0xFFFF).to_bytes(2, "big")


def jolt(b):
    """The same impossible last fragment ten thousand times, at line rate."""
    frame = bytes(frag(65520, bytes(9), more=False, id=0x455))
    for _ in range(20):
        b.t.send(frame, count=500)
        b.net.run(for_="4ms")


def rose(b):
    """A thousand datagrams of which the middle never comes."""
    frames = [bytes(frag(at, bytes(8), more, proto=17)) for at, more in ((0, True), (60000, False))]
    for i in range(1000):
        for frame in frames:
            b.t.send(frame[:18] + i.to_bytes(2, "big") + frame[20:24]
                     + summed(frame, 7 - i) + frame[26:])
        if i % 200 == 199:
            b.net.run(for_="4ms")


def pieces_of(order):
    """2000 fragments of eight octets, of one datagram whose first never comes."""
    def send(b):
        offsets = list(range(8, 8 * 2001, 8))
        if order == "reversed":
            offsets.reverse()
        else:
            random.Random(1).shuffle(offsets)
        for i, at in enumerate(offsets):
            b.t.send(eight_octets(at))
            if i % 500 == 499:
                b.net.run(for_="4ms")
    return send


def eight_octets(at):
    """One such fragment, without Scapy's help: there are many."""
    frame = bytearray(FRAGMENT)
    frame[20:22] = (0x2000 | at // 8).to_bytes(2, "big")
    frame[24:26] = summed(frame, -at // 8)
    return bytes(frame)


FRAGMENT = bytes(frag(0, bytes(8)))
SYN = bytes(IP(src=T4, dst=D4) / TCP(sport=9, dport=7, flags="S") / Raw(bytes(20)))[20:]
# What comes of it, when it is whole: nobody listens, so all of it is refused
REFUSED = dict(drops={"tcp_no_connection": 1}, counters={"tcp.proterr": 1, "tcp.drop": 1},
               replies=[Ether(src=D, dst=T) / IP(src=D4, dst=T4, ttl=255)
                        / TCP(sport=7, dport=9, flags="RA", seq=0, ack=21, window=0)])
SMALL_PING = bytes(ICMP(id=1, seq=2) / Raw(bytes(24)))
BEYOND = [("8-octets", 65512, 8, {}), ("16-octets", 65512, 16, {}),
          ("1480-octets", 65512, 1480, {}),
          ("65536", 65528, 8, {}), ("65543", 65528, 15, {"more": False}),
          ("ihl-15", 65480, 8, {"options": b"\x01" * 40}),
          ("ihl-15-far", 65528, 8, {"options": b"\x01" * 40})]

ROWS = [
    dict(id="MF-IPFRAG-01/first-and-last", what="a ping whose last fragment ends behind 65535",
         frames=[frag(0, SMALL_PING, proto=1), frag(65512, bytes(1000), more=False, proto=1)],
         **given_up("ip4_reass_too_big", 2)),
    dict(id="MF-IPFRAG-01/last-alone", what="the same fragment alone",
         frames=[frag(65512, bytes(1000), more=False, proto=1)], **alone("ip4_reass_too_big")),
    dict(id="MF-IPFRAG-04", what="ten thousand times the same impossible last fragment",
         frames=[jolt], options={"capture": False}, drops={"ip4_reass_too_big": 10_000},
         counters={"ip_frag.drop": 10_000}, note="nothing is kept, so nobody has to make way"),
    dict(id="MF-IPFRAG-05", what="a thousand datagrams whose middle never comes",
         # which of them go in the same millisecond hangs on where the host's clock steps
         frames=[rose], options={"capture": False, "clock_phase_ns": 0}, half=False,
         # 16 datagrams at once: P's half makes way, then each older one for a newer one
         drops={"ip4_reass_limit": 1 + 2 * 984}, held=(15, 31),
         exchange_drops={"ip4_reass_limit": 2}, late_drops={"ip4_reass_timeout": 30},
         late=lambda b: [b.error(frag(0, bytes(8), id=i), 11, 1) for i in range(999, 984, -1)],
         note="the datagram begun first makes way; a whole new one goes through at once"),
    dict(id="MF-IPFRAG-06", what="two fragments that contradict each other in 8 octets",
         frames=[frag(0, b"A" * 16), frag(8, b"B" * 16, more=False)],
         **given_up("ip4_reass_overlap", 2),
         note="the whole datagram is discarded, as RFC 5722 has it for IPv6"),
    dict(id="MF-IPFRAG-06/repeated", what="the same fragment twice is no contradiction",
         frames=[frag(0, UDP40[:24]), frag(0, UDP40[:24]), frag(24, UDP40[24:], more=False)],
         **alone("ip4_reass_duplicate"), heard={"echo": [DATA]}),
    dict(id="MF-IPFRAG-08", what="a TCP header in two fragments",
         frames=[frag(0, SYN[:8], proto=6), frag(8, SYN[8:], more=False, proto=6)],
         **REFUSED, note="reassembled before anybody looks"),
    dict(id="MF-IPFRAG-09/overlap", what="a fragment at offset 8 rewrites TCP's flags",
         frames=[frag(0, SYN[:24], proto=6), frag(8, b"\xff" * 8, proto=6)],
         **given_up("ip4_reass_overlap", 2)),
    dict(id="MF-IPFRAG-09/alone", what="a fragment at offset 8 without a first one",
         frames=[frag(8, b"\xff" * 8, proto=6)], **unfinished(False),
         note="kept: there is nothing wrong with it unless it overlaps"),
    *[dict(id=f"MF-IPFRAG-10/{at}", what="a fragment without data",
           frames=[frag(at, b"")] * 3, drops={"ip4_reass_bad_length": 3},
           counters={"ip_frag.drop": 3}) for at in (0, 8, 800)],
    *[dict(id=f"MF-IPFRAG-11/{n}", what=f"{n} octets, and more to come",
           frames=[frag(0, bytes(n))], **alone("ip4_reass_bad_length")) for n in (13, 1, 7)],
    dict(id="MF-IPFRAG-12", what="two last fragments that end differently",
         frames=[frag(0, bytes(8)), frag(16, bytes(8), more=False), frag(8, bytes(8), more=False)],
         **given_up("ip4_reass_bad_last", 3)),
    dict(id="MF-IPFRAG-13", what="a fragment behind the declared end, then the rest",
         frames=[frag(1480, bytes(8), more=False), frag(1488, bytes(1480)), frag(0, bytes(1480))],
         **given_up("ip4_reass_bad_last", 2, ignored=1)),
    dict(id="MF-IPFRAG-14", what="fragments of two protocols with one identification",
         frames=[frag(0, UDP40[:24]), frag(24, UDP40[24:], more=False, proto=6)], held=(2, 2),
         late=lambda b: [b.error(b.sent[0], 11, 1)], late_drops={"ip4_reass_timeout": 2}),
    dict(id="MF-IPFRAG-15", what="options in the first fragment's header, none in the second's",
         frames=[frag(0, UDP40[:24], options=b"\x01" * 4), frag(24, UDP40[24:], more=False)],
         heard={"echo": [DATA]}),
    dict(id="MF-IPFRAG-15/the-other-way", what="options in the second fragment's header only",
         frames=[frag(0, UDP40[:24]), frag(24, UDP40[24:], more=False, options=b"\x01" * 8)],
         heard={"echo": [DATA]}),
    *[dict(id=f"MF-IPFRAG-16/{order}", what=f"2000 fragments of 8 octets, {order}",
           frames=[pieces_of(order)], options={"capture": False}, half=False, held=(0, 127),
           drops={"ip4_reass_limit": 1 + 2000 - 128},
           counters={"ip_frag.memerr": 2000 - 128, "ip_frag.drop": 2000 - 128},
           exchange_drops={"ip4_reass_limit": 128},
           note="128 buffers at most; P's half makes way, then the flood for the next datagram")
      for order in ("reversed", "shuffled")],
    dict(id="MF-IPFRAG-18", what="only a fragment that is not the first",
         frames=[frag(24, UDP40[24:], more=False)], **unfinished(False)),
    dict(id="MF-IPFRAG-18/first", what="only the first fragment: here the source is told",
         frames=[frag(0, UDP40[:24])], **unfinished(True)),
    *[dict(id=f"MF-IPFRAG-19/{dst}", what="only the first fragment of a datagram for everybody",
           frames=[frag(0, UDP40[:24], dst=dst)], **unfinished(False))
      for dst in ("10.0.0.255", "255.255.255.255", "224.0.0.1")],
    *[dict(id=f"MF-IPFRAG-22/{name}", what="a fragment that ends behind what a datagram can hold",
           frames=[frag(at, bytes(n), **fields)], **alone("ip4_reass_too_big"))
      for name, at, n, fields in BEYOND],
    dict(id="MF-IPFRAG-22/just-possible", what="a last fragment that ends at octet 65535",
         frames=[frag(65504, bytes(11), more=False)], **unfinished(False)),
    dict(id="MF-IPFRAG-23/udp", what="a UDP header in one fragment, its data in the next",
         frames=[frag(0, UDP40[:8]), frag(8, UDP40[8:], more=False)], heard={"echo": [DATA]}),
    dict(id="MF-IPFRAG-23/ping", what="an ICMP header in one fragment, its data in the next",
         frames=[frag(0, SMALL_PING[:8], proto=1), frag(8, SMALL_PING[8:], more=False, proto=1)],
         replies=lambda b: [b.echo(E / IP(src=T4, dst=D4, id=7) / SMALL_PING)]),
    dict(id="MF-IPFRAG-23/tcp", what="a TCP header in three fragments",
         frames=[frag(0, SYN[:8], proto=6), frag(8, SYN[8:16], proto=6),
                 frag(16, SYN[16:], more=False, proto=6)],
         **REFUSED),
    dict(id="MF-IPFRAG-24", what="a copy with a wrong header checksum among good fragments",
         frames=[frag(24, b"\xff" * 24, more=False, chksum=0x1234), frag(0, UDP40[:24]),
                 frag(24, UDP40[24:], more=False)],
         drops={"ip4_bad_checksum": 1}, counters={"ip.chkerr": 1, "ip.drop": 1},
         heard={"echo": [DATA]}),
    # beyond the catalogue
    dict(id="teardrop", what="the second fragment lies within the first",
         frames=[frag(0, UDP40[:40]), frag(24, bytes(4), more=False)],
         **given_up("ip4_reass_bad_last", 2)),
    dict(id="last-then-nothing-left", what="an empty last fragment",
         frames=[frag(0, UDP40[:24]), frag(24, b"", more=False)],
         **{**alone("ip4_reass_bad_length"), **unfinished(True)}),
    dict(id="whole-in-one", what="a fragment that is whole: offset 0 and no more",
         frames=[frag(0, UDP40, more=False)], heard={"echo": [DATA]}),
    dict(id="to-the-group", what="a datagram in fragments, to the group",
         frames=[frag(0, UDP40[:24], dst="239.1.2.3"),
                 frag(24, UDP40[24:], more=False, dst="239.1.2.3")], heard={"echo": [DATA]}),
]


def test_fragments(busy, row):
    """What cannot become one sound datagram becomes none, and costs little."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)
