"""The control socket to one `lockwire-sim`: process, messages, strict ping-pong, crash detection.

The protocol is harness/PROTOCOL.md. Nothing here knows what a host or a port is; world.py does.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, NamedTuple

from lockwire.errors import CommandError, Fatal, SimulatorDied, UsageError
from lockwire.units import U64

__tracebackhide__ = True  # pytest shows the scenario, not this file
VERSION = 1
MAX_MESSAGE = 160 * 1024
MAX_FRAME = 9216
NEVER = U64
OUTPUT_LINES = 120


class Event(NamedTuple):
    """What ended an advance. `kind`: F frame, N notification, D deadline, Q quiet."""

    kind: str
    t_ns: int
    id: int = 0          # port of an F, object of an N
    data: bytes = b""    # frame of an F


class Question(NamedTuple):
    """The simulator asks whether a fault's Python predicate holds for a frame."""

    predicate: int
    t_ns: int
    fault: int
    data: bytes


def encode_command(op: str, members: dict) -> bytes:
    """A `C` message. UsageError when it would be too long or is not JSON."""
    try:
        body = json.dumps({"op": op, **members}, separators=(",", ":"), ensure_ascii=False,
                          allow_nan=False).encode()
    except (TypeError, ValueError) as why:
        raise UsageError(f"{op}: {why}") from None
    if len(body) + 1 > MAX_MESSAGE:
        raise UsageError(f"{op}: the command is {len(body)} bytes, {MAX_MESSAGE - 1} are the limit")
    return b"C" + body


def encode_send(port: int, frame: bytes) -> bytes:
    """An `S` message. UsageError for a frame that is empty or longer than 9216 bytes."""
    if not 1 <= len(frame) <= MAX_FRAME:
        raise UsageError(f"a port sends frames of 1 to {MAX_FRAME} bytes, not {len(frame)}")
    return b"S" + struct.pack("<I", port) + frame


def encode_advance(deadline_ns: int | None) -> bytes:
    """An `A` message; None is no deadline."""
    return b"A" + struct.pack("<Q", NEVER if deadline_ns is None else deadline_ns)


def encode_verdict(holds: bool) -> bytes:
    """A `p` message."""
    return b"p" + (b"\1" if holds else b"\0")


def decode_event(message: bytes) -> Event:
    """An F, N, D or Q message. ValueError when it is none or too short."""
    kind = message[:1]
    try:
        if kind == b"F":
            port, t_ns = struct.unpack_from("<IQ", message, 1)
            return Event("F", t_ns, port, message[13:])
        if kind == b"N":
            target, t_ns = struct.unpack_from("<IQ", message, 1)
            return Event("N", t_ns, target)
        if kind in (b"D", b"Q"):
            return Event(kind.decode(), struct.unpack_from("<Q", message, 1)[0])
    except struct.error:
        raise ValueError(f"short message {message[:32].hex()}") from None
    raise ValueError(f"unexpected message {message[:32]!r}")


def decode_question(message: bytes) -> Question:
    """A P message. ValueError when it is too short."""
    try:
        predicate, t_ns, fault = struct.unpack_from("<IQI", message, 1)
    except struct.error:
        raise ValueError(f"short message {message[:32].hex()}") from None
    return Question(predicate, t_ns, fault, message[17:])


class Wire:
    """One simulator process and its control socket.

    `ask` answers the simulator's predicate questions; it must not use the wire itself. The process
    is not in the terminal's foreground group, so Ctrl-C reaches only Python, unless it is wrapped
    (gdb needs the terminal). Its output goes to a file that is read when it dies.
    """

    def __init__(self, program: Path, seed: int, record: Path | None = None, wrap: str = "",
                 paced: bool = False, ask: Callable[[Question], bool] | None = None) -> None:
        self.now_ns = 0
        self.wrap = wrap
        self._ask = ask
        self._doing = "starting"
        self._tell: Callable[[str], None] | None = None
        self._told = 0
        self._output = None if wrap else tempfile.TemporaryFile(prefix="lockwire-sim-")
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        arguments = shlex.split(wrap) + [str(program), "--control", str(theirs.fileno()),
                                         "--seed", str(seed)]
        if record is not None:
            arguments += ["--record", str(record)]
        if paced:
            arguments += ["--paced"]
        try:
            self.process = subprocess.Popen(
                arguments, pass_fds=(theirs.fileno(),),
                stdin=None if wrap else subprocess.DEVNULL,
                stdout=self._output, stderr=self._output,
                process_group=None if wrap else 0)
        except OSError as why:
            mine.close()
            raise UsageError(f"cannot start {arguments[0]}: {why.strerror}") from None
        finally:
            theirs.close()
        self._socket: socket.socket | None = mine

    # -- exchanges ---------------------------------------------------------------------------
    def command(self, op: str, **members: object) -> dict:
        """Sends a command and returns its reply. CommandError when it was refused."""
        self._doing = f"answering the command {op!r}"
        self._write(encode_command(op, members))
        message = self._read()
        try:
            if message[:1] != b"R":
                raise ValueError(f"unexpected message {message[:32]!r}")
            reply = json.loads(message[1:].decode())
        except ValueError as why:
            raise Fatal(f"the simulator's answer to {op!r} makes no sense: {why}", "protocol",
                        self.now_ns) from None
        if not reply.get("ok"):
            raise CommandError(op, reply.get("error", "refused"), reply.get("kind", ""))
        return reply

    def send(self, port: int, frame: bytes) -> None:
        """Puts a frame on the wire at the present moment of virtual time."""
        self._doing = "taking a frame"
        self._write(encode_send(port, frame))

    def advance(self, deadline_ns: int | None) -> Event:
        """Lets virtual time run until there is something to hand over or the deadline
        (inclusive)."""
        self._doing = "running"
        self._write(encode_advance(deadline_ns))
        message = self._read()
        try:
            event = decode_event(message)
        except ValueError as why:
            raise Fatal(f"the simulator's answer makes no sense: {why}", "protocol",
                        self.now_ns) from None
        self.now_ns = event.t_ns
        return event

    # -- end ---------------------------------------------------------------------------------
    @property
    def closed(self) -> bool:
        """True once close() has run or the process is known to be dead."""
        return self._socket is None

    def close(self, patience_s: float = 20.0) -> int:
        """Ends the process (end of file on its socket) and returns its status; kills it when it
        does not go within `patience_s` seconds of wall time. May be called again."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        try:
            self.process.wait(None if self.wrap else patience_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        return self.process.returncode

    def output(self) -> str:
        """The last lines of what the process wrote; "" when it was wrapped (the terminal has
        it)."""
        if self._output is None or self._output.closed:
            return ""
        size = self._output.seek(0, os.SEEK_END)
        self._output.seek(max(0, size - 64 * 1024))
        lines = self._output.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-OUTPUT_LINES:])

    def relay(self, tell: Callable[[str], None]) -> None:
        """From now on hands each line that the process writes to `tell`, after the exchange in
        which it wrote it. A wrapped process has the terminal itself."""
        if self._output is not None and self._tell is None:
            self._told = os.fstat(self._output.fileno()).st_size
            self._tell = tell

    def release(self) -> None:
        """Frees the output file; output() is empty afterwards."""
        if self._output is not None:
            self._output.close()

    # -- inside ------------------------------------------------------------------------------
    def _write(self, message: bytes) -> None:
        if self._socket is None:
            raise UsageError("this world is closed")
        try:
            self._socket.send(message)
        except (BrokenPipeError, ConnectionResetError):
            self._read_last_words()
            raise self._died() from None

    def _read(self) -> bytes:
        """The next message that is not a question; questions are answered on the way."""
        while True:
            message = self._receive()
            if message[:1] == b"X":
                self._fatal(message)
            if message[:1] != b"P":
                return message
            question = decode_question(message)
            self.now_ns = question.t_ns
            verdict = self._ask(question) if self._ask else False
            self._write(encode_verdict(verdict))

    def _receive(self) -> bytes:
        if self._socket is None:
            raise UsageError("this world is closed")
        try:
            message = self._socket.recv(MAX_MESSAGE + 1)
        except ConnectionResetError:
            message = b""
        except KeyboardInterrupt:
            # The answer would arrive out of turn later: this world is over. Its captures are
            # closed by the simulator when it sees the end of the socket.
            self.close()
            raise
        if self._tell is not None:
            self._relay_lines()
        if not message:
            raise self._died()
        return message

    def _relay_lines(self) -> None:
        """By pread: the position in the file is the process's, too."""
        assert self._output is not None and self._tell is not None
        new = os.pread(self._output.fileno(), 64 * 1024, self._told)
        whole = new.rpartition(b"\n")[0]
        if whole:
            self._told += len(whole) + 1
            for line in whole.decode("utf-8", "replace").split("\n"):
                self._tell(line)

    def _read_last_words(self) -> None:
        """A process that says X and ends may be found out by a failing write: its X is still
        queued."""
        assert self._socket is not None
        self._socket.setblocking(False)
        try:
            message = self._socket.recv(MAX_MESSAGE + 1)
        except OSError:
            return
        if message[:1] == b"X":
            self._fatal(message)

    def _fatal(self, message: bytes) -> None:
        try:
            words = json.loads(message[1:].decode())
        except ValueError:
            words = {"error": repr(message[1:]), "kind": "internal"}
        self.close()
        raise Fatal(str(words.get("error")), str(words.get("kind")), self.now_ns)

    def _died(self) -> SimulatorDied:
        doing = self._doing
        status = self.close()
        return SimulatorDied(f"{status_text(status)} while {doing}", status, self.output(),
                             self.now_ns)


def status_text(status: int) -> str:
    """"ended with exit status 1" or "was killed by SIGSEGV"."""
    if status >= 0:
        return f"ended with exit status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"
