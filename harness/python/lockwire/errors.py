"""Everything this package raises on purpose. Read the class that was raised; each says what to do
next."""

from __future__ import annotations


class LockwireError(Exception):
    """Base of all errors of this package."""


class UsageError(LockwireError):
    """The scenario or the command line asked for something impossible; the message says what was
    expected."""


class Deadlock(LockwireError):
    """A wait without a timeout in a world in which nothing will ever happen again.

    `waits` lists who waits for what, since when (texts); `now_ns` is the virtual time at which the
    world fell quiet.
    """

    def __init__(self, waits: list[str], now_ns: int) -> None:
        self.waits = list(waits)
        self.now_ns = now_ns
        who = "; ".join(waits) if waits else "nobody"
        super().__init__(
            f"the world is quiet at {seconds(now_ns)} s and no event is left, but {who}. "
            "Give the wait a timeout=, or send what it waits for first")


class Timeout(LockwireError):
    """A TCP call's virtual timeout has passed before it was done; the message says what it waited
    for."""


class Fatal(LockwireError):
    """The simulator gave up by itself: a broken invariant, a panic of the stack, a protocol error.

    `kind` is "protocol", "oracle", "panic" or "internal"; `text` its own words.
    """

    def __init__(self, text: str, kind: str, now_ns: int) -> None:
        self.text = text
        self.kind = kind
        self.now_ns = now_ns
        super().__init__(f"{kind}: {text} (virtual time {seconds(now_ns)} s)")


class SimulatorDied(LockwireError):
    """The simulator process ended in the middle of a scenario: a crash of the code under test.

    `status` is the exit status, negative for a signal, None while it could not be told; `output` is
    the end of what the process wrote to standard error (a sanitizer's report, for instance).
    """

    def __init__(self, how: str, status: int | None, output: str, now_ns: int) -> None:
        self.status = status
        self.output = output
        self.now_ns = now_ns
        text = f"lockwire-sim {how} at {seconds(now_ns)} s of virtual time"
        super().__init__(f"{text}\n{output}" if output else text)


class CommandError(LockwireError):
    """The simulator refused a command. `kind` is "usage", "limit" or "stack"."""

    def __init__(self, op: str, text: str, kind: str) -> None:
        self.op = op
        self.text = text
        self.kind = kind
        super().__init__(f"{op}: {text}" + (f" ({kind})" if kind and kind != "usage" else ""))


class Failure(LockwireError, AssertionError):
    """What was expected did not happen: a condition, a TCP peer's segment; or the scenario's body
    passed but the world did not: an oracle's problem, a fault that never fired."""


def seconds(ns: int) -> str:
    """`ns` nanoseconds as exact decimal seconds, without trailing zeros beyond the third digit."""
    sign = "-" if ns < 0 else ""
    whole, rest = divmod(abs(ns), 1_000_000_000)
    digits = f"{rest:09d}".rstrip("0").ljust(3, "0")
    return f"{sign}{whole}.{digits}"
