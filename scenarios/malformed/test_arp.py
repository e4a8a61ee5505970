"""ARP packets that are cut, lie about sizes, ask nonsense, or want to poison the table."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"
GW4, Q4, S4 = "10.0.0.254", "10.0.0.9", "10.0.0.10"
X4 = "10.0.0.77"                       # nobody has heard of it
ATT = "02:00:00:00:00:aa"
ALL, ZERO = "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"
E = Ether(src=T, dst=D)
# the answer that a packet waits for, and the second half of the datagram that is half there
ANSWER = Ether(src="02:00:00:00:00:09", dst=D) / ARP(
    op=2, hwsrc="02:00:00:00:00:09", psrc=Q4, hwdst=D, pdst=D4)
PIECE = Ether(src="02:00:00:00:00:08", dst=D) / IP(
    src="10.0.0.8", dst=D4, id=0x1111, proto=17, frag=7) / bytes(
    IP(src="10.0.0.8", dst=D4) / UDP(sport=4000, dport=7) / Raw(bytes(range(100))))[76:]


def packet(**fields):
    """An ARP request for the host's address from the tester, but for `fields`."""
    return ARP(**{"op": 1, "hwsrc": T, "psrc": T4, "hwdst": ZERO, "pdst": D4, **fields})


def refused(reason, counter="proterr"):
    """What an ARP packet costs that says something impossible; counter None: only a drop."""
    counters = {"etharp.drop": 1, **({f"etharp.{counter}": 1} if counter else {})}
    return dict(drops={reason: 1}, counters=counters)


STRANGER, STRANGER4 = "02:00:00:01:00:00", "10.1.0.0"
QUESTION = bytes(Ether(src=STRANGER, dst=D) / packet(hwsrc=STRANGER, psrc=STRANGER4))
REPLY = bytes(Ether(src=D, dst=STRANGER) / ARP(op=2, hwsrc=D, psrc=D4, hwdst=STRANGER,
                                               pdst=STRANGER4)).ljust(60, b"\0")


def numbered(frame, i, *places):
    """The frame of stranger i, whose number is the last two octets of its addresses."""
    for at in places:
        frame = frame[:at] + i.to_bytes(2, "big") + frame[at + 2:]
    return frame


def flood(b):
    """A thousand questions from as many strangers."""
    for i in range(1000):
        b.t.send(numbered(QUESTION, i, 10, 26, 30))
        if i % 100 == 99:
            b.net.run(for_="1ms")


ROWS = [
    dict(id="MF-ARP-01/20-bytes", what="20 bytes of an ARP packet",
         frames=[bytes(E / packet())[:34]], **refused("arp_short", "lenerr")),
    dict(id="MF-ARP-01/27-bytes", what="the last byte of an ARP packet is missing",
         frames=[bytes(E / packet())[:41]], **refused("arp_short", "lenerr")),
    dict(id="MF-ARP-03", what="both address lengths are 255",
         frames=[bytes(E / packet())[:18] + b"\xff\xff" + bytes(E / packet())[20:]],
         **refused("arp_lengths")),
    *[dict(id=f"MF-ARP-04/plen-{n}", what=f"IPv4 addresses of {n} bytes",
           frames=[bytes(E / packet())[:19] + bytes([n]) + bytes(E / packet())[20:]
                   + bytes(24)], **refused("arp_lengths")) for n in (16, 0)],
    *[dict(id=f"MF-ARP-05/hwtype-{n}", what="another kind of hardware",
           frames=[E / packet(hwtype=n)], **refused("arp_hardware"),
           note="6 (IEEE 802) is refused as well: hosts on Ethernet say 1 [RFC1122 2.3.3]")
      for n in (6, 0, 7)],
    *[dict(id=f"MF-ARP-06/ptype-{n:04x}", what="another kind of protocol address",
           frames=[bytes(E / packet())[:16] + n.to_bytes(2, "big") + bytes(E / packet())[18:]],
           **refused("arp_protocol")) for n in (0x86DD, 0)],
    *[dict(id=f"MF-ARP-07/op-{n}", what="an operation that is neither question nor answer",
           frames=[E / packet(op=n)], **refused("arp_opcode", "err")) for n in (0, 3, 8, 0xFFFF)],
    *[dict(id=f"MF-ARP-07/op-{n}-from-a-stranger", what="the same: no entry is made of it",
           frames=[E / packet(op=n, psrc=X4)], **refused("arp_opcode", "err"))
      for n in (0, 3, 8, 0xFFFF)],
    dict(id="MF-ARP-07/op-8-with-a-new-address", what="the same from somebody known who moved",
         frames=[E / packet(op=8, psrc=GW4, hwsrc=ATT)], arp={GW4: (ATT, "stable")},
         **refused("arp_opcode", "err"),
         note="RFC 826 merges before it looks at the operation"),
    dict(id="MF-ARP-08/without-detection", what="somebody claims the host's own address",
         frames=[Ether(src=T, dst=ALL) / packet(psrc=D4)], **refused("arp_own_address", None),
         note="no conflict detection on this host: not learnt and not answered"),
    dict(id="MF-ARP-08/reply-without-detection", what="the same as a reply",
         frames=[E / packet(op=2, psrc=D4)], **refused("arp_own_address", None)),
    dict(id="MF-ARP-09", what="a probe for the host's own address",
         frames=[Ether(src=T, dst=ALL) / packet(psrc="0.0.0.0")],
         replies=lambda b: [b.arp_reply(T, "0.0.0.0")]),
    *[dict(id=f"MF-ARP-10/{ip}", what="a reply from an address that is no host's",
           frames=[E / packet(op=2, psrc=ip, hwdst=D)], **refused("arp_bad_sender_ip", None))
      for ip in ("10.0.0.255", "255.255.255.255", "224.0.0.1", "127.0.0.1")],
    *[dict(id=f"MF-ARP-11/{name}", what="a reply from a hardware address of many",
           frames=[E / packet(op=2, psrc=ip, hwsrc=mac, hwdst=D)],
           **refused("arp_bad_sender_mac", None))
      for name, ip, mac in (("broadcast", "10.0.0.7", ALL), ("known-host", T4, ALL),
                            ("multicast", "10.0.0.7", "01:00:5e:00:00:01"))],
    dict(id="MF-ARP-12/request", what="the frame comes from another station than the packet",
         frames=[Ether(src="02:00:00:00:00:a1", dst=D) / packet(hwsrc=ATT, psrc=X4)],
         replies=lambda b: [b.arp_reply(ATT, X4)], arp={X4: (ATT, "stable")},
         note="RFC 826 looks at the packet alone; the answer goes to its sender address"),
    dict(id="MF-ARP-12/reply", what="the same as a reply for the packet that waits",
         frames=[Ether(src="02:00:00:00:00:a1", dst=D) / packet(op=2, psrc=X4, hwsrc=ATT)],
         arp={X4: (ATT, "stable")}),
    dict(id="MF-ARP-13", what="a reply between two others",
         frames=[E / packet(op=2, psrc="10.0.0.50", pdst="10.0.0.60")]),
    dict(id="MF-ARP-13/request", what="a question between two others",
         frames=[Ether(src=T, dst=ALL) / packet(psrc="10.0.0.50", pdst="10.0.0.60")]),
    dict(id="MF-ARP-14/dynamic", what="an unasked reply moves the gateway",
         frames=[E / packet(op=2, psrc=GW4, hwsrc=ATT, hwdst=D)], arp={GW4: (ATT, "stable")},
         note="RFC 826 permits it, and hosts that move need it; nothing is logged"),
    dict(id="MF-ARP-14/static", what="an unasked reply wants to move a static entry",
         frames=[E / packet(op=2, psrc=S4, hwsrc=ATT, hwdst=D)]),
    dict(id="MF-ARP-14/static-by-request", what="a question wants to move a static entry",
         frames=[E / packet(psrc=S4, hwsrc=ATT)],
         replies=lambda b: [b.arp_reply(ATT, S4)]),
    dict(id="MF-ARP-17", what="a question for the broadcast address",
         frames=[E / packet(pdst="10.0.0.255", psrc=X4)]),
    dict(id="MF-ARP-18", what="a question with 1400 bytes of rubbish behind it",
         frames=[E / packet() / Raw(b"\xbb" * 1400)], replies=lambda b: [b.arp_reply()]),
    *[dict(id=f"MF-ARP-19/{name}", what="an answer for the waiting packet that has no address",
           frames=[E / packet(op=2, psrc=Q4, hwsrc=ZERO, hwdst=D), *more],
           **refused("arp_bad_sender_mac", None), settle=settle,
           note="still pending; the question is asked again (Busy drops it from the frames)")
      for name, more, settle in (("now", [], "10ms"), ("and-a-retry", [], "1500ms"))],
    # beyond the catalogue
    *[dict(id=f"lengths-{h}-{p}", what="address lengths that do not fit",
           frames=[bytes(E / packet())[:18] + bytes([h, p]) + bytes(E / packet())[20:]],
           **refused("arp_lengths")) for h, p in ((0, 4), (0, 0), (6, 6), (4, 6), (8, 4))],
    dict(id="reply-from-0.0.0.0", what="a reply from no address", frames=[
        E / packet(op=2, psrc="0.0.0.0", hwdst=D)]),
    dict(id="probe-for-another", what="somebody else's probe", frames=[
        Ether(src=T, dst=ALL) / packet(psrc="0.0.0.0", pdst=X4)]),
    dict(id="reply-to-everybody", what="a reply in a broadcast frame, for the host", frames=[
        Ether(src=T, dst=ALL) / packet(op=2, psrc=X4, hwdst=ALL)], arp={X4: (T, "stable")}),
    dict(id="announcement-of-a-stranger", what="an announcement by nobody we know", frames=[
        Ether(src=T, dst=ALL) / packet(psrc=X4, pdst=X4)]),
]


@pytest.mark.wire_only(reason="a MAC sees a short frame padded")
def test_packet(busy, row):
    """Nothing is learnt that a sound packet could not have said."""
    b = busy(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


@pytest.mark.parametrize("case", ["MF-ARP-16/flood"])
def test_flood_of_strangers(make_busy, case):
    """1000 questions from 1000 strangers: each is answered once; the table stays at its limit, the
    static entry and the one with a packet in its queue stay in it."""
    b = make_busy(arp_table_size=16)
    flood(b)
    b.compare("replies", [numbered(REPLY, i, 4, 36, 40) for i in range(1000)])
    seen = b.reaction(b.before)
    table = {e["ip"]: e["state"] for e in b.d.arp_table()}
    assert seen["drops"] == seen["counters"] == seen["heard"] == {} and seen["held"] == (0, 0)
    assert len(table) == 16 and table[S4] == "static" and table[Q4] == "pending"
    last = [f"10.1.{i >> 8}.{i & 255}" for i in range(986, 1000)]
    assert sorted(table) == sorted([S4, Q4, *last])
    for mac, ip in ((T, T4), ("02:00:00:00:00:08", "10.0.0.8")):
        b.say(Ether(src=mac, dst=D) / packet(hwsrc=mac, psrc=ip))
    b.f.send(Ether(src="02:00:00:00:02:01", dst="02:00:00:00:02:02")
             / packet(hwsrc="02:00:00:00:02:01", psrc="10.2.0.1", pdst="10.2.0.2"))
    b.net.run(for_="1ms")
    assert len(b.came()) == 2 and len(b.came(b.f)) == 1
    b.exchange()
    assert b.memory() == b.empty


@pytest.mark.parametrize("case", ["MF-ARP-16/silent-neighbours"])
def test_silent_neighbours(make_busy, case):
    """The host sends to 20 addresses that do not answer, with room for 8 entries: the oldest makes
    way for each new one, and the packet it held is freed."""
    b = make_busy(arp_table_size=8)
    for i in range(20):
        b.sockets["out"].send(b"anybody?", f"10.0.0.{100 + i}", 9)
    b.net.run(for_="1ms")
    asked = [Ether(src=D, dst=ALL) / ARP(op=1, hwsrc=D, psrc=D4, pdst=f"10.0.0.{100 + i}")
             for i in range(20)]
    b.compare("questions", asked)
    seen = b.reaction(b.before)
    # 4 dynamic entries of others, then Q's, then the oldest of the twenty
    assert seen["drops"] == {"arp_recycled": 20 - 8 + 1 + 1} and seen["held"] == (0, 0)
    table = {e["ip"]: e["state"] for e in b.d.arp_table()}
    assert table == {S4: "static", **{f"10.0.0.{100 + i}": "pending" for i in range(13, 20)}}
    b.net.run(for_="20s")
    assert b.reaction(b.before)["drops"] == {"arp_recycled": 14, "arp_unresolved": 7}
    b.t.clear()
    b.say(PIECE)
    b.net.run(for_="1ms")
    assert b.heard() == {"echo": [bytes(range(100))]}
    assert b.memory() == b.empty


@pytest.mark.parametrize("case", ["MF-ARP-08/first", "MF-ARP-08/second"])
def test_conflict(make_busy, case):
    """[RFC5227 2.4]: the address is defended by one announcement; a second claim within ten
    seconds takes it away, and nothing is learnt or answered either time."""
    b = make_busy(acd=True)
    claim = Ether(src=T, dst=ALL) / packet(psrc=D4)
    announcement = Ether(src=D, dst=ALL) / ARP(op=1, hwsrc=D, psrc=D4, hwdst=ZERO, pdst=D4)
    b.throw([claim, "1s"])
    b.compare("the defence", [announcement])
    assert b.reaction(b.before) == {"drops": {"arp_own_address": 1}, "arp": {}, "held": (0, 0),
                                    "counters": {"etharp.drop": 1}, "heard": {}}
    if case.endswith("first"):
        b.exchange()
        assert b.memory() == b.empty
        return
    b.throw([claim, "1s"])
    b.compare("given up in silence", [])
    assert b.d.acd() == {"state": "conflict", "conflicts": 1}
    assert b.d.interfaces[0].info()["ip"] == "0.0.0.0"
    b.throw([E / packet(psrc=X4), ANSWER, "10s"])
    assert b.t.pending == 0  # no question either: without an address it would be a probe
    assert b.reaction(b.before) == {
        "drops": {"arp_own_address": 1, "arp_flushed": 1}, "counters": {"etharp.drop": 2},
        "arp": {Q4: None}, "held": (0, 0), "heard": {}}
