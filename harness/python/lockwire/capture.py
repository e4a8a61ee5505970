"""Reads pcap and pcapng files: times in whole nanoseconds, interfaces, directions, comments.

Scapy's own reader warns about comments and knows no directions; replay needs both exact. Captures
are written by the simulator; mend() only takes off what a killed one has left unfinished. Errors
are UsageErrors that name file and offset.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Iterator, NamedTuple

from lockwire.errors import UsageError

SECTION, INTERFACE, SIMPLE, ENHANCED = 0x0A0D0D0A, 1, 3, 6
PCAP_MAGICS = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}


class Captured(NamedTuple):
    """One frame of a capture. `direction` is "in", "out" or ""; comment "" when there is none."""

    t_ns: int
    interface: int
    interface_name: str
    data: bytes
    direction: str = ""
    comment: str = ""


class _Interface(NamedTuple):
    name: str
    units_per_s: int


def mend(path: Path) -> int:
    """Cuts a capture back to its last whole block, in place; returns the bytes taken off. For
    captures whose writer was killed: the kernel may stop a killed write() between two pages, so a
    frame of more than 4000 bytes can be half there. Whole and missing files are left alone."""
    try:
        with open(path, "r+b") as f:
            data = f.read()
            at = 0
            while at + 12 <= len(data):
                length = struct.unpack_from("<I", data, at + 4)[0]
                end = at + length
                if length < 12 or end > len(data) or data[end - 4:end] != data[at + 4:at + 8]:
                    break
                at = end
            f.truncate(at)
    except OSError:
        return 0
    return len(data) - at


def read(path: str | Path) -> list[Captured]:
    """All frames of a file, in its order. A capture that was cut off is an error."""
    try:
        data = Path(path).read_bytes()
    except OSError as why:
        raise UsageError(f"cannot read {path}: {why.strerror}") from None
    if len(data) >= 4 and struct.unpack("<I", data[:4])[0] == SECTION:
        return list(_pcapng(data, path))
    for order in "<>":
        if len(data) >= 24 and struct.unpack(order + "I", data[:4])[0] in PCAP_MAGICS:
            return list(_pcap(data, order, path))
    raise UsageError(f"{path} is neither a pcapng nor a pcap file")


def select(frames: list[Captured], interface: str | int | None, direction: str | None,
           path: str) -> list[Captured]:
    """The frames of one interface and direction; UsageError when the choice is open or leaves
    none."""
    if direction not in (None, "in", "out"):
        raise UsageError(f'direction: expected "in" or "out", not {direction!r}')
    names = {f.interface: f.interface_name or str(f.interface) for f in frames}
    if interface is None and len(names) > 1:
        raise UsageError(f"{path} has frames of {len(names)} interfaces: name one of "
                         f"{', '.join(names.values())}")
    chosen = [f for f in frames
              if (interface is None or interface in (f.interface, f.interface_name))
              and (direction is None or f.direction == direction)]
    if not chosen:
        raise UsageError(f"{path} has no frames of interface {interface!r}, "
                         f"direction {direction!r} (interfaces: "
                         f"{', '.join(names.values()) or 'none'})")
    return chosen


def _pcap(data: bytes, order: str, path: str | Path) -> Iterator[Captured]:
    ns = PCAP_MAGICS[struct.unpack(order + "I", data[:4])[0]]
    at = 24
    while at < len(data):
        if at + 16 > len(data):
            raise UsageError(f"{path} is cut off at byte {at}")
        s, fraction, length, _original = struct.unpack_from(order + "IIII", data, at)
        at += 16
        if at + length > len(data):
            raise UsageError(f"{path} is cut off at byte {at}")
        yield Captured(s * 10**9 + fraction * ns, 0, "", data[at:at + length])
        at += length


def _pcapng(data: bytes, path: str | Path) -> Iterator[Captured]:
    at, order = 0, "<"
    interfaces: list[_Interface] = []
    while at < len(data):
        if at + 12 > len(data):
            raise UsageError(f"{path} is cut off at byte {at}")
        if struct.unpack_from("<I", data, at)[0] == SECTION:
            order = "<" if struct.unpack_from("<I", data, at + 8)[0] == 0x1A2B3C4D else ">"
            interfaces = []
        kind, length = struct.unpack_from(order + "II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            raise UsageError(f"{path} is cut off or broken at byte {at}")
        body = data[at + 8:at + length - 4]
        try:
            if kind == INTERFACE:
                interfaces.append(_interface(body, order))
            elif kind == ENHANCED:
                yield _enhanced(body, order, interfaces)
            elif kind == SIMPLE:
                size = min(struct.unpack_from(order + "I", body)[0], len(body) - 4)
                yield Captured(0, 0, interfaces[0].name, body[4:4 + size])
        except (struct.error, IndexError):
            raise UsageError(f"{path}: the block at byte {at} is broken") from None
        at += length


def _interface(body: bytes, order: str) -> _Interface:
    name, per_s = "", 10**6
    for code, value in _options(body[8:], order):
        if code == 2:
            name = value.decode("utf-8", "replace")
        elif code == 9 and value:
            per_s = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
    return _Interface(name, per_s)


def _enhanced(body: bytes, order: str, interfaces: list[_Interface]) -> Captured:
    number, high, low, length, _original = struct.unpack_from(order + "IIIII", body)
    interface = interfaces[number]
    if 20 + length > len(body):
        raise struct.error("frame longer than its block")
    direction, comment = "", ""
    for code, value in _options(body[20 + (length + 3) // 4 * 4:], order):
        if code == 1:
            comment = value.decode("utf-8", "replace")
        elif code == 2 and len(value) == 4:
            direction = {1: "in", 2: "out"}.get(struct.unpack(order + "I", value)[0] & 3, "")
    t_ns = (high << 32 | low) * 10**9 // interface.units_per_s
    return Captured(t_ns, number, interface.name, body[20:20 + length], direction, comment)


def _options(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from(order + "HH", data, at)
        if code == 0 or at + 4 + length > len(data):
            return
        yield code, data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
