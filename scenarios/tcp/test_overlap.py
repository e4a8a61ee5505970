"""Segments that arrive out of order and overlap, in every geometry: the stream is whole, each byte
once; the acknowledgement and the SACK blocks tell exactly what is held, the newest first, after
what came twice; where two segments differ, the byte that came first counts.
[RFC9293 3.10.7.4] [RFC2018 4] [RFC2883 4] """

import itertools
import random

import pytest

from lockwire.tcp_info import pattern

PLACES = [(a, b) for a in range(1, 5) for b in range(a + 1, 6)]  # ten intervals behind a hole


def run_at(numbers, n):
    """The run of consecutive numbers from n on."""
    end = n
    while end in numbers:
        end += 1
    return n, end


class Receiver:
    """A receiver by the RFCs. Units of `scale` bytes, counted from the first byte of the stream."""

    def __init__(self, connection, peer, scale):
        self.connection, self.peer, self.scale = connection, peer, scale
        self.next, self.held = 0, set()

    def arrives(self, first, last, data=None):
        """Units [first, last) are sent; the answer is at once, and says what is held."""
        old = [n for n in range(first, last) if n < self.next or n in self.held]
        if old and old[0] < self.next:
            old = [n for n in old if n < self.next]
        self.held |= {n for n in range(first, last) if n >= self.next}
        while self.next in self.held:
            self.held.discard(self.next)
            self.next += 1
        if data is None:
            data = pattern((last - first) * self.scale, at=first * self.scale)
        self.peer.send("PA", data, seq=self.number(first))
        got = self.peer.expect("A", ack=self.number(self.next))
        self.check(got, run_at(set(old), old[0]) if old else None, max(first, self.next))

    def number(self, unit):
        return self.peer.seq(1 + unit * self.scale)

    def check(self, got, twice, newest):
        edges = got.option("SAck") or ()
        blocks = list(zip(edges[::2], edges[1::2]))
        if twice is not None:
            assert blocks.pop(0) == tuple(map(self.number, twice))
        runs = [run_at(self.held, n) for n in self.held if n - 1 not in self.held]
        assert sorted(blocks) == sorted(tuple(map(self.number, run)) for run in runs)
        for run in runs:
            if run[0] <= newest < run[1]:
                assert blocks[0] == tuple(map(self.number, run))

    def whole(self, first, last):
        """Units [first, last) have been delivered, and nothing is held."""
        got = self.connection.recv_exactly((last - first) * self.scale, timeout=0)
        assert got == pattern(len(got), at=first * self.scale)
        assert self.next == last and not self.held and self.connection.pending == 0
        self.peer.drain()


@pytest.fixture
def receiver(talk):
    """receiver(scale): a Receiver whose host acknowledges everything at once."""
    return lambda scale, **peer: Receiver(*talk(tcp_delack_ms=0).serve(sack=True, **peer), scale)


@pytest.mark.parametrize("scale", [1, 250])
def test_two_segments_then_what_was_missing(receiver, scale):
    """Every pair of ten intervals behind a hole; what fills the hole covers them all."""
    r, at = receiver(scale), 0
    for pair in itertools.product(PLACES, repeat=2):
        for first, last in pair:
            r.arrives(at + first, at + last)
        end = at + max(last for _, last in pair)
        r.arrives(at, end)
        r.whole(at, end)
        at = end


@pytest.mark.parametrize("scale", [1, 250])
def test_two_segments_then_the_hole_alone(receiver, scale):
    """The hole is filled to a byte, then from behind it everything once more."""
    r, at = receiver(scale), 0
    for pair in itertools.product(PLACES, repeat=2):
        for first, last in pair:
            r.arrives(at + first, at + last)
        end = at + max(last for _, last in pair)
        r.arrives(at, at + 1)
        if r.next != end:
            r.arrives(at + 1, end)
        r.arrives(at, end)
        r.whole(at, end)
        at = end


@pytest.mark.parametrize("isn", [1000, 2**32 - 3000, 2**31 - 3000])
@pytest.mark.parametrize("seed", range(6))
def test_any_number_of_segments(receiver, seed, isn):
    """Up to 40 units of 97 bytes, cut anyhow, until all of it is there."""
    r, chance, at = receiver(97, isn=isn), random.Random(seed), 0
    for _ in range(8):
        size = chance.randrange(4, 40)
        while r.next < at + size:
            first = chance.randrange(at, at + size)
            r.arrives(first, min(at + size, first + chance.randrange(1, 15)))
            if len([n for n in r.held if n - 1 not in r.held]) > 3:
                r.arrives(r.next, min(r.held))  # no more blocks than an ACK has room for
        r.whole(at, at + size)
        at += size


def test_the_byte_that_came_first_counts(receiver):
    """Nobody but an attacker sends two different bytes: he shall not replace what is there, nor
    make the host forget it."""
    r, at = receiver(1), 0
    for one, other in itertools.product(PLACES, repeat=2):
        for name, (first, last) in (b"1", one), (b"2", other), (b"3", (0, 6)):
            r.arrives(at + first, at + last, name * (last - first))
        want = [b"1" if one[0] <= n < one[1] else b"2" if other[0] <= n < other[1] else b"3"
                for n in range(6)]
        assert r.connection.recv_exactly(6, timeout=0) == b"".join(want), (one, other)
        at += 6
