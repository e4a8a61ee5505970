"""Window scaling: offered by both or used by none, in every window but a SYN's. [RFC7323 2.2],
[RFC7323 2.3], [RFC7323 2.4] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern

BIG = 1 << 20


def settle(t):
    t.net.run(for_="5ms")


def flight(t, connection, peer, size):
    """How many bytes leave of `size` without any ACK."""
    connection.send_pattern(size)
    settle(t)
    return sum(s.length for s in peer.drain())


@pytest.mark.parametrize("host, ws", [(0, None), (0, 3), (1, None), (1, 3)])
def test_both_or_none(talk, host, ws):
    t = talk(lwip_wnd_scale=host, tcp_wnd=65_535, tcp_rcv_scale=4, tcp_iw_segments=100,
             tcp_snd_buf=65_535)
    connection, peer = t.serve(ws=ws, win=65_535 if ws is None else 1000 << 3)
    both = bool(host and ws)
    with shows("RQ-7323-02"):
        info = connection.info()
        assert (info.snd_scale, info.rcv_scale) == ((3, 4) if both else (0, 0))
        assert info.window_scale == both
        offered = dict(peer.log[1].segment.options)
        assert offered.get("WScale") == (4 if both else None)
        peer.send("A", win=1000)
        settle(t)
        assert connection.info().snd_wnd == (8000 if both else 1000)
        peer.send("PA", b"x")
        assert peer.expect("A").win == (65_534 >> 4 if both else 65_534)


def test_host_offers_it_and_the_peer_does_not(talk):
    t = talk(tcp_wnd=BIG)
    connection, peer = t.call()
    assert dict(peer.log[0].segment.options)["WScale"] == 5
    assert connection.info().window_scale is False and connection.info().rcv_wnd == 65_535
    peer.send("PA", b"x")
    peer.expect("A", win=65_534)


@pytest.mark.parametrize("opened_by", ["peer", "host"])
def test_windows_of_syns_are_not_scaled(talk, opened_by):
    """Shift 7, window 1000 in the SYN: 1000, not 128,000; and the host's own reads unscaled."""
    t = talk(tcp_wnd=BIG, tcp_iw_segments=200, tcp_snd_buf=300_000)
    with shows("RQ-7323-03", "MB-PERSIST-18", "MF-TCP-28"):
        if opened_by == "peer":
            listener = t.h.listen(80)
            peer = t.peer(80, ws=7, win=1000)
            peer.send("S")
            syn = peer.expect("SA")
            peer.send("A", win=50)
            connection = listener.accept(timeout=1)
            settle(t)
            assert connection.info().snd_wnd == 50 << 7
            assert connection.info().snd_wnd_max == 50 << 7
        else:
            peer = t.peer(None, 80, ws=7, win=1000).listen()
            connection = t.h.connect(peer.ip, 80, timeout="1s")
            peer.accept()
            syn = peer.log[0].segment
            assert connection.info().snd_wnd == 1000
            assert flight(t, connection, peer, 5000) <= 1000
        assert syn.win == 65_535


@pytest.mark.parametrize("shift", [15, 64, 255])
def test_shifts_above_14_are_14(talk, shift):
    t = talk(tcp_snd_buf=200_000, tcp_iw_segments=200)
    connection, peer = t.serve(ws=shift, win=65_535)
    with shows("RQ-7323-04", "MF-TCP-25"):
        assert connection.info().snd_scale == 14
        peer.send("A", win=2)
        settle(t)
        assert connection.info().snd_wnd == 2 << 14
        assert flight(t, connection, peer, 100_000) == (2 << 14) - (2 << 14) % 1460


@pytest.mark.exact_virtual(reason="the cable is faster than the MAC")
@pytest.mark.parametrize("win, shift", [(100, 3), (1, 14), (65_535, 0), (511, 9)])
def test_all_other_windows_are_shifted(talk, win, shift):
    t = talk(tcp_snd_buf=400_000, tcp_iw_segments=300, memp_num_tcp_seg=1000, tcp_snd_queuelen=900)
    connection, peer = t.serve(ws=shift, win=min(win << shift, 65_535 << shift))
    with shows("RQ-7323-05"):
        assert connection.info().snd_wnd == win << shift
        size = flight(t, connection, peer, 390_000)
        assert (win << shift) - 1460 < size <= win << shift


def test_four_megabytes_are_not_cut(talk):
    """[RFC9293 3.1 REC-1]: 32 bits for windows, on both sides. """
    t = talk(tcp_wnd=4 << 20, tcp_snd_buf=1 << 22)
    connection, peer = t.serve(ws=7, win=32_768 << 7)
    with shows("RQ-9293-REC-1"):
        assert connection.info().snd_wnd == 4 << 20
        assert connection.info().rcv_wnd == 4 << 20
        peer.send("PA", b"x" * 128)
        assert peer.expect("A").win << connection.info().rcv_scale == (4 << 20) - 128


def test_option_outside_of_a_syn_means_nothing(talk):
    t = talk()
    connection, peer = t.serve(ws=2, win=4000)
    with shows("RQ-7323-01", "MF-TCP-26"):
        peer.send("PA", b"x", win=1000, options=[("NOP", None), ("WScale", 7)])
        settle(t)
        assert connection.info().snd_scale == 2 and connection.info().snd_wnd == 4000
    assert connection.recv(1) == b"x"


def test_option_without_scaling_agreed_means_nothing(talk):
    t = talk()
    connection, peer = t.serve(win=4000)
    with shows("RQ-7323-01", "MF-TCP-26"):
        peer.send("PA", b"x", win=1000, options=[("NOP", None), ("WScale", 7)])
        settle(t)
        assert connection.info().snd_scale == 0 and connection.info().snd_wnd == 1000


@pytest.mark.parametrize("again", [3, 7, None])
def test_repeated_syn_is_not_negotiated_twice(talk, again):
    t = talk(tcp_wnd=BIG)
    listener = t.h.listen(80)
    peer = t.peer(80, ws=3, win=1000)
    peer.send("S")
    first = peer.expect("SA", lost=True)
    options = [("MSS", 1460)] + ([("NOP", None), ("WScale", again)] if again is not None else [])
    peer.send("S", seq=peer.seq(0), options=options, at="1500ms")
    with shows("MB-PERSIST-19", "MF-TCP-26"):
        second = peer.expect("SA", options=first.options)
        assert second.win == first.win and second.seq == first.seq
        peer.snd_nxt = peer.seq(1)
        peer._offered = {"WScale": 3}
        peer.send("A", win=125)
        connection = listener.accept(timeout=1)
        settle(t)
        assert connection.info().snd_scale == 3 and connection.info().snd_wnd == 1000


@pytest.mark.parametrize("shift", [7, 10, 14])
def test_rounding_never_promises_too_much(talk, shift):
    """Odd amounts in, odd amounts read: the edge is what fits or less, and retreats by less than a
    unit; what was announced is taken to the last byte. [RFC9293 3.8.6 SHLD-14] """
    size = 100_000
    t = talk(tcp_wnd=size, tcp_rcv_scale=shift)
    connection, peer = t.serve(ws=0)
    assert dict(peer.log[1].segment.options)["WScale"] == shift
    unit, sent, read, edges = 1 << shift, 0, 0, []
    with shows("RQ-7323-06"):
        for i in range(60):
            for _ in range(1 + i % 3):
                n = (391 * (i + 7)) % 1460 + 1
                peer.send("PA", pattern(n, at=sent))
                sent += n
            t.net.run(for_="45ms")
            if i % 4 == 3:
                read += len(connection.recv(2000 + i))
            for s in peer.drain():
                edges.append((s.ack - peer.seq(1)) % 2**32 + (s.win << shift))
                assert edges[-1] <= read + size
        assert len(edges) > 50
        assert all(b > a - unit for i, a in enumerate(edges) for b in edges[i:])
    while sent < max(edges):
        n = min(1460, max(edges) - sent)
        peer.send("PA", pattern(n, at=sent))
        sent += n
    t.net.run(for_="1s")
    assert connection.recv_exactly(sent - read, timeout=1) == pattern(sent - read, at=read)
    assert t.h.stats()["drops"] == {}


def test_an_update_that_rounds_to_the_same_window_is_not_sent(talk):
    """Room for a segment that the field cannot say yet: the peer would see its last ACK again, and
    take three of them for a loss [RFC5681 2]. What it can say is said at once."""
    t = talk(tcp_wnd=100_000, tcp_rcv_scale=14)
    connection, peer = t.serve(ws=0)
    for at in range(0, 20_000, 1000):
        peer.send("PA", pattern(1000, at=at))
        t.net.run(for_="45ms")
    assert peer.drain()[-1].win == 80_000 >> 14 == 4
    said = []
    for _ in range(13):
        connection.recv_exactly(1500)
        settle(t)
        said.append([s.win for s in peer.drain()])
    assert said == [[], [83_000 >> 14]] + [[]] * 10 + [[99_500 >> 14]]


def test_sender_accepts_an_edge_that_retreats_by_a_unit(talk):
    """[RFC7323 2.4]: a peer that rounds down takes back less than a unit; what is in flight stays
    in flight, nothing is sent twice, nothing stalls. """
    t = talk(tcp_iw_segments=100)
    connection, peer = t.serve(ws=7, win=16_384)
    connection.send(pattern(40_000))
    settle(t)
    got = peer.drain()
    edge = got[-1].end
    assert sum(s.length for s in got) == 16_060
    peer.send("A", ack=peer.rseq(1 + 1460), win=(16_384 - 1460) >> 7)  # rounds down by 76
    with shows("RQ-7323-07"):
        settle(t)
        assert connection.info().unacked == 16_060 - 1460 and peer.pending == 0
        peer.send("A", ack=edge, win=16_384 >> 7)
        settle(t)
        more = peer.drain()
        assert more[0].seq == edge and sum(s.length for s in more) == 16_060
        assert connection.info().retransmitting == 0
