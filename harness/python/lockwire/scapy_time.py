"""Scapy in virtual time, blind to the machine it runs on.

Three jobs, done once by install() and for later-loaded Scapy modules again by every world:
  * the `time` that Scapy's own modules see is a VClock: it shows the world's clock and its sleep()
    advances the world. Nobody else's `time` is touched;
  * whatever Scapy would ask the host for (interfaces, routes, MAC addresses, ARP on a real network,
    real sockets) is cut off: an unset source MAC is the sending port's, an unset source address is
    0.0.0.0, anything else raises UsageError;
  * threads are refused (AsyncSniffer.start, flood, bg): in virtual time they could only add
    races. automaton.py lets Automata run in the caller's thread.
"""

from __future__ import annotations

import random
import socket
import sys
import time as real_time
from contextlib import contextmanager
from typing import Any, Iterator, NoReturn, Protocol

import scapy.ansmachine
import scapy.arch
import scapy.automaton
import scapy.config
import scapy.error
import scapy.fields
import scapy.interfaces
import scapy.layers.inet
import scapy.layers.l2
import scapy.packet
import scapy.route
import scapy.sendrecv
import scapy.supersocket
import scapy.utils
import scapy.volatile

from lockwire import automaton
from lockwire.errors import UsageError
from lockwire.vtime import VTime, to_ns

__tracebackhide__ = True  # pytest shows the scenario, not this file
conf = scapy.config.conf
NO_MAC = "00:00:00:00:00:00"
NO_INTERFACE = "lockwire"
# The modules that must carry a `time`: another Scapy that does not would silently wait for real.
TIMED = (scapy.sendrecv, scapy.automaton, scapy.supersocket, scapy.packet, scapy.fields,
         scapy.volatile, scapy.layers.l2, scapy.layers.inet, scapy.utils, scapy.config)


class Clock(Protocol):
    """What a world gives to the VClock."""

    now_ns: int

    def sleep_ns(self, ns: int) -> None:
        """Advances the world."""


class VClock:
    """Stands in for the module `time` inside Scapy: the clock of the world used last, or 0."""

    def __init__(self) -> None:
        self.world: Clock | None = None

    def time(self) -> VTime:
        """Seconds since the start of the world."""
        return VTime(self.world.now_ns if self.world is not None else 0)

    monotonic = perf_counter = time

    def sleep(self, seconds: float) -> None:
        """Lets the world run for so long; nothing happens without a world."""
        ns = to_ns(seconds)
        if ns > 0 and self.world is not None:
            self.world.sleep_ns(ns)

    # Formatting is the real module's, in UTC whatever the machine's zone is.
    gmtime = localtime = staticmethod(real_time.gmtime)
    strftime = staticmethod(real_time.strftime)
    strptime = staticmethod(real_time.strptime)
    struct_time = real_time.struct_time

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"virtual time has no {name!r}: Scapy asked for time.{name}")


CLOCK = VClock()
_sending_mac: list[str] = []
_installed = False


@contextmanager
def sending_as(mac: str) -> Iterator[None]:
    """While a packet is turned into bytes: an unset source MAC becomes this one."""
    _sending_mac.append(mac)
    try:
        yield
    finally:
        _sending_mac.pop()


def install() -> None:
    """Patches Scapy; cheap and harmless when done already (modules loaded since are added)."""
    global _installed
    if not _installed:
        for module in TIMED:
            if getattr(module, "time", None) is not real_time:
                raise UsageError(f"{module.__name__} of Scapy {conf.version} does not use the "
                                 "module time as 2.5.0 does: Lockwire does not know this Scapy")
        _cut_off()
        automaton.install()
        sys.addaudithook(_audit)
        _installed = True
    for name, module in list(sys.modules.items()):
        if name.startswith("scapy."):
            module.__tracebackhide__ = True  # type: ignore[attr-defined]
            if getattr(module, "time", None) is real_time:
                module.time = CLOCK  # type: ignore[attr-defined]
    _forget_the_host()


def enter(world: Clock, seed: int) -> None:
    """A new world: it owns Scapy's clock, and Scapy's random values hang on `seed` alone."""
    install()
    CLOCK.world = world
    random.seed(seed)
    conf.verb = 0
    conf.debug_dissector = 0


def leave(world: Clock) -> None:
    """The world has ended; its clock is not shown any more."""
    if CLOCK.world is world:
        CLOCK.world = None


def _forget_the_host() -> None:
    """Interfaces and routes of this machine, which Scapy reads when it is imported."""
    conf.ifaces.data.clear()
    conf.route.routes = []
    conf.route.route = lambda dst=None, verbose=0: (NO_INTERFACE, "0.0.0.0", "0.0.0.0")
    if getattr(conf, "route6", None) is not None:
        conf.route6.routes = []
        conf.route6.route = lambda dst="", dev=None, verbose=0: (NO_INTERFACE, "::", "::")
    conf.netcache.flush()


def _refuse(what: str) -> Any:
    def refused(*_args: object, **_kwargs: object) -> NoReturn:
        raise UsageError(what)
    return refused


class _NoSocket:
    """Where Scapy would open a socket on the machine's network."""

    def __init__(self, *_args: object, **_kwargs: object) -> None:
        raise UsageError("Scapy wants a socket on the real network. Send and receive with a port "
                         "(port.srp1(...), port.sniff(...)) or name it: sendp(x, socket=port), "
                         "sniff(opened_socket=port), MyAutomaton(ll=port.ll, recvsock=port.ll)")


_HOST = "Lockwire does not read this machine's addresses: write them into the packet"


def _interface_mac(_interface: Any) -> str:
    """While a port answers or sends, "the interface" is that port."""
    if not _sending_mac:
        raise UsageError(_HOST)
    return _sending_mac[-1]


def _source_mac(self: Any, _packet: Any, value: str | None) -> str:
    if value is None:
        value = _sending_mac[-1] if _sending_mac else NO_MAC
    return scapy.fields.MACField.i2h(self, _packet, value)


def destination_mac(ip: Any, chainCC: int = 0) -> str:
    """In place of Scapy's ARP on the real network: only what needs no asking is known."""
    text = str(ip or "0.0.0.0")
    try:
        packed = socket.inet_aton(text)
    except OSError:
        packed = b""
    if packed == b"\xff" * 4:
        return "ff:ff:ff:ff:ff:ff"
    if packed and packed[0] & 0xF0 == 0xE0:
        return f"01:00:5e:{packed[1] & 0x7F:02x}:{packed[2]:02x}:{packed[3]:02x}"
    raise UsageError(f"the frame to {text} has no destination MAC: write Ether(dst=...); "
                     "Lockwire does not let Scapy ask the real network")


def _arp_destination(_l2: Any, l3: Any) -> str:
    return "ff:ff:ff:ff:ff:ff" if l3.op == 1 else destination_mac(l3.pdst)


def _cut_off() -> None:
    l2, inet = scapy.layers.l2, scapy.layers.inet
    l2.SourceMACField.i2h = _source_mac
    l2.getmacbyip = inet.getmacbyip = destination_mac
    conf.neighbor.register_l3(l2.Ether, l2.ARP, _arp_destination)
    for module in (scapy.arch, l2, scapy.ansmachine):
        for name, stand_in in (("get_if_hwaddr", _interface_mac), ("get_if_addr", _refuse(_HOST)),
                               ("get_if_raw_hwaddr", _refuse(_HOST))):
            if hasattr(module, name):
                setattr(module, name, stand_in)
    for name in ("L2socket", "L3socket", "L2listen", "L3socket6"):
        setattr(conf, name, _NoSocket)
    interface = scapy.interfaces.NetworkInterface
    for name in ("l2socket", "l3socket", "l2listen"):
        setattr(interface, name, lambda self: _NoSocket)
    conf.ifaces.reload = conf.ifaces.load_confiface = lambda: None
    conf.route.resync = lambda: None
    scapy.config.log_scapy.disabled = scapy.error.log_runtime.disabled = True
    conf.iface = NO_INTERFACE  # it warns that there is no such interface, which is the point
    scapy.config.log_scapy.disabled = scapy.error.log_runtime.disabled = False
    threads = "threads are not to be had in virtual time: "
    scapy.sendrecv.AsyncSniffer.start = _refuse(
        threads + "use port.sniff(timeout=...); frames are kept until you look at them")
    scapy.ansmachine.AnsweringMachine.sniff_bg = _refuse(
        threads + "use port.answer(machine), which answers at the moment of arrival")
    scapy.sendrecv.sndrcvflood = _refuse(threads + "send in a loop with port.send()")
    for name in ("srflood", "sr1flood", "srpflood", "srp1flood", "sendpfast", "bridge_and_sniff"):
        setattr(scapy.sendrecv, name, _refuse(f"{name} does not exist in virtual time"))
    original = scapy.sendrecv.SndRcvHandler.__init__

    def without_thread(self: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("threaded"):
            raise UsageError(threads + "leave out threaded=True")
        # Without chainEX Scapy logs what goes wrong while sending, and waits for answers.
        kwargs.setdefault("chainEX", True)
        kwargs.setdefault("chainCC", True)
        original(self, *args, **kwargs)

    scapy.sendrecv.SndRcvHandler.__init__ = without_thread


def _forget_the_hour() -> None:
    """ICMP's timestamps default to the time of day at which Scapy was imported: now to 0. Packets
    built outside of any world, in a list of parameters for one, must not have it either."""
    icmp = scapy.layers.inet.ICMP
    for field in icmp.fields_desc:
        inner = getattr(field, "fld", field)
        if isinstance(inner, scapy.layers.inet.ICMPTimeStampField):
            inner.default = 0
    scapy.packet.Packet.class_default_fields.pop(icmp, None)


_forget_the_hour()


def _audit(event: str, args: tuple) -> None:
    """The last belt: with a world open, no raw or packet socket is made in this process."""
    if event == "socket.__new__" and CLOCK.world is not None:
        _socket, family, kind, _protocol = args
        if family == socket.AF_PACKET or kind & 0xF == socket.SOCK_RAW:
            raise UsageError("a raw socket on the real network was asked for inside a scenario")
