#!/usr/bin/python3
"""The real gdb on the bundled firmware: attach.py SIMULATOR BUILD_DIR

Runs each scenario of test_echo.py without gdb and with gdb-multiarch, which does what a person
would; what gdb shows has to be right, the scenario has to pass, and the trace has to be the same.
Exit status 77, with the reason, where there is no gdb-multiarch, no image or no emulator."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PATIENCE_S = 240

# Breakpoint, backtrace, variables, steps: in Thumb code, compiled with -Os.
LOOK = """
break echo_datagram
continue
backtrace
print *p
print/x ethernet.emac.mac
info symbol $pc
stepi
next
next
monitor time
monitor guest-errors
delete
continue
"""
LOOKED = [
    r"Breakpoint 1, echo_datagram \(.*services\.c:\d+",
    r"#0  echo_datagram \(.*services\.c:\d+",
    r"#1 .*udp_input\.c:\d+",
    r"in main \(\) at .*echo\.c:\d+",
    r"\$1 = \{.*tot_len = 5, len = 5",
    r"\$2 = \{0x2, 0x0, 0x0, 0x0, 0x0, 0x2\}",
    r"echo_datagram in section \.text",
    r"pbuf_free\(p\);",
    r"1\.8\d+ s, \d+ instructions",
    r"0 guest errors",
    r"exited normally",
]
# Over the instruction that sleeps, from which only an interrupt wakes: its handler is not shown.
# And a variable that the interrupt's handler writes.
SLEEP = """
break echo.c:{sleep}
ignore 1 10
continue
delete
next
watch due
continue
backtrace 2
delete
info registers pc cpsr
x/wx 0xfffff030
detach
"""
SLEPT = [
    r"Breakpoint 1, main \(\) at .*echo\.c:\d+",
    r"(?m)^\d+\s+(due = 0;|lpc2468_ethernetif_poll\(&ethernet\);|for \(;;\) \{)$",
    r"watchpoint 2: due",
    r"Old value = ",
    r"cpsr +0x",
    r"Cannot access memory at address 0xfffff030",
]
# Steps across an interrupt that has waited for this moment: its handler runs within one of the
# three steps, and gdb stays where it was.
STEP = """
break echo.c:{sleep}
ignore 1 10
continue
delete
tbreak sys_arch_unprotect
continue
monitor time
stepi
stepi
stepi
info symbol $pc
monitor time
detach
"""
STEPPED = [
    r"Temporary breakpoint 2, .*sys_arch_unprotect",
    r"(sys_arch_unprotect|board_sleep)( \+ \d+)? in section \.text",
]
CRASH = """
continue
backtrace
info registers pc
continue
"""
CRASHED = [
    r"Program received signal SIGILL, Illegal instruction\.",
    r"#0 .*echo_datagram",
    r"in main \(\) at .*echo\.c:\d+",
    r"Program terminated with signal SIGILL",
]


def skip(reason):
    """Not here, and why."""
    print(f"skipped: {reason}")
    sys.exit(77)


class Place:
    """Where the runs leave what they leave."""

    def __init__(self, simulator, build, folder):
        self.out = Path(folder) / "out"
        self.elf = build / "firmware" / "echo-thumb.elf"
        self.env = {**os.environ, "PYTHONPATH": str(ROOT / "harness" / "python"),
                    "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0",
                    "LOCKWIRE_SIM": str(simulator), "LOCKWIRE_BUILD_DIR": str(build)}

    def run(self, scenario, *options):
        """A run in the background."""
        return subprocess.Popen(
            [sys.executable, "-m", "lockwire", "run", f"{HERE / 'test_echo.py'}::{scenario}",
             "--out", str(self.out), "--firmware", str(self.elf), *options], cwd=ROOT,
            env=self.env, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)

    def trace(self):
        """The last run's."""
        return json.loads((self.out / "summary.json").read_text())["scenarios"][0]["trace"]

    def plain(self, scenario):
        """The trace without gdb."""
        out, err = (process := self.run(scenario)).communicate(timeout=PATIENCE_S)
        if process.returncode != 0:
            sys.exit(f"{scenario} without gdb: {out}{err}")
        return self.trace()

    def debugged(self, scenario, script):
        """The trace, and what gdb has said."""
        process = self.run(scenario, "--firmware-gdb", "fw")
        first = process.stderr.readline()
        match = re.fullmatch(r"waiting for gdb: target remote (localhost:\d+)\n", first)
        if match is None:
            sys.exit(f"{scenario}: {first}{''.join(process.communicate())}")
        said = self.gdb(f"target remote {match[1]}\n{script}")
        try:
            out, err = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            sys.exit(f"{scenario} did not end; gdb said:\n{said}")
        if process.returncode != 0 or err:
            sys.exit(f"{scenario} with gdb: {out}{err}; gdb said:\n{said}")
        return self.trace(), said

    def gdb(self, script):
        """In batch mode; a command that fails does not end the others."""
        commands = ["set pagination off", "set width 0", "set confirm off", "set remotetimeout 60"]
        commands += [line for line in script.strip().splitlines() if line]
        arguments = [word for line in commands for word in ("-ex", line)]
        done = subprocess.run(["gdb-multiarch", "-nx", "-q", "-batch", str(self.elf), *arguments],
                              cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=PATIENCE_S, check=False)
        return done.stdout


def sleep_line():
    """Where main() goes to sleep."""
    lines = (ROOT / "harness" / "firmware" / "guest" / "echo.c").read_text().splitlines()
    return next(i for i, line in enumerate(lines, 1) if "board_sleep(" in line)


def check(place, scenario, script, expected, least=0):
    """One session; from the first `monitor time` to the last at least so many instructions."""
    trace, said = place.debugged(scenario, script)
    missing = [text for text in expected if not re.search(text, said)]
    if missing:
        sys.exit(f"{scenario}: gdb did not say {missing}, but:\n{said}")
    plain = place.plain(scenario)
    if trace != plain:
        sys.exit(f"{scenario}: trace {trace} with gdb, {plain} without; gdb said:\n{said}")
    times = [int(n) for n in re.findall(r"s, (\d+) instructions", said)]
    if times[-1:] < [n + least for n in times[:1]]:
        sys.exit(f"{scenario}: no interrupt came within the steps; gdb said:\n{said}")
    print(f"{scenario}: {len(expected)} things seen, trace {trace} with gdb and without")


def main():
    """All sessions."""
    simulator, build = (Path(text).resolve() for text in sys.argv[1:3])
    if shutil.which("gdb-multiarch") is None:
        skip("there is no gdb-multiarch")
    if not (build / "firmware" / "echo-thumb.elf").is_file():
        skip("there is no image: gcc-arm-none-eabi is missing")
    if not simulator.with_name("lockwire-arm7.so").is_file():
        skip("the simulator was built without Unicorn (libunicorn-dev)")
    with tempfile.TemporaryDirectory(prefix="lockwire-gdb-") as folder:
        place = Place(simulator, build, folder)
        check(place, "test_answer", LOOK, LOOKED)
        check(place, "test_answer", SLEEP.format(sleep=sleep_line()), SLEPT)
        check(place, "test_answer", STEP.format(sleep=sleep_line()), STEPPED, least=10)
        check(place, "test_crash", CRASH, CRASHED)


if __name__ == "__main__":
    main()
