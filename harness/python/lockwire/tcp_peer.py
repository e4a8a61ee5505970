"""The other end of a TCP connection, played by a scenario: port.tcp(host) makes a Peer.

A peer keeps the numbers of a conversation and does nothing by itself: every segment it sends is a
send() of the scenario, every segment of the host's is taken, and judged, by an expect(). Only ARP
requests for its address are answered (arp=False: not even these), and what listen() and on()
declare.

    peer = wire.tcp(h, dport=80, ip="10.0.0.1").connect()
    request = peer.send("PA", b"GET /")
    peer.expect("A", seq=peer.rseq(1), ack=peer.seq(6), win=2139, at="200ms", since=request)

Numbers: seq=, ack= are as on the wire; peer.seq(n) is n behind the peer's initial sequence number,
peer.rseq(n) n behind the host's. Text shows them relative, as tcpdump does.
Moments (at, after, before, since): an int in ns, a VTime, or a text such as "200ms"; with since=,
they count from there. Spans (timeout, for_): a text or a number of seconds, as everywhere.
Host segments of this connection go to the peer alone; everything else stays with the port. They
change the peer's numbers when they are taken, not when they arrive.
Read tcp_segment.py for what a segment is made of. """

from __future__ import annotations

import copy
import socket
import struct
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

from lockwire import units
from lockwire.errors import Failure, UsageError
from lockwire.tcp_match import Moment, Wanted, moment, table
from lockwire.tcp_segment import (ACK, CWR, ECE, FIN, RST, SYN, WRAP, Options, TcpSegment, ahead,
                                  encode_options, flag_bits, frame_of, tcp_checksum)
from lockwire.tcp_table import destination
from lockwire.vtime import VTime

if TYPE_CHECKING:
    from lockwire.host import Host
    from lockwire.port import Port

__tracebackhide__ = True  # pytest shows the scenario, not this file
LINES = 12          # of the dialogue in a failure's message
MAX_SHIFT = 14      # RFC 7323, 2.3
DEFAULT_MSS = 536   # RFC 9293, 3.7.1: without the option


class Entry(NamedTuple):
    """A line of peer.log: `sent` by the peer or by the host; `lost`: the peer pretended not to have
    got it."""

    sent: bool
    segment: TcpSegment
    lost: bool = False


class Peer:
    """Made by port.tcp(to, ...).

    to          a host, a port with an address, or an address (then to_mac= says where it is,
                unless a host of this world has it)
    dport       the host's port; None: that of the first SYN that comes to `sport`
    sport       the peer's port
    ip, mac     the peer's addresses; the port's when not given
    isn         initial sequence number
    win         receive window in bytes: what segments advertise
    mss, ws, sack, ts
                what SYNs offer: MSS (None: no option), window shift (None), SACK, and the first
                value of a timestamp clock that counts virtual milliseconds from now on (None)
    ecn         connect() and accept() negotiate ECN
    arp         answer ARP requests for `ip`
    verify      what the host sends must have right checksums

    State, to be read and to be changed: `iss snd_una snd_nxt` and `rcv_isn rcv_nxt` (rcv_isn None:
    no SYN yet), `win` (own window), `snd_wnd` (the host's, in bytes), `ts_recent`, `held` (ranges
    beyond a hole, newest first), `fin_received`, `reset_received`. `log` is the whole dialogue, and
    str(peer) prints it.
    """

    def __init__(self, port: "Port", to: "Host | Port | str", dport: int | None = 80,
                 sport: int = 40000, *, ip: str | None = None, mac: str | None = None,
                 to_mac: str | None = None, isn: int = 1000, win: int = 65535,
                 mss: int | None = 1460, ws: int | None = None, sack: bool = False,
                 ts: int | None = None, ecn: bool = False, arp: bool = True,
                 verify: bool = True) -> None:
        self.port = port
        own = ip or port.ip
        if own is None:
            raise UsageError('tcp: a peer needs an address: ip="10.0.0.1", here or at '
                             "segment.port()")
        self.ip, self.mac = units.address(own, "ip"), units.mac(mac or port.mac)
        self.to, self.to_ip, self.to_mac = destination(port, to, to_mac)
        self.sport = units.whole(sport, "sport", 0, 65535)
        self.dport = None if dport is None else units.whole(dport, "dport", 0, 65535)
        self.iss = units.whole(isn, "isn", 0, WRAP - 1)
        self.snd_una = self.snd_nxt = self.iss
        self.rcv_isn: int | None = None
        self.rcv_nxt = 0
        self.win = units.whole(win, "win", 0)
        self.snd_wnd = 0
        self.mss = None if mss is None else units.whole(mss, "mss", 0, 65535)
        self.ws = None if ws is None else units.whole(ws, "ws", 0, 255)
        self.sack, self.ecn, self.arp, self.verify = sack, ecn, arp, verify
        self.ts = None if ts is None else units.whole(ts, "ts", 0, WRAP - 1)
        self.ts_recent = 0
        self.held: list[tuple[int, int]] = []
        self.fin_received = self.reset_received = False
        self.log: list[Entry] = []
        self._last_ack = 0                       # what the peer acknowledged last
        self._made_ns = port.net.now_ns
        self._ids = 0
        self._inbox: deque[TcpSegment] = deque()
        self._handler: Callable[[TcpSegment], Any] | None = None
        self._offered: dict[Any, Any] | None = None       # options of the peer's SYN, once sent
        self._host_offered: dict[Any, Any] | None = None  # of the host's
        self._addresses = tuple(bytes.fromhex(m.replace(":", "")) for m in (self.to_mac, self.mac))
        self._ips = socket.inet_aton(self.ip), socket.inet_aton(self.to_ip)
        port.net.keep(self)

    # -- numbers -------------------------------------------------------------------------------
    def seq(self, n: int) -> int:
        """The sequence number n behind the peer's SYN: 1 is its first byte of data."""
        return (self.iss + n) % WRAP

    def rseq(self, n: int) -> int:
        """The sequence number n behind the host's SYN. UsageError while that is not known."""
        if self.rcv_isn is None:
            raise UsageError(f"{self!r} has not taken a SYN yet: the host's numbers are unknown")
        return (self.rcv_isn + n) % WRAP

    @property
    def shift(self) -> int:
        """By how much the peer's window is scaled: 0 unless both SYNs offered scaling."""
        return self._agreed("WScale", self._offered)

    @property
    def host_shift(self) -> int:
        """By how much the host's window is scaled."""
        return self._agreed("WScale", self._host_offered)

    @property
    def ts_on(self) -> bool:
        """Both SYNs had timestamps."""
        return bool(self._agreed("Timestamp", self._offered))

    @property
    def sack_on(self) -> bool:
        """Both SYNs permitted SACK."""
        return "SAckOK" in (self._offered or ()) and "SAckOK" in (self._host_offered or ())

    @property
    def host_mss(self) -> int:
        """The MSS in the host's SYN, 536 without."""
        return (self._host_offered or {}).get("MSS", DEFAULT_MSS)

    @property
    def ts_val(self) -> int:
        """What the peer's timestamp clock shows now."""
        return ((self.ts or 0) + (self.port.net.now_ns - self._made_ns) // 1_000_000) % WRAP

    def timestamps(self, val: int | None = None, ecr: int | None = None) -> list[tuple]:
        """Options with a timestamp; what is not given is what the peer would write."""
        pair = (self.ts_val if val is None else val, self.ts_recent if ecr is None else ecr)
        return [("NOP", None), ("NOP", None), ("Timestamp", pair)]

    def sacks(self, *blocks: tuple[int, int]) -> list[tuple]:
        """Options that SACK ranges of the host's data, relative to its SYN: sacks((1461, 2921)).
        Without ranges: those that the peer holds beyond a hole, the newest first, as many as fit
        (3 beside a timestamp, else 4)."""
        stamps = self.timestamps() if self.ts is not None and self.ts_on else []
        edges = [(self.rseq(a), self.rseq(b)) for a, b in blocks] or \
            self.held[:3 if stamps else 4]
        if not edges:
            raise UsageError(f"{self!r} holds nothing beyond a hole that could be SACKed")
        return [*stamps, ("NOP", None), ("NOP", None),
                ("SAck", tuple(edge for block in edges for edge in block))]

    # -- sending -------------------------------------------------------------------------------
    def make(self, flags: str | int = "A", data: bytes = b"", seq: int | None = None,
             ack: int | None = None, win: int | None = None, options: Options | None = None,
             urg: int = 0, checksum: int | None = None, dataofs: int | None = None,
             reserved: int = 0, src: str | None = None, dst: str | None = None,
             **ip: Any) -> TcpSegment:
        """The segment that send() would send now. Changes nothing; port.send(segment.frame) sends
        it."""
        if self.dport is None:
            raise UsageError(f"{self!r} does not know the host's port before its SYN")
        bits = flag_bits(flags)
        opts = self._default_options(bits) if options is None else encode_options(options)
        if dataofs is None:
            opts += bytes(-len(opts) % 4)
            if len(opts) > 40:
                raise UsageError(f"options: {len(opts)} bytes, 40 have room (or give dataofs=)")
            dataofs = 5 + len(opts) // 4
        if ack is None:
            ack = self.rcv_nxt if bits & ACK else 0
        if win is None:
            win = min(self.win >> (0 if bits & SYN else self.shift), 65535)
        offset = units.whole(dataofs, "dataofs", 0, 15) << 12 | \
            units.whole(reserved, "reserved", 0, 7) << 9 | bits
        tcp = bytearray(struct.pack(
            "!HHIIHHHH", self.sport, self.dport, (self.snd_nxt if seq is None else seq) % WRAP,
            ack % WRAP, offset, units.whole(win, "win", 0, 65535), 0,
            units.whole(urg, "urg", 0, 65535)) + opts + data)
        source = socket.inet_aton(src) if src else self._ips[0]
        target = socket.inet_aton(dst) if dst else self._ips[1]
        struct.pack_into("!H", tcp, 16, tcp_checksum(source, target, tcp) if checksum is None
                         else units.whole(checksum, "checksum", 0, 65535))
        ip.setdefault("id", self._ids)
        return TcpSegment(frame_of(*self._addresses, source, target, bytes(tcp), **ip),
                          self.port.net.now_ns)

    def send(self, flags: str | int = "A", data: bytes = b"", seq: int | None = None,
             ack: int | None = None, win: int | None = None, options: Options | None = None,
             advance: bool = True, at: Moment | None = None, since: Any = 0,
             **more: Any) -> TcpSegment:
        """Sends one segment and returns it.

        flags       letters such as "PA", or the bits
        seq, ack    snd_nxt and rcv_nxt when not given (ack 0 without the flag A)
        win         the 16 bits of the field; not given: `win` of the peer, scaled
        options     Scapy's list or bytes, padded to 4; not given: on a SYN what the peer offers
                    (on a SYN-ACK only what the host's SYN offered too), else the timestamp,
                    if agreed
        advance     snd_nxt counts on by data, SYN and FIN; never when seq= is given
        at, since   when; not given: now. Time runs until then
        urg, checksum, dataofs, reserved, ttl, tos, id, df, src, dst
                    fields as they are to be; a dataofs= leaves the options unpadded
        """
        if at is not None:
            due, net = moment(at, "at", since), self.port.net
            if due < net.now_ns:
                raise UsageError(f"send: at={at!r} has passed, it is {net.now} s")
            net.sleep_ns(due - net.now_ns)
        made = self.make(flags, data, seq, ack, win, options, **more)
        if advance and seq is None:
            self.snd_nxt = made.end
        if made.flags & SYN:
            self._offered = dict(made.options)
        if made.flags & ACK:
            self._last_ack = made.ack
        self._ids = (self._ids + 1) & 0xFFFF
        self.log.append(Entry(True, made))
        self.port.net.wire.send(self.port.id, made.frame)
        return made

    def ack(self, number: int | None = None, **more: Any) -> TcpSegment:
        """Acknowledges everything up to rcv_nxt, or to `number`."""
        return self.send("A", ack=number, **more)

    def fin(self, **more: Any) -> TcpSegment:
        """Sends FIN and ACK."""
        return self.send("FA", **more)

    def reset(self, **more: Any) -> TcpSegment:
        """Sends RST at snd_nxt, without ACK."""
        return self.send("R", **more)

    def _default_options(self, bits: int) -> bytes:
        if not bits & SYN:
            return encode_options(self.timestamps() if self.ts is not None and self.ts_on else [])
        host = self._host_offered
        if host is None or not bits & ACK:
            host = {"WScale": 0, "SAckOK": b"", "Timestamp": (0, 0)}
        sack = self.sack and "SAckOK" in host
        offer: list[tuple] = [] if self.mss is None else [("MSS", self.mss)]
        if self.ts is not None and "Timestamp" in host:
            stamps = self.timestamps(ecr=None if bits & ACK else 0)
            offer += [("SAckOK", b""), stamps[2]] if sack else stamps
        elif sack:
            offer += [("NOP", None), ("NOP", None), ("SAckOK", b"")]
        if self.ws is not None and "WScale" in host:
            offer += [("NOP", None), ("WScale", self.ws)]
        return encode_options(offer)

    # -- receiving -----------------------------------------------------------------------------
    def expect(self, flags: str | int | None = None, seq: int | None = None,
               ack: int | None = None, data: bytes | None = None, length: int | None = None,
               win: int | None = None, options: Options | dict | None = None, *,
               at: Moment | None = None, after: Moment | None = None,
               before: Moment | None = None, since: Any = 0,
               timeout: str | float = "1s", lost: bool = False, **more: Any) -> TcpSegment:
        """Takes the host's next segment, waiting for it; Failure unless it is as given.

        What is not given may be anything. Checksums must be right (verify=). When nothing comes in
        time, another second is let pass before it fails, to say what came too late.
        flags       exactly these: "A" is not "PA"
        options     a list or bytes: exactly these, with padding; a dict: for each name its value,
                    None for an option that must not be there, ... for any value
        at          arrived at exactly this moment
        after, before
                    arrived not earlier, not later (both inclusive)
        since       a moment, or a segment: at, after and before count from it
        timeout     how long to wait from now on, unless `at` or `before` say until when
        lost        the peer's numbers stay as if it had not come
        urg, ttl, tos, ecn, df, id, reserved, dataofs, checksum
                    more fields
        """
        wanted = Wanted(since, flags=flags, seq=seq, ack=ack, data=data, length=length, win=win,
                        options=options, at=at, after=after, before=before, **more)
        end = wanted.times.get("at", wanted.times.get("before"))
        if end is None:
            end = self.port.net.now_ns + units.duration(timeout, "timeout")
        got = self._wait(end)
        if got is None:
            raise self._nothing(wanted, end)
        rows = wanted.rows(got, self._bases())
        wrongs = got.wrongs() if self.verify else []
        if wrongs or any(bad for bad, *_ in rows):
            raise self._failure("the host's segment is not what was expected:",
                                [*table(rows), *(f"! {wrong}" for wrong in wrongs)], got)
        if lost:
            self._mark_lost(got)
        else:
            self._note(got)
        return got

    def expect_rst(self, seq: int | None = None, ack: int | None = None,
                   **more: Any) -> TcpSegment:
        """Like expect() for a reset: with ack= it has RST and ACK, without only RST."""
        return self.expect("R" if ack is None else "RA", seq, ack, **more)

    def expect_nothing(self, for_: str | float = "300ms") -> None:
        """Lets this much time pass; Failure when a segment is there or comes."""
        end = self.port.net.now_ns + units.duration(for_, "for_")
        got = self._wait(end)
        if got is not None:
            raise self._failure("no segment was expected, but one came:", [], got)

    def drain(self, for_: str | float = 0) -> list[TcpSegment]:
        """Lets time pass and takes all segments that are there, in order; Failure when one has a
        wrong checksum."""
        end = self.port.net.now_ns + units.duration(for_, "for_")
        found = []
        while (got := self._wait(end)) is not None:
            wrongs = got.wrongs() if self.verify else []
            if wrongs:
                raise self._failure("the host's segment is wrong:", wrongs, got)
            self._note(got)
            found.append(got)
        return found

    @property
    def pending(self) -> int:
        """How many segments are there to be taken."""
        return len(self._inbox)

    def on(self, handler: Callable[[TcpSegment], Any] | None) -> None:
        """From now on segments are taken at the moment of arrival and given to handler(segment),
        which may send; None: they wait for expect() again."""
        self._handler = handler

    # -- conversations -------------------------------------------------------------------------
    def connect(self, **more: Any) -> "Peer":
        """The three-way handshake with a host that listens; returns the peer. `more` goes to the
        first send()."""
        self.send("SEC" if self.ecn else "S", **more)
        self.expect("SAE" if self.ecn else "SA", ack=self.seq(1))
        self.ack()
        return self

    def listen(self) -> "Peer":
        """The host's SYN is answered at the moment it arrives, once, so that a call of the host's
        that waits for the connection comes back; accept() then takes the ACK."""
        def greet(syn: TcpSegment) -> None:
            if syn.flags & (SYN | ACK | RST) == SYN:
                self._handler = None
                self._greet(syn)
        self._handler = greet
        return self

    def accept(self, **more: Any) -> "Peer":
        """Waits for the host's SYN, answers it (unless listen() has) and takes the ACK; `more` goes
        to the expect() of whatever comes first."""
        if self.rcv_isn is None:
            self._handler = None
            self._greet(self.expect("SEC" if self.ecn else "S", **more))
            more = {}
        self.expect("A", seq=self.rseq(1), ack=self.seq(1), length=0, **more)
        return self

    def close(self, timeout: str | float = "1s") -> None:
        """Sends FIN and waits until it is acknowledged and the host's FIN, if it has not come
        before, has been taken and acknowledged."""
        self.fin()
        while self.snd_una != self.snd_nxt or not self.fin_received:
            got = self.expect(timeout=timeout)
            if got.flags & RST:
                raise self._failure("a reset came while closing:", [], got)
            if got.space:
                self.ack()

    def _greet(self, syn: TcpSegment) -> None:
        asked = syn.flags & (ECE | CWR) == ECE | CWR
        self.send("SAE" if self.ecn and asked else "SA")

    # -- what there is to see ------------------------------------------------------------------
    def state_text(self) -> str:
        """The numbers in one line, relative to both SYNs."""
        base = self.rcv_isn or 0
        words = [f"snd_una {(self.snd_una - self.iss) % WRAP}",
                 f"snd_nxt {(self.snd_nxt - self.iss) % WRAP} (iss {self.iss})",
                 f"rcv_nxt {(self.rcv_nxt - base) % WRAP} (isn {self.rcv_isn})",
                 f"win {self.win}", f"host's window {self.snd_wnd}"]
        words += [f"held {(a - base) % WRAP}:{(b - base) % WRAP}" for a, b in self.held]
        words += ["FIN received"] * self.fin_received + ["RST received"] * self.reset_received
        return ", ".join(words)

    def __repr__(self) -> str:
        return f"<peer {self.ip}:{self.sport} of {self.to}:{self.dport}>"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, last: int | None = None) -> list[str]:
        """The dialogue as tcpdump prints it, with relative numbers; only the `last` segments."""
        entries = self.log if last is None else self.log[-last:]
        return [self._line(entry) for entry in entries]

    def _line(self, entry: Entry) -> str:
        host = self.rcv_isn or 0
        here, there = f"{self.ip}.{self.sport}", f"{self.to}.{self.dport}"
        ends, bases = ((here, there), (self.iss, host)) if entry.sent else \
            ((there, here), (host, self.iss))
        return (f"{VTime(entry.segment.t_ns)} {ends[0]} > {ends[1]}: "
                f"{entry.segment.text(*bases)}{' (lost)' if entry.lost else ''}")

    # -- for the port and the world ------------------------------------------------------------
    def arrived(self, segment: TcpSegment) -> None:
        """A segment of this connection has reached the port."""
        self.log.append(Entry(False, segment))
        if self._handler is None:
            self._inbox.append(segment)
        else:
            self._note(segment)
            self._handler(segment)

    def state(self) -> dict:
        """What a snapshot of the world keeps of this peer."""
        return {name: copy.copy(value) for name, value in vars(self).items() if name != "port"}

    def set_state(self, state: dict) -> None:
        """Back to what state() returned."""
        vars(self).update({name: copy.copy(value) for name, value in state.items()})

    def copy_to(self, port: "Port") -> "Peer":
        """The same peer at the port of a twin world. What on() declared stays behind: it would act
        on this one."""
        other = object.__new__(Peer)
        other.set_state({**self.state(), "_handler": None})
        other.port = port
        port.net.keep(other)
        return other

    # -- inside --------------------------------------------------------------------------------
    def _agreed(self, name: str, of: dict | None) -> Any:
        if of is None or name not in (self._offered or ()) or \
                name not in (self._host_offered or ()):
            return 0
        return min(of[name], MAX_SHIFT) if name == "WScale" else True

    def _wait(self, end_ns: int) -> TcpSegment | None:
        net = self.port.net
        with net.waiting(f"{self!r} waits for a segment"):
            while not self._inbox and net.step(max(end_ns, net.now_ns)).kind not in "DQ":
                pass
        return self._inbox.popleft() if self._inbox else None

    def _mark_lost(self, segment: TcpSegment) -> None:
        for i in range(len(self.log) - 1, -1, -1):
            if self.log[i].segment is segment:
                self.log[i] = Entry(False, segment, True)
                return

    def _note(self, segment: TcpSegment) -> None:
        """The peer's numbers after a segment of the host's."""
        if segment.flags & RST:
            self.reset_received = True
            return
        if segment.flags & SYN and self.rcv_isn is None:
            self.rcv_isn, self.rcv_nxt = segment.seq, segment.seq
            self._host_offered = dict(segment.options)
            self._last_ack = segment.seq
        stamp = segment.option("Timestamp")
        if stamp and (segment.flags & SYN or ahead(stamp[0], self.ts_recent) >= 0 and
                      ahead(segment.seq, self._last_ack) <= 0):
            self.ts_recent = stamp[0]
        if segment.flags & ACK:
            if 0 < ahead(segment.ack, self.snd_una) and ahead(segment.ack, self.snd_nxt) <= 0:
                self.snd_una = segment.ack
            self.snd_wnd = segment.win << (0 if segment.flags & SYN else self.host_shift)
        if segment.flags & FIN:
            self.fin_received = True
        if self.rcv_isn is not None and segment.space:
            self._hold(segment.seq, segment.end)

    def _hold(self, start: int, end: int) -> None:
        """Moves rcv_nxt over a range that is next, and over what was held behind it."""
        if ahead(end, self.rcv_nxt) <= 0:
            return
        apart = []
        for low, high in self.held:
            if ahead(low, end) > 0 or ahead(start, high) > 0:
                apart.append((low, high))
            else:
                start = low if ahead(start, low) > 0 else start
                end = high if ahead(high, end) > 0 else end
        if ahead(start, self.rcv_nxt) <= 0:
            self.rcv_nxt = end
            self.held = apart
        else:
            self.held = [(start, end), *apart]

    def _nothing(self, wanted: Wanted, end_ns: int) -> Failure:
        """Nothing came in time: what was expected, and what comes in the second behind it."""
        now = self.port.net.now
        late = self._wait(end_ns + 1_000_000_000)
        return self._failure(f"no segment came until {now} s; expected was",
                             wanted.lines(self._bases()) or ["any"], late, "came later")

    def _bases(self) -> dict[str, int | None]:
        return {"seq": self.rcv_isn, "ack": self.iss}

    def _failure(self, what: str, rows: list[str], got: TcpSegment | None,
                 how: str = "the segment") -> Failure:
        lines = [f"{self!r}: {what}", *(f"  {row}" for row in rows)]
        if got is not None:
            lines.append(f"{how}: {self._line(Entry(False, got))}")
        lines += [f"peer: {self.state_text()}", "dialogue:",
                  *(f"  {line}" for line in self.lines(LINES))]
        return Failure("\n".join(lines))
