"""Frames that are cut short, too long, tagged in odd ways, or of types that nobody speaks."""

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP, LLC, SNAP, Dot1Q, Dot3, Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
HEAD = bytes.fromhex(D.replace(":", "") + T.replace(":", ""))
E = Ether(src=T, dst=D)
PING = IP(src=T4, dst=D4) / ICMP(id=1, seq=2) / b"data"
TAGGED = HEAD + b"\x81\x00"


def refused(reason):
    """What a frame costs that the Ethernet layer refuses."""
    return dict(drops={reason: 1}, counters={"etharp.proterr": 1, "etharp.drop": 1})


def long_frame(datagram, size=9018):
    """With zeros behind it, as large as a jumbo frame."""
    return bytes(E / datagram).ljust(size, b"\0")


ROWS = [
    dict(id="MF-ETH-01/13-bytes", what="the frame ends inside its type field",
         frames=[HEAD + b"\x08"], **refused("eth_short")),
    dict(id="MF-ETH-01/14-bytes", what="the frame ends right behind its header",
         frames=[HEAD + b"\x08\x00"], **refused("eth_short")),
    dict(id="MF-ETH-03", what="one byte of an IP header",
         frames=[HEAD + b"\x08\x00\x45"],
         drops={"ip4_too_short": 1}, counters={"ip.lenerr": 1, "ip.drop": 1}),
    dict(id="MF-ETH-04", what="one byte of an ARP packet",
         frames=[HEAD + b"\x08\x06\x00"],
         drops={"arp_short": 1}, counters={"etharp.lenerr": 1, "etharp.drop": 1}),
    dict(id="MF-ETH-08", what="IP in an 802.3 frame with LLC and SNAP",
         frames=[Dot3(src=T, dst=D) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3)
                 / SNAP(OUI=0, code=0x0800) / PING],
         replies=lambda b: [b.echo(E / PING)],
         note="answered, in an ordinary frame [RFC1122 2.3.3]: what arrives may be in either form"),
    dict(id="MF-ETH-09", what="a VLAN tag whose inner type is missing",
         frames=[TAGGED + b"\x00\x01"], **refused("eth_vlan_short")),
    dict(id="MF-ETH-10", what="a whole VLAN tag and nothing behind it",
         frames=[TAGGED + b"\x00\x01\x08\x00"], **refused("eth_vlan_short")),
    dict(id="MF-ETH-11/no-vlan", what="a priority tag at a host without VLAN",
         frames=[E / Dot1Q(vlan=0, prio=7) / PING],
         replies=lambda b: [b.echo(E / PING)],
         note="taken as if untagged, and answered without a tag"),
    dict(id="MF-ETH-11/of-a-vlan", what="a priority tag at a host of VLAN 10",
         frames=[E / Dot1Q(vlan=0, prio=7) / PING], options={"vlan": 10},
         drops={"eth_vlan_foreign": 1},
         note="priority-tagged frames belong to the untagged network"),
    dict(id="MF-ETH-12/service-tag", what="an 802.1ad tag",
         frames=[Ether(src=T, dst=D, type=0x88A8) / Dot1Q(vlan=5, type=0x8100)
                 / Dot1Q(vlan=7) / PING], **refused("eth_unknown_type")),
    dict(id="MF-ETH-12/two-tags", what="a tag inside a tag",
         frames=[E / Dot1Q(vlan=5) / Dot1Q(vlan=7) / PING], **refused("eth_unknown_type")),
    dict(id="MF-ETH-12/40-tags", what="forty tags, one inside the other",
         frames=[HEAD + b"\x81\x00\x00\x07" * 40 + b"\x08\x00" + bytes(PING)],
         **refused("eth_unknown_type")),
    dict(id="MF-ETH-12/40-tags-of-the-vlan", what="the same at a host of that VLAN",
         frames=[HEAD + b"\x81\x00\x00\x07" * 40 + b"\x08\x00" + bytes(PING)],
         options={"vlan": 7}, drops={"eth_vlan_foreign": 1}),
    dict(id="MF-ETH-13", what="an ARP request on a VLAN that is not the host's",
         frames=[E / Dot1Q(vlan=99) / ARP(op=1, hwsrc=T, psrc="10.0.0.77", pdst=D4)],
         options={"vlan": 10}, drops={"eth_vlan_foreign": 1}),
    dict(id="MF-ETH-14/syn", what="a SYN in a broadcast frame",
         frames=[Ether(src=T, dst="ff:ff:ff:ff:ff:ff") / IP(src=T4, dst=D4)
                 / TCP(dport=7, flags="S")],
         drops={"ip4_link_broadcast": 1}, counters={"ip.drop": 1}),
    dict(id="MF-ETH-14/udp", what="a datagram for an open port in a broadcast frame",
         frames=[Ether(src=T, dst="ff:ff:ff:ff:ff:ff") / IP(src=T4, dst=D4)
                 / UDP(sport=9, dport=7) / b"all"],
         drops={"ip4_link_broadcast": 1}, counters={"ip.drop": 1}),
    dict(id="MF-ETH-14/ping", what="a ping in a broadcast frame",
         frames=[Ether(src=T, dst="ff:ff:ff:ff:ff:ff") / PING],
         drops={"ip4_link_broadcast": 1}, counters={"ip.drop": 1}),
    dict(id="MF-ETH-15/multicast", what="a datagram for a closed port in a multicast frame",
         frames=[Ether(src=T, dst="01:00:5e:00:00:05") / IP(src=T4, dst=D4)
                 / UDP(sport=9, dport=99) / b"all"],
         drops={"udp_no_port": 1}, counters={"udp.proterr": 1, "udp.drop": 1}),
    dict(id="MF-ETH-15/broadcast", what="a datagram for a closed port in a broadcast frame",
         frames=[Ether(src=T, dst="ff:ff:ff:ff:ff:ff") / IP(src=T4, dst=D4)
                 / UDP(sport=9, dport=99) / b"all"],
         drops={"ip4_link_broadcast": 1}, counters={"ip.drop": 1}),
    dict(id="MF-ETH-18/open", what="a small datagram in a jumbo frame",
         frames=[long_frame(IP(src=T4, dst=D4) / UDP(sport=9, dport=7) / b"eighteen bytes....")],
         heard={"echo": [b"eighteen bytes...."]},
         note="trimmed to the length that IP says; the interface itself takes 9216 bytes"),
    dict(id="MF-ETH-18/closed", what="the same for a closed port: the error quotes no padding",
         frames=[long_frame(IP(src=T4, dst=D4) / UDP(sport=9, dport=99) / Raw(b""))],
         replies=("error", 3, 3), drops={"udp_no_port": 1},
         counters={"udp.proterr": 1, "udp.drop": 1}),
    dict(id="MF-ETH-18/ping", what="a small ping in a jumbo frame",
         frames=[long_frame(PING)], replies=lambda b: [b.echo(E / PING)]),
    *[dict(id=f"MF-ETH-19/{name}", what="an answer shorter than a frame, after a frame of 0xAA",
           frames=[E / IP(src=T4, dst=D4) / UDP(sport=9, dport=7) / Raw(b"\xaa" * 1400), frame],
           heard={"echo": [b"\xaa" * 1400]}, replies=reply, **more)
      for name, frame, reply, more in (
          ("arp", E / ARP(op=1, hwsrc=T, psrc=T4, pdst=D4), lambda b: [b.arp_reply()], {}),
          ("ping", (E / IP(src=T4, dst=D4) / ICMP(id=3)).build().ljust(60, b"\xaa"),
           lambda b: [b.echo(b.sent[1])], {}),
          ("error", (E / IP(src=T4, dst=D4, proto=99)).build().ljust(60, b"\xaa"),
           lambda b: [b.error(b.sent[1], 3, 2)],
           dict(drops={"ip4_no_protocol": 1}, counters={"ip.proterr": 1, "ip.drop": 1})))],
    *[dict(id=f"MF-ETH-20/{n}-bytes", what=f"a frame of {n} bytes, less than a header",
           frames=[(HEAD + b"\x08\x00")[:n]], **refused("eth_short")) for n in (1, 6, 10, 12)],
    dict(id="MF-ETH-21", what="a reverse-ARP reply that offers an address",
         frames=[Ether(src=T, dst=D, type=0x8035)
                 / ARP(op=4, hwsrc=T, psrc=T4, hwdst=D, pdst="10.0.0.99")],
         **refused("eth_unknown_type")),
    # beyond the catalogue
    dict(id="unknown-type", what="a type that nobody speaks",
         frames=[Ether(src=T, dst=D, type=0x1234) / Raw(bytes(46))],
         **refused("eth_unknown_type")),
    dict(id="802.3-length-behind-the-frame", what="a length field larger than the frame",
         frames=[HEAD + b"\x01\x00" + bytes(46)], **refused("eth_bad_length")),
    dict(id="802.3-without-snap", what="a spanning-tree frame",
         frames=[HEAD + b"\x00\x26\x42\x42\x03" + bytes(43)], **refused("eth_llc")),
    *[dict(id=f"from-{name}", what="a ping in a frame that comes from a group",
           frames=[HEAD[:6] + mac + b"\x08\x00" + bytes(PING)], **refused("eth_bad_source"))
      for name, mac in (("everybody", b"\xff" * 6), ("a-group", b"\x01\0\x5e\0\0\1"))],
    *[dict(id=f"from-{name}", what="a ping in a frame whose source nobody can have",
           frames=[HEAD[:6] + mac + b"\x08\x00" + bytes(PING)],
           replies=lambda b: [b.echo(E / PING)],
           note="answered to where ARP says the address is; nothing is learnt from frames")
      for name, mac in (("zero", bytes(6)), ("the-host-itself", HEAD[:6]))],
    *[dict(id=f"{name}-for-another-station", what="what a network card does not take",
           frames=[b"\x02\0\0\0\0\x77" + HEAD[6:] + bytes(kind)[12:]])
      for name, kind in (("ping", E / PING),
                         ("arp", E / ARP(op=1, hwsrc=T, psrc="10.0.0.77", pdst=D4)))],
]


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
def test_frame(busy, row):
    """Dropped for the right reason, or answered as if nothing were odd."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)
