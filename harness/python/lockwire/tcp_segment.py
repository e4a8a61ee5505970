"""A TCP segment in an Ethernet frame: bytes into fields and back, without Scapy and without the
stack.

Hundreds of scenarios build and read segments by the thousand, which Scapy's layers make slow; and
what judges the stack must not share a parser with it. `segment.scapy` and `segment[TCP]` dissect
when somebody asks. Start with tcp_peer.py, which is who uses this. """

from __future__ import annotations

import struct
from functools import cached_property
from typing import Any, Iterable

from scapy.packet import Packet

from lockwire.errors import UsageError
from lockwire.units import whole
from lockwire.vtime import VTime

__tracebackhide__ = True  # pytest shows the scenario, not this file
WRAP = 1 << 32
FLAGS = "FSRPAUECN"       # Scapy's letters, from bit 0 up
SHOWN = "FSRP.UEWN"       # tcpdump's
FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << bit for bit in range(8))
ETHER, HEADER = 14, 20
# Option name (Scapy's) -> kind and how its value is packed; None: any number of 32-bit edges.
OPTIONS = {"EOL": (0, ""), "NOP": (1, ""), "MSS": (2, "!H"), "WScale": (3, "!B"),
           "SAckOK": (4, ""), "SAck": (5, None), "Timestamp": (8, "!II")}
KINDS = {kind: name for name, (kind, _) in OPTIONS.items()}
Options = Iterable[tuple] | bytes


def ahead(a: int, b: int) -> int:
    """How far sequence number a is ahead of b, from -2^31 to 2^31 - 1."""
    return (a - b + (WRAP >> 1)) % WRAP - (WRAP >> 1)


def checksum(data: bytes) -> int:
    """The Internet checksum of `data` (RFC 1071); 0 for data whose own checksum is right."""
    # A number is its 16-bit digits' sum modulo 65535; only 0 and 65535 need telling apart.
    number = int.from_bytes(data + bytes(len(data) % 2), "big")
    return 0xFFFF - (number % 0xFFFF or (0xFFFF if number else 0))


def flag_bits(flags: str | int) -> int:
    """0x12 of "SA" or "AS"; a number is taken as it is."""
    if isinstance(flags, int) and not isinstance(flags, bool):
        return whole(flags, "flags", 0, 0x1FF)
    if not isinstance(flags, str) or set(flags) - set(FLAGS) or len(set(flags)) != len(flags):
        raise UsageError(f'flags: expected letters of {FLAGS}, such as "SA", not {flags!r}')
    return sum(1 << FLAGS.index(letter) for letter in flags)


def flag_text(bits: int) -> str:
    """"SA" of 0x12; "" of 0."""
    return "".join(letter for bit, letter in enumerate(FLAGS) if bits >> bit & 1)


def encode_options(options: Options) -> bytes:
    """Bytes of [("MSS", 1460), ("NOP", None), (254, b"any")], as Scapy writes options; bytes as
    they are. Nothing is padded."""
    if isinstance(options, (bytes, bytearray)):
        return bytes(options)
    out = bytearray()
    for option in options:
        try:
            name, value = option
            if isinstance(name, int):
                out += bytes([name, len(value) + 2]) + value
                continue
            kind, form = OPTIONS[name]
            if kind < 2:
                out.append(kind)
                continue
            values = value if isinstance(value, tuple) else () if form == "" else (value,)
            body = struct.pack(f"!{len(values)}I" if form is None else form, *values)
            out += bytes([kind, len(body) + 2]) + body
        except (KeyError, TypeError, ValueError, struct.error):
            raise UsageError('options: expected a list such as [("MSS", 1460), ("NOP", None), '
                             f'("Timestamp", (1, 0))] or bytes, not {option!r}') from None
    return bytes(out)


def decode_options(data: bytes) -> list[tuple[str | int, Any]]:
    """Scapy's list of what is in an option field, up to its end or EOL; a kind without a name, or
    of a length that its name does not have, is (kind, body); what cannot be walked ends the list as
    ("broken", rest)."""
    found: list[tuple[str | int, Any]] = []
    at = 0
    while at < len(data):
        kind = data[at]
        if kind < 2:
            found.append((KINDS[kind], None))
            at += 1
            if kind == 0:
                break
            continue
        length = data[at + 1] if at + 1 < len(data) else 0
        if length < 2 or at + length > len(data):
            found.append(("broken", data[at:]))
            break
        found.append(_option(kind, data[at + 2:at + length]))
        at += length
    return found


def _option(kind: int, body: bytes) -> tuple[str | int, Any]:
    name = KINDS.get(kind)
    form = OPTIONS[name][1] if name else ""
    if form is None:
        form = f"!{len(body) // 4}I"
    if name is None or struct.calcsize(form or "!") != len(body):
        return kind, body
    values = struct.unpack(form, body) if form else (b"",)
    return name, values[0] if len(values) == 1 and name != "SAck" else values


class TcpSegment:
    """One segment and the frame it came or went in.

    `t_ns` is when it arrived (or was sent); `seq ack flags win checksum urg dataofs reserved
    sport dport` are the header's fields as they stand; `payload` the data, `option_bytes` the
    option field, `options` its list in Scapy's form; `src dst ttl tos id df` are of the IP header.
    """

    def __init__(self, frame: bytes, t_ns: int) -> None:
        """ValueError when the frame is not a whole IPv4 datagram with a TCP header."""
        self.frame, self.t_ns = frame, t_ns
        if len(frame) < ETHER + 2 * HEADER or frame[12:15] < b"\x08\x00\x45" or \
                frame[12:15] > b"\x08\x00\x4f":
            raise ValueError("not an IPv4 frame")
        (self.tos, total, self.id, fragment, self.ttl, protocol, _, self.src, self.dst) = \
            struct.unpack_from("!xBHHHBBH4s4s", frame, ETHER)
        start = ETHER + (frame[ETHER] & 15) * 4
        end = ETHER + total
        self.df = bool(fragment & 0x4000)
        if protocol != 6 or fragment & 0x3FFF or not start + HEADER <= end <= len(frame):
            raise ValueError("not a whole TCP segment")
        (self.sport, self.dport, self.seq, self.ack, offset, self.win, self.checksum,
         self.urg) = struct.unpack_from("!HHIIHHHH", frame, start)
        self.dataofs, self.reserved, self.flags = offset >> 12, offset >> 9 & 7, offset & 0x1FF
        header = min(max(self.dataofs * 4, HEADER), end - start)
        self.option_bytes = frame[start + HEADER:start + header]
        self.payload = frame[start + header:end]
        self._start, self._end = start, end

    @property
    def length(self) -> int:
        """Bytes of data."""
        return len(self.payload)

    @property
    def space(self) -> int:
        """What it takes of the sequence space: its data, SYN and FIN."""
        return len(self.payload) + (self.flags >> 1 & 1) + (self.flags & 1)

    @property
    def end(self) -> int:
        """The sequence number behind it."""
        return (self.seq + self.space) % WRAP

    @property
    def ecn(self) -> int:
        """The two ECN bits of the IP header."""
        return self.tos & 3

    @property
    def time(self) -> VTime:
        """When it arrived or was sent, in seconds."""
        return VTime(self.t_ns)

    @property
    def flag_text(self) -> str:
        """The flags in Scapy's letters: "SA"."""
        return flag_text(self.flags)

    @cached_property
    def options(self) -> list[tuple[str | int, Any]]:
        """The options in Scapy's form."""
        return decode_options(self.option_bytes)

    def option(self, name: str) -> Any:
        """The value of the first option of this name; None when there is none."""
        return next((value for kind, value in self.options if kind == name), None)

    @cached_property
    def scapy(self) -> Packet:
        """The frame as a Scapy packet."""
        from lockwire.port import dissect
        return dissect(self.frame, self.t_ns)

    def __getitem__(self, layer: Any) -> Packet:
        """segment[TCP], segment[IP]: layers of the Scapy packet."""
        return self.scapy[layer]

    def wrongs(self) -> list[str]:
        """What no correct sender does: wrong checksums, a data offset that lies."""
        ip, tcp = self.frame[ETHER:self._start], self.frame[self._start:self._end]
        found = []
        if checksum(ip):
            found.append("the IP header's checksum is wrong")
        if not HEADER <= self.dataofs * 4 <= len(tcp):
            found.append(f"data offset {self.dataofs} in a segment of {len(tcp)} bytes")
        right = tcp_checksum(self.src, self.dst, tcp)
        if right != self.checksum:
            found.append(f"checksum {self.checksum:#06x} is wrong, it would be {right:#06x}")
        return found

    def text(self, seq_base: int = 0, ack_base: int = 0) -> str:
        """As tcpdump says it, with numbers relative to the bases: "[S.], seq 0, ack 1, win 65535,
        length 0"."""
        letters = "".join(c for bit, c in enumerate(SHOWN) if self.flags >> bit & 1) or "none"
        seq = (self.seq - seq_base) % WRAP
        parts = [f"[{letters}]", f"seq {seq}:{seq + self.space}" if self.space else f"seq {seq}"]
        if self.flags & ACK:
            parts.append(f"ack {(self.ack - ack_base) % WRAP}")
        parts.append(f"win {self.win}")
        if self.flags & URG:
            parts.append(f"urg {self.urg}")
        if self.options:
            parts.append(f"options [{options_text(self.options, ack_base)}]")
        return ", ".join([*parts, f"length {self.length}"])

    def __repr__(self) -> str:
        return f"<{VTime(self.t_ns)} {self.sport} > {self.dport} {self.text()}>"


def options_text(options: list[tuple[str | int, Any]], ack_base: int = 0) -> str:
    """"mss 1460, nop, wscale 7": options as tcpdump says them; SACK edges relative to the base."""
    words = []
    for kind, value in options:
        if kind == "SAck":
            edges = [(edge - ack_base) % WRAP for edge in value]
            value = " ".join("{%s:%s}" % pair for pair in zip(edges[::2], edges[1::2]))
        elif kind == "Timestamp":
            value = "val %d ecr %d" % value
        elif isinstance(value, bytes):
            value = value.hex()
        words.append(f"{kind} {value}" if value not in (None, "") else str(kind))
    return ", ".join(words).lower()


def tcp_checksum(src: bytes, dst: bytes, tcp: bytes) -> int:
    """What belongs into the header's checksum field, whatever is there now."""
    pseudo = src + dst + struct.pack("!HH", 6, len(tcp))
    return checksum(pseudo + tcp[:16] + b"\0\0" + tcp[18:])


def frame_of(dst_mac: bytes, src_mac: bytes, src: bytes, dst: bytes, tcp: bytes, *, ttl: int = 64,
             tos: int = 0, id: int = 0, df: bool = True) -> bytes:
    """A TCP segment in an IPv4 datagram in a frame; short ones are padded to 60 bytes."""
    ip = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, tos, HEADER + len(tcp), id,
                               0x4000 if df else 0, ttl, 6, 0, src, dst))
    struct.pack_into("!H", ip, 10, checksum(ip))
    frame = dst_mac + src_mac + b"\x08\x00" + ip + tcp
    return frame + bytes(max(0, 60 - len(frame)))
