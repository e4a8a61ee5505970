"""Hosts: their interfaces, run-time options, tables, and pings. What runs on them: sockets.py."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from lockwire import units
from lockwire.chip import (Board, GuestError, check_guest_error_kinds, chip_members, never_came,
                           partner_members)
from lockwire.connection import Connection, Listener, check_duty, check_settings
from lockwire.errors import CommandError, Timeout, UsageError
from lockwire.memory import AllocFailure, each_failure
from lockwire.sockets import IcmpError, Pong, RawSocket, UdpSocket, fetched, raise_err

if TYPE_CHECKING:
    from lockwire.segment import Segment
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file

# What is between a host's stack and its port: --netif.
DRIVERS = ("virtual", "lpc2468")


class Interface(Board):
    """A host's interface on a segment; `index` is lwIP's, `port` its port's name on the segment.
    On a chip (`driver` is "lpc2468") it is a Board as well: faults and more, see chip.py."""

    def __init__(self, host: "Host", segment: "Segment", reply: dict, ip: str,
                 driver: str = "virtual") -> None:
        self.host = host
        self.segment = segment
        self.index: int = reply["netif"]
        self.mac: str = reply["mac"]
        self.port: str = reply["port"].rpartition("/")[2]
        self.ip = ip
        self.driver = driver

    def _board(self) -> tuple["Net", str, dict[str, Any]]:
        name = f"{self.host.name}.interfaces[{self.host.interfaces.index(self)}]"
        return self.host.net, name, {"host": self.host.id, "netif": self.index}

    def info(self) -> dict:
        """name, mac, ip, prefix, gw, mtu, up, link and counters as the stack sees them."""
        reply = self.host.net.command("netif_info", host=self.host.id, netif=self.index)
        return {k: v for k, v in reply.items() if k != "ok"}

    def set(self, ip: str | None = None, gw: str | None = None, **members: Any) -> None:
        """Changes up=, link=, mtu=, default=, checksum= or the address ("10.0.0.2/24", with gw)."""
        known = {"up", "link", "mtu", "default", "checksum"}
        if set(members) - known:
            raise UsageError(f"netif.set takes {', '.join(sorted(known))}, ip and gw, "
                             f"not {', '.join(sorted(set(members) - known))}")
        if ip is not None:
            address, prefix = units.interface_address(ip)
            members.update(ip=address, prefix=prefix, gw=units.address(gw, "gw") if gw else None)
            self.ip = address
        self.host.net.command("netif_set", host=self.host.id, netif=self.index, **members)

    def link(self, up: bool) -> None:
        """Plugs this interface's cable in or out."""
        self.segment.net.command("link", segment=self.segment.id, port=self.port, up=bool(up))

    def sleep(self, on: bool) -> None:
        """The driver saves power, or is woken: the block is in power-down meanwhile, and frames
        are lost."""
        self.board_command("chip_set", sleep=bool(on))

    def igmp(self, group: str, join: bool = True) -> None:
        """Joins or leaves a multicast group on this interface; StackError when refused."""
        reply = self.host.net.command("igmp", host=self.host.id, netif=self.index,
                                      group=units.address(group, "group"), join=bool(join))
        raise_err("igmp", reply)

    def acd(self) -> dict:
        """`state` and `conflicts` of address conflict detection."""
        reply = self.host.net.command("acd", host=self.host.id, netif=self.index)
        return {k: v for k, v in reply.items() if k != "ok"}


class Options(MutableMapping):
    """host.options: the stack's run-time options by name; assignment changes those that may
    change."""

    def __init__(self, host: "Host") -> None:
        self._host = host

    def _all(self) -> dict:
        return self._host.net.command("options", host=self._host.id)["options"]

    def __getitem__(self, name: str) -> int | str:
        return self._all()[name]

    def __setitem__(self, name: str, value: int | str | bool) -> None:
        if not isinstance(value, (bool, int, str)):
            raise UsageError(f"option {name}: expected a whole number or text, not {value!r}")
        self._host.net.command("option_set", host=self._host.id, name=name,
                               value=int(value) if isinstance(value, bool) else value)

    def __delitem__(self, name: str) -> None:
        raise UsageError("an option can be changed, not removed")

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


class Host:
    """Made by net.host(). `mac` and `ip` are those of its first interface."""

    def __init__(self, net: "Net", id_: int, name: str) -> None:
        self.net = net
        self.id = id_
        self.name = name
        self.interfaces: list[Interface] = []
        self.options = Options(self)
        self._pings = 0
        self._expected: set[str] = set()  # kinds of guest errors
        net.keep(self)

    def __repr__(self) -> str:
        return f"<host {self.name}>"

    @property
    def mac(self) -> str:
        """MAC of the first interface."""
        return self._first().mac

    @property
    def ip(self) -> str:
        """Address of the first interface."""
        return self._first().ip

    def netif(self, segment: "Segment", ip: str | None = None, gw: str | None = None,
              mac: str | None = None, mtu: int = 1500, acd: bool = False, vlan: int | None = None,
              up: bool = True, checksum: int = 0xFFFF, driver: str | None = None,
              cold: bool = False, polled: bool = False, chip: Mapping[str, Any] | None = None,
              partner: Mapping[str, Any] | None = None) -> Interface:
        """One more interface; parameters as of net.host()."""
        driver = driver or self.net.netif
        members = check_interface(ip, gw, mac, mtu, acd, vlan, up, checksum, driver, cold, polled,
                                  chip, partner)
        try:
            reply = self.net.command("netif", host=self.id, segment=segment.id, **members)
        except CommandError as why:
            raise (UsageError(why.text) if chip is not None else why) from None
        made = Interface(self, segment, reply, members["ip"], driver)
        self.interfaces.append(made)
        self._announce(made)
        segment.names.setdefault(self.name, made.port)
        return made

    def udp(self, port: int = 0, addr: str | None = None, lite: bool = False,
            broadcast: bool = False, capacity: int = 64) -> UdpSocket:
        """A bound UDP (or UDP-Lite) socket; port 0 takes an ephemeral one."""
        reply = self.net.command("udp", host=self.id, addr=units.address(addr) if addr else None,
                                 port=units.whole(port, "port", 0, 65535), lite=bool(lite),
                                 broadcast=bool(broadcast),
                                 capacity=units.whole(capacity, "capacity", 1, 0xFFFFFFFF))
        return UdpSocket(self, reply["object"], reply["port"])

    def raw(self, proto: int, addr: str | None = None, hdrincl: bool = False, eat: bool = False,
            capacity: int = 64) -> RawSocket:
        """A raw socket for one IP protocol number. What it receives begins with the IP header; with
        eat=True it goes no further in the stack."""
        reply = self.net.command("raw", host=self.id, addr=units.address(addr) if addr else None,
                                 proto=units.whole(proto, "proto", 0, 255), hdrincl=bool(hdrincl),
                                 eat=bool(eat),
                                 capacity=units.whole(capacity, "capacity", 1, 0xFFFFFFFF))
        return RawSocket(self, reply["object"], proto)

    def listen(self, port: int = 0, backlog: int | None = None, ip: str | None = None, *,
               reuse: bool = False, echo: bool = False, sink: bool = False, discard: bool = False,
               source: int | None = None, expect: int | None = None, seed: int = 1,
               **settings: Any) -> Listener:
        """A listening TCP port; 0 takes an ephemeral one. `backlog` (1 to 255) counts connections
        until they are accepted; settings as of Connection.set(), for each connection.

        With a duty its connections work on their own and need not be accepted: echo sends back what
        arrives; sink reads and drops it; source sends so many pattern bytes; each then closes, echo
        and sink behind the peer. discard drops without closing, expect checks the first so many
        bytes against the pattern of `seed`.
        """
        reply = self.net.command("tcp_listen", host=self.id, reuse=bool(reuse),
                                 addr=units.address(ip, "ip") if ip else None,
                                 port=units.whole(port, "port", 0, 65535),
                                 backlog=units.whole(255 if backlog is None else backlog,
                                                     "backlog", 1, 255),
                                 **check_duty(echo, sink, discard, source, expect, seed),
                                 **check_settings("listen", settings))
        return Listener(self, reply["object"], reply["port"])

    def connect(self, addr: str, port: int, timeout: str | float | None = None,
                local_port: int | None = None, *, ip: str | None = None, wait: bool = True,
                reuse: bool = False, echo: bool = False, sink: bool = False,
                discard: bool = False,
                source: int | None = None, expect: int | None = None, seed: int = 1,
                **settings: Any) -> Connection:
        """A TCP connection to addr:port, once it is established; wait=False returns at once. `ip`
        and `local_port` choose this side, reuse=True shares the port with a listener; settings as
        of Connection.set(), duties as of listen().

        ConnectionRefused when the answer is a RST, ConnectionTimedOut when there is none however
        often the SYN is sent, StackError when the stack refuses to try. After `timeout` the attempt
        is aborted and Timeout raised.
        """
        reply = self.net.command("tcp_connect", host=self.id, addr=units.address(addr),
                                 port=units.whole(port, "port", 1, 65535),
                                 local=units.address(ip, "ip") if ip else None,
                                 local_port=units.whole(local_port or 0, "local_port", 0, 65535),
                                 reuse=bool(reuse),
                                 **check_duty(echo, sink, discard, source, expect, seed),
                                 **check_settings("connect", settings))
        raise_err(f"host {self.name} connects to {addr}:{port}", reply)
        made = Connection(self, reply)
        if wait:
            try:
                made.wait_connected(timeout)
            except Timeout:
                made.abort()
                raise
        return made

    def ping(self, addr: str, timeout: str | float | None = "1s", data: bytes = b"",
             ttl: int | None = None, df: bool = False, id: int | None = None,
             seq: int | None = None) -> Pong | None:
        """Sends an echo request and waits for the answer; None when `timeout` has passed.

        IcmpError when an error came back instead, StackError when it could not be sent. ttl
        None is the host's default; id is fixed and seq counts up by itself.
        """
        self._pings += 1
        reply = self.net.command(
            "ping", host=self.id, addr=units.address(addr), data=bytes(data).hex(),
            id=units.whole(0x4C57 if id is None else id, "id", 0, 65535),
            seq=units.whole(self._pings & 0xFFFF if seq is None else seq, "seq", 0, 65535),
            ttl=None if ttl is None else units.whole(ttl, "ttl", 0, 255), df=bool(df))
        target = reply["object"]
        try:
            raise_err(f"ping {addr}", reply)
            got = self.net.wait(f"host {self.name} pings {addr}",
                                lambda: fetched(self.net.command("ping_result", object=target)),
                                timeout)
        finally:
            if not self.net.wire.closed:
                self.net.command("object_close", object=target)
        if got is None:
            return None
        if "icmp" in got:
            raise IcmpError(f"ping {addr}", got["icmp"])
        return Pong(got["rtt_ns"], got["t"], got["ttl"], got["from"], bytes.fromhex(got["data"]))

    def stats(self) -> dict:
        """`lwip` counters by protocol, `mib2`, `drops` by reason, `memp`, `mem`."""
        reply = self.net.command("stats", host=self.id)
        return {k: v for k, v in reply.items() if k != "ok"}

    def fail_alloc(self, nth: int, count: int = 1) -> None:
        """Lets the nth allocation of this host's stack from now (1: the next) fail, heap and pools
        together, and those behind it, `count` in all. nth 0 calls it off."""
        self.net.own_failures(self)
        self.net.command("fail_alloc", host=self.id, nth=units.whole(nth, "nth", 0, 0xFFFFFFFF),
                         count=units.whole(count, "count", 1, 0xFFFFFFFF))

    def allocs(self) -> dict:
        """`failed`: how many fail_alloc() has let fail since; `held`: objects that the stack has
        allocated, by pool ("HEAP": blocks of the heap)."""
        reply = self.net.command("allocs", host=self.id)
        return {k: v for k, v in reply.items() if k != "ok"}

    def each_alloc_failure(self, count: int = 1) -> Iterator[AllocFailure]:
        """Rounds for a `for`: in the nth one the stack's nth allocation fails; the last round is
        the first in which nothing failed. Each begins in the world as it is now. See memory.py."""
        return each_failure(self, count)

    def arp_table(self) -> list[dict]:
        """Entries with ip, mac, state, netif, age_ms."""
        return self.net.command("arp_table", host=self.id)["entries"]

    def arp_static(self, ip: str, mac: str | None) -> None:
        """Adds a static ARP entry; mac None removes it. StackError when refused."""
        reply = self.net.command("arp_static", host=self.id, ip=units.address(ip),
                                 mac=units.mac(mac) if mac else None)
        raise_err("arp_static", reply)

    def igmp_join(self, group: str) -> None:
        """Joins a multicast group on the first interface."""
        self._first().igmp(group, True)

    def igmp_leave(self, group: str) -> None:
        """Leaves a multicast group on the first interface."""
        self._first().igmp(group, False)

    def link(self, up: bool) -> None:
        """Plugs the first interface's cable in or out."""
        self._first().link(up)

    def pause(self, for_: str | float) -> None:
        """The host's processor stands still for a while from now on: frames wait, timers are served
        late. Replaces a pause that is going on; 0 ends it."""
        self.net.command("pause", host=self.id, ns=units.duration(for_, "for_"))

    def guest_errors(self) -> list[GuestError]:
        """What its drivers did wrong with their chips so far."""
        return [error for i in self.interfaces if i.driver != "virtual"
                for error in i.guest_errors()]

    def expect_guest_errors(self, *kinds: str) -> None:
        """Guest errors of these kinds do not end the run, as others of our driver do, but one of
        each has to come."""
        check_guest_error_kinds(kinds)
        self._expected.update(kinds)
        for interface in self.interfaces:
            self._announce(interface)

    def _announce(self, interface: Interface) -> None:
        if interface.driver != "virtual":
            for kind in sorted(self._expected):
                interface.board_command("chip_set", expect=kind)

    def unmet(self) -> list[str]:
        """What was expected of its chips and did not come."""
        return never_came(self._expected, self.guest_errors() if self._expected else [],
                          f"host {self.name}")

    def acd(self) -> dict:
        """State of address conflict detection on the first interface."""
        return self._first().acd()

    def state(self) -> tuple:
        """What a snapshot of the world keeps of this host."""
        return [(i, i.ip) for i in self.interfaces], self._pings, set(self._expected)

    def set_state(self, state: tuple) -> None:
        """Back to what state() returned."""
        interfaces, self._pings, expected = state
        self._expected = set(expected)
        self.interfaces = [interface for interface, _ in interfaces]
        for interface, ip in interfaces:
            interface.ip = ip

    def copy_to(self, net: "Net") -> "Host":
        """The same host as an object of a twin world."""
        other = Host(net, self.id, self.name)
        other._pings = self._pings
        other._expected = set(self._expected)
        for interface in self.interfaces:
            reply = {"netif": interface.index, "mac": interface.mac, "port": interface.port}
            other.interfaces.append(
                Interface(other, net.segments[interface.segment.name], reply, interface.ip,
                          interface.driver))
        return other

    def _first(self) -> Interface:
        if not self.interfaces:
            raise UsageError(f"host {self.name} has no interface")
        return self.interfaces[0]


def check_interface(ip: str | None, gw: str | None, mac: str | None, mtu: int, acd: bool,
                    vlan: int | None, up: bool, checksum: int, driver: str = "virtual",
                    cold: bool = False, polled: bool = False,
                    chip: Mapping[str, Any] | None = None,
                    partner: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The members of the command `netif`; UsageError before anything has been made."""
    if driver not in DRIVERS:
        raise UsageError(f"driver: expected {' or '.join(map(repr, DRIVERS))}, not {driver!r}")
    if driver == "virtual" and (cold or polled or chip is not None or partner is not None):
        raise UsageError("cold, polled, chip and partner are a chip's: give driver=\"lpc2468\"")
    board = {"driver": driver, "cold": bool(cold), "polled": bool(polled),
             "chip": chip_members(chip), "partner": partner_members(partner)}
    address, prefix = units.interface_address(ip) if ip is not None else ("0.0.0.0", 0)
    return {"ip": address, "prefix": prefix, "gw": units.address(gw, "gw") if gw else None,
            "mac": units.mac(mac) if mac else None, "mtu": units.whole(mtu, "mtu", 68, 65535),
            "acd": bool(acd), "up": bool(up),
            "checksum": units.whole(checksum, "checksum", 0, 0xFFFF),
            "vlan": units.whole(vlan, "vlan", 0, 65535) if vlan is not None else None,
            **(board if driver != "virtual" else {})}
