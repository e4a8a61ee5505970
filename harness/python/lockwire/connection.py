"""TCP in a scenario's hands: Listener and Connection, made by host.listen() and host.connect().

A connection holds what arrives until recv() fetches it, and its window opens by what was fetched.
For much data it can work on its own, at no cost here: send_pattern(), expect_pattern(), discard, or
a listener with echo=, sink=, source=.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from lockwire import units
from lockwire.errors import Failure, Timeout, UsageError
from lockwire.sockets import ERR_NAMES, StackError, raise_err
from lockwire.tcp_info import (Drained, Endpoint, Progress, TcpEvent, TcpInfo, err_name, read_event,
                               read_info)
from lockwire.vtime import VTime

if TYPE_CHECKING:
    from lockwire.host import Host

__tracebackhide__ = True  # pytest shows the scenario, not this file
PIECE = 65536  # bytes of data in one message
SETTINGS = ("nodelay", "keepalive", "prio", "tos", "ttl", "user_timeout", "cc")
ERRORS = {name: number for number, name in ERR_NAMES.items()}


class ConnectionLost(StackError):
    """A connection that is no more, or never came about; `err` is lwIP's err_t."""


class ConnectionReset(ConnectionLost):
    """The peer has sent a RST (ERR_RST)."""


class ConnectionRefused(ConnectionReset):
    """The peer has answered the SYN with a RST (ERR_RST)."""


class ConnectionAborted(ConnectionLost):
    """This host has given the connection up (ERR_ABRT): abort(), a time-out, want of memory."""


class ConnectionTimedOut(ConnectionAborted):
    """Nobody has answered the SYN, however often it was sent (ERR_ABRT)."""


class ConnectionClosed(ConnectionLost):
    """It is closed on this side (ERR_CLSD)."""


def _lost(what: str, err: int, connected: bool = True) -> ConnectionLost:
    """The exception for what the err call-back reported."""
    kind: type[ConnectionLost] = ConnectionLost
    if err == ERRORS["ERR_RST"]:
        kind = ConnectionReset if connected else ConnectionRefused
    elif err == ERRORS["ERR_ABRT"]:
        kind = ConnectionAborted if connected else ConnectionTimedOut
    elif err == ERRORS["ERR_CLSD"]:
        kind = ConnectionClosed
    return kind(what, err)


class _Kept:
    """What a snapshot keeps of a connection or listener. (Their own `state` is TCP's.)"""

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def state(self) -> bool:
        """Is it closed?"""
        return self._owner.closed

    def set_state(self, state: bool) -> None:
        """Back to what state() returned."""
        self._owner.closed = state


class _TcpObject:
    """What listeners and connections share. A context manager that closes."""

    def __init__(self, host: Host, object_: int) -> None:
        self.host = host
        self.net = host.net
        self.object = object_
        self.closed = False  # by this side
        self.net.keep(_Kept(self))

    @property
    def events(self) -> list[TcpEvent]:
        """The call-backs so far, in the order in which they ran: (virtual ns, name, value). recv
        and sent of a connection with a duty (echo, patterns ...) are left out."""
        rows: list = []
        more = True
        while more:
            reply = self._command("tcp_events", **{"from": len(rows)})
            rows += reply["events"]
            more = reply["more"]
        if reply["lost"]:
            raise Failure(f"{self}: {reply['lost']} call-backs were not kept: there were too many")
        return [read_event(row) for row in rows]

    def in_callback(self, call: str, action: str, count: int = 1) -> None:
        """The next `count` times, a call-back ("connected", "recv", "sent", "poll"; of a listener
        "accept") does something else at its end: "abort" or "close" its connection, or "refuse"
        (returns ERR_MEM; "recv" then gets the data again). "none" calls it off."""
        self._command("tcp_plan", call=_choice(call, "call", "connected", "recv", "sent", "poll",
                                               "accept"),
                      action=_choice(action, "action", "none", "refuse", "abort", "close"),
                      count=units.whole(count, "count", 0, 0xFFFFFFFF))

    def _command(self, op: str, **members: Any) -> dict:
        return self.net.command(op, object=self.object, **members)

    def _wait(self, what: str, ready: Callable[[], Any], timeout: str | float | None) -> Any:
        got = self.net.wait(f"{self} {what}", ready, timeout)
        if got is None:
            limit = VTime(units.timeout_ns(timeout) or 0)
            raise Timeout(f"{self} {what}: nothing within {limit} s")
        return got

    def close(self) -> None:
        """Ends it."""
        raise NotImplementedError

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_exc: object) -> None:
        if not self.net.wire.closed:
            self.close()


class Listener(_TcpObject):
    """Made by host.listen(); `port` is its local port."""

    def __init__(self, host: Host, object_: int, port: int) -> None:
        super().__init__(host, object_)
        self.port = port

    def __repr__(self) -> str:
        return f"host {self.host.name}, listening on TCP port {self.port}"

    @property
    def pending(self) -> int:
        """Established connections that wait to be accepted."""
        return self._open()._command("tcp_listener")["pending"]

    @property
    def accepted(self) -> int:
        """How many connections the stack has handed over so far."""
        return self._open()._command("tcp_listener")["accepted"]

    def accept(self, timeout: str | float | None = None) -> "Connection":
        """The next connection in the order in which they were established, waiting for it.
        Timeout."""
        self._open()

        def ready() -> dict | None:
            reply = self._command("tcp_accept")
            return None if reply.get("empty") else reply
        reply = self._wait("waits for a connection", ready, timeout)
        return Connection(self.host, reply)

    def refuse(self, count: int = 1) -> None:
        """The next `count` accept call-backs return ERR_MEM: the stack resets the connections."""
        self.in_callback("accept", "refuse", count)

    def close(self) -> None:
        """Stops listening; connections that nobody has accepted are aborted. May be called
        again."""
        if not self.closed:
            self.closed = True
            self.net.command("object_close", object=self.object)

    def _open(self) -> "Listener":
        if self.closed:
            raise UsageError(f"{self}: it is closed")
        return self


class Connection(_TcpObject):
    """A TCP connection of a host. `local` and `remote` are (addr, port)."""

    def __init__(self, host: Host, reply: dict) -> None:
        super().__init__(host, reply["object"])
        self.local = Endpoint(reply["local"], reply["local_port"])
        self.remote = Endpoint(reply["remote"], reply["remote_port"])

    def __repr__(self) -> str:
        return f"host {self.host.name}, TCP {self.local} to {self.remote}"

    # -- sending -------------------------------------------------------------------------------
    def send(self, data: bytes) -> int:
        """Queues as much of the data as the send buffer takes now and returns how much; never
        waits."""
        view, taken = memoryview(bytes(data)), 0
        while True:
            piece = view[taken:taken + PIECE]
            reply = self._command("tcp_send", data=piece.hex())
            self._check("send", reply)
            taken += reply["taken"]
            if taken == len(view) or reply["taken"] < len(piece):
                return taken

    def sendall(self, data: bytes, timeout: str | float | None = None) -> None:
        """Queues all of it, waiting for room; done when the last byte is in the send buffer. The
        rest is forgotten when `timeout` has passed (Timeout)."""
        limit = units.timeout_ns(timeout)
        end = None if limit is None else self.net.now_ns + limit
        view = memoryview(bytes(data))
        for at in range(0, len(view), PIECE):
            self._check("sendall", self._command("tcp_send", data=view[at:at + PIECE].hex(),
                                                 all=True))
            left = None if end is None else VTime(end - self.net.now_ns)
            try:
                self._wait("sends", self._sent_all, left)
            except Timeout:
                rest = self._command("tcp_send_cancel")["cancelled"]
                rest += max(0, len(view) - at - PIECE)
                raise Timeout(f"{self} sends: {rest} of {len(view)} bytes found no room within "
                              f"{VTime(limit or 0)} s") from None

    def write(self, data: bytes, copy: bool = True, more: bool = False, urgent: bool = False,
              output: bool = True) -> str:
        """tcp_write() and, unless output=False, tcp_output(); the name of the err_t. copy=False: by
        reference. urgent: the last byte is urgent data's last."""
        if len(data) > 65535:
            raise UsageError(f"write: tcp_write takes up to 65535 bytes, not {len(data)}")
        return err_name(self._command("tcp_write", data=bytes(data).hex(), copy=bool(copy),
                                      more=bool(more), urgent=bool(urgent),
                                      output=bool(output))["err"])

    def output(self) -> str:
        """tcp_output(); the name of the err_t."""
        return err_name(self._command("tcp_write")["err"])

    # -- receiving -----------------------------------------------------------------------------
    def recv(self, n: int = PIECE, timeout: str | float | None = None) -> bytes:
        """At least one and at most n bytes, waiting for them; b"" after the peer's FIN. The window
        opens by as much. Timeout; ConnectionReset and so on once all that came before was read."""
        room = min(units.whole(n, "n", 1), PIECE)
        return self._wait("receives", lambda: self._fetch(room), timeout)

    def recv_exactly(self, n: int, timeout: str | float | None = None) -> bytes:
        """n bytes. ConnectionClosed when the peer closes before (`partial` has what came),
        Timeout."""
        limit = units.timeout_ns(timeout)
        end = None if limit is None else self.net.now_ns + limit
        got = b""
        while len(got) < units.whole(n, "n", 0):
            left = None if end is None else VTime(end - self.net.now_ns)
            piece = self.recv(n - len(got), left)
            if not piece:
                why = ConnectionClosed(f"{self} receives: the peer closed after {len(got)} of {n} "
                                       "bytes", ERRORS["ERR_CLSD"])
                why.partial = got  # type: ignore[attr-defined]
                raise why
            got += piece
        return got

    def recv_all(self, timeout: str | float | None = None) -> bytes:
        """Everything up to the peer's FIN."""
        limit = units.timeout_ns(timeout)
        end = None if limit is None else self.net.now_ns + limit
        pieces = []
        while True:
            left = None if end is None else VTime(end - self.net.now_ns)
            piece = self.recv(PIECE, left)
            if not piece:
                return b"".join(pieces)
            pieces.append(piece)

    @property
    def pending(self) -> int:
        """Bytes that can be read at once."""
        return self._status()["pending"]

    def refuse(self, count: int = 1) -> None:
        """The next `count` recv call-backs with data return ERR_MEM: the stack offers it again."""
        self.in_callback("recv", "refuse", count)

    # -- ending --------------------------------------------------------------------------------
    def close(self) -> None:
        """tcp_close(): a FIN behind what is queued, or a RST if there is data that nobody has read.
        May be called again. `state`, `info()`, `events` and `error` go on working."""
        if not self.closed:
            raise_err(f"{self}: close", self._command("tcp_end", how="close"))
            self.closed = True

    def shutdown(self, how: str = "wr") -> None:
        """tcp_shutdown(): "wr" sends a FIN, "rd" reads no more, "rdwr" is close()."""
        _choice(how, "how", "rd", "wr", "rdwr")
        raise_err(f"{self}: shutdown", self._command("tcp_end", how=how))
        self.closed = self.closed or how == "rdwr"

    def abort(self) -> None:
        """tcp_abort(): a RST, and the connection is gone, also if it was closed before."""
        self._command("tcp_end", how="abort")
        self.closed = True

    # -- settings ------------------------------------------------------------------------------
    def set(self, **settings: Any) -> None:
        """nodelay= (no Nagle), keepalive= (True, False or (idle, interval, count) with None for
        what stays), prio=, tos=, ttl=, user_timeout= (0: none), cc= ("newreno", "cubic")."""
        raise_err(f"{self}: set", self._command("tcp_set", **check_settings("set", settings)))

    def poll(self, interval: int) -> None:
        """The poll call-back every `interval` half seconds; 0: none."""
        self._command("tcp_set", poll=units.whole(interval, "interval", 0, 255))

    # -- much data -----------------------------------------------------------------------------
    def send_pattern(self, n: int, seed: int = 1) -> None:
        """Sends n pseudo-random bytes (tcp_info.pattern(n, seed)) as room permits, by itself."""
        self._command("tcp_bulk", send=units.whole(n, "n"), seed=units.whole(seed, "seed"))

    def expect_pattern(self, n: int, seed: int = 1) -> None:
        """The next n bytes that arrive are read at once and have to be that pattern."""
        self._command("tcp_bulk", expect=units.whole(n, "n"), seed=units.whole(seed, "seed"))

    def finish(self, timeout: str | float | None = None) -> None:
        """Waits until both patterns are through: what is to be sent in the send buffer, what is
        expected here and right (else Failure). Timeout."""
        def ready() -> bool | None:
            status = self._status()
            if "bad_at" in status:
                raise Failure(f"{self}: byte {status['bad_at']} of the stream is wrong")
            if status["source_left"] == 0 and status["expect_left"] == 0 and not status["err"]:
                return True
            if status["expect_left"] and (status["err"] or status["eof"]):
                raise _lost(f"{self}: {status['expect_left']} bytes of the pattern did not come",
                            status["err"] or ERRORS["ERR_CLSD"])
            if status["err"]:
                raise _lost(f"{self}: sends a pattern", status["err"])
            return None
        self._wait("sends and checks patterns", ready, timeout)

    def progress(self) -> Progress:
        """How many bytes have got how far."""
        s = self._status()
        return Progress(s["written"], s["acked"], s["received"], s["pending"], s["source_left"],
                        s["expect_left"], s.get("bad_at"))

    def discard(self, on: bool = True) -> None:
        """What arrives is read at once, counted, summed and thrown away; see drain_hash()."""
        self._command("tcp_bulk", discard=bool(on))

    def drain_hash(self) -> Drained:
        """What was thrown away so far: bytes, and their zlib.crc32()."""
        status = self._status()
        return Drained(status["drained"], status["crc"])

    # -- looking -------------------------------------------------------------------------------
    @property
    def state(self) -> str:
        """"ESTABLISHED", "TIME_WAIT" ...; "CLOSED" when the stack has forgotten it."""
        return self._status()["state"]

    @property
    def connected(self) -> bool:
        """Has the handshake been completed?"""
        return self._status()["connected"]

    @property
    def eof(self) -> bool:
        """Has the peer's FIN been delivered?"""
        return self._status()["eof"]

    @property
    def room(self) -> int:
        """Free bytes of the send buffer."""
        return self._status()["room"]

    @property
    def error(self) -> str | None:
        """What the err call-back has reported, "ERR_RST" for instance; None: nothing."""
        err = self._status()["err"]
        return err_name(err) if err else None

    @property
    def urgent(self) -> list[TcpEvent]:
        """The events that announced urgent data; their value: bytes up to its end."""
        return [event for event in self.events if event.name == "urgent"]

    @property
    def soft(self) -> list[TcpEvent]:
        """The soft errors; their value: (name of the err_t, ICMP type, code)."""
        return [event for event in self.events if event.name == "soft"]

    def info(self) -> TcpInfo:
        """The connection's variables, timers and queues; print() it."""
        return read_info(self._command("tcp_info"), self.net.now_ns, f"{self.local} {self.remote}")

    def wait_connected(self, timeout: str | float | None = None) -> "Connection":
        """Waits until the handshake is complete. ConnectionRefused, ConnectionTimedOut, Timeout."""
        def ready() -> bool | None:
            status = self._status()
            if status["err"]:
                raise _lost(f"{self}: connect", status["err"], status["connected"])
            self.local = Endpoint(status["local"], status["local_port"])
            return True if status["connected"] else None
        self._wait("connects", ready, timeout)
        return self

    # -- inside --------------------------------------------------------------------------------
    def _status(self) -> dict:
        return self._command("tcp_status")

    def _check(self, what: str, reply: dict) -> None:
        if self.closed or reply["err"] in (ERRORS["ERR_RST"], ERRORS["ERR_ABRT"],
                                           ERRORS["ERR_CLSD"]):
            raise _lost(f"{self}: {what}", reply["err"] or ERRORS["ERR_CLSD"])
        raise_err(f"{self}: {what}", reply)

    def _sent_all(self) -> bool | None:
        status = self._status()
        if status["err"]:
            raise _lost(f"{self}: sendall", status["err"])
        return True if status["waiting"] == 0 else None

    def _fetch(self, room: int) -> bytes | None:
        reply = self._command("tcp_recv", max=room)
        if not reply.get("empty"):
            return bytes.fromhex(reply["data"])
        if self.closed or reply["closed"]:
            raise ConnectionClosed(f"{self}: recv", reply["err"] or ERRORS["ERR_CLSD"])
        if reply["err"] and not (reply["eof"] and reply["err"] == ERRORS["ERR_CLSD"]):
            raise _lost(f"{self}: recv", reply["err"])
        return b"" if reply["eof"] else None


def check_settings(what: str, settings: dict[str, Any]) -> dict[str, Any]:
    """The members of a command for the keyword arguments of set(); UsageError."""
    unknown = [name for name in settings if name not in SETTINGS]
    if unknown:
        raise UsageError(f"{what} takes {', '.join(SETTINGS)}, not {', '.join(unknown)}")
    members: dict[str, Any] = {}
    for name, value in settings.items():
        if value is None:
            continue
        if name == "keepalive":
            members.update(_keepalive(value))
        elif name == "nodelay":
            members[name] = bool(value)
        elif name == "user_timeout":
            members["user_timeout_ms"] = _ms(value, name, 0)
        elif name == "cc":
            members[name] = _choice(value, "cc", "newreno", "cubic")
        else:
            members[name] = units.whole(value, name, int(name == "prio"),
                                        127 if name == "prio" else 255)
    return members


def check_duty(echo: bool, sink: bool, discard: bool, source: int | None, expect: int | None,
               seed: int) -> dict[str, Any]:
    """The members for what connections do on their own; UsageError."""
    if echo and (sink or discard or source is not None):
        raise UsageError("echo sends back what arrives: it goes with no sink, discard or source")
    return {"echo": bool(echo), "discard": bool(sink or discard),
            "closes": bool(echo or sink or source is not None),
            "source": units.whole(source or 0, "source"),
            "expect": units.whole(expect or 0, "expect"), "seed": units.whole(seed, "seed")}


def _keepalive(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"keepalive": value}
    if not isinstance(value, (tuple, list)) or len(value) != 3:
        raise UsageError("keepalive: expected True, False or (idle, interval, count), "
                         f"not {value!r}")
    idle, interval, count = value
    members: dict[str, Any] = {"keepalive": True}
    if idle is not None:
        members["keep_idle_ms"] = _ms(idle, "keepalive idle", 1)
    if interval is not None:
        members["keep_intvl_ms"] = _ms(interval, "keepalive interval", 1)
    if count is not None:
        members["keep_cnt"] = units.whole(count, "keepalive count", 1, 255)
    return members


def _ms(value: str | float, what: str, least: int) -> int:
    ns = units.duration(value, what)
    if ns % 1_000_000 or not least <= ns // 1_000_000 <= 0xFFFFFFFF:
        raise UsageError(f"{what}: {value!r} is not a whole number of ms from {least} to 2^32-1")
    return ns // 1_000_000


def _choice(value: Any, what: str, *choices: str) -> str:
    if value not in choices:
        raise UsageError(f"{what}: expected {', '.join(choices)}, not {value!r}")
    return value
