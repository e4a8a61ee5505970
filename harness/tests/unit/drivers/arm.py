#!/usr/bin/python3
"""drivers.arm: the driver's files compile for ARM7TDMI-S, ARM and Thumb, without a warning, keep no
state of their own and use nothing that a program without an operating system does not have.

Exit status 77, which ctest reports as skipped, where arm-none-eabi-gcc is not installed.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CC = "arm-none-eabi-gcc"
FLAGS = ["-mcpu=arm7tdmi-s", "-Os", "-std=gnu11", "-ffreestanding", "-Wall", "-Wextra",
         "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla",
         "-fno-common", "-Werror"]
# option sets, each with everything
OPTIONS = ([], ["-DETH_PAD_SIZE=2", "-DLWIP_STATS=1", "-DMIB2_STATS=1", "-DLWIP_STATS_LARGE=1"],
           ["-DLWIP_IGMP=0"])
# what a driver may want from outside: the stack, the port, and memory functions
WANTED = re.compile(r"^(lpc2468_|dm9161_|lpc_emac_|pbuf_|netif_|etharp_|ethernet|memcpy$|memset$|"
                    r"memmove$|sys_|igmp_|stack_only$|arm7_stopped$|__gnu_thumb1_case_\w+$|"
                    r"__aeabi_\w+$)")


def compiled(cc, source, target, root, mode):
    command = [cc, *FLAGS, *mode, "-I", root / "stack/ports/arm7", "-I", root / "stack/include",
               "-I", root, "-c", source, "-o", target]
    out = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    if out.returncode != 0:
        print(f"{source.name} {' '.join(mode)}:\n{out.stderr}")
    return out.returncode == 0


def symbols(target):
    out = subprocess.run(["arm-none-eabi-nm", str(target)], capture_output=True, text=True,
                         check=True).stdout
    for row in out.splitlines():
        kind, name = row.split()[-2:]
        yield kind, name


def judged(source, target, mode):
    good = True
    for kind, name in symbols(target):
        if kind in "dDbBC":
            print(f"{source.name} {' '.join(mode)}: writable datum {name}")
            good = False
        if kind == "U" and not WANTED.match(name):
            print(f"{source.name} {' '.join(mode)}: wants {name}, which is no driver's business")
            good = False
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", type=pathlib.Path, required=True)
    root = parser.parse_args().root
    cc = shutil.which(CC)
    if cc is None:
        print(f"skipped: there is no {CC}")
        sys.exit(77)
    sources = sorted((root / "stack/drivers").glob("*.c")) + [root / "stack/ports/arm7/port.c"]
    good, looked = True, 0
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "x.o"
        modes = [(state, *options) for state in ("-marm", "-mthumb") for options in OPTIONS]
        for mode in modes:
            for source in sources:
                looked += 1
                good = (compiled(cc, source, target, root, mode) and
                        judged(source, target, mode) and good)
    print(f"arm: {looked} compilations, {'all good' if good else 'see above'}")
    sys.exit(0 if good and looked > 4 else 1)


if __name__ == "__main__":
    main()
