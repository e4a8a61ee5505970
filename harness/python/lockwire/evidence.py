"""What a scenario has shown of the catalogues (scripts/catalogue): lines `row<TAB>test`.

A row of a catalogue counts as shown only if an assertion about it was executed in a test that
passed. Two ways to say so: `with shows("RQ-826-03"):` round the assertions, or a parameter whose id
contains the row's (`MF-ETH-02/13-bytes`). Nothing is written before the scenario has passed with
its teardown, its oracles and, under --repeat, all of its repeats. scripts/check/shows.py proves for
each `with shows(...)` that leaving it normally means that an assertion was executed.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from lockwire.errors import UsageError

VARIABLE = "LOCKWIRE_EVIDENCE"
ROW = re.compile(r"(?:M[FB]-[A-Z][A-Z0-9]*|RQ-\d+(?:-[A-Z]+)?)-\d+")
_IN_TEXT = re.compile(rf"(?<![A-Za-z0-9_-]){ROW.pattern}(?![A-Za-z0-9_])")
# The rows noted by the scenario that is running; None between scenarios.
_noted: list[str] | None = None


class shows:  # pylint: disable=invalid-name
    """`with shows("RQ-826-03", ...): <assertions>` notes the rows when the block ends normally.

    Raises UsageError for an id that cannot be one, and outside of a running scenario.
    """

    def __init__(self, *rows: str) -> None:
        if not rows:
            raise UsageError("shows() needs the id of a catalogue row, such as 'RQ-826-03'")
        for row in rows:
            if not isinstance(row, str) or not ROW.fullmatch(row):
                raise UsageError(f"{row!r} is not the id of a catalogue row, such as 'RQ-826-03'")
        self.rows = rows

    def __enter__(self) -> None:
        if _noted is None:
            raise UsageError("shows() works only in the body of a running scenario")

    def __exit__(self, kind: type | None, *_: object) -> None:
        if kind is None and _noted is not None:
            _noted.extend(row for row in self.rows if row not in _noted)


def begin() -> None:
    """A scenario's body starts."""
    global _noted  # pylint: disable=global-statement
    _noted = []


def end() -> list[str]:
    """The body has ended, whatever came of it: the rows that its blocks have noted."""
    global _noted  # pylint: disable=global-statement
    rows, _noted = _noted or [], None
    return rows


def rows_in(text: str) -> list[str]:
    """The row ids in a parameter's id, in order, each once."""
    return list(dict.fromkeys(_IN_TEXT.findall(text)))


def path() -> Path | None:
    """Where evidence goes: $LOCKWIRE_EVIDENCE; None: nowhere."""
    given = os.environ.get(VARIABLE)
    return Path(given) if given else None


class Writer:
    """A pytest plugin that appends the rows of what passed; lives where reports end (not in
    xdist's workers). One write per line, so that several runs may share a file."""

    def __init__(self, where: Path) -> None:
        self.where = where
        self._passed: dict[str, list[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A phase has ended; the rows are written with the last one."""
        record: dict[str, Any] | None = getattr(report, "lockwire", None)
        if record is None:
            return
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self._passed[record["name"]] = record.get("evidence", [])
        elif report.when == "teardown":
            rows = self._passed.pop(record["name"], [])
            if report.passed:
                self._write(rows, record["name"])

    def _write(self, rows: list[str], test: str) -> None:
        if not rows:
            return
        handle = os.open(self.where, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            for row in rows:
                os.write(handle, f"{row}\t{test}\n".encode("utf-8", "surrogateescape"))
        finally:
            os.close(handle)
