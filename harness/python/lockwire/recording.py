"""Reads replay.lwr, the recording of a run, far enough to compare two of them.

Layout: "LWR1", u8 length and the build id, u64 seed, u32 check; then records of u32 length, bytes,
u32 check (harness/control/recording.h). The checks are the simulator's business, not verified here.
"""

from __future__ import annotations

import struct
from pathlib import Path

from lockwire.errors import UsageError


def read(path: Path) -> list[bytes]:
    """All whole records of a recording; one that is cut off simply ends. UsageError: not a
    recording."""
    try:
        data = path.read_bytes()
    except OSError as why:
        raise UsageError(f"cannot read {path}: {why.strerror}") from None
    if data[:4] != b"LWR1" or len(data) < 5:
        raise UsageError(f"{path} is not a recording")
    at = 5 + data[4] + 12
    records = []
    while at + 4 <= len(data):
        length = struct.unpack_from("<I", data, at)[0]
        if at + 8 + length > len(data):
            break
        records.append(data[at + 4:at + 4 + length])
        at += 8 + length
    return records


def compare(one: Path, other: Path) -> str:
    """Whose fault it is that two runs parted: the scenario's, when it drove the simulator
    differently, or the simulator's, when it did not. One sentence."""
    try:
        a, b = _driving(one), _driving(other)
    except UsageError as why:
        return f"(the recordings cannot be compared: {why})"
    for i, (x, y) in enumerate(zip(a, b)):
        if x != y:
            return (f"the scenario itself did something else, first in message {i + 1}: {_text(x)} "
                    f"became {_text(y)}. Clocks, sets, addresses and files are the usual reasons")
    if len(a) != len(b):
        return f"the scenario itself went on for {len(b)} messages instead of {len(a)}"
    return ("both runs gave the simulator the same messages: the simulator or the stack is not "
            "deterministic")


def _driving(path: Path) -> list[bytes]:
    """The messages that decide a run: without hello, which has file names, and the closing hash."""
    return [r for r in read(path) if r[:1] != b"H" and not r.startswith(b'C{"op":"hello"')]


def _text(record: bytes) -> str:
    if record[:1] == b"C":
        return record[1:200].decode("utf-8", "replace")
    if record[:1] == b"A" and len(record) == 9:
        return f"advance to {struct.unpack('<Q', record[1:])[0]} ns"
    if record[:1] == b"S" and len(record) >= 5:
        return f"frame {record[5:85].hex()} from port {struct.unpack_from('<I', record, 1)[0]}"
    return repr(record[:80])
