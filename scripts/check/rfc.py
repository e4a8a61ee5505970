#!/usr/bin/python3
"""RFC tags: [RFC1122 3.2.1.3], [RFC9293 3.10.7.4 MUST-14]. Prints the table of rules, where they
are obeyed and where they are tested; fails on a tag that is malformed or obeyed but never tested.

usage: rfc.py [--table]
"""
import re
import sys

from common import Findings, ROOT, files, rel

TAG = re.compile(r"\[RFC\s?(\d+)((?:\s[^\]\[\n]{1,60})?)\]")
LOOSE = re.compile(r"\[\s*RFC[^\]\n]*\]")
LISTED = ROOT / "scripts" / "check" / "rfc_untested.txt"


def main():
    found = Findings("rfc")
    obeyed, tested = {}, {}
    for path in files(".c", ".h", ".py"):
        if path.parent.name == "check":
            continue
        found.looked += 1
        name = rel(path)
        where = tested if name.startswith(("scenarios/", "harness/tests/")) else obeyed
        for i, line in enumerate(path.read_text().split("\n"), 1):
            good = {m.group(0) for m in TAG.finditer(line)}
            for m in LOOSE.finditer(line):
                if m.group(0) not in good:
                    found.add(path, i, f"malformed tag {m.group(0)}: expected [RFCnnnn section]")
            for m in TAG.finditer(line):
                key = (int(m.group(1)), m.group(2).strip())
                where.setdefault(key, []).append(f"{name}:{i}")
    listed = set()
    if LISTED.exists():
        for row in LISTED.read_text().splitlines():
            m = TAG.match(row)
            if m:
                listed.add((int(m.group(1)), m.group(2).strip()))
    for key in sorted(obeyed):
        rule = f"[RFC{key[0]} {key[1]}]".replace(" ]", "]")
        if "--table" in sys.argv:
            print(f"{rule:34} obeyed {len(obeyed[key]):2}  tested {len(tested.get(key, [])):2}  "
                  f"{obeyed[key][0]}")
        if key not in tested and key not in listed:
            place, line = obeyed[key][0].rsplit(":", 1)
            found.add(ROOT / place, line, f"{rule} is obeyed here and tested nowhere")
        if key in tested and key in listed:
            found.add(LISTED, 1, f"{rule} has a test now: take it off the list")
    print(f"rules: {len(obeyed)} obeyed, {len([k for k in obeyed if k in tested])} of them tested, "
          f"{len(listed)} listed as untested")
    found.finish()


if __name__ == "__main__":
    main()
