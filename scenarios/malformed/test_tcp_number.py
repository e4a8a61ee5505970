"""Sequence and acknowledgement numbers that cannot be, data that contradicts itself, SACK blocks
that lie [RFC9293 3.10.7.4][RFC5961][RFC2018]."""

import pytest


def known(peer, flags, data=b"", **more):
    """A segment of the connection `peer`; more: seq=, ack= are relative to where it stands."""
    def send(b):
        who = getattr(b, peer)
        seq, ack = more.get("seq", 0), more.get("ack", 0)
        rest = {k: v for k, v in more.items() if k not in ("seq", "ack")}
        who.send(flags, data, seq=who.snd_nxt + seq, ack=who.rcv_nxt + ack, **rest)
    return send


def counted(reason, times=1):
    """So many were dropped."""
    return dict(drops={reason: times}, counters={"tcp.drop": times})


ROWS = [
    *[dict(id=f"MF-TCP-47/{name}", what="outside of the window, and its options are broken",
           frames=[known("e", flags, b"evil", seq=100_000, options=octets)], acks={"e": 1},
           **counted("tcp_outside_window"))
      for name, flags, octets in (("length-0", "PA", b"\2\0\0\0"), ("length-1", "PA", b"\5\1\0\0"),
                                  ("beyond", "PA", b"\2\x28\0\0"), ("fin", "FPA", b"\2\0\0\0"),
                                  ("lone", "PA", b"\1\1\1\2"))],
    dict(id="MF-TCP-47/rst", what="a RST outside of the window, and its options are broken",
         frames=[known("e", "R", seq=100_000, options=b"\2\0\0\0")],
         **counted("tcp_rst_outside_window")),
    dict(id="rst-in-window", what="a RST in the window that is not exact",
         frames=[known("e", "R", seq=10)], acks={"e": 1}, **counted("tcp_rst_not_exact")),
    *[dict(id=f"MF-TCP-50/{name}", what="a SYN on a connection", acks={"e": 1},
           frames=[known("e", "S", seq=seq)], **counted(reason))
      for name, seq, reason in (("exact", 0, "tcp_syn_in_window"), ("in", 100, "tcp_syn_in_window"),
                                ("first", -4, "tcp_outside_window"),
                                ("out", 100_000, "tcp_outside_window"))],
    dict(id="MF-TCP-51", what="data with an ACK of what was never sent",
         frames=[known("e", "PA", b"ten octets", ack=5000)], acks={"e": 1},
         **counted("tcp_ack_unsent")),
    dict(id="MF-TCP-51/by-one", what="the same, one beyond",
         frames=[known("e", "PA", b"ten octets", ack=1)], acks={"e": 1},
         **counted("tcp_ack_unsent")),
    dict(id="MF-TCP-52", what="data with an ACK older than the largest window",
         frames=[known("e", "PA", b"ten octets", ack=-65540)], acks={"e": 1},
         **counted("tcp_ack_old")),
    dict(id="MF-TCP-52/half-circle", what="the same, from the other side of the circle",
         frames=[known("e", "PA", b"ten octets", ack=-2**31)], acks={"e": 1},
         **counted("tcp_ack_old")),
    dict(id="MF-TCP-56", what="a SYN with data in the window: not queued",
         frames=[known("e", "SPA", b"ten octets", seq=10)], acks={"e": 1},
         **counted("tcp_syn_in_window")),
    dict(id="old-data", what="data that was received before, and acknowledged",
         frames=[known("e", "PA", b"abc", seq=-3)], acks={"e": 1}, **counted("tcp_outside_window")),
    dict(id="old-timestamp", what="data with a timestamp from before",
         frames=[lambda b: b.o.send("PA", b"x", seq=b.o.snd_nxt, options=b.o.timestamps(val=1))],
         acks={"o": 1}, **counted("tcp_paws")),
]


def test_segment_of_a_connection(busy_tcp, row):
    """What lies outside is refused, answered once, and changes nothing."""
    b = busy_tcp(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


@pytest.mark.parametrize("seq", [pytest.param(n, id=f"MF-TCP-50/flood-{n}")
                                 for n in (0, 100, 100_000)])
def test_flood_of_syns(make_busy_tcp, quiet_row, seq):
    """A hundred a second, for a second: at most ten challenges, at least five, and the connection
    goes on [RFC5961 4.2][RFC5961 7]."""
    b = make_busy_tcp()
    for _ in range(100):
        b.e.send("S", seq=b.e.snd_nxt + seq)
        b.net.run(for_="9ms")
    answers = b.e.drain("1ms")
    assert 5 <= len(answers) <= (10 if seq < 65535 else 100)
    assert all((s.flags, s.seq, s.ack) == (0x10, b.e.rcv_nxt, b.e.snd_nxt) for s in answers)
    assert b.ce.state == "ESTABLISHED"
    b.h.drain()
    b.exchange(drops={})
    b.finish(quiet_row)


@pytest.mark.parametrize("order", [pytest.param(o, id="MF-TCP-53/" + "".join(map(str, o)))
                                   for o in ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2),
                                             (2, 1, 0, 3), (1, 2, 3, 0))])
def test_numbers_wrap(make_busy_tcp, quiet_row, order):
    """64 octets across 2^32, in four pieces that arrive in any order: the same 64 octets."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025, isn=0xFFFFFFEF)
    assert peer.seq(1) == 0xFFFFFFF0
    data = bytes(range(64))
    for n in order:
        peer.send("PA", data[16 * n:16 * n + 16], seq=peer.seq(1 + 16 * n))
    peer.snd_nxt = peer.seq(65)
    b.net.run(for_="50ms")
    assert connection.recv(timeout=0) == data
    assert peer.drain()[-1].ack == peer.seq(65) == 0x30
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("extra", [pytest.param(n, id=f"MF-TCP-54/{n}") for n in (0, 1, 100)])
def test_more_than_the_window(make_busy_tcp, quiet_row, extra):
    """What exceeds the window is cut off, and the FIN with it."""
    b = make_busy_tcp(tcp_wnd=1000, tcp_mss=1000)
    peer, connection = b.opened(1025)
    peer.send("FPA", bytes(range(250)) * 4 + bytes(extra), advance=False)
    peer.expect("A", ack=peer.seq(1001), win=0)
    assert connection.state == "ESTABLISHED" and connection.pending == 1000
    peer.snd_nxt = peer.seq(1001)
    assert connection.recv_exactly(1000) == bytes(range(250)) * 4
    peer.expect("A", win=1000)
    b.part(peer, connection)
    assert "tcp_zero_window" not in b.d.stats()["drops"]
    b.web.close()
    del quiet_row


@pytest.mark.parametrize("_id", ["zero-window"])
def test_data_into_a_closed_window(make_busy_tcp, _id):
    """It is refused and answered; a byte of it is taken when the window is open again."""
    b = make_busy_tcp(tcp_wnd=1000, tcp_mss=1000)
    peer, connection = b.opened(1025)
    peer.send("PA", bytes(1000))
    peer.expect("A", win=0)
    peer.send("PA", b"more", advance=False)
    peer.expect("A", ack=peer.seq(1001), win=0)
    assert b.d.stats()["drops"] == {"tcp_zero_window": 1}
    assert connection.recv_exactly(1000) == bytes(1000)
    peer.expect("A", win=1000)
    peer.send("PA", b"more")
    b.net.run(for_="1ms")
    assert connection.recv() == b"more"


@pytest.mark.parametrize("_id", ["MF-TCP-55"])
def test_fin_at_the_edge(make_busy_tcp, _id):
    """A segment with FIN that ends behind the window's edge waits, cut; a longer one in its place
    is cut as well; then everything is delivered, and the FIN when it fits [RFC9293 3.10.7.4]."""
    b = make_busy_tcp(tcp_wnd=1000, tcp_mss=1000)
    peer, connection = b.opened(1025)
    stream = bytes(n % 251 for n in range(1200))
    peer.send("FPA", stream[500:1000], seq=peer.seq(501))
    peer.expect("A", ack=peer.seq(1))
    assert connection.info().ooseq == 500
    peer.send("FPA", stream[500:1200], seq=peer.seq(501))
    peer.expect("A", ack=peer.seq(1))
    assert connection.info().ooseq == 500
    peer.send("A", stream[:500])
    peer.expect("A", ack=peer.seq(1001), win=0)
    assert connection.recv_exactly(1000) == stream[:1000] and connection.state == "ESTABLISHED"
    peer.expect("A", win=1000)
    peer.snd_nxt = peer.seq(1001)
    peer.send("FPA", stream[1000:])
    peer.expect("A", ack=peer.seq(1202))
    assert connection.recv_all(timeout=0) == stream[1000:]


@pytest.mark.parametrize("_id", ["MF-TCP-57"])
def test_overlapping_data(make_busy_tcp, quiet_row, _id):
    """Three segments that disagree about what they share: each octet is one of the two that were
    sent for it, the earlier arrival's wherever an octet had come before, and no octet is
    doubled."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025)
    peer.send("PA", b"B" * 10, seq=peer.seq(11))
    peer.send("PA", b"C" * 10, seq=peer.seq(6))
    peer.send("PA", b"A" * 10, seq=peer.seq(1))
    peer.snd_nxt = peer.seq(21)
    b.net.run(for_="1ms")
    got = connection.recv(timeout=0)
    assert got in (b"A" * 5 + b"C" * 5 + b"B" * 10, b"A" * 10 + b"C" * 5 + b"B" * 5,
                   b"A" * 10 + b"B" * 10)
    assert peer.drain()[-1].ack == peer.seq(21)
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-68"])
def test_storm_of_acknowledgements(make_busy_tcp, quiet_row, _id):
    """A peer that answers each of the host's ACKs with one of a wrong number: ten rounds in a
    second at most, not for ever [RFC5961 7]."""
    b = make_busy_tcp()
    answered = []

    def wrong(segment):
        answered.append(segment)
        b.e.send("A", seq=b.e.snd_nxt + 70_000)
    b.e.on(wrong)
    wrong(None)
    b.net.run(for_="900ms")
    b.e.on(None)
    assert 5 <= len(answered) - 1 <= 10 and b.ce.state == "ESTABLISHED"
    b.net.run(for_="200ms")
    b.h.drain()
    b.recovers(quiet_row)


# -- SACK blocks -------------------------------------------------------------------------------
MSS = 1000


def sending(b, segments=10, mss=MSS, **options):
    """(peer, connection), so many segments in flight, the first of them lost."""
    peer, connection = b.opened(1025, sack=True, mss=mss, **options)
    data = bytes(n * 7 % 251 for n in range(segments * mss))
    connection.sendall(data)
    for n in range(segments):
        peer.expect(length=mss, lost=n == 0)
    return peer, connection, data


@pytest.mark.parametrize("blocks", [pytest.param(blocks, id=f"MF-TCP-38/{name}")
                                    for name, blocks in (
                                        ("inverted", [(5001, 2001)]), ("empty", [(3001, 3001)]),
                                        ("below", [(-5000, 1)]), ("beyond", [(9001, 20001)]),
                                        ("all-beyond", [(20001, 30001)]),
                                        ("half-circle", [(1001, 2**31 + 1002)]),
                                        ("around", [(5001, 2**32 + 1)]),
                                        ("several", [(5001, 2001), (9001, 20001), (3001, 3001)]))])
def test_blocks_that_cannot_be(make_busy_tcp, quiet_row, blocks):
    """They mark nothing as arrived: after the time-out, everything comes again, in order."""
    b = make_busy_tcp()
    peer, connection, data = sending(b)
    for _ in range(3):
        peer.ack(peer.rseq(1), options=peer.sacks(*blocks))
    b.net.run(for_="1ms")
    assert connection.info().sacked == 0
    peer.held, peer.rcv_nxt = [], peer.rseq(1)
    got = bytearray(len(data))
    while peer.rcv_nxt != peer.rseq(len(data) + 1):
        segment = peer.expect(timeout="10s")
        at = (segment.seq - peer.rseq(1)) % 2**32
        got[at:at + len(segment.payload)] = segment.payload
        peer.ack(options=b"")
    assert got == data
    b.part(peer, connection)
    del quiet_row


@pytest.mark.parametrize("_id", ["MF-TCP-38/duplicate"])
def test_duplicate_sack_is_tolerated(make_busy_tcp, quiet_row, _id):
    """A block below SND.UNA reports a duplicate: nothing is sent again because of it [RFC2883]."""
    b = make_busy_tcp()
    peer, connection, _ = sending(b, 4)
    peer.rcv_nxt, peer.held = peer.rseq(4001), []
    peer.ack()
    peer.expect_nothing(for_="1ms")
    peer.ack(options=[("NOP", None), ("NOP", None), ("SAck", (peer.rseq(1), peer.rseq(1001)))])
    peer.expect_nothing(for_="2s")
    assert connection.info().in_flight == 0
    b.part(peer, connection)
    del quiet_row


@pytest.mark.parametrize("_id", ["MF-TCP-39"])
def test_blocks_over_many_small_segments(make_busy_tcp, quiet_row, _id):
    """SACK panic: segments of 48 octets, blocks over all of them but the first
    (CVE-2019-11477)."""
    b = make_busy_tcp(tcp_iw_segments=64)
    peer, connection, data = sending(b, 60, mss=48)
    peer.ack(peer.rseq(1), options=peer.sacks((49, 48 * 20 + 1)))
    peer.ack(peer.rseq(1), options=peer.sacks((49, 48 * 40 + 1)))
    peer.ack(peer.rseq(1), options=peer.sacks((49, 48 * 60 + 1)))
    assert peer.expect(seq=peer.rseq(1)).payload == data[:48]
    b.net.run(for_="1ms")
    info = connection.info()
    assert (info.sacked, info.in_flight) == (59 * 48, 60 * 48)
    peer.rcv_nxt = peer.rseq(len(data) + 1)
    peer.ack()
    b.net.run(for_="1ms")
    assert connection.info().in_flight == connection.info().sacked == 0
    b.part(peer, connection)
    del quiet_row


@pytest.mark.parametrize("_id", ["MF-TCP-40"])
def test_holes_at_every_other_octet(make_busy_tcp, quiet_row, _id):
    """Blocks of one octet each, all over 40 segments: none of these has arrived as a whole, none is
    marked, the connection comes through (CVE-2019-11478)."""
    b = make_busy_tcp(tcp_iw_segments=64)
    peer, connection, data = sending(b, 40)
    for at in range(1002, 40_000, 80):
        peer.ack(peer.rseq(1), options=peer.sacks(*[(at + 2 * n, at + 2 * n + 1)
                                                    for n in range(4)]))
    b.net.run(for_="5ms")
    info = connection.info()
    assert (info.sacked, info.unacked_segments, connection.state) == (0, 40, "ESTABLISHED")
    peer.drain()
    peer.rcv_nxt, peer.held = peer.rseq(len(data) + 1), []
    peer.ack()
    b.net.run(for_="1ms")
    assert connection.info().in_flight == 0
    b.part(peer, connection)
    del quiet_row


@pytest.mark.parametrize("limit, kept", [
    pytest.param({}, None, id="MF-TCP-41/pool"),
    pytest.param({"tcp_ooseq_max_bytes": 100}, 100, id="MF-TCP-41/bytes"),
    pytest.param({"tcp_ooseq_max_pbufs": 50}, 50, id="MF-TCP-41/pbufs")])
def test_octets_out_of_order(make_busy_tcp, quiet_row, limit, kept):
    """One octet in two, all over the window: what is kept is bounded, the rest is refused; others
    are served, and the stream is whole when it has been sent again (CVE-2018-5390)."""
    b = make_busy_tcp(**limit)
    peer, connection = b.opened(1025)
    data = bytes(n % 251 for n in range(2000))
    for at in range(1, 2000, 2):
        peer.send("A", data[at:at + 1], seq=peer.seq(1 + at))
    b.net.run(for_="10ms")
    held = connection.info().ooseq
    assert held == kept if kept else held < 256
    refused = b.d.stats()["drops"].get("tcp_ooseq_memory", 0)
    assert refused == 1000 - held if kept else held + refused <= 1000
    peer.drain()
    peer.send("PA", data[:1400], advance=False)
    peer.send("PA", data[1400:], seq=peer.seq(1401))
    peer.snd_nxt = peer.seq(2001)
    b.net.run(for_="50ms")
    assert connection.recv_exactly(2000, timeout="1ms") == data
    peer.drain()
    b.part(peer, connection)
    b.web.close()
    del quiet_row
