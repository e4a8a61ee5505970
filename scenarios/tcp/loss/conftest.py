"""What the scenarios about loss share: a host that sends segments of one size, and a tester that
acknowledges them, who both count in segments."""

import pytest
from lockwire import VTime

MS = 1_000_000
GAP = 96  # ns between frames that follow each other: 12 bytes at 1 Gbit/s


class Sender:
    """A connection whose data goes from the host to the tester. Segments are numbered from 0 in
    the order of the stream; all carry `size` bytes. What expect() awaits is the host's answer to
    what was done last, write() or ack(), to the nanosecond."""

    def __init__(self, talk, ms=10, mss=1000, host=None, listen=None, connect=None, **peer):
        self.t = talk(**(host or {}))
        self.net = self.t.net
        self.align(2)
        if connect is None:
            self.c, self.peer = self.t.serve(listen=listen, mss=mss, **peer)
        else:
            self.c, self.peer = self.t.call(mss=mss, **peer)
        self.options = 12 if self.peer.ts_on else 0
        self.size = mss - self.options
        self.answered_ns = 0             # when the host got what it is expected to answer
        self.free_ns = 0                 # from when on the tester's next frame can leave
        self.align(ms)

    def align(self, ms):
        """It is `ms` milliseconds since the start, not a nanosecond more."""
        self.net.run(until=VTime(ms * MS))
        assert self.net.now_ns == ms * MS

    @property
    def ms(self):
        """Whole milliseconds since the start."""
        return self.net.now_ns // MS

    def at(self, k):
        """Where segment k begins, as on the wire."""
        return self.peer.rseq(1 + k * self.size)

    def write(self, segments):
        """The application has so many more segments to send. They leave at once, if they may."""
        self.c.sendall(bytes(segments * self.size))
        self.answered_ns = self.net.now_ns

    def expect(self, *numbers, at=None, lost=False, **more):
        """The host sends these segments, in this order and back to back, in answer to what
        happened last; at=: the virtual ns when the first one leaves the host."""
        arrival = self.answered_ns if at is None else at
        got = None
        for k in numbers:
            arrival += self.t.hop(54 + self.options + self.size)
            got = self.peer.expect(seq=self.at(k), length=self.size, at=arrival, lost=lost, **more)
            arrival += GAP
        return got

    def sack(self, k, *runs, **more):
        """Acknowledges segments before k, and reports runs of them: (first, behind the last)."""
        options = self.peer.sacks(*((1 + a * self.size, 1 + b * self.size)
                                    for a, b in runs)) if runs else None
        return self.send("A", ack=self.at(k), options=options, **more)

    def send(self, flags, data=b"", **more):
        """A segment of the tester's; expect() awaits the answer to it."""
        sent = self.peer.send(flags, data, **more)
        self.answered_ns = max(sent.t_ns, self.free_ns) + self.t.hop(sent)
        self.free_ns = self.answered_ns + GAP
        return sent

    def ack(self, k, **more):
        """Acknowledges segments before k; without SACK a second time is a duplicate."""
        return self.sack(k, **more)

    def acks(self, *numbers):
        """One ACK after the other, each answered by as much as it may: [[segments sent], ...]"""
        return [self.answer(k) for k in numbers]

    def answer(self, k, *runs):
        """What segments the host sends in the 2 ms after sack(k, *runs)."""
        self.sack(k, *runs)
        return self.take("2ms")

    def take(self, for_):
        """The numbers of the segments that come in this time."""
        return [self.number(got) for got in self.peer.drain(for_)]

    def number(self, segment):
        """Which segment that is."""
        ahead = segment.seq - self.peer.rseq(1) & 0xFFFFFFFF
        assert ahead % self.size == 0 and segment.length == self.size, f"no whole one: {segment}"
        return ahead // self.size

    def quiet(self, for_="20ms"):
        """Nothing comes."""
        self.peer.expect_nothing(for_)

    @property
    def cwnd(self):
        """In bytes."""
        return self.c.info().cwnd

    @property
    def ssthresh(self):
        """In bytes."""
        return self.c.info().ssthresh


@pytest.fixture
def sender(talk):
    """sender(**arguments): a Sender; 10 ms have passed, all is quiet."""
    return lambda **arguments: Sender(talk, **arguments)
