"""Bugs that other stacks have had with data: order, windows, merging, what the program is told
[RFC9293 3.10.7.4][RFC2018][RFC7323]."""

import pytest

MS, S = 1_000_000, 1_000_000_000


def museum(*rows):
    return pytest.mark.parametrize("row", rows, indirect=True)


@museum("MB-DATA-01")
def test_order_near_the_wrap(line):
    """RCV.NXT is 0xfffffff0; pieces from both sides of the wrap come out of order."""
    t = line()
    connection, peer = t.serve(isn=0xFFFFFFEF)
    data = bytes(range(80))
    peer.send("A", data[0x20:0x50], seq=0x10)
    peer.send("A", data[8:0x20], seq=0xFFFFFFF8)
    t.net.run(for_="1ms")
    assert connection.info().ooseq == 72
    peer.send("A", data[:8], seq=0xFFFFFFF0)
    t.net.run(for_="1ms")
    assert connection.recv() == data and peer.drain()[-1].ack == 0x40


@museum("MB-DATA-02")
def test_longer_duplicate_stays_trimmed(line):
    """[1000, 2500) is cut to the window of 2000; [1000, 3000) is, too."""
    t = line(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    for end in (2500, 3000):
        peer.send("A", bytes(end - 1000), seq=peer.seq(1001))
        peer.expect("A", ack=peer.seq(1))
        assert connection.info().ooseq == 1000
    peer.send("A", bytes(1000))
    peer.expect("A", ack=peer.seq(2001), win=0)
    assert connection.recv_exactly(2000) == bytes(2000)


@museum("MB-DATA-03")
def test_fin_beyond_the_window(line):
    """More than the window with a FIN: cut, the FIN is not taken, the ACK is for the window."""
    t = line(tcp_wnd=2000, tcp_mss=1000)
    connection, peer = t.serve()
    peer.send("A", bytes(1000))
    peer.send("FPA", bytes(1001))
    t.net.run(for_="1ms")
    assert peer.drain()[-1].ack == peer.seq(2001)
    assert (connection.state, connection.pending, connection.eof) == ("ESTABLISHED", 2000, False)


@museum("MB-DATA-05")
def test_fin_out_of_order(line):
    """The end comes first: the program gets everything, then the end."""
    t = line()
    connection, peer = t.serve()
    peer.send("FPA", b"B" * 100, seq=peer.seq(101))
    t.net.run(for_="1ms")
    assert connection.state == "ESTABLISHED" and not connection.eof
    peer.send("A", b"A" * 100)
    t.net.run(for_="1ms")
    assert connection.state == "CLOSE_WAIT"
    assert connection.recv_all(timeout=0) == b"A" * 100 + b"B" * 100


@museum("MB-DATA-08/limits", "MB-DATA-08/pool")
def test_queue_out_of_order_has_a_limit(line, row):
    """Every second segment of a window: what is kept has a limit, and is given up when all buffers
    are gone."""
    options = {"tcp_ooseq_max_bytes": 5000} if row.endswith("limits") else {"pbuf_pool_size": 20}
    t = line(**options)
    connection, peer = t.serve()
    for n in range(1, 44, 2):
        peer.send("A", bytes(1460), seq=peer.seq(1 + 1460 * n))
    t.net.run(for_="1ms")
    assert connection.info().ooseq <= (5000 if row.endswith("limits") else 20 * 1460)
    peer.send("PA", b"first")
    peer.send("PA", b"first")
    t.net.run(for_="1ms")
    assert connection.recv(timeout=0).startswith(b"first")


@museum("MB-DATA-09")
def test_sack_blocks_of_what_is_held(line):
    """When the buffers were taken back, the next ACK reports nothing of what is gone; nor what has
    been delivered [RFC2018 8]."""
    t = line(pbuf_pool_size=8)
    connection, peer = t.serve(sack=True)
    for n in (1, 3, 5):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * n))
    t.net.run(for_="1ms")
    assert len(dict(peer.drain()[-1].options)["SAck"]) == 6
    for n in range(7, 23, 2):
        peer.send("A", bytes(100), seq=peer.seq(1 + 100 * n))
    t.net.run(for_="1ms")
    held = connection.info().blocks
    assert connection.info().ooseq < 8 * 100
    peer.drain()
    peer.send("PA", bytes(100))
    got = peer.expect("A")
    told = dict(got.options).get("SAck", ())
    kept = connection.info().blocks
    assert all(any(a <= low and high <= b for a, b in kept)
               for low, high in zip(told[::2], told[1::2])), (held, told)


@museum("MB-DATA-10")
def test_refused_data_and_fin(line):
    """The last segment has data and FIN and is refused three times: the data once, then the end."""
    t = line()
    connection, peer = t.serve()
    connection.refuse(3)
    peer.send("FPA", b"last")
    t.net.run(for_="2s")
    assert [e.name for e in connection.events][-5:] == ["refused"] * 3 + ["recv", "closed"]
    assert connection.recv_all() == b"last"


@museum("MB-DATA-13")
def test_split_without_memory(line):
    """No memory to cut the segment when the small window would take a part of it: later, then."""
    t = line()
    connection, peer = t.serve(win=400)
    t.net.run(for_="1ms")
    connection.write(bytes(1000), output=False)
    t.h.fail_alloc(1, 100_000)
    connection.output()
    t.net.run(for_="2s")
    t.h.fail_alloc(0)
    peer.win = 1000
    while peer.rcv_nxt != peer.rseq(1001):
        peer.expect(timeout="20s")
        peer.ack()
    assert connection.state == "ESTABLISHED"


@museum("MB-DATA-14")
def test_no_segment_beyond_the_mss(line):
    """The peer's MSS is 300; writes of 100 octets with Nagle: no segment is longer than 300."""
    t = line()
    connection, peer = t.serve(mss=300)
    for n in range(20):
        connection.write(bytes([n]) * 100)
    stream = b""
    while len(stream) < 2000:
        got = peer.expect()
        assert len(got.payload) <= 300
        stream += got.payload
        peer.ack()
    assert stream == b"".join(bytes([n]) * 100 for n in range(20))


@museum("MB-DATA-15")
def test_bytes_stay_in_order_through_a_timeout(line):
    """Two segments in flight, a third queued, the timer expires, the program writes more."""
    t = line(tcp_iw_segments=2)
    connection, peer = t.serve(mss=100)
    data = bytes(range(250)) + bytes(range(100, 200))
    connection.sendall(data[:250])
    peer.drain("1ms")
    peer.rcv_nxt, peer.held = peer.rseq(1), []
    t.net.run(for_="1.2s")
    connection.sendall(data[250:])
    stream = bytearray(350)
    for segment in peer.drain():
        at = (segment.seq - peer.rseq(1)) % 2**32
        stream[at:at + len(segment.payload)] = segment.payload
    while peer.rcv_nxt != peer.rseq(351):
        peer.ack()
        segment = peer.expect(timeout="3s")
        at = (segment.seq - peer.rseq(1)) % 2**32
        stream[at:at + len(segment.payload)] = segment.payload
    assert stream == data


@museum("MB-DATA-16/nagle", "MB-DATA-16/nodelay", "MB-DATA-16/full")
def test_nagle_ends_with_the_ack(line, row):
    """100 octets, then 50: the second waits for the ACK and no longer; full segments, and those of
    a program that asked for it, leave at once."""
    t = line()
    connection, peer = t.serve()
    if row.endswith("nodelay"):
        connection.set(nodelay=True)
    for _ in range(10):
        connection.sendall(bytes(1460 if row.endswith("full") else 100))
        connection.sendall(bytes(1460 if row.endswith("full") else 50))
        peer.expect()
        if row.endswith("nagle"):
            peer.expect_nothing(for_="200ms")
            sent = peer.ack()
            assert peer.expect(length=50).t_ns - sent.t_ns < MS
        else:
            peer.expect(timeout="1ms")
        peer.ack()
        t.net.run(for_="1ms")


@museum("MB-DATA-18")
def test_number_of_acks(line):
    """Ten full segments, read at once: one ACK for two of them, and an update of the window."""
    t = line()
    _, peer = t.serve(listen={"discard": True})
    for _ in range(10):
        peer.send("A", bytes(1460))
    got = peer.drain("100ms")
    assert len(got) <= 7 and got[-1].ack == peer.seq(14_601)


@museum("MB-DATA-19")
def test_sum_of_sent(line):
    """ACKs that overtake each other, and one within a segment: what sent reports sums up to what
    was acknowledged."""
    t = line()
    connection, peer = t.serve(mss=500)
    connection.sendall(bytes(1000))
    peer.drain("1ms")
    for ack in (301, 101, 777, 500, 1001):
        peer.ack(peer.rseq(ack))
    t.net.run(for_="1ms")
    lengths = [e.value for e in connection.events if e.name == "sent"]
    assert sum(lengths) == 1000 and min(lengths) > 0


@museum("MB-DATA-20")
def test_ack_within_a_segment(line):
    """537 of 1072 octets are acknowledged, and no more: the rest is sent again."""
    t = line()
    connection, peer = t.serve(mss=536)
    connection.sendall(bytes(1072))
    peer.drain("1ms")
    peer.ack(peer.rseq(538))
    again = peer.expect(timeout="3s")
    assert (peer.rseq(538) - again.seq) % 2**32 <= 1 and again.end == peer.rseq(1073)
    peer.ack(peer.rseq(1073))
    t.net.run(for_="1ms")
    assert connection.info().in_flight == 0


@museum("MB-DATA-21")
def test_new_part_of_a_repeat(line):
    """RCV.NXT is 500 and [0, 1000) comes: the new half is taken."""
    t = line()
    connection, peer = t.serve()
    data = bytes(n % 251 for n in range(1000))
    peer.send("A", data[:500])
    peer.send("A", data, seq=peer.seq(1))
    t.net.run(for_="100ms")
    assert connection.recv() == data and peer.drain()[-1].ack == peer.seq(1001)


@museum("MB-DATA-22")
def test_segment_without_ack_is_no_data(line):
    """Dropped."""
    t = line()
    connection, peer = t.serve()
    peer.send("P", b"ten octets", advance=False)
    peer.expect_nothing(for_="100ms")
    assert connection.pending == 0 and t.drops() == {"tcp_no_ack": 1}


@museum("MB-DATA-23")
def test_data_with_an_impossible_ack(line):
    """An ACK, and the data is not taken."""
    t = line()
    connection, peer = t.serve()
    peer.send("PA", b"ten octets", ack=peer.rcv_nxt + 1, advance=False)
    peer.expect("A", ack=peer.seq(1))
    assert connection.pending == 0 and t.drops() == {"tcp_ack_unsent": 1}


@museum("MB-DATA-24")
def test_duplicate_from_before_the_wrap(line):
    """Its sequence number fits again, its timestamp is old: dropped, with an ACK [RFC7323 5]."""
    t = line()
    connection, peer = t.serve(ts=100_000)
    peer.send("PA", b"new")
    t.net.run(for_="100ms")
    peer.drain()
    peer.send("PA", b"old", options=peer.timestamps(val=99_000), advance=False)
    peer.expect("A", ack=peer.seq(4))
    assert connection.recv() == b"new" and t.drops() == {"tcp_paws": 1}
