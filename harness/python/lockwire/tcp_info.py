"""What a TCP connection tells of itself: its variables, its call-backs, its progress; and the
pattern that bulk transfers send and check."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from lockwire.errors import seconds
from lockwire.sockets import ERR_NAMES

__tracebackhide__ = True  # pytest shows the scenario, not this file
_GOLDEN, _WORD = 0x9E3779B97F4A7C15, 0xFFFFFFFFFFFFFFFF


class Endpoint(NamedTuple):
    """One end of a connection."""

    addr: str
    port: int

    def __str__(self) -> str:
        return f"{self.addr}:{self.port}"


class TcpEvent(NamedTuple):
    """A call-back that has run. `name` and what `value` is: connected, error (name of the err_t),
    accept (the connection's number, or the name of an err_t), recv, refused, sent, urgent (bytes),
    poll, closed (None), soft ((name of the err_t, ICMP type, code))."""

    t_ns: int
    name: str
    value: Any


class Progress(NamedTuple):
    """Of a connection since its begin, in bytes. `to_send` and `to_come` are what is left of the
    patterns; `bad_at` is the position of the first byte that was wrong, None: none was."""

    written: int   # given to the stack
    acked: int     # and acknowledged by the peer
    received: int  # taken from the stack
    pending: int   # of these, not yet fetched by recv()
    to_send: int
    to_come: int
    bad_at: int | None


class Drained(NamedTuple):
    """What a connection with discard=True has thrown away: how many bytes, and zlib.crc32() of
    them all."""

    count: int
    crc32: int


@dataclass(frozen=True)
class TcpInfo:  # pylint: disable=too-many-instance-attributes
    """A connection's variables. Sequence numbers as on the wire, windows in bytes (scaled), rto in
    ms; `timers` has the running ones: name to the virtual ns at which they expire. `gone`: the
    stack has forgotten the connection, and nothing else here means anything."""

    now_ns: int = 0
    gone: bool = False
    state: str = "CLOSED"
    iss: int = 0
    irs: int = 0
    snd_una: int = 0
    snd_nxt: int = 0
    snd_wnd: int = 0
    snd_wl1: int = 0
    snd_wl2: int = 0
    snd_up: int = 0
    snd_buf: int = 0      # free bytes of the send buffer
    snd_lbb: int = 0      # behind the last byte queued
    snd_wnd_max: int = 0
    rcv_nxt: int = 0
    rcv_wnd: int = 0      # free bytes of the receive buffer
    rcv_ann_wnd: int = 0  # and of these announced
    rcv_up: int = 0
    mss: int = 0
    mss_peer: int = 0
    rcv_mss: int = 0
    cwnd: int = 0
    ssthresh: int = 0
    in_flight: int = 0
    dupacks: int = 0
    recover: int = 0
    sacked: int = 0
    lost: int = 0
    retransmitting: int = 0
    recovery: str = "none"
    cc: str = ""
    srtt_us: int = 0
    rttvar_us: int = 0
    rto: int = 0
    backoff: int = 0
    unsent: int = 0
    unacked: int = 0
    ooseq: int = 0
    unsent_segments: int = 0
    unacked_segments: int = 0
    ooseq_segments: int = 0
    queuelen: int = 0
    refused: int = 0
    keep_probes: int = 0
    persist_probes: int = 0
    snd_scale: int = 0
    rcv_scale: int = 0
    ts_recent: int = 0
    timestamps: bool = False
    sack: bool = False
    window_scale: bool = False
    ecn: bool = False
    nagle: bool = False
    ack_delayed: bool = False
    soft_error: str = "ERR_OK"
    timers: dict[str, int] = field(default_factory=dict)
    blocks: tuple[tuple[int, int], ...] = ()
    ends: str = ""

    @property
    def srtt(self) -> float:
        """Smoothed round trip in ms; 0 before the first sample."""
        return self.srtt_us / 1000

    @property
    def rttvar(self) -> float:
        """Its variation in ms."""
        return self.rttvar_us / 1000

    def due(self, timer: str) -> int | None:
        """Virtual ns at which a timer expires; None: it is not running."""
        return self.timers.get(timer)

    def __str__(self) -> str:
        if self.gone:
            return f"CLOSED {self.ends}: the stack has forgotten it"
        on = [name for name in ("nagle", "sack", "timestamps", "window_scale", "ecn")
              if getattr(self, name)]
        timers = [f"{name} at {seconds(due)} s (in {seconds(due - self.now_ns)} s)"
                  for name, due in sorted(self.timers.items(), key=lambda item: item[1])]
        blocks = "".join(f" {left}-{right}" for left, right in self.blocks)
        return "\n".join([
            f"{self.state} {self.ends} at {seconds(self.now_ns)} s",
            f"  snd: una {self.snd_una} nxt {self.snd_nxt}"
            f" (iss+{self.snd_nxt - self.iss & 0xFFFFFFFF})"
            f" wnd {self.snd_wnd} (most {self.snd_wnd_max}) wl1 {self.snd_wl1} wl2 {self.snd_wl2}",
            f"  rcv: nxt {self.rcv_nxt} (irs+{self.rcv_nxt - self.irs & 0xFFFFFFFF})"
            f" wnd {self.rcv_ann_wnd} announced of {self.rcv_wnd}"
            + (", an ACK is owed" if self.ack_delayed else "")
            + (f", {self.refused} bytes refused" if self.refused else ""),
            f"  cc: {self.cc} cwnd {self.cwnd} ssthresh {self.ssthresh} recovery {self.recovery}"
            f" in flight {self.in_flight} sacked {self.sacked} lost {self.lost}"
            f" retransmitted {self.retransmitting} dupacks {self.dupacks}",
            f"  rtt: srtt {self.srtt} ms rttvar {self.rttvar} ms rto {self.rto} ms"
            f" backoff {self.backoff}",
            f"  mss: {self.mss} (the peer takes {self.mss_peer}, has sent {self.rcv_mss})"
            f" scale {self.snd_scale},{self.rcv_scale} {' '.join(on)}",
            f"  queues: unsent {self.unsent} in {self.unsent_segments}, unacked {self.unacked} in"
            f" {self.unacked_segments}, ooseq {self.ooseq} in {self.ooseq_segments},"
            f" {self.queuelen} pbufs, room {self.snd_buf}"
            + (f", blocks{blocks}" if blocks else ""),
            f"  timers: {', '.join(timers) or 'none'}"])


def read_info(reply: dict, now_ns: int, ends: str) -> TcpInfo:
    """From the reply of the command tcp_info."""
    members = {name: value for name, value in reply.items() if name != "ok"}
    if "soft_error" in members:
        members["soft_error"] = err_name(members["soft_error"])
    if "blocks" in members:
        members["blocks"] = tuple(tuple(block) for block in members["blocks"])
    return TcpInfo(now_ns=now_ns, ends=ends, **members)


def read_event(row: list) -> TcpEvent:
    """From a row of the reply of tcp_events."""
    t_ns, name, value, type_, code = row
    if name in ("connected", "error") or (name == "accept" and value <= 0):
        value = err_name(value)
    elif name in ("poll", "closed"):
        value = None
    elif name == "soft":
        value = (err_name(value), type_, code)
    return TcpEvent(t_ns, name, value)


def err_name(err: int) -> str:
    """"ERR_OK" of 0 and so on."""
    return ERR_NAMES.get(err, f"err_t {err}")


def pattern(length: int, seed: int = 1, at: int = 0) -> bytes:
    """The bytes that send_pattern() sends and expect_pattern() expects, from position `at` on."""
    first, last = at // 8, (at + length + 7) // 8
    words = b"".join(_mix(seed + (i + 1) * _GOLDEN).to_bytes(8, "little")
                     for i in range(first, last))
    return words[at - 8 * first:at - 8 * first + length]


def _mix(z: int) -> int:
    z &= _WORD
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _WORD
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _WORD
    return z ^ z >> 31
