"""Datagrams that lie about their length or coverage, bear odd ports, or go round in circles."""

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw
from scapy.utils import checksum

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
E = Ether(src=T, dst=D)
BASE = IP(src=T4, dst=D4)

# With these two octets the sum over the datagram is 0xffff
ONES = (0xFFFF - sum((0x0A00, 1, 0x0A00, 2, 17, 10, 9, 7, 10))).to_bytes(2, "big")


def counted(reason, *names):
    """Dropped, with these of UDP's counters besides `drop`."""
    return dict(drops={reason: 1}, counters={f"udp.{name}": 1 for name in ("drop", *names)})


def lite(coverage, value=None, data=b"8 octets", cover=None):
    """A UDP-Lite datagram whose checksum is right for the coverage, or is `value`."""
    head = b"\0\x09\0\x07" + coverage.to_bytes(2, "big") + b"\0\0"
    whole = head + data
    pseudo = bytes([10, 0, 0, 1, 10, 0, 0, 2, 0, 136]) + len(whole).to_bytes(2, "big")
    if value is None:
        value = checksum(pseudo + whole[:cover or coverage or len(whole)]) or 0xFFFF
    return E / IP(src=T4, dst=D4, proto=136) / Raw(head[:6] + value.to_bytes(2, "big") + data)


def cut(length):
    """A datagram of UDP length 12 in an IP payload of 48 octets; its checksum covers the 12."""
    short = bytes(IP(src=T4, dst=D4) / UDP(sport=9, dport=7) / b"four")[20:]
    return E / IP(src=T4, dst=D4, proto=17) / Raw(short + bytes(range(length)))


ROWS = [
    *[dict(id=f"MF-UDP-01/{n}-octets", what="less than a UDP header",
           frames=[E / IP(src=T4, dst=D4, proto=17) / Raw(bytes(n))],
           **counted("udp_short", "lenerr")) for n in (7, 1, 0)],
    *[dict(id=f"MF-UDP-02/len-{n}{name}", what="a length less than the header's",
           frames=[E / BASE / UDP(sport=9, dport=7, len=n, **more) / Raw(bytes(20))],
           **counted("udp_length_small", "lenerr"))
      for n in (0, 7) for name, more in (("", {}), ("-unchecked", {"chksum": 0}))],
    *[dict(id=f"MF-UDP-03/{name}", what="a length behind the end of the IP payload",
           frames=[E / BASE / UDP(sport=9, dport=7, len=n, **more) / Raw(bytes(40))],
           **counted("udp_length_large", "lenerr"))
      for name, n, more in (("200", 200, {}), ("200-unchecked", 200, {"chksum": 0}),
                            ("49", 49, {"chksum": 0}), ("65535", 65535, {"chksum": 0}))],
    dict(id="MF-UDP-04", what="an IP payload that is longer than the datagram",
         frames=[cut(36)], heard={"echo": [b"four"]}, note="UDP's length wins"),
    dict(id="ipv6-without-checksum", what="no checksum, over IPv6",
         frames=[E / IPv6(src="2001:db8::1", dst="2001:db8::2")
                 / UDP(sport=9, dport=7, chksum=0) / Raw(bytes(8))],
         drops={"eth_unknown_type": 1}, counters={"etharp.proterr": 1, "etharp.drop": 1},
         note="there is no IPv6 yet: not even the frame is taken"),
    dict(id="MF-UDP-08/from-0", what="from port 0",
         frames=[E / BASE / UDP(sport=0, dport=7) / b"8 octets"], heard={"echo": [b"8 octets"]}),
    dict(id="MF-UDP-08/to-0", what="to port 0",
         frames=[E / BASE / UDP(sport=9, dport=0) / b"8 octets"], **counted("udp_port_zero"),
         note="no error either: no program can have meant it"),
    dict(id="MF-UDP-11/own-source", what="from the host's echo port to itself",
         frames=[E / IP(src=D4, dst=D4) / UDP(sport=7, dport=7) / b"ping-pong"],
         drops={"ip4_own_source": 1}, counters={"ip.drop": 1}),
    dict(id="MF-UDP-11/broadcast-source", what="to the echo port from everybody",
         frames=[E / IP(src="10.0.0.255", dst=D4) / UDP(sport=7, dport=7) / b"ping-pong"],
         drops={"ip4_bad_source": 1}, counters={"ip.drop": 1}),
    *[dict(id=f"MF-UDP-12/coverage-{n}", what="a coverage that ends within the header",
           frames=[lite(n)], **counted("udplite_bad_coverage", "chkerr")) for n in range(1, 8)],
    *[dict(id=f"MF-UDP-13/coverage-{n}", what="a coverage behind the end of the datagram",
           frames=[lite(n, cover=16)], **counted("udplite_bad_coverage", "chkerr"))
      for n in (17, 65535)],
    dict(id="MF-UDP-13/coverage-0", what="coverage 0: all of it",
         frames=[lite(0)], heard={"lite": [b"8 octets"]}),
    dict(id="MF-UDP-13/coverage-0-damaged", what="the same, the last octet is wrong",
         frames=[bytes(lite(0))[:-1] + b"S"], **counted("udp_bad_checksum", "chkerr")),
    dict(id="MF-UDP-13/no-checksum", what="no checksum, which UDP-Lite must have",
         frames=[lite(0, 0)], **counted("udplite_zero_checksum", "chkerr")),
    dict(id="MF-UDP-14/unicast-mac", what="for a group that was not joined, to the host's MAC",
         frames=[E / IP(src=T4, dst="239.9.9.9") / UDP(sport=9, dport=7) / b"group"],
         drops={"ip4_not_member": 1}, counters={"ip.drop": 1}),
    dict(id="MF-UDP-14/closed", what="the same for a closed port",
         frames=[E / IP(src=T4, dst="239.9.9.9") / UDP(sport=9, dport=99) / b"group"],
         drops={"ip4_not_member": 1}, counters={"ip.drop": 1}),
    dict(id="MF-UDP-14/joined", what="for the group that was joined: delivered",
         frames=[E / IP(src=T4, dst="239.1.2.3") / UDP(sport=9, dport=7) / b"group"],
         heard={"echo": [b"group"]}),
    # beyond the catalogue
    dict(id="wrong-checksum", what="a wrong checksum",
         frames=[E / BASE / UDP(sport=9, dport=7, chksum=0xDEAD) / b"8 octets"],
         **counted("udp_bad_checksum", "chkerr")),
    dict(id="wrong-checksum-closed", what="the same for a closed port: nobody is told",
         frames=[E / BASE / UDP(sport=9, dport=99, chksum=0xDEAD) / b"8 octets"],
         **counted("udp_bad_checksum", "chkerr")),
    dict(id="not-the-peer", what="to the connected socket, from somebody else",
         frames=[E / BASE / UDP(sport=6000, dport=5000) / b"8 octets"],
         replies=("error", 3, 3), **counted("udp_no_port", "proterr")),
    dict(id="checksum-of-ones", what="a checksum that comes out as zero is sent as ones",
         frames=[E / BASE / UDP(sport=9, dport=7) / ONES], heard={"echo": [ONES]}),
]

assert bytes(ROWS[-1]["frames"][0][UDP])[6:8] == b"\xff\xff"


def test_datagram(busy, row):
    """A socket gets what was sent to it, no octet more, and nothing else."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)
