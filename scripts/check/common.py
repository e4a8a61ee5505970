"""What the check scripts share: the tree's files and a uniform way to report.

A check prints one line per finding, "path:line: what is wrong, what was expected", then a count,
and exits 1 if there was any. A check that looked at nothing exits 2: running nothing is no success.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("sim", "stack", "vnet", "harness", "scenarios", "scripts")


def files(*suffixes, rooms=ROOMS):
    """Files of the rooms with one of the suffixes, sorted; what Python compiled is left out."""
    found = []
    for room in rooms:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                found.append(path)
    return sorted(found)


def rel(path):
    return str(path.relative_to(ROOT) if ROOT in path.parents else path)


_COMMENT = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)


def strip_c(text):
    """C text with comments blanked and string contents emptied; line numbers stay."""
    def blank(m):
        s = m.group(0)
        if s.startswith("/"):
            return re.sub(r"[^\n]", " ", s)
        return s[0] + " " * (len(s) - 2) + s[-1]
    return _COMMENT.sub(blank, text)


class Findings:
    def __init__(self, name):
        self.name, self.rows, self.looked = name, [], 0

    def add(self, path, line, what):
        self.rows.append(f"{rel(path)}:{line}: {what}")

    def finish(self):
        for row in self.rows:
            print(row)
        print(f"{self.name}: looked at {self.looked}, found {len(self.rows)}")
        sys.exit(2 if self.looked == 0 else 1 if self.rows else 0)
