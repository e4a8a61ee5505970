#!/usr/bin/python3
"""No mutable state in stack/ outside struct stack: reads the symbols of the built libraries.

readelf, not nm: in objects with code for link-time optimisation, nm reads that code's symbols,
where everything is data.

usage: state.py LIB.a...   Allowed: stack_current (multi-instance), stack_only and its heap and
pools (single-instance).
"""
import re
import subprocess
import sys

ALLOWED = re.compile(r"^(stack_current|stack_only|stack_only_\w+)$")
SANITIZERS = (".LC", "__asan", "__odr", "__ubsan", ".Lubsan")
MEMBER = re.compile(r"^File: (.+)$")
SECTION = re.compile(r"^\s*\[\s*(\d+)\] \S+\s+[A-Z]\S*\s+[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ \S+ +(\w*)")
SYMBOL = re.compile(r"^\s*\d+: [0-9a-f]+\s+\S+ (OBJECT|NOTYPE|COMMON|TLS)\s+\S+\s+\S+\s+"
                    r"(\S+) (\S+)")


def symbols(text):
    """(member, symbol, writable) of everything that is not code, a file or a section."""
    member, writable = "", set()
    for row in text.splitlines():
        if m := MEMBER.match(row):
            member, writable = m[1], set()
        elif m := SECTION.match(row):
            if "W" in m[2]:
                writable.add(m[1])
        elif m := SYMBOL.match(row):
            kind, section, name = m.groups()
            if section not in ("UND", "ABS"):
                yield member, name, section in writable or section == "COM" or kind == "TLS"


def main():
    if len(sys.argv) < 2:
        print("usage: state.py LIB.a...: the libraries built from stack/", file=sys.stderr)
        sys.exit(2)
    looked, bad = 0, 0
    for lib in sys.argv[1:]:
        out = subprocess.run(["readelf", "-W", "-S", "-s", lib], capture_output=True, text=True,
                             check=False)
        if out.returncode != 0:
            print(f"{lib}: readelf failed: {out.stderr.strip()}", file=sys.stderr)
            sys.exit(2)
        for where, symbol, writable in symbols(out.stdout):
            looked += 1
            if writable and not symbol.startswith(SANITIZERS) and not ALLOWED.match(symbol):
                print(f"{where}: writable datum {symbol}: state belongs in struct stack")
                bad += 1
    print(f"state: looked at {looked} symbols, found {bad}")
    sys.exit(2 if looked == 0 else 1 if bad else 0)


if __name__ == "__main__":
    main()
