"""What Peer.expect() was told about a segment, held against the one that came; both as text.

The judgement is here, the waiting and the numbers are in tcp_peer.py. """

from __future__ import annotations

from typing import Any

from lockwire import units
from lockwire.errors import UsageError
from lockwire.tcp_segment import (WRAP, Options, TcpSegment, encode_options, flag_bits, flag_text,
                                  options_text)
from lockwire.vtime import VTime

__tracebackhide__ = True  # pytest shows the scenario, not this file
FIELDS = ("flags", "seq", "ack", "win", "length", "data", "options", "urg", "ttl", "tos", "ecn",
          "df", "id", "reserved", "dataofs", "checksum")
TIMES = ("at", "after", "before")
Moment = int | str | VTime


def moment(value: Any, what: str, since: Any = 0) -> int:
    """Nanoseconds of `value`, counted from `since`: ints (ns), VTimes, texts; `since` may be a
    segment."""
    start = since.t_ns if isinstance(since, TcpSegment) else \
        moment(since, "since") if since != 0 else 0
    if isinstance(value, VTime):
        return start + value.ns
    if isinstance(value, str):
        return start + units.moment(value, what)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return start + value
    raise UsageError(f'{what}: expected nanoseconds (an int), a VTime or a text such as "200ms", '
                     f"not {value!r}")


class Wanted:
    """What a segment has to be. Fields and times that are None may be anything; `times` are in ns
    of virtual time, counted from `since` when they were given."""

    def __init__(self, since: Any, **given: Any) -> None:
        unknown = sorted(set(given) - {*FIELDS, *TIMES})
        if unknown:
            raise UsageError(f"expect: there is no field {', '.join(unknown)}; "
                             f"there are {', '.join(FIELDS)}")
        given = {name: value for name, value in given.items() if value is not None}
        self.start = moment(0, "since", since)
        self.times = {name: moment(given[name], name, since) for name in TIMES if name in given}
        self.fields = {name: given[name] for name in FIELDS if name in given}
        if "flags" in given:
            self.fields["flags"] = flag_bits(given["flags"])
        for name in ("seq", "ack"):
            if name in given:
                self.fields[name] = given[name] % WRAP

    def rows(self, got: TcpSegment, bases: dict[str, int | None]) -> list[tuple]:
        """(wrong, field, expected, came) of everything that was given; `bases` are the numbers
        that seq and ack are shown relative to."""
        rows = []
        for name, value in self.fields.items():
            if name == "options":
                right, came = same_options(value, got)
            else:
                found = got.payload if name == "data" else getattr(got, name)
                right, came = found == value, shown(name, found, bases)
            if name == "data" and not right:
                came += f", differs from byte {parting(value, got.payload)}"
            rows.append((not right, name, shown(name, value, bases), came))
        for name, right in (("at", got.t_ns == self.times.get("at")),
                            ("after", got.t_ns >= self.times.get("after", 0)),
                            ("before", got.t_ns <= self.times.get("before", got.t_ns))):
            if name in self.times:
                rows.append((not right, name, self._time(self.times[name]), self._time(got.t_ns)))
        return rows

    def lines(self, bases: dict[str, int | None]) -> list[str]:
        """Everything that was given, a line each."""
        return [f"{name}: {shown(name, value, bases)}" for name, value in self.fields.items()] + \
            [f"{name}: {self._time(t)}" for name, t in self.times.items()]

    def _time(self, t_ns: int) -> str:
        since = f" (+{VTime(t_ns - self.start)} s)" if self.start else ""
        return f"{VTime(t_ns)} s{since}"


def table(rows: list[tuple]) -> list[str]:
    """The rows in columns, wrong ones marked."""
    width = max((len(want) for _, _, want, _ in rows), default=0)
    return [f"{'!' if bad else ' '} {name:9} expected {want:{width}}  came {came}"
            for bad, name, want, came in rows]


def same_options(wanted: Options | dict, got: TcpSegment) -> tuple[bool, str]:
    """Whether the segment has these options, and what it has as text."""
    came = options_text(got.options) or "none"
    if isinstance(wanted, dict):
        found = dict(got.options)
        return all(name not in found if value is None else
                   name in found and (value is ... or found[name] == value)
                   for name, value in wanted.items()), came
    field = encode_options(wanted)
    field += bytes(-len(field) % 4)
    return field == got.option_bytes, f"{came} = {got.option_bytes.hex() or 'no bytes'}"


def parting(one: bytes, other: bytes) -> int:
    """The index of the first byte that differs."""
    shorter = min(len(one), len(other))
    return next((i for i in range(shorter) if one[i] != other[i]), shorter)


def shown(name: str, value: Any, bases: dict[str, int | None]) -> str:
    """A field's value for people."""
    if name == "flags":
        return flag_text(value) or "none"
    if name in bases:
        base = bases[name]
        return str(value) if base is None else f"{(value - base) % WRAP} ({value})"
    if name == "data":
        return f"{len(value)} bytes {value[:24]!r}{'...' if len(value) > 24 else ''}"
    if name == "options" and isinstance(value, dict):
        words = {None: "absent", ...: "any"}
        return ", ".join(f"{kind} {words.get(what, what)}" for kind, what in value.items())
    return str(value)
