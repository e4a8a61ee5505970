"""A segment of the virtual Ethernet, and what goes wrong on it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping

from lockwire import units
from lockwire.errors import UsageError
from lockwire.netns import Namespace, namespace_path
from lockwire.port import Port

if TYPE_CHECKING:
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file
OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "&")
# A predicate gets the frame as a Scapy packet and says whether the fault applies.
Predicate = Callable[[Any], object]
Match = Mapping[str, Any] | Iterable[Iterable[Any]] | Predicate | None
Place = Any  # a port's or host's name, a Port, a Host, or None for any


class Segment:
    """Made by net.segment(). `ports` has the Scapy ports by name; `faults` and `impair` break
    it."""

    def __init__(self, net: "Net", id_: int, name: str, kind: str) -> None:
        self.net = net
        self.id = id_
        self.name = name
        self.kind = kind
        self.ports: dict[str, Port] = {}
        # host name -> name of its port here; the first interface wins
        self.names: dict[str, str] = {}
        self.faults = Faults(self)
        self.impair = Impairments(self)
        net.keep(self)

    def port(self, name: str, mac: str = "02:00:00:00:00:fe", ip: str | None = None) -> Port:
        """Plugs in a Scapy socket. It hears every frame that reaches its cable. `ip` is for its TCP
        peers (port.tcp) and means nothing else: a port has no stack."""
        if name in self.ports or name in self.names.values():
            raise UsageError(f"segment {self.name} has a port {name!r} already")
        mac, ip = units.mac(mac), units.address(ip, "ip") if ip else None
        reply = self.net.command("port", segment=self.id, name=name, mac=mac)
        made = Port(self.net, reply["port"], f"{self.name}/{name}", mac, ip)
        self.ports[name] = made
        self.net.add_port(made)
        return made

    def tap(self, device: str = "tap0", netns: Namespace | str | None = None) -> Tap:
        """Plugs in the Linux kernel: its TAP device `device` (made if there is none), in a network
        namespace: a Namespace, a name that `ip netns` knows, or a path; None: this process's.

        Only with --paced: the kernel lives in real time. What it says is no function of the seed,
        so such a run is not reproducible; its recording is (lockwire replay). """
        net = self.net
        if self.has(device):
            raise UsageError(f"segment {self.name} has a port {device!r} already")
        if not net.paced:
            raise UsageError("tap: the kernel lives in real time: run with --paced")
        if net.repeated:
            raise UsageError("tap: a run with a TAP is not reproducible: leave out --repeat")
        reply = net.command("tap", segment=self.id, name=device, device=device,
                            netns=namespace_path(netns))
        self.names[device] = device
        net.live = True
        return Tap(net, reply["port"], f"{self.name}/{device}")

    def link(self, up: bool, port: Place = None) -> None:
        """Plugs all cables (or that of one port) in or out; frames on them are lost."""
        name = self.place(port, "port")
        if name is not None and not self.has(name):
            known = ", ".join([*self.names, *self.ports]) or "nobody yet"
            raise UsageError(f"port: {name!r} is not on segment {self.name} (there: {known})")
        self.net.command("link", segment=self.id, port=name, up=bool(up))

    def has(self, port: str) -> bool:
        """Whether a port of this name (the simulator's) is plugged in."""
        return port in self.ports or port in self.names.values()

    def place(self, where: Place, what: str) -> str | None:
        """The simulator's port name for what people say: a host, a port or a name of either. A name
        that nobody has yet is taken as it is: faults may be declared before hosts are made."""
        if where is None:
            return None
        if isinstance(where, Port):
            if where not in self.ports.values():
                raise UsageError(f"{what}: {where.name} is not on segment {self.name}")
            return where.name.partition("/")[2]
        name = where if isinstance(where, str) else getattr(where, "name", None)
        if name in self.names:
            return self.names[name]
        if not isinstance(name, str) or not name:
            raise UsageError(f"{what}: expected a host, a port or a name of either, not {where!r}")
        return name

    def state(self) -> tuple:
        """What a snapshot of the world keeps of this segment."""
        return dict(self.ports), dict(self.names)

    def set_state(self, state: tuple) -> None:
        """Back to what state() returned."""
        self.ports, self.names = dict(state[0]), dict(state[1])

    def copy_to(self, net: "Net") -> "Segment":
        """The same segment as an object of a twin world."""
        other = Segment(net, self.id, self.name, self.kind)
        other.names = dict(self.names)
        for name, port in self.ports.items():
            other.ports[name] = port.copy_to(net)
        return other

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


class Tap:
    """Made by segment.tap(): the kernel's place on a segment. `name` is "segment/device"."""

    def __init__(self, net: "Net", id_: int, name: str) -> None:
        self.net = net
        self.id = id_
        self.name = name

    def counts(self) -> dict[str, Any]:
        """Frames brought `in` and taken `out` by the kernel, `waiting` for it, `dropped` {reason:
        frames} on its side, and whether the device is `gone`."""
        reply = self.net.command("tap_counts", port=self.id)
        return {k: v for k, v in reply.items() if k != "ok"}

    def __repr__(self) -> str:
        return f"<tap {self.name}>"


class Fault:
    """A scheduled fault. One that never fires fails the scenario, unless it was declared
    optional."""

    def __init__(self, net: "Net", id_: int, text: str, predicate: Predicate | None,
                 optional: bool) -> None:
        self.net = net
        self.id = id_
        self.text = text
        self.predicate = predicate
        self.optional = optional
        self.names: list[tuple[Segment, str]] = []

    @property
    def fired(self) -> int:
        """How many deliveries it has changed so far."""
        return self.net.command("fault_status", fault=self.id)["fired"]

    def strangers(self) -> list[str]:
        """Names it was declared for that nobody has ever had: typing errors, most likely."""
        return [name for segment, name in self.names if not segment.has(name)]

    def __repr__(self) -> str:
        return self.text


class Faults:
    """segment.faults: what happens to chosen frames.

    Who is hit: `src` and `dst` (host, port or name; None: any), `window=(from, until)` of virtual
    time, `match`: a dict {"udp.dport": 53, "ip.ttl": ("<", 5)}, a list of conditions [["udp.dport",
    "==", 53], ["bytes", "==", 14, "4500"]], or a function that gets a Scapy packet. Of the frames
    that match: `nth` (1-based, one or several), `every` k-th; `count` ends the fault after so many.
    A frame is asked once per receiver. Fields: vnet/match.h. """

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def drop(self, **who: Any) -> Fault:
        """Loses the frame."""
        return self._add("drop", who)

    def delay(self, by: str | float, jitter: str | float = 0, **who: Any) -> Fault:
        """Delivers it later; others overtake it."""
        return self._add("delay", who, delay_ns=units.duration(by, "by"),
                         jitter_ns=units.duration(jitter, "jitter"))

    def duplicate(self, copies: int = 1, gap: str | float = 0, **who: Any) -> Fault:
        """Delivers `copies` more, `gap` apart."""
        return self._add("duplicate", who, copies=units.whole(copies, "copies", 1, 1000),
                         gap_ns=units.duration(gap, "gap"))

    def corrupt(self, bits: int | None = None, offset: int | None = None, xor: int = 0xFF,
                repair: bool = False, **who: Any) -> Fault:
        """Flips `bits` random bits, or xors the byte at `offset`; repair=True mends the checksums
        after."""
        return self._add("corrupt", who, **corruption(bits, offset, xor, repair))

    def truncate(self, length: int, **who: Any) -> Fault:
        """Cuts it to `length` bytes."""
        return self._add("truncate", who, length=units.whole(length, "length", 1, 9216))

    def reorder(self, depth: int = 1, within: str | float = "1s", **who: Any) -> Fault:
        """Holds it back until `depth` later frames have overtaken it, at most `within`."""
        return self._add("reorder", who, depth=units.whole(depth, "depth", 1, 0xFFFFFFFF),
                         delay_ns=units.duration(within, "within"))

    def partition(self, *groups: Iterable[Place], **who: Any) -> Fault:
        """Only members of the same group hear each other, for the `window`. Groups are lists of
        hosts, ports or names, given one by one or as one list of lists; a group of one needs no
        list."""
        if len(groups) == 1 and isinstance(groups[0], (list, tuple)) and \
                all(isinstance(group, (list, tuple)) for group in groups[0]):
            groups = tuple(groups[0])
        if not groups:
            raise UsageError('partition: name the groups: faults.partition(["a", "b"], ["c"])')
        lists = [g if isinstance(g, (list, tuple, set)) else [g] for g in groups]
        named = [sorted(self._segment.place(p, "partition") for p in group) for group in lists]
        return self._add("partition", who, groups=named)

    def _add(self, kind: str, who: dict[str, Any], **parameters: Any) -> Fault:
        segment = self._segment
        known = {"nth", "every", "src", "dst", "match", "window", "count", "optional"}
        for name in who:
            if name not in known:
                raise UsageError(f"faults.{kind}: there is no {name!r}; a fault takes "
                                 f"{', '.join(sorted(known))}")
        terms, predicate = condition(who.get("match"))
        start, end = window(who.get("window"))
        members = {
            "segment": segment.id, "kind": kind,
            "src": segment.place(who.get("src"), "src"),
            "dst": segment.place(who.get("dst"), "dst"),
            "nth": ordinals(who.get("nth")),
            "every": _positive(who, "every") or 0,
            "from_ns": start, "until_ns": end, "match": terms, "predicate": predicate is not None,
            "count": _positive(who, "count"),
            "must_fire": not who.get("optional"), **parameters}
        reply = segment.net.command("fault", **members)
        shown = ", ".join(f"{k}={_shown(v)}" for k, v in who.items())
        made = Fault(segment.net, reply["fault"], f"{segment.name}.faults.{kind}({shown})",
                     predicate, bool(who.get("optional")))
        places = [members["src"], members["dst"], *sum(parameters.get("groups", []), [])]
        made.names = [(segment, name) for name in places if name is not None]
        segment.net.add_fault(made)
        return made


class Impairment:
    """A standing impairment; remove() ends it."""

    def __init__(self, net: "Net", id_: int) -> None:
        self.net = net
        self.id = id_

    def remove(self) -> None:
        """Takes it away from now on."""
        self.net.command("impair_remove", impair=self.id)


class Impairments:
    """segment.impair: chance and slowness that hit every frame of a direction (`src`, `dst`; None:
    any)."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def loss(self, p: str | float, src: Place = None, dst: Place = None) -> Impairment:
        """Independent loss."""
        return self._add("loss", src, dst, p=units.probability(p, "p"))

    def burst(self, enter: str | float, leave: str | float, good: str | float = 0,
              bad: str | float = 1, src: Place = None, dst: Place = None) -> Impairment:
        """Gilbert-Elliott loss: chances to enter and leave the bad state, and of loss in each."""
        return self._add("burst", src, dst, p_enter=units.probability(enter, "enter"),
                         p_leave=units.probability(leave, "leave"),
                         p_loss_good=units.probability(good, "good"),
                         p_loss_bad=units.probability(bad, "bad"))

    def delay(self, by: str | float, jitter: str | float = 0, src: Place = None,
              dst: Place = None) -> Impairment:
        """Constant delay plus uniform jitter; frames may overtake each other."""
        return self._add("delay", src, dst, delay_ns=units.duration(by, "by"),
                         jitter_ns=units.duration(jitter, "jitter"))

    def jitter(self, up_to: str | float, src: Place = None, dst: Place = None) -> Impairment:
        """Uniform extra delay."""
        return self._add("jitter", src, dst, jitter_ns=units.duration(up_to, "up_to"))

    def duplicate(self, p: str | float, copies: int = 1, gap: str | float = 0, src: Place = None,
                  dst: Place = None) -> Impairment:
        """Extra copies by chance."""
        return self._add("duplicate", src, dst, p=units.probability(p, "p"),
                         copies=units.whole(copies, "copies", 1, 1000),
                         gap_ns=units.duration(gap, "gap"))

    def reorder(self, p: str | float, depth: int = 1, within: str | float = "1s", src: Place = None,
                dst: Place = None) -> Impairment:
        """Frames held back by chance until `depth` others have passed."""
        return self._add("reorder", src, dst, p=units.probability(p, "p"),
                         depth=units.whole(depth, "depth", 1, 0xFFFFFFFF),
                         delay_ns=units.duration(within, "within"))

    def corrupt(self, p: str | float, bits: int | None = None, offset: int | None = None,
                xor: int = 0xFF, repair: bool = False, src: Place = None,
                dst: Place = None) -> Impairment:
        """Damage by chance."""
        return self._add("corrupt", src, dst, p=units.probability(p, "p"),
                         **corruption(bits, offset, xor, repair))

    def truncate(self, p: str | float, length: int, src: Place = None,
                 dst: Place = None) -> Impairment:
        """Frames cut by chance."""
        return self._add("truncate", src, dst, p=units.probability(p, "p"),
                         length=units.whole(length, "length", 1, 9216))

    def rate(self, rate: str | int, src: Place = None, dst: Place = None) -> Impairment:
        """Shapes a direction to so many bits per second, on top of the cable's own rate."""
        return self._add("rate", src, dst, rate_bps=units.rate(rate))

    def _add(self, kind: str, src: Place, dst: Place, **parameters: Any) -> Impairment:
        segment = self._segment
        reply = segment.net.command("impair", segment=segment.id, kind=kind,
                                    src=segment.place(src, "src"), dst=segment.place(dst, "dst"),
                                    **parameters)
        return Impairment(segment.net, reply["impair"])


def corruption(bits: int | None, offset: int | None, xor: int, repair: bool) -> dict[str, Any]:
    """The members for damage: random bits, or one byte."""
    if bits is not None and offset is not None:
        raise UsageError("corrupt: give bits= (at random) or offset= (one byte), not both")
    if offset is None:
        return {"bits": units.whole(1 if bits is None else bits, "bits", 1, 9216 * 8),
                "repair": bool(repair)}
    return {"offset": units.whole(offset, "offset", 0, 9215),
            "xor": units.whole(xor, "xor", 1, 255), "repair": bool(repair)}


def _positive(who: dict[str, Any], name: str) -> int | None:
    return None if who.get(name) is None else units.whole(who[name], name, 1)


def ordinals(nth: int | Iterable[int] | None) -> list[int] | None:
    """nth= as an ascending list of 1-based numbers."""
    if nth is None:
        return None
    numbers = [nth] if isinstance(nth, int) else list(nth)
    return sorted({units.whole(n, "nth", 1) for n in numbers}) or None


def window(given: tuple | None) -> tuple[int, int | None]:
    """window= as [from, until) in ns; None is an open end."""
    if given is None:
        return 0, None
    try:
        start, end = given
    except (TypeError, ValueError):
        raise UsageError(f'window: expected two moments ("1s", "2s"), not {given!r}') from None
    begin = 0 if start is None else units.moment(start, "window")
    until = None if end is None else units.moment(end, "window")
    if until is not None and begin >= until:
        raise UsageError(f"window: {given!r} ends before it begins")
    return begin, until


def condition(match: Match) -> tuple[list[list] | None, Predicate | None]:
    """match= as the simulator's terms, or as a function to be asked."""
    if match is None:
        return None, None
    if callable(match):
        return None, match
    if isinstance(match, Mapping):
        items = []
        for field, value in match.items():
            operator, value = value if isinstance(value, (tuple, list)) else ("==", value)
            items.append([field, operator, value])
    else:
        items = [list(term) for term in match]
    return [_term(item) for item in items], None


def _term(item: list) -> list:
    if len(item) == 4 and item[0] == "bytes":
        data = item[3].hex() if isinstance(item[3], bytes) else str(item[3])
        return ["bytes", "==", units.whole(item[2], "match offset", 0, 9215), data]
    if len(item) != 3 or item[1] not in OPERATORS:
        raise UsageError('match: expected ["udp.dport", "==", 53] with one of '
                         f"{' '.join(OPERATORS)}, not {item!r}")
    field, operator, value = item
    return [str(field), operator, _number(str(field), value)]


def _number(field: str, value: Any) -> int:
    if isinstance(value, str) and value.count(".") == 3:
        return int(ipaddress.IPv4Address(units.address(value, field)))
    if isinstance(value, str):
        return int(units.mac(value, field).replace(":", ""), 16)
    return units.whole(int(value) if isinstance(value, bool) else value, f"match {field}")


def _shown(value: Any) -> str:
    return getattr(value, "__name__", None) or getattr(value, "name", None) or repr(value)
