"""Boards with the LPC2468, under a host's interface or a firmware: faults of chip, PHY and wire,
what is at the cable's other end, what the driver did wrong, what chip and driver have counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping

from lockwire import units
from lockwire.errors import CommandError, UsageError

if TYPE_CHECKING:
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file

KINDS = ("misaligned", "width", "unmapped", "unpowered", "powered_down", "read_only", "write_only",
         "reserved_bits", "no_clock", "mii_busy", "base_misaligned", "ring_live", "ring_index",
         "dma_range", "descriptor", "size", "duplex", "frame", "interrupt", "cpu")

# Faults of frames: what they are called, and the name of their amount.
FAULTS: dict[str, dict[str, str | None]] = {
    "in": {"crc": None, "alignment": None, "symbol": None, "length": None, "runt": "bytes",
           "giant": "bytes", "overrun": None, "stall": None, "cut": "bytes", "preamble": None,
           "long_preamble": None},
    "out": {"collision": "collisions", "excessive_collisions": None, "late_collision": None,
            "defer": None, "excessive_defer": None, "underrun": None, "stall": None},
}

# Modes of a link, as bits of ANAR (IEEE 802.3 28.2.4.1.3).
MODES = {"100full": 0x0100, "100half": 0x0080, "10full": 0x0040, "10half": 0x0020}
PAUSE = 0x0400


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


class ChipFault:
    """A fault of a board's frames. One that has not fired as often as declared fails the
    scenario, unless it was declared optional."""

    def __init__(self, board: "Board", number: int, text: str, optional: bool) -> None:
        self.board = board
        self.number = number
        self.text = text
        self.optional = optional

    def __repr__(self) -> str:
        return self.text

    def _status(self) -> dict:
        return self.board.board_command("chip_fault_status", fault=self.number)

    @property
    def fired(self) -> int:
        """How many frames it has hit so far."""
        return self._status()["fired"]

    def unmet(self) -> str | None:
        """What speaks against it at the world's end."""
        status = self._status()
        if self.optional or status["fired"] == status["count"]:
            return None
        link = self.board.chip().get("link", {})
        hint = (" (it needs a half-duplex link)"
                if status["half_duplex"] and link.get("duplex") == "full" else "")
        if status["fired"] == 0:
            return f"declared but never fired: {self.text}{hint}"
        return f"declared but fired {status['fired']} of {status['count']} times: {self.text}{hint}"


class Board:
    """What an interface on a chip and a firmware have in common."""

    def _board(self) -> tuple["Net", str, dict[str, Any]]:
        """The world, what it is called in messages, and the members that say where it is."""
        raise NotImplementedError

    def board_command(self, op: str, **members: Any) -> dict:
        """A command about this board; what cannot be is a UsageError."""
        net, _, place = self._board()
        try:
            return net.command(op, **place, **members)
        except CommandError as why:
            raise UsageError(why.text) from None

    def fault(self, kind: str, direction: str | None = None, after: int = 0, count: int = 1,
              optional: bool = False, **amount: int) -> ChipFault:
        """What happens to frames at this MAC from now on: after `after` more in that direction, to
        `count`. Each fault counts for itself, all frames that the cable brings or the MAC sends.

        In: crc, alignment, symbol, length (a length field that lies), runt and giant (`bytes`,
        with FCS), overrun (inside the block), stall (the status cannot be written: RxOverrun), cut
        (the link went after `bytes`), preamble, long_preamble. Out: collision (`collisions` of one
        frame), excessive_collisions, late_collision, defer, excessive_defer (all of these in half
        duplex), underrun, stall (TxUnderrun). direction may be left out where it is clear. """
        net, name, _ = self._board()
        direction = _direction(kind, direction)
        wanted = FAULTS[direction][kind]
        for given in amount:
            if given != wanted:
                raise UsageError(f"fault {kind!r} takes "
                                 f"{f'{wanted}=' if wanted else 'no amount'}, not {given}=")
        reply = self.board_command("chip_fault", kind=kind, direction=direction,
                                   after=units.whole(after, "after", 0, 0xFFFFFFFF),
                                   count=units.whole(count, "count", 1, 0xFFFFFFFF), **amount)
        shown = "".join(f", {k}={v!r}" for k, v in amount.items())
        made = ChipFault(self, reply["fault"], f"{name}.fault({kind!r}, {direction!r}, "
                         f"after={after}, count={count}{shown})", bool(optional))
        net.add_chip_fault(made)
        return made

    def mdio(self, answers: bool) -> None:
        """The PHY answers management cycles, or not."""
        self.board_command("chip_set", mdio=bool(answers))

    def clock(self, runs: bool) -> None:
        """The PHY's clock, which the MAC needs, runs, or not."""
        self.board_command("chip_set", clock=bool(runs))

    def partner(self, partner: Mapping[str, Any] | None) -> None:
        """The cable ends at somebody else from now on: see partner_members(). None: at somebody
        who negotiates what the segment's rate allows."""
        self.board_command("chip_set", partner=partner_members(partner))

    def phy_write(self, register: int, value: int) -> None:
        """A register of the PHY is written behind the driver's back, as by a disturbance."""
        self.board_command("chip_set", phy_register=units.whole(register, "register", 0, 31),
                           value=units.whole(value, "value", 0, 0xFFFF))

    def chip(self) -> dict[str, Any]:
        """What is known of the board: `mac` (frames as the silicon has counted them), `phy` (its 32
        registers), `hung` (the bus), and with our driver its counters, `driver`, and what it knows
        of the `link`: up, mbps, duplex, negotiated, pause, problem (in words), address,
        restarts."""
        reply = self.board_command("chip_info")
        return {k: v for k, v in reply.items() if k != "ok"}

    def guest_errors(self) -> list[GuestError]:
        """What the driver did wrong with the chip so far: the first 64."""
        return [GuestError(**error) for error in self.board_command("guest_errors")["errors"]]


def check_guest_error_kinds(kinds: tuple[str, ...]) -> None:
    """UsageError for a name that is none."""
    for kind in kinds:
        if kind not in KINDS:
            raise UsageError(f"there is no guest error {kind!r}, only {', '.join(KINDS)}")


def never_came(expected: set[str], errors: list[GuestError], who: str) -> list[str]:
    """The guest errors that were expected and did not come, as texts."""
    came = {error.kind for error in errors}
    return [f"expected but never came: guest error {kind!r} of {who}"
            for kind in sorted(expected - came)]


def _direction(kind: str, direction: str | None) -> str:
    """The direction that was given or is clear; UsageError says what is possible."""
    known = "; ".join(f"{d}: {', '.join(FAULTS[d])}" for d in FAULTS)
    where = [d for d in FAULTS if kind in FAULTS[d]]
    if direction is not None and direction not in FAULTS:
        raise UsageError(f'direction: expected "in" or "out", not {direction!r}')
    if not where:
        raise UsageError(f"there is no fault {kind!r}; there are, {known}")
    if direction is None and len(where) > 1:
        raise UsageError(f'fault {kind!r} is one of both directions: say "in" or "out"')
    if direction is not None and direction not in where:
        raise UsageError(f"there is no fault {kind!r} of direction {direction!r}; there are, "
                         f"{known}")
    return direction or where[0]


def partner_members(partner: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is at the cable's other end, as the simulator takes it. `speed` (10, 100) with `duplex`
    ("full", "half"), or `modes` (a list of "100full", "100half", "10full", "10half"; none: it is
    mute), or `abilities` (bits of ANAR); `pause`; `negotiates` (True). One that does not is forced
    to the best of its modes."""
    if partner is None:
        return None
    known = {"negotiates", "speed", "duplex", "modes", "abilities", "pause"}
    if not isinstance(partner, Mapping) or set(partner) - known:
        raise UsageError(f"partner: expected a dict of {', '.join(sorted(known))}, "
                         f"not {partner!r}")
    if ("speed" in partner) + ("modes" in partner) + ("abilities" in partner) != 1:
        raise UsageError("partner: give speed with duplex, or modes, or abilities")
    if "abilities" in partner:
        bits = units.whole(partner["abilities"], "abilities", 0, 0xFFFF)
    elif "modes" in partner:
        bits = mode_bits(partner["modes"], "modes")
    else:
        bits = mode_bits([f"{partner['speed']}{partner.get('duplex', 'full')}"], "speed, duplex")
    if partner.get("pause"):
        bits |= PAUSE
    return {"negotiates": bool(partner.get("negotiates", True)), "abilities": bits}


def mode_bits(modes: Any, what: str) -> int:
    """The bits of a list of modes."""
    bits = 0
    for mode in [modes] if isinstance(modes, str) else modes:
        if mode not in MODES:
            raise UsageError(f"{what}: expected of {', '.join(MODES)}, not {mode!r}")
        bits |= MODES[mode]
    return bits


def chip_members(chip: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Settings of a board as the simulator takes them: modes by name, times with units."""
    if chip is None:
        return None
    if not isinstance(chip, Mapping):
        raise UsageError(f"chip: expected a dict of settings, not {chip!r}")
    made = dict(chip)
    for name, value in chip.items():
        if name == "advertise":
            made[name] = mode_bits(value, name)
        elif name == "forced":
            if value not in MODES:
                raise UsageError(f"forced: expected one of {', '.join(MODES)}, not {value!r}")
            made[name] = MODES[value]
        elif name.endswith("_ns"):
            made[name] = units.duration(value, name) if isinstance(value, str) else value
    return made
