"""What a run leaves and shows: summary.json, the terminal's report, GitHub annotations.

Collector gathers the records that plugin.py hangs on pytest's reports; Reporter replaces pytest's
own terminal report (failures in full as pytest shows them, nothing else but a closing line).
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, TextIO

import pytest
from _pytest.terminal import TerminalReporter

from lockwire import __version__, paths

FIELDS = ("name", "file", "line", "result", "reason", "seed", "virtual_ns", "events", "frames",
          "trace", "wall_ms", "files")


class Collector:
    """The scenarios of a run by name, with their results."""

    def __init__(self, seed: int, repeat: int) -> None:
        self.seed = seed
        self.repeat = repeat
        self.scenarios: dict[str, dict[str, Any]] = {}
        self.deselected = 0
        self.progress: Progress | None = None

    def pytest_deselected(self, items: list) -> None:
        """Counts what a shard leaves to others."""
        self.deselected += len(items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase of a scenario has ended. Later phases can only make the result worse."""
        record = getattr(report, "lockwire", None) or {
            "name": report.nodeid, "file": report.nodeid.partition("::")[0],
            "line": (report.location[1] or 0) + 1, "seed": self.seed}
        before = self.scenarios.get(record["name"], {})
        result, reason = before.get("result"), before.get("reason", "")
        now = phase_result(report)
        if now is not None and RANK[now] >= RANK[result or "passed"]:
            result, reason = now, record.get("reason", "") if now != "passed" else ""
            if now in ("failed", "error") and not reason:
                reason = (report.longreprtext.strip().splitlines() or ["no reason given"])[-1]
        elif before:
            record = {**record, "line": before["line"]}
        self.scenarios[record["name"]] = {**_blank(), **record, "result": result, "reason": reason}
        if report.when == "teardown" and self.progress is not None:
            self.progress.show(self.scenarios)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot even be imported is one scenario with an error."""
        if not report.failed:
            return
        file = paths.scenario_name(Path(str(report.fspath)).absolute(), "") \
            if report.fspath else report.nodeid
        text = report.longreprtext.strip()
        lines = [line for line in text.splitlines() if line.startswith("E ")] or text.splitlines()
        reason = (lines or ["cannot be collected"])[-1].removeprefix("E").strip()
        self.scenarios[file] = {**_blank(), "name": file, "file": file, "line": _line_in(text),
                                "result": "error", "reason": reason, "seed": self.seed}

    def counts(self) -> dict[str, int]:
        """How many passed, failed (errors among them) and were skipped."""
        results = [s["result"] for s in self.scenarios.values()]
        return {"passed": results.count("passed"),
                "failed": results.count("failed") + results.count("error"),
                "skipped": results.count("skipped")}

    def ran(self) -> int:
        """How many scenarios were really run, whatever came of it."""
        return sum(1 for s in self.scenarios.values() if s["result"] in ("passed", "failed"))

    def summary(self) -> dict[str, Any]:
        """The contents of summary.json."""
        return {"version": __version__, "seed": self.seed,
                "scenarios": [summary_of(s) for s in self.scenarios.values()]}


def summary_of(record: dict[str, Any]) -> dict[str, Any]:
    """A scenario's entry in summary.json. "live" stands only where the kernel took part: such a run
    is not reproducible by its seed."""
    return {k: record[k] for k in FIELDS} | ({"live": True} if record.get("live") else {})


RANK = {"passed": 0, "skipped": 1, "failed": 2, "error": 3}


def phase_result(report: pytest.TestReport) -> str | None:
    """What a phase says about the scenario; None: nothing."""
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.skipped:
        return "skipped"
    return "passed" if report.when == "call" else None


def _blank() -> dict[str, Any]:
    return {"name": "", "file": "", "line": 1, "result": "error", "reason": "", "seed": 0,
            "virtual_ns": 0, "events": 0, "frames": 0, "trace": "", "wall_ms": 0, "files": []}


def _line_in(text: str) -> int:
    """The last line number that a collection error names, 1 if it names none."""
    import re
    found = re.findall(r"(?:\.py:|, line )(\d+)", text)
    return int(found[-1]) if found else 1


def write_whole(path: Path, text: str) -> None:
    """The file is there with all of the text, or is not touched. OSError when it cannot be."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def write_summary(out: Path, collector: Collector) -> None:
    """summary.json, whole or not at all."""
    write_whole(out / "summary.json", json.dumps(collector.summary(), indent=1) + "\n")


class Progress:
    """One line on a terminal that is rewritten as scenarios end; nothing elsewhere."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.shown = False

    @staticmethod
    def wanted(out: TextIO) -> bool:
        """Only for a person who watches."""
        return out.isatty() and os.environ.get("TERM", "dumb") != "dumb" \
            and os.environ.get("CI", "") in ("", "false", "0")

    def show(self, scenarios: dict[str, dict]) -> None:
        """The number so far, and what ended last."""
        failed = sum(1 for s in scenarios.values() if s["result"] in ("failed", "error"))
        last = next(reversed(scenarios.values()))["name"]
        text = f"{len(scenarios)} done, {failed} failed  {last}"
        width = max(20, _columns() - 1)
        self.out.write("\r\x1b[K" + text[:width])
        self.out.flush()
        self.shown = True

    def clear(self) -> None:
        """Takes the line away before something else is printed."""
        if self.shown:
            self.out.write("\r\x1b[K")
            self.out.flush()
            self.shown = False


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 80


class Reporter(TerminalReporter):  # type: ignore[misc]
    """pytest's report without headers, dots and statistics; cli.py prints the closing line."""

    progress: Progress | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """No header."""
        self._session = session
        import time
        self._sessionstarttime = time.time()

    def pytest_runtest_logstart(self, nodeid: str, location: tuple) -> None:
        """Nothing when a scenario starts."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keeps the report for the end."""
        self._tests_ran = True
        category = self.config.hook.pytest_report_teststatus(report=report, config=self.config)[0]
        self._add_stats(category, [report])

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Nothing when a scenario ends."""

    def pytest_collection(self) -> None:
        """Nothing while collecting."""

    def report_collect(self, final: bool = False) -> None:
        """Nothing about collecting."""

    @pytest.hookimpl(hookwrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> Iterator[None]:
        """Errors and failures in full, and nothing around them."""
        outcome: Any = yield
        outcome.get_result()
        if self.progress is not None:
            self.progress.clear()
        self.config.hook.pytest_terminal_summary(terminalreporter=self, exitstatus=exitstatus,
                                                 config=self.config)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo) -> None:
        """cli.py says that it was interrupted."""

    def summary_stats(self) -> None:
        """The closing line is the command line's."""

    def summary_warnings(self) -> None:
        """Warnings of Python libraries are not the scenario author's business."""

    def short_test_summary(self) -> None:
        """Each failure has said its name already."""

    def write_sep(self, sep: str, title: str | None = None, fullwidth: int | None = None,
                  **markup: bool) -> None:
        """As pytest, but nothing may be left of the progress line."""
        if (title or "").startswith("generated xml file"):
            return  # a scratch file; cli.py delivers it
        if self.progress is not None:
            self.progress.clear()
        super().write_sep(sep, title, fullwidth, **markup)


def install(config: pytest.Config, progress: Progress | None) -> None:
    """Puts Reporter in the place of pytest's."""
    manager = config.pluginmanager
    old = manager.getplugin("terminalreporter")
    if old is None:
        return
    manager.unregister(old)
    reporter = Reporter(config, sys.stdout)
    reporter.progress = progress
    manager.register(reporter, "terminalreporter")


def github_annotations(collector: Collector, out: TextIO) -> None:
    """One ::error line per failure, for GitHub's view of the changed files."""
    for s in collector.scenarios.values():
        if s["result"] in ("failed", "error"):
            out.write(f"::error file={_property(s['file'])},line={s['line']},"
                      f"title={_property(s['name'])}::{_message(s['reason'])}\n")
    out.flush()


def github_summary(collector: Collector, path: str) -> None:
    """A Markdown table of the failures at the end of $GITHUB_STEP_SUMMARY; errors are ignored."""
    counts = collector.counts()
    lines = [f"### Lockwire: {closing_line(counts)} (seed {collector.seed})", ""]
    bad = [s for s in collector.scenarios.values() if s["result"] in ("failed", "error")]
    if bad:
        lines += ["| scenario | reason |", "| --- | --- |"]
        lines += [f"| `{s['name']}` | {_cell(s['reason'])} |" for s in bad]
    try:
        with open(path, "a", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
    except OSError:
        pass


def closing_line(counts: dict[str, int]) -> str:
    """`N passed, N failed, N skipped`."""
    return f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
