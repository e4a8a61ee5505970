"""Seeds of tcp_state: every kind of segment at the places that matter, by turns in all worlds, and
a few conversations. tcp_step.h says what a step's octets mean."""

import struct

import worlds_tcp

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
SEGMENT, TIME, COMMAND, ERROR = 0, 11, 12, 15
NEXT, EDGE, HIGHEST, FIRST, AWAY = 0, 4, 5, 6, 7  # what sequence numbers count from
SENT, UNA = 0, 3                                   # and acknowledgments
NOTHING, SECOND, EVENT = 0, 11, 14                 # units of delays


def step(flags: int = ACK, what: int = SEGMENT, seq: tuple[int, int] = (NEXT, 0),
         ack: tuple[int, int] = (SENT, 0), data: bytes = b"\0", delay: tuple[int, int] = (0, 0),
         win: int | None = None, options: int = 1, quirks: int = 0) -> bytes:
    """One step; `win` None: the largest window."""
    bases = seq[0] | ack[0] << 3 | (1 if win is None else 0) << 6
    return struct.pack("<BBBBhhHBBH", what | delay[0] << 4, delay[1], flags, bases, seq[1], ack[1],
                       win or 0, options, quirks, len(data)) + data


def steps() -> list[list[bytes]]:
    """What is tried."""
    probes = [step(flags, seq=(base, off), data=bytes([n]), options=opts)
              for flags, opts in ((ACK, 1), (FIN | ACK, 1), (SYN, 0x11), (RST, 0), (RST | ACK, 0),
                                  (SYN | ACK, 0x11))
              for base, off in ((NEXT, 0), (NEXT, -1), (EDGE, -1), (EDGE, 0), (AWAY, 0))
              for n in (0, 20)]
    acks = [step(ack=(base, off), win=win) for base in (SENT, UNA) for off in (-1, 0, 1, 536)
            for win in (None, 0)]
    others = [step(URG | ACK, win=5, quirks=8, data=b"\x14"), step(options=0), step(options=2),
              step(options=3), step(data=b"\x14", options=0x41), step(quirks=1),
              step(0, what=ERROR), step(4, what=ERROR), step(3, what=ERROR),
              step(options=0x0d, ack=(UNA, 0), data=bytes([0, 1, 1, 3, 2, 8, 1])),
              step(options=0x20, data=bytes([10, 253, 4, 1, 1]))]
    result = [[s] for s in probes + acks + others]
    result += [[step(what, what=COMMAND, quirks=0), step(delay=(SECOND, 1))]
               for what in range(26)]
    result += [[step(data=b"\x32", seq=(NEXT, 50)), step(data=b"\x32"), step()],
               [step(data=b"\x32", seq=(NEXT, at)) for at in (400, 200, 300, 100, 0)],
               [step(ack=(UNA, 0))] * 4, [step(FIN | ACK), step(), step(delay=(13, 3))],
               [step(what=TIME, delay=(EVENT, 0))] * 12, [step(delay=(EVENT, 1))] * 4]
    return result


def tcp_inputs() -> list[bytes]:
    """A quarter of it in each world, another in the next one; time that goes on now and then."""
    return [bytes([world | (0x80 if i % 9 == 0 else 0)]) + b"".join(some)
            for world in range(len(worlds_tcp.WORLDS)) for i, some in enumerate(steps())
            if (i + world) % 4 == 0]
