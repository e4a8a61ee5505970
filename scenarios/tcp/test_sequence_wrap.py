"""Sequence numbers across 2^32, on both sides: data, SACK, FIN, urgent pointer, window edges.
[RFC9293 3.4] """

import pytest
from lockwire import shows
from lockwire.tcp_info import pattern

WRAP = 2**32


def settle(t):
    t.net.run(for_="1ms")


@pytest.mark.parametrize("before", [1, 2, 3, 100, 1460, 1461, 5000])
def test_host_sends_across(talk, before):
    """Whatever the first byte's number is: every ACK moves on, all of it arrives. """
    t = talk(tcp_isn=WRAP - before)
    connection, peer = t.serve()
    connection.send(pattern(12_000))
    connection.close()
    got = b""
    while not peer.fin_received:
        segment = peer.expect()
        assert (segment.seq - peer.rseq(1)) % WRAP == len(got)
        got += segment.payload
        peer.ack()
    assert got == pattern(12_000)
    settle(t)
    assert connection.state == "FIN_WAIT_2"


@pytest.mark.parametrize("isn", [WRAP - 1, WRAP - 2, WRAP - 0x11, WRAP - 1461, 2**31 - 100])
def test_host_receives_across(talk, isn):
    t = talk()
    connection, peer = t.serve(isn=isn)
    with shows("MF-TCP-53"):
        for at in range(0, 9000, 1000):
            peer.send("PA", pattern(1000, at=at))
        settle(t)
        assert connection.recv_exactly(9000) == pattern(9000)
    peer.fin()
    t.net.run(for_="100ms")
    assert peer.drain()[-1].ack == peer.seq(9002) and connection.eof


def test_out_of_order_around_the_wrap(talk):
    """RCV.NXT 0xfffffff0; [0x10, 0x40), [0xfffffff8, 0x20) and then what is missing. """
    t = talk()
    connection, peer = t.serve(isn=WRAP - 0x11, sack=True)
    whole = pattern(0x50)

    def part(first, last):
        peer.send("PA", whole[first:last], seq=WRAP - 0x10 + first)
        settle(t)
    with shows("MB-DATA-01", "MF-TCP-53"):
        part(0x20, 0x50)
        assert peer.expect("A", ack=WRAP - 0x10).option("SAck") == (0x10, 0x40)
        part(0x08, 0x30)
        assert peer.expect("A", ack=WRAP - 0x10).option("SAck") == \
            (0x10, 0x20, WRAP - 8, 0x40)  # what came twice stands first [RFC2883]
        part(0x00, 0x08)
        peer.expect("A", ack=0x40, options={"SAck": None})
        assert connection.recv(1000) == whole


@pytest.mark.exact_ms
def test_sack_recovery_across_the_wrap(talk):
    """Of ten segments the fourth, which holds the wrap, is lost; blocks beyond it bring it back."""
    t = talk(tcp_isn=WRAP - 3 * 1460 - 700)
    connection, peer = t.serve(sack=True)
    connection.send(pattern(14_600))
    for i in range(10):
        peer.expect(seq=peer.rseq(1 + 1460 * i), length=1460, lost=i == 3)
        peer.send("A", options=peer.sacks() if i > 3 else None)
    again = peer.expect("A", seq=peer.rseq(1 + 3 * 1460), length=1460, before="50ms")
    assert again.seq > again.end and again.payload == pattern(1460, at=3 * 1460)
    peer.ack()
    settle(t)
    info = connection.info()
    assert (info.unacked, info.lost, info.recovery) == (0, 0, "none")


@pytest.mark.exact_ms
def test_rto_across_the_wrap(talk):
    t = talk(tcp_isn=WRAP - 500)
    connection, peer = t.serve()
    connection.send(pattern(1000))
    first = peer.expect("PA", length=1000, lost=True)
    assert first.seq > first.end
    peer.expect("PA", seq=first.seq, data=pattern(1000), timeout="2s")
    peer.ack()
    settle(t)
    assert connection.info().timers == {} and connection.info().snd_una == first.end


@pytest.mark.parametrize("before", [1, 2, 11, 12])
def test_fin_at_the_wrap(talk, before):
    t = talk(tcp_isn=WRAP - before)
    connection, peer = t.serve(isn=WRAP - before)
    connection.send(b"0123456789")
    connection.shutdown("wr")
    settle(t)
    peer.drain()
    assert peer.rcv_nxt == peer.rseq(12)
    peer.send("FPA", b"0123456789")
    settle(t)
    assert connection.state == "TIME_WAIT" and connection.recv_all(timeout=1) == b"0123456789"
    peer.expect("A", ack=peer.seq(12))


@pytest.mark.parametrize("before", [3, 6, 11])
def test_urgent_pointer_across_the_wrap(talk, before):
    t = talk(tcp_isn=WRAP - before)
    connection, peer = t.serve(isn=WRAP - before)
    peer.send("PAU", b"0123456789", urg=10)
    settle(t)
    assert [e.value for e in connection.urgent] == [10] and connection.recv(99) == b"0123456789"
    connection.write(b"0123456789", urgent=True)
    got = peer.expect("PAU", data=b"0123456789")
    assert got.urg == 10


def test_window_edges_across_the_wrap(talk):
    """What lies outside is outside on either side of zero. """
    t = talk(tcp_wnd=4000)
    connection, peer = t.serve(isn=WRAP - 1001)
    for seq, taken in ((WRAP - 1001, False), (WRAP - 2000, False), (2999, True), (3000, False),
                       (2**31, False)):
        peer.send("PA", b"x", seq=seq)
        settle(t)
        peer.expect("A", ack=WRAP - 1000, seq=peer.rseq(1))
        assert connection.info().ooseq == int(taken or seq in (3000, 2**31))
    assert t.h.stats()["drops"] == {"tcp_outside_window": 4}


def test_peers_window_edge_across_the_wrap(talk):
    t = talk(tcp_isn=WRAP - 1500)
    connection, peer = t.serve(win=4380)
    connection.send(pattern(10_000))
    settle(t)
    got = peer.drain()
    assert got[-1].end == peer.rseq(4381) == 4380 - 1500 and len(got) == 3
    peer.ack(win=0)
    settle(t)
    assert set(connection.info().timers) == {"persist"}
