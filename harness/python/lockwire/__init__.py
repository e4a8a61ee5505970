"""Lockwire: embedded TCP/IP code against a network that is fully controlled.

A scenario is a function test_*(net) in a file test_*.py; see scenarios/README.md. What it may
import: wire_time, VTime, shows and the exceptions below. Everything else hangs off the fixture
`net` (class Net). """

from lockwire.connection import (ConnectionAborted, ConnectionClosed, ConnectionLost,
                                 ConnectionRefused, ConnectionReset, ConnectionTimedOut)
from lockwire.errors import (CommandError, Deadlock, Failure, Fatal, LockwireError, SimulatorDied,
                             Timeout, UsageError)
from lockwire.evidence import shows
from lockwire.sockets import Datagram, IcmpError, Pong, StackError
from lockwire.units import wire_time
from lockwire.vtime import VTime
from lockwire.world import Net

__version__ = "0.1.0"

__all__ = ["CommandError", "ConnectionAborted", "ConnectionClosed", "ConnectionLost",
           "ConnectionRefused", "ConnectionReset", "ConnectionTimedOut", "Datagram", "Deadlock",
           "Failure", "Fatal", "IcmpError", "LockwireError", "Net", "Pong", "SimulatorDied",
           "StackError", "Timeout", "UsageError", "VTime", "shows", "wire_time", "__version__"]
