"""What runs on a host: UDP and raw sockets, applications, and the answers they and pings get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lockwire import units
from lockwire.errors import LockwireError, UsageError
from lockwire.vtime import VTime

if TYPE_CHECKING:
    from lockwire.host import Host, Interface
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file

ERR_NAMES = {0: "ERR_OK", -1: "ERR_MEM", -2: "ERR_BUF", -3: "ERR_TIMEOUT", -4: "ERR_RTE",
             -5: "ERR_INPROGRESS", -6: "ERR_VAL", -7: "ERR_WOULDBLOCK", -8: "ERR_USE",
             -9: "ERR_ALREADY", -10: "ERR_ISCONN", -11: "ERR_CONN", -12: "ERR_IF", -13: "ERR_ABRT",
             -14: "ERR_RST", -15: "ERR_CLSD", -16: "ERR_ARG"}


class StackError(LockwireError):
    """The stack refused a call; `err` is lwIP's err_t."""

    def __init__(self, what: str, err: int) -> None:
        self.err = err
        super().__init__(f"{what}: {ERR_NAMES.get(err, 'err_t')} ({err})")


class IcmpError(LockwireError):
    """An ICMP error came back; `type`, `code` and, where known, `source` say which and from
    whom."""

    def __init__(self, what: str, icmp: dict) -> None:
        self.type: int = icmp["type"]
        self.code: int = icmp["code"]
        self.source: str | None = icmp.get("from")
        super().__init__(f"{what}: ICMP type {self.type} code {self.code}"
                         + (f" from {self.source}" if self.source else ""))


class Datagram(NamedTuple):
    """A received datagram (or raw packet): who sent it, to which of our addresses, when."""

    data: bytes
    addr: str
    port: int
    dst: str
    ttl: int
    t_ns: int

    @property
    def time(self) -> VTime:
        """Virtual time of arrival."""
        return VTime(self.t_ns)


class Pong(NamedTuple):
    """An answered ping."""

    rtt_ns: int
    t_ns: int
    ttl: int
    source: str
    data: bytes

    @property
    def rtt(self) -> VTime:
        """Round trip in seconds."""
        return VTime(self.rtt_ns)


class _Socket:
    """What UDP and raw sockets share. A context manager; close() may be called again."""

    kind = ""

    def __init__(self, host: Host, object_: int) -> None:
        self.host = host
        self.net = host.net
        self.object = object_
        self.closed = False
        self.refused = 0  # datagrams that did not fit, as of the last recv()
        self.net.keep(self)

    def state(self) -> tuple:
        """What a snapshot of the world keeps of this socket."""
        return self.closed, self.refused

    def set_state(self, state: tuple) -> None:
        """Back to what state() returned."""
        self.closed, self.refused = state

    def recv(self, timeout: str | float | None = None) -> Datagram | None:
        """The next datagram, waiting for it; None when `timeout` has passed. IcmpError when an
        error came back for something this socket sent."""
        got = self.net.wait(f"{self} waits for a datagram", self._fetch, timeout)
        if got is None:
            return None
        if "icmp" in got:
            raise IcmpError(str(self), got["icmp"])
        return Datagram(bytes.fromhex(got["data"]), got["addr"], got.get("port", 0),
                        got.get("dst", ""), got.get("ttl", 0), got["t"])

    def close(self) -> None:
        """Removes the pcb from the stack."""
        if not self.closed:
            self.closed = True
            self.net.command("object_close", object=self.object)

    def _fetch(self) -> dict | None:
        reply = self.net.command(f"{self.kind}_recv", object=self.object)
        self.refused = reply.get("refused", self.refused)
        return fetched(reply)

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_exc: object) -> None:
        if not self.net.wire.closed:
            self.close()


class UdpSocket(_Socket):
    """Made by host.udp(); `port` is its local port."""

    kind = "udp"

    def __init__(self, host: Host, object_: int, port: int) -> None:
        super().__init__(host, object_)
        self.port = port

    def __repr__(self) -> str:
        return f"host {self.host.name}, UDP port {self.port}"

    def connect(self, addr: str, port: int) -> None:
        """Fixes the peer; StackError when refused."""
        reply = self.net.command("udp_connect", object=self.object, addr=units.address(addr),
                                 port=units.whole(port, "port", 0, 65535))
        raise_err(f"{self}: connect", reply)

    def send(self, data: bytes, addr: str | None = None, port: int | None = None,
             ttl: int | None = None, tos: int | None = None, nochksum: bool = False,
             interface: Interface | None = None) -> None:
        """Sends a datagram now; without addr and port to the connected peer. StackError when the
        stack refuses it."""
        members: dict[str, Any] = {"data": bytes(data).hex()}
        if (addr is None) != (port is None):
            raise UsageError("send: give both addr and port, or neither on a connected socket")
        if addr is not None:
            members.update(addr=units.address(addr), port=units.whole(port, "port", 0, 65535))
        if ttl is not None:
            members["ttl"] = units.whole(ttl, "ttl", 0, 255)
        if tos is not None:
            members["tos"] = units.whole(tos, "tos", 0, 255)
        if nochksum:
            members["nochksum"] = True
        if interface is not None:
            members["if"] = interface.index
        raise_err(f"{self}: send", self.net.command("udp_send", object=self.object, **members))


class RawSocket(_Socket):
    """Made by host.raw()."""

    kind = "raw"

    def __init__(self, host: Host, object_: int, proto: int) -> None:
        super().__init__(host, object_)
        self.proto = proto

    def __repr__(self) -> str:
        return f"host {self.host.name}, raw protocol {self.proto}"

    def send(self, data: bytes, addr: str, ttl: int | None = None, tos: int | None = None) -> None:
        """Sends a packet now. With hdrincl the data begins with the IP header."""
        members: dict[str, Any] = {"data": bytes(data).hex(), "addr": units.address(addr)}
        if ttl is not None:
            members["ttl"] = units.whole(ttl, "ttl", 0, 255)
        if tos is not None:
            members["tos"] = units.whole(tos, "tos", 0, 255)
        raise_err(f"{self}: send", self.net.command("raw_send", object=self.object, **members))


class App:
    """A user's C code on a host, made by net.app()."""

    def __init__(self, net: "Net", object_: int, host: Host, path: str) -> None:
        self.net = net
        self.object = object_
        self.host = host
        self.path = path
        self._lines: list[str] = []
        net.keep(self)

    def state(self) -> tuple:
        """What a snapshot of the world keeps of this application."""
        return tuple(self._lines)

    def set_state(self, state: tuple) -> None:
        """Back to what state() returned."""
        self._lines = list(state)

    def __repr__(self) -> str:
        return f"{self.path} on host {self.host.name}"

    @property
    def output(self) -> list[str]:
        """All lines it has printed so far."""
        self._fetch()
        return list(self._lines)

    def expect(self, text: str, timeout: str | float | None = None) -> str | None:
        """Waits for a printed line that contains `text` (one printed already counts) and returns
        it."""
        def found() -> str | None:
            self._fetch()
            return next((line for line in self._lines if text in line), None)
        return self.net.wait(f"{self} should print {text!r}", found, timeout)

    def _fetch(self) -> None:
        more = True
        while more:
            reply = self.net.command("app_output", object=self.object)
            self._lines += reply["lines"]
            more = reply["more"]


def fetched(reply: dict) -> dict | None:
    """None for a reply that says there is nothing."""
    return None if reply.get("empty") else reply


def raise_err(what: str, reply: dict) -> None:
    """StackError unless the reply's err is ERR_OK."""
    if reply.get("err", 0) != 0:
        raise StackError(what, reply["err"])
