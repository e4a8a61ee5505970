"""Net: one world, in one simulator process: segments, hosts, virtual time.

    net.segment(...) net.host(...) build it; net.run(for_=...) lets time pass; ports and hosts have
the calls that wait. All of them end up in Net.step(), the only place that advances time.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping

from lockwire import scapy_time, units
from lockwire.capture import mend
from lockwire.chip import ChipFault, chip_members, partner_members
from lockwire.errors import (CommandError, Deadlock, Failure, LockwireError, SimulatorDied,
                             UsageError)
from lockwire.firmware import Firmware
from lockwire.host import Host, check_interface
from lockwire.paths import simulator
from lockwire.port import Port, dissect
from lockwire.segment import Fault, Segment
from lockwire.sockets import App
from lockwire.vtime import VTime
from lockwire.wire import VERSION, Event, Question, Wire, status_text

if TYPE_CHECKING:
    from lockwire.sweep import Sweep

__tracebackhide__ = True  # pytest shows the scenario, not this file


class Finish:
    """What a world said at its end: `trace` (32 hex digits), `now_ns`, `events`, `frames`,
    `problems`."""

    def __init__(self, reply: dict, problems: list[str]) -> None:
        self.trace: str = reply["trace"]
        self.now_ns: int = reply["now"]
        self.events: int = reply["events"]
        self.frames: int = reply["frames"]
        self.problems = problems


class Snapshot:
    """A moment to go back to with net.restore(). Valid as long as its world."""

    def __init__(self, net: "Net", id_: int) -> None:
        self.net = net
        self.id = id_
        self.now_ns = net.now_ns
        self.state = net.controller_state()


class Net:
    """A world. `seed` decides all randomness in it; `folder`, when given, receives capture and
    recording.

    Times that are passed in are texts with a unit ("200ms") or numbers of seconds; times that come
    out are ints in ns (names ending in _ns) or VTime (seconds, exact).
    """

    def __init__(self, seed: int = 1, folder: Path | None = None, *, wrap: str = "",
                 paced: bool = False, program: Path | None = None, trace: bool = False,
                 netif: str = "virtual") -> None:
        self.seed = units.whole(seed, "seed", 0, units.U64)
        self.folder = folder
        self.segments: dict[str, Segment] = {}
        self.hosts: dict[str, Host] = {}
        self.firmwares: dict[str, Firmware] = {}
        self.firmware_path: Path | None = None  # the image that scenarios are to run
        self.gdb_ports: dict[str, int] = {}  # which firmwares gdb is to debug, by --firmware-gdb
        self.gdb_used: set[str] = set()      # those that were made
        self.tell: Callable[[str], None] = complain  # what a person has to know at once
        self.finished: Finish | None = None
        self.netif = netif  # the driver of hosts' interfaces that do not choose
        self.paced = paced  # virtual time follows real time
        self.live = False   # somebody outside speaks: another run takes another course
        self.repeated = False  # by --repeat
        self.fail_alloc = 0  # which allocation of each host's stack fails; see scarcity.py
        self.sweep: Sweep | None = None  # what hosts get in the place of defaults; see sweep.py
        self._allocs_failed = 0
        self._scarce: list[Host] = []  # whose allocations `fail_alloc` decides on
        self._failed_before = 0  # of hosts that the scenario took over from it
        self._ports: dict[int, Port] = {}
        self._keepers: list[Any] = []
        self._faults: dict[int, Fault] = {}
        self._chip_faults: list[ChipFault] = []
        self._waits: list[tuple[str, int]] = []
        self._raised: BaseException | None = None
        self._asking = False
        self.program = program or simulator()
        self._shape = {"wrap": wrap, "paced": paced, "program": self.program, "netif": netif}
        scapy_time.enter(self, seed)
        self.wire = Wire(self.program, seed, folder / "replay.lwr" if folder else None,
                         wrap, paced, self._answer)
        try:
            hello = self.command("hello", version=VERSION,
                                 capture=str(folder / "capture.pcapng") if folder else None,
                                 trace=str(folder / "trace.jsonl") if folder and trace else None)
            if hello.get("version") != VERSION:
                raise UsageError(f"the simulator speaks version {hello.get('version')} of the "
                                 f"control protocol, this package {VERSION}: build again")
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        return f"<world at {self.now} s>"

    # -- building ------------------------------------------------------------------------------
    def segment(self, name: str, kind: str = "switch", rate: str | int = units.DEFAULT_RATE,
                latency: str | float = 0, jitter: str | float = 0, loss: str | float = 0,
                queue: int = 1000, ageing: str | float = "300s", capture: bool = True) -> Segment:
        """A shared medium: "switch" (store and forward, learning), "hub" or "link" (two ports).

        latency is end to end; jitter is uniform on top and keeps the order; loss a probability
        ("2%"); queue the frames waiting per direction.
        """
        self._new_name(name, self.segments, "segment")
        if kind not in ("switch", "hub", "link"):
            raise UsageError(f'kind: expected "switch", "hub" or "link", not {kind!r}')
        reply = self.command(
            "segment", name=name, kind=kind, rate_bps=units.rate(rate),
            latency_ns=units.duration(latency, "latency"),
            jitter_ns=units.duration(jitter, "jitter"), loss=units.probability(loss, "loss"),
            queue=units.whole(queue, "queue", 1, 0xFFFFFFFF),
            ageing_ns=units.duration(ageing, "ageing"), capture=bool(capture))
        made = Segment(self, reply["segment"], name, kind)
        self.segments[name] = made
        return made

    def host(self, name: str, segment: Segment | None = None, ip: str | None = None,
             gw: str | None = None, mac: str | None = None, mtu: int = 1500,
             boot_ms: int | None = None, clock_ppm: int = 0, clock_phase_ns: int | None = None,
             timer_phase_ms: int | None = None, cpu: str | float = 0, acd: bool = False,
             vlan: int | None = None, up: bool = True, checksum: int = 0xFFFF,
             driver: str | None = None, cold: bool = False, polled: bool = False,
             chip: Mapping[str, Any] | None = None, partner: Mapping[str, Any] | None = None,
             **options: Any) -> Host:
        """A host running the stack, with one interface on `segment` (none: loopback only).

        ip has its prefix length: "10.0.0.1/24". mac is derived from the name when not given.
        boot_ms is where the stack's 32-bit millisecond clock starts, clock_ppm its drift,
        clock_phase_ns how far into a millisecond it is, timer_phase_ms where its ticks fall (each
        None: 0, or what --sweep says); cpu the virtual time that one frame costs. acd probes and
        announces the address (RFC 5227); vlan tags frames; checksum is lwIP's NETIF_CHECKSUM_*
        mask. driver is "virtual" or "lpc2468" (None: what --netif says): the chip's model under our
        driver, whose link is there at once, or, with cold, after power-up, reset and negotiation;
        polled: without interrupts. chip are settings of the board: knobs of the silicon by their
        names in sim/devices/emac.h, and phy_address, phy_silent, negotiate_ns, zero_copy, pause,
        forced="100full", advertise=["10half"] (harness/control/chip_settings.c has them all);
        partner={"speed": 100, "duplex": "full", "negotiates": True} is what is at the cable's
        other end, in place of what the segment's rate allows. All else are the stack's run-time
        options, by lwIP's names in lower case, and timer="coarse", rx="flat".
        """
        self._new_name(name, self.hosts, "host")
        if segment is None and (ip is not None or gw is not None):
            raise UsageError(f"host {name}: an address needs a segment to be on")
        interface = dict(ip=ip, gw=gw, mac=mac, mtu=mtu, acd=acd, vlan=vlan, up=up,
                         checksum=checksum, driver=driver or self.netif, cold=cold, polled=polled,
                         chip=chip, partner=partner)
        check_interface(**interface)
        options.update(boot_ms=boot_ms, clock_phase_ns=clock_phase_ns,
                       timer_phase_ms=timer_phase_ms)
        if self.sweep is not None:
            options = self.sweep.apply(options)
        clock = {what: _whole_or_0(options.pop(what), what, high) for what, high in _CLOCK.items()}
        reply = self.command(
            "host", name=name, mac=units.mac(mac) if mac else None,
            clock_ppm=_between(clock_ppm, "clock_ppm", -500_000, 1_000_000),
            cpu_ns=units.duration(cpu, "cpu"), options=stack_options(options), **clock)
        made = Host(self, reply["host"], name)
        self.hosts[name] = made
        if self.fail_alloc:
            made.fail_alloc(self.fail_alloc)
            self._scarce.append(made)
        if segment is not None:
            made.netif(segment, **interface)
        return made

    def app(self, host: Host, path: str | Path, *args: str) -> App:
        """Loads a compiled application (.so) onto a host and starts it with `args`."""
        if not Path(path).is_file():
            raise UsageError(f"app: there is no file {path}")
        reply = self.command("app", host=host.id, path=str(Path(path).resolve()),
                             args=[str(a) for a in args])
        return App(self, reply["object"], host, str(path))

    def firmware(self, name: str, path: str | Path, segment: Segment, ips: str | int = "72M",
                 settings: dict[str, bytes] | None = None,
                 partner: Mapping[str, Any] | None = None, phy_silent: bool = False,
                 chip: Mapping[str, Any] | None = None, gdb: int | None = None) -> Firmware:
        """An ELF image for the LPC2468 on a board of its own on `segment`; it starts now.

        ips is instructions per second. settings are bytes to write over symbols of the image. What
        the cable's other end negotiates follows the segment's rate, unless partner says otherwise;
        phy_silent: the PHY never answers; partner and chip as of net.host(). gdb is a port of this
        machine (0: any that is free) on which gdb is waited for before the first instruction; the
        run is the same with and without. A broken image is a UsageError, and so is a port in use.
        """
        self._new_name(name, self.firmwares, "firmware")
        if not Path(path).is_file():
            raise UsageError(f"firmware: there is no file {path}")
        given = {k: bytes(v).hex() for k, v in (settings or {}).items()} or None
        if name in self.gdb_ports:
            gdb = self.gdb_ports[name]
            self.gdb_used.add(name)
        debug = {} if gdb is None else {"gdb": units.whole(gdb, "gdb", 0, 65535)}
        if debug:
            self.wire.relay(self.tell)
        try:
            reply = self.command("firmware", name=name, path=str(Path(path).resolve()),
                                 settings=given, segment=segment.id, ips=units.rate(ips),
                                 partner=partner_members(partner), chip=chip_members(chip),
                                 phy_silent=bool(phy_silent), **debug)
        except CommandError as why:
            raise UsageError(why.text) from None
        made = Firmware(self, name, str(path), segment, reply.get("gdb"))
        self.firmwares[name] = made
        return made

    # -- time ----------------------------------------------------------------------------------
    @property
    def now_ns(self) -> int:
        """Virtual time in nanoseconds since the world's start."""
        return self.wire.now_ns

    @property
    def now(self) -> VTime:
        """Virtual time in seconds, exact."""
        return VTime(self.wire.now_ns)

    def run(self, for_: str | float | None = None,
            until: str | float | Callable[[], object] | None = None,
            timeout: str | float | None = None, step: str | float = "1ms") -> None:
        """Lets virtual time pass: `for_` a while, or `until` a moment, or until a callable is true.

        A callable is asked at the start, whenever something arrives and every `step`; it must come
        true within `timeout` (default: for ever), else Failure. Without arguments the world runs
        until nothing is left to happen (which idle hosts' own timers may prevent).
        """
        if for_ is not None and until is not None:
            raise UsageError("run: give for_ or until, not both")
        if callable(until):
            self._run_until_true(until, timeout, units.duration(step, "step"))
            return
        if timeout is not None:
            raise UsageError("run: timeout belongs to until=a callable")
        end = None
        if for_ is not None:
            end = self.now_ns + units.duration(for_, "for_")
        elif until is not None:
            end = units.moment(until, "until")
            if end < self.now_ns:
                raise UsageError(f"run: until={until!r} has passed, it is {self.now} s")
        while self.step(end).kind not in "DQ":
            pass

    def sleep_ns(self, ns: int) -> None:
        """run() for `ns` nanoseconds; what Scapy's sleep() is here."""
        end = self.now_ns + ns
        while self.step(end).kind not in "DQ":
            pass

    def step(self, deadline_ns: int | None) -> Event:
        """Advances to the next thing to hand over, at most to the deadline (inclusive), and files
        it: frames with their ports, notifications with nobody (the object is asked anyway)."""
        if self._asking:
            raise UsageError("a fault's match function must not use the world it is asked about")
        scapy_time.CLOCK.world = self
        event = self.wire.advance(deadline_ns)
        if event.kind == "F":
            port = self._ports.get(event.id)
            if port is not None:
                port.arrived(event.t_ns, event.data)
        self._reraise()
        return event

    def wait(self, what: str, ready: Callable[[], Any], timeout: str | float | None) -> Any:
        """Advances until ready() returns something other than None, and returns it; None when the
        timeout has passed. Deadlock when neither can ever happen."""
        limit = units.timeout_ns(timeout)
        end = None if limit is None else self.now_ns + limit
        with self.waiting(what):
            while True:
                got = ready()
                if got is not None:
                    return got
                event = self.step(end)
                if event.kind == "D":
                    return ready()
                if event.kind == "Q":
                    got = ready()
                    if got is None:
                        raise self.deadlock()
                    return got

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Names the present wait, for Deadlock's message."""
        self._waits.append((what, self.now_ns))
        try:
            yield
        finally:
            self._waits.pop()

    def deadlock(self) -> Deadlock:
        """The exception for the waits that are going on."""
        return Deadlock([f"{what} since {VTime(t)} s" for what, t in self._waits], self.now_ns)

    def _run_until_true(self, condition: Callable[[], object], timeout: str | float | None,
                        step_ns: int) -> None:
        limit = units.timeout_ns(timeout)
        end = None if limit is None else self.now_ns + limit
        if step_ns == 0:
            raise UsageError("run: step must be more than 0")
        while not condition():
            if end is not None and self.now_ns >= end:
                raise Failure(f"run: the condition did not come true within {VTime(limit or 0)} s")
            ahead = self.now_ns + step_ns
            self.step(ahead if end is None else min(ahead, end))

    # -- looking back and forth ----------------------------------------------------------------
    def snapshot(self) -> Snapshot:
        """Remembers this moment: the whole world, and which frames the ports have not consumed."""
        return Snapshot(self, self.command("snapshot")["snapshot"])

    def restore(self, snapshot: Snapshot) -> None:
        """Goes back to a snapshot of this world. Hosts, segments and sockets made since are
        gone."""
        if snapshot.net is not self:
            raise UsageError("restore: the snapshot is of another world (see net.twin())")
        self.command("restore", snapshot=snapshot.id)
        self.wire.now_ns = snapshot.now_ns
        self.set_controller_state(snapshot.state)

    def twin(self, folder: Path | None = None) -> "Net":
        """A second process of the same build, restored from this world's present: same hosts,
        segments and ports by name (twin.hosts["a"], twin.segments["lan"].ports["tester"]). Close it
        yourself."""
        import tempfile
        with tempfile.TemporaryDirectory(prefix="lockwire-") as place:
            path = str(Path(place) / "world")
            self.command("snapshot_save", path=path)
            other = Net(self.seed, folder, **self._shape)
            other.command("snapshot_load", path=path)
        other.sweep = self.sweep
        other.wire.now_ns = other.command("clock")["now"]
        other.segments = {name: seg.copy_to(other) for name, seg in self.segments.items()}
        other.hosts = {name: host.copy_to(other) for name, host in self.hosts.items()}
        other.firmwares = {name: Firmware(other, name, one.path, other.segments[one.segment.name])
                           for name, one in self.firmwares.items()}
        return other

    def controller_state(self) -> dict:
        """What the controller knows of the world (for Snapshot)."""
        return {"segments": dict(self.segments), "hosts": dict(self.hosts),
                "firmwares": dict(self.firmwares), "ports": dict(self._ports),
                "faults": dict(self._faults), "chip_faults": list(self._chip_faults),
                "keepers": [(keeper, keeper.state()) for keeper in self._keepers]}

    def set_controller_state(self, state: dict) -> None:
        """Back to what controller_state() returned."""
        self.segments, self.hosts = dict(state["segments"]), dict(state["hosts"])
        self.firmwares = dict(state["firmwares"])
        self._ports, self._faults = dict(state["ports"]), dict(state["faults"])
        self._chip_faults = list(state["chip_faults"])
        self._keepers = [keeper for keeper, _ in state["keepers"]]
        for keeper, was in state["keepers"]:
            keeper.set_state(was)

    # -- numbers and checks --------------------------------------------------------------------
    def clock(self) -> dict[str, Any]:
        """`now` (ns), `events` run, `frames` delivered and the `trace` hash so far."""
        reply = self.command("clock")
        return {k: v for k, v in reply.items() if k != "ok"}

    def limits(self, storm_instant: int | None = None, storm_second: int | None = None) -> dict:
        """What counts as a packet storm: frames sent by hosts at one instant, or within one virtual
        second in which the scenario does nothing. Returns both."""
        given = {"storm_instant": storm_instant, "storm_second": storm_second}
        reply = self.command("limits", **{k: units.whole(v, k, 1) for k, v in given.items()
                                          if v is not None})
        return {k: v for k, v in reply.items() if k != "ok"}

    def check(self) -> None:
        """Runs the object checks now; Failure with the first broken invariant."""
        problem = self.command("check").get("problem")
        if problem:
            raise Failure(f"object check: {problem}")

    def finish(self) -> Finish:
        """Ends the world: closes the hosts, runs every oracle, ends the process. May be called
        again.

        The result's `problems` also names faults and expectations that never fired and a bad exit
        status of the simulator (a leak found by a sanitizer, for instance).
        """
        if self.finished is not None:
            return self.finished
        short = bool(self.allocs_failed())  # what was lost for it cannot meet expectations
        unmet = [text for one in self.firmwares.values() for text in one.unmet(short)]
        if not short:
            unmet += [text for host in self.hosts.values() for text in host.unmet()]
            unmet += filter(None, (fault.unmet() for fault in self._chip_faults))
        reply = self.command("finish")
        problems = [str(p) for p in reply.get("problems", [])] + unmet
        for id_ in reply.get("unfired", []) if not short else []:
            fault = self._faults.get(id_)
            if fault is None or not fault.optional:
                strangers = fault.strangers() if fault else []
                hint = f" (nobody was ever called {', '.join(strangers)})" if strangers else ""
                problems.append(f"declared but never fired: {fault or f'fault {id_}'}{hint}")
        for port in self._ports.values() if not short else []:
            problems += port.unmet()
        self.wire.now_ns = max(self.wire.now_ns, reply["now"])
        status = self.close()
        if status != 0:
            words = self.wire.output()
            who = f"the simulator under {self.wire.wrap!r}" if self.wire.wrap else "the simulator"
            problems.append(f"{who} {status_text(status)} after the world was finished"
                            + (f":\n{words}" if words else ""))
        self.finished = Finish(reply, problems)
        return self.finished

    def allocs_failed(self) -> int:
        """How many allocations have failed because of `fail_alloc`, in all hosts that are there."""
        if self._scarce and self.finished is None and not self.wire.closed:
            failed = sum(host.allocs()["failed"] for host in self._scarce)
            self._allocs_failed = max(self._allocs_failed, self._failed_before + failed)
        return self._allocs_failed

    def own_failures(self, host: Host) -> None:
        """The scenario decides on this host's allocations from here on: what fails because of that
        is not `fail_alloc`'s doing."""
        if host in self._scarce:
            self.allocs_failed()
            self._failed_before += host.allocs()["failed"]
            self._scarce.remove(host)

    def close(self) -> int:
        """Ends the process whatever state it is in; returns its exit status. Captures stay
        readable."""
        scapy_time.leave(self)
        status = self.wire.close()
        if status < 0 and self.folder is not None:
            mend(self.folder / "capture.pcapng")
        return status

    # -- for ports, hosts and segments ---------------------------------------------------------
    def command(self, op: str, **members: Any) -> dict:
        """One command of PROTOCOL.md and its reply."""
        if self._asking:
            raise UsageError("a fault's match function must not use the world it is asked about")
        reply = self.wire.command(op, **members)
        self._reraise()
        return reply

    def add_port(self, port: Port) -> None:
        """A port's frames are to be filed with it."""
        self._ports[port.id] = port
        self.keep(port)

    def keep(self, keeper: Any) -> None:
        """Something on this side whose state() belongs to snapshots (and set_state() to
        restore)."""
        self._keepers.append(keeper)

    def add_fault(self, fault: Fault) -> None:
        """A fault may ask for its predicate and must fire."""
        self._faults[fault.id] = fault

    def add_chip_fault(self, fault: ChipFault) -> None:
        """A fault of a board has to fire."""
        self._chip_faults.append(fault)

    def _new_name(self, name: str, taken: dict, what: str) -> None:
        if not isinstance(name, str) or not name:
            raise UsageError(f"a {what} needs a name, not {name!r}")
        if name in taken:
            raise UsageError(f"there is a {what} {name!r} already")

    def _answer(self, question: Question) -> bool:
        """A fault's match function is asked; what it raises is kept until the exchange is over."""
        fault = self._faults.get(question.fault) or self._faults.get(question.predicate)
        if fault is None or fault.predicate is None or self._raised is not None:
            return False
        self._asking = True
        try:
            return bool(fault.predicate(dissect(question.data, question.t_ns)))
        except BaseException as why:  # pylint: disable=broad-except
            self._raised = why
            return False
        finally:
            self._asking = False

    def _reraise(self) -> None:
        if self._raised is not None:
            raised, self._raised = self._raised, None
            raise raised


def complain(text: str) -> None:
    """A line on standard error."""
    print(text, file=sys.stderr, flush=True)


def stack_options(options: dict[str, Any]) -> dict[str, int | str]:
    """The stack's options as the simulator takes them: friendly names translated, bools as 0/1."""
    result: dict[str, int | str] = {}
    for name, value in options.items():
        if name == "arp_entries":
            name = "arp_table_size"
        if not isinstance(value, (bool, int, str)):
            raise UsageError(f"option {name}: expected a whole number or text, not {value!r}")
        result[name] = int(value) if isinstance(value, bool) else value
    return result


# Members of the command `host` that are 0 unless somebody says otherwise, with their largest value.
_CLOCK = {"boot_ms": 0xFFFFFFFF, "clock_phase_ns": 999_999, "timer_phase_ms": 999}


def _whole_or_0(value: int | None, what: str, high: int) -> int:
    return 0 if value is None else units.whole(value, what, 0, high)


def _between(value: int, what: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UsageError(f"{what}: expected a whole number from {low} to {high}, not {value!r}")
    return value


__all__ = ["Finish", "LockwireError", "Net", "SimulatorDied", "Snapshot"]
