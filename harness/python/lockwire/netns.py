"""A network namespace of this machine: where the Linux kernel plays a peer, on segment.tap().

    with Namespace() as peer:
        peer.tap("tap0", "10.0.0.254/24")
        lan.tap("tap0", peer)
        done = peer.run(net, ["ping", "-c", "3", "10.0.0.1"])

It has no name that others could see: it belongs to a process that ends when this one closes its
pipe or dies in any way, and the kernel takes it down, with its devices, when nobody is left in it.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Sequence

from lockwire.errors import Failure, UsageError

if TYPE_CHECKING:
    from lockwire.world import Net

__tracebackhide__ = True  # pytest shows the scenario, not this file
TUN = Path("/dev/net/tun")
TOOLS = ("ip", "nsenter", "unshare")
NAMES = itertools.count(1)
LAST_WORDS = 2000
# Says when it is in the namespace, then waits for the end of its input.
HOLD = ["unshare", "--net", "--", "sh", "-c", "echo in; exec cat >/dev/null"]


def unavailable() -> str | None:
    """Why there can be no namespace with a TAP device here; None: there can."""
    if os.geteuid() != 0:
        return "needs root (a network namespace and a TAP device are made)"
    if not TUN.exists():
        return f"there is no {TUN} on this machine"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"there is no {missing[0]} on this machine (scripts/packages.txt)"
    try:
        with open(TUN, "rb"):
            pass
        subprocess.run(["unshare", "--net", "true"], check=True, capture_output=True)
    except OSError as why:
        return f"{TUN} cannot be opened: {why.strerror}"
    except subprocess.CalledProcessError as why:
        return f"no network namespace can be made: {why.stderr.decode().strip()}"
    return None


def namespace_path(netns: Namespace | str | None) -> str | None:
    """The file that stands for a namespace."""
    if netns is None or isinstance(netns, Namespace):
        return netns.path if netns is not None else None
    if not isinstance(netns, str) or not netns:
        raise UsageError(f"netns: expected a Namespace, a name or a path, not {netns!r}")
    return netns if "/" in netns else f"/run/netns/{netns}"


class Program:
    """A program in a namespace. Its output goes to files, so that nobody has to read along."""

    def __init__(self, argv: Sequence[str], inside: Sequence[str], data: bytes) -> None:
        self.argv = [str(word) for word in argv]
        self._files = [tempfile.TemporaryFile() for _ in range(3)]
        self._files[0].write(data)
        self._files[0].seek(0)
        try:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [*inside, *self.argv], stdin=self._files[0], stdout=self._files[1],
                stderr=self._files[2])
        except OSError as why:
            self._close()
            raise UsageError(f"cannot start {self.argv[0]}: {why.strerror}") from None

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self.process.poll() is not None

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self.process.poll()

    @property
    def output(self) -> bytes:
        """What it has written to its standard output so far."""
        return self._read(1)

    @property
    def errors(self) -> str:
        """The same of its standard error."""
        return self._read(2).decode("utf-8", "replace")

    def stop(self) -> None:
        """Kills it if it still runs. May be called again."""
        if not self.ended:
            self.process.kill()
            self.process.wait()
        self._close()

    def _read(self, which: int) -> bytes:
        return os.pread(self._files[which].fileno(), 1 << 30, 0)

    def _close(self) -> None:
        for file in self._files:
            file.close()

    def __repr__(self) -> str:
        return f"<{' '.join(self.argv)}>"


class Namespace:
    """An empty network namespace, with its loopback up. UsageError where none can be made."""

    def __init__(self) -> None:
        why = unavailable()
        if why is not None:
            raise UsageError(f"netns: {why}")
        self.name = f"lockwire-{os.getpid()}-{next(NAMES)}"  # for people: the kernel has none
        self._programs: list[Program] = []
        self._holder = subprocess.Popen(  # pylint: disable=consider-using-with
            HOLD, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != b"in\n":
            self.close()
            raise UsageError("netns: the namespace could not be made")
        self.path = f"/proc/{self._holder.pid}/ns/net"
        try:
            self.do("ip", "link", "set", "lo", "up")
            # Without IPv6 the kernel is quiet by itself: only ARP and what programs send.
            for which in ("all", "default"):
                self.do("sh", "-c", "f=/proc/sys/net/ipv6/conf/$0/disable_ipv6; "
                        "test ! -e $f || echo 1 > $f", which)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Namespace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the programs in it and lets it go. May be called again."""
        for program in self._programs:
            program.stop()
        self._programs.clear()
        for pipe in (self._holder.stdin, self._holder.stdout):
            if pipe is not None:
                pipe.close()
        self._holder.kill()
        self._holder.wait()

    def do(self, *argv: str) -> str:
        """A command that ends by itself and needs no virtual time (ip, sysctl); its output.
        UsageError when it fails."""
        done = subprocess.run([*self._inside(), *argv], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            words = (done.stderr.strip() or f"exit status {done.returncode}")[-LAST_WORDS:]
            raise UsageError(f"{self.name}: {' '.join(argv)}: {words}")
        return done.stdout

    def tap(self, device: str, ip: str) -> None:
        """Makes a TAP device with an address ("10.0.0.254/24") and sets it up; segment.tap() plugs
        it in."""
        self.do("ip", "tuntap", "add", "dev", device, "mode", "tap")
        self.do("ip", "address", "add", ip, "dev", device)
        self.do("ip", "link", "set", device, "up")

    def mac(self, device: str) -> str:
        """A device's hardware address."""
        return json.loads(self.do("ip", "-j", "link", "show", "dev", device))[0]["address"]

    def start(self, argv: Sequence[str], data: bytes = b"") -> Program:
        """Starts a program in the namespace, with `data` as its standard input."""
        program = Program(argv, self._inside(), data)
        self._programs.append(program)
        return program

    def run(self, net: Net, argv: Sequence[str], data: bytes = b"",
            timeout: str | float = "60s", each: Callable[[], Any] | None = None) -> Program:
        """Runs a program to its end while time passes in the world; Failure when it takes longer
        than `timeout`. `each` is called every few milliseconds: the world's part."""
        program = self.start(argv, data)
        self.wait(net, program, timeout=timeout, each=each)
        return program

    def wait(self, net: Net, *programs: Program, timeout: str | float = "60s",
             each: Callable[[], Any] | None = None) -> None:
        """Lets time pass until the programs have ended."""
        def ended() -> bool:
            if each is not None:
                each()
            return all(program.ended for program in programs)
        try:
            net.run(until=ended, timeout=timeout, step="5ms")
        except Failure:
            late = next((p for p in programs if not p.ended), programs[0])
            words = (late.errors + late.output.decode("utf-8", "replace"))[-LAST_WORDS:]
            raise Failure(f"{late} did not end within {timeout}:\n{words}") from None

    def _inside(self) -> list[str]:
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", "--"]
