"""Everything that waits costs buffers: all of it at once, and the host still hears.

[RFC1122 3.3.2], [RFC1122 2.3.2.2]: fragments without their rest, answers to neighbours that do not
exist, both for as long as they are kept; none of it may add up to deafness, and all comes back."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def halves(count, start=0):
    """Fragments of as many datagrams, none of which will ever be whole."""
    return [IP(src=TESTER, dst=HOST, proto=17, id=start + i, flags="MF", frag=1 + i)
            / Raw(b"fragment") for i in range(count)]


def pieces_of_one(count):
    """As many fragments of one datagram, with holes."""
    return [IP(src=TESTER, dst=HOST, proto=17, id=7, flags="MF", frag=2 * i + 1) / Raw(b"fragment")
            for i in range(count)]


def pings(hosts):
    """An echo request from each of as many neighbours that do not exist."""
    return [IP(src=f"10.0.{1 + i // 250}.{1 + i % 250}", dst=HOST) / ICMP(type=8) / Raw(b"who")
            for i in range(hosts)]


@pytest.mark.parametrize("fragments", [halves(300), pieces_of_one(300),
                                       pieces_of_one(127) + halves(200, 100)],
                         ids=["many", "one", "both"])
def test_waiting_fragments_and_answers_do_not_deafen(net, fragments):
    """With as many neighbours as the table may have: fragments for a minute, answers for five
    seconds, and in between the host answers whoever is there."""
    lan = net.segment("lan", kind="hub", rate="1G", latency="10us")
    a = net.host("a", lan, ip=f"{HOST}/16", arp_table_size=1024, arp_queue_len=10)
    wire = lan.port("tester", mac="02:00:00:00:00:fe")
    a.arp_static(TESTER, wire.mac)
    socket = a.udp(7)
    net.run(until="1ms")
    idle = {n: p["used"] for n, p in a.stats()["memp"].items()}

    def hears(seq):
        wire.clear()
        wire.send([Ether(src=wire.mac, dst=a.mac) / IP(src=TESTER, dst=HOST) / p
                   for p in (UDP(sport=4000, dport=7) / Raw(b"hear"), ICMP(type=8, seq=seq))])
        assert socket.recv(timeout="10ms").data == b"hear"
        reply = [p for p in wire.sniff(timeout="10ms") if ICMP in p]
        assert [p[ICMP].seq for p in reply] == [seq]

    def flood(packets):
        for i in range(0, len(packets), 50):
            wire.send([Ether(src=wire.mac, dst=a.mac) / p for p in packets[i:i + 50]])
            net.run(for_="1ms")

    flood(fragments)
    hears(1)
    flood(pings(600))
    hears(2)
    assert a.stats()["memp"]["PBUF_POOL"]["used"] < a.stats()["memp"]["PBUF_POOL"]["avail"]
    net.run(for_="6s")
    hears(3)
    net.run(for_="61s")
    hears(4)
    assert {n: p["used"] for n, p in a.stats()["memp"].items()} == idle


def test_table_full_of_strangers_is_a_table_again(target):
    """A thousand neighbours that introduce themselves push each other out; who is set stays, and
    whoever speaks last is known."""
    t = target()
    for i in range(1000):
        ip = f"10.0.0.{2 + i % 200}"
        t.wire.send(Ether(src=f"02:01:00:00:{i >> 8:02x}:{i & 255:02x}", dst=t.a.mac)
                    / ARP(op=2, hwsrc=f"02:01:00:00:{i >> 8:02x}:{i & 255:02x}", psrc=ip,
                          pdst=HOST))
        if i % 100 == 99:
            t.net.run(for_="2ms")
    table = t.a.arp_table()
    assert len(table) == 32
    assert {e["ip"] for e in table} == {TESTER} | {f"10.0.0.{201 - i}" for i in range(31)}
    assert next(e for e in table if e["ip"] == "10.0.0.201")["mac"] == "02:01:00:00:03:e7"
    t.still_works()


def test_flood_of_half_datagrams_does_not_keep_whole_ones_out(target):
    """[RFC1122 3.3.2]: what came first makes way: an honest datagram between two floods is whole
    though the table of datagrams is full all the time."""
    t = target()
    octets = bytes(IP(src="10.0.0.9", dst=HOST) / UDP(sport=5, dport=7) / Raw(b"honest" * 100))[20:]
    honest = [IP(src="10.0.0.9", dst=HOST, proto=17, id=9, frag=at // 8,
                 flags="MF" if at + 200 < len(octets) else 0) / Raw(octets[at:at + 200])
              for at in range(0, len(octets), 200)]
    for round_ in range(5):
        t.send(*halves(100, 1000 + 200 * round_))
        for piece in honest:
            t.send(piece, *halves(3, 1100 + 200 * round_ + 10 * honest.index(piece)))
        assert t.socket.recv(timeout="20ms").data == b"honest" * 100
    t.net.run(for_="61s")
    t.still_works()


def test_largest_datagrams_are_answered(target):
    """65,535 octets with and without options: delivered, and the ping answered in full."""
    t = target()
    for options in (b"", b"\x01" * 40):
        room = 65535 - 20 - len(options)
        for upper in (UDP(sport=4, dport=7, len=room) / Raw(bytes(room - 8)),
                      ICMP(type=8) / Raw(bytes(room - 8))):
            whole = bytes(IP(src=TESTER, dst=HOST) / upper)[20:]
            assert len(whole) == room
            for at in range(0, room, 1440):
                t.send(IP(src=TESTER, dst=HOST, id=len(options), proto=17 if UDP in upper else 1,
                          frag=at // 8, flags="MF" if at + 1440 < room else 0, options=options)
                       / Raw(whole[at:at + 1440]))
        assert len(t.socket.recv(timeout="1s").data) == room - 8
        back = t.answers("1s")
        assert sum(p[IP].len - 20 for p in back) == room
    t.still_works()
