#!/usr/bin/python3
"""Line coverage of the stack below TCP: a table, HTML pages, limits.

    coverage.py BUILD [--html DIR]

BUILD was compiled with LOCKWIRE_COVERAGE and has run something. The stack is compiled many times
(several instances, one, each allocator): a line counts as executed when it was in any of them, and
as code when it is in any of them. gcov is asked directly, because gcovr 5.2 gives up where two of
those builds have a function of one name at different lines.

A line that cannot be reached on purpose (it guards against what the code around it excludes) says
so behind it:  /* unreachable: why */  and does not count. There is no other exclusion.

Exit status: 0 the limits are kept, 1 not, 2 nothing was counted.
"""
import argparse
import html
import json
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UNREACHABLE = re.compile(r"/\* unreachable: .+\*/")

# What bytes from the network go through first: parsers, and the files that walk what they found.
PARSERS = re.compile(r"""stack/(?:wire/\w+\.[ch]
    | link/(?:ethernet|arp_input|arp_learn|acd_conflict)\.c
    | ipv4/(?:ip4_input|ip4_reass|ip4_demux|ip4_redirect|icmp|icmp_error_input|igmp_input)\.c
    | udp/(?:udp_input|udp_demux|udp_error)\.c
    | raw/raw_input\.c)$""", re.X)
# Everything below TCP; ports are examples and test profiles, opt_check.c is for the compiler.
STACK = re.compile(r"stack/(?:wire|core|link|ipv4|ip|udp|raw|include)/.+\.[ch]$")
LIMITS = [("wire parsers and input", PARSERS, 95.0), ("stack below TCP", STACK, 90.0)]


def gcov(files):
    """gcov's records for some .gcda files: a list of (file, {line: count})."""
    run = subprocess.run(["gcov", "--json-format", "--stdout", *map(str, files)],
                         capture_output=True, text=True, check=False, cwd=files[0].parent)
    if run.returncode != 0:
        raise SystemExit(f"coverage: gcov failed: {run.stderr.strip()[:500]}")
    found = []
    for text in run.stdout.splitlines():
        if not text.startswith("{"):
            continue
        report = json.loads(text)
        place = Path(report["current_working_directory"])
        compiled = (files[0].parent / report["data_file"]).with_suffix(".gcno").stat().st_mtime
        for entry in report["files"]:
            path = (place / entry["file"]).resolve()
            if not path.is_file() or path.stat().st_mtime > compiled:
                continue  # of a target that was not built again: its line numbers are another's
            if path.is_relative_to(ROOT) and STACK.match(str(path.relative_to(ROOT))):
                name = str(path.relative_to(ROOT))
                found.append((name, [(x["line_number"], x["count"]) for x in entry["lines"]]))
    return found


def collect(build):
    """{file: {line: count}} over all objects that have run or could have."""
    counts = defaultdict(lambda: defaultdict(int))
    # what never ran has no .gcda, but its lines are lines all the same
    notes = sorted(build.rglob("*.gcno"))
    data = [p.with_suffix(".gcda") if p.with_suffix(".gcda").exists() else p for p in notes
            if "/stack/" in str(p)]
    # objects of one directory at a time: names repeat
    groups = defaultdict(list)
    for path in data:
        groups[path.parent].append(path)
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(gcov, groups.values()):
            for name, lines in found:
                for line, count in lines:
                    counts[name][line] += count
    if not any(p.suffix == ".gcda" for p in data):
        return {}
    return {name: reachable(name, lines) for name, lines in counts.items()}


def reachable(name, lines):
    """Without the lines that say they cannot be reached."""
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {n: c for n, c in lines.items()
            if n <= len(text) and not UNREACHABLE.search(text[n - 1])}


def missing(lines):
    """The lines that were not executed, as ranges: "12-14 20"."""
    executable, out = sorted(lines), []
    for index, line in enumerate(executable):
        if lines[line]:
            continue
        if out and index and executable[index - 1] == out[-1][1]:
            out[-1][1] = line
        else:
            out.append([line, line])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


def share(lines):
    """(executed, all, percent)"""
    done = sum(1 for count in lines.values() if count)
    return done, len(lines), 100.0 * done / len(lines) if lines else 100.0


def total(counts, pattern):
    """share() over the files that match."""
    done = every = 0
    for name, lines in counts.items():
        if pattern.match(name):
            done += share(lines)[0]
            every += len(lines)
    return done, every, 100.0 * done / every if every else 0.0


def table(counts):
    """The table as text."""
    rows = [f"{'file':44} {'lines':>6} {'run':>6} {'%':>6}  not executed"]
    for name in sorted(counts):
        done, every, percent = share(counts[name])
        mark = "*" if PARSERS.match(name) else " "
        rows.append(f"{name:43}{mark} {every:6} {done:6} {percent:6.1f}  {missing(counts[name])}")
    return "\n".join(rows) + "\n* counted as parser or input"


STYLE = """body{font-family:sans-serif;margin:2em}table{border-collapse:collapse}
td,th{padding:2px 10px;text-align:left}td.n{text-align:right}tr:nth-child(even){background:#f4f4f4}
pre{margin:0;line-height:1.3}.no{background:#fbd0d0}.yes{background:#d9f2d9}.c{color:#777}"""


def page(title, body):
    """One HTML page."""
    return (f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{STYLE}</style>"
            f"<h1>{title}</h1>{body}")


def source_page(name, lines):
    """A source file, each line with its count."""
    out = []
    text = (ROOT / name).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(text, 1):
        count = lines.get(number)
        kind = "" if count is None else "yes" if count else "no"
        shown = "" if count is None else str(count)
        out.append(f"<pre class='{kind}'><span class=c>{number:5} {shown:>10} </span>"
                   f"{html.escape(line)}</pre>")
    return page(name, "<p><a href=index.html>all files</a></p>" + "".join(out))


def write_html(counts, summary, folder):
    """index.html and a page for each file."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name in sorted(counts):
        done, every, percent = share(counts[name])
        file = name.replace("/", "_") + ".html"
        (folder / file).write_text(source_page(name, counts[name]), encoding="utf-8")
        rows.append(f"<tr><td><a href={file}>{name}</a><td class=n>{every}<td class=n>{done}"
                    f"<td class=n>{percent:.1f}<td>{missing(counts[name])}")
    head = "".join(f"<p>{html.escape(line)}</p>" for line in summary)
    body = f"{head}<table><tr><th>file<th>lines<th>run<th>%<th>not executed{''.join(rows)}</table>"
    (folder / "index.html").write_text(page("Line coverage of the stack", body), encoding="utf-8")


def main():
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=Path)
    parser.add_argument("--html", type=Path)
    options = parser.parse_args()
    counts = collect(options.build.resolve())
    if not counts:
        print(f"coverage: nothing was counted in {options.build}: run ./scripts/coverage",
              file=sys.stderr)
        sys.exit(2)
    kept, summary = True, []
    for what, pattern, limit in LIMITS:
        done, every, percent = total(counts, pattern)
        kept = kept and percent >= limit
        word = "" if percent >= limit else "  BELOW THE LIMIT"
        summary.append(f"{what}: {percent:.2f} % of {every} lines ({done}), "
                       f"at least {limit:.0f} %{word}")
    print(table(counts))
    print("\n".join(summary))
    if options.html:
        write_html(counts, summary, options.html)
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
