"""Options of TCP that are too short, too long, not agreed on, or lies [RFC9293 3.2][RFC7323]
[RFC2018]."""

import pytest

SCALE, SACK, STAMP = b"\x03\x03\x07", b"\x04\x02", b"\x08\x0a\0\0\0\x05\0\0\0\0"
MSS = b"\x02\x04\x03\xe8"  # 1000
NONE = dict(mss_peer=536, window_scale=False, sack=False, timestamps=False)


def known(peer, flags, data=b"", **more):
    """A segment of the connection `peer`; more: seq=, ack= are relative to where it stands."""
    def send(b):
        who = getattr(b, peer)
        seq, ack = more.get("seq", 0), more.get("ack", 0)
        rest = {k: v for k, v in more.items() if k not in ("seq", "ack")}
        who.send(flags, data, seq=who.snd_nxt + seq, ack=who.rcv_nxt + ack, **rest)
    return send


def counted(reason, *names):
    """Dropped, with these of TCP's counters besides `drop`."""
    return dict(drops={reason: 1}, counters={f"tcp.{name}": 1 for name in ("drop", *names)})


# A segment whose options mean nothing changes nothing: an ACK that is a duplicate of none, as
# nothing is in flight. Bad options of a segment that is acceptable do not make it unacceptable.
ROWS = [
    dict(id="MF-TCP-18/e", what="an MSS outside of a SYN", frames=[
        known("e", "A", options=[("MSS", 1)])]),
    dict(id="MF-TCP-18/out-of-window", what="the same with a sequence number that cannot be",
         frames=[known("e", "A", seq=100_000, options=[("MSS", 1)])], acks={"e": 1},
         **counted("tcp_outside_window")),
    *[dict(id=f"MF-TCP-19/established-{n}", what="an unknown option of that length",
           frames=[known("e", "A", options=bytes([99, n, 2, 4]))]) for n in (0, 1)],
    dict(id="MF-TCP-20/established", what="an unknown option of 40 octets in four",
         frames=[known("e", "A", options=bytes([99, 40, 2, 4]))]),
    dict(id="MF-TCP-21/established", what="the header ends with an option's kind",
         frames=[known("e", "A", options=b"\1\1\1\2")]),
    dict(id="MF-TCP-22/established", what="an MSS of four octets in two",
         frames=[known("e", "A", options=b"\1\1\2\4")]),
    dict(id="MF-TCP-23/established", what="forty NOPs", frames=[
        known("e", "A", options=b"\1" * 40)]),
    dict(id="MF-TCP-26/agreed", what="another window scale outside of a SYN",
         frames=[known("o", "A", options=None, win=0xFFFF >> 3),
                 lambda b: b.o.send("A", win=0xFFFF >> 3, seq=b.o.snd_nxt, options=[
                     *b.o.timestamps(), ("WScale", 0), ("NOP", None)])],
         tcp={"o.ts_recent": 1}),
    dict(id="MF-TCP-26/not-agreed", what="a window scale outside of a SYN",
         frames=[known("e", "A", options=[("WScale", 14), ("NOP", None)])]),
    dict(id="MF-TCP-31/no-timestamp", what="a segment without the timestamp that was agreed on",
         frames=[known("o", "A", options=b"")], **counted("tcp_no_timestamp")),
    dict(id="MF-TCP-31/data", what="the same with data",
         frames=[known("o", "PA", b"L" * 10, options=b"")], **counted("tcp_no_timestamp")),
    *[dict(id=f"MF-TCP-29/{name}", what="a timestamp of wrong length is none",
           frames=[known("o", "A", options=octets)], **counted("tcp_no_timestamp"))
      for name, octets in (("9-octets", b"\1\x08\x09" + bytes(7) + b"\1\1"),
                           ("11-octets", b"\1\x08\x0b" + bytes(9)),
                           ("truncated", b"\1\1\x08\x0a\0\0\0\1"))],
    dict(id="MF-TCP-33/bad-ack", what="a timestamp of the far future with an impossible ACK",
         frames=[lambda b: b.o.send("A", seq=b.o.snd_nxt, ack=b.o.rcv_nxt + 5000,
                                    options=b.o.timestamps(val=1000 + (1 << 31) - 1))],
         acks={"o": 1}, **counted("tcp_ack_unsent")),
    dict(id="MF-TCP-33/behind-a-hole", what="the same in a segment that is not the next",
         frames=[lambda b: b.o.send("A", seq=b.o.snd_nxt + 5, ack=b.o.rcv_nxt,
                                    options=b.o.timestamps(val=1000 + (1 << 31) - 1))],
         note="TS.Recent is of the segment that the last ACK was for"),
    dict(id="MF-TCP-33/outside", what="the same outside of the window",
         frames=[lambda b: b.o.send("A", seq=b.o.snd_nxt + 100_000, ack=b.o.rcv_nxt,
                                    options=b.o.timestamps(val=1000 + (1 << 31) - 1))],
         acks={"o": 1}, **counted("tcp_outside_window")),
    dict(id="MF-TCP-36/late", what="SACK permitted after the handshake",
         frames=[known("e", "A", options=[("SAckOK", b""), ("NOP", None), ("NOP", None)])]),
    *[dict(id=f"MF-TCP-37/{name}", what="a SACK option of impossible length",
           frames=[lambda b, octets=octets: b.o.send(
               "A", seq=b.o.snd_nxt, options=b"\1\1\x08\x0a"
               + b.o.ts_val.to_bytes(4, "big") + b.o.ts_recent.to_bytes(4, "big") + octets)],
           tcp={"o.ts_recent": 1})
      for name, octets in (("9-octets", b"\1\1\1\x05\x09" + bytes(7)),
                           ("2-octets", b"\1\1\x05\x02"),
                           ("34-in-20", b"\x05\x22" + bytes(18)))],
    *[dict(id=f"MF-TCP-38/idle-{name}", what="a SACK block that cannot be, nothing is in flight",
           frames=[lambda b, x=x, y=y: b.o.send("A", seq=b.o.snd_nxt, options=[
               *b.o.timestamps(), ("NOP", None), ("NOP", None),
               ("SAck", ((b.o.rcv_nxt + x) % 2**32, (b.o.rcv_nxt + y) % 2**32))])],
           tcp={"o.ts_recent": 1})
      for name, x, y in (("inverted", 100, 50), ("empty", 10, 10), ("acked", -1, 0),
                         ("unsent", 10, 20), ("half-circle", -2**31, 2**31 - 1))],
]


def test_segment_of_a_connection(busy_tcp, row):
    """Options do to a connection what was agreed on in its SYNs, and nothing else."""
    b = busy_tcp(row)
    assert b.reaction(b.before) == row.reaction
    b.recovers(row)


@pytest.mark.parametrize("octets, wanted", [pytest.param(*case[1:], id=case[0]) for case in (
    ("MF-TCP-19/0", bytes([99, 0]) + MSS + SACK, NONE),
    ("MF-TCP-19/1", bytes([99, 1]) + MSS + SACK, NONE),
    ("MF-TCP-19/0-behind-an-mss", MSS + bytes([99, 0]) + SACK, {**NONE, "mss_peer": 1000}),
    ("MF-TCP-20", MSS + bytes([99, 40, 4, 2]), {**NONE, "mss_peer": 1000}),
    ("MF-TCP-21", b"\1\1\1\2", NONE),
    ("MF-TCP-22", b"\1\1\2\4", NONE),
    ("MF-TCP-23/40-nops", b"\1" * 40, NONE),
    ("MF-TCP-23/unaligned", b"\1" + MSS + b"\1" + STAMP, {**NONE, "mss_peer": 1000,
                                                        "timestamps": True}),
    ("MF-TCP-24", b"\x02\x04\x05\xb4\x00\x02\x00\x03\x00\xff\xff\xff", {**NONE, "mss_peer": 1460}),
    ("MF-TCP-24/then-an-option", MSS + b"\0" + SCALE, {**NONE, "mss_peer": 1000}),
    ("MF-TCP-25/length-2", b"\x03\x02" + MSS + SACK, NONE),
    ("MF-TCP-25/length-4", b"\x03\x04\x01\x01" + MSS, NONE),
    ("MF-TCP-25/shift-15", b"\x03\x03\x0f\1", {**NONE, "window_scale": True, "snd_scale": 14}),
    ("MF-TCP-25/shift-255", b"\x03\x03\xff\1", {**NONE, "window_scale": True, "snd_scale": 14}),
    ("MF-TCP-29/syn-9", b"\x08\x09" + bytes(7) + MSS + b"\1\1\1", NONE),
    ("MF-TCP-29/syn-11", b"\x08\x0b" + bytes(9) + b"\1" + MSS, NONE),
    ("MF-TCP-29/syn-truncated", b"\1\1\x08\x0a\0\0\0\1", NONE),
    ("MF-TCP-36/syn", b"\x04\x03\x00\x00", NONE),
    ("MF-TCP-15/0", b"\x02\x04\0\0", NONE),
    ("MF-TCP-17/65535", b"\x02\x04\xff\xff", {**NONE, "mss_peer": 65535, "mss": 1460}))])
def test_syn(make_busy_tcp, quiet_row, octets, wanted):
    """What stands before the first option that is wrong counts, what stands behind it does not; a
    SYN is a SYN whatever its options are [RFC9293 3.2 MUST-6, MUST-7]."""
    b = make_busy_tcp()
    peer = b.peer(1025)
    peer.send("S", options=octets, win=1000)
    peer.expect("SA", ack=peer.seq(1))
    stamp = peer.timestamps(val=6) if wanted["timestamps"] else None
    peer.send("A", options=stamp, win=1000)
    connection = b.web.accept(timeout="1ms")
    info = connection.info()
    assert {key: getattr(info, key) for key in wanted} == wanted
    assert info.snd_wnd == 1000 << info.snd_scale
    connection.sendall(bytes(500))
    got = peer.expect("PA", length=500)
    assert len(got.frame) == 554 + (12 if wanted["timestamps"] else 0)
    if wanted["timestamps"]:
        peer.ts, peer._offered["Timestamp"] = 7, (5, 0)
    peer.ack()
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("mss, size", [pytest.param(0, 536, id="MF-TCP-15/passive"),
                                       pytest.param(65535, 1460, id="MF-TCP-17/passive"),
                                       pytest.param(1, 48, id="MF-TCP-15/1")])
def test_mss(make_busy_tcp, quiet_row, mss, size):
    """Segments are as large as the peer takes, the link takes, and common sense allows."""
    b = make_busy_tcp()
    peer, connection = b.opened(1025, mss=mss)
    send(peer, connection, size, 8000 if mss > 1460 else 3000 if mss == 0 else 480)
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("mss, size", [pytest.param(0, 536, id="MF-TCP-15/active"),
                                       pytest.param(65535, 1460, id="MF-TCP-17/active")])
def test_mss_of_a_syn_ack(make_busy_tcp, quiet_row, mss, size):
    """The same where the host opens."""
    b = make_busy_tcp()
    peer = b.peer(8080, None, mss=mss).listen()
    connection = b.d.connect(peer.ip, peer.sport, timeout="1ms")
    peer.accept()
    send(peer, connection, size, 3000)
    b.part(peer, connection)
    b.recovers(quiet_row)


def send(peer, connection, size, total):
    """The host's data comes in segments of that size."""
    connection.sendall(bytes(range(256)) * (total // 256) + bytes(total % 256))
    sizes = []
    while sum(sizes) < total:
        sizes.append(len(peer.expect().payload))
        peer.ack()
    assert sizes == [size] * (total // size) + [total % size] * (total % size != 0)


@pytest.mark.parametrize("_id", ["MF-TCP-26/repeated-syn"])
def test_repeated_syn_says_something_else(make_busy_tcp, quiet_row, _id):
    """The SYN that comes again, its answer having been lost, is not negotiated anew."""
    b = make_busy_tcp()
    peer = b.peer(1025, ws=3)
    peer.send("S")
    first = peer.expect("SA")
    peer.send("S", seq=peer.iss, options=[("MSS", 1460), ("NOP", None), ("WScale", 9)])
    again = peer.expect("SA", seq=first.seq, ack=first.ack, win=first.win)
    assert again.options == first.options
    peer._offered = {"WScale": 3}
    peer.ack(win=1000)
    connection = b.web.accept(timeout="1ms")
    assert (connection.info().snd_scale, connection.info().snd_wnd) == (3, 8000)
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-28"])
def test_window_of_a_syn_ack(make_busy_tcp, quiet_row, _id):
    """It is not scaled: 1000 octets, although the windows behind it are in units of 128."""
    b = make_busy_tcp()
    peer = b.peer(8080, None, ws=7)
    connection = b.d.connect(peer.ip, peer.sport, wait=False)
    peer.expect("S")
    peer.send("SA", win=1000)
    peer.expect("A")
    assert (connection.info().snd_wnd, connection.info().snd_scale) == (1000, 7)
    connection.sendall(bytes(3000))
    assert sum(len(s.payload) for s in peer.drain("10ms")) <= 1000
    peer.ack(win=100)
    b.net.run(for_="1ms")
    assert connection.info().snd_wnd == 12800
    while peer.rcv_nxt != peer.rseq(3001):
        peer.expect()
        peer.ack()
    b.part(peer, connection)
    b.recovers(quiet_row)


@pytest.mark.parametrize("_id", ["MF-TCP-33/genuine"])
def test_timestamps_go_on(make_busy_tcp, _id):
    """After the segments from the future that were refused, one with an honest timestamp is
    taken."""
    b = make_busy_tcp()
    b.o.send("PA", b"evil", seq=b.o.snd_nxt, ack=b.o.rcv_nxt + 5000,
             options=b.o.timestamps(val=1000 + (1 << 31) - 1))
    b.o.expect("A", ack=b.o.snd_nxt)
    b.o.send("PA", b"J" * 10, advance=False)
    b.o.expect("A", ack=b.o.snd_nxt + 20)
    assert b.co.pending == 20
    b.o.snd_nxt += 20
    b.o.send("PA", b"M" * 10, options=b.o.timestamps(val=1))
    b.o.expect("A", ack=b.o.snd_nxt - 10)
    assert b.co.recv() == b"J" * 10 + b"K" * 10
    assert b.d.stats()["drops"]["tcp_paws"] == 1


@pytest.mark.parametrize("_id", ["MF-TCP-31/not-aborted"])
def test_rst_needs_no_timestamp(make_busy_tcp, _id):
    """A connection with timestamps goes on after segments without; a RST without ends it."""
    b = make_busy_tcp()
    b.o.send("FA", options=b"", advance=False)
    b.o.expect_nothing(for_="1ms")
    assert b.co.state == "ESTABLISHED"
    b.o.send("R", options=b"")
    b.net.run(for_="1ms")
    assert (b.co.state, b.co.error) == ("CLOSED", "ERR_RST")
