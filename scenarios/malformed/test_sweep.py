"""Sound frames cut at every length, and with every octet of their headers replaced: beyond the rows
of the catalogue, what must hold for any frame whatever.

Each frame is dropped once or taken; at most one frame answers it; afterwards everybody is served,
and when all timers have run all memory is back."""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, LLC, SNAP, Dot1Q, Dot3, Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
FAR, GROUP = "10.2.0.1", "239.1.2.3"
E = Ether(src=T, dst=D)


def ip(**fields):
    """A header from the tester to the host, but for `fields`."""
    return IP(**{"src": T4, "dst": D4, "id": 0x77, **fields})


LIVE = bytes(IP(src=D4, dst="10.0.0.8") / UDP(sport=5000, dport=6000) / b"data")[:28]
ROUTES = b"\x07\x0b\x04" + bytes(8) + b"\x44\x0c\x05\x00" + bytes(8) + b"\x94\x04\0\0\0"
SOUND = {
    "arp": E / ARP(op=1, hwsrc=T, psrc=T4, pdst=D4),
    "arp-reply": E / ARP(op=2, hwsrc=T, psrc=T4, hwdst=D, pdst=D4),
    "tagged-ping": E / Dot1Q(vlan=3) / ip() / ICMP(id=1, seq=2) / b"data",
    "snap-ping": Dot3(src=T, dst=D) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3)
    / SNAP(OUI=0, code=0x0800) / ip() / ICMP(id=1, seq=2) / b"data",
    "ping": E / ip() / ICMP(id=1, seq=2) / b"data",
    "ping-with-options": E / ip(options=ROUTES) / ICMP(id=1, seq=2) / b"data",
    "icmp-error": E / ip() / ICMP(type=3, code=3) / Raw(LIVE),
    "udp": E / ip() / UDP(sport=9, dport=7) / b"data",
    "transit": E / ip(dst=FAR, options=ROUTES) / UDP(sport=9, dport=7) / b"data",
    "fragment": E / ip(proto=17, flags="MF") / Raw(bytes(24)),
    "last-fragment": E / ip(proto=17, frag=3) / Raw(bytes(24)),
    "udp-lite": E / ip(proto=136) / Raw(b"\0\x09\0\x07\0\x08\xbd\x3e" + bytes(8)),
    "query": Ether(src=T, dst="01:00:5e:01:02:03") / ip(
        dst=GROUP, ttl=1, proto=2, options=b"\x94\x04\0\0")
    / IGMP(type=0x11, mrcode=1, gaddr=GROUP),
    "unknown-protocol": E / ip(proto=99) / Raw(bytes(12)),
}


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
@pytest.mark.parametrize("kind", SOUND)
def test_cut_at_every_length(make_busy, kind):
    """No frame is what it was once its last octet is missing: each is dropped, once, and nobody is
    told."""
    b = make_busy()
    whole = bytes(SOUND[kind])
    for length in range(1, len(whole)):
        b.t.send(whole[:length])
        if length % 50 == 0:
            b.net.run(for_="2ms")
    b.net.run(for_="5ms")
    seen = b.reaction(b.before)
    assert b.came() == b.came(b.f) == []
    # the first five are shorter than an address: taken by any card, too short for Ethernet
    assert sum(seen["drops"].values()) == len(whole) - 1
    assert (seen["arp"], seen["held"], seen["heard"]) == ({}, (0, 0), {})
    b.exchange()
    assert b.memory() == b.empty


def repaired(frame, at):
    """With the IP header's checksum made right again, unless it is what was replaced."""
    if frame[12:14] != b"\x08\x00" or at in (24, 25):
        return frame
    head = bytearray(frame[14:14 + max(20, (frame[14] & 15) * 4)])
    head[10:12] = b"\0\0"
    total = sum(int.from_bytes(head[i:i + 2], "big") for i in range(0, len(head) & ~1, 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return frame[:24] + (~total & 0xFFFF).to_bytes(2, "big") + frame[26:]


@pytest.mark.parametrize("kind", SOUND)
def test_every_octet_replaced(make_busy, kind):
    """Behind the addresses of the frame, each octet becomes 0, 255, one bit less and one bit more;
    the header checksum is repaired, so that what is behind it is reached."""
    b = make_busy(arp_table_size=16)
    whole, frames = bytes(SOUND[kind]), 0
    for at in range(12, min(len(whole), 80)):
        for value in {0, 0xFF, whole[at] ^ 1, whole[at] ^ 0x80} - {whole[at]}:
            b.t.send(repaired(whole[:at] + bytes([value]) + whole[at + 1:], at))
            frames += 1
        b.net.run(for_="1ms")
    answers = [f for f in b.came() + b.came(b.f) if f[12:14] == b"\x08\x00" or f[21:22] == b"\x02"]
    assert len(answers) <= frames
    b.heard()
    b.net.run(for_="70s")  # what the end of a datagram told a stranger may wait for ARP in turn
    b.recover()
    b.exchange(half=False)
    assert b.memory() == b.empty
