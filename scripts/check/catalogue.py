#!/usr/bin/python3
"""Each row of the catalogues (scripts/catalogue) is shown by a test that ran and passed, or parked
with what it waits for, or a deviation with a reason.

usage: catalogue.py [--facts DIR] EVIDENCE...

EVIDENCE: files that tests left (OUT/evidence.tsv of `lockwire run`), or directories of such files
(build/dev/evidence, of the unit tests). Findings: a row that is shown without evidence; one that is
parked with evidence (if its note says that something of it is shown: one without); evidence for a
row that no table has; a missing table; a row that is there twice or lacks a field. With --facts,
where MALFORMED.tsv, MUSEUM.tsv and REQUIREMENTS.tsv are in DIR: an id of theirs that our table
lacks, or one of ours that they lack.
"""
import argparse
import pathlib
import sys

from common import Findings, ROOT
from rows import STATES, read_evidence, read_table

CATALOGUE = ROOT / "scripts" / "catalogue"
# our table, the column names in its first line, the table it goes back to
TABLES = [("malformed.tsv", "id state note what", "MALFORMED.tsv"),
          ("museum.tsv", "id state note what", "MUSEUM.tsv"),
          ("rfc.tsv", "id section level state note what", "REQUIREMENTS.tsv")]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("evidence", nargs="+", type=pathlib.Path, metavar="EVIDENCE")
    parser.add_argument("--facts", type=pathlib.Path, metavar="DIR")
    return parser.parse_args()


def evidence_files(given):
    """The files meant; exits with 2 when there is nothing to read at one of the places."""
    files = []
    for place in given:
        here = sorted(place.glob("*.tsv")) if place.is_dir() else [place]
        if not here or not all(p.is_file() for p in here):
            print(f"catalogue: no evidence at {place}: run scripts/test, or `lockwire run` first",
                  file=sys.stderr)
            sys.exit(2)
        files += [p.absolute() for p in here]
    return files


def compare_facts(path, ids, facts, found):
    """Our table has the same ids as the one that it goes back to."""
    theirs = [line.split("\t")[0] for line in facts.read_text().split("\n")[1:] if line]
    for name in theirs:
        if name not in ids:
            found.add(path, 1, f"{name} of {facts.name} is missing")
    for name in set(ids) - set(theirs):
        found.add(path, ids[name]["line"], f"{name} is not in {facts.name}")


def check_table(path, columns, evidence, found):
    """The rows of one table by id; what is wrong with it and its evidence goes to `found`."""
    first = path.read_text().split("\n")[0].split("\t")
    if first != columns.split():
        found.add(path, 1, f"the columns are {' '.join(first)}, expected {columns}")
        return {}
    rows = read_table(path, found)
    for name, row in rows.items():
        if row["state"] == "shown" and name not in evidence:
            found.add(path, row["line"], f"{name} is shown, but no test that passed shows it")
        partly = "shown" in row["note"]
        if row["state"] == "parked" and name in evidence and not partly:
            found.add(path, row["line"],
                      f"{name} is parked, and {next(iter(evidence[name]))} shows it")
        if row["state"] == "parked" and name not in evidence and partly:
            found.add(path, row["line"], f"{name} is shown in part, but no test that passed does")
    return rows


def main():
    options = arguments()
    found = Findings("catalogue")
    evidence = read_evidence(evidence_files(options.evidence), found)
    known = {}
    for name, columns, facts in TABLES:
        path = CATALOGUE / name
        if not path.exists():
            found.add(path, 1, "the table is missing")
            continue
        rows = check_table(path, columns, evidence, found)
        known.update(rows)
        count = {s: sum(r["state"] == s for r in rows.values()) for s in STATES}
        print(f"{name}: {len(rows)} rows,", ", ".join(f"{n} {s}" for s, n in count.items()))
        if options.facts:
            compare_facts(path, rows, options.facts / facts, found)
    for name in sorted(evidence.keys() - known.keys()):
        test, (path, line) = next(iter(evidence[name].items()))
        found.add(path, line, f"{test} shows {name}, which is in no table")
    found.looked = len(known)
    found.finish()


if __name__ == "__main__":
    main()
