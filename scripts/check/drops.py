#!/usr/bin/python3
"""Every drop reason should have a scenario that provokes it: lists those that no scenario or unit
test names, and fails when there are more of them than drops_unprovoked.txt lists."""
import re

from common import Findings, ROOT, files

ROW = re.compile(r"DROP_REASON\(\s*(\w+)\s*,")
LISTED = ROOT / "scripts" / "check" / "drops_unprovoked.txt"


def main():
    found = Findings("drops")
    reasons = {}
    for path in files(".def", rooms=("stack",)):
        if path.name != "drop.def":
            continue
        for i, line in enumerate(path.read_text().split("\n"), 1):
            m = ROW.match(line.strip())
            if m:
                reasons[m.group(1)] = (path, i)
    text = "\n".join(p.read_text() for p in files(".py", rooms=("scenarios",)))
    listed = {row.partition(":")[0] for row in LISTED.read_text().splitlines()
              if row and not row.startswith("#")}
    found.looked = len(reasons)
    for name, (path, line) in sorted(reasons.items()):
        provoked = re.search(rf"\b{name}\b", text)
        if not provoked and name not in listed:
            found.add(path, line, f"no scenario provokes {name}")
        if provoked and name in listed:
            found.add(LISTED, 1, f"{name} has a scenario now: take it off the list")
    print(f"drop reasons: {len(reasons)}, without a scenario: {len(listed)}")
    found.finish()


if __name__ == "__main__":
    main()
