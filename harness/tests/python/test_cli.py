"""The command line: results, files, exit status; and every kind of bad input ends clearly."""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET

import pytest

GOOD = """
def test_time(net):
    lan = net.segment("lan")
    lan.port("two")
    lan.port("one").send(b"x" * 60)
    net.run(for_="1ms")
    assert net.now_ns == 1_000_000
"""
MIXED = GOOD + """
import pytest
def test_wrong(net):
    net.run(for_="1s")
    assert net.now_ns == 7
def test_raises(net):
    raise KeyError("planted")
@pytest.mark.skip(reason="not today")
def test_skipped(net): pass
@pytest.mark.parametrize("n", ["a/b", "c d"])
def test_param(net, n): pass
"""


def summary(lockwire, out="lockwire-out"):
    return json.loads((lockwire.directory / out / "summary.json").read_text())


def by_name(lockwire, out="lockwire-out"):
    return {s["name"]: s for s in summary(lockwire, out)["scenarios"]}


# -- what a good run leaves ------------------------------------------------------------------------
def test_all_passed_is_0_with_summary_and_files(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    got = lockwire("run", "s", "--seed", 5)
    assert (got.returncode, got.stdout, got.stderr) == (0, "1 passed, 0 failed, 0 skipped\n", "")
    whole = summary(lockwire)
    one, = whole["scenarios"]
    assert whole["seed"] == 5 and whole["version"] == "0.1.0"
    assert one["name"] == "s/test_a.py::test_time" and one["file"] == "s/test_a.py"
    assert (one["line"], one["result"], one["reason"], one["seed"]) == (2, "passed", "", 5)
    assert one["virtual_ns"] == 1_000_000 and one["frames"] == 1 and one["events"] == 1
    assert len(one["trace"]) == 32 and int(one["trace"], 16) and isinstance(one["wall_ms"], int)
    assert one["files"] == ["s.test_a.test_time/capture.pcapng", "s.test_a.test_time/replay.lwr"]
    assert all((lockwire.directory / "lockwire-out" / f).exists() for f in one["files"])
    assert set(one) == {"name", "file", "line", "result", "reason", "seed", "virtual_ns", "events",
                        "frames", "trace", "wall_ms", "files"}


def test_something_failed_is_1_with_a_line_that_reproduces_it(lockwire):
    lockwire.file("s/test_a.py", MIXED)
    got = lockwire("run", "s")
    assert got.returncode == 1
    assert got.stdout.endswith("\n3 passed, 2 failed, 1 skipped\n")
    assert "run s/test_a.py::test_wrong --seed 1\n" in got.stdout
    assert "capture:   lockwire-out/s.test_a.test_wrong/capture.pcapng" in got.stdout
    assert "assert 1000000000 == 7" in got.stdout
    results = by_name(lockwire)
    wrong = results["s/test_a.py::test_wrong"]
    assert wrong["result"] == "failed" and wrong["line"] == 12 and len(wrong["trace"]) == 32
    assert "lockwire-out" not in wrong["files"][0]
    assert any(f.endswith("trace.jsonl") for f in wrong["files"])
    assert results["s/test_a.py::test_raises"]["reason"] == "KeyError: 'planted'"
    assert results["s/test_a.py::test_skipped"]["result"] == "skipped"
    assert "not today" in results["s/test_a.py::test_skipped"]["reason"]
    line = next(x for x in got.stdout.splitlines() if x.startswith("reproduce:"))
    again = lockwire(*line.split("lockwire ", 1)[1].split())
    assert again.returncode == 1 and "1 failed" in again.stdout
    assert by_name(lockwire)["s/test_a.py::test_wrong"]["trace"] == wrong["trace"]


def test_folders_are_unique_and_plain(lockwire):
    lockwire.file("s/test_a.py", MIXED)
    lockwire("run", "s")
    folders = sorted(p.name for p in (lockwire.directory / "lockwire-out").iterdir() if p.is_dir())
    assert "s.test_a.test_param-a.b" in folders and "s.test_a.test_param-c-d" in folders
    assert all(set(f) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
               for f in folders)


def test_names_that_would_share_a_folder_do_not(lockwire):
    lockwire.file("s/test_a.py", "import pytest\n@pytest.mark.parametrize('n', ['a+b', 'a*b'])\n"
                  "def test_p(net, n): pass\n")
    assert lockwire("run", "s").returncode == 0
    files = [f for s in summary(lockwire)["scenarios"] for f in s["files"]]
    assert len(set(files)) == 4


def test_trace_is_written_on_demand(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire("run", "s", "--trace")
    assert "s.test_a.test_time/trace.jsonl" in summary(lockwire)["scenarios"][0]["files"]


def test_another_seed_gives_another_world_and_the_directory_does_not_matter(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    traces = []
    for arguments in (("s",), ("s",), ("s/test_a.py::test_time",),
                      (lockwire.directory / "s/test_a.py",), ("s", "--seed", 2)):
        lockwire("run", *arguments)
        traces.append(summary(lockwire)["scenarios"][0]["trace"])
    assert traces[0] == traces[1] == traces[2] == traces[3] != traces[4]


def test_a_rerun_removes_what_the_last_one_left_and_nothing_else(lockwire):
    lockwire.file("s/test_a.py", MIXED)
    lockwire.file("lockwire-out/mine/notes.txt", "keep")
    lockwire("run", "s")
    lockwire("run", "s/test_a.py::test_time")
    left = sorted(p.name for p in (lockwire.directory / "lockwire-out").iterdir())
    assert left == ["evidence.tsv", "mine", "s.test_a.test_time", "summary.json"]


@pytest.mark.parametrize("more", [(), ("--repeat", 2), ("--jobs", 2)],
                         ids=["once", "repeated", "jobs"])
def test_keep_failed_leaves_the_files_of_what_failed(lockwire, more):
    lockwire.file("s/test_a.py", MIXED)
    all_of_it = lockwire("run", "s", "--out", "all", *more)
    got = lockwire("run", "s", "--keep", "failed", *more)
    assert got.returncode == all_of_it.returncode == 1
    kept = by_name(lockwire)
    assert kept.keys() == by_name(lockwire, "all").keys()
    assert by_name(lockwire, "all")["s/test_a.py::test_time"]["files"] == [
        "s.test_a.test_time/capture.pcapng", "s.test_a.test_time/replay.lwr"]
    for name, before in by_name(lockwire, "all").items():
        assert kept[name]["trace"] == before["trace"]
        assert kept[name]["files"] == (before["files"] if before["result"] == "failed" else [])
    folders = {p.name for p in (lockwire.directory / "lockwire-out").iterdir() if p.is_dir()}
    assert folders == {f.partition("/")[0] for s in kept.values() for f in s["files"]} != set()


def test_keep_failed_has_both_runs_of_a_divergence(lockwire):
    lockwire.file("s/test_a.py", "N = []\ndef test_x(net):\n    N.append(1)\n"
                  "    net.run(for_=len(N))\n")
    lockwire("run", "s", "--repeat", 3, "--keep", "failed")
    files = summary(lockwire)["scenarios"][0]["files"]
    assert len({f.partition("/")[0] for f in files}) == 2
    assert all((lockwire.directory / "lockwire-out" / f).exists() for f in files)


def test_jobs_give_the_same_results(lockwire):
    lockwire.file("s/test_a.py", MIXED)
    lockwire("run", "s", "--out", "one")
    got = lockwire("run", "s", "--out", "two", "--jobs", 2)
    assert got.returncode == 1 and got.stdout.endswith("\n3 passed, 2 failed, 1 skipped\n")
    one, two = by_name(lockwire, "one"), by_name(lockwire, "two")
    assert one.keys() == two.keys()
    for name, s in one.items():
        assert {k: v for k, v in s.items() if k != "wall_ms"} == {
            k: v for k, v in two[name].items() if k != "wall_ms"}


def test_shards_share_out_all_scenarios(lockwire):
    lockwire.file("s/test_a.py", "import pytest\n@pytest.mark.parametrize('n', range(24))\n"
                  "def test_p(net, n): pass\n")
    parts = []
    for i in (1, 2, 3):
        assert lockwire("run", "s", "--shard", f"{i}/3").returncode == 0
        parts.append(set(by_name(lockwire)))
    assert sum(map(len, parts)) == 24 == len(set.union(*parts)) and all(parts)
    got = lockwire("run", "s", TEST_TOTAL_SHARDS="3", TEST_SHARD_INDEX="1",
                   TEST_SHARD_STATUS_FILE=str(lockwire.directory / "status"))
    assert got.returncode == 0 and set(by_name(lockwire)) == parts[1]
    assert (lockwire.directory / "status").exists()


def test_a_shard_without_scenarios_is_2(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    codes = [lockwire("run", "s", "--shard", f"{i}/4") for i in (1, 2, 3, 4)]
    assert sorted(c.returncode for c in codes) == [0, 2, 2, 2]
    empty = next(c for c in codes if c.returncode == 2)
    assert "holds none of the 1 scenarios: nothing ran" in empty.stderr


def test_junit_has_every_scenario(lockwire):
    lockwire.file("s/test_a.py", MIXED)
    assert lockwire("run", "s", "--junit", "j.xml").returncode == 1
    suite = ET.parse(lockwire.directory / "j.xml").getroot()[0]
    assert suite.get("name") == "lockwire"
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"),
            suite.get("skipped")) == ("6", "2", "0", "1")


def test_github_annotations(lockwire):
    lockwire.file("s/test_a.py", MIXED)
    got = lockwire("run", "s", GITHUB_ACTIONS="true",
                   GITHUB_STEP_SUMMARY=str(lockwire.directory / "step.md"))
    assert ("::error file=s/test_a.py,line=12,title=s/test_a.py%3A%3Atest_wrong::AssertionError: "
            "assert 1000000000 == 7") in got.stdout.splitlines()
    assert "| `s/test_a.py::test_raises` | KeyError: 'planted' |" in (
        lockwire.directory / "step.md").read_text()
    assert "::error" not in lockwire("run", "s").stdout


def test_settings_of_the_directory_and_the_environment_do_not_matter(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire.file("pytest.ini", "[pytest]\npython_files = nothing*.py\naddopts = --bogus\n")
    got = lockwire("run", "s", PYTEST_ADDOPTS="--also-bogus")
    assert got.returncode == 0


def test_same_file_names_in_two_directories(lockwire):
    lockwire.file("s/one/test_a.py", GOOD)
    lockwire.file("s/two/test_a.py", GOOD)
    assert lockwire("run", "s").stdout == "2 passed, 0 failed, 0 skipped\n"


# -- failures that are not in the body -------------------------------------------------------------
@pytest.mark.parametrize("body, words", [
    ("net.segment('lan').faults.drop(nth=3)", "declared but never fired: lan.faults.drop(nth=3)"),
    ("net.segment('lan').port('p').expect(lambda p: 1, name='a frame')",
     "expected but never seen: a frame at port lan/p (0 of 1)"),
    ("net.host('lost')", "host lost: 1 pbuf is lost"),
    ("net.host('exit7')", "ended with exit status 7 after the world was finished"),
    ("net.host('oracle')", "oracle: planted"),
    ("net.segment('lan').port('p').recv()", "waits in recv since 0.000 s"),
    ("net.host('crash')", "AddressSanitizer: planted")])
def test_the_world_can_fail_a_scenario(lockwire, body, words):
    lockwire.file("s/test_a.py", f"def test_x(net):\n    {body}\n")
    got = lockwire("run", "s")
    assert got.returncode == 1 and got.stdout.endswith("0 passed, 1 failed, 0 skipped\n")
    assert words in got.stdout and got.stdout.count("reproduce: ") == 1
    one, = summary(lockwire)["scenarios"]
    assert one["result"] == "failed" and one["reason"]


def test_a_crash_keeps_recording_and_output(lockwire):
    lockwire.file("s/test_a.py", "def test_x(net):\n    net.host('crash')\n")
    lockwire("run", "s")
    one, = summary(lockwire)["scenarios"]
    assert one["trace"] == ""
    log = lockwire.directory / "lockwire-out/s.test_a.test_x/simulator.log"
    assert "AddressSanitizer: planted" in log.read_text()
    assert "s.test_a.test_x/replay.lwr" in one["files"]


def test_a_simulator_killed_in_the_middle_fails_one_scenario(lockwire):
    lockwire.file("s/test_a.py", "import os\ndef test_x(net):\n"
                  "    os.kill(net.wire.process.pid, 9)\n    net.run(for_=1)\n" + GOOD)
    got = lockwire("run", "s")
    assert got.returncode == 1 and "killed by SIGKILL" in got.stdout
    assert got.stdout.endswith("1 passed, 1 failed, 0 skipped\n")


# -- repeats ---------------------------------------------------------------------------------------
def test_repeats_that_agree_pass(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    got = lockwire("run", "s", "--repeat", 5)
    assert (got.returncode, got.stdout) == (0, "1 passed, 0 failed, 0 skipped\n")
    assert [p.name for p in (lockwire.directory / "lockwire-out").iterdir() if p.is_dir()] == [
        "s.test_a.test_time"]


@pytest.mark.parametrize("body, words", [
    ("net.segment('lan').port('p').send(bytes([len(N)]) * 60)",
     "the scenario itself did something else, first in message 3: frame 01010101"),
    ("net.run(for_=len(N))", "advance to 1000000000 ns became advance to 2000000000 ns"),
    ("assert len(N) < 3", "run 1 passed, run 3 with the same seed did not")])
def test_a_divergence_is_detected_and_explained(lockwire, body, words):
    lockwire.file("s/test_a.py", f"N = []\ndef test_x(net):\n    N.append(1)\n    {body}\n")
    assert lockwire("run", "s").returncode == 0
    got = lockwire("run", "s", "--repeat", 3)
    assert got.returncode == 1 and words in got.stdout
    assert "0 passed, 1 failed, 0 skipped" in got.stdout
    assert f"--seed 1 --repeat {3 if 'run 3' in got.stdout else 2}\n" in got.stdout


# -- replay ----------------------------------------------------------------------------------------
def test_replay_prints_the_trace_and_compares(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire("run", "s")
    path = lockwire.directory / "lockwire-out/s.test_a.test_time/replay.lwr"
    got = lockwire("replay", path)
    assert (got.returncode, got.stdout.strip()) == (0, summary(lockwire)["scenarios"][0]["trace"])
    data = path.read_bytes()
    path.write_bytes(data[:-6] + b"zz" + data[-4:])
    assert lockwire("replay", path).returncode == 1


def test_replay_of_rubbish_is_2(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire("run", "s")
    good = (lockwire.directory / "lockwire-out/s.test_a.test_time/replay.lwr").read_bytes()
    path = lockwire.directory / "bad.lwr"
    for data in (b"", b"nonsense" * 20, good[:-3]):
        path.write_bytes(data)
        got = lockwire("replay", path)
        assert got.returncode == 2 and got.stderr and not got.stdout
    got = lockwire("replay", "absent.lwr")
    assert got.returncode == 2 and "there is no file absent.lwr" in got.stderr


# -- bad input -------------------------------------------------------------------------------------
@pytest.mark.parametrize("arguments, words", [
    ((), "required: COMMAND"),
    (("walk",), "invalid choice: 'walk'"),
    (("run",), "required: PATH"),
    (("run", "s", "--bogus"), "unrecognized arguments: --bogus"),
    (("run", "s", "--se", "1"), "unrecognized arguments"),
    (("run", "absent"), "there is no absent"),
    (("run", "s", "absent/test_x.py"), "there is no absent/test_x.py"),
    (("run", "empty"), "empty has no scenarios"),
    (("run", "s", "empty"), "empty has no scenarios"),
    (("run", "nothing"), "no scenarios in nothing"),
    (("run", "s", "nothing"), "no scenarios in nothing"),
    (("run", "s/test_a.py::test_absent"), "not found"),
    (("run", "s::test_time"), "is a directory"),
    (("run", "notes.txt"), "not a scenario file"),
    (("run", "s", "--seed", "x"), "expected a number from 0 to 2^64-1, not 'x'"),
    (("run", "s", "--seed", "-1"), "--seed"),
    (("run", "s", "--repeat", "0"), "expected a number from 1 up, not '0'"),
    (("run", "s", "--jobs", "two"), "not 'two'"),
    (("run", "s", "--shard", "3/2"), "expected I/N with I from 1 to N"),
    (("run", "s", "--shard", "0/2"), "expected I/N"),
    (("run", "s", "--shard", "half"), "expected I/N"),
    (("run", "s", "--out", "/proc/nowhere"), "cannot write to /proc/nowhere"),
    (("run", "s", "--out", "notes.txt"), "cannot write to notes.txt"),
    (("run", "s", "--out", "/dev/full/x"), "cannot write to /dev/full/x"),
    (("run", "s", "--junit", "absent/j.xml"), "--junit: there is no directory"),
    (("run", "s", "--wrap", "x", "--jobs", "2"), "leave out --jobs"),
    (("run", "onlyskips"), "every scenario was skipped"),
    (("run", "syntax"), "no scenario could be run"),
    (("replay",), "required: FILE")])
def test_bad_input_is_2_with_a_clear_message(lockwire, arguments, words):
    lockwire.file("s/test_a.py", GOOD)
    lockwire.file("empty/README", "")
    lockwire.file("notes.txt", "")
    lockwire.file("nothing/test_none.py", "x = 1\n")
    lockwire.file("onlyskips/test_s.py", "import pytest\ndef test_x(net): pytest.skip('no')\n")
    lockwire.file("syntax/test_s.py", "def test_x(net:\n")
    got = lockwire("run" if arguments == ("",) else arguments[0], *arguments[1:]) if arguments \
        else lockwire()
    assert got.returncode == 2, got.stdout + got.stderr
    assert words in got.stderr + got.stdout
    assert "Traceback" not in got.stderr


def test_a_file_that_cannot_be_imported_is_an_error_beside_the_others(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire.file("s/test_b.py", "import absent_module\ndef test_x(net): pass\n")
    got = lockwire("run", "s")
    assert got.returncode == 1 and got.stdout.endswith("1 passed, 1 failed, 0 skipped\n")
    bad = by_name(lockwire)["s/test_b.py"]
    assert bad["result"] == "error" and "absent_module" in bad["reason"] and bad["line"] == 1


def test_a_missing_simulator_is_2(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    got = lockwire("run", "s", LOCKWIRE_SIM="/no/such/simulator")
    assert got.returncode == 2 and "there is no simulator at /no/such/simulator" in got.stderr
    got = lockwire("run", "s", LOCKWIRE_SIM=str(lockwire.directory / "s/test_a.py"))
    assert got.returncode == 2 and "cannot be executed" in got.stderr


def test_a_simulator_that_cannot_start_is_2(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    path = lockwire.file("sim", "#!/bin/sh\necho broken >&2\nexit 9\n")
    path.chmod(0o755)
    got = lockwire("run", "s", LOCKWIRE_SIM=str(path))
    assert got.returncode == 2 and "ended with exit status 9" in got.stdout
    assert "broken" in got.stdout and "no scenario could be run" in got.stderr


def test_full_junit_device_is_2(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    got = lockwire("run", "s", "--junit", "/dev/full")
    assert got.returncode == 2 and "cannot write /dev/full: No space left on device" in got.stderr
    assert "1 passed, 0 failed, 0 skipped" in got.stdout
    assert summary(lockwire)["scenarios"]


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_full_disk_under_out_is_2(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    disk = lockwire.directory / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk],
                      check=False).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        (disk / "out").mkdir()
        with open(disk / "filler", "wb", buffering=0) as out:
            try:
                while out.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        got = lockwire("run", "s", "--out", disk / "out")
        assert got.returncode == 2, got.stdout + got.stderr
        assert "No space left on device" in got.stdout + got.stderr
        assert "Traceback" not in got.stderr
        assert not (disk / "out/summary.json").exists()
        assert [p.name for p in (disk / "out").glob(".summary*")] == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_two_runs_cannot_share_a_directory(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire.file("slow/test_s.py", "import time\ndef test_x(net):\n    time.sleep(5)\n")
    first = subprocess.Popen([sys.executable, "-m", "lockwire", "run", "slow"],
                             cwd=lockwire.directory, env=lockwire.environment(),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not list(lockwire.directory.glob("lockwire-out/slow*")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        got = lockwire("run", "s")
        assert got.returncode == 2 and "another run is using" in got.stderr
        assert lockwire("run", "s", "--out", "other").returncode == 0
    finally:
        first.kill()
        first.wait()


@pytest.mark.parametrize("body", ["net.host('hang')",
                                  "net.segment('l').port('p').sniff(timeout=1)\n"
                                  "    import time; time.sleep(30)"])
def test_ctrl_c_is_130_and_ends_the_simulator(lockwire, body):
    lockwire.file("s/test_a.py", "import os\ndef test_x(net):\n"
                  f"    open('pid', 'w').write(str(net.wire.process.pid))\n    {body}\n")
    run = subprocess.Popen([sys.executable, "-m", "lockwire", "run", "s"], cwd=lockwire.directory,
                           env=lockwire.environment(), text=True, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    deadline = time.monotonic() + 20
    pid = lockwire.directory / "pid"
    while not (pid.exists() and pid.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=60)
    assert run.returncode == 130 and "interrupted" in errors
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


# -- help ------------------------------------------------------------------------------------------
def test_help_and_version(lockwire):
    got = lockwire("--version")
    assert (got.returncode, got.stdout) == (0, "lockwire 0.1.0\n")
    for command in ((), ("run",), ("replay",), ("fuzz",), ("bench",)):
        got = lockwire(*command, "--help")
        assert got.returncode == 0 and "exit status:" in got.stdout
        assert max(len(line) for line in got.stdout.splitlines()) <= 120
        for later in ("explore", "shrink", "report ", "--stack"):
            assert later not in got.stdout


def test_no_progress_line_without_a_terminal(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    got = lockwire("run", "s", TERM="xterm")
    assert "\r" not in got.stdout + got.stderr and "\x1b" not in got.stdout + got.stderr


def test_jobs_say_nothing_about_workers(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    got = lockwire("run", "s", "--jobs", 2)
    assert (got.returncode, got.stdout, got.stderr) == (0, "1 passed, 0 failed, 0 skipped\n", "")


def test_a_wrapper_gets_the_simulator_and_its_status_counts(lockwire):
    lockwire.file("s/test_a.py", GOOD)
    lockwire.file("wrap", "#!/bin/sh\n\"$@\"\nexit 9\n").chmod(0o755)
    got = lockwire("run", "s", "--wrap", "./wrap")
    assert got.returncode == 1
    assert "the simulator under './wrap' ended with exit status 9" in got.stdout
