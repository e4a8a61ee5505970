"""scripts/rfc-report: what --check finds, and the page."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
HEAD = "id\tsection\tlevel\tstate\tnote\twhat\n"
TABLE = ["RQ-826-01\tRFC826 Packet Reception\tMUST\tshown\t\tfirst <b>",
         "RQ-791-01\tRFC791 3.2\tMUST\tshown\t\tsecond",
         "RQ-6298-01\tRFC6298 2.1\tSHOULD\tparked\tTCP\tthird",
         "RQ-3376-01\tRFC3376 4\tMUST\tdeviation\tversion 2 here\tfourth"]
EVIDENCE = ["RQ-826-01\ts.py::one", "RQ-826-01\ts.py::two", "RQ-826-01\ts.py::one",
            "RQ-791-01\tu.c::x/y", "MF-ETH-01\ts.py::other"]


class Tree:
    """A small source tree with a copy of the script."""

    def __init__(self, root):
        self.root = root
        shutil.copytree(SCRIPTS, root / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
        (root / "stack").mkdir()
        self.code = root / "stack" / "a.c"
        self.code.write_text("/* [RFC826 Packet Reception] */\n/* [RFC791 3.2(b) DF] */\n")
        self.table = root / "scripts" / "catalogue" / "rfc.tsv"
        self.ratchet = root / "scripts" / "catalogue" / "ratchet.tsv"
        self.ratchet.write_text("RQ-826-01\nRQ-791-01\n")
        self.evidence = root / "evidence.tsv"
        self.write(TABLE, EVIDENCE)

    def write(self, table, evidence):
        self.table.write_text(HEAD + "".join(row + "\n" for row in table))
        self.evidence.write_text("".join(row + "\n" for row in evidence))

    def __call__(self, *more):
        return subprocess.run([str(self.root / "scripts" / "rfc-report"), str(self.evidence),
                               *more], capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


def test_a_table_that_is_shown_passes(tree):
    got = tree("--check")
    assert (got.returncode, got.stderr) == (0, ""), got
    assert got.stdout == "4 rules: 2 shown, 1 parked, 1 deviation\nrfc-report: looked at 4, " \
        "found 0\n"


def test_the_table_is_printed_with_code_and_tests(tree):
    got = tree("--rfc", "826")
    assert got.stdout == ("RQ-826-01  RFC826 Packet Reception  MUST  shown\n    first <b>\n"
                          "    obeyed stack/a.c:1\n    shown  s.py::one\n    shown  s.py::two\n"
                          "1 rules: 1 shown\n")
    got = tree("--state", "deviation")
    assert "RQ-3376-01  RFC3376 4  MUST  deviation (version 2 here)\n" in got.stdout
    tree.write(TABLE, EVIDENCE[3:])
    assert "RQ-826-01  RFC826 Packet Reception  MUST  unproven\n" in tree().stdout


@pytest.mark.parametrize("table, evidence, words", [
    (TABLE, EVIDENCE[:3], "rfc.tsv:3: RQ-791-01 is shown by no test that ran"),
    (TABLE, EVIDENCE + ["RQ-6298-01\ts.py::x"], "rfc.tsv:4: RQ-6298-01 is parked, but s.py::x"),
    (TABLE, EVIDENCE + ["RQ-3376-01\ts.py::x"], "RQ-3376-01 is deviation, but s.py::x shows it"),
    (TABLE, EVIDENCE + ["RQ-826-77\ts.py::x"], "evidence.tsv:6: s.py::x shows RQ-826-77, which is"),
    (TABLE, EVIDENCE + ["nonsense"], "evidence.tsv:6: not a line of evidence"),
    (TABLE[:3] + ["RQ-3376-01\tRFC3376 4\tMUST\tdeviation\t \tx"], EVIDENCE, "must say why"),
    (TABLE[:2] + ["RQ-6298-01\tRFC6298 2.1\tSHOULD\tparked\t\tx"], EVIDENCE, "must say why"),
    (TABLE + ["RQ-826-02\tRFC826 Packet Reception\tMUST\tshown\t\tx"],
     EVIDENCE + ["RQ-826-02\ts.py::x"], "ratchet.tsv:3: scripts/rfc-report --ratchet adds RQ-82"),
    (TABLE + ["RQ-826-02\tRFC826 Related Issues\tMUST\tshown\t\tx"],
     EVIDENCE + ["RQ-826-02\ts.py::x"], "RQ-826-02 is tagged nowhere in the code"),
    (TABLE + ["RQ-791-02\tRFC791 3.20\tMUST\tshown\t\tx"],
     EVIDENCE + ["RQ-791-02\ts.py::x"], "RQ-791-02 is tagged nowhere in the code"),
    (TABLE[:1] + ["RQ-791-01\tRFC791 3.2\tMUST\tparked\tlater\tx"], EVIDENCE[:3],
     "ratchet.tsv:2: RQ-791-01 was shown and is not any more"),
    (TABLE[:1], EVIDENCE[:3], "ratchet.tsv:2: RQ-791-01 was shown and is not any more"),
    (TABLE + TABLE[:1], EVIDENCE, "rfc.tsv:6: RQ-826-01 is here for the second time"),
    (TABLE + ["RQ-826-02\tshown"], EVIDENCE, "rfc.tsv:6: 2 columns, expected 6"),
    (TABLE + ["RQ-826-02\tRFC826 2\tMUST\tdone\t\tx"], EVIDENCE, "state 'done'")])
def test_check_finds(tree, table, evidence, words):
    tree.write(table, evidence)
    got = tree("--check")
    assert got.returncode == 1 and words in got.stdout, got


def test_the_ratchet_grows_and_never_shrinks(tree):
    tree.write(TABLE[:1] + ["RQ-791-01\tRFC791 3.2\tMUST\tparked\tlater\tx",
                            "RQ-791-02\tRFC791 3.2\tMUST\tshown\t\tx",
                            "RQ-791-03\tRFC791 3.2\tMUST\tshown\t\tproven by none"],
               EVIDENCE + ["RQ-791-02\ts.py::x"])
    assert tree("--ratchet").stdout == "ratchet.tsv: 3 rows, 1 of them new\n"
    assert tree.ratchet.read_text() == "RQ-826-01\nRQ-791-01\nRQ-791-02\n"


def test_without_evidence_is_2(tree):
    tree.evidence.unlink()
    got = tree("--check")
    assert got.returncode == 2 and f"there is no {tree.evidence}" in got.stderr
    got = subprocess.run([str(tree.root / "scripts" / "rfc-report")], capture_output=True,
                         text=True, check=False)
    assert got.returncode == 2 and "no evidence" in got.stderr


def test_the_page_holds_every_rule_and_asks_for_nothing(tree):
    page = tree.root / "page.html"
    assert tree("--html", page).returncode == 0
    text = page.read_text()
    assert text.count("<tr data-rfc=") == len(TABLE)
    assert "first &lt;b&gt;" in text and "<b>" not in text
    assert "default-src 'none'; style-src 'sha256-" in text
    assert not any(word in text for word in ("http:", "https:", "src=", "href=", "url("))
    assert text == (tree("--html", page), page.read_text())[1]
