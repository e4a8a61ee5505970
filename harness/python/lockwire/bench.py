"""lockwire bench: figures of lockwire-sim --bench, exact instruction counts, and the baseline
beside them.

The baseline (baseline.json) was measured once on another stack without any simulator around it, or
on another simulator ("of" says which); ratios below 1 are better. Counts are the difference of two
callgrind runs with different amounts of work, so that start-up cancels out. """

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from lockwire import paths
from lockwire.errors import UsageError
from lockwire.report import write_whole
from lockwire.wire import status_text

# What each benchmark does more of between the two callgrind runs; default for frames.
WORK = {"snapshot_256k": 20, "events": 200_000, "star_1000_udp": 20_000, "star_1000_tcp": 20_000,
        "tcp_connect": 500, "idle_1000x24h": 1}
WORK_DEFAULT = 4000
COUNTED = (("ns_per_frame", "ns/frame"), ("instructions_per_frame", "instr/frame"),
           ("ns_per_unit", "ns/unit"), ("instructions_per_unit", "instr/unit"),
           ("bytes_per_host", "bytes/host"), ("cpu_s", "CPU s"))
TIMEOUT_S = 900
MSS = 1448  # of data in a segment with time stamps


def main(options: argparse.Namespace) -> int:
    """Measures, prints a table, writes JSON; the exit status."""
    program = paths.simulator()
    known = names(program)
    for name in options.names:
        if name not in known:
            raise UsageError(f"there is no benchmark {name!r}; there are {', '.join(known)}")
    results = []
    print(HEADER, flush=True)
    for name in options.names or known:
        result = measure(program, name)
        results.append(result)
        print(row(result), flush=True)
    if options.json is not None:
        try:
            text = json.dumps({"benchmarks": results}, indent=1) + "\n"
            write_whole(options.json.absolute(), text)
        except OSError as why:
            raise UsageError(f"cannot write {options.json}: {why.strerror}") from None
    return 0


def names(program: Path) -> list[str]:
    """The benchmarks that the simulator lists under BENCHMARKS in its help."""
    got = subprocess.run([str(program), "--help"], capture_output=True, text=True, check=False)
    part = got.stdout.partition("BENCHMARKS\n")[2].partition("\n\n")[0]
    return re.findall(r"^ {4}([a-z0-9_]+) ", part, re.MULTILINE)


def model_bps(loss: float, rtt_ms: int, mss: int = MSS) -> float:
    """Mathis's throughput for Reno, which is also what CUBIC's Reno-friendly region is made for
    (RFC 9438 4.3), in bits per second; infinite without loss."""
    if loss == 0:
        return math.inf
    return mss * 8 / (rtt_ms / 1000) * math.sqrt(1.5 / loss)


def goodput_rows(result: dict[str, Any]) -> str:
    """The table of goodputs: a line per algorithm and loss."""
    lines: dict[tuple[str, str], str] = {}
    for cell in result["goodput"]:
        model = model_bps(float(Fraction(cell["loss"])), cell["rtt_ms"])
        beside = "" if model == math.inf else f" (model {model / 1e6:.2f})"
        text = f"{cell['goodput_bps'] / 1e6:.2f}{beside} at {cell['rtt_ms']} ms"
        line = lines.setdefault((cell["cc"], cell["loss"]), "")
        lines[cell["cc"], cell["loss"]] = f"{line}{text:<32}"
    return "\n".join(f"{result['name']:<15} {cc:<8} loss {loss:<7} Mbit/s: {text}".rstrip()
                     for (cc, loss), text in lines.items())


def measure(program: Path, name: str) -> dict[str, Any]:
    """One benchmark: times, counts, the baseline and the ratios to it."""
    result = run(program, name)
    if "goodput" in result:
        return result
    count = instructions(program, name) if "bytes_per_host" not in result \
        or "ns_per_frame" in result else None
    if count is not None:
        result["instructions_per_" + ("frame" if "ns_per_frame" in result else "unit")] = count
    table = (paths.PACKAGE / "baseline.json").read_text(encoding="utf-8")
    baseline = json.loads(table).get(name, {})
    result["baseline"] = baseline
    result["ratio"] = {key: round(result[key] / baseline[key], 3) for key, _ in COUNTED
                       if key in result and baseline.get(key)}
    return result


def run(program: Path, name: str, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """The simulator's own figures. UsageError when it fails: nothing was measured."""
    got = subprocess.run([str(program), "--bench", name, "--json", *extra], text=True,
                         capture_output=True, timeout=TIMEOUT_S, check=False)
    if got.returncode != 0:
        raise UsageError(f"bench {name}: the simulator {status_text(got.returncode)}\n{got.stderr}")
    try:
        return json.loads(got.stdout)["benchmarks"][0]
    except (ValueError, KeyError, IndexError):
        raise UsageError(f"bench {name}: the simulator printed {got.stdout[:200]!r}") from None


def instructions(program: Path, name: str) -> float | None:
    """Instructions per unit of work, exactly; None without valgrind."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        print("bench: no instruction counts without valgrind", file=sys.stderr)
        return None
    work = WORK.get(name, WORK_DEFAULT)
    few, few_units = collected(valgrind, program, name, work)
    many, many_units = collected(valgrind, program, name, 2 * work)
    return round((many - few) / (many_units - few_units), 1)


def collected(valgrind: str, program: Path, name: str, units: int) -> tuple[int, int]:
    """All instructions of one run with so much work, and how much was done."""
    got = subprocess.run([valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null",
                          str(program), "--bench", name, "--frames", str(units), "--json"],
                         text=True, capture_output=True, timeout=TIMEOUT_S, check=False)
    found = re.search(r"Collected : (\d+)", got.stderr)
    if got.returncode != 0 or not found:
        raise UsageError(f"bench {name}: callgrind {status_text(got.returncode)}\n"
                         f"{got.stderr[-2000:]}")
    return int(found[1]), json.loads(got.stdout)["benchmarks"][0]["units"]


HEADER = (f"{'benchmark':<15} {'ns':>10} {'instr':>10} {'per':>16} {'per second':>12} "
          f"{'bytes/host':>11}   baseline (ratio)")


def row(result: dict[str, Any]) -> str:
    """One line of the table."""
    if "goodput" in result:
        return goodput_rows(result)
    frames = "ns_per_frame" in result
    kind = "frame" if frames else "unit"
    ns, count = result.get(f"ns_per_{kind}"), result.get(f"instructions_per_{kind}")
    rate = result.get("frames_per_s") or (1e9 / ns if ns else None)
    per = "frame" if frames else str(result.get("unit", "")) if ns else ""
    baseline = result["baseline"]
    beside = ", ".join(f"{_figure(baseline[key])} {label} ({result['ratio'][key]:.2f})"
                       for key, label in COUNTED if key in result["ratio"])
    return (f"{result['name']:<15} {_figure(ns):>10} {_figure(count):>10} {per[:16]:>16} "
            f"{_figure(rate):>12} {_figure(result.get('bytes_per_host')):>11}   "
            f"{baseline.get('of', '') + ': ' if beside else ''}{beside}").rstrip()


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.1f}" if value < 1000 and value != int(value) else f"{value:,.0f}"
