"""The pytest plugin: the fixture `net`, the end of a world, seeds, repeats, shards.

Loaded by the command line (-p lockwire.plugin) or by a conftest.py. A scenario's life: the fixture
opens a world whose seed hangs on the run's seed and the scenario's name; the body runs; whatever
came of it, the world is finished here, inside the call phase, so that a broken oracle or a fault
that never fired is a failure of the scenario like any other. A record of it travels with pytest's
reports (report.lockwire), also from xdist's workers; report.py makes the summary of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from lockwire import evidence, paths, recording, scapy_time, sweep
from lockwire.errors import Failure, LockwireError, UsageError
from lockwire.world import Finish, Net, complain

__tracebackhide__ = True  # pytest shows the scenario, not this file
KEY: pytest.StashKey[dict] = pytest.StashKey()
SESSION: pytest.StashKey[dict] = pytest.StashKey()
TRACE_TIMEOUT_S = 120
# pytest calls everything captured; these are ours.
_OUR_SECTIONS = {"Captured lockwire call": "lockwire", "Captured simulator call": "simulator"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command line's options under names that clash with nobody's."""
    group = parser.getgroup("lockwire")
    group.addoption("--lockwire-seed", type=int, default=1, help="seed of the run (default 1)")
    group.addoption("--lockwire-out", default=None, help="directory for captures and recordings")
    group.addoption("--lockwire-keep", default="all", help="all, or failed: whose files stay")
    group.addoption("--lockwire-repeat", type=int, default=1, help="runs of each scenario")
    group.addoption("--lockwire-shard", default=None, help="I/N: only this part of the scenarios")
    group.addoption("--lockwire-trace", action="store_true", help="write trace.jsonl always")
    group.addoption("--lockwire-wrap", default="", help="command to put before the simulator")
    group.addoption("--lockwire-firmware", default=None, help="the image for net.firmware_path")
    group.addoption("--lockwire-firmware-gdb", action="append", default=[],
                    help="NAME:PORT: gdb is waited for when this firmware is made")
    group.addoption("--lockwire-netif", default="virtual", help="driver of hosts' interfaces")
    group.addoption("--lockwire-paced", action="store_true", help="virtual time follows real time")


def pytest_configure(config: pytest.Config) -> None:
    """Markers, and Scapy in virtual time before any scenario file is imported."""
    config.addinivalue_line(
        "markers", "live: speaks to this machine's kernel; runs with --paced only")
    config.addinivalue_line(
        "markers", "wire_only: depends on frames that a hardware MAC would not let through")
    config.addinivalue_line(
        "markers", "exact_virtual: has exact times that hold only on the virtual interface")
    config.addinivalue_line(
        "markers", "exact_ms: has exact times that hold while hosts' clocks step on whole ms")
    config.addinivalue_line(
        "markers", "sweep(exclude, reason): what of run --sweep it depends on; see sweep.py")
    config.addinivalue_line(
        "markers", "strict_alloc: run --fail-alloc forgives it nothing; see scarcity.py")
    where = evidence.path()
    if where is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(evidence.Writer(where), "lockwire-evidence")
    scapy_time.install()


# -- collection --------------------------------------------------------------------------------
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config,
                                  items: list[pytest.Item]) -> None:
    """Names and folders of the scenarios; only those of our shard stay."""
    for item in items:
        name = item_name(item)
        item.stash[KEY] = new_record(item, name, config)
    live = leave_out_live(config, items)
    skip_what_needs_the_virtual_driver(config, items)
    collected = len(items)
    shard = config.getoption("lockwire_shard")
    if shard:
        index, total = (int(part) for part in shard.split("/"))
        seed = config.getoption("lockwire_seed")
        ours = [i for i in items
                if paths.hash64("shard", paths.scenario_key(i.stash[KEY]["name"]), seed) % total
                == index - 1]
        gone = [i for i in items if i not in ours]
        items[:] = ours
        if gone:
            config.hook.pytest_deselected(items=gone)
    folders = paths.unique_folders([i.stash[KEY]["name"] for i in items])
    for item in items:
        item.stash[KEY]["folder"] = folders[item.stash[KEY]["name"]]
    session.stash[SESSION] = {"collected": collected, "live": live}


def leave_out_live(config: pytest.Config, items: list[pytest.Item]) -> int:
    """Takes scenarios out that speak to the kernel, unless time is real; returns their number.
    Others must not change: their runs are repeated and compared."""
    if config.getoption("lockwire_paced"):
        return 0
    live = [item for item in items if item.get_closest_marker("live") is not None]
    items[:] = [item for item in items if item.get_closest_marker("live") is None]
    if live:
        config.hook.pytest_deselected(items=live)
    return len(live)


NOT_ON_A_CHIP = {"wire_only": "depends on frames that a hardware MAC does not let through",
                 "exact_virtual": "has exact times that hold only on the virtual interface"}


def skip_what_needs_the_virtual_driver(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With --netif lpc2468: marked scenarios are skipped, and listed with the marker's reason."""
    netif = config.getoption("lockwire_netif")
    if netif == "virtual":
        return
    for item in items:
        for name, usual in NOT_ON_A_CHIP.items():
            marker = item.get_closest_marker(name)
            if marker is not None:
                reason = marker.kwargs.get("reason", usual)
                item.add_marker(pytest.mark.skip(reason=f"--netif {netif}: {reason}"))


def item_name(item: pytest.Item) -> str:
    """`path::test[param]` as the user would type it here."""
    return paths.scenario_name(item.path, item.nodeid.partition("::")[2])


def new_record(item: pytest.Item, name: str, config: pytest.Config) -> dict[str, Any]:
    """What summary.json says about a scenario, before it has run. Plain types: xdist carries it."""
    _, line, _ = item.location
    path = name.partition("::")[0]
    value = item.stash.get(sweep.VALUE, None)
    return {"name": name, "sweep": value.text if value else "", "swept": False,
            "file": path, "line": (line or 0) + 1,
            "seed": config.getoption("lockwire_seed"), "netif": config.getoption("lockwire_netif"),
            "virtual_ns": 0, "events": 0, "frames": 0,
            "trace": "", "passed": False, "files": [], "folder": "", "reason": "", "repeat": 0,
            "evidence": []}


# -- running -----------------------------------------------------------------------------------
@pytest.fixture
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    """A fresh world. See scenarios/README.md."""
    config, record = request.config, request.node.stash[KEY]
    folder = scenario_folder(config, record)
    plain = sweep.base_name(record["name"]) if record["sweep"] else record["name"]
    world_seed = paths.hash64("world", record["seed"], paths.scenario_key(plain))
    wrap = config.getoption("lockwire_wrap")
    try:
        world = Net(world_seed, folder, wrap=wrap, paced=config.getoption("lockwire_paced"),
                    netif=config.getoption("lockwire_netif"))
    except LockwireError as why:
        pytest.fail(f"the simulator could not be started: {why}", pytrace=False)
    world.sweep = sweep.sweep_of(request.node)
    world.firmware_path = paths.firmware(config.getoption("lockwire_firmware"))
    world.gdb_ports = dict(gdb_port(text) for text in config.getoption("lockwire_firmware_gdb"))
    world.tell = teller(config)
    try:
        yield world
    finally:
        record["virtual_ns"] = max(record["virtual_ns"], world.now_ns)
        record["live"] = world.live
        record["gdb"] = sorted(world.gdb_used)
        world.close()
        world.wire.release()
        record["swept"] = world.sweep is not None and world.sweep.used
        # a repetition is compared with the first run's recording: those go when all have agreed
        if record["passed"] and config.getoption("lockwire_repeat") <= 1:
            forget_files(config, record)
        record_files(config, record, folder)


def gdb_port(text: str) -> tuple[str, int]:
    """NAME:PORT, as the command line hands it on."""
    name, _, port = text.rpartition(":")
    return name, int(port)


def teller(config: pytest.Config) -> Callable[[str], None]:
    """Writes a line on the real standard error, whatever pytest captures."""
    capture = config.pluginmanager.getplugin("capturemanager")

    def tell(text: str) -> None:
        if capture is None:
            complain(text)
            return
        with capture.global_and_fixture_disabled():
            complain(text)
    return tell


def scenario_folder(config: pytest.Config, record: dict) -> Path | None:
    """The scenario's own directory, made empty; None when nothing is to be kept."""
    if not config.getoption("lockwire_out"):
        return None
    folder = _folder(config, record)
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    except OSError as why:
        raise UsageError(f"cannot make {folder}: {why.strerror}") from None
    return folder


def forget_files(config: pytest.Config, record: dict) -> None:
    """With --keep failed what a scenario that passed has written goes at once: a sweep of
    thousands would fill the disk."""
    if config.getoption("lockwire_out") and config.getoption("lockwire_keep") == "failed":
        shutil.rmtree(_folder(config, record), ignore_errors=True)
        record["files"] = []


def record_files(config: pytest.Config, record: dict, folder: Path | None) -> None:
    """Which files the world has left, relative to the output directory; empty folders go."""
    if folder is None:
        return
    out = Path(config.getoption("lockwire_out"))
    try:
        found = sorted(p for p in folder.iterdir() if p.is_file())
        record["files"] = [str(p.relative_to(out)) for p in found]
        if not found:
            folder.rmdir()
    except OSError:
        record["files"] = []


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Collects what a scenario shows: its parameter's id may name rows, its body notes others."""
    evidence.begin()
    yield
    callspec = getattr(item, "callspec", None)
    rows = evidence.rows_in(callspec.id) if callspec is not None else []
    item.stash[KEY]["evidence"] = list(dict.fromkeys(rows + evidence.end()))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a scenario and ends its world; tests without a world are pytest's own business."""
    world = pyfuncitem.funcargs.get("net")
    if not isinstance(world, Net):
        return None
    world.repeated = pyfuncitem.config.getoption("lockwire_repeat") > 1
    arguments = {a: pyfuncitem.funcargs[a] for a in pyfuncitem._fixtureinfo.argnames}
    record = pyfuncitem.stash[KEY]
    try:
        pyfuncitem.obj(**arguments)
    except BaseException as why:
        conclude_failed(pyfuncitem, world, record, why)
        raise
    try:
        end = world.finish()
        note_finish(record, end)
        problem = ("the scenario's body passed, but\n  " + "\n  ".join(end.problems)
                   if end.problems else "")
    except LockwireError as why:
        problem = f"the scenario's body passed, but its world could not be finished\n{why}"
    if problem:
        conclude_failed(pyfuncitem, world, record, Failure(problem))
        pytest.fail(problem, pytrace=False)
    if pyfuncitem.config.getoption("lockwire_trace"):
        make_trace(world)
    record["passed"] = True
    return True


def note_finish(record: dict, end: Finish) -> None:
    """The numbers of a finished world."""
    record.update(trace=end.trace, virtual_ns=end.now_ns, events=end.events, frames=end.frames)


def conclude_failed(item: pytest.Function, world: Net, record: dict, why: BaseException) -> None:
    """Ends the world of a failed scenario and adds what helps: how to repeat it, capture, trace."""
    if isinstance(why, KeyboardInterrupt):
        world.close()
        return
    if isinstance(why, pytest.skip.Exception):
        world.close()
        return
    record["virtual_ns"] = world.now_ns
    if not world.wire.closed:
        try:
            end = world.finish()
            note_finish(record, end)
            others = [p for p in end.problems if not p.startswith(("declared but", "expected but"))]
            if others:
                item.add_report_section("call", "lockwire", "besides:\n  " + "\n  ".join(others))
        except LockwireError as more:
            if str(more) != str(why):
                item.add_report_section("call", "lockwire", f"besides, at the end: {more}")
    world.close()
    words = world.wire.output()
    if words and words not in str(why):
        item.add_report_section("call", "simulator", words)
    if world.folder is not None:
        if words:
            _write_quietly(world.folder / "simulator.log", words + "\n")
        make_trace(world)
    item.add_report_section("call", "lockwire", advice(item, world, record))


def advice(item: pytest.Item, world: Net, record: dict) -> str:
    """The line that reproduces a failure, and where its capture is."""
    lines = ["reproduce: " + reproduction(record)]
    if world.live:
        lines[0] += "\nthe kernel was part of this run: another one may take another course, but " \
                    "the recording repeats it (lockwire replay)"
    for name, what in (("capture.pcapng", "capture:   "), ("trace.jsonl", "trace:     "),
                       ("replay.lwr", "recording: ")):
        if world.folder is not None and (world.folder / name).exists():
            lines.append(what + os.path.relpath(world.folder / name))
    return "\n".join(lines)


def reproduction(record: dict, repeat: int = 1) -> str:
    """One line for a shell in this directory; a divergence needs as many repeats to be seen."""
    import shlex
    name = sweep.base_name(record["name"]) if record.get("sweep") else record["name"]
    # Brackets are harmless unless a file is called so; the line is easier to read without quotes.
    quoted = name if all(c.isalnum() or c in "/._-:[]=,+@" for c in name) else shlex.quote(name)
    line = f"{paths.command()} run {quoted} --seed {record['seed']}"
    if record.get("netif", "virtual") != "virtual":
        line += f" --netif {record['netif']}"
    if record.get("fail_alloc"):
        line += f" --fail-alloc {record['fail_alloc']}"
    if record.get("sweep"):
        line += f" --sweep {record['sweep']}"
    return line + (f" --repeat {repeat}" if repeat > 1 else "")


def make_trace(world: Net) -> None:
    """trace.jsonl by replaying the recording: the trace costs nothing until somebody wants it."""
    if world.folder is None:
        return
    recording, trace = world.folder / "replay.lwr", world.folder / "trace.jsonl"
    if not recording.exists():
        return
    command = [str(world.program), "--replay", str(recording), "--trace", str(trace)]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=TRACE_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as why:
        words = f"the recording could not be replayed: {type(why).__name__}"
        _write_quietly(trace, f'{{"error": "{words}"}}\n')


def _write_quietly(path: Path, text: str) -> None:
    """A help for the reader; a full disk is reported where it matters."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError:
        pass


# -- repeats -----------------------------------------------------------------------------------
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """With --repeat K a scenario runs K times and must give the same trace each time."""
    repeats = item.config.getoption("lockwire_repeat")
    if repeats <= 1 or "net" not in getattr(item, "fixturenames", ()):
        return None
    from _pytest.runner import runtestprotocol
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    record = item.stash[KEY]
    first: list[pytest.TestReport] = []
    first_record: dict = {}
    reports: list[pytest.TestReport] = []
    for repeat in range(repeats):
        record.update(repeat=repeat, trace="", passed=False, virtual_ns=0, events=0, frames=0,
                      files=[])
        item._report_sections.clear()  # type: ignore[attr-defined]
        reports = runtestprotocol(item, log=False,
                                  # the parent as the next item: only the item itself is torn down
                                  nextitem=item.parent if repeat < repeats - 1 else nextitem)
        if repeat == 0:
            first, first_record = reports, dict(record)
            if any(r.outcome != "passed" for r in reports):
                break
        elif any(r.failed for r in reports) or record["trace"] != first_record["trace"]:
            _mark_divergence(item, reports, first_record, record)
            break
        elif item.config.getoption("lockwire_out"):
            shutil.rmtree(_folder(item.config, record), ignore_errors=True)
    else:
        reports = first
        if first_record["passed"]:
            forget_files(item.config, first_record)
            for report in first:
                report.lockwire["files"] = first_record["files"]  # type: ignore[attr-defined]
    item.session._setupstate.teardown_exact(nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _folder(config: pytest.Config, record: dict) -> Path:
    repeat = f".repeat-{record['repeat'] + 1}" if record["repeat"] else ""
    return Path(config.getoption("lockwire_out")) / (record["folder"] + repeat)


def _mark_divergence(item: pytest.Item, reports: list[pytest.TestReport], first: dict,
                     record: dict) -> None:
    """Turns the call's report into a failure that says where the two runs parted."""
    nth = record["repeat"] + 1
    call = next((r for r in reports if r.when == "call"), reports[0])
    if call.failed:
        text = f"run 1 passed, run {nth} with the same seed did not:\n\n{call.longreprtext}"
    else:
        text = (f"run {nth} with the same seed took another course: trace {record['trace']} "
                f"instead of {first['trace']}")
    out = item.config.getoption("lockwire_out")
    if out:
        one = _folder(item.config, first) / "replay.lwr"
        other = _folder(item.config, record) / "replay.lwr"
        text += "\n" + recording.compare(one, other)
        record["files"] = first["files"] + record["files"]
    call.outcome = "failed"
    call.longrepr = text
    call.sections.append(("lockwire", "reproduce: " + reproduction(record, nth)))
    for report in reports:
        report.lockwire = dict(record)  # type: ignore[attr-defined]


# -- reports -----------------------------------------------------------------------------------
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Hangs the scenario's record on each report."""
    outcome: Any = yield
    report = outcome.get_result()
    record = item.stash.get(KEY, None)
    if record is None:
        return
    record["wall_ms"] = record.get("wall_ms", 0) if report.when != "setup" else 0
    record["wall_ms"] += round(1000 * (call.stop - call.start))
    if report.failed and call.excinfo is not None:
        record["reason"] = one_line(call.excinfo)
        record["line"] = crash_line(item, call.excinfo) or record["line"]
    elif report.skipped:
        record["reason"] = skip_reason(report, call)
    report.lockwire = {k: list(v) if isinstance(v, list) else v for k, v in record.items()}
    report.sections = [(_OUR_SECTIONS.get(title, title), text) for title, text in report.sections]
    if report.when == "call":
        report.user_properties = [(k, str(record[k])) for k in ("seed", "trace", "virtual_ns")]


def one_line(excinfo: pytest.ExceptionInfo) -> str:
    """The exception's first line, with its type unless it is an assertion's."""
    text = excinfo.exconly().strip()
    line = text.splitlines()[0] if text else excinfo.typename
    return line.removeprefix("lockwire.errors.")


def skip_reason(report: pytest.TestReport, call: pytest.CallInfo) -> str:
    """Why a scenario was skipped or was expected to fail."""
    if hasattr(report, "wasxfail"):
        return f"expected failure: {report.wasxfail}".rstrip(": ")
    return str(call.excinfo.value) if call.excinfo is not None else "skipped"


def crash_line(item: pytest.Item, excinfo: pytest.ExceptionInfo) -> int:
    """The last line of the scenario's own file in the traceback; 0 when there is none."""
    lines = [entry.lineno + 1 for entry in excinfo.traceback if Path(str(entry.path)) == item.path]
    return lines[-1] if lines else 0


