"""Firmware: an ELF image for the LPC2468 that runs on a board on a segment, made by net.firmware().

What it did wrong with the chip (guest errors), and a crash, fail the scenario at its end unless it
expected them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lockwire.chip import Board, check_guest_error_kinds, never_came

if TYPE_CHECKING:
    from lockwire.segment import Segment
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file


class Firmware(Board):
    """A running image. `name` is also that of its port on the segment; `gdb_port` the TCP port on
    which gdb is waited for, None: it is not."""

    def __init__(self, net: "Net", name: str, path: str, segment: "Segment",
                 gdb_port: int | None = None) -> None:
        self.net = net
        self.name = name
        self.path = path
        self.segment = segment
        self.gdb_port = gdb_port
        self._expected: set[str] = set()

    def __repr__(self) -> str:
        return f"<firmware {self.name}>"

    def _board(self) -> tuple["Net", str, dict[str, Any]]:
        return self.net, self.name, {"firmware": self.name}

    def _info(self) -> dict:
        return self.net.command("firmware_info", firmware=self.name)

    @property
    def console(self) -> str:
        """All that it wrote to UART0, up to 64 KB; what is no ASCII text is "?"."""
        return self._info()["console"]

    @property
    def state(self) -> str:
        """"running", "waiting" (for an interrupt) or "halted" (it crashed)."""
        return self._info()["state"]

    @property
    def instructions(self) -> int:
        """How many it has executed, rounds of idle loops that were skipped included."""
        return self._info()["instructions"]

    @property
    def crash(self) -> str | None:
        """The crash report: what, where, registers, backtrace; None: it has not crashed."""
        return self._info().get("crash")

    def registers(self) -> str:
        """Registers and backtrace of this moment, as text."""
        return self._info()["registers"]

    def expect(self, text: str, timeout: str | float = "10s") -> None:
        """Lets time pass until the console has this text; Failure when it does not come."""
        self.net.run(until=lambda: text in self.console, timeout=timeout, step="10ms")

    def link(self, up: bool) -> None:
        """Plugs its cable in or out."""
        self.net.command("link", segment=self.segment.id, port=self.name, up=bool(up))

    def expect_guest_errors(self, *kinds: str) -> None:
        """Errors of these kinds do not fail the scenario, but one of each has to come. A crash is
        of kind "cpu"."""
        check_guest_error_kinds(kinds)
        self._expected.update(kinds)

    def unmet(self, lenient: bool = False) -> list[str]:
        """What speaks against it at the world's end, as texts. lenient: what was expected need not
        have come."""
        errors = self.guest_errors()
        problems = [f"firmware {self.name}: guest error {error}" for error in errors
                    if error.kind not in self._expected and error.kind != "cpu"]
        crash = self.crash
        if crash is not None and "cpu" not in self._expected:
            problems.append(crash)
        if not lenient:
            problems += never_came(self._expected, errors, f"firmware {self.name}")
        return problems
