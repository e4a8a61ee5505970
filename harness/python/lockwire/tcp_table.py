"""Which of a port's TCP peers a frame is for, and where what a peer talks to lives."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Iterator

from lockwire import units
from lockwire.errors import UsageError
from lockwire.tcp_segment import ACK, RST, SYN, TcpSegment

if TYPE_CHECKING:
    from lockwire.port import Port
    from lockwire.tcp_peer import Peer

__tracebackhide__ = True  # pytest shows the scenario, not this file


class Peers:
    """The peers at one port, found by addresses and ports; of two alike the newer has it."""

    def __init__(self) -> None:
        self._by_key: dict[tuple, "Peer"] = {}

    def add(self, peer: "Peer") -> "Peer":
        """Its segments are its own from now on."""
        self._by_key[_key(peer)] = peer
        return peer

    def __iter__(self) -> Iterator["Peer"]:
        return iter(self._by_key.values())

    def __len__(self) -> int:
        return len(self._by_key)

    def take(self, t_ns: int, frame: bytes) -> bool:
        """True when the frame is a segment for one of them, which has it now."""
        if not self._by_key:
            return False
        if frame[12:14] == b"\x08\x06":
            self._answer_arp(frame)
            return False
        try:
            segment = TcpSegment(frame, t_ns)
        except ValueError:
            return False
        peer = self._by_key.get((segment.dst, segment.dport, segment.src, segment.sport))
        if peer is None:
            peer = self._by_key.get((segment.dst, segment.dport, segment.src, None))
            if peer is None or segment.flags & (SYN | ACK | RST) != SYN:
                return False
            del self._by_key[_key(peer)]
            peer.dport = segment.sport
            self.add(peer)
        peer.arrived(segment)
        return True

    def _answer_arp(self, frame: bytes) -> None:
        if frame[14:22] != b"\0\1\x08\0\6\4\0\1":
            return
        for peer in self._by_key.values():
            if peer.arp and socket.inet_aton(peer.ip) == frame[38:42]:
                mac = bytes.fromhex(peer.mac.replace(":", ""))
                reply = frame[22:28] + mac + frame[12:20] + b"\0\2" + mac + frame[38:42]
                peer.port.send(reply + frame[22:32] + bytes(18))
                return

    def state(self) -> dict:
        """What a snapshot of the world keeps."""
        return dict(self._by_key)

    def set_state(self, state: dict) -> None:
        """Back to what state() returned."""
        self._by_key = dict(state)

    def copy_to(self, port: "Port") -> None:
        """The same peers at the port of a twin world."""
        for key, peer in self._by_key.items():
            port.peers._by_key[key] = peer.copy_to(port)


def destination(port: "Port", to: Any, mac: str | None) -> tuple[str, str, str]:
    """(how to call it, address, MAC) of what tcp() was given."""
    net = port.net
    interfaces = [i for host in net.hosts.values() for i in host.interfaces]
    segment = port.name.partition("/")[0]
    if isinstance(to, str):
        ip = units.address(to, "to")
        known = [i.mac for i in interfaces if i.ip == ip] + \
            [p.mac for s in net.segments.values() for p in s.ports.values() if p.ip == ip]
        if not mac and not known:
            raise UsageError(f"tcp: nobody has the address {ip}; say where it is with to_mac=")
        return ip, ip, units.mac(mac or known[0], "to_mac")
    here = [i for i in interfaces if i.host is to and i.segment.name == segment]
    here += [i for i in interfaces if i.host is to]
    found = here[0] if here else to
    if getattr(found, "ip", None) is None:
        raise UsageError(f"tcp: expected a host, a port with an address, or an address, not {to!r}")
    name = to.name if here else found.ip
    return name, found.ip, units.mac(mac or found.mac, "to_mac")


def _key(peer: "Peer") -> tuple:
    return (socket.inet_aton(peer.ip), peer.sport, socket.inet_aton(peer.to_ip), peer.dport)
