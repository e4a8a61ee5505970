"""`lockwire run --sweep KIND`: the same scenarios at every timer phase, and just before each wrap.

A swept scenario becomes one scenario for each value, called `path::test[param]@tick=250`. The value
goes to every host that the scenario makes, in the place of a default: what a scenario sets itself
stays. Its world has the seed of the plain run, so that nothing else is different.

A scenario whose assertions rightly depend on what is swept says so:

    @pytest.mark.sweep(exclude=["clock"], reason="its time stamps are read off that clock")
    @pytest.mark.exact_ms  # has exact times of timers that count whole ms: "tick" with a fraction

It is then one skipped scenario, `path::test@clock`, and is named with its reason at the run's end.
"""

from __future__ import annotations

import os
import re
from typing import Any, Callable, Iterator, NamedTuple

import pytest

from lockwire.errors import UsageError

__tracebackhide__ = True  # pytest shows the scenario, not this file
U32 = 1 << 32
NS_PER_MS = 1_000_000
EXACT_MS = "at fractions of a ms: has exact times, its hosts' clocks step on whole virtual ms"
TICK_END_MS = 999  # the longest tick of a coarse timer is 1000 ms (ARP's)


class Value(NamedTuple):
    """One value of a sweep: `text` is `tick=250`, `options` those of net.host()."""

    text: str
    options: dict[str, int]


class Kind(NamedTuple):
    """What can be swept. `together`: a host that sets one of the options itself keeps all."""

    what: str
    default: str
    parse: Callable[[str], dict[str, int]]
    expects: str
    together: bool


# -- values ------------------------------------------------------------------------------------
def tick(text: str) -> dict[str, int]:
    """When ticks fall, in ms of virtual time modulo their interval: the phase of coarse timers,
    and the fraction of the millisecond at which the host's clock steps."""
    match = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,6}))?", text)
    if match is None:
        raise ValueError
    at_ns = int(match[1]) * NS_PER_MS + int((match[2] or "").ljust(6, "0"))
    phase_ms = -(-at_ns // NS_PER_MS)
    if phase_ms > TICK_END_MS:
        raise ValueError
    return {"timer_phase_ms": phase_ms, "clock_phase_ns": phase_ms * NS_PER_MS - at_ns}


def ahead(text: str) -> int:
    """A 32-bit number, or wrap-N or half-N: N before 2^32 or 2^31."""
    match = re.fullmatch(r"(?:(wrap|half)-)?([0-9]{1,10})", text)
    if match is None:
        raise ValueError
    number = int(match[2])
    if match[1] is not None:
        number = {"wrap": U32, "half": U32 // 2}[match[1]] - number
    if not 0 <= number <= U32:
        raise ValueError
    return number


def clock(text: str) -> dict[str, int]:
    """Where the 32-bit ms clock starts."""
    return {"boot_ms": ahead(text) % U32}


def isn(text: str) -> dict[str, int]:
    """The sequence number of the first byte of a host's first connection, which is how tcp_isn
    counts (0 is chance); with ts- in front, where the clock of TCP's timestamps starts."""
    name, number = "tcp_isn", 0
    if text.startswith("ts-"):
        name, number = "tcp_ts_start", ahead(text[3:]) + 1
    else:
        number = ahead(text)
    if not 1 <= number < U32:
        raise ValueError
    return {name: number}


def port(text: str) -> dict[str, int]:
    """The first ephemeral port."""
    if re.fullmatch(r"[0-9]{5}", text) is None or not 0xC000 <= int(text) <= 0xFFFF:
        raise ValueError
    return {"tcp_port_first": int(text), "udp_port_first": int(text)}


KINDS = {
    "tick": Kind("when timers tick: ms of virtual time, to the ns; for coarse timers their phase",
                 "0 0.000001 0.5 0.999999 1 125 249 250 251 375 499 500 750 999", tick,
                 f"a number of ms from 0 to {TICK_END_MS}, with up to 6 decimals", True),
    "clock": Kind("where the 32-bit ms clock starts",
                  "wrap-0 wrap-1 wrap-10 wrap-100 wrap-1000 wrap-10000 "
                  "half-0 half-1 half-10 half-100 half-1000 half-10000", clock,
                  "a 32-bit number of ms, or wrap-N or half-N: N ms before 2^32 or 2^31", True),
    "isn": Kind("TCP's first sequence number; with ts- its timestamps' clock",
                "1 wrap-1 wrap-2 wrap-100 wrap-1460 wrap-10000 half-0 half-1 half-1460 "
                "ts-0 ts-wrap-2 ts-wrap-100 ts-wrap-10000 ts-half-0 ts-half-100", isn,
                "a 32-bit number but 0, or wrap-N or half-N: N before 2^32 or 2^31; ts- before "
                "it means the timestamps", True),
    "port": Kind("the first ephemeral port of TCP and UDP", "49152 65520 65534 65535", port,
                 "a port from 49152 to 65535", False),
}


def parse(text: str) -> list[Value]:
    """KIND, KIND=VALUE, tick:STEP or tick:all. ValueError with a sentence."""
    match = re.fullmatch(r"(\w+)(?:([=:])(.+))?", text)
    kind = KINDS.get(match[1]) if match is not None else None
    if match is None or kind is None:
        raise ValueError(f"expected {', '.join(KINDS)}, or one of their values such as tick=250, "
                         f"not {text!r}")
    name, mark, rest = match[1], match[2], match[3]
    texts = kind.default.split()
    if mark == ":":
        step = "1" if rest == "all" else rest
        good = name == "tick" and re.fullmatch("[0-9]{1,3}", step) is not None
        if not good or int(step) == 0:
            raise ValueError(f"expected tick:all or tick:STEP with a STEP from 1 to {TICK_END_MS} "
                             f"(ms), not {text!r}")
        texts = [str(ms) for ms in range(0, TICK_END_MS + 1, int(step))]
    elif mark == "=":
        texts = [rest]
    values = []
    for one in texts:
        try:
            values.append(Value(f"{name}={one}", kind.parse(one)))
        except ValueError:
            raise ValueError(f"{name}= expects {kind.expects}, not {one!r}") from None
    return values


def kind_of(value: str) -> str:
    """tick, of tick=250."""
    return value.partition("=")[0]


def base_name(name: str) -> str:
    """The plain scenario's name: without @tick=250."""
    return name[:len(name) - len(suffix(name))]


def suffix(name: str) -> str:
    """@tick=250 or @tick at the end of a name, or nothing."""
    match = re.search(rf"@(?:{'|'.join(KINDS)})(?:=[-.\w]+)?$", name)
    return match[0] if match is not None and "::" in name[:match.start()] else ""


class Sweep:
    """What a world does with one value. `used`: a host took it."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.used = False

    def apply(self, given: dict[str, Any]) -> dict[str, Any]:
        """net.host()'s options with the swept ones, where the scenario has none of its own."""
        mine = self.value.options
        own = {name for name in mine if given.get(name) is not None}
        if KINDS[kind_of(self.value.text)].together and own:
            return given
        self.used = self.used or len(own) < len(mine)
        return {**given, **{name: mine[name] for name in mine if name not in own}}


# -- pytest ------------------------------------------------------------------------------------
VALUE: pytest.StashKey[Value] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """As on the command line."""
    parser.getgroup("lockwire").addoption("--lockwire-sweep", action="append", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Evidence is what the plain scenarios show."""
    os.environ["LOCKWIRE_EVIDENCE"] = os.devnull


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Puts one item for each value in the place of each scenario."""
    named = {v.text: v for text in config.getoption("lockwire_sweep") for v in parse(text)}
    items[:] = [made for item in items for made in multiplied(item, list(named.values()))]


def multiplied(item: pytest.Item, values: list[Value]) -> Iterator[pytest.Item]:
    """A scenario's items; a test without a world stays as it is."""
    if not isinstance(item, pytest.Function) or "net" not in item.fixturenames:
        yield item
        return
    excluded = exclusions(item)
    exact = item.get_closest_marker("exact_ms") is not None
    told = set()
    for value in values:
        kind = kind_of(value.text)
        reason = excluded.get(kind)
        if reason is None and exact and value.options.get("clock_phase_ns"):
            reason = EXACT_MS
        if reason is None:
            made = copied(item, value.text)
            made.stash[VALUE] = value
            yield made
        elif kind not in told:
            told.add(kind)
            made = copied(item, kind)
            made.add_marker(pytest.mark.skip(reason=f"not swept: {reason}"))
            yield made


def exclusions(item: pytest.Function) -> dict[str, str]:
    """What a scenario's markers exclude, and why. UsageError when a marker makes no sense."""
    result: dict[str, str] = {}
    for marker in item.iter_markers("sweep"):
        kinds, reason = marker.kwargs.get("exclude"), marker.kwargs.get("reason")
        if (marker.args or set(marker.kwargs) != {"exclude", "reason"} or not reason
                or not isinstance(kinds, (list, tuple)) or not set(kinds) <= set(KINDS)):
            raise pytest.UsageError(
                f'{item.nodeid}: expected pytest.mark.sweep(exclude=["tick"], reason="..."), with '
                f"any of {', '.join(KINDS)}")
        result.update((kind, result.get(kind, str(reason))) for kind in kinds)
    return result


def copied(item: pytest.Function, text: str) -> pytest.Function:
    """The same scenario once more, under a name of its own."""
    # pylint: disable=protected-access
    made = pytest.Function.from_parent(
        item.parent, name=f"{item.name}@{text}", callspec=getattr(item, "callspec", None),
        fixtureinfo=item._fixtureinfo, originalname=item.originalname)
    made.own_markers = list(item.own_markers)
    made.keywords.update({marker.name: marker for marker in item.own_markers})
    return made


def sweep_of(item: pytest.Item) -> Sweep | None:
    """What the item's world has to sweep."""
    value = item.stash.get(VALUE, None)
    return Sweep(value) if value is not None else None


# -- reports -----------------------------------------------------------------------------------
def closing_notes(scenarios: list[dict[str, Any]]) -> list[str]:
    """What a reader has to know of a sweep: who was left out and why, how many runs it was, and in
    how many no host took the value."""
    out = [s for s in scenarios if "=" not in suffix(s["name"]) and suffix(s["name"])]
    runs = [s for s in scenarios if "=" in suffix(s["name"]) and s["result"] != "skipped"]
    idle = sum(1 for s in runs if s["result"] == "passed" and not s.get("swept"))
    notes = [f"{s['name']}: {s['reason']}" for s in out]
    count = len({base_name(s["name"]) for s in runs})
    text = f"{len(runs)} runs of {count} scenario{'' if count == 1 else 's'}"
    if idle:
        text += f"; in {idle} of them each host chooses for itself, or there is none"
    return notes + ([text] if runs else [])


def check_names(given: list[str]) -> None:
    """UsageError for a PATH that is the name of a result: pytest knows only the plain scenario."""
    for text in given:
        tail = suffix(text)
        if tail:
            raise UsageError(f"{text} names one run of a sweep: write {base_name(text)} "
                             f"--sweep {tail[1:]}")
