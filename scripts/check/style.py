#!/usr/bin/python3
"""The rules of CONVENTIONS that a script can see: sizes, forbidden words, #if inside functions."""
import re

from common import Findings, files, rel, strip_c

LINE_MAX = 100          # columns; Markdown tables and data files may be wider
FILE_WALL, FILE_LIMIT = 1000, 600
FUNCTION_WALL = 100     # lines from the opening to the closing brace
FORBIDDEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
CLOCKS = re.compile(r"(?<![.>\w])(clock_gettime|gettimeofday|uv_hrtime|uv_now|usleep|nanosleep"
                    r"|rand|random|srand)\s*\(")
# the only places that may look at the machine's clock, and why
CLOCK_OK = {"sim/loop.c": "paced mode", "harness/bench": "CPU time of benchmarks",
            "stack/ports/example": "a user's port: its sys_now() is a real clock"}


def functions(text):
    """(first line, last line) of each function body in house style: braces in column 0."""
    start = None
    for i, line in enumerate(text.split("\n"), 1):
        if line == "{":
            start = i
        elif line.startswith("}") and start is not None:
            if line == "}":
                yield start, i
            start = None


def check_c(found, path, text):
    bare = strip_c(text)
    lines = bare.split("\n")
    for first, last in functions(bare):
        if last - first > FUNCTION_WALL:
            found.add(path, first, f"function of {last - first} lines, the wall is {FUNCTION_WALL}")
        for i in range(first, last):
            if re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b", lines[i - 1]):
                found.add(path, i, "#if inside a function: use an ordinary if or a sibling file")
    name = rel(path)
    simulated = name.startswith(("sim/", "vnet/", "stack/", "harness/"))
    if simulated and not name.startswith(("harness/tests/", *CLOCK_OK)):
        for i, line in enumerate(lines, 1):
            if CLOCKS.search(line):
                found.add(path, i,
                          "wall clock or global randomness: only virtual time and sim/prng")
    if not name.startswith("stack/include/"):
        for i, line in enumerate(lines, 1):
            if re.match(r"\s*typedef\s+(struct|union|enum)\b", line):
                found.add(path, i, "typedef of our own struct: write `struct x`")


def main():
    found = Findings("style")
    for path in files(".c", ".h", ".def", ".py", ".cmake", ".sh"):
        found.looked += 1
        text = path.read_text()
        rows = text.split("\n")
        if not text.endswith("\n"):
            found.add(path, len(rows), "no newline at the end of the file")
        for i, line in enumerate(rows, 1):
            if len(line) > LINE_MAX:
                found.add(path, i, f"line of {len(line)} columns, at most {LINE_MAX}")
            if "\t" in line:
                found.add(path, i, "tab character")
            if line != line.rstrip():
                found.add(path, i, "blank at the end of the line")
            if FORBIDDEN.search(line) and path.parent.name != "check":
                found.add(path, i, "unfinished by its own words")
        if len(rows) > FILE_WALL:
            found.add(path, 1, f"{len(rows)} lines, the wall is {FILE_WALL}")
        elif len(rows) > FILE_LIMIT and "Long because" not in "\n".join(rows[:30]):
            found.add(path, 1,
                      f'{len(rows)} lines: over {FILE_LIMIT} say at the top "Long because ..."')
        if path.suffix in (".c", ".h"):
            check_c(found, path, text)
    found.finish()


if __name__ == "__main__":
    main()
