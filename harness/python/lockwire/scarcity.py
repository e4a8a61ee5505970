"""`lockwire run --fail-alloc`: the same scenarios while memory is short.

In round N the N-th allocation of every host's stack fails, counted from the host's making. What a
scenario asserts may then not come true - a datagram was lost, a socket could not be had - and that
is no failure. What must hold is what holds whatever a scenario does: the simulator lives, no oracle
finds anything, nothing is lost. In a round in which nothing failed the scenario has to pass as
always; with `all` that is the last one.

A scenario that is written for it, and asserts what holds then too, says so; none of its failures is
forgiven:

    @pytest.mark.strict_alloc
"""

from __future__ import annotations

import functools
import os
from typing import Any, Callable, Iterator

import pytest

from lockwire.errors import Fatal, LockwireError, SimulatorDied
from lockwire.plugin import KEY
from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file
ROUNDS_MAX = 100_000
WORLD: pytest.StashKey[Net] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """A number, or all."""
    parser.getgroup("lockwire").addoption("--lockwire-fail-alloc", default=None)


def pytest_configure(config: pytest.Config) -> None:
    """A scenario that was forgiven its assertions is no evidence for anything."""
    if config.getoption("lockwire_fail_alloc"):
        os.environ["LOCKWIRE_EVIDENCE"] = os.devnull


def forgiving(body: Callable[..., Any], world: Net) -> Callable[..., Any]:
    """The body, whose own failures do not count once an allocation has failed."""
    @functools.wraps(body)
    def run(**arguments: Any) -> Any:
        try:
            return body(**arguments)
        except (SimulatorDied, Fatal):
            raise
        except (Exception, pytest.fail.Exception):
            if not world.allocs_failed():
                raise
            return None
    return run


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: Any, request: pytest.FixtureRequest) -> Iterator[None]:
    """Tells the world which allocations fail, before any host is made in it."""
    outcome: Any = yield
    nth = request.node.stash.get(KEY, {}).get("fail_alloc") if fixturedef.argname == "net" else None
    if nth and outcome.excinfo is None:
        request.node.stash[WORLD] = outcome.get_result()
        outcome.get_result().fail_alloc = nth


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """A fixture that could not be set up for want of memory: the round is skipped, if the world it
    leaves is sound."""
    outcome: Any = yield
    report, world = outcome.get_result(), item.stash.get(WORLD, None)
    if call.when != "setup" or not report.failed or world is None:
        return
    try:
        failed = world.allocs_failed()
        problems = world.finish().problems if failed else []
    except LockwireError as why:
        failed, problems = 1, [str(why)]
    item.stash[KEY]["allocs_failed"] = failed
    if problems:
        report.longrepr = "memory ran out in a fixture, and then\n  " + "\n  ".join(problems)
    elif failed:
        report.outcome = "skipped"
        report.longrepr = (str(item.path), None, "Skipped: memory ran out in a fixture")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Puts the forgiving body in the place of the scenario's for one round."""
    world = getattr(item, "funcargs", {}).get("net")
    if not isinstance(world, Net) or not world.fail_alloc:
        yield
        return
    body = item.obj  # type: ignore[attr-defined]
    if item.get_closest_marker("strict_alloc") is None:
        item.obj = forgiving(body, world)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        item.obj = body  # type: ignore[attr-defined]
        item.stash[KEY]["allocs_failed"] = world.allocs_failed()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """All rounds of a scenario; its one report is that of the last, or of the first that failed."""
    wanted = item.config.getoption("lockwire_fail_alloc")
    if not wanted or "net" not in getattr(item, "fixturenames", ()):
        return None
    from _pytest.runner import runtestprotocol
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    record = item.stash[KEY]
    reports: list[pytest.TestReport] = []
    for nth in range(1, ROUNDS_MAX) if wanted == "all" else [int(wanted)]:
        record.update(fail_alloc=nth, allocs_failed=0, trace="", virtual_ns=0, events=0, frames=0,
                      files=[], reason="")
        if WORLD in item.stash:
            del item.stash[WORLD]
        item._report_sections.clear()  # type: ignore[attr-defined]
        # the parent as the next item: only the item itself is torn down
        reports = runtestprotocol(item, log=False, nextitem=item.parent)  # type: ignore[arg-type]
        if any(r.failed for r in reports) or not record["allocs_failed"]:
            break
    item.session._setupstate.teardown_exact(nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
