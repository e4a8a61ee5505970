#!/usr/bin/python3
"""RFC tags: [RFC1122 3.2.1.3], [RFC9293 3.10.7.4 MUST-14]. Fails on a tag that is malformed, or
obeyed but never tested. scripts/rfc-report shows which rules were shown by what was executed."""
from common import Findings, ROOT
from tags import Tags


def main():
    found, tags = Findings("rfc"), Tags()
    found.looked = tags.looked
    for path, line, text in tags.malformed:
        found.add(path, line, f"malformed tag {text}: expected [RFCnnnn section]")
    for key in sorted(tags.obeyed):
        if key not in tags.tested:
            rule = f"[RFC{key[0]} {key[1]}]".replace(" ]", "]")
            place, line = tags.obeyed[key][0].rsplit(":", 1)
            found.add(ROOT / place, line, f"{rule} is obeyed here and tested nowhere")
    print(f"rules: {len(tags.obeyed)} obeyed, "
          f"{len([k for k in tags.obeyed if k in tags.tested])} of them tested")
    found.finish()


if __name__ == "__main__":
    main()
