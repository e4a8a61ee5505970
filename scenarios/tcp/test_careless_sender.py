"""A sender that sends any part of its stream at any time, before, across and beyond the window,
again and again, perhaps with its FIN where the end is in it, while the application reads as it
likes: every acknowledgement is exactly what a receiver by the RFC has, the right edge never moves
back, and the application gets the stream and its end.
[RFC9293 3.10.7.4] [RFC9293 3.8.6] [RFC2018 4] """

import random

import pytest

from lockwire.tcp_info import pattern

TOTAL = 12_000


class Careless:
    """The sender, and the receiver as it has to be: numbers count from the stream's first byte."""

    def __init__(self, connection, peer, seed):
        self.connection, self.peer, self.chance = connection, peer, random.Random(seed)
        self.next, self.held, self.fin, self.ended = 0, set(), False, False
        self.edge, self.read = peer.snd_wnd, 0

    def place(self, number):
        return (number - self.peer.seq(1)) % 2**32

    def hear(self, span="250ms"):
        """The host's segments, for so long; none promises or tells what is not so."""
        for got in self.peer.drain(span):
            acked = self.place(got.ack)
            edge = acked + (got.win << self.peer.host_shift)
            assert edge >= self.edge, "the right edge moved back"
            self.edge = edge
            assert acked <= self.next + self.ended
            for left, right in self.blocks(got):  # what came twice, or is held
                assert right <= self.next + self.ended or \
                    set(range(left, right)) <= self.held | {TOTAL}

    def blocks(self, got):
        edges = [self.place(e) for e in got.option("SAck") or ()]
        return zip(edges[::2], edges[1::2])

    def say(self):
        """Any part of the stream; what the receiver makes of it."""
        first = max(0, self.chance.randrange(self.next - 1500, self.edge + 800))
        if self.chance.random() < 0.3:
            first = self.next
        first = min(first, TOTAL)
        last = min(TOTAL, first + self.chance.randrange(1, 1460))
        fin = last == TOTAL and (first == last or self.chance.random() < 0.5)
        self.takes(first, last, fin)
        self.peer.send("FPA" if fin else "PA", pattern(last - first, at=first),
                       seq=self.peer.seq(1 + first))

    def takes(self, first, last, fin):
        room = last - first + fin
        inside = self.next <= first < self.edge or self.next <= first + room - 1 < self.edge
        if self.ended or not inside:
            return
        self.held |= set(range(max(first, self.next), min(last, self.edge)))
        self.fin = self.fin or (fin and last < self.edge)
        while self.next in self.held:
            self.held.discard(self.next)
            self.next += 1
        self.ended = self.fin and self.next == TOTAL

    def read_some(self):
        """The application takes a part of what is there."""
        there = self.connection.pending
        if there:
            n = self.chance.randrange(1, there + 1)
            assert self.connection.recv_exactly(n, timeout=0) == pattern(n, at=self.read)
            self.read += n

    def step(self):
        """One segment when the window is open, then its answer; then perhaps the application."""
        if self.edge > self.next:
            self.say()
            self.hear()
            assert self.place(self.peer.log[-1].segment.ack) == self.next + self.ended
            assert self.connection.pending == self.next - self.read
        if self.edge == self.next or self.chance.random() < 0.5:
            self.read_some()
            self.hear("1ms")


@pytest.mark.parametrize("peer", [{}, {"sack": True}, {"sack": True, "ts": 9, "ws": 0}],
                         ids=["plain", "sack", "all-options"])
@pytest.mark.parametrize("wnd, mss", [(4000, 1460), (1460, 1460), (2000, 100), (700, 536)])
@pytest.mark.parametrize("seed", range(4))
def test_careless_sender(talk, peer, wnd, mss, seed):
    connection, other = talk(tcp_wnd=wnd, tcp_mss=mss).serve(isn=2**32 - 5000, **peer)
    other.port.net.run(for_="1ms")
    s = Careless(connection, other, seed)
    for _ in range(3000):
        s.step()
        if s.ended:
            break
    assert s.ended and connection.state == "CLOSE_WAIT"
    rest = connection.recv_all(timeout=0)
    assert rest == pattern(TOTAL - s.read, at=s.read)
