"""Headers that lie across receive buffers: what is said does not depend on where they were cut.

[RFC1122 3.2.1.8], [RFC768]: options move the transport header to any place of a small buffer; an
empty datagram whose header was cut crashed this stack once. lwIP drivers hand frames over as
chains of pool buffers of any size."""

import pytest
from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import ARP, Dot3, LLC, SNAP, Ether
from scapy.packet import Raw

HOST, TESTER = "10.0.0.1", "10.0.0.254"
SIZES = [72, 80, 88, 96, 104, 128]


def nops(words):
    """Options that say nothing, `words` of four octets each."""
    return b"\x01" * (4 * words)


@pytest.mark.parametrize("bufsize", SIZES)
def test_datagram_behind_options_is_delivered_from_any_buffer(target, bufsize):
    """[RFC768]: from empty to longer than a buffer, its header anywhere."""
    t = target(pbuf_pool_bufsize=bufsize)
    for words in range(8):
        if 14 + 20 + 4 * words > bufsize:
            continue
        for size in (0, 1, 7, 8, 9, 100):
            data = bytes(range(size))
            t.send(IP(src=TESTER, dst=HOST, options=nops(words))
                   / UDP(sport=4000, dport=7) / Raw(data))
            assert t.socket.recv(timeout="1ms").data == data
    assert t.drops() == {}
    t.still_works()


@pytest.mark.parametrize("bufsize", SIZES)
def test_echo_and_error_do_not_depend_on_buffers(net, target, bufsize):
    """[RFC792]: the same replies, quotes and refusals, byte for byte, as from one large buffer."""
    t = target(pbuf_pool_bufsize=bufsize)
    other = net.segment("other", kind="hub", latency="10us")
    whole = net.host("whole", other, ip=f"{HOST}/24", mac=t.a.mac)
    wire = other.port("tester2", mac=t.wire.mac)
    whole.arp_static(TESTER, wire.mac)
    net.run(for_="1ms")
    wire.clear()
    for words in range(8):
        if 14 + 20 + 4 * words > bufsize:
            continue
        ip = IP(src=TESTER, dst=HOST, options=nops(words))
        for size in (0, 1, 30, 31, 90, 200):
            data = bytes(range(size))
            for upper in (ICMP(type=8, id=size), UDP(dport=9), ICMP(type=13),
                          ICMP(type=3, code=1) / Raw(bytes(IP(src=HOST, dst=TESTER))[:size])):
                f = bytes(t.frame(ip / upper / Raw(data)))
                t.wire.send(f)
                wire.send(f)
                net.run(for_="1ms")
                assert ([bytes(p) for p in t.wire.sniff(timeout=0)]
                        == [bytes(p) for p in wire.sniff(timeout=0)])
    assert t.drops() == whole.stats()["drops"]
    t.still_works()


@pytest.mark.parametrize("bufsize", SIZES)
def test_snap_frame_longer_than_a_buffer_is_understood(target, bufsize):
    """[RFC1122 2.3.3]: the 802.3 length is that of the frame, not of its first buffer."""
    t = target(pbuf_pool_bufsize=bufsize)
    snap = Dot3(src=t.wire.mac, dst=t.a.mac) / LLC(dsap=0xaa, ssap=0xaa, ctrl=3) / SNAP(code=0x800)
    for size in (20, 60, 400):
        t.wire.send(snap / IP(src=TESTER, dst=HOST) / ICMP(type=8, seq=size) / Raw(size * b"s"))
        reply = t.wire.recv(timeout="1ms")
        assert (reply[ICMP].seq, reply[Raw].load[:size]) == (size, size * b"s")
    t.still_works()


def test_fragments_in_small_buffers_are_joined(target):
    """[RFC791 3.2]: each piece is a chain; the joined header lies across the first one's end."""
    t = target(pbuf_pool_bufsize=72)
    octets = bytes(IP(src=TESTER, dst=HOST) / UDP(sport=4000, dport=7)
                   / Raw(bytes(i & 255 for i in range(800))))[20:]
    for words in (0, 3, 6):
        pieces = [IP(src=TESTER, dst=HOST, id=words, proto=17, frag=at // 8,
                     flags="MF" if at + 200 < len(octets) else 0, options=nops(words))
                  / Raw(octets[at:at + 200]) for at in range(0, len(octets), 200)]
        t.send(*reversed(pieces))
        assert t.socket.recv(timeout="1ms").data == octets[8:]
    t.still_works()


def test_arp_in_small_buffers_is_answered(target):
    """[RFC826 Packet Reception]: with a long tail behind it, too."""
    t = target(pbuf_pool_bufsize=72)
    for tail in (0, 30, 1000):
        t.wire.send(Ether(src=t.wire.mac, dst="ff:ff:ff:ff:ff:ff")
                    / ARP(hwsrc=t.wire.mac, psrc=TESTER, pdst=HOST) / Raw(tail * b"t"))
        assert t.wire.recv(timeout="1ms")[ARP].hwsrc == t.a.mac
    t.still_works()
