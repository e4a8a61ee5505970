"""What the scenarios about the wire itself begin with: numbered frames of no protocol, and worlds
of one's own, for those that need two or that end badly on purpose."""

import pytest

from lockwire import Net

BROADCAST = "ff:ff:ff:ff:ff:ff"


@pytest.fixture
def frame():
    """frame(number, size, dst, src): a frame of EtherType 0x88b5, which is for experiments."""
    def make(number=0, size=60, dst=BROADCAST, src="02:00:00:00:00:01"):
        head = bytes.fromhex((dst + src).replace(":", "")) + b"\x88\xb5" + number.to_bytes(2, "big")
        return head + bytes((number + i) & 0xFF for i in range(size - len(head)))
    return make


@pytest.fixture
def heard():
    """heard(port): (t_ns, number) of the frames that have come to the port by now, in order."""
    def drain(port):
        return [(got.t_ns, int.from_bytes(got.data[14:16], "big"))
                for got in (port.recv_bytes() for _ in range(port.pending))]
    return drain


@pytest.fixture
def world():
    """world(seed, folder=None): one more world; it is closed at the end, whatever became of it."""
    made = []

    def make(seed=1, folder=None):
        made.append(Net(seed, folder))
        return made[-1]
    yield make
    for net in made:
        net.close()
