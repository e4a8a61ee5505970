"""RFC tags in the sources, [RFC1122 3.2.1.3] or [RFC791 3.1 DF]: where each rule is obeyed, and
where it is tested."""
import re

from common import files, rel

TAG = re.compile(r"\[RFC\s?(\d+)((?:\s[^\]\[\n]{1,60})?)\]")
LOOSE = re.compile(r"\[\s*RFC[^\]\n]*\]")


class Tags:
    """obeyed, tested: (RFC, section) -> ["path:line", ...]; malformed: (path, line, text)."""

    def __init__(self):
        self.obeyed, self.tested, self.malformed, self.looked = {}, {}, [], 0
        for path in files(".c", ".h", ".py"):
            name = rel(path)
            if name.startswith("scripts/"):
                continue
            self.looked += 1
            where = self.tested if name.startswith(("scenarios/", "harness/tests/")) else \
                self.obeyed
            for i, line in enumerate(path.read_text().split("\n"), 1):
                good = set()
                for m in TAG.finditer(line):
                    good.add(m.group(0))
                    key = (int(m.group(1)), m.group(2).strip())
                    where.setdefault(key, []).append(f"{name}:{i}")
                self.malformed += [(path, i, m.group(0)) for m in LOOSE.finditer(line)
                                   if m.group(0) not in good]

    def places(self, rfc, section):
        """Where a section is obeyed. A tag may be more exact than a table: it may add a letter,
        [RFC1122 3.2.1.3(g)], or a word, [RFC791 3.1 DF]; a table may name two sections, 2/3."""
        wanted = [s.replace("(", "").replace(")", "") for s in section.split("/")]
        found = []
        for (number, text), places in self.obeyed.items():
            bare = text.replace("(", "").replace(")", "")
            if number == rfc and any(re.fullmatch(re.escape(s) + r"[a-z]?( .*)?", bare)
                                     for s in wanted):
                found += places
        return sorted(set(found), key=natural)


def natural(text):
    """Sorts numbers in texts by value."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", text)]
