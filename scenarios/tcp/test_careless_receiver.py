"""A receiver that acknowledges any part of what it got at any time, moves its window to and fro,
shrinks it, closes it, repeats itself, says old things again, and reports what it holds or not: the
host sends each byte right, nothing new beyond the window, nothing that it knows to have arrived, no
segment too long, and everything in the end. [RFC9293 3.8.6] [RFC9293 3.8.6 MUST-34] [RFC6675 5] """

import random

import pytest

from lockwire.tcp_info import pattern

TOTAL = 30_000


class Careless:
    """The receiver; numbers count from the stream's first byte."""

    def __init__(self, connection, peer, seed, mss):
        self.connection, self.peer, self.chance = connection, peer, random.Random(seed)
        self.mss, self.got, self.fin = mss, set(), False
        self.acked = self.sent = 0     # told last; the host's highest
        self.edge = peer.win           # right edge of the window that counts
        self.history = [(0, peer.win)]

    def place(self, number):
        return (number - self.peer.rseq(1)) % 2**32

    def hear(self, span):
        """What the host sends; each segment has to be right at the moment it was sent."""
        for s in self.peer.drain(span):
            at = self.place(s.seq)
            if s.length == 0 and "F" not in s.flag_text:
                continue  # an ACK or a probe of the window
            end = at + s.length
            assert s.payload == pattern(s.length, at=at) and s.length <= self.mss
            assert end + ("F" in s.flag_text) > self.acked, f"{at}:{end} was acknowledged"
            if end > self.sent and s.length > 1:
                assert end <= self.edge, f"new text {at}:{end} beyond the window's edge {self.edge}"
            self.sent = max(self.sent, end)
            if self.chance.random() < 0.9:  # else it got lost
                self.got |= set(range(at, end))
                self.fin = self.fin or "F" in s.flag_text

    def next(self):
        """What a proper receiver would acknowledge."""
        n = self.acked
        while n in self.got:
            n += 1
        return n

    def runs(self):
        """Up to three runs that are held behind a hole, in any order."""
        first = self.next()
        edges = sorted(n for n in self.got if n > first and n - 1 not in self.got)
        runs = []
        for left in edges:
            right = left
            while right in self.got:
                right += 1
            runs.append((left + 1, right + 1))
        return self.chance.sample(runs, min(3, len(runs)))

    def say(self):
        """An acknowledgement of something between the last one and what has come."""
        number = self.chance.choice([self.next(), self.next(), self.acked,
                                     self.chance.randint(self.acked, self.next())])
        window = self.chance.choice([0, 1, 50, 700, 3000, 3000, 8000])
        if self.chance.random() < 0.1:  # something said before
            number, window = self.chance.choice(self.history)
        if number >= self.acked:
            self.acked, self.edge = number, number + window
        self.history.append((number, window))
        runs = self.runs() if self.peer.sack else []
        options = self.peer.sacks(*runs) if runs and self.chance.random() < 0.8 else None
        self.peer.ack(self.peer.rseq(1 + number), win=window, options=options)

    def settle(self):
        """From now on it behaves."""
        for _ in range(400):
            self.hear("1s")
            self.acked, self.edge = self.next(), self.next() + 8000
            self.peer.ack(self.peer.rseq(1 + self.acked + (self.fin and self.acked == TOTAL)),
                          win=8000)
            if self.acked == TOTAL and self.fin:
                return


@pytest.mark.exact_ms
@pytest.mark.parametrize("peer", [{}, {"sack": True}, {"sack": True, "ts": 9, "ws": 0}],
                         ids=["plain", "sack", "all-options"])
@pytest.mark.parametrize("options", [{}, {"lwip_tcp_rack": 1}, {"tcp_cc": 1}],
                         ids=["newreno", "rack", "cubic"])
@pytest.mark.parametrize("seed", range(8))
def test_careless_receiver(talk, peer, options, seed):
    t = talk(**options)
    connection, other = t.serve(mss=1000, win=4000, isn=7, **peer)
    t.net.run(for_="500us")  # its timers expire in between what the receiver says
    connection.send_pattern(TOTAL)
    s = Careless(connection, other, seed, 1000)
    for _ in range(300):
        s.hear(s.chance.choice(["1ms", "1ms", "20ms", "300ms", "2s"]))
        if s.acked == TOTAL:
            break
        s.say()
    t.net.run(for_="1ms")
    connection.shutdown("wr")
    s.settle()
    assert s.acked == TOTAL and s.fin
    t.net.run(for_="1ms")
    assert connection.state == "FIN_WAIT_2" and connection.info().timers == {}
