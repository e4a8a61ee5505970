"""A host cuts what is too big for its link, and only that.

[RFC791 3.2]: every fragment but the last carries a multiple of 8 octets, all have the datagram's
identification. [RFC791 3.1 DF]: what may not be cut is refused. [RFC791 3.1]: of the options only
those with the copied bit go into the fragments behind the first."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import StackError, shows

HOST, TESTER = "10.0.0.1", "10.0.0.254"


def reference(frame):
    """The fragment's header as Scapy writes it."""
    ip = frame[IP].copy()
    del ip.chksum
    return bytes(ip)[:ip.ihl * 4]


@pytest.mark.exact_virtual
@pytest.mark.parametrize("mtu, size", [(1500, 4000), (1500, 1473), (1500, 2952), (1500, 2953),
                                       (576, 4000), (577, 4000), (583, 1200), (584, 1200),
                                       (68, 1000)])
def test_datagram_is_cut_to_the_mtu(bench, switched, mtu, size):
    """[RFC791 3.2]: as much as fits in units of 8, back to back; together they are the datagram."""
    b = bench(mtu=mtu)
    whole = b.datagram(size + 8, src=HOST, dst=TESTER)
    whole = bytes(IP(src=HOST, dst=TESTER) / UDP(sport=7, dport=9) / Raw(whole[8:]))[20:]
    start = b.net.now_ns
    b.socket.send(whole[8:], TESTER, 9)
    room = (mtu - 20) // 8 * 8
    lengths = [min(room, len(whole) - at) for at in range(0, len(whole), room)]
    frames = [b.wire.recv_bytes(timeout=1) for _ in lengths]
    expected = switched([start] * len(frames), [34 + n for n in lengths])
    assert [f.t_ns for f in frames] == expected
    got = [Ether(f.data) for f in frames]
    with shows("RQ-791-04"):
        assert [(p[IP].len, p[IP].frag * 8, str(p[IP].flags), p[IP].id) for p in got] == \
            [(20 + n, i * room, "MF" if i < len(lengths) - 1 else "", 0)
             for i, n in enumerate(lengths)]
        assert [bytes(p[IP])[:20] for p in got] == [reference(p) for p in got]
        assert b"".join(bytes(p[IP])[20:p[IP].len] for p in got) == whole
    stats = b.a.stats()
    assert (stats["mib2"]["ipfragoks"], stats["mib2"]["ipfragcreates"]) == (1, len(lengths))
    assert (stats["lwip"]["ip_frag"]["xmit"], stats["lwip"]["ip"]["xmit"]) == (len(lengths), 1)
    assert (stats["drops"], stats["memp"]["FRAG_PBUF"]["used"], stats["mem"]["used"]) == ({}, 0, 0)


@pytest.mark.parametrize("mtu, size", [(1500, 1472), (576, 548), (68, 40)])
def test_datagram_that_just_fits_is_not_cut(bench, mtu, size):
    """[RFC791 3.2]: one frame of exactly the MTU, with neither offset nor MF."""
    b = bench(mtu=mtu)
    b.socket.send(bytes(size), TESTER, 9)
    frame = b.wire.recv(timeout=1)
    assert (frame[IP].len, frame[IP].frag, int(frame[IP].flags)) == (mtu, 0, 0)
    assert b.wire.sniff(timeout="1s").res == []
    assert b.a.stats()["mib2"]["ipfragcreates"] == 0


def test_each_datagram_has_its_identification(bench):
    """[RFC791 3.2]: cut or not, one counter, one step per datagram and not per fragment."""
    b = bench()
    for size in (10, 3000, 10, 2000):
        b.socket.send(bytes(size), TESTER, 9)
    frames = b.wire.sniff(timeout="10ms")
    assert [p[IP].id for p in frames] == [0, 1, 1, 1, 2, 3, 3]


def test_fragments_bear_the_senders_ttl_and_tos(bench):
    """[RFC791 3.2]: the header's other fields are the same in all fragments."""
    b = bench()
    b.socket.send(bytes(4000), TESTER, 9, ttl=7, tos=0xB8)
    frames = b.wire.sniff(timeout="10ms")
    assert [(p[IP].ttl, p[IP].tos, p[IP].proto) for p in frames] == [(7, 0xB8, 17)] * 3


@pytest.mark.exact_virtual
def test_datagram_that_may_not_be_cut_is_refused(bench):
    """[RFC791 3.1 DF]: the caller is told, nothing leaves; one octet less and it leaves with DF."""
    b = bench()
    with pytest.raises(StackError) as refused:
        b.a.ping(TESTER, data=bytes(1473), df=True)
    with shows("RQ-791-05"):
        assert refused.value.err == -6
        assert len(b.wire.sniff(timeout="10ms")) == 0
        stats = b.a.stats()
        assert stats["drops"] == {"ip4_out_too_big": 1}
    assert (stats["mib2"]["ipfragfails"], stats["mib2"]["ipoutdiscards"]) == (1, 1)
    assert stats["mib2"]["ipfragcreates"] == 0
    assert b.a.ping(TESTER, data=bytes(1472), df=True, timeout="1ms") is None
    frame = b.wire.recv(timeout=1)
    assert (str(frame[IP].flags), frame[IP].len) == ("DF", 1500)
    b.still_works()


def test_without_fragmentation_big_datagrams_are_refused(bench):
    """[RFC791 3.2]: a host that is told not to cut (ip_frag 0) sends whole datagrams only."""
    b = bench(ip_frag=0)
    with pytest.raises(StackError) as refused:
        b.socket.send(bytes(1473), TESTER, 9)
    assert refused.value.err == -6
    assert b.drops() == {"ip4_out_too_big": 1}
    b.socket.send(bytes(1472), TESTER, 9)
    assert b.wire.recv(timeout=1)[IP].len == 1500
    b.still_works()


def test_options_with_the_copied_bit_go_into_every_fragment(bench):
    """[RFC791 3.1]: record route stays in the first; an option with the copied bit, here router
    alert, is in all of them, and the room behind the first grows by what was left out."""
    b = bench()
    raw = b.a.raw(253, hdrincl=True)
    kept, first_only = b"\x94\x04\x00\x00", b"\x07\x07\x04\x00\x00\x00\x00\x01"
    data = bytes(i & 0xFF for i in range(3000))
    raw.send(bytes(IP(src=HOST, dst=TESTER, id=5, proto=253, options=first_only + kept)
                   / Raw(data)), TESTER)
    frames = b.wire.sniff(timeout="10ms")
    with shows("RQ-791-09"):
        assert [p[IP].ihl for p in frames] == [8, 6, 6]
        assert [bytes(p[IP])[20:p[IP].ihl * 4] for p in frames] == [first_only + kept, kept, kept]
    assert [p[IP].frag * 8 for p in frames] == [0, 1464, 1464 + 1472]
    assert [bytes(p[IP])[:p[IP].ihl * 4] for p in frames] == [reference(p) for p in frames]
    assert b"".join(bytes(p[IP])[p[IP].ihl * 4:p[IP].len] for p in frames) == data


def test_ready_made_fragment_is_cut_again(bench):
    """[RFC791 3.2]: a piece cut once more keeps its offset, and MF on all when it was not the
    last."""
    b = bench(mtu=576)
    raw = b.a.raw(253, hdrincl=True)
    raw.send(bytes(IP(src=HOST, dst=TESTER, id=5, proto=253, frag=100, flags="MF")
                   / Raw(bytes(1200))), TESTER)
    frames = b.wire.sniff(timeout="10ms")
    assert [(p[IP].frag, str(p[IP].flags), p[IP].len) for p in frames] == \
        [(100, "MF", 572), (169, "MF", 572), (238, "MF", 116)]


def test_no_memory_for_a_fragment(bench):
    """[RFC791 3.2]: the caller is told; what was taken is given back; small datagrams still
    leave."""
    b = bench(memp_num_frag_pbuf=0)
    with pytest.raises(StackError) as refused:
        b.socket.send(bytes(4000), TESTER, 9)
    assert refused.value.err == -1
    stats = b.a.stats()
    assert stats["drops"] == {"ip4_frag_no_memory": 1}
    assert (stats["lwip"]["ip_frag"]["memerr"], stats["mib2"]["ipfragfails"]) == (1, 1)
    assert stats["mem"]["used"] == 0
    b.still_works()


@pytest.mark.exact_virtual
@pytest.mark.parametrize("queue, delivered", [(3, False), (4, True)])
def test_fragments_wait_for_an_address(net, switched, queue, delivered):
    """[RFC1122 2.3.2.2]: the queue of an unresolved neighbour holds arp_queue_len fragments; when
    it is shorter than the datagram the first is lost, and with it the whole."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24", arp_queue_len=queue)
    b = net.host("b", lan, ip="10.0.0.2/24")
    sender, receiver = a.udp(5000), b.udp(7)
    net.run(until="1ms")
    data = bytes(i & 0xFF for i in range(4 * 1480 - 8))
    sender.send(data, "10.0.0.2", 7)
    resolved = switched(switched([net.now_ns], [60]), [60])
    got = receiver.recv(timeout="1s")
    if delivered:
        assert got.data == data
        assert got.t_ns == switched(resolved * 4, [1514] * 4)[-1]
        assert a.stats()["drops"] == {}
    else:
        assert got is None
        assert a.stats()["drops"] == {"arp_queue_full": 1}
        net.run(for_="60s")
        assert b.stats()["drops"] == {"ip4_reass_timeout": 3}


@pytest.mark.exact_virtual
def test_largest_datagram_crosses(net, switched):
    """[RFC791 3.1 Total Length]: 65,535 octets with the header, in 45 pieces."""
    lan = net.segment("lan", latency="50us")
    a = net.host("a", lan, ip="10.0.0.1/24")
    b = net.host("b", lan, ip="10.0.0.2/24")
    a.arp_static("10.0.0.2", b.mac)
    sender, receiver = a.udp(5000), b.udp(7)
    net.run(until="1ms")
    data = bytes((i * i >> 3) & 0xFF for i in range(65507))
    sender.send(data, "10.0.0.2", 7)
    got = receiver.recv(timeout=1)
    lengths = [1514] * 44 + [34 + 65515 - 44 * 1480]
    assert got.t_ns == switched([1_000_000] * 45, lengths)[-1]
    assert got.data == data
    assert b.stats()["mib2"]["ipreasmoks"] == 1
    assert b.stats()["memp"]["REASSDATA"]["used"] == 0


def test_largest_raw_datagram_leaves_whole(bench):
    """[RFC791 3.1 Total Length]: 65,515 octets fit behind a header; the last piece ends at
    65,535."""
    b = bench()
    b.a.raw(253).send(bytes(65515), TESTER)
    last = b.wire.sniff(timeout="10ms")[-1]
    assert last[IP].frag * 8 + last[IP].len == 65535
    b.still_works()
