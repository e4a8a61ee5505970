"""Evidence for the catalogues: only what was asserted in a test that passed is written."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UNIT = ROOT / "harness" / "tests" / "unit"
HEAD = "import pytest\nfrom lockwire import shows\n"


def evidence(lockwire, out="lockwire-out"):
    text = (lockwire.directory / out / "evidence.tsv").read_text()
    assert text == "" or text.endswith("\n")
    return [tuple(line.split("\t")) for line in text.splitlines()]


# -- scenarios -------------------------------------------------------------------------------------
@pytest.mark.parametrize("more", [(), ("--jobs", "2"), ("--repeat", "3")], ids=" ".join)
def test_rows_come_from_blocks_and_from_parameters(lockwire, more):
    lockwire.file("s/test_a.py", HEAD + """
def test_blocks(net):
    with shows("RQ-826-3"):
        assert net.now_ns == 0
    with shows("RQ-9293-MUST-1", "RQ-791-2"), shows("RQ-791-3"):
        with shows("RQ-826-3"):
            assert True
@pytest.mark.parametrize("n", [1, 2, 3], ids=["MF-ETH-02/13-bytes", "x-MF-ETH-03", "MF-8-16"])
def test_param(net, n):
    with shows("MB-ARP-01"):
        assert net.now_ns == 0
def test_without_a_world():
    with shows("RQ-768-1"):
        assert HEAD is not None
HEAD = 1
""")
    got = lockwire("run", "s", *more)
    assert got.returncode == 0, got
    here = "s/test_a.py::test_"
    assert sorted(evidence(lockwire)) == sorted([
        ("RQ-826-3", here + "blocks"), ("RQ-791-3", here + "blocks"),
        ("RQ-9293-MUST-1", here + "blocks"), ("RQ-791-2", here + "blocks"),
        ("MF-ETH-02", here + "param[MF-ETH-02/13-bytes]"),
        ("MB-ARP-01", here + "param[MF-ETH-02/13-bytes]"),
        # an id inside another word is not one, and a group is called by letters
        ("MB-ARP-01", here + "param[x-MF-ETH-03]"), ("MB-ARP-01", here + "param[MF-8-16]"),
        ("RQ-768-1", here + "without_a_world")])


BLOCK = "    with shows('RQ-826-1'):\n        assert net.now_ns == 0\n"


@pytest.mark.parametrize("body", [
    "    with shows('RQ-826-1'):\n        assert net.now_ns == 1\n",
    BLOCK + "    assert net.now_ns == 1\n",
    BLOCK + "    lan.faults.drop(nth=1)\n    net.run(for_='1s')\n",
    BLOCK + "    pytest.skip('not now')\n",
    "    with shows('RQ-826-1'):\n        pytest.skip('not now')\n",
    BLOCK + "    pytest.xfail('known')\n",
    BLOCK + "    request.addfinalizer(lambda: 1 / 0)\n",
    BLOCK + "    N.append(1)\n    net.run(for_='1s' if len(N) == 1 else '2s')\n"],
    ids=["block", "later", "oracle", "skip", "skip-inside", "xfail", "teardown", "divergence"])
def test_what_does_not_pass_leaves_no_evidence(lockwire, body):
    lockwire.file("s/test_a.py", HEAD + "N = []\n@pytest.mark.parametrize('n', ['MF-ETH-01'])\n"
                  "def test_x(net, n, request):\n    lan = net.segment('lan')\n" + body)
    lockwire.file("s/test_b.py", "def test_good(net): pass\n")
    lockwire("run", "s", "--repeat", 2)
    assert evidence(lockwire) == []


@pytest.mark.parametrize("rows, words", [
    ("", "needs the id"), ("'RQ-826'", "not the id"), ("'RFC826'", "not the id"),
    ("'rq-826-1'", "not the id"), ("'RQ-826-1 '", "not the id"), ("'RQ-826-1', 3", "3 is not")])
def test_an_id_that_cannot_be_one_fails_the_scenario(lockwire, rows, words):
    lockwire.file("s/test_a.py",
                  HEAD + f"def test_x(net):\n    with shows({rows}):\n        assert True\n")
    got = lockwire("run", "s")
    assert got.returncode == 1 and words in got.stdout and evidence(lockwire) == []


def test_outside_of_a_scenario_it_is_refused():
    from lockwire import UsageError, shows
    with pytest.raises(UsageError, match="running scenario"):
        with shows("RQ-826-1"):
            assert ROOT


def test_the_file_is_new_at_each_run_unless_named(lockwire):
    lockwire.file("s/test_a.py", HEAD + "def test_x(net):\n" + BLOCK)
    lockwire.file("s/test_b.py", "def test_y(net): pass\n")
    line = ("RQ-826-1", "s/test_a.py::test_x")
    for _ in range(2):
        lockwire("run", "s")
        assert evidence(lockwire) == [line]
    for _ in range(2):
        lockwire("run", "s", LOCKWIRE_EVIDENCE="all.tsv")
    assert (lockwire.directory / "all.tsv").read_text() == 2 * ("\t".join(line) + "\n")
    assert not (lockwire.directory / "lockwire-out/evidence.tsv").exists()
    lockwire("run", "s/test_b.py")
    assert evidence(lockwire) == []


def test_evidence_that_cannot_be_written_is_2(lockwire):
    lockwire.file("s/test_a.py", HEAD + "def test_x(net):\n" + BLOCK)
    got = lockwire("run", "s", LOCKWIRE_EVIDENCE="absent/all.tsv")
    assert got.returncode == 2 and "cannot write evidence to absent/all.tsv" in got.stderr
    got = lockwire("run", "s", LOCKWIRE_EVIDENCE="/dev/full")
    assert got.returncode == 2


# -- unit tests ------------------------------------------------------------------------------------
UNITS = """
#include "unit.h"
UNIT(a, knows_an_id)
{
    static const char *good[] = {"MF-ETH-02", "MF-ICMP6-1", "MB-ARP-01", "RQ-826-1",
                                 "RQ-9293-SHLD-31"};
    static const char *bad[] = {"", "RQ", "RQ-", "RQ-826", "RQ-826-", "RQ-826-x", "RQ-826-1 ",
                                "RQ-TCP-1", "RQ-826-MUST", "RQ-826-MUST-", "MF-8-16", "MF-6ETH-1",
                                "MF-ETH-X-1", "MX-ETH-1", "rq-826-1", "xRQ-826-1"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECKF(unit_row_is_valid(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECKF(!unit_row_is_valid(bad[i]), "%s", bad[i]);
    SHOWS("RQ-791-9", sizeof bad > sizeof good);
}
UNIT(a, shows_and_passes) { SHOWS("RQ-826-3", 1); SHOWS("RQ-9293-MUST-1", 1 + 1 == 2);
                            SHOWS("RQ-826-3", 2); }
UNIT(a, shows_nothing) { CHECK(1); }
UNIT(a, fails_later) { SHOWS("RQ-791-1", 1); CHECK(BAD == 1); }
UNIT(a, fails_in_it) { SHOWS("RQ-791-2", BAD == 2); }
UNIT(a, names_no_row) { SHOWS(BAD == 3 ? "RQ-791" : "RQ-791-3", 1); }
"""
PLAIN = ["-DLOCKWIRE_UNIT_PLAIN", str(UNIT / "unit_main_plain.c")]


@pytest.fixture(params=["plain", "criterion"])
def units(request, tmp_path):
    """units(bad): runs UNITS with one test that fails; what it wrote, and its exit status."""
    flags = PLAIN
    if request.param == "criterion":
        flags = [str(UNIT / "unit_main.c"), *subprocess.run(
            ["pkg-config", "--cflags", "--libs", "criterion"], check=True, text=True,
            capture_output=True).stdout.split()]
    (tmp_path / "t.c").write_text(UNITS)

    def run(bad):
        program = tmp_path / f"unit_t{bad}"
        subprocess.run(["cc", f"-DBAD={bad}", f"-I{UNIT}", "-o", str(program), "t.c",
                        str(UNIT / "unit_evidence.c"), *flags], check=True, cwd=tmp_path)
        where = tmp_path / "evidence.tsv"
        where.write_text("")
        done = subprocess.run([str(program)], capture_output=True, check=False,
                              env={**os.environ, "LOCKWIRE_EVIDENCE": str(where)})
        rows = [tuple(line.split("\t")) for line in where.read_text().splitlines()]
        return rows, done.returncode
    return run


def test_units_show_what_passed(units):
    passes = [(row, "t.c::a/shows_and_passes") for row in ("RQ-826-3", "RQ-9293-MUST-1")]
    rows, status = units(1)  # fails_in_it fails; the plain runner ends there
    assert status == 1 and set(passes) < set(rows) and ("RQ-791-1", "t.c::a/fails_later") in rows
    assert ("RQ-791-9", "t.c::a/knows_an_id") in rows
    assert not any(row == "RQ-791-2" for row, _ in rows)
    rows, status = units(2)
    assert status == 1 and set(passes) <= set(rows)
    assert not any(row == "RQ-791-1" for row, _ in rows)
    rows, status = units(3)
    assert status == 1 and not any("names_no_row" in test for _, test in rows)


# -- the proof that a block asserts ----------------------------------------------------------------
def judged(tmp_path, text):
    """What scripts/check/shows.py says about a file."""
    path = tmp_path / "test_it.py"
    path.write_text(text)
    return subprocess.run([sys.executable, str(ROOT / "scripts/check/shows.py"), str(path)],
                          capture_output=True, text=True, check=False)


GOOD = ["assert x", "y = 1\n  assert y == x", "with other():\n   assert x",
        "with pytest.raises(ValueError):\n   f()", "port.expect(ARP)", "agrees(x)",
        "peer.expect_rst(seq=1)", "got = peer.expect_nothing()",
        "if x:\n   assert y\n  else:\n   assert x",
        "for i in x:\n   if i:\n    continue\n   break\n  assert i", "z = agrees(x)", "handed(x)"]
BAD = ["f()", "assert True", "assert (x, 'always')", "for i in x:\n   assert i",
       "while x:\n   assert x", "if x:\n   assert x", "port.send(x)", "absent(x)", "loops(x)",
       "return\n  assert x", "if x:\n   return\n  assert x", "assert x\n  return", "pass",
       "def inner():\n   assert x", "try:\n   assert x\n  except AssertionError:\n   pass"]
FUNCTIONS = """from lockwire import shows
def agrees(x):
    if x:
        y = 1
    assert x
def loops(x):
    for i in x:
        assert i
    loops(x)
@pytest.fixture
def handed(net):
    def inner(x):
        return agrees(x)
    return inner
def test_x(net):
 with shows("RQ-826-1"):
  """


@pytest.mark.parametrize("body", GOOD)
def test_a_block_that_asserts_is_seen(tmp_path, body):
    got = judged(tmp_path, FUNCTIONS + body + "\n")
    assert got.returncode == 0, got


@pytest.mark.parametrize("body", BAD)
def test_a_block_that_may_assert_nothing_is_found(tmp_path, body):
    got = judged(tmp_path, FUNCTIONS + body + "\n")
    assert got.returncode == 1 and "test_it.py:16:" in got.stdout, got


def test_shows_in_another_form_is_found(tmp_path):
    got = judged(tmp_path, FUNCTIONS + "assert x\n x = shows('RQ-826-2')\n with x: pass\n")
    assert got.returncode == 1 and "test_it.py:18: write `with" in got.stdout, got
