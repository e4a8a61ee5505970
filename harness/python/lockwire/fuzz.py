"""lockwire fuzz: builds the fuzzer, runs libFuzzer on a target, turns finds into replays.

The targets themselves are C (harness/fuzz); prepared worlds, seeds and the dictionary come with the
build. Here is only what a person sees. Exit status: 0 nothing found, 1 something found (or
minimised), 2 could not run.
"""

from __future__ import annotations

import argparse
import difflib
import fcntl
import functools
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from lockwire import capture, paths
from lockwire.errors import UsageError

# name: (what it is, longest input, does an input become a replay?); targets.c has the same names
TARGETS = {
    "frame": ("one Ethernet frame into a host that is doing something", 9217, True),
    "frames": ("several frames with delays between them", 12000, True),
    "tcp_state": ("segments, time and the application, from every state of a connection", 1200,
                  True),
    "control": ("the control protocol: commands, frames, advances", 12000, True),
    "replay": ("the reader of recordings", 16000, False),
    "wire_ethernet": ("Ethernet, VLAN and SNAP headers", 128, False),
    "wire_arp": ("ARP packets", 64, False),
    "wire_ip4": ("IPv4 headers", 128, False),
    "wire_ip4_options": ("IPv4 options", 48, False),
    "wire_icmp": ("ICMP messages and the datagrams they quote", 160, False),
    "wire_igmp": ("IGMP messages", 64, False),
    "wire_udp": ("UDP and UDP-Lite headers", 64, False),
    "wire_tcp": ("TCP headers", 80, False),
    "tcp_options": ("TCP options", 48, False),
    "wire_checksum": ("the Internet checksum", 2048, False),
    "wire_decode": ("the simulator's own reading of frames", 2048, False),
}
FRAMES_OF_A_CAPTURE = 32
INPUT_TIMEOUT_S, MEMORY_MB = 10, 2048
MINIMIZE_RUNS = 50_000
ENVIRONMENT = {"ASAN_OPTIONS": "quarantine_size_mb=16:detect_leaks=1",
               "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
# what libFuzzer calls the input it leaves behind
FINDS = ("crash-", "timeout-", "oom-", "leak-")


class Program(NamedTuple):
    """A built fuzzer and its data."""

    path: Path
    data: Path
    sanitized: bool
    worlds: str | None  # how the prepared worlds' names begin; None: with the target's

    def words(self, target: str) -> list[str]:
        """How it is called."""
        return [str(self.path), f"--target={target}", f"--data={self.data}",
                *([f"--worlds={self.worlds}"] if self.worlds else [])]


def main(options: argparse.Namespace) -> int:
    """The command."""
    check(options)
    program = build(options.sanitize, options.world)
    place = (options.out or paths.default_out() / "fuzz") / options.target
    try:
        (place / "finds").mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise UsageError(f"cannot write to {place}: {why.strerror} (--out names the directory)"
                         ) from None
    if options.minimize is not None:
        return minimize(program, options, place)
    return run(program, options, place)


def check(options: argparse.Namespace) -> None:
    """Everything that can be wrong with the command line, before anything is built."""
    if options.target not in TARGETS:
        near = difflib.get_close_matches(options.target, TARGETS, 3, 0.5)
        hint = f"did you mean {', '.join(near)}?" if near else f"there are {', '.join(TARGETS)}"
        raise UsageError(f"there is no fuzz target {options.target!r}: {hint}")
    if options.minimize is not None and not options.minimize.is_file():
        raise UsageError(f"--minimize: there is no file {options.minimize}")
    if options.corpus is not None and options.corpus.exists() and not options.corpus.is_dir():
        raise UsageError(f"--corpus: {options.corpus} is not a directory")
    if options.captures is not None:
        if options.target not in ("frame", "frames"):
            raise UsageError("--captures: only the targets frame and frames take captures")
        if not options.captures.exists():
            raise UsageError(f"--captures: there is no {options.captures}")


# -- building --------------------------------------------------------------------------------------
def build(sanitize: bool, worlds: str | None) -> Program:
    """Builds lockwire-fuzz and its data when they are out of date ($LOCKWIRE_FUZZ_BUILD names a
    build directory that is used as it is)."""
    given = os.environ.get("LOCKWIRE_FUZZ_BUILD")
    preset = "fuzz" if sanitize else "fuzz-fast"
    directory = Path(given) if given else paths.ROOT / "build" / preset
    if not given:
        for tool in ("clang", "cmake", "ninja"):
            if shutil.which(tool) is None:
                raise UsageError(f"fuzzing needs {tool}, which is not here (scripts/setup "
                                 "installs it, with the others of scripts/packages.txt)")
        _build(preset, directory)
    path = directory / "harness" / "fuzz" / "lockwire-fuzz"
    if not os.access(path, os.X_OK):
        raise UsageError(f"there is no fuzzer at {path}")
    return Program(path, directory / "fuzz-data", sanitize, worlds)


def _build(preset: str, directory: Path) -> None:
    log = directory.parent / f"{preset}.log"
    directory.parent.mkdir(exist_ok=True)
    steps = [["ninja", "-C", str(directory), "fuzz"]]
    if not (directory / "build.ninja").exists():
        steps.insert(0, ["cmake", "--preset", preset])
    with open(directory.parent / f".lock-{preset}", "w", encoding="utf-8") as lock, \
            open(log, "w", encoding="utf-8") as out:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for step in steps:
            done = subprocess.run(step, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=out, check=False)
            if done.returncode != 0:
                out.flush()
                sys.stderr.write("".join(log.read_text(errors="replace").splitlines(True)[-40:]))
                raise UsageError(f"the build of the fuzzer failed (all of it: {log})")


# -- running ---------------------------------------------------------------------------------------
def run(program: Program, options: argparse.Namespace, place: Path) -> int:
    """Fuzzes; says what was done and found."""
    corpus = options.corpus or place / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    inputs = [corpus, program.data / "seeds" / options.target,
              paths.ROOT / "harness" / "fuzz" / "corpus" / options.target]
    if options.captures is not None:
        inputs.append(seeds_of_captures(options.captures, options.target, place / "captures"))
    limits = [f"-max_total_time={options.time}"] if options.runs is None else [
        f"-runs={options.runs}"]
    # What other jobs find is taken over now and then, by the clock; alone, a run repeats.
    limits.append(f"-reload={int(options.jobs > 1)}")
    before = {p.name for p in (place / "finds").iterdir()}
    jobs, cpu_before = [], cpu_of_children()
    for job in range(options.jobs):
        log = place / f"log-{job + 1}.txt"
        seed = (options.seed + job) % 0xFFFFFFFF + 1
        jobs.append((log, start(program, options.target, log, [
            f"-seed={seed}", f"-artifact_prefix={place / 'finds'}/", *limits,
            *map(str, (p for p in inputs if p.is_dir()))])))
    try:
        statuses = [process.wait() for _, process in jobs]
    except BaseException:
        for _, process in jobs:
            process.kill()
        raise
    logs = [log for log, _ in jobs]
    finds = sorted(p for p in (place / "finds").iterdir()
                   if p.name not in before and p.name.startswith(FINDS) and not p.suffix)
    told = tell(options.target, logs, cpu_of_children() - cpu_before)
    for find in finds:
        tell_find(program, options.target, find, logs)
    if finds:
        return 1
    if any(statuses) or not told:
        raise UsageError(f"the fuzzer ended with status {max(statuses, key=abs)} and left no input "
                         f"behind; it says: {last_words(logs)} ({logs[0]})")
    return 0


@functools.cache
def fixed_addresses() -> list[str]:
    """In front of a command: no address space randomisation. libFuzzer learns from the operands of
    comparisons, addresses among them, so equal seeds would not give equal runs. Where the kernel
    forbids it (some containers do) one run in five takes another course."""
    command = ["setarch", "-R"]
    try:
        allowed = subprocess.run([*command, "true"], stdin=subprocess.DEVNULL, capture_output=True,
                                 check=False).returncode == 0
    except OSError:
        allowed = False
    return command if allowed else []


def start(program: Program, target: str, log: Path, words: list[str]) -> subprocess.Popen:
    """A libFuzzer process."""
    arguments = [*program.words(target), f"-max_len={TARGETS[target][1]}",
                 f"-timeout={INPUT_TIMEOUT_S}",
                 f"-rss_limit_mb={MEMORY_MB}", "-print_final_stats=1",
                 f"-dict={program.data / 'dictionary'}"]
    if not program.sanitized:
        arguments += ["-entropic=0", "-reduce_inputs=0"]  # its own work would be half of it all
    with open(log, "wb") as out:
        return subprocess.Popen(fixed_addresses() + arguments + words, stdin=subprocess.DEVNULL,
                                stdout=out, stderr=out, env={**os.environ, **ENVIRONMENT})


def tell(target: str, logs: list[Path], cpu_s: float) -> bool:
    """One line of figures. False: nothing was run."""
    units = coverage = corpus = 0
    for log in logs:
        text = log.read_text(errors="replace")
        counts = [int(n) for n in re.findall(r"^#(\d+)", text, re.M)]
        units += max(counts + [int(n) for n in re.findall(r"executed_units: (\d+)", text)],
                     default=0)
        coverage = max([coverage, *map(int, re.findall(r" cov: (\d+)", text))])
        corpus = max([corpus, *map(int, re.findall(r" corp: (\d+)/", text))])
    print(f"{target}: {units:,} inputs in {cpu_s:.1f} s of CPU time "
          f"({units / max(cpu_s, 0.01):,.0f}/s), {coverage} edges covered, "
          f"{corpus} inputs in the corpus")
    return units > 0


def cpu_of_children() -> float:
    """Seconds that the processes we waited for have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def what_was_found(text: str) -> str:
    """The sentence of a log that says what went wrong."""
    for pattern in (r"lockwire-fuzz: found: (.*)", r"(\S+: runtime error: .*)",
                    r"(\S+:\d+: \S+: Assertion .*)", r"ERROR: (\w+Sanitizer: .*)",
                    r"ERROR: (libFuzzer: .*)"):
        found = re.search(pattern, text)
        if found:
            return found.group(1)[:500]
    return "the process ended"


def last_words(logs: list[Path]) -> str:
    """What a fuzzer that did not even begin had to say."""
    lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()
             if line.startswith("lockwire-fuzz:")]
    return lines[-1] if lines else "nothing"


def tell_find(program: Program, target: str, find: Path, logs: list[Path]) -> None:
    """What was found, its input, its replay."""
    log = next((log for log in logs if find.name in log.read_text(errors="replace")), logs[0])
    print(f"found:     {what_was_found(log.read_text(errors='replace'))}\n"
          f"input:     {find} ({find.stat().st_size} bytes; log: {log})")
    replay = record(program, target, find)
    if replay is not None:
        print(f"replay:    {paths.command()} replay {replay}")
    print(f"minimize:  {paths.command()} fuzz {target} --minimize {find}", flush=True)


def record(program: Program, target: str, find: Path) -> Path | None:
    """The input as a recording that `lockwire replay` takes; None: this target has no worlds."""
    if not TARGETS[target][2]:
        return None
    replay = find.with_name(find.name + ".lwr")
    once(program, target, find, f"--record={replay}")
    return replay if replay.exists() else None


def once(program: Program, target: str, find: Path, *words: str) -> subprocess.CompletedProcess:
    """Runs one input."""
    arguments = [*program.words(target), *words, f"-timeout={INPUT_TIMEOUT_S}", str(find)]
    return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", env={**os.environ, **ENVIRONMENT}, check=False)


# -- minimising ------------------------------------------------------------------------------------
def minimize(program: Program, options: argparse.Namespace, place: Path) -> int:
    """Makes a failing input smaller for as long as libFuzzer knows how; leaves FILE.min."""
    target, find, runs = options.target, options.minimize, options.runs or MINIMIZE_RUNS
    first = once(program, target, find)
    if first.returncode == 0:
        raise UsageError(f"--minimize: {find} does not fail (any more)")
    small, log = find.with_name(find.name + ".min"), place / "minimize.txt"
    small.unlink(missing_ok=True)
    start(program, target, log, ["-minimize_crash=1", f"-runs={runs}",
                                 f"-seed={options.seed % 0xFFFFFFFF + 1}",
                                 f"-exact_artifact_path={small}", str(find)]).wait()
    if not small.exists():
        small.write_bytes(find.read_bytes())
    last = once(program, target, small)
    print(f"found:     {what_was_found(last.stderr)}\n"
          f"minimized: {small} ({find.stat().st_size} bytes became {small.stat().st_size})")
    replay = record(program, target, small)
    if replay is not None:
        print(f"replay:    {paths.command()} replay {replay}")
    return 1


# -- captures as seeds -----------------------------------------------------------------------------
def seeds_of_captures(source: Path, target: str, place: Path) -> Path:
    """Inputs made of captures: each frame by itself, or a capture's first frames as they came."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    files = sorted(source.rglob("*.pcap*")) if source.is_dir() else [source]
    if not files:
        raise UsageError(f"--captures: there is no capture in {source}")
    inputs: dict[bytes, None] = {}
    for number, path in enumerate(files):
        frames = list(dict.fromkeys((f.t_ns, f.data) for f in capture.read(path)))
        if target == "frame":
            inputs.update(dict.fromkeys(bytes([(number % 3) << 3]) + data for _, data in frames))
        elif frames:
            inputs[conversation(number % 3, frames[:FRAMES_OF_A_CAPTURE])] = None
    for number, data in enumerate(inputs):
        (place / f"capture-{number:05d}").write_bytes(data)
    return place


def conversation(world: int, frames: list[tuple[int, bytes]]) -> bytes:
    """An input of `frames`; delays in the largest unit of frames.c that does not lose them all."""
    units = [(6, 1_000_000_000), (5, 100_000_000), (4, 10_000_000), (3, 1_000_000), (2, 20_000),
             (1, 1000)]
    result, before = bytes([world]), frames[0][0]
    for t_ns, data in frames:
        gap = max(t_ns - before, 0)
        unit, ns = next(((u, n) for u, n in units if gap >= n), (0, 1))
        result += bytes([unit << 2, min(gap // ns, 255)]) + struct.pack("<H", len(data)) + data
        before = t_ns
    return result
