"""Firmware: an ELF image for the LPC2468 that runs on a board on a segment, made by net.firmware().

What it did wrong with the chip (guest errors), and a crash, fail the scenario at its end unless it
expected them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lockwire.errors import UsageError

if TYPE_CHECKING:
    from lockwire.segment import Segment
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file

KINDS = ("misaligned", "width", "unmapped", "unpowered", "powered_down", "read_only", "write_only",
         "reserved_bits", "no_clock", "mii_busy", "base_misaligned", "ring_live", "ring_index",
         "dma_range", "descriptor", "duplex", "frame", "interrupt", "cpu")


@dataclass(frozen=True)
class GuestError:
    """Something that the manual forbids. `time` in ns; `pc` of the instruction."""

    kind: str
    write: bool
    register: str
    address: int
    value: int
    pc: int
    time: int
    what: str

    def __str__(self) -> str:
        how = f"{'write' if self.write else 'read'} of {self.register} " if self.register else ""
        return (f"{self.kind}: {how}at 0x{self.address:08x}, value 0x{self.value:x}, "
                f"pc 0x{self.pc:08x}, {self.time} ns: {self.what}")


class Firmware:
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

    def guest_errors(self) -> list[GuestError]:
        """What it did wrong with the chip so far: the first 64."""
        reply = self.net.command("guest_errors", firmware=self.name)
        return [GuestError(**error) for error in reply["errors"]]

    def expect_guest_errors(self, *kinds: str) -> None:
        """Errors of these kinds do not fail the scenario, but one of each has to come. A crash is
        of kind "cpu"."""
        for kind in kinds:
            if kind not in KINDS:
                raise UsageError(f"there is no guest error {kind!r}, only {', '.join(KINDS)}")
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
        came = {error.kind for error in errors}
        problems += [f"expected but never came: guest error {kind!r} of firmware {self.name}"
                     for kind in sorted(self._expected - came) if not lenient]
        return problems
