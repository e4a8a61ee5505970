"""The command `lockwire`: run, replay, fuzz, bench.

Exit status: 0 all passed, 1 something failed, 2 could not run (bad usage, nothing to run, reports
that cannot be written), 130 interrupted.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Sequence

from lockwire import evidence, paths
from lockwire.errors import LockwireError, UsageError
from lockwire.wire import status_text

if TYPE_CHECKING:
    from lockwire.report import Collector
    from lockwire.steward import Steward

PASSED, FAILED, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130

DESCRIPTION = """\
Runs embedded TCP/IP code against a network that it fully controls: many instances of the stack in
one process, a virtual Ethernet, virtual time. Same scenario, seed and build: same run, to the
nanosecond.
"""

EXIT_STATUS = """\
exit status:
  0    everything passed
  1    something failed
  2    could not run: bad usage, nothing to run, reports that cannot be written
  130  interrupted
"""

ENVIRONMENT = """\
environment:
  LOCKWIRE_BUILD_DIR  another build directory than build/dev (the simulator is in harness/)
  LOCKWIRE_SIM        another simulator
  GITHUB_ACTIONS      "true": failures also as ::error lines and in $GITHUB_STEP_SUMMARY
  LOCKWIRE_EVIDENCE   where what was shown of the catalogues is appended, not DIR/evidence.tsv
  CI, NO_COLOR        no progress line; no colours
  TEST_TOTAL_SHARDS, TEST_SHARD_INDEX, TEST_SHARD_STATUS_FILE
                      like --shard, as Bazel sets them (index from 0)
"""

RUN = """\
Runs scenarios: functions test_*(net) in files test_*.py, found below each PATH. PATH may also be a
file or one scenario, path::test or path::test[param]. Each gets a fresh world of its own.
"""

RUN_MORE = """\
--sweep runs each scenario once for each value, as path::test[param]@tick=250, which every host gets
that does not choose for itself. KIND, with the values it stands for:

{sweeps}

KIND=VALUE is one run; tick:STEP and tick:all take each STEPth ms up to 999. Coarse timers
(timer="coarse") tick at all of these, fine ones (1 ms) differ by the fraction only. wrap-N and
half-N are N before 2^32 and 2^31. Several --sweep are swept one after the other. Scenarios marked
pytest.mark.sweep(exclude=[KIND], reason=...), or exact_ms (ticks with a fraction), are skipped, and
listed with it.

With --fail-alloc a scenario's own assertions may fail once memory was short; what must hold is that
the simulator lives, no oracle finds anything and nothing is lost.

files in DIR:
  summary.json                one entry per scenario, written whole or not at all
  evidence.tsv                the catalogue rows that were shown, and by which scenario
  <scenario>/capture.pcapng   every frame, one interface per port, nanoseconds
  <scenario>/replay.lwr       everything that drove the simulator; see lockwire replay
  <scenario>/trace.jsonl      what happened, one record a line; after a failure or with --trace

examples:
  lockwire run scenarios
  lockwire run scenarios/arp --seed 7 --repeat 20 --jobs 2
  lockwire run 'scenarios/udp/test_echo.py::test_echo[1472]' --trace
  lockwire run scenarios/udp/test_echo.py --wrap 'gdb --args'
  lockwire run 'scenarios/firmware/test_services.py::test_udp_echo[512]' --firmware-gdb fw:3333
  lockwire run scenarios/arp --sweep clock --sweep tick=250 --jobs 2 --keep failed
"""

REPLAY = """\
Feeds a recording (replay.lwr of a scenario's folder) to the simulator, without the scenario, and
prints the trace hash. Exits with 1 if it is not the recorded one.
"""

FUZZ = """\
Throws inputs at a target until the time is over or something breaks: libFuzzer, with ASan and
UBSan, object checks, and oracles that know what a host may send. Needs clang; builds what it needs.
"""

FUZZ_MORE = """\
files in DIR (default lockwire-out/fuzz/TARGET):
  corpus/         inputs that cover something new; kept, and the start of the next run
  finds/          inputs that broke something, and beside each FILE.lwr, its replay
  log-1.txt       what libFuzzer says, one per job

examples:
  lockwire fuzz frame --time 1200
  lockwire fuzz frames --captures lockwire-out --jobs 2
  lockwire fuzz frame --no-sanitize --runs 1000000
  lockwire fuzz frame --minimize lockwire-out/fuzz/frame/finds/crash-0123
"""

BENCH = """\
Measures the simulator and the stack with the binary and options of `run`, checks and captures off,
and prints them beside the baseline. One frame is one delivery from host to host. NAMEs choose some
benchmarks; instruction counts are callgrind's and exact, times are this machine's at this moment.
"""


class Parser(argparse.ArgumentParser):
    """argparse with our exit status and one-sentence errors."""

    def error(self, message: str) -> NoReturn:
        """Bad usage."""
        self.exit(COULD_NOT_RUN, f"{self.prog}: {message}\nTry '{self.prog} --help'.\n")


def build_parser() -> Parser:
    """The whole command line; --help is printed from it."""
    from lockwire import __version__
    raw = argparse.RawDescriptionHelpFormatter
    parser = Parser(prog="lockwire", description=DESCRIPTION, formatter_class=raw,
                    allow_abbrev=False, epilog=EXIT_STATUS + "\n" + ENVIRONMENT
                    + "\n'lockwire COMMAND --help' says more about a command.")
    parser.add_argument("--version", action="version", version=f"lockwire {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="run scenarios", description=RUN, formatter_class=raw,
                              epilog=run_more() + "\n" + EXIT_STATUS, allow_abbrev=False)
    run.add_argument("paths", nargs="+", metavar="PATH",
                     help="directory, file, or path::test[param]")
    run.add_argument("--seed", type=seed, default=1, metavar="N",
                     help="decides all randomness; default 1")
    run.add_argument("--repeat", type=count, default=1, metavar="K",
                     help="run each scenario K times with the same seed; fail if a trace differs")
    run.add_argument("--jobs", type=count, default=1, metavar="N",
                     help="scenarios at a time; default 1")
    run.add_argument("--shard", type=shard, metavar="I/N",
                     help="only part I of N (from 1); parts are chosen by name and seed")
    run.add_argument("--out", type=Path, metavar="DIR",
                     help="where captures, recordings and summary.json go; default lockwire-out")
    run.add_argument("--keep", choices=("all", "failed"), default="all",
                     help="whose files stay in DIR: those of all scenarios, or of what failed "
                          "only, which spares gigabytes in a sweep; default all")
    run.add_argument("--junit", type=Path, metavar="FILE", help="also write JUnit XML")
    run.add_argument("--trace", action="store_true", help="write trace.jsonl also for what passes")
    run.add_argument("--wrap", default="", metavar="COMMAND",
                     help="run the simulator under COMMAND, with this terminal: 'gdb --args'")
    run.add_argument("--firmware", type=Path, metavar="FILE",
                     help="an ELF image for the LPC2468: what scenarios find as net.firmware_path")
    run.add_argument("--firmware-gdb", type=gdb_port, action="append", default=[],
                     metavar="NAME[:PORT]",
                     help="wait for gdb (target remote localhost:PORT) when a scenario makes the "
                          "firmware NAME; without PORT one that is free")
    run.add_argument("--paced", action="store_true", help="let virtual time follow real time")
    run.add_argument("--netif", choices=("virtual", "lpc2468"), default="virtual",
                     help="hosts' interfaces: virtual, or our driver on the model of the LPC2468's "
                          "EMAC with a DM9161 PHY; scenarios marked wire_only or exact_virtual "
                          "are then skipped")
    run.add_argument("--fail-alloc", type=fail_alloc, metavar="N",
                     help='let the Nth allocation of each host\'s stack fail; "all": the 1st, the '
                          "2nd, ... until none does")

    run.add_argument("--sweep", type=sweep_values, action="append", default=[], metavar="KIND",
                     help="at every timer phase (tick), just before each wrap (clock, isn, port); "
                          "KIND=VALUE: one value; see below")

    replay = commands.add_parser("replay", help="repeat a recorded run and compare",
                                 description=REPLAY, formatter_class=raw, epilog=EXIT_STATUS,
                                 allow_abbrev=False)
    replay.add_argument("file", type=Path, metavar="FILE", help="a recording, replay.lwr")
    replay.add_argument("--capture", type=Path, metavar="FILE",
                        help="write a capture of the replay")
    replay.add_argument("--trace", type=Path, metavar="FILE", help="write its trace, JSON lines")

    add_fuzz(commands)

    bench = commands.add_parser("bench", help="measure", description=BENCH, formatter_class=raw,
                                epilog=EXIT_STATUS, allow_abbrev=False)
    bench.add_argument("names", nargs="*", metavar="NAME", help="only these; default all")
    bench.add_argument("--json", type=Path, metavar="FILE", help="also write the figures as JSON")
    return parser


def run_more() -> str:
    """What `run --help` says below the options."""
    from lockwire.sweep import KINDS
    lines = []
    for name, kind in KINDS.items():
        lines.append(f"  {name:<6} {kind.what}:")
        lines += textwrap.wrap(kind.default, 90, initial_indent=" " * 9,
                               subsequent_indent=" " * 9, break_on_hyphens=False)
    return RUN_MORE.format(sweeps="\n".join(lines))


def add_fuzz(commands: "argparse._SubParsersAction[Parser]") -> None:
    """The command `fuzz`."""
    from lockwire.fuzz import TARGETS
    targets = "\n".join(f"  {name:<17} {what[0]}" for name, what in TARGETS.items())
    fuzz = commands.add_parser(
        "fuzz", help="attack the stack and the simulator with inputs", description=FUZZ,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
        epilog=f"targets:\n{targets}\n\n{FUZZ_MORE}\n{EXIT_STATUS}")
    fuzz.add_argument("target", metavar="TARGET", help="what is attacked, see below")
    fuzz.add_argument("--time", type=count, default=60, metavar="S",
                      help="seconds to go on; default 60")
    fuzz.add_argument("--runs", type=count, metavar="N",
                      help="as many inputs instead: the same run each time, with the same corpus; "
                           "with --minimize: tries without success before it is enough")
    fuzz.add_argument("--seed", type=seed, default=1, metavar="N",
                      help="decides the mutations; default 1")
    fuzz.add_argument("--jobs", type=count, default=1, metavar="N",
                      help="processes that share a corpus; default 1")
    fuzz.add_argument("--corpus", type=Path, metavar="DIR",
                      help="where inputs that cover something new are kept")
    fuzz.add_argument("--captures", type=Path, metavar="PATH",
                      help="begin with the frames of captures too (frame, frames)")
    fuzz.add_argument("--world", metavar="NAME",
                      help="only prepared worlds of this name (harness/fuzz/worlds.py): frame-acd")
    fuzz.add_argument("--minimize", type=Path, metavar="FILE",
                      help="make an input that broke something smaller: FILE.min, FILE.min.lwr")
    fuzz.add_argument("--sanitize", action=argparse.BooleanOptionalAction, default=True,
                      help="with ASan and UBSan; default. Without: a build for speed")
    fuzz.add_argument("--out", type=Path, metavar="DIR",
                      help="where finds go; default lockwire-out/fuzz")


def seed(text: str) -> int:
    """A 64-bit number, decimal or 0x hexadecimal."""
    try:
        number = int(text, 0)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 64:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 2^64-1, not {text!r}")
    return number


def count(text: str) -> int:
    """1 or more."""
    if not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise argparse.ArgumentTypeError(f"expected a number from 1 up, not {text!r}")
    return int(text)


def fail_alloc(text: str) -> str:
    """1 or more, or all."""
    if text == "all":
        return text
    if not text.isdecimal() or not 1 <= int(text) <= 0xFFFFFFFF:
        raise argparse.ArgumentTypeError(f'expected a number from 1 up or "all", not {text!r}')
    return str(int(text))


def gdb_port(text: str) -> tuple[str, int]:
    """NAME or NAME:PORT."""
    name, colon, port = text.partition(":")
    if not name or (colon and not (port.isdecimal() and int(port) <= 65535)):
        raise argparse.ArgumentTypeError(
            f"expected NAME or NAME:PORT with a port from 0 to 65535, not {text!r}")
    return name, int(port or 0)


def sweep_values(text: str) -> str:
    """What `--sweep` takes; see sweep.py."""
    from lockwire import sweep
    try:
        sweep.parse(text)
    except ValueError as why:
        raise argparse.ArgumentTypeError(str(why)) from None
    return text


def shard(text: str) -> str:
    """I/N with 1 <= I <= N."""
    index, _, total = text.partition("/")
    if not (index.isdecimal() and total.isdecimal() and 1 <= int(index) <= int(total)):
        raise argparse.ArgumentTypeError(
            f"expected I/N with I from 1 to N, such as 2/4, not {text!r}")
    return f"{int(index)}/{int(total)}"


def shard_from_environment() -> str | None:
    """What Bazel asks for; UsageError when it makes no sense."""
    total, index = os.environ.get("TEST_TOTAL_SHARDS"), os.environ.get("TEST_SHARD_INDEX")
    if not total:
        return None
    status = os.environ.get("TEST_SHARD_STATUS_FILE")
    if status:
        Path(status).touch()
    if not total.isdecimal() or not (index or "").isdecimal() or int(index or 0) >= int(total):
        raise UsageError(f"TEST_TOTAL_SHARDS={total} with TEST_SHARD_INDEX={index} makes no sense")
    return f"{int(index or 0) + 1}/{int(total)}"


def check_paths(given: Sequence[str]) -> None:
    """Each PATH exists, and there is a scenario file in it. UsageError with the first that
    fails."""
    for text in given:
        path = Path(text.partition("::")[0])
        if not path.exists():
            raise UsageError(f"there is no {path}")
        if path.is_dir():
            if "::" in text:
                raise UsageError(f"{path} is a directory, {text} names a scenario in a file")
            if not any(p.is_file() for p in path.rglob("test_*.py")):
                raise UsageError(f"{path} has no scenarios (files test_*.py)")
        elif path.suffix != ".py":
            raise UsageError(f"{path} is not a scenario file (test_*.py)")


class OutDirectory:
    """The output directory, locked while a run uses it; what the previous run left is removed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
        except OSError as why:
            raise UsageError(f"cannot write to {path}: {why.strerror} "
                             "(--out names the directory)") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise UsageError(f"another run is using {path}; give this one its own --out") from None
        self._clean()

    def release(self) -> None:
        """The next run may have it."""
        try:
            os.unlink(self.path / ".lock")
        except OSError:
            pass
        os.close(self._lock)

    def _clean(self) -> None:
        """Folders that the previous summary names, the summary and the evidence: a run that is cut
        short must not be mistaken for the one before it. Nothing else is touched."""
        summary = self.path / "summary.json"
        try:
            old = json.loads(summary.read_text(encoding="utf-8"))
            folders = {Path(f).parts[0] for s in old["scenarios"] for f in s["files"]}
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            folders = set()
        for folder in folders:
            if folder not in (".", "..", "/"):
                shutil.rmtree(self.path / folder, ignore_errors=True)
        try:
            summary.unlink(missing_ok=True)
            (self.path / "evidence.tsv").unlink(missing_ok=True)
        except OSError as why:
            raise UsageError(f"cannot write to {self.path}: {why.strerror}") from None


def open_evidence(out: Path) -> None:
    """Evidence goes to $LOCKWIRE_EVIDENCE, which several runs may share, else to a new file in
    the output directory. UsageError when it cannot be written."""
    where = evidence.path() or out / "evidence.tsv"
    os.environ[evidence.VARIABLE] = str(where.absolute())
    try:
        with open(where, "ab"):
            pass
    except OSError as why:
        raise UsageError(f"cannot write evidence to {where}: {why.strerror}") from None


def pytest_arguments(options: argparse.Namespace, out: Path, junit: Path | None) -> list[str]:
    """How pytest is called: hermetic (no plugins or settings of the machine or the directory)."""
    arguments = ["-c", str(paths.PACKAGE / "pytest.ini"), "--rootdir", os.getcwd(),
                 "-p", "lockwire.plugin", "-p", "no:cacheprovider", "--import-mode=importlib",
                 "--continue-on-collection-errors", "-q", "--tb=auto",
                 f"--lockwire-seed={options.seed}", f"--lockwire-out={out.resolve()}",
                 f"--lockwire-repeat={options.repeat}", f"--lockwire-keep={options.keep}"]
    if options.shard:
        arguments.append(f"--lockwire-shard={options.shard}")
    if options.trace:
        arguments.append("--lockwire-trace")
    if options.paced:
        arguments.append("--lockwire-paced")
    if options.firmware is not None:
        arguments.append(f"--lockwire-firmware={options.firmware.resolve()}")
    arguments += [f"--lockwire-firmware-gdb={name}:{port}" for name, port in options.firmware_gdb]
    if options.netif != "virtual":
        arguments.append(f"--lockwire-netif={options.netif}")
    if options.fail_alloc:
        arguments += ["-p", "lockwire.scarcity", f"--lockwire-fail-alloc={options.fail_alloc}"]
    if options.sweep:
        arguments += ["-p", "lockwire.sweep"] + [f"--lockwire-sweep={s}" for s in options.sweep]
    if options.wrap:
        # The wrapper gets the terminal, so pytest must not capture it.
        arguments += [f"--lockwire-wrap={options.wrap}", "--capture=no"]
    if options.jobs > 1:
        arguments += ["-p", "xdist.plugin", "-n", str(options.jobs)]
    if junit is not None:
        arguments.append(f"--junitxml={junit}")
    if os.environ.get("NO_COLOR"):
        arguments.append("--color=no")
    return arguments + list(options.paths)


def run(options: argparse.Namespace) -> int:
    """lockwire run."""
    from lockwire import sweep
    check_paths(options.paths)
    sweep.check_names(options.paths)
    paths.simulator()
    options.shard = options.shard or shard_from_environment()
    if options.fail_alloc and options.repeat > 1:
        raise UsageError("--fail-alloc runs scenarios many times by itself: leave out --repeat")
    if options.wrap and options.jobs > 1:
        raise UsageError("--wrap needs the terminal for itself: leave out --jobs")
    if options.firmware is not None:
        check_firmware(options.firmware)
    check_gdb(options)
    if options.junit is not None and not options.junit.absolute().parent.is_dir():
        raise UsageError(f"--junit: there is no directory {options.junit.absolute().parent}")
    out = OutDirectory(options.out or paths.default_out())
    try:
        with tempfile.TemporaryDirectory(prefix="lockwire-") as scratch:
            return run_in(options, out.path, Path(scratch))
    finally:
        out.release()


def check_firmware(path: Path) -> None:
    """A broken image is told once, before anything runs: UsageError."""
    from lockwire.world import Net
    if not path.is_file():
        raise UsageError(f"--firmware: there is no file {path}")
    if paths.emulator() is None:
        return  # scenarios are skipped, and say why
    world = Net()
    try:
        world.firmware("check", path, world.segment("check"))
    finally:
        world.close()


def check_gdb(options: argparse.Namespace) -> None:
    """One person looks at one run. UsageError, also for a port that is in use."""
    if options.firmware_gdb and (options.jobs > 1 or options.repeat > 1):
        raise UsageError("--firmware-gdb waits for a person: leave out --jobs and --repeat")
    for name, port in options.firmware_gdb:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                probe.listen(1)
            except OSError as why:
                raise UsageError(f"--firmware-gdb {name}:{port}: port {port} of localhost cannot "
                                 f"be had: {why.strerror}") from None


def run_in(options: argparse.Namespace, out: Path, scratch: Path) -> int:
    """The run itself: pytest, then the reports."""
    import pytest
    from lockwire import report, sweep
    from lockwire.steward import Steward
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    os.environ.pop("PYTEST_ADDOPTS", None)
    open_evidence(out)
    collector = report.Collector(options.seed, options.repeat)
    if report.Progress.wanted(sys.stderr) and not options.wrap and not options.firmware_gdb:
        collector.progress = report.Progress(sys.stderr)
    junit = scratch / "junit.xml" if options.junit is not None else None
    steward = Steward(collector, options.paths)
    code = pytest.main(pytest_arguments(options, out, junit), plugins=[steward, collector])
    if collector.progress is not None:
        collector.progress.clear()
    status, words = verdict(int(code), collector, steward, options)
    if os.environ.get("GITHUB_ACTIONS") == "true":
        report.github_annotations(collector, sys.stdout)
        if os.environ.get("GITHUB_STEP_SUMMARY"):
            report.github_summary(collector, os.environ["GITHUB_STEP_SUMMARY"])
    for note in sweep.closing_notes(list(collector.scenarios.values())) if options.sweep else []:
        print(note)
    print(report.closing_line(collector.counts()), flush=True)
    if steward.live and not words:
        words = f"left out: {steward.live} that speak to this machine's kernel (--paced runs them)"
    if words:
        complain(words)
    try:
        report.write_summary(out, collector)
    except OSError as why:
        complain(f"cannot write {out / 'summary.json'}: {why.strerror}")
        status = COULD_NOT_RUN if status != INTERRUPTED else status
    if junit is not None and not deliver(junit, options.junit):
        status = COULD_NOT_RUN if status != INTERRUPTED else status
    return status


def deliver(made: Path, wanted: Path) -> bool:
    """Copies the JUnit file where it was asked for. False, and a message, when that fails."""
    try:
        data = made.read_bytes() if made.exists() else None
        if data is None:
            complain(f"no JUnit file was made for {wanted}: nothing ran")
            return False
        with open(wanted, "wb") as out:
            out.write(data)
        return True
    except OSError as why:
        complain(f"cannot write {wanted}: {why.strerror}")
        return False


def verdict(code: int, collector: Collector, steward: Steward,
            options: argparse.Namespace) -> tuple[int, str]:
    """Exit status and, where it is not obvious, why."""
    counts = collector.counts()
    if steward.interrupted:
        return INTERRUPTED, "interrupted"
    if code == 4:
        return COULD_NOT_RUN, ""  # pytest has said why
    if code == 3:
        return COULD_NOT_RUN, "pytest itself failed, see above"
    hint = " but those that speak to the kernel: they need --paced" if steward.live else ""
    if not collector.scenarios:
        if options.shard and steward.collected:
            return COULD_NOT_RUN, (f"shard {options.shard} holds none of the {steward.collected} "
                                   "scenarios: nothing ran")
        return COULD_NOT_RUN, f"no scenarios in {' '.join(options.paths)}{hint}"
    if steward.empty:
        return COULD_NOT_RUN, f"no scenarios in {' '.join(steward.empty)}{hint}"
    if not collector.ran():
        if counts["failed"]:
            return COULD_NOT_RUN, "no scenario could be run: nothing ran"
        reasons = "; ".join(sorted({s["reason"] for s in collector.scenarios.values()}))
        return COULD_NOT_RUN, f"every scenario was skipped: nothing ran ({reasons})"
    made = {name for s in collector.scenarios.values() for name in s.get("gdb", ())}
    missing = sorted({name for name, _ in options.firmware_gdb} - made)
    if missing:
        return COULD_NOT_RUN, f"--firmware-gdb: no scenario made a firmware {', '.join(missing)}"
    return (FAILED if counts["failed"] else PASSED), ""


def replay(options: argparse.Namespace) -> int:
    """lockwire replay."""
    if not options.file.is_file():
        raise UsageError(f"there is no file {options.file}")
    command = [str(paths.simulator()), "--replay", str(options.file)]
    if options.capture:
        command += ["--capture", str(options.capture)]
    if options.trace:
        command += ["--trace", str(options.trace)]
    sys.stdout.flush()
    status = subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    if status in (PASSED, FAILED, COULD_NOT_RUN):
        return status
    # The recorded run ended in a crash or a broken invariant, and so did this one.
    complain(f"the simulator {status_text(status)} while replaying {options.file}")
    return FAILED


def complain(text: str) -> None:
    """One message on standard error."""
    print(f"lockwire: {text}", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    try:
        options = build_parser().parse_args(arguments)
        if options.command == "run":
            return run(options)
        if options.command == "replay":
            return replay(options)
        if options.command == "fuzz":
            from lockwire import fuzz
            return fuzz.main(options)
        from lockwire import bench
        return bench.main(options)
    except LockwireError as why:
        complain(str(why))
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
