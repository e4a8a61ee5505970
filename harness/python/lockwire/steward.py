"""The command line's own plugin in pytest: our terminal report, paths without scenarios, Ctrl-C."""

from __future__ import annotations

import os
from typing import Sequence

import pytest

from lockwire import report
from lockwire.plugin import KEY, SESSION


class Steward:
    """A pytest plugin for the command line's own needs."""

    def __init__(self, collector: report.Collector, given: Sequence[str]) -> None:
        self.collector = collector
        self.given = given
        self.interrupted = False
        self.collected = 0
        self.live = 0  # scenarios left out because they need --paced
        self.empty: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Our terminal report, in the place of pytest's, which must be there already."""
        report.install(config, self.collector.progress)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """xdist's own line about its workers says nothing to a user."""
        manager = session.config.pluginmanager
        chatter = manager.getplugin("terminaldistreporter")
        if chatter is not None:
            manager.unregister(chatter)
            manager.getplugin("dsession").terminal = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Which of the given paths have nothing in them. (With --jobs the workers collect.)"""
        items = session.items
        stash = session.stash
        self.collected = stash.get(SESSION, {}).get("collected", 0)
        self.live = stash.get(SESSION, {}).get("live", 0)
        if not items or self.collected != len(items):
            return
        files = [os.path.abspath(i.stash[KEY]["file"]) for i in items]
        broken = [os.path.abspath(s["file"]) for s in self.collector.scenarios.values()]
        for text in self.given:
            path = os.path.abspath(text.partition("::")[0])
            if not any(f == path or f.startswith(path + os.sep) for f in files + broken):
                self.empty.append(text)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo) -> None:
        """Ctrl-C."""
        self.interrupted = True
