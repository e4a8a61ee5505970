"""`lockwire run --fail-alloc` on the real simulator (LOCKWIRE_SIM, or the one that scripts/lockwire
builds): what is forgiven while memory is short, and what is not."""

import json
import os
import subprocess
from pathlib import Path

import pytest

COMMAND = Path(__file__).resolve().parents[3] / "scripts" / "lockwire"
# Each host's interface takes two allocations: its first group, and its gratuitous ARP.
BENCH = """
import pytest

def bench(net):
    lan = net.segment("lan")
    return lan, net.host("a", lan, ip="10.0.0.1/24"), net.host("b", lan, ip="10.0.0.2/24")
"""
PASS = BENCH + """
def test_ping(net):
    _lan, a, b = bench(net)
    assert a.ping(b.ip).source == b.ip

def test_expectation(net):
    lan, a, b = bench(net)
    lan.faults.duplicate(nth=1, match={"icmp.type": 0})
    try:
        a.ping(b.ip, timeout=1)
    except Exception:
        pass

@pytest.fixture
def hosts(net):
    return bench(net)

def test_fixture(hosts, net):
    assert hosts[1].ping("10.0.0.2").source == "10.0.0.2"

def test_gives_up(net):
    _lan, a, b = bench(net)
    try:
        a.udp(7)
    except Exception:
        pytest.fail("no socket")
"""
# name: body, what the report says, the round of the failure
FAIL = {
    "wrong": ("assert a.ip == '7'", "assert '10.0.0.1' == '7'", 3),
    "fails": ("a.udp(7); pytest.fail('as always')", "as always", 4),
    "leaks": ("""
    try:
        a.udp(7)
    except Exception:
        net.command("plant", kind="leak_heap", host=a.id)""", "leak: host a was closed", 3),
    "crashes": ("""
    if a.ping(b.ip, timeout=1) is None:
        net.command("plant", kind="crash", host=a.id)""", "killed by SIGSEGV", None),
}


def run(directory, *arguments):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "TEST_", "PYTEST_"))}
    return subprocess.run([str(COMMAND), "run", *map(str, arguments)], cwd=directory, text=True,
                          capture_output=True, timeout=300, stdin=subprocess.DEVNULL, env=env,
                          check=False)


def test_what_is_lost_for_want_of_memory_is_forgiven(tmp_path):
    """Assertions, expectations that did not fire; the last round is without a failure, and its
    numbers are the scenario's."""
    (tmp_path / "test_pass.py").write_text(PASS)
    done = run(tmp_path, "test_pass.py", "--fail-alloc", "all", "--jobs", 2)
    assert (done.returncode, done.stdout) == (0, "4 passed, 0 failed, 0 skipped\n"), done
    short = json.loads((tmp_path / "lockwire-out/summary.json").read_text())["scenarios"]
    assert run(tmp_path, "test_pass.py").returncode == 0
    plain = json.loads((tmp_path / "lockwire-out/summary.json").read_text())["scenarios"]
    assert {s["name"]: s["frames"] for s in short} == {s["name"]: s["frames"] for s in plain}
    assert all(s["trace"] for s in short)


def test_a_scenario_with_failures_of_its_own_comes_to_an_end(tmp_path):
    """What it lets fail itself is no round's; in the last round it has to pass."""
    (tmp_path / "test_own.py").write_text(BENCH + """
def test_x(net):
    _lan, a, b = bench(net)
    a.fail_alloc(1)
    with pytest.raises(Exception):
        a.udp(7)
    b.udp(7)
    open("rounds", "a").write(f"{net.fail_alloc} {net.allocs_failed()}\\n")
""")
    done = run(tmp_path, "test_own.py", "--fail-alloc", "all")
    assert (done.returncode, done.stdout) == (0, "1 passed, 0 failed, 0 skipped\n"), done
    # an interface takes two, b's socket the third; a's are the scenario's own by then
    assert (tmp_path / "rounds").read_text().splitlines()[-1] == "4 0"


@pytest.mark.parametrize("name", FAIL)
def test_what_is_broken_is_not_forgiven(tmp_path, name):
    """A scenario that fails without failures too, a leak, a crash; and the line that reproduces it
    names the round."""
    body, words, nth = FAIL[name]
    (tmp_path / "test_fail.py").write_text(
        f"{BENCH}\ndef test_x(net):\n    _lan, a, b = bench(net)\n    {body.lstrip()}\n")
    done = run(tmp_path, "test_fail.py", "--fail-alloc", "all")
    assert done.returncode == 1 and words in done.stdout, done
    line = next(x for x in done.stdout.splitlines() if x.startswith("reproduce: "))
    if nth is not None:
        assert line.endswith(f"test_fail.py::test_x --seed 1 --fail-alloc {nth}")
    again = run(tmp_path, "test_fail.py", "--fail-alloc", line.split()[-1])
    assert again.returncode == 1 and words in again.stdout, again


def test_a_strict_scenario_is_forgiven_nothing(tmp_path):
    """Its assertions count in the rounds with a failure too."""
    body = """
def test_x(net):
    _lan, a, b = bench(net)
    assert a.ping(b.ip, timeout=1)
"""
    (tmp_path / "test_mild.py").write_text(BENCH + body)
    (tmp_path / "test_strict.py").write_text(
        BENCH + body.replace("def test", "@pytest.mark.strict_alloc\ndef test"))
    assert run(tmp_path, "test_strict.py").returncode == 0
    assert run(tmp_path, "test_mild.py", "--fail-alloc", "all").returncode == 0
    done = run(tmp_path, "test_strict.py", "--fail-alloc", "all")
    assert done.returncode == 1 and "--fail-alloc 1\n" in done.stdout, done


@pytest.mark.parametrize("arguments, words", [
    (("--fail-alloc", "0"), 'expected a number from 1 up or "all", not \'0\''),
    (("--fail-alloc", "some"), 'expected a number from 1 up or "all", not \'some\''),
    (("--fail-alloc", "all", "--repeat", "2"), "leave out --repeat")])
def test_bad_usage_is_2(tmp_path, arguments, words):
    (tmp_path / "test_pass.py").write_text(PASS)
    done = run(tmp_path, "test_pass.py", *arguments)
    assert done.returncode == 2 and words in done.stderr, done
