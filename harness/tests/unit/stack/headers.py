#!/usr/bin/python3
"""Every public header compiles alone, in C11 and C++, for each port, and links from C++."""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FLAGS = ["-Wall", "-Wextra", "-Werror"]
C_FLAGS = FLAGS + ["-std=c11", "-Wconversion", "-Wstrict-prototypes", "-Wshadow"]
CXX_FLAGS = FLAGS + ["-std=c++11"]
REREAD = {"lwip/priv/memp_std.h"}  # a list that is read again for each use: not a header of its own


def compile_text(command, text, *more):
    return subprocess.run([*command, *more, "-"], input=text, capture_output=True, text=True)


def functions(cc, includes, text, tmp):
    """Names of the functions that our headers declare, as the C compiler lists them."""
    listing = Path(tmp) / "prototypes"
    run = compile_text([cc, "-x", "c", "-fsyntax-only", *includes], text,
                       "-aux-info", str(listing))
    if run.returncode != 0 or not listing.exists():  # clang has no -aux-info
        return []
    found = re.findall(r"^/\* \S*stack/include/(?:lwip|netif|lockwire)\S+ \*/ extern [^(]*?"
                       r"(\w+) \(", listing.read_text(), re.M)
    return sorted(set(found))


def check_cxx_linkage(args, includes, headers, tmp):
    """No function keeps a C++ name: someone else's driver in C++ links against the C library."""
    text = "".join(f'#include "{h}"\n' for h in headers)
    names = functions(args.cc, includes, text, tmp)
    body = "".join(f"    sum += (unsigned long)&{n};\n" for n in names)
    text += "unsigned long all(void);\nunsigned long all()\n{\n    unsigned long sum = 0;\n" \
            f"{body}    return sum;\n}}\n"
    obj = str(Path(tmp) / "all.o")
    run = compile_text([args.cxx, "-x", "c++", *CXX_FLAGS, *includes], text, "-c", "-o", obj)
    if run.returncode != 0:
        return len(names), [run.stderr]
    symbols = subprocess.run(["nm", "-u", obj], capture_output=True, text=True, check=True).stdout
    return len(names), [f"mangled: {s}" for s in symbols.split() if s.startswith("_Z")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", required=True)
    parser.add_argument("--cxx")
    parser.add_argument("--root", required=True, type=Path)
    args = parser.parse_args()
    base = args.root / "stack/include"
    headers = sorted(str(p.relative_to(base)) for p in base.rglob("*.h"))
    headers = [h for h in headers if h not in REREAD]
    wrong, linked = [], 0
    with tempfile.TemporaryDirectory() as tmp:
        for port in ("sim", "unit", "example"):
            includes = [f"-I{args.root}/stack/ports/{port}", f"-I{base}"]
            for h in headers:
                text = f'#include "{h}"\n#include "{h}"\nextern int unit_is_not_empty;\n'
                commands = [[args.cc, "-x", "c", "-fsyntax-only", *C_FLAGS, *includes]]
                if args.cxx:
                    commands.append([args.cxx, "-x", "c++", "-fsyntax-only", *CXX_FLAGS, *includes])
                for command in commands:
                    run = compile_text(command, text)
                    if run.returncode != 0:
                        wrong.append(f"{h} with port {port}, {command[0]}:\n{run.stderr}")
            if args.cxx:
                count, messages = check_cxx_linkage(args, includes, headers, tmp)
                linked += count
                wrong += messages
    for message in wrong:
        print(message)
    print(f"headers: {len(headers)} alone on 3 ports, {linked} functions from C++, "
          f"{len(wrong)} wrong")
    sys.exit(1 if wrong or not headers else 0)


if __name__ == "__main__":
    main()
