"""Bugs that other stacks have had with data: order, windows, merging, what the program is told
[RFC9293 3.10.7.4][RFC2018][RFC7323]."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether

from lockwire import wire_time

MS, S = 1_000_000, 1_000_000_000
GAP = wire_time(54, "1G", gap=True) - wire_time(54, "1G")  # between two frames


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


def hop(length=0):
    """Nanoseconds that a segment with so many octets of data and options needs to the other end."""
    return wire_time(54 + length, "1G")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-DATA-01")
def test_order_near_the_wrap(talk):
    """RCV.NXT is 0xfffffff0; pieces from both sides of the wrap come out of order."""
    t = talk()
    connection, peer = t.serve(isn=0xFFFFFFEF)
    data = bytes(range(80))
    for seq, piece, held, ack in ((0x10, data[0x20:0x50], 48, 0xFFFFFFF0),
                                  (0xFFFFFFF8, data[8:0x20], 72, 0xFFFFFFF0),
                                  (0xFFFFFFF0, data[:8], 0, 0x40)):
        t.net.run(for_="1us")
        sent = peer.send("A", piece, seq=seq)
        peer.expect("A", ack=ack, at=hop(len(piece)) + hop(), since=sent)
        assert connection.info().ooseq == held
    assert connection.recv() == data


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-DATA-02")
def test_longer_duplicate_stays_trimmed(talk):
    """[1000, 2500) is cut to the window of 2000; [1000, 3000) is, too."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    for end in (2500, 3000):
        peer.send("A", bytes(end - 1000), seq=peer.seq(1001))
        peer.expect("A", ack=peer.seq(1), win=2000)
        assert connection.info().ooseq == 1000
    peer.send("A", bytes(1000))
    peer.expect("A", ack=peer.seq(2001), win=0)
    assert connection.pending == 2000 and connection.recv_exactly(2000) == bytes(2000)


@museum("MB-DATA-03")
def test_fin_beyond_the_window(talk):
    """More than the window with a FIN: cut, the FIN is not taken, the ACK is for the window."""
    t = talk(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("FPA", bytes(1001))
    t.net.run(for_="1ms")
    assert peer.drain()[-1].ack == peer.seq(2001)
    assert (connection.state, connection.pending, connection.eof) == ("ESTABLISHED", 2000, False)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-DATA-05")
def test_fin_out_of_order(talk):
    """The end comes first: it is acknowledged when everything before it has come, and not sooner.
    The program gets everything, then the end, once."""
    t = talk()
    connection, peer = t.serve()
    t.net.run(for_="1us")
    last = peer.send("FPA", b"B" * 100, seq=peer.seq(101))
    peer.expect("A", ack=peer.seq(1), at=hop(100) + hop(), since=last)
    assert connection.state == "ESTABLISHED" and not connection.eof
    first = peer.send("A", b"A" * 100)
    peer.expect("A", ack=peer.seq(202), at=hop(100) + hop(), since=first)
    assert connection.state == "CLOSE_WAIT"
    assert [(e.name, e.value) for e in connection.events[1:]] == [("recv", 200), ("closed", None)]
    assert connection.recv_all(timeout=0) == b"A" * 100 + b"B" * 100
    peer.expect_nothing(for_="1s")


def every_second(t, peer):
    """The peer sends every second of 44 segments, from the second on, a millisecond apart."""
    for n in range(1, 44, 2):
        peer.send("A", bytes(1460), seq=peer.seq(1 + 1460 * n))
        t.net.run(for_="1ms")


@museum("MB-DATA-08/bytes", "MB-DATA-08/pbufs")
def test_queue_out_of_order_has_a_limit(talk, row):
    """Every second segment of a window: three of them are kept; what closes the first gap is taken
    though the limit is reached."""
    t = talk(**({"tcp_ooseq_max_bytes": 5000} if row.endswith("bytes") else
                {"tcp_ooseq_max_pbufs": 3}))
    connection, peer = t.serve()
    every_second(t, peer)
    info = connection.info()
    assert (info.ooseq, info.ooseq_segments) == (3 * 1460, 3)
    assert t.drops() == {"tcp_ooseq_memory": 19}
    assert [s.ack for s in peer.drain()] == [peer.seq(1)] * 22
    peer.send("PA", bytes(1460))
    peer.expect("A", ack=peer.seq(2921))
    assert connection.pending == 2920


@museum("MB-DATA-08/pool")
def test_queue_out_of_order_gives_way(talk):
    """All 20 buffers are filled with what is out of order: the next frame finds none, and is lost;
    then all of them are given back, and there is room again."""
    t = talk(pbuf_pool_size=20)
    connection, peer = t.serve()
    every_second(t, peer)
    assert len(peer.drain()) == 21 and connection.info().ooseq == 1460
    assert t.h.stats()["memp"]["PBUF_POOL"] == {"avail": 20, "used": 1, "max": 20, "err": 1,
                                                "illegal": 0}
    peer.send("PA", b"first")
    peer.expect("A", ack=peer.seq(6))
    assert connection.recv(timeout=0) == b"first"


def reported(peer, segment):
    """The SACK blocks of a segment, as hundreds of octets of the peer's stream."""
    edges = [(edge - peer.seq(1)) % 2**32 / 100 for edge in segment.option("SAck") or ()]
    return list(zip(edges[::2], edges[1::2]))


@museum("MB-DATA-09/memory")
def test_sack_blocks_of_what_was_given_up(talk):
    """The eighth buffer is the last, the ninth frame is lost, and the others are taken back: what
    comes next is all that is reported [RFC2018 8]."""
    t = talk(pbuf_pool_size=8)
    _, peer = t.serve(sack=True)
    for n in range(1, 17, 2):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * n))
        blocks = [(k, k + 1) for k in range(n, max(0, n - 8), -2)]
        assert reported(peer, peer.expect("A", ack=peer.seq(1))) == blocks
    peer.send("A", bytes(100), seq=peer.seq(1701))
    peer.expect_nothing(for_="1ms")
    for n, blocks in ((19, [(19, 20)]), (21, [(21, 22), (19, 20)]), (0, [(21, 22), (19, 20)])):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * n))
        got = peer.expect("A", ack=peer.seq(1 if n else 101))
        assert reported(peer, got) == blocks


@museum("MB-DATA-09/delivered")
def test_sack_blocks_of_what_was_delivered(talk):
    """Three blocks; each time that the first gap is filled there is one less."""
    t = talk()
    _, peer = t.serve(sack=True)
    for n in (1, 3, 5):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * n))
        peer.expect("A", ack=peer.seq(1))
    for n, blocks in ((0, [(5, 6), (3, 4)]), (2, [(5, 6)]), (4, [])):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * n))
        assert reported(peer, peer.expect("A", ack=peer.seq(201 + 100 * n))) == blocks


@museum("MB-DATA-10")
@pytest.mark.exact_ms
def test_refused_data_and_fin(talk):
    """The last segment has data and FIN and is refused three times, a quarter of a second apart:
    the data once, then the end."""
    t = talk()
    connection, peer = t.serve()
    t.net.run(for_="1us")
    connection.refuse(3)
    came = peer.send("FPA", b"last").t_ns + hop(4)
    t.net.run(for_="2s")
    again = [came // MS * MS + n * 250 * MS for n in range(1, 4)]
    assert [(e.t_ns, e.name) for e in connection.events[1:]] == [
        (came, "refused"), (again[0], "refused"), (again[1], "refused"), (again[2], "recv"),
        (again[2], "closed")]
    assert connection.recv_all() == b"last"


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-DATA-13/data", "MB-DATA-13/segment")
@pytest.mark.exact_ms
def test_split_without_memory(talk, row):
    """1000 octets wait in one segment, and the window takes 400. No memory, for the data or for the
    segment, when it is to be cut after half a second: it is after another."""
    t = talk()
    connection, peer = t.serve()
    peer.ack(win=0)
    t.net.run(for_="1ms")
    assert connection.write(bytes(1000)) == "ERR_OK" and connection.info().unsent_segments == 1
    began = (peer.ack(win=400).t_ns + hop()) // MS * MS
    t.net.run(for_="1ms")
    t.h.fail_alloc(1 if row.endswith("data") else 2)
    peer.expect("A", seq=peer.rseq(1), length=400, at=began + 1000 * MS + hop(400))
    assert t.h.allocs()["failed"] == 1
    sent = peer.ack(win=1000)
    peer.expect("PA", seq=peer.rseq(401), length=600, at=hop() + hop(600), since=sent)
    peer.ack()
    t.net.run(for_="1ms")
    assert (connection.state, connection.info().in_flight) == ("ESTABLISHED", 0)


@museum("MB-DATA-14/chunks")
def test_no_segment_beyond_the_mss(talk):
    """The peer's MSS is 300; writes of 100 octets with Nagle fill segments of 300."""
    t = talk()
    connection, peer = t.serve(mss=300)
    for n in range(20):
        connection.write(bytes([n]) * 100)
    got = peer.drain("1ms")
    peer.ack()
    got += peer.drain("1ms")
    assert [s.length for s in got] == [100] + [300] * 6 + [100]
    assert b"".join(s.payload for s in got) == b"".join(bytes([n]) * 100 for n in range(20))


@museum("MB-DATA-14/opening")
def test_mss_that_is_known_later(talk):
    """1000 octets are written while the SYN is on its way; the SYN-ACK says that 300 are the
    most: nothing is longer."""
    t = talk()
    peer = t.peer(None, 7000, mss=300)
    connection = t.h.connect(peer.ip, 7000, wait=False)
    assert connection.write(bytes(1000)) == "ERR_OK"
    peer.expect("S")
    peer.send("SA")
    got = peer.drain("1ms")
    peer.ack()
    got += peer.drain("1ms")
    # 524 is the default MSS without the options that might have been agreed on
    assert [s.length for s in got] == [300, 224, 300, 176]


@museum("MB-DATA-14/shrunk")
def test_mss_that_shrinks(talk):
    """100 octets wait in a buffer with room for 1460 when the path's MTU becomes 576: as many
    octets join them as make a segment of 536."""
    t = talk()
    connection, peer = t.serve()
    connection.write(bytes(1460))
    big = peer.expect("PA", length=1460, lost=True)
    connection.write(bytes(100))
    t.wire.send(Ether(src=t.wire.mac, dst=t.h.mac) / IP(src=peer.ip, dst="10.0.0.2")
                / ICMP(type=3, code=4, nexthopmtu=576) / big.frame[14:14 + 28])
    t.net.run(for_="1ms")
    connection.write(bytes(1000))
    got = peer.drain("1ms")
    peer.ack()
    got += peer.drain("1ms")
    assert [((s.seq - peer.rseq(1)) % 2**32, s.length) for s in got] == [
        (0, 536), (536, 536), (1072, 388), (1460, 536), (1996, 536), (2532, 28)]


@museum("MB-DATA-15")
@pytest.mark.exact_ms
def test_bytes_stay_in_order_through_a_timeout(talk):
    """Two segments in flight, half a third waits, the timer expires, the program writes more: that
    goes behind the last, not behind what was sent again."""
    t = talk(tcp_iw_segments=2)
    connection, peer = t.serve(mss=100)
    data = bytes(range(250)) + bytes(range(100, 200))
    connection.sendall(data[:250])
    first, second = (peer.expect("A", data=data[at:at + 100], lost=True) for at in (0, 100))
    again = peer.expect("A", seq=first.seq, data=data[:100], lost=True,
                        at=first.t_ns // MS * MS + S + hop(100))
    connection.sendall(data[250:])
    peer.expect("A", seq=first.seq, data=data[:100], at=again.t_ns + 2 * S)
    peer.ack()
    peer.expect("A", seq=second.seq, data=data[100:200])
    peer.expect("A", seq=peer.rseq(201), data=data[200:300])
    peer.ack()
    peer.expect("PA", seq=peer.rseq(301), data=data[300:])
    assert peer.rcv_nxt == peer.rseq(351)


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-DATA-16/nagle")
def test_nagle_ends_with_the_ack(talk):
    """100 octets, then 50: these wait for the ACK, and no longer."""
    t = talk()
    connection, peer = t.serve()
    for _ in range(10):
        began = t.net.now_ns
        connection.sendall(bytes(100))
        connection.sendall(bytes(50))
        peer.expect("PA", length=100, at=hop(100), since=began)
        peer.expect_nothing(for_="200ms")
        sent = peer.ack()
        peer.expect("PA", length=50, at=hop() + hop(50), since=sent)
        peer.ack()
        t.net.run(for_="1ms")


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@museum("MB-DATA-16/nodelay", "MB-DATA-16/full", "MB-DATA-16/last-room", "MB-DATA-16/last-place")
def test_nagle_lets_pass(talk, row):
    """What a program wants at once, full segments, and what fills the buffer or its last place, as
    no more could join it, leave while another is in flight."""
    kind = row.split("/")[1]
    t = talk(**{"last-room": {"tcp_snd_buf": 1000},
                "last-place": {"tcp_snd_queuelen": 2}}.get(kind, {}))
    connection, peer = t.serve()
    first, second = {"nodelay": (100, 50), "full": (100, 1460), "last-room": (100, 900),
                     "last-place": (100, 50)}[kind]
    connection.set(nodelay=kind == "nodelay")
    began = t.net.now_ns
    assert connection.write(bytes(first)) == connection.write(bytes(second)) == "ERR_OK"
    peer.expect("PA", length=first, at=hop(first), since=began)
    peer.expect("PA", length=second, at=hop(first) + GAP + hop(second), since=began)


@museum("MB-DATA-18")
def test_number_of_acks(talk):
    """Ten full segments, each read in its call-back: one ACK for every second, at once."""
    t = talk()
    _, peer = t.serve(listen={"discard": True})
    t.net.run(for_="1us")
    began = t.net.now_ns
    for _ in range(10):
        peer.send("A", bytes(1460))
    step = hop(1460) + GAP
    for n in range(2, 12, 2):
        peer.expect("A", ack=peer.seq(1 + n * 1460), win=64240, at=n * step - GAP + hop(),
                    since=began)
    peer.expect_nothing(for_="1s")


@museum("MB-DATA-19")
def test_sum_of_sent(talk):
    """ACKs that overtake each other, and some within a segment: sent reports what each of them
    acknowledges, once."""
    t = talk()
    connection, peer = t.serve(mss=500)
    connection.sendall(bytes(1000))
    assert len(peer.drain("1ms")) == 2
    for ack in (301, 101, 777, 500, 1001, 777):
        peer.ack(peer.rseq(ack))
    t.net.run(for_="1ms")
    assert [e.value for e in connection.events if e.name == "sent"] == [300, 476, 224]
    assert connection.info().snd_buf == t.h.options["tcp_snd_buf"]


@museum("MB-DATA-20")
@pytest.mark.exact_ms
def test_ack_within_a_segment(talk):
    """537 of 1072 octets are acknowledged, and no more: the rest is sent again, and again."""
    t = talk()
    connection, peer = t.serve(mss=536)
    data = bytes(n % 251 for n in range(1072))
    connection.sendall(data)
    assert len(peer.drain("1ms")) == 2
    began = (peer.ack(peer.rseq(538)).t_ns + hop()) // MS * MS
    for seconds in (1, 3):
        peer.expect("PA", seq=peer.rseq(538), data=data[537:], at=began + seconds * S + hop(535))
    peer.ack(peer.rseq(1073))
    t.net.run(for_="1ms")
    info = connection.info()
    assert (info.in_flight, info.unacked_segments, info.timers) == (0, 0, {})


@museum("MB-DATA-21")
def test_new_part_of_a_repeat(talk):
    """RCV.NXT is 500 and [0, 1000) comes: the new half is taken, and acknowledged at once, being
    the second segment."""
    t = talk()
    connection, peer = t.serve()
    data = bytes(n % 251 for n in range(1000))
    peer.send("A", data[:500])
    t.net.run(for_="1ms")
    again = peer.send("A", data, seq=peer.seq(1))
    peer.expect("A", ack=peer.seq(1001), at=hop(1000) + hop(), since=again)
    assert connection.recv() == data and t.drops() == {}


@museum("MB-DATA-22")
def test_segment_without_ack_is_no_data(talk):
    """Dropped."""
    t = talk()
    connection, peer = t.serve()
    peer.send("P", b"ten octets", advance=False)
    peer.expect_nothing(for_="1s")
    assert (connection.pending, connection.info().rcv_nxt) == (0, peer.seq(1))
    assert t.drops() == {"tcp_no_ack": 1}


@museum("MB-DATA-23")
def test_data_with_an_impossible_ack(talk):
    """An ACK, and the data is not taken."""
    t = talk()
    connection, peer = t.serve()
    peer.send("PA", b"ten octets", ack=peer.rcv_nxt + 1, advance=False)
    peer.expect("A", ack=peer.seq(1))
    assert connection.pending == 0 and t.drops() == {"tcp_ack_unsent": 1}


@museum("MB-DATA-24")
def test_duplicate_from_before_the_wrap(talk):
    """Its sequence number fits again, its timestamp is old: dropped, with an ACK [RFC7323 5]."""
    t = talk()
    connection, peer = t.serve(ts=100_000)
    peer.send("PA", b"new")
    t.net.run(for_="100ms")
    peer.drain()
    peer.send("PA", b"old", options=peer.timestamps(val=99_000), advance=False)
    peer.expect("A", ack=peer.seq(4))
    assert connection.recv() == b"new" and t.drops() == {"tcp_paws": 1}
