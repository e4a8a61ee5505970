#!/usr/bin/python3
"""Shows that a divergence would be noticed: alters recordings and expects the replay to say so.

usage: divergence.py LOCKWIRE_SIM OUT

Two alterations, each with the record checks made right again, so that it is the trace hash that has
to notice: another seed in a run that uses randomness, and one bit of one frame that a tester sent.
"""
import pathlib
import struct
import subprocess
import sys
import tempfile

import xxhash

from replays import recordings


def rebuild(head, records):
    """A recording with this header (without its check) and these records."""
    check = xxhash.xxh32_intdigest(head, 0)
    out = head + struct.pack("<I", check)
    for record in records:
        body = struct.pack("<I", len(record)) + record
        check = xxhash.xxh32_intdigest(body, check)
        out += body + struct.pack("<I", check)
    return out


def split(data):
    """(header without its check, records) of a recording."""
    at = 5 + data[4] + 8
    head, at, records = data[:at], at + 4, []
    while at < len(data):
        length = struct.unpack_from("<I", data, at)[0]
        records.append(data[at + 4:at + 4 + length])
        at += 8 + length
    assert rebuild(head, records) == data, "the layout is not the one this script knows"
    return head, records


def other_seed(head, records):
    seed = struct.unpack("<Q", head[-8:])[0]
    return head[:-8] + struct.pack("<Q", seed + 1), records


def other_bit(head, records):
    changed = list(records)
    for i, record in enumerate(changed):
        if record[:1] == b"S":
            changed[i] = record[:-1] + bytes([record[-1] ^ 1])
            return head, changed
    return None


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sim, out = sys.argv[1], pathlib.Path(sys.argv[2])
    wanted = {"another seed": (other_seed, "test_losses_are_about"),
              "another bit": (other_bit, "test_request")}
    failed = 0
    for what, (alter, which) in wanted.items():
        rows = [row for row in recordings(out) if which in row[0]]
        if not rows:
            print(f"no scenario matches {which}: nothing to alter", file=sys.stderr)
            sys.exit(2)
        name, path, _ = rows[0]
        altered = alter(*split(path.read_bytes()))
        with tempfile.NamedTemporaryFile(suffix=".lwr") as f:
            f.write(rebuild(*altered))
            f.flush()
            p = subprocess.run([sim, "--replay", f.name], capture_output=True, text=True,
                               check=False)
        ok = p.returncode == 1
        failed += not ok
        print(f"{what} in {name}: replay ended with {p.returncode}, expected 1\n"
              f"  {(p.stdout + p.stderr).strip()}")
    print(f"{len(wanted) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
