#!/usr/bin/python3
"""The arrows between and inside the rooms (ARCHITECTURE.md, "The map").

Every #include of our own headers must point along an arrow; inside stack/, a room may touch only
its own member of struct stack.
"""
import re

from common import Findings, ROOT, files, rel, strip_c

# room -> rooms whose headers it may include (besides itself)
MAY = {
    "sim": (),
    "vnet": ("sim",),
    "stack": (),
    "harness": ("sim", "vnet", "stack"),
}
# inside stack: lower rooms a room may include
STACK_MAY = {
    "wire": (),
    "core": ("wire",),
    "link": ("wire", "core"),
    "ipv4": ("wire", "core", "link"),
    "ip": ("wire", "core", "link", "ipv4"),
    "udp": ("wire", "core", "link", "ipv4", "ip"),
    "tcp": ("wire", "core", "link", "ipv4", "ip"),
    "raw": ("wire", "core", "link", "ipv4", "ip", "udp"),
    "ports": ("core",),
    "drivers": ("core",),
    "include": (),
}
# which room of the stack owns which members of struct stack; the rest belongs to core
OWNER = {"link": ("link",), "ipv4": ("ipv4",), "udp": ("udp", "raw"), "tcp": ("tcp",)}
# members of core's that any room may touch
EVERYBODYS = ("config", "now_ms", "text", "pub")
# the composition of an instance is the one place that may see everybody's state types
COMPOSITION = {"stack/core/instance.h": re.compile(r"stack/\w+/\w+_state\.h"),
               "stack/core/drop.h": re.compile(r"stack/\w+/drop\.def"),
               "stack/core/drop.c": re.compile(r"stack/\w+/drop\.def")}
PUBLIC = ("lwip/", "netif/", "lockwire/", "arch/", "lwipopts.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def room_of(name):
    return name.split("/")[0]


def stack_room(name):
    return name.split("/")[1]


def check_include(found, path, line, target):
    name = rel(path)
    room = room_of(name)
    if name.startswith("harness/tests/") or name.startswith("harness/apps/"):
        return
    if target.startswith(PUBLIC):
        if room in ("sim", "vnet"):
            found.add(path, line, f"{room} must not know the stack: #include of {target}")
        return
    to = room_of(target)
    if to not in MAY or "/" not in target:
        return
    if to != room and to not in MAY[room]:
        found.add(path, line, f"{room} must not include {to}: {target}")
        return
    if room == "stack" and to == "stack":
        here, there = stack_room(name), stack_room(target)
        if here == there or there in STACK_MAY.get(here, ()):
            return
        exempt = COMPOSITION.get(name)
        if exempt is None or not exempt.fullmatch(target):
            found.add(path, line, f"stack/{here} must not include stack/{there}: {target}")


def main():
    found = Findings("layers")
    for path in files(".c", ".h", ".def", rooms=tuple(MAY)):
        found.looked += 1
        raw = path.read_text().split("\n")
        for i, text in enumerate(raw, 1):
            m = INCLUDE.match(text)
            if m:
                check_include(found, path, i, m.group(2))
        name = rel(path)
        if name.startswith("stack/") and stack_room(name) not in ("core", "include", "ports"):
            here = stack_room(name)
            for i, text in enumerate(strip_c(path.read_text()).split("\n"), 1):
                for member in re.findall(r"\bSTACK->(\w+)", text):
                    if here not in OWNER.get(member, ()) and member not in EVERYBODYS:
                        found.add(path, i,
                                  f"stack/{here} touches STACK->{member}, which is not its own")
    assert ROOT.joinpath("stack/core/instance.h").exists()
    found.finish()


if __name__ == "__main__":
    main()
