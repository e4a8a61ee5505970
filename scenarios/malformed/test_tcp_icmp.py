"""ICMP errors about TCP segments: believed only as far as they could be true [RFC5927][RFC1191]
[RFC9293 3.9.2.2]."""

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

D, D4, T, T4 = "02:00:00:00:00:02", "10.0.0.2", "02:00:00:00:00:01", "10.0.0.1"


def error(b, code, segment, word=0, seq=None):
    """An ICMP error that quotes a segment of the host's, with another sequence number if given."""
    quote = bytearray(segment.frame[14:42])
    if seq is not None:
        quote[24:28] = (seq % 2**32).to_bytes(4, "big")
    b.t.send(Ether(src=T, dst=D) / IP(src=T4, dst=D4)
             / ICMP(type=3, code=code, nexthopmtu=word) / Raw(bytes(quote)))
    b.net.run(for_="1ms")


def sending(b, segments=4):
    """(peer, connection, segments in flight) of 1460 octets each."""
    peer, connection = b.opened(1025)
    connection.sendall(bytes(1460 * segments))
    return peer, connection, [peer.expect(length=1460) for _ in range(segments)]


# The largest payload then. 0: the next plateau below 1500 [RFC1191 7.1]; below 68: no router;
# 1500 and more: no reduction. 68 is taken for what it is, but pieces are not made that small.
@pytest.mark.parametrize("mtu, size", [pytest.param(*case, id=f"MF-ICMP-09/tcp-{case[0]}") for case
                                       in ((0, 1452), (67, 1460), (552, 512), (1492, 1452),
                                           (1500, 1460), (65535, 1460))])
def test_fragmentation_needed(make_busy_tcp, mtu, size):
    """The MTU may shrink, within reason, and what did not fit is sent again in pieces that do;
    never does it grow."""
    b = make_busy_tcp()
    peer, connection, sent = sending(b)
    error(b, 4, sent[0], mtu)
    assert connection.info().mss == size
    again = peer.drain()
    assert all(len(s.payload) <= size for s in again) and bool(again) == (size < 1460)
    peer.rcv_nxt, peer.held = peer.rseq(1 + 4 * 1460), []
    peer.ack()
    b.net.run(for_="1ms")
    connection.sendall(bytes(3000))
    assert peer.expect().payload == bytes(size)


@pytest.mark.parametrize("_id", ["MF-ICMP-09/tcp-68"])
def test_smallest_mtu(make_busy_tcp, _id):
    """68 octets are possible, and no reason for pieces of 28: the segments do not become smaller
    than the stack's limit, and may be fragmented instead."""
    b = make_busy_tcp()
    peer, connection, sent = sending(b)
    error(b, 4, sent[0], 68)
    assert connection.info().mss >= 256 - 40
    again = peer.drain()
    assert again and all(len(s.payload) <= connection.info().mss and not s.df for s in again)


@pytest.mark.parametrize("offset", [pytest.param(-1, id="MF-ICMP-09/tcp-acked"),
                                    pytest.param(4 * 1460, id="MF-ICMP-09/tcp-unsent")])
def test_fragmentation_needed_of_nothing(make_busy_tcp, offset):
    """The quoted segment is not in flight: ignored."""
    b = make_busy_tcp()
    peer, connection, sent = sending(b)
    error(b, 4, sent[0], 552, seq=sent[0].seq + offset)
    assert connection.info().mss == 1460 and peer.pending == 0
    assert b.d.stats()["drops"] == {"tcp_error_stray": 1}


@pytest.mark.parametrize("code", [pytest.param(n, id=f"MF-ICMP-10/tcp-code-{n}")
                                  for n in (2, 3, 4)])
@pytest.mark.parametrize("offset", [-1, 4 * 1460, 10**9])
def test_hard_error_about_what_was_never_sent(make_busy_tcp, code, offset):
    """No connection ends by it, and nobody is told [RFC5927 4.1]."""
    b = make_busy_tcp()
    peer, connection, sent = sending(b)
    error(b, code, sent[0], seq=sent[0].seq + offset)
    assert (connection.state, connection.error, connection.soft) == ("ESTABLISHED", None, [])
    assert b.d.stats()["drops"] == {"tcp_error_stray": 1} and peer.pending == 0


@pytest.mark.parametrize("code", [pytest.param(n, id=f"MF-ICMP-10/live-code-{n}") for n in (2, 3)])
def test_hard_error_about_a_live_segment(make_busy_tcp, code):
    """In a synchronised state even a true one is soft: the program hears of it, and the connection
    goes on [RFC5461 4.1]."""
    b = make_busy_tcp()
    peer, connection, sent = sending(b)
    error(b, code, sent[0])
    assert (connection.state, connection.error) == ("ESTABLISHED", None)
    assert [event.value for event in connection.soft] == [("ERR_RTE", 3, code)]
    peer.ack()
    b.net.run(for_="1ms")
    assert connection.info().in_flight == 0


@pytest.mark.parametrize("code", [pytest.param(n, id=f"MF-ICMP-11/tcp-code-{n}") for n in (2, 3)])
def test_unreachable_while_connecting(make_busy_tcp, code):
    """The attempt ends at once, with an error [RFC9293 3.9.2.2 SHLD-26]."""
    b = make_busy_tcp()
    peer = b.peer(8080, None)
    connection = b.d.connect(peer.ip, 8080, wait=False)
    syn = peer.expect("S")
    error(b, code, syn)
    assert (connection.state, connection.error) == ("CLOSED", "ERR_RST")
    peer.expect_nothing(for_="10s")


@pytest.mark.parametrize("code", [0, 1, 5])
def test_net_unreachable_while_connecting(make_busy_tcp, code):
    """It may come back: the SYN is sent again [RFC9293 3.9.2.2 MUST-56]."""
    b = make_busy_tcp()
    peer = b.peer(8080, None)
    connection = b.d.connect(peer.ip, 8080, wait=False)
    syn = peer.expect("S")
    error(b, code, syn)
    assert connection.state == "SYN_SENT"
    peer.expect("S", seq=syn.seq, timeout="2s")
