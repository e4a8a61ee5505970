"""A port: a Scapy socket on a segment, in virtual time.

Frames that arrive are kept until the scenario has looked at them: recv() and sniff() hand out what
is there and then wait; sr*() forget what is there, send, and wait for answers. Nothing is lost by
not listening, because nothing listens in real time. """

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Iterable, NamedTuple

from scapy.ansmachine import AnsweringMachine
from scapy.data import MTU
from scapy.layers.inet import IP
from scapy.layers.l2 import Dot3, Ether
from scapy.packet import Packet, Raw
from scapy.plist import PacketList, QueryAnswer, SndRcvList
from scapy.sendrecv import sndrcv
from scapy.sessions import DefaultSession
from scapy.supersocket import SuperSocket

from lockwire import capture, scapy_time, units
from lockwire.errors import UsageError
from lockwire.tcp_peer import Peer
from lockwire.tcp_table import Peers
from lockwire.vtime import VTime, to_ns
from lockwire.wire import MAX_FRAME

if TYPE_CHECKING:
    from lockwire.world import Net


__tracebackhide__ = True  # pytest shows the scenario, not this file


class Arrival(NamedTuple):
    """A frame that has reached a port and is not consumed yet."""

    t_ns: int
    data: bytes


class Expectation:
    """A frame that must arrive before the scenario ends, `count` times; `seen` are those that
    did."""

    def __init__(self, matches: Callable[[Packet], object], count: int, name: str) -> None:
        self.matches = matches
        self.count = count
        self.name = name
        self.seen: list[Packet] = []


def dissect(data: bytes, t_ns: int) -> Packet:
    """The frame as a Scapy packet with its exact time; Raw where Scapy cannot read it at all."""
    try:
        packet = Ether(data)
    except Exception:  # Scapy's dissectors raise whatever comes; the bytes are still the frame
        packet = Raw(data)
    packet.time = VTime(t_ns)
    return packet


class Port(SuperSocket):
    """Made by segment.port(). `mac` is what an unset source MAC becomes; `name` is "segment/name";
    `ip` is the address of its TCP peers, if it was given one.

    Scapy's functions work with it as they do with a socket: sniff(opened_socket=port),
    sendp(x, socket=port), MyAutomaton(ll=port.ll, recvsock=port.ll).
    """

    desc = "a port of a virtual segment"
    nonblocking_socket = True
    lockwire_port = True

    def __init__(self, net: "Net", id_: int, name: str, mac: str, ip: str | None = None) -> None:
        # SuperSocket's own constructor would open a socket of this machine.
        self.net = net
        self.id = id_
        self.name = name
        self.mac = mac
        self.ip = ip
        self.peers = Peers()
        self._arrivals: deque[Arrival] = deque()
        self._machines: list[AnsweringMachine] = []
        self._expectations: list[Expectation] = []

    def ll(self, *_args: Any, **_kwargs: Any) -> "Port":
        """This port where Scapy wants a socket class: Automaton(ll=port.ll, recvsock=port.ll)."""
        return self

    def __repr__(self) -> str:
        return f"<port {self.name}>"

    def __hash__(self) -> int:
        return id(self)

    # -- sending -------------------------------------------------------------------------------
    def send(self, x: Packet | bytes | Iterable, inter: str | float = 0, count: int = 1) -> int:
        """Sends a packet, raw bytes, or a list of these, exactly as they are; returns the bytes
        sent.

        `inter` is the virtual time after each. An unset source MAC becomes the port's. A packet
        without an Ethernet header goes to the host that has its destination address.
        """
        total = 0
        pause = units.duration(inter, "inter")
        for _ in range(units.whole(count, "count", 1)):
            for one in self._each(x):
                data = self._bytes(one)
                self.net.wire.send(self.id, data)
                total += len(data)
                if pause:
                    self.net.sleep_ns(pause)
        return total

    def replay(self, path: str | Path, interface: str | int | None = None,
               direction: str | None = None) -> int:
        """Sends the frames of a pcap or pcapng file with the spacing they have in it; returns their
        number.

        The first goes now. A file with several interfaces needs `interface`, a name or a number;
        direction="in" or "out" takes only frames that are marked so.
        """
        frames = capture.select(capture.read(path), interface, direction, str(path))
        start, first = self.net.now_ns, frames[0].t_ns
        for frame in frames:
            due = start + max(0, frame.t_ns - first)
            if due > self.net.now_ns:
                self.net.sleep_ns(due - self.net.now_ns)
            if not 1 <= len(frame.data) <= MAX_FRAME:
                raise UsageError(f"{path}: a frame of {len(frame.data)} bytes cannot be sent")
            self.net.wire.send(self.id, frame.data)
        return len(frames)

    def _each(self, x: Any) -> Iterable:
        if isinstance(x, Packet):
            # Iterating a packet makes copies: one for each value of its sets of values. A plain
            # one is sent as itself, so that its sent_time is set.
            every = list(x)
            return every if len(every) > 1 else [x]
        if isinstance(x, (bytes, bytearray, memoryview)):
            return [x]
        try:
            return [one for item in x for one in self._each(item)]
        except TypeError:
            raise UsageError(f"a port sends packets or bytes, not {x!r}") from None

    def _bytes(self, x: Any) -> bytes:
        if not isinstance(x, Packet):
            return bytes(x)
        framed = self._framed(x)
        with scapy_time.sending_as(self.mac):
            data = bytes(framed)
        x.sent_time = VTime(self.net.now_ns)
        return data

    def _framed(self, x: Packet) -> Packet:
        """With an Ethernet header: a packet of layer 3 or above goes where its destination
        lives."""
        if not isinstance(x, IP):
            return x
        for host in self.net.hosts.values():
            for interface in host.interfaces:
                if interface.ip == x.dst and interface.segment.ports.get(
                        self.name.partition("/")[2]) is self:
                    return Ether(src=self.mac, dst=interface.mac) / x
        return Ether(src=self.mac, dst=scapy_time.destination_mac(x.dst)) / x

    # -- receiving -----------------------------------------------------------------------------
    def recv(self, x: int = MTU, timeout: str | float | None = None) -> Packet | None:
        """The next frame that has not been consumed, waiting for it; None when `timeout` has
        passed."""
        del x  # Scapy's buffer size
        got = self._next(timeout, "recv")
        return dissect(got.data, got.t_ns) if got else None

    def recv_bytes(self, timeout: str | float | None = None) -> Arrival | None:
        """Like recv() without Scapy: (t_ns, data)."""
        return self._next(timeout, "recv_bytes")

    @property
    def pending(self) -> int:
        """How many frames are there to be consumed."""
        return len(self._arrivals)

    def clear(self) -> None:
        """Forgets the frames that are there."""
        self._arrivals.clear()

    def sniff(self, count: int = 0, timeout: str | float | None = None,
              lfilter: Callable[[Packet], object] | None = None,
              prn: Callable[[Packet], Any] | None = None,
              stop_filter: Callable[[Packet], object] | None = None, store: bool = True,
              session: Any = None, started_callback: Callable[[], Any] | None = None) -> PacketList:
        """Scapy's sniff: frames not yet consumed, then those that arrive within `timeout`,
        inclusive.

        Ends earlier with `count` frames that pass lfilter, or at one for which stop_filter is true.
        """
        limit = units.timeout_ns(timeout)
        end = None if limit is None else self.net.now_ns + limit
        if not isinstance(session, DefaultSession):
            session = (session or DefaultSession)(prn=prn, store=store)
        if started_callback:
            started_callback()
        wanted = f" for {count} frames" if count else ""
        with self.net.waiting(f"port {self.name} sniffs{wanted}"):
            while True:
                got = self._until(end)
                if got is None:
                    break
                packet = dissect(got.data, got.t_ns)
                if lfilter and not lfilter(packet):
                    continue
                packet.sniffed_on = self.name
                session.on_packet_received(packet)
                if (stop_filter and stop_filter(packet)) or 0 < count <= session.count:
                    break
        return session.toPacketList()

    def srp(self, x: Any, timeout: str | float | None = None, inter: str | float = 0,
            retry: int = 0, multi: bool = False, **options: Any) -> tuple[SndRcvList, PacketList]:
        """Scapy's srp: sends frames and pairs them with their answers; (answered, unanswered)."""
        options.setdefault("verbose", 0)
        self.clear()
        with self.net.waiting(f"port {self.name} waits for answers"):
            return sndrcv(self, x, timeout=_vtime(timeout), inter=VTime(units.duration(inter)),
                          retry=retry, multi=multi, chainCC=True, chainEX=True, **options)

    def srp1(self, x: Any, timeout: str | float | None = None, **options: Any) -> Packet | None:
        """The first answer, or None when `timeout` has passed."""
        answered, _ = self.srp(x, timeout, **options)
        return answered[0][1] if answered else None

    def sr(self, x: Any, timeout: str | float | None = None,
           **options: Any) -> tuple[SndRcvList, PacketList]:
        """Like srp() for packets without an Ethernet header: they get one, answers lose theirs."""
        framed = [self._framed(p) for p in self._each(x)]
        answered, unanswered = self.srp(framed, timeout, **options)
        stripped = [QueryAnswer(_payload(sent), _payload(got)) for sent, got in answered]
        return SndRcvList(stripped), PacketList([_payload(p) for p in unanswered])

    def sr1(self, x: Any, timeout: str | float | None = None, **options: Any) -> Packet | None:
        """The first answer of sr(), or None."""
        answered, _ = self.sr(x, timeout, **options)
        return answered[0][1] if answered else None

    @staticmethod
    def select(sockets: list["Port"], remain: float | None = None) -> list["Port"]:
        """For Scapy: the ports with frames to consume, waiting for the first at most `remain`
        seconds."""
        net = sockets[0].net
        if any(s.net is not net for s in sockets):
            raise UsageError("select: the ports belong to different worlds")
        end = None if remain is None else net.now_ns + to_ns(remain)
        names = ", ".join(s.name for s in sockets)
        with net.waiting(f"Scapy waits for a frame at {names}"):
            while True:
                ready = [s for s in sockets if s._arrivals]
                if ready:
                    return ready
                event = net.step(end)
                if event.kind == "D":
                    return [s for s in sockets if s._arrivals]
                if event.kind == "Q":
                    raise net.deadlock()

    # -- standing listeners --------------------------------------------------------------------
    def answer(self, machine: AnsweringMachine | type, **options: Any) -> AnsweringMachine:
        """Lets a Scapy AnsweringMachine (or class, made with `options`) answer at the moment of
        arrival.

        The frames it answers can still be received and sniffed.
        """
        if isinstance(machine, type):
            machine = machine(verbose=False, **options)
        elif options:
            raise UsageError("answer: options belong to a class, the machine is made already")
        # Machines keep attributes in three dictionaries by mode; these two are plain ones.
        machine.__dict__["verbose"] = False
        machine.__dict__["send_function"] = lambda reply, *_args, **_kwargs: self.send(reply)
        self._machines.append(machine)
        return machine

    def stop_answering(self, machine: AnsweringMachine) -> None:
        """Ends answer()."""
        self._machines.remove(machine)

    def expect(self, matches: Callable[[Packet], object] | type, count: int = 1,
               name: str | None = None) -> Expectation:
        """Declares that a frame for which matches(packet) is true, or that has the given layer,
        will arrive `count` times before the end; the scenario fails if it does not. Consumes
        nothing."""
        test = (lambda p, layer=matches: layer in p) if isinstance(matches, type) else matches
        made = Expectation(test, units.whole(count, "count", 1),
                           name or getattr(matches, "__name__", "frame"))
        self._expectations.append(made)
        return made

    def unmet(self) -> list[str]:
        """Problems: expectations that have not been met."""
        return [f"expected but never seen: {e.name} at port {self.name} "
                f"({len(e.seen)} of {e.count})"
                for e in self._expectations if len(e.seen) < e.count]

    def tcp(self, to: Any, dport: int | None = 80, sport: int = 40000, **options: Any) -> Peer:
        """The other end of a host's TCP connection, to be played by the scenario; its segments are
        the peer's alone from now on. Parameters and use: tcp_peer.Peer."""
        return self.peers.add(Peer(self, to, dport, sport, **options))

    def arrived(self, t_ns: int, data: bytes) -> None:
        """The world files a frame here."""
        if not self.peers.take(t_ns, data):
            self._arrivals.append(Arrival(t_ns, data))
        if self._machines or self._expectations:
            packet = dissect(data, t_ns)
            for expectation in self._expectations:
                if expectation.matches(packet):
                    expectation.seen.append(packet)
            for machine in list(self._machines):
                with scapy_time.sending_as(self.mac):
                    machine.reply(packet)

    def state(self) -> tuple:
        """What a snapshot of the world keeps of this port."""
        return (tuple(self._arrivals), tuple(self._machines),
                tuple((e, len(e.seen)) for e in self._expectations), self.peers.state())

    def set_state(self, state: tuple) -> None:
        """Back to what state() returned."""
        arrivals, machines, expectations, peers = state
        self._arrivals, self._machines = deque(arrivals), list(machines)
        self._expectations = [e for e, _ in expectations]
        for expectation, seen in expectations:
            del expectation.seen[seen:]
        self.peers.set_state(peers)

    def copy_to(self, net: "Net") -> "Port":
        """The same port as an object of a twin world."""
        other = Port(net, self.id, self.name, self.mac, self.ip)
        other.set_state((*self.state()[:-1], {}))
        self.peers.copy_to(other)
        net.add_port(other)
        return other

    def close(self) -> None:
        """For Scapy, which closes what it is given: a port stays plugged in."""

    def fileno(self) -> int:
        """A port has no descriptor to wait on in real time."""
        raise UsageError(f"port {self.name} cannot be waited for in real time")

    def _next(self, timeout: str | float | None, how: str) -> Arrival | None:
        limit = units.timeout_ns(timeout)
        with self.net.waiting(f"port {self.name} waits in {how}"):
            return self._until(None if limit is None else self.net.now_ns + limit)

    def _until(self, end_ns: int | None) -> Arrival | None:
        while not self._arrivals:
            event = self.net.step(end_ns)
            if event.kind == "D" and not self._arrivals:
                return None
            if event.kind == "Q" and not self._arrivals:
                raise self.net.deadlock()
        return self._arrivals.popleft()


def _vtime(timeout: str | float | None) -> VTime | None:
    limit = units.timeout_ns(timeout)
    return None if limit is None else VTime(limit)


def _payload(packet: Packet) -> Packet:
    if not isinstance(packet, (Ether, Dot3)):
        return packet
    inner = packet.payload
    inner.time = packet.time
    inner.sent_time = packet.sent_time
    return inner

