"""Fuzzing as CI sees it: every target survives its regression corpus and a bounded smoke run, both
under ASan and UBSan; and the chain from a planted bug to a small replay holds.

Needs a built fuzzer: $LOCKWIRE_FUZZ_BUILD is its build directory; $LOCKWIRE_SIM is the ordinary
simulator. Nothing here depends on time: runs are counted, seeds are fixed. That the corpora pass in
ordinary builds too is a test of its own (ctest -L corpus)."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / "harness" / "python"
CORPUS = ROOT / "harness" / "fuzz" / "corpus"
sys.path.insert(0, str(PYTHON))

from lockwire import capture, fuzz  # noqa: E402  pylint: disable=wrong-import-position

for variable in ("LOCKWIRE_FUZZ_BUILD", "LOCKWIRE_SIM"):
    os.environ[variable] = str(Path(os.environ[variable]).resolve())
BUILD = Path(os.environ["LOCKWIRE_FUZZ_BUILD"])
PROGRAM = BUILD / "harness" / "fuzz" / "lockwire-fuzz"
DATA = BUILD / "fuzz-data"
# inputs of a smoke run: about two seconds each
SMOKE = {"frame": 5000, "frames": 1500, "tcp_state": 2000, "control": 1500, "replay": 20000}
SMOKE_WIRE = 30000


def lockwire(*arguments, cwd, **more):
    """The command, in a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(PYTHON), "PYTHONHASHSEED": "0", **more}
    return subprocess.run([sys.executable, "-m", "lockwire", *map(str, arguments)], text=True,
                          capture_output=True, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          timeout=300, check=False)


def corpora(target):
    """The directories that a target's inputs come from."""
    return [p for p in (CORPUS / target, DATA / "seeds" / target) if p.is_dir()]


def count(folders):
    return sum(1 for folder in folders for p in folder.iterdir() if p.is_file())


def test_the_command_knows_the_targets_of_the_program():
    text = (ROOT / "harness" / "fuzz" / "targets.c").read_text()
    listed = re.findall(r'^    \{"(\w+)"', text, re.M) + re.findall(r"^    WIRE\((\w+)", text, re.M)
    assert listed == list(fuzz.TARGETS)


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_the_regression_corpus_passes(target):
    folders = corpora(target)
    assert (CORPUS / target).is_dir() and count(folders) > 0
    got = subprocess.run([PROGRAM, f"--target={target}", f"--data={DATA}", "--check=1", "-runs=0",
                          "-detect_leaks=0", *folders],
                         capture_output=True, text=True, errors="replace",
                         env={**os.environ, **fuzz.ENVIRONMENT}, timeout=300, check=False)
    assert got.returncode == 0, got.stderr[-3000:]
    # each file once, and the empty input. Leaks are for LSan when the program ends: libFuzzer, to
    # find them sooner, runs an input again whenever memory was allocated, by another thread too
    assert f"seed corpus: files: {count(folders)} " in got.stderr
    assert int(re.search(r"^#(\d+)\s+DONE", got.stderr, re.M).group(1)) == count(folders) + 1


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_a_smoke_run_finds_nothing(target, tmp_path):
    runs = SMOKE.get(target, SMOKE_WIRE)
    got = lockwire("fuzz", target, "--runs", runs, "--out", tmp_path, cwd=tmp_path)
    assert got.returncode == 0, got.stdout + got.stderr
    assert got.stdout.startswith(f"{target}: {runs:,} inputs in "), got.stdout


def test_equal_seeds_give_equal_runs(tmp_path):
    """The same inputs, the same coverage; another seed gives others."""
    ends = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert lockwire("fuzz", "frame", "--runs", 2000, "--seed", seed, "--out", tmp_path / name,
                        cwd=tmp_path).returncode == 0
        corpus = tmp_path / name / "frame" / "corpus"
        ends.append(sorted(p.name for p in corpus.iterdir()))
    assert ends[0] == ends[1] != ends[2]


def test_a_planted_bug_is_found_replayed_and_minimized(tmp_path):
    got = lockwire("fuzz", "frame", "--world", "planted", "--runs", 100000, "--out", tmp_path,
                   cwd=tmp_path)
    assert got.returncode == 1, got.stdout + got.stderr
    assert "found:     panic: host a: assertion failed in the stack: a planted bug" in got.stdout
    find = Path(re.search(r"^input: +(\S+)", got.stdout, re.M).group(1))
    # the ordinary simulator fails alike, from the recording alone
    again = lockwire("replay", f"{find}.lwr", "--capture", tmp_path / "x.pcapng", cwd=tmp_path)
    assert again.returncode == 1 and "a planted bug" in again.stderr
    frames = capture.read(tmp_path / "x.pcapng")
    assert frames[-1].data == find.read_bytes()[1:]
    # made smaller, it still does
    small = lockwire("fuzz", "frame", "--world", "planted", "--minimize", find, "--runs", 2000,
                     "--out", tmp_path, cwd=tmp_path)
    assert small.returncode == 1 and "a planted bug" in small.stdout, small.stdout + small.stderr
    minimal = find.with_name(find.name + ".min")
    # choices, Ethernet, and of IPv4 what the bug looks at, with a little that nobody could remove
    assert 1 + 14 + 10 <= minimal.stat().st_size < min(find.stat().st_size, 1 + 14 + 20)
    assert lockwire("replay", f"{minimal}.lwr", cwd=tmp_path).returncode == 1
    # without the bug the same input is harmless
    sound = lockwire("fuzz", "frame", "--minimize", find, "--out", tmp_path, cwd=tmp_path)
    assert sound.returncode == 2 and "does not fail" in sound.stderr


def test_captures_become_inputs(tmp_path):
    scenario = tmp_path / "test_x.py"
    scenario.write_text("from scapy.layers.l2 import ARP, Ether\n"
                        "def test_x(net):\n"
                        "    lan = net.segment('lan')\n"
                        "    net.host('a', lan, ip='10.0.0.1/24')\n"
                        "    wire = lan.port('tester')\n"
                        "    wire.srp1(Ether(src=wire.mac, dst='ff:ff:ff:ff:ff:ff') /\n"
                        "              ARP(psrc='10.0.0.254', pdst='10.0.0.1'), timeout=1)\n")
    assert lockwire("run", "test_x.py", cwd=tmp_path).returncode == 0
    for target in ("frame", "frames"):
        got = lockwire("fuzz", target, "--runs", 200, "--captures", "lockwire-out", "--out", "o",
                       cwd=tmp_path)
        assert got.returncode == 0, got.stdout + got.stderr
        made = sorted((tmp_path / "o" / target / "captures").iterdir())
        data = [p.read_bytes() for p in made]
        assert any(b"\x08\x06\x00\x01" in d for d in data), "no ARP in what became of the capture"
