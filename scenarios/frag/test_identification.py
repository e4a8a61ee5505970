"""The identification tells the fragments of one datagram from those of others, and does nothing
else.

[RFC6864 4.1]: it has no meaning in a datagram that is not, and may not be, cut. [RFC6864 4.2]:
whoever sends fragments protects the data by a checksum of its own."""

import pytest
from scapy.contrib.igmp import IGMP
from scapy.layers.inet import ICMP, IP, UDP, IPOption_Router_Alert
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import IcmpError, shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"
SENT = bytes(IP(src=HOST, dst=TESTER, id=1) / UDP(sport=5000, dport=9) / Raw(b"sent"))[:28]

STIMULI = {
    "echo": IP(src=TESTER, dst=HOST) / ICMP(type=8, id=1, seq=2) / Raw(b"data"),
    "datagram": IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=7) / Raw(b"data"),
    "closed port": IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=9) / Raw(b"data"),
    "unknown protocol": IP(src=TESTER, dst=HOST, proto=253) / Raw(b"whatever"),
    "bad option": IP(src=TESTER, dst=HOST, proto=17, options=b"\x07\x0b\x04\x00"),
    "error": IP(src=TESTER, dst=HOST) / ICMP(type=3, code=3) / Raw(SENT),
    "query": IP(src=TESTER, dst="224.0.0.1", ttl=1, proto=2, options=[IPOption_Router_Alert()])
             / IGMP(type=0x11, mrcode=10),
}


def without_quoted_id(frame):
    """The frame of an ICMP error with the quoted identification and the sums over it blanked."""
    raw = bytearray(frame)
    if Ether(frame).haslayer(ICMP) and raw[34] in (3, 12):
        raw[36:38] = raw[46:48] = raw[52:54] = b"\0\0"
    return bytes(raw)


def effects(b, packet, connected):
    """All that can be seen of what one datagram does to the host."""
    b.net.run(for_="1ms")
    b.wire.send(Ether(src=b.wire.mac, dst=b.a.mac) / packet)
    frames = [(p.time.ns, without_quoted_id(bytes(p))) for p in b.wire.sniff(timeout="2s")]
    heard = [b.socket.recv(timeout=0)]
    try:
        heard.append(connected.recv(timeout=0))
    except IcmpError as told:
        heard.append((told.type, told.code, told.source))
    return frames, heard, b.a.stats(), b.a.arp_table()


@pytest.mark.parametrize("kind", STIMULI)
def test_whole_datagram_does_the_same_with_any_identification(bench, kind):
    """[RFC6864 4.1]: from one and the same moment, five identifications, one of them that of the
    datagram before: answers, deliveries and counters do not differ."""
    b = bench()
    b.a.igmp_join("239.1.2.3")
    connected = b.a.udp(5000)
    connected.connect(TESTER, 9)
    connected.send(b"sent")
    b.net.run(for_="1s")
    b.send(b.datagram_of(id=0x1234))
    assert b.socket.recv(timeout=1) is not None
    b.wire.clear()
    moment = b.net.snapshot()
    seen = []
    for ident in (0, 1, 0x1234, 0x3412, 0xFFFF):
        b.net.restore(moment)
        packet = STIMULI[kind].copy()
        packet.id = ident
        seen.append(effects(b, packet, connected))
    frames, heard, stats, _ = seen[0]
    assert frames or any(heard) or stats["drops"]
    with shows("RQ-6864-01"):
        assert all(other == seen[0] for other in seen[1:])


@pytest.mark.parametrize("flags", ["DF", 0], ids=["DF", "none"])
def test_whole_datagrams_with_one_identification_are_all_delivered(bench, flags):
    """[RFC6864 4.1]: nobody takes the second for a copy of the first, and no fragment for a part of
    it."""
    b = bench()
    octets = b.datagram(800)
    begun, rest = b.pieces(octets, 400, id=0x1234)
    b.send(begun)
    for i in range(5):
        b.send(b.datagram_of(bytes([i]) * 9, id=0x1234, flags=flags))
    with shows("RQ-6864-03"):
        assert [b.socket.recv(timeout=1).data for _ in range(5)] == \
            [bytes([i]) * 9 for i in range(5)]
        assert b.held() == (1, 1)
    b.send(rest)
    assert b.socket.recv(timeout=1).data == octets[8:]
    b.still_works()


def test_uncut_datagrams_may_have_any_identification(bench):
    """[RFC6864 4.1]: an application's, twice the same; and the same from another are taken."""
    b = bench()
    with b.a.raw(253, hdrincl=True) as raw:
        for ident in (7, 7, 0):
            raw.send(bytes(IP(src=HOST, dst=TESTER, proto=253, id=ident, flags="DF")), TESTER)
    got = b.wire.sniff(timeout="1ms")
    with shows("RQ-6864-02"):
        assert [(p[IP].id, str(p[IP].flags)) for p in got] == [(7, "DF"), (7, "DF"), (0, "DF")]
        b.send(*[b.datagram_of(bytes([i]), id=i, flags="DF") for i in (0, 0xFF, 0)])
        assert [b.socket.recv(timeout=1).data[0] for _ in range(3)] == [0, 0xFF, 0]
    b.still_works()


def test_pieces_of_two_datagrams_that_were_mixed_are_found(bench):
    """[RFC6864 4.2]: a sender whose identification came round too soon: the pieces fit, the
    checksum does not. What this host cuts has a checksum, too."""
    b = bench()
    one, two = b.datagram(800), b.datagram(800, fill=3)
    b.send(b.pieces(one, 400)[0], b.pieces(two, 400)[1])
    assert b.socket.recv(timeout="10ms") is None
    b.socket.send(two[8:], TESTER, 9)
    b.socket.send(bytes(3000), TESTER, 9)
    got = b.wire.sniff(timeout="10ms")
    whole = b"".join(bytes(p[IP])[20:p[IP].len] for p in got[1:])
    sent = IP(src=HOST, dst=TESTER) / UDP(sport=7, dport=9) / Raw(bytes(3000))
    with shows("RQ-6864-05"):
        assert b.drops() == {"udp_bad_checksum": 1}
        assert whole == bytes(sent)[20:] and UDP(whole).chksum != 0
    b.still_works()
