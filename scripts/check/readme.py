#!/usr/bin/python3
"""Each directory has a README.md that names every file in it; links in Markdown lead somewhere."""
import re
import subprocess

from common import Findings, ROOMS, ROOT, rel

# Directories of data that their parent's README describes as a whole.
DATA = ("harness/fuzz/corpus",)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def tracked():
    """Files under git's eye or about to be: build output never shows up here."""
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                         cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in out.splitlines() if (ROOT / name).is_file()]


def main():
    found = Findings("readme")
    by_dir = {}
    for path in tracked():
        if path.relative_to(ROOT).parts[0] in ROOMS:
            by_dir.setdefault(path.parent, []).append(path)
    for folder, paths in sorted(by_dir.items()):
        if rel(folder).startswith(DATA):
            continue
        found.looked += 1
        readme = folder / "README.md"
        above = folder.parent / "README.md"
        if not readme.exists():
            # a leaf directory may be described, file by file, one level up
            if above.exists() and folder.name + "/" in above.read_text():
                readme = above
            else:
                found.add(folder, 1, "no README.md, and the one above does not describe it")
                continue
        text = readme.read_text()
        for path in sorted(paths):
            if path.name in ("README.md", "CMakeLists.txt", "__init__.py"):
                continue
            stem = re.escape(path.stem)
            if path.name not in text and not re.search(rf"\b{stem}\b", text):
                found.add(readme, 1, f"does not mention {rel(path)}")
    for path in tracked():
        if path.suffix == ".md":
            for i, line in enumerate(path.read_text().split("\n"), 1):
                for target in LINK.findall(line):
                    if "://" not in target and not (path.parent / target).exists():
                        found.add(path, i, f"link to {target}: no such file")
    found.finish()


if __name__ == "__main__":
    main()
