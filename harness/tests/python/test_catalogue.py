"""What scripts/check/catalogue.py finds in tables and evidence, each finding provoked once."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
MALFORMED = [["id", "state", "note", "what"], ["MF-ETH-01", "shown", "", "a cut frame"],
             ["MF-TCP-02", "parked", "TCP", "odd offsets"],
             ["MF-ARP-03", "deviation", "better so", "a poisoned table"]]
MUSEUM = [MALFORMED[0], ["MB-ARP-01", "shown", "", "an old bug"]]
RFC = [["id", "section", "level", "state", "note", "what"],
       ["RQ-826-01", "RFC826", "MUST", "shown", "", "ask"]]
EVIDENCE = ["MF-ETH-01\ta::b[MF-ETH-01/13]", "MB-ARP-01\tc::d", "RQ-826-01\te::f"]


class Tree:
    """A copy of the check with tables of its own."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "scripts" / "catalogue").mkdir(parents=True)
        (folder / "scripts" / "check").mkdir()
        for name in ("catalogue.py", "rows.py", "common.py"):
            shutil.copy(ROOT / "scripts" / "check" / name, folder / "scripts" / "check")
        self.tables = {"malformed.tsv": MALFORMED, "museum.tsv": MUSEUM, "rfc.tsv": RFC}
        self.evidence = EVIDENCE

    def check(self, *more):
        """(exit status, findings without the place and the summary lines)."""
        for name, rows in self.tables.items():
            (self.folder / "scripts" / "catalogue" / name).write_text(
                "".join("\t".join(row) + "\n" for row in rows))
        (self.folder / "evidence").mkdir(exist_ok=True)
        (self.folder / "evidence" / "a.tsv").write_text("".join(f"{e}\n" for e in self.evidence))
        done = subprocess.run(
            ["/usr/bin/python3", self.folder / "scripts" / "check" / "catalogue.py", *more,
             self.folder / "evidence"], capture_output=True, text=True, check=False)
        assert done.stderr == ""
        lines = done.stdout.splitlines()
        assert lines[-1] == f"catalogue: looked at {lines[-1].split()[3][:-1]}, found " \
                            f"{sum('.tsv:' in line and ' rows, ' not in line for line in lines)}"
        return done.returncode, [line.split(": ", 1)[1] for line in lines[:-1]
                                 if " rows, " not in line]


@pytest.fixture
def tree(tmp_path):
    """Tables and evidence in order."""
    return Tree(tmp_path)


def test_nothing_is_found_when_all_is_well(tree):
    assert tree.check() == (0, [])


@pytest.mark.parametrize("table, rows, finding", [
    ("malformed.tsv", [*MALFORMED, ["MF-ETH-02", "shown", "", "x"]],
     "MF-ETH-02 is shown, but no test that passed shows it"),
    ("malformed.tsv", [MALFORMED[0], ["MF-ETH-01", "parked", "TCP", "x"]],
     "MF-ETH-01 is parked, and a::b[MF-ETH-01/13] shows it"),
    ("malformed.tsv", [*MALFORMED, MALFORMED[1]], "MF-ETH-01 is here for the second time"),
    ("malformed.tsv", [*MALFORMED, ["MF-TCP-03", "parked", "", "x"]],
     "MF-TCP-03 is parked: the note must say why"),
    ("malformed.tsv", [*MALFORMED, ["MF-TCP-03", "deviation", " ", "x"]],
     "MF-TCP-03 is deviation: the note must say why"),
    ("malformed.tsv", [*MALFORMED, ["MF-TCP-03", "parked", "TCP", ""]],
     "MF-TCP-03: what is it?"),
    ("malformed.tsv", [*MALFORMED, ["MF-TCP-03", "parked", "TCP"]], "3 columns, expected 4"),
    ("malformed.tsv", [*MALFORMED, ["MF-TCP-03", "done", "TCP", "x"]],
     "state 'done', expected one of shown, parked, deviation"),
    ("malformed.tsv", [*MALFORMED, ["TCP-3", "parked", "TCP", "x"]],
     "TCP-3 is not the id of a row")])
def test_each_fault_of_a_table_is_found(tree, table, rows, finding):
    tree.tables[table] = rows
    assert tree.check() == (1, [finding])


def test_a_missing_table_is_found(tree):
    del tree.tables["museum.tsv"]
    assert tree.check() == (1, ["the table is missing",
                                "c::d shows MB-ARP-01, which is in no table"])


def test_columns_of_another_table_are_found(tree):
    tree.tables["rfc.tsv"] = MUSEUM
    assert tree.check()[1][0] == \
        "the columns are id state note what, expected id section level state note what"


@pytest.mark.parametrize("line, finding", [
    ("MF-ETH-99\tx::y", "x::y shows MF-ETH-99, which is in no table"),
    ("MF-ETH-01", "not a line of evidence: 'MF-ETH-01'"),
    ("nonsense\tx::y", "not a line of evidence: 'nonsense\\tx::y'")])
def test_each_fault_of_evidence_is_found(tree, line, finding):
    tree.evidence = [*EVIDENCE, line]
    assert tree.check() == (1, [finding])


def test_ids_are_compared_with_the_facts(tree, tmp_path):
    facts = tmp_path / "facts"
    facts.mkdir()
    for name, ids in (("MALFORMED", ["MF-ETH-01", "MF-TCP-02", "MF-TCP-03"]),
                      ("MUSEUM", ["MB-ARP-01"]), ("REQUIREMENTS", ["RQ-826-01"])):
        (facts / f"{name}.tsv").write_text("id\n" + "".join(f"{i}\tx\n" for i in ids))
    assert tree.check("--facts", str(facts)) == (1, [
        "MF-TCP-03 of MALFORMED.tsv is missing", "MF-ARP-03 is not in MALFORMED.tsv"])


def test_no_evidence_at_all_is_no_success(tree):
    tree.check()
    (tree.folder / "evidence" / "a.tsv").unlink()
    done = subprocess.run(
        ["/usr/bin/python3", tree.folder / "scripts" / "check" / "catalogue.py",
         tree.folder / "evidence"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "no evidence at" in done.stderr
