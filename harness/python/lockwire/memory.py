"""Allocations of a host's stack that fail on purpose.

    for failure in a.each_alloc_failure():       # the 1st fails, then the 2nd, ... until none does
        reply = wire.srp1(request, timeout=1)    # may be None: memory was out
        assert reply is not None or failure.failed
        failure.over()
        assert wire.srp1(request, timeout=1)     # works again

Each round begins in the world as it was before the first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Iterator

from lockwire.errors import Failure

if TYPE_CHECKING:
    from lockwire.host import Host

__tracebackhide__ = True  # pytest shows the scenario, not this file
ROUNDS_MAX = 10_000


class AllocFailure:
    """One round: allocation `nth` of the host's stack fails, and those behind it, `count` in
    all."""

    def __init__(self, host: "Host", nth: int, count: int) -> None:
        self.host = host
        self.nth = nth
        self.count = count
        self._counted: int | None = None

    def __repr__(self) -> str:
        return f"<allocation {self.nth} of {self.host.name} fails>"

    @property
    def failed(self) -> int:
        """How many allocations have failed in this round so far."""
        if self._counted is not None:
            return self._counted
        return self.host.allocs()["failed"]

    def over(self) -> int:
        """Nothing fails any more; returns how many have failed."""
        if self._counted is None:
            self.host.fail_alloc(0)
            self._counted = self.host.allocs()["failed"]
        return self._counted


def each_failure(host: "Host", count: int) -> Iterator[AllocFailure]:
    """The rounds; the last one is that in which nothing has failed."""
    start = host.net.snapshot()
    for nth in range(1, ROUNDS_MAX + 1):
        if nth > 1:
            host.net.restore(start)
        host.fail_alloc(nth, count)
        failure = AllocFailure(host, nth, count)
        yield failure
        if failure.over() == 0:
            return
    raise Failure(f"host {host.name}: still allocations to fail after {ROUNDS_MAX} rounds: does "
                  "each round do more than the one before?")
