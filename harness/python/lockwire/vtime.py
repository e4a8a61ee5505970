"""VTime: a moment or a span of virtual time, in seconds, that never loses a nanosecond.

Scapy computes with floats in seconds. A VTime is such a float for everybody who looks at it, and
carries the exact integer `ns` beside it: sums, differences and comparisons with other VTimes use
that, so that Scapy's own arithmetic (`stop = now + timeout; remain = stop - now`) stays exact.
"""

from __future__ import annotations

from lockwire.errors import seconds

NS = 1_000_000_000


def to_ns(value: float | int) -> int:
    """Nanoseconds of a number of seconds: exact for VTime and int, the nearest for a float."""
    if isinstance(value, VTime):
        return value.ns
    if isinstance(value, int):
        return value * NS
    return round(value * NS)


class VTime(float):
    """Seconds of virtual time; `ns` is the exact value in nanoseconds."""

    ns: int

    def __new__(cls, ns: int) -> "VTime":
        made = super().__new__(cls, ns / NS)
        made.ns = ns
        return made

    @classmethod
    def of(cls, seconds_: float | int) -> "VTime":
        """The VTime nearest to a number of seconds."""
        return cls(to_ns(seconds_))

    def __add__(self, other: float) -> "VTime":
        return VTime(self.ns + to_ns(other)) if isinstance(other, (int, float)) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: float) -> "VTime":
        return VTime(self.ns - to_ns(other)) if isinstance(other, (int, float)) else NotImplemented

    def __rsub__(self, other: float) -> "VTime":
        return VTime(to_ns(other) - self.ns) if isinstance(other, (int, float)) else NotImplemented

    def __neg__(self) -> "VTime":
        return VTime(-self.ns)

    def __abs__(self) -> "VTime":
        return VTime(abs(self.ns))

    # Two VTimes compare by nanoseconds; with any other number the float decides, so that a
    # literal such as 0.0001152 equals the moment it names.
    def __eq__(self, other: object) -> bool:
        return self.ns == other.ns if isinstance(other, VTime) else float.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __lt__(self, other: float) -> bool:
        return self.ns < other.ns if isinstance(other, VTime) else float.__lt__(self, other)

    def __le__(self, other: float) -> bool:
        return self.ns <= other.ns if isinstance(other, VTime) else float.__le__(self, other)

    def __gt__(self, other: float) -> bool:
        return self.ns > other.ns if isinstance(other, VTime) else float.__gt__(self, other)

    def __ge__(self, other: float) -> bool:
        return self.ns >= other.ns if isinstance(other, VTime) else float.__ge__(self, other)

    def __hash__(self) -> int:
        return float.__hash__(self)

    def __reduce__(self) -> tuple:
        return (VTime, (self.ns,))

    def __copy__(self) -> "VTime":
        return self

    def __deepcopy__(self, memo: dict) -> "VTime":
        return self

    def __repr__(self) -> str:
        return seconds(self.ns)

    __str__ = __repr__
