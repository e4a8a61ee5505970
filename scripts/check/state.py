#!/usr/bin/python3
"""No mutable state in stack/ outside struct stack: reads the symbols of the built libraries.

usage: state.py LIB.a...   Allowed: stack_current (multi-instance), stack_only and its heap and
pools (single-instance).
"""
import re
import subprocess
import sys

ALLOWED = re.compile(r"^(stack_current|stack_only|stack_only_\w+)$")


def main():
    if len(sys.argv) < 2:
        print("usage: state.py LIB.a...: the libraries built from stack/", file=sys.stderr)
        sys.exit(2)
    looked, bad = 0, 0
    for lib in sys.argv[1:]:
        out = subprocess.run(["nm", "-A", lib], capture_output=True, text=True)
        if out.returncode != 0:
            print(f"{lib}: nm failed: {out.stderr.strip()}", file=sys.stderr)
            sys.exit(2)
        for row in out.stdout.splitlines():
            m = re.match(r"(\S+?):([0-9a-f]*)\s+([A-Za-z])\s+(\S+)$", row.replace(": ", ":"))
            if not m:
                continue
            looked += 1
            where, _, kind, symbol = m.groups()
            if symbol.startswith((".LC", "__asan", "__odr", "__ubsan", ".Lubsan")):
                continue
            if kind in "bBdDC" and not ALLOWED.match(symbol):
                print(f"{where}: writable datum {symbol} ({kind}): state belongs in struct stack")
                bad += 1
    print(f"state: looked at {looked} symbols, found {bad}")
    sys.exit(2 if looked == 0 else 1 if bad else 0)


if __name__ == "__main__":
    main()
