"""What README.md and scenarios/TUTORIAL.md show is what happens: their blocks are run as a reader
would, on the real simulator (LOCKWIRE_SIM, or the one that scripts/lockwire builds)."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from lockwire import paths

ROOT = Path(__file__).resolve().parents[3]
COMMAND = ROOT / "scripts" / "lockwire"
FOLDER = "lockwire-out/test_sensor.test_all_readings_arrive"


def blocks(page, language):
    """The fenced blocks of one language on a page."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / page).read_text(), re.S | re.M)
    return [body for name, body in fenced if name == language]


def run(directory, *arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "TEST_", "PYTEST_"))}
    return subprocess.run([str(COMMAND), *arguments], cwd=directory, text=True, capture_output=True,
                          timeout=300, stdin=subprocess.DEVNULL, env=env, check=False)


def has_firmware():
    """Whether Unicorn and the cross-compiler were there when this was built."""
    return paths.emulator() is not None and paths.firmware(None) is not None


@pytest.mark.parametrize("which", [
    pytest.param(0, id="first"), pytest.param(1, id="tcp"),
    pytest.param(2, id="firmware", marks=pytest.mark.skipif(
        not has_firmware(), reason="Unicorn or the cross-compiler was missing"))])
def test_scenarios_of_the_readme_pass(tmp_path, which):
    (tmp_path / "test_mine.py").write_text(blocks("README.md", "python")[which])
    done = run(tmp_path, "run", "test_mine.py")
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped", done


@pytest.fixture
def failed(tmp_path):
    """The directory after step 3 of the tutorial, and what was printed."""
    (tmp_path / "test_sensor.py").write_text(blocks("scenarios/TUTORIAL.md", "python")[0])
    return tmp_path, run(tmp_path, "run", "test_sensor.py")


def test_tutorial_fails_as_it_says(failed):
    directory, done = failed
    assert done.returncode == 1
    expected = blocks("scenarios/TUTORIAL.md", "")[1].splitlines()
    printed = done.stdout.replace(str(COMMAND), "./scripts/lockwire").splitlines()
    assert [line for line in expected if line not in printed] == []
    trace = (directory / FOLDER / "trace.jsonl").read_text().splitlines()
    drops = blocks("scenarios/TUTORIAL.md", "")[4].splitlines()
    assert [line for line in trace if "stack_drop" in line] == drops


def test_tutorial_recording_replays_to_its_hash(failed):
    directory, _ = failed
    done = run(directory, "replay", f"{FOLDER}/replay.lwr")
    assert done.returncode == 0 and re.fullmatch(r"[0-9a-f]{32}\n", done.stdout), done


def test_tutorial_cure_cures(failed):
    directory, _ = failed
    scenario = directory / "test_sensor.py"
    scenario.write_text(scenario.read_text().replace(", arp_queueing=0", ""))
    done = run(directory, "run", "test_sensor.py")
    assert done.returncode == 0, done
    assert done.stdout.splitlines()[-1] == "1 passed, 0 failed, 0 skipped", done


def test_paced_run_takes_its_time_and_changes_nothing(tmp_path):
    """--paced: at least as much wall as virtual time, and the same trace hash as without."""
    (tmp_path / "test_slow.py").write_text(
        "def test_slow(net):\n"
        "    lan = net.segment('lan')\n"
        "    a = net.host('a', lan, ip='10.0.0.1/24')\n"
        "    net.host('b', lan, ip='10.0.0.2/24')\n"
        "    assert a.ping('10.0.0.2') is not None\n"
        "    net.run(until='0.3s')\n")
    rows = []
    for more in ([], ["--paced"]):
        done = run(tmp_path, "run", "test_slow.py", "--out", f"out{len(more)}", *more)
        assert done.returncode == 0, done
        rows.append(json.loads((tmp_path / f"out{len(more)}" / "summary.json").read_text()))
    free, paced = (row["scenarios"][0] for row in rows)
    assert (paced["trace"], paced["virtual_ns"]) == (free["trace"], 300_000_000)
    assert paced["wall_ms"] >= 300
