"""Fragmentation needed, and what segments look like afterwards: how large, with or without DF, for
how long; that no message makes them larger, and none that cannot be true does harm.
[RFC1191 3] [RFC1191 6.3] [RFC1191 7.1] [RFC5927 7.2] [RFC9293 3.9.2.2] """

import pytest
from scapy.layers.inet import ICMP, IP
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from lockwire import VTime
from lockwire.tcp_info import pattern

S = 1_000_000_000
FULL = 1460


def too_big(t, about, mtu, seq=None):
    """A router's message about a segment of the host's, with its sequence number changed if
    given."""
    quote = bytearray(about.frame[14:42])
    if seq is not None:
        quote[24:28] = (seq % 2**32).to_bytes(4, "big")
    t.wire.send(Ether(src=t.wire.mac, dst=t.h.mac) / IP(src="10.0.0.1", dst=t.h.ip) /
                ICMP(type=3, code=4, nexthopmtu=mtu) / Raw(bytes(quote)))
    t.net.run(for_="100us")


@pytest.fixture
def sending(talk):
    """sending(**peer): (talk, connection, peer, three full segments in flight)."""
    def make(**peer):
        t = talk(lwip_tcp_pmtud=1)
        connection, other = t.serve(**peer)
        connection.set(nodelay=True)
        connection.send(pattern(3 * FULL))
        t.net.run(for_="1ms")
        return t, connection, other, other.drain()
    return make


def sizes(segments):
    """(bytes of the packet, DF) of each."""
    return [(len(s.frame) - 14, s.df) for s in segments]


def speak(t, connection, peer):
    """What 3000 bytes are sent as; they are acknowledged."""
    connection.send(pattern(3000))
    t.net.run(for_="1ms")
    got = peer.drain()
    peer.ack()
    t.net.run(for_="1ms")
    return got


@pytest.mark.parametrize("mtu, packet, df", [
    (1499, 1499, True), (1492, 1492, True), (1280, 1280, True), (1000, 1000, True),
    (576, 576, True), (552, 552, True), (551, 552, False), (296, 552, False), (68, 552, False),
    (0, 1492, True)])
@pytest.mark.parametrize("ts", [None, 7], ids=["plain", "timestamps"])
def test_segments_fit_from_then_on(sending, mtu, packet, df, ts):
    """The first leaves again at once, cut; below the least size that is obeyed routers may
    fragment. 0: an old router, the next plateau. """
    t, connection, peer, flight = sending(ts=ts)
    headers = 40 + (12 if ts else 0)
    too_big(t, flight[0], mtu)
    again = peer.expect("A", seq=flight[0].seq, length=packet - headers, df=df)
    assert again.payload == flight[0].payload[:packet - headers]
    peer.ack()
    t.net.run(for_="1ms")
    got = peer.drain()
    while got:
        assert {s.df for s in got} == {df} and max(s.length for s in got) <= packet - headers
        peer.ack()
        t.net.run(for_="1ms")
        got = peer.drain()
    assert connection.info().in_flight == 0
    assert sizes(speak(t, connection, peer))[0] == (packet, df)


@pytest.mark.parametrize("mtu", [1, 20, 67, 1500, 1501, 9000, 65535])
def test_what_cannot_be_true_changes_nothing(sending, mtu):
    """Less than every link can carry, or as much as the packet had: [RFC1191 3]."""
    t, connection, peer, flight = sending()
    too_big(t, flight[0], mtu)
    assert peer.drain("10ms") == [] and connection.info().mss == FULL


@pytest.mark.parametrize("seq", [-1, 3 * FULL, 2**31], ids=["acked", "NXT", "far"])
def test_about_nothing_in_flight(sending, seq):
    t, connection, peer, flight = sending()
    too_big(t, flight[0], 1000, seq=flight[0].seq + seq)
    assert peer.drain("10ms") == [] and connection.info().mss == FULL


def test_the_window_stays_the_same_in_segments(sending):
    """It is no congestion: neither threshold nor timeout change."""
    t, connection, _, flight = sending()
    before = connection.info()
    too_big(t, flight[0], 1040)
    after = connection.info()
    assert (after.cwnd // 1000, after.ssthresh) == (before.cwnd // FULL, before.ssthresh)
    assert (after.rto, after.recovery) == (before.rto, "none")


def test_lower_and_lower_never_higher(sending):
    t, connection, peer, flight = sending()
    too_big(t, flight[0], 1280)
    again = peer.expect(length=1240)
    too_big(t, again, 1000)
    once_more = peer.expect(seq=again.seq, length=960)
    too_big(t, once_more, 1280)
    assert connection.info().mss == 960


def test_larger_ones_are_tried_after_ten_minutes(sending):
    """Not earlier. """
    t, connection, peer, flight = sending()
    began = t.net.now_ns
    too_big(t, flight[0], 1000)
    while peer.drain("1ms"):
        peer.ack()
    t.net.run(until=VTime(began + 599 * S))
    assert sizes(speak(t, connection, peer))[0] == (1000, True)
    t.net.run(until=VTime(began + 601 * S))
    assert sizes(speak(t, connection, peer))[0] == (1500, True)


def test_what_has_come_through_needs_a_loss_to_be_believed(sending):
    """Packets of that size have arrived: only if the one in question does not, too, the message was
    true."""
    t, connection, peer, _ = sending()
    peer.ack()
    t.net.run(for_="1ms")
    connection.send(pattern(FULL))
    first = peer.expect("PA", length=FULL, lost=True)
    too_big(t, first, 1000)
    assert peer.drain("900ms") == [] and connection.info().mss == FULL
    again = peer.expect("A", seq=first.seq, length=960, timeout="1s")
    assert again.t_ns > first.t_ns + 900_000_000 and connection.info().mss == 960
