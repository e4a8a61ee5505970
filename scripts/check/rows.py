"""The tables of scripts/catalogue and the evidence that tests leave: how they are read."""
import collections
import re

ROW_ID = re.compile(r"(?:M[FB]-[A-Z][A-Z0-9]*|RQ-\d+(?:-[A-Z]+)?)-\d+")
STATES = ("shown", "parked", "deviation")


def read_table(path, found):
    """The rows of a table as dictionaries by the names in its first line, each with its line
    number in "line". What is wrong with the table itself is added to `found`."""
    lines = path.read_text().split("\n")
    names = lines[0].split("\t")
    rows = {}
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        row = dict(zip(names, line.split("\t")), line=number)
        if len(line.split("\t")) != len(names):
            found.add(path, number, f"{line.count(chr(9)) + 1} columns, expected {len(names)}")
            continue
        if not ROW_ID.fullmatch(row["id"]):
            found.add(path, number, f"{row['id']} is not the id of a row")
        if row["id"] in rows:
            found.add(path, number, f"{row['id']} is here for the second time")
        if row["state"] not in STATES:
            found.add(path, number, f"state {row['state']!r}, expected one of {', '.join(STATES)}")
        elif row["state"] != "shown" and not row["note"].strip():
            found.add(path, number, f"{row['id']} is {row['state']}: the note must say why")
        if not row["what"].strip():
            found.add(path, number, f"{row['id']}: what is it?")
        rows[row["id"]] = row
    return rows


def read_evidence(paths, found):
    """row id -> the tests that showed it, in order, each once."""
    tests = collections.defaultdict(dict)
    for path in paths:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            row, _, test = line.partition("\t")
            if not ROW_ID.fullmatch(row) or not test:
                found.add(path, number, f"not a line of evidence: {line!r}")
            else:
                tests[row][test] = (path, number)
    return {row: dict(where) for row, where in tests.items()}
