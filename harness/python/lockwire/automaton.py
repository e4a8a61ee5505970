"""Scapy's Automaton without its thread.

Scapy runs the machine in a thread of its own and talks to it through pipes, although the caller of
run() does nothing but wait. Here the same generator (Automaton._do_iter) is driven by the caller
itself: exceptions arrive directly, Ctrl-C works, and nothing can race. What needs two threads
(runbg, interception points, the automaton as a socket) is refused.
"""

from __future__ import annotations

from typing import Any, NoReturn

import scapy.automaton
from scapy.plist import PacketList

from lockwire.errors import UsageError

__tracebackhide__ = True  # pytest shows the scenario, not this file
_Automaton = scapy.automaton.Automaton
_Command = scapy.automaton._ATMT_Command
_ObjectPipe = scapy.automaton.ObjectPipe
_real_select = scapy.automaton.select_objects


def install() -> None:
    """Patches Scapy's Automaton and its select."""
    scapy.automaton.select_objects = select_objects
    _Automaton._do_start = _start
    _Automaton.run = _run
    _Automaton.stop = _stop
    _Automaton.forcestop = _stop
    _Automaton.runbg = _refuse("runbg() needs a thread: call run(), it takes no real time")
    _Automaton.add_interception_points = _refuse(
        "interception points need a thread; look at the packet in the condition instead")
    scapy.automaton._ATMT_to_supersocket.__call__ = _refuse(
        "an automaton as a socket needs a thread")


def select_objects(inputs: Any, remain: float | None) -> list:
    """Scapy's select over command pipes (polled for real, they cost no time) and virtual ports.

    Scapy 2.5.0 passes 0 both for "only look" (command pipe alone) and for "no timer runs": with a
    port among the inputs the latter is meant, a wait without an end.
    """
    inputs = list(inputs)
    pipes = [i for i in inputs if not hasattr(i, "lockwire_port")]
    ports = [i for i in inputs if hasattr(i, "lockwire_port")]
    ready = _real_select(pipes, 0) if pipes else []
    if ready:
        return ready
    if ports:
        return ports[0].select(ports, None if remain == 0 else remain)
    if remain:
        # Only timers run: let virtual time pass.
        scapy.automaton.time.sleep(remain)
    return []


def _start(self: Any, *args: Any, **kwargs: Any) -> None:
    """Takes the machine to its initial state; the sockets are opened as Scapy would."""
    given = args + self.init_args[len(args):]
    self.parse_args(*given, **{**self.init_kargs, **kwargs})
    self.threadid = None
    self.state = self.initial_states[0](self)
    self.send_sock = self.send_sock_class(**self.socket_kargs)
    self.listen_sock = self.recv_sock_class(**self.socket_kargs) if self.recv_conditions else None
    self.packets = PacketList(name=f"session[{type(self).__name__}]")
    self.final_state_output = None
    self._lockwire_steps = self._do_iter()


def _run(self: Any, resume: Any = None, wait: bool | None = True) -> Any:
    """Runs to the final state and returns its result, or one state for next()."""
    if not wait:
        raise UsageError("run(wait=False) needs a thread: call run(), it takes no real time")
    single = resume is not None and resume.type == _Command.NEXT
    while True:
        try:
            state = next(self._lockwire_steps)
        except StopIteration:
            return self.final_state_output
        if isinstance(state, self.CommandMessage):
            if not _obey(self):
                return None
        elif isinstance(state, self.Breakpoint):
            raise self.Breakpoint(f"breakpoint triggered on state [{state.state}]",
                                  state=state.state)
        elif single:
            raise self.Singlestep(f"singlestep state=[{state.state}]", state=state.state)


def _obey(self: Any) -> bool:
    """A command came in while running: the machine's own stop(). False: it ends here."""
    command = self.cmdin.recv()
    if command.type != _Command.STOP or not self.stop_states:
        self._lockwire_steps = iter(())
        return False
    self.state = self.stop_states[0](self)
    self._lockwire_steps = self._do_iter()
    return True


def _stop(self: Any, wait: bool = True) -> None:
    """From inside a running machine: it ends (through its stop state) at the next look at its
    commands. From outside, when it does not run: nothing is left to do."""
    steps = getattr(self, "_lockwire_steps", None)
    if steps is not None and getattr(steps, "gi_running", False):
        self.cmdin.send(scapy.automaton.Message(type=_Command.STOP))


def _refuse(why: str) -> Any:
    def refused(*_args: object, **_kwargs: object) -> NoReturn:
        raise UsageError(why)
    return refused
